//! Tasks as operators see them.

use wire::master::response::{GetFrameworks, GetTasks};
use wire::v1::{FrameworkInfo, Task, TaskState};

use crate::exit::Failure;

/// Label of frameworks that `ebb task run` registers; the value says whether somebody follows them.
pub const RUN_LABEL: &str = "ebb/task-run";

/// `RUNNING` of `TASK_RUNNING`; numbers nobody knows read as `UNKNOWN`.
pub fn state_word(number: i32) -> &'static str {
    let state = TaskState::try_from(number).unwrap_or(TaskState::TaskUnknown);
    state.as_str_name().trim_start_matches("TASK_")
}

/// Whether it has ended.
pub fn is_over(task: &Task) -> bool {
    TaskState::try_from(task.state).is_ok_and(model::task::is_terminal)
}

/// When something was last heard of the task, in seconds since the Unix epoch.
pub fn changed_at(task: &Task) -> Option<f64> {
    task.statuses.last().and_then(|status| status.timestamp)
}

/// When something was first heard of the task.
pub fn begun_at(task: &Task) -> Option<f64> {
    task.statuses.first().and_then(|status| status.timestamp)
}

/// All tasks of an answer, the live ones first.
pub fn all(tasks: &GetTasks) -> impl Iterator<Item = &Task> {
    tasks
        .pending_tasks
        .iter()
        .chain(&tasks.tasks)
        .chain(&tasks.unreachable_tasks)
        .chain(&tasks.orphan_tasks)
        .chain(&tasks.completed_tasks)
}

/// The framework a task belongs to, ended ones included.
pub fn framework_of<'a>(frameworks: &'a GetFrameworks, task: &Task) -> Option<&'a FrameworkInfo> {
    let all = frameworks.frameworks.iter().chain(&frameworks.completed_frameworks);
    all.map(|framework| &framework.framework_info)
        .find(|info| info.id.as_ref() == Some(&task.framework_id))
}

/// The value of [`RUN_LABEL`], if `ebb task run` registered this framework.
pub fn run_label(info: &FrameworkInfo) -> Option<&str> {
    let labels = info.labels.as_ref()?;
    let label = labels.labels.iter().find(|label| label.key == RUN_LABEL)?;
    Some(label.value.as_deref().unwrap_or_default())
}

/// The one task that `text` names: its id, else a part of id or name that fits one. Tasks that have
/// ended count only if no live one fits; among those with the same id the latest counts.
///
/// # Errors
/// Nothing fits, or several do; lists some.
pub fn find<'a>(tasks: &'a GetTasks, text: &str) -> Result<&'a Task, Failure> {
    let exact: Vec<&Task> = all(tasks).filter(|task| task.task_id.value == text).collect();
    let fitting: Vec<&Task> = match exact.as_slice() {
        [] => all(tasks)
            .filter(|task| task.task_id.value.contains(text) || task.name.contains(text))
            .collect(),
        _ => exact,
    };
    let live: Vec<&Task> = fitting.iter().copied().filter(|task| !is_over(task)).collect();
    let mut candidates = if live.is_empty() { fitting } else { live };
    // The latest of each id.
    candidates.sort_by(|a, b| {
        let (a_at, b_at) = (changed_at(a).unwrap_or(0.0), changed_at(b).unwrap_or(0.0));
        a.task_id.value.cmp(&b.task_id.value).then(b_at.total_cmp(&a_at))
    });
    candidates.dedup_by(|later, kept| later.task_id == kept.task_id && is_over(later));
    match candidates.as_slice() {
        [one] => Ok(one),
        [] => Err(Failure::error(format!("there is no task '{text}'"))
            .hint("`ebb task list --all` lists all that the master remembers")),
        several => {
            let names = several.iter().take(10).map(|task| task.task_id.value.as_str());
            let names: Vec<&str> = names.collect();
            Err(Failure::usage(format!("'{text}' fits {} tasks", several.len()))
                .hint(format!("give the task id: {}", names.join(", "))))
        }
    }
}

#[cfg(test)]
mod tests {
    use wire::v1::{TaskId, TaskStatus};

    use super::*;

    fn task(id: &str, state: TaskState, at: f64) -> Task {
        let status = TaskStatus { timestamp: Some(at), ..TaskStatus::default() };
        Task {
            task_id: TaskId { value: id.to_owned() },
            name: "web".to_owned(),
            state: state.into(),
            statuses: vec![status],
            ..Task::default()
        }
    }

    /// A task is found by id or by a part that fits one; live ones come before ended ones, later ones
    /// before earlier ones.
    #[test]
    fn a_task_is_found_by_a_part_that_fits_one() {
        let tasks = GetTasks {
            tasks: vec![
                task("web-0-aa", TaskState::TaskRunning, 5.0),
                task("web-1-aa", TaskState::TaskRunning, 5.0),
            ],
            completed_tasks: vec![
                task("web-0-bb", TaskState::TaskFinished, 1.0),
                task("old", TaskState::TaskFailed, 1.0),
                task("old", TaskState::TaskFinished, 2.0),
            ],
            ..GetTasks::default()
        };
        assert_eq!(find(&tasks, "web-0").unwrap().task_id.value, "web-0-aa");
        assert_eq!(find(&tasks, "bb").unwrap().task_id.value, "web-0-bb");
        assert_eq!(changed_at(find(&tasks, "old").unwrap()), Some(2.0));
        let failure = find(&tasks, "web").unwrap_err();
        assert!(failure.hints[0].contains("web-0-aa, web-1-aa"), "{failure}");
        assert!(find(&tasks, "none").is_err());
    }
}
