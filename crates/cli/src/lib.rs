//! The command line, and what runs an embedded cluster for it, for tests and for benchmarks.

pub mod api;
pub mod cluster;
pub mod exit;
pub mod scheduler;
