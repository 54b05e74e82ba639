//! SIGTERM, then SIGKILL: measured from outside, by the clock of the test.
//!
//! The lower bounds are exact: they count from before the request, and SIGKILL must not come earlier.
//! The upper bounds leave room for a busy machine; where a wrong deadline would pass, it is far away.

use std::time::{Duration, Instant};

use wire::v1::TaskState;

use crate::framework::{Framework, state};
use crate::job::{self, Job};
use crate::world::{NODE, World};

/// A deadline that must not be waited for.
const FAR: Duration = Duration::from_mins(10);
/// How late a SIGKILL may be on a busy machine.
const LATE: Duration = Duration::from_secs(10);

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Asserts that a death came at its deadline and not before.
fn assert_at(asked: Instant, died: Instant, grace: Duration) {
    let took = died.duration_since(asked);
    assert!(took >= grace, "killed after {took:?}, before its grace period of {grace:?} was over");
    assert!(took < grace + LATE, "killed after {took:?}, long after its grace period of {grace:?}");
}

/// Runs a task that ignores SIGTERM, drains, and asserts when it is killed.
async fn killed_after(own: Option<Duration>, bound: Option<Duration>, expected: Duration) {
    let world = World::with(1, |options| {
        options.agent_flags.push("--default-kill-grace=1500ms".to_owned());
    })
    .await;
    let framework = Framework::subscribe(&world).await;
    let mut job = Job::ignoring("stubborn");
    if let Some(own) = own {
        job = job.grace(own);
    }
    framework.run(NODE, &[job]).await;
    let watched = world.watch("stubborn").await;

    let asked = Instant::now();
    world.drain(NODE, bound).await;
    let died = watched.ended().await;
    assert_at(asked, died, expected);
    if !expected.is_zero() {
        // It was asked first.
        assert!(job::term_file(world.out(), "stubborn").exists());
    }
    let killed = framework.outcome("stubborn").await;
    assert_eq!(state(&killed), TaskState::TaskKilled);
    let history = framework.record().history("stubborn");
    assert_eq!(
        history,
        [
            TaskState::TaskStarting,
            TaskState::TaskRunning,
            TaskState::TaskKilling,
            TaskState::TaskKilled
        ]
    );
    world.drained(NODE).await;
    assert_eq!(world.processes(), []);
    world.end().await;
}

/// A task that ignores SIGTERM is killed when its own grace period is over, and not before.
///
/// Sentence 2 of what a drain does; item 1 of the gaps in the original's tests.
#[tokio::test]
async fn a_task_that_ignores_sigterm_is_killed_when_its_grace_period_is_over() {
    killed_after(Some(millis(2000)), None, millis(2000)).await;
}

/// A task without a kill policy gets the agent's configured default.
///
/// Sentence 2 of what a drain does.
#[tokio::test]
async fn a_task_without_a_kill_policy_gets_the_default_of_the_agent() {
    killed_after(None, None, millis(1500)).await;
}

/// The bound of the drain reaches command tasks and cuts their grace period.
///
/// Sentence 2 of what a drain does, and defect D26 of the original.
#[tokio::test]
async fn d26_the_bound_reaches_command_tasks() {
    killed_after(Some(FAR), Some(millis(1000)), millis(1000)).await;
}

/// A bound that is longer than the task's own grace period does not lengthen it.
///
/// Sentence 2 of what a drain does; item 1 of the gaps in the original's tests.
#[tokio::test]
async fn the_bound_never_makes_a_grace_period_longer() {
    killed_after(Some(millis(1000)), Some(FAR), millis(1000)).await;
}

/// A bound that is longer than the default does not lengthen that either.
///
/// Defect D9 of the original; item 2 of the gaps in its tests.
#[tokio::test]
async fn d09_the_bound_does_not_lengthen_the_default() {
    killed_after(None, Some(FAR), millis(1500)).await;
}

/// With a bound of zero nobody is waited for.
#[tokio::test]
async fn a_bound_of_zero_kills_at_once() {
    killed_after(Some(FAR), Some(Duration::ZERO), Duration::ZERO).await;
}

/// A task that needs some time after SIGTERM has it, and its end is what it made of it.
#[tokio::test]
async fn a_task_that_stops_within_its_grace_period_is_not_killed() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let at_term = "sleep 1; echo done > $OUT/$ID.done; exit 0";
    framework.run(NODE, &[Job::trapping("tidy", at_term).grace(FAR)]).await;
    let watched = world.watch("tidy").await;

    world.drain(NODE, None).await;
    watched.ended().await;
    assert!(world.out().join("tidy.done").exists());
    assert_eq!(state(&framework.outcome("tidy").await), TaskState::TaskKilled);
    world.drained(NODE).await;
    world.end().await;
}

/// Each member of a task group has its own grace period, under the same bound.
///
/// Item 4 of the gaps in the original's tests.
#[tokio::test]
async fn members_of_a_group_have_grace_periods_of_their_own() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let jobs = [
        Job::ignoring("short").grace(millis(1000)),
        Job::ignoring("long").grace(FAR),
        Job::obeying("willing").grace(FAR),
    ];
    framework.run_group(NODE, job::default_executor("group"), &jobs).await;
    let short = world.watch("short").await;
    let long = world.watch("long").await;
    let willing = world.watch("willing").await;

    let asked = Instant::now();
    world.drain(NODE, Some(millis(2500))).await;
    assert!(willing.ended().await.duration_since(asked) < LATE);
    assert_at(asked, short.ended().await, millis(1000));
    assert_at(asked, long.ended().await, millis(2500));
    for id in ["short", "long", "willing"] {
        assert_eq!(state(&framework.outcome(id).await), TaskState::TaskKilled, "{id}");
    }
    world.drained(NODE).await;
    assert_eq!(world.processes(), []);
    world.end().await;
}

/// A second drain with a shorter bound shortens what is left.
///
/// Item 12 of the gaps in the original's tests, and defect MESOS-8557 of the original.
#[tokio::test]
async fn a_second_drain_shortens_the_grace_period() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ignoring("stubborn").grace(FAR)]).await;
    let watched = world.watch("stubborn").await;

    let first = Instant::now();
    world.drain(NODE, None).await;
    world.asked_to_end("stubborn").await;
    assert!(!watched.has_ended());
    let second = Instant::now();
    world.drain(NODE, Some(millis(1500))).await;
    let died = watched.ended().await;
    assert!(died.duration_since(first) >= millis(1500));
    assert!(died.duration_since(second) < millis(1500) + LATE);
    let node = world.drained(NODE).await;
    assert_eq!(node.drain.unwrap().generation, Some(1));
    world.end().await;
}

/// A second drain with a longer bound, or with none, neither lengthens nor restarts anything.
///
/// Item 12 of the gaps in the original's tests, and defect D12 of the original.
#[tokio::test]
async fn d12_a_second_drain_never_lengthens_the_grace_period() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ignoring("stubborn").grace(FAR)]).await;
    let watched = world.watch("stubborn").await;

    let asked = Instant::now();
    world.drain(NODE, Some(millis(2500))).await;
    world.asked_to_end("stubborn").await;
    world.drain(NODE, Some(FAR)).await;
    world.drain(NODE, None).await;
    let config = world.node(NODE).await.drain_info.unwrap().config;
    assert_eq!(config.max_grace_period.unwrap(), job::duration(millis(2500)));
    assert_at(asked, watched.ended().await, millis(2500));
    world.drained(NODE).await;
    world.end().await;
}

/// A task that its scheduler is already ending keeps the deadline it has; a drain can only bring it
/// nearer.
#[tokio::test]
async fn a_drain_does_not_lengthen_a_kill_that_has_begun() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ignoring("stubborn").grace(millis(2000))]).await;
    let watched = world.watch("stubborn").await;

    let asked = Instant::now();
    framework.kill("stubborn", None).await;
    world.asked_to_end("stubborn").await;
    world.drain(NODE, Some(FAR)).await;
    assert_at(asked, watched.ended().await, millis(2000));
    world.drained(NODE).await;
    world.end().await;
}
