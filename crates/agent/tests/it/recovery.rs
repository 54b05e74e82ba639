//! Restarts and reboots.

use agent::{Agent, ContainerFate, ExitStatus, Message};
use model::TaskState;
use model::task::Reason;

use crate::world::{World, secs};

/// A5: an executor that missed the kill gets it again from the restarted agent, with what is left.
#[test]
fn restarted_agent_repeats_the_kill_without_more_grace() {
    let mut world = World::new();
    world.running("t1", Some(secs(30)));
    world.drain(1, None, false);
    world.advance(secs(12));
    world.out.clear();
    world.restart(ContainerFate::Alive);
    world.subscribe("t1", &[], &[]);
    assert_eq!(world.kills().first(), Some(&("t1".to_owned(), secs(18))));
    world.update("t1", "t1", TaskState::TaskKilled);
    world.register();
    let killed = world.last_update("t1");
    assert_eq!(killed.reason, Some(Reason::AgentDraining.into()));
}

/// A kill that an agent wrote down and did not live to send is sent by the next one with its whole grace,
/// however long nobody was there; what the agent does itself waits for it too.
#[test]
fn a_kill_that_nobody_was_told_of_has_its_whole_grace() {
    let mut world = World::new();
    world.running("t1", Some(secs(30)));
    // The executor lost the agent just before, so nobody hears of the kill.
    world.close("t1");
    world.drain(1, None, false);
    assert_eq!(world.kills(), []);
    world.pass(secs(600));
    world.restart(ContainerFate::Alive);
    world.advance(secs(1));
    world.subscribe("t1", &[], &[]);
    assert_eq!(world.kills(), [("t1".to_owned(), secs(30))]);
    world.advance(secs(30));
    assert_eq!(world.destroys(), 0);
    world.advance(secs(3));
    assert_eq!(world.destroys(), 1);
}

/// The whole grace is given anew only as long as it is unsure whether anybody was told: once a kill was
/// repeated, restarts put it off no more.
#[test]
fn restarts_do_not_put_off_a_kill_that_was_said() {
    let mut world = World::new();
    world.running("t1", Some(secs(30)));
    world.drain(1, None, false);
    world.advance(secs(6));
    world.out.clear();
    for _ in 0..3 {
        world.restart(ContainerFate::Alive);
        world.advance(secs(4));
    }
    world.subscribe("t1", &[], &[]);
    assert_eq!(world.kills().first(), Some(&("t1".to_owned(), secs(12))));
}

/// An executor that was away when its task was to be killed has the whole grace from when it is told.
#[test]
fn an_executor_that_was_away_has_the_whole_grace() {
    let mut world = World::new();
    world.running("t1", Some(secs(30)));
    world.close("t1");
    world.kill("t1", None);
    world.advance(secs(2));
    world.subscribe("t1", &[], &[]);
    assert_eq!(world.kills(), [("t1".to_owned(), secs(30))]);
    world.advance(secs(7));
    assert_eq!(world.kills().last(), Some(&("t1".to_owned(), secs(25))));
}

/// Somebody who sets the wall clock while the agent is down makes no grace period shorter or longer.
#[test]
fn a_clock_that_is_set_during_a_restart_changes_no_grace() {
    let hour = 3_600_000_000_000_i64;
    for jump in [-24 * hour, -hour, hour, 24 * hour] {
        let mut world = World::new();
        world.running("t1", Some(secs(30)));
        world.drain(1, None, false);
        world.advance(secs(12));
        world.out.clear();
        world.now.wall.0 += jump;
        world.restart(ContainerFate::Alive);
        world.subscribe("t1", &[], &[]);
        assert_eq!(world.kills().first(), Some(&("t1".to_owned(), secs(18))), "{jump}");
    }
}

/// What people are shown of a kill after the clock was set back is written down as it is shown.
#[test]
fn a_kill_that_a_set_clock_has_moved_is_written_again() {
    let mut world = World::new();
    world.running("t1", Some(secs(30)));
    world.drain(1, None, false);
    world.now.wall.0 -= 3_600_000_000_000;
    world.restart(ContainerFate::Alive);
    assert_eq!(world.agent.durable(), world.store);
}

/// An agent that stood still hears the executors that wait before it ends them.
#[test]
fn an_agent_that_stood_still_hears_its_executors_first() {
    let mut world = World::new();
    world.running("t1", None);
    world.restart(ContainerFate::Alive);
    world.out.clear();
    let wake = world.agent.next_wake().unwrap().plus(secs(600));
    let wait = wake.since(world.now.at);
    world.now.at = wake;
    world.now.wall = world.now.wall.plus(wait);
    world.apply(agent::Event::Woke);
    let is_destroyed =
        |world: &World| world.out.iter().any(|message| matches!(message, Message::Destroy { .. }));
    assert!(!is_destroyed(&world));
    world.subscribe("t1", &[], &[]);
    world.advance(secs(120));
    assert!(!is_destroyed(&world));
}

/// A restarted agent waits for its executors before it connects, but not long.
#[test]
fn restarted_agent_connects_when_its_executors_are_back() {
    let connects = |world: &World| {
        world.out.iter().filter(|message| matches!(message, Message::Connect { .. })).count()
    };
    for early in [true, false] {
        let mut world = World::new();
        world.running("t1", None);
        world.running("t2", None);
        world.restart(ContainerFate::Alive);
        world.subscribe("t1", &[], &[]);
        world.advance(secs(1));
        assert_eq!(connects(&world), 0);
        if early {
            world.subscribe("t2", &[], &[]);
            world.advance(secs(0));
        } else {
            world.advance(secs(1));
        }
        assert_eq!(connects(&world), 1);
    }
}

/// An executor that ended while the agent was away leaves its tasks failed, or killed if they were to end.
#[test]
fn executors_that_ended_meanwhile_end_their_tasks() {
    let mut world = World::new();
    world.running("t1", None);
    world.running("t2", None);
    world.kill("t2", None);
    world.out.clear();
    world.restart(ContainerFate::Exited(ExitStatus::Exited(3)));
    world.register();
    let failed = world.last_update("t1");
    assert_eq!(failed.state, i32::from(TaskState::TaskFailed));
    assert_eq!(failed.reason, Some(Reason::ExecutorTerminated.into()));
    assert_eq!(failed.message.as_deref(), Some("Executor exited with status 3"));
    assert_eq!(world.last_update("t2").state, i32::from(TaskState::TaskKilled));
}

/// After a reboot every task has ended; a drain goes on and ends, under the same identity whatever the
/// configuration says now (D6).
#[test]
fn reboot_ends_every_task_and_keeps_identity_and_drain() {
    let mut world = World::new();
    world.running("t1", None);
    world.config.boot_id = "boot-2".to_owned();
    world.shadow = false;
    world.restart(ContainerFate::Exited(ExitStatus::Unknown));
    world.register();
    let failed = world.last_update("t1");
    assert_eq!(failed.state, i32::from(TaskState::TaskFailed));
    assert_eq!(failed.reason, Some(Reason::AgentRestarted.into()));

    let mut world = World::new();
    world.running("t1", Some(secs(60)));
    world.drain(1, None, false);
    world.config.boot_id = "boot-2".to_owned();
    world.config.info.hostname = "renamed".to_owned();
    world.shadow = false;
    world.restart(ContainerFate::Alive);
    world.register();
    let killed = world.last_update("t1");
    assert_eq!(
        (killed.state, killed.reason),
        (i32::from(TaskState::TaskKilled), Some(Reason::AgentDraining.into()))
    );
    world.ack("t1");
    assert!(world.is_empty());
    assert_eq!(world.reports().pop().unwrap().empty, Some(true));
    let stored = world.store.agent.clone().unwrap().info.unwrap();
    assert_eq!((stored.hostname.as_str(), stored.id.unwrap().value.as_str()), ("renamed", "S0"));
}

/// An overdue kill waits for executors that come back in time, and no longer.
#[test]
fn overdue_kills_are_enforced_after_a_restart() {
    let mut world = World::new();
    world.running("t1", Some(secs(30)));
    world.drain(1, None, false);
    // Long enough for the agent to be sure that the executor was told.
    world.advance(secs(6));
    world.pass(secs(3600));
    world.out.clear();
    world.restart(ContainerFate::Alive);
    world.advance(secs(1));
    assert_eq!(world.destroys(), 0);
    world.subscribe("t1", &[], &[]);
    assert_eq!(world.kills(), [("t1".to_owned(), secs(0))]);
    world.advance(secs(3));
    assert_eq!(world.destroys(), 1);
}

/// An executor that lives but does not come back is destroyed in the end.
#[test]
fn lost_executor_is_destroyed() {
    let mut world = World::new();
    world.running("t1", None);
    world.restart(ContainerFate::Alive);
    world.advance(secs(59));
    assert_eq!(world.destroys(), 0);
    world.advance(secs(1));
    assert_eq!(world.destroys(), 1);
    world.exit("t1", ExitStatus::Unknown);
    world.register();
    let failed = world.last_update("t1");
    assert_eq!(failed.reason, Some(Reason::ExecutorReregistrationTimeout.into()));
}

/// Queued tasks survive a restart and are handed over when the executor subscribes.
#[test]
fn queued_tasks_survive_a_restart() {
    let mut world = World::new();
    world.run_custom("t1", "x");
    world.run_group("pod", &[("a", None), ("b", None)]);
    world.launched("x");
    world.launched("pod");
    world.restart(ContainerFate::Alive);
    world.subscribe("x", &[], &[]);
    world.subscribe("pod", &[], &[]);
    assert!(world.executor_events().any(|event| event.launch.is_some()));
    let group = world.executor_events().find_map(|event| event.launch_group.clone()).unwrap();
    assert_eq!(group.task_group.tasks.len(), 2);
}

/// A drain that a crash cut off before some kills is carried out completely.
#[test]
fn drain_that_was_cut_off_is_completed() {
    let mut world = World::new();
    world.running("t1", None);
    world.running("t2", None);
    let mut store = world.store.clone();
    world.drain(1, None, false);
    store.drain.clone_from(&world.store.drain);
    let fates = store.executors.keys().map(|id| (id.clone(), ContainerFate::Alive)).collect();
    let (agent, _) = Agent::recover(world.config.clone(), store, fates, world.now);
    assert!(agent.durable().tasks.values().all(|task| task.kill.is_some()));
}

/// D7: recovery decides nothing about a drain before everything is recovered: with one framework of two
/// already without executors, the drain goes on for the other.
#[test]
fn d07_recovery_of_an_empty_framework_does_not_end_the_drain() {
    let mut world = World::new();
    world.running("t1", Some(secs(30)));
    world.running("t2", Some(secs(30)));
    world.drain(1, None, false);
    let ended = world.container("t1");
    let fates = world
        .store
        .executors
        .keys()
        .map(|id| {
            let exited = ContainerFate::Exited(ExitStatus::Signalled(9));
            (id.clone(), if *id == ended { exited } else { ContainerFate::Alive })
        })
        .collect();
    let (agent, effects) =
        Agent::recover(world.config.clone(), world.store.clone(), fates, world.now);
    for mutation in effects.mutations {
        world.store.apply(mutation);
    }
    assert!(agent.view_agent().drain_config.is_some());
    let drain = world.store.drain.as_ref().expect("the drain is still on record");
    assert_ne!(drain.empty, Some(true), "a task runs on");
}
