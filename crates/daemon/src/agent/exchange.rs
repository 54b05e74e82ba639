//! What goes over an open link: the leader's events, and the agent's batches once it is registered.

use agent::{Agent, Event};
use http_body_util::BodyExt as _;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;
use wire::link::{Batch, Call};
use wire::media::MediaType;

use super::link::ANSWER_TIMEOUT;
use super::watch::Watch;
use crate::driver::Mailbox;
use crate::http::client::Client;

/// Calls in one batch.
const BATCH: usize = 1024;
/// Largest event the master may send.
const EVENT_LIMIT_BYTES: usize = 64 << 20;
const ANSWER_LIMIT_BYTES: usize = 64 << 10;

/// An open link.
pub(super) struct Exchange<'a> {
    pub(super) client: Client,
    /// `http://host:port` of the master that took the greeting.
    pub(super) leader: &'a str,
    pub(super) watch: Watch,
    pub(super) mailbox: &'a Mailbox<Agent>,
}

impl Exchange<'_> {
    /// Runs the link to its end and says why it ended, and who leads now where that is known. Nothing of
    /// it is left when this is dropped.
    pub(super) async fn run(
        &self,
        mut events: hyper::body::Incoming,
        queue: mpsc::Receiver<Call>,
        mut agent_id: Option<wire::v1::AgentId>,
        next_leader: &mut Option<String>,
    ) -> String {
        let mut decoder = wire::recordio::Decoder::new(EVENT_LIMIT_BYTES);
        let mut queue = Some(queue);
        let mut upward: Option<AbortOnDropHandle<String>> = None;
        let mut quiet = Watch::quiet(None);
        loop {
            let frame = tokio::select! {
                why = joined(upward.as_mut()) => return why,
                next = self.watch.until_deposed(self.leader, quiet) => {
                    *next_leader = Some(next.clone());
                    return format!("it has fallen silent, and {next} leads now");
                }
                frame = events.frame() => frame,
            };
            let data = match frame {
                None => return "the master closed the link".to_owned(),
                Some(Err(error)) => return format!("the link broke: {error}"),
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => data,
                    Err(_trailers) => continue,
                },
            };
            decoder.push(&data);
            loop {
                let event = match next(&mut decoder) {
                    Ok(Some(event)) => event,
                    Ok(None) => break,
                    Err(why) => return format!("the master sent something unreadable: {why}"),
                };
                if let Some(registered) = &event.registered
                    && let Some(queue) = queue.take()
                {
                    agent_id = registered.agent_id.clone().or(agent_id.take());
                    quiet = Watch::quiet(registered.total_ping_timeout_seconds);
                    upward = Some(AbortOnDropHandle::new(tokio::spawn(send_up(
                        self.client.clone(),
                        format!("{}/ebb/v1/link/calls", self.leader),
                        agent_id.clone(),
                        registered.link_id,
                        queue,
                    ))));
                }
                if self.mailbox.send(Event::Link(Box::new(event))).await.is_err() {
                    return "the agent is stopping".to_owned();
                }
            }
        }
    }
}

fn next(decoder: &mut wire::recordio::Decoder) -> Result<Option<wire::link::Event>, String> {
    let Some(record) = decoder.next().map_err(|error| error.to_string())? else { return Ok(None) };
    wire::media::decode(MediaType::Protobuf, &record).map(Some).map_err(|error| error.to_string())
}

async fn joined(task: Option<&mut AbortOnDropHandle<String>>) -> String {
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
        // Never by redirect: to another master this link's number means another link.
        let posted = client.call_here(&url, &[], &batch, ANSWER_LIMIT_BYTES);
        match tokio::time::timeout(ANSWER_TIMEOUT, posted).await {
            Err(_elapsed) => return format!("{url} did not answer within {ANSWER_TIMEOUT:?}"),
            Ok(Err(error)) => return error.to_string(),
            Ok(Ok(_accepted)) => {}
        }
    }
}
