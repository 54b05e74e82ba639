//! Ending tasks: kills with a grace period, their deadlines, and what follows a process's end.

use std::time::Duration;

use model::task::Reason;
use model::{Now, TaskId, TaskState};
use wire::v1::framework_info::capability;

use super::Message;
use super::checks::{is_checking, stop_checks};
use super::machine::Executor;
use super::status::{Update, describe_exit, is_success};
use super::task::{Cause, KillProgress, Phase, Task};

/// SIGKILL is repeated this often until the tree is empty.
pub(super) const KILL_INTERVAL: Duration = Duration::from_secs(1);

// Mesos: kept back from the shutdown grace, so that the last update leaves before the agent
// destroys the container.
const SHUTDOWN_MARGIN: Duration = Duration::from_secs(1);

/// Kills that came before their task are remembered up to this many.
const MAX_EARLY_KILLS: usize = 1024;

/// Why everything is being ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shutdown {
    Asked,
    /// No agent for longer than the recovery timeout: nobody will acknowledge anything.
    AgentLost,
}

impl Executor {
    /// KILL: the policy in the call, else the task's, else the default, measured from now.
    pub(super) fn kill(
        &mut self,
        now: Now,
        kill: &wire::executor::event::Kill,
        out: &mut Vec<Message>,
    ) {
        let id = TaskId::from(&kill.task_id);
        let Some(task) = self.tasks.get(&id) else {
            // Differs from Mesos: a kill that overtakes its task is remembered; Mesos' command
            // executor aborts and its default executor drops the kill (D20).
            if self.early_kills.len() < MAX_EARLY_KILLS {
                self.early_kills.insert(id);
            }
            return;
        };
        let grace = grace_of(kill.kill_policy.as_ref()).unwrap_or(task.grace);
        self.kill_task(now, &id, Cause::Asked, grace, out);
    }

    /// Starts a kill, or brings the deadline of one in progress nearer.
    pub(super) fn kill_task(
        &mut self,
        now: Now,
        id: &TaskId,
        cause: Cause,
        grace: Duration,
        out: &mut Vec<Message>,
    ) {
        let Some(mut task) = self.tasks.remove(id) else { return };
        let deadline = now.at.plus(grace);
        match (task.phase, task.kill) {
            // It ended on its own; what is left of it is being killed already.
            (Phase::Ended, _) | (Phase::Exited { .. }, None) => {}
            (_, Some(kill)) => {
                let deadline = kill.deadline.min(deadline);
                task.kill = Some(KillProgress { deadline, ..kill });
            }
            (Phase::Starting | Phase::Running, None) => {
                task.kill = Some(KillProgress { cause, deadline });
                task.completion_at = None;
                stop_checks(&mut task, out);
                // Mesos: nobody asked for it, so it is not told.
                if self.reports_killing && cause != Cause::CompletionTime {
                    self.update(now, &task, Update::bare(TaskState::TaskKilling));
                }
                if task.phase == Phase::Starting {
                    out.push(Message::CancelStart { task: task.id.clone() });
                }
                // Differs from Mesos: without any grace there is no SIGTERM for SIGKILL to race.
                if task.phase == Phase::Running && deadline > now.at {
                    out.push(Message::Terminate { task: task.id.clone() });
                }
            }
        }
        escalate(now, &mut task, out);
        self.tasks.insert(task.id.clone(), task);
    }

    /// Deadlines that have passed.
    pub(super) fn tend_tasks(&mut self, now: Now, out: &mut Vec<Message>) {
        let out_of_time: Vec<TaskId> = self
            .tasks
            .values()
            .filter(|task| task.completion_at.is_some_and(|at| at <= now.at))
            .map(|task| task.id.clone())
            .collect();
        for id in out_of_time {
            // Mesos: a task past its completion time gets no grace.
            self.kill_task(now, &id, Cause::CompletionTime, Duration::ZERO, out);
        }
        for task in self.tasks.values_mut() {
            escalate(now, task, out);
        }
    }

    pub(super) fn task_exited(
        &mut self,
        now: Now,
        id: &TaskId,
        wait_status: i32,
        out: &mut Vec<Message>,
    ) {
        let Some(task) = self.tasks.get_mut(id) else { return };
        if !matches!(task.phase, Phase::Starting | Phase::Running) {
            return;
        }
        stop_checks(task, out);
        task.phase = Phase::Exited { wait_status };
        task.completion_at = None;
        if task.tree_empty {
            self.settle(now, id, out);
        } else if task.kill.is_none() {
            // Its first process is the task: what it left behind goes at once.
            out.push(Message::Kill { task: id.clone() });
            task.kill_again_at = Some(now.at.plus(KILL_INTERVAL));
        }
    }

    pub(super) fn tree_empty(&mut self, now: Now, id: &TaskId, out: &mut Vec<Message>) {
        let Some(task) = self.tasks.get_mut(id) else { return };
        task.tree_empty = true;
        self.settle(now, id, out);
    }

    /// Ends a task of which nothing is left, its checks included.
    pub(super) fn settle(&mut self, now: Now, id: &TaskId, out: &mut Vec<Message>) {
        let Some(task) = self.tasks.get(id) else { return };
        if let Phase::Exited { wait_status } = task.phase
            && task.tree_empty
            && !is_checking(task)
        {
            self.end_exited(now, id, wait_status, out);
        }
    }

    fn end_exited(&mut self, now: Now, id: &TaskId, wait_status: i32, out: &mut Vec<Message>) {
        let cause = self.tasks.get(id).and_then(|task| task.kill).map(|kill| kill.cause);
        let (state, reason) = match cause {
            // Mesos: killed is killed, whatever the exit status.
            Some(Cause::Asked | Cause::Unhealthy) => (TaskState::TaskKilled, None),
            Some(Cause::CompletionTime) => {
                (TaskState::TaskFailed, Some(Reason::MaxCompletionTimeReached))
            }
            None if is_success(wait_status) => (TaskState::TaskFinished, None),
            None => (TaskState::TaskFailed, None),
        };
        // Mesos: there is no reason for it, only this.
        let healthy = (cause == Some(Cause::Unhealthy)).then_some(false);
        let message = Some(describe_exit(wait_status));
        self.end(now, id, Update { message, reason, healthy, ..Update::bare(state) }, out);
    }

    /// The task is over: its last update, and the end of its group where that follows.
    pub(super) fn end(&mut self, now: Now, id: &TaskId, update: Update, out: &mut Vec<Message>) {
        let Some(mut task) = self.tasks.remove(id) else { return };
        task.phase = Phase::Ended;
        task.kill_again_at = None;
        task.completion_at = None;
        let takes_group_along = update.state != TaskState::TaskFinished;
        let group = task.group;
        let cause = match task.kill {
            Some(KillProgress { cause: Cause::Unhealthy, .. }) => Cause::Unhealthy,
            Some(_) | None => Cause::Asked,
        };
        self.update(now, &task, update);
        self.ended_at = now.at;
        self.tasks.insert(task.id.clone(), task);
        if let Some(group) = group.filter(|_| takes_group_along) {
            self.kill_where(
                now,
                cause,
                out,
                |task| task.group == Some(group) && task.kill.is_none(),
                None,
            );
        }
    }

    /// Ends everything with the tasks' own graces, none longer than the agent will wait.
    pub(super) fn shutdown(&mut self, now: Now, why: Shutdown, out: &mut Vec<Message>) {
        if self.shutdown.is_none() {
            self.shutdown = Some(why);
        }
        let bound = self.config.shutdown_grace.saturating_sub(SHUTDOWN_MARGIN);
        self.kill_where(now, Cause::Asked, out, |_| true, Some(bound));
    }

    // Differs from Mesos: each task keeps its own grace; Mesos gives the members of a group that
    // ends early its built-in default, and each task of a shutdown the whole shutdown grace.
    fn kill_where(
        &mut self,
        now: Now,
        cause: Cause,
        out: &mut Vec<Message>,
        chosen: impl Fn(&Task) -> bool,
        bound: Option<Duration>,
    ) {
        let chosen: Vec<(TaskId, Duration)> = self
            .tasks
            .values()
            .filter(|task| !task.is_ended() && chosen(task))
            .map(|task| (task.id.clone(), bound.map_or(task.grace, |bound| task.grace.min(bound))))
            .collect();
        for (id, grace) in chosen {
            self.kill_task(now, &id, cause, grace, out);
        }
    }
}

/// SIGKILL when the deadline has passed, and again while processes are left.
fn escalate(now: Now, task: &mut Task, out: &mut Vec<Message>) {
    let due = match (task.phase, task.kill_again_at) {
        (Phase::Starting | Phase::Ended, _) => false,
        (Phase::Running | Phase::Exited { .. }, Some(again)) => again <= now.at,
        (Phase::Running | Phase::Exited { .. }, None) => {
            task.kill.is_some_and(|kill| kill.deadline <= now.at)
        }
    };
    if due {
        task.kill_again_at = Some(now.at.plus(KILL_INTERVAL));
        out.push(Message::Kill { task: task.id.clone() });
    }
}

/// The grace a policy names; a negative one is none at all.
pub(super) fn grace_of(policy: Option<&wire::v1::KillPolicy>) -> Option<Duration> {
    policy?.grace_period.map(duration)
}

pub(super) fn duration(wire: wire::v1::DurationInfo) -> Duration {
    Duration::from_nanos(u64::try_from(wire.nanoseconds).unwrap_or(0))
}

/// Whether the framework wants `TASK_KILLING`.
pub(super) fn reports_killing(framework: &wire::v1::FrameworkInfo) -> bool {
    framework
        .capabilities
        .iter()
        .any(|capability| capability.r#type == Some(capability::Type::TaskKillingState as i32))
}
