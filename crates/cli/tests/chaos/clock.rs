//! One clock for everything that is compared: what the tasks write with `date` and what the harness sees.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Time since the epoch.
pub(crate) fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}
