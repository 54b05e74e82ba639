//! Status updates: what they carry, and the sentences people read in them.

use model::task::{Reason, Source, is_terminal};
use model::{Now, TaskState};
use wire::v1::CheckStatusInfo;

use super::checks::blank;
use super::machine::Executor;
use super::task::Task;

/// An update the agent has not acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Unacknowledged {
    pub(super) status: wire::v1::TaskStatus,
    /// Handed to the shell on the present subscription, by itself or within SUBSCRIBE.
    pub(super) sent: bool,
}

/// What differs between one update and the next.
#[derive(Debug)]
pub(super) struct Update {
    pub(super) state: TaskState,
    pub(super) message: Option<String>,
    pub(super) reason: Option<Reason>,
    pub(super) healthy: Option<bool>,
    /// What is known so far; nothing, unless the update comes because of it.
    pub(super) check_status: Option<CheckStatusInfo>,
}

impl Update {
    pub(super) fn bare(state: TaskState) -> Self {
        Self { state, message: None, reason: None, healthy: None, check_status: None }
    }
}

impl Executor {
    /// Makes an update of `task`, keeps it until it is acknowledged, and sends it if the agent listens.
    // Mesos: `healthy` is in updates that come because of it and those that follow from them; a task with
    // a check always has a `check_status`; the agent fills in addresses.
    pub(super) fn update(&mut self, now: Now, task: &Task, update: Update) {
        let status = wire::v1::TaskStatus {
            task_id: task.id.to_wire(),
            state: update.state as i32,
            message: update.message,
            source: Some(Source::Executor as i32),
            reason: update.reason.map(|reason| reason as i32),
            agent_id: Some(task.agent_id.clone()),
            executor_id: Some(self.config.executor_id.to_wire()),
            timestamp: Some(now.wall.as_secs_f64()),
            uuid: Some(self.generator.uuid().as_bytes().to_vec().into()),
            container_status: self.container_status(task, update.state),
            healthy: update.healthy,
            check_status: update.check_status.or(task.check_status.map(blank)),
            ..Default::default()
        };
        self.unacknowledged.push(Unacknowledged { status, sent: false });
    }

    // Mesos: a command task shows its executor's container, whose pid the agent knows; a group
    // member shows a container of its own, nested in the executor's, with the pid of its process until
    // it has ended.
    fn container_status(&self, task: &Task, state: TaskState) -> Option<wire::v1::ContainerStatus> {
        let outer = self.container.clone();
        let container_id = match &task.container {
            Some(own) => Some(wire::v1::ContainerId { parent: outer.map(Box::new), ..own.clone() }),
            None => outer,
        };
        let executor_pid = task.pid.filter(|_| task.group.is_some() && !is_terminal(state));
        container_id.is_some().then(|| wire::v1::ContainerStatus {
            container_id,
            executor_pid,
            ..Default::default()
        })
    }
}

/// `Command exited with status 0`, `Command terminated with signal Killed`.
// Mesos: the wording clients match on.
pub(super) fn describe_exit(wait_status: i32) -> String {
    let signal = wait_status & 0x7f;
    if signal == 0 {
        return format!("Command exited with status {}", (wait_status >> 8) & 0xff);
    }
    let core = if wait_status & 0x80 == 0 { "" } else { " (core dumped)" };
    match signal_name(signal) {
        Some(name) => format!("Command terminated with signal {name}{core}"),
        None => format!("Command terminated with signal Unknown signal {signal}{core}"),
    }
}

/// Whether the process ended by itself with status 0.
pub(super) fn is_success(wait_status: i32) -> bool {
    wait_status & 0xff7f == 0
}

/// As strsignal(3) has it on Linux.
fn signal_name(signal: i32) -> Option<&'static str> {
    const NAMES: [&str; 31] = [
        "Hangup",
        "Interrupt",
        "Quit",
        "Illegal instruction",
        "Trace/breakpoint trap",
        "Aborted",
        "Bus error",
        "Floating point exception",
        "Killed",
        "User defined signal 1",
        "Segmentation fault",
        "User defined signal 2",
        "Broken pipe",
        "Alarm clock",
        "Terminated",
        "Stack fault",
        "Child exited",
        "Continued",
        "Stopped (signal)",
        "Stopped",
        "Stopped (tty input)",
        "Stopped (tty output)",
        "Urgent I/O condition",
        "CPU time limit exceeded",
        "File size limit exceeded",
        "Virtual timer expired",
        "Profiling timer expired",
        "Window changed",
        "I/O possible",
        "Power failure",
        "Bad system call",
    ];
    let index = usize::try_from(signal.checked_sub(1)?).ok()?;
    NAMES.get(index).copied()
}
