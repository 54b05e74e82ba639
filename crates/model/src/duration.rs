//! Durations as flags, requests and people write them.
//!
//! One reader for two notations: Mesos' (`15secs`, `1.5hrs`, one number and one unit) and Go's (`1h2m3.5s`,
//! `0`). Arithmetic is exact; what a nanosecond can't hold is cut off.

use std::time::Duration;

use crate::Refusal;

const NANO: u64 = 1;
const MICRO: u64 = 1_000;
const MILLI: u64 = 1_000_000;
const SECOND: u64 = 1_000_000_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;

/// The longest duration there is: what the wire's signed nanoseconds hold, about 292 years.
pub const MAX: Duration = Duration::from_nanos(i64::MAX.unsigned_abs());

/// What is wrong with a duration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    #[error("a duration is missing; write for example 90s, 1h30m, 15mins or 500ms")]
    Empty,
    #[error("must not be negative")]
    Negative,
    #[error("'{text}' has no unit; write for example {text}s, {text}m or {text}h")]
    NoUnit { text: String },
    #[error("'{text}' does not begin with a number; write for example 90s, 1h30m or 15mins")]
    NoNumber { text: String },
    #[error(
        "'{unit}' is not a unit of time; use ns, us, ms, s, m, h (also combined: 1h30m) \
         or secs, mins, hrs, days, weeks"
    )]
    UnknownUnit { unit: String },
    #[error(
        "'{unit}' can't be combined with other units; write one number with it, as in 1.5hrs, \
         or combine h, m, s and ms, as in 1h30m"
    )]
    NotCombinable { unit: String },
    #[error("'{text}' is too long; at most 292 years are possible")]
    TooLong { text: String },
}

/// The number of nanoseconds in a unit, and whether it may stand with others (Go) or only alone (Mesos).
fn unit_of(name: &str) -> Option<(u64, bool)> {
    Some(match name {
        "ns" => (NANO, true),
        // Both ways Unicode writes the micro sign.
        "us" | "\u{b5}s" | "\u{3bc}s" => (MICRO, true),
        "ms" => (MILLI, true),
        "s" => (SECOND, true),
        "m" => (MINUTE, true),
        "h" => (HOUR, true),
        "secs" => (SECOND, false),
        "mins" => (MINUTE, false),
        "hrs" => (HOUR, false),
        "days" => (DAY, false),
        "weeks" => (WEEK, false),
        _ => return None,
    })
}

/// Reads a duration in Mesos' or Go's notation. Space around it is ignored.
///
/// # Errors
/// [`DurationError`], saying what is wrong and what would be right.
pub fn parse(text: &str) -> Result<Duration, DurationError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(DurationError::Empty);
    }
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.starts_with('-') {
        return Err(DurationError::Negative);
    }
    if digits == "0" {
        return Ok(Duration::ZERO);
    }
    let too_long = || DurationError::TooLong { text: text.to_owned() };
    let mut total: u128 = 0;
    let mut rest = digits;
    let mut pieces = 0;
    let mut alone = None;
    while !rest.is_empty() {
        let piece = Piece::read(rest, text)?;
        rest = piece.rest;
        pieces += 1;
        if !piece.combinable {
            alone = Some(piece.unit);
        }
        let nanos = piece.nanos().ok_or_else(too_long)?;
        total = total.checked_add(nanos).ok_or_else(too_long)?;
    }
    if let Some(unit) = alone.filter(|_| pieces > 1) {
        return Err(DurationError::NotCombinable { unit: unit.to_owned() });
    }
    if total > MAX.as_nanos() {
        return Err(too_long());
    }
    Ok(Duration::from_nanos(u64::try_from(total).map_err(|_| too_long())?))
}

/// One number with its unit.
struct Piece<'a> {
    whole: &'a str,
    fraction: &'a str,
    unit: &'a str,
    scale: u64,
    combinable: bool,
    rest: &'a str,
}

impl<'a> Piece<'a> {
    fn read(rest: &'a str, text: &str) -> Result<Self, DurationError> {
        let number_end = rest
            .find(|c: char| !c.is_ascii_digit() && c != '.')
            .ok_or_else(|| DurationError::NoUnit { text: text.to_owned() })?;
        let (number, after) = rest.split_at(number_end);
        let unit_end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, rest) = after.split_at(unit_end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return Err(DurationError::NoNumber { text: text.to_owned() });
        }
        let (scale, combinable) =
            unit_of(unit).ok_or_else(|| DurationError::UnknownUnit { unit: unit.to_owned() })?;
        Ok(Self { whole, fraction, unit, scale, combinable, rest })
    }

    /// `None` if it is too large by far.
    fn nanos(&self) -> Option<u128> {
        let scale = u128::from(self.scale);
        let whole: u128 = if self.whole.is_empty() { 0 } else { self.whole.parse().ok()? };
        // 18 decimals of a week are below a nanosecond; more would overflow for nothing.
        let decimals = &self.fraction[..self.fraction.len().min(18)];
        let mut fraction = 0;
        let mut power = 1;
        for digit in decimals.bytes() {
            fraction = fraction * 10 + u128::from(digit - b'0');
            power *= 10;
        }
        whole.checked_mul(scale)?.checked_add(fraction * scale / power)
    }
}

/// Units from the largest, as Mesos names them.
const MESOS_UNITS: [(u64, &str); 8] = [
    (WEEK, "weeks"),
    (DAY, "days"),
    (HOUR, "hrs"),
    (MINUTE, "mins"),
    (SECOND, "secs"),
    (MILLI, "ms"),
    (MICRO, "us"),
    (NANO, "ns"),
];

/// Prints a duration as Mesos does: `15mins`, `5secs`, `1500ms`, `1.1875days`, `0ns`.
///
/// [`parse`] reads it back to the nanosecond, up to [`MAX`]; what is longer prints as [`MAX`].
// Mesos: the largest unit that fits, unless only the next smaller one gives a whole number.
// Differs from Mesos: where it would round to 15 digits, we take a smaller unit that is exact.
pub fn format_mesos(duration: Duration) -> String {
    let nanos = u64::try_from(duration.min(MAX).as_nanos()).expect("bounded by MAX");
    let bucket = MESOS_UNITS.iter().position(|(unit, _)| *unit <= nanos);
    let Some(bucket) = bucket else { return "0ns".to_owned() };
    let (unit, name) = MESOS_UNITS[bucket];
    if !nanos.is_multiple_of(unit)
        && let Some((smaller, name)) = MESOS_UNITS.get(bucket + 1)
        && nanos.is_multiple_of(*smaller)
    {
        return format!("{}{name}", nanos / smaller);
    }
    MESOS_UNITS[bucket..]
        .iter()
        .find_map(|(unit, name)| decimal(nanos, *unit).map(|number| format!("{number}{name}")))
        .unwrap_or_else(|| format!("{}{name}", nanos / unit))
}

/// `nanos / unit` in decimal; `None` if twelve decimals don't say it exactly.
fn decimal(nanos: u64, unit: u64) -> Option<String> {
    let mut text = (nanos / unit).to_string();
    let mut rest = u128::from(nanos % unit);
    if rest > 0 {
        text.push('.');
    }
    for _ in 0..12 {
        if rest == 0 {
            break;
        }
        rest *= 10;
        let digit = u8::try_from(rest / u128::from(unit)).expect("a decimal digit");
        text.push(char::from(b'0' + digit));
        rest %= u128::from(unit);
    }
    (rest == 0).then_some(text)
}

/// Prints a duration for people, rounded down to two units: `1m 30s`, `2d 3h`, `1.5s`, `450ms`, `0s`.
pub fn format_short(duration: Duration) -> String {
    let nanos = u64::try_from(duration.min(MAX).as_nanos()).expect("bounded by MAX");
    let pair = |large: u64, small: u64, names: [&str; 2]| {
        let (first, second) = (nanos / large, nanos % large / small);
        if second == 0 {
            format!("{first}{}", names[0])
        } else {
            format!("{first}{} {second}{}", names[0], names[1])
        }
    };
    match nanos {
        0 => "0s".to_owned(),
        DAY.. => pair(DAY, HOUR, ["d", "h"]),
        HOUR.. => pair(HOUR, MINUTE, ["h", "m"]),
        MINUTE.. => pair(MINUTE, SECOND, ["m", "s"]),
        SECOND.. => match nanos % SECOND / (100 * MILLI) {
            0 => format!("{}s", nanos / SECOND),
            tenths => format!("{}.{tenths}s", nanos / SECOND),
        },
        MILLI.. => format!("{}ms", nanos / MILLI),
        MICRO.. => format!("{}us", nanos / MICRO),
        NANO.. => format!("{nanos}ns"),
    }
}

/// Reads the `max_grace_period` of a `DRAIN_AGENT` call.
///
/// # Errors
/// 400 for what the message's own definition rules out and for negative or overlong durations.
// Differs from Mesos: there negative and overflowing values are accepted and do something else.
pub fn from_wire_duration(duration: &wire::google::Duration) -> Result<Duration, Refusal> {
    let refuse = |why: &str| Err(Refusal::bad_request(format!("Invalid duration: {why}")));
    let nanos = duration.nanos.unsigned_abs();
    if nanos >= 1_000_000_000 {
        return refuse("'nanos' must be between -999999999 and 999999999");
    }
    let (seconds_sign, nanos_sign) =
        (duration.seconds.signum(), i64::from(duration.nanos.signum()));
    if seconds_sign * nanos_sign < 0 {
        return refuse("'seconds' and 'nanos' must have the same sign");
    }
    if seconds_sign < 0 || nanos_sign < 0 {
        return refuse("it must not be negative");
    }
    let value = Duration::new(duration.seconds.unsigned_abs(), nanos);
    if value > MAX {
        return refuse("at most 292 years are possible");
    }
    Ok(value)
}

/// Reads a nanosecond count that must not be negative, such as `KillPolicy.grace_period`.
pub fn grace_of(info: &wire::v1::DurationInfo) -> Result<Duration, DurationError> {
    u64::try_from(info.nanoseconds).map(Duration::from_nanos).map_err(|_| DurationError::Negative)
}

/// Writes a nanosecond count; what is longer than [`MAX`] is cut to it.
pub fn to_wire_info(duration: Duration) -> wire::v1::DurationInfo {
    wire::v1::DurationInfo { nanoseconds: i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX) }
}

/// Reads seconds off a double; `None` if not finite, negative or beyond [`MAX`].
pub fn from_secs_f64(seconds: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(seconds).ok().filter(|duration| *duration <= MAX)
}
