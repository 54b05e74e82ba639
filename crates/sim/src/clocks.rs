//! The clocks of each machine: a wall clock that people set, and a monotonic one that is only almost exact.

use std::time::Duration;

use model::{Moment, Now, Timestamp};

/// A machine's clocks beside those of the world.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: Moment,
    /// What the wall clock shows too much, in nanoseconds.
    ahead: i64,
    /// Millionths by which the monotonic clock runs fast.
    drift: i64,
}

impl Clock {
    pub(crate) fn new(origin: Moment) -> Self {
        Self { origin, ahead: 0, drift: 0 }
    }

    /// A clock that runs fast by so many millionths, or slow by a negative number of them.
    pub(crate) fn drifting(origin: Moment, drift: i64) -> Self {
        Self { origin, ahead: 0, drift }
    }

    /// What the machine reads when the world's time is `world`.
    pub(crate) fn now(&self, world: Now) -> Now {
        Now { at: self.local(world.at), wall: Timestamp(world.wall.0 + self.ahead) }
    }

    fn local(&self, at: Moment) -> Moment {
        if self.drift == 0 {
            return at;
        }
        let since = i128::from(at.0) - i128::from(self.origin.0);
        let local = i128::from(at.0) + since * i128::from(self.drift) / 1_000_000;
        Moment(u64::try_from(local).unwrap_or(0))
    }

    /// The world's time when this machine's monotonic clock shows `local`, or a little later.
    pub(crate) fn world(&self, local: Moment) -> Moment {
        if self.drift == 0 {
            return local;
        }
        let since = i128::from(local.0) - i128::from(self.origin.0);
        let world =
            i128::from(self.origin.0) + since * 1_000_000 / i128::from(1_000_000 + self.drift);
        Moment(u64::try_from(world + 2).unwrap_or(0))
    }

    /// Nobody has set the wall clock.
    pub(crate) fn is_unset(&self) -> bool {
        self.ahead == 0
    }

    /// Somebody sets the wall clock. The monotonic one knows nothing of it.
    pub(crate) fn jump(&mut self, by: Duration, forward: bool) {
        let by = i64::try_from(by.as_nanos()).unwrap_or(i64::MAX);
        self.ahead = self.ahead.saturating_add(if forward { by } else { -by });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An alarm set by a machine's own clock never rings early by that clock, and hardly late.
    #[test]
    fn alarms_of_drifting_clocks_are_on_time() {
        for drift in [-10_000, -1, 0, 1, 10_000] {
            let clock = Clock::drifting(Moment(1_000_000), drift);
            for local in [1_000_000, 1_000_001, 77_777_777, 9_999_999_999_999] {
                let world = clock.world(Moment(local));
                let shown = clock.now(Now { at: world, wall: Timestamp(0) }).at;
                assert!(shown >= Moment(local), "{drift} {local}");
                assert!(shown.since(Moment(local)) < Duration::from_nanos(10), "{drift} {local}");
            }
        }
    }
}
