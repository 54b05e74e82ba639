//! The calls whose bodies are streams, and those that go with them.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use daemon::http::client::{ClientError, read};
use http_body_util::channel::{Channel, Sender};
use http_body_util::{BodyExt as _, Either, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use wire::agent::call::{
    AttachContainerInput, AttachContainerOutput, LaunchNestedContainerSession, Type, WaitContainer,
    attach_container_input,
};
use wire::agent::{Call, ProcessIo};
use wire::media::{self, MediaType};
use wire::recordio::Decoder;
use wire::v1::ContainerId;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long the end of a container may take to become known after its output has ended.
const WAIT_TIMEOUT: Duration = Duration::from_secs(30);
const ANSWER_LIMIT_BYTES: usize = 1 << 20;
/// Largest piece of output taken.
const RECORD_LIMIT_BYTES: usize = 16 << 20;
/// Records of input on their way.
const INPUT_QUEUE: usize = 4;

type Body = Either<Full<Bytes>, Channel<Bytes>>;

/// What to run in a container.
pub type Session = LaunchNestedContainerSession;

/// An agent's API for streams.
#[derive(Clone, Debug)]
pub struct Streams {
    address: String,
    authorization: Option<String>,
}

impl Streams {
    /// `address` is `host:port` of the agent.
    pub fn new(address: &str, authorization: Option<&str>) -> Self {
        let authorization = authorization.map(str::to_owned);
        Self { address: address.to_owned(), authorization }
    }

    /// Starts a command in a container.
    pub(super) async fn launch(&self, session: Session) -> Result<Output, ClientError> {
        let call = Call {
            r#type: Some(Type::LaunchNestedContainerSession.into()),
            launch_nested_container_session: Some(session),
            ..Call::default()
        };
        self.output(&call).await
    }

    /// Attaches to the output of a container.
    pub(super) async fn attach(&self, container: &ContainerId) -> Result<Output, ClientError> {
        let attach = AttachContainerOutput { container_id: container.clone() };
        let call = Call {
            r#type: Some(Type::AttachContainerOutput.into()),
            attach_container_output: Some(attach),
            ..Call::default()
        };
        self.output(&call).await
    }

    async fn output(&self, call: &Call) -> Result<Output, ClientError> {
        let protobuf = MediaType::Protobuf.name();
        let headers = [
            (header::CONTENT_TYPE.as_str(), protobuf),
            (header::ACCEPT.as_str(), MediaType::RecordIo.name()),
            ("Message-Accept", protobuf),
        ];
        let body = Either::Left(Full::new(wire::protobuf::encode(call).into()));
        let (response, connection) = self.post(&headers, body).await?;
        let response = self.accepted(response).await?;
        Ok(Output {
            url: self.url(),
            body: response.into_body(),
            decoder: Decoder::new(RECORD_LIMIT_BYTES),
            _connection: connection,
        })
    }

    /// Brings input to a container. The answer comes when the container or the input has ended.
    pub(super) fn input(
        &self,
        container: &ContainerId,
    ) -> (Input, impl Future<Output = Result<(), ClientError>> + Send + 'static) {
        let (sender, body) = Channel::new(INPUT_QUEUE);
        let this = self.clone();
        let answer = async move {
            let protobuf = MediaType::Protobuf.name();
            let headers = [
                (header::CONTENT_TYPE.as_str(), MediaType::RecordIo.name()),
                ("Message-Content-Type", protobuf),
                (header::ACCEPT.as_str(), protobuf),
            ];
            let (response, _connection) = this.post(&headers, Either::Right(body)).await?;
            this.accepted(response).await.map(drop)
        };
        (Input { sender, container: Some(container.clone()) }, answer)
    }

    /// How a container ended, as wait(2) encodes it, and why it could not be run.
    pub(super) async fn wait(
        &self,
        container: &ContainerId,
    ) -> Result<(Option<i32>, Option<String>), ClientError> {
        let wait = WaitContainer { container_id: container.clone() };
        let call = Call {
            r#type: Some(Type::WaitContainer.into()),
            wait_container: Some(wait),
            ..Call::default()
        };
        let protobuf = MediaType::Protobuf.name();
        let headers =
            [(header::CONTENT_TYPE.as_str(), protobuf), (header::ACCEPT.as_str(), protobuf)];
        let body = Either::Left(Full::new(wire::protobuf::encode(&call).into()));
        let answered = timeout(WAIT_TIMEOUT, async {
            let (response, _connection) = self.post(&headers, body).await?;
            let response = self.accepted(response).await?;
            read(&self.url(), response, ANSWER_LIMIT_BYTES).await
        });
        let answer = answered.await.map_err(|_elapsed| ClientError::Broken {
            url: self.url(),
            cause: format!("the end of the command is not known after {WAIT_TIMEOUT:?}"),
        })??;
        let answer: wire::agent::Response = wire::protobuf::decode(&answer)
            .map_err(|error| ClientError::Garbled { url: self.url(), cause: error.to_string() })?;
        let wait = answer.wait_container.unwrap_or_default();
        Ok((wait.exit_status, wait.message))
    }

    fn url(&self) -> String {
        format!("http://{}/api/v1", self.address)
    }

    async fn post(
        &self,
        headers: &[(&str, &str)],
        body: Body,
    ) -> Result<(Response<Incoming>, SendRequest<Body>), ClientError> {
        let url = self.url();
        let unreachable = |cause: String| ClientError::Unreachable { url: url.clone(), cause };
        let stream = timeout(CONNECT_TIMEOUT, TcpStream::connect(&self.address))
            .await
            .map_err(|_elapsed| unreachable(format!("no connection within {CONNECT_TIMEOUT:?}")))?
            .map_err(|error| unreachable(error.to_string()))?;
        // Keys are short and wanted at once. Without it they only come later.
        drop(stream.set_nodelay(true));
        let broken = |error: &hyper::Error| ClientError::Broken {
            url: url.clone(),
            cause: daemon::causes::chain(error),
        };
        let (mut sender, connection) =
            http1::handshake(TokioIo::new(stream)).await.map_err(|error| broken(&error))?;
        tokio::spawn(async move {
            // Its caller hears of it by the body that breaks off.
            drop(connection.await);
        });
        let mut request = Request::post("/api/v1").header(header::HOST, &self.address);
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request
            .body(body)
            .map_err(|cause| ClientError::Address { url: url.clone(), cause: cause.to_string() })?;
        let response = sender.send_request(request).await.map_err(|error| broken(&error))?;
        Ok((response, sender))
    }

    async fn accepted(
        &self,
        response: Response<Incoming>,
    ) -> Result<Response<Incoming>, ClientError> {
        let status = response.status();
        if status == StatusCode::OK {
            return Ok(response);
        }
        let url = self.url();
        let body = read(&url, response, ANSWER_LIMIT_BYTES).await.unwrap_or_default();
        let text = String::from_utf8_lossy(&body).trim().to_owned();
        Err(ClientError::Status { url, status, text })
    }
}

/// What a container writes.
#[derive(Debug)]
pub(super) struct Output {
    url: String,
    body: Incoming,
    decoder: Decoder,
    /// The connection closes with it.
    _connection: SendRequest<Body>,
}

impl Output {
    /// The next thing; `None` when there is no more. May be dropped while waiting.
    pub(super) async fn next(&mut self) -> Result<Option<ProcessIo>, ClientError> {
        let broken = |cause: String| ClientError::Broken { url: self.url.clone(), cause };
        loop {
            if let Some(record) = self.decoder.next().map_err(|e| broken(e.to_string()))? {
                let message = wire::protobuf::decode(&record).map_err(|e| broken(e.to_string()))?;
                return Ok(Some(message));
            }
            match self.body.frame().await {
                None if self.decoder.is_between_records() => return Ok(None),
                None => return Err(broken("it ended in the middle of a record".to_owned())),
                Some(Err(error)) => return Err(broken(daemon::causes::chain(&error))),
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.decoder.push(&data);
                    }
                }
            }
        }
    }
}

/// Where input goes.
pub(super) struct Input {
    sender: Sender<Bytes>,
    /// Said first.
    container: Option<ContainerId>,
}

impl Input {
    /// Sends one piece. Returns whether anybody still takes it.
    pub(super) async fn send(&mut self, io: ProcessIo) -> bool {
        if let Some(container) = self.container.take() {
            let first = AttachContainerInput {
                r#type: Some(attach_container_input::Type::ContainerId.into()),
                container_id: Some(container),
                ..AttachContainerInput::default()
            };
            if !self.record(first).await {
                return false;
            }
        }
        let input = AttachContainerInput {
            r#type: Some(attach_container_input::Type::ProcessIo.into()),
            process_io: Some(io),
            ..AttachContainerInput::default()
        };
        self.record(input).await
    }

    async fn record(&mut self, input: AttachContainerInput) -> bool {
        let call = Call {
            r#type: Some(Type::AttachContainerInput.into()),
            attach_container_input: Some(input),
            ..Call::default()
        };
        let mut record = BytesMut::new();
        media::put_record(MediaType::Protobuf, &call, &mut record);
        self.sender.send_data(record.freeze()).await.is_ok()
    }
}
