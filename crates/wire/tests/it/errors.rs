//! What clients are told about bodies that are no messages.

use serde_json::{Value, json};
use wire::json::{JsonError, from_slice};
use wire::media::{self, BodyError, MediaType};
use wire::{master, protobuf, v1};

fn mismatch<T: wire::Message>(value: &Value) -> String {
    match from_slice::<T>(value.to_string().as_bytes()) {
        Err(JsonError::Mismatch(text)) => text,
        other => panic!("{value} reads as {other:?}"),
    }
}

/// A value of the wrong kind is refused with the name of the innermost field.
#[test]
fn values_of_the_wrong_kind_are_refused_by_field() {
    for (value, error) in [
        (json!([]), "Expecting a JSON object"),
        (json!(null), "Expecting a JSON object"),
        (json!("x"), "Expecting a JSON object"),
        (json!(-1.5), "Expecting a JSON object"),
        (json!({"type": 1}), "Not expecting a JSON number for field 'type'"),
        (json!({"type": true}), "Not expecting a JSON boolean for field 'type'"),
        (json!({"type": {}}), "Not expecting a JSON object for field 'type'"),
        (json!({"type": ["GET_HEALTH"]}), "Not expecting a JSON array for field 'type'"),
        (json!({"drain_agent": "x"}), "Not expecting a JSON string for field 'drain_agent'"),
        (
            json!({"drain_agent": {"agent_id": {"value": 5}}}),
            "Not expecting a JSON number for field 'value'",
        ),
        (
            json!({"drain_agent": {"agent_id": {"value": "a"}, "mark_gone": 1}}),
            "Not expecting a JSON number for field 'mark_gone'",
        ),
        (
            json!({"drain_agent": {"agent_id": {"value": "a"}, "mark_gone": "yes"}}),
            "Failed to read 'yes' as a boolean for field 'mark_gone'",
        ),
        (
            json!({"start_maintenance": {"machines": [[]]}}),
            "Not expecting a JSON array for field 'machines'",
        ),
        (
            json!({"update_quota": {"quota_configs": {"role": "r", "limits": []}}}),
            "Not expecting a JSON array for field 'limits'",
        ),
    ] {
        assert_eq!(mismatch::<master::Call>(&value), error);
    }
}

/// A number that its field can't hold is refused instead of wrapped around.
#[test]
fn numbers_out_of_range_are_refused() {
    for (port, shown) in [
        (json!(2_147_483_648_i64), "2147483648"),
        (json!(-2_147_483_649_i64), "-2147483649"),
        (json!("4294967296"), "4294967296"),
        (json!(1e300), "1e300"),
        (json!("Infinity"), "inf"),
        (json!("NaN"), "NaN"),
    ] {
        let error = format!("Number {shown} is out of range for field 'port'");
        assert_eq!(mismatch::<v1::AgentInfo>(&json!({"hostname": "h", "port": port})), error);
    }
    let error = "Number -1 is out of range for field 'begin'";
    assert_eq!(mismatch::<v1::value::Range>(&json!({"begin": -1, "end": 1})), error);
    let error = "Failed to read 'ten' as a number for field 'begin'";
    assert_eq!(mismatch::<v1::value::Range>(&json!({"begin": "ten", "end": 1})), error);
}

/// An unknown name in a required enum is refused; a client's long text is cut.
#[test]
fn unknown_names_of_required_enums_are_refused() {
    let task = json!({"task_id": {"value": "t"}, "state": "TASK_BOGUS"});
    let error = "Failed to read 'TASK_BOGUS' as an enum value for field 'state'";
    assert_eq!(mismatch::<v1::TaskStatus>(&task), error);
    let task = json!({"task_id": {"value": "t"}, "state": "é".repeat(100_000)});
    assert!(mismatch::<v1::TaskStatus>(&task).len() < 300);
    // Protobuf has no name to show: an unknown number is a missing field.
    let error =
        protobuf::decode::<v1::TaskStatus>(&[0x0a, 3, 0x0a, 1, b't', 0x10, 99]).unwrap_err();
    assert_eq!(error.to_string(), "Missing required fields: state");
}

/// Text that is no base64 is refused.
#[test]
fn text_that_is_no_base64_is_refused() {
    let error = "Failed to read 'a*b' as base64 for field 'data'";
    assert_eq!(mismatch::<v1::secret::Value>(&json!({"data": "a*b"})), error);
}

/// All missing required fields are named with their paths, in the order Mesos names them.
#[test]
fn missing_fields_are_named_with_their_paths() {
    let call = json!({
        "start_maintenance": {"machines": [{}]},
        "drain_agent": {},
        "teardown": {"framework_id": {}},
        "update_quota": {"quota_configs": [{"role": "a"}, {"limits": {"cpus": {}}}]},
    });
    let error = from_slice::<master::Call>(call.to_string().as_bytes()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Missing required fields: teardown.framework_id.value, update_quota.quota_configs[1].role, \
         update_quota.quota_configs[1].limits[0].value.value, drain_agent.agent_id"
    );
}

/// A list of missing fields is cut, and says how many more there are.
#[test]
fn many_missing_fields_are_counted() {
    let framework = json!({"user": "u", "name": "n", "labels": {"labels": vec![json!({}); 150]}});
    let error = from_slice::<v1::FrameworkInfo>(framework.to_string().as_bytes()).unwrap_err();
    let JsonError::Missing(missing) = &error else { panic!("{error:?}") };
    assert_eq!((missing.paths.len(), missing.count), (100, 150));
    assert!(error.to_string().ends_with("labels.labels[99].key and 50 more"), "{error}");
}

/// A required field given in parts is there: protobuf merges messages that occur twice.
#[test]
fn messages_in_two_parts_are_checked_as_one() {
    // framework_id, then a second one: `value` only in the first.
    let bytes = [0x82, 1, 5, 0x0a, 3, 0x0a, 1, b'f', 0x82, 1, 2, 0x0a, 0];
    let call: master::Call = protobuf::decode(&bytes).unwrap();
    assert_eq!(call.teardown.unwrap().framework_id.value, "f");
}

/// Text that is no JSON is told from JSON that is no message, even when both could be said.
#[test]
fn broken_json_is_told_from_json_that_does_not_fit() {
    for text in ["", "{", "{]", "{\"type\": 1", "{} xx", "\u{feff}{}", "/*x*/{}", "{\"type\": 1} x"]
    {
        let error = from_slice::<master::Call>(text.as_bytes()).unwrap_err();
        assert!(matches!(error, JsonError::Syntax(_)), "{text}: {error:?}");
    }
    for bytes in [&b"\xff"[..], b"{\"type\": \"\xff\"}"] {
        let error = from_slice::<master::Call>(bytes).unwrap_err();
        assert!(matches!(error, JsonError::Syntax(_)), "{bytes:?}: {error:?}");
    }
    assert_eq!(from_slice::<master::Call>(b" \n{} \t").unwrap(), master::Call::default());
}

/// The whole text of an answer has the prefix that Mesos gives each kind of error.
#[test]
fn answers_have_the_prefix_of_their_kind() {
    use MediaType::{Json, Protobuf, RecordIo};
    for (format, body, answer) in [
        (Json, &b"[]"[..], "Failed to convert JSON into Call protobuf: Expecting a JSON object"),
        (
            Json,
            br#"{"drain_agent":{}}"#,
            "Failed to convert JSON into Call protobuf: Missing required fields: \
             drain_agent.agent_id",
        ),
        (
            Protobuf,
            &[0xaa, 1, 0],
            "Failed to parse body into Call protobuf: Missing required fields: drain_agent.agent_id",
        ),
        (
            RecordIo,
            b"2\n{}2\n{}",
            "Failed to parse body into records: expecting exactly one record",
        ),
    ] {
        let error: BodyError = media::decode::<master::Call>(format, body).unwrap_err();
        assert_eq!(error.answer(format), answer);
    }
    let error = media::decode::<master::Call>(Json, b"{").unwrap_err();
    assert!(error.answer(Json).starts_with("Failed to parse body into JSON: "));
    let error = media::decode::<master::Call>(Protobuf, b"{").unwrap_err();
    assert!(error.answer(Protobuf).starts_with("Failed to parse body into Call protobuf"));
}

/// What is written in a format is read in that format.
#[test]
fn bodies_survive_every_format() {
    let call = master::Call {
        r#type: Some(master::call::Type::GetAgents.into()),
        ..master::Call::default()
    };
    for format in [MediaType::Json, MediaType::Protobuf, MediaType::RecordIo] {
        let body = media::encode(format, &call);
        assert_eq!(media::decode::<master::Call>(format, &body).unwrap(), call, "{format:?}");
    }
}
