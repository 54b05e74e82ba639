//! One line of a resource list: name, metadata, amount.

use std::cmp::Ordering;
use std::sync::Arc;

use super::meta::{Detail, Meta};
use super::value::Value;

/// Resource name; those every agent has cost no allocation. Ordered as Mesos agents list them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Name {
    Cpus,
    Gpus,
    Mem,
    Disk,
    Ports,
    /// A thin pointer: half the size of the whole type.
    Other(Arc<Box<str>>),
}

impl Name {
    pub(super) fn new(text: &str) -> Self {
        match text {
            "cpus" => Self::Cpus,
            "gpus" => Self::Gpus,
            "mem" => Self::Mem,
            "disk" => Self::Disk,
            "ports" => Self::Ports,
            other => Self::Other(Arc::new(other.into())),
        }
    }

    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Cpus => "cpus",
            Self::Gpus => "gpus",
            Self::Mem => "mem",
            Self::Disk => "disk",
            Self::Ports => "ports",
            Self::Other(name) => name,
        }
    }
}

/// The order is that of the fields: entries of one name are neighbours, then those of one identity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    pub(super) name: Name,
    /// Absent where there is none, so that plain entries stay small.
    pub(super) meta: Option<Arc<Meta>>,
    pub(super) value: Value,
}

impl Entry {
    pub(super) fn detail(&self) -> Option<&Detail> {
        self.meta.as_ref()?.detail.as_deref()
    }

    /// The role of the innermost reservation.
    pub(super) fn reserved_to(&self) -> Option<&str> {
        Some(&*self.detail()?.reservations.last()?.role)
    }

    /// How often lists have it: a shared volume once for each who holds it.
    pub(super) fn copies(&self) -> usize {
        match &self.value {
            Value::Shared(shared) => usize::try_from(shared.1).unwrap_or(usize::MAX),
            Value::Scalar(_) | Value::Ranges(_) | Value::Set(_) => 1,
        }
    }

    pub(super) fn is_shared(&self) -> bool {
        self.detail().is_some_and(|detail| detail.shared)
    }

    /// Whether this is a thing of its own that neither merges with nor is cut from others.
    // Mesos: persistent volumes, MOUNT disks and identified BLOCK or RAW disks are all or nothing.
    pub(super) fn is_exclusive(&self) -> bool {
        self.detail().and_then(|detail| detail.disk.as_ref()).is_some_and(|disk| disk.exclusive)
            && !self.is_shared()
    }

    /// The order of [`Entry`] up to the amount; equal means that amounts add up.
    pub(super) fn cmp_identity(&self, other: &Self) -> Ordering {
        self.name
            .cmp(&other.name)
            .then_with(|| match (&self.meta, &other.meta) {
                // Usually one and the same.
                (Some(left), Some(right)) if Arc::ptr_eq(left, right) => Ordering::Equal,
                (left, right) => left.cmp(right),
            })
            .then_with(|| self.value.cmp_identity(&other.value))
    }
}
