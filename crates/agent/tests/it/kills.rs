//! Kills: their deadlines, repetition, and the end of containers that do not comply.

use agent::{Event, ExitStatus};
use model::TaskState;
use model::task::Reason;

use crate::world::{World, secs};

/// A task that ignores SIGTERM is left alone until its grace is over; then, if its executor does nothing,
/// the container is destroyed.
#[test]
fn stubborn_task_is_ended_after_its_deadline_and_not_before() {
    let mut world = World::new();
    world.running("t1", Some(secs(60)));
    world.drain(1, Some(secs(10)), false);
    world.advance(secs(11));
    assert_eq!(world.destroys(), 0);
    world.advance(secs(1));
    assert_eq!(world.destroys(), 1);
    world.exit("t1", ExitStatus::Signalled(9));
    let killed = world.last_update("t1");
    assert_eq!(killed.state, i32::from(TaskState::TaskKilled));
    assert_eq!(killed.reason, Some(Reason::AgentDraining.into()));
    assert_eq!(killed.message.as_deref(), Some("Executor was killed by signal 9"));
}

/// D20, D28: a kill is repeated with what is left of the grace until the task has ended.
#[test]
fn d20_kill_is_repeated_with_the_remaining_grace() {
    let mut world = World::new();
    world.run("t1", Some(secs(12)));
    world.start("t1");
    world.out.clear();
    world.kill("t1", None);
    world.advance(secs(11));
    let graces: Vec<_> = world.kills().into_iter().map(|(_, grace)| grace).collect();
    assert_eq!(graces, [secs(12), secs(7), secs(2)]);
    world.update("t1", "t1", TaskState::TaskKilled);
    world.out.clear();
    world.advance(secs(60));
    assert_eq!(world.kills(), []);
}

/// D26: every KILL says the effective grace, also where nobody set one.
#[test]
fn d26_every_kill_carries_its_grace() {
    let mut world = World::new();
    world.running_custom("t1", "x");
    world.kill("t1", None);
    assert_eq!(world.kills(), [("t1".to_owned(), secs(3))]);
}

/// The policy in a scheduler's kill goes before the task's; a later kill may only shorten.
#[test]
fn later_kill_only_shortens() {
    let mut world = World::new();
    world.running("t1", Some(secs(5)));
    world.kill("t1", Some(secs(60)));
    world.advance(secs(2));
    world.kill("t1", Some(secs(120)));
    world.kill("t1", Some(secs(20)));
    let graces: Vec<_> = world.kills().into_iter().map(|(_, grace)| grace).collect();
    assert_eq!(graces, [secs(60), secs(58), secs(18)]);
    world.kill("t1", Some(secs(1)));
    assert_eq!(world.kills().pop(), Some(("t1".to_owned(), secs(0))), "its time is over");
}

/// D28: a destroy is repeated until the container is gone, however often it fails.
#[test]
fn d28_destroy_is_repeated_until_the_container_is_gone() {
    let mut world = World::new();
    world.running("t1", None);
    world.drain(1, Some(secs(0)), false);
    world.advance(secs(2));
    assert_eq!(world.destroys(), 1);
    let container = world.container("t1");
    let survivors = vec!["42 (sh)".to_owned()];
    for wait in [1, 2, 4, 8, 16, 30, 30] {
        world.apply(Event::ContainerDestroyFailed {
            container: container.clone(),
            survivors: survivors.clone(),
        });
        world.out.clear();
        world.advance(secs(wait - 1));
        assert_eq!(world.destroys(), 0);
        world.advance(secs(1));
        assert_eq!(world.destroys(), 1);
    }
    world.out.clear();
    world.advance(secs(30));
    assert_eq!(world.destroys(), 1, "an answer that got lost");
    assert!(!world.is_empty());
    world.exit("t1", ExitStatus::Signalled(9));
    world.out.clear();
    world.advance(secs(120));
    assert_eq!(world.destroys(), 0);
}

/// A custom executor that ignores a scheduler's kill keeps its container; a drain ends it once the grace of
/// its last task is over.
#[test]
fn custom_executor_is_destroyed_only_by_a_drain_and_after_its_last_deadline() {
    let mut world = World::new();
    world.running_custom("t1", "x");
    world.running_custom("t2", "x");
    world.kill("t1", None);
    world.advance(secs(600));
    assert_eq!(world.destroys(), 0);
    world.kill("t2", Some(secs(30)));
    world.advance(secs(10));
    world.drain(1, Some(secs(25)), false);
    world.advance(secs(1));
    assert_eq!(world.destroys(), 1, "both had their own grace of 3 s");
    world.exit("x", ExitStatus::Signalled(9));
    assert_eq!(world.updates().len(), 2);
}

/// Members of a group keep their own graces; the container falls with the longest.
#[test]
fn group_with_mixed_graces_ends_with_the_longest() {
    let mut world = World::new();
    world.run_group("pod", &[("a", Some(secs(5))), ("b", Some(secs(20)))]);
    world.start("pod");
    world.out.clear();
    world.drain(1, None, false);
    assert_eq!(world.kills(), [("a".to_owned(), secs(5)), ("b".to_owned(), secs(20))]);
    world.advance(secs(21));
    assert_eq!(world.destroys(), 0);
    world.advance(secs(1));
    assert_eq!(world.destroys(), 1);
}

/// Where an executor does not end one member of a group, the others fall with its container, but not before
/// they were asked and had their own grace.
#[test]
fn members_that_fall_with_another_have_their_own_grace() {
    let mut world = World::new();
    world.run_group("pod", &[("a", Some(secs(5))), ("b", Some(secs(20)))]);
    world.start("pod");
    world.kill("a", None);
    world.out.clear();
    world.advance(secs(7));
    assert_eq!(world.destroys(), 0);
    assert_eq!(world.kills().last(), Some(&("b".to_owned(), secs(20))));
    world.advance(secs(21));
    assert_eq!(world.destroys(), 0);
    world.advance(secs(1));
    assert_eq!(world.destroys(), 1);
}

/// A group of which only one member was killed falls with it, an executor with other groups does not.
#[test]
fn other_groups_do_not_suffer_from_a_kill() {
    let mut world = World::new();
    world.run_group("pod", &[("a", None), ("b", None)]);
    world.start("pod");
    world.run_group("pod", &[("c", None)]);
    world.kill("a", None);
    world.advance(secs(60));
    assert_eq!(world.destroys(), 0);
    world.kill("b", None);
    world.kill("c", None);
    world.advance(secs(5));
    assert_eq!(world.destroys(), 1);
}

/// The end of an executor ends its tasks: failed, or killed where a kill was in progress.
#[test]
fn exit_of_the_executor_ends_its_tasks() {
    let mut world = World::new();
    world.running_custom("t1", "x");
    world.running_custom("t2", "x");
    world.kill("t2", None);
    world.out.clear();
    world.exit("x", ExitStatus::Exited(1));
    let failed = world.last_update("t1");
    assert_eq!(failed.state, i32::from(TaskState::TaskFailed));
    assert_eq!(failed.reason, Some(Reason::ExecutorTerminated.into()));
    assert_eq!(failed.message.as_deref(), Some("Executor exited with status 1"));
    assert_eq!(world.last_update("t2").state, i32::from(TaskState::TaskKilled));
    assert_eq!(world.exited_executors(), 1);
}
