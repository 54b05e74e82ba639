//! Status updates on their way from agent to scheduler, and acknowledgements on their way back.

use bytes::Bytes;
use model::task::is_terminal;
use model::{AgentId, ExecutorId, FrameworkId, Now, TaskId, TaskState};
use wire::link;
use wire::scheduler::call;

use crate::effects::{Effects, Note};
use crate::scheduler_events::{self, state_for};
use crate::state::{Master, Status, Task, TaskKey, uuid_of};

impl Master {
    /// An agent's update. Forwarded however often it comes: the agent repeats it until it is acknowledged.
    pub(crate) fn status_update(
        &mut self,
        now: Now,
        agent: &AgentId,
        update: link::StatusUpdate,
        fx: &mut Effects,
    ) {
        let from = || format!("agent {agent}");
        let (Some(framework), Some(status)) = (&update.framework_id, update.status) else {
            return fx.dropped(from(), "a status update without framework or status");
        };
        let Some(state) = model::task::state_from_wire(status.state) else {
            return fx.dropped(from(), "a status update of unknown state");
        };
        let key = TaskKey {
            framework: FrameworkId::from(framework),
            task: TaskId::from(&status.task_id),
        };
        self.void_confirmation(agent);
        let latest = update.latest_state.and_then(model::task::state_from_wire).unwrap_or(state);
        if !self.frameworks.contains_key(&key.framework) {
            return self.update_for_nobody(agent, &key, &status, fx);
        }
        self.forward_update(agent, &key, &status, state, fx);
        self.take_update(now, agent, &key, &status, state, latest, fx);
    }

    /// An agent that still tells of a task is not empty, whatever it said before: its word counts again
    /// once it is given after the update.
    fn void_confirmation(&mut self, id: &AgentId) {
        let reported = self.agents.get(id).and_then(|agent| agent.reported_drain.as_ref());
        if reported.is_some_and(|report| report.empty)
            && let Some(agent) = self.agent_mut(id)
            && let Some(report) = &mut agent.reported_drain
        {
            report.empty = false;
        }
    }

    // Differs from Mesos: a removed framework never comes back to acknowledge, so the master does it in its place and
    // the agent gets empty. For frameworks not known yet it stays with the agent.
    fn update_for_nobody(
        &mut self,
        agent: &AgentId,
        key: &TaskKey,
        status: &wire::v1::TaskStatus,
        fx: &mut Effects,
    ) {
        if !self.is_completed(&key.framework) {
            return fx.dropped(
                format!("agent {agent}"),
                format!("an update of a task of framework {}, which is unknown", key.framework),
            );
        }
        // Only an agent that reported another one's task can still have it.
        self.remove_task(agent, key);
        if let Some(uuid) = status.uuid.clone() {
            self.send_to_agent(agent, acknowledge_status(key, uuid), fx);
        }
    }

    fn forward_update(
        &mut self,
        agent: &AgentId,
        key: &TaskKey,
        status: &wire::v1::TaskStatus,
        state: TaskState,
        fx: &mut Effects,
    ) {
        let Some(framework) = self.frameworks.get(&key.framework) else { return };
        let Some(stream) = framework.stream else { return };
        let told = state_for(framework.capabilities.partition_aware, state);
        let mut forwarded = status.clone();
        forwarded.state = told as i32;
        forwarded.agent_id.get_or_insert_with(|| agent.to_wire());
        fx.to_scheduler(stream, scheduler_events::update(forwarded));
        let uuid = uuid_of(status);
        self.change_task(agent, key, |task| {
            task.status_update_state = Some(told);
            task.status_update_uuid = uuid;
        });
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of an update")]
    fn take_update(
        &mut self,
        now: Now,
        agent: &AgentId,
        key: &TaskKey,
        status: &wire::v1::TaskStatus,
        state: TaskState,
        latest: TaskState,
        fx: &mut Effects,
    ) {
        let taken = self.change_task(agent, key, |task| {
            let (before, was_terminal) = (task.state, task.is_terminal());
            let changed = task.set_state(latest, now.wall);
            let repeated = task.statuses.last().is_some_and(|last| last.is(status));
            if !repeated {
                task.remember(Status::new(status, state));
            }
            let ended = task.is_terminal() && !was_terminal;
            (before, task.state, changed, repeated, ended.then(|| task.resources.clone()))
        });
        let Some((before, after, changed, repeated, freed)) = taken else {
            // Forwarded all the same: its acknowledgement lets the agent forget the task.
            return fx.dropped(
                format!("agent {agent}"),
                format!("an update of unknown task {}", key.task),
            );
        };
        if let Some(freed) = freed {
            self.release(agent, &key.framework, &freed);
            fx.note(Note::TaskEnded { state: after });
        }
        if changed {
            fx.note(Note::TaskUpdated { agent: agent.clone(), state: after });
        }
        // Mesos: readers hear of new states and of new health, not of repetitions.
        if self.watchers > 0 && (before != after || !repeated) {
            fx.to_operators(task_updated(&key.framework, status.clone(), after));
        }
    }

    /// The scheduler has dealt with an update.
    pub(crate) fn acknowledge(
        &mut self,
        framework: &FrameworkId,
        acknowledge: &call::Acknowledge,
        fx: &mut Effects,
    ) {
        let from = || format!("framework {framework}");
        let agent = AgentId::from(&acknowledge.agent_id);
        // Mesos: dropped as well. The agent repeats its updates as soon as it is back (Mesos: up to 10 min later), and
        // the scheduler acknowledges again.
        if self.agents.get(&agent).is_none_or(|agent| agent.link.is_none()) {
            return fx
                .dropped(from(), format!("an acknowledgement to agent {agent}, not connected"));
        }
        let key =
            TaskKey { framework: framework.clone(), task: TaskId::from(&acknowledge.task_id) };
        let task = self.agents.get(&agent).and_then(|agent| agent.tasks.get(&key));
        let ends = match task.map(|task| &**task) {
            Some(Task { status_update_state: None, .. }) => {
                let why = format!("an acknowledgement for task {}, not updated yet", key.task);
                return fx.dropped(from(), why);
            }
            Some(task) => {
                let uuid = <[u8; 16]>::try_from(acknowledge.uuid.as_ref()).ok();
                uuid.is_some()
                    && task.status_update_uuid == uuid
                    && task.status_update_state.is_some_and(is_terminal)
            }
            None => false,
        };
        if ends && let Some(task) = self.remove_task(&agent, &key) {
            self.file_completed(framework, task.to_wire(&key, &agent));
        }
        self.send_to_agent(&agent, acknowledge_status(&key, acknowledge.uuid.clone()), fx);
    }

    /// The scheduler wants a task to end.
    pub(crate) fn kill(
        &mut self,
        now: Now,
        framework: &FrameworkId,
        kill: &call::Kill,
        fx: &mut Effects,
    ) {
        let task_id = TaskId::from(&kill.task_id);
        let named = kill.agent_id.as_ref().map(AgentId::from);
        let known = self.frameworks.get(framework).and_then(|known| known.tasks.get(&task_id));
        let Some(agent) = known.cloned() else {
            // Mesos: a task nobody knows is answered like a reconciliation.
            return self.reconcile_one(now, framework, &task_id, named.as_ref(), fx);
        };
        if named.is_some_and(|named| named != agent) {
            let why = format!("KILL of task {task_id} on another agent than {agent}");
            return fx.dropped(format!("framework {framework}"), why);
        }
        let key = TaskKey { framework: framework.clone(), task: task_id };
        let policy = kill.kill_policy.unwrap_or_default();
        self.change_task(&agent, &key, |task| task.kill_requested = Some(Box::new(policy)));
        self.send_to_agent(&agent, kill_task(&key, &policy), fx);
    }

    /// The scheduler wants an executor to end.
    pub(crate) fn shutdown_executor(
        &mut self,
        framework: &FrameworkId,
        shutdown: call::Shutdown,
        fx: &mut Effects,
    ) {
        let agent = AgentId::from(&shutdown.agent_id);
        let event = link::Event {
            r#type: Some(link::event::Type::ShutdownExecutor as i32),
            shutdown_executor: Some(link::ShutdownExecutor {
                framework_id: Some(framework.to_wire()),
                executor_id: Some(shutdown.executor_id),
            }),
            ..Default::default()
        };
        if !self.send_to_agent(&agent, event, fx) {
            fx.dropped(
                format!("framework {framework}"),
                format!("SHUTDOWN on agent {agent}, not connected"),
            );
        }
    }

    /// The scheduler has a message for an executor. Best effort.
    pub(crate) fn framework_message(
        &mut self,
        framework: &FrameworkId,
        message: call::Message,
        fx: &mut Effects,
    ) {
        let agent = AgentId::from(&message.agent_id);
        let event = link::Event {
            r#type: Some(link::event::Type::Message as i32),
            message: Some(link::FrameworkMessage {
                framework_id: Some(framework.to_wire()),
                executor_id: Some(message.executor_id),
                data: Some(message.data),
            }),
            ..Default::default()
        };
        if !self.send_to_agent(&agent, event, fx) {
            fx.dropped(
                format!("framework {framework}"),
                format!("MESSAGE to agent {agent}, not connected"),
            );
        }
    }

    /// An executor has a message for its scheduler. Best effort.
    pub(crate) fn executor_message(
        &mut self,
        _now: Now,
        agent: &AgentId,
        message: link::FrameworkMessage,
        fx: &mut Effects,
    ) {
        let framework = message.framework_id.as_ref().map(FrameworkId::from);
        let stream = framework.and_then(|id| self.frameworks.get(&id)?.stream);
        match stream {
            Some(stream) => fx.to_scheduler(stream, scheduler_events::message(agent, message)),
            None => fx.dropped(format!("agent {agent}"), "a message to a framework not connected"),
        }
    }

    /// An executor of an agent has ended. Its tasks' updates come by themselves.
    pub(crate) fn exited_executor(
        &mut self,
        _now: Now,
        agent: &AgentId,
        exited: &link::ExitedExecutor,
        fx: &mut Effects,
    ) {
        let (Some(framework), Some(executor)) = (&exited.framework_id, &exited.executor_id) else {
            return fx.dropped(format!("agent {agent}"), "an executor's exit without ids");
        };
        let (framework, executor) = (FrameworkId::from(framework), ExecutorId::from(executor));
        self.remove_executor(agent, &framework, &executor);
        if let Some(stream) = self.frameworks.get(&framework).and_then(|it| it.stream) {
            let event = scheduler_events::executor_failure(agent, &executor, exited.status);
            fx.to_scheduler(stream, event);
        }
    }
}

pub(super) fn kill_task(key: &TaskKey, policy: &wire::v1::KillPolicy) -> link::Event {
    link::Event {
        r#type: Some(link::event::Type::KillTask as i32),
        kill_task: Some(link::KillTask {
            framework_id: Some(key.framework.to_wire()),
            task_id: Some(key.task.to_wire()),
            kill_policy: policy.grace_period.is_some().then_some(*policy),
        }),
        ..Default::default()
    }
}

fn acknowledge_status(key: &TaskKey, uuid: impl Into<Bytes>) -> link::Event {
    link::Event {
        r#type: Some(link::event::Type::AcknowledgeStatus as i32),
        acknowledge_status: Some(link::AcknowledgeStatus {
            framework_id: Some(key.framework.to_wire()),
            task_id: Some(key.task.to_wire()),
            uuid: Some(uuid.into()),
        }),
        ..Default::default()
    }
}

pub(crate) fn task_updated(
    framework: &FrameworkId,
    status: wire::v1::TaskStatus,
    state: TaskState,
) -> wire::master::Event {
    wire::master::Event {
        r#type: Some(wire::master::event::Type::TaskUpdated as i32),
        task_updated: Some(Box::new(wire::master::event::TaskUpdated {
            framework_id: framework.to_wire(),
            status,
            state: state as i32,
        })),
        ..Default::default()
    }
}
