//! Agents that cannot be reached when their drain is wanted.

use wire::ebb::{BlockerKind, Reachability};
use wire::v1::{DrainState, TaskState};

use crate::framework::{Framework, state};
use crate::job::Job;
use crate::world::{NODE, World};

/// A master that gives up on silent agents within half a second.
async fn impatient() -> World {
    World::with(1, |options| {
        options.master_flags.push("--agent-ping-timeout=250ms".to_owned());
        options.master_flags.push("--max-agent-ping-timeouts=2".to_owned());
    })
    .await
}

/// An agent that is unreachable accepts the drain in its absence, says that it is waited for, and is
/// drained when it is back; the task's end is told after it was told to run again.
///
/// Sentence 3 of what a drain does; row M9 of the master's draining tests.
#[tokio::test]
async fn an_unreachable_agent_is_drained_as_soon_as_it_is_back() {
    let mut world = impatient().await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let web = world.watch("web").await;
    world.kill(NODE).await.unwrap();
    framework.reaches("web", TaskState::TaskUnreachable).await;
    world.has(NODE, Reachability::Unreachable).await;

    world.drain(NODE, None).await;
    let blocker = world.blocked_by(NODE, BlockerKind::AgentNotReachable).await;
    assert!(blocker.message.unwrap().contains("unreachable"));
    assert_eq!(world.node(NODE).await.state(), Some(DrainState::Draining));
    assert!(!web.has_ended(), "nobody could have told it");

    world.restart(NODE).await.unwrap();
    world.drained(NODE).await;
    web.ended().await;
    assert_eq!(state(&framework.outcome("web").await), TaskState::TaskKilled);
    let history = framework.record().history("web");
    let away = history.iter().position(|&state| state == TaskState::TaskUnreachable).unwrap();
    assert_eq!(history[away + 1], TaskState::TaskRunning, "{history:?}");
    assert_eq!(world.processes(), []);

    world.reactivate(NODE).await.unwrap();
    framework.run(NODE, &[Job::obeying("web.2")]).await;
    world.end().await;
}

/// An agent whose connection is lost is drained when it is back; its tasks ran on meanwhile.
///
/// Row M8 of the master's draining tests, and defect D27 of the original.
#[tokio::test]
async fn d27_a_disconnected_agent_is_not_drained_before_it_is_back() {
    let mut world = World::start(1).await;
    // Not checkpointing: the original writes its tasks off as soon as the connection is lost.
    let framework = Framework::with(&world, |info| info.checkpoint = Some(false)).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let web = world.watch("web").await;
    world.kill(NODE).await.unwrap();
    world.has(NODE, Reachability::Disconnected).await;

    world.drain(NODE, None).await;
    world.blocked_by(NODE, BlockerKind::AgentNotReachable).await;
    let node = world.node(NODE).await;
    assert_eq!(node.state(), Some(DrainState::Draining));
    assert!(node.deactivated);

    world.restart(NODE).await.unwrap();
    world.drained(NODE).await;
    web.ended().await;
    let end = state(&framework.outcome("web").await);
    assert!(matches!(end, TaskState::TaskKilled | TaskState::TaskLost | TaskState::TaskGone));
    assert_eq!(world.processes(), []);
    world.end().await;
}

/// Idle agents that are away, disconnected or unreachable, are drained when they are back and not
/// before.
///
/// Rows M4 and M5 of the master's draining tests.
#[tokio::test]
async fn an_idle_agent_that_is_away_is_drained_when_it_is_back() {
    for away in [Reachability::Disconnected, Reachability::Unreachable] {
        let mut world = if away == Reachability::Unreachable {
            impatient().await
        } else {
            World::start(1).await
        };
        world.kill(NODE).await.unwrap();
        world.has(NODE, away).await;
        world.drain(NODE, None).await;
        let node = world.node(NODE).await;
        assert_eq!(node.state(), Some(DrainState::Draining), "{away:?}");
        assert_eq!(node.blockers().len(), 1, "{away:?}");

        world.restart(NODE).await.unwrap();
        let node = world.drained(NODE).await;
        assert!(node.deactivated, "{away:?}");
        world.end().await;
    }
}
