//! Arguments of `ebb up` and `ebb demo`.

use std::path::PathBuf;

use clap::Args;

/// A cluster of processes on this machine.
#[derive(Args, Debug)]
#[command(after_help = "\
Everything is kept in the data directory: stop with Ctrl-C, and the next `ebb up` goes on with the same
agents and their drains. Tasks are stopped with the cluster.

Examples:
  ebb up
  ebb up --agents 5 --port 0 --data-dir /tmp/cluster")]
pub struct UpArgs {
    /// Number of agents
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(0..=200))]
    pub agents: u16,
    /// Where everything is kept [default: ~/.local/share/ebb]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Port of the master; 0 takes any free one
    #[arg(long, default_value_t = 5050)]
    pub port: u16,
    /// What each agent offers
    #[arg(long, default_value = crate::cluster::RESOURCES)]
    pub resources: String,
}

/// The tour.
#[derive(Args, Debug)]
#[command(after_help = "\
Takes some seconds, needs nothing and leaves nothing behind: everything happens in a temporary
directory, on free ports. Exits with 0 only if everything it says was checked.

Example:
  ebb demo")]
pub struct DemoArgs {}
