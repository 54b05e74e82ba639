//! The shell around [`agent::executor::Executor`]: carries its messages out and tells it what
//! happened, one thing at a time.

use std::collections::VecDeque;
use std::io;
use std::time::Duration;

use agent::executor::{Event, Executor, Message};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::sleep;
use wire::executor::event;

use super::connection::{Connection, Incident};
use super::processes::Owner;
use super::report;
use super::settings::{Environment, ExecutorSettings, Settings};
use super::tasks::Tasks;
use crate::clock::Clock;

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
    clock: Clock,
    core: Executor,
    connection: Connection,
    tasks: Tasks,
    terminations: Signal,
}

impl Session {
    fn start(settings: Settings, executor: ExecutorSettings) -> io::Result<Self> {
        let clock = Clock::start();
        report::line(format_args!(
            "Executor {} of framework {} for the agent at {}",
            executor.config.executor_id, executor.config.framework_id, executor.endpoint
        ));
        Ok(Self {
            tasks: Tasks::new(settings)?,
            terminations: signal(SignalKind::terminate())?,
            connection: Connection::new(executor.endpoint, executor.token.as_deref()),
            core: Executor::new(executor.config, clock.now()),
            clock,
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
                changes = self.tasks.processes.next() => {
                    let changes = changes?;
                    self.tasks.tell(changes)
                }
                Some(Ok(task)) = self.tasks.ending.join_next() => vec![Event::TreeEmpty { task }],
                Some(Ok((task, outcome))) = self.tasks.fetched.join_next() => {
                    self.tasks.fetch_ended(task, outcome).into_iter().collect()
                }
                finished = self.tasks.checks.next() => vec![finished],
                incident = self.connection.next() => vec![self.incident(incident)],
                _ = self.terminations.recv() => {
                    report::line(format_args!("Received SIGTERM"));
                    vec![Event::Agent(Box::new(shutdown()))]
                }
                () = sleep(wake) => vec![Event::Woke],
            };
            for event in events {
                if let Some(code) = self.feed(event) {
                    self.tasks.finish_logs().await;
                    return Ok(u8::try_from(code).unwrap_or(BROKEN));
                }
            }
        }
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
                    Message::Start { task, container } => {
                        events.extend(self.tasks.start(task, container.as_ref()));
                    }
                    Message::CancelStart { task } => self.tasks.cancel_start(task),
                    Message::Terminate { task } => {
                        report::line(format_args!("Sending SIGTERM to task {task}"));
                        self.tasks.processes.terminate(&Owner::Task(task));
                    }
                    Message::Kill { task } => self.tasks.processes.kill(&Owner::Task(task)),
                    Message::RunCheck { task, check, run, probe } => {
                        self.tasks.run_check((task, check), run, probe);
                    }
                    Message::StopCheck { task, check } => self.tasks.stop_check((task, check)),
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
            self.tasks.framework_user = Some(subscribed.framework_info.user.clone());
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
