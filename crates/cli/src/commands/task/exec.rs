//! `ebb task exec` and `ebb task attach`.

use std::process::ExitCode;

use daemon::http::client::ClientError;
use wire::master::response::GetTasks;
use wire::v1::environment::Variable;
use wire::v1::tty_info::WindowSize;
use wire::v1::{
    CommandInfo, ContainerId, ContainerInfo, Environment, Task, TtyInfo, container_info,
};

use crate::api::Master;
use crate::args::task::{AttachArgs, ExecArgs};
use crate::attach::{Ended, Relay, Session, Streams, has_terminal, size};
use crate::commands::Outcome;
use crate::exit::{Exit, Failure};
use crate::node::nodes;
use crate::output;
use crate::task::{find, is_over, state_word};

/// What a program exits with that could not be started, as docker(1) and others have it.
const NOT_STARTED: i32 = 125;

pub(super) async fn exec(master: &Master, args: ExecArgs) -> Outcome {
    let tasks = master.tasks().await?;
    let task = find(&tasks, &args.task.task)?;
    let term = std::env::var("TERM").unwrap_or_else(|_| "xterm".to_owned());
    let target = Target::of(master, task).await?;
    let ended = run(&target, args, &term).await?;
    let ended = ended.map_err(|error| target.failure(error))?;
    Ok(code(&ended, target.title()))
}

pub(super) async fn attach(master: &Master, args: &AttachArgs) -> Outcome {
    let tasks = master.tasks().await?;
    let task = find(&tasks, &args.task.task)?;
    let target = Target::of(master, task).await?;
    let ended = follow(&target, args.no_stdin).await?;
    let ended = ended.map_err(|error| {
        let needs_terminal = error.status().is_some_and(|status| status.as_u16() == 500);
        let failure = target.failure(error);
        if needs_terminal {
            failure.hint(
                "only tasks that were launched with a terminal (`tty_info`) can be attached to; \
                          `ebb task exec` runs a command beside any task",
            )
        } else {
            failure
        }
    })?;
    Ok(code(&ended, target.title()))
}

/// Runs a command in a task's container.
///
/// # Errors
/// What is asked for makes no sense here; inside, what the agent said.
pub(in crate::commands) async fn run(
    target: &Target,
    args: ExecArgs,
    term: &str,
) -> Result<Result<Ended, ClientError>, Failure> {
    if args.interactive && args.tty && !has_terminal() {
        return Err(Failure::error("stdin is not a terminal"));
    }
    let session = target.session(args.command, args.user, args.tty.then_some(term));
    let relay = Relay { streams: &target.streams, reads: args.interactive, is_terminal: args.tty };
    Ok(relay.run(session).await)
}

/// Attaches to a task.
///
/// # Errors
/// As [`run`].
pub(in crate::commands) async fn follow(
    target: &Target,
    no_stdin: bool,
) -> Result<Result<Ended, ClientError>, Failure> {
    let is_terminal = has_terminal();
    if !no_stdin && !is_terminal {
        return Err(Failure::error("stdin is not a terminal")
            .hint("--no-stdin attaches to what the task writes only"));
    }
    let relay = Relay { streams: &target.streams, reads: !no_stdin, is_terminal: !no_stdin };
    Ok(relay.attach(&target.container).await)
}

/// The code to exit with: that of the program, or 128 and the number of the signal that ended it.
pub(in crate::commands) fn code(ended: &Ended, title: &str) -> ExitCode {
    let code = match ended {
        Ended::Output | Ended::Detached => 0,
        Ended::Signal(number) => 128 + number,
        Ended::Program { wait_status, message } => {
            let status = wait_status.unwrap_or(NOT_STARTED << 8);
            if let Some(message) = message {
                output::talk(&format!("error: {title}: {message}"));
            }
            match status & 0x7f {
                0 => (status >> 8) & 0xff,
                signal => 128 + signal,
            }
        }
    };
    ExitCode::from(u8::try_from(code).unwrap_or(u8::MAX))
}

/// A task's container, and the agent it is on.
#[derive(Debug)]
pub(in crate::commands) struct Target {
    streams: Streams,
    container: ContainerId,
    title: String,
}

impl Target {
    pub(in crate::commands) async fn of(master: &Master, task: &Task) -> Result<Self, Failure> {
        let id = &task.task_id.value;
        if is_over(task) {
            return Err(Failure::error(format!(
                "task {id} is {}: nothing of it runs any more",
                state_word(task.state)
            )));
        }
        let mut containers =
            task.statuses.iter().rev().filter_map(|it| it.container_status.as_ref());
        let container = containers.find_map(|status| status.container_id.clone());
        let container = container.ok_or_else(|| {
            Failure::error(format!("task {id} is {}: it does not run yet", state_word(task.state)))
        })?;
        let agents = nodes(master.agents().await?, &GetTasks::default());
        let node = agents.iter().find(|node| node.id == task.agent_id.value);
        let node = node.ok_or_else(|| {
            Failure::error(format!("the node of task {id} is not known any more"))
        })?;
        let address = node.address.as_deref().ok_or_else(|| {
            Failure::new(Exit::Unreachable, format!("{} is {}", node.title(), node.status()))
        })?;
        let streams = Streams::new(address, master.client().authorization());
        Ok(Self { streams, container, title: format!("task {id} on {}", node.title()) })
    }

    pub(in crate::commands) fn title(&self) -> &str {
        &self.title
    }

    fn failure(&self, error: ClientError) -> Failure {
        let failure = Failure::from(error);
        Failure {
            message: format!("{}: {}", self.title, failure.message),
            // They are about masters.
            hints: Vec::new(),
            ..failure
        }
    }

    // Mesos: what its command line sends.
    fn session(&self, command: Vec<String>, user: Option<String>, term: Option<&str>) -> Session {
        let value = command.first().cloned();
        let environment = term.map(|term| Environment {
            variables: vec![Variable {
                name: "TERM".to_owned(),
                value: Some(term.to_owned()),
                ..Variable::default()
            }],
        });
        let window = size().map(|(rows, columns)| WindowSize { rows, columns });
        Session {
            container_id: ContainerId {
                value: daemon::random::uuid(),
                parent: Some(Box::new(self.container.clone())),
            },
            command: Some(CommandInfo {
                value,
                arguments: command,
                shell: Some(false),
                user,
                environment,
                ..CommandInfo::default()
            }),
            container: Some(ContainerInfo {
                r#type: container_info::Type::Mesos.into(),
                tty_info: term.map(|_| TtyInfo { window_size: window }),
                ..ContainerInfo::default()
            }),
        }
    }
}
