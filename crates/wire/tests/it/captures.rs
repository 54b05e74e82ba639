//! What a Mesos master and agent were seen to answer. The recordings aren't part of the tree: the test
//! does nothing unless `EBB_CAPTURES` names their folder.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;
use wire::{Message, json, protobuf};

/// How many answers were compared, by message, and how many were unequal.
#[derive(Debug, Default)]
struct Tally {
    compared: BTreeMap<&'static str, usize>,
    unequal: usize,
}

impl Tally {
    fn compare<T: Message>(&mut self, origin: &str, expected: &Value) {
        *self.compared.entry(T::TABLE.name).or_default() += 1;
        let read = json::from_slice::<T>(expected.to_string().as_bytes());
        let written = read.as_ref().map(json::to_string);
        let mut expected = expected.clone();
        remove_leaked(&mut expected);
        let got = match &written {
            Ok(text) => serde_json::from_str(text).unwrap(),
            Err(error) => Value::String(error.to_string()),
        };
        if got != expected {
            self.unequal += 1;
            let mut differences = Vec::new();
            differ("", &expected, &got, &mut differences);
            differences.truncate(5);
            println!("{origin}: {}: {differences:#?}", T::TABLE.name);
        }
    }
}

/// `AgentInfo.checkpoint` is a field of Mesos' internal message that shows through in the master's JSON.
/// It is always true, no v1 proto file has it, and Ebb doesn't write it.
fn remove_leaked(value: &mut Value) {
    match value {
        Value::Object(members) => {
            if let Some(Value::Object(info)) = members.get_mut("agent_info") {
                assert_ne!(info.remove("checkpoint"), Some(Value::Bool(false)));
            }
            members.values_mut().for_each(remove_leaked);
        }
        Value::Array(items) => items.iter_mut().for_each(remove_leaked),
        _ => {}
    }
}

fn differ(path: &str, expected: &Value, got: &Value, out: &mut Vec<String>) {
    match (expected, got) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, value) in a {
                let other = b.get(name).unwrap_or(&Value::Null);
                differ(&format!("{path}.{name}"), value, other, out);
            }
            for (name, value) in b.iter().filter(|(name, _)| !a.contains_key(*name)) {
                out.push(format!("{path}.{name}: expected nothing, got {value}"));
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differ(&format!("{path}[{index}]"), a, b, out);
            }
        }
        _ if expected == got => {}
        _ => out.push(format!("{path}: expected {expected}, got {got}")),
    }
}

fn header<'a>(message: &'a Value, name: &str) -> Option<&'a str> {
    let headers = message["headers"].as_array()?;
    let found =
        headers.iter().find(|h| h[0].as_str().is_some_and(|n| n.eq_ignore_ascii_case(name)))?;
    found[1].as_str()
}

/// Whether a request went to the v1 operator API of a master or an agent.
fn is_operator_call(exchange: &Value) -> bool {
    let line = exchange["request"]["line"].as_str().unwrap_or_default();
    line.starts_with("POST /api/v1 ") || line.starts_with("POST /slave(1)/api/v1 ")
}

fn compare_exchanges(tally: &mut Tally, file: &str, exchanges: &[Value]) {
    for exchange in exchanges.iter().filter(|exchange| is_operator_call(exchange)) {
        let name = exchange["name"].as_str().unwrap_or_default();
        let origin = format!("{file} {name}");
        let response = &exchange["response"];
        let body = &response["body_json"];
        if !body.is_object() || header(response, "Content-Type") != Some("application/json") {
            continue;
        }
        let host = header(&exchange["request"], "Host").unwrap_or_default();
        if name.contains("agent-") || !(host.is_empty() || host.ends_with(":5050")) {
            tally.compare::<wire::agent::Response>(&origin, body);
        } else {
            tally.compare::<wire::master::Response>(&origin, body);
        }
    }
}

fn compare_streams(tally: &mut Tally, file: &str, streams: &serde_json::Map<String, Value>) {
    for (name, events) in streams {
        let origin = format!("{file} {name}");
        for event in events.as_array().into_iter().flatten() {
            if name.ends_with("scheduler-events.json") {
                tally.compare::<wire::scheduler::Event>(&origin, &event[1]);
            } else if name.ends_with("SUBSCRIBE.events.jsonl") {
                tally.compare::<wire::master::Event>(&origin, &event["event"]);
            }
        }
    }
}

/// Recorded answers and events of Mesos, read and written again, are the same JSON.
#[test]
fn recorded_answers_of_mesos_are_written_the_same() {
    let Ok(folder) = std::env::var("EBB_CAPTURES") else {
        println!("EBB_CAPTURES is not set: nothing compared");
        return;
    };
    let mut tally = Tally::default();
    for entry in std::fs::read_dir(Path::new(&folder)).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        match serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap() {
            Value::Array(exchanges) => compare_exchanges(&mut tally, &file, &exchanges),
            Value::Object(streams) => compare_streams(&mut tally, &file, &streams),
            other => panic!("{file} holds {other}"),
        }
    }
    println!("compared: {:#?}", tally.compared);
    assert!(tally.compared.len() >= 4, "hardly anything to compare in {folder}");
    assert_eq!(tally.unequal, 0);
}

/// Recorded calls with a JSON shape error are refused with the text that Mesos answered.
#[test]
fn recorded_refusals_of_mesos_have_the_same_text() {
    const SHAPE: &str = "Failed to convert JSON into Call protobuf: ";
    let Ok(folder) = std::env::var("EBB_CAPTURES") else {
        println!("EBB_CAPTURES is not set: nothing compared");
        return;
    };
    let file = Path::new(&folder).join("9-errors.json");
    let exchanges: Vec<Value> = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let mut compared = 0;
    for exchange in &exchanges {
        let Some(answer) = exchange["response"]["body_text"].as_str() else { continue };
        let Some(expected) = answer.strip_prefix(SHAPE) else { continue };
        let body = exchange["request"]["body_json"].to_string();
        let error = json::from_slice::<wire::master::Call>(body.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), expected, "{body}");
        compared += 1;
    }
    println!("compared {compared} refusals");
    assert!(compared > 10, "hardly any refusal in {folder}");
}

/// A recorded protobuf answer is read, and says the same as its JSON twin.
#[test]
fn a_recorded_protobuf_answer_is_read() {
    // GET_HEALTH as Mesos answers it: type 1, get_health { healthy: true }.
    let bytes = [0x08, 0x01, 0x12, 0x02, 0x08, 0x01];
    let response: wire::master::Response = protobuf::decode(&bytes).unwrap();
    assert_eq!(
        json::to_string(&response),
        r#"{"type":"GET_HEALTH","get_health":{"healthy":true}}"#
    );
}
