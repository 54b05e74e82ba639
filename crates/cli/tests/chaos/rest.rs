//! After the last fault: everything that can end does, within a bound, and what everybody believes is so.

use std::time::{Duration, Instant};

use wire::ebb::Reachability;
use wire::v1::DrainState;

use crate::clock;
use crate::faults;
use crate::hosts::Kind;
use crate::ledger::{Act, Answer};
use crate::operator;
use crate::rules::{self, Breach};
use crate::world::{Shown, World};

/// Time to come to rest.
const BOUND: Duration = Duration::from_secs(90);
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Ends all faults, waits for rest, then drains every agent.
pub(crate) async fn come_to_rest(world: &World) {
    faults::heal(world).await;
    for service in &world.services {
        service.be_quiet();
    }
    world.journal.note("the last fault is over");
    if !settle(world, "rest", unrest).await {
        return;
    }
    settle(world, "every call has had its effect", uncertain).await;
    for host in world.hosts.iter().filter(|host| host.kind == Kind::Agent) {
        drain_at_last(world, &host.name).await;
    }
    if settle(world, "drains of all agents", not_drained).await {
        settle(world, "a last look at the drained hosts", not_looked_at).await;
    }
}

/// Agents that were not yet held against their hosts while they were drained.
async fn not_looked_at(world: &World) -> Vec<Breach> {
    let Some(agents) = world.read_agents().await else { return Vec::new() };
    let ledger = world.ledger.lock().unwrap();
    let shown = registered(world, &agents).into_iter().filter_map(|(_, shown)| shown);
    shown
        .filter(|shown| !ledger.get(&shown.id).is_seen_drained())
        .map(|shown| ("harness", format!("nobody looked at drained {}", shown.id)))
        .collect()
}

/// Calls without an answer that may have their effect yet.
async fn uncertain(world: &World) -> Vec<Breach> {
    let ledger = world.ledger.lock().unwrap();
    let now = clock::now();
    let unsettled = ledger.agents().filter(|(_, entry)| !entry.is_settled(now));
    unsettled.map(|(id, _)| ("harness", format!("a call about {id} is open"))).collect()
}

/// Waits until nothing is found any more; tells what is left when that takes too long.
async fn settle(world: &World, what: &str, look: impl AsyncFn(&World) -> Vec<Breach>) -> bool {
    let started = Instant::now();
    loop {
        let left = look(world).await;
        if left.is_empty() {
            let took = started.elapsed().as_secs_f64();
            world.journal.say(&format!("{what}: after {took:.1} s"));
            return true;
        }
        if started.elapsed() > BOUND {
            for (rule, what) in left {
                world.journal.broken(rule, &what);
            }
            return false;
        }
        if world.journal.is_broken() {
            return false;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
}

/// The agent of each host, as far as they are registered.
fn registered<'a>(world: &'a World, agents: &'a [Shown]) -> Vec<(&'a str, Option<&'a Shown>)> {
    let of = |name: &str| {
        agents
            .iter()
            .find(|shown| shown.host == name && shown.reachability == Reachability::Registered)
    };
    world.agents().map(|host| (host.name.as_str(), of(&host.name))).collect()
}

async fn unrest(world: &World) -> Vec<Breach> {
    let Some(agents) = world.read_agents().await else {
        return vec![("everybody-comes-back", "no master answers".to_owned())];
    };
    let mut found = Vec::new();
    for (host, shown) in registered(world, &agents) {
        let Some(shown) = shown else {
            found.push(("everybody-comes-back", format!("the agent of {host} is not registered")));
            continue;
        };
        if shown.state() == Some(DrainState::Draining) {
            let what = format!("{} of {host} waits for {}", shown.id, shown.show_blockers());
            found.push(("every-drain-ends", what));
        }
    }
    let tasks = world.tasks();
    let processes = world.processes();
    for (id, task) in &tasks {
        found.extend(world.with_facts(id, task, |fact| rules::rest(fact, &processes)));
    }
    found
}

async fn drain_at_last(world: &World, host: &str) {
    let act = Act::Drain { bound: Some(Duration::from_secs(2)), decommission: false };
    let started = Instant::now();
    while started.elapsed() < BOUND {
        if operator::operate(world, host, act, act).await == Some(Answer::Done) {
            return;
        }
        tokio::time::sleep(LOOK_AGAIN).await;
    }
    world.journal.broken("every-drain-ends", &format!("{host} cannot be drained at the end"));
}

async fn not_drained(world: &World) -> Vec<Breach> {
    let Some(agents) = world.read_agents().await else {
        return vec![("everybody-comes-back", "no master answers".to_owned())];
    };
    let mut found = Vec::new();
    for (host, shown) in registered(world, &agents) {
        let is_drained = shown.is_some_and(|shown| shown.state() == Some(DrainState::Drained));
        if !is_drained {
            let blockers = shown.map(Shown::show_blockers).unwrap_or_default();
            found.push(("every-drain-ends", format!("{host} waits for {blockers}")));
        }
    }
    found
}
