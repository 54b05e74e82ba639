//! `ebb bench failover`: the leader is killed, with very many agents.

pub(super) mod agents;

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::Path;
use std::time::{Duration, Instant};

use daemon::http::client::Client;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::process::Child;
use wire::master::call::DrainAgent;
use wire::master::response::GetAgents;

use self::agents::Agents;
use super::report::{Aim, Figure};
use super::start::start;
use super::{BenchError, Runs};
use crate::api::Master;
use crate::cluster::etcd::Etcd;

pub(super) const EXAMPLES: &str = "\
Examples:
  ebb bench failover
  ebb bench failover --masters 1 --agents 2000 --tasks 20000   # its own registry: killed and started again";

const LEASE: &str = "--registry-lease=3secs";
/// Agents drained before, and agents that are draining.
const DRAINED: usize = 50;
const DRAINING: usize = 50;
/// Between looks.
const PAUSE: Duration = Duration::from_millis(10);
/// What takes longer does not work.
const LIMIT: Duration = Duration::from_mins(5);

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Emulated agents
    #[arg(long, value_name = "N", default_value = "10000")]
    agents: NonZeroUsize,
    /// Tasks running on them
    #[arg(long, value_name = "N", default_value = "100000")]
    tasks: NonZeroUsize,
    /// Masters on three members of etcd; 1 stands for one master with a registry of its own
    #[arg(long, value_name = "N", default_value = "3")]
    masters: NonZeroUsize,
    #[command(flatten)]
    runs: Runs,
}

pub(super) async fn measure(args: &Args) -> Result<Vec<Figure>, BenchError> {
    let dir = args.runs.dir().map_err(|failure| BenchError::broken(failure.to_string()))?;
    raise_open_files(args.agents.get())?;
    let mut masters = Masters::start(dir.path(), args.masters.get()).await?;
    let bare = DRAINED.min(args.agents.get() / 2);
    let tasks = args.tasks.get().div_ceil(args.agents.get());
    let began = Instant::now();
    let agents = Agents::start(masters.urls(), args.agents.get(), tasks, bare);
    registered(&agents, began).await?;
    let first = began.elapsed();
    let before = drain(&masters.any(), bare).await?;

    let (mut serving, mut returned, mut forgotten) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..args.runs.or(1) {
        let leader = masters.leader().await?;
        let killed = Instant::now();
        masters.kill(leader).await?;
        if args.masters.get() == 1 {
            masters.restart(leader).await?;
        }
        let api = masters.any();
        while api.agents().await.is_err() {
            within(killed)?;
            tokio::time::sleep(PAUSE).await;
        }
        let served = killed.elapsed();
        registered(&agents, killed).await?;
        serving.push(served.as_secs_f64());
        returned.push(killed.elapsed().saturating_sub(served).as_secs_f64());
        let after = drains(&api.agents().await?);
        let lost = before.iter().filter(|(id, drain)| after.get(*id) != Some(drain)).count();
        forgotten.push(f64::from(u32::try_from(lost).unwrap_or(u32::MAX)));
        if args.masters.get() > 1 {
            masters.restart(leader).await?;
        }
    }
    Ok(vec![
        Figure::new("first registration of all agents", "s", vec![first.as_secs_f64()]),
        Figure::new("death of the leader to GET_AGENTS", "s", serving).aim(Aim::AtMost(5.0)),
        Figure::new("from then to all agents registered", "s", returned).aim(Aim::AtMost(10.0)),
        Figure::new("drains forgotten", "", forgotten).aim(Aim::AtMost(0.0)),
    ])
}

fn within(began: Instant) -> Result<(), BenchError> {
    if began.elapsed() < LIMIT {
        return Ok(());
    }
    Err(BenchError::broken(format!("it did not happen within {LIMIT:?}")))
}

/// Waits until all agents have a link that is younger than `since`.
pub(super) async fn registered(agents: &Agents, since: Instant) -> Result<(), BenchError> {
    while agents.up_since(since) < agents.len() {
        within(since)?;
        tokio::time::sleep(PAUSE).await;
    }
    Ok(())
}

/// Drains some agents that are empty and some that are not, and waits until that is so.
async fn drain(api: &Master, bare: usize) -> Result<BTreeMap<String, (i32, u64)>, BenchError> {
    let all = api.agents().await?;
    let is_bare =
        |agent: &&wire::master::response::get_agents::Agent| agent.allocated_resources.is_empty();
    let empty = all.agents.iter().filter(is_bare).take(bare);
    let busy = all.agents.iter().filter(|agent| !is_bare(agent)).take(DRAINING);
    for agent in empty.chain(busy) {
        let agent_id = agent.agent_info.id.clone().unwrap_or_default();
        api.drain_agent(DrainAgent { agent_id, ..DrainAgent::default() }).await?;
    }
    let began = Instant::now();
    loop {
        let found = drains(&api.agents().await?);
        let drained = i32::from(wire::v1::DrainState::Drained);
        if found.values().filter(|(state, _)| *state == drained).count() >= bare {
            return Ok(found);
        }
        within(began)?;
        tokio::time::sleep(PAUSE).await;
    }
}

/// Every drain by agent: its state and its generation.
fn drains(shown: &GetAgents) -> BTreeMap<String, (i32, u64)> {
    let drains = shown.agents.iter().filter_map(|agent| {
        let drain = agent.drain_status.as_ref()?;
        let id = agent.agent_info.id.as_ref()?.value.clone();
        Some((id, (drain.state.unwrap_or(0), drain.generation.unwrap_or(0))))
    });
    drains.collect()
}

/// Each agent holds a connection at both ends.
pub(super) fn raise_open_files(agents: usize) -> Result<(), BenchError> {
    let wanted = u64::try_from(agents).unwrap_or(u64::MAX).saturating_add(1000);
    let limit = getrlimit(Resource::Nofile);
    let maximum = limit.maximum.unwrap_or(u64::MAX);
    if maximum < wanted {
        return Err(BenchError::broken(format!(
            "{agents} agents need {wanted} open files, and no more than {maximum} are allowed (ulimit -Hn)"
        )));
    }
    let raised = Rlimit { current: limit.maximum.or(Some(wanted)), maximum: limit.maximum };
    setrlimit(Resource::Nofile, raised).map_err(|error| {
        BenchError::broken(format!("cannot raise the limit of open files: {error}"))
    })
}

struct Masters {
    running: Vec<Running>,
    /// Ends with them.
    _etcd: Option<Etcd>,
}

struct Running {
    child: Child,
    url: String,
    dir: std::path::PathBuf,
    flags: Vec<String>,
}

impl Masters {
    async fn start(dir: &Path, count: usize) -> Result<Self, BenchError> {
        let etcd = match count {
            1 => None,
            _ if !Etcd::is_installed() => {
                return Err(BenchError::broken("needs etcd (Debian package etcd-server)"));
            }
            _ => Some(Etcd::start(&dir.join("etcd"), 3, None).await?),
        };
        let flags: Vec<String> = etcd
            .iter()
            .flat_map(|etcd| [format!("--registry={}", etcd.url()), LEASE.to_owned()])
            .collect();
        let mut running = Vec::new();
        for number in 0..count {
            let dir = dir.join(format!("master-{number}"));
            let (child, url) = start("master", &dir, 0, &flags).await?;
            running.push(Running { child, url, dir, flags: flags.clone() });
        }
        Ok(Self { running, _etcd: etcd })
    }

    fn urls(&self) -> Vec<String> {
        self.running.iter().map(|master| master.url.clone()).collect()
    }

    /// The API of one that lives; it names the leader.
    fn any(&self) -> Master {
        let living = self.running.iter().find(|master| master.child.id().is_some());
        Master::new(Client::new(None), living.map_or("", |master| master.url.as_str()))
    }

    /// Which one leads.
    async fn leader(&self) -> Result<usize, BenchError> {
        use wire::master::call::Type;
        let began = Instant::now();
        loop {
            let answer = self.any().call(Type::GetMaster, wire::master::Call::default()).await;
            let port = answer.ok().and_then(|it| it.get_master?.master_info?.address?.port.into());
            let leads = |master: &Running| {
                port.is_some_and(|port: i32| master.url.ends_with(&format!(":{port}")))
            };
            if let Some(index) = self.running.iter().position(leads) {
                return Ok(index);
            }
            within(began)?;
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// SIGKILL, and it is gone.
    async fn kill(&mut self, index: usize) -> Result<(), BenchError> {
        let killed = self.running[index].child.kill().await;
        killed.map_err(|error| BenchError::broken(error.to_string()))
    }

    async fn restart(&mut self, index: usize) -> Result<(), BenchError> {
        let master = &mut self.running[index];
        let port = master.url.rsplit(':').next().and_then(|port| port.parse().ok()).unwrap_or(0);
        (master.child, master.url) = start("master", &master.dir, port, &master.flags).await?;
        Ok(())
    }
}
