//! Counters and gauges under Mesos' names, and some of our own under `ebb/`.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use master::Note;
use model::TaskState;
use model::drain::Reachability;
use model::resources::Thousandths;
use model::task::is_terminal;
use wire::link::call::Type as AgentCall;
use wire::v1::Metric;

use super::Shell;
use super::exposition::DrainTimes;
use crate::http::ApiError;
use crate::system;

/// How tasks end, and under which name that is counted.
const ENDS: [(TaskState, &str); 8] = [
    (TaskState::TaskFinished, "master/tasks_finished"),
    (TaskState::TaskFailed, "master/tasks_failed"),
    (TaskState::TaskKilled, "master/tasks_killed"),
    (TaskState::TaskError, "master/tasks_error"),
    (TaskState::TaskLost, "master/tasks_lost"),
    (TaskState::TaskDropped, "master/tasks_dropped"),
    (TaskState::TaskGone, "master/tasks_gone"),
    (TaskState::TaskGoneByOperator, "master/tasks_gone_by_operator"),
];

/// Calls of schedulers, and under which name Mesos counts the messages that they were.
const MESSAGES: [(&str, &str); 11] = [
    ("ACCEPT", "master/messages_launch_tasks"),
    ("DECLINE", "master/messages_decline_offers"),
    ("KILL", "master/messages_kill_task"),
    ("RECONCILE", "master/messages_reconcile_tasks"),
    ("RECONCILE_OPERATIONS", "master/messages_reconcile_operations"),
    ("REVIVE", "master/messages_revive_offers"),
    ("SUPPRESS", "master/messages_suppress_offers"),
    ("REQUEST", "master/messages_resource_request"),
    ("MESSAGE", "master/messages_framework_to_executor"),
    ("ACKNOWLEDGE", "master/messages_status_update_acknowledgement"),
    ("ACKNOWLEDGE_OPERATION_STATUS", "master/messages_operation_status_update_acknowledgement"),
];

/// Calls of agents, and under which name Mesos counts the messages that they are there.
const AGENT_MESSAGES: [(AgentCall, &str); 5] = [
    (AgentCall::StatusUpdate, "master/messages_status_update"),
    (AgentCall::OperationUpdate, "master/messages_operation_status_update"),
    (AgentCall::ExitedExecutor, "master/messages_exited_executor"),
    (AgentCall::Message, "master/messages_executor_to_framework"),
    (AgentCall::Unregister, "master/messages_unregister_slave"),
];

/// What has happened since this master started.
#[derive(Debug, Default)]
pub(super) struct Counters {
    agent_registrations: AtomicU64,
    agent_reregistrations: AtomicU64,
    agent_refusals: AtomicU64,
    agents_unreachable: AtomicU64,
    agents_removed: AtomicU64,
    agents_gone: AtomicU64,
    drains_started: AtomicU64,
    drains_finished: AtomicU64,
    frameworks_subscribed: AtomicU64,
    frameworks_removed: AtomicU64,
    task_updates: AtomicU64,
    /// In the order of [`ENDS`].
    tasks_ended: [AtomicU64; ENDS.len()],
    /// In the order of [`AGENT_MESSAGES`].
    agent_messages: [AtomicU64; AGENT_MESSAGES.len()],
    dropped: AtomicU64,
    pub(super) drain_times: DrainTimes,
}

impl Counters {
    pub(super) fn count(&self, note: &Note) {
        self.drain_times.note(note);
        let counter = match note {
            Note::AgentRegistered { .. } => &self.agent_registrations,
            Note::AgentReregistered { .. } => &self.agent_reregistrations,
            Note::AgentRefused { .. } => &self.agent_refusals,
            Note::AgentUnreachable { .. } => &self.agents_unreachable,
            Note::AgentRemoved { .. } => &self.agents_removed,
            Note::AgentGone { .. } => &self.agents_gone,
            Note::DrainStarted { .. } => &self.drains_started,
            Note::Drained { .. } => &self.drains_finished,
            Note::FrameworkSubscribed { .. } => &self.frameworks_subscribed,
            Note::FrameworkRemoved { .. } => &self.frameworks_removed,
            Note::TaskUpdated { .. } => &self.task_updates,
            Note::TaskEnded { state } => {
                let mut ends = ENDS.iter().zip(&self.tasks_ended);
                let Some((_, counter)) = ends.find(|((end, _), _)| end == state) else { return };
                counter
            }
            Note::Dropped { .. } => &self.dropped,
            Note::AgentDisconnected { .. }
            | Note::AgentDeactivated { .. }
            | Note::AgentReactivated { .. }
            | Note::AgentForgotten { .. }
            | Note::DrainTightened { .. }
            | Note::DrainReopened { .. }
            | Note::DrainAbandoned { .. }
            | Note::FrameworkDisconnected { .. } => return,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn count_agent_call(&self, kind: AgentCall) {
        let mut counters = AGENT_MESSAGES.iter().zip(&self.agent_messages);
        if let Some((_, counter)) = counters.find(|((counted, _), _)| *counted == kind) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn list(&self) -> impl Iterator<Item = (&'static str, &AtomicU64)> {
        let ends = ENDS.iter().zip(&self.tasks_ended).map(|((_, name), counter)| (*name, counter));
        let messages = AGENT_MESSAGES.iter().zip(&self.agent_messages);
        let messages = messages.map(|((_, name), counter)| (*name, counter));
        let others = [
            ("master/messages_register_slave", &self.agent_registrations),
            ("master/messages_reregister_slave", &self.agent_reregistrations),
            ("master/slave_registrations", &self.agent_registrations),
            ("master/slave_reregistrations", &self.agent_reregistrations),
            ("master/slave_unreachable_completed", &self.agents_unreachable),
            ("master/slave_removals", &self.agents_removed),
            ("master/messages_register_framework", &self.frameworks_subscribed),
            ("master/messages_unregister_framework", &self.frameworks_removed),
            ("master/valid_status_updates", &self.task_updates),
            ("master/dropped_messages", &self.dropped),
            ("ebb/agents_refused", &self.agent_refusals),
            ("ebb/agents_marked_gone", &self.agents_gone),
            ("ebb/drains_started", &self.drains_started),
            ("ebb/drains_finished", &self.drains_finished),
        ];
        others.into_iter().chain(ends).chain(messages)
    }
}

/// Every metric, sorted by name.
pub(super) async fn collect(shell: &Shell) -> Result<Vec<Metric>, ApiError> {
    // Before this question is in it.
    let (waiting, _) = shell.mailbox.queue();
    let gauges = shell.mailbox.look(|core, _| core.view_gauges()).await?;
    let mut metrics: BTreeMap<String, f64> = BTreeMap::new();
    for (name, counter) in shell.counters.list() {
        metrics.insert(name.to_owned(), number(counter.load(Ordering::Relaxed)));
    }
    for (call, name) in MESSAGES {
        let answered = shell.context.timings.answered("scheduler", call);
        metrics.insert(name.to_owned(), number(answered));
    }
    metrics.insert("ebb/event_stream_cut_off".to_owned(), number(shell.hub.events().cut_off()));
    let agents = |reachability| gauges.agents.get(&reachability).copied().unwrap_or(0);
    let registered = agents(Reachability::Registered);
    let disconnected = agents(Reachability::Disconnected);
    let counts = [
        ("master/slaves_connected", registered),
        ("master/slaves_disconnected", disconnected),
        ("master/slaves_active", gauges.agents_active),
        (
            "master/slaves_inactive",
            (registered + disconnected).saturating_sub(gauges.agents_active),
        ),
        ("master/slaves_unreachable", agents(Reachability::Unreachable)),
        ("ebb/agents_recovered", agents(Reachability::Recovered)),
        ("ebb/agents_gone", agents(Reachability::Gone)),
        ("ebb/agents_deactivated", gauges.agents_deactivated),
        ("ebb/agents_draining", gauges.agents_draining),
        ("ebb/agents_drained", gauges.agents_drained),
        ("master/frameworks_connected", gauges.frameworks_connected),
        // Mesos: subscribed and not deactivated; here the same.
        ("master/frameworks_active", gauges.frameworks_connected),
        ("master/frameworks_disconnected", gauges.frameworks_disconnected),
        ("master/frameworks_inactive", gauges.frameworks_disconnected),
        ("ebb/frameworks_recovered", gauges.frameworks_recovered),
        ("ebb/frameworks_completed", gauges.frameworks_completed),
        ("master/tasks_unreachable", gauges.tasks_unreachable),
        ("master/outstanding_offers", gauges.offers),
        ("master/operator_event_stream_subscribers", shell.hub.watchers()),
        ("ebb/tasks_unacknowledged", gauges.tasks_unacknowledged),
        ("master/event_queue_messages", waiting),
        ("ebb/read_bytes_held", shell.reads.held().bytes()),
    ];
    for (name, count) in counts {
        metrics.insert(name.to_owned(), number(count as u64));
    }
    // Mesos: a state nobody is in counts zero.
    for state in ["staging", "starting", "running", "killing"] {
        metrics.insert(format!("master/tasks_{state}"), 0.0);
    }
    // Of those that have ended Mesos counts how many there ever were.
    for (state, count) in gauges.tasks.iter().filter(|(state, _)| !is_terminal(**state)) {
        let name = state.as_str_name().to_ascii_lowercase().replacen("task_", "tasks_", 1);
        metrics.insert(format!("master/{name}"), number(*count as u64));
    }
    // Mesos: four resources by name; what may be taken back is counted apart, and there is none here.
    for name in ["cpus", "gpus", "mem", "disk"] {
        let amount =
            |of: &BTreeMap<String, Thousandths>| of.get(name).map_or(0.0, |it| it.as_f64());
        let (total, used) = (amount(&gauges.resources_total), amount(&gauges.resources_used));
        let held = used + amount(&gauges.resources_offered);
        for (what, value) in [("total", total), ("offered_or_allocated", held)] {
            metrics.insert(format!("allocator/mesos/resources/{name}/{what}"), value);
        }
        let percent = if total > 0.0 { used / total } else { 0.0 };
        for (what, value) in [("total", total), ("used", used), ("percent", percent)] {
            metrics.insert(format!("master/{name}_{what}"), value);
            metrics.insert(format!("master/{name}_revocable_{what}"), 0.0);
        }
    }
    system::Stats::now().add_to(&mut metrics);
    metrics.insert("master/elected".to_owned(), 1.0);
    let uptime = shell.context.clock.now().at.since(shell.started.at);
    metrics.insert("master/uptime_secs".to_owned(), uptime.as_secs_f64());
    Ok(metrics.into_iter().map(|(name, value)| Metric { name, value: Some(value) }).collect())
}

#[expect(clippy::cast_precision_loss, reason = "the wire has a double; counts stay far below 2^53")]
fn number(count: u64) -> f64 {
    count as f64
}
