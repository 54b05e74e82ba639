//! Agents find the leader, and have no other link than the one to it.

use std::time::Duration;

use crate::agent::Agent;
use crate::played::{Master, Role, until};

fn urls(masters: &[&Master]) -> Vec<String> {
    masters.iter().map(|master| master.url.clone()).collect()
}

/// An agent that knows a follower only is led to the leader, shows its credentials there, and sends its
/// batches straight to it.
#[tokio::test(flavor = "multi_thread")]
async fn batches_go_straight_to_the_leader() {
    let leader = Master::start(Role::Leads).await;
    let follower = Master::start(Role::Redirects(leader.location())).await;
    let agent = Agent::start(urls(&[&follower]));
    until("the agent is registered", || leader.open_links() == 1).await;
    assert_eq!(leader.seen().authorization, follower.seen().authorization);
    assert!(leader.seen().authorization.unwrap().starts_with("Basic "));
    leader.ping();
    until("the ping is answered", || leader.seen().batches > 0).await;
    assert_eq!((follower.seen().greetings, follower.seen().batches), (1, 0));
    agent.stop().await;
}

/// When the leader is gone, the agent is registered at the next one within ten seconds, though the others
/// knew of none for a while and one of them is not there at all; and the only link is the one to it.
#[tokio::test(flavor = "multi_thread")]
async fn a_new_leader_has_its_agents_back_soon() {
    let a = Master::start(Role::Leads).await;
    let b = Master::start(Role::Redirects(a.location())).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let dead = format!("http://{}", free.local_addr().unwrap());
    drop(free);
    let agent = Agent::start([urls(&[&a, &b]), vec![dead]].concat());
    until("the agent is registered", || a.open_links() == 1).await;

    a.set(Role::KnowsNoLeader);
    b.set(Role::KnowsNoLeader);
    let before = a.seen().greetings + b.seen().greetings;
    a.close_links();
    until("the agent looks for a leader", || a.seen().greetings + b.seen().greetings >= before + 4)
        .await;
    a.set(Role::Redirects(b.location()));
    b.set(Role::Leads);
    until("the agent is registered again", || b.open_links() == 1).await;
    assert_eq!(a.open_links(), 0);
    agent.stop().await;
}

/// A leader that falls silent loses the agent to the next one: the old link is closed, and nothing is
/// sent over it any more.
#[tokio::test(flavor = "multi_thread")]
async fn there_is_never_a_second_link() {
    let a = Master::start(Role::Leads).await;
    let b = Master::start(Role::Redirects(a.location())).await;
    a.set_ping_timeout(Duration::from_secs(1));
    let agent = Agent::start(urls(&[&a, &b]));
    until("the agent is registered", || a.open_links() == 1).await;
    b.set(Role::Leads);
    a.set(Role::KnowsNoLeader);
    until("the agent went over", || b.open_links() == 1 && a.open_links() == 0).await;
    let before = a.seen().batches;
    b.ping();
    until("the ping is answered", || b.seen().batches > 0).await;
    assert_eq!(a.seen().batches, before);
    agent.stop().await;
}

/// A leader whose host is lost, or that is cut off, says nothing any more and closes nothing: the agent hears
/// of the new one from the others, long before the ping timeout. The same leader under another name is
/// no reason to go.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_leader_is_left_when_another_leads() {
    let a = Master::start(Role::Leads).await;
    let b = Master::start(Role::Redirects(a.location())).await;
    a.set_ping_timeout(Duration::from_secs(6));
    let port = a.address().rsplit(':').next().unwrap();
    for master in [&a, &b] {
        master.names(&format!("localhost:{port}"));
    }
    let agent = Agent::start(urls(&[&a, &b]));
    until("the agent is registered", || a.open_links() == 1).await;
    let greetings = a.seen().greetings + b.seen().greetings;
    for _ in 0..2 {
        let asked = b.seen().questions;
        a.ping();
        until("the agent asks who leads", || b.seen().questions > asked).await;
    }
    assert_eq!(a.seen().greetings + b.seen().greetings, greetings, "it stayed where it was");

    a.ping();
    let begun = tokio::time::Instant::now();
    b.names(b.address());
    b.set(Role::Leads);
    until("the agent went over", || b.open_links() == 1).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    agent.stop().await;
}

/// Masters that redirect in a circle, nowhere, or to another scheme are asked again later and not more
/// often for it; nobody else hears the credentials; and the first that leads gets the link.
#[tokio::test(flavor = "multi_thread")]
async fn wrong_redirects_do_no_harm() {
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    other.set_nonblocking(true).unwrap();
    let elsewhere = format!("https://{}/ebb/v1/link", other.local_addr().unwrap());
    let a = Master::start(Role::KnowsNoLeader).await;
    let b = Master::start(Role::Redirects(a.location())).await;
    a.set(Role::Redirects(b.location()));
    let c = Master::start(Role::Redirects(elsewhere)).await;
    let d = Master::start(Role::Redirects("nonsense".to_owned())).await;
    let agent = Agent::start(urls(&[&a, &b, &c, &d]));
    until("two rounds are over", || c.seen().greetings >= 2 && d.seen().greetings >= 2).await;
    // Two of a round came by redirect. The third round may have begun.
    assert!(a.seen().greetings <= 3 * 2 && b.seen().greetings <= 3 * 2, "{:?}", a.seen());
    assert!(c.seen().greetings <= 3 && d.seen().greetings <= 3, "{:?}", c.seen());
    let heard = other.accept().unwrap_err();
    assert_eq!(heard.kind(), std::io::ErrorKind::WouldBlock);
    c.set(Role::Leads);
    until("the agent is registered", || c.open_links() == 1).await;
    agent.stop().await;
}
