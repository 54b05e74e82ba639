use wire::scheduler::attribute_constraint::predicate::{
    Exists, NotExists, TextEquals, TextMatches, TextNotEquals, TextNotMatches,
};
use wire::scheduler::attribute_constraint::{Predicate as Asked, Selector as Of};
use wire::scheduler::offer_constraints::RoleConstraints;
use wire::scheduler::offer_constraints::role_constraints::Group;

use super::*;

fn attribute(name: &str) -> Of {
    Of { attribute_name: Some(name.to_owned()), ..Of::default() }
}

fn pseudo(kind: i32) -> Of {
    Of { pseudoattribute_type: Some(kind), ..Of::default() }
}

fn equal(value: &str) -> Asked {
    let text = TextEquals { value: value.to_owned() };
    Asked { text_equals: Some(text), ..Asked::default() }
}

fn unequal(value: &str) -> Asked {
    let text = TextNotEquals { value: value.to_owned() };
    Asked { text_not_equals: Some(text), ..Asked::default() }
}

fn matched(regex: &str) -> Asked {
    let text = TextMatches { regex: regex.to_owned() };
    Asked { text_matches: Some(text), ..Asked::default() }
}

fn unmatched(regex: &str) -> Asked {
    let text = TextNotMatches { regex: regex.to_owned() };
    Asked { text_not_matches: Some(text), ..Asked::default() }
}

fn exists() -> Asked {
    Asked { exists: Some(Exists {}), ..Asked::default() }
}

fn constraint(selector: Of, predicate: Asked) -> AttributeConstraint {
    AttributeConstraint { selector, predicate }
}

fn equals(name: &str, value: &str) -> AttributeConstraint {
    constraint(attribute(name), equal(value))
}

fn of_groups(groups: Vec<Vec<AttributeConstraint>>) -> OfferConstraints {
    let groups = groups.into_iter().map(|all| Group { attribute_constraints: all }).collect();
    let role_constraints = BTreeMap::from([("web".to_owned(), RoleConstraints { groups })]);
    OfferConstraints { role_constraints }
}

fn check(constraints: &OfferConstraints) -> Result<Constraints, ConstraintError> {
    Constraints::new(Some(constraints), &BTreeSet::from(["web".to_owned()]))
}

fn agent() -> AgentInfo {
    let domain = |region: &str, zone: &str| wire::v1::DomainInfo {
        fault_domain: Some(wire::v1::domain_info::FaultDomain {
            region: wire::v1::domain_info::fault_domain::RegionInfo { name: region.to_owned() },
            zone: wire::v1::domain_info::fault_domain::ZoneInfo { name: zone.to_owned() },
        }),
    };
    AgentInfo {
        hostname: "host7".to_owned(),
        attributes: model::attributes::parse("rack:r1;rack:r2;cores:8").unwrap(),
        domain: Some(domain("eu", "eu-1")),
        ..AgentInfo::default()
    }
}

fn admits(constraint: AttributeConstraint) -> bool {
    check(&of_groups(vec![vec![constraint]])).unwrap().admit("web", &agent())
}

/// Each predicate says of text, of what is no text, and of what is not there what Mesos says of it.
#[test]
fn predicates_hold_as_in_mesos() {
    let absent = Asked { not_exists: Some(NotExists {}), ..Asked::default() };
    for (predicate, text, other, absent) in [
        (exists(), true, true, false),
        (absent, false, false, true),
        (equal("r1"), true, true, false),
        (equal("r2"), false, true, false),
        (unequal("r1"), false, true, true),
        (unequal("r2"), true, true, true),
        (matched("r[0-9]"), true, true, false),
        // All of the text has to match, whatever the pattern is made of.
        (matched("r"), false, true, false),
        (matched("x|r"), false, true, false),
        (unmatched("r[0-9]"), false, true, true),
        (unmatched("r"), true, true, true),
    ] {
        for (name, expected) in [("rack", text), ("cores", other), ("none", absent)] {
            let constraint = constraint(attribute(name), predicate.clone());
            assert_eq!(admits(constraint), expected, "{name} {predicate:?}");
        }
    }
}

/// Host, region and zone of an agent are selected as attributes are; without a domain there is no region.
#[test]
fn pseudoattributes_select_what_the_agent_says_of_itself() {
    let selects = |kind: PseudoattributeType, value: &str, agent: &AgentInfo| {
        let constraint = constraint(pseudo(kind as i32), equal(value));
        check(&of_groups(vec![vec![constraint]])).unwrap().admit("web", agent)
    };
    let homeless = AgentInfo { domain: None, ..agent() };
    assert!(selects(PseudoattributeType::Hostname, "host7", &agent()));
    assert!(selects(PseudoattributeType::Region, "eu", &agent()));
    assert!(!selects(PseudoattributeType::Region, "eu", &homeless));
    assert!(selects(PseudoattributeType::Zone, "eu-1", &agent()));
    assert!(!selects(PseudoattributeType::Zone, "eu", &agent()));
}

/// All constraints of one group have to hold, of any one group; a role without constraints takes every agent.
#[test]
fn one_group_has_to_hold_as_a_whole() {
    let (yes, no) = (equals("rack", "r1"), equals("rack", "r9"));
    let both = of_groups(vec![vec![yes.clone(), no.clone()]]);
    assert!(!check(&both).unwrap().admit("web", &agent()));
    let either = of_groups(vec![vec![no], vec![yes]]);
    assert!(check(&either).unwrap().admit("web", &agent()));
    assert!(check(&both).unwrap().admit("db", &agent()));
    assert!(Constraints::new(None, &BTreeSet::new()).unwrap().admit("web", &agent()));
}

/// Constraints that can't be understood are refused with Mesos' words, and nothing grows without bound.
#[test]
fn bad_constraints_are_refused_with_the_reason() {
    let text = |constraints: &OfferConstraints| check(constraints).unwrap_err().to_string();
    let other = Constraints::new(Some(&of_groups(vec![])), &BTreeSet::new()).unwrap_err();
    assert_eq!(other, ConstraintError::OtherRole("web".to_owned()));
    assert!(text(&of_groups(vec![])).contains("has an empty 'RoleConstraints::groups'"));
    assert!(text(&of_groups(vec![vec![]])).contains("contains an empty RoleConstraints::Group"));
    let one = |constraint| text(&of_groups(vec![vec![constraint]]));
    assert!(one(constraint(Of::default(), exists())).contains("Exactly one of"));
    let both = Of { pseudoattribute_type: Some(1), ..attribute("rack") };
    assert!(one(constraint(both, exists())).contains("Exactly one of"));
    assert!(
        one(constraint(attribute("rack"), Asked::default())).contains("Unknown predicate type")
    );
    let two = Asked { exists: Some(Exists {}), ..equal("r1") };
    assert!(one(constraint(attribute("rack"), two)).contains("Exactly one predicate"));
    for unknown in [0, 99] {
        assert!(
            one(constraint(pseudo(unknown), exists())).contains("Unknown pseudoattribute type")
        );
    }
    let matches = |regex: &str| constraint(attribute("rack"), matched(regex));
    for bad in ["(", "a)|(b"] {
        assert!(one(matches(bad)).contains("Failed to construct regex from pattern"), "{bad}");
    }
    assert!(one(matches(r"(\w{1000}){1000}")).contains("is too complex"));
    assert!(one(matches(&"a".repeat(5000))).contains("is too complex"));
    let many = of_groups(vec![vec![equals("rack", "r1"); 1001]]);
    assert_eq!(check(&many).unwrap_err(), ConstraintError::TooMany(1001));
}
