//! Frameworks and roles as reads and operator events show them.

use std::collections::BTreeMap;

use model::resources::Format;
use model::{FrameworkId, Resources, Timestamp};
use wire::compose::Composer;
use wire::field;
use wire::master::event::{self, Type};
use wire::master::response::{GetFrameworks, GetRoles, get_frameworks};
use wire::v1::FrameworkInfo;

use crate::effects::Effects;
use crate::roles::scalar;
use crate::state::{Framework, Master};

// Mesos: of others it does not know whether they are amounts. All there is, is in `/roles`.
const SHOWN_OF_ROLES: [&str; 4] = ["cpus", "disk", "gpus", "mem"];

impl Master {
    /// The answer to `GET_FRAMEWORKS`.
    pub fn view_frameworks(&self) -> GetFrameworks {
        GetFrameworks {
            frameworks: self.known_frameworks().collect(),
            completed_frameworks: self.over_frameworks().collect(),
            ..GetFrameworks::default()
        }
    }

    /// [`Master::view_frameworks`], written.
    pub fn write_frameworks(&self, get_frameworks: &mut Composer<'_>) {
        let known = self.known_frameworks();
        get_frameworks
            .messages::<get_frameworks::Framework>(field!(GetFrameworks, "frameworks"), known);
        let over = self.over_frameworks();
        get_frameworks.messages::<get_frameworks::Framework>(
            field!(GetFrameworks, "completed_frameworks"),
            over,
        );
    }

    fn known_frameworks(&self) -> impl Iterator<Item = get_frameworks::Framework> {
        let mut used = self.used_by_frameworks();
        let frameworks = self.frameworks.values();
        frameworks.map(move |it| self.view_framework(it, &used.remove(&it.id).unwrap_or_default()))
    }

    fn over_frameworks(&self) -> impl Iterator<Item = get_frameworks::Framework> {
        self.completed_frameworks.iter().map(|framework| get_frameworks::Framework {
            framework_info: FrameworkInfo::clone(&framework.info),
            registered_time: Some(framework.registered_at.to_wire()),
            reregistered_time: framework.reregistered_at.map(Timestamp::to_wire),
            unregistered_time: Some(framework.completed_at.to_wire()),
            offer_constraints: Some(wire::scheduler::OfferConstraints::default()),
            ..Default::default()
        })
    }

    /// What the tasks and executors of each framework use on all agents, allocated to roles.
    ///
    /// Summed up when asked for: of ports and sets, which several agents have alike, a sum can't be kept
    /// from which one agent's part is taken away again.
    pub(super) fn used_by_frameworks(&self) -> BTreeMap<FrameworkId, Resources> {
        let mut sums: BTreeMap<FrameworkId, Resources> = BTreeMap::new();
        for (id, used) in self.agents.values().flat_map(|agent| &agent.used) {
            if let Some(sum) = sums.get_mut(id) {
                sum.add(used);
            } else {
                sums.insert(id.clone(), used.clone());
            }
        }
        sums
    }

    fn used_by(&self, framework: &FrameworkId) -> Resources {
        self.agents.values().filter_map(|agent| agent.used.get(framework)).collect()
    }

    fn view_framework(&self, framework: &Framework, used: &Resources) -> get_frameworks::Framework {
        get_frameworks::Framework {
            framework_info: FrameworkInfo::clone(&framework.info),
            active: framework.is_connected(),
            connected: framework.is_connected(),
            recovered: framework.recovered,
            registered_time: Some(framework.registered_at.to_wire()),
            reregistered_time: framework.reregistered_at.map(Timestamp::to_wire),
            unregistered_time: None,
            offers: self.view_offers(framework),
            inverse_offers: self.view_inverse_offers(&framework.id),
            allocated_resources: used.to_wire_as(Format::Both),
            offered_resources: self.offered_to(framework).to_wire_as(Format::Both),
            offer_constraints: Some(framework.offer_constraints.clone().unwrap_or_default()),
        }
    }

    pub(super) fn offered_to(&self, framework: &Framework) -> Resources {
        let offers = framework.offers.iter().filter_map(|id| self.offers.get(id));
        offers.map(|offer| &offer.resources).collect()
    }

    /// The answer to `GET_ROLES`: roles somebody is in or holds something in, with what is used and offered there.
    pub fn view_roles(&self) -> GetRoles {
        let used = self.used_by_frameworks();
        let nothing = Resources::new();
        let mut roles: BTreeMap<String, (Vec<wire::v1::FrameworkId>, Resources)> = BTreeMap::new();
        for framework in self.frameworks.values() {
            for role in &framework.roles {
                roles.entry(role.clone()).or_default().0.push(framework.id.to_wire());
            }
            for held in [used.get(&framework.id).unwrap_or(&nothing), &self.offered_to(framework)] {
                for (role, resources) in held.allocations() {
                    roles.entry(role).or_default().1.add(&resources.unallocated());
                }
            }
        }
        // Mesos: roles are known by what was set for them and what is reserved to them, too.
        let reserved = self.agents.values().filter(|agent| agent.is_listed());
        let reserved = reserved.flat_map(|agent| agent.total.reservations().into_keys());
        for role in reserved.chain(self.roles.keys().cloned()) {
            roles.entry(role).or_default();
        }
        let roles = roles.into_iter().map(|(name, (frameworks, resources))| wire::v1::Role {
            weight: self.weight_of(&name),
            name,
            frameworks,
            resources: resources
                .scalars()
                .filter(|(name, _)| SHOWN_OF_ROLES.contains(name))
                .map(|(name, amount)| scalar(name, amount))
                .collect(),
        });
        GetRoles { roles: roles.collect() }
    }

    /// Tells subscribers to operator events that a framework is there, or is not as it was.
    pub(crate) fn show_framework(&self, id: &FrameworkId, known: bool, fx: &mut Effects) {
        if self.watchers == 0 {
            return;
        }
        let Some(framework) = self.frameworks.get(id) else { return };
        let framework = self.view_framework(framework, &self.used_by(id));
        fx.to_operators(if known {
            wire::master::Event {
                r#type: Some(Type::FrameworkUpdated as i32),
                framework_updated: Some(Box::new(event::FrameworkUpdated { framework })),
                ..Default::default()
            }
        } else {
            wire::master::Event {
                r#type: Some(Type::FrameworkAdded as i32),
                framework_added: Some(Box::new(event::FrameworkAdded { framework })),
                ..Default::default()
            }
        });
    }

    /// Tells subscribers to operator events that a framework is over.
    pub(crate) fn show_framework_removed(&self, info: &FrameworkInfo, fx: &mut Effects) {
        if self.watchers == 0 {
            return;
        }
        fx.to_operators(wire::master::Event {
            r#type: Some(Type::FrameworkRemoved as i32),
            framework_removed: Some(Box::new(event::FrameworkRemoved {
                framework_info: info.clone(),
            })),
            ..Default::default()
        });
    }
}
