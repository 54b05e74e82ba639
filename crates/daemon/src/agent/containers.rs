//! Containers as processes: started, watched, found again and destroyed for the agent core.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use agent::nested::NestedId;
use agent::{Agent, ContainerFate, Event, ExitStatus, LaunchSpec, Program};
use model::ContainerId;
use model::resources::Volume;
use tokio::runtime::Handle;

use super::Settings;
use super::nested::Nested;
use super::{sandbox, volumes};
use crate::container::cgroup::{Cgroup, Cgroups, Limits};
use crate::container::destroy::{ContainerRef, DestroyError, destroy};
use crate::container::marker;
use crate::container::pidfd::{PidHandle, PidRef};
use crate::container::spawn::{self, SpawnSpec, Stdio};
use crate::driver::Mailbox;
use crate::executor::{
    ATTACH, COMMAND_FILE, DEFAULT_KILL_GRACE, EXIT_FILE, FETCH_CACHE, FETCH_CACHE_BYTES, LOG_FILES,
    LOG_MAX_BYTES, REASON, SWITCH_USER, fetch_variables, read_exit_file, read_reason,
};

/// Time one attempt to destroy a container may take.
const DESTROY_LIMIT: Duration = Duration::from_secs(10);
/// Containers started at the same time; more only compete for the processors.
const LAUNCHES: usize = 4;

/// The agent's containers. Clones share them.
#[derive(Clone, Debug)]
pub(super) struct Containers {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    program: PathBuf,
    work_dir: PathBuf,
    switch_user: bool,
    default_kill_grace: Duration,
    log_max_bytes: u64,
    log_files: u32,
    fetch_cache: PathBuf,
    fetch_cache_bytes: u64,
    cgroups: Option<Cgroups>,
    nested: Nested,
    mailbox: OnceLock<Mailbox<Agent>>,
    launches: tokio::sync::Semaphore,
    state: Mutex<BTreeMap<ContainerId, Known>>,
}

#[derive(Clone, Debug, Default)]
struct Known {
    owner: Option<PidRef>,
    /// Somebody waits for the owner's end and will report it.
    watched: bool,
    destroying: bool,
    launch: Launch,
}

/// How far the launch of a container is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Launch {
    /// There is an owner process, or none is to come.
    #[default]
    Over,
    /// It waits for its turn, or its process is being started.
    Pending,
    /// As [`Self::Pending`], but its destruction has been asked for.
    Unwanted,
}

/// What the request to destroy a container meets.
enum Begin {
    Destroy(Known),
    AlreadyOn,
    Unknown,
}

impl Containers {
    pub(super) fn new(
        settings: &Settings,
        work_dir: &Path,
        address: SocketAddr,
        nested: Nested,
    ) -> Self {
        let name = address.port().to_string();
        let cgroups = match Cgroups::detect(settings.cgroups_root.as_deref(), &name) {
            Ok(cgroups) => Some(cgroups),
            Err(why) => {
                tracing::info!(%why, "containers are process trees without cgroups");
                None
            }
        };
        Self {
            inner: Arc::new(Inner {
                program: settings.program.clone(),
                work_dir: work_dir.to_owned(),
                switch_user: settings.switch_user,
                default_kill_grace: settings.default_kill_grace,
                log_max_bytes: settings.log_max_bytes,
                log_files: settings.log_files,
                fetch_cache: settings
                    .fetcher_cache_dir
                    .clone()
                    .unwrap_or_else(|| work_dir.join("fetch")),
                fetch_cache_bytes: settings.fetcher_cache_size,
                cgroups,
                nested,
                mailbox: OnceLock::new(),
                launches: tokio::sync::Semaphore::new(LAUNCHES),
                state: Mutex::default(),
            }),
        }
    }

    /// Where the ends of containers are reported from now on.
    pub(super) fn report_to(&self, mailbox: Mailbox<Agent>) {
        // Set once, at start.
        drop(self.inner.mailbox.set(mailbox));
    }

    /// What became of the containers the store knows: those of this boot that run are kept, what
    /// is left of the others is killed.
    pub(super) async fn find(
        &self,
        records: &agent::Records,
        boot_id: &str,
    ) -> BTreeMap<ContainerId, ContainerFate> {
        let same_boot = records.agent.as_ref().is_none_or(|record| record.boot_id() == boot_id);
        let mut fates = BTreeMap::new();
        for (container, record) in &records.executors {
            let owner = record.pid.and_then(|pid| {
                Some(PidRef { pid: i32::try_from(pid).ok()?, started: record.pid_started() })
            });
            let alive = same_boot && owner.is_some_and(|owner| owner.is_alive().unwrap_or(false));
            self.inner.state().insert(container.clone(), Known { owner, ..Known::default() });
            let fate = if alive {
                self.inner.nested.recover(container);
                ContainerFate::Alive
            } else {
                if same_boot {
                    self.sweep(container).await;
                }
                let status = self.inner.recorded_status(container);
                self.inner.nested.forget(container, status);
                ContainerFate::Exited(status)
            };
            fates.insert(container.clone(), fate);
        }
        fates
    }

    /// Kills what a container without owner left behind.
    async fn sweep(&self, container: &ContainerId) {
        let container_ref = self.inner.container_ref(container, None);
        if let Err(error) = destroy(&container_ref, DESTROY_LIMIT).await {
            tracing::warn!(%container, %error, "processes of an ended container are left");
        }
    }

    /// Waits for the ends of the containers that [`Self::find`] found alive.
    pub(super) fn watch_found(&self, runtime: &Handle) {
        let found: Vec<(ContainerId, PidRef)> = {
            let mut state = self.inner.state();
            state
                .iter_mut()
                .filter_map(|(container, known)| {
                    known.watched = true;
                    Some((container.clone(), known.owner?))
                })
                .collect()
        };
        for (container, owner) in found {
            let this = self.clone();
            runtime.spawn(async move {
                let exited = match owner.open() {
                    Ok(Some(handle)) => handle.exited().await,
                    Ok(None) => Ok(()),
                    Err(error) => Err(error),
                };
                if let Err(error) = exited {
                    tracing::warn!(%container, %error, "cannot watch the container's owner");
                }
                let status = this.inner.recorded_status(&container);
                this.ended(container, status).await;
            });
        }
    }

    pub(super) fn launch(&self, spec: LaunchSpec, runtime: &Handle) {
        // Before anything is waited for: a destruction that is asked for next must find it, or it would
        // be reported gone and start afterwards.
        let known = Known { launch: Launch::Pending, ..Known::default() };
        self.inner.state().insert(spec.container.clone(), known);
        let this = self.clone();
        runtime.spawn(async move {
            let container = spec.container.clone();
            let _place = this.inner.launches.acquire().await;
            if this.inner.is_unwanted(&container) {
                this.inner.forget(&container);
                let status = ExitStatus::Unknown;
                return this.report(Event::ContainerExited { container, status }).await;
            }
            let inner = this.inner.clone();
            let started = tokio::task::spawn_blocking(move || inner.start(&spec))
                .await
                .unwrap_or_else(|e| Err(format!("the agent could not start the container: {e}")));
            match started {
                Ok(handle) => this.watch(container, handle).await,
                Err(error) => {
                    this.inner.state().remove(&container);
                    this.report(Event::ContainerLaunchFailed { container, error }).await;
                }
            }
        });
    }

    async fn watch(&self, container: ContainerId, handle: PidHandle) {
        let PidRef { pid, started } = handle.process();
        {
            let mut state = self.inner.state();
            let known = state.entry(container.clone()).or_default();
            known.owner = Some(handle.process());
            known.watched = true;
            // If it was unwanted meanwhile, the core asks again once it hears of the launch.
            known.launch = Launch::Over;
        }
        let pid = u32::try_from(pid).unwrap_or_default();
        let launched =
            Event::ContainerLaunched { container: container.clone(), pid, pid_started: started };
        self.report(launched).await;
        let this = self.clone();
        // The place among the launches is free from here on.
        tokio::spawn(async move {
            let status = match handle.wait().await {
                Ok(status) => exit_status(status),
                Err(error) => {
                    tracing::warn!(%container, %error, "cannot wait for the container's owner");
                    ExitStatus::Unknown
                }
            };
            this.ended(container, status).await;
        });
    }

    /// The owner has ended: makes sure that nothing is left, then reports it.
    async fn ended(&self, container: ContainerId, status: ExitStatus) {
        // An owner that ends by itself does so only once its tree is empty.
        if status != ExitStatus::Exited(0) {
            loop {
                let container_ref = self.inner.container_ref(&container, None);
                match destroy(&container_ref, DESTROY_LIMIT).await {
                    Ok(_nothing_left) => break,
                    Err(error) => self.report_survivors(&container, &error).await,
                }
            }
        }
        // What was nested in it may run below owners of its own.
        self.inner.nested.close(&NestedId::from(&container), None).await;
        self.inner.state().remove(&container);
        let inner = self.inner.clone();
        let ended = container.clone();
        self.report(match self.inner.why_never_begun(&container) {
            Some(error) => Event::ContainerLaunchFailed { container, error },
            None => Event::ContainerExited { container, status },
        })
        .await;
        // Nobody waits for that.
        drop(tokio::task::spawn_blocking(move || {
            inner.clear(&ended);
            inner.nested.forget(&ended, status);
        }));
    }

    pub(super) fn destroy(&self, container: ContainerId, runtime: &Handle) {
        let this = self.clone();
        runtime.spawn(async move {
            let known = match this.inner.begin_destroy(&container) {
                Begin::Destroy(known) => known,
                Begin::AlreadyOn => return,
                Begin::Unknown => {
                    // Never started, or ended and reported before.
                    let status = ExitStatus::Unknown;
                    this.report(Event::ContainerExited { container, status }).await;
                    return;
                }
            };
            let container_ref = this.inner.container_ref(&container, known.owner);
            let outcome = destroy(&container_ref, DESTROY_LIMIT).await;
            this.inner.end_destroy(&container);
            match outcome {
                // Whoever watches the owner reports the end.
                Ok(_nothing_left) if known.watched => {}
                Ok(_nothing_left) => this.ended(container, ExitStatus::Signalled(9)).await,
                Err(error) => this.report_survivors(&container, &error).await,
            }
        });
    }

    pub(super) fn make_volumes(&self, made: &[Volume]) {
        volumes::make(&self.inner.work_dir, made);
    }

    /// For a container that runs: what goes wrong is for its log.
    pub(super) fn link_volumes(&self, directory: &str, user: Option<&str>, wanted: &[Volume]) {
        let work_dir = &self.inner.work_dir;
        let user = user.filter(|_| self.inner.switch_user);
        if let Err(error) = volumes::link(work_dir, &work_dir.join(directory), user, wanted) {
            tracing::warn!(directory, error, "a task will not find its volume");
        }
    }

    pub(super) fn remove_volumes(
        &self,
        operation: bytes::Bytes,
        destroyed: Vec<Volume>,
        runtime: &Handle,
    ) {
        let this = self.clone();
        runtime.spawn(async move {
            let inner = this.inner.clone();
            let outcome =
                tokio::task::spawn_blocking(move || volumes::remove(&inner.work_dir, &destroyed))
                    .await
                    .unwrap_or_else(|error| Err(format!("the agent could not remove it: {error}")));
            this.report(Event::VolumesRemoved { operation, outcome }).await;
        });
    }

    /// The cgroup of a container, whether it exists or not; nothing where there are no cgroups.
    pub(super) fn cgroup(&self, container: &ContainerId) -> Option<Cgroup> {
        self.inner.cgroups.as_ref()?.open(container.as_str()).ok()
    }

    async fn report_survivors(&self, container: &ContainerId, error: &DestroyError) {
        let survivors = vec![error.to_string()];
        let container = container.clone();
        self.report(Event::ContainerDestroyFailed { container, survivors }).await;
    }

    async fn report(&self, event: Event) {
        if let Some(mailbox) = self.inner.mailbox.get() {
            mailbox.tell(event).await;
        }
    }
}

impl Inner {
    fn state(&self) -> MutexGuard<'_, BTreeMap<ContainerId, Known>> {
        // No code panics while holding it; if it did, the map would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin_destroy(&self, container: &ContainerId) -> Begin {
        match self.state().get_mut(container) {
            None => Begin::Unknown,
            Some(known) if known.launch != Launch::Over => {
                known.launch = Launch::Unwanted;
                Begin::AlreadyOn
            }
            Some(known) if known.destroying => Begin::AlreadyOn,
            Some(known) => {
                known.destroying = true;
                Begin::Destroy(known.clone())
            }
        }
    }

    fn is_unwanted(&self, container: &ContainerId) -> bool {
        self.state().get(container).is_some_and(|known| known.launch == Launch::Unwanted)
    }

    fn end_destroy(&self, container: &ContainerId) {
        if let Some(known) = self.state().get_mut(container) {
            known.destroying = false;
        }
    }

    fn container_ref(&self, container: &ContainerId, owner: Option<PidRef>) -> ContainerRef {
        let cgroup =
            self.cgroups.as_ref().and_then(|cgroups| cgroups.open(container.as_str()).ok());
        ContainerRef { marker: marker::CONTAINER_ID, id: container.to_string(), owner, cgroup }
    }

    /// A file the agent keeps of a container outside of its sandbox.
    fn meta(&self, container: &ContainerId, kind: &str) -> PathBuf {
        self.work_dir.join("meta/containers").join(format!("{container}.{kind}"))
    }

    fn recorded_status(&self, container: &ContainerId) -> ExitStatus {
        match read_exit_file(&self.meta(container, "exit")) {
            Ok(status) => status.map_or(ExitStatus::Unknown, exit_status),
            Err(error) => {
                tracing::warn!(%container, %error, "cannot read how the container ended");
                ExitStatus::Unknown
            }
        }
    }

    /// Why the container's owner did not start what it was to own, if it did not.
    fn why_never_begun(&self, container: &ContainerId) -> Option<String> {
        read_reason(&self.meta(container, "exit")).unwrap_or_else(|error| {
            tracing::warn!(%container, %error, "cannot read why the container did not begin");
            None
        })
    }

    fn forget(&self, container: &ContainerId) {
        self.state().remove(container);
        self.clear(container);
    }

    /// Removes what is left of an ended container outside of its sandbox.
    fn clear(&self, container: &ContainerId) {
        if let Some(cgroups) = &self.cgroups
            && let Ok(cgroup) = cgroups.open(container.as_str())
            && cgroup.exists()
            && let Err(error) = cgroup.remove()
        {
            tracing::debug!(%container, %error, "the container's cgroup is left");
        }
        for kind in ["exit", "command", REASON] {
            if let Err(error) = std::fs::remove_file(self.meta(container, kind))
                && error.kind() != std::io::ErrorKind::NotFound
            {
                tracing::debug!(%container, %error, "a file of the container is left");
            }
        }
    }

    /// Starts the owner process. The error is a sentence for the task's status message.
    fn start(&self, spec: &LaunchSpec) -> Result<PidHandle, String> {
        let user = spec.user.as_deref().filter(|_| self.switch_user);
        let directory = self.work_dir.join(&spec.directory);
        sandbox::create(&directory, user)?;
        volumes::link(&self.work_dir, &directory, user, &spec.volumes)?;
        let exit = self.meta(&spec.container, "exit");
        if let Some(folder) = exit.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        }
        // Made now: a new file costs the most of an owner's end, and a drain waits for many ends at once.
        sandbox::write(&exit, b"")?;

        let mut env = spec.environment.clone();
        env.insert(marker::CONTAINER_ID.to_owned(), spec.container.to_string());
        env.insert("PATH".to_owned(), spawn::DEFAULT_PATH.to_owned());
        let attach = self.nested.attach_prefix(&spec.container);
        env.insert(ATTACH.to_owned(), attach.display().to_string());
        env.insert(EXIT_FILE.to_owned(), exit.display().to_string());
        env.insert(LOG_MAX_BYTES.to_owned(), self.log_max_bytes.to_string());
        env.insert(LOG_FILES.to_owned(), self.log_files.to_string());
        env.insert(FETCH_CACHE.to_owned(), self.fetch_cache.display().to_string());
        env.insert(FETCH_CACHE_BYTES.to_owned(), self.fetch_cache_bytes.to_string());
        env.extend(fetch_variables());
        let grace = model::duration::format_mesos(self.default_kill_grace);
        env.insert(DEFAULT_KILL_GRACE.to_owned(), grace);
        env.insert(SWITCH_USER.to_owned(), u8::from(self.switch_user).to_string());
        let command = match &spec.program {
            Program::Builtin => "executor",
            Program::Custom(command) => {
                let file = self.meta(&spec.container, "command");
                sandbox::write(&file, &wire::protobuf::encode(&executor_info(spec, command)))?;
                env.insert(COMMAND_FILE.to_owned(), file.display().to_string());
                "launch"
            }
        };
        let program = self.program.display().to_string();
        let argv = vec!["ebb".to_owned(), command.to_owned()];
        let program = spawn::Program::Exec { path: program, argv };
        let stderr = sandbox::log(&directory.join("executor.log"), user)?;
        let cgroup = self.cgroup(spec)?;
        let spawned = spawn::spawn(SpawnSpec {
            env,
            stderr: Stdio::Fd(stderr),
            subreaper: true,
            cgroup,
            ..SpawnSpec::new(program, directory)
        });
        spawned.map_err(|error| error.to_string())
    }

    fn cgroup(&self, spec: &LaunchSpec) -> Result<Option<PathBuf>, String> {
        let Some(cgroups) = &self.cgroups else { return Ok(None) };
        let thousandths =
            |name| spec.resources.scalar(name).and_then(|value| u64::try_from(value.0).ok());
        let limits = Limits {
            memory_bytes: thousandths("mem").map(|mib| mib.saturating_mul(1 << 20) / 1000),
            cpu_millis: thousandths("cpus"),
            pids: None,
        };
        let (cgroup, _not_enforced) = cgroups
            .create(spec.container.as_str(), limits)
            .map_err(|error| format!("cannot make the container's cgroup: {error}"))?;
        Ok(Some(cgroup.path().to_owned()))
    }
}

/// What `ebb launch` is told of the executor it runs.
fn executor_info(spec: &LaunchSpec, command: &wire::v1::CommandInfo) -> wire::v1::ExecutorInfo {
    let mut command = command.clone();
    if command.user.is_none() {
        command.user.clone_from(&spec.user);
    }
    wire::v1::ExecutorInfo {
        executor_id: spec.executor.to_wire(),
        command: Some(command),
        container: spec.container_info.clone(),
        ..wire::v1::ExecutorInfo::default()
    }
}

fn exit_status(status: std::process::ExitStatus) -> ExitStatus {
    match (status.code(), status.signal()) {
        (Some(code), _) => ExitStatus::Exited(code),
        (None, Some(signal)) => ExitStatus::Signalled(signal),
        (None, None) => ExitStatus::Unknown,
    }
}
