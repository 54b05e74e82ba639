//! `/system/v1/logs/v2/task/{id}/file/{name}`: a file of a task's sandbox, read through its agent.

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use bytes::Bytes;
use model::{AgentId, TaskId};
use wire::media::MediaType;
use wire::v1::{ContainerId, Task};

use super::{Caller, agents, not_found};
use crate::http::client::ClientError;
use crate::http::log_answer::{self, Source};
use crate::http::proxy::Carried;
use crate::http::{self, ApiError};
use crate::master::Shell;

/// More than an agent gives at a time, and its frame.
const ANSWER_LIMIT_BYTES: usize = 2 << 20;

pub(super) async fn file(
    State(shell): State<Shell>,
    axum::Extension(caller): axum::Extension<Caller>,
    axum::extract::Path((task, name)): axum::extract::Path<(String, String)>,
    request: Request<Body>,
) -> Response<Body> {
    let (head, _) = request.into_parts();
    match try_file(&shell, &caller, &task, &name, &head).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn try_file(
    shell: &Shell,
    caller: &Caller,
    task: &str,
    name: &str,
    head: &Parts,
) -> Result<Response<Body>, ApiError> {
    if name.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(ApiError::bad_request(format!("'{name}' is not a file of a sandbox")));
    }
    let id = TaskId::new(task);
    let found = shell.mailbox.look(move |core, _| core.view_task(&id)).await?;
    let found = found.ok_or_else(|| not_found(&format!("there is no task '{task}'")))?;
    let place = agents::place(shell, &AgentId::from(&found.agent_id)).await?;
    let authorization = match agents::carried(shell, caller, &place) {
        Carried::Own => header_of(&head.headers),
        Carried::Nothing => None,
        Carried::Instead(value) => value.to_str().ok().map(str::to_owned),
    };
    let url = format!("http://{}/api/v1", place.authority());
    let client = shell.context.client.clone();
    let mut log = TaskFile { client, url, authorization, path: String::new() };
    for path in paths(&found, name) {
        log.path = path;
        match log.bounds().await {
            Ok(_) => {
                let (query, readers) = (head.uri.query(), &shell.context.readers);
                return log_answer::answer(log, query, &head.headers, readers).await;
            }
            Err(error) if error.status == StatusCode::NOT_FOUND => {}
            Err(error) => return Err(error),
        }
    }
    Err(not_found(&format!("task '{task}' has no file '{name}' in its sandbox")))
}

fn header_of(headers: &HeaderMap) -> Option<String> {
    headers.get(header::AUTHORIZATION)?.to_str().ok().map(str::to_owned)
}

/// Where the file may be, the likeliest first.
// Mesos: a command task's executor has the task's id; in a task group each task has a directory of its own.
fn paths(task: &Task, name: &str) -> [String; 2] {
    let executor = task.executor_id.as_ref().map(|id| id.value.as_str());
    let executor = executor.filter(|id| !id.is_empty()).unwrap_or(&task.task_id.value);
    let container = task
        .statuses
        .iter()
        .rev()
        .find_map(|status| status.container_status.as_ref()?.container_id.as_ref());
    let run = container.map_or("latest", |id| &root(id).value);
    let sandbox = format!(
        "slaves/{}/frameworks/{}/executors/{executor}/runs/{run}",
        task.agent_id.value, task.framework_id.value
    );
    [format!("{sandbox}/tasks/{}/{name}", task.task_id.value), format!("{sandbox}/{name}")]
}

fn root(mut id: &ContainerId) -> &ContainerId {
    while let Some(parent) = id.parent.as_deref() {
        id = parent;
    }
    id
}

/// A file in a sandbox.
struct TaskFile {
    client: http::client::Client,
    url: String,
    authorization: Option<String>,
    path: String,
}

impl TaskFile {
    async fn ask(&self, offset: u64, length: u64) -> Result<(u64, Bytes), ApiError> {
        let call = wire::agent::Call {
            r#type: Some(wire::agent::call::Type::ReadFile.into()),
            read_file: Some(wire::agent::call::ReadFile {
                path: self.path.clone(),
                offset,
                length: Some(length),
            }),
            ..wire::agent::Call::default()
        };
        let authorization = self.authorization.as_deref();
        let extra: Vec<(&str, &str)> = authorization
            .map(|value| (header::AUTHORIZATION.as_str(), value))
            .into_iter()
            .collect();
        let asked = self.client.call_here(&self.url, &extra, &call, ANSWER_LIMIT_BYTES).await;
        let reply = asked.map_err(|error| {
            if let ClientError::Status { status, text, .. } = error {
                return ApiError::new(status, text);
            }
            ApiError::new(StatusCode::BAD_GATEWAY, format!("502 Bad Gateway: {error}"))
        })?;
        let answer: wire::agent::Response = http::decode(MediaType::Protobuf, &reply.body)?;
        let read = answer.read_file.unwrap_or_default();
        Ok((read.size, read.data))
    }
}

impl Source for TaskFile {
    async fn bounds(&self) -> Result<(u64, u64), ApiError> {
        self.ask(0, 0).await.map(|(size, _)| (0, size))
    }

    async fn read(&self, offset: u64, length: u64) -> Result<Bytes, ApiError> {
        self.ask(offset, length).await.map(|(_, data)| data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sandbox is that of the container that ran the task, not of one nested in it.
    #[test]
    fn the_sandbox_is_that_of_the_executors_container() {
        let value = |value: &str| value.to_owned();
        let parent = ContainerId { value: value("outer"), parent: None };
        let nested = ContainerId { value: value("inner"), parent: Some(Box::new(parent)) };
        let status = wire::v1::TaskStatus {
            container_status: Some(wire::v1::ContainerStatus {
                container_id: Some(nested),
                ..Default::default()
            }),
            ..Default::default()
        };
        let mut task = Task {
            task_id: wire::v1::TaskId { value: value("t") },
            framework_id: wire::v1::FrameworkId { value: value("f") },
            agent_id: wire::v1::AgentId { value: value("S0") },
            executor_id: Some(wire::v1::ExecutorId { value: value("e") }),
            statuses: vec![status],
            ..Task::default()
        };
        let [grouped, _] = paths(&task, "stdout");
        assert_eq!(grouped, "slaves/S0/frameworks/f/executors/e/runs/outer/tasks/t/stdout");
        task.executor_id = None;
        task.statuses.clear();
        let [_, alone] = paths(&task, "stdout");
        assert_eq!(alone, "slaves/S0/frameworks/f/executors/t/runs/latest/stdout");
    }
}
