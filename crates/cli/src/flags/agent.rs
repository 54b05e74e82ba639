//! Flags of `ebb agent`.

use std::path::PathBuf;

use daemon::agent::Settings;
use daemon::http::auth::Credential;
use model::Resources;

use super::unsupported::AGENT;
use super::{CONFIG, Flag, INSECURE, Kind, LOGGING_LEVEL, Program, UNTIL_STDIN_CLOSES, Values};
use crate::exit::Failure;

const EXAMPLES: &str = "\
Every flag may also be written with underscores (--work_dir), come from the environment (EBB_WORK_DIR or
MESOS_WORK_DIR) or from the file that --config names. The command line beats the environment, which
beats the file.

Signals: SIGTERM and SIGINT stop the agent, its tasks run on and are found again at the next start;
SIGUSR1 makes it leave the cluster and ends its tasks.

Examples:
  ebb agent --master=127.0.0.1:5050 --work-dir=/var/lib/ebb/agent
  ebb agent --master=10.0.0.1:5050,10.0.0.2:5050,10.0.0.3:5050 --work-dir=/var/lib/ebb/agent
  ebb agent --master=10.0.0.1:5050 --ip=10.0.0.2 --insecure --work-dir=/var/lib/ebb/agent \\
    --resources='cpus:8;mem:16384' --attributes='rack:r1'

Exit codes: 0 stopped by a signal, 1 error, 2 usage, 6 this agent was decommissioned.";

/// `ebb agent` and its flags.
pub const PROGRAM: Program = Program {
    name: "agent",
    about: "Run an agent: it offers this machine's resources and runs tasks",
    examples: EXAMPLES,
    flags: FLAGS,
    unsupported: AGENT,
};

const fn flag(
    name: &'static str,
    kind: Kind,
    default: Option<&'static str>,
    help: &'static str,
) -> Flag {
    Flag { name, kind, default, help }
}

// Mesos: names and defaults, except `ip`, which is 0.0.0.0 there.
const FLAGS: &[Flag] = &[
    flag(
        "master",
        Kind::Text("ADDRESS"),
        None,
        "host:port or http://host:port of the master, several joined by commas (required)",
    ),
    flag("ip", Kind::Text("IP"), Some("127.0.0.1"), "Address to listen on"),
    flag(
        "port",
        Kind::Number,
        Some("5051"),
        "Port to listen on; 0 takes the one it had, or any free one",
    ),
    flag("hostname", Kind::Text("NAME"), None, "Name given to clients; the address if absent"),
    flag("work-dir", Kind::File, None, "Where checkpoints and sandboxes are kept (required)"),
    flag(
        "resources",
        Kind::Text("RESOURCES"),
        None,
        "What to offer, as in cpus:4;mem:1024;ports:[31000-32000], or JSON; what is not named is detected",
    ),
    flag("attributes", Kind::Text("ATTRIBUTES"), None, "Attributes, as in rack:r1;zone:{a,b}"),
    flag(
        "default-role",
        Kind::Text("ROLE"),
        Some("*"),
        "Role of resources that --resources gives no role",
    ),
    flag(
        "credential",
        Kind::File,
        None,
        "JSON file with the principal and secret this agent shows its master",
    ),
    flag(
        "http-credentials",
        Kind::File,
        None,
        "JSON file with the principals and secrets of callers of this agent's API",
    ),
    INSECURE,
    flag(
        "authenticate-http-executors",
        Kind::Switch,
        // Mesos: the same. Executors made with mesos-go know of no token.
        Some("false"),
        "Take calls of frameworks' own executors only with the token each is given",
    ),
    flag("switch-user", Kind::Switch, Some("true"), "Run tasks as the user they name; needs root"),
    flag(
        "executor-registration-timeout",
        Kind::Duration,
        Some("1mins"),
        "Time an executor has to subscribe after its start",
    ),
    flag(
        "executor-reregistration-timeout",
        Kind::Duration,
        Some("2secs"),
        "Time executors have to come back after a start of the agent",
    ),
    flag(
        "executor-shutdown-grace-period",
        Kind::Duration,
        Some("5secs"),
        "Time an executor has to end when asked to",
    ),
    flag(
        "default-kill-grace",
        Kind::Duration,
        Some("3secs"),
        "Time from SIGTERM to SIGKILL for tasks without a kill policy",
    ),
    flag(
        "recovery-timeout",
        Kind::Duration,
        Some("15mins"),
        "Time executors go on without this agent",
    ),
    flag(
        "registration-backoff-factor",
        Kind::Duration,
        Some("1secs"),
        "First wait between attempts to register",
    ),
    flag(
        "cgroups-root",
        Kind::File,
        None,
        "Folder of a cgroup v2 hierarchy for containers; found by itself if absent",
    ),
    flag(
        "max-log-size",
        Kind::Text("SIZE"),
        Some("10MB"),
        "Size at which a task's stdout and stderr are rotated",
    ),
    flag(
        "max-log-files",
        Kind::Number,
        Some("5"),
        "Files kept of a task's stdout and of its stderr",
    ),
    flag(
        "fetcher-cache-size",
        Kind::Text("SIZE"),
        Some("2GB"),
        "Fetched files kept for the next task that names them with `cache`; 0B keeps none",
    ),
    flag(
        "fetcher-cache-dir",
        Kind::File,
        None,
        "Where they are kept; the folder fetch in the work directory if absent",
    ),
    LOGGING_LEVEL,
    CONFIG,
    UNTIL_STDIN_CLOSES,
];

/// What the flags ask for.
///
/// # Errors
/// Names the flag that is missing or wrong.
pub fn settings(values: &Values) -> Result<Settings, Failure> {
    let work_dir = values.path("work-dir").ok_or_else(|| {
        Failure::usage("--work-dir is missing: checkpoints and sandboxes need a directory")
            .hint("for example --work-dir=/var/lib/ebb/agent")
    })?;
    let ip = values.ip()?;
    let role = values.text("default-role").unwrap_or("*");
    let resources = values.text_or_file("resources")?.unwrap_or_default();
    let attributes = values.text_or_file("attributes")?.unwrap_or_default();
    let credential = values
        .path("credential")
        .map(|path| Credential::read(&path).map_err(|error| values.wrong("credential", error)))
        .transpose()?;
    let backoff = values.duration("registration-backoff-factor")?;
    let log_files: u32 = values.number("max-log-files")?;
    if log_files == 0 {
        return Err(values.wrong("max-log-files", "must be at least 1"));
    }
    Ok(Settings {
        ip,
        port: values.number("port")?,
        hostname: values.text("hostname").map(str::to_owned),
        work_dir,
        masters: masters(values)?,
        resources: Resources::parse(&resources, role)
            .map_err(|error| values.wrong("resources", error))?,
        attributes: model::attributes::parse(&attributes)
            .map_err(|error| values.wrong("attributes", error))?,
        credentials: values.credentials("http-credentials", ip)?,
        credential,
        switch_user: values.switch("switch-user")?,
        authenticate_executors: values.switch("authenticate-http-executors")?,
        executor_registration_timeout: values.duration("executor-registration-timeout")?,
        executor_reregistration_timeout: values.duration("executor-reregistration-timeout")?,
        executor_shutdown_grace_period: values.duration("executor-shutdown-grace-period")?,
        default_kill_grace: values.duration("default-kill-grace")?,
        recovery_timeout: values.duration("recovery-timeout")?,
        registration_backoff_factor: backoff,
        log_max_bytes: log_size(values, "max-log-size")?,
        log_files,
        fetcher_cache_dir: values.path("fetcher-cache-dir"),
        fetcher_cache_size: bytes(values, "fetcher-cache-size")?,
        cgroups_root: values.path("cgroups-root"),
        program: own_program()?,
        flags: values.for_api(),
    })
}

/// The real path: `/proc/self/exe` would be another program in an executor.
fn own_program() -> Result<PathBuf, Failure> {
    std::env::current_exe()
        .map_err(|error| Failure::error(format!("cannot find out where this program is: {error}")))
}

/// `http://host:port` of each master.
fn masters(values: &Values) -> Result<Vec<String>, Failure> {
    let text = values.text_or_file("master")?.unwrap_or_default();
    if text.starts_with("zk://") {
        return Err(values
            .wrong("master", "zk:// is not supported: Ebb does not find masters through ZooKeeper")
            .hint("name the masters themselves, as in --master=10.0.0.1:5050,10.0.0.2:5050"));
    }
    if text.trim().is_empty() {
        return Err(Failure::usage(
            "--master is missing: an agent needs a master to register with",
        )
        .hint("for example --master=127.0.0.1:5050"));
    }
    crate::client::urls(&text).map_err(|why| values.wrong("master", why))
}

/// Sizes as Mesos writes them: `10MB`, `512KB`, powers of 1024.
fn bytes(values: &Values, name: &str) -> Result<u64, Failure> {
    let text = values.text(name).unwrap_or_default().trim();
    let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
    let scale = match text[digits.len()..].trim() {
        "B" | "" => Some(1),
        "KB" => Some(1 << 10),
        "MB" => Some(1 << 20),
        "GB" => Some(1_u64 << 30),
        _ => None,
    };
    let size = digits.parse::<u64>().ok().zip(scale).and_then(|(n, scale)| n.checked_mul(scale));
    size.ok_or_else(|| values.wrong(name, format!("expecting a size such as 10MB, not '{text}'")))
}

fn log_size(values: &Values, name: &str) -> Result<u64, Failure> {
    // Below a page rotation would only churn.
    match bytes(values, name)? {
        0..4096 => Err(values.wrong(name, "expecting a size of at least 4KB such as 10MB")),
        size => Ok(size),
    }
}
