//! How long a declined offer stays declined.

use std::time::Duration;

/// What a decline without a filter, or with a senseless one, means.
pub const DEFAULT_REFUSAL: Duration = Duration::from_secs(5);

/// The longest a filter lasts.
pub const MAX_REFUSAL: Duration = Duration::from_hours(365 * 24);

/// The time `filters` refuses resources for. Never fails: a declined offer has to be taken back somehow.
// Mesos: beyond 365 days is 365 days; negative or not a number is the default.
pub fn refuse_for(filters: Option<&wire::v1::Filters>) -> Duration {
    let Some(seconds) = filters.and_then(|filters| filters.refuse_seconds) else {
        return DEFAULT_REFUSAL;
    };
    if seconds.is_nan() || seconds < 0.0 {
        return DEFAULT_REFUSAL;
    }
    Duration::try_from_secs_f64(seconds).map_or(MAX_REFUSAL, |time| time.min(MAX_REFUSAL))
}
