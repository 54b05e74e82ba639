//! Time as an input: the cores get it with every event and never read a clock.

use std::time::Duration;

/// Nanoseconds on the machine's monotonic clock; deadlines are made of these. Only differences mean something,
/// and only on one machine until it is booted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment(pub u64);

impl Moment {
    /// This moment and `duration`, saturating.
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(nanos(duration)))
    }

    /// Time from `earlier` to this moment, zero if that lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// Nanoseconds since the Unix epoch on the wall clock: for people, registry and wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

impl Timestamp {
    #[must_use]
    pub fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)))
    }

    #[must_use]
    pub fn minus(self, duration: Duration) -> Self {
        Self(self.0.saturating_sub(i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX)))
    }

    /// Time from `earlier` to this one, zero if that lies ahead.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }

    /// Seconds as Mesos writes them in `TaskStatus.timestamp`.
    #[expect(clippy::cast_precision_loss, reason = "the wire has a double")]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / 1e9
    }

    pub fn to_wire(self) -> wire::v1::TimeInfo {
        wire::v1::TimeInfo { nanoseconds: self.0 }
    }
}

impl From<&wire::v1::TimeInfo> for Timestamp {
    fn from(time: &wire::v1::TimeInfo) -> Self {
        Self(time.nanoseconds)
    }
}

/// Both clocks, read together by the shell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    pub at: Moment,
    pub wall: Timestamp,
}

impl Now {
    /// The monotonic moment that belongs to a wall time, as the clocks stand now.
    pub fn moment_of(self, wall: Timestamp) -> Moment {
        if wall >= self.wall {
            self.at.plus(wall.since(self.wall))
        } else {
            Moment(self.at.0.saturating_sub(nanos(self.wall.since(wall))))
        }
    }

    /// The wall time that belongs to a monotonic moment, as the clocks stand now.
    pub fn wall_of(self, moment: Moment) -> Timestamp {
        if moment >= self.at {
            self.wall.plus(moment.since(self.at))
        } else {
            self.wall.minus(self.at.since(moment))
        }
    }
}

fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
