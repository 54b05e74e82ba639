//! A server that answers a master's calls as a test wants.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use wire::master::{Call, Response, call, response};
use wire::media::{self, MediaType};
use wire::v1::{AgentId, AgentInfo};

/// What a played master does about a call.
pub(crate) enum Answer {
    NoLeader,
    Redirect(String),
    /// 200 with these headers, each with its line end.
    Answers(Box<Response>, &'static str),
    Accepts,
    /// Reads the call and closes the connection.
    Breaks,
    /// Never, as a process that is stopped.
    Silence,
}

/// Answers calls one at a time; ends with the test.
pub(crate) struct Played {
    /// `host:port`
    pub(crate) address: String,
    calls: Arc<Mutex<Vec<call::Type>>>,
}

impl Played {
    /// `answer` gets each call's type and how many calls came before it.
    pub(crate) fn start(
        mut answer: impl FnMut(call::Type, usize) -> Answer + Send + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("bound").to_string();
        let calls: Arc<Mutex<Vec<call::Type>>> = Arc::default();
        let seen = calls.clone();
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            for stream in listener.incoming() {
                let stream = stream.expect("a connection");
                let Some((path, kind)) = read(&stream) else { continue };
                let before = {
                    let mut seen = seen.lock().expect("no test panicked with it");
                    seen.push(kind);
                    seen.len() - 1
                };
                let answer = answer(kind, before);
                if matches!(answer, Answer::Silence) {
                    kept.push(stream);
                } else {
                    reply(stream, &path, &answer);
                }
            }
        });
        Self { address, calls }
    }

    pub(crate) fn calls(&self) -> Vec<call::Type> {
        self.calls.lock().expect("no test panicked with it").clone()
    }
}

fn read(stream: &TcpStream) -> Option<(String, call::Type)> {
    let (path, body) = request(stream)?;
    let call: Call = media::decode(MediaType::Protobuf, &body).ok()?;
    Some((path, call.r#type.and_then(|number| call::Type::try_from(number).ok())?))
}

/// The path and the body of a request.
pub(crate) fn request(stream: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(stream);
    let mut first = String::new();
    reader.read_line(&mut first).ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(value) = line.strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, body))
}

fn reply(mut stream: TcpStream, path: &str, answer: &Answer) {
    let (status, headers, body) = match answer {
        Answer::Breaks | Answer::Silence => return,
        Answer::NoLeader => {
            ("503 Service Unavailable", String::new(), b"No leader elected".to_vec())
        }
        Answer::Redirect(address) => {
            ("307 Temporary Redirect", format!("Location: //{address}{path}\r\n"), Vec::new())
        }
        Answer::Accepts => ("202 Accepted", String::new(), Vec::new()),
        Answer::Answers(response, headers) => {
            ("200 OK", (*headers).to_owned(), media::encode(MediaType::Protobuf, &**response))
        }
    };
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n"
    );
    // A caller that has gone wants no answer.
    drop(stream.write_all(&[head.as_bytes(), body.as_slice()].concat()));
}

/// The answer to a read, of a cluster with one node.
pub(crate) fn one_node(kind: call::Type) -> Box<Response> {
    let info = AgentInfo {
        hostname: "node-1".to_owned(),
        id: Some(AgentId { value: "m-S0".to_owned() }),
        ..AgentInfo::default()
    };
    let agent = response::get_agents::Agent {
        agent_info: info,
        active: true,
        version: "1".to_owned(),
        ..response::get_agents::Agent::default()
    };
    if kind == call::Type::GetAgents {
        let agents = response::GetAgents { agents: vec![agent], ..response::GetAgents::default() };
        return Box::new(Response { get_agents: Some(agents), ..Response::default() });
    }
    let get_tasks = Some(response::GetTasks::default());
    Box::new(Response { get_tasks, ..Response::default() })
}
