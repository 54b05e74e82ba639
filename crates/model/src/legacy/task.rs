//! Tasks with the history of their statuses.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde::ser::Serializer;
use wire::v1::value::Scalar;
use wire::v1::{ContainerInfo, DiscoveryInfo, HealthCheck, Labels};

use super::{ContainerStatus, Raw};
use crate::task::{TaskState, state_from_wire};
use crate::{Resources, Timestamp};

/// A task, from whatever a core keeps of it.
#[derive(Clone, Debug, Default)]
pub struct Task<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub framework_id: &'a str,
    /// None for a command task.
    pub executor_id: Option<&'a str>,
    pub agent_id: &'a str,
    pub state: TaskState,
    pub resources: Cow<'a, Resources>,
    /// Oldest first.
    pub statuses: Vec<Status<'a>>,
    pub limits: Option<&'a BTreeMap<String, Scalar>>,
    pub user: Option<&'a str>,
    pub labels: Option<&'a Labels>,
    pub discovery: Option<&'a DiscoveryInfo>,
    pub container: Option<&'a ContainerInfo>,
    pub health_check: Option<&'a HealthCheck>,
}

/// One status of a task.
#[derive(Clone, Copy, Debug, Default)]
pub struct Status<'a> {
    pub state: TaskState,
    /// Seconds since the epoch.
    pub timestamp: f64,
    pub labels: Option<&'a Labels>,
    pub container: Option<&'a wire::v1::ContainerStatus>,
    pub healthy: Option<bool>,
}

impl Task<'_> {
    /// When the first status came about; tasks are ordered by it.
    pub fn first_timestamp(&self) -> Option<Timestamp> {
        self.statuses.first().map(|status| {
            #[expect(clippy::cast_possible_truncation, reason = "saturates; only compared")]
            Timestamp((status.timestamp * 1e9) as i64)
        })
    }
}

impl<'a> From<&'a wire::v1::Task> for Task<'a> {
    fn from(task: &'a wire::v1::Task) -> Self {
        Self {
            id: &task.task_id.value,
            name: &task.name,
            framework_id: &task.framework_id.value,
            executor_id: task.executor_id.as_ref().map(|id| id.value.as_str()),
            agent_id: &task.agent_id.value,
            state: state_from_wire(task.state).unwrap_or(TaskState::TaskStaging),
            resources: Cow::Owned(Resources::from_wire(&task.resources).unwrap_or_default()),
            statuses: task.statuses.iter().map(Status::from).collect(),
            limits: Some(&task.limits),
            user: task.user.as_deref(),
            labels: task.labels.as_ref(),
            discovery: task.discovery.as_ref(),
            container: task.container.as_deref(),
            health_check: task.health_check.as_deref(),
        }
    }
}

impl<'a> From<&'a wire::v1::TaskStatus> for Status<'a> {
    fn from(status: &'a wire::v1::TaskStatus) -> Self {
        Self {
            state: state_from_wire(status.state).unwrap_or(TaskState::TaskStaging),
            timestamp: status.timestamp(),
            labels: status.labels.as_ref(),
            container: status.container_status.as_ref(),
            healthy: status.healthy,
        }
    }
}

impl Serialize for Task<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("id", self.id)?;
        map.serialize_entry("name", self.name)?;
        map.serialize_entry("framework_id", self.framework_id)?;
        map.serialize_entry("executor_id", self.executor_id.unwrap_or(""))?;
        map.serialize_entry("slave_id", self.agent_id)?;
        map.serialize_entry("state", self.state.as_str_name())?;
        map.serialize_entry("resources", &self.resources.amounts())?;
        if let Some(limits) = self.limits.filter(|limits| !limits.is_empty()) {
            let limits: BTreeMap<_, _> =
                limits.iter().map(|(name, limit)| (name, limit.value)).collect();
            map.serialize_entry("limits", &limits)?;
        }
        map.serialize_entry("role", self.resources.allocation_role().unwrap_or(""))?;
        map.serialize_entry("statuses", &self.statuses)?;
        if let Some(user) = self.user {
            map.serialize_entry("user", user)?;
        }
        if let Some(labels) = Raw::labels(self.labels) {
            map.serialize_entry("labels", &labels)?;
        }
        if let Some(discovery) = self.discovery {
            map.serialize_entry("discovery", &Raw::new(discovery))?;
        }
        if let Some(container) = self.container {
            map.serialize_entry("container", &Raw::new(container))?;
        }
        if let Some(check) = self.health_check {
            map.serialize_entry("health_check", &Raw::new(check))?;
        }
        map.end()
    }
}

impl Serialize for Status<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeMap as _;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("state", self.state.as_str_name())?;
        map.serialize_entry("timestamp", &self.timestamp)?;
        if let Some(labels) = Raw::labels(self.labels) {
            map.serialize_entry("labels", &labels)?;
        }
        if let Some(container) = self.container {
            map.serialize_entry("container_status", &ContainerStatus::from(container))?;
        }
        if let Some(healthy) = self.healthy {
            map.serialize_entry("healthy", &healthy)?;
        }
        map.end()
    }
}
