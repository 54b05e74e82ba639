//! `ebb bench read`: what reads of a large cluster take, and what they cost everybody else.

mod fetch;
mod ticker;
mod watchers;

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use daemon::http::client::Client;
use wire::v1::AgentId;

use self::fetch::{Answer, Fetch};
use super::failover::agents::Agents;
use super::failover::{raise_open_files, registered};
use super::report::{Aim, Figure};
use super::start::start_program;
use super::{BenchError, Runs, memory};
use crate::api::Master;

pub(super) const EXAMPLES: &str = "\
Examples:
  ebb bench read
  ebb bench read --agents 1 --tasks 10000 --watchers 0      # what the original was measured with
  ebb bench read --program ./ebb-of-yesterday               # another build of this program, for comparison";

/// Between large reads, until memory that is given back has been.
const PAUSE: Duration = Duration::from_millis(1500);
/// From the last read until the memory is measured that has stayed: longer than answers are kept.
const AFTERWARDS: Duration = Duration::from_secs(20);

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Emulated agents
    #[arg(long, value_name = "N", default_value = "10000")]
    agents: NonZeroUsize,
    /// Tasks running on them
    #[arg(long, value_name = "N", default_value = "100000")]
    tasks: NonZeroUsize,
    /// Subscribers to operator events, of a small cluster of their own; one of them does not read
    #[arg(long, value_name = "N", default_value = "1000")]
    watchers: usize,
    /// Updates of tasks in that cluster, per second
    #[arg(long, value_name = "N", default_value = "1000")]
    updates: NonZeroUsize,
    /// How long the updates go on
    #[arg(long, value_name = "N", default_value = "90")]
    seconds: u16,
    /// The program whose master is measured [default: this one]
    #[arg(long, value_name = "FILE", default_value = "/proc/self/exe")]
    program: PathBuf,
    #[command(flatten)]
    runs: Runs,
}

/// A read, the most it may take at 100,000 tasks (milliseconds of one core), and what the original took with one
/// agent and 10,000.
struct Read {
    fetch: Fetch,
    aim: Option<f64>,
    mesos: Option<f64>,
}

fn reads() -> Vec<Read> {
    let read = |fetch, aim, mesos| Read { fetch, aim, mesos };
    vec![
        read(Fetch::json("GET_STATE"), Some(400.0), Some(267.0)),
        read(Fetch::protobuf("GET_STATE"), None, Some(75.0)),
        read(Fetch::json("GET_TASKS"), None, None),
        read(Fetch::protobuf("GET_TASKS"), None, None),
        read(Fetch::json("GET_AGENTS"), Some(60.0), None),
        read(Fetch::protobuf("GET_AGENTS"), Some(60.0), None),
        read(Fetch::get("/state"), None, Some(114.0)),
        read(Fetch::get("/state-summary"), Some(60.0), Some(17.0)),
        read(Fetch::snapshot(), None, None),
    ]
}

pub(super) async fn measure(args: &Args) -> Result<Vec<Figure>, BenchError> {
    let dir = args.runs.dir().map_err(|failure| BenchError::broken(failure.to_string()))?;
    raise_open_files(args.agents.get() + args.watchers * 2)?;
    let mut figures = Vec::new();
    if args.watchers > 0 {
        let plan = watchers::Plan {
            watchers: args.watchers,
            per_second: args.updates.get(),
            seconds: args.seconds.into(),
        };
        figures.extend(watchers::measure(&args.program, dir.path(), &plan).await?);
    }
    let (child, url) =
        start_program(&args.program, "master", &dir.path().join("read"), 0, &[]).await?;
    let pid = child.id().ok_or_else(|| BenchError::broken("the master has ended"))?;
    let tasks = args.tasks.get().div_ceil(args.agents.get());
    let began = Instant::now();
    let agents = Agents::start(vec![url.clone()], args.agents.get(), tasks, 0);
    registered(&agents, began).await?;
    tokio::time::sleep(AFTERWARDS).await;
    let bench = Bench { url, pid, runs: args.runs.or(3) };
    figures.extend(bench.measure().await?);
    Ok(figures)
}

struct Bench {
    url: String,
    pid: u32,
    runs: usize,
}

impl Bench {
    async fn measure(&self) -> Result<Vec<Figure>, BenchError> {
        let before = memory::resident_mib(self.pid)?;
        let mut figures = Vec::new();
        let mut present = Vec::new();
        let mut most: f64 = before;
        for read in reads() {
            if self.fetch(&read.fetch).await?.status == 404 {
                continue;
            }
            figures.extend(self.alone(&read).await?);
            most = most.max(memory::resident_mib(self.pid)?);
            present.push(read);
        }
        figures.push(self.beside_nothing().await?);
        for read in &present {
            figures.push(self.beside(&read.fetch).await?);
        }
        tokio::time::sleep(AFTERWARDS).await;
        let after = memory::resident_mib(self.pid)?;
        figures.push(Figure::new("master before it was read", "MiB", vec![before]).mesos(120.0));
        figures.push(Figure::new("master while it was read", "MiB", vec![most]));
        figures.push(Figure::new("master afterwards", "MiB", vec![after]).mesos(246.0));
        Ok(figures)
    }

    async fn fetch(&self, fetch: &Fetch) -> Result<Answer, BenchError> {
        let (url, fetch) = (self.url.clone(), fetch.clone());
        let fetched = tokio::task::spawn_blocking(move || fetch.from(&url)).await;
        fetched.map_err(|error| BenchError::broken(error.to_string()))?
    }

    /// A change, so that no answer made before is good any more.
    async fn change(&self) -> Result<(), BenchError> {
        let (api, agent) = self.one_agent().await?;
        api.deactivate_agent(agent.clone(), None, None).await?;
        api.reactivate_agent(agent).await?;
        Ok(())
    }

    async fn one_agent(&self) -> Result<(Master, AgentId), BenchError> {
        let api = Master::new(Client::new(None), &self.url);
        let agent = api.agents().await?.agents.into_iter().find_map(|it| it.agent_info.id);
        Ok((api, agent.ok_or_else(|| BenchError::broken("there is no agent"))?))
    }

    /// A read after a change and again, with nothing else going on.
    async fn alone(&self, read: &Read) -> Result<Vec<Figure>, BenchError> {
        let (mut first, mut again) = (Vec::new(), Vec::new());
        let (mut first_cpu, mut again_cpu, mut bytes) = (Vec::new(), Vec::new(), 0.0);
        for _ in 0..self.runs {
            self.change().await?;
            tokio::time::sleep(PAUSE).await;
            for (wall, cpu) in [(&mut first, &mut first_cpu), (&mut again, &mut again_cpu)] {
                let began = memory::cpu_ms(self.pid)?;
                let answer = self.fetch(&read.fetch).await?;
                wall.push(answer.took.as_secs_f64() * 1000.0);
                cpu.push(memory::cpu_ms(self.pid)? - began);
                bytes = answer.megabytes();
            }
        }
        let name = &read.fetch;
        let mut cpu = Figure::new(format!("{name}, processor time"), "ms", first_cpu);
        if let Some(aim) = read.aim {
            cpu = cpu.aim(Aim::AtMost(aim));
        }
        let mut wall = Figure::new(format!("{name}, to the last byte"), "ms", first);
        if let Some(mesos) = read.mesos {
            wall = wall.mesos(mesos);
        }
        Ok(vec![
            Figure::new(format!("{name}, size"), "MB", vec![bytes]),
            wall,
            cpu,
            Figure::new(format!("{name} again, to the last byte"), "ms", again),
            Figure::new(format!("{name} again, processor time"), "ms", again_cpu),
        ])
    }

    async fn beside_nothing(&self) -> Result<Figure, BenchError> {
        let writes = Writes::start(self).await?;
        tokio::time::sleep(PAUSE).await;
        Ok(Figure::new("longest write beside nothing", "ms", vec![writes.longest()?]))
    }

    /// How long writes take while this is read over and over.
    async fn beside(&self, fetch: &Fetch) -> Result<Figure, BenchError> {
        let mut longest = Vec::new();
        for _ in 0..self.runs {
            let writes = Writes::start(self).await?;
            for _ in 0..2 {
                self.fetch(fetch).await?;
            }
            longest.push(writes.longest()?);
        }
        Ok(Figure::new(format!("longest write beside {fetch}"), "ms", longest)
            .aim(Aim::AtMost(20.0)))
    }
}

/// Writes one after the other from a thread of their own, until they are asked for the longest.
struct Writes {
    is_over: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Result<Duration, BenchError>>,
}

impl Writes {
    async fn start(bench: &Bench) -> Result<Self, BenchError> {
        let (api, agent) = bench.one_agent().await?;
        let is_over = Arc::new(AtomicBool::new(false));
        let over = is_over.clone();
        // A client of its own: connections belong to the runtime that made them.
        let api = Master::new(Client::new(None), &api.url());
        let thread = std::thread::spawn(move || {
            super::block_on_here(async {
                let mut longest = Duration::ZERO;
                while !over.load(Ordering::Relaxed) {
                    let began = Instant::now();
                    api.deactivate_agent(agent.clone(), None, None).await?;
                    longest = longest.max(began.elapsed());
                    let began = Instant::now();
                    api.reactivate_agent(agent.clone()).await?;
                    longest = longest.max(began.elapsed());
                }
                Ok(longest)
            })
        });
        Ok(Self { is_over, thread })
    }

    fn longest(self) -> Result<f64, BenchError> {
        self.is_over.store(true, Ordering::Relaxed);
        let ended = self.thread.join();
        let longest = ended.map_err(|_| BenchError::broken("the writes broke off"))??;
        Ok(longest.as_secs_f64() * 1000.0)
    }
}
