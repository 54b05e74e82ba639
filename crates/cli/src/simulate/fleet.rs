//! `ebb sim --fleet`: how much one master core can carry.

use std::num::NonZeroUsize;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};
use sim::fleet::{Report, Settings, Watch};

use crate::exit::Failure;
use crate::output;
use crate::output::table::Table;

const FRAMEWORKS: usize = 5;
/// Waves in which all agents are drained, unless their size is given.
const WAVES: usize = 50;
const MIB: f64 = 1024.0 * 1024.0;

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Run one master with very many agents, all of which are drained in waves
    #[arg(long, conflicts_with_all = ["seeds", "minutes", "trace", "coverage", "jobs"])]
    fleet: bool,
    /// Agents of the fleet
    #[arg(long, value_name = "N", requires = "fleet", default_value = "50000")]
    agents: NonZeroUsize,
    /// Tasks of the fleet
    #[arg(long, value_name = "N", requires = "fleet", default_value = "500000")]
    tasks: NonZeroUsize,
    /// Agents drained at a time [default: one in 50]
    #[arg(long, value_name = "N", requires = "fleet")]
    wave: Option<NonZeroUsize>,
}

impl Args {
    pub(super) fn is_wanted(&self) -> bool {
        self.fleet
    }
}

/// Runs the fleet and prints what it came to.
///
/// # Errors
/// A rule was broken.
pub(super) fn run(args: &Args, seed: u64) -> Result<(), Failure> {
    let agents = args.agents.get();
    let settings = Settings {
        seed,
        agents,
        tasks: args.tasks.get(),
        wave: args.wave.map_or(agents.div_ceil(WAVES), NonZeroUsize::get),
        frameworks: FRAMEWORKS,
    };
    let began = Instant::now();
    let watch = Watch { clock: &worked, memory: &daemon::sys::heap::in_use };
    let report = sim::fleet::run(&settings, &watch);
    print(&settings, &report, began.elapsed());
    let first = report.broken.first();
    first.map_or(Ok(()), |(rule, what)| {
        Err(Failure::error(format!("seed {seed} broke {rule}: {what}")))
    })
}

/// How long this thread has worked: other programs don't make it longer.
fn worked() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    let (seconds, nanos) = (u64::try_from(time.tv_sec), u32::try_from(time.tv_nsec));
    Duration::new(seconds.unwrap_or(0), nanos.unwrap_or(0))
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn print(settings: &Settings, report: &Report, took: Duration) {
    let ms = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1000.0);
    let seconds = |time: Duration| format!("{:.1}", time.as_secs_f64());
    let columns = [
        "PHASE",
        "EVENTS",
        "EVENTS/S",
        "IN CORE S",
        "LONGEST MS",
        "WHICH IS",
        "WAIT MS",
        "SIMULATED S",
    ];
    let mut table = Table::new(&columns).right(&[1, 2, 3, 4, 6, 7]);
    for phase in &report.phases {
        table.row(vec![
            phase.name.to_owned(),
            phase.events.to_string(),
            format!("{:.0}", phase.events_per_second()),
            format!("{:.2}", phase.busy.as_secs_f64()),
            ms(phase.longest),
            phase.longest_is.to_owned(),
            ms(phase.longest_wait),
            seconds(phase.simulated),
        ]);
    }
    output::data(table.render(output::stdout_width()).as_bytes());
    let events: u64 = report.phases.iter().map(|phase| phase.events).sum();
    let busy: Duration = report.phases.iter().map(|phase| phase.busy).sum();
    let longest = report.phases.iter().map(|phase| phase.longest).max().unwrap_or_default();
    let wait = report.phases.iter().map(|phase| phase.longest_wait).max().unwrap_or_default();
    let mut facts = vec![
        format!(
            "{} agents, {} tasks: {events} events, {:.0} per second of the core's time",
            settings.agents,
            settings.tasks,
            events as f64 / busy.as_secs_f64().max(1e-9)
        ),
        format!("longest event {} ms, longest wait for others {} ms", ms(longest), ms(wait)),
        format!(
            "{} drains in {} waves of {}, the slowest {} s",
            report.drains,
            report.waves,
            settings.wave,
            seconds(report.slowest_wave)
        ),
        format!("GET_AGENTS takes the core up to {} ms", ms(report.longest_read)),
        format!(
            "failover: recovery {} ms, all registered {} s after the death",
            ms(report.recovery),
            seconds(report.registered_again)
        ),
    ];
    if let (Some(bare), Some(full)) = (report.memory_with_agents, report.memory_with_tasks) {
        facts.push(format!(
            "master core: {:.0} MiB; {} bytes per agent, {} per task",
            full as f64 / MIB,
            bare / settings.agents as u64,
            full.saturating_sub(bare) / settings.tasks as u64
        ));
    }
    facts.push(format!("hash {:016x}, {} s", report.hash, seconds(took)));
    for fact in facts {
        output::line(&fact);
    }
}
