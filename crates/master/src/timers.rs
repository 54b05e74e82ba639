//! The master's deadlines, ordered by time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use model::{AgentId, FrameworkId, Moment, Now};

use crate::effects::Effects;
use crate::event::StreamId;
use crate::state::Master;

/// Deadlines served in one event; what is left is due at once again, so no event takes long.
const TIMERS_PER_EVENT: usize = 1000;

/// A deadline that is served so late was not served at all for a while: this process stood still (it was
/// stopped, its machine suspended), or held because its lease was unsure.
const STANDSTILL: Duration = Duration::from_secs(5);

/// What a deadline is about; each has at most one deadline at a time.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// The next ping of a registered agent.
    Ping(AgentId),
    /// The agent has to be back by then.
    Reregister(AgentId),
    /// The scheduler has to be back by then.
    FrameworkFailover(FrameworkId),
    /// The next heartbeat on a scheduler's stream.
    Heartbeat(StreamId),
    /// The allocator has something to look at: filters that run out.
    Allocator,
    /// Frameworks may be asked again to give back what they hold of an agent.
    Invite(AgentId),
    /// Old entries of the registry are dropped.
    RegistryGc,
}

impl Timer {
    /// For a deadline about the silence of a peer, who may have spoken while nobody listened: how many ping
    /// intervals it gets at least to be heard. Whoever has to come back may be waiting for its next attempt.
    fn hearing(&self, pings: u32) -> Option<u32> {
        match self {
            Self::Ping(_) => Some(1),
            Self::Reregister(_) | Self::FrameworkFailover(_) => Some(pings),
            Self::Heartbeat(_) | Self::Allocator | Self::Invite(_) | Self::RegistryGc => None,
        }
    }
}

/// Both ways: what is next, and when something is due. Logarithmic in everything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Timers {
    queue: BTreeSet<(Moment, Timer)>,
    deadlines: BTreeMap<Timer, Moment>,
}

impl Timers {
    /// Sets the deadline of `timer`, in place of an earlier one.
    pub(crate) fn set(&mut self, timer: Timer, at: Moment) {
        if let Some(old) = self.deadlines.insert(timer.clone(), at) {
            self.queue.remove(&(old, timer.clone()));
        }
        self.queue.insert((at, timer));
    }

    pub(crate) fn cancel(&mut self, timer: &Timer) {
        if let Some((timer, at)) = self.deadlines.remove_entry(timer) {
            self.queue.remove(&(at, timer));
        }
    }

    pub(crate) fn deadline(&self, timer: &Timer) -> Option<Moment> {
        self.deadlines.get(timer).copied()
    }

    /// Time in which nobody listened does not count as a peer's silence: such deadlines move by `late`,
    /// and every peer has at least its `hearing`.
    fn excuse_silence(&mut self, at: Moment, late: Duration, ping: Duration, pings: u32) {
        let silences: Vec<(Timer, Moment, u32)> = self
            .deadlines
            .iter()
            .filter_map(|(timer, deadline)| Some((timer.clone(), *deadline, timer.hearing(pings)?)))
            .collect();
        for (timer, deadline, hearing) in silences {
            self.set(timer, deadline.plus(late).max(at.plus(ping * hearing)));
        }
    }

    /// The earliest deadline.
    pub(crate) fn next(&self) -> Option<Moment> {
        self.queue.first().map(|(at, _)| *at)
    }

    /// Takes the earliest deadline that is not after `at`.
    pub(crate) fn pop_due(&mut self, at: Moment) -> Option<Timer> {
        if self.next()? > at {
            return None;
        }
        let (_, timer) = self.queue.pop_first()?;
        self.deadlines.remove(&timer);
        Some(timer)
    }
}

impl Master {
    /// Before anything else of an event: whoever has waited to be heard through a standstill is heard
    /// before it is given up.
    pub(crate) fn note_standstill(&mut self, now: Now) {
        let late = self.timers.next().map_or(Duration::ZERO, |due| now.at.since(due));
        if late >= STANDSTILL {
            let pings = self.config.max_agent_ping_timeouts;
            self.timers.excuse_silence(now.at, late, self.config.agent_ping_timeout, pings);
        }
    }

    pub(crate) fn run_timers(&mut self, now: Now, fx: &mut Effects) {
        for _ in 0..TIMERS_PER_EVENT {
            let Some(timer) = self.timers.pop_due(now.at) else { return };
            match timer {
                Timer::Ping(agent) => self.ping_due(now, &agent, fx),
                Timer::Reregister(agent) => self.reregister_timeout(now, &agent, fx),
                Timer::FrameworkFailover(framework) => {
                    self.framework_failover_timeout(now, &framework, fx);
                }
                Timer::Heartbeat(stream) => self.heartbeat_due(now, stream, fx),
                Timer::Allocator => self.allocator_wake(now, fx),
                Timer::Invite(agent) => self.invite_again(&agent),
                Timer::RegistryGc => self.collect_registry_garbage(now, fx),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Silence is excused by the time in which nobody listened, and everybody gets a little; other deadlines
    /// stay.
    #[test]
    fn only_deadlines_about_silence_move() {
        let mut timers = Timers::default();
        let id = AgentId::new("a");
        timers.set(Timer::Ping(id.clone()), Moment(10));
        timers.set(Timer::Reregister(id.clone()), Moment(90));
        timers.set(Timer::RegistryGc, Moment(20));
        timers.set(Timer::Reregister(AgentId::new("b")), Moment(30));
        timers.excuse_silence(Moment(50), Duration::from_nanos(40), Duration::from_nanos(5), 6);
        assert_eq!(timers.deadline(&Timer::Ping(id.clone())), Some(Moment(55)));
        assert_eq!(timers.deadline(&Timer::Reregister(id)), Some(Moment(130)));
        let other = Timer::Reregister(AgentId::new("b"));
        assert_eq!(timers.deadline(&other), Some(Moment(80)));
        assert_eq!(timers.deadline(&Timer::RegistryGc), Some(Moment(20)));
    }

    /// A timer has one deadline, the latest one set; cancelled timers never fire.
    #[test]
    fn timers_fire_once_in_order_of_their_latest_deadline() {
        let mut timers = Timers::default();
        let ping = |id: &str| Timer::Ping(AgentId::new(id));
        timers.set(ping("a"), Moment(30));
        timers.set(ping("b"), Moment(20));
        timers.set(ping("c"), Moment(10));
        timers.set(ping("a"), Moment(15));
        timers.cancel(&ping("c"));

        assert_eq!(timers.next(), Some(Moment(15)));
        assert_eq!(timers.pop_due(Moment(14)), None);
        assert_eq!(timers.pop_due(Moment(100)), Some(ping("a")));
        assert_eq!(timers.deadline(&ping("b")), Some(Moment(20)));
        assert_eq!(timers.pop_due(Moment(100)), Some(ping("b")));
        assert_eq!(timers.pop_due(Moment(100)), None);
        assert_eq!(timers.next(), None);
    }
}
