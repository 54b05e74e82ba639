//! Disks without room: nothing that was promised is lost, and nothing is promised that cannot be kept.

use cli::cluster::Who;
use cli::scheduler::Scheduler;
use wire::ebb::Reachability;
use wire::v1::{FrameworkInfo, Label, Labels, TaskState};

use crate::framework::{Framework, is_terminal, state};
use crate::job::Job;
use crate::processes::runs;
use crate::world::{Mount, NODE, World};

/// Subscriptions after which the registry must have been full: each of them takes more than 16 KiB.
const MANY: usize = 2000;

fn heavy(number: usize) -> FrameworkInfo {
    let label = Label { key: "ballast".to_owned(), value: Some("x".repeat(16 * 1024)) };
    FrameworkInfo {
        user: "root".to_owned(),
        name: format!("heavy.{number}"),
        failover_timeout: Some(3600.0),
        labels: Some(Labels { labels: vec![label] }),
        ..FrameworkInfo::default()
    }
}

/// When the registry's disk is full, the call that cannot be made durable is refused with 503 and the
/// cause, the master ends, and once there is room it has everything that it ever answered.
#[tokio::test]
async fn a_master_without_room_for_its_registry_promises_nothing() {
    let mut mount = None;
    let mut world = World::with(1, |options| {
        mount = Mount::new(&options.work_dir(Who::Master), "8m");
    })
    .await;
    let Some(mount) = mount else { return world.end().await };
    world.mounts.push(mount);
    world.drain(NODE, None).await;
    world.drained(NODE).await;

    world.mounts[0].fill();
    let mut promised = Vec::new();
    let mut refused = None;
    for number in 0..MANY {
        let url = world.master_url();
        match Scheduler::subscribe(world.client().clone(), &url, heavy(number)).await {
            Ok((scheduler, _)) => promised.push(scheduler.framework_id().value.clone()),
            Err(error) => {
                refused = Some(error.to_string());
                break;
            }
        }
    }
    let refused = refused.expect("the disk never became full");
    assert!(refused.contains("503"), "{refused}");
    assert!(refused.contains("registry"), "{refused}");
    assert_eq!(world.exit_code(Who::Master).await, Some(1));
    let log = world.member(Who::Master).log_tail(5);
    assert!(log.contains("the registry cannot be written"), "{log}");
    assert!(!log.contains("panicked"), "{log}");

    world.mounts[0].make_room();
    world.restart(Who::Master).await.unwrap();
    world.has(NODE, Reachability::Registered).await;
    world.drained(NODE).await;
    let known = world.api().frameworks().await.unwrap();
    let known: Vec<String> = known
        .frameworks
        .iter()
        .filter_map(|framework| Some(framework.framework_info.id.as_ref()?.value.clone()))
        .collect();
    for id in promised {
        assert!(known.contains(&id), "{id} was promised, and only {known:?} are known");
    }
    world.end().await;
}

/// When the agent's disk is full, tasks that run go on, what cannot be launched is told to have failed or is
/// as if it had never come, and once there is room the agent is drained as any other.
#[tokio::test]
async fn an_agent_without_room_loses_nothing() {
    let mut mount = None;
    let mut world = World::with(1, |options| {
        mount = Mount::new(&options.work_dir(NODE), "16m");
    })
    .await;
    let Some(mount) = mount else { return world.end().await };
    world.mounts.push(mount);
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("before")]).await;
    let before = world.pid_of("before").await;

    world.mounts[0].fill();
    let jobs: Vec<Job> = (0..20).map(|number| Job::obeying(&format!("late.{number}"))).collect();
    framework.launch(NODE, &jobs).await;
    let failed = framework.until("the launches failed", |record| {
        jobs.iter()
            .all(|job| record.history(&job.id).iter().any(|&state| is_terminal(state)))
            .then_some(())
    });
    let ended = world.has(NODE, Reachability::Disconnected);
    let has_ended = tokio::select! {
        () = failed => false,
        _ = ended => true,
    };
    assert!(runs(before), "a task that ran was ended");
    if has_ended {
        assert_eq!(world.exit_code(NODE).await, Some(1));
        let log = world.member(NODE).log_tail(5);
        assert!(log.contains("cannot be written"), "{log}");
        assert!(!log.contains("panicked"), "{log}");
        world.mounts[0].make_room();
        world.restart(NODE).await.unwrap();
        world.has(NODE, Reachability::Registered).await;
    } else {
        for job in &jobs {
            let message = framework.outcome(&job.id).await.message.unwrap_or_default();
            assert!(message.contains("No space left"), "{message}");
        }
        world.mounts[0].make_room();
    }
    assert!(runs(before), "a task that ran was ended");
    let history = framework.record().history("before");
    assert_eq!(history.last(), Some(&TaskState::TaskRunning));

    world.drain(NODE, None).await;
    world.drained(NODE).await;
    assert_eq!(state(&framework.outcome("before").await), TaskState::TaskKilled);
    for job in &jobs {
        framework.outcome(&job.id).await;
    }
    assert_eq!(world.processes(), []);
    world.end().await;
}
