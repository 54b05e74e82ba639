//! Frameworks in `/state`, `/frameworks` and `/state-summary`.

use std::collections::VecDeque;
use std::sync::Arc;

use model::legacy::{self, List, NOTHING, Raw};
use model::resources::Amounts;
use model::validate::framework::has_capability;
use model::{Resources, Timestamp};
use serde::Serialize;
use serde::ser::Serializer;
use wire::v1::FrameworkInfo;
use wire::v1::framework_info::capability::Type;

use super::Books;
use crate::offers::Offer;
use crate::state::{CompletedFramework, Framework, Master};

/// What every endpoint shows of a framework.
// Mesos: there would also be a `pid`, were it no client of the HTTP API.
#[derive(Serialize)]
pub(super) struct FrameworkView<'a> {
    id: &'a str,
    name: &'a str,
    used_resources: Amounts<'a>,
    offered_resources: Amounts<'a>,
    capabilities: Vec<&'static str>,
    hostname: &'a str,
    webui_url: &'a str,
    active: bool,
    connected: bool,
    recovered: bool,
}

impl<'a> FrameworkView<'a> {
    pub(super) fn new(
        framework: &'a Framework,
        used: &'a Resources,
        offered: &'a Resources,
    ) -> Self {
        Self {
            active: framework.is_connected(),
            connected: framework.is_connected(),
            recovered: framework.recovered,
            ..Self::of_info(framework.id.as_str(), &framework.info, used, offered)
        }
    }

    fn of_info(
        id: &'a str,
        info: &'a FrameworkInfo,
        used: &'a Resources,
        offered: &'a Resources,
    ) -> Self {
        let kinds = info.capabilities.iter();
        let kinds = kinds.map(|one| one.r#type.and_then(|number| Type::try_from(number).ok()));
        Self {
            id,
            name: &info.name,
            used_resources: used.amounts(),
            offered_resources: offered.amounts(),
            capabilities: kinds.map(|kind| kind.unwrap_or(Type::Unknown).as_str_name()).collect(),
            hostname: info.hostname(),
            webui_url: info.webui_url(),
            active: false,
            connected: false,
            recovered: false,
        }
    }
}

/// The rest of a framework up to its lists.
#[derive(Serialize)]
struct More<'a> {
    user: &'a str,
    failover_timeout: f64,
    checkpoint: bool,
    registered_time: f64,
    // Mesos: the epoch as long as it is not over.
    unregistered_time: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<&'a str>,
    resources: Amounts<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reregistered_time: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    roles: Option<&'a [String]>,
}

impl<'a> More<'a> {
    fn new(
        info: &'a FrameworkInfo,
        held: &'a Resources,
        registered: Timestamp,
        reregistered: Option<Timestamp>,
        unregistered: Option<Timestamp>,
    ) -> Self {
        // Mesos: as in the info: a list for frameworks of several roles, else the one role.
        let several = has_capability(info, Type::MultiRole);
        Self {
            user: &info.user,
            failover_timeout: info.failover_timeout(),
            checkpoint: info.checkpoint(),
            registered_time: registered.as_secs_f64(),
            unregistered_time: unregistered.unwrap_or_default().as_secs_f64(),
            principal: info.principal.as_deref(),
            resources: held.amounts(),
            reregistered_time: reregistered
                .filter(|again| *again != registered)
                .map(Timestamp::as_secs_f64),
            role: (!several).then(|| info.role()),
            roles: several.then_some(&*info.roles),
        }
    }
}

#[derive(Serialize)]
struct Whole<'a, T, U, C, O, E> {
    #[serde(flatten)]
    view: FrameworkView<'a>,
    #[serde(flatten)]
    more: More<'a>,
    tasks: T,
    unreachable_tasks: U,
    completed_tasks: C,
    offers: O,
    executors: E,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<Raw>>,
    offer_constraints: Raw,
}

struct Item<'a> {
    master: &'a Master,
    books: &'a Books<'a>,
    framework: &'a Framework,
}

impl Serialize for Item<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (framework, info) = (self.framework, &*self.framework.info);
        let nothing = Resources::new();
        let used = self.books.used.get(&framework.id).unwrap_or(&nothing);
        let offered = self.master.offered_to(framework);
        let held: Resources = [used, &offered].into_iter().collect();
        let tasks = self.books.tasks.get(&framework.id).map_or(&[][..], Vec::as_slice);
        let executors = self.books.executors.get(&framework.id).map_or(&[][..], Vec::as_slice);
        let offers = || framework.offers.iter().filter_map(|id| self.master.offers.get(id));
        let constraints = framework.offer_constraints.clone().unwrap_or_default();
        Whole {
            view: FrameworkView::new(framework, used, &offered),
            more: More::new(info, &held, framework.registered_at, framework.reregistered_at, None),
            tasks: List(|| tasks.iter().map(|(agent, key, task)| task.to_legacy(key, agent))),
            unreachable_tasks: past(&framework.unreachable_tasks),
            completed_tasks: past(&framework.completed_tasks),
            offers: List(|| offers().map(|offer| OfferView::from(&**offer))),
            executors: List(|| {
                executors.iter().map(|(agent, executor)| {
                    let (framework, agent) = (framework.id.as_str(), agent.as_str());
                    legacy::Executor::new(&executor.info, &executor.resources, framework, agent)
                })
            }),
            labels: Raw::labels(info.labels.as_ref()),
            offer_constraints: Raw::new(&constraints),
        }
        .serialize(serializer)
    }
}

fn past(tasks: &VecDeque<Arc<wire::v1::Task>>) -> impl Serialize {
    List(move || tasks.iter().map(|task| legacy::Task::from(&**task)))
}

struct CompletedItem<'a>(&'a CompletedFramework);

impl Serialize for CompletedItem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (framework, info) = (self.0, &*self.0.info);
        let nothing = Resources::new();
        Whole {
            view: FrameworkView::of_info(framework.id.as_str(), info, &nothing, &nothing),
            more: More::new(
                info,
                &nothing,
                framework.registered_at,
                framework.reregistered_at,
                Some(framework.completed_at),
            ),
            tasks: NOTHING,
            unreachable_tasks: NOTHING,
            completed_tasks: past(&framework.completed_tasks),
            offers: NOTHING,
            executors: NOTHING,
            labels: Raw::labels(info.labels.as_ref()),
            offer_constraints: Raw::new(&wire::scheduler::OfferConstraints::default()),
        }
        .serialize(serializer)
    }
}

#[derive(Serialize)]
struct OfferView<'a> {
    id: &'a str,
    framework_id: &'a str,
    allocation_info: AllocationInfo<'a>,
    slave_id: &'a str,
    resources: Amounts<'a>,
}

#[derive(Serialize)]
struct AllocationInfo<'a> {
    role: &'a str,
}

impl<'a> From<&'a Offer> for OfferView<'a> {
    fn from(offer: &'a Offer) -> Self {
        Self {
            id: offer.id.as_str(),
            framework_id: offer.framework.as_str(),
            allocation_info: AllocationInfo { role: &offer.role },
            slave_id: offer.agent.as_str(),
            resources: offer.resources.amounts(),
        }
    }
}

impl Master {
    pub(super) fn legacy_framework_list<'a>(
        &'a self,
        books: Books<'a>,
        only: Option<&'a str>,
    ) -> impl Serialize + 'a {
        struct Frameworks<'a> {
            master: &'a Master,
            books: Books<'a>,
            only: Option<&'a str>,
        }
        impl Serialize for Frameworks<'_> {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let all = self.master.frameworks.values();
                let asked =
                    all.filter(|framework| self.only.is_none_or(|id| framework.id.as_str() == id));
                let (master, books) = (self.master, &self.books);
                serializer.collect_seq(asked.map(|framework| Item { master, books, framework }))
            }
        }
        Frameworks { master: self, books, only }
    }

    pub(super) fn legacy_completed_list(&self, only: Option<&str>) -> impl Serialize {
        List(move || {
            let all = self.completed_frameworks.iter();
            let asked =
                all.filter(move |framework| only.is_none_or(|id| framework.id.as_str() == id));
            asked.map(CompletedItem)
        })
    }
}
