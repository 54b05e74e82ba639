//! Processes that stand still (SIGSTOP, a suspended machine): nothing is processed, then everything at once.

use std::time::Duration;

use model::{ContainerId, Moment};

use crate::world::{Happening, World};

/// A process that stands still.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pause {
    pub(crate) until: Moment,
    /// Afterwards its alarms come before what has arrived; both orders happen.
    alarms_first: bool,
}

/// Whose happening it is.
enum Whose<'a> {
    Master(usize),
    Agent(usize),
    Executor(usize, &'a ContainerId),
}

impl World {
    pub(crate) fn new_pause(&mut self) -> Pause {
        let most = if self.dice.chance(300) { 1800 } else { 90 };
        let wait = self.dice.between(Duration::from_secs(1), Duration::from_secs(most));
        // Everything runs again when the trouble is over.
        let until = self.now.at.plus(wait).min(self.rest_from.plus(Duration::from_secs(5)));
        Pause { until, alarms_first: self.dice.chance(500) }
    }

    /// Puts off what happens to a process that stands still. True if it did.
    pub(crate) fn is_put_off(&mut self, happening: &mut Option<Happening>) -> bool {
        let Some((whose, is_alarm)) = happening.as_ref().and_then(|it| self.whose(it)) else {
            return false;
        };
        let pause = match whose {
            Whose::Master(who) => self.masters[who].pause,
            Whose::Agent(host) => self.hosts[host].pause,
            Whose::Executor(host, id) => {
                self.hosts[host].containers.get(id).and_then(|container| container.pause)
            }
        };
        let Some(pause) = pause.filter(|pause| pause.until > self.now.at) else { return false };
        let later = u64::from(is_alarm != pause.alarms_first);
        if let Some(happening) = happening.take() {
            self.at(Moment(pause.until.0 + later), happening);
        }
        true
    }

    fn whose<'a>(&self, happening: &'a Happening) -> Option<(Whose<'a>, bool)> {
        use Happening as Is;
        let master_of = |core: u64| self.candidate_of(core).map(Whose::Master);
        let whose = match happening {
            Is::LeadershipWakes { who, .. } => (Whose::Master(*who), true),
            Is::RegistryAnswers { who, .. } => (Whose::Master(*who), false),
            Is::MasterWakes { process, .. } => (master_of(*process)?, true),
            Is::MasterEvent { process, .. } | Is::MasterCommitted { process } => {
                (master_of(*process)?, false)
            }
            Is::Hello { link, .. } => (Whose::Master(self.lines.get(link)?.target), false),
            Is::Up { link, .. } | Is::LineEndsAtMaster { link } => {
                (master_of(self.lines.get(link)?.master)?, false)
            }
            Is::StreamEndsAtMaster { stream } => {
                (master_of(self.streams.get(stream)?.master)?, false)
            }
            Is::AgentWakes { host, .. } => (Whose::Agent(*host), true),
            Is::AgentEvent { host, .. }
            | Is::AgentCommitted { host, .. }
            | Is::ContainerStarts { host, .. }
            | Is::VolumesRemoved { host, .. }
            | Is::Destroyed { host, .. } => (Whose::Agent(*host), false),
            Is::Down { link, .. } | Is::LineEndsAtAgent { link } => {
                (Whose::Agent(self.lines.get(link)?.host), false)
            }
            Is::ExecutorWakes { host, container, .. } => (Whose::Executor(*host, container), true),
            Is::Executor { host, container, .. } => (Whose::Executor(*host, container), false),
            Is::MasterStarts { .. }
            | Is::RegistryHears { .. }
            | Is::AgentStarts { .. }
            | Is::ToService { .. }
            | Is::StreamEndsAtService { .. }
            | Is::ServiceActs { .. }
            | Is::Acknowledge { .. }
            | Is::AcknowledgeOperation { .. }
            | Is::ProcessEnds { .. }
            | Is::TreeEnds { .. }
            | Is::OperatorActs
            | Is::OperatorOrders
            | Is::OperatorMaintains
            | Is::Fault => return None,
        };
        Some(whose)
    }
}
