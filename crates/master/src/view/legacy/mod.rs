//! What the older JSON endpoints show, one document each, written as a stream out of the state.
//!
//! Each is a view to be serialised; nothing is copied that is written as it is.

mod agents;
#[cfg(test)]
mod captures;
mod frameworks;
mod roles;
mod summary;
mod tasks;

use std::collections::BTreeMap;

use model::drain::Reachability;
use model::legacy::NOTHING;
use model::{AgentId, FrameworkId, Resources};
use serde::Serialize;

pub use tasks::TasksQuery;

use crate::state::{Agent, Executor, Master, Task, TaskKey};

use agents::Detail;

impl Master {
    /// `/state` after the members that only the process knows, which are `head`'s.
    pub fn legacy_state(&self, head: impl Serialize) -> impl Serialize {
        #[derive(Serialize)]
        struct State<H, A, R, F, C> {
            #[serde(flatten)]
            head: H,
            // Mesos: whole numbers, written as doubles.
            activated_slaves: f64,
            deactivated_slaves: f64,
            unreachable_slaves: f64,
            slaves: A,
            recovered_slaves: R,
            frameworks: F,
            completed_frameworks: C,
            // Mesos: neither exists any more; clients still look for them.
            orphan_tasks: [(); 0],
            unregistered_frameworks: [(); 0],
        }
        let books = Books::of(self);
        let count = |which: fn(&Agent) -> bool| {
            let count = self.agents.values().filter(|agent| which(agent)).count();
            u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
        };
        State {
            head,
            activated_slaves: count(Agent::is_offerable),
            // Mesos: also those that are only disconnected.
            deactivated_slaves: count(|agent| agent.is_listed() && !agent.is_offerable()),
            unreachable_slaves: count(|agent| agent.reachability == Reachability::Unreachable),
            slaves: self.legacy_agent_list(Detail::Sums, None),
            recovered_slaves: self.legacy_recovered_list(None),
            completed_frameworks: self.legacy_completed_list(None),
            frameworks: self.legacy_framework_list(books, None),
            orphan_tasks: NOTHING,
            unregistered_frameworks: NOTHING,
        }
    }

    /// `/slaves`, or the one agent of that id.
    pub fn legacy_slaves(&self, only: Option<&str>) -> impl Serialize {
        #[derive(Serialize)]
        struct Slaves<A, R> {
            slaves: A,
            recovered_slaves: R,
        }
        Slaves {
            slaves: self.legacy_agent_list(Detail::Full, only),
            recovered_slaves: self.legacy_recovered_list(only),
        }
    }

    /// `/frameworks`, or the one of that id.
    pub fn legacy_frameworks<'a>(&'a self, only: Option<&'a str>) -> impl Serialize + 'a {
        #[derive(Serialize)]
        struct Document<F, C> {
            frameworks: F,
            completed_frameworks: C,
            unregistered_frameworks: [(); 0],
        }
        Document {
            frameworks: self.legacy_framework_list(Books::of(self), only),
            completed_frameworks: self.legacy_completed_list(only),
            unregistered_frameworks: NOTHING,
        }
    }
}

/// What agents hold, by framework.
struct Books<'a> {
    tasks: BTreeMap<&'a FrameworkId, Vec<(&'a AgentId, &'a TaskKey, &'a Task)>>,
    executors: BTreeMap<&'a FrameworkId, Vec<(&'a AgentId, &'a Executor)>>,
    used: BTreeMap<FrameworkId, Resources>,
}

impl<'a> Books<'a> {
    fn of(master: &'a Master) -> Self {
        let mut books = Self {
            tasks: BTreeMap::new(),
            executors: BTreeMap::new(),
            used: master.used_by_frameworks(),
        };
        for agent in master.agents.values() {
            for (key, task) in &agent.tasks {
                let tasks = books.tasks.entry(&key.framework).or_default();
                tasks.push((&agent.id, key, task));
            }
            // Mesos: executors an agent made for command tasks are not shown.
            let executors = agent.executors.iter().filter(|(_, executor)| !executor.generated);
            for ((framework, _), executor) in executors {
                books.executors.entry(framework).or_default().push((&agent.id, executor));
            }
        }
        books
    }
}
