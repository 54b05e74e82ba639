//! A master's state from its registry.
//!
//! What is durable comes back exactly: agents with their admission, overlay and generations, and
//! frameworks, completed ones included. The rest is learnt again from agents and schedulers.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::drain::{Deactivation, Drain, DrainConfig, DrainState, Reachability};
use model::duration::grace_of;
use model::quota::{Quota, QuotaError, check_weight};
use model::resources::ResourceError;
use model::validate::id::{self, IdError};
use model::{AgentId, FrameworkId, Now, Resources, Timestamp};
use wire::registry::{Admission, AgentRecord, FrameworkRecord, RoleRecord};
use wire::v1::TimeInfo;

use crate::allocator::Allocator;
use crate::contradictions::{Contradiction, shared_key};
use crate::effects::{Effects, Mutation};
use crate::maintenance::Maintenance;
use crate::state::{
    Agent, CompletedFramework, Config, Framework, Master, Overlay, RoleSettings, Shared,
};
use crate::timers::{Timer, Timers};
use crate::unreachable::REGISTRY_GC_INTERVAL;

/// A record of the registry that this program can't have written.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    #[error("the registry has a record of an agent without id or info")]
    UnnamedAgent,
    #[error("the registry has a record of a framework without id")]
    UnnamedFramework,
    #[error("the registry has a record of '{id}', which can't be an id: {source}")]
    Id { id: String, source: IdError },
    #[error("the registry says nothing known about the admission of agent {agent}: {number}")]
    Admission { agent: AgentId, number: i32 },
    #[error("the registry has a drain of agent {agent} without generation, state or config")]
    Drain { agent: AgentId },
    #[error("the registry has a drain of agent {agent} with a negative grace period")]
    Grace { agent: AgentId },
    #[error("the registry has invalid resources of agent {agent}")]
    Resources { agent: AgentId, source: ResourceError },
    #[error("the registry's record of agent {agent} contradicts itself: {what}")]
    Contradiction { agent: AgentId, what: Contradiction },
    #[error("the registry has invalid settings of role '{role}': {source}")]
    Role { role: String, source: QuotaError },
    #[error("the registry has settings of role '{role}' that name role '{named}'")]
    OtherRole { role: String, named: String },
    #[error(
        "the registry's records of agents {first} and {second} contradict each other: they have the same \
         admission key, and each agent has its own"
    )]
    SharedKey { first: AgentId, second: AgentId },
    #[error("the registry has a maintenance schedule that makes no sense: {why}")]
    Maintenance { why: model::Refusal },
}

impl Master {
    /// A master that starts with what `records` left in the registry: a log of mutations in order, or
    /// what it amounts to. Nothing at all makes the first master of a cluster.
    ///
    /// Agents have `agent_reregister_timeout` from `now` to come back, frameworks at least as long.
    ///
    /// # Errors
    /// A record that can't be understood, or that contradicts itself or another one. Going on without it
    /// could let a drained agent back in.
    pub fn recover(
        config: Config,
        records: impl IntoIterator<Item = Mutation>,
        now: Now,
    ) -> Result<Self, RecoveryError> {
        let mut agents: BTreeMap<AgentId, AgentRecord> = BTreeMap::new();
        let mut frameworks: BTreeMap<FrameworkId, FrameworkRecord> = BTreeMap::new();
        let mut roles: BTreeMap<String, RoleRecord> = BTreeMap::new();
        let mut maintenance = None;
        for record in records {
            match record {
                Mutation::SetAgent(record) => {
                    let id = record.agent_id.as_ref().ok_or(RecoveryError::UnnamedAgent)?;
                    check_id(&id.value)?;
                    agents.insert(id.into(), *record);
                }
                Mutation::RemoveAgent(id) => {
                    agents.remove(&id);
                }
                Mutation::SetFramework(record) => {
                    let id = record.info.as_ref().and_then(|info| info.id.as_ref());
                    let id = id.ok_or(RecoveryError::UnnamedFramework)?;
                    check_id(&id.value)?;
                    frameworks.insert(id.into(), *record);
                }
                Mutation::RemoveFramework(id) => {
                    frameworks.remove(&id);
                }
                Mutation::SetRole(record) => {
                    roles.insert(record.role.clone().unwrap_or_default(), *record);
                }
                Mutation::RemoveRole(role) => {
                    roles.remove(&role);
                }
                Mutation::SetMaintenance(record) => maintenance = Some(*record),
                Mutation::RemoveMaintenance => maintenance = None,
            }
        }
        let mut master = Self::empty(config, now);
        if let Some(record) = maintenance {
            let recovered = Maintenance::recover(record);
            let recovered = recovered.map_err(|why| RecoveryError::Maintenance { why })?;
            master.maintenance = Shared::new(recovered);
        }
        for (id, record) in agents {
            master.recover_agent(now, Agent::recover(now, id, record)?);
        }
        if let Some(error) = shared_key(master.agents.values().map(|agent| &**agent)) {
            return Err(error);
        }
        for (id, record) in frameworks {
            master.recover_framework(now, id, record);
        }
        for (role, record) in roles {
            master.recover_role(role, &record)?;
        }
        let completed = &mut master.completed_frameworks;
        completed.make_contiguous().sort_by_key(|framework| framework.completed_at);
        master.settled = std::mem::take(&mut master.dirty);
        master.check_all();
        Ok(master)
    }

    /// What the registry has to hold for this state: [`Master::recover`] of it makes the same records.
    pub fn records(&self) -> Vec<Mutation> {
        let mut fx = Effects::default();
        for id in self.agents.keys() {
            self.persist_agent(id, &mut fx);
        }
        for id in self.frameworks.keys() {
            self.persist_framework(id, &mut fx);
        }
        for completed in &self.completed_frameworks {
            fx.mutate(Mutation::SetFramework(Box::new(completed.to_record())));
        }
        for (role, settings) in &self.roles {
            fx.mutate(Mutation::SetRole(Box::new(settings.to_record(role))));
        }
        fx.mutations.extend(self.maintenance_record());
        fx.mutations
    }

    fn empty(config: Config, now: Now) -> Self {
        let mut master = Self {
            config,
            agents: Shared::default(),
            addresses: BTreeMap::new(),
            admission_keys: BTreeMap::new(),
            dirty: BTreeSet::new(),
            settled: BTreeSet::new(),
            frameworks: BTreeMap::new(),
            completed_frameworks: Shared::default(),
            offers: Shared::default(),
            maintenance: Shared::default(),
            inverse_offers: Shared::default(),
            to_invite: BTreeSet::new(),
            links: BTreeMap::new(),
            unanswered_pings: BTreeMap::new(),
            streams: BTreeMap::new(),
            allocator: Allocator::default(),
            timers: Timers::default(),
            started: now,
            latest: now,
            watchers: 0,
            next_agent: 0,
            next_framework: 0,
            next_offer: 0,
            next_operation: 0,
            roles: Shared::default(),
        };
        master.timers.set(Timer::RegistryGc, now.at.plus(REGISTRY_GC_INTERVAL));
        master
    }

    fn recover_role(&mut self, role: String, record: &RoleRecord) -> Result<(), RecoveryError> {
        let unusable = |source| RecoveryError::Role { role: role.clone(), source };
        let quota = match &record.quota {
            Some(quota) if quota.role != role => {
                return Err(RecoveryError::OtherRole { role, named: quota.role.clone() });
            }
            Some(quota) => Quota::from_wire(quota).map_err(unusable)?,
            None => Quota::default(),
        };
        if let Some(weight) = record.weight {
            check_weight(&role, weight).map_err(unusable)?;
        }
        let settings = RoleSettings { quota, weight: record.weight };
        if !settings.is_none() {
            self.roles.insert(role.clone(), settings);
            self.set_role(&role);
        }
        Ok(())
    }

    fn recover_agent(&mut self, now: Now, mut agent: Agent) {
        agent.maintenance = self.maintenance.of(&agent);
        if agent.reachability == Reachability::Recovered {
            let timeout = now.at.plus(self.config.agent_reregister_timeout);
            self.timers.set(Timer::Reregister(agent.id.clone()), timeout);
        }
        self.insert_agent(agent);
    }

    // Differs from Mesos: frameworks that never come back are removed in the end, so that they can't keep
    // a drain waiting for ever. They get at least the time agents get: schedulers have to find this
    // master first, even those that would not outlive a disconnect.
    pub(crate) fn recover_framework(&mut self, now: Now, id: FrameworkId, record: FrameworkRecord) {
        let info = record.info.unwrap_or_default();
        let registered_at = time(record.registered_at.as_ref());
        let mut framework = Framework::new(id.clone(), info, registered_at);
        if let Some(completed_at) = record.completed_at {
            self.completed_frameworks.push_back(CompletedFramework {
                id,
                info: framework.info,
                registered_at,
                reregistered_at: record.reregistered_at.as_ref().map(Timestamp::from),
                completed_at: Timestamp::from(&completed_at),
                completed_tasks: Shared::default(),
            });
            return;
        }
        framework.recovered = true;
        framework.disconnected_at = Some(now.wall);
        let timeout = framework.failover_timeout().max(self.config.agent_reregister_timeout);
        self.timers.set(Timer::FrameworkFailover(id.clone()), now.at.plus(timeout));
        self.frameworks.insert(id, framework);
    }
}

impl Agent {
    /// The agent of a record that [`Agent::to_record`] wrote.
    fn recover(now: Now, id: AgentId, record: AgentRecord) -> Result<Self, RecoveryError> {
        let number = record.admission.unwrap_or(0);
        let reachability = match Admission::try_from(number) {
            Ok(Admission::Admitted) => Reachability::Recovered,
            Ok(Admission::Unreachable) => Reachability::Unreachable,
            Ok(Admission::Gone) => Reachability::Gone,
            Ok(Admission::Removed) => Reachability::Removed,
            Ok(Admission::Unknown) | Err(_) => {
                return Err(RecoveryError::Admission { agent: id, number });
            }
        };
        let info = record.info.ok_or(RecoveryError::UnnamedAgent)?;
        let total = Resources::from_wire(&info.resources)
            .map_err(|source| RecoveryError::Resources { agent: id.clone(), source })?;
        let drain = match &record.drain {
            Some(drain) => {
                if drain
                    .config
                    .and_then(|it| it.max_grace_period)
                    .is_some_and(|it| grace_of(&it).is_err())
                {
                    return Err(RecoveryError::Grace { agent: id });
                }
                let drain = recover_drain(drain);
                Some(drain.ok_or_else(|| RecoveryError::Drain { agent: id.clone() })?)
            }
            None => None,
        };
        let mut agent = Self::new(now, id, Arc::new(info), reachability);
        agent.total = total.unallocated();
        agent.admission_since = time(record.since.as_ref());
        if reachability != Reachability::Recovered {
            agent.since = agent.admission_since;
        }
        agent.registered_at = time(record.registered_at.as_ref());
        agent.overlay = Overlay {
            deactivation: record.deactivation.map(|deactivation| Deactivation {
                since: time(deactivation.since.as_ref()),
                reason: deactivation.reason,
                requested_by: deactivation.requested_by,
            }),
            drain,
        };
        agent.last_generation = record.last_generation.unwrap_or(0);
        agent.machine_id = record.machine_id;
        agent.admission_key = record.admission_key;
        agent.ip = record.ip.unwrap_or_default();
        agent.version = record.version.unwrap_or_default();
        agent.capabilities = record.capabilities;
        match Contradiction::of(&agent) {
            Some(what) => Err(RecoveryError::Contradiction { agent: agent.id, what }),
            None => Ok(agent),
        }
    }
}

fn check_id(text: &str) -> Result<(), RecoveryError> {
    id::check(text)
        .map_err(|source| RecoveryError::Id { id: text.escape_debug().to_string(), source })
}

fn recover_drain(record: &wire::registry::Drain) -> Option<Drain> {
    let state = DrainState::try_from(record.state?).ok()?;
    Some(Drain {
        generation: record.generation?,
        config: DrainConfig::from(record.config.as_ref()?),
        state: (state != DrainState::Unknown).then_some(state)?,
        started_at: time(record.started_at.as_ref()),
        finished_at: record.finished_at.as_ref().map(Timestamp::from),
        reason: record.reason.clone(),
        requested_by: record.requested_by.clone(),
        for_maintenance: record.for_maintenance.unwrap_or(false),
    })
}

fn time(time: Option<&TimeInfo>) -> Timestamp {
    time.map(Timestamp::from).unwrap_or_default()
}
