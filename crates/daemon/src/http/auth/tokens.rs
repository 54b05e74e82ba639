//! Tokens that stand for a principal for a while, given out against its secret.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Moment;

use crate::clock::Clock;

/// How long a token is good for.
// DC/OS: five days; here a day, as there is no way to take one back but to restart.
const LIFETIME: Duration = Duration::from_hours(24);
/// Tokens that are good at the same time; beyond it the oldest ends early.
const MAX: usize = 10_000;

/// The tokens of one process. Another process knows none of them.
#[derive(Default)]
pub(super) struct Tokens {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    next: u64,
    /// Whose token it is, and its number among all given out.
    tokens: BTreeMap<String, (String, u64)>,
    /// In the order in which they were given out, which is that in which they end.
    ends: BTreeMap<u64, (Moment, String)>,
}

// Tokens stay out of logs.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("count", &self.known().tokens.len()).finish()
    }
}

impl Tokens {
    fn known(&self) -> MutexGuard<'_, Known> {
        // No code panics while holding it; if it did, the maps would still be whole.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new token for `principal`.
    pub(super) fn issue(&self, principal: &str) -> String {
        self.issue_at(Clock::start().now().at, principal)
    }

    fn issue_at(&self, now: Moment, principal: &str) -> String {
        let token = URL_SAFE_NO_PAD.encode(crate::random::bytes::<32>());
        let mut known = self.known();
        known.forget_ended(now);
        while known.ends.len() >= MAX {
            known.forget_first();
        }
        let number = known.next;
        known.next += 1;
        known.tokens.insert(token.clone(), (principal.to_owned(), number));
        known.ends.insert(number, (now.plus(LIFETIME), token.clone()));
        token
    }

    /// Whose token it is, while it is good.
    pub(super) fn principal(&self, token: &str) -> Option<String> {
        self.principal_at(Clock::start().now().at, token)
    }

    // Finding it may take longer the more of it is right; with 256 random bits that helps nobody.
    fn principal_at(&self, now: Moment, token: &str) -> Option<String> {
        let mut known = self.known();
        known.forget_ended(now);
        known.tokens.get(token).map(|(principal, _)| principal.clone())
    }
}

impl Known {
    fn forget_ended(&mut self, now: Moment) {
        while self.ends.first_key_value().is_some_and(|(_, (end, _))| *end <= now) {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) {
        if let Some((_, (_, token))) = self.ends.pop_first() {
            self.tokens.remove(&token);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A token names its principal until it ends, and no longer.
    #[test]
    fn a_token_ends() {
        let tokens = Tokens::default();
        let begun = Moment::default();
        let token = tokens.issue_at(begun, "ops");
        let other = tokens.issue_at(begun.plus(Duration::from_secs(1)), "dev");
        assert_ne!(token, other);
        let at = |after| tokens.principal_at(begun.plus(after), &token);
        assert_eq!(
            at(LIFETIME.checked_sub(Duration::from_nanos(1)).unwrap()).as_deref(),
            Some("ops")
        );
        assert_eq!(at(LIFETIME), None);
        assert_eq!(tokens.principal_at(begun.plus(LIFETIME), &other).as_deref(), Some("dev"));
        assert_eq!(tokens.principal_at(begun, "x"), None);
    }

    /// However many are asked for, only so many are kept, the latest ones.
    #[test]
    fn only_so_many_tokens_are_kept() {
        let tokens = Tokens::default();
        let now = Moment::default();
        let first = tokens.issue_at(now, "ops");
        let last = (0..MAX).map(|_| tokens.issue_at(now, "ops")).last().unwrap();
        assert_eq!(tokens.known().tokens.len(), MAX);
        assert_eq!(tokens.known().ends.len(), MAX);
        assert_eq!(tokens.principal_at(now, &first), None);
        assert!(tokens.principal_at(now, &last).is_some());
    }

    /// No token shows up in debug output, and so not in logs.
    #[test]
    fn tokens_are_not_printed() {
        let tokens = Tokens::default();
        let token = tokens.issue("ops");
        assert!(!format!("{tokens:?}").contains(&token));
    }
}
