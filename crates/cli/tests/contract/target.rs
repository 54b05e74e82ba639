//! The cluster on trial: one that is given, or one of the test's own.

use std::fs::File;
use std::path::Path;

use cli::cluster::{Cluster, Options, Who};
use tempfile::TempDir;

use crate::http::{Base, PATIENCE, Request};
use crate::scheduler;

/// A master and, where there is one, its first agent.
pub(crate) struct Target {
    pub(crate) master: Base,
    agent: Option<Base>,
    own: Option<Cluster>,
    dir: Option<TempDir>,
    /// Of a given cluster: nobody else uses it meanwhile.
    turn: Option<File>,
}

impl Target {
    /// The cluster that the environment names, else a fresh one.
    pub(crate) async fn start(agents: usize) -> Self {
        match std::env::var("EBB_CONTRACT_MASTER") {
            Ok(master) => Self::foreign(&master),
            Err(_) => Self::own(agents, |_| {}).await,
        }
    }

    fn foreign(master: &str) -> Self {
        let agent = std::env::var("EBB_CONTRACT_AGENT").ok().map(|url| Base::new(&url));
        let turn = Some(turn(master));
        Self { master: Base::new(master), agent, own: None, dir: Some(directory()), turn }
    }

    /// A fresh cluster, whatever the environment says; its options are changed by `set`.
    pub(crate) async fn own(agents: usize, set: impl FnOnce(&mut Options)) -> Self {
        let dir = directory();
        let mut options = Options {
            program: env!("CARGO_BIN_EXE_ebb").into(),
            agents,
            agent_flags: vec!["--registration-backoff-factor=10ms".to_owned()],
            ..Options::new(dir.path().join("cluster"))
        };
        set(&mut options);
        let cluster = Box::pin(Cluster::start(options)).await;
        let cluster = cluster.unwrap_or_else(|error| panic!("the cluster did not start: {error}"));
        let base = |who| cluster.address(who).map(|it| Base::new(&format!("http://{it}")));
        Self {
            master: base(Who::Master).unwrap(),
            agent: (agents > 0).then(|| base(Who::Agent(0)).unwrap()),
            own: Some(cluster),
            dir: Some(dir),
            turn: None,
        }
    }

    /// Whether it is somebody else's cluster, in which nothing may be ended for good.
    pub(crate) fn is_foreign(&self) -> bool {
        self.own.is_none()
    }

    pub(crate) fn agent(&self) -> &Base {
        self.agent.as_ref().expect("EBB_CONTRACT_AGENT names the agent of a given cluster")
    }

    /// A folder for signs of tasks.
    pub(crate) fn path(&self) -> &Path {
        self.dir.as_ref().unwrap().path()
    }

    /// The id of the agent, as it says itself.
    pub(crate) fn agent_id(&self) -> String {
        let ask = || {
            let answer =
                Request::json("/api/v1", r#"{"type":"GET_AGENT"}"#).send(self.agent()).json();
            answer["get_agent"]["agent_info"]["id"]["value"].as_str().map(str::to_owned)
        };
        until("the agent knows its id", ask)
    }

    /// Starts the agent, which has ended, with nothing of what it was.
    pub(crate) async fn replace_agent(&mut self) {
        let cluster = self.own.as_mut().expect("a given cluster's agents are not ours");
        cluster.ended().await;
        std::fs::remove_dir_all(cluster.member(Who::Agent(0)).work_dir()).unwrap();
        cluster.restart(Who::Agent(0)).await.unwrap();
        self.agent = cluster.address(Who::Agent(0)).map(|it| Base::new(&format!("http://{it}")));
        self.agent_id();
    }

    pub(crate) async fn end(mut self) {
        if let Some(cluster) = self.own.take() {
            Box::pin(cluster.stop()).await.unwrap();
        }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if self.turn.is_some() {
            scheduler::end_all(&self.master);
        }
        if !std::thread::panicking() {
            return;
        }
        for member in self.own.iter().flat_map(Cluster::members) {
            eprintln!("--- the end of {}\n{}", member.log().display(), member.log_tail(40));
        }
    }
}

fn directory() -> TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::Builder::new().prefix("ebb-contract-").tempdir().unwrap();
    std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(0o777)).unwrap();
    dir
}

/// Waits until no other test uses a given cluster, be it in this process or in another one: they would see and
/// end each other's frameworks.
fn turn(master: &str) -> File {
    let name: String = master.chars().filter(char::is_ascii_alphanumeric).collect();
    let path = std::env::temp_dir().join(format!("ebb-contract-{name}.lock"));
    let file = File::create(path).unwrap();
    file.lock().unwrap();
    file
}

/// Waits for something, looking again and again.
pub(crate) fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = std::time::Instant::now() + PATIENCE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(std::time::Instant::now() < deadline, "this did not happen: {what}");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
}
