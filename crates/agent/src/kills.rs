//! Ending tasks: one path for schedulers and drains, with a deadline the agent enforces itself.
//!
//! ```text
//! asked ─▶ KILL, repeated with what is left of the grace ─▶ terminal update
//!                └─ deadline + margin: the container is destroyed, again and again until it is gone
//! ```

use std::collections::BTreeSet;
use std::time::Duration;

use model::drain::effective_grace;
use model::task::Reason;
use model::{ContainerId, Moment, Now, TaskId, TaskState};
use wire::executor::{Event as ExecutorEvent, event};
use wire::v1::KillPolicy;

use crate::link::dropped;
use crate::state::{Agent, Executor, ExecutorKey, Groups, Kill, TaskKey, grace_of};
use crate::timers::Timer;
use crate::{Effects, Message, Note};

// Differs from Mesos (D20, D28): a kill is repeated until the task has ended.
const REPEAT_KILL: Duration = Duration::from_secs(5);

/// What a task is told that its executor never saw.
pub(crate) const BEFORE_DELIVERY: &str = "Killed before delivery to the executor";

impl Agent {
    /// A scheduler's kill. Its own policy goes before the task's.
    pub(crate) fn kill_task(&mut self, now: Now, kill: &wire::link::KillTask, fx: &mut Effects) {
        let (Some(framework), Some(task)) = (&kill.framework_id, &kill.task_id) else {
            return dropped(fx, "KILL_TASK without its task".to_owned());
        };
        let key = TaskKey { framework: framework.into(), task: task.into() };
        let Some(task) = self.tasks.get(&key) else {
            return dropped(fx, format!("a kill of unknown task {}", key.task));
        };
        if task.is_terminal() {
            return;
        }
        if task.info.is_some() {
            return self.kill_before_delivery(now, &key, fx);
        }
        let own = kill.kill_policy.as_ref().and_then(grace_of).or(task.own_grace);
        let grace = self.grace(own);
        self.kill_launched(now, &key, grace, None, fx);
    }

    /// A drain's kill of a task that its executor has.
    pub(crate) fn kill_for_drain(
        &mut self,
        now: Now,
        executor: &ExecutorKey,
        task: TaskId,
        fx: &mut Effects,
    ) {
        let key = TaskKey { framework: executor.framework.clone(), task };
        let (Some(task), Some(drain)) = (self.tasks.get(&key), &self.drain) else { return };
        let (grace, generation) = (self.grace(task.own_grace), drain.generation);
        self.kill_launched(now, &key, grace, Some(generation), fx);
    }

    /// A kill of a task that goes along with another one.
    fn kill_with(&mut self, now: Now, executor: &ExecutorKey, task: TaskId, fx: &mut Effects) {
        let key = TaskKey { framework: executor.framework.clone(), task };
        let Some(task) = self.tasks.get(&key) else { return };
        if task.info.is_some() {
            return self.kill_before_delivery(now, &key, fx);
        }
        self.kill_launched(now, &key, self.grace(task.own_grace), None, fx);
    }

    /// What a task gets that has or was given `own`.
    // Differs from Mesos (D9): the bound never makes a grace period longer.
    fn grace(&self, own: Option<Duration>) -> Duration {
        let bound = self.drain.as_ref().and_then(|drain| drain.config.max_grace_period);
        effective_grace(own, self.config.default_kill_grace, bound)
    }

    fn kill_launched(
        &mut self,
        now: Now,
        key: &TaskKey,
        grace: Duration,
        drain_generation: Option<u64>,
        fx: &mut Effects,
    ) {
        let Some(task) = self.tasks.get_mut(key) else { return };
        if task.is_terminal() || task.info.is_some() {
            return;
        }
        let new = match &task.kill {
            Some(kill) => kill.shortened(grace, drain_generation),
            None => Kill::new(now, grace, drain_generation),
        };
        self.set_kill(key, new);
        self.repeat_kill(now, key, fx);
    }

    /// Sets a kill, or replaces it, with all that hangs on its moment.
    fn set_kill(&mut self, key: &TaskKey, new: Kill) {
        let Some(task) = self.tasks.get_mut(key) else { return };
        let due = new.due;
        let old = task.kill.replace(new).map(|kill| kill.due);
        let executor_key =
            ExecutorKey { framework: key.framework.clone(), executor: task.executor.clone() };
        if let Some(old) = old {
            self.deadlines.remove(&(old, key.clone()));
        }
        self.deadlines.insert((due, key.clone()));
        self.touch_task(key);
        if let Some(executor) = self.executors.get_mut(&executor_key) {
            if let Some(old) = old {
                executor.killing.remove(&(old, key.task.clone()));
            }
            executor.killing.insert((due, key.task.clone()));
        }
        self.rearm_escalation(&executor_key);
    }

    /// Asks the executor to end the task within what is left of its grace, and again after a while.
    pub(crate) fn repeat_kill(&mut self, now: Now, key: &TaskKey, fx: &mut Effects) {
        let Some(task) = self.tasks.get(key) else { return };
        if task.kill.is_none() {
            return;
        }
        let executor_key =
            ExecutorKey { framework: key.framework.clone(), executor: task.executor.clone() };
        if let Some(stream) = self.executors.get(&executor_key).and_then(|one| one.stream) {
            self.kill_is_sent(now, key);
            let Some(kill) = self.tasks.get(key).and_then(|task| task.kill.as_ref()) else {
                return;
            };
            // Always said, so that every kind of executor obeys the same grace (D26).
            let grace = model::duration::to_wire_info(kill.due.since(now.at));
            let event = ExecutorEvent {
                r#type: Some(event::Type::Kill.into()),
                kill: Some(event::Kill {
                    task_id: key.task.to_wire(),
                    kill_policy: Some(KillPolicy { grace_period: Some(grace) }),
                }),
                ..ExecutorEvent::default()
            };
            fx.messages.push(Message::Executor { stream, event: Box::new(event) });
        }
        self.timers.set(Timer::RepeatKill(key.clone()), now.at.plus(REPEAT_KILL));
    }

    /// The grace runs from when the executor is first told: one that nobody may have heard of, because the
    /// executor was away or an agent died before it sent the kill, begins anew.
    ///
    /// Differs from Mesos, which knows of no kill after a restart.
    fn kill_is_sent(&mut self, now: Now, key: &TaskKey) {
        let Some(kill) = self.tasks.get_mut(key).and_then(|task| task.kill.as_mut()) else {
            return;
        };
        match kill.sent_at {
            None => {
                let mut sent = if kill.is_said { kill.clone() } else { kill.anew(now) };
                let is_moved = sent != *kill;
                sent.sent_at = Some(now.at);
                if is_moved {
                    self.set_kill(key, sent);
                } else {
                    *kill = sent;
                }
            }
            // Not in the batch that sends it first: that one may be durable and its messages never leave.
            Some(sent_at) if !kill.is_said && now.at.since(sent_at) >= REPEAT_KILL => {
                kill.is_said = true;
                self.touch_task(key);
            }
            Some(_) => {}
        }
    }

    /// Ends a queued task, and with it its whole group (D2).
    fn kill_before_delivery(&mut self, now: Now, key: &TaskKey, fx: &mut Effects) {
        let Some(task) = self.tasks.get(key) else { return };
        let executor_key =
            ExecutorKey { framework: key.framework.clone(), executor: task.executor.clone() };
        let Some(executor) = self.executors.get_mut(&executor_key) else { return };
        let at = executor.queue.iter().position(|one| one.tasks().contains(&key.task));
        let Some(delivery) = at.and_then(|at| executor.queue.remove(at)) else { return };
        for task in delivery.tasks() {
            self.killed_before_delivery(now, &executor_key, task, fx);
        }
        self.shut_down_if_idle(now, &executor_key, fx);
    }

    /// Ends what the executor would be handed next, and says how many tasks that were.
    pub(crate) fn kill_first_queued(
        &mut self,
        now: Now,
        key: &ExecutorKey,
        fx: &mut Effects,
    ) -> usize {
        let first = self.executors.get_mut(key).and_then(|executor| executor.queue.pop_front());
        let Some(delivery) = first else { return 0 };
        for task in delivery.tasks() {
            self.killed_before_delivery(now, key, task, fx);
        }
        delivery.tasks().len()
    }

    fn killed_before_delivery(
        &mut self,
        now: Now,
        executor: &ExecutorKey,
        task: &TaskId,
        fx: &mut Effects,
    ) {
        let key = TaskKey { framework: executor.framework.clone(), task: task.clone() };
        let reason = Reason::TaskKilledDuringLaunch;
        self.agent_update(now, &key, TaskState::TaskKilled, reason, BEFORE_DELIVERY, fx);
    }

    /// Sets, moves or takes back the moment at which the agent ends the executor's container itself.
    pub(crate) fn rearm_escalation(&mut self, key: &ExecutorKey) {
        let Some(executor) = self.executors.get(key) else { return };
        let timer = Timer::Escalate(executor.container.clone());
        match self.escalation_at(executor) {
            Some(at) => self.timers.set(timer, at),
            None => self.timers.cancel(&timer),
        }
    }

    /// When an executor has had its chance: the last deadline of the tasks it is to end has passed and
    /// no other task would suffer.
    // Mesos: with one task of a group the others end too. A custom executor is trusted with a scheduler's
    // kill, whatever it makes of it.
    pub(crate) fn escalation_at(&self, executor: &Executor) -> Option<Moment> {
        if executor.destroying.is_some() {
            return None;
        }
        let (last, _) = executor.killing.last()?;
        let all = executor.killing.len() == executor.live.len();
        let harmless = if executor.builtin {
            all || executor.groups != Groups::Mixed
        } else {
            all && self.drain.is_some()
        };
        harmless.then(|| last.plus(self.config.kill_margin).max(self.escalations_from))
    }

    pub(crate) fn escalate(&mut self, now: Now, container: &ContainerId, fx: &mut Effects) {
        let Some(key) = self.containers.get(container).cloned() else { return };
        let Some(executor) = self.executors.get(&key) else { return };
        match self.escalation_at(executor) {
            Some(at) if at <= now.at => {}
            _ => return self.rearm_escalation(&key),
        }
        let killed: BTreeSet<&TaskId> = executor.killing.iter().map(|(_, task)| task).collect();
        let others = executor.live.iter().filter(|task| !killed.contains(task));
        let others: Vec<TaskId> = others.cloned().collect();
        let asked = executor.killing.len();
        for task in others {
            // It goes with the container: it is asked first, and has its own grace.
            self.kill_with(now, &key, task, fx);
        }
        let Some(executor) = self.executors.get(&key) else { return };
        if executor.killing.len() > asked {
            return;
        }
        if let Some((_, task)) = executor.killing.last() {
            fx.notes.push(Note::Escalated { container: container.clone(), task: task.clone() });
        }
        self.destroy(now, container, fx);
    }
}
