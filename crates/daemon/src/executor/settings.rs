//! What the agent says in the environment of a container's owner.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use model::{ExecutorId, FrameworkId};

use crate::container::logs::Rotation;
use crate::container::marker;
use crate::container::spawn::DEFAULT_PATH;

/// File to leave the wait status in.
pub const EXIT_FILE: &str = "EBB_EXIT_FILE";
/// File with a `mesos.v1.ExecutorInfo` in protobuf, for `ebb launch`; standard input if unset.
pub const COMMAND_FILE: &str = "EBB_COMMAND_FILE";
/// `0` keeps tasks under the account of the executor.
pub const SWITCH_USER: &str = "EBB_SWITCH_USER";
/// Size at which the logs of tasks are rotated, in bytes.
pub const LOG_MAX_BYTES: &str = "EBB_LOG_MAX_BYTES";
/// Files kept per log, the current one included.
pub const LOG_FILES: &str = "EBB_LOG_FILES";
/// Grace of a kill where neither the call nor the task names one, such as `3secs`.
pub const DEFAULT_KILL_GRACE: &str = "EBB_DEFAULT_KILL_GRACE";
/// Where fetched files are kept for the next time, and how many bytes at most; no such cache if absent.
pub const FETCH_CACHE: &str = "EBB_FETCH_CACHE";
pub const FETCH_CACHE_BYTES: &str = "EBB_FETCH_CACHE_BYTES";
/// What stands before the name of each variable that is meant for the fetcher.
const FETCH_VARIABLE: &str = "EBB_FETCH_VARIABLE_";
/// Variables of the agent that say how its host reaches others, and which authorities it trusts. `HTTP_PROXY` is not
/// one of them, as to libcurl: web servers give programs the header `Proxy` under that name.
// Mesos: its fetcher has all that the agent has.
const FETCH_VARIABLES: [&str; 9] = [
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "http_proxy",
    "https_proxy",
    "HTTPS_PROXY",
    "all_proxy",
    "ALL_PROXY",
    "no_proxy",
    "NO_PROXY",
];
/// Which task of an executor a process belongs to: `<container id>/<number>`.
pub const TASK_MARK: &str = "EBB_TASK_MARK";
/// Where somebody may attach to the container; for an executor of ours what the names of its tasks' sockets
/// begin with, see [`task_socket`].
pub const ATTACH: &str = "EBB_ATTACH";
/// Set for a session: a nested container that ends when its client goes away.
pub const SESSION: &str = "EBB_SESSION";
/// The id of a nested container, for `ebb launch`; it then keeps to its working directory, whatever became
/// of the path.
pub use marker::NESTED;

const TOKEN: &str = "MESOS_EXECUTOR_AUTHENTICATION_TOKEN";

/// Variables with these prefixes are for the executor, not for its tasks.
const OWN_PREFIXES: [&str; 3] = ["EBB_", "MESOS_", "LIBPROCESS_"];

/// Those that tasks get all the same.
// Mesos: tasks see where they run and for whom; never the token.
const SHARED: [&str; 7] = [
    "MESOS_AGENT_ENDPOINT",
    "MESOS_CONTAINER_ID",
    "MESOS_DIRECTORY",
    "MESOS_EXECUTOR_ID",
    "MESOS_FRAMEWORK_ID",
    "MESOS_SANDBOX",
    "MESOS_SLAVE_ID",
];

/// The agent's settings can't be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum SettingsError {
    #[error("{0} is not set")]
    Missing(&'static str),
    #[error("{name} can't be {value:?}: {why}")]
    Invalid { name: &'static str, value: String, why: String },
}

/// The environment of this process.
#[derive(Debug)]
pub(super) struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Variables that are not UTF-8 are left out.
    pub(super) fn of_process() -> Self {
        let utf8 = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(utf8).collect())
    }

    fn get(&self, name: &'static str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    fn require(&self, name: &'static str) -> Result<&str, SettingsError> {
        self.get(name).ok_or(SettingsError::Missing(name))
    }

    fn duration(&self, name: &'static str, default: Duration) -> Result<Duration, SettingsError> {
        let Some(value) = self.get(name) else { return Ok(default) };
        model::duration::parse(value).map_err(|error| SettingsError::Invalid {
            name,
            value: value.to_owned(),
            why: error.to_string(),
        })
    }

    fn number<T: std::str::FromStr>(
        &self,
        name: &'static str,
        default: T,
    ) -> Result<T, SettingsError> {
        let Some(value) = self.get(name) else { return Ok(default) };
        value.parse().map_err(|_| SettingsError::Invalid {
            name,
            value: value.to_owned(),
            why: "a whole number is needed".to_owned(),
        })
    }
}

/// What both owners of containers need.
#[derive(Clone, Debug)]
pub(super) struct Settings {
    pub(super) sandbox: PathBuf,
    pub(super) container_id: Option<String>,
    pub(super) nested: Option<String>,
    pub(super) attach: Option<PathBuf>,
    pub(super) is_session: bool,
    pub(super) switch_user: bool,
    pub(super) rotation: Rotation,
    /// Where fetched files are kept, and how many bytes at most.
    pub(super) fetch_cache: Option<(PathBuf, u64)>,
    /// More environment of the fetcher.
    pub(super) fetch_environment: BTreeMap<String, String>,
    /// The address of this host that the agent goes by.
    pub(super) address: Option<String>,
    /// The variables every task starts from.
    pub(super) base: BTreeMap<String, String>,
}

impl Settings {
    pub(super) fn read(environment: &Environment) -> Result<Self, SettingsError> {
        let sandbox = match environment.get("MESOS_SANDBOX") {
            Some(sandbox) => sandbox,
            None => environment.require("MESOS_DIRECTORY")?,
        };
        let rotation = Rotation::default();
        let files: u32 = environment.number(LOG_FILES, rotation.keep.saturating_add(1))?;
        Ok(Self {
            sandbox: PathBuf::from(sandbox),
            container_id: environment.get(marker::CONTAINER_ID).map(str::to_owned),
            nested: environment.get(NESTED).map(str::to_owned),
            attach: environment.get(ATTACH).map(PathBuf::from),
            is_session: environment.get(SESSION).is_some(),
            // Without the rights to switch, tasks run under the account of the executor.
            switch_user: environment.get(SWITCH_USER) != Some("0")
                && rustix::process::geteuid().is_root(),
            rotation: Rotation {
                max_bytes: environment.number(LOG_MAX_BYTES, rotation.max_bytes)?,
                keep: files.saturating_sub(1),
            },
            fetch_cache: match environment.number(FETCH_CACHE_BYTES, 0)? {
                0 => None,
                bytes => environment.get(FETCH_CACHE).map(|root| (PathBuf::from(root), bytes)),
            },
            fetch_environment: for_fetcher(&environment.0),
            address: environment.get("MESOS_AGENT_ENDPOINT").and_then(host_of),
            base: base_of_tasks(&environment.0),
        })
    }
}

/// The socket of a task, given what [`ATTACH`] says: the same for executors and agents of different builds,
/// and short whatever the task is called.
pub fn task_socket(prefix: &Path, task: &str) -> PathBuf {
    // FNV-1a. Two tasks of one executor with the same number could not both be attached to.
    let number = task.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |number, byte| {
        (number ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let mut name = prefix.as_os_str().to_owned();
    name.push(format!("-{number:016x}"));
    PathBuf::from(name)
}

/// The environment of a framework's executor: everything the agent gave, as it speaks the executor
/// API itself, but not what only its owner needs.
pub(super) fn of_custom_executor(environment: &Environment) -> BTreeMap<String, String> {
    let mut variables = environment.0.clone();
    variables.retain(|name, _| !name.starts_with("EBB_"));
    variables.entry("PATH".to_owned()).or_insert_with(|| DEFAULT_PATH.to_owned());
    variables
}

/// For the owner of a container: what the fetcher is to have of this process's own environment.
pub fn fetch_variables() -> impl Iterator<Item = (String, String)> {
    FETCH_VARIABLES.iter().filter_map(|name| {
        let value = std::env::var(name).ok().filter(|value| !value.is_empty())?;
        Some((format!("{FETCH_VARIABLE}{name}"), value))
    })
}

fn for_fetcher(all: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let own = |(name, value): (&String, &String)| {
        Some((name.strip_prefix(FETCH_VARIABLE)?.to_owned(), value.clone()))
    };
    all.iter().filter_map(own).collect()
}

/// `127.0.0.1:5051` without its port.
fn host_of(endpoint: &str) -> Option<String> {
    let (host, _port) = endpoint.rsplit_once(':')?;
    Some(host.trim_matches(['[', ']']).to_owned())
}

fn base_of_tasks(all: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut base = all.clone();
    base.retain(|name, _| {
        SHARED.contains(&name.as_str())
            || !OWN_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
    });
    base.entry("PATH".to_owned()).or_insert_with(|| DEFAULT_PATH.to_owned());
    base
}

/// What `ebb executor` needs besides.
#[derive(Debug)]
pub(super) struct ExecutorSettings {
    pub(super) endpoint: String,
    pub(super) token: Option<String>,
    pub(super) config: agent::executor::Config,
}

impl ExecutorSettings {
    pub(super) fn read(environment: &Environment, seed: u128) -> Result<Self, SettingsError> {
        // Mesos: without checkpointing an executor does not outlive its agent.
        let recovery_timeout = match environment.get("MESOS_CHECKPOINT") {
            Some("0") => Duration::ZERO,
            Some(_) | None => {
                environment.duration("MESOS_RECOVERY_TIMEOUT", Duration::from_mins(15))?
            }
        };
        let shutdown_grace =
            environment.duration("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", Duration::from_secs(5))?;
        Ok(Self {
            endpoint: environment.require("MESOS_AGENT_ENDPOINT")?.to_owned(),
            token: environment.get(TOKEN).map(str::to_owned),
            config: agent::executor::Config {
                framework_id: FrameworkId::new(environment.require("MESOS_FRAMEWORK_ID")?),
                executor_id: ExecutorId::new(environment.require("MESOS_EXECUTOR_ID")?),
                recovery_timeout,
                subscription_backoff_max: environment
                    .duration("MESOS_SUBSCRIPTION_BACKOFF_MAX", Duration::from_secs(2))?,
                default_kill_grace: environment
                    .duration(DEFAULT_KILL_GRACE, Duration::from_secs(3))?,
                final_ack_timeout: Duration::from_mins(1),
                shutdown_grace,
                seed,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{
        DEFAULT_PATH, Environment, ExecutorSettings, Settings, base_of_tasks, for_fetcher,
    };
    use std::time::Duration;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        Environment(variables.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    /// Tasks see whom they run for, but neither the token nor what steers the executor.
    #[test]
    fn tasks_get_no_secrets_of_the_executor() {
        let given = environment(&[
            ("MESOS_EXECUTOR_AUTHENTICATION_TOKEN", "secret"),
            ("MESOS_FRAMEWORK_ID", "f"),
            ("MESOS_RECOVERY_TIMEOUT", "15mins"),
            ("EBB_EXIT_FILE", "/x"),
            ("EBB_FETCH_VARIABLE_https_proxy", "http://me:secret@proxy"),
            ("LIBPROCESS_PORT", "0"),
            ("SITE", "here"),
        ]);
        let base = base_of_tasks(&given.0);
        let names: Vec<&str> = base.keys().map(String::as_str).collect();
        assert_eq!(names, ["MESOS_FRAMEWORK_ID", "PATH", "SITE"]);
        assert_eq!(base["PATH"], DEFAULT_PATH);
        let fetcher: Vec<_> = for_fetcher(&given.0).into_iter().collect();
        assert_eq!(fetcher, [("https_proxy".to_owned(), "http://me:secret@proxy".to_owned())]);
    }

    /// Durations and numbers are read as the agent writes them; mistakes name the variable.
    #[test]
    fn settings_are_read_and_mistakes_named() {
        let mut variables = vec![
            ("MESOS_FRAMEWORK_ID", "f"),
            ("MESOS_EXECUTOR_ID", "e"),
            ("MESOS_AGENT_ENDPOINT", "127.0.0.1:5051"),
            ("MESOS_SANDBOX", "/sandbox"),
            ("MESOS_CHECKPOINT", "1"),
            ("MESOS_RECOVERY_TIMEOUT", "10mins"),
            ("EBB_LOG_FILES", "3"),
        ];
        let settings = ExecutorSettings::read(&environment(&variables), 1).unwrap();
        assert_eq!(settings.config.recovery_timeout, Duration::from_mins(10));
        assert_eq!(settings.config.shutdown_grace, Duration::from_secs(5));
        assert_eq!(Settings::read(&environment(&variables)).unwrap().rotation.keep, 2);

        variables.push(("MESOS_CHECKPOINT", "0"));
        let settings = ExecutorSettings::read(&environment(&variables), 1).unwrap();
        assert_eq!(settings.config.recovery_timeout, Duration::ZERO);

        variables.push(("EBB_DEFAULT_KILL_GRACE", "soon"));
        let error = ExecutorSettings::read(&environment(&variables), 1).unwrap_err();
        assert!(error.to_string().contains("EBB_DEFAULT_KILL_GRACE"), "{error}");
        let error = ExecutorSettings::read(&environment(&[]), 1).unwrap_err();
        assert_eq!(error.to_string(), "MESOS_AGENT_ENDPOINT is not set");
    }
}
