//! `kill -9` in the middle of a drain: the end is the same as without it.

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use cli::cluster::{Options, Who};
use wire::ebb::{BlockerKind, Reachability};
use wire::v1::{DrainState, TaskState, task_status};

use crate::framework::{Acks, Framework, is_terminal, reason, state};
use crate::job::Job;
use crate::processes::{self, Watched, parent};
use crate::world::{NODE, World};

const GRACE: Duration = Duration::from_millis(2500);

/// One task of each kind: ends at once, takes a while, has to be killed, and one with hidden children.
fn jobs() -> Vec<Job> {
    vec![
        Job::obeying("obeys"),
        Job::trapping("slow", "sleep 1; exit 0").grace(GRACE),
        Job::ignoring("stubborn").grace(GRACE),
        Job::ready_then(
            "parent",
            "setsid -f sh -c \"trap '' TERM; while :; do sleep 1; done\"; exec sleep 1000",
        )
        .grace(GRACE),
    ]
}

/// A cluster in the middle of a drain: the first task may have ended, the third has not.
async fn draining(world: &World) -> Framework {
    let framework = Framework::subscribe(world).await;
    let jobs = jobs();
    framework.run(NODE, &jobs).await;
    for job in &jobs {
        world.pid_of(&job.id).await;
    }
    world.drain(NODE, None).await;
    world.asked_to_end("stubborn").await;
    framework
}

/// Every task was told to have been killed, once, and last; the agent is drained and nothing is left.
async fn ends_as_without_a_crash(world: &World, framework: &Framework) {
    for job in jobs() {
        let outcome = framework.outcome(&job.id).await;
        assert_eq!(state(&outcome), TaskState::TaskKilled, "{}", job.id);
        assert_eq!(reason(&outcome), task_status::Reason::AgentDraining, "{}", job.id);
    }
    let node = world.drained(NODE).await;
    assert!(node.deactivated);
    assert_eq!(world.processes(), []);
    for job in jobs() {
        let history = framework.record().history(&job.id);
        let ends = history.iter().filter(|&&state| is_terminal(state)).count();
        assert_eq!(ends, 1, "{}: {history:?}", job.id);
    }
}

/// The master dies in the middle of a drain: the agent goes on, and the next master finishes it.
///
/// Item 9 of the gaps in the original's tests.
#[tokio::test]
async fn a_drain_survives_the_death_of_the_master() {
    let mut world = World::start(1).await;
    let framework = draining(&world).await;
    let stubborn = world.watch("stubborn").await;
    world.kill(Who::Master).await.unwrap();
    // The agent needs no master to keep the deadline.
    stubborn.ended().await;
    world.restart(Who::Master).await.unwrap();
    let framework = framework.resubscribe(&world).await;
    ends_as_without_a_crash(&world, &framework).await;
    world.end().await;
}

/// The master dies right after it accepted a drain, before anything of it can have been done: the drain
/// is not forgotten.
///
/// Item 9 of the gaps in the original's tests.
#[tokio::test]
async fn an_accepted_drain_is_not_forgotten() {
    let mut world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    world.drain(NODE, None).await;
    world.kill(Who::Master).await.unwrap();
    world.restart(Who::Master).await.unwrap();
    let framework = framework.resubscribe(&world).await;
    assert_eq!(state(&framework.outcome("web").await), TaskState::TaskKilled);
    world.drained(NODE).await;
    world.end().await;
}

/// The agent dies in the middle of a drain: executors keep the deadlines without it, and what they have
/// to report is reported when it is back.
///
/// Row A5 of the agent's draining tests; item 10 of the gaps in the original's tests.
#[tokio::test]
async fn a_drain_survives_the_death_of_the_agent() {
    let mut world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &jobs()).await;
    for job in jobs() {
        world.pid_of(&job.id).await;
    }
    let stubborn = world.watch("stubborn").await;
    let asked = Instant::now();
    world.drain(NODE, None).await;
    world.asked_to_end("stubborn").await;
    world.kill(NODE).await.unwrap();
    let died = stubborn.ended().await;
    assert!(died.duration_since(asked) >= GRACE, "{:?}", died.duration_since(asked));
    assert_eq!(world.node(NODE).await.state(), Some(DrainState::Draining));
    world.restart(NODE).await.unwrap();
    ends_as_without_a_crash(&world, &framework).await;
    world.end().await;
}

/// An agent that dies and is back before the deadline does not give a task more time than it had.
#[tokio::test]
async fn a_restart_of_the_agent_does_not_lengthen_a_grace_period() {
    let mut world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ignoring("stubborn").grace(GRACE)]).await;
    let stubborn = world.watch("stubborn").await;
    let asked = Instant::now();
    world.drain(NODE, None).await;
    world.asked_to_end("stubborn").await;
    for _ in 0..2 {
        world.kill(NODE).await.unwrap();
        world.restart(NODE).await.unwrap();
    }
    let took = stubborn.ended().await.duration_since(asked);
    assert!(took >= GRACE && took < 4 * GRACE, "{took:?}");
    assert_eq!(state(&framework.outcome("stubborn").await), TaskState::TaskKilled);
    world.drained(NODE).await;
    world.end().await;
}

/// The executor of a task dies in the middle of a drain: the agent ends what it leaves behind.
#[tokio::test]
async fn a_drain_survives_the_death_of_executors() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &jobs()).await;
    let mut tasks = Vec::new();
    let mut executors = Vec::new();
    for id in ["stubborn", "parent"] {
        tasks.push(world.watch(id).await);
        executors.push(parent(world.pid_of(id).await));
    }
    world.drain(NODE, None).await;
    world.asked_to_end("stubborn").await;
    for executor in executors {
        processes::kill(executor);
    }
    ends_as_without_a_crash(&world, &framework).await;
    for task in tasks {
        task.ended().await;
    }
    world.end().await;
}

/// Without a drain, the death of an executor is the failure of its task, and its processes die too.
#[tokio::test]
async fn a_task_whose_executor_dies_has_failed() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ignoring("web")]).await;
    let pid = world.pid_of("web").await;
    let web = Watched::new(pid);
    processes::kill(parent(pid));
    let outcome = framework.outcome("web").await;
    assert_eq!(state(&outcome), TaskState::TaskFailed);
    assert_eq!(reason(&outcome), task_status::Reason::ExecutorTerminated);
    web.ended().await;
    assert_eq!(world.processes(), []);
    world.end().await;
}

/// Starts `ebb` so that it sees another boot id once `<dir>/rebooted` is there.
fn with_boot_ids(options: &mut Options) {
    let dir = options.dir.display().to_string();
    let ebb = options.program.display().to_string();
    let boot_id = options.dir.join("boot_id");
    std::fs::write(&boot_id, "11111111-2222-3333-4444-555555555555\n").unwrap();
    let mount =
        format!("mount --bind {dir}/boot_id /proc/sys/kernel/random/boot_id && exec {ebb} \"$@\"");
    let script = format!(
        "#!/bin/sh\n[ -e {dir}/rebooted ] && exec unshare -m sh -c '{mount}' sh \"$@\"\n\
         exec {ebb} \"$@\"\n"
    );
    let path = options.dir.join("ebb.sh");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    options.program = path;
}

fn can_change_the_boot_id() -> bool {
    let mount = "mount --bind /etc/hostname /proc/sys/kernel/random/boot_id";
    let tried = Command::new("unshare").args(["-m", "sh", "-c", mount]).output();
    tried.is_ok_and(|output| output.status.success())
}

/// Kills everything on the host of the agent, all at once as far as that can be done.
async fn lose_power(world: &mut World, dir: &Path) {
    world.kill(NODE).await.unwrap();
    while let Some(process) = world.processes_on(NODE).pop() {
        processes::kill(process.pid);
    }
    if can_change_the_boot_id() {
        std::fs::write(dir.join("rebooted"), "").unwrap();
    } else {
        println!("mounts are not permitted here: the boot id stays the same");
    }
}

/// The host is rebooted in the middle of a drain: agent, executors and tasks are gone together, and the
/// agent that comes up reports the end of every task and is drained.
///
/// Item 10 of the gaps in the original's tests.
#[tokio::test]
async fn a_drain_survives_a_reboot_of_the_host() {
    let mut world = World::with(1, with_boot_ids).await;
    let framework = draining(&world).await;
    let dir = world.path().to_owned();
    let id = world.id(NODE).await;
    lose_power(&mut world, &dir).await;
    world.has(NODE, Reachability::Disconnected).await;
    world.restart(NODE).await.unwrap();
    ends_as_without_a_crash(&world, &framework).await;
    assert_eq!(world.id(NODE).await, id);
    world.end().await;
}

/// Tasks of a host that was rebooted without a drain have failed, and the agent is offered again.
#[tokio::test]
async fn tasks_of_a_rebooted_host_have_failed() {
    let mut world = World::with(1, with_boot_ids).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let dir = world.path().to_owned();
    lose_power(&mut world, &dir).await;
    world.restart(NODE).await.unwrap();
    let outcome = framework.outcome("web").await;
    assert_eq!(state(&outcome), TaskState::TaskFailed);
    framework.run(NODE, &[Job::obeying("web.2")]).await;
    world.end().await;
}

/// Everything dies at once in the middle of a drain, master included.
#[tokio::test]
async fn a_drain_survives_the_death_of_everything() {
    let mut world = World::with(1, with_boot_ids).await;
    let framework = draining(&world).await;
    let dir = world.path().to_owned();
    world.kill(Who::Master).await.unwrap();
    lose_power(&mut world, &dir).await;
    world.restart(Who::Master).await.unwrap();
    world.restart(NODE).await.unwrap();
    let framework = framework.resubscribe(&world).await;
    ends_as_without_a_crash(&world, &framework).await;
    world.end().await;
}

/// A task's end that nobody acknowledged is kept by the agent through its death, and told again.
#[tokio::test]
async fn an_unacknowledged_end_survives_the_death_of_the_agent() {
    let mut world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    framework.acknowledge_only(Acks::NotTerminal);
    world.drain(NODE, None).await;
    let first = framework.outcome("web").await;
    for who in [NODE, Who::Master] {
        world.kill(who).await.unwrap();
        world.restart(who).await.unwrap();
    }
    let framework = framework.resubscribe(&world).await;
    world.has(NODE, Reachability::Registered).await;
    world.blocked_by(NODE, BlockerKind::UpdateNotAcknowledged).await;
    framework.scheduler().acknowledge(&first).await.unwrap();
    world.drained(NODE).await;
    let ends = framework.record().updates.iter().filter(|s| is_terminal(state(s))).count();
    assert_eq!(ends, 1, "the same update, whenever it was told");
    world.end().await;
}
