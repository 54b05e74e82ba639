//! The events a scheduler is sent, one maker each.

use model::task::{Reason, Source, for_partition_unaware};
use model::{AgentId, ExecutorId, OfferId, TaskId, TaskState, Timestamp};
use wire::scheduler::Event;
use wire::scheduler::event::{self, Type};

fn event(kind: Type) -> Event {
    Event { r#type: Some(kind as i32), ..Event::default() }
}

pub(crate) fn subscribed(subscribed: event::Subscribed) -> Event {
    Event { subscribed: Some(Box::new(subscribed)), ..event(Type::Subscribed) }
}

pub(crate) fn heartbeat() -> Event {
    event(Type::Heartbeat)
}

pub(crate) fn error(message: impl Into<String>) -> Event {
    Event { error: Some(event::Error { message: message.into() }), ..event(Type::Error) }
}

pub(crate) fn offers(offers: Vec<wire::v1::Offer>) -> Event {
    Event { offers: Some(event::Offers { offers }), ..event(Type::Offers) }
}

pub(crate) fn rescind(offer: &OfferId) -> Event {
    Event { rescind: Some(event::Rescind { offer_id: offer.to_wire() }), ..event(Type::Rescind) }
}

pub(crate) fn inverse_offers(inverse_offers: Vec<wire::v1::InverseOffer>) -> Event {
    let inverse_offers = Some(event::InverseOffers { inverse_offers });
    Event { inverse_offers, ..event(Type::InverseOffers) }
}

pub(crate) fn rescind_inverse_offer(offer: &OfferId) -> Event {
    let rescind = event::RescindInverseOffer { inverse_offer_id: offer.to_wire() };
    Event { rescind_inverse_offer: Some(rescind), ..event(Type::RescindInverseOffer) }
}

pub(crate) fn update(status: wire::v1::TaskStatus) -> Event {
    Event { update: Some(event::Update { status }), ..event(Type::Update) }
}

pub(crate) fn operation_update(status: wire::v1::OperationStatus) -> Event {
    Event {
        update_operation_status: Some(Box::new(event::UpdateOperationStatus { status })),
        ..event(Type::UpdateOperationStatus)
    }
}

pub(crate) fn message(agent: &AgentId, message: wire::link::FrameworkMessage) -> Event {
    let message = event::Message {
        agent_id: agent.to_wire(),
        executor_id: message.executor_id.unwrap_or_default(),
        data: message.data.unwrap_or_default(),
    };
    Event { message: Some(message), ..event(Type::Message) }
}

/// The agent is lost to the framework.
pub(crate) fn agent_failure(agent: &AgentId) -> Event {
    let failure = event::Failure { agent_id: Some(agent.to_wire()), ..Default::default() };
    Event { failure: Some(failure), ..event(Type::Failure) }
}

/// An executor has exited; `status` as wait(2) encodes it.
pub(crate) fn executor_failure(
    agent: &AgentId,
    executor: &ExecutorId,
    status: Option<i32>,
) -> Event {
    let failure = event::Failure {
        agent_id: Some(agent.to_wire()),
        executor_id: Some(executor.to_wire()),
        status,
    };
    Event { failure: Some(failure), ..event(Type::Failure) }
}

/// A status the master itself makes.
// Mesos: it has no UUID, so nobody acknowledges it and nobody sends it again.
pub(crate) fn master_status(
    task: &TaskId,
    agent: Option<&AgentId>,
    state: TaskState,
    reason: Reason,
    message: impl Into<String>,
    now: Timestamp,
) -> wire::v1::TaskStatus {
    wire::v1::TaskStatus {
        task_id: task.to_wire(),
        state: state as i32,
        message: Some(message.into()),
        source: Some(Source::Master as i32),
        reason: Some(reason as i32),
        agent_id: agent.map(AgentId::to_wire),
        timestamp: Some(now.as_secs_f64()),
        ..Default::default()
    }
}

/// The state as a framework with or without `PARTITION_AWARE` is told it.
pub(crate) fn state_for(partition_aware: bool, state: TaskState) -> TaskState {
    if partition_aware { state } else { for_partition_unaware(state) }
}
