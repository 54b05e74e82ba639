//! One framework that has, or had, something on this agent.

use std::collections::{BTreeMap, VecDeque};

use model::{ExecutorId, FrameworkId};
use wire::v1::framework_info::capability;

use super::{Config, Packed};

/// Kept for display once it is over.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) tasks: VecDeque<Packed<wire::v1::Task>>,
    pub(crate) executors: VecDeque<PastExecutor>,
}

#[derive(Clone, Debug)]
pub(crate) struct PastExecutor {
    pub(crate) id: ExecutorId,
    pub(crate) directory: String,
    pub(crate) info: Packed<wire::v1::ExecutorInfo>,
}

impl History {
    pub(crate) fn add_task(&mut self, task: Packed<wire::v1::Task>, config: &Config) {
        push_bounded(&mut self.tasks, task, config.max_completed_tasks);
    }

    pub(crate) fn add_executor(&mut self, executor: PastExecutor, config: &Config) {
        push_bounded(&mut self.executors, executor, config.max_completed_executors);
    }
}

/// Appends and drops the oldest beyond `bound`.
pub(crate) fn push_bounded<T>(queue: &mut VecDeque<T>, item: T, bound: usize) {
    queue.push_back(item);
    while queue.len() > bound {
        queue.pop_front();
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Framework {
    /// Unknown where a task is answered for that the agent has never seen.
    pub(crate) info: Option<Packed<wire::v1::FrameworkInfo>>,
    pub(crate) partition_aware: bool,
    pub(crate) tasks: usize,
    pub(crate) executors: usize,
    pub(crate) history: History,
}

impl Framework {
    pub(crate) fn new(info: Option<&wire::v1::FrameworkInfo>, history: History) -> Self {
        let mut framework =
            Self { info: None, partition_aware: false, tasks: 0, executors: 0, history };
        if let Some(info) = info {
            framework.set_info(info);
        }
        framework
    }

    pub(crate) fn set_info(&mut self, info: &wire::v1::FrameworkInfo) {
        self.info = Some(Packed::new(info));
        let wanted = Some(capability::Type::PartitionAware.into());
        self.partition_aware = info.capabilities.iter().any(|one| one.r#type == wanted);
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.tasks == 0 && self.executors == 0
    }
}

#[derive(Clone, Debug)]
pub(crate) struct PastFramework {
    pub(crate) id: FrameworkId,
    pub(crate) info: Packed<wire::v1::FrameworkInfo>,
    pub(crate) history: History,
}

pub(crate) type Frameworks = BTreeMap<FrameworkId, Framework>;
