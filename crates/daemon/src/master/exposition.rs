//! `/metrics` of a master: what it holds, how its drains go, and how long it takes.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use master::{Gauges, Note};
use model::TaskState;
use model::drain::Reachability;
use prometheus::HistogramVec;
use wire::ebb::BlockerKind;

use super::Shell;
use crate::exposition::{Page, count, histograms};
use crate::http::ApiError;

/// From a tenth of a second to a day.
const DRAIN_SECONDS: [f64; 12] =
    [0.1, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0, 10_800.0, 43_200.0, 86_400.0];
const REACHABILITIES: [(Reachability, &str); 6] = [
    (Reachability::Registered, "registered"),
    (Reachability::Disconnected, "disconnected"),
    (Reachability::Recovered, "recovered"),
    (Reachability::Unreachable, "unreachable"),
    (Reachability::Gone, "gone"),
    (Reachability::Removed, "removed"),
];
/// Resources whose names everybody uses; agents may have any others.
const RESOURCES: [&str; 4] = ["cpus", "mem", "disk", "gpus"];
/// More than there are of either.
const ENUM_END: i32 = 64;

/// How long drains took that have ended since this master leads, by how they ended.
#[derive(Debug)]
pub(super) struct DrainTimes(HistogramVec);

impl Default for DrainTimes {
    fn default() -> Self {
        let times = histograms(
            "ebb_drain_duration_seconds",
            "Time from the request for a drain to its end: drained, decommissioned (drained, then gone) or \
             abandoned (gone before it was drained).",
            &["outcome"],
            &DRAIN_SECONDS,
        );
        for outcome in ["drained", "decommissioned", "abandoned"] {
            // It is there from the beginning.
            drop(times.with_label_values(&[outcome]));
        }
        Self(times)
    }
}

impl DrainTimes {
    pub(super) fn note(&self, note: &Note) {
        let (outcome, took) = if let Note::Drained { took, mark_gone, .. } = note {
            (if *mark_gone { "decommissioned" } else { "drained" }, took)
        } else if let Note::DrainAbandoned { took, .. } = note {
            ("abandoned", took)
        } else {
            return;
        };
        self.0.with_label_values(&[outcome]).observe(took.as_secs_f64());
    }
}

pub(super) async fn handle(State(shell): State<Shell>, headers: HeaderMap) -> Response<Body> {
    match page(&shell, &headers).await {
        Ok(page) => page.answer(&headers),
        Err(error) => error.into_response(),
    }
}

async fn page(shell: &Shell, headers: &HeaderMap) -> Result<Page, ApiError> {
    shell.context.credentials.authenticate(headers)?;
    // Before this question is in it.
    let (waiting, capacity) = shell.mailbox.queue();
    let look = shell.mailbox.look(|core, now| {
        let ages: Vec<_> = core
            .view_blockers(now)
            .into_iter()
            .map(|(kind, (count, oldest))| (kind, count, now.wall.since(oldest).as_secs_f64()))
            .collect();
        (core.view_gauges(), ages)
    });
    let (gauges, blockers) = look.await?;
    let mut page = Page::of_process(&shell.context.timings);
    page.gauge("ebb_leader", "1 while this master leads.", 1.0);
    let uptime = shell.context.clock.now().at.since(shell.started.at);
    page.gauge("ebb_leading_seconds", "Time for which this master has led.", uptime.as_secs_f64());
    let is_away = shell.unavailable_since().is_some();
    page.gauge(
        "ebb_registry_unavailable",
        "1 while the registry does not answer and nothing can be changed.",
        f64::from(u8::from(is_away)),
    );
    add_agents(&mut page, &gauges, &blockers);
    add_work(&mut page, &gauges);
    page.collect(&shell.counters.drain_times.0);
    page.gauge("ebb_core_queue_length", "Inputs that wait for the core.", count(waiting));
    page.gauge("ebb_core_queue_capacity", "Inputs that may wait for the core.", count(capacity));
    let queues = shell.hub.queues();
    page.gauges(
        "ebb_streams",
        "Open streams, by who reads them.",
        "reader",
        queues.iter().map(|(reader, streams, _)| (*reader, count(*streams))),
    );
    page.gauges(
        "ebb_stream_queue_length_max",
        "Events that wait in the longest queue of a stream, by who reads it.",
        "reader",
        queues.iter().map(|(reader, _, longest)| (*reader, count(*longest))),
    );
    page.collect(shell.mailbox.commits());
    for (name, counter) in shell.counters.list() {
        let Some((name, help)) = counter_of(name) else { continue };
        let value = counter.load(std::sync::atomic::Ordering::Relaxed);
        page.counter(name, help, count(usize::try_from(value).unwrap_or(usize::MAX)));
    }
    Ok(page)
}

fn add_agents(page: &mut Page, gauges: &Gauges, blockers: &[(BlockerKind, usize, f64)]) {
    page.gauges(
        "ebb_agents",
        "Agents that are known, by how they can be reached.",
        "state",
        REACHABILITIES
            .map(|(it, name)| (name, count(gauges.agents.get(&it).copied().unwrap_or(0)))),
    );
    page.gauge(
        "ebb_agents_active",
        "Registered agents that are not out of service: they are offered.",
        count(gauges.agents_active),
    );
    page.gauge(
        "ebb_agents_out_of_service",
        "Agents that are deactivated, draining or drained.",
        count(gauges.agents_deactivated),
    );
    page.gauges(
        "ebb_drains",
        "Agents with a drain, by how far it is.",
        "state",
        [("draining", count(gauges.agents_draining)), ("drained", count(gauges.agents_drained))],
    );
    let kinds: Vec<(BlockerKind, String)> = (0..ENUM_END)
        .filter_map(|number| BlockerKind::try_from(number).ok())
        .filter(|kind| *kind as i32 != 0)
        .map(|kind| (kind, kind.as_str_name().to_ascii_lowercase()))
        .collect();
    let of = |kind: BlockerKind| blockers.iter().find(|(it, _, _)| *it == kind);
    page.gauges(
        "ebb_drain_blockers",
        "What drains wait for, by its kind.",
        "kind",
        kinds.iter().map(|(kind, name)| (name.as_str(), of(*kind).map_or(0.0, |it| count(it.1)))),
    );
    page.gauges(
        "ebb_drain_blocker_oldest_age_seconds",
        "Time for which the oldest blocker of a kind has been one; 0 without any.",
        "kind",
        kinds.iter().map(|(kind, name)| (name.as_str(), of(*kind).map_or(0.0, |it| it.2))),
    );
}

fn add_work(page: &mut Page, gauges: &Gauges) {
    page.gauges(
        "ebb_frameworks",
        "Frameworks, by whether their schedulers are there.",
        "state",
        [
            ("connected", count(gauges.frameworks_connected)),
            ("disconnected", count(gauges.frameworks_disconnected)),
            ("recovered", count(gauges.frameworks_recovered)),
            ("completed", count(gauges.frameworks_completed)),
        ],
    );
    let states: Vec<(TaskState, String)> = (0..ENUM_END)
        .filter_map(|number| TaskState::try_from(number).ok())
        .map(|state| (state, state.as_str_name().to_ascii_lowercase()))
        .collect();
    page.gauges(
        "ebb_tasks",
        "Tasks that are held for agents, by latest state; those that have ended wait for an acknowledgement.",
        "state",
        states.iter().map(|(state, name)| {
            (name.as_str(), count(gauges.tasks.get(state).copied().unwrap_or(0)))
        }),
    );
    page.gauge(
        "ebb_tasks_unreachable",
        "Tasks of agents that are unreachable.",
        count(gauges.tasks_unreachable),
    );
    page.gauge(
        "ebb_tasks_unacknowledged",
        "Tasks that have ended and whose schedulers have not acknowledged it.",
        count(gauges.tasks_unacknowledged),
    );
    page.gauge("ebb_executors", "Executors that agents run.", count(gauges.executors));
    page.gauge("ebb_offers", "Offers that schedulers hold.", count(gauges.offers));
    page.gauge("ebb_operations", "Resource operations of agents.", count(gauges.operations));
    let amounts = |of: &std::collections::BTreeMap<String, model::resources::Thousandths>| {
        RESOURCES.map(|name| (name, of.get(name).map_or(0.0, |amount| amount.as_f64())))
    };
    page.gauges(
        "ebb_resources_capacity",
        "What registered agents have; mem and disk in MiB.",
        "resource",
        amounts(&gauges.resources_total),
    );
    page.gauges(
        "ebb_resources_used",
        "What tasks and executors use of it.",
        "resource",
        amounts(&gauges.resources_used),
    );
}

/// Name and help of a counter that Mesos has by another name.
fn counter_of(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "master/slave_registrations" => {
            ("ebb_agent_registrations_total", "Agents that registered for the first time.")
        }
        "master/slave_reregistrations" => {
            ("ebb_agent_reregistrations_total", "Agents that came back.")
        }
        "master/slave_unreachable_completed" => {
            ("ebb_agents_lost_total", "Agents that became unreachable.")
        }
        "master/slave_removals" => ("ebb_agent_removals_total", "Agents that left the cluster."),
        "ebb/agents_refused" => {
            ("ebb_agent_refusals_total", "Greetings of agents that were refused.")
        }
        "ebb/agents_marked_gone" => {
            ("ebb_agents_marked_gone_total", "Agents that were decommissioned.")
        }
        "ebb/drains_started" => ("ebb_drains_started_total", "Drains that were begun."),
        "master/messages_register_framework" => {
            ("ebb_framework_subscriptions_total", "Subscriptions of schedulers.")
        }
        "master/messages_unregister_framework" => {
            ("ebb_framework_removals_total", "Frameworks that were removed.")
        }
        "master/valid_status_updates" => {
            ("ebb_task_updates_total", "Status updates of tasks that were taken.")
        }
        "master/dropped_messages" => (
            "ebb_dropped_messages_total",
            "What peers sent and was dropped, with a line in the log.",
        ),
        _ => return None,
    })
}
