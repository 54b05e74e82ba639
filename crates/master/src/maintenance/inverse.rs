//! Inverse offers: asking frameworks to give back, of their own accord, what will be unavailable.
//!
//! Level-triggered: who is to have one follows from the state, so none is believed outstanding that is not (D38).

use std::collections::{BTreeMap, BTreeSet};

use model::validate::filters::refuse_for;
use model::{AgentId, FrameworkId, Moment, Now, OfferId, Timestamp};
use wire::allocator::{InverseOfferStatus, inverse_offer_status::Status};
use wire::v1::InverseOffer;

use super::schedule::MachineId;
use crate::effects::Effects;
use crate::offers::agent_url;
use crate::scheduler_events;
use crate::state::{Agent, Framework, Master};
use crate::timers::Timer;

/// What a framework was asked about an agent, and what it said.
#[derive(Clone, Debug, Default)]
struct Invitation {
    outstanding: Option<OfferId>,
    answer: Option<(Status, Timestamp)>,
    /// It said that it does not want to be asked again before.
    again_at: Option<Moment>,
}

/// At most one invitation per agent and framework that holds something there.
#[derive(Clone, Debug, Default)]
pub(crate) struct InverseOffers {
    invitations: BTreeMap<AgentId, BTreeMap<FrameworkId, Invitation>>,
    outstanding: BTreeMap<OfferId, (AgentId, FrameworkId)>,
}

impl InverseOffers {
    fn is_empty(&self) -> bool {
        self.invitations.is_empty()
    }

    fn invitation(&mut self, agent: &AgentId, framework: &FrameworkId) -> Option<&mut Invitation> {
        self.invitations.get_mut(agent)?.get_mut(framework)
    }

    /// Takes an inverse offer off the table. What was answered stays.
    fn withdraw(&mut self, id: &OfferId) -> Option<(AgentId, FrameworkId)> {
        let (agent, framework) = self.outstanding.remove(id)?;
        if let Some(invitation) = self.invitation(&agent, &framework) {
            invitation.outstanding = None;
        }
        Some((agent, framework))
    }

    fn outstanding_of(&self, agent: &AgentId) -> Vec<(OfferId, FrameworkId)> {
        let of_agent = self.invitations.get(agent).into_iter().flatten();
        let of_agent = of_agent.filter_map(|(framework, invitation)| {
            Some((invitation.outstanding.clone()?, framework.clone()))
        });
        of_agent.collect()
    }

    /// When the next framework may be asked again about the agent.
    fn next_again(&self, agent: &AgentId, now: Moment) -> Option<Moment> {
        let of_agent = self.invitations.get(agent)?.values();
        of_agent.filter_map(|invitation| invitation.again_at.filter(|at| *at > now)).min()
    }
}

impl Master {
    /// Inverse offers for agents about which something changed, or that were offered. Called at the end of every
    /// event, after offers have been made.
    pub(crate) fn settle_inverse_offers(&mut self, now: Now, fx: &mut Effects) {
        let mut agents = std::mem::take(&mut self.to_invite);
        if self.maintenance.is_empty() && self.inverse_offers.is_empty() {
            return;
        }
        agents.extend(self.dirty.iter().cloned());
        let mut batches: BTreeMap<FrameworkId, Vec<InverseOffer>> = BTreeMap::new();
        for id in &agents {
            self.invite(now, id, &mut batches, fx);
        }
        for (framework, inverse_offers) in batches {
            if let Some(stream) = self.frameworks.get(&framework).and_then(|it| it.stream) {
                fx.to_scheduler(stream, scheduler_events::inverse_offers(inverse_offers));
            }
        }
    }

    fn invite(
        &mut self,
        now: Now,
        id: &AgentId,
        batches: &mut BTreeMap<FrameworkId, Vec<InverseOffer>>,
        fx: &mut Effects,
    ) {
        let agent = self.agents.get(id);
        if agent.is_none_or(|agent| agent.maintenance.is_none()) {
            return self.forget_invitations(id, fx);
        }
        // Out of service nobody is asked: a drain asks for nobody's leave.
        let Some(agent) = agent.filter(|agent| agent.is_offerable()) else {
            return self.rescind_inverse_offers(id, fx);
        };
        // Mesos: to whoever holds something there, if only an offer.
        let offered = agent.offers.iter().filter_map(|offer| self.offers.get(offer));
        let holders = agent.used.keys().chain(offered.map(|offer| &offer.framework)).cloned();
        let holders: BTreeSet<FrameworkId> = holders.collect();
        for framework in holders {
            if !self.frameworks.get(&framework).is_some_and(Framework::is_connected) {
                continue;
            }
            let of_agent = self.inverse_offers.invitations.get(id);
            let invitation = of_agent.and_then(|of_agent| of_agent.get(&framework));
            let is_settled = invitation.is_some_and(|invitation| {
                invitation.outstanding.is_some()
                    || invitation.again_at.is_some_and(|at| at > now.at)
            });
            if !is_settled && let Some(offer) = self.add_inverse_offer(id, &framework) {
                batches.entry(framework).or_default().push(offer);
            }
        }
        match self.inverse_offers.next_again(id, now.at) {
            Some(at) => self.timers.set(Timer::Invite(id.clone()), at),
            None => self.timers.cancel(&Timer::Invite(id.clone())),
        }
    }

    // Mesos: numbered with the offers; without resources, as it is the whole machine that will be unavailable.
    fn add_inverse_offer(
        &mut self,
        agent: &AgentId,
        framework: &FrameworkId,
    ) -> Option<InverseOffer> {
        let id = self.new_offer_id();
        let shown = self.agents.get(agent).and_then(|it| show(&id, framework, it))?;
        let inverse = &mut self.inverse_offers;
        inverse.outstanding.insert(id.clone(), (agent.clone(), framework.clone()));
        let of_agent = inverse.invitations.entry(agent.clone()).or_default();
        let invitation = of_agent.entry(framework.clone()).or_default();
        invitation.outstanding = Some(id);
        invitation.again_at = None;
        Some(shown)
    }

    /// Takes back what is out about an agent and tells the frameworks.
    fn rescind_inverse_offers(&mut self, agent: &AgentId, fx: &mut Effects) {
        for (id, framework) in self.inverse_offers.outstanding_of(agent) {
            self.inverse_offers.withdraw(&id);
            if let Some(stream) = self.frameworks.get(&framework).and_then(|it| it.stream) {
                fx.to_scheduler(stream, scheduler_events::rescind_inverse_offer(&id));
            }
        }
    }

    /// Takes back what is out about an agent, and forgets what was answered.
    pub(crate) fn forget_invitations(&mut self, agent: &AgentId, fx: &mut Effects) {
        if !self.inverse_offers.invitations.contains_key(agent) {
            return;
        }
        self.rescind_inverse_offers(agent, fx);
        self.inverse_offers.invitations.remove(agent);
        self.timers.cancel(&Timer::Invite(agent.clone()));
    }

    /// The time to ask again has come; [`Master::settle_inverse_offers`] follows.
    pub(crate) fn invite_again(&mut self, agent: &AgentId) {
        self.to_invite.insert(agent.clone());
    }

    /// A scheduler's answer. Inverse offers that are no more are passed over.
    pub(crate) fn answer_inverse_offers(
        &mut self,
        now: Now,
        framework: &FrameworkId,
        ids: &[wire::v1::OfferId],
        filters: Option<&wire::v1::Filters>,
        answer: Status,
        fx: &mut Effects,
    ) {
        // Mesos: with the filter of offers, 5 s by default.
        let again_at = now.at.plus(refuse_for(filters));
        for id in ids.iter().map(OfferId::from) {
            let owner = self.inverse_offers.outstanding.get(&id).map(|(_, owner)| owner);
            if owner != Some(framework) {
                let why = format!("an answer to inverse offer {id}, which is no longer valid");
                fx.dropped(format!("framework {framework}"), why);
                continue;
            }
            let Some((agent, _)) = self.inverse_offers.withdraw(&id) else { continue };
            if let Some(invitation) = self.inverse_offers.invitation(&agent, framework) {
                invitation.answer = Some((answer, now.wall));
                invitation.again_at = Some(again_at);
            }
            self.to_invite.insert(agent);
        }
    }

    /// What a framework has answered holds no longer: it is asked again.
    // Mesos: REVIVE and UPDATE_FRAMEWORK clear these filters in whatever role, and so does a scheduler that goes.
    pub(crate) fn forget_inverse_filters(&mut self, framework: &FrameworkId) {
        for (agent, of_agent) in &mut self.inverse_offers.invitations {
            let invitation = of_agent.get_mut(framework);
            if invitation.is_some_and(|invitation| invitation.again_at.take().is_some()) {
                self.to_invite.insert(agent.clone());
            }
        }
    }

    /// A framework whose scheduler has gone: nobody is there to hear that its inverse offers are no more.
    pub(crate) fn discard_inverse_offers(&mut self, framework: &FrameworkId) {
        if self.inverse_offers.is_empty() {
            return;
        }
        self.forget_inverse_filters(framework);
        let inverse = &self.inverse_offers.outstanding;
        let own = inverse.iter().filter(|(_, (_, owner))| owner == framework);
        let own: Vec<OfferId> = own.map(|(id, _)| id.clone()).collect();
        for id in own {
            self.inverse_offers.withdraw(&id);
        }
    }

    /// A framework that is over is asked nothing, and its answers don't matter any more.
    pub(crate) fn forget_answers(&mut self, framework: &FrameworkId) {
        self.discard_inverse_offers(framework);
        if !self.inverse_offers.is_empty() {
            self.inverse_offers.invitations.retain(|_, of_agent| {
                of_agent.remove(framework);
                !of_agent.is_empty()
            });
        }
    }

    /// Whoever is subscribed again is asked again.
    pub(crate) fn invite_framework(&mut self, agents: &BTreeSet<AgentId>) {
        if !self.maintenance.is_empty() {
            self.to_invite.extend(agents.iter().cloned());
        }
    }

    /// A framework's outstanding inverse offers.
    pub(crate) fn view_inverse_offers(&self, framework: &FrameworkId) -> Vec<InverseOffer> {
        let outstanding = self.inverse_offers.outstanding.iter();
        outstanding
            .filter(|(_, (_, owner))| owner == framework)
            .filter_map(|(id, (agent, _))| show(id, framework, self.agents.get(agent)?))
            .collect()
    }

    /// What frameworks answered, by machine.
    pub(super) fn view_answers(&self) -> BTreeMap<MachineId, Vec<InverseOfferStatus>> {
        let mut answers: BTreeMap<MachineId, Vec<InverseOfferStatus>> = BTreeMap::new();
        for (agent, of_agent) in &self.inverse_offers.invitations {
            let place = self.agents.get(agent).and_then(|agent| agent.maintenance.as_ref());
            let Some(place) = place else { continue };
            let of_machine = answers.entry(place.machine.clone()).or_default();
            for (framework, invitation) in of_agent {
                if let Some((status, at)) = invitation.answer {
                    of_machine.push(InverseOfferStatus {
                        status: status as i32,
                        framework_id: framework.to_wire(),
                        timestamp: at.to_wire(),
                    });
                }
            }
        }
        answers
    }

    /// For [`Master::check_all`].
    pub(crate) fn check_inverse_offers(&self) {
        let inverse = &self.inverse_offers;
        for (id, (agent, framework)) in &inverse.outstanding {
            let of_agent = inverse.invitations.get(agent);
            let invitation = of_agent.and_then(|of_agent| of_agent.get(framework));
            let known = invitation.and_then(|invitation| invitation.outstanding.as_ref());
            assert_eq!(known, Some(id), "an inverse offer is the invitation's");
            let agent = self.agents.get(agent).expect("every inverse offer is about an agent");
            assert!(agent.is_offerable(), "{}: out of service nobody is asked", agent.id);
            assert!(agent.maintenance.is_some(), "{}: only maintenance asks", agent.id);
            let owner = self.frameworks.get(framework).expect("every inverse offer is somebody's");
            assert!(owner.is_connected(), "{framework}: only who can answer is asked");
        }
        let all = inverse.invitations.values().flat_map(BTreeMap::values);
        let out = all.filter(|invitation| invitation.outstanding.is_some()).count();
        assert_eq!(out, inverse.outstanding.len(), "every invitation out is found by its id");
        for agent in self.agents.values() {
            let place = self.maintenance.of(agent);
            assert_eq!(agent.maintenance, place, "{}: it knows its machine's place", agent.id);
        }
    }
}

fn show(id: &OfferId, framework: &FrameworkId, agent: &Agent) -> Option<InverseOffer> {
    Some(InverseOffer {
        id: id.to_wire(),
        url: Some(agent_url(agent)),
        framework_id: framework.to_wire(),
        agent_id: Some(agent.id.to_wire()),
        unavailability: agent.maintenance.as_ref()?.unavailability,
        resources: Vec::new(),
    })
}
