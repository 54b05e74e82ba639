//! The command line, and what runs an embedded cluster for it, for tests and for benchmarks.

pub mod api;
pub mod args;
pub mod attach;
pub mod bench;
pub mod client;
pub mod cluster;
pub mod commands;
pub mod demo;
pub mod exit;
pub mod flags;
pub mod masters;
pub mod node;
pub mod output;
pub mod scheduler;
pub mod simulate;
pub mod task;

use std::path::Path;
use std::process::ExitCode;

/// Runs the program with the process' own arguments.
pub fn main() -> ExitCode {
    let mut args = std::env::args_os();
    let program = args.next().unwrap_or_default();
    let first = args.next();
    // One process per task: nothing may come before this that costs time or memory.
    match first.as_ref().and_then(|first| first.to_str()) {
        Some("executor") => return daemon::executor::run_executor(),
        Some("launch") => return daemon::executor::run_launch(),
        Some("fetch") => return daemon::fetch::run(),
        _ => {}
    }
    commands::run(Path::new(&program), first, args)
}
