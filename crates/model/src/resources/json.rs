//! The JSON form of the resources flag: an array of `Resource` messages.

use serde_json::Value;
use wire::v1::Resource;

use super::{ResourceError, Resources};

/// Reads the array; what names no role and no reservation is reserved to `default_role`.
pub(super) fn parse(text: &str, default_role: &str) -> Result<Resources, ResourceError> {
    let fail = |reason: String| ResourceError::Text(reason);
    let elements: Vec<Value> = serde_json::from_str(text).map_err(|error| {
        fail(format!("expecting a JSON array of resources such as '[{{\"name\": …}}]': {error}"))
    })?;
    let mut list = Vec::with_capacity(elements.len());
    for (at, element) in elements.iter().enumerate() {
        let mut resource: Resource = wire::json::from_slice(element.to_string().as_bytes())
            .map_err(|error| fail(format!("element {at} of the JSON array: {error}")))?;
        reserve_by_default(&mut resource, default_role);
        list.push(resource);
    }
    Resources::from_wire(&list)
}

fn reserve_by_default(resource: &mut Resource, role: &str) {
    if resource.role.is_none() && resource.reservations.is_empty() {
        resource.role = Some(role.to_owned());
    }
}
