//! What the demo claims, checked against the machine and the master.

use std::time::Duration;

use daemon::container::marker;
use tokio::time::{Instant, sleep};
use wire::ebb::Reachability;
use wire::master::response::GetAgents;
use wire::v1::TaskState;
use wire::v1::task_status::Reason;

use super::workload::{Kind, Task};
use crate::cluster::{Cluster, Who};
use crate::exit::{DECOMMISSIONED, Failure};

const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// How much later than its time a task may be seen to end, on a machine that is busy.
const TOLERANCE: Duration = Duration::from_secs(2);
/// What the slow task needs after SIGTERM.
const SLOW: Duration = Duration::from_secs(3);

/// Waits until the containers have at least `least` processes and returns how many there are.
pub(super) async fn await_processes(
    containers: &[String],
    least: usize,
    limit: Duration,
) -> Result<usize, Failure> {
    let begun = Instant::now();
    loop {
        let count = processes(containers)?;
        if count >= least {
            return Ok(count);
        }
        if begun.elapsed() > limit {
            return Err(Failure::error(format!("only {count} processes of {least} are there")));
        }
        sleep(LOOK_AGAIN).await;
    }
}

/// No process of these containers runs any more.
pub(super) fn none_left(containers: &[String]) -> Result<(), Failure> {
    match processes(containers)? {
        0 => Ok(()),
        count => Err(Failure::error(format!("{count} processes of ended tasks still run"))),
    }
}

fn processes(containers: &[String]) -> Result<usize, Failure> {
    let ids: Vec<&str> = containers.iter().map(String::as_str).collect();
    let scan = marker::scan(&ids)
        .map_err(|error| Failure::error(format!("cannot look at the processes: {error}")))?;
    Ok(scan.found.values().map(Vec::len).sum())
}

/// Every task was killed by the drain, none before its time was over and none much later.
pub(super) fn ended_by_drain(tasks: &[(String, Task)], begun: Instant) -> Result<(), Failure> {
    for (name, task) in tasks {
        let fail = |what: &str| Err(Failure::error(format!("task {name} {what}")));
        let (Some(ended), Some(status)) = (task.ended, &task.last) else {
            return fail("has not ended though its node is drained");
        };
        if task.state != TaskState::TaskKilled {
            return fail(&format!("ended as {}, not as TASK_KILLED", task.state.as_str_name()));
        }
        if status.reason != Some(Reason::AgentDraining.into()) {
            return fail("was not ended by the drain");
        }
        let took = ended.saturating_duration_since(begun);
        let expected = match task.kind {
            Kind::Prompt | Kind::Family => Duration::ZERO,
            Kind::Slow => SLOW,
            Kind::Stubborn => task.kind.grace().unwrap_or_default(),
        };
        if took < expected || took > expected + TOLERANCE {
            return fail(&format!("ended after {took:?} and not after about {expected:?}"));
        }
    }
    Ok(())
}

/// The master lists the agent as gone.
pub(super) fn is_gone(agents: &GetAgents, id: &str) -> Result<(), Failure> {
    let absent = agents.absent_agents.iter().find(|agent| {
        let info = agent.agent_info.as_ref();
        info.and_then(|info| info.id.as_ref()).is_some_and(|agent_id| agent_id.value == id)
    });
    if absent.is_some_and(|agent| agent.reachability() == Reachability::Gone) {
        return Ok(());
    }
    Err(Failure::error("the master does not list the decommissioned agent as gone"))
}

/// The agent's process ends, with the exit code for it.
pub(super) async fn ended_as_decommissioned(
    cluster: &mut Cluster,
    who: Who,
    limit: Duration,
) -> Result<(), Failure> {
    let ended = tokio::time::timeout(limit, cluster.ended()).await;
    let (ended, status) =
        ended.map_err(|_| Failure::error("the decommissioned agent has not ended"))?;
    if ended == who && status.code() == Some(i32::from(DECOMMISSIONED)) {
        return Ok(());
    }
    Err(Failure::error(format!("{} ended with {status}", ended.name())))
}

/// Started again, the agent ends at once.
pub(super) async fn is_refused_again(cluster: &mut Cluster, who: Who) -> Result<(), Failure> {
    cluster.restart(who).await.map_err(|error| Failure::error(error.to_string()))?;
    if cluster.member(who).is_running() {
        return Err(Failure::error("a decommissioned agent started again"));
    }
    Ok(())
}
