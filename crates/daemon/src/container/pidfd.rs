//! References to processes that can't mean another process after the pid was used again.

use std::fmt;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::str::FromStr;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, pidfd_open, pidfd_send_signal, waitpid,
};
use tokio::io::Interest;

use super::proc;
use crate::sys::watch::Watch;

/// A process of this boot: its pid and when it started, which a later process with the same pid
/// does not share. Written as `<pid>@<started>`, for checkpoints.
///
/// Across a reboot the reference means nothing; whoever stores it stores the boot id as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PidRef {
    pub pid: i32,
    /// Clock ticks between boot and the start of the process.
    pub started: u64,
}

impl fmt::Display for PidRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.pid, self.started)
    }
}

/// The text is not of the form `<pid>@<started>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a process reference has the form <pid>@<start in ticks since boot>")]
pub struct NotAPidRef;

impl FromStr for PidRef {
    type Err = NotAPidRef;

    fn from_str(text: &str) -> Result<Self, NotAPidRef> {
        let (pid, started) = text.split_once('@').ok_or(NotAPidRef)?;
        let pid = pid.parse().map_err(|_| NotAPidRef)?;
        let started = started.parse().map_err(|_| NotAPidRef)?;
        if pid <= 0 { Err(NotAPidRef) } else { Ok(Self { pid, started }) }
    }
}

/// What became of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    Sent,
    /// The process has ended (and its pid may belong to another one, which was left alone).
    Gone,
}

impl PidRef {
    /// The process that has this pid now, or `Ok(None)`.
    ///
    /// # Errors
    /// `/proc` can't be read.
    pub fn of(pid: i32) -> io::Result<Option<Self>> {
        Ok(start_time(pid)?.map(|started| Self { pid, started }))
    }

    /// Whether anything of this very process still runs. A zombie does not.
    ///
    /// # Errors
    /// `/proc` can't be read.
    pub fn is_alive(&self) -> io::Result<bool> {
        Ok(proc::read_stat(self.pid)?
            .is_some_and(|stat| stat.started == self.started && !stat.is_over()))
    }

    /// Opens the process; `Ok(None)` when it is gone, whoever has the pid now.
    ///
    /// # Errors
    /// `/proc` can't be read, or no descriptor is free.
    pub fn open(&self) -> io::Result<Option<PidHandle>> {
        let Some(pid) = Pid::from_raw(self.pid).filter(|_| self.pid > 0) else {
            return Ok(None);
        };
        let fd = match pidfd_open(pid, PidfdFlags::empty()) {
            Ok(fd) => fd,
            // EINVAL: the pid is now one of a thread.
            Err(Errno::SRCH | Errno::INVAL) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        // The descriptor pins the process, so a start time read afterwards is that of the process
        // meant exactly if it held the pid all the time since the reference was made.
        if start_time(self.pid)? != Some(self.started) {
            return Ok(None);
        }
        Ok(Some(PidHandle { fd, process: *self }))
    }

    /// Signals this very process, never one that got its pid later.
    ///
    /// # Errors
    /// Not permitted, or `/proc` can't be read.
    pub fn signal(&self, signal: Signal) -> io::Result<Delivery> {
        self.open()?.map_or(Ok(Delivery::Gone), |process| process.signal(signal))
    }
}

/// Clock ticks between boot and the start of a process; `Ok(None)` means that there is none.
///
/// # Errors
/// `/proc` can't be read.
pub fn start_time(pid: i32) -> io::Result<Option<u64>> {
    Ok(proc::read_stat(pid)?.map(|stat| stat.started))
}

/// An open process: a pidfd and whom it means.
#[derive(Debug)]
pub struct PidHandle {
    fd: OwnedFd,
    process: PidRef,
}

impl PidHandle {
    /// For a descriptor that the kernel opened together with the process.
    pub(crate) fn of_child(pid: Pid, fd: OwnedFd) -> io::Result<Self> {
        let process = PidRef::of(pid.as_raw_pid())?.ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, "somebody else collected the new child")
        })?;
        Ok(Self { fd, process })
    }

    pub fn process(&self) -> PidRef {
        self.process
    }

    pub fn pid(&self) -> i32 {
        self.process.pid
    }

    /// # Errors
    /// Not permitted.
    pub fn signal(&self, signal: Signal) -> io::Result<Delivery> {
        match pidfd_send_signal(&self.fd, signal) {
            Ok(()) => Ok(Delivery::Sent),
            Err(Errno::SRCH) => Ok(Delivery::Gone),
            Err(error) => Err(error.into()),
        }
    }

    /// Whether the whole process has ended, collected by its parent or not.
    ///
    /// # Errors
    /// The kernel is out of memory.
    pub fn has_exited(&self) -> io::Result<bool> {
        let mut fds = [PollFd::new(&self.fd, PollFlags::IN)];
        loop {
            match poll(&mut fds, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) {
                Ok(ready) => return Ok(ready > 0),
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Returns when the whole process has ended. Needs a tokio runtime with its I/O driver; may be
    /// dropped and called again, and by several at a time.
    ///
    /// # Errors
    /// No descriptor is free.
    pub async fn exited(&self) -> io::Result<()> {
        // A descriptor of its own per wait: epoll knows each one only once.
        let watch = Watch::new(self.fd.try_clone()?, Interest::READABLE)?;
        while !self.has_exited()? {
            watch.changed().await?;
        }
        Ok(())
    }

    /// Collects a child of this process that has ended. `Ok(None)` while it runs.
    ///
    /// Not for processes with a [`super::reaper::Reaper`], which collects all children itself.
    ///
    /// # Errors
    /// Not a child of this process, or somebody else has collected it.
    pub fn try_reap(&self) -> io::Result<Option<ExitStatus>> {
        loop {
            match waitpid(Pid::from_raw(self.process.pid), WaitOptions::NOHANG) {
                Ok(status) => {
                    return Ok(status.map(|(_, status)| ExitStatus::from_raw(status.as_raw())));
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Waits for a child of this process and collects it, see [`Self::try_reap`].
    ///
    /// # Errors
    /// As [`Self::try_reap`] and [`Self::exited`].
    pub async fn wait(&self) -> io::Result<ExitStatus> {
        loop {
            self.exited().await?;
            if let Some(status) = self.try_reap()? {
                return Ok(status);
            }
            // Readable but not yet to be collected: another thread of it is on its last steps.
            tokio::task::yield_now().await;
        }
    }
}

impl AsFd for PidHandle {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.fd.as_fd()
    }
}

#[cfg(test)]
mod tests {
    use super::{Delivery, PidRef, start_time};
    use crate::container::testing::{Family, within};
    use rustix::process::Signal;

    #[test]
    fn a_reference_survives_being_written_and_read() {
        // Checkpoints hold references as text; broken text is refused.
        let process = PidRef { pid: 7, started: 99 };
        assert_eq!(process.to_string().parse(), Ok(process));
        for text in ["", "7", "@", "7@", "@9", "-7@9", "0@9", "7@x", "7@9@9"] {
            assert!(text.parse::<PidRef>().is_err(), "{text:?}");
        }
    }

    #[tokio::test]
    async fn a_process_that_took_over_the_pid_is_not_signalled() {
        // A wrong start time means another process: no signal, not alive, not opened.
        let family = Family::start("exec sleep 60");
        let real = family.owner();
        let recycled = PidRef { pid: real.pid, started: real.started - 1 };
        assert_eq!(recycled.signal(Signal::KILL).unwrap(), Delivery::Gone);
        assert!(!recycled.is_alive().unwrap());
        assert!(recycled.open().unwrap().is_none());
        assert!(real.is_alive().unwrap());
    }

    #[tokio::test]
    async fn the_end_of_a_process_is_noticed_through_its_pidfd() {
        // exited() returns for a killed process, and the reference is then dead though a zombie.
        let family = Family::start("exec sleep 60");
        let handle = family.owner().open().unwrap().unwrap();
        assert!(!handle.has_exited().unwrap());
        assert_eq!(handle.signal(Signal::KILL).unwrap(), Delivery::Sent);
        within(handle.exited()).await.unwrap();
        assert!(handle.has_exited().unwrap());
        assert!(!family.owner().is_alive().unwrap());
        assert_eq!(start_time(family.owner().pid).unwrap(), Some(family.owner().started));
    }

    #[tokio::test]
    async fn several_may_wait_for_the_same_process() {
        // One handle, two waits at a time: both return.
        let family = Family::start("exec sleep 60");
        let handle = family.owner().open().unwrap().unwrap();
        let both = async { tokio::join!(handle.exited(), handle.exited()) };
        family.owner().signal(Signal::KILL).unwrap();
        let (first, second) = within(both).await;
        first.unwrap();
        second.unwrap();
    }
}
