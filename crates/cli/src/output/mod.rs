//! What people and scripts read: data on stdout, talk on stderr. Only this module prints.

pub mod progress;
pub mod table;
pub mod words;

use std::io::{self, IsTerminal as _, Write as _};

use clap::builder::StyledStr;
use serde_json::Value;

use crate::exit::Failure;

/// One line of data. A reader that went away, as `head` does, is no error.
pub fn line(text: &str) {
    data(format!("{text}\n").as_bytes());
}

/// Bytes of data as they are.
pub fn data(bytes: &[u8]) {
    let mut stdout = io::stdout().lock();
    // Nobody is left to tell.
    drop(stdout.write_all(bytes).and_then(|()| stdout.flush()));
}

/// As [`data`] for what is of no use unless it is all there.
///
/// # Errors
/// Not everything could be written.
pub fn all(bytes: &[u8]) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// A JSON document, indented, with a line end.
pub fn json(value: &Value) {
    line(&serde_json::to_string_pretty(value).expect("JSON values can be written"));
}

/// As [`json`] with four spaces, as `dcos` prints it.
pub fn json_wide(value: &Value) {
    let mut bytes = Vec::new();
    let format = serde_json::ser::PrettyFormatter::with_indent(b"    ");
    let mut writer = serde_json::Serializer::with_formatter(&mut bytes, format);
    serde::Serialize::serialize(value, &mut writer).expect("JSON values can be written");
    bytes.push(b'\n');
    data(&bytes);
}

/// One line of talk.
pub fn talk(text: &str) {
    raw_talk(&format!("{text}\n"));
}

/// Talk as it is, for redrawing.
pub fn raw_talk(text: &str) {
    let mut stderr = io::stderr().lock();
    // Nobody is left to tell.
    drop(stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush()));
}

/// Help asked for goes to stdout.
pub fn help(text: &StyledStr) {
    if io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        data(text.ansi().to_string().as_bytes());
    } else {
        data(text.to_string().as_bytes());
    }
}

/// `error: …` and its hints.
pub fn failure(failure: &Failure) {
    talk(&failure.to_string());
}

/// A message as JSON, with Mesos' names.
pub fn message(message: &impl wire::Message) -> Value {
    serde_json::from_slice(&wire::json::to_vec(message)).unwrap_or(Value::Null)
}

/// Columns of the terminal that stdout is; `None` if it is none and text may be as long as it likes.
pub fn stdout_width() -> Option<usize> {
    columns_wanted().or_else(|| width(&io::stdout()))
}

/// Columns of the terminal that stderr is.
pub fn stderr_width() -> Option<usize> {
    width(&io::stderr())
}

fn width(stream: &(impl io::IsTerminal + std::os::fd::AsFd)) -> Option<usize> {
    if !stream.is_terminal() {
        return None;
    }
    let columns = rustix::termios::tcgetwinsize(stream).map_or(0, |size| size.ws_col);
    Some(if columns == 0 { 80 } else { columns.into() })
}

/// Scripts may ask for a width through `COLUMNS`.
fn columns_wanted() -> Option<usize> {
    std::env::var("COLUMNS").ok()?.parse().ok().filter(|columns| *columns >= 40)
}
