//! Resource operations: reservations and persistent volumes, as the master orders them.
//!
//! ```text
//! APPLY_OPERATION ─▶ applied and written down ─▶ FINISHED, sent until acknowledged ─▶ forgotten
//!                     └─ DESTROY: pending until the data is gone ──▲
//! ```
//!
//! What an operation makes of the resources and its record become durable together, before anybody hears of it.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use model::resources::{Conversion, Volume};
use model::{Now, Resources};
use wire::checkpoint::{OperationRecord, ResourcesRecord};
use wire::link::{AcknowledgeOperation, ApplyOperation, Call, OperationUpdate, call};
use wire::v1::{OperationState, OperationStatus, Uuid, offer};

use crate::link::dropped;
use crate::state::Agent;
use crate::timers::Timer;
use crate::{Effects, Message, Note};

// Mesos: as status updates of tasks, first after 10 s, doubling, at most 10 min, without end.
const RETRY_MIN: Duration = Duration::from_secs(10);
const RETRY_MAX: Duration = Duration::from_mins(10);
/// How long data that could not be removed is left alone.
const REMOVAL_PAUSE: Duration = Duration::from_secs(30);
const UUID_BYTES: usize = 16;

/// An operation that is not finished or not acknowledged.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Operation {
    pub(crate) wire: Box<wire::v1::Operation>,
    /// Volumes it destroyed whose data is not known to be gone; only while it is pending.
    removals: Vec<Volume>,
    retry: Duration,
}

impl Operation {
    pub(crate) fn to_record(&self) -> OperationRecord {
        OperationRecord { operation: Some(self.wire.as_ref().clone()) }
    }

    fn end(&mut self, state: OperationState, message: Option<String>, uuid: Bytes) {
        let converted = match Conversion::of(&self.wire.info) {
            Ok(conversion) if state == OperationState::OperationFinished => {
                conversion.converted.to_wire()
            }
            Ok(_) | Err(_) => Vec::new(),
        };
        self.removals.clear();
        self.wire.latest_status = OperationStatus {
            operation_id: self.wire.info.id.clone(),
            state: state.into(),
            message,
            converted_resources: converted,
            uuid: Some(Uuid { value: uuid }),
            agent_id: self.wire.agent_id.clone(),
            resource_provider_id: None,
        };
        self.wire.statuses.push(self.wire.latest_status.clone());
    }
}

/// Why an operation is not carried out.
struct Rejection {
    state: OperationState,
    message: String,
}

impl Agent {
    pub(crate) fn apply_operation(&mut self, now: Now, asked: ApplyOperation, fx: &mut Effects) {
        let (Some(info), Some(uuid)) = (asked.info, asked.operation_uuid) else {
            return dropped(fx, "APPLY_OPERATION without its parts".to_owned());
        };
        if uuid.len() != UUID_BYTES {
            return dropped(fx, "APPLY_OPERATION without a proper UUID".to_owned());
        }
        if self.operations.contains_key(&uuid) {
            return self.send_operation(now, &uuid, RETRY_MIN, fx);
        }
        if self.stopping.is_some() {
            return dropped(fx, "an operation on an agent that is about to stop".to_owned());
        }
        let kind = info.r#type();
        let pending = OperationStatus {
            operation_id: info.id.clone(),
            state: OperationState::OperationPending.into(),
            agent_id: self.info.id.clone(),
            ..OperationStatus::default()
        };
        let wire = Box::new(wire::v1::Operation {
            framework_id: asked.framework_id,
            agent_id: self.info.id.clone(),
            info,
            latest_status: pending,
            statuses: Vec::new(),
            uuid: Uuid { value: uuid.clone() },
        });
        let mut operation = Operation { wire, removals: Vec::new(), retry: RETRY_MIN };
        let ends = match self.carry_out(&operation.wire.info, fx) {
            Ok(removals) if removals.is_empty() => Some((OperationState::OperationFinished, None)),
            Ok(removals) => {
                let volumes = removals.clone();
                fx.messages.push(Message::RemoveVolumes { operation: uuid.clone(), volumes });
                operation.removals = removals;
                None
            }
            Err(Rejection { state, message }) => Some((state, Some(message))),
        };
        if let Some((state, message)) = ends {
            fx.notes.push(Note::OperationEnded { kind, state, message: message.clone() });
            operation.end(state, message, self.generator.uuid_bytes());
        }
        self.touch_operation(&uuid);
        self.operations.insert(uuid.clone(), operation);
        self.send_operation(now, &uuid, RETRY_MIN, fx);
    }

    /// Does to the resources what the operation says, and returns the volumes whose data has to go.
    fn carry_out(
        &mut self,
        info: &offer::Operation,
        fx: &mut Effects,
    ) -> Result<Vec<Volume>, Rejection> {
        let dropped = OperationState::OperationDropped;
        if self.drain.is_some() {
            let message = "Operation was received while agent was already draining".to_owned();
            return Err(Rejection { state: dropped, message });
        }
        let conversion = Conversion::of(info).map_err(|why| Rejection {
            state: OperationState::OperationError,
            message: why.to_string(),
        })?;
        let conversion = conversion.unallocated();
        let (before, after) = (conversion.consumed.volumes(), conversion.converted.volumes());
        let is_among =
            |list: &[Volume], one: &Volume| list.iter().any(|it| it.folder == one.folder);
        let leaving = || self.operations.values().flat_map(|operation| &operation.removals);
        if let Some(volume) = leaving().find(|volume| is_among(&after, volume)) {
            let message = format!("The data of a volume '{}' is still being removed", volume.id);
            return Err(Rejection { state: OperationState::OperationFailed, message });
        }
        let mut total = self.total.clone();
        total
            .convert(&conversion)
            .map_err(|why| Rejection { state: dropped, message: why.to_string() })?;
        self.checkpointed = total.checkpointed();
        self.total = total;
        self.touch_resources();
        let made: Vec<Volume> =
            after.iter().filter(|volume| !is_among(&before, volume)).cloned().collect();
        if !made.is_empty() {
            fx.messages.push(Message::MakeVolumes(made));
        }
        Ok(before.into_iter().filter(|volume| !is_among(&after, volume)).collect())
    }

    pub(crate) fn volumes_removed(
        &mut self,
        now: Now,
        uuid: &Bytes,
        outcome: Result<(), String>,
        fx: &mut Effects,
    ) {
        let Some(operation) = self.operations.get_mut(uuid) else { return };
        if operation.removals.is_empty() {
            return;
        }
        match outcome {
            Ok(()) => {
                let (kind, state) =
                    (operation.wire.info.r#type(), OperationState::OperationFinished);
                operation.end(state, None, self.generator.uuid_bytes());
                fx.notes.push(Note::OperationEnded { kind, state, message: None });
                self.touch_operation(uuid);
                self.send_operation(now, uuid, RETRY_MIN, fx);
            }
            Err(error) => {
                operation.wire.latest_status.message = Some(error.clone());
                self.touch_operation(uuid);
                fx.notes.push(Note::VolumeRemains { error });
                let again = now.at.plus(REMOVAL_PAUSE);
                self.timers.set(Timer::RetryOperation(uuid.clone()), again);
            }
        }
    }

    /// Sends an operation's status, if it is one to be acknowledged, and sets the time of its repetition.
    fn send_operation(&mut self, now: Now, uuid: &Bytes, retry: Duration, fx: &mut Effects) {
        if !self.is_registered() {
            return;
        }
        let Some(operation) = self.operations.get_mut(uuid) else { return };
        if operation.wire.latest_status.uuid.is_none() {
            return;
        }
        operation.retry = retry;
        let update = OperationUpdate { operation: Some(operation.wire.as_ref().clone()) };
        let call = Call { operation_update: Some(Box::new(update)), ..Call::default() };
        self.call(call::Type::OperationUpdate, call, fx);
        self.timers.set(Timer::RetryOperation(uuid.clone()), now.at.plus(retry));
    }

    pub(crate) fn retry_operation(&mut self, now: Now, uuid: &Bytes, fx: &mut Effects) {
        let Some(operation) = self.operations.get(uuid) else { return };
        if !operation.removals.is_empty() {
            let (operation, volumes) = (uuid.clone(), operation.removals.clone());
            return fx.messages.push(Message::RemoveVolumes { operation, volumes });
        }
        let retry = operation.retry.saturating_mul(2).clamp(RETRY_MIN, RETRY_MAX);
        self.send_operation(now, uuid, retry, fx);
    }

    /// At registration: every status that is not acknowledged, at once.
    pub(crate) fn resend_operations(&mut self, now: Now, fx: &mut Effects) {
        let uuids: Vec<Bytes> = self.operations.keys().cloned().collect();
        for uuid in uuids {
            self.send_operation(now, &uuid, RETRY_MIN, fx);
        }
    }

    pub(crate) fn acknowledge_operation(&mut self, ack: &AcknowledgeOperation, fx: &mut Effects) {
        let uuid = ack.operation_uuid.clone().unwrap_or_default();
        let latest =
            self.operations.get(&uuid).and_then(|one| one.wire.latest_status.uuid.as_ref());
        if latest.is_none_or(|latest| Some(&latest.value) != ack.status_uuid.as_ref()) {
            return dropped(fx, "an unexpected acknowledgement of an operation".to_owned());
        }
        self.operations.remove(&uuid);
        self.timers.cancel(&Timer::RetryOperation(uuid.clone()));
        self.touch_operation(&uuid);
    }

    /// What operations have made of the configured resources.
    ///
    /// # Errors
    /// There is less than they have made something of: which reservation to give up, or whose data, is for the
    /// operator to say.
    // Mesos: an agent whose checkpointed resources don't fit does not start.
    pub(crate) fn restore_resources(
        &mut self,
        record: Option<&ResourcesRecord>,
    ) -> Result<(), String> {
        let Some(record) = record else { return Ok(()) };
        // Only a damaged record has what can't be read, or what no operation makes.
        let usable = record
            .checkpointed
            .iter()
            .filter_map(|resource| Resources::from_wire(std::slice::from_ref(resource)).ok());
        let parts: Vec<Resources> = usable.collect();
        let checkpointed = parts.iter().collect::<Resources>().unallocated().checkpointed();
        let total = self.total.with_checkpointed(&checkpointed).map_err(|why| {
            format!(
                "reservations and volumes need more than this agent is configured with: {why}; start it with \
                 the resources it had, and unreserve or destroy first what is to go"
            )
        })?;
        self.total = total;
        self.checkpointed = checkpointed;
        Ok(())
    }

    /// Takes back operations, and has removed again what may be left of destroyed volumes.
    pub(crate) fn restore_operations(
        &mut self,
        records: BTreeMap<Bytes, OperationRecord>,
        resources: Option<&ResourcesRecord>,
        fx: &mut Effects,
    ) {
        if resources.is_some_and(|record| record.checkpointed != self.checkpointed.to_wire()) {
            self.counters.recovery_errors += 1;
            self.touch_resources();
        }
        for (uuid, record) in records {
            let found =
                record.operation.clone().and_then(|wire| self.usable_operation(&uuid, wire));
            if found.as_ref().map(Operation::to_record).as_ref() != Some(&record) {
                self.counters.recovery_errors += 1;
                self.touch_operation(&uuid);
            }
            let Some(operation) = found else { continue };
            if !operation.removals.is_empty() {
                let volumes = operation.removals.clone();
                fx.messages.push(Message::RemoveVolumes { operation: uuid.clone(), volumes });
            }
            self.operations.insert(uuid, operation);
        }
    }

    /// The operation of a record as far as this agent can have written it.
    fn usable_operation(&self, uuid: &Bytes, wire: wire::v1::Operation) -> Option<Operation> {
        if uuid.len() != UUID_BYTES || wire.uuid.value != *uuid {
            return None;
        }
        let mut operation =
            Operation { wire: Box::new(wire), removals: Vec::new(), retry: RETRY_MIN };
        let status = &operation.wire.latest_status;
        match OperationState::try_from(status.state) {
            Ok(OperationState::OperationPending) if status.uuid.is_none() => {
                let conversion = Conversion::of(&operation.wire.info).ok()?;
                let (before, after) =
                    (conversion.consumed.volumes(), conversion.converted.volumes());
                let present = self.checkpointed.volumes();
                let is_kept = |one: &Volume| {
                    after.iter().chain(&present).any(|volume| volume.folder == one.folder)
                };
                operation.removals =
                    before.into_iter().filter(|one| !is_kept(one) && self.is_ours(one)).collect();
                (!operation.removals.is_empty()).then_some(operation)
            }
            Ok(
                OperationState::OperationFinished
                | OperationState::OperationFailed
                | OperationState::OperationError
                | OperationState::OperationDropped,
            ) => {
                let uuid = status.uuid.as_ref()?;
                (uuid.value.len() == UUID_BYTES).then_some(operation)
            }
            Ok(_) | Err(_) => None,
        }
    }

    /// Whether a volume is where this agent keeps such: nothing else is ever deleted.
    fn is_ours(&self, volume: &Volume) -> bool {
        let inner = format!("volumes/roles/{}/{}", volume.role.replace('/', " "), volume.id);
        let roots = Resources::from_wire(&self.info.resources).unwrap_or_default().disk_roots();
        let is_below = |root: &String| {
            let root = root.trim_end_matches('/');
            volume.folder == format!("{root}/{inner}") || (volume.is_mount && volume.folder == root)
        };
        (!volume.is_mount && volume.folder == inner) || roots.iter().any(is_below)
    }
}
