//! A client that takes as little time as there can be: it reads and counts.

use std::fmt;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use wire::media::MediaType;

use crate::bench::BenchError;

const BUFFER_BYTES: usize = 1 << 20;

/// What is asked for.
#[derive(Clone, Debug)]
pub(super) enum Fetch {
    Call {
        name: &'static str,
        media: MediaType,
    },
    Get(&'static str),
    /// The first event of an operator event stream.
    Snapshot,
}

impl fmt::Display for Fetch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call { name, media: MediaType::Protobuf } => write!(f, "{name} (protobuf)"),
            Self::Call { name, .. } => write!(f, "{name} (JSON)"),
            Self::Get(path) => f.write_str(path),
            Self::Snapshot => f.write_str("SUBSCRIBE's snapshot (JSON)"),
        }
    }
}

/// An answer that was read to its end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) bytes: u64,
    pub(super) took: Duration,
}

impl Answer {
    #[expect(clippy::cast_precision_loss, reason = "a size to be shown")]
    pub(super) fn megabytes(self) -> f64 {
        self.bytes as f64 / 1e6
    }
}

impl Fetch {
    pub(super) fn json(name: &'static str) -> Self {
        Self::Call { name, media: MediaType::Json }
    }

    pub(super) fn protobuf(name: &'static str) -> Self {
        Self::Call { name, media: MediaType::Protobuf }
    }

    pub(super) fn get(path: &'static str) -> Self {
        Self::Get(path)
    }

    pub(super) fn snapshot() -> Self {
        Self::Snapshot
    }

    /// The request as it goes out; an answer ends with its connection.
    pub(super) fn request(&self, host: &str) -> String {
        let (name, accept) = match self {
            Self::Get(path) => {
                return format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            }
            Self::Call { name, media } => (*name, media.name()),
            Self::Snapshot => ("SUBSCRIBE", MediaType::Json.name()),
        };
        let body = format!("{{\"type\":\"{name}\"}}");
        format!(
            "POST /api/v1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Accept: {accept}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    /// Asks the server at `url` and reads the answer.
    pub(super) fn from(&self, url: &str) -> Result<Answer, BenchError> {
        let host = url.trim_start_matches("http://");
        let broken = |error: std::io::Error| BenchError::broken(format!("{self}: {error}"));
        let mut buffer = vec![0; BUFFER_BYTES];
        let began = Instant::now();
        let mut stream = TcpStream::connect(host).map_err(broken)?;
        stream.write_all(self.request(host).as_bytes()).map_err(broken)?;
        let (mut bytes, mut status) = (0, 0);
        loop {
            let count = stream.read(&mut buffer).map_err(broken)?;
            if bytes == 0 {
                let head = String::from_utf8_lossy(&buffer[..count.min(64)]);
                status = head.split(' ').nth(1).and_then(|it| it.parse().ok()).unwrap_or(0);
            }
            bytes += count as u64;
            let is_whole = matches!(self, Self::Snapshot) && has_heartbeat(&buffer[..count]);
            if count == 0 || is_whole {
                return Ok(Answer { status, bytes, took: began.elapsed() });
            }
        }
    }
}

/// Whether the event that follows the snapshot is there. It is short and comes after all else.
fn has_heartbeat(bytes: &[u8]) -> bool {
    let tail = &bytes[bytes.len().saturating_sub(64)..];
    tail.windows(b"HEARTBEAT".len()).any(|window| window == b"HEARTBEAT")
}
