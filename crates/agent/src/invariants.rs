//! What must hold after every event.

use crate::state::{Agent, Delivery};

impl Agent {
    /// Cheap invariants, on in release too.
    pub(crate) fn check(&self) {
        assert!(
            !self.drain.as_ref().is_some_and(|drain| drain.empty) || self.is_empty(),
            "a drain is empty only when nothing is left"
        );
        assert_eq!(self.executors.len(), self.containers.len(), "one container per executor");
        assert!(self.streams.len() <= self.tasks.len(), "only known tasks have updates");
        assert!(self.deadlines.len() <= self.tasks.len(), "only known tasks are killed");
        assert!(self.subscriptions.len() <= self.executors.len(), "one stream per executor");
    }

    /// Everything, in time proportional to everything there is; for tests and the simulator.
    pub fn check_thoroughly(&self) {
        self.check();
        for (key, task) in &self.tasks {
            assert_eq!(
                self.streams.contains(key),
                !task.pending.is_empty(),
                "streams are the tasks with updates: {key:?}"
            );
            assert!(
                !task.is_terminal() || !task.pending.is_empty(),
                "a terminal task waits for something: {key:?}"
            );
            let due = task.kill.as_ref().map(|kill| (kill.due, key.clone()));
            assert!(due.is_none_or(|due| self.deadlines.contains(&due)), "deadline of {key:?}");
            assert!(
                !task.is_terminal() || (task.kill.is_none() && task.info.is_none()),
                "a terminal task is neither queued nor killed: {key:?}"
            );
        }
        let killed = self.tasks.values().filter(|task| task.kill.is_some()).count();
        assert_eq!(self.deadlines.len(), killed, "one deadline per kill");
        for (key, executor) in &self.executors {
            assert_eq!(self.containers.get(&executor.container), Some(key), "container index");
            for task in executor.queue.iter().flat_map(Delivery::tasks) {
                assert!(executor.live.contains(task), "a queued task lives: {task}");
            }
            for (_, task) in &executor.killing {
                assert!(executor.live.contains(task), "a killed task lives: {task}");
            }
        }
        for (id, framework) in &self.frameworks {
            assert_eq!(framework.tasks, self.tasks_of(id).count(), "tasks of {id}");
            assert_eq!(framework.executors, self.executors_of(id).count(), "executors of {id}");
            assert!(!framework.is_idle(), "an idle framework is history: {id}");
        }
        let timers = 4 + 3 * self.tasks.len() + 5 * self.executors.len() + self.operations.len();
        assert!(self.timers.len() <= timers);
        assert_eq!(
            self.total.checkpointed(),
            self.checkpointed,
            "what operations made is in the total"
        );
    }
}
