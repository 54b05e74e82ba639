//! `ebb task list`.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use daemon::clock::wall;
use model::{Timestamp, duration};
use serde_json::{Value, json};
use wire::master::response::{GetFrameworks, GetTasks};
use wire::v1::{Task, TaskState};

use crate::api::Master;
use crate::args::task::ListArgs;
use crate::commands::Outcome;
use crate::exit::Failure;
use crate::node::{Node, find, nodes};
use crate::output::{self, table::Table, words};
use crate::task::{all, begun_at, framework_of, is_over, state_word};

pub(super) async fn run(master: &Master, args: &ListArgs, json: bool) -> Outcome {
    let tasks = master.tasks().await?;
    let frameworks = master.frameworks().await?;
    let nodes = nodes(master.agents().await?, &tasks);
    let node = args.node.as_deref().map(|text| find(&nodes, text)).transpose()?;
    let state = args.state.as_deref().map(state).transpose()?;
    let shown: Vec<&Task> = all(&tasks)
        .filter(|task| args.all || state.is_some() || !is_over(task))
        .filter(|task| node.is_none_or(|node| task.agent_id.value == node.id))
        .filter(|task| state.is_none_or(|state| task.state == i32::from(state)))
        .collect();
    if json {
        let list = shown.iter().map(|task| to_json(task, &frameworks, &nodes));
        output::json(&Value::Array(list.collect()));
        return Ok(ExitCode::SUCCESS);
    }
    if shown.is_empty() {
        output::talk(nothing(args, &tasks));
    }
    let width = output::stdout_width();
    output::data(table(&shown, &frameworks, &nodes, wall()).render(width).as_bytes());
    Ok(ExitCode::SUCCESS)
}

fn nothing(args: &ListArgs, tasks: &GetTasks) -> &'static str {
    let filtered = args.node.is_some() || args.state.is_some();
    match (filtered, tasks.completed_tasks.is_empty() || args.all) {
        (true, _) => "no task fits",
        (false, true) => "no tasks",
        (false, false) => "nothing runs; --all also lists tasks that have ended",
    }
}

/// `running`, `RUNNING` or `TASK_RUNNING`.
fn state(text: &str) -> Result<TaskState, Failure> {
    let upper = text.to_uppercase();
    let name = if upper.starts_with("TASK_") { upper } else { format!("TASK_{upper}") };
    TaskState::from_str_name(&name).ok_or_else(|| {
        Failure::usage(format!("--state: '{text}' is no state of tasks"))
            .hint("for example staging, running, killing, finished, failed, killed, lost")
    })
}

fn table(tasks: &[&Task], frameworks: &GetFrameworks, nodes: &[Node], now: Timestamp) -> Table {
    let header = ["NAME", "STATE", "NODE", "SERVICE", "ID", "AGE"];
    let mut table = Table::new(&header).right(&[5]).shrinks(&[0, 2, 3, 4]);
    let hosts: BTreeMap<&str, &str> =
        nodes.iter().map(|node| (node.id.as_str(), node.hostname.as_str())).collect();
    for task in tasks {
        let service = framework_of(frameworks, task).map(|info| info.name.clone());
        let host = hosts.get(task.agent_id.value.as_str()).map(|&host| host.to_owned());
        table.row(vec![
            task.name.clone(),
            state_word(task.state).to_owned(),
            host.unwrap_or_else(|| task.agent_id.value.clone()),
            service.unwrap_or_else(|| task.framework_id.value.clone()),
            task.task_id.value.clone(),
            age(task, now).unwrap_or_default(),
        ]);
    }
    table
}

/// Time since the first word of the task.
fn age(task: &Task, now: Timestamp) -> Option<String> {
    let begun = duration::from_secs_f64(begun_at(task)?)?;
    let since = now.since(Timestamp(0)).saturating_sub(begun);
    Some(words::short(Duration::from_secs(since.as_secs())))
}

pub(super) fn to_json(task: &Task, frameworks: &GetFrameworks, nodes: &[Node]) -> Value {
    let mut value = output::message(task);
    let node = nodes.iter().find(|node| node.id == task.agent_id.value);
    if let Value::Object(fields) = &mut value {
        fields.insert("hostname".to_owned(), json!(node.map(|node| &node.hostname)));
        let service = framework_of(frameworks, task).map(|info| &info.name);
        fields.insert("framework_name".to_owned(), json!(service));
    }
    value
}

#[cfg(test)]
mod tests {
    use wire::v1::{AgentId, FrameworkId, TaskId, TaskStatus};

    use super::*;

    /// The list fits 80 columns however long names and ids are.
    #[test]
    fn the_list_fits_eighty_columns() {
        let status = TaskStatus { timestamp: Some(100.0), ..TaskStatus::default() };
        let task = Task {
            name: "web-frontend-with-a-long-name".to_owned(),
            task_id: TaskId {
                value: "web-frontend.cd9dd1ab-0f18-4d0b-9a4c-4f1c5a6b7c8d".to_owned(),
            },
            agent_id: AgentId { value: "cd9dd1ab-0f18-4d0b-9a4c-4f1c5a6b7c8d-S12".to_owned() },
            framework_id: FrameworkId {
                value: "cd9dd1ab-0f18-4d0b-9a4c-4f1c5a6b7c8d-0000".to_owned(),
            },
            state: TaskState::TaskGoneByOperator.into(),
            statuses: vec![status],
            ..Task::default()
        };
        let frameworks = GetFrameworks::default();
        let table = table(&[&task], &frameworks, &[], Timestamp(7_500_000_000_000));
        let text = table.render(Some(80));
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(text.contains("GONE_BY_OPERATOR") && text.contains("2h 3m"), "{text}");
        assert!(table.render(None).contains("S12"), "nothing is cut off in a pipe");
    }

    /// States are named as people write them; others are refused with examples.
    #[test]
    fn states_are_named_as_people_write_them() {
        for text in ["running", "RUNNING", "task_running", "TASK_RUNNING"] {
            assert_eq!(state(text).unwrap(), TaskState::TaskRunning, "{text}");
        }
        assert_eq!(state("gone_by_operator").unwrap(), TaskState::TaskGoneByOperator);
        assert!(state("walking").is_err());
    }
}
