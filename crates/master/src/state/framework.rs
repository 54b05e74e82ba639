//! One framework as the master sees it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use model::validate::framework;
use model::{AgentId, ExecutorId, FrameworkId, OfferId, TaskId, Timestamp};
use wire::v1::framework_info::capability::Type;

use super::shared::Shared;
use crate::allocator::Constraints;
use crate::effects::Effects;
use crate::event::StreamId;

#[expect(clippy::struct_excessive_bools, reason = "one per capability Mesos has")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FrameworkCapabilities {
    pub(crate) partition_aware: bool,
    pub(crate) task_killing_state: bool,
    pub(crate) multi_role: bool,
    pub(crate) reservation_refinement: bool,
    pub(crate) gpu_resources: bool,
    pub(crate) revocable_resources: bool,
    pub(crate) shared_resources: bool,
}

impl FrameworkCapabilities {
    pub(crate) fn of(info: &wire::v1::FrameworkInfo) -> Self {
        let has = |wanted: Type| framework::has_capability(info, wanted);
        Self {
            partition_aware: has(Type::PartitionAware),
            task_killing_state: has(Type::TaskKillingState),
            multi_role: has(Type::MultiRole),
            reservation_refinement: has(Type::ReservationRefinement),
            gpu_resources: has(Type::GpuResources),
            revocable_resources: has(Type::RevocableResources),
            shared_resources: has(Type::SharedResources),
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Framework {
    pub(crate) id: FrameworkId,
    pub(crate) info: Arc<wire::v1::FrameworkInfo>,
    pub(crate) roles: BTreeSet<String>,
    pub(crate) suppressed: BTreeSet<String>,
    pub(crate) capabilities: FrameworkCapabilities,
    pub(crate) offer_constraints: Option<wire::scheduler::OfferConstraints>,
    /// The same, ready to be asked.
    pub(crate) constraints: Constraints,
    pub(crate) principal: Option<String>,
    /// The scheduler's stream while it is subscribed.
    pub(crate) stream: Option<StreamId>,
    /// Known from registry or agents, not subscribed since this master started.
    pub(crate) recovered: bool,
    pub(crate) registered_at: Timestamp,
    pub(crate) reregistered_at: Option<Timestamp>,
    pub(crate) disconnected_at: Option<Timestamp>,
    pub(crate) offers: Shared<BTreeSet<OfferId>>,
    /// Where each task the master holds runs.
    pub(crate) tasks: BTreeMap<TaskId, AgentId>,
    /// Where each executor the master holds runs.
    pub(crate) executors: BTreeSet<(AgentId, ExecutorId)>,
    /// Bounded, newest last.
    pub(crate) completed_tasks: Shared<VecDeque<Arc<wire::v1::Task>>>,
    pub(crate) unreachable_tasks: Shared<VecDeque<Arc<wire::v1::Task>>>,
}

impl Framework {
    pub(crate) fn new(id: FrameworkId, info: wire::v1::FrameworkInfo, now: Timestamp) -> Self {
        let mut framework = Self {
            id,
            info: Arc::default(),
            roles: BTreeSet::new(),
            suppressed: BTreeSet::new(),
            capabilities: FrameworkCapabilities::default(),
            offer_constraints: None,
            constraints: Constraints::default(),
            principal: None,
            stream: None,
            recovered: false,
            registered_at: now,
            reregistered_at: None,
            disconnected_at: None,
            offers: Shared::default(),
            tasks: BTreeMap::new(),
            executors: BTreeSet::new(),
            completed_tasks: Shared::default(),
            unreachable_tasks: Shared::default(),
        };
        framework.set_info(info);
        framework
    }

    /// Takes an info and what follows from it. The id stays.
    pub(crate) fn set_info(&mut self, mut info: wire::v1::FrameworkInfo) {
        info.id = Some(self.id.to_wire());
        framework::name_role(&mut info);
        self.capabilities = FrameworkCapabilities::of(&info);
        self.roles = framework::roles(&info);
        self.principal.clone_from(&info.principal);
        self.info = Arc::new(info);
    }

    /// How long the framework outlives its scheduler's connection.
    // Mesos: zero by default.
    pub(crate) fn failover_timeout(&self) -> Duration {
        framework::failover_timeout(&self.info).unwrap_or_default()
    }

    /// The roles a REVIVE or SUPPRESS is about: those it names, or all. None if it names another one, which
    /// is noted.
    // Mesos: then the whole call is dropped.
    pub(crate) fn named_roles(
        &self,
        named: Vec<String>,
        call: &str,
        fx: &mut Effects,
    ) -> Option<BTreeSet<String>> {
        if let Some(other) = named.iter().find(|role| !self.roles.contains(*role)) {
            let role = other.escape_debug();
            let why = format!("{call} of role '{role}', which the framework is not in");
            fx.dropped(format!("framework {}", self.id), why);
            return None;
        }
        Some(if named.is_empty() { self.roles.clone() } else { named.into_iter().collect() })
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.stream.is_some()
    }

    /// The agents on which something of the framework may run.
    pub(crate) fn agents(&self) -> BTreeSet<AgentId> {
        let tasks = self.tasks.values().cloned();
        tasks.chain(self.executors.iter().map(|(agent, _)| agent.clone())).collect()
    }
}

#[derive(Clone, Debug)]
pub(crate) struct CompletedFramework {
    pub(crate) id: FrameworkId,
    pub(crate) info: Arc<wire::v1::FrameworkInfo>,
    pub(crate) registered_at: Timestamp,
    /// When a scheduler subscribed last, as far as the master that removed it has seen it.
    pub(crate) reregistered_at: Option<Timestamp>,
    pub(crate) completed_at: Timestamp,
    pub(crate) completed_tasks: Shared<VecDeque<Arc<wire::v1::Task>>>,
}

impl CompletedFramework {
    pub(crate) fn to_record(&self) -> wire::registry::FrameworkRecord {
        wire::registry::FrameworkRecord {
            info: Some(wire::v1::FrameworkInfo::clone(&self.info)),
            registered_at: Some(self.registered_at.to_wire()),
            completed_at: Some(self.completed_at.to_wire()),
            reregistered_at: self.reregistered_at.map(Timestamp::to_wire),
        }
    }
}
