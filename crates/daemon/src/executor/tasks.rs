//! Starts tasks and their checks: where each runs, as whom, with which environment, and with what it
//! needs fetched before.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use agent::executor::{Event, Probe};
use model::TaskId;
use tokio::task::JoinSet;
use tokio::time::timeout;
use wire::v1::{CommandInfo, ContainerId, TaskInfo};

use super::checks::{CheckKey, Checks};
use super::command::{self, CommandError, Order};
use super::output::Output;
use super::processes::{Change, Owner, Processes};
use super::settings::{Settings, TASK_MARK, task_socket};
use super::streams::{Attach, Outlet};
use super::{fetching, members, report};

/// How long the last update of a task waits for its output to be written. Less than what a shutdown
/// has left for the update after the last SIGKILL.
const OUTPUT_TIMEOUT: Duration = Duration::from_millis(500);
/// How long the exit waits for the last output of the tasks to be written.
const LOGS_TIMEOUT: Duration = Duration::from_secs(5);

/// Where a task runs.
#[derive(Clone, Debug)]
struct Surroundings {
    directory: PathBuf,
    environment: BTreeMap<String, String>,
    user: Option<String>,
}

#[derive(Debug)]
struct Fetch {
    task: Box<TaskInfo>,
    surroundings: Surroundings,
    /// Absent once it is being waited for.
    output: Option<Output>,
    wait_status: i32,
}

/// The tasks of the executor, as far as processes and files go.
#[derive(Debug)]
pub(super) struct Tasks {
    settings: Settings,
    /// `FrameworkInfo.user`, from SUBSCRIBED.
    pub(super) framework_user: Option<String>,
    pub(super) processes: Processes,
    pub(super) checks: Checks,
    /// Those whose URIs are being fetched.
    fetches: BTreeMap<TaskId, Fetch>,
    /// Fetches that have ended, each until it is known how.
    pub(super) fetched: JoinSet<(TaskId, Result<(), String>)>,
    /// What checks by commands need to know of their task.
    surroundings: BTreeMap<TaskId, Surroundings>,
    logs: BTreeMap<TaskId, Outlet>,
    /// Tasks without processes, each until its output is written.
    pub(super) ending: JoinSet<TaskId>,
    started: u64,
}

impl Tasks {
    pub(super) fn new(settings: Settings) -> std::io::Result<Self> {
        Ok(Self {
            settings,
            framework_user: None,
            processes: Processes::new()?,
            checks: Checks::default(),
            fetches: BTreeMap::new(),
            fetched: JoinSet::new(),
            surroundings: BTreeMap::new(),
            logs: BTreeMap::new(),
            ending: JoinSet::new(),
            started: 0,
        })
    }

    /// What the core has to hear of these changes now.
    pub(super) fn tell(&mut self, changes: Vec<Change>) -> Vec<Event> {
        let mut events = Vec::new();
        for change in changes {
            match change {
                Change::Exited { owner: Owner::Task(task), wait_status } => {
                    events.push(Event::TaskExited { task, wait_status });
                }
                Change::Gone { owner: Owner::Task(task) } => events.extend(self.task_gone(task)),
                Change::Exited { owner: Owner::Check(check), wait_status } => {
                    self.checks.command_exited(&check, wait_status);
                }
                Change::Gone { owner: Owner::Check(check) } => self.checks.command_gone(check),
                Change::Exited { owner: Owner::Fetch(task), wait_status } => {
                    if let Some(fetch) = self.fetches.get_mut(&task) {
                        fetch.wait_status = wait_status;
                    }
                }
                Change::Gone { owner: Owner::Fetch(task) } => self.fetch_gone(task),
            }
        }
        events
    }

    /// That a task's processes are gone is told once its output is written: whoever sees the last update
    /// finds the last line.
    fn task_gone(&mut self, task: TaskId) -> Option<Event> {
        self.surroundings.remove(&task);
        self.checks.forget(&task);
        let Some(logs) = self.logs.get(&task) else { return Some(Event::TreeEmpty { task }) };
        let written = timeout(OUTPUT_TIMEOUT, logs.finished());
        self.ending.spawn(async move {
            // Too late is no reason to keep the update back; the exit waits for the output again.
            drop(written.await);
            task
        });
        None
    }

    /// Starts a task, or what it needs before.
    pub(super) fn start(
        &mut self,
        task: Box<TaskInfo>,
        container: Option<&ContainerId>,
    ) -> Option<Event> {
        let id = TaskId::from(&task.task_id);
        let surroundings = match self.surroundings_of(&id, &task, container) {
            Ok(surroundings) => surroundings,
            Err(error) => return Some(not_started(id, &error.to_string())),
        };
        if task.command.as_ref().is_none_or(|command| command.uris.is_empty()) {
            return Some(self.run(id, &task, surroundings));
        }
        match self.fetch(&id, task, surroundings) {
            Ok(()) => None,
            Err(error) => Some(not_started(id, &error.to_string())),
        }
    }

    /// Ends what is still being fetched for a task.
    pub(super) fn cancel_start(&mut self, task: TaskId) {
        self.processes.kill(&Owner::Fetch(task));
    }

    fn surroundings_of(
        &self,
        id: &TaskId,
        task: &TaskInfo,
        container: Option<&ContainerId>,
    ) -> Result<Surroundings, CommandError> {
        let command = task.command.as_ref().ok_or(CommandError::NoCommand)?;
        let user = command::user_of(&self.settings, command, self.framework_user.as_deref());
        let sandbox = &self.settings.sandbox;
        let directory = match container {
            Some(container) => {
                let own =
                    members::directory(sandbox, &container.value, id.as_str(), user.as_deref())?;
                members::link_volumes(sandbox, &own, &task.resources)?;
                own
            }
            None => sandbox.clone(),
        };
        members::share_folders(sandbox, &directory, task.container.as_deref(), user.as_deref())?;
        let mut environment = self.settings.base.clone();
        let mut set = |name: &str, value: String| environment.insert(name.to_owned(), value);
        set("MESOS_TASK_ID", id.to_string());
        set("MESOS_SANDBOX", directory.display().to_string());
        // Mesos: both are for every task, also with an executor of its own.
        if let Some(address) = &self.settings.address {
            set("MESOS_CONTAINER_IP", address.clone());
        }
        let allocation = task.resources.first().and_then(|one| one.allocation_info.as_ref());
        if let Some(role) = allocation.and_then(|allocation| allocation.role.clone()) {
            set("MESOS_ALLOCATION_ROLE", role);
        }
        Ok(Surroundings { directory, environment, user })
    }

    fn fetch(
        &mut self,
        id: &TaskId,
        task: Box<TaskInfo>,
        surroundings: Surroundings,
    ) -> Result<(), CommandError> {
        let (mark, marks) = self.next_mark();
        let command = task.command.as_ref().ok_or(CommandError::NoCommand)?;
        report::line(format_args!("Fetching {} URIs for task {id}", command.uris.len()));
        let Surroundings { directory, user, .. } = &surroundings;
        let (process, output) =
            fetching::start(&self.settings, command, directory, user.as_deref(), marks)?;
        self.processes.add(Owner::Fetch(id.clone()), process.process(), mark);
        let output = Some(Output::read(output));
        self.fetches.insert(id.clone(), Fetch { task, surroundings, output, wait_status: 0 });
        Ok(())
    }

    fn fetch_gone(&mut self, id: TaskId) {
        let Some(fetch) = self.fetches.get_mut(&id) else { return };
        let Some(output) = fetch.output.take() else { return };
        let wait_status = fetch.wait_status;
        self.fetched.spawn(async move { (id, fetching::outcome(wait_status, output).await) });
    }

    /// All is there, or it is known why not.
    pub(super) fn fetch_ended(&mut self, id: TaskId, outcome: Result<(), String>) -> Option<Event> {
        let Fetch { task, surroundings, .. } = self.fetches.remove(&id)?;
        if let Some(command) = &task.command {
            fetching::trim_cache(&self.settings, command);
        }
        Some(match outcome {
            Ok(()) => self.run(id, &task, surroundings),
            Err(why) => not_started(id, &why),
        })
    }

    fn run(&mut self, id: TaskId, task: &TaskInfo, surroundings: Surroundings) -> Event {
        match self.try_run(&id, task, surroundings) {
            Ok(pid) => {
                report::line(format_args!("Started task {id} as process {pid}"));
                Event::TaskStarted { task: id, pid }
            }
            Err(error) => not_started(id, &error.to_string()),
        }
    }

    fn try_run(
        &mut self,
        id: &TaskId,
        task: &TaskInfo,
        surroundings: Surroundings,
    ) -> Result<u32, CommandError> {
        let command = task.command.as_ref().ok_or(CommandError::NoCommand)?;
        let (mark, marks) = self.next_mark();
        if has_command_check(task) {
            let mut surroundings = surroundings.clone();
            command::add_variables(&mut surroundings.environment, command)?;
            self.surroundings.insert(id.clone(), surroundings);
        }
        let Surroundings { directory, environment, user } = surroundings;
        let order = Order {
            command,
            container: task.container.as_deref(),
            directory,
            environment,
            marks,
            user,
            rotation: self.settings.rotation,
        };
        let prefix = self.settings.attach.as_deref();
        let attach = prefix
            .map(|prefix| Attach { path: task_socket(prefix, id.as_str()), is_session: false });
        let (process, logs) = order.start_for(attach)?;
        self.processes.add(Owner::Task(id.clone()), process.process(), mark);
        self.logs.insert(id.clone(), logs);
        Ok(process.process().pid.unsigned_abs())
    }

    /// What tells the processes of one start from all others.
    fn next_mark(&mut self) -> (String, BTreeMap<String, String>) {
        self.started += 1;
        let container = self.settings.container_id.as_deref().unwrap_or_default();
        let mark = format!("{container}/{}", self.started);
        let mut marks = command::marks(&self.settings);
        marks.insert(TASK_MARK.to_owned(), mark.clone());
        (mark, marks)
    }

    pub(super) fn run_check(&mut self, check: CheckKey, run: u32, probe: Probe) {
        let Probe::Command(command) = probe else {
            return self.checks.connect(check, run, probe);
        };
        match self.start_check(&check, &command) {
            Ok(output) => self.checks.command_started(check, run, output),
            Err(error) => self.checks.not_started(check, run, error.to_string()),
        }
    }

    pub(super) fn stop_check(&mut self, check: CheckKey) {
        self.checks.stop(&check);
        self.processes.kill(&Owner::Check(check));
    }

    // Mesos: a check has the environment and the sandbox of its task.
    fn start_check(
        &mut self,
        check: &CheckKey,
        command: &CommandInfo,
    ) -> Result<Output, CommandError> {
        let (mark, marks) = self.next_mark();
        let found = self.surroundings.get(&check.0).cloned();
        let Surroundings { directory, environment, user } = found.ok_or(CommandError::NoTask)?;
        let own_user = command::user_of(&self.settings, command, None);
        let order = Order {
            command,
            container: None,
            directory,
            environment,
            marks,
            user: own_user.or(user),
            rotation: self.settings.rotation,
        };
        let (process, output) = order.start_piped()?;
        self.processes.add(Owner::Check(check.clone()), process.process(), mark);
        Ok(Output::read(output))
    }

    /// Waits until the output of all tasks is written, within bounds.
    pub(super) async fn finish_logs(&self) {
        let all = async {
            let mut lost_bytes = 0_u64;
            for logs in self.logs.values() {
                lost_bytes = lost_bytes.saturating_add(logs.finished().await);
            }
            lost_bytes
        };
        match timeout(LOGS_TIMEOUT, all).await {
            Ok(0) => {}
            Ok(lost) => report::line(format_args!("{lost} bytes of output could not be kept")),
            Err(_elapsed) => report::line(format_args!("The last output was not all written")),
        }
    }
}

fn not_started(task: TaskId, why: &str) -> Event {
    report::line(format_args!("Cannot start task {task}: {why}"));
    Event::TaskStartFailed { task, error: why.to_owned() }
}

fn has_command_check(task: &TaskInfo) -> bool {
    task.check.as_ref().is_some_and(|check| check.command.is_some())
        || task.health_check.as_ref().is_some_and(|check| check.command.is_some())
}
