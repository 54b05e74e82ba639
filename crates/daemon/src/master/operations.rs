//! Operators' calls about reservations and volumes, as the operations that they are.

use axum::http::StatusCode;
use master::{Event, RequestId};
use model::AgentId;
use wire::master::Call;
use wire::master::call::Type;
use wire::v1::offer::{Operation, operation};

use super::operator::Mutation;
use crate::http::ApiError;

/// The event of a call, if it is one of these.
///
/// # Errors
/// A call about a volume does not say on which agent.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other calls are about something else")]
pub(super) fn mutation(
    kind: Type,
    call: &Call,
    principal: Option<&String>,
) -> Result<Option<Mutation>, ApiError> {
    let named = |agent: Option<&wire::v1::AgentId>| {
        // Without an agent it would be about a volume of a resource provider.
        let why = "Only volumes of agents are served: expecting 'agent_id' to be present";
        agent.cloned().ok_or_else(|| ApiError::new(StatusCode::NOT_IMPLEMENTED, why.to_owned()))
    };
    let (agent, operation) = match kind {
        Type::ReserveResources => {
            let call = call.reserve_resources.clone().unwrap_or_default();
            let reserve = operation::Reserve { resources: call.resources, source: call.source };
            let operation = of(operation::Type::Reserve, |it| it.reserve = Some(reserve));
            (call.agent_id, operation)
        }
        Type::UnreserveResources => {
            let call = call.unreserve_resources.clone().unwrap_or_default();
            let unreserve = operation::Unreserve { resources: call.resources };
            let operation = of(operation::Type::Unreserve, |it| it.unreserve = Some(unreserve));
            (call.agent_id, operation)
        }
        Type::CreateVolumes => {
            let call = call.create_volumes.clone().unwrap_or_default();
            let create = operation::Create { volumes: call.volumes };
            (call.agent_id, of(operation::Type::Create, |it| it.create = Some(create)))
        }
        Type::DestroyVolumes => {
            let call = call.destroy_volumes.clone().unwrap_or_default();
            let destroy = operation::Destroy { volumes: call.volumes };
            (call.agent_id, of(operation::Type::Destroy, |it| it.destroy = Some(destroy)))
        }
        Type::GrowVolume => {
            let call = call.grow_volume.clone().unwrap_or_default();
            let grow = operation::GrowVolume { volume: call.volume, addition: call.addition };
            let operation = of(operation::Type::GrowVolume, |it| it.grow_volume = Some(grow));
            (named(call.agent_id.as_ref())?, operation)
        }
        Type::ShrinkVolume => {
            let call = call.shrink_volume.clone().unwrap_or_default();
            let shrink = operation::ShrinkVolume { volume: call.volume, subtract: call.subtract };
            let operation = of(operation::Type::ShrinkVolume, |it| it.shrink_volume = Some(shrink));
            (named(call.agent_id.as_ref())?, operation)
        }
        _ => return Ok(None),
    };
    let (agent, principal) = (AgentId::from(&agent), principal.cloned());
    Ok(Some(Box::new(move |request: RequestId| Event::Operate {
        request,
        agent,
        operation: Box::new(operation),
        principal,
    })))
}

/// How a call that was taken is answered.
// Mesos: what an agent has still to carry out is only accepted.
pub(super) fn status(kind: Type) -> StatusCode {
    let is_operation = matches!(
        kind,
        Type::ReserveResources
            | Type::UnreserveResources
            | Type::CreateVolumes
            | Type::DestroyVolumes
            | Type::GrowVolume
            | Type::ShrinkVolume
    );
    if is_operation { StatusCode::ACCEPTED } else { StatusCode::OK }
}

fn of(kind: operation::Type, fill: impl FnOnce(&mut Operation)) -> Operation {
    let mut operation = Operation { r#type: Some(kind.into()), ..Operation::default() };
    fill(&mut operation);
    operation
}
