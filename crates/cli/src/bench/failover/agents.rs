//! Very many agents in one process: models of agents, each with a real link.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use daemon::http::client::Client;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use model::{Resources, TaskId, Timestamp};
use sim::fleet::{Act, Agent, scalar, search_wait};
use tokio::task::JoinSet;
use wire::media::MediaType;
use wire::v1::{FrameworkId, FrameworkInfo};

/// Where links are opened.
const LINK: &str = "/ebb/v1/link";
const EVENT_LIMIT_BYTES: usize = 16 << 20;
const ANSWER_LIMIT_BYTES: usize = 64 << 10;
/// The production agent's pace: a greeting that is not answered is given up.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Agents start within this time.
const STARTS: Duration = Duration::from_secs(5);
/// In place of a moment: not registered.
const DOWN: u64 = 0;

/// What all agents share.
#[derive(Debug)]
struct Shared {
    client: Client,
    masters: Vec<String>,
    began: Instant,
    /// When each was registered by the link it has, in microseconds; [`DOWN`] without one.
    up_since: Vec<AtomicU64>,
}

/// The agents; they end when this is dropped.
#[derive(Debug)]
pub(in crate::bench) struct Agents {
    shared: Arc<Shared>,
    running: JoinSet<()>,
}

impl Agents {
    /// Starts agents with `tasks` running tasks on each but the first `bare`.
    pub(in crate::bench) fn start(
        masters: Vec<String>,
        count: usize,
        tasks: usize,
        bare: usize,
    ) -> Self {
        let shared = Arc::new(Shared {
            client: Client::new(None),
            masters,
            began: Instant::now(),
            up_since: (0..count).map(|_| AtomicU64::new(DOWN)).collect(),
        });
        let resources = Arc::new(sim::fleet::agent_resources());
        let framework = Arc::new(framework());
        let each: Vec<_> = [("cpus", 1.0), ("mem", 512.0)]
            .into_iter()
            .map(|(name, value)| wire::v1::Resource {
                allocation_info: Some(wire::v1::resource::AllocationInfo {
                    role: Some("*".to_owned()),
                }),
                ..scalar(name, value)
            })
            .collect();
        let each = Resources::from_wire(&each).unwrap_or_default();
        let mut running = JoinSet::new();
        for index in 0..count {
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            let mut agent = Agent::new(number, resources.clone());
            if index >= bare {
                let ids: Vec<_> =
                    (0..tasks).map(|task| TaskId::new(format!("web.{index}.{task}"))).collect();
                agent.runs(wall(), &framework, &ids, &each);
            }
            running.spawn(live(shared.clone(), index, agent));
        }
        Self { shared, running }
    }

    pub(in crate::bench) fn len(&self) -> usize {
        self.running.len()
    }

    /// How many are registered by a link that is younger than `since`.
    pub(in crate::bench) fn up_since(&self, since: Instant) -> usize {
        let since = micros(since.duration_since(self.shared.began));
        let up = self.shared.up_since.iter();
        up.filter(|at| at.load(Ordering::Relaxed) > since).count()
    }
}

async fn live(shared: Arc<Shared>, index: usize, mut agent: Agent) {
    tokio::time::sleep(random(Duration::ZERO, STARTS)).await;
    let (mut turn, mut looks) = (index, 0);
    loop {
        let was_up = link(&shared, index, &mut agent, turn).await;
        shared.up_since[index].store(DOWN, Ordering::Relaxed);
        agent.closed();
        turn += 1;
        if was_up {
            looks = 0;
        }
        let (least, most) = search_wait(looks);
        looks += 1;
        tokio::time::sleep(random(least, most)).await;
    }
}

/// Greets each master in turn until one takes the greeting, and lives on that link. Says whether it was
/// registered.
async fn link(shared: &Shared, index: usize, agent: &mut Agent, turn: usize) -> bool {
    let body = Bytes::from(wire::media::encode(MediaType::Protobuf, agent.hello().as_ref()));
    let name = MediaType::Protobuf.name();
    for offset in 0..shared.masters.len() {
        let master = &shared.masters[(turn + offset) % shared.masters.len()];
        let url = format!("{master}{LINK}");
        let posted = shared.client.post(&url, name, name, &[], body.clone());
        match tokio::time::timeout(ANSWER_TIMEOUT, posted).await {
            Ok(Ok(answer)) if answer.response.status().is_success() => {
                drop(body);
                // A follower sends to the leader, which the link is with.
                let leader = answer.url.trim_end_matches(LINK);
                let events = answer.response.into_body();
                return exchange(shared, index, agent, leader, events).await;
            }
            // It does not lead, or does not live.
            Ok(Ok(_) | Err(_)) | Err(_) => {}
        }
    }
    false
}

async fn exchange(
    shared: &Shared,
    index: usize,
    agent: &mut Agent,
    master: &str,
    mut events: Incoming,
) -> bool {
    let mut decoder = wire::recordio::Decoder::new(EVENT_LIMIT_BYTES);
    let mut link_id = None;
    while let Some(Ok(frame)) = events.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        decoder.push(&data);
        let mut acts = Vec::new();
        while let Ok(Some(record)) = decoder.next() {
            let Ok(event) = wire::media::decode::<wire::link::Event>(MediaType::Protobuf, &record)
            else {
                return agent.is_up();
            };
            if let Some(registered) = &event.registered {
                link_id = registered.link_id;
                let now = micros(shared.began.elapsed()).max(1);
                shared.up_since[index].store(now, Ordering::Relaxed);
            }
            agent.hear(wall(), event, &mut acts);
        }
        // Processes do nothing here: what drains goes on draining.
        let calls = acts.into_iter().filter_map(|act| match act {
            Act::Call(call) => Some(*call),
            Act::Wait(..) => None,
        });
        let calls: Vec<_> = calls.collect();
        if calls.is_empty() {
            continue;
        }
        let batch = wire::link::Batch { agent_id: agent.id().cloned(), link_id, calls };
        let url = format!("{master}{LINK}/calls");
        if shared.client.call_here(&url, &[], &batch, ANSWER_LIMIT_BYTES).await.is_err() {
            return agent.is_up();
        }
    }
    agent.is_up()
}

pub(in crate::bench) fn framework() -> FrameworkInfo {
    FrameworkInfo {
        id: Some(FrameworkId { value: "bench-0000".to_owned() }),
        user: "web".to_owned(),
        name: "bench".to_owned(),
        roles: vec!["*".to_owned()],
        failover_timeout: Some(1e6),
        ..FrameworkInfo::default()
    }
}

fn wall() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    Timestamp(i64::try_from(since.unwrap_or_default().as_nanos()).unwrap_or(i64::MAX))
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

fn random(least: Duration, most: Duration) -> Duration {
    let [a, b, c, d] = daemon::random::bytes();
    let part = f64::from(u32::from_le_bytes([a, b, c, d])) / f64::from(u32::MAX);
    least + most.saturating_sub(least).mul_f64(part)
}
