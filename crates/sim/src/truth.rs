//! What is so, whatever the cores believe, and the rules they must not break.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use master::{LinkId, Master, Mutation, Note};
use model::{AgentId, FrameworkId, TaskId, TaskState};
use wire::registry::Admission;
use wire::v1::{DrainState, OperationState};

use crate::host::Host;
use crate::operator::Act;
use crate::process::Batch;
use crate::registry::Key;
use crate::rules::{self, Rules};
use crate::wires::Line;
use crate::world::World;

/// A rule that was broken: its name and what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Violation {
    pub(crate) rule: &'static str,
    pub(crate) what: String,
}

/// Agents under an overlay, and those of them that drain, as one leader has decided.
#[derive(Debug, Default)]
struct View {
    overlaid: BTreeSet<AgentId>,
    draining: BTreeSet<AgentId>,
}

impl View {
    /// Takes a record as what holds from now on.
    fn follow(&mut self, record: &wire::registry::AgentRecord) {
        let Some(id) = record.agent_id.as_ref().map(AgentId::from) else { return };
        if record.drain.is_some() || record.deactivation.is_some() {
            self.overlaid.insert(id.clone());
        } else {
            self.overlaid.remove(&id);
        }
        let state = record.drain.as_ref().map(wire::registry::Drain::state);
        if state == Some(DrainState::Draining) {
            self.draining.insert(id);
        } else {
            self.draining.remove(&id);
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Truth {
    /// What the operator was told holds: agents that were taken out of service.
    out_of_service: BTreeSet<AgentId>,
    /// Agents the operator was told are gone.
    gone: BTreeSet<AgentId>,
    /// Ids and addresses of hosts whose work directories were lost.
    wiped: BTreeSet<AgentId>,
    wiped_addresses: BTreeSet<String>,
    /// Agents shown as drained.
    drained: BTreeSet<AgentId>,
    /// What each leading core has decided, durable or not.
    views: BTreeMap<u64, View>,
    /// Bounds of grace periods that were ever asked for, by host.
    bounds: BTreeMap<usize, Duration>,
    graces: BTreeMap<String, Duration>,
    ended_services: BTreeSet<FrameworkId>,
    /// Updates that reached their framework.
    heard: BTreeSet<Bytes>,
    ends: BTreeMap<(FrameworkId, String), TaskState>,
    pub(crate) operation_ends: BTreeMap<(FrameworkId, String), OperationState>,
    pub(crate) rules: Rules,
    pub(crate) violations: Vec<Violation>,
}

impl Truth {
    pub(crate) fn broken(&mut self, rule: &'static str, what: String) {
        self.violations.push(Violation { rule, what });
    }

    /// Whether an agent drains by the decisions of this core.
    pub(crate) fn is_draining(&self, core: u64, agent: &AgentId) -> bool {
        self.views.get(&core).is_some_and(|view| view.draining.contains(agent))
    }

    pub(crate) fn term_ended(&mut self, core: u64) {
        self.views.remove(&core);
    }

    /// After every event of the master, before anything of it is durable or sent.
    pub(crate) fn master_decided(
        &mut self,
        core: u64,
        effects: &Batch<Master>,
        lines: &BTreeMap<LinkId, Line>,
    ) {
        let view = self.views.entry(core).or_default();
        for mutation in &effects.mutations {
            match mutation {
                Mutation::SetAgent(record) => view.follow(record),
                Mutation::RemoveAgent(id) => {
                    view.overlaid.remove(id);
                    view.draining.remove(id);
                }
                Mutation::SetFramework(_)
                | Mutation::RemoveFramework(_)
                | Mutation::SetRole(_)
                | Mutation::RemoveRole(_)
                | Mutation::SetMaintenance(_)
                | Mutation::RemoveMaintenance => {}
            }
        }
        let mut launched = Vec::new();
        for message in &effects.messages {
            if let master::Message::Agent { link, event } = message
                && (event.run_task.is_some()
                    || event.run_task_group.is_some()
                    || event.apply_operation.is_some())
                && let Some(id) = lines.get(link).and_then(|line| line.agent_id.clone())
                && view.overlaid.contains(&id)
            {
                launched.push(id);
            }
        }
        for id in launched {
            let what = format!("a task or an operation was sent to {id}");
            self.broken("no-launch-out-of-service", what);
        }
    }

    /// A master has taken over what it read.
    pub(crate) fn recovered(&mut self, read: &BTreeMap<Key, Mutation>, recovered: Vec<Mutation>) {
        let again: BTreeMap<Key, Mutation> =
            recovered.into_iter().map(|record| (Key::of(&record).0, record)).collect();
        if &again != read {
            self.broken(
                "recovery-equals-registry",
                "a recovered master would write something else".into(),
            );
        }
    }

    /// A master leads from here on.
    pub(crate) fn term_begins(&mut self, core: u64, registry: &BTreeMap<Key, Mutation>) {
        self.drained.clear();
        let mut view = View::default();
        for record in registry.values() {
            let Mutation::SetAgent(record) = record else { continue };
            view.follow(record);
            let Some(id) = record.agent_id.as_ref().map(AgentId::from) else { continue };
            let state = record.drain.as_ref().map(wire::registry::Drain::state);
            if state == Some(DrainState::Drained) {
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
            .filter(|id| !view.overlaid.contains(*id) && !is_gone(id))
            .cloned()
            .collect();
        self.views.insert(core, view);
        for id in forgotten {
            self.broken("acknowledged-is-durable", format!("{id} is in service after a failover"));
        }
        let admitted: Vec<AgentId> = self.gone.iter().filter(|id| !is_gone(id)).cloned().collect();
        for id in admitted {
            self.broken("acknowledged-is-durable", format!("{id} is not gone after a failover"));
        }
    }

    /// A record becomes durable: what it replaces says what it may be.
    pub(crate) fn written(
        &mut self,
        registry: &BTreeMap<Key, Mutation>,
        mutation: &Mutation,
        batch: &[Mutation],
    ) {
        match mutation {
            Mutation::SetFramework(record) if record.completed_at.is_some() => {
                let id = record.info.as_ref().and_then(|info| info.id.as_ref());
                self.ended_services.extend(id.map(FrameworkId::from));
            }
            Mutation::RemoveFramework(id) => {
                self.ended_services.insert(id.clone());
            }
            Mutation::SetFramework(_)
            | Mutation::SetAgent(_)
            | Mutation::RemoveAgent(_)
            | Mutation::SetRole(_)
            | Mutation::RemoveRole(_)
            | Mutation::SetMaintenance(_)
            | Mutation::RemoveMaintenance => {}
        }
        let Some(Mutation::SetAgent(old)) = registry.get(&Key::of(mutation).0) else { return };
        let Some(id) = old.agent_id.as_ref().map(AgentId::from) else { return };
        match mutation {
            Mutation::SetAgent(record) => {
                if let Some(what) = rules::wrong_step(old, record) {
                    self.broken("a-drain-goes-on", format!("{id} {what}"));
                }
            }
            Mutation::RemoveAgent(_) => {
                let state = old.drain.as_ref().map(wire::registry::Drain::state);
                // Another agent has taken its place, and its drain with it.
                let is_replaced = self.wiped_addresses.contains(old.ip());
                let is_lost = state.is_some() && !rules::is_inherited(old, batch)
                    || state == Some(DrainState::Draining) && !is_replaced;
                if is_lost {
                    self.broken("a-drain-goes-on", format!("{id} is forgotten with its drain"));
                }
            }
            Mutation::SetFramework(_)
            | Mutation::RemoveFramework(_)
            | Mutation::SetRole(_)
            | Mutation::RemoveRole(_)
            | Mutation::SetMaintenance(_)
            | Mutation::RemoveMaintenance => {}
        }
    }

    pub(crate) fn operator_was_told(&mut self, act: Act, agent: &AgentId) {
        match act {
            Act::Drain | Act::Deactivate => {
                if !self.wiped.contains(agent) {
                    self.out_of_service.insert(agent.clone());
                }
            }
            Act::Operate => {}
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
    pub(crate) fn host_wiped(&mut self, old: Option<AgentId>, address: String) {
        self.wiped_addresses.insert(address);
        if let Some(old) = old {
            self.out_of_service.remove(&old);
            self.wiped.insert(old);
        }
    }

    pub(crate) fn bound_asked(&mut self, host: usize, bound: Duration) {
        let known = self.bounds.entry(host).or_insert(bound);
        *known = bound.min(*known);
    }

    pub(crate) fn grace_asked(&mut self, task: &str, grace: Duration) {
        let known = self.graces.entry(task.to_owned()).or_insert(grace);
        *known = grace.min(*known);
    }

    pub(crate) fn service_ended(&mut self, id: Option<&FrameworkId>) {
        self.ended_services.extend(id.cloned());
    }

    /// A process starts beside so many `others`. Each task has half a CPU, each host eight.
    pub(crate) fn process_starts(&mut self, host: &Host, task: &TaskId, others: &[String]) {
        if others.len() >= 16 {
            let what = format!("task {task} starts on host {} beside {others:?}", host.index());
            self.broken("allocation-fits", what);
        }
        if let Some(id) = &host.id
            && self.drained.contains(id)
        {
            self.broken("drained-means-empty", format!("task {task} starts on drained {id}"));
        }
    }

    /// The smallest grace that anybody has asked for on this host or for this task.
    pub(crate) fn least_grace(&self, host: usize, task: &TaskId) -> Option<Duration> {
        let asked = [self.bounds.get(&host), self.graces.get(task.as_str())];
        asked.into_iter().flatten().min().copied()
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

    pub(crate) fn has_ended(&self, framework: &FrameworkId) -> bool {
        self.ended_services.contains(framework)
    }

    pub(crate) fn heard(&self, uuid: &Bytes) -> bool {
        self.heard.contains(uuid)
    }

    pub(crate) fn update_heard(&mut self, uuid: Option<Bytes>) {
        self.heard.extend(uuid);
    }

    /// An agent has forgotten an update.
    pub(crate) fn update_forgotten(
        &mut self,
        framework: &FrameworkId,
        task: &TaskId,
        uuid: &Bytes,
    ) {
        if !self.heard.contains(uuid) && !self.ended_services.contains(framework) {
            let what = format!("an update of task {task} of {framework} is forgotten unheard");
            self.broken("no-update-is-lost", what);
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
            | Note::DrainAbandoned { .. }
            | Note::AgentForgotten { .. }
            | Note::AgentDeactivated { .. }
            | Note::FrameworkSubscribed { .. }
            | Note::FrameworkDisconnected { .. }
            | Note::FrameworkRemoved { .. }
            | Note::TaskUpdated { .. }
            | Note::TaskEnded { .. }
            | Note::Dropped { .. } => {}
        }
    }

    /// `DRAINED` is a fact: no process, no update that waits, no operation.
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
        let operation = host.process.as_ref().and_then(|process| {
            let left = process.core.view_operations().operations;
            let one = left.first()?.info.r#type();
            Some(format!("an operation is left on {agent}: {}", one.as_str_name()))
        });
        for what in [process, container, waits, operation].into_iter().flatten() {
            self.truth.broken("drained-means-empty", what);
        }
    }
}
