//! `LIST_FILES` and `READ_FILE`: the files below the work directory's sandboxes, and nothing else.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use bytes::Bytes;
use wire::v1::FileInfo;

use crate::http::ApiError;
use crate::sys::owner;

/// Sandboxes live below this folder of the work directory.
const SANDBOXES: &str = "slaves";
/// Most that one `READ_FILE` returns.
// Mesos: a page or less at a time; clients page on by offset.
const READ_LIMIT_BYTES: u64 = 1 << 20;
/// Most entries that one `LIST_FILES` returns.
const LIST_LIMIT: usize = 10_000;

/// The entries of a folder, or the one file `path` names.
pub(super) async fn list(work_dir: &Path, path: &str) -> Result<Vec<FileInfo>, ApiError> {
    let (work_dir, path) = (work_dir.to_owned(), path.to_owned());
    blocking(move || {
        let root = root(&work_dir, &path)?;
        let folder = resolve(&work_dir, &path)?;
        let missing = |_| not_found(&path);
        let metadata = std::fs::metadata(&folder).map_err(missing)?;
        if metadata.is_file() {
            return Ok(vec![info(&path, &metadata)]);
        }
        let mut infos = Vec::new();
        for entry in std::fs::read_dir(&folder).map_err(missing)?.take(LIST_LIMIT) {
            let Ok(entry) = entry else { continue };
            // Ended in between: not there any more.
            let Some(metadata) = target(&entry, &root) else { continue };
            let name = entry.file_name();
            let name = name.to_string_lossy();
            infos.push(info(&format!("{}/{name}", path.trim_end_matches('/')), &metadata));
        }
        infos.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(infos)
    })
    .await
}

/// The size of a file and up to `length` bytes of it from `offset`.
pub(super) async fn read(
    work_dir: &Path,
    path: &str,
    offset: u64,
    length: Option<u64>,
) -> Result<(u64, Bytes), ApiError> {
    let (work_dir, path) = (work_dir.to_owned(), path.to_owned());
    blocking(move || {
        let Opened { mut file, size } = open_now(&work_dir, &path)?;
        let wanted = length.unwrap_or(READ_LIMIT_BYTES).min(READ_LIMIT_BYTES);
        let mut data = Vec::new();
        if offset < size && wanted > 0 {
            file.seek(SeekFrom::Start(offset))
                .and_then(|_| file.take(wanted).read_to_end(&mut data))
                .map_err(|error| {
                    ApiError::new(
                        StatusCode::INTERNAL_SERVER_ERROR,
                        format!("cannot read '{path}': {error}"),
                    )
                })?;
        }
        Ok((size, Bytes::from(data)))
    })
    .await
}

/// A file of a sandbox and its size when it was opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) file: std::fs::File,
    pub(super) size: u64,
}

/// Opens a file of a sandbox.
pub(super) async fn open(work_dir: &Path, path: &str) -> Result<Opened, ApiError> {
    let (work_dir, path) = (work_dir.to_owned(), path.to_owned());
    blocking(move || open_now(&work_dir, &path)).await
}

fn open_now(work_dir: &Path, path: &str) -> Result<Opened, ApiError> {
    let root = root(work_dir, path)?;
    let real = resolve(work_dir, path)?;
    let missing = |_| not_found(path);
    // A pipe would keep the thread until somebody writes.
    let mut options = std::fs::OpenOptions::new();
    let file = options.read(true).custom_flags(libc::O_NONBLOCK).open(&real).map_err(missing)?;
    let metadata = file.metadata().map_err(missing)?;
    if !metadata.is_file() {
        return Err(ApiError::bad_request(format!("'{path}' is not a file")));
    }
    // The task owns the folders on the way, and may have put a link there since they were looked at.
    let opened = std::fs::read_link(format!("/proc/self/fd/{}", file.as_raw_fd()));
    if !opened.map_err(missing)?.starts_with(&root) {
        return Err(not_found(path));
    }
    Ok(Opened { file, size: metadata.len() })
}

fn root(work_dir: &Path, path: &str) -> Result<PathBuf, ApiError> {
    work_dir.join(SANDBOXES).canonicalize().map_err(|_| not_found(path))
}

/// The real file behind `path`, which must lie below the sandboxes after every link is followed:
/// tasks own their sandboxes and could link out of them.
fn resolve(work_dir: &Path, path: &str) -> Result<PathBuf, ApiError> {
    let root = root(work_dir, path)?;
    let asked = Path::new(path);
    // Relative paths count from the work directory.
    let real = work_dir.join(asked).canonicalize().map_err(|_| not_found(path))?;
    if real.starts_with(&root) { Ok(real) } else { Err(not_found(path)) }
}

/// What an entry of a folder is, after links are followed; a link out of the sandboxes is just a link.
fn target(entry: &std::fs::DirEntry, root: &Path) -> Option<std::fs::Metadata> {
    let metadata = entry.metadata().ok()?;
    if !metadata.is_symlink() {
        return Some(metadata);
    }
    let real = entry.path().canonicalize().ok().filter(|real| real.starts_with(root));
    real.and_then(|real| real.symlink_metadata().ok()).or(Some(metadata))
}

fn not_found(path: &str) -> ApiError {
    ApiError::new(
        StatusCode::NOT_FOUND,
        format!("There is no file '{path}' in a sandbox of this agent"),
    )
}

fn info(path: &str, metadata: &std::fs::Metadata) -> FileInfo {
    let seconds = metadata.mtime().saturating_mul(1_000_000_000);
    let nanoseconds = seconds.saturating_add(metadata.mtime_nsec());
    FileInfo {
        path: path.to_owned(),
        nlink: i32::try_from(metadata.nlink()).ok(),
        size: Some(metadata.len()),
        mtime: Some(wire::v1::TimeInfo { nanoseconds }),
        mode: Some(metadata.mode()),
        // Mesos: names where there are any.
        uid: Some(owner::user_name(metadata.uid())),
        gid: Some(owner::group_name(metadata.gid())),
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ApiError::stopped())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sandbox() -> tempfile::TempDir {
        let work_dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(work_dir.path().join("slaves/a/run")).unwrap();
        std::fs::write(work_dir.path().join("slaves/a/run/stdout"), "0123456789").unwrap();
        std::fs::write(work_dir.path().join("secret"), "secret").unwrap();
        work_dir
    }

    /// A file is read from an offset, and an offset past its end gives its size and no data.
    #[tokio::test]
    async fn files_are_read_in_pieces() {
        let work_dir = sandbox();
        let path = work_dir.path().join("slaves/a/run/stdout");
        let path = path.to_str().unwrap();
        let (size, data) = read(work_dir.path(), path, 3, Some(4)).await.unwrap();
        assert_eq!((size, data.as_ref()), (10, b"3456".as_slice()));
        let (size, data) = read(work_dir.path(), "slaves/a/run/stdout", 99, None).await.unwrap();
        assert_eq!((size, data.as_ref()), (10, b"".as_slice()));
    }

    /// Nothing outside the sandboxes can be read or listed, by `..` or by a link a task made.
    #[tokio::test]
    async fn links_do_not_lead_out_of_the_sandboxes() {
        let work_dir = sandbox();
        std::os::unix::fs::symlink("/etc/passwd", work_dir.path().join("slaves/a/run/link"))
            .unwrap();
        for path in
            ["slaves/a/run/link", "secret", "slaves/../secret", "/etc/passwd", "slaves/none"]
        {
            let error = read(work_dir.path(), path, 0, None).await.unwrap_err();
            assert_eq!(error.status, StatusCode::NOT_FOUND, "{path}");
        }
        assert!(list(work_dir.path(), "/etc").await.is_err());
        assert!(open(work_dir.path(), "slaves/a/run").await.is_err(), "a folder");
        let names = list(work_dir.path(), "slaves/a/run").await.unwrap();
        assert_eq!(names.len(), 2);
    }
}
