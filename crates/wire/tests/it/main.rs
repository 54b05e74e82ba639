//! Tests of the wire formats from outside the crate.

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
