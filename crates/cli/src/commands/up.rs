//! `ebb up`: an embedded cluster that runs until Ctrl-C.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{ExitCode, ExitStatus};
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::time::Instant;

use super::Outcome;
use crate::args::UpArgs;
use crate::cluster::{Cluster, ClusterError, Options, Who};
use crate::exit::{DECOMMISSIONED, Exit, Failure};
use crate::output;

/// What shells report for a program ended by SIGINT.
const INTERRUPTED: u8 = 130;
/// First wait before an ended member is started again; doubles up to the limit.
const BACKOFF: Duration = Duration::from_millis(200);
const BACKOFF_LIMIT: Duration = Duration::from_secs(30);
/// A member that ran so long starts again without waiting for what was before.
const STABLE: Duration = Duration::from_mins(1);

pub(super) async fn run(args: UpArgs) -> Outcome {
    let dir = args.data_dir.map_or_else(default_dir, Ok)?;
    let mut options = Options::new(dir);
    options.agents = args.agents.into();
    options.master_port = args.port;
    options.resources = args.resources;
    let resumes = options.work_dir(Who::Master).exists();
    let mut stop = Stop::listen()?;

    let verb = if resumes { "resuming" } else { "starting" };
    output::talk(&format!("{verb} the cluster in {}", options.dir.display()));
    let started = tokio::select! {
        started = Cluster::start(options) => started,
        () = stop.asked() => return Ok(ExitCode::from(INTERRUPTED)),
    };
    let mut cluster = started.map_err(failed)?;
    announce(&cluster);
    supervise(&mut cluster, &mut stop).await;
    output::talk("stopping the cluster and its tasks");
    let stopping = tokio::select! {
        stopped = cluster.stop() => stopped,
        // Dropping the cluster kills it.
        () = stop.asked() => return Ok(ExitCode::from(INTERRUPTED)),
    };
    let destroyed = stopping.map_err(failed)?;
    match destroyed.containers {
        0 => output::talk("stopped; `ebb up` resumes it"),
        1 => output::talk("stopped, with 1 task; `ebb up` resumes it"),
        n => output::talk(&format!("stopped, with {n} tasks; `ebb up` resumes it")),
    }
    Ok(ExitCode::SUCCESS)
}

/// The tour, on this terminal, in a directory of its own.
pub(super) async fn demo() -> Outcome {
    let name = format!("ebb-demo-{}", daemon::random::uuid());
    let options = Options::new(std::env::temp_dir().join(name));
    let dir = options.dir.clone();
    let mut stop = Stop::listen()?;
    let mut stdout = std::io::stdout();
    tokio::select! {
        toured = crate::demo::run(options, &mut stdout) => toured.map(|()| ExitCode::SUCCESS),
        // Dropping the demo kills its cluster and all tasks.
        () = stop.asked() => {
            drop(std::fs::remove_dir_all(dir));
            output::talk("demo stopped");
            Ok(ExitCode::from(INTERRUPTED))
        }
    }
}

fn default_dir() -> Result<PathBuf, Failure> {
    let data =
        std::env::var_os("XDG_DATA_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let home = || Some(PathBuf::from(std::env::var_os("HOME")?).join(".local/share"));
    data.or_else(home).map(|data| data.join("ebb")).ok_or_else(|| {
        Failure::usage("there is no home directory to keep data in").hint("give --data-dir")
    })
}

fn announce(cluster: &Cluster) {
    let url = cluster.master_url();
    output::line(&format!("ebb up: master on {url}"));
    for member in cluster.members().skip(1) {
        let name = member.who().name();
        match member.address() {
            Some(address) => output::line(&format!("ebb up: {name} on http://{address}")),
            None => output::talk(&left_out(&name, &member.work_dir().display().to_string())),
        }
    }
    output::talk(&format!("logs are in {}", cluster.dir().join("logs").display()));
    let flag = if url.ends_with(":5050") { String::new() } else { format!(" --master {url}") };
    output::talk(&format!("try in another terminal: ebb{flag} node list"));
    output::talk("Ctrl-C stops everything");
}

fn left_out(name: &str, work_dir: &str) -> String {
    format!(
        "{name} is decommissioned and stays out; for a new agent in its place, remove {work_dir}"
    )
}

/// Starts members again that end, until it is time to stop.
async fn supervise(cluster: &mut Cluster, stop: &mut Stop) {
    let mut waits: BTreeMap<Who, (Duration, Instant)> = BTreeMap::new();
    let mut due: BTreeMap<Who, Instant> = BTreeMap::new();
    loop {
        let next = due.iter().min_by_key(|(_, at)| **at).map(|(who, at)| (*who, *at));
        let wake = async {
            match next {
                Some((who, at)) => {
                    tokio::time::sleep_until(at).await;
                    who
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = stop.asked() => return,
            who = wake => {
                due.remove(&who);
                match cluster.restart(who).await {
                    Ok(()) => output::talk(&format!("{} runs again", who.name())),
                    Err(error) => {
                        output::talk(&format!("{} does not start: {error}", who.name()));
                        due.insert(who, Instant::now() + wait(&mut waits, who));
                    }
                }
            }
            (who, status) = cluster.ended() => {
                if status.code() == Some(i32::from(DECOMMISSIONED)) {
                    let work_dir = cluster.member(who).work_dir().display().to_string();
                    output::talk(&left_out(&who.name(), &work_dir));
                    continue;
                }
                let wait = wait(&mut waits, who);
                output::talk(&ended(who, status, wait));
                due.insert(who, Instant::now() + wait);
            }
        }
    }
}

fn ended(who: Who, status: ExitStatus, wait: Duration) -> String {
    let name = who.name();
    let wait = model::duration::format_short(wait);
    format!("{name} ended unexpectedly ({status}); starting it again in {wait}")
}

/// How long to wait this time; doubles while the member keeps ending.
fn wait(waits: &mut BTreeMap<Who, (Duration, Instant)>, who: Who) -> Duration {
    let now = Instant::now();
    let wait = match waits.get(&who) {
        Some((last, at)) if now.duration_since(*at) < STABLE => (*last * 2).min(BACKOFF_LIMIT),
        _ => BACKOFF,
    };
    waits.insert(who, (wait, now));
    wait
}

fn failed(error: ClusterError) -> Failure {
    let failure = Failure::new(Exit::Error, error.to_string());
    match error {
        ClusterError::Locked { .. } => {
            failure.hint("stop that one, or give this one another --data-dir and --port 0")
        }
        ClusterError::Ended { tail, .. } if tail.contains("choose another with --port") => {
            failure.hint("`ebb up --port 0` takes any free port")
        }
        ClusterError::Directory { .. }
        | ClusterError::Start { .. }
        | ClusterError::Ended { .. }
        | ClusterError::TooSlow { .. }
        | ClusterError::Stop { .. }
        | ClusterError::Scan(_)
        | ClusterError::Tasks(_) => failure,
    }
}

/// SIGINT and SIGTERM.
struct Stop {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

impl Stop {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind)
                .map_err(|error| Failure::error(format!("cannot listen for signals: {error}")))
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
        })
    }

    async fn asked(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
