//! The agent process: checkpoints, core, containers, link and HTTP API joined together.

mod browse;
mod containers;
mod core;
mod exchange;
mod executors;
mod exposition;
mod files;
mod formats;
mod legacy;
mod link;
mod metrics;
mod nested;
mod node;
mod notes;
mod operator;
mod outbox;
mod platform;
mod sandbox;
mod usage;
mod volumes;
mod watch;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::agent::{Agent, Event, Stop};
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};
use model::Resources;
use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

pub use self::core::{read as read_record, write as write_record};
pub use self::executors::validate as validate_executor_call;

use self::containers::Containers;
use self::link::LinkShell;
use self::nested::Nested;
use self::outbox::{AgentOutbox, Hub};
use crate::clock::Clock;
use crate::driver::{Driver, Mailbox};
use crate::exposition::{Timings, time};
use crate::http::auth::{Credential, Credentials, Voucher};
use crate::http::log_answer::Readers;
use crate::http::serve;
use crate::store::{Store, StoreError};

/// How an agent process is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    pub ip: IpAddr,
    /// 0 takes the port served last on this work directory, or any free one.
    pub port: u16,
    pub hostname: Option<String>,
    pub work_dir: PathBuf,
    /// `http://host:port` of each master.
    pub masters: Vec<String>,
    /// What the agent offers; what is not named is detected as Mesos does.
    pub resources: Resources,
    pub attributes: Vec<wire::v1::Attribute>,
    /// Callers of this agent's own API.
    pub credentials: Credentials,
    /// What the agent shows its master.
    pub credential: Option<Credential>,
    pub switch_user: bool,
    pub authenticate_executors: bool,
    pub executor_registration_timeout: Duration,
    pub executor_reregistration_timeout: Duration,
    pub executor_shutdown_grace_period: Duration,
    pub default_kill_grace: Duration,
    pub recovery_timeout: Duration,
    pub registration_backoff_factor: Duration,
    /// Size at which a task's stdout and stderr are rotated, and how many files are kept of each.
    pub log_max_bytes: u64,
    pub log_files: u32,
    /// Where fetched files are kept for the next time; in the work directory if absent.
    pub fetcher_cache_dir: Option<PathBuf>,
    /// How many bytes of them at most; 0 keeps none.
    pub fetcher_cache_size: u64,
    /// Where containers may be cgroups: a folder of a cgroup v2 hierarchy; found by itself if absent.
    pub cgroups_root: Option<PathBuf>,
    /// This program, for executors.
    pub program: PathBuf,
    /// What `GET_FLAGS` answers.
    pub flags: Vec<(String, String)>,
}

/// Why an agent could not start, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum AgentError {
    #[error("{0}")]
    Bind(String),
    #[error("the work directory cannot be used: {0}")]
    WorkDir(String),
    #[error("the checkpoints cannot be used: {0}")]
    Checkpoints(#[source] StoreError),
    #[error(
        "the checkpoints cannot be written; the agent stops so that nothing is promised that is not \
         durable, its tasks run on: {0}"
    )]
    Write(#[source] StoreError),
    #[error("cannot start a thread: {0}")]
    Thread(#[source] std::io::Error),
    #[error(
        "this agent was decommissioned ({message}) and its id is never let in again; to make a new \
         agent of this host, remove the work directory {work_dir} (its data is lost)"
    )]
    Gone { message: String, work_dir: PathBuf },
    #[error("the agent cannot start with these resources: {message}")]
    Incompatible { message: String },
    #[error("the master refused this agent: {message}")]
    Refused { message: String },
}

/// What HTTP handlers need.
#[derive(Clone, Debug)]
struct Shell {
    mailbox: Mailbox<Agent>,
    hub: Arc<Hub>,
    credentials: Arc<Credentials>,
    flags: Arc<Vec<(String, String)>>,
    work_dir: Arc<PathBuf>,
    timings: Timings,
    readers: Readers,
    containers: Containers,
    nested: Nested,
    link: LinkShell,
    process_started: model::Timestamp,
}

/// Runs an agent until `stop` is cancelled (tasks run on), `unregister` is (it leaves the cluster),
/// or its master ends it. `ready` gets the address once the API is served.
pub async fn run(
    settings: Settings,
    stop: CancellationToken,
    unregister: CancellationToken,
    ready: impl FnOnce(SocketAddr) + Send,
) -> Result<(), AgentError> {
    let work_dir = platform::work_dir(&settings.work_dir).map_err(AgentError::WorkDir)?;
    let store = Store::open(&work_dir.join("meta/agent.redb")).map_err(AgentError::Checkpoints)?;
    let records = core::load(&store).map_err(AgentError::Checkpoints)?;
    if let Some(message) = records.gone() {
        return Err(AgentError::Gone { message: message.to_owned(), work_dir });
    }
    let last_port = records.agent.as_ref().and_then(|record| record.port);
    let listener = bind(&settings, last_port).await?;
    let address = listener.local_addr().map_err(|e| AgentError::Bind(e.to_string()))?;

    let clock = Clock::start();
    let config = config(&settings, &work_dir, address)?;
    let nested = Nested::new(&settings, &work_dir);
    let containers = Containers::new(&settings, &work_dir, address, nested.clone());
    let fates = containers.find(&records, &config.boot_id).await;
    let (core, first) = Agent::recover(config, records, fates, clock.now());

    let hub = Arc::new(Hub::default());
    let authorization = settings.credential.as_ref().map(Credential::basic);
    let [turn] = crate::random::bytes();
    let voucher = Voucher::random();
    let credentials = Arc::new(settings.credentials.clone().trusting(voucher.clone()));
    let link = LinkShell::new(authorization, settings.masters.clone(), turn.into(), voucher);
    let (stopped, ended_by_core) = oneshot::channel();
    let runtime = tokio::runtime::Handle::current();
    let (mut driver, mailbox) = Driver::new(core, store, clock, |mailbox| {
        containers.report_to(mailbox.clone());
        AgentOutbox {
            hub: hub.clone(),
            link: link.clone(),
            containers: containers.clone(),
            mailbox,
            runtime: runtime.clone(),
            stopped: Some(stopped),
        }
    });
    driver.begin(core::outcome(first)).map_err(AgentError::Write)?;
    containers.watch_found(&runtime);
    let ended = driver.spawn("agent-core").map_err(AgentError::Thread)?;

    let streams = hub.clone();
    let shell = Shell {
        mailbox: mailbox.clone(),
        hub,
        credentials,
        flags: Arc::new(settings.flags),
        work_dir: Arc::new(work_dir.clone()),
        timings: Timings::default(),
        readers: Readers::default(),
        containers,
        nested,
        link,
        process_started: clock.now().wall,
    };
    let serving = tokio::spawn(serve::serve(listener, router(shell), stop.clone()));
    tracing::info!(%address, "agent serves");
    ready(address);

    let leave = async move {
        unregister.cancelled().await;
        mailbox.tell(Event::Unregister).await;
        std::future::pending::<()>().await;
    };
    let outcome = tokio::select! {
        () = stop.cancelled() => Ok(()),
        () = leave => Ok(()),
        // Without a word when the driver ends: it is the one that says why.
        Ok(reason) = ended_by_core => match reason {
            Stop::Gone { message } => Err(AgentError::Gone { message, work_dir }),
            Stop::Incompatible { message } => Err(AgentError::Incompatible { message }),
            Stop::Refused { message } => Err(AgentError::Refused { message }),
            Stop::Unregistered => Ok(()),
        },
        ended = ended => match ended {
            Ok(Err(error)) => Err(AgentError::Write(error)),
            Ok(Ok(_)) | Err(_) => Ok(()),
        },
    };
    stop.cancel();
    streams.close();
    // Waits for calls that are being answered; bounded in `serve`.
    drop(serving.await);
    outcome
}

/// The configured port; without one the port served last, so that executors find the agent again.
async fn bind(
    settings: &Settings,
    last_port: Option<u32>,
) -> Result<tokio::net::TcpListener, AgentError> {
    let last_port = last_port.and_then(|port| u16::try_from(port).ok());
    if settings.port == 0
        && let Some(port) = last_port
        && let Ok(listener) = serve::bind(SocketAddr::new(settings.ip, port)).await
    {
        return Ok(listener);
    }
    serve::bind(SocketAddr::new(settings.ip, settings.port)).await.map_err(AgentError::Bind)
}

fn router(shell: Shell) -> Router {
    let mut router = Router::new();
    // Mesos: every endpoint also answers below `/slave(1)`, however that is escaped, and with a trailing slash, and
    // the APIs below their own path, such as `/api/v1/operator`.
    for prefix in ["", "/slave(1)", "/slave%281%29"] {
        for below in ["", "/", "/{*below}"] {
            router = router
                .route(&format!("{prefix}/api/v1{below}"), any(operator::handle))
                .route(&format!("{prefix}/api/v1/executor{below}"), any(executors::handle));
        }
        for slash in ["", "/"] {
            router = router
                .route(&format!("{prefix}/containers{slash}"), any(usage::containers))
                .route(&format!("{prefix}/monitor/statistics{slash}"), any(usage::monitor))
                .route(&format!("{prefix}/monitor/statistics.json{slash}"), any(usage::monitor))
                .route(&format!("{prefix}/health{slash}"), any(operator::health))
                .route(&format!("{prefix}/version{slash}"), any(operator::version));
        }
        router = router.merge(legacy::routes(prefix));
    }
    router
        .route("/metrics", get(exposition::handle))
        .route("/system/v1/metrics/v0/node", get(node::metrics))
        .route("/system/v1/metrics/v0/containers/{id}", get(usage::datapoints))
        .route("/system/v1/metrics/v0/containers/{id}/app", get(node::none))
        .route("/system/v1/logs/v2/component", get(node::component))
        .route("/system/v1/logs/v2/component/{unit}", get(node::component))
        .layer(from_fn_with_state(challenge_of as fn(&str) -> _, crate::http::challenge))
        .layer(from_fn_with_state(shell.timings.clone(), time))
        .fallback(crate::http::legacy::not_found)
        .with_state(shell)
}

/// How to log in at a path.
// Mesos: one realm for executors, one for calls, and one for reads.
fn challenge_of(path: &str) -> &'static str {
    if path.contains("/api/v1/executor") {
        r#"Bearer realm="mesos-agent-executor""#
    } else if path.contains("/api/v1") {
        r#"Basic realm="mesos-agent-readwrite""#
    } else {
        r#"Basic realm="mesos-agent-readonly""#
    }
}

fn config(
    settings: &Settings,
    work_dir: &std::path::Path,
    address: SocketAddr,
) -> Result<::agent::Config, AgentError> {
    let resources = platform::complete(&settings.resources, work_dir);
    let info = wire::v1::AgentInfo {
        hostname: settings.hostname.clone().unwrap_or_else(|| address.ip().to_string()),
        port: Some(address.port().into()),
        resources: resources.to_wire(),
        attributes: settings.attributes.clone(),
        ..wire::v1::AgentInfo::default()
    };
    let work_dir = work_dir
        .to_str()
        .ok_or_else(|| AgentError::WorkDir(format!("{} is not valid UTF-8", work_dir.display())))?;
    Ok(::agent::Config {
        version: crate::version::MESOS_VERSION.to_owned(),
        boot_id: platform::boot_id(),
        machine_id: platform::machine_id(),
        executor_program: settings.program.display().to_string(),
        switch_user: settings.switch_user,
        authenticate_executors: settings.authenticate_executors,
        executor_registration_timeout: settings.executor_registration_timeout,
        executor_reregistration_timeout: settings.executor_reregistration_timeout,
        executor_shutdown_grace_period: settings.executor_shutdown_grace_period,
        default_kill_grace: settings.default_kill_grace,
        recovery_timeout: settings.recovery_timeout,
        registration_backoff_factor: settings.registration_backoff_factor,
        ..::agent::Config::new(info, &address.to_string(), work_dir, crate::random::bytes())
    })
}
