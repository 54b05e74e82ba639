//! What holds once everything has come to rest.

use master::Master;
use model::drain::{Blocker, BlockerKind};
use model::{AgentId, FrameworkId, TaskId};
use wire::v1::DrainState;

use crate::host::Host;
use crate::plan::Stubborn;
use crate::tasks::Container;
use crate::world::World;

type Broken = Vec<(&'static str, String)>;

impl World {
    pub(crate) fn check_rest(&mut self) {
        let mut broken = Broken::new();
        let Some(master) = self.acting() else {
            return self.truth.broken("a-leader-is-found", "nobody leads".to_owned());
        };
        master.core.check_all();
        for host in &self.hosts {
            self.check_host(&master.core, host, &mut broken);
        }
        self.check_beliefs(&mut broken);
        self.check_awaited(&mut broken);
        for blocker in self.shown_at_rest() {
            self.coverage.count_variant("blocker at rest", &blocker.kind);
        }
        for (rule, what) in broken {
            self.truth.broken(rule, what);
        }
        self.check_rest_of_drains();
        self.check_books();
    }

    fn shown_at_rest(&self) -> Vec<Blocker> {
        let Some(master) = self.acting() else { return Vec::new() };
        let ids = self.hosts.iter().filter_map(|host| host.id.as_ref());
        ids.flat_map(|id| master.core.why_not_drained(self.now, id)).collect()
    }

    fn check_host(&self, master: &Master, host: &Host, broken: &mut Broken) {
        let Some(id) = &host.id else { return };
        let agents = master.view_agents();
        let shown = agents
            .agents
            .iter()
            .find(|agent| agent.agent_info.id.as_ref().map(AgentId::from).as_ref() == Some(id));
        if host.process.is_some() && shown.is_none() {
            broken.push(("everybody-comes-back", format!("{id} is not listed")));
            return;
        }
        let blockers = master.why_not_drained(self.now, id);
        let state = shown.and_then(|shown| shown.drain_info.as_ref()).map(|drain| drain.state);
        let is_draining = state == Some(DrainState::Draining.into());
        if !is_draining && blockers.is_empty() {
            return;
        }
        let reasons = self.reasons(host);
        if reasons.is_empty() {
            return broken.push(("every-drain-ends", format!("{id} waits for {blockers:?}")));
        }
        let fits = |kind: &BlockerKind| {
            reasons.iter().any(|reason| reason.is(kind)) || is_with_a_stuck_task(host, kind)
        };
        let is_right = blockers.iter().all(|blocker| fits(&blocker.kind));
        // What is left of a framework that has ended is said only when nothing else is in the way.
        let is_said = |it: &Reason| {
            blockers.iter().any(|one| it.is(&one.kind))
                || (matches!(it, Reason::Leftover) && !blockers.is_empty())
        };
        let is_whole = reasons.iter().all(is_said);
        if !is_right || !is_whole {
            let what = format!("{id} waits for {reasons:?}, but says {blockers:?}");
            broken.push(("every-drain-has-the-right-blocker", what));
        }
    }

    /// What in truth keeps a drain of this host from ending.
    fn reasons(&self, host: &Host) -> Vec<Reason> {
        if host.process.is_none() {
            return vec![Reason::NotReachable];
        }
        let stuck = host.containers.values().flat_map(Container::stuck);
        let mut reasons: Vec<Reason> =
            stuck.map(|(framework, task)| self.runs(framework, task)).collect();
        for ((framework, task), record) in &host.disk.tasks {
            if record.pending.is_empty() {
                continue;
            }
            let service = self.services.iter().find(|one| one.id.as_ref() == Some(framework));
            let is_live = record.task.as_ref().is_some_and(|it| {
                model::task::state_from_wire(it.state)
                    .is_some_and(|it| !model::task::is_terminal(it))
            });
            match service {
                _ if is_live => {}
                Some(service) if service.is_away => {
                    reasons.push(Reason::Away(framework.to_string()));
                }
                Some(service) if service.is_mute() => {
                    reasons.push(Reason::Unheard(task.to_string()));
                }
                // It has ended by itself, and the master waits a week for the next one.
                None if self.is_waited_for(framework) => {
                    reasons.push(Reason::Away(framework.to_string()));
                }
                _ => {}
            }
        }
        self.operations_that_wait(host, &mut reasons);
        reasons
    }

    /// Whether its service has ended, and its master does not know yet that nobody will come back.
    pub(crate) fn is_waited_for(&self, id: &FrameworkId) -> bool {
        let Some(master) = self.acting() else { return false };
        let known = master.core.view_frameworks().frameworks;
        let mut ids = known.iter().filter_map(|one| one.framework_info.id.as_ref());
        self.truth.has_ended(id) && ids.any(|one| FrameworkId::from(one) == *id)
    }

    /// Of a framework that has ended the master knows no tasks any more, only that something is left.
    fn runs(&self, framework: &FrameworkId, task: &TaskId) -> Reason {
        if self.truth.has_ended(framework) {
            return Reason::Leftover;
        }
        Reason::Runs(task.to_string())
    }

    /// Services believe of no task to run that does not, if they listen.
    fn check_beliefs(&self, broken: &mut Broken) {
        for service in self.services.iter().filter(|one| !one.is_away && !one.is_mute()) {
            let Some(id) = &service.id else { continue };
            for (task, state) in service.believed() {
                let runs = self
                    .hosts
                    .iter()
                    .any(|host| host.running().any(|(_, running)| running.as_str() == task));
                // What ran on a host that stays down cannot be known.
                if !runs && self.plan.stubborn != Some(Stubborn::Host) {
                    let what = format!("{id} believes task {task} to be {state:?}; nothing runs");
                    broken.push(("every-update-arrives", what));
                }
            }
        }
    }
}

/// Whether a task is in a container that a stuck task keeps: where its executor does not report, nobody knows
/// that it has ended before the container has.
fn is_with_a_stuck_task(host: &Host, kind: &BlockerKind) -> bool {
    let (BlockerKind::TaskRunning { task, .. } | BlockerKind::KillInProgress { task, .. }) = kind
    else {
        return false;
    };
    host.containers.values().any(|it| it.is_stuck() && it.task(task).is_some())
}

/// Why a drain cannot end.
#[derive(Debug)]
pub(crate) enum Reason {
    NotReachable,
    Runs(String),
    Leftover,
    Unheard(String),
    Away(String),
    /// An operation whose end nobody acknowledges.
    Operation(Vec<u8>),
}

impl Reason {
    fn is(&self, kind: &BlockerKind) -> bool {
        match (self, kind) {
            (Self::NotReachable, BlockerKind::AgentNotReachable { .. }) => true,
            (Self::Leftover, BlockerKind::AgentNotConfirmed { executors_left, .. }) => {
                *executors_left > 0
            }
            (
                Self::Runs(name),
                BlockerKind::TaskRunning { task, .. } | BlockerKind::KillInProgress { task, .. },
            )
            | (Self::Unheard(name), BlockerKind::UpdateNotAcknowledged { task, .. }) => {
                task.as_str() == name
            }
            (Self::Away(name), BlockerKind::FrameworkDisconnected { framework, .. }) => {
                framework.as_str() == name
            }
            (Self::Operation(one), BlockerKind::OperationPending { uuid, .. }) => uuid == one,
            _ => false,
        }
    }
}
