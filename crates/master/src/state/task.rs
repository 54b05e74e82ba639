//! One task as the master holds it: what reads and decisions need, kept small.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use model::legacy;
use model::task::{Reason, Source, is_terminal};
use model::{AgentId, ExecutorId, FrameworkId, Resources, TaskId, TaskState, Timestamp};

/// Tasks of an agent in the order of their frameworks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TaskKey {
    pub(crate) framework: FrameworkId,
    pub(crate) task: TaskId,
}

#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) name: Arc<str>,
    pub(crate) executor_id: Option<ExecutorId>,
    /// Latest state known; never leaves a terminal state.
    pub(crate) state: TaskState,
    /// State of the last update forwarded to the scheduler, and its UUID.
    pub(crate) status_update_state: Option<TaskState>,
    pub(crate) status_update_uuid: Option<[u8; 16]>,
    /// Allocated to the role of the offer it was launched from.
    pub(crate) resources: Resources,
    /// A bounded history, newest last: one per state, as Mesos shows it.
    pub(crate) statuses: Vec<Status>,
    /// Labels, discovery, container, health check, kill policy, limits, user: seldom set, shared.
    pub(crate) extra: Option<Arc<TaskExtra>>,
    /// When the task reached the master.
    pub(crate) since: Timestamp,
    /// The scheduler's KILL, repeated when the agent comes back.
    pub(crate) kill_requested: Option<Box<wire::v1::KillPolicy>>,
    /// When the agent reported that the kill began.
    pub(crate) killing_since: Option<Timestamp>,
    pub(crate) terminal_since: Option<Timestamp>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct TaskExtra {
    pub(crate) labels: Option<wire::v1::Labels>,
    pub(crate) discovery: Option<wire::v1::DiscoveryInfo>,
    pub(crate) container: Option<Box<wire::v1::ContainerInfo>>,
    pub(crate) health_check: Option<Box<wire::v1::HealthCheck>>,
    pub(crate) kill_policy: Option<wire::v1::KillPolicy>,
    pub(crate) limits: BTreeMap<String, wire::v1::value::Scalar>,
    pub(crate) user: Option<String>,
}

impl TaskExtra {
    fn shared(self) -> Option<Arc<Self>> {
        (self != Self::default()).then(|| Arc::new(self))
    }
}

/// One status update in a task's history: what is said again to readers, without what the task says anyway.
#[derive(Clone, Debug)]
pub(crate) struct Status {
    pub(crate) state: TaskState,
    pub(super) source: Option<Source>,
    pub(super) reason: Option<Reason>,
    pub(super) healthy: Option<bool>,
    pub(super) uuid: Option<[u8; 16]>,
    /// Seconds since the epoch, as on the wire.
    pub(super) timestamp: Option<f64>,
    pub(super) message: Option<Box<str>>,
    /// One for all statuses of a task that say the same.
    pub(super) container: Option<Arc<wire::v1::ContainerStatus>>,
    /// Data, labels, check status, limitation, unreachable time: seldom set.
    pub(super) rest: Option<Box<StatusRest>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct StatusRest {
    pub(super) labels: Option<wire::v1::Labels>,
    pub(super) check_status: Option<wire::v1::CheckStatusInfo>,
    pub(super) unreachable_time: Option<wire::v1::TimeInfo>,
    pub(super) limitation: Option<wire::v1::TaskResourceLimitation>,
}

impl Status {
    // Mesos: `data` is dropped from what the master keeps.
    pub(crate) fn new(status: &wire::v1::TaskStatus, state: TaskState) -> Self {
        let rest = StatusRest {
            labels: status.labels.clone(),
            check_status: status.check_status,
            unreachable_time: status.unreachable_time,
            limitation: status.limitation.clone(),
        };
        Self {
            state,
            source: status.source.and_then(|source| Source::try_from(source).ok()),
            reason: status.reason.and_then(|reason| Reason::try_from(reason).ok()),
            healthy: status.healthy,
            uuid: uuid_of(status),
            timestamp: status.timestamp,
            message: status.message.as_deref().map(Box::from),
            container: status.container_status.clone().map(Arc::new),
            rest: (rest != StatusRest::default()).then(|| Box::new(rest)),
        }
    }

    /// Whether this is that very update, told once more.
    pub(crate) fn is(&self, status: &wire::v1::TaskStatus) -> bool {
        self.uuid.is_some() && self.uuid == uuid_of(status)
    }

    fn to_legacy(&self) -> legacy::Status<'_> {
        legacy::Status {
            state: self.state,
            timestamp: self.timestamp.unwrap_or_default(),
            labels: self.rest.as_deref().and_then(|rest| rest.labels.as_ref()),
            container: self.container.as_deref(),
            healthy: self.healthy,
        }
    }

    pub(crate) fn to_wire(
        &self,
        task: &TaskId,
        agent: &AgentId,
        executor: Option<&ExecutorId>,
    ) -> wire::v1::TaskStatus {
        let mut status = wire::v1::TaskStatus {
            task_id: task.to_wire(),
            state: self.state as i32,
            message: self.message.as_deref().map(str::to_owned),
            source: self.source.map(|source| source as i32),
            reason: self.reason.map(|reason| reason as i32),
            agent_id: Some(agent.to_wire()),
            timestamp: self.timestamp,
            uuid: self.uuid.map(|uuid| uuid.to_vec().into()),
            healthy: self.healthy,
            container_status: self.container.as_deref().cloned(),
            ..Default::default()
        };
        status.executor_id =
            self.executor(task, executor).map(|id| wire::v1::ExecutorId { value: id.to_owned() });
        if let Some(rest) = self.rest.as_deref() {
            status.labels.clone_from(&rest.labels);
            status.check_status = rest.check_status;
            status.unreachable_time = rest.unreachable_time;
            status.limitation.clone_from(&rest.limitation);
        }
        status
    }
}

/// The update's UUID if it has a well-formed one: such an update must be acknowledged.
pub(crate) fn uuid_of(status: &wire::v1::TaskStatus) -> Option<[u8; 16]> {
    status.uuid.as_ref().and_then(|uuid| <[u8; 16]>::try_from(uuid.as_ref()).ok())
}

impl Task {
    /// A task that is being launched. `resources` are allocated already.
    pub(crate) fn launched(
        info: &wire::v1::TaskInfo,
        executor_id: Option<ExecutorId>,
        resources: Resources,
        user: Option<String>,
        now: Timestamp,
    ) -> Self {
        let extra = TaskExtra {
            labels: info.labels.clone(),
            discovery: info.discovery.clone(),
            container: info.container.clone(),
            health_check: info.health_check.clone(),
            kill_policy: info.kill_policy,
            limits: info.limits.clone(),
            user,
        };
        Self {
            name: Arc::from(info.name.as_str()),
            executor_id,
            state: TaskState::TaskStaging,
            status_update_state: None,
            status_update_uuid: None,
            resources,
            statuses: Vec::new(),
            extra: extra.shared(),
            since: now,
            kill_requested: None,
            killing_since: None,
            terminal_since: None,
        }
    }

    /// A task as its agent reports it. `None` if its state is unknown or its resources are malformed.
    pub(crate) fn reported(task: &wire::v1::Task, now: Timestamp) -> Option<Self> {
        let state = model::task::state_from_wire(task.state)?;
        let resources = Resources::from_wire(&task.resources).ok()?;
        let extra = TaskExtra {
            labels: task.labels.clone(),
            discovery: task.discovery.clone(),
            container: task.container.clone(),
            health_check: task.health_check.clone(),
            kill_policy: task.kill_policy,
            limits: task.limits.clone(),
            user: task.user.clone(),
        };
        let mut reported = Self {
            name: Arc::from(task.name.as_str()),
            executor_id: task.executor_id.as_ref().map(ExecutorId::from),
            state,
            status_update_state: task.status_update_state.and_then(model::task::state_from_wire),
            status_update_uuid: task
                .status_update_uuid
                .as_ref()
                .and_then(|uuid| <[u8; 16]>::try_from(uuid.as_ref()).ok()),
            resources,
            statuses: Vec::new(),
            extra: extra.shared(),
            since: now,
            kill_requested: None,
            killing_since: None,
            terminal_since: None,
        };
        for status in &task.statuses {
            if let Some(state) = model::task::state_from_wire(status.state) {
                reported.remember(Status::new(status, state));
            }
        }
        reported.note_state(now);
        Some(reported)
    }

    pub(crate) fn is_terminal(&self) -> bool {
        is_terminal(self.state)
    }

    /// Takes a state; a terminal state stays. Says whether it changed.
    // Mesos: a terminal state of the master never changes again.
    pub(crate) fn set_state(&mut self, state: TaskState, now: Timestamp) -> bool {
        if self.is_terminal() || self.state == state {
            return false;
        }
        self.state = state;
        self.note_state(now);
        true
    }

    fn note_state(&mut self, now: Timestamp) {
        if self.state == TaskState::TaskKilling {
            self.killing_since.get_or_insert(now);
        }
        if self.is_terminal() {
            self.terminal_since.get_or_insert(now);
        }
    }

    /// Adds to the history: at most one status per state.
    // Mesos: every status says where the container is, and clients look into the first.
    pub(crate) fn remember(&mut self, mut status: Status) {
        let known = self.statuses.iter().filter_map(|old| old.container.as_ref());
        if let Some(same) = known.rev().find(|known| Some(*known) == status.container.as_ref()) {
            status.container = Some(same.clone());
        }
        self.statuses.retain(|old| old.state != status.state);
        self.statuses.reserve_exact(1);
        self.statuses.push(status);
    }

    /// What the scheduler was told last, or would be.
    // Mesos: reconciliation answers with `status_update_state` where there is one.
    pub(crate) fn told_state(&self) -> TaskState {
        self.status_update_state.unwrap_or(self.state)
    }

    /// The task as the older endpoints show it.
    pub(crate) fn to_legacy<'a>(
        &'a self,
        key: &'a TaskKey,
        agent: &'a AgentId,
    ) -> legacy::Task<'a> {
        let extra = self.extra.as_deref();
        legacy::Task {
            id: key.task.as_str(),
            name: &self.name,
            framework_id: key.framework.as_str(),
            executor_id: self.executor_id.as_ref().map(ExecutorId::as_str),
            agent_id: agent.as_str(),
            state: self.state,
            resources: Cow::Borrowed(&self.resources),
            statuses: self.statuses.iter().map(Status::to_legacy).collect(),
            limits: extra.map(|extra| &extra.limits),
            user: extra.and_then(|extra| extra.user.as_deref()),
            labels: extra.and_then(|extra| extra.labels.as_ref()),
            discovery: extra.and_then(|extra| extra.discovery.as_ref()),
            container: extra.and_then(|extra| extra.container.as_deref()),
            health_check: extra.and_then(|extra| extra.health_check.as_deref()),
        }
    }

    pub(crate) fn to_wire(&self, key: &TaskKey, agent: &AgentId) -> wire::v1::Task {
        let mut task = wire::v1::Task {
            name: self.name.to_string(),
            task_id: key.task.to_wire(),
            framework_id: key.framework.to_wire(),
            executor_id: self.executor_id.as_ref().map(ExecutorId::to_wire),
            agent_id: agent.to_wire(),
            state: self.state as i32,
            resources: self.resources.to_wire(),
            statuses: self
                .statuses
                .iter()
                .map(|status| status.to_wire(&key.task, agent, self.executor_id.as_ref()))
                .collect(),
            status_update_state: self.status_update_state.map(|state| state as i32),
            status_update_uuid: self.status_update_uuid.map(|uuid| uuid.to_vec().into()),
            ..Default::default()
        };
        if let Some(extra) = self.extra.as_deref() {
            task.labels.clone_from(&extra.labels);
            task.discovery.clone_from(&extra.discovery);
            task.container.clone_from(&extra.container);
            task.health_check.clone_from(&extra.health_check);
            task.kill_policy = extra.kill_policy;
            task.limits.clone_from(&extra.limits);
            task.user.clone_from(&extra.user);
        }
        task
    }
}
