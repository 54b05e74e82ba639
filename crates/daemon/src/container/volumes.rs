//! Persistent volumes on disk: made, found in sandboxes, deleted.

use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::chown;
use std::path::{Component, Path};

use rustix::fs::{Mode, OFlags, mkdirat, openat, readlinkat, symlinkat};
use rustix::io::Errno;

/// Makes the folder of a volume, and gives it to `owner` if that is somebody else.
///
/// # Errors
/// The folder can't be made or given away.
pub fn make(folder: &Path, owner: Option<(u32, u32)>) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    match owner {
        Some((uid, gid)) => chown(folder, Some(uid), Some(gid)),
        None => Ok(()),
    }
}

/// Deletes a volume: its folder, or only what is in it if it is the root of a disk. One that is not there is
/// deleted.
///
/// # Errors
/// Something can't be deleted.
pub fn remove(folder: &Path, is_mount: bool) -> io::Result<()> {
    let found = |result: io::Result<()>| match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result,
    };
    if !is_mount {
        return found(std::fs::remove_dir_all(folder));
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            found(std::fs::remove_dir_all(entry.path()))?;
        } else {
            found(std::fs::remove_file(entry.path()))?;
        }
    }
    Ok(())
}

/// Makes `path` inside of `sandbox` lead to `target`. Folders on the way are made; one that is a link is not
/// followed, as whoever owns the sandbox could have it lead anywhere. A link that is there already is fine.
///
/// # Errors
/// Something else is in the way, or it can't be made.
pub fn link(sandbox: &Path, path: &Path, target: &Path) -> io::Result<()> {
    let mut names = Vec::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => names.push(name),
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::ParentDir => {
                return Err(io::Error::other("the path leads out of the sandbox"));
            }
        }
    }
    let Some(last) = names.pop() else {
        return Err(io::Error::other("the path is that of the sandbox itself"));
    };
    let flags = OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut folder: OwnedFd = rustix::fs::open(sandbox, flags, Mode::empty())?;
    for name in names {
        match mkdirat(&folder, name, Mode::from_raw_mode(0o755)) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(error) => return Err(error.into()),
        }
        folder = openat(&folder, name, flags, Mode::empty())?;
    }
    match symlinkat(target, &folder, last) {
        Ok(()) => Ok(()),
        Err(Errno::EXIST) => {
            let found = readlinkat(&folder, last, Vec::new());
            let wanted = target.as_os_str().as_encoded_bytes();
            if found.is_ok_and(|found| found.as_bytes() == wanted) {
                return Ok(());
            }
            Err(io::Error::other("something else is there already"))
        }
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A volume is found through its link, keeps its data when the link is made again, and is gone when deleted;
    /// of a disk's root only the content goes.
    #[test]
    fn volumes_are_linked_and_deleted() {
        let dir = tempfile::tempdir().unwrap();
        let (sandbox, volume) = (dir.path().join("sandbox"), dir.path().join("volumes/roles/r/v"));
        std::fs::create_dir_all(&sandbox).unwrap();
        make(&volume, None).unwrap();
        for _ in 0..2 {
            link(&sandbox, Path::new("./data/here"), &volume).unwrap();
        }
        std::fs::write(sandbox.join("data/here/file"), b"kept").unwrap();
        make(&volume, None).unwrap();
        assert_eq!(std::fs::read(volume.join("file")).unwrap(), b"kept");
        remove(&volume, true).unwrap();
        assert!(volume.exists() && !volume.join("file").exists());
        for _ in 0..2 {
            remove(&volume, false).unwrap();
            assert!(!volume.exists());
        }
    }

    /// No link is made outside of the sandbox: not through `..`, and not through a link that stands in the way.
    #[test]
    fn a_link_never_leaves_its_sandbox() {
        let dir = tempfile::tempdir().unwrap();
        let (sandbox, outside) = (dir.path().join("sandbox"), dir.path().join("outside"));
        for folder in [&sandbox, &outside] {
            std::fs::create_dir_all(folder).unwrap();
        }
        std::os::unix::fs::symlink(&outside, sandbox.join("way")).unwrap();
        for path in ["../x", "/x", "way/x", "a/../../x", "."] {
            assert!(link(&sandbox, Path::new(path), &outside).is_err(), "{path}");
        }
        std::fs::write(sandbox.join("taken"), b"").unwrap();
        assert!(link(&sandbox, Path::new("taken"), &outside).is_err());
        assert_eq!(std::fs::read_dir(&outside).unwrap().count(), 0);
    }
}
