//! What the client reads of Mesos' documents, with the types that it insists on: an integer with a point, or a text
//! where it wants a number, ends it. What is missing or null it takes for nothing.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::client::Answer;
use crate::commands::{Exit, Outcome};

/// The document of a 200 as the client decodes it, whatever the content type.
pub(crate) fn document<T: DeserializeOwned>(answer: &Answer) -> Outcome<T> {
    let text = |error: serde_json::Error| Exit::Error(format!("{error}: {}", answer.text()));
    let mut value: Value = serde_json::from_slice(&answer.body).map_err(text)?;
    drop_nulls(&mut value);
    serde_json::from_value(value).map_err(text)
}

fn drop_nulls(value: &mut Value) {
    if let Value::Object(members) = value {
        members.retain(|_, member| !member.is_null());
        members.values_mut().for_each(drop_nulls);
    } else if let Value::Array(items) = value {
        items.iter_mut().for_each(drop_nulls);
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Resources {
    pub(crate) cpus: f64,
    pub(crate) disk: f64,
    pub(crate) gpus: f64,
    pub(crate) mem: f64,
    pub(crate) ports: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Named {
    pub(crate) name: String,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FaultDomain {
    pub(crate) region: Named,
    pub(crate) zone: Named,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Domain {
    pub(crate) fault_domain: FaultDomain,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    pub(crate) version: String,
    pub(crate) id: String,
    pub(crate) pid: String,
    pub(crate) hostname: String,
    pub(crate) cluster: String,
    pub(crate) domain: Domain,
    pub(crate) slaves: Vec<Slave>,
    pub(crate) frameworks: Vec<Framework>,
    pub(crate) completed_frameworks: Vec<Framework>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Summary {
    pub(crate) hostname: String,
    pub(crate) cluster: String,
    pub(crate) slaves: Vec<Slave>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Slave {
    pub(crate) id: String,
    pub(crate) hostname: String,
    pub(crate) pid: String,
    pub(crate) port: i64,
    pub(crate) version: String,
    pub(crate) active: bool,
    pub(crate) attributes: BTreeMap<String, Value>,
    pub(crate) capabilities: Vec<String>,
    pub(crate) domain: Domain,
    pub(crate) framework_ids: Vec<String>,
    pub(crate) registered_time: f64,
    pub(crate) resources: Resources,
    pub(crate) used_resources: Resources,
    pub(crate) offered_resources: Resources,
    pub(crate) reserved_resources: BTreeMap<String, Resources>,
    pub(crate) unreserved_resources: Resources,
    #[serde(rename = "TASK_STAGING")]
    pub(crate) staging: i64,
    #[serde(rename = "TASK_STARTING")]
    pub(crate) starting: i64,
    #[serde(rename = "TASK_RUNNING")]
    pub(crate) running: i64,
    #[serde(rename = "TASK_KILLING")]
    pub(crate) killing: i64,
    #[serde(rename = "TASK_FINISHED")]
    pub(crate) finished: i64,
    #[serde(rename = "TASK_KILLED")]
    pub(crate) killed: i64,
    #[serde(rename = "TASK_FAILED")]
    pub(crate) failed: i64,
    #[serde(rename = "TASK_LOST")]
    pub(crate) lost: i64,
    #[serde(rename = "TASK_ERROR")]
    pub(crate) error: i64,
}

impl Slave {
    /// What stands between `@` and the next colon of its pid.
    pub(crate) fn ip(&self) -> Outcome<String> {
        let address = self.pid.split_once('@').map(|(_, address)| address);
        let address = address.ok_or_else(|| Exit::Crash(format!("no @ in pid {:?}", self.pid)))?;
        Ok(address.split(':').next().unwrap_or_default().to_owned())
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Framework {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) hostname: String,
    pub(crate) active: bool,
    pub(crate) resources: Resources,
    pub(crate) tasks: Vec<Task>,
    pub(crate) completed_tasks: Vec<Task>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Task {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) executor_id: String,
    pub(crate) framework_id: String,
    pub(crate) slave_id: String,
    pub(crate) state: String,
    pub(crate) resources: Resources,
    pub(crate) statuses: Vec<Status>,
}

impl Task {
    /// The container in the first status, which the client takes for granted.
    pub(crate) fn container(&self) -> Outcome<&ContainerId> {
        let first = self.statuses.first();
        let first = first.ok_or_else(|| Exit::Crash(format!("{} has no statuses", self.id)))?;
        Ok(&first.container_status.container_id)
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "these are the names of the members")]
pub(crate) struct Status {
    pub(crate) state: String,
    pub(crate) timestamp: f64,
    pub(crate) container_status: ContainerStatus,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ContainerStatus {
    pub(crate) container_id: ContainerId,
    pub(crate) network_infos: Vec<NetworkInfo>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ContainerId {
    pub(crate) value: String,
    pub(crate) parent: Option<Box<Self>>,
}

impl ContainerId {
    pub(crate) fn to_wire(&self) -> wire::v1::ContainerId {
        wire::v1::ContainerId {
            value: self.value.clone(),
            parent: self.parent.as_ref().map(|parent| Box::new(parent.to_wire())),
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NetworkInfo {
    pub(crate) ip_addresses: Vec<IpAddress>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct IpAddress {
    pub(crate) ip_address: String,
}

/// An address of Mesos-DNS.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub(crate) struct Host {
    pub(crate) host: String,
    pub(crate) ip: String,
}

/// Addresses of a host, joined to agents by the private one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NetNode {
    pub(crate) private_ip: String,
    pub(crate) public_ips: Vec<String>,
    pub(crate) hostname: String,
    pub(crate) updated: String,
}

/// A file as it is listed.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct File {
    pub(crate) gid: String,
    pub(crate) mode: String,
    pub(crate) mtime: f64,
    pub(crate) nlink: f64,
    pub(crate) path: String,
    pub(crate) size: f64,
    pub(crate) uid: String,
}

/// Measurements, as of a host or a container.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Metrics {
    pub(crate) datapoints: Vec<Datapoint>,
    pub(crate) dimensions: BTreeMap<String, Value>,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Datapoint {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: String,
    pub(crate) timestamp: String,
    pub(crate) tags: BTreeMap<String, String>,
}
