//! Where fetched files may go: below one directory, whatever an archive says.
//!
//! The directory belongs to the user the fetch runs as, so this guards against archives, not against that
//! user. No entry leaves the directory: paths have no `..`, links lead nowhere else, and what is written
//! replaces files and links instead of following them.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io;
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};

/// Why a file was not put where it should go.
#[derive(Debug, thiserror::Error)]
pub(super) enum PlaceError {
    #[error("'{0}' leads out of the sandbox")]
    Escapes(String),
    #[error("'{link}' is a link to '{target}', which leads out of the sandbox")]
    LinkEscapes { link: String, target: String },
    #[error("'{0}' is in the way, and is neither a file nor a link")]
    InTheWay(String),
    #[error("cannot write '{name}': {source}")]
    Io { name: String, source: io::Error },
}

/// The directory that files are put into.
#[derive(Debug)]
pub(super) struct Place {
    /// With every link resolved.
    root: PathBuf,
}

impl Place {
    pub(super) fn new(root: &Path) -> io::Result<Self> {
        Ok(Self { root: root.canonicalize()? })
    }

    /// A new file, with whatever is missing of its folders. A file or a link of that name is replaced.
    pub(super) fn file(&self, name: &Path) -> Result<(File, PathBuf), PlaceError> {
        let path = self.free(name)?;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o644)
            .open(&path)
            .map_err(|source| failed(name, source))?;
        Ok((file, path))
    }

    /// A folder, with whatever is missing of those above it.
    pub(super) fn folder(&self, name: &Path, mode: u32) -> Result<(), PlaceError> {
        let path = self.folders(name, &normal(name)?)?;
        if path != self.root {
            // Its owner always gets in, so that what belongs into it can be written.
            let mode = Permissions::from_mode(mode & 0o777 | 0o700);
            fs::set_permissions(&path, mode).map_err(|source| failed(name, source))?;
        }
        Ok(())
    }

    /// A symbolic link that leads nowhere but into this directory.
    pub(super) fn link(&self, name: &Path, target: &Path) -> Result<(), PlaceError> {
        let path = self.free(name)?;
        let folder = path.parent().unwrap_or(&self.root);
        let depth = folder.strip_prefix(&self.root).map_or(0, |below| below.components().count());
        let mut up = 0_usize;
        let mut is_below = false;
        for component in target.components() {
            match component {
                Component::CurDir => {}
                Component::Normal(_) => is_below = true,
                // After a name it could go up from wherever another link leads to.
                Component::ParentDir if !is_below && up < depth => up += 1,
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                    let target = target.display().to_string();
                    return Err(PlaceError::LinkEscapes { link: shown(name), target });
                }
            }
        }
        symlink(target, &path).map_err(|source| failed(name, source))
    }

    /// A second name of a file that is there already.
    pub(super) fn hard_link(&self, name: &Path, target: &Path) -> Result<(), PlaceError> {
        let of = self.existing(target)?;
        let path = self.free(name)?;
        fs::hard_link(of, path).map_err(|source| failed(name, source))
    }

    fn existing(&self, name: &Path) -> Result<PathBuf, PlaceError> {
        let path = self.root.join(normal(name)?);
        let folder = path.parent().unwrap_or(&self.root);
        let folder = folder.canonicalize().map_err(|source| failed(name, source))?;
        let path = folder.join(path.file_name().unwrap_or_default());
        let metadata = fs::symlink_metadata(&path).map_err(|source| failed(name, source))?;
        if folder.starts_with(&self.root) && metadata.is_file() {
            Ok(path)
        } else {
            Err(PlaceError::Escapes(shown(name)))
        }
    }

    /// A path that nothing is at, in a folder that exists.
    fn free(&self, name: &Path) -> Result<PathBuf, PlaceError> {
        let below = normal(name)?;
        let (Some(file), parent) = (below.file_name(), below.parent()) else {
            return Err(PlaceError::Escapes(shown(name)));
        };
        let path = self.folders(name, parent.unwrap_or(Path::new("")))?.join(file);
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path),
            Err(source) => Err(failed(name, source)),
            Ok(found) if found.is_file() || found.is_symlink() => {
                fs::remove_file(&path).map_err(|source| failed(name, source))?;
                Ok(path)
            }
            Ok(_) => Err(PlaceError::InTheWay(shown(name))),
        }
    }

    /// Makes folders and returns the real path of the last one, which lies in this directory.
    fn folders(&self, name: &Path, below: &Path) -> Result<PathBuf, PlaceError> {
        let mut path = self.root.clone();
        for component in below.components() {
            path.push(component);
            match fs::create_dir(&path) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                    path = path.canonicalize().map_err(|source| failed(name, source))?;
                    if !path.starts_with(&self.root) {
                        return Err(PlaceError::Escapes(shown(name)));
                    }
                }
                Err(source) => return Err(failed(name, source)),
            }
        }
        Ok(path)
    }
}

/// The path without dots; `Err` if it goes up or begins at the root.
fn normal(name: &Path) -> Result<PathBuf, PlaceError> {
    let mut path = PathBuf::new();
    for component in name.components() {
        match component {
            Component::Normal(part) => path.push(part),
            Component::CurDir => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => {
                return Err(PlaceError::Escapes(shown(name)));
            }
        }
    }
    Ok(path)
}

fn shown(name: &Path) -> String {
    name.to_string_lossy().escape_debug().to_string()
}

pub(super) fn failed(name: &Path, source: io::Error) -> PlaceError {
    PlaceError::Io { name: shown(name), source }
}
