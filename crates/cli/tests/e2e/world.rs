//! One cluster of a test, with everything it writes below one directory, and questions about it.

use std::io::Write as _;
use std::ops::{Deref, DerefMut};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use cli::cluster::{Cluster, Options, Who};
use daemon::http::client::ClientError;
use tempfile::TempDir;
use wire::ebb::{Blocker, BlockerKind, DrainStatus, Reachability};
use wire::google::Duration as WireDuration;
use wire::master::call::DrainAgent;
use wire::v1::{AgentId, DrainInfo, DrainState};

use crate::http;
use crate::job;
use crate::processes::{self, Process, Watched};

/// Longest wait for anything that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);
/// Pause between two looks at a condition.
const LOOK_AGAIN: Duration = Duration::from_millis(10);
/// Lines shown of each log when a test fails.
const TAIL: usize = 40;

pub(crate) const NODE: Who = Who::Agent(0);
pub(crate) const OTHER_NODE: Who = Who::Agent(1);

/// A cluster; see the fields' types for what it can do.
pub(crate) struct World {
    cluster: Option<Cluster>,
    dir: Option<TempDir>,
    out: PathBuf,
    /// File systems mounted below the directory.
    pub(crate) mounts: Vec<Mount>,
}

/// An agent as `GET_AGENTS` shows it, wherever it is listed.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    host: String,
    pub(crate) id: AgentId,
    pub(crate) reachability: Reachability,
    pub(crate) deactivated: bool,
    pub(crate) drain_info: Option<DrainInfo>,
    pub(crate) drain: Option<DrainStatus>,
}

impl Node {
    pub(crate) fn state(&self) -> Option<DrainState> {
        DrainState::try_from(self.drain_info.as_ref()?.state).ok()
    }

    pub(crate) fn blockers(&self) -> &[Blocker] {
        self.drain.as_ref().map_or(&[], |drain| &drain.blockers)
    }

    pub(crate) fn blocker(&self, kind: BlockerKind) -> Option<&Blocker> {
        self.blockers().iter().find(|blocker| blocker.kind == Some(kind.into()))
    }
}

impl World {
    pub(crate) async fn start(agents: usize) -> Self {
        Self::with(agents, |_| {}).await
    }

    /// With the options changed by `set`. What it needs of time is short, so that tests are.
    pub(crate) async fn with(agents: usize, set: impl FnOnce(&mut Options)) -> Self {
        let dir = tempfile::Builder::new().prefix("ebb-e2e-").tempdir().unwrap();
        let out = dir.path().join("out");
        std::fs::create_dir(&out).unwrap();
        // Tasks of other users look in, too.
        open_to_all(dir.path(), 0o755);
        open_to_all(&out, 0o777);
        let mut options = Options {
            program: env!("CARGO_BIN_EXE_ebb").into(),
            agents,
            agent_flags: vec!["--registration-backoff-factor=10ms".to_owned()],
            // Whatever proxy the test's own environment names: what is fetched is on this machine.
            env: vec![("no_proxy".to_owned(), "127.0.0.1".to_owned())],
            ..Options::new(dir.path())
        };
        set(&mut options);
        let authorization = options.authorization.clone();
        let started = Box::pin(Cluster::start(options)).await;
        let mut world = Self { cluster: None, dir: Some(dir), out, mounts: Vec::new() };
        match started {
            Ok(cluster) => world.cluster = Some(cluster),
            Err(error) => panic!("the cluster did not start: {error}"),
        }
        world.agents_know_themselves(authorization.as_deref()).await;
        world
    }

    /// Waits until each agent has written down who it is: one that dies before that is another agent when
    /// it starts again.
    async fn agents_know_themselves(&self, authorization: Option<&str>) {
        let shown = authorization.map(|value| ("Authorization", value));
        let headers: Vec<_> = http::JSON.iter().copied().chain(shown).collect();
        for index in 0..self.agents() {
            let Some(address) = self.address(Who::Agent(index)) else { continue };
            let look = async || {
                let call = br#"{"type":"GET_AGENT"}"#;
                let answer = http::send(address, "POST", "/api/v1", &headers, call).json();
                answer["get_agent"]["agent_info"]["id"]["value"].is_string().then_some(())
            };
            self.until("the agent knows its id", look).await;
        }
    }

    /// Ends everything and sees to it that nothing is left.
    pub(crate) async fn end(mut self) {
        let dir = self.path().to_owned();
        let cluster = self.cluster.take().unwrap();
        Box::pin(cluster.stop()).await.unwrap();
        // Before the directory goes.
        self.mounts.clear();
        assert_eq!(processes::of_containers(&dir), []);
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.as_ref().unwrap().path()
    }

    /// Where jobs leave their signs.
    pub(crate) fn out(&self) -> &Path {
        &self.out
    }

    /// Waits for a condition, and panics with what it was if it does not come.
    pub(crate) async fn until<T>(&self, what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            if Instant::now() >= deadline {
                let node = self.try_node(NODE).await;
                panic!("this did not happen: {what}; the first agent is {node:#?}");
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// The agent, if the master knows it and answers.
    pub(crate) async fn try_node(&self, who: Who) -> Option<Node> {
        let answer = self.api().agents().await.ok()?;
        let name = who.name();
        let present = answer.agents.into_iter().map(|agent| Node {
            host: agent.agent_info.hostname,
            id: agent.agent_info.id.unwrap_or_default(),
            reachability: reachability(agent.reachability),
            deactivated: agent.deactivated.unwrap_or(false),
            drain_info: agent.drain_info,
            drain: agent.drain_status,
        });
        let absent = answer.absent_agents.into_iter().map(|agent| {
            let info = agent.agent_info.unwrap_or_default();
            Node {
                host: info.hostname,
                id: info.id.unwrap_or_default(),
                reachability: reachability(agent.reachability),
                deactivated: agent.deactivated.unwrap_or(false),
                drain_info: agent.drain_info,
                drain: agent.drain_status,
            }
        });
        present.chain(absent).find(|node| node.host == name)
    }

    pub(crate) async fn node(&self, who: Who) -> Node {
        self.until(&format!("the master knows {}", who.name()), || self.try_node(who)).await
    }

    pub(crate) async fn id(&self, who: Who) -> AgentId {
        self.node(who).await.id
    }

    /// Waits until the agent is as wanted.
    pub(crate) async fn node_where(
        &self,
        who: Who,
        what: &str,
        wanted: impl Fn(&Node) -> bool,
    ) -> Node {
        let what = format!("{}: {what}", who.name());
        self.until(&what, async || self.try_node(who).await.filter(&wanted)).await
    }

    pub(crate) async fn drained(&self, who: Who) -> Node {
        self.node_where(who, "DRAINED", |node| node.state() == Some(DrainState::Drained)).await
    }

    pub(crate) async fn has(&self, who: Who, wanted: Reachability) -> Node {
        let what = wanted.as_str_name();
        self.node_where(who, what, |node| node.reachability == wanted).await
    }

    /// Waits for a blocker of this kind.
    pub(crate) async fn blocked_by(&self, who: Who, kind: BlockerKind) -> Blocker {
        let what = format!("blocked by {}", kind.as_str_name());
        let node = self.node_where(who, &what, |node| node.blocker(kind).is_some()).await;
        node.blocker(kind).unwrap().clone()
    }

    /// `DRAIN_AGENT`, which must be accepted.
    pub(crate) async fn drain(&self, who: Who, max_grace_period: Option<Duration>) {
        let call = DrainAgent {
            agent_id: self.id(who).await,
            max_grace_period: max_grace_period.map(wire_duration),
            ..DrainAgent::default()
        };
        self.api().drain_agent(call).await.unwrap();
    }

    /// `DRAIN_AGENT` with `mark_gone`.
    pub(crate) async fn decommission(&self, who: Who) {
        let call = DrainAgent {
            agent_id: self.id(who).await,
            mark_gone: Some(true),
            ..DrainAgent::default()
        };
        self.api().drain_agent(call).await.unwrap();
    }

    pub(crate) async fn reactivate(&self, who: Who) -> Result<(), ClientError> {
        self.api().reactivate_agent(self.id(who).await).await
    }

    /// The pid of a job, once it is as far as it says.
    pub(crate) async fn pid_of(&self, id: &str) -> i32 {
        let file = job::ready_file(&self.out, id);
        let what = format!("task {id} is ready");
        self.until(&what, async || std::fs::read_to_string(&file).ok()?.trim().parse().ok()).await
    }

    /// Watches a job that is ready.
    pub(crate) async fn watch(&self, id: &str) -> Watched {
        Watched::new(self.pid_of(id).await)
    }

    /// Waits until an ignoring job has been asked to end.
    pub(crate) async fn asked_to_end(&self, id: &str) {
        self.file(&job::term_file(&self.out, id)).await;
    }

    /// What a file has once it is there and not empty.
    pub(crate) async fn file(&self, path: &Path) -> String {
        let look = async || std::fs::read_to_string(path).ok().filter(|text| !text.is_empty());
        self.until(&path.display().to_string(), look).await
    }

    /// Processes of all containers of the cluster, executors included.
    pub(crate) fn processes(&self) -> Vec<Process> {
        processes::of_containers(self.path())
    }

    /// Processes of the containers of one agent.
    pub(crate) fn processes_on(&self, who: Who) -> Vec<Process> {
        processes::of_containers(self.cluster().member(who).work_dir())
    }

    /// Waits until a member has ended by itself, and returns its exit code.
    pub(crate) async fn exit_code(&mut self, who: Who) -> Option<i32> {
        let cluster = self.cluster.as_mut().unwrap();
        let ended = tokio::time::timeout(PATIENCE, cluster.ended()).await;
        let (ended, status) = ended.unwrap_or_else(|_| panic!("{} did not end", who.name()));
        assert_eq!(ended, who, "{status}");
        status.code()
    }

    fn cluster(&self) -> &Cluster {
        self.cluster.as_ref().expect("taken only at the end")
    }
}

impl Deref for World {
    type Target = Cluster;

    fn deref(&self) -> &Cluster {
        self.cluster()
    }
}

impl DerefMut for World {
    fn deref_mut(&mut self) -> &mut Cluster {
        self.cluster.as_mut().expect("taken only at the end")
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        if let Some(cluster) = &self.cluster {
            for member in cluster.members() {
                eprintln!("--- the end of {}\n{}", member.log().display(), member.log_tail(TAIL));
            }
        }
        if let Some(dir) = self.dir.take() {
            eprintln!("--- kept: {}", dir.keep().display());
        }
    }
}

/// A small file system of its own, gone when dropped.
pub(crate) struct Mount {
    path: PathBuf,
}

impl Mount {
    /// Mounts `size` at `path`; `None` where that is not permitted.
    pub(crate) fn new(path: &Path, size: &str) -> Option<Self> {
        std::fs::create_dir_all(path).unwrap();
        let options = format!("size={size},mode=755");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "ebb-e2e"])
            .arg(path)
            .output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self { path: path.to_owned() });
        }
        println!("mounts are not permitted here: no small disk can be tried");
        None
    }

    /// Takes all the room that is left.
    pub(crate) fn fill(&self) {
        let mut file = std::fs::File::create(self.filler()).unwrap();
        let mut piece = vec![b'x'; 64 * 1024];
        while !piece.is_empty() {
            if file.write_all(&piece).is_err() {
                piece.truncate(piece.len() / 2);
            }
        }
    }

    pub(crate) fn make_room(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> PathBuf {
        self.path.join("filler")
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily: somebody may still be in it when a test fails.
        drop(Command::new("umount").arg("-l").arg(&self.path).status());
    }
}

pub(crate) fn wire_duration(duration: Duration) -> WireDuration {
    WireDuration {
        seconds: i64::try_from(duration.as_secs()).unwrap(),
        nanos: i32::try_from(duration.subsec_nanos()).unwrap(),
    }
}

fn reachability(number: Option<i32>) -> Reachability {
    number.and_then(|number| Reachability::try_from(number).ok()).unwrap_or_default()
}

fn open_to_all(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}
