//! `ebb task kill`: ends tasks of `ebb task run`, and explains why it doesn't end others'.

use std::process::ExitCode;

use wire::master::response::get_frameworks::Framework;
use wire::v1::{FrameworkInfo, Task};

use super::SILENCE;
use super::follow::Subscription;
use super::hold;
use crate::api::Master;
use crate::args::Global;
use crate::commands::Outcome;
use crate::exit::{Exit, Failure};
use crate::output;
use crate::task::{find, is_over, run_label, state_word};

pub(super) async fn run(master: &Master, global: &Global, text: &str) -> Outcome {
    let tasks = master.tasks().await?;
    let task = find(&tasks, text)?;
    if is_over(task) {
        let state = state_word(task.state);
        output::talk(&format!("{} has ended already: {state}", task.task_id.value));
        return Ok(ExitCode::SUCCESS);
    }
    let frameworks = master.frameworks().await?;
    let framework = frameworks
        .frameworks
        .iter()
        .find(|framework| framework.framework_info.id.as_ref() == Some(&task.framework_id));
    let info = may_kill(task, framework)?.clone();

    let mut subscription = Subscription::begin(master, info, SILENCE).await?;
    let scheduler = &subscription.scheduler;
    scheduler.suppress().await?;
    scheduler.kill(&task.task_id, Some(&task.agent_id)).await?;
    let ended = end_of(&mut subscription, task).await?;
    let framework_id = &task.framework_id.value;
    if hold::is_empty(master, framework_id).await? {
        subscription.scheduler.teardown().await?;
    } else {
        hold::spawn(global, framework_id)?;
    }
    output::talk(&format!("{} {ended}", task.task_id.value));
    Ok(ExitCode::SUCCESS)
}

/// The framework, if it is one of `ebb task run` that nobody follows at a terminal.
fn may_kill<'a>(
    task: &Task,
    framework: Option<&'a Framework>,
) -> Result<&'a FrameworkInfo, Failure> {
    let id = &task.task_id.value;
    let Some(framework) = framework else {
        return Err(Failure::error(format!("the service of task {id} is not registered"))
            .hint("its tasks end when its failover timeout is over"));
    };
    let info = &framework.framework_info;
    match run_label(info) {
        Some("attached") if framework.connected => Err(Failure::new(
            Exit::Refused,
            format!("task {id} is followed by an `ebb task run` that is still running"),
        )
        .hint(format!(
            "press Ctrl-C there{}",
            info.hostname.as_ref().map(|host| format!(", on {host}")).unwrap_or_default()
        ))),
        Some(_) => Ok(info),
        None => Err(Failure::new(
            Exit::Refused,
            format!("task {id} belongs to the service '{}', which would start it again", info.name),
        )
        .hint(match info.webui_url.as_deref().filter(|url| !url.is_empty()) {
            Some(url) => format!("stop it through the service's own API; see {url}"),
            None => "stop it through the service's own API".to_owned(),
        })
        .hint("to empty a whole node, use `ebb node drain`")),
    }
}

/// Waits for the terminal update, acknowledging all.
async fn end_of(subscription: &mut Subscription, task: &Task) -> Result<&'static str, Failure> {
    loop {
        let event = subscription.next().await?;
        if let Some(offers) = event.offers {
            let ids = offers.offers.into_iter().map(|offer| offer.id).collect();
            subscription.scheduler.decline(ids, 60.0).await?;
        }
        let Some(update) = event.update else { continue };
        let status = update.status;
        subscription.acknowledge(&status).await?;
        let state = wire::v1::TaskState::try_from(status.state).unwrap_or_default();
        if status.task_id == task.task_id && model::task::is_terminal(state) {
            return Ok(state_word(status.state));
        }
    }
}

#[cfg(test)]
mod tests {
    use wire::v1::{Label, Labels, TaskId};

    use super::*;
    use crate::task::RUN_LABEL;

    fn framework(label: Option<&str>, connected: bool) -> Framework {
        let label =
            label.map(|value| Label { key: RUN_LABEL.to_owned(), value: Some(value.to_owned()) });
        let info = FrameworkInfo {
            name: "marathon".to_owned(),
            labels: Some(Labels { labels: label.into_iter().collect() }),
            ..FrameworkInfo::default()
        };
        Framework { framework_info: info, connected, ..Framework::default() }
    }

    /// Tasks of other services and of runs that somebody follows are refused, with what to do instead.
    #[test]
    fn tasks_of_others_are_refused_with_the_next_step() {
        let task = Task { task_id: TaskId { value: "web".to_owned() }, ..Task::default() };
        assert!(may_kill(&task, Some(&framework(Some("detached"), true))).is_ok());
        assert!(may_kill(&task, Some(&framework(Some("attached"), false))).is_ok());
        for refused in [framework(Some("attached"), true), framework(None, true)] {
            let failure = may_kill(&task, Some(&refused)).unwrap_err();
            assert_eq!(failure.exit, Exit::Refused);
            assert!(!failure.hints.is_empty());
        }
        let failure = may_kill(&task, Some(&framework(None, true))).unwrap_err();
        assert!(failure.message.contains("'marathon'"), "{failure}");
    }
}
