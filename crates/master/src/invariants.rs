//! What must hold after every event.

use std::collections::BTreeMap;

use model::drain::{DrainState, Reachability};
use model::{FrameworkId, Resources};

use crate::state::{Agent, Master, TaskKey};

impl Master {
    /// Cheap: looks at the agents the event touched. A violation is a fault of this program; stopping is
    /// better than going on, as the next leader starts from the registry.
    pub(crate) fn check(&self) {
        assert!(self.dirty.is_empty(), "every touched agent has been settled");
        for id in &self.settled {
            if let Some(agent) = self.agents.get(id) {
                self.check_agent(agent);
            }
        }
    }

    /// Looks at everything, indexes included. For the simulator and tests: takes time in proportion to
    /// the cluster.
    ///
    /// # Panics
    /// If an invariant is violated.
    pub fn check_all(&self) {
        for agent in self.agents.values() {
            self.check_agent(agent);
            check_books(agent);
            assert!(agent.tasks.are_counted(), "{}: every task counts once", agent.id);
            let residents = self.addresses.get(&agent.address());
            let is_indexed = residents.is_some_and(|ids| ids.contains(&agent.id));
            assert_eq!(
                is_indexed,
                agent.reachability != Reachability::Gone,
                "agents are found by their address until they are gone"
            );
        }
        let indexed: usize = self.addresses.values().map(std::collections::BTreeSet::len).sum();
        let present = self.agents.values().filter(|a| a.reachability != Reachability::Gone).count();
        assert_eq!(indexed, present, "every address leads to an agent");
        for (key, id) in &self.admission_keys {
            let agent = self.agents.get(id).expect("every admission key leads to an agent");
            assert_eq!(agent.admission_key.as_ref(), Some(key), "an agent is found by its own key");
        }
        for (link, id) in &self.links {
            let agent = self.agents.get(id).expect("every link leads to an agent");
            assert_eq!(agent.link, Some(*link), "an agent has one link");
        }
        for (stream, id) in &self.streams {
            let framework = self.frameworks.get(id).expect("every stream leads to a framework");
            assert_eq!(framework.stream, Some(*stream), "a framework has one stream");
        }
        for (id, offer) in &self.offers {
            let agent = self.agents.get(&offer.agent).expect("every offer is of a known agent");
            assert!(agent.offers.contains(id), "an agent knows its offers");
        }
        self.check_inverse_offers();
        for framework in self.frameworks.values() {
            for (task, agent) in &framework.tasks {
                let agent = self.agents.get(agent).expect("every task is on a known agent");
                let key = TaskKey { framework: framework.id.clone(), task: task.clone() };
                assert!(
                    agent.tasks.contains_key(&key),
                    "a framework's task is on the agent it names"
                );
            }
        }
    }

    fn check_agent(&self, agent: &Agent) {
        let id = &agent.id;
        let is_registered = agent.reachability == Reachability::Registered;
        assert_eq!(is_registered, agent.link.is_some(), "{id}: registered means connected");
        if let Some(link) = &agent.link {
            assert_eq!(self.links.get(link), Some(id), "{id}: its link leads to it");
        }
        if !agent.offers.is_empty() {
            assert!(
                agent.is_offerable(),
                "{id}: only a registered agent without overlay is offered"
            );
            self.check_amounts(agent);
        }
        match agent.reachability {
            Reachability::Gone => {
                assert!(agent.overlay.is_none(), "{id}: a gone agent has no overlay");
                check_bare(agent);
            }
            Reachability::Removed => {
                assert!(!agent.overlay.is_none(), "{id}: only its overlay keeps a removed agent");
                check_bare(agent);
            }
            Reachability::Unreachable | Reachability::Recovered => check_bare(agent),
            Reachability::Registered | Reachability::Disconnected => {}
        }
        let Some(drain) = &agent.overlay.drain else { return };
        assert!(drain.generation <= agent.last_generation, "{id}: generations only grow");
        assert_ne!(drain.state, DrainState::Unknown, "{id}: a drain is draining or drained");
        if drain.state == DrainState::Drained {
            assert!(agent.tasks.is_empty(), "{id}: a drained agent runs nothing");
            assert!(agent.operations.is_empty(), "{id}: a drained agent has no operations");
            assert!(!drain.config.mark_gone, "{id}: a drained agent to be decommissioned is gone");
        }
    }

    fn check_amounts(&self, agent: &Agent) {
        let mut taken = Resources::new();
        for used in agent.used.values() {
            taken.add(&used.unallocated());
        }
        for offer in &agent.offers {
            let offer = self.offers.get(offer).expect("an agent's offers exist");
            taken.add(&offer.resources.unallocated());
        }
        let id = &agent.id;
        assert!(agent.total.contains(&taken), "{id}: what is offered and used is there");
    }
}

/// What is charged is what runs: nothing leaks and nothing is freed twice.
fn check_books(agent: &Agent) {
    let mut used: BTreeMap<&FrameworkId, Resources> = BTreeMap::new();
    let tasks = agent.tasks.iter().filter(|(_, task)| !task.is_terminal());
    let tasks = tasks.map(|(key, task)| (&key.framework, &task.resources));
    let executors = agent.executors.iter();
    let executors = executors.map(|((framework, _), one)| (framework, &one.resources));
    for (framework, resources) in tasks.chain(executors) {
        used.entry(framework).or_default().add(resources);
    }
    // By the word of an agent two tasks may hold the same port, which is charged once.
    let sums = |resources: &Resources| -> BTreeMap<String, _> {
        resources.scalars().map(|(name, amount)| (name.to_owned(), amount)).collect()
    };
    let is_some = |(_, sums): &(FrameworkId, BTreeMap<String, _>)| !sums.is_empty();
    let used: BTreeMap<FrameworkId, _> =
        used.into_iter().map(|(id, all)| (id.clone(), sums(&all))).filter(is_some).collect();
    let charged: BTreeMap<FrameworkId, _> =
        agent.used.iter().map(|(id, all)| (id.clone(), sums(all))).filter(is_some).collect();
    assert_eq!(charged, used, "{}: what is charged is what runs", agent.id);
}

/// An agent that is not in the cluster holds nothing.
fn check_bare(agent: &Agent) {
    let id = &agent.id;
    assert!(agent.tasks.is_empty(), "{id}: an absent agent has no tasks");
    assert!(agent.executors.is_empty(), "{id}: an absent agent has no executors");
    assert!(agent.operations.is_empty(), "{id}: an absent agent has no operations");
    assert!(agent.used.is_empty(), "{id}: nothing of an absent agent is used");
    assert!(agent.offers.is_empty(), "{id}: an absent agent is not offered");
}
