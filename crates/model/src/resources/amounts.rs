//! Resources as the older JSON endpoints show them: one member per name, whatever the metadata.

use std::collections::{BTreeMap, BTreeSet};

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::entry::{Entry, Name};
use super::value::{Ranges, Thousandths, Value};
use super::{Format, Resources};

/// Sums by name: `{"cpus":4.0,"gpus":0.0,"mem":4096.0,"disk":0.0,"ports":"[31000-32000]"}`.
// Mesos: the first four are there even if there is nothing of them; what may be taken back is summed
// apart, as `<name>_revocable`.
#[derive(Clone, Copy, Debug)]
pub struct Amounts<'a> {
    resources: &'a Resources,
    part: Part<'a>,
}

#[derive(Clone, Copy, Debug)]
enum Part<'a> {
    All,
    Unreserved,
    ReservedTo(&'a str),
}

impl Resources {
    /// All of them, summed by name.
    pub fn amounts(&self) -> Amounts<'_> {
        Amounts { resources: self, part: Part::All }
    }

    /// What nobody has reserved, summed by name.
    pub fn unreserved_amounts(&self) -> Amounts<'_> {
        Amounts { resources: self, part: Part::Unreserved }
    }

    /// What is reserved, summed by role and name.
    pub fn reserved_amounts(&self) -> BTreeMap<&str, Amounts<'_>> {
        let roles = self.0.iter().filter_map(Entry::reserved_to);
        roles
            .map(|role| (role, Amounts { resources: self, part: Part::ReservedTo(role) }))
            .collect()
    }

    /// The role of the first entry; tasks and executors have all their resources of one role.
    pub fn allocation_role(&self) -> Option<&str> {
        self.0.first()?.meta.as_ref()?.role.as_deref()
    }

    /// How much there is of each name: ranges and sets count what is in them.
    pub fn quantities(&self) -> Quantities {
        let mut quantities = Quantities::default();
        for entry in &self.0 {
            let sum = quantities.0.entry(entry.name.as_str().to_owned()).or_default();
            *sum = sum.plus(match &entry.value {
                Value::Scalar(amount) => *amount,
                Value::Shared(shared) => shared.0,
                Value::Ranges(ranges) => count(ranges.iter().map(|(begin, end)| end - begin)),
                Value::Set(items) => count(items.iter().map(|_| 0)),
            });
        }
        quantities
    }

    /// Each resource in full, written for operators: both forms of reservations where both can say it.
    pub fn in_full(&self) -> Vec<crate::legacy::Raw> {
        let list = self.to_wire_as(Format::Both);
        list.iter().map(crate::legacy::Raw::new).collect()
    }
}

/// Of ranges, each given by its length less one.
fn count(lengths: impl Iterator<Item = u64>) -> Thousandths {
    let items: u64 = lengths.fold(0, |sum, length| sum.saturating_add(length).saturating_add(1));
    Thousandths(i64::try_from(items).unwrap_or(i64::MAX).saturating_mul(1000))
}

/// An amount of each name, in the order of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quantities(BTreeMap<String, Thousandths>);

impl Quantities {
    pub fn add(&mut self, other: &Self) {
        for (name, amount) in &other.0 {
            let sum = self.0.entry(name.clone()).or_default();
            *sum = sum.plus(*amount);
        }
    }
}

impl From<&BTreeMap<String, Thousandths>> for Quantities {
    fn from(amounts: &BTreeMap<String, Thousandths>) -> Self {
        Self(amounts.clone())
    }
}

impl Serialize for Quantities {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, amount)| (name, amount.as_f64())))
    }
}

impl Part<'_> {
    fn holds(self, entry: &Entry) -> bool {
        match self {
            Self::All => true,
            Self::Unreserved => entry.reserved_to().is_none(),
            Self::ReservedTo(role) => entry.reserved_to() == Some(role),
        }
    }
}

const ALWAYS: [Name; 4] = [Name::Cpus, Name::Gpus, Name::Mem, Name::Disk];

impl Serialize for Amounts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let held = |revocable: bool| {
            let part = self.part;
            move |entry: &&Entry| part.holds(entry) && is_revocable(entry) == revocable
        };
        let mut map = serializer.serialize_map(None)?;
        // Sorted by name, the four first: what is missing among them is passed over here.
        let mut always = ALWAYS.iter().peekable();
        let mut any_revocable = false;
        for same in self.resources.0.chunk_by(|left, right| left.name == right.name) {
            let name = &same[0].name;
            while let Some(missing) = always.next_if(|missing| *missing < name) {
                map.serialize_entry(missing.as_str(), &0.0)?;
            }
            any_revocable |= same.iter().any(is_revocable);
            match sum(same.iter().filter(held(false))) {
                Some(sum) => map.serialize_entry(name.as_str(), &sum)?,
                None if ALWAYS.contains(name) => map.serialize_entry(name.as_str(), &0.0)?,
                None => {}
            }
            always.next_if_eq(&name);
        }
        for missing in always {
            map.serialize_entry(missing.as_str(), &0.0)?;
        }
        if any_revocable {
            for same in self.resources.0.chunk_by(|left, right| left.name == right.name) {
                if let Some(sum) = sum(same.iter().filter(held(true))) {
                    map.serialize_entry(&format!("{}_revocable", same[0].name.as_str()), &sum)?;
                }
            }
        }
        map.end()
    }
}

fn is_revocable(entry: &Entry) -> bool {
    entry.detail().is_some_and(|detail| detail.revocable)
}

enum Sum<'a> {
    Scalar(Thousandths),
    Ranges(Ranges),
    OneRanges(&'a Ranges),
    Set(BTreeSet<&'a str>),
}

/// Entries of one name, all of the type of the first.
fn sum<'a>(mut entries: impl Iterator<Item = &'a Entry>) -> Option<Sum<'a>> {
    let mut sum = match &entries.next()?.value {
        Value::Scalar(amount) => Sum::Scalar(*amount),
        // Mesos: counted once, however many hold it.
        Value::Shared(shared) => Sum::Scalar(shared.0),
        Value::Ranges(ranges) => Sum::OneRanges(ranges),
        Value::Set(items) => Sum::Set(items.iter().map(|item| &**item).collect()),
    };
    for entry in entries {
        match (&mut sum, &entry.value) {
            (Sum::Scalar(sum), Value::Scalar(amount)) => *sum = sum.plus(*amount),
            (Sum::Scalar(sum), Value::Shared(shared)) => *sum = sum.plus(shared.0),
            (Sum::Ranges(sum), Value::Ranges(ranges)) => sum.add(ranges),
            (Sum::OneRanges(one), Value::Ranges(ranges)) => {
                let mut both = one.clone();
                both.add(ranges);
                sum = Sum::Ranges(both);
            }
            (Sum::Set(sum), Value::Set(items)) => sum.extend(items.iter().map(|item| &**item)),
            _ => {}
        }
    }
    Some(sum)
}

impl Serialize for Sum<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Scalar(amount) => serializer.serialize_f64(amount.as_f64()),
            Self::Ranges(ranges) => serializer.collect_str(ranges),
            Self::OneRanges(ranges) => serializer.collect_str(ranges),
            Self::Set(items) => {
                let items = items.iter().copied().collect::<Vec<_>>().join(", ");
                serializer.serialize_str(&format!("{{{items}}}"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(value: &impl Serialize) -> String {
        serde_json::to_string(value).unwrap()
    }

    /// Cpus, gpus, mem and disk are always there; ports and sets are text; names are summed over
    /// reservations and kept apart where they may be taken back.
    #[test]
    fn resources_are_summed_by_name() {
        let some = Resources::parse("mem:64;cpus:1;ports:[1-2,5-6];zones:{b,a};cpus(web):0.5", "*");
        let some = some.unwrap();
        assert_eq!(
            json(&some.amounts()),
            r#"{"cpus":1.5,"gpus":0.0,"mem":64.0,"disk":0.0,"ports":"[1-2, 5-6]","zones":"{a, b}"}"#
        );
        assert_eq!(
            json(&some.reserved_amounts()),
            r#"{"web":{"cpus":0.5,"gpus":0.0,"mem":0.0,"disk":0.0}}"#
        );
        assert!(json(&some.unreserved_amounts()).starts_with(r#"{"cpus":1.0,"#));
        assert_eq!(
            json(&Resources::new().amounts()),
            r#"{"cpus":0.0,"gpus":0.0,"mem":0.0,"disk":0.0}"#
        );
        let mut list = some.to_wire();
        list.retain(|resource| resource.name == "cpus");
        list[0].revocable = Some(wire::v1::resource::RevocableInfo {});
        let revocable = Resources::from_wire(&list).unwrap();
        assert!(json(&revocable.amounts()).contains("\"cpus_revocable\":"));
        assert_eq!(json(&some.quantities()), r#"{"cpus":1.5,"mem":64.0,"ports":4.0,"zones":2.0}"#);
    }

    /// In full, an unreserved resource has the role `*`, a reserved one its role and its reservation.
    #[test]
    fn resources_in_full_have_roles() {
        let some = Resources::parse("cpus:1;cpus(web):0.5", "*").unwrap();
        assert_eq!(
            json(&some.in_full()),
            r#"[{"name":"cpus","type":"SCALAR","scalar":{"value":1.0},"role":"*"},"#.to_owned()
                + r#"{"name":"cpus","type":"SCALAR","scalar":{"value":0.5},"role":"web","#
                + r#""reservations":[{"type":"STATIC","role":"web"}]}]"#
        );
    }
}
