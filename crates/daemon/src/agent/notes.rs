//! The agent's notes as log lines.

use agent::Note;

pub(super) fn log(note: &Note) {
    match note {
        Note::Registered { agent } => tracing::info!(agent, "registered"),
        Note::LinkLost { why } => tracing::warn!(why, "link lost"),
        Note::DrainStarted { generation, tasks } => tracing::info!(generation, tasks, "draining"),
        Note::DrainTightened { generation } => tracing::info!(generation, "drain tightened"),
        Note::DrainEmpty { generation } => tracing::info!(generation, "nothing is left"),
        Note::Reactivated => tracing::info!("reactivated"),
        Note::TaskUpdate { framework, task, state } => {
            tracing::debug!(%framework, %task, state = state.as_str_name(), "task update");
        }
        Note::Escalated { container, task } => {
            tracing::warn!(%container, %task, "not ended in time; its container is destroyed");
        }
        Note::OperationEnded { kind, state, message } => {
            let (kind, state) = (kind.as_str_name(), state.as_str_name());
            tracing::info!(kind, state, message, "operation");
        }
        Note::VolumeRemains { error } => tracing::warn!(error, "a destroyed volume remains"),
        Note::ContainerSurvives { container, survivors } => {
            tracing::warn!(%container, ?survivors, "processes that cannot be killed");
        }
        Note::Dropped { from, why } => tracing::warn!(from, why, "dropped"),
    }
}
