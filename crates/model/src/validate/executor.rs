//! Whether an executor can be started.

use wire::v1::ExecutorInfo;
use wire::v1::container_info::Type as ContainerType;
use wire::v1::executor_info::Type;

use super::command::{self, CommandError};
use super::id::{self, IdError};
use super::{DemandError, demand};
use crate::{FrameworkId, Resources, duration};

/// What is wrong with an `ExecutorInfo`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExecutorError {
    #[error("Invalid ExecutorID: {0}")]
    Id(#[from] IdError),
    #[error("'ExecutorInfo.command' must not be set for 'DEFAULT' executor")]
    CommandOfDefault,
    #[error("'ExecutorInfo.container.type' must be 'MESOS' for 'DEFAULT' executor")]
    ContainerOfDefault,
    #[error("'ExecutorInfo.container.mesos.image' must not be set for 'DEFAULT' executor")]
    ImageOfDefault,
    #[error("'ExecutorInfo.command' must be set for 'CUSTOM' executor")]
    NoCommandOfCustom,
    #[error("ExecutorInfo has an invalid FrameworkID (Actual: {actual} vs Expected: {expected})")]
    OtherFramework { actual: String, expected: FrameworkId },
    #[error("ExecutorInfo's 'shutdown_grace_period' must be non-negative")]
    NegativeShutdownGrace,
    #[error("Executor {0}")]
    Demand(#[source] DemandError),
    #[error("Executor's `CommandInfo` is invalid: {0}")]
    Command(#[source] CommandError),
}

/// The type an executor has; what doesn't say is custom, as before there were types.
pub fn kind(executor: &ExecutorInfo) -> Type {
    executor.r#type.map_or(Type::Custom, |kind| Type::try_from(kind).unwrap_or(Type::Unknown))
}

/// Checks an executor of `framework` and returns what it asks for.
///
/// `framework_id` may be missing; then it is `framework`.
pub fn check(executor: &ExecutorInfo, framework: &FrameworkId) -> Result<Resources, ExecutorError> {
    id::check(&executor.executor_id.value)?;
    match executor.r#type.map(|_| kind(executor)) {
        Some(Type::Default) if executor.command.is_some() => {
            return Err(ExecutorError::CommandOfDefault);
        }
        Some(Type::Default) if is_not_mesos(executor) => {
            return Err(ExecutorError::ContainerOfDefault);
        }
        Some(Type::Default) if has_image(executor) => return Err(ExecutorError::ImageOfDefault),
        Some(Type::Custom) if executor.command.is_none() => {
            return Err(ExecutorError::NoCommandOfCustom);
        }
        // Where a type is demanded the caller says so: it depends on the operation.
        Some(Type::Default | Type::Custom | Type::Unknown) | None => {}
    }
    if let Some(actual) = &executor.framework_id
        && actual.value != framework.as_str()
    {
        let actual = actual.value.escape_debug().to_string();
        return Err(ExecutorError::OtherFramework { actual, expected: framework.clone() });
    }
    if let Some(grace) = &executor.shutdown_grace_period {
        duration::grace_of(grace).map_err(|_| ExecutorError::NegativeShutdownGrace)?;
    }
    let resources = demand(&executor.resources).map_err(ExecutorError::Demand)?;
    if let Some(command) = &executor.command {
        command::check(command).map_err(ExecutorError::Command)?;
    }
    Ok(resources)
}

fn is_not_mesos(executor: &ExecutorInfo) -> bool {
    let container = executor.container.as_ref();
    container.is_some_and(|container| container.r#type != ContainerType::Mesos as i32)
}

fn has_image(executor: &ExecutorInfo) -> bool {
    let mesos = executor.container.as_ref().and_then(|container| container.mesos.as_ref());
    mesos.is_some_and(|mesos| mesos.image.is_some())
}
