//! One task of the executor, and what is known of its processes.

use std::time::Duration;

use model::{Moment, TaskId};
use wire::v1::CheckStatusInfo;

use super::checks::Check;

/// How far a task's processes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// `Start` was issued and not answered yet.
    Starting,
    Running,
    /// The first process ended; others of the tree may be left.
    Exited {
        wait_status: i32,
    },
    /// Terminal: nothing is left and the last update has been made.
    Ended,
}

/// What set a kill off; the first cause decides the terminal state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cause {
    /// The framework, the operator, a group member's end or a shutdown: `TASK_KILLED`.
    Asked,
    /// The task used up its `max_completion_time`: `TASK_FAILED`.
    CompletionTime,
    /// The task, or another one of its group, failed its health check: `TASK_KILLED`, not healthy.
    Unhealthy,
}

/// A kill in progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct KillProgress {
    pub(super) cause: Cause,
    /// When SIGKILL follows.
    pub(super) deadline: Moment,
}

#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) id: TaskId,
    /// Members of one group end together.
    pub(super) group: Option<u32>,
    /// Present until the agent acknowledged an update of the task: it is reported as
    /// unacknowledged on a new subscription.
    pub(super) info: Option<Box<wire::v1::TaskInfo>>,
    pub(super) agent_id: wire::v1::AgentId,
    /// Grace of its own kill policy, or the executor's default.
    pub(super) grace: Duration,
    /// A group member's own container, nested in the executor's.
    pub(super) container: Option<wire::v1::ContainerId>,
    pub(super) pid: Option<u32>,
    pub(super) phase: Phase,
    /// From the task's `max_completion_time`; counts from its start.
    pub(super) completion_time: Option<Duration>,
    /// When the task has used up its `max_completion_time`.
    pub(super) completion_at: Option<Moment>,
    pub(super) kill: Option<KillProgress>,
    /// When SIGKILL is sent again; set from the first SIGKILL on.
    pub(super) kill_again_at: Option<Moment>,
    /// `TreeEmpty` has been seen.
    pub(super) tree_empty: bool,
    pub(super) checks: Vec<Check>,
    /// As its check has it so far; present if and only if it has one.
    pub(super) check_status: Option<CheckStatusInfo>,
    /// As its health check has it so far.
    pub(super) healthy: Option<bool>,
}

impl Task {
    pub(super) fn is_ended(&self) -> bool {
        self.phase == Phase::Ended
    }

    /// The next moment something is due for this task.
    pub(super) fn next_wake(&self) -> Option<Moment> {
        let sigkill = match (self.phase, self.kill_again_at) {
            (Phase::Ended, _) => return None,
            (_, Some(again)) => Some(again),
            // A process that does not exist yet can't be signalled; its start is the next step.
            (Phase::Starting, None) => None,
            (Phase::Running | Phase::Exited { .. }, None) => self.kill.map(|kill| kill.deadline),
        };
        [sigkill, self.completion_at].into_iter().flatten().min()
    }
}
