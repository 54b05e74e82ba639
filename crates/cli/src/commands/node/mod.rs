//! `ebb node …`.

mod confirm;
mod drain;
mod explain;
mod list;
mod show;
pub(super) mod wait;

use std::process::ExitCode;

use super::Outcome;
use crate::api::Master;
use crate::args::node::{DeactivateArgs, DecommissionArgs};
use crate::args::{Format, Global, NodeCommand};
use crate::client;
use crate::exit::Failure;
use crate::node::{Node, find, nodes};
use crate::output;

pub(super) async fn run(global: &Global, command: NodeCommand) -> Outcome {
    let master = client::master(global)?;
    let json = global.output == Format::Json;
    match command {
        NodeCommand::List => list::run(&master, json).await,
        NodeCommand::Show(args) => show::run(&master, &args.node, json).await,
        NodeCommand::Drain(args) => drain::run(&master, args).await,
        NodeCommand::Deactivate(args) => deactivate(&master, args).await,
        NodeCommand::Reactivate(args) => reactivate(&master, &args.node).await,
        NodeCommand::Decommission(args) => decommission(&master, args).await,
        NodeCommand::Explain(args) => explain::run(&master, &args.node, json).await,
    }
}

/// All nodes with the numbers of their tasks.
pub(super) async fn load(master: &Master) -> Result<Vec<Node>, Failure> {
    let agents = master.agents().await?;
    let tasks = master.tasks().await?;
    Ok(nodes(agents, &tasks))
}

/// The node that `text` names.
pub(super) async fn load_one(master: &Master, text: &str) -> Result<Node, Failure> {
    Ok(find(&load(master).await?, text)?.clone())
}

async fn deactivate(master: &Master, args: DeactivateArgs) -> Outcome {
    let node = load_one(master, &args.node.node).await?;
    master.deactivate_agent(agent_id(&node), args.reason, Some(caller())).await?;
    output::talk(&format!("{} is deactivated: nothing new starts there", node.title()));
    if node.tasks > 0 {
        let tasks = output::words::count(node.tasks, "task");
        output::talk(&format!(
            "{tasks} there: stop them through the services' own APIs, or drain the node"
        ));
    }
    Ok(ExitCode::SUCCESS)
}

async fn reactivate(master: &Master, node: &str) -> Outcome {
    let node = load_one(master, node).await?;
    master.reactivate_agent(agent_id(&node)).await.map_err(|error| {
        let failure = Failure::from(error);
        match node.drain_state() {
            wire::v1::DrainState::Draining => failure.hint(format!(
                "a drain can't be cancelled; `ebb node explain {}` says what it waits for",
                node.short_id()
            )),
            wire::v1::DrainState::Drained | wire::v1::DrainState::Unknown => failure,
        }
    })?;
    output::talk(&format!("{} is back in service", node.title()));
    Ok(ExitCode::SUCCESS)
}

async fn decommission(master: &Master, args: DecommissionArgs) -> Outcome {
    let node = load_one(master, &args.node.node).await?;
    if !args.yes {
        confirm::ask(&node, "at once")?;
    }
    master.mark_agent_gone(agent_id(&node)).await?;
    output::talk(&format!("{} is decommissioned", node.title()));
    Ok(ExitCode::SUCCESS)
}

pub(super) fn agent_id(node: &Node) -> wire::v1::AgentId {
    wire::v1::AgentId { value: node.id.clone() }
}

/// `user@host`, for whoever looks at the node meanwhile.
pub(super) fn caller() -> String {
    let uid = || format!("uid-{}", rustix::process::getuid().as_raw());
    let user = super::user_name().unwrap_or_else(uid);
    format!("{user}@{}", rustix::system::uname().nodename().to_string_lossy())
}
