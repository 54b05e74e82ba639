//! HTTP with nothing in between: any head and any body, answers as bytes, streams record by record.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::time::Duration;

/// Longest wait for anything that must come.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Where an API is served: `http://host:port` and perhaps the start of a path.
#[derive(Clone, Debug)]
pub(crate) struct Base {
    pub(crate) authority: String,
    prefix: String,
}

impl Base {
    pub(crate) fn new(url: &str) -> Self {
        let rest = url.strip_prefix("http://").unwrap_or(url).trim_end_matches('/');
        let (authority, prefix) = rest.split_once('/').map_or((rest, ""), |(a, p)| (a, p));
        let prefix = if prefix.is_empty() { String::new() } else { format!("/{prefix}") };
        Self { authority: authority.to_owned(), prefix }
    }
}

/// A request; see [`Request::send`] and [`Request::open`].
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) version: &'static str,
    /// Whether a `Host` is sent.
    pub(crate) host: bool,
}

impl Request {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: Vec::new(),
            version: "HTTP/1.1",
            host: true,
        }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub(crate) fn post(path: &str, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..Self::new("POST", path) }
    }

    /// A JSON call to `/api/v1…`.
    pub(crate) fn json(path: &str, body: &str) -> Self {
        let json = "application/json";
        Self::post(path, body).header("Content-Type", json).header("Accept", json)
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Sends it and reads the whole answer.
    pub(crate) fn send(&self, base: &Base) -> Answer {
        let (head, mut body) = self.exchange(base, true);
        let mut bytes = Vec::new();
        if self.method != "HEAD" {
            // A server that has seen enough may break off after its answer.
            drop(body.read_to_end(&mut bytes));
        }
        Answer { body: bytes, ..head }
    }

    /// Sends it, and leaves the body of the answer to be read as records.
    pub(crate) fn open(&self, base: &Base) -> (Answer, Records) {
        let (head, body) = self.exchange(base, false);
        (head, Records { body })
    }

    /// Sends what there is of it, and waits for nothing; for one that announces more than it has.
    pub(crate) fn begin(&self, base: &Base) -> TcpStream {
        let mut stream = TcpStream::connect(&base.authority)
            .unwrap_or_else(|error| panic!("{}: {error}", base.authority));
        stream.write_all(self.head(base, false).as_bytes()).unwrap();
        stream.write_all(&self.body).unwrap();
        stream
    }

    fn exchange(&self, base: &Base, close: bool) -> (Answer, Body) {
        let stream = TcpStream::connect(&base.authority)
            .unwrap_or_else(|error| panic!("{}: {error}", base.authority));
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.set_write_timeout(Some(PATIENCE)).unwrap();
        let mut sender = stream.try_clone().unwrap();
        let mut bytes = self.head(base, close).into_bytes();
        bytes.extend_from_slice(&self.body);
        // Written beside the reading: a server that has seen enough answers before all was sent.
        let sending = std::thread::spawn(move || drop(sender.write_all(&bytes)));
        let answer = read_head(BufReader::new(stream), self);
        if close {
            sending.join().unwrap();
        }
        answer
    }

    fn head(&self, base: &Base, close: bool) -> String {
        let first = format!("{} {}{} {}", self.method, base.prefix, self.path, self.version);
        let mut lines = vec![first];
        if self.host {
            lines.push(format!("Host: {}", base.authority));
        }
        for (name, value) in &self.headers {
            lines.push(format!("{name}: {value}"));
        }
        let length = self.body.len();
        let names_length = |(name, _): &(String, String)| {
            matches!(&*name.to_ascii_lowercase(), "content-length" | "transfer-encoding")
        };
        if !self.headers.iter().any(names_length) && (length > 0 || self.method != "GET") {
            lines.push(format!("Content-Length: {length}"));
        }
        if close {
            lines.push("Connection: close".to_owned());
        }
        lines.join("\r\n") + "\r\n\r\n"
    }
}

fn read_head(mut reader: BufReader<TcpStream>, request: &Request) -> (Answer, Body) {
    let about = format!("{} {}", request.method, request.path);
    let mut line = |about: &str| {
        let mut line = String::new();
        let read = reader.read_line(&mut line);
        let read = read.unwrap_or_else(|error| panic!("{about}: no answer: {error}"));
        assert!(read > 0, "{about}: the server closed without an answer");
        line.trim_end().to_owned()
    };
    let status_line = line(&about);
    let status = status_line.split(' ').nth(1).and_then(|code| code.parse().ok());
    let status = status.unwrap_or_else(|| panic!("{about}: no status in {status_line:?}"));
    let mut headers = Vec::new();
    loop {
        let line = line(&about);
        let Some((name, value)) = line.split_once(':') else { break };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    // The server asks for the body that is on its way.
    if status == 100 {
        return read_head(reader, request);
    }
    let answer = Answer { status, headers, body: Vec::new() };
    let framing = match (answer.header("transfer-encoding"), answer.header("content-length")) {
        (Some("chunked"), _) => Framing::Chunked { left: 0, ended: false },
        (_, Some(length)) => Framing::Length(length.parse().unwrap()),
        _ => Framing::UntilClose,
    };
    (answer, Body { reader, framing })
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| &**value)
    }

    /// Without parameters.
    pub(crate) fn content_type(&self) -> Option<&str> {
        self.header("content-type")?.split(';').next().map(str::trim)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {} {}", self.status, self.text()))
    }
}

#[derive(Debug)]
enum Framing {
    Chunked { left: usize, ended: bool },
    Length(usize),
    UntilClose,
}

#[derive(Debug)]
struct Body {
    reader: BufReader<TcpStream>,
    framing: Framing,
}

impl Read for Body {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let room = match &mut self.framing {
            Framing::UntilClose => into.len(),
            Framing::Length(left) => into.len().min(*left),
            Framing::Chunked { left, ended } => {
                if *ended {
                    return Ok(0);
                }
                if *left == 0 {
                    let mut line = String::new();
                    self.reader.read_line(&mut line)?;
                    let size = line.split(';').next().unwrap_or_default().trim();
                    *left = usize::from_str_radix(size, 16).map_err(std::io::Error::other)?;
                    if *left == 0 {
                        *ended = true;
                        self.reader.read_line(&mut line)?;
                        return Ok(0);
                    }
                }
                into.len().min(*left)
            }
        };
        let read = self.reader.read(&mut into[..room])?;
        match &mut self.framing {
            Framing::UntilClose => {}
            Framing::Length(left) => *left -= read,
            Framing::Chunked { left, .. } => {
                *left -= read;
                if *left == 0 && read > 0 {
                    self.reader.read_line(&mut String::new())?;
                }
            }
        }
        Ok(read)
    }
}

/// A body read as `RecordIO`.
#[derive(Debug)]
pub(crate) struct Records {
    body: Body,
}

impl Records {
    /// The next record; `None` when the stream has ended.
    pub(crate) fn next(&mut self) -> Option<Vec<u8>> {
        let mut size = String::new();
        loop {
            let mut byte = [0];
            match self.body.read(&mut byte) {
                Ok(1) if byte[0] == b'\n' => break,
                Ok(1) => size.push(byte[0].into()),
                Ok(_) | Err(_) => return None,
            }
        }
        let size = size.parse().unwrap_or_else(|_| panic!("no length of a record: {size:?}"));
        let mut record = vec![0; size];
        self.body.read_exact(&mut record).ok()?;
        Some(record)
    }

    /// Whatever else the stream holds; for answers that turned out to be no stream.
    pub(crate) fn rest(&mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        drop(self.body.read_to_end(&mut bytes));
        bytes
    }
}
