//! The framework of the small world, and its operator: what they do about what they hear.

use model::{FrameworkId, TaskState};
use wire::scheduler::{self, call, call::Type};
use wire::v1;

use super::Act;
use super::small::{Operator, Service};
use crate::service::scalar;

const ROLE: &str = "role";

impl Operator {
    /// An answer to the first act that is left: yes or no.
    pub(super) fn hears(&mut self, yes: bool) {
        let Some(act) = self.left.front().copied() else { return };
        if act == Act::Reactivate && !yes && self.attempts > 1 {
            self.attempts -= 1;
            return;
        }
        self.left.pop_front();
        self.is_sure = match act {
            Act::Drain | Act::Tighten => yes || self.is_sure,
            Act::Reactivate => false,
        };
    }
}

impl Service {
    pub(super) fn info(&self) -> v1::FrameworkInfo {
        use v1::framework_info::{Capability, capability::Type};
        let capabilities = [Type::PartitionAware, Type::MultiRole];
        v1::FrameworkInfo {
            user: "nobody".to_owned(),
            name: "service".to_owned(),
            id: self.id.as_ref().map(FrameworkId::to_wire),
            failover_timeout: Some(3600.0),
            roles: vec![ROLE.to_owned()],
            capabilities: capabilities.map(|it| Capability { r#type: Some(it.into()) }).to_vec(),
            ..v1::FrameworkInfo::default()
        }
    }

    fn call(&mut self, kind: Type, call: scheduler::Call) {
        let framework_id = self.id.as_ref().map(FrameworkId::to_wire);
        self.calls.push_back(scheduler::Call { framework_id, r#type: Some(kind.into()), ..call });
    }

    /// What an update said: the task, its state, whether it is to be acknowledged, and whether it had
    /// ended otherwise before.
    pub(super) fn hears(
        &mut self,
        event: scheduler::Event,
    ) -> Option<(String, TaskState, bool, bool)> {
        if let Some(subscribed) = event.subscribed {
            self.id = Some(FrameworkId::from(&subscribed.framework_id));
        }
        if let Some(rescind) = event.rescind
            && self.offer.as_ref().is_some_and(|offer| offer.id == rescind.offer_id)
        {
            self.offer = None;
        }
        for offer in event.offers.into_iter().flat_map(|offers| offers.offers) {
            self.is_offered(offer);
        }
        let status = event.update?.status;
        let state = model::task::state_from_wire(status.state)?;
        let name = status.task_id.value.clone();
        let before = self.tasks.get(&name).copied();
        let was_over = before.filter(|state| model::task::is_terminal(*state));
        let has_uuid = status.uuid.is_some();
        let contradicts = has_uuid && was_over.is_some_and(|before| before != state);
        if was_over.is_none() {
            self.tasks.insert(name.clone(), state);
        }
        if let (Some(agent_id), Some(uuid)) = (status.agent_id, status.uuid) {
            let acknowledge = call::Acknowledge { agent_id, task_id: status.task_id, uuid };
            let call = scheduler::Call { acknowledge: Some(acknowledge), ..Default::default() };
            self.call(Type::Acknowledge, call);
        }
        if !self.is_set_up && self.tasks.len() == 3 && !self.is_reviving {
            self.is_reviving = self.tasks.values().all(|state| *state == TaskState::TaskRunning);
            if self.is_reviving {
                self.call(Type::Revive, scheduler::Call::default());
            }
        }
        Some((name, state, has_uuid, contradicts))
    }

    fn is_offered(&mut self, offer: v1::Offer) {
        let is_first = offer.hostname == "h1";
        if self.is_reviving {
            if is_first && self.offer.is_none() {
                self.offer = Some(Box::new(offer));
                self.call(Type::Suppress, scheduler::Call::default());
            }
        } else {
            let (first, second) = ["t2", "t1", "t3"].split_at(self.on_first);
            let names = if is_first { first } else { second };
            if names.iter().all(|name| !self.tasks.contains_key(*name)) {
                self.accept(&offer, names);
            }
        }
    }

    pub(super) fn accept(&mut self, offer: &v1::Offer, names: &[&str]) {
        let task = |name: &&str| v1::TaskInfo {
            name: (*name).to_owned(),
            task_id: v1::TaskId { value: (*name).to_owned() },
            agent_id: offer.agent_id.clone(),
            resources: vec![scalar(offer, "cpus", 0.5), scalar(offer, "mem", 64.0)],
            command: Some(v1::CommandInfo { value: Some("run".to_owned()), ..Default::default() }),
            ..v1::TaskInfo::default()
        };
        for name in names {
            self.tasks.insert((*name).to_owned(), TaskState::TaskStaging);
        }
        let launch = v1::offer::operation::Launch { task_infos: names.iter().map(task).collect() };
        let operation = v1::offer::Operation {
            r#type: Some(v1::offer::operation::Type::Launch.into()),
            launch: Some(launch),
            ..v1::offer::Operation::default()
        };
        let accept = call::Accept {
            offer_ids: vec![offer.id.clone()],
            operations: vec![operation],
            // The rest is not wanted before it is asked for.
            filters: Some(v1::Filters { refuse_seconds: Some(1e6) }),
        };
        let call = scheduler::Call { accept: Some(accept), ..Default::default() };
        self.call(Type::Accept, call);
    }
}
