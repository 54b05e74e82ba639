//! One task as the agent keeps it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use model::{ExecutorId, FrameworkId, Moment, Now, TaskId, TaskState, Timestamp};
use wire::checkpoint::{KillRecord, TaskRecord};
use wire::v1::TaskStatus;

use super::Packed;

/// Most statuses a task remembers; there is one per change of state.
const MAX_STATUSES: usize = 16;

/// Names a task on this agent; the tasks of a framework are neighbours.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TaskKey {
    pub(crate) framework: FrameworkId,
    pub(crate) task: TaskId,
}

/// A kill in progress. `due` is `deadline` on the monotonic clock.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kill {
    pub(crate) asked_at: Timestamp,
    pub(crate) deadline: Timestamp,
    pub(crate) due: Moment,
    pub(crate) drain_generation: Option<u64>,
    /// When this process first sent it to an executor.
    pub(crate) sent_at: Option<Moment>,
    /// Some process sent it for certain, and wrote that down.
    pub(crate) is_said: bool,
}

impl Kill {
    pub(crate) fn new(now: Now, grace: Duration, drain_generation: Option<u64>) -> Self {
        Self {
            asked_at: now.wall,
            deadline: now.wall.plus(grace),
            due: now.at.plus(grace),
            drain_generation,
            sent_at: None,
            is_said: false,
        }
    }

    /// The same kill with all of its grace from now on: nobody can have used any of it yet.
    pub(crate) fn anew(&self, now: Now) -> Self {
        let grace = self.deadline.since(self.asked_at);
        Self { is_said: self.is_said, ..Self::new(now, grace, self.drain_generation) }
    }

    /// This kill after another one with `grace`, measured from the first: it may only end sooner.
    pub(crate) fn shortened(&self, grace: Duration, drain_generation: Option<u64>) -> Self {
        let deadline = self.asked_at.plus(grace).min(self.deadline);
        // Counted back from the old moment: the first kill may be older than the monotonic clock.
        let sooner = u64::try_from(self.deadline.since(deadline).as_nanos()).unwrap_or(u64::MAX);
        Self {
            asked_at: self.asked_at,
            deadline,
            due: Moment(self.due.0.saturating_sub(sooner)),
            drain_generation: drain_generation.or(self.drain_generation),
            sent_at: self.sent_at,
            is_said: self.is_said,
        }
    }

    /// After a reboot the moment means nothing, but then no process is left to be killed either.
    fn from_record(record: &KillRecord, now: Now) -> Self {
        let asked_at = record.asked_at.as_ref().map_or(now.wall, Timestamp::from);
        let deadline = record.deadline.as_ref().map_or(asked_at, Timestamp::from);
        // The wall clock was set back since: what people are shown is not further away than the grace.
        let ahead = asked_at.since(now.wall);
        let (asked_at, deadline) = (asked_at.minus(ahead), deadline.minus(ahead));
        let due = record.due.map_or_else(|| now.moment_of(deadline), Moment);
        let kill = Self {
            asked_at,
            deadline,
            // Whatever the clocks did meanwhile, nobody gets more than the whole grace.
            due: due.min(now.at.plus(deadline.since(asked_at))),
            drain_generation: record.drain_generation,
            sent_at: None,
            is_said: record.said.unwrap_or(false),
        };
        if kill.is_said { kill } else { kill.anew(now) }
    }

    pub(crate) fn to_record(&self) -> KillRecord {
        KillRecord {
            asked_at: Some(self.asked_at.to_wire()),
            deadline: Some(self.deadline.to_wire()),
            drain_generation: self.drain_generation,
            due: Some(self.due.0),
            said: self.is_said.then_some(true),
        }
    }
}

/// A task. It is *queued* while `info` is there, *launched* until its state is terminal, then
/// *terminated* until the last of `pending` is acknowledged.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    /// What never changes of the message.
    fixed: Packed<wire::v1::Task>,
    pub(crate) state: TaskState,
    statuses: VecDeque<Packed<TaskStatus>>,
    last_status: Option<TaskState>,
    forwarded: Option<(TaskState, Bytes)>,
    pub(crate) executor: ExecutorId,
    /// Present until the executor has been handed the task.
    pub(crate) info: Option<Box<wire::v1::TaskInfo>>,
    pub(crate) group: Option<Arc<str>>,
    /// Grace period of the task's own kill policy.
    pub(crate) own_grace: Option<Duration>,
    pub(crate) kill: Option<Kill>,
    /// Updates not acknowledged yet, oldest first.
    pub(crate) pending: VecDeque<Box<TaskStatus>>,
    /// Wait before the first of `pending` is sent again.
    pub(crate) retry: Duration,
}

impl Task {
    /// A task in `TASK_STAGING`, made from the message alone.
    pub(crate) fn new(task: &wire::v1::Task, executor: ExecutorId) -> Self {
        let own_grace = task.kill_policy.as_ref().and_then(grace_of);
        Self {
            fixed: Packed::new(task),
            state: TaskState::TaskStaging,
            statuses: VecDeque::new(),
            last_status: None,
            forwarded: None,
            executor,
            info: None,
            group: None,
            own_grace,
            kill: None,
            pending: VecDeque::new(),
            retry: Duration::ZERO,
        }
    }

    pub(crate) fn from_record(record: TaskRecord, now: Now) -> Option<Self> {
        let mut message = record.task?;
        let state = model::task::state_from_wire(message.state)?;
        let statuses = std::mem::take(&mut message.statuses);
        let forwarded = message
            .status_update_state
            .take()
            .and_then(model::task::state_from_wire)
            .zip(message.status_update_uuid.take());
        // A command task's executor has the task's name.
        let executor = message
            .executor_id
            .as_ref()
            .map_or_else(|| ExecutorId::new(&message.task_id.value), ExecutorId::from);
        message.state = TaskState::TaskStaging.into();
        let mut task = Self::new(&message, executor);
        task.state = state;
        task.last_status =
            statuses.last().and_then(|status| model::task::state_from_wire(status.state));
        task.statuses = statuses.iter().map(Packed::new).collect();
        task.forwarded = forwarded;
        task.info = record.info.map(Box::new);
        task.group = record.group.as_deref().map(Arc::from);
        task.kill = record.kill.as_ref().map(|kill| Kill::from_record(kill, now));
        task.pending = record.pending.into_iter().map(Box::new).collect();
        Some(task)
    }

    pub(crate) fn to_record(&self) -> TaskRecord {
        TaskRecord {
            task: Some(self.to_wire()),
            info: self.info.as_deref().cloned(),
            group: self.group.as_deref().map(str::to_owned),
            kill: self.kill.as_ref().map(Kill::to_record),
            pending: self.pending.iter().map(|status| (**status).clone()).collect(),
        }
    }

    /// The whole message, as views and the master get it.
    pub(crate) fn to_wire(&self) -> wire::v1::Task {
        let mut task = self.fixed.unpack();
        task.state = self.state.into();
        task.statuses = self.statuses.iter().map(Packed::unpack).collect();
        if let Some((state, uuid)) = &self.forwarded {
            task.status_update_state = Some((*state).into());
            task.status_update_uuid = Some(uuid.clone());
        }
        task
    }

    pub(crate) fn is_terminal(&self) -> bool {
        model::task::is_terminal(self.state)
    }

    /// Takes over a new status: it is the task's state from now on and waits for acknowledgement.
    pub(crate) fn push(&mut self, state: TaskState, status: TaskStatus) {
        self.state = state;
        // Mesos: of several statuses in a row with the same state only the latest is kept.
        if self.last_status == Some(state) || self.statuses.len() == MAX_STATUSES {
            self.statuses.pop_back();
        }
        self.last_status = Some(state);
        self.statuses.push_back(Packed::new(&TaskStatus { data: None, ..status.clone() }));
        self.pending.push_back(Box::new(status));
        if self.pending.len() == 1 {
            self.note_forwarded();
        }
    }

    /// Takes the first pending update out; the next one is the one that is forwarded.
    pub(crate) fn pop(&mut self) -> Option<Box<TaskStatus>> {
        let status = self.pending.pop_front();
        self.note_forwarded();
        status
    }

    fn note_forwarded(&mut self) {
        let Some(head) = self.pending.front() else { return };
        self.forwarded = model::task::state_from_wire(head.state).zip(head.uuid.clone());
    }

    /// Whether an update with this id is pending or the last known one of its state.
    pub(crate) fn has_update(&self, uuid: &[u8]) -> bool {
        let same = |status: &TaskStatus| status.uuid.as_deref() == Some(uuid);
        self.pending.iter().any(|status| same(status))
            || self.statuses.iter().any(|status| same(&status.unpack()))
    }
}

/// The grace period a kill policy names; nothing if it is negative or missing.
pub(crate) fn grace_of(policy: &wire::v1::KillPolicy) -> Option<Duration> {
    let nanoseconds = policy.grace_period.as_ref()?.nanoseconds;
    u64::try_from(nanoseconds).ok().map(Duration::from_nanos)
}
