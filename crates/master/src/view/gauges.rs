//! Counts for metrics.

use std::collections::BTreeMap;

use model::drain::{DrainState, Reachability};
use model::resources::Thousandths;
use model::task::is_terminal;
use model::{Now, TaskState, Timestamp};

use crate::state::Master;

/// How much there is of everything, at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gauges {
    pub agents: BTreeMap<Reachability, usize>,
    /// Agents out of service: deactivated, draining or drained.
    pub agents_deactivated: usize,
    /// Connected agents that may be offered.
    pub agents_active: usize,
    pub agents_draining: usize,
    pub agents_drained: usize,
    pub frameworks_connected: usize,
    pub frameworks_disconnected: usize,
    /// Known from before this master started, not back yet. Not counted as disconnected.
    pub frameworks_recovered: usize,
    pub frameworks_completed: usize,
    /// Tasks held for agents, by latest state.
    pub tasks: BTreeMap<TaskState, usize>,
    /// Tasks of agents that are unreachable.
    pub tasks_unreachable: usize,
    /// Tasks that have ended and whose schedulers have not acknowledged it.
    pub tasks_unacknowledged: usize,
    pub executors: usize,
    pub operations: usize,
    pub offers: usize,
    /// What the cluster's agents have and use, by name; ports and sets are left out.
    pub resources_total: BTreeMap<String, Thousandths>,
    pub resources_used: BTreeMap<String, Thousandths>,
    /// What schedulers hold in offers.
    pub resources_offered: BTreeMap<String, Thousandths>,
}

impl Master {
    /// Takes time in proportion to agents.
    pub fn view_gauges(&self) -> Gauges {
        let mut gauges = Gauges { offers: self.offers.len(), ..Gauges::default() };
        for agent in self.agents.values() {
            *gauges.agents.entry(agent.reachability).or_default() += 1;
            gauges.agents_active += usize::from(agent.is_offerable());
            gauges.agents_deactivated += usize::from(!agent.overlay.is_none());
            match agent.overlay.drain.as_ref().map(|drain| drain.state) {
                Some(DrainState::Draining) => gauges.agents_draining += 1,
                Some(DrainState::Drained) => gauges.agents_drained += 1,
                Some(DrainState::Unknown) | None => {}
            }
            for (_, state, tasks) in agent.tasks.counts() {
                *gauges.tasks.entry(state).or_default() += tasks;
                if is_terminal(state) {
                    gauges.tasks_unacknowledged += tasks;
                }
            }
            gauges.executors += agent.executors.len();
            gauges.operations += agent.operations.len();
            if agent.is_listed() {
                add(&mut gauges.resources_total, &agent.total);
                for used in agent.used.values() {
                    add(&mut gauges.resources_used, used);
                }
            }
        }
        for offer in self.offers.values() {
            add(&mut gauges.resources_offered, &offer.resources);
        }
        for framework in self.frameworks.values() {
            if framework.is_connected() {
                gauges.frameworks_connected += 1;
            } else if framework.recovered {
                gauges.frameworks_recovered += 1;
            } else {
                gauges.frameworks_disconnected += 1;
            }
            gauges.tasks_unreachable += framework.unreachable_tasks.len();
        }
        gauges.frameworks_completed = self.completed_frameworks.len();
        gauges
    }
}

impl Master {
    /// How many blockers of each kind there are in all drains, and since when the oldest of each. Takes time in
    /// proportion to the tasks of agents that are draining.
    pub fn view_blockers(&self, now: Now) -> BTreeMap<wire::ebb::BlockerKind, (usize, Timestamp)> {
        let mut blockers = BTreeMap::new();
        for agent in self.agents.values().filter(|agent| agent.overlay.drain.is_some()) {
            for blocker in self.why_not_drained(now, &agent.id) {
                let kind = blocker.to_wire().kind.unwrap_or_default();
                let Ok(kind) = wire::ebb::BlockerKind::try_from(kind) else { continue };
                let (count, oldest) = blockers.entry(kind).or_insert((0, blocker.since));
                *count += 1;
                *oldest = blocker.since.min(*oldest);
            }
        }
        blockers
    }
}

fn add(sums: &mut BTreeMap<String, Thousandths>, resources: &model::Resources) {
    for (name, amount) in resources.scalars() {
        if let Some(sum) = sums.get_mut(name) {
            *sum = sum.plus(amount);
        } else {
            sums.insert(name.to_owned(), amount);
        }
    }
}
