//! Collects the ended children of a child subreaper, its own and the adopted ones.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use rustix::io::Errno;
use rustix::process::{Pid, WaitOptions, set_child_subreaper, wait};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Who ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A child announced with [`Reaper::expect`].
    Own,
    /// An orphan from further down the tree.
    Adopted,
}

/// Something that happened to the children of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    Exited {
        pid: i32,
        status: ExitStatus,
        origin: Origin,
    },
    /// No child is left: as every orphan becomes a child, the whole tree is empty. Said once, and
    /// again only after there were new children.
    Empty,
}

/// Collects children upon SIGCHLD. There may be only one in a process, and nothing else may wait
/// for children then: neither std's nor tokio's, nor [`super::pidfd::PidHandle::wait`].
#[derive(Debug)]
pub struct Reaper {
    child_signals: Signal,
    own: BTreeSet<i32>,
    said_empty: bool,
}

impl Reaper {
    /// Makes this process a child subreaper and begins to listen. Needs a tokio runtime with its
    /// I/O driver; create it before the first child.
    ///
    /// # Errors
    /// The kernel or the runtime refuses.
    pub fn new() -> io::Result<Self> {
        // Any value but zero sets the attribute.
        set_child_subreaper(Some(Pid::INIT))?;
        Ok(Self {
            child_signals: signal(SignalKind::child())?,
            own: BTreeSet::new(),
            // Before the first child there is nothing to report.
            said_empty: true,
        })
    }

    /// Announces a child that this process has started itself. To be called before the next
    /// [`Self::next`], else the child may be taken for an orphan.
    pub fn expect(&mut self, pid: i32) {
        self.own.insert(pid);
        self.said_empty = false;
    }

    /// The next event. May be dropped and called again without losing any.
    ///
    /// # Errors
    /// The runtime is shutting down.
    pub async fn next(&mut self) -> io::Result<Event> {
        loop {
            if let Some(event) = self.poll()? {
                return Ok(event);
            }
            // The signal was subscribed to before the look at the children, so one that ended in
            // between has left a signal behind.
            if self.child_signals.recv().await.is_none() {
                return Err(io::Error::other("the runtime no longer delivers SIGCHLD"));
            }
        }
    }

    /// The next event that is already there.
    ///
    /// # Errors
    /// None that the kernel documents.
    pub fn poll(&mut self) -> io::Result<Option<Event>> {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(None) => {
                    self.said_empty = false;
                    return Ok(None);
                }
                Ok(Some((pid, status))) => {
                    self.said_empty = false;
                    let pid = pid.as_raw_pid();
                    let origin = if self.own.remove(&pid) { Origin::Own } else { Origin::Adopted };
                    let status = ExitStatus::from_raw(status.as_raw());
                    return Ok(Some(Event::Exited { pid, status, origin }));
                }
                Err(Errno::CHILD) => {
                    let news = !std::mem::replace(&mut self.said_empty, true);
                    return Ok(news.then_some(Event::Empty));
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
}
