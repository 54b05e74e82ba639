//! Services that keep data: what they make of the resources of an offer, and how they treat news of it.

use std::time::Duration;

use wire::scheduler::{self, call, call::Type};
use wire::v1::offer::{Operation, operation};
use wire::v1::resource::{DiskInfo, ReservationInfo, disk_info, reservation_info};
use wire::v1::{self, OperationState, OperationStatus};

use crate::deeds::Kind;
use crate::dice::Dice;
use crate::service::{Manner, Service, scalar};
use crate::world::{Happening, World};

/// Megabytes of a reservation, and of a volume.
const SHARE: f64 = 64.0;
/// Operations that a service has open at a time: not heard of, or not acknowledged.
const OPEN: usize = 6;
/// Names of volumes of a role: so few that each is used again.
const NAMES: u64 = 6;

/// How a service deals with reservations and volumes.
pub(crate) struct Storage {
    /// It writes and reads reservations the newer way.
    pub(crate) refines: bool,
    /// How many of a thousand operations it wants to hear of.
    feedback: u64,
    /// How it acknowledges what it hears of them.
    pub(crate) manner: Manner,
}

/// An operation of which a service waits to hear the end.
#[derive(Debug)]
pub(crate) struct Awaited {
    pub(crate) agent: v1::AgentId,
    /// What was last said of it.
    pub(crate) said: Option<OperationState>,
}

/// What a service does to an offer before it launches something.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) operations: Vec<Operation>,
    /// A volume that a task can have.
    pub(crate) volume: Option<v1::Resource>,
}

impl Storage {
    /// Half of the services keep data.
    pub(crate) fn new(dice: &mut Dice, is_mute: bool) -> Option<Self> {
        let storage = Self {
            refines: dice.chance(500),
            feedback: *dice.pick(&[0, 500, 900, 1000]).unwrap_or(&0),
            manner: match dice.below(4) {
                _ if is_mute => Manner::MuteForGood,
                0 => Manner::Slow,
                1 => Manner::Mute,
                _ => Manner::Prompt,
            },
        };
        dice.chance(500).then_some(storage)
    }
}

/// What an offer has, sorted by what can be done with it.
struct Sorted<'a> {
    disk: f64,
    reserved: Vec<&'a v1::Resource>,
    volumes: Vec<&'a v1::Resource>,
}

impl<'a> Sorted<'a> {
    fn new(resources: &'a [v1::Resource]) -> Self {
        let is_reserved = |one: &&v1::Resource| is_dynamic(one);
        let is_volume = |one: &&v1::Resource| one.disk.is_some();
        let disk = resources.iter().filter(|one| one.name == "disk" && !is_dynamic(one));
        Self {
            disk: disk.map(amount).sum(),
            reserved: resources.iter().filter(is_reserved).filter(|one| !is_volume(one)).collect(),
            volumes: resources.iter().filter(is_volume).collect(),
        }
    }

    /// Reserved disk that is enough for a volume.
    fn site(&self) -> Option<&'a v1::Resource> {
        self.reserved.iter().find(|one| one.name == "disk" && amount(one) >= SHARE).copied()
    }
}

fn amount(resource: &v1::Resource) -> f64 {
    resource.scalar.as_ref().map_or(0.0, |scalar| scalar.value)
}

pub(crate) fn is_dynamic(resource: &v1::Resource) -> bool {
    resource.reservation.is_some() || !resource.reservations.is_empty()
}

/// The same resource, so much of it.
fn part(resource: &v1::Resource, value: f64) -> v1::Resource {
    v1::Resource { scalar: Some(v1::value::Scalar { value }), ..resource.clone() }
}

/// A resource as somebody reserves it, in the newer or the older way of writing.
pub(crate) fn reserved(plain: v1::Resource, role: &str, refines: bool) -> v1::Resource {
    if refines {
        let reservation = ReservationInfo {
            r#type: Some(reservation_info::Type::Dynamic.into()),
            role: Some(role.to_owned()),
            ..ReservationInfo::default()
        };
        return v1::Resource { reservations: vec![reservation], ..plain };
    }
    let reservation = Some(Box::default());
    v1::Resource { role: Some(role.to_owned()), reservation, ..plain }
}

/// A volume on reserved disk.
pub(crate) fn volume_on(site: &v1::Resource, name: u64) -> v1::Resource {
    let disk = DiskInfo {
        persistence: Some(disk_info::Persistence { id: format!("v{name}"), principal: None }),
        volume: Some(v1::Volume {
            mode: v1::volume::Mode::Rw.into(),
            container_path: "data".to_owned(),
            ..v1::Volume::default()
        }),
        source: None,
    };
    v1::Resource { disk: Some(Box::new(disk)), ..part(site, SHARE) }
}

pub(crate) fn reserve(resources: Vec<v1::Resource>) -> Operation {
    Operation {
        r#type: Some(operation::Type::Reserve.into()),
        reserve: Some(operation::Reserve { source: Vec::new(), resources }),
        ..Operation::default()
    }
}

pub(crate) fn unreserve(resource: v1::Resource) -> Operation {
    Operation {
        r#type: Some(operation::Type::Unreserve.into()),
        unreserve: Some(operation::Unreserve { resources: vec![resource] }),
        ..Operation::default()
    }
}

pub(crate) fn create(volume: v1::Resource) -> Operation {
    Operation {
        r#type: Some(operation::Type::Create.into()),
        create: Some(operation::Create { volumes: vec![volume] }),
        ..Operation::default()
    }
}

pub(crate) fn destroy(volume: v1::Resource) -> Operation {
    Operation {
        r#type: Some(operation::Type::Destroy.into()),
        destroy: Some(operation::Destroy { volumes: vec![volume] }),
        ..Operation::default()
    }
}

fn grow(volume: v1::Resource, addition: v1::Resource) -> Operation {
    Operation {
        r#type: Some(operation::Type::GrowVolume.into()),
        grow_volume: Some(operation::GrowVolume { volume, addition }),
        ..Operation::default()
    }
}

fn shrink(volume: v1::Resource, value: f64) -> Operation {
    let subtract = v1::value::Scalar { value };
    Operation {
        r#type: Some(operation::Type::ShrinkVolume.into()),
        shrink_volume: Some(operation::ShrinkVolume { volume, subtract }),
        ..Operation::default()
    }
}

impl World {
    /// What a service makes of an offer's resources.
    pub(crate) fn make_of(&mut self, index: usize, offer: &v1::Offer) -> Made {
        let Some(storage) = &self.services[index].storage else { return Made::default() };
        let (refines, feedback) = (storage.refines, storage.feedback);
        if self.is_at_rest() {
            return Made::default();
        }
        let sorted = Sorted::new(&offer.resources);
        let volume = self.dice.pick(&sorted.volumes).map(|one| (*one).clone());
        let mut made = Made { volume: volume.filter(|_| self.dice.chance(700)), ..Made::default() };
        let service = &self.services[index];
        let is_busy = service.awaited.len() + service.unacknowledged.len() >= OPEN;
        if is_busy || !self.dice.chance(250) {
            return made;
        }
        let role = format!("role-{index}");
        let before = made.volume.clone();
        self.arrange(offer, &sorted, &role, refines, &mut made);
        if made.operations.is_empty() {
            return made;
        }
        if self.is_left_out(Kind::Storage, index) {
            return Made { volume: before, ..Made::default() };
        }
        let on = &offer.hostname;
        let kinds: Vec<&str> = made.operations.iter().map(|it| it.r#type().as_str_name()).collect();
        self.it_is(format_args!("service-{index} {} on {on}", kinds.join(", ")));
        for operation in &mut made.operations {
            let asked = operation.r#type();
            self.coverage.count("operation asked", asked.as_str_name());
            if self.dice.chance(feedback) {
                let id = self.services[index].await_operation(&offer.agent_id);
                operation.id = Some(v1::OperationId { value: id });
            }
        }
        made
    }

    fn arrange(
        &mut self,
        offer: &v1::Offer,
        sorted: &Sorted<'_>,
        role: &str,
        refines: bool,
        made: &mut Made,
    ) {
        let name = self.dice.below(NAMES);
        let volume = self.dice.pick(&sorted.volumes).copied();
        let steps = &mut made.operations;
        match (self.dice.below(12), sorted.site(), volume) {
            (0..=3, ..) if sorted.disk >= SHARE => {
                let [disk, mem] =
                    ["disk", "mem"].map(|kind| reserved(scalar(offer, kind, SHARE), role, refines));
                steps.push(reserve(vec![disk.clone(), mem]));
                if self.dice.chance(700) {
                    let volume = volume_on(&disk, name);
                    steps.push(create(volume.clone()));
                    if self.dice.chance(100) {
                        steps.push(destroy(volume));
                    } else {
                        made.volume = Some(volume);
                    }
                }
            }
            (4 | 5, Some(site), _) => {
                let volume = volume_on(site, name);
                steps.push(create(volume.clone()));
                made.volume = Some(volume);
            }
            (6 | 7, _, Some(volume)) => {
                steps.push(destroy(volume.clone()));
                made.volume = None;
            }
            (8, Some(site), Some(volume)) => {
                steps.push(grow(volume.clone(), part(site, SHARE)));
                made.volume = None;
            }
            (9, _, Some(volume)) => {
                steps.push(shrink(volume.clone(), SHARE / 4.0));
                made.volume = None;
            }
            (10, ..) => {
                if let Some(some) = self.dice.pick(&sorted.reserved) {
                    steps.push(unreserve((*some).clone()));
                }
            }
            // What nobody can do.
            (11, ..) => {
                let much = reserved(scalar(offer, "disk", 1e6), role, refines);
                let nowhere = destroy(volume_on(&much, NAMES));
                steps.push(if self.dice.chance(500) { nowhere } else { reserve(vec![much]) });
            }
            _ => {}
        }
    }

    /// News of an operation.
    pub(crate) fn operation_updated(&mut self, index: usize, status: OperationStatus) {
        let Some(id) = status.operation_id.as_ref().map(|id| id.value.clone()) else { return };
        let state = status.state();
        self.coverage.count("operation", state.as_str_name());
        let service = &mut self.services[index];
        // What the master answers about an operation that nobody knows any more is no end of it.
        if status.message.as_deref() != Some("Reconciliation: Operation is unknown") {
            self.truth.operation_heard(service.id.as_ref(), &id, state);
        }
        if crate::books::is_end(state) || state == OperationState::OperationUnknown {
            service.awaited.remove(&id);
        } else if let Some(awaited) = service.awaited.get_mut(&id) {
            awaited.said = Some(state);
        }
        let Some(uuid) = status.uuid.as_ref().map(|uuid| uuid.value.clone()) else { return };
        self.services[index].unacknowledged.insert(uuid.clone());
        self.truth.update_heard(Some(uuid));
        let manner = self.services[index].storage.as_ref().map(|storage| storage.manner);
        let Some(wait) = manner.and_then(|it| it.patience(self.is_at_rest())) else { return };
        let status = Box::new(status);
        self.soon(wait, Happening::AcknowledgeOperation { service: index, status });
    }

    pub(crate) fn acknowledge_operation(&mut self, index: usize, status: OperationStatus) {
        let (Some(uuid), Some(operation_id)) = (status.uuid, status.operation_id) else { return };
        self.services[index].unacknowledged.remove(&uuid.value);
        let acknowledge = call::AcknowledgeOperationStatus {
            agent_id: status.agent_id,
            resource_provider_id: None,
            uuid: uuid.value,
            operation_id,
        };
        let call = scheduler::Call {
            acknowledge_operation_status: Some(acknowledge),
            ..self.services[index].call(Type::AcknowledgeOperationStatus)
        };
        self.call_master(index, call);
    }

    /// Asks what has become of operations: of those it waits for, or of all there are.
    pub(crate) fn reconcile_operations(&mut self, index: usize) {
        let asks_for_all = !self.is_at_rest() && self.dice.chance(200);
        let service = &self.services[index];
        let asked = service.awaited.iter().filter(|_| !asks_for_all);
        let operations = asked.map(|(id, awaited)| call::reconcile_operations::Operation {
            operation_id: v1::OperationId { value: id.clone() },
            agent_id: Some(awaited.agent.clone()),
            resource_provider_id: None,
        });
        let reconcile = call::ReconcileOperations { operations: operations.collect() };
        if service.storage.is_none() || (reconcile.operations.is_empty() && !asks_for_all) {
            return;
        }
        let call = scheduler::Call {
            reconcile_operations: Some(reconcile),
            ..service.call(Type::ReconcileOperations)
        };
        self.call_master(index, call);
    }

    /// What a service says to inverse offers: yes, no, or nothing.
    pub(crate) fn answer_inverse_offer(&mut self, index: usize, id: v1::OfferId) {
        self.coverage.count("world", "inverse offer");
        let filters = Some(v1::Filters { refuse_seconds: Some(30.0) });
        let inverse_offer_ids = vec![id];
        let service = &self.services[index];
        let call = match self.dice.below(3) {
            0 => scheduler::Call {
                accept_inverse_offers: Some(call::AcceptInverseOffers {
                    inverse_offer_ids,
                    filters,
                }),
                ..service.call(Type::AcceptInverseOffers)
            },
            1 => scheduler::Call {
                decline_inverse_offers: Some(call::DeclineInverseOffers {
                    inverse_offer_ids,
                    filters,
                }),
                ..service.call(Type::DeclineInverseOffers)
            },
            _ => return,
        };
        self.call_master(index, call);
    }
}

impl Service {
    /// A new operation of which it wants to hear: its id.
    fn await_operation(&mut self, agent: &v1::AgentId) -> String {
        self.operations += 1;
        let id = format!("o{}.{}", self.index, self.operations);
        self.awaited.insert(id.clone(), Awaited { agent: agent.clone(), said: None });
        id
    }
}

impl Manner {
    /// How long it takes at most to acknowledge something; nothing if it never does.
    pub(crate) fn patience(self, is_at_rest: bool) -> Option<Duration> {
        match self {
            Self::MuteForGood => None,
            Self::Mute if !is_at_rest => None,
            Self::Slow if !is_at_rest => Some(Duration::from_mins(2)),
            Self::Prompt | Self::Slow | Self::Mute => Some(Duration::from_millis(50)),
        }
    }
}
