//! What the store holds, and an agent made from it.

use std::collections::BTreeMap;

use model::{ContainerId, FrameworkId, Now, TaskId};
use wire::checkpoint::{AgentRecord, DrainRecord, ExecutorRecord, FrameworkRecord, TaskRecord};

use crate::{Agent, Config, Effects, ExitStatus, Mutation};

/// What the shell found of a container that the store knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContainerFate {
    /// Its owner process runs.
    Alive,
    /// No process of it is left.
    Exited(ExitStatus),
}

/// Everything the store holds: what the mutations so far add up to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Records {
    pub agent: Option<AgentRecord>,
    pub frameworks: BTreeMap<FrameworkId, FrameworkRecord>,
    pub executors: BTreeMap<ContainerId, ExecutorRecord>,
    pub tasks: BTreeMap<(FrameworkId, TaskId), TaskRecord>,
    pub drain: Option<DrainRecord>,
}

impl Records {
    /// The text with which a master decommissioned this agent: it must not start again.
    pub fn gone(&self) -> Option<&str> {
        self.agent.as_ref()?.gone.as_deref()
    }

    /// Carries out one mutation; a store that was read is put together the same way.
    pub fn apply(&mut self, mutation: Mutation) {
        match mutation {
            Mutation::SetAgent(record) => self.agent = Some(*record),
            Mutation::SetFramework(record) => {
                if let Some(id) = record.info.as_ref().and_then(|info| info.id.as_ref()) {
                    self.frameworks.insert(id.into(), *record);
                }
            }
            Mutation::RemoveFramework(id) => {
                self.frameworks.remove(&id);
            }
            Mutation::SetExecutor(record) => {
                if let Some(container) = &record.container_id {
                    self.executors.insert(ContainerId::new(container), *record);
                }
            }
            Mutation::RemoveExecutor(container) => {
                self.executors.remove(&container);
            }
            Mutation::SetTask(record) => {
                if let Some(task) = &record.task {
                    let key = ((&task.framework_id).into(), (&task.task_id).into());
                    self.tasks.insert(key, *record);
                }
            }
            Mutation::RemoveTask(framework, task) => {
                self.tasks.remove(&(framework, task));
            }
            Mutation::SetDrain(record) => self.drain = Some(*record),
            Mutation::RemoveDrain => self.drain = None,
        }
    }
}

impl Agent {
    /// An agent from its store. `fates` tells of each container in `records`; one that is missing counts
    /// as gone without a trace.
    pub fn recover(
        config: Config,
        records: Records,
        fates: &BTreeMap<ContainerId, ContainerFate>,
        now: Now,
    ) -> (Self, Effects) {
        let _ = (records, fates);
        (Self::new(config, now), Effects::default())
    }
}
