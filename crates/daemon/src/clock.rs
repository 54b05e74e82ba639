//! The only place that reads clocks.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use model::{Moment, Now, Timestamp};

/// Both clocks of this process. Moments count from its creation, plus one so that none is zero.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    pub fn start() -> Self {
        Self { origin: Instant::now() }
    }

    pub fn now(self) -> Now {
        let since = u64::try_from(self.origin.elapsed().as_nanos()).unwrap_or(u64::MAX);
        Now { at: Moment(since.saturating_add(1)), wall: wall() }
    }

    /// How long until `moment`; zero if it has passed.
    pub fn until(self, moment: Moment) -> Duration {
        moment.since(self.now().at)
    }
}

/// Wall clock time.
pub fn wall() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_nanos()).unwrap_or(i64::MAX))
}

/// `2024-08-01T12:34:56Z`.
pub fn rfc3339(time: Timestamp) -> String {
    let nanos = u64::try_from(time.0).unwrap_or(0);
    humantime::format_rfc3339_seconds(UNIX_EPOCH + Duration::from_nanos(nanos)).to_string()
}
