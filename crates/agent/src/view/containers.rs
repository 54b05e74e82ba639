//! Containers as the agent's API shows them and as callers name them.

use std::sync::Arc;

use model::{ContainerId, ExecutorId, FrameworkId, Resources, TaskId};

use crate::event::ExecutorRef;
use crate::state::{Agent, Executor, ExecutorKey, Task, TaskKey};

/// The container of an executor.
#[derive(Clone, Debug)]
pub struct ContainerView {
    pub container: ContainerId,
    pub framework: FrameworkId,
    pub executor: ExecutorId,
    pub name: String,
    pub source: String,
    /// Pid of the owner process and its start time, once it runs.
    pub process: Option<(u32, u64)>,
    /// Whether the owner is our own executor, made for one command task.
    pub command: bool,
    /// Whether it is being ended: nothing is started in it any more.
    pub ending: bool,
    /// User its processes run as, where the agent may switch users.
    pub user: Option<String>,
    /// Sandbox, relative to the work directory.
    pub directory: String,
    /// Of the executor and its tasks that have not ended.
    pub resources: Resources,
    /// Containers that its tasks have for themselves.
    pub members: Vec<MemberView>,
}

/// The container of one task, nested in that of its executor.
#[derive(Clone, Debug)]
pub struct MemberView {
    /// Its own id, without that of its executor's container.
    pub id: Arc<str>,
    pub task: TaskId,
    pub pid: Option<u32>,
    pub user: Option<String>,
    pub resources: Resources,
}

impl Agent {
    /// Every container of an executor, by its framework and executor.
    pub fn view_containers(&self) -> Vec<ContainerView> {
        self.executors.iter().map(|(key, executor)| self.view_of(key, executor)).collect()
    }

    /// The container of an executor with this id; nothing once it has ended.
    pub fn view_container(&self, container: &ContainerId) -> Option<ContainerView> {
        let key = self.containers.get(container)?;
        self.executors.get(key).map(|executor| self.view_of(key, executor))
    }

    /// Whether an executor that says it is `from` is the one whose container this is.
    pub fn owns(&self, from: &ExecutorRef, container: &ContainerId) -> bool {
        self.locate(from).is_ok_and(|key| self.containers.get(container) == Some(&key))
    }

    fn view_of(&self, key: &ExecutorKey, executor: &Executor) -> ContainerView {
        let info = executor.info();
        let mut resources = Resources::from_wire(&info.resources).unwrap_or_default();
        let mut members = Vec::new();
        for task in &executor.live {
            let task_key = TaskKey { framework: key.framework.clone(), task: task.clone() };
            let Some(state) = self.tasks.get(&task_key) else { continue };
            let message = state.to_wire();
            let own = Resources::from_wire(&message.resources).unwrap_or_default();
            resources.add(&own);
            if !executor.command
                && let Some(member) = member(task, state, &message, own, executor)
            {
                members.push(member);
            }
        }
        ContainerView {
            container: executor.container.clone(),
            framework: key.framework.clone(),
            executor: key.executor.clone(),
            name: info.name.unwrap_or_default(),
            source: info.source.unwrap_or_default(),
            process: executor.process,
            command: executor.command,
            ending: executor.is_ending(),
            user: executor.user.clone(),
            directory: executor.directory.clone(),
            resources,
            members,
        }
    }
}

/// What the executor said of a task's container, if that is another than its own.
fn member(
    id: &TaskId,
    task: &Task,
    message: &wire::v1::Task,
    resources: Resources,
    executor: &Executor,
) -> Option<MemberView> {
    if task.is_terminal() {
        return None;
    }
    let status = message.statuses.last()?.container_status.as_ref()?;
    let container = status.container_id.as_ref()?;
    if container.parent.as_ref()?.value != executor.container.as_str() {
        return None;
    }
    Some(MemberView {
        id: Arc::from(container.value.as_str()),
        task: id.clone(),
        pid: status.executor_pid,
        user: message.user.clone().or_else(|| executor.user.clone()),
        resources,
    })
}
