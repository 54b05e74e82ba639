//! Starts the programs of tasks. A program that can't be started is an error that names the reason,
//! never a child that ends silently.

use std::collections::BTreeMap;
use std::ffi::{CString, OsStr};
use std::fs::OpenOptions;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::process::{Resource, Rlimit};

use super::marker;
use super::pidfd::PidHandle;
use crate::sys::clone::{self, Identity, Plan, StartError, Step};
use crate::sys::user;

/// Where programs are looked for when the environment has no `PATH`.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// What to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Program {
    /// A command line for `/bin/sh -c`. Mesos: `CommandInfo.shell` true.
    Shell(String),
    /// A file, looked for in the `PATH` of the new environment if it has no slash. `argv` includes
    /// the zeroth argument; if it is empty, `path` is the zeroth argument. Mesos: `shell` false.
    Exec { path: String, argv: Vec<String> },
}

/// One standard stream of the program.
#[derive(Debug)]
pub enum Stdio {
    /// `/dev/null`.
    Null,
    /// The stream of this process.
    Inherit,
    Fd(OwnedFd),
}

/// A limit as `setrlimit(2)` knows it; `None` is unlimited.
#[derive(Clone, Copy, Debug)]
pub struct ResourceLimit {
    pub resource: Resource,
    pub soft: Option<u64>,
    pub hard: Option<u64>,
}

/// Everything about a program to start.
#[derive(Debug)]
pub struct SpawnSpec {
    pub program: Program,
    /// The whole environment; nothing is inherited.
    pub env: BTreeMap<String, String>,
    /// Entered with the rights of the user.
    pub cwd: PathBuf,
    /// The account to run under; `None` is that of this process.
    pub user: Option<String>,
    pub rlimits: Vec<ResourceLimit>,
    pub stdin: Stdio,
    pub stdout: Stdio,
    pub stderr: Stdio,
    /// Whether the program leads a session of its own, out of reach of the terminal's signals.
    pub new_session: bool,
    /// Whether standard input is a terminal that becomes the program's own, with its signals.
    pub controlling_terminal: bool,
    /// Whether the program adopts the orphans among its descendants. True for executors: set before
    /// the exec, so there is no moment without it.
    pub subreaper: bool,
    /// Directory of the cgroup to run in, joined before the program starts.
    pub cgroup: Option<PathBuf>,
}

impl SpawnSpec {
    /// A program with an empty environment, no output, in a session of its own.
    pub fn new(program: Program, cwd: impl Into<PathBuf>) -> Self {
        Self {
            program,
            env: BTreeMap::new(),
            cwd: cwd.into(),
            user: None,
            rlimits: Vec::new(),
            stdin: Stdio::Null,
            stdout: Stdio::Null,
            stderr: Stdio::Null,
            new_session: true,
            controlling_terminal: false,
            subreaper: false,
            cgroup: None,
        }
    }
}

/// Why a program was not started. The text is a sentence for the status message of the task.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    #[error("cannot start an empty command")]
    EmptyCommand,
    #[error("{what} holds a NUL byte or an equals sign where none is allowed: {text:?}")]
    InvalidText { what: &'static str, text: String },
    #[error("there is no user `{user}` on this agent")]
    UnknownUser { user: String },
    #[error("cannot look up the user `{user}`: {source}")]
    UserLookup { user: String, source: io::Error },
    #[error("cannot switch to the user `{user}`: {source}")]
    SwitchUser { user: String, source: io::Error },
    #[error("cannot enter the working directory {}: {source}", path.display())]
    WorkingDirectory { path: PathBuf, source: io::Error },
    #[error("cannot run `{program}`: not found in {searched}")]
    NotFound { program: String, searched: String },
    #[error("cannot run {}: the interpreter named in its first line does not exist", path.display())]
    InterpreterMissing { path: PathBuf },
    #[error("cannot run {}: {source}", path.display())]
    CannotRun { path: PathBuf, source: io::Error },
    #[error("cannot set the limit {resource:?}: {source}")]
    ResourceLimit { resource: Resource, source: io::Error },
    #[error("cannot join the cgroup {}: {source}", path.display())]
    Cgroup { path: PathBuf, source: io::Error },
    #[error("cannot set up standard input and output: {0}")]
    Stdio(io::Error),
    #[error("cannot prepare the new process: {0}")]
    Prepare(io::Error),
    #[error("cannot create a process: {0}")]
    Clone(io::Error),
}

/// Starts a program and returns once it has begun to execute. Blocks for the time of a fork and an
/// exec, and closes the descriptors of `spec`.
///
/// The child has a clean slate: exactly the environment given, descriptors 0 to 2 only, default
/// action for all signals, no parent death signal.
///
/// # Errors
/// See [`SpawnError`]; no process is left behind.
pub fn spawn(spec: SpawnSpec) -> Result<PidHandle, SpawnError> {
    let identity = identity(spec.user.as_deref())?;
    let (plan, command) = plan(spec, identity)?;
    match clone::start(&plan) {
        Ok((pid, fd)) => PidHandle::of_child(pid, fd).map_err(SpawnError::Clone),
        Err(StartError::Clone(error)) => Err(SpawnError::Clone(error)),
        Err(StartError::Child { step, error }) => Err(explain(&plan, command, step, error)),
    }
}

/// What errors name after the spec was turned into a plan.
struct Command {
    program: String,
    search: Option<String>,
    user: String,
    cgroup: PathBuf,
}

fn plan(spec: SpawnSpec, identity: Option<Identity>) -> Result<(Plan, Command), SpawnError> {
    let (program, argv) = match spec.program {
        Program::Shell(line) => ("/bin/sh".to_owned(), vec!["sh".to_owned(), "-c".into(), line]),
        Program::Exec { path, argv } if argv.is_empty() => (path.clone(), vec![path]),
        Program::Exec { path, argv } => (path, argv),
    };
    if program.is_empty() {
        return Err(SpawnError::EmptyCommand);
    }
    let search = (!program.contains('/'))
        .then(|| spec.env.get("PATH").map_or(DEFAULT_PATH, String::as_str).to_owned());
    let candidates = match &search {
        None => vec![c_string("the program", program.clone())?],
        Some(path) => path
            .split(':')
            // An empty entry of PATH is the working directory.
            .map(|dir| if dir.is_empty() { "." } else { dir })
            .map(|dir| c_string("the program", format!("{dir}/{program}")))
            .collect::<Result<_, _>>()?,
    };
    let cgroup = spec.cgroup.unwrap_or_default();
    let cgroup_procs = if cgroup.as_os_str().is_empty() {
        None
    } else {
        let opened = OpenOptions::new().write(true).open(cgroup.join("cgroup.procs"));
        Some(opened.map_err(|source| SpawnError::Cgroup { path: cgroup.clone(), source })?.into())
    };
    let plan = Plan {
        candidates,
        argv: argv.into_iter().map(|a| c_string("an argument", a)).collect::<Result<_, _>>()?,
        envp: environment(spec.env)?,
        cwd: path_c_string("the working directory", &spec.cwd)?,
        stdio: [
            descriptor(spec.stdin, io::stdin())?,
            descriptor(spec.stdout, io::stdout())?,
            descriptor(spec.stderr, io::stderr())?,
        ],
        cgroup_procs,
        rlimits: spec
            .rlimits
            .iter()
            .map(|limit| (limit.resource, Rlimit { current: limit.soft, maximum: limit.hard }))
            .collect(),
        identity,
        new_session: spec.new_session,
        controlling_terminal: spec.controlling_terminal,
        subreaper: spec.subreaper,
    };
    Ok((plan, Command { program, search, user: spec.user.unwrap_or_default(), cgroup }))
}

fn c_string(what: &'static str, text: String) -> Result<CString, SpawnError> {
    CString::new(text).map_err(|error| SpawnError::InvalidText {
        what,
        text: String::from_utf8_lossy(&error.into_vec()).into_owned(),
    })
}

fn path_c_string(what: &'static str, path: &Path) -> Result<CString, SpawnError> {
    CString::new(path.as_os_str().as_bytes())
        .map_err(|_| SpawnError::InvalidText { what, text: path.display().to_string() })
}

/// `NAME=value` strings, the container's marker first, where a scan finds it soonest.
fn environment(env: BTreeMap<String, String>) -> Result<Vec<CString>, SpawnError> {
    let mut strings = Vec::with_capacity(env.len());
    for (name, value) in env {
        if name.is_empty() || name.contains('=') {
            return Err(SpawnError::InvalidText { what: "the name of a variable", text: name });
        }
        let is_marker = name == marker::CONTAINER_ID;
        let string = c_string("an environment variable", format!("{name}={value}"))?;
        strings.insert(if is_marker { 0 } else { strings.len() }, string);
    }
    Ok(strings)
}

/// A descriptor for the child, never 0, 1 or 2 itself, so that setting one stream can't overwrite
/// the source of another.
fn descriptor(stdio: Stdio, own: impl AsFd) -> Result<OwnedFd, SpawnError> {
    let fd = match stdio {
        Stdio::Null => OpenOptions::new()
            .read(true)
            .write(true)
            .open("/dev/null")
            .map(OwnedFd::from)
            .map_err(SpawnError::Stdio)?,
        Stdio::Inherit => above_standard(&own)?,
        Stdio::Fd(fd) => fd,
    };
    if std::os::fd::AsRawFd::as_raw_fd(&fd) > 2 { Ok(fd) } else { above_standard(&fd) }
}

fn above_standard(fd: &impl AsFd) -> Result<OwnedFd, SpawnError> {
    rustix::io::fcntl_dupfd_cloexec(fd, 3).map_err(|error| SpawnError::Stdio(error.into()))
}

/// `None` when there is nothing to switch: no user asked for, or the one of this process.
fn identity(user: Option<&str>) -> Result<Option<Identity>, SpawnError> {
    let Some(user) = user else { return Ok(None) };
    let account = user::lookup(user)
        .map_err(|source| SpawnError::UserLookup { user: user.to_owned(), source })?
        .ok_or_else(|| SpawnError::UnknownUser { user: user.to_owned() })?;
    if rustix::process::geteuid().as_raw() == account.uid {
        return Ok(None);
    }
    Ok(Some(Identity { uid: account.uid, gid: account.gid, groups: account.groups }))
}

fn explain(plan: &Plan, command: Command, step: Step, source: io::Error) -> SpawnError {
    let path_of = |c: &CString| PathBuf::from(OsStr::from_bytes(c.as_bytes()));
    match step {
        Step::Exec(index) => {
            let path = plan.candidates.get(index).map(path_of).unwrap_or_default();
            if source.kind() != io::ErrorKind::NotFound {
                return SpawnError::CannotRun { path, source };
            }
            // The exec of a script fails with "not found" for its interpreter as well.
            let cwd = path_of(&plan.cwd);
            if let Some(script) = plan.candidates.iter().map(path_of).find(|c| cwd.join(c).exists())
            {
                return SpawnError::InterpreterMissing { path: script };
            }
            match command.search {
                Some(path) => SpawnError::NotFound { program: command.program, searched: path },
                None => SpawnError::CannotRun { path, source },
            }
        }
        Step::WorkingDirectory => SpawnError::WorkingDirectory { path: path_of(&plan.cwd), source },
        Step::Groups | Step::Gid | Step::Uid => {
            SpawnError::SwitchUser { user: command.user, source }
        }
        Step::Rlimit(index) => match plan.rlimits.get(index) {
            Some((resource, _)) => SpawnError::ResourceLimit { resource: *resource, source },
            None => SpawnError::Prepare(source),
        },
        Step::JoinCgroup => SpawnError::Cgroup { path: command.cgroup, source },
        Step::Stdio | Step::Terminal => SpawnError::Stdio(source),
        Step::Session | Step::Subreaper | Step::CloseFds | Step::Signals => {
            SpawnError::Prepare(source)
        }
    }
}

#[cfg(test)]
#[path = "spawn_tests.rs"]
mod tests;
