//! Where the agent's messages go: the link, executors, containers and waiting callers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent::{Agent, Message, Note, RequestId, Stop, StreamId};
use axum::http::StatusCode;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::containers::Containers;
use super::link::LinkShell;
use super::notes;
use crate::driver::{Mailbox, Outbox, Undone};
use crate::http::ApiError;
use crate::http::stream::Sender;

type Reply = Result<(), ApiError>;

/// Executors and callers the agent can talk to. Shared by the HTTP handlers, which add, and the outbox.
#[derive(Debug, Default)]
pub(super) struct Hub {
    next: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    executors: BTreeMap<StreamId, Sender<wire::executor::Event>>,
    replies: BTreeMap<RequestId, oneshot::Sender<Reply>>,
}

impl Hub {
    fn state(&self) -> MutexGuard<'_, State> {
        // No code panics while holding it; if it did, the maps would still be whole.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// A new request and the answer to wait for.
    pub(super) fn request(&self) -> (RequestId, oneshot::Receiver<Reply>) {
        let request = RequestId(self.number());
        let (sender, receiver) = oneshot::channel();
        self.state().replies.insert(request, sender);
        (request, receiver)
    }

    pub(super) fn add_executor(&self, sender: Sender<wire::executor::Event>) -> StreamId {
        let stream = StreamId(self.number());
        self.state().executors.insert(stream, sender);
        stream
    }

    pub(super) fn remove_executor(&self, stream: StreamId) {
        self.state().executors.remove(&stream);
    }

    /// Ends all streams, so that a stop need not wait for them.
    pub(super) fn close(&self) {
        self.state().executors.clear();
    }

    fn reply(&self, request: RequestId, reply: Reply) {
        if let Some(sender) = self.state().replies.remove(&request) {
            // The caller may have gone.
            drop(sender.send(reply));
        }
    }

    fn to_executor(&self, stream: StreamId, event: wire::executor::Event) {
        let mut state = self.state();
        if let Some(sender) = state.executors.get(&stream)
            && sender.send(Arc::new(event)).is_err()
        {
            // Too far behind, or gone: without its sender the stream ends, and the executor comes back.
            state.executors.remove(&stream);
        }
    }
}

/// The driver's side of all that.
#[derive(Debug)]
pub(super) struct AgentOutbox {
    pub(super) hub: Arc<Hub>,
    pub(super) link: LinkShell,
    pub(super) containers: Containers,
    pub(super) mailbox: Mailbox<Agent>,
    pub(super) runtime: Handle,
    /// Taken by the first [`Message::Stop`].
    pub(super) stopped: Option<oneshot::Sender<Stop>>,
}

impl Outbox<Agent> for AgentOutbox {
    fn deliver(&mut self, messages: Vec<Message>) {
        for message in messages {
            match message {
                Message::Connect { hello } => {
                    self.link.connect(self.mailbox.clone(), *hello, &self.runtime);
                }
                Message::Disconnect => self.link.disconnect(),
                Message::Call { call } => self.link.call(*call),
                Message::Executor { stream, event } => self.hub.to_executor(stream, *event),
                Message::CloseExecutor { stream } => self.hub.remove_executor(stream),
                Message::Launch(spec) => self.containers.launch(*spec, &self.runtime),
                Message::MakeVolumes(volumes) => self.containers.make_volumes(&volumes),
                Message::LinkVolumes { directory, user, volumes } => {
                    self.containers.link_volumes(&directory, user.as_deref(), &volumes);
                }
                Message::RemoveVolumes { operation, volumes } => {
                    self.containers.remove_volumes(operation, volumes, &self.runtime);
                }
                Message::Destroy { container } => self.containers.destroy(container, &self.runtime),
                Message::Reply { request, outcome } => {
                    self.hub.reply(request, outcome.map_err(ApiError::from));
                }
                Message::Stop(stop) => {
                    if let Some(stopped) = self.stopped.take() {
                        // The process may be ending already.
                        drop(stopped.send(stop));
                    }
                }
            }
        }
    }

    fn note(&mut self, notes: Vec<Note>) {
        for note in &notes {
            notes::log(note);
        }
    }

    fn refuse(&mut self, messages: &[Message], why: &Undone<'_>) {
        let text = match why {
            Undone::Broken(error) => format!("The checkpoint could not be written: {error}"),
            Undone::Unsure(text) => (*text).to_owned(),
        };
        for message in messages {
            if let Message::Reply { request, .. } = message {
                let text = text.clone();
                self.hub.reply(*request, Err(ApiError::new(StatusCode::SERVICE_UNAVAILABLE, text)));
            }
        }
    }
}
