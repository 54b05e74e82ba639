//! What people can see of a drain while it goes on.

use std::time::Duration;

use wire::ebb::BlockerKind;
use wire::v1::DrainState;

use crate::framework::Framework;
use crate::http;
use crate::job::Job;
use crate::world::{NODE, World};

/// While a task is ending, reads show what is left by service, until when the last task may run, and
/// for each thing that is waited for its owner, since when, and what to do about it.
///
/// Sentence 7 of what a drain does.
#[tokio::test]
async fn a_drain_shows_what_it_waits_for() {
    let world = World::start(1).await;
    let shop = Framework::with(&world, |info| info.name = "shop".to_owned()).await;
    let grace = Duration::from_mins(10);
    shop.run(NODE, &[Job::ignoring("web.1").grace(grace), Job::ignoring("web.2").grace(grace)])
        .await;
    let wanted = world.node(NODE).await;
    assert!(wanted.drain.is_none());
    world.drain(NODE, None).await;
    for id in ["web.1", "web.2"] {
        world.asked_to_end(id).await;
    }

    let node = world
        .node_where(NODE, "both kills are shown", |node| {
            let kills = node
                .blockers()
                .iter()
                .filter(|blocker| blocker.kind == Some(BlockerKind::KillInProgress.into()));
            let last = node
                .drain
                .as_ref()
                .and_then(|drain| drain.progress.as_ref()?.last_kill_at.as_ref());
            kills.count() == 2 && last.is_some()
        })
        .await;
    let drain = node.drain.unwrap();
    assert_eq!(drain.state, Some(DrainState::Draining.into()));
    assert_eq!(drain.blockers_total, Some(2));
    let progress = drain.progress.unwrap();
    assert_eq!(progress.tasks_left, Some(2));
    assert_eq!(progress.services.len(), 1);
    assert_eq!(progress.services[0].name.as_deref(), Some("shop"));
    assert_eq!(progress.services[0].tasks_left, Some(2));
    let started = drain.started_at.unwrap().nanoseconds;
    let last_kill = progress.last_kill_at.unwrap().nanoseconds;
    let left = Duration::from_nanos(u64::try_from(last_kill - started).unwrap());
    assert!(left >= grace && left < grace + Duration::from_mins(1), "{left:?}");
    for blocker in drain.blockers {
        assert!(blocker.message.unwrap().contains("has been asked to stop"));
        assert!(blocker.remedy.unwrap().contains("shorter maximum grace period"));
        assert!(blocker.owner.is_some());
        assert!(blocker.since.unwrap().nanoseconds >= started);
        assert!(blocker.until.unwrap().nanoseconds > started);
        assert_eq!(blocker.framework_id.unwrap().value, shop.id());
    }
    world.drain(NODE, Some(Duration::ZERO)).await;
    world.drained(NODE).await;
    world.end().await;
}

/// The same is in the JSON that people read with curl, and the agent itself shows the drain it is in.
///
/// Sentence 7 of what a drain does; row A1 of the agent's draining tests.
#[tokio::test]
async fn a_drain_is_shown_as_json_by_master_and_agent() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ignoring("web").grace(Duration::from_mins(10))]).await;
    world.drain(NODE, Some(Duration::from_mins(5))).await;
    world.asked_to_end("web").await;
    world.blocked_by(NODE, BlockerKind::KillInProgress).await;

    let master = world.address(cli::cluster::Who::Master).unwrap();
    let answer = http::post(master, r#"{"type":"GET_AGENTS"}"#);
    assert_eq!(answer.status, 200);
    let json = answer.json();
    let agent = &json["get_agents"]["agents"][0];
    assert_eq!(agent["deactivated"], true);
    assert_eq!(agent["active"], false);
    assert_eq!(agent["drain_info"]["state"], "DRAINING");
    assert_eq!(
        agent["drain_info"]["config"]["max_grace_period"]["nanoseconds"],
        300_000_000_000_u64
    );
    let blocker = &agent["drain_status"]["blockers"][0];
    assert_eq!(blocker["kind"], "KILL_IN_PROGRESS");
    assert_eq!(blocker["task_id"]["value"], "web");

    let answer = http::post(world.address(NODE).unwrap(), r#"{"type":"GET_AGENT"}"#);
    let json = answer.json();
    let config = &json["get_agent"]["drain_config"];
    assert_eq!(config["max_grace_period"]["nanoseconds"], 300_000_000_000_u64);
    assert!(json["get_agent"]["estimated_drain_start_time"]["nanoseconds"].as_u64().unwrap() > 0);

    world.drain(NODE, Some(Duration::ZERO)).await;
    world.drained(NODE).await;
    world.reactivate(NODE).await.unwrap();
    let agent = world.address(NODE).unwrap();
    world
        .until("the agent shows no drain", async || {
            let json = http::post(agent, r#"{"type":"GET_AGENT"}"#).json();
            json["get_agent"].get("drain_config").is_none().then_some(())
        })
        .await;
    world.end().await;
}
