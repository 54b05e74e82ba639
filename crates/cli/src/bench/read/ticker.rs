//! An agent whose tasks have news all the time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use daemon::http::client::Client;
use http_body_util::BodyExt as _;
use model::{Resources, TaskId, Timestamp};
use sim::fleet::Agent;
use wire::link::{self, call};
use wire::media::MediaType;
use wire::v1;

use crate::bench::BenchError;
use crate::bench::failover::agents::framework;

const LINK: &str = "/ebb/v1/link";
const EVENT_LIMIT_BYTES: usize = 1 << 20;
const TASKS: usize = 100;
/// How often updates are sent; those of that time go together, as an agent's do.
pub(super) const TICK: Duration = Duration::from_millis(20);

/// A registered agent.
pub(super) struct Ticker {
    client: Client,
    url: String,
    agent_id: v1::AgentId,
    link_id: u64,
    made: u64,
    /// The master has asked whether this agent is there.
    is_asked: Arc<AtomicBool>,
    /// Reads what the master says.
    link: tokio::task::JoinHandle<()>,
}

impl Drop for Ticker {
    fn drop(&mut self) {
        self.link.abort();
    }
}

impl Ticker {
    pub(super) async fn start(url: &str) -> Result<Self, BenchError> {
        let client = Client::new(None);
        let mut agent = Agent::new(0, Arc::new(sim::fleet::agent_resources()));
        let ids: Vec<_> = (0..TASKS).map(|number| TaskId::new(task(number))).collect();
        agent.runs(Timestamp(0), &Arc::new(framework()), &ids, &Resources::new());
        let name = MediaType::Protobuf.name();
        let hello = wire::media::encode(MediaType::Protobuf, agent.hello().as_ref());
        let answer = client.post(&format!("{url}{LINK}"), name, name, &[], hello.into()).await?;
        let mut events = answer.response.into_body();
        let mut decoder = wire::recordio::Decoder::new(EVENT_LIMIT_BYTES);
        let broken = || BenchError::broken("the agent was not registered");
        let mut next = async move || {
            loop {
                if let Ok(Some(record)) = decoder.next() {
                    return wire::media::decode::<link::Event>(MediaType::Protobuf, &record).ok();
                }
                let frame = events.frame().await?.ok()?;
                decoder.push(&frame.into_data().unwrap_or_default());
            }
        };
        let registered = next().await.and_then(|event| event.registered).ok_or_else(broken)?;
        let is_asked = Arc::new(AtomicBool::new(false));
        let asked = is_asked.clone();
        let link = tokio::spawn(async move {
            while let Some(event) = next().await {
                if event.r#type() == link::event::Type::Ping {
                    asked.store(true, Ordering::Relaxed);
                }
            }
        });
        Ok(Self {
            client,
            url: format!("{url}{LINK}/calls"),
            agent_id: registered.agent_id.ok_or_else(broken)?,
            link_id: registered.link_id.ok_or_else(broken)?,
            made: 0,
            is_asked,
            link,
        })
    }

    /// News of `count` tasks.
    pub(super) async fn update(&mut self, count: usize) -> Result<(), BenchError> {
        let mut calls: Vec<_> = (0..count).map(|_| self.one()).collect();
        if self.is_asked.swap(false, Ordering::Relaxed) {
            let kind = Some(call::Type::Pong.into());
            calls.push(link::Call { r#type: kind, ..link::Call::default() });
        }
        let (agent_id, link_id) = (Some(self.agent_id.clone()), Some(self.link_id));
        let batch = link::Batch { agent_id, link_id, calls };
        self.client.call_here(&self.url, &[], &batch, EVENT_LIMIT_BYTES).await?;
        Ok(())
    }

    fn one(&mut self) -> link::Call {
        self.made += 1;
        let number = usize::try_from(self.made).unwrap_or(0) % TASKS;
        let status = v1::TaskStatus {
            task_id: v1::TaskId { value: task(number) },
            state: v1::TaskState::TaskRunning.into(),
            source: Some(v1::task_status::Source::Executor.into()),
            executor_id: Some(v1::ExecutorId { value: task(number) }),
            agent_id: Some(self.agent_id.clone()),
            uuid: Some(u128::from(self.made).to_be_bytes().to_vec().into()),
            ..v1::TaskStatus::default()
        };
        link::Call {
            r#type: Some(call::Type::StatusUpdate.into()),
            status_update: Some(link::StatusUpdate {
                framework_id: framework().id,
                executor_id: status.executor_id.clone(),
                latest_state: Some(status.state),
                status: Some(status),
            }),
            ..link::Call::default()
        }
    }
}

fn task(number: usize) -> String {
    format!("web.{number}")
}
