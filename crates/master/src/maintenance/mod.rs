//! Maintenance: machines that operators say will be unavailable, and machines that are down for it.
//!
//! ```text
//!        UPDATE_MAINTENANCE_SCHEDULE                START_MAINTENANCE
//!   up ──────────────────────────────▶ scheduled ──────────────────────▶ down: its agents drain, or are drained
//!    ▲                                  │                                 │
//!    └── UPDATE_MAINTENANCE_SCHEDULE ───┘                                 │ STOP_MAINTENANCE: the drains it began
//!    └────────────────────────────────────────────────────────────────────┘ end once they are finished
//! ```
//!
//! A window never drains by itself: it is announced, with every offer and in inverse offers to whoever holds something
//! there. See decision 17.
//!
//! Invariants:
//! * every agent knows where its machine stands in the schedule;
//! * no agent of a machine that is down is offered;
//! * an inverse offer is out only for an agent that is offered, scheduled and not down, once per framework.

mod inverse;
mod schedule;

use model::drain::{DrainConfig, DrainState, Reachability};
use model::{AgentId, Now, Refusal, Status};
use wire::maintenance::{ClusterStatus, Schedule, cluster_status::DrainingMachine};
use wire::master::response::{GetMaintenanceSchedule, GetMaintenanceStatus};

use crate::agents::reactivate_event;
use crate::contradictions::MAX_GENERATION;
use crate::effects::{Effects, Mutation, Note};
use crate::event::DrainRequest;
use crate::state::{Master, Shared};

pub(crate) use inverse::InverseOffers;
pub(crate) use schedule::{AgentMaintenance, Maintenance};

impl Master {
    /// The operator's `UPDATE_MAINTENANCE_SCHEDULE`.
    pub(crate) fn update_maintenance_schedule(
        &mut self,
        now: Now,
        schedule: Schedule,
        fx: &mut Effects,
    ) -> Result<(), Refusal> {
        let after = self.maintenance.with_schedule(schedule)?;
        self.take_maintenance(now, after, fx);
        Ok(())
    }

    /// The operator's `START_MAINTENANCE`: the agents of these machines drain, whatever becomes of the connection to
    /// them, and are not offered until the machines are up again.
    // Differs from Mesos: it removes the agents at once, and their tasks with them.
    pub(crate) fn start_maintenance(
        &mut self,
        now: Now,
        machines: &[wire::v1::MachineId],
        fx: &mut Effects,
    ) -> Result<(), Refusal> {
        let after = self.maintenance.with_down(&schedule::machines(machines)?)?;
        self.take_maintenance(now, after, fx);
        Ok(())
    }

    /// The operator's `STOP_MAINTENANCE`.
    pub(crate) fn stop_maintenance(
        &mut self,
        now: Now,
        machines: &[wire::v1::MachineId],
        fx: &mut Effects,
    ) -> Result<(), Refusal> {
        let after = self.maintenance.with_up(&schedule::machines(machines)?)?;
        self.take_maintenance(now, after, fx);
        Ok(())
    }

    // Takes time in proportion to the number of agents; it is done by hand, and seldom.
    fn take_maintenance(&mut self, now: Now, after: Maintenance, fx: &mut Effects) {
        if *self.maintenance == after {
            return;
        }
        self.maintenance = Shared::new(after);
        self.persist_maintenance(fx);
        let agents: Vec<AgentId> = self.agents.keys().cloned().collect();
        for id in agents {
            self.place_in_schedule(now, &id, fx);
        }
    }

    fn persist_maintenance(&self, fx: &mut Effects) {
        fx.mutate(if self.maintenance.is_empty() {
            Mutation::RemoveMaintenance
        } else {
            Mutation::SetMaintenance(Box::new(self.maintenance.to_record()))
        });
    }

    /// The record of the schedule, if there is one.
    pub(crate) fn maintenance_record(&self) -> Option<Mutation> {
        let maintenance = &self.maintenance;
        (!maintenance.is_empty())
            .then(|| Mutation::SetMaintenance(Box::new(maintenance.to_record())))
    }

    /// Finds where the agent's machine stands. When that is not as it was, whoever has an offer of the agent gets
    /// another one that says so.
    // Mesos: offers and inverse offers are rescinded, answers to them forgotten.
    pub(crate) fn place_in_schedule(&mut self, now: Now, id: &AgentId, fx: &mut Effects) {
        let Some(agent) = self.agents.get(id) else { return };
        let place = self.maintenance.of(agent);
        if agent.maintenance == place {
            return;
        }
        if let Some(agent) = self.agent_mut(id) {
            agent.maintenance = place;
        }
        self.rescind_agent_offers(now, id, fx);
        self.forget_invitations(id, fx);
    }

    /// A machine that is down has its agents drained, in whatever state they are.
    pub(crate) fn settle_machine_down(&mut self, now: Now, id: &AgentId, fx: &mut Effects) {
        let Some(agent) = self.agents.get(id) else { return };
        let Some(place) = agent.maintenance.as_ref().filter(|place| place.down) else { return };
        if agent.overlay.drain.is_some()
            || agent.last_generation >= MAX_GENERATION
            || matches!(agent.reachability, Reachability::Gone | Reachability::Removed)
        {
            return;
        }
        let reason = format!("machine {} is down for maintenance", place.machine);
        let request = DrainRequest { reason: Some(reason), ..DrainRequest::default() };
        self.begin_drain(now, id, DrainConfig::default(), request, true, fx);
    }

    /// A drain that began because the machine went down is over once it is finished and the machine is up.
    pub(crate) fn settle_machine_up(&mut self, id: &AgentId, fx: &mut Effects) {
        let Some(agent) = self.agents.get(id) else { return };
        let is_down = agent.maintenance.as_ref().is_some_and(|place| place.down);
        let is_over = agent
            .overlay
            .drain
            .as_ref()
            .is_some_and(|drain| drain.for_maintenance && drain.state == DrainState::Drained);
        if is_down || !is_over {
            return;
        }
        let Some(agent) = self.agent_mut(id) else { return };
        agent.overlay.drain = None;
        agent.reported_drain = None;
        let (generation, is_free) = (agent.last_generation, agent.overlay.is_none());
        if is_free && agent.reachability == Reachability::Removed {
            // Only the overlay kept this record.
            self.forget_agent(id, fx);
        } else {
            self.persist_agent(id, fx);
            self.send_to_agent(id, reactivate_event(generation), fx);
        }
        if is_free {
            fx.note(Note::AgentReactivated { agent: id.clone() });
        }
    }

    /// Why an operator can't begin a drain of this agent by hand, or end one.
    pub(crate) fn why_not_by_hand(&self, id: &AgentId, begins: bool) -> Option<Refusal> {
        let place = self.agents.get(id)?.maintenance.as_ref()?;
        let machine = &place.machine;
        if begins {
            // Mesos: text and status, up to the semicolon.
            return Some(Refusal::bad_request(format!(
                "Agent {id} is part of a maintenance schedule under Machine {machine}; START_MAINTENANCE of the \
                 machine drains it, or take the machine out of the schedule first"
            )));
        }
        place.down.then(|| {
            let text = format!(
                "Agent {id} is on machine {machine}, which is down for maintenance; STOP_MAINTENANCE of the machine \
                 reactivates it"
            );
            Refusal::new(Status::Conflict, text)
        })
    }

    /// The answer to `GET_MAINTENANCE_SCHEDULE`.
    pub fn view_maintenance_schedule(&self) -> GetMaintenanceSchedule {
        GetMaintenanceSchedule { schedule: self.maintenance.schedule().clone() }
    }

    /// The answer to `GET_MAINTENANCE_STATUS`: machines that are scheduled, with what frameworks said to inverse
    /// offers about their agents, and machines that are down.
    pub fn view_maintenance_status(&self) -> GetMaintenanceStatus {
        let mut answers = self.view_answers();
        let mut status = ClusterStatus::default();
        for (id, machine) in self.maintenance.machines() {
            if machine.down {
                status.down_machines.push(id.to_wire());
            } else {
                let statuses = answers.remove(id).unwrap_or_default();
                status.draining_machines.push(DrainingMachine { id: id.to_wire(), statuses });
            }
        }
        GetMaintenanceStatus { status }
    }
}
