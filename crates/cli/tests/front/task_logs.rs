//! `dcos task log`.

use std::io::BufReader;

use wire::v1::TaskState;

use crate::client::{Dcos, read_chunk, read_head};
use crate::framework::Framework;
use crate::job::Job;
use crate::world::{NODE, World};

/// The last lines of a task's output are printed as they are, while it runs and after.
///
/// Row: log of a task.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_lines_of_a_task_are_shown() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let dcos = Dcos::of(&world);
    let script = "seq 1 30; echo oops >&2; exec sleep 1000";
    framework.run(NODE, &[Job::shell("web.1", script)]).await;
    let url = |rest: &str| format!("/system/v1/logs/v2/task/web.1/file/{rest}");
    let tail =
        |file: &str, query: &str| dcos.get_as(&url(&format!("{file}?{query}")), "text/plain");

    world
        .until("the task has written", async || {
            let answer = tail("stdout", "cursor=END&skip=-3");
            (answer.text() == "28\n29\n30\n").then_some(())
        })
        .await;
    world
        .until("it has complained", async || {
            (tail("stderr", "cursor=END&skip=-10").text() == "oops\n").then_some(())
        })
        .await;
    let entries = dcos.get_as(&url("stdout?cursor=END&skip=-2"), "application/json").text();
    let entries: Vec<serde_json::Value> =
        entries.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(entries.len(), 2);
    assert_eq!(entries[1]["fields"]["MESSAGE"], "30");
    for name in ["cursor", "realtime_timestamp", "monotonic_timestamp"] {
        assert!(!entries[1][name].is_null(), "{}", entries[1]);
    }

    framework.kill("web.1", None).await;
    framework.reaches("web.1", TaskState::TaskKilled).await;
    assert_eq!(tail("stdout", "cursor=END&skip=-1").text(), "30\n");
    dcos.replayed("log of a task");
    world.end().await;
}

/// Output that is followed arrives as it is written.
#[tokio::test(flavor = "multi_thread")]
async fn a_tasks_output_is_followed() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let script =
        "echo first; until [ -e $OUT/go ]; do sleep 0.05; done; echo second; exec sleep 1000";
    framework.run(NODE, &[Job::ready_then("web", script)]).await;
    world.pid_of("web").await;
    let dcos = Dcos::of(&world);
    let path = "/system/v1/logs/v2/task/web/file/stdout?cursor=BEG";
    let stream = dcos.begin("GET", path, &["Accept: text/event-stream"], Some(0));
    let mut reader = BufReader::new(stream);
    let head = read_head(&mut reader);
    assert_eq!((head.status, head.header("Content-Type")), (200, Some("text/event-stream")));
    let mut text = String::new();
    let mut until = |wanted: &str| {
        while !text.contains(wanted) {
            text.push_str(&String::from_utf8(read_chunk(&mut reader).unwrap()).unwrap());
        }
    };
    until(r#""MESSAGE":"first""#);
    std::fs::write(world.out().join("go"), "").unwrap();
    until(r#""MESSAGE":"second""#);
    world.end().await;
}

/// What is not there is said to be missing, and no path leads out of a sandbox.
#[tokio::test(flavor = "multi_thread")]
async fn logs_that_are_not_there_are_refused() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let dcos = Dcos::of(&world);
    let asked = |task: &str, file: &str| {
        dcos.get_as(&format!("/system/v1/logs/v2/task/{task}/file/{file}"), "text/plain").status
    };
    assert_eq!(asked("web", "stdout"), 200);
    assert_eq!(asked("no-such", "stdout"), 404);
    assert_eq!(asked("web", "no-such"), 404);
    assert_eq!(asked("web", "%2e%2e/%2e%2e/latest/stdout"), 400);
    assert_eq!(asked("web", "stdout?skip=x"), 400);
    world.end().await;
}
