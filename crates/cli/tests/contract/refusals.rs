//! What every call is refused for, whatever it is about: who asks, and how.

use serde_json::{Value, json};
use wire::media::MediaType;

use crate::answers::{Situation, assert_refused};
use crate::api::Api;
use crate::http::{Answer, Request};
use crate::surface;
use crate::target::Target;

const FORMATS: [MediaType; 2] = [MediaType::Json, MediaType::Protobuf];

/// A call that is right, of somebody else or with something else changed.
fn changed(
    situation: &Situation,
    api: Api,
    call: &surface::Call,
    change: impl Fn(&mut Value),
) -> String {
    let call = situation.call(api, &call.r#type, &call.parts);
    let mut call: Value = serde_json::from_str(&call).unwrap();
    change(&mut call);
    call.to_string()
}

/// Operators' calls whose answer would be in no format that the caller takes are refused, those that change something
/// before they do.
#[tokio::test]
async fn no_call_is_carried_out_for_who_takes_no_answer() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let seen = || {
        let ask = |call: &str| situation.send(Api::Master, MediaType::Json, call).json();
        [
            r#"{"type":"GET_QUOTA"}"#,
            r#"{"type":"GET_WEIGHTS"}"#,
            r#"{"type":"GET_MAINTENANCE_SCHEDULE"}"#,
        ]
        .map(ask)
    };
    let before = seen();
    for api in [Api::Master, Api::Agent] {
        for call in surface::calls(api).iter().filter(|call| !call.streamed) {
            let json = situation.call(api, &call.r#type, &call.parts);
            for media in FORMATS {
                let answer = Request::post(api.path(), api.encode(media, &json))
                    .header("Content-Type", media.name())
                    .header("Accept", "text/html")
                    .send(situation.base(api));
                let about = format!("{} {} as {}", api.name(), call.r#type, media.name());
                assert_refused(&about, &answer, 406, "Expecting 'Accept' to allow");
            }
        }
    }
    assert_eq!(seen(), before);
    let agents = situation.send(Api::Master, MediaType::Json, r#"{"type":"GET_AGENTS"}"#).json();
    let mut own = agents["get_agents"]["agents"].as_array().unwrap().iter();
    let id = situation.fill("{agent}");
    let own = own.find(|agent| agent["agent_info"]["id"]["value"] == *id).unwrap();
    assert_eq!(own["deactivated"], false, "{own}");
    assert_eq!(situation.scheduler.call("REVIVE", &json!({})).status, 202);
    target.end().await;
}

/// A scheduler's call is taken from its framework's stream only: with another id or none, or of a framework that
/// nobody knows, it is refused, in both formats.
#[tokio::test]
async fn no_call_is_taken_from_another_scheduler() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let api = Api::Scheduler;
    for call in &surface::calls(api) {
        for media in FORMATS {
            let send = |call: &str, stream: Option<&str>| -> Answer {
                let request = Request::post(api.path(), api.encode(media, call))
                    .header("Content-Type", media.name())
                    .header("Accept", media.name());
                let request = match stream {
                    Some(id) => request.header("Mesos-Stream-Id", id),
                    None => request,
                };
                request.send(&target.master)
            };
            let about = format!("{} as {}", call.r#type, media.name());
            let right = changed(&situation, api, call, |_| {});
            let own = situation.scheduler.stream_id.as_str();
            if call.r#type == "SUBSCRIBE" {
                let text = "Subscribe calls should not include the 'Mesos-Stream-Id' header";
                assert_refused(&about, &send(&right, Some(own)), 400, text);
                continue;
            }
            assert_refused(&about, &send(&right, None), 400, "'Mesos-Stream-Id'");
            assert_refused(&about, &send(&right, Some("another")), 400, "stream");
            let of_nobody = changed(&situation, api, call, |it| {
                it["framework_id"] = json!({"value": "nobody"});
            });
            assert_refused(&about, &send(&of_nobody, Some(own)), 400, "Framework cannot be found");
            let of_none = changed(&situation, api, call, |it| {
                it.as_object_mut().unwrap().remove("framework_id");
            });
            assert_refused(
                &about,
                &send(&of_none, Some(own)),
                400,
                "Expecting 'framework_id' to be present",
            );
        }
    }
    // None of them was carried out.
    let task = r#"{"reconcile":{"tasks":[{"task_id":{"value":"running"}}]}}"#;
    let task: Value = serde_json::from_str(task).unwrap();
    assert_eq!(situation.scheduler.call("RECONCILE", &task).status, 202);
    situation.scheduler.until("it still runs", |events| {
        let mut statuses = events.iter().map(|event| &event["update"]["status"]);
        let status = statuses.rfind(|it| it["reason"] == "REASON_RECONCILIATION")?;
        (status["state"] == "TASK_RUNNING").then_some(())
    });
    target.end().await;
}

/// A token that nobody has opens nothing, and the answer says what would.
#[tokio::test]
async fn a_token_of_nobody_is_refused_with_a_challenge() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    if situation.has_token() {
        let api = Api::Executor;
        let call = situation.call(api, "SUBSCRIBE", r#"{"subscribe":{}}"#);
        let request = Request::json(api.path(), &call).header("Authorization", "Bearer nobody");
        let answer = request.send(target.agent());
        assert_refused("nobody", &answer, 401, "token");
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge, Some(r#"Bearer realm="mesos-agent-executor""#));
    } else {
        println!("executors of this cluster have no tokens");
    }
    target.end().await;
}

/// An executor's call is taken from an executor that is known and subscribed, and that shows its own token; a
/// heartbeat is taken from everybody who says who it is.
#[tokio::test]
async fn no_call_is_taken_from_another_executor() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let api = Api::Executor;
    for call in &surface::calls(api) {
        for media in FORMATS {
            let about = format!("{} as {}", call.r#type, media.name());
            let named = |framework: Option<&str>, executor: Option<&str>| {
                changed(&situation, api, call, |it| {
                    for (name, value) in [("framework_id", framework), ("executor_id", executor)] {
                        if let Some(value) = value {
                            it[name] = json!({"value": value});
                        }
                    }
                })
            };
            let of_nobody = situation.send(api, media, &named(Some("nobody"), None));
            let of_other = situation.send(api, media, &named(None, Some("nobody")));
            if call.r#type == "HEARTBEAT" {
                assert_eq!((of_nobody.status, of_other.status), (202, 202), "{about}");
            } else {
                assert_refused(&about, &of_nobody, 400, "Framework cannot be found");
                assert_refused(&about, &of_other, 400, "Executor cannot be found");
                // The executor of a command is the agent's own: nobody else has its token.
                let of_own = situation.send(api, media, &named(None, Some("running")));
                let expected = if situation.has_token() { 403 } else { 401 };
                assert_refused(&about, &of_own, expected, "token");
            }
            if !matches!(&*call.r#type, "SUBSCRIBE" | "HEARTBEAT") {
                let early = situation.send(api, media, &named(None, None));
                assert_refused(&about, &early, 403, "Executor is not subscribed");
            }
        }
        for missing in ["framework_id", "executor_id"] {
            let without = changed(&situation, api, call, |it| {
                it.as_object_mut().unwrap().remove(missing);
            });
            let about = format!("{} without {missing}", call.r#type);
            assert_refused(&about, &situation.send(api, MediaType::Json, &without), 400, missing);
        }
    }
    target.end().await;
}
