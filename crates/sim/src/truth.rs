//! What is so, whatever the cores believe, and the rules they must not break.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use master::{LinkId, Master, Mutation, Note};
use model::{AgentId, FrameworkId, TaskId, TaskState};
use wire::registry::Admission;

use crate::host::Host;
use crate::operator::Act;
use crate::process::Batch;
use crate::rules::Rules;
use crate::wires::Line;
use crate::world::World;

/// Key of a registry record: what a later mutation of the same thing replaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Agent(AgentId),
    Framework(FrameworkId),
}

impl Key {
    /// The key of a mutation, and whether it sets the record.
    pub(crate) fn of(mutation: &Mutation) -> (Self, bool) {
        match mutation {
            Mutation::SetAgent(record) => {
                (Self::Agent(record.agent_id.as_ref().expect("agents have an id").into()), true)
            }
            Mutation::RemoveAgent(id) => (Self::Agent(id.clone()), false),
            Mutation::SetFramework(record) => {
                let id = record.info.as_ref().and_then(|info| info.id.as_ref());
                (Self::Framework(id.expect("frameworks have an id").into()), true)
            }
            Mutation::RemoveFramework(id) => (Self::Framework(id.clone()), false),
        }
    }
}

/// A rule that was broken: its name and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) rule: &'static str,
    pub(crate) what: String,
}

#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// What the operator was told holds: agents that were taken out of service.
    out_of_service: BTreeSet<AgentId>,
    /// Agents the operator was told are gone.
    gone: BTreeSet<AgentId>,
    /// Ids whose work directories are no more.
    wiped: BTreeSet<AgentId>,
    /// Agents shown as drained.
    drained: BTreeSet<AgentId>,
    /// Agents under an overlay, and those of them that drain, as the master has decided.
    overlaid: BTreeSet<AgentId>,
    draining: BTreeSet<AgentId>,
    /// Bounds of grace periods that were ever asked for.
    bounds: BTreeMap<AgentId, Duration>,
    graces: BTreeMap<String, Duration>,
    ended_services: BTreeSet<FrameworkId>,
    ends: BTreeMap<(FrameworkId, String), TaskState>,
    pub(crate) rules: Rules,
    pub(crate) violations: Vec<Violation>,
}

impl Truth {
    pub(crate) fn broken(&mut self, rule: &'static str, what: String) {
        self.violations.push(Violation { rule, what });
    }

    pub(crate) fn is_draining(&self, agent: &AgentId) -> bool {
        self.draining.contains(agent)
    }

    /// Takes a record as what holds from now on.
    fn follow(&mut self, record: &wire::registry::AgentRecord) {
        let Some(id) = record.agent_id.as_ref().map(AgentId::from) else { return };
        if record.drain.is_some() || record.deactivation.is_some() {
            self.overlaid.insert(id.clone());
        } else {
            self.overlaid.remove(&id);
        }
        let state = record.drain.as_ref().map(wire::registry::Drain::state);
        if state == Some(wire::v1::DrainState::Draining) {
            self.draining.insert(id);
        } else {
            self.draining.remove(&id);
        }
    }

    /// After every event of the master, before anything of it is durable or sent.
    pub(crate) fn master_decided(
        &mut self,
        effects: &Batch<Master>,
        lines: &BTreeMap<LinkId, Line>,
    ) {
        for mutation in &effects.mutations {
            match mutation {
                Mutation::SetAgent(record) => self.follow(record),
                Mutation::RemoveAgent(id) => {
                    self.overlaid.remove(id);
                    self.draining.remove(id);
                }
                Mutation::SetFramework(_) | Mutation::RemoveFramework(_) => {}
            }
        }
        for message in &effects.messages {
            if let master::Message::Agent { link, event } = message
                && (event.run_task.is_some() || event.run_task_group.is_some())
                && let Some(id) = lines.get(link).and_then(|line| line.agent_id.clone())
                && self.overlaid.contains(&id)
            {
                self.broken("no-launch-out-of-service", format!("a task was sent to {id}"));
            }
        }
    }

    /// A master has taken over what is durable.
    pub(crate) fn master_recovered(
        &mut self,
        registry: &BTreeMap<Key, Mutation>,
        recovered: Vec<Mutation>,
    ) {
        let again: BTreeMap<Key, Mutation> =
            recovered.into_iter().map(|record| (Key::of(&record).0, record)).collect();
        if &again != registry {
            self.broken(
                "recovery-equals-registry",
                "a recovered master would write something else".into(),
            );
        }
        self.drained.clear();
        self.overlaid.clear();
        self.draining.clear();
        for record in registry.values() {
            let Mutation::SetAgent(record) = record else { continue };
            self.follow(record);
            let Some(id) = record.agent_id.as_ref().map(AgentId::from) else { continue };
            let state = record.drain.as_ref().map(wire::registry::Drain::state);
            if state == Some(wire::v1::DrainState::Drained) {
                self.drained.insert(id);
            }
        }
        let is_gone = |id: &AgentId| match registry.get(&Key::Agent(id.clone())) {
            Some(Mutation::SetAgent(record)) => record.admission() == Admission::Gone,
            _ => false,
        };
        let forgotten: Vec<AgentId> = self
            .out_of_service
            .iter()
            .filter(|id| !self.overlaid.contains(*id) && !is_gone(id))
            .cloned()
            .collect();
        for id in forgotten {
            self.broken("acknowledged-is-durable", format!("{id} is in service after a failover"));
        }
        let admitted: Vec<AgentId> = self.gone.iter().filter(|id| !is_gone(id)).cloned().collect();
        for id in admitted {
            self.broken("acknowledged-is-durable", format!("{id} is not gone after a failover"));
        }
    }

    pub(crate) fn operator_was_told(&mut self, act: Act, agent: &AgentId) {
        match act {
            Act::Drain | Act::Deactivate => {
                if !self.wiped.contains(agent) {
                    self.out_of_service.insert(agent.clone());
                }
            }
            Act::Reactivate => {
                self.out_of_service.remove(agent);
            }
            Act::MarkGone => {
                self.out_of_service.remove(agent);
                self.gone.insert(agent.clone());
            }
        }
    }

    /// An act without an answer may have had its effect.
    pub(crate) fn operator_is_unsure(&mut self, agent: &AgentId) {
        self.out_of_service.remove(agent);
    }

    /// The host's next agent is another one, which inherits what holds; the old id is not asked about
    /// again.
    pub(crate) fn host_wiped(&mut self, old: &AgentId) {
        self.out_of_service.remove(old);
        self.wiped.insert(old.clone());
    }

    pub(crate) fn bound_asked(&mut self, agent: &AgentId, bound: Duration) {
        let known = self.bounds.entry(agent.clone()).or_insert(bound);
        *known = bound.min(*known);
    }

    pub(crate) fn grace_asked(&mut self, task: &str, grace: Duration) {
        let known = self.graces.entry(task.to_owned()).or_insert(grace);
        *known = grace.min(*known);
    }

    pub(crate) fn service_ended(&mut self, id: Option<&FrameworkId>) {
        self.ended_services.extend(id.cloned());
    }

    pub(crate) fn process_starts(&mut self, host: &Host, task: &TaskId) {
        if let Some(id) = &host.id
            && self.drained.contains(id)
        {
            self.broken("drained-means-empty", format!("task {task} starts on drained {id}"));
        }
    }

    /// SIGKILL was sent to a task that had `had` since SIGTERM. The agent counts from its decision, so
    /// what its disk and the way to the executor take, `slack`, is part of the grace.
    pub(crate) fn killed(
        &mut self,
        agent: Option<&AgentId>,
        task: &TaskId,
        had: Duration,
        own: Option<Duration>,
        slack: Duration,
    ) {
        /// What an agent's shutdown of an executor leaves at least, and rounding.
        const SHUTDOWN: Duration = Duration::from_secs(4);
        let bound = agent.and_then(|id| self.bounds.get(id)).copied();
        let asked = self.graces.get(task.as_str()).copied();
        let least = [Some(own.unwrap_or(Duration::from_secs(3))), bound, asked, Some(SHUTDOWN)];
        let least = least.into_iter().flatten().min().unwrap_or_default();
        if had + slack < least {
            let what =
                format!("task {task} got SIGKILL {had:?} after SIGTERM instead of {least:?}");
            self.broken("grace-is-not-shortened", what);
        }
    }

    pub(crate) fn service_heard(&mut self, id: Option<&FrameworkId>, task: &str, state: TaskState) {
        if !model::task::is_terminal(state) {
            return;
        }
        let Some(id) = id else { return };
        let known = self.ends.entry((id.clone(), task.to_owned())).or_insert(state);
        if *known != state {
            let what = format!("task {task} of {id} was {known:?} and then {state:?}");
            self.broken("one-terminal-state", what);
        }
    }

    pub(crate) fn agent_stopped(&mut self, host: &Host, stop: &agent::Stop) {
        // It waits half a minute for processes that SIGKILL does not end, and says so.
        if let agent::Stop::Gone { message } = stop
            && !message.contains("could not be ended in time")
            && let Some((container, task)) = host.running().next()
        {
            let what = format!("task {task} in {container} outlives its decommissioned agent");
            self.broken("gone-means-empty", what);
        }
    }
}

impl World {
    /// The master has said so, and it is durable.
    pub(crate) fn master_noted(&mut self, note: &Note) {
        match note {
            Note::Drained { agent, .. } => {
                self.truth.drained.insert(agent.clone());
                self.check_drained(agent);
            }
            Note::AgentReactivated { agent }
            | Note::DrainReopened { agent, .. }
            | Note::DrainStarted { agent, .. }
            | Note::DrainTightened { agent, .. } => {
                self.truth.drained.remove(agent);
            }
            Note::AgentGone { agent } => {
                self.truth.out_of_service.remove(agent);
                self.truth.gone.insert(agent.clone());
            }
            Note::AgentRegistered { agent, .. } | Note::AgentReregistered { agent, .. } => {
                if self.truth.gone.contains(agent) {
                    self.truth.broken("gone-stays-gone", format!("{agent} was let in again"));
                }
            }
            Note::AgentRefused { .. }
            | Note::AgentDisconnected { .. }
            | Note::AgentUnreachable { .. }
            | Note::AgentRemoved { .. }
            | Note::AgentForgotten { .. }
            | Note::AgentDeactivated { .. }
            | Note::FrameworkSubscribed { .. }
            | Note::FrameworkDisconnected { .. }
            | Note::FrameworkRemoved { .. }
            | Note::TaskUpdated { .. }
            | Note::Dropped { .. } => {}
        }
    }

    /// `DRAINED` is a fact: no process, no update that waits.
    fn check_drained(&mut self, agent: &AgentId) {
        let Some(host) = self.hosts.iter().find(|host| host.id.as_ref() == Some(agent)) else {
            return;
        };
        let process = host.running().next().map(|(_, task)| format!("task {task} runs on {agent}"));
        let left = host.containers.keys().next();
        let container = left.map(|container| format!("container {container} lives on {agent}"));
        let waits = host.process.as_ref().and_then(|process| {
            let records = process.core.durable();
            let mut tasks = records.tasks.iter();
            tasks
                .find(|(_, record)| !record.pending.is_empty())
                .map(|((_, task), _)| format!("an update of task {task} waits on {agent}"))
        });
        for what in [process, container, waits].into_iter().flatten() {
            self.truth.broken("drained-means-empty", what);
        }
    }

    /// What holds once everything has come to rest.
    pub(crate) fn check_rest(&mut self) {
        let mut broken: Vec<(&'static str, String)> = Vec::new();
        let Some(master) = &self.master else {
            return self.truth.broken("rest", "there is no master".to_owned());
        };
        master.core.check_all();
        for host in &self.hosts {
            let Some(id) = host.id.as_ref().filter(|_| host.process.is_some()) else { continue };
            let agents = master.core.view_agents();
            let shown = agents
                .agents
                .iter()
                .find(|agent| agent.agent_info.id.as_ref().map(AgentId::from).as_ref() == Some(id));
            let Some(shown) = shown else {
                broken.push(("everybody-comes-back", format!("{id} is not listed")));
                continue;
            };
            let state = shown.drain_info.as_ref().map(|drain| drain.state);
            if state == Some(wire::v1::DrainState::Draining.into()) {
                let blockers = master.core.why_not_drained(self.now, id);
                broken.push(("every-drain-ends", format!("{id} waits for {blockers:?}")));
            }
        }
        for service in &self.services {
            let Some(id) = &service.id else { continue };
            for (task, state) in service.believed() {
                let runs = self
                    .hosts
                    .iter()
                    .any(|host| host.running().any(|(_, running)| running.as_str() == task));
                if !runs {
                    let what = format!("{id} believes task {task} to be {state:?}; nothing runs");
                    broken.push(("every-update-arrives", what));
                }
            }
        }
        for (rule, what) in broken {
            self.truth.broken(rule, what);
        }
        self.check_rest_of_drains();
    }
}
