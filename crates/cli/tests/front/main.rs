//! What DC/OS tools send to a cluster's front door, word for word, and what they read of the answers: one test per
//! path that they need, against real processes.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "all of it is test code, though not every function is a #[test]"
)]

mod checklist;
mod client;
mod commands;
mod documents;
mod login;
mod marathon;
mod metrics;
mod nodes;
mod proxy;
mod quotas;
mod reads;
mod rows;
mod sandboxes;
mod services;
mod sessions;
mod setup;
mod task_logs;
mod terminals;
mod web_page;

#[path = "../e2e/framework.rs"]
#[allow(dead_code, reason = "made for the end-to-end tests, which use all of it")]
mod framework;
#[path = "../e2e/http.rs"]
#[allow(dead_code, reason = "made for the end-to-end tests, which use all of it")]
mod http;
#[path = "../e2e/job.rs"]
#[allow(dead_code, reason = "made for the end-to-end tests, which use all of it")]
mod job;
#[path = "../e2e/processes.rs"]
#[allow(dead_code, reason = "made for the end-to-end tests, which use all of it")]
mod processes;
#[path = "../e2e/world.rs"]
#[allow(dead_code, reason = "made for the end-to-end tests, which use all of it")]
mod world;
