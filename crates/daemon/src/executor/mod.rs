//! The processes that own containers: `ebb executor` for command tasks and task groups, `ebb launch`
//! for executors that frameworks bring along.
//!
//! Both are child subreapers, live on when the agent ends, and leave their wait status in a file for
//! an agent that is not their parent any more.

mod checks;
mod command;
mod connection;
mod exit_file;
mod fetching;
mod launch;
mod members;
mod output;
mod processes;
mod report;
mod session;
mod settings;
mod streams;
mod tasks;

use std::process::ExitCode;

pub use exit_file::{REASON, read_exit_file, read_reason};
pub use settings::{
    ATTACH, COMMAND_FILE, DEFAULT_KILL_GRACE, EXIT_FILE, FETCH_CACHE, FETCH_CACHE_BYTES, LOG_FILES,
    LOG_MAX_BYTES, NESTED, SESSION, SWITCH_USER, TASK_MARK, fetch_variables, task_socket,
};

/// `ebb executor`: runs until its tasks have ended and their updates are acknowledged. Everything
/// comes in through the environment; see [`executor_status`].
pub fn run_executor() -> ExitCode {
    ExitCode::from(executor_status())
}

/// `ebb launch`: runs a framework's executor to its end; see [`launch_status`].
pub fn run_launch() -> ExitCode {
    ExitCode::from(launch_status())
}

/// The work of [`run_executor`], as the number to exit with: 0, 1 when updates were left without
/// acknowledgement, 2 when it could not begin.
pub fn executor_status() -> u8 {
    let status = session::run();
    leave_status(i32::from(status) << 8);
    status
}

/// The work of [`run_launch`], as the number to exit with: that of the main process, 128 and the
/// number of the signal that ended it, or 125 when it could not be started.
pub fn launch_status() -> u8 {
    let wait_status = launch::run();
    leave_status(wait_status);
    launch::exit_code(wait_status)
}

fn leave_status(wait_status: i32) {
    let Some(path) = std::env::var_os(EXIT_FILE) else { return };
    if let Err(error) = exit_file::write(path.as_ref(), wait_status) {
        report::line(format_args!("Cannot leave the exit status: {error}"));
    }
}

/// For the agent: what the container is for can't begin, and why.
fn leave_reason(why: &str) {
    let Some(path) = std::env::var_os(EXIT_FILE) else { return };
    if let Err(error) = exit_file::write_reason(path.as_ref(), why) {
        report::line(format_args!("Cannot leave the reason: {error}"));
    }
}

/// A runtime of one thread: the executor's memory is paid once per task.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    crate::sys::heap::share();
    tokio::runtime::Builder::new_current_thread().enable_all().build()
}
