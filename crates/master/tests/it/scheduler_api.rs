//! The scheduler API call by call: what each leads to at agents and at the scheduler (semantics of Mesos, §5.3).

use std::collections::BTreeMap;
use std::time::Duration;

use master::{Event, Message, RequestId, StreamId};
use model::{AgentId, Refusal};
use wire::link::event::Type as ToAgent;
use wire::scheduler::attribute_constraint::{Predicate, Selector, predicate};
use wire::scheduler::call::{self, Type};
use wire::scheduler::offer_constraints::{RoleConstraints, role_constraints::Group};
use wire::scheduler::{AttributeConstraint, OfferConstraints};
use wire::v1::FrameworkInfo;

use crate::service::{Service, in_role};
use crate::world::{World, framework, hello, plain_call};

fn agent_with(world: &mut World, port: i32, attributes: &str) -> AgentId {
    let mut hello = hello(port);
    let info = hello.agent_info.as_mut().unwrap();
    info.attributes = model::attributes::parse(attributes).unwrap();
    let link = world.hello(hello);
    world.registered(link)
}

fn only(role: &str, attribute: &str, regex: &str) -> OfferConstraints {
    let text_matches = Some(predicate::TextMatches { regex: regex.to_owned() });
    let constraint = AttributeConstraint {
        selector: Selector { attribute_name: Some(attribute.to_owned()), ..Selector::default() },
        predicate: Predicate { text_matches, ..Predicate::default() },
    };
    let groups = vec![Group { attribute_constraints: vec![constraint] }];
    let role_constraints = BTreeMap::from([(role.to_owned(), RoleConstraints { groups })]);
    OfferConstraints { role_constraints }
}

fn update(
    world: &mut World,
    service: &Service,
    info: FrameworkInfo,
    constraints: Option<OfferConstraints>,
) -> Result<(), Refusal> {
    let framework_info = FrameworkInfo { id: Some(service.id.to_wire()), ..info };
    let offer_constraints = constraints;
    let update = call::UpdateFramework { framework_info, offer_constraints, ..Default::default() };
    service.call(world, Type::UpdateFramework, |call| call.update_framework = Some(update.into()));
    let replies = world.messages.iter().filter_map(|message| {
        let Message::Reply { outcome, .. } = message else { return None };
        Some(outcome.clone())
    });
    let replies: Vec<_> = replies.collect();
    assert_eq!(replies.len(), 1);
    replies[0].clone()
}

fn offered(world: &World, service: &Service) -> Vec<String> {
    let offers = world.offers(service.stream);
    let mut agents: Vec<_> = offers.into_iter().map(|offer| offer.agent_id.value).collect();
    agents.sort();
    agents
}

/// An agent that does not meet a framework's constraints is not offered to it, and is once they are lifted.
#[test]
fn offer_constraints_keep_agents_from_a_framework() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let web = Some(only("web", "rack", "r[12]"));
    update(&mut world, &service, framework("a"), web.clone()).unwrap();
    let first = agent_with(&mut world, 5051, "rack:r1");
    assert_eq!(offered(&world, &service), [first.to_string()]);
    let second = agent_with(&mut world, 5052, "rack:r3");
    assert!(offered(&world, &service).is_empty());
    let shown = &world.master.view_frameworks().frameworks[0].offer_constraints;
    assert_eq!(*shown, web);

    update(&mut world, &service, framework("a"), None).unwrap();
    assert_eq!(offered(&world, &service), [second.to_string()]);
}

/// Constraints with a mistake are an ERROR to who subscribes and a 400 to who updates; nothing changes.
#[test]
fn bad_offer_constraints_are_refused() {
    let mut world = World::new();
    let (request, stream) = (RequestId(world.number()), StreamId(world.number()));
    let subscribe = call::Subscribe {
        framework_info: framework("a"),
        offer_constraints: Some(only("web", "rack", "(")),
        ..Default::default()
    };
    let subscribe = Box::new(subscribe);
    let (framework_id, principal) = (None, None);
    world.apply(Event::SchedulerSubscribe { request, stream, framework_id, subscribe, principal });
    let errors = world.to_scheduler(stream).into_iter().filter_map(|event| event.error);
    let errors: Vec<_> = errors.map(|error| error.message).collect();
    assert_eq!(errors.len(), 1);
    assert!(errors[0].contains("Failed to construct regex from pattern '('"), "{}", errors[0]);
    assert!(world.messages.contains(&Message::CloseScheduler { stream }));

    let service = Service::new(&mut world, "a");
    let other_role = Some(only("db", "rack", "r1"));
    let refusal = update(&mut world, &service, framework("a"), other_role).unwrap_err();
    assert!(refusal.text.starts_with("'UpdateFramework' call is not valid: "), "{}", refusal.text);
    let agent = agent_with(&mut world, 5051, "rack:r3");
    assert_eq!(offered(&world, &service), [agent.to_string()]);
}

/// What can't change can't be changed, and an update names its framework as the call does.
#[test]
fn update_framework_says_what_it_does_not_change() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    for (info, why) in [
        (
            FrameworkInfo { principal: Some("eve".into()), ..framework("a") },
            "FrameworkInfo update is not valid: Changing framework's principal is not allowed.",
        ),
        (
            FrameworkInfo { checkpoint: Some(true), ..framework("a") },
            "FrameworkInfo update is not valid: Updating 'FrameworkInfo.checkpoint' is unsupported; attempted to \
             update from 'false' to 'true'",
        ),
        (
            in_role("a", "/bad"),
            "Supplied FrameworkInfo is not valid: 'FrameworkInfo.roles' contains an invalid role: Role '/bad' \
             cannot start with a slash",
        ),
    ] {
        let refusal = update(&mut world, &service, info, None).unwrap_err();
        assert_eq!((refusal.status.code(), refusal.text.as_str()), (400, why));
    }
    let nameless = call::UpdateFramework { framework_info: framework("a"), ..Default::default() };
    service.call(&mut world, Type::UpdateFramework, |call| {
        call.update_framework = Some(Box::new(nameless));
    });
    assert!(world.messages.iter().any(|message| matches!(
        message,
        Message::Reply { outcome: Err(refusal), .. } if refusal.text.contains("'framework_id' differs")
    )));
    assert_eq!(world.master.view_frameworks().frameworks[0].framework_info.principal, None);
}

/// SUPPRESS and REVIVE are about the roles they name; one with a role of another is about nothing.
#[test]
fn suppress_and_revive_are_per_role() {
    let mut world = World::new();
    let roles = vec!["web".to_owned(), "db/backup".to_owned()];
    let service = Service::with(&mut world, FrameworkInfo { roles, ..framework("a") });
    let suppress = |roles: &[&str]| call::Suppress {
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
    };
    service.call(&mut world, Type::Suppress, |call| call.suppress = Some(suppress(&["web", "x"])));
    service.call(&mut world, Type::Suppress, |call| call.suppress = Some(suppress(&["web"])));
    world.agent(5051);
    let offers = world.offers(service.stream);
    assert_eq!(offers.len(), 1);
    assert_eq!(offers[0].allocation_info.as_ref().unwrap().role(), "db/backup");
    service.decline(&mut world, &offers, 3600.0);

    let revive = |roles: &[&str]| call::Revive {
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
    };
    service.call(&mut world, Type::Revive, |call| call.revive = Some(revive(&["web", "x"])));
    assert!(world.offers(service.stream).is_empty(), "nothing of such a call counts");
    service.call(&mut world, Type::Revive, |call| call.revive = Some(revive(&["web"])));
    let offers = world.offers(service.stream);
    assert_eq!(offers[0].allocation_info.as_ref().unwrap().role(), "web");
}

/// `UPDATE_FRAMEWORK` ends the filters of roles that it revives or leaves, and no others; operators hear of it if the
/// framework itself has changed.
#[test]
fn update_framework_ends_the_filters_of_roles_it_revives_or_leaves() {
    use wire::master::event::Type as ToOperator;
    let mut world = World::new();
    world.apply(Event::Watchers { count: 1 });
    let info = |roles: &[&str]| FrameworkInfo {
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        ..framework("a")
    };
    let service = Service::with(&mut world, info(&["web"]));
    world.agent(5051);
    let offers = world.offers(service.stream);
    service.decline(&mut world, &offers, 3600.0);
    let update = |world: &mut World, roles: &[&str], suppressed: &[&str]| {
        service.call(world, Type::UpdateFramework, |call| {
            let id = Some(service.id.to_wire());
            call.update_framework = Some(Box::new(call::UpdateFramework {
                framework_info: FrameworkInfo { id, ..info(roles) },
                suppressed_roles: suppressed.iter().map(|role| (*role).to_owned()).collect(),
                ..Default::default()
            }));
        });
        (world.offers(service.stream).len(), world.operator_events())
    };
    assert_eq!(update(&mut world, &["web"], &[]), (0, vec![]), "the filter holds");
    assert_eq!(update(&mut world, &["web"], &["web"]), (0, vec![]));
    assert_eq!(update(&mut world, &["web"], &[]), (1, vec![]), "revived");
    let offers = world.offers(service.stream);
    service.decline(&mut world, &offers, 3600.0);
    let changed = vec![ToOperator::FrameworkUpdated];
    assert_eq!(update(&mut world, &["db"], &["db"]), (0, changed.clone()));
    assert_eq!(update(&mut world, &["web"], &[]), (1, changed), "in the role anew");
}

/// Offers smaller than what a framework calls worth its while are not made to it.
#[test]
fn offer_filters_of_a_framework_hold_back_small_offers() {
    use wire::v1::offer_filters::{MinAllocatableResources, ResourceQuantities};
    let at_least = |cpus: f64| {
        let quantities = ResourceQuantities {
            quantities: BTreeMap::from([("cpus".into(), wire::v1::value::Scalar { value: cpus })]),
        };
        let minimum = MinAllocatableResources { quantities: vec![quantities] };
        let filters = wire::v1::OfferFilters { min_allocatable_resources: Some(minimum) };
        BTreeMap::from([("web".to_owned(), filters)])
    };
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let info = FrameworkInfo { offer_filters: at_least(5.0), ..framework("a") };
    update(&mut world, &service, info, None).unwrap();
    let (agent, _) = world.agent(5051);
    assert!(offered(&world, &service).is_empty());
    let info = FrameworkInfo { offer_filters: at_least(4.0), ..framework("a") };
    update(&mut world, &service, info, None).unwrap();
    assert_eq!(offered(&world, &service), [agent.to_string()]);
}

/// Messages pass between a scheduler and its executors both ways; what can't arrive is dropped, not an error.
#[test]
fn messages_pass_both_ways() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (agent, link) = world.agent(5051);
    let message = call::Message {
        agent_id: agent.to_wire(),
        executor_id: wire::v1::ExecutorId { value: "e".into() },
        data: b"to you"[..].into(),
    };
    service.call(&mut world, Type::Message, |call| call.message = Some(message.clone()));
    let sent = world.to_agent(link)[0].message.clone().unwrap();
    assert_eq!(sent.framework_id, Some(service.id.to_wire()));
    assert_eq!(
        (sent.executor_id, sent.data.as_deref()),
        (Some(message.executor_id.clone()), Some(&b"to you"[..]))
    );

    let mut call = plain_call(wire::link::call::Type::Message);
    call.message = Some(wire::link::FrameworkMessage {
        framework_id: Some(service.id.to_wire()),
        executor_id: Some(message.executor_id.clone()),
        data: Some(b"to me"[..].into()),
    });
    world.call(link, &agent, call.clone());
    let heard = world.to_scheduler(service.stream)[0].message.clone().unwrap();
    assert_eq!((heard.agent_id, heard.executor_id), (agent.to_wire(), message.executor_id.clone()));
    assert_eq!(&*heard.data, b"to me");

    world.apply(Event::SchedulerClosed { stream: service.stream });
    world.call(link, &agent, call);
    assert!(world.messages.is_empty() && world.notes.len() == 1, "{:?}", world.messages);
}

/// SHUTDOWN reaches the executor's agent, and the executor's exit the scheduler as a FAILURE.
#[test]
fn an_executor_is_shut_down_and_its_exit_is_a_failure_event() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (agent, link) = world.agent(5051);
    let executor_id = wire::v1::ExecutorId { value: "e".into() };
    let shutdown = call::Shutdown { executor_id: executor_id.clone(), agent_id: agent.to_wire() };
    service.call(&mut world, Type::Shutdown, |call| call.shutdown = Some(shutdown.clone()));
    assert_eq!(world.types_to_agent(link), [ToAgent::ShutdownExecutor]);
    let mut call = plain_call(wire::link::call::Type::ExitedExecutor);
    call.exited_executor = Some(wire::link::ExitedExecutor {
        framework_id: Some(service.id.to_wire()),
        executor_id: Some(executor_id.clone()),
        status: Some(9),
    });
    world.call(link, &agent, call);
    let failures = world.to_scheduler(service.stream).into_iter().filter_map(|event| event.failure);
    let failures: Vec<_> = failures.collect();
    assert_eq!(failures.len(), 1);
    assert_eq!(failures[0].agent_id, Some(agent.to_wire()));
    assert_eq!((failures[0].executor_id.clone(), failures[0].status), (Some(executor_id), Some(9)));

    // An agent that is lost is a failure of the agent alone, to everybody.
    let other = Service::with(&mut world, in_role("b", "db"));
    world.mark_gone(&agent).unwrap();
    for stream in [service.stream, other.stream] {
        let failures = world.to_scheduler(stream).into_iter().filter_map(|event| event.failure);
        let failures: Vec<_> = failures.map(|it| (it.agent_id, it.executor_id)).collect();
        assert_eq!(failures, [(Some(agent.to_wire()), None)]);
    }
    service.call(&mut world, Type::Shutdown, |call| call.shutdown = Some(shutdown));
    assert!(world.to_agent(link).is_empty());
}

/// The grace of a KILL goes with it to the agent, and again when the agent is back.
#[test]
fn a_kill_carries_its_own_grace() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    service.kill(&mut world, "t", None, Some(Duration::from_secs(7)));
    let nanoseconds = 7_000_000_000;
    let grace = wire::v1::DurationInfo { nanoseconds };
    let kill = world.to_agent(link)[0].kill_task.clone().unwrap();
    assert_eq!(kill.kill_policy.unwrap().grace_period, Some(grace));
    service.kill(&mut world, "t", Some(&AgentId::new("other")), None);
    assert!(world.to_agent(link).is_empty(), "a task is killed where it is, or not at all");
    service.kill(&mut world, "t", Some(&agent), None);
    assert_eq!(world.to_agent(link)[0].kill_task.clone().unwrap().kill_policy, None);
}

/// REQUEST is taken and comes to nothing, as in Mesos.
#[test]
fn a_request_is_accepted_and_changes_nothing() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    service.call(&mut world, Type::Request, |call| call.request = Some(call::Request::default()));
    assert!(matches!(world.messages.as_slice(), [Message::Reply { outcome: Ok(()), .. }]));
}
