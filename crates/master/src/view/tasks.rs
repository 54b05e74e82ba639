//! Tasks, executors and operations as reads show them.

use std::sync::Arc;

use model::AgentId;
use wire::compose::Composer;
use wire::field;
use wire::master::response::{GetExecutors, GetOperations, GetTasks, get_executors};
use wire::v1::{ExecutorInfo, Operation, Task};

use crate::state::{self, Alike, Master, TaskKey};

impl Master {
    /// The answer to `GET_TASKS`: those held for agents, ended ones that are not acknowledged included.
    // Mesos: its protobuf answer leaves out the tasks of completed frameworks, its JSON answer doesn't.
    // Differs from Mesos: both are the same here.
    pub fn view_tasks(&self) -> GetTasks {
        GetTasks {
            tasks: self.tasks().map(|(agent, key, task)| task.to_wire(key, agent)).collect(),
            unreachable_tasks: self.unreachable_tasks().map(|task| task.as_ref().clone()).collect(),
            completed_tasks: self.completed_tasks().map(|task| task.as_ref().clone()).collect(),
            ..GetTasks::default()
        }
    }

    /// [`Master::view_tasks`], written.
    pub fn write_tasks(&self, get_tasks: &mut Composer<'_>) {
        let mut alike = Alike::default();
        get_tasks.slots(field!(GetTasks, "tasks"), self.tasks(), |slot, (agent, key, task)| {
            task.write(key, agent, &mut alike, slot);
        });
        let unreachable = self.unreachable_tasks().map(AsRef::as_ref);
        get_tasks.messages::<Task>(field!(GetTasks, "unreachable_tasks"), unreachable);
        get_tasks.messages::<Task>(
            field!(GetTasks, "completed_tasks"),
            self.completed_tasks().map(AsRef::as_ref),
        );
    }

    fn tasks(&self) -> impl Iterator<Item = (&AgentId, &TaskKey, &state::Task)> {
        self.agents
            .values()
            .flat_map(|agent| agent.tasks.iter().map(|(key, task)| (&agent.id, key, &**task)))
    }

    fn unreachable_tasks(&self) -> impl Iterator<Item = &Arc<Task>> {
        self.frameworks.values().flat_map(|framework| framework.unreachable_tasks.iter())
    }

    fn completed_tasks(&self) -> impl Iterator<Item = &Arc<Task>> {
        let known = self.frameworks.values().flat_map(|framework| framework.completed_tasks.iter());
        let over = self.completed_frameworks.iter();
        known.chain(over.flat_map(|framework| framework.completed_tasks.iter()))
    }

    /// The answer to `GET_EXECUTORS`.
    // Mesos: executors an agent made for command tasks are not shown.
    pub fn view_executors(&self) -> GetExecutors {
        GetExecutors { executors: self.executors().collect(), ..GetExecutors::default() }
    }

    /// [`Master::view_executors`], written.
    pub fn write_executors(&self, get_executors: &mut Composer<'_>) {
        get_executors.messages::<get_executors::Executor>(
            field!(GetExecutors, "executors"),
            self.executors(),
        );
    }

    fn executors(&self) -> impl Iterator<Item = get_executors::Executor> {
        self.agents.values().flat_map(|agent| {
            let shown = agent.executors.values().filter(|executor| !executor.generated);
            shown.map(|executor| get_executors::Executor {
                executor_info: ExecutorInfo::clone(&executor.info),
                agent_id: agent.id.to_wire(),
            })
        })
    }

    /// The answer to `GET_OPERATIONS`.
    pub fn view_operations(&self) -> GetOperations {
        GetOperations { operations: self.operations().cloned().collect() }
    }

    /// [`Master::view_operations`], written.
    pub fn write_operations(&self, get_operations: &mut Composer<'_>) {
        get_operations
            .messages::<Operation>(field!(GetOperations, "operations"), self.operations());
    }

    fn operations(&self) -> impl Iterator<Item = &Operation> {
        let operations = self.agents.values().flat_map(|agent| agent.operations.values());
        operations.map(|known| known.wire.as_ref())
    }
}
