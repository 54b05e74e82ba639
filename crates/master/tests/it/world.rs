//! A master, its registry and a clock; feeds events and remembers what was sent.

use std::collections::BTreeMap;
use std::time::Duration;

use master::{
    Config, DrainRequest, Effects, Event, LinkId, Master, Message, Mutation, Note, OverlayRequest,
    RequestId, StreamHeader, StreamId,
};
use model::{AgentId, FrameworkId, Moment, Now, Refusal, TaskState, Timestamp};
use wire::v1::DrainState;
use wire::{link, scheduler};

use crate::snapshot::Shown;

/// Key of a record: what a later mutation of the same thing replaces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key {
    Agent(String),
    Framework(String),
    Role(String),
    Maintenance,
}

pub(crate) type Outcome = Result<(), Refusal>;

pub(crate) struct World {
    pub(crate) master: Master,
    pub(crate) now: Now,
    /// What the mutations so far amount to.
    pub(crate) registry: BTreeMap<Key, Mutation>,
    /// Of the last step.
    pub(crate) messages: Vec<Message>,
    pub(crate) notes: Vec<Note>,
    pub(crate) mutations: Vec<Mutation>,
    shown: Shown,
    config: Config,
    masters: u32,
    numbers: u64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(|_| ())
    }

    pub(crate) fn with(change: impl FnOnce(&mut Config)) -> Self {
        let mut config = Config { master_id: "m1".to_owned(), ..Config::default() };
        change(&mut config);
        let now = Now { at: Moment(1_000_000), wall: Timestamp(1_700_000_000_500_000_000) };
        let master = Master::recover(config.clone(), [], now).unwrap();
        Self {
            shown: Shown::of(&master),
            master,
            now,
            registry: BTreeMap::new(),
            messages: Vec::new(),
            notes: Vec::new(),
            mutations: Vec::new(),
            config,
            masters: 1,
            numbers: 0,
        }
    }

    /// A master on a registry that holds `records`.
    pub(crate) fn recovered(records: impl IntoIterator<Item = Mutation>) -> Self {
        let mut world = Self::new();
        world.registry = project(records.into_iter().collect());
        world.failover();
        world.registry = project(world.master.records());
        world
    }

    /// One event. Afterwards every invariant has been checked, that a master recovered from the
    /// registry at this point would have just this durable state, and what snapshots promise.
    pub(crate) fn apply(&mut self, event: Event) -> &mut Self {
        let fx = self.master.apply(self.now, event);
        self.begin_step();
        self.take(fx);
        self
    }

    fn begin_step(&mut self) {
        self.messages.clear();
        self.notes.clear();
        self.mutations.clear();
    }

    fn take(&mut self, fx: Effects) {
        self.master.check_all();
        self.shown.followed_by(&self.master);
        for mutation in &fx.mutations {
            match key(mutation) {
                (key, true) => self.registry.insert(key, mutation.clone()),
                (key, false) => self.registry.remove(&key),
            };
        }
        let live = project(self.master.records());
        assert_eq!(live, self.registry, "the registry is what the state amounts to");
        let recovered = self.recover();
        assert_eq!(
            project(recovered.records()),
            self.registry,
            "recovery gives the registry again"
        );
        self.messages.extend(fx.messages);
        self.notes.extend(fx.notes);
        self.mutations.extend(fx.mutations);
    }

    fn recover(&self) -> Master {
        let mut config = self.config.clone();
        config.master_id = format!("m{}", self.masters + 1);
        Master::recover(config, self.registry.values().cloned(), self.now).unwrap()
    }

    /// The master dies and the next one takes over the registry. All connections are gone.
    pub(crate) fn failover(&mut self) -> &mut Self {
        self.master = self.recover();
        self.shown = Shown::of(&self.master);
        self.masters += 1;
        self.begin_step();
        self
    }

    /// Lets time pass, waking the master whenever it wants to be woken.
    pub(crate) fn after(&mut self, duration: Duration) -> &mut Self {
        let end = self.now.at.plus(duration);
        self.begin_step();
        while let Some(wake) = self.master.next_wake().filter(|wake| *wake <= end) {
            self.advance(wake.max(self.now.at));
            let fx = self.master.apply(self.now, Event::Woke);
            self.take(fx);
        }
        self.advance(end);
        self
    }

    /// The process stands still so long and is woken afterwards.
    pub(crate) fn stand_still(&mut self, duration: Duration) -> &mut Self {
        self.advance(self.now.at.plus(duration));
        self.apply(Event::Woke)
    }

    fn advance(&mut self, to: Moment) {
        self.now = Now { at: to, wall: self.now.wall_of(to) };
    }

    pub(crate) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    /// A new agent at a port of its own, connected.
    pub(crate) fn agent(&mut self, port: i32) -> (AgentId, LinkId) {
        let link = self.hello(hello(port));
        (self.registered(link), link)
    }

    pub(crate) fn hello(&mut self, hello: link::Hello) -> LinkId {
        let link = LinkId(self.number());
        let ip = "10.0.0.1".to_owned();
        self.apply(Event::AgentHello { link, hello: Box::new(hello), ip, principal: None });
        link
    }

    /// The same agent again, with nothing on it.
    pub(crate) fn rehello(&mut self, port: i32, id: &AgentId) -> LinkId {
        self.hello(with_id(hello(port), id))
    }

    /// The id the last step gave to the agent on `link`.
    pub(crate) fn registered(&self, link: LinkId) -> AgentId {
        let events = self.to_agent(link);
        let registered = events.iter().find_map(|event| event.registered.as_ref());
        let registered = registered.unwrap_or_else(|| panic!("not registered: {events:?}"));
        AgentId::from(registered.agent_id.as_ref().unwrap())
    }

    pub(crate) fn close(&mut self, link: LinkId) -> &mut Self {
        self.apply(Event::LinkClosed { link })
    }

    pub(crate) fn call(&mut self, link: LinkId, agent: &AgentId, call: link::Call) -> &mut Self {
        self.apply(Event::AgentCalls { link, agent: agent.clone(), calls: vec![call] })
    }

    pub(crate) fn drain(&mut self, agent: &AgentId) -> Outcome {
        self.drain_with(agent, DrainRequest::default())
    }

    pub(crate) fn drain_with(&mut self, agent: &AgentId, drain: DrainRequest) -> Outcome {
        let agent = agent.clone();
        self.operate(|request| Event::DrainAgent { request, agent, drain })
    }

    pub(crate) fn deactivate(&mut self, agent: &AgentId) -> Outcome {
        let (agent, overlay) = (agent.clone(), OverlayRequest::default());
        self.operate(|request| Event::DeactivateAgent { request, agent, overlay })
    }

    pub(crate) fn reactivate(&mut self, agent: &AgentId) -> Outcome {
        let agent = agent.clone();
        self.operate(|request| Event::ReactivateAgent { request, agent })
    }

    pub(crate) fn mark_gone(&mut self, agent: &AgentId) -> Outcome {
        let agent = agent.clone();
        self.operate(|request| Event::MarkAgentGone { request, agent })
    }

    pub(crate) fn operation(
        &mut self,
        agent: &AgentId,
        operation: wire::v1::offer::Operation,
    ) -> Outcome {
        let (agent, operation) = (agent.clone(), Box::new(operation));
        self.operate(|request| Event::Operate { request, agent, operation, principal: None })
    }

    pub(crate) fn change_roles(&mut self, change: master::RoleChange) -> Outcome {
        self.operate(|request| Event::ChangeRoles { request, change })
    }

    pub(crate) fn teardown(&mut self, framework: &FrameworkId) -> Outcome {
        let framework = framework.clone();
        self.operate(|request| Event::Teardown { request, framework })
    }

    pub(crate) fn operate(&mut self, event: impl FnOnce(RequestId) -> Event) -> Outcome {
        let asked = RequestId(self.number());
        self.apply(event(asked));
        let replies = self.messages.iter().filter_map(|message| {
            let Message::Reply { request, outcome } = message else { return None };
            (*request == asked).then(|| outcome.clone())
        });
        let replies: Vec<Outcome> = replies.collect();
        assert_eq!(replies.len(), 1, "exactly one reply");
        replies[0].clone()
    }

    pub(crate) fn subscribe(&mut self, info: wire::v1::FrameworkInfo) -> (FrameworkId, StreamId) {
        let stream = StreamId(self.number());
        let request = RequestId(self.number());
        let framework_id = info.id.as_ref().map(FrameworkId::from);
        let subscribe = scheduler::call::Subscribe { framework_info: info, ..Default::default() };
        self.apply(Event::SchedulerSubscribe {
            request,
            stream,
            framework_id,
            subscribe: Box::new(subscribe),
            principal: None,
        });
        let subscribed = self.to_scheduler(stream).into_iter().find_map(|event| event.subscribed);
        let id = subscribed.expect("subscribed").framework_id;
        (FrameworkId::from(&id), stream)
    }

    pub(crate) fn scheduler_call(&mut self, stream: StreamId, call: scheduler::Call) -> &mut Self {
        let request = RequestId(self.number());
        let header = StreamHeader::Of(stream);
        self.apply(Event::SchedulerCall { request, header, call: Box::new(call), principal: None })
    }

    /// What the last step sent on a link.
    pub(crate) fn to_agent(&self, to: LinkId) -> Vec<link::Event> {
        let events = self.messages.iter().filter_map(|message| {
            let Message::Agent { link, event } = message else { return None };
            (*link == to).then(|| (**event).clone())
        });
        events.collect()
    }

    pub(crate) fn types_to_agent(&self, to: LinkId) -> Vec<link::event::Type> {
        self.to_agent(to).iter().map(link::Event::r#type).collect()
    }

    pub(crate) fn closes(&self, closed: LinkId) -> bool {
        self.messages.contains(&Message::CloseLink { link: closed })
    }

    /// What the last step sent on a stream.
    pub(crate) fn to_scheduler(&self, to: StreamId) -> Vec<scheduler::Event> {
        let events = self.messages.iter().filter_map(|message| {
            let Message::Scheduler { stream, event } = message else { return None };
            (*stream == to).then(|| (**event).clone())
        });
        events.collect()
    }

    pub(crate) fn offers(&self, to: StreamId) -> Vec<wire::v1::Offer> {
        let offers = self.to_scheduler(to).into_iter().filter_map(|event| event.offers);
        offers.flat_map(|offers| offers.offers).collect()
    }

    pub(crate) fn updates(&self, to: StreamId) -> Vec<wire::v1::TaskStatus> {
        let updates = self.to_scheduler(to).into_iter().filter_map(|event| event.update);
        updates.map(|update| update.status).collect()
    }

    pub(crate) fn update_states(&self, to: StreamId) -> Vec<TaskState> {
        self.updates(to).iter().map(wire::v1::TaskStatus::state).collect()
    }

    pub(crate) fn operator_events(&self) -> Vec<wire::master::event::Type> {
        let events = self.messages.iter().filter_map(|message| {
            let Message::Operator { event } = message else { return None };
            Some(event.r#type())
        });
        events.collect()
    }

    /// The agent as `GET_AGENTS` lists it.
    pub(crate) fn listed(&self, id: &AgentId) -> Option<wire::master::response::get_agents::Agent> {
        let mut agents = self.master.view_agents().agents.into_iter();
        agents.find(|agent| agent.agent_info.id.as_ref().is_some_and(|it| it.value == id.as_str()))
    }

    /// The agent among those that are not in the cluster.
    pub(crate) fn absent(&self, id: &AgentId) -> Option<wire::ebb::AbsentAgent> {
        let id = Some(id.to_wire());
        let mut agents = self.master.view_agents().absent_agents.into_iter();
        agents.find(|agent| agent.agent_info.as_ref().is_some_and(|info| info.id == id))
    }

    /// State of the agent's drain, wherever the agent is.
    pub(crate) fn drain_state(&self, id: &AgentId) -> Option<DrainState> {
        let listed = self.listed(id).map(|agent| agent.drain_info);
        let info = listed.or_else(|| self.absent(id).map(|agent| agent.drain_info)).flatten()?;
        Some(info.state())
    }

    /// The agent's record in the registry.
    pub(crate) fn record(&self, id: &AgentId) -> Option<wire::registry::AgentRecord> {
        let Mutation::SetAgent(record) = self.registry.get(&Key::Agent(id.to_string()))? else {
            return None;
        };
        Some((**record).clone())
    }
}

fn key(mutation: &Mutation) -> (Key, bool) {
    match mutation {
        Mutation::SetAgent(record) => {
            (Key::Agent(record.agent_id.as_ref().unwrap().value.clone()), true)
        }
        Mutation::RemoveAgent(id) => (Key::Agent(id.to_string()), false),
        Mutation::SetFramework(record) => {
            let id = record.info.as_ref().and_then(|info| info.id.as_ref()).unwrap();
            (Key::Framework(id.value.clone()), true)
        }
        Mutation::RemoveFramework(id) => (Key::Framework(id.to_string()), false),
        Mutation::SetRole(record) => (Key::Role(record.role().to_owned()), true),
        Mutation::RemoveRole(role) => (Key::Role(role.clone()), false),
        Mutation::SetMaintenance(_) => (Key::Maintenance, true),
        Mutation::RemoveMaintenance => (Key::Maintenance, false),
    }
}

fn project(records: Vec<Mutation>) -> BTreeMap<Key, Mutation> {
    records.into_iter().map(|record| (key(&record).0, record)).collect()
}

pub(crate) fn scalar(name: &str, value: f64) -> wire::v1::Resource {
    wire::v1::Resource {
        name: name.to_owned(),
        r#type: wire::v1::value::Type::Scalar as i32,
        scalar: Some(wire::v1::value::Scalar { value }),
        ..Default::default()
    }
}

pub(crate) fn hello(port: i32) -> link::Hello {
    link::Hello {
        protocol_version: Some(1),
        agent_info: Some(wire::v1::AgentInfo {
            hostname: "host".to_owned(),
            port: Some(port),
            resources: vec![scalar("cpus", 4.0), scalar("mem", 4096.0)],
            ..Default::default()
        }),
        version: Some("0.1.0".to_owned()),
        capabilities: vec![wire::v1::agent_info::Capability {
            r#type: Some(wire::v1::agent_info::capability::Type::AgentOperationFeedback as i32),
        }],
        ..Default::default()
    }
}

pub(crate) fn with_id(mut hello: link::Hello, id: &AgentId) -> link::Hello {
    if let Some(info) = &mut hello.agent_info {
        info.id = Some(id.to_wire());
    }
    hello
}

pub(crate) fn framework(name: &str) -> wire::v1::FrameworkInfo {
    use wire::v1::framework_info::{Capability, capability::Type};
    wire::v1::FrameworkInfo {
        user: "nobody".to_owned(),
        name: name.to_owned(),
        failover_timeout: Some(3600.0),
        roles: vec!["web".to_owned()],
        capabilities: [Type::PartitionAware, Type::MultiRole, Type::ReservationRefinement]
            .map(|kind| Capability { r#type: Some(kind as i32) })
            .to_vec(),
        ..Default::default()
    }
}

/// An agent's word about its drain.
pub(crate) fn progress(generation: u64, empty: bool) -> link::Call {
    link::Call {
        r#type: Some(link::call::Type::DrainProgress as i32),
        drain_progress: Some(report(generation, empty)),
        ..Default::default()
    }
}

pub(crate) fn report(generation: u64, empty: bool) -> link::AgentDrain {
    link::AgentDrain {
        generation: Some(generation),
        executors_left: Some(u32::from(!empty)),
        empty: Some(empty),
        ..Default::default()
    }
}

pub(crate) fn plain_call(kind: link::call::Type) -> link::Call {
    link::Call { r#type: Some(kind as i32), ..Default::default() }
}

pub(crate) fn grace(seconds: u64) -> DrainRequest {
    DrainRequest { max_grace_period: Some(Duration::from_secs(seconds)), ..DrainRequest::default() }
}

pub(crate) fn decommission() -> DrainRequest {
    DrainRequest { mark_gone: true, ..DrainRequest::default() }
}

/// Uses an offer for one task.
pub(crate) fn launch(
    framework: &FrameworkId,
    offer: &wire::v1::Offer,
    task: &str,
) -> scheduler::Call {
    let mut resources = vec![scalar("cpus", 0.5), scalar("mem", 64.0)];
    for resource in &mut resources {
        resource.allocation_info.clone_from(&offer.allocation_info);
    }
    let info = wire::v1::TaskInfo {
        name: task.to_owned(),
        task_id: wire::v1::TaskId { value: task.to_owned() },
        agent_id: offer.agent_id.clone(),
        resources,
        command: Some(wire::v1::CommandInfo {
            value: Some("sleep 1000".to_owned()),
            ..Default::default()
        }),
        ..Default::default()
    };
    let operation = wire::v1::offer::Operation {
        r#type: Some(wire::v1::offer::operation::Type::Launch as i32),
        launch: Some(wire::v1::offer::operation::Launch { task_infos: vec![info] }),
        ..Default::default()
    };
    scheduler::Call {
        framework_id: Some(framework.to_wire()),
        r#type: Some(scheduler::call::Type::Accept as i32),
        accept: Some(scheduler::call::Accept {
            offer_ids: vec![offer.id.clone()],
            operations: vec![operation],
            filters: Some(wire::v1::Filters { refuse_seconds: Some(0.0) }),
        }),
        ..Default::default()
    }
}

/// Acknowledges an update that wants to be.
pub(crate) fn acknowledge(
    framework: &FrameworkId,
    status: &wire::v1::TaskStatus,
) -> Option<scheduler::Call> {
    Some(scheduler::Call {
        framework_id: Some(framework.to_wire()),
        r#type: Some(scheduler::call::Type::Acknowledge as i32),
        acknowledge: Some(scheduler::call::Acknowledge {
            agent_id: status.agent_id.clone()?,
            task_id: status.task_id.clone(),
            uuid: status.uuid.clone()?,
        }),
        ..Default::default()
    })
}
