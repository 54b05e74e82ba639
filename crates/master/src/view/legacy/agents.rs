//! Agents in `/state`, `/slaves` and `/state-summary`.

use std::collections::BTreeMap;

use model::Timestamp;
use model::drain::Reachability;
use model::legacy::{AgentCore, List, Raw, capabilities};
use model::resources::Amounts;
use serde::Serialize;
use serde::ser::Serializer;

use crate::state::{Agent, Master, deactivation_to_wire};
use crate::view::agents::{Held, drain_info, pid};

/// How much of an agent is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detail {
    /// Resources summed by name.
    Sums,
    /// Also each resource in full, and what a drain waits for.
    Full,
}

/// What every endpoint shows of an agent.
#[derive(Serialize)]
pub(super) struct AgentView<'a> {
    #[serde(flatten)]
    core: AgentCore<'a>,
    pid: String,
    registered_time: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reregistered_time: Option<f64>,
    resources: Amounts<'a>,
    used_resources: Amounts<'a>,
    offered_resources: Amounts<'a>,
    reserved_resources: BTreeMap<&'a str, Amounts<'a>>,
    unreserved_resources: Amounts<'a>,
    active: bool,
    deactivated: bool,
    version: &'a str,
    capabilities: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drain_info: Option<Raw>,
    /// With its fraction, unlike in the v1 API.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_drain_start_time_seconds: Option<f64>,
}

/// Resources in full, for those who want to unreserve them or destroy volumes.
#[derive(Serialize)]
struct InFull<'a> {
    reserved_resources_full: BTreeMap<&'a str, Vec<Raw>>,
    unreserved_resources_full: Vec<Raw>,
    used_resources_full: Vec<Raw>,
    offered_resources_full: Vec<Raw>,
    // Differs from Mesos: why a drain is not over, and who asked for what.
    #[serde(skip_serializing_if = "Option::is_none")]
    drain_status: Option<Raw>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deactivation: Option<Raw>,
}

impl<'a> AgentView<'a> {
    pub(super) fn new(agent: &'a Agent, held: &'a Held<'_>) -> Self {
        let drain = agent.overlay.drain.as_ref();
        Self {
            core: AgentCore::new(agent.id.as_str(), &agent.info),
            pid: pid(agent),
            registered_time: agent.registered_at.as_secs_f64(),
            reregistered_time: agent.reregistered_at.map(Timestamp::as_secs_f64),
            resources: agent.total.amounts(),
            used_resources: held.used.amounts(),
            offered_resources: held.offered.amounts(),
            reserved_resources: agent.total.reserved_amounts(),
            unreserved_resources: agent.total.unreserved_amounts(),
            active: agent.is_offerable(),
            deactivated: !agent.overlay.is_none(),
            version: &agent.version,
            capabilities: capabilities(&agent.capabilities).collect(),
            drain_info: drain_info(agent).as_ref().map(Raw::new),
            estimated_drain_start_time_seconds: drain.map(|drain| drain.started_at.as_secs_f64()),
        }
    }
}

struct AgentItem<'a> {
    master: &'a Master,
    agent: &'a Agent,
    detail: Detail,
}

impl Serialize for AgentItem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Full<'a> {
            #[serde(flatten)]
            view: AgentView<'a>,
            #[serde(flatten)]
            in_full: InFull<'a>,
        }
        let agent = self.agent;
        let held = self.master.held_of(agent);
        let view = AgentView::new(agent, &held);
        if self.detail == Detail::Sums {
            return view.serialize(serializer);
        }
        let reserved = agent.total.reservations();
        let in_full = InFull {
            reserved_resources_full: reserved
                .iter()
                .map(|(role, resources)| (role.as_str(), resources.in_full()))
                .collect(),
            unreserved_resources_full: agent.total.unreserved().in_full(),
            used_resources_full: held.used.in_full(),
            offered_resources_full: held.offered.in_full(),
            drain_status: self.master.view_drain_status(agent).as_ref().map(Raw::new),
            deactivation: agent
                .overlay
                .deactivation
                .as_ref()
                .map(|deactivation| Raw::new(&deactivation_to_wire(deactivation))),
        };
        Full { view, in_full }.serialize(serializer)
    }
}

fn is_asked(agent: &Agent, only: Option<&str>) -> bool {
    only.is_none_or(|only| agent.id.as_str() == only)
}

impl Master {
    pub(super) fn legacy_agent_list(&self, detail: Detail, only: Option<&str>) -> impl Serialize {
        List(move || {
            let agents = self.agents.values();
            let listed = agents.filter(move |agent| agent.is_listed() && is_asked(agent, only));
            listed.map(move |agent| AgentItem { master: self, agent, detail })
        })
    }

    // Mesos: known from the registry and not back yet; nothing more is shown of them.
    pub(super) fn legacy_recovered_list(&self, only: Option<&str>) -> impl Serialize {
        List(move || {
            let recovered = self.agents.values().filter(move |agent| {
                agent.reachability == Reachability::Recovered && is_asked(agent, only)
            });
            recovered.map(|agent| AgentCore::new(agent.id.as_str(), &agent.info))
        })
    }
}
