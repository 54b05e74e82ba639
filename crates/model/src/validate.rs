//! Checks of what frameworks and operators send, as pure functions with typed reasons.
//!
//! Nothing here knows the cluster: whether an id is taken or an offer suffices is told or left to the caller.
// Mesos: where frameworks get to see a text (in `TASK_ERROR` or a 400), it is Mesos' text.

pub mod command;
pub mod executor;
pub mod filters;
pub mod framework;
pub mod group;
pub mod health;
pub mod id;
pub mod role;
pub mod task;

use crate::Resources;
use crate::resources::ResourceError;

/// What is wrong with the resources of a task or an executor.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DemandError {
    #[error("uses invalid resources: Invalid resources: {0}")]
    Invalid(#[from] ResourceError),
    #[error("uses duplicate persistence ID: Persistence ID '{0}' is not unique")]
    RepeatedVolume(String),
    #[error(
        "mixes revocable and non-revocable resources: \
         Cannot use both revocable and non-revocable '{0}' at the same time"
    )]
    MixedRevocable(String),
}

/// Reads what a task or an executor asks for.
pub(crate) fn demand(list: &[wire::v1::Resource]) -> Result<Resources, DemandError> {
    let resources = Resources::from_wire(list)?;
    check_demand(&resources)?;
    Ok(resources)
}

/// Checks what must hold for a demand, alone or together with others.
pub(crate) fn check_demand(resources: &Resources) -> Result<(), DemandError> {
    if let Some(id) = resources.repeated_volume() {
        return Err(DemandError::RepeatedVolume(id));
    }
    if let Some(name) = resources.mixed_revocable() {
        return Err(DemandError::MixedRevocable(name.to_owned()));
    }
    Ok(())
}
