//! Flags of `ebb master`.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use daemon::etcd::{Target, Tls};
use daemon::http::auth::Credential;
use daemon::master::{Settings, Shared};

use super::unsupported::MASTER;
use super::{CONFIG, Flag, INSECURE, Kind, LOGGING_LEVEL, Program, UNTIL_STDIN_CLOSES, Values};
use crate::exit::Failure;

const EXAMPLES: &str = "\
Every flag may also be written with underscores (--work_dir), come from the environment (EBB_WORK_DIR or
MESOS_WORK_DIR) or from the file that --config names. The command line beats the environment, which
beats the file.

Examples:
  ebb master --work-dir=/var/lib/ebb/master
  ebb master --ip=10.0.0.1 --credentials=/etc/ebb/credentials.json --work-dir=/var/lib/ebb/master
  ebb master --ip=10.0.0.1 --registry=etcd://10.0.1.1:2379,10.0.1.2:2379,10.0.1.3:2379 --insecure
  ebb master --config=/etc/ebb/master.toml

Exit codes: 0 stopped by a signal, 1 error, 2 usage.";

/// `ebb master` and its flags.
pub const PROGRAM: Program = Program {
    name: "master",
    about: "Run a master: agents and schedulers connect to it, operators ask it",
    examples: EXAMPLES,
    flags: FLAGS,
    unsupported: MASTER,
};

const fn flag(
    name: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    help: &'static str,
) -> Flag {
    Flag { name, kind, default, help }
}

// Mesos: names and defaults, except `ip`, which is 0.0.0.0 there, and `cluster`, which has none: clients ask
// for the name.
const FLAGS: &[Flag] = &[
    flag("ip", Kind::Text("IP"), Some("127.0.0.1"), "Address to listen on"),
    flag("port", Kind::Number, Some("5050"), "Port to listen on; 0 takes any free one"),
    flag("hostname", Kind::Text("NAME"), None, "Name given to clients; the address if absent"),
    flag(
        "cluster",
        Kind::Text("NAME"),
        Some("ebb"),
        "Name of the cluster, for people and web pages",
    ),
    flag(
        "advertise-ip",
        Kind::Text("IP"),
        None,
        "Address given to others, where it is not the one listened on",
    ),
    flag(
        "advertise-port",
        Kind::Text("PORT"),
        None,
        "Port given to others, where it is not the one listened on",
    ),
    flag("work-dir", Kind::File, None, "Where the registry is kept (required without --registry)"),
    flag(
        "registry",
        Kind::Text("URL"),
        None,
        "Registry in etcd that several masters share, one of which leads: etcd://host:port[,host:port...][/prefix]",
    ),
    flag(
        "registry-ca-file",
        Kind::File,
        None,
        "PEM certificates of who signs etcd's certificates; with it etcd is spoken to over TLS",
    ),
    flag("registry-cert-file", Kind::File, None, "PEM certificate shown to etcd"),
    flag("registry-key-file", Kind::File, None, "PEM key of that certificate"),
    flag(
        "registry-credential",
        Kind::File,
        None,
        "JSON file with user (`principal`) and password (`secret`) for etcd",
    ),
    flag(
        "registry-lease",
        Kind::Duration,
        Some("5secs"),
        "Time a leader may be silent before another master is elected",
    ),
    flag(
        "credentials",
        Kind::File,
        None,
        "JSON file with the principals and secrets of all callers; without it nobody has to authenticate",
    ),
    INSECURE,
    flag(
        "agent-ping-timeout",
        Kind::Duration,
        Some("15secs"),
        "Time between two pings of an agent",
    ),
    flag(
        "max-agent-ping-timeouts",
        Kind::Number,
        Some("5"),
        "Unanswered pings after which an agent is unreachable",
    ),
    flag(
        "agent-reregister-timeout",
        Kind::Duration,
        Some("10mins"),
        "Time agents have to come back after a start of the master",
    ),
    flag("max-completed-frameworks", Kind::Number, Some("50"), "Ended frameworks to remember"),
    flag(
        "max-completed-tasks-per-framework",
        Kind::Number,
        Some("1000"),
        "Ended tasks to remember of each framework",
    ),
    flag(
        "max-unreachable-tasks-per-framework",
        Kind::Number,
        Some("1000"),
        "Unreachable tasks to remember of each framework",
    ),
    flag(
        "registry-max-agent-age",
        Kind::Duration,
        Some("2weeks"),
        "Age at which the registry forgets an unreachable or gone agent",
    ),
    flag(
        "registry-max-agent-count",
        Kind::Number,
        Some("102400"),
        "Unreachable or gone agents to remember in the registry",
    ),
    flag("root-submissions", Kind::Switch, Some("true"), "Let frameworks run tasks as root"),
    LOGGING_LEVEL,
    CONFIG,
    UNTIL_STDIN_CLOSES,
];

/// Least lease: etcd makes shorter ones as long as its election takes.
const LEASE_MIN: Duration = Duration::from_secs(2);

fn advertised<T: std::str::FromStr>(
    values: &Values,
    name: &str,
    what: &str,
) -> Result<Option<T>, Failure> {
    let Some(text) = values.text(name) else { return Ok(None) };
    let wrong = |_| values.wrong(name, format!("expecting {what}, not '{text}'"));
    text.parse().map(Some).map_err(wrong)
}

/// The registry that `--registry` and the flags around it name.
fn shared(values: &Values) -> Result<Option<Shared>, Failure> {
    let around =
        ["registry-ca-file", "registry-cert-file", "registry-key-file", "registry-credential"];
    let Some(url) = values.text("registry") else {
        return match around.into_iter().find(|name| values.text(name).is_some()) {
            Some(name) => Err(values.wrong(name, "it is of no use without --registry=etcd://…")),
            None => Ok(None),
        };
    };
    let target = Target::parse(url).map_err(|error| values.wrong("registry", error))?;
    let files = RegistryFiles {
        ca: values.path("registry-ca-file"),
        cert: values.path("registry-cert-file"),
        key: values.path("registry-key-file"),
        credential: values.path("registry-credential"),
    };
    let registry = files.complete(target)?;
    let lease = values.duration("registry-lease")?;
    if lease < LEASE_MIN {
        return Err(values.wrong("registry-lease", "must be at least 2secs"));
    }
    Ok(Some(Shared { registry, lease }))
}

/// The files that let a client into etcd.
#[derive(Clone, Debug, Default)]
pub struct RegistryFiles {
    pub ca: Option<PathBuf>,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
    pub credential: Option<PathBuf>,
}

impl RegistryFiles {
    /// Reads the files.
    ///
    /// # Errors
    /// Names the flag that is missing or whose file can't be used.
    pub fn complete(&self, mut target: Target) -> Result<Target, Failure> {
        let identity = match (self.cert.as_deref(), self.key.as_deref()) {
            (Some(cert), Some(key)) => Some((cert, key)),
            (None, None) => None,
            (Some(_), None) => return Err(without("cert", "key")),
            (None, Some(_)) => return Err(without("key", "cert")),
        };
        target.tls = match self.ca.as_deref() {
            Some(ca) => Some(
                Tls::read(ca, identity)
                    .map_err(|error| Failure::usage(format!("TLS to the registry: {error}")))?,
            ),
            None if identity.is_some() => return Err(without("cert", "ca")),
            None => None,
        };
        if let Some(path) = &self.credential {
            let credential = Credential::read(path)
                .map_err(|error| Failure::usage(format!("--registry-credential: {error}")))?;
            target.credential = Some(credential);
        }
        Ok(target)
    }
}

fn without(given: &str, missing: &str) -> Failure {
    Failure::usage(format!("--registry-{given}-file needs --registry-{missing}-file, too"))
}

/// What the flags ask for.
///
/// # Errors
/// Names the flag that is missing or wrong.
pub fn settings(values: &Values) -> Result<Settings, Failure> {
    let shared = shared(values)?;
    let work_dir = match values.path("work-dir") {
        Some(dir) => dir,
        None if shared.is_some() => PathBuf::new(),
        None => {
            return Err(Failure::usage("--work-dir is missing: the registry needs a directory")
                .hint("for example --work-dir=/var/lib/ebb/master")
                .hint("or --registry=etcd://… for one that several masters share"));
        }
    };
    let ip = values.ip()?;
    let number = |name| values.number::<usize>(name);
    let core = master::Config {
        agent_ping_timeout: values.duration("agent-ping-timeout")?,
        max_agent_ping_timeouts: values.number("max-agent-ping-timeouts")?,
        agent_reregister_timeout: values.duration("agent-reregister-timeout")?,
        max_completed_frameworks: number("max-completed-frameworks")?,
        max_completed_tasks_per_framework: number("max-completed-tasks-per-framework")?,
        max_unreachable_tasks_per_framework: number("max-unreachable-tasks-per-framework")?,
        registry_max_agent_age: values.duration("registry-max-agent-age")?,
        registry_max_agent_count: number("registry-max-agent-count")?,
        root_submissions: values.switch("root-submissions")?,
        ..master::Config::default()
    };
    if core.agent_ping_timeout.is_zero() {
        return Err(values.wrong("agent-ping-timeout", "must be longer than zero"));
    }
    if core.max_agent_ping_timeouts == 0 {
        return Err(values.wrong("max-agent-ping-timeouts", "must be at least 1"));
    }
    let advertise_ip = advertised::<IpAddr>(values, "advertise-ip", "an IP address")?;
    if shared.is_some() && ip.is_unspecified() && advertise_ip.is_none() {
        return Err(values
            .wrong("ip", format!("others are sent to the leader, and {ip} is no address to go to"))
            .hint("give --advertise-ip=ADDRESS, or the address itself as --ip"));
    }
    Ok(Settings {
        ip,
        shared,
        advertise_ip,
        advertise_port: advertised(values, "advertise-port", "a port")?,
        port: values.number("port")?,
        hostname: values.text("hostname").map(str::to_owned),
        work_dir,
        credentials: values.credentials("credentials", ip)?,
        core,
        flags: values.for_api(),
    })
}
