//! The agents' side of the API: one stream down, batches up.

use std::net::SocketAddr;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use master::{Event, LinkId};
use model::AgentId;
use wire::media::MediaType;

use super::Shell;
use crate::http::auth::Voucher;
use crate::http::{self, ApiError, answer, stream};

/// A greeting carries every task of an agent.
pub(super) const HELLO_LIMIT_BYTES: usize = 256 << 20;
const BATCH_LIMIT_BYTES: usize = 64 << 20;

/// `POST /ebb/v1/link`: a `Hello`, answered with the stream of link events.
pub(super) async fn open(
    State(shell): State<Shell>,
    axum::Extension(peer): axum::Extension<SocketAddr>,
    request: Request<Body>,
) -> Response<Body> {
    match try_open(shell, peer, request).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn try_open(
    shell: Shell,
    peer: SocketAddr,
    request: Request<Body>,
) -> Result<Response<Body>, ApiError> {
    let principal = shell.context.credentials.authenticate(request.headers())?;
    protobuf_only(request.headers())?;
    if let Some(tenure) = &shell.tenure
        && shell.unavailable_since().is_some()
    {
        let now = shell.context.clock.now().at;
        let text = tenure.unavailable(now, "No agent can register meanwhile.");
        return Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, text));
    }
    let key = request.headers().get(http::VOUCHER_KEY).and_then(|key| key.to_str().ok());
    let voucher = key.and_then(Voucher::told);
    let body = http::read_body(request.into_body(), HELLO_LIMIT_BYTES).await?;
    let hello: wire::link::Hello = http::decode(MediaType::Protobuf, &body)?;
    drop(body);
    let ip = hello.ip.clone().unwrap_or_else(|| peer.ip().to_string());
    let (sender, receiver) = stream::channel();
    let link = shell.hub.add_link(sender, voucher);
    shell.mailbox.send(Event::AgentHello { link, hello: Box::new(hello), ip, principal }).await?;
    let on_close = {
        let shell = shell.clone();
        Box::new(move || {
            shell.hub.remove_link(link);
            tokio::spawn(async move {
                shell.mailbox.tell(Event::LinkClosed { link }).await;
            });
        })
    };
    Ok(stream::response(MediaType::Protobuf, receiver, None, on_close))
}

/// `POST /ebb/v1/link/calls`: a `Batch` of an open link.
pub(super) async fn calls(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    match try_calls(shell, request).await {
        Ok(()) => answer::empty(StatusCode::ACCEPTED),
        Err(error) => error.into_response(),
    }
}

async fn try_calls(shell: Shell, request: Request<Body>) -> Result<(), ApiError> {
    shell.context.credentials.authenticate(request.headers())?;
    protobuf_only(request.headers())?;
    let body = http::read_body(request.into_body(), BATCH_LIMIT_BYTES).await?;
    let batch: wire::link::Batch = http::decode(MediaType::Protobuf, &body)?;
    let (Some(agent), Some(link)) = (batch.agent_id.as_ref(), batch.link_id) else {
        return Err(ApiError::bad_request("Expecting 'agent_id' and 'link_id' to be present"));
    };
    if !shell.hub.has_link(LinkId(link)) {
        return Err(ApiError::new(StatusCode::CONFLICT, "This link is closed; open a new one"));
    }
    let agent = AgentId::from(agent);
    for call in &batch.calls {
        shell.counters.count_agent_call(call.r#type());
    }
    shell.mailbox.send(Event::AgentCalls { link: LinkId(link), agent, calls: batch.calls }).await?;
    Ok(())
}

fn protobuf_only(headers: &HeaderMap) -> Result<(), ApiError> {
    match http::content_type(headers)? {
        MediaType::Protobuf => Ok(()),
        MediaType::Json | MediaType::RecordIo => Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "Expecting 'Content-Type' of application/x-protobuf",
        )),
    }
}
