//! The wait status of a container's owner, left in a file for an agent that was restarted meanwhile.

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::ExitStatus;

/// Longest content that can be a status.
const LIMIT_BYTES: u64 = 64;

/// Writes the status in one piece into the empty file that the agent has made: readers see
/// nothing or all.
pub(super) fn write(path: &Path, wait_status: i32) -> io::Result<()> {
    // Not truncated: ext4 would write a truncated file out when it is closed.
    let mut file = File::options().write(true).create(true).truncate(false).open(path)?;
    file.write_all(format!("{wait_status}\n").as_bytes())
}

/// Longest reason that is kept.
const REASON_LIMIT_BYTES: u64 = 4 << 10;

/// Writes down why what the container is for never began; the text lies beside the status.
pub(super) fn write_reason(path: &Path, why: &str) -> io::Result<()> {
    std::fs::write(path.with_extension(REASON), why)
}

/// The name ending of that text.
pub const REASON: &str = "reason";

/// Why what the container was for never began; `Ok(None)` if it did.
///
/// # Errors
/// The file can't be read.
pub fn read_reason(path: &Path) -> io::Result<Option<String>> {
    let mut text = Vec::new();
    match File::open(path.with_extension(REASON)) {
        Ok(file) => {
            io::Read::read_to_end(&mut io::Read::take(file, REASON_LIMIT_BYTES), &mut text)?
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    Ok(Some(String::from_utf8_lossy(&text).into_owned()))
}

/// What an owner left; `Ok(None)` when there is nothing, because it still runs or was killed.
///
/// # Errors
/// The file can't be read or holds something else.
pub fn read_exit_file(path: &Path) -> io::Result<Option<ExitStatus>> {
    let mut text = String::new();
    match File::open(path) {
        Ok(file) => io::Read::read_to_string(&mut io::Read::take(file, LIMIT_BYTES), &mut text)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    if text.is_empty() {
        return Ok(None);
    }
    let status = text.trim().parse().map_err(|_| {
        io::Error::new(io::ErrorKind::InvalidData, format!("{text:?} is no wait status"))
    })?;
    Ok(Some(ExitStatus::from_raw(status)))
}

#[cfg(test)]
mod tests {
    use super::{read_exit_file, read_reason, write, write_reason};

    /// A reason that was left is read again, and none is none.
    #[test]
    fn reason_left_is_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("c.exit");
        assert_eq!(read_reason(&path).unwrap(), None);
        write_reason(&path, "no such file").unwrap();
        assert_eq!(read_reason(&path).unwrap().as_deref(), Some("no such file"));
        assert!(!path.exists());
    }

    /// A status that was left is read again; nothing is nothing, and garbage is an error.
    #[test]
    fn status_left_is_read_again() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("exit-status");
        assert_eq!(read_exit_file(&path).unwrap(), None);
        std::fs::write(&path, "").unwrap();
        assert_eq!(read_exit_file(&path).unwrap(), None);
        write(&path, 3 << 8).unwrap();
        assert_eq!(read_exit_file(&path).unwrap().unwrap().code(), Some(3));
        std::fs::write(&path, "").unwrap();
        write(&path, 9).unwrap();
        assert_eq!(read_exit_file(&path).unwrap().unwrap().code(), None);
        std::fs::write(&path, "soon").unwrap();
        assert!(read_exit_file(&path).is_err());
    }
}
