//! What operators lay over an agent: deactivation, and the drain with its generations.
//!
//! ```text
//!            DEACTIVATE                 DRAIN                    nothing left, confirmed
//!   (none) ────────────▶ deactivated ──────────▶ DRAINING g ──────────────────────▶ DRAINED g ─▶ gone, if
//!      ▲                      │                      ▲                                 │  │      asked for
//!      │       REACTIVATE     │                      └─────── something runs there ────┘  │
//!      └──────────────────────┴──────────────────────────────────── REACTIVATE ───────────┘
//! ```
//!
//! Invariants:
//! * a drain never ends by anything but being finished, gone, or reactivated after it was finished;
//! * each drain of an agent has a greater generation than the one before;
//! * `DRAINED` is a fact, not a memory: it is given up when the agent reports the contrary.

use model::drain::{Deactivation, Drain, DrainConfig, DrainState, Reachability};
use model::{AgentId, Now, Refusal, Status};

use crate::agents::{drain_event, reactivate_event};
use crate::contradictions::MAX_GENERATION;
use crate::effects::{Effects, Note};
use crate::event::{DrainRequest, OverlayRequest};
use crate::state::{Agent, Master, Overlay};

const UNKNOWN_AGENT: &str = "Unknown agent";
const NOT_DEACTIVATED: &str = "Agent is not deactivated";
const NO_GENERATION: &str = "No generation is left for another drain of this agent; \
                             make a new agent of its host";
const STILL_DRAINING: &str = "Agent is still in the DRAINING state";

/// What a `DRAIN_AGENT` amounts to.
#[derive(Debug, PartialEq, Eq)]
enum Step {
    Begin,
    Tighten(DrainConfig),
    /// The agent is drained and now to be decommissioned.
    Decommission,
    Nothing,
}

/// Where a drain has got to.
#[derive(Debug, PartialEq, Eq)]
enum Turn {
    Wait,
    Finish,
    Reopen,
}

impl Master {
    // Mesos: answers 400 for unknown and gone agents alike, and repeating the call is allowed in every state.
    // Differs from Mesos: a repeated call never restarts or loosens a drain; it may tighten it.
    pub(crate) fn drain_agent(
        &mut self,
        now: Now,
        id: &AgentId,
        request: DrainRequest,
        fx: &mut Effects,
    ) -> Result<(), Refusal> {
        let agent = self.known_agent(id)?;
        let is_for_maintenance =
            agent.overlay.drain.as_ref().is_some_and(|drain| drain.for_maintenance);
        let asked = DrainConfig {
            max_grace_period: request.max_grace_period,
            mark_gone: request.mark_gone,
        };
        match plan_drain(agent.overlay.drain.as_ref(), asked) {
            Step::Nothing => {}
            // Only a registry that was edited gets there.
            Step::Begin if agent.last_generation >= MAX_GENERATION => {
                return Err(Refusal::new(Status::Conflict, NO_GENERATION));
            }
            Step::Begin => match self.why_not_by_hand(id, true) {
                Some(refusal) => return Err(refusal),
                None => self.begin_drain(now, id, asked, request, false, fx),
            },
            Step::Tighten(config) => self.tighten_drain(id, config, request, fx),
            Step::Decommission => self.mark_gone(now, id, fx),
        }
        // The maintenance is over: whoever wants the agent drained from here on is the one who ends that.
        if is_for_maintenance && self.why_not_by_hand(id, true).is_none() {
            self.keep_drain(id, fx);
        }
        Ok(())
    }

    /// A drain that would end by itself is one by hand from now on.
    fn keep_drain(&mut self, id: &AgentId, fx: &mut Effects) {
        let drain = self.agent_mut(id).and_then(|agent| agent.overlay.drain.as_mut());
        if let Some(drain) = drain {
            drain.for_maintenance = false;
            self.persist_agent(id, fx);
        }
    }

    pub(crate) fn begin_drain(
        &mut self,
        now: Now,
        id: &AgentId,
        config: DrainConfig,
        request: DrainRequest,
        for_maintenance: bool,
        fx: &mut Effects,
    ) {
        self.rescind_agent_offers(now, id, fx);
        let Some(agent) = self.agent_mut(id) else { return };
        agent.last_generation += 1;
        let drain = Drain {
            generation: agent.last_generation,
            config,
            state: DrainState::Draining,
            started_at: now.wall,
            finished_at: None,
            reason: request.reason,
            requested_by: request.requested_by,
            for_maintenance,
        };
        let event = drain_event(&drain);
        let generation = drain.generation;
        agent.overlay.drain = Some(drain);
        self.persist_agent(id, fx);
        self.send_to_agent(id, event, fx);
        fx.note(Note::DrainStarted { agent: id.clone(), generation });
    }

    fn tighten_drain(
        &mut self,
        id: &AgentId,
        config: DrainConfig,
        request: DrainRequest,
        fx: &mut Effects,
    ) {
        let Some(agent) = self.agent_mut(id) else { return };
        let Some(drain) = &mut agent.overlay.drain else { return };
        drain.config = config;
        drain.reason = request.reason.or(drain.reason.take());
        drain.requested_by = request.requested_by.or(drain.requested_by.take());
        let event = drain_event(drain);
        let generation = drain.generation;
        self.persist_agent(id, fx);
        self.send_to_agent(id, event, fx);
        fx.note(Note::DrainTightened { agent: id.clone(), generation });
    }

    pub(crate) fn deactivate_agent(
        &mut self,
        now: Now,
        id: &AgentId,
        request: OverlayRequest,
        fx: &mut Effects,
    ) -> Result<(), Refusal> {
        // A drain deactivates too: then there is nothing to add, unless it will end by itself.
        let overlay = &self.known_agent(id)?.overlay;
        let stays = overlay.drain.as_ref().is_some_and(|drain| !drain.for_maintenance);
        if stays || overlay.deactivation.is_some() {
            return Ok(());
        }
        self.rescind_agent_offers(now, id, fx);
        if let Some(agent) = self.agent_mut(id) {
            agent.overlay.deactivation = Some(Deactivation {
                since: now.wall,
                reason: request.reason,
                requested_by: request.requested_by,
            });
        }
        self.persist_agent(id, fx);
        fx.note(Note::AgentDeactivated { agent: id.clone() });
        Ok(())
    }

    // Differs from Mesos: answers 200 also for agents that are not connected, for which the call takes
    // effect just as well (there: 409).
    pub(crate) fn reactivate_agent(
        &mut self,
        _now: Now,
        id: &AgentId,
        fx: &mut Effects,
    ) -> Result<(), Refusal> {
        let overlay = self.agents.get(id).map(|agent| &agent.overlay);
        let overlay = overlay
            .filter(|overlay| !overlay.is_none())
            .ok_or_else(|| Refusal::bad_request(NOT_DEACTIVATED))?;
        let had_drain = match &overlay.drain {
            Some(drain) if drain.state != DrainState::Drained => {
                return Err(Refusal::bad_request(STILL_DRAINING));
            }
            drain => drain.is_some(),
        };
        if let Some(refusal) = self.why_not_by_hand(id, false) {
            return Err(refusal);
        }
        let Some(agent) = self.agent_mut(id) else { return Ok(()) };
        agent.overlay = Overlay::default();
        agent.reported_drain = None;
        let generation = agent.last_generation;
        if agent.reachability == Reachability::Removed {
            // Only the overlay kept this record.
            self.forget_agent(id, fx);
        } else {
            self.persist_agent(id, fx);
            if had_drain {
                self.send_to_agent(id, reactivate_event(generation), fx);
            }
        }
        fx.note(Note::AgentReactivated { agent: id.clone() });
        Ok(())
    }

    fn known_agent(&self, id: &AgentId) -> Result<&Agent, Refusal> {
        self.agents
            .get(id)
            .map(|agent| &**agent)
            .filter(|agent| agent.reachability != Reachability::Gone)
            .ok_or_else(|| Refusal::bad_request(UNKNOWN_AGENT))
    }

    /// Draws the conclusions from whatever the present event changed: drains that are finished, resources
    /// that can be offered. Bounded by the number of agents the event touched.
    pub(crate) fn settle(&mut self, now: Now, fx: &mut Effects) {
        for id in self.dirty.clone() {
            self.settle_machine_down(now, &id, fx);
            self.settle_drain(now, &id, fx);
            self.settle_machine_up(&id, fx);
        }
        self.allocate(now, fx);
        self.settle_inverse_offers(now, fx);
        self.settled = std::mem::take(&mut self.dirty);
    }

    fn settle_drain(&mut self, now: Now, id: &AgentId, fx: &mut Effects) {
        let Some(agent) = self.agents.get(id) else { return };
        let Some(drain) = &agent.overlay.drain else { return };
        match plan_turn(agent, drain) {
            Turn::Wait => {}
            Turn::Finish => self.finish_drain(now, id, fx),
            Turn::Reopen => {
                let generation = drain.generation;
                if let Some(drain) = self.agent_mut(id).and_then(|a| a.overlay.drain.as_mut()) {
                    drain.state = DrainState::Draining;
                    drain.finished_at = None;
                }
                self.persist_agent(id, fx);
                fx.note(Note::DrainReopened { agent: id.clone(), generation });
            }
        }
    }

    /// Notes that a drain ends without having been carried out.
    pub(crate) fn abandon_drain(&self, now: Now, id: &AgentId, fx: &mut Effects) {
        let drain = self.agents.get(id).and_then(|agent| agent.overlay.drain.as_ref());
        if let Some(drain) = drain.filter(|drain| drain.state == DrainState::Draining) {
            fx.note(Note::DrainAbandoned {
                agent: id.clone(),
                generation: drain.generation,
                took: now.wall.since(drain.started_at),
            });
        }
    }

    fn finish_drain(&mut self, now: Now, id: &AgentId, fx: &mut Effects) {
        let Some(drain) = self.agent_mut(id).and_then(|agent| agent.overlay.drain.as_mut()) else {
            return;
        };
        drain.state = DrainState::Drained;
        drain.finished_at = Some(now.wall);
        let mark_gone = drain.config.mark_gone;
        fx.note(Note::Drained {
            agent: id.clone(),
            generation: drain.generation,
            took: now.wall.since(drain.started_at),
            mark_gone,
        });
        if mark_gone {
            self.mark_gone(now, id, fx);
        } else {
            self.persist_agent(id, fx);
        }
    }
}

fn plan_drain(present: Option<&Drain>, asked: DrainConfig) -> Step {
    let Some(drain) = present else { return Step::Begin };
    let tightened = drain.config.tightened(asked);
    if drain.state == DrainState::Drained {
        let is_added = tightened.mark_gone && !drain.config.mark_gone;
        if is_added { Step::Decommission } else { Step::Nothing }
    } else if tightened == drain.config {
        Step::Nothing
    } else {
        Step::Tighten(tightened)
    }
}

/// Whether a drain is finished, or was taken for finished wrongly. Only a connected agent can say.
// Differs from Mesos: all operations count, those of resource providers included; a disconnected agent is
// never drained; the agent's own word for this very drain is needed.
fn plan_turn(agent: &Agent, drain: &Drain) -> Turn {
    if agent.reachability != Reachability::Registered {
        return Turn::Wait;
    }
    let report = agent.report_for(drain);
    let is_accounted_for = agent.tasks.is_empty() && agent.operations.is_empty();
    let is_confirmed = report.is_some_and(|report| report.empty);
    if drain.state != DrainState::Drained {
        return if is_accounted_for && is_confirmed { Turn::Finish } else { Turn::Wait };
    }
    let is_denied = match report {
        Some(report) => !report.empty,
        // It has come back and not yet spoken of this drain.
        None => !agent.executors.is_empty(),
    };
    if is_denied || !is_accounted_for { Turn::Reopen } else { Turn::Wait }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A second request tightens a running drain, is idle on a finished one, and can only add to it the
    /// decommission.
    #[test]
    fn a_repeated_drain_only_ever_tightens() {
        let config = |grace: Option<u64>, mark_gone| DrainConfig {
            max_grace_period: grace.map(Duration::from_secs),
            mark_gone,
        };
        let plan = |state, present, asked| {
            let drain = Drain {
                generation: 1,
                config: present,
                state,
                started_at: model::Timestamp::default(),
                finished_at: None,
                reason: None,
                requested_by: None,
                for_maintenance: false,
            };
            plan_drain(Some(&drain), asked)
        };
        let (running, finished) = (DrainState::Draining, DrainState::Drained);

        assert_eq!(plan_drain(None, config(None, false)), Step::Begin);
        for (state, present, asked, step) in [
            (running, config(Some(10), false), config(None, false), Step::Nothing),
            (running, config(Some(10), false), config(Some(20), false), Step::Nothing),
            (
                running,
                config(Some(10), false),
                config(Some(5), false),
                Step::Tighten(config(Some(5), false)),
            ),
            (running, config(None, false), config(Some(5), false), {
                Step::Tighten(config(Some(5), false))
            }),
            (running, config(Some(5), false), config(None, true), {
                Step::Tighten(config(Some(5), true))
            }),
            (running, config(Some(5), true), config(Some(5), false), Step::Nothing),
            (finished, config(Some(5), false), config(Some(1), false), Step::Nothing),
            (finished, config(Some(5), false), config(Some(9), true), Step::Decommission),
        ] {
            assert_eq!(plan(state, present, asked), step, "{state:?} {present:?} {asked:?}");
        }
    }
}
