//! The last resort: ends a container whose executor doesn't, or no longer can.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use rustix::process::Signal;
use tokio::time::{Instant, timeout_at};

use super::cgroup::Cgroup;
use super::marker;
use super::pidfd::PidRef;
use super::tree::{Leftover, TreeError, kill_and_await, kill_tree, leftovers, list};

/// One round of killing what the scan found waits this long before the next scan.
const ROUND: Duration = Duration::from_millis(100);

/// After the limit, processes that die but leave new ones are followed for so many rounds.
const LATE_ROUNDS: u32 = 16;

/// What the agent knows of a container, from memory or from its checkpoint.
#[derive(Clone, Debug)]
pub struct ContainerRef {
    /// The variable that its processes carry: [`marker::CONTAINER_ID`] or [`marker::NESTED`].
    pub marker: &'static str,
    /// The value of that variable.
    pub id: String,
    /// The executor: a child subreaper. `None` if it was never started or is not known.
    pub owner: Option<PidRef>,
    pub cgroup: Option<Cgroup>,
}

/// How a container ended. None of its processes runs any more.
#[derive(Debug, Default)]
pub struct Destroyed {
    /// How many processes were sent SIGKILL one by one; those of the cgroup aren't counted.
    pub killed: usize,
    pub owner_was_running: bool,
    /// Processes whose environment may not be read, and which so might belong to the container
    /// if it has neither cgroup nor a running owner. Zero for a privileged agent.
    pub unreadable: usize,
    /// Why the cgroup's directory is still there. It is empty.
    pub cgroup_left: Option<io::Error>,
}

/// Why a container may still have processes. Trying again is right for all but the first.
#[derive(Debug, thiserror::Error)]
pub enum DestroyError {
    #[error("{owner} can't be the owner of container {id}")]
    NotAContainer { id: String, owner: PidRef },
    #[error("container {id} still has processes after SIGKILL: {}", list(left))]
    StillRunning { id: String, left: Vec<Leftover> },
    #[error("the cgroup of container {id} still has processes after SIGKILL")]
    CgroupPopulated { id: String },
    #[error("the process tree of container {id} can't be killed: {source}")]
    Tree { id: String, source: TreeError },
    #[error("cannot look for the processes of container {id}: {source}")]
    Io { id: String, source: io::Error },
}

/// Kills all processes of a container and proves that none is left. Cgroup, tree and scan take up to
/// `limit` each.
///
/// First the cgroup, then the owner's descendants until only the owner is left, then the owner,
/// then whatever carries the container's marker. Only processes that provably belong to the
/// container are killed: a pid that somebody else got meanwhile is left alone. May be repeated,
/// also for a container that is long gone.
///
/// # Errors
/// See [`DestroyError`]. An owner whose descendants can't be killed is left running, since through
/// it they can be found again.
pub async fn destroy(container: &ContainerRef, limit: Duration) -> Result<Destroyed, DestroyError> {
    let id = &container.id;
    let io_error = |source| DestroyError::Io { id: id.clone(), source };
    let mut destroyed = Destroyed::default();
    if let Some(owner) = container.owner {
        if owner.pid <= 1 || u32::try_from(owner.pid) == Ok(std::process::id()) {
            return Err(DestroyError::NotAContainer { id: id.clone(), owner });
        }
        destroyed.owner_was_running = owner.is_alive().map_err(io_error)?;
    }

    let mut populated = false;
    if let Some(cgroup) = &container.cgroup {
        // Whatever goes wrong here, the processes can still be found in the other ways.
        populated = match cgroup.kill() {
            Ok(()) => !cgroup.wait_empty(limit).await.unwrap_or(false),
            Err(error) => {
                tracing::warn!(container = %id, %error, "cannot kill the cgroup at once");
                true
            }
        };
    }
    if let Some(owner) = container.owner {
        destroyed.killed += kill_owner(id, owner, Instant::now() + limit).await?;
    }
    kill_marked(container.marker, id, Instant::now() + limit, &mut destroyed).await?;

    if let Some(cgroup) = &container.cgroup {
        if populated && cgroup.is_populated().map_err(io_error)? {
            return Err(DestroyError::CgroupPopulated { id: id.clone() });
        }
        destroyed.cgroup_left = cgroup.remove().err();
    }
    Ok(destroyed)
}

/// Kills the descendants and then the owner. An owner that has ended already is no error.
async fn kill_owner(id: &str, owner: PidRef, deadline: Instant) -> Result<usize, DestroyError> {
    let io_error = |source| DestroyError::Io { id: id.to_owned(), source };
    let killed = match kill_tree(owner, deadline.saturating_duration_since(Instant::now())).await {
        Ok(killed) => killed,
        Err(TreeError::OwnerGone(_)) => return Ok(0),
        Err(TreeError::StillRunning { left }) => {
            return Err(DestroyError::StillRunning { id: id.to_owned(), left });
        }
        Err(source) => return Err(DestroyError::Tree { id: id.to_owned(), source }),
    };
    let Some(handle) = owner.open().map_err(io_error)? else { return Ok(killed) };
    handle.signal(Signal::KILL).map_err(io_error)?;
    // At least a moment, even if the descendants have taken all the time.
    let deadline = deadline.max(Instant::now() + ROUND);
    if let Ok(exited) = timeout_at(deadline, handle.exited()).await {
        exited.map_err(io_error)?;
        return Ok(killed + 1);
    }
    let left = leftovers(&[owner]).map_err(io_error)?;
    Err(DestroyError::StillRunning { id: id.to_owned(), left })
}

/// Kills whatever carries the marker until two scans in a row find nothing: a process that forks
/// and ends during one scan may be missed by it.
async fn kill_marked(
    marker: &'static str,
    id: &str,
    deadline: Instant,
    destroyed: &mut Destroyed,
) -> Result<(), DestroyError> {
    let io_error = |source| DestroyError::Io { id: id.to_owned(), source };
    let mut empty_scans = 0;
    let mut late_rounds = 0;
    let mut killed = BTreeSet::new();
    while empty_scans < 2 {
        let wanted = id.to_owned();
        let scan = tokio::task::spawn_blocking(move || marker::scan_for(marker, &[&wanted]))
            .await
            .map_err(|panicked| io_error(io::Error::other(panicked)))?
            .map_err(io_error)?;
        let running = scan.found.into_values().next().unwrap_or_default();
        destroyed.unreadable = scan.unreadable;
        if running.is_empty() {
            empty_scans += 1;
            continue;
        }
        empty_scans = 0;
        late_rounds += u32::from(Instant::now() >= deadline);
        // What comes and goes too fast to be caught is described before it is killed.
        let seen = leftovers(&running).map_err(io_error)?;
        killed.extend(running.iter().copied());
        kill_and_await(&running, Instant::now() + ROUND).await.map_err(io_error)?;
        let stuck = leftovers(&running).map_err(io_error)?;
        if late_rounds > 1 && !stuck.is_empty() {
            return Err(DestroyError::StillRunning { id: id.to_owned(), left: stuck });
        }
        if late_rounds > LATE_ROUNDS {
            return Err(DestroyError::StillRunning { id: id.to_owned(), left: seen });
        }
    }
    destroyed.killed += killed.len();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{ContainerRef, DestroyError, destroy};
    use crate::container::marker;
    use crate::container::pidfd::PidRef;
    use crate::container::testing::{Family, PATIENCE, within};
    use rustix::process::Signal;

    const DAEMON: &str = "(setsid sh -c 'echo ready; read line <&3' &) &";

    fn container_ref(id: &str, owner: Option<PidRef>) -> ContainerRef {
        ContainerRef { marker: marker::CONTAINER_ID, id: id.to_owned(), owner, cgroup: None }
    }

    fn container(family: &Family) -> ContainerRef {
        container_ref(family.id(), Some(family.owner()))
    }

    #[tokio::test]
    async fn a_container_that_does_not_obey_is_gone_afterwards() {
        // Daemons, children that hid from the marker, and the owner itself: all of them.
        let hidden = "setsid env -i sh -c 'echo ready; read line <&3' &";
        let family = Family::start(&format!(
            "trap '' TERM; {DAEMON} {hidden} while :; do read line <&3; done"
        ));
        family.ready(2);
        let tree = crate::container::tree::descendants(family.owner()).unwrap();
        let destroyed = within(destroy(&container(&family), PATIENCE)).await.unwrap();
        assert!(destroyed.owner_was_running);
        assert!(destroyed.killed >= 3, "{destroyed:?}");
        assert!(family.running().is_empty());
        for process in tree {
            assert!(!process.is_alive().unwrap());
        }
    }

    #[tokio::test]
    async fn an_owner_that_replaces_its_dead_children_ends_too() {
        // Each kill makes the owner start another child, fifty times; then it is killed itself.
        let family = Family::start(
            "n=0; while [ $n -lt 50 ]; do n=$((n+1)); (echo ready; read line <&3) & wait; done; \
             read line <&3",
        );
        family.ready(1);
        within(destroy(&container(&family), PATIENCE)).await.unwrap();
        assert!(family.running().is_empty());
    }

    #[tokio::test]
    async fn orphans_of_a_killed_owner_are_found_by_their_marker() {
        // The owner died by kill -9 and its daemons went to init: they are ended all the same.
        let family = Family::start(&format!("{DAEMON} {DAEMON} read line <&3"));
        family.ready(2);
        let owner = family.owner().open().unwrap().unwrap();
        owner.signal(Signal::KILL).unwrap();
        within(owner.exited()).await.unwrap();
        assert_eq!(family.running().len(), 2);
        let destroyed = within(destroy(&container(&family), PATIENCE)).await.unwrap();
        assert!(!destroyed.owner_was_running);
        assert_eq!(destroyed.killed, 2);
        assert!(family.running().is_empty());
        // Doing it again changes nothing.
        let again = within(destroy(&container(&family), PATIENCE)).await.unwrap();
        assert_eq!(again.killed, 0);
    }

    #[tokio::test]
    async fn nobody_who_took_over_a_pid_or_has_another_id_is_killed() {
        // The checkpointed owner's pid belongs to another container now, which lives on.
        let stranger = Family::start(&format!("{DAEMON} read line <&3"));
        stranger.ready(1);
        let owner = PidRef { started: stranger.owner().started - 1, ..stranger.owner() };
        let old = container_ref("long-gone", Some(owner));
        let destroyed = within(destroy(&old, PATIENCE)).await.unwrap();
        assert_eq!(destroyed.killed, 0);
        assert_eq!(stranger.running().len(), 2);
    }

    #[tokio::test]
    async fn init_and_the_agent_itself_are_refused_as_owners() {
        // A broken checkpoint can't take the machine or the agent down.
        let own = i32::try_from(std::process::id()).unwrap();
        for pid in [1, own] {
            let owner = PidRef::of(pid).unwrap();
            let broken = container_ref("broken", owner);
            let error = within(destroy(&broken, PATIENCE)).await.unwrap_err();
            assert!(matches!(error, DestroyError::NotAContainer { .. }), "{error}");
        }
    }
}
