//! How agents come, speak and go.
//!
//! A `Hello` with an id the registry knows is that agent, in whatever reachability; with an id it does
//! not know, the agent is admitted under that id. An agent without an id is known by its admission key;
//! else it gets a new id, or takes over from whoever had its address.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::drain::{Drain, DrainState, Reachability};
use model::duration::grace_of;
use model::{AgentId, Now, Refusal, Resources};
use wire::link;

use crate::arrival::Arrival;
use crate::contradictions::MAX_GENERATION;
use crate::effects::{Effects, Mutation, Note};
use crate::event::LinkId;
use crate::state::{Agent, Master, Overlay, ReportedDrain, Shared, Task, TaskKey};
use crate::tasks::Loss;
use crate::timers::Timer;

/// What a gone agent is told, always. Clients match on it.
pub(crate) const MARKED_GONE: &str = "Agent has been marked gone";
// Mesos: the text of the original.
const OTHER_ADDRESS: &str = "Agent attempted to reregister with different IP / hostname";
const OTHER_KEY: &str = "Another agent has this admission key; each agent makes up its own";

/// How far ahead of the registry an agent's drain can be and still be believed: generations are never
/// used up by what agents make up.
pub(crate) const MAX_LEAP: u64 = 1 << 32;

impl Master {
    /// The one way to change an agent: marks it dirty, so that whatever changed, [`Master::settle`]
    /// looks at its drain again and the allocator at its resources.
    pub(crate) fn agent_mut(&mut self, id: &AgentId) -> Option<&mut Agent> {
        let agent = self.agents.get_mut(id)?;
        if !self.dirty.contains(id) {
            self.dirty.insert(id.clone());
        }
        Some(agent)
    }

    /// A task whose resources and existence stay as they are: nothing follows from it for drains and offers.
    pub(crate) fn change_task<T>(
        &mut self,
        agent: &AgentId,
        key: &TaskKey,
        change: impl FnOnce(&mut Task) -> T,
    ) -> Option<T> {
        self.agents.get_mut(agent)?.tasks.change(key, change)
    }

    /// Sends `event` if the agent is connected, and says whether it is.
    pub(crate) fn send_to_agent(&self, id: &AgentId, event: link::Event, fx: &mut Effects) -> bool {
        let Some(link) = self.agents.get(id).and_then(|agent| agent.link) else { return false };
        fx.to_agent(link, event);
        true
    }

    /// Writes the agent's record as it stands.
    pub(crate) fn persist_agent(&self, id: &AgentId, fx: &mut Effects) {
        if let Some(agent) = self.agents.get(id) {
            fx.mutate(Mutation::SetAgent(Box::new(agent.to_record())));
        }
    }

    pub(crate) fn agent_hello(
        &mut self,
        now: Now,
        link: LinkId,
        hello: link::Hello,
        ip: String,
        fx: &mut Effects,
    ) {
        if self.links.contains_key(&link) {
            return fx.dropped(format!("link {}", link.0), "a second Hello on one link");
        }
        let hostname = hello.agent_info.as_ref().map(|info| info.hostname.clone());
        let hostname = hostname.unwrap_or_default();
        let mut arrival = match Arrival::read(hello, ip) {
            Ok(arrival) => arrival,
            Err(refusal) => return turn_away(link, hostname, refusal, false, fx),
        };
        if arrival.id.is_none() {
            // It was admitted, but died before it had written down its id.
            let key = arrival.admission_key.as_ref();
            arrival.id = key.and_then(|key| self.admission_keys.get(key)).cloned();
        }
        if let Some((refusal, gone)) = self.why_not_admitted(&arrival) {
            return turn_away(link, hostname, refusal, gone, fx);
        }
        let (id, is_new) = match &arrival.id {
            Some(id) => (id.clone(), self.admit(now, id, &arrival, Overlay::default(), 0)),
            None => self.identify(now, &arrival, fx),
        };
        self.attach(now, link, &id, arrival, is_new, fx);
    }

    /// The reason to turn an agent away, and whether that is for good.
    fn why_not_admitted(&self, arrival: &Arrival) -> Option<(Refusal, bool)> {
        let id = arrival.id.as_ref()?;
        let key = arrival.admission_key.as_ref();
        if key.and_then(|key| self.admission_keys.get(key)).is_some_and(|owner| owner != id) {
            return Some((Refusal::bad_request(OTHER_KEY), false));
        }
        let known = self.agents.get(id)?;
        match known.reachability {
            Reachability::Gone => Some((Refusal::bad_request(MARKED_GONE), true)),
            // Differs from Mesos: it refuses a disconnected agent too, which would be let in once its
            // timeout is over. Here only a second agent beside a connected one is turned away.
            Reachability::Registered => {
                let (here, there) = (known.address(), arrival.address());
                (here.hostname != there.hostname || here.ip != there.ip)
                    .then(|| (Refusal::bad_request(OTHER_ADDRESS), false))
            }
            Reachability::Disconnected
            | Reachability::Recovered
            | Reachability::Unreachable
            | Reachability::Removed => None,
        }
    }

    /// The id for an agent that brings none, and whether it is new.
    // Mesos: a connected agent at the same address is taken to have missed the answer and keeps its id, a
    // disconnected one is removed.
    // Differs from Mesos: with another admission key it is another agent, whose predecessor lost its work
    // directory before its link was seen to break.
    // Differs from Mesos: what operators laid over the old agent passes to the new one, else a drained
    // host would be back in service by losing its work directory.
    fn identify(&mut self, now: Now, arrival: &Arrival, fx: &mut Effects) -> (AgentId, bool) {
        let residents = self.addresses.get(&arrival.address()).cloned().unwrap_or_default();
        let has_missed_answer = |id: &&AgentId| {
            let resident = self.agents.get(*id).filter(|agent| agent.link.is_some());
            resident.is_some_and(|agent| agent.admission_key == arrival.admission_key)
        };
        if let Some(id) = residents.iter().find(has_missed_answer) {
            return (id.clone(), false);
        }
        let mut overlay = Overlay::default();
        let mut last_generation = 0;
        for old in residents {
            if let Some(agent) = self.agents.get(&old) {
                last_generation = last_generation.max(agent.last_generation);
                overlay.inherit(&agent.overlay);
            }
            self.remove_agent(now, &old, false, fx);
        }
        if let Some(drain) = &mut overlay.drain {
            // At the end of the numbers the same again, which is new to another agent.
            last_generation = (last_generation + 1).min(MAX_GENERATION);
            drain.generation = last_generation;
            drain.state = DrainState::Draining;
            drain.finished_at = None;
        }
        let id = self.new_agent_id();
        let is_new = self.admit(now, &id, arrival, overlay, last_generation);
        (id, is_new)
    }

    fn new_agent_id(&mut self) -> AgentId {
        loop {
            let id = AgentId::new(format!("{}-S{}", self.config.master_id, self.next_agent));
            self.next_agent += 1;
            // Only an agent that made up its id can be in the way.
            if !self.agents.contains_key(&id) {
                return id;
            }
        }
    }

    /// Makes an agent of this id unless there is one; [`Master::attach`] fills it in. Says whether it did.
    fn admit(
        &mut self,
        now: Now,
        id: &AgentId,
        arrival: &Arrival,
        overlay: Overlay,
        last_generation: u64,
    ) -> bool {
        if self.agents.contains_key(id) {
            return false;
        }
        let mut info = arrival.info.clone();
        info.id = Some(id.to_wire());
        let mut agent = Agent::new(now, id.clone(), Arc::new(info), Reachability::Disconnected);
        agent.ip.clone_from(&arrival.ip);
        agent.overlay = overlay;
        agent.last_generation = last_generation;
        self.insert_agent(agent);
        true
    }

    /// Makes `link` the agent's connection and takes over what it reports.
    fn attach(
        &mut self,
        now: Now,
        link: LinkId,
        id: &AgentId,
        arrival: Arrival,
        is_new: bool,
        fx: &mut Effects,
    ) {
        // What is offered may not be there any more.
        self.detach(now, id, fx);
        let Some(known) = self.agents.get(id) else { return };
        let before = (!is_new).then(|| known.to_record());
        let was_listed = !is_new && known.is_listed();
        let brought_id = arrival.id.is_some();
        let hostname = arrival.info.hostname.clone();
        self.unindex_address(id);
        self.unindex_admission_key(id);
        let Some(agent) = self.agent_mut(id) else { return };
        let mut info = arrival.info;
        info.id = Some(id.to_wire());
        agent.info = Arc::new(info);
        agent.total = arrival.total;
        agent.ip = arrival.ip;
        agent.version = arrival.version;
        agent.capabilities = arrival.capabilities;
        agent.machine_id = arrival.machine_id;
        agent.admission_key = arrival.admission_key;
        agent.link = Some(link);
        agent.set_reachability(now, Reachability::Registered);
        if !is_new {
            agent.reregistered_at = Some(now.wall);
        }
        agent.reported_drain = None;
        let reports_drain = arrival.drain.is_some();
        if let Some(report) = &arrival.drain {
            agent.note_drain_report(now, report);
        }
        let record = agent.to_record();
        if before.as_ref() != Some(&record) {
            fx.mutate(Mutation::SetAgent(Box::new(record)));
        }
        self.index_address(id);
        self.index_admission_key(id);
        self.place_in_schedule(now, id, fx);
        self.links.insert(link, id.clone());
        self.timers.set(Timer::Ping(id.clone()), now.at.plus(self.config.agent_ping_timeout));

        fx.to_agent(link, self.registered_event(id, link));
        self.send_overlay(id, reports_drain, fx);
        if !was_listed {
            self.agent_added(id, fx);
        }
        let tasks = arrival.reported.tasks.len();
        self.adopt_reported_tasks(now, id, arrival.reported, fx);
        fx.note(if brought_id || !is_new {
            Note::AgentReregistered { agent: id.clone(), tasks }
        } else {
            Note::AgentRegistered { agent: id.clone(), hostname }
        });
    }

    fn registered_event(&self, id: &AgentId, link: LinkId) -> link::Event {
        let ping = self.config.agent_ping_timeout;
        link::Event {
            r#type: Some(link::event::Type::Registered as i32),
            registered: Some(link::Registered {
                agent_id: Some(id.to_wire()),
                link_id: Some(link.0),
                ping_interval_seconds: Some(ping.as_secs_f64()),
                total_ping_timeout_seconds: Some(
                    (ping * self.config.max_agent_ping_timeouts).as_secs_f64(),
                ),
            }),
            ..link::Event::default()
        }
    }

    /// Tells an agent that came back about its drain, or that there is none any more.
    fn send_overlay(&self, id: &AgentId, reports_drain: bool, fx: &mut Effects) {
        let Some(agent) = self.agents.get(id) else { return };
        if let Some(drain) = &agent.overlay.drain {
            self.send_to_agent(id, drain_event(drain), fx);
        } else if reports_drain {
            self.send_to_agent(id, reactivate_event(agent.last_generation), fx);
        }
    }

    pub(crate) fn agent_calls(
        &mut self,
        now: Now,
        link: LinkId,
        id: &AgentId,
        calls: Vec<link::Call>,
        fx: &mut Effects,
    ) {
        for call in calls {
            // Looked up for each: a call may end the link.
            if self.links.get(&link) != Some(id) {
                return fx.dropped(id.as_str(), "the link is not the agent's present one");
            }
            self.agent_call(now, id, call, fx);
        }
    }

    fn agent_call(&mut self, now: Now, id: &AgentId, call: link::Call, fx: &mut Effects) {
        use link::call::Type;
        let incomplete = |fx: &mut Effects| fx.dropped(id.as_str(), "a call without its body");
        match call.r#type() {
            Type::StatusUpdate => match call.status_update {
                Some(update) => self.status_update(now, id, update, fx),
                None => incomplete(fx),
            },
            Type::ExitedExecutor => match call.exited_executor {
                Some(exited) => self.exited_executor(now, id, &exited, fx),
                None => incomplete(fx),
            },
            Type::Message => match call.message {
                Some(message) => self.executor_message(now, id, message, fx),
                None => incomplete(fx),
            },
            Type::Pong => {
                self.unanswered_pings.remove(id);
            }
            Type::DrainProgress => match call.drain_progress {
                Some(report) => self.drain_progress(now, id, &report, fx),
                None => incomplete(fx),
            },
            Type::OperationUpdate => match call.operation_update {
                Some(update) => self.operation_update(now, id, *update, fx),
                None => incomplete(fx),
            },
            Type::Unregister => self.remove_agent(now, id, true, fx),
            Type::Unknown => fx.dropped(id.as_str(), "a call of unknown type"),
        }
    }

    fn drain_progress(
        &mut self,
        now: Now,
        id: &AgentId,
        report: &link::AgentDrain,
        fx: &mut Effects,
    ) {
        let Some(agent) = self.agent_mut(id) else { return };
        if !agent.note_drain_report(now, report) {
            return;
        }
        self.persist_agent(id, fx);
        self.send_overlay(id, true, fx);
    }

    pub(crate) fn link_closed(&mut self, now: Now, link: LinkId, fx: &mut Effects) {
        // A link that was replaced or refused is nobody's.
        let Some(id) = self.links.get(&link).cloned() else { return };
        self.links.remove(&link);
        // Mesos: goes on pinging, and gives an agent up at whichever ends first. Here there is nobody to
        // ping without a link: an agent that lives opens a new one by itself.
        let pings = self.config.agent_ping_timeout * self.config.max_agent_ping_timeouts;
        let timeout = now.at.plus(pings.min(self.config.agent_reregister_timeout));
        let Some(agent) = self.agent_mut(&id) else { return };
        agent.link = None;
        agent.set_reachability(now, Reachability::Disconnected);
        self.detach(now, &id, fx);
        self.timers.set(Timer::Reregister(id.clone()), timeout);
        fx.note(Note::AgentDisconnected { agent: id });
    }

    /// Ends what hangs on the agent's present connection: the link, its timers, its offers.
    pub(crate) fn detach(&mut self, now: Now, id: &AgentId, fx: &mut Effects) {
        self.timers.cancel(&Timer::Ping(id.clone()));
        self.timers.cancel(&Timer::Reregister(id.clone()));
        self.unanswered_pings.remove(id);
        self.rescind_agent_offers(now, id, fx);
        let Some(agent) = self.agent_mut(id) else { return };
        if let Some(link) = agent.link.take() {
            self.links.remove(&link);
            fx.close_link(link);
        }
    }

    /// Takes an agent out of the cluster that left by itself or was replaced at its address.
    ///
    /// `keep_overlay` keeps the record of an agent over which an operator laid something, so that it
    /// holds when the agent returns under its id.
    // Differs from Mesos: stopping an agent gracefully does not end its drain or deactivation.
    pub(crate) fn remove_agent(
        &mut self,
        now: Now,
        id: &AgentId,
        keep_overlay: bool,
        fx: &mut Effects,
    ) {
        let Some(agent) = self.agents.get(id) else { return };
        let was_listed = agent.is_listed();
        let keeps_record = keep_overlay && !agent.overlay.is_none();
        if !keeps_record {
            self.abandon_drain(now, id, fx);
        }
        self.detach(now, id, fx);
        self.lose_agent_tasks(now, id, Loss::Removed, fx);
        if was_listed {
            self.agent_removed(id, fx);
        }
        fx.note(Note::AgentRemoved { agent: id.clone() });
        if keeps_record {
            if let Some(agent) = self.agent_mut(id) {
                agent.set_reachability(now, Reachability::Removed);
            }
            self.persist_agent(id, fx);
        } else {
            self.forget_agent(id, fx);
        }
    }

    pub(crate) fn insert_agent(&mut self, agent: Agent) {
        let id = agent.id.clone();
        self.agents.insert(id.clone(), Shared::new(agent));
        self.index_address(&id);
        self.index_admission_key(&id);
        self.dirty.insert(id);
    }

    /// Drops the agent and its record. Its tasks and offers must be gone by now.
    pub(crate) fn forget_agent(&mut self, id: &AgentId, fx: &mut Effects) {
        self.unindex_address(id);
        self.unindex_admission_key(id);
        self.timers.cancel(&Timer::Ping(id.clone()));
        self.timers.cancel(&Timer::Reregister(id.clone()));
        self.unanswered_pings.remove(id);
        self.agents.remove(id);
        // The allocator gets to see that it is no more.
        self.dirty.insert(id.clone());
        fx.mutate(Mutation::RemoveAgent(id.clone()));
    }

    fn index_admission_key(&mut self, id: &AgentId) {
        if let Some(key) = self.agents.get(id).and_then(|agent| agent.admission_key.clone()) {
            self.admission_keys.insert(key, id.clone());
        }
    }

    fn unindex_admission_key(&mut self, id: &AgentId) {
        let key = self.agents.get(id).and_then(|agent| agent.admission_key.as_ref());
        if let Some(key) = key
            && self.admission_keys.get(key) == Some(id)
        {
            self.admission_keys.remove(key);
        }
    }

    fn index_address(&mut self, id: &AgentId) {
        let Some(agent) = self.agents.get(id) else { return };
        if agent.reachability != Reachability::Gone {
            self.addresses.entry(agent.address()).or_default().insert(id.clone());
        }
    }

    pub(crate) fn unindex_address(&mut self, id: &AgentId) {
        let Some(address) = self.agents.get(id).map(|agent| agent.address()) else { return };
        let residents = self.addresses.get_mut(&address);
        let is_last = residents.is_some_and(|residents: &mut BTreeSet<AgentId>| {
            residents.remove(id);
            residents.is_empty()
        });
        if is_last {
            self.addresses.remove(&address);
        }
    }
}

impl Agent {
    /// An agent about which nothing is known but its info.
    pub(crate) fn new(
        now: Now,
        id: AgentId,
        info: Arc<wire::v1::AgentInfo>,
        reachability: Reachability,
    ) -> Self {
        Self {
            id,
            info,
            reachability,
            since: now.wall,
            admission_since: now.wall,
            link: None,
            overlay: Overlay::default(),
            last_generation: 0,
            machine_id: None,
            admission_key: None,
            ip: String::new(),
            version: String::new(),
            capabilities: Vec::new(),
            registered_at: now.wall,
            reregistered_at: None,
            total: Resources::new(),
            used: BTreeMap::new(),
            offers: BTreeSet::new(),
            tasks: Shared::default(),
            executors: BTreeMap::new(),
            operations: BTreeMap::new(),
            reported_drain: None,
            maintenance: None,
        }
    }

    /// Takes down what the agent says of its drain. True if that changed what the registry has to know:
    /// the agent has seen a later drain than this master, whose next one must be later still.
    fn note_drain_report(&mut self, now: Now, report: &link::AgentDrain) -> bool {
        let generation = report.generation();
        let since = match &self.reported_drain {
            Some(earlier) if earlier.generation == generation => earlier.since,
            Some(_) | None => now.wall,
        };
        self.reported_drain = Some(ReportedDrain {
            generation,
            empty: report.empty(),
            executors_left: report.executors_left(),
            last_kill_at: report.last_kill_at.as_ref().map(Into::into),
            default_grace: report.default_grace.as_ref().and_then(|it| grace_of(it).ok()),
            since,
        });
        let leap = generation.saturating_sub(self.last_generation);
        // Twice the leap short of the end: what recovery takes can still be counted on from.
        if leap == 0 || leap > MAX_LEAP || generation > u64::MAX - 2 * MAX_LEAP {
            return false;
        }
        self.last_generation = generation;
        if let Some(drain) = &mut self.overlay.drain {
            self.last_generation += 1;
            drain.generation = self.last_generation;
            drain.state = DrainState::Draining;
            drain.finished_at = None;
        }
        true
    }
}

impl Overlay {
    /// Adds what `other` holds; of two drains the tighter parts count.
    fn inherit(&mut self, other: &Self) {
        if self.deactivation.is_none() {
            self.deactivation.clone_from(&other.deactivation);
        }
        match (&mut self.drain, &other.drain) {
            (Some(drain), Some(other)) => {
                drain.config = drain.config.tightened(other.config);
                drain.for_maintenance &= other.for_maintenance;
                drain.started_at = drain.started_at.min(other.started_at);
            }
            (drain @ None, Some(other)) => *drain = Some(other.clone()),
            (Some(_) | None, None) => {}
        }
    }
}

/// The link's word for "drain".
pub(crate) fn drain_event(drain: &Drain) -> link::Event {
    link::Event {
        r#type: Some(link::event::Type::Drain as i32),
        drain: Some(link::Drain {
            generation: Some(drain.generation),
            config: Some(drain.config.to_wire()),
            started_at: Some(drain.started_at.to_wire()),
        }),
        ..link::Event::default()
    }
}

/// The link's word for "drains up to this one are over".
pub(crate) fn reactivate_event(generation: u64) -> link::Event {
    link::Event {
        r#type: Some(link::event::Type::Reactivate as i32),
        reactivate: Some(link::Reactivate { generation: Some(generation) }),
        ..link::Event::default()
    }
}

/// The link's word for "end".
pub(crate) fn shutdown_event(message: &str, gone: bool) -> link::Event {
    link::Event {
        r#type: Some(link::event::Type::Shutdown as i32),
        shutdown: Some(link::Shutdown { message: Some(message.to_owned()), gone: Some(gone) }),
        ..link::Event::default()
    }
}

fn turn_away(link: LinkId, hostname: String, refusal: Refusal, gone: bool, fx: &mut Effects) {
    fx.to_agent(link, shutdown_event(&refusal.text, gone));
    fx.close_link(link);
    fx.note(Note::AgentRefused { hostname, refusal });
}
