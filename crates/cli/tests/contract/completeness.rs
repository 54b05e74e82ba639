//! The tables leave nothing out.

use std::collections::BTreeSet;

use crate::api;
use crate::surface;

/// Every type of call of every API has exactly one entry, and no entry is about a type that does not exist.
#[test]
fn every_type_of_call_has_an_entry() {
    for api in api::ALL {
        let known: BTreeSet<String> = api.types().map(str::to_owned).collect();
        let calls = surface::calls(api);
        let entries: BTreeSet<String> = calls.iter().map(|call| call.r#type.clone()).collect();
        assert_eq!(entries, known, "{}", api.name());
        assert_eq!(calls.len(), entries.len(), "{}: an entry occurs twice", api.name());
    }
}

/// Every entry says something: what the call does, and a refusal where it has one.
#[test]
fn every_entry_says_what_the_call_does() {
    for api in api::ALL {
        for call in surface::calls(api) {
            let name = format!("{} {}", api.name(), call.r#type);
            assert!(call.does.len() > 10 && call.does.ends_with('.'), "{name}: {}", call.does);
            assert!(call.differs.is_none_or(|text| text.ends_with('.')), "{name}");
            let sure = call.status < 400 || call.text.is_some();
            assert!(sure, "{name} is refused without a text");
        }
    }
}
