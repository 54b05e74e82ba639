//! `/tasks`: one page of all tasks there are and were.

use std::cmp::Ordering;

use model::legacy::Task;
use serde::Serialize;

use super::Books;
use crate::state::Master;

/// Which tasks are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TasksQuery {
    pub framework_id: Option<String>,
    pub task_id: Option<String>,
    pub limit: usize,
    pub offset: usize,
    /// Oldest first.
    pub ascending: bool,
}

impl TasksQuery {
    // Mesos: as many on a page.
    pub const LIMIT: usize = 100;
}

impl Master {
    /// `/tasks`: the page that `query` names. Tasks of frameworks that are over are among them.
    pub fn legacy_tasks(&self, query: &TasksQuery) -> impl Serialize {
        #[derive(Serialize)]
        struct Tasks<'a> {
            tasks: Vec<Task<'a>>,
        }
        let mut tasks = self.tasks_asked_for(query);
        // Ties keep the order of ids.
        tasks.sort_by(|left, right| {
            let order = by_first_status(left, right);
            if query.ascending { order } else { order.reverse() }
        });
        let page = tasks.into_iter().skip(query.offset).take(query.limit);
        Tasks { tasks: page.collect() }
    }

    fn tasks_asked_for(&self, query: &TasksQuery) -> Vec<Task<'_>> {
        let asks_framework =
            |id: &str| query.framework_id.as_deref().is_none_or(|asked| asked == id);
        let asks_task = |id: &str| query.task_id.as_deref().is_none_or(|asked| asked == id);
        let books = Books::of(self);
        let live = books.tasks.iter().filter(|(framework, _)| asks_framework(framework.as_str()));
        let live = live
            .flat_map(|(_, tasks)| tasks)
            .filter(|(_, key, _)| asks_task(key.task.as_str()))
            .map(|(agent, key, task)| task.to_legacy(key, agent));
        let present = self.frameworks.values();
        let present = present.filter(|framework| asks_framework(framework.id.as_str())).flat_map(
            |framework| framework.unreachable_tasks.iter().chain(&framework.completed_tasks),
        );
        let past = self.completed_frameworks.iter();
        let past = past
            .filter(|framework| asks_framework(framework.id.as_str()))
            .flat_map(|framework| &framework.completed_tasks);
        let ended = present
            .chain(past)
            .filter(|task| asks_task(&task.task_id.value))
            .map(|task| Task::from(&**task));
        live.chain(ended).collect()
    }
}

// Mesos: the first status decides, and a task without one comes before all others.
fn by_first_status(left: &Task<'_>, right: &Task<'_>) -> Ordering {
    left.first_timestamp().cmp(&right.first_timestamp())
}
