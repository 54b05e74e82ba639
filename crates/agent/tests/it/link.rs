//! The link: greeting, pings, backoff, and the agent's own end.

use agent::{Agent, ContainerFate, Event, ExitStatus, Message, Mutation, Records, Stop};
use model::{Moment, Now, TaskState, Timestamp};
use wire::link::event::Type;

use crate::world::{World, config, secs};

fn connects(world: &World) -> usize {
    world.out.iter().filter(|message| matches!(message, Message::Connect { .. })).count()
}

/// A new agent greets at its first wake and writes its id down before anything else.
#[test]
fn first_registration_makes_the_identity_durable() {
    let mut world = World::unregistered();
    assert_eq!(world.agent.next_wake(), Some(world.now.at));
    world.apply(Event::Woke);
    assert_eq!(connects(&world), 1);
    let registered = wire::link::Registered {
        agent_id: Some(wire::v1::AgentId { value: "S9".to_owned() }),
        ..wire::link::Registered::default()
    };
    let event = wire::link::Event {
        r#type: Some(Type::Registered.into()),
        registered: Some(registered),
        ..wire::link::Event::default()
    };
    let effects = world.agent.apply(world.now, Event::Link(Box::new(event)));
    assert!(matches!(&effects.mutations[..], [Mutation::SetAgent(_)]));
}

/// An agent that dies before it has written down its id greets with the same key and port at its next
/// start: the key is in the store before the first greeting can leave.
#[test]
fn admission_key_is_durable_before_the_first_greeting() {
    let mut world = World::unregistered();
    assert_eq!(connects(&world), 0, "nothing is said at the start");
    let written = world.store.agent.clone().expect("a record of the first start");
    assert_eq!(written.info.as_ref().and_then(|info| info.id.as_ref()), None);
    world.apply(Event::Woke);
    let first = greeting(&world);
    assert!(first.admission_key.as_ref().is_some_and(|key| key.len() == 36), "{first:?}");
    assert_eq!(first.admission_key, written.admission_key);

    world.out.clear();
    world.restart(ContainerFate::Exited(ExitStatus::Unknown));
    world.advance(secs(1));
    let second = greeting(&world);
    assert_eq!(second.admission_key, first.admission_key);
    assert_eq!(second.agent_info.and_then(|info| info.id), None);

    world.register();
    world.out.clear();
    world.restart(ContainerFate::Exited(ExitStatus::Unknown));
    world.advance(secs(1));
    assert_eq!(greeting(&world).admission_key, first.admission_key);

    world.start_anew();
    assert_ne!(world.store.agent.clone().unwrap().admission_key, first.admission_key);
}

fn greeting(world: &World) -> wire::link::Hello {
    let hello = world.out.iter().find_map(|message| match message {
        Message::Connect { hello } => Some((**hello).clone()),
        _ => None,
    });
    hello.expect("a greeting")
}

/// Attempts to connect wait at random, at most a minute, and never stop.
#[test]
fn connecting_backs_off_and_goes_on() {
    let mut world = World::unregistered();
    world.apply(Event::Woke);
    for attempt in 0..12 {
        world.apply(Event::LinkClosed { why: "refused".to_owned() });
        let wait = world.agent.next_wake().unwrap().since(world.now.at);
        assert!(wait <= secs(1 << attempt).min(secs(60)), "attempt {attempt}: {wait:?}");
        world.out.clear();
        world.advance(wait);
        assert_eq!(connects(&world), 1);
    }
}

/// As long as no master leads, the agent looks again within six seconds, never twice within a second but
/// at the start, and not all agents at the same time; the first link that breaks then is opened again at once.
#[test]
fn a_leader_is_looked_for_soon_and_not_too_often() {
    let mut world = World::unregistered();
    world.apply(Event::Woke);
    let mut waits = Vec::new();
    for look in 0..40 {
        world.apply(Event::NoLeader { why: "none leads".to_owned() });
        let wait = world.agent.next_wake().unwrap().since(world.now.at);
        let bound = secs(1 << look.min(10)).min(secs(6));
        assert!(bound / 2 <= wait && wait <= bound, "look {look}: {wait:?}");
        world.out.clear();
        world.advance(wait);
        assert_eq!(connects(&world), 1);
        waits.push(wait);
    }
    waits.sort_unstable();
    waits.dedup();
    assert!(waits.len() > 30, "the waits are spread: {waits:?}");
    world.apply(Event::LinkClosed { why: "the leader ended".to_owned() });
    let wait = world.agent.next_wake().unwrap().since(world.now.at);
    assert!(wait <= secs(1), "{wait:?}");
}

/// When a leader is lost, all of many agents greet the next one within six seconds of its appearance, after
/// five seconds without a leader as after a minute; they don't come at once, and meanwhile they ask no more
/// than every third second on average.
#[test]
fn many_agents_are_back_soon_and_not_at_once() {
    const AGENTS: u16 = 1000;
    for without_leader in [secs(5), secs(60)] {
        let led = Moment(0).plus(without_leader);
        let mut looks = 0;
        let mut arrivals = std::collections::BTreeMap::new();
        for number in 0..AGENTS {
            let mut config = config();
            config.seed[..2].copy_from_slice(&number.to_le_bytes());
            let mut at = Moment(0);
            let now = |at: Moment| Now { at, wall: Timestamp(0) };
            let none = Default::default;
            let (mut agent, _) = Agent::recover(config, Records::default(), none(), now(at));
            let greets = |agent: &mut Agent, at: Moment| {
                let messages = agent.apply(now(at), Event::Woke).messages;
                assert!(matches!(&messages[..], [Message::Connect { .. }]), "{messages:?}");
            };
            greets(&mut agent, at);
            let lost = Event::LinkClosed { why: "the leader was lost".to_owned() };
            assert_eq!(agent.apply(now(at), lost).messages, []);
            loop {
                at = agent.next_wake().expect("it goes on");
                greets(&mut agent, at);
                if at >= led {
                    break;
                }
                looks += 1;
                let none_leads = Event::NoLeader { why: "none leads".to_owned() };
                assert_eq!(agent.apply(now(at), none_leads).messages, []);
            }
            let after = at.since(led);
            assert!(after <= secs(6), "agent {number} came {after:?} after the leader");
            *arrivals.entry(after.as_millis() / 100).or_insert(0) += 1;
        }
        // The first second has more, by Mesos' rule.
        let per_agent = f64::from(looks) / f64::from(AGENTS);
        assert!(per_agent < 3.0 + without_leader.as_secs_f64() / 3.0, "{per_agent} looks of each");
        let busiest = arrivals.values().max().unwrap();
        assert!(*busiest < AGENTS / 12, "{busiest} agents within a tenth of a second");
    }
}

/// Without a ping for the whole timeout the agent drops the link and connects anew.
#[test]
fn silence_of_the_master_ends_the_link() {
    let mut world = World::unregistered();
    world.apply(Event::Woke);
    world.link(Type::Registered, |event| {
        event.registered = Some(wire::link::Registered {
            agent_id: Some(wire::v1::AgentId { value: "S0".to_owned() }),
            total_ping_timeout_seconds: Some(75.0),
            ..wire::link::Registered::default()
        });
    });
    world.advance(secs(60));
    world.link(Type::Ping, |_| {});
    let pong = wire::link::call::Type::Pong.into();
    assert!(
        world
            .out
            .iter()
            .any(|message| matches!(message, Message::Call { call } if call.r#type == Some(pong)))
    );
    world.out.clear();
    world.advance(secs(74));
    assert_eq!(world.out, []);
    world.advance(secs(2));
    assert!(world.out.contains(&Message::Disconnect));
    assert_eq!(connects(&world), 1);
}

/// D21: nothing is taken from a master that has not registered the agent on this link.
#[test]
fn d21_drain_is_refused_before_registration() {
    let mut world = World::new();
    world.running("t1", None);
    world.apply(Event::LinkClosed { why: "gone".to_owned() });
    world.drain(1, None, false);
    assert!(world.store.drain.is_none());
    world.advance(secs(1));
    world.drain(1, None, false);
    assert!(world.store.drain.is_none(), "greeted is not registered");
    assert_eq!(world.kills(), []);
}

/// The greeting names everything the agent answers for, and the drain with its progress.
#[test]
fn greeting_carries_tasks_executors_frameworks_and_drain() {
    let mut world = World::new();
    world.running("t1", None);
    world.drain(4, None, false);
    world.apply(Event::LinkClosed { why: "gone".to_owned() });
    world.out.clear();
    world.advance(secs(1));
    let Some(Message::Connect { hello }) = world.out.first() else { panic!("{:?}", world.out) };
    assert_eq!((hello.tasks.len(), hello.executors.len(), hello.frameworks.len()), (1, 1, 1));
    assert_eq!(hello.drain.as_ref().unwrap().generation, Some(4));
    assert_eq!(hello.tasks[0].state, i32::from(TaskState::TaskRunning));
    assert_eq!(hello.executors[0].generated, Some(true));
}

/// A decommissioned agent writes that down first, ends its containers and only then itself.
#[test]
fn gone_is_durable_before_anything_ends() {
    let mut world = World::new();
    world.running("t1", None);
    world.link(Type::Shutdown, |event| {
        event.shutdown = Some(wire::link::Shutdown {
            message: Some("Agent has been marked gone".to_owned()),
            gone: Some(true),
        });
    });
    assert_eq!(world.store.gone(), Some("Agent has been marked gone"));
    assert_eq!(world.destroys(), 1);
    assert_eq!(world.stops(), Vec::<&Stop>::new());
    world.shadow = false;
    world.exit("t1", ExitStatus::Signalled(9));
    let message = "Agent has been marked gone".to_owned();
    assert_eq!(world.stops(), [&Stop::Gone { message: message.clone() }]);
    assert_eq!(world.agent.next_wake(), None);

    let fates = std::collections::BTreeMap::new();
    let (_, effects) = Agent::recover(config(), world.store.clone(), fates, world.now);
    assert_eq!(effects.messages, [Message::Stop(Stop::Gone { message })]);
}

/// A container that cannot be ended does not keep a decommissioned agent for ever, and is named.
#[test]
fn gone_stops_after_a_bounded_wait() {
    let mut world = World::new();
    world.running("t1", None);
    world.shadow = false;
    world.link(Type::Shutdown, |event| {
        event.shutdown = Some(wire::link::Shutdown { message: None, gone: Some(true) });
    });
    world.advance(secs(31));
    let stops = world.stops();
    assert!(matches!(stops[..], [Stop::Gone { message }] if message.contains("1 containers")));
}

/// A refused agent ends at once and leaves its tasks alone.
#[test]
fn refused_agent_stops_and_ends_nothing() {
    let mut world = World::new();
    world.running("t1", None);
    world.link(Type::Shutdown, |event| {
        event.shutdown =
            Some(wire::link::Shutdown { message: Some("not here".to_owned()), gone: Some(false) });
    });
    assert_eq!(world.stops(), [&Stop::Refused { message: "not here".to_owned() }]);
    assert_eq!(world.destroys(), 0);
}

/// Unregistering shuts executors down, delivers what they report and then leaves.
#[test]
fn unregistering_waits_for_executors_and_their_updates() {
    let mut world = World::new();
    world.running("t1", None);
    world.apply(Event::Unregister);
    world.update("t1", "t1", TaskState::TaskKilled);
    world.exit("t1", ExitStatus::Exited(0));
    assert_eq!(world.stops(), Vec::<&Stop>::new());
    world.ack("t1");
    assert_eq!(world.stops(), [&Stop::Unregistered]);
    let unregister = wire::link::call::Type::Unregister.into();
    let at = world.out.iter().position(
        |message| matches!(message, Message::Call { call } if call.r#type == Some(unregister)),
    );
    assert_eq!(at, Some(world.out.len() - 2), "just before the end");
}
