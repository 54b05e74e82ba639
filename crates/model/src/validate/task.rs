//! Whether a task can be launched.

use wire::v1::TaskInfo;
use wire::v1::executor_info::Type as ExecutorType;

use super::command::{self, CommandError};
use super::executor::{self, ExecutorError};
use super::health::{self, HealthError};
use super::id::{self, IdError};
use super::{DemandError, check_demand, demand};
use crate::{AgentId, FrameworkId, Resources, duration};

/// What is wrong with a `TaskInfo`. `Display` is the message of the `TASK_ERROR`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TaskError {
    #[error("Invalid TaskID: {0}")]
    Id(#[from] IdError),
    #[error("Task has duplicate ID: {0}")]
    DuplicateId(String),
    #[error("Task uses invalid agent {actual} while agent {expected} is expected")]
    OtherAgent { actual: String, expected: AgentId },
    #[error("Task's 'kill_policy.grace_period' must be non-negative")]
    NegativeGrace,
    #[error("Task's 'max_completion_time' must be non-negative")]
    NegativeCompletionTime,
    #[error("Task uses invalid check: {0}")]
    Check(#[source] HealthError),
    #[error("Task uses invalid health check: {0}")]
    HealthCheck(#[source] HealthError),
    #[error("Task uses no resources")]
    NoResources,
    #[error("Task {0}")]
    Demand(#[source] DemandError),
    #[error("Task has an invalid limit of '{0}'")]
    Limit(String),
    #[error("Task's `CommandInfo` is invalid: {0}")]
    Command(#[source] CommandError),
    #[error("Task should have at least one (but not both) of CommandInfo or ExecutorInfo present")]
    CommandXorExecutor,
    #[error("{0}")]
    Executor(#[from] ExecutorError),
    #[error("'ExecutorInfo.type' must be 'CUSTOM'")]
    ExecutorNotCustom,
    #[error("'ExecutorInfo.command' must be set")]
    ExecutorWithoutCommand,
    #[error("Executor resources {0} should not contain any shared resources")]
    ExecutorSharesResources(Box<Resources>),
    #[error("Task and its executor: {0}")]
    Together(#[source] DemandError),
}

/// Where a task is to go and what is there already.
#[derive(Clone, Copy)]
pub struct Launch<'a> {
    pub framework: &'a FrameworkId,
    pub agent: &'a AgentId,
    /// Whether the framework already has a task of this id.
    pub is_known_task: &'a dyn Fn(&str) -> bool,
}

impl std::fmt::Debug for Launch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Launch")
            .field("framework", self.framework)
            .field("agent", self.agent)
            .finish_non_exhaustive()
    }
}

/// What a valid task asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demand {
    pub task: Resources,
    /// Needed only if the executor doesn't run yet; empty for command tasks.
    pub executor: Resources,
}

/// Checks a task of a `LAUNCH` operation and returns what it and its executor ask for.
///
/// Whether the offers suffice is left to the caller.
pub fn check(task: &TaskInfo, launch: &Launch<'_>) -> Result<Demand, TaskError> {
    let demand = Demand { task: check_task(task, launch)?, executor: Resources::new() };
    let executor = match (&task.executor, &task.command) {
        (None, Some(_)) => return Ok(demand),
        (Some(executor), None) => executor,
        (None, None) | (Some(_), Some(_)) => return Err(TaskError::CommandXorExecutor),
    };
    let resources = executor::check(executor, launch.framework)?;
    if executor.r#type.is_some() && executor::kind(executor) != ExecutorType::Custom {
        return Err(TaskError::ExecutorNotCustom);
    }
    if executor.command.is_none() {
        return Err(TaskError::ExecutorWithoutCommand);
    }
    if !resources.shared().is_empty() {
        return Err(TaskError::ExecutorSharesResources(Box::new(resources)));
    }
    let together: Resources = [&demand.task, &resources].into_iter().collect();
    check_demand(&together).map_err(TaskError::Together)?;
    Ok(Demand { executor: resources, ..demand })
}

/// Checks a task apart from its executor.
// Mesos: in this order; frameworks with several mistakes get to know the first.
pub(super) fn check_task(task: &TaskInfo, launch: &Launch<'_>) -> Result<Resources, TaskError> {
    let id = &task.task_id.value;
    id::check(id)?;
    if (launch.is_known_task)(id) {
        return Err(TaskError::DuplicateId(id.clone()));
    }
    if task.agent_id.value != launch.agent.as_str() {
        let actual = task.agent_id.value.escape_debug().to_string();
        return Err(TaskError::OtherAgent { actual, expected: launch.agent.clone() });
    }
    if let Some(grace) = task.kill_policy.as_ref().and_then(|policy| policy.grace_period.as_ref()) {
        duration::grace_of(grace).map_err(|_| TaskError::NegativeGrace)?;
    }
    if let Some(time) = &task.max_completion_time {
        duration::grace_of(time).map_err(|_| TaskError::NegativeCompletionTime)?;
    }
    if let Some(check) = &task.check {
        health::check_info(check).map_err(TaskError::Check)?;
    }
    if let Some(check) = &task.health_check {
        health::check_health(check).map_err(TaskError::HealthCheck)?;
    }
    if task.resources.is_empty() {
        return Err(TaskError::NoResources);
    }
    let resources = demand(&task.resources).map_err(TaskError::Demand)?;
    for (name, limit) in &task.limits {
        // Mesos: only these two can be limited; infinity lifts the limit.
        let known = matches!(name.as_str(), "cpus" | "mem");
        let enough = resources.scalar(name).is_none_or(|least| limit.value >= least.as_f64());
        if !known || limit.value.is_nan() || limit.value < 0.0 || !enough {
            return Err(TaskError::Limit(name.clone()));
        }
    }
    if let Some(command) = &task.command {
        command::check(command).map_err(TaskError::Command)?;
    }
    Ok(resources)
}
