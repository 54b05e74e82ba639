//! Carries out the checks of tasks: commands beside the task, HTTP and TCP on the loopback interface.
//!
//! What ran out of time is stopped by the core, which keeps the clock. Of a command nothing is left when
//! its end is told.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use agent::executor::{CheckKind, Event, Outcome, Probe, why_unhealthy};
use model::TaskId;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::output::Output;
use super::report;

// Mesos: what curl follows.
const REDIRECTS: usize = 50;

/// One check of one task.
pub(super) type CheckKey = (TaskId, CheckKind);

/// The checks that are on.
#[derive(Debug, Default)]
pub(super) struct Checks {
    running: BTreeMap<CheckKey, Running>,
    /// Those whose outcome is about to be known.
    ending: JoinSet<(CheckKey, u32, Outcome)>,
    /// How each failed last, so that a failure is written down once.
    failing: BTreeMap<CheckKey, String>,
    client: Option<reqwest::Client>,
}

#[derive(Debug)]
enum Running {
    Command { run: u32, wait_status: Option<i32>, output: Output },
    Network(CancellationToken),
}

impl Checks {
    /// The outcome of a check, when there is one; for ever while nothing is about to end. May be dropped
    /// and called again.
    pub(super) async fn next(&mut self) -> Event {
        loop {
            match self.ending.join_next().await {
                Some(Ok((key, run, outcome))) => {
                    self.running.remove(&key);
                    self.note(&key, &outcome);
                    let (task, check) = key;
                    return Event::CheckFinished { task, check, run, outcome };
                }
                // It panicked, which none does.
                Some(Err(_)) => {}
                None => return std::future::pending().await,
            }
        }
    }

    /// A command was started.
    pub(super) fn command_started(&mut self, key: CheckKey, run: u32, output: Output) {
        self.running.insert(key, Running::Command { run, wait_status: None, output });
    }

    /// It could not be started.
    pub(super) fn not_started(&mut self, key: CheckKey, run: u32, why: String) {
        self.ending.spawn(async move { (key, run, Outcome::Failed(why)) });
    }

    pub(super) fn command_exited(&mut self, key: &CheckKey, status: i32) {
        if let Some(Running::Command { wait_status, .. }) = self.running.get_mut(key) {
            *wait_status = Some(status);
        }
    }

    /// No process of it is left.
    pub(super) fn command_gone(&mut self, key: CheckKey) {
        let Some(Running::Command { run, wait_status, output }) = self.running.remove(&key) else {
            return;
        };
        self.ending.spawn(async move {
            let said = output.text().await;
            let outcome = outcome_of(wait_status);
            if why_unhealthy(&outcome).is_some() && !said.is_empty() {
                report::line(format_args!("Output of the {} of task {}: {said}", key.1, key.0));
            }
            (key, run, outcome)
        });
    }

    /// Begins a check over the network.
    pub(super) fn connect(&mut self, key: CheckKey, run: u32, probe: Probe) {
        let client = match &probe {
            Probe::Http { .. } => match self.client() {
                Ok(client) => Some(client),
                Err(error) => return self.not_started(key, run, error.to_string()),
            },
            Probe::Tcp { .. } | Probe::Command(_) => None,
        };
        let stop = CancellationToken::new();
        self.running.insert(key.clone(), Running::Network(stop.clone()));
        self.ending.spawn(async move {
            let outcome = tokio::select! {
                outcome = ask(client, probe) => outcome,
                () = stop.cancelled() => Outcome::Failed("it was stopped".to_owned()),
            };
            (key, run, outcome)
        });
    }

    /// Ends a check over the network; a command is ended by its processes.
    pub(super) fn stop(&mut self, key: &CheckKey) {
        if let Some(Running::Network(stop)) = self.running.get(key) {
            stop.cancel();
        }
    }

    /// The task has ended.
    pub(super) fn forget(&mut self, task: &TaskId) {
        self.failing.retain(|(of, _), _| of != task);
    }

    /// Made for the first HTTP check: most executors have none.
    fn client(&mut self) -> reqwest::Result<reqwest::Client> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        // Fails when it is installed already.
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = reqwest::Client::builder()
            .no_proxy()
            .pool_max_idle_per_host(0)
            .redirect(reqwest::redirect::Policy::limited(REDIRECTS))
            // Mesos: it is the task on this very host that answers, under whatever name.
            .tls_danger_accept_invalid_certs(true)
            .build()?;
        self.client = Some(client.clone());
        Ok(client)
    }

    fn note(&mut self, key: &CheckKey, outcome: &Outcome) {
        let failure = why_unhealthy(outcome);
        if self.failing.get(key) == failure.as_ref() {
            return;
        }
        let (task, kind) = key;
        if let Some(why) = failure {
            report::line(format_args!("The {kind} of task {task} failed: {why}"));
            self.failing.insert(key.clone(), why);
        } else {
            report::line(format_args!("The {kind} of task {task} passes again"));
            self.failing.remove(key);
        }
    }
}

async fn ask(client: Option<reqwest::Client>, probe: Probe) -> Outcome {
    match (probe, client) {
        (Probe::Http { url }, Some(client)) => match client.get(url).send().await {
            Ok(answer) => Outcome::Status(answer.status().as_u16()),
            Err(error) => Outcome::Failed(crate::causes::chain(&error)),
        },
        (Probe::Tcp { port, ipv6 }, _) => {
            let loopback: IpAddr =
                if ipv6 { Ipv6Addr::LOCALHOST.into() } else { Ipv4Addr::LOCALHOST.into() };
            Outcome::Connected(TcpStream::connect((loopback, port)).await.is_ok())
        }
        (Probe::Http { .. } | Probe::Command(_), _) => {
            Outcome::Failed("it is no check over the network".to_owned())
        }
    }
}

fn outcome_of(wait_status: Option<i32>) -> Outcome {
    let Some(status) = wait_status.map(ExitStatus::from_raw) else {
        return Outcome::Failed("nobody knows how the command ended".to_owned());
    };
    match (status.code(), status.signal()) {
        (Some(code), _) => Outcome::Exited(code),
        (None, Some(signal)) => Outcome::Failed(format!("signal {signal} ended the command")),
        (None, None) => Outcome::Failed("nobody knows how the command ended".to_owned()),
    }
}

#[cfg(test)]
#[path = "checks_tests.rs"]
mod tests;
