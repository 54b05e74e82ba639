//! What stays after `ebb task run --detach`: somebody has to acknowledge the tasks' updates, or a drain
//! of their node would wait for it.

use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use wire::v1::FrameworkInfo;

use super::follow::{Subscription, passing};
use crate::api::Master;
use crate::args::Global;
use crate::commands::Outcome;
use crate::exit::Failure;

/// How often the master is asked whether anything is left.
const LOOK: Duration = Duration::from_secs(30);

/// Starts a holder that outlives this process and its terminal.
pub(super) fn spawn(global: &Global, framework_id: &str) -> Result<(), Failure> {
    let program = std::env::current_exe().map_err(|error| {
        Failure::error(format!("cannot find out where this program is: {error}"))
    })?;
    let mut command = Command::new(program);
    command.args(["task", "hold", framework_id, "--master", &global.master]);
    if let (Some(principal), Some(file)) = (&global.principal, &global.secret_file) {
        command.arg("--principal").arg(principal).arg("--secret-file").arg(file);
    }
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .map(drop)
        .map_err(|error| {
            Failure::error(format!("cannot start what acknowledges the tasks' updates: {error}"))
        })
}

/// `ebb task hold`: until the framework has no task left, somebody else takes it over, or the master is
/// silent for too long.
pub(super) async fn run(master: &Master, framework_id: &str) -> Outcome {
    // Not to end with the terminal it was started from.
    if let Err(error) = rustix::process::setsid() {
        tracing::debug!(%error, "this process leads its group already");
    }
    let _hangup = signal(SignalKind::hangup())
        .map_err(|error| Failure::error(format!("cannot listen for signals: {error}")))?;
    let info = framework(master, framework_id).await?;
    let mut subscription = Subscription::begin(master, info).await?;
    subscription.scheduler.suppress().await?;
    let mut tick = tokio::time::interval(LOOK);
    loop {
        tokio::select! {
            event = subscription.next() => {
                let event = event?;
                if let Some(offers) = event.offers {
                    let ids = offers.offers.into_iter().map(|offer| offer.id).collect();
                    passing(subscription.scheduler.decline(ids, 3600.0).await)?;
                }
                let Some(update) = event.update else { continue };
                subscription.acknowledge(&update.status).await?;
                let state = wire::v1::TaskState::try_from(update.status.state).unwrap_or_default();
                if !model::task::is_terminal(state) {
                    continue;
                }
            }
            _ = tick.tick() => {}
        }
        if is_empty(master, framework_id).await? {
            subscription.scheduler.teardown().await?;
            return Ok(ExitCode::SUCCESS);
        }
    }
}

/// The registered framework, as it has to be given to take it over.
pub(super) async fn framework(master: &Master, id: &str) -> Result<FrameworkInfo, Failure> {
    let frameworks = master.frameworks().await?;
    let infos = frameworks.frameworks.into_iter().map(|framework| framework.framework_info);
    infos
        .into_iter()
        .find(|info| info.id.as_ref().is_some_and(|it| it.value == id))
        .ok_or_else(|| Failure::error(format!("there is no framework {id} any more")))
}

/// Whether every task of the framework has ended. A master that does not answer now is asked later.
pub(super) async fn is_empty(master: &Master, framework_id: &str) -> Result<bool, Failure> {
    let Ok(tasks) = master.tasks().await else { return Ok(false) };
    let live = tasks.tasks.iter().chain(&tasks.unreachable_tasks).chain(&tasks.pending_tasks);
    let mut own = live.filter(|task| task.framework_id.value == framework_id);
    Ok(own.all(crate::task::is_over))
}
