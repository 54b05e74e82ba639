//! Times and counts in people's words.

use std::time::Duration;

use model::Timestamp;
use wire::v1::TimeInfo;

/// How long ago, in one or two units: `3m 20s`. The future reads as `0s`.
pub fn age(now: Timestamp, since: &TimeInfo) -> String {
    short(now.since(Timestamp(since.nanoseconds)))
}

/// How long until then; `None` if it has passed.
pub fn left(now: Timestamp, until: &TimeInfo) -> Option<Duration> {
    let left = Timestamp(until.nanoseconds).since(now);
    (!left.is_zero()).then_some(left)
}

/// Whole seconds from a second on: what changes on screen ten times a second can't be read.
pub fn short(duration: Duration) -> String {
    if duration >= Duration::from_secs(1) {
        return model::duration::format_short(Duration::from_secs(duration.as_secs()));
    }
    model::duration::format_short(Duration::from_millis(
        u64::try_from(duration.as_millis()).unwrap_or(u64::MAX),
    ))
}

/// As [`short`], rounded up to whole seconds: what is still to come is not over yet.
pub fn countdown(left: Duration) -> String {
    let up = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    model::duration::format_short(Duration::from_secs(up))
}

/// `1 task`, `3 tasks`.
pub fn count(number: usize, thing: &str) -> String {
    if number == 1 { format!("1 {thing}") } else { format!("{number} {thing}s") }
}

/// A moment in UTC, `2024-08-01 12:34:56 UTC`.
pub fn utc(time: &TimeInfo) -> String {
    let seconds = time.nanoseconds.div_euclid(1_000_000_000);
    let (days, of_day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02} UTC")
}

/// Year, month and day of a number of days since 1970-01-01, by the Gregorian calendar.
fn civil(days: i64) -> (i64, i64, i64) {
    // Years begin on 1 March here, so that the leap day is a year's last.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Days of leap years and century years come out right.
    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01 00:00:00 UTC"),
            (951_782_400, "2000-02-29 00:00:00 UTC"),
            (1_722_515_696, "2024-08-01 12:34:56 UTC"),
            (4_107_542_399, "2100-02-28 23:59:59 UTC"),
            (4_107_542_400, "2100-03-01 00:00:00 UTC"),
        ] {
            assert_eq!(utc(&TimeInfo { nanoseconds: seconds * 1_000_000_000 }), text);
        }
    }

    /// What is left never reads as zero before it is over.
    #[test]
    fn what_is_left_is_rounded_up() {
        assert_eq!(countdown(Duration::from_millis(1)), "1s");
        assert_eq!(countdown(Duration::from_millis(61_200)), "1m 2s");
        assert_eq!(short(Duration::from_millis(1_999)), "1s");
        assert_eq!(short(Duration::from_millis(20)), "20ms");
    }
}
