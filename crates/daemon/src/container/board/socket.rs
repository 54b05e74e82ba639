//! Unix sockets at paths of any length: those of the kernel end after 107 bytes, work directories don't.

use std::io;
use std::os::fd::{AsRawFd as _, OwnedFd};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, openat};

/// Listens at `path`, whose directory only this user may enter. What was left there is removed.
///
/// # Errors
/// The directory is not there, or its file system takes no sockets.
pub fn listen(path: &Path) -> io::Result<UnixListener> {
    let (_directory, short) = shorten(path)?;
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(short)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

/// Connects to whoever listens at `path`.
///
/// # Errors
/// Nobody does.
pub async fn connect(path: &Path) -> io::Result<tokio::net::UnixStream> {
    let (_directory, short) = shorten(path)?;
    tokio::net::UnixStream::connect(short).await
}

/// The same file by way of its open directory.
fn shorten(path: &Path) -> io::Result<(OwnedFd, PathBuf)> {
    let (Some(directory), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a socket needs a directory"));
    };
    let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let directory = openat(CWD, directory, flags, Mode::empty())?;
    let short = Path::new("/proc/self/fd").join(directory.as_raw_fd().to_string()).join(name);
    Ok((directory, short))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path longer than a socket's address can be listened and connected to, also after a crash left the
    /// old socket there.
    #[tokio::test]
    async fn sockets_may_be_deep_down() {
        let dir = tempfile::tempdir().unwrap();
        let deep = dir.path().join("d".repeat(200));
        std::fs::create_dir(&deep).unwrap();
        let path = deep.join("socket");
        drop(listen(&path).unwrap());
        assert!(connect(&path).await.is_err());
        let listener = listen(&path).unwrap();
        connect(&path).await.unwrap();
        assert!(listener.accept().is_ok());
        assert!(connect(&deep.join("other")).await.is_err());
    }
}
