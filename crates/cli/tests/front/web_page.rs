//! What the web page of DC/OS asks of the address that it comes from, and what it reads of the answers.

use std::time::Duration;

use serde_json::{Value, json};
use wire::recordio::Decoder;
use wire::v1::TaskState;

use crate::client::{Dcos, PROTOBUF, read_chunk};
use crate::framework::Framework;
use crate::job::Job;
use crate::world::{NODE, World};

const RECORD_LIMIT_BYTES: usize = 1 << 20;
/// Numbers of fields in the schema that comes with the page.
const DEACTIVATED: u64 = 12;
const DRAIN_INFO: u64 = 13;
const DRAIN_START: u64 = 14;

fn post(dcos: &Dcos, query: &str, call: &Value) -> crate::client::Answer {
    let headers = ["Content-Type: application/json", "Accept: application/json"];
    dcos.send("POST", &format!("/mesos/api/v1{query}"), &headers, call.to_string().as_bytes())
}

/// The page can start: something answers at the root, and its configuration, without which it shows nothing, the
/// version, by which it switches features, and the cluster are told.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_can_start() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);
    assert_eq!(dcos.get("/").status, 200);
    let config = dcos.get("/dcos-metadata/ui-config.json").json();
    assert_eq!(config["uiConfiguration"]["plugins"], json!({}));
    let version = dcos.get("/dcos-metadata/dcos-version.json").json();
    assert_eq!(version["version"], "2.2.0", "all features");
    assert!(dcos.get("/metadata").json()["CLUSTER_ID"].is_string());
    for path in ["/pkgpanda/active.buildinfo.full.json", "/net/v1/nodes", "/mesos/roles"] {
        assert_eq!(dcos.get(path).status, 200, "{path}");
    }
    // What is optional and not there is missing, and nothing worse.
    for path in ["/navstar/lashup/key", "/cosmos/service/list"] {
        assert_eq!(dcos.get(path).status, 404, "{path}");
    }
    assert_eq!(dcos.get("/service/metronome/v1/jobs").status, 503);
    world.end().await;
}

/// The summary, which the page asks for every other second with a number that means nothing, has all that its lists
/// show, draining included.
#[tokio::test(flavor = "multi_thread")]
async fn the_summary_has_what_lists_show() {
    let world = World::with(1, |options| {
        options.agent_flags.push("--attributes=public_ip:true".to_owned());
    })
    .await;
    let framework = Framework::with(&world, |info| {
        info.webui_url = Some("http://127.0.0.1:1/ui".to_owned());
    })
    .await;
    framework.run(NODE, &[Job::ignoring("stays").grace(Duration::from_hours(1))]).await;
    let id = world.id(NODE).await.value;
    let dcos = Dcos::of(&world);
    let summary = || dcos.get("/mesos/master/state-summary?_ts=1785000000000").json();
    let before = summary();
    assert_eq!(before["hostname"], "127.0.0.1");
    assert!(before["cluster"].is_string(), "{before}");
    let agent = &before["slaves"][0];
    for (name, is_right) in [
        ("id", agent["id"] == id.as_str()),
        ("hostname", agent["hostname"] == "node-1"),
        ("pid", agent["pid"].as_str().is_some_and(|pid| pid.contains("@127.0.0.1:"))),
        ("active", agent["active"] == true),
        ("deactivated", agent["deactivated"] == false),
        ("drain_info", agent.get("drain_info").is_none()),
        ("attributes", agent["attributes"] == json!({"public_ip": "true"})),
        (
            "resources",
            agent["resources"]["cpus"].as_f64() > agent["used_resources"]["cpus"].as_f64(),
        ),
        ("used_resources", agent["used_resources"]["mem"].as_f64() > Some(0.0)),
        ("framework_ids", agent["framework_ids"] == json!([framework.id()])),
        ("registered_time", agent["registered_time"].as_f64() > Some(0.0)),
    ] {
        assert!(is_right, "{name}: {agent}");
    }
    let service = &before["frameworks"][0];
    assert_eq!(service["id"], framework.id());
    assert_eq!(service["name"], "the service");
    assert_eq!(service["webui_url"], "http://127.0.0.1:1/ui");
    assert_eq!(service["slave_ids"], json!([id]));
    assert!(service["used_resources"]["cpus"].as_f64() > Some(0.0), "{service}");
    for (kind, counts) in [("agent", agent), ("service", service)] {
        for (name, wanted) in [
            ("TASK_STAGING", 0),
            ("TASK_STARTING", 0),
            ("TASK_RUNNING", 1),
            ("TASK_KILLING", 0),
            ("TASK_FINISHED", 0),
            ("TASK_KILLED", 0),
            ("TASK_FAILED", 0),
            ("TASK_LOST", 0),
            ("TASK_ERROR", 0),
            ("TASK_UNREACHABLE", 0),
        ] {
            assert_eq!(counts[name], wanted, "{kind} {name}");
        }
    }

    world.drain(NODE, None).await;
    let agent = &summary()["slaves"][0];
    assert_eq!(agent["deactivated"], true, "{agent}");
    assert_eq!(agent["drain_info"]["state"], "DRAINING", "{agent}");
    assert!(agent["drain_info"]["config"].is_object(), "{agent}");
    world.end().await;
}

/// A query that only names the call is no part of it; what the detail page needs is answered, and each action of the
/// page with a 2xx, the drain's period as an object of seconds.
#[tokio::test(flavor = "multi_thread")]
async fn calls_are_answered_whatever_their_query() {
    let world = World::start(1).await;
    let dcos = Dcos::of(&world);
    for (query, field) in
        [("GET_MASTER", "get_master"), ("GET_VERSION", "get_version"), ("GET_FLAGS", "get_flags")]
    {
        let answer = post(&dcos, &format!("?{query}"), &json!({"type": query})).json();
        assert!(answer[field].is_object(), "{answer}");
    }
    let master = post(&dcos, "?GET_MASTER", &json!({"type": "GET_MASTER"})).json();
    let master = &master["get_master"];
    for name in ["start_time", "elected_time"] {
        assert!(master[name].as_f64() > Some(0.0), "{name}: {master}");
    }
    let info = &master["master_info"];
    assert_eq!(info["address"]["ip"], "127.0.0.1", "{info}");
    assert!(info["port"].is_u64() && info["version"].is_string(), "{info}");

    let id = json!({"value": world.id(NODE).await.value});
    let act = |kind: &str, more: Value| {
        let mut part = more;
        part["agent_id"] = id.clone();
        let call = json!({"type": kind, kind.to_ascii_lowercase(): part});
        let answer = post(&dcos, "", &call);
        assert!((200..300).contains(&answer.status), "{kind}: {}", answer.text());
    };
    act("DEACTIVATE_AGENT", json!({}));
    act("REACTIVATE_AGENT", json!({}));
    act("DRAIN_AGENT", json!({"max_grace_period": {"seconds": 30}, "mark_gone": false}));
    world.drained(NODE).await;
    act("REACTIVATE_AGENT", json!({}));
    act("DRAIN_AGENT", json!({"max_grace_period": {"seconds": 30}, "mark_gone": true}));
    let gone = async || {
        world
            .try_node(NODE)
            .await
            .is_none_or(|it| it.reachability == wire::ebb::Reachability::Gone)
            .then_some(())
    };
    world.until("the agent is gone", gone).await;
    drop(world);
}

/// What a message in protobuf has under a number: the bytes of what is inside, or of a number itself.
fn fields(mut bytes: &[u8], wanted: u64) -> Vec<Vec<u8>> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..).step_by(7) {
            let (first, rest) = bytes.split_first().unwrap();
            *bytes = rest;
            value |= u64::from(first & 0x7f) << shift;
            if first & 0x80 == 0 {
                break;
            }
        }
        value
    }
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let value = match key & 7 {
            0 => varint(&mut bytes).to_le_bytes().to_vec(),
            kind @ (1 | 5) => {
                let (value, rest) = bytes.split_at(if kind == 1 { 8 } else { 4 });
                bytes = rest;
                value.to_vec()
            }
            2 => {
                let length = usize::try_from(varint(&mut bytes)).unwrap();
                let (value, rest) = bytes.split_at(length);
                bytes = rest;
                value.to_vec()
            }
            kind => panic!("wire type {kind}"),
        };
        if key >> 3 == wanted {
            found.push(value);
        }
    }
    found
}

/// The one thing below a path of numbers.
fn at(bytes: &[u8], path: &[u64]) -> Vec<u8> {
    path.iter().fold(bytes.to_vec(), |bytes, number| {
        fields(&bytes, *number)
            .first()
            .cloned()
            .unwrap_or_else(|| panic!("no {number} of {path:?}"))
    })
}

/// Events come as records of protobuf to who asks for it, whatever the query says: the whole state first, with what
/// drains under the numbers that the page knows, then each change of a task.
#[tokio::test(flavor = "multi_thread")]
async fn events_come_as_records_of_protobuf() {
    let world = World::start(2).await;
    let framework = Framework::subscribe(&world).await;
    world.drain(NODE, None).await;
    world.drained(NODE).await;
    let drained = world.id(NODE).await.value;
    let dcos = Dcos::of(&world);
    let headers = ["Content-Type: application/json", &format!("Accept: {PROTOBUF}")];
    let path = "/mesos/api/v1?subscribe";
    let (head, mut reader) = dcos.open("POST", path, &headers, br#"{"type":"SUBSCRIBE"}"#);
    assert_eq!((head.status, head.header("Content-Type")), (200, Some(PROTOBUF)));
    let mut decoder = Decoder::new(RECORD_LIMIT_BYTES);
    let mut next = || loop {
        if let Some(record) = decoder.next().unwrap() {
            return record.to_vec();
        }
        decoder.push(&read_chunk(&mut reader).expect("the stream goes on"));
    };

    // SUBSCRIBED, its state, the agents in it.
    let first = next();
    assert_eq!(at(&first, &[1])[0], 1);
    let agents = fields(&at(&first, &[2, 1, 4]), 1);
    assert_eq!(agents.len(), 2);
    let is_it = |agent: &&Vec<u8>| at(agent, &[1, 6, 1]) == drained.as_bytes();
    let agent = agents.iter().find(is_it).expect("the agent is in it");
    assert_eq!(at(agent, &[DEACTIVATED])[0], 1);
    // DRAINED.
    assert_eq!(at(agent, &[DRAIN_INFO, 1])[0], 2);
    assert_eq!(fields(&at(agent, &[DRAIN_INFO]), 2).len(), 1, "a config");
    assert!(!at(agent, &[DRAIN_START, 1]).is_empty());
    let other = agents.iter().find(|agent| !is_it(agent)).unwrap();
    assert!(fields(other, DRAIN_INFO).is_empty());

    framework.launch(crate::world::OTHER_NODE, &[Job::shell("short", "exit 0")]).await;
    framework.reaches("short", TaskState::TaskFinished).await;
    // TASK_ADDED has the task at 3, TASK_UPDATED its status at 2 and its state at 3 of 4.
    let mut added = false;
    loop {
        let event = next();
        match at(&event, &[1])[0] {
            2 => {
                assert_eq!(at(&event, &[3, 1, 2, 1]), b"short");
                added = true;
            }
            3 => {
                assert!(added, "an update comes after its task");
                assert_eq!(at(&event, &[4, 2, 1, 1]), b"short");
                // TASK_FINISHED.
                if at(&event, &[4, 3])[0] == 2 {
                    break;
                }
            }
            _ => {}
        }
    }
    world.end().await;
}

/// Calls and reasons have the numbers that the page knows.
#[test]
fn calls_and_reasons_have_their_numbers() {
    use wire::master::call::Type;
    let numbers = [Type::DrainAgent, Type::DeactivateAgent, Type::ReactivateAgent].map(i32::from);
    assert_eq!(numbers, [37, 38, 39]);
    assert_eq!(i32::from(wire::v1::task_status::Reason::AgentDraining), 34);
}

/// Health of hosts and of what runs on them is told in each of its forms, and joined to agents by their address.
#[tokio::test(flavor = "multi_thread")]
async fn health_is_told() {
    let world = World::start(1).await;
    let dcos = Dcos::of(&world);
    let health = |path: &str| dcos.get(&format!("/system/health/v1/{path}")).json();
    let nodes = health("nodes");
    assert_eq!(nodes["nodes"][0]["host_ip"], "127.0.0.1");
    assert_eq!(nodes["nodes"][0]["health"], 0);
    assert!(nodes["nodes"][0]["role"].is_string());
    assert_eq!(health("nodes/127.0.0.1")["host_ip"], "127.0.0.1");
    let units = health("nodes/127.0.0.1/units");
    let unit = units["units"][0].clone();
    let id = unit["id"].as_str().unwrap();
    assert_eq!(health(&format!("nodes/127.0.0.1/units/{id}"))["id"], id);
    let all = health("units");
    for unit in all["units"].as_array().unwrap() {
        assert!(unit["name"].is_string() && unit["health"].is_u64(), "{unit}");
    }
    assert_eq!(health("units/dcos-mesos-master.service")["id"], "dcos-mesos-master.service");
    // The page of masters.
    let masters = health("units/dcos-mesos-master.service/nodes");
    assert_eq!(masters["nodes"][0]["host_ip"], "127.0.0.1");
    world.end().await;
}

/// An agent's own documents are at its name: its state, which shows where a task's files are, and those files.
#[tokio::test(flavor = "multi_thread")]
async fn an_agents_state_and_files_are_at_its_name() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.launch(NODE, &[Job::shell("done", "echo hello; exit 0")]).await;
    framework.outcome("done").await;
    let id = world.id(NODE).await.value;
    let dcos = Dcos::of(&world);
    let ended = async || {
        let state = dcos.get(&format!("/agent/{id}/slave(1)/state")).json();
        assert_eq!(state["id"], id.as_str());
        // A framework of which nothing runs is a completed one to the agent.
        let found = &state["completed_frameworks"][0]["completed_executors"][0]["directory"];
        found.as_str().map(str::to_owned)
    };
    let folder = world.until("its executor has ended", ended).await;
    let list = dcos.get(&format!("/agent/{id}/files/browse?path={folder}")).json();
    let paths: Vec<&str> =
        list.as_array().unwrap().iter().map(|it| it["path"].as_str().unwrap()).collect();
    let path = format!("{folder}/stdout");
    assert!(paths.contains(&path.as_str()), "{paths:?}");
    let query = format!("path={path}&offset=0&length=50000");
    let piece = dcos.get(&format!("/agent/{id}/files/read?{query}")).json();
    assert_eq!(piece, json!({"data": "hello\n", "offset": 0}));
    let whole = dcos.get(&format!("/agent/{id}/files/download?path={path}"));
    assert_eq!((whole.status, whole.text().as_str()), (200, "hello\n"));
    world.end().await;
}
