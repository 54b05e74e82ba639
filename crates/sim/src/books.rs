//! Rules about resource operations: who may do them, who hears of them, and that master and agent count the same.

use std::collections::BTreeMap;
use std::time::Duration;

use agent::{Mutation, Records};
use bytes::Bytes;
use model::{AgentId, FrameworkId, Resources};
use wire::v1::{OperationState, OperationStatus};

use crate::host::Host;
use crate::rest::Reason;
use crate::truth::Truth;
use crate::world::World;

/// What is known of an operation, by its UUID.
type Books = BTreeMap<Bytes, OperationState>;

/// Whether an operation in this state has ended for good.
pub(crate) fn is_end(state: OperationState) -> bool {
    match state {
        OperationState::OperationFinished
        | OperationState::OperationFailed
        | OperationState::OperationError
        | OperationState::OperationDropped
        | OperationState::OperationGoneByOperator => true,
        OperationState::OperationUnsupported
        | OperationState::OperationPending
        | OperationState::OperationUnreachable
        | OperationState::OperationRecovering
        | OperationState::OperationUnknown => false,
    }
}

/// What is wrong with what an agent writes about its resources.
pub(crate) fn wrong_resources(disk: &Records, batch: &[Mutation]) -> Option<&'static str> {
    let is_changed = batch.iter().any(|mutation| match mutation {
        Mutation::SetResources(record) => disk.resources.as_ref() != Some(&**record),
        Mutation::RemoveResources => disk.resources.is_some(),
        Mutation::SetAgent(_)
        | Mutation::SetFramework(_)
        | Mutation::RemoveFramework(_)
        | Mutation::SetExecutor(_)
        | Mutation::RemoveExecutor(_)
        | Mutation::SetTask(_)
        | Mutation::RemoveTask(..)
        | Mutation::SetOperation(_)
        | Mutation::RemoveOperation(_)
        | Mutation::SetDrain(_)
        | Mutation::RemoveDrain => false,
    });
    let is_new = |mutation: &Mutation| {
        let Mutation::SetOperation(record) = mutation else { return false };
        let uuid = record.operation.as_ref().map(|operation| &operation.uuid.value);
        uuid.is_some_and(|uuid| !disk.operations.contains_key(uuid))
    };
    (is_changed && !batch.iter().any(is_new)).then_some("change without an operation")
}

impl Truth {
    /// A framework hears of an operation.
    pub(crate) fn operation_heard(
        &mut self,
        id: Option<&FrameworkId>,
        operation: &str,
        state: OperationState,
    ) {
        let Some(id) = id.filter(|_| is_end(state)) else { return };
        let key = (id.clone(), operation.to_owned());
        let known = *self.operation_ends.entry(key).or_insert(state);
        if known != state {
            let what = format!("operation {operation} of {id} was {known:?} and then {state:?}");
            self.broken("one-end-of-an-operation", what);
        }
    }

    /// An agent forgets an operation: whoever waits for its end has heard it.
    pub(crate) fn operation_forgotten(&mut self, operation: &wire::v1::Operation) {
        let (Some(framework), Some(id)) = (&operation.framework_id, &operation.info.id) else {
            return;
        };
        let status = &operation.latest_status;
        let heard = status.uuid.as_ref().is_some_and(|uuid| self.heard(&uuid.value));
        if !heard && !self.has_ended(&FrameworkId::from(framework)) {
            let what =
                format!("operation {} of {} is forgotten unheard", id.value, framework.value);
            self.broken("no-update-is-lost", what);
        }
    }
}

impl World {
    /// Wherever nothing is on its way, master and agent have the same in their books.
    pub(crate) fn check_books(&mut self) {
        let Some(master) = self.acting() else { return };
        let number = master.number;
        if !self.is_master_quiet(number) {
            return;
        }
        let quiet: Vec<&Host> =
            self.hosts.iter().filter(|host| self.is_quiet(host, number)).collect();
        if quiet.is_empty() {
            return;
        }
        let agents = master.core.view_agents().agents;
        let operations = master.core.view_operations().operations;
        let mut broken = Vec::new();
        let mut compared = 0;
        for host in quiet {
            let Some(id) = &host.id else { continue };
            let shown = agents.iter().find(|one| {
                one.agent_info.id.as_ref().map(AgentId::from).as_ref() == Some(id)
                    && one.reachability == Some(wire::ebb::Reachability::Registered.into())
            });
            let (Some(shown), Some(process)) = (shown, &host.process) else { continue };
            let total = Resources::from_wire(&shown.total_resources).unwrap_or_default();
            let counted = total.unallocated().checkpointed();
            let record = host.disk.resources.as_ref().map(|record| &record.checkpointed[..]);
            let written = Resources::from_wire(record.unwrap_or_default()).unwrap_or_default();
            if counted != written {
                broken.push(format!("{id} has {written}, its master counts on {counted}"));
            }
            let of_agent = |one: &&wire::v1::Operation| {
                one.agent_id.as_ref().map(AgentId::from).as_ref() == Some(id)
            };
            let known: Books = operations.iter().filter(of_agent).map(entry).collect();
            let own: Books = process.core.view_operations().operations.iter().map(entry).collect();
            if known != own {
                broken.push(format!("{id} has operations {own:?}, its master {known:?}"));
            }
            compared += u64::from(!written.is_empty() || !own.is_empty());
        }
        for _ in 0..compared {
            self.coverage.count("books", "compared");
        }
        for what in broken {
            self.truth.broken("books-agree", what);
        }
    }

    /// Whether nothing is on its way between an agent and this master, and both have nothing to do.
    fn is_quiet(&self, host: &Host, master: u64) -> bool {
        let now = self.now.at;
        let line = host.line.and_then(|link| self.lines.get(&link));
        let Some(line) = line.filter(|line| line.master == master && line.is_quiet(now)) else {
            return false;
        };
        let is_idle = host
            .process
            .as_ref()
            .is_some_and(|agent| agent.committing.is_none() && agent.mailbox.is_empty());
        is_idle
            && line.agent_id.is_some()
            && line.agent_id == host.id
            && !host.is_leaving
            && host.stood_still_until.plus(Duration::from_secs(1)) < now
    }

    /// What is left of an agent's operations that keeps its drain from ending.
    pub(crate) fn operations_that_wait(&self, host: &Host, reasons: &mut Vec<Reason>) {
        for (uuid, record) in &host.disk.operations {
            let Some(operation) = &record.operation else { continue };
            let Some(framework) = operation.framework_id.as_ref().map(FrameworkId::from) else {
                continue;
            };
            if operation.info.id.is_none() || !is_end(operation.latest_status.state()) {
                continue;
            }
            let service = self.services.iter().find(|one| one.id.as_ref() == Some(&framework));
            let is_waited_for = match service {
                Some(service) => service.is_away || service.is_mute(),
                None => self.is_waited_for(&framework),
            };
            if is_waited_for {
                reasons.push(Reason::Operation(uuid.to_vec()));
            }
        }
    }

    /// Nobody waits for an operation that nobody knows.
    pub(crate) fn check_awaited(&self, broken: &mut Vec<(&'static str, String)>) {
        for service in self.services.iter().filter(|one| !one.is_away && !one.is_mute()) {
            let Some(id) = &service.id else { continue };
            for (name, awaited) in &service.awaited {
                if awaited.said != Some(OperationState::OperationUnreachable) {
                    let what = format!("{id} waits for operation {name}: {awaited:?}");
                    broken.push(("every-update-arrives", what));
                }
            }
        }
    }
}

fn entry(operation: &wire::v1::Operation) -> (Bytes, OperationState) {
    (operation.uuid.value.clone(), OperationStatus::state(&operation.latest_status))
}
