//! An embedded cluster: one master and some agents as processes of this program.
//!
//! `ebb up`, `ebb demo`, the benchmarks and the end-to-end tests run on it. Everything a cluster writes
//! is below one directory, logs included, so that a second start resumes it.

mod containers;
pub mod etcd;
mod member;
mod options;

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use daemon::http::client::Client;
use tokio::time::Instant;
use wire::ebb::Reachability;

pub use containers::Destroyed;
pub use member::Member;
pub use options::{Options, RESOURCES};

use crate::api::Master;

/// Pause between looks at a condition somebody waits for.
const LOOK_AGAIN: Duration = Duration::from_millis(5);
/// Time members get after SIGTERM before SIGKILL.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// One process of a cluster. Agents count from 0; the host name of agent 0 is `node-1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Master,
    Agent(usize),
}

impl Who {
    /// `master`, `node-1`, `node-2`…: name of its directory and log, and an agent's host name.
    pub fn name(self) -> String {
        match self {
            Self::Master => "master".to_owned(),
            Self::Agent(index) => format!("node-{}", index + 1),
        }
    }
}

/// Why a cluster isn't there.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error("cannot make {path}: {source}")]
    Directory { path: String, source: std::io::Error },
    #[error("another cluster runs on {path}")]
    Locked { path: String },
    #[error("cannot start {who}: {cause}")]
    Start { who: String, cause: String },
    #[error("{who} ended while it started ({status}); the end of {log}:\n{tail}")]
    Ended { who: String, status: String, log: String, tail: String },
    #[error("{what} did not happen within {limit:?}; logs are in {logs}")]
    TooSlow { what: String, limit: Duration, logs: String },
    #[error("cannot stop {who}: {source}")]
    Stop { who: String, source: std::io::Error },
    #[error("cannot look for the tasks' processes: {0}")]
    Scan(#[source] std::io::Error),
    #[error("tasks still run: {0}")]
    Tasks(String),
}

/// A running cluster. Dropping it without [`Cluster::stop`] kills everything at once, tasks included.
#[derive(Debug)]
pub struct Cluster {
    options: Options,
    master: Member,
    agents: Vec<Member>,
    client: Client,
    // Held until the cluster is gone.
    _lock: std::fs::File,
    stopped: bool,
}

impl Cluster {
    /// Starts master and agents and waits until the master serves and all agents are registered.
    /// Agents that ended because they were decommissioned don't count and don't fail the start.
    ///
    /// # Errors
    /// When another cluster holds the directory, a process ends early, or it takes too long.
    pub async fn start(options: Options) -> Result<Self, ClusterError> {
        let cluster = Self::launch(options).await?;
        cluster.registered(cluster.options.start_limit).await?;
        Ok(cluster)
    }

    /// [`Cluster::start`] without waiting for the agents' registration.
    pub async fn launch(options: Options) -> Result<Self, ClusterError> {
        let lock = options.lock()?;
        let limit = options.start_limit;
        let mut master = Member::new(Who::Master, &options, None);
        master.start(limit).await?;
        let url = format!("http://{}", master.expect_address());
        let client = Client::new(options.authorization.clone());
        let mut cluster =
            Self { master, agents: Vec::new(), client, options, _lock: lock, stopped: false };
        let mut members: Vec<Member> = (0..cluster.options.agents)
            .map(|index| Member::new(Who::Agent(index), &cluster.options, Some(&url)))
            .collect();
        for member in &mut members {
            member.await_predecessor().await?;
            member.spawn()?;
        }
        cluster.agents = members;
        for member in &mut cluster.agents {
            member.serving(limit).await?;
        }
        Ok(cluster)
    }

    /// Starts one more agent and returns who it is; does not wait for its registration.
    pub async fn add_agent(&mut self) -> Result<Who, ClusterError> {
        let who = Who::Agent(self.agents.len());
        let url = self.master_url();
        let mut member = Member::new(who, &self.options, Some(&url));
        member.start(self.options.start_limit).await?;
        self.agents.push(member);
        Ok(who)
    }

    /// `http://host:port` of the master; the same for the cluster's life.
    pub fn master_url(&self) -> String {
        format!("http://{}", self.master.expect_address())
    }

    /// The master's operator API.
    pub fn api(&self) -> Master {
        Master::new(self.client.clone(), &self.master_url())
    }

    /// A client with the cluster's credentials.
    pub fn client(&self) -> &Client {
        &self.client
    }

    pub fn dir(&self) -> &Path {
        &self.options.dir
    }

    pub fn options(&self) -> &Options {
        &self.options
    }

    pub fn agents(&self) -> usize {
        self.agents.len()
    }

    pub fn member(&self, who: Who) -> &Member {
        match who {
            Who::Master => &self.master,
            Who::Agent(index) => &self.agents[index],
        }
    }

    fn member_mut(&mut self, who: Who) -> &mut Member {
        match who {
            Who::Master => &mut self.master,
            Who::Agent(index) => &mut self.agents[index],
        }
    }

    /// Everybody, the master first.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        std::iter::once(&self.master).chain(&self.agents)
    }

    /// Where an agent serves; `None` if it doesn't run.
    pub fn address(&self, who: Who) -> Option<SocketAddr> {
        self.member(who).address()
    }

    /// The id of an agent once the master knows its host name.
    pub async fn agent_id(&self, who: Who) -> Option<wire::v1::AgentId> {
        let agents = self.api().agents().await.ok()?;
        let name = who.name();
        let known = agents.agents.into_iter().map(|agent| agent.agent_info);
        let absent = agents.absent_agents.into_iter().filter_map(|agent| agent.agent_info);
        let mut all = known.chain(agents.recovered_agents).chain(absent);
        all.find(|info| info.hostname == name)?.id
    }

    /// SIGKILL, and waits for the end. Tasks of a killed agent run on.
    pub async fn kill(&mut self, who: Who) -> Result<(), ClusterError> {
        self.member_mut(who).kill().await
    }

    /// SIGTERM, then SIGKILL if that takes too long. Tasks of a stopped agent run on.
    pub async fn terminate(&mut self, who: Who) -> Result<(), ClusterError> {
        self.member_mut(who).terminate(STOP_LIMIT).await
    }

    /// Changes a flag of a member for its next start; `flag` is `--name=value`.
    pub fn set_flag(&mut self, who: Who, flag: &str) {
        self.member_mut(who).set_flag(flag);
    }

    /// Starts a member that has ended, where it was before, and waits until it serves.
    pub async fn restart(&mut self, who: Who) -> Result<(), ClusterError> {
        let limit = self.options.start_limit;
        self.member_mut(who).start(limit).await
    }

    /// Waits until a member ends by itself. May be dropped while waiting.
    pub async fn ended(&mut self) -> (Who, ExitStatus) {
        loop {
            for member in std::iter::once(&mut self.master).chain(&mut self.agents) {
                if let Some(status) = member.try_ended() {
                    return (member.who(), status);
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until every running agent is registered with the master.
    pub async fn registered(&self, limit: Duration) -> Result<(), ClusterError> {
        let deadline = Instant::now() + limit;
        let api = self.api();
        loop {
            if let Ok(answer) = api.agents().await {
                let here: Vec<&str> = answer
                    .agents
                    .iter()
                    .filter(|agent| is_registered(agent))
                    .map(|agent| agent.agent_info.hostname.as_str())
                    .collect();
                let running = self.agents.iter().filter(|member| member.is_running());
                if running.map(|member| member.who().name()).all(|name| here.contains(&&*name)) {
                    return Ok(());
                }
            }
            if Instant::now() >= deadline {
                let what = "registration of all agents".to_owned();
                return Err(ClusterError::TooSlow { what, limit, logs: self.options.logs() });
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Ends everything: agents, tasks with all their processes, the master. Data and logs stay.
    pub async fn stop(mut self) -> Result<Destroyed, ClusterError> {
        let mut first_error = None;
        for member in self.agents.iter_mut().chain([&mut self.master]) {
            member.ask_to_end();
        }
        for member in self.agents.iter_mut().chain([&mut self.master]) {
            if let Err(error) = member.terminate(STOP_LIMIT).await {
                first_error.get_or_insert(error);
            }
        }
        let destroyed = containers::destroy(&self.options.dir).await;
        self.stopped = destroyed.is_ok();
        match (destroyed, first_error) {
            (Ok(destroyed), None) => Ok(destroyed),
            (Ok(_), Some(error)) | (Err(error), _) => Err(error),
        }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.stopped {
            return;
        }
        for member in self.agents.iter_mut().chain([&mut self.master]) {
            member.kill_now();
        }
        containers::kill_now(&self.options.dir);
    }
}

fn is_registered(agent: &wire::master::response::get_agents::Agent) -> bool {
    match agent.reachability.and_then(|number| Reachability::try_from(number).ok()) {
        Some(reachability) => reachability == Reachability::Registered,
        None => agent.active || agent.deactivated(),
    }
}
