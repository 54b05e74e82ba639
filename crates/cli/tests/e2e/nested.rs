//! Nested containers that callers of an agent's API launch, as executors of frameworks' own do.

use std::net::SocketAddr;

use serde_json::json;
use wire::v1::TaskState;

use crate::framework::{Framework, state};
use crate::http;
use crate::job::Job;
use crate::world::{NODE, World};

/// The container of the one task there is.
async fn container(world: &World) -> String {
    let address = world.address(NODE).unwrap();
    let look = async || {
        let answer = http::post(address, r#"{"type":"GET_CONTAINERS"}"#).json();
        let id = answer.pointer("/get_containers/containers/0/container_id/value")?;
        id.as_str().map(str::to_owned)
    };
    world.until("there is a container", look).await
}

fn call(address: SocketAddr, kind: &str, body: serde_json::Value) -> http::Answer {
    let mut call = json!({ "type": kind });
    call[kind.to_ascii_lowercase()] = body;
    http::post(address, &call.to_string())
}

/// A nested container has a sandbox of its own, outlives a restart of the agent, tells how it ended, and is
/// removed; ids and parents that make no sense are refused.
#[tokio::test]
async fn nested_containers_outlive_a_restart_of_the_agent() {
    let mut world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    world.pid_of("web").await;
    let root = container(&world).await;
    let address = world.address(NODE).unwrap();
    let id = json!({ "value": "side", "parent": { "value": root } });
    let script = format!(
        "pwd; echo $$ > {0}/side.new; mv {0}/side.new {0}/side.pid; \
         while [ ! -e {0}/go ]; do sleep 0.05; done; exit 5",
        world.out().display()
    );
    let launch = json!({ "container_id": id, "command": { "value": script } });
    let answer = call(address, "LAUNCH_NESTED_CONTAINER", launch.clone());
    assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{answer:?}");
    assert_eq!(call(address, "LAUNCH_NESTED_CONTAINER", launch).status, 202);
    let side = world.watch("side").await;
    let shown = json!({ "show_nested": true });
    let answer = call(address, "GET_CONTAINERS", shown).json();
    let nested = &answer["get_containers"]["containers"][1];
    assert_eq!(nested["container_id"]["value"], "side", "{answer}");
    assert_eq!(nested["container_status"]["container_id"]["parent"]["value"], root);
    let early = call(address, "REMOVE_NESTED_CONTAINER", json!({ "container_id": id }));
    assert_eq!(early.status, 500, "{early:?}");

    world.kill(NODE).await.unwrap();
    world.restart(NODE).await.unwrap();
    assert!(!side.has_ended());
    let address = world.address(NODE).unwrap();
    std::fs::write(world.out().join("go"), "").unwrap();
    side.ended().await;
    let waited = call(address, "WAIT_NESTED_CONTAINER", json!({ "container_id": id })).json();
    assert_eq!(waited["wait_nested_container"]["exit_status"], 5 << 8, "{waited}");
    let waited = call(address, "WAIT_CONTAINER", json!({ "container_id": id })).json();
    assert_eq!(waited["type"], "WAIT_CONTAINER");
    assert_eq!(waited["wait_container"]["exit_status"], 5 << 8, "{waited}");
    let ended = call(address, "KILL_NESTED_CONTAINER", json!({ "container_id": id }));
    assert_eq!(ended.status, 404, "{ended:?}");

    let agent = world.member(NODE).work_dir().join("slaves").join(world.id(NODE).await.value);
    let framework_dir = agent.join("frameworks").join(framework.id());
    let run = framework_dir.join("executors/web/runs").join(&root);
    let sandbox = run.join("containers/side/stdout");
    let text = std::fs::read_to_string(&sandbox).unwrap();
    assert!(text.trim().ends_with(&format!("/runs/{root}/containers/side")), "{text}");
    assert_eq!(call(address, "REMOVE_NESTED_CONTAINER", json!({ "container_id": id })).status, 200);
    assert!(!sandbox.exists());
    let waited = call(address, "WAIT_NESTED_CONTAINER", json!({ "container_id": id }));
    assert_eq!(waited.status, 404, "{waited:?}");
    assert_eq!(waited.body, format!("Container {root}.side cannot be found"));

    let orphan = json!({ "value": "side", "parent": { "value": "nobody" } });
    let orphan = json!({ "container_id": orphan, "command": { "value": "id" } });
    let answer = call(address, "LAUNCH_NESTED_CONTAINER", orphan);
    assert_eq!(answer.status, 400);
    assert_eq!(answer.body, "Parent container nobody does not exist");
    world.end().await;
}

/// A nested container ends with the task it is in, and can be killed before; a signal reaches its program.
#[tokio::test]
async fn nested_containers_end_with_their_task() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    world.pid_of("web").await;
    let root = container(&world).await;
    let address = world.address(NODE).unwrap();
    for name in ["signalled", "killed", "deaf"] {
        let out = world.out().display();
        let script = format!(
            "trap 'exit 9' USR1; trap '' TERM HUP; echo $$ > {out}/{name}.new; \
             mv {out}/{name}.new {out}/{name}.pid; while :; do sleep 0.05; done"
        );
        let id = json!({ "value": name, "parent": { "value": root } });
        let launch = json!({ "container_id": id, "command": { "value": script } });
        let answer = call(address, "LAUNCH_CONTAINER", launch);
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    let deaf = world.watch("deaf").await;
    for (name, signal, status) in [("signalled", 10, 9 << 8), ("killed", 9, 9)] {
        world.pid_of(name).await;
        let id = json!({ "value": name, "parent": { "value": root } });
        let answer =
            call(address, "KILL_CONTAINER", json!({ "container_id": id, "signal": signal }));
        assert_eq!(answer.status, 200, "{answer:?}");
        let waited = call(address, "WAIT_CONTAINER", json!({ "container_id": id })).json();
        assert_eq!(waited["wait_container"]["exit_status"], status, "{name}: {waited}");
    }
    framework.kill("web", None).await;
    assert_eq!(state(&framework.outcome("web").await), TaskState::TaskKilled);
    assert!(deaf.has_ended() || world.processes().len() <= 1, "{:?}", world.processes());
    world.until("no process is left", async || world.processes().is_empty().then_some(())).await;
    world.end().await;
}

fn record(message: &serde_json::Value) -> String {
    let text = message.to_string();
    format!("{}\n{text}", text.len())
}

/// The calls of Mesos' command line work by way of the master, in the framing and with the headers that it insists
/// on: the type of records apart from that of the stream, and no type at all on the answer to input.
#[tokio::test]
async fn sessions_pass_through_the_master() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    world.pid_of("web").await;
    let root = container(&world).await;
    let master: SocketAddr = world.master_url().trim_start_matches("http://").parse().unwrap();
    let path = format!("/slave/{}/api/v1", world.id(NODE).await.value);
    let id = json!({ "value": "session", "parent": { "value": root } });

    let command = json!({ "value": "cat", "arguments": ["cat"], "shell": false });
    let launch = json!({
        "type": "LAUNCH_NESTED_CONTAINER_SESSION",
        "launch_nested_container_session": { "container_id": id, "command": command },
    });
    let headers = [
        ("Content-Type", "application/json"),
        ("Accept", "application/recordio"),
        ("Message-Accept", "application/json"),
    ];
    let output = {
        let path = path.clone();
        let body = launch.to_string();
        tokio::task::spawn_blocking(move || {
            http::send(master, "POST", &path, &headers, body.as_bytes())
        })
    };
    let address = world.address(NODE).unwrap();
    let nested = json!({ "show_nested": true });
    let runs = async || {
        let shown = call(address, "GET_CONTAINERS", nested.clone()).json();
        shown["get_containers"]["containers"].as_array()?.get(1).map(drop)
    };
    world.until("the session runs", runs).await;

    let input = |part: serde_json::Value| {
        record(&json!({ "type": "ATTACH_CONTAINER_INPUT", "attach_container_input": part }))
    };
    let io = |io: serde_json::Value| input(json!({ "type": "PROCESS_IO", "process_io": io }));
    let stdin =
        |base64: &str| io(json!({ "type": "DATA", "data": { "type": "STDIN", "data": base64 } }));
    let beat = json!({ "interval": { "nanoseconds": 30_000_000_000_u64 } });
    let body = [
        input(json!({ "type": "CONTAINER_ID", "container_id": id })),
        io(json!({ "type": "CONTROL", "control": { "type": "HEARTBEAT", "heartbeat": beat } })),
        stdin("aGVsbG8="),
        stdin(""),
    ]
    .concat();
    let headers = [
        ("Content-Type", "application/recordio"),
        ("Message-Content-Type", "application/json"),
        ("Accept", "application/json"),
    ];
    // The program may not offer its streams yet.
    let answered = async || {
        let answer = http::send(master, "POST", &path, &headers, body.as_bytes());
        (answer.status != 500).then_some(answer)
    };
    let answer = world.until("input is taken", answered).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{answer:?}");
    assert!(!answer.head.to_ascii_lowercase().contains("content-type"), "{answer:?}");

    let output = output.await.unwrap();
    let head = output.head.to_ascii_lowercase();
    assert_eq!(output.status, 200, "{output:?}");
    assert!(head.contains("content-type: application/recordio"), "{head}");
    assert!(head.contains("message-content-type: application/json"), "{head}");
    let said = json!({ "type": "DATA", "data": { "type": "STDOUT", "data": "aGVsbG8=" } });
    let (length, text) = output.body.split_once('\n').unwrap();
    assert_eq!(length.parse(), Ok(text.len()), "{output:?}");
    assert_eq!(serde_json::from_str::<serde_json::Value>(text).unwrap(), said);
    let waited = call(address, "WAIT_CONTAINER", json!({ "container_id": id })).json();
    assert_eq!(waited["wait_container"]["exit_status"], 0, "{waited}");
    world.end().await;
}
