//! `ebb master` and `ebb agent`: the daemons as processes with flags, logs and signals.

use std::future::Future;
use std::io::{IsTerminal as _, Read as _};
use std::time::Duration;

use daemon::agent::AgentError;
use daemon::causes::chain;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::exit::{Exit, Failure};
use crate::flags::{self, Program, Sources, UNTIL_STDIN_CLOSES, Values};
use crate::output;

/// Threads that run daemons' tasks: a daemon waits more than it works, its core has its own thread.
const WORKERS: usize = 2;
const STACK_BYTES: usize = 512 * 1024;
/// Threads for file reads and the like.
const BLOCKING_THREADS: usize = 8;

/// Runs a master until a signal ends it. `args` are what follows `ebb master`.
pub(super) fn master(args: Vec<String>) -> Result<(), Failure> {
    let Some(values) = values(flags::master::PROGRAM, args)? else { return Ok(()) };
    let settings = flags::master::settings(&values)?;
    begin_log(&values)?;
    let until_stdin_closes = values.switch(UNTIL_STDIN_CLOSES.name)?;
    run(async {
        let stop = stop_on_signals(until_stdin_closes)?;
        let ready = |address| output::line(&format!("ebb master listening on http://{address}"));
        Box::pin(daemon::master::run(settings, stop, ready))
            .await
            .map_err(|error| Failure::error(format!("the master cannot go on: {}", chain(&error))))
    })
}

/// Runs an agent until a signal ends it. `args` are what follows `ebb agent`.
pub(super) fn agent(args: Vec<String>) -> Result<(), Failure> {
    let Some(values) = values(flags::agent::PROGRAM, args)? else { return Ok(()) };
    let settings = flags::agent::settings(&values)?;
    begin_log(&values)?;
    let until_stdin_closes = values.switch(UNTIL_STDIN_CLOSES.name)?;
    run(async {
        let stop = stop_on_signals(until_stdin_closes)?;
        let unregister = CancellationToken::new();
        let mut usr1 = signal(SignalKind::user_defined1()).map_err(no_signals)?;
        let leave = unregister.clone();
        tokio::spawn(async move {
            if usr1.recv().await.is_some() {
                tracing::info!("SIGUSR1: the agent leaves the cluster");
                leave.cancel();
            }
        });
        let ready = |address| output::line(&format!("ebb agent listening on http://{address}"));
        Box::pin(daemon::agent::run(settings, stop, unregister, ready)).await.map_err(|error| {
            let exit = match error {
                AgentError::Gone { .. } => Exit::Decommissioned,
                AgentError::Bind(_)
                | AgentError::WorkDir(_)
                | AgentError::Checkpoints(_)
                | AgentError::Write(_)
                | AgentError::Thread(_)
                | AgentError::Incompatible { .. }
                | AgentError::Refused { .. } => Exit::Error,
            };
            Failure::new(exit, format!("the agent cannot go on: {}", chain(&error)))
        })
    })
}

/// The flags; `None` if help was asked for and has been printed.
fn values(program: Program, args: Vec<String>) -> Result<Option<Values>, Failure> {
    let (outcome, warnings) = flags::resolve(program, &Sources::of_process(args))?;
    for warning in warnings {
        output::talk(&format!("warning: {warning}"));
    }
    match outcome {
        flags::Outcome::Values(values) => Ok(Some(values)),
        flags::Outcome::Help(text) => {
            output::help(&text);
            Ok(None)
        }
    }
}

fn begin_log(values: &Values) -> Result<(), Failure> {
    let ansi = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none();
    daemon::logging::begin(values.logging_level()?, ansi);
    Ok(())
}

fn run(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    daemon::sys::heap::share();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_stack_size(STACK_BYTES)
        .enable_all()
        .build()
        .map_err(|error| Failure::error(format!("cannot start threads: {error}")))?;
    let outcome = runtime.block_on(work);
    // Reads of files that hang must not keep the process.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

/// A token that SIGTERM, SIGINT or, where wanted, the end of standard input cancels.
fn stop_on_signals(until_stdin_closes: bool) -> Result<CancellationToken, Failure> {
    let stop = CancellationToken::new();
    for kind in [SignalKind::terminate(), SignalKind::interrupt()] {
        let mut signals = signal(kind).map_err(no_signals)?;
        let stop = stop.clone();
        tokio::spawn(async move {
            if signals.recv().await.is_some() {
                tracing::info!(signal = kind.as_raw_value(), "stopping");
                stop.cancel();
            }
        });
    }
    if until_stdin_closes {
        let stop = stop.clone();
        let watch = move || {
            let mut stdin = std::io::stdin().lock();
            let mut buffer = [0; 64];
            while matches!(stdin.read(&mut buffer), Ok(1..)) {}
            stop.cancel();
        };
        std::thread::Builder::new()
            .name("stdin".to_owned())
            .stack_size(64 * 1024)
            .spawn(watch)
            .map_err(|error| Failure::error(format!("cannot start a thread: {error}")))?;
    }
    Ok(stop)
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` wants it")]
fn no_signals(error: std::io::Error) -> Failure {
    Failure::error(format!("cannot listen for signals: {error}"))
}
