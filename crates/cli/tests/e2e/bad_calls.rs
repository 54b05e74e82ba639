//! Calls that are wrong, over real connections to master and agent: the right status, a text that says
//! what is wrong, and a process that goes on as if nothing had been.

use std::net::SocketAddr;

use cli::cluster::Who;
use wire::v1::{DrainState, TaskState};

use crate::framework::{Framework, state};
use crate::http::{self, Answer, JSON};
use crate::job::Job;
use crate::world::{NODE, World};

/// More than the 16 MiB that one call may have.
const TOO_MUCH: usize = 17 << 20;

fn addresses(world: &World) -> [(&'static str, SocketAddr); 2] {
    [("master", world.address(Who::Master).unwrap()), ("agent", world.address(NODE).unwrap())]
}

#[track_caller]
fn assert_refused(context: &str, answer: &Answer, status: u16, text: &str) {
    assert_eq!(answer.status, status, "{context}: {answer:?}");
    assert!(answer.body.contains(text), "{context}: {answer:?}");
}

/// Still there, and right.
fn is_well(name: &str, address: SocketAddr) {
    let answer = http::post(address, r#"{"type":"GET_HEALTH"}"#);
    assert_eq!(answer.status, 200, "{name}: {answer:?}");
    assert_eq!(answer.json()["get_health"]["healthy"], true, "{name}");
}

/// The wrong method, content type or `Accept` get the statuses and texts of the original.
#[tokio::test]
async fn wrong_heads_get_the_right_status() {
    let world = World::start(1).await;
    let body = br#"{"type":"GET_HEALTH"}"#;
    for (name, address) in addresses(&world) {
        let get = http::send(address, "GET", "/api/v1", JSON, b"");
        assert_refused(name, &get, 405, "Expecting one of { 'POST' }, but received 'GET'");
        assert!(get.head.to_ascii_lowercase().contains("allow: post"), "{name}: {get:?}");
        for method in ["PUT", "DELETE", "PATCH"] {
            let answer = http::send(address, method, "/api/v1", JSON, body);
            assert_refused(name, &answer, 405, &format!("'{method}'"));
        }

        let none = http::send(address, "POST", "/api/v1", &[], body);
        assert_refused(name, &none, 400, "Expecting 'Content-Type' to be present");
        // An agent takes streams of calls, if it is told in which format.
        let stream = ("master" == name).then_some("application/recordio");
        for wrong in ["text/plain", "application/xml", "nonsense"].into_iter().chain(stream) {
            let answer = http::send(address, "POST", "/api/v1", &[("Content-Type", wrong)], body);
            let text = "Expecting 'Content-Type' of application/json or application/x-protobuf";
            assert_refused(&format!("{name} {wrong}"), &answer, 415, text);
        }

        let wrong = [("Content-Type", "application/json"), ("Accept", "text/html")];
        let answer = http::send(address, "POST", "/api/v1", &wrong, body);
        assert_refused(name, &answer, 406, "Expecting 'Accept' to allow");

        let elsewhere = http::send(address, "POST", "/no/such/path", JSON, body);
        assert_eq!(elsewhere.status, 404, "{name}: {elsewhere:?}");
        is_well(name, address);
    }
    world.end().await;
}

/// Bodies that are no call are refused with what is wrong with them.
#[tokio::test]
async fn wrong_bodies_get_400_and_what_is_wrong() {
    let world = World::start(1).await;
    for (name, address) in addresses(&world) {
        for (body, text) in [
            ("", "Failed to parse body into JSON"),
            ("{", "Failed to parse body into JSON"),
            ("nonsense", "Failed to parse body into JSON"),
            ("[]", "Failed to"),
            ("{}", "Expecting 'type' to be present"),
            (r#"{"type":7.5}"#, "Failed to convert JSON into Call protobuf"),
            (r#"{"type":{}}"#, "Failed to convert JSON into Call protobuf"),
            // As in the original: a name that is not known reads as if it were not there.
            (r#"{"type":"MAKE_COFFEE"}"#, "Expecting 'type' to be present"),
            (r#"{"type":"GET_METRICS"}"#, "Expecting 'get_metrics' to be present"),
            (
                r#"{"type":"GET_METRICS","get_metrics":{"timeout":{"nanoseconds":"soon"}}}"#,
                "Failed to convert JSON into Call protobuf",
            ),
        ] {
            assert_refused(&format!("{name} {body}"), &http::post(address, body), 400, text);
        }
        let deep = "[".repeat(100_000);
        assert_refused(name, &http::post(address, &deep), 400, "Failed to parse body into JSON");
        let protobuf = [("Content-Type", "application/x-protobuf")];
        let answer = http::send(address, "POST", "/api/v1", &protobuf, &[0xff; 64]);
        assert_refused(name, &answer, 400, "Failed to parse body into Call protobuf");
        is_well(name, address);
    }
    world.end().await;
}

/// A body that breaks off gets no further than its connection.
#[tokio::test]
async fn truncated_bodies_are_dropped() {
    let world = World::start(1).await;
    for (name, address) in addresses(&world) {
        let head = format!(
            "POST /api/v1 HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: 100000\r\n\r\n"
        );
        let answer = http::break_off(address, head.as_bytes(), br#"{"type":"GET_HE"#);
        // A server may also close without a word: the client has broken the protocol.
        if let Some(answer) = answer {
            assert_eq!(answer.status, 400, "{name}: {answer:?}");
        }
        let garbage = http::break_off(address, b"\x16\x03\x01 not HTTP at all\r\n\r\n", b"");
        assert!(garbage.is_none_or(|answer| answer.status == 400), "{name}");
        is_well(name, address);
    }
    world.end().await;
}

/// A body over the limit is refused with 413, whether its length was announced or not.
#[tokio::test]
async fn oversized_bodies_get_413() {
    let world = World::start(1).await;
    for (name, address) in addresses(&world) {
        let body = vec![b' '; TOO_MUCH];
        let answer = http::send(address, "POST", "/api/v1", JSON, &body);
        assert_refused(name, &answer, 413, "larger than");

        let head = format!(
            "POST /api/v1 HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        );
        let mut chunked = format!("{TOO_MUCH:x}\r\n").into_bytes();
        chunked.extend_from_slice(&body);
        chunked.extend_from_slice(b"\r\n0\r\n\r\n");
        let answer = http::exchange(address, head.as_bytes(), &chunked);
        assert_refused(name, &answer, 413, "larger than");
        is_well(name, address);
    }
    world.end().await;
}

/// Node calls about agents that do not exist, or with durations that make no sense, are refused, and
/// change nothing.
///
/// Item 11 of the gaps in the original's tests, and defects D24 and D33 of the original.
#[tokio::test]
async fn d33_node_calls_that_make_no_sense_change_nothing() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let id = world.id(NODE).await.value;
    let master = world.address(Who::Master).unwrap();
    let drain = |agent: &str, grace: &str| {
        format!(
            r#"{{"type":"DRAIN_AGENT","drain_agent":{{"agent_id":{{"value":"{agent}"}},"max_grace_period":{grace}}}}}"#
        )
    };
    for (body, text) in [
        (drain("no-such-agent", r#"{"seconds":1}"#), "Unknown agent"),
        (drain("", r#"{"seconds":1}"#), ""),
        (drain(&id, r#""-5secs""#), "'max_grace_period'"),
        (drain(&id, r#""10mins""#), "'max_grace_period'"),
        (drain(&id, "600"), "'max_grace_period'"),
        (drain(&id, "[]"), "'max_grace_period'"),
        (drain(&id, r#"{"seconds":"soon"}"#), "'seconds'"),
        (drain(&id, r#"{"seconds":-1}"#), "it must not be negative"),
        (drain(&id, r#"{"nanos":-1}"#), "it must not be negative"),
        (drain(&id, r#"{"seconds":1,"nanos":-1}"#), "the same sign"),
        (drain(&id, r#"{"nanos":1000000000}"#), "'nanos' must be between"),
        (drain(&id, r#"{"seconds":9223372036854775807}"#), "at most 292 years"),
        (drain(&id, r#"{"seconds":99999999999999999999}"#), ""),
        (r#"{"type":"DRAIN_AGENT"}"#.to_owned(), "Expecting 'drain_agent' to be present"),
        (r#"{"type":"DRAIN_AGENT","drain_agent":{}}"#.to_owned(), "agent_id"),
        (
            r#"{"type":"DEACTIVATE_AGENT","deactivate_agent":{"agent_id":{"value":"nobody"}}}"#
                .to_owned(),
            "Unknown agent",
        ),
        (
            r#"{"type":"REACTIVATE_AGENT","reactivate_agent":{"agent_id":{"value":"nobody"}}}"#
                .to_owned(),
            "Agent is not deactivated",
        ),
        (
            format!(
                r#"{{"type":"REACTIVATE_AGENT","reactivate_agent":{{"agent_id":{{"value":"{id}"}}}}}}"#
            ),
            "Agent is not deactivated",
        ),
        (
            format!(
                r#"{{"type":"DRAIN_AGENT","drain_agent":{{"agent_id":{{"value":"{id}"}},"reason":"{}"}}}}"#,
                "long ".repeat(1000)
            ),
            "'reason'",
        ),
    ] {
        assert_refused(&body, &http::post(master, &body), 400, text);
    }
    let node = world.node(NODE).await;
    assert!(!node.deactivated && node.drain_info.is_none(), "{node:?}");
    assert_eq!(framework.record().history("web").last(), Some(&TaskState::TaskRunning));

    // What the original takes works.
    let answer = http::post(master, &drain(&id, r#"{"seconds":3,"nanos":0}"#));
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(world.drained(NODE).await.state(), Some(DrainState::Drained));
    world.end().await;
}

/// `MARK_AGENT_GONE` of an agent nobody knows is 404, as in the original.
#[tokio::test]
async fn marking_an_unknown_agent_gone_is_404() {
    let world = World::start(1).await;
    let body =
        r#"{"type":"MARK_AGENT_GONE","mark_agent_gone":{"agent_id":{"value":"no-such-agent"}}}"#;
    let answer = http::post(world.address(Who::Master).unwrap(), body);
    assert_eq!(answer.status, 404, "{answer:?}");
    world.end().await;
}

/// Sandbox reads lead nowhere else, and say what is not there.
#[tokio::test]
async fn files_outside_of_sandboxes_are_not_shown() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let agent = world.address(NODE).unwrap();
    let checkpoints = world.member(NODE).work_dir().join("meta/agent.redb");
    for path in
        ["/etc/passwd", "slaves/../meta/agent.redb", "nowhere", checkpoints.to_str().unwrap()]
    {
        let body = format!(
            r#"{{"type":"READ_FILE","read_file":{{"path":"{path}","offset":0,"length":10}}}}"#
        );
        assert_eq!(http::post(agent, &body).status, 404, "{path}");
    }
    let negative = r#"{"type":"READ_FILE","read_file":{"path":"x","offset":-1}}"#;
    assert_eq!(http::post(agent, negative).status, 400);
    world.end().await;
}

/// Scheduler and executor calls that are wrong are refused; the frameworks and executors that behave do
/// not notice.
#[tokio::test]
async fn wrong_calls_of_schedulers_and_executors_are_refused() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let id = framework.id();
    let (master, agent) = (world.address(Who::Master).unwrap(), world.address(NODE).unwrap());
    let send =
        |address, path: &str, body: &str| http::send(address, "POST", path, JSON, body.as_bytes());
    for (body, status) in [
        (r#"{"type":"SUBSCRIBE"}"#.to_owned(), 400),
        (r#"{"type":"REVIVE"}"#.to_owned(), 400),
        (r#"{"type":"REVIVE","framework_id":{"value":"nobody"}}"#.to_owned(), 400),
        // Somebody else's framework, without its stream.
        (format!(r#"{{"type":"TEARDOWN","framework_id":{{"value":"{id}"}}}}"#), 400),
        (format!(r#"{{"type":"ACCEPT","framework_id":{{"value":"{id}"}}}}"#), 400),
    ] {
        let answer = send(master, "/api/v1/scheduler", &body);
        assert_refused(&body, &answer, status, "");
        assert!(!answer.body.is_empty(), "{body}");
    }
    let update = format!(
        r#"{{"type":"UPDATE","framework_id":{{"value":"{id}"}},"executor_id":{{"value":"web"}},
            "update":{{"status":{{"task_id":{{"value":"web"}},"state":"TASK_FINISHED",
            "source":"SOURCE_EXECUTOR","uuid":"AAAAAAAAAAAAAAAAAAAAAA=="}}}}}}"#
    );
    let subscribe = format!(
        r#"{{"type":"SUBSCRIBE","framework_id":{{"value":"{id}"}},"executor_id":{{"value":"web"}},
            "subscribe":{{}}}}"#
    );
    for body in [update, subscribe] {
        // Nobody speaks for an executor without its token.
        assert_refused(&body, &send(agent, "/api/v1/executor", &body), 401, "");
    }
    let stranger = r#"{"type":"SUBSCRIBE","framework_id":{"value":"x"},"executor_id":{"value":"y"},
        "subscribe":{}}"#;
    assert_refused(stranger, &send(agent, "/api/v1/executor", stranger), 400, "");
    framework.kill("web", None).await;
    assert_eq!(state(&framework.outcome("web").await), TaskState::TaskKilled);
    world.end().await;
}
