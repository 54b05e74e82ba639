//! A drain from the request to DRAINED: who is offered what, and when it is over.

use std::time::Duration;

use wire::ebb::BlockerKind;
use wire::google::Duration as WireDuration;
use wire::master::call::DrainAgent;
use wire::v1::{DrainState, TaskState, task_status};

use crate::framework::{Acks, Framework, reason, state};
use crate::job::Job;
use crate::processes::runs;
use crate::world::{NODE, OTHER_NODE, World};

/// As soon as a drain is accepted, offers of the agent are taken back, what is launched from them is
/// dropped, and no new offer comes.
///
/// Sentence 1 of what a drain does.
#[tokio::test]
async fn a_drain_takes_back_offers_and_nothing_new_starts() {
    let world = World::start(2).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ignoring("stays").grace(Duration::from_mins(10))]).await;
    let offer = framework.offer(NODE).await;

    world.drain(NODE, None).await;
    let rescinded = offer.id.value.clone();
    framework
        .until("the offer is rescinded", |record| {
            record.rescinded.contains(&rescinded).then_some(())
        })
        .await;
    assert!(world.node(NODE).await.deactivated);
    let late = Job::obeying("late").info(&offer.agent_id, world.out());
    framework.scheduler().accept_launch(vec![offer.id], vec![late], 0.0).await.unwrap();
    let dropped = framework.outcome("late").await;
    assert_eq!(state(&dropped), TaskState::TaskDropped);
    framework.is_not_offered(NODE, OTHER_NODE).await;
    assert_eq!(world.node(NODE).await.state(), Some(DrainState::Draining));

    world.drain(NODE, Some(Duration::ZERO)).await;
    world.drained(NODE).await;
    framework.is_not_offered(NODE, OTHER_NODE).await;
    assert_eq!(framework.record().history("late"), [TaskState::TaskDropped]);
    world.end().await;
}

/// A drain ends tasks of other agents as little as it touches their offers.
#[tokio::test]
async fn a_drain_leaves_other_agents_alone() {
    let world = World::start(2).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("here")]).await;
    framework.run(OTHER_NODE, &[Job::obeying("there")]).await;
    let there = world.pid_of("there").await;

    world.drain(NODE, None).await;
    world.drained(NODE).await;
    assert_eq!(state(&framework.outcome("here").await), TaskState::TaskKilled);
    assert_eq!(framework.record().history("there").last(), Some(&TaskState::TaskRunning));
    assert!(runs(there));
    let other = world.node(OTHER_NODE).await;
    assert!(!other.deactivated && other.drain_info.is_none());
    world.end().await;
}

/// An idle agent is drained at once, and reads show the drain as Mesos shows it.
///
/// Row M1 of the master's draining tests.
#[tokio::test]
async fn an_idle_agent_is_drained_at_once() {
    let world = World::start(1).await;
    world.drain(NODE, Some(Duration::from_secs(10))).await;
    let node = world.drained(NODE).await;
    assert!(node.deactivated);
    let config = node.drain_info.unwrap().config;
    assert!(!config.mark_gone.unwrap_or(false));
    assert_eq!(config.max_grace_period.unwrap().nanoseconds, 10_000_000_000);
    let agents = world.api().agents().await.unwrap().agents;
    assert!(agents[0].estimated_drain_start_time.as_ref().unwrap().nanoseconds > 0);
    assert!(!agents[0].active);
    world.end().await;
}

/// Tasks are killed because of the drain, the agent is drained, and after reactivation it is offered
/// and runs tasks again.
///
/// Row M6 of the master's draining tests and A1 of the agent's.
#[tokio::test]
async fn a_drained_agent_is_offered_again_once_reactivated() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("first")]).await;
    let first = world.watch("first").await;

    world.drain(NODE, Some(Duration::ZERO)).await;
    let killed = framework.outcome("first").await;
    assert_eq!(state(&killed), TaskState::TaskKilled);
    assert_eq!(reason(&killed), task_status::Reason::AgentDraining);
    first.ended().await;
    let node = world.drained(NODE).await;
    assert_eq!(node.drain_info.unwrap().config.max_grace_period.unwrap().nanoseconds, 0);
    assert_eq!(world.processes(), []);

    world.reactivate(NODE).await.unwrap();
    let node = world.node(NODE).await;
    assert!(!node.deactivated && node.drain_info.is_none());
    framework.run(NODE, &[Job::obeying("second")]).await;
    assert!(runs(world.pid_of("second").await));
    world.end().await;
}

/// DRAINED means that the service knows: while it withholds the acknowledgement of a task's end the
/// agent stays DRAINING and says whom it waits for, though no process is left.
///
/// Sentence 4 of what a drain does.
#[tokio::test]
async fn an_agent_is_drained_only_once_the_service_has_acknowledged() {
    let world = World::start(1).await;
    let framework = Framework::with(&world, |info| info.name = "slow to listen".to_owned()).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let web = world.watch("web").await;
    framework.acknowledge_only(Acks::NotTerminal);

    world.drain(NODE, None).await;
    let killed = framework.outcome("web").await;
    web.ended().await;
    let blocker = world.blocked_by(NODE, BlockerKind::UpdateNotAcknowledged).await;
    assert_eq!(blocker.owner.as_deref(), Some("slow to listen"));
    assert_eq!(blocker.task_id.unwrap().value, "web");
    world.until("no process is left", async || world.processes().is_empty().then_some(())).await;
    let node = world.node(NODE).await;
    assert_eq!(node.state(), Some(DrainState::Draining));
    assert_eq!(node.drain.unwrap().progress.unwrap().updates_unacknowledged, Some(1));

    framework.scheduler().acknowledge(&killed).await.unwrap();
    let node = world.drained(NODE).await;
    assert_eq!(node.blockers(), []);
    world.end().await;
}

/// Reactivation while tasks are still ending is refused, in the words that clients match on, and changes
/// nothing.
///
/// Row M10 of the master's draining tests.
#[tokio::test]
async fn reactivation_is_refused_while_draining() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ignoring("stays").grace(Duration::from_mins(10))]).await;
    world.drain(NODE, None).await;
    world.asked_to_end("stays").await;

    let refusal = world.reactivate(NODE).await.unwrap_err();
    assert_eq!(refusal.status().map(|status| status.as_u16()), Some(400), "{refusal}");
    assert!(refusal.to_string().contains("Agent is still in the DRAINING state"), "{refusal}");
    let node = world.node(NODE).await;
    assert!(node.deactivated);
    assert_eq!(node.state(), Some(DrainState::Draining));
    world.end().await;
}

/// Draining a drained agent again changes nothing: same generation, same end, no new kill.
///
/// Item 12 of the gaps in the original's tests, from DRAINED.
#[tokio::test]
async fn draining_a_drained_agent_changes_nothing() {
    let world = World::start(1).await;
    world.drain(NODE, Some(Duration::from_secs(5))).await;
    let before = world.drained(NODE).await;
    world.drain(NODE, Some(Duration::from_secs(1))).await;
    world.drain(NODE, None).await;
    let after = world.node(NODE).await;
    assert_eq!(after.drain, before.drain);
    assert_eq!(after.drain_info, before.drain_info);

    // The next drain is another one.
    world.reactivate(NODE).await.unwrap();
    world.drain(NODE, None).await;
    let next = world.drained(NODE).await.drain.unwrap();
    assert!(next.generation > before.drain.unwrap().generation);
    world.end().await;
}

/// A drain without a bound and one with zero are different things; both are kept as they were said.
#[tokio::test]
async fn a_drain_keeps_its_reason_and_who_wanted_it() {
    let world = World::start(1).await;
    let call = DrainAgent {
        agent_id: world.id(NODE).await,
        max_grace_period: Some(WireDuration { seconds: 1, nanos: 500_000_000 }),
        mark_gone: None,
        reason: Some("new kernel".to_owned()),
        requested_by: Some("ada".to_owned()),
    };
    world.api().drain_agent(call).await.unwrap();
    let status = world.drained(NODE).await.drain.unwrap();
    assert_eq!(status.reason.as_deref(), Some("new kernel"));
    assert_eq!(status.requested_by.as_deref(), Some("ada"));
    let grace = status.config.unwrap().max_grace_period.unwrap();
    assert_eq!(grace.nanoseconds, 1_500_000_000);
    assert!(status.finished_at.unwrap().nanoseconds >= status.started_at.unwrap().nanoseconds);
    world.end().await;
}

/// Two operators who drain, decommission, reactivate and deactivate at the same time leave the agent in
/// one of the states those calls can lead to, with the books in order: it can be brought back or is gone.
///
/// Item 16 of the gaps in the original's tests.
#[tokio::test]
async fn racing_operators_leave_a_state_that_one_of_them_asked_for() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let id = world.id(NODE).await;
    let api = world.api();
    let drain = || DrainAgent { agent_id: id.clone(), ..DrainAgent::default() };
    let (drained, again, reactivated, deactivated) = tokio::join!(
        api.drain_agent(drain()),
        api.drain_agent(drain()),
        api.reactivate_agent(id.clone()),
        api.deactivate_agent(id.clone(), None, None),
    );
    drained.unwrap();
    again.unwrap();
    deactivated.unwrap();
    // Before the drain there was nothing to reactivate, after it began it is refused; never 5xx.
    if let Err(error) = reactivated {
        assert_eq!(error.status().map(|status| status.as_u16()), Some(400), "{error}");
    }
    let outcome = framework.outcome("web").await;
    assert_eq!(state(&outcome), TaskState::TaskKilled);
    let node = world.drained(NODE).await;
    assert_eq!(node.drain.unwrap().generation, Some(1));
    world.reactivate(NODE).await.unwrap();
    framework.run(NODE, &[Job::obeying("next")]).await;
    world.end().await;
}
