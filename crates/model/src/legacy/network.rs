//! Where a container is: its id and addresses.

use serde::Serialize;
use wire::v1::network_info::IpAddress;
use wire::v1::{ContainerId, NetworkInfo};

use super::{List, Raw};

/// A container's status, as statuses of tasks have it.
#[derive(Debug, Serialize)]
pub struct ContainerStatus<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    container_id: Option<Container<'a>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "networks")]
    network_infos: &'a [NetworkInfo],
    #[serde(skip_serializing_if = "Option::is_none")]
    cgroup_info: Option<Raw>,
}

impl<'a> From<&'a wire::v1::ContainerStatus> for ContainerStatus<'a> {
    fn from(status: &'a wire::v1::ContainerStatus) -> Self {
        Self {
            container_id: status.container_id.as_ref().map(Container),
            network_infos: &status.network_infos,
            cgroup_info: status.cgroup_info.as_ref().map(Raw::new),
        }
    }
}

#[derive(Debug)]
struct Container<'a>(&'a ContainerId);

impl Serialize for Container<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("value", &self.0.value)?;
        if let Some(parent) = &self.0.parent {
            map.serialize_entry("parent", &Container(parent))?;
        }
        map.end()
    }
}

#[derive(Debug, Serialize)]
struct Network<'a> {
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    groups: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<Raw>>,
    #[serde(skip_serializing_if = "<[_]>::is_empty", serialize_with = "addresses")]
    ip_addresses: &'a [IpAddress],
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    port_mappings: Vec<Raw>,
}

#[derive(Debug, Serialize)]
struct Address<'a> {
    protocol: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    ip_address: Option<&'a str>,
}

fn networks<S: serde::Serializer>(list: &[NetworkInfo], serializer: S) -> Result<S::Ok, S::Error> {
    List(|| list.iter().map(Network::from)).serialize(serializer)
}

fn addresses<S: serde::Serializer>(list: &[IpAddress], serializer: S) -> Result<S::Ok, S::Error> {
    List(|| list.iter().map(Address::from)).serialize(serializer)
}

impl<'a> From<&'a IpAddress> for Address<'a> {
    fn from(one: &'a IpAddress) -> Self {
        Self { protocol: one.protocol().as_str_name(), ip_address: one.ip_address.as_deref() }
    }
}

impl<'a> From<&'a NetworkInfo> for Network<'a> {
    fn from(info: &'a NetworkInfo) -> Self {
        Self {
            groups: &info.groups,
            labels: Raw::labels(info.labels.as_ref()),
            ip_addresses: &info.ip_addresses,
            name: info.name.as_deref(),
            port_mappings: Raw::all(&info.port_mappings),
        }
    }
}
