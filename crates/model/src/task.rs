//! Task states and what follows from them.

pub use wire::v1::TaskState;
pub use wire::v1::task_status::{Reason, Source};

/// Whether a task in this state will never change again.
// Mesos: TASK_UNREACHABLE and TASK_UNKNOWN are not terminal, TASK_LOST is.
pub fn is_terminal(state: TaskState) -> bool {
    match state {
        TaskState::TaskFinished
        | TaskState::TaskFailed
        | TaskState::TaskKilled
        | TaskState::TaskError
        | TaskState::TaskLost
        | TaskState::TaskDropped
        | TaskState::TaskGone
        | TaskState::TaskGoneByOperator => true,
        TaskState::TaskStaging
        | TaskState::TaskStarting
        | TaskState::TaskRunning
        | TaskState::TaskKilling
        | TaskState::TaskUnreachable
        | TaskState::TaskUnknown => false,
    }
}

/// The state a framework without `PARTITION_AWARE` is told instead.
pub fn for_partition_unaware(state: TaskState) -> TaskState {
    match state {
        TaskState::TaskDropped
        | TaskState::TaskUnreachable
        | TaskState::TaskGone
        | TaskState::TaskGoneByOperator
        | TaskState::TaskUnknown => TaskState::TaskLost,
        TaskState::TaskStaging
        | TaskState::TaskStarting
        | TaskState::TaskRunning
        | TaskState::TaskKilling
        | TaskState::TaskFinished
        | TaskState::TaskFailed
        | TaskState::TaskKilled
        | TaskState::TaskError
        | TaskState::TaskLost => state,
    }
}

/// Reads a state off a message; an unknown number reads as `TASK_STAGING`'s absence, `None`.
pub fn state_from_wire(number: i32) -> Option<TaskState> {
    TaskState::try_from(number).ok()
}
