//! Identifiers as values, and which are valid.

use std::collections::BTreeMap;

use model::validate::id::{IdError, check};
use model::{AgentId, TaskId};
use proptest::prelude::*;

/// An id is its text, on the wire and in print.
#[test]
fn id_is_its_text() {
    let id = AgentId::new("m-S1");
    assert_eq!(id.as_str(), "m-S1");
    assert_eq!(id.to_string(), "m-S1");
    assert_eq!(format!("{id:?}"), "m-S1");
    assert_eq!(AgentId::from(&id.to_wire()), id);
    let by_id = BTreeMap::from([(TaskId::new("a"), 1)]);
    assert_eq!(by_id.get("a"), Some(&1), "maps are searched by text");
}

/// Ids that can't be directory names are refused with Mesos' texts.
#[test]
fn ids_that_are_no_file_names_are_refused() {
    assert_eq!(check(""), Err(IdError::Empty));
    assert_eq!(check(&"x".repeat(256)), Err(IdError::TooLong));
    for (id, text) in [
        ("", "ID must not be empty"),
        (".", "'.' is disallowed"),
        ("..", "'..' is disallowed"),
        ("a/b", "'a/b' contains invalid characters"),
        ("a\\b", r"'a\\b' contains invalid characters"),
        ("a\nb", r"'a\nb' contains invalid characters"),
        ("\0", r"'\0' contains invalid characters"),
        ("\u{7f}", r"'\u{7f}' contains invalid characters"),
    ] {
        assert_eq!(check(id).expect_err(id).to_string(), text);
    }
    assert_eq!(check(&"ä".repeat(128)), Err(IdError::TooLong), "bytes count");
    for id in ["a", "...", "a.b", "app.instance-1._app.2", "ü", &"x".repeat(255)] {
        assert_eq!(check(id), Ok(()), "{id}");
    }
}

proptest! {
    /// A valid id is exactly one ordinary component of a path.
    #[test]
    fn valid_ids_are_path_components(id in "[./a\\\\\u{0}-\u{20}ü]{0,6}|.{0,40}") {
        use std::path::{Component, Path};
        if check(&id).is_ok() {
            let mut parts = Path::new(&id).components();
            prop_assert!(matches!(parts.next(), Some(Component::Normal(part)) if part == id.as_str()));
            prop_assert!(parts.next().is_none());
        }
    }
}
