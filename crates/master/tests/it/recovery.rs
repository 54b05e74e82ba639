//! What a master knows after it took over a registry.

use std::time::Duration;

use master::{Config, Master, Mutation, RecoveryError};
use model::{AgentId, Now};
use wire::link;
use wire::registry::{Admission, AgentRecord, Drain};
use wire::v1::{AgentInfo, DrainConfig, DrainState};

use crate::world::{World, decommission, hello, progress, with_id};

/// §8.3 R1–R5: overlays survive every change of admission, end with reactivation, and never with anything
/// else. (That the registry equals the state, and recovery gives it again, is checked at each step.)
#[test]
fn overlays_survive_every_change_of_admission() {
    let mut world = World::new();
    let (agent, link) = world.agent(1);
    world.deactivate(&agent).unwrap();
    let is_deactivated = |world: &World| world.record(&agent).unwrap().deactivation.is_some();
    world.close(link).after(Duration::from_mins(10));
    assert!(is_deactivated(&world) && world.record(&agent).unwrap().drain.is_none());
    world.failover();
    let link = world.rehello(1, &agent);
    assert!(is_deactivated(&world));
    world.call(link, &agent, crate::world::plain_call(link::call::Type::Unregister));
    assert!(is_deactivated(&world));
    world.rehello(1, &agent);
    assert!(is_deactivated(&world) && !world.listed(&agent).unwrap().active);
    world.reactivate(&agent).unwrap();
    assert!(!is_deactivated(&world));

    world.mark_gone(&agent).unwrap();
    world.failover();
    assert_eq!(world.record(&agent).unwrap().admission(), Admission::Gone);
    assert_eq!(world.mark_gone(&agent), Ok(()));
    assert!(world.mutations.is_empty());
}

/// A master that stood still past the time its agents had to come back hears those that wait before it gives
/// any of them up.
#[test]
fn a_master_that_stood_still_hears_its_agents_first() {
    let mut world = World::new();
    let (here, _) = world.agent(1);
    let (away, _) = world.agent(2);
    world.failover();
    world.stand_still(Duration::from_hours(1));
    world.rehello(1, &here);
    let is_unreachable = |world: &World, id: &AgentId| {
        world.record(id).unwrap().admission() == Admission::Unreachable
    };
    assert!(!is_unreachable(&world, &here) && !is_unreachable(&world, &away));
    world.after(Duration::from_hours(2));
    assert!(is_unreachable(&world, &away));
}

/// §8.5.9: a failover between any two steps of a decommission changes nothing about its end.
#[test]
fn a_failover_at_any_step_of_a_decommission_changes_nothing() {
    for steps in 0..4 {
        let mut world = World::new();
        let (agent, mut link) = world.agent(1);
        for step in 0..4 {
            if step == steps {
                world.failover();
                link = world.rehello(1, &agent);
            }
            match step {
                1 => world.drain_with(&agent, decommission()).unwrap(),
                2 => {
                    world.call(link, &agent, progress(1, false));
                }
                3 => {
                    world.call(link, &agent, progress(1, true));
                }
                _ => {}
            }
        }
        assert_eq!(world.absent(&agent).unwrap().reachability(), wire::ebb::Reachability::Gone);
    }
}

/// D18: where an absent agent is, and what was laid over it, can be read.
#[test]
fn d18_absent_agents_are_shown_with_their_overlay() {
    let mut world = World::new();
    let (agent, _) = world.agent(1);
    world.drain(&agent).unwrap();
    world.failover();
    let shown = world.absent(&agent).unwrap();
    assert_eq!(shown.reachability(), wire::ebb::Reachability::Recovered);
    let status = shown.drain_status.unwrap();
    assert_eq!(status.generation, Some(1));
    assert_eq!(status.blockers_total, Some(1));
    assert_eq!(status.blockers[0].kind(), wire::ebb::BlockerKind::AgentNotReachable);
    assert!(shown.drain_info.is_some());

    let link = world.rehello(1, &agent);
    let listed = world.listed(&agent).unwrap();
    assert_eq!(listed.reachability(), wire::ebb::Reachability::Registered);
    world.close(link);
    let listed = world.listed(&agent).unwrap();
    assert_eq!(listed.reachability(), wire::ebb::Reachability::Disconnected);
}

/// A registry this program can't have written is not guessed at.
#[test]
fn unreadable_records_stop_recovery() {
    let recover = |record: AgentRecord| {
        let records = [Mutation::SetAgent(Box::new(record))];
        Master::recover(Config::default(), records, Now::default()).map(|_| ())
    };
    let record = AgentRecord {
        agent_id: Some(AgentId::new("S0").to_wire()),
        info: Some(AgentInfo::default()),
        admission: Some(1),
        ..Default::default()
    };
    assert!(recover(record.clone()).is_ok());
    let mut bad = record.clone();
    bad.admission = Some(99);
    assert!(matches!(recover(bad), Err(RecoveryError::Admission { number: 99, .. })));
    let mut bad = record.clone();
    bad.agent_id = None;
    assert!(matches!(recover(bad), Err(RecoveryError::UnnamedAgent)));
    let mut bad = record;
    bad.drain = Some(Drain::default());
    assert!(matches!(recover(bad), Err(RecoveryError::Drain { .. })));
}

/// A record of agent `id` with which a master starts.
fn record_of(id: &str) -> AgentRecord {
    let agent_id = AgentId::new(id).to_wire();
    let info = AgentInfo { id: Some(agent_id.clone()), ..AgentInfo::default() };
    AgentRecord {
        agent_id: Some(agent_id),
        info: Some(info),
        admission: Some(Admission::Admitted.into()),
        last_generation: Some(7),
        ..AgentRecord::default()
    }
}

fn drain_of(generation: u64, state: DrainState, mark_gone: bool) -> Drain {
    let config = DrainConfig { mark_gone: Some(mark_gone), ..DrainConfig::default() };
    Drain {
        generation: Some(generation),
        state: Some(state.into()),
        config: Some(config),
        ..Drain::default()
    }
}

fn recover(records: &[AgentRecord]) -> Result<Master, RecoveryError> {
    let records = records.iter().cloned().map(|record| Mutation::SetAgent(Box::new(record)));
    Master::recover(Config::default(), records, Now::default())
}

/// A record that contradicts itself is refused with the agent it is about and what can't be, and no master
/// is made of it.
#[test]
fn records_that_contradict_themselves_are_refused_by_name() {
    type Change = fn(&mut AgentRecord);
    let cases: [(Change, &str); 10] = [
        (
            |it| it.info.as_mut().unwrap().id = Some(AgentId::new("S9").to_wire()),
            "its info is that of agent S9",
        ),
        (
            |it| {
                it.admission = Some(Admission::Gone.into());
                it.drain = Some(drain_of(7, DrainState::Drained, false));
            },
            "it is gone, and still deactivated or drained",
        ),
        (
            |it| {
                it.admission = Some(Admission::Gone.into());
                it.deactivation = Some(wire::ebb::Deactivation::default());
            },
            "it is gone, and still deactivated or drained",
        ),
        (
            |it| it.admission = Some(Admission::Removed.into()),
            "it was removed, and is neither deactivated nor drained",
        ),
        (
            |it| it.drain = Some(drain_of(7, DrainState::Drained, true)),
            "it is drained and to be decommissioned, and not marked gone",
        ),
        (
            |it| it.drain = Some(drain_of(8, DrainState::Draining, false)),
            "its drain has generation 8, and its latest is 7",
        ),
        (
            |it| it.last_generation = Some(u64::MAX),
            "its latest drain has generation 18446744073709551615",
        ),
        (
            |it| {
                let mut drain = drain_of(7, DrainState::Draining, false);
                let grace = wire::v1::DurationInfo { nanoseconds: -1 };
                drain.config.as_mut().unwrap().max_grace_period = Some(grace);
                it.drain = Some(drain);
            },
            "a drain of agent S0 with a negative grace period",
        ),
        (|it| it.agent_id = Some(AgentId::new("").to_wire()), "'', which can't be an id"),
        (|it| it.agent_id = Some(AgentId::new("a/b").to_wire()), "'a/b', which can't be an id"),
    ];
    assert!(recover(&[record_of("S0")]).is_ok());
    for (change, expected) in cases {
        let mut record = record_of("S0");
        change(&mut record);
        let error = recover(&[record.clone(), record_of("S1")]).unwrap_err().to_string();
        assert!(error.contains(expected), "{expected}: {error}");
        assert!(error.contains("agent S0") || error.contains("an id"), "{error}");
    }
}

/// Two agents under one admission key are refused by both their names, whatever became of either: the
/// master could take one for the other.
#[test]
fn two_agents_under_one_admission_key_are_refused_by_name() {
    let keyed = |id: &str, admission: Admission, key: &str| AgentRecord {
        admission: Some(admission.into()),
        admission_key: Some(key.to_owned()),
        ..record_of(id)
    };
    let first = keyed("S0", Admission::Gone, "k");
    assert!(recover(&[first.clone(), keyed("S1", Admission::Admitted, "l")]).is_ok());
    let error = recover(&[first, keyed("S1", Admission::Admitted, "k")]).unwrap_err();
    assert!(matches!(error, RecoveryError::SharedKey { .. }), "{error}");
    assert!(error.to_string().contains("agents S0 and S1 contradict each other"), "{error}");
}

/// An agent that shows another one's admission key is turned away, so that no registry comes to hold the
/// same key twice.
#[test]
fn an_agent_with_the_key_of_another_is_turned_away() {
    let mut world = World::new();
    let keyed = |port: i32| link::Hello { admission_key: Some("k".to_owned()), ..hello(port) };
    let owner = world.hello(keyed(1));
    let owner = world.registered(owner);
    let other = world.hello(with_id(keyed(2), &AgentId::new("made-up")));
    let shutdown = world.to_agent(other)[0].shutdown.clone().expect("refused");
    assert!(shutdown.message().contains("Another agent has this admission key"), "{shutdown:?}");
    assert!(!shutdown.gone(), "what it shows next time may be its own");
    // The owner's own key is no obstacle.
    let again = world.hello(with_id(keyed(1), &owner));
    assert_eq!(world.registered(again), owner);
    assert_eq!(world.registry.len(), 1);
}

/// An agent can't use up the generations of drains: a generation that leaves no room is not believed, and
/// what the registry holds can be recovered and drained again.
#[test]
fn an_agent_cannot_use_up_the_generations() {
    for reported in [u64::MAX, u64::MAX - 1, u64::MAX - (1 << 32)] {
        let record = AgentRecord { last_generation: Some(u64::MAX - (2 << 32)), ..record_of("S0") };
        let mut world = World::recovered([Mutation::SetAgent(Box::new(record))]);
        let id = AgentId::new("S0");
        let link = world.rehello(1, &id);
        world.call(link, &id, progress(reported, true));
        world.drain(&id).unwrap();
        assert_eq!(world.record(&id).unwrap().last_generation(), u64::MAX - (2 << 32) + 1);
    }
}

/// A drain that began at the end of time can be shown.
#[test]
fn a_drain_from_the_end_of_time_can_be_shown() {
    for time in [i64::MIN, i64::MAX] {
        let mut drain = drain_of(7, DrainState::Draining, false);
        drain.started_at = Some(wire::v1::TimeInfo { nanoseconds: time });
        let record = AgentRecord { drain: Some(drain), ..record_of("S0") };
        let mut world = World::recovered([Mutation::SetAgent(Box::new(record))]);
        world.rehello(1, &AgentId::new("S0"));
        let shown = world.listed(&AgentId::new("S0")).unwrap();
        let status = shown.drain_status.unwrap();
        assert_eq!(status.started_at.map(|time| time.nanoseconds), Some(time));
        assert!(shown.estimated_drain_start_time.is_some());
    }
}

/// Without a generation left a drain is refused with what to do, and the registry stays as it is.
#[test]
fn a_drain_without_a_generation_left_is_refused() {
    let last = u64::MAX - (1 << 32);
    let record = AgentRecord { last_generation: Some(last), ..record_of("S0") };
    let mut world = World::recovered([Mutation::SetAgent(Box::new(record))]);
    let id = AgentId::new("S0");
    let refusal = world.drain(&id).unwrap_err();
    assert!(refusal.text.contains("make a new agent of its host"), "{refusal:?}");
    assert_eq!(world.record(&id).unwrap().last_generation(), last);
}
