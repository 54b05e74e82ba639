//! One cgroup (version 2) per container, where that hierarchy can be written.
//!
//! A process can't leave its cgroup by forking, `setsid` or an emptied environment, and
//! `cgroup.kill` ends all of them at once, so this is the strongest proof of emptiness there is.
//! Layout: `<root>/ebb/<name>/<container id>`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::statfs;
use rustix::io::Errno;
use tokio::io::Interest;
use tokio::time::{Instant, timeout_at};

use crate::sys::watch::Watch;

/// `CGROUP2_SUPER_MAGIC` of the kernel.
const CGROUP2_MAGIC: u64 = 0x6367_7270;
/// The period of `cpu.max`, in microseconds; the kernel's own default.
const CPU_PERIOD_MICROS: u64 = 100_000;
/// The least quota the kernel accepts.
const CPU_QUOTA_FLOOR_MICROS: u64 = 1_000;
/// Deepest nesting below a container's cgroup that is removed.
const DEPTH_LIMIT: usize = 32;

/// Why containers get no cgroup on this machine. Not an error: the process tree is used instead.
#[derive(Debug, thiserror::Error)]
pub enum WhyNot {
    #[error("no cgroup v2 hierarchy is mounted")]
    NotMounted,
    #[error("{} is not a cgroup v2 directory", .0.display())]
    NotCgroup2(PathBuf),
    #[error("cannot create cgroups in {}: {source}", path.display())]
    NotWritable { path: PathBuf, source: io::Error },
    #[error("the kernel has no cgroup.kill (Linux 5.14 or newer is needed)")]
    NoKill,
    #[error("cannot find this process' own cgroup: {0}")]
    Io(#[from] io::Error),
}

/// What can be limited through a cgroup.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Controller {
    Memory,
    Cpu,
    Pids,
}

impl Controller {
    const ALL: [Self; 3] = [Self::Memory, Self::Cpu, Self::Pids];

    /// The kernel's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "memory",
            Self::Cpu => "cpu",
            Self::Pids => "pids",
        }
    }

    fn limit_file(self) -> &'static str {
        match self {
            Self::Memory => "memory.max",
            Self::Cpu => "cpu.max",
            Self::Pids => "pids.max",
        }
    }
}

impl fmt::Display for Controller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Why a limit has no effect on containers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotEnforced {
    #[error("the controller is not delegated to {}", .0.display())]
    NotDelegated(PathBuf),
    #[error("{} has processes of its own, so it can't pass controllers on", .0.display())]
    HasProcesses(PathBuf),
    #[error("{} refused it: {reason}", path.display())]
    Refused { path: PathBuf, reason: String },
}

/// Limits of a container; `None` leaves that resource unlimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    pub memory_bytes: Option<u64>,
    /// Thousandths of a CPU.
    pub cpu_millis: Option<u64>,
    pub pids: Option<u64>,
}

/// The part of the hierarchy in which this agent may make cgroups.
#[derive(Clone, Debug)]
pub struct Cgroups {
    base: PathBuf,
    not_enforced: BTreeMap<Controller, NotEnforced>,
}

impl Cgroups {
    /// Finds out whether cgroups can be made and killed, by making one. `root` is a directory of a
    /// cgroup v2 hierarchy, by default the own cgroup of this process; `name` keeps agents on one
    /// machine apart.
    ///
    /// # Errors
    /// [`WhyNot`], when there is nothing to work with.
    pub fn detect(root: Option<&Path>, name: &str) -> Result<Self, WhyNot> {
        let root = match root {
            Some(root) => root.to_owned(),
            None => own_cgroup(
                &fs::read_to_string("/proc/self/mountinfo")?,
                &fs::read_to_string("/proc/self/cgroup")?,
            )
            .ok_or(WhyNot::NotMounted)?,
        };
        let is_cgroup2 =
            statfs(&root).is_ok_and(|fs| u64::try_from(fs.f_type) == Ok(CGROUP2_MAGIC));
        if !is_cgroup2 {
            return Err(WhyNot::NotCgroup2(root));
        }
        let cgroups = Self::at(&root, name)?;
        // A container id never begins with a dot, so the trial can't meet one.
        let trial = Cgroup { path: cgroups.base.join(".trial") };
        trial.create().map_err(|source| WhyNot::NotWritable { path: root.clone(), source })?;
        let writable = OpenOptions::new().write(true).open(trial.path.join("cgroup.procs"));
        let can_kill = trial.path.join("cgroup.kill").exists();
        let removed = trial.remove();
        writable.and(removed).map_err(|source| WhyNot::NotWritable { path: root, source })?;
        if can_kill { Ok(cgroups) } else { Err(WhyNot::NoKill) }
    }

    /// Prepares `<root>/ebb/<name>` without asking whether `root` is a cgroup at all.
    fn at(root: &Path, name: &str) -> Result<Self, WhyNot> {
        let parent = root.join("ebb");
        let base = parent.join(component(name)?);
        fs::create_dir_all(&base)
            .map_err(|source| WhyNot::NotWritable { path: root.to_owned(), source })?;
        let mut not_enforced = BTreeMap::new();
        for controller in Controller::ALL {
            // Each level passes the controller on to the one below.
            let refused =
                [root, &parent, &base].iter().find_map(|dir| pass_on(dir, controller).err());
            if let Some(reason) = refused {
                not_enforced.insert(controller, reason);
            }
        }
        Ok(Self { base, not_enforced })
    }

    /// The limits that have no effect here, each with its reason.
    pub fn not_enforced(&self) -> &BTreeMap<Controller, NotEnforced> {
        &self.not_enforced
    }

    /// The cgroup of a container, whether it exists or not.
    ///
    /// # Errors
    /// The id could lead out of this agent's directory.
    pub fn open(&self, container_id: &str) -> io::Result<Cgroup> {
        Ok(Cgroup { path: self.base.join(component(container_id)?) })
    }

    /// Makes the cgroup of a container and limits it. Returns the limits that could not be set.
    ///
    /// # Errors
    /// The kernel refuses the cgroup itself, or the id could lead out of this agent's directory.
    pub fn create(
        &self,
        container_id: &str,
        limits: Limits,
    ) -> io::Result<(Cgroup, BTreeMap<Controller, NotEnforced>)> {
        let cgroup = self.open(container_id)?;
        cgroup.create()?;
        Ok((cgroup.clone(), cgroup.limit(limits, &self.not_enforced)))
    }

    /// Ids of all containers that have a cgroup, for the restart of an agent.
    ///
    /// # Errors
    /// The directory can't be read.
    pub fn container_ids(&self) -> io::Result<BTreeSet<String>> {
        let mut ids = BTreeSet::new();
        for entry in fs::read_dir(&self.base)? {
            let entry = entry?;
            if entry.file_type()?.is_dir()
                && let Ok(id) = entry.file_name().into_string()
                && component(&id).is_ok()
            {
                ids.insert(id);
            }
        }
        Ok(ids)
    }
}

/// What names one directory below another: a wrong one might kill all of the machine.
fn component(name: &str) -> io::Result<&str> {
    if name.is_empty() || name.starts_with('.') || name.contains(['/', '\0']) {
        let text = format!("{name:?} can't be the name of a cgroup");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    }
    Ok(name)
}

/// Enables a controller for the children of a directory.
fn pass_on(dir: &Path, controller: Controller) -> Result<(), NotEnforced> {
    let has = |file: &str| {
        fs::read_to_string(dir.join(file))
            .is_ok_and(|text| text.split_ascii_whitespace().any(|word| word == controller.name()))
    };
    if !has("cgroup.controllers") {
        return Err(NotEnforced::NotDelegated(dir.to_owned()));
    }
    if has("cgroup.subtree_control") {
        return Ok(());
    }
    write(&dir.join("cgroup.subtree_control"), &format!("+{controller}")).map_err(|error| {
        if error.raw_os_error() == Some(Errno::BUSY.raw_os_error()) {
            NotEnforced::HasProcesses(dir.to_owned())
        } else {
            NotEnforced::Refused { path: dir.to_owned(), reason: error.to_string() }
        }
    })
}

/// Writes to a file of the kernel, which must exist.
fn write(path: &Path, text: &str) -> io::Result<()> {
    OpenOptions::new().write(true).open(path)?.write_all(text.as_bytes())
}

/// The directory of the cgroup of this process, from the texts of `/proc/self/mountinfo` and
/// `/proc/self/cgroup`.
fn own_cgroup(mountinfo: &str, cgroup: &str) -> Option<PathBuf> {
    let own = Path::new(cgroup.lines().find_map(|line| line.strip_prefix("0::"))?);
    mountinfo.lines().find_map(|line| {
        let (mount, filesystem) = line.split_once(" - ")?;
        if filesystem.split(' ').next() != Some("cgroup2") {
            return None;
        }
        let mut fields = mount.split(' ').skip(3);
        let (root, mount_point) = (unescape(fields.next()?), unescape(fields.next()?));
        // Of the hierarchy only what is below `root` is visible at the mount point.
        let below = own.strip_prefix(root).ok()?;
        Some(if below.as_os_str().is_empty() {
            mount_point.into()
        } else {
            Path::new(&mount_point).join(below)
        })
    })
}

/// Undoes the octal escapes of blanks and backslashes in `/proc/<pid>/mountinfo`.
fn unescape(text: &str) -> String {
    [("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")]
        .into_iter()
        .fold(text.to_owned(), |text, (escape, plain)| text.replace(escape, plain))
}

/// The cgroup of one container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cgroup {
    path: PathBuf,
}

impl Cgroup {
    /// The directory, to be joined by [`super::spawn::SpawnSpec::cgroup`].
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn exists(&self) -> bool {
        self.path.is_dir()
    }

    fn create(&self) -> io::Result<()> {
        match fs::create_dir(&self.path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            result => result,
        }
    }

    /// Moves a process, all its threads, into this cgroup. Children it has already stay where they
    /// are.
    ///
    /// # Errors
    /// The kernel refuses, or there is no such process.
    pub fn add(&self, pid: i32) -> io::Result<()> {
        write(&self.path.join("cgroup.procs"), &pid.to_string())
    }

    /// Sets limits and returns those that could not be set.
    fn limit(
        &self,
        limits: Limits,
        not_enforced: &BTreeMap<Controller, NotEnforced>,
    ) -> BTreeMap<Controller, NotEnforced> {
        let values = [
            (Controller::Memory, limits.memory_bytes.map(|bytes| bytes.to_string())),
            (Controller::Cpu, limits.cpu_millis.map(cpu_max)),
            (Controller::Pids, limits.pids.map(|pids| pids.to_string())),
        ];
        let mut missing = BTreeMap::new();
        for (controller, value) in values {
            let Some(value) = value else { continue };
            let reason = not_enforced.get(&controller).cloned().or_else(|| {
                let path = self.path.join(controller.limit_file());
                let error = write(&path, &value).err()?;
                Some(NotEnforced::Refused { path, reason: error.to_string() })
            });
            if let Some(reason) = reason {
                missing.insert(controller, reason);
            }
        }
        missing
    }

    /// Kills every process of this cgroup and those below it at once; none can escape by forking.
    ///
    /// # Errors
    /// The kernel refuses. A cgroup that doesn't exist is empty, not an error.
    pub fn kill(&self) -> io::Result<()> {
        match write(&self.path.join("cgroup.kill"), "1") {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.exists() => Ok(()),
            result => result,
        }
    }

    /// Whether a process, other than zombies, is in this cgroup or below it.
    ///
    /// # Errors
    /// `cgroup.events` can't be read or understood.
    pub fn is_populated(&self) -> io::Result<bool> {
        match File::open(self.path.join("cgroup.events")) {
            Ok(events) => read_populated(&events),
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.exists() => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Returns whether the cgroup became empty before the limit was over. Notified by the kernel.
    ///
    /// # Errors
    /// `cgroup.events` can't be read or waited for.
    pub async fn wait_empty(&self, limit: Duration) -> io::Result<bool> {
        let events = match File::open(self.path.join("cgroup.events")) {
            Ok(events) => events,
            Err(error) if error.kind() == io::ErrorKind::NotFound && !self.exists() => {
                return Ok(true);
            }
            Err(error) => return Err(error),
        };
        if !read_populated(&events)? {
            return Ok(true);
        }
        // The kernel says "priority" after each change since the file was last read.
        let events = Watch::new(events.into(), Interest::PRIORITY)?;
        let deadline = Instant::now() + limit;
        loop {
            // Read again after the registration: a change in between would be missed otherwise.
            match read_populated(&events) {
                Ok(true) => {}
                Ok(false) => return Ok(true),
                // The cgroup was removed by somebody else, so it was empty.
                Err(error) if error.raw_os_error() == Some(Errno::NODEV.raw_os_error()) => {
                    return Ok(true);
                }
                Err(error) => return Err(error),
            }
            match timeout_at(deadline, events.changed()).await {
                Ok(changed) => changed?,
                Err(_elapsed) => return Ok(false),
            }
        }
    }

    /// Removes the empty cgroup together with those its processes made below it.
    ///
    /// # Errors
    /// Processes are left, or the nesting is deeper than anything sensible.
    pub fn remove(&self) -> io::Result<()> {
        remove_tree(&self.path, DEPTH_LIMIT)
    }
}

/// The kernel's files can't be unlinked and go with their directory.
fn remove_tree(dir: &Path, depth: usize) -> io::Result<()> {
    let absent_is_done = |result: io::Result<()>| match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    };
    match fs::remove_dir(dir) {
        // Busy: processes or children; not empty: the same on filesystems for tests.
        Err(error)
            if depth > 0
                && matches!(
                    error.kind(),
                    io::ErrorKind::ResourceBusy | io::ErrorKind::DirectoryNotEmpty
                ) => {}
        result => return absent_is_done(result),
    }
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_tree(&entry.path(), depth - 1)?;
        }
    }
    absent_is_done(fs::remove_dir(dir))
}

fn cpu_max(cpu_millis: u64) -> String {
    let quota = (cpu_millis.saturating_mul(CPU_PERIOD_MICROS) / 1000).max(CPU_QUOTA_FLOOR_MICROS);
    format!("{quota} {CPU_PERIOD_MICROS}")
}

fn read_populated(events: impl AsFd) -> io::Result<bool> {
    let mut bytes = [0_u8; 512];
    let length = rustix::io::pread(events, &mut bytes[..], 0)?;
    let text = String::from_utf8_lossy(&bytes[..length]);
    match text.lines().find_map(|line| line.strip_prefix("populated ")) {
        Some(value) => Ok(value.trim() != "0"),
        None => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "cgroup.events does not say whether it is populated",
        )),
    }
}

#[cfg(test)]
#[path = "cgroup_tests.rs"]
mod tests;
