//! What every HTTP endpoint of Ebb shares: bounded bodies, content negotiation, errors, streams.

pub mod answer;
pub mod auth;
pub mod client;
pub mod feed;
mod leftover;
pub mod legacy;
pub mod log_answer;
pub mod pieces;
pub mod proxy;
pub mod query;
pub mod redirect;
pub mod serve;
pub mod stream;

use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use axum::middleware::Next;
use bytes::Bytes;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use wire::media::MediaType;

use crate::sys::heap;

/// Header that says since when the master's registry has not answered: nothing can be changed, and what is
/// shown may have changes that are not confirmed yet. An RFC 3339 time.
pub const REGISTRY_UNAVAILABLE_SINCE: &str = "ebb-registry-unavailable-since";

/// Header in which an agent tells a master the key with which that master may say who called; see
/// [`auth::Voucher`].
pub const VOUCHER_KEY: &str = "ebb-voucher-key";

/// Begins the text of a 503 from a master that neither leads nor knows who does.
pub const NO_LEADER: &str = "No master leads";
/// Begins the text of a 503 from a master that is about to lead.
pub const RECOVERING: &str = "This master was elected and is recovering";
/// Part of the text of a 503 from a leader that turned a call away before doing anything.
pub const NOTHING_CHANGED: &str = "Nothing was changed by this call.";
/// Mesos' text for the first.
const MESOS_NO_LEADER: &str = "No leader elected";

/// Whether the text of a 503 says that the call was surely not carried out.
pub fn was_not_carried_out(text: &str) -> bool {
    [NO_LEADER, RECOVERING, MESOS_NO_LEADER].iter().any(|start| text.starts_with(start))
        || text.contains(NOTHING_CHANGED)
}

/// A call that was turned down before or by its handler: one status and one text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{status}: {text}")]
pub struct ApiError {
    pub status: StatusCode,
    pub text: String,
    /// Whether the same call is worth repeating in a second.
    is_busy: bool,
}

impl ApiError {
    pub fn new(status: StatusCode, text: impl Into<String>) -> Self {
        Self { status, text: text.into(), is_busy: false }
    }

    pub fn bad_request(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, text)
    }

    /// 503 that says when to come again.
    pub fn busy(text: impl Into<String>) -> Self {
        Self { is_busy: true, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, text) }
    }

    /// The core ended: nothing can be answered any more.
    pub fn stopped() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "The process is shutting down, or has just stopped leading",
        )
    }

    // Mesos: errors carry their text as `text/plain; charset=utf-8`.
    pub fn into_response(self) -> Response<Body> {
        let mut builder = Response::builder()
            .status(self.status)
            .header(header::CONTENT_TYPE, "text/plain; charset=utf-8");
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            builder = builder.header(header::ALLOW, "POST");
        }
        if self.is_busy {
            builder = builder.header(header::RETRY_AFTER, "1");
        }
        builder.body(Body::from(self.text)).expect("status and headers are valid")
    }
}

/// Says how to log in where an answer asks for it and does not say so: the challenge is that of the path.
pub async fn challenge(
    State(challenge_of): State<fn(&str) -> &'static str>,
    request: Request<Body>,
    next: Next,
) -> Response<Body> {
    let challenge = challenge_of(request.uri().path());
    challenged(next.run(request).await, challenge)
}

/// The same for an answer that is there.
pub fn challenged(mut response: Response<Body>, challenge: &'static str) -> Response<Body> {
    if response.status() == StatusCode::UNAUTHORIZED {
        let value = HeaderValue::from_static(challenge);
        response.headers_mut().entry(header::WWW_AUTHENTICATE).or_insert(value);
    }
    response
}

/// How long a body is read that nobody needs.
const DISCARD_TIME: Duration = Duration::from_secs(10);

/// Reads a body to its end, for some seconds and up to `limit` bytes. Who is still sending when the connection closes
/// would get an error instead of the answer.
pub async fn discard(body: Body, limit: usize) {
    let mut body = Limited::new(body, limit);
    let reading = async { while let Some(Ok(_)) = body.frame().await {} };
    if tokio::time::timeout(DISCARD_TIME, reading).await.is_err() {
        tracing::debug!("a caller takes too long to send what is not read");
    }
}

impl From<model::Refusal> for ApiError {
    fn from(refusal: model::Refusal) -> Self {
        let status =
            StatusCode::from_u16(refusal.status.code()).expect("refusals have HTTP statuses");
        Self::new(status, refusal.text)
    }
}

impl From<crate::driver::Stopped> for ApiError {
    fn from(_: crate::driver::Stopped) -> Self {
        Self::stopped()
    }
}

/// The `Content-Type` of a call, as Mesos demands it.
// Mesos: checked before `Accept`, missing is 400 and anything else 415.
pub fn content_type(headers: &HeaderMap) -> Result<MediaType, ApiError> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Err(ApiError::bad_request("Expecting 'Content-Type' to be present"));
    };
    value
        .to_str()
        .ok()
        .and_then(wire::media::parse_content_type)
        .filter(|media| MediaType::MESSAGES.contains(media))
        .ok_or_else(|| {
            ApiError::new(
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Expecting 'Content-Type' of application/json or application/x-protobuf",
            )
        })
}

/// The format of the answer.
pub fn accept(headers: &HeaderMap) -> Result<MediaType, ApiError> {
    let values: Vec<&str> = headers
        .get_all(header::ACCEPT)
        .iter()
        .map(|value| value.to_str().unwrap_or("unreadable"))
        .collect();
    let wanted = (!values.is_empty()).then(|| values.join(","));
    wire::media::negotiate(wanted.as_deref()).ok_or_else(|| {
        ApiError::new(
            StatusCode::NOT_ACCEPTABLE,
            "Expecting 'Accept' to allow 'application/x-protobuf' or 'application/json'",
        )
    })
}

/// Only POST is served at the API endpoints.
pub fn require_post(request: &Request<Body>) -> Result<(), ApiError> {
    let method = request.method();
    if method == axum::http::Method::POST {
        return Ok(());
    }
    Err(ApiError::new(
        StatusCode::METHOD_NOT_ALLOWED,
        format!("405 Method Not Allowed. Expecting one of {{ 'POST' }}, but received '{method}'."),
    ))
}

/// The whole body, refused beyond `limit_bytes`.
pub async fn read_body(body: Body, limit_bytes: usize) -> Result<Bytes, ApiError> {
    match Limited::new(body, limit_bytes).collect().await {
        Ok(collected) => {
            let body = collected.to_bytes();
            heap::passed(body.len());
            Ok(body)
        }
        Err(error) if error.is::<LengthLimitError>() => Err(ApiError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            format!("The body is larger than the {limit_bytes} bytes this endpoint takes"),
        )),
        Err(error) => Err(ApiError::bad_request(format!("The body broke off: {error}"))),
    }
}

/// Reads a call in either format.
pub fn decode<T: wire::Message>(media: MediaType, body: &[u8]) -> Result<T, ApiError> {
    wire::media::decode(media, body).map_err(|error| ApiError::bad_request(error.answer(media)))
}
