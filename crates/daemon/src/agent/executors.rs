//! `/api/v1/executor`: subscriptions and calls of executors.

use agent::nested::{NestedId, Termination};
use agent::{Event, ExecutorRef};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use model::{ExecutorId, FrameworkId};
use wire::executor::Call;
use wire::executor::call::Type;

use super::Shell;
use crate::exposition::Called;
use crate::http::{self, ApiError, answer, stream};

const CALL_LIMIT_BYTES: usize = 16 << 20;

pub(super) async fn handle(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let mut called = Called::unread("executor");
    let answered = try_handle(shell, request, &mut called).await;
    called.answer(answered)
}

async fn try_handle(
    shell: Shell,
    request: Request<Body>,
    called: &mut Called,
) -> Result<Response<Body>, ApiError> {
    http::require_post(&request)?;
    let media = http::content_type(request.headers())?;
    let (head, body) = request.into_parts();
    let body = http::read_body(body, CALL_LIMIT_BYTES).await?;
    let call: Call = http::decode(media, &body)?;
    drop(body);
    let kind = validate(&call)?;
    called.name = kind.as_str_name();
    let from = ExecutorRef {
        framework: FrameworkId::from(&call.framework_id),
        executor: ExecutorId::from(&call.executor_id),
        token: bearer(&head.headers),
    };
    match kind {
        Type::Subscribe => subscribe(shell, &head.headers, from, call).await,
        // Mesos: answered at once, without looking anything up.
        Type::Heartbeat => Ok(answer::empty(StatusCode::ACCEPTED)),
        Type::Update | Type::Message | Type::Unknown => {
            end_nested(&shell, &from, &call).await?;
            let (request, reply) = shell.hub.request();
            let event = Event::ExecutorCall { request, from, call: Box::new(call) };
            shell.mailbox.send(event).await?;
            reply.await.map_err(|_| ApiError::stopped())??;
            Ok(answer::empty(StatusCode::ACCEPTED))
        }
    }
}

/// Before the last update of a task is taken, what callers have nested in its container is ended: nothing of a
/// task is left when its end is told.
async fn end_nested(shell: &Shell, from: &ExecutorRef, call: &Call) -> Result<(), ApiError> {
    let Some(status) = call.update.as_ref().map(|update| &update.status) else { return Ok(()) };
    let state = model::task::state_from_wire(status.state);
    let Some(state) = state.filter(|state| model::task::is_terminal(*state)) else { return Ok(()) };
    let named = status.container_status.as_ref().and_then(|it| it.container_id.as_ref());
    let Some(id) = named.and_then(|id| NestedId::from_wire(id).ok()) else { return Ok(()) };
    let (root, from) = (id.root(), from.clone());
    let look = move |core: &agent::Agent, _| {
        let view = core.view_container(&root).filter(|_| core.owns(&from, &root))?;
        Some(view.command)
    };
    let is_command = shell.mailbox.look(look).await?;
    // The container of an executor of a framework's own goes on without the task.
    let ends = is_command.is_some_and(|is_command| is_command || id.parent().is_some());
    if ends {
        let message = status.message.clone();
        let how = Termination { wait_status: None, state: Some(state), message };
        shell.nested.close(&id, Some(how)).await;
    }
    Ok(())
}

/// The type of an executor's call whose required parts are there.
///
/// # Errors
/// What is missing, as the executor is answered.
pub fn validate(call: &Call) -> Result<Type, ApiError> {
    let refuse = |what: &str| {
        ApiError::bad_request(format!(
            "Failed to validate executor::Call: Expecting '{what}' to be present"
        ))
    };
    // A number this server doesn't know reads as unset.
    let kind =
        call.r#type.and_then(|number| Type::try_from(number).ok()).ok_or_else(|| refuse("type"))?;
    let (name, present) = match kind {
        Type::Unknown => {
            return Err(ApiError::new(StatusCode::NOT_IMPLEMENTED, "Received an unknown call"));
        }
        Type::Subscribe => ("subscribe", call.subscribe.is_some()),
        Type::Update => ("update", call.update.is_some()),
        Type::Message => ("message", call.message.is_some()),
        Type::Heartbeat => ("", true),
    };
    if present { Ok(kind) } else { Err(refuse(name)) }
}

fn bearer(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    value.strip_prefix("Bearer ").map(|token| token.trim().to_owned())
}

async fn subscribe(
    shell: Shell,
    headers: &HeaderMap,
    from: ExecutorRef,
    call: Call,
) -> Result<Response<Body>, ApiError> {
    let media = http::accept(headers)?;
    let (sender, receiver) = stream::channel();
    let stream_id = shell.hub.add_executor(sender);
    let (hub, mailbox) = (shell.hub.clone(), shell.mailbox.clone());
    let on_close = Box::new(move || {
        hub.remove_executor(stream_id);
        tokio::spawn(async move {
            mailbox.tell(Event::ExecutorClosed { stream: stream_id }).await;
        });
    });
    // Closes also if the caller goes away while it waits.
    let answer = stream::response(media, receiver, None, on_close);
    let (request, reply) = shell.hub.request();
    let subscribe = Box::new(call.subscribe.unwrap_or_default());
    let event = Event::ExecutorSubscribe { request, stream: stream_id, from, subscribe };
    shell.mailbox.send(event).await?;
    reply.await.map_err(|_| ApiError::stopped())??;
    Ok(answer)
}
