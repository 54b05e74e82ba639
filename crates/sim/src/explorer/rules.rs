//! What must hold in every state of the small world, and where everything must come to.

use std::collections::BTreeMap;

use agent::Records;
use master::{Effects, Mutation, Note};
use model::drain::DrainConfig;
use model::{FrameworkId, TaskId, Timestamp};
use wire::registry::Admission;
use wire::v1::DrainState;

use super::small::{Small, WALL};
use crate::registry::Key;
use crate::rules::wrong_step;

/// When each kill that is written down ends its task.
pub(super) fn deadlines(records: &Records) -> BTreeMap<(FrameworkId, TaskId), Timestamp> {
    let kills = records.tasks.iter().filter_map(|(key, record)| {
        let deadline = record.kill.as_ref()?.deadline.as_ref()?;
        Some((key.clone(), Timestamp::from(deadline)))
    });
    kills.collect()
}

impl Small {
    /// After an event of the master: `before` is what the registry held.
    pub(super) fn check_leader(&mut self, before: &BTreeMap<Key, Mutation>, effects: &Effects) {
        let leader = self.leader.get();
        leader.core.check_all();
        let mut broken: Vec<(&'static str, String)> = Vec::new();
        let records = leader.core.records();
        let is_same = |record: &Mutation| leader.registry.get(&Key::of(record).0) == Some(record);
        if records.len() != leader.registry.len() || !records.iter().all(is_same) {
            broken.push(("records-equal-state", "the registry differs from the master".into()));
        }
        for (key, mutation) in &leader.registry {
            if let (Some(Mutation::SetAgent(before)), Mutation::SetAgent(after)) =
                (before.get(key), mutation)
                && let Some(what) = wrong_step(before, after)
            {
                broken.push(("a-drain-goes-on", what));
            }
        }
        let is_launch = |message: &master::Message| {
            matches!(message, master::Message::Agent { event, .. }
            if event.run_task.is_some())
        };
        let overlaid = self.record(0).is_some_and(|record| record.drain.is_some());
        // The second agent gets no tasks once all is set up.
        if overlaid && effects.messages.iter().any(is_launch) {
            broken.push(("no-launch-out-of-service", "a task is sent".into()));
        }
        if let (Some(id), true) = (self.agent_id(0), self.is_draining()) {
            let now = model::Now { at: self.leader.get().at, wall: WALL };
            if self.leader.get().core.why_not_drained(now, &id).is_empty() {
                broken.push(("every-wait-has-a-reason", "nothing is said".into()));
            }
        }
        for note in &effects.notes {
            if let Note::Drained { agent, .. } = note {
                self.check_empty(self.agent_id(0).as_ref() == Some(agent), &mut broken);
            }
        }
        for (rule, what) in broken {
            self.breaks(rule, what);
        }
    }

    fn check_empty(&self, is_ours: bool, broken: &mut Vec<(&'static str, String)>) {
        let host = self.hosts[usize::from(!is_ours)].get();
        if !host.containers.is_empty() {
            broken.push(("drained-means-empty", "a container is left".into()));
        }
        if host.disk.tasks.values().any(|record| !record.pending.is_empty()) {
            broken.push(("drained-means-empty", "an update is left".into()));
        }
    }

    /// As long as the registry says that it is drained, nothing may be there.
    pub(super) fn check_drained(&mut self) {
        if self.drain_state() == Some(DrainState::Drained) {
            let mut broken = Vec::new();
            self.check_empty(true, &mut broken);
            for (rule, what) in broken {
                self.breaks(rule, what);
            }
        }
    }

    /// A master that has taken over knows what operators were told.
    pub(super) fn check_promise(&mut self) {
        let is_out = self
            .record(0)
            .is_some_and(|it| it.drain.is_some() || it.admission() == Admission::Gone);
        if self.operator.get().is_sure && !is_out {
            self.breaks("acknowledged-is-durable", "the agent is in service again");
        }
    }

    /// A last update with an id of its own is about a task without processes.
    pub(super) fn check_news(&mut self, task: &str) {
        let runs = self.hosts.iter().any(|host| {
            let mut containers = host.get().containers.values();
            containers.any(|one| {
                one.tasks.iter().any(|(id, process)| id.as_str() == task && process.runs)
            })
        });
        if runs {
            self.breaks("ended-means-dead", format!("{task} runs"));
        }
    }

    pub(super) fn drain_state(&self) -> Option<DrainState> {
        self.record(0)?.drain.as_ref().map(wire::registry::Drain::state)
    }

    fn is_draining(&self) -> bool {
        self.drain_state() == Some(DrainState::Draining)
    }

    /// Whether everything has come to where it has to: drained, gone, or in service and told so.
    pub(super) fn is_at_end(&self) -> bool {
        let Some(record) = self.record(0) else { return false };
        let host = self.hosts[0].get();
        if record.admission() == Admission::Gone {
            return host.core.is_none() && host.containers.is_empty();
        }
        match &record.drain {
            Some(drain) => drain.state() == DrainState::Drained,
            None => host.disk.drain.is_none(),
        }
    }

    /// The bound of the drain holds for every kill.
    pub(super) fn check_bound(&mut self) {
        let disk = &self.hosts[0].get().disk;
        let config = disk.drain.as_ref().and_then(|drain| drain.config.as_ref());
        let bound = config.map(DrainConfig::from).and_then(|config| config.max_grace_period);
        let Some(bound) = bound else { return };
        if deadlines(disk).values().any(|deadline| *deadline > WALL.plus(bound)) {
            self.breaks("bounds-hold", "a task has longer than the drain's bound");
        }
    }
}
