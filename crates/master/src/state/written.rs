//! Tasks written field by field, for large answers: what [`Task::to_wire`] makes, without making it.

use model::resources::Format;
use model::task::Source;
use model::{AgentId, ExecutorId, TaskId};
use wire::compose::{Composer, Slot};

use super::task::{Status, Task, TaskKey};

impl Task {
    pub(crate) fn write(&self, key: &TaskKey, agent: &AgentId, slot: Slot<'_, '_>) {
        let extra = self.extra.as_deref();
        if extra.is_some_and(|extra| !extra.limits.is_empty()) {
            return slot.message(&self.to_wire(key, agent));
        }
        slot.compose(|it| {
            it.text("name", &self.name);
            it.id("task_id", key.task.as_str());
            it.id("framework_id", key.framework.as_str());
            if let Some(executor) = &self.executor_id {
                it.id("executor_id", executor.as_str());
            }
            it.id("agent_id", agent.as_str());
            it.number_of("state", self.state as i32);
            self.resources.write_as(Format::Refined, "resources", it);
            it.each("statuses", &self.statuses, |it, status| {
                status.write(&key.task, agent, self.executor_id.as_ref(), it);
            });
            if let Some(state) = self.status_update_state {
                it.number_of("status_update_state", state as i32);
            }
            if let Some(uuid) = &self.status_update_uuid {
                it.bytes("status_update_uuid", uuid);
            }
            let Some(extra) = extra else { return };
            it.optional("labels", extra.labels.as_ref());
            it.optional("discovery", extra.discovery.as_ref());
            it.optional("container", extra.container.as_deref());
            it.optional("health_check", extra.health_check.as_deref());
            it.optional("kill_policy", extra.kill_policy.as_ref());
            if let Some(user) = &extra.user {
                it.text("user", user);
            }
        });
    }
}

impl Status {
    fn write(
        &self,
        task: &TaskId,
        agent: &AgentId,
        executor: Option<&ExecutorId>,
        it: &mut Composer<'_>,
    ) {
        it.id("task_id", task.as_str());
        it.number_of("state", self.state as i32);
        if let Some(message) = &self.message {
            it.text("message", message);
        }
        if let Some(source) = self.source {
            it.number_of("source", source as i32);
        }
        if let Some(reason) = self.reason {
            it.number_of("reason", reason as i32);
        }
        it.id("agent_id", agent.as_str());
        if let Some(executor) = self.executor(task, executor) {
            it.id("executor_id", executor);
        }
        if let Some(timestamp) = self.timestamp {
            it.real("timestamp", timestamp);
        }
        if let Some(uuid) = &self.uuid {
            it.bytes("uuid", uuid);
        }
        if let Some(healthy) = self.healthy {
            it.boolean("healthy", healthy);
        }
        let rest = self.rest.as_deref();
        it.optional("check_status", rest.and_then(|rest| rest.check_status.as_ref()));
        it.optional("labels", rest.and_then(|rest| rest.labels.as_ref()));
        it.optional("container_status", self.container.as_deref());
        it.optional("unreachable_time", rest.and_then(|rest| rest.unreachable_time.as_ref()));
        it.optional("limitation", rest.and_then(|rest| rest.limitation.as_ref()));
    }

    /// Of whom the status is: an agent's command executor carries the id of its task.
    pub(super) fn executor<'a>(
        &self,
        task: &'a TaskId,
        executor: Option<&'a ExecutorId>,
    ) -> Option<&'a str> {
        let is_told = self.source != Some(Source::Master);
        is_told.then(|| executor.map_or(task.as_str(), ExecutorId::as_str))
    }
}
