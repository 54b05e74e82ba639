//! Where a state leads when nothing bad happens any more.

use model::{Now, TaskState};

use super::small::{Small, WALL};
use super::steps::Step;

/// Steps of a run to the end, beyond which it goes nowhere.
const MOST_STEPS: usize = 2000;

impl Small {
    /// Time goes on for everybody, and nothing bad happens any more.
    pub(super) fn run_to_end(&mut self) {
        for _ in 0..MOST_STEPS {
            if self.is_at_end() || self.broken.is_some() {
                return;
            }
            self.go_on();
        }
        let blockers = self.agent_id(0).map(|id| {
            let leader = self.leader.get();
            leader.core.why_not_drained(Now { at: leader.at, wall: WALL }, &id)
        });
        self.breaks("every-drain-ends", format!("{blockers:?}"));
    }

    pub(super) fn run_until_set_up(&mut self) {
        for _ in 0..MOST_STEPS {
            let running = |state: &TaskState| *state == TaskState::TaskRunning;
            let service = self.service.get();
            let is_ready = service.tasks.len() == 3 && service.tasks.values().all(running);
            if is_ready && service.offer.is_some() && !self.steps().iter().any(Step::is_plain) {
                return;
            }
            self.go_on();
        }
        self.breaks("set-up", "the small world does not come about");
    }

    /// Takes a step that happens by itself, or lets time pass until there is one.
    fn go_on(&mut self) {
        if let Some(step) = self.steps().into_iter().find(Step::is_plain) {
            return self.take(&step);
        }
        let leader = self.leader.get();
        let master = leader.core.next_wake().map(|at| at.since(leader.at));
        let agents = self.hosts.iter().filter_map(|host| host.get().wait());
        let executors = self.hosts.iter().filter_map(|host| Some(host.get().executors_wait()?.0));
        let Some(wait) = master.into_iter().chain(agents).chain(executors).min() else { return };
        self.leader.change(|leader| leader.at = leader.at.plus(wait));
        for index in 0..2 {
            self.hosts[index].change(|host| host.pass(wait));
            let due = self.hosts[index].get().executors_wait().filter(|(left, _)| left.is_zero());
            if let Some(id) = due.map(|(_, id)| id.clone()) {
                self.hosts[index].change(|host| host.wake_executor(&id));
            }
        }
    }
}
