//! `LIST_FILES` and `READ_FILE`: the files below the work directory's sandboxes, and nothing else.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use axum::http::StatusCode;
use bytes::Bytes;
use wire::v1::FileInfo;

use crate::http::ApiError;

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
            let Ok(metadata) = entry.metadata() else { continue };
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
        let file = resolve(&work_dir, &path)?;
        let mut file = std::fs::File::open(file).map_err(|_| not_found(&path))?;
        let metadata = file.metadata().map_err(|_| not_found(&path))?;
        if !metadata.is_file() {
            return Err(ApiError::bad_request(format!("'{path}' is not a file")));
        }
        let wanted = length.unwrap_or(READ_LIMIT_BYTES).min(READ_LIMIT_BYTES);
        let mut data = Vec::new();
        if offset < metadata.len() && wanted > 0 {
            file.seek(SeekFrom::Start(offset))
                .and_then(|_| file.take(wanted).read_to_end(&mut data))
                .map_err(|error| {
                    ApiError::new(
                        StatusCode::INTERNAL_SERVER_ERROR,
                        format!("cannot read '{path}': {error}"),
                    )
                })?;
        }
        Ok((metadata.len(), Bytes::from(data)))
    })
    .await
}

/// The real file behind `path`, which must lie below the sandboxes after every link is followed:
/// tasks own their sandboxes and could link out of them.
fn resolve(work_dir: &Path, path: &str) -> Result<PathBuf, ApiError> {
    let root = work_dir.join(SANDBOXES).canonicalize().map_err(|_| not_found(path))?;
    let asked = Path::new(path);
    // Relative paths count from the work directory.
    let real = work_dir.join(asked).canonicalize().map_err(|_| not_found(path))?;
    if real.starts_with(&root) { Ok(real) } else { Err(not_found(path)) }
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
        uid: Some(metadata.uid().to_string()),
        gid: Some(metadata.gid().to_string()),
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
        let names = list(work_dir.path(), "slaves/a/run").await.unwrap();
        assert_eq!(names.len(), 2);
    }
}
