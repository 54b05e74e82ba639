//! Offers: what a framework may use of an agent, until it answers or the offer is rescinded.
//!
//! Invariants:
//! * an offer is in `Master::offers`, on its agent and at its framework, or nowhere;
//! * its resources count as held by the framework, in the role of the offer.

use std::sync::Arc;

use model::validate::filters::refuse_for;
use model::{AgentId, FrameworkId, Now, OfferId, Resources};
use wire::v1::resource::AllocationInfo;

use crate::effects::Effects;
use crate::scheduler_events;
use crate::state::{Agent, Framework, Master, Shared};

#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) id: OfferId,
    pub(crate) framework: FrameworkId,
    pub(crate) agent: AgentId,
    pub(crate) role: Arc<str>,
    /// Allocated to `role`.
    pub(crate) resources: Resources,
}

impl Offer {
    fn to_wire(&self, agent: &Agent, framework: &Framework) -> wire::v1::Offer {
        let capabilities = framework.capabilities;
        // Mesos: only frameworks with MULTI_ROLE see what role something is allocated to.
        let resources = if capabilities.multi_role {
            self.resources.clone()
        } else {
            self.resources.unallocated()
        };
        let format = if capabilities.reservation_refinement {
            model::resources::Format::Refined
        } else {
            model::resources::Format::Unrefined
        };
        let executors = agent.executors.iter();
        wire::v1::Offer {
            id: self.id.to_wire(),
            framework_id: self.framework.to_wire(),
            agent_id: self.agent.to_wire(),
            hostname: agent.info.hostname.clone(),
            url: Some(agent_url(agent)),
            domain: agent.info.domain.clone(),
            resources: resources.to_wire_as(format),
            attributes: agent.info.attributes.clone(),
            executor_ids: executors
                .filter(|((owner, _), executor)| *owner == self.framework && !executor.generated)
                .map(|((_, id), _)| id.to_wire())
                .collect(),
            unavailability: agent.maintenance.as_ref().map(|place| place.unavailability),
            allocation_info: capabilities
                .multi_role
                .then(|| AllocationInfo { role: Some(self.role.to_string()) }),
        }
    }
}

/// Where the agent's own API answers.
pub(crate) fn agent_url(agent: &Agent) -> wire::v1::Url {
    wire::v1::Url {
        scheme: "http".to_owned(),
        address: wire::v1::Address {
            hostname: Some(agent.info.hostname.clone()),
            ip: Some(agent.ip.clone()),
            port: agent.info.port.unwrap_or(5051),
        },
        path: Some("/slave(1)".to_owned()),
        query: Vec::new(),
        fragment: None,
    }
}

impl Master {
    /// An id for an offer or an inverse offer.
    pub(crate) fn new_offer_id(&mut self) -> OfferId {
        let id = OfferId::new(format!("{}-O{}", self.config.master_id, self.next_offer));
        self.next_offer += 1;
        id
    }

    /// Makes an offer of resources that are free. The caller sends it.
    pub(crate) fn add_offer(
        &mut self,
        agent: &AgentId,
        framework: &FrameworkId,
        role: Arc<str>,
        resources: Resources,
    ) -> wire::v1::Offer {
        let id = self.new_offer_id();
        self.allocator.charge(framework, &resources);
        let offer = Offer {
            id: id.clone(),
            framework: framework.clone(),
            agent: agent.clone(),
            role,
            resources,
        };
        // Not through `agent_mut`: this is the allocator's own doing, no reason for it to look again.
        let agent =
            self.agents.get_mut(agent).expect("the allocator offers agents it has just seen");
        agent.offers.insert(id.clone());
        if agent.maintenance.is_some() {
            self.to_invite.insert(agent.id.clone());
        }
        let framework = self
            .frameworks
            .get_mut(framework)
            .expect("the allocator knows only frameworks there are");
        framework.offers.insert(id.clone());
        let shown = offer.to_wire(agent, framework);
        self.offers.insert(id, Shared::new(offer));
        shown
    }

    /// Takes an offer away; its resources are free from then on.
    pub(crate) fn remove_offer(&mut self, id: &OfferId) -> Option<Offer> {
        let offer = self.offers.remove(id)?;
        if let Some(agent) = self.agent_mut(&offer.agent) {
            agent.offers.remove(id);
        }
        if let Some(framework) = self.frameworks.get_mut(&offer.framework) {
            framework.offers.remove(id);
        }
        self.allocator.release(&offer.framework, &offer.resources);
        Some(offer.take())
    }

    /// Takes an offer away and tells its framework.
    pub(crate) fn rescind(&mut self, id: &OfferId, fx: &mut Effects) {
        let Some(offer) = self.remove_offer(id) else { return };
        if let Some(stream) = self.frameworks.get(&offer.framework).and_then(|it| it.stream) {
            fx.to_scheduler(stream, scheduler_events::rescind(id));
        }
    }

    pub(crate) fn rescind_agent_offers(&mut self, _now: Now, agent: &AgentId, fx: &mut Effects) {
        let Some(agent) = self.agents.get(agent) else { return };
        for id in agent.offers.clone() {
            self.rescind(&id, fx);
        }
    }

    /// Takes a framework's offers away without a word: nobody is there to hear it.
    pub(crate) fn discard_framework_offers(&mut self, framework: &FrameworkId) {
        let Some(framework) = self.frameworks.get(framework) else { return };
        for id in framework.offers.clone().take() {
            self.remove_offer(&id);
        }
    }

    /// Rescinds a framework's offers in roles it has left.
    pub(crate) fn rescind_offers_outside_roles(
        &mut self,
        framework: &FrameworkId,
        fx: &mut Effects,
    ) {
        let Some(framework) = self.frameworks.get(framework) else { return };
        let left: Vec<OfferId> = framework
            .offers
            .iter()
            .filter(|id| {
                self.offers.get(*id).is_some_and(|offer| !framework.roles.contains(&*offer.role))
            })
            .cloned()
            .collect();
        for id in left {
            self.rescind(&id, fx);
        }
    }

    // Mesos: offers that are no more are passed over.
    pub(crate) fn decline(
        &mut self,
        now: Now,
        framework: &FrameworkId,
        decline: &wire::scheduler::call::Decline,
    ) {
        let period = refuse_for(decline.filters.as_ref());
        for id in &decline.offer_ids {
            let id = OfferId::from(id);
            if self.offers.get(&id).is_none_or(|offer| offer.framework != *framework) {
                continue;
            }
            if let Some(offer) = self.remove_offer(&id) {
                let refused = offer.resources.unallocated();
                self.allocator.refuse(now, &offer.agent, framework, &offer.role, refused, period);
            }
        }
    }

    /// Offers again, and everything: filters are dropped. No roles mean all of them.
    pub(crate) fn revive(&mut self, framework: &FrameworkId, roles: Vec<String>, fx: &mut Effects) {
        let Some(known) = self.frameworks.get_mut(framework) else { return };
        let Some(roles) = known.named_roles(roles, "REVIVE", fx) else { return };
        known.suppressed.retain(|role| !roles.contains(role));
        let all = known.roles.clone();
        self.set_framework_roles(framework, &all);
        self.clear_filters(framework, &roles);
        self.forget_inverse_filters(framework);
    }

    /// Offers nothing in these roles, or in any, until revived.
    // Mesos: offers that are out already stay.
    pub(crate) fn suppress(
        &mut self,
        framework: &FrameworkId,
        roles: Vec<String>,
        fx: &mut Effects,
    ) {
        let Some(known) = self.frameworks.get_mut(framework) else { return };
        let Some(roles) = known.named_roles(roles, "SUPPRESS", fx) else { return };
        let all = known.roles.clone();
        known.suppressed.extend(roles);
        self.set_framework_roles(framework, &all);
    }

    /// A framework's outstanding offers, as it sees them.
    pub(crate) fn view_offers(&self, framework: &Framework) -> Vec<wire::v1::Offer> {
        framework
            .offers
            .iter()
            .filter_map(|id| {
                let offer = self.offers.get(id)?;
                Some(offer.to_wire(self.agents.get(&offer.agent)?, framework))
            })
            .collect()
    }
}
