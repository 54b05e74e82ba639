//! `ebb node drain`.

use std::process::ExitCode;
use std::time::Duration;

use wire::master::call::DrainAgent;
use wire::v1::DrainState;

use super::wait::{self, Wait};
use super::{agent_id, caller, confirm, load_one};
use crate::api::Master;
use crate::args::node::DrainArgs;
use crate::commands::Outcome;
use crate::exit::Failure;
use crate::node::Node;
use crate::output;

pub(super) async fn run(master: &Master, args: DrainArgs) -> Outcome {
    let node = load_one(master, &args.node.node).await?;
    if args.decommission && !args.yes {
        confirm::ask(&node, "once it is drained")?;
    }
    master.drain_agent(request(&node, &args)).await?;
    if args.wait {
        let wait =
            Wait { id: node.id.clone(), until_gone: args.decommission, timeout: args.timeout };
        wait::run(master, &node, wait).await?;
        return Ok(ExitCode::SUCCESS);
    }
    output::talk(&accepted(&node, &args));
    Ok(ExitCode::SUCCESS)
}

fn request(node: &Node, args: &DrainArgs) -> DrainAgent {
    DrainAgent {
        agent_id: agent_id(node),
        max_grace_period: args.max_grace_period.map(to_wire),
        mark_gone: Some(args.decommission),
        reason: args.reason.clone().filter(|reason| !reason.is_empty()),
        requested_by: Some(caller()),
    }
}

/// The protobuf form, which the call has, unlike the rest of Mesos.
pub(in crate::commands) fn to_wire(duration: Duration) -> wire::google::Duration {
    wire::google::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(duration.subsec_nanos()).expect("less than a second"),
    }
}

/// One line: what was accepted and how to follow it.
fn accepted(node: &Node, args: &DrainArgs) -> String {
    let again = node.drain_state() == DrainState::Draining;
    let what =
        if again { "is draining already; the drain was only tightened" } else { "is draining" };
    let then = if args.decommission { " and will be decommissioned" } else { "" };
    format!("{} {what}{then}; follow it with `ebb node explain {}`", node.title(), node.short_id())
}

/// What a drain that did not get on in time leaves behind.
pub(super) fn timed_out(node: &Node, limit: Duration, progress: &str) -> Failure {
    let limit = model::duration::format_short(limit);
    Failure::new(
        crate::exit::Exit::Timeout,
        format!("{} is not drained after {limit} ({progress}); the drain goes on", node.title()),
    )
    .hint(format!("`ebb node explain {}` says what it waits for", node.short_id()))
}
