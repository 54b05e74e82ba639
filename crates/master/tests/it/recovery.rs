//! What a master knows after it took over a registry.

use std::time::Duration;

use master::{Config, Master, Mutation, RecoveryError};
use model::{AgentId, Now};

use crate::world::{World, decommission, progress};

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
    world.call(link, &agent, crate::world::plain_call(wire::link::call::Type::Unregister));
    assert!(is_deactivated(&world));
    world.rehello(1, &agent);
    assert!(is_deactivated(&world) && !world.listed(&agent).unwrap().active);
    world.reactivate(&agent).unwrap();
    assert!(!is_deactivated(&world));

    world.mark_gone(&agent).unwrap();
    world.failover();
    assert_eq!(world.record(&agent).unwrap().admission(), wire::registry::Admission::Gone);
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
        world.record(id).unwrap().admission() == wire::registry::Admission::Unreachable
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
    let recover = |record: wire::registry::AgentRecord| {
        let records = [Mutation::SetAgent(Box::new(record))];
        Master::recover(Config::default(), records, Now::default()).map(|_| ())
    };
    let record = wire::registry::AgentRecord {
        agent_id: Some(AgentId::new("S0").to_wire()),
        info: Some(wire::v1::AgentInfo::default()),
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
    bad.drain = Some(wire::registry::Drain::default());
    assert!(matches!(recover(bad), Err(RecoveryError::Drain { .. })));
}
