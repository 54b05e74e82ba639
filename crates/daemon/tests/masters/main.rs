//! An agent and several masters. The masters are played by small servers, so that each answer, redirect
//! and silence can be chosen; the agent is the real one.

#![allow(
    clippy::unwrap_used,
    reason = "all of it is test code, though not every function is a #[test]"
)]

mod agent;
mod leaders;
mod played;
