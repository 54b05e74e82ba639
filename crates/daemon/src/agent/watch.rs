//! Whether a leader that has fallen silent still leads.
//!
//! A host that loses power closes no connection, and a leader that is cut off does not know that there is
//! another one. The ping timeout would notice, a minute later.

use std::time::Duration;

use crate::http::client::Client;

/// Longest silence before anybody is asked: a master pings every 15 s where nobody says otherwise.
const QUIET_MAX: Duration = Duration::from_secs(20);
const QUIET_MIN: Duration = Duration::from_secs(1);

/// The other masters.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) client: Client,
    /// `http://host:port` of each; empty where there is only one.
    pub(super) others: Vec<String>,
}

impl Watch {
    /// How long the leader may say nothing, given how long it lets agents wait for its pings.
    pub(super) fn quiet(ping_timeout_seconds: Option<f64>) -> Duration {
        let timeout = ping_timeout_seconds.and_then(|it| Duration::try_from_secs_f64(it).ok());
        timeout.map_or(QUIET_MAX, |timeout| (timeout / 3).clamp(QUIET_MIN, QUIET_MAX))
    }

    /// Ends when, after `quiet` or a multiple of it, another master than `leader` turns out to lead, with
    /// that one's address.
    pub(super) async fn until_deposed(&self, leader: &str, quiet: Duration) -> String {
        if self.others.is_empty() {
            return std::future::pending().await;
        }
        loop {
            tokio::time::sleep(quiet).await;
            for other in &self.others {
                let Ok(named) = self.client.who_leads(other).await else { continue };
                if named != leader && !self.is_the_same(leader, &named).await {
                    return named;
                }
            }
        }
    }

    /// Masters may be known by several addresses: what `leader` calls itself counts.
    async fn is_the_same(&self, leader: &str, named: &str) -> bool {
        self.client.who_leads(leader).await.is_ok_and(|own| own == named)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A leader is looked after well before its own timeout, and not between two pings of the default.
    #[test]
    fn silence_is_noticed_before_the_ping_timeout() {
        assert_eq!(Watch::quiet(None), QUIET_MAX);
        assert_eq!(Watch::quiet(Some(75.0)), QUIET_MAX);
        assert_eq!(Watch::quiet(Some(30.0)), Duration::from_secs(10));
        assert_eq!(Watch::quiet(Some(0.1)), QUIET_MIN);
        assert_eq!(Watch::quiet(Some(-1.0)), QUIET_MAX);
    }
}
