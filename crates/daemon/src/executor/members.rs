//! The sandboxes of group members: a folder for each, and what they share of the executor's.

use std::fs;
use std::io;
use std::os::unix::fs::{lchown, symlink};
use std::path::{Component, Path, PathBuf};

use wire::v1::ContainerInfo;
use wire::v1::volume::source::{Type, sandbox_path};

use super::command::{CommandError, owner_of};

/// Makes the sandbox of a member in that of its executor.
// Mesos: `containers/<container id>`, which `tasks/<task id>` leads to.
pub(super) fn directory(
    sandbox: &Path,
    container: &str,
    task: &str,
    user: Option<&str>,
) -> Result<PathBuf, CommandError> {
    if task.is_empty() || task == "." || task == ".." || task.contains(['/', '\0']) {
        return Err(CommandError::UnusableName);
    }
    let path = sandbox.join("containers").join(container);
    make(sandbox, &path)?;
    give(&path, user)?;
    let link = sandbox.join("tasks").join(task);
    make(sandbox, &sandbox.join("tasks"))?;
    symlink(Path::new("../containers").join(container), &link)
        .map_err(|source| failed(&link, source))?;
    Ok(path)
}

/// Makes the folders that a task's volumes name, and links to them where the task wants to see them.
// Mesos: without an image a `SANDBOX_PATH` volume is a link.
pub(super) fn share_folders(
    sandbox: &Path,
    directory: &Path,
    container: Option<&ContainerInfo>,
    user: Option<&str>,
) -> Result<(), CommandError> {
    for volume in container.iter().flat_map(|container| &container.volumes) {
        let source = volume.source.as_ref();
        let Some(shared) = source
            .filter(|source| source.r#type == Some(Type::SandboxPath as i32))
            .and_then(|source| source.sandbox_path.as_ref())
        else {
            continue;
        };
        let base = match sandbox_path::Type::try_from(shared.r#type.unwrap_or_default()) {
            Ok(sandbox_path::Type::Parent) => sandbox,
            Ok(sandbox_path::Type::Self_) => directory,
            Ok(sandbox_path::Type::Unknown) | Err(_) => {
                return Err(CommandError::Volume(volume.container_path.clone()));
            }
        };
        let (Some(from), Some(to)) = (inside(&shared.path), inside(&volume.container_path)) else {
            return Err(CommandError::Volume(volume.container_path.clone()));
        };
        let (from, to) = (base.join(from), directory.join(to));
        if from == to {
            make(base, &from)?;
            continue;
        }
        if !from.exists() {
            make(base, &from)?;
            give(&from, user)?;
        }
        make(directory, to.parent().unwrap_or(directory))?;
        symlink(&from, &to).map_err(|source| failed(&to, source))?;
    }
    Ok(())
}

/// Lets a member find its persistent volumes, which the agent put into its executor's sandbox, in its own.
pub(super) fn link_volumes(
    sandbox: &Path,
    directory: &Path,
    resources: &[wire::v1::Resource],
) -> Result<(), CommandError> {
    let volumes = model::Resources::from_wire(resources).unwrap_or_default().volumes();
    for volume in volumes {
        let path = Path::new(&volume.container_path);
        crate::container::volumes::link(directory, path, &sandbox.join(path))
            .map_err(|source| failed(&directory.join(path), source))?;
    }
    Ok(())
}

/// A relative path without `..`.
fn inside(path: &str) -> Option<PathBuf> {
    let path = Path::new(path);
    let is_inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
    (!path.as_os_str().is_empty() && path.components().all(is_inside)).then(|| path.to_owned())
}

/// Makes folders, and sees to it that no link led out of `base`: the user may write there.
fn make(base: &Path, path: &Path) -> Result<(), CommandError> {
    fs::create_dir_all(path).map_err(|source| failed(path, source))?;
    let real = path.canonicalize().map_err(|source| failed(path, source))?;
    let base = base.canonicalize().map_err(|source| failed(base, source))?;
    if real.starts_with(base) {
        Ok(())
    } else {
        Err(failed(path, io::Error::other("a link leads out of the sandbox")))
    }
}

fn give(path: &Path, user: Option<&str>) -> Result<(), CommandError> {
    let Some(user) = user else { return Ok(()) };
    let owner = owner_of(user)?;
    lchown(path, Some(owner.uid), Some(owner.gid)).map_err(|source| failed(path, source))
}

fn failed(path: &Path, source: io::Error) -> CommandError {
    CommandError::Directory { path: path.to_owned(), source }
}
