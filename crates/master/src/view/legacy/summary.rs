//! `/state-summary`: agents and frameworks with counts of their tasks, for those who ask every second.

use std::collections::{BTreeMap, BTreeSet};

use model::legacy::List;
use model::{FrameworkId, Resources, TaskState};
use serde::Serialize;
use serde::ser::Serializer;

use super::agents::{AgentView, Held};
use super::frameworks::FrameworkView;
use crate::state::{Agent, Framework, Master, TaskKey};

/// Tasks by state.
// Mesos: dropped, gone and unknown tasks are counted nowhere.
#[expect(clippy::struct_field_names, reason = "they are the names that are written")]
#[derive(Clone, Copy, Debug, Default, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
struct Counts {
    task_staging: usize,
    task_starting: usize,
    task_running: usize,
    task_killing: usize,
    task_finished: usize,
    task_killed: usize,
    task_failed: usize,
    task_lost: usize,
    task_error: usize,
    task_unreachable: usize,
}

impl Counts {
    fn count(&mut self, state: TaskState) {
        *match state {
            TaskState::TaskStaging => &mut self.task_staging,
            TaskState::TaskStarting => &mut self.task_starting,
            TaskState::TaskRunning => &mut self.task_running,
            TaskState::TaskKilling => &mut self.task_killing,
            TaskState::TaskFinished => &mut self.task_finished,
            TaskState::TaskKilled => &mut self.task_killed,
            TaskState::TaskFailed => &mut self.task_failed,
            TaskState::TaskLost => &mut self.task_lost,
            TaskState::TaskError => &mut self.task_error,
            TaskState::TaskUnreachable => &mut self.task_unreachable,
            TaskState::TaskDropped
            | TaskState::TaskGone
            | TaskState::TaskGoneByOperator
            | TaskState::TaskUnknown => return,
        } += 1;
    }

    fn add(&mut self, other: &Self) {
        self.task_staging += other.task_staging;
        self.task_starting += other.task_starting;
        self.task_running += other.task_running;
        self.task_killing += other.task_killing;
        self.task_finished += other.task_finished;
        self.task_killed += other.task_killed;
        self.task_failed += other.task_failed;
        self.task_lost += other.task_lost;
        self.task_error += other.task_error;
        self.task_unreachable += other.task_unreachable;
    }
}

/// Tasks of one side and whom of the other side they belong to.
#[derive(Debug, Default)]
struct Side<'a> {
    counts: Counts,
    others: BTreeSet<&'a str>,
}

/// Tasks of agents and of frameworks that are not over, ended ones included as far as they are remembered.
#[derive(Debug, Default)]
struct Tally<'a> {
    agents: BTreeMap<&'a str, Side<'a>>,
    frameworks: BTreeMap<&'a str, Side<'a>>,
}

impl<'a> Tally<'a> {
    fn of(master: &'a Master) -> Self {
        let mut tally = Self::default();
        for agent in master.agents.values() {
            // Tasks come in the order of their frameworks.
            let mut tasks = agent.tasks.iter().peekable();
            while let Some((TaskKey { framework, .. }, _)) = tasks.peek().copied() {
                let mut counts = Counts::default();
                while let Some((_, task)) = tasks.next_if(|(key, _)| key.framework == *framework) {
                    counts.count(task.state);
                }
                if master.frameworks.contains_key(framework) {
                    tally.add(agent.id.as_str(), framework.as_str(), &counts);
                }
            }
        }
        for framework in master.frameworks.values() {
            for task in framework.unreachable_tasks.iter().chain(&framework.completed_tasks) {
                let mut counts = Counts::default();
                counts.count(
                    model::task::state_from_wire(task.state).unwrap_or(TaskState::TaskUnknown),
                );
                tally.add(&task.agent_id.value, framework.id.as_str(), &counts);
            }
        }
        tally
    }

    fn add(&mut self, agent: &'a str, framework: &'a str, counts: &Counts) {
        for (sides, own, other) in
            [(&mut self.agents, agent, framework), (&mut self.frameworks, framework, agent)]
        {
            let side = sides.entry(own).or_default();
            side.counts.add(counts);
            side.others.insert(other);
        }
    }
}

#[derive(Serialize)]
struct AgentSummary<'a> {
    #[serde(flatten)]
    view: AgentView<'a>,
    #[serde(flatten)]
    counts: Counts,
    framework_ids: &'a BTreeSet<&'a str>,
}

#[derive(Serialize)]
struct FrameworkSummary<'a> {
    #[serde(flatten)]
    view: FrameworkView<'a>,
    #[serde(flatten)]
    counts: Counts,
    slave_ids: &'a BTreeSet<&'a str>,
}

struct AgentItem<'a>(&'a Master, &'a Agent, &'a Side<'a>);

impl Serialize for AgentItem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let held = Held::of(self.0, self.1);
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
                let listed = master.agents.values().filter(|agent| agent.is_listed());
                listed.map(|agent| {
                    let side = tally.agents.get(agent.id.as_str()).unwrap_or(&idle);
                    AgentItem(master, agent, side)
                })
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
