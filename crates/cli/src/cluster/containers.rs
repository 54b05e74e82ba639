//! The tasks of an embedded cluster, for its stop: every process of every container below its directory.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use daemon::container::destroy::{ContainerRef, destroy as destroy_container};
use daemon::container::marker;
use daemon::container::pidfd::PidRef;
use rustix::process::Signal;

use super::ClusterError;

/// Bound for each container.
const LIMIT: Duration = Duration::from_secs(10);
/// Rounds of [`kill_now`]: each finds what the round before was too quick for.
const ROUNDS: usize = 5;

/// What a stop ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Destroyed {
    pub containers: usize,
    pub processes: usize,
}

/// Ends all containers of a cluster whose agents run no more.
pub(super) async fn destroy(dir: &Path) -> Result<Destroyed, ClusterError> {
    let dir = dir.to_owned();
    let found = tokio::task::spawn_blocking(move || running(&dir))
        .await
        .map_err(|panicked| ClusterError::Scan(std::io::Error::other(panicked)))?
        .map_err(ClusterError::Scan)?;
    let mut destroyed = Destroyed::default();
    let mut left = Vec::new();
    for (id, processes) in found {
        // The first to start is the executor: the tree below it has also what hid from the marker.
        let owner = processes.iter().copied().min_by_key(|process| process.started);
        let container = ContainerRef { marker: marker::CONTAINER_ID, id, owner, cgroup: None };
        match destroy_container(&container, LIMIT).await {
            Ok(done) => {
                destroyed.containers += 1;
                destroyed.processes += done.killed;
            }
            Err(error) => left.push(error.to_string()),
        }
    }
    if left.is_empty() { Ok(destroyed) } else { Err(ClusterError::Tasks(left.join("; "))) }
}

/// SIGKILL to all processes of containers, without proof that none is left; for a cluster that is dropped.
pub(super) fn kill_now(dir: &Path) {
    for _ in 0..ROUNDS {
        let Ok(found) = running(dir) else { return };
        if found.is_empty() {
            return;
        }
        for process in found.values().flatten() {
            // It may just have ended.
            drop(process.signal(Signal::KILL));
        }
    }
}

/// Processes of the containers that have a sandbox below `dir`.
fn running(dir: &Path) -> std::io::Result<BTreeMap<String, Vec<PidRef>>> {
    let mut found = marker::scan_all()?.found;
    if !found.is_empty() {
        let known = container_ids(dir);
        found.retain(|id, _| known.contains(id));
    }
    Ok(found)
}

/// The names of `<member>/slaves/<agent>/frameworks/<framework>/executors/<executor>/runs/<container>`.
fn container_ids(dir: &Path) -> std::collections::BTreeSet<String> {
    let mut level = vec![dir.to_owned()];
    let fixed = [None, Some("slaves"), None, Some("frameworks"), None, Some("executors"), None];
    for step in fixed {
        level = match step {
            Some(name) => level.into_iter().map(|path| path.join(name)).collect(),
            None => level.iter().flat_map(|path| entries(path)).collect(),
        };
    }
    let runs = level.into_iter().flat_map(|executor| entries(&executor.join("runs")));
    runs.filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect()
}

/// What can't be read has no containers of ours.
fn entries(path: &Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(path) else { return Vec::new() };
    entries.filter_map(|entry| Some(entry.ok()?.path())).collect()
}

#[cfg(test)]
mod tests {
    use super::container_ids;

    /// Containers are known by their sandboxes, below any member; other folders are none.
    #[test]
    fn containers_are_known_by_their_sandboxes() {
        let dir = tempfile::tempdir().unwrap();
        for path in [
            "node-1/slaves/a-S0/frameworks/f/executors/t1/runs/c-1",
            "node-2/slaves/a-S1/frameworks/f/executors/t2/runs/c-2",
            "node-2/slaves/a-S1/frameworks/f/executors/t2/runs/c-3",
            "node-2/meta/x",
            "logs",
        ] {
            std::fs::create_dir_all(dir.path().join(path)).unwrap();
        }
        let ids: Vec<String> = container_ids(dir.path()).into_iter().collect();
        assert_eq!(ids, ["c-1", "c-2", "c-3"]);
    }
}
