//! One-line facts for whoever reads the sandbox: no subscriber, no timestamps, little memory.

use std::fmt;
use std::io::{self, Write as _};

use crate::container::pidfd::PidRef;

pub(super) fn line(text: fmt::Arguments<'_>) {
    let mut line = text.to_string();
    line.push('\n');
    // In one write, so that lines of several writers don't mix. Nobody may be reading: the disk may
    // be full or the pipe closed, and the task goes on all the same.
    io::stderr().lock().write_all(line.as_bytes()).ok();
}

pub(super) fn failures(failed: &[(PidRef, io::Error)]) {
    for (process, error) in failed {
        line(format_args!("Cannot signal process {}: {error}", process.pid));
    }
}
