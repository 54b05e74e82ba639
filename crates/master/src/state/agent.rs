//! One agent as the master sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::drain::{Deactivation, Drain, Reachability};
use model::{AgentId, ExecutorId, FrameworkId, Now, OfferId, Resources, Timestamp};
use wire::registry::Admission;

use super::shared::Shared;
use super::tasks::Tasks;
use crate::event::LinkId;
use crate::maintenance::AgentMaintenance;

/// What operators laid over an agent. Survives everything but reactivation and decommission.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Overlay {
    pub(crate) deactivation: Option<Deactivation>,
    /// A drain implies deactivation.
    pub(crate) drain: Option<Drain>,
}

impl Overlay {
    pub(crate) fn is_none(&self) -> bool {
        self.deactivation.is_none() && self.drain.is_none()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Agent {
    pub(crate) id: AgentId,
    pub(crate) info: Arc<wire::v1::AgentInfo>,
    pub(crate) reachability: Reachability,
    /// When `reachability` took its present value.
    pub(crate) since: Timestamp,
    /// When the registry's admission took its present value.
    pub(crate) admission_since: Timestamp,
    pub(crate) link: Option<LinkId>,
    pub(crate) overlay: Overlay,
    /// Generation of the latest drain ever asked of this agent.
    pub(crate) last_generation: u64,
    pub(crate) machine_id: Option<String>,
    pub(crate) admission_key: Option<String>,
    pub(crate) ip: String,
    pub(crate) version: String,
    pub(crate) capabilities: Vec<wire::v1::agent_info::Capability>,
    pub(crate) registered_at: Timestamp,
    pub(crate) reregistered_at: Option<Timestamp>,

    pub(crate) total: Resources,
    /// Used by tasks and executors that are not terminal, per framework.
    pub(crate) used: BTreeMap<FrameworkId, Resources>,
    pub(crate) offers: BTreeSet<OfferId>,
    /// Every task the master holds for this agent: live, or terminal and not yet acknowledged.
    pub(crate) tasks: Shared<Tasks>,
    pub(crate) executors: BTreeMap<(FrameworkId, ExecutorId), Executor>,
    /// Operations the agent reported, by UUID.
    pub(crate) operations: BTreeMap<Vec<u8>, Operation>,
    /// What the agent last said of the drain it carries out.
    pub(crate) reported_drain: Option<ReportedDrain>,
    /// Where its machine stands in the maintenance schedule.
    pub(crate) maintenance: Option<AgentMaintenance>,
}

/// An executor the agent runs. Generated command executors are not shown in `GET_EXECUTORS`.
#[derive(Clone, Debug)]
pub(crate) struct Executor {
    pub(crate) info: Arc<wire::v1::ExecutorInfo>,
    pub(crate) resources: Resources,
    pub(crate) generated: bool,
}

/// A resource operation as the agent last reported it.
#[derive(Clone, Debug)]
pub(crate) struct Operation {
    pub(crate) wire: Box<wire::v1::Operation>,
    /// When the operation reached the master.
    pub(crate) since: Timestamp,
}

/// What an agent said of the drain it carries out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportedDrain {
    pub(crate) generation: u64,
    /// The confirmation: nothing of any framework is left on the host.
    pub(crate) empty: bool,
    pub(crate) executors_left: u32,
    pub(crate) last_kill_at: Option<Timestamp>,
    /// What tasks without a kill policy get.
    pub(crate) default_grace: Option<std::time::Duration>,
    /// When the agent first spoke of this generation on its present link.
    pub(crate) since: Timestamp,
}

/// Where an agent's own API answers, which tells one host's agents from another's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address {
    pub(crate) hostname: String,
    pub(crate) ip: String,
    pub(crate) port: i32,
}

impl Agent {
    /// Whether its resources may be put on the table.
    pub(crate) fn is_offerable(&self) -> bool {
        self.reachability == Reachability::Registered
            && self.overlay.is_none()
            && self.maintenance.as_ref().is_none_or(|place| !place.down)
    }

    /// Whether reads show it among the agents of the cluster.
    // Mesos: registered agents, whether the connection is up or not.
    pub(crate) fn is_listed(&self) -> bool {
        matches!(self.reachability, Reachability::Registered | Reachability::Disconnected)
    }

    /// What a framework's tasks and executors use, from each of them.
    pub(crate) fn sum_up(&self, framework: &FrameworkId) -> Resources {
        let tasks = self
            .tasks
            .iter()
            .filter(|(key, task)| key.framework == *framework && !task.is_terminal());
        let executors = self.executors.iter().filter(|((owner, _), _)| owner == framework);
        let executors = executors.map(|(_, executor)| &executor.resources);
        tasks.map(|(_, task)| &task.resources).chain(executors).collect()
    }

    pub(crate) fn address(&self) -> Address {
        Address { hostname: self.info.hostname.clone(), ip: self.ip.clone(), port: self.port() }
    }

    /// The port of the agent's own API.
    pub(crate) fn port(&self) -> i32 {
        self.info.port()
    }

    /// Moves to `reachability`; the moment counts from now also if it is the same again.
    pub(crate) fn set_reachability(&mut self, now: Now, reachability: Reachability) {
        if admission(self.reachability) != admission(reachability) {
            self.admission_since = now.wall;
        }
        self.reachability = reachability;
        self.since = now.wall;
    }

    /// What the registry keeps of this agent. [`Agent::recover`] takes it back.
    pub(crate) fn to_record(&self) -> wire::registry::AgentRecord {
        wire::registry::AgentRecord {
            agent_id: Some(self.id.to_wire()),
            info: Some(wire::v1::AgentInfo::clone(&self.info)),
            admission: Some(admission(self.reachability) as i32),
            since: Some(self.admission_since.to_wire()),
            registered_at: Some(self.registered_at.to_wire()),
            deactivation: self.overlay.deactivation.as_ref().map(deactivation_to_wire),
            drain: self.overlay.drain.as_ref().map(drain_to_record),
            last_generation: Some(self.last_generation),
            machine_id: self.machine_id.clone(),
            admission_key: self.admission_key.clone(),
            ip: Some(self.ip.clone()),
            version: Some(self.version.clone()),
            capabilities: self.capabilities.clone(),
        }
    }
}

/// What the registry says of an agent in `reachability`.
pub(crate) fn admission(reachability: Reachability) -> Admission {
    match reachability {
        Reachability::Registered | Reachability::Disconnected | Reachability::Recovered => {
            Admission::Admitted
        }
        Reachability::Unreachable => Admission::Unreachable,
        Reachability::Gone => Admission::Gone,
        Reachability::Removed => Admission::Removed,
    }
}

pub(crate) fn deactivation_to_wire(deactivation: &Deactivation) -> wire::ebb::Deactivation {
    wire::ebb::Deactivation {
        since: Some(deactivation.since.to_wire()),
        reason: deactivation.reason.clone(),
        requested_by: deactivation.requested_by.clone(),
    }
}

fn drain_to_record(drain: &Drain) -> wire::registry::Drain {
    wire::registry::Drain {
        generation: Some(drain.generation),
        state: Some(drain.state as i32),
        config: Some(drain.config.to_wire()),
        started_at: Some(drain.started_at.to_wire()),
        finished_at: drain.finished_at.map(Timestamp::to_wire),
        reason: drain.reason.clone(),
        requested_by: drain.requested_by.clone(),
        for_maintenance: drain.for_maintenance.then_some(true),
    }
}
