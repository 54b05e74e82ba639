//! The operator: drains a wave of agents, waits for the last of them, reactivates the wave and goes on with the next.

use std::ops::Range;
use std::time::Duration;

use master::{DrainRequest, Event, RequestId};
use model::{AgentId, Moment};

use super::world::World;

/// Between two calls of the operator.
const PACE: Duration = Duration::from_millis(1);

/// What the operator laid over an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Overlay {
    None,
    Draining,
    Drained,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Waits for the tasks to run.
    #[default]
    Rests,
    Drains,
    Reactivates,
    Done,
}

#[derive(Debug, Default)]
pub(super) struct Operator {
    stage: Stage,
    wave: Range<usize>,
    began: Moment,
    /// Calls of this wave that are not answered, agents that are not drained.
    unanswered: usize,
    undrained: usize,
}

impl World<'_> {
    /// A framework has what it wants; when all have, the operator begins, or everything is over.
    pub(super) fn service_is_content(&mut self) {
        if !self.services.iter().all(super::service::Service::is_content) {
            return;
        }
        self.progress = self.now.at;
        match self.operator.stage {
            Stage::Rests => {
                self.meter.begin(self.now.at, "waves, first half");
                self.next_wave();
            }
            Stage::Done => self.is_over = true,
            Stage::Drains | Stage::Reactivates => {}
        }
    }

    fn next_wave(&mut self) {
        let first = self.operator.wave.end;
        let wave = first..(first + self.settings.wave).min(self.places.len());
        if wave.is_empty() {
            self.operator.stage = Stage::Done;
            return self.service_is_content();
        }
        self.report.waves += 1;
        self.operator = Operator {
            stage: Stage::Drains,
            began: self.now.at,
            unanswered: wave.len(),
            undrained: wave.len(),
            wave: wave.clone(),
        };
        self.call_each(wave, |request, agent| Event::DrainAgent {
            request,
            agent,
            drain: DrainRequest {
                reason: Some("kernel update".to_owned()),
                requested_by: Some("ops".to_owned()),
                ..DrainRequest::default()
            },
        });
    }

    fn call_each(&mut self, wave: Range<usize>, make: fn(RequestId, AgentId) -> Event) {
        let mut wait = PACE;
        for index in wave {
            let Some(id) = self.places[index].agent.id() else { continue };
            let event = make(RequestId(index as u64 + 1), AgentId::from(id));
            self.tell_master(wait, event);
            wait += PACE;
        }
    }

    /// A call of the operator was accepted, and what it asked for is durable.
    pub(super) fn answered(&mut self, request: RequestId) {
        let index = request.0.checked_sub(1).and_then(|index| usize::try_from(index).ok());
        // Requests of schedulers all have the number 0.
        let Some(index) = index else { return };
        self.operator.unanswered -= 1;
        match self.operator.stage {
            Stage::Drains => {
                // An empty agent may be drained before the answer arrives.
                if self.places[index].overlay == Overlay::None {
                    self.places[index].overlay = Overlay::Draining;
                }
                let is_half = self.operator.wave.end * 2 >= self.places.len();
                if self.operator.unanswered == 0 && is_half && self.masters == 2 {
                    self.report.memory_with_tasks = self.master_dies();
                    self.meter.begin(self.now.at, "failover in a wave");
                }
            }
            Stage::Reactivates => {
                self.places[index].overlay = Overlay::None;
                if self.operator.unanswered == 0 {
                    self.next_wave();
                }
            }
            Stage::Rests | Stage::Done => {}
        }
        self.end_wave();
    }

    pub(super) fn drained(&mut self, agent: &AgentId, generation: u64) {
        let Some(&index) = self.known.get(agent) else { return };
        self.report.drains += 1;
        self.progress = self.now.at;
        let place = &mut self.places[index];
        place.overlay = Overlay::Drained;
        if !place.agent.is_empty() || place.agent.draining() != Some(generation) {
            let what = format!("{agent}, generation {generation}: {} tasks", place.agent.tasks());
            self.broke("drained-means-empty", what);
        }
        if self.operator.wave.contains(&index) {
            self.operator.undrained -= 1;
        } else {
            self.broke("only-what-was-asked-is-drained", agent.to_string());
        }
        self.end_wave();
    }

    /// With the whole wave drained: the operator looks at the cluster and lets the agents back in.
    fn end_wave(&mut self) {
        let operator = &mut self.operator;
        let is_drained = operator.undrained == 0 && operator.unanswered == 0;
        if operator.stage != Stage::Drains || !is_drained {
            return;
        }
        operator.stage = Stage::Reactivates;
        operator.unanswered = operator.wave.len();
        let (wave, took) = (operator.wave.clone(), self.now.at.since(operator.began));
        self.report.slowest_wave = self.report.slowest_wave.max(took);
        if let Some(core) = &self.master {
            let began = (self.meter.watch.clock)();
            let shown = self.meter.measure(self.now, "GET_AGENTS", || core.view_agents());
            let read = (self.meter.watch.clock)().saturating_sub(began);
            self.report.longest_read = self.report.longest_read.max(read);
            for index in wave.clone() {
                if self.places[index].overlay != Overlay::Drained {
                    self.broke("a-wave-ends-drained", format!("agent {index}"));
                }
            }
            drop(shown);
        }
        self.call_each(wave, |request, agent| Event::ReactivateAgent { request, agent });
    }
}
