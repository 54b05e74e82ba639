//! How agents come and go.

use std::time::Duration;

use master::{Config, Event, LinkId, Master, Message, Mutation, Note};
use model::{AgentId, Moment, Now, Timestamp};
use wire::link::call::Type as CallType;
use wire::link::event::Type;
use wire::master::event::Type as OperatorEvent;
use wire::v1::DrainState;

use crate::world::{World, decommission, grace, hello, plain_call, progress, with_id};

/// A new agent gets an id of this master, its timeouts, and a record.
#[test]
fn a_new_agent_is_admitted_under_an_id_of_this_master() {
    let mut world = World::new();
    let link = world.hello(hello(1));
    let registered = world.to_agent(link)[0].registered.clone().unwrap();
    assert_eq!(registered.agent_id.unwrap().value, "m1-S0");
    assert_eq!(registered.link_id, Some(link.0));
    assert_eq!(registered.ping_interval_seconds, Some(15.0));
    assert_eq!(registered.total_ping_timeout_seconds, Some(75.0));
    assert_eq!(world.mutations.len(), 1);
    let (second, _) = world.agent(2);
    assert_eq!(second.as_str(), "m1-S1");
}

/// T4: an agent the registry doesn't know keeps the id it brings.
#[test]
fn an_unknown_id_is_let_in_under_that_id() {
    let mut world = World::new();
    let link = world.rehello(1, &AgentId::new("elsewhere-S3"));
    assert_eq!(world.registered(link).as_str(), "elsewhere-S3");
    assert!(world.listed(&AgentId::new("elsewhere-S3")).unwrap().active);
}

/// T2: an agent that comes back unchanged costs no registry write; a changed one does.
#[test]
fn only_a_changed_agent_is_written_again() {
    let mut world = World::new();
    let (agent, _) = world.agent(1);
    world.failover();
    world.rehello(1, &agent);
    assert!(world.mutations.is_empty());
    let shown = world.listed(&agent).unwrap();
    assert!(shown.active && shown.reregistered_time.is_some());

    let mut changed = with_id(hello(1), &agent);
    changed.version = Some("0.2.0".to_owned());
    world.hello(changed);
    assert_eq!(world.mutations.len(), 1);
}

/// The newer of two connections of one agent counts; the older is closed and not listened to.
#[test]
fn the_newer_link_of_an_agent_wins() {
    let mut world = World::new();
    let (agent, old) = world.agent(1);
    let new = world.rehello(1, &agent);
    assert!(world.closes(old));
    world.call(old, &agent, plain_call(CallType::Unregister));
    assert!(matches!(world.notes[..], [Note::Dropped { .. }]));
    world.close(old);
    assert!(world.listed(&agent).unwrap().active);
    world.close(new);
    assert!(!world.listed(&agent).unwrap().active);
}

/// T1: an agent that missed the answer to its first `Hello` keeps the id it was given.
#[test]
fn an_agent_that_missed_its_id_gets_it_again() {
    let mut world = World::new();
    let (agent, old) = world.agent(1);
    let link = world.hello(hello(1));
    assert_eq!(world.registered(link), agent);
    assert!(world.closes(old));
    assert_eq!(world.registry.len(), 1);
}

/// An agent that died before it had written down its id is known by its key, wherever it serves now and
/// whatever became of the master or of its connection: a drain asked of it in between holds.
#[test]
fn an_agent_without_its_id_is_known_by_its_key() {
    let mut world = World::new();
    let keyed = |port: i32, key: &str| {
        let mut hello = hello(port);
        hello.admission_key = Some(key.to_owned());
        hello
    };
    let link = world.hello(keyed(1, "k1"));
    let agent = world.registered(link);
    world.drain(&agent).unwrap();
    assert_eq!(world.drain_state(&agent), Some(DrainState::Draining));

    for restart in ["connected", "failover", "unreachable"] {
        match restart {
            "failover" => {
                world.failover();
            }
            "unreachable" => {
                let link = world.hello(keyed(1, "k1"));
                world.close(link).after(Duration::from_mins(20));
                assert!(world.absent(&agent).is_some());
            }
            _ => {}
        }
        let link = world.hello(keyed(2, "k1"));
        assert_eq!(world.registered(link), agent, "{restart}");
        assert!(world.types_to_agent(link).contains(&Type::Drain), "{restart}");
        world.master.check_all();
    }
    // Another key is another agent, also beside it.
    let other = world.hello(keyed(3, "k2"));
    assert_ne!(world.registered(other), agent);
    assert_eq!(world.registry.len(), 2);
}

/// A host that lost its work directory and is back before its old link was seen to break is another agent:
/// the tasks of the old one are lost at once, and what was laid over it holds.
#[test]
fn a_wiped_host_is_another_agent_although_its_old_link_seems_alive() {
    let mut world = World::new();
    let keyed = |key: &str| {
        let mut hello = hello(1);
        hello.admission_key = Some(key.to_owned());
        hello
    };
    let old_link = world.hello(keyed("before"));
    let old = world.registered(old_link);
    world.drain(&old).unwrap();
    let link = world.hello(keyed("after"));
    let agent = world.registered(link);
    assert_ne!(agent, old);
    assert!(world.closes(old_link));
    assert!(world.listed(&old).is_none());
    assert_eq!(world.drain_state(&agent), Some(DrainState::Draining));
    assert_eq!(world.registry.len(), 1);
}

/// The key of a gone agent does not let it in again.
#[test]
fn the_key_of_a_gone_agent_is_turned_away() {
    let mut world = World::new();
    let mut first = hello(1);
    first.admission_key = Some("k1".to_owned());
    let link = world.hello(first.clone());
    let agent = world.registered(link);
    world.mark_gone(&agent).unwrap();
    for restart in [false, true] {
        if restart {
            world.failover();
        }
        let link = world.hello(first.clone());
        let shutdown = world.to_agent(link)[0].shutdown.clone().expect("refused");
        assert!(shutdown.gone());
        assert_eq!(shutdown.message(), "Agent has been marked gone");
    }
}

/// A second machine that claims the id of a connected agent is turned away; one that moved is let in.
#[test]
fn a_clone_of_a_connected_agent_is_turned_away() {
    let mut world = World::new();
    let (agent, link) = world.agent(1);
    let elsewhere = || {
        let mut hello = with_id(hello(1), &agent);
        hello.agent_info.as_mut().unwrap().hostname = "other".to_owned();
        hello
    };
    let clone = world.hello(elsewhere());
    let shutdown = world.to_agent(clone)[0].shutdown.clone().unwrap();
    assert_eq!(shutdown.message(), "Agent attempted to reregister with different IP / hostname");
    assert!(!shutdown.gone());
    assert!(world.closes(clone) && !world.closes(link));
    assert!(world.listed(&agent).unwrap().active);

    world.close(link);
    world.hello(elsewhere());
    assert_eq!(world.listed(&agent).unwrap().agent_info.hostname, "other");
}

/// An agent that can't be let in hears why, and nothing is kept of it.
#[test]
fn a_refused_agent_hears_why() {
    let mut world = World::new();
    let mut old = hello(1);
    old.protocol_version = Some(7);
    let link = world.hello(old);
    assert_eq!(world.types_to_agent(link), [Type::Shutdown]);
    assert!(world.closes(link));
    assert!(matches!(world.notes[..], [Note::AgentRefused { .. }]));
    assert!(world.registry.is_empty() && world.master.view_agents().agents.is_empty());
    world.call(link, &AgentId::new("m1-S0"), plain_call(CallType::Pong));
    assert!(matches!(world.notes[..], [Note::Dropped { .. }]));
}

/// T7: five unanswered pings make an agent unreachable; answered ones never do.
#[test]
fn an_agent_that_answers_no_pings_becomes_unreachable() {
    let mut world = World::new();
    let (agent, link) = world.agent(1);
    for _ in 0..20 {
        world.after(Duration::from_secs(15));
        assert_eq!(world.types_to_agent(link), [Type::Ping]);
        world.call(link, &agent, plain_call(CallType::Pong));
    }
    world.after(Duration::from_secs(15 * 5));
    assert!(world.listed(&agent).unwrap().active, "the last ping is not overdue yet");
    world.after(Duration::from_secs(15));
    assert!(world.closes(link));
    assert_eq!(world.absent(&agent).unwrap().reachability(), wire::ebb::Reachability::Unreachable);

    let link = world.rehello(1, &agent);
    assert_eq!(world.types_to_agent(link), [Type::Registered]);
    assert!(world.listed(&agent).unwrap().active);
}

/// T7, T8: agents that lost their connection have the time of five pings, as nobody answers those;
/// agents that are not back after a failover have ten minutes.
#[test]
fn absent_agents_become_unreachable_after_the_timeout() {
    let mut world = World::new();
    let (agent, link) = world.agent(1);
    let (other, _) = world.agent(2);
    let reachability = |world: &World, id| world.absent(id).map(|agent| agent.reachability());
    world.close(link).after(Duration::from_secs(74));
    assert!(world.listed(&agent).is_some());
    world.after(Duration::from_secs(1));
    assert_eq!(reachability(&world, &agent), Some(wire::ebb::Reachability::Unreachable));

    let mut world = World::new();
    let (agent, _) = world.agent(1);
    world.failover().after(Duration::from_secs(599));
    assert_eq!(reachability(&world, &agent), Some(wire::ebb::Reachability::Recovered));
    assert_eq!(world.master.view_agents().recovered_agents.len(), 1);
    world.after(Duration::from_secs(1));
    assert_eq!(reachability(&world, &agent), Some(wire::ebb::Reachability::Unreachable));
    assert!(reachability(&world, &other).is_none());
}

/// T12: an agent that unregisters is forgotten unless something was laid over it.
#[test]
fn an_agent_that_unregisters_is_removed() {
    let mut world = World::new();
    let (agent, link) = world.agent(1);
    let calls = vec![plain_call(CallType::Unregister), progress(1, true)];
    world.apply(Event::AgentCalls { link, agent: agent.clone(), calls });
    assert!(world.closes(link) && world.registry.is_empty());
    assert!(world.absent(&agent).is_none());
    // What came after the goodbye is not heard.
    assert!(world.notes.iter().any(|note| matches!(note, Note::Dropped { .. })));
}

/// D14, D15, §8.5.14: old unreachable agents are forgotten, each of them and only they; those an operator
/// laid something over stay, and it holds when they return.
#[test]
fn d14_d15_the_registry_forgets_the_old_but_no_overlay() {
    let mut world = World::with(|config| config.registry_max_agent_age = Duration::from_hours(1));
    let agents: Vec<(AgentId, LinkId)> = (0..5).map(|port| world.agent(port)).collect();
    let (kept, link) = &agents[1];
    world.drain(kept).unwrap();
    world.call(*link, kept, progress(1, true));
    for (_, link) in &agents[..4] {
        world.close(*link);
    }
    world.after(Duration::from_mins(30));
    world.rehello(2, &agents[2].0);
    // Agents 2 and 4 don't answer pings either, but became unreachable later than the hour.
    world.after(Duration::from_mins(45));
    let known = |world: &World, number: usize| world.record(&agents[number].0).is_some();
    assert_eq!([0, 1, 2, 3, 4].map(|it| known(&world, it)), [false, true, true, false, false]);

    world.failover();
    world.rehello(1, kept);
    assert_eq!(world.drain_state(kept), Some(DrainState::Drained));
    assert!(!world.listed(kept).unwrap().active);
}

/// D15: beyond their number the oldest unreachable and gone agents go first.
#[test]
fn d15_beyond_the_bounds_the_oldest_are_forgotten() {
    let mut world = World::with(|config| {
        config.registry_max_agent_count = 2;
        config.max_gone_agents = 1;
    });
    let mut ids = Vec::new();
    for port in 0..4 {
        let (agent, link) = world.agent(port);
        world.close(link).after(Duration::from_secs(1));
        ids.push(agent);
    }
    for port in 10..12 {
        let (agent, _) = world.agent(port);
        world.mark_gone(&agent).unwrap();
        world.after(Duration::from_secs(1));
        ids.push(agent);
    }
    world.after(Duration::from_mins(30));
    let known: Vec<bool> = ids.iter().map(|id| world.record(id).is_some()).collect();
    assert_eq!(known, [false, false, true, true, false, true]);
}

/// D19: whoever listens hears of every agent that comes into or leaves `GET_AGENTS`, and nobody else pays.
#[test]
fn d19_operators_hear_of_every_agent_that_comes_or_leaves() {
    let mut world = World::new();
    let (first, link) = world.agent(1);
    assert!(world.operator_events().is_empty());
    world.apply(Event::Watchers { count: 1 });
    world.close(link);
    let disconnected = [OperatorEvent::AgentDisconnected];
    assert_eq!(world.operator_events(), disconnected, "a disconnected agent is still listed");
    world.after(Duration::from_mins(10));
    let unreachable = [OperatorEvent::AgentRemoved, OperatorEvent::AgentUnreachable];
    assert_eq!(world.operator_events(), unreachable);
    let link = world.rehello(1, &first);
    let back = [OperatorEvent::AgentAdded, OperatorEvent::AgentReconnected];
    assert_eq!(world.operator_events(), back);
    world.rehello(1, &first);
    assert_eq!(world.operator_events(), [OperatorEvent::AgentReconnected]);
    world.mark_gone(&first).unwrap();
    let gone = [OperatorEvent::AgentRemoved, OperatorEvent::AgentGone];
    assert_eq!(world.operator_events(), gone);
    world.close(link);
    assert!(world.operator_events().is_empty());
}

/// D19: operators hear of every turn a drain takes and of what they laid over an agent, with the agent as it is then.
#[test]
fn d19_operators_hear_of_drains_and_deactivations() {
    let mut world = World::new();
    let (draining, drained) = (Some(DrainState::Draining), Some(DrainState::Drained));
    let (agent, link) = world.agent(1);
    world.drain(&agent).unwrap();
    assert!(world.operator_events().is_empty(), "nobody listens");
    world.apply(Event::Watchers { count: 1 });
    let told = |world: &World| {
        let events = world.messages.iter().filter_map(|message| {
            let Message::Operator { event } = message else { return None };
            let lifecycle = event.agent_lifecycle.as_deref().cloned()?;
            assert_eq!(lifecycle.agent_id, Some(agent.to_wire()));
            assert_eq!(lifecycle.hostname.as_deref(), Some("host"));
            let state = lifecycle.drain_status.map(|status| status.state());
            Some((event.r#type(), lifecycle.drain_generation, state))
        });
        events.collect::<Vec<_>>()
    };
    world.drain_with(&agent, grace(5)).unwrap();
    assert_eq!(told(&world), [(OperatorEvent::AgentDrainTightened, Some(1), draining)]);
    world.call(link, &agent, progress(1, true));
    assert_eq!(told(&world), [(OperatorEvent::AgentDrained, Some(1), drained)]);
    world.call(link, &agent, progress(1, false));
    assert_eq!(told(&world), [(OperatorEvent::AgentDrainReopened, Some(1), draining)]);
    world.call(link, &agent, progress(1, true));
    world.reactivate(&agent).unwrap();
    assert_eq!(told(&world), [(OperatorEvent::AgentReactivated, None, None)]);
    world.deactivate(&agent).unwrap();
    assert_eq!(told(&world), [(OperatorEvent::AgentDeactivated, None, None)]);
    world.drain_with(&agent, decommission()).unwrap();
    assert_eq!(told(&world), [(OperatorEvent::AgentDrainStarted, Some(2), draining)]);
    world.call(link, &agent, progress(2, true));
    let over =
        [(OperatorEvent::AgentDrained, Some(2), None), (OperatorEvent::AgentGone, None, None)];
    assert_eq!(told(&world), over);
}

/// However many deadlines fall on one moment, each event serves a bounded number, and all are served.
#[test]
fn ten_thousand_timeouts_at_once_are_served_in_slices() {
    let now = Now { at: Moment(0), wall: Timestamp(1_700_000_000_000_000_000) };
    let records = (0..10_000).map(|number| {
        let id = AgentId::new(format!("m0-S{number}")).to_wire();
        let info = with_id(hello(number), &AgentId::from(&id)).agent_info;
        Mutation::SetAgent(Box::new(wire::registry::AgentRecord {
            agent_id: Some(id),
            info,
            admission: Some(wire::registry::Admission::Admitted as i32),
            ..Default::default()
        }))
    });
    let mut master = Master::recover(Config::default(), records, now).unwrap();
    let due = master.next_wake().unwrap();
    let later = Now { at: due, wall: now.wall_of(due) };
    let mut slices = Vec::new();
    while master.next_wake() == Some(due) {
        slices.push(master.apply(later, Event::Woke).mutations.len());
    }
    assert_eq!(slices, [1000; 10]);
    master.check_all();
}
