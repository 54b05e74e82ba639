//! An executor on a test bench: a clock moved by hand, an agent that answers when told to.

use std::time::Duration;

use model::{ExecutorId, FrameworkId, Moment, Now, TaskId, TaskState, Timestamp};
use wire::executor::{Event as AgentEvent, call, event};
use wire::v1;

use crate::executor::{Config, Event, Executor, Message};

pub(super) const TERMINATED: i32 = 15;
pub(super) const KILLED: i32 = 9;

#[derive(Debug)]
pub(super) struct Bench {
    pub(super) executor: Executor,
    start: u64,
    millis: u64,
}

pub(super) fn config() -> Config {
    Config {
        framework_id: FrameworkId::new("f"),
        executor_id: ExecutorId::new("e"),
        recovery_timeout: Duration::from_mins(15),
        subscription_backoff_max: Duration::from_secs(2),
        default_kill_grace: Duration::from_secs(3),
        final_ack_timeout: Duration::from_mins(1),
        shutdown_grace: Duration::from_secs(5),
        seed: 7,
    }
}

impl Bench {
    /// An executor that has not said anything yet.
    pub(super) fn new(config: Config) -> Self {
        let start = 1_000_000_000_000;
        let now = Now { at: Moment(start), wall: Timestamp(1_000) };
        Self { executor: Executor::new(config, now), start, millis: 0 }
    }

    /// Subscribed by a framework with or without `TASK_KILLING_STATE`.
    pub(super) fn subscribed(killing: bool) -> Self {
        let mut bench = Self::new(config());
        let out = bench.wake_at(0);
        assert!(matches!(out[..], [Message::Subscribe(_)]), "{out:?}");
        assert_eq!(bench.agent(subscribed(killing)), []);
        bench
    }

    /// Subscribed, with `task` running and everything acknowledged.
    pub(super) fn running(task: v1::TaskInfo) -> Self {
        let mut bench = Self::subscribed(true);
        let id = task.task_id.value.clone();
        let out = bench.agent(launch(task));
        bench.acknowledge_all(&out);
        let out = bench.started(&id);
        assert_eq!(states(&out), [(id, TaskState::TaskRunning)]);
        bench.acknowledge_all(&out);
        bench
    }

    /// Subscribed, with the tasks running as one group and everything acknowledged.
    pub(super) fn running_group(tasks: Vec<v1::TaskInfo>) -> Self {
        let mut bench = Self::subscribed(true);
        let ids: Vec<String> = tasks.iter().map(|task| task.task_id.value.clone()).collect();
        let out = bench.agent(launch_group(tasks));
        bench.acknowledge_all(&out);
        for id in ids {
            let out = bench.started(&id);
            bench.acknowledge_all(&out);
        }
        bench
    }

    fn now(&self) -> Now {
        Now {
            at: Moment(self.start + self.millis * 1_000_000),
            wall: Timestamp(1_000 + i64::try_from(self.millis * 1_000_000).unwrap()),
        }
    }

    pub(super) fn apply(&mut self, event: Event) -> Vec<Message> {
        let now = self.now();
        self.executor.apply(now, event)
    }

    pub(super) fn agent(&mut self, event: AgentEvent) -> Vec<Message> {
        self.apply(Event::Agent(Box::new(event)))
    }

    pub(super) fn set(&mut self, millis: u64) {
        assert!(millis >= self.millis, "time goes forward");
        self.millis = millis;
    }

    /// Moves the clock and wakes, whether or not something is due.
    pub(super) fn wake_at(&mut self, millis: u64) -> Vec<Message> {
        self.set(millis);
        self.apply(Event::Woke)
    }

    /// Milliseconds since the start at which the executor wants to be woken.
    pub(super) fn next_wake(&self) -> Option<u64> {
        self.executor.next_wake().map(|at| at.0.saturating_sub(self.start) / 1_000_000)
    }

    pub(super) fn started(&mut self, task: &str) -> Vec<Message> {
        self.apply(Event::TaskStarted { task: TaskId::new(task), pid: 4711 })
    }

    pub(super) fn exited(&mut self, task: &str, wait_status: i32) -> Vec<Message> {
        self.apply(Event::TaskExited { task: TaskId::new(task), wait_status })
    }

    pub(super) fn empty(&mut self, task: &str) -> Vec<Message> {
        self.apply(Event::TreeEmpty { task: TaskId::new(task) })
    }

    /// First process and tree end together.
    pub(super) fn ended(&mut self, task: &str, wait_status: i32) -> Vec<Message> {
        let mut out = self.exited(task, wait_status);
        out.extend(self.empty(task));
        out
    }

    /// Acknowledges the updates among `out`; returns what followed.
    pub(super) fn acknowledge_all(&mut self, out: &[Message]) -> Vec<Message> {
        let mut followed = Vec::new();
        for status in updates(out) {
            followed.extend(self.agent(acknowledged(&status)));
        }
        followed
    }
}

pub(super) fn task(id: &str) -> v1::TaskInfo {
    v1::TaskInfo {
        name: id.to_owned(),
        task_id: v1::TaskId { value: id.to_owned() },
        agent_id: v1::AgentId { value: "S1".to_owned() },
        ..Default::default()
    }
}

pub(super) fn task_with_grace(id: &str, seconds: i64) -> v1::TaskInfo {
    v1::TaskInfo { kill_policy: Some(policy(seconds * 1000)), ..task(id) }
}

pub(super) fn policy(millis: i64) -> v1::KillPolicy {
    v1::KillPolicy { grace_period: Some(v1::DurationInfo { nanoseconds: millis * 1_000_000 }) }
}

pub(super) fn subscribed(killing: bool) -> AgentEvent {
    let mut framework_info = v1::FrameworkInfo::default();
    if killing {
        framework_info.capabilities.push(v1::framework_info::Capability {
            r#type: Some(v1::framework_info::capability::Type::TaskKillingState as i32),
        });
    }
    AgentEvent {
        r#type: Some(event::Type::Subscribed as i32),
        subscribed: Some(Box::new(event::Subscribed {
            executor_info: v1::ExecutorInfo::default(),
            framework_info,
            agent_info: v1::AgentInfo::default(),
            container_id: Some(v1::ContainerId { value: "c".to_owned(), parent: None }),
        })),
        ..Default::default()
    }
}

pub(super) fn launch(task: v1::TaskInfo) -> AgentEvent {
    AgentEvent {
        r#type: Some(event::Type::Launch as i32),
        launch: Some(Box::new(event::Launch { task })),
        ..Default::default()
    }
}

pub(super) fn launch_group(tasks: Vec<v1::TaskInfo>) -> AgentEvent {
    AgentEvent {
        r#type: Some(event::Type::LaunchGroup as i32),
        launch_group: Some(event::LaunchGroup { task_group: v1::TaskGroupInfo { tasks } }),
        ..Default::default()
    }
}

/// A KILL that names a grace in milliseconds, or none.
pub(super) fn kill(task: &str, grace: Option<i64>) -> AgentEvent {
    AgentEvent {
        r#type: Some(event::Type::Kill as i32),
        kill: Some(event::Kill {
            task_id: v1::TaskId { value: task.to_owned() },
            kill_policy: grace.map(policy),
        }),
        ..Default::default()
    }
}

pub(super) fn shutdown() -> AgentEvent {
    AgentEvent { r#type: Some(event::Type::Shutdown as i32), ..Default::default() }
}

pub(super) fn acknowledged(status: &v1::TaskStatus) -> AgentEvent {
    AgentEvent {
        r#type: Some(event::Type::Acknowledged as i32),
        acknowledged: Some(event::Acknowledged {
            task_id: status.task_id.clone(),
            uuid: status.uuid.clone().unwrap(),
        }),
        ..Default::default()
    }
}

pub(super) fn terminate(task: &str) -> Message {
    Message::Terminate { task: TaskId::new(task) }
}

pub(super) fn sigkill(task: &str) -> Message {
    Message::Kill { task: TaskId::new(task) }
}

/// The statuses of the UPDATE calls among `out`.
pub(super) fn updates(out: &[Message]) -> Vec<v1::TaskStatus> {
    out.iter()
        .filter_map(|message| match message {
            Message::Call(call) => call.update.as_ref().map(|update| update.status.clone()),
            Message::Subscribe(_)
            | Message::Start { .. }
            | Message::CancelStart { .. }
            | Message::Terminate { .. }
            | Message::Kill { .. }
            | Message::RunCheck { .. }
            | Message::StopCheck { .. }
            | Message::Exit { .. } => None,
        })
        .collect()
}

/// Task and state of each update among `out`.
pub(super) fn states(out: &[Message]) -> Vec<(String, TaskState)> {
    updates(out)
        .into_iter()
        .map(|status| (status.task_id.value, TaskState::try_from(status.state).unwrap()))
        .collect()
}

pub(super) fn state(task: &str, state: TaskState) -> (String, TaskState) {
    (task.to_owned(), state)
}

/// What is asked of processes and of the shell, updates left out.
pub(super) fn actions(out: &[Message]) -> Vec<Message> {
    out.iter()
        .filter(|message| !matches!(message, Message::Call(_) | Message::Subscribe(_)))
        .cloned()
        .collect()
}

/// The one SUBSCRIBE among `out`.
pub(super) fn subscribe_of(out: &[Message]) -> call::Subscribe {
    let mut found = out.iter().filter_map(|message| match message {
        Message::Subscribe(call) => call.subscribe.clone(),
        Message::Call(_)
        | Message::Start { .. }
        | Message::CancelStart { .. }
        | Message::Terminate { .. }
        | Message::Kill { .. }
        | Message::RunCheck { .. }
        | Message::StopCheck { .. }
        | Message::Exit { .. } => None,
    });
    let one = found.next().expect("a SUBSCRIBE");
    assert!(found.next().is_none(), "one SUBSCRIBE only");
    one
}
