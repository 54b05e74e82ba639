//! What operators asked for and what they were told: the side of the bargain that must be kept.

use std::collections::BTreeMap;
use std::time::Duration;

/// How long a call that was given up may still have its effect: a stopped master has it in its sockets, TCP
/// tries again after a cut, and a leader without a majority of etcd waits for one until the calm at the latest.
const LATE: Duration = Duration::from_secs(25);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    Drain { bound: Option<Duration>, decommission: bool },
    Deactivate,
    Reactivate,
}

/// What came of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Done,
    Refused,
    /// None, or one that promises nothing: it may have been done, or be done yet.
    Unknown,
}

/// Whether tasks may start on an agent, as far as operators were told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Standing {
    #[default]
    In,
    Out,
    Unsure,
}

/// From, until; without an end it lasts.
pub(crate) type Period = (Duration, Option<Duration>);

#[derive(Clone, Debug, Default)]
pub(crate) struct Entry {
    pub(crate) standing: Standing,
    /// Changes with everything that is asked.
    pub(crate) version: u64,
    in_flight: bool,
    /// A call without an answer may have its effect until then.
    late_until: Duration,
    /// Reactivations that were asked for, and until when one without an answer may have its effect.
    pub(crate) reactivations: u64,
    returns_until: Duration,
    /// When it was certainly out of service.
    out: Vec<Period>,
    /// When it was shown as drained.
    drained: Vec<Period>,
    /// When drains were asked for.
    drains: Vec<Duration>,
    /// Bounds that were asked for, each until when it could arrive.
    bounds: Vec<(Duration, Duration)>,
    pub(crate) decommissioned: bool,
    pub(crate) is_gone: bool,
}

impl Entry {
    /// What is known now cannot be changed by anything under way.
    pub(crate) fn is_settled(&self, now: Duration) -> bool {
        !self.in_flight && now >= self.late_until
    }

    /// No reactivation is under way.
    pub(crate) fn cannot_return(&self, now: Duration) -> bool {
        now >= self.returns_until
    }

    /// The smallest bound a task could have met that was launched at `launched`.
    pub(crate) fn bound_since(&self, launched: Duration) -> Option<Duration> {
        self.bounds.iter().filter(|(_, until)| *until >= launched).map(|(bound, _)| *bound).min()
    }

    /// The first drain that a task could have met that was launched at `launched`.
    pub(crate) fn drain_since(&self, launched: Duration) -> Option<Duration> {
        self.drains.iter().copied().find(|asked| *asked + LATE >= launched)
    }

    /// The period out of service in which something happened.
    pub(crate) fn out_at(&self, at: Duration) -> Option<Period> {
        within(&self.out, at)
    }

    /// The period in which it was drained, in which something happened.
    pub(crate) fn drained_at(&self, at: Duration) -> Option<Period> {
        within(&self.drained, at)
    }

    /// It was shown as drained, when this many reactivations had been asked for.
    pub(crate) fn seen_drained(&mut self, at: Duration, reactivations: u64) {
        if self.reactivations == reactivations
            && self.drained.last().is_none_or(|(_, until)| until.is_some())
        {
            self.drained.push((at, None));
        }
    }

    pub(crate) fn is_seen_drained(&self) -> bool {
        self.drained.last().is_some_and(|(_, until)| until.is_none())
    }

    fn begin(&mut self, now: Duration, act: Act) {
        self.version += 1;
        self.in_flight = true;
        if let Act::Drain { .. } = act {
            self.drains.push(now);
        }
        if let Act::Drain { bound: Some(bound), .. } = act {
            self.bounds.push((bound, now + LATE));
        }
        if act == Act::Reactivate {
            self.reactivations += 1;
            self.returns_until = self.returns_until.max(now + LATE);
            for periods in [&mut self.out, &mut self.drained] {
                if let Some((_, until @ None)) = periods.last_mut() {
                    *until = Some(now);
                }
            }
        }
    }

    fn end(&mut self, now: Duration, act: Act, answer: Answer, before: Standing) {
        let was_late = now < self.late_until;
        if act == Act::Reactivate {
            // An earlier one without an answer is bounded by this, too.
            let is_known = answer != Answer::Unknown;
            self.returns_until =
                if is_known { self.late_until.min(self.returns_until) } else { now + LATE };
        }
        self.in_flight = false;
        self.version += 1;
        if let (Act::Drain { bound: Some(_), .. }, Some((_, until))) = (act, self.bounds.last_mut())
            && answer != Answer::Unknown
        {
            *until = now;
        }
        if answer == Answer::Unknown {
            self.late_until = now + LATE;
        }
        self.standing = match (act, answer) {
            (Act::Reactivate, Answer::Done) if !was_late => Standing::In,
            (Act::Drain { .. } | Act::Deactivate, Answer::Done) if !was_late => Standing::Out,
            (_, Answer::Refused) => before,
            // Taking out what is out changes nothing.
            (Act::Drain { .. } | Act::Deactivate, Answer::Unknown) if before == Standing::Out => {
                Standing::Out
            }
            (_, Answer::Done | Answer::Unknown) => Standing::Unsure,
        };
        if let Act::Drain { decommission: true, .. } = act
            && answer == Answer::Done
        {
            self.decommissioned = true;
        }
        let is_open = self.out.last().is_some_and(|(_, until)| until.is_none());
        if self.standing == Standing::Out && !is_open {
            self.out.push((now, None));
        }
    }
}

fn within(periods: &[Period], at: Duration) -> Option<Period> {
    periods
        .iter()
        .copied()
        .find(|(from, until)| at >= *from && until.is_none_or(|until| at < until))
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    agents: BTreeMap<String, Entry>,
}

impl Ledger {
    pub(crate) fn entry(&mut self, agent: &str) -> &mut Entry {
        self.agents.entry(agent.to_owned()).or_default()
    }

    pub(crate) fn get(&self, agent: &str) -> Entry {
        self.agents.get(agent).cloned().unwrap_or_default()
    }

    pub(crate) fn agents(&self) -> impl Iterator<Item = (&String, &Entry)> {
        self.agents.iter()
    }

    /// Before a call is made.
    pub(crate) fn begin(&mut self, now: Duration, agent: &str, act: Act) {
        self.entry(agent).begin(now, act);
    }

    /// After its answer.
    pub(crate) fn end(&mut self, now: Duration, agent: &str, act: Act, answer: Answer) {
        let entry = self.entry(agent);
        let before = entry.standing;
        entry.end(now, act, answer, before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAIN: Act = Act::Drain { bound: Some(Duration::from_secs(4)), decommission: false };

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn asked(ledger: &mut Ledger, from: u64, act: Act, answer: Answer) {
        ledger.begin(at(from), "S1", act);
        ledger.end(at(from + 1), "S1", act, answer);
    }

    /// What was acknowledged holds from the answer to the next call that could undo it.
    #[test]
    fn an_acknowledged_drain_holds_until_somebody_asks_for_the_contrary() {
        let mut ledger = Ledger::default();
        asked(&mut ledger, 10, DRAIN, Answer::Done);
        assert_eq!(ledger.get("S1").standing, Standing::Out);
        assert_eq!(ledger.get("S1").out_at(at(10)), None);
        assert!(ledger.get("S1").out_at(at(100)).is_some());
        asked(&mut ledger, 20, Act::Reactivate, Answer::Refused);
        assert_eq!(ledger.get("S1").standing, Standing::Out);
        asked(&mut ledger, 30, Act::Reactivate, Answer::Unknown);
        assert_eq!(ledger.get("S1").standing, Standing::Unsure);
        assert_eq!(ledger.get("S1").out_at(at(30)), None);
        assert!(ledger.get("S1").out_at(at(29)).is_some());
    }

    /// What was read before somebody asked for a reactivation says nothing about the time after.
    #[test]
    fn a_sight_of_drained_does_not_outlive_a_reactivation() {
        let mut ledger = Ledger::default();
        asked(&mut ledger, 10, DRAIN, Answer::Done);
        let asked_before = ledger.get("S1").reactivations;
        ledger.entry("S1").seen_drained(at(15), asked_before);
        assert!(ledger.get("S1").drained_at(at(16)).is_some());
        asked(&mut ledger, 20, Act::Reactivate, Answer::Done);
        ledger.entry("S1").seen_drained(at(19), asked_before);
        assert_eq!(ledger.get("S1").drained_at(at(30)), None);
    }

    /// After a call without an answer nothing is claimed until it can arrive no more.
    #[test]
    fn a_call_without_an_answer_makes_everything_unsure_for_a_while() {
        let mut ledger = Ledger::default();
        asked(&mut ledger, 10, Act::Reactivate, Answer::Unknown);
        asked(&mut ledger, 12, DRAIN, Answer::Done);
        assert_eq!(ledger.get("S1").standing, Standing::Unsure);
        assert!(!ledger.get("S1").is_settled(at(20)));
        assert!(!ledger.get("S1").cannot_return(at(20)));
        assert!(ledger.get("S1").cannot_return(at(40)));
        asked(&mut ledger, 60, DRAIN, Answer::Done);
        assert_eq!(ledger.get("S1").standing, Standing::Out);
        assert!(ledger.get("S1").is_settled(at(61)));
    }

    /// A bound counts for tasks that were there when it could arrive, and for no others.
    #[test]
    fn bounds_count_for_tasks_that_could_meet_them() {
        let mut ledger = Ledger::default();
        asked(&mut ledger, 10, DRAIN, Answer::Done);
        assert_eq!(ledger.get("S1").bound_since(at(5)), Some(at(4)));
        assert_eq!(ledger.get("S1").bound_since(at(12)), None);
        asked(&mut ledger, 20, DRAIN, Answer::Unknown);
        assert_eq!(ledger.get("S1").bound_since(at(40)), Some(at(4)));
    }
}
