//! Agents and commands that are given several masters, when the one that leads is lost.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use bytes::Bytes;
use cli::cluster::Who;
use daemon::http::client::Client;
use wire::ebb::Reachability;

use crate::masters::Masters;
use crate::processes;
use crate::world::{NODE, OTHER_NODE, PATIENCE, World};

const EBB: &str = env!("CARGO_BIN_EXE_ebb");

/// A process of the test's own, ended with it.
struct Own(Child);

impl Drop for Own {
    fn drop(&mut self) {
        // It may have ended.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn agent(number: usize, masters: &str, dir: &Path) -> Own {
    let child = Command::new(EBB)
        .args(["agent", "--port=0", "--resources=cpus:2;mem:512;disk:64", "--master", masters])
        .arg(format!("--hostname=node-{number}"))
        .arg(format!("--work-dir={}", dir.join(format!("agent-{number}")).display()))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(dir.join(format!("agent-{number}.log"))).unwrap())
        .spawn();
    Own(child.unwrap())
}

fn ebb(masters: &str, args: &[&str]) -> Output {
    Command::new(EBB).args(["--master", masters]).args(args).stdin(Stdio::null()).output().unwrap()
}

/// Lines of a command's output with `word` in them.
fn count(masters: &str, args: &[&str], word: &str) -> usize {
    let output = ebb(masters, args);
    String::from_utf8_lossy(&output.stdout).lines().filter(|line| line.contains(word)).count()
}

/// After a `kill -9` of the leader all agents are back within ten seconds of the next one, a command finds it
/// by all addresses and by that of one follower, and `ebb task run` follows its tasks to their end.
#[tokio::test]
async fn who_knows_all_masters_outlives_the_leader() {
    let Some(mut masters) = Masters::start(3).await else { return };
    let dir = masters.path().to_owned();
    let addresses: Vec<String> =
        masters.peers.iter().map(|peer| peer.address.to_string()).collect();
    let all = addresses.join(",");
    let _agents: Vec<Own> = (1..=3).map(|number| agent(number, &all, &dir)).collect();
    masters.until("three agents", |_| count(&all, &["node", "list"], "ACTIVE") == 3).await;
    let sign = dir.join("sign");
    let said = dir.join("run.log");
    let line = format!("until [ -e {} ]; do sleep 0.1; done", sign.display());
    let run = Command::new(EBB)
        .args(["--master", &all, "task", "run", "--name", "web", "--instances", "3"])
        .args(["--shell", &line])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(File::create(&said).unwrap())
        .spawn();
    let mut run = Own(run.unwrap());
    masters.until("three tasks", |_| count(&all, &["task", "list"], "RUNNING") == 3).await;

    let old = masters.peers[0].address;
    masters.peers[0].kill();
    masters.until("another leads", |it| it.leader().is_some_and(|leader| leader != old)).await;
    let led = Instant::now();
    masters.until("the agents are back", |_| count(&all, &["node", "list"], "ACTIVE") == 3).await;
    assert!(led.elapsed() <= Duration::from_secs(10), "{:?}", led.elapsed());
    let leader = masters.leader().unwrap().to_string();
    let follower = addresses[1..].iter().find(|address| **address != leader).unwrap();
    assert_eq!(count(follower, &["task", "list"], "RUNNING"), 3);

    std::fs::write(&sign, "").unwrap();
    let mut ended = None;
    masters
        .until("the run ends", |_| {
            ended = run.0.try_wait().unwrap();
            ended.is_some()
        })
        .await;
    let status = ended.unwrap();
    let said = std::fs::read_to_string(&said).unwrap();
    assert!(status.success(), "{said}");
    assert!(said.contains("; looking for the one that leads"), "{said}");
    assert!(said.contains("3 FINISHED"), "{said}");
}

/// Detached tasks on an agent that is not back yet after a restart of the master run on, although the last
/// task that the master knows of has ended.
#[tokio::test]
async fn detached_tasks_of_an_agent_that_is_away_are_not_given_up() {
    let mut world = World::start(2).await;
    let url = world.master_url();
    // Each node has room for one.
    let run = ["task", "run", "--name", "web", "--instances", "2", "--cpus", "3", "--detach"];
    let output = ebb(&url, &[&run[..], &["--", "sleep", "1000"]].concat());
    assert!(output.status.success(), "{output:?}");
    let sleeping = |who| {
        let here = world.processes_on(who).into_iter();
        here.filter(|process| process.command.starts_with("sleep "))
            .map(|process| process.pid)
            .next()
    };
    let (web, other) = (sleeping(NODE).unwrap(), sleeping(OTHER_NODE).unwrap());

    world.kill(OTHER_NODE).await.unwrap();
    world.kill(Who::Master).await.unwrap();
    world.restart(Who::Master).await.unwrap();
    world.has(NODE, Reachability::Registered).await;
    let tasks = ["task", "list", "--all"];
    world
        .until("the first task is known", async || {
            (count(&url, &tasks, "RUNNING") == 1).then_some(())
        })
        .await;
    processes::kill(web);
    world
        .until("its end is acknowledged", async || {
            let tasks = world.api().tasks().await.ok()?;
            (tasks.completed_tasks.len() == 1).then_some(())
        })
        .await;
    world.restart(OTHER_NODE).await.unwrap();
    world.has(OTHER_NODE, Reachability::Registered).await;
    world
        .until("the other task is known", async || {
            (count(&url, &tasks, "RUNNING") == 1).then_some(())
        })
        .await;
    assert!(processes::runs(other));

    let output = ebb(&url, &["task", "kill", "web-"]);
    assert!(output.status.success(), "{output:?}");
    assert!(!processes::runs(other));
    world.end().await;
}

/// A greeting of any size is answered by a follower, not broken off.
#[tokio::test]
async fn large_greetings_are_redirected_whole() {
    let Some(masters) = Masters::start(2).await else { return };
    let (leader, follower) = (masters.peers[0].address, masters.peers[1].address);
    let client = Client::new(None);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let url = format!("http://{follower}/ebb/v1/link");
        let protobuf = wire::media::MediaType::Protobuf.name();
        let body = Bytes::from(vec![0; 32 << 20]);
        let answer = client.post(&url, protobuf, protobuf, &[], body).await.unwrap();
        // Zeros are no greeting: the leader says so, once the follower knows who leads.
        if answer.response.status() == 400 {
            assert_eq!(answer.url, format!("http://{leader}/ebb/v1/link"));
            break;
        }
        assert_eq!(answer.response.status(), 503);
        assert!(Instant::now() < deadline, "the follower does not know the leader");
    }
}
