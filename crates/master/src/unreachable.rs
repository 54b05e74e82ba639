//! Agents that are not there: pings, timeouts, `unreachable`, `gone`, and what the registry forgets.

use std::time::Duration;

use model::drain::Reachability;
use model::{AgentId, Now, Refusal, Status};
use wire::link;

use crate::agents::{MARKED_GONE, shutdown_event};
use crate::effects::{Effects, Note};
use crate::state::{Agent, Master, Overlay};
use crate::tasks::Loss;
use crate::timers::Timer;

/// How often old entries of the registry are looked for.
// Mesos: `--registry_gc_interval`.
pub(crate) const REGISTRY_GC_INTERVAL: Duration = Duration::from_mins(15);

impl Master {
    /// Pings again, or gives the agent up after too many unanswered ones.
    pub(crate) fn ping_due(&mut self, now: Now, id: &AgentId, fx: &mut Effects) {
        if !self.agents.contains_key(id) {
            return;
        }
        let unanswered = self.unanswered_pings.entry(id.clone()).or_default();
        if *unanswered >= self.config.max_agent_ping_timeouts {
            return self.mark_unreachable(now, id, fx);
        }
        *unanswered += 1;
        let event =
            link::Event { r#type: Some(link::event::Type::Ping as i32), ..link::Event::default() };
        self.send_to_agent(id, event, fx);
        self.timers.set(Timer::Ping(id.clone()), now.at.plus(self.config.agent_ping_timeout));
    }

    pub(crate) fn reregister_timeout(&mut self, now: Now, id: &AgentId, fx: &mut Effects) {
        self.mark_unreachable(now, id, fx);
    }

    /// Gives an agent up. It may come back; its overlay stays.
    // Differs from Mesos: subscribers to operator events learn that it is not among the agents any more.
    fn mark_unreachable(&mut self, now: Now, id: &AgentId, fx: &mut Effects) {
        let Some(agent) = self.agents.get(id) else { return };
        let was_listed = agent.is_listed();
        self.detach(now, id, fx);
        if let Some(agent) = self.agent_mut(id) {
            agent.set_reachability(now, Reachability::Unreachable);
        }
        self.persist_agent(id, fx);
        self.lose_agent_tasks(now, id, Loss::Unreachable, fx);
        if was_listed {
            self.agent_removed(id, fx);
        }
        fx.note(Note::AgentUnreachable { agent: id.clone() });
    }

    // Mesos: a second call is fine, an unknown agent is 404 (unlike the other calls about agents).
    pub(crate) fn mark_agent_gone(
        &mut self,
        now: Now,
        id: &AgentId,
        fx: &mut Effects,
    ) -> Result<(), Refusal> {
        let Some(agent) = self.agents.get(id) else {
            return Err(Refusal::new(Status::NotFound, format!("Agent '{id}' not found")));
        };
        if agent.reachability != Reachability::Gone {
            self.mark_gone(now, id, fx);
        }
        Ok(())
    }

    /// Decommissions an agent: whatever it was doing is over, and this identity is never let in again.
    pub(crate) fn mark_gone(&mut self, now: Now, id: &AgentId, fx: &mut Effects) {
        let Some(agent) = self.agents.get(id) else { return };
        let was_listed = agent.is_listed();
        self.abandon_drain(now, id, fx);
        self.send_to_agent(id, shutdown_event(MARKED_GONE, true), fx);
        self.detach(now, id, fx);
        self.unindex_address(id);
        if let Some(agent) = self.agent_mut(id) {
            agent.set_reachability(now, Reachability::Gone);
            agent.overlay = Overlay::default();
        }
        self.persist_agent(id, fx);
        self.lose_agent_tasks(now, id, Loss::Gone, fx);
        if was_listed {
            self.agent_removed(id, fx);
        }
        fx.note(Note::AgentGone { agent: id.clone() });
    }

    /// Drops old entries of the registry: unreachable agents past their age or beyond their number, gone
    /// ones beyond theirs, oldest first.
    // Differs from Mesos: an agent over which an operator laid something is never forgotten.
    pub(crate) fn collect_registry_garbage(&mut self, now: Now, fx: &mut Effects) {
        self.timers.set(Timer::RegistryGc, now.at.plus(REGISTRY_GC_INTERVAL));
        let (max_age, max_count) =
            (self.config.registry_max_agent_age, self.config.registry_max_agent_count);
        let oldest_first = |is_candidate: fn(&Agent) -> bool| {
            let mut found: Vec<_> = self
                .agents
                .values()
                .filter(|agent| is_candidate(agent))
                .map(|agent| (agent.admission_since, agent.id.clone()))
                .collect();
            found.sort_unstable();
            found
        };
        let unreachable = oldest_first(|agent| {
            agent.reachability == Reachability::Unreachable && agent.overlay.is_none()
        });
        let gone = oldest_first(|agent| agent.reachability == Reachability::Gone);

        let too_many = unreachable.len().saturating_sub(max_count);
        let too_old = unreachable.partition_point(|(since, _)| now.wall.since(*since) >= max_age);
        let unreachable = unreachable.into_iter().take(too_many.max(too_old));
        let gone_too_many = gone.len().saturating_sub(self.config.max_gone_agents);
        for (_, id) in unreachable.chain(gone.into_iter().take(gone_too_many)) {
            fx.note(Note::AgentForgotten { agent: id.clone() });
            self.forget_agent(&id, fx);
        }
    }
}
