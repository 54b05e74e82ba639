//! How much this process logs, and that an operator may have it log more for a while.
//!
//! Levels are Mesos' numbers: 0 is what the process was started with, 1 adds what helps to find a fault, 2 and more
//! everything.

use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use axum::http::{StatusCode, Uri};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::prelude::*;
use tracing_subscriber::reload;

use crate::http::ApiError;

static LOG: OnceLock<Log> = OnceLock::new();

/// The log of this process: its verbosity, and what makes it so.
struct Log {
    apply: Box<dyn Fn(u32) + Send + Sync>,
    verbosity: Mutex<Verbosity>,
}

/// The level at present, and which change made it so.
#[derive(Debug, Default, PartialEq, Eq)]
struct Verbosity {
    level: u32,
    turn: u64,
}

impl Verbosity {
    /// Takes a level; what it returns takes it back.
    fn set(&mut self, level: u32) -> u64 {
        self.level = level;
        self.turn += 1;
        self.turn
    }

    /// Goes back to what the process was started with, unless there was a change since. Says whether it did.
    fn revert(&mut self, turn: u64) -> bool {
        let is_latest = self.turn == turn;
        if is_latest {
            self.level = 0;
        }
        is_latest
    }
}

impl Log {
    fn verbosity(&self) -> MutexGuard<'_, Verbosity> {
        // Two numbers, whole at any time.
        self.verbosity.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the log on standard error, with its end kept for who asks over HTTP. Done once, at the start of a process.
pub fn begin(level: tracing::Level, ansi: bool) {
    let (filter, handle) = reload::Layer::new(LevelFilter::from_level(level));
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_ansi(ansi);
    let kept =
        tracing_subscriber::fmt::layer().with_writer(|| crate::journal::Writer).with_ansi(false);
    tracing_subscriber::registry().with(filter).with(lines).with(kept).init();
    let apply = move |verbosity: u32| {
        let shown = match verbosity {
            0 => level,
            1 => level.max(tracing::Level::DEBUG),
            _ => tracing::Level::TRACE,
        };
        // It fails when the subscriber is gone, which is at the end of the process.
        drop(handle.reload(LevelFilter::from_level(shown)));
    };
    let log = Log { apply: Box::new(apply), verbosity: Mutex::default() };
    drop(LOG.set(log));
}

/// The level at present.
pub fn level() -> u32 {
    LOG.get().map_or(0, |log| log.verbosity().level)
}

/// Logs at `level` for as long as `duration`, then as before. A later call takes the place of this one.
///
/// # Errors
/// This process began no log, or the duration is negative.
pub fn set(level: u32, duration: wire::v1::DurationInfo) -> Result<(), ApiError> {
    let Ok(nanoseconds) = u64::try_from(duration.nanoseconds) else {
        return Err(ApiError::bad_request("Expecting a 'duration' that is not negative"));
    };
    let Some(log) = LOG.get() else {
        let why = "This process does not log, so there is no level to set";
        return Err(ApiError::new(StatusCode::NOT_IMPLEMENTED, why));
    };
    let turn = {
        let mut verbosity = log.verbosity();
        (log.apply)(level);
        verbosity.set(level)
    };
    tracing::info!(level, ?duration, "the level of the log was set");
    if level != 0 {
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_nanos(nanoseconds)).await;
            let mut verbosity = log.verbosity();
            if verbosity.revert(turn) {
                (log.apply)(0);
            }
        });
    }
    Ok(())
}

/// `/logging/toggle`: the level, or with `level` and `duration` what [`set`] does. The caller has authenticated.
// Mesos: texts and statuses.
pub fn toggle(uri: &Uri) -> Result<String, ApiError> {
    let given = |name: &str| {
        let pairs = uri.query().unwrap_or_default().split('&');
        let mut values = pairs.filter_map(|pair| pair.split_once('=')).filter(|it| it.0 == name);
        values.next().map(|(_, value)| value.to_owned())
    };
    let (level, duration) = match (given("level"), given("duration")) {
        (None, None) => return Ok(format!("{}\n", level())),
        (Some(_), None) => {
            return Err(ApiError::bad_request("Expecting 'duration=value' in query.\n"));
        }
        (None, Some(_)) => {
            return Err(ApiError::bad_request("Expecting 'level=value' in query.\n"));
        }
        (Some(level), Some(duration)) => (level, duration),
    };
    let number =
        level.parse().map_err(|_| ApiError::bad_request(format!("Invalid level '{level}'.\n")))?;
    let duration = model::duration::parse(&duration)
        .map_err(|error| ApiError::bad_request(format!("{error}.\n")))?;
    let nanoseconds = i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    set(number, wire::v1::DurationInfo { nanoseconds })?;
    Ok(String::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A level ends with its time, unless another one was set since.
    #[test]
    fn a_level_ends_with_its_time_unless_another_follows() {
        let mut verbosity = Verbosity::default();
        let first = verbosity.set(1);
        let second = verbosity.set(2);
        assert!(!verbosity.revert(first));
        assert_eq!(verbosity.level, 2);
        assert!(verbosity.revert(second));
        assert_eq!(verbosity.level, 0);
    }

    /// The older path asks for both parts of a change, and says what is missing or unreadable.
    #[test]
    fn toggle_says_what_is_missing() {
        let ask = |query: &str| {
            let uri: Uri = format!("/logging/toggle?{query}").parse().unwrap();
            toggle(&uri).map_err(|error| (error.status.as_u16(), error.text))
        };
        assert_eq!(ask(""), Ok("0\n".to_owned()));
        for (query, text) in [
            ("level=1", "Expecting 'duration=value' in query.\n"),
            ("duration=5secs", "Expecting 'level=value' in query.\n"),
            ("level=-1&duration=5secs", "Invalid level '-1'.\n"),
        ] {
            assert_eq!(ask(query), Err((400, text.to_owned())), "{query}");
        }
        assert_eq!(ask("level=1&duration=soon").unwrap_err().0, 400);
    }
}
