//! Reads what masters show, all through the run, and holds it against what is so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;
use wire::ebb::Reachability;
use wire::v1::DrainState;

use crate::clock;
use crate::ledger::{Entry, Standing};
use crate::rules;
use crate::world::{Shown, World, read_agents_of};

const EVERY: Duration = Duration::from_millis(200);
/// Nothing new is learnt of a task that was launched this long ago and is over.
const JUDGED_AFTER: Duration = Duration::from_mins(1);
/// A master that was stopped answers when it goes on.
const READ_LIMIT: Duration = Duration::from_secs(12);

/// What was seen of drains and ids before.
#[derive(Debug, Default)]
struct Memory {
    /// The id of the agent of a host and incarnation.
    ids: BTreeMap<(String, u32), String>,
    /// Bound and mark-gone of a drain, by agent and generation.
    drains: BTreeMap<(String, u64), Drain>,
    /// Agents whose frameworks were asked about since they were shown as drained.
    checked: BTreeMap<String, u64>,
}

/// A drain as it was shown by an answer that came at this time.
#[derive(Clone, Copy, Debug)]
struct Drain {
    at: Duration,
    bound: Option<Duration>,
    marks_gone: bool,
}

/// Reads from every master on its own: one that was stopped answers late, and must not tell what is no longer
/// so. Ends with the run.
pub(crate) async fn keep_watching(world: Arc<World>) {
    let memory = Arc::new(Mutex::new(Memory::default()));
    let mut readers = JoinSet::new();
    for master in 0..world.cast.masters {
        let (world, memory) = (world.clone(), memory.clone());
        readers.spawn(async move {
            loop {
                read_once(&world, master, &memory).await;
                tokio::time::sleep(EVERY).await;
            }
        });
    }
    let mut judged = BTreeSet::new();
    loop {
        let long_ago = clock::now().saturating_sub(JUDGED_AFTER);
        for (id, task) in world.tasks() {
            if judged.contains(&id) {
                continue;
            }
            let breaches = world.with_facts(&id, &task, |fact| {
                let mut breaches = rules::launches(fact);
                breaches.extend(rules::graces(fact));
                breaches
            });
            for (rule, what) in breaches {
                world.journal.broken(rule, &what);
            }
            if task.accepted < long_ago && !task.is_believed_alive() {
                judged.insert(id);
            }
        }
        if world.journal.is_broken() {
            return;
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn incarnations(world: &World) -> BTreeMap<String, u32> {
    let mut found = BTreeMap::new();
    for host in world.agents() {
        found.insert(host.name.clone(), host.daemon.lock().await.incarnation);
    }
    found
}

async fn read_once(world: &Arc<World>, master: usize, memory: &Mutex<Memory>) {
    let incarnations_before = incarnations(world).await;
    let before = world.ledger.lock().unwrap().clone();
    let asked = clock::now();
    let master = &world.masters()[master];
    let Ok(Some(agents)) = timeout(READ_LIMIT, read_agents_of(master)).await else {
        return world.count("reads without answer");
    };
    world.count("reads");
    // Looked at after the answer came: what it says must be so.
    let processes = world.processes();
    let tasks = world.tasks();
    let now = clock::now();
    let incarnations_after = incarnations(world).await;
    let after = world.ledger.lock().unwrap().clone();
    let memory = &mut *memory.lock().unwrap();
    for shown in &agents {
        let (old, new) = (before.get(&shown.id), after.get(&shown.id));
        // Nobody asked anything meanwhile, and nothing is under way.
        let is_settled = old.version == new.version && new.is_settled(asked);
        let incarnation = incarnations_before.get(&shown.host).copied();
        let is_same_host = incarnation == incarnations_after.get(&shown.host).copied();
        standing(world, shown, &new, is_settled);
        gone(world, shown, &old);
        drain(world, memory, shown, asked);
        let Some(incarnation) = incarnation.filter(|_| is_same_host) else { continue };
        let is_current = identity(world, memory, shown, incarnation);
        let is_drained =
            shown.state() == Some(DrainState::Drained) && shown.reachability != Reachability::Gone;
        if !is_drained {
            memory.checked.remove(&shown.id);
        }
        let cannot_return = old.reactivations == new.reactivations && new.cannot_return(asked);
        if is_drained && cannot_return && is_current {
            let on_host: Vec<_> =
                processes.iter().filter(|process| process.host == shown.host).cloned().collect();
            let is_new = memory.checked.insert(shown.id.clone(), new.reactivations)
                != Some(new.reactivations);
            let mut breaches = rules::drained(&shown.id, &on_host, &[]);
            if is_new {
                world.count("drained");
                world.ledger.lock().unwrap().entry(&shown.id).seen_drained(now, new.reactivations);
                for (id, task) in tasks.iter().filter(|(_, task)| task.agent == shown.id) {
                    let look = |fact: &rules::Facts<'_>| rules::drained(&shown.id, &[], &[*fact]);
                    breaches.extend(world.with_facts(id, task, look));
                }
            }
            for (rule, what) in breaches {
                world.journal.broken(rule, &what);
            }
        }
    }
    let listed = |id: &String| agents.iter().any(|shown| shown.id == *id);
    for (id, entry) in before.agents() {
        if entry.standing == Standing::Out && !listed(id) {
            world
                .journal
                .broken("acknowledged-is-durable", &format!("{id} is not listed any more"));
        }
    }
}

/// What operators were told is what masters show.
fn standing(world: &World, shown: &Shown, entry: &Entry, is_settled: bool) {
    if !is_settled || shown.reachability == Reachability::Gone {
        return;
    }
    let is_out = shown.is_out || shown.drain.is_some();
    if entry.standing == Standing::Out && !is_out {
        let what = format!("{} was taken out of service, and is shown in service", shown.id);
        world.journal.broken("acknowledged-is-durable", &what);
    }
    if entry.standing == Standing::In && is_out && entry.version > 0 {
        let what = format!("{} was reactivated, and is shown out of service", shown.id);
        world.journal.broken("acknowledged-is-durable", &what);
    }
    let marks = shown.drain.as_ref().is_some_and(|drain| drain.config.mark_gone.unwrap_or(false));
    if entry.standing == Standing::Out && entry.decommissioned && !marks {
        let what = format!("{} was to be decommissioned, and that is not shown", shown.id);
        world.journal.broken("acknowledged-is-durable", &what);
    }
}

fn gone(world: &World, shown: &Shown, before: &Entry) {
    if shown.reachability == Reachability::Gone {
        world.ledger.lock().unwrap().entry(&shown.id).is_gone = true;
    } else if before.is_gone {
        let what = format!("{} was gone, and is {:?}", shown.id, shown.reachability);
        world.journal.broken("gone-stays-gone", &what);
    }
}

/// A drain gets no longer, and no one takes the decommissioning out of it.
fn drain(world: &World, memory: &mut Memory, shown: &Shown, asked: Duration) {
    let (Some(info), Some(status)) = (&shown.drain, &shown.status) else { return };
    let bound = info.config.max_grace_period.as_ref();
    let bound = bound.map(|bound| model::duration::grace_of(bound).unwrap_or_default());
    let marks = info.config.mark_gone.unwrap_or(false);
    let key = (shown.id.clone(), status.generation.unwrap_or_default());
    let new = Drain { at: clock::now(), bound, marks_gone: marks };
    let old = *memory.drains.entry(key.clone()).or_insert(new);
    // Two answers that crossed each other say nothing.
    if asked > old.at {
        let longest = |bound: Option<Duration>| bound.unwrap_or(Duration::MAX);
        if longest(bound) > longest(old.bound) || (old.marks_gone && !marks) {
            let what = format!("drain {} of {} was {old:?}, and is {new:?}", key.1, key.0);
            world.journal.broken("no-drain-lengthens", &what);
        }
        memory.drains.insert(key, new);
    }
}

/// An agent keeps its id as long as it keeps its disk. Whether this is the agent of the host now.
fn identity(world: &World, memory: &mut Memory, shown: &Shown, incarnation: u32) -> bool {
    let key = (shown.host.clone(), incarnation);
    if shown.reachability != Reachability::Registered {
        return memory.ids.get(&key).is_none_or(|id| *id == shown.id);
    }
    let known = memory.ids.entry(key).or_insert_with(|| shown.id.clone());
    if *known != shown.id {
        let what = format!("the agent of {} was {known} and is {}", shown.host, shown.id);
        world.journal.broken("agents-keep-their-id", &what);
    }
    true
}
