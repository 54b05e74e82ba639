//! Connections to the members: which one is asked, and what a failed call means.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::uri::PathAndQuery;
use prost::Message;
use tokio::time::Instant;
use tokio_stream::StreamExt as _;
use tonic::client::Grpc;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint, Identity};
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

use super::generated::{AuthenticateRequest, AuthenticateResponse};
use super::{EtcdError, Patience, Target};
use crate::causes::chain;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// etcd disconnects clients that ask more often than every five seconds.
const PING_INTERVAL: Duration = Duration::from_secs(10);
const PING_TIMEOUT: Duration = Duration::from_secs(3);
/// Largest answer taken.
const ANSWER_LIMIT_BYTES: usize = 64 << 20;
/// Pause after all members have failed.
const PAUSE: Duration = Duration::from_millis(100);

pub(super) type Path = &'static str;
type Attempt<'a, T> = Pin<Box<dyn Future<Output = Result<T, Status>> + Send + 'a>>;

/// The members of one etcd, one of which is in use.
#[derive(Debug)]
pub(super) struct Members {
    target: Target,
    channels: Vec<Channel>,
    current: AtomicUsize,
    token: Mutex<Option<MetadataValue<Ascii>>>,
}

/// What a member's refusal means for the call.
enum Verdict {
    /// Another member may do better.
    Next(String),
    /// With a new token it may go well.
    Token,
    Final(EtcdError),
}

impl Members {
    /// Connects when first used. To be called within a runtime.
    pub(super) fn new(target: Target) -> Result<Self, EtcdError> {
        let wrong = |cause: tonic::transport::Error| EtcdError::Refused {
            registry: target.to_string(),
            cause: chain(&cause),
        };
        let mut channels = Vec::new();
        for member in &target.members {
            let scheme = if target.tls.is_some() { "https" } else { "http" };
            let mut endpoint = Endpoint::from_shared(format!("{scheme}://{member}"))
                .map_err(wrong)?
                .connect_timeout(CONNECT_TIMEOUT)
                .tcp_nodelay(true)
                .http2_keep_alive_interval(PING_INTERVAL)
                .keep_alive_timeout(PING_TIMEOUT);
            if let Some(tls) = &target.tls {
                let mut config =
                    ClientTlsConfig::new().ca_certificate(Certificate::from_pem(&tls.ca));
                if let Some((cert, key)) = &tls.identity {
                    config = config.identity(Identity::from_pem(cert, key));
                }
                endpoint = endpoint.tls_config(config).map_err(wrong)?;
            }
            channels.push(endpoint.connect_lazy());
        }
        Ok(Self { target, channels, current: AtomicUsize::new(0), token: Mutex::new(None) })
    }

    pub(super) fn target(&self) -> &Target {
        &self.target
    }

    /// Asks one member after the other until one answers or patience ends.
    pub(super) async fn call<Q, R>(
        &self,
        path: Path,
        request: &Q,
        patience: Patience,
    ) -> Result<R, EtcdError>
    where
        Q: Message + Clone + 'static,
        R: Message + Default + 'static,
    {
        self.with_members(patience, |channel| {
            Box::pin(async move {
                let mut grpc = grpc(channel);
                ready(&mut grpc).await?;
                let request = self.dressed(Request::new(request.clone()));
                let codec = ProstCodec::<Q, R>::default();
                let path = PathAndQuery::from_static(path);
                grpc.unary(request, path, codec).await.map(tonic::Response::into_inner)
            })
        })
        .await
    }

    /// As [`Members::call`], on a call whose both ends are streams: one request, one answer.
    pub(super) async fn exchange<Q, R>(
        &self,
        path: Path,
        request: &Q,
        patience: Patience,
    ) -> Result<R, EtcdError>
    where
        Q: Message + Clone + 'static,
        R: Message + Default + 'static,
    {
        self.with_members(patience, |channel| {
            Box::pin(async move {
                let mut grpc = grpc(channel);
                ready(&mut grpc).await?;
                let stream = tokio_stream::once(request.clone());
                let codec = ProstCodec::<Q, R>::default();
                let path = PathAndQuery::from_static(path);
                let request = self.dressed(Request::new(stream));
                let mut answers = grpc.streaming(request, path, codec).await?.into_inner();
                let answer = answers.message().await?;
                answer.ok_or_else(|| Status::unavailable("the stream ended without an answer"))
            })
        })
        .await
    }

    /// Opens a stream whose requesting side stays open after one request.
    pub(super) async fn open<Q, R>(
        &self,
        path: Path,
        request: &Q,
        patience: Patience,
    ) -> Result<tonic::Streaming<R>, EtcdError>
    where
        Q: Message + Clone + 'static,
        R: Message + Default + 'static,
    {
        self.with_members(patience, |channel| {
            Box::pin(async move {
                let mut grpc = grpc(channel);
                ready(&mut grpc).await?;
                let stream = tokio_stream::once(request.clone()).chain(tokio_stream::pending());
                let codec = ProstCodec::<Q, R>::default();
                let path = PathAndQuery::from_static(path);
                let request = self.dressed(Request::new(stream));
                grpc.streaming(request, path, codec).await.map(tonic::Response::into_inner)
            })
        })
        .await
    }

    async fn with_members<'a, T>(
        &'a self,
        patience: Patience,
        attempt: impl Fn(Channel) -> Attempt<'a, T>,
    ) -> Result<T, EtcdError> {
        let deadline = Instant::now() + patience.all;
        let mut failed = 0;
        let mut renewed = false;
        loop {
            let index = self.current.load(Ordering::Relaxed) % self.channels.len();
            let channel = self.channels[index].clone();
            let until = deadline.min(Instant::now() + patience.each);
            let tried = tokio::time::timeout_at(until, async {
                self.authenticate(channel.clone()).await?;
                attempt(channel).await
            });
            let status = match tried.await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(status)) => status,
                Err(_elapsed) => Status::unavailable("no answer in time"),
            };
            let cause = match self.judge(&status) {
                Verdict::Final(error) => return Err(error),
                Verdict::Token if !renewed => {
                    renewed = true;
                    *self.token() = None;
                    continue;
                }
                Verdict::Token => status.message().to_owned(),
                Verdict::Next(cause) => cause,
            };
            tracing::debug!(member = self.target.members[index], cause, "etcd: next member");
            self.leave(index);
            failed += 1;
            if failed % self.channels.len() == 0 {
                tokio::time::sleep_until(deadline.min(Instant::now() + PAUSE)).await;
            }
            if Instant::now() >= deadline {
                return Err(EtcdError::Unavailable { registry: self.target.to_string(), cause });
            }
        }
    }

    /// Makes the next member the one in use, unless somebody else has done so.
    fn leave(&self, index: usize) {
        let next = (index + 1) % self.channels.len();
        let moved =
            self.current.compare_exchange(index, next, Ordering::Relaxed, Ordering::Relaxed);
        if moved.is_ok() {
            tracing::debug!(member = self.target.members[next], "etcd: another member");
        }
    }

    fn token(&self) -> std::sync::MutexGuard<'_, Option<MetadataValue<Ascii>>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gets a token if one is needed and not there.
    async fn authenticate(&self, channel: Channel) -> Result<(), Status> {
        let Some(credential) = &self.target.credential else { return Ok(()) };
        if self.token().is_some() {
            return Ok(());
        }
        let mut grpc = grpc(channel);
        ready(&mut grpc).await?;
        let request = AuthenticateRequest {
            name: credential.principal.clone(),
            password: credential.secret.clone(),
        };
        let codec = ProstCodec::<AuthenticateRequest, AuthenticateResponse>::default();
        let path = PathAndQuery::from_static("/etcdserverpb.Auth/Authenticate");
        let answer = match grpc.unary(Request::new(request), path, codec).await {
            Ok(answer) => answer.into_inner(),
            // Credentials that nobody asks for do no harm.
            Err(status) if status.message().contains("authentication is not enabled") => {
                return Ok(());
            }
            Err(status) => return Err(status),
        };
        let token = MetadataValue::try_from(answer.token)
            .map_err(|_| Status::internal("its token is no header's value"))?;
        *self.token() = Some(token);
        Ok(())
    }

    /// The request with what etcd wants to know beside it.
    fn dressed<T>(&self, mut request: Request<T>) -> Request<T> {
        if let Some(token) = self.token().clone() {
            request.metadata_mut().insert("token", token);
        }
        // A member that is cut off from the others says so instead of being silent.
        request.metadata_mut().insert("hasleader", MetadataValue::from_static("true"));
        request
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the codes that etcd gives a meaning")]
    fn judge(&self, status: &Status) -> Verdict {
        let registry = self.target.to_string();
        let cause = reason(status);
        let text = status.message();
        match status.code() {
            Code::Unauthenticated => Verdict::Token,
            Code::InvalidArgument if text.contains("revision of auth store is old") => {
                Verdict::Token
            }
            Code::InvalidArgument if text.contains("user name is empty") => {
                Verdict::Final(EtcdError::NoCredential { registry })
            }
            Code::InvalidArgument if text.contains("authentication failed") => {
                Verdict::Final(EtcdError::Authentication { registry, cause })
            }
            // Of nobody, or of whoever a certificate names.
            Code::PermissionDenied if self.target.credential.is_none() => {
                Verdict::Final(EtcdError::NoCredential { registry })
            }
            Code::PermissionDenied => Verdict::Final(EtcdError::Permission {
                registry,
                prefix: self.target.prefix.clone(),
                cause,
            }),
            Code::NotFound => Verdict::Final(EtcdError::NoLease),
            Code::InvalidArgument
            | Code::FailedPrecondition
            | Code::OutOfRange
            | Code::Unimplemented
            | Code::AlreadyExists => Verdict::Final(EtcdError::Refused { registry, cause }),
            _ => Verdict::Next(cause),
        }
    }
}

fn grpc(channel: Channel) -> Grpc<Channel> {
    Grpc::new(channel)
        .max_decoding_message_size(ANSWER_LIMIT_BYTES)
        .max_encoding_message_size(ANSWER_LIMIT_BYTES)
}

async fn ready(grpc: &mut Grpc<Channel>) -> Result<(), Status> {
    grpc.ready().await.map_err(|error| Status::unavailable(chain(&error)))
}

/// etcd's own text, or what the connection says.
fn reason(status: &Status) -> String {
    match std::error::Error::source(status) {
        Some(source) => chain(source),
        None => status.message().to_owned(),
    }
}
