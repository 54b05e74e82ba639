//! A small client of the scheduler API: one framework, its calls and its stream of events.
//!
//! For the commands that run tasks, the demo and the benchmarks; also works against a real Mesos master.

mod stream;

use std::time::Duration;

use bytes::Bytes;
use daemon::http::client::{Answer, Client, ClientError, Silent};
use wire::media::MediaType;
use wire::scheduler::call::{self, Type};
use wire::scheduler::{Call, Event, event};
use wire::v1::{Filters, FrameworkId, FrameworkInfo, OfferId, TaskInfo, TaskStatus, offer};

pub use stream::EventStream;

use crate::api::Master;
use crate::masters::Repeat;

/// Longest answer to a call other than SUBSCRIBE.
const ANSWER_LIMIT_BYTES: usize = 1 << 20;
const STREAM_ID: &str = "Mesos-Stream-Id";
const PATH: &str = "/api/v1/scheduler";
/// Time a master has to take a subscription, where there may be another one.
const SUBSCRIBE_TIMEOUT: Duration = Duration::from_secs(15);

/// Why a framework can't go on.
#[derive(Debug, thiserror::Error)]
pub enum SchedulerError {
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The master sent an ERROR event: this framework is not wanted (any more).
    #[error("the master ended the framework: {0}")]
    Ended(String),
    #[error("the master's event stream cannot be read: {0}")]
    Stream(String),
    #[error("the master closed the event stream")]
    Closed,
}

/// A subscribed framework. Calls may be made at the same time; events come from the [`EventStream`].
#[derive(Clone, Debug)]
pub struct Scheduler {
    client: Client,
    url: String,
    stream_id: String,
    framework_id: FrameworkId,
}

impl Scheduler {
    /// Subscribes at `master_url` (`http://host:port`), or where that one redirects to, and waits for the
    /// answer. An `info` with an id takes over that framework, whoever held it. Events after SUBSCRIBED
    /// are on the stream, which should be read without long pauses.
    ///
    /// # Errors
    /// When the master can't be reached, refuses, or answers with an ERROR event.
    pub async fn subscribe(
        client: Client,
        master_url: &str,
        info: FrameworkInfo,
    ) -> Result<(Self, EventStream), SchedulerError> {
        let url = format!("{}{PATH}", master_url.trim_end_matches('/'));
        let answer = client.attempt(&url, greeting(info), &mut Silent::default()).await?;
        Self::begin(client, answer).await
    }

    /// As [`Self::subscribe`], at whichever of the masters leads.
    ///
    /// # Errors
    /// The same, and when none leads for too long.
    pub async fn subscribe_at(
        master: &Master,
        info: FrameworkInfo,
    ) -> Result<(Self, EventStream), SchedulerError> {
        // Without an id, a second SUBSCRIBE makes a second framework.
        let repeat = if info.id.is_some() { Repeat::Harmless } else { Repeat::Never };
        let body = greeting(info);
        let mut search = master.masters().search(repeat);
        loop {
            let url = search.next().await?;
            let asked = format!("{url}{PATH}");
            let subscribed = async {
                let client = master.client();
                let answer = client.attempt(&asked, body.clone(), &mut search.silent).await?;
                Self::begin(client.clone(), answer).await
            };
            let broken = |cause: String| ClientError::Broken { url: asked.clone(), cause };
            let error = match tokio::time::timeout(SUBSCRIBE_TIMEOUT, subscribed).await {
                Ok(Ok(subscribed)) => {
                    master.masters().found(&subscribed.0.url, PATH);
                    return Ok(subscribed);
                }
                Ok(Err(error @ SchedulerError::Ended(_))) => return Err(error),
                Ok(Err(SchedulerError::Client(error))) => error,
                Ok(Err(error @ (SchedulerError::Stream(_) | SchedulerError::Closed))) => {
                    broken(error.to_string())
                }
                Err(_elapsed) => broken(format!("no answer within {SUBSCRIBE_TIMEOUT:?}")),
            };
            search.failed(&url, error)?;
        }
    }

    /// Reads up to SUBSCRIBED.
    async fn begin(client: Client, answer: Answer) -> Result<(Self, EventStream), SchedulerError> {
        if !answer.response.status().is_success() {
            answer.read(ANSWER_LIMIT_BYTES).await?;
            return Err(SchedulerError::Closed);
        }
        // From here on nobody but the master that took the subscription is asked.
        let Answer { url, response } = answer;
        let stream_id = response
            .headers()
            .get(STREAM_ID)
            .and_then(|value| value.to_str().ok())
            .ok_or_else(|| SchedulerError::Stream(format!("the answer has no {STREAM_ID}")))?
            .to_owned();
        let mut events = EventStream::new(response.into_body());
        let framework_id = loop {
            let event = events.next().await?.ok_or(SchedulerError::Closed)?;
            if let Some(subscribed) = event.subscribed {
                break subscribed.framework_id;
            }
            // Anything before SUBSCRIBED can only be a heartbeat.
            if let Some(event::Error { message }) = event.error {
                return Err(SchedulerError::Ended(message));
            }
        };
        Ok((Self { client, url, stream_id, framework_id }, events))
    }

    pub fn framework_id(&self) -> &FrameworkId {
        &self.framework_id
    }

    /// Any call of this framework; `framework_id` and type are filled in.
    pub async fn call(&self, kind: Type, call: Call) -> Result<(), SchedulerError> {
        let call = Call {
            framework_id: Some(self.framework_id.clone()),
            r#type: Some(kind.into()),
            ..call
        };
        let extra = [(STREAM_ID, self.stream_id.as_str())];
        self.client.call_here(&self.url, &extra, &call, ANSWER_LIMIT_BYTES).await?;
        Ok(())
    }

    /// Launches `tasks` from offers of one agent; the rest of the offers is refused for `refuse_seconds`.
    pub async fn accept_launch(
        &self,
        offer_ids: Vec<OfferId>,
        tasks: Vec<TaskInfo>,
        refuse_seconds: f64,
    ) -> Result<(), SchedulerError> {
        let launch = offer::Operation {
            r#type: Some(offer::operation::Type::Launch.into()),
            launch: Some(offer::operation::Launch { task_infos: tasks }),
            ..offer::Operation::default()
        };
        self.accept(offer_ids, vec![launch], refuse_seconds).await
    }

    /// Uses offers of one agent for `operations`.
    pub async fn accept(
        &self,
        offer_ids: Vec<OfferId>,
        operations: Vec<offer::Operation>,
        refuse_seconds: f64,
    ) -> Result<(), SchedulerError> {
        let accept = call::Accept { offer_ids, operations, filters: Some(filters(refuse_seconds)) };
        self.call(Type::Accept, Call { accept: Some(accept), ..Call::default() }).await
    }

    pub async fn decline(
        &self,
        offer_ids: Vec<OfferId>,
        refuse_seconds: f64,
    ) -> Result<(), SchedulerError> {
        let decline = call::Decline { offer_ids, filters: Some(filters(refuse_seconds)) };
        self.call(Type::Decline, Call { decline: Some(decline), ..Call::default() }).await
    }

    /// Acknowledges an update. Does nothing for one without uuid, which wants no acknowledgement.
    pub async fn acknowledge(&self, status: &TaskStatus) -> Result<(), SchedulerError> {
        let (Some(uuid), Some(agent_id)) = (&status.uuid, &status.agent_id) else { return Ok(()) };
        let acknowledge = call::Acknowledge {
            agent_id: agent_id.clone(),
            task_id: status.task_id.clone(),
            uuid: uuid.clone(),
        };
        self.call(Type::Acknowledge, Call { acknowledge: Some(acknowledge), ..Call::default() })
            .await
    }

    /// Asks for a task's end. `agent_id` lets a master answer that doesn't know the task any more.
    pub async fn kill(
        &self,
        task_id: &wire::v1::TaskId,
        agent_id: Option<&wire::v1::AgentId>,
    ) -> Result<(), SchedulerError> {
        let kill = call::Kill {
            task_id: task_id.clone(),
            agent_id: agent_id.cloned(),
            ..call::Kill::default()
        };
        self.call(Type::Kill, Call { kill: Some(kill), ..Call::default() }).await
    }

    /// Asks for the state of tasks; of all of this framework's, if none are named.
    pub async fn reconcile(&self, tasks: Vec<call::reconcile::Task>) -> Result<(), SchedulerError> {
        let reconcile = call::Reconcile { tasks };
        self.call(Type::Reconcile, Call { reconcile: Some(reconcile), ..Call::default() }).await
    }

    /// Wants offers again, and forgets what was declined.
    pub async fn revive(&self) -> Result<(), SchedulerError> {
        self.call(Type::Revive, Call::default()).await
    }

    /// Wants no offers until [`Self::revive`].
    pub async fn suppress(&self) -> Result<(), SchedulerError> {
        self.call(Type::Suppress, Call::default()).await
    }

    /// Removes the framework and ends all of its tasks.
    pub async fn teardown(&self) -> Result<(), SchedulerError> {
        self.call(Type::Teardown, Call::default()).await
    }
}

fn greeting(info: FrameworkInfo) -> Bytes {
    let subscribe = call::Subscribe { framework_info: info, ..call::Subscribe::default() };
    let call = Call {
        framework_id: subscribe.framework_info.id.clone(),
        r#type: Some(Type::Subscribe.into()),
        subscribe: Some(Box::new(subscribe)),
        ..Call::default()
    };
    Bytes::from(wire::media::encode(MediaType::Protobuf, &call))
}

fn filters(refuse_seconds: f64) -> Filters {
    Filters { refuse_seconds: Some(refuse_seconds) }
}

/// The kind of an event; unknown ones are [`event::Type::Unknown`].
pub fn kind(event: &Event) -> event::Type {
    event.r#type.and_then(|number| event::Type::try_from(number).ok()).unwrap_or_default()
}
