//! The calling side: pooled HTTP/1.1 connections, bounded answers.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, StatusCode, Uri, header};
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use wire::media::MediaType;

use super::redirect::{self, Misdirected, Way};

use crate::causes::chain;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Where a master says who leads; the same as in Mesos.
const WHO_LEADS: &str = "/redirect";
/// Longest text of an error that is read.
const ERROR_LIMIT_BYTES: usize = 64 << 10;

/// A call that got no useful answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No connection came about: nothing was asked.
    #[error("cannot reach {url}: {cause}")]
    Unreachable { url: String, cause: String },
    /// The call left, or may have; whether it was carried out is not known.
    #[error("the call to {url} broke off: {cause}")]
    Broken { url: String, cause: String },
    #[error("{url} answered {status}: {text}")]
    Status { url: String, status: StatusCode, text: String },
    #[error("{url} {cause}")]
    Misdirected { url: String, cause: Misdirected },
    #[error("{url} sent an answer that cannot be read: {cause}")]
    Garbled { url: String, cause: String },
    #[error("'{url}' is not a usable address: {cause}")]
    Address { url: String, cause: String },
    /// Several masters were asked and none took the call.
    #[error("no master took the call: {0}")]
    NoLeader(Tried),
}

impl ClientError {
    /// Who was asked, or who answered.
    pub fn url(&self) -> Option<&str> {
        match self {
            Self::Unreachable { url, .. }
            | Self::Broken { url, .. }
            | Self::Status { url, .. }
            | Self::Misdirected { url, .. }
            | Self::Garbled { url, .. }
            | Self::Address { url, .. } => Some(url),
            Self::NoLeader(_) => None,
        }
    }

    /// The status the server answered with, if it answered.
    pub fn status(&self) -> Option<StatusCode> {
        match self {
            Self::Status { status, .. } => Some(*status),
            Self::Unreachable { .. }
            | Self::Broken { .. }
            | Self::Misdirected { .. }
            | Self::Garbled { .. }
            | Self::Address { .. }
            | Self::NoLeader(_) => None,
        }
    }
}

/// What came of asking each of several servers, in the order they were asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tried {
    pub lines: Vec<String>,
    /// Whose answers are in them.
    heard: Vec<String>,
}

impl Tried {
    /// Adds what came of asking `asked`, which may have redirected to others. What one server said is not
    /// said again for each that redirects to it.
    pub fn note(&mut self, asked: &str, error: &ClientError) {
        let who = error.url().unwrap_or(asked);
        let is_heard = self.heard.iter().any(|heard| heard == who);
        self.lines.push(match (who.starts_with(asked), is_heard) {
            (true, _) => error.to_string(),
            (false, true) => format!("{asked} redirects to {who}"),
            (false, false) => format!("{asked} redirects, and then: {error}"),
        });
        self.heard.push(who.to_owned());
    }
}

impl std::fmt::Display for Tried {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.lines.join("; "))
    }
}

/// Bounds of a call's waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    pub connect: Duration,
    /// From the call to the head of its answer; none for callers with a bound of their own.
    pub answer: Option<Duration>,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: CONNECT_TIMEOUT, answer: None }
    }
}

#[derive(Clone, Debug)]
pub struct Client {
    pool: Pool<HttpConnector, Full<Bytes>>,
    authorization: Option<String>,
    answer_timeout: Option<Duration>,
}

/// The head of an answer and its unread body.
#[derive(Debug)]
pub struct Answer {
    /// Who answered: where redirects led to.
    pub url: String,
    pub response: Response<Incoming>,
}

impl Answer {
    /// The whole answer, at most `limit_bytes` of it; a status other than 2xx is an error.
    pub async fn read(self, limit_bytes: usize) -> Result<Reply, ClientError> {
        let Self { url, response } = self;
        let status = response.status();
        if !status.is_success() {
            let body = read(&url, response, ERROR_LIMIT_BYTES).await.unwrap_or_default();
            let text = String::from_utf8_lossy(&body).trim().to_owned();
            return Err(ClientError::Status { url, status, text });
        }
        let headers = response.headers().clone();
        let body = read(&url, response, limit_bytes).await?;
        Ok(Reply { url, headers, body })
    }
}

/// An answer that was read whole.
#[derive(Debug)]
pub struct Reply {
    /// Who answered: where redirects led to.
    pub url: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Client {
    /// `authorization` is sent with every call, such as [`super::auth::Credential::basic`].
    pub fn new(authorization: Option<String>) -> Self {
        Self::with_timeouts(authorization, Timeouts::default())
    }

    /// As [`Self::new`], for callers that have somebody else to ask.
    pub fn with_timeouts(authorization: Option<String>, timeouts: Timeouts) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(timeouts.connect));
        Self {
            pool: Pool::builder(TokioExecutor::new()).build(connector),
            authorization,
            answer_timeout: timeouts.answer,
        }
    }

    /// The value of `Authorization` that is sent with every call.
    pub fn authorization(&self) -> Option<&str> {
        self.authorization.as_deref()
    }

    /// Posts `body` and returns the answer of whoever redirects lead to; any status.
    pub async fn post(
        &self,
        url: &str,
        content_type: &str,
        accept: &str,
        extra: &[(&str, &str)],
        body: Bytes,
    ) -> Result<Answer, ClientError> {
        let form = Form { content_type, accept, extra };
        self.follow(url, form, body, &mut Silent::default()).await
    }

    /// Posts a message as one of several attempts: servers that gave no answer in an earlier one are not
    /// asked, nor are redirects to them followed.
    pub async fn attempt(
        &self,
        url: &str,
        body: Bytes,
        silent: &mut Silent,
    ) -> Result<Answer, ClientError> {
        self.attempt_with(url, &[], body, silent).await
    }

    /// As [`Self::attempt`], with more headers.
    pub async fn attempt_with(
        &self,
        url: &str,
        extra: &[(&str, &str)],
        body: Bytes,
        silent: &mut Silent,
    ) -> Result<Answer, ClientError> {
        if silent.0.iter().any(|uri| uri == url) {
            let cause = "it gave no answer a moment ago".to_owned();
            return Err(ClientError::Broken { url: url.to_owned(), cause });
        }
        self.follow(url, Form::protobuf(extra), body, silent).await
    }

    /// Asks the master at `url` (`http://host:port`) who leads; the answer has the same form.
    pub async fn who_leads(&self, url: &str) -> Result<String, ClientError> {
        let asked = format!("{url}{WHO_LEADS}");
        let uri = parse(&asked)?;
        let request = Request::get(uri.clone()).body(Full::default()).map_err(|cause| {
            ClientError::Address { url: asked.clone(), cause: cause.to_string() }
        })?;
        let response = self.exchange(&uri, request).await?;
        if response.status() != StatusCode::TEMPORARY_REDIRECT {
            let error = Answer { url: asked.clone(), response }.read(ERROR_LIMIT_BYTES).await.err();
            let cause = "it does not say who leads".to_owned();
            return Err(error.unwrap_or(ClientError::Garbled { url: asked, cause }));
        }
        let leader = redirect::target(&uri, response.headers())
            .map_err(|cause| ClientError::Misdirected { url: asked, cause })?
            .to_string();
        Ok(leader.strip_suffix(WHO_LEADS).unwrap_or(&leader).to_owned())
    }

    async fn follow(
        &self,
        url: &str,
        form: Form<'_>,
        body: Bytes,
        silent: &mut Silent,
    ) -> Result<Answer, ClientError> {
        let mut way = Way::new(parse(url)?);
        loop {
            let here = way.here();
            let url = here.to_string();
            let response = match self.send(here, form, body.clone()).await {
                Ok(response) => response,
                Err(error) => {
                    silent.0.push(here.clone());
                    return Err(error);
                }
            };
            if response.status() != StatusCode::TEMPORARY_REDIRECT {
                return Ok(Answer { url, response });
            }
            let followed = way.follow(response.headers()).and_then(|()| {
                let target = way.here();
                let is_silent = silent.0.contains(target);
                if is_silent { Err(Misdirected::Silent(target.to_string())) } else { Ok(()) }
            });
            followed.map_err(|cause| ClientError::Misdirected { url, cause })?;
        }
    }

    async fn send(
        &self,
        url: &Uri,
        form: Form<'_>,
        body: Bytes,
    ) -> Result<Response<Incoming>, ClientError> {
        let mut request = Request::post(url.clone())
            .header(header::CONTENT_TYPE, form.content_type)
            .header(header::ACCEPT, form.accept);
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        for (name, value) in form.extra {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body)).map_err(|cause| ClientError::Address {
            url: url.to_string(),
            cause: cause.to_string(),
        })?;
        self.exchange(url, request).await
    }

    async fn exchange(
        &self,
        url: &Uri,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, ClientError> {
        // Boxed: the pool's future is large, and every caller's would be with it.
        let sent = Box::pin(self.pool.request(request));
        let url = || url.to_string();
        let answered = match self.answer_timeout {
            None => sent.await,
            Some(limit) => tokio::time::timeout(limit, sent).await.map_err(|_elapsed| {
                ClientError::Broken { url: url(), cause: format!("no answer within {limit:?}") }
            })?,
        };
        answered.map_err(|error| {
            let cause = chain(&error);
            if error.is_connect() {
                ClientError::Unreachable { url: url(), cause }
            } else {
                ClientError::Broken { url: url(), cause }
            }
        })
    }

    /// Posts a message and reads the answer; a status other than 2xx is an error.
    pub async fn call<Q: wire::Message>(
        &self,
        url: &str,
        extra: &[(&str, &str)],
        message: &Q,
        limit_bytes: usize,
    ) -> Result<Reply, ClientError> {
        let form = Form::protobuf(extra);
        let answer = self.follow(url, form, encode(message), &mut Silent::default()).await?;
        answer.read(limit_bytes).await
    }

    /// As [`Self::call`], for what makes sense at this very server only: a redirect is an error.
    pub async fn call_here<Q: wire::Message>(
        &self,
        url: &str,
        extra: &[(&str, &str)],
        message: &Q,
        limit_bytes: usize,
    ) -> Result<Reply, ClientError> {
        let response = self.send(&parse(url)?, Form::protobuf(extra), encode(message)).await?;
        Answer { url: url.to_owned(), response }.read(limit_bytes).await
    }
}

/// The headers of a call.
#[derive(Clone, Copy)]
struct Form<'a> {
    content_type: &'a str,
    accept: &'a str,
    extra: &'a [(&'a str, &'a str)],
}

impl<'a> Form<'a> {
    fn protobuf(extra: &'a [(&'a str, &'a str)]) -> Self {
        let name = MediaType::Protobuf.name();
        Self { content_type: name, accept: name, extra }
    }
}

/// Servers that gave no answer in a round of attempts.
#[derive(Clone, Debug, Default)]
pub struct Silent(Vec<Uri>);

fn parse(url: &str) -> Result<Uri, ClientError> {
    url.parse().map_err(|cause: axum::http::uri::InvalidUri| ClientError::Address {
        url: url.to_owned(),
        cause: cause.to_string(),
    })
}

fn encode(message: &impl wire::Message) -> Bytes {
    Bytes::from(wire::media::encode(MediaType::Protobuf, message))
}

/// The whole body of an answer, refused beyond `limit_bytes`.
pub async fn read(
    url: &str,
    response: Response<Incoming>,
    limit_bytes: usize,
) -> Result<Bytes, ClientError> {
    let body = Limited::new(Body::new(response.into_body()), limit_bytes).collect().await;
    let url = url.to_owned();
    body.map(http_body_util::Collected::to_bytes).map_err(|error| {
        let cause = error.to_string();
        if error.is::<LengthLimitError>() {
            ClientError::Garbled { url, cause }
        } else {
            ClientError::Broken { url, cause }
        }
    })
}
