//! `/files/browse`, `/files/read`, `/files/download` and `/files/debug`: sandboxes over plain GET.

use std::io::Read as _;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, Response, StatusCode, header};
use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use model::{ExecutorId, FrameworkId};
use serde::Serialize;
use wire::v1::FileInfo;

use super::Shell;
use super::files::{self, Opened};
use crate::http::ApiError;
use crate::http::legacy::{Query, answer, to_json};

/// Most that one read returns.
// Mesos: sixteen pages.
const READ_LIMIT_BYTES: u64 = 64 << 10;
/// Pieces of a download, and how many of them may wait for a slow reader.
const PIECE_BYTES: usize = 64 << 10;
const PIECES: usize = 4;
/// Files of which this is known are named by their ending.
// Mesos: the same table, of which these are what is found in sandboxes.
const TYPES: [(&str, &str); 12] = [
    ("css", "text/css"),
    ("csv", "text/csv"),
    ("gif", "image/gif"),
    ("gz", "application/x-gzip"),
    ("html", "text/html"),
    ("jpg", "image/jpeg"),
    ("js", "application/javascript"),
    ("json", "application/json"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("txt", "text/plain"),
    ("zip", "application/zip"),
];

/// Which of the four is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Files {
    Browse,
    Read,
    Download,
    Debug,
}

pub(super) async fn serve(shell: Shell, request: Request<Body>, files: Files) -> Response<Body> {
    let (head, _) = request.into_parts();
    let answered = match shell.credentials.authenticate(&head.headers) {
        Err(error) => Err(error),
        Ok(_) => match files {
            Files::Browse => browse(&shell, &head).await,
            Files::Read => read(&shell, &head).await,
            Files::Download => download(&shell, &head).await,
            Files::Debug => debug(&shell, &head).await,
        },
    };
    answered.unwrap_or_else(ApiError::into_response)
}

/// A file as it is listed.
#[derive(Debug, Serialize)]
struct Entry {
    gid: String,
    mode: String,
    /// Seconds since the epoch, whole ones as a double.
    mtime: f64,
    nlink: i32,
    path: String,
    size: u64,
    uid: String,
}

impl From<FileInfo> for Entry {
    fn from(info: FileInfo) -> Self {
        let seconds = info.mtime.map_or(0, |time| time.nanoseconds.div_euclid(1_000_000_000));
        Self {
            mode: mode(info.mode()),
            #[expect(clippy::cast_precision_loss, reason = "seconds are far below 2^53")]
            mtime: seconds as f64,
            nlink: info.nlink(),
            size: info.size(),
            gid: info.gid.unwrap_or_default(),
            uid: info.uid.unwrap_or_default(),
            path: info.path,
        }
    }
}

/// `-rw-r--r--`.
fn mode(bits: u32) -> String {
    let kind = match bits & libc::S_IFMT {
        libc::S_IFDIR => 'd',
        libc::S_IFCHR => 'c',
        libc::S_IFBLK => 'b',
        libc::S_IFIFO => 'p',
        libc::S_IFLNK => 'l',
        libc::S_IFSOCK => 's',
        _ => '-',
    };
    let rights = (0..9).map(|at| {
        let is_set = bits & (0o400 >> at) != 0;
        if is_set { ['r', 'w', 'x'][at % 3] } else { '-' }
    });
    std::iter::once(kind).chain(rights).collect()
}

async fn browse(shell: &Shell, head: &Parts) -> Result<Response<Body>, ApiError> {
    let query = Query::of(&head.uri);
    let asked = path(&query)?;
    let real = real(shell, asked).await?;
    let listed = files::list(&shell.work_dir, &real).await?;
    // The entries go by the name that was asked for. A file is no folder: nothing is in it.
    let prefix = format!("{}/", real.trim_end_matches('/'));
    let entries = listed.into_iter().filter_map(|info| {
        let name = info.path.strip_prefix(&prefix)?;
        let path = format!("{}/{name}", asked.trim_end_matches('/'));
        Some(Entry::from(FileInfo { path, ..info }))
    });
    let entries: Vec<_> = entries.collect();
    answer(&head.headers, &query, &to_json(&entries))
}

async fn read(shell: &Shell, head: &Parts) -> Result<Response<Body>, ApiError> {
    #[derive(Serialize)]
    struct Piece<'a> {
        data: &'a str,
        offset: u64,
    }
    let query = Query::of(&head.uri);
    let real = real(shell, path(&query)?).await?;
    let offset = number(&query, "offset")?;
    let length = number(&query, "length")?.unwrap_or(READ_LIMIT_BYTES).min(READ_LIMIT_BYTES);
    // Mesos: without an offset, or with -1, only the size is told, as the offset.
    let (from, length) = offset.map_or((0, 0), |offset| (offset, length));
    let (size, data) = files::read(&shell.work_dir, &real, from, Some(length)).await?;
    let data = String::from_utf8_lossy(&data);
    let piece = Piece { data: &data, offset: offset.unwrap_or(size) };
    answer(&head.headers, &query, &to_json(&piece))
}

async fn download(shell: &Shell, head: &Parts) -> Result<Response<Body>, ApiError> {
    let query = Query::of(&head.uri);
    let asked = path(&query)?;
    let real = real(shell, asked).await?;
    let opened = files::open(&shell.work_dir, &real).await?;
    let name = asked.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    let kind = TYPES.iter().find(|(known, _)| *known == ending);
    let disposition = HeaderValue::try_from(format!("attachment; filename={name}"));
    let size = opened.size;
    let (sender, body) = Channel::<Bytes, std::io::Error>::new(PIECES);
    tokio::spawn(send(opened, sender));
    Response::builder()
        .status(StatusCode::OK)
        .header(header::CONTENT_TYPE, kind.map_or("application/octet-stream", |(_, kind)| kind))
        .header(header::CONTENT_LENGTH, size)
        .header(
            header::CONTENT_DISPOSITION,
            disposition.unwrap_or(HeaderValue::from_static("attachment")),
        )
        .body(Body::new(body))
        .map_err(|error| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()))
}

/// Sends a file piece by piece, as fast as it is read at the other end, up to the size it had at first.
async fn send(opened: Opened, mut sender: Sender<Bytes, std::io::Error>) {
    let Opened { file, size: mut left } = opened;
    let mut file = Some(file);
    while let Some(mut from) = file.take().filter(|_| left > 0) {
        let wanted = usize::try_from(left).unwrap_or(PIECE_BYTES).min(PIECE_BYTES);
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = vec![0; wanted];
            from.read_exact(&mut piece).map(|()| (from, piece))
        });
        match read.await.map_err(std::io::Error::other).and_then(|read| read) {
            Ok((from, piece)) => {
                left -= piece.len() as u64;
                if sender.send_data(piece.into()).await.is_err() {
                    return;
                }
                file = Some(from);
            }
            // It has become shorter: the reader must not take what it has for the whole.
            Err(error) => return sender.abort(error),
        }
    }
}

async fn debug(shell: &Shell, head: &Parts) -> Result<Response<Body>, ApiError> {
    let names = shell.mailbox.look(|core, _| core.sandboxes()).await?;
    // Names that come twice mean the latest.
    let names: std::collections::BTreeMap<_, _> = names.into_iter().collect();
    answer(&head.headers, &Query::of(&head.uri), &to_json(&names))
}

fn path(query: &Query) -> Result<&str, ApiError> {
    let path = query.get("path").filter(|path| !path.is_empty());
    path.ok_or_else(|| ApiError::bad_request("Expecting 'path=value' in query.\n"))
}

/// A number that may be -1, which is as good as absent.
// Mesos: the pailer of its pages asks for -1 first.
fn number(query: &Query, name: &str) -> Result<Option<u64>, ApiError> {
    let Some(text) = query.get(name) else { return Ok(None) };
    match text.parse::<i64>() {
        Ok(-1) => Ok(None),
        Ok(number) => u64::try_from(number)
            .map(Some)
            .map_err(|_| ApiError::bad_request(format!("Negative {name} provided: {number}.\n"))),
        Err(error) => Err(ApiError::bad_request(format!(
            "Failed to parse {name}: '{text}' is no number: {error}.\n"
        ))),
    }
}

/// The path below the work directory; `/frameworks/<id>/executors/<id>/runs/latest` is a name for the sandbox
/// of the executor's latest run.
async fn real(shell: &Shell, asked: &str) -> Result<String, ApiError> {
    let parts: Vec<&str> = asked.split('/').collect();
    let ["", "frameworks", framework, "executors", executor, "runs", "latest", rest @ ..] =
        parts.as_slice()
    else {
        return Ok(asked.to_owned());
    };
    let (framework, executor) = (FrameworkId::new(framework), ExecutorId::new(executor));
    let look = move |core: &agent::Agent, _| {
        core.executor_directory(&framework, &executor).map(str::to_owned)
    };
    let directory = shell.mailbox.look(look).await?;
    let directory = directory.ok_or_else(|| {
        ApiError::new(StatusCode::NOT_FOUND, format!("There is no sandbox '{asked}' on this agent"))
    })?;
    Ok(std::iter::once(directory.as_str())
        .chain(rest.iter().copied())
        .collect::<Vec<_>>()
        .join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The mode is written as `ls -l` does.
    #[test]
    fn modes_are_written_as_letters() {
        assert_eq!(mode(0o100_644), "-rw-r--r--");
        assert_eq!(mode(0o040_755), "drwxr-xr-x");
        assert_eq!(mode(0o120_777), "lrwxrwxrwx");
    }

    /// -1 and absence are the same, other negative numbers and words are refused.
    #[test]
    fn offsets_are_numbers_or_absent() {
        let of = |text: &str| number(&Query::read(text.as_bytes()), "offset");
        assert_eq!((of(""), of("offset=-1"), of("offset=7")), (Ok(None), Ok(None), Ok(Some(7))));
        assert!(of("offset=-2").unwrap_err().text.contains("Negative offset provided: -2"));
        assert!(of("offset=x").unwrap_err().text.starts_with("Failed to parse offset"));
    }
}
