//! Executors, which are the production core, and the processes of tasks, which are a model.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use agent::executor::{Config, Event, Executor, Message};
use agent::{ExecutorRef, ExitStatus, LaunchSpec, Program, RequestId, StreamId};
use model::{ContainerId, FrameworkId, Moment, Now, Refusal, TaskId};

use crate::graces::{Asked, DEFAULT};
use crate::pauses::Pause;
use crate::plan::Stubborn;
use crate::quirks::Quirk;
use crate::rules::grace_given;
use crate::volumes::folders;
use crate::world::{Happening, World};

/// How a task's processes behave.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about processes")]
pub(crate) struct Task {
    pub(crate) grace: Option<Duration>,
    pub(crate) asked: Option<Asked>,
    /// Ends by itself at that time with this wait status.
    ends_at: Option<Moment>,
    wait_status: i32,
    /// How long it takes after SIGTERM; none ignores it.
    heeds: Option<Duration>,
    /// A child of it outlives the first process and heeds only SIGKILL.
    has_stubborn_child: bool,
    /// It waits for a device that never answers.
    is_stuck: bool,
    pub(crate) first_runs: bool,
    tree_runs: bool,
    pub(crate) terminated_at: Option<Moment>,
    /// Folders of the volumes that it has.
    volumes: BTreeSet<String>,
}

/// A container with a living owner.
pub(crate) struct Container {
    executor: Executor,
    from: ExecutorRef,
    pub(crate) stream: Option<StreamId>,
    /// The number of its connection with the agent. What an earlier one had to say is not heard.
    connection: u64,
    pub(crate) is_builtin: bool,
    pub(crate) quirk: Option<Quirk>,
    /// It was told to end, and since when it has no agent: then its tasks get less.
    shutdown: bool,
    pub(crate) lost_since: Option<Moment>,
    /// Its executor stands still.
    pub(crate) pause: Option<Pause>,
    wakes_at: Option<Moment>,
    tasks: BTreeMap<TaskId, Task>,
}

/// Who waits for the answer to a call to the agent.
#[derive(Debug)]
pub(crate) struct Asker {
    container: ContainerId,
    connection: u64,
    is_subscribe: bool,
}

impl Container {
    pub(crate) fn new(spec: &LaunchSpec, seed: [u8; 32], now: Now) -> Self {
        let token = spec.environment.get("MESOS_EXECUTOR_AUTHENTICATION_TOKEN").cloned();
        let mut short = [0; 16];
        short.copy_from_slice(&seed[..16]);
        let config = Config {
            framework_id: spec.framework.clone(),
            executor_id: spec.executor.clone(),
            recovery_timeout: Duration::from_mins(15),
            subscription_backoff_max: Duration::from_secs(2),
            default_kill_grace: Duration::from_secs(3),
            final_ack_timeout: Duration::from_mins(1),
            shutdown_grace: Duration::from_secs(5),
            seed: u128::from_le_bytes(short),
        };
        let from = ExecutorRef {
            framework: spec.framework.clone(),
            executor: spec.executor.clone(),
            token,
        };
        Self {
            executor: Executor::new(config, now),
            from,
            stream: None,
            connection: 0,
            is_builtin: spec.program == Program::Builtin,
            quirk: None,
            shutdown: false,
            lost_since: None,
            pause: None,
            wakes_at: None,
            tasks: BTreeMap::new(),
        }
    }

    /// Whether a task has got neither SIGTERM nor SIGKILL.
    pub(crate) fn is_left_alone(&self, task: &TaskId) -> bool {
        let is_asked = |task: &Task| task.terminated_at.is_some() || task.wait_status == 9;
        self.tasks.get(task).is_some_and(|task| task.first_runs && !is_asked(task))
    }

    pub(crate) fn task(&self, name: &TaskId) -> Option<&Task> {
        self.tasks.get(name)
    }

    pub(crate) fn runs(&self, name: &TaskId) -> bool {
        self.tasks.get(name).is_some_and(|task| task.tree_runs)
    }

    /// A process of it heeds nothing, not even SIGKILL.
    pub(crate) fn is_stuck(&self) -> bool {
        self.tasks.values().any(|task| task.tree_runs && task.is_stuck)
    }

    pub(crate) fn stuck(&self) -> impl Iterator<Item = (&FrameworkId, &TaskId)> {
        let all = self.tasks.iter().filter(|(_, task)| task.tree_runs && task.is_stuck);
        all.map(|(id, _)| (&self.from.framework, id))
    }

    pub(crate) fn framework(&self) -> &FrameworkId {
        &self.from.framework
    }

    /// The task that runs with this volume.
    pub(crate) fn user_of(&self, folder: &str) -> Option<TaskId> {
        let mut running = self.tasks.iter().filter(|(_, task)| task.tree_runs);
        running.find(|(_, task)| task.volumes.contains(folder)).map(|(id, _)| id.clone())
    }

    /// What each task that runs was asked.
    pub(crate) fn asked(&self) -> Vec<(TaskId, Option<Asked>)> {
        let running = self.tasks.iter().filter(|(_, task)| task.tree_runs);
        running.map(|(name, task)| (name.clone(), task.asked)).collect()
    }

    /// It was told to end, or gave its agent up.
    pub(crate) fn is_shut_down(&self, now: Moment) -> bool {
        let patience = Duration::from_mins(15);
        self.shutdown || self.lost_since.is_some_and(|since| now.since(since) >= patience)
    }

    /// The longest grace of the other tasks that run here, and what an executor has to comply.
    pub(crate) fn longest_beside(&self, name: &TaskId) -> Option<Duration> {
        let others = self.tasks.iter().filter(|(id, task)| *id != name && task.tree_runs);
        let longest = others.map(|(_, task)| task.grace.unwrap_or(DEFAULT)).max();
        longest.map(|grace| grace + Duration::from_secs(2))
    }

    pub(crate) fn running(&self) -> impl Iterator<Item = &TaskId> {
        self.tasks.iter().filter(|(_, task)| task.tree_runs).map(|(id, _)| id)
    }
}

impl World {
    pub(crate) fn executor_event(&mut self, host: usize, id: &ContainerId, event: Event) {
        let now = self.hosts[host].clock.now(self.now);
        if self.is_ignored(host, id, &event) {
            return;
        }
        let asked = grace_given(&event);
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let Some(container) = self.hosts[host].containers.get_mut(id) else { return };
            for message in container.executor.apply(now, event) {
                match message {
                    Message::Subscribe(call) => self.executor_subscribes(host, id, *call),
                    Message::Call(call) => self.executor_calls(host, id, call),
                    Message::Start { task, .. } => {
                        events.push_back(self.start_task(host, id, &task));
                    }
                    Message::Terminate { task } => self.terminate(host, id, &task),
                    Message::Kill { task } => self.kill(host, id, &task),
                    // Starts take no time here, and no task has a check.
                    Message::CancelStart { .. }
                    | Message::RunCheck { .. }
                    | Message::StopCheck { .. } => {}
                    Message::Exit { code } => {
                        return self.end_container(host, id, ExitStatus::Exited(code));
                    }
                }
            }
        }
        if let Some(asked) = asked {
            self.check_terminated(host, id, &asked);
        }
        self.schedule_executor(host, id);
    }

    pub(crate) fn schedule_executor(&mut self, host: usize, id: &ContainerId) {
        let Some(container) = self.hosts[host].containers.get_mut(id) else { return };
        let next = container.executor.next_wake();
        if let Some(at) = next.filter(|at| container.wakes_at.is_none_or(|due| *at < due)) {
            let at = at.max(self.now.at);
            container.wakes_at = Some(at);
            self.at(at, Happening::ExecutorWakes { host, container: id.clone(), at });
        }
    }

    pub(crate) fn executor_wakes(&mut self, host: usize, id: &ContainerId, at: Moment) {
        let Some(container) = self.hosts[host].containers.get_mut(id) else { return };
        if container.wakes_at == Some(at) {
            container.wakes_at = None;
            self.executor_event(host, id, Event::Woke);
        }
    }

    /// Something happens to its processes.
    fn tell_executor(
        &mut self,
        host: usize,
        container: &ContainerId,
        wait: Duration,
        event: Event,
    ) {
        let (container, event) = (container.clone(), Box::new(event));
        self.after(wait, Happening::Executor { host, container, connection: None, event });
    }

    /// Something comes in on its present connection.
    fn tell_connection(&mut self, host: usize, id: &ContainerId, event: Event) {
        if let Some(container) = self.hosts[host].containers.get(id) {
            self.tell_connection_of(host, id, container.connection, event);
        }
    }

    fn tell_connection_of(&mut self, host: usize, id: &ContainerId, number: u64, event: Event) {
        let (container, event, connection) = (id.clone(), Box::new(event), Some(number));
        let happening = Happening::Executor { host, container, connection, event };
        self.after(Duration::from_millis(1), happening);
    }

    /// As `daemon::executor::connection` does: whatever belongs to a connection that was given up is lost.
    pub(crate) fn executor_hears(
        &mut self,
        host: usize,
        id: &ContainerId,
        connection: Option<u64>,
        event: Event,
    ) {
        let Some(container) = self.hosts[host].containers.get_mut(id) else { return };
        if connection.is_some_and(|number| number != container.connection) {
            return self.coverage.count("world", "executor has given the connection up");
        }
        if matches!(event, Event::StreamClosed { .. } | Event::CallFailed { .. }) {
            container.connection += 1;
        }
        self.executor_event(host, id, event);
    }

    // To and from the agent: on one machine, so in order and without loss, but for the agent's death.

    fn executor_subscribes(&mut self, host: usize, id: &ContainerId, call: wire::executor::Call) {
        if let Some(container) = self.hosts[host].containers.get_mut(id) {
            container.connection += 1;
        }
        if self.hosts[host].process.is_none() {
            let event = Event::StreamClosed { why: "connection refused".to_owned() };
            return self.tell_connection(host, id, event);
        }
        let (request, stream) = (RequestId(self.number()), StreamId(self.number()));
        let place = &mut self.hosts[host];
        let Some(container) = place.containers.get_mut(id) else { return };
        container.stream = Some(stream);
        // It goes on ending what it began to end while it was alone.
        container.shutdown |= container.is_shut_down(self.now.at);
        container.lost_since = None;
        let from = container.from.clone();
        let asked =
            Asker { container: id.clone(), connection: container.connection, is_subscribe: true };
        place.requests.insert(request, asked);
        let subscribe = Box::new(call.subscribe.unwrap_or_default());
        let event = agent::Event::ExecutorSubscribe { request, stream, from, subscribe };
        self.tell_agent(host, Duration::from_millis(1), event);
    }

    fn executor_calls(&mut self, host: usize, id: &ContainerId, call: Box<wire::executor::Call>) {
        if self.hosts[host].process.is_none() {
            let event = Event::CallFailed { why: "connection refused".to_owned() };
            return self.tell_connection(host, id, event);
        }
        let request = RequestId(self.number());
        let place = &mut self.hosts[host];
        let Some(container) = place.containers.get(id) else { return };
        let from = container.from.clone();
        let asked =
            Asker { container: id.clone(), connection: container.connection, is_subscribe: false };
        place.requests.insert(request, asked);
        let event = agent::Event::ExecutorCall { request, from, call };
        self.tell_agent(host, Duration::from_millis(1), event);
    }

    pub(crate) fn agent_replied(
        &mut self,
        host: usize,
        request: RequestId,
        outcome: Result<(), Refusal>,
    ) {
        let Some(asker) = self.hosts[host].requests.remove(&request) else { return };
        let Err(refusal) = outcome else { return };
        self.coverage.count("executor refused", refusal.status.code().to_string().as_str());
        let why = refusal.text;
        let event = if asker.is_subscribe {
            Event::StreamClosed { why }
        } else {
            Event::CallFailed { why }
        };
        self.tell_connection_of(host, &asker.container, asker.connection, event);
    }

    fn holder_of(&self, host: usize, stream: StreamId) -> Option<ContainerId> {
        let mut containers = self.hosts[host].containers.iter();
        containers.find(|(_, one)| one.stream == Some(stream)).map(|(id, _)| id.clone())
    }

    pub(crate) fn send_to_executor(
        &mut self,
        host: usize,
        stream: StreamId,
        event: Box<wire::executor::Event>,
    ) {
        use wire::executor::event::Type;
        let Some(id) = self.holder_of(host, stream) else { return };
        let agent = self.hosts[host].process.as_ref().map(|agent| agent.number);
        if let Some(container) = self.hosts[host].containers.get_mut(&id) {
            container.shutdown |= event.r#type == Some(Type::Shutdown.into());
            if let (Some(kill), Some(agent)) = (&event.kill, agent) {
                let framework = &container.from.framework;
                self.truth.rules.kill_is_sent(host, framework, &kill.task_id, agent);
            }
        }
        self.tell_connection(host, &id, Event::Agent(event));
    }

    pub(crate) fn close_executor(&mut self, host: usize, stream: StreamId) {
        if let Some(id) = self.holder_of(host, stream) {
            let event = Event::StreamClosed { why: "the agent closed the stream".to_owned() };
            self.tell_connection(host, &id, event);
        }
    }

    /// The agent's process is gone, and with it every stream and every call under way.
    pub(crate) fn executors_lose_their_agent(&mut self, host: usize) {
        let requests = std::mem::take(&mut self.hosts[host].requests);
        for asker in requests.into_values() {
            if !asker.is_subscribe {
                let event = Event::CallFailed { why: "connection reset".to_owned() };
                self.tell_connection_of(host, &asker.container, asker.connection, event);
            }
        }
        let all: Vec<ContainerId> = self.hosts[host].containers.keys().cloned().collect();
        for id in all {
            let now = self.now.at;
            let Some(container) = self.hosts[host].containers.get_mut(&id) else { continue };
            container.lost_since.get_or_insert(now);
            if container.stream.take().is_some() {
                let event = Event::StreamClosed { why: "connection reset".to_owned() };
                self.tell_connection(host, &id, event);
            }
        }
    }

    // Processes.

    fn start_task(&mut self, host: usize, id: &ContainerId, info: &wire::v1::TaskInfo) -> Event {
        let task = TaskId::from(&info.task_id);
        // Mesos: what a framework had is free as soon as it is removed, before the last process has ended.
        let counts = |one: &&Container| !self.truth.has_ended(&one.from.framework);
        let others: Vec<String> = self.hosts[host]
            .containers
            .values()
            .filter(counts)
            .flat_map(|one| one.running().map(ToString::to_string))
            .collect();
        self.truth.process_starts(&self.hosts[host], &task, &others);
        if self.dice.chance(10) || self.hosts[host].has_full_disk(self.now.at) {
            let error = "no space left on device".to_owned();
            return Event::TaskStartFailed { task, error };
        }
        let grace = info.kill_policy.as_ref().and_then(|policy| policy.grace_period);
        let grace = grace.and_then(|grace| model::duration::grace_of(&grace).ok());
        let life = self.dice.between(Duration::from_secs(1), Duration::from_hours(1));
        let proc = Task {
            grace,
            asked: None,
            ends_at: self.dice.chance(400).then(|| self.now.at.plus(life)),
            wait_status: if self.dice.chance(500) { 0 } else { 3 << 8 },
            heeds: self
                .dice
                .chance(750)
                .then(|| self.dice.between(Duration::ZERO, Duration::from_secs(8))),
            has_stubborn_child: self.dice.chance(150),
            is_stuck: self.plan.stubborn == Some(Stubborn::Task) && self.dice.chance(50),
            first_runs: true,
            tree_runs: true,
            terminated_at: None,
            volumes: folders(&info.resources),
        };
        self.use_volumes(host, task.as_str(), &proc.volumes);
        let ends_at = proc.ends_at;
        let pid = u32::try_from(self.number()).unwrap_or(u32::MAX);
        if let Some(container) = self.hosts[host].containers.get_mut(id) {
            container.tasks.insert(task.clone(), proc);
        }
        if let Some(at) = ends_at {
            let (container, task) = (id.clone(), task.clone());
            self.at(at, Happening::ProcessEnds { host, container, task });
        }
        Event::TaskStarted { task, pid }
    }

    pub(crate) fn task(
        &mut self,
        host: usize,
        id: &ContainerId,
        task: &TaskId,
    ) -> Option<&mut Task> {
        self.hosts[host].containers.get_mut(id)?.tasks.get_mut(task)
    }

    fn terminate(&mut self, host: usize, id: &ContainerId, name: &TaskId) {
        let now = self.now.at;
        let Some(task) = self.task(host, id, name) else { return };
        task.terminated_at.get_or_insert(now);
        if let Some(wait) = task.heeds {
            task.wait_status = 15;
            let (container, task) = (id.clone(), name.clone());
            self.after(wait, Happening::ProcessEnds { host, container, task });
        }
    }

    fn kill(&mut self, host: usize, id: &ContainerId, name: &TaskId) {
        self.check_grace(host, id, name);
        // What waits for a device dies later.
        let waits = self.dice.chance(30);
        let most = if waits { 20_000 } else { 20 };
        let wait = self.dice.between(Duration::ZERO, Duration::from_millis(most));
        if waits {
            self.trouble(host, self.now.at.plus(wait));
        }
        let (container, task) = (id.clone(), name.clone());
        if let Some(known) = self.task(host, id, name) {
            if known.first_runs {
                known.wait_status = 9;
            }
            known.has_stubborn_child = false;
        }
        self.after(
            wait,
            Happening::ProcessEnds { host, container: container.clone(), task: task.clone() },
        );
        self.after(wait, Happening::TreeEnds { host, container, task });
    }

    pub(crate) fn process_ends(&mut self, host: usize, id: &ContainerId, name: &TaskId) {
        let can_end = |task: &&mut Task| task.first_runs && !task.is_stuck;
        let Some(task) = self.task(host, id, name).filter(can_end) else { return };
        task.first_runs = false;
        let wait_status = task.wait_status;
        let leaves_child = task.has_stubborn_child;
        let exited = Event::TaskExited { task: name.clone(), wait_status };
        self.tell_executor(host, id, Duration::ZERO, exited);
        if !leaves_child {
            let (container, task) = (id.clone(), name.clone());
            self.soon(Duration::from_millis(20), Happening::TreeEnds { host, container, task });
        }
    }

    pub(crate) fn tree_ends(&mut self, host: usize, id: &ContainerId, name: &TaskId) {
        let is_over =
            |task: &&mut Task| task.tree_runs && !task.first_runs && !task.has_stubborn_child;
        let Some(task) = self.task(host, id, name).filter(is_over) else { return };
        task.tree_runs = false;
        let asked = task.asked;
        self.check_overdue(host, name, asked);
        self.tell_executor(host, id, Duration::ZERO, Event::TreeEmpty { task: name.clone() });
    }
}
