//! Refusals of offers that hold for a while.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::{AgentId, FrameworkId, Moment, Resources};

/// Filters of one framework, role and agent beyond which the oldest makes room.
const MAX_PER_KEY: usize = 16;

#[derive(Clone, Debug)]
struct Filter {
    refused: Resources,
    until: Moment,
}

/// An agent's filters by who refused, in which role.
type OfAgent = BTreeMap<(FrameworkId, Arc<str>), Vec<Filter>>;

/// Filters by agent, with the moments at which they end.
#[derive(Clone, Debug, Default)]
pub(super) struct Filters {
    by_agent: BTreeMap<AgentId, OfAgent>,
    by_framework: BTreeMap<FrameworkId, BTreeSet<AgentId>>,
    ends: BTreeSet<(Moment, AgentId)>,
}

impl Filters {
    /// `framework` wants nothing in `role` from `agent` that `refused` contains, until `until`.
    pub(super) fn add(
        &mut self,
        agent: &AgentId,
        framework: &FrameworkId,
        role: &Arc<str>,
        refused: Resources,
        until: Moment,
    ) {
        let of_agent = self.by_agent.entry(agent.clone()).or_default();
        let filters = of_agent.entry((framework.clone(), role.clone())).or_default();
        filters.retain(|old| old.until > until || !refused.contains(&old.refused));
        if filters.len() >= MAX_PER_KEY {
            filters.remove(0);
        }
        filters.push(Filter { refused, until });
        self.by_framework.entry(framework.clone()).or_default().insert(agent.clone());
        self.ends.insert((until, agent.clone()));
    }

    // Mesos: a filter keeps off offers that are no more than what was refused.
    pub(super) fn is_refused(
        &self,
        agent: &AgentId,
        framework: &FrameworkId,
        role: &Arc<str>,
        resources: &Resources,
        now: Moment,
    ) -> bool {
        self.by_agent
            .get(agent)
            .and_then(|of_agent| of_agent.get(&(framework.clone(), role.clone())))
            .is_some_and(|filters| {
                filters
                    .iter()
                    .any(|filter| filter.until > now && filter.refused.contains(resources))
            })
    }

    /// Drops what has ended and tells the agents concerned.
    pub(super) fn end(&mut self, now: Moment) -> BTreeSet<AgentId> {
        let mut ended = BTreeSet::new();
        while let Some((until, _)) = self.ends.first() {
            if *until > now {
                break;
            }
            if let Some((_, agent)) = self.ends.pop_first() {
                ended.insert(agent);
            }
        }
        for agent in &ended {
            let Some(of_agent) = self.by_agent.get_mut(agent) else { continue };
            let mut owners = BTreeSet::new();
            of_agent.retain(|(owner, _), filters| {
                filters.retain(|filter| filter.until > now);
                if filters.is_empty() {
                    owners.insert(owner.clone());
                }
                !filters.is_empty()
            });
            owners.retain(|owner| !of_agent.keys().any(|(other, _)| other == owner));
            for owner in owners {
                forget_one(&mut self.by_framework, &owner, agent);
            }
            if of_agent.is_empty() {
                self.by_agent.remove(agent);
            }
        }
        ended
    }

    /// Drops a framework's filters, in `roles` or in all.
    pub(super) fn clear(&mut self, framework: &FrameworkId, roles: Option<&BTreeSet<String>>) {
        let Some(agents) = self.by_framework.remove(framework) else { return };
        let mut left = BTreeSet::new();
        for agent in agents {
            let Some(of_agent) = self.by_agent.get_mut(&agent) else { continue };
            of_agent.retain(|(owner, role), _| {
                owner != framework || roles.is_some_and(|roles| !roles.contains(&**role))
            });
            if of_agent.keys().any(|(owner, _)| owner == framework) {
                left.insert(agent.clone());
            }
            if of_agent.is_empty() {
                self.by_agent.remove(&agent);
            }
        }
        if !left.is_empty() {
            self.by_framework.insert(framework.clone(), left);
        }
    }

    /// Drops what hangs on an agent that is no more.
    pub(super) fn forget_agent(&mut self, agent: &AgentId) {
        let Some(of_agent) = self.by_agent.remove(agent) else { return };
        for ((framework, _), filters) in of_agent {
            for filter in filters {
                self.ends.remove(&(filter.until, agent.clone()));
            }
            forget_one(&mut self.by_framework, &framework, agent);
        }
    }

    /// When the next filter ends.
    pub(super) fn next_end(&self) -> Option<Moment> {
        self.ends.first().map(|(until, _)| *until)
    }
}

fn forget_one(
    by_framework: &mut BTreeMap<FrameworkId, BTreeSet<AgentId>>,
    framework: &FrameworkId,
    agent: &AgentId,
) {
    if let Some(agents) = by_framework.get_mut(framework) {
        agents.remove(agent);
        if agents.is_empty() {
            by_framework.remove(framework);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cpus(amount: f64) -> Resources {
        let resource = wire::v1::Resource {
            name: "cpus".to_owned(),
            r#type: wire::v1::value::Type::Scalar as i32,
            scalar: Some(wire::v1::value::Scalar { value: amount }),
            ..Default::default()
        };
        Resources::from_wire(&[resource]).unwrap()
    }

    /// A filter refuses what it contains, for its framework, role and time; nothing is left behind of it.
    #[test]
    fn filters_refuse_what_they_contain_until_they_end() {
        let (agent, other) = (AgentId::new("s1"), AgentId::new("s2"));
        let (framework, role) = (FrameworkId::new("f"), Arc::from("web"));
        let mut filters = Filters::default();
        filters.add(&agent, &framework, &role, cpus(2.0), Moment(10));
        filters.add(&agent, &framework, &role, cpus(1.0), Moment(20));
        let refused = |filters: &Filters, agent: &AgentId, amount: f64, now: u64| {
            filters.is_refused(agent, &framework, &role, &cpus(amount), Moment(now))
        };
        assert!(refused(&filters, &agent, 2.0, 9));
        assert!(!refused(&filters, &agent, 2.1, 9));
        assert!(!refused(&filters, &other, 1.0, 9));
        assert!(!filters.is_refused(&agent, &framework, &Arc::from("db"), &cpus(1.0), Moment(9)));
        assert_eq!(filters.next_end(), Some(Moment(10)));
        assert_eq!(filters.end(Moment(10)), BTreeSet::from([agent.clone()]));
        assert!(!refused(&filters, &agent, 2.0, 10));
        assert!(refused(&filters, &agent, 1.0, 10));
        filters.end(Moment(20));
        assert!(filters.by_agent.is_empty() && filters.by_framework.is_empty());
        assert_eq!(filters.next_end(), None);
    }

    /// Filters are bounded however often somebody declines, and go with framework or agent.
    #[test]
    fn filters_are_bounded_and_go_with_their_owners() {
        let (agent, framework) = (AgentId::new("s1"), FrameworkId::new("f"));
        let (web, db): (Arc<str>, Arc<str>) = (Arc::from("web"), Arc::from("db"));
        let mut filters = Filters::default();
        for index in 0..100_u32 {
            let refused = cpus(f64::from(100 - index));
            filters.add(&agent, &framework, &web, refused, Moment(1000 + u64::from(index)));
        }
        filters.add(&agent, &framework, &db, cpus(1.0), Moment(5));
        let of_web = &filters.by_agent[&agent][&(framework.clone(), web.clone())];
        assert_eq!(of_web.len(), MAX_PER_KEY);
        filters.clear(&framework, Some(&BTreeSet::from(["web".to_owned()])));
        assert!(!filters.is_refused(&agent, &framework, &web, &cpus(1.0), Moment(0)));
        assert!(filters.is_refused(&agent, &framework, &db, &cpus(1.0), Moment(0)));
        filters.forget_agent(&agent);
        assert!(filters.by_agent.is_empty());
        assert!(filters.by_framework.is_empty());
    }
}
