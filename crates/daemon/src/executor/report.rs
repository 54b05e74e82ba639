//! One-line facts for whoever reads the sandbox: no subscriber, no timestamps, little memory.

use std::fmt;
use std::io::Write as _;

pub(super) fn line(text: fmt::Arguments<'_>) {
    let mut line = text.to_string();
    line.push('\n');
    // In one write, so that lines of several writers don't mix. Nobody may be reading: the disk may
    // be full or the pipe closed, and the task goes on all the same.
    std::io::stderr().lock().write_all(line.as_bytes()).ok();
}
