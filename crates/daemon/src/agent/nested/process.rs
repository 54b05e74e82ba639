//! Starts the process that owns a nested container.

use std::fs;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use agent::ContainerView;
use agent::nested::NestedId;
use rustix::fs::{CWD, Gid, Mode, OFlags, Uid, fchown, mkdirat, openat};
use rustix::io::Errno;
use wire::v1::{CommandInfo, ContainerInfo, Environment, ExecutorInfo, environment::Variable};

use super::records::Files;
use crate::agent::sandbox;
use crate::container::cgroup::Cgroup;
use crate::container::marker;
use crate::container::pidfd::{PidHandle, PidRef};
use crate::container::proc;
use crate::container::spawn::{self, SpawnSpec, Stdio};
use crate::executor::{
    ATTACH, COMMAND_FILE, EXIT_FILE, LOG_FILES, LOG_MAX_BYTES, NESTED, SESSION, SWITCH_USER,
    fetch_variables,
};
use crate::sys::user;

/// Largest environment that is taken over.
const ENVIRONMENT_LIMIT_BYTES: usize = 512 << 10;

/// What does not depend on the container.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) program: PathBuf,
    pub(super) work_dir: PathBuf,
    pub(super) switch_user: bool,
    pub(super) log_max_bytes: u64,
    pub(super) log_files: u32,
}

/// What it is nested in.
#[derive(Clone, Debug)]
pub(in crate::agent) struct Surroundings {
    pub(in crate::agent) root: ContainerView,
    pub(in crate::agent) cgroup: Option<Cgroup>,
    /// User of the parent's processes.
    pub(super) user: Option<String>,
    /// Where the parent's processes run.
    pub(super) directory: PathBuf,
    /// The parent's first process.
    pub(super) process: Option<PidRef>,
}

/// What to start.
#[derive(Clone, Debug)]
pub(in crate::agent) struct Order {
    pub(in crate::agent) id: NestedId,
    pub(in crate::agent) command: CommandInfo,
    pub(in crate::agent) container: Option<ContainerInfo>,
    pub(in crate::agent) is_session: bool,
}

/// A user, where it is to be another than the agent's.
pub(super) fn user_of(site: &Site, order: &Order, around: &Surroundings) -> Option<String> {
    let own = order.command.user.clone().filter(|user| !user.is_empty());
    // Mesos: its own, else its parent's.
    own.or_else(|| around.user.clone()).filter(|_| site.switch_user)
}

/// Where it runs: a session in its parent's sandbox, everything else in one of its own.
pub(super) fn directory_of(site: &Site, order: &Order, around: &Surroundings) -> PathBuf {
    if order.is_session {
        around.directory.clone()
    } else {
        sandbox_of(site, &around.root, &order.id)
    }
}

// Mesos: `<sandbox>/containers/<id>/containers/<id>…`.
fn sandbox_of(site: &Site, root: &ContainerView, id: &NestedId) -> PathBuf {
    let mut path = site.work_dir.join(&root.directory);
    for part in id.below_root() {
        path = path.join("containers").join(part);
    }
    path
}

/// Starts the owner. The error is a sentence for the caller.
pub(super) fn start(
    site: &Site,
    order: &Order,
    around: &Surroundings,
    files: &Files,
) -> Result<PidHandle, String> {
    let user = user_of(site, order, around);
    let directory = directory_of(site, order, around);
    // Held until the process has entered it: the sandbox is its user's, who could exchange the path.
    let (_held, cwd) = if order.is_session {
        (None, directory.clone())
    } else {
        let held = make_sandbox(site, order, around, user.as_deref())?;
        let path = PathBuf::from(format!("/proc/self/fd/{}", held.as_raw_fd()));
        (Some(held), path)
    };

    let mut command = order.command.clone();
    command.user.clone_from(&user);
    if order.is_session && user == around.user.clone().filter(|_| site.switch_user) {
        // Mesos: a session has its parent's environment. Not for another user: whoever runs the parent
        // could have put anything there.
        take_over(&mut command, around.process);
    }
    let info = ExecutorInfo {
        command: Some(command),
        container: order.container.clone().map(Box::new),
        ..ExecutorInfo::default()
    };
    sandbox::write(&files.command(), &wire::protobuf::encode(&info))?;
    sandbox::write(&files.exit(), b"")?;
    sandbox::write(&files.error(), b"")?;
    let stderr = fs::OpenOptions::new()
        .append(true)
        .open(files.error())
        .map_err(|error| format!("cannot open {}: {error}", files.error().display()))?;

    let mut spec = SpawnSpec::new(
        spawn::Program::Exec {
            path: site.program.display().to_string(),
            argv: vec!["ebb".to_owned(), "launch".to_owned()],
        },
        cwd,
    );
    for (name, value) in [
        (marker::CONTAINER_ID, around.root.container.to_string()),
        (NESTED, files.mark()),
        ("PATH", spawn::DEFAULT_PATH.to_owned()),
        ("MESOS_SANDBOX", directory.display().to_string()),
        (COMMAND_FILE, files.command().display().to_string()),
        (EXIT_FILE, files.exit().display().to_string()),
        (ATTACH, files.socket().display().to_string()),
        (LOG_MAX_BYTES, site.log_max_bytes.to_string()),
        (LOG_FILES, site.log_files.to_string()),
        (SWITCH_USER, u8::from(site.switch_user).to_string()),
    ] {
        spec.env.insert(name.to_owned(), value);
    }
    spec.env.extend(fetch_variables());
    if order.is_session {
        spec.env.insert(SESSION.to_owned(), "1".to_owned());
    }
    spec.stderr = Stdio::Fd(stderr.into());
    spec.subreaper = true;
    spec.cgroup = around.cgroup.as_ref().filter(|it| it.exists()).map(|it| it.path().to_owned());
    spawn::spawn(spec).map_err(|error| error.to_string())
}

/// Makes the container's sandbox below that of the executor, never through a link.
fn make_sandbox(
    site: &Site,
    order: &Order,
    around: &Surroundings,
    user: Option<&str>,
) -> Result<OwnedFd, String> {
    let path = sandbox_of(site, &around.root, &order.id);
    let failed = |error: Errno| format!("cannot make the sandbox {}: {error}", path.display());
    let owner = match user {
        None => None,
        Some(name) => Some(
            user::lookup(name)
                .map_err(|error| format!("cannot look up the user `{name}`: {error}"))?
                .ok_or_else(|| format!("there is no user `{name}` on this agent"))?,
        ),
    };
    let mut folder =
        open_folder(&CWD, &site.work_dir.join(&around.root.directory)).map_err(failed)?;
    for part in order.id.below_root() {
        for name in ["containers", part] {
            match mkdirat(&folder, name, Mode::from_raw_mode(0o755)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(error) => return Err(failed(error)),
            }
            folder = open_folder(&folder, Path::new(name)).map_err(failed)?;
        }
    }
    if let Some(owner) = owner {
        fchown(&folder, Some(Uid::from_raw(owner.uid)), Some(Gid::from_raw(owner.gid)))
            .map_err(failed)?;
    }
    Ok(folder)
}

fn open_folder(base: &impl std::os::fd::AsFd, path: &Path) -> Result<OwnedFd, Errno> {
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::RDONLY;
    openat(base, path, flags, Mode::empty())
}

/// Removes the sandbox of a container that has ended, never through a link.
pub(super) fn remove_sandbox(site: &Site, root: &ContainerView, id: &NestedId) {
    let parts: Vec<&str> = id.below_root().collect();
    let Some((last, before)) = parts.split_last() else { return };
    let Ok(mut folder) = open_folder(&CWD, &site.work_dir.join(&root.directory)) else { return };
    for name in before.iter().flat_map(|part| ["containers", *part]).chain(["containers"]) {
        let Ok(next) = open_folder(&folder, Path::new(name)) else { return };
        folder = next;
    }
    let path = format!("/proc/self/fd/{}/{last}", folder.as_raw_fd());
    if let Err(error) = fs::remove_dir_all(path)
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::debug!(%id, %error, "the sandbox of a nested container is left");
    }
}

/// Puts the parent's variables before the command's own.
fn take_over(command: &mut CommandInfo, parent: Option<PidRef>) {
    let mut variables = parent.map(variables_of).unwrap_or_default();
    let own = command.environment.take().unwrap_or_default();
    variables.extend(own.variables);
    command.environment = Some(Environment { variables });
}

/// What a process was started with, less what is not for others.
fn variables_of(process: PidRef) -> Vec<Variable> {
    let Ok(text) = fs::read(format!("/proc/{}/environ", process.pid)) else { return Vec::new() };
    // Read of this very process, not of one that got its pid.
    if text.len() > ENVIRONMENT_LIMIT_BYTES || !process.is_alive().unwrap_or(false) {
        return Vec::new();
    }
    let variables = text.split(|byte| *byte == 0).filter_map(|entry| {
        let (name, value) = str::from_utf8(entry).ok()?.split_once('=')?;
        let is_own = name.starts_with("EBB_")
            || name.starts_with("LIBPROCESS_")
            || name == "MESOS_EXECUTOR_AUTHENTICATION_TOKEN";
        (!name.is_empty() && !is_own).then(|| Variable {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            ..Variable::default()
        })
    });
    variables.collect()
}

/// The first process below an owner: what it was started for. Orphans it adopted are younger.
pub(super) fn first_below(owner: PidRef) -> Option<PidRef> {
    let visit = proc::visit(owner.pid).ok()??;
    if visit.stat.started != owner.started {
        return None;
    }
    let children = visit.children.into_iter().filter_map(|pid| PidRef::of(pid).ok()?);
    children.min_by_key(|child| (child.started, child.pid))
}
