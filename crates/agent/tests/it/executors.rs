//! The executor API: who may speak, what is checked, and resubscription.

use agent::{Event, ExecutorRef, Message, StreamId};
use model::task::Source;
use model::{ExecutorId, FrameworkId, Status, TaskState};
use wire::executor::event::Type as ExecutorEventType;
use wire::link::event::Type;

use crate::world::{FRAMEWORK, World, secs};

fn subscribe_as(world: &mut World, from: ExecutorRef) -> Result<(), model::Refusal> {
    let request = world.request();
    world.apply(Event::ExecutorSubscribe {
        request,
        stream: StreamId(9000),
        from,
        subscribe: Box::default(),
    });
    world.outcome(request)
}

/// A generated executor must show its token; a wrong one is refused of everybody.
#[test]
fn tokens_are_checked() {
    let mut world = World::new();
    world.run("t1", None);
    world.run_custom("t2", "x");
    world.launched("t1");
    world.launched("x");
    let speaker = |executor: &str, token: Option<&str>| ExecutorRef {
        framework: FrameworkId::new(FRAMEWORK),
        executor: ExecutorId::new(executor),
        token: token.map(str::to_owned),
    };
    for (executor, token) in [("t1", None), ("t1", Some("guess")), ("x", Some("guess"))] {
        let refusal = subscribe_as(&mut world, speaker(executor, token)).unwrap_err();
        assert_eq!(refusal.status, Status::Unauthorized, "{executor} {token:?}");
    }
    let other = world.caller("x").token;
    let refusal = subscribe_as(&mut world, speaker("t1", other.as_deref())).unwrap_err();
    assert_eq!(refusal.status, Status::Forbidden, "a token of another executor");
    assert_eq!(subscribe_as(&mut world, speaker("x", None)), Ok(()));
    let known = world.caller("t1");
    assert_eq!(subscribe_as(&mut world, known), Ok(()));
}

/// Unknown frameworks and executors and early calls get Mesos' answers.
#[test]
fn unknown_callers_get_the_texts_of_mesos() {
    let mut world = World::new();
    world.run_custom("t1", "x");
    let status = world.status("t1", TaskState::TaskRunning);
    let early = world.send_status("x", status).unwrap_err();
    assert_eq!(
        (early.status, early.text.as_str()),
        (Status::Forbidden, "Executor is not subscribed")
    );
    let mut from = world.caller("x");
    from.executor = ExecutorId::new("y");
    assert_eq!(
        subscribe_as(&mut world, from.clone()).unwrap_err().text,
        "Executor cannot be found"
    );
    from.framework = FrameworkId::new("f2");
    assert_eq!(subscribe_as(&mut world, from).unwrap_err().text, "Framework cannot be found");
}

/// Updates without an id, of a wrong source, or staging are refused and change nothing.
#[test]
fn malformed_updates_are_refused() {
    let mut world = World::new();
    world.run("t1", None);
    world.start("t1");
    let good = world.status("t1", TaskState::TaskRunning);
    let bad = |change: fn(&mut wire::v1::TaskStatus)| {
        let mut status = good.clone();
        change(&mut status);
        status
    };
    for (status, text) in [
        (bad(|status| status.uuid = None), "uuid"),
        (bad(|status| status.uuid = Some(vec![1; 3].into())), "UUID"),
        (bad(|status| status.source = Some(Source::Agent.into())), "SOURCE_EXECUTOR"),
        (bad(|status| status.source = None), "SOURCE_EXECUTOR"),
        (bad(|status| status.state = i32::from(TaskState::TaskStaging)), "TASK_STAGING"),
        (bad(|status| status.state = 99), "unknown task state"),
        (bad(|status| status.executor_id = Some(crate::world::exec_id("other"))), "does not match"),
    ] {
        let refusal = world.send_status("t1", status).unwrap_err();
        assert_eq!(refusal.status, Status::BadRequest);
        assert!(refusal.text.contains(text), "{}", refusal.text);
    }
    assert_eq!(world.updates().len(), 0);
    assert_eq!(world.agent.view_gauges().counters.invalid_status_updates, 7);
}

/// An update is acknowledged to its executor in the batch that stores it, with its container and its time filled in.
#[test]
fn update_is_stored_acknowledged_and_completed() {
    let mut world = World::new();
    world.run("t1", None);
    world.start("t1");
    world.update("t1", "t1", TaskState::TaskRunning);
    assert_eq!(world.events(ExecutorEventType::Acknowledged), 1);
    let running = world.last_update("t1");
    let container = running.container_status.unwrap();
    assert_eq!(container.container_id.unwrap().value, world.container("t1").as_str());
    assert_eq!(container.executor_pid, Some(77));
    let ip = container.network_infos[0].ip_addresses[0].ip_address.as_deref();
    assert_eq!(ip, Some("127.0.0.1"));
    assert_eq!(running.agent_id.unwrap().value, "S0");
    assert_eq!(running.timestamp, Some(world.now.wall.as_secs_f64()));
    world.ack("t1");
    let mut finished = world.status("t1", TaskState::TaskFinished);
    finished.timestamp = Some(7.5);
    world.send_status("t1", finished).unwrap();
    assert_eq!(world.last_update("t1").timestamp, Some(7.5), "what the executor says");
}

/// A subscribed executor hears every half an hour that its stream is alive, and nothing on one that it has left.
#[test]
fn executors_get_heartbeats_on_the_stream_they_have() {
    let mut world = World::new();
    world.running_custom("t1", "x");
    world.out.clear();
    world.advance(secs(29 * 60));
    assert_eq!(world.events(ExecutorEventType::Heartbeat), 0);
    world.advance(secs(61));
    assert_eq!(world.events(ExecutorEventType::Heartbeat), 1);
    let old = world.streams["x"];
    world.subscribe("x", &["t1"], &[]);
    world.out.clear();
    world.advance(secs(30 * 60 + 1));
    assert_eq!(world.events(ExecutorEventType::Heartbeat), 1);
    let to_old =
        |message: &Message| matches!(message, Message::Executor { stream, .. } if *stream == old);
    assert!(!world.out.iter().any(to_old), "the older stream is closed");
    world.close("x");
    world.out.clear();
    world.advance(secs(2 * 60 * 60));
    assert_eq!(world.events(ExecutorEventType::Heartbeat), 0);
}

/// Of a container in the executor's, the agent adds where it is in the network while it runs, and never the
/// process of its executor.
#[test]
fn updates_of_nested_containers_are_completed_while_they_run() {
    let mut world = World::new();
    world.run_custom("t1", "x");
    world.start("x");
    for (state, has_network) in [
        (TaskState::TaskStarting, false),
        (TaskState::TaskRunning, true),
        (TaskState::TaskKilling, true),
        (TaskState::TaskKilled, false),
    ] {
        let mut status = world.status("t1", state);
        let parent = Some(Box::new(world.container("x").to_wire()));
        let nested = wire::v1::ContainerId { value: "inner".to_owned(), parent };
        status.container_status =
            Some(wire::v1::ContainerStatus { container_id: Some(nested), ..Default::default() });
        world.send_status("x", status).unwrap();
        let told = world.last_update("t1").container_status.unwrap();
        world.ack("t1");
        assert_eq!(told.executor_pid, None, "{state:?}");
        assert_eq!(told.network_infos.len(), usize::from(has_network), "{state:?}");
    }
}

/// Resubscription closes the older stream, takes what was not acknowledged, and repeats kills with what is
/// left of their grace.
#[test]
fn resubscription_replays_updates_and_kills() {
    let mut world = World::new();
    world.running("t1", Some(secs(30)));
    world.kill("t1", None);
    world.advance(secs(7));
    let old = world.streams["t1"];
    world.out.clear();
    let killing = world.status("t1", TaskState::TaskKilling);
    world.subscribe("t1", &["t1"], &[killing]);
    assert!(world.out.contains(&Message::CloseExecutor { stream: old }));
    let kinds: Vec<_> = world.executor_events().map(|event| event.r#type).collect();
    let kind = |kind: ExecutorEventType| Some(i32::from(kind));
    assert_eq!(
        kinds,
        [
            kind(ExecutorEventType::Subscribed),
            kind(ExecutorEventType::Acknowledged),
            kind(ExecutorEventType::Kill)
        ]
    );
    assert_eq!(world.kills(), [("t1".to_owned(), secs(23))]);
    assert_eq!(world.last_update("t1").state, i32::from(TaskState::TaskKilling));
    world.apply(Event::ExecutorClosed { stream: old });
    world.kill("t1", None);
    assert_eq!(world.kills().len(), 2, "the newer stream is still the executor's");
}

/// Tasks that were handed over and never arrived are dropped, or killed if they were to end.
#[test]
fn tasks_that_never_arrived_are_dropped() {
    let mut world = World::new();
    world.run_custom("t1", "x");
    world.run_custom("t2", "x");
    world.run_custom("t3", "x");
    world.start("x");
    world.kill("t2", None);
    world.out.clear();
    world.subscribe("x", &["t3"], &[]);
    assert_eq!(world.last_update("t1").state, i32::from(TaskState::TaskDropped));
    assert_eq!(world.last_update("t2").state, i32::from(TaskState::TaskKilled));
    assert_eq!(world.updates().len(), 2);
}

/// Messages pass both ways; to an executor that is not there they are dropped.
#[test]
fn messages_pass_both_ways() {
    let mut world = World::new();
    world.run_custom("t1", "x");
    let to_executor = |event: &mut wire::link::Event| {
        event.message = Some(wire::link::FrameworkMessage {
            framework_id: Some(wire::v1::FrameworkId { value: FRAMEWORK.to_owned() }),
            executor_id: Some(crate::world::exec_id("x")),
            data: Some("hello".into()),
        });
    };
    world.link(Type::Message, to_executor);
    assert_eq!(world.events(ExecutorEventType::Message), 0);
    world.start("x");
    world.link(Type::Message, to_executor);
    assert_eq!(world.events(ExecutorEventType::Message), 1);
    let request = world.request();
    let call = wire::executor::Call {
        executor_id: crate::world::exec_id("x"),
        framework_id: wire::v1::FrameworkId { value: FRAMEWORK.to_owned() },
        r#type: Some(wire::executor::call::Type::Message.into()),
        message: Some(wire::executor::call::Message { data: "back".into() }),
        ..wire::executor::Call::default()
    };
    let from = world.caller("x");
    world.apply(Event::ExecutorCall { request, from, call: Box::new(call) });
    assert!(
        world
            .out
            .iter()
            .any(|message| matches!(message, Message::Call { call } if call.message.is_some()))
    );
}

/// An executor whose only task was killed before delivery has nothing to live for.
#[test]
fn executor_without_work_is_ended() {
    let mut world = World::new();
    world.run_custom("t1", "x");
    world.kill("t1", None);
    assert_eq!(world.destroys(), 1);
    assert_eq!(world.last_update("t1").state, i32::from(TaskState::TaskKilled));
}

/// An executor can be quicker than the news of its launch: it is answered once its process is known, and what it
/// is given can be found again after a restart.
#[test]
fn who_subscribes_before_the_launch_is_known_waits_for_it() {
    let mut world = World::new();
    world.run("t1", None);
    world.subscribe("t1", &[], &[]);
    let first = world.streams["t1"];
    world.subscribe("t1", &[], &[]);
    let refused = |message: &Message| matches!(message, Message::Reply { outcome: Err(_), .. });
    assert_eq!(world.out.iter().filter(|message| refused(message)).count(), 1, "the older one");
    assert_eq!(world.executor_events().count(), 0);
    world.apply(Event::ExecutorClosed { stream: first });
    assert_eq!(world.out.iter().filter(|message| refused(message)).count(), 1);

    world.launched("t1");
    assert!(world.out.iter().any(|it| matches!(it, Message::Reply { outcome: Ok(()), .. })));
    let kinds: Vec<_> = world.executor_events().filter_map(|event| event.r#type).collect();
    let wanted = [ExecutorEventType::Subscribed, ExecutorEventType::Launch].map(i32::from);
    assert_eq!(kinds, wanted);
    world.update("t1", "t1", TaskState::TaskRunning);
    let running = world.last_update("t1");
    assert_eq!(running.container_status.and_then(|it| it.executor_pid), Some(77));
}

/// A launch that fails refuses who subscribed meanwhile; one whose caller has gone is not admitted.
#[test]
fn who_subscribed_early_hears_when_nothing_comes_of_it() {
    let mut world = World::new();
    world.run("t1", None);
    world.subscribe("t1", &[], &[]);
    world.close("t1");
    world.launched("t1");
    assert_eq!(world.executor_events().count(), 0);

    world.run("t2", None);
    world.subscribe("t2", &[], &[]);
    world.out.clear();
    let (container, error) = (world.container("t2"), "no such program".to_owned());
    world.apply(Event::ContainerLaunchFailed { container, error });
    assert!(world.out.iter().any(|it| matches!(it, Message::Reply { outcome: Err(_), .. })));
    assert_eq!(world.last_update("t2").state, i32::from(TaskState::TaskFailed));
}
