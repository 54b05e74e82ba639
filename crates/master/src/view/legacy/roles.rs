//! `/roles`: who is in a role, and what is held and kept for it.

use std::collections::BTreeMap;

use model::Resources;
use model::legacy::List;
use model::resources::Quantities;
use serde::Serialize;
use serde::ser::Serializer;

use crate::state::Master;

#[derive(Serialize)]
struct Role<'a> {
    name: &'a str,
    weight: f64,
    quota: Quota<'a>,
    // Mesos: `allocated` and `offered` together.
    resources: Quantities,
    allocated: Quantities,
    offered: Quantities,
    reserved: Quantities,
    frameworks: &'a [&'a str],
}

// Mesos: in singular here, in plural in the v1 API.
#[derive(Serialize)]
struct Quota<'a> {
    role: &'a str,
    guarantee: Quantities,
    limit: Quantities,
    consumed: Quantities,
}

#[derive(Default)]
struct Held<'a> {
    frameworks: Vec<&'a str>,
    allocated: Resources,
    offered: Resources,
    reserved: Resources,
    /// Of the reserved, what is in use.
    reserved_in_use: Resources,
}

impl Held<'_> {
    fn show<'a>(&'a self, name: &'a str, master: &Master) -> Role<'a> {
        let (allocated, offered) = (self.allocated.quantities(), self.offered.quantities());
        let mut resources = allocated.clone();
        resources.add(&offered);
        // Mesos: what is in use, and what is reserved without being in use.
        let mut idle = self.reserved.clone();
        let consumed = match idle.checked_sub(&self.reserved_in_use) {
            Ok(()) => {
                let mut consumed = allocated.clone();
                consumed.add(&idle.quantities());
                consumed
            }
            // Held of a reservation that is gone meanwhile.
            Err(_) => allocated.clone(),
        };
        let set = master.roles.get(name);
        let quota = Quota {
            role: name,
            guarantee: set.map(|it| Quantities::from(&it.quota.guarantees)).unwrap_or_default(),
            limit: set.map(|it| Quantities::from(&it.quota.limits)).unwrap_or_default(),
            consumed,
        };
        Role {
            name,
            weight: master.weight_of(name),
            quota,
            resources,
            allocated,
            offered,
            reserved: self.reserved.quantities(),
            frameworks: &self.frameworks,
        }
    }
}

struct Roles<'a> {
    held: BTreeMap<String, Held<'a>>,
    master: &'a Master,
}

impl Serialize for Roles<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Members<L> {
            roles: L,
        }
        Members {
            roles: List(|| self.held.iter().map(|(name, held)| held.show(name, self.master))),
        }
        .serialize(serializer)
    }
}

impl Master {
    /// `/roles`: roles somebody is in, holds something in, has something reserved for or has set something for.
    pub fn legacy_roles(&self) -> impl Serialize {
        Roles { held: self.held_by_roles(), master: self }
    }

    fn held_by_roles(&self) -> BTreeMap<String, Held<'_>> {
        let mut roles: BTreeMap<String, Held<'_>> = BTreeMap::new();
        for framework in self.frameworks.values() {
            for role in &framework.roles {
                roles.entry(role.clone()).or_default().frameworks.push(framework.id.as_str());
            }
            for (role, offered) in self.offered_to(framework).allocations() {
                roles.entry(role).or_default().offered.add(&offered.unallocated());
            }
        }
        for used in self.used_by_frameworks().values() {
            for (role, allocated) in used.allocations() {
                let allocated = allocated.unallocated();
                let held = roles.entry(role).or_default();
                for in_use in allocated.reservations().values() {
                    held.reserved_in_use.add(in_use);
                }
                held.allocated.add(&allocated);
            }
        }
        for agent in self.agents.values().filter(|agent| agent.is_listed()) {
            for (role, reserved) in agent.total.reservations() {
                roles.entry(role).or_default().reserved.add(&reserved);
            }
        }
        for role in self.roles.keys() {
            roles.entry(role.clone()).or_default();
        }
        roles
    }
}
