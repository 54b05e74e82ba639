//! Dominant shares of roles, and of frameworks within a role.
//!
//! The dominant share of whoever holds something is the largest fraction of any resource of the cluster it holds,
//! used and offered taken together. Whoever has the smallest is served next.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{AgentId, FrameworkId, Resources};

/// Billionths of the cluster.
pub(super) type Share = u64;

const WHOLE: u128 = 1_000_000_000;

/// Scalars by name, in thousandths.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Quantities(BTreeMap<Box<str>, i64>);

impl Quantities {
    pub(super) fn of(resources: &Resources) -> Self {
        let mut quantities = Self::default();
        quantities.add(resources);
        quantities
    }

    pub(super) fn get(&self, name: &str) -> i64 {
        self.0.get(name).copied().unwrap_or(0)
    }

    pub(super) fn add(&mut self, resources: &Resources) {
        for (name, amount) in resources.scalars() {
            self.change(name, amount.0);
        }
    }

    fn sub(&mut self, resources: &Resources) {
        for (name, amount) in resources.scalars() {
            self.change(name, -amount.0);
        }
    }

    fn change(&mut self, name: &str, by: i64) {
        if let Some(amount) = self.0.get_mut(name) {
            *amount = amount.saturating_add(by);
        } else {
            self.0.insert(name.into(), by);
        }
    }

    pub(super) fn change_all(&mut self, other: &Self, sign: i64) {
        for (name, amount) in &other.0 {
            self.change(name, amount.saturating_mul(sign));
        }
    }

    fn share_of(&self, total: &Self) -> Share {
        let share = |(name, held): (&str, i64)| {
            let held = u128::try_from(held).unwrap_or(0);
            let total = total.0.get(name).and_then(|total| u128::try_from(*total).ok());
            match total {
                Some(total) if total > 0 => held * WHOLE / total,
                // Held on agents that don't count now: at least a whole cluster's worth.
                Some(_) | None => held.min(1) * WHOLE,
            }
        };
        let largest = self.0.iter().map(|(name, held)| share((name, *held))).max().unwrap_or(0);
        Share::try_from(largest).unwrap_or(Share::MAX)
    }
}

#[derive(Clone, Debug, Default)]
struct Client {
    held: Quantities,
    share: Share,
    /// Subscribed and not suppressed: takes part.
    active: bool,
}

#[derive(Clone, Debug, Default)]
struct Role {
    held: Quantities,
    /// Divided by the role's weight.
    share: Share,
    clients: BTreeMap<FrameworkId, Client>,
    /// The active clients, smallest share first.
    order: BTreeSet<(Share, FrameworkId)>,
}

/// Who holds how much, in the order in which they are served.
#[derive(Clone, Debug, Default)]
pub(super) struct Shares {
    /// What the agents have that can be offered.
    // Differs from Mesos: deactivated, drained and unreachable agents don't count, as nothing there can be had.
    total: Quantities,
    counted: BTreeMap<AgentId, Quantities>,
    roles: BTreeMap<Arc<str>, Role>,
    /// Thousandths; 1 where nothing was set.
    weights: BTreeMap<Box<str>, u64>,
    /// Roles with active clients, smallest share first.
    order: BTreeSet<(Share, Arc<str>)>,
    /// The total has changed and with it every share.
    stale: bool,
}

impl Shares {
    /// Counts an agent with what it has, or not at all.
    pub(super) fn set_agent(&mut self, agent: &AgentId, total: Option<&Resources>) {
        let new = total.map(Quantities::of);
        let old = self.counted.get(agent);
        if old == new.as_ref() {
            return;
        }
        if let Some(old) = old {
            self.total.change_all(old, -1);
        }
        self.stale = true;
        if let Some(new) = new {
            self.total.change_all(&new, 1);
            self.counted.insert(agent.clone(), new);
        } else {
            self.counted.remove(agent);
        }
    }

    /// A role of twice the weight gets twice the share.
    pub(super) fn set_weight(&mut self, role: &str, weight: Option<f64>) {
        match weight {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "positive, and what is too large is as large as it gets"
            )]
            Some(weight) => {
                let thousandths = ((weight * 1000.0) as u64).max(1);
                self.weights.insert(role.into(), thousandths);
            }
            None => {
                self.weights.remove(role);
            }
        }
        self.stale = true;
    }

    /// Lets a framework take part in a role, or sit out.
    pub(super) fn set_active(&mut self, framework: &FrameworkId, role: &str, active: bool) {
        if !active && !self.roles.contains_key(role) {
            return;
        }
        self.change_client(framework, role, |client, _| client.active = active);
    }

    pub(super) fn charge(&mut self, framework: &FrameworkId, resources: &Resources) {
        for (role, resources) in resources.allocations() {
            self.change_client(framework, &role, |client, held| {
                client.held.add(&resources);
                held.add(&resources);
            });
        }
    }

    pub(super) fn release(&mut self, framework: &FrameworkId, resources: &Resources) {
        for (role, resources) in resources.allocations() {
            self.change_client(framework, &role, |client, held| {
                client.held.sub(&resources);
                held.sub(&resources);
            });
        }
    }

    /// Drops a framework that holds nothing any more.
    pub(super) fn forget(&mut self, framework: &FrameworkId) {
        let roles: Vec<Arc<str>> = self
            .roles
            .iter()
            .filter(|(_, role)| role.clients.contains_key(framework))
            .map(|(name, _)| name.clone())
            .collect();
        for name in roles {
            self.change_client(framework, &name, |client, _| client.active = false);
            let Some(role) = self.roles.get_mut(&name) else { continue };
            role.clients.remove(framework);
            if role.clients.is_empty() {
                self.roles.remove(&name);
            }
        }
    }

    fn change_client(
        &mut self,
        framework: &FrameworkId,
        role_name: &str,
        change: impl FnOnce(&mut Client, &mut Quantities),
    ) {
        let name = match self.roles.get_key_value(role_name) {
            Some((name, _)) => name.clone(),
            None => Arc::from(role_name),
        };
        let weight = self.weights.get(role_name).copied();
        let role = self.roles.entry(name.clone()).or_default();
        let was_in = !role.order.is_empty();
        let old_share = role.share;
        let client = role.clients.entry(framework.clone()).or_default();
        if client.active {
            role.order.remove(&(client.share, framework.clone()));
        }
        change(client, &mut role.held);
        client.share = client.held.share_of(&self.total);
        role.share = weighted(role.held.share_of(&self.total), weight);
        if client.active {
            role.order.insert((client.share, framework.clone()));
        }
        let is_in = !role.order.is_empty();
        let share = role.share;
        if was_in || is_in {
            self.order.remove(&(old_share, name.clone()));
        }
        if is_in {
            self.order.insert((share, name));
        }
    }

    /// Brings every share up to date after the total has changed.
    pub(super) fn refresh(&mut self) {
        if !std::mem::take(&mut self.stale) {
            return;
        }
        self.order.clear();
        for (name, role) in &mut self.roles {
            let weight = self.weights.get(&**name).copied();
            role.share = weighted(role.held.share_of(&self.total), weight);
            role.order.clear();
            for (framework, client) in &mut role.clients {
                client.share = client.held.share_of(&self.total);
                if client.active {
                    role.order.insert((client.share, framework.clone()));
                }
            }
            if !role.order.is_empty() {
                self.order.insert((role.share, name.clone()));
            }
        }
    }

    /// Roles to be served, the neediest first.
    pub(super) fn roles(&self) -> impl Iterator<Item = &Arc<str>> {
        self.order.iter().map(|(_, role)| role)
    }

    /// The frameworks of a role to be served, the neediest first.
    pub(super) fn frameworks(&self, role: &str) -> impl Iterator<Item = &FrameworkId> {
        self.roles.get(role).into_iter().flat_map(|role| role.order.iter().map(|(_, id)| id))
    }

    /// Whether anybody takes part.
    pub(super) fn is_idle(&self) -> bool {
        self.order.is_empty()
    }

    #[cfg(test)]
    pub(super) fn total(&self, name: &str) -> i64 {
        self.total.0.get(name).copied().unwrap_or(0)
    }
}

fn weighted(share: Share, weight: Option<u64>) -> Share {
    let Some(weight) = weight else { return share };
    Share::try_from(u128::from(share) * 1000 / u128::from(weight)).unwrap_or(Share::MAX)
}

#[cfg(test)]
#[path = "shares_tests.rs"]
mod tests;
