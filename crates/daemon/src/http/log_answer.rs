//! Answers with the lines of something that grows: from a place in it, all at once or followed, as text, as JSON
//! or as events.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode, header};
use bytes::Bytes;
use http_body_util::channel::{Channel, Sender};
use tokio::sync::Semaphore;

use super::{ApiError, query};

/// Read at a time.
const PIECE_BYTES: u64 = 64 << 10;
/// Pieces that wait for a slow reader.
const PIECES: usize = 4;
/// A line is cut into pieces of this size.
const LINE_BYTES: usize = 64 << 10;
/// Lines that can be asked for by their number.
const MAX_LINES: u64 = 1_000_000;
/// Pause between two looks at what may grow.
const PAUSE: Duration = Duration::from_millis(500);
/// Looks without anything new after which a reader is shown that there still is somebody.
const QUIET_LOOKS: u32 = 20;
/// Readers at the same time.
const MAX_READERS: usize = 256;

/// Something that grows at its end and may lose its beginning.
pub trait Source: Send + Sync + 'static {
    /// Where it begins and ends now. An end that moves back means that it has begun anew.
    fn bounds(&self) -> impl Future<Output = Result<(u64, u64), ApiError>> + Send;
    /// Up to `length` bytes from `offset`, which is within the bounds.
    fn read(
        &self,
        offset: u64,
        length: u64,
    ) -> impl Future<Output = Result<Bytes, ApiError>> + Send;
}

/// Bounds how much is read at the same time.
#[derive(Clone, Debug)]
pub struct Readers(Arc<Semaphore>);

impl Default for Readers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_READERS)))
    }
}

/// Which lines, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Wanted {
    cursor: Cursor,
    /// Lines from the cursor on, or back from it.
    skip: i64,
    limit: Option<u64>,
    form: Form,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cursor {
    Begin,
    End,
    At(u64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Text,
    Json,
    /// Server-sent events, which go on.
    Events,
}

impl Wanted {
    // DC/OS: `cursor=BEG|END|<number>`, `skip`, `limit`; the form by `Accept`. Who names no cursor goes back from the end.
    // A reader that comes back names the last event it saw, which goes before all else.
    fn read(uri_query: Option<&str>, headers: &HeaderMap) -> Result<Self, ApiError> {
        let number = |name: &str, text: &str| {
            text.parse::<i64>().map_err(|_| {
                ApiError::bad_request(format!(
                    "Expecting '{name}' to be a whole number, got '{text}'"
                ))
            })
        };
        let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
        let form = match accept.unwrap_or_default() {
            accept if accept.contains("text/event-stream") => Form::Events,
            accept if accept.contains("application/json") => Form::Json,
            _ => Form::Text,
        };
        let mut wanted = Self { cursor: Cursor::Begin, skip: 0, limit: None, form };
        let mut is_placed = false;
        for (name, value) in query::pairs(uri_query) {
            match name.as_ref() {
                "cursor" => {
                    is_placed = true;
                    wanted.cursor = match value.as_ref() {
                        "BEG" | "" => Cursor::Begin,
                        "END" => Cursor::End,
                        at => Cursor::At(at.parse().map_err(|_| {
                            ApiError::bad_request(format!(
                                "Expecting 'cursor' to be BEG, END or a cursor of an entry, got '{at}'"
                            ))
                        })?),
                    }
                }
                "skip" => wanted.skip = number("skip", &value)?,
                "limit" => wanted.limit = Some(number("limit", &value)?.unsigned_abs()),
                "filter" => {
                    return Err(ApiError::bad_request(
                        "Logs can't be filtered here; leave 'filter' out",
                    ));
                }
                _ => {}
            }
        }
        if !is_placed && wanted.skip < 0 {
            wanted.cursor = Cursor::End;
        }
        let seen = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
        if let Some(seen) = seen {
            wanted.cursor = Cursor::At(seen);
            wanted.skip = 0;
        }
        if wanted.skip.unsigned_abs() > MAX_LINES {
            return Err(ApiError::bad_request(format!(
                "'skip' may be at most {MAX_LINES} lines; use 'cursor' to read all"
            )));
        }
        Ok(wanted)
    }
}

/// The lines that `query` asks for.
///
/// # Errors
/// The query can't be read, too much is read already, or the source can't be.
pub async fn answer(
    source: impl Source,
    uri_query: Option<&str>,
    headers: &HeaderMap,
    readers: &Readers,
) -> Result<Response<Body>, ApiError> {
    let wanted = Wanted::read(uri_query, headers)?;
    let Ok(room) = readers.0.clone().try_acquire_owned() else {
        return Err(ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("{MAX_READERS} logs are being read already; try again later"),
        ));
    };
    let start = start(&source, &wanted).await?;
    let (sender, body) = Channel::<Bytes, ApiError>::new(PIECES);
    let mut writer = Writer { sender, wanted, offset: start, rest: Vec::new(), lines: 0 };
    tokio::spawn(async move {
        let _room = room;
        // The reader has gone, or is told by how its answer ends.
        if let Err(Ended::Failed(error)) = writer.run(&source).await {
            writer.sender.abort(error);
        }
    });
    let content_type = match wanted.form {
        Form::Text => "text/plain; charset=utf-8",
        Form::Json => "application/json",
        Form::Events => "text/event-stream",
    };
    let response = Response::builder()
        .header(header::CONTENT_TYPE, content_type)
        .header(header::CACHE_CONTROL, "no-cache")
        .body(Body::new(body));
    Ok(response.expect("status and headers are valid"))
}

/// Where the wanted lines begin.
async fn start(source: &impl Source, wanted: &Wanted) -> Result<u64, ApiError> {
    let (begin, end) = source.bounds().await?;
    let at = match wanted.cursor {
        Cursor::Begin => begin,
        Cursor::End => end,
        Cursor::At(at) => at.clamp(begin, end),
    };
    let lines = wanted.skip.unsigned_abs();
    match wanted.skip {
        0 => Ok(at),
        ..0 => back(source, begin, at, lines).await,
        1.. => forward(source, at, end, lines).await,
    }
}

/// Where the last `lines` lines before `at` begin.
async fn back(source: &impl Source, begin: u64, at: u64, lines: u64) -> Result<u64, ApiError> {
    let mut seen = 0;
    let mut end = at;
    while end > begin {
        let from = end.saturating_sub(PIECE_BYTES).max(begin);
        let data = source.read(from, end - from).await?;
        if (data.len() as u64) < end - from {
            // It has shrunk meanwhile: all of it is new.
            return Ok(begin);
        }
        for (index, byte) in data.iter().enumerate().rev() {
            let offset = from + index as u64;
            // The end of the last line begins no other.
            if *byte == b'\n' && offset + 1 < at {
                seen += 1;
                if seen == lines {
                    return Ok(offset + 1);
                }
            }
        }
        end = from;
    }
    Ok(begin)
}

/// Where what follows the next `lines` lines begins.
async fn forward(source: &impl Source, at: u64, end: u64, lines: u64) -> Result<u64, ApiError> {
    let mut seen = 0;
    let mut from = at;
    while from < end {
        let data = source.read(from, PIECE_BYTES.min(end - from)).await?;
        if data.is_empty() {
            break;
        }
        for (index, byte) in data.iter().enumerate() {
            if *byte == b'\n' {
                seen += 1;
                if seen == lines {
                    return Ok(from + index as u64 + 1);
                }
            }
        }
        from += data.len() as u64;
    }
    Ok(end)
}

enum Ended {
    Gone,
    Enough,
    Failed(ApiError),
}

impl From<ApiError> for Ended {
    fn from(error: ApiError) -> Self {
        Self::Failed(error)
    }
}

struct Writer {
    sender: Sender<Bytes, ApiError>,
    wanted: Wanted,
    /// Where what was not read yet begins.
    offset: u64,
    /// Of a line that has not ended.
    rest: Vec<u8>,
    lines: u64,
}

impl Writer {
    async fn run(&mut self, source: &impl Source) -> Result<(), Ended> {
        let mut quiet = 0;
        loop {
            let (begin, end) = source.bounds().await?;
            if end < self.offset {
                // It has begun anew.
                self.offset = begin;
                self.rest.clear();
            }
            self.offset = self.offset.max(begin);
            let wrote = self.offset < end;
            while self.offset < end {
                let length = PIECE_BYTES.min(end - self.offset);
                let data = source.read(self.offset, length).await?;
                if data.is_empty() {
                    break;
                }
                self.offset += data.len() as u64;
                self.write(&data).await?;
            }
            if self.wanted.form != Form::Events {
                return self.finish().await;
            }
            quiet = if wrote { 0 } else { quiet + 1 };
            if quiet >= QUIET_LOOKS {
                quiet = 0;
                self.send(Bytes::from_static(b": \n\n")).await?;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn write(&mut self, data: &Bytes) -> Result<(), Ended> {
        if self.wanted.form == Form::Text && self.wanted.limit.is_none() {
            return self.send(data.clone()).await;
        }
        let mut text = String::new();
        let began = self.offset - data.len() as u64;
        for (index, byte) in data.iter().enumerate() {
            if *byte != b'\n' {
                self.rest.push(*byte);
                if self.rest.len() < LINE_BYTES {
                    continue;
                }
            }
            self.line(began + index as u64 + 1, &mut text);
            if self.is_enough() {
                break;
            }
        }
        self.send(text.into()).await?;
        if self.is_enough() { Err(Ended::Enough) } else { Ok(()) }
    }

    /// What has no end of line behind it is a line, too, once nothing more is waited for.
    async fn finish(&mut self) -> Result<(), Ended> {
        if self.rest.is_empty() {
            return Ok(());
        }
        let mut text = String::new();
        self.line(self.offset, &mut text);
        self.send(text.into()).await
    }

    /// Puts the line that has ended at `end`.
    fn line(&mut self, end: u64, text: &mut String) {
        self.lines += 1;
        let line = String::from_utf8_lossy(&self.rest);
        let line = line.trim_end_matches('\r');
        match self.wanted.form {
            Form::Text => {
                text.push_str(line);
                text.push('\n');
            }
            Form::Json => {
                text.push_str(&entry(line, end));
                text.push('\n');
            }
            Form::Events => {
                for part in ["id: ", &end.to_string(), "\ndata: ", &entry(line, end), "\n\n"] {
                    text.push_str(part);
                }
            }
        }
        self.rest.clear();
    }

    fn is_enough(&self) -> bool {
        self.wanted.limit.is_some_and(|limit| self.lines >= limit)
    }

    async fn send(&mut self, data: Bytes) -> Result<(), Ended> {
        if data.is_empty() {
            return Ok(());
        }
        self.sender.send_data(data).await.map_err(|_| Ended::Gone)
    }
}

/// One line as clients of a journal read it.
fn entry(line: &str, cursor: u64) -> String {
    let now = crate::clock::Clock::start().now();
    let micros = now.wall.0 / 1000;
    let uptime = now.at.since(model::Moment::default()).as_micros();
    serde_json::json!({
        "fields": {"MESSAGE": line},
        "cursor": cursor.to_string(),
        "realtime_timestamp": micros,
        "monotonic_timestamp": u64::try_from(uptime).unwrap_or(u64::MAX),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use http_body_util::BodyExt as _;

    use super::*;

    /// Ten numbered lines, the last one without an end.
    struct Lines(&'static str);

    impl Source for Lines {
        async fn bounds(&self) -> Result<(u64, u64), ApiError> {
            Ok((0, self.0.len() as u64))
        }

        async fn read(&self, offset: u64, length: u64) -> Result<Bytes, ApiError> {
            let from = usize::try_from(offset).unwrap();
            let to = (from + usize::try_from(length).unwrap()).min(self.0.len());
            Ok(Bytes::from_static(&self.0.as_bytes()[from..to]))
        }
    }

    async fn asked(query: &str, accept: &str) -> String {
        asked_again(query, accept, None).await
    }

    /// By a reader that has seen events up to one already.
    async fn asked_again(query: &str, accept: &str, seen: Option<&'static str>) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT, accept.parse().unwrap());
        if let Some(seen) = seen {
            headers.insert("Last-Event-ID", HeaderValue::from_static(seen));
        }
        let source = Lines("1\n2\n3\n4\n5");
        let readers = Readers::default();
        let response = answer(source, Some(query), &headers, &readers).await.unwrap();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    /// Lines are counted from the cursor, in both directions, and end with the limit.
    #[tokio::test]
    async fn lines_are_counted_from_the_cursor() {
        for (query, expected) in [
            ("", "1\n2\n3\n4\n5"),
            ("cursor=END&skip=-2", "4\n5"),
            ("cursor=END&skip=-99", "1\n2\n3\n4\n5"),
            ("skip=-2", "4\n5"),
            ("skip=2", "3\n4\n5"),
            ("cursor=END", ""),
            ("cursor=BEG&skip=3", "4\n5"),
            ("cursor=BEG&skip=1&limit=2", "2\n3\n"),
            ("cursor=4&limit=1", "3\n"),
            ("cursor=4&skip=-1&limit=1", "2\n"),
            ("cursor=999", ""),
        ] {
            assert_eq!(asked(query, "text/plain").await, expected, "{query}");
        }
    }

    /// As JSON each line is an entry, whose cursor leads to the next.
    #[tokio::test]
    async fn entries_lead_to_the_next() {
        let text = asked("skip=2&limit=1", "application/json").await;
        let entry: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(entry["fields"]["MESSAGE"], "3");
        let cursor = entry["cursor"].as_str().unwrap();
        assert_eq!(asked(&format!("cursor={cursor}"), "text/plain").await, "4\n5");
        assert_eq!(asked("cursor=END&skip=-2", "application/json").await.lines().count(), 2);
    }

    /// Events come one by one, each with an id, and end with the limit.
    #[tokio::test]
    async fn events_have_ids() {
        let text = asked("limit=2", "text/event-stream").await;
        let events: Vec<&str> = text.trim_end().split("\n\n").collect();
        assert_eq!(events.len(), 2);
        assert!(events[0].starts_with("id: 2\ndata: {"), "{text}");
    }

    /// A reader that comes back goes on where it was, whatever it had asked for at first.
    #[tokio::test]
    async fn a_reader_that_comes_back_goes_on() {
        for query in ["limit=2", "skip=-1&limit=2", "cursor=END&skip=-1&limit=2"] {
            let text = asked_again(query, "text/event-stream", Some("4")).await;
            assert!(text.starts_with("id: 6\n") && text.contains("\n\nid: 8\n"), "{query}: {text}");
        }
    }

    /// What can't be asked for is refused with what would be right.
    #[tokio::test]
    async fn bad_questions_are_refused() {
        for query in ["cursor=x", "skip=x", "limit=1.5", "skip=99999999", "filter=a:b"] {
            let answered =
                answer(Lines(""), Some(query), &HeaderMap::new(), &Readers::default()).await;
            assert_eq!(answered.unwrap_err().status, StatusCode::BAD_REQUEST, "{query}");
        }
    }
}
