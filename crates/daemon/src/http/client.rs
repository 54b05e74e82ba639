//! The calling side: pooled HTTP/1.1 connections, bounded answers.

use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, Response, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use wire::media::MediaType;

/// Redirects to a leader followed before giving up.
const REDIRECTS: usize = 3;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A call that got no useful answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("cannot reach {url}: {cause}")]
    Unreachable { url: String, cause: String },
    #[error("{url} answered {status}: {text}")]
    Status { url: String, status: StatusCode, text: String },
    #[error("{url} sent an answer that cannot be read: {cause}")]
    Garbled { url: String, cause: String },
    #[error("'{url}' is not a usable address: {cause}")]
    Address { url: String, cause: String },
}

impl ClientError {
    /// The status the server answered with, if it answered.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Status { status, .. } => Some(*status),
            Self::Unreachable { .. } | Self::Garbled { .. } | Self::Address { .. } => None,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    authorization: Option<String>,
}

impl Client {
    /// `authorization` is sent with every call, such as [`super::auth::Credential::basic`].
    pub fn new(authorization: Option<String>) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        Self { pool: Pool::builder(TokioExecutor::new()).build(connector), authorization }
    }

    /// Posts `body` and returns the answer's head and its unread body; any status.
    pub async fn post(
        &self,
        url: &str,
        content_type: &str,
        accept: &str,
        extra: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Response<Incoming>, ClientError> {
        let mut target = url.to_owned();
        for _ in 0..REDIRECTS {
            let uri: Uri = target.parse().map_err(|cause: axum::http::uri::InvalidUri| {
                ClientError::Address { url: target.clone(), cause: cause.to_string() }
            })?;
            let mut request = Request::post(uri)
                .header(header::CONTENT_TYPE, content_type)
                .header(header::ACCEPT, accept);
            if let Some(authorization) = &self.authorization {
                request = request.header(header::AUTHORIZATION, authorization);
            }
            for (name, value) in extra {
                request = request.header(*name, *value);
            }
            let request = request.body(Full::new(body.clone())).map_err(|cause| {
                ClientError::Address { url: target.clone(), cause: cause.to_string() }
            })?;
            // Boxed: the pool's future is large, and every caller's would be with it.
            let response = Box::pin(self.pool.request(request)).await.map_err(|error| {
                ClientError::Unreachable { url: target.clone(), cause: chain(&error) }
            })?;
            let location = (response.status() == StatusCode::TEMPORARY_REDIRECT)
                .then(|| response.headers().get(header::LOCATION)?.to_str().ok())
                .flatten();
            match location {
                // Mesos: the leader's address comes without a scheme.
                Some(location) if location.starts_with("//") => target = format!("http:{location}"),
                Some(location) => location.clone_into(&mut target),
                None => return Ok(response),
            }
        }
        Err(ClientError::Unreachable {
            url: url.to_owned(),
            cause: "too many redirects".to_owned(),
        })
    }

    /// Posts a message and returns the answer's body; a status other than 2xx is an error.
    pub async fn call<Q: wire::Message>(
        &self,
        url: &str,
        extra: &[(&str, &str)],
        message: &Q,
        limit_bytes: usize,
    ) -> Result<(StatusCode, Bytes), ClientError> {
        let name = MediaType::Protobuf.name();
        let body = Bytes::from(wire::media::encode(MediaType::Protobuf, message));
        let response = self.post(url, name, name, extra, body).await?;
        let status = response.status();
        let body = read(url, response, limit_bytes).await?;
        if status.is_success() {
            return Ok((status, body));
        }
        let text = String::from_utf8_lossy(&body).trim().to_owned();
        Err(ClientError::Status { url: url.to_owned(), status, text })
    }
}

/// The whole body of an answer, refused beyond `limit_bytes`.
pub async fn read(
    url: &str,
    response: Response<Incoming>,
    limit_bytes: usize,
) -> Result<Bytes, ClientError> {
    let body = Limited::new(Body::new(response.into_body()), limit_bytes).collect().await;
    body.map(http_body_util::Collected::to_bytes)
        .map_err(|error| ClientError::Garbled { url: url.to_owned(), cause: error.to_string() })
}

/// An error and its causes on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            text = format!("{text}: {next}");
        }
        cause = error.source();
    }
    text
}
