//! Status update streams: one at a time, repeated, acknowledged by id.

use agent::{Event, Message};
use model::{FrameworkId, TaskId, TaskState};

use wire::link::event::Type;

use crate::world::{FRAMEWORK, World, secs};

fn pending(world: &World, task: &str) -> usize {
    world.store.tasks[&(FrameworkId::new(FRAMEWORK), TaskId::new(task))].pending.len()
}

/// The next update of a task leaves only after the previous one was acknowledged; each says the latest
/// state.
#[test]
fn updates_leave_one_at_a_time() {
    let mut world = World::new();
    world.run("t1", None);
    world.start("t1");
    world.update("t1", "t1", TaskState::TaskStarting);
    world.update("t1", "t1", TaskState::TaskRunning);
    world.update("t1", "t1", TaskState::TaskFinished);
    assert_eq!(world.updates().len(), 1);
    world.ack("t1");
    assert_eq!(world.updates().len(), 2);
    let second = world.updates()[1];
    assert_eq!(second.status.as_ref().unwrap().state, i32::from(TaskState::TaskRunning));
    assert_eq!(second.latest_state, Some(i32::from(TaskState::TaskFinished)));
    world.ack("t1");
    world.ack("t1");
    assert!(world.store.tasks.is_empty());
    assert_eq!(world.agent.view_tasks().completed_tasks.len(), 1);
}

/// Unacknowledged updates are repeated after 10 s, doubling up to 10 min.
#[test]
fn updates_are_repeated_with_growing_waits() {
    let mut world = World::new();
    world.run("t1", None);
    world.start("t1");
    world.update("t1", "t1", TaskState::TaskRunning);
    for wait in [10, 20, 40, 80, 160, 320, 600, 600] {
        world.out.clear();
        world.advance(secs(wait - 1));
        assert_eq!(world.updates().len(), 0, "{wait}");
        world.advance(secs(1));
        assert_eq!(world.updates().len(), 1, "{wait}");
    }
}

/// D35: a registration sends every first update at once, however long its wait had become.
#[test]
fn d35_registration_resends_at_once() {
    let mut world = World::new();
    world.run("t1", None);
    world.start("t1");
    world.update("t1", "t1", TaskState::TaskRunning);
    world.advance(secs(3600));
    world.apply(Event::LinkClosed { why: "gone".to_owned() });
    world.out.clear();
    world.advance(secs(1));
    assert_eq!(world.updates().len(), 0, "there is no link");
    world.register();
    assert_eq!(world.updates().len(), 1);
    world.out.clear();
    world.advance(secs(10));
    assert_eq!(world.updates().len(), 1, "and the waits begin anew");
}

/// D35: a framework that is back gets at once what it has not acknowledged.
#[test]
fn d35_a_framework_that_is_back_gets_its_updates_at_once() {
    let mut world = World::new();
    world.run("t1", None);
    world.start("t1");
    world.update("t1", "t1", TaskState::TaskRunning);
    world.advance(secs(3600));
    world.out.clear();
    let info = world.framework();
    world.link(Type::UpdateFramework, |event| {
        event.update_framework =
            Some(Box::new(wire::link::UpdateFramework { framework_info: Some(info) }));
    });
    assert_eq!(world.updates().len(), 1);
    let mut other = world.framework();
    other.id = Some(wire::v1::FrameworkId { value: "other".to_owned() });
    world.link(Type::UpdateFramework, |event| {
        event.update_framework =
            Some(Box::new(wire::link::UpdateFramework { framework_info: Some(other) }));
    });
    assert_eq!(world.updates().len(), 1, "others are of no matter");
}

/// Acknowledgements that do not match the first pending update change nothing.
#[test]
fn stray_acknowledgements_are_ignored() {
    let mut world = World::new();
    world.run("t1", None);
    world.start("t1");
    world.update("t1", "t1", TaskState::TaskRunning);
    world.ack_uuid("t1", vec![1; 16]);
    world.ack_uuid("unknown", vec![1; 16]);
    assert_eq!(pending(&world, "t1"), 1);
    let uuid = world.updates()[0].status.as_ref().unwrap().uuid.clone().unwrap();
    world.ack_uuid("t1", uuid.to_vec());
    assert_eq!(pending(&world, "t1"), 0);
    world.ack_uuid("t1", uuid.to_vec());
}

/// The same update twice is stored once and acknowledged twice, also after the framework has it.
#[test]
fn duplicates_are_acknowledged_and_not_stored() {
    let mut world = World::new();
    world.run("t1", None);
    world.start("t1");
    let status = world.status("t1", TaskState::TaskRunning);
    for _ in 0..2 {
        world.send_status("t1", status.clone()).unwrap();
        assert_eq!(pending(&world, "t1"), 1);
    }
    world.ack("t1");
    world.send_status("t1", status).unwrap();
    assert_eq!(pending(&world, "t1"), 0);
    assert_eq!(world.events(wire::executor::event::Type::Acknowledged), 3);
}

/// A framework that never acknowledges costs a bounded amount of memory; the newest state is kept.
#[test]
fn pending_updates_are_bounded() {
    let mut world = World::new();
    world.config.max_pending_updates = 4;
    world.start_anew();
    world.register();
    world.run("t1", None);
    world.start("t1");
    for _ in 0..20 {
        world.update("t1", "t1", TaskState::TaskRunning);
    }
    world.update("t1", "t1", TaskState::TaskFinished);
    assert_eq!(pending(&world, "t1"), 4);
    for _ in 0..4 {
        world.ack("t1");
    }
    assert_eq!(world.last_update("t1").state, i32::from(TaskState::TaskFinished));
    assert!(world.store.tasks.is_empty());
}

/// For tasks the agent does not know it answers, reliably, that they were dropped.
#[test]
fn reconciliation_answers_for_unknown_tasks() {
    let mut world = World::new();
    world.running("t1", None);
    world.link(Type::ReconcileTasks, |event| {
        let task = |id: &str| wire::link::reconcile_tasks::Task {
            framework_id: Some(wire::v1::FrameworkId { value: FRAMEWORK.to_owned() }),
            task_id: Some(crate::world::task_id(id)),
        };
        event.reconcile_tasks =
            Some(wire::link::ReconcileTasks { tasks: vec![task("t1"), task("lost")] });
    });
    assert_eq!(world.updates().len(), 1);
    let answer = world.last_update("lost");
    assert_eq!(answer.state, i32::from(TaskState::TaskDropped));
    assert_eq!(answer.reason, Some(model::task::Reason::Reconciliation.into()));
    world.ack("lost");
    assert_eq!(world.store.tasks.len(), 1);
}

/// Whatever nesting of containers an executor can report reaches the master, or is refused: an update that
/// the master could not read would break the agent's link for ever.
#[test]
fn no_update_is_nested_too_deep_for_the_link() {
    let mut world = World::new();
    world.running("t1", None);
    let nested = |depth: usize| {
        let mut id = wire::v1::ContainerId { value: "c".to_owned(), parent: None };
        for _ in 1..depth {
            id = wire::v1::ContainerId { value: "c".to_owned(), parent: Some(Box::new(id)) };
        }
        wire::v1::ContainerStatus { container_id: Some(id), ..Default::default() }
    };
    let mut outcomes = Vec::new();
    for depth in [1, 32, 33, 90, 95, 96, 97] {
        let mut status = world.status("t1", TaskState::TaskRunning);
        status.container_status = Some(nested(depth));
        let call = wire::executor::call::Update { status: status.clone() };
        let bytes = wire::protobuf::encode(&wire::executor::Call {
            update: Some(call),
            ..wire::executor::Call::default()
        });
        if wire::protobuf::decode::<wire::executor::Call>(&bytes).is_err() {
            continue;
        }
        world.out.clear();
        outcomes.push((depth, world.send_status("t1", status).is_ok()));
        for message in &world.out {
            let Message::Call { call } = message else { continue };
            let batch = wire::link::Batch { calls: vec![(**call).clone()], ..Default::default() };
            let bytes = wire::protobuf::encode(&batch);
            wire::protobuf::decode::<wire::link::Batch>(&bytes).unwrap();
        }
        if outcomes.last() == Some(&(depth, true)) {
            world.ack("t1");
        }
    }
    assert_eq!(outcomes[..3], [(1, true), (32, true), (33, false)]);
    assert!(outcomes[3..].iter().all(|(_, taken)| !taken), "{outcomes:?}");
}
