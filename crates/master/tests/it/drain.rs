//! Drains of agents that run nothing: requests, refusals, generations, confirmations.

use std::time::Duration;

use master::{LinkId, Note};
use model::AgentId;
use wire::link::event::Type;
use wire::v1::DrainState;

use crate::world::{World, decommission, grace, hello, plain_call, progress, report, with_id};

const DRAINING: Option<DrainState> = Some(DrainState::Draining);
const DRAINED: Option<DrainState> = Some(DrainState::Drained);

fn drained(world: &mut World, port: i32) -> (AgentId, LinkId) {
    let (agent, link) = world.agent(port);
    world.drain(&agent).unwrap();
    world.call(link, &agent, progress(1, true));
    assert_eq!(world.drain_state(&agent), DRAINED);
    (agent, link)
}

fn text(outcome: Result<(), model::Refusal>) -> (u16, String) {
    let refusal = outcome.unwrap_err();
    (refusal.status.code(), refusal.text)
}

/// §8.1 M1: an idle agent is drained with two registry writes, once it has confirmed that.
#[test]
fn m1_an_idle_agent_is_drained_when_it_confirms() {
    let mut world = World::new();
    let (agent, link) = world.agent(1);

    world.drain_with(&agent, grace(10)).unwrap();
    assert_eq!(world.mutations.len(), 1);
    assert_eq!(world.types_to_agent(link), [Type::Drain]);
    assert_eq!(world.drain_state(&agent), DRAINING);

    world.call(link, &agent, progress(1, true));
    assert_eq!(world.mutations.len(), 1);
    let shown = world.listed(&agent).unwrap();
    assert_eq!(shown.deactivated, Some(true));
    assert!(!shown.active);
    let info = shown.drain_info.unwrap();
    assert_eq!(info.state(), DrainState::Drained);
    assert_eq!(info.config.max_grace_period.unwrap().nanoseconds, 10_000_000_000);
    assert_eq!(info.config.mark_gone, Some(false));
    let start = shown.estimated_drain_start_time.unwrap().nanoseconds;
    assert_eq!(start, 1_700_000_000_000_000_000);
}

/// §8.1 M3: an idle agent drained with `mark_gone` is told to end and is never let in again.
#[test]
fn m3_a_decommissioned_agent_is_shut_down_and_refused_for_ever() {
    let mut world = World::new();
    let (agent, link) = world.agent(1);
    world.drain_with(&agent, decommission()).unwrap();
    world.call(link, &agent, progress(1, true));

    let shutdown = world.to_agent(link).pop().unwrap().shutdown.unwrap();
    assert_eq!(shutdown.message(), "Agent has been marked gone");
    assert!(shutdown.gone());
    assert!(world.closes(link));
    assert!(world.listed(&agent).is_none());

    for _ in 0..2 {
        let link = world.rehello(1, &agent);
        assert!(world.to_agent(link)[0].shutdown.as_ref().unwrap().gone());
        assert!(world.closes(link));
        world.failover();
    }
    assert_eq!(text(world.drain(&agent)), (400, "Unknown agent".to_owned()));
    assert_eq!(world.mark_gone(&agent), Ok(()));
}

/// §8.1 M4, D27: an agent that is not connected is never drained or gone; it is when it is back and
/// confirms.
#[test]
fn d27_a_disconnected_agent_is_drained_only_after_it_came_back() {
    let mut world = World::new();
    let (agent, link) = world.agent(1);
    world.close(link);
    let shown = world.listed(&agent).unwrap();
    assert_eq!((shown.active, shown.deactivated), (false, Some(false)));

    world.drain_with(&agent, decommission()).unwrap();
    assert_eq!(world.drain_state(&agent), DRAINING);
    let blocker = world.master.why_not_drained(world.now, &agent).pop().unwrap();
    assert!(blocker.message().contains("lost its connection"), "{}", blocker.message());
    // What a dead link still brings counts for nothing.
    world.call(link, &agent, progress(1, true));
    assert_eq!(world.drain_state(&agent), DRAINING);

    let link = world.rehello(1, &agent);
    assert_eq!(world.types_to_agent(link), [Type::Registered, Type::Drain]);
    assert_eq!(world.drain_state(&agent), DRAINING);
    world.call(link, &agent, progress(1, true));
    assert!(world.notes.iter().any(|note| matches!(note, Note::AgentGone { .. })));
}

/// §8.1 M5: an unreachable agent can be drained, which begins when it is back.
#[test]
fn m5_an_unreachable_agent_is_drained_when_it_is_back() {
    let mut world = World::new();
    let (agent, link) = world.agent(1);
    world.close(link).after(Duration::from_mins(10));
    assert!(world.listed(&agent).is_none());

    world.drain(&agent).unwrap();
    assert_eq!(world.drain_state(&agent), DRAINING);
    let link = world.rehello(1, &agent);
    assert_eq!(world.types_to_agent(link), [Type::Registered, Type::Drain]);
    world.call(link, &agent, progress(1, true));
    assert_eq!(world.drain_state(&agent), DRAINED);
    assert_eq!(world.listed(&agent).unwrap().deactivated, Some(true));
}

/// §8.1 M10: a drain that has begun can't be cancelled.
#[test]
fn m10_a_draining_agent_is_not_reactivated() {
    let mut world = World::new();
    let (agent, _) = world.agent(1);
    world.drain(&agent).unwrap();
    let still = (400, "Agent is still in the DRAINING state".to_owned());
    assert_eq!(text(world.reactivate(&agent)), still);
    world.failover();
    assert_eq!(text(world.reactivate(&agent)), still);
}

/// §8.5.11: calls about agents nobody knows are refused as Mesos refuses them.
#[test]
fn unknown_agents_are_refused_with_the_texts_clients_know() {
    let mut world = World::new();
    let nobody = AgentId::new("nobody");
    assert_eq!(text(world.drain(&nobody)), (400, "Unknown agent".to_owned()));
    assert_eq!(text(world.deactivate(&nobody)), (400, "Unknown agent".to_owned()));
    assert_eq!(text(world.reactivate(&nobody)), (400, "Agent is not deactivated".to_owned()));
    assert_eq!(text(world.mark_gone(&nobody)), (404, "Agent 'nobody' not found".to_owned()));
    assert!(world.registry.is_empty());

    let (agent, _) = world.agent(1);
    assert_eq!(text(world.reactivate(&agent)), (400, "Agent is not deactivated".to_owned()));
}

/// §8.5.12, D12: what a repeated drain asks for is in the registry as it is in memory, and only tightens.
#[test]
fn d12_a_repeated_drain_means_the_same_before_and_after_a_failover() {
    let mut world = World::new();
    let (agent, link) = world.agent(1);
    let grace_of = |world: &World| {
        let config = world.record(&agent).unwrap().drain.unwrap().config.unwrap();
        config.max_grace_period.map(|grace| grace.nanoseconds / 1_000_000_000)
    };
    world.drain_with(&agent, grace(10)).unwrap();
    assert_eq!(grace_of(&world), Some(10));

    // Neither without a bound nor with a longer one is anything done again.
    for request in [master::DrainRequest::default(), grace(20), grace(10)] {
        world.drain_with(&agent, request).unwrap();
        assert!(world.mutations.is_empty() && world.to_agent(link).is_empty());
    }
    world.drain_with(&agent, grace(5)).unwrap();
    assert_eq!(grace_of(&world), Some(5));
    let sent = world.to_agent(link).pop().unwrap().drain.unwrap();
    assert_eq!((sent.generation, sent.config.unwrap().mark_gone), (Some(1), Some(false)));

    world.drain_with(&agent, decommission()).unwrap();
    assert_eq!(grace_of(&world), Some(5));
    world.drain_with(&agent, grace(5)).unwrap();
    assert_eq!(world.record(&agent).unwrap().drain.unwrap().config.unwrap().mark_gone, Some(true));
}

/// §8.5.12: a drained agent stays drained when asked again, and can still be decommissioned.
#[test]
fn a_drained_agent_can_only_be_drained_further_by_decommission() {
    let mut world = World::new();
    let (agent, link) = drained(&mut world, 1);
    world.drain_with(&agent, grace(1)).unwrap();
    assert!(world.mutations.is_empty() && world.to_agent(link).is_empty());
    assert_eq!(world.drain_state(&agent), DRAINED);

    world.drain_with(&agent, decommission()).unwrap();
    assert!(world.to_agent(link)[0].shutdown.as_ref().unwrap().gone());
}

/// A confirmation counts for its own drain only, not for the next one.
#[test]
fn a_confirmation_of_an_earlier_drain_does_not_count() {
    let mut world = World::new();
    let (agent, link) = drained(&mut world, 1);
    world.reactivate(&agent).unwrap();
    let sent = world.to_agent(link).pop().unwrap().reactivate.unwrap();
    assert_eq!(sent.generation, Some(1));

    world.drain(&agent).unwrap();
    assert_eq!(world.to_agent(link).pop().unwrap().drain.unwrap().generation, Some(2));
    world.call(link, &agent, progress(1, true));
    assert_eq!(world.drain_state(&agent), DRAINING);
    world.call(link, &agent, progress(2, false));
    assert_eq!(world.drain_state(&agent), DRAINING);
    world.call(link, &agent, progress(2, true));
    assert_eq!(world.drain_state(&agent), DRAINED);
}

/// D8: a graceful stop or a return under the same id does not end a drain.
#[test]
fn d08_stopping_an_agent_gracefully_keeps_its_overlay() {
    let mut world = World::new();
    let (agent, link) = drained(&mut world, 1);
    world.call(link, &agent, plain_call(wire::link::call::Type::Unregister));
    assert!(world.closes(link));
    assert_eq!(world.absent(&agent).unwrap().reachability(), wire::ebb::Reachability::Removed);
    assert_eq!(world.drain_state(&agent), DRAINED);
    world.failover();

    let link = world.rehello(1, &agent);
    assert_eq!(world.types_to_agent(link), [Type::Registered, Type::Drain]);
    assert_eq!(world.drain_state(&agent), DRAINED);
    assert!(!world.listed(&agent).unwrap().active);
}

/// D8: an agent that lost its work directory inherits what was laid over its predecessor.
#[test]
fn d08_a_new_agent_at_the_same_address_inherits_the_overlay() {
    let mut world = World::new();
    let (old, link) = drained(&mut world, 1);
    world.close(link);
    let (new, link) = world.agent(1);
    assert_ne!(old, new);
    assert!(world.record(&old).is_none());
    assert_eq!(world.drain_state(&new), DRAINING);
    let sent = world.to_agent(link).into_iter().find_map(|event| event.drain).unwrap();
    assert_eq!(sent.generation, Some(2));
    world.call(link, &new, progress(2, true));
    assert_eq!(world.drain_state(&new), DRAINED);

    let (deactivated, link) = world.agent(2);
    world.deactivate(&deactivated).unwrap();
    world.close(link);
    let (new, _) = world.agent(2);
    assert_eq!(world.listed(&new).unwrap().deactivated, Some(true));

    // Who was never deactivated leaves nothing behind.
    let (plain, link) = world.agent(3);
    world.close(link);
    let (new, _) = world.agent(3);
    assert!(world.record(&plain).is_none());
    assert!(world.listed(&new).unwrap().active);
}

/// D11: reactivation takes effect and says so, wherever the agent is.
#[test]
fn d11_reactivating_an_agent_that_is_not_connected_succeeds() {
    for leave in [
        |world: &mut World, link| {
            world.close(link);
        },
        |world: &mut World, link| {
            world.close(link).after(Duration::from_mins(10));
        },
        |world: &mut World, _| {
            world.failover();
        },
    ] {
        let mut world = World::new();
        let (agent, link) = drained(&mut world, 1);
        leave(&mut world, link);
        assert_eq!(world.reactivate(&agent), Ok(()));
        let mut back = with_id(hello(1), &agent);
        back.drain = Some(report(1, true));
        let link = world.hello(back);
        assert_eq!(world.types_to_agent(link), [Type::Registered, Type::Reactivate]);
        assert!(world.listed(&agent).unwrap().active);
    }
}

/// D11: the record of a removed agent was kept for its overlay alone and goes with it.
#[test]
fn d11_reactivating_a_removed_agent_forgets_it() {
    let mut world = World::new();
    let (agent, link) = drained(&mut world, 1);
    world.call(link, &agent, plain_call(wire::link::call::Type::Unregister));
    assert_eq!(world.reactivate(&agent), Ok(()));
    assert!(world.registry.is_empty());
}

/// §8.5.13: deactivation and drain in either order end together with one reactivation.
#[test]
fn deactivation_and_drain_combine_in_either_order() {
    let mut world = World::new();
    let (agent, link) = world.agent(1);
    world.deactivate(&agent).unwrap();
    assert!(world.to_agent(link).is_empty(), "the agent is not told about a deactivation");
    world.deactivate(&agent).unwrap();
    assert!(world.mutations.is_empty());
    world.drain(&agent).unwrap();
    world.deactivate(&agent).unwrap();
    assert!(world.mutations.is_empty());
    world.call(link, &agent, progress(1, true));
    assert_eq!(world.drain_state(&agent), DRAINED);
    world.reactivate(&agent).unwrap();
    let shown = world.listed(&agent).unwrap();
    assert!(shown.active && shown.deactivation.is_none() && shown.drain_info.is_none());
    assert!(world.reactivate(&agent).is_err());

    world.deactivate(&agent).unwrap();
    world.reactivate(&agent).unwrap();
    assert!(world.to_agent(link).is_empty(), "nothing to take back");
}

/// D17: when a drain began is known after failover and absence.
#[test]
fn d17_the_start_of_a_drain_survives_failover_and_absence() {
    let mut world = World::new();
    let (agent, _) = world.agent(1);
    world.drain(&agent).unwrap();
    let start = |world: &World| world.listed(&agent).unwrap().estimated_drain_start_time;
    let began = start(&world).unwrap();
    world.failover().after(Duration::from_mins(11));
    assert!(world.listed(&agent).is_none(), "unreachable by now");
    world.rehello(1, &agent);
    assert_eq!(start(&world), Some(began));
}

/// D30: an agent that turns out to run something is not drained, whatever was said before.
#[test]
fn d30_drained_is_revoked_when_the_agent_reports_the_contrary() {
    let mut world = World::new();
    let (agent, link) = drained(&mut world, 1);
    world.call(link, &agent, progress(1, false));
    assert_eq!(world.drain_state(&agent), DRAINING);
    assert_eq!(world.mutations.len(), 1);
    world.call(link, &agent, progress(1, true));
    assert_eq!(world.drain_state(&agent), DRAINED);

    // The same when it says so at its return.
    world.close(link);
    let mut back = with_id(hello(1), &agent);
    back.drain = Some(report(1, false));
    let link = world.hello(back);
    assert_eq!(world.drain_state(&agent), DRAINING);
    world.call(link, &agent, progress(1, true));
    assert_eq!(world.drain_state(&agent), DRAINED);
}

/// The next drain is later than any the agent has ever seen, also one this registry knows nothing of.
#[test]
fn generations_outrun_what_the_agent_has_seen() {
    let mut world = World::new();
    let mut stranger = with_id(hello(1), &AgentId::new("old-S7"));
    stranger.drain = Some(report(5, true));
    let link = world.hello(stranger);
    let agent = world.registered(link);
    assert_eq!(world.types_to_agent(link), [Type::Registered, Type::Reactivate]);
    assert_eq!(world.record(&agent).unwrap().last_generation, Some(5));
    world.drain(&agent).unwrap();
    assert_eq!(world.to_agent(link).pop().unwrap().drain.unwrap().generation, Some(6));

    world.call(link, &agent, progress(9, true));
    assert_eq!(world.to_agent(link).pop().unwrap().drain.unwrap().generation, Some(10));
    assert_eq!(world.drain_state(&agent), DRAINING);
    // Made up, or the last number there is.
    world.call(link, &agent, progress(u64::MAX, true));
    assert!(world.mutations.is_empty());
    world.call(link, &agent, progress(10, true));
    assert_eq!(world.drain_state(&agent), DRAINED);
}

/// §8.5.16: of racing operators each gets the answer that fits what came before.
#[test]
fn racing_operators_get_answers_that_fit() {
    let mut world = World::new();
    let (agent, link) = world.agent(1);
    world.drain(&agent).unwrap();
    world.mark_gone(&agent).unwrap();
    assert!(world.closes(link));
    assert_eq!(world.mark_gone(&agent), Ok(()));
    assert!(world.mutations.is_empty());
    assert_eq!(text(world.drain(&agent)).0, 400);
    assert_eq!(text(world.deactivate(&agent)).0, 400);
    assert_eq!(text(world.reactivate(&agent)).1, "Agent is not deactivated");
}
