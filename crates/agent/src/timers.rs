//! Deadlines of the agent: each timer is set at most once, the earliest comes out first.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use model::{ContainerId, Moment};

use crate::event::StreamId;
use crate::state::TaskKey;

/// What is due.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Timer {
    /// Open the link.
    Connect,
    /// No answer, or no ping, for too long.
    LinkTimeout,
    /// The wait for containers and updates at the agent's end is over.
    Stop,
    /// Go on with the kills of a drain.
    Sweep,
    /// Send the first unacknowledged update of the task again.
    RetryUpdate(TaskKey),
    /// Send the operation's status again, or remove again what it destroyed.
    RetryOperation(Bytes),
    /// Ask the executor again to end the task.
    RepeatKill(TaskKey),
    /// The executor did not end its tasks in time.
    Escalate(ContainerId),
    /// The executor did not subscribe in time.
    Registration(ContainerId),
    /// The executor did not end in time after SHUTDOWN.
    ShutdownGrace(ContainerId),
    /// Destroy the container again.
    RepeatDestroy(ContainerId),
    /// Show an executor that its stream is alive.
    Heartbeat(StreamId),
}

/// A deadline that is served so late was not served at all for a while: this process stood still, because
/// it was stopped or its machine was suspended.
pub(crate) const STANDSTILL: Duration = Duration::from_secs(5);

/// What whoever waited through a standstill has at least to be heard.
pub(crate) const HEARING: Duration = Duration::from_secs(15);

impl Timer {
    /// Whether it is about the silence of a peer, who may have spoken while nobody listened.
    fn is_about_silence(&self) -> bool {
        match self {
            Self::LinkTimeout | Self::Registration(_) => true,
            Self::Connect
            | Self::Stop
            | Self::Sweep
            | Self::RetryUpdate(_)
            | Self::RetryOperation(_)
            | Self::RepeatKill(_)
            | Self::Escalate(_)
            | Self::ShutdownGrace(_)
            | Self::RepeatDestroy(_)
            | Self::Heartbeat(_) => false,
        }
    }
}

/// All timers that are set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers {
    at: BTreeMap<Timer, Moment>,
    queue: BTreeSet<(Moment, Timer)>,
}

impl Timers {
    /// Sets `timer`, or moves it.
    pub(crate) fn set(&mut self, timer: Timer, at: Moment) {
        if let Some(before) = self.at.insert(timer.clone(), at) {
            if before == at {
                return;
            }
            self.queue.remove(&(before, timer.clone()));
        }
        self.queue.insert((at, timer));
    }

    /// Sets `timer` unless it is due earlier.
    pub(crate) fn set_no_later(&mut self, timer: Timer, at: Moment) {
        if self.at.get(&timer).is_none_or(|before| at < *before) {
            self.set(timer, at);
        }
    }

    /// Moves `timer` to `at` if it is set and later.
    pub(crate) fn hasten(&mut self, timer: &Timer, at: Moment) {
        if self.at.get(timer).is_some_and(|before| at < *before) {
            self.set(timer.clone(), at);
        }
    }

    pub(crate) fn cancel(&mut self, timer: &Timer) {
        if let Some(at) = self.at.remove(timer) {
            self.queue.remove(&(at, timer.clone()));
        }
    }

    /// Takes out the earliest timer that is due.
    pub(crate) fn take_due(&mut self, now: Moment) -> Option<Timer> {
        let (at, _) = self.queue.first()?;
        if *at > now {
            return None;
        }
        let (_, timer) = self.queue.pop_first()?;
        self.at.remove(&timer);
        Some(timer)
    }

    /// Before anything else of an event: time in which nobody listened does not count as a peer's silence.
    pub(crate) fn note_standstill(&mut self, now: Moment) {
        let late = self.next().map_or(Duration::ZERO, |due| now.since(due));
        if late < STANDSTILL {
            return;
        }
        let silences: Vec<(Timer, Moment)> = self
            .at
            .iter()
            .filter(|(timer, _)| timer.is_about_silence())
            .map(|(timer, at)| (timer.clone(), *at))
            .collect();
        for (timer, at) in silences {
            self.set(timer, at.plus(late).max(now.plus(HEARING)));
        }
    }

    pub(crate) fn next(&self) -> Option<Moment> {
        self.queue.first().map(|(at, _)| *at)
    }

    pub(crate) fn next_is(&self, timer: &Timer) -> bool {
        self.queue.first().is_some_and(|(_, first)| first == timer)
    }

    pub(crate) fn len(&self) -> usize {
        self.queue.len()
    }
}
