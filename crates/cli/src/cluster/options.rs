//! How an embedded cluster is set up, and its directory.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{ClusterError, Who};

/// What each agent of an embedded cluster offers unless told otherwise: enough for trying things
/// out, whatever the machine has.
pub const RESOURCES: &str = "cpus:4;mem:4096;disk:8192;ports:[31000-32000]";

/// Everything but the directory has a default; see [`Options::new`].
#[derive(Clone, Debug)]
pub struct Options {
    /// Below it are a work directory per member and `logs/`.
    pub dir: PathBuf,
    /// The `ebb` to run.
    pub program: PathBuf,
    pub agents: usize,
    /// 0 is any free port. Agents always take free ports, and take them again when restarted.
    pub master_port: u16,
    /// `--resources` of each agent.
    pub resources: String,
    /// More flags, each `--name=value`.
    pub master_flags: Vec<String>,
    pub agent_flags: Vec<String>,
    /// More environment for all members. Variables named `EBB_…` and `MESOS_…` of the caller are not
    /// passed on.
    pub env: Vec<(String, String)>,
    /// What the cluster's own client shows; needed only if flags name credentials.
    pub authorization: Option<String>,
    /// Bound of each step of the start.
    pub start_limit: Duration,
}

impl Options {
    /// Three agents and any free port, of the program that runs now.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            program: std::env::current_exe().unwrap_or_else(|_| PathBuf::from("/proc/self/exe")),
            agents: 3,
            master_port: 0,
            resources: RESOURCES.to_owned(),
            master_flags: Vec::new(),
            agent_flags: Vec::new(),
            env: Vec::new(),
            authorization: None,
            start_limit: Duration::from_secs(30),
        }
    }

    /// Work directory of a member.
    pub fn work_dir(&self, who: Who) -> PathBuf {
        self.dir.join(who.name())
    }

    /// Where a member's log is.
    pub fn log(&self, who: Who) -> PathBuf {
        self.dir.join("logs").join(format!("{}.log", who.name()))
    }

    pub(super) fn logs(&self) -> String {
        self.dir.join("logs").display().to_string()
    }

    /// Makes the directory and keeps others out of it for as long as the file is open.
    pub(super) fn lock(&self) -> Result<File, ClusterError> {
        let failed = |path: &Path| {
            let path = path.display().to_string();
            move |source| ClusterError::Directory { path, source }
        };
        let logs = self.dir.join("logs");
        std::fs::create_dir_all(&logs).map_err(failed(&logs))?;
        let path = self.dir.join("lock");
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed(&path))?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => {
                Err(ClusterError::Locked { path: self.dir.display().to_string() })
            }
            Err(TryLockError::Error(source)) => Err(failed(&path)(source)),
        }
    }
}
