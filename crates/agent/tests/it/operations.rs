//! Resource operations at the agent: applied and written down together, told until acknowledged.

use std::collections::BTreeMap;

use agent::{Message, Stop};
use bytes::Bytes;
use model::Resources;
use wire::link::{self, event::Type};
use wire::v1::offer::{Operation, operation};
use wire::v1::resource::disk_info::Persistence;
use wire::v1::resource::{DiskInfo, ReservationInfo, reservation_info};
use wire::v1::{OperationState, Resource, Volume, value, volume};

use crate::world::{World, command_task, exec_id, secs};

fn scalar(name: &str, amount: f64) -> Resource {
    Resource {
        name: name.to_owned(),
        r#type: value::Type::Scalar.into(),
        scalar: Some(value::Scalar { value: amount }),
        ..Resource::default()
    }
}

fn reserved(name: &str, amount: f64) -> Resource {
    let reservation = ReservationInfo {
        r#type: Some(reservation_info::Type::Dynamic.into()),
        role: Some("db".to_owned()),
        ..ReservationInfo::default()
    };
    Resource { reservations: vec![reservation], ..scalar(name, amount) }
}

fn volume(id: &str) -> Resource {
    let disk = DiskInfo {
        persistence: Some(Persistence { id: id.to_owned(), principal: None }),
        volume: Some(Volume {
            container_path: "data".to_owned(),
            mode: volume::Mode::Rw.into(),
            ..Volume::default()
        }),
        source: None,
    };
    Resource { disk: Some(Box::new(disk)), ..reserved("disk", 10.0) }
}

fn reserve(resources: Vec<Resource>) -> Operation {
    let reserve = Some(operation::Reserve { resources, source: Vec::new() });
    Operation { r#type: Some(operation::Type::Reserve.into()), reserve, ..Operation::default() }
}

fn create(id: &str) -> Operation {
    let create = Some(operation::Create { volumes: vec![volume(id)] });
    Operation { r#type: Some(operation::Type::Create.into()), create, ..Operation::default() }
}

fn destroy(id: &str) -> Operation {
    let destroy = Some(operation::Destroy { volumes: vec![volume(id)] });
    Operation { r#type: Some(operation::Type::Destroy.into()), destroy, ..Operation::default() }
}

/// A registered agent with disk to make volumes of.
fn world() -> World {
    let mut world = World::unregistered();
    world.config.info.resources = vec![scalar("cpus", 8.0), scalar("disk", 100.0)];
    world.start_anew();
    world.register();
    world
}

fn apply(world: &mut World, number: u8, info: Operation) {
    world.out.clear();
    world.link(Type::ApplyOperation, |event| {
        event.apply_operation = Some(link::ApplyOperation {
            framework_id: None,
            info: Some(info),
            operation_uuid: Some(vec![number; 16].into()),
        });
    });
}

/// The states of the operations that were reported since they were last looked for.
fn told(world: &mut World) -> Vec<(u8, OperationState)> {
    let calls = std::mem::take(&mut world.out).into_iter().filter_map(|message| {
        let Message::Call { call } = message else { return None };
        let operation = call.operation_update?.operation?;
        Some((operation.uuid.value[0], operation.latest_status.state()))
    });
    calls.collect()
}

fn acknowledge(world: &mut World, number: u8) {
    let operations = world.agent.view_operations().operations;
    let operation = operations.iter().find(|it| it.uuid.value[0] == number).unwrap();
    let status_uuid = operation.latest_status.uuid.as_ref().map(|uuid| uuid.value.clone());
    world.link(Type::AcknowledgeOperation, |event| {
        event.acknowledge_operation = Some(link::AcknowledgeOperation {
            operation_uuid: Some(vec![number; 16].into()),
            status_uuid,
        });
    });
}

fn removed(world: &mut World, number: u8, outcome: Result<(), String>) {
    world.apply(agent::Event::VolumesRemoved { operation: Bytes::from(vec![number; 16]), outcome });
}

fn removals(world: &World) -> usize {
    world.out.iter().filter(|message| matches!(message, Message::RemoveVolumes { .. })).count()
}

/// What the agent says in its next greeting that it has.
fn total(world: &mut World) -> Resources {
    world.out.clear();
    world.apply(agent::Event::LinkClosed { why: "test".to_owned() });
    world.register();
    let hello = world.out.iter().find_map(|message| {
        let Message::Connect { hello } = message else { return None };
        Some(hello.total_resources.clone())
    });
    Resources::from_wire(&hello.unwrap()).unwrap()
}

const FINISHED: OperationState = OperationState::OperationFinished;

/// A reservation is durable before it is told, is told again until it is acknowledged, and survives restarts.
#[test]
fn operations_are_durable_and_told_until_acknowledged() {
    let mut world = world();
    apply(&mut world, 1, reserve(vec![reserved("cpus", 2.0), reserved("disk", 30.0)]));
    assert_eq!(told(&mut world), [(1, FINISHED)]);
    apply(&mut world, 1, reserve(vec![reserved("cpus", 2.0), reserved("disk", 30.0)]));
    assert_eq!(told(&mut world), [(1, FINISHED)], "the same again is no other operation");
    world.advance(secs(12));
    assert_eq!(told(&mut world), [(1, FINISHED)]);
    world.restart(agent::ContainerFate::Alive);
    world.register();
    assert_eq!(told(&mut world), [(1, FINISHED)], "a new link hears of it at once");
    acknowledge(&mut world, 1);
    assert!(world.agent.view_operations().operations.is_empty());
    assert!(world.store.operations.is_empty());
    let expected = Resources::from_wire(&[
        scalar("cpus", 6.0),
        scalar("disk", 70.0),
        reserved("cpus", 2.0),
        reserved("disk", 30.0),
    ]);
    assert_eq!(total(&mut world), expected.unwrap());
}

/// A destroyed volume is finished once its data is gone, however often that has to be tried, and whatever restarts
/// come between.
#[test]
fn a_destroyed_volume_is_finished_when_its_data_is_gone() {
    let mut world = world();
    apply(&mut world, 1, reserve(vec![reserved("disk", 30.0)]));
    apply(&mut world, 2, create("v"));
    assert!(world.out.iter().any(|message| matches!(message, Message::MakeVolumes(made) if made[0].folder == "volumes/roles/db/v")));
    acknowledge(&mut world, 1);
    acknowledge(&mut world, 2);
    apply(&mut world, 3, destroy("v"));
    assert_eq!(removals(&world), 1);
    assert_eq!(told(&mut world), []);
    apply(&mut world, 4, create("v"));
    assert_eq!(told(&mut world), [(4, OperationState::OperationFailed)], "its folder is not free");
    acknowledge(&mut world, 4);
    removed(&mut world, 3, Err("Device or resource busy".to_owned()));
    world.out.clear();
    world.advance(secs(31));
    assert_eq!(removals(&world), 1, "it is tried again");
    world.restart(agent::ContainerFate::Alive);
    assert_eq!(removals(&world), 2, "and by an agent that was restarted");
    world.register();
    world.out.clear();
    removed(&mut world, 3, Ok(()));
    assert_eq!(told(&mut world), [(3, FINISHED)]);
    acknowledge(&mut world, 3);
    assert!(world.store.operations.is_empty());
    assert!(total(&mut world).volumes().is_empty());
}

/// A drain lets no operation in, and is not empty before the last one is acknowledged.
#[test]
fn a_drain_waits_for_operations_and_takes_none() {
    let mut world = world();
    apply(&mut world, 1, reserve(vec![reserved("cpus", 2.0)]));
    world.drain(1, None, false);
    assert!(!world.is_empty());
    assert_eq!(world.reports().last().unwrap().operations_left, Some(1));
    apply(&mut world, 2, reserve(vec![reserved("cpus", 2.0)]));
    assert_eq!(told(&mut world), [(2, OperationState::OperationDropped)]);
    acknowledge(&mut world, 1);
    acknowledge(&mut world, 2);
    assert!(world.is_empty());
}

/// What can't be done is answered and changes nothing.
#[test]
fn operations_that_cannot_be_done_are_answered() {
    let mut world = world();
    apply(&mut world, 1, reserve(vec![reserved("cpus", 9.0)]));
    assert_eq!(told(&mut world), [(1, OperationState::OperationDropped)]);
    apply(&mut world, 2, reserve(vec![scalar("cpus", 1.0)]));
    assert_eq!(told(&mut world), [(2, OperationState::OperationError)]);
    assert!(world.store.resources.is_none());
}

/// A task with a volume has it in its sandbox, in a new container and in one that runs already.
#[test]
fn tasks_find_their_volumes() {
    let mut world = world();
    apply(&mut world, 1, reserve(vec![reserved("disk", 30.0)]));
    apply(&mut world, 2, create("v"));
    apply(&mut world, 3, create("w"));
    let task = |id: &str, own: &str| {
        let mut task = command_task(id);
        task.resources.push(volume(own));
        task
    };
    world.run_info(task("t1", "v"));
    let spec = &world.specs["t1"];
    assert_eq!(spec.volumes.len(), 1);
    assert_eq!(spec.volumes[0].folder, "volumes/roles/db/v");
    world.run_custom("c1", "custom");
    world.out.clear();
    let mut second = task("c2", "w");
    second.executor = Some(Box::new(wire::v1::ExecutorInfo {
        executor_id: exec_id("custom"),
        command: second.command.take(),
        ..Default::default()
    }));
    world.run_info(second);
    assert!(world.out.iter().any(|message| matches!(
        message,
        Message::LinkVolumes { volumes, .. } if volumes[0].folder == "volumes/roles/db/w"
    )));
}

/// An agent that has less than its reservations are made of does not start, and forgets nothing.
#[test]
fn an_agent_with_too_little_for_its_reservations_does_not_start() {
    let mut world = world();
    apply(&mut world, 1, reserve(vec![reserved("cpus", 2.0)]));
    let before = world.store.clone();
    world.config.info.resources = vec![scalar("cpus", 1.0)];
    let (_, effects) =
        agent::Agent::recover(world.config.clone(), before, BTreeMap::new(), world.now);
    assert!(effects.mutations.is_empty());
    let [Message::Stop(Stop::Incompatible { message })] = effects.messages.as_slice() else {
        panic!("{:?}", effects.messages);
    };
    assert!(message.contains("start it with the resources it had"), "{message}");
}

/// Records that this agent can't have written are done away with; nothing outside of its volumes is ever deleted.
#[test]
fn damaged_records_delete_nothing() {
    let mut world = world();
    let mut bad = destroy("v");
    let disk = bad.destroy.as_mut().unwrap().volumes[0].disk.as_mut().unwrap();
    disk.source = Some(wire::v1::resource::disk_info::Source {
        r#type: wire::v1::resource::disk_info::source::Type::Mount.into(),
        mount: Some(wire::v1::resource::disk_info::source::Mount { root: Some("/".to_owned()) }),
        ..Default::default()
    });
    let uuid = Bytes::from(vec![1; 16]);
    let operation = wire::v1::Operation {
        info: bad,
        latest_status: wire::v1::OperationStatus {
            state: OperationState::OperationPending.into(),
            ..Default::default()
        },
        uuid: wire::v1::Uuid { value: uuid.clone() },
        ..wire::v1::Operation::default()
    };
    let record = wire::checkpoint::OperationRecord { operation: Some(operation) };
    world.store.operations.insert(uuid, record);
    world.store.resources = Some(wire::checkpoint::ResourcesRecord {
        checkpointed: vec![scalar("cpus", 1.0), reserved("cpus", 1.0), Resource::default()],
    });
    world.out.clear();
    world.restart(agent::ContainerFate::Alive);
    assert_eq!(removals(&world), 0);
    assert!(world.store.operations.is_empty());
    let checkpointed = world.store.resources.clone().unwrap().checkpointed;
    assert_eq!(checkpointed, [reserved("cpus", 1.0)]);
}
