//! The master's state and its single way in.

mod agent;
mod framework;
mod role;
mod shared;
mod task;
mod tasks;
mod written;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use model::{AgentId, FrameworkId, Moment, Now, OfferId, Timestamp};

pub(crate) use agent::{
    Address, Agent, Executor, Operation, Overlay, ReportedDrain, deactivation_to_wire,
};
pub(crate) use framework::{CompletedFramework, Framework};
pub(crate) use role::{MAX_ROLES, RoleSettings};
pub(crate) use shared::Shared;
pub(crate) use task::{Status, Task, TaskKey, uuid_of};
pub(crate) use written::Alike;

use crate::allocator::Allocator;
use crate::effects::Effects;
use crate::event::{Event, LinkId, StreamId};
use crate::maintenance::{InverseOffers, Maintenance};
use crate::offers::Offer;
use crate::timers::Timers;

/// Settings of a master; durations and bounds with Mesos' defaults.
#[derive(Clone, Debug)]
pub struct Config {
    /// This master's id, a UUID as text; new at every start, prefix of the ids it gives out.
    pub master_id: String,
    pub master_info: wire::v1::MasterInfo,
    /// Interval between pings of an agent (`--agent-ping-timeout`, 15 s).
    pub agent_ping_timeout: Duration,
    /// Unanswered pings until an agent is unreachable (`--max-agent-ping-timeouts`, 5).
    pub max_agent_ping_timeouts: u32,
    /// Time an agent has to come back after a disconnect or a master start (10 min).
    pub agent_reregister_timeout: Duration,
    /// Interval of heartbeats to schedulers (15 s).
    pub heartbeat_interval: Duration,
    /// Bounds of the history kept for display (50, 1000, 1000 in Mesos).
    pub max_completed_frameworks: usize,
    pub max_completed_tasks_per_framework: usize,
    pub max_unreachable_tasks_per_framework: usize,
    /// Gone and removed agents kept in the registry.
    pub max_gone_agents: usize,
    /// Age and number at which unreachable agents without overlay are forgotten (2 weeks, 102 400).
    pub registry_max_agent_age: Duration,
    pub registry_max_agent_count: usize,
    /// Whether frameworks may run tasks as root (`--root-submissions`).
    pub root_submissions: bool,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            master_id: String::new(),
            master_info: wire::v1::MasterInfo::default(),
            agent_ping_timeout: Duration::from_secs(15),
            max_agent_ping_timeouts: 5,
            agent_reregister_timeout: Duration::from_mins(10),
            heartbeat_interval: Duration::from_secs(15),
            max_completed_frameworks: 50,
            max_completed_tasks_per_framework: 1000,
            max_unreachable_tasks_per_framework: 1000,
            max_gone_agents: 102_400,
            registry_max_agent_age: Duration::from_hours(24 * 14),
            registry_max_agent_count: 102_400,
            root_submissions: true,
        }
    }
}

/// The master core. See the crate's documentation for states and invariants.
#[derive(Clone, Debug)]
pub struct Master {
    pub(crate) config: Config,
    /// Every agent the registry knows, in any reachability.
    pub(crate) agents: Shared<BTreeMap<AgentId, Shared<Agent>>>,
    /// Agents that are not gone, by the address of their own API.
    pub(crate) addresses: BTreeMap<Address, BTreeSet<AgentId>>,
    /// Whose each admission key is, gone agents included.
    pub(crate) admission_keys: BTreeMap<String, AgentId>,
    /// Agents touched by the present event; see [`Master::agent_mut`].
    pub(crate) dirty: BTreeSet<AgentId>,
    /// Agents touched by the last event, for [`Master::check`].
    pub(crate) settled: BTreeSet<AgentId>,
    pub(crate) frameworks: BTreeMap<FrameworkId, Framework>,
    pub(crate) completed_frameworks: Shared<VecDeque<CompletedFramework>>,
    pub(crate) offers: Shared<BTreeMap<OfferId, Shared<Offer>>>,
    pub(crate) maintenance: Shared<Maintenance>,
    pub(crate) inverse_offers: Shared<InverseOffers>,
    /// Agents about which frameworks may have to be asked, beside those that are dirty.
    pub(crate) to_invite: BTreeSet<AgentId>,
    pub(crate) links: BTreeMap<LinkId, AgentId>,
    /// How many pings in a row an agent has not answered. Not kept with the agent: they go to and fro all the
    /// time and nobody is shown them.
    pub(crate) unanswered_pings: BTreeMap<AgentId, u32>,
    pub(crate) streams: BTreeMap<StreamId, FrameworkId>,
    pub(crate) allocator: Allocator,
    pub(crate) timers: Timers,
    pub(crate) started: Now,
    /// Time of the latest event, for views.
    pub(crate) latest: Now,
    pub(crate) watchers: usize,
    pub(crate) next_agent: u64,
    pub(crate) next_framework: u64,
    pub(crate) next_offer: u64,
    pub(crate) next_operation: u64,
    /// What operators have set, by role.
    pub(crate) roles: Shared<BTreeMap<String, RoleSettings>>,
}

impl Master {
    /// The only way in. Same state, same `now`, same event: same effects.
    pub fn apply(&mut self, now: Now, event: Event) -> Effects {
        let mut fx = Effects::default();
        self.latest = now;
        self.note_standstill(now);
        match event {
            // Whether the principal may register an agent was the shell's decision.
            Event::AgentHello { link, hello, ip, principal: _ } => {
                self.agent_hello(now, link, *hello, ip, &mut fx);
            }
            Event::AgentCalls { link, agent, calls } => {
                self.agent_calls(now, link, &agent, calls, &mut fx);
            }
            Event::LinkClosed { link } => self.link_closed(now, link, &mut fx),
            Event::SchedulerSubscribe { request, stream, framework_id, subscribe, principal } => {
                let principal = principal.as_deref();
                self.subscribe(now, request, stream, framework_id, *subscribe, principal, &mut fx);
            }
            Event::SchedulerCall { request, header, call, principal } => {
                self.scheduler_call(now, request, header, *call, principal.as_deref(), &mut fx);
            }
            Event::SchedulerClosed { stream } => self.scheduler_closed(now, stream, &mut fx),
            Event::DrainAgent { request, agent, drain } => {
                let outcome = self.drain_agent(now, &agent, drain, &mut fx);
                fx.reply(request, outcome);
            }
            Event::DeactivateAgent { request, agent, overlay } => {
                let outcome = self.deactivate_agent(now, &agent, overlay, &mut fx);
                fx.reply(request, outcome);
            }
            Event::ReactivateAgent { request, agent } => {
                let outcome = self.reactivate_agent(now, &agent, &mut fx);
                fx.reply(request, outcome);
            }
            Event::MarkAgentGone { request, agent } => {
                let outcome = self.mark_agent_gone(now, &agent, &mut fx);
                fx.reply(request, outcome);
            }
            Event::Operate { request, agent, operation, principal } => {
                let principal = principal.as_deref();
                let outcome = self.operate_on_agent(now, &agent, *operation, principal, &mut fx);
                fx.reply(request, outcome);
            }
            Event::ChangeRoles { request, change } => {
                let outcome = self.change_roles(change, &mut fx);
                fx.reply(request, outcome);
            }
            Event::Teardown { request, framework } => {
                let outcome = self.teardown(now, &framework, &mut fx);
                fx.reply(request, outcome);
            }
            Event::UpdateMaintenance { request, schedule } => {
                let outcome = self.update_maintenance_schedule(now, *schedule, &mut fx);
                fx.reply(request, outcome);
            }
            Event::StartMaintenance { request, machines } => {
                let outcome = self.start_maintenance(now, &machines, &mut fx);
                fx.reply(request, outcome);
            }
            Event::StopMaintenance { request, machines } => {
                let outcome = self.stop_maintenance(now, &machines, &mut fx);
                fx.reply(request, outcome);
            }
            Event::Watchers { count } => self.watchers = count,
            Event::Woke => {}
        }
        self.run_timers(now, &mut fx);
        // Level-triggered: whatever the event was, drains and offers follow from the state.
        self.settle(now, &mut fx);
        self.show_lifecycle(&mut fx);
        self.check();
        fx
    }

    /// When the shell has to call back with [`Event::Woke`] at the latest.
    pub fn next_wake(&self) -> Option<Moment> {
        self.timers.next()
    }

    pub fn config(&self) -> &Config {
        &self.config
    }

    /// When this master began to serve.
    pub fn started_at(&self) -> Timestamp {
        self.started.wall
    }
}
