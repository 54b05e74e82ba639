//! What containers use, as the agent tells monitoring tools.

use serde_json::Value;

use crate::framework::Framework;
use crate::http::{self, JSON};
use crate::job::Job;
use crate::world::{NODE, World};

fn get(world: &World, path: &str) -> http::Answer {
    http::send(world.address(NODE).unwrap(), "GET", path, &[("Accept", "*/*")], b"")
}

/// A command task's container shows its executor, pid, limits and use, in the API and at the older endpoints,
/// below `/slave(1)` as well, and its time never goes back.
#[tokio::test]
async fn the_use_of_containers_is_told() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ready_then("web", "exec sleep 1000")]).await;
    world.pid_of("web").await;
    let address = world.address(NODE).unwrap();

    let call = br#"{"type":"GET_CONTAINERS","get_containers":{"show_nested":true,"show_standalone":true}}"#;
    let answer = http::send(address, "POST", "/slave(1)/api/v1", JSON, call).json();
    assert_eq!(answer["type"], "GET_CONTAINERS");
    let containers = answer["get_containers"]["containers"].as_array().unwrap();
    assert_eq!(containers.len(), 1, "{answer}");
    let container = &containers[0];
    assert_eq!(container["executor_id"]["value"], "web");
    let id = &container["container_id"]["value"];
    assert_eq!(container["container_status"]["container_id"]["value"], *id);
    let pid = container["container_status"]["executor_pid"].as_u64().unwrap();
    assert!(std::path::Path::new(&format!("/proc/{pid}")).exists());
    let use_of = &container["resource_statistics"];
    // 0.1 and 16 MiB of the task, 0.1 and 32 MiB of its executor.
    assert_eq!(use_of["cpus_soft_limit"], 0.2, "{use_of}");
    assert_eq!(use_of["mem_limit_bytes"], 48 << 20, "{use_of}");
    assert!(use_of["processes"].as_u64().unwrap() >= 2, "{use_of}");
    assert!(use_of["mem_rss_bytes"].as_u64().unwrap() > 0, "{use_of}");
    let time = |value: &Value| {
        value["cpus_user_time_secs"].as_f64().unwrap()
            + value["cpus_system_time_secs"].as_f64().unwrap()
    };

    for path in ["/containers", "/slave(1)/containers", "/containers?framework_id=none"] {
        let answer = get(&world, path);
        assert_eq!(answer.status, 200, "{answer:?}");
        let answer = answer.json();
        if path.contains('?') {
            assert_eq!(answer, serde_json::json!([]));
            continue;
        }
        assert_eq!(answer[0]["container_id"], *id);
        assert_eq!(answer[0]["status"]["executor_pid"], pid);
        assert_eq!(answer[0]["source"], "web");
        assert!(time(&answer[0]["statistics"]) >= time(use_of));
    }
    assert_eq!(get(&world, "/containers?executor_id=web").status, 400);
    for path in ["/monitor/statistics", "/slave(1)/monitor/statistics.json"] {
        let answer = get(&world, path).json();
        assert_eq!(answer[0]["executor_id"], "web");
        assert!(answer[0].get("status").is_none(), "{answer}");
    }
    let script = get(&world, "/monitor/statistics?jsonp=shown");
    assert!(script.head.contains("text/javascript"), "{script:?}");
    assert!(script.body.starts_with("shown([") && script.body.ends_with("])"), "{script:?}");

    world.drain(NODE, None).await;
    world.drained(NODE).await;
    assert_eq!(get(&world, "/containers").json(), serde_json::json!([]));
    world.end().await;
}
