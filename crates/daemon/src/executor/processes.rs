//! The processes of an executor's tasks and their checks: who belongs to which, and when nothing of it is
//! left.
//!
//! Everything below the executor belongs to its tasks and their checks. With one of them left that is
//! simple. Else they share the executor as their subreaper, so a process belongs to the owner of its
//! parent; one that lost its parent is told by its mark or its session. A process without either is left
//! to the one task there is, or to the last owner, so that nothing outlives the executor in any case.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::process::ExitStatusExt as _;

use model::TaskId;
use rustix::process::{Pid, Signal, getsid};

use super::checks::CheckKey;
use super::report;
use super::settings::TASK_MARK;
use crate::container::pidfd::PidRef;
use crate::container::proc;
use crate::container::reaper::{self, Origin, Reaper};
use crate::container::terminate::terminate;
use crate::container::tree::{self, TreeError, Walk};

/// Rounds of one kill; each catches what was born during the one before. The next attempt comes
/// with the next process that ends, or after a second.
const KILL_ROUNDS: usize = 32;
/// How much of an environment is searched for the mark.
const ENVIRONMENT_LIMIT_BYTES: u64 = 256 << 10;

/// What a process was started for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    Task(TaskId),
    Check(CheckKey),
    /// What is fetched for a task before it starts.
    Fetch(TaskId),
}

impl std::fmt::Display for Owner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Task(task) => write!(f, "task {task}"),
            Self::Fetch(task) => write!(f, "the fetch for task {task}"),
            Self::Check((task, kind)) => write!(f, "the {kind} of task {task}"),
        }
    }
}

/// What happened to the processes of an owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The first process ended; others may be left.
    Exited { owner: Owner, wait_status: i32 },
    /// None is left. Comes after `Exited`.
    Gone { owner: Owner },
}

#[derive(Debug)]
pub(super) struct Processes {
    /// The executor itself.
    own: PidRef,
    reaper: Reaper,
    /// Those with processes left.
    owners: BTreeMap<Owner, Owned>,
    /// The kernel said that there is no child at all.
    childless: bool,
}

#[derive(Debug)]
struct Owned {
    first: PidRef,
    mark: String,
    exited: bool,
    /// SIGKILL was asked for; whatever turns up gets it too.
    killing: bool,
}

impl Processes {
    /// Makes this process the subreaper of all its descendants.
    pub(super) fn new() -> io::Result<Self> {
        let pid = i32::try_from(std::process::id()).map_err(io::Error::other)?;
        let own = PidRef::of(pid)?.ok_or_else(|| io::Error::other("/proc is not there"))?;
        // What would keep a kill from seeing its processes had better be known before the first task.
        tree::walk(own).map_err(io::Error::other)?;
        Ok(Self { own, reaper: Reaper::new()?, owners: BTreeMap::new(), childless: true })
    }

    /// Takes charge of a process that was started just now.
    pub(super) fn add(&mut self, owner: Owner, first: PidRef, mark: String) {
        self.reaper.expect(first.pid);
        self.childless = false;
        self.owners.insert(owner, Owned { first, mark, exited: false, killing: false });
    }

    /// What happened to the processes, when something did. May be dropped and called again.
    pub(super) async fn next(&mut self) -> io::Result<Vec<Change>> {
        let first = self.reaper.next().await?;
        let mut changes = Vec::new();
        self.note(first, &mut changes);
        self.settle(&mut changes)?;
        Ok(changes)
    }

    /// SIGTERM to every process of the owner, those born meanwhile included.
    pub(super) fn terminate(&self, owner: &Owner) {
        match terminate(|| self.walk(owner)) {
            Ok(sent) => report::failures(&sent.failed),
            Err(error) => unreadable(owner, &error),
        }
    }

    /// SIGKILL to every process of the owner, now and whenever another one turns up.
    pub(super) fn kill(&mut self, owner: &Owner) {
        if let Some(owned) = self.owners.get_mut(owner) {
            owned.killing = true;
            self.kill_all(owner);
        }
    }

    fn kill_all(&self, owner: &Owner) {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..KILL_ROUNDS {
            let mut news = false;
            for process in self.members(owner) {
                if seen.insert(process) {
                    news = true;
                    if let Err(error) = process.signal(Signal::KILL) {
                        report::failures(&[(process, error)]);
                    }
                }
            }
            if !news {
                break;
            }
        }
    }

    fn note(&mut self, event: reaper::Event, changes: &mut Vec<Change>) {
        let (pid, status, origin) = match event {
            reaper::Event::Empty => {
                self.childless = true;
                return;
            }
            reaper::Event::Exited { pid, status, origin } => (pid, status, origin),
        };
        if origin == Origin::Adopted {
            return;
        }
        let exited = self.owners.iter_mut().find(|(_, it)| it.first.pid == pid && !it.exited);
        if let Some((owner, owned)) = exited {
            owned.exited = true;
            // What anything but a task leaves behind is nobody's any more.
            owned.killing |= !matches!(owner, Owner::Task(_));
            let owner = owner.clone();
            changes.push(Change::Exited { owner, wait_status: status.into_raw() });
        }
    }

    /// Collects all that has ended, then says which owners have nothing left. A walk during which
    /// something ended may have missed what moved: it counts only if no child ended meanwhile.
    fn settle(&mut self, changes: &mut Vec<Change>) -> io::Result<()> {
        loop {
            while let Some(event) = self.reaper.poll()? {
                self.note(event, changes);
            }
            for (owner, _) in self.owners.iter().filter(|(_, owned)| owned.killing) {
                self.kill_all(owner);
            }
            let empty = self
                .owners
                .iter()
                .find(|(owner, owned)| owned.exited && self.is_empty(owner))
                .map(|(owner, _)| owner.clone());
            if let Some(event) = self.reaper.poll()? {
                self.note(event, changes);
                continue;
            }
            // One at a time: the last one inherits what belongs to nobody.
            let Some(owner) = empty else { return Ok(()) };
            self.owners.remove(&owner);
            changes.push(Change::Gone { owner });
        }
    }

    fn is_empty(&self, owner: &Owner) -> bool {
        if self.childless {
            return true;
        }
        self.owners.len() > 1 && self.walk(owner).is_ok_and(|walk| walk.running.is_empty())
    }

    /// Every running process of the owner, parents before their children.
    fn members(&self, owner: &Owner) -> Vec<PidRef> {
        match self.walk(owner) {
            Ok(walk) => walk.running,
            Err(error) => {
                unreadable(owner, &error);
                Vec::new()
            }
        }
    }

    /// A walk over the whole tree whose running processes are those of `wanted`.
    fn walk(&self, wanted: &Owner) -> Result<Walk, TreeError> {
        let mut walk = tree::walk(self.own)?;
        if self.owners.len() <= 1 {
            if !self.owners.contains_key(wanted) {
                walk.running.clear();
            }
            return Ok(walk);
        }
        let heir = self.heir();
        let mut owners: BTreeMap<i32, &Owner> = BTreeMap::new();
        let mut members = Vec::new();
        for process in walk.running {
            let Some(owner) = self.owner_of(process, &owners)?.or(heir) else { continue };
            owners.insert(process.pid, owner);
            if owner == wanted {
                members.push(process);
            }
        }
        Ok(Walk { running: members, ..walk })
    }

    /// Whom processes without a sign belong to: the task, if there is only one.
    fn heir(&self) -> Option<&Owner> {
        let mut tasks = self.owners.keys().filter(|owner| matches!(owner, Owner::Task(_)));
        tasks.next().filter(|_| tasks.next().is_none())
    }

    fn owner_of<'a>(
        &'a self,
        process: PidRef,
        owners: &BTreeMap<i32, &'a Owner>,
    ) -> io::Result<Option<&'a Owner>> {
        if let Some((owner, _)) = self.owners.iter().find(|(_, owned)| owned.first == process) {
            return Ok(Some(owner));
        }
        let parent = proc::read_stat(process.pid)?.map(|stat| stat.parent);
        if let Some(owner) = parent.and_then(|parent| owners.get(&parent)) {
            return Ok(Some(owner));
        }
        let mark = mark_of(process.pid);
        if let Some(mark) = mark
            && let Some((owner, _)) = self.owners.iter().find(|(_, owned)| owned.mark == mark)
        {
            return Ok(Some(owner));
        }
        // Every first process leads a session; its number is not used again while anyone is in it.
        let session = Pid::from_raw(process.pid).and_then(|pid| getsid(Some(pid)).ok());
        Ok(session.and_then(|session| {
            let mut leaders = self.owners.iter();
            let leader = leaders.find(|(_, owned)| owned.first.pid == session.as_raw_pid());
            leader.map(|(owner, _)| owner)
        }))
    }
}

fn unreadable(owner: &Owner, error: &TreeError) {
    report::line(format_args!("Cannot look at the processes of {owner}: {error}"));
}

/// The value of [`TASK_MARK`] in the environment of a process, where it can be read.
fn mark_of(pid: i32) -> Option<String> {
    let mut environment = Vec::new();
    let file = File::open(format!("/proc/{pid}/environ")).ok()?;
    file.take(ENVIRONMENT_LIMIT_BYTES).read_to_end(&mut environment).ok()?;
    let value = environment
        .split(|&byte| byte == 0)
        .find_map(|string| string.strip_prefix(TASK_MARK.as_bytes())?.strip_prefix(b"="))?;
    String::from_utf8(value.to_vec()).ok()
}
