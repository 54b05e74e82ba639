//! `/api/v1/scheduler`: subscriptions and calls of frameworks.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use master::{Event, StreamHeader};
use model::FrameworkId;
use wire::scheduler::Call;
use wire::scheduler::call::Type;

use super::Shell;
use crate::exposition::Called;
use crate::http::stream::OnClose;
use crate::http::{self, ApiError, answer, stream};

const STREAM_ID: &str = "Mesos-Stream-Id";
const CALL_LIMIT_BYTES: usize = 64 << 20;

pub(super) async fn handle(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let mut called = Called::unread("scheduler");
    let answered = try_handle(shell, request, &mut called).await;
    called.answer(answered)
}

async fn try_handle(
    shell: Shell,
    request: Request<Body>,
    called: &mut Called,
) -> Result<Response<Body>, ApiError> {
    let principal = shell.context.credentials.authenticate(request.headers())?;
    http::require_post(&request)?;
    let media = http::content_type(request.headers())?;
    let (head, body) = request.into_parts();
    let body = http::read_body(body, CALL_LIMIT_BYTES).await?;
    let call: Call = http::decode(media, &body)?;
    drop(body);
    let kind = validate(&call)?;
    called.name = kind.as_str_name();
    if kind == Type::Subscribe {
        return subscribe(shell, &head.headers, call, principal).await;
    }
    let header = stream_header(&shell, &head.headers);
    let (request, reply) = shell.hub.request();
    let event = Event::SchedulerCall { request, header, call: Box::new(call), principal };
    shell.mailbox.send(event).await?;
    reply.await.map_err(|_| ApiError::stopped())??;
    // Mesos: everything else is only promised to be looked at.
    let is_done = kind == Type::UpdateFramework;
    Ok(answer::empty(if is_done { StatusCode::OK } else { StatusCode::ACCEPTED }))
}

/// The type of a scheduler's call whose required parts are there.
///
/// # Errors
/// What is missing, as the scheduler is answered.
pub fn validate(call: &Call) -> Result<Type, ApiError> {
    let refuse = |what: &str| {
        ApiError::bad_request(format!(
            "Failed to validate scheduler::Call: Expecting '{what}' to be present"
        ))
    };
    // A number this server doesn't know reads as unset.
    let kind =
        call.r#type.and_then(|number| Type::try_from(number).ok()).ok_or_else(|| refuse("type"))?;
    if kind == Type::Unknown {
        return Err(ApiError::new(StatusCode::NOT_IMPLEMENTED, "Received an unknown call"));
    }
    if kind != Type::Subscribe && call.framework_id.is_none() {
        return Err(refuse("framework_id"));
    }
    let (name, present) = match kind {
        Type::Subscribe => ("subscribe", call.subscribe.is_some()),
        Type::Accept => ("accept", call.accept.is_some()),
        Type::Decline => ("decline", call.decline.is_some()),
        Type::AcceptInverseOffers => {
            ("accept_inverse_offers", call.accept_inverse_offers.is_some())
        }
        Type::DeclineInverseOffers => {
            ("decline_inverse_offers", call.decline_inverse_offers.is_some())
        }
        Type::Kill => ("kill", call.kill.is_some()),
        Type::Shutdown => ("shutdown", call.shutdown.is_some()),
        Type::Acknowledge => ("acknowledge", call.acknowledge.is_some()),
        Type::AcknowledgeOperationStatus => {
            ("acknowledge_operation_status", call.acknowledge_operation_status.is_some())
        }
        Type::Reconcile => ("reconcile", call.reconcile.is_some()),
        Type::ReconcileOperations => ("reconcile_operations", call.reconcile_operations.is_some()),
        Type::Message => ("message", call.message.is_some()),
        Type::Request => ("request", call.request.is_some()),
        Type::UpdateFramework => ("update_framework", call.update_framework.is_some()),
        // Mesos: their parts are optional.
        Type::Teardown | Type::Revive | Type::Suppress | Type::Unknown => ("", true),
    };
    if present { Ok(kind) } else { Err(refuse(name)) }
}

fn stream_header(shell: &Shell, headers: &HeaderMap) -> StreamHeader {
    match headers.get(STREAM_ID) {
        None => StreamHeader::Missing,
        Some(value) => value
            .to_str()
            .ok()
            .and_then(|name| shell.hub.stream_named(name))
            .map_or(StreamHeader::Unknown, StreamHeader::Of),
    }
}

async fn subscribe(
    shell: Shell,
    headers: &HeaderMap,
    call: Call,
    principal: Option<String>,
) -> Result<Response<Body>, ApiError> {
    let media = http::accept(headers)?;
    if headers.contains_key(STREAM_ID) {
        return Err(ApiError::bad_request(
            "Subscribe calls should not include the 'Mesos-Stream-Id' header",
        ));
    }
    let name = crate::random::uuid();
    let (sender, receiver) = stream::channel();
    let stream_id = shell.hub.add_scheduler(&name, sender);
    let on_close: OnClose = {
        let (shell, name) = (shell.clone(), name.clone());
        Box::new(move || {
            shell.hub.remove_scheduler(&name, stream_id);
            tokio::spawn(async move {
                shell.mailbox.tell(Event::SchedulerClosed { stream: stream_id }).await;
            });
        })
    };
    // The core may take the subscription although the caller has gone, or was told that this is unknown.
    let unanswered = Unanswered(Some(on_close));
    let (request, reply) = shell.hub.request();
    let event = Event::SchedulerSubscribe {
        request,
        stream: stream_id,
        framework_id: call.framework_id.as_ref().map(FrameworkId::from),
        subscribe: call.subscribe.unwrap_or_default(),
        principal,
    };
    shell.mailbox.send(event).await?;
    reply.await.map_err(|_| ApiError::stopped()).flatten()?;
    Ok(stream::response(media, receiver, Some((STREAM_ID, name)), unanswered.answered()))
}

/// Closes a stream that is never answered.
struct Unanswered(Option<OnClose>);

impl Unanswered {
    /// The answer's body closes it from here on.
    fn answered(mut self) -> OnClose {
        self.0.take().unwrap_or_else(|| Box::new(|| ()))
    }
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        if let Some(on_close) = self.0.take() {
            on_close();
        }
    }
}
