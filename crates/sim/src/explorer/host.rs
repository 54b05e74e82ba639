//! A host of the small world: its agent, its disk, its executors and their processes.
//!
//! What the agent tells an executor arrives at once; what the other way goes waits in an inbox, in order.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::time::Duration;

use agent::executor::{self, Executor};
use agent::{
    Agent, ContainerFate, Event, ExecutorRef, ExitStatus, LaunchSpec, Message, Records, RequestId,
    StreamId,
};
use model::{AgentId, ContainerId, Moment, Now, TaskId};

use super::small::{START, WALL};

/// A timer of an executor that is due within this time matters to what goes on; its heartbeats don't.
const SOON: Duration = Duration::from_secs(10);

/// What the shell or an executor tells the agent.
#[derive(Clone, Debug)]
pub(super) enum Local {
    Launched(ContainerId),
    Exited(ContainerId, ExitStatus),
    Closed(StreamId),
    Subscribe(ContainerId, StreamId, Box<wire::executor::call::Subscribe>),
    Call(ContainerId, Box<wire::executor::Call>),
}

/// The processes of one task.
#[derive(Clone, Debug)]
pub(super) struct Process {
    pub(super) runs: bool,
    pub(super) got_sigterm: bool,
    /// Ends at SIGTERM; else it takes a SIGKILL.
    pub(super) heeds: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Container {
    executor: Executor,
    at: Moment,
    from: ExecutorRef,
    stream: Option<StreamId>,
    pub(super) tasks: BTreeMap<TaskId, Process>,
}

impl Container {
    fn new(spec: &LaunchSpec, seed: u128) -> Self {
        let config = executor::Config {
            framework_id: spec.framework.clone(),
            executor_id: spec.executor.clone(),
            recovery_timeout: Duration::from_mins(15),
            subscription_backoff_max: Duration::from_secs(2),
            default_kill_grace: Duration::from_secs(3),
            final_ack_timeout: Duration::from_mins(1),
            shutdown_grace: Duration::from_secs(5),
            seed,
        };
        let from = ExecutorRef {
            framework: spec.framework.clone(),
            executor: spec.executor.clone(),
            token: spec.environment.get("MESOS_EXECUTOR_AUTHENTICATION_TOKEN").cloned(),
        };
        let now = Now { at: START, wall: WALL };
        Self {
            executor: Executor::new(config, now),
            at: START,
            from,
            stream: None,
            tasks: BTreeMap::new(),
        }
    }

    fn now(&self) -> Now {
        Now { at: self.at, wall: WALL }
    }

    /// How long until it wants to be woken.
    fn wait(&self) -> Option<Duration> {
        Some(self.executor.next_wake()?.since(self.at))
    }
}

/// What leaves the host.
#[derive(Debug)]
pub(super) enum Out {
    Connect(Box<wire::link::Hello>),
    Disconnect,
    Call(Box<wire::link::Call>),
    Stop(agent::Stop),
    /// A rule was broken on the host.
    Broken(&'static str, String),
}

#[derive(Clone)]
pub(super) struct Host {
    index: usize,
    pub(super) core: Option<Agent>,
    at: Moment,
    pub(super) disk: Records,
    pub(super) containers: BTreeMap<ContainerId, Container>,
    ended: BTreeMap<ContainerId, ExitStatus>,
    requests: BTreeMap<RequestId, (ContainerId, bool)>,
    pub(super) inbox: VecDeque<Local>,
    /// Starts of the agent, containers, streams and requests so far.
    starts: u8,
    launches: u8,
    streams: u64,
    asked: u64,
}

impl fmt::Debug for Host {
    // What the disk holds is what the core knows: a rule.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("core", &self.core)
            .field("at", &self.at)
            .field("containers", &self.containers)
            .field("ended", &self.ended)
            .field("requests", &self.requests)
            .field("inbox", &self.inbox)
            .finish_non_exhaustive()
    }
}

impl Host {
    pub(super) fn new(index: usize) -> Self {
        Self {
            index,
            core: None,
            at: START,
            disk: Records::default(),
            containers: BTreeMap::new(),
            ended: BTreeMap::new(),
            requests: BTreeMap::new(),
            inbox: VecDeque::new(),
            starts: 0,
            launches: 0,
            streams: 0,
            asked: 0,
        }
    }

    fn now(&self) -> Now {
        Now { at: self.at, wall: WALL }
    }

    pub(super) fn agent_id(&self) -> Option<AgentId> {
        let info = self.disk.agent.as_ref()?.info.as_ref()?;
        info.id.as_ref().map(AgentId::from)
    }

    fn config(&mut self) -> agent::Config {
        let scalar = |name: &str, value: f64| wire::v1::Resource {
            name: name.to_owned(),
            r#type: wire::v1::value::Type::Scalar.into(),
            scalar: Some(wire::v1::value::Scalar { value }),
            ..wire::v1::Resource::default()
        };
        let info = wire::v1::AgentInfo {
            hostname: format!("h{}", self.index + 1),
            port: Some(5051),
            resources: vec![scalar("cpus", 8.0), scalar("mem", 1024.0), scalar("disk", 1024.0)],
            ..wire::v1::AgentInfo::default()
        };
        let mut seed = [7; 32];
        seed[0] = u8::try_from(self.index).unwrap_or(0);
        self.starts += 1;
        seed[1] = self.starts;
        agent::Config {
            boot_id: "boot".to_owned(),
            machine_id: format!("machine-{}", self.index),
            max_completed_tasks: 0,
            max_completed_executors: 0,
            ..agent::Config::new(info, &format!("10.0.0.{}:5051", self.index + 1), "/ebb", seed)
        }
    }

    /// Starts the agent on what its disk holds, unless it is gone.
    pub(super) fn start(&mut self) -> Vec<Out> {
        if self.disk.gone().is_some() {
            return Vec::new();
        }
        let config = self.config();
        let fate = |id: &ContainerId| match self.ended.get(id) {
            Some(status) => Some(ContainerFate::Exited(*status)),
            None => self.containers.contains_key(id).then_some(ContainerFate::Alive),
        };
        let known = self.disk.executors.keys();
        let fates = known.filter_map(|id| Some((id.clone(), fate(id)?))).collect();
        let (core, effects) = Agent::recover(config, self.disk.clone(), fates, self.now());
        self.core = Some(core);
        self.carry_out(effects, false)
    }

    /// The agent dies; what its executors were telling it is lost.
    pub(super) fn crash(&mut self) {
        self.core = None;
        self.requests.clear();
        let lost = std::mem::take(&mut self.inbox);
        for local in lost {
            if let Local::Call(id, _) = local {
                let why = "connection reset".to_owned();
                self.executor_event(&id, executor::Event::CallFailed { why });
            }
        }
        let all: Vec<ContainerId> = self.containers.keys().cloned().collect();
        for id in all {
            let container = self.containers.get_mut(&id);
            if container.and_then(|container| container.stream.take()).is_some() {
                let why = "connection reset".to_owned();
                self.executor_event(&id, executor::Event::StreamClosed { why });
            }
        }
        // What executors said to that goes to the next agent.
    }

    /// The agent gets an event. If it `dies`, that is when all of it is durable and nothing was said.
    pub(super) fn agent_event(&mut self, event: Event, dies: bool) -> Vec<Out> {
        let now = self.now();
        let Some(core) = &mut self.core else { return Vec::new() };
        let had_drain = self.disk.drain.is_some();
        let effects = core.apply(now, event);
        let launches = effects.messages.iter().any(|it| matches!(it, Message::Launch(_)));
        let mut out = self.carry_out(effects, dies);
        if had_drain && launches {
            let what = "a container is launched".to_owned();
            out.push(Out::Broken("nothing-starts-in-a-drain", what));
        }
        out
    }

    fn carry_out(&mut self, effects: agent::Effects, dies: bool) -> Vec<Out> {
        let mut out = Vec::new();
        let deadlines = super::rules::deadlines(&self.disk);
        for mutation in effects.mutations {
            self.disk.apply(mutation);
        }
        let is_later = |(task, at)| deadlines.get(&task).is_some_and(|before| *before < at);
        if super::rules::deadlines(&self.disk).into_iter().any(is_later) {
            out.push(Out::Broken("kills-only-get-nearer", "a kill was put off".to_owned()));
        }
        if self.core.as_ref().is_some_and(|core| core.durable() != self.disk) {
            let what = format!("the disk of h{} differs from its agent", self.index + 1);
            out.push(Out::Broken("records-equal-state", what));
        }
        if dies {
            return out;
        }
        for message in effects.messages {
            match message {
                Message::Connect { hello } => out.push(Out::Connect(hello)),
                Message::Disconnect => out.push(Out::Disconnect),
                Message::Call { call } => out.push(Out::Call(call)),
                Message::Stop(stop) => out.push(Out::Stop(stop)),
                Message::Executor { stream, event } => {
                    self.tell_holder(stream, executor::Event::Agent(event));
                }
                Message::CloseExecutor { stream } => {
                    let why = "closed".to_owned();
                    self.tell_holder(stream, executor::Event::StreamClosed { why });
                }
                Message::Launch(spec) => self.launch(&spec),
                Message::Destroy { container } => {
                    self.end_container(&container, ExitStatus::Signalled(9));
                }
                // No framework here makes any.
                Message::MakeVolumes(_)
                | Message::LinkVolumes { .. }
                | Message::RemoveVolumes { .. } => {}
                Message::Reply { request, outcome } => self.replied(request, outcome.err()),
            }
        }
        out
    }

    fn launch(&mut self, spec: &LaunchSpec) {
        self.launches += 1;
        let seed = u128::from(self.launches) << 64 | self.index as u128;
        let id = spec.container.clone();
        self.containers.insert(id.clone(), Container::new(spec, seed));
        self.inbox.push_back(Local::Launched(id));
    }

    fn replied(&mut self, request: RequestId, refusal: Option<model::Refusal>) {
        let Some((id, is_subscribe)) = self.requests.remove(&request) else { return };
        let Some(why) = refusal.map(|refusal| refusal.text) else { return };
        let event = if is_subscribe {
            executor::Event::StreamClosed { why }
        } else {
            executor::Event::CallFailed { why }
        };
        self.executor_event(&id, event);
    }

    fn tell_holder(&mut self, stream: StreamId, event: executor::Event) {
        let mut containers = self.containers.iter();
        let holder = containers.find(|(_, one)| one.stream == Some(stream));
        if let Some(id) = holder.map(|(id, _)| id.clone()) {
            self.executor_event(&id, event);
        }
    }

    pub(super) fn executor_event(&mut self, id: &ContainerId, event: executor::Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let Some(container) = self.containers.get_mut(id) else { return };
            let now = container.now();
            for message in container.executor.apply(now, event) {
                self.executor_says(id, message, &mut events);
            }
        }
    }

    fn executor_says(
        &mut self,
        id: &ContainerId,
        message: executor::Message,
        events: &mut VecDeque<executor::Event>,
    ) {
        use executor::Message;
        let Some(container) = self.containers.get_mut(id) else { return };
        match message {
            Message::Subscribe(call) => {
                self.streams += 1;
                let stream = StreamId(self.streams);
                container.stream = Some(stream);
                let subscribe = Box::new(call.subscribe.unwrap_or_default());
                self.inbox.push_back(Local::Subscribe(id.clone(), stream, subscribe));
            }
            Message::Call(call) => self.inbox.push_back(Local::Call(id.clone(), call)),
            Message::Start { task, .. } => {
                let task = TaskId::from(&task.task_id);
                let heeds = task.as_str() != "t2";
                let process = Process { runs: true, got_sigterm: false, heeds };
                container.tasks.insert(task.clone(), process);
                events.push_back(executor::Event::TaskStarted { task, pid: 1 });
            }
            Message::Terminate { task } => {
                if let Some(process) = container.tasks.get_mut(&task) {
                    process.got_sigterm = true;
                }
            }
            Message::Kill { task } => {
                if container.tasks.get_mut(&task).is_some_and(|process| process.runs) {
                    ended(container, &task);
                    let exited = executor::Event::TaskExited { task: task.clone(), wait_status: 9 };
                    events.push_back(exited);
                    events.push_back(executor::Event::TreeEmpty { task });
                }
            }
            // Starts take no time here, and no task has a check.
            Message::CancelStart { .. } | Message::RunCheck { .. } | Message::StopCheck { .. } => {}
            Message::Exit { code } => self.end_container(id, ExitStatus::Exited(code)),
        }
    }

    /// A task's processes end.
    pub(super) fn task_ends(&mut self, id: &ContainerId, task: &TaskId, wait_status: i32) {
        let Some(container) = self.containers.get_mut(id) else { return };
        ended(container, task);
        self.executor_event(id, executor::Event::TaskExited { task: task.clone(), wait_status });
        self.executor_event(id, executor::Event::TreeEmpty { task: task.clone() });
    }

    fn end_container(&mut self, id: &ContainerId, status: ExitStatus) {
        let stream = self.containers.remove(id).and_then(|container| container.stream);
        let status = *self.ended.entry(id.clone()).or_insert(status);
        if let Some(stream) = stream {
            self.inbox.push_back(Local::Closed(stream));
        }
        self.inbox.push_back(Local::Exited(id.clone(), status));
    }

    /// The agent hears the first thing in its inbox.
    pub(super) fn hear(&mut self, dies: bool) -> Vec<Out> {
        let Some(local) = self.inbox.pop_front() else { return Vec::new() };
        self.asked += 1;
        let request = RequestId(self.asked);
        let from = |host: &Self, id| host.containers.get(id).map(|it: &Container| it.from.clone());
        let event = match local {
            Local::Launched(container) => {
                Event::ContainerLaunched { container, pid: 1, pid_started: 1 }
            }
            Local::Exited(container, status) => Event::ContainerExited { container, status },
            Local::Closed(stream) => Event::ExecutorClosed { stream },
            Local::Subscribe(id, stream, subscribe) => {
                let Some(from) = from(self, &id) else { return Vec::new() };
                self.requests.insert(request, (id, true));
                Event::ExecutorSubscribe { request, stream, from, subscribe }
            }
            Local::Call(id, call) => {
                // An executor that has exited got its last words through.
                let Some(from) = from(self, &id) else { return Vec::new() };
                self.requests.insert(request, (id, false));
                Event::ExecutorCall { request, from, call }
            }
        };
        self.agent_event(event, dies)
    }

    // Time.

    /// How long until the agent wants to be woken.
    pub(super) fn wait(&self) -> Option<Duration> {
        Some(self.core.as_ref()?.next_wake()?.since(self.at))
    }

    /// Executors with a timer that matters.
    pub(super) fn impatient(&self) -> impl Iterator<Item = &ContainerId> {
        let soon = |container: &Container| container.wait().is_some_and(|wait| wait <= SOON);
        self.containers.iter().filter(move |(_, it)| soon(it)).map(|(id, _)| id)
    }

    /// The shortest wait of any executor.
    pub(super) fn executors_wait(&self) -> Option<(Duration, &ContainerId)> {
        self.containers.iter().filter_map(|(id, it)| Some((it.wait()?, id))).min()
    }

    /// The agent's clock reaches its next timer.
    pub(super) fn wake_agent(&mut self, dies: bool) -> Vec<Out> {
        let wait = self.wait().unwrap_or_default();
        self.at = rounded(self.at.plus(wait));
        self.agent_event(Event::Woke, dies)
    }

    /// An executor's clock reaches its next timer.
    pub(super) fn wake_executor(&mut self, id: &ContainerId) {
        let Some(container) = self.containers.get_mut(id) else { return };
        container.at = rounded(container.at.plus(container.wait().unwrap_or_default()));
        self.executor_event(id, executor::Event::Woke);
    }

    /// Time passes for everything on the host.
    pub(super) fn pass(&mut self, time: Duration) {
        self.at = self.at.plus(time);
        for container in self.containers.values_mut() {
            container.at = container.at.plus(time);
        }
    }
}

/// The next whole second: waits of chance must not tell states apart.
fn rounded(at: Moment) -> Moment {
    Moment(at.0.next_multiple_of(1_000_000_000))
}

fn ended(container: &mut Container, task: &TaskId) {
    if let Some(process) = container.tasks.get_mut(task) {
        process.runs = false;
    }
}
