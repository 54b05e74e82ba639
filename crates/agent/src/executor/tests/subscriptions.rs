use std::time::Duration;

use model::TaskState;

use super::bench::*;
use crate::executor::{Config, Event, Message};

fn closed() -> Event {
    Event::StreamClosed { why: "reset".to_owned() }
}

/// The executor wants to subscribe the moment it exists.
#[test]
fn subscribes_at_once() {
    let mut bench = Bench::new(config());
    assert_eq!(bench.next_wake(), Some(0));
    let subscribe = subscribe_of(&bench.wake_at(0));
    assert!(subscribe.unacknowledged_tasks.is_empty());
    assert!(subscribe.unacknowledged_updates.is_empty());
}

/// Attempts are spread by growing waits that never exceed the configured maximum.
#[test]
fn attempts_back_off_up_to_the_maximum() {
    let mut bench = Bench::new(config());
    bench.wake_at(0);
    let mut last = 0;
    let mut waits = Vec::new();
    for _ in 0..12 {
        assert_eq!(bench.apply(closed()), []);
        assert_eq!(bench.apply(closed()), [], "one loss is one wait");
        let next = bench.next_wake().unwrap();
        assert_eq!(bench.wake_at(next.saturating_sub(1)), []);
        subscribe_of(&bench.wake_at(next + 1));
        waits.push(next - last);
        last = next + 1;
    }
    assert!(waits[0] <= 50, "{waits:?}");
    assert!(waits.iter().all(|&wait| wait <= 2_000), "{waits:?}");
    assert!(waits[11] >= 999, "{waits:?}");
}

/// A new subscription carries the tasks and updates the agent has not acknowledged, oldest first.
#[test]
fn resubscription_carries_what_is_unacknowledged() {
    let mut bench = Bench::subscribed(true);
    let starting = bench.agent(launch(task("t")));
    let running = bench.started("t");
    bench.apply(closed());

    let subscribe = subscribe_of(&bench.wake_at(100));
    assert_eq!(subscribe.unacknowledged_tasks, [task("t")]);
    let carried: Vec<_> =
        subscribe.unacknowledged_updates.into_iter().map(|update| update.status).collect();
    assert_eq!(carried, [updates(&starting), updates(&running)].concat());
    assert_eq!(bench.agent(subscribed(true)), [], "what was carried is not sent again");
}

/// An acknowledged task and its acknowledged updates are not carried again.
#[test]
fn acknowledged_things_are_not_carried_again() {
    let mut bench = Bench::running(task("t"));
    bench.apply(closed());
    let subscribe = subscribe_of(&bench.wake_at(100));
    assert!(subscribe.unacknowledged_tasks.is_empty());
    assert!(subscribe.unacknowledged_updates.is_empty());
}

/// Updates made without a stream wait for it, and keep their order.
#[test]
fn updates_made_without_a_stream_wait_for_it() {
    let mut bench = Bench::running(task("t"));
    bench.apply(closed());
    assert_eq!(bench.exited("t", 0), [sigkill("t")]);

    let subscribe = subscribe_of(&bench.wake_at(100));
    assert!(subscribe.unacknowledged_updates.is_empty());
    assert_eq!(bench.empty("t"), [], "SUBSCRIBE is under way");

    let out = bench.agent(subscribed(true));
    assert_eq!(states(&out), [state("t", TaskState::TaskFinished)]);
    assert_eq!(bench.acknowledge_all(&out), [Message::Exit { code: 0 }]);
}

/// A call that failed leads to a new subscription with the update in it.
#[test]
fn failed_call_is_repeated_with_a_new_subscription() {
    let mut bench = Bench::subscribed(true);
    let out = bench.agent(launch(task("t")));
    assert_eq!(bench.apply(Event::CallFailed { why: "503".to_owned() }), []);
    assert_eq!(bench.agent(subscribed(true)), [], "the old stream does not count any more");
    let subscribe = subscribe_of(&bench.wake_at(100));
    assert_eq!(subscribe.unacknowledged_updates[0].status, updates(&out)[0]);
}

/// A stream that never says SUBSCRIBED is opened anew.
#[test]
fn silent_stream_is_opened_anew() {
    let mut bench = Bench::new(config());
    bench.wake_at(0);
    assert_eq!(bench.wake_at(14_999), []);
    subscribe_of(&bench.wake_at(15_000));
}

/// Tasks go on without an agent, kills included, and all of it is told later.
#[test]
fn kill_in_progress_survives_the_loss_of_the_stream() {
    let mut bench = Bench::running(task_with_grace("t", 5));
    let out = bench.agent(kill("t", None));
    bench.acknowledge_all(&out);
    bench.apply(closed());
    bench.wake_at(100);
    assert_eq!(actions(&bench.wake_at(4_999)), []);
    assert_eq!(actions(&bench.wake_at(5_000)), [sigkill("t")]);
    assert_eq!(actions(&bench.ended("t", KILLED)), []);
    assert_eq!(actions(&bench.wake_at(200_000)), [], "no exit with an untold end");
    let out = bench.agent(subscribed(true));
    assert_eq!(states(&out), []);
    bench.apply(closed());
    let subscribe = subscribe_of(&bench.wake_at(200_200));
    assert_eq!(subscribe.unacknowledged_updates.len(), 1);
}

/// Without an agent for longer than the recovery timeout everything is ended.
#[test]
fn recovery_timeout_ends_everything() {
    let mut bench = Bench::running(task_with_grace("t", 60));
    bench.apply(closed());
    let limit = 15 * 60 * 1000;
    let mut at = 0;
    while at + 2_000 < limit {
        at += 2_000;
        let out = bench.wake_at(at);
        assert_eq!(actions(&out), []);
        bench.apply(closed());
    }
    assert_eq!(actions(&bench.wake_at(limit - 1)), []);
    assert_eq!(actions(&bench.wake_at(limit)), [terminate("t")]);
    assert_eq!(actions(&bench.wake_at(limit + 4_000)), [sigkill("t")]);
    let out = bench.ended("t", KILLED);
    assert_eq!(actions(&out), [Message::Exit { code: 1 }]);
    assert_eq!(bench.next_wake(), None);
}

/// The time in which the executor itself stood still is none without an agent: it looks for it first.
#[test]
fn an_executor_that_stood_still_looks_for_its_agent_before_it_gives_up() {
    let mut bench = Bench::running(task_with_grace("t", 60));
    bench.apply(closed());
    let limit = 15 * 60 * 1000;
    let out = bench.wake_at(limit + 60_000);
    subscribe_of(&out);
    assert_eq!(actions(&out), []);
    bench.agent(subscribed(true));
    assert_eq!(actions(&bench.wake_at(limit + 120_000)), []);
}

/// Without checkpointing the loss of a stream is the end, but the first one is waited for.
#[test]
fn without_checkpointing_the_first_loss_is_the_end() {
    let mut bench = Bench::new(Config { recovery_timeout: Duration::ZERO, ..config() });
    subscribe_of(&bench.wake_at(0));
    bench.apply(closed());
    let out = bench.wake_at(1_000);
    assert_eq!(actions(&out), []);
    bench.agent(subscribed(true));
    assert_eq!(actions(&bench.apply(closed())), [Message::Exit { code: 0 }]);
}

/// The executor says that it is there every half hour.
#[test]
fn heartbeats_every_half_hour() {
    let mut bench = Bench::subscribed(true);
    let half_hour = 30 * 60 * 1000;
    assert_eq!(bench.next_wake(), Some(half_hour));
    let out = bench.wake_at(half_hour);
    let [Message::Call(call)] = &out[..] else { panic!("{out:?}") };
    assert_eq!(call.r#type, Some(wire::executor::call::Type::Heartbeat as i32));
    assert_eq!(bench.next_wake(), Some(2 * half_hour));
}
