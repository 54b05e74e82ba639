//! `dcos task …`.

use std::process::ExitCode;

use serde_json::{Value, json};
use wire::master::response::{GetAgents, GetFrameworks, GetTasks};
use wire::v1::{Task, TaskState};

use super::{agent_error, read_error};
use crate::api::Master;
use crate::args::dcos::{DcosTask, DcosTaskList};
use crate::attach::Ended;
use crate::commands::Outcome;
use crate::commands::task::exec::{self, Target};
use crate::exit::Failure;
use crate::output::{self, table::Table};
use crate::task::{framework_of, is_over};

pub(super) async fn run(master: &Master, command: DcosTask) -> Outcome {
    match command {
        DcosTask::List(args) => list(master, &args).await?,
        DcosTask::Exec(args) => {
            let tasks = master.tasks().await.map_err(read_error)?;
            let target = Target::of(master, one(&tasks, &args.task.task)?).await?;
            // As `dcos` has it, whatever the terminal is.
            let ended = exec::run(&target, args, "xterm").await?.map_err(agent_error)?;
            return Ok(code(&ended, target.title()));
        }
        DcosTask::Attach(args) => {
            let tasks = master.tasks().await.map_err(read_error)?;
            let target = Target::of(master, one(&tasks, &args.task.task)?).await?;
            let ended = exec::follow(&target, args.no_stdin).await?.map_err(agent_error)?;
            return Ok(code(&ended, target.title()));
        }
        DcosTask::Log { task, file, lines, follow, all, completed } => {
            let tasks = master.tasks().await.map_err(read_error)?;
            let shown = select(&tasks, all, completed, Some(&task), None);
            if shown.is_empty() {
                return Err(Failure::error(format!("no task ID found containing '{task}'")));
            }
            let heading = shown.len() > 1;
            for task in shown {
                if heading {
                    output::line(&format!("===> {} <===", task.task_id.value));
                }
                crate::commands::task::log::print(master, task, &file, Some(lines), follow).await?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The one running task that `filter` names.
fn one<'a>(tasks: &'a GetTasks, filter: &str) -> Result<&'a Task, Failure> {
    let fitting = select(tasks, false, false, Some(filter), None);
    if let Some(exact) = fitting.iter().find(|task| task.task_id.value == filter) {
        return Ok(exact);
    }
    match fitting.as_slice() {
        [one] => Ok(one),
        [] => Err(Failure::error(format!("no task ID found containing '{filter}'"))),
        several => {
            let ids: Vec<&str> = several.iter().map(|task| task.task_id.value.as_str()).collect();
            let ids = ids.join(" ");
            Err(Failure::error(format!("found more than one task with the same name: [{ids}]")))
        }
    }
}

/// Ended by a signal, `dcos` exits with 1.
fn code(ended: &Ended, title: &str) -> ExitCode {
    match ended {
        Ended::Signal(_) => ExitCode::FAILURE,
        Ended::Program { .. } | Ended::Output | Ended::Detached => exec::code(ended, title),
    }
}

/// Active tasks, ended ones or both, whose id holds `filter`.
// Mesos: unreachable tasks are not read.
fn select<'a>(
    tasks: &'a GetTasks,
    all: bool,
    completed: bool,
    filter: Option<&str>,
    agent: Option<&str>,
) -> Vec<&'a Task> {
    let shown = |task: &&Task| match (completed, all) {
        (true, _) => is_over(task),
        (false, true) => true,
        (false, false) => !is_over(task),
    };
    tasks
        .tasks
        .iter()
        .chain(&tasks.completed_tasks)
        .filter(shown)
        .filter(|task| filter.is_none_or(|filter| fits(&task.task_id.value, filter)))
        .filter(|task| agent.is_none_or(|agent| task.agent_id.value == agent))
        .collect()
}

/// A part of the id, or a pattern with `*` and `?` for the whole of it.
fn fits(id: &str, filter: &str) -> bool {
    id.contains(filter) || matches(id.as_bytes(), filter.as_bytes())
}

fn matches(text: &[u8], pattern: &[u8]) -> bool {
    // Where the last `*` was, and how much of the text it has taken.
    let (mut at, mut next, mut star) = (0, 0, None);
    while at < text.len() {
        match pattern.get(next) {
            Some(b'*') => {
                star = Some((next, at));
                next += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[at] => {
                at += 1;
                next += 1;
            }
            _ => match star {
                Some((pattern_at, text_at)) => {
                    star = Some((pattern_at, text_at + 1));
                    next = pattern_at + 1;
                    at = text_at + 1;
                }
                None => return false,
            },
        }
    }
    pattern[next..].iter().all(|byte| *byte == b'*')
}

async fn list(master: &Master, args: &DcosTaskList) -> Result<(), Failure> {
    let tasks = master.tasks().await.map_err(read_error)?;
    let filter = args.filter.as_deref();
    let agent = args.agent_id.as_deref();
    let shown = select(&tasks, args.all, args.completed, filter, agent);
    if args.json {
        output::json_wide(&Value::Array(shown.iter().map(|task| to_json(task)).collect()));
        return Ok(());
    }
    if shown.is_empty() && (filter.is_some() || agent.is_some()) {
        let agent = agent.map(|agent| format!("no task found in agent '{agent}'"));
        let filter = filter.map(|filter| format!("no task ID found containing '{filter}'"));
        let parts: Vec<String> = agent.into_iter().chain(filter).collect();
        return Err(Failure::error(parts.join(", ")));
    }
    if args.quiet {
        for task in shown {
            output::line(&task.task_id.value);
        }
        return Ok(());
    }
    let agents = master.agents().await.map_err(read_error)?;
    let frameworks = master.frameworks().await.map_err(read_error)?;
    output::data(table(&shown, &agents, &frameworks).render_dcos().as_bytes());
    Ok(())
}

fn table(tasks: &[&Task], agents: &GetAgents, frameworks: &GetFrameworks) -> Table {
    let header = ["NAME", "HOST", "USER", "STATE", "ID", "AGENT ID", "REGION", "ZONE"];
    let mut table = Table::new(&header);
    for task in tasks {
        let agent = agents
            .agents
            .iter()
            .find(|agent| agent.agent_info.id.as_ref().is_some_and(|id| *id == task.agent_id));
        let info = agent.map(|agent| &agent.agent_info);
        let fault = info.and_then(|info| info.domain.as_ref()?.fault_domain.as_ref());
        let domain = |name: Option<&String>| match (info, name) {
            (None, _) => String::new(),
            (Some(_), Some(name)) => name.clone(),
            (Some(_), None) => "N/A".to_owned(),
        };
        let user = framework_of(frameworks, task).map(|info| info.user.clone());
        table.row(vec![
            task.name.clone(),
            info.map(|info| info.hostname.clone()).unwrap_or_default(),
            user.unwrap_or_default(),
            state_name(task.state).to_owned(),
            task.task_id.value.clone(),
            task.agent_id.value.clone(),
            domain(fault.map(|fault| &fault.region.name)),
            domain(fault.map(|fault| &fault.zone.name)),
        ]);
    }
    table
}

fn state_name(number: i32) -> &'static str {
    TaskState::try_from(number).unwrap_or(TaskState::TaskUnknown).as_str_name()
}

fn to_json(task: &Task) -> Value {
    let message = output::message(task);
    let statuses = task.statuses.iter().map(|status| {
        json!({
            "state": state_name(status.state),
            "timestamp": status.timestamp(),
            "container_status": status.container_status.as_ref().map(output::message),
        })
    });
    json!({
        "executor_id": task.executor_id.as_ref().map_or("", |id| id.value.as_str()),
        "framework_id": task.framework_id.value,
        "id": task.task_id.value,
        "labels": message.pointer("/labels/labels"),
        "name": task.name,
        "resources": message.get("resources"),
        "slave_id": task.agent_id.value,
        "state": state_name(task.state),
        "statuses": statuses.collect::<Vec<_>>(),
        "discovery": message.get("discovery"),
        "container": message.get("container"),
    })
}

#[cfg(test)]
mod tests {
    use wire::v1::{AgentId, TaskId};

    use super::*;

    /// A filter is a part of the id or a pattern for the whole of it.
    #[test]
    fn a_filter_is_a_part_or_a_pattern() {
        for (filter, expected) in [
            ("eb.1", true),
            ("web.*", true),
            ("w?b.12", true),
            ("*b*2", true),
            ("w*3", false),
            ("x", false),
            ("**", true),
        ] {
            assert_eq!(fits("web.12", filter), expected, "{filter}");
        }
    }

    /// The columns are those of dcos; an agent that is not listed leaves its columns empty.
    #[test]
    fn the_columns_are_those_of_dcos() {
        let task = Task {
            name: "web".to_owned(),
            task_id: TaskId { value: "web.1".to_owned() },
            agent_id: AgentId { value: "m-S1".to_owned() },
            state: TaskState::TaskRunning.into(),
            ..Task::default()
        };
        let text = table(&[&task], &GetAgents::default(), &GetFrameworks::default()).render_dcos();
        let mut lines = text.lines();
        let header: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
        assert_eq!(
            header,
            ["NAME", "HOST", "USER", "STATE", "ID", "AGENT", "ID", "REGION", "ZONE"]
        );
        let cells: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
        assert_eq!(cells, ["web", "TASK_RUNNING", "web.1", "m-S1"]);
    }
}
