//! The command executor: owns the processes of one container, for a command task or a task group.
//!
//! ```text
//! subscribing ─▶ subscribed ─▶ (tasks) ─▶ all terminal and acknowledged ─▶ exit
//!      ▲             │ stream lost: tasks go on, updates are kept and sent again
//!      └─────────────┘ not back within the recovery timeout: kill everything, exit
//! ```
//!
//! Per task: `starting ─▶ running ─▶ killing (SIGTERM … SIGKILL at the deadline) ─▶ ended (tree empty)`.
//!
//! Invariants:
//! * a terminal update goes out only when no process of the task is left;
//! * a later kill may bring the deadline nearer, never move it away;
//! * SIGKILL is sent at the deadline, not before, and again every second until the tree is empty;
//! * no check runs once its task is being killed or has exited, and the last update waits for its end;
//! * an update is kept until the agent acknowledged it, whatever happens to the connection.

mod checks;
mod generator;
mod kills;
mod machine;
mod status;
mod subscription;
mod task;

#[cfg(test)]
mod tests;

use std::time::Duration;

pub use checks::{CheckKind, Outcome, Probe, why_unhealthy};
pub use machine::Executor;

use model::TaskId;

/// Everything that can happen to an executor.
#[derive(Debug)]
pub enum Event {
    /// The agent sent this on the subscription.
    Agent(Box<wire::executor::Event>),
    /// The subscription broke, or could not be opened.
    StreamClosed {
        why: String,
    },
    /// An UPDATE was refused or could not be delivered; it is sent again after resubscription.
    CallFailed {
        why: String,
    },
    /// The task's first process runs.
    TaskStarted {
        task: TaskId,
        pid: u32,
    },
    /// It could not be started: a sentence for people.
    TaskStartFailed {
        task: TaskId,
        error: String,
    },
    /// The first process ended with this wait status (see wait(2)); others of the tree may still run.
    TaskExited {
        task: TaskId,
        wait_status: i32,
    },
    /// No process of the task is left. Comes after `TaskExited`.
    TreeEmpty {
        task: TaskId,
    },
    /// A run of a check has ended, in whatever way, and none of its processes is left. Comes exactly once
    /// for every [`Message::RunCheck`].
    CheckFinished {
        task: TaskId,
        check: CheckKind,
        run: u32,
        outcome: Outcome,
    },
    Woke,
}

/// What the executor wants done. It keeps nothing on disk: the agent does.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Open the subscription with this call.
    Subscribe(Box<wire::executor::Call>),
    Call(Box<wire::executor::Call>),
    /// Fetch what the task needs and start its process: in the sandbox, or in that of its own container.
    Start {
        task: Box<wire::v1::TaskInfo>,
        /// The container of a group member, within the executor's.
        container: Option<wire::v1::ContainerId>,
    },
    /// Nobody waits for the start any more: end what is still being fetched. Answered like the start itself.
    CancelStart {
        task: TaskId,
    },
    /// SIGTERM to every process of the task.
    Terminate {
        task: TaskId,
    },
    /// SIGKILL to every process of the task, until none is left.
    Kill {
        task: TaskId,
    },
    /// Carry out a check of the task, once.
    RunCheck {
        task: TaskId,
        check: CheckKind,
        run: u32,
        probe: Probe,
    },
    /// End the run that is on, with all its processes.
    StopCheck {
        task: TaskId,
        check: CheckKind,
    },
    /// End this process.
    Exit {
        code: i32,
    },
}

#[derive(Clone, Debug)]
pub struct Config {
    pub framework_id: model::FrameworkId,
    pub executor_id: model::ExecutorId,
    /// How long tasks go on without an agent (`MESOS_RECOVERY_TIMEOUT`, 15 min).
    pub recovery_timeout: Duration,
    /// Upper bound of the wait between attempts to subscribe (`MESOS_SUBSCRIPTION_BACKOFF_MAX`).
    pub subscription_backoff_max: Duration,
    /// Grace of a kill that names none (Mesos' built-in executors: 3 s).
    pub default_kill_grace: Duration,
    /// How long the exit waits for the acknowledgement of the last update (60 s).
    pub final_ack_timeout: Duration,
    /// How long the agent waits after SHUTDOWN before it destroys the container
    /// (`MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD`, 5 s).
    pub shutdown_grace: Duration,
    /// Where update ids and retry jitter come from; the shell draws it from the operating system.
    pub seed: u128,
}
