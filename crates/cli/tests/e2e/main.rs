//! The whole of `ebb` from outside: masters, agents, executors and tasks as real processes on this
//! machine, a scheduler played by the test, and `kill -9` where faults are on trial.
//!
//! Needs root for the parts that switch users or mount file systems; they say so and pass where they
//! cannot be tried.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "all of it is test code, though not every function is a #[test]"
)]

mod certificates;
mod framework;
mod http;
mod job;
mod masters;
mod processes;
mod screen;
mod shape;
mod world;

mod attach;
mod bad_calls;
mod bad_disks;
mod bad_starts;
mod checks;
mod children;
mod clients;
mod crashes;
mod custom_executors;
mod deactivation;
mod decommission;
mod drains;
mod failover;
mod fetches;
mod graces;
mod nested;
mod older_endpoints;
mod reachability;
mod registry;
mod restarts;
mod services;
mod shared_registry;
mod steps;
mod tasks;
mod usage;
mod visibility;
mod volumes;
