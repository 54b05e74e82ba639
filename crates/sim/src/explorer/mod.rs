//! Every interleaving of the drain protocol in a small world.
//!
//! Two agents, three tasks, one framework, one operator, the production cores. What is nondeterministic is a
//! step: which message arrives next, who crashes and when, when a process ends or a clock runs ahead, when the
//! operator and the framework act. Breadth first, so that what is found is shortest; a state that was there
//! before is not looked at again.
//!
//! ```text
//! state ─ every step that is possible ─▶ states ─ rules ─▶ new ones into the queue
//!           none left but crashes and acts: run on with fair clocks ─▶ must come to the end
//! ```
//!
//! Time stands still but where a step says otherwise: each process has a clock of its own, and a timer that
//! may matter fires as a step.

mod ending;
mod host;
mod rules;
mod service;
mod small;
mod steps;

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};

use small::Small;
use steps::Step;

/// What the operator does, in order, each at any moment after the answer to the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Drain,
    /// Without any grace, and to be decommissioned.
    Tighten,
    /// Asked again while it is refused, this often at most.
    Reactivate,
}

/// A small world and what may go wrong in it.
#[derive(Clone, Copy, Debug)]
pub struct Scenario {
    pub name: &'static str,
    pub(crate) acts: &'static [Act],
    /// Processes that may crash, and how often in all: the master, the drained agent.
    pub crashes: u8,
    /// Timers that may fire early, before there is nothing else to do.
    pub early: u8,
    /// Tasks on the agent that is drained; the others of three are on the other one.
    pub tasks: usize,
    /// The framework may accept an offer of the agent meanwhile.
    pub launches: bool,
    /// States below which it did not do its work.
    pub least: usize,
}

/// All of it is explored by the tests.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "two tasks",
        acts: &[Act::Drain],
        tasks: 2,
        crashes: 0,
        early: 1,
        launches: false,
        least: 10000,
    },
    Scenario {
        name: "crash",
        acts: &[Act::Drain],
        tasks: 1,
        crashes: 1,
        early: 0,
        launches: false,
        least: 20000,
    },
    Scenario {
        name: "launch against drain",
        acts: &[Act::Drain],
        tasks: 1,
        crashes: 0,
        early: 0,
        launches: true,
        least: 10000,
    },
    Scenario {
        name: "decommission",
        acts: &[Act::Drain, Act::Tighten],
        tasks: 1,
        crashes: 0,
        early: 0,
        launches: false,
        least: 500,
    },
    Scenario {
        name: "drain again",
        acts: &[Act::Drain, Act::Reactivate, Act::Drain],
        tasks: 1,
        crashes: 0,
        early: 0,
        launches: false,
        least: 500,
    },
];

/// How an exploration ended.
#[derive(Clone, Debug, Default)]
pub struct Explored {
    pub states: usize,
    pub steps: usize,
    /// The longest of all shortest ways to a state.
    pub depth: usize,
    /// States in which nothing was left to do but to crash and to act.
    pub at_rest: usize,
    /// The rule that was broken, what happened, and the way there.
    pub failure: Option<(String, String, Vec<String>)>,
}

/// Visits every state of a scenario, or stops at the first broken rule. Beyond `most` states it gives up.
pub fn explore(scenario: &Scenario, most: usize) -> Explored {
    let mut search = Search::default();
    let start = match search.try_run(Small::start(scenario), |_| {}) {
        Ok(start) => start,
        Err((rule, what)) => {
            search.explored.failure = Some((rule, what, Vec::new()));
            return search.explored;
        }
    };
    search.from.insert(start.print(), (0, "start".to_owned()));
    search.queue.push_back((start, 0));
    while let Some((state, depth)) = search.queue.pop_front() {
        search.explored.depth = depth;
        if let Err((rule, what, way)) = search.expand(&state, depth) {
            search.explored.failure = Some((rule, what, way));
            break;
        }
        if search.explored.states > most {
            let what = format!("more than {most} states");
            search.explored.failure = Some(("bounded".to_owned(), what, Vec::new()));
            break;
        }
    }
    let explored = &mut search.explored;
    if explored.failure.is_none() && explored.states < scenario.least {
        let what = format!("only {} states", explored.states);
        explored.failure = Some(("explores-enough".to_owned(), what, Vec::new()));
    }
    search.explored
}

type Broken = (String, String);

#[derive(Default)]
struct Search {
    queue: VecDeque<(Small, usize)>,
    /// Every state seen: the one before it, and the step from there.
    from: BTreeMap<u64, (u64, String)>,
    explored: Explored,
}

impl Search {
    fn expand(&mut self, state: &Small, depth: usize) -> Result<(), (String, String, Vec<String>)> {
        self.explored.states += 1;
        let steps = state.steps();
        if !steps.iter().any(Step::is_plain) {
            self.explored.at_rest += 1;
            if let Err((rule, what)) = self.try_run(state.clone(), Small::run_to_end) {
                return Err((rule, what, self.way_to(state.print())));
            }
        }
        for step in steps {
            self.explored.steps += 1;
            let next = match self.try_run(state.clone(), |next| next.take(&step)) {
                Ok(next) => next,
                Err((rule, what)) => {
                    let mut way = self.way_to(state.print());
                    way.push(step.to_string());
                    return Err((rule, what, way));
                }
            };
            let print = next.print();
            if let std::collections::btree_map::Entry::Vacant(new) = self.from.entry(print) {
                new.insert((state.print(), step.to_string()));
                self.queue.push_back((next, depth + 1));
            }
        }
        Ok(())
    }

    /// The state after `change`, unless that breaks a rule. A panic of a core does.
    #[expect(clippy::unused_self, reason = "reads as part of the search")]
    fn try_run(&self, mut state: Small, change: impl FnOnce(&mut Small)) -> Result<Small, Broken> {
        let ran = catch_unwind(AssertUnwindSafe(|| change(&mut state)));
        if let Err(panic) = ran {
            return Err(("no-panic".to_owned(), crate::run::text_of(panic.as_ref())));
        }
        match state.broken.take() {
            Some((rule, what)) => Err((rule.to_owned(), what)),
            None => Ok(state),
        }
    }

    fn way_to(&self, mut print: u64) -> Vec<String> {
        let mut way = Vec::new();
        while let Some((before, step)) = self.from.get(&print) {
            way.push(step.clone());
            if *before == 0 {
                break;
            }
            print = *before;
        }
        way.reverse();
        way
    }
}
