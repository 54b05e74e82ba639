//! Resources to and from Mesos messages.

use std::collections::BTreeSet;
use std::sync::Arc;

use wire::v1::resource::reservation_info;
use wire::v1::resource::{AllocationInfo, ReservationInfo, RevocableInfo, SharedInfo};
use wire::v1::value;

use super::entry::{Entry, Name};
use super::meta::{Detail, Disk, Meta, Reservation};
use super::value::{Ranges, Thousandths, Value};
use super::{ResourceError, Resources, is_same_or_under};
use crate::validate::role;

/// How reservations are written.
// Mesos: `convertResourceFormat`; which one depends on the reader, see the variants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `reservations` only. Tasks, executors, `agent_info` and offers to frameworks with
    /// `RESERVATION_REFINEMENT`.
    Refined,
    /// `role` and `reservation` only, `role` always there. For frameworks without
    /// `RESERVATION_REFINEMENT`; what has more than one reservation can't be said and is written as
    /// [`Format::Refined`] does (such resources aren't offered to them).
    Unrefined,
    /// `reservations`, and `role` and `reservation` too where these can say it. `total_resources`,
    /// `allocated_resources` and `offered_resources` of `GET_AGENTS` and `GET_FRAMEWORKS`.
    Both,
}

impl Resources {
    /// Reads and checks a list, adding up what repeats. Empty amounts are left out.
    ///
    /// Reservations are understood in both forms, also given both at once as long as they agree.
    ///
    /// # Errors
    /// The first thing that is wrong, see [`ResourceError`].
    pub fn from_wire(list: &[wire::v1::Resource]) -> Result<Self, ResourceError> {
        let mut last: Option<Arc<Meta>> = None;
        let read = |resource| {
            let mut entry = entry_from_wire(resource)?;
            // Lists usually repeat one allocation: share it.
            if entry.meta == last {
                entry.meta.clone_from(&last);
            } else {
                last.clone_from(&entry.meta);
            }
            Ok(entry)
        };
        list.iter().map(read).collect()
    }

    /// As tasks, executors, `agent_info` and refinement-capable frameworks see it: no `role`, no
    /// `reservation`; `reservations` where there are any; `allocation_info` where allocated.
    pub fn to_wire(&self) -> Vec<wire::v1::Resource> {
        self.to_wire_as(Format::Refined)
    }

    /// The list with reservations written as `format` says. A shared volume held `n` times is there
    /// `n` times.
    pub fn to_wire_as(&self, format: Format) -> Vec<wire::v1::Resource> {
        let mut list = Vec::with_capacity(self.0.len());
        for entry in &self.0 {
            let resource = entry_to_wire(entry, format);
            list.extend(std::iter::repeat_n(resource, entry.copies()));
        }
        list
    }
}

fn entry_from_wire(resource: &wire::v1::Resource) -> Result<Entry, ResourceError> {
    if resource.name.is_empty() {
        return Err(ResourceError::EmptyName);
    }
    let name = Name::new(&resource.name);
    let mut value = value_from_wire(resource, &name)?;
    let disk = disk_from_wire(resource)?;
    let shared = resource.shared.is_some();
    if shared {
        let volume = resource.disk.as_ref().is_some_and(|disk| disk.persistence.is_some());
        let amount = value.scalar().filter(|_| volume);
        let Some(amount) = amount else {
            return Err(ResourceError::SharedWithoutVolume { name: resource.name.clone() });
        };
        value = Value::Shared(Box::new((amount, 1)));
    }
    let detail = Detail {
        reservations: reservations_from_wire(resource)?,
        disk,
        provider: resource.provider_id.as_ref().map(|id| id.value.clone()),
        revocable: resource.revocable.is_some(),
        shared,
    };
    let detail = (detail != Detail::default()).then(|| Arc::new(detail));
    let role = resource.allocation_info.as_ref().and_then(|info| info.role.as_deref());
    Ok(Entry { name, meta: Meta::share(role.map(Arc::from), detail), value })
}

fn value_from_wire(resource: &wire::v1::Resource, name: &Name) -> Result<Value, ResourceError> {
    let name_text = || resource.name.clone();
    let (scalar, ranges, set) = (&resource.scalar, &resource.ranges, &resource.set);
    match value::Type::try_from(resource.r#type) {
        Ok(value::Type::Scalar) => match (scalar, ranges, set) {
            (Some(scalar), None, None) => scalar_from_wire(scalar.value, name).map(Value::Scalar),
            _ => Err(ResourceError::NotAScalar { name: name_text() }),
        },
        Ok(value::Type::Ranges) => match (scalar, ranges, set) {
            (None, Some(ranges), None) => {
                if ranges.range.iter().any(|range| range.begin > range.end) {
                    return Err(ResourceError::ReversedRange { name: name_text() });
                }
                let pairs = ranges.range.iter().map(|range| (range.begin, range.end)).collect();
                Ranges::disjoint(pairs)
                    .map(|ranges| Value::Ranges(Box::new(ranges)))
                    .ok_or_else(|| ResourceError::OverlappingRanges { name: name_text() })
            }
            _ => Err(ResourceError::NotRanges { name: name_text() }),
        },
        Ok(value::Type::Set) => match (scalar, ranges, set) {
            (None, None, Some(set)) => {
                let items: BTreeSet<Box<str>> =
                    set.item.iter().map(|item| Box::from(item.as_str())).collect();
                if items.len() != set.item.len() {
                    return Err(ResourceError::DuplicateSetItem { name: name_text() });
                }
                Ok(Value::Set(Box::new(items)))
            }
            _ => Err(ResourceError::NotASet { name: name_text() }),
        },
        Ok(value::Type::Text) | Err(_) => Err(ResourceError::UnsupportedType { name: name_text() }),
    }
}

/// Checks a number that is to be an amount of `name`.
pub(super) fn scalar_from_wire(amount: f64, name: &Name) -> Result<Thousandths, ResourceError> {
    if amount < 0.0 {
        return Err(ResourceError::NegativeScalar { name: name.as_str().to_owned() });
    }
    if name.is_integer_only() && amount.fract() != 0.0 {
        return Err(ResourceError::FractionalGpus);
    }
    Thousandths::from_f64(amount)
        .ok_or_else(|| ResourceError::ScalarOutOfBounds { name: name.as_str().to_owned() })
}

fn disk_from_wire(resource: &wire::v1::Resource) -> Result<Option<Disk>, ResourceError> {
    let Some(disk) = resource.disk.as_deref() else { return Ok(None) };
    if resource.name != "disk" {
        return Err(ResourceError::DiskOnOther { name: resource.name.clone() });
    }
    Ok(Disk::read(disk))
}

fn reservations_from_wire(
    resource: &wire::v1::Resource,
) -> Result<Vec<Reservation>, ResourceError> {
    let bad = |reason: &str| ResourceError::Reservation {
        name: resource.name.clone(),
        reason: reason.to_owned(),
    };
    let role = resource.role.as_deref().unwrap_or("*");
    if resource.reservations.is_empty() {
        if role == "*" {
            return match resource.reservation {
                Some(_) => Err(bad("role \"*\" cannot be dynamically reserved")),
                None => Ok(Vec::new()),
            };
        }
        role::check(role).map_err(|reason| bad(&reason.to_string()))?;
        let one = resource.reservation.as_ref().map_or_else(
            || Reservation { dynamic: false, role: role.into(), principal: None, labels: None },
            |info| reservation(true, role, info),
        );
        return Ok(vec![one]);
    }
    let mut chain: Vec<Reservation> = Vec::with_capacity(resource.reservations.len());
    for info in &resource.reservations {
        let dynamic = match info.r#type.map(reservation_info::Type::try_from) {
            Some(Ok(reservation_info::Type::Static)) => false,
            Some(Ok(reservation_info::Type::Dynamic)) => true,
            Some(Ok(reservation_info::Type::Unknown) | Err(_)) | None => {
                return Err(bad("the type must be STATIC or DYNAMIC"));
            }
        };
        let role = info.role.as_deref().ok_or_else(|| bad("the role is missing"))?;
        if role == "*" {
            return Err(bad("role \"*\" cannot be reserved"));
        }
        role::check(role).map_err(|reason| bad(&reason.to_string()))?;
        if let Some(outer) = chain.last() {
            if !dynamic {
                return Err(bad("only the first reservation may be STATIC"));
            }
            if role == &*outer.role || !is_same_or_under(role, &outer.role) {
                return Err(bad(
                    "a refined reservation needs a role below that of the one it refines",
                ));
            }
        }
        chain.push(reservation(dynamic, role, info));
    }
    // Both forms at once are what `Format::Both` writes; they must say the same.
    if let (Some(role), Some(last)) = (resource.role.as_deref(), chain.last())
        && role != &*last.role
    {
        return Err(bad("'role' and 'reservations' contradict each other"));
    }
    if resource.reservation.is_some() && !chain.last().is_some_and(|last| last.dynamic) {
        return Err(bad("'reservation' and 'reservations' contradict each other"));
    }
    Ok(chain)
}

fn reservation(dynamic: bool, role: &str, info: &ReservationInfo) -> Reservation {
    let labels = info.labels.as_ref().map(|labels| {
        labels.labels.iter().map(|label| (label.key.clone(), label.value.clone())).collect()
    });
    Reservation { dynamic, role: role.into(), principal: info.principal.clone(), labels }
}

pub(super) fn entry_to_wire(entry: &Entry, format: Format) -> wire::v1::Resource {
    let mut resource =
        wire::v1::Resource { name: entry.name.as_str().to_owned(), ..Default::default() };
    set_value(&mut resource, &entry.value);
    if let Some(meta) = &entry.meta {
        resource.allocation_info =
            meta.role.as_ref().map(|role| AllocationInfo { role: Some(role.to_string()) });
    }
    let none = Detail::default();
    let detail = entry.detail().unwrap_or(&none);
    set_reservations(&mut resource, &detail.reservations, format);
    resource.disk = detail.disk.as_ref().map(|disk| Box::new(disk.to_wire()));
    resource.provider_id =
        detail.provider.as_ref().map(|id| wire::v1::ResourceProviderId { value: id.clone() });
    resource.revocable = detail.revocable.then_some(RevocableInfo {});
    resource.shared = detail.shared.then_some(SharedInfo {});
    resource
}

fn set_value(resource: &mut wire::v1::Resource, amount: &Value) {
    let kind = match amount {
        Value::Scalar(amount) => {
            resource.scalar = Some(value::Scalar { value: amount.as_f64() });
            value::Type::Scalar
        }
        Value::Shared(shared) => {
            resource.scalar = Some(value::Scalar { value: shared.0.as_f64() });
            value::Type::Scalar
        }
        Value::Ranges(ranges) => {
            let range = ranges.iter().map(|(begin, end)| value::Range { begin, end }).collect();
            resource.ranges = Some(value::Ranges { range });
            value::Type::Ranges
        }
        Value::Set(items) => {
            let item = items.iter().map(ToString::to_string).collect();
            resource.set = Some(value::Set { item });
            value::Type::Set
        }
    };
    resource.r#type = kind as i32;
}

fn set_reservations(resource: &mut wire::v1::Resource, chain: &[Reservation], format: Format) {
    let sayable = format != Format::Refined && chain.len() <= 1;
    if sayable {
        let only = chain.first();
        resource.role = Some(only.map_or("*", |only| &*only.role).to_owned());
        resource.reservation = only.filter(|only| only.dynamic).map(|only| {
            Box::new(ReservationInfo {
                r#type: None,
                role: None,
                principal: only.principal.clone(),
                labels: labels_to_wire(only),
            })
        });
    }
    if !sayable || format == Format::Both {
        resource.reservations = chain.iter().map(reservation_to_wire).collect();
    }
}

fn reservation_to_wire(one: &Reservation) -> ReservationInfo {
    let kind =
        if one.dynamic { reservation_info::Type::Dynamic } else { reservation_info::Type::Static };
    ReservationInfo {
        r#type: Some(kind as i32),
        role: Some(one.role.to_string()),
        principal: one.principal.clone(),
        labels: labels_to_wire(one),
    }
}

fn labels_to_wire(one: &Reservation) -> Option<wire::v1::Labels> {
    let labels = one.labels.as_ref()?;
    let labels = labels
        .iter()
        .map(|(key, value)| wire::v1::Label { key: key.clone(), value: value.clone() })
        .collect();
    Some(wire::v1::Labels { labels })
}
