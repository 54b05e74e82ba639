//! What all APIs have in common: methods, content types, sizes, and bodies that are no calls.

use wire::media::MediaType;

use crate::answers::{Situation, assert_refused};
use crate::api::{self, Api};
use crate::http::Request;
use crate::target::Target;

/// More than any call may have: 64 MiB is the largest bound, that of schedulers.
const TOO_MUCH: usize = (64 << 20) + 1;

/// A call of each API that is right and changes nothing.
fn harmless(api: Api) -> (&'static str, &'static str) {
    match api {
        Api::Master | Api::Agent => ("GET_HEALTH", ""),
        Api::Scheduler => ("RECONCILE", r#"{"reconcile":{"tasks":[]}}"#),
        Api::Executor => ("HEARTBEAT", ""),
    }
}

/// Methods other than POST are refused with 405 and the one that is right.
#[tokio::test]
async fn other_methods_are_refused_with_the_right_one() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    for api in api::ALL {
        for method in ["GET", "PUT", "DELETE", "PATCH"] {
            let answer = Request::new(method, api.path()).send(situation.base(api));
            let text = format!("Expecting one of {{ 'POST' }}, but received '{method}'");
            assert_refused(&format!("{} {method}", api.name()), &answer, 405, &text);
            assert_eq!(answer.header("allow"), Some("POST"), "{} {method}", api.name());
        }
    }
    target.end().await;
}

/// A call is taken below the path of its API too, as clients send it that were written against Mesos: `/api/v1/operator`.
#[tokio::test]
async fn calls_are_taken_below_their_path() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    for api in api::ALL {
        let (kind, parts) = harmless(api);
        let call = situation.call(api, kind, parts);
        let send = |below: &str| {
            let request = Request::json(&format!("{}{below}", api.path()), &call);
            situation.sign(api, &call, request).send(situation.base(api)).status
        };
        let right = send("");
        for below in ["/", "/operator", "/operator/more"] {
            assert_eq!(send(below), right, "{}{below}", api.path());
        }
    }
    target.end().await;
}

/// A call without a content type is 400, one with another type 415; parameters and case do not matter.
#[tokio::test]
async fn content_types_are_checked_first() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    for api in api::ALL {
        let (kind, parts) = harmless(api);
        let call = situation.call(api, kind, parts);
        let send = |content_type: Option<&str>, body: &str| {
            let mut request = Request::post(api.path(), body).header("Accept", "application/json");
            if let Some(content_type) = content_type {
                request = request.header("Content-Type", content_type);
            }
            situation.sign(api, body, request).send(situation.base(api))
        };
        let none = send(None, &call);
        assert_refused(api.name(), &none, 400, "Expecting 'Content-Type' to be present");
        for wrong in ["text/plain", "application/x-www-form-urlencoded", "nonsense"] {
            let text = "Expecting 'Content-Type' of application/json or application/x-protobuf";
            assert_refused(
                &format!("{} {wrong}", api.name()),
                &send(Some(wrong), &call),
                415,
                text,
            );
            // Before the body is looked at.
            assert_refused(&format!("{} {wrong}", api.name()), &send(Some(wrong), "{"), 415, text);
        }
        for right in ["application/json", "application/json; charset=utf-8", "Application/JSON"] {
            let answer = send(Some(right), &call);
            assert!(answer.status < 300, "{} {right}: {}", api.name(), answer.text());
        }
    }
    target.end().await;
}

/// The format of an answer is what the client likes best, JSON among equals, and 406 where it likes neither.
#[tokio::test]
async fn the_accept_header_decides_the_format() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    for api in [Api::Master, Api::Agent] {
        let call = r#"{"type":"GET_HEALTH"}"#;
        let send = |accept: Option<&str>, call: &str| {
            let request =
                Request::post(api.path(), call).header("Content-Type", "application/json");
            let request = match accept {
                Some(accept) => request.header("Accept", accept),
                None => request,
            };
            request.send(situation.base(api))
        };
        for (accept, format) in [
            (None, MediaType::Json),
            (Some("*/*"), MediaType::Json),
            (Some("application/*"), MediaType::Json),
            (Some("text/html;q=0.9, application/json;q=0.1"), MediaType::Json),
            (Some("application/x-protobuf"), MediaType::Protobuf),
            (Some("application/json;q=0, */*"), MediaType::Protobuf),
        ] {
            let answer = send(accept, call);
            assert_eq!(answer.status, 200, "{accept:?}: {}", answer.text());
            assert_eq!(answer.content_type(), Some(format.name()), "{accept:?}");
            let message = api.decode(format, &answer.body);
            assert_eq!(message["get_health"]["healthy"], true, "{accept:?}");
        }
        // Mesos: an agent also answers with records, and looks at this before it reads the call.
        let (text, of_wrong) = if api == Api::Agent {
            let text = "Expecting 'Accept' to allow application/json or application/x-protobuf or \
                        application/recordio";
            (text, (406, text))
        } else {
            let text = "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'";
            (text, (400, "Expecting 'type' to be present"))
        };
        for accept in ["text/html", "application/*;q=0", "image/png, text/plain"] {
            assert_refused(accept, &send(Some(accept), call), 406, text);
            // A master looks at the call first.
            let wrong = send(Some(accept), r#"{"type":"NOTHING"}"#);
            assert_refused(accept, &wrong, of_wrong.0, of_wrong.1);
        }
    }
    target.end().await;
}

/// Subscribing in a format that is none is 406, before anything is subscribed.
#[tokio::test]
async fn a_subscription_in_no_format_is_refused() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    for (api, parts) in [
        (Api::Master, ""),
        (Api::Scheduler, r#"{"subscribe":{"framework_info":{"user":"root","name":"no format"}}}"#),
        (Api::Executor, r#"{"subscribe":{}}"#),
    ] {
        let call = situation.call(api, "SUBSCRIBE", parts);
        let request = Request::post(api.path(), call.as_bytes())
            .header("Content-Type", "application/json")
            .header("Accept", "text/html");
        let answer = situation.sign(api, &call, request).send(situation.base(api));
        assert_refused(api.name(), &answer, 406, "Expecting 'Accept' to allow");
    }
    let frameworks =
        Request::json("/api/v1", r#"{"type":"GET_FRAMEWORKS"}"#).send(&target.master).text();
    assert!(!frameworks.contains("no format"), "{frameworks}");
    target.end().await;
}

/// Bodies that are no call are refused with what is wrong with them.
#[tokio::test]
async fn bodies_that_are_no_call_are_refused_with_what_is_wrong() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let deep = "[".repeat(100_000);
    for api in api::ALL {
        let send = |media: MediaType, body: &[u8]| {
            let request = Request::post(api.path(), body)
                .header("Content-Type", media.name())
                .header("Accept", "application/json");
            situation.sign(api, "", request).send(situation.base(api))
        };
        let untyped = match api {
            Api::Executor => {
                r#"{"framework_id":{"value":"x"},"executor_id":{"value":"y"},"type":"COFFEE"}"#
            }
            Api::Master | Api::Agent | Api::Scheduler => r#"{"type":"COFFEE"}"#,
        };
        for (body, text) in [
            ("", "Failed to parse body into JSON: "),
            ("{", "Failed to parse body into JSON: "),
            ("coffee", "Failed to parse body into JSON: "),
            (&*deep, "Failed to parse body into JSON: "),
            ("[]", "Failed to convert JSON into Call protobuf: Expecting a JSON object"),
            ("null", "Failed to convert JSON into Call protobuf: Expecting a JSON object"),
            (r#"{"type":1}"#, "Not expecting a JSON number for field 'type'"),
            (untyped, "Expecting 'type' to be present"),
        ] {
            let about = format!("{} {}", api.name(), &body[..body.len().min(40)]);
            assert_refused(&about, &send(MediaType::Json, body.as_bytes()), 400, text);
        }
        let garbage = send(MediaType::Protobuf, &[0xff; 64]);
        assert_refused(api.name(), &garbage, 400, "Failed to parse body into Call protobuf");
    }
    target.end().await;
}

/// A type with the number zero is 501: the call says itself that it does not know what it is.
#[tokio::test]
async fn the_type_unknown_is_not_implemented() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    for api in api::ALL {
        let call = situation.call(api, "UNKNOWN", "");
        for media in [MediaType::Json, MediaType::Protobuf] {
            let answer = situation.send(api, media, &call);
            assert_refused(&format!("{} {}", api.name(), media.name()), &answer, 501, "");
        }
    }
    target.end().await;
}

/// A body beyond the bound is refused with 413, and the server goes on.
#[tokio::test]
async fn too_large_bodies_are_refused() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    for api in api::ALL {
        let request = Request::post(api.path(), vec![b' '; TOO_MUCH])
            .header("Content-Type", "application/json");
        let answer = request.send(situation.base(api));
        assert_refused(api.name(), &answer, 413, "larger than");
        let (kind, parts) = harmless(api);
        let call = situation.call(api, kind, parts);
        assert!(situation.send(api, MediaType::Json, &call).status < 300, "{}", api.name());
    }
    target.end().await;
}
