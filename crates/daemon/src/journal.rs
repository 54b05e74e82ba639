//! The end of this process' own log, kept for who asks for it over HTTP.

use std::collections::VecDeque;
use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Response, StatusCode};
use bytes::Bytes;

use crate::http::log_answer::{self, Readers, Source};
use crate::http::{ApiError, answer};

const MAX_BYTES: usize = 1 << 20;

static KEPT: Mutex<Kept> = Mutex::new(Kept { begin: 0, bytes: VecDeque::new() });

struct Kept {
    /// Bytes that came before those that are kept.
    begin: u64,
    bytes: VecDeque<u8>,
}

fn kept() -> MutexGuard<'static, Kept> {
    // No code panics while holding it.
    KEPT.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Kept {
    fn add(&mut self, line: &[u8]) {
        self.bytes.extend(line);
        let over = self.bytes.len().saturating_sub(MAX_BYTES);
        if over == 0 {
            return;
        }
        // Whole lines go.
        let next = self.bytes.iter().skip(over).position(|byte| *byte == b'\n');
        let dropped = next.map_or(self.bytes.len(), |next| over + next + 1);
        self.bytes.drain(..dropped);
        self.begin += dropped as u64;
    }

    fn end(&self) -> u64 {
        self.begin + self.bytes.len() as u64
    }

    fn read(&self, offset: u64, length: u64) -> Bytes {
        let from = usize::try_from(offset.saturating_sub(self.begin)).unwrap_or(usize::MAX);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        self.bytes.iter().skip(from).take(length).copied().collect()
    }
}

/// Where the log goes, a whole line at a time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Writer;

impl Write for Writer {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        kept().add(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What is kept, as a source of lines.
#[derive(Clone, Copy, Debug)]
struct Journal;

impl Source for Journal {
    async fn bounds(&self) -> Result<(u64, u64), ApiError> {
        let kept = kept();
        Ok((kept.begin, kept.end()))
    }

    async fn read(&self, offset: u64, length: u64) -> Result<Bytes, ApiError> {
        Ok(kept().read(offset, length))
    }
}

/// The lines that a request for a component's log asks for. This process is one of `units`; of others there is
/// nothing (204).
///
/// # Errors
/// The question can't be read, or too much is read already.
pub async fn answer_for(
    head: &Parts,
    unit: Option<&str>,
    units: &[&str],
    readers: &Readers,
) -> Result<Response<Body>, ApiError> {
    let is_this = unit.is_none_or(|unit| units.contains(&unit.trim_end_matches(".service")));
    if !is_this || kept().bytes.is_empty() {
        return Ok(answer::empty(StatusCode::NO_CONTENT));
    }
    log_answer::answer(Journal, head.uri.query(), &head.headers, readers).await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The oldest lines go, whole, and what is left keeps its place.
    #[test]
    fn the_oldest_lines_go() {
        let mut kept = Kept { begin: 0, bytes: VecDeque::new() };
        let line = format!("{}\n", "x".repeat(1023));
        for _ in 0..MAX_BYTES / 1024 {
            kept.add(line.as_bytes());
        }
        assert_eq!((kept.begin, kept.end()), (0, MAX_BYTES as u64));
        kept.add(b"last\n");
        assert_eq!(kept.begin % 1024, 0);
        assert!(kept.begin > 0 && kept.bytes.len() <= MAX_BYTES);
        assert_eq!(kept.read(kept.end() - 5, 99).as_ref(), b"last\n");
    }
}
