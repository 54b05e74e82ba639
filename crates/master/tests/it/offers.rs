//! Who is offered what, and what may be made of it.

use std::time::Duration;

use model::{AgentId, TaskState};
use wire::link::event::Type as ToAgent;
use wire::scheduler::call::{self, Type};
use wire::v1::offer::Operation;
use wire::v1::task_status::Reason;

use crate::service::{Service, default_executor, in_role, launch, launch_group, plain, task_info};
use crate::world::{World, hello, scalar};

fn cpus(resources: &[wire::v1::Resource]) -> f64 {
    let cpus = resources.iter().filter(|resource| resource.name == "cpus");
    cpus.filter_map(|resource| resource.scalar).map(|scalar| scalar.value).sum()
}

/// An agent with as much as the others and a disk.
fn agent_with_disk(world: &mut World, port: i32) -> (AgentId, master::LinkId) {
    let mut hello = hello(port);
    hello.agent_info.as_mut().unwrap().resources.push(scalar("disk", 1000.0));
    let link = world.hello(hello);
    (world.registered(link), link)
}

/// An agent is offered in the event that makes it offerable, not at an interval.
#[test]
fn a_new_agent_is_offered_at_once() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (agent, _) = world.agent(5051);

    let offers = world.offers(service.stream);
    assert_eq!(offers.len(), 1);
    let offer = &offers[0];
    assert_eq!(offer.agent_id, agent.to_wire());
    assert_eq!(offer.framework_id, service.id.to_wire());
    assert_eq!(offer.id.value, "m1-O0");
    assert_eq!(offer.hostname, "host");
    let url = offer.url.as_ref().unwrap();
    assert_eq!((url.path.as_deref(), url.address.port), (Some("/slave(1)"), 5051));
    assert_eq!(offer.allocation_info.as_ref().unwrap().role(), "web");
    assert!(offer.resources.iter().all(|it| it.allocation_info.as_ref().unwrap().role() == "web"));
}

/// Frameworks without `MULTI_ROLE` don't see what roles offers are allocated to (§5.5).
#[test]
fn allocation_roles_are_shown_to_multi_role_frameworks_only() {
    let mut world = World::new();
    let service = Service::with(&mut world, plain("a"));
    world.agent(5051);
    let offers = world.offers(service.stream);
    assert_eq!(offers[0].allocation_info, None);
    assert!(offers[0].resources.iter().all(|resource| resource.allocation_info.is_none()));
}

/// Two frameworks in two roles get equal shares of a cluster.
#[test]
fn two_frameworks_in_two_roles_get_equal_shares() {
    let mut world = World::new();
    for port in 0..10 {
        world.agent(6000 + port);
    }
    let first = Service::with(&mut world, in_role("a", "a"));
    let all = world.offers(first.stream);
    assert_eq!(all.len(), 10, "who is alone gets everything");
    let second = Service::with(&mut world, in_role("b", "b"));
    let mut held = (0, world.offers(second.stream).len());
    assert_eq!(held.1, 0, "nothing is taken away");
    for offer in &all {
        first.decline(&mut world, std::slice::from_ref(offer), 0.0);
        held.0 += world.offers(first.stream).len();
        held.1 += world.offers(second.stream).len();
    }
    assert_eq!(held, (5, 5), "what was given back went to whoever had less");
}

/// A decline holds for as long as it says, and no longer; what is left over is offered again by itself.
#[test]
fn declined_resources_come_back_when_the_filter_ends() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    world.agent(5051);
    let offers = world.offers(service.stream);
    service.decline(&mut world, &offers, 7.0);
    assert!(world.offers(service.stream).is_empty());
    world.after(Duration::from_millis(6999));
    assert!(world.offers(service.stream).is_empty());
    world.after(Duration::from_millis(1));
    assert_eq!(world.offers(service.stream).len(), 1);
}

/// REVIVE drops the filters; SUPPRESS stops offers until then.
#[test]
fn revive_brings_offers_and_suppress_stops_them() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    world.agent(5051);
    let offers = world.offers(service.stream);
    service.decline(&mut world, &offers, 3600.0);
    service.call(&mut world, Type::Revive, |_| ());
    let offers = world.offers(service.stream);
    assert_eq!(offers.len(), 1);

    service.call(&mut world, Type::Suppress, |_| ());
    service.decline(&mut world, &offers, 0.0);
    assert!(world.offers(service.stream).is_empty());
    world.agent(5052);
    assert!(world.offers(service.stream).is_empty());
    service.call(&mut world, Type::Revive, |call| call.revive = Some(call::Revive::default()));
    assert_eq!(world.offers(service.stream).len(), 2);
}

/// A filter keeps off what it refused, not more: what grew is offered.
#[test]
fn a_filter_does_not_refuse_more_than_was_declined() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    service.update(&mut world, link, &agent, "t", TaskState::TaskFinished, 2);
    let offers = world.offers(service.stream);
    assert_eq!(offers.len(), 1, "the rest was refused for 5 s, the whole was not");
    assert!((cpus(&offers[0].resources) - 4.0).abs() < f64::EPSILON);
}

/// What an accepted offer leaves over is held back for the filter's time.
#[test]
fn the_unused_rest_is_refused_for_the_filters_time() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    service.run(&mut world, link, "t");
    assert!(world.offers(service.stream).is_empty());
    world.after(Duration::from_secs(5));
    let offers = world.offers(service.stream);
    assert_eq!(offers.len(), 1);
    assert!((cpus(&offers[0].resources) - 3.0).abs() < f64::EPSILON);
}

/// Reserved resources are offered to their role and to no other.
#[test]
fn reserved_resources_go_to_their_role_only() {
    let mut world = World::new();
    let mut with_reservation = hello(5051);
    let info = with_reservation.agent_info.as_mut().unwrap();
    info.resources.push(wire::v1::Resource {
        reservations: vec![wire::v1::resource::ReservationInfo {
            r#type: Some(wire::v1::resource::reservation_info::Type::Static as i32),
            role: Some("b".to_owned()),
            ..Default::default()
        }],
        ..scalar("cpus", 2.0)
    });
    let first = Service::with(&mut world, in_role("a", "a"));
    let second = Service::with(&mut world, in_role("b", "b"));
    world.hello(with_reservation);
    let (of_first, of_second) = (world.offers(first.stream), world.offers(second.stream));
    assert!((cpus(&of_first[0].resources) - 4.0).abs() < f64::EPSILON);
    assert!((cpus(&of_second[0].resources) - 2.0).abs() < f64::EPSILON);
}

/// One bad offer makes the whole call count for nothing: tasks are dropped, nothing is launched, and the good
/// offers are over too.
#[test]
fn an_invalid_offer_invalidates_the_whole_call() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (agent, link) = world.agent(5051);
    let mut offers = world.offers(service.stream);
    offers.push(offers[0].clone());
    offers[1].id.value = "m1-O99".to_owned();
    service.accept(&mut world, &offers, vec![launch([task_info("t", &agent)])]);
    assert!(world.to_agent(link).is_empty());
    let updates = world.updates(service.stream);
    assert_eq!(updates[0].state(), TaskState::TaskDropped);
    assert_eq!(updates[0].reason(), Reason::InvalidOffers);
    assert_eq!(updates[0].uuid, None);
    assert_eq!(
        updates[0].message(),
        "Task launched with invalid offers: Offer m1-O99 is no longer valid"
    );
    assert_eq!(world.offers(service.stream).len(), 1, "the resources are offered anew");
}

/// An ACCEPT that crosses the rescinding of its offer starts nothing on a draining agent (D30).
#[test]
fn d30_nothing_starts_on_an_agent_whose_offers_were_rescinded() {
    let mut world = World::new();
    let service = Service::with(&mut world, plain("a"));
    let (agent, link) = world.agent(5051);
    let offers = world.offers(service.stream);
    world.drain(&agent).unwrap();
    assert!(world.to_scheduler(service.stream).iter().any(|event| event.rescind.is_some()));
    service.accept(&mut world, &offers, vec![launch([task_info("t", &agent)])]);
    assert!(world.to_agent(link).is_empty());
    assert_eq!(world.update_states(service.stream), [TaskState::TaskLost]);
}

/// Tasks are judged one by one against what the ones before them left.
#[test]
fn tasks_beyond_the_offer_are_errors_and_the_others_run() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (agent, link) = world.agent(5051);
    let offers = world.offers(service.stream);
    let big =
        wire::v1::TaskInfo { resources: vec![scalar("cpus", 3.5)], ..task_info("big", &agent) };
    let tasks = [task_info("a", &agent), big, task_info("a", &agent), task_info("b", &agent)];
    service.accept(&mut world, &offers, vec![launch(tasks)]);
    assert_eq!(world.types_to_agent(link), [ToAgent::RunTask, ToAgent::RunTask]);
    let updates = world.updates(service.stream);
    assert_eq!(world.update_states(service.stream), [TaskState::TaskError; 2]);
    assert!(updates.iter().all(|update| update.reason() == Reason::TaskInvalid));
    assert!(updates[0].message().starts_with("Task uses more resources"));
    assert_eq!(updates[1].message(), "Task has duplicate ID: a");
}

/// A task group starts whole or not at all, and its executor is counted once.
#[test]
fn a_task_group_starts_whole_or_not_at_all() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (agent, link) = agent_with_disk(&mut world, 5051);
    let group = |count: usize| {
        let tasks = (0..count).map(|index| task_info(&format!("t{index}"), &agent));
        launch_group(default_executor("e"), tasks)
    };
    let offers = world.offers(service.stream);
    service.accept(&mut world, &offers, vec![group(4)]);
    assert!(world.to_agent(link).is_empty());
    let updates = world.updates(service.stream);
    assert_eq!(updates.len(), 4);
    assert!(updates.iter().all(|update| update.reason() == Reason::TaskGroupInvalid));

    world.after(Duration::from_secs(5));
    let offers = world.offers(service.stream);
    service.accept(&mut world, &offers, vec![group(3)]);
    assert_eq!(world.types_to_agent(link), [ToAgent::RunTaskGroup]);
    let used = world.listed(&agent).unwrap().allocated_resources;
    assert!((cpus(&used) - 3.1).abs() < 1e-9);
    assert_eq!(world.master.view_executors().executors.len(), 1);
    assert_eq!(world.master.view_tasks().tasks.len(), 3);
}

/// Operations that change resources are turned down with an error to whoever asked for feedback.
#[test]
fn unsupported_operations_fail_with_feedback_and_leave_the_resources() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (agent, link) = world.agent(5051);
    let offers = world.offers(service.stream);
    let reserve = Operation {
        r#type: Some(wire::v1::offer::operation::Type::Reserve as i32),
        id: Some(wire::v1::OperationId { value: "op".to_owned() }),
        reserve: Some(wire::v1::offer::operation::Reserve::default()),
        ..Default::default()
    };
    service.accept(&mut world, &offers, vec![reserve, launch([task_info("t", &agent)])]);
    assert_eq!(world.types_to_agent(link), [ToAgent::RunTask]);
    let events = world.to_scheduler(service.stream);
    let status = events.iter().find_map(|event| event.update_operation_status.as_ref()).unwrap();
    assert_eq!(status.status.state(), wire::v1::OperationState::OperationError);
}

/// Shares are of what can be offered: agents out of service are not counted (D37).
#[test]
fn d37_shares_leave_out_agents_that_are_out_of_service() {
    let mut world = World::new();
    let first = Service::with(&mut world, in_role("a", "a"));
    let mut big = hello(5051);
    big.agent_info.as_mut().unwrap().resources = vec![scalar("cpus", 100.0), scalar("mem", 1000.0)];
    let link = world.hello(big);
    let drained = world.registered(link);
    world.drain(&drained).unwrap();
    let (agent, link_a) = world.agent(5052);
    let offers = world.offers(first.stream);
    let lean = wire::v1::TaskInfo {
        resources: vec![scalar("cpus", 0.1), scalar("mem", 1024.0)],
        ..task_info("lean", &agent)
    };
    first.accept(&mut world, &offers, vec![launch([lean])]);
    assert_eq!(world.types_to_agent(link_a), [ToAgent::RunTask]);
    let second = Service::with(&mut world, in_role("b", "b"));
    let offers = world.offers(second.stream);
    let busy = wire::v1::TaskInfo {
        resources: vec![scalar("cpus", 2.0), scalar("mem", 64.0)],
        ..task_info("busy", &agent)
    };
    second.accept(&mut world, &offers, vec![launch([busy])]);
    world.agent(5053);
    // a: 1024 of 8192 MB; b: 2 of 8 cpus. Counting 100 cpus more, b would come first.
    assert_eq!(world.offers(first.stream).len(), 1);
    assert!(world.offers(second.stream).is_empty());
}

/// Many agents are offered in slices: no event takes long, and none is left out.
#[test]
fn a_large_cluster_is_offered_in_slices() {
    let mut master = World::new();
    for port in 0..1500 {
        let link = master::LinkId(100_000 + u64::try_from(port).unwrap());
        let event = master::Event::AgentHello {
            link,
            hello: Box::new(hello(port)),
            ip: "10.0.0.1".to_owned(),
            principal: None,
        };
        // Straight to the core: the world's own checks after each event take their time.
        assert!(!master.master.apply(master.now, event).is_empty());
    }
    let stream = master::StreamId(1);
    let event = master::Event::SchedulerSubscribe {
        request: master::RequestId(1),
        stream,
        framework_id: None,
        subscribe: Box::new(call::Subscribe {
            framework_info: in_role("a", "a"),
            ..Default::default()
        }),
        principal: None,
    };
    let count = |fx: &master::Effects| -> usize {
        let events = fx.messages.iter().filter_map(|message| {
            let master::Message::Scheduler { event, .. } = message else { return None };
            event.offers.as_ref()
        });
        events.map(|offers| offers.offers.len()).sum()
    };
    let began = master.now;
    let mut all = count(&master.master.apply(master.now, event));
    assert!((1..=200).contains(&all), "{all}");
    assert_eq!(master.master.next_wake(), Some(master.now.at), "the rest is due at once");
    while all < 1500 {
        let next = master.master.next_wake().unwrap();
        let passed = next.since(master.now.at);
        master.now = model::Now { at: next, wall: master.now.wall.plus(passed) };
        let slice = count(&master.master.apply(master.now, master::Event::Woke));
        assert!(slice <= 200, "{slice}");
        all += slice;
    }
    assert_eq!(all, 1500);
    assert!(master.now.at.since(began.at) < Duration::from_millis(200));
    assert_ne!(master.master.next_wake(), Some(master.now.at));
}
