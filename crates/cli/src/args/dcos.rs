//! The command line under the name `dcos`: what its users type, with its flags.

use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use super::{Global, duration};

/// The commands of `dcos` that Ebb serves; `ebb` has more.
#[derive(Debug, Parser)]
#[command(name = "dcos", version, disable_help_subcommand = true)]
pub struct Dcos {
    #[command(flatten)]
    pub global: DcosGlobal,
    #[command(subcommand)]
    pub command: DcosCommand,
}

/// Where the master is; `dcos` would take it from its configured cluster.
#[derive(Args, Clone, Debug)]
pub struct DcosGlobal {
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
    pub secret_file: Option<std::path::PathBuf>,
}

impl DcosGlobal {
    /// As the commands of `ebb` have it.
    pub fn to_global(&self) -> Global {
        Global {
            master: self.master.clone(),
            principal: self.principal.clone(),
            secret_file: self.secret_file.clone(),
            output: super::Format::Table,
            no_color: true,
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum DcosCommand {
    /// View and manage nodes
    #[command(subcommand)]
    Node(DcosNode),
    /// View tasks and their output
    #[command(subcommand)]
    Task(DcosTask),
}

#[derive(Debug, Subcommand)]
pub enum DcosNode {
    /// List the nodes of the cluster
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
        /// Only the node with this id
        #[arg(long, value_name = "ID")]
        mesos_id: Option<String>,
        /// One more column, by its path in the JSON form
        #[arg(long, value_name = "NAME")]
        field: Vec<String>,
    },
    /// Drain an agent
    Drain {
        #[arg(value_name = "mesos-id")]
        id: String,
        /// Longest grace period of any task
        #[arg(long, value_name = "DURATION", value_parser = duration, allow_hyphen_values = true)]
        max_grace_period: Option<Duration>,
        /// Remove the agent for good once it is drained
        #[arg(long)]
        decommission: bool,
        /// Return when the agent is drained
        #[arg(long)]
        wait: bool,
    },
    /// Keep new tasks away from an agent
    Deactivate {
        #[arg(value_name = "mesos-id")]
        id: String,
    },
    /// Bring an agent back
    Reactivate {
        #[arg(value_name = "mesos-id")]
        id: String,
    },
    /// Remove an agent for good
    Decommission {
        #[arg(value_name = "mesos-id")]
        id: String,
    },
}

#[derive(Debug, Subcommand)]
pub enum DcosTask {
    /// List tasks
    List(DcosTaskList),
    /// Run a command in the container of a task
    Exec(super::task::ExecArgs),
    /// Attach to a task
    Attach(super::task::AttachArgs),
    /// Print what tasks wrote
    Log {
        /// Part of the task id
        #[arg(value_name = "task")]
        task: String,
        /// File in the sandbox
        #[arg(value_name = "file", default_value = "stdout")]
        file: String,
        /// Only the last lines
        #[arg(long, default_value_t = 10)]
        lines: usize,
        /// Go on printing
        #[arg(long)]
        follow: bool,
        /// Also tasks that have ended
        #[arg(long)]
        all: bool,
        /// Only tasks that have ended
        #[arg(long, conflicts_with = "all")]
        completed: bool,
    },
}

#[derive(Args, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag")]
pub struct DcosTaskList {
    /// Part of the task id
    #[arg(value_name = "task")]
    pub filter: Option<String>,
    /// Only tasks on this agent
    #[arg(long, value_name = "ID")]
    pub agent_id: Option<String>,
    /// Also tasks that have ended
    #[arg(long)]
    pub all: bool,
    /// Only tasks that have ended
    #[arg(long, conflicts_with = "all")]
    pub completed: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Only ids
    #[arg(long, short)]
    pub quiet: bool,
}
