//! What people read of a fetch in the sandbox.

use std::path::Path;

use crate::container::logs::{LogFile, Rotation};

/// The sandbox's `stderr`, which the task has next.
#[derive(Debug)]
pub(super) struct Journal(Option<LogFile>);

impl Journal {
    pub(super) fn open(directory: &Path, rotation: Rotation) -> Self {
        // Without it files can be fetched all the same.
        Self(LogFile::open(directory, "stderr", rotation, None).ok())
    }

    pub(super) fn line(&mut self, text: &str) {
        if let Some(log) = &mut self.0 {
            log.append(format!("[fetch] {text}\n").as_bytes());
        }
    }
}
