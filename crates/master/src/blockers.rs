//! What a drain waits for, and how far it is: pure reads of the state.

use std::collections::BTreeMap;

use model::drain::{Blocker, BlockerKind, Drain, DrainState, Reachability, effective_grace};
use model::duration::grace_of;
use model::task::is_terminal;
use model::{AgentId, FrameworkId, Now, Timestamp};
use wire::ebb::{DrainProgress, DrainStatus, ServiceProgress};

use crate::state::{Agent, Master, ReportedDrain, Task};
use crate::timers::Timer;

/// Blockers shown of one drain; the number of all is shown beside them.
const MAX_BLOCKERS_SHOWN: usize = 100;

/// Ended tasks of a framework that nobody acknowledges, gathered into one blocker.
#[derive(Debug, Default)]
struct Unheard {
    tasks: u32,
    since: Option<Timestamp>,
}

impl Master {
    /// Everything the agent's drain waits for, oldest first; empty if it is not draining.
    pub fn why_not_drained(&self, now: Now, agent: &AgentId) -> Vec<Blocker> {
        let Some(agent) = self.agents.get(agent) else { return Vec::new() };
        let Some(drain) = agent.overlay.drain.as_ref().filter(|d| d.state != DrainState::Drained)
        else {
            return Vec::new();
        };
        let report = agent.report_for(drain);
        let mut blockers = Vec::new();
        if agent.reachability != Reachability::Registered {
            blockers.push(Blocker {
                // It matters to the drain since there is one.
                since: agent.since.max(drain.started_at),
                kind: BlockerKind::AgentNotReachable {
                    agent: agent.id.clone(),
                    reachability: agent.reachability,
                },
            });
        }
        self.add_task_blockers(now, agent, drain, report, &mut blockers);
        for (uuid, operation) in &agent.operations {
            let status = &operation.wire.latest_status;
            blockers.push(Blocker {
                since: operation.since.max(drain.started_at),
                kind: BlockerKind::OperationPending {
                    uuid: uuid.clone(),
                    provider: status.resource_provider_id.as_ref().map(|id| id.value.clone()),
                    framework: operation.wire.framework_id.as_ref().map(FrameworkId::from),
                },
            });
        }
        if blockers.is_empty() {
            let since = report.map_or(drain.started_at, |report| report.since);
            blockers.push(Blocker {
                since: since.max(agent.since).max(drain.started_at),
                kind: BlockerKind::AgentNotConfirmed {
                    agent: agent.id.clone(),
                    generation: drain.generation,
                    executors_left: report.map_or(0, |report| report.executors_left),
                },
            });
        }
        blockers.sort_by_key(|blocker| blocker.since);
        blockers
    }

    fn add_task_blockers(
        &self,
        now: Now,
        agent: &Agent,
        drain: &Drain,
        report: Option<&ReportedDrain>,
        blockers: &mut Vec<Blocker>,
    ) {
        let mut unheard: BTreeMap<&FrameworkId, Unheard> = BTreeMap::new();
        for (key, task) in &agent.tasks {
            let framework = key.framework.clone();
            let framework_name = self.framework_view_name(&framework);
            let id = key.task.clone();
            let (since, kind) = if is_terminal(task.state) {
                let ended = task.terminal_since.unwrap_or(task.since).max(drain.started_at);
                if self.frameworks.get(&framework).is_none_or(|it| it.stream.is_none()) {
                    let unheard = unheard.entry(&key.framework).or_default();
                    unheard.tasks += 1;
                    unheard.since = Some(unheard.since.map_or(ended, |since| since.min(ended)));
                    continue;
                }
                (ended, BlockerKind::UpdateNotAcknowledged { framework, framework_name, task: id })
            } else if let Some(since) = task.killing_since.or(report.map(|report| report.since)) {
                let until = kill_until(task, drain, report);
                let task = id;
                (since, BlockerKind::KillInProgress { framework, framework_name, task, until })
            } else {
                let since = task.since.max(drain.started_at);
                (since, BlockerKind::TaskRunning { framework, framework_name, task: id })
            };
            blockers.push(Blocker { since, kind });
        }
        for (id, Unheard { tasks, since }) in unheard {
            let timer = Timer::FrameworkFailover(id.clone());
            let disconnected = self.frameworks.get(id).and_then(|it| it.disconnected_at);
            let since = since.unwrap_or(drain.started_at);
            blockers.push(Blocker {
                since: disconnected.map_or(since, |at| at.max(since)),
                kind: BlockerKind::FrameworkDisconnected {
                    framework: id.clone(),
                    framework_name: self.framework_view_name(id),
                    tasks,
                    removed_at: self.timers.deadline(&timer).map(|at| now.wall_of(at)),
                },
            });
        }
    }

    /// The agent's drain as reads show it.
    pub(crate) fn view_drain_status(&self, agent: &Agent) -> Option<DrainStatus> {
        let drain = agent.overlay.drain.as_ref()?;
        let blockers = self.why_not_drained(self.latest, &agent.id);
        Some(DrainStatus {
            generation: Some(drain.generation),
            state: Some(drain.state as i32),
            config: Some(drain.config.to_wire()),
            started_at: Some(drain.started_at.to_wire()),
            finished_at: drain.finished_at.map(Timestamp::to_wire),
            reason: drain.reason.clone(),
            requested_by: drain.requested_by.clone(),
            blockers_total: Some(count(blockers.len())),
            blockers: blockers.iter().take(MAX_BLOCKERS_SHOWN).map(Blocker::to_wire).collect(),
            progress: Some(self.view_drain_progress(agent, drain)),
        })
    }

    fn view_drain_progress(&self, agent: &Agent, drain: &Drain) -> DrainProgress {
        let report = agent.report_for(drain);
        let mut services: Vec<ServiceProgress> = Vec::new();
        let (mut tasks_left, mut updates_unacknowledged) = (0, 0);
        let mut present: Option<&FrameworkId> = None;
        // Tasks come in the order of their frameworks.
        for (key, task) in &agent.tasks {
            if present != Some(&key.framework) {
                present = Some(&key.framework);
                services.push(ServiceProgress {
                    framework_id: Some(key.framework.to_wire()),
                    name: Some(self.framework_view_name(&key.framework)),
                    tasks_left: Some(0),
                    updates_unacknowledged: Some(0),
                });
            }
            let Some(service) = services.last_mut() else { continue };
            let (all, own) = if is_terminal(task.state) {
                (&mut updates_unacknowledged, &mut service.updates_unacknowledged)
            } else {
                (&mut tasks_left, &mut service.tasks_left)
            };
            *all += 1;
            *own = own.map(|own| own + 1);
        }
        DrainProgress {
            tasks_left: Some(tasks_left),
            updates_unacknowledged: Some(updates_unacknowledged),
            operations_left: Some(count(agent.operations.len())),
            executors_left: report.map(|report| report.executors_left),
            last_kill_at: report.and_then(|report| report.last_kill_at).map(Timestamp::to_wire),
            services,
            confirmed_by_agent: Some(report.is_some_and(|report| report.empty)),
        }
    }
}

impl Agent {
    /// What the agent said of this very drain.
    pub(crate) fn report_for(&self, drain: &Drain) -> Option<&ReportedDrain> {
        self.reported_drain.as_ref().filter(|report| report.generation == drain.generation)
    }
}

/// When SIGKILL follows, as far as the master can tell: from the task's grace period, its own or the
/// agent's default, else the moment the agent gave for its last kill.
fn kill_until(task: &Task, drain: &Drain, report: Option<&ReportedDrain>) -> Option<Timestamp> {
    let policy = task.extra.as_ref().and_then(|extra| extra.kill_policy.as_ref());
    let own = policy.and_then(|it| it.grace_period.as_ref()).and_then(|it| grace_of(it).ok());
    // Without TASK_KILLING the drain is what asked the task to stop.
    let since = task.killing_since.or(report.map(|report| report.since));
    match (since, own.or(report.and_then(|report| report.default_grace))) {
        (Some(since), Some(grace)) => {
            Some(since.plus(effective_grace(Some(grace), grace, drain.config.max_grace_period)))
        }
        (Some(_) | None, _) => report.and_then(|report| report.last_kill_at),
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}
