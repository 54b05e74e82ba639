//! What older endpoints make of their parameters, and that the older ways to change something are those of the calls.

use serde_json::{Value, json};

use crate::answers::Situation;
use crate::http::{Base, Request};
use crate::target::Target;

#[track_caller]
fn document(base: &Base, path: &str) -> Value {
    let answer = Request::get(path).send(base);
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_eq!(answer.content_type(), Some("application/json"), "{path}");
    answer.json()
}

/// The ids in a list of a document.
#[track_caller]
fn ids(base: &Base, path: &str, list: &str) -> Vec<String> {
    let document = document(base, path);
    let items =
        document[list].as_array().unwrap_or_else(|| panic!("{path}: no {list}: {document}"));
    items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

/// `/tasks` pages through tasks in either order and picks them by id and framework; what is no number is as good
/// as absent.
#[tokio::test]
async fn tasks_are_paged_ordered_and_picked() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let base = &target.master;
    let own = situation.fill("framework_id={framework}");
    let tasks = |query: &str| ids(base, &format!("/tasks?{own}{query}"), "tasks");
    let ascending = tasks("&order=asc");
    let mut sorted = ascending.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, ["played", "running"]);
    let descending: Vec<String> = ascending.iter().rev().cloned().collect();
    assert_eq!(tasks("&order=des"), descending);
    assert_eq!(tasks(""), descending, "newest first is the default");
    assert_eq!(tasks("&order=asc&limit=1"), ascending[..1]);
    assert_eq!(tasks("&order=asc&limit=1&offset=1"), ascending[1..]);
    assert_eq!(tasks("&order=asc&offset=2"), [""; 0]);
    assert_eq!(tasks("&limit=0"), [""; 0]);
    assert_eq!(tasks("&order=asc&limit=x&offset=y"), ascending);
    assert_eq!(tasks("&task_id=played"), ["played"]);
    assert_eq!(tasks("&task_id=nothing"), [""; 0]);
    assert_eq!(ids(base, "/master/tasks?task_id=played&framework_id=nobody", "tasks"), [""; 0]);
    target.end().await;
}

/// `/slaves` and `/frameworks` pick one by its id, and none by another.
#[tokio::test]
async fn agents_and_frameworks_are_picked() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let base = &target.master;
    let (agent, framework) = (situation.fill("{agent}"), situation.fill("{framework}"));
    for prefix in ["", "/master"] {
        let slaves = |id: &str| ids(base, &format!("{prefix}/slaves?slave_id={id}"), "slaves");
        assert_eq!(slaves(&agent), [&*agent]);
        assert_eq!(slaves("nobody"), [""; 0]);
        let frameworks =
            |id: &str| ids(base, &format!("{prefix}/frameworks?framework_id={id}"), "frameworks");
        assert_eq!(frameworks(&framework), [&*framework]);
        assert_eq!(frameworks("nobody"), [""; 0]);
    }
    target.end().await;
}

/// The name of a function in `jsonp` is what the document is an argument of; a script is no name.
#[tokio::test]
async fn documents_are_arguments_of_the_function_that_is_named() {
    let target = Target::start(1).await;
    for (base, path) in [(&target.master, "/version"), (target.agent(), "/flags")] {
        let plain = Request::get(path).send(base).text();
        let wrapped = Request::get(&format!("{path}?jsonp=angular.callbacks._0")).send(base);
        assert_eq!(wrapped.text(), format!("angular.callbacks._0({plain})"));
        assert_eq!(wrapped.content_type(), Some("text/javascript"));
        let refused = Request::get(&format!("{path}?jsonp=alert(1)//")).send(base);
        assert_eq!(refused.status, 400, "{}", refused.text());
    }
    target.end().await;
}

/// What is set at the older paths for quotas and weights is what the calls show, and the other way round.
#[tokio::test]
async fn quotas_and_weights_are_the_same_at_their_older_paths() {
    let target = Target::start(1).await;
    let base = &target.master;
    let change = |method: &str, path: &str, body: &str| {
        let request = Request { body: body.as_bytes().to_vec(), ..Request::new(method, path) };
        let answer = request.send(base);
        assert_eq!((answer.status, answer.text().as_str()), (200, ""), "{method} {path} {body}");
    };
    let call = |call: &str| {
        let answer = Request::json("/api/v1", call).send(base);
        assert_eq!(answer.status, 200, "{call}: {}", answer.text());
        answer
    };
    let of_role = |list: &Value| {
        let mut items = list.as_array().into_iter().flatten();
        items.find(|item| item["role"] == "both").cloned()
    };
    change(
        "POST",
        "/quota",
        r#"{"role":"both","guarantee":[{"name":"mem","type":"SCALAR","scalar":{"value":64}}],"force":true}"#,
    );
    let shown = document(base, "/quota");
    assert_eq!(shown, call(r#"{"type":"GET_QUOTA"}"#).json()["get_quota"]["status"]);
    let guarantee = json!([{"name": "mem", "type": "SCALAR", "scalar": {"value": 64.0}}]);
    assert_eq!(of_role(&shown["infos"]), Some(json!({"role": "both", "guarantee": guarantee})));
    let amount = json!({"mem": {"value": 64.0}});
    let config = json!({"role": "both", "guarantees": amount, "limits": amount});
    assert_eq!(of_role(&shown["configs"]), Some(config));
    call(r#"{"type":"REMOVE_QUOTA","remove_quota":{"role":"both"}}"#);
    assert_eq!(of_role(&document(base, "/quota")["configs"]), None);
    call(
        r#"{"type":"UPDATE_QUOTA","update_quota":{"quota_configs":[{"role":"both","guarantees":{},
        "limits":{"cpus":{"value":1.0}}}]}}"#,
    );
    assert!(of_role(&document(base, "/quota")["configs"]).is_some());
    change("DELETE", "/master/quota/both", "");
    assert_eq!(of_role(&document(base, "/quota")["configs"]), None);

    change("PUT", "/weights", r#"[{"role":"both","weight":2.5}]"#);
    let weights = document(base, "/weights");
    assert_eq!(of_role(&weights), Some(json!({"role": "both", "weight": 2.5})));
    let shown = call(r#"{"type":"GET_WEIGHTS"}"#).json();
    assert_eq!(weights, shown["get_weights"]["weight_infos"]);
    target.end().await;
}
