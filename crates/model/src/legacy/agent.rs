//! What is known of an agent whether it is connected or not.

use serde::Serialize;
use serde::ser::{SerializeMap as _, Serializer};
use wire::v1::{AgentInfo, Attribute, value};

/// The beginning of every agent, and all there is of a recovered one.
#[derive(Debug, Serialize)]
pub struct AgentCore<'a> {
    id: &'a str,
    hostname: &'a str,
    port: i32,
    #[serde(serialize_with = "attributes")]
    attributes: &'a [Attribute],
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<Domain<'a>>,
}

impl<'a> AgentCore<'a> {
    pub fn new(id: &'a str, info: &'a AgentInfo) -> Self {
        Self {
            id,
            hostname: &info.hostname,
            port: info.port(),
            attributes: &info.attributes,
            domain: info.domain.as_ref().map(Domain::from),
        }
    }
}

/// Where in the world something is.
#[derive(Debug, Serialize)]
pub struct Domain<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    fault_domain: Option<FaultDomain<'a>>,
}

#[derive(Debug, Serialize)]
struct FaultDomain<'a> {
    region: Named<'a>,
    zone: Named<'a>,
}

#[derive(Debug, Serialize)]
struct Named<'a> {
    name: &'a str,
}

impl<'a> From<&'a wire::v1::DomainInfo> for Domain<'a> {
    fn from(info: &'a wire::v1::DomainInfo) -> Self {
        let fault_domain = info.fault_domain.as_ref().map(|domain| FaultDomain {
            region: Named { name: &domain.region.name },
            zone: Named { name: &domain.zone.name },
        });
        Self { fault_domain }
    }
}

/// Attributes as an object: numbers as numbers, all else as text.
// Mesos: an attribute that comes twice is there twice.
pub fn attributes<S: Serializer>(list: &[Attribute], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    for attribute in list {
        let name = attribute.name.as_str();
        match value::Type::try_from(attribute.r#type) {
            Ok(value::Type::Scalar) => {
                let number = attribute.scalar.as_ref().map_or(0.0, |scalar| scalar.value);
                map.serialize_entry(name, &number)?;
            }
            Ok(value::Type::Ranges) => {
                let ranges = attribute.ranges.iter().flat_map(|ranges| &ranges.range);
                let ranges: Vec<_> =
                    ranges.map(|range| format!("{}-{}", range.begin, range.end)).collect();
                map.serialize_entry(name, &format!("[{}]", ranges.join(", ")))?;
            }
            Ok(value::Type::Set) => {
                let items = attribute.set.as_ref().map_or(&[][..], |set| &set.item[..]);
                map.serialize_entry(name, &format!("{{{}}}", items.join(", ")))?;
            }
            Ok(value::Type::Text) | Err(_) => {
                let text = attribute.text.as_ref().map_or("", |text| &text.value);
                map.serialize_entry(name, text)?;
            }
        }
    }
    map.end()
}

/// Capabilities of an agent by name.
pub fn capabilities(
    list: &[wire::v1::agent_info::Capability],
) -> impl Iterator<Item = &'static str> {
    use wire::v1::agent_info::capability::Type;
    let kinds = list.iter().map(|one| one.r#type.and_then(|number| Type::try_from(number).ok()));
    kinds.map(|kind| kind.unwrap_or(Type::Unknown).as_str_name())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An attribute is a number if it is one, and otherwise text in the notation of the flag.
    #[test]
    fn attributes_are_numbers_or_text() {
        let list = crate::attributes::parse("rack:r1;cores:8;ports:[1-2,5-6];zones:{a,b}").unwrap();
        let mut out = Vec::new();
        attributes(&list, &mut serde_json::Serializer::new(&mut out)).unwrap();
        assert_eq!(
            String::from_utf8(out).unwrap(),
            r#"{"rack":"r1","cores":8.0,"ports":"[1-2, 5-6]","zones":"{a, b}"}"#
        );
    }
}
