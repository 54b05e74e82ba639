//! Durations: both notations, printing, the wire.

use std::time::Duration;

use model::Status;
use model::duration::{
    DurationError, MAX, format_mesos, format_short, from_secs_f64, from_wire_duration, grace_of,
    parse, to_wire_info,
};
use proptest::prelude::*;

const SECOND: u64 = 1_000_000_000;

/// Mesos' and Go's notation mean what they mean there.
#[test]
fn both_notations_are_read() {
    for (text, nanos) in [
        ("0", 0),
        ("0s", 0),
        ("+5s", 5 * SECOND),
        ("1ns", 1),
        ("1us", 1_000),
        ("1µs", 1_000),
        ("500ms", SECOND / 2),
        ("15secs", 15 * SECOND),
        ("1.5hrs", 5_400 * SECOND),
        ("10mins", 600 * SECOND),
        ("2days", 2 * 86_400 * SECOND),
        ("3weeks", 21 * 86_400 * SECOND),
        ("10m", 600 * SECOND),
        ("1h2m3.5s", 3_723 * SECOND + SECOND / 2),
        (".5s", SECOND / 2),
        ("1.s", SECOND),
        ("1.0000000009s", SECOND),
        ("0.0000000000000000000000001weeks", 0),
        (" 5s ", 5 * SECOND),
        ("9223372036854775807ns", i64::MAX.unsigned_abs()),
    ] {
        assert_eq!(parse(text), Ok(Duration::from_nanos(nanos)), "{text}");
    }
}

/// What can't be read is refused with what would be right.
#[test]
fn unreadable_durations_say_what_would_be_right() {
    for (text, part) in [
        ("", "a duration is missing"),
        ("  ", "a duration is missing"),
        ("-5s", "must not be negative"),
        ("-0.1hrs", "must not be negative"),
        ("5", "'5' has no unit; write for example 5s"),
        ("1h30", "has no unit"),
        ("s", "does not begin with a number"),
        (".s", "does not begin with a number"),
        ("1.2.3s", "does not begin with a number"),
        ("five", "does not begin with a number"),
        ("1d", "'d' is not a unit of time; use ns, us, ms, s, m, h"),
        ("5sec", "'sec' is not a unit"),
        ("5S", "'S' is not a unit"),
        ("5 s", "' s' is not a unit"),
        ("1hrs30mins", "can't be combined"),
        ("1h30mins", "'mins' can't be combined"),
        ("300000days", "at most 292 years"),
        ("9223372036854775808ns", "at most 292 years"),
        ("99999999999999999999999999999999999999999999h", "at most 292 years"),
        ("340282366920938463463374607431768211455ns1ns", "at most 292 years"),
    ] {
        let error = parse(text).expect_err(text).to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
    assert_eq!(parse("-1ns"), Err(DurationError::Negative));
}

/// Durations print as Mesos prints them.
#[test]
fn mesos_format_takes_the_unit_mesos_takes() {
    for (nanos, text) in [
        (0, "0ns"),
        (1, "1ns"),
        (1_500, "1500ns"),
        (2_000, "2us"),
        (1_500_000, "1500us"),
        (1_000_001, "1.000001ms"),
        (1_500_000_000, "1500ms"),
        (3_140_000_000, "3140ms"),
        (3_141_592_653, "3.141592653secs"),
        (5 * SECOND, "5secs"),
        (90 * SECOND, "90secs"),
        (900 * SECOND, "15mins"),
        (36_000 * SECOND, "10hrs"),
        (102_600 * SECOND, "1.1875days"),
        (864_000 * SECOND, "10days"),
        (14 * 86_400 * SECOND, "2weeks"),
    ] {
        assert_eq!(format_mesos(Duration::from_nanos(nanos)), text);
    }
}

/// For people a duration has at most two units.
#[test]
fn short_format_has_two_units() {
    for (nanos, text) in [
        (0, "0s"),
        (999, "999ns"),
        (20_999, "20us"),
        (450_000_000, "450ms"),
        (SECOND, "1s"),
        (SECOND + SECOND / 2, "1.5s"),
        (59 * SECOND + 999_999_999, "59.9s"),
        (90 * SECOND, "1m 30s"),
        (120 * SECOND, "2m"),
        (3_600 * SECOND + 59 * SECOND, "1h"),
        (5_400 * SECOND, "1h 30m"),
        (51 * 3_600 * SECOND, "2d 3h"),
    ] {
        assert_eq!(format_short(Duration::from_nanos(nanos)), text);
    }
}

/// A grace period in a call is taken exactly or refused with a 400.
#[test]
fn malformed_wire_durations_are_bad_requests() {
    let read = |seconds, nanos| from_wire_duration(&wire::google::Duration { seconds, nanos });
    assert_eq!(read(600, 0), Ok(Duration::from_mins(10)));
    assert_eq!(read(0, 0), Ok(Duration::ZERO));
    assert_eq!(read(1, 999_999_999), Ok(Duration::new(1, 999_999_999)));
    for (seconds, nanos, part) in [
        (-1, 0, "must not be negative"),
        (0, -1, "must not be negative"),
        (-1, -1, "must not be negative"),
        (1, -1, "same sign"),
        (-1, 1, "same sign"),
        (0, 1_000_000_000, "between"),
        (0, i32::MIN, "between"),
        (i64::MAX, 0, "292 years"),
        (i64::MIN, 0, "must not be negative"),
        (9_223_372_036, 854_775_808, "292 years"),
    ] {
        let refusal = read(seconds, nanos).expect_err(part);
        assert_eq!(refusal.status, Status::BadRequest);
        assert!(refusal.text.contains(part), "{}", refusal.text);
    }
    assert_eq!(read(9_223_372_036, 854_775_807), Ok(MAX));
}

/// Nanosecond counts must not be negative; what is too long to write is cut.
#[test]
fn nanosecond_counts_must_not_be_negative() {
    let info = |nanoseconds| wire::v1::DurationInfo { nanoseconds };
    assert_eq!(grace_of(&info(5)), Ok(Duration::from_nanos(5)));
    assert_eq!(grace_of(&info(i64::MAX)), Ok(MAX));
    assert_eq!(grace_of(&info(-1)), Err(DurationError::Negative));
    assert_eq!(grace_of(&info(i64::MIN)), Err(DurationError::Negative));
    assert_eq!(to_wire_info(Duration::MAX), info(i64::MAX));
}

/// Doubles that are no duration are none.
#[test]
fn senseless_seconds_are_no_duration() {
    assert_eq!(from_secs_f64(1.5), Some(Duration::from_millis(1_500)));
    for seconds in [-1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e10, 1e300] {
        assert_eq!(from_secs_f64(seconds), None, "{seconds}");
    }
}

proptest! {
    /// Printing and reading is the identity, to the nanosecond.
    #[test]
    fn printed_durations_read_back(nanos in 0..=i64::MAX as u64, digits in 0_u32..19) {
        // Short ones and round ones as often as long ones.
        let rounded = nanos / 10_u64.pow(digits);
        for nanos in [nanos, rounded, rounded * 10_u64.pow(digits), rounded.saturating_mul(60 * SECOND)] {
            let duration = Duration::from_nanos(nanos).min(MAX);
            prop_assert_eq!(parse(&format_mesos(duration)), Ok(duration));
        }
    }

    /// No text makes the reader panic.
    #[test]
    fn no_text_panics(text in ".{0,40}", number in "[+-]?[0-9.]{0,50}[a-zµ]{0,5}[0-9.]{0,5}[a-z]{0,2}") {
        for text in [text, number] {
            match parse(&text) {
                Ok(duration) => prop_assert!(duration <= MAX),
                Err(error) => prop_assert!(!error.to_string().is_empty()),
            }
        }
    }

    /// Every duration prints for people.
    #[test]
    fn every_duration_prints_short(seconds in any::<u64>(), nanos in 0_u32..1_000_000_000) {
        prop_assert!(format_short(Duration::new(seconds, nanos)).len() <= 16);
    }
}
