//! Sandboxes: the working directories of containers.

use std::fs::OpenOptions;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{OpenOptionsExt as _, chown};
use std::path::Path;

use crate::sys::user;

/// Makes a sandbox that belongs to `user`, and points `latest` beside it at it.
// Mesos: `…/executors/<id>/runs/<container>` with the link `runs/latest`.
pub(super) fn create(directory: &Path, user: Option<&str>) -> Result<(), String> {
    std::fs::create_dir_all(directory)
        .map_err(|error| format!("cannot make the sandbox {}: {error}", directory.display()))?;
    give(directory, user)?;
    if let (Some(runs), Some(name)) = (directory.parent(), directory.file_name()) {
        let latest = runs.join("latest");
        let fresh = runs.join(".latest");
        // A convenience for people; whatever stands in its way, the sandbox itself is fine.
        drop(std::fs::remove_file(&fresh));
        if std::os::unix::fs::symlink(name, &fresh).is_ok() {
            drop(std::fs::rename(&fresh, &latest));
        }
    }
    Ok(())
}

/// Opens a log file of a sandbox for appending.
pub(super) fn log(path: &Path, user: Option<&str>) -> Result<OwnedFd, String> {
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o644)
        .open(path)
        .map_err(|error| format!("cannot open {}: {error}", path.display()))?;
    give(path, user)?;
    Ok(file.into())
}

/// Writes a file only this agent's user can read.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), String> {
    use std::io::Write as _;
    OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(bytes))
        .map_err(|error| format!("cannot write {}: {error}", path.display()))
}

fn give(path: &Path, user: Option<&str>) -> Result<(), String> {
    let Some(name) = user else { return Ok(()) };
    let found = user::lookup(name)
        .map_err(|error| format!("cannot look up the user `{name}`: {error}"))?
        .ok_or_else(|| format!("there is no user `{name}` on this agent"))?;
    chown(path, Some(found.uid), Some(found.gid))
        .map_err(|error| format!("cannot give {} to `{name}`: {error}", path.display()))
}
