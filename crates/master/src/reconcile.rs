//! Reconciliation: the master says again what it knows of a framework's tasks and operations.
//!
//! Answers carry no UUID: nobody acknowledges them and nobody repeats them.

use std::collections::BTreeMap;

use model::drain::Reachability;
use model::task::Reason;
use model::{AgentId, FrameworkId, Now, TaskId, TaskState};
use wire::scheduler::call;
use wire::v1::{OperationState, OperationStatus, TaskStatus};

use crate::effects::Effects;
use crate::scheduler_events::{self, master_status, state_for};
use crate::state::{Framework, Master, Task, TaskKey};
use crate::tasks::status_for;

impl Master {
    /// One answer per task asked for, or per task there is if none is.
    pub(crate) fn reconcile(
        &self,
        now: Now,
        framework: &FrameworkId,
        call: &call::Reconcile,
        fx: &mut Effects,
    ) {
        let Some(framework) = self.frameworks.get(framework) else { return };
        let Some(stream) = framework.stream else { return };
        if call.tasks.is_empty() {
            for (task_id, agent) in &framework.tasks {
                if let Some(status) = self.known_status(now, framework, task_id, agent) {
                    fx.to_scheduler(stream, scheduler_events::update(status));
                }
            }
            return;
        }
        let unreachable = unreachable_tasks(framework);
        for asked in &call.tasks {
            let agent = asked.agent_id.as_ref().map(AgentId::from);
            let task_id = TaskId::from(&asked.task_id);
            let status = self.status_of(now, framework, &task_id, agent.as_ref(), &unreachable);
            if let Some(status) = status {
                fx.to_scheduler(stream, scheduler_events::update(status));
            }
        }
    }

    pub(crate) fn reconcile_one(
        &self,
        now: Now,
        framework: &FrameworkId,
        task: &TaskId,
        agent: Option<&AgentId>,
        fx: &mut Effects,
    ) {
        let Some(framework) = self.frameworks.get(framework) else { return };
        let Some(stream) = framework.stream else { return };
        let unreachable = unreachable_tasks(framework);
        if let Some(status) = self.status_of(now, framework, task, agent, &unreachable) {
            fx.to_scheduler(stream, scheduler_events::update(status));
        }
    }

    /// What is to be said about a task; nothing as long as an agent may still report it.
    fn status_of(
        &self,
        now: Now,
        framework: &Framework,
        task: &TaskId,
        agent: Option<&AgentId>,
        unreachable: &BTreeMap<&str, &str>,
    ) -> Option<TaskStatus> {
        if let Some(agent) = framework.tasks.get(task) {
            return self.known_status(now, framework, task, agent);
        }
        let unreachable_on = unreachable.get(task.as_str()).copied().map(AgentId::new);
        let agent_id = agent.or(unreachable_on.as_ref());
        let known = agent_id.and_then(|id| self.agents.get(id));
        let (state, message) = match (agent_id, known.map(|agent| agent.reachability)) {
            (_, Some(Reachability::Recovered)) => return None,
            (_, Some(Reachability::Registered | Reachability::Disconnected)) => {
                (TaskState::TaskGone, "Reconciliation: Task is unknown to the agent")
            }
            (_, Some(Reachability::Unreachable)) => {
                (TaskState::TaskUnreachable, "Reconciliation: Task is unreachable")
            }
            (_, Some(Reachability::Gone)) => {
                (TaskState::TaskGoneByOperator, "Reconciliation: Task is gone")
            }
            // An agent that is gone is not waited for, however little was known of it.
            (None, None) if self.is_any_agent_recovered() => return None,
            (_, Some(Reachability::Removed) | None) => {
                (TaskState::TaskUnknown, "Reconciliation: Task is unknown")
            }
        };
        let told = state_for(framework.capabilities.partition_aware, state);
        let mut status =
            master_status(task, agent_id, told, Reason::Reconciliation, message, now.wall);
        if state == TaskState::TaskUnreachable {
            status.unreachable_time = known.map(|agent| agent.since.to_wire());
        }
        Some(status)
    }

    fn known_status(
        &self,
        now: Now,
        framework: &Framework,
        task_id: &TaskId,
        agent: &AgentId,
    ) -> Option<TaskStatus> {
        let key = TaskKey { framework: framework.id.clone(), task: task_id.clone() };
        let task: &Task = self.agents.get(agent)?.tasks.get(&key)?;
        let state = state_for(framework.capabilities.partition_aware, task.told_state());
        let message = "Reconciliation: Latest task state";
        let mut status =
            master_status(task_id, Some(agent), state, Reason::Reconciliation, message, now.wall);
        // Mesos: what was last reported of health and container is said again.
        if let Some(last) = task.statuses.last() {
            let last = last.to_wire(task_id, agent, None);
            status.healthy = last.healthy;
            status.check_status = last.check_status;
            status.container_status = last.container_status;
        }
        status.executor_id = task.executor_id.as_ref().map(model::ExecutorId::to_wire);
        Some(status)
    }

    fn is_any_agent_recovered(&self) -> bool {
        self.agents.values().any(|agent| agent.reachability == Reachability::Recovered)
    }

    /// One answer per operation asked for, or per operation there is if none is.
    pub(crate) fn reconcile_operations(
        &self,
        framework: &FrameworkId,
        call: &call::ReconcileOperations,
        fx: &mut Effects,
    ) {
        let Some(stream) = self.frameworks.get(framework).and_then(|it| it.stream) else { return };
        let mut tell = |mut status: OperationStatus| {
            status.uuid = None;
            fx.to_scheduler(stream, scheduler_events::operation_update(status));
        };
        let known = self.operations_of(framework);
        if call.operations.is_empty() {
            known.into_values().for_each(tell);
            return;
        }
        for asked in &call.operations {
            if let Some(status) = known.get(&asked.operation_id.value) {
                tell(status.clone());
                continue;
            }
            let agent = asked.agent_id.as_ref().map(AgentId::from);
            let agent = agent.and_then(|id| self.agents.get(&id));
            let state = match agent.map(|agent| agent.reachability) {
                Some(Reachability::Recovered) => OperationState::OperationRecovering,
                Some(Reachability::Unreachable) => OperationState::OperationUnreachable,
                Some(Reachability::Gone) => OperationState::OperationGoneByOperator,
                Some(
                    Reachability::Registered | Reachability::Disconnected | Reachability::Removed,
                )
                | None => OperationState::OperationUnknown,
            };
            tell(OperationStatus {
                operation_id: Some(asked.operation_id.clone()),
                state: state as i32,
                message: Some("Reconciliation: Operation is unknown".to_owned()),
                agent_id: asked.agent_id.clone(),
                resource_provider_id: asked.resource_provider_id.clone(),
                ..Default::default()
            });
        }
    }

    /// A framework's operations that have an id of its own, by that.
    fn operations_of(&self, framework: &FrameworkId) -> BTreeMap<String, OperationStatus> {
        let mut found = BTreeMap::new();
        for agent in self.agents.values() {
            for operation in agent.operations.values().map(|known| &known.wire) {
                let owner = operation.framework_id.as_ref();
                let is_theirs = owner.is_some_and(|id| id.value == framework.as_str());
                if let (true, Some(id)) = (is_theirs, &operation.info.id) {
                    found.insert(id.value.clone(), status_for(operation, &agent.id));
                }
            }
        }
        found
    }
}

/// Which agent each unreachable task was on.
fn unreachable_tasks(framework: &Framework) -> BTreeMap<&str, &str> {
    let tasks = framework.unreachable_tasks.iter();
    tasks.map(|task| (task.task_id.value.as_str(), task.agent_id.value.as_str())).collect()
}
