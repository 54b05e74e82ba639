//! What travels: the messages of the Mesos v1 API and of Ebb's own link, registry and checkpoints.

pub mod compose;
mod cursor;
#[allow(
    clippy::all,
    clippy::pedantic,
    missing_debug_implementations,
    unreachable_pub,
    clippy::allow_attributes_without_reason,
    dead_code,
    deprecated,
    reason = "written by codegen; its style is prost's"
)]
mod generated;
pub mod json;
pub mod media;
pub mod protobuf;
pub mod recordio;
pub mod table;

pub use generated::ebb::checkpoint::v1 as checkpoint;
pub use generated::ebb::link::v1 as link;
pub use generated::ebb::registry::v1 as registry;
pub use generated::ebb::v1 as ebb;
pub use generated::google::protobuf as google;
pub use generated::mesos::v1;
pub use generated::mesos::v1::agent;
pub use generated::mesos::v1::allocator;
pub use generated::mesos::v1::executor;
pub use generated::mesos::v1::maintenance;
pub use generated::mesos::v1::master;
pub use generated::mesos::v1::quota;
pub use generated::mesos::v1::resource_provider;
pub use generated::mesos::v1::scheduler;

pub use table::Message;
