//! Who gets what an agent has to give.
//!
//! Dominant resource fairness over roles, then over the frameworks of a role; all that is free on an agent goes to
//! one framework, as far as it may have it. Nothing runs at an interval: an agent is looked at when something about
//! it changed, when a filter on it ends, or when a framework that may want it came or revived. In the last case all
//! agents are gone through, a slice at a time and at a bounded pace: whoever revives often, or has found what it
//! wants and suppresses, costs a slice and not the cluster.
//!
//! Invariants:
//! * only offerable agents are offered;
//! * what is offered was free;
//! * shares are of what can be offered: agents out of service don't count.

mod constraints;
mod filters;
mod pace;
mod shares;
mod usage;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

pub(crate) use constraints::Constraints;
use model::resources::Thousandths;
use model::{AgentId, FrameworkId, Moment, Now, Resources};

use crate::effects::Effects;
use crate::scheduler_events;
use crate::state::{Framework, Master};
use crate::timers::Timer;

/// Agents looked at in one event, and offers made in it.
const SLICE: usize = 1000;
const SLICE_OFFERS: usize = 200;

/// Below both of these nothing is offered.
// Mesos: `MIN_CPUS` and `MIN_MEM`.
const MIN_CPUS: Thousandths = Thousandths(10);
const MIN_MEM_MIB: Thousandths = Thousandths(32_000);

#[derive(Clone, Debug, Default)]
pub(crate) struct Allocator {
    shares: shares::Shares,
    filters: filters::Filters,
    /// Agents to be looked at soon.
    pending: BTreeSet<AgentId>,
    /// A pass over all agents: how many are left, and the last one seen.
    sweep_left: usize,
    swept: Option<AgentId>,
    pace: pace::Pace,
    usage: usage::Usage,
}

impl Allocator {
    pub(crate) fn charge(&mut self, framework: &FrameworkId, resources: &Resources) {
        self.shares.charge(framework, resources);
    }

    pub(crate) fn release(&mut self, framework: &FrameworkId, resources: &Resources) {
        self.shares.release(framework, resources);
    }

    /// `framework` wants nothing that `refused` contains from the agent for a while.
    pub(crate) fn refuse(
        &mut self,
        now: Now,
        agent: &AgentId,
        framework: &FrameworkId,
        role: &Arc<str>,
        refused: Resources,
        period: Duration,
    ) {
        if !period.is_zero() && !refused.is_empty() {
            self.filters.add(agent, framework, role, refused, now.at.plus(period));
        }
    }
}

impl Master {
    /// Makes the allocator follow what operators set for a role.
    pub(crate) fn set_role(&mut self, role: &str) {
        let settings = self.roles.get(role).cloned().unwrap_or_default();
        self.allocator.shares.set_weight(role, settings.weight);
        let was_on = self.allocator.usage.is_on();
        self.allocator.usage.set_quota(role, &settings.quota);
        if self.allocator.usage.is_on() && !was_on {
            let agents: Vec<AgentId> = self.agents.keys().cloned().collect();
            for agent in agents {
                self.count_usage(&agent);
            }
        }
        self.allocator.sweep_left = self.agents.len();
    }

    /// Counts anew what an agent contributes to the use of quota.
    pub(crate) fn count_usage(&mut self, id: &AgentId) {
        if !self.allocator.usage.is_on() {
            return;
        }
        // Differs from Mesos: what is free on an agent out of service guarantees nothing.
        let part = self.agents.get(id).filter(|agent| agent.is_listed()).map(|agent| {
            let offers = agent.offers.iter().filter_map(|id| self.offers.get(id));
            let held = agent.used.values().chain(offers.map(|offer| &offer.resources));
            let free = if agent.is_offerable() { self.free_on(agent) } else { Resources::new() };
            usage::Part::of(&agent.total, held, &free)
        });
        if self.allocator.usage.count(id, part) {
            self.allocator.sweep_left = self.agents.len();
        }
    }

    /// Takes back offers that quota does not allow any more, and those without which guarantees can be kept.
    pub(crate) fn rescind_against_quota(&mut self, fx: &mut Effects) {
        let offers: Vec<_> = self.offers.keys().cloned().collect();
        for id in offers {
            let Some(offer) = self.offers.get(&id) else { continue };
            let usage = &self.allocator.usage;
            let is_over = usage.is_over(&offer.role);
            if is_over || (usage.is_scarce() && !usage.is_short(&offer.role)) {
                let agent = offer.agent.clone();
                self.rescind(&id, fx);
                self.count_usage(&agent);
            }
        }
    }

    /// Why an operator may not reserve that much to a role.
    pub(crate) fn why_over_limit(
        &self,
        conversion: &model::resources::Conversion,
    ) -> Option<String> {
        let mut more: BTreeMap<String, shares::Quantities> = BTreeMap::new();
        for (resources, sign) in [(&conversion.converted, 1), (&conversion.consumed, -1)] {
            for (role, amount) in resources.reservations() {
                let sum = more.entry(usage::outermost(&role).to_owned()).or_default();
                sum.change_all(&shares::Quantities::of(&amount), sign);
            }
        }
        more.iter_mut().find_map(|(role, more)| {
            // Offers can be taken back.
            for offer in self.offers.values() {
                if usage::outermost(&offer.role) == role {
                    let offered = offer.resources.unreserved().nonrevocable();
                    more.change_all(&shares::Quantities::of(&offered), -1);
                }
            }
            self.allocator.usage.why_over_limit(role, more)
        })
    }

    /// Makes the allocator see which roles a framework takes offers for at present.
    pub(crate) fn set_framework_roles(
        &mut self,
        framework: &FrameworkId,
        old_roles: &BTreeSet<String>,
    ) {
        let Some(framework) = self.frameworks.get(framework) else { return };
        for role in old_roles.difference(&framework.roles) {
            self.allocator.shares.set_active(&framework.id, role, false);
        }
        let connected = framework.is_connected();
        if !connected {
            self.allocator.filters.clear(&framework.id, None);
        }
        for role in &framework.roles {
            let active = connected && !framework.suppressed.contains(role);
            self.allocator.shares.set_active(&framework.id, role, active);
        }
    }

    /// Drops the filters of a framework in `roles`, and has every agent looked at.
    pub(crate) fn clear_filters(&mut self, framework: &FrameworkId, roles: &BTreeSet<String>) {
        self.allocator.filters.clear(framework, Some(roles));
        self.allocator.sweep_left = self.agents.len();
    }

    /// The allocator forgets a framework whose resources have been released.
    pub(crate) fn forget_framework_shares(&mut self, framework: &FrameworkId) {
        self.allocator.filters.clear(framework, None);
        self.allocator.shares.forget(framework);
    }

    /// Filters that have ended make their agents worth a look; [`Master::allocate`] follows.
    pub(crate) fn allocator_wake(&mut self, now: Now, _fx: &mut Effects) {
        let mut ended = self.allocator.filters.end(now.at);
        self.allocator.pending.append(&mut ended);
    }

    /// Offers what can be offered: on the agents that changed, and on a slice of those that are to be looked at.
    /// Called at the end of every event.
    pub(crate) fn allocate(&mut self, now: Now, fx: &mut Effects) {
        if self.allocator.usage.is_on() {
            let changed: Vec<AgentId> = self.dirty.iter().cloned().collect();
            for id in changed {
                self.count_usage(&id);
            }
        }
        for id in &self.dirty {
            let agent = self.agents.get(id);
            let offerable = agent.filter(|agent| agent.is_offerable());
            self.allocator.shares.set_agent(id, offerable.map(|agent| &agent.total));
            if offerable.is_some() {
                self.allocator.pending.insert(id.clone());
            } else if agent.is_none() {
                self.allocator.filters.forget_agent(id);
            }
        }
        if self.allocator.shares.is_idle() {
            // Whoever comes or revives starts a pass over all agents.
            self.allocator.pending.clear();
            self.allocator.sweep_left = 0;
        } else {
            self.allocator.shares.refresh();
            self.offer_slice(now, fx);
        }
        let wake = if self.allocator.pending.is_empty() {
            let sweep = (self.allocator.sweep_left > 0).then(|| self.allocator.pace.next(now.at));
            sweep.into_iter().chain(self.allocator.filters.next_end()).min()
        } else {
            Some(now.at)
        };
        match wake {
            Some(at) => self.timers.set(Timer::Allocator, at),
            None => self.timers.cancel(&Timer::Allocator),
        }
    }

    /// Agents about which something changed, then those of the pass over all.
    fn offer_slice(&mut self, now: Now, fx: &mut Effects) {
        let mut batches: BTreeMap<FrameworkId, Vec<wire::v1::Offer>> = BTreeMap::new();
        let mut made = 0;
        for _ in 0..SLICE {
            if made >= SLICE_OFFERS {
                break;
            }
            if let Some(id) = self.allocator.pending.pop_first() {
                made += self.offer_agent(now, &id, &mut batches);
            } else if let Some(id) = self.next_swept(now.at) {
                let offers = self.offer_agent(now, &id, &mut batches);
                self.allocator.pace.spend(now.at, offers);
                made += offers;
            } else {
                break;
            }
        }
        for (framework, offers) in batches {
            if let Some(stream) = self.frameworks.get(&framework).and_then(|it| it.stream) {
                fx.to_scheduler(stream, scheduler_events::offers(offers));
            }
        }
    }

    /// The next agent of the pass over all, if it is time for it.
    fn next_swept(&mut self, now: Moment) -> Option<AgentId> {
        let allocator = &mut self.allocator;
        if allocator.sweep_left == 0 || !allocator.pace.is_time(now) {
            return None;
        }
        allocator.sweep_left -= 1;
        let after = allocator.swept.take().and_then(|last| {
            let range = (std::ops::Bound::Excluded(last), std::ops::Bound::Unbounded);
            self.agents.range(range).next()
        });
        let next = after.or_else(|| self.agents.first_key_value()).map(|(id, _)| id.clone());
        if next.is_none() {
            allocator.sweep_left = 0;
        }
        allocator.swept.clone_from(&next);
        next
    }

    /// Offers one agent until nothing is left that anybody may have and wants; the number of offers.
    fn offer_agent(
        &mut self,
        now: Now,
        id: &AgentId,
        batches: &mut BTreeMap<FrameworkId, Vec<wire::v1::Offer>>,
    ) -> usize {
        let Some(agent) = self.agents.get(id).filter(|agent| agent.is_offerable()) else {
            return 0;
        };
        let mut free = self.free_on(agent);
        let mut served = BTreeSet::new();
        while is_allocatable(&free)
            && let Some((framework, role, resources)) = self.plan_offer(now, id, &free, &served)
        {
            if free.checked_sub(&resources).is_err() {
                break;
            }
            let resources = resources.allocated_to(&role);
            served.insert(role.clone());
            let offer = self.add_offer(id, &framework, role, resources);
            self.count_usage(id);
            batches.entry(framework).or_default().push(offer);
        }
        served.len()
    }

    /// Who is to have what of `free`: the neediest framework of the neediest role that does not refuse it.
    fn plan_offer(
        &self,
        now: Now,
        agent: &AgentId,
        free: &Resources,
        served: &BTreeSet<Arc<str>>,
    ) -> Option<(FrameworkId, Arc<str>, Resources)> {
        let info = &self.agents.get(agent)?.info;
        let shares = &self.allocator.shares;
        let usage = &self.allocator.usage;
        // Mesos: whoever lacks what is guaranteed comes first.
        let short = shares.roles().filter(|role| usage.is_short(role));
        let others = shares.roles().filter(|role| !usage.is_short(role));
        for role in short.chain(others).filter(|role| !served.contains(*role)) {
            let mut for_role = free.available_to_role(role);
            if usage.is_on() {
                for_role = for_role.cut_to(&usage.headroom(role));
            }
            if !is_allocatable(&for_role) {
                continue;
            }
            for id in shares.frameworks(role) {
                let Some(framework) = self.frameworks.get(id) else { continue };
                let Some(resources) = fit_to(framework, &for_role) else { continue };
                if is_allocatable(&resources)
                    && is_enough(framework, role, &resources)
                    && framework.constraints.admit(role, info)
                    && !self.allocator.filters.is_refused(agent, id, role, &resources, now.at)
                {
                    return Some((id.clone(), role.clone(), resources));
                }
            }
        }
        None
    }

    /// What is neither used nor offered.
    pub(crate) fn free_on(&self, agent: &crate::state::Agent) -> Resources {
        let mut free = agent.total.clone();
        let offers = agent.offers.iter().filter_map(|id| self.offers.get(id));
        for held in agent.used.values().chain(offers.map(|offer| &offer.resources)) {
            // An agent that came back with less than is in use has nothing free.
            if free.checked_sub(&held.unallocated()).is_err() {
                return Resources::new();
            }
        }
        free
    }
}

/// What of `resources` a framework can deal with; nothing at all of an agent with GPUs if it doesn't know these.
// Mesos: `--filter-gpu-resources`, on by default.
fn fit_to(framework: &Framework, resources: &Resources) -> Option<Resources> {
    let capabilities = framework.capabilities;
    if !capabilities.gpu_resources && !resources.gpus().is_zero() {
        return None;
    }
    let mut fit = resources.clone();
    if !capabilities.revocable_resources {
        fit = fit.nonrevocable();
    }
    if !capabilities.shared_resources {
        let shared = fit.shared();
        fit.checked_sub(&shared).ok()?;
    }
    // Mesos: what they could not say.
    if !capabilities.reservation_refinement {
        fit = fit.unrefined();
    }
    Some(fit)
}

/// Whether an offer of this size is worth the framework's while.
// Mesos: with several minima in a role, any one is enough.
fn is_enough(framework: &Framework, role: &str, resources: &Resources) -> bool {
    let filter = framework.info.offer_filters.get(role);
    let Some(minima) = filter.and_then(|filter| filter.min_allocatable_resources.as_ref()) else {
        return true;
    };
    let minima = &minima.quantities;
    minima.is_empty()
        || minima.iter().any(|minimum| {
            minimum.quantities.iter().all(|(name, wanted)| {
                let wanted = Thousandths::from_f64(wanted.value);
                let mut there = resources.scalars().filter(|(other, _)| *other == name.as_str());
                wanted.is_some_and(|wanted| {
                    wanted <= there.next().map_or(Thousandths(0), |(_, amount)| amount)
                })
            })
        })
}

fn is_allocatable(resources: &Resources) -> bool {
    resources.cpus() >= MIN_CPUS || resources.mem_mib() >= MIN_MEM_MIB
}
