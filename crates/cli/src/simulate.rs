//! `ebb sim`: the simulator, for whoever wants to reproduce a seed or look for one that fails.

mod fleet;

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sim::{Coverage, Outcome, Shrunk, Without};

use crate::exit::Failure;
use crate::output;
use crate::output::table::Table;

const EXAMPLES: &str = "\
Examples:
  ebb sim --seeds 0..1000
  ebb sim --seed 4711 --trace
  ebb sim --seed 4711 --shrink
  ebb sim --seed 4711 --without f3,f7-9,l1.4 --trace
  ebb sim --explore
  ebb sim --minutes 60
  ebb sim --fleet --agents 5000 --tasks 50000";

/// Failing seeds shown one by one.
const SHOWN: usize = 20;
/// Failing seeds of a range that are shrunk, and how many runs that may take for each.
const SHRUNK: usize = 3;
const SHRINKING: u32 = 2000;
/// States of a small world beyond which the explorer gives up.
const MOST_STATES: usize = 10_000_000;
/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(10);
/// Where a search without a range begins: a number nobody has to remember.
const MANY: u64 = u64::MAX;

/// Runs master, agents and executors in a world of chance and faults, and checks that the rules hold.
#[expect(clippy::struct_excessive_bools, reason = "flags that don't exclude each other")]
#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct Args {
    /// Run this one seed
    #[arg(long, value_name = "N", conflicts_with_all = ["seeds", "minutes"])]
    seed: Option<u64>,
    /// Run the seeds from A up to, but not including, B
    #[arg(long, value_name = "A..B", value_parser = range)]
    seeds: Option<Range<u64>>,
    /// Stop after so many minutes
    #[arg(long, value_name = "M")]
    minutes: Option<u64>,
    /// Print what happened last before the end of the seed
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Leave out of the failing seed what it fails without, and print what is left
    #[arg(long, requires = "seed", conflicts_with = "without")]
    shrink: bool,
    /// Run the seed without these: faults (f), acts of the operator (o), hosts (h), services (s), and what
    /// services do (w) and launch (l); as --shrink prints them
    #[arg(long, value_name = "LIST", requires = "seed")]
    without: Option<Without>,
    /// Visit every interleaving of the drain protocol in small worlds instead
    #[arg(long, conflicts_with_all = ["seed", "seeds", "minutes"])]
    explore: bool,
    /// Print how often each state, refusal and fault was reached
    #[arg(long)]
    coverage: bool,
    /// Seeds run at the same time [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    #[command(flatten)]
    fleet: fleet::Args,
}

fn range(text: &str) -> Result<Range<u64>, String> {
    let form = || format!("'{text}' is no range of seeds; write it as 0..1000");
    let (from, to) = text.split_once("..").ok_or_else(form)?;
    let number = |text: &str| text.trim().parse::<u64>().map_err(|_| form());
    let range = number(from)?..number(to)?;
    if range.is_empty() { Err(format!("the range {text} holds no seed")) } else { Ok(range) }
}

/// What all runs together came to.
#[derive(Default)]
struct Total {
    seeds: u64,
    events: u64,
    simulated: Duration,
    coverage: Coverage,
    failed: Vec<u64>,
}

impl Total {
    /// Takes a run in; what it broke, if there are not too many of these already, is for people to see at once.
    fn add(&mut self, outcome: Outcome) -> Option<String> {
        self.seeds += 1;
        self.events += outcome.events;
        self.simulated += outcome.simulated;
        self.coverage.add(&outcome.coverage);
        let (rule, what) = outcome.failure?;
        let line = format!("seed {} broke {rule}: {what}", outcome.seed);
        self.failed.push(outcome.seed);
        (self.failed.len() <= SHOWN).then_some(line)
    }
}

/// Runs what was asked for.
///
/// # Errors
/// A seed broke a rule.
pub fn run(args: &Args) -> Result<(), Failure> {
    if args.fleet.is_wanted() {
        return fleet::run(&args.fleet, args.seed.unwrap_or(1));
    }
    if args.explore {
        return explore();
    }
    if let Some(seed) = args.seed {
        return if args.shrink { shrink_one(seed) } else { run_one(seed, args) };
    }
    let minutes = args.minutes.map(|minutes| Duration::from_secs(minutes * 60));
    let seeds = match (&args.seeds, minutes) {
        (Some(seeds), _) => seeds.clone(),
        (None, Some(_)) => 0..MANY,
        (None, None) => 0..1000,
    };
    let jobs = args.jobs.or_else(|| std::thread::available_parallelism().ok());
    let began = Instant::now();
    let total = run_many(&seeds, minutes, jobs.map_or(1, NonZeroUsize::get));
    report(&total, began.elapsed());
    shrink_first(&total);
    if args.coverage {
        print_coverage(&total.coverage);
    }
    verdict(total.failed.len())
}

fn run_one(seed: u64, args: &Args) -> Result<(), Failure> {
    let without = args.without.clone().unwrap_or_default();
    let outcome = sim::run_without(seed, args.trace, &without);
    for line in &outcome.trace {
        output::line(line);
    }
    output::line(&format!("hash {:016x}, {} events", outcome.hash, outcome.events));
    let mut total = Total::default();
    if let Some(broken) = total.add(outcome) {
        output::line(&broken);
    }
    if args.coverage {
        print_coverage(&total.coverage);
    }
    verdict(total.failed.len())
}

/// Makes a failing seed small and prints what is left of it.
fn shrink_one(seed: u64) -> Result<(), Failure> {
    let Some(shrunk) = quietly(|| sim::shrink(seed, SHRINKING)) else {
        output::line(&format!("seed {seed} breaks no rule"));
        return Ok(());
    };
    // Once more, with a trace and without what was left out.
    let outcome = quietly(|| sim::run_without(seed, true, &shrunk.without));
    for line in &outcome.trace {
        output::line(line);
    }
    print_shrunk(&shrunk);
    verdict(1)
}

fn print_shrunk(shrunk: &Shrunk) {
    let Shrunk { without, outcome, runs } = shrunk;
    let Some((rule, what)) = &outcome.failure else { return };
    let seed = outcome.seed;
    output::line(&format!("seed {seed} broke {rule}: {what}"));
    output::line(&format!("{} left after {runs} runs:", outcome.deeds.len()));
    for deed in &outcome.deeds {
        output::line(&format!("  {:8} {}", deed.name.to_string(), deed.what));
    }
    output::line("as a line for crates/sim/seeds/known.txt:");
    output::line(&format!("{seed} {} {rule}: {what}", or_dash(without)));
}

fn or_dash(without: &Without) -> String {
    if without.is_empty() { "-".to_owned() } else { without.to_string() }
}

fn shrink_first(total: &Total) {
    for seed in total.failed.iter().take(SHRUNK) {
        if let Some(shrunk) = quietly(|| sim::shrink(*seed, SHRINKING)) {
            print_shrunk(&shrunk);
        }
    }
}

/// Visits the small worlds, one after the other.
fn explore() -> Result<(), Failure> {
    let mut failed = 0;
    for scenario in sim::SCENARIOS {
        let began = Instant::now();
        let explored = quietly(|| sim::explore(scenario, MOST_STATES));
        output::line(&format!(
            "{}: {} states, {} steps, {} deep, {} at rest, {:.1} s",
            scenario.name,
            explored.states,
            explored.steps,
            explored.depth,
            explored.at_rest,
            began.elapsed().as_secs_f64(),
        ));
        if let Some((rule, what, way)) = explored.failure {
            failed += 1;
            for (number, step) in way.iter().enumerate() {
                output::line(&format!("  {number:3} {step}"));
            }
            output::line(&format!("{} broke {rule}: {what}", scenario.name));
        }
    }
    if failed == 0 {
        return Ok(());
    }
    Err(Failure::error(format!("{failed} small worlds broke a rule")))
}

/// A panic of a core is a result and told as one, not a message on the terminal.
fn quietly<T>(run: impl FnOnce() -> T) -> T {
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let result = run();
    std::panic::set_hook(hook);
    result
}

fn run_many(seeds: &Range<u64>, limit: Option<Duration>, jobs: usize) -> Total {
    let began = Instant::now();
    let next = AtomicU64::new(seeds.start);
    let total = Mutex::new((Total::default(), began));
    quietly(|| {
        std::thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| {
                    while limit.is_none_or(|limit| began.elapsed() < limit) {
                        let seed = next.fetch_add(1, Ordering::Relaxed);
                        if !seeds.contains(&seed) {
                            break;
                        }
                        let outcome = sim::run(seed, false);
                        let Ok(mut total) = total.lock() else { break };
                        if let Some(broken) = total.0.add(outcome) {
                            output::line(&broken);
                        }
                        if total.1.elapsed() >= PROGRESS {
                            total.1 = Instant::now();
                            output::talk(&speed(&total.0, began.elapsed()));
                        }
                    }
                });
            }
        });
    });
    total.into_inner().map_or_else(|poisoned| poisoned.into_inner().0, |total| total.0)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "figures for people"
)]
fn speed(total: &Total, took: Duration) -> String {
    let seconds = took.as_secs_f64().max(0.001);
    format!(
        "{} seeds, {:.0} hours of clusters, {} failed; {:.1} seeds and {} events per second",
        total.seeds,
        total.simulated.as_secs_f64() / 3600.0,
        total.failed.len(),
        total.seeds as f64 / seconds,
        (total.events as f64 / seconds) as u64,
    )
}

fn report(total: &Total, took: Duration) {
    if total.failed.len() > SHOWN {
        output::line(&format!("and {} more", total.failed.len() - SHOWN));
    }
    output::line(&speed(total, took));
}

fn print_coverage(coverage: &Coverage) {
    let mut table = Table::new(&["REACHED", "TIMES"]).right(&[1]);
    for (name, count) in coverage.iter() {
        table.row(vec![name.to_owned(), count.to_string()]);
    }
    output::data(table.render(output::stdout_width()).as_bytes());
}

fn verdict(failed: usize) -> Result<(), Failure> {
    if failed == 0 {
        return Ok(());
    }
    Err(Failure::error(format!("{failed} seeds broke a rule"))
        .hint("`ebb sim --seed <seed> --shrink` shows what it takes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A range is two numbers with two dots; anything else is told what it should be.
    #[test]
    fn ranges_are_read_and_mistakes_named() {
        assert_eq!(range("3..7"), Ok(3..7));
        for text in ["", "3", "3..", "..7", "3..x", "-1..4"] {
            assert!(range(text).unwrap_err().contains("0..1000"), "{text}");
        }
        assert!(range("7..3").unwrap_err().contains("no seed"));
    }

    /// Many seeds at once give what they give one after the other.
    #[test]
    fn parallel_runs_add_up() {
        let seeds = 0..6;
        let parallel = run_many(&seeds, None, 3);
        let mut single = Total::default();
        for seed in seeds {
            single.add(sim::run(seed, false));
        }
        assert_eq!((parallel.seeds, parallel.events), (single.seeds, single.events));
        assert_eq!(parallel.coverage, single.coverage);
    }
}
