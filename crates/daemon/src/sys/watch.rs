//! Waits for a descriptor of the kernel through tokio's reactor.
#![allow(unsafe_code, reason = "tokio asks for a promise that the descriptor stays the same")]

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A descriptor that is watched for as long as this lives. It can be looked at, not exchanged.
#[derive(Debug)]
pub struct Watch {
    fd: AsyncFd<OwnedFd>,
    interest: Interest,
}

impl Watch {
    /// Needs a tokio runtime with its I/O driver. One watch per descriptor; duplicate it for more.
    ///
    /// # Errors
    /// The descriptor is of a kind that can't be waited for, or is watched already.
    pub fn new(fd: OwnedFd, interest: Interest) -> io::Result<Self> {
        // SAFETY: the descriptor is owned by the AsyncFd, which is private to this type and only
        // ever lent out shared, so it is neither closed nor exchanged before the AsyncFd goes.
        let fd = unsafe { AsyncFd::register_with_interest(fd, interest)? };
        Ok(Self { fd, interest })
    }

    /// Returns when the kernel has reported something since the last call. There may be false
    /// alarms. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// The runtime is shutting down.
    pub async fn changed(&self) -> io::Result<()> {
        self.fd.ready(self.interest).await?.clear_ready();
        Ok(())
    }
}

impl AsFd for Watch {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.get_ref().as_fd()
    }
}
