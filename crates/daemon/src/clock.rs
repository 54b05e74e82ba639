//! The only place that reads clocks.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use model::{Moment, Now, Timestamp};

/// Both clocks of this machine. Moments count from its boot, so that those an agent writes down mean the same
/// to the next one, whatever was done to the wall clock.
#[derive(Clone, Copy, Debug)]
pub struct Clock(());

impl Clock {
    pub fn start() -> Self {
        Self(())
    }

    pub fn now(self) -> Now {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        let seconds = Duration::from_secs(u64::try_from(time.tv_sec).unwrap_or(0));
        let since = seconds + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or(0));
        Now { at: Moment::default().plus(since), wall: wall() }
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
