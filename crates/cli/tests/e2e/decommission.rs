//! Removal for good: after a drain with `mark_gone`, and without one.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use cli::exit::DECOMMISSIONED;
use wire::ebb::Reachability;
use wire::master::call::DrainAgent;
use wire::v1::{DrainState, TaskState, task_status};

use crate::framework::{Acks, Framework, reason, state};
use crate::job::Job;
use crate::world::{NODE, World};

fn copy(from: &Path, to: &Path) {
    let status = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(status.success());
}

async fn is_gone(world: &World) {
    let what = "the agent is listed no more";
    world
        .until(what, async || {
            let agents = world.api().agents().await.ok()?.agents;
            agents.is_empty().then_some(())
        })
        .await;
}

/// A decommissioned agent ends its tasks as gone by the operator, leaves the cluster once that is
/// acknowledged, ends itself with its own exit code, and will not start again on its work directory.
///
/// Sentence 5 of what a drain does; row M7 of the master's draining tests.
#[tokio::test]
async fn a_decommissioned_agent_leaves_for_good() {
    let mut world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let web = world.watch("web").await;
    framework.acknowledge_only(Acks::NotTerminal);

    world.decommission(NODE).await;
    let gone = framework.outcome("web").await;
    assert_eq!(state(&gone), TaskState::TaskGoneByOperator);
    assert_eq!(reason(&gone), task_status::Reason::AgentDraining);
    web.ended().await;
    // It is still there: nobody has acknowledged.
    assert_eq!(world.node(NODE).await.state(), Some(DrainState::Draining));
    framework.scheduler().acknowledge(&gone).await.unwrap();
    assert_eq!(world.exit_code(NODE).await, Some(i32::from(DECOMMISSIONED)));
    is_gone(&world).await;
    assert_eq!(world.processes(), []);

    world.restart(NODE).await.unwrap();
    assert!(!world.member(NODE).is_running(), "it must not start again");
    let log = world.member(NODE).log_tail(5);
    assert!(log.contains("decommissioned") && log.contains("remove the work directory"), "{log}");
    world.end().await;
}

/// A kill that is on its way is no end: a service that wants to know of `TASK_KILLING` is told of it, and of
/// the end only when the task's own grace period is used up or it has ended.
///
/// Defect D3 of the original; item 3 of the gaps in its tests.
#[tokio::test]
async fn d03_a_task_is_gone_only_when_it_has_ended() {
    let mut world = World::with(1, |options| {
        options.agent_flags.push("--executor-shutdown-grace-period=100ms".to_owned());
    })
    .await;
    let framework = Framework::subscribe(&world).await;
    let jobs = [
        Job::trapping("a", "sleep 1; echo done > $OUT/$ID.done; exit 0")
            .grace(Duration::from_mins(10)),
        Job::trapping("b", "sleep 1; echo done > $OUT/$ID.done; exit 0")
            .grace(Duration::from_mins(10)),
    ];
    framework.run_group(NODE, crate::job::default_executor("group"), &jobs).await;
    for id in ["a", "b"] {
        world.pid_of(id).await;
    }
    world.decommission(NODE).await;
    for id in ["a", "b"] {
        assert_eq!(state(&framework.outcome(id).await), TaskState::TaskGoneByOperator);
        assert!(world.out().join(format!("{id}.done")).exists(), "{id} was cut short");
        let history = framework.record().history(id);
        assert_eq!(
            history[history.len() - 2..],
            [TaskState::TaskKilling, TaskState::TaskGoneByOperator]
        );
    }
    assert_eq!(world.exit_code(NODE).await, Some(i32::from(DECOMMISSIONED)));
    world.end().await;
}

/// The identity of a decommissioned agent is never let in again, not even with a work directory from
/// before and after a restart of the master; a wiped host is a new agent.
///
/// Sentence 5 of what a drain does; row G1 of the related tests.
#[tokio::test]
async fn a_decommissioned_identity_is_never_let_in_again() {
    let mut world = World::start(1).await;
    let id = world.id(NODE).await;
    let work_dir = world.member(NODE).work_dir().to_owned();
    let backup = world.path().join("backup");
    world.kill(NODE).await.unwrap();
    copy(&work_dir, &backup);
    world.restart(NODE).await.unwrap();
    world.has(NODE, Reachability::Registered).await;
    world.decommission(NODE).await;
    assert_eq!(world.exit_code(NODE).await, Some(i32::from(DECOMMISSIONED)));

    for restart_master in [false, true] {
        if restart_master {
            world.kill(cli::cluster::Who::Master).await.unwrap();
            world.restart(cli::cluster::Who::Master).await.unwrap();
        }
        std::fs::remove_dir_all(&work_dir).unwrap();
        copy(&backup, &work_dir);
        world.restart(NODE).await.unwrap();
        assert_eq!(world.exit_code(NODE).await, Some(i32::from(DECOMMISSIONED)));
        assert!(world.api().agents().await.unwrap().agents.is_empty());
    }

    let refusal = world.api().reactivate_agent(id.clone()).await.unwrap_err();
    assert_eq!(refusal.status().map(|status| status.as_u16()), Some(400), "{refusal}");
    let drain = DrainAgent { agent_id: id.clone(), ..DrainAgent::default() };
    let refusal = world.api().drain_agent(drain).await.unwrap_err();
    assert_eq!(refusal.status().map(|status| status.as_u16()), Some(400), "{refusal}");

    std::fs::remove_dir_all(&work_dir).unwrap();
    world.restart(NODE).await.unwrap();
    let node = world
        .node_where(NODE, "a new agent", |node| node.reachability == Reachability::Registered)
        .await;
    assert_ne!(node.id, id);
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    world.end().await;
}

/// An idle agent that is decommissioned leaves at once; one that is drained already can still be
/// decommissioned.
///
/// Row M3 of the master's draining tests; item 12 of the gaps in the original's tests.
#[tokio::test]
async fn a_drained_agent_can_be_decommissioned() {
    let mut world = World::start(1).await;
    world.drain(NODE, None).await;
    world.drained(NODE).await;
    world.decommission(NODE).await;
    assert_eq!(world.exit_code(NODE).await, Some(i32::from(DECOMMISSIONED)));
    is_gone(&world).await;
    world.end().await;
}

/// `MARK_AGENT_GONE` ends the agent and its tasks without a drain, and the services are told.
///
/// Rows G1 and G3 of the related tests.
#[tokio::test]
async fn an_agent_marked_gone_ends_with_all_of_its_tasks() {
    let mut world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ignoring("web").grace(Duration::from_mins(10))]).await;
    let web = world.watch("web").await;
    let id = world.id(NODE).await;
    world.api().mark_agent_gone(id).await.unwrap();
    let gone = framework.outcome("web").await;
    assert_eq!(state(&gone), TaskState::TaskGoneByOperator);
    assert_eq!(reason(&gone), task_status::Reason::AgentRemovedByOperator);
    web.ended().await;
    assert_eq!(world.exit_code(NODE).await, Some(i32::from(DECOMMISSIONED)));
    assert_eq!(world.processes(), []);
    world.end().await;
}
