//! How often what was reached: a run that reaches nothing proves nothing.

use std::collections::BTreeMap;
use std::fmt;

/// Counts by name: notes of the cores, blocker kinds, refusals and faults.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    counts: BTreeMap<String, u64>,
    /// The fault that was counted last.
    latest: String,
}

impl Coverage {
    pub(crate) fn count(&mut self, group: &str, name: &str) {
        if group == "fault" {
            name.clone_into(&mut self.latest);
        }
        if let Some(count) = self.counts.get_mut(&format!("{group} {name}")) {
            *count += 1;
        } else {
            self.counts.insert(format!("{group} {name}"), 1);
        }
    }

    /// Counts the variant of a value by its name in `Debug`.
    pub(crate) fn count_variant(&mut self, group: &str, value: &impl fmt::Debug) {
        struct Name(String);
        impl fmt::Write for Name {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                let end = text.find(|c: char| !c.is_alphanumeric() && c != '_');
                self.0.push_str(&text[..end.unwrap_or(text.len())]);
                // The rest is not needed; an error ends the formatting.
                if end.is_some() { Err(fmt::Error) } else { Ok(()) }
            }
        }
        let mut name = Name(String::new());
        fmt::write(&mut name, format_args!("{value:?}")).ok();
        self.count(group, &name.0);
    }

    /// Adds the counts of another run.
    pub fn add(&mut self, other: &Self) {
        for (name, count) in &other.counts {
            *self.counts.entry(name.clone()).or_default() += count;
        }
    }

    /// Names and counts, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.counts.iter().map(|(name, count)| (name.as_str(), *count))
    }

    pub(crate) fn take_latest(&mut self) -> String {
        std::mem::take(&mut self.latest)
    }

    pub fn of(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A variant counts by its name alone, with or without content.
    #[test]
    fn variants_count_by_name() {
        let mut coverage = Coverage::default();
        coverage.count_variant("option", &Some(3));
        coverage.count_variant("option", &Some(4));
        coverage.count_variant("option", &None::<u8>);
        assert_eq!((coverage.of("option Some"), coverage.of("option None")), (2, 1));
    }
}
