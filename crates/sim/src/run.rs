//! One run of one seed.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;

use crate::coverage::Coverage;
use crate::deeds::{Deed, Without};
use crate::world::World;

/// How a run ended.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub seed: u64,
    /// Names the run: equal for equal runs.
    pub hash: u64,
    /// Happenings, and how much time passed in the world.
    pub events: u64,
    pub simulated: Duration,
    pub coverage: Coverage,
    /// The first rule that was broken: its name and what happened.
    pub failure: Option<(String, String)>,
    /// The last happenings, if they were asked for.
    pub trace: Vec<String>,
    /// What happened that could have been left out.
    pub deeds: Vec<Deed>,
}

/// Runs a seed to its end, or to the first broken rule. A panic of a core is one.
pub fn run(seed: u64, trace: bool) -> Outcome {
    run_without(seed, trace, &Without::default())
}

/// Runs what is left of a seed.
pub fn run_without(seed: u64, trace: bool, without: &Without) -> Outcome {
    let mut world = World::new(seed, trace, without);
    let began = world.now.at;
    let ran = catch_unwind(AssertUnwindSafe(|| {
        while world.truth.violations.is_empty() && world.step() {}
        if world.truth.violations.is_empty() {
            world.check_rest();
        }
    }));
    let first = world.truth.violations.first();
    let failure = match &ran {
        Err(panic) => Some(("no-panic".to_owned(), text_of(panic.as_ref()))),
        Ok(()) => first.map(|broken| (broken.rule.to_owned(), broken.what.clone())),
    };
    Outcome {
        seed,
        hash: world.trace.hash(),
        events: world.events,
        simulated: world.now.at.since(began),
        coverage: world.coverage,
        failure,
        trace: world.trace.into_lines(),
        deeds: world.deeds.done,
    }
}

pub(crate) fn text_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("a panic without text")
        .to_owned()
}
