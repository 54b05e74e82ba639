use model::TaskState;

use super::bench::*;
use crate::executor::{Event, Message};

/// The executor exits when its task has ended and every update of it is acknowledged.
#[test]
fn exits_when_all_is_ended_and_acknowledged() {
    let mut bench = Bench::subscribed(true);
    let starting = bench.agent(launch(task("t")));
    let running = bench.started("t");
    let ended = bench.ended("t", 0);
    assert_eq!(bench.acknowledge_all(&ended), []);
    assert_eq!(bench.acknowledge_all(&running), []);
    assert_eq!(bench.acknowledge_all(&starting), [Message::Exit { code: 0 }]);
    assert_eq!(bench.wake_at(5_000), [], "nothing follows the exit");
}

/// An executor whose last update nobody acknowledges exits after the timeout.
#[test]
fn exits_without_acknowledgement_after_the_timeout() {
    let mut bench = Bench::running(task("t"));
    bench.set(1_000);
    bench.ended("t", 0);
    assert_eq!(bench.next_wake(), Some(61_000));
    assert_eq!(bench.wake_at(60_999), []);
    assert_eq!(bench.wake_at(61_000), [Message::Exit { code: 1 }]);
}

/// The wait for the last acknowledgement begins anew with a subscription.
#[test]
fn late_agent_still_gets_its_time_to_acknowledge() {
    let mut bench = Bench::running(task("t"));
    bench.apply(Event::StreamClosed { why: "restart".to_owned() });
    bench.ended("t", 0);
    let out = bench.wake_at(120_000);
    assert_eq!(subscribe_of(&out).unacknowledged_updates.len(), 1);
    bench.agent(subscribed(true));
    assert_eq!(bench.next_wake(), Some(180_000));
}

/// SHUTDOWN of an executor that never had a task is its end.
#[test]
fn shutdown_without_tasks_exits() {
    let mut bench = Bench::subscribed(true);
    assert_eq!(bench.agent(shutdown()), [Message::Exit { code: 0 }]);
}

/// An idle executor waits for its first task.
#[test]
fn idle_executor_stays() {
    let mut bench = Bench::subscribed(true);
    assert_eq!(bench.wake_at(600_000), []);
}

/// A task that comes after SHUTDOWN is killed without being started.
#[test]
fn launch_after_shutdown_is_killed_unstarted() {
    let mut bench = Bench::running(task("t"));
    bench.agent(shutdown());
    let out = bench.agent(launch(task("late")));
    assert_eq!(states(&out), [state("late", TaskState::TaskKilled)]);
    assert_eq!(actions(&out), []);
}

/// Events about tasks and of kinds the executor does not know are harmless.
#[test]
fn unknown_things_are_harmless() {
    let mut bench = Bench::subscribed(true);
    assert_eq!(bench.started("x"), []);
    assert_eq!(bench.ended("x", 0), []);
    assert_eq!(bench.agent(wire::executor::Event::default()), []);
    assert_eq!(bench.agent(wire::executor::Event { r#type: Some(99), ..Default::default() }), []);
    let launch_without_task = wire::executor::Event {
        r#type: Some(wire::executor::event::Type::Launch as i32),
        ..Default::default()
    };
    assert_eq!(bench.agent(launch_without_task), []);
}
