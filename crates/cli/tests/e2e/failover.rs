//! Several masters on etcd: who leads, and what is left of a cluster when a leader or members of etcd go.

use std::net::SocketAddr;

use cli::cluster::Who;
use rustix::process::Signal;
use wire::ebb::Reachability;
use wire::v1::{DrainState, TaskState};

use crate::framework::{Acks, Framework, state};
use crate::http::{self, Answer, JSON};
use crate::job::Job;
use crate::masters::{Masters, header, location, redirect};
use crate::world::{NODE, World};

const SINCE: &str = daemon::http::REGISTRY_UNAVAILABLE_SINCE;

fn get(address: SocketAddr, path: &str) -> Answer {
    http::send(address, "GET", path, &[], b"")
}

fn own_master(world: &World) -> SocketAddr {
    world.address(Who::Master).unwrap()
}

/// Asks a master, whoever it is, without following it elsewhere.
async fn drain_at(address: SocketAddr, world: &World) -> Answer {
    let agent = world.id(NODE).await.value;
    let call =
        format!(r#"{{"type":"DRAIN_AGENT","drain_agent":{{"agent_id":{{"value":"{agent}"}}}}}}"#);
    tokio::task::spawn_blocking(move || http::post(address, &call)).await.unwrap()
}

/// Drains through whoever leads, as soon as somebody can.
async fn drain_when_possible(world: &World) {
    let agent_id = world.id(NODE).await;
    world
        .until("a drain is accepted", async || {
            let agent_id = agent_id.clone();
            let call = wire::master::call::DrainAgent { agent_id, ..Default::default() };
            world.api().drain_agent(call).await.ok()
        })
        .await;
}

async fn reactivate_when_possible(world: &World) {
    world.until("the agent is reactivated", async || world.reactivate(NODE).await.ok()).await;
}

/// Everybody names the leader; followers send callers of every API there, as they asked, and answer for
/// themselves what is about themselves.
#[tokio::test]
async fn followers_redirect_to_the_leader() {
    let Some(masters) = Masters::start(2).await else { return };
    let world = masters.world(1).await;
    let (leader, follower) = (masters.peers[0].address, masters.peers[1].address);
    for master in [leader, follower, own_master(&world)] {
        world.until("it knows the leader", async || redirect(master)).await;
        for path in ["/redirect", "/master/redirect"] {
            let answer = get(master, path);
            assert_eq!((answer.status, &*answer.body), (307, ""));
            assert_eq!(location(&answer), Some(format!("//{leader}").as_str()));
        }
        assert_eq!(get(master, "/health").status, 200);
        assert_eq!(get(master, "/master/version").json()["version"], "1.12.0");
    }
    for path in ["/api/v1", "/master/api/v1?a=b%20c", "/api/v1/scheduler", "/ebb/v1/link"] {
        let answer = http::send(follower, "POST", path, JSON, br#"{"type":"GET_HEALTH"}"#);
        assert_eq!(answer.status, 307, "{answer:?}");
        assert_eq!(location(&answer), Some(format!("//{leader}{path}").as_str()));
    }
    assert_eq!(get(follower, "/nothing").status, 404);
    // The front of DC/OS is that of the cluster: its clients keep no token, and no stream, across a redirect.
    let agent = world.has(NODE, Reachability::Registered).await.id.value;
    for path in ["/mesos/api/v1".to_owned(), format!("/agent/{agent}/api/v1")] {
        let answer = http::send(follower, "POST", &path, JSON, br#"{"type":"GET_FLAGS"}"#);
        assert_eq!((answer.status, &answer.json()["type"]), (200, &"GET_FLAGS".into()));
    }
    let answer = get(follower, "/mesos_dns/v1/hosts/leader.mesos");
    assert_eq!(
        (answer.status, answer.json()),
        (200, get(leader, "/mesos_dns/v1/hosts/leader.mesos").json())
    );
    let answer = http::post(leader, r#"{"type":"GET_MASTER"}"#).json();
    let master = &answer["get_master"];
    assert_eq!(master["master_info"]["port"], leader.port());
    assert!(master["elected_time"].as_f64() > master["start_time"].as_f64(), "{master}");
    world.has(NODE, Reachability::Registered).await;
    world.end().await;
}

/// A leader that dies in a drain is followed by one that knows the drain and finishes it.
#[tokio::test]
async fn a_drain_outlives_its_leader() {
    let Some(mut masters) = Masters::start(2).await else { return };
    let world = masters.world(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let before = world.id(NODE).await;
    framework.acknowledge_only(Acks::NotTerminal);
    world.drain(NODE, None).await;
    framework.outcome("web").await;

    let old = masters.peers[0].address;
    masters.peers[0].kill();
    masters.until("another leads", |it| it.leader().is_some_and(|leader| leader != old)).await;
    let node = world.has(NODE, Reachability::Registered).await;
    assert_eq!(node.id, before);
    assert_eq!(node.state(), Some(DrainState::Draining));
    let framework = framework.resubscribe(&world).await;
    framework.acknowledge_only(Acks::All);
    let end = framework.outcome("web").await;
    assert_eq!(state(&end), TaskState::TaskKilled);
    framework.scheduler().acknowledge(&end).await.unwrap();
    let node = world.drained(NODE).await;
    assert_eq!(node.drain.unwrap().generation, Some(1));
    assert_eq!(world.processes(), []);
    world.end().await;
}

/// A leader that is told to stop gives the leadership back: nobody waits for its lease to end.
#[tokio::test]
async fn a_leader_that_stops_is_followed_at_once() {
    let Some(mut masters) = Masters::start(2).await else { return };
    masters.peers[0].signal(Signal::TERM);
    let other = masters.peers[1].address;
    masters.until("the other leads", |_| redirect(other) == Some(other)).await;
    let log = masters.peers[0].log();
    assert!(log.contains("this master gives the leadership back"), "{log}");
    assert!(!log.contains("the lease was not given back"), "{log}");
}

/// The loss of one member of etcd is not noticed: the leader goes on to lead and to write.
#[tokio::test]
async fn the_loss_of_one_member_of_etcd_is_not_noticed() {
    let Some(mut masters) = Masters::start(1).await else { return };
    let world = masters.world(1).await;
    let leader = masters.peers[0].address;
    for member in 0..3 {
        masters.etcd.kill(member);
        drain_when_possible(&world).await;
        world.drained(NODE).await;
        reactivate_when_possible(&world).await;
        assert_eq!(redirect(own_master(&world)), Some(leader));
        masters.etcd.restart(member).unwrap();
        masters.etcd.serves().await.unwrap();
    }
    let log = masters.peers[0].log();
    assert!(!log.contains("does not lead any more"), "{log}");
    assert!(!log.contains("disconnected"), "{log}");
    world.end().await;
}

/// Without a majority of etcd nothing can be changed, and callers are told so; what is there can be read,
/// tasks run on, and everything goes on with the majority.
#[tokio::test]
async fn without_a_majority_of_etcd_the_cluster_stands_still_and_goes_on() {
    let Some(mut masters) = Masters::start(1).await else { return };
    let world = masters.world(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    let leader = masters.peers[0].address;
    let web = world.watch("web").await;
    masters.etcd.kill(0);
    masters.etcd.kill(1);

    let refused = drain_at(leader, &world).await;
    assert_eq!(refused.status, 503, "{refused:?}");
    assert!(refused.body.contains("has not answered this master since"), "{refused:?}");
    assert!(refused.body.contains(&masters.registry()), "{refused:?}");
    // The first one may have been on its way; from now on nothing is even begun.
    world
        .until("the leader holds", async || {
            let refused = drain_at(leader, &world).await;
            assert_eq!(refused.status, 503, "{refused:?}");
            refused.body.contains("Nothing was changed by this call").then_some(())
        })
        .await;
    let read = http::post(leader, r#"{"type":"GET_AGENTS"}"#);
    assert_eq!(read.status, 200);
    let since = header(&read, SINCE).unwrap();
    assert!(since.len() == 20 && since.ends_with('Z'), "{since}");
    assert_eq!(read.json()["get_agents"]["agents"][0]["agent_info"]["hostname"], NODE.name());
    assert_eq!(get(leader, "/health").status, 200);
    assert!(!web.has_ended());

    masters.etcd.restart(0).unwrap();
    masters.etcd.restart(1).unwrap();
    masters.etcd.serves().await.unwrap();
    drain_when_possible(&world).await;
    let framework = framework.resubscribe(&world).await;
    let end = framework.outcome("web").await;
    assert_eq!(state(&end), TaskState::TaskKilled);
    // It may have been told on the stream before.
    framework.scheduler().acknowledge(&end).await.unwrap();
    world.drained(NODE).await;
    web.ended().await;
    let read = http::post(redirect(leader).unwrap(), r#"{"type":"GET_AGENTS"}"#);
    assert_eq!(header(&read, SINCE), None);
    world.end().await;
}

/// A leader that was stopped past its lease finds another one leading when it goes on: it steps down,
/// redirects, and nothing that it was asked meanwhile has happened.
#[tokio::test]
async fn a_leader_that_was_frozen_past_its_lease_changes_nothing() {
    let Some(masters) = Masters::start(2).await else { return };
    let world = masters.world(1).await;
    let (old, other) = (masters.peers[0].address, masters.peers[1].address);
    let agent = world.id(NODE).await;
    masters.peers[0].signal(Signal::STOP);
    let asked = {
        let call = format!(
            r#"{{"type":"DRAIN_AGENT","drain_agent":{{"agent_id":{{"value":"{}"}}}}}}"#,
            agent.value
        );
        tokio::task::spawn_blocking(move || http::post(old, &call))
    };
    let new = world
        .until("another leads", async || redirect(other).filter(|leader| *leader != old))
        .await;

    masters.peers[0].signal(Signal::CONT);
    let answer = asked.await.unwrap();
    assert!([503, 307].contains(&answer.status), "{answer:?}");
    world.until("it redirects", async || (redirect(old) == Some(new)).then_some(())).await;
    let node = world.has(NODE, Reachability::Registered).await;
    assert_eq!((node.state(), node.deactivated), (None, false));
    let log = masters.peers[0].log();
    assert!(log.contains("this master does not lead any more"), "{log}");
    assert!(!log.contains("drain started"), "{log}");

    world.end().await;
}
