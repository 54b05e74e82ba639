//! The executor API over HTTP/1.1: one connection for the event stream, one for calls in order.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response, StatusCode, header};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use wire::executor::{Call, Event};
use wire::media::{self, MediaType};
use wire::recordio::Decoder;

const PATH: &str = "/api/v1/executor";
/// How long an answer's head may take, from connecting on.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(15);
/// Events waiting for the executor; the agent's stream is read no further meanwhile.
const EVENTS: usize = 64;
/// Calls waiting for the agent; beyond that they are brought over with the next subscription.
const CALLS: usize = 256;
/// Largest event, and largest text of a refusal that is kept.
const EVENT_LIMIT_BYTES: usize = 64 << 20;
const REFUSAL_LIMIT_BYTES: usize = 4 << 10;

/// What comes from the agent.
#[derive(Debug)]
pub(super) enum Incident {
    Event(Box<Event>),
    StreamClosed { why: String },
    CallFailed { why: String },
}

/// Where the agent is and how it knows us.
#[derive(Clone, Debug)]
struct Peer {
    endpoint: String,
    authorization: Option<String>,
}

/// The connection with the agent. What belongs to an earlier subscription is never heard of again
/// once a new one was asked for.
#[derive(Debug)]
pub(super) struct Connection {
    peer: Peer,
    current: Option<Subscription>,
}

#[derive(Debug)]
struct Subscription {
    incidents: mpsc::Receiver<Incident>,
    calls: mpsc::Sender<Call>,
    /// A call found no room: everything is brought over with the next subscription.
    overflowed: bool,
    /// Ends both tasks when dropped.
    _tasks: JoinSet<()>,
}

impl Connection {
    /// `endpoint` is `ip:port`; nothing is sent yet.
    pub(super) fn new(endpoint: String, token: Option<&str>) -> Self {
        let authorization = token.map(|token| format!("Bearer {token}"));
        Self { peer: Peer { endpoint, authorization }, current: None }
    }

    /// Opens a new subscription; an earlier one is dropped first.
    pub(super) fn subscribe(&mut self, call: Call) {
        self.current = None;
        let (incident_sender, incidents) = mpsc::channel(EVENTS);
        let (calls, call_receiver) = mpsc::channel(CALLS);
        let mut tasks = JoinSet::new();
        tasks.spawn(read_stream(self.peer.clone(), call, incident_sender.clone()));
        tasks.spawn(send_calls(self.peer.clone(), call_receiver, incident_sender));
        self.current = Some(Subscription { incidents, calls, overflowed: false, _tasks: tasks });
    }

    /// Queues a call behind those before it; never waits.
    pub(super) fn call(&mut self, call: Call) {
        if let Some(current) = &mut self.current {
            current.overflowed |= current.calls.try_send(call).is_err();
        }
    }

    /// The next thing that happens on the present subscription; for ever if there is none. May be
    /// dropped and called again.
    pub(super) async fn next(&mut self) -> Incident {
        let Some(current) = &mut self.current else { return std::future::pending().await };
        if current.overflowed {
            self.current = None;
            return Incident::CallFailed { why: "too many calls are waiting".to_owned() };
        }
        let incident = current.incidents.recv().await.unwrap_or_else(|| Incident::StreamClosed {
            why: "the connection was given up".to_owned(),
        });
        // Calls that still wait must not reach an agent that was restarted before it has heard
        // SUBSCRIBE, which brings their updates along anyway.
        if !matches!(incident, Incident::Event(_)) {
            self.current = None;
        }
        incident
    }
}

async fn read_stream(peer: Peer, call: Call, incidents: mpsc::Sender<Incident>) {
    let why = match stream(&peer, &call, &incidents).await {
        Ok(()) => "the agent closed the stream".to_owned(),
        Err(why) => why,
    };
    // Without a receiver a newer subscription has taken over.
    incidents.send(Incident::StreamClosed { why }).await.ok();
}

async fn stream(
    peer: &Peer,
    call: &Call,
    incidents: &mpsc::Sender<Incident>,
) -> Result<(), String> {
    let answer = timeout(ANSWER_TIMEOUT, async {
        let mut sender = connect(peer).await?;
        post(peer, &mut sender, call).await
    });
    let response = answer.await.map_err(|_elapsed| "no answer in time".to_owned())??;
    if response.status() != StatusCode::OK {
        return Err(refusal(response).await);
    }
    let mut body = response.into_body();
    let mut decoder = Decoder::new(EVENT_LIMIT_BYTES);
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|error| format!("the stream broke: {error}"))?;
        let Ok(data) = frame.into_data() else { continue };
        decoder.push(&data);
        while let Some(record) = decoder.next().map_err(|error| error.to_string())? {
            let event = media::decode(MediaType::Protobuf, &record)
                .map_err(|error| format!("an event can't be read: {error}"))?;
            if incidents.send(Incident::Event(Box::new(event))).await.is_err() {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// Sends calls one after the other and stops at the first that fails, so that none overtakes it.
async fn send_calls(
    peer: Peer,
    mut calls: mpsc::Receiver<Call>,
    incidents: mpsc::Sender<Incident>,
) {
    let mut kept: Option<SendRequest<Full<Bytes>>> = None;
    while let Some(call) = calls.recv().await {
        let sent = timeout(ANSWER_TIMEOUT, send_call(&peer, &mut kept, &call)).await;
        if let Err(why) = sent.unwrap_or_else(|_elapsed| Err("no answer in time".to_owned())) {
            incidents.send(Incident::CallFailed { why }).await.ok();
            return;
        }
    }
}

async fn send_call(
    peer: &Peer,
    kept: &mut Option<SendRequest<Full<Bytes>>>,
    call: &Call,
) -> Result<(), String> {
    // The agent may close a connection that was idle for long: then a new one is tried, and an
    // update that got through twice has the same UUID.
    let mut reused = None;
    if let Some(mut sender) = kept.take()
        && sender.ready().await.is_ok()
    {
        let response = post(peer, &mut sender, call).await;
        reused = response.ok().map(|response| (sender, response));
    }
    let (sender, response) = if let Some(answered) = reused {
        answered
    } else {
        let mut sender = connect(peer).await?;
        let response = post(peer, &mut sender, call).await?;
        (sender, response)
    };
    if !response.status().is_success() {
        return Err(refusal(response).await);
    }
    let body = Limited::new(response.into_body(), REFUSAL_LIMIT_BYTES);
    if body.collect().await.is_ok() {
        *kept = Some(sender);
    }
    Ok(())
}

async fn connect(peer: &Peer) -> Result<SendRequest<Full<Bytes>>, String> {
    let stream = TcpStream::connect(&peer.endpoint)
        .await
        .map_err(|error| format!("cannot reach the agent at {}: {error}", peer.endpoint))?;
    stream.set_nodelay(true).map_err(|error| error.to_string())?;
    let (sender, connection) = http1::Builder::new()
        .max_buf_size(16 << 10)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error.to_string())?;
    // Ends with the connection; what goes wrong on it, its users are told.
    tokio::spawn(async move { connection.await.ok() });
    Ok(sender)
}

async fn post(
    peer: &Peer,
    sender: &mut SendRequest<Full<Bytes>>,
    call: &Call,
) -> Result<Response<Incoming>, String> {
    let mut request = Request::post(PATH)
        .header(header::HOST, &peer.endpoint)
        .header(header::CONTENT_TYPE, MediaType::Protobuf.name())
        .header(header::ACCEPT, MediaType::Protobuf.name());
    if let Some(authorization) = &peer.authorization {
        request = request.header(header::AUTHORIZATION, authorization);
    }
    let body = Full::new(Bytes::from(media::encode(MediaType::Protobuf, call)));
    let request = request.body(body).map_err(|error| error.to_string())?;
    sender.send_request(request).await.map_err(|error| error.to_string())
}

/// `503 Service Unavailable: Agent has not finished recovery`.
async fn refusal(response: Response<Incoming>) -> String {
    let status = response.status();
    let body = Limited::new(response.into_body(), REFUSAL_LIMIT_BYTES).collect();
    let text = match timeout(ANSWER_TIMEOUT, body).await {
        Ok(Ok(body)) => String::from_utf8_lossy(&body.to_bytes()).trim().to_owned(),
        Ok(Err(_)) | Err(_) => String::new(),
    };
    format!("the agent answered {status}: {text}")
}
