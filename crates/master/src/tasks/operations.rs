//! Resource operations as agents report them: passed on to frameworks, and acknowledged by those or by the master.

use std::time::Duration;

use model::{AgentId, FrameworkId, Now};
use wire::link;
use wire::scheduler::call;
use wire::v1::{Operation, OperationState, OperationStatus};

use crate::effects::Effects;
use crate::event::StreamId;
use crate::scheduler_events;
use crate::state::{self, Master};
use crate::tasks::Loss;

/// How long the end of an operation waits for a framework that nobody knows.
const ORPHAN_PATIENCE: Duration = Duration::from_mins(5);

/// Whether an operation in this state will never change again.
pub(crate) fn is_final(state: i32) -> bool {
    match OperationState::try_from(state) {
        Ok(
            OperationState::OperationFinished
            | OperationState::OperationFailed
            | OperationState::OperationError
            | OperationState::OperationDropped
            | OperationState::OperationGoneByOperator,
        ) => true,
        Ok(
            OperationState::OperationUnsupported
            | OperationState::OperationPending
            | OperationState::OperationUnreachable
            | OperationState::OperationRecovering
            | OperationState::OperationUnknown,
        )
        | Err(_) => false,
    }
}

impl Master {
    pub(super) fn adopt_operations(
        &mut self,
        now: Now,
        agent: &AgentId,
        operations: Vec<Operation>,
        fx: &mut Effects,
    ) {
        let id = agent;
        let Some(agent) = self.agent_mut(id) else { return };
        let mut old = std::mem::take(&mut agent.operations);
        for operation in operations {
            let uuid = operation.uuid.value.to_vec();
            let since = old.remove(&uuid).map_or(now.wall, |known| known.since);
            let known = state::Operation { wire: Box::new(operation), since };
            agent.operations.insert(uuid, known);
        }
        // It never got them, or its framework has acknowledged their end.
        for lost in old.into_values() {
            let message = "The agent did not receive the operation";
            self.tell_lost_operation(id, *lost.wire, OperationState::OperationDropped, message, fx);
        }
    }

    /// An agent's word on an operation. Goes to the framework that wants to know; else the master acknowledges it.
    pub(crate) fn operation_update(
        &mut self,
        now: Now,
        agent: &AgentId,
        update: link::OperationUpdate,
        fx: &mut Effects,
    ) {
        let Some(operation) = update.operation else {
            return fx.dropped(format!("agent {agent}"), "an operation update without operation");
        };
        let known = self.agents.get(agent);
        let before = known.and_then(|known| known.operations.get(&operation.uuid.value as &[u8]));
        let was_counted_on = before.is_some_and(|it| !is_final(it.wire.latest_status.state));
        let state = operation.latest_status.state;
        if before.is_none() && is_final(state) {
            // An agent says at registration all it has: this end was acknowledged, and the agent did not know so
            // when it repeated itself.
            return self.acknowledge_for_nobody(agent, &operation, fx);
        }
        self.take_operation_update(now, agent, operation, fx);
        // What was counted on did not come about: what the agent has is for the agent to say.
        if was_counted_on && is_final(state) && state != OperationState::OperationFinished as i32 {
            self.start_over(now, agent, fx);
        }
    }

    /// Ends the agent's link: with the next one it says anew what it has.
    fn start_over(&mut self, now: Now, agent: &AgentId, fx: &mut Effects) {
        if let Some(link) = self.agents.get(agent).and_then(|agent| agent.link) {
            fx.dropped(format!("agent {agent}"), "its resources are not as they were counted");
            self.link_closed(now, link, fx);
            fx.close_link(link);
        }
    }

    fn take_operation_update(
        &mut self,
        now: Now,
        agent: &AgentId,
        operation: Operation,
        fx: &mut Effects,
    ) {
        let framework = operation.framework_id.as_ref().map(FrameworkId::from);
        let known = framework.as_ref().and_then(|id| self.frameworks.get(id));
        let status = operation.latest_status.clone();
        let uuid = operation.uuid.value.to_vec();
        if let Some(known) = known.filter(|_| operation.info.id.is_some()) {
            if let Some(stream) = known.stream {
                let status = status_for(&operation, agent);
                fx.to_scheduler(stream, scheduler_events::operation_update(status));
            }
        } else if framework.as_ref().is_none_or(|id| {
            known.is_some() || self.is_completed(id) || self.is_long_back(now, agent)
        }) {
            // Mesos: without an id nobody waits for it, and frameworks that are over never will.
            self.acknowledge_for_nobody(agent, &operation, fx);
            if is_final(status.state) {
                if let Some(agent) = self.agent_mut(agent) {
                    agent.operations.remove(&uuid);
                }
                return;
            }
        }
        if let Some(agent) = self.agent_mut(agent) {
            // Mesos: a final status nobody has to acknowledge ends the matter.
            if is_final(operation.latest_status.state) && operation.latest_status.uuid.is_none() {
                agent.operations.remove(&uuid);
            } else {
                let since = agent.operations.get(&uuid).map_or(now.wall, |known| known.since);
                let known = state::Operation { wire: Box::new(operation), since };
                agent.operations.insert(uuid, known);
            }
        }
    }

    fn acknowledge_for_nobody(&self, agent: &AgentId, operation: &Operation, fx: &mut Effects) {
        let Some(status) = &operation.latest_status.uuid else { return };
        let acknowledgement = link::AcknowledgeOperation {
            operation_uuid: Some(operation.uuid.value.clone()),
            status_uuid: Some(status.value.clone()),
        };
        self.send_to_agent(agent, acknowledge_operation(acknowledgement), fx);
    }

    /// Whether a framework that this master has never heard of, or has forgotten, would be back by now.
    // Mesos: `MIN_WAIT_BEFORE_ORPHAN_OPERATION_ADOPTION`.
    fn is_long_back(&self, now: Now, agent: &AgentId) -> bool {
        let Some(agent) = self.agents.get(agent) else { return false };
        let since = agent.reregistered_at.unwrap_or(agent.registered_at);
        now.wall.since(since) >= ORPHAN_PATIENCE
    }

    /// Takes the operations of an agent that is lost off the books, and tells the frameworks that wait for
    /// them. Not acknowledged: an agent that comes back reports them itself.
    pub(super) fn lose_operations(&mut self, agent: &AgentId, why: Loss, fx: &mut Effects) {
        if self.agents.get(agent).is_none_or(|known| known.operations.is_empty()) {
            return;
        }
        let Some(known) = self.agent_mut(agent) else { return };
        let state = match why {
            Loss::Gone => OperationState::OperationGoneByOperator,
            Loss::Unreachable | Loss::Removed => OperationState::OperationUnreachable,
        };
        for operation in std::mem::take(&mut known.operations).into_values() {
            let message = why.message(agent.as_str());
            self.tell_lost_operation(agent, *operation.wire, state, &message, fx);
        }
    }

    /// Tells the framework that waits for an operation that it waits in vain. Nobody acknowledges that.
    fn tell_lost_operation(
        &self,
        agent: &AgentId,
        operation: Operation,
        state: OperationState,
        message: &str,
        fx: &mut Effects,
    ) {
        let owner = operation.framework_id.as_ref().map(FrameworkId::from);
        let owner = owner.and_then(|id| self.frameworks.get(&id));
        if let Some(stream) = owner.and_then(|owner| owner.stream)
            && operation.info.id.is_some()
            && !is_final(operation.latest_status.state)
        {
            let status = OperationStatus {
                operation_id: operation.info.id,
                state: state.into(),
                message: Some(message.to_owned()),
                agent_id: Some(agent.to_wire()),
                ..OperationStatus::default()
            };
            fx.to_scheduler(stream, scheduler_events::operation_update(status));
        }
    }

    /// A scheduler that is back hears at once what it has not acknowledged.
    pub(crate) fn retell_operations(
        &self,
        framework: &FrameworkId,
        stream: StreamId,
        fx: &mut Effects,
    ) {
        for agent in self.agents.values() {
            for operation in agent.operations.values().map(|known| &known.wire) {
                let owner = operation.framework_id.as_ref();
                if owner.is_some_and(|id| id.value == framework.as_str())
                    && operation.info.id.is_some()
                    && operation.latest_status.uuid.is_some()
                {
                    let status = status_for(operation, &agent.id);
                    fx.to_scheduler(stream, scheduler_events::operation_update(status));
                }
            }
        }
    }

    /// The scheduler has dealt with an operation's status.
    pub(crate) fn acknowledge_operation_status(
        &mut self,
        framework: &FrameworkId,
        acknowledge: call::AcknowledgeOperationStatus,
        fx: &mut Effects,
    ) {
        let agent = acknowledge.agent_id.as_ref().map(AgentId::from);
        let found = agent.and_then(|agent| {
            let known = self.agents.get(&agent).filter(|known| known.link.is_some())?;
            let operation =
                known.operations.values().map(|known| &known.wire).find(|operation| {
                    operation.framework_id.as_ref().is_some_and(|id| id.value == framework.as_str())
                        && operation.info.id.as_ref() == Some(&acknowledge.operation_id)
                })?;
            let latest = &operation.latest_status;
            let is_latest = latest.uuid.as_ref().is_some_and(|uuid| uuid.value == acknowledge.uuid);
            Some((agent, operation.uuid.value.clone(), is_latest && is_final(latest.state)))
        });
        let Some((agent, uuid, ends)) = found else {
            let why = "an acknowledgement of an operation status of an unknown operation or agent";
            return fx.dropped(format!("framework {framework}"), why);
        };
        if ends && let Some(agent) = self.agent_mut(&agent) {
            agent.operations.remove(uuid.as_ref() as &[u8]);
        }
        let acknowledgement = link::AcknowledgeOperation {
            operation_uuid: Some(uuid),
            status_uuid: Some(acknowledge.uuid),
        };
        self.send_to_agent(&agent, acknowledge_operation(acknowledgement), fx);
    }

    /// Nobody will acknowledge the operations of a framework that is over; the master does what it can now.
    // Differs from Mesos: at once, not when the agent repeats itself.
    pub(crate) fn end_operations_of_removed(&mut self, framework: &FrameworkId, fx: &mut Effects) {
        let mut ended = Vec::new();
        for agent in self.agents.values() {
            for (uuid, operation) in &agent.operations {
                let owner = operation.wire.framework_id.as_ref();
                let status = &operation.wire.latest_status;
                if owner.is_some_and(|id| id.value == framework.as_str()) && is_final(status.state)
                {
                    let acknowledgement = link::AcknowledgeOperation {
                        operation_uuid: Some(operation.wire.uuid.value.clone()),
                        status_uuid: status.uuid.as_ref().map(|uuid| uuid.value.clone()),
                    };
                    ended.push((agent.id.clone(), uuid.clone(), acknowledgement));
                }
            }
        }
        for (id, uuid, acknowledgement) in ended {
            // One that can't be reached reports it again and is answered then.
            if self.send_to_agent(&id, acknowledge_operation(acknowledgement), fx)
                && let Some(agent) = self.agent_mut(&id)
            {
                agent.operations.remove(&uuid);
            }
        }
    }
}

/// The latest status with the ids a scheduler goes by.
pub(crate) fn status_for(operation: &Operation, agent: &AgentId) -> OperationStatus {
    let mut status = operation.latest_status.clone();
    status.operation_id.clone_from(&operation.info.id);
    status.agent_id.get_or_insert_with(|| agent.to_wire());
    status
}

fn acknowledge_operation(acknowledgement: link::AcknowledgeOperation) -> link::Event {
    link::Event {
        r#type: Some(link::event::Type::AcknowledgeOperation as i32),
        acknowledge_operation: Some(acknowledgement),
        ..Default::default()
    }
}
