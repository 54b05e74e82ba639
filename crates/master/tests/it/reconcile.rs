//! What schedulers are told when they ask.

use std::time::Duration;

use model::{AgentId, TaskState};
use wire::scheduler::call::{self, Type};
use wire::v1::task_status::Reason;

use crate::service::{Service, plain};
use crate::world::World;

/// Each case of explicit reconciliation has its answer (§3.5).
#[test]
fn every_case_of_explicit_reconciliation_has_its_answer() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let here = service.run(&mut world, link, "known");
    let (away, link) = world.agent(5052);
    world.close(link);
    world.after(Duration::from_secs(5));
    let (gone, _) = world.agent(5053);
    world.mark_gone(&gone).unwrap();
    let nowhere = AgentId::new("nowhere");
    let cases = [
        ("known", None, TaskState::TaskRunning),
        ("x", Some(&here), TaskState::TaskGone),
        ("x", Some(&away), TaskState::TaskGone),
        ("x", Some(&gone), TaskState::TaskGoneByOperator),
        ("x", Some(&nowhere), TaskState::TaskUnknown),
        ("x", None, TaskState::TaskUnknown),
    ];
    for (task, agent, state) in cases {
        service.reconcile(&mut world, &[(task, agent)]);
        assert_eq!(world.update_states(service.stream), [state], "{task} on {agent:?}");
        let update = &world.updates(service.stream)[0];
        assert_eq!((update.reason(), &update.uuid), (Reason::Reconciliation, &None));
    }
    let plain = Service::with(&mut world, plain("b"));
    plain.reconcile(&mut world, &[("x", Some(&here)), ("x", Some(&gone)), ("x", None)]);
    assert_eq!(world.update_states(plain.stream), [TaskState::TaskLost; 3]);
}

/// Unreachable tasks are said to be so, with and without the agent's id.
#[test]
fn unreachable_tasks_are_said_to_be_unreachable() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    world.close(link);
    world.after(Duration::from_mins(10));
    service.reconcile(&mut world, &[("t", None), ("t", Some(&agent))]);
    assert_eq!(world.update_states(service.stream), [TaskState::TaskUnreachable; 2]);
    assert!(world.updates(service.stream).iter().all(|it| it.unreachable_time.is_some()));
}

/// Nothing is said of tasks on agents that may still come back after a failover; an agent marked gone meanwhile is not
/// waited for (D16).
#[test]
fn d16_recovered_agents_are_waited_for_until_they_are_gone() {
    let mut world = World::new();
    let mut service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    world.failover();
    service.back(&mut world);
    service.reconcile(&mut world, &[("t", Some(&agent)), ("t", None)]);
    assert!(world.updates(service.stream).is_empty());
    world.mark_gone(&agent).unwrap();
    service.reconcile(&mut world, &[("t", Some(&agent)), ("t", None)]);
    let told = [TaskState::TaskGoneByOperator, TaskState::TaskUnknown];
    assert_eq!(world.update_states(service.stream), told);
}

/// Operations nobody knows are answered as such.
#[test]
fn unknown_operations_are_answered() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    service.call(&mut world, Type::ReconcileOperations, |call| {
        let operation = call::reconcile_operations::Operation {
            operation_id: wire::v1::OperationId { value: "op".to_owned() },
            agent_id: None,
            resource_provider_id: None,
        };
        let operations = vec![operation];
        call.reconcile_operations = Some(call::ReconcileOperations { operations });
    });
    let events = world.to_scheduler(service.stream);
    let status = &events[0].update_operation_status.as_ref().unwrap().status;
    assert_eq!(status.state(), wire::v1::OperationState::OperationUnknown);
    assert_eq!(status.uuid, None);
}
