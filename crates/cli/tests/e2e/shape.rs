//! Whether one JSON document has the members and types of another, recorded one.

use serde_json::{Map, Value};

/// What every one of `items` has, by name, and what some have.
struct Members<'a> {
    all: Map<String, Value>,
    some: Vec<&'a Map<String, Value>>,
}

fn members(items: &[Value]) -> Option<Members<'_>> {
    let some: Vec<_> = items.iter().filter_map(Value::as_object).collect();
    let mut all = (*some.first()?).clone();
    all.retain(|name, _| some.iter().all(|it| it.contains_key(name)));
    Some(Members { all, some })
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(number) if number.is_f64() => "a number with a point",
        Value::Number(_) => "an integer",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Adds where `got` lacks a member that all of its kind have in `recorded`, has one of another type, or one
/// that is not there at all. `is_open` names paths below which members differ from cluster to cluster.
pub(crate) fn compare(
    path: &str,
    recorded: &Value,
    got: &Value,
    is_open: &dyn Fn(&str) -> bool,
    out: &mut Vec<String>,
) {
    if is_open(path) {
        return;
    }
    if kind(recorded) != kind(got) {
        out.push(format!("{path}: expected {}, got {}: {got}", kind(recorded), kind(got)));
        return;
    }
    match (recorded, got) {
        (Value::Object(recorded), Value::Object(got)) => {
            let shape = Members { all: recorded.clone(), some: vec![recorded] };
            compare_members(path, &shape, got, is_open, out);
        }
        (Value::Array(recorded), Value::Array(got)) => {
            let Some(shape) = members(recorded) else { return };
            for (at, item) in got.iter().enumerate() {
                match item.as_object() {
                    Some(item) => {
                        compare_members(&format!("{path}[{at}]"), &shape, item, is_open, out);
                    }
                    None => out.push(format!("{path}[{at}]: expected an object, got {item}")),
                }
            }
        }
        _ => {}
    }
}

fn compare_members(
    path: &str,
    shape: &Members<'_>,
    got: &Map<String, Value>,
    is_open: &dyn Fn(&str) -> bool,
    out: &mut Vec<String>,
) {
    for name in shape.all.keys().filter(|name| !got.contains_key(*name)) {
        let path = format!("{path}.{name}");
        if !is_open(&path) {
            out.push(format!("{path}: missing"));
        }
    }
    for (name, value) in got {
        let path = format!("{path}.{name}");
        // Lists of one name are one list: some are empty.
        let all: Vec<_> = shape.some.iter().filter_map(|it| it.get(name)).collect();
        let lists = all.iter().filter_map(|it| it.as_array());
        let joined: Vec<Value> = lists.flatten().cloned().collect();
        match all.first() {
            None if is_open(&path) => {}
            None => out.push(format!("{path}: expected nothing, got {value}")),
            Some(Value::Array(_)) => compare(&path, &Value::Array(joined), value, is_open, out),
            Some(recorded) => compare(&path, recorded, value, is_open, out),
        }
    }
}
