//! The master core with a watch beside it.
//!
//! What an event takes is measured; how long events would have waited for each other is reckoned from it: they arrive
//! when the world says, and the one core takes them one after the other, each for as long as it took here. The
//! world does not wait along, so what is measured changes nothing of what happens.

use std::time::Duration;

use master::{Effects, Event, Master};
use model::{Moment, Now};

/// What is read from outside: the time this thread has worked, and the memory in use if it can be told.
pub struct Watch<'a> {
    pub clock: &'a dyn Fn() -> Duration,
    pub memory: &'a dyn Fn() -> Option<u64>,
}

impl std::fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Watch").finish_non_exhaustive()
    }
}

/// What the master did in one part of a run.
#[derive(Clone, Debug, Default)]
pub struct Phase {
    pub name: &'static str,
    pub events: u64,
    /// Time in the core.
    pub busy: Duration,
    /// Time that passed in the world.
    pub simulated: Duration,
    /// The event that took the longest, and what it was.
    pub longest: Duration,
    pub longest_is: &'static str,
    /// How long an event waited for those before it.
    pub longest_wait: Duration,
}

impl Phase {
    pub fn events_per_second(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
        let events = self.events as f64;
        events / self.busy.as_secs_f64().max(1e-9)
    }
}

/// Measures phase by phase.
#[derive(Debug)]
pub(super) struct Meter<'a> {
    pub(super) watch: &'a Watch<'a>,
    pub(super) phases: Vec<Phase>,
    began: Moment,
    /// When the core has dealt with all that has arrived.
    free_at: Moment,
}

impl<'a> Meter<'a> {
    pub(super) fn new(watch: &'a Watch<'a>, now: Moment) -> Self {
        Self { watch, phases: Vec::new(), began: now, free_at: now }
    }

    pub(super) fn begin(&mut self, now: Moment, name: &'static str) {
        self.end(now);
        self.began = now;
        self.phases.push(Phase { name, ..Phase::default() });
    }

    pub(super) fn end(&mut self, now: Moment) {
        if let Some(phase) = self.phases.last_mut() {
            phase.simulated = now.since(self.began);
        }
    }

    pub(super) fn apply(&mut self, core: &mut Master, now: Now, event: Event) -> Effects {
        let name = name_of(&event);
        self.measure(now, name, || core.apply(now, event))
    }

    /// Something the core's thread does, event or read.
    pub(super) fn measure<T>(
        &mut self,
        now: Now,
        name: &'static str,
        work: impl FnOnce() -> T,
    ) -> T {
        let began = (self.watch.clock)();
        let outcome = work();
        let took = (self.watch.clock)().saturating_sub(began);
        let waited = self.free_at.since(now.at);
        self.free_at = self.free_at.max(now.at).plus(took);
        if let Some(phase) = self.phases.last_mut() {
            phase.events += 1;
            phase.busy += took;
            phase.longest_wait = phase.longest_wait.max(waited);
            if took > phase.longest {
                (phase.longest, phase.longest_is) = (took, name);
            }
        }
        outcome
    }
}

fn name_of(event: &Event) -> &'static str {
    use wire::scheduler::call::Type;
    match event {
        Event::AgentHello { .. } => "hello",
        Event::AgentCalls { .. } => "agent's calls",
        Event::LinkClosed { .. } => "link closed",
        Event::SchedulerSubscribe { .. } => "SUBSCRIBE",
        #[expect(clippy::wildcard_enum_match_arm, reason = "the calls this world makes")]
        Event::SchedulerCall { call, .. } => match call.r#type() {
            Type::Accept => "ACCEPT",
            Type::Decline => "DECLINE",
            Type::Acknowledge => "ACKNOWLEDGE",
            Type::Revive => "REVIVE",
            Type::Suppress => "SUPPRESS",
            _ => "call",
        },
        Event::SchedulerClosed { .. } => "stream closed",
        Event::DrainAgent { .. } => "DRAIN_AGENT",
        Event::DeactivateAgent { .. } => "DEACTIVATE_AGENT",
        Event::ReactivateAgent { .. } => "REACTIVATE_AGENT",
        Event::MarkAgentGone { .. } => "MARK_AGENT_GONE",
        Event::Operate { .. } => "operation",
        Event::ChangeRoles { .. } => "roles",
        Event::Teardown { .. } => "TEARDOWN",
        Event::UpdateMaintenance { .. } => "UPDATE_MAINTENANCE_SCHEDULE",
        Event::StartMaintenance { .. } => "START_MAINTENANCE",
        Event::StopMaintenance { .. } => "STOP_MAINTENANCE",
        Event::Watchers { .. } => "watchers",
        Event::Woke => "timers",
    }
}
