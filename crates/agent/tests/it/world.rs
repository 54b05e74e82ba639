//! A master, a store, executors and a clock around one agent, all under the test's hand.
//!
//! After every event the store must hold what the agent says is durable, and an agent recovered from it
//! must say the same.

use std::collections::BTreeMap;
use std::time::Duration;

use agent::{
    Agent, Config, ContainerFate, Effects, Event, ExecutorRef, ExitStatus, LaunchSpec, Message,
    Note, Records, RequestId, Stop, StreamId,
};
use model::task::Source;
use model::{ContainerId, ExecutorId, FrameworkId, Moment, Now, Refusal, TaskState, Timestamp};
use wire::link::{self, AgentDrain, StatusUpdate, event::Type};
use wire::v1::framework_info::{Capability, capability};
use wire::v1::{
    CommandInfo, DrainConfig, DurationInfo, ExecutorInfo, FrameworkInfo, KillPolicy, TaskInfo,
    TaskStatus,
};

pub(crate) const FRAMEWORK: &str = "f1";

pub(crate) struct World {
    pub(crate) agent: Agent,
    pub(crate) store: Records,
    pub(crate) now: Now,
    pub(crate) config: Config,
    /// Everything that went out and was not taken yet.
    pub(crate) out: Vec<Message>,
    pub(crate) notes: Vec<Note>,
    pub(crate) specs: BTreeMap<String, LaunchSpec>,
    pub(crate) streams: BTreeMap<String, StreamId>,
    pub(crate) partition_aware: bool,
    /// Whether every event is followed by a recovery on the side.
    pub(crate) shadow: bool,
    numbers: u64,
    /// The agent has opened a link that nobody has answered yet.
    greeted: bool,
}

pub(crate) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(crate) fn config() -> Config {
    let info = wire::v1::AgentInfo {
        hostname: "host".to_owned(),
        port: Some(5051),
        ..wire::v1::AgentInfo::default()
    };
    let mut config = Config::new(info, "127.0.0.1:5051", "/var/lib/ebb", [7; 32]);
    config.boot_id = String::from("boot-1");
    config
}

pub(crate) fn policy(grace: Duration) -> KillPolicy {
    KillPolicy { grace_period: Some(nanos(grace)) }
}

fn nanos(duration: Duration) -> DurationInfo {
    DurationInfo { nanoseconds: i64::try_from(duration.as_nanos()).unwrap() }
}

fn id_of(text: &str) -> wire::v1::FrameworkId {
    FrameworkId::new(text).to_wire()
}

impl World {
    /// An agent that has registered as `S0`.
    pub(crate) fn new() -> Self {
        let mut world = Self::unregistered();
        world.register();
        world
    }

    pub(crate) fn unregistered() -> Self {
        let now = Now { at: Moment(1_000_000_000_000), wall: Timestamp(1_800_000_000_000_000_000) };
        let config = config();
        let (agent, effects) =
            Agent::recover(config.clone(), Records::default(), BTreeMap::new(), now);
        let mut world = Self {
            agent,
            store: Records::default(),
            now,
            config,
            out: Vec::new(),
            notes: Vec::new(),
            specs: BTreeMap::new(),
            streams: BTreeMap::new(),
            partition_aware: true,
            shadow: true,
            numbers: 0,
            greeted: false,
        };
        world.absorb(effects);
        world
    }

    /// Replaces the agent and its store by those of a first start.
    pub(crate) fn start_anew(&mut self) {
        self.store = Records::default();
        self.restart(ContainerFate::Exited(ExitStatus::Unknown));
    }

    /// Lets the agent connect and answers its greeting.
    pub(crate) fn register(&mut self) {
        for _ in 0..120 {
            if self.greeted {
                break;
            }
            self.advance(secs(1));
        }
        assert!(self.greeted, "the agent connects: {:?}", self.out);
        self.greeted = false;
        self.link(Type::Registered, |event| {
            event.registered = Some(link::Registered {
                agent_id: Some(wire::v1::AgentId { value: "S0".to_owned() }),
                link_id: Some(1),
                ping_interval_seconds: Some(15.0),
                total_ping_timeout_seconds: Some(1e6),
            });
        });
    }

    pub(crate) fn apply(&mut self, event: Event) {
        self.greeted &= !matches!(event, Event::LinkClosed { .. } | Event::NoLeader { .. });
        let effects = self.agent.apply(self.now, event);
        self.absorb(effects);
    }

    fn absorb(&mut self, effects: Effects) {
        for mutation in effects.mutations {
            self.store.apply(mutation);
        }
        self.agent.check_thoroughly();
        assert_eq!(self.agent.durable(), self.store, "the store holds what the agent says");
        for message in &effects.messages {
            if let Message::Launch(spec) = message {
                self.specs.insert(spec.executor.to_string(), (**spec).clone());
            }
            match message {
                Message::Connect { .. } => self.greeted = true,
                Message::Disconnect => self.greeted = false,
                _ => {}
            }
        }
        self.out.extend(effects.messages);
        self.notes.extend(effects.notes);
        if self.shadow {
            self.recover_on_the_side();
        }
    }

    fn recover_on_the_side(&self) {
        let fates =
            self.store.executors.keys().map(|id| (id.clone(), ContainerFate::Alive)).collect();
        let mut store = self.store.clone();
        let (agent, effects) = Agent::recover(self.config.clone(), store.clone(), fates, self.now);
        for mutation in effects.mutations {
            store.apply(mutation);
        }
        agent.check_thoroughly();
        assert_eq!(agent.durable(), store, "a recovered agent says what the store holds");
        if self.store.drain.is_none() {
            // A kill that may not have been said begins anew.
            let mut before = self.store.clone();
            for records in [&mut store, &mut before] {
                let kills = records.tasks.values_mut().filter_map(|task| task.kill.as_mut());
                for kill in kills.filter(|kill| kill.said != Some(true)) {
                    (kill.asked_at, kill.deadline, kill.due) = (None, None, None);
                }
            }
            assert_eq!(store, before, "recovery changes nothing else by itself");
        }
    }

    /// Replaces the agent by one recovered from the store.
    pub(crate) fn restart(&mut self, fate: ContainerFate) {
        let fates = self.store.executors.keys().map(|id| (id.clone(), fate)).collect();
        self.config.seed[0] += 1;
        self.streams.clear();
        self.greeted = false;
        let (agent, effects) =
            Agent::recover(self.config.clone(), self.store.clone(), fates, self.now);
        self.agent = agent;
        self.absorb(effects);
    }

    /// Lets time pass, with every wake at its moment.
    pub(crate) fn advance(&mut self, duration: Duration) {
        let end = self.now.at.plus(duration);
        while let Some(wake) = self.agent.next_wake().filter(|wake| *wake <= end) {
            self.pass(wake.since(self.now.at));
            self.apply(Event::Woke);
        }
        self.pass(end.since(self.now.at));
    }

    pub(crate) fn pass(&mut self, duration: Duration) {
        self.now = Now { at: self.now.at.plus(duration), wall: self.now.wall.plus(duration) };
    }

    pub(crate) fn link(&mut self, kind: Type, fill: impl FnOnce(&mut link::Event)) {
        let mut event = link::Event { r#type: Some(kind.into()), ..link::Event::default() };
        fill(&mut event);
        self.apply(Event::Link(Box::new(event)));
    }

    pub(crate) fn framework(&self) -> FrameworkInfo {
        let kind = Some(capability::Type::PartitionAware.into());
        FrameworkInfo {
            user: "root".to_owned(),
            name: "golden".to_owned(),
            id: Some(id_of(FRAMEWORK)),
            capabilities: self
                .partition_aware
                .then_some(Capability { r#type: kind })
                .into_iter()
                .collect(),
            ..FrameworkInfo::default()
        }
    }

    /// A command task; `grace` is its own kill policy.
    pub(crate) fn run(&mut self, task: &str, grace: Option<Duration>) {
        let mut info = command_task(task);
        info.kill_policy = grace.map(policy);
        self.run_info(info);
    }

    pub(crate) fn run_info(&mut self, info: TaskInfo) {
        let framework = self.framework();
        self.link(Type::RunTask, |event| {
            event.run_task =
                Some(Box::new(link::RunTask { framework_info: Some(framework), task: Some(info) }));
        });
    }

    /// A task for the custom executor `executor`.
    pub(crate) fn run_custom(&mut self, task: &str, executor: &str) {
        let mut info = command_task(task);
        let command = info.command.take();
        info.executor = Some(Box::new(ExecutorInfo {
            executor_id: exec_id(executor),
            command,
            ..ExecutorInfo::default()
        }));
        self.run_info(info);
    }

    pub(crate) fn run_group(&mut self, executor: &str, tasks: &[(&str, Option<Duration>)]) {
        let framework = self.framework();
        let tasks = tasks
            .iter()
            .map(|(id, grace)| TaskInfo { kill_policy: grace.map(policy), ..command_task(id) })
            .collect();
        let executor = ExecutorInfo {
            r#type: Some(wire::v1::executor_info::Type::Default.into()),
            executor_id: exec_id(executor),
            ..ExecutorInfo::default()
        };
        self.link(Type::RunTaskGroup, |event| {
            event.run_task_group = Some(Box::new(link::RunTaskGroup {
                framework_info: Some(framework),
                executor: Some(executor),
                task_group: Some(wire::v1::TaskGroupInfo { tasks }),
            }));
        });
    }

    /// A command task that runs, with its updates acknowledged.
    pub(crate) fn running(&mut self, task: &str, grace: Option<Duration>) {
        self.run(task, grace);
        self.start(task);
        self.update(task, task, TaskState::TaskRunning);
        self.ack(task);
        self.out.clear();
    }

    /// The custom executor of a task that runs, with its updates acknowledged.
    pub(crate) fn running_custom(&mut self, task: &str, executor: &str) {
        self.run_custom(task, executor);
        if !self.streams.contains_key(executor) {
            self.start(executor);
        }
        self.update(executor, task, TaskState::TaskRunning);
        self.ack(task);
        self.out.clear();
    }

    pub(crate) fn container(&self, executor: &str) -> ContainerId {
        self.specs[executor].container.clone()
    }

    /// The container of an executor runs and the executor subscribes.
    pub(crate) fn start(&mut self, executor: &str) {
        self.launched(executor);
        self.subscribe(executor, &[], &[]);
    }

    /// The container of an executor runs.
    pub(crate) fn launched(&mut self, executor: &str) {
        let container = self.container(executor);
        self.apply(Event::ContainerLaunched { container, pid: 77, pid_started: 5 });
    }

    pub(crate) fn caller(&self, executor: &str) -> ExecutorRef {
        let token = self.specs[executor].environment["MESOS_EXECUTOR_AUTHENTICATION_TOKEN"].clone();
        ExecutorRef {
            framework: FrameworkId::new(FRAMEWORK),
            executor: ExecutorId::new(executor),
            token: Some(token),
        }
    }

    pub(crate) fn request(&mut self) -> RequestId {
        self.numbers += 1;
        RequestId(self.numbers)
    }

    pub(crate) fn subscribe(&mut self, executor: &str, tasks: &[&str], updates: &[TaskStatus]) {
        let request = self.request();
        let stream = StreamId(self.numbers);
        self.streams.insert(executor.to_owned(), stream);
        let subscribe = wire::executor::call::Subscribe {
            unacknowledged_tasks: tasks.iter().map(|task| command_task(task)).collect(),
            unacknowledged_updates: updates
                .iter()
                .map(|status| wire::executor::call::Update { status: status.clone() })
                .collect(),
        };
        let from = self.caller(executor);
        self.apply(Event::ExecutorSubscribe {
            request,
            stream,
            from,
            subscribe: Box::new(subscribe),
        });
    }

    /// The executor's stream breaks.
    pub(crate) fn close(&mut self, executor: &str) {
        let stream = self.streams.remove(executor).expect("the executor has subscribed");
        self.apply(Event::ExecutorClosed { stream });
    }

    pub(crate) fn status(&mut self, task: &str, state: TaskState) -> TaskStatus {
        self.numbers += 1;
        let mut uuid = vec![9; 8];
        uuid.extend(self.numbers.to_be_bytes());
        TaskStatus {
            task_id: task_id(task),
            state: i32::from(state),
            source: Some(Source::Executor.into()),
            uuid: Some(uuid.into()),
            ..TaskStatus::default()
        }
    }

    pub(crate) fn update(&mut self, executor: &str, task: &str, state: TaskState) {
        let status = self.status(task, state);
        self.send_status(executor, status).unwrap();
    }

    pub(crate) fn send_status(
        &mut self,
        executor: &str,
        status: TaskStatus,
    ) -> Result<(), Refusal> {
        let request = self.request();
        let call = wire::executor::Call {
            executor_id: exec_id(executor),
            framework_id: id_of(FRAMEWORK),
            r#type: Some(wire::executor::call::Type::Update.into()),
            update: Some(wire::executor::call::Update { status }),
            ..wire::executor::Call::default()
        };
        let from = self.caller(executor);
        self.apply(Event::ExecutorCall { request, from, call: Box::new(call) });
        self.outcome(request)
    }

    pub(crate) fn outcome(&self, asked: RequestId) -> Result<(), Refusal> {
        let reply = self.out.iter().rev().find_map(|message| match message {
            Message::Reply { request, outcome } if *request == asked => Some(outcome.clone()),
            _ => None,
        });
        reply.expect("every request is answered")
    }

    /// The master acknowledges the first pending update of the task.
    pub(crate) fn ack(&mut self, task: &str) {
        let key = (FrameworkId::new(FRAMEWORK), model::TaskId::new(task));
        let uuid = self.store.tasks[&key].pending.first().and_then(|status| status.uuid.clone());
        self.ack_uuid(task, uuid.expect("an update has an id").to_vec());
    }

    pub(crate) fn ack_uuid(&mut self, task: &str, uuid: Vec<u8>) {
        let task_id = Some(task_id(task));
        self.link(Type::AcknowledgeStatus, |event| {
            event.acknowledge_status = Some(link::AcknowledgeStatus {
                framework_id: Some(id_of(FRAMEWORK)),
                task_id,
                uuid: Some(uuid.into()),
            });
        });
    }

    pub(crate) fn kill(&mut self, task: &str, grace: Option<Duration>) {
        self.link(Type::KillTask, |event| {
            event.kill_task = Some(link::KillTask {
                framework_id: Some(id_of(FRAMEWORK)),
                task_id: Some(task_id(task)),
                kill_policy: grace.map(policy),
            });
        });
    }

    pub(crate) fn drain(&mut self, generation: u64, grace: Option<Duration>, mark_gone: bool) {
        let started_at = Some(self.now.wall.to_wire());
        self.link(Type::Drain, |event| {
            let config =
                DrainConfig { max_grace_period: grace.map(nanos), mark_gone: Some(mark_gone) };
            event.drain = Some(link::Drain {
                generation: Some(generation),
                config: Some(config),
                started_at,
            });
        });
    }

    pub(crate) fn reactivate(&mut self, generation: u64) {
        self.link(Type::Reactivate, |event| {
            event.reactivate = Some(link::Reactivate { generation: Some(generation) });
        });
    }

    pub(crate) fn exit(&mut self, executor: &str, status: ExitStatus) {
        let container = self.container(executor);
        self.streams.remove(executor);
        self.apply(Event::ContainerExited { container, status });
    }

    fn calls(&self) -> impl Iterator<Item = &link::Call> {
        self.out.iter().filter_map(|message| match message {
            Message::Call { call } => Some(&**call),
            _ => None,
        })
    }

    /// Updates sent to the master since the last `clear`.
    pub(crate) fn updates(&self) -> Vec<&StatusUpdate> {
        self.calls().filter_map(|call| call.status_update.as_ref()).collect()
    }

    /// State, reason and message of the last update sent about a task.
    pub(crate) fn last_update(&self, task: &str) -> TaskStatus {
        let statuses = self.updates().into_iter().rev().filter_map(|update| update.status.clone());
        let mut of_task = statuses.filter(|status| status.task_id.value == task);
        of_task.next().unwrap_or_else(|| panic!("no update of {task}: {:?}", self.out))
    }

    pub(crate) fn reports(&self) -> Vec<AgentDrain> {
        self.calls().filter_map(|call| call.drain_progress).collect()
    }

    pub(crate) fn exited_executors(&self) -> usize {
        self.calls().filter(|call| call.exited_executor.is_some()).count()
    }

    /// Task and grace of every KILL sent since the last `clear`.
    pub(crate) fn kills(&self) -> Vec<(String, Duration)> {
        self.executor_events()
            .filter_map(|event| event.kill.as_ref())
            .map(|kill| {
                let grace = kill.kill_policy.unwrap().grace_period.unwrap().nanoseconds;
                (kill.task_id.value.clone(), Duration::from_nanos(grace.unsigned_abs()))
            })
            .collect()
    }

    pub(crate) fn executor_events(&self) -> impl Iterator<Item = &wire::executor::Event> {
        self.out.iter().filter_map(|message| match message {
            Message::Executor { event, .. } => Some(&**event),
            _ => None,
        })
    }

    pub(crate) fn events(&self, kind: wire::executor::event::Type) -> usize {
        self.executor_events().filter(|event| event.r#type == Some(kind.into())).count()
    }

    pub(crate) fn destroys(&self) -> usize {
        self.out.iter().filter(|message| matches!(message, Message::Destroy { .. })).count()
    }

    pub(crate) fn stops(&self) -> Vec<&Stop> {
        self.out
            .iter()
            .filter_map(|message| match message {
                Message::Stop(stop) => Some(stop),
                _ => None,
            })
            .collect()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.store.drain.as_ref().is_some_and(|drain| drain.empty == Some(true))
    }
}

pub(crate) fn task_id(task: &str) -> wire::v1::TaskId {
    wire::v1::TaskId { value: task.to_owned() }
}

pub(crate) fn exec_id(executor: &str) -> wire::v1::ExecutorId {
    wire::v1::ExecutorId { value: executor.to_owned() }
}

pub(crate) fn command_task(task: &str) -> TaskInfo {
    let scalar = |name: &str, value: f64| wire::v1::Resource {
        name: name.to_owned(),
        r#type: wire::v1::value::Type::Scalar.into(),
        scalar: Some(wire::v1::value::Scalar { value }),
        ..wire::v1::Resource::default()
    };
    TaskInfo {
        name: task.to_owned(),
        task_id: task_id(task),
        agent_id: wire::v1::AgentId { value: "S0".to_owned() },
        resources: vec![scalar("cpus", 0.1), scalar("mem", 32.0)],
        command: Some(CommandInfo {
            value: Some("sleep 1000".to_owned()),
            ..CommandInfo::default()
        }),
        ..TaskInfo::default()
    }
}
