//! Where the master's messages go: open streams and waiting callers.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::http::StatusCode;
use master::{Event, LinkId, Master, Message, Note, RequestId, StreamId};
use tokio::sync::oneshot;

use super::metrics::Counters;
use crate::driver::{Mailbox, Outbox, Stopped, Undone};
use crate::http::ApiError;
use crate::http::auth::Voucher;
use crate::http::feed::{Bounds, Cut, Feed};
use crate::http::stream::Sender;

/// Operator event streams open at once; beyond it the oldest is closed.
// Mesos: `max_operator_event_stream_subscribers`.
const MAX_WATCHERS: usize = 1000;

type Reply = Result<(), ApiError>;

/// Everybody the master can talk to. Shared by the HTTP handlers, which add, and the outbox.
#[derive(Debug)]
pub(super) struct Hub {
    next: AtomicU64,
    state: Mutex<State>,
    events: Feed<wire::master::Event>,
    /// Watchers that are about to be added.
    coming: AtomicUsize,
    /// Held while the core is told how many watch: an older count must not arrive after a newer one.
    counting: tokio::sync::Mutex<()>,
}

impl Default for Hub {
    fn default() -> Self {
        let events = Feed::new(Bounds::default(), MAX_WATCHERS, last_words);
        Self {
            next: AtomicU64::default(),
            state: Mutex::default(),
            events,
            coming: AtomicUsize::default(),
            counting: tokio::sync::Mutex::default(),
        }
    }
}

/// What somebody is told who watched and is cut off.
fn last_words(why: Cut) -> wire::master::Event {
    let message = match why {
        Cut::Slow => {
            "This subscriber is too far behind what happens: it does not read, or not fast enough. It has \
                      missed events; subscribe again for the state as it is now."
        }
        Cut::TooMany => {
            "There are more subscribers than may be, and this is the oldest. Subscribe again for the \
                         state as it is now."
        }
    };
    wire::master::Event {
        r#type: Some(wire::master::event::Type::Error.into()),
        error: Some(wire::master::event::Error { message: message.to_owned() }),
        ..wire::master::Event::default()
    }
}

#[derive(Debug, Default)]
struct State {
    links: BTreeMap<LinkId, Sender<wire::link::Event>>,
    /// With what the agents of the open links take this master's word on who called.
    vouchers: BTreeMap<LinkId, Voucher>,
    schedulers: BTreeMap<StreamId, Sender<wire::scheduler::Event>>,
    /// `Mesos-Stream-Id` texts of the open scheduler streams.
    stream_names: BTreeMap<String, StreamId>,
    replies: BTreeMap<RequestId, oneshot::Sender<Reply>>,
}

/// A watcher that is about to be added.
#[derive(Debug)]
pub(super) struct Coming(Arc<Hub>);

impl Drop for Coming {
    fn drop(&mut self) {
        self.0.coming.fetch_sub(1, Ordering::SeqCst);
    }
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

    pub(super) fn add_link(
        &self,
        sender: Sender<wire::link::Event>,
        voucher: Option<Voucher>,
    ) -> LinkId {
        let link = LinkId(self.number());
        let mut state = self.state();
        state.links.insert(link, sender);
        state.vouchers.extend(voucher.map(|voucher| (link, voucher)));
        link
    }

    pub(super) fn remove_link(&self, link: LinkId) {
        let mut state = self.state();
        state.links.remove(&link);
        state.vouchers.remove(&link);
    }

    pub(super) fn voucher(&self, link: LinkId) -> Option<Voucher> {
        self.state().vouchers.get(&link).cloned()
    }

    pub(super) fn has_link(&self, link: LinkId) -> bool {
        self.state().links.contains_key(&link)
    }

    pub(super) fn add_scheduler(
        &self,
        name: &str,
        sender: Sender<wire::scheduler::Event>,
    ) -> StreamId {
        let stream = StreamId(self.number());
        let mut state = self.state();
        state.schedulers.insert(stream, sender);
        state.stream_names.insert(name.to_owned(), stream);
        stream
    }

    pub(super) fn remove_scheduler(&self, name: &str, stream: StreamId) {
        let mut state = self.state();
        state.schedulers.remove(&stream);
        state.stream_names.remove(name);
    }

    pub(super) fn stream_named(&self, name: &str) -> Option<StreamId> {
        self.state().stream_names.get(name).copied()
    }

    /// Operator events, for whoever watches.
    pub(super) fn events(&self) -> &Feed<wire::master::Event> {
        &self.events
    }

    /// Ends all streams, so that a stop need not wait for them.
    pub(super) fn close(&self) {
        let mut state = self.state();
        state.links.clear();
        state.vouchers.clear();
        state.schedulers.clear();
        drop(state);
        self.events.close();
    }

    /// For agents, schedulers and watchers: how many streams there are, and how many events wait in the longest
    /// queue.
    pub(super) fn queues(&self) -> [(&'static str, usize, usize); 3] {
        fn longest(waiting: impl Iterator<Item = usize>) -> usize {
            waiting.max().unwrap_or(0)
        }
        let state = self.state();
        let (links, schedulers) = (state.links.values(), state.schedulers.values());
        [
            ("agent", state.links.len(), longest(links.map(Sender::waiting))),
            ("scheduler", state.schedulers.len(), longest(schedulers.map(Sender::waiting))),
            ("operator", self.events.readers(), self.events.waiting()),
        ]
    }

    /// Those that watch and those that are about to.
    pub(super) fn watchers(&self) -> usize {
        self.events.readers() + self.coming.load(Ordering::SeqCst)
    }

    /// Counts a watcher that is about to be added, until the result is dropped.
    pub(super) fn coming(self: &Arc<Self>) -> Coming {
        self.coming.fetch_add(1, Ordering::SeqCst);
        Coming(self.clone())
    }

    /// Tells the core how many watch; with none it makes no events for them.
    pub(super) async fn tell_watchers(&self, mailbox: &Mailbox<Master>) -> Result<(), Stopped> {
        let _turn = self.counting.lock().await;
        mailbox.send(Event::Watchers { count: self.watchers() }).await
    }

    fn reply(&self, request: RequestId, reply: Reply) {
        if let Some(sender) = self.state().replies.remove(&request) {
            // The caller may have gone.
            drop(sender.send(reply));
        }
    }

    fn to_link(&self, link: LinkId, event: wire::link::Event) {
        let mut state = self.state();
        if let Some(sender) = state.links.get(&link)
            && sender.send(Arc::new(event)).is_err()
        {
            // Too far behind, or gone: without its sender the stream ends, and the agent comes back.
            state.links.remove(&link);
        }
    }

    fn to_scheduler(&self, stream: StreamId, event: wire::scheduler::Event) {
        let mut state = self.state();
        if let Some(sender) = state.schedulers.get(&stream)
            && sender.send(Arc::new(event)).is_err()
        {
            state.schedulers.remove(&stream);
        }
    }
}

/// The driver's side of the hub.
#[derive(Debug)]
pub(super) struct MasterOutbox {
    pub(super) hub: Arc<Hub>,
    pub(super) counters: Arc<Counters>,
}

impl Outbox<Master> for MasterOutbox {
    fn deliver(&mut self, messages: Vec<Message>) {
        for message in messages {
            match message {
                Message::Agent { link, event } => self.hub.to_link(link, *event),
                Message::CloseLink { link } => self.hub.remove_link(link),
                Message::Scheduler { stream, event } => self.hub.to_scheduler(stream, *event),
                Message::CloseScheduler { stream } => {
                    self.hub.state().schedulers.remove(&stream);
                }
                Message::Operator { event } => self.hub.events.publish(*event),
                Message::Reply { request, outcome } => {
                    self.hub.reply(request, outcome.map_err(ApiError::from));
                }
            }
        }
    }

    fn note(&mut self, notes: Vec<Note>) {
        for note in notes {
            self.counters.count(&note);
            super::notes::log(&note);
        }
    }

    fn refuse(&mut self, messages: &[Message], why: &Undone<'_>) {
        let text = match why {
            Undone::Broken(error) => format!("The registry could not be written: {error}"),
            Undone::Unsure(text) => (*text).to_owned(),
        };
        for message in messages {
            if let Message::Reply { request, outcome } = message {
                let refusal = outcome.clone().map_err(ApiError::from);
                self.hub.reply(*request, refusal.and_then(|()| Err(unavailable(&text))));
            }
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "nobody waits for the others")]
    fn turn_away(&mut self, event: Event, why: &str) -> Option<Event> {
        match event {
            Event::SchedulerSubscribe { request, .. }
            | Event::SchedulerCall { request, .. }
            | Event::DrainAgent { request, .. }
            | Event::DeactivateAgent { request, .. }
            | Event::ReactivateAgent { request, .. }
            | Event::MarkAgentGone { request, .. }
            | Event::Teardown { request, .. }
            | Event::UpdateMaintenance { request, .. }
            | Event::StartMaintenance { request, .. }
            | Event::StopMaintenance { request, .. } => {
                self.hub.reply(request, Err(unavailable(why)));
                None
            }
            event => Some(event),
        }
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "the others come once for each peer")]
    fn send_away(&mut self, event: Event) -> Option<Event> {
        match event {
            Event::AgentHello { link, .. } | Event::AgentCalls { link, .. } => {
                self.hub.remove_link(link);
                None
            }
            event => Some(event),
        }
    }
}

fn unavailable(why: &str) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, why)
}

#[cfg(test)]
mod tests {
    use model::Refusal;

    use super::*;

    /// A caller whose batch could not be made durable is told 503, one that was refused anyway its refusal.
    #[test]
    fn an_undurable_success_is_answered_with_503() {
        let hub = Arc::new(Hub::default());
        let mut outbox = MasterOutbox { hub: hub.clone(), counters: Arc::default() };
        let (accepted, mut first) = hub.request();
        let (refused, mut second) = hub.request();
        outbox.refuse(
            &[
                Message::Reply { request: accepted, outcome: Ok(()) },
                Message::Reply {
                    request: refused,
                    outcome: Err(Refusal::bad_request("Unknown agent")),
                },
            ],
            &Undone::Unsure("No space left on device"),
        );
        let first = first.try_recv().unwrap().unwrap_err();
        assert_eq!(first.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(first.text.contains("No space left on device"), "{}", first.text);
        assert_eq!(second.try_recv().unwrap().unwrap_err().status, StatusCode::BAD_REQUEST);
    }
}
