//! The command line client of DC/OS as its requests: the headers it sends, and no others.

use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};

use cli::cluster::{Cluster, Who};
use flate2::read::GzDecoder;
use wire::Message;
use wire::media::MediaType;

use crate::rows::Row;
use crate::world::PATIENCE;

pub(crate) const PROTOBUF: &str = "application/x-protobuf";
const AGENT: &str = "User-Agent: dcos-cli/1.2.0 linux\r\n";

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// The value of a header.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let mut values = lines.filter(|(it, _)| it.eq_ignore_ascii_case(name));
        values.next().map(|(_, value)| value.trim())
    }

    /// Reads what follows the head.
    pub(crate) fn read_body(&mut self, reader: &mut BufReader<TcpStream>) {
        if self.header("Transfer-Encoding") == Some("chunked") {
            while let Some(piece) = read_chunk(reader) {
                self.body.extend(piece);
            }
        } else if let Some(length) = self.header("Content-Length") {
            self.body = vec![0; length.parse().unwrap()];
            reader.read_exact(&mut self.body).unwrap();
        }
        if let Some(encoding) = self.header("Content-Encoding") {
            assert_eq!(encoding, "gzip");
            let packed = std::mem::take(&mut self.body);
            GzDecoder::new(&packed[..]).read_to_end(&mut self.body).unwrap();
        }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The document of a 200.
    pub(crate) fn json(&self) -> serde_json::Value {
        assert_eq!(self.status, 200, "{}", self.text());
        assert_eq!(self.header("Content-Type"), Some("application/json"));
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The message of a 200. The client decodes without a look at the content type.
    pub(crate) fn protobuf<T: Message>(&self) -> T {
        assert_eq!(self.status, 200, "{}", self.text());
        wire::media::decode(MediaType::Protobuf, &self.body).unwrap()
    }
}

/// A request that was answered.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) method: String,
    pub(crate) path: String,
    /// The type and form of a call; the body of anything else.
    pub(crate) what: String,
    pub(crate) status: u16,
}

/// The client at one address, logged in or not. Clones remember together what they sent.
#[derive(Clone, Debug)]
pub(crate) struct Dcos {
    address: SocketAddr,
    token: Option<String>,
    sent: Arc<Mutex<Vec<Sent>>>,
}

impl Dcos {
    pub(crate) fn of(cluster: &Cluster) -> Self {
        Self::at(cluster.address(Who::Master).unwrap())
    }

    pub(crate) fn at(address: SocketAddr) -> Self {
        Self { address, token: None, sent: Arc::default() }
    }

    pub(crate) fn with_token(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }

    /// Panics unless all requests of a row of the table were sent, and answered as the table says.
    pub(crate) fn replayed(&self, row: &str) {
        Row::named(row).is_among(&self.sent.lock().unwrap());
    }

    /// A plain GET: no `Accept`.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.send("GET", path, &[], b"")
    }

    /// A GET whose answer is to be text, JSON or events.
    pub(crate) fn get_as(&self, path: &str, accept: &str) -> Answer {
        self.send("GET", path, &[&format!("Accept: {accept}")], b"")
    }

    pub(crate) fn head(&self, path: &str) -> Answer {
        self.send("HEAD", path, &[], b"")
    }

    /// A write at the Mesos API: one JSON object and a newline, no `Accept`.
    pub(crate) fn call(&self, body: &str) -> Answer {
        let body = format!("{body}\n");
        self.send("POST", "/mesos/api/v1", &["Content-Type: application/json"], body.as_bytes())
    }

    /// A read at the Mesos API: protobuf both ways.
    pub(crate) fn ask(&self, path: &str, body: &[u8]) -> Answer {
        let headers = [&format!("Content-Type: {PROTOBUF}")[..], &format!("Accept: {PROTOBUF}")];
        self.send("POST", path, &headers, body)
    }

    /// Any other request.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[&str], body: &[u8]) -> Answer {
        let (mut answer, mut reader) = self.open(method, path, headers, body);
        if method != "HEAD" {
            answer.read_body(&mut reader);
        }
        answer
    }

    /// A whole request whose answer is read bit by bit.
    pub(crate) fn open(
        &self,
        method: &str,
        path: &str,
        headers: &[&str],
        body: &[u8],
    ) -> (Answer, BufReader<TcpStream>) {
        let mut stream = self.begin(method, path, headers, Some(body.len()));
        stream.write_all(body).unwrap();
        let mut reader = BufReader::new(stream);
        let answer = read_head(&mut reader);
        let form = headers.iter().find_map(|line| line.strip_prefix("Content-Type: "));
        self.note(method, path, what(path, form, body), &answer);
        (answer, reader)
    }

    /// Remembers a request whose parts were sent one by one.
    pub(crate) fn note(&self, method: &str, path: &str, what: String, answer: &Answer) {
        let (method, path) = (method.to_owned(), path.to_owned());
        self.sent.lock().unwrap().push(Sent { method, path, what, status: answer.status });
    }

    /// Sends the head of a request and leaves the rest; without a length the body is to be chunked.
    pub(crate) fn begin(
        &self,
        method: &str,
        path: &str,
        headers: &[&str],
        length: Option<usize>,
    ) -> TcpStream {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {}\r\n{AGENT}", self.address);
        // As its library does by itself.
        if method != "HEAD" {
            head.push_str("Accept-Encoding: gzip\r\n");
        }
        if let Some(token) = &self.token {
            write!(head, "Authorization: token={token}\r\n").unwrap();
        }
        match length {
            Some(0) if method != "POST" => {}
            Some(length) => write!(head, "Content-Length: {length}\r\n").unwrap(),
            None => head.push_str("Transfer-Encoding: chunked\r\n"),
        }
        for header in headers {
            head.push_str(header);
            head.push_str("\r\n");
        }
        head.push_str("\r\n");
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(head.as_bytes()).unwrap();
        stream
    }
}

/// The type and form of a call, or what the body says.
fn what(path: &str, form: Option<&str>, body: &[u8]) -> String {
    let text = || String::from_utf8_lossy(body).into_owned();
    let path = path.split('?').next().unwrap_or_default();
    let (media, name) = match form {
        _ if !path.ends_with("/api/v1") => return text(),
        Some(PROTOBUF) => (MediaType::Protobuf, "protobuf"),
        _ => (MediaType::Json, "json"),
    };
    let kind = if path.starts_with("/mesos/") {
        let call: Option<wire::master::Call> = wire::media::decode(media, body).ok();
        call.map(|call| call.r#type().as_str_name())
    } else {
        let call: Option<wire::agent::Call> = wire::media::decode(media, body).ok();
        call.map(|call| call.r#type().as_str_name())
    };
    kind.map_or_else(text, |kind| format!("{kind} {name}"))
}

/// The head of an answer whose body is read bit by bit.
pub(crate) fn read_head(reader: &mut BufReader<TcpStream>) -> Answer {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let read = reader.read_line(&mut head).unwrap();
        assert!(read > 0, "no answer: {head:?}");
    }
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head, body: Vec::new() }
}

/// The next piece of a chunked body; `None` at its end.
pub(crate) fn read_chunk(reader: &mut BufReader<TcpStream>) -> Option<Vec<u8>> {
    let mut size = String::new();
    reader.read_line(&mut size).unwrap();
    let size = usize::from_str_radix(size.trim(), 16).unwrap();
    let mut piece = vec![0; size + 2];
    reader.read_exact(&mut piece).unwrap();
    piece.truncate(size);
    (size > 0).then_some(piece)
}
