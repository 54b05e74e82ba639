//! Read models for the agent's own API.

mod containers;
mod legacy;

pub use containers::{ContainerView, MemberView};

use wire::agent::response::get_executors::Executor as ExecutorView;
use wire::agent::response::get_frameworks::Framework as FrameworkView;
use wire::agent::response::{
    GetAgent, GetExecutors, GetFrameworks, GetOperations, GetState, GetTasks,
};
use wire::link::ExecutorReport;

use model::{ExecutorId, FrameworkId, TaskState};

use crate::state::{Agent, Counters, ExecutorKey, History, Packed};

/// What there is right now, and what has been counted since the process began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    pub registered: bool,
    pub draining: bool,
    pub frameworks_active: usize,
    pub tasks_staging: usize,
    pub tasks_starting: usize,
    pub tasks_running: usize,
    pub tasks_killing: usize,
    /// Ended, with updates not acknowledged yet.
    pub tasks_terminated: usize,
    pub executors_registering: usize,
    pub executors_running: usize,
    pub executors_terminating: usize,
    pub counters: Counters,
}

impl Agent {
    pub fn view_agent(&self) -> GetAgent {
        let drain = self.drain.as_ref();
        GetAgent {
            agent_info: Some(self.info.clone()),
            drain_config: drain.map(|drain| drain.config.to_wire()),
            estimated_drain_start_time: drain.map(|drain| drain.started_at.to_wire()),
        }
    }

    /// Tasks by stage. None is ever pending: this agent decides about a launch at once.
    pub fn view_tasks(&self) -> GetTasks {
        let mut view = GetTasks::default();
        for task in self.tasks.values() {
            let list = if task.is_terminal() {
                &mut view.terminated_tasks
            } else if task.info.is_some() {
                &mut view.queued_tasks
            } else {
                &mut view.launched_tasks
            };
            list.push(task.to_wire());
        }
        let past = self.histories().flat_map(|history| &history.tasks);
        view.completed_tasks = past.map(Packed::unpack).collect();
        view
    }

    pub fn view_executors(&self) -> GetExecutors {
        let past = self.histories().flat_map(|history| &history.executors);
        GetExecutors {
            executors: self
                .executors
                .values()
                .map(|executor| ExecutorView { executor_info: executor.info() })
                .collect(),
            completed_executors: past
                .map(|executor| ExecutorView { executor_info: executor.info.unpack() })
                .collect(),
        }
    }

    pub fn view_frameworks(&self) -> GetFrameworks {
        let view = |info: &Packed<wire::v1::FrameworkInfo>| FrameworkView {
            framework_info: info.unpack(),
        };
        let active = self.frameworks.values().filter_map(|framework| framework.info.as_ref());
        GetFrameworks {
            frameworks: active.map(view).collect(),
            completed_frameworks: self
                .past_frameworks
                .iter()
                .map(|past| view(&past.info))
                .collect(),
        }
    }

    pub fn view_state(&self) -> GetState {
        GetState {
            get_tasks: Some(self.view_tasks()),
            get_executors: Some(self.view_executors()),
            get_frameworks: Some(self.view_frameworks()),
        }
    }

    /// Operations that are not finished or not acknowledged.
    pub fn view_operations(&self) -> GetOperations {
        let operations = self.operations.values();
        GetOperations { operations: operations.map(|one| one.wire.as_ref().clone()).collect() }
    }

    /// Numbers for metrics; takes time in proportion to the tasks.
    pub fn view_gauges(&self) -> Gauges {
        let mut gauges = Gauges {
            registered: self.is_registered(),
            draining: self.drain.is_some(),
            frameworks_active: self.frameworks.len(),
            counters: self.counters,
            ..Gauges::default()
        };
        for task in self.tasks.values() {
            *match task.state {
                TaskState::TaskStaging | TaskState::TaskUnreachable | TaskState::TaskUnknown => {
                    &mut gauges.tasks_staging
                }
                TaskState::TaskStarting => &mut gauges.tasks_starting,
                TaskState::TaskRunning => &mut gauges.tasks_running,
                TaskState::TaskKilling => &mut gauges.tasks_killing,
                TaskState::TaskFinished
                | TaskState::TaskFailed
                | TaskState::TaskKilled
                | TaskState::TaskError
                | TaskState::TaskLost
                | TaskState::TaskDropped
                | TaskState::TaskGone
                | TaskState::TaskGoneByOperator => &mut gauges.tasks_terminated,
            } += 1;
        }
        for executor in self.executors.values() {
            *if executor.is_ending() {
                &mut gauges.executors_terminating
            } else if executor.subscribed {
                &mut gauges.executors_running
            } else {
                &mut gauges.executors_registering
            } += 1;
        }
        gauges
    }

    /// The latest sandbox of an executor, relative to the work directory.
    pub fn executor_directory(
        &self,
        framework: &FrameworkId,
        executor: &ExecutorId,
    ) -> Option<&str> {
        let key = ExecutorKey { framework: framework.clone(), executor: executor.clone() };
        if let Some(executor) = self.executors.get(&key) {
            return Some(&executor.directory);
        }
        let active = self.frameworks.get(framework).map(|framework| &framework.history);
        let past = || self.past_frameworks.iter().find(|past| past.id == *framework);
        let history = active.or_else(|| past().map(|past| &past.history))?;
        let found = history.executors.iter().rev().find(|past| past.id == *executor)?;
        Some(&found.directory)
    }

    pub(crate) fn executor_reports(&self) -> Vec<ExecutorReport> {
        self.executors
            .iter()
            .map(|(key, executor)| ExecutorReport {
                framework_id: Some(key.framework.to_wire()),
                executor_info: Some(executor.info()),
                generated: Some(executor.builtin),
            })
            .collect()
    }

    fn histories(&self) -> impl Iterator<Item = &History> {
        let active = self.frameworks.values().map(|framework| &framework.history);
        active.chain(self.past_frameworks.iter().map(|past| &past.history))
    }
}
