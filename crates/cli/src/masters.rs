//! The masters a command was given, and which of them leads.
//!
//! Every call begins with the one that took the last call. A master that does not lead redirects, so any
//! address will do; one that knows no leader, or does not answer, is passed over for the next. While some
//! master says that there will be a leader, the round is repeated for a bounded time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use daemon::http::client::{ClientError, Silent, Timeouts, Tried};
use tokio::time::{Instant, sleep};

use crate::output;

/// How long a call waits for a leader: longer than a failover takes.
const PATIENCE: Duration = Duration::from_secs(30);
/// Pauses between two rounds; they grow by half.
const PAUSE: Duration = Duration::from_millis(200);
const PAUSE_LIMIT: Duration = Duration::from_secs(2);
/// Bounds where there is another master to ask.
const SEVERAL: Timeouts =
    Timeouts { connect: Duration::from_millis(1500), answer: Some(Duration::from_secs(15)) };

/// Whether a call may be made once more when nobody knows what became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Repeat {
    /// Reads, and calls that say what is to be: the second time changes nothing.
    Harmless,
    /// Calls that would be refused the second time, or undo what somebody did meanwhile.
    Never,
}

/// The addresses, shared by all who call.
#[derive(Clone, Debug)]
pub struct Masters {
    urls: Arc<Vec<String>>,
    shared: Arc<Shared>,
    patience: Duration,
}

#[derive(Debug, Default)]
struct Shared {
    /// `http://host:port` of whoever took the last call.
    leader: Mutex<Option<String>>,
    has_warned: AtomicBool,
}

impl Masters {
    /// `urls` are `http://host:port`, at least one.
    pub fn new(urls: Vec<String>) -> Self {
        Self { urls: Arc::new(urls), shared: Arc::default(), patience: PATIENCE }
    }

    /// How long to wait for each of so many masters.
    pub fn timeouts(count: usize) -> Timeouts {
        if count > 1 { SEVERAL } else { Timeouts::default() }
    }

    /// The same masters, for callers that look again by themselves.
    #[must_use]
    pub fn without_patience(&self) -> Self {
        Self { patience: Duration::ZERO, ..self.clone() }
    }

    /// The one that took the last call, or the first that was given.
    pub fn leader(&self) -> String {
        self.remembered().unwrap_or_else(|| self.urls.first().cloned().unwrap_or_default())
    }

    fn remembered(&self) -> Option<String> {
        // No code panics while holding it; if it did, the address would still be whole.
        self.shared.leader.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes who took a call: `url` of its answer, which ends with `path`.
    pub fn found(&self, url: &str, path: &str) {
        let leader = url.strip_suffix(path).unwrap_or(url).to_owned();
        *self.shared.leader.lock().unwrap_or_else(PoisonError::into_inner) = Some(leader);
    }

    /// Warns, once, that what the master shows is old.
    pub fn warn_of_registry(&self, since: &str) {
        if !self.shared.has_warned.swap(true, Ordering::Relaxed) {
            output::talk(&output::table::one_line(&format!(
                "warning: the registry has not answered the master since {since}: nothing can be changed, and \
                 what is shown may not be confirmed"
            )));
        }
    }

    /// Begins a call.
    pub fn search(&self, repeat: Repeat) -> Search<'_> {
        Search {
            masters: self,
            repeat,
            round: self.round(),
            silent: Silent::default(),
            tried: Tried::default(),
            reason: None,
            last: None,
            is_hopeful: false,
            begun: Instant::now(),
            has_talked: false,
            pause: PAUSE,
        }
    }

    /// Whom to ask, the last to be asked first.
    fn round(&self) -> Vec<String> {
        let mut round: Vec<String> = self.urls.iter().rev().cloned().collect();
        if let Some(leader) = self.remembered() {
            round.retain(|url| *url != leader);
            round.push(leader);
        }
        round
    }
}

/// One call on its way to whoever leads.
#[derive(Debug)]
pub struct Search<'a> {
    masters: &'a Masters,
    repeat: Repeat,
    round: Vec<String>,
    /// Masters that gave no answer in this round.
    pub silent: Silent,
    /// What each address came to in this round.
    tried: Tried,
    /// The one that tells most.
    reason: Option<String>,
    last: Option<ClientError>,
    /// Somebody is there and will lead, or say who does.
    is_hopeful: bool,
    begun: Instant,
    has_talked: bool,
    pause: Duration,
}

impl Search<'_> {
    /// The next master to ask.
    ///
    /// # Errors
    /// Nobody is left to ask.
    pub async fn next(&mut self) -> Result<String, ClientError> {
        if let Some(url) = self.round.pop() {
            return Ok(url);
        }
        let patience = self.masters.patience;
        if !self.is_hopeful || self.begun.elapsed() >= patience {
            return Err(self.error());
        }
        if !self.has_talked {
            output::talk(&output::table::one_line(&format!(
                "waiting up to {} for a master to take the call: {}",
                output::words::short(patience),
                self.reason.take().unwrap_or_default()
            )));
            self.has_talked = true;
        }
        sleep(self.pause).await;
        self.pause = (self.pause * 3 / 2).min(PAUSE_LIMIT);
        self.round = self.masters.round();
        self.silent = Silent::default();
        self.tried = Tried::default();
        self.reason = None;
        self.is_hopeful = false;
        self.round.pop().ok_or_else(|| self.error())
    }

    /// Takes what came of asking `url`.
    ///
    /// # Errors
    /// The error itself, where asking others makes no sense.
    pub fn failed(&mut self, url: &str, error: ClientError) -> Result<(), ClientError> {
        let may_repeat = self.repeat == Repeat::Harmless;
        let is_several = self.masters.urls.len() > 1;
        let is_hopeful = match &error {
            // A redirect led there: who sent us on will know better soon.
            ClientError::Unreachable { url: asked, .. } => !asked.starts_with(url),
            ClientError::Misdirected { .. } => true,
            ClientError::Status { status, text, .. } if status.as_u16() == 503 => {
                if !may_repeat && !daemon::http::was_not_carried_out(text) {
                    return Err(error);
                }
                true
            }
            ClientError::Broken { .. } if may_repeat => true,
            ClientError::Garbled { .. } if may_repeat && is_several => false,
            ClientError::Status { .. }
            | ClientError::Broken { .. }
            | ClientError::Garbled { .. }
            | ClientError::Address { .. }
            | ClientError::NoLeader(_) => return Err(error),
        };
        self.is_hopeful |= is_hopeful;
        if error.status().is_some() || self.reason.is_none() {
            self.reason = Some(error.to_string());
        }
        self.tried.note(url, &error);
        self.last = Some(error);
        Ok(())
    }

    fn error(&mut self) -> ClientError {
        let tried = std::mem::take(&mut self.tried);
        match self.last.take() {
            Some(error) if self.masters.urls.len() == 1 => error,
            _ => ClientError::NoLeader(tried),
        }
    }
}

#[cfg(test)]
mod tests {
    use hyper::StatusCode;

    use super::*;

    fn unreachable(url: &str) -> ClientError {
        ClientError::Unreachable { url: url.to_owned(), cause: "refused".to_owned() }
    }

    fn status(url: &str, status: StatusCode, text: &str) -> ClientError {
        ClientError::Status { url: url.to_owned(), status, text: text.to_owned() }
    }

    /// The master that took the last call is asked first, even if only a redirect named it.
    #[tokio::test]
    async fn who_took_the_last_call_is_asked_first() {
        let masters = Masters::new(vec!["http://a".to_owned(), "http://b".to_owned()]);
        assert_eq!(masters.search(Repeat::Harmless).next().await.unwrap(), "http://a");
        for (leader, expected) in [
            ("http://b", ["http://b", "http://a"].as_slice()),
            ("http://c", ["http://c", "http://a", "http://b"].as_slice()),
        ] {
            masters.found(&format!("{leader}/api/v1"), "/api/v1");
            let mut search = masters.search(Repeat::Harmless);
            for url in expected {
                assert_eq!(search.next().await.unwrap(), *url);
                search.failed(url, unreachable(url)).unwrap();
            }
            let error = search.next().await.unwrap_err().to_string();
            assert!(expected.iter().all(|url| error.contains(url)), "{error}");
        }
    }

    /// Masters that are all unreachable are given up at once; one that knows no leader, or names one that
    /// is gone, is asked again, and not for ever.
    #[tokio::test]
    async fn a_leader_is_waited_for_only_where_there_is_hope() {
        let patience = Duration::from_millis(600);
        let masters = Masters { patience, ..Masters::new(vec!["http://a".to_owned()]) };
        let unavailable = || status("http://a/x", StatusCode::SERVICE_UNAVAILABLE, "No leader");
        for error in [unavailable as fn() -> ClientError, || unreachable("http://b/x")] {
            let begun = Instant::now();
            let mut search = masters.search(Repeat::Harmless);
            let mut rounds = 0;
            while search.next().await.is_ok() {
                search.failed("http://a", error()).unwrap();
                rounds += 1;
            }
            assert!((3..=4).contains(&rounds), "{rounds} rounds");
            assert!(begun.elapsed() >= patience, "{:?}", begun.elapsed());
        }
        for masters in [masters.without_patience(), masters] {
            let mut search = masters.search(Repeat::Harmless);
            search.next().await.unwrap();
            search.failed("http://a", unreachable("http://a/x")).unwrap();
            assert!(matches!(search.next().await, Err(ClientError::Unreachable { .. })));
        }
    }

    /// A call that must not be made twice goes on only where it was surely not made; and what a leader
    /// answers is the answer.
    #[tokio::test]
    async fn calls_of_unknown_fate_are_repeated_only_where_that_is_harmless() {
        let masters = Masters::new(vec!["http://a".to_owned(), "http://b".to_owned()]);
        let broken = || ClientError::Broken { url: "http://a/x".to_owned(), cause: String::new() };
        let registry = || status("http://a/x", StatusCode::SERVICE_UNAVAILABLE, "The registry");
        let none =
            || status("http://a/x", StatusCode::SERVICE_UNAVAILABLE, daemon::http::NO_LEADER);
        let refused = || status("http://a/x", StatusCode::BAD_REQUEST, "Agent is draining");
        for (error, harmless, never) in [
            (broken as fn() -> ClientError, true, false),
            (registry, true, false),
            (none, true, true),
            (|| unreachable("http://a/x"), true, true),
            (refused, false, false),
        ] {
            for (repeat, goes_on) in [(Repeat::Harmless, harmless), (Repeat::Never, never)] {
                let failed = masters.search(repeat).failed("http://a", error());
                assert_eq!(failed.is_ok(), goes_on, "{repeat:?}: {}", error());
            }
        }
    }
}
