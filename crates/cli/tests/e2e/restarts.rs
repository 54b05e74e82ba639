//! What was decided outlives every process.

use cli::cluster::Who;
use rustix::process::Signal;
use wire::ebb::Reachability;
use wire::google::Duration as WireDuration;
use wire::master::call::DrainAgent;
use wire::v1::DrainState;

use crate::framework::Framework;
use crate::job::Job;
use crate::world::{NODE, OTHER_NODE, World};

async fn restart_all(world: &mut World) {
    for who in [Who::Master, NODE] {
        world.kill(who).await.unwrap();
    }
    for who in [Who::Master, NODE] {
        world.restart(who).await.unwrap();
    }
    world.has(NODE, Reachability::Registered).await;
}

/// A drained agent stays drained through restarts of master and agent, together and one by one, with
/// everything that was said about the drain, until somebody reactivates it.
///
/// Sentences 5 and 6 of what a drain does; defect D17 of the original.
#[tokio::test]
async fn a_drained_agent_stays_drained_until_it_is_reactivated() {
    let mut world = World::start(2).await;
    let call = DrainAgent {
        agent_id: world.id(NODE).await,
        max_grace_period: Some(WireDuration { seconds: 7, nanos: 0 }),
        mark_gone: None,
        reason: Some("new disks".to_owned()),
        requested_by: Some("ada".to_owned()),
    };
    world.api().drain_agent(call).await.unwrap();
    let before = world.drained(NODE).await;

    for who in [vec![Who::Master], vec![NODE], vec![Who::Master, NODE]] {
        for &who in &who {
            world.kill(who).await.unwrap();
        }
        for &who in &who {
            world.restart(who).await.unwrap();
        }
        world.has(NODE, Reachability::Registered).await;
        world.has(OTHER_NODE, Reachability::Registered).await;
        let after = world.drained(NODE).await;
        assert!(after.deactivated, "{who:?}");
        assert_eq!(after.id, before.id, "{who:?}");
        assert_eq!(after.drain_info, before.drain_info, "{who:?}");
        let (old, new) = (before.drain.as_ref().unwrap(), after.drain.unwrap());
        assert_eq!(new.generation, old.generation, "{who:?}");
        assert_eq!(new.started_at, old.started_at, "{who:?}");
        assert_eq!(new.finished_at, old.finished_at, "{who:?}");
        assert_eq!(new.reason, old.reason, "{who:?}");
        assert_eq!(new.requested_by, old.requested_by, "{who:?}");
        let framework = Framework::subscribe(&world).await;
        framework.is_not_offered(NODE, OTHER_NODE).await;
    }

    world.reactivate(NODE).await.unwrap();
    restart_all(&mut world).await;
    let node = world.node(NODE).await;
    assert!(!node.deactivated && node.drain_info.is_none());
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    world.end().await;
}

/// A deactivated agent stays deactivated through restarts.
#[tokio::test]
async fn a_deactivated_agent_stays_deactivated() {
    let mut world = World::start(1).await;
    let id = world.id(NODE).await;
    world.api().deactivate_agent(id, None, None).await.unwrap();
    restart_all(&mut world).await;
    assert!(world.node(NODE).await.deactivated);
    world.reactivate(NODE).await.unwrap();
    restart_all(&mut world).await;
    assert!(!world.node(NODE).await.deactivated);
    world.end().await;
}

/// A drained agent that was stopped the way that makes it leave the cluster is still drained when it
/// starts again; one can also say so while it is away.
///
/// Defect D8 of the original; item 10 of the gaps in its tests.
#[tokio::test]
async fn d08_leaving_the_cluster_does_not_undo_a_drain() {
    let mut world = World::start(2).await;
    world.drain(NODE, None).await;
    world.drained(NODE).await;
    world.member(NODE).signal(Signal::USR1);
    assert_eq!(world.exit_code(NODE).await, Some(0));
    let node = world.node_where(NODE, "away", |node| node.reachability != Reachability::Registered);
    let node = node.await;
    assert_eq!(node.state(), Some(DrainState::Drained));

    world.restart(NODE).await.unwrap();
    world.has(NODE, Reachability::Registered).await;
    let node = world.drained(NODE).await;
    assert!(node.deactivated);
    let framework = Framework::subscribe(&world).await;
    framework.is_not_offered(NODE, OTHER_NODE).await;
    world.reactivate(NODE).await.unwrap();
    framework.run(NODE, &[Job::obeying("web")]).await;
    world.end().await;
}

/// An agent that was reactivated while it was away takes launches when it is back: nothing of the old
/// drain is left on it.
///
/// Defect D5 of the original.
#[tokio::test]
async fn d05_no_old_drain_is_left_on_a_restarted_agent() {
    let mut world = World::start(1).await;
    world.drain(NODE, None).await;
    world.drained(NODE).await;
    world.kill(NODE).await.unwrap();
    world.has(NODE, Reachability::Disconnected).await;
    world.reactivate(NODE).await.unwrap();
    world.restart(NODE).await.unwrap();
    let framework = Framework::subscribe(&world).await;
    // The very first launch.
    framework.run(NODE, &[Job::obeying("web")]).await;
    world.end().await;
}

/// An agent whose configuration was changed while it was away is the same agent, and still drained.
///
/// Defect D6 of the original.
#[tokio::test]
async fn d06_a_changed_configuration_does_not_undo_a_drain() {
    let mut world = World::start(1).await;
    let id = world.id(NODE).await;
    world.drain(NODE, None).await;
    world.drained(NODE).await;
    world.kill(NODE).await.unwrap();
    world.set_flag(NODE, "--resources=cpus:2;mem:512");
    world.set_flag(NODE, "--attributes=rack:r7");
    world.restart(NODE).await.unwrap();
    world.has(NODE, Reachability::Registered).await;
    let node = world.drained(NODE).await;
    assert_eq!(node.id, id);
    assert!(node.deactivated);
    world.reactivate(NODE).await.unwrap();
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    world.end().await;
}
