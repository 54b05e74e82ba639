//! Walks and kills the descendants of a child subreaper.
//!
//! As orphans come back to the subreaper, a process can leave its tree only by ending. So the tree
//! below a living subreaper is the whole container, children that called `setsid` or forked twice
//! included.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;

use rustix::process::Signal;
use tokio::time::{Instant, timeout_at};

use super::pidfd::{Delivery, PidHandle, PidRef};
use super::proc;

/// No walk looks at more processes than this.
const PROCESS_LIMIT: usize = 65_536;
/// How many of the killed are waited for in each round; each costs a descriptor.
const AWAITED_LIMIT: usize = 64;
/// How long one round waits for those it killed before it looks for new ones.
const ROUND: Duration = Duration::from_millis(100);

/// A process that could not be ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leftover {
    pub process: PidRef,
    /// As in proc(5): `D` waits for a device and takes no signal meanwhile.
    pub state: char,
    pub command: String,
}

impl std::fmt::Display for Leftover {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (state {}, {})", self.process.pid, self.state, self.command)
    }
}

/// Shows the first few, and how many more there are.
pub(crate) fn list(left: &[Leftover]) -> String {
    const SHOWN: usize = 5;
    let shown = left.iter().take(SHOWN).map(Leftover::to_string).collect::<Vec<_>>().join(", ");
    match left.len().checked_sub(SHOWN) {
        None | Some(0) => shown,
        Some(more) => format!("{shown} and {more} more"),
    }
}

/// Why a tree could not be cleared.
#[derive(Debug, thiserror::Error)]
pub enum TreeError {
    /// The tree has lost its root; its processes are somewhere else now.
    #[error("the owner of the process tree, {0}, has ended")]
    OwnerGone(PidRef),
    #[error("still running after SIGKILL: {}", list(left))]
    StillRunning { left: Vec<Leftover> },
    #[error("a process tree of more than {PROCESS_LIMIT} processes")]
    TooLarge,
    #[error("cannot look at the process tree: {0}")]
    Io(#[from] io::Error),
}

/// What one look at the tree saw.
#[derive(Debug, Default)]
pub(crate) struct Walk {
    /// Parents before their children.
    pub(crate) running: Vec<PidRef>,
    pub(crate) zombies: BTreeSet<PidRef>,
    /// Something ended or moved while looking, so that something else may have been missed.
    pub(crate) unstable: bool,
}

impl Walk {
    /// Whether nothing that ran can have been missed, given the zombies of the walk before: one
    /// first seen now may have handed its children to the root after the root's list was read.
    pub(crate) fn is_whole(&self, zombies_before: &BTreeSet<PidRef>) -> bool {
        !self.unstable && self.zombies.is_subset(zombies_before)
    }
}

/// All running descendants of a process, parents before their children.
///
/// A process born or reparented during the walk may be missing; [`kill_tree`] repeats until that
/// can't be.
///
/// # Errors
/// The process has ended, the tree is too large, or `/proc` can't be read.
pub fn descendants(root: PidRef) -> Result<Vec<PidRef>, TreeError> {
    Ok(walk(root)?.running)
}

/// As [`descendants`], and what it takes to judge whether somebody is missing.
pub(crate) fn walk(root: PidRef) -> Result<Walk, TreeError> {
    let mut walk = Walk::default();
    let mut members = BTreeSet::from([root.pid]);
    let of_root = proc::visit(root.pid)?
        .filter(|visit| visit.stat.started == root.started && !visit.stat.is_over());
    let mut to_visit = of_root.ok_or(TreeError::OwnerGone(root))?.children;
    while let Some(pid) = to_visit.pop() {
        if !members.insert(pid) {
            continue;
        }
        if members.len() > PROCESS_LIMIT {
            return Err(TreeError::TooLarge);
        }
        match proc::visit(pid)? {
            // A parent outside the tree: the pid went to a stranger meanwhile.
            Some(visit) if members.contains(&visit.stat.parent) => {
                let process = PidRef { pid, started: visit.stat.started };
                if visit.stat.is_over() {
                    walk.zombies.insert(process);
                } else {
                    walk.running.push(process);
                    to_visit.extend(visit.children);
                }
            }
            Some(_) | None => walk.unstable = true,
        }
    }
    Ok(walk)
}

/// Kills every descendant of a child subreaper, those born meanwhile included, and returns how many
/// got the signal. The subreaper itself, which may be this process, lives on.
///
/// Nothing has to collect the dead for this to come to an end. Needs a tokio runtime with I/O and
/// time.
///
/// # Errors
/// [`TreeError::StillRunning`] if after `limit` there are still running descendants, for instance
/// some that wait for a device; all of them have a SIGKILL pending. Else the owner has ended, the
/// tree is too large, or `/proc` can't be read.
pub async fn kill_tree(owner: PidRef, limit: Duration) -> Result<usize, TreeError> {
    let deadline = Instant::now() + limit;
    let mut killed = BTreeSet::new();
    let mut zombies_before = BTreeSet::new();
    loop {
        let walk = walk(owner)?;
        if walk.running.is_empty() && walk.is_whole(&zombies_before) {
            return Ok(killed.len());
        }
        if Instant::now() >= deadline {
            let left = leftovers(&walk.running)?;
            kill_and_await(&walk.running, deadline).await?;
            return Err(TreeError::StillRunning { left });
        }
        killed.extend(walk.running.iter().copied());
        kill_and_await(&walk.running, deadline.min(Instant::now() + ROUND)).await?;
        zombies_before = walk.zombies;
    }
}

/// Sends SIGKILL to all and waits, until the deadline, for the first of them to end.
pub(super) async fn kill_and_await(processes: &[PidRef], deadline: Instant) -> io::Result<()> {
    let mut awaited: Vec<PidHandle> = Vec::new();
    for process in processes {
        if let Some(handle) = process.open()?
            && handle.signal(Signal::KILL)? == Delivery::Sent
            && awaited.len() < AWAITED_LIMIT
        {
            awaited.push(handle);
        }
    }
    for handle in awaited {
        match timeout_at(deadline, handle.exited()).await {
            Ok(exited) => exited?,
            Err(_elapsed) => break,
        }
    }
    // Also when there was nothing to wait for, others get their turn.
    tokio::task::yield_now().await;
    Ok(())
}

/// Describes those that still run.
pub(super) fn leftovers(processes: &[PidRef]) -> io::Result<Vec<Leftover>> {
    let mut left = Vec::new();
    for &process in processes {
        if let Some(stat) = proc::read_stat(process.pid)?
            && stat.started == process.started
            && !stat.is_over()
        {
            let command = proc::command(process.pid);
            left.push(Leftover { process, state: stat.state, command });
        }
    }
    Ok(left)
}

#[cfg(test)]
#[path = "tree_tests.rs"]
mod tests;
