//! The list of what differs and why, which may only become shorter.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde::Deserialize;

/// Everything in `differences.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Known {
    group: Vec<Group>,
    /// Entries that were met.
    #[serde(skip)]
    met: RefCell<BTreeSet<String>>,
}

/// Differences with one reason.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) why: String,
    /// Each `<who> <what>: <sign><path>`. `*` stands for any text.
    entries: Vec<String>,
}

impl Known {
    pub(super) fn read() -> Self {
        toml::from_str(include_str!("differences.toml")).unwrap()
    }

    pub(super) fn groups(&self) -> impl Iterator<Item = &Group> {
        self.group.iter()
    }

    fn entries(&self) -> impl Iterator<Item = &String> {
        self.group.iter().flat_map(|group| &group.entries)
    }

    /// Whether a difference is known; the entries that say so are noted as met.
    pub(super) fn covers(&self, line: &str) -> bool {
        let matching: Vec<&String> = self.entries().filter(|entry| matches(entry, line)).collect();
        self.met.borrow_mut().extend(matching.iter().map(|entry| (*entry).clone()));
        !matching.is_empty()
    }

    /// Entries that nothing was found for.
    pub(super) fn stale(&self) -> Vec<&String> {
        self.entries().filter(|entry| !self.met.borrow().contains(*entry)).collect()
    }
}

/// Whether `text` is `pattern`, in which `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    crate::gaps::matches(pattern, '*', text)
}

/// A star stands for any text, also for none; everything else for itself.
#[test]
fn stars_stand_for_any_text() {
    assert!(matches("master /state: +x", "master /state: +x"));
    assert!(matches("master *: +*.y", "master /state: +x.y"));
    assert!(matches("*", "anything"));
    assert!(!matches("master /state: +x", "master /state: +x.y"));
    assert!(!matches("agent *", "master /state: +x"));
}
