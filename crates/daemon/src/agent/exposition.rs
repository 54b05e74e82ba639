//! `/metrics` of an agent.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};

use super::Shell;
use crate::exposition::{Page, count};
use crate::http::ApiError;

pub(super) async fn handle(State(shell): State<Shell>, headers: HeaderMap) -> Response<Body> {
    match page(&shell, &headers).await {
        Ok(page) => page.answer(&headers),
        Err(error) => error.into_response(),
    }
}

async fn page(shell: &Shell, headers: &HeaderMap) -> Result<Page, ApiError> {
    shell.credentials.authenticate(headers)?;
    let (waiting, capacity) = shell.mailbox.queue();
    let gauges = shell.mailbox.look(|core, _| core.view_gauges()).await?;
    let counters = gauges.counters;
    let mut page = Page::of_process(&shell.timings);
    let flag = |is: bool| f64::from(u8::from(is));
    page.gauge(
        "ebb_agent_registered",
        "1 while the agent is registered with a master.",
        flag(gauges.registered),
    );
    page.gauge("ebb_agent_draining", "1 while the agent has a drain.", flag(gauges.draining));
    page.gauge(
        "ebb_agent_frameworks",
        "Frameworks with something on the agent.",
        count(gauges.frameworks_active),
    );
    page.gauges(
        "ebb_agent_tasks",
        "Tasks, by state; ended ones have updates that are not acknowledged.",
        "state",
        [
            ("task_staging", count(gauges.tasks_staging)),
            ("task_starting", count(gauges.tasks_starting)),
            ("task_running", count(gauges.tasks_running)),
            ("task_killing", count(gauges.tasks_killing)),
            ("ended", count(gauges.tasks_terminated)),
        ],
    );
    page.gauges(
        "ebb_agent_executors",
        "Executors, by state.",
        "state",
        [
            ("registering", count(gauges.executors_registering)),
            ("running", count(gauges.executors_running)),
            ("terminating", count(gauges.executors_terminating)),
        ],
    );
    let number = |counted: u64| count(usize::try_from(counted).unwrap_or(usize::MAX));
    page.counters(
        "ebb_agent_tasks_ended_total",
        "Tasks that have ended since the agent started, by how.",
        "state",
        [
            ("task_finished", number(counters.tasks_finished)),
            ("task_failed", number(counters.tasks_failed)),
            ("task_killed", number(counters.tasks_killed)),
            ("task_lost", number(counters.tasks_lost)),
            ("task_gone", number(counters.tasks_gone)),
        ],
    );
    page.counter(
        "ebb_agent_executors_ended_total",
        "Executors that have ended since the agent started.",
        number(counters.executors_terminated),
    );
    page.counter(
        "ebb_agent_container_launch_errors_total",
        "Containers that could not be started.",
        number(counters.container_launch_errors),
    );
    page.counters(
        "ebb_agent_task_updates_total",
        "Status updates of executors, by whether they were taken.",
        "taken",
        [
            ("true", number(counters.valid_status_updates)),
            ("false", number(counters.invalid_status_updates)),
        ],
    );
    page.gauge("ebb_core_queue_length", "Inputs that wait for the core.", count(waiting));
    page.gauge("ebb_core_queue_capacity", "Inputs that may wait for the core.", count(capacity));
    page.collect(shell.mailbox.commits());
    Ok(page)
}
