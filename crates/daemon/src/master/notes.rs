//! The master's notes as log lines.

use master::Note;

pub(super) fn log(note: &Note) {
    match note {
        Note::AgentRegistered { agent, hostname } => {
            tracing::info!(%agent, hostname, "agent registered");
        }
        Note::AgentReregistered { agent, tasks } => {
            tracing::info!(%agent, tasks, "agent reregistered");
        }
        Note::AgentRefused { hostname, refusal } => {
            tracing::warn!(hostname, %refusal, "agent refused");
        }
        Note::AgentDisconnected { agent } => tracing::warn!(%agent, "agent disconnected"),
        Note::AgentUnreachable { agent } => tracing::warn!(%agent, "agent unreachable"),
        Note::AgentRemoved { agent } => tracing::info!(%agent, "agent removed"),
        Note::AgentGone { agent } => tracing::info!(%agent, "agent gone"),
        Note::AgentDeactivated { agent } => tracing::info!(%agent, "agent deactivated"),
        Note::AgentReactivated { agent } => tracing::info!(%agent, "agent reactivated"),
        Note::DrainStarted { agent, generation } => {
            tracing::info!(%agent, generation, "drain started");
        }
        Note::AgentForgotten { agent } => tracing::info!(%agent, "agent forgotten"),
        Note::DrainReopened { agent, generation } => {
            tracing::warn!(%agent, generation, "a drained agent reports something running; draining again");
        }
        Note::DrainTightened { agent, generation } => {
            tracing::info!(%agent, generation, "drain tightened");
        }
        Note::Drained { agent, generation, took, mark_gone: _ } => {
            tracing::info!(%agent, generation, ?took, "drained");
        }
        Note::DrainAbandoned { agent, generation, took } => {
            tracing::warn!(%agent, generation, ?took, "the agent is gone before it was drained");
        }
        Note::FrameworkSubscribed { framework, name, failover } => {
            tracing::info!(%framework, name, failover, "framework subscribed");
        }
        Note::FrameworkDisconnected { framework } => {
            tracing::info!(%framework, "framework disconnected");
        }
        Note::FrameworkRemoved { framework } => tracing::info!(%framework, "framework removed"),
        Note::TaskUpdated { agent, state } => {
            tracing::debug!(%agent, state = state.as_str_name(), "task updated");
        }
        // With the update that says so, or the reason for which its agent or framework went.
        Note::TaskEnded { .. } => {}
        Note::Dropped { from, why } => tracing::warn!(from, why, "dropped"),
    }
}
