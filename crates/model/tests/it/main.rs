//! The model's guarantees: tables of cases and properties over generated ones.

mod attributes;
mod drain;
mod duration;
mod id;
mod messages;
mod moment;
mod operations;
mod resources;
mod resources_algebra;
mod resources_wire;
mod task_state;
mod validate_framework;
mod validate_task;
