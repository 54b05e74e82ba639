//! A FIFO through which a task tells the test how far it is, or waits to be told.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat, openat};

/// Longest wait for anything that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Gate {
    path: PathBuf,
    file: File,
}

impl Gate {
    pub(crate) fn new(directory: &Path, name: &str) -> Self {
        let path = directory.join(name);
        mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o666), 0).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = openat(CWD, &path, flags, Mode::empty()).unwrap().into();
        Self { path, file }
    }

    /// For a shell's redirection.
    pub(crate) fn path(&self) -> String {
        self.path.display().to_string()
    }

    /// The next line a task wrote.
    pub(crate) fn line(&mut self) -> String {
        let deadline = Instant::now() + PATIENCE;
        let mut line = String::new();
        while !line.ends_with('\n') {
            let left = deadline.saturating_duration_since(Instant::now()).as_secs();
            let left = Timespec { tv_sec: left.cast_signed(), tv_nsec: 0 };
            let ready = poll(&mut [PollFd::new(&self.file, PollFlags::IN)], Some(&left)).unwrap();
            assert!(ready > 0, "no line came through {}", self.path.display());
            let mut byte = [0];
            self.file.read_exact(&mut byte).unwrap();
            line.push(char::from(byte[0]));
        }
        line.trim().to_owned()
    }

    /// Lets a task go on that waits with `read`.
    pub(crate) fn open(&mut self) {
        self.file.write_all(b"go\n").unwrap();
    }
}
