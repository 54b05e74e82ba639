//! Status updates: stored, sent one at a time per task, and repeated until acknowledged.
//!
//! ```text
//! stored ─▶ sent (first of its task) ─▶ acknowledged ─▶ the next one is sent
//!             └─ 10 s, 20 s … 10 min, and when agent or framework register: sent again
//! ```

use std::time::Duration;

use model::task::{Reason, Source};
use model::{FrameworkId, Now, TaskState};
use wire::link::{AcknowledgeStatus, Call, StatusUpdate, call};
use wire::v1::TaskStatus;

use crate::drain::Drain;
use crate::link::dropped;
use crate::state::{Agent, TaskKey};
use crate::timers::Timer;
use crate::{Effects, Note};

// Mesos: first after 10 s, doubling, at most 10 min, without end.
const RETRY_MIN: Duration = Duration::from_secs(10);
const RETRY_MAX: Duration = Duration::from_mins(10);

impl Agent {
    /// An update of the agent's own.
    pub(crate) fn agent_update(
        &mut self,
        now: Now,
        key: &TaskKey,
        state: TaskState,
        reason: Reason,
        message: &str,
        fx: &mut Effects,
    ) {
        let status = TaskStatus {
            task_id: key.task.to_wire(),
            state: state.into(),
            message: Some(message.to_owned()),
            source: Some(Source::Agent.into()),
            reason: Some(reason.into()),
            timestamp: Some(now.wall.as_secs_f64()),
            uuid: Some(self.generator.uuid_bytes()),
            ..TaskStatus::default()
        };
        self.store_update(now, key, state, status, fx);
    }

    /// Takes an update into its task's stream. A terminal one ends the task.
    pub(crate) fn store_update(
        &mut self,
        now: Now,
        key: &TaskKey,
        state: TaskState,
        mut status: TaskStatus,
        fx: &mut Effects,
    ) {
        let aware = self.is_partition_aware(&key.framework);
        let Some(task) = self.tasks.get_mut(key) else { return };
        if task.is_terminal() {
            return;
        }
        let state = rewritten(self.drain.as_ref(), aware, state, &mut status);
        status.state = state.into();
        status.agent_id.clone_from(&self.info.id);
        status.executor_id = Some(task.executor.to_wire());
        task.push(state, status);
        if task.pending.len() > self.config.max_pending_updates.max(2) {
            // The first one is on its way, and the last one says how things are.
            task.pending.remove(1);
            dropped(fx, format!("an old update of task {}: too many are pending", key.task));
        }
        let is_first = task.pending.len() == 1;
        self.streams.insert(key.clone());
        self.touch_task(key);
        fx.notes.push(Note::TaskUpdate {
            framework: key.framework.clone(),
            task: key.task.clone(),
            state,
        });
        if model::task::is_terminal(state) {
            self.count_end(state);
            self.task_ended(now, key, fx);
        }
        if is_first {
            self.send_update(now, key, RETRY_MIN, fx);
        }
    }

    fn count_end(&mut self, state: TaskState) {
        let counter = match state {
            TaskState::TaskFinished => &mut self.counters.tasks_finished,
            TaskState::TaskFailed | TaskState::TaskError => &mut self.counters.tasks_failed,
            TaskState::TaskKilled => &mut self.counters.tasks_killed,
            TaskState::TaskLost | TaskState::TaskDropped => &mut self.counters.tasks_lost,
            TaskState::TaskGone | TaskState::TaskGoneByOperator => &mut self.counters.tasks_gone,
            TaskState::TaskStaging
            | TaskState::TaskStarting
            | TaskState::TaskRunning
            | TaskState::TaskKilling
            | TaskState::TaskUnreachable
            | TaskState::TaskUnknown => return,
        };
        *counter += 1;
    }

    /// Sends the first pending update of a task and sets the time of its repetition.
    fn send_update(&mut self, now: Now, key: &TaskKey, retry: Duration, fx: &mut Effects) {
        if !self.is_registered() {
            return;
        }
        let Some(task) = self.tasks.get_mut(key) else { return };
        let Some(status) = task.pending.front() else { return };
        let update = StatusUpdate {
            framework_id: Some(key.framework.to_wire()),
            executor_id: Some(task.executor.to_wire()),
            status: Some((**status).clone()),
            latest_state: Some(task.state.into()),
        };
        task.retry = retry;
        let call = Call { status_update: Some(update), ..Call::default() };
        self.call(call::Type::StatusUpdate, call, fx);
        self.timers.set(Timer::RetryUpdate(key.clone()), now.at.plus(retry));
    }

    pub(crate) fn retry_update(&mut self, now: Now, key: &TaskKey, fx: &mut Effects) {
        let Some(task) = self.tasks.get(key) else { return };
        let retry = task.retry.saturating_mul(2).clamp(RETRY_MIN, RETRY_MAX);
        self.send_update(now, key, retry, fx);
    }

    /// At registration: the first update of every task, at once (D35).
    pub(crate) fn resend_updates(&mut self, now: Now, fx: &mut Effects) {
        let keys: Vec<TaskKey> = self.streams.iter().cloned().collect();
        for key in keys {
            self.send_update(now, &key, RETRY_MIN, fx);
        }
    }

    pub(crate) fn resend_updates_of(
        &mut self,
        now: Now,
        framework: &FrameworkId,
        fx: &mut Effects,
    ) {
        let keys: Vec<TaskKey> =
            self.streams.iter().filter(|key| key.framework == *framework).cloned().collect();
        for key in keys {
            self.send_update(now, &key, RETRY_MIN, fx);
        }
    }

    pub(crate) fn acknowledge(&mut self, now: Now, ack: &AcknowledgeStatus, fx: &mut Effects) {
        let (Some(framework), Some(task)) = (&ack.framework_id, &ack.task_id) else {
            return dropped(fx, "ACKNOWLEDGE_STATUS without its task".to_owned());
        };
        let key = TaskKey { framework: framework.into(), task: task.into() };
        let Some(task) = self.tasks.get_mut(&key) else {
            return dropped(fx, format!("an acknowledgement for unknown task {}", key.task));
        };
        let head = task.pending.front().and_then(|status| status.uuid.as_deref());
        if head.is_none() || head != ack.uuid.as_deref() {
            return dropped(fx, format!("an unexpected acknowledgement for task {}", key.task));
        }
        let acked = task.pop();
        let acked_state = acked.and_then(|status| model::task::state_from_wire(status.state));
        self.touch_task(&key);
        self.timers.cancel(&Timer::RetryUpdate(key.clone()));
        if acked_state.is_some_and(model::task::is_terminal) {
            self.complete_task(&key);
        } else if self.tasks.get(&key).is_some_and(|task| task.pending.is_empty()) {
            self.streams.remove(&key);
        } else {
            self.send_update(now, &key, RETRY_MIN, fx);
        }
    }
}

/// What becomes of an update while a drain is on.
// Mesos: kills get the reason of the drain, and with mark_gone they read gone by operator.
// Differs from Mesos (D3): only the end of a kill does, not its start.
fn rewritten(
    drain: Option<&Drain>,
    partition_aware: bool,
    state: TaskState,
    status: &mut TaskStatus,
) -> TaskState {
    let Some(drain) = drain else { return state };
    if !matches!(state, TaskState::TaskKilling | TaskState::TaskKilled) {
        return state;
    }
    status.reason = Some(Reason::AgentDraining.into());
    if state == TaskState::TaskKilled && drain.config.mark_gone && partition_aware {
        return TaskState::TaskGoneByOperator;
    }
    state
}
