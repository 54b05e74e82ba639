//! Resource operations as frameworks and operators ask for them.

use master::LinkId;
use model::{AgentId, Status};
use wire::link;
use wire::scheduler::call::{self, Type as CallType};
use wire::v1::offer::{Operation, operation};
use wire::v1::resource::disk_info::Persistence;
use wire::v1::resource::{DiskInfo, ReservationInfo, reservation_info};
use wire::v1::{DrainState, OperationState, OperationStatus, Resource, Uuid, Volume, volume};

use crate::service::{Service, in_role, launch, plain, task_info};
use crate::world::{World, hello, plain_call, progress, scalar, with_id};

fn with_disk(port: i32) -> link::Hello {
    let mut hello = hello(port);
    hello.agent_info.as_mut().unwrap().resources.push(scalar("disk", 1000.0));
    hello
}

/// A service, and an agent with a disk.
fn with_service() -> (World, Service, LinkId, AgentId) {
    let mut world = World::new();
    let service = Service::new(&mut world, "db");
    let link = world.hello(with_disk(5051));
    let agent = world.registered(link);
    (world, service, link, agent)
}

fn reserved(name: &str, amount: f64, roles: &[&str]) -> Resource {
    let reservation = |role: &&str| ReservationInfo {
        r#type: Some(reservation_info::Type::Dynamic as i32),
        role: Some((*role).to_owned()),
        ..ReservationInfo::default()
    };
    Resource { reservations: roles.iter().map(reservation).collect(), ..scalar(name, amount) }
}

fn volume(size: f64, id: &str) -> Resource {
    let disk = DiskInfo {
        persistence: Some(Persistence { id: id.to_owned(), principal: None }),
        volume: Some(Volume {
            container_path: "data".to_owned(),
            mode: volume::Mode::Rw as i32,
            ..Volume::default()
        }),
        source: None,
    };
    Resource { disk: Some(Box::new(disk)), ..reserved("disk", size, &["web"]) }
}

fn named(mut operation: Operation, id: &str) -> Operation {
    operation.id = Some(wire::v1::OperationId { value: id.to_owned() });
    operation
}

fn reserve(resources: Vec<Resource>) -> Operation {
    let reserve = Some(operation::Reserve { resources, source: Vec::new() });
    Operation { r#type: Some(operation::Type::Reserve as i32), reserve, ..Operation::default() }
}

fn unreserve(resources: Vec<Resource>) -> Operation {
    let unreserve = Some(operation::Unreserve { resources });
    Operation { r#type: Some(operation::Type::Unreserve as i32), unreserve, ..Operation::default() }
}

fn create(volumes: Vec<Resource>) -> Operation {
    let create = Some(operation::Create { volumes });
    Operation { r#type: Some(operation::Type::Create as i32), create, ..Operation::default() }
}

fn destroy(volumes: Vec<Resource>) -> Operation {
    let destroy = Some(operation::Destroy { volumes });
    Operation { r#type: Some(operation::Type::Destroy as i32), destroy, ..Operation::default() }
}

/// The operations the last step sent to an agent.
fn sent(world: &World, link: LinkId) -> Vec<link::ApplyOperation> {
    world.to_agent(link).into_iter().filter_map(|event| event.apply_operation).collect()
}

fn acknowledge_operation(world: &mut World, service: &Service, agent: &AgentId, id: &str) {
    service.call(world, CallType::AcknowledgeOperationStatus, |call| {
        call.acknowledge_operation_status = Some(call::AcknowledgeOperationStatus {
            agent_id: Some(agent.to_wire()),
            uuid: vec![9; 16].into(),
            operation_id: wire::v1::OperationId { value: id.to_owned() },
            ..Default::default()
        });
    });
}

/// What the agent says of an operation it was sent.
fn report(
    world: &mut World,
    link: LinkId,
    agent: &AgentId,
    sent: &link::ApplyOperation,
    state: OperationState,
) {
    let operation = wire::v1::Operation {
        framework_id: sent.framework_id.clone(),
        agent_id: Some(agent.to_wire()),
        info: sent.info.clone().unwrap(),
        latest_status: OperationStatus {
            operation_id: sent.info.as_ref().unwrap().id.clone(),
            state: state as i32,
            uuid: Some(Uuid { value: vec![9; 16].into() }),
            ..OperationStatus::default()
        },
        uuid: Uuid { value: sent.operation_uuid.clone().unwrap() },
        ..wire::v1::Operation::default()
    };
    let update = link::OperationUpdate { operation: Some(operation) };
    let call = link::Call {
        r#type: Some(link::call::Type::OperationUpdate as i32),
        operation_update: Some(Box::new(update)),
        ..link::Call::default()
    };
    world.call(link, agent, call);
}

fn told(world: &World, service: &Service) -> Vec<OperationStatus> {
    let events = world.to_scheduler(service.stream).into_iter();
    events.filter_map(|event| event.update_operation_status.map(|it| it.status)).collect()
}

fn total(world: &World, agent: &AgentId) -> model::Resources {
    model::Resources::from_wire(&world.listed(agent).unwrap().total_resources).unwrap()
}

fn of(list: &[Resource]) -> model::Resources {
    model::Resources::from_wire(list).unwrap()
}

/// An accepted reservation, a volume on it and a task with both go to the agent in one call; the framework that named
/// them hears of their end and acknowledges it, and what is left is offered as reserved.
#[test]
fn operations_are_applied_told_and_acknowledged() {
    let (mut world, service, link, agent) = with_service();
    let offers = world.offers(service.stream);
    let mut task = task_info("t1", &agent);
    task.resources =
        vec![reserved("cpus", 1.0, &["web"]), scalar("mem", 64.0), volume(100.0, "v1")];
    let operations = vec![
        named(
            reserve(vec![reserved("cpus", 2.0, &["web"]), reserved("disk", 300.0, &["web"])]),
            "r",
        ),
        create(vec![volume(100.0, "v1")]),
        launch([task]),
    ];
    service.accept(&mut world, &offers, operations);
    let applied = sent(&world, link);
    assert_eq!(applied.len(), 2);
    let offered = of(&world.offers(service.stream)[0].resources).unallocated();
    assert!(offered.contains(&of(&[reserved("cpus", 1.0, &["web"])])), "{offered}");
    // Its volume is in use and not offered.
    assert!(offered.volumes().is_empty(), "{offered}");
    assert!(world.types_to_agent(link).contains(&link::event::Type::RunTask));
    assert_ne!(applied[0].operation_uuid, applied[1].operation_uuid);
    assert_eq!(world.master.view_operations().operations.len(), 2);
    let expected = of(&[
        scalar("cpus", 2.0),
        scalar("mem", 4096.0),
        scalar("disk", 700.0),
        reserved("cpus", 2.0, &["web"]),
        reserved("disk", 200.0, &["web"]),
        volume(100.0, "v1"),
    ]);
    assert_eq!(total(&world, &agent), expected);

    // The one without an id is acknowledged by the master and is over.
    report(&mut world, link, &agent, &applied[1], OperationState::OperationFinished);
    assert!(told(&world, &service).is_empty());
    assert_eq!(world.types_to_agent(link), [link::event::Type::AcknowledgeOperation]);
    report(&mut world, link, &agent, &applied[0], OperationState::OperationFinished);
    let statuses = told(&world, &service);
    assert_eq!(statuses.len(), 1);
    assert_eq!(statuses[0].operation_id.as_ref().unwrap().value, "r");
    assert_eq!(world.master.view_operations().operations.len(), 1, "until it is acknowledged");
    acknowledge_operation(&mut world, &service, &agent, "r");
    assert_eq!(world.types_to_agent(link), [link::event::Type::AcknowledgeOperation]);
    assert!(world.master.view_operations().operations.is_empty());
}

/// An operation that makes no sense changes nothing; a framework that named it hears why, and the rest of the call is
/// carried out.
#[test]
fn bad_operations_are_answered_and_change_nothing() {
    let (mut world, service, link, agent) = with_service();
    let before = total(&world, &agent);
    let offers = world.offers(service.stream);
    let operations = vec![
        named(reserve(vec![reserved("cpus", 9.0, &["web"])]), "much"),
        named(reserve(vec![reserved("cpus", 1.0, &["other"])]), "role"),
        named(unreserve(vec![reserved("cpus", 1.0, &["web"])]), "free"),
        named(create(vec![volume(10.0, "v")]), "unreserved"),
        named(Operation { r#type: Some(13), ..Operation::default() }, "disk"),
        launch([task_info("t1", &agent)]),
    ];
    service.accept(&mut world, &offers, operations);
    assert!(sent(&world, link).is_empty());
    assert_eq!(world.types_to_agent(link), [link::event::Type::RunTask]);
    let statuses = told(&world, &service);
    let ids: Vec<_> =
        statuses.iter().map(|it| it.operation_id.as_ref().unwrap().value.as_str()).collect();
    assert_eq!(ids, ["much", "role", "free", "unreserved", "disk"]);
    for status in &statuses {
        assert_eq!(status.state(), OperationState::OperationError);
        assert!(status.message.is_some() && status.uuid.is_none(), "{status:?}");
    }
    assert_eq!(total(&world, &agent), before);
}

/// What is reserved goes to its role and to those below it, and what is refined only to frameworks that know of that.
#[test]
fn reservations_are_offered_to_their_role_only() {
    let mut world = World::new();
    let mut agent = with_disk(5051);
    agent.total_resources = vec![
        reserved("cpus", 1.0, &["web"]),
        reserved("cpus", 2.0, &["web", "web/db"]),
        reserved("mem", 512.0, &["web/db"]),
        scalar("cpus", 1.0),
        scalar("mem", 512.0),
    ];
    world.hello(agent);
    let mut blunt = in_role("blunt", "web/db");
    blunt.capabilities.retain(|it| {
        it.r#type != Some(wire::v1::framework_info::capability::Type::ReservationRefinement as i32)
    });
    let cpus = |offers: &[wire::v1::Offer]| {
        of(&offers.iter().flat_map(|it| it.resources.clone()).collect::<Vec<_>>())
            .unallocated()
            .cpus()
            .0
    };
    for (info, expected) in [
        (in_role("other", "other"), 1000),
        (in_role("web", "web"), 2000),
        (in_role("db", "web/db"), 4000),
        (blunt, 2000),
    ] {
        let name = info.name.clone();
        let service = Service::with(&mut world, info);
        assert_eq!(cpus(&world.offers(service.stream)), expected, "{name}");
        world.teardown(&service.id).unwrap();
    }
}

/// A framework that knows nothing of refined reservations reads and writes the older form.
#[test]
fn older_frameworks_reserve_in_the_older_form() {
    let mut world = World::new();
    let service = Service::with(
        &mut world,
        wire::v1::FrameworkInfo { roles: Vec::new(), role: Some("web".to_owned()), ..plain("old") },
    );
    let link = world.hello(with_disk(5051));
    let old = Resource {
        role: Some("web".to_owned()),
        reservation: Some(Box::new(ReservationInfo::default())),
        ..scalar("mem", 100.0)
    };
    let offers = world.offers(service.stream);
    service.accept(&mut world, &offers, vec![reserve(vec![old.clone()])]);
    assert_eq!(sent(&world, link).len(), 1);
    let offered = &world.offers(service.stream)[0].resources;
    assert!(offered.contains(&old), "{offered:?}");
}

/// An operator's operation takes offers back as far as it needs what they hold, and is refused where the agent can't
/// give it.
#[test]
fn operators_reserve_what_is_not_in_use() {
    let mut world = World::new();
    let service = Service::new(&mut world, "web");
    let link = world.hello(with_disk(5051));
    let agent = world.registered(link);
    let run = service.run(&mut world, link, "t1");
    assert_eq!(run, agent);
    world.after(std::time::Duration::from_secs(6));
    assert_eq!(world.offers(service.stream).len(), 1);
    let refusal =
        world.operation(&agent, reserve(vec![reserved("cpus", 3.5, &["db"])])).unwrap_err();
    assert_eq!(refusal.status, Status::Conflict);
    assert!(world.to_scheduler(service.stream).is_empty(), "nothing was taken back in vain");
    world.operation(&agent, reserve(vec![reserved("cpus", 3.0, &["db"])])).unwrap();
    assert!(world.to_scheduler(service.stream).iter().any(|event| event.rescind.is_some()));
    assert_eq!(sent(&world, link).len(), 1);
    let refusal = world.operation(&agent, unreserve(vec![scalar("cpus", 1.0)])).unwrap_err();
    assert_eq!(refusal.status, Status::BadRequest);
    assert!(refusal.text.starts_with("Invalid UNRESERVE operation on agent"), "{}", refusal.text);
    let nobody = AgentId::new("nobody");
    let refusal =
        world.operation(&nobody, reserve(vec![reserved("cpus", 1.0, &["db"])])).unwrap_err();
    assert_eq!(refusal.text, "No agent found with specified ID");
    let mut old = hello(5052);
    old.capabilities.clear();
    let link = world.hello(old);
    let old = world.registered(link);
    let refusal = world.operation(&old, reserve(vec![reserved("cpus", 1.0, &["db"])])).unwrap_err();
    assert!(refusal.text.contains("older version"), "{}", refusal.text);
}

/// D30: An agent that is out of service takes no operation, and one that is on holds its drain until it is over.
#[test]
fn d30_an_agent_out_of_service_takes_no_operation() {
    let mut world = World::new();
    let link = world.hello(with_disk(5051));
    let agent = world.registered(link);
    world.operation(&agent, reserve(vec![reserved("cpus", 1.0, &["db"])])).unwrap();
    let applied = sent(&world, link);
    world.drain(&agent).unwrap();
    world.call(link, &agent, progress(1, true));
    assert_eq!(world.drain_state(&agent), Some(DrainState::Draining), "the operation is on");
    let refusal =
        world.operation(&agent, reserve(vec![reserved("cpus", 1.0, &["db"])])).unwrap_err();
    assert_eq!(refusal.status, Status::Conflict);
    assert!(refusal.text.contains("out of service"), "{}", refusal.text);
    report(&mut world, link, &agent, &applied[0], OperationState::OperationFinished);
    assert_eq!(world.drain_state(&agent), Some(DrainState::Drained));
}

/// A volume that a task holds can't be destroyed, one of the same id can't be made, and one whose data is still being
/// removed can't be made again.
#[test]
fn volumes_in_use_stay() {
    let (mut world, service, link, agent) = with_service();
    let offers = world.offers(service.stream);
    let mut task = task_info("t1", &agent);
    task.resources.push(volume(100.0, "v1"));
    let operations = vec![
        reserve(vec![reserved("disk", 300.0, &["web"])]),
        create(vec![volume(100.0, "v1"), volume(100.0, "v2")]),
        launch([task]),
    ];
    service.accept(&mut world, &offers, operations);
    let refuse = |world: &mut World, operation| world.operation(&agent, operation).unwrap_err();
    let refusal = refuse(&mut world, destroy(vec![volume(100.0, "v1")]));
    assert!(refusal.text.contains("Persistent volumes in use"), "{}", refusal.text);
    let refusal = refuse(&mut world, create(vec![volume(100.0, "v1")]));
    assert!(refusal.text.contains("already exists"), "{}", refusal.text);
    world.operation(&agent, destroy(vec![volume(100.0, "v2")])).unwrap();
    let applied = sent(&world, link);
    let refusal = refuse(&mut world, create(vec![volume(100.0, "v2")]));
    assert!(refusal.text.contains("still being removed"), "{}", refusal.text);
    report(&mut world, link, &agent, &applied[0], OperationState::OperationFinished);
    world.operation(&agent, create(vec![volume(100.0, "v2")])).unwrap();
}

/// An operation that was lost on its way is told as dropped when the agent is back without it, and what the agent then
/// says it has holds.
#[test]
fn operations_lost_on_the_way_are_told() {
    let (mut world, service, link, agent) = with_service();
    let offers = world.offers(service.stream);
    let operation = named(reserve(vec![reserved("cpus", 2.0, &["web"])]), "r");
    service.accept(&mut world, &offers, vec![operation]);
    world.close(link);
    world.hello(with_id(with_disk(5051), &agent));
    let statuses = told(&world, &service);
    assert_eq!(statuses.len(), 1);
    assert_eq!(statuses[0].state(), OperationState::OperationDropped);
    assert!(world.master.view_operations().operations.is_empty());
    assert!(total(&world, &agent).reservations().is_empty());
}

/// An agent that turns down what the master counted on is asked anew what it has.
#[test]
fn a_refused_operation_makes_the_master_start_over() {
    let (mut world, service, link, agent) = with_service();
    let offers = world.offers(service.stream);
    let operation = named(reserve(vec![reserved("cpus", 2.0, &["web"])]), "r");
    service.accept(&mut world, &offers, vec![operation]);
    let applied = sent(&world, link);
    report(&mut world, link, &agent, &applied[0], OperationState::OperationDropped);
    assert_eq!(told(&world, &service)[0].state(), OperationState::OperationDropped);
    assert!(world.closes(link));
}

/// An agent that repeats itself before it knows of the acknowledgement is told again, and nobody else is: what is over
/// does not come back into the books, where it would hold a drain.
#[test]
fn a_repeated_end_of_an_operation_does_not_come_back() {
    let (mut world, service, link, agent) = with_service();
    let offers = world.offers(service.stream);
    let operation = named(reserve(vec![reserved("cpus", 2.0, &["web"])]), "r");
    service.accept(&mut world, &offers, vec![operation]);
    let applied = sent(&world, link);
    report(&mut world, link, &agent, &applied[0], OperationState::OperationFinished);
    acknowledge_operation(&mut world, &service, &agent, "r");
    assert!(world.master.view_operations().operations.is_empty());

    report(&mut world, link, &agent, &applied[0], OperationState::OperationFinished);
    assert_eq!(world.types_to_agent(link), [link::event::Type::AcknowledgeOperation]);
    assert!(told(&world, &service).is_empty());
    assert!(world.master.view_operations().operations.is_empty());
    world.drain(&agent).unwrap();
    world.call(link, &agent, progress(1, true));
    assert_eq!(world.drain_state(&agent), Some(DrainState::Drained));
}

/// The end of an operation of a framework that nobody knows any more is acknowledged once the framework had the
/// time to come back.
#[test]
fn operations_of_forgotten_frameworks_are_acknowledged_in_the_end() {
    let (mut world, service, link, agent) = with_service();
    let offers = world.offers(service.stream);
    let operation = named(reserve(vec![reserved("cpus", 2.0, &["web"])]), "r");
    service.accept(&mut world, &offers, vec![operation]);
    let mut applied = sent(&world, link).remove(0);
    applied.framework_id = Some(wire::v1::FrameworkId { value: "forgotten".to_owned() });
    for (minutes, known) in [(1, 1), (5, 0)] {
        for _ in 0..minutes {
            world.after(std::time::Duration::from_mins(1));
            world.call(link, &agent, plain_call(link::call::Type::Pong));
        }
        report(&mut world, link, &agent, &applied, OperationState::OperationFinished);
        let told = world.types_to_agent(link);
        let is_told = told.contains(&link::event::Type::AcknowledgeOperation);
        assert_eq!((is_told, world.master.view_operations().operations.len()), (known == 0, known));
    }
}

/// After a failover the reservations and operations an agent reports are what holds, and a framework that is back
/// hears at once of what it has not acknowledged.
#[test]
fn reservations_survive_a_failover() {
    let (mut world, mut service, link, agent) = with_service();
    let offers = world.offers(service.stream);
    let operation = named(reserve(vec![reserved("cpus", 2.0, &["web"])]), "r");
    service.accept(&mut world, &offers, vec![operation]);
    let applied = sent(&world, link).remove(0);
    world.failover();
    let mut back = with_id(with_disk(5051), &agent);
    back.total_resources =
        vec![scalar("cpus", 2.0), scalar("mem", 4096.0), reserved("cpus", 2.0, &["web"])];
    back.operations = vec![wire::v1::Operation {
        framework_id: Some(service.id.to_wire()),
        info: applied.info.clone().unwrap(),
        latest_status: OperationStatus {
            state: OperationState::OperationFinished as i32,
            uuid: Some(Uuid { value: vec![9; 16].into() }),
            ..OperationStatus::default()
        },
        uuid: Uuid { value: applied.operation_uuid.clone().unwrap() },
        ..wire::v1::Operation::default()
    }];
    world.hello(back);
    assert_eq!(total(&world, &agent).reservations().len(), 1);
    service.back(&mut world);
    let statuses = told(&world, &service);
    assert_eq!(statuses.len(), 1);
    assert_eq!(statuses[0].state(), OperationState::OperationFinished);
}

/// What operations have just made is offered again at once, whatever the filter of the call says about the rest.
#[test]
fn what_was_made_of_an_offer_is_not_refused_with_the_rest() {
    let (mut world, service, _, _) = with_service();
    let offers = world.offers(service.stream);
    let made = vec![reserved("cpus", 1.0, &["web"]), reserved("mem", 64.0, &["web"])];
    service.accept(&mut world, &offers, vec![reserve(made)]);
    let offers = world.offers(service.stream);
    assert_eq!(offers.len(), 1, "reserved resources were not in what was refused for 5 s");
    service.accept(&mut world, &offers, Vec::new());
    assert!(world.offers(service.stream).is_empty(), "nothing was made of it");
}
