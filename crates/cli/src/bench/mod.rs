//! `ebb bench`: how quick Ebb is on this machine, measured as its users meet it.
//!
//! All but `core` run an embedded cluster of real processes and talk to it over its APIs.

mod core;
mod drain;
mod executor;
mod failover;
mod held;
mod launch;
mod memory;
mod read;
mod report;
mod service;
mod start;

use std::future::Future;
use std::num::NonZeroU16;
use std::path::PathBuf;

use clap::Subcommand;

use crate::args::Format;
use crate::cluster::{Cluster, ClusterError, Options};
use crate::exit::Failure;
use crate::scheduler::SchedulerError;

const EXAMPLES: &str = "\
Example:
  ebb bench drain --runs 5";

/// What to measure. Figures of a machine that does something else at the same time mean little.
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// From the request of a drain until the agent is shown as drained, with 1, 10 and 50 processes
    #[command(after_help = EXAMPLES)]
    Drain(Runs),
    /// From the launch of 100 processes until all run, and the memory each costs
    #[command(after_help = EXAMPLES)]
    Launch(Runs),
    /// 10,000 tasks of 20 custom executors on one agent: launch, memory, drain
    #[command(after_help = EXAMPLES)]
    Tasks(Runs),
    /// Start of a master and of an agent, and their memory when idle
    #[command(after_help = EXAMPLES)]
    Start(Runs),
    /// The master core alone: events per second and memory with 10,000 agents and 100,000 tasks
    #[command(after_help = EXAMPLES)]
    Core(Runs),
    /// The leader of three masters on etcd is killed: until the next one serves, and has all agents back
    #[command(after_help = failover::EXAMPLES)]
    Failover(failover::Args),
    /// Reads of a cluster of 10,000 agents and 100,000 tasks, and 1,000 subscribers to operator events
    #[command(after_help = read::EXAMPLES)]
    Read(read::Args),
    /// The custom executor of `ebb bench tasks`
    #[command(hide = true)]
    Executor,
}

#[derive(clap::Args, Debug)]
struct Runs {
    /// How many times to measure; the median counts
    #[arg(long, value_name = "N")]
    runs: Option<NonZeroU16>,
    /// Where the cluster keeps its data meanwhile [default: a temporary directory]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Runs {
    fn or(&self, default: u16) -> usize {
        self.runs.map_or(default, NonZeroU16::get).into()
    }

    fn dir(&self) -> Result<tempfile::TempDir, Failure> {
        let made = match &self.dir {
            Some(dir) => tempfile::Builder::new().prefix("ebb-bench-").tempdir_in(dir),
            None => tempfile::Builder::new().prefix("ebb-bench-").tempdir(),
        };
        made.map_err(|error| Failure::error(format!("cannot make a directory: {error}")))
    }
}

/// Measures and prints the figures beside their aims. A missed aim is no failure.
///
/// # Errors
/// What was to be measured did not work.
pub fn run(args: &Args, format: Format) -> Result<(), Failure> {
    let figures = match &args.what {
        What::Drain(runs) => block_on(drain::measure(&runs.dir()?, runs.or(15)))?,
        What::Launch(runs) => block_on(launch::measure(&runs.dir()?, runs.or(5)))?,
        What::Tasks(runs) => block_on(held::measure(&runs.dir()?, runs.or(3)))?,
        What::Start(runs) => block_on(start::measure(&runs.dir()?, runs.or(15)))?,
        What::Core(runs) => core::measure(runs.or(5))?,
        What::Failover(args) => block_on(failover::measure(args))?,
        What::Read(args) => block_on(read::measure(args))?,
        What::Executor => return block_on(executor::run()),
    };
    report::print(&figures, format);
    Ok(())
}

fn block_on<T>(work: impl Future<Output = Result<T, BenchError>>) -> Result<T, Failure> {
    block_on_here(work).map_err(Failure::from)
}

fn block_on_here<T>(work: impl Future<Output = Result<T, BenchError>>) -> Result<T, BenchError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| BenchError::broken(format!("cannot start a runtime: {error}")))?;
    runtime.block_on(work)
}

/// Why there is no figure.
#[derive(Debug, thiserror::Error)]
enum BenchError {
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    #[error(transparent)]
    Scheduler(#[from] SchedulerError),
    #[error(transparent)]
    Client(#[from] daemon::http::client::ClientError),
    #[error(transparent)]
    Etcd(#[from] crate::cluster::etcd::EtcdError),
    #[error("{0}")]
    Broken(String),
    #[error("cannot read the memory of a process: {0}")]
    Memory(#[source] std::io::Error),
}

impl BenchError {
    fn broken(why: impl Into<String>) -> Self {
        Self::Broken(why.into())
    }
}

impl From<BenchError> for Failure {
    fn from(error: BenchError) -> Self {
        Self::error(format!("the benchmark broke off: {error}"))
    }
}

/// A cluster of one agent with room for everything.
async fn one_agent(dir: &std::path::Path) -> Result<Cluster, BenchError> {
    let mut options = Options::new(dir);
    options.agents = 1;
    "cpus:20000;mem:2000000;disk:100000;ports:[31000-32000]".clone_into(&mut options.resources);
    options.agent_flags = vec!["--registration-backoff-factor=0ms".to_owned()];
    Ok(Cluster::start(options).await?)
}
