//! The master process: registry, core and HTTP API joined together.

pub mod backup;
mod core;
mod link;
mod metrics;
mod notes;
mod operator;
mod outbox;
pub mod registry;
mod scheduler;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use ::master::Master;
use axum::Router;
use axum::routing::{any, get};
use model::Now;
use tokio_util::sync::CancellationToken;

use self::metrics::Counters;
use self::outbox::{Hub, MasterOutbox};
use crate::clock::Clock;
use crate::driver::{Driver, Mailbox};
use crate::http::auth::Credentials;
use crate::http::serve;
use crate::store::{Store, StoreError};

/// How a master process is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    pub ip: IpAddr,
    /// 0 takes any free port.
    pub port: u16,
    /// Name given to clients; the address where absent.
    pub hostname: Option<String>,
    pub work_dir: PathBuf,
    pub credentials: Credentials,
    /// The core's settings; id and `MasterInfo` are filled in at start.
    pub core: ::master::Config,
    /// What `GET_FLAGS` answers.
    pub flags: Vec<(String, String)>,
}

/// Why a master could not start, or had to end.
#[derive(Debug, thiserror::Error)]
pub enum MasterError {
    #[error("{0}")]
    Bind(String),
    #[error("the registry cannot be used: {0}")]
    Registry(#[source] StoreError),
    #[error(
        "the registry cannot be written; the master stops so that nothing is promised that is not durable: {0}"
    )]
    Write(#[source] StoreError),
    #[error("the registry cannot be understood: {0}")]
    Recovery(#[from] ::master::RecoveryError),
    #[error("cannot start a thread: {0}")]
    Thread(#[source] std::io::Error),
}

/// What HTTP handlers need.
#[derive(Clone, Debug)]
struct Shell {
    mailbox: Mailbox<Master>,
    hub: Arc<Hub>,
    counters: Arc<Counters>,
    credentials: Arc<Credentials>,
    flags: Arc<Vec<(String, String)>>,
    started: Now,
    clock: Clock,
}

/// Runs a master until `stop` is cancelled. `ready` gets the address once the API is served.
pub async fn run(
    settings: Settings,
    stop: CancellationToken,
    ready: impl FnOnce(SocketAddr) + Send,
) -> Result<(), MasterError> {
    let listener = serve::bind(SocketAddr::new(settings.ip, settings.port))
        .await
        .map_err(MasterError::Bind)?;
    let address = listener.local_addr().map_err(|e| MasterError::Bind(e.to_string()))?;
    let store = Store::open(&registry::file(&settings.work_dir)).map_err(MasterError::Registry)?;
    let records = core::load(&store).map_err(MasterError::Registry)?;

    let clock = Clock::start();
    let started = clock.now();
    let mut config = settings.core.clone();
    config.master_id = crate::random::uuid();
    config.master_info = master_info(&settings, address, &config.master_id);
    let core = Master::recover(config, records, started)?;

    let hub = Arc::new(Hub::default());
    let counters = Arc::new(Counters::default());
    let outbox = MasterOutbox { hub: hub.clone(), counters: counters.clone() };
    let (driver, mailbox) = Driver::new(core, store, clock, |_| outbox);
    let ended = driver.spawn("master-core").map_err(MasterError::Thread)?;

    let beat = tokio::spawn(operator::beat(hub.clone()));
    let streams = hub.clone();
    let shell = Shell {
        mailbox,
        hub,
        counters,
        credentials: Arc::new(settings.credentials),
        flags: Arc::new(settings.flags),
        started,
        clock,
    };
    let serving = tokio::spawn(serve::serve(listener, router(shell), stop.clone()));
    tracing::info!(%address, "master serves");
    ready(address);
    let outcome = tokio::select! {
        () = stop.cancelled() => Ok(()),
        ended = ended => match ended {
            Ok(Err(error)) => Err(MasterError::Write(error)),
            Ok(Ok(_)) | Err(_) => Ok(()),
        },
    };
    stop.cancel();
    beat.abort();
    streams.close();
    // Waits for calls that are being answered; bounded in `serve`.
    drop(serving.await);
    outcome
}

fn router(shell: Shell) -> Router {
    let mut router = Router::new();
    // Mesos: every endpoint also answers below `/master` and with a trailing slash.
    for prefix in ["", "/master"] {
        router = router
            .route(&format!("{prefix}/api/v1"), any(operator::handle))
            .route(&format!("{prefix}/api/v1/"), any(operator::handle))
            .route(&format!("{prefix}/api/v1/scheduler"), any(scheduler::handle))
            .route(&format!("{prefix}/health"), get(operator::health))
            .route(&format!("{prefix}/version"), get(operator::version));
    }
    router
        .route("/ebb/v1/link", axum::routing::post(link::open))
        .route("/ebb/v1/link/calls", axum::routing::post(link::calls))
        .with_state(shell)
}

fn master_info(settings: &Settings, address: SocketAddr, id: &str) -> wire::v1::MasterInfo {
    use wire::v1::master_info::Capability;
    use wire::v1::master_info::capability::Type;
    let hostname = settings.hostname.clone().unwrap_or_else(|| address.ip().to_string());
    // Mesos: the IPv4 address as an integer in network byte order.
    let ip = match address.ip() {
        IpAddr::V4(ip) => u32::from_ne_bytes(ip.octets()),
        IpAddr::V6(_) => 0,
    };
    wire::v1::MasterInfo {
        id: id.to_owned(),
        ip,
        port: address.port().into(),
        pid: Some(format!("master@{address}")),
        hostname: Some(hostname.clone()),
        version: Some(crate::version::MESOS_VERSION.to_owned()),
        address: Some(wire::v1::Address {
            hostname: Some(hostname),
            ip: Some(address.ip().to_string()),
            port: address.port().into(),
        }),
        capabilities: [Type::AgentUpdate, Type::AgentDraining]
            .into_iter()
            .map(|kind| Capability { r#type: Some(kind.into()) })
            .collect(),
        ..wire::v1::MasterInfo::default()
    }
}

fn flags(flags: &[(String, String)]) -> Vec<wire::v1::Flag> {
    flags
        .iter()
        .map(|(name, value)| wire::v1::Flag { name: name.clone(), value: Some(value.clone()) })
        .collect()
}
