//! The simulator's test of itself: hand-made bugs, each of which has to be found.
#![allow(
    clippy::print_stdout,
    clippy::disallowed_types,
    reason = "a table for whoever runs it, with times"
)]
#![allow(clippy::unwrap_used, reason = "a poisoned lock is a failed test")]

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use sim::bugs::{BUGS, Bug, make};

/// Seeds of the control.
const SEEDS: usize = 200;

/// How a search for a bug ended.
struct Found {
    bug: &'static Bug,
    /// The seed that found it, and the rule and what was broken.
    by: Option<(u64, String, String)>,
    seconds: f64,
}

fn search(bug: &'static Bug) -> Found {
    let began = Instant::now();
    make(Some(bug));
    let by = (0..bug.seeds).find_map(|seed| {
        let (rule, what) = sim::run(seed, false).failure?;
        Some((seed, rule, what))
    });
    make(None);
    Found { bug, by, seconds: began.elapsed().as_secs_f64() }
}

/// What `job` gives for each of `count` numbers, worked off by one thread per core.
fn in_parallel<T: Send>(count: usize, job: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..cores {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        break;
                    }
                    let result = job(number);
                    done.lock().unwrap().push((number, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

/// Searches for a bug and prints how it went. Whether it was found by a rule that is there for it.
fn is_found(bug: &'static Bug) -> bool {
    let Found { bug, by, seconds } = search(bug);
    let Some((seed, rule, what)) = by else {
        println!("{:38} NOT FOUND in {} seeds, {seconds:.1} s", bug.name, bug.seeds);
        return false;
    };
    println!("{:38} {rule:24} seed {seed:>4} of {:>4} {seconds:6.1} s", bug.name, bug.seeds);
    let is_expected = bug.rules.contains(&rule.as_str());
    if !is_expected {
        println!("{:38} is not a rule for it: {what}", "");
    }
    is_expected
}

/// Every hand-made bug is found within its number of seeds, by a rule that is there for it.
#[test]
fn every_hand_made_bug_is_found() {
    // Cores that panic are what is looked for.
    std::panic::set_hook(Box::new(|_| {}));
    let found = in_parallel(BUGS.len(), |index| is_found(&BUGS[index]));
    drop(std::panic::take_hook());
    let missed: Vec<&str> =
        BUGS.iter().zip(found).filter(|(_, found)| !found).map(|(bug, _)| bug.name).collect();
    assert!(missed.is_empty(), "not found, or by another rule: {missed:?}");
}

/// With the feature and without a bug the same seeds break nothing.
#[test]
fn without_a_bug_nothing_is_found() {
    let broken = in_parallel(SEEDS, |seed| Some((seed, sim::run(seed as u64, false).failure?)));
    let broken: Vec<_> = broken.into_iter().flatten().collect();
    assert!(broken.is_empty(), "{broken:?}");
}

/// There are enough of them, and each has a name of its own.
#[test]
fn hand_made_bugs_are_many_and_named() {
    let names: BTreeSet<&str> = BUGS.iter().map(|bug| bug.name).collect();
    assert!(names.len() >= 25 && names.len() == BUGS.len());
}

/// A failing seed shrinks to a few deeds that break the same rule, and what is left runs the same again.
#[test]
fn a_failing_seed_shrinks_to_a_few_deeds() {
    std::panic::set_hook(Box::new(|_| {}));
    for (name, most) in [("reactivation_while_draining", 8), ("unreachable_ends_drain", 12)] {
        let bug = BUGS.iter().find(|bug| bug.name == name).unwrap();
        let Found { by, .. } = search(bug);
        let (seed, rule, _) = by.unwrap();
        make(Some(bug));
        let before = sim::run(seed, false).deeds.len();
        let shrunk = sim::shrink(seed, 500).unwrap();
        let left = shrunk.outcome.deeds.len();
        println!("{name}: {left} of {before} deeds are left after {} runs", shrunk.runs);
        assert_eq!(shrunk.outcome.failure.unwrap().0, rule);
        assert!(left <= most && left < before, "{:?}", shrunk.outcome.deeds);
        let without = shrunk.without.to_string().parse().unwrap();
        let again = sim::run_without(seed, true, &without);
        assert_eq!((again.hash, again.events), (shrunk.outcome.hash, shrunk.outcome.events));
        make(None);
    }
    drop(std::panic::take_hook());
}

/// The explorer finds mistakes in the protocol by itself, and names the way.
#[test]
fn the_explorer_finds_mistakes_of_the_protocol() {
    std::panic::set_hook(Box::new(|_| {}));
    let names =
        ["drained_without_confirmation", "drain_is_not_sent_again", "empty_ignores_executors"];
    let scenario = sim::SCENARIOS.iter().find(|it| it.name == "crash").unwrap();
    for name in names {
        let bug = BUGS.iter().find(|bug| bug.name == name).unwrap();
        make(Some(bug));
        let explored = sim::explore(scenario, 20_000);
        make(None);
        let (rule, what, way) = explored.failure.unwrap();
        println!("{name}: {rule} after {} states, {} steps away", explored.states, way.len());
        assert!(rule != "bounded" && !way.is_empty(), "{name}: {rule} {what}");
    }
    drop(std::panic::take_hook());
}
