//! An agent core that is told anything at all: by its master, by executors and by the shell.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use agent::{
    Agent, Config, ContainerFate, Effects, Event, ExecutorRef, ExitStatus, Message, Records,
    RequestId, StreamId,
};
use model::{ContainerId, ExecutorId, FrameworkId, Now};
use wire::{executor, link};

use super::choices::Choices;
use super::masters::{remember, sent};
use super::records;

const MOST_EVENTS: usize = 60;
const TOKEN: &str = "MESOS_EXECUTOR_AUTHENTICATION_TOKEN";

pub fn agent(data: &[u8]) {
    let mut choices = Choices::new(data);
    let now = records::now(&mut choices);
    go_on(Records::default(), BTreeMap::new(), now, &mut choices);
}

fn config() -> Config {
    let info = wire::v1::AgentInfo { hostname: "h".to_owned(), ..Default::default() };
    let mut config = Config::new(info, "10.0.0.1:5051", "/work", [1; 32]);
    "boot".clone_into(&mut config.boot_id);
    config.max_completed_tasks = 2;
    config.max_completed_executors = 2;
    config.max_completed_frameworks = 2;
    config.max_pending_updates = 3;
    config
}

struct World {
    agent: Agent,
    now: Now,
    /// What the mutations so far amount to.
    store: Records,
    /// Whether the store was not this agent's own: then records are kept in other forms than its own.
    is_foreign: bool,
    is_stopped: bool,
    numbers: u64,
    containers: VecDeque<ContainerId>,
    executors: VecDeque<ExecutorRef>,
    streams: VecDeque<(StreamId, ExecutorRef)>,
    updates: VecDeque<link::StatusUpdate>,
}

/// Starts an agent and tells it what the choices make up: it must keep its invariants, its store must say
/// just what it knows, and whatever it sends must be readable where it arrives.
pub(crate) fn go_on(
    records: Records,
    fates: BTreeMap<ContainerId, ContainerFate>,
    now: Now,
    choices: &mut Choices<'_>,
) {
    let (agent, effects) = Agent::recover(config(), records.clone(), fates, now);
    let containers = records.executors.keys().cloned().collect();
    let executors = records.executors.values().filter_map(executor_of).collect();
    let mut world = World {
        agent,
        now,
        is_foreign: records != Records::default(),
        is_stopped: false,
        store: records,
        numbers: 0,
        containers,
        executors,
        streams: VecDeque::new(),
        updates: VecDeque::new(),
    };
    world.carry_out(effects);
    for _ in 0..MOST_EVENTS {
        if choices.is_over() {
            break;
        }
        world.step(choices);
    }
    let text = wire::json::to_string(&world.agent.view_state());
    assert!(!text.is_empty());
}

type Keys<'a> = (Vec<&'a FrameworkId>, Vec<&'a ContainerId>, Vec<String>, bool);

fn keys(records: &Records) -> Keys<'_> {
    (
        records.frameworks.keys().collect(),
        records.executors.keys().collect(),
        records.tasks.keys().map(|(framework, task)| format!("{framework}/{task}")).collect(),
        records.drain.is_some(),
    )
}

fn executor_of(record: &wire::checkpoint::ExecutorRecord) -> Option<ExecutorRef> {
    Some(ExecutorRef {
        framework: FrameworkId::from(record.framework_id.as_ref()?),
        executor: ExecutorId::from(&record.info.as_ref()?.executor_id),
        token: record.token.clone(),
    })
}

impl World {
    fn step(&mut self, choices: &mut Choices<'_>) {
        let event = match choices.below(16) {
            0..=4 => link_event(self, choices),
            5 => Some(Event::LinkClosed { why: "so".to_owned() }),
            6 | 7 => self.subscribe(choices),
            8..=10 => self.executor_call(choices),
            11 | 12 => self.container(choices),
            13 => return self.pass_time(choices),
            14 if choices.flag() => return self.restart(choices),
            14 => choices
                .one_of_deque(&self.streams)
                .map(|(stream, _)| Event::ExecutorClosed { stream }),
            _ if choices.rarely(8) => Some(Event::Unregister),
            _ => Some(Event::Link(Box::new(link::Event {
                r#type: Some(link::event::Type::Registered.into()),
                registered: Some(link::Registered {
                    agent_id: Some(wire::v1::AgentId { value: "m1-S0".to_owned() }),
                    link_id: Some(1),
                    ping_interval_seconds: Some(15.0),
                    total_ping_timeout_seconds: Some(75.0),
                }),
                ..link::Event::default()
            }))),
        };
        if let Some(event) = event {
            self.apply(event);
        }
    }

    fn apply(&mut self, event: Event) {
        let effects = self.agent.apply(self.now, event);
        self.carry_out(effects);
    }

    fn carry_out(&mut self, effects: Effects) {
        for mutation in effects.mutations {
            self.store.apply(mutation);
        }
        self.is_stopped |= effects.messages.iter().any(|it| matches!(it, Message::Stop(_)));
        let (live, store) = (self.agent.durable(), &self.store);
        if self.is_stopped {
            // Its process ends; nothing is written any more.
        } else if self.is_foreign {
            assert_eq!(keys(&live), keys(store), "the store knows just what the agent knows");
        } else {
            // As text: a NaN in it would not even be equal to itself.
            assert_eq!(format!("{live:?}"), format!("{store:?}"), "the store is the state");
        }
        for message in effects.messages {
            self.hear(message);
        }
        if !self.is_stopped {
            self.agent.check_thoroughly();
        }
    }

    /// What the agent sends can be read where it arrives.
    fn hear(&mut self, message: Message) {
        match message {
            Message::Connect { hello } => {
                sent(hello.as_ref());
            }
            Message::Call { call } => {
                let batch = link::Batch { calls: vec![*call], ..link::Batch::default() };
                let updates = sent(&batch).calls.into_iter().filter_map(|call| call.status_update);
                for update in updates {
                    remember(&mut self.updates, update);
                }
            }
            Message::Executor { event, .. } => {
                sent(event.as_ref());
            }
            Message::Launch(spec) => {
                remember(&mut self.containers, spec.container);
                let executor = ExecutorRef {
                    framework: spec.framework,
                    executor: spec.executor,
                    token: spec.environment.get(TOKEN).cloned(),
                };
                remember(&mut self.executors, executor);
            }
            Message::Reply { outcome, .. } => {
                assert!(outcome.as_ref().err().is_none_or(|refusal| !refusal.text.is_empty()));
            }
            Message::Disconnect
            | Message::CloseExecutor { .. }
            | Message::LinkVolumes { .. }
            | Message::MakeVolumes(_)
            | Message::RemoveVolumes { .. }
            | Message::Destroy { .. }
            | Message::Stop(_) => {}
        }
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn subscribe(&mut self, choices: &mut Choices<'_>) -> Option<Event> {
        let from = self.executor(choices)?;
        let call = executor::Call {
            r#type: Some(executor::call::Type::Subscribe.into()),
            subscribe: Some(executor::call::Subscribe {
                unacknowledged_tasks: choices
                    .some(2, |it| it.task_info(wire::v1::AgentId::default(), Vec::new())),
                unacknowledged_updates: choices
                    .some(2, |it| executor::call::Update { status: it.status() }),
            }),
            ..call_of(&from)
        };
        let call = choices.arrived(&call)?;
        daemon::agent::validate_executor_call(&call).ok()?;
        let subscribe = Box::new(call.subscribe?);
        let (request, stream) = (RequestId(self.number()), StreamId(self.number()));
        remember(&mut self.streams, (stream, from.clone()));
        Some(Event::ExecutorSubscribe { request, stream, from, subscribe })
    }

    fn executor(&mut self, choices: &mut Choices<'_>) -> Option<ExecutorRef> {
        let mut from = choices.one_of_deque(&self.executors)?;
        match choices.below(16) {
            14 => from.token = None,
            15 => from.executor = ExecutorId::from(&choices.executor_id()),
            _ => {}
        }
        Some(from)
    }

    fn executor_call(&mut self, choices: &mut Choices<'_>) -> Option<Event> {
        use executor::call::{self, Type};
        let from = match choices.one_of_deque(&self.streams) {
            Some((_, from)) if !choices.rarely(8) => from,
            Some(_) | None => self.executor(choices)?,
        };
        let call = match choices.below(8) {
            0 => executor::Call {
                r#type: Some(Type::Message.into()),
                message: Some(call::Message { data: bytes::Bytes::from_static(b"data") }),
                ..call_of(&from)
            },
            1 => executor::Call { r#type: Some(Type::Heartbeat.into()), ..call_of(&from) },
            _ => executor::Call {
                r#type: Some(Type::Update.into()),
                update: Some(call::Update { status: choices.status() }),
                ..call_of(&from)
            },
        };
        let call = Box::new(choices.arrived(&call)?);
        daemon::agent::validate_executor_call(&call).ok()?;
        Some(Event::ExecutorCall { request: RequestId(self.number()), from, call })
    }

    fn container(&mut self, choices: &mut Choices<'_>) -> Option<Event> {
        let container = choices.one_of_deque(&self.containers)?;
        Some(match choices.below(6) {
            0 | 1 => Event::ContainerLaunched { container, pid: 77, pid_started: 5 },
            2 => Event::ContainerLaunchFailed { container, error: "no".to_owned() },
            3 => Event::ContainerDestroyFailed { container, survivors: vec!["1 sh".to_owned()] },
            _ => {
                let codes = [
                    ExitStatus::Exited(0),
                    ExitStatus::Exited(i32::MIN),
                    ExitStatus::Signalled(9),
                    ExitStatus::Unknown,
                ];
                Event::ContainerExited { container, status: choices.one_of(&codes) }
            }
        })
    }

    fn pass_time(&mut self, choices: &mut Choices<'_>) {
        let spans = [1, 5, 20, 100, 1000, 1 << 40];
        let end = self.now.at.plus(Duration::from_secs(choices.one_of(&spans)));
        for _ in 0..20 {
            let Some(wake) = self.agent.next_wake().filter(|wake| *wake <= end) else { break };
            self.advance(wake);
            self.apply(Event::Woke);
        }
        self.advance(end);
        self.apply(Event::Woke);
    }

    fn advance(&mut self, to: model::Moment) {
        let to = to.max(self.now.at);
        self.now = Now { at: to, wall: self.now.wall_of(to) };
    }

    /// The agent's process dies and starts again, perhaps after a boot of the host.
    fn restart(&mut self, choices: &mut Choices<'_>) {
        let mut config = config();
        if choices.rarely(4) {
            "later boot".clone_into(&mut config.boot_id);
        }
        config.seed = [choices.one_of(&[2, 3, 4]); 32];
        if choices.rarely(4) {
            self.now.wall = model::Timestamp(choices.signed());
        }
        let mut fates = BTreeMap::new();
        for container in self.store.executors.keys() {
            let fate = match choices.below(3) {
                0 => ContainerFate::Alive,
                1 => ContainerFate::Exited(ExitStatus::Unknown),
                _ => continue,
            };
            fates.insert(container.clone(), fate);
        }
        self.streams.clear();
        self.is_stopped = false;
        let (agent, effects) = Agent::recover(config, self.store.clone(), fates, self.now);
        self.agent = agent;
        self.carry_out(effects);
    }
}

fn call_of(from: &ExecutorRef) -> executor::Call {
    executor::Call {
        executor_id: from.executor.to_wire(),
        framework_id: from.framework.to_wire(),
        ..executor::Call::default()
    }
}

fn link_event(world: &mut World, choices: &mut Choices<'_>) -> Option<Event> {
    use link::event::Type;
    let of = |kind: Type| link::Event { r#type: Some(kind.into()), ..link::Event::default() };
    let framework_id = choices.framework_id();
    let event = match choices.below(20) {
        0..=4 => {
            let agent = wire::v1::AgentId { value: "m1-S0".to_owned() };
            let resources = choices.some(2, Choices::resource);
            let run = Box::new(link::RunTask {
                framework_info: Some(info_of(framework_id, choices)),
                task: Some(choices.task_info(agent, resources)),
            });
            link::Event { run_task: Some(run), ..of(Type::RunTask) }
        }
        5 | 6 => {
            let agent = wire::v1::AgentId { value: "m1-S0".to_owned() };
            let tasks = choices.some(3, |it| it.task_info(agent.clone(), Vec::new()));
            let run = Box::new(link::RunTaskGroup {
                framework_info: Some(info_of(framework_id, choices)),
                executor: Some(choices.executor_info()),
                task_group: Some(wire::v1::TaskGroupInfo { tasks }),
            });
            link::Event { run_task_group: Some(run), ..of(Type::RunTaskGroup) }
        }
        7 | 8 => {
            let kill = link::KillTask {
                framework_id: Some(framework_id),
                task_id: Some(choices.task_id()),
                kill_policy: choices.maybe(Choices::kill_policy),
            };
            link::Event { kill_task: Some(kill), ..of(Type::KillTask) }
        }
        9 | 10 => {
            let drain = link::Drain {
                generation: choices.maybe(Choices::number),
                config: choices.maybe(Choices::drain_config),
                started_at: choices.maybe(Choices::time),
            };
            link::Event { drain: Some(drain), ..of(Type::Drain) }
        }
        11 => {
            let reactivate = link::Reactivate { generation: choices.maybe(Choices::number) };
            link::Event { reactivate: Some(reactivate), ..of(Type::Reactivate) }
        }
        12 | 13 => {
            let update = choices.one_of_deque(&world.updates)?;
            let status = update.status?;
            let acknowledge = link::AcknowledgeStatus {
                framework_id: update.framework_id,
                task_id: Some(status.task_id),
                uuid: status.uuid,
            };
            link::Event { acknowledge_status: Some(acknowledge), ..of(Type::AcknowledgeStatus) }
        }
        14 => {
            let shutdown = link::ShutdownExecutor {
                framework_id: Some(framework_id),
                executor_id: Some(choices.executor_id()),
            };
            link::Event { shutdown_executor: Some(shutdown), ..of(Type::ShutdownExecutor) }
        }
        15 => {
            let shutdown = link::ShutdownFramework { framework_id: Some(framework_id) };
            link::Event { shutdown_framework: Some(shutdown), ..of(Type::ShutdownFramework) }
        }
        16 => {
            let framework_info = Some(info_of(framework_id, choices));
            let update = Box::new(link::UpdateFramework { framework_info });
            link::Event { update_framework: Some(update), ..of(Type::UpdateFramework) }
        }
        17 => {
            let tasks = choices.some(2, |it| link::reconcile_tasks::Task {
                framework_id: it.maybe(Choices::framework_id),
                task_id: it.maybe(Choices::task_id),
            });
            let reconcile = link::ReconcileTasks { tasks };
            link::Event { reconcile_tasks: Some(reconcile), ..of(Type::ReconcileTasks) }
        }
        18 => {
            let message = link::FrameworkMessage {
                framework_id: Some(framework_id),
                executor_id: Some(choices.executor_id()),
                data: None,
            };
            link::Event { message: Some(message), ..of(Type::Message) }
        }
        _ if choices.rarely(8) => {
            let shutdown = link::Shutdown { message: None, gone: choices.maybe(Choices::flag) };
            link::Event { shutdown: Some(shutdown), ..of(Type::Shutdown) }
        }
        _ => of(choices.one_of(&[Type::Ping, Type::Unknown, Type::Registered])),
    };
    choices.arrived(&event).map(|event| Event::Link(Box::new(event)))
}

fn info_of(id: wire::v1::FrameworkId, choices: &mut Choices<'_>) -> wire::v1::FrameworkInfo {
    wire::v1::FrameworkInfo { id: Some(id), ..choices.framework_info() }
}
