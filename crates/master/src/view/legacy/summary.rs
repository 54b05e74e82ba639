//! `/state-summary`: agents and frameworks with counts of their tasks, for those who ask every second.

use std::collections::BTreeMap;

use model::legacy::List;
use model::{FrameworkId, Resources, TaskState};
use serde::Serialize;
use serde::ser::Serializer;

use super::agents::AgentView;
use super::frameworks::FrameworkView;
use crate::state::{Agent, Framework, Master};

/// The states whose tasks are counted, in the order in which they are shown.
// Mesos: dropped, gone and unknown tasks are counted nowhere.
const COUNTED: [TaskState; 10] = [
    TaskState::TaskStaging,
    TaskState::TaskStarting,
    TaskState::TaskRunning,
    TaskState::TaskKilling,
    TaskState::TaskFinished,
    TaskState::TaskKilled,
    TaskState::TaskFailed,
    TaskState::TaskLost,
    TaskState::TaskError,
    TaskState::TaskUnreachable,
];

/// Tasks by the number of their state.
#[derive(Clone, Copy, Debug, Default)]
struct Counts([usize; 16]);

impl Counts {
    fn add(&mut self, state: TaskState, tasks: usize) {
        if let Some(count) = self.0.get_mut(state as usize) {
            *count += tasks;
        }
    }
}

impl Serialize for Counts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let counted = COUNTED.map(|state| (state.as_str_name(), self.0[state as usize]));
        serializer.collect_map(counted)
    }
}

/// Tasks of one side and whom of the other side they belong to.
#[derive(Debug, Default)]
struct Side<'a> {
    counts: Counts,
    /// In order, each once.
    others: Vec<&'a str>,
}

impl<'a> Side<'a> {
    fn add(&mut self, state: TaskState, tasks: usize, other: &'a str) {
        self.counts.add(state, tasks);
        // Most come in order.
        if self.others.last() == Some(&other) {
            return;
        }
        if self.others.last().is_none_or(|last| *last < other) {
            self.others.push(other);
        } else if let Err(at) = self.others.binary_search(&other) {
            self.others.insert(at, other);
        }
    }
}

/// Tasks of agents and of frameworks that are not over, ended ones included as far as they are remembered.
#[derive(Debug, Default)]
struct Tally<'a> {
    /// Of each agent that the master knows, in its order.
    agents: Vec<(&'a str, Side<'a>)>,
    frameworks: BTreeMap<&'a str, Side<'a>>,
}

impl<'a> Tally<'a> {
    fn of(master: &'a Master) -> Self {
        let mut tally =
            Self { agents: Vec::with_capacity(master.agents.len()), frameworks: BTreeMap::new() };
        for agent in master.agents.values() {
            let mut own = Side::default();
            for (framework, state, tasks) in agent.tasks.counts() {
                if master.frameworks.contains_key(framework) {
                    own.add(state, tasks, framework.as_str());
                    let side = tally.frameworks.entry(framework.as_str()).or_default();
                    side.add(state, tasks, agent.id.as_str());
                }
            }
            tally.agents.push((agent.id.as_str(), own));
        }
        for framework in master.frameworks.values() {
            let side = tally.frameworks.entry(framework.id.as_str()).or_default();
            for task in framework.unreachable_tasks.iter().chain(&framework.completed_tasks) {
                let state =
                    model::task::state_from_wire(task.state).unwrap_or(TaskState::TaskUnknown);
                let agent = task.agent_id.value.as_str();
                side.add(state, 1, agent);
                if let Ok(at) = tally.agents.binary_search_by_key(&agent, |(id, _)| *id) {
                    tally.agents[at].1.add(state, 1, framework.id.as_str());
                }
            }
        }
        tally
    }
}

#[derive(Serialize)]
struct AgentSummary<'a> {
    #[serde(flatten)]
    view: AgentView<'a>,
    #[serde(flatten)]
    counts: Counts,
    framework_ids: &'a [&'a str],
}

#[derive(Serialize)]
struct FrameworkSummary<'a> {
    #[serde(flatten)]
    view: FrameworkView<'a>,
    #[serde(flatten)]
    counts: Counts,
    slave_ids: &'a [&'a str],
}

struct AgentItem<'a>(&'a Master, &'a Agent, &'a Side<'a>);

impl Serialize for AgentItem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let held = self.0.held_of(self.1);
        let (view, side) = (AgentView::new(self.1, &held), self.2);
        AgentSummary { view, counts: side.counts, framework_ids: &side.others }
            .serialize(serializer)
    }
}

struct FrameworkItem<'a>(&'a Master, &'a Framework, &'a Resources, &'a Side<'a>);

impl Serialize for FrameworkItem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(master, framework, used, side) = *self;
        let offered = master.offered_to(framework);
        let view = FrameworkView::new(framework, used, &offered);
        FrameworkSummary { view, counts: side.counts, slave_ids: &side.others }
            .serialize(serializer)
    }
}

/// The whole document.
struct Summary<'a, H> {
    master: &'a Master,
    head: H,
    tally: Tally<'a>,
    used: BTreeMap<FrameworkId, Resources>,
}

impl<H: Serialize> Serialize for Summary<'_, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Members<'a, H, A, F> {
            #[serde(flatten)]
            head: &'a H,
            slaves: A,
            frameworks: F,
        }
        let (idle, nothing) = (Side::default(), Resources::new());
        let (master, tally) = (self.master, &self.tally);
        Members {
            head: &self.head,
            slaves: List(|| {
                let agents = master.agents.values().zip(&tally.agents);
                let listed = agents.filter(|(agent, _)| agent.is_listed());
                listed.map(|(agent, (_, side))| AgentItem(master, agent, side))
            }),
            frameworks: List(|| {
                master.frameworks.values().map(|framework| {
                    let side = tally.frameworks.get(framework.id.as_str()).unwrap_or(&idle);
                    let used = self.used.get(&framework.id).unwrap_or(&nothing);
                    FrameworkItem(master, framework, used, side)
                })
            }),
        }
        .serialize(serializer)
    }
}

impl Master {
    /// `/state-summary` after the members that only the process knows, which are `head`'s.
    pub fn legacy_state_summary(&self, head: impl Serialize) -> impl Serialize {
        Summary { master: self, head, tally: Tally::of(self), used: self.used_by_frameworks() }
    }
}
