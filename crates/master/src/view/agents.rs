//! Agents as reads and operator events show them.

use std::borrow::Cow;

use model::drain::Reachability;
use model::resources::Format;
use model::{AgentId, Resources, Timestamp};
use wire::compose::Composer;
use wire::ebb::AbsentAgent;
use wire::field;
use wire::master::response::{GetAgents, get_agents};
use wire::v1::AgentInfo;
use wire::v1::agent_info::Capability;

use crate::effects::Effects;
use crate::state::{Agent, Master, deactivation_to_wire};

const NANOS_PER_SECOND: i64 = 1_000_000_000;

/// What tasks and executors hold of an agent, and what is offered of it.
pub(super) struct Held<'a> {
    pub(super) used: Cow<'a, Resources>,
    pub(super) offered: Cow<'a, Resources>,
}

impl Master {
    /// The answer to `GET_AGENTS`.
    // Mesos: `agents` are those registered, disconnected ones included.
    // Differs from Mesos: agents that are recovered, unreachable, gone or removed are shown with what
    // operators laid over them, in a field of their own; a drain's start survives a master failover.
    pub fn view_agents(&self) -> GetAgents {
        GetAgents {
            agents: self.listed_agents().map(|agent| self.view_agent(agent)).collect(),
            recovered_agents: self.recovered_agents().cloned().collect(),
            absent_agents: self
                .absent_agents()
                .map(|agent| self.view_absent_agent(agent))
                .collect(),
        }
    }

    /// [`Master::view_agents`], written.
    pub fn write_agents(&self, get_agents: &mut Composer<'_>) {
        get_agents.each(field!(GetAgents, "agents"), self.listed_agents(), |it, agent| {
            self.write_agent(agent, it);
        });
        get_agents
            .messages::<AgentInfo>(field!(GetAgents, "recovered_agents"), self.recovered_agents());
        let absent = self.absent_agents().map(|agent| self.view_absent_agent(agent));
        get_agents.messages::<AbsentAgent>(field!(GetAgents, "absent_agents"), absent);
    }

    fn listed_agents(&self) -> impl Iterator<Item = &Agent> {
        self.agents.values().map(|agent| &**agent).filter(|agent| agent.is_listed())
    }

    fn recovered_agents(&self) -> impl Iterator<Item = &AgentInfo> {
        let absent = self.absent_agents();
        let recovered = absent.filter(|agent| agent.reachability == Reachability::Recovered);
        recovered.map(|agent| agent.info.as_ref())
    }

    fn absent_agents(&self) -> impl Iterator<Item = &Agent> {
        self.agents.values().map(|agent| &**agent).filter(|agent| !agent.is_listed())
    }

    pub(super) fn held_of<'a>(&'a self, agent: &'a Agent) -> Held<'a> {
        let offers = agent.offers.iter().filter_map(|id| self.offers.get(id));
        let offered = Resources::sum(offers.map(|offer| &offer.resources));
        Held { used: Resources::sum(agent.used.values()), offered }
    }

    fn view_agent(&self, agent: &Agent) -> get_agents::Agent {
        let Held { used, offered } = self.held_of(agent);
        get_agents::Agent {
            agent_info: AgentInfo::clone(&agent.info),
            active: agent.is_offerable(),
            deactivated: Some(!agent.overlay.is_none()),
            version: agent.version.clone(),
            pid: Some(pid(agent)),
            registered_time: Some(agent.registered_at.to_wire()),
            reregistered_time: agent.reregistered_at.map(Timestamp::to_wire),
            total_resources: agent.total.to_wire_as(Format::Both),
            allocated_resources: used.to_wire_as(Format::Both),
            offered_resources: offered.to_wire_as(Format::Both),
            capabilities: agent.capabilities.clone(),
            resource_providers: Vec::new(),
            drain_info: drain_info(agent),
            estimated_drain_start_time: drain_start(agent),
            reachability: Some(agent.reachability.to_wire() as i32),
            drain_status: self.view_drain_status(agent),
            deactivation: agent.overlay.deactivation.as_ref().map(deactivation_to_wire),
        }
    }

    /// [`Master::view_agent`], written.
    fn write_agent(&self, agent: &Agent, it: &mut Composer<'_>) {
        let Held { used, offered } = self.held_of(agent);
        it.message(field!(get_agents::Agent, "agent_info"), &*agent.info);
        it.boolean(field!(get_agents::Agent, "active"), agent.is_offerable());
        it.boolean(field!(get_agents::Agent, "deactivated"), !agent.overlay.is_none());
        it.text(field!(get_agents::Agent, "version"), &agent.version);
        it.text(field!(get_agents::Agent, "pid"), &pid(agent));
        it.message(field!(get_agents::Agent, "registered_time"), &agent.registered_at.to_wire());
        let reregistered = agent.reregistered_at.map(Timestamp::to_wire);
        it.optional(field!(get_agents::Agent, "reregistered_time"), reregistered.as_ref());
        agent.total.write_as(Format::Both, field!(get_agents::Agent, "total_resources"), it);
        used.write_as(Format::Both, field!(get_agents::Agent, "allocated_resources"), it);
        offered.write_as(Format::Both, field!(get_agents::Agent, "offered_resources"), it);
        it.messages::<Capability>(field!(get_agents::Agent, "capabilities"), &agent.capabilities);
        it.optional(field!(get_agents::Agent, "drain_info"), drain_info(agent).as_ref());
        it.optional(
            field!(get_agents::Agent, "estimated_drain_start_time"),
            drain_start(agent).as_ref(),
        );
        it.number_of(
            field!(get_agents::Agent, "reachability"),
            agent.reachability.to_wire() as i32,
        );
        it.optional(
            field!(get_agents::Agent, "drain_status"),
            self.view_drain_status(agent).as_ref(),
        );
        let deactivation = agent.overlay.deactivation.as_ref().map(deactivation_to_wire);
        it.optional(field!(get_agents::Agent, "deactivation"), deactivation.as_ref());
    }

    fn view_absent_agent(&self, agent: &Agent) -> AbsentAgent {
        AbsentAgent {
            agent_info: Some(AgentInfo::clone(&agent.info)),
            reachability: Some(agent.reachability.to_wire() as i32),
            since: Some(agent.since.to_wire()),
            deactivated: Some(!agent.overlay.is_none()),
            deactivation: agent.overlay.deactivation.as_ref().map(deactivation_to_wire),
            drain_info: drain_info(agent),
            drain_status: self.view_drain_status(agent),
        }
    }

    /// Tells subscribers to operator events that the agent is among those shown now.
    pub(crate) fn agent_added(&self, id: &AgentId, fx: &mut Effects) {
        if self.watchers == 0 {
            return;
        }
        let Some(agent) = self.agents.get(id) else { return };
        fx.to_operators(wire::master::Event {
            r#type: Some(wire::master::event::Type::AgentAdded as i32),
            agent_added: Some(Box::new(wire::master::event::AgentAdded {
                agent: self.view_agent(agent),
            })),
            ..wire::master::Event::default()
        });
    }

    /// Tells subscribers to operator events that the agent is not among those shown any more.
    pub(crate) fn agent_removed(&self, id: &AgentId, fx: &mut Effects) {
        if self.watchers == 0 {
            return;
        }
        fx.to_operators(wire::master::Event {
            r#type: Some(wire::master::event::Type::AgentRemoved as i32),
            agent_removed: Some(wire::master::event::AgentRemoved { agent_id: id.to_wire() }),
            ..wire::master::Event::default()
        });
    }
}

pub(super) fn pid(agent: &Agent) -> String {
    format!("slave(1)@{}:{}", agent.ip, agent.port())
}

// Mesos: whole seconds.
fn drain_start(agent: &Agent) -> Option<wire::v1::TimeInfo> {
    let began = agent.overlay.drain.as_ref()?.started_at.0;
    let nanoseconds = began.saturating_sub(began.rem_euclid(NANOS_PER_SECOND));
    Some(wire::v1::TimeInfo { nanoseconds })
}

pub(super) fn drain_info(agent: &Agent) -> Option<wire::v1::DrainInfo> {
    let drain = agent.overlay.drain.as_ref()?;
    Some(wire::v1::DrainInfo { state: drain.state as i32, config: drain.config.to_wire() })
}
