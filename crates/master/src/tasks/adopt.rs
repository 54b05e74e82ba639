//! What an agent that (re-)registers reports becomes what the master holds for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use model::task::{Reason, Source};
use model::{AgentId, ExecutorId, FrameworkId, Now, Resources, TaskId, TaskState};
use wire::link;

use super::updates::kill_task;
use crate::effects::{Effects, Note};
use crate::scheduler_events::{self, master_status, state_for};
use crate::state::{Executor, Master, Task, TaskKey};

/// What an agent says of itself when it connects.
#[derive(Debug, Default)]
pub(crate) struct Reported {
    pub(crate) tasks: Vec<wire::v1::Task>,
    pub(crate) executors: Vec<link::ExecutorReport>,
    pub(crate) frameworks: Vec<wire::v1::FrameworkInfo>,
    pub(crate) operations: Vec<wire::v1::Operation>,
}

impl Master {
    /// Replaces what the master holds for an agent by what the agent reports, and settles the differences:
    /// with the agent about tasks it does not know and kills it may have missed, with schedulers about
    /// tasks they took for unreachable.
    pub(crate) fn adopt_reported_tasks(
        &mut self,
        now: Now,
        agent: &AgentId,
        reported: Reported,
        fx: &mut Effects,
    ) {
        self.adopt_frameworks(now, agent, reported.frameworks, fx);
        self.adopt_executors(agent, reported.executors);
        let mut known = self.take_tasks(agent);
        let unreachable = self.take_unreachable(agent);
        for wire_task in reported.tasks {
            let id = FrameworkId::from(&wire_task.framework_id);
            // Of frameworks that are no more the agent rids itself; those it did not describe are unknown.
            let Some(framework) = self.frameworks.get(&id) else { continue };
            let key =
                TaskKey { framework: framework.id.clone(), task: TaskId::from(&wire_task.task_id) };
            let Some(mut task) = Task::reported(&wire_task, now.wall) else {
                fx.dropped(
                    format!("agent {agent}"),
                    format!("a malformed report of task {}", key.task),
                );
                continue;
            };
            if let Some(old) = known.remove(&key) {
                if task.is_terminal() && !old.is_terminal() {
                    fx.note(Note::TaskEnded { state: task.state });
                }
                task.take_over(old);
            }
            let state = task.state;
            self.add_known_task(agent, key.clone(), task);
            if unreachable.contains_key(&key) {
                self.tell_reachable(now, agent, &key, state, fx);
            }
        }
        self.miss_unreachable(now, agent, unreachable, fx);
        self.reconcile_with_agent(agent, known, fx);
        self.repeat_kills(agent, fx);
        self.adopt_operations(now, agent, reported.operations, fx);
    }

    /// Frameworks this master doesn't know are recovered from the report, those that are over are shut down.
    fn adopt_frameworks(
        &mut self,
        now: Now,
        agent: &AgentId,
        frameworks: Vec<wire::v1::FrameworkInfo>,
        fx: &mut Effects,
    ) {
        for info in frameworks {
            let Some(id) = info.id.as_ref().map(FrameworkId::from) else { continue };
            if self.is_completed(&id) {
                self.send_to_agent(agent, shutdown_framework(&id), fx);
            } else if let Some(framework) = self.frameworks.get(&id) {
                // The scheduler may have changed it while the agent was away.
                if *framework.info != info {
                    let event = update_framework(&framework.info);
                    self.send_to_agent(agent, event, fx);
                }
            } else if model::validate::id::check(id.as_str()).is_ok() {
                let record = wire::registry::FrameworkRecord {
                    info: Some(info),
                    registered_at: Some(now.wall.to_wire()),
                    ..wire::registry::FrameworkRecord::default()
                };
                self.recover_framework(now, id.clone(), record);
                self.persist_framework(&id, fx);
            }
        }
    }

    fn adopt_executors(&mut self, agent: &AgentId, reports: Vec<link::ExecutorReport>) {
        let Some(known) = self.agents.get(agent) else { return };
        let old: Vec<_> = known.executors.keys().cloned().collect();
        for (framework, id) in old {
            self.remove_executor(agent, &framework, &id);
        }
        for report in reports {
            let (Some(id), Some(info)) = (report.framework_id, report.executor_info) else {
                continue;
            };
            let Some(framework) = self.frameworks.get(&FrameworkId::from(&id)) else { continue };
            let framework = framework.id.clone();
            let generated = report.generated.unwrap_or(false);
            // Mesos: a generated command executor's share is the agent's own affair.
            let resources = match Resources::from_wire(&info.resources) {
                Ok(resources) if !generated => resources,
                Ok(_) | Err(_) => Resources::new(),
            };
            let id = ExecutorId::from(&info.executor_id);
            let executor = Executor { info: Arc::new(info), resources, generated };
            self.add_executor(agent, &framework, id, executor);
        }
    }

    /// Takes every task of the agent off the books.
    fn take_tasks(&mut self, agent: &AgentId) -> BTreeMap<TaskKey, Task> {
        let Some(known) = self.agents.get(agent) else { return BTreeMap::new() };
        let keys: Vec<TaskKey> = known.tasks.keys().cloned().collect();
        keys.into_iter()
            .filter_map(|key| {
                let task = self.remove_task(agent, &key)?;
                Some((key, task))
            })
            .collect()
    }

    /// Takes the agent's tasks out of what is filed as unreachable.
    pub(super) fn take_unreachable(
        &mut self,
        agent: &AgentId,
    ) -> BTreeMap<TaskKey, Arc<wire::v1::Task>> {
        let mut found = BTreeMap::new();
        for framework in self.frameworks.values_mut() {
            if framework.unreachable_tasks.is_empty() {
                continue;
            }
            framework.unreachable_tasks.retain(|task| {
                let there = task.agent_id.value == agent.as_str();
                if there {
                    let task_id = TaskId::from(&task.task_id);
                    let key = TaskKey { framework: framework.id.clone(), task: task_id };
                    found.insert(key, task.clone());
                }
                !there
            });
        }
        found
    }

    /// Books a task; an event for operators only if it is new to them.
    fn add_known_task(&mut self, agent: &AgentId, key: TaskKey, task: Task) {
        let mut quiet = Effects::default();
        self.add_task(agent, key, task, &mut quiet);
    }

    // Mesos: not acknowledged, as the master makes it itself.
    fn tell_reachable(
        &self,
        now: Now,
        agent: &AgentId,
        key: &TaskKey,
        state: TaskState,
        fx: &mut Effects,
    ) {
        let Some(framework) = self.frameworks.get(&key.framework) else { return };
        let Some(stream) = framework.stream else { return };
        let state = state_for(framework.capabilities.partition_aware, state);
        let reason = Reason::AgentReregistered;
        let message = "Agent reregistered";
        let status = master_status(&key.task, Some(agent), state, reason, message, now.wall);
        fx.to_scheduler(stream, scheduler_events::update(status));
    }

    // Differs from Mesos: it forgets such tasks without a word.
    fn miss_unreachable(
        &mut self,
        now: Now,
        agent: &AgentId,
        unreachable: BTreeMap<TaskKey, Arc<wire::v1::Task>>,
        fx: &mut Effects,
    ) {
        for (key, task) in unreachable {
            let Some(framework) = self.frameworks.get(&key.framework) else { continue };
            if framework.tasks.get(&key.task) == Some(agent) {
                continue;
            }
            let state = state_for(framework.capabilities.partition_aware, TaskState::TaskGone);
            let reason = Reason::AgentReregistered;
            let message = "Agent reregistered without the task";
            if task.state != state as i32 {
                fx.note(Note::TaskEnded { state });
            }
            let status = master_status(&key.task, Some(agent), state, reason, message, now.wall);
            if let Some(stream) = framework.stream {
                fx.to_scheduler(stream, scheduler_events::update(status.clone()));
            }
            self.file_completed(&key.framework, ended(task.as_ref().clone(), state, status));
        }
    }

    /// Tasks the agent did not report stay on the books; the agent answers with an update for each it does
    /// not know.
    fn reconcile_with_agent(
        &mut self,
        agent: &AgentId,
        missing: BTreeMap<TaskKey, Task>,
        fx: &mut Effects,
    ) {
        if missing.is_empty() {
            return;
        }
        let mut tasks = Vec::with_capacity(missing.len());
        for (key, task) in missing {
            tasks.push(link::reconcile_tasks::Task {
                framework_id: Some(key.framework.to_wire()),
                task_id: Some(key.task.to_wire()),
            });
            self.add_known_task(agent, key, task);
        }
        let event = link::Event {
            r#type: Some(link::event::Type::ReconcileTasks as i32),
            reconcile_tasks: Some(link::ReconcileTasks { tasks }),
            ..Default::default()
        };
        self.send_to_agent(agent, event, fx);
    }

    // Differs from Mesos: with the kill policy the scheduler gave.
    fn repeat_kills(&self, agent: &AgentId, fx: &mut Effects) {
        let Some(known) = self.agents.get(agent) else { return };
        for (key, task) in known.tasks.iter().filter(|(_, task)| !task.is_terminal()) {
            if let Some(policy) = &task.kill_requested {
                self.send_to_agent(agent, kill_task(key, policy), fx);
            }
        }
    }
}

impl Task {
    /// Keeps what the agent can't know, or knows only later.
    fn take_over(&mut self, old: Self) {
        self.since = old.since;
        if old.is_terminal() {
            self.state = old.state;
        }
        self.kill_requested = old.kill_requested;
        self.killing_since = old.killing_since.or(self.killing_since);
        self.terminal_since = old.terminal_since.or(self.terminal_since);
        if self.status_update_state.is_none() {
            self.status_update_state = old.status_update_state;
            self.status_update_uuid = old.status_update_uuid;
        }
        if self.statuses.is_empty() {
            self.statuses = old.statuses;
        }
    }
}

/// A task record for display that ends with `status`.
pub(super) fn ended(
    mut task: wire::v1::Task,
    state: TaskState,
    status: wire::v1::TaskStatus,
) -> wire::v1::Task {
    debug_assert_eq!(status.source, Some(Source::Master as i32));
    task.state = state as i32;
    task.statuses.push(status);
    task
}

pub(crate) fn shutdown_framework(id: &FrameworkId) -> link::Event {
    link::Event {
        r#type: Some(link::event::Type::ShutdownFramework as i32),
        shutdown_framework: Some(link::ShutdownFramework { framework_id: Some(id.to_wire()) }),
        ..Default::default()
    }
}

pub(crate) fn update_framework(info: &wire::v1::FrameworkInfo) -> link::Event {
    link::Event {
        r#type: Some(link::event::Type::UpdateFramework as i32),
        update_framework: Some(Box::new(link::UpdateFramework {
            framework_info: Some(info.clone()),
        })),
        ..Default::default()
    }
}
