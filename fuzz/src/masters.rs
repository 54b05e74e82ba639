//! A master core that is told anything at all: by agents, schedulers and operators, in any order.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use master::{Config, Event, LinkId, Master, Message, Mutation, RequestId, StreamHeader, StreamId};
use model::{AgentId, FrameworkId, Now};
use prost::Message as _;
use wire::media::{self, MediaType};
use wire::{link, scheduler};

use super::choices::Choices;
use super::records;

/// Longest run; whatever is cut off would only make the next find slower.
const MOST_EVENTS: usize = 60;
/// Offers and updates that are remembered for answers.
const MEMORY: usize = 16;

pub fn master(data: &[u8]) {
    let mut choices = Choices::new(data);
    let now = records::now(&mut choices);
    let master = Master::recover(config(1), [], now).expect("an empty registry is one");
    go_on(master, now, &mut choices);
}

pub(crate) fn config(number: u32) -> Config {
    Config {
        master_id: format!("m{number}"),
        // Reached soon, so that the bounds are.
        max_completed_frameworks: 2,
        max_completed_tasks_per_framework: 2,
        max_unreachable_tasks_per_framework: 2,
        max_gone_agents: 2,
        registry_max_agent_count: 2,
        ..Config::default()
    }
}

/// A master, its registry, and what it has said to whom.
struct World {
    master: Master,
    now: Now,
    registry: BTreeMap<(u8, String), Mutation>,
    masters: u32,
    numbers: u64,
    links: VecDeque<(LinkId, Option<wire::v1::AgentId>)>,
    streams: VecDeque<(StreamId, Option<wire::v1::FrameworkId>)>,
    offers: VecDeque<(StreamId, wire::v1::Offer)>,
    updates: VecDeque<wire::v1::TaskStatus>,
}

/// Tells the master what the choices make up; it must keep its invariants, its registry must say just
/// what it knows, and whatever it sends must be readable where it arrives.
pub(crate) fn go_on(master: Master, now: Now, choices: &mut Choices<'_>) {
    let mut world = World {
        registry: project(master.records()),
        master,
        now,
        masters: 1,
        numbers: 0,
        links: VecDeque::new(),
        streams: VecDeque::new(),
        offers: VecDeque::new(),
        updates: VecDeque::new(),
    };
    world.check();
    for _ in 0..MOST_EVENTS {
        if choices.is_over() {
            break;
        }
        world.step(choices);
    }
    world.recover();
    let state = world.master.view_state();
    let text = wire::json::to_string(&state);
    assert!(!text.is_empty());
}

impl World {
    fn step(&mut self, choices: &mut Choices<'_>) {
        let event = match choices.below(16) {
            0..=2 => self.hello(choices),
            3..=5 => self.calls(choices),
            6 => choices.one_of_deque(&self.links).map(|(link, _)| Event::LinkClosed { link }),
            7 => self.subscribe(choices),
            8..=10 => self.scheduler_call(choices),
            11 => choices
                .one_of_deque(&self.streams)
                .map(|(stream, _)| Event::SchedulerClosed { stream }),
            12 | 13 => self.operator_call(choices),
            14 => return self.pass_time(choices),
            _ if choices.flag() => return self.fail_over(),
            _ => Some(Event::Watchers { count: choices.below(2) }),
        };
        if let Some(event) = event {
            self.apply(event);
        }
    }

    fn apply(&mut self, event: Event) {
        let effects = self.master.apply(self.now, event);
        for mutation in effects.mutations {
            let (key, is_there) = key(&mutation);
            if is_there {
                self.registry.insert(key, mutation);
            } else {
                self.registry.remove(&key);
            }
        }
        for message in &effects.messages {
            self.hear(message);
        }
        self.check();
    }

    fn check(&self) {
        self.master.check_all();
        let live = project(self.master.records());
        assert_eq!(shown(&live), shown(&self.registry), "{live:?} is not {:?}", self.registry);
    }

    /// What the master sends can be read where it arrives.
    fn hear(&mut self, message: &Message) {
        match message {
            Message::Agent { link, event } => {
                let event = sent(event.as_ref());
                if let Some(registered) = event.registered
                    && let Some(known) = self.links.iter_mut().find(|known| known.0 == *link)
                {
                    known.1 = registered.agent_id;
                }
            }
            Message::Scheduler { stream, event } => {
                let event = sent(event.as_ref());
                if let Some(subscribed) = event.subscribed
                    && let Some(known) = self.streams.iter_mut().find(|known| known.0 == *stream)
                {
                    known.1 = Some(subscribed.framework_id);
                }
                let offers = event.offers.map(|offers| offers.offers).unwrap_or_default();
                for offer in offers {
                    remember(&mut self.offers, (*stream, offer));
                }
                if let Some(update) = event.update {
                    remember(&mut self.updates, update.status);
                }
            }
            Message::Operator { event } => {
                sent(event.as_ref());
            }
            Message::Reply { outcome, .. } => {
                assert!(outcome.as_ref().err().is_none_or(|refusal| !refusal.text.is_empty()));
            }
            Message::CloseLink { .. } | Message::CloseScheduler { .. } => {}
        }
    }

    fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    fn hello(&mut self, choices: &mut Choices<'_>) -> Option<Event> {
        let mut info = choices.agent_info();
        // Most agents come back with what they were given.
        if choices.flag()
            && let Some((_, Some(id))) = choices.one_of_deque(&self.links)
        {
            info.id = Some(id);
        }
        let hello = link::Hello {
            protocol_version: (!choices.rarely(16)).then_some(1),
            agent_info: (!choices.rarely(16)).then_some(info),
            version: choices.maybe(|_| "1".to_owned()),
            tasks: choices.some(3, Choices::task),
            executors: choices.some(2, |it| link::ExecutorReport {
                framework_id: it.maybe(Choices::framework_id),
                executor_info: it.maybe(Choices::executor_info),
                generated: it.maybe(Choices::flag),
            }),
            frameworks: choices.some(2, Choices::framework_info),
            operations: choices.some(1, operation),
            drain: choices.maybe(agent_drain),
            machine_id: choices.key(),
            ip: choices.maybe(|it| it.one_of(&["10.0.0.1", "10.0.0.2", ""]).to_owned()),
            admission_key: choices.key(),
            ..link::Hello::default()
        };
        let hello = Box::new(choices.arrived(&hello)?);
        let link = LinkId(self.number());
        remember(&mut self.links, (link, None));
        Some(Event::AgentHello { link, hello, ip: "10.0.0.9".to_owned(), principal: None })
    }

    fn calls(&mut self, choices: &mut Choices<'_>) -> Option<Event> {
        let (link, agent_id) = choices.one_of_deque(&self.links)?;
        let calls = choices.some(3, link_call);
        let agent_id = if choices.rarely(16) { choices.agent_id() } else { agent_id? };
        let batch = link::Batch { agent_id: Some(agent_id), link_id: Some(link.0), calls };
        let batch = choices.arrived(&batch)?;
        let (link, agent) = (LinkId(batch.link_id?), AgentId::from(batch.agent_id.as_ref()?));
        Some(Event::AgentCalls { link, agent, calls: batch.calls })
    }

    fn subscribe(&mut self, choices: &mut Choices<'_>) -> Option<Event> {
        let mut framework_info = choices.framework_info();
        let again = choices.one_of_deque(&self.streams).and_then(|(_, id)| id);
        let framework_id = if choices.flag() { again } else { framework_info.id.clone() };
        if !choices.rarely(8) {
            framework_info.id.clone_from(&framework_id);
        }
        let call = scheduler::Call {
            framework_id,
            r#type: Some(scheduler::call::Type::Subscribe.into()),
            subscribe: Some(Box::new(scheduler::call::Subscribe {
                framework_info,
                suppressed_roles: choices.some(1, |it| it.one_of(&["r", "*", "-"]).to_owned()),
                offer_constraints: None,
            })),
            ..scheduler::Call::default()
        };
        let call = choices.arrived(&call)?;
        let kind = daemon::master::validate_scheduler_call(&call).ok()?;
        let subscribe = call.subscribe.filter(|_| kind == scheduler::call::Type::Subscribe)?;
        let (stream, request) = (StreamId(self.number()), RequestId(self.number()));
        remember(&mut self.streams, (stream, None));
        Some(Event::SchedulerSubscribe {
            request,
            stream,
            framework_id: call.framework_id.as_ref().map(FrameworkId::from),
            subscribe,
            principal: choices.rarely(8).then(|| "p".to_owned()),
        })
    }

    fn scheduler_call(&mut self, choices: &mut Choices<'_>) -> Option<Event> {
        let (stream, framework_id) = choices.one_of_deque(&self.streams)?;
        let mut call = self.call(stream, choices);
        call.framework_id =
            if choices.rarely(16) { choices.maybe(Choices::framework_id) } else { framework_id };
        let call = choices.arrived(&call)?;
        let kind = daemon::master::validate_scheduler_call(&call).ok()?;
        if kind == scheduler::call::Type::Subscribe {
            return None;
        }
        let header = match choices.below(16) {
            14 => StreamHeader::Missing,
            15 => StreamHeader::Unknown,
            _ => StreamHeader::Of(stream),
        };
        let request = RequestId(self.number());
        Some(Event::SchedulerCall { request, header, call: Box::new(call), principal: None })
    }

    fn call(&mut self, stream: StreamId, choices: &mut Choices<'_>) -> scheduler::Call {
        use scheduler::call::{self, Type};
        let known = choices.one_of_deque(&self.updates);
        let task_id = match &known {
            Some(status) if choices.flag() => status.task_id.clone(),
            Some(_) | None => choices.task_id(),
        };
        let of = |kind: Type| scheduler::Call { r#type: Some(kind.into()), ..Default::default() };
        match choices.below(14) {
            0..=4 => {
                scheduler::Call { accept: Some(self.accept(stream, choices)), ..of(Type::Accept) }
            }
            5 => {
                let offer_ids =
                    self.offers.iter().map(|(_, offer)| offer.id.clone()).take(2).collect();
                let decline = call::Decline { offer_ids, filters: None };
                scheduler::Call { decline: Some(decline), ..of(Type::Decline) }
            }
            6 => {
                let kill = call::Kill {
                    task_id,
                    agent_id: choices.maybe(Choices::agent_id),
                    kill_policy: choices.maybe(Choices::kill_policy),
                };
                scheduler::Call { kill: Some(kill), ..of(Type::Kill) }
            }
            7 | 8 => {
                let uuid = known.as_ref().and_then(|status| status.uuid.clone());
                let agent_id = known.and_then(|status| status.agent_id);
                let acknowledge = call::Acknowledge {
                    agent_id: agent_id.unwrap_or_else(|| choices.agent_id()),
                    task_id,
                    uuid: uuid.or_else(|| choices.uuid()).unwrap_or_default(),
                };
                scheduler::Call { acknowledge: Some(acknowledge), ..of(Type::Acknowledge) }
            }
            9 => {
                let tasks = choices.some(2, |it| call::reconcile::Task {
                    task_id: it.task_id(),
                    agent_id: it.maybe(Choices::agent_id),
                });
                scheduler::Call {
                    reconcile: Some(call::Reconcile { tasks }),
                    ..of(Type::Reconcile)
                }
            }
            10 => {
                let shutdown = call::Shutdown {
                    executor_id: choices.executor_id(),
                    agent_id: choices.agent_id(),
                };
                scheduler::Call { shutdown: Some(shutdown), ..of(Type::Shutdown) }
            }
            11 => {
                let update = call::UpdateFramework {
                    framework_info: choices.framework_info(),
                    ..call::UpdateFramework::default()
                };
                scheduler::Call {
                    update_framework: Some(Box::new(update)),
                    ..of(Type::UpdateFramework)
                }
            }
            12 => of(choices.one_of(&[Type::Revive, Type::Suppress, Type::Teardown])),
            _ => {
                let message = call::Message {
                    agent_id: choices.agent_id(),
                    executor_id: choices.executor_id(),
                    data: bytes::Bytes::from_static(b"data"),
                };
                scheduler::Call { message: Some(message), ..of(Type::Message) }
            }
        }
    }

    fn accept(&mut self, stream: StreamId, choices: &mut Choices<'_>) -> scheduler::call::Accept {
        use wire::v1::offer::Operation;
        use wire::v1::offer::operation::{Launch, LaunchGroup, Type};
        let mut own: Vec<wire::v1::Offer> = Vec::new();
        self.offers.retain(|(of, offer)| {
            let take = *of == stream && own.len() < 2;
            if take {
                own.push(offer.clone());
            }
            !take
        });
        if !choices.rarely(8) {
            own.truncate(1);
        }
        let agent = own.first().map(|offer| offer.agent_id.clone()).unwrap_or_default();
        let resources = own.first().map(|offer| offer.resources.clone()).unwrap_or_default();
        let operations = choices.some(2, |it| {
            let mut task = |it: &mut Choices<'_>| {
                let all = resources.iter().take(it.below(resources.len() + 1)).cloned().collect();
                let mut task = it.task_info(agent.clone(), all);
                if let Some(executor) = &mut task.executor {
                    executor.resources.clear();
                }
                task
            };
            match it.below(8) {
                0 => {
                    Operation { r#type: Some(it.one_of(&[4, 5, 6, 7, 0])), ..Operation::default() }
                }
                1 | 2 => {
                    let tasks = it.some(2, &mut task);
                    let mut executor = it.executor_info();
                    executor.resources.clear();
                    let group =
                        LaunchGroup { executor, task_group: wire::v1::TaskGroupInfo { tasks } };
                    Operation {
                        r#type: Some(Type::LaunchGroup.into()),
                        launch_group: Some(Box::new(group)),
                        ..Operation::default()
                    }
                }
                _ => {
                    let task_infos = it.some(2, &mut task);
                    Operation {
                        r#type: Some(Type::Launch.into()),
                        launch: Some(Launch { task_infos }),
                        ..Operation::default()
                    }
                }
            }
        });
        let filters = choices.maybe(|it| wire::v1::Filters {
            refuse_seconds: it.maybe(|it| it.one_of(&[0.0, 1.0, -1.0, 1e300, f64::NAN])),
        });
        let offer_ids = own.into_iter().map(|offer| offer.id).collect();
        scheduler::call::Accept { offer_ids, operations, filters }
    }

    fn operator_call(&mut self, choices: &mut Choices<'_>) -> Option<Event> {
        use wire::master::call::{self, Type};
        let known = choices.one_of_deque(&self.links).and_then(|(_, id)| id);
        let agent_id = if choices.rarely(8) { choices.agent_id() } else { known? };
        let of =
            |kind: Type| wire::master::Call { r#type: Some(kind.into()), ..Default::default() };
        let call = match choices.below(8) {
            0..=2 => {
                let drain = call::DrainAgent {
                    agent_id,
                    max_grace_period: choices.maybe(|it| wire::google::Duration {
                        seconds: it.one_of(&[0, 1, 30, -1, i64::MAX]),
                        nanos: it.one_of(&[0, 1, 999_999_999, -1, i32::MIN]),
                    }),
                    mark_gone: choices.maybe(Choices::flag),
                    reason: choices.maybe(|_| "why".to_owned()),
                    ..call::DrainAgent::default()
                };
                wire::master::Call { drain_agent: Some(drain), ..of(Type::DrainAgent) }
            }
            3 => {
                let deactivate = call::DeactivateAgent { agent_id, ..Default::default() };
                wire::master::Call {
                    deactivate_agent: Some(deactivate),
                    ..of(Type::DeactivateAgent)
                }
            }
            4 | 5 => {
                let reactivate = call::ReactivateAgent { agent_id };
                wire::master::Call {
                    reactivate_agent: Some(reactivate),
                    ..of(Type::ReactivateAgent)
                }
            }
            6 => {
                let gone = call::MarkAgentGone { agent_id };
                wire::master::Call { mark_agent_gone: Some(gone), ..of(Type::MarkAgentGone) }
            }
            _ => {
                let known = choices.one_of_deque(&self.streams).and_then(|(_, id)| id);
                let framework_id = known.unwrap_or_else(|| choices.framework_id());
                let teardown = call::Teardown { framework_id };
                wire::master::Call { teardown: Some(teardown), ..of(Type::Teardown) }
            }
        };
        let call = choices.arrived(&call)?;
        let request = RequestId(self.number());
        daemon::master::operator_event(call, None, request).ok().flatten()
    }

    fn pass_time(&mut self, choices: &mut Choices<'_>) {
        let spans = [1, 20, 100, 700, 15 * 24 * 3600];
        let end = self.now.at.plus(Duration::from_secs(choices.one_of(&spans)));
        // A few, not all: fifteen days have many pings.
        for _ in 0..20 {
            let Some(wake) = self.master.next_wake().filter(|wake| *wake <= end) else { break };
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

    fn recover(&self) -> Master {
        let registry = self.registry.values().cloned();
        let master = Master::recover(config(self.masters + 1), registry, self.now)
            .expect("what a master wrote it can read");
        let again = project(master.records());
        assert_eq!(shown(&again), shown(&self.registry), "{again:?} is not {:?}", self.registry);
        master
    }

    fn fail_over(&mut self) {
        self.master = self.recover();
        self.masters += 1;
        self.offers.clear();
        // Agents and frameworks keep the ids they were given.
        for (link, _) in &mut self.links {
            *link = LinkId(u64::MAX);
        }
        for (stream, _) in &mut self.streams {
            *stream = StreamId(u64::MAX);
        }
    }
}

fn link_call(choices: &mut Choices<'_>) -> link::Call {
    use link::call::Type;
    let of = |kind: Type| link::Call { r#type: Some(kind.into()), ..link::Call::default() };
    match choices.below(10) {
        0..=3 => {
            let update = link::StatusUpdate {
                framework_id: choices.maybe(Choices::framework_id),
                executor_id: choices.maybe(Choices::executor_id),
                status: (!choices.rarely(16)).then(|| choices.status()),
                latest_state: choices.maybe(Choices::state),
            };
            link::Call { status_update: Some(update), ..of(Type::StatusUpdate) }
        }
        4 => {
            let exited = link::ExitedExecutor {
                framework_id: choices.maybe(Choices::framework_id),
                executor_id: choices.maybe(Choices::executor_id),
                status: choices.maybe(|it| it.one_of(&[0, 9, -1, i32::MIN])),
            };
            link::Call { exited_executor: Some(exited), ..of(Type::ExitedExecutor) }
        }
        5 | 6 => {
            link::Call { drain_progress: Some(agent_drain(choices)), ..of(Type::DrainProgress) }
        }
        7 => {
            let update = Box::new(link::OperationUpdate { operation: Some(operation(choices)) });
            link::Call { operation_update: Some(update), ..of(Type::OperationUpdate) }
        }
        8 => of(choices.one_of(&[Type::Pong, Type::Unregister, Type::Unknown])),
        _ => {
            let message = link::FrameworkMessage {
                framework_id: choices.maybe(Choices::framework_id),
                executor_id: choices.maybe(Choices::executor_id),
                data: None,
            };
            link::Call { message: Some(message), ..of(Type::Message) }
        }
    }
}

fn agent_drain(choices: &mut Choices<'_>) -> link::AgentDrain {
    link::AgentDrain {
        generation: (!choices.rarely(16)).then(|| choices.number()),
        config: choices.maybe(Choices::drain_config),
        started_at: choices.maybe(Choices::time),
        empty: choices.maybe(Choices::flag),
        executors_left: choices.maybe(|it| it.one_of(&[0, 1, u32::MAX])),
        last_kill_at: choices.maybe(Choices::time),
        default_grace: choices.maybe(Choices::duration),
        ..link::AgentDrain::default()
    }
}

fn operation(choices: &mut Choices<'_>) -> wire::v1::Operation {
    wire::v1::Operation {
        framework_id: choices.maybe(Choices::framework_id),
        agent_id: choices.maybe(Choices::agent_id),
        latest_status: wire::v1::OperationStatus {
            state: choices.one_of(&[0, 1, 2, 3, 4, 99]),
            uuid: choices.maybe(|it| wire::v1::Uuid { value: it.uuid().unwrap_or_default() }),
            ..wire::v1::OperationStatus::default()
        },
        uuid: wire::v1::Uuid { value: choices.uuid().unwrap_or_default() },
        ..wire::v1::Operation::default()
    }
}

/// What arrives of what was sent.
pub(crate) fn sent<T: wire::Message>(message: &T) -> T {
    let bytes = media::encode(MediaType::Protobuf, message);
    media::decode(MediaType::Protobuf, &bytes).expect("what is sent can be read")
}

pub(crate) fn remember<T>(memory: &mut VecDeque<T>, item: T) {
    memory.push_back(item);
    while memory.len() > MEMORY {
        memory.pop_front();
    }
}

fn key(mutation: &Mutation) -> ((u8, String), bool) {
    match mutation {
        Mutation::SetAgent(record) => {
            ((0, record.agent_id.as_ref().expect("it has an id").value.clone()), true)
        }
        Mutation::RemoveAgent(id) => ((0, id.to_string()), false),
        Mutation::SetFramework(record) => {
            let id = record.info.as_ref().and_then(|info| info.id.as_ref());
            ((1, id.expect("it has an id").value.clone()), true)
        }
        Mutation::RemoveFramework(id) => ((1, id.to_string()), false),
        Mutation::SetRole(record) => ((2, record.role().to_owned()), true),
        Mutation::RemoveRole(role) => ((2, role.clone()), false),
        Mutation::SetMaintenance(_) => ((3, String::new()), true),
        Mutation::RemoveMaintenance => ((3, String::new()), false),
    }
}

fn project(records: Vec<Mutation>) -> BTreeMap<(u8, String), Mutation> {
    records.into_iter().map(|record| (key(&record).0, record)).collect()
}

/// As it is written: a NaN in it would not even be equal to itself.
fn shown(registry: &BTreeMap<(u8, String), Mutation>) -> Vec<Vec<u8>> {
    let bytes = |mutation: &Mutation| match mutation {
        Mutation::SetAgent(record) => record.encode_to_vec(),
        Mutation::SetFramework(record) => record.encode_to_vec(),
        Mutation::SetRole(record) => record.encode_to_vec(),
        Mutation::SetMaintenance(record) => record.encode_to_vec(),
        Mutation::RemoveAgent(_)
        | Mutation::RemoveFramework(_)
        | Mutation::RemoveRole(_)
        | Mutation::RemoveMaintenance => Vec::new(),
    };
    registry.values().map(bytes).collect()
}
