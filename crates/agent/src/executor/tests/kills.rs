use model::TaskState;
use model::task::Reason;

use super::bench::*;
use crate::executor::{Event, Message};

/// SIGKILL comes exactly at the deadline of the grace that applies: KILL's, the task's, the default.
#[test]
fn sigkill_comes_at_the_deadline_and_not_before() {
    let cases: [(Option<i64>, Option<i64>, u64); 6] = [
        // task's own grace (s), grace in KILL (ms), expected (ms)
        (None, None, 3_000),
        (Some(10), None, 10_000),
        (Some(1), None, 1_000),
        (Some(10), Some(1_500), 1_500),
        (Some(1), Some(5_000), 5_000),
        (None, Some(500), 500),
    ];
    for (own, named, expected) in cases {
        let mut bench =
            Bench::running(own.map_or_else(|| task("t"), |own| task_with_grace("t", own)));
        bench.set(1_000);

        let out = bench.agent(kill("t", named));
        assert_eq!(states(&out), [state("t", TaskState::TaskKilling)]);
        assert_eq!(actions(&out), [terminate("t")]);

        assert_eq!(bench.next_wake(), Some(1_000 + expected));
        assert_eq!(bench.wake_at(1_000 + expected - 1), [], "{own:?} {named:?}");
        assert_eq!(bench.wake_at(1_000 + expected), [sigkill("t")], "{own:?} {named:?}");
    }
}

/// A grace of zero, or less, is SIGKILL at once.
#[test]
fn no_grace_is_sigkill_at_once() {
    for grace in [0, -5_000] {
        let mut bench = Bench::running(task_with_grace("t", 10));
        let out = bench.agent(kill("t", Some(grace)));
        assert_eq!(states(&out), [state("t", TaskState::TaskKilling)]);
        assert_eq!(actions(&out), [sigkill("t")]);
    }
}

/// Frameworks without `TASK_KILLING_STATE` are not told that a kill began.
#[test]
fn killing_is_reported_only_to_frameworks_that_know_it() {
    let mut bench = Bench::subscribed(false);
    bench.agent(launch(task("t")));
    bench.started("t");
    assert_eq!(bench.agent(kill("t", None)), [terminate("t")]);
}

/// A killed task is KILLED whatever its exit status.
#[test]
fn killed_task_is_killed_whatever_its_exit_status() {
    let cases = [
        (0, "Command exited with status 0"),
        (7 << 8, "Command exited with status 7"),
        (TERMINATED, "Command terminated with signal Terminated"),
        (KILLED, "Command terminated with signal Killed"),
    ];
    for (wait_status, message) in cases {
        let mut bench = Bench::running(task("t"));
        bench.agent(kill("t", None));
        let out = bench.ended("t", wait_status);
        assert_eq!(states(&out), [state("t", TaskState::TaskKilled)]);
        assert_eq!(updates(&out)[0].message.as_deref(), Some(message));
        assert_eq!(updates(&out)[0].reason, None);
    }
}

/// A second kill may shorten what is left, and neither lengthens nor repeats anything.
#[test]
fn later_kill_only_shortens() {
    let mut bench = Bench::running(task_with_grace("t", 10));
    bench.agent(kill("t", None));

    bench.set(2_000);
    assert_eq!(bench.agent(kill("t", None)), [], "10 s from now is later");
    assert_eq!(bench.next_wake(), Some(10_000));
    assert_eq!(bench.agent(kill("t", Some(60_000))), []);
    assert_eq!(bench.next_wake(), Some(10_000));

    assert_eq!(bench.agent(kill("t", Some(3_000))), [], "no second SIGTERM");
    assert_eq!(bench.next_wake(), Some(5_000));
    assert_eq!(bench.wake_at(4_999), []);
    assert_eq!(bench.wake_at(5_000), [sigkill("t")]);
}

/// A second kill without grace is SIGKILL at once.
#[test]
fn later_kill_without_grace_is_sigkill_at_once() {
    let mut bench = Bench::running(task_with_grace("t", 10));
    bench.agent(kill("t", None));
    bench.set(1_000);
    assert_eq!(bench.agent(kill("t", Some(0))), [sigkill("t")]);
    assert_eq!(bench.agent(kill("t", Some(0))), [], "the repetition has its own clock");
}

/// SIGKILL is repeated every second until no process is left.
#[test]
fn sigkill_is_repeated_until_the_tree_is_empty() {
    let mut bench = Bench::running(task_with_grace("t", 1));
    bench.agent(kill("t", None));
    assert_eq!(bench.wake_at(1_000), [sigkill("t")]);
    assert_eq!(bench.wake_at(1_999), []);
    assert_eq!(bench.wake_at(2_000), [sigkill("t")]);
    assert_eq!(bench.exited("t", KILLED), []);
    assert_eq!(bench.wake_at(3_000), [sigkill("t")]);
    let out = bench.empty("t");
    assert_eq!(states(&out), [state("t", TaskState::TaskKilled)]);
    assert_eq!(bench.wake_at(9_000), []);
}

/// When the first process obeys and others of its tree don't, those keep their grace to the deadline.
#[test]
fn rest_of_the_tree_keeps_its_grace() {
    let mut bench = Bench::running(task_with_grace("t", 5));
    bench.agent(kill("t", None));
    bench.set(1_000);
    assert_eq!(bench.exited("t", TERMINATED), []);
    assert_eq!(bench.wake_at(4_999), []);
    assert_eq!(bench.wake_at(5_000), [sigkill("t")]);
    let out = bench.empty("t");
    assert_eq!(
        updates(&out)[0].message.as_deref(),
        Some("Command terminated with signal Terminated")
    );
    assert_eq!(states(&out), [state("t", TaskState::TaskKilled)]);
}

/// A kill of what has ended by itself changes neither its state nor its deadline.
#[test]
fn kill_after_the_exit_changes_nothing() {
    let mut bench = Bench::running(task("t"));
    bench.exited("t", 0);
    assert_eq!(bench.agent(kill("t", None)), []);
    let out = bench.empty("t");
    assert_eq!(states(&out), [state("t", TaskState::TaskFinished)]);
    assert_eq!(bench.agent(kill("t", None)), []);
}

/// A kill while the process is starting takes effect as soon as it has started (D20).
#[test]
fn kill_during_start_takes_effect_at_the_start() {
    let mut bench = Bench::subscribed(true);
    bench.agent(launch(task_with_grace("t", 5)));

    let out = bench.agent(kill("t", None));
    assert_eq!(states(&out), [state("t", TaskState::TaskKilling)]);
    assert_eq!(actions(&out), [Message::CancelStart { task: model::TaskId::new("t") }]);

    bench.set(2_000);
    assert_eq!(bench.started("t"), [terminate("t")], "and no RUNNING after KILLING");
    assert_eq!(bench.wake_at(4_999), [], "the grace is measured from the kill");
    assert_eq!(bench.wake_at(5_000), [sigkill("t")]);
}

/// A start that takes longer than the grace ends in SIGKILL, and does not keep the executor awake.
#[test]
fn start_longer_than_the_grace_ends_in_sigkill() {
    let mut bench = Bench::subscribed(true);
    bench.agent(launch(task_with_grace("t", 1)));
    bench.agent(kill("t", None));
    assert_eq!(bench.wake_at(2_000), []);
    assert!(bench.next_wake().unwrap() > 2_000, "nothing is due before the start");
    assert_eq!(bench.started("t"), [sigkill("t")]);
}

/// A start that fails during a kill is the end of a killed task.
#[test]
fn failed_start_during_a_kill_is_killed() {
    let mut bench = Bench::subscribed(true);
    bench.agent(launch(task("t")));
    bench.agent(kill("t", None));
    let task = model::TaskId::new("t");
    let out = bench.apply(Event::TaskStartFailed { task, error: "gone".to_owned() });
    assert_eq!(states(&out), [state("t", TaskState::TaskKilled)]);
}

/// A kill that overtakes its task ends it without starting it (D20).
#[test]
fn kill_before_launch_ends_the_task_unstarted() {
    let mut bench = Bench::subscribed(true);
    assert_eq!(bench.agent(kill("t", None)), []);

    let out = bench.agent(launch(task("t")));
    assert_eq!(states(&out), [state("t", TaskState::TaskKilled)]);
    assert_eq!(updates(&out)[0].reason, Some(Reason::TaskKilledDuringLaunch as i32));
    assert_eq!(actions(&out), []);
    assert_eq!(bench.acknowledge_all(&out), [Message::Exit { code: 0 }]);
}

/// SHUTDOWN ends every task with its own grace, bounded by what the agent waits for (less a margin).
#[test]
fn shutdown_bounds_every_grace() {
    let mut bench = Bench::subscribed(true);
    for info in [task_with_grace("long", 60), task_with_grace("short", 1)] {
        let id = info.task_id.value.clone();
        bench.agent(launch(info));
        bench.started(&id);
    }
    let out = bench.agent(shutdown());
    assert_eq!(actions(&out), [terminate("long"), terminate("short")]);
    assert_eq!(bench.wake_at(999), []);
    assert_eq!(bench.wake_at(1_000), [sigkill("short")]);
    bench.ended("short", KILLED);
    assert_eq!(bench.wake_at(3_999), []);
    assert_eq!(bench.wake_at(4_000), [sigkill("long")]);
}
