//! Deactivation, the manual way, and what brings an agent back.

use wire::ebb::Reachability;
use wire::v1::{DrainState, TaskState};

use crate::framework::{Framework, state};
use crate::job::Job;
use crate::processes::runs;
use crate::world::{NODE, OTHER_NODE, World};

/// On a deactivated agent nothing new starts and nothing is stopped; people stop the tasks through the
/// services' own APIs, and reactivation brings the offers back.
///
/// Sentence 6 of what a drain does.
#[tokio::test]
async fn a_deactivated_agent_keeps_its_tasks_and_is_offered_no_more() {
    let world = World::start(2).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let pid = world.pid_of("web").await;
    let offer = framework.offer(NODE).await;

    let id = world.id(NODE).await;
    let (reason, by) = (Some("looks odd".to_owned()), Some("ada".to_owned()));
    world.api().deactivate_agent(id, reason, by).await.unwrap();
    framework
        .until("the offer is rescinded", |record| {
            record.rescinded.contains(&offer.id.value).then_some(())
        })
        .await;
    let node = world.node(NODE).await;
    assert!(node.deactivated && node.drain_info.is_none());
    framework.is_not_offered(NODE, OTHER_NODE).await;
    assert!(runs(pid));

    framework.kill("web", None).await;
    assert_eq!(state(&framework.outcome("web").await), TaskState::TaskKilled);
    world.reactivate(NODE).await.unwrap();
    framework.run(NODE, &[Job::obeying("web.2")]).await;
    world.end().await;
}

/// A deactivated agent can be drained, deactivating it again adds nothing, and one reactivation takes
/// all of it away.
///
/// Item 13 of the gaps in the original's tests.
#[tokio::test]
async fn deactivation_and_drain_are_taken_away_together() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let id = world.id(NODE).await;
    world.api().deactivate_agent(id.clone(), None, None).await.unwrap();
    world.drain(NODE, None).await;
    world.drained(NODE).await;
    world.api().deactivate_agent(id, None, None).await.unwrap();
    let node = world.node(NODE).await;
    assert_eq!(node.state(), Some(DrainState::Drained));

    world.reactivate(NODE).await.unwrap();
    let node = world.node(NODE).await;
    assert!(!node.deactivated && node.drain_info.is_none());
    framework.run(NODE, &[Job::obeying("web.2")]).await;
    let refusal = world.reactivate(NODE).await.unwrap_err();
    assert!(refusal.to_string().contains("Agent is not deactivated"), "{refusal}");
    world.end().await;
}

/// A drained agent that is away is reactivated with a 200 that means it, is offered to nobody while it
/// is away, and runs tasks when it is back.
///
/// Row M2 of the master's draining tests, and defect D11 of the original (409 after taking effect).
#[tokio::test]
async fn d11_a_drained_agent_that_is_away_can_be_reactivated() {
    let mut world = World::start(2).await;
    world.drain(NODE, None).await;
    world.drained(NODE).await;
    world.kill(NODE).await.unwrap();
    world.has(NODE, Reachability::Disconnected).await;
    let framework = Framework::subscribe(&world).await;

    world.reactivate(NODE).await.unwrap();
    let node = world.node(NODE).await;
    assert!(!node.deactivated && node.drain_info.is_none());
    framework.is_not_offered(NODE, OTHER_NODE).await;

    world.restart(NODE).await.unwrap();
    framework.run(NODE, &[Job::obeying("web")]).await;
    world.end().await;
}
