//! Rules about what is written and said: records, drains from one record to the next, kills, and news of tasks.

use std::collections::{BTreeMap, BTreeSet};

use agent::Agent;
use master::{Mutation, Note};
use model::drain::{Blocker, BlockerKind, DrainConfig};
use model::task::Reason;
use model::{AgentId, ContainerId, FrameworkId, TaskId, TaskState, Timestamp};
use wire::registry::{Admission, AgentRecord};
use wire::v1::{DrainState, TaskStatus};

use crate::process::Batch;
use crate::registry::Key;
use crate::truth::Truth;
use crate::world::World;

/// What was written before, to be compared with what is written next.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    /// Kills in progress, by host and task.
    kills: BTreeMap<(usize, FrameworkId, TaskId), KnownKill>,
}

/// A kill as an agent's disk has it.
#[derive(Debug)]
struct KnownKill {
    deadline: Timestamp,
    is_said: bool,
    /// The agent process that has sent it last.
    sent_by: Option<u64>,
}

impl Rules {
    /// An agent process sends a kill to an executor.
    pub(crate) fn kill_is_sent(
        &mut self,
        host: usize,
        framework: &FrameworkId,
        task: &wire::v1::TaskId,
        by: u64,
    ) {
        let key = (host, framework.clone(), TaskId::from(task));
        if let Some(kill) = self.kills.get_mut(&key) {
            kill.sent_by = Some(by);
        }
    }
}

impl Truth {
    /// After every event of an agent.
    pub(crate) fn agent_decided(&mut self, core: &Agent, effects: &Batch<Agent>) {
        let starts = effects.messages.iter().any(|it| matches!(it, agent::Message::Launch(_)));
        let drains = |note: &agent::Note| matches!(note, agent::Note::DrainStarted { .. });
        if starts && core.view_agent().drain_config.is_some() && !effects.notes.iter().any(drains) {
            self.broken("nothing-starts-in-a-drain", "a container is launched".to_owned());
        }
        let operates = |mutation: &agent::Mutation| {
            matches!(mutation, agent::Mutation::SetResources(_) | agent::Mutation::RemoveResources)
        };
        if effects.mutations.iter().any(operates)
            && core.view_agent().drain_config.is_some()
            && !effects.notes.iter().any(drains)
        {
            self.broken("nothing-starts-in-a-drain", "an operation is carried out".to_owned());
        }
    }
}

/// What is wrong with a record of an agent that follows another.
pub(crate) fn wrong_step(before: &AgentRecord, after: &AgentRecord) -> Option<String> {
    if after.last_generation < before.last_generation {
        return Some("goes back to an earlier generation".to_owned());
    }
    let Some(old) = &before.drain else {
        let again =
            after.drain.as_ref().is_some_and(|new| new.generation <= before.last_generation);
        return again.then(|| "has a new drain of an old generation".to_owned());
    };
    if after.admission() == Admission::Gone {
        return None;
    }
    let Some(new) = &after.drain else {
        let was_over = old.state() == DrainState::Drained;
        return (!was_over).then(|| "drains no more without having been drained".to_owned());
    };
    let config = |drain: &wire::registry::Drain| {
        drain.config.as_ref().map(DrainConfig::from).unwrap_or_default()
    };
    if new.generation < old.generation || new.started_at != old.started_at {
        return Some("starts its drain again".to_owned());
    }
    (config(old).tightened(config(new)) != config(new))
        .then(|| "has a drain that became looser".to_owned())
}

/// Whether the drain of a removed agent goes on with the next one of its host.
pub(crate) fn is_inherited(before: &AgentRecord, mutations: &[Mutation]) -> bool {
    // A drained agent that is not there is forgotten by reactivation.
    if before.admission() == Admission::Removed {
        return true;
    }
    let hostname = |record: &AgentRecord| record.info.as_ref().map(|info| info.hostname.clone());
    mutations.iter().any(|mutation| match mutation {
        Mutation::SetAgent(heir) => heir.drain.is_some() && hostname(heir) == hostname(before),
        Mutation::RemoveAgent(_)
        | Mutation::SetFramework(_)
        | Mutation::RemoveFramework(_)
        | Mutation::SetRole(_)
        | Mutation::RemoveRole(_)
        | Mutation::SetMaintenance(_)
        | Mutation::RemoveMaintenance => false,
    })
}

/// The task that an executor is asked to end, if it is to have a grace for it.
pub(crate) fn grace_given(event: &agent::executor::Event) -> Option<TaskId> {
    let agent::executor::Event::Agent(event) = event else { return None };
    let kill = event.kill.as_ref()?;
    let grace = kill.kill_policy.as_ref()?.grace_period.as_ref()?;
    (grace.nanoseconds > 0).then(|| TaskId::from(&kill.task_id))
}

impl World {
    /// What the registry holds is what the master knows, whenever it speaks.
    pub(crate) fn check_master_records(&mut self, who: usize, notes: &[Note]) {
        let is_quiet = |note: &Note| {
            matches!(note, Note::TaskUpdated { .. } | Note::TaskEnded { .. } | Note::Dropped { .. })
        };
        if notes.iter().all(is_quiet) {
            return;
        }
        let Some(term) = self.masters[who].term() else { return };
        term.process.core.check_all();
        let records = term.process.core.records();
        let registry = &self.registry.records;
        let is_same = |record: &Mutation| registry.get(&Key::of(record).0) == Some(record);
        if records.len() != registry.len() || !records.iter().all(is_same) {
            let what = format!("the registry differs from the master that said {notes:?}");
            self.truth.broken("records-equal-state", what);
        }
    }

    /// What an agent's disk holds is what the agent knows; its kills only ever get nearer.
    pub(crate) fn check_agent_records(&mut self, host: usize) {
        let place = &self.hosts[host];
        let Some(process) = &place.process else { return };
        if process.core.durable() != place.disk {
            let what = format!("the disk of h{} differs from its agent", host + 1);
            self.truth.broken("records-equal-state", what);
        }
        let drain = place.disk.drain.as_ref().and_then(|drain| drain.config.as_ref());
        let bound = drain.map(DrainConfig::from).and_then(|config| config.max_grace_period);
        // Deadlines are written by the wall clock; when somebody sets that, they say nothing.
        if !place.clock.is_unset() {
            return;
        }
        let mut broken = Vec::new();
        let kills = &mut self.truth.rules.kills;
        for ((framework, task), record) in &place.disk.tasks {
            let Some(kill) = &record.kill else { continue };
            let Some(deadline) = kill.deadline.as_ref().map(Timestamp::from) else { continue };
            let key = (host, framework.clone(), task.clone());
            let new = KnownKill { deadline, is_said: false, sent_by: None };
            let known = kills.entry(key).or_insert(new);
            // As long as the agent can't know that anybody was told, the grace begins anew.
            let is_told = known.is_said || known.sent_by == Some(process.number);
            let is_put_off = is_told && deadline > known.deadline;
            known.deadline = deadline;
            known.is_said |= kill.said.unwrap_or(false);
            if is_put_off {
                broken.push((
                    "kills-only-get-nearer",
                    format!("the kill of task {task} was put off"),
                ));
            }
            if bound.is_some_and(|bound| deadline > self.now.wall.plus(bound)) {
                broken.push((
                    "bounds-hold",
                    format!("task {task} has longer than the drain's bound"),
                ));
            }
        }
        for (rule, what) in broken {
            self.truth.broken(rule, what);
        }
    }

    /// A task that is asked to end within a grace gets SIGTERM.
    pub(crate) fn check_terminated(&mut self, host: usize, id: &ContainerId, task: &TaskId) {
        let container = self.hosts[host].containers.get(id);
        if container.is_some_and(|container| container.is_left_alone(task)) {
            let what = format!("task {task} is asked to end and gets no SIGTERM");
            self.truth.broken("sigterm-comes-first", what);
        }
    }

    /// Who hears that a task has ended can rely on it.
    pub(crate) fn check_news(&mut self, status: &TaskStatus, state: TaskState, is_known: bool) {
        let is_over = model::task::is_terminal(state);
        // The master's word about an agent that is lost is not about processes.
        let is_word_of_agent = status.uuid.is_some();
        // An answer may have overtaken the launch; what the service knows to have started it has not.
        let is_answer = is_known && status.reason() == Reason::Reconciliation;
        if !is_over || state == TaskState::TaskGoneByOperator && !is_word_of_agent {
            return;
        }
        if !is_word_of_agent && !is_answer {
            return;
        }
        let task = &status.task_id.value;
        let lives =
            |host: &crate::host::Host| host.running().any(|(_, running)| running.as_str() == task);
        if self.hosts.iter().any(lives) {
            let what = format!("task {task} is said to be {state:?} and runs");
            self.truth.broken("ended-means-dead", what);
        }
    }

    /// What a drain is said to wait for is what it waits for.
    pub(crate) fn check_blockers(&mut self, agent: &AgentId, blockers: &[Blocker]) {
        let Some(master) = self.acting() else { return };
        let waits_for_agent =
            |it: &Blocker| matches!(it.kind, BlockerKind::AgentNotConfirmed { .. });
        if !blockers.iter().any(waits_for_agent) {
            return;
        }
        let tasks = master.core.view_tasks().tasks;
        let held = tasks.iter().find(|task| AgentId::from(&task.agent_id) == *agent);
        if let Some(task) = held {
            let what =
                format!("{agent} is said to wait for itself and holds {}", task.task_id.value);
            self.truth.broken("blockers-are-right", what);
        }
    }

    /// Once everything has come to rest, agents do what the master thinks, and nothing runs for nobody.
    pub(crate) fn check_rest_of_drains(&mut self) {
        let Some(master) = self.acting() else { return };
        let ended = master.core.view_frameworks().completed_frameworks;
        let ended = ended.iter().filter_map(|framework| framework.framework_info.id.as_ref());
        let ended: BTreeSet<FrameworkId> = ended.map(FrameworkId::from).collect();
        let mut broken: Vec<(&'static str, String)> = Vec::new();
        for host in &self.hosts {
            let Some(id) = host.id.as_ref().filter(|_| host.process.is_some()) else { continue };
            let Some(Mutation::SetAgent(record)) =
                self.registry.records.get(&Key::Agent(id.clone()))
            else {
                continue;
            };
            let wanted = record.drain.as_ref().and_then(|drain| drain.generation);
            let has = host.disk.drain.as_ref().and_then(|drain| drain.generation);
            if wanted != has && record.admission() == Admission::Admitted {
                broken.push(("agents-follow", format!("{id} has drain {has:?}, not {wanted:?}")));
            }
            let orphan = host.disk.tasks.keys().find(|(framework, _)| ended.contains(framework));
            if let Some((framework, task)) = orphan {
                let what = format!("task {task} of {framework}, which is over, is kept on {id}");
                broken.push(("nothing-runs-for-nobody", what));
            }
        }
        for (rule, what) in broken {
            self.truth.broken(rule, what);
        }
    }
}
