//! Maintenance: schedules, machines that are down, and inverse offers.

use std::time::Duration;

use master::{Event, Message};
use model::{AgentId, Refusal};
use wire::allocator::{InverseOfferStatus, inverse_offer_status::Status as Answer};
use wire::link::event::Type as ToAgent;
use wire::maintenance::{Schedule, Window};
use wire::scheduler::call::{self, Type};
use wire::scheduler::event::Type as ToScheduler;
use wire::v1::{DrainState, DurationInfo, InverseOffer, MachineId, TimeInfo, Unavailability};

use crate::service::Service;
use crate::world::{World, framework, grace, hello, progress};

const IP: &str = "10.0.0.1";

fn machine(hostname: &str, ip: &str) -> MachineId {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    MachineId { hostname: some(hostname), ip: some(ip) }
}

/// That of all agents here.
fn host() -> MachineId {
    machine("host", IP)
}

fn at(seconds: i64) -> Unavailability {
    let start = TimeInfo { nanoseconds: seconds * 1_000_000_000 };
    Unavailability { start, duration: Some(DurationInfo { nanoseconds: 3_600_000_000_000 }) }
}

fn window(machine_ids: Vec<MachineId>, unavailability: Unavailability) -> Window {
    Window { machine_ids, unavailability }
}

fn schedule(world: &mut World, windows: Vec<Window>) -> Result<(), Refusal> {
    let schedule = Box::new(Schedule { windows });
    world.operate(|request| Event::UpdateMaintenance { request, schedule })
}

fn start(world: &mut World, machines: Vec<MachineId>) -> Result<(), Refusal> {
    world.operate(|request| Event::StartMaintenance { request, machines })
}

fn stop(world: &mut World, machines: Vec<MachineId>) -> Result<(), Refusal> {
    world.operate(|request| Event::StopMaintenance { request, machines })
}

fn asked(world: &World, service: &Service) -> Vec<InverseOffer> {
    let events = world.to_scheduler(service.stream).into_iter();
    events.filter_map(|event| event.inverse_offers).flat_map(|it| it.inverse_offers).collect()
}

fn types(world: &World, service: &Service) -> Vec<ToScheduler> {
    world.to_scheduler(service.stream).iter().map(wire::scheduler::Event::r#type).collect()
}

fn answer(world: &mut World, service: &Service, offer: &InverseOffer, accept: bool, again: f64) {
    let inverse_offer_ids = vec![offer.id.clone()];
    let filters = Some(wire::v1::Filters { refuse_seconds: Some(again) });
    if accept {
        service.call(world, Type::AcceptInverseOffers, |call| {
            call.accept_inverse_offers =
                Some(call::AcceptInverseOffers { inverse_offer_ids, filters });
        });
    } else {
        service.call(world, Type::DeclineInverseOffers, |call| {
            call.decline_inverse_offers =
                Some(call::DeclineInverseOffers { inverse_offer_ids, filters });
        });
    }
}

fn statuses(world: &World) -> Vec<InverseOfferStatus> {
    let status = world.master.view_maintenance_status().status;
    status.draining_machines.into_iter().flat_map(|machine| machine.statuses).collect()
}

/// A running task on one agent, and 10,000 s until maintenance.
fn scheduled() -> (World, Service, AgentId, master::LinkId) {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (_, link) = world.agent(5051);
    let agent = service.run(&mut world, link, "t");
    schedule(&mut world, vec![window(vec![host()], at(10_000))]).unwrap();
    (world, service, agent, link)
}

/// A schedule is announced: offers that are out are taken back and come again with it, whoever holds something is
/// asked to give it back, and nothing drains.
#[test]
fn a_schedule_is_announced_and_drains_nothing() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (agent, link) = world.agent(5051);
    assert_eq!(world.offers(service.stream)[0].unavailability, None);
    schedule(&mut world, vec![window(vec![host()], at(10_000))]).unwrap();
    let told = [ToScheduler::Rescind, ToScheduler::Offers, ToScheduler::InverseOffers];
    assert_eq!(types(&world, &service), told);
    assert_eq!(world.offers(service.stream)[0].unavailability, Some(at(10_000)));
    let asked = &asked(&world, &service)[0];
    assert_eq!(asked.agent_id, Some(agent.to_wire()));
    assert_eq!(
        (asked.framework_id.clone(), asked.unavailability),
        (service.id.to_wire(), at(10_000))
    );
    assert!(asked.resources.is_empty() && asked.url.is_some());
    let shown = &world.master.view_frameworks().frameworks[0].inverse_offers;
    assert_eq!(shown.as_slice(), std::slice::from_ref(asked));
    assert!(world.to_agent(link).is_empty());
    assert_eq!(world.drain_state(&agent), None);

    let status = world.master.view_maintenance_status().status;
    assert_eq!(status.draining_machines[0].id, host());
    assert!(status.down_machines.is_empty());
    schedule(&mut world, vec![]).unwrap();
    let told = [ToScheduler::Rescind, ToScheduler::RescindInverseOffer, ToScheduler::Offers];
    assert_eq!(types(&world, &service), told);
    assert_eq!(world.master.view_maintenance_schedule().schedule, Schedule::default());
}

/// Answers are shown, and who answered is asked again when the time it named is over.
#[test]
fn answers_to_inverse_offers_are_shown_and_hold_for_a_while() {
    let (mut world, service, _, _) = scheduled();
    let first = asked(&world, &service).remove(0);
    answer(&mut world, &service, &first, false, 60.0);
    let told = statuses(&world);
    assert_eq!((told[0].status(), &told[0].framework_id), (Answer::Decline, &service.id.to_wire()));
    world.after(Duration::from_secs(59));
    assert!(asked(&world, &service).is_empty());
    world.after(Duration::from_secs(1));
    let second = asked(&world, &service).remove(0);
    assert_ne!(second.id, first.id);
    answer(&mut world, &service, &second, true, 3600.0);
    let told = statuses(&world);
    assert_eq!((told.len(), told[0].status()), (1, Answer::Accept));

    // An answer to what is out no more says nothing, and another window is another question.
    answer(&mut world, &service, &second, false, 3600.0);
    assert_eq!(statuses(&world)[0].status(), Answer::Accept);
    schedule(&mut world, vec![window(vec![host()], at(20_000))]).unwrap();
    assert!(statuses(&world).is_empty());
    assert_eq!(asked(&world, &service)[0].unavailability, at(20_000));
    let other = Service::new(&mut world, "b");
    let theirs = world.master.view_frameworks().frameworks[0].inverse_offers[0].clone();
    answer(&mut world, &other, &theirs, true, 0.0);
    assert!(statuses(&world).is_empty(), "nobody answers for another");
}

/// REVIVE and `UPDATE_FRAMEWORK` end what was answered for a while, in whatever role; so does a scheduler that goes.
#[test]
fn what_was_answered_for_a_while_ends_with_a_revival() {
    let (mut world, service, _, _) = scheduled();
    let decline = |world: &mut World, service: &Service| {
        let asked = asked(world, service);
        assert_eq!(asked.len(), 1);
        answer(world, service, &asked[0], false, 3600.0);
        world.after(Duration::from_secs(1));
        assert!(self::asked(world, service).is_empty());
    };
    decline(&mut world, &service);
    service.call(&mut world, Type::Revive, |_| ());
    decline(&mut world, &service);
    let id = Some(service.id.to_wire());
    let info = || wire::v1::FrameworkInfo { id: id.clone(), ..framework("a") };
    service.call(&mut world, Type::UpdateFramework, |call| {
        let update = call::UpdateFramework { framework_info: info(), ..Default::default() };
        call.update_framework = Some(Box::new(update));
    });
    decline(&mut world, &service);
    let (id, stream) = world.subscribe(info());
    decline(&mut world, &Service { id, stream });
}

/// D38: an agent out of service gets no inverse offers and what was out is rescinded; back in service, whoever holds
/// something there is asked anew.
#[test]
fn d38_inverse_offers_follow_the_agent_out_of_service_and_back() {
    let (mut world, service, agent, link) = scheduled();
    assert_eq!(asked(&world, &service).len(), 1);
    world.deactivate(&agent).unwrap();
    assert!(types(&world, &service).contains(&ToScheduler::RescindInverseOffer));
    assert!(world.master.view_frameworks().frameworks[0].inverse_offers.is_empty());
    world.after(Duration::from_secs(1));
    assert!(asked(&world, &service).is_empty());
    world.reactivate(&agent).unwrap();
    let back = asked(&world, &service);
    assert_eq!(back.len(), 1, "Mesos believes one outstanding for ever");

    world.close(link);
    assert!(types(&world, &service).contains(&ToScheduler::RescindInverseOffer));
    let mut hello = crate::world::with_id(hello(5051), &agent);
    let running = wire::v1::TaskState::TaskRunning;
    hello.tasks = vec![crate::service::reported(&service, &agent, "t", running)];
    world.hello(hello);
    assert_eq!(asked(&world, &service).len(), 1, "and so does a disconnect");
}

/// A scheduler that comes back is asked again; one that is over leaves nothing behind.
#[test]
fn inverse_offers_follow_the_scheduler() {
    let (mut world, mut service, _, _) = scheduled();
    assert_eq!(asked(&world, &service).len(), 1);
    world.apply(Event::SchedulerClosed { stream: service.stream });
    assert!(world.messages.iter().all(|message| !matches!(message, Message::Scheduler { .. })));
    service.back(&mut world);
    let again = asked(&world, &service).remove(0);
    answer(&mut world, &service, &again, true, 5.0);
    assert_eq!(statuses(&world).len(), 1);
    world.teardown(&service.id).unwrap();
    assert!(statuses(&world).is_empty());
}

/// A machine that goes down has its agents drained with every task's own grace; up again, they are in service, and a
/// failover at any time changes none of it.
#[test]
fn a_machine_that_is_down_is_drained_and_one_that_is_up_is_back() {
    let (mut world, service, agent, link) = scheduled();
    start(&mut world, vec![host()]).unwrap();
    assert_eq!(world.types_to_agent(link), [ToAgent::Drain]);
    assert_eq!(world.drain_state(&agent), Some(DrainState::Draining));
    let drain = world.listed(&agent).unwrap().drain_status.unwrap();
    assert_eq!(drain.reason.as_deref(), Some("machine host (10.0.0.1) is down for maintenance"));
    assert_eq!(drain.config.unwrap().max_grace_period, None);
    assert!(types(&world, &service).contains(&ToScheduler::RescindInverseOffer));
    let status = world.master.view_maintenance_status().status;
    assert_eq!((status.down_machines, status.draining_machines), (vec![host()], vec![]));

    // The bound of its drain can still be tightened by hand.
    world.drain_with(&agent, grace(5)).unwrap();
    service.update(&mut world, link, &agent, "t", wire::v1::TaskState::TaskKilled, 2);
    service.acknowledge(&mut world, &agent, "t", 2);
    world.call(link, &agent, progress(1, true));
    assert_eq!(world.drain_state(&agent), Some(DrainState::Drained));
    let refusal = world.reactivate(&agent).unwrap_err();
    assert_eq!(refusal.status.code(), 409);
    assert!(refusal.text.contains("STOP_MAINTENANCE"), "{}", refusal.text);

    world.failover();
    let service = Service::with(&mut world, framework("b"));
    let link = world.rehello(5051, &agent);
    world.call(link, &agent, progress(1, true));
    assert!(world.offers(service.stream).is_empty());
    stop(&mut world, vec![host()]).unwrap();
    assert_eq!(world.types_to_agent(link), [ToAgent::Reactivate]);
    assert_eq!(world.drain_state(&agent), None);
    assert_eq!(world.offers(service.stream).len(), 1);
    assert_eq!(world.master.view_maintenance_schedule().schedule, Schedule::default());
}

/// A machine that is up before its agents were empty has them back as soon as they are; one that an operator
/// drained by hand stays drained.
#[test]
fn a_drain_for_maintenance_ends_by_itself_and_one_by_hand_does_not() {
    let (mut world, _, agent, link) = scheduled();
    start(&mut world, vec![host()]).unwrap();
    stop(&mut world, vec![host()]).unwrap();
    assert_eq!(world.drain_state(&agent), Some(DrainState::Draining));
    world.failover();
    let link = {
        world.close(link);
        world.rehello(5051, &agent)
    };
    world.call(link, &agent, progress(1, true));
    assert_eq!(world.drain_state(&agent), None, "finished, and nothing keeps it");

    world.drain(&agent).unwrap();
    world.call(link, &agent, progress(2, true));
    schedule(&mut world, vec![window(vec![host()], at(10_000))]).unwrap();
    start(&mut world, vec![host()]).unwrap();
    stop(&mut world, vec![host()]).unwrap();
    assert_eq!(world.drain_state(&agent), Some(DrainState::Drained));
}

/// Who asks for an agent to be out of service while it drains for maintenance is answered that it is, and then it stays
/// so when the maintenance is over. In a schedule, the drain is the maintenance's alone.
#[test]
fn what_is_asked_by_hand_outlives_a_drain_for_maintenance() {
    let (mut world, _, agent, link) = scheduled();
    start(&mut world, vec![host()]).unwrap();
    world.deactivate(&agent).unwrap();
    stop(&mut world, vec![host()]).unwrap();
    world.failover();
    world.close(link);
    let link = world.rehello(5051, &agent);
    world.call(link, &agent, progress(1, true));
    assert_eq!(world.drain_state(&agent), None);
    assert!(world.listed(&agent).unwrap().deactivation.is_some());
    world.reactivate(&agent).unwrap();

    schedule(&mut world, vec![window(vec![host()], at(20_000))]).unwrap();
    start(&mut world, vec![host()]).unwrap();
    stop(&mut world, vec![host()]).unwrap();
    assert_eq!(world.drain_state(&agent), Some(DrainState::Draining));
    world.drain(&agent).unwrap();
    world.call(link, &agent, progress(2, true));
    assert_eq!(world.drain_state(&agent), Some(DrainState::Drained), "it was asked for by hand");
    world.failover();
    assert_eq!(world.record(&agent).unwrap().drain.unwrap().for_maintenance, None);
}

/// An agent that comes to a machine that is down is drained from its first moment, whether the master knew it or not.
#[test]
fn an_agent_that_comes_to_a_machine_that_is_down_is_not_offered() {
    let mut world = World::new();
    let service = Service::new(&mut world, "a");
    let (known, link) = world.agent(5051);
    world.close(link);
    // By its name alone, all agents of the host are meant.
    let by_name = machine("host", "");
    schedule(&mut world, vec![window(vec![by_name.clone()], at(0))]).unwrap();
    start(&mut world, vec![by_name]).unwrap();
    let link = world.rehello(5051, &known);
    assert!(world.types_to_agent(link).contains(&ToAgent::Drain));
    let (new, link) = world.agent(5052);
    assert_eq!(world.types_to_agent(link), [ToAgent::Registered, ToAgent::Drain]);
    assert!(world.offers(service.stream).is_empty());
    for id in [known, new] {
        assert_eq!(world.drain_state(&id), Some(DrainState::Draining));
    }
}

/// A drain by hand and a schedule don't mix: an agent of a scheduled machine is drained by starting its maintenance.
#[test]
fn an_agent_of_a_scheduled_machine_is_not_drained_by_hand() {
    let (mut world, _, agent, _) = scheduled();
    let refusal = world.drain(&agent).unwrap_err();
    assert_eq!(refusal.status.code(), 400);
    let mesos =
        format!("Agent {agent} is part of a maintenance schedule under Machine host (10.0.0.1)");
    assert!(refusal.text.starts_with(&mesos), "{}", refusal.text);
    assert_eq!(world.drain_state(&agent), None);
    world.mark_gone(&agent).unwrap();
}

/// What makes no sense is refused with Mesos' words and changes nothing.
#[test]
fn senseless_maintenance_is_refused() {
    let (mut world, _, _, _) = scheduled();
    let before = world.master.view_maintenance_schedule();
    let negative = Unavailability { duration: Some(DurationInfo { nanoseconds: -1 }), ..at(1) };
    let json = r#"{"hostname":"host","ip":"10.0.0.1"}"#;
    for (windows, text) in [
        (vec![window(vec![], at(1))], "List of machines in the maintenance window is empty".into()),
        (vec![window(vec![host()], negative)], "Unavailability 'duration' is negative".into()),
        (
            vec![window(vec![host()], at(1)), window(vec![host()], at(2))],
            format!("Machine '{json}' appears more than once in the schedule"),
        ),
        (
            vec![window(vec![machine("", "")], at(1))],
            "Both 'hostname' and 'ip' for a machine are empty".into(),
        ),
        (
            vec![window(vec![machine("", "10.0.0")], at(1))],
            "Failed to parse the IP '10.0.0'".into(),
        ),
    ] {
        let refusal = schedule(&mut world, windows).unwrap_err();
        assert_eq!((refusal.status.code(), refusal.text), (400, text));
    }
    let many: Vec<_> = (0..30_000).map(|it| machine(&format!("machine-number-{it}"), "")).collect();
    let refusal = schedule(&mut world, vec![window(many, at(1))]).unwrap_err();
    assert!(refusal.text.contains("at most 1048576 are kept"), "{}", refusal.text);

    let other = machine("other", "");
    for (outcome, text) in [
        (start(&mut world, vec![]), "List of machines is empty".to_owned()),
        (
            start(&mut world, vec![other.clone()]),
            r#"Machine '{"hostname":"other"}' is not part of a maintenance schedule"#.to_owned(),
        ),
        (
            stop(&mut world, vec![host()]),
            format!("Machine '{json}' is not in DOWN mode and cannot be brought up"),
        ),
    ] {
        assert_eq!(outcome.unwrap_err().text, text);
    }
    assert_eq!(world.master.view_maintenance_schedule(), before);

    start(&mut world, vec![host()]).unwrap();
    for (outcome, text) in [
        (
            start(&mut world, vec![host()]),
            format!("Machine '{json}' is not in DRAINING mode and cannot be brought down"),
        ),
        (
            schedule(&mut world, vec![window(vec![other], at(1))]),
            format!("Machine '{json}' is deactivated and cannot be removed from the schedule"),
        ),
    ] {
        assert_eq!(outcome.unwrap_err().text, text);
    }
    // A window of a machine that is down may be moved.
    schedule(&mut world, vec![window(vec![host()], at(99))]).unwrap();
    assert_eq!(world.master.view_maintenance_status().status.down_machines, [host()]);
}

/// A registry that says that a machine is down which is not scheduled is refused by name.
#[test]
fn a_senseless_maintenance_record_stops_recovery() {
    let records = |record| [master::Mutation::SetMaintenance(Box::new(record))];
    let now = World::new().now;
    let windows = vec![window(vec![host()], at(1))];
    for (schedule, down) in [
        (Some(Schedule { windows: windows.clone() }), vec![machine("other", "")]),
        (Some(Schedule { windows }), vec![host(), host()]),
        (None, vec![]),
    ] {
        let record = wire::registry::MaintenanceRecord { schedule, down };
        let config = master::Config::default();
        let error = master::Master::recover(config, records(record), now).unwrap_err();
        assert!(error.to_string().contains("maintenance schedule"), "{error}");
    }
}
