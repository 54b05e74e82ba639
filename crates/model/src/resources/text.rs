//! The resources flag of an agent: `cpus:4;mem:1024;ports:[31000-32000];disk(role):10`.

use std::sync::Arc;

use super::entry::{Entry, Name};
use super::meta::{Detail, Meta, Reservation};
use super::value::{Value, ValueText, parse_value};
use super::wire_form::scalar_from_wire;
use super::{ResourceError, Resources, json};
use crate::validate::role;

impl Resources {
    /// Reads the text form or the JSON array form of an agent's resources flag.
    ///
    /// A role in parentheses reserves statically; what has none is reserved to `default_role`, or
    /// unreserved if that is `*`. What is named twice adds up; zero amounts are left out.
    ///
    /// # Errors
    /// [`ResourceError`] saying what was expected where.
    pub fn parse(text: &str, default_role: &str) -> Result<Self, ResourceError> {
        if text.trim_start().starts_with('[') {
            return json::parse(text, default_role);
        }
        text.split(';')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(|part| parse_entry(part, default_role))
            .collect()
    }
}

fn parse_entry(part: &str, default_role: &str) -> Result<Entry, ResourceError> {
    let fail = |reason: String| ResourceError::Text(reason);
    let (key, amount) = part
        .split_once(':')
        .filter(|(_, amount)| !amount.contains(':'))
        .ok_or_else(|| fail(format!("expecting name:value with one ':', found '{part}'")))?;
    let (name, role) = split_role(key.trim())
        .ok_or_else(|| fail(format!("expecting name or name(role) before ':', found '{key}'")))?;
    if name.is_empty() {
        return Err(ResourceError::EmptyName);
    }
    let role = role.unwrap_or(default_role);
    let value = parse_value(amount).map_err(|reason| fail(format!("'{name}': {reason}")))?;
    let name = Name::new(name);
    let value = match value {
        ValueText::Scalar(number) => Value::Scalar(scalar_from_wire(number, &name)?),
        ValueText::Ranges(ranges) => Value::Ranges(Box::new(ranges)),
        ValueText::Set(items) => Value::Set(Box::new(items)),
        ValueText::Text(text) => {
            let name = name.as_str();
            let expected = "a number, ranges such as [1-9] or a set such as {a,b}";
            return Err(fail(format!("'{name}': expecting {expected}, found '{text}'")));
        }
    };
    Ok(Entry { name, meta: Meta::share(None, static_reservation(role)?), value })
}

fn split_role(key: &str) -> Option<(&str, Option<&str>)> {
    match key.split_once('(') {
        None if key.contains(')') => None,
        None => Some((key, None)),
        Some((name, rest)) => {
            let role = rest.strip_suffix(')').filter(|role| !role.contains(['(', ')']))?;
            Some((name.trim_end(), Some(role.trim())))
        }
    }
}

fn static_reservation(role: &str) -> Result<Option<Arc<Detail>>, ResourceError> {
    if role == "*" {
        return Ok(None);
    }
    role::check(role).map_err(|reason| ResourceError::Text(format!("role '{role}': {reason}")))?;
    let one = Reservation { dynamic: false, role: role.into(), principal: None, labels: None };
    Ok(Some(Arc::new(Detail { reservations: vec![one], ..Detail::default() })))
}
