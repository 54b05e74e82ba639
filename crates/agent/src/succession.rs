//! Executors that are leaving and are wanted again: a task whose id is used once more, or another group.
//!
//! Our own executors end with their last task. Who has heard of that end may launch at once what is named the
//! same; it waits until no process of the first run is left.

use std::collections::VecDeque;

use model::{Now, Resources};
use wire::v1::ExecutorInfo;

use crate::containers::Launch;
use crate::state::{Agent, Delivery, ExecutorKey, Next, TaskKey, is_for_command};
use crate::tasks::program_of;
use crate::{Effects, Program};

/// The next run of an executor that has ended, with the tasks it is for.
pub(crate) struct Successor {
    info: ExecutorInfo,
    program: Program,
    user: Option<String>,
    tasks: VecDeque<Delivery>,
}

impl Successor {
    /// Whether the framework knows it by the same id, so that it has never ended to anybody.
    pub(crate) fn is_the_same(&self) -> bool {
        !is_for_command(&self.info, self.program == Program::Builtin)
    }
}

impl Agent {
    /// What is queued from now on is for the next run. The present one, which has nothing to do, is not
    /// waited for longer than for any other that was told to end.
    pub(crate) fn launch_after(
        &mut self,
        now: Now,
        key: &ExecutorKey,
        next: Next,
        fx: &mut Effects,
    ) {
        let Some(executor) = self.executors.get_mut(key) else { return };
        executor.next = Some(next);
        let container = executor.container.clone();
        self.touch_executor(&container);
        self.shutdown_executor(now, key, fx);
    }

    /// An executor has ended: what waits for its next run is taken from it. In a drain it ends instead.
    pub(crate) fn take_successor(
        &mut self,
        now: Now,
        key: &ExecutorKey,
        fx: &mut Effects,
    ) -> Option<Successor> {
        let next = self.executors.get_mut(key)?.next.take()?;
        if self.drain.is_some() {
            while self.kill_first_queued(now, key, fx) > 0 {}
        }
        let executor = self.executors.get_mut(key)?;
        if executor.queue.is_empty() || self.stopping.is_some() {
            return None;
        }
        let info = next.info.unpack();
        let program = if next.builtin { Program::Builtin } else { program_of(&info)? };
        let tasks = std::mem::take(&mut executor.queue);
        for task in tasks.iter().flat_map(Delivery::tasks) {
            executor.live.remove(task);
        }
        Some(Successor { info, program, user: next.user, tasks })
    }

    pub(crate) fn launch_successor(
        &mut self,
        now: Now,
        key: &ExecutorKey,
        successor: Successor,
        fx: &mut Effects,
    ) {
        let Successor { info, program, user, tasks } = successor;
        let mut resources = Resources::from_wire(&info.resources).unwrap_or_default();
        let mut members = Vec::new();
        for task in tasks.iter().flat_map(Delivery::tasks) {
            let task_key = TaskKey { framework: key.framework.clone(), task: task.clone() };
            let Some(known) = self.tasks.get(&task_key) else { continue };
            let demand = known.info.as_ref().map(|info| Resources::from_wire(&info.resources));
            resources.add(&demand.and_then(Result::ok).unwrap_or_default());
            members.push((task.clone(), known.group.clone()));
        }
        self.launch_executor(now, key, Launch { info, program, user, resources }, fx);
        let Some(executor) = self.executors.get_mut(key) else { return };
        executor.queue = tasks;
        for (task, group) in members {
            executor.add(task, group.as_ref());
        }
    }

    /// After a start: those that were told to leave are told again when they are back.
    pub(crate) fn end_leaving(&mut self, now: Now, fx: &mut Effects) {
        let leaving = self.executors.iter().filter(|(_, executor)| executor.next.is_some());
        let keys: Vec<ExecutorKey> = leaving.map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.shutdown_executor(now, &key, fx);
        }
    }
}
