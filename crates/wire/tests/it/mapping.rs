//! The rules of the mapping, each by an example.

use serde_json::{Value, json};
use wire::json::{from_slice, to_string};
use wire::{Message, master, protobuf, scheduler, v1};

fn read<T: Message>(value: &Value) -> T {
    from_slice(value.to_string().as_bytes()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

fn written<T: Message>(message: &T) -> Value {
    serde_json::from_str(&to_string(message)).unwrap()
}

macro_rules! fixtures {
    ($($name:literal: $message:ty),* $(,)?) => {
        /// Answers, events and calls in the form Mesos gives them are written as they were read.
        #[test]
        fn fixtures_are_written_as_they_were_read() {
            $(
                let text = include_str!(concat!("../fixtures/", $name, ".json"));
                let expected: Value = serde_json::from_str(text).unwrap();
                let message: $message = read(&expected);
                assert_eq!(written(&message), expected, $name);
                let again: $message = protobuf::decode(&protobuf::encode(&message)).unwrap();
                assert_eq!(again, message, $name);
            )*
        }
    };
}
fixtures! {
    "agent-response-get-state": wire::agent::Response,
    "master-response-get-agents": master::Response,
    "master-response-get-operations": master::Response,
    "master-response-get-quota": master::Response,
    "master-response-get-state": master::Response,
    "scheduler-call-subscribe": scheduler::Call,
    "scheduler-event-subscribed": scheduler::Event,
    "scheduler-event-update": scheduler::Event,
}

/// An unset field is written only if it has an explicit default and isn't deprecated.
#[test]
fn unset_fields_are_written_only_with_an_explicit_default() {
    let framework = v1::FrameworkInfo::default();
    assert_eq!(
        written(&framework),
        json!({"user": "", "name": "", "failover_timeout": 0.0, "checkpoint": false})
    );
    assert_eq!(written(&v1::Filters::default()), json!({"refuse_seconds": 5.0}));
    assert_eq!(written(&v1::CommandInfo::default()), json!({"shell": true}));
    assert_eq!(written(&v1::DrainConfig::default()), json!({"mark_gone": false}));
}

/// Members are in the order in which the proto file declares them.
#[test]
fn members_are_in_the_order_of_declaration() {
    let framework = v1::FrameworkInfo { role: Some("web".to_owned()), ..Default::default() };
    assert_eq!(
        to_string(&framework),
        r#"{"user":"","name":"","failover_timeout":0.0,"checkpoint":false,"role":"web"}"#
    );
    let agent = v1::AgentInfo {
        port: Some(5051),
        id: Some(v1::AgentId { value: "a".to_owned() }),
        ..Default::default()
    };
    assert_eq!(to_string(&agent), r#"{"hostname":"","port":5051,"id":{"value":"a"}}"#);
}

/// A client that knows nothing of Ebb sees none of its fields until they are set.
#[test]
fn fields_of_our_own_are_written_only_when_set() {
    let mut agent = master::response::get_agents::Agent::default();
    let expected = json!({
        "agent_info": {"hostname": "", "port": 5051}, "active": false, "version": "",
    });
    assert_eq!(written(&agent), expected);
    agent.drain_status = Some(wire::ebb::DrainStatus { generation: Some(7), ..Default::default() });
    assert_eq!(written(&agent)["drain_status"], json!({"generation": 7}));
    assert!(written(&master::response::GetAgents::default()).get("absent_agents").is_none());
}

/// 64-bit integers are bare numbers and exact, to the ends of their ranges.
#[test]
fn wide_integers_are_exact_numbers() {
    for nanoseconds in [i64::MIN, -1, 0, 9_007_199_254_740_993, i64::MAX] {
        let text = format!(r#"{{"nanoseconds":{nanoseconds}}}"#);
        let time: v1::TimeInfo = from_slice(text.as_bytes()).unwrap();
        assert_eq!(time.nanoseconds, nanoseconds);
        assert_eq!(to_string(&time), text);
        let quoted = format!(r#"{{"nanoseconds":"{nanoseconds}"}}"#);
        assert_eq!(from_slice::<v1::TimeInfo>(quoted.as_bytes()).unwrap(), time);
    }
    let range = v1::value::Range { begin: 0, end: u64::MAX };
    assert_eq!(to_string(&range), r#"{"begin":0,"end":18446744073709551615}"#);
    assert_eq!(read::<v1::value::Range>(&written(&range)), range);
}

/// Floats are the shortest text that reads back as the same number, with a point or an exponent.
#[test]
fn floats_are_short_and_exact() {
    for (value, text) in [
        (15.0, "15.0"),
        (0.1, "0.1"),
        (1_763_835_479.123_45, "1763835479.12345"),
        (-0.0, "-0.0"),
        (f64::INFINITY, "\"Infinity\""),
        (f64::NEG_INFINITY, "\"-Infinity\""),
    ] {
        let scalar = v1::value::Scalar { value };
        let text = format!("{{\"value\":{text}}}");
        assert_eq!(to_string(&scalar), text);
        let again: v1::value::Scalar = from_slice(text.as_bytes()).unwrap();
        assert_eq!(again.value.to_bits(), value.to_bits());
    }
    let nan: v1::value::Scalar = read(&json!({"value": "NaN"}));
    assert!(nan.value.is_nan());
    assert_eq!(to_string(&nan), r#"{"value":"NaN"}"#);
    for (value, expected) in [(json!(2), 2.0), (json!("2"), 2.0), (json!("2.5e1"), 25.0)] {
        assert_eq!(read::<v1::value::Scalar>(&json!({"value": value})).value, expected, "{value}");
    }
}

/// Numbers and booleans may come as strings, and a fraction is cut off an integer.
#[test]
fn numbers_and_booleans_may_be_strings() {
    let command: v1::CommandInfo = read(&json!({"shell": "false"}));
    assert_eq!(command.shell, Some(false));
    for value in [json!(10), json!("10"), json!(10.9), json!("10.9"), json!("1e1")] {
        assert_eq!(read::<v1::AgentInfo>(&json!({"hostname": "h", "port": value})).port, Some(10));
    }
}

/// `null` is unset, for single fields, lists and elements of lists.
#[test]
fn null_is_unset() {
    let call: master::Call = read(&json!({"type": null, "drain_agent": null}));
    assert_eq!(call, master::Call::default());
    let framework: v1::FrameworkInfo =
        read(&json!({"user": "u", "name": "n", "roles": ["a", null, "b"], "capabilities": null}));
    assert_eq!(framework.roles, ["a", "b"]);
}

/// A single value may stand where a list is expected.
#[test]
fn a_single_value_stands_for_a_list() {
    let framework: v1::FrameworkInfo = read(&json!({
        "user": "u", "name": "n", "roles": "a", "capabilities": {"type": "PARTITION_AWARE"},
    }));
    assert_eq!(framework.roles, ["a"]);
    assert_eq!(framework.capabilities.len(), 1);
}

/// Names nobody knows are ignored, of members and of values of optional enums.
#[test]
fn unknown_names_are_ignored() {
    let call: master::Call = read(&json!({"type": "FROM_THE_FUTURE", "nope": {"deep": [1, {}]}}));
    assert_eq!(call, master::Call::default());
    let capability: v1::framework_info::Capability = read(&json!({"type": "FROM_THE_FUTURE"}));
    assert_eq!(capability.r#type, None);
    let services: v1::CsiPluginContainerInfo =
        read(&json!({"services": ["NODE_SERVICE", "FROM_THE_FUTURE", "CONTROLLER_SERVICE"]}));
    assert_eq!(services.services.len(), 2);
    // camelCase is no name.
    let call: master::Call = read(&json!({"type": "DRAIN_AGENT", "drainAgent": {}}));
    assert_eq!(call.drain_agent, None);
}

/// Enum numbers nobody knows read as unset from protobuf too.
#[test]
fn unknown_enum_numbers_are_unset() {
    let call: master::Call = protobuf::decode(&[0x08, 0xf7, 0x07]).unwrap();
    assert_eq!(call.r#type, None);
    // One value after another, and packed into one.
    for bytes in [&[0x08, 1, 0x08, 99, 0x08, 2][..], &[0x0a, 3, 1, 99, 2]] {
        let services: v1::CsiPluginContainerInfo = protobuf::decode(bytes).unwrap();
        assert_eq!(services.services, [1, 2], "{bytes:?}");
    }
}

/// Of equal names in an object the last counts, whatever its kind.
#[test]
fn the_last_of_equal_names_counts() {
    let text = r#"{
        "framework_id": {"value": "first"}, "type": "REVIVE", "revive": {"roles": ["a", "b"]},
        "framework_id": {"value": "second"}, "type": "SUPPRESS", "revive": {"roles": ["c"]},
        "type": "DECLINE"
    }"#;
    let call: scheduler::Call = from_slice(text.as_bytes()).unwrap();
    assert_eq!(call.r#type(), scheduler::call::Type::Decline);
    assert_eq!(call.framework_id.unwrap().value, "second");
    assert_eq!(call.revive.unwrap().roles, ["c"]);

    let text = br#"{"value": "c", "parent": {"value": "p"}, "value": "d", "parent": null}"#;
    let id: v1::ContainerId = from_slice(text).unwrap();
    assert_eq!(id, v1::ContainerId { value: "d".to_owned(), parent: None });
}

/// Bytes are base64; padding is written and need not be read.
#[test]
fn bytes_are_base64() {
    for (bytes, text) in
        [(&b""[..], ""), (b"a", "YQ=="), (b"ab", "YWI="), (b"\xff\xfe\xfd", "//79")]
    {
        let secret = v1::secret::Value { data: bytes.to_vec().into() };
        assert_eq!(written(&secret), json!({"data": text}));
        assert_eq!(read::<v1::secret::Value>(&json!({"data": text})), secret);
        assert_eq!(read::<v1::secret::Value>(&json!({"data": text.trim_end_matches('=')})), secret);
    }
}

/// Strings are escaped so that any text survives.
#[test]
fn strings_are_escaped() {
    let id = v1::TaskId { value: "a\"\\/\n\r\t\u{8}\u{1f}\u{7f}é🦀\u{2028}".to_owned() };
    assert_eq!(written(&id), json!({"value": id.value}));
    assert_eq!(read::<v1::TaskId>(&written(&id)), id);
    let surrogates: v1::TaskId = from_slice(br#"{"value": "\ud83e\udd80"}"#).unwrap();
    assert_eq!(surrogates.value, "🦀");
}

/// A map is an object; a zero in it is written out, in protobuf too, where other readers require it.
#[test]
fn zeros_in_maps_are_written_out() {
    let mut quota = wire::quota::QuotaConfig { role: "r".to_owned(), ..Default::default() };
    quota.limits.insert("cpus".to_owned(), v1::value::Scalar { value: 0.0 });
    quota.limits.insert("mem".to_owned(), v1::value::Scalar { value: 2.0 });
    assert_eq!(
        written(&quota),
        json!({"role": "r", "limits": {"cpus": {"value": 0.0}, "mem": {"value": 2.0}}})
    );
    let bytes = protobuf::encode(&quota);
    let zero = [0x09, 0, 0, 0, 0, 0, 0, 0, 0];
    assert!(bytes.windows(zero.len()).any(|window| window == zero), "{bytes:?}");
    assert_eq!(protobuf::decode::<wire::quota::QuotaConfig>(&bytes).unwrap(), quota);
    let nulls: wire::quota::QuotaConfig = read(&json!({"role": "r", "limits": {"cpus": null}}));
    assert!(nulls.limits.is_empty());
}

fn grace(value: &Value) -> Result<Option<(i64, i32)>, String> {
    let call = json!({
        "type": "DRAIN_AGENT",
        "drain_agent": {"agent_id": {"value": "a"}, "max_grace_period": value},
    });
    let call: master::Call =
        from_slice(call.to_string().as_bytes()).map_err(|error| error.to_string())?;
    let period = call.drain_agent.and_then(|drain| drain.max_grace_period);
    Ok(period.map(|period| (period.seconds, period.nanos)))
}

/// A grace period is understood in the form of requests and in the form of answers.
#[test]
fn a_grace_period_is_understood_in_both_forms() {
    for (value, expected) in [
        (json!(null), None),
        (json!({}), Some((0, 0))),
        (json!({"seconds": 600}), Some((600, 0))),
        (json!({"seconds": "600", "nanos": "5"}), Some((600, 5))),
        (json!({"seconds": 1, "nanos": 500}), Some((1, 500))),
        (json!({"seconds": null, "nanos": 7}), Some((0, 7))),
        (json!({"seconds": -5}), Some((-5, 0))),
        (json!({"seconds": 0.5}), Some((0, 500_000_000))),
        (json!({"seconds": 1.5, "nanos": 600_000_000}), Some((2, 100_000_000))),
        (json!({"nanoseconds": 5_000_000_001_i64}), Some((5, 1))),
        (json!({"nanoseconds": "600000000000"}), Some((600, 0))),
        (json!({"nanoseconds": -1_500_000_000}), Some((-1, -500_000_000))),
        (json!({"nanoseconds": 5, "seconds": null}), Some((0, 5))),
    ] {
        assert_eq!(grace(&value), Ok(expected), "{value}");
    }
}

/// A grace period that isn't understood is refused, never taken for none.
#[test]
fn a_grace_period_not_understood_is_refused() {
    for (value, error) in [
        (
            json!({"secs": 5}),
            "Unknown member 'secs' in the duration of field 'max_grace_period': expecting 'seconds' \
             and 'nanos', or 'nanoseconds'",
        ),
        (
            json!({"seconds": 5, "nanoseconds": 5}),
            "The duration of field 'max_grace_period' mixes 'nanoseconds' with 'seconds' and 'nanos'",
        ),
        (json!("10mins"), "Not expecting a JSON string for field 'max_grace_period'"),
        (json!(600), "Not expecting a JSON number for field 'max_grace_period'"),
        (json!([]), "Not expecting a JSON array for field 'max_grace_period'"),
        (
            json!({"seconds": true}),
            "Expecting a number for member 'seconds' of the duration in field 'max_grace_period'",
        ),
        (
            json!({"seconds": "soon"}),
            "Expecting a number for member 'seconds' of the duration in field 'max_grace_period'",
        ),
        (json!({"seconds": 1e19}), "Number 1e19 is out of range for field 'seconds'"),
        (
            json!({"nanos": 2_147_483_648_i64}),
            "Number 2147483648 is out of range for field 'nanos'",
        ),
    ] {
        assert_eq!(grace(&value), Err(error.to_owned()), "{value}");
    }
}
