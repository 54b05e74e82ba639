//! Copies what a task writes into its sandbox, rotated by size.
//!
//! The task is never held up for ever: what can't be written, for instance on a full disk, is
//! dropped and counted, and a line in the file says so once there is room again. The copying has a
//! thread of its own, so a disk that hangs does not keep an executor from killing its task.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{
    AtFlags, CWD, FileType, Gid, Mode, OFlags, Uid, fchown, fstat, openat, renameat, unlinkat,
};
use rustix::io::Errno;
use rustix::pipe::{PipeFlags, pipe_with};
use tokio::sync::watch;

/// As much as a pipe holds by default. Pages that small outputs don't reach cost no memory.
const COPY_BYTES: usize = 64 * 1024;
/// Little is needed: the buffers are on the heap.
const STACK_BYTES: usize = 64 * 1024;
/// How long an unwritable file is left alone before the next try.
const RETRY: Duration = Duration::from_millis(200);

/// How large log files get and how many are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// No file gets larger than this; at least one byte is assumed.
    pub max_bytes: u64,
    /// Older files kept besides the current one, as `<name>.1` (the newest) and so on.
    pub keep: u32,
}

impl Default for Rotation {
    /// Ten files of 10 MiB.
    fn default() -> Self {
        Self { max_bytes: 10 << 20, keep: 9 }
    }
}

/// Who owns the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    pub uid: u32,
    pub gid: u32,
}

/// One log of a sandbox with its rotated predecessors.
///
/// The directory may belong to an untrusted user: links in it are never followed, and it is opened
/// once, so that it can't be exchanged.
#[derive(Debug)]
pub struct LogFile {
    directory: OwnedFd,
    name: String,
    owner: Option<Owner>,
    rotation: Rotation,
    file: Option<File>,
    size_bytes: u64,
    /// Dropped since the last line that said so.
    unreported_bytes: u64,
    lost_bytes: u64,
    last_error: Option<io::Error>,
    retry_at: Option<Instant>,
}

impl LogFile {
    /// Opens or creates `<directory>/<name>` and appends to it.
    ///
    /// # Errors
    /// The directory can't be opened, or the name belongs to something other than a plain file.
    pub fn open(
        directory: &Path,
        name: &str,
        rotation: Rotation,
        owner: Option<Owner>,
    ) -> io::Result<Self> {
        let flags = OFlags::DIRECTORY | OFlags::RDONLY | OFlags::CLOEXEC;
        let mut log = Self {
            directory: openat(CWD, directory, flags, Mode::empty())?,
            name: name.to_owned(),
            owner,
            rotation: Rotation { max_bytes: rotation.max_bytes.max(1), ..rotation },
            file: None,
            size_bytes: 0,
            unreported_bytes: 0,
            lost_bytes: 0,
            last_error: None,
            retry_at: None,
        };
        log.open_file(OFlags::empty())?;
        Ok(log)
    }

    fn open_file(&mut self, more: OFlags) -> io::Result<()> {
        let flags = OFlags::WRONLY
            | OFlags::APPEND
            | OFlags::CREATE
            | OFlags::NOFOLLOW
            // Opening a FIFO that has no reader would wait.
            | OFlags::NONBLOCK
            | OFlags::CLOEXEC
            | more;
        let mode = Mode::RUSR | Mode::WUSR | Mode::RGRP | Mode::ROTH;
        let fd = openat(&self.directory, self.name.as_str(), flags, mode)?;
        let stat = fstat(&fd)?;
        // A second link could be one to somebody else's file.
        if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile || stat.st_nlink > 1 {
            let text = format!("{} is not a plain file of its own", self.name);
            return Err(io::Error::new(io::ErrorKind::InvalidInput, text));
        }
        if let Some(owner) = self.owner
            && (stat.st_uid, stat.st_gid) != (owner.uid, owner.gid)
        {
            fchown(&fd, Some(Uid::from_raw(owner.uid)), Some(Gid::from_raw(owner.gid)))?;
        }
        self.size_bytes = u64::try_from(stat.st_size).unwrap_or(0);
        self.file = Some(fd.into());
        Ok(())
    }

    /// All bytes dropped so far.
    pub fn lost_bytes(&self) -> u64 {
        self.lost_bytes
    }

    /// Appends what a task wrote. What can't be written is dropped and counted.
    pub fn append(&mut self, mut bytes: &[u8]) {
        if self.retry_at.is_some_and(|at| Instant::now() < at) {
            self.lose(bytes.len());
            return;
        }
        if self.unreported_bytes > 0 && self.report_loss().is_err() {
            self.lose(bytes.len());
            return;
        }
        while !bytes.is_empty() {
            match self.write_some(bytes) {
                Ok(written) => bytes = &bytes[written..],
                Err(error) => {
                    self.fail(error);
                    self.lose(bytes.len());
                    return;
                }
            }
        }
    }

    fn lose(&mut self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.lost_bytes = self.lost_bytes.saturating_add(bytes);
        self.unreported_bytes = self.unreported_bytes.saturating_add(bytes);
    }

    fn fail(&mut self, error: io::Error) {
        // Once per loss, however long it lasts.
        if self.unreported_bytes == 0 {
            tracing::warn!(log = %self.name, %error, "output of a task is being dropped");
        }
        self.last_error = Some(error);
        self.retry_at = Some(Instant::now() + RETRY);
    }

    /// Writes the one line about what was dropped, whole or not at all. The count is of the text
    /// itself when it must be tried again.
    fn report_loss(&mut self) -> io::Result<()> {
        let reason = self.last_error.as_ref().map(ToString::to_string).unwrap_or_default();
        let line =
            format!("\n[ebb: {} bytes of output were lost: {reason}]\n", self.unreported_bytes);
        let start = self.size_bytes;
        let mut rest = line.as_bytes();
        while !rest.is_empty() {
            match self.write_some(rest) {
                Ok(written) => rest = &rest[written..],
                Err(error) => {
                    if self.size_bytes > start
                        && let Some(file) = &self.file
                        && file.set_len(start).is_ok()
                    {
                        self.size_bytes = start;
                    }
                    self.fail(error);
                    return Err(io::ErrorKind::StorageFull.into());
                }
            }
        }
        self.unreported_bytes = 0;
        self.last_error = None;
        self.retry_at = None;
        Ok(())
    }

    /// Writes up to the size limit, after rotating if that was reached before.
    fn write_some(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.size_bytes >= self.rotation.max_bytes || self.file.is_none() {
            self.rotate()?;
        }
        let room = self.rotation.max_bytes - self.size_bytes.min(self.rotation.max_bytes);
        let length = bytes.len().min(usize::try_from(room).unwrap_or(usize::MAX));
        let Some(file) = &mut self.file else { return Err(io::ErrorKind::NotFound.into()) };
        let written = match file.write(&bytes[..length]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            result => result?,
        };
        self.size_bytes += u64::try_from(written).unwrap_or(0);
        Ok(written)
    }

    /// Moves every file one number up, forgets the oldest, and begins a new one.
    fn rotate(&mut self) -> io::Result<()> {
        let numbered = |number: u32| match number {
            0 => self.name.clone(),
            number => format!("{}.{number}", self.name),
        };
        let absent_is_done = |result: Result<(), Errno>| match result {
            Ok(()) | Err(Errno::NOENT) => Ok(()),
            Err(error) => Err(error),
        };
        // Without a file the last rotation stopped half-way; what is in place then is the newest.
        self.file = None;
        let directory = &self.directory;
        if self.rotation.keep == 0 {
            absent_is_done(unlinkat(directory, self.name.as_str(), AtFlags::empty()))?;
        }
        for number in (0..self.rotation.keep).rev() {
            absent_is_done(renameat(directory, numbered(number), directory, numbered(number + 1)))?;
        }
        self.open_file(OFlags::EXCL)
    }
}

/// Copies pipes into logs on a thread of its own, until all their writers are gone or it is dropped.
#[derive(Debug)]
pub struct LogPump {
    /// Closed to say stop.
    _stop: OwnedFd,
    done: watch::Receiver<Option<u64>>,
}

impl LogPump {
    /// Starts to copy. Each read end belongs to one log; close the write ends after the task got
    /// them, or the end is never seen.
    ///
    /// # Errors
    /// No descriptor or thread is free.
    pub fn start(mut streams: Vec<(OwnedFd, LogFile)>) -> io::Result<Self> {
        let (stopped, stop) = pipe_with(PipeFlags::CLOEXEC)?;
        for (pipe, _) in &mut streams {
            rustix::io::ioctl_fionbio(pipe, true)?;
        }
        let (report, done) = watch::channel(None);
        thread::Builder::new().name("logs".into()).stack_size(STACK_BYTES).spawn(move || {
            let lost_bytes = pump(streams, &stopped);
            // Nobody may be listening any more.
            report.send_replace(Some(lost_bytes));
        })?;
        Ok(Self { _stop: stop, done })
    }

    /// Returns, once all writers are gone and everything is written, how many bytes were lost.
    ///
    /// A writer that outlives the task, such as a daemon it left, keeps this waiting; drop the pump
    /// to end it.
    pub fn finished(&self) -> impl Future<Output = u64> + Send + use<> {
        let mut done = self.done.clone();
        async move {
            match done.wait_for(Option::is_some).await {
                Ok(lost_bytes) => lost_bytes.unwrap_or(0),
                // The thread ended without a report, which only a panic in it could do.
                Err(_closed) => 0,
            }
        }
    }
}

fn pump(mut streams: Vec<(OwnedFd, LogFile)>, stopped: &OwnedFd) -> u64 {
    let mut buffer = vec![0_u8; COPY_BYTES];
    let mut lost_bytes = 0;
    while !streams.is_empty() {
        let mut fds: Vec<PollFd<'_>> =
            streams.iter().map(|(pipe, _)| PollFd::new(pipe, PollFlags::IN)).collect();
        fds.push(PollFd::new(stopped, PollFlags::IN));
        match poll(&mut fds, None::<&Timespec>) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => {
                tracing::error!(%error, "cannot wait for the output of a task");
                break;
            }
        }
        let ready: Vec<bool> = fds.iter().map(|fd| !fd.revents().is_empty()).collect();
        let stop = ready.last() == Some(&true);
        let mut ready = ready.into_iter();
        streams.retain_mut(|(pipe, log)| {
            // After a stop everything is read once more, up to what a pipe holds.
            if ready.next() != Some(true) && !stop {
                return true;
            }
            let open = copy_once(pipe, log, &mut buffer);
            if !open {
                lost_bytes += log.lost_bytes();
            }
            open
        });
        if stop {
            break;
        }
    }
    lost_bytes + streams.iter().map(|(_, log)| log.lost_bytes()).sum::<u64>()
}

/// Returns false after the end of the stream.
fn copy_once(pipe: &OwnedFd, log: &mut LogFile, buffer: &mut [u8]) -> bool {
    match rustix::io::read(pipe, &mut *buffer) {
        Ok(0) => false,
        Ok(length) => {
            log.append(&buffer[..length]);
            true
        }
        Err(Errno::INTR | Errno::AGAIN) => true,
        Err(error) => {
            tracing::error!(log = %log.name, %error, "cannot read the output of a task");
            false
        }
    }
}

#[cfg(test)]
#[path = "logs_tests.rs"]
mod tests;
