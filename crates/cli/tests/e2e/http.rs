//! HTTP as somebody without a client library would write it: any head, any body, any end.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};

use crate::world::PATIENCE;

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

pub(crate) const JSON: &[(&str, &str)] =
    &[("Content-Type", "application/json"), ("Accept", "application/json")];

/// Posts JSON to `/api/v1`.
pub(crate) fn post(address: SocketAddr, body: &str) -> Answer {
    send(address, "POST", "/api/v1", JSON, body.as_bytes())
}

/// Sends one request with its length and reads the whole answer.
pub(crate) fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    let mut head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        head.push_str(name);
        head.push_str(": ");
        head.push_str(value);
        head.push_str("\r\n");
    }
    head.push_str("\r\n");
    exchange(address, head.as_bytes(), body)
}

/// Sends a head and a body as they are, and reads the answer until the server closes.
pub(crate) fn exchange(address: SocketAddr, head: &[u8], body: &[u8]) -> Answer {
    converse(address, head, body, false).expect("the server closed without an answer")
}

/// As [`exchange`], but breaks off after what is given; closing is an answer to that, too.
pub(crate) fn break_off(address: SocketAddr, head: &[u8], body: &[u8]) -> Option<Answer> {
    converse(address, head, body, true)
}

fn converse(address: SocketAddr, head: &[u8], body: &[u8], break_off: bool) -> Option<Answer> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(head).unwrap();
    // A server that has seen enough may close before all was written; its answer counts.
    let mut sender = stream.try_clone().unwrap();
    let body = body.to_vec();
    let sending = std::thread::spawn(move || {
        drop(sender.write_all(&body));
        if break_off {
            drop(sender.shutdown(Shutdown::Write));
        }
    });
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(read @ 1..) = stream.read(&mut piece) {
        bytes.extend_from_slice(&piece[..read]);
    }
    sending.join().unwrap();
    (!bytes.is_empty()).then(|| parse(&bytes))
}

fn parse(bytes: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(bytes);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no answer: {text:?}"));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok());
    let body = if head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        unchunk(body)
    } else {
        body.to_owned()
    };
    Answer { status: status.unwrap(), head: head.to_owned(), body }
}

fn unchunk(mut body: &str) -> String {
    let mut text = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        if size == 0 {
            break;
        }
        text.push_str(&rest[..size]);
        body = &rest[size + 2..];
    }
    text
}
