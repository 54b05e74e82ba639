//! Calls that are streams: the output of containers and of sessions in them, and their input.

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use wire::agent::{ProcessIo, process_io};
use wire::media::MediaType;

use crate::answers::{Situation, assert_refused};
use crate::api::Api;
use crate::http::{Answer, Records, Request};
use crate::target::Target;

/// The types of calls that are held to something here and not by the tables.
pub(crate) const TYPES: [&str; 3] =
    ["LAUNCH_NESTED_CONTAINER_SESSION", "ATTACH_CONTAINER_INPUT", "ATTACH_CONTAINER_OUTPUT"];

const RECORDIO: &str = "application/recordio";
const FORMATS: [MediaType; 2] = [MediaType::Json, MediaType::Protobuf];

/// The id of a new container in that of the task.
fn inside(situation: &Situation) -> Value {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let name = format!("inside-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    json!({"value": name, "parent": {"value": situation.fill("{container}")}})
}

fn call(kind: &str, part: &Value) -> String {
    let mut call = json!({"type": kind});
    call[kind.to_ascii_lowercase()] = part.clone();
    call.to_string()
}

/// A call whose answer is to be a stream of records in a format.
fn streaming(media: MediaType, call: &str) -> Request {
    Request::post(Api::Agent.path(), Api::Agent.encode(media, call))
        .header("Content-Type", media.name())
        .header("Accept", RECORDIO)
        .header("Message-Accept", media.name())
}

/// Output in a format, up to its end: what came on standard output, and on standard error.
struct Output {
    media: MediaType,
    records: Records,
}

impl Output {
    fn open(situation: &Situation, media: MediaType, call: &str) -> Self {
        let (head, mut records) = streaming(media, call).open(&situation.agent);
        let said = if head.status == 200 { Vec::new() } else { records.rest() };
        assert_eq!(head.status, 200, "{call}: {}", String::from_utf8_lossy(&said));
        assert_eq!(head.content_type(), Some(RECORDIO), "{call}");
        assert_eq!(head.header("message-content-type"), Some(media.name()), "{call}");
        Self { media, records }
    }

    fn session(situation: &Situation, media: MediaType, id: &Value, more: &Value) -> Self {
        let mut part = json!({"container_id": id});
        for (name, value) in more.as_object().unwrap() {
            part[name] = value.clone();
        }
        Self::open(situation, media, &call("LAUNCH_NESTED_CONTAINER_SESSION", &part))
    }

    /// The next piece of output: its stream, and what it is.
    fn next(&mut self) -> Option<(&'static str, Vec<u8>)> {
        loop {
            let record = self.records.next()?;
            let message: ProcessIo = wire::media::decode(self.media, &record).unwrap();
            if let Some(control) = message.control {
                assert_eq!(control.r#type(), process_io::control::Type::Heartbeat);
                continue;
            }
            assert_eq!(message.r#type(), process_io::Type::Data);
            let data = message.data.unwrap();
            return Some((data.r#type().as_str_name(), data.data().to_vec()));
        }
    }

    fn rest(mut self) -> (String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        while let Some((stream, bytes)) = self.next() {
            match stream {
                "STDOUT" => out.extend(bytes),
                "STDERR" => err.extend(bytes),
                other => panic!("output on {other}"),
            }
        }
        [out, err].map(|bytes| String::from_utf8(bytes).unwrap()).into()
    }
}

/// A record of input: who it is for, or what is done.
fn of_container(id: &Value) -> Value {
    json!({"type": "CONTAINER_ID", "container_id": id})
}

fn typed(text: &str) -> Value {
    let kind = process_io::data::Type::Stdin.into();
    let data = process_io::Data { r#type: Some(kind), data: Some(text.to_owned().into()) };
    let data: Value = serde_json::from_str(&wire::json::to_string(&data)).unwrap();
    json!({"type": "PROCESS_IO", "process_io": {"type": "DATA", "data": data}})
}

fn control(control: &Value) -> Value {
    json!({"type": "PROCESS_IO", "process_io": {"type": "CONTROL", "control": control}})
}

fn heartbeat() -> Value {
    control(
        &json!({"type": "HEARTBEAT", "heartbeat": {"interval": {"nanoseconds": 30_000_000_000_i64}}}),
    )
}

fn window(rows: u32, columns: u32) -> Value {
    let size = json!({"rows": rows, "columns": columns});
    control(&json!({"type": "TTY_INFO", "tty_info": {"window_size": size}}))
}

/// The body of a call that is a stream, as one chunk for each record.
fn chunked(records: &[Vec<u8>]) -> Vec<u8> {
    let mut body = Vec::new();
    for record in records {
        let record = [format!("{}\n", record.len()).as_bytes(), record].concat();
        body.extend(format!("{:x}\r\n", record.len()).into_bytes());
        body.extend(record);
        body.extend(b"\r\n");
    }
    body.extend(b"0\r\n\r\n");
    body
}

fn stream_of(media: MediaType, records: &[Vec<u8>]) -> Request {
    Request::post(Api::Agent.path(), chunked(records))
        .header("Transfer-Encoding", "chunked")
        .header("Content-Type", RECORDIO)
        .header("Message-Content-Type", media.name())
        .header("Accept", media.name())
}

fn input(situation: &Situation, media: MediaType, parts: &[Value]) -> Answer {
    let record = |part| Api::Agent.encode(media, &call("ATTACH_CONTAINER_INPUT", part));
    let records: Vec<Vec<u8>> = parts.iter().map(record).collect();
    stream_of(media, &records).send(&situation.agent)
}

/// Clients of Mesos refuse an answer to input that has a content type.
#[track_caller]
fn assert_taken(answer: &Answer) {
    assert_eq!((answer.status, answer.text().as_str()), (200, ""));
    assert_eq!(answer.header("content-type"), None);
}

fn exit_status(situation: &Situation, media: MediaType, id: &Value) -> Value {
    let call = call("WAIT_CONTAINER", &json!({"container_id": id}));
    let answer = situation.send(Api::Agent, media, &call);
    assert_eq!(answer.status, 200, "{}", answer.text());
    Api::Agent.decode(media, &answer.body)["wait_container"]["exit_status"].clone()
}

/// A session streams the output of its command on its own streams, takes what is typed until an empty record ends
/// it, and its exit status is known for a while; whoever else is attached reads the same.
#[tokio::test]
async fn a_session_has_output_input_and_an_exit_status() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    for media in FORMATS {
        let id = inside(&situation);
        let command = json!({"command": {"value": "echo ready; cat; echo gone >&2; exit 3"}});
        let mut session = Output::session(&situation, media, &id, &command);
        assert_eq!(session.next(), Some(("STDOUT", b"ready\n".to_vec())));
        let attach = call("ATTACH_CONTAINER_OUTPUT", &json!({"container_id": id}));
        let other = Output::open(&situation, media, &attach);
        let parts = [of_container(&id), heartbeat(), typed("hello\n"), typed("")];
        assert_taken(&input(&situation, media, &parts));
        let expected = ("hello\n".to_owned(), "gone\n".to_owned());
        assert_eq!(session.rest(), expected, "{}", media.name());
        assert_eq!(other.rest(), expected, "{}", media.name());
        assert_eq!(exit_status(&situation, media, &id), 3 << 8, "{}", media.name());
    }
    target.end().await;
}

/// A session with a terminal has one of the size that was asked for and then of the size that is told; its end of
/// input is a character.
#[tokio::test]
async fn a_session_with_a_terminal_is_told_its_size() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    for media in FORMATS {
        let id = inside(&situation);
        let script = "stty -echo; stty size; read line; stty size; cat; exit 4";
        let size = json!({"rows": 24, "columns": 80});
        let more = json!({
            "command": {"value": script},
            "container": {"type": "MESOS", "tty_info": {"window_size": size}},
        });
        let mut session = Output::session(&situation, media, &id, &more);
        assert_eq!(session.next(), Some(("STDOUT", b"24 80\r\n".to_vec())));
        let parts =
            [of_container(&id), window(31, 97), typed("go on\n"), typed("hello\n"), typed("\u{4}")];
        assert_taken(&input(&situation, media, &parts));
        let shown = session.rest();
        assert_eq!(shown, ("31 97\r\nhello\r\n".to_owned(), String::new()), "{}", media.name());
        assert_eq!(exit_status(&situation, media, &id), 4 << 8, "{}", media.name());
    }
    target.end().await;
}

/// Where a stream is not asked for as one, its records come with their own type as that of the answer.
#[tokio::test]
async fn without_a_stream_asked_for_the_records_give_the_type() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    for media in FORMATS {
        let part = json!({"container_id": inside(&situation), "command": {"value": "echo plain"}});
        let session = call("LAUNCH_NESTED_CONTAINER_SESSION", &part);
        let (head, records) = situation.open(Api::Agent, media, &session);
        assert_eq!((head.status, head.content_type()), (200, Some(media.name())));
        assert_eq!(head.header("message-content-type"), None);
        assert_eq!(Output { media, records }.rest().0, "plain\n");
    }
    target.end().await;
}

/// Output of what is not there, or has no streams, is refused, and so is a format of records that is none.
#[tokio::test]
async fn output_that_cannot_be_had_is_refused() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let containers =
        Request::json("/api/v1", r#"{"type":"GET_CONTAINERS"}"#).send(&situation.agent);
    let containers = containers.json()["get_containers"]["containers"].clone();
    let mut played = containers.as_array().unwrap().iter();
    let played = played.find(|it| it["executor_id"]["value"] == situation.fill("{executor}"));
    let played = played.unwrap()["container_id"].clone();
    for media in FORMATS {
        for (part, status, text) in [
            (
                json!({"container_id": {"value": "nothing"}}),
                404,
                "Container nothing cannot be found",
            ),
            (
                json!({"container_id": {"value": "a b"}}),
                400,
                "'attach_container_output.container_id' is invalid",
            ),
            (
                json!({"container_id": played}),
                500,
                "I/O switchboard server was disabled for this container",
            ),
        ] {
            let call = call("ATTACH_CONTAINER_OUTPUT", &part);
            let answer = streaming(media, &call).send(&situation.agent);
            assert_refused(&call, &answer, status, text);
        }
        let call = call("ATTACH_CONTAINER_OUTPUT", &json!({"container_id": {"value": "nothing"}}));
        let body = || Api::Agent.encode(media, &call);
        let request =
            || Request::post(Api::Agent.path(), body()).header("Content-Type", media.name());
        for (headers, text) in [
            (
                [("Accept", RECORDIO), ("Message-Accept", "text/html")],
                "Expecting 'Message-Accept' to allow",
            ),
            (
                [("Accept", media.name()), ("Message-Accept", media.name())],
                "Expecting 'Message-Accept' to be not set",
            ),
        ] {
            let request =
                headers.iter().fold(request(), |it, (name, value)| it.header(name, value));
            assert_refused(text, &request.send(&situation.agent), 406, text);
        }
        // Records are for what is a stream.
        let health = streaming(media, r#"{"type":"GET_HEALTH"}"#).send(&situation.agent);
        let text = "Streaming response is not supported for GET_HEALTH call";
        assert_refused("GET_HEALTH", &health, 406, text);
    }
    target.end().await;
}

/// A session that makes no sense, or whose container is nowhere, is refused; one whose id is taken is not started.
#[tokio::test]
async fn sessions_that_make_no_sense_are_refused() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let taken = inside(&situation);
    let command = json!({"value": "exec sleep 10000"});
    let lasting = json!({"command": command});
    let _session = Output::session(&situation, MediaType::Json, &taken, &lasting);
    for media in FORMATS {
        for (part, status, text) in [
            (json!({"container_id": taken, "command": command}), 202, ""),
            (
                json!({"container_id": {"value": "lost", "parent": {"value": "nothing"}}, "command": command}),
                400,
                "Parent container nothing does not exist",
            ),
            (
                json!({"container_id": {"value": "alone"}, "command": command}),
                400,
                "Expecting 'launch_nested_container_session.container_id.parent' to be present",
            ),
            (
                json!({"container_id": inside(&situation), "command": command, "container": {"type": "DOCKER"}}),
                400,
                "The provided ContainerInfo is not supported",
            ),
        ] {
            let call = call("LAUNCH_NESTED_CONTAINER_SESSION", &part);
            let answer = streaming(media, &call).send(&situation.agent);
            if status == 202 {
                assert_eq!((answer.status, answer.text().as_str()), (202, ""), "{call}");
            } else {
                assert_refused(&call, &answer, status, text);
            }
        }
        let empty = streaming(media, r#"{"type":"LAUNCH_NESTED_CONTAINER_SESSION"}"#);
        let text = "Expecting 'launch_nested_container_session' to be present";
        assert_refused("no part", &empty.send(&situation.agent), 400, text);
    }
    target.end().await;
}

/// Input says first who it is for and then only what it may; each record is checked when it comes.
#[tokio::test]
async fn input_that_makes_no_sense_is_refused() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let id = inside(&situation);
    let command = json!({"command": {"value": "exec sleep 10000"}});
    let _session = Output::session(&situation, MediaType::Json, &id, &command);
    let first = of_container(&id);
    let io = |io: Value| json!({"type": "PROCESS_IO", "process_io": io});
    let data = |data: Value| io(json!({"type": "DATA", "data": data}));
    for media in FORMATS {
        for (parts, status, text) in [
            (vec![], 400, "Received EOF while reading request body"),
            (vec![heartbeat()], 400, "Expecting 'attach_container_input.type' to be CONTAINER_ID"),
            (vec![json!({})], 400, "Expecting 'attach_container_input.type' to be present"),
            (
                vec![of_container(&json!({"value": "nothing"}))],
                404,
                "Container nothing cannot be found",
            ),
            (
                vec![of_container(&json!({"value": "a b"}))],
                400,
                "'attach_container_input.container_id' is invalid",
            ),
            (
                vec![first.clone(), first.clone()],
                400,
                "to be 'PROCESS_IO' instead of: 'CONTAINER_ID'",
            ),
            (
                vec![first.clone(), json!({"type": "PROCESS_IO"})],
                400,
                "Expecting 'attach_container_input.process_io' to be present",
            ),
            (vec![first.clone(), io(json!({}))], 400, "Expecting 'process_io.type' to be present"),
            (
                vec![first.clone(), io(json!({"type": "DATA"}))],
                400,
                "Expecting 'process_io.data' to be present",
            ),
            (
                vec![first.clone(), data(json!({"data": "aGk="}))],
                400,
                "Expecting 'process_io.data.type' to be present",
            ),
            (
                vec![first.clone(), data(json!({"type": "STDOUT", "data": "aGk="}))],
                400,
                "Expecting 'process_io.data.type' to be 'STDIN'",
            ),
            (
                vec![first.clone(), control(&json!({"type": "TTY_INFO"}))],
                400,
                "Expecting 'process_io.control.tty_info' to be present",
            ),
            (
                vec![first.clone(), window(31, 97)],
                400,
                "Unable to set the window size: Inappropriate ioctl for device",
            ),
            (
                vec![first.clone(), control(&json!({}))],
                400,
                "Expecting 'process_io.control.type' to be present",
            ),
        ] {
            let about = format!("{} {}", media.name(), Value::from(parts.clone()));
            assert_refused(&about, &input(&situation, media, &parts), status, text);
        }
        let part = r#"{"type":"ATTACH_CONTAINER_INPUT"}"#;
        for (call, status, text) in [
            (part, 400, "Expecting 'attach_container_input' to be present"),
            (
                r#"{"type":"GET_HEALTH"}"#,
                415,
                "application/recordio is not supported for GET_HEALTH call",
            ),
        ] {
            let answer = stream_of(media, &[Api::Agent.encode(media, call)]).send(&situation.agent);
            assert_refused(call, &answer, status, text);
        }
        let garbage = stream_of(media, &[vec![0xff; 16]]).send(&situation.agent);
        assert_refused("garbage", &garbage, 400, "Failed to parse body into");
        // It is a stream in any case.
        let text =
            "Expecting 'Content-Type' to be application/recordio for ATTACH_CONTAINER_INPUT call";
        assert_refused("no stream", &situation.send(Api::Agent, media, part), 415, text);
    }
    target.end().await;
}

/// Input is a stream that says how its records are written.
#[tokio::test]
async fn input_says_how_it_is_written() {
    let target = Target::start(1).await;
    let agent = target.agent();
    let request = || Request::post(Api::Agent.path(), "2\n{}").header("Content-Type", RECORDIO);
    let none = request().send(agent);
    assert_refused(
        "none",
        &none,
        400,
        "Expecting 'Message-Content-Type' to be set for streaming requests",
    );
    for wrong in [RECORDIO, "text/plain"] {
        let answer = request().header("Message-Content-Type", wrong).send(agent);
        assert_refused(wrong, &answer, 415, "Expecting 'Message-Content-Type' of application/json");
    }
    let plain = Request::json(Api::Agent.path(), r#"{"type":"GET_HEALTH"}"#);
    let plain = plain.header("Message-Content-Type", "application/json").send(agent);
    let text = "Expecting 'Message-Content-Type' to be not set for non-streaming requests";
    assert_refused("no stream", &plain, 415, text);
    let broken = request().header("Message-Content-Type", "application/json");
    let broken = Request { body: b"x\n{}".to_vec(), ..broken }.send(agent);
    assert_refused("no length", &broken, 400, "");
    target.end().await;
}

/// One at a time brings input; the next may when the one before has ended.
#[tokio::test]
async fn one_at_a_time_brings_input() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let media = MediaType::Protobuf;
    let id = inside(&situation);
    let mut session =
        Output::session(&situation, media, &id, &json!({"command": {"value": "exec cat"}}));
    let record = |part: &Value| {
        let record = Api::Agent.encode(media, &call("ATTACH_CONTAINER_INPUT", part));
        [format!("{}\n", record.len()).as_bytes(), &*record].concat()
    };
    // More is announced than is sent, so it stays open.
    let body = [record(&of_container(&id)), record(&typed("first\n"))].concat();
    let announced = (body.len() + 1).to_string();
    let open = Request::post(Api::Agent.path(), body)
        .header("Content-Length", &announced)
        .header("Content-Type", RECORDIO)
        .header("Message-Content-Type", media.name());
    let open = open.begin(&situation.agent);
    assert_eq!(session.next(), Some(("STDOUT", b"first\n".to_vec())));
    let parts = [of_container(&id), typed("second\n"), typed("")];
    let refused = input(&situation, media, &parts);
    assert_refused("second", &refused, 409, "Multiple input connections are not allowed");
    drop(open);
    crate::target::until("the next may bring input", || {
        let answer = input(&situation, media, &parts);
        (answer.status != 409).then(|| assert_taken(&answer))
    });
    assert_eq!(session.rest().0, "second\n");
    target.end().await;
}
