//! The master process: registry, core and HTTP API joined together.

pub mod backup;
mod candidate;
mod core;
mod dcos;
mod exposition;
mod files;
mod front;
mod legacy;
mod link;
mod maintenance;
mod metrics;
mod notes;
mod operations;
mod operator;
mod outbox;
mod reads;
pub mod registry;
mod roles;
mod scheduler;

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::master::Master;
use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};
use model::{Now, Timestamp};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use self::front::address;
pub use self::operator::event as operator_event;
pub use self::scheduler::validate as validate_scheduler_call;

use self::metrics::Counters;
use self::outbox::{Hub, MasterOutbox};
use self::reads::Reads;
use crate::clock::Clock;
use crate::driver::{Driver, Ended, Mailbox};
use crate::etcd::{EtcdError, Target};
use crate::exposition::{Timings, time};
use crate::http::auth::Credentials;
use crate::http::client::{Client, Timeouts};
use crate::http::log_answer::Readers;
use crate::http::proxy::Proxy;
use crate::http::serve;
use crate::registry::{Registry, Tenure};
use crate::store::{Store, StoreError};

/// How long an agent may take to answer this master's own questions.
const ASKING: Timeouts =
    Timeouts { connect: Duration::from_secs(5), answer: Some(Duration::from_secs(30)) };

/// How a master process is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    pub ip: IpAddr,
    /// 0 takes any free port.
    pub port: u16,
    /// Name given to clients; the address where absent.
    pub hostname: Option<String>,
    pub work_dir: PathBuf,
    /// The registry that this master shares with others; its own in the work directory where absent.
    pub shared: Option<Shared>,
    /// Address and port given to others, where they are not those listened on.
    pub advertise_ip: Option<IpAddr>,
    pub advertise_port: Option<u16>,
    pub credentials: Credentials,
    /// The core's settings; id and `MasterInfo` are filled in at start.
    pub core: ::master::Config,
    /// What `GET_FLAGS` answers.
    pub flags: Vec<(String, String)>,
}

/// A registry that several masters share, one of which leads.
#[derive(Clone, Debug)]
pub struct Shared {
    pub registry: Target,
    /// How long a leader may be silent before another is elected.
    pub lease: Duration,
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
    #[error("the registry cannot be used: {0}")]
    Etcd(#[from] EtcdError),
    #[error("the registry cannot be understood: {0}")]
    Recovery(#[from] ::master::RecoveryError),
    #[error("cannot start a thread: {0}")]
    Thread(#[source] std::io::Error),
}

/// What HTTP handlers need.
#[derive(Clone, Debug)]
struct Shell {
    mailbox: Mailbox<Master>,
    reads: Reads,
    hub: Arc<Hub>,
    counters: Arc<Counters>,
    context: Arc<Context>,
    started: Now,
    info: Arc<wire::v1::MasterInfo>,
    /// Of the cluster whose registry this is.
    cluster_id: Arc<str>,
    /// The leadership of this master; none where it shares its registry with nobody.
    tenure: Option<Tenure>,
}

/// What stays the same for the life of the process.
#[derive(Debug)]
struct Context {
    credentials: Credentials,
    flags: Vec<(String, String)>,
    clock: Clock,
    process_started: Timestamp,
    timings: Timings,
    proxy: Proxy,
    /// Asks agents for files.
    client: Client,
    readers: Readers,
}

impl Shell {
    /// Since when nothing can be changed because the registry does not answer.
    fn unavailable_since(&self) -> Option<Timestamp> {
        self.tenure.as_ref()?.unavailable_since(self.context.clock.now().at)
    }
}

/// Runs a master until `stop` is cancelled. `ready` gets the address once the API is served.
pub async fn run(
    settings: Settings,
    stop: CancellationToken,
    ready: impl FnOnce(SocketAddr) + Send,
) -> Result<(), MasterError> {
    files::raise_limit();
    let listener = serve::bind(SocketAddr::new(settings.ip, settings.port))
        .await
        .map_err(MasterError::Bind)?;
    let address = listener.local_addr().map_err(|e| MasterError::Bind(e.to_string()))?;
    match settings.shared.clone() {
        Some(shared) => {
            let serving = candidate::run(settings, shared, (listener, address), stop, ready);
            Box::pin(serving).await
        }
        None => alone(settings, (listener, address), stop, ready).await,
    }
}

/// With a registry of its own.
async fn alone(
    settings: Settings,
    (listener, address): (TcpListener, SocketAddr),
    stop: CancellationToken,
    ready: impl FnOnce(SocketAddr) + Send,
) -> Result<(), MasterError> {
    let store = Store::open(&registry::file(&settings.work_dir)).map_err(MasterError::Registry)?;
    let (records, cluster_id) = core::load(&store).map_err(MasterError::Registry)?;
    let clock = Clock::start();
    let mut info = master_info(&settings, address);
    info.id = crate::random::uuid();
    let context = context(&settings, clock);
    let term = Term::begin(&settings.core, info, (records, cluster_id), store.into(), context)?;
    let router = router(term.shell.clone());
    let serving = tokio::spawn(serve::serve(listener, router, stop.clone()));
    tracing::info!(%address, "master serves");
    ready(address);
    let Term { shell, ended, beat } = term;
    let streams = shell.hub.clone();
    drop(shell);
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

/// A core that runs, and what serves it.
struct Term {
    shell: Shell,
    ended: oneshot::Receiver<Result<Ended, StoreError>>,
    beat: JoinHandle<()>,
}

impl Term {
    fn begin(
        config: &::master::Config,
        info: wire::v1::MasterInfo,
        (records, cluster_id): (Vec<::master::Mutation>, String),
        registry: Registry,
        context: Arc<Context>,
    ) -> Result<Self, MasterError> {
        let clock = context.clock;
        let started = clock.now();
        let mut config = config.clone();
        config.master_id.clone_from(&info.id);
        config.master_info = info.clone();
        let core = Master::recover(config, records, started)?;
        let hub = Arc::new(Hub::default());
        let counters = Arc::new(Counters::default());
        let outbox = MasterOutbox { hub: hub.clone(), counters: counters.clone() };
        let tenure = registry.tenure().cloned();
        let (driver, mailbox) = Driver::new(core, registry, clock, |_| outbox);
        let ended = driver.spawn("master-core").map_err(MasterError::Thread)?;
        let beat = tokio::spawn(operator::beat(hub.clone()));
        let reads = Reads::new(mailbox.clone());
        let (info, cluster_id) = (Arc::new(info), cluster_id.into());
        let shell =
            Shell { mailbox, reads, hub, counters, context, started, info, cluster_id, tenure };
        Ok(Self { shell, ended, beat })
    }
}

fn context(settings: &Settings, clock: Clock) -> Arc<Context> {
    Arc::new(Context {
        credentials: settings.credentials.clone(),
        flags: settings.flags.clone(),
        clock,
        process_started: clock.now().wall,
        timings: Timings::default(),
        proxy: Proxy::new(),
        client: Client::with_timeouts(None, ASKING),
        readers: Readers::default(),
    })
}

fn router(shell: Shell) -> Router {
    let mesos = mesos();
    mesos
        .clone()
        .route("/ebb/v1/link", axum::routing::post(link::open))
        .route("/ebb/v1/link/calls", axum::routing::post(link::calls))
        .route("/metrics", get(exposition::handle))
        .layer(from_fn_with_state(challenge_of as fn(&str) -> _, crate::http::challenge))
        .merge(dcos::routes(mesos, &shell))
        .fallback(crate::http::legacy::not_found)
        .layer(from_fn_with_state(shell.context.timings.clone(), time))
        .with_state(shell)
}

/// How to log in at a path.
// Mesos: one realm for schedulers, one for calls and for what changes something, and one for reads.
fn challenge_of(path: &str) -> &'static str {
    const CHANGING: [&str; 6] =
        ["/api/v1", "/teardown", maintenance::SCHEDULE, "/machine/", roles::QUOTA, roles::WEIGHTS];
    if path.contains("/api/v1/scheduler") {
        r#"Basic realm="mesos-master-scheduler""#
    } else if CHANGING.iter().any(|part| path.contains(part)) {
        r#"Basic realm="mesos-master-readwrite""#
    } else {
        r#"Basic realm="mesos-master-readonly""#
    }
}

/// What Mesos serves too: here at the root, and by [`dcos::routes`] below `/mesos`.
fn mesos() -> Router<Shell> {
    let mut router = Router::new();
    // Mesos: every endpoint also answers below `/master` and with a trailing slash, and the APIs below their own
    // path, such as `/api/v1/operator`.
    for prefix in ["", "/master"] {
        for below in ["", "/", "/{*below}"] {
            router = router
                .route(&format!("{prefix}/api/v1{below}"), any(operator::handle))
                .route(&format!("{prefix}/api/v1/scheduler{below}"), any(scheduler::handle));
        }
        for slash in ["", "/"] {
            router = router
                .route(&format!("{prefix}/health{slash}"), any(operator::health))
                .route(&format!("{prefix}/redirect{slash}"), any(operator::redirect))
                .route(&format!("{prefix}/version{slash}"), any(operator::version));
        }
        router = router.merge(legacy::routes(prefix));
    }
    router
}

/// What others are told of this process; its id is still missing.
fn master_info(settings: &Settings, listens: SocketAddr) -> wire::v1::MasterInfo {
    use wire::v1::master_info::Capability;
    use wire::v1::master_info::capability::Type;
    let address = SocketAddr::new(
        settings.advertise_ip.unwrap_or(listens.ip()),
        settings.advertise_port.unwrap_or(listens.port()),
    );
    let hostname = settings.hostname.clone().unwrap_or_else(|| address.ip().to_string());
    // Mesos: the IPv4 address as an integer in network byte order.
    let ip = match address.ip() {
        IpAddr::V4(ip) => u32::from_ne_bytes(ip.octets()),
        IpAddr::V6(_) => 0,
    };
    wire::v1::MasterInfo {
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
        capabilities: [Type::AgentUpdate, Type::AgentDraining, Type::QuotaV2]
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
