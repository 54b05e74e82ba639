//! Children of tasks: whatever they do to hide, none outlives the drain.

use std::time::{Duration, Instant};

use wire::v1::TaskState;

use crate::framework::{Framework, state};
use crate::job::Job;
use crate::processes::Watched;
use crate::world::{NODE, World};

async fn child(world: &World, name: &str) -> Watched {
    let file = world.out().join(name);
    let pid = world.file(&file).await.trim().parse().unwrap();
    Watched::new(pid)
}

/// A grandchild that left session and process group, ignores SIGTERM and was adopted because its parent
/// ended dies with its task, before the task's end is reported.
///
/// The original leaves such processes running on a drained node.
#[tokio::test]
async fn grandchildren_in_sessions_of_their_own_die_with_their_task() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let hidden = "trap '' TERM; echo $$ > $OUT/hidden.new; mv $OUT/hidden.new $OUT/hidden; \
        while :; do sleep 1; done";
    std::fs::write(world.out().join("hidden.sh"), hidden).unwrap();
    // The parent of the hidden one, `setsid -f`, ends at once.
    let script = "setsid -f sh $OUT/hidden.sh; exec sleep 1000";
    framework.run(NODE, &[Job::ready_then("parent", script)]).await;
    let parent = world.watch("parent").await;
    let hidden = child(&world, "hidden").await;

    world.drain(NODE, Some(Duration::from_secs(1))).await;
    assert_eq!(state(&framework.outcome("parent").await), TaskState::TaskKilled);
    assert!(hidden.has_ended() || hidden.ended().await <= Instant::now());
    parent.ended().await;
    world.drained(NODE).await;
    assert_eq!(world.processes(), []);
    world.end().await;
}

/// A task's end is reported only once its last process is gone: a child that lingers after its parent
/// obeyed SIGTERM gets the rest of the grace period, and then SIGKILL.
#[tokio::test]
async fn a_child_that_outlives_its_parent_has_the_rest_of_the_grace_period() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let script = "sh -c 'trap \"\" TERM; echo $$ > $OUT/child.new; mv $OUT/child.new $OUT/child; \
        while :; do sleep 1; done' & wait";
    let grace = Duration::from_secs(2);
    framework.run(NODE, &[Job::ready_then("parent", script).grace(grace)]).await;
    let parent = world.watch("parent").await;
    let child = child(&world, "child").await;

    let asked = Instant::now();
    world.drain(NODE, None).await;
    parent.ended().await;
    let died = child.ended().await;
    assert!(died.duration_since(asked) >= grace, "{:?}", died.duration_since(asked));
    assert_eq!(state(&framework.outcome("parent").await), TaskState::TaskKilled);
    world.drained(NODE).await;
    assert_eq!(world.processes(), []);
    world.end().await;
}

/// A task whose main process ends by itself leaves no children behind either.
#[tokio::test]
async fn a_finished_task_leaves_no_children() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let script = "setsid sh -c 'trap \"\" TERM; echo $$ > $OUT/daemon.new; \
        mv $OUT/daemon.new $OUT/daemon; while :; do sleep 1; done' & \
        while [ ! -e $OUT/daemon ]; do sleep 0.05; done; \
        while [ ! -e $OUT/go ]; do sleep 0.05; done; exit 0";
    framework.run(NODE, &[Job::shell("starter", script)]).await;
    let daemon = child(&world, "daemon").await;
    std::fs::write(world.out().join("go"), "").unwrap();
    assert_eq!(state(&framework.outcome("starter").await), TaskState::TaskFinished);
    daemon.ended().await;
    world.until("no process is left", async || world.processes().is_empty().then_some(())).await;
    world.end().await;
}

/// A task that starts processes faster than they can be listed is ended all the same.
#[tokio::test]
async fn a_task_that_forks_without_end_is_ended() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    // Each process waits for its only child: the chain moves on while it is looked at.
    let script = "trap '' TERM; echo \
        'trap \"\" TERM; sleep 0.02; exec setsid -f sh $OUT/hop.sh' > $OUT/hop.sh; \
        setsid -f sh $OUT/hop.sh; exec sleep 1000";
    framework.run(NODE, &[Job::ready_then("hopper", script)]).await;
    world.pid_of("hopper").await;
    world.drain(NODE, Some(Duration::from_secs(1))).await;
    assert_eq!(state(&framework.outcome("hopper").await), TaskState::TaskKilled);
    world.drained(NODE).await;
    assert_eq!(world.processes(), []);
    world.end().await;
}
