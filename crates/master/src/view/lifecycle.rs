//! Operator events about the lives of agents, for which Mesos has none: each follows from the fact that was noted.

use model::AgentId;
use wire::master::event::Type;

use crate::effects::{Effects, Note};
use crate::state::{Master, deactivation_to_wire};

impl Master {
    /// Tells subscribers to operator events what became of agents in this event, as they are after it.
    // Differs from Mesos: it has events for agents that are added or removed alone; all else must be polled.
    pub(crate) fn show_lifecycle(&self, fx: &mut Effects) {
        if self.watchers == 0 {
            return;
        }
        let told = fx.notes.iter().filter_map(event_of);
        let events: Vec<_> =
            told.map(|(kind, id, drain)| self.lifecycle(kind, id, drain)).collect();
        for event in events {
            fx.to_operators(event);
        }
    }

    fn lifecycle(&self, kind: Type, id: &AgentId, drain: Option<u64>) -> wire::master::Event {
        let agent = self.agents.get(id);
        let lifecycle = wire::ebb::AgentLifecycle {
            agent_id: Some(id.to_wire()),
            hostname: agent.map(|agent| agent.info.hostname.clone()),
            reachability: agent.map(|agent| agent.reachability.to_wire() as i32),
            deactivation: agent
                .and_then(|agent| agent.overlay.deactivation.as_ref())
                .map(deactivation_to_wire),
            drain_status: agent.and_then(|agent| self.view_drain_status(agent)),
            drain_generation: drain,
        };
        wire::master::Event {
            r#type: Some(kind as i32),
            agent_lifecycle: Some(Box::new(lifecycle)),
            ..wire::master::Event::default()
        }
    }
}

/// The event a noted fact is, with its agent and drain.
#[expect(clippy::wildcard_enum_match_arm, reason = "few facts are about the lives of agents")]
fn event_of(note: &Note) -> Option<(Type, &AgentId, Option<u64>)> {
    Some(match note {
        Note::AgentReregistered { agent, .. } => (Type::AgentReconnected, agent, None),
        Note::AgentDisconnected { agent } => (Type::AgentDisconnected, agent, None),
        Note::AgentUnreachable { agent } => (Type::AgentUnreachable, agent, None),
        Note::AgentGone { agent } => (Type::AgentGone, agent, None),
        Note::AgentDeactivated { agent } => (Type::AgentDeactivated, agent, None),
        Note::AgentReactivated { agent } => (Type::AgentReactivated, agent, None),
        Note::DrainStarted { agent, generation } => {
            (Type::AgentDrainStarted, agent, Some(*generation))
        }
        Note::DrainTightened { agent, generation } => {
            (Type::AgentDrainTightened, agent, Some(*generation))
        }
        Note::Drained { agent, generation, .. } => (Type::AgentDrained, agent, Some(*generation)),
        Note::DrainReopened { agent, generation } => {
            (Type::AgentDrainReopened, agent, Some(*generation))
        }
        _ => return None,
    })
}
