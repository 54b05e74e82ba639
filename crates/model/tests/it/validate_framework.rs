//! Frameworks, roles and filters.

use std::time::Duration;

use model::validate::filters::{DEFAULT_REFUSAL, MAX_REFUSAL, refuse_for};
use model::validate::framework::{FrameworkError, check, failover_timeout, roles};
use model::validate::role;
use proptest::prelude::*;
use wire::v1::framework_info::{Capability, capability};
use wire::v1::{Filters, FrameworkId, FrameworkInfo, OfferFilters};

fn framework() -> FrameworkInfo {
    FrameworkInfo { user: "root".into(), name: "f".into(), ..FrameworkInfo::default() }
}

fn multi_role(roles: &[&str]) -> FrameworkInfo {
    FrameworkInfo {
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        capabilities: vec![Capability { r#type: Some(capability::Type::MultiRole as i32) }],
        ..framework()
    }
}

/// Role names follow Mesos' rules.
#[test]
fn role_names_follow_the_rules_of_mesos() {
    for valid in ["*", "a", "a/b", "a/b/c", "a-b", "a.b", "...", "ü", "**", "a*"] {
        assert_eq!(role::check(valid), Ok(()), "{valid}");
    }
    for (role, text) in [
        ("", "Empty role name is invalid"),
        ("/a", "Role '/a' cannot start with a slash"),
        ("/", "Role '/' cannot start with a slash"),
        ("a/", "Role 'a/' cannot end with a slash"),
        ("a//b", "Role 'a//b' cannot contain two adjacent slashes"),
        (".", "Role '.' cannot include '.' as a component"),
        ("a/..", "Role 'a/..' cannot include '..' as a component"),
        ("a/*", "Role 'a/*' cannot include '*' as a component"),
        ("-a", "Role component '-a' is invalid because it begins with a dash"),
        ("a/-b", "Role component '-b' is invalid because it begins with a dash"),
        ("a b", "Role component 'a b' is invalid because it contains backspace or whitespace"),
        (
            "a\u{7f}",
            r"Role component 'a\u{7f}' is invalid because it contains backspace or whitespace",
        ),
        ("a\t", r"Role component 'a\t' is invalid because it contains backspace or whitespace"),
    ] {
        assert_eq!(role::check(role).expect_err(role).to_string(), text);
    }
}

/// A framework is in `role` or, with `MULTI_ROLE`, in `roles`; never in both.
#[test]
fn framework_roles_go_with_the_capability() {
    assert_eq!(check(&framework()), Ok(()));
    assert_eq!(Vec::from_iter(roles(&framework())), ["*"]);
    let single = FrameworkInfo { role: Some("a".into()), ..framework() };
    assert_eq!(check(&single), Ok(()));
    assert_eq!(Vec::from_iter(roles(&single)), ["a"]);
    let multi = multi_role(&["b", "a"]);
    assert_eq!(check(&multi), Ok(()));
    assert_eq!(Vec::from_iter(roles(&multi)), ["a", "b"]);
    assert_eq!(check(&multi_role(&[])), Ok(()), "a framework may be in no role");

    let both = FrameworkInfo { role: Some("a".into()), ..multi };
    assert_eq!(check(&both), Err(FrameworkError::RoleWithMultiRole));
    let without = FrameworkInfo { capabilities: Vec::new(), ..multi_role(&["a"]) };
    assert_eq!(check(&without), Err(FrameworkError::RolesWithoutMultiRole));
    assert_eq!(check(&multi_role(&["a", "a"])), Err(FrameworkError::DuplicateRole("a".into())));
    for bad in [multi_role(&["-a"]), FrameworkInfo { role: Some("a b".into()), ..framework() }] {
        assert!(matches!(check(&bad), Err(FrameworkError::InvalidRole { .. })));
    }
}

/// A failover timeout is a duration; NaN, infinity and negative ones are not.
#[test]
fn failover_timeout_must_be_a_duration() {
    let with = |seconds| FrameworkInfo { failover_timeout: Some(seconds), ..framework() };
    assert_eq!(failover_timeout(&framework()), Ok(Duration::ZERO));
    assert_eq!(failover_timeout(&with(604_800.0)), Ok(Duration::from_hours(168)));
    for seconds in [-1.0, f64::NAN, f64::INFINITY, 1e300] {
        assert_eq!(check(&with(seconds)), Err(FrameworkError::FailoverTimeout), "{seconds}");
    }
}

/// Names and ids that can't be used later are refused at once.
#[test]
fn unusable_framework_names_are_refused() {
    let id = |value: &str| Some(FrameworkId { value: value.to_owned() });
    let filters = [("b".to_owned(), OfferFilters::default())].into();
    let cases = [
        (FrameworkInfo { name: "a\0".into(), ..framework() }, FrameworkError::NulInName),
        (FrameworkInfo { user: "../x".into(), ..framework() }, FrameworkError::InvalidUser),
        (
            FrameworkInfo { offer_filters: filters, ..multi_role(&["a"]) },
            FrameworkError::FilterForOtherRole("b".into()),
        ),
    ];
    for (info, error) in cases {
        assert_eq!(check(&info), Err(error));
    }
    let bad_id = FrameworkInfo { id: id("a/b"), ..framework() };
    assert!(matches!(check(&bad_id), Err(FrameworkError::Id(_))));
    assert_eq!(check(&FrameworkInfo { id: id(""), ..framework() }), Ok(()));
    assert_eq!(check(&FrameworkInfo { user: String::new(), ..framework() }), Ok(()));
}

/// Unknown capabilities of newer frameworks are ignored.
#[test]
fn unknown_capabilities_are_ignored() {
    let capabilities = vec![Capability { r#type: Some(99) }, Capability { r#type: None }];
    assert_eq!(check(&FrameworkInfo { capabilities, ..framework() }), Ok(()));
}

/// Filters always mean something.
#[test]
fn senseless_filters_mean_the_default() {
    let with = |seconds| refuse_for(Some(&Filters { refuse_seconds: Some(seconds) }));
    assert_eq!(refuse_for(None), DEFAULT_REFUSAL);
    assert_eq!(refuse_for(Some(&Filters::default())), DEFAULT_REFUSAL);
    assert_eq!(with(0.0), Duration::ZERO);
    assert_eq!(with(0.5), Duration::from_millis(500));
    assert_eq!(with(-1.0), DEFAULT_REFUSAL);
    assert_eq!(with(f64::NAN), DEFAULT_REFUSAL);
    assert_eq!(with(f64::NEG_INFINITY), DEFAULT_REFUSAL);
    assert_eq!(with(f64::INFINITY), MAX_REFUSAL);
    assert_eq!(with(1e18), MAX_REFUSAL);
    assert_eq!(MAX_REFUSAL.as_secs(), 365 * 86_400);
}

proptest! {
    /// Whatever the filter, the refusal is within its bounds.
    #[test]
    fn refusals_are_bounded(seconds in any::<f64>()) {
        let time = refuse_for(Some(&Filters { refuse_seconds: Some(seconds) }));
        prop_assert!(time <= MAX_REFUSAL);
    }

    /// No role text panics, and valid ones have no empty component.
    #[test]
    fn no_role_panics(text in ".{0,30}|[ab/*.-]{0,8}") {
        if role::check(&text).is_ok() {
            prop_assert!(text.split('/').all(|part| !part.is_empty()));
        }
    }
}
