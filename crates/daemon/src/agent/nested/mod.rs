//! Nested containers as processes: started, watched, found again after a restart, and ended before the end of
//! the container they are in is told to anybody. See decision 19.

pub(super) mod attach;
pub(super) mod calls;
mod process;
mod records;
mod wait;

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use agent::nested::{Admission, Book, NestedId, NestedRefusal, Stage, Termination};
use agent::{ContainerView, ExitStatus};
use model::ContainerId;
use rustix::process::Signal;
use tokio::sync::watch;

use self::process::{Order, Site, Surroundings};
use self::records::{Files, Record};
use super::Settings;
use crate::container::destroy::{ContainerRef, destroy};
use crate::container::pidfd::{Delivery, PidRef};
use crate::executor::{NESTED, read_exit_file, task_socket};

/// Time one attempt to end a nested container may take.
const DESTROY_LIMIT: Duration = Duration::from_secs(10);
/// Longest text of a failure that is passed on.
const ERROR_LIMIT_BYTES: u64 = 4 << 10;
/// What `ebb launch` puts before the reason.
const CANNOT_RUN: &str = "Cannot run the executor: ";

/// The agent's nested containers. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Nested {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    site: Site,
    state: Mutex<State>,
    /// Counts what has ended or was closed, for those who wait for it.
    changes: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    book: Book,
    /// Those in the book, except the ones that are only being started.
    known: BTreeMap<NestedId, Known>,
}

#[derive(Clone, Debug)]
struct Known {
    files: Files,
    record: Record,
}

/// What came of a request to start a nested container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Launched {
    Started,
    AlreadyThere,
}

/// Why a nested container was not started.
#[derive(Debug, thiserror::Error)]
enum LaunchError {
    #[error(transparent)]
    Refused(#[from] NestedRefusal),
    #[error("{0}")]
    Failed(String),
}

impl Nested {
    pub(super) fn new(settings: &Settings, work_dir: &Path) -> Self {
        let site = Site {
            program: settings.program.clone(),
            work_dir: work_dir.to_owned(),
            switch_user: settings.switch_user,
            log_max_bytes: settings.log_max_bytes,
            log_files: settings.log_files,
        };
        if let Err(error) = records::make_private(&work_dir.join("meta/io")) {
            tracing::warn!(%error, "nobody can attach to tasks with a terminal");
        }
        let changes = watch::channel(0).0;
        Self { inner: Arc::new(Inner { site, state: Mutex::default(), changes }) }
    }

    /// What executors of ours are told of where their tasks may be attached to.
    pub(super) fn attach_prefix(&self, root: &ContainerId) -> PathBuf {
        self.inner.site.work_dir.join("meta/io").join(root.as_str())
    }

    /// Takes up what an earlier run of the agent has left in the container of an executor that runs.
    /// Sessions are ended: nobody is there for them any more.
    // Mesos: the same.
    pub(super) fn recover(&self, root: &ContainerId) {
        for (id, files, record) in records::load(&self.inner.site.work_dir, root) {
            let ended = record.termination();
            let (is_session, owner) = (record.is_session, record.owner());
            {
                let mut state = self.inner.state();
                state.book.recover(id.clone(), ended.clone());
                state.known.insert(id.clone(), Known { files, record });
            }
            if ended.is_some() {
                continue;
            }
            let this = self.clone();
            tokio::spawn(async move {
                if is_session {
                    this.destroy(&id).await;
                } else if let Ok(Some(handle)) = owner.map_or(Ok(None), |owner| owner.open())
                    && let Err(error) = handle.exited().await
                {
                    tracing::warn!(%id, %error, "cannot watch a nested container's owner");
                }
                this.owner_ended(&id).await;
            });
        }
    }

    /// Starts a nested container, which the caller has found to have a parent. `is_still_there` looks once
    /// more: the parent may have gone meanwhile.
    async fn launch(
        &self,
        order: Order,
        around: Surroundings,
        is_still_there: impl Future<Output = bool>,
    ) -> Result<Launched, LaunchError> {
        let id = order.id.clone();
        match self.inner.state().book.admit(&id, Some(&around.root))? {
            Admission::AlreadyThere => return Ok(Launched::AlreadyThere),
            Admission::Start => {}
        }
        if !is_still_there.await {
            self.inner.state().book.withdraw(&id);
            let parent = id.parent().unwrap_or(id);
            return Err(NestedRefusal::NoParent(parent).into());
        }
        // A caller that goes away must not leave it half started.
        let this = self.clone();
        let started = tokio::spawn(async move { this.start(order, around).await });
        started
            .await
            .unwrap_or_else(|error| Err(error.to_string()))
            .map_err(LaunchError::Failed)?;
        Ok(Launched::Started)
    }

    async fn start(&self, order: Order, around: Surroundings) -> Result<(), String> {
        let id = order.id.clone();
        let token = format!("{:016x}", u64::from_be_bytes(crate::random::bytes()));
        let site = self.inner.site.clone();
        let files = Files::new(&site.work_dir, &around.root.container, token);
        let record = Record {
            id: id.to_string(),
            is_session: order.is_session,
            owner: None,
            directory: process::directory_of(&site, &order, &around),
            user: process::user_of(&site, &order, &around),
            has_ended: false,
            wait_status: None,
            message: None,
        };
        let mut known = Known { files, record };
        let starting = known.clone();
        let started = tokio::task::spawn_blocking(move || {
            let Known { files, mut record } = starting;
            files.prepare()?;
            // Before it runs: an agent that is killed in between finds what it has started.
            files.write(&record)?;
            let handle = process::start(&site, &order, &around, &files)?;
            record.owner = Some(handle.process().to_string());
            files.write(&record)?;
            Ok::<_, String>((handle, record))
        });
        let started = started.await.unwrap_or_else(|error| Err(error.to_string()));
        let (handle, record) = match started {
            Ok(started) => started,
            Err(error) => {
                // It may run all the same, if only its record could not be written.
                self.inner.state().known.insert(id.clone(), known.clone());
                self.destroy(&id).await;
                known.files.remove();
                let mut state = self.inner.state();
                state.known.remove(&id);
                state.book.withdraw(&id);
                drop(state);
                self.inner.changed();
                return Err(error);
            }
        };
        known.record = record;
        let is_wanted = {
            let mut state = self.inner.state();
            state.known.insert(id.clone(), known);
            state.book.started(&id)
        };
        tracing::info!(%id, pid = handle.pid(), "nested container started");
        let this = self.clone();
        tokio::spawn(async move {
            if !is_wanted {
                this.destroy(&id).await;
            }
            if let Err(error) = handle.wait().await {
                tracing::warn!(%id, %error, "cannot wait for a nested container's owner");
            }
            this.owner_ended(&id).await;
        });
        Ok(())
    }

    /// The owner has ended: makes sure that nothing is left, and remembers how it ended.
    async fn owner_ended(&self, id: &NestedId) {
        self.destroy(id).await;
        let Some(mut known) = self.inner.state().known.get(id).cloned() else { return };
        let remembered = tokio::task::spawn_blocking(move || {
            let status = match read_exit_file(&known.files.exit()) {
                Ok(status) => status.map(ExitStatusExt::into_raw),
                Err(error) => {
                    tracing::warn!(%error, "cannot read how a nested container ended");
                    None
                }
            };
            known.record.has_ended = true;
            // An owner that was killed leaves nothing, and neither does its command.
            known.record.wait_status = Some(status.unwrap_or(Signal::KILL.as_raw()));
            known.record.message = failure(&known.files.error());
            if let Err(error) = known.files.write(&known.record) {
                tracing::warn!(%error, "the end of a nested container is not written down");
            }
            known.files.clear();
            known
        });
        let Ok(known) = remembered.await else { return };
        {
            let mut state = self.inner.state();
            let termination = known.record.termination().unwrap_or_default();
            state.book.ended(id, termination);
            if state.book.stage(id).is_some() {
                state.known.insert(id.clone(), known);
            } else {
                state.known.remove(id);
            }
        }
        tracing::info!(%id, "nested container ended");
        self.inner.changed();
    }

    /// Kills all of its processes, as long as it takes.
    async fn destroy(&self, id: &NestedId) {
        let Some(Known { files, record }) = self.inner.state().known.get(id).cloned() else {
            return;
        };
        let container =
            ContainerRef { marker: NESTED, id: files.mark(), owner: record.owner(), cgroup: None };
        while let Err(error) = destroy(&container, DESTROY_LIMIT).await {
            tracing::warn!(%id, %error, "processes of a nested container are left");
            // What could not be looked at now may be in a moment.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Nothing starts in `container` any more, and nothing of what is nested in it is left when this returns.
    /// `how` is how it ended itself, for those who wait for that.
    pub(super) async fn close(&self, container: &NestedId, how: Option<Termination>) {
        let mut changes = self.inner.changes.subscribe();
        loop {
            let left = self.inner.state().book.close(container, how.clone());
            self.inner.changed();
            changes.borrow_and_update();
            if left.is_empty() {
                return;
            }
            // Its owner's end is noticed by whoever watches it.
            for id in &left {
                self.destroy(id).await;
            }
            let still = self.inner.state().book.close(container, None);
            if !still.is_empty() && changes.changed().await.is_err() {
                return;
            }
        }
    }

    /// The container of an executor is gone.
    pub(super) fn forget(&self, root: &ContainerId, status: ExitStatus) {
        let wait_status = match status {
            ExitStatus::Exited(code) => Some((code & 0xff) << 8),
            ExitStatus::Signalled(signal) => Some(signal & 0x7f),
            ExitStatus::Unknown => None,
        };
        {
            let mut state = self.inner.state();
            let top = NestedId::from(root);
            state.book.forget(root, Termination { wait_status, ..Termination::default() });
            state.known.retain(|id, _| !id.is_in(&top));
        }
        self.inner.changed();
        records::forget(&self.inner.site.work_dir, root);
    }

    /// Those in the container of an executor that run, with their first process.
    pub(super) fn running_below(
        &self,
        root: &ContainerId,
    ) -> Vec<(wire::v1::ContainerId, Option<PidRef>)> {
        let running: Vec<(NestedId, Option<PidRef>)> = {
            let state = self.inner.state();
            let owner = |id: &NestedId| state.known.get(id).and_then(|known| known.record.owner());
            state.book.running_in(root).into_iter().map(|id| (id.clone(), owner(&id))).collect()
        };
        running
            .into_iter()
            .map(|(id, owner)| (id.to_wire(), owner.and_then(process::first_below).or(owner)))
            .collect()
    }

    /// Signals a nested container: all of it for SIGKILL, else its first process. `Gone` if it has ended.
    async fn kill(&self, id: &NestedId, signal: Signal) -> std::io::Result<Delivery> {
        let owner = {
            let state = self.inner.state();
            if state.book.stage(id) != Some(&Stage::Running) {
                return Ok(Delivery::Gone);
            }
            state.known.get(id).and_then(|known| known.record.owner())
        };
        if signal == Signal::KILL {
            self.destroy(id).await;
            return Ok(Delivery::Sent);
        }
        match owner.and_then(process::first_below) {
            Some(process) => process.signal(signal),
            None => Ok(Delivery::Gone),
        }
    }

    /// Where a nested container of this run offers its streams, and how far it is.
    fn offer(&self, id: &NestedId) -> (Option<PathBuf>, Option<Stage>) {
        let state = self.inner.state();
        let socket = state.known.get(id).map(|known| known.files.socket());
        (socket, state.book.stage(id).cloned())
    }

    /// Where to attach to a container; nothing if it has ended, or there is none.
    fn socket(&self, id: &NestedId, root: &ContainerView) -> Option<PathBuf> {
        {
            let state = self.inner.state();
            if let Some(known) = state.known.get(id) {
                let runs = state.book.stage(id) == Some(&Stage::Running);
                return runs.then(|| known.files.socket());
            }
        }
        let prefix = self.attach_prefix(&root.container);
        if id.parent().is_none() {
            let is_own = root.command;
            return Some(if is_own {
                task_socket(&prefix, root.executor.as_str())
            } else {
                prefix
            });
        }
        let member = root.members.iter().find(|member| *member.id == *id.leaf())?;
        Some(task_socket(&prefix, member.task.as_str()))
    }

    /// Where and as whom the processes of a container run that something is to be nested in.
    fn surroundings(&self, id: &NestedId, root: ContainerView) -> Surroundings {
        let site = &self.inner.site;
        let parent = id.parent().unwrap_or_else(|| id.clone());
        let directory = site.work_dir.join(&root.directory);
        let owner = root.process.map(|(pid, started)| PidRef { pid: pid.cast_signed(), started });
        let mut around = Surroundings {
            user: root.user.clone(),
            directory,
            process: owner.and_then(process::first_below),
            cgroup: None,
            root,
        };
        if parent.parent().is_none() {
            return around;
        }
        if let Some(known) = self.inner.state().known.get(&parent) {
            around.user.clone_from(&known.record.user);
            around.directory.clone_from(&known.record.directory);
            around.process = known.record.owner().and_then(process::first_below);
            return around;
        }
        if let Some(member) = around.root.members.iter().find(|it| *it.id == *parent.leaf()) {
            around.user.clone_from(&member.user);
            around.process = member.pid.and_then(|pid| PidRef::of(pid.cast_signed()).ok()?);
            let own = around.directory.join("tasks").join(member.task.as_str());
            if own.is_dir() {
                around.directory = own;
            }
        }
        around
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while holding it; if it did, the maps would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }
}

/// Why the owner could not run its command, if it says so.
fn failure(path: &Path) -> Option<String> {
    use std::io::Read as _;
    let mut text = Vec::new();
    std::fs::File::open(path).ok()?.take(ERROR_LIMIT_BYTES).read_to_end(&mut text).ok()?;
    let text = String::from_utf8_lossy(&text);
    text.lines().find_map(|line| line.strip_prefix(CANNOT_RUN)).map(str::to_owned)
}
