//! `ebb task show`.

use std::fmt::Write as _;
use std::process::ExitCode;

use model::{Resources, duration};
use wire::v1::task_status::{Reason, Source};
use wire::v1::{FrameworkInfo, Task, TaskStatus, TimeInfo};

use crate::api::Master;
use crate::commands::Outcome;
use crate::node::{Node, nodes};
use crate::output::{self, table::one_line, words};
use crate::task::{find, framework_of, state_word};

pub(super) async fn run(master: &Master, text: &str, json: bool) -> Outcome {
    let tasks = master.tasks().await?;
    let frameworks = master.frameworks().await?;
    let nodes = nodes(master.agents().await?, &tasks);
    let task = find(&tasks, text)?;
    if json {
        output::json(&super::list::to_json(task, &frameworks, &nodes));
        return Ok(ExitCode::SUCCESS);
    }
    let node = nodes.iter().find(|node| node.id == task.agent_id.value);
    output::data(render(task, framework_of(&frameworks, task), node).as_bytes());
    Ok(ExitCode::SUCCESS)
}

fn render(task: &Task, framework: Option<&FrameworkInfo>, node: Option<&Node>) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            writeln!(text, "{name:12}  {}", one_line(value)).expect("a string takes all");
        }
    };
    line("Name", &task.name);
    line("Task id", &task.task_id.value);
    line("State", state_word(task.state));
    let service = framework.map_or("", |info| info.name.as_str());
    line("Service", &format!("{service} ({})", task.framework_id.value));
    let node = node.map_or_else(|| task.agent_id.value.clone(), Node::title);
    line("Node", &node);
    line("User", task.user.as_deref().unwrap_or_default());
    let resources = Resources::from_wire(&task.resources).ok();
    line("Resources", &resources.map(|it| it.unallocated().to_string()).unwrap_or_default());
    let grace = task.kill_policy.as_ref().and_then(|policy| policy.grace_period.as_ref());
    let grace = grace.and_then(|grace| duration::grace_of(grace).ok());
    line("Kill grace", &grace.map(duration::format_short).unwrap_or_default());
    line("Executor", task.executor_id.as_ref().map_or("", |id| id.value.as_str()));
    if let Some(labels) = &task.labels {
        for label in &labels.labels {
            let value = label.value.as_deref().unwrap_or_default();
            line("Label", &format!("{}={value}", label.key));
        }
    }
    if !task.statuses.is_empty() {
        text.push_str("\nWhat happened\n");
    }
    for status in &task.statuses {
        writeln!(text, "  {}", one_line(&describe(status))).expect("a string takes all");
    }
    text
}

/// `2024-08-01 12:34:56 UTC  KILLED  message (reason, source)`.
fn describe(status: &TaskStatus) -> String {
    let at = status.timestamp.and_then(duration::from_secs_f64);
    let at = at.map_or_else(String::new, |at| {
        words::utc(&TimeInfo { nanoseconds: i64::try_from(at.as_nanos()).unwrap_or(i64::MAX) })
    });
    let reason = status.reason.and_then(|number| Reason::try_from(number).ok());
    let source = status.source.and_then(|number| Source::try_from(number).ok());
    let causes = [reason.map(|it| it.as_str_name()), source.map(|it| it.as_str_name())];
    let causes: Vec<&str> = causes.into_iter().flatten().collect();
    let mut text = format!("{at}  {:9}", state_word(status.state));
    if let Some(message) = status.message.as_ref().filter(|message| !message.is_empty()) {
        text = format!("{text}  {message}");
    }
    if !causes.is_empty() {
        text = format!("{text}  ({})", causes.join(", "));
    }
    text.trim_end().to_owned()
}
