//! Resource arithmetic: what an agent has, what an offer holds, what a task takes.
//!
//! A [`Resources`] is a normalised, ordered list. Two entries are one entry if they agree in name, type and
//! all metadata (reservations, disk, revocable, shared, provider, allocation role); only then do they add up.
//!
//! Invariants:
//! * nothing is empty: no zero scalar, no empty ranges, no empty set;
//! * ranges are sorted, disjoint and not adjacent; sets are sorted and free of duplicates;
//! * entries are sorted; at most one entry per identity, except exclusive disks (persistent volumes, mounts,
//!   blocks), which never merge.

mod amounts;
mod entry;
mod error;
mod json;
mod meta;
mod operations;
mod show;
#[cfg(test)]
mod tests;
mod text;
mod value;
mod wire_form;
mod written;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;

use entry::{Entry, Name};
use meta::Meta;
use value::Value;

pub use amounts::{Amounts, Quantities};
pub use error::ResourceError;
pub use operations::{Conversion, OperationError, Volume};
pub use value::Thousandths;
pub(crate) use value::{ValueText, parse_value};
pub use wire_form::Format;

/// An amount of everything: a multiset of cpus, memory, disks, ports and whatever else agents name.
///
/// Cheap to clone as long as it is short; plain entries cost 40 bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Resources(Vec<Entry>);

impl Resources {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of these held for `role`, whatever role they were allocated to before.
    #[must_use]
    pub fn allocated_to(&self, role: &str) -> Self {
        self.with_allocation(Some(&Arc::from(role)))
    }

    /// The same without any allocation role.
    #[must_use]
    pub fn unallocated(&self) -> Self {
        self.with_allocation(None)
    }

    fn with_allocation(&self, role: Option<&Arc<str>>) -> Self {
        // Entries of the same detail share one allocation; almost always that is all of them.
        let plain = Meta::share(role.cloned(), None);
        self.0
            .iter()
            .map(|entry| {
                let detail = entry.meta.as_ref().and_then(|meta| meta.detail.clone());
                let meta = match detail {
                    None => plain.clone(),
                    detail => Meta::share(role.cloned(), detail),
                };
                Entry { name: entry.name.clone(), meta, value: entry.value.clone() }
            })
            .collect()
    }

    /// Adds `other`, merging entries of the same identity.
    pub fn add(&mut self, other: &Self) {
        for entry in &other.0 {
            self.add_entry(entry);
        }
    }

    /// The sum of `parts`, which is the one itself where there is only one.
    pub fn sum<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Cow<'a, Self> {
        let mut parts = parts.into_iter();
        let Some(first) = parts.next() else { return Cow::Owned(Self::new()) };
        let mut sum = Cow::Borrowed(first);
        for part in parts {
            sum.to_mut().add(part);
        }
        sum
    }

    /// Takes `other` away.
    ///
    /// # Errors
    /// [`ResourceError::NotContained`] if `other` is not wholly in here; then nothing has changed.
    pub fn checked_sub(&mut self, other: &Self) -> Result<(), ResourceError> {
        if let Some(lacking) = self.first_lacking(other) {
            return Err(ResourceError::NotContained {
                wanted: lacking.to_string(),
                have: self.to_string(),
            });
        }
        for entry in &other.0 {
            self.sub_entry(entry);
        }
        Ok(())
    }

    /// What is in here and not in `other`.
    #[must_use]
    pub fn beyond(&self, other: &Self) -> Self {
        let mut rest = self.clone();
        for entry in &other.0 {
            rest.sub_entry(entry);
        }
        rest
    }

    /// Whether all of `other` is in here, metadata included.
    pub fn contains(&self, other: &Self) -> bool {
        self.first_lacking(other).is_none()
    }

    fn first_lacking<'a>(&self, other: &'a Self) -> Option<&'a Entry> {
        // Exclusive entries may repeat, so they are compared by number; the others come once.
        other.0.chunk_by(Entry::eq).find_map(|same| {
            let wanted = &same[0];
            let enough = if wanted.is_exclusive() {
                let from = self.0.partition_point(|have| have < wanted);
                self.0[from..].iter().take(same.len()).filter(|have| *have == wanted).count()
                    == same.len()
            } else {
                self.find(wanted).is_some_and(|at| self.0[at].value.covers(&wanted.value))
            };
            (!enough).then_some(wanted)
        })
    }

    /// Where the entry of the same identity is, exclusive ones apart.
    fn find(&self, entry: &Entry) -> Option<usize> {
        self.0.binary_search_by(|have| have.cmp_identity(entry)).ok()
    }

    /// What a framework in `role` may be given: unreserved resources and those reserved to the role or
    /// to one of its ancestors (`a/b` may use what is reserved to `a`).
    #[must_use]
    pub fn available_to_role(&self, role: &str) -> Self {
        self.filter(|entry| entry.reserved_to().is_none_or(|owner| is_same_or_under(role, owner)))
    }

    /// The part nobody has reserved.
    #[must_use]
    pub fn unreserved(&self) -> Self {
        self.filter(|entry| entry.reserved_to().is_none())
    }

    /// The reserved part, by the role that holds the innermost reservation.
    pub fn reservations(&self) -> BTreeMap<String, Self> {
        self.group_by(Entry::reserved_to)
    }

    /// The allocated part, by allocation role.
    pub fn allocations(&self) -> BTreeMap<String, Self> {
        self.group_by(|entry| entry.meta.as_ref().and_then(|meta| meta.role.as_deref()))
    }

    /// The part that may be taken back at any time.
    #[must_use]
    pub fn revocable(&self) -> Self {
        self.filter(|entry| entry.detail().is_some_and(|detail| detail.revocable))
    }

    /// The part that is not revocable.
    #[must_use]
    pub fn nonrevocable(&self) -> Self {
        self.filter(|entry| !entry.detail().is_some_and(|detail| detail.revocable))
    }

    /// The part that several tasks may hold at once.
    #[must_use]
    pub fn shared(&self) -> Self {
        self.filter(|entry| entry.detail().is_some_and(|detail| detail.shared))
    }

    /// Sum of the scalars called `name`, whatever their metadata; `None` if there are none.
    pub fn scalar(&self, name: &str) -> Option<Thousandths> {
        self.scalars().find(|(found, _)| *found == name).map(|(_, amount)| amount)
    }

    /// CPUs, zero if there are none.
    pub fn cpus(&self) -> Thousandths {
        self.scalar("cpus").unwrap_or_default()
    }

    /// GPUs, zero if there are none.
    pub fn gpus(&self) -> Thousandths {
        self.scalar("gpus").unwrap_or_default()
    }

    /// Memory in MiB, zero if there is none.
    pub fn mem_mib(&self) -> Thousandths {
        self.scalar("mem").unwrap_or_default()
    }

    /// Disk space in MiB, zero if there is none.
    pub fn disk_mib(&self) -> Thousandths {
        self.scalar("disk").unwrap_or_default()
    }

    /// Every scalar once, summed over all metadata: the quantities fair sharing looks at.
    ///
    /// A shared resource counts once however many hold it.
    pub fn scalars(&self) -> impl Iterator<Item = (&str, Thousandths)> {
        // Entries are sorted by name, so equal names are neighbours.
        self.0.chunk_by(|left, right| left.name == right.name).filter_map(|same| {
            let mut sum = None;
            for entry in same {
                if let Some(amount) = entry.value.scalar() {
                    sum = Some(sum.unwrap_or(Thousandths(0)).plus(amount));
                }
            }
            sum.map(|sum| (same[0].name.as_str(), sum))
        })
    }

    /// The ranges called `name` over all metadata, in order; empty if there are none.
    pub fn ranges(&self, name: &str) -> Vec<RangeInclusive<u64>> {
        let mut all = value::Ranges::default();
        for entry in self.0.iter().filter(|entry| entry.name.as_str() == name) {
            if let Value::Ranges(ranges) = &entry.value {
                all.add(ranges);
            }
        }
        all.iter().map(|(begin, end)| begin..=end).collect()
    }

    /// The items of the sets called `name` over all metadata, in order; empty if there are none.
    pub fn set_items(&self, name: &str) -> Vec<&str> {
        let mut items = Vec::new();
        for entry in self.0.iter().filter(|entry| entry.name.as_str() == name) {
            if let Value::Set(set) = &entry.value {
                items.extend(set.iter().map(|item| &**item));
            }
        }
        items.sort_unstable();
        items.dedup();
        items
    }

    /// The name of a resource that is here both revocable and not, if there is one.
    pub fn mixed_revocable(&self) -> Option<&str> {
        self.0.chunk_by(|left, right| left.name == right.name).find_map(|same| {
            let is_revocable =
                |entry: &Entry| entry.detail().is_some_and(|detail| detail.revocable);
            let revocable = same.iter().filter(|entry| is_revocable(entry)).count();
            (revocable > 0 && revocable < same.len()).then(|| same[0].name.as_str())
        })
    }

    /// The id of a persistent volume that is here twice in one role, if there is one. A shared volume
    /// held several times is one volume.
    pub fn repeated_volume(&self) -> Option<String> {
        let mut seen = BTreeSet::new();
        for entry in &self.0 {
            let Some(id) = entry.detail().and_then(|detail| detail.disk.as_ref()?.persistence_id())
            else {
                continue;
            };
            if !seen.insert((entry.reserved_to(), id.clone())) {
                return Some(id);
            }
        }
        None
    }

    fn filter(&self, keep: impl Fn(&Entry) -> bool) -> Self {
        Self(self.0.iter().filter(|entry| keep(entry)).cloned().collect())
    }

    fn group_by(&self, key: impl Fn(&Entry) -> Option<&str>) -> BTreeMap<String, Self> {
        let mut groups: BTreeMap<String, Self> = BTreeMap::new();
        for entry in &self.0 {
            if let Some(key) = key(entry) {
                // Filtering keeps the order, so pushing does.
                groups.entry(key.to_owned()).or_default().0.push(entry.clone());
            }
        }
        groups
    }

    fn add_entry(&mut self, entry: &Entry) {
        if entry.value.is_empty() {
            return;
        }
        if !entry.is_exclusive()
            && let Some(at) = self.find(entry)
        {
            self.0[at].value.add(&entry.value);
            return;
        }
        let at = self.0.partition_point(|have| have < entry);
        self.0.insert(at, entry.clone());
    }

    /// Takes away one entry, as far as it is there.
    fn sub_entry(&mut self, entry: &Entry) {
        if entry.is_exclusive() {
            if let Ok(at) = self.0.binary_search(entry) {
                self.0.remove(at);
            }
        } else if let Some(at) = self.find(entry) {
            self.0[at].value.sub(&entry.value);
            if self.0[at].value.is_empty() {
                self.0.remove(at);
            }
        }
    }
}

impl FromIterator<Entry> for Resources {
    fn from_iter<T: IntoIterator<Item = Entry>>(entries: T) -> Self {
        // Sorted first: lists come from outside and may be long.
        let mut entries: Vec<Entry> =
            entries.into_iter().filter(|entry| !entry.value.is_empty()).collect();
        entries.sort_unstable();
        entries.dedup_by(|next, kept| {
            let same = !next.is_exclusive() && next.cmp_identity(kept).is_eq();
            if same {
                kept.value.add(&next.value);
            }
            same
        });
        entries.shrink_to_fit();
        Self(entries)
    }
}

impl std::ops::AddAssign<&Self> for Resources {
    fn add_assign(&mut self, other: &Self) {
        self.add(other);
    }
}

impl<'a> FromIterator<&'a Self> for Resources {
    fn from_iter<T: IntoIterator<Item = &'a Self>>(parts: T) -> Self {
        let mut sum = Self::new();
        for part in parts {
            sum.add(part);
        }
        sum
    }
}

/// Whether `role` is `ancestor` or lies below it.
fn is_same_or_under(role: &str, ancestor: &str) -> bool {
    role.strip_prefix(ancestor).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Name {
    fn is_integer_only(&self) -> bool {
        // Mesos: GPUs can't be divided.
        matches!(self, Self::Gpus)
    }
}
