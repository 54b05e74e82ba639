//! The beginning of what a process says, however much that is.

use std::io;
use std::os::fd::OwnedFd;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::net::unix::pipe;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// As much is kept.
const LIMIT_BYTES: usize = 4 << 10;
/// How long the rest is waited for, once all who could write it are gone.
const TIMEOUT: Duration = Duration::from_millis(500);

/// Output that is being read.
#[derive(Debug)]
pub(super) struct Output(JoinHandle<Vec<u8>>);

impl Output {
    /// Reads from the pipe, to its end, so that nobody has to wait who writes more than is kept.
    pub(super) fn read(pipe: OwnedFd) -> Self {
        Self(tokio::spawn(async move { first_bytes(pipe).await.unwrap_or_default() }))
    }

    /// What was said; to be asked once the writers are gone.
    pub(super) async fn text(self) -> String {
        let bytes = timeout(TIMEOUT, self.0).await;
        let bytes = bytes.ok().and_then(Result::ok).unwrap_or_default();
        String::from_utf8_lossy(&bytes).trim_end().to_owned()
    }
}

async fn first_bytes(pipe: OwnedFd) -> io::Result<Vec<u8>> {
    rustix::io::ioctl_fionbio(&pipe, true)?;
    let mut pipe = pipe::Receiver::from_owned_fd(pipe)?;
    let mut kept = Vec::new();
    let mut buffer = [0_u8; LIMIT_BYTES];
    loop {
        let length = pipe.read(&mut buffer).await?;
        if length == 0 {
            return Ok(kept);
        }
        let room = LIMIT_BYTES - kept.len();
        kept.extend_from_slice(&buffer[..length.min(room)]);
    }
}
