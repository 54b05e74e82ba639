//! Draining, after the upstream tests A1–A5 and the defects of the original that must not come back.

use agent::{Event, ExitStatus, Message, Mutation};
use model::TaskState;
use model::task::{Reason, Source};
use wire::executor::event::Type as ExecutorEventType;
use wire::link::event::Type;

use crate::world::{World, command_task, exec_id, secs};

fn reason(status: &wire::v1::TaskStatus) -> Option<Reason> {
    status.reason.and_then(|reason| Reason::try_from(reason).ok())
}

fn state(status: &wire::v1::TaskStatus) -> TaskState {
    model::task::state_from_wire(status.state).unwrap()
}

/// A1: a drain kills a running task with the bounded grace, shows its config until reactivation, and is
/// empty once the update is acknowledged and the container gone.
#[test]
fn drain_kills_the_running_task_and_is_empty_when_nothing_is_left() {
    let mut world = World::new();
    world.running("t1", None);

    world.drain(1, Some(secs(0)), false);
    assert_eq!(world.kills(), [("t1".to_owned(), secs(0))]);
    assert_eq!(
        world.agent.view_agent().drain_config.unwrap().max_grace_period.unwrap().nanoseconds,
        0
    );
    assert!(world.agent.view_agent().estimated_drain_start_time.is_some());

    world.update("t1", "t1", TaskState::TaskKilled);
    let killed = world.last_update("t1");
    assert_eq!(
        (state(&killed), reason(&killed)),
        (TaskState::TaskKilled, Some(Reason::AgentDraining))
    );
    assert!(!world.is_empty(), "the update is not acknowledged");

    world.ack("t1");
    assert!(!world.is_empty(), "the container is still there");
    world.exit("t1", ExitStatus::Exited(0));
    assert!(world.is_empty());
    let report = world.reports().pop().unwrap();
    assert_eq!(
        (report.empty, report.tasks_left, report.executors_left),
        (Some(true), Some(0), Some(0))
    );
    assert!(world.agent.view_agent().drain_config.is_some(), "a drain ends by reactivation only");
}

/// A2: a task whose container is being launched is killed without it, and the container is destroyed;
/// with `mark_gone` a partition-aware framework hears `TASK_GONE_BY_OPERATOR`.
#[test]
fn drain_kills_the_queued_task_and_destroys_its_container() {
    let mut world = World::new();
    world.run("t1", None);
    world.out.clear();

    world.drain(1, Some(secs(0)), true);
    let gone = world.last_update("t1");
    assert_eq!(state(&gone), TaskState::TaskGoneByOperator);
    assert_eq!(reason(&gone), Some(Reason::AgentDraining));
    assert_eq!(gone.source, Some(Source::Agent.into()));
    assert_eq!(gone.message.as_deref(), Some("Killed before delivery to the executor"));
    assert_eq!(world.destroys(), 1);
    world.ack("t1");
    assert!(!world.is_empty(), "the container has not ended yet");
    world.exit("t1", ExitStatus::Signalled(9));
    assert!(world.is_empty());
}

/// A3: a framework that is not partition-aware hears `TASK_KILLED`, also with `mark_gone`.
#[test]
fn drain_with_mark_gone_says_killed_to_partition_unaware_frameworks() {
    let mut world = World::new();
    world.partition_aware = false;
    world.run("t1", None);
    world.drain(1, Some(secs(0)), true);
    let killed = world.last_update("t1");
    assert_eq!(
        (state(&killed), reason(&killed)),
        (TaskState::TaskKilled, Some(Reason::AgentDraining))
    );
}

/// A4: a launch on a draining agent is refused; after reactivation launches run again.
#[test]
fn draining_agent_refuses_launches_until_reactivated() {
    let mut world = World::new();
    world.partition_aware = false;
    world.running("t1", None);
    world.drain(1, Some(secs(0)), false);
    world.update("t1", "t1", TaskState::TaskKilled);

    world.run("t2", None);
    let lost = world.last_update("t2");
    assert_eq!((state(&lost), reason(&lost)), (TaskState::TaskLost, Some(Reason::AgentDraining)));
    assert_eq!(lost.message.as_deref(), Some("Task was received while agent was already draining"));
    world.ack("t2");
    world.ack("t1");
    world.exit("t1", ExitStatus::Exited(0));

    world.reactivate(1);
    assert!(world.store.drain.is_none());
    world.running("t3", None);
    assert_eq!(world.agent.view_tasks().launched_tasks.len(), 1);
}

/// D2: a task group that waits for its executor is ended as a whole, each task with one update.
#[test]
fn d02_drain_of_a_queued_group_ends_every_member_once() {
    let mut world = World::new();
    world.run_group("pod", &[("a", None), ("b", None), ("c", None)]);
    world.out.clear();
    world.drain(1, None, false);
    let states: Vec<_> = world.updates().iter().map(|update| update.latest_state).collect();
    assert_eq!(states, vec![Some(i32::from(TaskState::TaskKilled)); 3]);

    // A single kill takes the group along too.
    let mut world = World::new();
    world.run_group("pod", &[("a", None), ("b", None)]);
    world.out.clear();
    world.kill("b", None);
    assert_eq!(world.updates().len(), 2);
    assert_eq!(world.destroys(), 1, "its executor has nothing to do");
}

/// D3: with `mark_gone` the start of a kill stays `TASK_KILLING`; only its end reads gone by operator.
#[test]
fn d03_killing_is_never_rewritten_to_gone_by_operator() {
    let mut world = World::new();
    world.running("t1", Some(secs(60)));
    world.drain(1, None, true);
    world.update("t1", "t1", TaskState::TaskKilling);
    let killing = world.last_update("t1");
    assert_eq!(
        (state(&killing), reason(&killing)),
        (TaskState::TaskKilling, Some(Reason::AgentDraining))
    );
    world.update("t1", "t1", TaskState::TaskKilled);
    world.ack("t1");
    assert_eq!(state(&world.last_update("t1")), TaskState::TaskGoneByOperator);
}

/// Other ends than kills keep their state and reason in a drain.
#[test]
fn finished_and_failed_pass_a_drain_unchanged() {
    let mut world = World::new();
    world.running("t1", None);
    world.drain(1, None, true);
    world.update("t1", "t1", TaskState::TaskFinished);
    let finished = world.last_update("t1");
    assert_eq!((state(&finished), reason(&finished)), (TaskState::TaskFinished, None));
}

/// D4: an idle custom executor is shut down by a drain and, if it stays, destroyed; until then the drain
/// is not empty.
#[test]
fn d04_drain_ends_idle_executors() {
    let mut world = World::new();
    world.running_custom("t1", "x");
    world.update("x", "t1", TaskState::TaskFinished);
    world.ack("t1");
    assert_eq!(world.store.executors.len(), 1, "it may get more work");
    world.out.clear();

    world.drain(1, None, false);
    assert_eq!(world.events(ExecutorEventType::Shutdown), 1);
    assert!(!world.is_empty());
    world.advance(secs(4));
    assert_eq!(world.destroys(), 0);
    world.advance(secs(1));
    assert_eq!(world.destroys(), 1);
    world.exit("x", ExitStatus::Signalled(9));
    assert!(world.is_empty());
    assert_eq!(world.exited_executors(), 1);
}

/// D4: an executor that becomes idle during a drain is shut down then.
#[test]
fn d04_executors_that_become_idle_are_shut_down_too() {
    let mut world = World::new();
    world.running_custom("t1", "x");
    world.running_custom("t2", "x");
    world.drain(1, None, false);
    world.update("x", "t1", TaskState::TaskKilled);
    assert_eq!(world.events(ExecutorEventType::Shutdown), 0);
    world.update("x", "t2", TaskState::TaskKilled);
    assert_eq!(world.events(ExecutorEventType::Shutdown), 1);
}

/// D5: a drain with nothing to drain is remembered, confirmed at once, survives a restart, and ends
/// completely by reactivation.
#[test]
fn d05_a_drain_of_an_empty_agent_is_confirmed_and_remembered() {
    let mut world = World::new();
    world.out.clear();
    world.drain(1, None, false);
    assert!(world.is_empty());
    assert_eq!(world.reports().pop().unwrap().empty, Some(true));

    world.restart(agent::ContainerFate::Alive);
    world.register();
    world.out.clear();
    world.run("t1", None);
    assert_eq!(reason(&world.last_update("t1")), Some(Reason::AgentDraining));
    world.ack("t1");
    world.reactivate(1);
    world.running("t2", None);
}

/// D6: an agent without an identity has no drain, whatever the store holds.
#[test]
fn d06_a_new_identity_inherits_no_drain() {
    let mut world = World::new();
    world.drain(3, None, true);
    let mut store = world.store.clone();
    store.agent = None;
    let (agent, effects) = agent::Agent::recover(
        world.config.clone(),
        store,
        std::collections::BTreeMap::new(),
        world.now,
    );
    assert!(agent.view_agent().drain_config.is_none());
    assert!(matches!(effects.mutations[..], [Mutation::SetAgent(_), Mutation::RemoveDrain]));
}

/// D9: the bound shortens a grace period and never lengthens one.
#[test]
fn d09_max_grace_period_never_extends_a_grace_period() {
    let mut world = World::new();
    world.running("plain", None);
    world.running("long", Some(secs(60)));
    world.running("short", Some(secs(1)));
    world.drain(1, Some(secs(30)), false);
    let mut kills = world.kills();
    kills.sort();
    let of = |task: &str, grace| (task.to_owned(), secs(grace));
    assert_eq!(kills, [of("long", 30), of("plain", 3), of("short", 1)]);
}

/// A drain may be tightened, measured from its beginning, and never loosened or restarted.
#[test]
fn redrain_only_shortens_what_is_left() {
    let mut world = World::new();
    world.running("t1", Some(secs(60)));
    world.drain(1, None, false);
    world.advance(secs(4));
    world.out.clear();

    world.drain(1, Some(secs(600)), false);
    assert!(world.kills().iter().all(|(_, grace)| *grace == secs(56)), "{:?}", world.kills());
    world.out.clear();
    world.drain(1, Some(secs(10)), true);
    assert_eq!(world.kills(), [("t1".to_owned(), secs(6))]);
    let config = world.agent.view_agent().drain_config.unwrap();
    assert_eq!(
        (config.mark_gone, config.max_grace_period.unwrap().nanoseconds),
        (Some(true), 10_000_000_000)
    );

    world.out.clear();
    world.drain(1, None, false);
    assert_eq!(world.kills(), []);
    assert_eq!(world.agent.view_agent().drain_config.unwrap().mark_gone, Some(true));
    world.drain(0, Some(secs(1)), false);
    assert_eq!(world.kills(), [], "an older drain is over");
}

/// The next drain has the next generation; an old reactivation does not end it.
#[test]
fn a_newer_drain_replaces_the_older_and_outlives_its_reactivation() {
    let mut world = World::new();
    world.drain(1, None, true);
    world.drain(2, None, false);
    assert_eq!(world.agent.view_agent().drain_config.unwrap().mark_gone, Some(false));
    world.reactivate(1);
    assert!(world.store.drain.is_some());
    world.reactivate(2);
    assert!(world.store.drain.is_none());
    world.reactivate(2);
}

/// D31: the drain is durable before the first kill, and in the same commit as the kills' deadlines.
#[test]
fn d31_the_drain_is_written_before_its_kills_leave() {
    let mut world = World::new();
    world.running("t1", None);
    let drain = wire::link::Drain { generation: Some(1), ..wire::link::Drain::default() };
    let event = wire::link::Event {
        r#type: Some(Type::Drain.into()),
        drain: Some(drain),
        ..wire::link::Event::default()
    };
    let effects = world.agent.apply(world.now, Event::Link(Box::new(event)));
    assert!(matches!(effects.mutations[0], Mutation::SetDrain(_)));
    assert!(matches!(&effects.mutations[1], Mutation::SetTask(record) if record.kill.is_some()));
    let kill = |message: &Message| matches!(message, Message::Executor { event, .. } if event.kill.is_some());
    assert!(effects.messages.iter().any(kill));
}

/// Progress is told when something changes that the master can't know, once per event, with the last deadline.
#[test]
fn drain_progress_is_reported_when_it_changes() {
    let mut world = World::new();
    world.running("t1", Some(secs(20)));
    world.running("t2", Some(secs(40)));
    world.drain(1, None, false);
    let report = world.reports().pop().unwrap();
    assert_eq!(
        (report.generation, report.tasks_left, report.executors_left),
        (Some(1), Some(2), Some(2))
    );
    let last = report.last_kill_at.unwrap();
    assert_eq!(last.nanoseconds, world.now.wall.plus(secs(40)).0);
    world.out.clear();
    world.advance(secs(4));
    assert_eq!(world.reports(), [], "nothing has changed");
    world.update("t2", "t2", TaskState::TaskKilled);
    world.ack("t2");
    let reports = world.reports();
    assert_eq!(reports.len(), 1, "the deadline changed; the master counts tasks itself");
    world.out.clear();
    world.exit("t2", ExitStatus::Exited(0));
    let report = world.reports().pop().unwrap();
    assert_eq!((report.tasks_left, report.executors_left), (Some(1), Some(1)));
}

/// A framework that is shut down tells nobody about its tasks, and its containers still hold the drain.
#[test]
fn drain_waits_for_the_containers_of_a_removed_framework() {
    let mut world = World::new();
    world.running_custom("t1", "x");
    world.drain(1, None, false);
    world.out.clear();
    world.link(Type::ShutdownFramework, |event| {
        event.shutdown_framework = Some(wire::link::ShutdownFramework {
            framework_id: Some(wire::v1::FrameworkId { value: crate::world::FRAMEWORK.to_owned() }),
        });
    });
    assert!(world.store.tasks.is_empty());
    assert_eq!(world.updates(), Vec::<&wire::link::StatusUpdate>::new());
    assert_eq!(world.events(ExecutorEventType::Shutdown), 1);
    assert!(!world.is_empty());
    world.advance(secs(5));
    assert_eq!(world.destroys(), 1);
    world.exit("x", ExitStatus::Signalled(9));
    assert!(world.is_empty());
    assert!(world.store.frameworks.is_empty());
}

/// The bound of a drain holds for executors of a removed framework, too, said before or after its end:
/// they have the bound or the agent's default to end, whichever is longer, not their tasks' grace. Those that are
/// being ended already get no more time than they had.
#[test]
fn drain_bounds_the_end_of_executors_of_a_removed_framework() {
    let remove = |world: &mut World| {
        world.link(Type::ShutdownFramework, |event| {
            let value = crate::world::FRAMEWORK.to_owned();
            let framework_id = Some(wire::v1::FrameworkId { value });
            event.shutdown_framework = Some(wire::link::ShutdownFramework { framework_id });
        });
    };
    for (bound, removed_first, wait) in
        [(1, true, 5), (1, false, 3), (20, true, 20), (20, false, 20)]
    {
        let mut world = World::new();
        world.running("t1", Some(secs(600)));
        if removed_first {
            remove(&mut world);
            world.drain(1, Some(secs(bound)), false);
        } else {
            world.drain(1, Some(secs(bound)), false);
            remove(&mut world);
        }
        world.advance(secs(wait - 1));
        assert_eq!(world.destroys(), 0, "{bound} {removed_first}");
        world.advance(secs(1));
        assert_eq!(world.destroys(), 1, "{bound} {removed_first}");
    }
}

/// A refused launch of a new executor is taken back from the master's books.
#[test]
fn refused_launch_reports_the_executor_that_never_was() {
    let mut world = World::new();
    world.drain(1, None, false);
    let mut info = command_task("t1");
    let command = info.command.take();
    info.executor = Some(Box::new(wire::v1::ExecutorInfo {
        executor_id: exec_id("x"),
        command,
        ..wire::v1::ExecutorInfo::default()
    }));
    world.run_info(info);
    assert_eq!(world.exited_executors(), 1);
    assert!(!world.is_empty(), "its update is not acknowledged");
    world.ack("t1");
    assert!(world.is_empty());
}
