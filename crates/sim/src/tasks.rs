//! Executors, which are the production core, and the processes of tasks, which are a model.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use agent::executor::{Config, Event, Executor, Message};
use agent::{ExecutorRef, ExitStatus, LaunchSpec, RequestId, StreamId};
use model::{ContainerId, Moment, Now, Refusal, TaskId};

use crate::rules::grace_given;
use crate::world::{Happening, World};

/// How a task's processes behave.
#[derive(Clone, Debug)]
struct Task {
    grace: Option<Duration>,
    /// Ends by itself at that time with this wait status.
    ends_at: Option<Moment>,
    wait_status: i32,
    /// How long it takes after SIGTERM; none ignores it.
    heeds: Option<Duration>,
    /// A child of it outlives the first process and heeds only SIGKILL.
    has_stubborn_child: bool,
    first_runs: bool,
    tree_runs: bool,
    terminated_at: Option<Moment>,
}

/// A container with a living owner.
pub(crate) struct Container {
    executor: Executor,
    from: ExecutorRef,
    pub(crate) stream: Option<StreamId>,
    wakes_at: Option<Moment>,
    tasks: BTreeMap<TaskId, Task>,
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
            wakes_at: None,
            tasks: BTreeMap::new(),
        }
    }

    /// Tasks that were asked to end and not made to: since when, and their own grace.
    pub(crate) fn asked(&self) -> impl Iterator<Item = (&TaskId, Moment, Option<Duration>)> {
        let asked = self.tasks.iter().filter(|(_, task)| task.first_runs && task.wait_status != 9);
        asked.filter_map(|(id, task)| Some((id, task.terminated_at?, task.grace)))
    }

    /// Whether a task has got neither SIGTERM nor SIGKILL.
    pub(crate) fn is_left_alone(&self, task: &TaskId) -> bool {
        let is_asked = |task: &Task| task.terminated_at.is_some() || task.wait_status == 9;
        self.tasks.get(task).is_some_and(|task| task.first_runs && !is_asked(task))
    }

    pub(crate) fn running(&self) -> impl Iterator<Item = &TaskId> {
        self.tasks.iter().filter(|(_, task)| task.tree_runs).map(|(id, _)| id)
    }
}

impl World {
    pub(crate) fn executor_event(&mut self, host: usize, id: &ContainerId, event: Event) {
        let asked = grace_given(&event);
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            let Some(container) = self.hosts[host].containers.get_mut(id) else { return };
            for message in container.executor.apply(self.now, event) {
                match message {
                    Message::Subscribe(call) => self.executor_subscribes(host, id, *call),
                    Message::Call(call) => self.executor_calls(host, id, call),
                    Message::Start { task } => events.push_back(self.start_task(host, id, &task)),
                    Message::Terminate { task } => self.terminate(host, id, &task),
                    Message::Kill { task } => self.kill(host, id, &task),
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

    fn tell_executor(
        &mut self,
        host: usize,
        container: &ContainerId,
        wait: Duration,
        event: Event,
    ) {
        let event = Box::new(event);
        self.after(wait, Happening::Executor { host, container: container.clone(), event });
    }

    // To and from the agent: on one machine, so in order and without loss, but for the agent's death.

    fn executor_subscribes(&mut self, host: usize, id: &ContainerId, call: wire::executor::Call) {
        if self.hosts[host].process.is_none() {
            let event = Event::StreamClosed { why: "connection refused".to_owned() };
            return self.tell_executor(host, id, Duration::from_millis(1), event);
        }
        let (request, stream) = (RequestId(self.number()), StreamId(self.number()));
        let place = &mut self.hosts[host];
        let Some(container) = place.containers.get_mut(id) else { return };
        container.stream = Some(stream);
        let from = container.from.clone();
        place.requests.insert(request, (id.clone(), true));
        let subscribe = Box::new(call.subscribe.unwrap_or_default());
        let event = agent::Event::ExecutorSubscribe { request, stream, from, subscribe };
        self.tell_agent(host, Duration::from_millis(1), event);
    }

    fn executor_calls(&mut self, host: usize, id: &ContainerId, call: Box<wire::executor::Call>) {
        if self.hosts[host].process.is_none() {
            let event = Event::CallFailed { why: "connection refused".to_owned() };
            return self.tell_executor(host, id, Duration::from_millis(1), event);
        }
        let request = RequestId(self.number());
        let place = &mut self.hosts[host];
        let Some(container) = place.containers.get(id) else { return };
        let from = container.from.clone();
        place.requests.insert(request, (id.clone(), false));
        let event = agent::Event::ExecutorCall { request, from, call };
        self.tell_agent(host, Duration::from_millis(1), event);
    }

    pub(crate) fn agent_replied(
        &mut self,
        host: usize,
        request: RequestId,
        outcome: Result<(), Refusal>,
    ) {
        let Some((id, is_subscribe)) = self.hosts[host].requests.remove(&request) else { return };
        let Err(refusal) = outcome else { return };
        self.coverage.count("executor refused", refusal.status.code().to_string().as_str());
        let why = refusal.text;
        let event =
            if is_subscribe { Event::StreamClosed { why } } else { Event::CallFailed { why } };
        self.tell_executor(host, &id, Duration::from_millis(1), event);
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
        if let Some(id) = self.holder_of(host, stream) {
            self.tell_executor(host, &id, Duration::from_millis(1), Event::Agent(event));
        }
    }

    pub(crate) fn close_executor(&mut self, host: usize, stream: StreamId) {
        if let Some(id) = self.holder_of(host, stream) {
            let event = Event::StreamClosed { why: "the agent closed the stream".to_owned() };
            self.tell_executor(host, &id, Duration::from_millis(1), event);
        }
    }

    /// The agent's process is gone, and with it every stream and every call under way.
    pub(crate) fn executors_lose_their_agent(&mut self, host: usize) {
        let requests = std::mem::take(&mut self.hosts[host].requests);
        for (id, is_subscribe) in requests.into_values() {
            if !is_subscribe {
                let event = Event::CallFailed { why: "connection reset".to_owned() };
                self.tell_executor(host, &id, Duration::from_millis(1), event);
            }
        }
        let all: Vec<ContainerId> = self.hosts[host].containers.keys().cloned().collect();
        for id in all {
            let container = self.hosts[host].containers.get_mut(&id);
            if container.and_then(|container| container.stream.take()).is_some() {
                let event = Event::StreamClosed { why: "connection reset".to_owned() };
                self.tell_executor(host, &id, Duration::from_millis(1), event);
            }
        }
    }

    // Processes.

    fn start_task(&mut self, host: usize, id: &ContainerId, info: &wire::v1::TaskInfo) -> Event {
        let task = TaskId::from(&info.task_id);
        self.truth.process_starts(&self.hosts[host], &task);
        if self.dice.chance(10) {
            return Event::TaskStartFailed { task, error: "permission denied".to_owned() };
        }
        let grace = info.kill_policy.as_ref().and_then(|policy| policy.grace_period);
        let grace = grace.and_then(|grace| model::duration::grace_of(&grace).ok());
        let life = self.dice.between(Duration::from_secs(1), Duration::from_hours(1));
        let proc = Task {
            grace,
            ends_at: self.dice.chance(400).then(|| self.now.at.plus(life)),
            wait_status: if self.dice.chance(500) { 0 } else { 3 << 8 },
            heeds: self
                .dice
                .chance(750)
                .then(|| self.dice.between(Duration::ZERO, Duration::from_secs(8))),
            has_stubborn_child: self.dice.chance(150),
            first_runs: true,
            tree_runs: true,
            terminated_at: None,
        };
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

    fn task(&mut self, host: usize, id: &ContainerId, task: &TaskId) -> Option<&mut Task> {
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
        let now = self.now.at;
        let Some(task) = self.task(host, id, name) else { return };
        if let (true, Some(since)) = (task.first_runs, task.terminated_at) {
            let had = now.since(since);
            let (grace, was_killed) = (task.grace, task.wait_status == 9);
            let agent = self.hosts[host].id.clone();
            let slack = self.plan.commit * 2 + Duration::from_millis(10);
            let had = self.asked_ago(host, name).map_or(had, |asked| asked.max(had));
            if !was_killed {
                self.truth.killed(agent.as_ref(), name, had, grace, slack);
            }
            self.check_overdue(host, id, false);
        }
        // What waits for a device dies later.
        let most = if self.dice.chance(30) { 20_000 } else { 20 };
        let wait = self.dice.between(Duration::ZERO, Duration::from_millis(most));
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
        let Some(task) = self.task(host, id, name).filter(|task| task.first_runs) else { return };
        task.first_runs = false;
        let wait_status = task.wait_status;
        let leaves_child = task.has_stubborn_child;
        self.executor_event(host, id, Event::TaskExited { task: name.clone(), wait_status });
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
        self.executor_event(host, id, Event::TreeEmpty { task: name.clone() });
    }
}
