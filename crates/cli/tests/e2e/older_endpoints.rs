//! `/state` and its like on masters and agents, as the clients read them that never learnt another API.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};
use wire::v1::{TaskState, framework_info};

use crate::framework::{Framework, sandbox, state};
use crate::http::{Answer, send};
use crate::job::{self, Job};
use crate::shape;
use crate::world::{NODE, World};
use cli::cluster::Who;

fn get(address: SocketAddr, path: &str) -> Answer {
    send(address, "GET", path, &[], b"")
}

fn document(address: SocketAddr, path: &str) -> Value {
    let answer = get(address, path);
    assert_eq!(answer.status, 200, "{path}: {answer:?}");
    assert!(answer.head.to_ascii_lowercase().contains("content-type: application/json"), "{path}");
    answer.json()
}

/// A cluster with a command task and a task group that run, and a task that is over.
async fn busy(world: &World) -> Framework {
    let framework = Framework::with(world, |info| {
        let kind = framework_info::capability::Type::MultiRole;
        info.capabilities.push(framework_info::Capability { r#type: Some(kind.into()) });
        info.roles = vec!["*".to_owned()];
    })
    .await;
    framework.run(NODE, &[Job::obeying("runs")]).await;
    framework.run_group(NODE, job::default_executor("pod"), &[Job::obeying("member")]).await;
    framework.launch(NODE, &[Job::shell("done", "exit 0")]).await;
    assert_eq!(state(&framework.outcome("done").await), TaskState::TaskFinished);
    let master = world.address(Who::Master).unwrap();
    let agent = world.address(NODE).unwrap();
    world
        .until("the end is acknowledged", async || {
            let service = document(master, "/state")["frameworks"][0].clone();
            (service["completed_tasks"][0]["id"] == "done").then_some(())
        })
        .await;
    world
        .until("its executor has ended", async || {
            let service = document(agent, "/state")["frameworks"][0].clone();
            let over = &service["completed_executors"][0];
            (over["completed_tasks"][0]["id"] == "done").then_some(())
        })
        .await;
    framework
}

fn find<'a>(list: &'a Value, name: &str, value: &str) -> &'a Value {
    let found = list.as_array().unwrap().iter().find(|item| item[name] == value);
    found.unwrap_or_else(|| panic!("no {name} {value} in {list}"))
}

/// What a node list and a task list need is there in the types they parse: integers without a point, ports as
/// text, a pid with an address, and the container in each task's first status.
#[tokio::test]
async fn node_and_task_lists_find_what_they_read() {
    let world = World::start(1).await;
    let framework = busy(&world).await;
    let master = world.address(Who::Master).unwrap();
    let agent = world.address(NODE).unwrap();
    let id = world.id(NODE).await.value;

    let all = document(master, "/master/state");
    let node = &all["slaves"][0];
    assert_eq!(node["id"], id.as_str());
    assert_eq!(node["pid"], format!("slave(1)@{agent}"));
    assert_eq!(node["port"], agent.port());
    assert_eq!((&node["active"], &node["deactivated"]), (&json!(true), &json!(false)));
    assert!(node["resources"]["ports"].as_str().unwrap().starts_with('['), "{node}");
    assert!(node["resources"]["cpus"].is_f64() && node["registered_time"].is_f64(), "{node}");
    assert_eq!(all["pid"], format!("master@{master}"));
    assert_eq!(all["leader_info"]["port"], master.port());
    assert_eq!(all["activated_slaves"], json!(1.0));

    let service = find(&all["frameworks"], "id", framework.id());
    for (list, task) in [("tasks", "runs"), ("tasks", "member"), ("completed_tasks", "done")] {
        let task = find(&service[list], "id", task);
        let status = &task["statuses"][0];
        let container = &status["container_status"]["container_id"]["value"];
        assert!(container.is_string(), "{task}");
        assert_eq!(task["slave_id"], id.as_str());
    }
    assert_eq!(find(&service["tasks"], "id", "runs")["executor_id"], "");
    assert_eq!(find(&service["executors"], "executor_id", "pod")["type"], "DEFAULT");

    let summary = document(master, "/state-summary");
    let node = &summary["slaves"][0];
    assert_eq!((&node["TASK_RUNNING"], &node["TASK_FINISHED"]), (&json!(2), &json!(1)));
    assert_eq!(node["framework_ids"], json!([framework.id()]));
    let service = find(&summary["frameworks"], "id", framework.id());
    assert_eq!(service["slave_ids"], json!([id.as_str()]));
    assert_eq!(service["TASK_RUNNING"], 2);

    let on_agent = document(agent, "/slave(1)/state");
    assert_eq!(on_agent["id"], id.as_str());
    let service = find(&on_agent["frameworks"], "id", framework.id());
    let run = find(&service["executors"], "id", "runs");
    assert_eq!(run["tasks"][0]["id"], "runs");
    let directory = sandbox(&world, NODE, &framework, "runs");
    assert_eq!(run["directory"], directory.to_str().unwrap());
    let over = find(&service["completed_executors"], "id", "done");
    assert_eq!(over["completed_tasks"][0]["state"], "TASK_FINISHED");
    world.end().await;
}

/// A drain is seen in the summary from the moment it is accepted, and at the agent itself.
#[tokio::test]
async fn a_drain_is_seen_in_the_older_documents() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ignoring("stays").grace(std::time::Duration::from_mins(1))]).await;
    world.drain(NODE, None).await;
    let master = world.address(Who::Master).unwrap();
    for path in ["/state", "/state-summary", "/slaves"] {
        let node = &document(master, path)["slaves"][0];
        assert_eq!(node["drain_info"]["state"], "DRAINING", "{path}");
        assert_eq!(node["drain_info"]["config"]["mark_gone"], false, "{path}");
        assert_eq!(
            (&node["active"], &node["deactivated"]),
            (&json!(false), &json!(true)),
            "{path}"
        );
        assert!(node["estimated_drain_start_time_seconds"].is_f64(), "{path}");
    }
    assert_eq!(document(master, "/slaves")["slaves"][0]["drain_status"]["state"], "DRAINING");
    let agent = world.address(NODE).unwrap();
    world
        .until("the agent knows", async || {
            let own = document(agent, "/state");
            own["drain_config"]["mark_gone"].is_boolean().then_some(())
        })
        .await;
    assert!(document(agent, "/state")["estimated_drain_start_time_seconds"].is_i64());
    world.end().await;
}

/// Queries pick and page, reads take any method, `jsonp` wraps, and what is wrong or not there is said so.
#[tokio::test]
async fn queries_methods_and_errors_are_those_of_mesos() {
    let world = World::start(1).await;
    let framework = busy(&world).await;
    let master = world.address(Who::Master).unwrap();
    let agent = world.address(NODE).unwrap();
    let tasks = |query: &str| {
        let page = document(master, &format!("/tasks?{query}"));
        let ids = page["tasks"].as_array().unwrap().iter();
        ids.map(|task| task["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(tasks("order=asc"), ["runs", "member", "done"]);
    assert_eq!(tasks(""), ["done", "member", "runs"]);
    assert_eq!(tasks("limit=1&offset=1&order=asc"), ["member"]);
    assert_eq!(tasks(&format!("task_id=done&framework_id={}", framework.id())), ["done"]);
    assert!(tasks("framework_id=none").is_empty() && tasks("limit=0").is_empty());
    let slaves = |query: &str| document(master, &format!("/slaves?{query}"))["slaves"].clone();
    assert_eq!(
        slaves(&format!("slave_id={}", world.id(NODE).await.value)).as_array().unwrap().len(),
        1
    );
    assert_eq!(slaves("slave_id=nope"), json!([]));
    let picked = document(master, &format!("/frameworks?framework_id={}", framework.id()));
    assert_eq!(picked["frameworks"].as_array().unwrap().len(), 1);
    assert_eq!(document(master, "/frameworks?framework_id=x")["frameworks"], json!([]));

    for method in ["POST", "PUT", "GET"] {
        assert_eq!(send(master, method, "/state", &[], b"").status, 200, "{method}");
    }
    let paths =
        ["/state/", "/master/slaves", "/state.json", "/master/tasks.json", "/roles", "/flags"];
    for path in paths.into_iter().chain(["/metrics/snapshot", "/system/stats.json"]) {
        document(master, path);
    }
    for path in ["/slave(1)/state", "/state.json", "/flags", "/metrics/snapshot", "/version"] {
        document(agent, path);
    }
    for address in [master, agent] {
        let wrapped = get(address, "/version?jsonp=cb");
        assert!(wrapped.head.contains("text/javascript") && wrapped.body.starts_with("cb({"));
        assert_eq!(get(address, "/state?jsonp=a(b").status, 400);
        assert_eq!(get(address, "/health").status, 200);
        assert_eq!(get(address, "/logging/toggle").body, "0\n");
        assert!(get(address, "/help").body.contains("/state"));
        let missing = get(address, "/nonexistent");
        assert_eq!((missing.status, missing.body.as_str()), (404, "404 Not Found."));
        let bad = get(address, "/metrics/snapshot?timeout=zzz");
        assert!(bad.status == 400 && bad.body.starts_with("Invalid timeout 'zzz': "), "{bad:?}");
        assert_eq!(get(address, "/files/browse").status, 400);
        assert_eq!(get(address, "/files/read?path=/etc/passwd").status, 404);
    }

    let form = &[("Content-Type", "application/x-www-form-urlencoded")];
    let refused = get(master, "/teardown");
    assert!(refused.status == 405 && refused.body.contains("{ 'POST' }"), "{refused:?}");
    assert_eq!(send(master, "POST", "/teardown", form, b"id=1").status, 400);
    assert_eq!(send(master, "POST", "/teardown", form, b"frameworkId=nope").status, 400);
    let body = format!("frameworkId={}", framework.id());
    let done = send(master, "POST", "/master/teardown", form, body.as_bytes());
    assert_eq!((done.status, done.body.as_str()), (200, ""));
    let over = document(master, "/state")["completed_frameworks"].clone();
    assert_eq!(find(&over, "id", framework.id())["active"], false);
    world.end().await;
}

/// A sandbox is listed, read piece by piece and downloaded by each of its names; nothing else is.
#[tokio::test]
async fn sandboxes_are_browsed_read_and_downloaded() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.launch(NODE, &[Job::shell("talks", "echo 0123456789; ln -s /etc out; exit 0")]).await;
    framework.outcome("talks").await;
    let agent = world.address(NODE).unwrap();
    let real = sandbox(&world, NODE, &framework, "talks");
    let latest = real.with_file_name("latest");
    let short = format!("/frameworks/{}/executors/talks/runs/latest", framework.id());
    let names = [real.to_str().unwrap(), latest.to_str().unwrap(), &short];
    let known = document(agent, "/files/debug");
    for name in names {
        assert_eq!(known[name], real.to_str().unwrap(), "{known}");
        let listed = document(agent, &format!("/files/browse?path={name}"));
        let path = format!("{name}/stdout");
        let entry = find(&listed, "path", &path);
        assert!(entry["mode"].as_str().unwrap().starts_with("-rw"), "{entry}");
        assert!(entry["size"].is_u64() && entry["nlink"].is_u64() && entry["mtime"].is_f64());
        assert!(entry["uid"].is_string() && entry["gid"].is_string(), "{entry}");
        world
            .until("the output is there", async || {
                let piece = document(agent, &format!("/files/read?path={path}&offset=3&length=4"));
                (piece == json!({"data": "3456", "offset": 3})).then_some(())
            })
            .await;
        let size = document(agent, &format!("/files/read?path={path}"));
        assert_eq!(size, json!({"data": "", "offset": 11}));
        let whole = get(agent, &format!("/files/download?path={path}"));
        assert_eq!(whole.body, "0123456789\n");
        assert!(whole.head.contains("filename=stdout") && whole.head.contains("octet-stream"));
        for escape in ["out/passwd", "../../../../../../../../../meta/agent.redb"] {
            let path = format!("{name}/{escape}");
            assert_eq!(get(agent, &format!("/files/read?path={path}")).status, 404, "{path}");
            assert_eq!(get(agent, &format!("/files/download?path={path}")).status, 404, "{path}");
        }
        assert_eq!(get(agent, &format!("/files/browse?path={name}/out")).status, 404);
        assert_eq!(get(agent, &format!("/files/download?path={name}")).status, 400, "a folder");
    }
    world.end().await;
}

/// Members and types of every older document are those that Mesos was seen to write; needs `EBB_CAPTURES`.
#[tokio::test]
async fn the_older_documents_have_the_shape_of_recorded_ones() {
    let Ok(folder) = std::env::var("EBB_CAPTURES") else {
        println!("skipped: needs EBB_CAPTURES to name a folder of recordings");
        return;
    };
    let text = std::fs::read(Path::new(&folder).join("3-tasks.json")).unwrap();
    let recordings: Vec<Value> = serde_json::from_slice(&text).unwrap();
    let world = World::start(1).await;
    let framework = busy(&world).await;
    let master = world.address(Who::Master).unwrap();
    let agent = world.address(NODE).unwrap();
    // What depends on settings and builds, and what a task or a role may have or not.
    let is_open = |path: &str| {
        let open = [
            ".flags",
            ".git_sha",
            ".git_branch",
            ".git_tag",
            ".cluster",
            ".log_dir",
            ".labels",
            ".network_infos",
            ".parent",
            ".type",
            ".allocated",
            ".offered",
            ".reserved",
            ".consumed",
            ".ports",
            ".rack",
        ];
        open.iter().any(|name| path.ends_with(name)) || path.starts_with("/metrics/snapshot.")
    };
    let mut differences = Vec::new();
    let mut compared = 0;
    for recording in &recordings {
        let line = recording["request"]["line"].as_str().unwrap();
        let Some(path) = line.strip_prefix("GET ").and_then(|rest| rest.split(' ').next()) else {
            continue;
        };
        let name = recording["name"].as_str().unwrap();
        let expected = &recording["response"]["body_json"];
        let skipped = ["containers", "monitor", "maintenance", "quota", "weights"];
        if !expected.is_object() || skipped.iter().any(|skipped| path.contains(skipped)) {
            continue;
        }
        let address = if name.starts_with("agent-") { agent } else { master };
        let got = document(address, path);
        let mut found = Vec::new();
        shape::compare(path, expected, &got, &is_open, &mut found);
        differences.extend(found.into_iter().map(|it| format!("{name}: {it}")));
        compared += 1;
    }
    drop(framework);
    assert!(compared >= 15, "only {compared} compared");
    assert!(differences.is_empty(), "{differences:#?}");
    world.end().await;
}
