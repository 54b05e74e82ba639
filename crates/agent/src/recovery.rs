//! What the store holds, and an agent made from it.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use model::task::Reason;
use model::{ContainerId, FrameworkId, Now, TaskId, TaskState};
use wire::checkpoint::{
    AgentRecord, DrainRecord, ExecutorRecord, FrameworkRecord, OperationRecord, ResourcesRecord,
    TaskRecord,
};

use crate::damage::usable;
use crate::drain::Drain;
use crate::state::{Delivery, Ending, Executor, ExecutorKey, Task, TaskKey};
use crate::timers::Timer;
use crate::{Agent, Config, Effects, ExitStatus, Message, Mutation, Stop};

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
    pub resources: Option<ResourcesRecord>,
    /// By UUID.
    pub operations: BTreeMap<Bytes, OperationRecord>,
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
            Mutation::SetResources(record) => self.resources = Some(*record),
            Mutation::RemoveResources => self.resources = None,
            Mutation::SetOperation(record) => {
                if let Some(operation) = &record.operation {
                    self.operations.insert(operation.uuid.value.clone(), *record);
                }
            }
            Mutation::RemoveOperation(uuid) => {
                self.operations.remove(&uuid);
            }
        }
    }
}

impl Agent {
    /// An agent from its store. `fates` tells of each container in `records`; one that is missing counts
    /// as gone without a trace. The identity is kept whatever the configuration says now, so that no
    /// drain can be escaped by a change of it. Without records it is a new agent, whose first effect is to
    /// write down the key by which the master will know it.
    ///
    /// It connects once the executors that live are back, or `executor_reregistration_timeout` is over.
    pub fn recover(
        config: Config,
        records: Records,
        mut fates: BTreeMap<ContainerId, ContainerFate>,
        now: Now,
    ) -> (Self, Effects) {
        let mut fx = Effects::default();
        let mut agent = Self::bare(config);
        let rebooted = agent.restore_identity(&records);
        if !records.executors.is_empty() {
            // Executors that are back within their time are asked before they are ended.
            let patience = agent.config.executor_reregistration_timeout + agent.config.kill_margin;
            agent.escalations_from = now.at.plus(patience);
        }
        agent.restore_drain(&records, now);
        for (id, record) in &records.frameworks {
            agent.ensure_framework(id, record.info.as_ref());
        }
        let mut unusable = Vec::new();
        for (container, record) in &records.executors {
            if !agent.restore_executor(record, now) {
                unusable.push(container.clone());
            }
        }
        let (unlike, moved) = agent.restore_tasks(records.tasks, now);
        let incompatible = agent.restore_resources(records.resources.as_ref()).err();
        agent.forget_touches();
        if let Some(message) = incompatible.filter(|_| agent.gone.is_none()) {
            agent.stop_now(Stop::Incompatible { message }, &mut fx);
            return (agent, fx);
        }
        agent.restore_operations(records.operations, records.resources.as_ref(), &mut fx);
        agent.correct_records(records.agent.as_ref(), records.drain.is_some());
        for container in unusable {
            agent.counters.recovery_errors += 1;
            agent.touch_executor(&container);
            fx.messages.push(Message::Destroy { container });
        }
        for key in unlike {
            agent.counters.recovery_errors += 1;
            agent.touch_task(&key);
        }
        for key in moved {
            agent.touch_task(&key);
        }

        if let Some(message) = agent.gone.clone() {
            agent.stop_now(Stop::Gone { message }, &mut fx);
            return (agent, fx);
        }
        let containers: Vec<ContainerId> = agent.containers.keys().cloned().collect();
        for container in &containers {
            match fates.remove(container) {
                Some(ContainerFate::Alive) if !rebooted => {
                    agent.awaited.insert(container.clone());
                }
                Some(ContainerFate::Exited(status)) if !rebooted => {
                    agent.container_exited(now, container, status, &mut fx);
                }
                _ => agent.container_vanished(now, container, rebooted, &mut fx),
            }
        }
        agent.end_leaving(now, &mut fx);
        agent.end_orphans(now, &mut fx);
        agent.remove_idle_frameworks();
        if agent.drain.is_some() {
            agent.carry_out_drain(now, &mut fx);
        }
        let wait = if agent.awaited.is_empty() {
            now.at
        } else {
            now.at.plus(agent.config.executor_reregistration_timeout)
        };
        agent.timers.set(Timer::Connect, wait);
        agent.finish(&mut fx);
        (agent, fx)
    }

    /// Whether the host was booted since the records were written.
    fn restore_identity(&mut self, records: &Records) -> bool {
        let Some(record) = &records.agent else { return false };
        self.info.id = record.info.as_ref().and_then(|info| info.id.clone());
        self.gone.clone_from(&record.gone);
        if let Some(key) = &record.admission_key {
            self.admission_key.clone_from(key);
        }
        record.boot_id.as_deref().is_some_and(|boot| boot != self.config.boot_id)
    }

    // Differs from Mesos (D6): a drain belongs to an identity and goes with it.
    fn restore_drain(&mut self, records: &Records, now: Now) {
        if self.info.id.is_some() {
            self.drain = records.drain.as_ref().map(|record| Drain::from_record(record, now));
        }
    }

    /// Tasks whose executor is not in the store; only a damaged store has such.
    fn end_orphans(&mut self, now: Now, fx: &mut Effects) {
        let has_executor = |key: &TaskKey, task: &Task| {
            let framework = key.framework.clone();
            self.executors.contains_key(&ExecutorKey { framework, executor: task.executor.clone() })
        };
        let orphans: Vec<TaskKey> = self
            .tasks
            .iter()
            .filter(|(key, task)| !task.is_terminal() && !has_executor(key, task))
            .map(|(key, _)| key.clone())
            .collect();
        for key in orphans {
            self.counters.recovery_errors += 1;
            let (state, reason) = (TaskState::TaskFailed, Reason::AgentRestarted);
            self.agent_update(now, &key, state, reason, "Executor is not known any more", fx);
        }
    }

    /// False if there can't be such an executor, or is one in another container.
    fn restore_executor(&mut self, record: &ExecutorRecord, now: Now) -> bool {
        let Some((key, executor)) = Executor::from_record(record) else { return false };
        if self.executors.contains_key(&key) {
            return false;
        }
        self.ensure_framework(&key.framework, None);
        // Differs from Mesos: an executor that lives has the registration timeout to come back, however
        // slow the machine is, not the time the agent waits before it connects.
        let timeout = now.at.plus(self.config.executor_registration_timeout);
        self.timers.set(Timer::Registration(executor.container.clone()), timeout);
        self.insert_executor(key, executor);
        true
    }

    /// The tasks that are not as their records say, which then have to be written again: those with damaged
    /// records, and those whose kills a clock that was set has moved.
    fn restore_tasks(
        &mut self,
        records: BTreeMap<(FrameworkId, TaskId), TaskRecord>,
        now: Now,
    ) -> (Vec<TaskKey>, Vec<TaskKey>) {
        let (mut unlike, mut moved) = (Vec::new(), Vec::new());
        let mut groups: BTreeMap<(ExecutorKey, Arc<str>), Vec<TaskId>> = BTreeMap::new();
        for ((framework, id), record) in records {
            let key = TaskKey { framework, task: id };
            let found = usable(record.clone());
            let before = record.kill;
            if found.as_ref() != Some(&record) {
                unlike.push(key.clone());
            }
            let Some(task) = found.and_then(|record| Task::from_record(record, now)) else {
                continue;
            };
            self.ensure_framework(&key.framework, None);
            let executor_key =
                ExecutorKey { framework: key.framework.clone(), executor: task.executor.clone() };
            if let Some(kill) = &task.kill {
                if before != Some(kill.to_record()) {
                    moved.push(key.clone());
                }
                self.deadlines.insert((kill.due, key.clone()));
                self.timers.set(Timer::RepeatKill(key.clone()), now.at);
            }
            if !task.is_terminal()
                && let Some(executor) = self.executors.get_mut(&executor_key)
            {
                executor.add(key.task.clone(), task.group.as_ref());
                if let Some(kill) = &task.kill {
                    executor.killing.insert((kill.due, key.task.clone()));
                }
                match (&task.info, &task.group) {
                    (None, _) => {}
                    (Some(_), None) => executor.queue.push_back(Delivery::Task(key.task.clone())),
                    (Some(_), Some(group)) => {
                        let group = (executor_key, group.clone());
                        groups.entry(group).or_default().push(key.task.clone());
                    }
                }
            }
            self.insert_task(key, task);
        }
        for ((key, _), tasks) in groups {
            if let Some(executor) = self.executors.get_mut(&key) {
                executor.queue.push_back(Delivery::Group(tasks));
            }
        }
        let keys: Vec<ExecutorKey> = self.executors.keys().cloned().collect();
        for key in keys {
            self.rearm_escalation(&key);
        }
        (unlike, moved)
    }

    /// What the store has to learn because this start differs from the last one. At the first start
    /// that is the admission key: whatever becomes of the first answer, the next start is the same
    /// agent.
    fn correct_records(&mut self, stored: Option<&AgentRecord>, had_drain: bool) {
        if stored != self.durable().agent.as_ref() {
            self.touch_agent();
        }
        if had_drain && self.drain.is_none() {
            self.touch_drain();
        }
    }

    fn container_vanished(
        &mut self,
        now: Now,
        container: &ContainerId,
        rebooted: bool,
        fx: &mut Effects,
    ) {
        if rebooted
            && let Some(executor) =
                self.containers.get(container).and_then(|key| self.executors.get_mut(key))
        {
            executor.ending = Some(Ending {
                reason: Reason::AgentRestarted,
                message: "The host was rebooted".to_owned(),
            });
        }
        self.container_exited(now, container, ExitStatus::Unknown, fx);
    }

    /// An awaited executor is back, or gone: the last one lets the agent connect.
    pub(crate) fn awaited_came(&mut self, now: Now, container: &ContainerId) {
        if self.awaited.remove(container) && self.awaited.is_empty() {
            self.timers.set(Timer::Connect, now.at);
        }
    }
}
