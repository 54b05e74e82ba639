//! What roles consume of their quota, and what is free to keep guarantees with.
//!
//! Kept only while there is quota, from what agents are: an agent that changed is counted anew.
//!
//! A role consumes what is reserved to it, used or not, and what its frameworks use or were offered of the rest;
//! roles below count with the outermost one. Revocable resources don't count.

use std::collections::{BTreeMap, BTreeSet};

use model::quota::{Amounts, Quota};
use model::resources::Thousandths;
use model::{AgentId, Resources};

use super::shares::Quantities;

/// One agent's part in the sums.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Part {
    consumed: BTreeMap<String, Quantities>,
    free: Quantities,
}

impl Part {
    /// `held` is what is used and offered, allocated to roles; `free` what can be offered.
    pub(super) fn of<'a>(
        total: &Resources,
        held: impl Iterator<Item = &'a Resources>,
        free: &Resources,
    ) -> Self {
        let mut part = Self { free: Quantities::of(&plain(free)), ..Self::default() };
        for (role, reserved) in total.reservations() {
            let consumed = part.consumed.entry(outermost(&role).to_owned()).or_default();
            consumed.add(&reserved);
        }
        for held in held {
            for (role, allocated) in held.allocations() {
                let consumed = part.consumed.entry(outermost(&role).to_owned()).or_default();
                consumed.add(&plain(&allocated));
            }
        }
        part
    }
}

#[derive(Clone, Debug, Default)]
pub(super) struct Usage {
    quotas: BTreeMap<String, Quota>,
    parts: BTreeMap<AgentId, Part>,
    consumed: BTreeMap<String, Quantities>,
    free: Quantities,
}

impl Usage {
    /// Whether anything is counted.
    pub(super) fn is_on(&self) -> bool {
        !self.quotas.is_empty()
    }

    /// Sets the quota of a role. With the first one every agent has to be counted, see [`Usage::count`].
    pub(super) fn set_quota(&mut self, role: &str, quota: &Quota) {
        if quota.is_none() {
            self.quotas.remove(role);
        } else {
            self.quotas.insert(role.to_owned(), quota.clone());
        }
        if !self.is_on() {
            *self = Self::default();
        }
    }

    /// Counts an agent, or no longer. Says whether somebody may get more than before somewhere.
    pub(super) fn count(&mut self, agent: &AgentId, part: Option<Part>) -> bool {
        let old = self.parts.remove(agent);
        if old == part {
            self.parts.extend(part.map(|part| (agent.clone(), part)));
            return false;
        }
        for (part, sign) in [(&old, -1), (&part, 1)] {
            let Some(part) = part else { continue };
            self.free.change_all(&part.free, sign);
            for (role, consumed) in &part.consumed {
                self.consumed.entry(role.clone()).or_default().change_all(consumed, sign);
            }
        }
        let is_relaxed = self.has_relaxed(old.as_ref(), part.as_ref());
        self.parts.extend(part.map(|part| (agent.clone(), part)));
        is_relaxed
    }

    /// A limited role consumes less, or a guarantee needs less kept back for it.
    fn has_relaxed(&self, old: Option<&Part>, new: Option<&Part>) -> bool {
        let nothing = Part::default();
        let (old, new) = (old.unwrap_or(&nothing), new.unwrap_or(&nothing));
        self.quotas.iter().any(|(role, quota)| {
            let amount = |part: &Part, name: &str| {
                part.consumed.get(role).map_or(0, |consumed| consumed.get(name))
            };
            quota.limits.keys().any(|name| amount(new, name) < amount(old, name))
                || quota.guarantees.keys().any(|name| {
                    amount(new, name) > amount(old, name) || new.free.get(name) > old.free.get(name)
                })
        })
    }

    fn consumed(&self, role: &str, name: &str) -> i64 {
        self.consumed.get(role).map_or(0, |consumed| consumed.get(name))
    }

    /// The most that `role` may get on top of what it has, of what is not reserved.
    // Mesos: a limit is never exceeded, and what is left after an allocation has to suffice for the guarantees
    // of all others.
    pub(super) fn headroom(&self, role: &str) -> Amounts {
        let own = outermost(role);
        let mut most = Amounts::new();
        if let Some(quota) = self.quotas.get(own) {
            for (name, limit) in &quota.limits {
                let left = limit.0.saturating_sub(self.consumed(own, name)).max(0);
                most.insert(name.clone(), Thousandths(left));
            }
        }
        for name in self.guaranteed() {
            let spare = (self.free.get(name) - self.lacking(name)).max(0);
            let left = Thousandths(self.lacking_of(own, name).saturating_add(spare));
            let least = most.entry(name.to_owned()).or_insert(left);
            *least = (*least).min(left);
        }
        most
    }

    fn guaranteed(&self) -> BTreeSet<&str> {
        let names = self.quotas.values().flat_map(|quota| quota.guarantees.keys());
        names.map(String::as_str).collect()
    }

    fn lacking_of(&self, role: &str, name: &str) -> i64 {
        let guarantee = self.quotas.get(role).and_then(|quota| quota.guarantees.get(name));
        guarantee.map_or(0, |amount| amount.0.saturating_sub(self.consumed(role, name)).max(0))
    }

    /// What all guarantees together lack of `name`.
    fn lacking(&self, name: &str) -> i64 {
        let lacking = self.quotas.keys().map(|role| self.lacking_of(role, name));
        lacking.fold(0, i64::saturating_add)
    }

    /// Whether the role has less than it is guaranteed.
    pub(super) fn is_short(&self, role: &str) -> bool {
        let own = outermost(role);
        let quota = self.quotas.get(own);
        quota.is_some_and(|it| it.guarantees.keys().any(|name| self.lacking_of(own, name) > 0))
    }

    /// Whether more is lacking for guarantees than is free.
    pub(super) fn is_scarce(&self) -> bool {
        self.guaranteed().into_iter().any(|name| self.lacking(name) > self.free.get(name))
    }

    /// The first limit that the role would exceed with `more`, with what it would consume: a sentence.
    pub(super) fn why_over_limit(&self, role: &str, more: &Quantities) -> Option<String> {
        let limits = &self.quotas.get(role)?.limits;
        limits.iter().find_map(|(name, limit)| {
            let more = more.get(name);
            let then = Thousandths(self.consumed(role, name).saturating_add(more));
            (then > *limit).then(|| {
                format!(
                    "Role '{role}' would consume {then} of '{name}'; its quota limits it to {limit}"
                )
            })
        })
    }

    /// Whether the role consumes more than it may.
    pub(super) fn is_over(&self, role: &str) -> bool {
        let own = outermost(role);
        let quota = self.quotas.get(own);
        quota.is_some_and(|quota| {
            quota.limits.iter().any(|(name, limit)| self.consumed(own, name) > limit.0)
        })
    }
}

pub(super) fn outermost(role: &str) -> &str {
    role.split_once('/').map_or(role, |(first, _)| first)
}

fn plain(resources: &Resources) -> Resources {
    resources.unreserved().nonrevocable()
}
