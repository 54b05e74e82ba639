//! Tasks, executors and operations as reads show them.

use wire::master::response::{GetExecutors, GetOperations, GetTasks, get_executors};
use wire::v1::ExecutorInfo;

use crate::state::Master;

impl Master {
    /// The answer to `GET_TASKS`: those held for agents, ended ones that are not acknowledged included.
    // Mesos: its protobuf answer leaves out the tasks of completed frameworks, its JSON answer doesn't.
    // Differs from Mesos: both are the same here.
    pub fn view_tasks(&self) -> GetTasks {
        let mut shown = GetTasks::default();
        for agent in self.agents.values() {
            shown.tasks.extend(agent.tasks.iter().map(|(key, task)| task.to_wire(key, &agent.id)));
        }
        for framework in self.frameworks.values() {
            let unreachable = framework.unreachable_tasks.iter();
            shown.unreachable_tasks.extend(unreachable.map(|task| task.as_ref().clone()));
            let completed = framework.completed_tasks.iter();
            shown.completed_tasks.extend(completed.map(|task| task.as_ref().clone()));
        }
        for framework in &self.completed_frameworks {
            let completed = framework.completed_tasks.iter();
            shown.completed_tasks.extend(completed.map(|task| task.as_ref().clone()));
        }
        shown
    }

    /// The answer to `GET_EXECUTORS`.
    // Mesos: executors an agent made for command tasks are not shown.
    pub fn view_executors(&self) -> GetExecutors {
        let mut shown = GetExecutors::default();
        for agent in self.agents.values() {
            for executor in agent.executors.values().filter(|executor| !executor.generated) {
                shown.executors.push(get_executors::Executor {
                    executor_info: ExecutorInfo::clone(&executor.info),
                    agent_id: agent.id.to_wire(),
                });
            }
        }
        shown
    }

    /// The answer to `GET_OPERATIONS`.
    pub fn view_operations(&self) -> GetOperations {
        let operations = self.agents.values().flat_map(|agent| agent.operations.values());
        GetOperations { operations: operations.map(|known| known.wire.as_ref().clone()).collect() }
    }
}
