//! The processes of tasks as the test sees them, by `/proc` alone.

use std::path::Path;
use std::time::Instant;

use daemon::container::pidfd::{PidHandle, PidRef};

/// One running process of a container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    pub(crate) command: String,
}

/// Running processes that carry a container id and `dir` in their environment: executors, tasks and
/// their children, as all of them get a sandbox or a folder for signs below the cluster's directory.
pub(crate) fn of_containers(dir: &Path) -> Vec<Process> {
    let dir = dir.to_str().unwrap().as_bytes();
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap() {
        let entry = entry.unwrap();
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        // Ended in between, or a zombie: its environment is empty or not there.
        let Ok(environment) = std::fs::read(entry.path().join("environ")) else { continue };
        if contains(&environment, b"EBB_CONTAINER_ID=") && contains(&environment, dir) {
            let command = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
            let command = String::from_utf8_lossy(&command).replace('\0', " ");
            found.push(Process { pid, command });
        }
    }
    found
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Whether a process runs; a zombie does not.
pub(crate) fn runs(pid: i32) -> bool {
    PidRef::of(pid).unwrap().is_some_and(|process| process.is_alive().unwrap())
}

/// The parent of a process.
pub(crate) fn parent(pid: i32) -> i32 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    // The name before may contain anything.
    let fields = &stat[stat.rfind(')').unwrap() + 2..];
    fields.split(' ').nth(1).unwrap().parse().unwrap()
}

/// A process that is watched from now on; its end is noticed at once.
pub(crate) struct Watched {
    end: tokio::task::JoinHandle<Instant>,
}

impl Watched {
    pub(crate) fn new(pid: i32) -> Self {
        let process = PidRef::of(pid).unwrap().expect("it runs");
        let handle: PidHandle = process.open().unwrap().expect("it runs");
        let end = tokio::spawn(async move {
            handle.exited().await.unwrap();
            Instant::now()
        });
        Self { end }
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.end.is_finished()
    }

    /// When it ended.
    pub(crate) async fn ended(self) -> Instant {
        tokio::time::timeout(crate::world::PATIENCE, self.end)
            .await
            .expect("the process did not end")
            .unwrap()
    }
}

/// SIGKILL.
pub(crate) fn kill(pid: i32) {
    if let Some(process) = PidRef::of(pid).unwrap() {
        process.signal(rustix::process::Signal::KILL).unwrap();
    }
}
