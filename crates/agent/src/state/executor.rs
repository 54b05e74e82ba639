//! One executor with its container, from the launch until no process of it is left.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use model::task::Reason;
use model::{ContainerId, ExecutorId, FrameworkId, Moment, TaskId};
use wire::checkpoint::{ExecutorRecord, NextExecutor};
use wire::executor::call::Subscribe;
use wire::v1::executor_info;

use super::Packed;
use crate::event::{RequestId, StreamId};

/// Names an executor; there is never more than one container of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ExecutorKey {
    pub(crate) framework: FrameworkId,
    pub(crate) executor: ExecutorId,
}

/// Tasks that are handed over together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Task(TaskId),
    Group(Vec<TaskId>),
}

impl Delivery {
    pub(crate) fn tasks(&self) -> &[TaskId] {
        match self {
            Self::Task(task) => std::slice::from_ref(task),
            Self::Group(tasks) => tasks,
        }
    }
}

/// Why the agent ends a container: what its tasks are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ending {
    pub(crate) reason: Reason,
    pub(crate) message: String,
}

/// What runs in an executor's place once that has ended.
#[derive(Clone, Debug)]
pub(crate) struct Next {
    pub(crate) info: Packed<wire::v1::ExecutorInfo>,
    pub(crate) builtin: bool,
    pub(crate) user: Option<String>,
}

impl Next {
    /// None if it can't follow an executor of this id.
    fn from_record(record: &NextExecutor, id: &wire::v1::ExecutorId) -> Option<Self> {
        let info = record.info.as_ref().filter(|info| info.executor_id == *id)?;
        Some(Self {
            info: Packed::new(info),
            builtin: record.generated.unwrap_or(false),
            user: record.user.clone(),
        })
    }

    fn to_record(&self) -> NextExecutor {
        NextExecutor {
            info: Some(self.info.unpack()),
            generated: Some(self.builtin),
            user: self.user.clone(),
        }
    }
}

/// Of how many groups an executor got tasks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Groups {
    #[default]
    None,
    One(Option<Arc<str>>),
    Mixed,
}

/// A subscription that is not answered yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Early {
    pub(crate) request: RequestId,
    pub(crate) stream: StreamId,
    pub(crate) subscribe: Subscribe,
}

#[expect(clippy::struct_excessive_bools, reason = "facts that don't exclude each other")]
#[derive(Clone, Debug)]
pub(crate) struct Executor {
    pub(crate) container: ContainerId,
    info: Packed<wire::v1::ExecutorInfo>,
    /// Whether the owner process is our own executor, made for a command task or a task group.
    pub(crate) builtin: bool,
    /// Whether it was made for one command task and is no executor to its framework.
    pub(crate) command: bool,
    pub(crate) shutdown_grace: Option<Duration>,
    pub(crate) token: String,
    pub(crate) directory: String,
    pub(crate) user: Option<String>,
    /// Pid of the owner process and its start time.
    pub(crate) process: Option<(u32, u64)>,
    /// Whether a task was ever handed to it.
    pub(crate) used: bool,
    /// Whether it ever subscribed.
    pub(crate) subscribed: bool,
    pub(crate) stream: Option<StreamId>,
    /// A subscription that came before its process was known.
    pub(crate) early: Option<Box<Early>>,
    /// Its tasks that have not ended, queued ones included.
    pub(crate) live: BTreeSet<TaskId>,
    pub(crate) queue: VecDeque<Delivery>,
    /// The run that `queue` waits for, if it is not this one.
    pub(crate) next: Option<Next>,
    /// Its tasks that were asked to end, by the moment their grace is over.
    pub(crate) killing: BTreeSet<(Moment, TaskId)>,
    pub(crate) groups: Groups,
    /// Whether it was told to end.
    pub(crate) shutting_down: bool,
    /// How often the container has been destroyed without success, once that has begun.
    pub(crate) destroying: Option<u32>,
    pub(crate) ending: Option<Ending>,
}

impl Executor {
    pub(crate) fn new(
        container: ContainerId,
        info: &wire::v1::ExecutorInfo,
        builtin: bool,
        token: String,
        directory: String,
        user: Option<String>,
    ) -> Self {
        let shutdown_grace = info
            .shutdown_grace_period
            .as_ref()
            .and_then(|grace| model::duration::grace_of(grace).ok());
        Self {
            container,
            info: Packed::new(info),
            builtin,
            command: is_for_command(info, builtin),
            shutdown_grace,
            token,
            directory,
            user,
            process: None,
            used: false,
            subscribed: false,
            stream: None,
            early: None,
            live: BTreeSet::new(),
            queue: VecDeque::new(),
            next: None,
            killing: BTreeSet::new(),
            groups: Groups::default(),
            shutting_down: false,
            destroying: None,
            ending: None,
        }
    }

    pub(crate) fn from_record(record: &ExecutorRecord) -> Option<(ExecutorKey, Self)> {
        let info = record.info.as_ref()?;
        let key = ExecutorKey {
            framework: record.framework_id.as_ref()?.into(),
            executor: (&info.executor_id).into(),
        };
        let mut executor = Self::new(
            ContainerId::new(record.container_id.as_ref()?),
            info,
            record.generated.unwrap_or(false),
            record.token.clone().unwrap_or_default(),
            record.directory.clone().unwrap_or_default(),
            record.user.clone(),
        );
        executor.process = record.pid.zip(record.pid_started);
        executor.used = record.used.unwrap_or(false);
        executor.subscribed = record.subscribed.unwrap_or(false);
        let next = record.next.as_ref().filter(|_| executor.builtin);
        executor.next = next.and_then(|next| Next::from_record(next, &info.executor_id));
        Some((key, executor))
    }

    pub(crate) fn to_record(&self, key: &ExecutorKey) -> ExecutorRecord {
        ExecutorRecord {
            framework_id: Some(key.framework.to_wire()),
            info: Some(self.info.unpack()),
            container_id: Some(self.container.as_str().to_owned()),
            generated: Some(self.builtin),
            pid: self.process.map(|(pid, _)| pid),
            pid_started: self.process.map(|(_, started)| started),
            token: Some(self.token.clone()),
            directory: Some(self.directory.clone()),
            user: self.user.clone(),
            used: Some(self.used),
            subscribed: Some(self.subscribed),
            next: self.next.as_ref().map(Next::to_record),
        }
    }

    pub(crate) fn info(&self) -> wire::v1::ExecutorInfo {
        self.info.unpack()
    }

    pub(crate) fn packed_info(&self) -> Packed<wire::v1::ExecutorInfo> {
        self.info.clone()
    }

    /// Takes a task in, queued or handed over.
    pub(crate) fn add(&mut self, task: TaskId, group: Option<&Arc<str>>) {
        self.groups = match (&self.groups, group) {
            (Groups::None, group) => Groups::One(group.cloned()),
            (Groups::One(Some(only)), Some(group)) if only == group => return self.insert(task),
            // Tasks without a group don't belong together.
            (Groups::One(_) | Groups::Mixed, _) => Groups::Mixed,
        };
        self.insert(task);
    }

    fn insert(&mut self, task: TaskId) {
        self.live.insert(task);
    }

    /// Whether it has nothing to do.
    pub(crate) fn is_idle(&self) -> bool {
        self.live.is_empty()
    }

    /// Whether it has been told to end, or is being ended.
    pub(crate) fn is_ending(&self) -> bool {
        self.shutting_down || self.destroying.is_some()
    }

    /// Whether it takes no more tasks and ends by itself: one of ours does when its last task has ended.
    pub(crate) fn is_leaving(&self) -> bool {
        self.builtin && (self.next.is_some() || self.is_idle())
    }
}

/// Whether an executor is made for one command task and is none to its framework.
pub(crate) fn is_for_command(info: &wire::v1::ExecutorInfo, builtin: bool) -> bool {
    builtin && info.r#type != Some(executor_info::Type::Default.into())
}
