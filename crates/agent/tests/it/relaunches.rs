//! What is launched under the name of an executor of ours that is still leaving.

use agent::{ContainerFate, ExitStatus};
use model::TaskState;
use model::task::Reason;
use wire::executor::event::Type as ExecutorEventType;
use wire::link::{self, event::Type};

use crate::world::{FRAMEWORK, World, exec_id, secs};

/// A task has ended, its framework knows, and its executor is not gone yet.
fn with_a_leaving_executor() -> World {
    let mut world = World::new();
    world.running("t1", None);
    world.kill("t1", None);
    world.update("t1", "t1", TaskState::TaskKilled);
    world.ack("t1");
    world.out.clear();
    world
}

fn state(world: &World, task: &str) -> TaskState {
    model::task::state_from_wire(world.last_update(task).state).unwrap()
}

/// A task id that is used again at once gets an executor of its own, after the one before it has ended.
#[test]
fn a_task_id_used_again_runs_once_its_old_executor_is_gone() {
    let mut world = with_a_leaving_executor();
    let old = world.container("t1");
    world.run("t1", None);
    assert_eq!(world.container("t1"), old, "nothing is started beside the old one");
    assert_eq!(world.events(ExecutorEventType::Launch), 0, "nor given to it");
    assert_eq!(world.events(ExecutorEventType::Shutdown), 1);
    // What it still has to say is about the task before.
    world.update("t1", "t1", TaskState::TaskKilled);
    assert!(world.updates().is_empty());

    world.exit("t1", ExitStatus::Exited(0));
    assert_ne!(world.container("t1"), old);
    assert!(world.updates().is_empty(), "the new task has not ended with the old executor");
    world.start("t1");
    assert_eq!(world.events(ExecutorEventType::Launch), 1);
    world.update("t1", "t1", TaskState::TaskRunning);
    assert_eq!(state(&world, "t1"), TaskState::TaskRunning);
}

/// An executor that does not leave is not waited for longer than its time.
#[test]
fn an_executor_that_stays_is_destroyed_for_the_next_one() {
    let mut world = with_a_leaving_executor();
    let old = world.container("t1");
    world.run("t1", None);
    world.advance(secs(5));
    assert_eq!(world.destroys(), 1);
    world.exit("t1", ExitStatus::Signalled(9));
    assert_ne!(world.container("t1"), old);
    assert!(world.updates().is_empty());
}

/// An agent that restarts meanwhile keeps the task waiting, whether the old executor ended or lives.
#[test]
fn the_task_waits_through_a_restart_of_the_agent() {
    for fate in [ContainerFate::Alive, ContainerFate::Exited(ExitStatus::Exited(0))] {
        let mut world = with_a_leaving_executor();
        let old = world.container("t1");
        world.run("t1", None);
        world.out.clear();
        world.restart(fate);
        if fate == ContainerFate::Alive {
            world.subscribe("t1", &[], &[]);
            assert_eq!(world.events(ExecutorEventType::Launch), 0);
            assert_eq!(world.events(ExecutorEventType::Shutdown), 1);
            world.exit("t1", ExitStatus::Exited(0));
        }
        world.register();
        assert_ne!(world.container("t1"), old, "{fate:?}");
        world.start("t1");
        assert_eq!(world.events(ExecutorEventType::Launch), 1);
        assert!(world.updates().is_empty());
    }
}

/// After a restart, too, an executor that stays is not waited for for ever.
#[test]
fn an_executor_that_stays_after_a_restart_is_destroyed() {
    let mut world = with_a_leaving_executor();
    world.run("t1", None);
    world.restart(ContainerFate::Alive);
    world.out.clear();
    world.advance(secs(5));
    assert_eq!(world.destroys(), 1);
}

/// A kill ends the task that waits, and the id can be used once more.
#[test]
fn a_kill_ends_the_task_that_waits() {
    let mut world = with_a_leaving_executor();
    let old = world.container("t1");
    world.run("t1", None);
    world.kill("t1", None);
    let killed = world.last_update("t1");
    assert_eq!(killed.state, i32::from(TaskState::TaskKilled));
    assert_eq!(killed.reason, Some(Reason::TaskKilledDuringLaunch.into()));
    world.ack("t1");
    world.run("t1", None);
    world.exit("t1", ExitStatus::Exited(0));
    assert_ne!(world.container("t1"), old);
    world.kill("t1", None);
    world.ack("t1");
    world.exit("t1", ExitStatus::Exited(0));
    assert!(world.store.executors.is_empty(), "nothing is started for a task that has ended");
}

/// A drain ends the task that waits; nothing starts for it, before or after a restart.
#[test]
fn a_drain_ends_the_task_that_waits() {
    for restarts in [false, true] {
        let mut world = with_a_leaving_executor();
        let old = world.container("t1");
        world.run("t1", None);
        world.drain(1, None, false);
        assert_eq!(state(&world, "t1"), TaskState::TaskKilled);
        if restarts {
            world.restart(ContainerFate::Exited(ExitStatus::Exited(0)));
            world.register();
        } else {
            world.exit("t1", ExitStatus::Exited(0));
        }
        assert_eq!(world.container("t1"), old);
        world.ack("t1");
        assert!(world.is_empty());
    }
}

/// An agent that finds the drain and the end of the old executor when it starts launches nothing either.
#[test]
fn a_drain_that_was_only_written_down_ends_the_task_that_waits() {
    let mut world = with_a_leaving_executor();
    let old = world.container("t1");
    world.run("t1", None);
    let waiting = world.store.clone();
    world.drain(1, None, false);
    world.store = agent::Records { drain: world.store.drain.take(), ..waiting };
    world.out.clear();
    world.shadow = false;
    world.restart(ContainerFate::Exited(ExitStatus::Exited(0)));
    world.register();
    assert_eq!(world.container("t1"), old);
    assert_eq!(state(&world, "t1"), TaskState::TaskKilled);
}

/// What ends an executor for its framework ends what waits for its next run.
#[test]
fn nothing_is_launched_for_a_framework_or_an_executor_that_was_told_to_end() {
    let mut world = with_a_leaving_executor();
    world.run("t1", None);
    world.link(Type::ShutdownExecutor, |event| {
        event.shutdown_executor = Some(link::ShutdownExecutor {
            framework_id: Some(world_framework()),
            executor_id: Some(exec_id("t1")),
        });
    });
    world.exit("t1", ExitStatus::Exited(0));
    assert_eq!(state(&world, "t1"), TaskState::TaskFailed);
    assert!(world.store.executors.is_empty());

    let mut world = with_a_leaving_executor();
    world.run("t1", None);
    world.link(Type::ShutdownFramework, |event| {
        event.shutdown_framework =
            Some(link::ShutdownFramework { framework_id: Some(world_framework()) });
    });
    world.exit("t1", ExitStatus::Exited(0));
    assert!(world.store.executors.is_empty());
}

fn world_framework() -> wire::v1::FrameworkId {
    model::FrameworkId::new(FRAMEWORK).to_wire()
}

/// A group for a default executor that is leaving waits like a task; to its framework the executor goes on.
#[test]
fn a_group_waits_for_the_next_run_of_its_executor() {
    let mut world = World::new();
    world.run_group("pod", &[("a", None)]);
    world.start("pod");
    world.update("pod", "a", TaskState::TaskFinished);
    world.ack("a");
    let old = world.container("pod");
    world.out.clear();
    world.run_group("pod", &[("b", None), ("c", None)]);
    world.run_group("pod", &[("d", None)]);
    world.kill("d", None);
    world.exit("pod", ExitStatus::Exited(0));
    assert_ne!(world.container("pod"), old);
    assert_eq!(world.exited_executors(), 0, "the master counts on it");
    world.start("pod");
    let group = world.executor_events().find_map(|event| event.launch_group.as_ref()).unwrap();
    assert_eq!(group.task_group.tasks.len(), 2);
    world.exit("pod", ExitStatus::Exited(0));
    assert_eq!(world.exited_executors(), 1);
}

/// A command task is not given to an executor of another kind that has its id, nor the other way round.
#[test]
fn an_executor_of_another_kind_is_not_reused() {
    let mut world = World::new();
    world.running_custom("t1", "x");
    world.run("x", None);
    let dropped = world.last_update("x");
    assert_eq!(dropped.state, i32::from(TaskState::TaskDropped));
    assert_eq!(dropped.reason, Some(Reason::TaskInvalid.into()));
    let text = "Cannot reuse an already existing executor for a command task";
    assert_eq!(dropped.message.as_deref(), Some(text));

    world.running("t2", None);
    world.run_custom("t3", "t2");
    let dropped = world.last_update("t3");
    assert_eq!(dropped.reason, Some(Reason::ExecutorTerminated.into()));
    let text = "Master wants to launch executor, but one already exists";
    assert_eq!(dropped.message.as_deref(), Some(text));
    assert_eq!(world.exited_executors(), 1, "the master counts on an executor that never was");
    assert_eq!(world.store.executors.len(), 2);
}
