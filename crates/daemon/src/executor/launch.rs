//! Runs a framework's own executor, or a nested container: adopts its orphans, rotates its logs, and leaves
//! nothing behind.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;
use wire::media::{self, MediaType};
use wire::v1::ExecutorInfo;

use super::command::{self, CommandError, Order};
use super::output::Output;
use super::settings::{self, COMMAND_FILE, Environment, Settings, SettingsError};
use super::streams::{Attach, Outlet};
use super::{fetching, report};
use crate::container::pidfd::PidRef;
use crate::container::reaper::{Event, Reaper};
use crate::container::terminate::terminate_tree;
use crate::container::tree;

/// Largest description of an executor.
const COMMAND_LIMIT_BYTES: u64 = 16 << 20;
/// How long leftovers may take to go.
const CLEAR_LIMIT: Duration = Duration::from_secs(30);
/// How long the exit waits for the last output to be written.
const LOGS_TIMEOUT: Duration = Duration::from_secs(5);
/// What docker(1) and others exit with when they could not start the command.
const NOT_STARTED: i32 = 125;

/// Why a framework's executor was not run.
#[derive(Debug, thiserror::Error)]
enum LaunchError {
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("cannot read the description of the executor: {0}")]
    Unreadable(io::Error),
    #[error("the description of the executor is not valid: {0}")]
    Malformed(media::BodyError),
    #[error(transparent)]
    Command(#[from] CommandError),
    #[error("{0}")]
    Fetch(String),
    #[error("cannot watch over processes: {0}")]
    Processes(#[from] io::Error),
}

/// Runs the executor to its end and returns its wait status.
pub(super) fn run() -> i32 {
    let outcome = super::runtime()
        .map_err(LaunchError::from)
        .and_then(|runtime| runtime.block_on(supervise()));
    outcome.unwrap_or_else(|error| {
        if let LaunchError::Fetch(why) = &error {
            super::leave_reason(why);
        }
        report::line(format_args!("Cannot run the executor: {error}"));
        NOT_STARTED << 8
    })
}

/// The number a shell would exit with.
pub(super) fn exit_code(wait_status: i32) -> u8 {
    let status = std::process::ExitStatus::from_raw(wait_status);
    let code = status.code().or_else(|| Some(128 + status.signal()?));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

async fn supervise() -> Result<i32, LaunchError> {
    let environment = Environment::of_process();
    let settings = Settings::read(&environment)?;
    let description = match std::env::var_os(COMMAND_FILE) {
        Some(path) => read(File::open(Path::new(&path)).map_err(LaunchError::Unreadable)?)?,
        None => read(io::stdin())?,
    };
    let executor: ExecutorInfo =
        media::decode(MediaType::Protobuf, &description).map_err(LaunchError::Malformed)?;
    let command = executor.command.as_ref().ok_or(CommandError::NoCommand)?;

    let own = i32::try_from(std::process::id()).map_err(io::Error::other)?;
    let own = PidRef::of(own)?.ok_or_else(|| io::Error::other("/proc is not there"))?;
    // Both before the first child, so that no end and no request is missed.
    let mut reaper = Reaper::new()?;
    let mut terminations = signal(SignalKind::terminate())?;
    let user = command::user_of(&settings, command, None);
    if !command.uris.is_empty() {
        let marks = command::marks(&settings);
        let sandbox = &settings.sandbox;
        let (fetch, output) = fetching::start(&settings, command, sandbox, user.as_deref(), marks)?;
        reaper.expect(fetch.pid());
        let output = Output::read(output);
        let wait_status =
            wait_for(&mut reaper, fetch.pid(), &mut terminations, own, std::future::pending())
                .await?;
        fetching::trim_cache(&settings, command);
        fetching::outcome(wait_status, output).await.map_err(LaunchError::Fetch)?;
    }
    let order = Order {
        command,
        container: executor.container.as_deref(),
        directory: match settings.nested {
            // Where the agent has put it, whatever the owner of the sandbox did to the path since.
            Some(_) => ".".into(),
            None => settings.sandbox.clone(),
        },
        environment: settings::of_custom_executor(&environment),
        marks: command::marks(&settings),
        user,
        rotation: settings.rotation,
    };
    let is_session = settings.is_session;
    let attach = settings.attach.clone().map(|path| Attach { path, is_session });
    let (main, outlet) = order.start_for(attach)?;
    reaper.expect(main.pid());

    let abandoned = outlet.abandoned();
    let wait_status = wait_for(&mut reaper, main.pid(), &mut terminations, own, abandoned).await?;
    clear(own).await;
    if is_session {
        // As long as the client takes to read the rest, or goes away: the board knows.
        outlet.finished().await;
    } else {
        finish(&outlet).await;
    }
    Ok(wait_status)
}

/// Kills whatever is left below this process.
async fn clear(own: PidRef) {
    match tree::kill_tree(own, CLEAR_LIMIT).await {
        Ok(0) => {}
        Ok(killed) => report::line(format_args!("Killed {killed} processes that were left")),
        Err(error) => report::line(format_args!("Some processes are left: {error}")),
    }
}

/// The wait status of a child, once it has ended. SIGTERM is passed on meanwhile; once `abandoned` is over,
/// everything is killed.
async fn wait_for(
    reaper: &mut Reaper,
    child: i32,
    terminations: &mut Signal,
    own: PidRef,
    abandoned: impl Future<Output = ()>,
) -> io::Result<i32> {
    tokio::pin!(abandoned);
    let mut is_abandoned = false;
    loop {
        tokio::select! {
            biased;
            () = &mut abandoned, if !is_abandoned => {
                is_abandoned = true;
                clear(own).await;
            }
            event = reaper.next() => {
                if let Event::Exited { pid, status, .. } = event?
                    && pid == child
                {
                    return Ok(status.into_raw());
                }
            }
            _ = terminations.recv() => {
                match terminate_tree(own) {
                    Ok(sent) => report::failures(&sent.failed),
                    Err(error) => report::line(format_args!("Cannot pass SIGTERM on: {error}")),
                }
            }
        }
    }
}

fn read(source: impl Read) -> Result<Vec<u8>, LaunchError> {
    let mut bytes = Vec::new();
    source.take(COMMAND_LIMIT_BYTES).read_to_end(&mut bytes).map_err(LaunchError::Unreadable)?;
    Ok(bytes)
}

async fn finish(logs: &Outlet) {
    match timeout(LOGS_TIMEOUT, logs.finished()).await {
        Ok(0) => {}
        Ok(lost) => report::line(format_args!("{lost} bytes of output could not be kept")),
        Err(_elapsed) => report::line(format_args!("The last output was not all written")),
    }
}
