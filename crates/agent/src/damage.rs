//! What can be used of records that this agent can't have written: of a damaged store, or one that was
//! edited. The rest of the agent may rely on what is left.

use model::task::{is_terminal, state_from_wire};
use wire::checkpoint::TaskRecord;
use wire::v1::TaskStatus;

/// The record as far as it can be true; `None` if nothing of it can, or if the task is over.
pub(crate) fn usable(mut record: TaskRecord) -> Option<TaskRecord> {
    let task = record.task.as_mut()?;
    let state = state_from_wire(task.state)?;
    record.pending.retain(can_be_acknowledged);
    for status in &mut record.pending {
        status.task_id.clone_from(&task.task_id);
    }
    let ends = |status: &TaskStatus| state_from_wire(status.state).is_some_and(is_terminal);
    match record.pending.iter().position(ends) {
        Some(end) => {
            record.pending.truncate(end + 1);
            task.state = record.pending[end].state;
            record.info = None;
            record.kill = None;
        }
        // Its last update was acknowledged: nobody waits for it.
        None if is_terminal(state) => return None,
        None => {
            let is_queued = state == model::TaskState::TaskStaging;
            record.info.take_if(|info| !is_queued || info.task_id != task.task_id);
        }
    }
    Some(record)
}

/// An update that can't would be sent for ever, and hold every drain.
fn can_be_acknowledged(status: &TaskStatus) -> bool {
    state_from_wire(status.state).is_some()
        && status.uuid.as_ref().is_some_and(|uuid| !uuid.is_empty())
}
