//! Status updates: an agent forgets one only once its framework has heard it.

use std::collections::BTreeSet;

use agent::{Mutation, Records};
use bytes::Bytes;
use model::{FrameworkId, TaskId};

use crate::books::wrong_resources;
use crate::world::World;

/// The updates of a task that a record holds.
fn pending(disk: &Records, key: &(FrameworkId, TaskId)) -> BTreeSet<Bytes> {
    let record = disk.tasks.get(key);
    let all = record.into_iter().flat_map(|record| &record.pending);
    all.filter_map(|status| status.uuid.clone()).collect()
}

impl World {
    /// A batch of an agent becomes durable.
    pub(crate) fn agent_writes(&mut self, host: usize, mutations: Vec<Mutation>) {
        if let Some(what) = wrong_resources(&self.hosts[host].disk, &mutations) {
            let what = format!("the resources of h{} {what}", host + 1);
            self.truth.broken("reservations-survive", what);
        }
        for mutation in mutations {
            let place = &mut self.hosts[host];
            if let Mutation::RemoveOperation(uuid) = &mutation
                && let Some(known) = place.disk.operations.get(uuid).filter(|_| !place.is_leaving)
                && let Some(operation) = &known.operation
            {
                self.truth.operation_forgotten(operation);
            }
            let key = match &mutation {
                Mutation::SetTask(record) => record.task.as_ref().map(|task| {
                    (FrameworkId::from(&task.framework_id), TaskId::from(&task.task_id))
                }),
                Mutation::RemoveTask(framework, task) => Some((framework.clone(), task.clone())),
                Mutation::SetAgent(_)
                | Mutation::SetFramework(_)
                | Mutation::RemoveFramework(_)
                | Mutation::SetExecutor(_)
                | Mutation::RemoveExecutor(_)
                | Mutation::SetResources(_)
                | Mutation::RemoveResources
                | Mutation::SetOperation(_)
                | Mutation::RemoveOperation(_)
                | Mutation::SetDrain(_)
                | Mutation::RemoveDrain => None,
            };
            let before = key.as_ref().map(|key| pending(&place.disk, key)).unwrap_or_default();
            place.disk.apply(mutation);
            let Some(key) = key.filter(|_| !before.is_empty() && !place.is_leaving) else {
                continue;
            };
            let after = pending(&place.disk, &key);
            for uuid in before.difference(&after) {
                self.truth.update_forgotten(&key.0, &key.1, uuid);
            }
        }
    }
}
