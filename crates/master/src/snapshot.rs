//! The state at one moment, for reads that take longer than a core should be kept.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Deref;

use crate::allocator::{Allocator, Constraints};
use crate::state::{Framework, Master, Shared};
use crate::timers::{Timer, Timers};

/// What a master's views show, as it was when [`Master::snapshot`] was called. It shares what is large with the
/// core, which copies what it changes from then on; so it is cheap to make, and costs little while the cluster
/// is quiet. Views are asked of it as of the master itself.
///
/// It is a master that lacks what no view reads: it can't be changed, and is of no other use.
#[derive(Clone, Debug)]
pub struct Snapshot(Box<Master>);

impl Deref for Snapshot {
    type Target = Master;

    fn deref(&self) -> &Master {
        &self.0
    }
}

impl Master {
    /// Takes time in proportion to the number of frameworks, not to that of agents, tasks and offers. After it
    /// the first change of an agent copies the list of agents, and so with tasks and offers.
    // A new field that a view reads is cloned here, and compared in `Snapshot::is_same`; large ones are `Shared`.
    pub fn snapshot(&self) -> Snapshot {
        let frameworks = self.frameworks.iter();
        Snapshot(Box::new(Self {
            config: self.config.clone(),
            agents: self.agents.clone(),
            addresses: BTreeMap::new(),
            admission_keys: BTreeMap::new(),
            dirty: BTreeSet::new(),
            settled: BTreeSet::new(),
            frameworks: frameworks.map(|(id, it)| (id.clone(), it.without_indexes())).collect(),
            completed_frameworks: self.completed_frameworks.clone(),
            offers: self.offers.clone(),
            maintenance: self.maintenance.clone(),
            inverse_offers: self.inverse_offers.clone(),
            to_invite: BTreeSet::new(),
            links: BTreeMap::new(),
            unanswered_pings: BTreeMap::new(),
            streams: BTreeMap::new(),
            allocator: Allocator::default(),
            timers: self.failovers(),
            started: self.started,
            latest: self.latest,
            watchers: self.watchers,
            next_agent: self.next_agent,
            next_framework: self.next_framework,
            next_offer: self.next_offer,
            next_operation: self.next_operation,
            roles: self.roles.clone(),
        }))
    }

    /// The deadlines that are shown: those of frameworks whose schedulers are away.
    fn failovers(&self) -> Timers {
        let mut failovers = Timers::default();
        for framework in self.frameworks.values().filter(|framework| !framework.is_connected()) {
            let timer = Timer::FrameworkFailover(framework.id.clone());
            if let Some(deadline) = self.timers.deadline(&timer) {
                failovers.set(timer, deadline);
            }
        }
        failovers
    }
}

impl Snapshot {
    /// Whether nothing that views show has changed between the two, which must be of one master. Takes time in
    /// proportion to the number of frameworks. What was changed and changed back does not count as the same.
    pub fn is_same(&self, other: &Self) -> bool {
        let Master {
            config: _,
            agents,
            addresses: _,
            admission_keys: _,
            dirty: _,
            settled: _,
            frameworks,
            completed_frameworks,
            offers,
            maintenance,
            inverse_offers,
            to_invite: _,
            links: _,
            unanswered_pings: _,
            streams: _,
            allocator: _,
            timers,
            started: _,
            // Deadlines are shown by the wall clock, which it is read from.
            latest: _,
            watchers: _,
            next_agent: _,
            next_framework: _,
            next_offer: _,
            next_operation: _,
            roles,
        } = &*self.0;
        Shared::is(agents, &other.agents)
            && Shared::is(roles, &other.roles)
            && Shared::is(offers, &other.offers)
            && Shared::is(completed_frameworks, &other.completed_frameworks)
            && Shared::is(maintenance, &other.maintenance)
            && Shared::is(inverse_offers, &other.inverse_offers)
            && *timers == other.timers
            && frameworks.len() == other.frameworks.len()
            && frameworks
                .values()
                .zip(other.frameworks.values())
                .all(|(one, other)| one.is_shown_as(other))
    }
}

impl Framework {
    /// Without the indexes into agents, which are large and change with every task.
    fn without_indexes(&self) -> Self {
        Self {
            id: self.id.clone(),
            info: self.info.clone(),
            roles: self.roles.clone(),
            suppressed: self.suppressed.clone(),
            capabilities: self.capabilities,
            offer_constraints: self.offer_constraints.clone(),
            constraints: Constraints::default(),
            principal: self.principal.clone(),
            stream: self.stream,
            recovered: self.recovered,
            registered_at: self.registered_at,
            reregistered_at: self.reregistered_at,
            disconnected_at: self.disconnected_at,
            offers: self.offers.clone(),
            tasks: BTreeMap::new(),
            executors: BTreeSet::new(),
            completed_tasks: self.completed_tasks.clone(),
            unreachable_tasks: self.unreachable_tasks.clone(),
        }
    }

    fn is_shown_as(&self, other: &Self) -> bool {
        let Self {
            id,
            info,
            // Follow from the info.
            roles: _,
            capabilities: _,
            principal: _,
            suppressed,
            offer_constraints,
            constraints: _,
            stream,
            recovered,
            registered_at,
            reregistered_at,
            disconnected_at,
            offers,
            tasks: _,
            executors: _,
            completed_tasks,
            unreachable_tasks,
        } = self;
        *id == other.id
            && std::sync::Arc::ptr_eq(info, &other.info)
            && *suppressed == other.suppressed
            && *offer_constraints == other.offer_constraints
            && *stream == other.stream
            && *recovered == other.recovered
            && *registered_at == other.registered_at
            && *reregistered_at == other.reregistered_at
            && *disconnected_at == other.disconnected_at
            && Shared::is(offers, &other.offers)
            && Shared::is(completed_tasks, &other.completed_tasks)
            && Shared::is(unreachable_tasks, &other.unreachable_tasks)
    }
}
