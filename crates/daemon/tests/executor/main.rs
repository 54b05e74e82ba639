//! `ebb executor` and `ebb launch` as real processes with real tasks; the agent is played by a small
//! server, as the executor is what is on trial.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "all of it is test code, though not every function is a #[test]"
)]

mod agent;
mod commands;
mod gate;
mod groups;
mod kills;
mod launches;
mod owner;
mod reconnects;
