//! Updates, acknowledgements, kills, and agents that are lost and come back.

use std::time::Duration;

use master::{Event, Note};
use model::TaskState;
use wire::link::event::Type as ToAgent;
use wire::v1::DrainState;
use wire::v1::task_status::Reason;

use crate::service::{Service, plain, reported};
use crate::world::{World, framework, hello, progress, with_id};

/// An update goes to the scheduler, its acknowledgement to the agent; with that of the terminal one the task is over
/// (§3.1).
#[test]
fn a_task_is_over_when_its_terminal_update_is_acknowledged() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    service.update(&mut world, link, &agent, "t", TaskState::TaskFinished, 2);
    let update = &world.updates(service.stream)[0];
    assert_eq!(update.uuid.as_deref(), Some([2; 16].as_slice()));
    assert_eq!(update.agent_id, Some(agent.to_wire()));

    let shown = world.master.view_tasks().tasks;
    assert_eq!(shown[0].state(), TaskState::TaskFinished);
    assert_eq!(shown[0].status_update_state(), TaskState::TaskFinished);
    assert_eq!(shown[0].statuses.len(), 2);
    assert!(world.listed(&agent).unwrap().allocated_resources.is_empty());

    service.acknowledge(&mut world, &agent, "t", 9);
    assert_eq!(
        world.master.view_tasks().tasks.len(),
        1,
        "another UUID acknowledges something else"
    );
    service.acknowledge(&mut world, &agent, "t", 2);
    assert_eq!(world.types_to_agent(link), [ToAgent::AcknowledgeStatus]);
    let shown = world.master.view_tasks();
    assert!(shown.tasks.is_empty());
    assert_eq!(shown.completed_tasks[0].state(), TaskState::TaskFinished);
    service.acknowledge(&mut world, &agent, "t", 2);
    assert_eq!(world.types_to_agent(link), [ToAgent::AcknowledgeStatus], "passed on once more");
}

/// Repeated and late updates change nothing that is settled, and are passed on all the same (§8.5 item 15).
#[test]
fn duplicate_and_reordered_updates_are_harmless() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    service.update(&mut world, link, &agent, "t", TaskState::TaskKilled, 3);
    for (state, number) in [(TaskState::TaskKilled, 3), (TaskState::TaskRunning, 1)] {
        service.update(&mut world, link, &agent, "t", state, number);
        assert_eq!(world.update_states(service.stream), [state]);
        assert_eq!(world.master.view_tasks().tasks[0].state(), TaskState::TaskKilled);
    }
    service.update(&mut world, link, &agent, "t", TaskState::TaskKilled, 3);
    service.acknowledge(&mut world, &agent, "t", 3);
    assert!(world.master.view_tasks().tasks.is_empty());
    service.update(&mut world, link, &agent, "t", TaskState::TaskKilled, 3);
    assert_eq!(world.update_states(service.stream), [TaskState::TaskKilled]);
    assert!(world.master.view_tasks().tasks.is_empty(), "what is over stays over");
}

/// A drain waits for the acknowledgement of a scheduler that is away, and ends when it is back (§8.5 item 6).
#[test]
fn a_drain_waits_for_an_absent_scheduler_and_ends_with_its_acknowledgement() {
    let mut world = World::new();
    let mut service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    world.drain(&agent).unwrap();
    world.apply(Event::SchedulerClosed { stream: service.stream });
    service.update(&mut world, link, &agent, "t", TaskState::TaskKilled, 2);
    assert!(world.updates(service.stream).is_empty());
    world.call(link, &agent, progress(1, false));
    assert_eq!(world.drain_state(&agent), Some(DrainState::Draining));
    world.messages.clear();
    service.back(&mut world);
    // That lets the agent repeat at once what is not acknowledged.
    assert!(world.types_to_agent(link).contains(&wire::link::event::Type::UpdateFramework));
    service.update(&mut world, link, &agent, "t", TaskState::TaskKilled, 2);
    service.acknowledge(&mut world, &agent, "t", 2);
    assert_eq!(
        world.drain_state(&agent),
        Some(DrainState::Draining),
        "the agent has the last word"
    );
    world.call(link, &agent, progress(1, true));
    assert_eq!(world.drain_state(&agent), Some(DrainState::Drained));
}

/// An acknowledgement while the agent is away is lost without harm: the agent's repetition on return is acknowledged
/// again, at once (D35).
#[test]
fn d35_a_lost_acknowledgement_costs_no_more_than_the_reconnect() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    world.drain(&agent).unwrap();
    service.update(&mut world, link, &agent, "t", TaskState::TaskKilled, 2);
    world.close(link);
    service.acknowledge(&mut world, &agent, "t", 2);
    assert!(world.messages.iter().all(|message| !matches!(message, master::Message::Agent { .. })));
    let mut back = with_id(hello(5051), &agent);
    back.tasks = vec![reported(&service, &agent, "t", TaskState::TaskKilled)];
    let link = world.hello(back);
    service.update(&mut world, link, &agent, "t", TaskState::TaskKilled, 2);
    service.acknowledge(&mut world, &agent, "t", 2);
    world.call(link, &agent, progress(1, true));
    assert_eq!(world.drain_state(&agent), Some(DrainState::Drained));
}

/// KILL goes to the agent, again when the agent comes back, with its policy; of unknown tasks it asks what is known.
#[test]
fn a_kill_is_repeated_when_the_agent_is_back() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    world.close(link);
    let grace = Some(Duration::from_secs(3));
    service.kill(&mut world, "t", Some(&agent), grace);
    let mut back = with_id(hello(5051), &agent);
    back.tasks = vec![reported(&service, &agent, "t", TaskState::TaskRunning)];
    let link = world.hello(back);
    let kill = world.to_agent(link).into_iter().find_map(|event| event.kill_task).unwrap();
    assert_eq!(kill.kill_policy.unwrap().grace_period.unwrap().nanoseconds, 3_000_000_000);

    service.kill(&mut world, "t", Some(&model::AgentId::new("other")), None);
    assert!(world.to_agent(link).is_empty());
    service.kill(&mut world, "nope", None, None);
    assert_eq!(world.update_states(service.stream), [TaskState::TaskUnknown]);
}

/// Tasks of an agent that is given up are unreachable; when it returns they are what they were, and those it has
/// lost are gone.
#[test]
fn tasks_come_back_with_their_agent() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "kept");
    world.after(Duration::from_secs(5));
    service.run(&mut world, link, "lost");
    world.close(link);
    world.after(Duration::from_mins(10));
    assert_eq!(world.update_states(service.stream), [TaskState::TaskUnreachable; 2]);
    assert!(world.updates(service.stream).iter().all(|it| it.unreachable_time.is_some()));
    assert_eq!(world.master.view_tasks().unreachable_tasks.len(), 2);

    let mut back = with_id(hello(5051), &agent);
    back.tasks = vec![reported(&service, &agent, "kept", TaskState::TaskRunning)];
    world.hello(back);
    let updates = world.updates(service.stream);
    assert!(updates.iter().all(|update| update.reason() == Reason::AgentReregistered));
    assert_eq!(world.update_states(service.stream), [TaskState::TaskRunning, TaskState::TaskGone]);
    let shown = world.master.view_tasks();
    assert_eq!((shown.tasks.len(), shown.unreachable_tasks.len()), (1, 0));
    assert_eq!(shown.completed_tasks[0].task_id.value, "lost");
}

/// Tasks the agent does not report are asked for, and held until it answers.
#[test]
fn tasks_missing_in_a_report_are_asked_for() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    world.close(link);
    let link = world.rehello(5051, &agent);
    let asked = world.to_agent(link).into_iter().find_map(|event| event.reconcile_tasks).unwrap();
    assert_eq!(asked.tasks.len(), 1);
    assert_eq!(world.master.view_tasks().tasks.len(), 1);
    service.update(&mut world, link, &agent, "t", TaskState::TaskDropped, 4);
    service.acknowledge(&mut world, &agent, "t", 4);
    assert!(world.master.view_tasks().tasks.is_empty());
}

/// Tasks of an agent marked gone are filed as completed, whatever their framework understands (D22); those that were
/// unreachable too.
#[test]
fn d22_tasks_of_a_gone_agent_are_completed() {
    for unreachable_first in [false, true] {
        for aware in [true, false] {
            let mut world = World::new();
            let info = if aware { framework("a") } else { plain("a") };
            let service = Service::with(&mut world, info);
            let (_, link) = world.agent(5051);
            let agent = service.run(&mut world, link, "t");
            if unreachable_first {
                world.close(link);
                world.after(Duration::from_mins(10));
            }
            world.mark_gone(&agent).unwrap();
            let (state, reason) = if aware {
                (TaskState::TaskGoneByOperator, Reason::AgentRemovedByOperator)
            } else {
                (TaskState::TaskLost, Reason::AgentRemoved)
            };
            assert_eq!(world.update_states(service.stream), [state]);
            assert_eq!(world.updates(service.stream)[0].reason(), reason);
            let shown = world.master.view_tasks();
            assert!(shown.tasks.is_empty() && shown.unreachable_tasks.is_empty());
            assert_eq!(shown.completed_tasks[0].state(), state);
            let failures = world.to_scheduler(service.stream);
            assert!(failures.iter().any(|event| event.failure.is_some()));
        }
    }
}

/// Frameworks without `PARTITION_AWARE` are never told states they don't know.
#[test]
fn partition_unaware_frameworks_are_told_lost() {
    let mut world = World::new();
    let service = Service::with(&mut world, plain("a"));
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    service.update(&mut world, link, &agent, "t", TaskState::TaskGoneByOperator, 2);
    assert_eq!(world.update_states(service.stream), [TaskState::TaskLost]);
    service.acknowledge(&mut world, &agent, "t", 2);
    assert!(world.master.view_tasks().tasks.is_empty());
}

/// An agent that reports a task or an executor twice is charged for it once.
#[test]
fn what_an_agent_reports_twice_counts_once() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    let mut back = with_id(hello(5051), &agent);
    back.tasks = vec![reported(&service, &agent, "t", TaskState::TaskRunning); 2];
    let executor = wire::link::ExecutorReport {
        framework_id: Some(service.id.to_wire()),
        executor_info: Some(crate::service::default_executor("e")),
        generated: Some(false),
    };
    back.executors = vec![executor; 2];
    let link = world.hello(back);
    service.update(&mut world, link, &agent, "t", TaskState::TaskFinished, 2);
    let exited = wire::link::ExitedExecutor {
        framework_id: Some(service.id.to_wire()),
        executor_id: Some(wire::v1::ExecutorId { value: "e".to_owned() }),
        status: Some(0),
    };
    let mut call = crate::world::plain_call(wire::link::call::Type::ExitedExecutor);
    call.exited_executor = Some(exited);
    world.call(link, &agent, call);
    assert!(world.listed(&agent).unwrap().allocated_resources.is_empty());
    assert!(world.master.view_frameworks().frameworks[0].allocated_resources.is_empty());
}

fn ports() -> wire::v1::Resource {
    wire::v1::Resource {
        name: "ports".to_owned(),
        r#type: wire::v1::value::Type::Ranges as i32,
        ranges: Some(wire::v1::value::Ranges {
            range: vec![wire::v1::value::Range { begin: 31_000, end: 31_001 }],
        }),
        ..Default::default()
    }
}

/// An agent that says that two tasks have the same ports is no reason for the master to end.
#[test]
fn what_two_tasks_have_by_the_word_of_their_agent_is_released_once() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (agent, _) = world.agent(5051);
    let mut back = with_id(hello(5051), &agent);
    for id in ["t1", "t2"] {
        let mut task = reported(&service, &agent, id, TaskState::TaskRunning);
        task.resources.push(ports());
        back.tasks.push(task);
    }
    let link = world.hello(back);
    for id in ["t1", "t2"] {
        service.update(&mut world, link, &agent, id, TaskState::TaskFinished, 1);
    }
    assert!(world.listed(&agent).unwrap().allocated_resources.is_empty());
}

/// Tasks of one framework hold the same ports on different agents, each until it ends.
#[test]
fn the_same_ports_are_held_on_several_agents() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let mut running = Vec::new();
    for port in [5051, 5052] {
        let mut hello = hello(port);
        let info = hello.agent_info.as_mut().unwrap();
        info.resources.push(ports());
        let link = world.hello(hello);
        let offers = world.offers(service.stream);
        let agent = model::AgentId::from(&offers[0].agent_id);
        let mut task = crate::service::task_info(&port.to_string(), &agent);
        task.resources.push(ports());
        service.accept(&mut world, &offers, vec![crate::service::launch([task])]);
        running.push((link, agent, port.to_string()));
    }
    let used =
        |world: &World| world.master.view_frameworks().frameworks[0].allocated_resources.clone();
    assert_eq!(used(&world).iter().filter(|resource| resource.name == "ports").count(), 1);
    for (link, agent, task) in &running {
        service.update(&mut world, *link, agent, task, TaskState::TaskFinished, 1);
    }
    assert!(used(&world).is_empty());
}

/// After a master failover the next master learns tasks and frameworks from the agents.
#[test]
fn tasks_are_learnt_from_agents_after_a_failover() {
    let mut world = World::new();
    let mut service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    world.failover();
    let mut back = with_id(hello(5051), &agent);
    back.tasks = vec![reported(&service, &agent, "t", TaskState::TaskRunning)];
    let elsewhere = wire::v1::FrameworkInfo {
        id: Some(wire::v1::FrameworkId { value: "m0-0003".to_owned() }),
        ..framework("unheard of")
    };
    back.frameworks = vec![elsewhere];
    world.hello(back);
    assert_eq!(world.master.view_tasks().tasks.len(), 1);
    assert_eq!(world.master.view_frameworks().frameworks.len(), 2);
    service.back(&mut world);
    service.reconcile(&mut world, &[]);
    assert_eq!(world.update_states(service.stream), [TaskState::TaskRunning]);
    let gauges = world.master.view_gauges();
    assert_eq!((gauges.frameworks_connected, gauges.frameworks_recovered), (1, 1));
}

/// The end of a task is noted once, however it came and however often it is told, for whoever counts.
#[test]
fn the_end_of_a_task_is_noted_once() {
    let ends = |world: &World| -> Vec<TaskState> {
        let state = |note: &Note| {
            if let Note::TaskEnded { state } = note { Some(*state) } else { None }
        };
        world.notes.iter().filter_map(state).collect()
    };
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    assert_eq!(ends(&world), []);
    service.update(&mut world, link, &agent, "t", TaskState::TaskFailed, 2);
    assert_eq!(ends(&world), [TaskState::TaskFailed]);
    service.update(&mut world, link, &agent, "t", TaskState::TaskFailed, 2);
    assert_eq!(ends(&world), [], "told again");

    let offer = wire::v1::Offer {
        id: wire::v1::OfferId { value: "gone".into() },
        ..wire::v1::Offer::default()
    };
    let launch = crate::service::launch([crate::service::task_info("late", &agent)]);
    service.accept(&mut world, &[offer], vec![launch]);
    assert_eq!(ends(&world), [TaskState::TaskDropped], "a launch with an offer that is gone");

    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    service.run(&mut world, link, "t");
    service.call(&mut world, wire::scheduler::call::Type::Teardown, |_| ());
    assert_eq!(ends(&world), [TaskState::TaskKilled], "its framework is over");

    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    world.close(link);
    let mut back = with_id(hello(5051), &agent);
    back.tasks = vec![reported(&service, &agent, "t", TaskState::TaskFailed)];
    let link = world.hello(back);
    assert_eq!(ends(&world), [TaskState::TaskFailed], "while its agent was away");
    service.update(&mut world, link, &agent, "t", TaskState::TaskFailed, 2);
    assert_eq!(ends(&world), [], "told again by the update");
}

/// Operators hear of tasks that are added and that change.
#[test]
fn operators_hear_of_tasks() {
    use wire::master::event::Type as ToOperator;
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    world.apply(Event::Watchers { count: 1 });
    world.after(Duration::from_secs(1));
    service.call(&mut world, wire::scheduler::call::Type::Revive, |_| ());
    let offers = world.master.view_frameworks().frameworks[0].offers.clone();
    let agent = model::AgentId::from(&offers[0].agent_id);
    let launch = crate::service::launch([crate::service::task_info("t", &agent)]);
    service.accept(&mut world, &offers, vec![launch]);
    assert_eq!(world.operator_events(), [ToOperator::TaskAdded]);
    service.update(&mut world, link, &agent, "t", TaskState::TaskRunning, 1);
    assert_eq!(world.operator_events(), [ToOperator::TaskUpdated]);
    service.update(&mut world, link, &agent, "t", TaskState::TaskRunning, 1);
    assert!(world.operator_events().is_empty(), "a repetition is no news");
}
