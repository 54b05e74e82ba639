//! A small model of an agent: it speaks the link as the production core does, and its tasks are entries
//! in a map. Fifty thousand of them fit where a thousand production cores with their executors would.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use model::drain::DrainConfig;
use model::task::{Reason, Source, is_terminal};
use model::{FrameworkId, Resources, TaskId, TaskState, Timestamp};
use wire::link::{self, call, event};
use wire::v1;

const PROTOCOL_VERSION: u32 = 1;
const SEARCH_FACTOR: Duration = Duration::from_secs(1);
const SEARCH_MAX: Duration = Duration::from_secs(6);
const DEFAULT_GRACE: Duration = Duration::from_secs(3);
/// What an agent gives a command executor besides its task.
const EXECUTOR_CPUS: f64 = 0.1;
const EXECUTOR_MEM: f64 = 32.0;

/// Least and longest wait of an agent before it looks for a leader again, after so many looks in vain: as
/// the production core waits.
pub fn search_wait(looks: u32) -> (Duration, Duration) {
    let bound = SEARCH_FACTOR.saturating_mul(1 << looks.saturating_sub(1).min(16)).min(SEARCH_MAX);
    // The first wait spreads agents whose links ended at the same moment.
    if looks == 0 { (Duration::ZERO, SEARCH_FACTOR) } else { (bound / 2, bound) }
}

/// What becomes of a task's process, and is told to [`Agent::moves`] when it is so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Runs,
    Ends,
    ExecutorEnds,
}

/// What an agent does about what it heard.
#[derive(Debug)]
pub enum Act {
    Call(Box<link::Call>),
    /// The task's process does this in a while.
    Wait(Key, Step),
}

/// Framework and task.
pub type Key = (FrameworkId, TaskId);

/// An update that was made: enough to say it again.
#[derive(Clone, Debug)]
struct Update {
    state: TaskState,
    reason: Option<Reason>,
    source: Source,
    uuid: [u8; 16],
    at: Timestamp,
}

#[derive(Debug)]
struct Task {
    resources: Resources,
    state: TaskState,
    history: Vec<Update>,
    /// The first is on its way, the others wait for its acknowledgement.
    pending: VecDeque<Update>,
}

#[derive(Clone, Debug)]
struct Framework {
    info: Arc<v1::FrameworkInfo>,
    knows_killing: bool,
    tasks: usize,
}

#[derive(Clone, Debug)]
struct Drain {
    generation: u64,
    config: DrainConfig,
    started_at: Timestamp,
}

/// One agent with its tasks.
#[derive(Debug)]
pub struct Agent {
    number: u32,
    port: i32,
    resources: Arc<Vec<v1::Resource>>,
    id: Option<v1::AgentId>,
    is_up: bool,
    is_gone: bool,
    frameworks: BTreeMap<FrameworkId, Framework>,
    tasks: BTreeMap<Key, Task>,
    /// Each has one task, or had one that has ended.
    executors: BTreeMap<Key, Resources>,
    drain: Option<Drain>,
    said: Option<link::AgentDrain>,
    updates: u64,
}

impl Agent {
    /// The agent of this number, with an address that no other number has.
    pub fn new(number: u32, resources: Arc<Vec<v1::Resource>>) -> Self {
        Self {
            number,
            port: 5051,
            resources,
            id: None,
            is_up: false,
            is_gone: false,
            frameworks: BTreeMap::new(),
            tasks: BTreeMap::new(),
            executors: BTreeMap::new(),
            drain: None,
            said: None,
            updates: 0,
        }
    }

    pub fn ip(&self) -> String {
        let [_, a, b, c] = self.number.to_be_bytes();
        format!("10.{a}.{b}.{c}")
    }

    pub fn id(&self) -> Option<&v1::AgentId> {
        self.id.as_ref()
    }

    pub fn is_up(&self) -> bool {
        self.is_up
    }

    /// Tasks it answers for, ended and not yet acknowledged ones included.
    pub fn tasks(&self) -> usize {
        self.tasks.len()
    }

    /// Whether nothing of any framework is left.
    pub fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.executors.is_empty()
    }

    /// The generation of its drain, if one is on.
    pub fn draining(&self) -> Option<u64> {
        self.drain.as_ref().map(|drain| drain.generation)
    }

    /// Gives it tasks of a framework that have been running for a while, all updates acknowledged.
    pub fn runs(
        &mut self,
        now: Timestamp,
        info: &Arc<v1::FrameworkInfo>,
        tasks: &[TaskId],
        each: &Resources,
    ) {
        let Some(id) = info.id.as_ref().map(FrameworkId::from) else { return };
        let framework = Framework {
            knows_killing: knows_killing(info),
            info: info.clone(),
            tasks: tasks.len(),
        };
        self.frameworks.insert(id.clone(), framework);
        for task in tasks {
            let key = (id.clone(), task.clone());
            let mut running = Task {
                resources: each.clone(),
                state: TaskState::TaskRunning,
                history: Vec::new(),
                pending: VecDeque::new(),
            };
            for state in [TaskState::TaskStarting, TaskState::TaskRunning] {
                running.history.push(self.make_update(now, state, Source::Executor, None));
            }
            self.tasks.insert(key.clone(), running);
            self.executors.insert(key, each.clone());
        }
    }

    /// Its link is gone.
    pub fn closed(&mut self) {
        self.is_up = false;
        self.said = None;
    }

    /// The greeting of a new link.
    pub fn hello(&mut self) -> Box<link::Hello> {
        use v1::agent_info::capability::Type as Is;
        let capability = |kind: Is| v1::agent_info::Capability { r#type: Some(kind.into()) };
        let drain = self.report();
        self.said.clone_from(&drain);
        let tasks = self.tasks.iter().map(|(key, task)| self.show(key, task)).collect();
        let executors = self.executors.iter().map(|(key, resources)| link::ExecutorReport {
            framework_id: Some(key.0.to_wire()),
            executor_info: Some(executor_info(key, resources)),
            generated: Some(true),
        });
        Box::new(link::Hello {
            protocol_version: Some(PROTOCOL_VERSION),
            agent_info: Some(v1::AgentInfo {
                id: self.id.clone(),
                hostname: format!("host-{}.example.com", self.number),
                port: Some(self.port),
                resources: self.resources.as_ref().clone(),
                ..v1::AgentInfo::default()
            }),
            version: Some(env!("CARGO_PKG_VERSION").to_owned()),
            capabilities: [
                Is::MultiRole,
                Is::HierarchicalRole,
                Is::ReservationRefinement,
                Is::AgentDraining,
            ]
            .map(capability)
            .to_vec(),
            tasks,
            executors: executors.collect(),
            frameworks: self.frameworks.values().map(|it| (*it.info).clone()).collect(),
            drain,
            machine_id: Some(format!("{:032x}", self.number)),
            boot_id: Some(format!("{:036x}", self.number)),
            ip: Some(self.ip()),
            admission_key: Some(format!("{:036x}", u64::from(self.number) + (1 << 40))),
            ..link::Hello::default()
        })
    }

    /// Takes what the master says.
    pub fn hear(&mut self, now: Timestamp, event: link::Event, acts: &mut Vec<Act>) {
        use event::Type;
        let kind = event.r#type();
        // As the production core: nothing is taken before REGISTERED.
        if !self.is_up && !matches!(kind, Type::Registered | Type::Shutdown) {
            return;
        }
        match kind {
            Type::Registered => self.registered(event.registered.unwrap_or_default(), acts),
            Type::Ping => acts.push(call(call::Type::Pong, link::Call::default())),
            Type::Drain => self.drain(now, event.drain.unwrap_or_default(), acts),
            Type::Reactivate => {
                let until = event.reactivate.and_then(|one| one.generation).unwrap_or(0);
                if self.drain.as_ref().is_some_and(|drain| drain.generation <= until) {
                    self.drain = None;
                    self.said = None;
                }
            }
            Type::RunTask => self.run(now, *event.run_task.unwrap_or_default(), acts),
            Type::KillTask => {
                let kill = event.kill_task.unwrap_or_default();
                if let (Some(framework), Some(task)) = (&kill.framework_id, &kill.task_id) {
                    self.kill(now, &(framework.into(), task.into()), acts);
                }
            }
            Type::AcknowledgeStatus => {
                self.acknowledged(&event.acknowledge_status.unwrap_or_default(), acts);
            }
            Type::UpdateFramework => self
                .update_framework(event.update_framework.and_then(|one| one.framework_info), acts),
            Type::Shutdown => {
                self.is_gone |= event.shutdown.and_then(|one| one.gone).unwrap_or(false);
                self.is_up = false;
            }
            // Not sent to agents of this kind.
            Type::Unknown
            | Type::RunTaskGroup
            | Type::ShutdownExecutor
            | Type::ShutdownFramework
            | Type::ApplyOperation
            | Type::AcknowledgeOperation
            | Type::ReconcileTasks
            | Type::Message => {}
        }
        self.settle(acts);
    }

    /// A task's process did what was said of it in an [`Act::Wait`].
    pub fn moves(&mut self, now: Timestamp, key: &Key, step: Step, acts: &mut Vec<Act>) {
        match step {
            Step::Runs => {
                if self.tasks.get(key).is_some_and(|task| task.state == TaskState::TaskStarting) {
                    self.update(now, key, TaskState::TaskRunning, Source::Executor, None, acts);
                }
            }
            Step::Ends => {
                let reason = self.drain.as_ref().map(|_| Reason::AgentDraining);
                self.update(now, key, TaskState::TaskKilled, Source::Executor, reason, acts);
                acts.push(Act::Wait(key.clone(), Step::ExecutorEnds));
            }
            Step::ExecutorEnds => {
                self.executors.remove(key);
                self.forget_idle_framework(&key.0);
            }
        }
        self.settle(acts);
    }

    fn registered(&mut self, registered: link::Registered, acts: &mut Vec<Act>) {
        self.id = registered.agent_id.or(self.id.take());
        self.is_up = true;
        for (key, task) in &self.tasks {
            acts.extend(self.first_update(key, task));
        }
    }

    fn drain(&mut self, now: Timestamp, asked: link::Drain, acts: &mut Vec<Act>) {
        let generation = asked.generation.unwrap_or(0);
        let config = asked.config.as_ref().map(DrainConfig::from).unwrap_or_default();
        match &mut self.drain {
            Some(drain) if drain.generation > generation => return,
            Some(drain) if drain.generation == generation => {
                drain.config = drain.config.tightened(config);
                // Said again, so answered again.
                self.said = None;
                return;
            }
            drain => {
                let started_at = asked.started_at.as_ref().map_or(now, Timestamp::from);
                *drain = Some(Drain { generation, config, started_at });
            }
        }
        let keys: Vec<Key> = self.tasks.keys().cloned().collect();
        for key in keys {
            self.kill(now, &key, acts);
        }
    }

    fn run(&mut self, now: Timestamp, run: link::RunTask, acts: &mut Vec<Act>) {
        let (Some(info), Some(task)) = (run.framework_info, run.task) else { return };
        let Some(id) = info.id.as_ref().map(FrameworkId::from) else { return };
        let key = (id, TaskId::from(&task.task_id));
        if self.tasks.contains_key(&key) {
            return;
        }
        let framework = self.frameworks.entry(key.0.clone()).or_insert_with(|| Framework {
            knows_killing: knows_killing(&info),
            info: Arc::new(info),
            tasks: 0,
        });
        framework.tasks += 1;
        let resources = Resources::from_wire(&task.resources).unwrap_or_default();
        self.tasks.insert(
            key.clone(),
            Task {
                resources: resources.clone(),
                state: TaskState::TaskStaging,
                history: Vec::new(),
                pending: VecDeque::new(),
            },
        );
        if self.drain.is_some() {
            let reason = Some(Reason::AgentDraining);
            return self.update(now, &key, TaskState::TaskDropped, Source::Agent, reason, acts);
        }
        self.executors.insert(key.clone(), resources);
        self.update(now, &key, TaskState::TaskStarting, Source::Executor, None, acts);
        acts.push(Act::Wait(key, Step::Runs));
    }

    fn kill(&mut self, now: Timestamp, key: &Key, acts: &mut Vec<Act>) {
        let Some(task) = self.tasks.get(key) else { return };
        if is_terminal(task.state) || task.state == TaskState::TaskKilling {
            return;
        }
        let reason = self.drain.as_ref().map(|_| Reason::AgentDraining);
        if self.frameworks.get(&key.0).is_some_and(|framework| framework.knows_killing) {
            self.update(now, key, TaskState::TaskKilling, Source::Executor, reason, acts);
        } else if let Some(task) = self.tasks.get_mut(key) {
            task.state = TaskState::TaskKilling;
        }
        acts.push(Act::Wait(key.clone(), Step::Ends));
    }

    fn update(
        &mut self,
        at: Timestamp,
        key: &Key,
        state: TaskState,
        source: Source,
        reason: Option<Reason>,
        acts: &mut Vec<Act>,
    ) {
        if self.tasks.get(key).is_none_or(|task| is_terminal(task.state)) {
            return;
        }
        let update = self.make_update(at, state, source, reason);
        let Some(task) = self.tasks.get_mut(key) else { return };
        task.state = state;
        task.history.push(update.clone());
        task.pending.push_back(update);
        if task.pending.len() == 1
            && let Some(task) = self.tasks.get(key)
        {
            acts.extend(self.first_update(key, task));
        }
    }

    fn make_update(
        &mut self,
        at: Timestamp,
        state: TaskState,
        source: Source,
        reason: Option<Reason>,
    ) -> Update {
        self.updates += 1;
        let uuid = (u128::from(self.number) << 64 | u128::from(self.updates)).to_be_bytes();
        Update { state, reason, source, uuid, at }
    }

    fn first_update(&self, key: &Key, task: &Task) -> Option<Act> {
        let update = task.pending.front().filter(|_| self.is_up)?;
        let update = link::StatusUpdate {
            framework_id: Some(key.0.to_wire()),
            executor_id: Some(v1::ExecutorId { value: key.1.to_string() }),
            status: Some(self.status(key, update)),
            latest_state: Some(task.state.into()),
        };
        let body = link::Call { status_update: Some(update), ..link::Call::default() };
        Some(call(call::Type::StatusUpdate, body))
    }

    fn acknowledged(&mut self, ack: &link::AcknowledgeStatus, acts: &mut Vec<Act>) {
        let (Some(framework), Some(task)) = (&ack.framework_id, &ack.task_id) else { return };
        let key = (FrameworkId::from(framework), TaskId::from(task));
        let Some(task) = self.tasks.get_mut(&key) else { return };
        if task.pending.front().map(|update| &update.uuid[..]) != ack.uuid.as_deref() {
            return;
        }
        let done = task.pending.pop_front().is_some_and(|update| is_terminal(update.state));
        if done {
            self.tasks.remove(&key);
            if let Some(framework) = self.frameworks.get_mut(&key.0) {
                framework.tasks -= 1;
            }
            self.forget_idle_framework(&key.0);
        } else if let Some(task) = self.tasks.get(&key) {
            acts.extend(self.first_update(&key, task));
        }
    }

    fn update_framework(&mut self, info: Option<v1::FrameworkInfo>, acts: &mut Vec<Act>) {
        let Some(info) = info else { return };
        let Some(id) = info.id.as_ref().map(FrameworkId::from) else { return };
        let Some(framework) = self.frameworks.get_mut(&id) else { return };
        framework.info = Arc::new(info);
        for (key, task) in self.tasks.iter().filter(|(key, _)| key.0 == id) {
            acts.extend(self.first_update(key, task));
        }
    }

    fn forget_idle_framework(&mut self, id: &FrameworkId) {
        let is_idle = self.frameworks.get(id).is_some_and(|framework| framework.tasks == 0);
        if is_idle && !self.executors.keys().any(|(owner, _)| owner == id) {
            self.frameworks.remove(id);
        }
    }

    /// Reports how far the drain is, if anything but the number of tasks has changed.
    fn settle(&mut self, acts: &mut Vec<Act>) {
        if !self.is_up || self.drain.is_none() {
            return;
        }
        let report = self.report();
        let tasks_left = report.as_ref().and_then(|report| report.tasks_left);
        let said = self.said.as_ref().map(|said| link::AgentDrain { tasks_left, ..*said });
        if report != said {
            self.said.clone_from(&report);
            let body = link::Call { drain_progress: report, ..link::Call::default() };
            acts.push(call(call::Type::DrainProgress, body));
        }
    }

    fn report(&self) -> Option<link::AgentDrain> {
        let drain = self.drain.as_ref()?;
        let grace =
            model::drain::effective_grace(None, DEFAULT_GRACE, drain.config.max_grace_period);
        let left = |length| Some(u32::try_from(length).unwrap_or(u32::MAX));
        Some(link::AgentDrain {
            generation: Some(drain.generation),
            config: Some(drain.config.to_wire()),
            started_at: Some(drain.started_at.to_wire()),
            tasks_left: left(self.tasks.len()),
            executors_left: left(self.executors.len()),
            operations_left: Some(0),
            empty: Some(self.is_empty()),
            last_kill_at: (!self.executors.is_empty())
                .then(|| drain.started_at.plus(grace).to_wire()),
            default_grace: Some(model::duration::to_wire_info(DEFAULT_GRACE)),
        })
    }

    fn status(&self, key: &Key, update: &Update) -> v1::TaskStatus {
        let container = (update.source == Source::Executor).then(|| v1::ContainerStatus {
            container_id: Some(v1::ContainerId {
                value: format!("{:08x}-0000-4000-8000-{:>12}", self.number, key.1.as_str()),
                parent: None,
            }),
            network_infos: vec![v1::NetworkInfo {
                ip_addresses: vec![v1::network_info::IpAddress {
                    ip_address: Some(self.ip()),
                    ..v1::network_info::IpAddress::default()
                }],
                ..v1::NetworkInfo::default()
            }],
            executor_pid: Some(4711),
            ..v1::ContainerStatus::default()
        });
        v1::TaskStatus {
            task_id: key.1.to_wire(),
            state: update.state.into(),
            source: Some(update.source.into()),
            reason: update.reason.map(Into::into),
            agent_id: self.id.clone(),
            executor_id: Some(v1::ExecutorId { value: key.1.to_string() }),
            timestamp: Some(update.at.as_secs_f64()),
            uuid: Some(update.uuid.to_vec().into()),
            container_status: container,
            ..v1::TaskStatus::default()
        }
    }

    fn show(&self, key: &Key, task: &Task) -> v1::Task {
        // The update on its way, else the last one.
        let forwarded = task.pending.front().or(task.history.last());
        v1::Task {
            name: key.1.to_string(),
            task_id: key.1.to_wire(),
            framework_id: key.0.to_wire(),
            agent_id: self.id.clone().unwrap_or_default(),
            state: task.state.into(),
            resources: task.resources.to_wire(),
            statuses: task.history.iter().map(|update| self.status(key, update)).collect(),
            status_update_state: forwarded.map(|update| update.state.into()),
            status_update_uuid: forwarded.map(|update| update.uuid.to_vec().into()),
            ..v1::Task::default()
        }
    }
}

fn knows_killing(info: &v1::FrameworkInfo) -> bool {
    use v1::framework_info::capability::Type;
    model::validate::framework::has_capability(info, Type::TaskKillingState)
}

fn executor_info(key: &Key, of_task: &Resources) -> v1::ExecutorInfo {
    let allocation = of_task.to_wire().first().and_then(|one| one.allocation_info.clone());
    let scalar = |name, value| v1::Resource {
        allocation_info: allocation.clone(),
        ..super::scalar(name, value)
    };
    v1::ExecutorInfo {
        executor_id: v1::ExecutorId { value: key.1.to_string() },
        framework_id: Some(key.0.to_wire()),
        name: Some(format!("Command Executor (Task: {})", key.1)),
        source: Some(key.1.to_string()),
        command: Some(v1::CommandInfo {
            value: Some("ebb".to_owned()),
            shell: Some(false),
            ..v1::CommandInfo::default()
        }),
        resources: vec![scalar("cpus", EXECUTOR_CPUS), scalar("mem", EXECUTOR_MEM)],
        ..v1::ExecutorInfo::default()
    }
}

fn call(kind: call::Type, body: link::Call) -> Act {
    Act::Call(Box::new(link::Call { r#type: Some(kind.into()), ..body }))
}
