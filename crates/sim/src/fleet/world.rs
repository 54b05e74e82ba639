//! The fleet's world: one queue of what is due, and who gets it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

use master::{Config, Effects, Event, LinkId, Master, Message, Mutation, Note, RequestId};
use master::{StreamHeader, StreamId};
use model::{AgentId, Moment, Now, TaskState, Timestamp};
use wire::{link, scheduler};

use super::agent::{Act, Agent, Key, Step};
use super::measured::{Meter, Watch};
use super::operator::{Operator, Overlay};
use super::service::Service;
use super::{Report, Settings};
use crate::dice::Dice;
use crate::trace::Trace;

/// Agents start within this time.
const STARTS: Duration = Duration::from_secs(10);
/// From a master's death until the next one serves: a lease of three seconds.
const ELECTION: Duration = Duration::from_secs(3);
/// Schedulers gather what they have lost before they revive; Marathon waits for five seconds.
const REVIVE: Duration = Duration::from_secs(1);
const SERVICE_LATENCY: Duration = Duration::from_millis(1);
/// Without anything finished for this long the run is stuck.
const PATIENCE: Duration = Duration::from_mins(30);

/// Everything that can be due.
#[derive(Debug)]
pub(super) enum Happening {
    AgentConnects(usize),
    LinkEnds { agent: usize, link: LinkId },
    TaskMoves { agent: usize, key: Key, step: Step },
    ToMaster { master: u32, event: Box<Event> },
    ToAgent { agent: usize, link: LinkId, event: Box<link::Event> },
    ToService { service: usize, stream: StreamId, event: Box<scheduler::Event> },
    ServiceSubscribes(usize),
    ServiceRevives(usize),
    MasterWakes { master: u32 },
    MasterStarts,
}

#[derive(Debug)]
struct Due {
    at: Moment,
    number: u64,
    what: Happening,
}

impl PartialEq for Due {
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}
impl Eq for Due {}
impl PartialOrd for Due {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Due {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.number).cmp(&(other.at, other.number))
    }
}

/// An agent in its place.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) agent: Agent,
    link: Option<LinkId>,
    latency: Duration,
    failures: u32,
    /// As the operator was told.
    pub(super) overlay: Overlay,
}

pub(super) struct World<'a> {
    pub(super) settings: &'a Settings,
    pub(super) now: Now,
    queue: BinaryHeap<Reverse<Due>>,
    numbers: u64,
    dice: Dice,
    trace: Trace,
    pub(super) meter: Meter<'a>,
    pub(super) master: Option<Master>,
    /// Counts the masters.
    pub(super) masters: u32,
    wakes_at: Option<Moment>,
    records: BTreeMap<String, Mutation>,
    pub(super) places: Vec<Place>,
    /// By the id a master gave.
    pub(super) known: BTreeMap<AgentId, usize>,
    /// Agents that are registered.
    up: usize,
    pub(super) services: Vec<Service>,
    pub(super) operator: Operator,
    /// When something was last finished, and when the last master died.
    pub(super) progress: Moment,
    died_at: Moment,
    pub(super) report: Report,
    pub(super) is_over: bool,
}

impl<'a> World<'a> {
    pub(super) fn new(settings: &'a Settings, watch: &'a Watch<'a>) -> Self {
        let mut dice = Dice::new(settings.seed);
        let resources = Arc::new(super::agent_resources());
        let place = |number: usize| Place {
            agent: Agent::new(u32::try_from(number).unwrap_or(u32::MAX), resources.clone()),
            link: None,
            latency: dice.between(Duration::from_micros(200), Duration::from_millis(2)),
            failures: 0,
            overlay: Overlay::None,
        };
        let places: Vec<Place> = (0..settings.agents).map(place).collect();
        let per_agent = settings.tasks.div_ceil(settings.agents.max(1));
        let count = settings.frameworks;
        let share = |number: usize| {
            (settings.tasks * (number + 1) / count) - settings.tasks * number / count
        };
        let services = (0..count).map(|number| Service::new(number, share(number), per_agent));
        let now = Now { at: Moment(1), wall: Timestamp(1_700_000_000_000_000_000) };
        Self {
            settings,
            now,
            queue: BinaryHeap::new(),
            numbers: 0,
            dice,
            trace: Trace::new(false),
            meter: Meter::new(watch, now.at),
            master: None,
            masters: 0,
            wakes_at: None,
            records: BTreeMap::new(),
            places,
            known: BTreeMap::new(),
            up: 0,
            services: services.collect(),
            operator: Operator::default(),
            progress: now.at,
            died_at: now.at,
            report: Report::default(),
            is_over: false,
        }
    }

    pub(super) fn run(mut self) -> Report {
        self.meter.begin(self.now.at, "registration");
        self.master_starts();
        for agent in 0..self.places.len() {
            let wait = self.dice.between(Duration::ZERO, STARTS);
            self.after(wait, Happening::AgentConnects(agent));
        }
        while !self.is_over && self.report.broken.is_empty() {
            let Some(Reverse(due)) = self.queue.pop() else { break };
            let passed = due.at.since(self.now.at);
            self.now = Now { at: due.at, wall: self.now.wall.plus(passed) };
            if due.at.since(self.progress) > PATIENCE {
                self.broke("everything-gets-done", format!("nothing finished for {PATIENCE:?}"));
            }
            self.happen(due.what);
        }
        self.meter.end(self.now.at);
        if self.report.broken.is_empty() {
            self.check_rest();
        }
        self.report.hash = self.trace.hash();
        self.report.phases = std::mem::take(&mut self.meter.phases);
        self.report
    }

    pub(super) fn after(&mut self, wait: Duration, what: Happening) {
        self.numbers += 1;
        let at = self.now.at.plus(wait);
        self.queue.push(Reverse(Due { at, number: self.numbers, what }));
    }

    pub(super) fn broke(&mut self, rule: &str, what: String) {
        self.report.broken.push((rule.to_owned(), what));
    }

    fn happen(&mut self, what: Happening) {
        let (kind, index) = match &what {
            Happening::AgentConnects(agent) => (1, *agent),
            Happening::LinkEnds { agent, .. } => (2, *agent),
            Happening::TaskMoves { agent, .. } => (3, *agent),
            Happening::ToMaster { .. } => (4, 0),
            Happening::ToAgent { agent, .. } => (5, *agent),
            Happening::ToService { service, .. } => (6, *service),
            Happening::ServiceSubscribes(service) => (7, *service),
            Happening::ServiceRevives(service) => (10, *service),
            Happening::MasterWakes { .. } => (8, 0),
            Happening::MasterStarts => (9, 0),
        };
        self.trace.mix(&[self.now.at.0, kind, index as u64]);
        match what {
            Happening::AgentConnects(agent) => self.agent_connects(agent),
            Happening::LinkEnds { agent, link } => self.link_ends(agent, link),
            Happening::TaskMoves { agent, key, step } => {
                let mut acts = Vec::new();
                let wall = self.now.wall;
                self.places[agent].agent.moves(wall, &key, step, &mut acts);
                self.carry_out(agent, acts);
            }
            Happening::ToMaster { master, event } => self.master_gets(master, *event),
            Happening::ToAgent { agent, link, event } => self.agent_hears(agent, link, *event),
            Happening::ToService { service, stream, event } => {
                self.service_hears(service, stream, *event);
            }
            Happening::ServiceSubscribes(service) => self.service_subscribes(service),
            Happening::ServiceRevives(service) => {
                if let Some((stream, call)) = self.services[service].revive() {
                    self.service_calls(stream, call);
                }
            }
            Happening::MasterWakes { master } => {
                // One that an earlier one has overtaken has nothing to do.
                if master == self.masters && self.wakes_at == Some(self.now.at) {
                    self.wakes_at = None;
                    self.master_gets(master, Event::Woke);
                }
            }
            Happening::MasterStarts => self.master_starts(),
        }
    }

    // Agents.

    fn agent_connects(&mut self, agent: usize) {
        if self.master.is_none() {
            return self.back_off(agent);
        }
        self.numbers += 1;
        let link = LinkId(self.numbers << 32 | agent as u64);
        let place = &mut self.places[agent];
        place.link = Some(link);
        let (hello, ip) = (place.agent.hello(), place.agent.ip());
        let latency = place.latency;
        self.tell_master(latency, Event::AgentHello { link, hello, ip, principal: None });
    }

    fn back_off(&mut self, agent: usize) {
        let place = &mut self.places[agent];
        let (least, most) = super::agent::search_wait(place.failures);
        place.failures += 1;
        let wait = self.dice.between(least, most);
        self.after(wait, Happening::AgentConnects(agent));
    }

    fn link_ends(&mut self, agent: usize, link: LinkId) {
        let place = &mut self.places[agent];
        if place.link != Some(link) {
            return;
        }
        place.link = None;
        self.up -= usize::from(place.agent.is_up());
        place.agent.closed();
        self.back_off(agent);
    }

    fn agent_hears(&mut self, agent: usize, link: LinkId, event: link::Event) {
        let place = &mut self.places[agent];
        if place.link != Some(link) {
            return;
        }
        let was_up = place.agent.is_up();
        let mut acts = Vec::new();
        place.agent.hear(self.now.wall, event, &mut acts);
        if !was_up && place.agent.is_up() {
            place.failures = 0;
            if let Some(id) = place.agent.id() {
                self.known.insert(AgentId::from(id), agent);
            }
            self.up += 1;
        }
        self.carry_out(agent, acts);
        if !was_up && self.up == self.places.len() {
            self.all_are_up();
        }
    }

    fn carry_out(&mut self, agent: usize, acts: Vec<Act>) {
        let mut calls = Vec::new();
        for act in acts {
            match act {
                Act::Call(call) => calls.push(*call),
                Act::Wait(key, step) => {
                    let (least, most) = match step {
                        Step::Runs => (50, 500),
                        Step::Ends => (100, 2500),
                        Step::ExecutorEnds => (5, 30),
                    };
                    let (least, most) = (Duration::from_millis(least), Duration::from_millis(most));
                    let wait = self.dice.between(least, most);
                    self.after(wait, Happening::TaskMoves { agent, key, step });
                }
            }
        }
        let place = &self.places[agent];
        if let (false, Some(link), Some(id)) = (calls.is_empty(), place.link, place.agent.id()) {
            let event = Event::AgentCalls { link, agent: AgentId::from(id), calls };
            self.tell_master(place.latency, event);
        }
    }

    // Services.

    fn service_subscribes(&mut self, service: usize) {
        if self.master.is_none() {
            return self.after(Duration::from_secs(1), Happening::ServiceSubscribes(service));
        }
        self.numbers += 1;
        let stream = StreamId(self.numbers << 32 | service as u64);
        let subscribe = Box::new(self.services[service].subscribe(stream));
        let event = Event::SchedulerSubscribe {
            request: RequestId(0),
            stream,
            framework_id: self.services[service].id.clone(),
            subscribe,
            principal: None,
        };
        self.tell_master(SERVICE_LATENCY, event);
    }

    fn service_hears(&mut self, service: usize, stream: StreamId, event: scheduler::Event) {
        let one = &mut self.services[service];
        if one.stream != Some(stream) {
            return;
        }
        let answer = one.hear(event);
        if let Some((rule, what)) = answer.wrong {
            self.broke(rule, what);
        }
        if answer.revive_later {
            self.after(REVIVE, Happening::ServiceRevives(service));
        }
        for call in answer.calls {
            self.service_calls(stream, call);
        }
        if self.services[service].is_content() {
            self.service_is_content();
        }
    }

    fn service_calls(&mut self, stream: StreamId, call: scheduler::Call) {
        let event = Event::SchedulerCall {
            request: RequestId(0),
            header: StreamHeader::Of(stream),
            call: Box::new(call),
            principal: None,
        };
        self.tell_master(SERVICE_LATENCY, event);
    }

    // The master.

    pub(super) fn tell_master(&mut self, wait: Duration, event: Event) {
        let master = self.masters;
        self.after(wait, Happening::ToMaster { master, event: Box::new(event) });
    }

    fn master_gets(&mut self, master: u32, event: Event) {
        if master != self.masters {
            return;
        }
        let Some(core) = &mut self.master else { return };
        let effects = self.meter.apply(core, self.now, event);
        let wake = core.next_wake();
        self.carry_out_for_master(effects);
        if let Some(at) = wake
            && self.wakes_at.is_none_or(|due| at < due)
        {
            let wait = at.since(self.now.at);
            self.wakes_at = Some(self.now.at.plus(wait));
            self.after(wait, Happening::MasterWakes { master });
        }
    }

    fn carry_out_for_master(&mut self, effects: Effects) {
        for mutation in effects.mutations {
            self.commit(mutation);
        }
        for note in effects.notes {
            #[expect(clippy::wildcard_enum_match_arm, reason = "the others are as they should be")]
            match note {
                Note::Drained { agent, generation, .. } => self.drained(&agent, generation),
                Note::DrainReopened { agent, .. } => {
                    self.broke("drained-stays-drained", format!("{agent} is draining again"));
                }
                Note::AgentUnreachable { agent } => {
                    self.broke("nobody-is-given-up", format!("{agent} is unreachable"));
                }
                Note::AgentRefused { hostname, refusal } => {
                    self.broke("nobody-is-refused", format!("{hostname}: {}", refusal.text));
                }
                _ => {}
            }
        }
        for message in effects.messages {
            self.send(message);
        }
    }

    fn commit(&mut self, mutation: Mutation) {
        let of_agent = |id: &str| format!("agents/{id}");
        let of_framework = |id: &str| format!("frameworks/{id}");
        let key = match &mutation {
            Mutation::SetAgent(record) => {
                of_agent(record.agent_id.as_ref().map_or("", |id| id.value.as_str()))
            }
            Mutation::SetFramework(record) => {
                let id = record.info.as_ref().and_then(|info| info.id.as_ref());
                of_framework(id.map_or("", |id| id.value.as_str()))
            }
            Mutation::SetRole(record) => format!("roles/{}", record.role()),
            Mutation::RemoveRole(role) => {
                self.records.remove(&format!("roles/{role}"));
                return;
            }
            Mutation::RemoveAgent(id) => {
                self.records.remove(&of_agent(id.as_str()));
                return;
            }
            Mutation::RemoveFramework(id) => {
                self.records.remove(&of_framework(id.as_str()));
                return;
            }
            Mutation::SetMaintenance(_) => "maintenance".to_owned(),
            Mutation::RemoveMaintenance => {
                self.records.remove("maintenance");
                return;
            }
        };
        self.records.insert(key, mutation);
    }

    fn send(&mut self, message: Message) {
        match message {
            Message::Agent { link, event } => {
                let Some(agent) = self.agent_of(link) else { return };
                let place = &self.places[agent];
                if event.run_task.is_some() && place.overlay != Overlay::None {
                    let id = place.agent.id().cloned().unwrap_or_default().value;
                    self.broke("nothing-starts-on-a-draining-agent", id);
                }
                let latency = self.places[agent].latency;
                self.after(latency, Happening::ToAgent { agent, link, event });
            }
            Message::CloseLink { link } => {
                let Some(agent) = self.agent_of(link) else { return };
                let latency = self.places[agent].latency;
                self.after(latency, Happening::LinkEnds { agent, link });
            }
            Message::Scheduler { stream, event } => {
                let service = usize::try_from(stream.0 & u64::from(u32::MAX)).unwrap_or(0);
                self.after(SERVICE_LATENCY, Happening::ToService { service, stream, event });
            }
            Message::CloseScheduler { stream } => {
                self.broke("no-stream-is-closed", format!("stream {}", stream.0));
            }
            Message::Reply { request, outcome } => {
                if let Err(refusal) = outcome {
                    return self.broke("nothing-is-refused", refusal.text);
                }
                self.answered(request);
            }
            Message::Operator { .. } => {}
        }
    }

    fn agent_of(&self, link: LinkId) -> Option<usize> {
        let agent = usize::try_from(link.0 & u64::from(u32::MAX)).ok()?;
        (self.places.get(agent)?.link == Some(link)).then_some(agent)
    }

    /// The master dies; gives back the memory that became free.
    pub(super) fn master_dies(&mut self) -> Option<u64> {
        let before = (self.meter.watch.memory)();
        self.master = None;
        let after = (self.meter.watch.memory)();
        self.died_at = self.now.at;
        for agent in 0..self.places.len() {
            let place = &self.places[agent];
            if let Some(link) = place.link {
                self.after(place.latency, Happening::LinkEnds { agent, link });
            }
        }
        for service in 0..self.services.len() {
            if self.services[service].stream.take().is_some() {
                self.after(SERVICE_LATENCY, Happening::ServiceSubscribes(service));
            }
        }
        self.after(ELECTION, Happening::MasterStarts);
        Some(before?.saturating_sub(after?))
    }

    fn master_starts(&mut self) {
        self.masters += 1;
        self.wakes_at = None;
        let config = Config {
            master_id: format!("{:08x}-5d8d-4a52-9a65-0b1e2d3c4f5a", self.masters),
            ..Config::default()
        };
        let records: Vec<Mutation> = self.records.values().cloned().collect();
        let began = (self.meter.watch.clock)();
        let recovered = Master::recover(config, records, self.now);
        self.report.recovery = (self.meter.watch.clock)().saturating_sub(began);
        match recovered {
            Ok(core) => {
                self.master = Some(core);
                self.master_gets(self.masters, Event::Woke);
            }
            Err(error) => self.broke("records-are-understood", error.to_string()),
        }
    }

    fn all_are_up(&mut self) {
        self.progress = self.now.at;
        self.report.registered_again = self.now.at.since(self.died_at);
        match self.masters {
            1 => {
                self.report.memory_with_agents = self.master_dies();
                self.meter.begin(self.now.at, "registration again");
            }
            2 => {
                self.meter.begin(self.now.at, "launch");
                for service in 0..self.services.len() {
                    self.service_subscribes(service);
                }
            }
            _ => self.meter.begin(self.now.at, "waves, second half"),
        }
    }

    fn check_rest(&mut self) {
        let Some(core) = &self.master else { return };
        core.check_all();
        let gauges = core.view_gauges();
        let running = gauges.tasks.get(&TaskState::TaskRunning).copied().unwrap_or(0);
        let active = gauges.agents_active;
        if (running, active) != (self.settings.tasks, self.settings.agents) {
            self.broke(
                "all-is-as-before",
                format!("{running} tasks run, {active} agents are active"),
            );
        }
        let drains = self.report.drains;
        if drains != self.settings.agents {
            self.broke("each-agent-is-drained-once", format!("{drains} drains"));
        }
    }
}
