//! The master's deadlines, ordered by time.

use std::collections::{BTreeMap, BTreeSet};

use model::{AgentId, FrameworkId, Moment, Now};

use crate::effects::Effects;
use crate::event::StreamId;
use crate::state::Master;

/// Deadlines served in one event; what is left is due at once again, so no event takes long.
const TIMERS_PER_EVENT: usize = 1000;

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
    /// Old entries of the registry are dropped.
    RegistryGc,
}

/// Both ways: what is next, and when something is due. Logarithmic in everything.
#[derive(Clone, Debug, Default)]
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
                Timer::RegistryGc => self.collect_registry_garbage(now, fx),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
