//! Streams of events, record by record, in both formats.

use serde_json::{Value, json};
use wire::media::MediaType;

use crate::answers::{Situation, assert_refused};
use crate::api::Api;
use crate::http::Request;
use crate::scheduler::{self, Scheduler};
use crate::target::Target;

/// Both formats tell an operator the same events of a task's life, each record whole.
#[tokio::test]
async fn operators_are_told_the_same_in_both_formats() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let mut told = Vec::new();
    let mut streams: Vec<_> = [MediaType::Json, MediaType::Protobuf]
        .into_iter()
        .map(|media| (media, situation.open(Api::Master, media, r#"{"type":"SUBSCRIBE"}"#).1))
        .collect();
    situation.scheduler.launch(&[scheduler::task("told", "exit 0")]);
    for (media, records) in &mut streams {
        let mut seen = Vec::new();
        while !seen.iter().any(|(_, state)| state == "TASK_FINISHED") {
            let record = records.next().expect("the stream goes on");
            let event = Api::Master.event(*media, &record);
            let state = match event["type"].as_str().unwrap() {
                "TASK_ADDED" => event["task_added"]["task"]["state"].as_str(),
                "TASK_UPDATED" => event["task_updated"]["state"].as_str(),
                _ => continue,
            };
            seen.push((event["type"].clone(), state.unwrap().to_owned()));
        }
        told.push(seen);
    }
    assert_eq!(told[0], told[1]);
    let first = &told[0][0];
    assert_eq!((first.0.as_str(), &*first.1), (Some("TASK_ADDED"), "TASK_STAGING"));
    target.end().await;
}

/// A scheduler's stream has an id that its other calls must carry: none, another one, or one at SUBSCRIBE is
/// refused, and so is a framework that nobody knows.
#[tokio::test]
async fn calls_of_schedulers_carry_the_id_of_their_stream() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let call = situation.call(Api::Scheduler, "REVIVE", "");
    let path = Api::Scheduler.path();
    let send = |call: &str, id: Option<&str>| {
        let request = Request::json(path, call);
        match id {
            Some(id) => request.header("Mesos-Stream-Id", id),
            None => request,
        }
        .send(&target.master)
    };
    let own = situation.scheduler.stream_id.clone();
    assert_eq!(send(&call, Some(&own)).status, 202);
    assert_refused("no id", &send(&call, None), 400, "");
    assert_refused("another id", &send(&call, Some("another")), 400, "");
    let info = json!({"user": "root", "name": "another"});
    let subscribe = json!({"type": "SUBSCRIBE", "subscribe": {"framework_info": info}}).to_string();
    let text = "Subscribe calls should not include the 'Mesos-Stream-Id' header";
    assert_refused("subscribing", &send(&subscribe, Some(&own)), 400, text);
    let nobody = r#"{"type":"REVIVE","framework_id":{"value":"nobody"}}"#;
    assert_refused("nobody", &send(nobody, Some(&own)), 400, "Framework cannot be found");
    target.end().await;
}

/// A scheduler that subscribes again takes over: the old stream is told so and ends, the new one has another
/// id, and the tasks are the same.
#[tokio::test]
async fn a_second_subscription_ends_the_first() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let id = json!({"value": situation.scheduler.id});
    // A framework without a stream would be removed.
    let mut open = Vec::new();
    for media in [MediaType::Json, MediaType::Protobuf] {
        let info = json!({
            "user": "root", "name": "contract", "roles": ["contract"], "checkpoint": true, "id": id,
            "capabilities": [{"type": "MULTI_ROLE"}, {"type": "PARTITION_AWARE"}],
        });
        let call = json!({
            "type": "SUBSCRIBE", "framework_id": id, "subscribe": {"framework_info": info},
        });
        let (_, mut old) = situation.open(Api::Scheduler, media, &call.to_string());
        let event = Api::Scheduler.event(media, &old.next().unwrap());
        assert_eq!(event["type"], "SUBSCRIBED", "{event}");
        assert_eq!(event["subscribed"]["framework_id"], id, "{event}");
        assert_eq!(event["subscribed"]["heartbeat_interval_seconds"], 15.0, "{event}");
        let (head, new) = situation.open(Api::Scheduler, media, &call.to_string());
        assert!(head.header("mesos-stream-id").is_some(), "{head:?}");
        open.push(new);
        let mut last = event;
        while let Some(record) = old.next() {
            last = Api::Scheduler.event(media, &record);
        }
        assert_eq!(last["type"], "ERROR", "{last}");
        assert_eq!(last["error"]["message"], "Framework failed over", "{last}");
    }
    target.end().await;
}

/// An executor that nobody knows, or that is not subscribed, is refused.
#[tokio::test]
async fn executors_are_known_and_subscribed() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let call = situation.call(Api::Executor, "MESSAGE", r#"{"message":{"data":"aGk="}}"#);
    for media in [MediaType::Json, MediaType::Protobuf] {
        let answer = situation.send(Api::Executor, media, &call);
        assert_refused("before subscribing", &answer, 403, "Executor is not subscribed");
        for (name, text) in [
            (&*situation.scheduler.id, "Framework cannot be found"),
            ("played", "Executor cannot be found"),
        ] {
            let other = call.replace(&format!(r#""{name}""#), r#""nobody""#);
            let answer = situation.send(Api::Executor, media, &other);
            assert_refused(name, &answer, 400, text);
        }
    }
    target.end().await;
}

/// A watcher that comes while another one goes is told everything from then on.
#[tokio::test]
async fn a_watcher_that_comes_while_another_goes_is_told_everything() {
    let target = Target::start(1).await;
    let subscribe = Request::json("/api/v1", r#"{"type":"SUBSCRIBE"}"#);
    let scheduler = Scheduler::subscribe(&target.master, "changing", "contract");
    let mut before = None;
    for round in 0..100 {
        // The one before goes at the same time.
        let going = std::thread::spawn(move || drop(before));
        let (_, mut records) = subscribe.open(&target.master);
        going.join().unwrap();
        // Its first two records: it is known by now.
        records.next().unwrap();
        records.next().unwrap();
        let name = format!("round {round}");
        let info = json!({
            "user": "root", "name": name, "id": {"value": scheduler.id}, "roles": ["contract"],
            "checkpoint": true, "capabilities": [
                {"type": "PARTITION_AWARE"}, {"type": "TASK_KILLING_STATE"},
                {"type": "RESERVATION_REFINEMENT"}, {"type": "MULTI_ROLE"},
            ],
        });
        let update = json!({"update_framework": {"framework_info": info}});
        let answer = scheduler.call("UPDATE_FRAMEWORK", &update);
        assert_eq!(answer.status, 200, "{}", answer.text());
        // Told, or silence from one heartbeat to the next.
        let mut heartbeats = 0;
        let told = loop {
            let event: Value = serde_json::from_slice(&records.next().unwrap()).unwrap();
            heartbeats += usize::from(event["type"] == "HEARTBEAT");
            if heartbeats > 1 || event.to_string().contains(&name) {
                break event;
            }
        };
        assert_eq!(told["type"], "FRAMEWORK_UPDATED", "{name}: {told}");
        before = Some(records);
    }
    target.end().await;
}
