//! Arguments of `ebb task …`.

use std::time::Duration;

use clap::{Args, Subcommand};

use super::duration;

/// What can be done with tasks.
#[derive(Debug, Subcommand)]
pub enum TaskCommand {
    /// List tasks
    #[command(after_help = "\
Examples:
  ebb task list
  ebb task list --node S1 --state running
  ebb task list --all -o json")]
    List(ListArgs),
    /// Show everything about a task
    #[command(after_help = "\
Example:
  ebb task show web-0")]
    Show(TaskArg),
    /// Run copies of a command and follow them
    #[command(after_help = "\
Ctrl-C kills the copies and ends. With --detach they run on, a small process of
yours stays to acknowledge their updates, and `ebb task kill` ends them.

Examples:
  ebb task run -- sleep 60
  ebb task run --name web --instances 3 --cpus 0.5 --mem 128 -- python3 -m http.server 8080
  ebb task run --shell 'echo hello from $HOSTNAME; sleep 5' --kill-grace 10s
  ebb task run --detach --name batch -- ./job

Exit codes: 0 all copies finished; 1 one failed or was lost; 4 refused; 5 master not reachable;
130 ended by Ctrl-C.")]
    Run(RunArgs),
    /// Kill tasks that `ebb task run` started
    #[command(after_help = "\
Tasks of other services belong to those services, which would start them again: use their own API, or
drain the node.

Example:
  ebb task kill web-0")]
    Kill(TaskArg),
    /// Print what a task wrote
    #[command(after_help = "\
Examples:
  ebb task log web-0
  ebb task log web-0 --stderr --lines 50 --follow")]
    Log(LogArgs),
    /// Run a command in the container of a running task
    #[command(after_help = "\
The command runs as the task's user, in its sandbox and with its environment, and ends with the task or when
you leave. The exit code is that of the command, or 128 and the number of the signal that ended it.

Examples:
  ebb task exec web-0 ps aux
  ebb task exec -it web-0 bash
  echo hello | ebb task exec -i web-0 tee greeting")]
    Exec(ExecArgs),
    /// Attach to a running task that has a terminal
    #[command(after_help = "\
Ctrl-P Ctrl-Q leaves it running.

Examples:
  ebb task attach shell-0
  ebb task attach --no-stdin shell-0")]
    Attach(AttachArgs),
    /// Acknowledge updates of detached tasks until the last has ended
    #[command(hide = true)]
    Hold(HoldArgs),
}

/// What `ebb task run --detach` leaves running.
#[derive(Args, Debug)]
pub struct HoldArgs {
    pub framework_id: String,
}

/// Which task.
#[derive(Args, Clone, Debug)]
pub struct TaskArg {
    /// Task id, or a part of it or of the name that fits one task
    #[arg(value_name = "TASK")]
    pub task: String,
}

#[derive(Args, Debug)]
pub struct ListArgs {
    /// Only tasks on this node: agent id, its end, or the host name
    #[arg(long, value_name = "NODE")]
    pub node: Option<String>,
    /// Only tasks in this state, such as running or killed
    #[arg(long, value_name = "STATE")]
    pub state: Option<String>,
    /// Also tasks that have ended
    #[arg(long)]
    pub all: bool,
}

#[derive(Args, Clone, Debug)]
pub struct RunArgs {
    /// Name of the tasks
    #[arg(long, default_value = "task")]
    pub name: String,
    /// Number of copies
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub instances: u32,
    /// CPUs of each copy
    #[arg(long, default_value_t = 0.1)]
    pub cpus: f64,
    /// Memory of each copy, in MiB
    #[arg(long, default_value_t = 32.0)]
    pub mem: f64,
    /// Disk of each copy, in MiB
    #[arg(long, default_value_t = 0.0)]
    pub disk: f64,
    /// Environment variable, may be given more than once
    #[arg(long, value_name = "NAME=VALUE")]
    pub env: Vec<String>,
    /// User to run as; yourself if absent
    #[arg(long)]
    pub user: Option<String>,
    /// Time from SIGTERM to SIGKILL; the agent's default if absent
    #[arg(long, value_name = "DURATION", value_parser = duration, allow_hyphen_values = true)]
    pub kill_grace: Option<Duration>,
    /// Role whose resources are used
    #[arg(long, default_value = "*")]
    pub role: String,
    /// Only on this node: agent id, its end, or the host name
    #[arg(long, value_name = "NODE")]
    pub node: Option<String>,
    /// Return when all copies run, and leave them running
    #[arg(long)]
    pub detach: bool,
    /// A line for the shell instead of a command with arguments
    #[arg(long, value_name = "LINE", conflicts_with = "command")]
    pub shell: Option<String>,
    /// The command and its arguments, after `--`
    #[arg(last = true, value_name = "COMMAND", required_unless_present = "shell")]
    pub command: Vec<String>,
}

/// A command in a task's container.
#[derive(Args, Clone, Debug)]
pub struct ExecArgs {
    /// Pass on what is typed
    #[arg(long, short)]
    pub interactive: bool,
    /// Give the command a terminal
    #[arg(long, short)]
    pub tty: bool,
    /// User to run as; that of the task if absent
    #[arg(long, short, value_name = "USER")]
    pub user: Option<String>,
    #[command(flatten)]
    pub task: TaskArg,
    /// The command and its arguments
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "COMMAND"
    )]
    pub command: Vec<String>,
}

#[derive(Args, Debug)]
pub struct AttachArgs {
    /// Show what the task writes, and pass nothing on
    #[arg(long)]
    pub no_stdin: bool,
    #[command(flatten)]
    pub task: TaskArg,
}

#[derive(Args, Debug)]
pub struct LogArgs {
    #[command(flatten)]
    pub task: TaskArg,
    /// What the task wrote to stderr instead of stdout
    #[arg(long)]
    pub stderr: bool,
    /// Go on printing as the task writes, until it has ended
    #[arg(long, short)]
    pub follow: bool,
    /// Only the last lines
    #[arg(long, short = 'n', value_name = "N")]
    pub lines: Option<usize>,
}
