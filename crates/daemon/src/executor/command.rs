//! From a `CommandInfo` to a program that can be started, with its output in rotated logs.

use std::collections::BTreeMap;
use std::io;
use std::os::fd::OwnedFd;
use std::path::PathBuf;

use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::Resource;
use wire::v1::r_limit_info::r_limit;
use wire::v1::{CommandInfo, ContainerInfo, environment::variable};

use super::settings::Settings;
use crate::container::logs::{LogFile, LogPump, Owner, Rotation};
use crate::container::marker;
use crate::container::pidfd::PidHandle;
use crate::container::spawn::{Program, ResourceLimit, SpawnError, SpawnSpec, Stdio, spawn};
use crate::sys::user;

/// Why a command can't be run. The text goes into the task's status.
#[derive(Debug, thiserror::Error)]
pub(super) enum CommandError {
    #[error("the command has no value")]
    NoValue,
    #[error("the task has no command")]
    NoCommand,
    #[error("the task does not run")]
    NoTask,
    #[error("container images are not supported by this executor")]
    Image,
    #[error("the secret of the environment variable {0} is a reference, which is not supported")]
    SecretReference(String),
    #[error("the value of the environment variable {0} is not text")]
    NotText(String),
    #[error("a resource limit needs both a soft and a hard value, or neither")]
    HalfLimit,
    #[error("resource limit number {0} is not known")]
    UnknownLimit(i32),
    #[error("the task id can't be the name of a directory")]
    UnusableName,
    #[error("there is no user `{0}` on this agent")]
    UnknownUser(String),
    #[error("cannot look up the user `{user}`: {source}")]
    UserLookup { user: String, source: io::Error },
    #[error("cannot make the directory {}: {source}", path.display())]
    Directory { path: PathBuf, source: io::Error },
    #[error("cannot offer to attach to it: {0}")]
    Streams(io::Error),
    #[error("cannot write the logs in {}: {source}", path.display())]
    Logs { path: PathBuf, source: io::Error },
    #[error("the volume at '{0}' names no folder in a sandbox")]
    Volume(String),
    #[error("cannot begin to fetch: {0}")]
    Fetch(#[source] io::Error),
    #[error(transparent)]
    Spawn(#[from] SpawnError),
}

/// Everything needed to start a command.
#[derive(Debug)]
pub(super) struct Order<'a> {
    pub(super) command: &'a CommandInfo,
    pub(super) container: Option<&'a ContainerInfo>,
    pub(super) directory: PathBuf,
    /// Where it starts from; the command's own variables come on top.
    pub(super) environment: BTreeMap<String, String>,
    /// Variables that nothing overrides.
    pub(super) marks: BTreeMap<String, String>,
    pub(super) user: Option<String>,
    pub(super) rotation: Rotation,
}

impl Order<'_> {
    /// Starts the command; its output goes to `stdout` and `stderr` in its directory.
    pub(super) fn start(self) -> Result<(PidHandle, LogPump), CommandError> {
        let owner = self.user.as_deref().map(owner_of).transpose()?;
        let (directory, rotation) = (self.directory.clone(), self.rotation);
        let mut spec = self.spec()?;

        let logs = |source| CommandError::Logs { path: directory.clone(), source };
        let mut streams = Vec::new();
        for (name, stdio) in [("stdout", &mut spec.stdout), ("stderr", &mut spec.stderr)] {
            let log = LogFile::open(&directory, name, rotation, owner).map_err(logs)?;
            let (read, write) = pipe().map_err(logs)?;
            *stdio = Stdio::Fd(write);
            streams.push((read, log));
        }
        let pump = LogPump::start(streams).map_err(logs)?;
        Ok((spawn(spec)?, pump))
    }

    /// Starts the command; returns the one pipe that all its output goes to.
    pub(super) fn start_piped(self) -> Result<(PidHandle, OwnedFd), CommandError> {
        let directory = self.directory.clone();
        let mut spec = self.spec()?;
        let logs = |source| CommandError::Logs { path: directory.clone(), source };
        let (read, write) = pipe().map_err(logs)?;
        spec.stderr = Stdio::Fd(write.try_clone().map_err(logs)?);
        spec.stdout = Stdio::Fd(write);
        Ok((spawn(spec)?, read))
    }

    pub(super) fn spec(self) -> Result<SpawnSpec, CommandError> {
        if self.container.is_some_and(has_image) {
            return Err(CommandError::Image);
        }
        let mut spec = SpawnSpec::new(program(self.command)?, &self.directory);
        spec.env = self.environment;
        add_variables(&mut spec.env, self.command)?;
        spec.env.extend(self.marks);
        spec.rlimits = rlimits(self.container)?;
        spec.user = self.user;
        Ok(spec)
    }
}

pub(super) fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    pipe_with(PipeFlags::CLOEXEC).map_err(io::Error::from)
}

/// The account to run under, or `None` for that of this process.
// Mesos: the command's user, else the framework's; neither without `switch_user`.
pub(super) fn user_of(
    settings: &Settings,
    command: &CommandInfo,
    of_framework: Option<&str>,
) -> Option<String> {
    let user = command.user.as_deref().or(of_framework).filter(|user| !user.is_empty());
    user.filter(|_| settings.switch_user).map(str::to_owned)
}

/// Marks every process of the container as its own.
pub(super) fn marks(settings: &Settings) -> BTreeMap<String, String> {
    let marks =
        [(marker::CONTAINER_ID, &settings.container_id), (marker::NESTED, &settings.nested)];
    let set = marks.into_iter().filter_map(|(name, id)| Some((name, id.clone()?)));
    set.map(|(name, id)| (name.to_owned(), id)).collect()
}

/// The account of a user of this agent.
pub(super) fn owner_of(user: &str) -> Result<Owner, CommandError> {
    let account = user::lookup(user)
        .map_err(|source| CommandError::UserLookup { user: user.to_owned(), source })?
        .ok_or_else(|| CommandError::UnknownUser(user.to_owned()))?;
    Ok(Owner { uid: account.uid, gid: account.gid })
}

fn has_image(container: &ContainerInfo) -> bool {
    let mesos = container.mesos.as_ref().is_some_and(|mesos| mesos.image.is_some());
    mesos || container.docker.is_some()
}

// Mesos: `shell` is true unless said otherwise, and then `arguments` are not looked at.
fn program(command: &CommandInfo) -> Result<Program, CommandError> {
    let value = command.value.clone().ok_or(CommandError::NoValue)?;
    if command.shell.unwrap_or(true) {
        return Ok(Program::Shell(value));
    }
    Ok(Program::Exec { path: value, argv: command.arguments.clone() })
}

pub(super) fn add_variables(
    environment: &mut BTreeMap<String, String>,
    command: &CommandInfo,
) -> Result<(), CommandError> {
    for variable in command.environment.iter().flat_map(|environment| &environment.variables) {
        let value = if variable.r#type == Some(variable::Type::Secret as i32) {
            let secret = variable.secret.as_ref().and_then(|secret| secret.value.as_ref());
            let data = secret
                .map(|value| value.data.to_vec())
                .ok_or_else(|| CommandError::SecretReference(variable.name.clone()))?;
            String::from_utf8(data).map_err(|_| CommandError::NotText(variable.name.clone()))?
        } else {
            variable.value.clone().unwrap_or_default()
        };
        environment.insert(variable.name.clone(), value);
    }
    Ok(())
}

fn rlimits(container: Option<&ContainerInfo>) -> Result<Vec<ResourceLimit>, CommandError> {
    let limits = container.and_then(|container| container.rlimit_info.as_ref());
    limits
        .iter()
        .flat_map(|info| &info.rlimits)
        .map(|limit| {
            // Mesos: neither value is unlimited, one alone is an error.
            if limit.soft.is_some() != limit.hard.is_some() {
                return Err(CommandError::HalfLimit);
            }
            let number = limit.r#type.unwrap_or_default();
            let resource = r_limit::Type::try_from(number)
                .ok()
                .and_then(resource_of)
                .ok_or(CommandError::UnknownLimit(number))?;
            Ok(ResourceLimit { resource, soft: limit.soft, hard: limit.hard })
        })
        .collect()
}

fn resource_of(kind: r_limit::Type) -> Option<Resource> {
    use r_limit::Type;
    Some(match kind {
        Type::Unknown => return None,
        Type::RlmtAs => Resource::As,
        Type::RlmtCore => Resource::Core,
        Type::RlmtCpu => Resource::Cpu,
        Type::RlmtData => Resource::Data,
        Type::RlmtFsize => Resource::Fsize,
        Type::RlmtLocks => Resource::Locks,
        Type::RlmtMemlock => Resource::Memlock,
        Type::RlmtMsgqueue => Resource::Msgqueue,
        Type::RlmtNice => Resource::Nice,
        Type::RlmtNofile => Resource::Nofile,
        Type::RlmtNproc => Resource::Nproc,
        Type::RlmtRss => Resource::Rss,
        Type::RlmtRtprio => Resource::Rtprio,
        Type::RlmtRttime => Resource::Rttime,
        Type::RlmtSigpending => Resource::Sigpending,
        Type::RlmtStack => Resource::Stack,
    })
}
