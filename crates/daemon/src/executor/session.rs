//! The shell around [`agent::executor::Executor`]: carries its messages out and tells it what
//! happened, one thing at a time.

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::time::Duration;

use agent::executor::{Event, Executor, Message};
use model::TaskId;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use wire::executor::event;

use super::command::{self, CommandError, Order};
use super::connection::{Connection, Incident};
use super::processes::Processes;
use super::report;
use super::settings::{Environment, ExecutorSettings, Settings, TASK_MARK};
use crate::clock::Clock;
use crate::container::logs::LogPump;

/// How long the last update of a task waits for its output to be written. Less than what a shutdown
/// has left for the update after the last SIGKILL.
const OUTPUT_TIMEOUT: Duration = Duration::from_millis(500);
/// How long the exit waits for the last output of the tasks to be written.
const LOGS_TIMEOUT: Duration = Duration::from_secs(5);
/// Longest sleep; waking early is harmless.
const SLEEP_LIMIT: Duration = Duration::from_hours(1);
/// The number to exit with when the executor could not begin, or lost hold of its processes.
const BROKEN: u8 = 2;

/// Runs the executor of this process's environment to its end.
pub(super) fn run() -> u8 {
    let environment = Environment::of_process();
    let seed = u128::from_be_bytes(crate::random::bytes());
    let settings = Settings::read(&environment)
        .and_then(|settings| Ok((settings, ExecutorSettings::read(&environment, seed)?)));
    drop(environment);
    let (settings, executor) = match settings {
        Ok(settings) => settings,
        Err(error) => return broken(&error),
    };
    let runtime = match super::runtime() {
        Ok(runtime) => runtime,
        Err(error) => return broken(&error),
    };
    let outcome = runtime.block_on(async { Session::start(settings, executor)?.run().await });
    match outcome {
        Ok(code) => code,
        Err(error) => broken(&error),
    }
}

fn broken(error: &dyn std::error::Error) -> u8 {
    report::line(format_args!("The executor ends: {error}"));
    BROKEN
}

struct Session {
    settings: Settings,
    clock: Clock,
    core: Executor,
    connection: Connection,
    processes: Processes,
    terminations: Signal,
    /// `FrameworkInfo.user`, from SUBSCRIBED.
    framework_user: Option<String>,
    /// Tasks that came in a group, until they are started.
    members: Vec<TaskId>,
    started: u64,
    logs: BTreeMap<TaskId, LogPump>,
    /// Tasks without processes, each until its output is written.
    ending: JoinSet<TaskId>,
}

impl Session {
    fn start(settings: Settings, executor: ExecutorSettings) -> io::Result<Self> {
        let clock = Clock::start();
        report::line(format_args!(
            "Executor {} of framework {} for the agent at {}",
            executor.config.executor_id, executor.config.framework_id, executor.endpoint
        ));
        Ok(Self {
            processes: Processes::new()?,
            terminations: signal(SignalKind::terminate())?,
            connection: Connection::new(executor.endpoint, executor.token.as_deref()),
            core: Executor::new(executor.config, clock.now()),
            settings,
            clock,
            framework_user: None,
            members: Vec::new(),
            started: 0,
            logs: BTreeMap::new(),
            ending: JoinSet::new(),
        })
    }

    async fn run(mut self) -> io::Result<u8> {
        loop {
            let wake = self
                .core
                .next_wake()
                .map_or(SLEEP_LIMIT, |at| self.clock.until(at).min(SLEEP_LIMIT));
            let events = tokio::select! {
                // What happened to processes comes first: it decides what a kill still means.
                biased;
                events = self.processes.next() => self.hold_back(events?),
                Some(Ok(task)) = self.ending.join_next() => vec![Event::TreeEmpty { task }],
                incident = self.connection.next() => vec![self.incident(incident)],
                _ = self.terminations.recv() => {
                    report::line(format_args!("Received SIGTERM"));
                    vec![Event::Agent(Box::new(shutdown()))]
                }
                () = sleep(wake) => vec![Event::Woke],
            };
            for event in events {
                if let Some(code) = self.feed(event) {
                    self.finish_logs().await;
                    return Ok(u8::try_from(code).unwrap_or(BROKEN));
                }
            }
        }
    }

    /// Lets those events through that nothing stands in the way of. That a task's processes are gone
    /// is told once its output is written: whoever sees the last update finds the last line.
    fn hold_back(&mut self, events: Vec<Event>) -> Vec<Event> {
        let mut others = Vec::new();
        for event in events {
            let Event::TreeEmpty { task } = event else {
                others.push(event);
                continue;
            };
            let Some(logs) = self.logs.get(&task) else {
                others.push(Event::TreeEmpty { task });
                continue;
            };
            let written = timeout(OUTPUT_TIMEOUT, logs.finished());
            self.ending.spawn(async move {
                // Too late is no reason to keep the update back; the exit waits for the output again.
                drop(written.await);
                task
            });
        }
        others
    }

    /// Tells the core and carries out what it wants, and what follows from that. Returns the code
    /// to exit with once it is time.
    fn feed(&mut self, event: Event) -> Option<i32> {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for message in self.core.apply(self.clock.now(), event) {
                match message {
                    Message::Subscribe(call) => self.connection.subscribe(*call),
                    Message::Call(call) => {
                        if let Some(update) = &call.update {
                            report_update(&update.status);
                        }
                        self.connection.call(*call);
                    }
                    Message::Start { task } => events.push_back(self.start_task(&task)),
                    Message::Terminate { task } => {
                        report::line(format_args!("Sending SIGTERM to task {task}"));
                        self.processes.terminate(&task);
                    }
                    Message::Kill { task } => self.processes.kill(&task),
                    Message::Exit { code } => {
                        report::line(format_args!("Exiting with status {code}"));
                        return Some(code);
                    }
                }
            }
        }
        None
    }

    fn incident(&mut self, incident: Incident) -> Event {
        match incident {
            Incident::Event(event) => {
                self.remember(&event);
                Event::Agent(event)
            }
            Incident::StreamClosed { why } => {
                report::line(format_args!("Disconnected: {why}"));
                Event::StreamClosed { why }
            }
            Incident::CallFailed { why } => {
                report::line(format_args!("A call failed: {why}"));
                Event::CallFailed { why }
            }
        }
    }

    /// What the shell itself has to know of an event, and what people may want to know.
    fn remember(&mut self, event: &wire::executor::Event) {
        if let Some(subscribed) = &event.subscribed {
            report::line(format_args!("Subscribed"));
            self.framework_user = Some(subscribed.framework_info.user.clone());
        }
        if let Some(group) = &event.launch_group {
            let tasks = group.task_group.tasks.iter();
            self.members.extend(tasks.map(|task| TaskId::from(&task.task_id)));
        }
        if let Some(kill) = &event.kill {
            let grace = kill.kill_policy.as_ref().and_then(|policy| policy.grace_period);
            let grace = grace.map_or_else(
                || "its own grace".to_owned(),
                |grace| {
                    let nanos = u64::try_from(grace.nanoseconds).unwrap_or(0);
                    format!("grace {}", model::duration::format_mesos(Duration::from_nanos(nanos)))
                },
            );
            report::line(format_args!("Received KILL for task {}, {grace}", kill.task_id.value));
        }
        if event.r#type == Some(event::Type::Shutdown as i32) {
            report::line(format_args!("Received SHUTDOWN"));
        }
    }

    fn start_task(&mut self, task: &wire::v1::TaskInfo) -> Event {
        let id = TaskId::from(&task.task_id);
        match self.try_start(&id, task) {
            Ok(pid) => {
                report::line(format_args!("Started task {id} as process {pid}"));
                Event::TaskStarted { task: id, pid }
            }
            Err(error) => {
                report::line(format_args!("Cannot start task {id}: {error}"));
                Event::TaskStartFailed { task: id, error: error.to_string() }
            }
        }
    }

    fn try_start(&mut self, id: &TaskId, task: &wire::v1::TaskInfo) -> Result<u32, CommandError> {
        let is_member = self.members.contains(id);
        self.members.retain(|member| member != id);
        let command = task.command.as_ref().ok_or(CommandError::NoCommand)?;
        let user = command::user_of(&self.settings, command, self.framework_user.as_deref());
        let directory = if is_member {
            command::member_directory(&self.settings.sandbox, id.as_str(), user.as_deref())?
        } else {
            self.settings.sandbox.clone()
        };
        let mut environment = self.settings.base.clone();
        environment.insert("MESOS_TASK_ID".to_owned(), id.to_string());
        environment.insert("MESOS_SANDBOX".to_owned(), directory.display().to_string());

        self.started += 1;
        let container = self.settings.container_id.as_deref().unwrap_or_default();
        let mark = format!("{container}/{}", self.started);
        let mut marks = command::marks(&self.settings);
        marks.insert(TASK_MARK.to_owned(), mark.clone());
        let order = Order {
            command,
            container: task.container.as_deref(),
            directory,
            environment,
            marks,
            user,
            rotation: self.settings.rotation,
        };
        let (process, logs) = order.start()?;
        self.processes.add(id.clone(), process.process(), mark);
        self.logs.insert(id.clone(), logs);
        Ok(process.process().pid.unsigned_abs())
    }

    async fn finish_logs(&self) {
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

fn shutdown() -> wire::executor::Event {
    wire::executor::Event {
        r#type: Some(event::Type::Shutdown as i32),
        ..wire::executor::Event::default()
    }
}

fn report_update(status: &wire::v1::TaskStatus) {
    let state = model::task::state_from_wire(status.state)
        .map_or("an unknown state", |state| state.as_str_name());
    let task = &status.task_id.value;
    match &status.message {
        Some(message) => report::line(format_args!("{state} for task {task}: {message}")),
        None => report::line(format_args!("{state} for task {task}")),
    }
}
