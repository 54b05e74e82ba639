//! The shape of a JSON value: which fields there are and what types they have, at every depth.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// Types found at each path, such as `get_agents.agents[].active` → `bool`. Items of a list are taken
/// together. An empty list or object has the type only.
pub(crate) type Shape = BTreeMap<String, BTreeSet<&'static str>>;

pub(crate) fn of(value: &Value) -> Shape {
    let mut shape = Shape::new();
    add("", value, &mut shape);
    shape
}

fn add(path: &str, value: &Value, shape: &mut Shape) {
    shape.entry(path.to_owned()).or_default().insert(type_of(value));
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                add(&path, member, shape);
            }
        }
        Value::Array(items) => {
            for item in items {
                add(&format!("{path}[]"), item, shape);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "fraction",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}

/// One place where two shapes differ.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Difference {
    Missing(String),
    Added(String),
    Type(String, String),
}

impl Difference {
    pub(crate) fn path(&self) -> &str {
        match self {
            Self::Missing(path) | Self::Added(path) | Self::Type(path, _) => path,
        }
    }
}

/// What of `expected` is not in `found`, and the reverse. Below what is missing or added nothing more is
/// said.
pub(crate) fn compare(expected: &Shape, found: &Shape) -> Vec<Difference> {
    let mut differences: Vec<Difference> = Vec::new();
    let told = |differences: &[Difference], path: &str| {
        differences.iter().any(|difference| {
            path.strip_prefix(difference.path())
                .is_some_and(|rest| rest.starts_with('.') || rest.starts_with('['))
        })
    };
    for (path, types) in expected {
        match found.get(path) {
            _ if told(&differences, path) => {}
            // An empty list shows nothing of its items.
            None => differences.push(Difference::Missing(path.clone())),
            Some(other) if other == types => {}
            Some(other) => {
                differences.push(Difference::Type(path.clone(), format!("{types:?}, {other:?}")));
            }
        }
    }
    for path in found.keys().filter(|path| !expected.contains_key(*path)) {
        if !told(&differences, path) {
            differences.push(Difference::Added(path.clone()));
        }
    }
    differences
}

/// Fields, types and depth all count, and a missing object is said once.
#[test]
fn differences_are_told_once_and_with_their_path() {
    let expected =
        of(&serde_json::json!({"a": {"b": 1, "c": [{"d": "x"}]}, "e": true, "f": {"g": 1}}));
    let found = of(&serde_json::json!({"a": {"b": "1", "c": [{"d": "x", "h": 2}]}, "e": true}));
    assert_eq!(
        compare(&expected, &found),
        [
            Difference::Type("a.b".to_owned(), r#"{"integer"}, {"string"}"#.to_owned()),
            Difference::Missing("f".to_owned()),
            Difference::Added("a.c[].h".to_owned()),
        ]
    );
    assert_eq!(compare(&expected, &expected), []);
}
