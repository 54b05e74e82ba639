//! What of a run can be left out of it: each has a name that stays when others are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::str::FromStr;

use crate::dice::Dice;
use crate::world::{Happening, World, seconds};

/// Most names that a text may stand for: a range of more is a slip.
const MOST: u64 = 100_000;

/// What kind of thing it is, by the letter of its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A master beside the first: without it, it never starts.
    Master,
    /// A host: without it, it never starts.
    Host,
    /// A service: without it, it never subscribes.
    Service,
    Fault,
    /// An act of the operator.
    Operator,
    /// Something a service does of its own accord.
    Whim,
    /// What a service launches on an offer.
    Launch,
    /// What a service makes of the resources of an offer.
    Storage,
}

const LETTERS: [(Kind, char); 8] = [
    (Kind::Master, 'm'),
    (Kind::Host, 'h'),
    (Kind::Service, 's'),
    (Kind::Fault, 'f'),
    (Kind::Operator, 'o'),
    (Kind::Whim, 'w'),
    (Kind::Launch, 'l'),
    (Kind::Storage, 'r'),
];

impl Kind {
    fn letter(self) -> char {
        LETTERS.iter().find(|(kind, _)| *kind == self).map_or('?', |(_, letter)| *letter)
    }

    /// Whether there are several of whom each does so.
    fn has_place(self) -> bool {
        matches!(self, Self::Whim | Self::Launch | Self::Storage)
    }
}

/// `f3` is the third fault, `l1.4` the fourth launch of the first service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    pub(crate) kind: Kind,
    /// Whose it is, where there are several.
    pub(crate) place: u64,
    pub(crate) number: u64,
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.kind.letter())?;
        if self.kind.has_place() {
            write!(f, "{}.", self.place)?;
        }
        write!(f, "{}", self.number)
    }
}

/// Something that happened and could have been left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deed {
    pub name: Name,
    /// When, and what it was.
    pub what: String,
}

/// Names of what a run is to do without. As text: `f3,f7-9,l1.4`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Without(BTreeSet<Name>);

impl Without {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn contains(&self, name: &Name) -> bool {
        self.0.contains(name)
    }

    pub(crate) fn and(&self, more: impl IntoIterator<Item = Name>) -> Self {
        Self(self.0.iter().copied().chain(more).collect())
    }
}

impl fmt::Display for Without {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut runs: Vec<(Name, u64)> = Vec::new();
        for name in &self.0 {
            match runs.last_mut() {
                Some((first, last))
                    if (first.kind, first.place, *last + 1)
                        == (name.kind, name.place, name.number) =>
                {
                    *last = name.number;
                }
                _ => runs.push((*name, name.number)),
            }
        }
        for (index, (first, last)) in runs.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{first}")?;
            if *last != first.number {
                write!(f, "-{last}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for Without {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut names = BTreeSet::new();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let wrong = || format!("'{part}' names nothing; write it as f3, f7-9 or l1.4");
            let letter = part.chars().next().ok_or_else(wrong)?;
            let (kind, _) = LETTERS.iter().find(|(_, it)| *it == letter).ok_or_else(wrong)?;
            let rest = &part[letter.len_utf8()..];
            let (place, numbers) = match (kind.has_place(), rest.split_once('.')) {
                (true, Some((place, numbers))) => (place.parse().map_err(|_| wrong())?, numbers),
                (false, None) => (0, rest),
                _ => return Err(wrong()),
            };
            let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
            let first: u64 = first.parse().map_err(|_| wrong())?;
            let last: u64 = last.parse().map_err(|_| wrong())?;
            if last < first || last - first > MOST {
                return Err(wrong());
            }
            names.extend((first..=last).map(|number| Name { kind: *kind, place, number }));
        }
        Ok(Self(names))
    }
}

/// Where a run stands with what it does and does without.
#[derive(Debug, Default)]
pub(crate) struct Deeds {
    pub(crate) seed: u64,
    pub(crate) without: Without,
    counts: BTreeMap<(Kind, u64), u64>,
    draws: BTreeMap<(u64, u64), u64>,
    pub(crate) done: Vec<Deed>,
}

impl Deeds {
    pub(crate) fn new(seed: u64, without: Without) -> Self {
        Self { seed, without, ..Self::default() }
    }

    /// The dice for something that happens: of its own, so that leaving out one thing changes as little
    /// as can be of the rest.
    pub(crate) fn dice_for(&mut self, happening: &Happening) -> Dice {
        let mut kind = DefaultHasher::new();
        std::mem::discriminant(happening).hash(&mut kind);
        let stream = (kind.finish(), happening.place());
        let count = self.draws.entry(stream).or_default();
        *count += 1;
        let mut mixed = Dice::new(self.seed ^ stream.0);
        let mut mixed = Dice::new(mixed.number() ^ stream.1);
        Dice::new(mixed.number() ^ *count)
    }
}

impl World {
    /// Whether the next thing of this kind is left out. It is counted in any case.
    pub(crate) fn is_left_out(&mut self, kind: Kind, place: usize) -> bool {
        let place = place as u64;
        let number = self.deeds.counts.entry((kind, place)).or_default();
        *number += 1;
        let name = Name { kind, place: if kind.has_place() { place } else { 0 }, number: *number };
        let name = match kind {
            Kind::Master | Kind::Host | Kind::Service => Name { place: 0, number: place, ..name },
            Kind::Fault | Kind::Operator | Kind::Whim | Kind::Launch | Kind::Storage => name,
        };
        if self.deeds.without.contains(&name) {
            return true;
        }
        let what = format!("{:.3}", seconds(self.now.at));
        self.deeds.done.push(Deed { name, what });
        false
    }

    /// Says what the last thing that was not left out is.
    pub(crate) fn it_is(&mut self, what: impl fmt::Display) {
        if let Some(deed) = self.deeds.done.last_mut() {
            deed.what = format!("{} {what}", deed.what);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a run does without is written shortly and read back as it was; anything else is named.
    #[test]
    fn what_is_left_out_is_written_and_read_back() {
        for text in ["", "f3", "f3,f7-9,l1.4", "h0-1,s2,f1-300,o4,w0.1-2,l1.1,l1.3,l2.4"] {
            assert_eq!(text.parse::<Without>().unwrap().to_string(), text);
        }
        for text in ["x3", "f", "f3-1", "l4", "f1.2", "f1-99999999999", "3"] {
            assert!(text.parse::<Without>().unwrap_err().contains("names nothing"), "{text}");
        }
    }
}
