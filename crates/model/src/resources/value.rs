//! Amounts: fixed-point scalars, ranges and sets.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::fmt;

/// A scalar amount in thousandths of its unit.
// Mesos: scalars are doubles on the wire and fixed point with three decimals in all arithmetic.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Thousandths(pub i64);

impl Thousandths {
    /// The largest amount that is accepted: what a double still holds to the thousandth.
    pub const MAX: Self = Self(1 << 53);

    /// Rounds to the nearest thousandth; `None` if not finite or beyond ±[`Thousandths::MAX`].
    pub fn from_f64(amount: f64) -> Option<Self> {
        let scaled = (amount * 1000.0).round();
        #[expect(clippy::cast_precision_loss, reason = "a power of two")]
        let bound = Self::MAX.0 as f64;
        if !scaled.is_finite() || scaled.abs() > bound {
            return None;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a whole number within the bound")]
        Some(Self(scaled as i64))
    }

    #[expect(clippy::cast_precision_loss, reason = "the wire has a double")]
    pub fn as_f64(self) -> f64 {
        self.0 as f64 / 1000.0
    }

    /// The sum, saturating.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    /// The difference, saturating.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    pub fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl fmt::Display for Thousandths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, part) = (self.0.unsigned_abs() / 1000, self.0.unsigned_abs() % 1000);
        if part == 0 {
            return write!(f, "{sign}{whole}");
        }
        let decimals = format!("{part:03}");
        write!(f, "{sign}{whole}.{}", decimals.trim_end_matches('0'))
    }
}

/// Sorted, disjoint, not adjacent ranges, both ends included.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ranges(Vec<(u64, u64)>);

impl Ranges {
    /// Merges what overlaps or touches; every pair must be in order.
    pub(crate) fn coalesced(mut pairs: Vec<(u64, u64)>) -> Self {
        pairs.sort_unstable();
        let mut merged: Vec<(u64, u64)> = Vec::with_capacity(pairs.len());
        for (begin, end) in pairs {
            match merged.last_mut() {
                // At the very end of the numbers nothing can follow, so saturating is exact.
                Some(last) if begin <= last.1.saturating_add(1) => last.1 = last.1.max(end),
                _ => merged.push((begin, end)),
            }
        }
        merged.shrink_to_fit();
        Self(merged)
    }

    /// As [`Ranges::coalesced`], but `None` if any two overlap.
    pub(crate) fn disjoint(mut pairs: Vec<(u64, u64)>) -> Option<Self> {
        pairs.sort_unstable();
        if pairs.windows(2).any(|pair| pair[1].0 <= pair[0].1) {
            return None;
        }
        Some(Self::coalesced(pairs))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u64, u64)> {
        self.0.iter().copied()
    }

    pub(crate) fn add(&mut self, other: &Self) {
        // The usual case when long lists are summed up in order: all of it lies behind.
        if let (Some(last), Some(next)) = (self.0.last(), other.0.first())
            && last.1.checked_add(1).is_some_and(|behind| behind < next.0)
        {
            self.0.extend_from_slice(&other.0);
            return;
        }
        let mut pairs = std::mem::take(&mut self.0);
        pairs.extend_from_slice(&other.0);
        *self = Self::coalesced(pairs);
    }

    fn contains(&self, other: &Self) -> bool {
        let mut have = self.0.iter().peekable();
        other.0.iter().all(|&(begin, end)| {
            while have.next_if(|range| range.1 < begin).is_some() {}
            have.peek().is_some_and(|range| range.0 <= begin && end <= range.1)
        })
    }

    /// Cuts out `other`, which must be contained.
    fn remove(&mut self, other: &Self) {
        let mut rest = Vec::with_capacity(self.0.len());
        let mut cuts = other.0.iter().peekable();
        for &(begin, end) in &self.0 {
            let mut from = Some(begin);
            while let Some(&(cut_begin, cut_end)) = cuts.next_if(|cut| cut.0 <= end) {
                if let Some(begin) = from
                    && begin < cut_begin
                {
                    rest.push((begin, cut_begin - 1));
                }
                from = cut_end.checked_add(1);
            }
            if let Some(begin) = from
                && begin <= end
            {
                rest.push((begin, end));
            }
        }
        self.0 = rest;
    }
}

impl fmt::Display for Ranges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (at, (begin, end)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{begin}-{end}")?;
        }
        f.write_str("]")
    }
}

/// The amount of one entry. Ranges and sets are boxed to keep scalars, the common case, small.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(clippy::box_collection, reason = "half the size of every entry")]
pub(super) enum Value {
    Scalar(Thousandths),
    Ranges(Box<Ranges>),
    Set(Box<BTreeSet<Box<str>>>),
    /// A shared volume of one size and how many copies of it are held.
    // Mesos: copies of a shared resource are counted, not summed.
    Shared(Box<(Thousandths, u32)>),
}

impl Value {
    pub(super) fn is_empty(&self) -> bool {
        match self {
            Self::Scalar(amount) => amount.is_zero(),
            Self::Ranges(ranges) => ranges.0.is_empty(),
            Self::Set(items) => items.is_empty(),
            Self::Shared(shared) => shared.0.is_zero() || shared.1 == 0,
        }
    }

    pub(super) fn scalar(&self) -> Option<Thousandths> {
        match self {
            Self::Scalar(amount) => Some(*amount),
            Self::Shared(shared) => Some(shared.0),
            Self::Ranges(_) | Self::Set(_) => None,
        }
    }

    /// Orders by type, and shared volumes by size: what is equal can be added.
    pub(super) fn cmp_identity(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Shared(left), Self::Shared(right)) => left.0.cmp(&right.0),
            (left, right) => left.rank().cmp(&right.rank()),
        }
    }

    fn rank(&self) -> u8 {
        match self {
            Self::Scalar(_) => 0,
            Self::Ranges(_) => 1,
            Self::Set(_) => 2,
            Self::Shared(_) => 3,
        }
    }

    /// Adds an amount of the same identity.
    pub(super) fn add(&mut self, other: &Self) {
        match (self, other) {
            (Self::Scalar(left), Self::Scalar(right)) => *left = left.plus(*right),
            (Self::Ranges(left), Self::Ranges(right)) => left.add(right),
            (Self::Set(left), Self::Set(right)) => left.extend(right.iter().cloned()),
            (Self::Shared(left), Self::Shared(right)) => left.1 = left.1.saturating_add(right.1),
            _ => unreachable!("callers compare identities first"),
        }
    }

    /// Whether an amount of the same identity can be taken away.
    pub(super) fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Scalar(left), Self::Scalar(right)) => right <= left,
            (Self::Ranges(left), Self::Ranges(right)) => left.contains(right),
            (Self::Set(left), Self::Set(right)) => right.is_subset(left),
            (Self::Shared(left), Self::Shared(right)) => right.1 <= left.1,
            _ => false,
        }
    }

    /// Takes away an amount of the same identity, as far as it is covered.
    pub(super) fn sub(&mut self, other: &Self) {
        match (self, other) {
            (Self::Scalar(left), Self::Scalar(right)) => {
                *left = left.minus(*right).max(Thousandths(0));
            }
            (Self::Ranges(left), Self::Ranges(right)) => left.remove(right),
            (Self::Set(left), Self::Set(right)) => left.retain(|item| !right.contains(item)),
            (Self::Shared(left), Self::Shared(right)) => left.1 = left.1.saturating_sub(right.1),
            _ => unreachable!("callers compare identities first"),
        }
    }
}

/// A value as agent flags write it, before anyone has asked for a type.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum ValueText {
    Scalar(f64),
    Ranges(Ranges),
    Set(BTreeSet<Box<str>>),
    Text(String),
}

/// Reads `[1-2, 5-6]`, `{a, b}`, `8.5` or, failing these, text.
///
/// # Errors
/// What is wrong with a value that opens like ranges or a set but isn't one.
// Mesos: the first character decides between ranges and sets, and whatever reads as a number is one.
pub(crate) fn parse_value(text: &str) -> Result<ValueText, String> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('[') {
        let inner = inner
            .strip_suffix(']')
            .ok_or_else(|| format!("expecting ']' at the end of '{text}'"))?;
        return parse_ranges(inner).map(ValueText::Ranges);
    }
    if let Some(inner) = text.strip_prefix('{') {
        let inner = inner
            .strip_suffix('}')
            .ok_or_else(|| format!("expecting '}}' at the end of '{text}'"))?;
        return parse_set(inner).map(ValueText::Set);
    }
    // Rust also reads "inf", "nan" and "infinity"; as values of flags these are words.
    let numeric = text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first));
    match text.parse::<f64>() {
        Ok(number) if numeric && number.is_finite() => Ok(ValueText::Scalar(number)),
        _ => Ok(ValueText::Text(text.to_owned())),
    }
}

fn parse_ranges(inner: &str) -> Result<Ranges, String> {
    let mut pairs = Vec::new();
    for part in inner.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let bounds = part.split_once('-').and_then(|(begin, end)| {
            Some((begin.trim().parse::<u64>().ok()?, end.trim().parse::<u64>().ok()?))
        });
        let Some((begin, end)) = bounds else {
            return Err(format!("expecting a range such as 31000-32000, found '{part}'"));
        };
        if begin > end {
            return Err(format!("range '{part}' ends before it begins"));
        }
        pairs.push((begin, end));
    }
    Ok(Ranges::coalesced(pairs))
}

fn parse_set(inner: &str) -> Result<BTreeSet<Box<str>>, String> {
    let mut items = BTreeSet::new();
    for item in inner.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        if !items.insert(Box::from(item)) {
            return Err(format!("'{item}' is twice in the set"));
        }
    }
    Ok(items)
}
