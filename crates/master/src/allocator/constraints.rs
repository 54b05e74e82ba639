//! Offer constraints: which agents a framework wants to be offered at all, per role.
//!
//! A role without constraints takes every agent; a role with them takes an agent that meets every constraint of at
//! least one of its groups.

use std::collections::{BTreeMap, BTreeSet};

use regex::{Regex, RegexBuilder};
use wire::scheduler::attribute_constraint::selector::PseudoattributeType;
use wire::scheduler::{AttributeConstraint, OfferConstraints, attribute_constraint};
use wire::v1::{AgentInfo, Attribute, value};

/// Constraints a framework may have, all roles and groups taken together.
const MAX_CONSTRAINTS: usize = 1000;
/// Longest pattern, and the largest program one may become.
const MAX_PATTERN_BYTES: usize = 4096;
const MAX_PROGRAM_BYTES: usize = 256 << 10;

/// What is wrong with offer constraints.
// Mesos: the texts, "'not" included.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ConstraintError {
    #[error(
        "Offer constraints specify `role_constraints` for a role '{0}'not contained in the set of roles"
    )]
    OtherRole(String),
    #[error(
        "Offer constraints are not valid: 'OfferConstraints::role_constraints' has an empty \
         'RoleConstraints::groups' for role {0}"
    )]
    NoGroup(String),
    #[error(
        "Offer constraints are not valid: 'OfferConstraints::RoleConstraints::groups' for role {0} contains an \
         empty RoleConstraints::Group"
    )]
    EmptyGroup(String),
    #[error(
        "Offer constraints are not valid: A role {role} has an invalid 'AttributeConstraint': {reason}"
    )]
    Constraint { role: String, reason: String },
    #[error(
        "Offer constraints are not valid: there are {0} of them; at most {MAX_CONSTRAINTS} are taken"
    )]
    TooMany(usize),
}

/// Constraints that have been checked, ready to be asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct Constraints {
    roles: BTreeMap<String, Vec<Vec<Constraint>>>,
}

#[derive(Clone, Debug)]
struct Constraint {
    selector: Selector,
    predicate: Predicate,
}

#[derive(Clone, Debug)]
enum Selector {
    Hostname,
    Region,
    Zone,
    Attribute(String),
}

#[derive(Clone, Debug)]
enum Predicate {
    Exists,
    NotExists,
    Equals(String),
    NotEquals(String),
    Matches(Regex),
    NotMatches(Regex),
}

/// What a selector finds on an agent.
enum Found<'a> {
    Nothing,
    Text(&'a str),
    /// An attribute that is no text: numbers, ranges, a set.
    Other,
}

impl Constraints {
    /// Checks the constraints of a framework in `roles`.
    ///
    /// # Errors
    /// The first constraint that can't be met or understood; nothing of them is taken then.
    pub(crate) fn new(
        wire: Option<&OfferConstraints>,
        roles: &BTreeSet<String>,
    ) -> Result<Self, ConstraintError> {
        let Some(wire) = wire else { return Ok(Self::default()) };
        let groups = wire.role_constraints.values().flat_map(|role| &role.groups);
        let count = groups.map(|group| group.attribute_constraints.len()).sum();
        if count > MAX_CONSTRAINTS {
            return Err(ConstraintError::TooMany(count));
        }
        if let Some(other) = wire.role_constraints.keys().find(|role| !roles.contains(*role)) {
            return Err(ConstraintError::OtherRole(other.clone()));
        }
        let mut checked = BTreeMap::new();
        for (role, constraints) in &wire.role_constraints {
            if constraints.groups.is_empty() {
                return Err(ConstraintError::NoGroup(role.clone()));
            }
            let mut groups = Vec::with_capacity(constraints.groups.len());
            for group in &constraints.groups {
                if group.attribute_constraints.is_empty() {
                    return Err(ConstraintError::EmptyGroup(role.clone()));
                }
                let all = group.attribute_constraints.iter().map(Constraint::new);
                let all: Result<Vec<_>, _> = all.collect();
                groups.push(all.map_err(|reason| ConstraintError::Constraint {
                    role: role.clone(),
                    reason,
                })?);
            }
            checked.insert(role.clone(), groups);
        }
        Ok(Self { roles: checked })
    }

    /// Whether the agent may be offered to the framework in `role`.
    pub(crate) fn admit(&self, role: &str, agent: &AgentInfo) -> bool {
        self.roles.get(role).is_none_or(|groups| {
            groups.iter().any(|group| group.iter().all(|constraint| constraint.holds_for(agent)))
        })
    }
}

impl Constraint {
    fn new(wire: &AttributeConstraint) -> Result<Self, String> {
        let selector = Selector::new(&wire.selector)?;
        Ok(Self { selector, predicate: Predicate::new(&wire.predicate)? })
    }

    fn holds_for(&self, agent: &AgentInfo) -> bool {
        let domain = agent.domain.as_ref().and_then(|domain| domain.fault_domain.as_ref());
        let found = match &self.selector {
            Selector::Hostname => Found::Text(&agent.hostname),
            Selector::Region => domain.map_or(Found::Nothing, |it| Found::Text(&it.region.name)),
            Selector::Zone => domain.map_or(Found::Nothing, |it| Found::Text(&it.zone.name)),
            // Mesos: of several attributes of one name the first counts.
            Selector::Attribute(name) => agent
                .attributes
                .iter()
                .find(|attribute| attribute.name == *name)
                .map_or(Found::Nothing, Found::of),
        };
        // Mesos: an attribute that is no text meets whatever is asked of its text.
        let text = match found {
            Found::Text(text) => Some(text),
            Found::Other => return !matches!(self.predicate, Predicate::NotExists),
            Found::Nothing => None,
        };
        match &self.predicate {
            Predicate::Exists => text.is_some(),
            Predicate::NotExists => text.is_none(),
            Predicate::Equals(wanted) => text == Some(wanted),
            Predicate::NotEquals(unwanted) => text != Some(unwanted),
            Predicate::Matches(pattern) => text.is_some_and(|text| pattern.is_match(text)),
            Predicate::NotMatches(pattern) => text.is_none_or(|text| !pattern.is_match(text)),
        }
    }
}

impl Selector {
    fn new(wire: &attribute_constraint::Selector) -> Result<Self, String> {
        match (wire.pseudoattribute_type, &wire.attribute_name) {
            (None, Some(name)) => Ok(Self::Attribute(name.clone())),
            (Some(kind), None) => match PseudoattributeType::try_from(kind) {
                Ok(PseudoattributeType::Hostname) => Ok(Self::Hostname),
                Ok(PseudoattributeType::Region) => Ok(Self::Region),
                Ok(PseudoattributeType::Zone) => Ok(Self::Zone),
                Ok(PseudoattributeType::Unknown) | Err(_) => {
                    Err("Unknown pseudoattribute type".to_owned())
                }
            },
            (None, None) | (Some(_), Some(_)) => {
                let text = "Exactly one of 'AttributeConstraint::Selector::name' or \
                            'AttributeConstraint::Selector::pseudoattribute_type' must be set";
                Err(text.to_owned())
            }
        }
    }
}

impl Predicate {
    fn new(wire: &attribute_constraint::Predicate) -> Result<Self, String> {
        let equals = wire.text_equals.as_ref().map(|it| Ok(Self::Equals(it.value.clone())));
        let unequal = wire.text_not_equals.as_ref().map(|it| Ok(Self::NotEquals(it.value.clone())));
        let matches = wire.text_matches.as_ref().map(|it| compile(&it.regex).map(Self::Matches));
        let unmatched =
            wire.text_not_matches.as_ref().map(|it| compile(&it.regex).map(Self::NotMatches));
        let given = [
            wire.exists.as_ref().map(|_| Ok(Self::Exists)),
            wire.not_exists.as_ref().map(|_| Ok(Self::NotExists)),
            equals,
            unequal,
            matches,
            unmatched,
        ];
        let mut given = given.into_iter().flatten();
        match (given.next(), given.next()) {
            (Some(predicate), None) => predicate,
            (None, _) => Err("Unknown predicate type".to_owned()),
            (Some(_), Some(_)) => Err("Exactly one predicate must be set".to_owned()),
        }
    }
}

impl<'a> Found<'a> {
    fn of(attribute: &'a Attribute) -> Self {
        let text = attribute.text.as_ref().filter(|_| attribute.r#type() == value::Type::Text);
        text.map_or(Self::Other, |text| Self::Text(&text.value))
    }
}

/// A pattern that has to match a text from its begin to its end.
fn compile(pattern: &str) -> Result<Regex, String> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err(format!(
            "Regex is too complex: it has {} bytes, at most {MAX_PATTERN_BYTES} are taken",
            pattern.len()
        ));
    }
    let build = |pattern: &str| RegexBuilder::new(pattern).size_limit(MAX_PROGRAM_BYTES).build();
    // By itself first: what is no pattern could become one by what is put around it.
    build(pattern).and_then(|_| build(&format!(r"\A(?:{pattern})\z"))).map_err(|error| {
        let why = error.to_string();
        let why = why.lines().last().unwrap_or_default();
        if matches!(error, regex::Error::CompiledTooBig(_)) {
            format!("Regex '{pattern}' is too complex: {why}")
        } else {
            format!("Failed to construct regex from pattern '{pattern}': {why}")
        }
    })
}

#[cfg(test)]
#[path = "constraints_tests.rs"]
mod tests;
