//! A failing seed, made as small as can be.

use crate::deeds::{Kind, Name, Without};
use crate::run::{Outcome, run_without};

/// What is left of a run that breaks a rule.
#[derive(Clone, Debug)]
pub struct Shrunk {
    /// What the run can do without.
    pub without: Without,
    /// The run that is left; it breaks the same rule.
    pub outcome: Outcome,
    /// Runs it took.
    pub runs: u32,
}

/// Leaves out of a failing run whatever it breaks its rule without, until nothing more can go or `most`
/// runs were made. Nothing for a seed that breaks no rule.
pub fn shrink(seed: u64, most: u32) -> Option<Shrunk> {
    let outcome = run_without(seed, false, &Without::default());
    let rule = outcome.failure.as_ref()?.0.clone();
    let mut shrunk = Shrunk { without: Without::default(), outcome, runs: 1 };
    // Most of a run has nothing to do with its failure: first everything of one kind.
    for kind in [Kind::Storage, Kind::Whim, Kind::Operator, Kind::Fault, Kind::Launch] {
        let deeds = shrunk.outcome.deeds.iter().map(|deed| deed.name);
        let without = shrunk.without.and(deeds.filter(|name| name.kind == kind));
        let outcome = run_without(seed, false, &without);
        shrunk.runs += 1;
        if outcome.failure.as_ref().is_some_and(|(broken, _)| *broken == rule) {
            (shrunk.without, shrunk.outcome) = (without, outcome);
        }
    }
    let mut size = shrunk.outcome.deeds.len().div_ceil(2);
    while size > 0 {
        let mut from = 0;
        let mut has_shrunk = false;
        loop {
            let names: Vec<Name> = shrunk.outcome.deeds.iter().map(|deed| deed.name).collect();
            if from >= names.len() {
                break;
            }
            if shrunk.runs >= most {
                return Some(shrunk);
            }
            let until = names.len().min(from + size);
            let without = shrunk.without.and(names[from..until].iter().copied());
            let outcome = run_without(seed, false, &without);
            shrunk.runs += 1;
            if outcome.failure.as_ref().is_some_and(|(broken, _)| *broken == rule) {
                (shrunk.without, shrunk.outcome) = (without, outcome);
                has_shrunk = true;
            } else {
                from = until;
            }
        }
        size = match (size, has_shrunk) {
            (1, true) => 1,
            (size, _) => size / 2,
        };
    }
    Some(shrunk)
}
