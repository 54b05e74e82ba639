//! What the shell tells an agent once, at start.

use std::time::Duration;

/// Settings of an agent. [`Config::new`] gives Mesos' defaults.
#[derive(Clone, Debug)]
pub struct Config {
    /// Host name, port, resources, attributes and domain; an id in it is ignored.
    pub info: wire::v1::AgentInfo,
    pub version: String,
    /// Address at which the agent's own API answers, without and with the port.
    pub ip: String,
    pub endpoint: String,
    pub machine_id: String,
    /// Changes with every boot of the host: containers of an older boot are gone.
    pub boot_id: String,
    /// Absolute path; everything else the agent names is relative to it.
    pub work_dir: String,
    /// What `GET_EXECUTORS` shows as the program of generated executors.
    pub executor_program: String,
    /// Whether containers run as the user of their task or framework.
    pub switch_user: bool,
    /// Whether custom executors too must show their token.
    pub authenticate_executors: bool,
    /// How long an executor may take from its launch to its first subscription.
    pub executor_registration_timeout: Duration,
    /// How long a restarted agent waits for its executors before it talks to the master.
    pub executor_reregistration_timeout: Duration,
    /// From SHUTDOWN to the end of the container, where the executor does not say.
    pub executor_shutdown_grace_period: Duration,
    /// Kill grace of tasks without a policy.
    pub default_kill_grace: Duration,
    /// How long executors go on without an agent.
    pub recovery_timeout: Duration,
    /// Upper bound of an executor's wait between attempts to subscribe.
    pub subscription_backoff_max: Duration,
    /// First bound of the random wait before connecting again; doubles with every failure.
    pub registration_backoff_factor: Duration,
    pub registration_backoff_max: Duration,
    /// How long a link may take to answer `REGISTERED`.
    pub registration_timeout: Duration,
    /// From a task's kill deadline to the end of its container, if the executor does not comply.
    pub kill_margin: Duration,
    /// How long an end of the agent waits for its containers and updates.
    pub stop_timeout: Duration,
    /// Bounds of what is kept for display: tasks and executors per framework, and frameworks.
    pub max_completed_tasks: usize,
    pub max_completed_executors: usize,
    pub max_completed_frameworks: usize,
    /// Updates of one task that wait for acknowledgement.
    pub max_pending_updates: usize,
    /// Fresh randomness for container ids, tokens, update ids and jitter; never the same twice.
    pub seed: [u8; 32],
}

impl Config {
    /// Mesos' defaults for an agent at `endpoint` (`ip:port`).
    pub fn new(info: wire::v1::AgentInfo, endpoint: &str, work_dir: &str, seed: [u8; 32]) -> Self {
        let ip = endpoint.rsplit_once(':').map_or(endpoint, |(ip, _)| ip);
        Self {
            info,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            ip: ip.to_owned(),
            endpoint: endpoint.to_owned(),
            machine_id: String::new(),
            boot_id: String::new(),
            work_dir: work_dir.to_owned(),
            executor_program: "ebb".to_owned(),
            switch_user: false,
            authenticate_executors: false,
            executor_registration_timeout: Duration::from_mins(1),
            executor_reregistration_timeout: Duration::from_secs(2),
            executor_shutdown_grace_period: Duration::from_secs(5),
            default_kill_grace: Duration::from_secs(3),
            recovery_timeout: Duration::from_mins(15),
            subscription_backoff_max: Duration::from_secs(2),
            registration_backoff_factor: Duration::from_secs(1),
            registration_backoff_max: Duration::from_mins(1),
            registration_timeout: Duration::from_secs(30),
            kill_margin: Duration::from_secs(2),
            stop_timeout: Duration::from_secs(30),
            max_completed_tasks: 200,
            max_completed_executors: 150,
            max_completed_frameworks: 50,
            max_pending_updates: 1000,
            seed,
        }
    }
}
