//! `ebb node explain`: what a drain is waiting for.

use std::fmt::Write as _;
use std::process::ExitCode;

use daemon::clock::wall;
use model::Timestamp;
use wire::ebb::{Blocker, BlockerKind, DrainStatus, Reachability};
use wire::v1::DrainState;

use crate::api::Master;
use crate::commands::Outcome;
use crate::node::Node;
use crate::output::{self, table::one_line, words};

pub(super) async fn run(master: &Master, text: &str, json: bool) -> Outcome {
    let node = super::load_one(master, text).await?;
    if json {
        output::json(&super::list::to_json(&node));
    } else {
        let width = output::stdout_width().unwrap_or(usize::MAX);
        output::data(render(&node, wall(), width).as_bytes());
    }
    Ok(ExitCode::SUCCESS)
}

fn render(node: &Node, now: Timestamp, width: usize) -> String {
    let title = node.title();
    match node.drain_state() {
        DrainState::Drained => return format!("{title} is drained: nothing is left there.\n"),
        DrainState::Draining => {}
        DrainState::Unknown if node.reachability == Reachability::Gone => {
            return format!("{title} is decommissioned and will not come back.\n");
        }
        DrainState::Unknown if node.deactivated => {
            return format!(
                "{title} is deactivated, not draining: nothing new starts there, {} there.\n",
                words::count(node.tasks, "task")
            );
        }
        DrainState::Unknown => {
            return format!("{title} is not draining; it is {}.\n", node.status());
        }
    }
    let mut text = String::new();
    let mut line = |line: String| writeln!(text, "{line}").expect("a string takes all");
    let Some(status) = &node.drain_status else {
        line(format!("{title} is draining, {}.", node.progress_words(now)));
        line("This master does not say what the drain waits for: it is none of Ebb's.".to_owned());
        line(format!("See `ebb task list --node {}`.", node.short_id()));
        return text;
    };
    let since = status.started_at.as_ref();
    let since = since.map(|at| format!(" since {}", words::age(now, at))).unwrap_or_default();
    line(format!("{title} is draining{since}: {}", node.progress_words(now)));
    if let Some(by) = status.requested_by.as_ref().filter(|by| !by.is_empty()) {
        let reason = status.reason.as_ref().map(|reason| format!(": {reason}"));
        line(one_line(&format!("Asked for by {by}{}", reason.unwrap_or_default())));
    }
    if status.blockers.is_empty() {
        line("Nothing blocks it: it is about to be DRAINED.".to_owned());
        return text;
    }
    line(format!("It waits for {}:", words::count(total(status), "thing")));
    for blocker in &status.blockers {
        for part in describe(blocker, now, width) {
            line(part);
        }
    }
    let more = total(status).saturating_sub(status.blockers.len());
    if more > 0 {
        line(format!("\nand for {more} more"));
    }
    text
}

fn total(status: &DrainStatus) -> usize {
    status.blockers_total.map_or(status.blockers.len(), |total| total as usize)
}

/// A paragraph: what, then whose, since when, until when, and the remedy.
fn describe(blocker: &Blocker, now: Timestamp, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    lines.extend(wrap(blocker.message(), "* ", "  ", width));
    let mut facts = vec![format!("owner: {}", blocker.owner())];
    if let Some(since) = &blocker.since {
        facts.push(format!("for {}", words::age(now, since)));
    }
    if let Some(until) = &blocker.until {
        let is_away = blocker.kind() == BlockerKind::FrameworkDisconnected;
        let what = if is_away { "the framework's end" } else { "SIGKILL" };
        facts.push(match words::left(now, until) {
            Some(left) => format!("{what} in {}", words::countdown(left)),
            None => format!("{what} is due"),
        });
    }
    lines.extend(wrap(&facts.join(", "), "  ", "  ", width));
    lines.extend(wrap(blocker.remedy(), "  -> ", "     ", width));
    lines
}

/// Breaks text at spaces; a word longer than the width stands alone.
fn wrap(text: &str, first: &str, rest: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in one_line(text).split_whitespace() {
        let length = line.chars().count() + usize::from(!is_empty) + word.chars().count();
        if !is_empty && length > width {
            lines.push(std::mem::replace(&mut line, rest.to_owned()));
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    if !is_empty {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use wire::master::response::get_agents::Agent;
    use wire::master::response::{GetAgents, GetTasks};
    use wire::v1::{AgentId, AgentInfo, DrainInfo, TimeInfo};

    use super::*;
    use crate::node::nodes;

    const NOW: Timestamp = Timestamp(100_000_000_000);

    fn node(state: Option<DrainState>, status: Option<DrainStatus>) -> Node {
        let agent = Agent {
            agent_info: AgentInfo {
                hostname: "node-1".to_owned(),
                id: Some(AgentId { value: "m-S0".to_owned() }),
                ..AgentInfo::default()
            },
            active: true,
            drain_info: state
                .map(|state| DrainInfo { state: state.into(), ..DrainInfo::default() }),
            drain_status: status,
            ..Agent::default()
        };
        let agents = GetAgents { agents: vec![agent], ..GetAgents::default() };
        nodes(agents, &GetTasks::default()).remove(0)
    }

    /// Each blocker comes with its owner, its age and its remedy, in lines that fit 80 columns.
    #[test]
    fn each_blocker_comes_with_owner_age_and_remedy() {
        let at = |seconds: i64| Some(TimeInfo { nanoseconds: NOW.0 + seconds * 1_000_000_000 });
        let blocker = Blocker {
            owner: Some("agent".to_owned()),
            since: at(-65),
            until: at(30),
            message: Some("Task 'web.0' of 'marathon' has been asked to stop ".repeat(2)),
            remedy: Some("Wait for the grace period to end, or drain again with a shorter maximum grace period".to_owned()),
            ..Blocker::default()
        };
        let away = Blocker {
            kind: Some(BlockerKind::FrameworkDisconnected.into()),
            until: at(3_600),
            ..blocker.clone()
        };
        let status = DrainStatus {
            blockers: vec![blocker, away],
            blockers_total: Some(4),
            started_at: at(-70),
            requested_by: Some("ops@desk".to_owned()),
            ..DrainStatus::default()
        };
        let text = render(&node(Some(DrainState::Draining), Some(status)), NOW, 80);
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        for part in [
            "node-1 (S0) is draining since 1m 10s",
            "Asked for by ops@desk",
            "It waits for 4 things:",
            "owner: agent, for 1m 5s, SIGKILL in 30s",
            "owner: agent, for 1m 5s, the framework's end in 1h",
            "  -> Wait for the grace period",
            "and for 2 more",
        ] {
            assert!(text.contains(part), "'{part}' in\n{text}");
        }
    }

    /// It says plainly when nothing blocks, when the drain is finished and when there is none.
    #[test]
    fn it_says_plainly_when_nothing_blocks() {
        let text = |state, status| render(&node(state, status), NOW, 80);
        let draining = Some(DrainState::Draining);
        assert!(text(draining, Some(DrainStatus::default())).contains("Nothing blocks it"));
        assert!(text(draining, None).contains("none of Ebb's"));
        assert!(text(Some(DrainState::Drained), None).contains("is drained"));
        assert_eq!(text(None, None), "node-1 (S0) is not draining; it is ACTIVE.\n");
    }
}
