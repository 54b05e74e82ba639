//! Tasks and executors of agents, as the master keeps book of them.
//!
//! ```text
//!  LAUNCH          agent's updates                     scheduler's ACK of the terminal one
//! ────────▶ staging ─────────────▶ … ──▶ terminal ─────────────────────────────────▶ completed
//!             │  ▲                          (resources are free)                         ▲
//!             ▼  │ agent is back                                agent gone or removed,   │
//!          unreachable ─────────────────────────────────────────── framework removed ────┘
//! ```
//!
//! Invariants:
//! * a task is in its agent's record and in its framework's index, or in neither;
//! * what an agent's record holds that is not terminal is charged to the agent, and its amounts to the role.

mod adopt;
mod loss;
mod operations;
mod updates;

use std::sync::Arc;

use model::{AgentId, ExecutorId, FrameworkId, Resources, TaskId};

pub(crate) use adopt::{Reported, shutdown_framework, update_framework};
pub(crate) use loss::Loss;
pub(crate) use operations::status_for;
pub(crate) use updates::task_updated;

use crate::effects::Effects;
use crate::state::{Executor, Master, Task, TaskKey};

impl Master {
    fn charge(&mut self, agent: &AgentId, framework: &FrameworkId, resources: &Resources) {
        if let Some(agent) = self.agent_mut(agent) {
            agent.used.entry(framework.clone()).or_default().add(resources);
        }
        self.allocator.charge(framework, resources);
    }

    fn release(&mut self, agent: &AgentId, framework: &FrameworkId, resources: &Resources) {
        if let Some(agent) = self.agent_mut(agent)
            && let Some(mut used) = agent.used.remove(framework)
        {
            if used.checked_sub(resources).is_err() {
                // Only an agent that says that two tasks have the same ports gets here.
                used = agent.sum_up(framework);
            }
            if !used.is_empty() {
                agent.used.insert(framework.clone(), used);
            }
        }
        self.allocator.release(framework, resources);
    }

    pub(crate) fn add_task(&mut self, agent: &AgentId, key: TaskKey, task: Task, fx: &mut Effects) {
        // An agent may report one twice; it counts once.
        self.remove_task(agent, &key);
        if !task.is_terminal() {
            let resources = task.resources.clone();
            self.charge(agent, &key.framework, &resources);
        }
        if self.watchers > 0 {
            fx.to_operators(task_added(task.to_wire(&key, agent)));
        }
        let Some(agent) = self.agent_mut(agent) else { return };
        let agent_id = agent.id.clone();
        agent.tasks.insert(key.clone(), task);
        if let Some(framework) = self.frameworks.get_mut(&key.framework) {
            framework.tasks.insert(key.task, agent_id);
        }
    }

    /// Takes a task out of all books. What becomes of it is up to the caller.
    pub(crate) fn remove_task(&mut self, agent: &AgentId, key: &TaskKey) -> Option<Task> {
        let task = self.agent_mut(agent)?.tasks.remove(key)?;
        if !task.is_terminal() {
            self.release(agent, &key.framework, &task.resources);
        }
        if let Some(framework) = self.frameworks.get_mut(&key.framework)
            && framework.tasks.get(&key.task) == Some(agent)
        {
            framework.tasks.remove(&key.task);
        }
        Some(task)
    }

    /// Files a task that is over, for display.
    pub(crate) fn file_completed(&mut self, framework: &FrameworkId, task: wire::v1::Task) {
        let bound = self.config.max_completed_tasks_per_framework;
        if let Some(framework) = self.frameworks.get_mut(framework) {
            push_bounded(&mut framework.completed_tasks, task, bound);
        }
    }

    pub(crate) fn add_executor(
        &mut self,
        agent: &AgentId,
        framework: &FrameworkId,
        id: ExecutorId,
        executor: Executor,
    ) {
        // An agent may report one twice; it counts once.
        self.remove_executor(agent, framework, &id);
        let resources = executor.resources.clone();
        self.charge(agent, framework, &resources);
        let Some(agent) = self.agent_mut(agent) else { return };
        let agent_id = agent.id.clone();
        agent.executors.insert((framework.clone(), id.clone()), executor);
        if let Some(framework) = self.frameworks.get_mut(framework) {
            framework.executors.insert((agent_id, id));
        }
    }

    pub(crate) fn remove_executor(
        &mut self,
        agent: &AgentId,
        framework: &FrameworkId,
        id: &ExecutorId,
    ) -> Option<Executor> {
        let executor = self.agent_mut(agent)?.executors.remove(&(framework.clone(), id.clone()))?;
        self.release(agent, framework, &executor.resources);
        if let Some(framework) = self.frameworks.get_mut(framework) {
            framework.executors.remove(&(agent.clone(), id.clone()));
        }
        Some(executor)
    }

    /// The tasks of a framework on an agent.
    pub(crate) fn tasks_of(&self, agent: &AgentId, framework: &FrameworkId) -> Vec<TaskKey> {
        let Some(agent) = self.agents.get(agent) else { return Vec::new() };
        let first = TaskKey { framework: framework.clone(), task: TaskId::new("") };
        let tasks = agent.tasks.range(first..).map(|(key, _)| key);
        tasks.take_while(|key| key.framework == *framework).cloned().collect()
    }

    /// The executors of a framework on an agent.
    pub(crate) fn executors_of(&self, agent: &AgentId, framework: &FrameworkId) -> Vec<ExecutorId> {
        let Some(agent) = self.agents.get(agent) else { return Vec::new() };
        let first = (framework.clone(), ExecutorId::new(""));
        let executors = agent.executors.range(first..).map(|(key, _)| key);
        executors.take_while(|(owner, _)| owner == framework).map(|(_, id)| id.clone()).collect()
    }
}

/// Appends, and drops the oldest beyond `bound`.
pub(crate) fn push_bounded(
    tasks: &mut std::collections::VecDeque<Arc<wire::v1::Task>>,
    task: wire::v1::Task,
    bound: usize,
) {
    tasks.push_back(Arc::new(task));
    while tasks.len() > bound {
        tasks.pop_front();
    }
}

fn task_added(task: wire::v1::Task) -> wire::master::Event {
    wire::master::Event {
        r#type: Some(wire::master::event::Type::TaskAdded as i32),
        task_added: Some(Box::new(wire::master::event::TaskAdded { task })),
        ..Default::default()
    }
}
