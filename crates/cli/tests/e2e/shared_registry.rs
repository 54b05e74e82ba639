//! A registry in etcd from outside: backups from and to it, and who is let in.

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use cli::cluster::Who;
use cli::cluster::etcd::TlsFiles;
use daemon::clock::Clock;
use daemon::election::brief::{Brief, Taken};
use daemon::etcd::{Client, Patience};
use daemon::registry::etcd::WriteError;
use daemon::registry::{FencedWriter, Tenure, etcd};
use daemon::store::{StoreError, Write};
use master::leadership::{Deposed, Fence};
use tempfile::TempDir;

use crate::certificates::certificates;
use crate::masters::{Masters, redirect};
use crate::registry::said;
use crate::world::{NODE, World};

const PATIENCE: Patience = Patience { each: Duration::from_secs(10), all: Duration::from_secs(30) };

/// Runs `ebb registry …`.
fn registry(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ebb"))
        .arg("registry")
        .args(args)
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// The work directory of a stopped master that knows a drained agent, and its world.
async fn drained_world() -> (World, PathBuf) {
    let mut world = World::start(1).await;
    world.drain(NODE, None).await;
    world.drained(NODE).await;
    let work_dir = world.member(Who::Master).work_dir().to_owned();
    world.terminate(Who::Master).await.unwrap();
    (world, work_dir)
}

/// A registry goes from a work directory to etcd and back with nothing lost; masters that share it know what
/// it says; while one leads it can be read and not replaced.
#[tokio::test]
async fn a_registry_moves_to_etcd_and_back() {
    let Some(mut masters) = Masters::with(None, &[]).await else { return };
    let (world, work_dir) = drained_world().await;
    let dir = work_dir.to_str().unwrap();
    let url = masters.registry();
    let file = masters.path().join("backup");
    let file = file.to_str().unwrap();
    let error = said(1, &registry(&["show", "--registry", &url]));
    assert!(error.starts_with(&format!("error: there is no registry in {url}/ebb")), "{error}");

    said(0, &registry(&["export", "--work-dir", dir, file]));
    said(0, &registry(&["import", "--registry", &url, file]));
    let there = said(0, &registry(&["export", "--registry", &url]));
    assert_eq!(there, std::fs::read_to_string(file).unwrap());
    let error = said(1, &registry(&["import", "--registry", &url, file]));
    assert!(error.contains("is not empty (1 record); nothing was changed"), "{error}");
    said(0, &registry(&["import", "--registry", &url, file, "--force", "--yes"]));

    masters.add();
    masters.until("a master leads", |it| it.leader().is_some()).await;
    let leader = masters.peers[0].address;
    let error = said(1, &registry(&["import", "--registry", &url, file, "--force", "--yes"]));
    assert!(error.contains(&format!("the master at {leader} leads")), "{error}");
    let shown = registry(&["show", "--registry", &url]);
    let line = said(0, &shown);
    assert!(line.contains(" ADMITTED   DRAINED "), "{line}");
    let talk = String::from_utf8_lossy(&shown.stderr).into_owned();
    assert!(talk.starts_with(&format!("a snapshot of {url}/ebb at revision ")), "{talk}");
    let state = crate::http::post(leader, r#"{"type":"GET_AGENTS"}"#);
    assert!(state.body.contains(r#""state":"DRAINED""#), "{state:?}");

    let out = said(0, &registry(&["export", "--registry", &url]));
    std::fs::write(file, out).unwrap();
    let back = masters.path().join("back");
    said(0, &registry(&["import", "--work-dir", back.to_str().unwrap(), file]));
    let show = |dir: &str| said(0, &registry(&["show", "--work-dir", dir, "-o", "json"]));
    assert_eq!(show(back.to_str().unwrap()), show(dir));
    world.end().await;
}

/// A registry of a newer Ebb is refused by masters and commands, and stays as it is.
#[tokio::test]
async fn a_shared_registry_of_a_newer_ebb_is_refused() {
    let Some(masters) = Masters::with(None, &[]).await else { return };
    let backup = masters.path().join("backup");
    std::fs::write(&backup, "").unwrap();
    if Command::new("etcdctl").arg("version").output().is_err() {
        println!("skipped: needs etcdctl (Debian package etcd-client)");
        return;
    }
    put(&masters, "/ebb/registry/meta", "\u{8}\u{2}");
    let url = masters.registry();
    let flag = format!("--registry={url}");
    let master = Command::new(env!("CARGO_BIN_EXE_ebb"))
        .args(["master", "--port=0", &flag])
        .stdin(Stdio::null())
        .output()
        .unwrap();
    for output in [master, registry(&["show", &flag]), registry(&["export", &flag])] {
        let error = said(1, &output);
        let expected = "was written by a newer Ebb: its schema is 2, this one knows 1";
        assert!(error.contains(expected) && error.contains(&url), "{error}");
    }
}

fn put(masters: &Masters, key: &str, value: &str) {
    etcdctl(&masters.etcd.endpoints(), None, &["put", key, value]);
}

fn etcdctl(endpoints: &str, tls: Option<&TlsFiles>, args: &[&str]) {
    let mut command = Command::new("etcdctl");
    command.env("ETCDCTL_API", "3").args(["--endpoints", endpoints]);
    if let Some(tls) = tls {
        command.arg("--cacert").arg(&tls.ca).arg("--cert").arg(&tls.cert);
        command.arg("--key").arg(&tls.key);
    }
    let output = command.args(args).output().unwrap();
    assert!(output.status.success(), "{args:?}: {output:?}");
}

/// With TLS and users, who shows certificate and password leads and writes; who does not is told what is
/// missing.
#[tokio::test]
async fn tls_and_passwords_let_the_right_ones_in() {
    for (program, package) in [("etcdctl", "etcd-client"), ("openssl", "openssl")] {
        if Command::new(program).arg("version").output().is_err() {
            println!("skipped: needs {program} (Debian package {package})");
            return;
        }
    }
    let dir = TempDir::with_prefix("ebb-e2e-").unwrap();
    let tls = certificates(dir.path());
    let credential = |name: &str, secret: &str| {
        let file = dir.path().join(name);
        let json = format!(r#"{{"principal":"ebb","secret":"{secret}"}}"#);
        std::fs::write(&file, json).unwrap();
        format!("--registry-credential={}", file.display())
    };
    let (right, wrong) = (credential("right", "s3cret"), credential("wrong", "guess"));
    let files = [
        format!("--registry-ca-file={}", tls.ca.display()),
        format!("--registry-cert-file={}", tls.cert.display()),
        format!("--registry-key-file={}", tls.key.display()),
    ];
    let flags: Vec<String> = files.iter().cloned().chain([right.clone()]).collect();
    let Some(mut masters) = Masters::with(Some((dir, tls.clone())), &flags).await else { return };
    let endpoints = masters.etcd.endpoints();
    for args in [
        &["user", "add", "root:r00t"][..],
        &["user", "grant-role", "root", "root"],
        &["role", "add", "ebb"],
        &["role", "grant-permission", "ebb", "--prefix=true", "readwrite", "/ebb/"],
        &["user", "add", "ebb:s3cret"],
        &["user", "grant-role", "ebb", "ebb"],
        &["auth", "enable"],
    ] {
        etcdctl(&endpoints, Some(&tls), args);
    }
    masters.add();
    masters.add();
    masters.until("a master leads", |it| it.leader().is_some()).await;
    let world = masters.world(1).await;
    world.drain(NODE, None).await;
    world.drained(NODE).await;

    let url = format!("--registry={}", masters.registry());
    let base: Vec<&str> =
        ["show", &url].into_iter().chain(files.iter().map(String::as_str)).collect();
    let with = |more: &[&str]| registry(&[&base[..], more].concat());
    assert!(said(0, &with(&[&right])).contains("DRAINED"));
    let error = said(1, &with(&[&wrong]));
    assert!(error.contains("does not accept the user and password"), "{error}");
    assert!(!error.contains("guess"), "{error}");
    let error = said(1, &with(&[]));
    assert!(error.contains("wants credentials; give --registry-credential=FILE"), "{error}");
    let elsewhere = format!("{url}/elsewhere");
    let args: Vec<&str> =
        base.iter().map(|&arg| if arg == url { elsewhere.as_str() } else { arg }).collect();
    let error = said(1, &registry(&[&args[..], &[right.as_str()]].concat()));
    assert!(error.contains("does not let this user read and write below /elsewhere"), "{error}");
    let master = Command::new(env!("CARGO_BIN_EXE_ebb"))
        .args(["master", "--port=0", &url])
        .args(&files)
        .arg(&wrong)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let error = said(1, &master);
    assert!(error.contains("does not accept the user and password"), "{error}");
    world.end().await;
}

/// A master without any member of etcd serves, says so, and leads once they are there.
#[tokio::test]
async fn a_master_waits_for_an_etcd_that_is_not_there() {
    let Some(mut masters) = Masters::with(None, &[]).await else { return };
    (0..3).for_each(|member| masters.etcd.kill(member));
    masters.add();
    let master = masters.peers[0].address;
    let answer = crate::http::post(master, r#"{"type":"GET_AGENTS"}"#);
    assert_eq!(answer.status, 503, "{answer:?}");
    assert!(answer.body.starts_with("No master leads at the moment"), "{answer:?}");
    assert!(answer.body.contains(&masters.registry()), "{answer:?}");
    let complaints = masters.peers[0].log();
    assert!(
        complaints.contains("the registry does not answer; this master serves"),
        "{complaints}"
    );
    (0..3).for_each(|member| masters.etcd.restart(member).unwrap());
    masters.until("it leads", |_| redirect(master) == Some(master)).await;
}

fn far_tenure(clock: Clock) -> Tenure {
    let hour = Duration::from_hours(1);
    Tenure::new("etcd", clock.now().at.plus(hour), hour, clock.now().wall)
}

/// A write of an earlier leader, and one that comes after a later write of the same leader, is refused and
/// changes nothing. A batch of any size goes through.
#[tokio::test]
async fn a_write_that_comes_too_late_changes_nothing() {
    let Some(masters) = Masters::with(None, &[]).await else { return };
    let client = Client::new(masters.etcd.target().unwrap()).unwrap();
    let clock = Clock::start();
    let put = |key: &str, value: u8| Write::Put(key.to_owned(), vec![value]);
    let leader = |client: &Client| {
        let client = client.clone();
        async move { client.get("/ebb/leader", PATIENCE).await.unwrap().0.unwrap() }
    };

    let first = Brief::take(client.clone(), clock).await.unwrap();
    let old = Fence(leader(&client).await.create_revision);
    let (mut quick, mut late) = (first.writer().await.unwrap(), first.writer().await.unwrap());
    quick.commit(&[put("a", 1), put("b", 1), put("a", 2)], &[3]).await.unwrap();
    let refused = late.commit(&[put("a", 0), put("c", 0)], &[2]).await.unwrap_err();
    assert!(matches!(refused, WriteError::Broken(StoreError::Write { .. })), "{refused:?}");
    let many: Vec<Write> = (0..300).map(|n| put(&format!("many/{n:03}"), 7)).collect();
    quick.commit(&many, &[300]).await.unwrap();
    quick
        .commit(&[put("big", 0), Write::Put("big".to_owned(), vec![9; 1 << 20])], &[])
        .await
        .unwrap();
    first.give_back().await;
    let gone = quick.commit(&[put("a", 3)], &[1]).await.unwrap_err();
    assert!(matches!(gone, WriteError::Lost(Deposed::Resigned)), "{gone:?}");

    for led in [false, true] {
        let other =
            if led { Some(Brief::take(client.clone(), clock).await.unwrap()) } else { None };
        let writer = FencedWriter::begin(client.clone(), clock, old, far_tenure(clock));
        let refused = writer.await.unwrap().commit(&[put("a", 4)], &[1]).await.unwrap_err();
        assert!(matches!(refused, WriteError::Lost(Deposed::WriteRefused)), "{refused:?}");
        if let Some(other) = other {
            assert!(matches!(Brief::take(client.clone(), clock).await, Err(Taken::Led(None))));
            other.give_back().await;
        }
    }
    let (records, _) = etcd::load(&client).await.unwrap();
    let value =
        |key: &str| records.iter().find(|(found, _)| found == key).map(|(_, value)| value[0]);
    assert_eq!(
        (value("a"), value("b"), value("c"), value("big")),
        (Some(2), Some(1), None, Some(9))
    );
    assert_eq!(records.iter().filter(|(key, _)| key.starts_with("many/")).count(), 300);
    assert!(records.is_sorted());
}
