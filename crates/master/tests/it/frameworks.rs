//! Subscribing, failing over, leaving.

use std::time::Duration;

use master::{Event, Message, RequestId, StreamHeader, StreamId};
use model::{FrameworkId, Refusal, Status, TaskState};
use wire::link::event::Type as ToAgent;
use wire::scheduler::call::{self, Type};
use wire::scheduler::event::Type as ToScheduler;
use wire::v1::DrainState;
use wire::v1::task_status::Reason;

use crate::service::{Service, in_role};
use crate::world::{World, framework, hello, progress, with_id};

fn types(world: &World, stream: StreamId) -> Vec<ToScheduler> {
    world.to_scheduler(stream).iter().map(wire::scheduler::Event::r#type).collect()
}

fn error(world: &World, stream: StreamId) -> Option<String> {
    let events = world.to_scheduler(stream);
    events.into_iter().find_map(|event| event.error).map(|error| error.message)
}

fn closed(world: &World, stream: StreamId) -> bool {
    world.messages.contains(&Message::CloseScheduler { stream })
}

fn try_subscribe(
    world: &mut World,
    id: Option<FrameworkId>,
    info: wire::v1::FrameworkInfo,
) -> (StreamId, Result<(), Refusal>) {
    let (stream, asked) = (StreamId(world.number()), RequestId(world.number()));
    let subscribe = call::Subscribe { framework_info: info, ..Default::default() };
    world.apply(Event::SchedulerSubscribe {
        request: asked,
        stream,
        framework_id: id,
        subscribe: Box::new(subscribe),
        principal: Some("bob".to_owned()),
    });
    (stream, reply(world, asked))
}

fn reply(world: &World, asked: RequestId) -> Result<(), Refusal> {
    let is_reply =
        |message: &&Message| matches!(message, Message::Reply { request, .. } if *request == asked);
    let replies: Vec<&Message> = world.messages.iter().filter(is_reply).collect();
    let [Message::Reply { outcome, .. }] = replies.as_slice() else { panic!("one reply") };
    outcome.clone()
}

/// A new framework gets an id, SUBSCRIBED, a heartbeat at once and one every 15 s (§5.2).
#[test]
fn a_new_framework_is_subscribed_and_hears_heartbeats() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    assert_eq!(service.id.as_str(), "m1-0000");
    assert_eq!(types(&world, service.stream), [ToScheduler::Subscribed, ToScheduler::Heartbeat]);
    world.after(Duration::from_secs(31));
    assert_eq!(types(&world, service.stream), [ToScheduler::Heartbeat; 2]);
    let second = Service::new(&mut world, "b");
    assert_eq!(second.id.as_str(), "m1-0001");
}

/// The last to subscribe wins: the former stream hears why and is closed, its offers are the new one's (§5.2).
#[test]
fn the_last_to_subscribe_wins() {
    let mut world = World::new();
    let mut service = Service::new(&mut world, "a");
    let old = service.stream;
    world.agent(5051);
    service.back(&mut world);
    assert_eq!(error(&world, old).as_deref(), Some("Framework failed over"));
    assert!(closed(&world, old));
    assert_eq!(world.offers(service.stream).len(), 1);
    world.apply(Event::SchedulerClosed { stream: old });
    assert!(world.master.view_frameworks().frameworks[0].connected);
}

/// A scheduler that is back within its timeout finds its tasks as they were; ids of other masters are taken too.
#[test]
fn a_framework_survives_its_schedulers_absence() {
    let mut world = World::new();
    let mut service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    service.run(&mut world, link, "t");
    world.apply(Event::SchedulerClosed { stream: service.stream });
    world.after(Duration::from_mins(1));
    service.back(&mut world);
    assert_eq!(world.master.view_tasks().tasks.len(), 1);

    let elsewhere = wire::v1::FrameworkInfo {
        id: Some(wire::v1::FrameworkId { value: "m0-0007".to_owned() }),
        ..framework("old")
    };
    assert_eq!(world.subscribe(elsewhere).0.as_str(), "m0-0007");
}

/// Refusals come as Mesos gives them: some as a status, some as ERROR on a stream that is then closed (§5.2).
#[test]
fn bad_subscriptions_are_refused_in_mesos_ways() {
    let mut world = World::new();
    let known = Some(FrameworkId::new("x"));
    let (_, outcome) = try_subscribe(&mut world, known, framework("a"));
    assert_eq!(outcome.unwrap_err().status, Status::BadRequest);
    let other = wire::v1::FrameworkInfo { principal: Some("eve".into()), ..framework("a") };
    let (_, outcome) = try_subscribe(&mut world, None, other);
    assert!(outcome.unwrap_err().text.contains("'bob' does not match principal 'eve'"));

    let invalid = in_role("a", "/bad");
    let (stream, outcome) = try_subscribe(&mut world, None, invalid);
    assert_eq!(outcome, Ok(()));
    assert!(error(&world, stream).is_some());
    assert!(closed(&world, stream));
    assert!(world.master.view_frameworks().frameworks.is_empty());

    let service = Service::new(&mut world, "a");
    world.teardown(&service.id).unwrap();
    assert_eq!(error(&world, service.stream).as_deref(), Some("Framework has been removed"));
    world.failover();
    let again = wire::v1::FrameworkInfo { id: Some(service.id.to_wire()), ..framework("a") };
    let (stream, _) = try_subscribe(&mut world, Some(service.id.clone()), again);
    assert_eq!(error(&world, stream).as_deref(), Some("Framework has been removed"));
}

/// Calls are turned down with Mesos' statuses and texts, in its order (§5.1).
#[test]
fn calls_are_refused_with_mesos_statuses_and_texts() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let mut call = |id: &str, header, principal: Option<&str>| {
        let request = RequestId(world.number());
        let call = wire::scheduler::Call {
            framework_id: Some(wire::v1::FrameworkId { value: id.to_owned() }),
            r#type: Some(Type::Revive as i32),
            ..Default::default()
        };
        let principal = principal.map(str::to_owned);
        world.apply(Event::SchedulerCall { request, header, call: Box::new(call), principal });
        reply(&world, request).map_err(|refusal| (refusal.status.code(), refusal.text))
    };
    let (id, own) = (service.id.as_str(), StreamHeader::Of(service.stream));
    assert_eq!(call(id, own, None), Ok(()));
    let unknown = call("nope", own, None).unwrap_err();
    assert_eq!(unknown, (400, "Framework cannot be found".to_owned()));
    assert_eq!(call(id, own, Some("eve")).unwrap_err().0, 400);
    assert_eq!(call(id, StreamHeader::Missing, None).unwrap_err().0, 400);
    assert_eq!(call(id, StreamHeader::Of(StreamId(999)), None).unwrap_err().0, 400);
    world.apply(Event::SchedulerClosed { stream: service.stream });
    let request = RequestId(world.number());
    let call = wire::scheduler::Call {
        framework_id: Some(service.id.to_wire()),
        r#type: Some(Type::Revive as i32),
        ..Default::default()
    };
    let header = StreamHeader::Of(service.stream);
    world.apply(Event::SchedulerCall { request, header, call: Box::new(call), principal: None });
    let refusal = reply(&world, request).unwrap_err();
    assert_eq!(
        (refusal.status.code(), refusal.text.as_str()),
        (403, "Framework is not subscribed")
    );
}

/// A drain ends when the last task goes with its framework, by whatever way that is; and not before the agent says
/// that the host is empty (D1, §8.5 item 5, MESOS-6608).
#[test]
fn d01_a_drain_ends_when_the_framework_does() {
    for way in ["teardown", "failover timeout", "scheduler"] {
        let mut world = World::new();
        let service = Service::new(&mut world, "a");
        let (_, link) = world.agent(5051);
        let agent = service.run(&mut world, link, "t");
        world.drain(&agent).unwrap();
        match way {
            "teardown" => {
                world.teardown(&service.id).unwrap();
                assert_eq!(world.types_to_agent(link), [ToAgent::ShutdownFramework], "{way}");
            }
            "scheduler" => service.call(&mut world, Type::Teardown, |_| ()),
            _ => {
                world.apply(Event::SchedulerClosed { stream: service.stream });
                // The agent answers pings all the while.
                for _ in 0..240 {
                    world.after(Duration::from_secs(15));
                    let pong = crate::world::plain_call(wire::link::call::Type::Pong);
                    world.call(link, &agent, pong);
                }
            }
        }
        let tasks = world.master.view_tasks();
        assert!(tasks.tasks.is_empty(), "{way}");
        assert_eq!(tasks.completed_tasks[0].state(), TaskState::TaskKilled, "{way}");
        let status = tasks.completed_tasks[0].statuses.last().unwrap();
        assert_eq!(status.reason(), Reason::FrameworkRemoved, "{way}");
        assert_eq!(world.drain_state(&agent), Some(DrainState::Draining), "{way}: not confirmed");
        world.call(link, &agent, progress(1, true));
        assert_eq!(world.drain_state(&agent), Some(DrainState::Drained), "{way}");
    }
}

/// An agent that was away at the teardown is told when it is back, and what it reports is not taken up again.
#[test]
fn an_agent_that_missed_a_teardown_is_told_when_it_is_back() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    world.close(link);
    world.teardown(&service.id).unwrap();
    let mut hello = with_id(hello(5051), &agent);
    hello.tasks = vec![crate::service::reported(&service, &agent, "t", TaskState::TaskRunning)];
    let info = wire::v1::FrameworkInfo { id: Some(service.id.to_wire()), ..framework("a") };
    hello.frameworks = vec![info];
    let link = world.hello(hello);
    assert!(world.types_to_agent(link).contains(&ToAgent::ShutdownFramework));
    assert!(world.master.view_tasks().tasks.is_empty());
    service.update(&mut world, link, &agent, "t", TaskState::TaskKilled, 5);
    assert_eq!(world.types_to_agent(link), [ToAgent::AcknowledgeStatus], "the master does it");
}

/// A framework that never comes back after a master failover is removed in the end.
#[test]
fn a_recovered_framework_is_removed_after_its_timeout() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    world.failover();
    let shown = world.master.view_frameworks();
    assert!(shown.frameworks[0].recovered && !shown.frameworks[0].connected);
    world.after(Duration::from_secs(3601));
    let shown = world.master.view_frameworks();
    assert!(shown.frameworks.is_empty());
    assert_eq!(shown.completed_frameworks[0].framework_info.id, Some(service.id.to_wire()));
}

/// `UPDATE_FRAMEWORK` changes roles and refuses what can't change.
#[test]
fn update_framework_changes_roles_and_refuses_other_users() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    world.agent(5051);
    let update = |world: &mut World, info: wire::v1::FrameworkInfo| {
        service.call(world, Type::UpdateFramework, |call| {
            let framework_info = wire::v1::FrameworkInfo { id: Some(service.id.to_wire()), ..info };
            let update = call::UpdateFramework { framework_info, ..Default::default() };
            call.update_framework = Some(Box::new(update));
        });
        let asked = RequestId(world.number() - 1);
        Some(reply(world, asked))
    };
    let other_user = wire::v1::FrameworkInfo { user: "root".into(), ..framework("a") };
    let refusal = update(&mut world, other_user).unwrap().unwrap_err();
    let text = "FrameworkInfo update is not valid: Updating 'FrameworkInfo.user' is unsupported; attempted to \
                update from 'nobody' to 'root'";
    assert_eq!(refusal.text, text);
    assert_eq!(update(&mut world, in_role("a", "db")), Some(Ok(())));
    assert!(world.to_scheduler(service.stream).iter().any(|event| event.rescind.is_some()));
    let offers = world.offers(service.stream);
    assert_eq!(offers[0].allocation_info.as_ref().unwrap().role(), "db");
    let roles = world.master.view_roles().roles;
    assert_eq!(roles.iter().map(|role| role.name.as_str()).collect::<Vec<_>>(), ["db"]);
}

/// `GET_ROLES` shows of amounts those that every cluster has.
#[test]
fn roles_show_the_usual_amounts_alone() {
    let mut world = World::new();
    Service::new(&mut world, "a");
    let mut hello = hello(5051);
    let info = hello.agent_info.as_mut().unwrap();
    let mut licenses = info.resources[0].clone();
    licenses.name = "licenses".to_owned();
    info.resources.push(licenses);
    world.hello(hello);
    let roles = world.master.view_roles().roles;
    let shown: Vec<&str> = roles[0].resources.iter().map(|it| it.name.as_str()).collect();
    assert!(shown.contains(&"cpus") && !shown.contains(&"licenses"), "{shown:?}");
}

/// When a scheduler subscribed last is known of a framework that is over, by the next master too.
#[test]
fn the_times_of_completed_frameworks_survive_a_failover() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    world.after(Duration::from_secs(5));
    let again = wire::v1::FrameworkInfo { id: Some(service.id.to_wire()), ..framework("a") };
    world.subscribe(again);
    world.teardown(&service.id).unwrap();
    let before = world.master.view_frameworks().completed_frameworks;
    assert_ne!(before[0].reregistered_time, before[0].registered_time);
    world.failover();
    assert_eq!(world.master.view_frameworks().completed_frameworks, before);
}

/// Operators hear of frameworks, and only if somebody listens.
#[test]
fn operators_hear_of_frameworks_if_they_listen() {
    use wire::master::event::Type as ToOperator;
    let mut world = World::new();
    Service::new(&mut world, "quiet");
    assert!(world.operator_events().is_empty());
    world.apply(Event::Watchers { count: 1 });
    let service = Service::new(&mut world, "a");
    assert_eq!(world.operator_events(), [ToOperator::FrameworkAdded]);
    world.apply(Event::SchedulerClosed { stream: service.stream });
    assert_eq!(world.operator_events(), [ToOperator::FrameworkUpdated]);
    world.teardown(&service.id).unwrap();
    assert_eq!(world.operator_events(), [ToOperator::FrameworkRemoved]);
    let refusal = world.teardown(&service.id).unwrap_err();
    assert_eq!(refusal.text, "No framework found with specified ID");
}

/// D23: tasks of frameworks that are over are in `GET_TASKS`, and both formats say the same.
#[test]
fn d23_tasks_of_completed_frameworks_are_in_both_formats() {
    use wire::master::response::GetTasks;
    use wire::media::{MediaType, decode, encode};

    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    service.run(&mut world, link, "t");
    world.teardown(&service.id).unwrap();
    let seen = world.master.view_tasks();
    assert!(seen.completed_tasks.iter().any(|task| task.task_id.value == "t"), "{seen:?}");
    for media in [MediaType::Json, MediaType::Protobuf] {
        let read: GetTasks = decode(media, &encode(media, &seen)).unwrap();
        assert_eq!(read, seen, "{media:?}");
    }
}
