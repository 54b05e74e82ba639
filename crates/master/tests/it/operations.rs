//! Resource operations and drains: an operation that is not over holds a drain, whoever carries it out.

use bytes::Bytes;
use model::drain::BlockerKind;
use wire::v1::{DrainState, Operation, OperationState, OperationStatus, Uuid};

use crate::service::Service;
use crate::world::{World, hello, progress, with_id};

const UUID: [u8; 16] = [7; 16];

fn operation(state: OperationState, provider: Option<&str>) -> Operation {
    Operation {
        latest_status: OperationStatus {
            state: state.into(),
            resource_provider_id: provider
                .map(|id| wire::v1::ResourceProviderId { value: id.to_owned() }),
            ..OperationStatus::default()
        },
        uuid: Uuid { value: Bytes::copy_from_slice(&UUID) },
        ..Operation::default()
    }
}

fn update(operation: Operation) -> wire::link::Call {
    wire::link::Call {
        r#type: Some(wire::link::call::Type::OperationUpdate.into()),
        operation_update: Some(Box::new(wire::link::OperationUpdate {
            operation: Some(operation),
        })),
        ..wire::link::Call::default()
    }
}

/// D10: a pending operation holds the drain and is named as its blocker, also if a resource provider
/// carries it out; its end lets the drain finish (§8.5 item 7).
#[test]
fn d10_operations_of_resource_providers_hold_a_drain() {
    for provider in [None, Some("disks")] {
        let mut world = World::new();
        let (agent, link) = world.agent(5051);
        world.close(link);
        let mut back = with_id(hello(5051), &agent);
        back.operations = vec![operation(OperationState::OperationPending, provider)];
        let link = world.hello(back);
        world.drain(&agent).unwrap();
        world.call(link, &agent, progress(1, true));
        assert_eq!(world.drain_state(&agent), Some(DrainState::Draining), "{provider:?}");
        let blockers = world.master.why_not_drained(world.now, &agent);
        assert!(
            blockers.iter().any(|blocker| matches!(
                &blocker.kind,
                BlockerKind::OperationPending { uuid, provider: named, .. }
                    if uuid == &UUID && named.as_deref() == provider
            )),
            "{blockers:?}"
        );
        let ended = operation(OperationState::OperationFinished, provider);
        world.call(link, &agent, update(ended));
        assert_eq!(world.drain_state(&agent), Some(DrainState::Drained), "{provider:?}");
    }
}

/// An agent that is lost takes its operations along: its framework is told so, and the master goes on.
#[test]
fn the_operations_of_a_lost_agent_are_told_and_off_the_books() {
    for is_gone in [false, true] {
        let mut world = World::new();
        let service = Service::new(&mut world, "disks");
        let (agent, link) = world.agent(5051);
        world.close(link);
        let mut back = with_id(hello(5051), &agent);
        let mut pending = operation(OperationState::OperationPending, None);
        pending.framework_id = Some(service.id.to_wire());
        pending.info.id = Some(wire::v1::OperationId { value: "grow".to_owned() });
        back.operations = vec![pending];
        let link = world.hello(back);
        let expected = if is_gone {
            world.mark_gone(&agent).unwrap();
            OperationState::OperationGoneByOperator
        } else {
            world.close(link).after(std::time::Duration::from_mins(20));
            OperationState::OperationUnreachable
        };
        let told = world.to_scheduler(service.stream);
        let told: Vec<_> =
            told.iter().filter_map(|it| it.update_operation_status.as_ref()).collect();
        assert_eq!(told.len(), 1, "{told:?}");
        assert_eq!(told[0].status.state(), expected);
        assert_eq!(told[0].status.operation_id.as_ref().map(|id| id.value.as_str()), Some("grow"));
        assert!(world.master.view_operations().operations.is_empty());
    }
}

/// D13: what a drain leaves in the registry hangs on the agent's own record; once the agent is gone, no
/// trace of draining is left to keep a cluster from anything.
#[test]
fn d13_a_gone_agent_leaves_no_trace_of_its_drain() {
    let mut world = World::new();
    let (agent, link) = world.agent(5051);
    let (other, _) = world.agent(5052);
    let before = world.record(&other);
    world.drain(&agent).unwrap();
    world.call(link, &agent, progress(1, true));
    world.mark_gone(&agent).unwrap();
    let record = world.record(&agent).unwrap();
    assert_eq!(record.admission(), wire::registry::Admission::Gone);
    assert!(record.drain.is_none() && record.deactivation.is_none(), "{record:?}");
    assert_eq!(world.record(&other), before);
}

/// D34: a change of one agent writes that agent's record and nothing else.
#[test]
fn d34_a_drain_writes_one_record_of_many() {
    let mut world = World::new();
    let agents: Vec<_> = (0..20).map(|port| world.agent(6000 + port).0).collect();
    let effects = world.master.apply(
        world.now,
        master::Event::DrainAgent {
            request: master::RequestId(u64::MAX),
            agent: agents[3].clone(),
            drain: master::DrainRequest::default(),
        },
    );
    let [master::Mutation::SetAgent(record)] = effects.mutations.as_slice() else {
        panic!("expected one record: {:?}", effects.mutations);
    };
    assert_eq!(record.agent_id.as_ref().unwrap().value, agents[3].as_str());
}
