//! Reads beside writes, on a real core with a registry of its own.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

use axum::http::HeaderMap;
use http_body_util::BodyExt as _;
use master::{Config, Event, Mutation, OverlayRequest};
use model::{AgentId, Timestamp};
use tokio::task::JoinSet;
use wire::field;
use wire::master::Response as Answer;
use wire::v1::AgentInfo;

use super::*;
use crate::clock::Clock;
use crate::driver::Driver;
use crate::master::outbox::{Hub, MasterOutbox};
use crate::store::Store;
use wire::compose::Sink as _;

const QUESTION: Question = Question { name: "TEST", media: MediaType::Json, gzip: false };

struct World {
    reads: Reads,
    mailbox: Mailbox<Master>,
    hub: Arc<Hub>,
    _dir: tempfile::TempDir,
}

fn id(number: usize) -> AgentId {
    AgentId::new(format!("agent-{number}"))
}

fn record(number: usize) -> Mutation {
    let id = Some(id(number).to_wire());
    Mutation::SetAgent(Box::new(wire::registry::AgentRecord {
        agent_id: id.clone(),
        info: Some(AgentInfo { id, hostname: format!("h{number}"), ..AgentInfo::default() }),
        admission: Some(wire::registry::Admission::Admitted.into()),
        registered_at: Some(Timestamp(1).to_wire()),
        ..Default::default()
    }))
}

impl World {
    /// A master that knows `agents` agents.
    fn new(agents: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("registry")).unwrap();
        let clock = Clock::start();
        let core =
            Master::recover(Config::default(), (0..agents).map(record), clock.now()).unwrap();
        let hub = Arc::new(Hub::default());
        let outbox = MasterOutbox { hub: hub.clone(), counters: Arc::default() };
        let (driver, mailbox) = Driver::new(core, store, clock, |_| outbox);
        drop(driver.spawn("master-core").unwrap());
        Self { reads: Reads::new(mailbox.clone()), mailbox, hub, _dir: dir }
    }

    /// Takes an agent out of service or back, and waits for the answer.
    async fn set(&self, number: usize, is_deactivated: bool) {
        let (request, reply) = self.hub.request();
        let (agent, overlay) = (id(number), OverlayRequest::default());
        self.mailbox
            .send(if is_deactivated {
                Event::DeactivateAgent { request, agent, overlay }
            } else {
                Event::ReactivateAgent { request, agent }
            })
            .await
            .unwrap();
        reply.await.unwrap().unwrap();
    }

    /// Whether `GET_AGENTS` shows the agent out of service.
    async fn shows(&self, number: usize) -> bool {
        let write = |core: &Snapshot, it: &mut Composer<'_>| {
            it.section(field!(Answer, "get_agents"), |it| core.write_agents(it));
        };
        let media = MediaType::Protobuf;
        let headers = HeaderMap::new();
        let answer = self.reads.message::<Answer>(&headers, "GET_AGENTS", media, write).await;
        let body = answer.unwrap().into_body().collect().await.unwrap().to_bytes();
        let answer: Answer = wire::media::decode(media, &body).unwrap();
        let agents = answer.get_agents.unwrap().absent_agents;
        let wanted = Some(id(number).to_wire());
        let is_wanted = |agent: &&wire::ebb::AbsentAgent| {
            agent.agent_info.as_ref().is_some_and(|info| info.id == wanted)
        };
        agents.iter().find(is_wanted).unwrap().deactivated()
    }

    fn ask(
        &self,
        render: impl FnOnce(&Snapshot, &mut PieceWriter) + Send + 'static,
    ) -> impl Future<Output = Result<Pieces, ApiError>> + Send + 'static {
        let desk = self.reads.desk.clone();
        async move { desk.ask(QUESTION, Box::new(render), None).await }
    }
}

/// Counts how often a body is made.
fn counted(made: &Arc<AtomicUsize>) -> impl FnOnce(&Snapshot, &mut PieceWriter) + Send + 'static {
    let made = made.clone();
    move |_, out| {
        let number = made.fetch_add(1, Ordering::SeqCst) + 1;
        out.end().extend_from_slice(number.to_string().as_bytes());
    }
}

/// A body that is made until it is let go, and what tells that its making has begun.
fn slow() -> (
    impl FnOnce(&Snapshot, &mut PieceWriter) + Send + 'static,
    tokio::sync::oneshot::Receiver<()>,
    mpsc::Sender<()>,
) {
    let (begun, has_begun) = tokio::sync::oneshot::channel();
    let (release, released) = mpsc::channel();
    let render = move |_: &Snapshot, out: &mut PieceWriter| {
        begun.send(()).unwrap();
        released.recv().unwrap();
        out.end().extend_from_slice(b"slow");
    };
    (render, has_begun, release)
}

/// A read shows every write that was answered before it began, however many read and write beside.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_read_shows_every_write_answered_before() {
    let world = Arc::new(World::new(8));
    let mut all = JoinSet::new();
    for number in 0..8 {
        let world = world.clone();
        all.spawn(async move {
            for round in 0..40 {
                let is_deactivated = round % 2 == 0;
                world.set(number, is_deactivated).await;
                assert_eq!(world.shows(number).await, is_deactivated, "agent {number}");
                assert_eq!(world.shows(number).await, is_deactivated, "agent {number}, again");
            }
        });
    }
    while let Some(ended) = all.join_next().await {
        ended.unwrap();
    }
}

/// While nothing changes a body is made once, and anew after a change.
#[tokio::test]
async fn a_body_is_made_anew_only_after_a_change() {
    let world = World::new(1);
    let made = Arc::default();
    for _ in 0..3 {
        assert_eq!(world.ask(counted(&made)).await.unwrap().concatenated(), b"1");
    }
    world.set(0, true).await;
    for _ in 0..3 {
        assert_eq!(world.ask(counted(&made)).await.unwrap().concatenated(), b"2");
    }
    // A change that is taken back is none that a reader could see, but it counts as one.
    world.set(0, false).await;
    assert_eq!(world.ask(counted(&made)).await.unwrap().concatenated(), b"3");
}

/// Those who ask while a body is made share the next one, and none of them gets the one that was begun before.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_ask_meanwhile_share_the_next_body() {
    let world = World::new(1);
    let (render, begun, release) = slow();
    let first = tokio::spawn(world.ask(render));
    begun.await.unwrap();
    world.set(0, true).await;
    let made = Arc::default();
    let mut all = JoinSet::new();
    for _ in 0..100 {
        all.spawn(world.ask(counted(&made)));
    }
    // All are waiting when the first is done.
    while world.reads.desk.waiting(QUESTION) < 100 {
        tokio::task::yield_now().await;
    }
    release.send(()).unwrap();
    assert_eq!(first.await.unwrap().unwrap().concatenated(), b"slow");
    while let Some(pieces) = all.join_next().await {
        assert_eq!(pieces.unwrap().unwrap().concatenated(), b"1");
    }
    assert_eq!(made.load(Ordering::SeqCst), 1);
}

/// Who goes away while a body is made takes it from nobody else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_goes_away_takes_nothing_from_others() {
    let world = World::new(1);
    let (render, begun, release) = slow();
    let first = tokio::spawn(world.ask(render));
    begun.await.unwrap();
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    let other = tokio::spawn(world.ask(counted(&Arc::default())));
    while world.reads.desk.waiting(QUESTION) < 1 {
        tokio::task::yield_now().await;
    }
    release.send(()).unwrap();
    assert_eq!(other.await.unwrap().unwrap().concatenated(), b"slow", "nothing has changed");
}

/// The core goes on while bodies are made: a write is answered before a body that was begun earlier.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_does_not_wait_for_a_body() {
    let world = World::new(1);
    let (render, begun, release) = slow();
    let read = tokio::spawn(world.ask(render));
    begun.await.unwrap();
    world.set(0, true).await;
    assert!(!read.is_finished());
    release.send(()).unwrap();
    read.await.unwrap().unwrap();
}

/// With too much waiting to be fetched a read is turned away and told when to come again; what is only kept is
/// thrown away before.
#[tokio::test]
async fn reads_are_turned_away_while_too_much_is_not_fetched() {
    let mut world = World::new(1);
    world.reads.desk = Arc::new(Desk::new(world.mailbox.clone(), 10_000));
    let large = |_: &Snapshot, out: &mut PieceWriter| out.end().resize(20_000, b'x');
    let fetched = world.ask(large).await.unwrap();
    world.set(0, true).await;
    let refused = world.ask(large).await.unwrap_err().into_response();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()[header::RETRY_AFTER], "1");
    drop(fetched);
    assert_eq!(world.ask(large).await.unwrap().bytes(), 20_000);
    world.set(0, false).await;
    assert_eq!(world.ask(large).await.unwrap().bytes(), 20_000, "what is only kept makes room");
}

/// What runs at the snapshot's moment runs once for each who asks, before the body is there.
#[tokio::test]
async fn what_comes_at_the_snapshot_runs_for_each_who_asks() {
    let world = World::new(1);
    let ran = Arc::new(AtomicUsize::new(0));
    for round in 1..=3 {
        let counter = ran.clone();
        let then: AtSnapshot = Box::new(move |_| {
            counter.fetch_add(1, Ordering::SeqCst);
        });
        world.reads.body_at(QUESTION, Box::new(|_, _| {}), then).await.unwrap();
        assert_eq!(ran.load(Ordering::SeqCst), round);
    }
}
