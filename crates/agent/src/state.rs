//! The agent's state, the way in, and what of it must be durable.
//!
//! Handlers change the state at once and mark what they touched; at the end of `apply` each touched
//! record becomes one mutation, so the store can't differ from the state.

mod config;
mod executor;
mod framework;
mod generator;
mod packed;
mod task;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use model::{ContainerId, FrameworkId, Moment, Now, Resources};
use wire::checkpoint::{AgentRecord, FrameworkRecord, ResourcesRecord};

use crate::drain::{Drain, Sweep};
use crate::event::StreamId;
use crate::link::Link;
use crate::operations::Operation;
use crate::recovery::Records;
use crate::timers::{Timer, Timers};
use crate::{Effects, Event, Message, Mutation, Stop};

pub use config::Config;
pub(crate) use executor::{
    Delivery, Early, Ending, Executor, ExecutorKey, Groups, Next, is_for_command,
};
pub(crate) use framework::{
    Framework, Frameworks, History, PastExecutor, PastFramework, push_bounded,
};
pub(crate) use generator::Generator;
pub(crate) use packed::Packed;
pub(crate) use task::{Kill, Task, TaskKey, grace_of};

/// Timers that one event may work off; the rest come with the next wake, which is then due at once.
const MAX_TIMERS_PER_WAKE: usize = 1000;

/// Version of the records; a store with newer ones is refused.
pub const SCHEMA_VERSION: u32 = 1;

/// The agent: see the crate's documentation.
#[derive(Clone, Debug)]
pub struct Agent {
    pub(crate) config: Config,
    pub(crate) generator: Generator,
    /// With the id, once a master has given one.
    pub(crate) info: wire::v1::AgentInfo,
    /// By which the master knows this agent before it knows its id.
    pub(crate) admission_key: String,
    /// What there is: as configured, with what operations have made of it.
    pub(crate) total: Resources,
    /// The part of `total` that operations have made.
    pub(crate) checkpointed: Resources,
    /// By UUID: not finished, or not acknowledged.
    pub(crate) operations: BTreeMap<Bytes, Operation>,
    pub(crate) gone: Option<String>,
    pub(crate) link: Link,
    pub(crate) drain: Option<Drain>,
    pub(crate) sweep: Sweep,
    pub(crate) frameworks: Frameworks,
    pub(crate) tasks: BTreeMap<TaskKey, Task>,
    /// Tasks with unacknowledged updates.
    pub(crate) streams: BTreeSet<TaskKey>,
    /// Kill deadlines of all tasks that have not ended.
    pub(crate) deadlines: BTreeSet<(Moment, TaskKey)>,
    pub(crate) executors: BTreeMap<ExecutorKey, Executor>,
    pub(crate) containers: BTreeMap<ContainerId, ExecutorKey>,
    /// Whose each open executor stream is.
    pub(crate) subscriptions: BTreeMap<StreamId, ExecutorKey>,
    /// Containers that have to be heard of before a restarted agent connects.
    pub(crate) awaited: BTreeSet<ContainerId>,
    /// No container is ended for an overdue kill before this.
    pub(crate) escalations_from: Moment,
    pub(crate) past_frameworks: VecDeque<PastFramework>,
    pub(crate) timers: Timers,
    pub(crate) counters: Counters,
    /// The agent is about to end; it does once nothing is left, or at [`Timer::Stop`].
    pub(crate) stopping: Option<Stop>,
    pub(crate) stopped: bool,
    dirty: Dirty,
}

/// Numbers since the start of this process, for metrics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    pub tasks_finished: u64,
    pub tasks_failed: u64,
    pub tasks_killed: u64,
    pub tasks_lost: u64,
    pub tasks_gone: u64,
    pub executors_terminated: u64,
    pub container_launch_errors: u64,
    pub valid_status_updates: u64,
    pub invalid_status_updates: u64,
    pub valid_framework_messages: u64,
    pub invalid_framework_messages: u64,
    pub recovery_errors: u64,
}

/// What an event has touched.
#[derive(Clone, Debug, Default)]
struct Dirty {
    agent: bool,
    drain: bool,
    resources: bool,
    operations: BTreeSet<Bytes>,
    frameworks: BTreeSet<FrameworkId>,
    executors: BTreeSet<ContainerId>,
    tasks: BTreeSet<TaskKey>,
}

impl Agent {
    pub(crate) fn bare(config: Config) -> Self {
        let info = wire::v1::AgentInfo { id: None, ..config.info.clone() };
        let mut generator = Generator::new(config.seed);
        Self {
            admission_key: generator.uuid(),
            generator,
            config,
            total: Resources::from_wire(&info.resources).unwrap_or_default().unallocated(),
            checkpointed: Resources::new(),
            operations: BTreeMap::new(),
            info,
            gone: None,
            link: Link::default(),
            drain: None,
            sweep: Sweep::default(),
            frameworks: Frameworks::new(),
            tasks: BTreeMap::new(),
            streams: BTreeSet::new(),
            deadlines: BTreeSet::new(),
            executors: BTreeMap::new(),
            containers: BTreeMap::new(),
            subscriptions: BTreeMap::new(),
            awaited: BTreeSet::new(),
            escalations_from: Moment::default(),
            past_frameworks: VecDeque::new(),
            timers: Timers::default(),
            counters: Counters::default(),
            stopping: None,
            stopped: false,
            dirty: Dirty::default(),
        }
    }

    /// The only way in. Same state, same `now`, same event: same effects.
    pub fn apply(&mut self, now: Now, event: Event) -> Effects {
        let mut fx = Effects::default();
        if self.stopped {
            refuse_when_stopped(&event, &mut fx);
            return fx;
        }
        self.timers.note_standstill(now.at);
        let is_woken = matches!(event, Event::Woke);
        match event {
            Event::Link(event) => self.link_event(now, *event, &mut fx),
            Event::LinkClosed { why } => self.link_closed(now, why, &mut fx),
            Event::NoLeader { why } => self.no_leader(now, why, &mut fx),
            Event::ExecutorSubscribe { request, stream, from, subscribe } => {
                self.subscribe(now, request, stream, &from, *subscribe, &mut fx);
            }
            Event::ExecutorCall { request, from, call } => {
                self.executor_call(now, request, &from, *call, &mut fx);
            }
            Event::ExecutorClosed { stream } => self.executor_closed(stream, &mut fx),
            Event::ContainerLaunched { container, pid, pid_started } => {
                self.container_launched(now, &container, pid, pid_started, &mut fx);
            }
            Event::ContainerLaunchFailed { container, error } => {
                self.container_launch_failed(now, &container, &error, &mut fx);
            }
            Event::ContainerExited { container, status } => {
                self.container_exited(now, &container, status, &mut fx);
            }
            Event::ContainerDestroyFailed { container, survivors } => {
                self.container_destroy_failed(now, &container, survivors, &mut fx);
            }
            Event::VolumesRemoved { operation, outcome } => {
                self.volumes_removed(now, &operation, outcome, &mut fx);
            }
            Event::Unregister => self.unregister(now, &mut fx),
            Event::Woke => {}
        }
        for _ in 0..MAX_TIMERS_PER_WAKE {
            if self.stopped || (!is_woken && self.timers.next_is(&Timer::Sweep)) {
                break;
            }
            let Some(timer) = self.timers.take_due(now.at) else { break };
            let is_slice = timer == Timer::Sweep;
            self.timer_due(now, timer, &mut fx);
            if is_slice {
                break;
            }
        }
        self.finish(&mut fx);
        fx
    }

    /// When the shell has to call back with [`Event::Woke`] at the latest.
    pub fn next_wake(&self) -> Option<Moment> {
        if self.stopped { None } else { self.timers.next() }
    }

    /// What follows from the state after every event, whatever the event was.
    pub(crate) fn finish(&mut self, fx: &mut Effects) {
        self.settle_drain(fx);
        self.settle_stop(fx);
        self.flush(fx);
        self.check();
    }

    fn timer_due(&mut self, now: Now, timer: Timer, fx: &mut Effects) {
        match timer {
            Timer::Connect => self.connect(now, fx),
            Timer::LinkTimeout => self.link_timed_out(now, fx),
            Timer::Stop => self.stop_timed_out(fx),
            Timer::Sweep => self.continue_sweep(now, fx),
            Timer::RetryUpdate(key) => self.retry_update(now, &key, fx),
            Timer::RetryOperation(uuid) => self.retry_operation(now, &uuid, fx),
            Timer::RepeatKill(key) => self.repeat_kill(now, &key, fx),
            Timer::Escalate(container) => self.escalate(now, &container, fx),
            Timer::Registration(container) => self.registration_timed_out(now, &container, fx),
            Timer::ShutdownGrace(container) | Timer::RepeatDestroy(container) => {
                self.destroy(now, &container, fx);
            }
            Timer::Heartbeat(stream) => self.heartbeat_due(now, stream, fx),
        }
    }

    /// What was read from the store need not be written to it.
    pub(crate) fn forget_touches(&mut self) {
        self.dirty = Dirty::default();
    }

    pub(crate) fn touch_agent(&mut self) {
        self.dirty.agent = true;
    }

    pub(crate) fn touch_drain(&mut self) {
        self.dirty.drain = true;
    }

    pub(crate) fn touch_resources(&mut self) {
        self.dirty.resources = true;
    }

    pub(crate) fn touch_operation(&mut self, uuid: &Bytes) {
        self.dirty.operations.insert(uuid.clone());
    }

    pub(crate) fn touch_framework(&mut self, id: &FrameworkId) {
        self.dirty.frameworks.insert(id.clone());
    }

    pub(crate) fn touch_executor(&mut self, container: &ContainerId) {
        self.dirty.executors.insert(container.clone());
    }

    pub(crate) fn touch_task(&mut self, key: &TaskKey) {
        self.dirty.tasks.insert(key.clone());
    }

    fn flush(&mut self, fx: &mut Effects) {
        let dirty = std::mem::take(&mut self.dirty);
        let out = &mut fx.mutations;
        if dirty.agent {
            out.push(Mutation::SetAgent(Box::new(self.agent_record())));
        }
        if dirty.drain {
            out.push(match &self.drain {
                Some(drain) => Mutation::SetDrain(Box::new(drain.to_record())),
                None => Mutation::RemoveDrain,
            });
        }
        if dirty.resources {
            out.push(match self.resources_record() {
                Some(record) => Mutation::SetResources(Box::new(record)),
                None => Mutation::RemoveResources,
            });
        }
        for uuid in dirty.operations {
            out.push(match self.operations.get(&uuid) {
                Some(operation) => Mutation::SetOperation(Box::new(operation.to_record())),
                None => Mutation::RemoveOperation(uuid),
            });
        }
        for id in dirty.frameworks {
            match self.framework_record(&id) {
                Some(record) => out.push(Mutation::SetFramework(Box::new(record))),
                None => out.push(Mutation::RemoveFramework(id)),
            }
        }
        for container in dirty.executors {
            let executor = self
                .containers
                .get(&container)
                .and_then(|key| self.executors.get(key).map(|executor| executor.to_record(key)));
            match executor {
                Some(record) => out.push(Mutation::SetExecutor(Box::new(record))),
                None => out.push(Mutation::RemoveExecutor(container)),
            }
        }
        for key in dirty.tasks {
            match self.tasks.get(&key) {
                Some(task) => out.push(Mutation::SetTask(Box::new(task.to_record()))),
                None => out.push(Mutation::RemoveTask(key.framework, key.task)),
            }
        }
    }

    fn agent_record(&self) -> AgentRecord {
        AgentRecord {
            schema_version: Some(SCHEMA_VERSION),
            info: Some(self.info.clone()),
            boot_id: Some(self.config.boot_id.clone()),
            port: self.info.port.and_then(|port| u32::try_from(port).ok()),
            gone: self.gone.clone(),
            admission_key: Some(self.admission_key.clone()),
        }
    }

    fn resources_record(&self) -> Option<ResourcesRecord> {
        let checkpointed = self.checkpointed.to_wire();
        (!checkpointed.is_empty()).then_some(ResourcesRecord { checkpointed })
    }

    fn framework_record(&self, id: &FrameworkId) -> Option<FrameworkRecord> {
        let info = self.frameworks.get(id)?.info.as_ref()?;
        Some(FrameworkRecord { info: Some(info.unpack()) })
    }

    /// What the store has to hold once the mutations so far are committed. Takes time in proportion to
    /// everything there is; for tests and the simulator.
    pub fn durable(&self) -> Records {
        Records {
            agent: Some(self.agent_record()),
            frameworks: self
                .frameworks
                .keys()
                .filter_map(|id| Some((id.clone(), self.framework_record(id)?)))
                .collect(),
            executors: self
                .executors
                .iter()
                .map(|(key, executor)| (executor.container.clone(), executor.to_record(key)))
                .collect(),
            tasks: self
                .tasks
                .iter()
                .map(|(key, task)| ((key.framework.clone(), key.task.clone()), task.to_record()))
                .collect(),
            drain: self.drain.as_ref().map(Drain::to_record),
            resources: self.resources_record(),
            operations: self
                .operations
                .iter()
                .map(|(uuid, operation)| (uuid.clone(), operation.to_record()))
                .collect(),
        }
    }
}

/// Nothing happens any more; callers get their answer.
fn refuse_when_stopped(event: &Event, fx: &mut Effects) {
    let (Event::ExecutorSubscribe { request, .. } | Event::ExecutorCall { request, .. }) = event
    else {
        return;
    };
    let refusal = model::Refusal::new(model::Status::Unavailable, "Agent is stopping");
    fx.messages.push(Message::Reply { request: *request, outcome: Err(refusal) });
}
