//! The agent's link to its master: one stream down, batches up, each in order.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent::{Agent, Event};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use wire::link::{Batch, Call, Hello};
use wire::media::MediaType;

use crate::driver::Mailbox;
use crate::http::client::{self, Client};

/// Calls waiting for the master; beyond it the link is given up and opened anew.
const QUEUE: usize = 65_536;
/// Calls in one batch.
const BATCH: usize = 1024;
/// Largest event the master may send.
const EVENT_LIMIT_BYTES: usize = 64 << 20;
const ANSWER_LIMIT_BYTES: usize = 64 << 10;
/// Time the master has to answer a greeting or a batch.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// Opens links and knows the open one.
#[derive(Clone, Debug)]
pub(super) struct LinkShell {
    client: Client,
    /// `http://host:port` of each master, tried in turn.
    masters: Arc<Vec<String>>,
    open: Arc<Mutex<Open>>,
}

#[derive(Debug, Default)]
struct Open {
    attempt: usize,
    calls: Option<mpsc::Sender<Call>>,
    stop: CancellationToken,
}

impl LinkShell {
    pub(super) fn new(client: Client, masters: Vec<String>) -> Self {
        Self { client, masters: Arc::new(masters), open: Arc::default() }
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        // No code panics while holding it; if it did, the fields would still be whole.
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Closes the open link, if any. Its `LinkClosed` is not reported.
    pub(super) fn disconnect(&self) {
        let mut open = self.open();
        open.stop.cancel();
        open.calls = None;
    }

    /// Opens a link with `hello` in the background.
    pub(super) fn connect(
        &self,
        mailbox: Mailbox<Agent>,
        hello: Hello,
        runtime: &tokio::runtime::Handle,
    ) {
        let (calls, queue) = mpsc::channel(QUEUE);
        let stop = CancellationToken::new();
        let master = {
            let mut open = self.open();
            open.stop.cancel();
            open.stop = stop.clone();
            open.calls = Some(calls);
            let master = self.masters[open.attempt % self.masters.len()].clone();
            open.attempt += 1;
            master
        };
        let client = self.client.clone();
        runtime.spawn(async move {
            let link = Link { client, master, mailbox: mailbox.clone() };
            let why = tokio::select! {
                () = stop.cancelled() => return,
                why = link.run(hello, queue) => why,
            };
            mailbox.tell(Event::LinkClosed { why }).await;
        });
    }

    /// Queues a call for the open link. Without one it is lost: the next greeting says it all again.
    pub(super) fn call(&self, call: Call) {
        let mut open = self.open();
        if let Some(calls) = &open.calls
            && calls.try_send(call).is_err()
        {
            // Its queue ends with it: the link closes and the agent greets anew.
            open.calls = None;
        }
    }
}

struct Link {
    client: Client,
    master: String,
    mailbox: Mailbox<Agent>,
}

impl Link {
    /// Runs one link to its end and says why it ended.
    async fn run(&self, hello: Hello, queue: mpsc::Receiver<Call>) -> String {
        let agent_id = hello.agent_info.as_ref().and_then(|info| info.id.clone());
        let url = format!("{}/ebb/v1/link", self.master);
        let body = Bytes::from(wire::media::encode(MediaType::Protobuf, &hello));
        drop(hello);
        let name = MediaType::Protobuf.name();
        let posted = self.client.post(&url, name, name, &[], body);
        let response = match tokio::time::timeout(ANSWER_TIMEOUT, posted).await {
            Err(_elapsed) => return format!("{url} did not answer within {ANSWER_TIMEOUT:?}"),
            Ok(Err(error)) => return error.to_string(),
            Ok(Ok(response)) => response,
        };
        if !response.status().is_success() {
            let status = response.status();
            let body = client::read(&url, response, ANSWER_LIMIT_BYTES).await.unwrap_or_default();
            return format!("{url} answered {status}: {}", String::from_utf8_lossy(&body).trim());
        }
        self.exchange(response.into_body(), queue, agent_id).await
    }

    async fn exchange(
        &self,
        mut events: hyper::body::Incoming,
        queue: mpsc::Receiver<Call>,
        mut agent_id: Option<wire::v1::AgentId>,
    ) -> String {
        let mut decoder = wire::recordio::Decoder::new(EVENT_LIMIT_BYTES);
        let mut queue = Some(queue);
        let mut upward: Option<tokio::task::JoinHandle<String>> = None;
        let why = loop {
            let frame = tokio::select! {
                why = joined(upward.as_mut()) => break why,
                frame = events.frame() => frame,
            };
            let data = match frame {
                None => break "the master closed the link".to_owned(),
                Some(Err(error)) => break format!("the link broke: {error}"),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => data,
                    Err(_trailers) => continue,
                },
            };
            decoder.push(&data);
            let event = loop {
                let record = match decoder.next() {
                    Ok(Some(record)) => record,
                    Ok(None) => break Ok(()),
                    Err(error) => break Err(error.to_string()),
                };
                let event: wire::link::Event =
                    match wire::media::decode(MediaType::Protobuf, &record) {
                        Ok(event) => event,
                        Err(error) => break Err(error.to_string()),
                    };
                if let Some(registered) = &event.registered
                    && let Some(queue) = queue.take()
                {
                    agent_id = registered.agent_id.clone().or(agent_id.take());
                    upward = Some(tokio::spawn(send_up(
                        self.client.clone(),
                        format!("{}/ebb/v1/link/calls", self.master),
                        agent_id.clone(),
                        registered.link_id,
                        queue,
                    )));
                }
                if self.mailbox.send(Event::Link(Box::new(event))).await.is_err() {
                    break Err("the agent is stopping".to_owned());
                }
            };
            if let Err(why) = event {
                break format!("the master sent something unreadable: {why}");
            }
        };
        if let Some(upward) = upward {
            upward.abort();
        }
        why
    }
}

async fn joined(task: Option<&mut tokio::task::JoinHandle<String>>) -> String {
    match task {
        Some(task) => task.await.unwrap_or_else(|_| "the sending side ended".to_owned()),
        None => std::future::pending().await,
    }
}

/// Sends what is queued, a batch at a time; ends when a batch was not accepted.
async fn send_up(
    client: Client,
    url: String,
    agent_id: Option<wire::v1::AgentId>,
    link_id: Option<u64>,
    mut queue: mpsc::Receiver<Call>,
) -> String {
    loop {
        let mut calls = Vec::new();
        if queue.recv_many(&mut calls, BATCH).await == 0 {
            return "more calls were waiting than the link can hold".to_owned();
        }
        let batch = Batch { agent_id: agent_id.clone(), link_id, calls };
        let posted = client.call(&url, &[], &batch, ANSWER_LIMIT_BYTES);
        match tokio::time::timeout(ANSWER_TIMEOUT, posted).await {
            Err(_elapsed) => return format!("{url} did not answer within {ANSWER_TIMEOUT:?}"),
            Ok(Err(error)) => return error.to_string(),
            Ok(Ok(_accepted)) => {}
        }
    }
}
