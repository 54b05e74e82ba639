//! The processes of an executor's tasks: who belongs to which task, and when nothing of it is left.
//!
//! Everything below the executor belongs to its tasks. With one task left that is simple. The
//! members of a group share the executor as their subreaper, so there a process belongs to the task
//! of its parent; one that lost its parent is told by its mark or its session. A process without
//! either is left to the last task, so that nothing outlives the executor in any case.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::process::ExitStatusExt as _;

use agent::executor::Event;
use model::TaskId;
use rustix::process::{Pid, Signal, getsid};

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

#[derive(Debug)]
pub(super) struct Processes {
    /// The executor itself.
    own: PidRef,
    reaper: Reaper,
    /// Tasks with processes left.
    tasks: BTreeMap<TaskId, TaskProcesses>,
    /// The kernel said that there is no child at all.
    childless: bool,
}

#[derive(Debug)]
struct TaskProcesses {
    first: PidRef,
    mark: String,
    exited: bool,
    /// SIGKILL was asked for; whatever turns up of the task gets it too.
    killing: bool,
}

impl Processes {
    /// Makes this process the subreaper of all its descendants.
    pub(super) fn new() -> io::Result<Self> {
        let pid = i32::try_from(std::process::id()).map_err(io::Error::other)?;
        let own = PidRef::of(pid)?.ok_or_else(|| io::Error::other("/proc is not there"))?;
        // What would keep a kill from seeing its processes had better be known before the first task.
        tree::walk(own).map_err(io::Error::other)?;
        Ok(Self { own, reaper: Reaper::new()?, tasks: BTreeMap::new(), childless: true })
    }

    /// Takes charge of a process that was started just now.
    pub(super) fn add(&mut self, task: TaskId, first: PidRef, mark: String) {
        self.reaper.expect(first.pid);
        self.childless = false;
        self.tasks.insert(task, TaskProcesses { first, mark, exited: false, killing: false });
    }

    /// What happened to the processes, when something did. May be dropped and called again.
    pub(super) async fn next(&mut self) -> io::Result<Vec<Event>> {
        let first = self.reaper.next().await?;
        let mut events = Vec::new();
        self.note(first, &mut events);
        self.settle(&mut events)?;
        Ok(events)
    }

    /// SIGTERM to every process of the task, those born meanwhile included.
    pub(super) fn terminate(&self, task: &TaskId) {
        match terminate(|| self.walk(task)) {
            Ok(sent) => report::failures(&sent.failed),
            Err(error) => unreadable(task, &error),
        }
    }

    /// SIGKILL to every process of the task, now and whenever another one turns up.
    pub(super) fn kill(&mut self, task: &TaskId) {
        if let Some(processes) = self.tasks.get_mut(task) {
            processes.killing = true;
            self.kill_all(task);
        }
    }

    fn kill_all(&self, task: &TaskId) {
        let mut seen = std::collections::BTreeSet::new();
        for _ in 0..KILL_ROUNDS {
            let mut news = false;
            for process in self.members(task) {
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

    fn note(&mut self, event: reaper::Event, events: &mut Vec<Event>) {
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
        let exited = self.tasks.iter_mut().find(|(_, task)| task.first.pid == pid && !task.exited);
        if let Some((id, task)) = exited {
            task.exited = true;
            events.push(Event::TaskExited { task: id.clone(), wait_status: status.into_raw() });
        }
    }

    /// Collects all that has ended, then says which tasks have nothing left. A walk during which
    /// something ended may have missed what moved: it counts only if no child ended meanwhile.
    fn settle(&mut self, events: &mut Vec<Event>) -> io::Result<()> {
        loop {
            while let Some(event) = self.reaper.poll()? {
                self.note(event, events);
            }
            for id in self.tasks.iter().filter(|(_, task)| task.killing).map(|(id, _)| id) {
                self.kill_all(id);
            }
            let empty: Vec<TaskId> = self
                .tasks
                .iter()
                .filter(|(id, task)| task.exited && self.is_empty(id))
                .map(|(id, _)| id.clone())
                .collect();
            if let Some(event) = self.reaper.poll()? {
                self.note(event, events);
                continue;
            }
            if empty.is_empty() {
                return Ok(());
            }
            // One at a time: the last task inherits what belongs to nobody.
            let Some(task) = empty.into_iter().next() else { return Ok(()) };
            self.tasks.remove(&task);
            events.push(Event::TreeEmpty { task });
        }
    }

    fn is_empty(&self, task: &TaskId) -> bool {
        if self.childless {
            return true;
        }
        self.tasks.len() > 1 && self.walk(task).is_ok_and(|walk| walk.running.is_empty())
    }

    /// Every running process of the task, parents before their children.
    fn members(&self, task: &TaskId) -> Vec<PidRef> {
        match self.walk(task) {
            Ok(walk) => walk.running,
            Err(error) => {
                unreadable(task, &error);
                Vec::new()
            }
        }
    }

    /// A walk over the whole tree whose running processes are those of the task.
    fn walk(&self, task: &TaskId) -> Result<Walk, TreeError> {
        let mut walk = tree::walk(self.own)?;
        if self.tasks.len() <= 1 {
            if !self.tasks.contains_key(task) {
                walk.running.clear();
            }
            return Ok(walk);
        }
        let mut owners: BTreeMap<i32, &TaskId> = BTreeMap::new();
        let mut members = Vec::new();
        for process in walk.running {
            let Some(owner) = self.owner_of(process, &owners)? else { continue };
            owners.insert(process.pid, owner);
            if owner == task {
                members.push(process);
            }
        }
        Ok(Walk { running: members, ..walk })
    }

    fn owner_of<'a>(
        &'a self,
        process: PidRef,
        owners: &BTreeMap<i32, &'a TaskId>,
    ) -> io::Result<Option<&'a TaskId>> {
        if let Some((id, _)) = self.tasks.iter().find(|(_, task)| task.first == process) {
            return Ok(Some(id));
        }
        let parent = proc::read_stat(process.pid)?.map(|stat| stat.parent);
        if let Some(owner) = parent.and_then(|parent| owners.get(&parent)) {
            return Ok(Some(owner));
        }
        let mark = mark_of(process.pid);
        if let Some(mark) = mark
            && let Some((id, _)) = self.tasks.iter().find(|(_, task)| task.mark == mark)
        {
            return Ok(Some(id));
        }
        // Every first process leads a session; its number is not used again while anyone is in it.
        let session = Pid::from_raw(process.pid).and_then(|pid| getsid(Some(pid)).ok());
        Ok(session.and_then(|session| {
            let mut leaders = self.tasks.iter();
            leaders.find(|(_, task)| task.first.pid == session.as_raw_pid()).map(|(id, _)| id)
        }))
    }
}

fn unreadable(task: &TaskId, error: &TreeError) {
    report::line(format_args!("Cannot look at the processes of task {task}: {error}"));
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
