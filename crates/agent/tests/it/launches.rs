//! Launches: generated and custom executors, their containers, and what goes wrong.

use agent::{Event, ExitStatus, Program};
use model::TaskState;
use model::task::Reason;
use wire::executor::event::Type as ExecutorEventType;

use crate::world::{World, command_task, policy, secs};

/// A command task gets an executor of its own, named, sized and timed as in Mesos.
#[test]
fn command_task_gets_a_generated_executor() {
    let mut world = World::new();
    let mut info = command_task("t-run");
    info.kill_policy = Some(policy(secs(3)));
    world.run_info(info);
    let spec = world.specs["t-run"].clone();
    assert_eq!(spec.program, Program::Builtin);
    assert_eq!(spec.user, None, "no switching of users");
    let container = spec.container.as_str();
    assert_eq!(spec.directory, format!("slaves/S0/frameworks/f1/executors/t-run/runs/{container}"));
    let variable = |name: &str| spec.environment[name].as_str();
    assert_eq!(variable("MESOS_DIRECTORY"), format!("/var/lib/ebb/{}", spec.directory));
    assert_eq!(variable("MESOS_AGENT_ENDPOINT"), "127.0.0.1:5051");
    assert_eq!(variable("MESOS_SLAVE_PID"), "slave(1)@127.0.0.1:5051");
    assert_eq!(variable("MESOS_CHECKPOINT"), "1");
    assert_eq!(variable("MESOS_RECOVERY_TIMEOUT"), "15mins");
    assert_eq!(variable("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD"), "5secs");

    let executor = world.agent.view_executors().executors.remove(0).executor_info;
    assert_eq!(
        executor.name.as_deref(),
        Some("Command Executor (Task: t-run) (Command: sh -c 'sleep 1000')")
    );
    assert_eq!(executor.shutdown_grace_period.unwrap().nanoseconds, 5_000_000_000);
    let cpus = executor.resources[0].scalar.unwrap().value;
    let mem = executor.resources[1].scalar.unwrap().value;
    assert!((cpus - 0.1).abs() < 1e-9 && (mem - 32.0).abs() < 1e-9);
    assert_eq!(world.agent.view_tasks().queued_tasks[0].executor_id, None);
}

/// Tasks for one custom executor share its container; what comes before it subscribes waits.
#[test]
fn custom_executor_gets_its_tasks_in_order() {
    let mut world = World::new();
    world.run_custom("t1", "x");
    world.run_custom("t2", "x");
    assert_eq!(world.specs.len(), 1);
    assert_eq!(world.agent.view_tasks().queued_tasks.len(), 2);
    world.start("x");
    world.run_custom("t3", "x");
    let launched: Vec<_> = world
        .executor_events()
        .filter_map(|event| event.launch.as_ref())
        .map(|launch| launch.task.task_id.value.as_str())
        .collect();
    assert_eq!(launched, ["t1", "t2", "t3"]);
    assert!(world.store.tasks.values().all(|task| task.info.is_none()));
}

/// A task group arrives at its executor as a group.
#[test]
fn group_is_launched_together() {
    let mut world = World::new();
    world.run_group("pod", &[("a", None), ("b", None)]);
    assert_eq!(world.specs["pod"].program, Program::Builtin);
    world.start("pod");
    let group = world.executor_events().find_map(|event| event.launch_group.as_ref()).unwrap();
    assert_eq!(group.task_group.tasks.len(), 2);
    assert_eq!(world.events(ExecutorEventType::Launch), 0);
}

/// The same launch again starts nothing.
#[test]
fn repeated_launch_is_ignored() {
    let mut world = World::new();
    world.running("t1", None);
    world.run("t1", None);
    assert_eq!(world.out, []);
}

/// A container that can't be started fails its tasks with the reason for it.
#[test]
fn launch_failure_fails_the_task_and_says_why() {
    let mut world = World::new();
    world.run("t1", None);
    let container = world.container("t1");
    world.apply(Event::ContainerLaunchFailed { container, error: "no such user".to_owned() });
    let failed = world.last_update("t1");
    assert_eq!(failed.state, i32::from(TaskState::TaskFailed));
    assert_eq!(failed.reason, Some(Reason::ContainerLaunchFailed.into()));
    assert_eq!(failed.message.as_deref(), Some("Failed to launch container: no such user"));
    assert_eq!(world.exited_executors(), 0, "command executors are nobody's business");
}

/// An executor that does not subscribe within its time is destroyed and its tasks fail.
#[test]
fn silent_executor_is_destroyed() {
    let mut world = World::new();
    world.run("t1", None);
    world.advance(secs(59));
    assert_eq!(world.destroys(), 0);
    world.advance(secs(1));
    assert_eq!(world.destroys(), 1);
    world.exit("t1", ExitStatus::Signalled(9));
    let failed = world.last_update("t1");
    assert_eq!(failed.reason, Some(Reason::ExecutorRegistrationTimeout.into()));
    assert_eq!(
        failed.message.as_deref(),
        Some("Executor did not register within 1mins; Executor was killed by signal 9")
    );
}

/// A group in which a task comes twice is refused whole, and the books stay right.
#[test]
fn a_group_with_one_task_twice_is_refused() {
    let mut world = World::new();
    world.run_group("pod", &[("a", None), ("a", None), ("b", None)]);
    for task in ["a", "b"] {
        assert_eq!(world.last_update(task).state, i32::from(TaskState::TaskError));
    }
    assert!(world.store.executors.is_empty());
}

/// What can't be launched is refused with a reason, and nothing starts.
#[test]
fn invalid_launches_are_refused() {
    let mut world = World::new();
    let mut nothing = command_task("nothing");
    nothing.command = None;
    world.run_info(nothing);
    assert_eq!(world.last_update("nothing").state, i32::from(TaskState::TaskError));
    world.run("../../etc", None);
    assert_eq!(world.last_update("../../etc").state, i32::from(TaskState::TaskError));
    assert!(world.specs.is_empty());
}

/// Completed executors are found by their sandbox, and the display of history is bounded.
#[test]
fn history_is_bounded_and_finds_sandboxes() {
    let mut world = World::new();
    world.config.max_completed_tasks = 3;
    world.config.max_completed_executors = 3;
    world.start_anew();
    world.register();
    world.running("keeps", None);
    for number in 0..6 {
        let task = format!("t{number}");
        world.running(&task, None);
        world.update(&task, &task, TaskState::TaskFinished);
        world.ack(&task);
        world.exit(&task, ExitStatus::Exited(0));
    }
    assert_eq!(world.agent.view_tasks().completed_tasks.len(), 3);
    assert_eq!(world.agent.view_executors().completed_executors.len(), 3);
    let find = |executor: &str| {
        let framework = model::FrameworkId::new(crate::world::FRAMEWORK);
        world.agent.executor_directory(&framework, &model::ExecutorId::new(executor))
    };
    assert_eq!(find("t5"), Some(world.specs["t5"].directory.as_str()));
    assert_eq!(find("t0"), None);
}

/// A drain of ten thousand tasks goes by slices of bounded size.
#[test]
fn large_drain_goes_by_slices() {
    let mut world = World::new();
    world.shadow = false;
    let executors: Vec<String> = (0..20).map(|number| format!("x{number}")).collect();
    // Straight to the agent: the checks of the world after every event take time in proportion.
    let mut messages = 0;
    let mut tasks = Vec::new();
    for number in 0..10_000 {
        let task = format!("task-{number}");
        let mut info = command_task(&task);
        let command = info.command.take();
        info.executor = Some(Box::new(wire::v1::ExecutorInfo {
            executor_id: crate::world::exec_id(&executors[number % 20]),
            command,
            ..wire::v1::ExecutorInfo::default()
        }));
        let run = wire::link::RunTask { framework_info: Some(world.framework()), task: Some(info) };
        let event = wire::link::Event {
            r#type: Some(wire::link::event::Type::RunTask.into()),
            run_task: Some(Box::new(run)),
            ..wire::link::Event::default()
        };
        messages += world.agent.apply(world.now, Event::Link(Box::new(event))).messages.len();
        tasks.push(task);
    }
    assert_eq!(messages, 20, "twenty containers");
    let event = wire::link::Event {
        r#type: Some(wire::link::event::Type::Drain.into()),
        drain: Some(wire::link::Drain { generation: Some(1), ..wire::link::Drain::default() }),
        ..wire::link::Event::default()
    };
    let killed = |effects: agent::Effects| {
        effects.mutations.iter().filter(|one| matches!(one, agent::Mutation::SetTask(_))).count()
    };
    let mut slices = vec![killed(world.agent.apply(world.now, Event::Link(Box::new(event))))];
    while world.agent.next_wake() == Some(world.now.at) {
        slices.push(killed(world.agent.apply(world.now, Event::Woke)));
    }
    assert!(slices.iter().all(|slice| *slice <= 500), "{slices:?}");
    let killed: usize = slices.iter().sum();
    assert_eq!(killed, tasks.len());
    world.agent.check_thoroughly();
}
