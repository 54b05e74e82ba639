//! Clocks that only move when told to.

use std::time::Duration;

use model::{Moment, Now, Timestamp};
use proptest::prelude::*;

/// Deadlines saturate instead of wrapping.
#[test]
fn deadlines_saturate() {
    assert_eq!(Moment(u64::MAX).plus(Duration::from_secs(1)), Moment(u64::MAX));
    assert_eq!(Moment(5).plus(Duration::MAX), Moment(u64::MAX));
    assert_eq!(Timestamp(i64::MAX).plus(Duration::from_secs(1)), Timestamp(i64::MAX));
    assert_eq!(Moment(1).since(Moment(2)), Duration::ZERO);
    assert_eq!(Timestamp(1).since(Timestamp(2)), Duration::ZERO);
    assert_eq!(Timestamp(i64::MIN).since(Timestamp(i64::MAX)), Duration::ZERO);
}

/// The wire has seconds as a double in statuses and nanoseconds elsewhere.
#[test]
fn timestamps_go_on_the_wire_both_ways() {
    let time = Timestamp(1_500_000_000);
    assert!((time.as_secs_f64() - 1.5).abs() < 1e-9);
    assert_eq!(Timestamp::from(&time.to_wire()), time);
}

proptest! {
    /// A wall time and the moment that belongs to it convert into each other.
    #[test]
    fn wall_and_monotonic_times_convert(
        at in 1_u64 << 60..1_u64 << 61,
        wall in 0_i64..1 << 61,
        offset in -(1_i64 << 59)..1 << 59,
    ) {
        let now = Now { at: Moment(at), wall: Timestamp(wall) };
        let then = Timestamp(wall + offset);
        prop_assert_eq!(now.wall_of(now.moment_of(then)), then);
        prop_assert_eq!(now.moment_of(now.wall), now.at);
    }

    /// Later stays later.
    #[test]
    fn plus_is_monotone(at in any::<u64>(), a in any::<u64>(), b in any::<u64>()) {
        let (short, long) = (Duration::from_nanos(a.min(b)), Duration::from_nanos(a.max(b)));
        prop_assert!(Moment(at).plus(short) <= Moment(at).plus(long));
        prop_assert!(Moment(at) <= Moment(at).plus(short));
    }

    /// No pair of clocks makes a conversion panic.
    #[test]
    fn no_clock_panics(at in any::<u64>(), wall in any::<i64>(), moment in any::<u64>(), time in any::<i64>()) {
        let now = Now { at: Moment(at), wall: Timestamp(wall) };
        let moment = now.moment_of(Timestamp(time)).max(Moment(moment));
        prop_assert!(moment < now.at || now.wall_of(moment) >= now.wall);
    }
}
