//! The agent core in a world of virtual time: no socket, process, disk or clock.

#![allow(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests count as no tests to clippy"
)]

mod damage;
mod drains;
mod executors;
mod kills;
mod launches;
mod link;
mod operations;
mod recovery;
mod relaunches;
mod scripts;
mod updates;
mod world;
