//! Counters and gauges under Mesos' names.

use std::collections::BTreeMap;

use model::Resources;

use super::Shell;
use crate::http::ApiError;
use crate::system;

/// Every metric by name.
pub(super) async fn collect(shell: &Shell) -> Result<BTreeMap<String, f64>, ApiError> {
    let look = |core: &agent::Agent, _| (core.view_gauges(), core.view_resources());
    let (gauges, (total, used)) = shell.mailbox.look(look).await?;
    let counters = gauges.counters;
    let counts = [
        ("slave/registered", u64::from(gauges.registered)),
        ("slave/frameworks_active", gauges.frameworks_active as u64),
        ("slave/tasks_staging", gauges.tasks_staging as u64),
        ("slave/tasks_starting", gauges.tasks_starting as u64),
        ("slave/tasks_running", gauges.tasks_running as u64),
        ("slave/tasks_killing", gauges.tasks_killing as u64),
        ("slave/tasks_finished", counters.tasks_finished),
        ("slave/tasks_failed", counters.tasks_failed),
        ("slave/tasks_killed", counters.tasks_killed),
        ("slave/tasks_lost", counters.tasks_lost),
        ("slave/tasks_gone", counters.tasks_gone),
        ("slave/executors_registering", gauges.executors_registering as u64),
        ("slave/executors_running", gauges.executors_running as u64),
        ("slave/executors_terminating", gauges.executors_terminating as u64),
        ("slave/executors_terminated", counters.executors_terminated),
        ("slave/container_launch_errors", counters.container_launch_errors),
        ("slave/valid_status_updates", counters.valid_status_updates),
        ("slave/invalid_status_updates", counters.invalid_status_updates),
        ("slave/valid_framework_messages", counters.valid_framework_messages),
        ("slave/invalid_framework_messages", counters.invalid_framework_messages),
        ("slave/recovery_errors", counters.recovery_errors),
        // Mesos: under this name; nothing is ever preempted here.
        ("slave/executors_preempted", 0),
        ("ebb/draining", u64::from(gauges.draining)),
        ("ebb/tasks_unacknowledged", gauges.tasks_terminated as u64),
    ];
    let mut metrics: BTreeMap<_, _> =
        counts.into_iter().map(|(name, count)| (name.to_owned(), number(count))).collect();
    add_resources("slave", &total, &used, &mut metrics);
    let uptime = crate::clock::wall().since(shell.process_started);
    metrics.insert("slave/uptime_secs".to_owned(), uptime.as_secs_f64());
    system::Stats::now().add_to(&mut metrics);
    Ok(metrics)
}

/// `<prefix>/cpus_total`, `…_used`, `…_percent` and so on; what may be taken back is counted apart.
pub(crate) fn add_resources(
    prefix: &str,
    total: &Resources,
    used: &Resources,
    metrics: &mut BTreeMap<String, f64>,
) {
    for (infix, total, used) in [
        ("", total.nonrevocable(), used.nonrevocable()),
        ("revocable_", total.revocable(), used.revocable()),
    ] {
        for name in ["cpus", "gpus", "mem", "disk"] {
            let amount = |of: &Resources| of.scalar(name).unwrap_or_default().as_f64();
            let (total, used) = (amount(&total), amount(&used));
            let percent = if total > 0.0 { used / total } else { 0.0 };
            for (what, value) in [("total", total), ("used", used), ("percent", percent)] {
                metrics.insert(format!("{prefix}/{name}_{infix}{what}"), value);
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "the wire has a double; counts stay far below 2^53")]
fn number(count: u64) -> f64 {
    count as f64
}
