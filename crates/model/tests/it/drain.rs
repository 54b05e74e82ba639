//! Drains only ever get stricter.

use std::time::Duration;

use model::drain::{DrainConfig, effective_grace};
use proptest::prelude::*;

fn grace() -> impl Strategy<Value = Option<Duration>> {
    prop::option::of((0..=i64::MAX.unsigned_abs()).prop_map(Duration::from_nanos))
}

fn config() -> impl Strategy<Value = DrainConfig> {
    (grace(), any::<bool>())
        .prop_map(|(max_grace_period, mark_gone)| DrainConfig { max_grace_period, mark_gone })
}

/// A second request without settings leaves those of the first.
#[test]
fn empty_second_request_changes_nothing() {
    let first = DrainConfig { max_grace_period: Some(Duration::from_secs(5)), mark_gone: true };
    assert_eq!(first.tightened(DrainConfig::default()), first);
    assert_eq!(DrainConfig::default().tightened(first), first);
}

/// A bound of zero is a bound, not the absence of one.
#[test]
fn zero_bound_means_at_once() {
    let zero = Some(Duration::ZERO);
    assert_eq!(effective_grace(None, Duration::from_secs(3), zero), Duration::ZERO);
    let strict = DrainConfig { max_grace_period: zero, mark_gone: false };
    let lax = DrainConfig { max_grace_period: Some(Duration::from_secs(9)), mark_gone: false };
    assert_eq!(lax.tightened(strict), strict);
    assert_eq!(strict.tightened(lax), strict);
}

/// A negative grace on the wire, which no call lets in, reads as zero.
#[test]
fn negative_grace_in_old_records_is_zero() {
    let wire = wire::v1::DrainConfig {
        max_grace_period: Some(wire::v1::DurationInfo { nanoseconds: -1 }),
        mark_gone: None,
    };
    let config = DrainConfig::from(&wire);
    assert_eq!(config.max_grace_period, Some(Duration::ZERO));
    assert!(!config.mark_gone);
}

proptest! {
    /// Tightening never lengthens or removes a bound and never takes `mark_gone` back.
    #[test]
    fn tightening_is_monotone(old in config(), by in config()) {
        let new = old.tightened(by);
        for one in [old, by] {
            prop_assert!(one.mark_gone <= new.mark_gone);
            if let Some(bound) = one.max_grace_period {
                prop_assert!(new.max_grace_period.is_some_and(|new| new <= bound));
            }
        }
        prop_assert!(!new.mark_gone || old.mark_gone || by.mark_gone);
        prop_assert_eq!(new.tightened(by), new);
        prop_assert_eq!(by.tightened(old), new);
    }

    /// No task gets more grace than its own and than the bound.
    #[test]
    fn effective_grace_exceeds_neither_limit(own in grace(), default in grace(), bound in grace()) {
        let default = default.unwrap_or_default();
        let grace = effective_grace(own, default, bound);
        prop_assert!(grace <= own.unwrap_or(default));
        prop_assert!(bound.is_none_or(|bound| grace <= bound));
        prop_assert!(grace == own.unwrap_or(default) || Some(grace) == bound);
    }

    /// A tighter drain never gives a task more time.
    #[test]
    fn tighter_drain_gives_no_more_time(old in config(), by in config(), own in grace()) {
        let default = Duration::from_secs(3);
        let before = effective_grace(own, default, old.max_grace_period);
        let after = effective_grace(own, default, old.tightened(by).max_grace_period);
        prop_assert!(after <= before);
    }

    /// The registry gives back the settings it was given.
    #[test]
    fn drain_config_round_trips(config in config()) {
        prop_assert_eq!(DrainConfig::from(&config.to_wire()), config);
    }
}
