//! Draining: an overlay with a generation that ends everything and lets nothing in.
//!
//! ```text
//! none ─ DRAIN(g) ─▶ draining g ─ nothing left ─▶ empty g ─ REACTIVATE(≥ g) ─▶ none
//!                        │ DRAIN(g) again: tighter        │ DRAIN(g+1)
//!                        └────────────────────────────────┴─▶ draining g+1
//! ```
//!
//! The record is durable before the first kill leaves; each kill carries its own deadline, so a replay
//! after a restart never gives a task more time than it had.

use std::collections::VecDeque;

use model::drain::DrainConfig;
use model::{Now, TaskId, Timestamp};
use wire::checkpoint::DrainRecord;
use wire::link::{AgentDrain, Call, call};

use crate::link::dropped;
use crate::state::{Agent, ExecutorKey};
use crate::timers::Timer;
use crate::{Effects, Note};

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Drain {
    pub(crate) generation: u64,
    pub(crate) config: DrainConfig,
    pub(crate) started_at: Timestamp,
    /// Nothing of any framework is left.
    pub(crate) empty: bool,
}

impl Drain {
    pub(crate) fn to_record(&self) -> DrainRecord {
        DrainRecord {
            generation: Some(self.generation),
            config: Some(self.config.to_wire()),
            started_at: Some(self.started_at.to_wire()),
            empty: Some(self.empty),
        }
    }

    pub(crate) fn from_record(record: &DrainRecord, now: Now) -> Self {
        let mut config = record.config.unwrap_or_default();
        // Only a damaged record has one; as zero it would kill everything at once. The master says again
        // what it asked.
        config.max_grace_period.take_if(|grace| model::duration::grace_of(grace).is_err());
        Self {
            generation: record.generation.unwrap_or(0),
            config: DrainConfig::from(&config),
            started_at: record.started_at.as_ref().map_or(now.wall, Timestamp::from),
            empty: record.empty.unwrap_or(false),
        }
    }
}

/// Kills of one event; each writes a record.
const KILLS_PER_SLICE: usize = 500;

/// What of a drain's kills is still to be asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Sweep {
    executors: VecDeque<ExecutorKey>,
    tasks: Vec<(ExecutorKey, TaskId)>,
}

impl Agent {
    pub(crate) fn start_drain(&mut self, now: Now, asked: &wire::link::Drain, fx: &mut Effects) {
        let generation = asked.generation.unwrap_or(0);
        let config = asked.config.as_ref().map(DrainConfig::from).unwrap_or_default();
        match &mut self.drain {
            Some(drain) if drain.generation > generation => {
                return dropped(
                    fx,
                    format!("DRAIN of generation {generation}, {} is on", drain.generation),
                );
            }
            Some(drain) if drain.generation == generation => {
                let tightened = drain.config.tightened(config);
                // Said again, so answered again.
                self.link.reported = None;
                if tightened == drain.config {
                    return;
                }
                drain.config = tightened;
                fx.notes.push(Note::DrainTightened { generation });
            }
            drain => {
                *drain = Some(Drain {
                    generation,
                    config,
                    started_at: asked.started_at.as_ref().map_or(now.wall, Timestamp::from),
                    empty: false,
                });
                fx.notes.push(Note::DrainStarted { generation, tasks: self.tasks.len() });
            }
        }
        self.touch_drain();
        self.carry_out_drain(now, fx);
    }

    /// Asks every task to end, and every executor that has none. Harmless when repeated: a kill in
    /// progress can only get shorter.
    pub(crate) fn carry_out_drain(&mut self, now: Now, fx: &mut Effects) {
        self.sweep =
            Sweep { executors: self.executors.keys().cloned().collect(), tasks: Vec::new() };
        self.continue_sweep(now, fx);
    }

    /// The next slice of a drain's kills; there may be ten thousands.
    pub(crate) fn continue_sweep(&mut self, now: Now, fx: &mut Effects) {
        if self.drain.is_none() {
            self.sweep = Sweep::default();
        }
        let mut left = KILLS_PER_SLICE;
        while left > 0 {
            if let Some((key, task)) = self.sweep.tasks.pop() {
                self.kill_for_drain(now, &key, task, fx);
                left -= 1;
                continue;
            }
            let Some(key) = self.sweep.executors.front().cloned() else { return };
            let ended = self.kill_first_queued(now, &key, fx);
            left = left.saturating_sub(ended.max(1));
            if ended > 0 {
                continue;
            }
            self.sweep.executors.pop_front();
            if let Some(executor) = self.executors.get(&key) {
                // Last first: they are popped.
                let live = executor.live.iter().rev().cloned();
                self.sweep.tasks = live.map(|task| (key.clone(), task)).collect();
            }
            self.shut_down_if_idle(now, &key, fx);
        }
        self.timers.set(Timer::Sweep, now.at);
    }

    // Differs from Mesos (D5): a drain ends only by reactivation, not when nothing is left.
    pub(crate) fn reactivate(&mut self, asked: &wire::link::Reactivate, fx: &mut Effects) {
        let generation = asked.generation.unwrap_or(0);
        match &self.drain {
            Some(drain) if drain.generation <= generation => {
                self.drain = None;
                self.link.reported = None;
                self.touch_drain();
                fx.notes.push(Note::Reactivated);
            }
            Some(drain) => dropped(
                fx,
                format!("REACTIVATE of generation {generation}, {} is on", drain.generation),
            ),
            None => {}
        }
    }

    /// What the master is told about the drain, from the state alone.
    pub(crate) fn drain_report(&self) -> Option<AgentDrain> {
        let drain = self.drain.as_ref()?;
        let last_kill_at = self
            .deadlines
            .last()
            .and_then(|(_, key)| self.tasks.get(key)?.kill.as_ref())
            .map(|kill| kill.deadline.to_wire());
        Some(AgentDrain {
            generation: Some(drain.generation),
            config: Some(drain.config.to_wire()),
            started_at: Some(drain.started_at.to_wire()),
            tasks_left: Some(count(self.tasks.len())),
            executors_left: Some(count(self.executors.len())),
            operations_left: Some(count(self.operations.len())),
            empty: Some(self.is_empty()),
            last_kill_at,
            default_grace: Some(model::duration::to_wire_info(self.config.default_kill_grace)),
        })
    }

    /// Whether nothing of any framework is left: no task or update, no executor, no container, no operation.
    pub(crate) fn is_empty(&self) -> bool {
        self.tasks.is_empty() && self.executors.is_empty() && self.operations.is_empty()
    }

    /// Writes down and reports how far the drain is, if that has changed.
    pub(crate) fn settle_drain(&mut self, fx: &mut Effects) {
        let empty = self.is_empty();
        let Some(drain) = &mut self.drain else { return };
        if drain.empty != empty {
            drain.empty = empty;
            if empty {
                fx.notes.push(Note::DrainEmpty { generation: drain.generation });
            }
            self.touch_drain();
        }
        if !self.is_registered() || self.stopped {
            return;
        }
        let report = self.drain_report();
        // The master counts tasks itself; with ten thousand of them, each end would be a report.
        let said = self.link.reported.as_ref().map(|said| AgentDrain {
            tasks_left: report.as_ref().and_then(|report| report.tasks_left),
            ..*said
        });
        if report != said {
            self.link.reported.clone_from(&report);
            let call = Call { drain_progress: report, ..Call::default() };
            self.call(call::Type::DrainProgress, call, fx);
        }
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
