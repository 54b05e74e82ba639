//! Tests of the wire formats from outside the crate.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::wildcard_enum_match_arm,
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    clippy::struct_excessive_bools,
    reason = "a test may stop at any surprise, read its environment and want exact floats"
)]

mod captures;
mod errors;
mod generator;
mod hostile;
mod mapping;
mod oracle;
mod records;
mod round_trip;

/// Calls a macro with every message that travels or is stored on its own.
macro_rules! for_each_message {
    ($callback:ident) => {
        $callback!(
            wire::master::Call,
            wire::master::Response,
            wire::master::Event,
            wire::agent::Call,
            wire::agent::Response,
            wire::agent::ProcessIo,
            wire::scheduler::Call,
            wire::scheduler::Response,
            wire::scheduler::Event,
            wire::executor::Call,
            wire::executor::Event,
            wire::resource_provider::Call,
            wire::resource_provider::Event,
            wire::link::Hello,
            wire::link::Event,
            wire::link::Batch,
            wire::registry::AgentRecord,
            wire::registry::FrameworkRecord,
            wire::registry::Meta,
            wire::checkpoint::AgentRecord,
            wire::checkpoint::FrameworkRecord,
            wire::checkpoint::ExecutorRecord,
            wire::checkpoint::TaskRecord,
            wire::checkpoint::DrainRecord
        );
    };
}
pub(crate) use for_each_message;
