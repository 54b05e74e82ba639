//! Grace periods: SIGKILL comes no earlier than the smallest that was asked for, and the end hardly later.
//!
//! All of it is measured on the monotonic clock, whatever people do to the other one.

use std::time::Duration;

use model::{ContainerId, Moment, TaskId};
use wire::link;

use crate::world::World;

/// What a task without a grace of its own gets.
pub(crate) const DEFAULT: Duration = Duration::from_secs(3);

/// How much longer than its grace a task lives at most on a host where nothing is wrong. The agent gives the
/// executor 2 s to comply before it ends the container itself; an executor whose framework has ended has the 5 s
/// of its shutdown, however short the grace of a drain that comes after. Destroying the container, commits and the
/// ways between the processes take the rest.
pub(crate) const OVERDUE: Duration = Duration::from_secs(7);

/// When a task was asked to stop, and by when it has to have stopped.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked {
    pub(crate) at: Moment,
    pub(crate) over_by: Moment,
}

impl Asked {
    /// This order after an earlier one: it may only end sooner.
    fn after(self, earlier: Option<Self>) -> Self {
        earlier.map_or(self, |it| Self { at: it.at, over_by: it.over_by.min(self.over_by) })
    }
}

impl World {
    /// An order of the master reaches an agent that runs and listens: from now on the clock ticks.
    pub(crate) fn order_arrives(&mut self, host: usize, event: &link::Event) {
        if let Some(drain) = &event.drain {
            let config = drain.config.as_ref().map(model::drain::DrainConfig::from);
            let bound = config.and_then(|config| config.max_grace_period);
            let known = self.hosts[host].drain_bound;
            let bound = [bound, known].into_iter().flatten().min();
            self.hosts[host].drain_bound = bound;
            let everything: Vec<(ContainerId, TaskId)> =
                self.hosts[host].running().map(|(id, task)| (id.clone(), task.clone())).collect();
            for (id, task) in everything {
                self.ask_to_stop(host, &id, &task, None, bound);
            }
            self.wait_for_the_last(host);
        }
        if event.reactivate.is_some() {
            self.hosts[host].drain_bound = None;
        }
        if let Some(kill) = &event.kill_task
            && let Some(name) = kill.task_id.as_ref().map(TaskId::from)
        {
            let own = kill.kill_policy.as_ref().and_then(|policy| policy.grace_period);
            let own = own.and_then(|grace| model::duration::grace_of(&grace).ok());
            let place = &self.hosts[host];
            // A custom executor is trusted with a scheduler's kill.
            let builtin =
                place.containers.iter().find(|(_, one)| one.is_builtin && one.runs(&name));
            let Some((id, _)) = builtin else { return };
            let (id, bound) = (id.clone(), place.drain_bound);
            self.ask_to_stop(host, &id, &name, own, bound);
        }
    }

    fn ask_to_stop(
        &mut self,
        host: usize,
        id: &ContainerId,
        name: &TaskId,
        own: Option<Duration>,
        bound: Option<Duration>,
    ) {
        let now = self.now.at;
        // Before a container is destroyed for one task of a group, the others are asked, and have theirs.
        let others = self.hosts[host].containers.get(id).and_then(|one| one.longest_beside(name));
        let others = others.unwrap_or_default();
        let Some(task) = self.task(host, id, name) else { return };
        let grace = own.or(task.grace).unwrap_or(DEFAULT);
        let grace = bound.map_or(grace, |bound| grace.min(bound));
        let asked = Asked { at: now, over_by: now.plus(grace).plus(others).plus(OVERDUE) };
        task.asked = Some(asked.after(task.asked));
    }

    /// A custom executor that does not obey is ended as a whole, once the last of its tasks has had its grace.
    fn wait_for_the_last(&mut self, host: usize) {
        let custom = self.hosts[host].containers.iter().filter(|(_, one)| !one.is_builtin);
        let custom: Vec<(ContainerId, Vec<TaskId>)> =
            custom.map(|(id, one)| (id.clone(), one.running().cloned().collect())).collect();
        for (id, names) in custom {
            let mut asked = Vec::new();
            for name in &names {
                asked.extend(self.task(host, &id, name).and_then(|task| task.asked));
            }
            let Some(last) = asked.iter().map(|it| it.over_by).max() else { continue };
            for name in &names {
                if let Some(it) = self.task(host, &id, name).and_then(|task| task.asked.as_mut()) {
                    it.over_by = last;
                }
            }
        }
    }

    /// The last process of a task has ended.
    pub(crate) fn check_overdue(&mut self, host: usize, name: &TaskId, asked: Option<Asked>) {
        let Some(asked) = asked else { return };
        let place = &self.hosts[host];
        if self.now.at > asked.over_by && place.troubled_until < asked.at {
            let late = self.now.at.since(asked.over_by) + OVERDUE;
            let what = format!("task {name} ends {late:?} after its grace");
            self.truth.broken("grace-is-not-exceeded", what);
        }
    }

    /// SIGKILL is sent to a task that had `had` since SIGTERM. The agent counts from its decision, so
    /// what its disk and the way to the executor take is part of the grace.
    pub(crate) fn check_grace(&mut self, host: usize, id: &ContainerId, name: &TaskId) {
        /// What an agent's shutdown of an executor leaves at least.
        const SHUTDOWN: Duration = Duration::from_secs(4);
        let now = self.now.at;
        let slack = self.plan.commit * 2 + Duration::from_millis(10);
        let place = &self.hosts[host];
        let Some(container) = place.containers.get(id) else { return };
        let is_shut_down = container.is_shut_down(now) || place.is_leaving;
        let Some(task) = container.task(name).filter(|task| task.first_runs) else { return };
        let Some(since) = task.terminated_at else { return };
        // Whoever stands still lets the grace pass unseen: it is counted from the agent's decision.
        if place.stood_still_until.plus(Duration::from_secs(1)) >= since {
            return;
        }
        let own = task.grace.unwrap_or(DEFAULT);
        let asked = self.truth.least_grace(place.index(), name);
        let shutdown = is_shut_down.then_some(SHUTDOWN);
        let least = [Some(own), asked, shutdown].into_iter().flatten().min().unwrap_or_default();
        let had = now.since(since);
        if had + slack < least {
            let what =
                format!("task {name} got SIGKILL {had:?} after SIGTERM instead of {least:?}");
            self.truth.broken("grace-is-not-shortened", what);
        }
    }
}
