//! `ebb node drain --wait`: progress until the drain is finished.

use std::time::Duration;

use daemon::clock::wall;
use daemon::http::client::ClientError;
use model::Timestamp;
use tokio::time::Instant;
use wire::ebb::{Blocker, BlockerKind, DrainStatus, Reachability, ServiceProgress};
use wire::master::response::GetTasks;
use wire::v1::DrainState;

use super::drain::timed_out;
use crate::api::Master;
use crate::exit::{Exit, Failure};
use crate::node::{Node, nodes};
use crate::output::progress::Progress;
use crate::output::{self, words};

/// First pause between two looks; grows by half up to the limit.
const PAUSE: Duration = Duration::from_millis(20);
const PAUSE_LIMIT: Duration = Duration::from_millis(500);
/// Time without any answer of the master after which waiting makes no sense: longer than a failover.
const SILENCE: Duration = Duration::from_mins(2);
/// Services and blockers shown at once.
const SHOWN: usize = 5;

/// What is waited for.
#[derive(Clone, Debug)]
pub(in crate::commands) struct Wait {
    pub(in crate::commands) id: String,
    /// Until the agent is removed, not only drained.
    pub(in crate::commands) until_gone: bool,
    pub(in crate::commands) timeout: Option<Duration>,
}

/// How a look came out.
enum Seen {
    Done,
    NotYet(Box<Node>),
    Ended(Failure),
}

/// Waits with progress on stderr and a last word there.
pub(super) async fn run(master: &Master, node: &Node, wait: Wait) -> Result<(), Failure> {
    let mut progress = Progress::new();
    let begun = Instant::now();
    let outcome = follow(master, node, &wait, begun, &mut |now, node, trouble| {
        let (mut lines, mut plain) = (lines(node, now), plain(node));
        if let Some(trouble) = trouble {
            plain = format!("waiting for a master to answer: {trouble}");
            lines.push(plain.clone());
        }
        progress.show(&lines, &plain);
    })
    .await;
    progress.clear();
    outcome?;
    let took = words::short(begun.elapsed());
    let done = if wait.until_gone { "decommissioned" } else { "drained" };
    output::talk(&format!("{} is {done} after {took}", node.title()));
    if !wait.until_gone {
        output::talk(&format!("`ebb node reactivate {}` brings it back", node.short_id()));
    }
    Ok(())
}

/// Gets what was seen last, and why nothing newer could be seen, if so.
pub(in crate::commands) type Show<'a> = &'a mut dyn FnMut(Timestamp, &Node, Option<&ClientError>);

/// Looks until the wait is over; `show` gets every look.
pub(in crate::commands) async fn follow(
    master: &Master,
    node: &Node,
    wait: &Wait,
    begun: Instant,
    show: Show<'_>,
) -> Result<(), Failure> {
    // It looks again by itself.
    let master = &master.without_patience();
    let mut pause = PAUSE;
    let mut last = node.clone();
    let mut answered = Instant::now();
    loop {
        match look(master, wait).await {
            Ok(Seen::Done) => return Ok(()),
            Ok(Seen::Ended(failure)) => return Err(failure),
            Ok(Seen::NotYet(node)) => {
                show(wall(), &node, None);
                last = *node;
                answered = Instant::now();
            }
            // A master that restarts or fails over is no reason to give up.
            Err(error) if is_passing(&error) && answered.elapsed() < SILENCE => {
                show(wall(), &last, Some(&error));
            }
            Err(error) => return Err(error.into()),
        }
        let mut next = Instant::now() + pause;
        if let Some(timeout) = wait.timeout {
            if begun.elapsed() >= timeout {
                return Err(timed_out(&last, timeout, &last.progress_words(wall())));
            }
            next = next.min(begun + timeout);
        }
        tokio::time::sleep_until(next).await;
        pause = (pause * 3 / 2).min(PAUSE_LIMIT);
    }
}

fn is_passing(error: &ClientError) -> bool {
    match error {
        ClientError::Unreachable { .. }
        | ClientError::Broken { .. }
        | ClientError::Misdirected { .. }
        | ClientError::NoLeader(_) => true,
        ClientError::Status { status, .. } => status.as_u16() == 503,
        ClientError::Garbled { .. } | ClientError::Address { .. } => false,
    }
}

async fn look(master: &Master, wait: &Wait) -> Result<Seen, ClientError> {
    let mut agents = master.agents().await?;
    let is_it = |id: Option<&wire::v1::AgentId>| id.is_some_and(|id| id.value == wait.id);
    agents.agents.retain(|agent| is_it(agent.agent_info.id.as_ref()));
    agents.recovered_agents.retain(|info| is_it(info.id.as_ref()));
    agents
        .absent_agents
        .retain(|agent| agent.agent_info.as_ref().is_some_and(|info| is_it(info.id.as_ref())));
    // Ebb's masters count the tasks themselves.
    let counted = agents.agents.iter().all(|agent| agent.drain_status.is_some());
    let tasks = if counted { GetTasks::default() } else { master.tasks().await? };
    Ok(judge(nodes(agents, &tasks).into_iter().next(), wait))
}

fn judge(node: Option<Node>, wait: &Wait) -> Seen {
    let gone = || {
        Failure::error("the node was removed from the cluster while it was drained")
            .hint("somebody decommissioned it; its tasks are given up")
    };
    let Some(node) = node else {
        return if wait.until_gone { Seen::Done } else { Seen::Ended(gone()) };
    };
    if node.reachability == Reachability::Gone {
        return if wait.until_gone { Seen::Done } else { Seen::Ended(gone()) };
    }
    match node.drain_state() {
        DrainState::Drained if !wait.until_gone => Seen::Done,
        DrainState::Drained | DrainState::Draining => Seen::NotYet(Box::new(node)),
        // A master of Mesos forgets the drain of an agent it has not heard from since its start.
        DrainState::Unknown if node.reachability == Reachability::Recovered => {
            Seen::NotYet(Box::new(node))
        }
        DrainState::Unknown => Seen::Ended(
            Failure::new(Exit::Error, format!("{} is not draining any more", node.title()))
                .hint("somebody reactivated it"),
        ),
    }
}

/// The picture on a terminal.
fn lines(node: &Node, now: Timestamp) -> Vec<String> {
    let status = node.drain_status.as_ref();
    let since = status.and_then(|status| status.started_at.as_ref());
    let since = since.map(|at| format!(" for {}", words::age(now, at))).unwrap_or_default();
    let mut lines = vec![
        format!("{} {}{since}", node.title(), node.status()),
        format!("  {}", node.progress_words(now)),
    ];
    let Some(status) = status else { return lines };
    let services = services(status);
    lines.extend(services.iter().take(SHOWN).map(|service| format!("    {service}")));
    if services.len() > SHOWN {
        lines.push(format!("    and {} more services", services.len() - SHOWN));
    }
    if !status.blockers.is_empty() {
        lines.push("  waits for".to_owned());
        let blockers = status.blockers.iter().take(SHOWN);
        lines.extend(blockers.map(|blocker| {
            // The age first: a long message loses its end.
            let since = blocker.since.as_ref().map(|since| words::age(now, since));
            format!("    {:>5}  {}", since.unwrap_or_default(), blocker.message())
        }));
        let total = status.blockers_total.map_or(status.blockers.len(), |total| total as usize);
        if total > SHOWN {
            lines.push(format!(
                "    and {} more: ebb node explain {}",
                total - SHOWN,
                node.short_id()
            ));
        }
    }
    lines
}

/// The same without what changes by itself, so that a line is printed only when something happened.
fn plain(node: &Node) -> String {
    let status = node.drain_status.as_ref();
    // Without a moment to count down to.
    let progress = node.progress_words(Timestamp(i64::MAX));
    let mut text = format!("{} {}: {progress}", node.title(), node.status());
    let Some(status) = status else { return text };
    let services = services(status);
    if !services.is_empty() {
        let shown = &services[..services.len().min(SHOWN)];
        text = format!("{text} ({})", shown.join("; "));
    }
    let left = status.progress.as_ref().is_some_and(|progress| progress.tasks_left() > 0);
    // The progress says already when tasks or the agent's word are missing.
    let is_news = |blocker: &&Blocker| !left && blocker.kind() != BlockerKind::AgentNotConfirmed;
    if let Some(blocker) = status.blockers.first().filter(is_news) {
        text = format!("{text}; waits for: {}", blocker.message());
    }
    text
}

/// `web: 2 tasks`, `batch: 1 task, 1 update not acknowledged`.
fn services(status: &DrainStatus) -> Vec<String> {
    let services = status.progress.as_ref().map(|progress| progress.services.as_slice());
    let describe = |service: &ServiceProgress| {
        let mut parts = Vec::new();
        if service.tasks_left() > 0 {
            parts.push(words::count(service.tasks_left() as usize, "task"));
        }
        if service.updates_unacknowledged() > 0 {
            let updates = words::count(service.updates_unacknowledged() as usize, "update");
            parts.push(format!("{updates} not acknowledged"));
        }
        (!parts.is_empty()).then(|| format!("{}: {}", service.name(), parts.join(", ")))
    };
    services.unwrap_or_default().iter().filter_map(describe).collect()
}

#[cfg(test)]
mod tests {
    use wire::ebb::DrainProgress;
    use wire::master::response::GetAgents;
    use wire::master::response::get_agents::Agent;
    use wire::v1::{AgentId, AgentInfo, DrainInfo, TimeInfo};

    use super::*;

    fn node(state: Option<DrainState>) -> Node {
        let service = |name: &str, tasks, updates| ServiceProgress {
            name: Some(name.to_owned()),
            tasks_left: Some(tasks),
            updates_unacknowledged: Some(updates),
            ..ServiceProgress::default()
        };
        let progress = DrainProgress {
            tasks_left: Some(3),
            last_kill_at: Some(TimeInfo { nanoseconds: 30_000_000_000 }),
            services: vec![service("web", 2, 0), service("batch", 1, 1), service("idle", 0, 0)],
            ..DrainProgress::default()
        };
        let blocker = Blocker {
            message: Some("Task 'a' is still running".to_owned()),
            since: Some(TimeInfo { nanoseconds: 13_000_000_000 }),
            ..Blocker::default()
        };
        let status = DrainStatus {
            progress: Some(progress),
            blockers: vec![blocker],
            blockers_total: Some(9),
            started_at: Some(TimeInfo { nanoseconds: 10_000_000_000 }),
            ..DrainStatus::default()
        };
        let agent = Agent {
            agent_info: AgentInfo {
                hostname: "node-1".to_owned(),
                id: Some(AgentId { value: "m-S0".to_owned() }),
                ..AgentInfo::default()
            },
            active: true,
            drain_info: state
                .map(|state| DrainInfo { state: state.into(), ..DrainInfo::default() }),
            drain_status: Some(status),
            ..Agent::default()
        };
        let agents = GetAgents { agents: vec![agent], ..GetAgents::default() };
        nodes(agents, &GetTasks::default()).remove(0)
    }

    /// The picture shows what is left by service, the time to the last kill and what is waited for.
    #[test]
    fn the_picture_shows_what_is_left_by_service() {
        let lines = lines(&node(Some(DrainState::Draining)), Timestamp(18_000_000_000));
        assert_eq!(
            lines,
            [
                "node-1 (S0) DRAINING for 8s",
                "  3 tasks left, last kill in 12s",
                "    web: 2 tasks",
                "    batch: 1 task, 1 update not acknowledged",
                "  waits for",
                "       5s  Task 'a' is still running",
                "    and 4 more: ebb node explain S0",
            ]
        );
    }

    /// Plain lines hold no countdown, so that one is printed only when something happened.
    #[test]
    fn plain_lines_do_not_change_with_the_clock() {
        assert_eq!(
            plain(&node(Some(DrainState::Draining))),
            "node-1 (S0) DRAINING: 3 tasks left (web: 2 tasks; batch: 1 task, 1 update not acknowledged)"
        );
    }

    /// The wait ends with the drain, with the agent's removal where that is wanted, and not by itself
    /// when somebody else ended the drain.
    #[test]
    fn the_wait_ends_with_the_drain() {
        let wait = |until_gone| Wait { id: "m-S0".to_owned(), until_gone, timeout: None };
        let gone = || {
            let mut node = node(Some(DrainState::Drained));
            node.reachability = Reachability::Gone;
            Some(node)
        };
        let drained = || Some(node(Some(DrainState::Drained)));
        assert!(matches!(judge(drained(), &wait(false)), Seen::Done));
        assert!(matches!(judge(drained(), &wait(true)), Seen::NotYet(_)));
        assert!(matches!(judge(gone(), &wait(true)), Seen::Done));
        assert!(matches!(judge(gone(), &wait(false)), Seen::Ended(_)));
        assert!(matches!(judge(None, &wait(true)), Seen::Done));
        assert!(matches!(judge(None, &wait(false)), Seen::Ended(_)));
        assert!(matches!(judge(Some(node(None)), &wait(false)), Seen::Ended(_)));
        let draining = Some(node(Some(DrainState::Draining)));
        assert!(matches!(judge(draining, &wait(false)), Seen::NotYet(_)));
    }
}
