use model::TaskState;
use model::task::{Reason, Source};

use super::bench::*;
use crate::executor::{Event, Message};

/// A launched command task reports STARTING, then RUNNING once its process exists.
#[test]
fn launched_task_reports_starting_then_running() {
    let mut bench = Bench::subscribed(true);

    let out = bench.agent(launch(task("t")));
    assert_eq!(states(&out), [state("t", TaskState::TaskStarting)]);
    assert_eq!(actions(&out), [Message::Start { task: Box::new(task("t")), container: None }]);

    let out = bench.started("t");
    assert_eq!(states(&out), [state("t", TaskState::TaskRunning)]);
    assert_eq!(actions(&out), []);
}

/// Updates carry what Mesos' carry: source, agent, executor, time, a version 4 UUID, the container.
#[test]
fn updates_carry_what_mesos_updates_carry() {
    let mut bench = Bench::subscribed(true);
    bench.set(1_500);

    let out = bench.agent(launch(task("t")));
    let status = &updates(&out)[0];

    assert_eq!(status.source, Some(Source::Executor as i32));
    assert_eq!(status.agent_id.as_ref().unwrap().value, "S1");
    assert_eq!(status.executor_id.as_ref().unwrap().value, "e");
    assert!((status.timestamp.unwrap() - 1.500_001).abs() < 1e-6);
    assert_eq!((status.reason, status.healthy, &status.message), (None, None, &None));
    let uuid = uuid::Uuid::from_slice(status.uuid.as_ref().unwrap()).unwrap();
    assert_eq!(uuid.get_version_num(), 4);
    let container = status.container_status.as_ref().unwrap();
    assert_eq!(container.container_id.as_ref().unwrap().value, "c");
    assert_eq!(container.executor_pid, None);
}

/// The same seed gives the same update ids; another seed gives others.
#[test]
fn update_ids_follow_the_seed() {
    let first_id = |seed| {
        let mut bench = Bench::new(crate::executor::Config { seed, ..config() });
        bench.wake_at(0);
        bench.agent(subscribed(true));
        let out = bench.agent(launch(task("t")));
        updates(&out)[0].uuid.clone().unwrap()
    };
    assert_eq!(first_id(1), first_id(1));
    assert_ne!(first_id(1), first_id(2));
}

/// A task that is handed over twice is started once.
#[test]
fn task_launched_twice_is_started_once() {
    let mut bench = Bench::subscribed(true);
    bench.agent(launch(task("t")));
    assert_eq!(bench.agent(launch(task("t"))), []);
}

/// A process that can't be started makes its task fail with the reason people can read.
#[test]
fn failed_start_fails_the_task() {
    let mut bench = Bench::subscribed(true);
    bench.agent(launch(task("t")));

    let out = bench.apply(Event::TaskStartFailed {
        task: model::TaskId::new("t"),
        error: "no such file".to_owned(),
    });

    assert_eq!(states(&out), [state("t", TaskState::TaskFailed)]);
    let status = &updates(&out)[0];
    assert_eq!(status.message.as_deref(), Some("no such file"));
    assert_eq!(status.reason, Some(Reason::ContainerLaunchFailed as i32));
}

/// Exit status decides between FINISHED and FAILED, in Mesos' words.
#[test]
fn exit_status_decides_the_terminal_state() {
    let cases = [
        (0, TaskState::TaskFinished, "Command exited with status 0"),
        (7 << 8, TaskState::TaskFailed, "Command exited with status 7"),
        (255 << 8, TaskState::TaskFailed, "Command exited with status 255"),
        (KILLED, TaskState::TaskFailed, "Command terminated with signal Killed"),
        (TERMINATED, TaskState::TaskFailed, "Command terminated with signal Terminated"),
        (
            0x0b | 0x80,
            TaskState::TaskFailed,
            "Command terminated with signal Segmentation fault (core dumped)",
        ),
        (40, TaskState::TaskFailed, "Command terminated with signal Unknown signal 40"),
    ];
    for (wait_status, expected, message) in cases {
        let mut bench = Bench::running(task("t"));
        let out = bench.ended("t", wait_status);
        assert_eq!(states(&out), [state("t", expected)], "{message}");
        assert_eq!(updates(&out)[0].message.as_deref(), Some(message));
        assert_eq!(updates(&out)[0].reason, None);
    }
}

/// What a task leaves behind is killed at once, and its end is reported only when it is gone.
#[test]
fn leftovers_are_killed_before_the_end_is_reported() {
    let mut bench = Bench::running(task("t"));

    assert_eq!(bench.exited("t", 0), [sigkill("t")]);
    assert_eq!(bench.wake_at(999), []);
    assert_eq!(bench.wake_at(1_000), [sigkill("t")]);
    assert_eq!(bench.wake_at(2_000), [sigkill("t")]);

    let out = bench.empty("t");
    assert_eq!(states(&out), [state("t", TaskState::TaskFinished)]);
}

/// An empty tree that is reported before the exit does not lose the exit.
#[test]
fn tree_may_be_empty_before_the_exit_is_known() {
    let mut bench = Bench::running(task("t"));
    assert_eq!(bench.empty("t"), []);
    let out = bench.exited("t", 0);
    assert_eq!(states(&out), [state("t", TaskState::TaskFinished)]);
    assert_eq!(actions(&out), []);
}

/// A task past its completion time is killed without grace and has failed for that reason.
#[test]
fn completion_time_ends_the_task_as_failed() {
    let mut info = task_with_grace("t", 10);
    info.max_completion_time = Some(wire::v1::DurationInfo { nanoseconds: 2_000_000_000 });
    let mut bench = Bench::running(info);

    assert_eq!(bench.next_wake(), Some(2_000));
    assert_eq!(bench.wake_at(1_999), []);
    let out = bench.wake_at(2_000);
    assert_eq!(states(&out), [], "nobody asked for the kill, so TASK_KILLING is not told");
    assert_eq!(actions(&out), [sigkill("t")]);

    bench.agent(kill("t", Some(1_000)));
    let out = bench.ended("t", KILLED);
    assert_eq!(states(&out), [state("t", TaskState::TaskFailed)]);
    assert_eq!(updates(&out)[0].reason, Some(Reason::MaxCompletionTimeReached as i32));
}

/// The completion time counts from the task's start, and one of zero is none.
#[test]
fn completion_time_counts_from_the_start() {
    let limited = |id: &str, seconds: i64| wire::v1::TaskInfo {
        max_completion_time: Some(wire::v1::DurationInfo { nanoseconds: seconds * 1_000_000_000 }),
        ..task(id)
    };
    let mut bench = Bench::subscribed(true);
    bench.agent(launch(limited("t", 2)));
    bench.set(5_000);
    bench.started("t");
    assert_eq!(bench.wake_at(6_999), []);
    assert_eq!(actions(&bench.wake_at(7_000)), [sigkill("t")]);

    let mut bench = Bench::running(limited("t", 0));
    assert_eq!(bench.wake_at(1_000), []);
}

/// A task that is being killed has no completion time any more.
#[test]
fn kill_ends_the_completion_time() {
    let mut info = task_with_grace("t", 10);
    info.max_completion_time = Some(wire::v1::DurationInfo { nanoseconds: 2_000_000_000 });
    let mut bench = Bench::running(info);

    bench.set(1_000);
    bench.agent(kill("t", None));
    assert_eq!(bench.wake_at(2_000), []);
    let out = bench.ended("t", TERMINATED);
    assert_eq!(states(&out), [state("t", TaskState::TaskKilled)]);
}
