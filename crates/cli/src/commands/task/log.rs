//! `ebb task log`: what a task wrote, read through its agent.

use std::process::ExitCode;
use std::time::Duration;

use daemon::http::client::ClientError;
use wire::ebb::Reachability;
use wire::master::response::{GetState, GetTasks};
use wire::v1::Task;

use super::rotation::{Files, Follower, PIECE_BYTES, Sign};
use crate::api::{Agent, Master};
use crate::args::task::LogArgs;
use crate::commands::Outcome;
use crate::exit::{Exit, Failure};
use crate::node::nodes;
use crate::output;
use crate::task::{find, is_over};

/// Pause between two looks at a file that may grow.
const PAUSE: Duration = Duration::from_millis(200);

pub(super) async fn run(master: &Master, args: &LogArgs) -> Outcome {
    let tasks = master.tasks().await?;
    let task = find(&tasks, &args.task.task)?;
    let file = if args.stderr { "stderr" } else { "stdout" };
    print(master, task, file, args.lines, args.follow).await?;
    Ok(ExitCode::SUCCESS)
}

/// Prints a file of the task's sandbox: all of it or the last `lines`, then what is added.
pub(in crate::commands) async fn print(
    master: &Master,
    task: &Task,
    file: &str,
    lines: Option<usize>,
    follow: bool,
) -> Result<(), Failure> {
    let log = Log::of(master, task, file).await?;
    let offset = match lines {
        Some(lines) => log.start_of_last(lines).await?,
        None => 0,
    };
    let mut follower = Follower::begin(&log, offset).await?;
    loop {
        // Asked before the read: what was written before the end is still to be printed.
        let over = !follow || has_ended(master, task).await;
        let lost = || output::talk(&format!("some of {} was rotated away unread", log.title));
        follower.advance(&log, output::data, lost).await?;
        if over {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// A task the master does not know any more has ended, if its agent is there to tell of it: a new leader
/// knows no task of an agent that is not back.
async fn has_ended(master: &Master, task: &Task) -> bool {
    let Ok(tasks) = master.tasks().await else { return false };
    match live(&tasks, task) {
        Some(task) => is_over(task),
        None => master.state().await.is_ok_and(|state| is_over_in(state, task)),
    }
}

fn live<'a>(tasks: &'a GetTasks, task: &Task) -> Option<&'a Task> {
    let is_it =
        |other: &&Task| other.task_id == task.task_id && other.framework_id == task.framework_id;
    tasks.tasks.iter().chain(&tasks.unreachable_tasks).find(is_it)
}

fn is_over_in(state: GetState, task: &Task) -> bool {
    let tasks = state.get_tasks.unwrap_or_default();
    if let Some(task) = live(&tasks, task) {
        return is_over(task);
    }
    let agents = nodes(state.get_agents.unwrap_or_default(), &tasks);
    let agent = agents.iter().find(|node| node.id == task.agent_id.value);
    agent.is_none_or(|node| {
        !matches!(node.reachability, Reachability::Recovered | Reachability::Unreachable)
    })
}

/// A file in a sandbox.
struct Log {
    agent: Agent,
    path: String,
    title: String,
}

impl Log {
    async fn of(master: &Master, task: &Task, file: &str) -> Result<Self, Failure> {
        let agents = nodes(master.agents().await?, &GetTasks::default());
        let node = agents.iter().find(|node| node.id == task.agent_id.value).ok_or_else(|| {
            Failure::error(format!("the node of task {} is not known any more", task.task_id.value))
        })?;
        let address = node.address.as_deref().ok_or_else(|| {
            Failure::new(Exit::Unreachable, format!("{} is {}", node.title(), node.status()))
                .hint("what the task wrote can be read when the agent is back")
        })?;
        // Mesos: a command task's executor has the task's id.
        let executor = task.executor_id.as_ref().map(|id| id.value.as_str());
        let executor = executor.filter(|id| !id.is_empty()).unwrap_or(&task.task_id.value);
        let sandbox = format!(
            "slaves/{}/frameworks/{}/executors/{executor}/runs/latest",
            task.agent_id.value, task.framework_id.value
        );
        let agent = Agent::new(master.client().clone(), address);
        let title = format!("{file} of {} on {}", task.task_id.value, node.title());
        let relative = format!("{sandbox}/{file}");
        // In a task group each task has a directory of its own.
        let grouped = format!("{sandbox}/tasks/{}/{file}", task.task_id.value);
        // Mesos: paths below the work directory are given in full.
        let mut candidates = vec![grouped.clone(), relative.clone()];
        if let Ok(flags) = agent.flags().await {
            let work_dir = flags.into_iter().find(|flag| flag.name == "work_dir");
            if let Some(work_dir) = work_dir.and_then(|flag| flag.value) {
                candidates
                    .extend([format!("{work_dir}/{grouped}"), format!("{work_dir}/{relative}")]);
            }
        }
        for path in candidates {
            match agent.read_file(&path, 0, Some(0)).await {
                Ok(_) => return Ok(Self { agent, path, title }),
                Err(error) if error.status().is_some_and(|status| status.as_u16() == 404) => {}
                Err(error) => return Err(unreadable(&title, error)),
            }
        }
        Err(Failure::error(format!("there is no {title}"))
            .hint("the task may not have started yet, or its sandbox was removed"))
    }

    async fn piece(&self, offset: u64, length: u64) -> Result<(u64, bytes::Bytes), Failure> {
        let read = self.agent.read_file(&self.path, offset, Some(length)).await;
        read.map_err(|error| unreadable(&self.title, error))
    }

    /// The offset at which the last `lines` lines begin.
    async fn start_of_last(&self, lines: usize) -> Result<u64, Failure> {
        let (size, _) = self.piece(0, 0).await?;
        if lines == 0 {
            return Ok(size);
        }
        let mut end = size;
        let mut piece = PIECE_BYTES;
        let mut ends_seen = 0;
        while end > 0 {
            let start = end.saturating_sub(piece);
            let (_, data) = self.piece(start, end - start).await?;
            if data.is_empty() {
                return Ok(0);
            }
            // An agent may give less than was asked for: ask for no more than that.
            if start + (data.len() as u64) < end {
                piece = data.len() as u64;
                continue;
            }
            for (at, byte) in data.iter().enumerate().rev() {
                let offset = start + at as u64;
                // The end of the last line begins no other.
                if *byte == b'\n' && offset + 1 < size {
                    ends_seen += 1;
                    if ends_seen == lines {
                        return Ok(offset + 1);
                    }
                }
            }
            end = start;
        }
        Ok(0)
    }
}

impl Log {
    fn numbered(&self, number: u32) -> String {
        if number == 0 { self.path.clone() } else { format!("{}.{number}", self.path) }
    }

    /// `None` for a file that is not there.
    fn if_there<T>(&self, answer: Result<T, ClientError>) -> Result<Option<T>, Failure> {
        match answer {
            Ok(answer) => Ok(Some(answer)),
            Err(error) if error.status().is_some_and(|status| status.as_u16() == 404) => Ok(None),
            Err(error) => Err(unreadable(&self.title, error)),
        }
    }
}

impl Files for Log {
    type Error = Failure;

    async fn read(
        &self,
        number: u32,
        offset: u64,
        length: u64,
    ) -> Result<Option<(u64, bytes::Bytes)>, Failure> {
        let path = self.numbered(number);
        self.if_there(self.agent.read_file(&path, offset, Some(length)).await)
    }

    async fn sign(&self, number: u32) -> Result<Option<Sign>, Failure> {
        let listed = self.agent.list_files(&self.numbered(number)).await;
        let info = self.if_there(listed)?.and_then(|infos| infos.into_iter().next());
        Ok(info.map(|info| Sign {
            size: info.size.unwrap_or_default(),
            changed_nanos: info.mtime.map_or(0, |time| time.nanoseconds),
        }))
    }
}

fn unreadable(title: &str, error: ClientError) -> Failure {
    let failure = Failure::from(error);
    Failure {
        message: format!("cannot read {title}: {}", failure.message),
        hints: Vec::new(),
        ..failure
    }
}
