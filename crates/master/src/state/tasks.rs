//! The tasks of one agent, and how many of them are in which state.

use std::collections::BTreeMap;
use std::ops::Deref;

use model::{FrameworkId, TaskState};

use super::shared::Shared;
use super::task::{Task, TaskKey};

/// Tasks in the order of their frameworks. They are counted as they change, so that whoever wants no more than
/// numbers needn't look at each: with very many tasks that is a wait for memory per task.
///
/// Read as the map it is; changed by the methods below alone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tasks {
    by_key: BTreeMap<TaskKey, Shared<Task>>,
    counts: Counts,
}

/// In the order of frameworks and states; what there is none of is left out.
type Counts = BTreeMap<(FrameworkId, TaskState), usize>;

impl Tasks {
    /// Takes a task in, in place of one of the same key.
    pub(crate) fn insert(&mut self, key: TaskKey, task: Task) {
        self.remove(&key);
        count(&mut self.counts, &key, task.state);
        self.by_key.insert(key, Shared::new(task));
    }

    pub(crate) fn remove(&mut self, key: &TaskKey) -> Option<Task> {
        let task = self.by_key.remove(key)?;
        discount(&mut self.counts, key, task.state);
        Some(task.take())
    }

    /// Has `change` change a task.
    pub(crate) fn change<T>(
        &mut self,
        key: &TaskKey,
        change: impl FnOnce(&mut Task) -> T,
    ) -> Option<T> {
        let task = self.by_key.get_mut(key)?;
        let before = task.state;
        let outcome = change(task);
        let after = task.state;
        if before != after {
            discount(&mut self.counts, key, before);
            count(&mut self.counts, key, after);
        }
        Some(outcome)
    }

    /// How many tasks there are of each framework in each state, in that order.
    pub(crate) fn counts(&self) -> impl Iterator<Item = (&FrameworkId, TaskState, usize)> {
        self.counts.iter().map(|((framework, state), tasks)| (framework, *state, *tasks))
    }

    /// Whether the counts are those of the tasks. Looks at each.
    pub(crate) fn are_counted(&self) -> bool {
        let mut counts = Counts::new();
        for (key, task) in &self.by_key {
            count(&mut counts, key, task.state);
        }
        counts == self.counts
    }
}

fn count(counts: &mut Counts, key: &TaskKey, state: TaskState) {
    *counts.entry((key.framework.clone(), state)).or_default() += 1;
}

fn discount(counts: &mut Counts, key: &TaskKey, state: TaskState) {
    let place = (key.framework.clone(), state);
    if let Some(tasks) = counts.get_mut(&place) {
        *tasks -= 1;
        if *tasks == 0 {
            counts.remove(&place);
        }
    }
}

impl Deref for Tasks {
    type Target = BTreeMap<TaskKey, Shared<Task>>;

    fn deref(&self) -> &Self::Target {
        &self.by_key
    }
}

impl<'a> IntoIterator for &'a Tasks {
    type Item = (&'a TaskKey, &'a Shared<Task>);
    type IntoIter = std::collections::btree_map::Iter<'a, TaskKey, Shared<Task>>;

    fn into_iter(self) -> Self::IntoIter {
        self.by_key.iter()
    }
}
