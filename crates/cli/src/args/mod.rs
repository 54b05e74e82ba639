//! The command line, as clap reads it. One file per group of commands.

pub mod cluster;
pub mod dcos;
pub mod node;
pub mod registry;
pub mod task;

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub use cluster::{DemoArgs, UpArgs};
pub use node::NodeCommand;
pub use registry::RegistryCommand;
pub use task::TaskCommand;

const EXAMPLES: &str = "\
Examples:
  ebb demo                             the tour: a cluster, a workload, a drain
  ebb up                               a cluster on this machine, until Ctrl-C
  ebb node list                        the nodes and what they are doing
  ebb node drain S1 --wait             take a node out of service
  ebb node explain S1                  what a drain is waiting for
  ebb node reactivate S1               bring it back

Exit codes: 0 done; 1 error; 2 usage; 3 time ran out while waiting; 4 refused by the master; 5 master
not reachable; 6 this agent was decommissioned.";

/// A cluster manager whose centre is taking nodes out of service safely.
#[derive(Debug, Parser)]
#[command(name = "ebb", version, about, after_help = EXAMPLES, propagate_version = false)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Flags of all client commands.
#[derive(Args, Clone, Debug)]
pub struct Global {
    /// The master to talk to: host:port or http://host:port; several joined by commas
    #[arg(
        long,
        global = true,
        value_name = "URL",
        env = "EBB_MASTER",
        default_value = "http://127.0.0.1:5050"
    )]
    pub master: String,
    /// Who you are, where the master wants credentials
    #[arg(long, global = true, value_name = "NAME", env = "EBB_PRINCIPAL")]
    pub principal: Option<String>,
    /// File that holds your secret and nothing else
    #[arg(long, global = true, value_name = "FILE", env = "EBB_SECRET_FILE")]
    pub secret_file: Option<PathBuf>,
    /// How to print data
    #[arg(short, long, global = true, value_name = "FORMAT", default_value = "table")]
    pub output: Format,
    /// Print no colours
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// How data is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Json,
}

/// The groups of commands, in the order of help.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look at nodes, drain them, bring them back
    #[command(subcommand)]
    Node(NodeCommand),
    /// Look at tasks, run and kill them, read their output
    #[command(subcommand)]
    Task(TaskCommand),
    /// Look at the registry of a master, back it up, restore it
    #[command(subcommand)]
    Registry(RegistryCommand),
    /// Run a cluster on this machine: a master and some agents; Ctrl-C stops all
    Up(UpArgs),
    /// Take the tour: a cluster, a real workload, one drain watched to its end
    Demo(DemoArgs),
    /// Measure how quick Ebb is on this machine
    Bench(crate::bench::Args),
    /// Simulate clusters with faults, to look for a broken rule or to reproduce one
    Sim(crate::simulate::Args),
    /// Run a master (`ebb master --help` lists its flags)
    #[command(disable_help_flag = true)]
    Master(DaemonArgs),
    /// Run an agent (`ebb agent --help` lists its flags)
    #[command(disable_help_flag = true)]
    Agent(DaemonArgs),
}

/// For help only: the daemons' flags are read by [`crate::flags`] before clap sees them.
#[derive(Args, Debug)]
pub struct DaemonArgs {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    pub flags: Vec<String>,
}

/// A duration in Mesos' or Go's notation, for clap.
pub fn duration(text: &str) -> Result<Duration, String> {
    model::duration::parse(text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::*;

    /// The definition of the command line holds together.
    #[test]
    fn the_command_line_is_well_defined() {
        Cli::command().debug_assert();
        dcos::Dcos::command().debug_assert();
    }

    /// Every command that people see has a line that says what it does, and those at the ends an example.
    #[test]
    fn every_command_has_help_with_an_example() {
        fn walk(command: &clap::Command, path: &str) {
            for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
                let path = format!("{path} {}", sub.get_name());
                assert!(sub.get_about().is_some(), "{path} says nothing");
                let is_end = sub.get_subcommands().next().is_none();
                let is_daemon = ["master", "agent"].contains(&sub.get_name());
                if is_end && !is_daemon {
                    let text = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
                    assert!(text.contains("Example"), "{path} has no example");
                }
                walk(sub, &path);
            }
        }
        walk(&Cli::command(), "ebb");
    }

    /// Both notations of durations are read, and global flags may stand anywhere.
    #[test]
    fn durations_and_global_flags_are_read() {
        for text in ["10m", "10mins", "600s"] {
            let cli = Cli::try_parse_from([
                "ebb",
                "node",
                "drain",
                "S1",
                "--max-grace-period",
                text,
                "--master",
                "m:1",
                "-o",
                "json",
            ])
            .unwrap();
            assert_eq!(cli.global.master, "m:1");
            assert_eq!(cli.global.output, Format::Json);
            let Command::Node(NodeCommand::Drain(drain)) = cli.command else { panic!("drain") };
            assert_eq!(drain.max_grace_period, Some(Duration::from_mins(10)));
        }
        let negative =
            Cli::try_parse_from(["ebb", "node", "drain", "S1", "--max-grace-period=-1s"]);
        assert!(negative.unwrap_err().to_string().contains("must not be negative"));
    }
}
