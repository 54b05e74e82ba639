//! What the agent core wants done about persistent volumes.

use std::path::Path;

use model::resources::Volume;

use crate::container::volumes;
use crate::sys::user;

/// Makes the folders of new volumes. One that can't be made is told when a container needs it.
pub(super) fn make(work_dir: &Path, made: &[Volume]) {
    for volume in made {
        if let Err(error) = volumes::make(&work_dir.join(&volume.folder), None) {
            tracing::warn!(volume = volume.id, %error, "the volume's folder cannot be made");
        }
    }
}

/// Lets a container find its volumes in its sandbox.
///
/// # Errors
/// A sentence for the task's status message.
pub(super) fn link(
    work_dir: &Path,
    sandbox: &Path,
    user: Option<&str>,
    wanted: &[Volume],
) -> Result<(), String> {
    let owner = match user.filter(|_| !wanted.is_empty()) {
        Some(name) => {
            let found = user::lookup(name)
                .map_err(|error| format!("cannot look up the user `{name}`: {error}"))?
                .ok_or_else(|| format!("there is no user `{name}` on this agent"))?;
            Some((found.uid, found.gid))
        }
        None => None,
    };
    for volume in wanted {
        let folder = work_dir.join(&volume.folder);
        volumes::make(&folder, owner)
            .map_err(|error| format!("cannot make the volume {}: {error}", folder.display()))?;
        volumes::link(sandbox, Path::new(&volume.container_path), &folder).map_err(|error| {
            format!(
                "cannot let the volume '{}' be found at {}: {error}",
                volume.id, volume.container_path
            )
        })?;
    }
    Ok(())
}

/// Deletes the data of destroyed volumes.
///
/// # Errors
/// What is left, and why.
pub(super) fn remove(work_dir: &Path, destroyed: &[Volume]) -> Result<(), String> {
    for volume in destroyed {
        let folder = work_dir.join(&volume.folder);
        volumes::remove(&folder, volume.is_mount).map_err(|error| {
            format!("the data of volume '{}' in {} is left: {error}", volume.id, folder.display())
        })?;
    }
    Ok(())
}
