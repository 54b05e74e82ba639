//! Whether a task group can be launched.

use std::cell::RefCell;
use std::collections::BTreeSet;

use wire::v1::container_info::Type as ContainerType;
use wire::v1::executor_info::Type as ExecutorType;
use wire::v1::{ContainerInfo, ExecutorInfo, TaskGroupInfo, TaskInfo};

use super::executor::{self, ExecutorError};
use super::task::{self, Launch, TaskError};
use super::{DemandError, check_demand};
use crate::Resources;
use crate::resources::Thousandths;

/// The least an executor of a task group may ask for: 0.01 CPUs.
pub const MIN_CPUS: Thousandths = Thousandths(10);

/// The least an executor of a task group may ask for: 32 MiB of memory.
pub const MIN_MEM: Thousandths = Thousandths(32_000);

/// What is wrong with a task group or its executor. `Display` is the message of the `TASK_ERROR`s.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GroupError {
    #[error("Task group cannot be empty")]
    Empty,
    #[error("Task '{id}' is invalid: {reason}")]
    Task { id: String, reason: Box<TaskError> },
    #[error("Task '{0}' is invalid: 'TaskInfo.executor' must not be set")]
    NestedExecutor(String),
    #[error("Task '{0}' is invalid: 'TaskInfo.command' must be set")]
    NoCommand(String),
    #[error("Task '{0}' is invalid: NetworkInfos must not be set on the task")]
    NetworkInfos(String),
    #[error("Task '{0}' is invalid: Docker ContainerInfo is not supported on the task")]
    DockerTask(String),
    #[error("{0}")]
    Executor(#[from] ExecutorError),
    #[error("'ExecutorInfo.type' must be set")]
    NoExecutorType,
    #[error("Unknown executor type")]
    UnknownExecutorType,
    #[error("Docker ContainerInfo is not supported on the executor")]
    DockerExecutor,
    #[error("Executor '{id}' uses less CPUs ({cpus}) than the minimum required (0.01)")]
    TooFewCpus { id: String, cpus: String },
    #[error("Executor '{id}' uses less memory ({mem}) than the minimum required (32MB)")]
    TooLittleMemory { id: String, mem: String },
    #[error("Executor '{0}' uses no disk")]
    NoDisk(String),
    #[error("Task group and executor: {0}")]
    Together(#[source] DemandError),
}

/// What a valid task group asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupDemand {
    /// One per task, in the order of the group.
    pub tasks: Vec<Resources>,
    /// Needed only if the executor doesn't run yet.
    pub executor: Resources,
}

/// Checks a `LAUNCH_GROUP` operation and returns what it asks for.
///
/// Whether the offers suffice, and whether a running executor of this id is the same, is left to the caller.
pub fn check(
    group: &TaskGroupInfo,
    executor: &ExecutorInfo,
    launch: &Launch<'_>,
) -> Result<GroupDemand, GroupError> {
    if group.tasks.is_empty() {
        return Err(GroupError::Empty);
    }
    let seen = RefCell::new(BTreeSet::new());
    let is_known_task =
        |id: &str| (launch.is_known_task)(id) || !seen.borrow_mut().insert(id.to_owned());
    let launch = Launch { is_known_task: &is_known_task, ..*launch };
    let default = executor::kind(executor) == ExecutorType::Default;
    let mut tasks = Vec::with_capacity(group.tasks.len());
    for task in &group.tasks {
        tasks.push(check_member(task, default, &launch)?);
    }
    let executor = check_executor(executor, &launch)?;
    let together: Resources = tasks.iter().chain([&executor]).collect();
    check_demand(&together).map_err(GroupError::Together)?;
    Ok(GroupDemand { tasks, executor })
}

fn check_member(
    task: &TaskInfo,
    default_executor: bool,
    launch: &Launch<'_>,
) -> Result<Resources, GroupError> {
    let id = || task.task_id.value.escape_debug().to_string();
    let resources = task::check_task(task, launch)
        .map_err(|reason| GroupError::Task { id: id(), reason: Box::new(reason) })?;
    if task.executor.is_some() {
        return Err(GroupError::NestedExecutor(id()));
    }
    // Only a custom executor can know what to do without a command.
    if default_executor && task.command.is_none() {
        return Err(GroupError::NoCommand(id()));
    }
    if let Some(container) = &task.container {
        if !container.network_infos.is_empty() {
            return Err(GroupError::NetworkInfos(id()));
        }
        if is_docker(container) {
            return Err(GroupError::DockerTask(id()));
        }
    }
    Ok(resources)
}

fn check_executor(executor: &ExecutorInfo, launch: &Launch<'_>) -> Result<Resources, GroupError> {
    let resources = executor::check(executor, launch.framework)?;
    if executor.r#type.is_none() {
        return Err(GroupError::NoExecutorType);
    }
    if executor::kind(executor) == ExecutorType::Unknown {
        return Err(GroupError::UnknownExecutorType);
    }
    if executor.container.as_deref().is_some_and(is_docker) {
        return Err(GroupError::DockerExecutor);
    }
    let id = || executor.executor_id.value.clone();
    let cpus = resources.scalar("cpus");
    if cpus.is_none_or(|cpus| cpus < MIN_CPUS) {
        return Err(GroupError::TooFewCpus { id: id(), cpus: or_none(cpus) });
    }
    let mem = resources.scalar("mem");
    if mem.is_none_or(|mem| mem < MIN_MEM) {
        return Err(GroupError::TooLittleMemory { id: id(), mem: or_none(mem) });
    }
    if resources.scalar("disk").is_none() {
        return Err(GroupError::NoDisk(id()));
    }
    Ok(resources)
}

fn or_none(amount: Option<Thousandths>) -> String {
    amount.map_or_else(|| "None".to_owned(), |amount| amount.to_string())
}

fn is_docker(container: &ContainerInfo) -> bool {
    container.r#type == ContainerType::Docker as i32
}
