//! Arguments of `ebb node …`.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::duration;

/// What can be done with nodes.
#[derive(Debug, Subcommand)]
pub enum NodeCommand {
    /// List all nodes, those that are away included
    #[command(after_help = "\
Examples:
  ebb node list
  ebb node list -o json")]
    List,
    /// Show everything about a node
    #[command(after_help = "\
Example:
  ebb node show S1")]
    Show(NodeArg),
    /// Take a node out of service: nothing new starts there and every task is asked to stop
    #[command(after_help = "\
Each task gets SIGTERM, then SIGKILL when its grace period is over: the smaller of its own and
--max-grace-period. The node is DRAINED when nothing is left, confirmed by the agent itself. A drain
cannot be cancelled; saying it again may only shorten it or add --decommission.

Examples:
  ebb node drain S1 --wait
  ebb node drain node-2 --max-grace-period=10m --reason='new disks' --wait --timeout=1h
  ebb node drain S3 --decommission

Exit codes: 0 accepted, with --wait drained; 3 not drained within --timeout, the drain goes on;
4 refused by the master; 5 master not reachable.")]
    Drain(DrainArgs),
    /// Keep new tasks away from a node; what runs there runs on
    #[command(after_help = "\
Example:
  ebb node deactivate S1 --reason='flaky network'")]
    Deactivate(DeactivateArgs),
    /// Bring a drained or deactivated node back into service
    #[command(after_help = "\
Example:
  ebb node reactivate S1")]
    Reactivate(NodeArg),
    /// Remove a node for good, at once, for instance because its machine is lost
    #[command(after_help = "\
This does not wait for anything; tasks on the node are given up. To let them end first, use
`ebb node drain --decommission`.

Examples:
  ebb node decommission S1
  ebb node decommission S1 --yes")]
    Decommission(DecommissionArgs),
    /// Say what a drain is waiting for: whose it is, since when, and what to do
    #[command(after_help = "\
Example:
  ebb node explain S1")]
    Explain(NodeArg),
}

/// Which node.
#[derive(Args, Debug)]
pub struct NodeArg {
    /// Agent id, its end (as in S1), or the host name
    #[arg(value_name = "NODE")]
    pub node: String,
}

#[derive(Args, Debug)]
pub struct DrainArgs {
    #[command(flatten)]
    pub node: NodeArg,
    /// Longest grace period of any task, such as 90s, 10m or 10mins; 0 kills at once
    #[arg(long, value_name = "DURATION", value_parser = duration, allow_hyphen_values = true)]
    pub max_grace_period: Option<Duration>,
    /// Remove the node for good once it is drained
    #[arg(long)]
    pub decommission: bool,
    /// Don't ask before --decommission
    #[arg(long, short = 'y')]
    pub yes: bool,
    /// Why, for whoever looks at the node meanwhile
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Show progress until the node is drained
    #[arg(long)]
    pub wait: bool,
    /// Wait no longer than this; the drain goes on
    #[arg(long, value_name = "DURATION", value_parser = duration, requires = "wait", allow_hyphen_values = true)]
    pub timeout: Option<Duration>,
}

#[derive(Args, Debug)]
pub struct DeactivateArgs {
    #[command(flatten)]
    pub node: NodeArg,
    /// Why, for whoever looks at the node meanwhile
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

#[derive(Args, Debug)]
pub struct DecommissionArgs {
    #[command(flatten)]
    pub node: NodeArg,
    /// Don't ask
    #[arg(long, short = 'y')]
    pub yes: bool,
}
