//! What things are: ids, times, resources, tasks and drains as plain values.
//!
//! Nothing here does IO, reads a clock or allocates ids. Conversions to and from the Mesos messages of
//! [`wire`] live beside each type.

pub mod attributes;
pub mod bug;
pub mod drain;
pub mod duration;
pub mod id;
pub mod legacy;
pub mod moment;
pub mod quota;
pub mod refusal;
pub mod resources;
pub mod task;
pub mod validate;

pub use bug::bug;
pub use id::{AgentId, ContainerId, ExecutorId, FrameworkId, OfferId, TaskId};
pub use moment::{Moment, Now, Timestamp};
pub use refusal::{Refusal, Status};
pub use resources::Resources;
pub use task::TaskState;
