//! Starts `ebb fetch` for a command, and keeps its cache within bounds.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Seek as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

use rustix::fs::{MemfdFlags, memfd_create};
use rustix::process::{Resource, geteuid};
use wire::media::{self, MediaType};
use wire::v1::CommandInfo;

use super::command::{self, CommandError};
use super::output::Output;
use super::report;
use super::settings::{LOG_FILES, LOG_MAX_BYTES, Settings};
use crate::container::pidfd::PidHandle;
use crate::container::spawn::{DEFAULT_PATH, Program, ResourceLimit, SpawnSpec, Stdio, spawn};
use crate::fetch::{CACHE_BYTES, CACHE_FOLDER, cache};

/// What an archive may make of the fetch's memory.
const MEMORY_BYTES: u64 = 2 << 30;

/// Starts to fetch the URIs of `command` into `directory`. What comes out of the pipe says why it failed.
pub(super) fn start(
    settings: &Settings,
    command: &CommandInfo,
    directory: &Path,
    user: Option<&str>,
    marks: BTreeMap<String, String>,
) -> Result<(PidHandle, OwnedFd), CommandError> {
    let failed = CommandError::Fetch;
    let mut env = marks;
    env.extend(settings.fetch_environment.clone());
    env.insert("PATH".to_owned(), DEFAULT_PATH.to_owned());
    env.insert(LOG_MAX_BYTES.to_owned(), settings.rotation.max_bytes.to_string());
    env.insert(LOG_FILES.to_owned(), settings.rotation.keep.saturating_add(1).to_string());
    if let Some((root, bytes)) = cache_for(settings, command) {
        match cache_folder(root, user) {
            Ok(folder) => {
                env.insert(CACHE_FOLDER.to_owned(), folder.display().to_string());
                env.insert(CACHE_BYTES.to_owned(), bytes.to_string());
            }
            Err(error) => report::line(format_args!("Fetching without the cache: {error}")),
        }
    }
    let (read, write) = command::pipe().map_err(failed)?;
    let memory = Some(MEMORY_BYTES);
    // The very program that runs, even if another one has taken its place meanwhile.
    let argv = vec!["ebb".to_owned(), "fetch".to_owned()];
    let program = Program::Exec { path: "/proc/self/exe".to_owned(), argv };
    let process = spawn(SpawnSpec {
        env,
        user: user.map(str::to_owned),
        rlimits: vec![ResourceLimit { resource: Resource::As, soft: memory, hard: memory }],
        stdin: Stdio::Fd(description(command).map_err(failed)?),
        stdout: Stdio::Fd(write),
        ..SpawnSpec::new(program, directory)
    })?;
    Ok((process, read))
}

/// How a fetch ended; the error is a sentence for people.
pub(super) async fn outcome(wait_status: i32, output: Output) -> Result<(), String> {
    let said = output.text().await;
    let status = ExitStatus::from_raw(wait_status);
    match status.signal() {
        _ if status.success() => Ok(()),
        Some(signal) => Err(format!("signal {signal} ended the fetch of the task's URIs")),
        None if said.is_empty() => Err("the task's URIs were not fetched".to_owned()),
        None => Err(said),
    }
}

/// Lets go of what the cache has too much, without waiting for it.
pub(super) fn trim_cache(settings: &Settings, command: &CommandInfo) {
    if let Some((root, bytes)) = cache_for(settings, command) {
        let root = root.to_owned();
        // Nobody waits for that.
        drop(tokio::task::spawn_blocking(move || {
            if let Err(error) = cache::trim(&root, bytes) {
                report::line(format_args!("Cannot bound the cache of fetched files: {error}"));
            }
        }));
    }
}

fn cache_for<'a>(settings: &'a Settings, command: &CommandInfo) -> Option<(&'a Path, u64)> {
    let (root, bytes) = settings.fetch_cache.as_ref()?;
    command.uris.iter().any(wire::v1::command_info::Uri::cache).then_some((root, *bytes))
}

fn cache_folder(root: &Path, user: Option<&str>) -> Result<PathBuf, CommandError> {
    let owner = user.map(command::owner_of).transpose()?;
    let uid = owner.map_or_else(|| geteuid().as_raw(), |owner| owner.uid);
    let owner = owner.map(|owner| (owner.uid, owner.gid));
    cache::folder_of(root, &uid.to_string(), owner).map_err(CommandError::Fetch)
}

/// As a file that exists nowhere: a pipe could be too small for it.
fn description(command: &CommandInfo) -> io::Result<OwnedFd> {
    let wanted = CommandInfo { uris: command.uris.clone(), ..CommandInfo::default() };
    let mut file = File::from(memfd_create("uris", MemfdFlags::CLOEXEC)?);
    file.write_all(&media::encode(MediaType::Protobuf, &wanted))?;
    file.rewind()?;
    Ok(file.into())
}
