//! The agent's link to the leading master: one stream down, batches up, each in order.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use agent::{Agent, Event};
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wire::link::{Call, Hello};
use wire::media::MediaType;

use super::exchange::Exchange;
use super::watch::Watch;
use crate::driver::Mailbox;
use crate::http::VOUCHER_KEY;
use crate::http::auth::Voucher;
use crate::http::client::{Answer, Client, ClientError, Silent, Timeouts, Tried};

/// Calls waiting for the master; beyond it the link is given up and opened anew.
const QUEUE: usize = 65_536;
const ERROR_LIMIT_BYTES: usize = 64 << 10;
const PATH: &str = "/ebb/v1/link";
/// Time a master has to answer a greeting or a batch.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// Time to connect to one of several masters: another one may be alive.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
/// Time for a look at all masters, below what the core allows from greeting to registration.
const ROUND: Duration = Duration::from_secs(24);
const ROUND_ANSWER_MAX: Duration = Duration::from_secs(10);

/// Opens links, one at a time, and knows the open one.
#[derive(Clone, Debug)]
pub(super) struct LinkShell {
    masters: Arc<Masters>,
    open: Arc<Mutex<Open>>,
}

/// Who to ask, and how.
#[derive(Debug)]
struct Masters {
    /// `http://host:port` of each.
    urls: Vec<String>,
    /// Who leads now, as another master said when the last link ended.
    named: Mutex<Option<String>>,
    /// Whose link is open.
    leader: Mutex<Option<String>>,
    /// For greetings, which go to any master.
    greeter: Client,
    /// For batches, which go to the leader.
    client: Client,
    /// With which a master may say who called.
    voucher: Voucher,
}

#[derive(Debug)]
struct Open {
    /// Where the next look for a leader begins.
    turn: usize,
    calls: Option<mpsc::Sender<Call>>,
    stop: CancellationToken,
    running: Option<JoinHandle<()>>,
}

impl LinkShell {
    /// `authorization` is shown to every master. `turn` chooses whom to ask first: agents that choose at
    /// random don't all ask the same one.
    pub(super) fn new(
        authorization: Option<String>,
        urls: Vec<String>,
        turn: usize,
        voucher: Voucher,
    ) -> Self {
        let greeter = Client::with_timeouts(authorization.clone(), greeting_timeouts(urls.len()));
        let client = Client::new(authorization);
        let (named, leader) = (Mutex::default(), Mutex::default());
        let masters = Masters { urls, named, leader, greeter, client, voucher };
        let open = Open { turn, calls: None, stop: CancellationToken::new(), running: None };
        Self { masters: Arc::new(masters), open: Arc::new(Mutex::new(open)) }
    }

    /// The host of the master whose link is open.
    pub(super) fn leader_host(&self) -> Option<String> {
        let leader: axum::http::Uri = self.masters.leader().as_ref()?.parse().ok()?;
        leader.host().map(str::to_owned)
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

    /// Looks for the leader and opens a link with `hello` in the background.
    pub(super) fn connect(
        &self,
        mailbox: Mailbox<Agent>,
        hello: Hello,
        runtime: &tokio::runtime::Handle,
    ) {
        let (calls, queue) = mpsc::channel(QUEUE);
        let stop = CancellationToken::new();
        let mut open = self.open();
        open.stop.cancel();
        open.stop = stop.clone();
        open.calls = Some(calls);
        let turn = open.turn;
        open.turn = turn.wrapping_add(1);
        let before = open.running.take();
        let masters = self.masters.clone();
        open.running = Some(runtime.spawn(async move {
            // There is never a second link: the one before has ended first, however it did.
            if let Some(before) = before {
                drop(before.await);
            }
            let ended = tokio::select! {
                () = stop.cancelled() => return,
                ended = masters.link(turn, hello, queue, &mailbox) => ended,
            };
            mailbox.tell(ended).await;
        }));
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

/// One master may take its time; of several each gets its part of the round.
fn greeting_timeouts(masters: usize) -> Timeouts {
    if masters <= 1 {
        return Timeouts { answer: Some(ANSWER_TIMEOUT), ..Timeouts::default() };
    }
    let part = ROUND / u32::try_from(masters).unwrap_or(u32::MAX);
    Timeouts { connect: CONNECT_TIMEOUT, answer: Some(part.min(ROUND_ANSWER_MAX)) }
}

impl Masters {
    /// Runs one link from the search for a leader to its end, and says how it ended.
    async fn link(
        &self,
        turn: usize,
        hello: Hello,
        queue: mpsc::Receiver<Call>,
        mailbox: &Mailbox<Agent>,
    ) -> Event {
        let agent_id = hello.agent_info.as_ref().and_then(|info| info.id.clone());
        let body = Bytes::from(wire::media::encode(MediaType::Protobuf, &hello));
        drop(hello);
        let answer = match self.greet(turn, body).await {
            Ok(answer) => answer,
            Err(ended) => return ended,
        };
        let Answer { url, response } = answer;
        // From here on nobody but the leader is asked, wherever the way to it began.
        let leader = url.strip_suffix(PATH).unwrap_or(&url);
        tracing::info!(leader, "the master takes the greeting");
        let others = self.urls.iter().filter(|url| *url != leader).cloned().collect();
        let watch = Watch { client: self.greeter.clone(), others };
        let exchange = Exchange { client: self.client.clone(), leader, watch, mailbox };
        let mut next = None;
        *self.leader() = Some(leader.to_owned());
        let why = exchange.run(response.into_body(), queue, agent_id, &mut next).await;
        *self.leader() = None;
        *self.named() = next;
        Event::LinkClosed { why: format!("{leader}: {why}") }
    }

    fn leader(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        // No code panics while holding it.
        self.leader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn named(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        // No code panics while holding it.
        self.named.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks the masters in turn until one takes the greeting.
    async fn greet(&self, turn: usize, hello: Bytes) -> Result<Answer, Event> {
        let mut tried = Tried::default();
        let mut silent = Silent::default();
        let mut refused = 0;
        let named = self.named().take();
        let count = self.urls.len();
        let in_turn = self.urls.iter().cycle().skip(turn % count.max(1)).take(count);
        for master in named.iter().chain(in_turn) {
            let url = format!("{master}{PATH}");
            let extra = [(VOUCHER_KEY, self.voucher.key())];
            let greeted = self.greeter.attempt_with(&url, &extra, hello.clone(), &mut silent);
            let error = match greeted.await {
                Ok(answer) if answer.response.status().is_success() => return Ok(answer),
                Ok(answer) => match answer.read(ERROR_LIMIT_BYTES).await {
                    Ok(_) => continue,
                    Err(error) => error,
                },
                Err(error) => error,
            };
            refused += usize::from(is_refusal(&error));
            tried.note(master, &error);
        }
        // Who is turned down by whoever answers gains nothing by asking often.
        Err(match tried.lines.len() {
            all if refused == all => Event::LinkClosed { why: tried.to_string() },
            1 => Event::NoLeader { why: tried.to_string() },
            _ => Event::NoLeader { why: ClientError::NoLeader(tried).to_string() },
        })
    }
}

/// Whether it was a master that leads, and does not want this agent or can't cope with it now.
fn is_refusal(error: &ClientError) -> bool {
    match error {
        ClientError::Status { status, .. } => status.as_u16() != 503,
        ClientError::Broken { .. } | ClientError::Garbled { .. } => true,
        ClientError::Unreachable { .. }
        | ClientError::Misdirected { .. }
        | ClientError::Address { .. }
        | ClientError::NoLeader(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;
    use crate::http::redirect::Misdirected;

    /// Only masters that don't lead, or aren't there, are asked again soon.
    #[test]
    fn who_turns_an_agent_down_is_told_from_who_does_not_lead() {
        let url = || "http://m:5050".to_owned();
        let cause = || "why".to_owned();
        let status = |status| ClientError::Status { url: url(), status, text: cause() };
        for (error, expected) in [
            (status(StatusCode::UNAUTHORIZED), true),
            (status(StatusCode::NOT_FOUND), true),
            (ClientError::Broken { url: url(), cause: cause() }, true),
            (status(StatusCode::SERVICE_UNAVAILABLE), false),
            (ClientError::Unreachable { url: url(), cause: cause() }, false),
            (ClientError::Misdirected { url: url(), cause: Misdirected::Nowhere }, false),
        ] {
            assert_eq!(is_refusal(&error), expected, "{error}");
        }
    }

    /// A look at all masters is over before the core gives the greeting up.
    #[test]
    fn a_round_is_over_in_time() {
        for masters in 2..20_u32 {
            let timeouts = greeting_timeouts(masters as usize);
            assert!(timeouts.answer.unwrap() * masters <= ROUND, "{masters}: {timeouts:?}");
        }
        assert_eq!(greeting_timeouts(1).answer, Some(ANSWER_TIMEOUT));
    }
}
