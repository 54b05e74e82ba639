//! What becomes of an agent's tasks when the agent is lost.

use model::task::{Reason, is_terminal};
use model::{AgentId, Now, TaskState, Timestamp};

use super::adopt::ended;
use super::{push_bounded, task_updated};
use crate::effects::{Effects, Note};
use crate::scheduler_events::{self, master_status};
use crate::state::{Master, TaskKey};

/// Why the tasks of an agent are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    /// Nobody knows what they do; they may be back.
    Unreachable,
    /// The agent was decommissioned.
    Gone,
    /// The agent left, or another took its place.
    Removed,
}

impl Loss {
    fn state(self, partition_aware: bool) -> TaskState {
        match self {
            Self::Unreachable if partition_aware => TaskState::TaskUnreachable,
            Self::Gone if partition_aware => TaskState::TaskGoneByOperator,
            Self::Unreachable | Self::Gone | Self::Removed => TaskState::TaskLost,
        }
    }

    // Mesos: the operator's own reason is only for those who know the operator's own state.
    fn reason(self, partition_aware: bool) -> Reason {
        match self {
            Self::Gone if partition_aware => Reason::AgentRemovedByOperator,
            Self::Unreachable | Self::Gone | Self::Removed => Reason::AgentRemoved,
        }
    }

    pub(super) fn message(self, agent: &str) -> String {
        match self {
            Self::Unreachable => format!("Agent {agent} is unreachable"),
            Self::Gone => format!("Agent {agent} has been marked gone"),
            Self::Removed => format!("Agent {agent} removed"),
        }
    }
}

impl Master {
    /// Takes everything off the books of an agent that is lost, and tells the frameworks.
    pub(crate) fn lose_agent_tasks(
        &mut self,
        now: Now,
        agent: &AgentId,
        why: Loss,
        fx: &mut Effects,
    ) {
        self.rescind_agent_offers(now, agent, fx);
        let Some(known) = self.agents.get(agent) else { return };
        let keys: Vec<TaskKey> = known.tasks.keys().cloned().collect();
        let executors: Vec<_> = known.executors.keys().cloned().collect();
        for key in keys {
            self.lose_task(now, agent, &key, why, fx);
        }
        for (framework, id) in executors {
            self.remove_executor(agent, &framework, &id);
        }
        self.lose_operations(agent, why, fx);
        if why != Loss::Unreachable {
            self.lose_unreachable_tasks(now, agent, why, fx);
        }
        for framework in self.frameworks.values() {
            if let Some(stream) = framework.stream {
                fx.to_scheduler(stream, scheduler_events::agent_failure(agent));
            }
        }
    }

    fn lose_task(&mut self, now: Now, agent: &AgentId, key: &TaskKey, why: Loss, fx: &mut Effects) {
        let Some(task) = self.remove_task(agent, key) else { return };
        let shown = task.to_wire(key, agent);
        let Some(framework) = self.frameworks.get(&key.framework) else { return };
        let aware = framework.capabilities.partition_aware;
        if task.is_terminal() {
            // It ended before the agent was lost. Whoever has not heard so hears it now; an agent that comes back
            // repeats its own update.
            let untold = task.told_state() != task.state;
            if why != Loss::Unreachable
                && untold
                && let Some(stream) = framework.stream
            {
                let state = scheduler_events::state_for(aware, task.state);
                let (reason, message) = (why.reason(aware), why.message(agent.as_str()));
                let status =
                    master_status(&key.task, Some(agent), state, reason, message, now.wall);
                fx.to_scheduler(stream, scheduler_events::update(status));
            }
            return self.file_completed(&key.framework, shown);
        }
        let lost = self.tell_lost(now, agent, key, shown, why, fx);
        if why == Loss::Unreachable {
            // Mesos: those of frameworks that are told LOST are filed here too: they may come back.
            let bound = self.config.max_unreachable_tasks_per_framework;
            if let Some(framework) = self.frameworks.get_mut(&key.framework) {
                push_bounded(&mut framework.unreachable_tasks, lost, bound);
            }
        } else {
            // Differs from Mesos: it files the tasks of partition-unaware frameworks under unreachable.
            self.file_completed(&key.framework, lost);
        }
    }

    /// Tasks already unreachable won't come back.
    fn lose_unreachable_tasks(&mut self, now: Now, agent: &AgentId, why: Loss, fx: &mut Effects) {
        for (key, task) in self.take_unreachable(agent) {
            let lost = self.tell_lost(now, agent, &key, task.as_ref().clone(), why, fx);
            self.file_completed(&key.framework, lost);
        }
    }

    /// Tells framework and operators, and returns the task's record as it ends.
    fn tell_lost(
        &self,
        now: Now,
        agent: &AgentId,
        key: &TaskKey,
        task: wire::v1::Task,
        why: Loss,
        fx: &mut Effects,
    ) -> wire::v1::Task {
        let Some(framework) = self.frameworks.get(&key.framework) else { return task };
        let aware = framework.capabilities.partition_aware;
        let (state, message) = (why.state(aware), why.message(agent.as_str()));
        let mut status =
            master_status(&key.task, Some(agent), state, why.reason(aware), message, now.wall);
        if why == Loss::Unreachable {
            status.unreachable_time = Some(Timestamp::to_wire(now.wall));
        }
        // Who was told LOST as it became unreachable is told so once more.
        if is_terminal(state) && task.state != state as i32 {
            fx.note(Note::TaskEnded { state });
        }
        if let Some(stream) = framework.stream {
            fx.to_scheduler(stream, scheduler_events::update(status.clone()));
        }
        if self.watchers > 0 {
            fx.to_operators(task_updated(&key.framework, status.clone(), state));
        }
        ended(task, state, status)
    }
}
