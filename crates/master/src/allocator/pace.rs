//! How fast passes over all agents may go.

use std::time::Duration;

use model::Moment;

/// An offer made in a pass takes this much of the allowance, a look at an agent that nobody gets a part of.
const PER_OFFER: Duration = Duration::from_micros(100);
const PER_LOOK: Duration = Duration::from_micros(5);
/// What may be spent at once: a cluster of a thousand agents is offered without a pause.
const BURST: Duration = Duration::from_millis(100);
/// Saved up again before a pass that has spent it all goes on.
const STRIDE: Duration = Duration::from_millis(20);

/// An allowance that fills with time: ten thousand offers a second.
#[derive(Clone, Debug, Default)]
pub(super) struct Pace {
    /// When all that was spent has been earned again.
    level_at: Moment,
}

impl Pace {
    pub(super) fn is_time(&self, now: Moment) -> bool {
        self.level_at.since(now) < BURST
    }

    /// When a pass may go on, if it may not now.
    pub(super) fn next(&self, now: Moment) -> Moment {
        if self.is_time(now) {
            return now;
        }
        now.plus((self.level_at.since(now) + STRIDE).saturating_sub(BURST))
    }

    /// One agent was looked at, and so many offers of it were made.
    pub(super) fn spend(&mut self, now: Moment, offers: usize) {
        let offers = u32::try_from(offers).unwrap_or(u32::MAX);
        self.level_at = self.level_at.max(now).plus(PER_LOOK + PER_OFFER * offers);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A thousand offers are made at once, from then on ten thousand a second, in strides.
    #[test]
    fn a_pass_is_quick_at_first_and_then_keeps_its_pace() {
        let mut pace = Pace::default();
        let mut now = Moment(7);
        let mut count = 0;
        while pace.is_time(now) {
            pace.spend(now, 1);
            count += 1;
        }
        assert!((900..=1000).contains(&count), "{count}");
        let began = now;
        while now.since(began) < Duration::from_secs(1) {
            let next = pace.next(now);
            assert!(next > now, "a pass that has to wait is not woken at once");
            now = next;
            assert!(pace.is_time(now));
            while pace.is_time(now) {
                pace.spend(now, 1);
                count += 1;
            }
        }
        assert!((9000..=11_500).contains(&count), "{count}");
    }
}
