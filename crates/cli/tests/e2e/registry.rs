//! Backup and restore of a master's registry.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use cli::cluster::Who;
use wire::ebb::Reachability;
use wire::master::call::DrainAgent;

use crate::framework::Framework;
use crate::job::Job;
use crate::world::{NODE, OTHER_NODE, World};

fn registry(verb: &str, work_dir: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ebb"))
        .args(["registry", verb, "--work-dir"])
        .arg(work_dir)
        .args(more)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// What it wrote to stdout, or to stderr where it had to fail.
pub(crate) fn said(code: i32, output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
    text(if code == 0 { &output.stdout } else { &output.stderr })
}

/// A cluster with a drained agent and a service; its master is stopped. Where the master's registry is.
async fn drained_world() -> (World, PathBuf) {
    let mut world = World::start(2).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(OTHER_NODE, &[Job::obeying("web")]).await;
    let call = DrainAgent {
        agent_id: world.id(NODE).await,
        reason: Some("new disks".to_owned()),
        requested_by: Some("ada".to_owned()),
        ..DrainAgent::default()
    };
    world.api().drain_agent(call).await.unwrap();
    world.drained(NODE).await;
    let work_dir = world.member(Who::Master).work_dir().to_owned();
    world.terminate(Who::Master).await.unwrap();
    (world, work_dir)
}

/// A master that starts on a restored backup has the drain as it was, and the agents come back to it
/// under their ids, tasks untouched.
#[tokio::test]
async fn a_drain_survives_backup_and_restore() {
    let (mut world, work_dir) = drained_world().await;
    let (fresh, backup) = (world.path().join("fresh"), world.path().join("registry.backup"));
    let file = backup.to_str().unwrap();
    world.restart(Who::Master).await.unwrap();
    let before = world.has(NODE, Reachability::Registered).await;
    let pid = world.pid_of("web").await;
    // As after a crash: the file is not closed properly.
    world.kill(Who::Master).await.unwrap();

    said(0, &registry("export", &work_dir, &[file]));
    assert_eq!(backup.metadata().unwrap().permissions().mode() & 0o7777, 0o600);
    let table = said(0, &registry("show", &work_dir, &[]));
    let line = table.lines().find(|line| line.contains(&before.id.value)).unwrap();
    assert!(line.contains(" ADMITTED   DRAINED "), "{table}");
    said(0, &registry("import", &fresh, &[file]));
    let show = |dir: &Path| said(0, &registry("show", dir, &["-o", "json"]));
    assert_eq!(show(&fresh), show(&work_dir));

    world.set_flag(Who::Master, &format!("--work-dir={}", fresh.display()));
    world.restart(Who::Master).await.unwrap();
    let after = world.drained(NODE).await;
    world.has(NODE, Reachability::Registered).await;
    world.has(OTHER_NODE, Reachability::Registered).await;
    assert!(after.deactivated);
    assert_eq!((after.id, after.drain_info), (before.id, before.drain_info));
    let (old, new) = (before.drain.unwrap(), after.drain.unwrap());
    assert_eq!((new.generation, new.finished_at), (old.generation, old.finished_at));
    assert_eq!((new.reason, new.requested_by), (old.reason, old.requested_by));
    assert_eq!(world.pid_of("web").await, pid);
    assert!(world.processes_on(OTHER_NODE).iter().any(|process| process.pid == pid));
    world.end().await;
}

/// While a master runs, its registry can be neither read nor replaced, and the master goes on.
#[tokio::test]
async fn a_running_master_has_its_registry_to_itself() {
    let (mut world, work_dir) = drained_world().await;
    let backup = world.path().join("registry.backup");
    let file = backup.to_str().unwrap();
    said(0, &registry("export", &work_dir, &[file]));
    world.restart(Who::Master).await.unwrap();
    for (verb, more) in
        [("import", &[file, "--force", "--yes"][..]), ("export", &[]), ("show", &[])]
    {
        let error = said(1, &registry(verb, &work_dir, more));
        let expected = "error: a master is running on this work directory; stop it first\n";
        assert!(error.starts_with(expected), "{verb}: {error}");
    }
    world.drained(NODE).await;
    world.reactivate(NODE).await.unwrap();
    world.end().await;
}

/// A backup that was cut off after any of its lines is refused, and nothing is changed by it.
#[tokio::test]
async fn a_backup_cut_off_after_any_line_changes_nothing() {
    let (world, work_dir) = drained_world().await;
    let (fresh, cut) = (world.path().join("fresh"), world.path().join("cut"));
    let file = cut.to_str().unwrap();
    let whole = said(0, &registry("export", &work_dir, &["-"]));
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    // Header, two agents, a framework, the schema, the end.
    assert_eq!(lines.len(), 6, "{whole}");
    for kept in 0..lines.len() {
        std::fs::write(&cut, lines[..kept].concat()).unwrap();
        for target in [&fresh, &work_dir] {
            let error = said(1, &registry("import", target, &[file, "--force", "--yes"]));
            let expected = if kept == 0 { "it is empty" } else { "it is cut off" };
            assert!(error.contains(expected), "{kept} lines: {error}");
        }
    }
    assert!(!fresh.exists());
    assert_eq!(said(0, &registry("export", &work_dir, &[])), whole);
    world.end().await;
}
