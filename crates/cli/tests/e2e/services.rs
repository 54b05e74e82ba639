//! Services in the middle of a drain: they fail over, go away, come back, or are removed.

use std::time::Duration;

use wire::ebb::BlockerKind;
use wire::v1::{DrainState, TaskState};

use crate::framework::{Acks, Framework, state};
use crate::job::Job;
use crate::world::{NODE, World};

/// A scheduler that is replaced in the middle of a drain changes nothing: the new one hears of the ends
/// the old one did not acknowledge.
#[tokio::test]
async fn a_drain_survives_the_failover_of_a_scheduler() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let jobs = [Job::obeying("quick"), Job::trapping("slow", "sleep 1; exit 0")];
    framework.run(NODE, &jobs).await;
    for job in &jobs {
        world.pid_of(&job.id).await;
    }
    framework.acknowledge_only(Acks::None);
    world.drain(NODE, None).await;
    framework.reaches("quick", TaskState::TaskKilling).await;

    framework.acknowledge_only(Acks::All);
    let framework = framework.resubscribe(&world).await;
    for job in &jobs {
        assert_eq!(state(&framework.outcome(&job.id).await), TaskState::TaskKilled);
    }
    world.drained(NODE).await;
    assert_eq!(world.processes(), []);
    world.end().await;
}

/// While a scheduler is away its unacknowledged ends block the drain, under its name; when it is back and
/// acknowledges, the agent is drained.
///
/// Item 6 of the gaps in the original's tests.
#[tokio::test]
async fn a_disconnected_scheduler_is_named_and_waited_for() {
    let world = World::start(1).await;
    let framework = Framework::with(&world, |info| info.name = "shop".to_owned()).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let web = world.watch("web").await;
    let id = framework.id().to_owned();
    let away = framework.disconnect();

    world.drain(NODE, None).await;
    web.ended().await;
    let blocker = world.blocked_by(NODE, BlockerKind::FrameworkDisconnected).await;
    assert_eq!(blocker.owner.as_deref(), Some("shop"));
    assert_eq!(blocker.framework_id.unwrap().value, id);
    assert!(blocker.until.is_some(), "it is removed some day");
    assert_eq!(world.node(NODE).await.state(), Some(DrainState::Draining));

    let framework = away.come_back(&world).await;
    assert_eq!(state(&framework.outcome("web").await), TaskState::TaskKilled);
    world.drained(NODE).await;
    world.end().await;
}

/// A scheduler that never comes back is removed when its failover timeout is over, and then no one waits
/// for its acknowledgements.
///
/// Defect D1 of the original; items 5 and 6 of the gaps in its tests.
#[tokio::test]
async fn d01_the_failover_timeout_of_a_service_finishes_a_drain() {
    let world = World::start(1).await;
    let framework = Framework::with(&world, |info| info.failover_timeout = Some(2.0)).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    world.pid_of("web").await;
    framework.acknowledge_only(Acks::NotTerminal);
    world.drain(NODE, None).await;
    framework.outcome("web").await;
    drop(framework.disconnect());
    world.drained(NODE).await;
    assert_eq!(world.processes(), []);
    world.end().await;
}

/// Removing the service that blocks a drain finishes the drain, whether its tasks are still running or
/// have ended unacknowledged.
///
/// Defect D1 of the original; item 5 of the gaps in its tests.
#[tokio::test]
async fn d01_the_teardown_of_a_service_finishes_a_drain() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let jobs = [Job::obeying("unheard"), Job::ignoring("stubborn").grace(Duration::from_secs(3))];
    framework.run(NODE, &jobs).await;
    let stubborn = world.watch("stubborn").await;
    world.pid_of("unheard").await;
    framework.acknowledge_only(Acks::NotTerminal);
    world.drain(NODE, None).await;
    framework.outcome("unheard").await;
    world.asked_to_end("stubborn").await;
    assert_eq!(world.node(NODE).await.state(), Some(DrainState::Draining));

    framework.scheduler().teardown().await.unwrap();
    world.drained(NODE).await;
    stubborn.ended().await;
    assert_eq!(world.processes(), []);
    world.end().await;
}

/// A service without failover timeout that goes away in the middle of a drain takes its tasks along, and
/// the agent is drained once their processes are gone.
///
/// Defect D1 of the original; item 5 of the gaps in its tests.
#[tokio::test]
async fn d01_a_service_that_does_not_come_back_does_not_block_a_drain() {
    let world = World::start(1).await;
    let framework = Framework::with(&world, |info| {
        info.failover_timeout = None;
        info.checkpoint = None;
    })
    .await;
    framework.run(NODE, &[Job::ignoring("web").grace(Duration::from_secs(3))]).await;
    let web = world.watch("web").await;
    world.drain(NODE, None).await;
    world.asked_to_end("web").await;
    drop(framework.disconnect());
    world.drained(NODE).await;
    assert!(web.has_ended(), "drained while a process runs");
    assert_eq!(world.processes(), []);
    world.end().await;
}

/// The bound of a drain holds for what is left of services that are gone, too, whether it is said before
/// or after their end.
///
/// Sentence 2 of what a drain does.
#[tokio::test]
async fn the_bound_of_a_drain_holds_for_the_tasks_of_removed_services() {
    for is_drained_first in [true, false] {
        let world = World::with(1, |options| {
            options.agent_flags.push("--executor-shutdown-grace-period=1secs".to_owned());
        })
        .await;
        let framework = Framework::subscribe(&world).await;
        framework.run(NODE, &[Job::ignoring("web").grace(Duration::from_mins(10))]).await;
        let web = world.watch("web").await;
        if is_drained_first {
            world.drain(NODE, None).await;
        }
        framework.scheduler().teardown().await.unwrap();
        world.asked_to_end("web").await;
        world.drain(NODE, Some(Duration::from_secs(1))).await;
        world.drained(NODE).await;
        web.ended().await;
        assert_eq!(world.processes(), []);
        world.end().await;
    }
}

/// A service that took over its own framework in another process ends the old one with an error.
#[tokio::test]
async fn the_older_of_two_schedulers_is_told_that_it_is_over() {
    let world = World::start(1).await;
    let older = Framework::subscribe(&world).await;
    let id = older.scheduler().framework_id().clone();
    let newer = Framework::with(&world, |info| info.id = Some(id)).await;
    assert_eq!(older.ended().await, "Framework failed over");
    newer.run(NODE, &[Job::obeying("web")]).await;
    world.end().await;
}
