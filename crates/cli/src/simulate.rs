//! `ebb sim`: the simulator, for whoever wants to reproduce a seed or look for one that fails.

mod fleet;

use std::num::NonZeroUsize;
use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sim::{Coverage, Outcome};

use crate::exit::Failure;
use crate::output;
use crate::output::table::Table;

const EXAMPLES: &str = "\
Examples:
  ebb sim --seeds 0..1000
  ebb sim --seed 4711 --trace
  ebb sim --minutes 60
  ebb sim --fleet --agents 5000 --tasks 50000";

/// Failing seeds shown one by one.
const SHOWN: usize = 20;
/// Between two lines of progress.
const PROGRESS: Duration = Duration::from_secs(10);
/// Where a search without a range begins: a number nobody has to remember.
const MANY: u64 = u64::MAX;

/// Runs master, agents and executors in a world of chance and faults, and checks that the rules hold.
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
    failed: Vec<(u64, String, String)>,
}

impl Total {
    fn add(&mut self, outcome: Outcome) {
        self.seeds += 1;
        self.events += outcome.events;
        self.simulated += outcome.simulated;
        self.coverage.add(&outcome.coverage);
        if let Some((rule, what)) = outcome.failure {
            self.failed.push((outcome.seed, rule, what));
        }
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
    if let Some(seed) = args.seed {
        return run_one(seed, args);
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
    if args.coverage {
        print_coverage(&total.coverage);
    }
    verdict(total.failed.len())
}

fn run_one(seed: u64, args: &Args) -> Result<(), Failure> {
    let outcome = sim::run(seed, args.trace);
    for line in &outcome.trace {
        output::line(line);
    }
    output::line(&format!("hash {:016x}, {} events", outcome.hash, outcome.events));
    let mut total = Total::default();
    total.add(outcome);
    for (seed, rule, what) in &total.failed {
        output::line(&format!("seed {seed} broke {rule}: {what}"));
    }
    if args.coverage {
        print_coverage(&total.coverage);
    }
    verdict(total.failed.len())
}

fn run_many(seeds: &Range<u64>, limit: Option<Duration>, jobs: usize) -> Total {
    let began = Instant::now();
    let next = AtomicU64::new(seeds.start);
    let total = Mutex::new((Total::default(), began));
    // A panic of a core is a result here and told as one, not a message on the terminal.
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
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
                    total.0.add(outcome);
                    if total.1.elapsed() >= PROGRESS {
                        total.1 = Instant::now();
                        output::talk(&speed(&total.0, began.elapsed()));
                    }
                }
            });
        }
    });
    std::panic::set_hook(hook);
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
    for (seed, rule, what) in total.failed.iter().take(SHOWN) {
        output::line(&format!("seed {seed} broke {rule}: {what}"));
    }
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
        .hint("`ebb sim --seed <seed> --trace` shows what happened"))
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
