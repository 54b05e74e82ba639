//! The agent on trial, within this process.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use daemon::agent::{AgentError, Settings};
use daemon::http::auth::{Credential, Credentials};
use model::Resources;
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::played::PATIENCE;

pub(crate) struct Agent {
    stop: CancellationToken,
    ended: JoinHandle<Result<(), AgentError>>,
    _dir: TempDir,
}

impl Agent {
    /// An agent that is given these masters.
    pub(crate) fn start(masters: Vec<String>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let stop = CancellationToken::new();
        let settings = settings(masters, dir.path());
        let run = daemon::agent::run(settings, stop.clone(), CancellationToken::new(), |_| {});
        Self { stop, ended: tokio::spawn(Box::pin(run)), _dir: dir }
    }

    pub(crate) async fn stop(self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(PATIENCE, self.ended).await;
        ended.expect("the agent stops in time").unwrap().unwrap();
    }
}

fn settings(masters: Vec<String>, dir: &std::path::Path) -> Settings {
    let second = Duration::from_secs(1);
    let credential = Credential { principal: "agent".to_owned(), secret: "s3cret".to_owned() };
    Settings {
        ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 0,
        hostname: Some("node-1".to_owned()),
        work_dir: dir.to_owned(),
        masters,
        resources: Resources::parse("cpus:1;mem:64;disk:64;ports:[1-2]", "*").unwrap(),
        attributes: Vec::new(),
        credentials: Credentials::default(),
        credential: Some(credential),
        switch_user: false,
        authenticate_executors: true,
        executor_registration_timeout: second,
        executor_reregistration_timeout: second,
        executor_shutdown_grace_period: second,
        default_kill_grace: second,
        recovery_timeout: second,
        registration_backoff_factor: second,
        log_max_bytes: 1 << 20,
        log_files: 1,
        fetcher_cache_dir: None,
        fetcher_cache_size: 0,
        cgroups_root: None,
        program: "/bin/false".into(),
        flags: Vec::new(),
    }
}
