//! What stays after `ebb task run --detach`: somebody has to acknowledge the tasks' updates, or a drain
//! of their node would wait for it.

use std::process::{Command, ExitCode, Stdio};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::time::{Instant, sleep};
use wire::ebb::Reachability;
use wire::master::response::{GetState, GetTasks};
use wire::v1::FrameworkInfo;

use super::follow::{Subscription, passing};
use crate::api::Master;
use crate::args::Global;
use crate::commands::Outcome;
use crate::exit::{Exit, Failure};
use crate::node::{Node, nodes};

/// How often the master is asked whether anything is left.
const LOOK: Duration = Duration::from_secs(30);
/// Time without a master that takes the framework. Nobody would come after this process, so it outlasts any
/// outage that somebody sees to.
const SILENCE: Duration = Duration::from_hours(7 * 24);
const PAUSE: Duration = Duration::from_secs(1);

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
    let mut subscription = begin(master, framework_id).await?;
    passing(subscription.scheduler.suppress().await)?;
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
        // What did not arrive is tried again at the next tick.
        if is_empty(master, framework_id).await?
            && passing(subscription.scheduler.teardown().await)?
        {
            return Ok(ExitCode::SUCCESS);
        }
    }
}

/// Takes the framework over, as soon as a master is there.
async fn begin(master: &Master, framework_id: &str) -> Result<Subscription, Failure> {
    let begun = Instant::now();
    loop {
        let attempt = async {
            let info = framework(master, framework_id).await?;
            Subscription::begin(master, info, SILENCE).await
        };
        match attempt.await {
            Err(failure) if failure.exit == Exit::Unreachable && begun.elapsed() < SILENCE => {
                sleep(PAUSE).await;
            }
            outcome => return outcome,
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
    if !left(&tasks, framework_id) {
        // A new leader knows no task of an agent that is not back: what is over has to be told from
        // what is not known yet, by one look at both.
        return Ok(master.state().await.is_ok_and(|state| is_surely_empty(state, framework_id)));
    }
    Ok(false)
}

fn left(tasks: &GetTasks, framework_id: &str) -> bool {
    let live = tasks.tasks.iter().chain(&tasks.unreachable_tasks).chain(&tasks.pending_tasks);
    let mut own = live.filter(|task| task.framework_id.value == framework_id);
    own.any(|task| !crate::task::is_over(task))
}

/// No task is left, and no agent is away that may run one the master has not heard of.
fn is_surely_empty(state: GetState, framework_id: &str) -> bool {
    let tasks = state.get_tasks.unwrap_or_default();
    let agents = nodes(state.get_agents.unwrap_or_default(), &tasks);
    let may_run_more = |node: &Node| {
        matches!(node.reachability, Reachability::Recovered | Reachability::Unreachable)
    };
    !left(&tasks, framework_id) && !agents.iter().any(may_run_more)
}

#[cfg(test)]
mod tests {
    use wire::master::response::GetAgents;
    use wire::v1::{AgentInfo, Task, TaskState};

    use super::*;

    fn state(away: Option<Reachability>, task: Option<TaskState>) -> GetState {
        let absent = away.map(|reachability| wire::ebb::AbsentAgent {
            agent_info: Some(AgentInfo::default()),
            reachability: Some(reachability.into()),
            ..wire::ebb::AbsentAgent::default()
        });
        let task = task.map(|state| Task {
            framework_id: wire::v1::FrameworkId { value: "F".to_owned() },
            state: state.into(),
            ..Task::default()
        });
        GetState {
            get_agents: Some(GetAgents {
                absent_agents: absent.into_iter().collect(),
                ..GetAgents::default()
            }),
            get_tasks: Some(GetTasks { tasks: task.into_iter().collect(), ..GetTasks::default() }),
            ..GetState::default()
        }
    }

    /// A framework is over only when no agent is away that may still run a task of it.
    #[test]
    fn a_framework_is_over_only_when_every_agent_that_may_run_its_tasks_is_back() {
        for (away, task, expected) in [
            (None, None, true),
            (None, Some(TaskState::TaskFinished), true),
            (None, Some(TaskState::TaskRunning), false),
            (Some(Reachability::Recovered), None, false),
            (Some(Reachability::Unreachable), None, false),
            (Some(Reachability::Gone), None, true),
        ] {
            assert_eq!(is_surely_empty(state(away, task), "F"), expected, "{away:?} {task:?}");
            let other = !matches!(away, Some(Reachability::Recovered | Reachability::Unreachable));
            assert_eq!(is_surely_empty(state(away, task), "G"), other, "{away:?} {task:?}");
        }
    }
}
