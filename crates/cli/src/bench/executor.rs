//! `ebb bench executor`: a custom executor whose tasks exist only by name. It reports RUNNING for what it
//! is given and KILLED for what it is asked to kill, at once.

use std::env::var;

use bytes::Bytes;
use daemon::http::client::Client;
use http_body_util::BodyExt as _;
use tokio::task::JoinSet;
use wire::executor::call::{self, Type};
use wire::executor::{Call, Event};
use wire::media::MediaType;
use wire::recordio::Decoder;
use wire::v1::{ExecutorId, FrameworkId, TaskId, TaskState, TaskStatus, task_status};

use super::BenchError;

const EVENT_LIMIT_BYTES: usize = 64 << 20;
const ANSWER_LIMIT_BYTES: usize = 64 << 10;

struct Executor {
    client: Client,
    url: String,
    framework_id: FrameworkId,
    id: ExecutorId,
}

/// Updates on their way at the same time. The executor library of Mesos does not wait for answers
/// either.
const IN_FLIGHT: usize = 16;

/// Runs until SHUTDOWN or the end of the stream.
pub(super) async fn run() -> Result<(), BenchError> {
    let variable = |name: &str| var(name).map_err(|e| BenchError::broken(format!("{name}: {e}")));
    let token = var("MESOS_EXECUTOR_AUTHENTICATION_TOKEN").ok();
    let executor = Executor {
        client: Client::new(token.map(|token| format!("Bearer {token}"))),
        url: format!("http://{}/api/v1/executor", variable("MESOS_AGENT_ENDPOINT")?),
        framework_id: FrameworkId { value: variable("MESOS_FRAMEWORK_ID")? },
        id: ExecutorId { value: variable("MESOS_EXECUTOR_ID")? },
    };
    executor.serve().await
}

impl Executor {
    async fn serve(&self) -> Result<(), BenchError> {
        let broken = |cause: String| BenchError::broken(format!("the event stream: {cause}"));
        let call =
            Call { subscribe: Some(call::Subscribe::default()), ..self.call(Type::Subscribe) };
        let protobuf = MediaType::Protobuf;
        let body = Bytes::from(wire::media::encode(protobuf, &call));
        let name = protobuf.name();
        let response = self.client.post(&self.url, name, name, &[], body).await?.response;
        if !response.status().is_success() {
            return Err(broken(response.status().to_string()));
        }
        let mut body = response.into_body();
        let mut decoder = Decoder::new(EVENT_LIMIT_BYTES);
        let mut updates = JoinSet::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|error| broken(error.to_string()))?.into_data() else {
                continue;
            };
            decoder.push(&data);
            while let Some(record) = decoder.next().map_err(|error| broken(error.to_string()))? {
                let event: Event =
                    wire::protobuf::decode(&record).map_err(|e| broken(e.to_string()))?;
                if event.r#type == Some(wire::executor::event::Type::Shutdown.into()) {
                    return Ok(());
                }
                if let Some(launch) = event.launch {
                    updates.spawn(self.update(launch.task.task_id, TaskState::TaskRunning));
                }
                if let Some(kill) = event.kill {
                    updates.spawn(self.update(kill.task_id, TaskState::TaskKilled));
                }
                while updates.len() >= IN_FLIGHT {
                    let sent = updates.join_next().await.transpose();
                    let sent = sent.map_err(|error| BenchError::broken(error.to_string()))?;
                    sent.transpose()?;
                }
            }
        }
        Ok(())
    }

    fn call(&self, kind: Type) -> Call {
        Call {
            executor_id: self.id.clone(),
            framework_id: self.framework_id.clone(),
            r#type: Some(kind.into()),
            ..Call::default()
        }
    }

    fn update(
        &self,
        task_id: TaskId,
        state: TaskState,
    ) -> impl Future<Output = Result<(), BenchError>> + Send + use<> {
        let status = TaskStatus {
            task_id,
            state: state.into(),
            uuid: Some(Bytes::copy_from_slice(&daemon::random::bytes::<16>())),
            source: Some(task_status::Source::Executor.into()),
            executor_id: Some(self.id.clone()),
            timestamp: Some(daemon::clock::wall().as_secs_f64()),
            ..TaskStatus::default()
        };
        let call = Call { update: Some(call::Update { status }), ..self.call(Type::Update) };
        let (client, url) = (self.client.clone(), self.url.clone());
        async move {
            client.call(&url, &[], &call, ANSWER_LIMIT_BYTES).await?;
            Ok(())
        }
    }
}
