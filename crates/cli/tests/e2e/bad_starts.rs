//! Daemons that cannot start: they say what is wrong and end, and harm nobody.

use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;

use cli::cluster::Who;

use crate::framework::Framework;
use crate::job::Job;
use crate::world::{NODE, PATIENCE, World};

/// Runs `ebb` until it ends by itself; its exit code and what it wrote.
async fn ebb(arguments: &[String]) -> (Option<i32>, String) {
    let child = tokio::process::Command::new(env!("CARGO_BIN_EXE_ebb"))
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let output = tokio::time::timeout(PATIENCE, child.wait_with_output())
        .await
        .unwrap_or_else(|_| panic!("`ebb {}` did not end", arguments.join(" ")))
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8_lossy(&text).into_owned())
}

fn arguments(daemon: &str, work_dir: &Path, more: &[&str]) -> Vec<String> {
    let work_dir = format!("--work-dir={}", work_dir.display());
    let more = more.iter().map(|&text| text.to_owned());
    [daemon.to_owned(), work_dir].into_iter().chain(more).collect()
}

/// A port that is taken is named, with what to do about it, by master and agent.
#[tokio::test]
async fn a_port_in_use_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let flag = format!("--port={port}");
    for (daemon, more) in
        [("master", vec![flag.as_str()]), ("agent", vec![flag.as_str(), "--master=127.0.0.1:1"])]
    {
        let (code, text) = ebb(&arguments(daemon, &dir.path().join(daemon), &more)).await;
        assert_eq!(code, Some(1), "{daemon}: {text}");
        assert!(text.contains(&format!("port {port} on 127.0.0.1 is in use")), "{daemon}: {text}");
        assert!(text.contains("--port"), "{daemon}: {text}");
        assert!(!text.contains("panicked"), "{daemon}: {text}");
    }
}

/// A work directory belongs to one process at a time: a second master or agent on it is refused, and the
/// first one goes on.
#[tokio::test]
async fn a_work_directory_in_use_is_refused() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let master = world.master_url();
    let master = format!("--master={master}");
    for (daemon, who, more) in [
        ("master", Who::Master, vec!["--port=0"]),
        ("agent", NODE, vec!["--port=0", master.as_str()]),
    ] {
        let (code, text) = ebb(&arguments(daemon, world.member(who).work_dir(), &more)).await;
        assert_eq!(code, Some(1), "{daemon}: {text}");
        assert!(text.contains("in use by another process"), "{daemon}: {text}");
    }
    framework.run(NODE, &[Job::obeying("web")]).await;
    world.end().await;
}

/// A work directory that cannot be one is named.
#[tokio::test]
async fn a_work_directory_that_cannot_be_used_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("file");
    std::fs::write(&file, "not a folder").unwrap();
    for (daemon, more) in
        [("master", vec!["--port=0"]), ("agent", vec!["--port=0", "--master=127.0.0.1:1"])]
    {
        let (code, text) = ebb(&arguments(daemon, &file, &more)).await;
        assert_eq!(code, Some(1), "{daemon}: {text}");
        assert!(text.contains(&file.display().to_string()), "{daemon}: {text}");
        assert!(!text.contains("panicked"), "{daemon}: {text}");
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "not a folder");
}

/// A registry or a checkpoint file with something else in it is refused by name and left as it is.
#[tokio::test]
async fn a_file_that_is_no_store_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    for (daemon, path, more) in [
        ("master", "registry.redb", vec!["--port=0"]),
        ("agent", "meta/agent.redb", vec!["--port=0", "--master=127.0.0.1:1"]),
    ] {
        let work_dir = dir.path().join(daemon);
        let file = work_dir.join(path);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        let garbage = "this is no database ".repeat(1000);
        std::fs::write(&file, &garbage).unwrap();
        let (code, text) = ebb(&arguments(daemon, &work_dir, &more)).await;
        assert_eq!(code, Some(1), "{daemon}: {text}");
        assert!(text.contains(&file.display().to_string()), "{daemon}: {text}");
        assert!(!text.contains("panicked"), "{daemon}: {text}");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), garbage, "{daemon}");
    }
}

/// Without what it needs, or with what it does not know, a daemon does not start, and says which flag
/// it is about.
#[tokio::test]
async fn wrong_flags_are_refused_by_name() {
    let dir = tempfile::tempdir().unwrap();
    let work_dir = dir.path().join("work");
    for (daemon, more, named) in [
        ("agent", vec!["--port=0"], "--master"),
        ("master", vec!["--port=0", "--no-such-flag=1"], "no-such-flag"),
        ("master", vec!["--port=nine"], "port"),
        ("master", vec!["--agent-ping-timeout=-1secs"], "agent-ping-timeout"),
        ("agent", vec!["--master=127.0.0.1:1", "--resources=cpus:many"], "resources"),
        ("master", vec!["--ip=0.0.0.0", "--port=0"], "--insecure"),
    ] {
        let (code, text) = ebb(&arguments(daemon, &work_dir, &more)).await;
        assert_eq!(code, Some(2), "{daemon} {more:?}: {text}");
        assert!(text.contains(named), "{daemon} {more:?}: {text}");
    }
    assert!(!work_dir.exists(), "nothing was begun");
}
