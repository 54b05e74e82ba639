//! `ATTACH_CONTAINER_OUTPUT`, `ATTACH_CONTAINER_INPUT` and the output of sessions: HTTP on one side, the board
//! of the container's owner on the other.

use std::convert::Infallible;
use std::io;
use std::path::Path;
use std::time::Duration;

use agent::nested::{NestedId, Stage};
use axum::body::Body;
use axum::http::{Response, StatusCode, header};
use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use tokio::net::UnixStream;
use tokio::sync::mpsc;
use tokio::time::{Instant, interval_at, sleep};
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::AbortOnDropHandle;
use wire::agent::call::{AttachContainerInput, Type, attach_container_input};
use wire::agent::process_io::{self, Control, Data, control, data};
use wire::agent::{Call, ProcessIo};
use wire::media::{self, MediaType};
use wire::recordio;
use wire::v1::DurationInfo;

use super::calls::{id_of, not_found};
use crate::agent::Shell;
use crate::agent::formats::{Formats, MESSAGE_CONTENT_TYPE};
use crate::container::board::frames::{self, Frame, Kind, PAYLOAD_LIMIT_BYTES};
use crate::container::board::socket;
use crate::http::{ApiError, answer, discard};

/// Pieces of output that wait for a client; the container's owner is read no further meanwhile.
const QUEUE: usize = 4;
/// Largest record of input.
const RECORD_LIMIT_BYTES: usize = 4 << 20;
/// A sign of life on a stream without output.
// Mesos: the same.
const HEARTBEAT: Duration = Duration::from_secs(30);
/// How much is still read of a body that nobody needs.
const REST_BYTES: usize = 64 << 20;
/// How long the owner of a new container may take to offer its streams, and the pause between two looks.
const OFFER: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(2);

fn internal(text: impl Into<String>) -> ApiError {
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, text)
}

/// Connects to the streams of a container.
// Mesos: texts and statuses.
async fn connect(shell: &Shell, id: &NestedId) -> Result<UnixStream, ApiError> {
    let root = id.root();
    let view = shell.mailbox.look(move |core, _| core.view_container(&root)).await?;
    let view = view.ok_or_else(|| not_found(id))?;
    let path = shell.nested.socket(id, &view);
    let path = path.ok_or_else(|| internal(format!("Unknown container {id}")))?;
    socket::connect(&path)
        .await
        .map_err(|_| internal("I/O switchboard server was disabled for this container"))
}

/// Answers with the output of a container from now on.
pub(super) async fn output(
    shell: &Shell,
    id: &NestedId,
    formats: Formats,
) -> Result<Response<Body>, ApiError> {
    let stream = connect(shell, id).await?;
    Ok(stream_output(listen(stream).await?, formats))
}

/// Answers with the output of a session that was started just now. It ends when the client goes away: its
/// owner sees the connection close.
pub(super) async fn session(
    shell: &Shell,
    id: &NestedId,
    formats: Formats,
) -> Result<Response<Body>, ApiError> {
    let deadline = Instant::now() + OFFER;
    loop {
        let (path, stage) = shell.nested.offer(id);
        if let Some(path) = path
            && let Ok(stream) = try_session(&path).await
        {
            return Ok(stream_output(stream, formats));
        }
        match stage {
            Some(Stage::Ended(how)) => {
                let why = how.message.unwrap_or_else(|| "it ended before it ran".to_owned());
                return Err(ApiError::bad_request(why));
            }
            None => return Err(internal(format!("Unknown container {id}"))),
            Some(Stage::Starting | Stage::Unwanted | Stage::Running) => {}
        }
        if Instant::now() >= deadline {
            return Err(internal(format!("Container {id} does not offer its streams")));
        }
        sleep(PAUSE).await;
    }
}

async fn try_session(path: &Path) -> io::Result<UnixStream> {
    let mut stream = socket::connect(path).await?;
    frames::write(&mut stream, &Frame::new(Kind::WantOutput, Bytes::new())).await?;
    Ok(stream)
}

async fn listen(mut stream: UnixStream) -> Result<UnixStream, ApiError> {
    frames::write(&mut stream, &Frame::new(Kind::WantOutput, Bytes::new()))
        .await
        .map_err(|error| internal(format!("cannot attach to the container: {error}")))?;
    Ok(stream)
}

// Mesos: without `Accept: application/recordio` the type is that of the records.
fn stream_output(stream: UnixStream, formats: Formats) -> Response<Body> {
    let (sender, records) = mpsc::channel(QUEUE);
    tokio::spawn(pump(stream, formats.records(), sender));
    let mut response = Response::builder()
        .status(StatusCode::OK)
        .header(header::CONTENT_TYPE, formats.accept.name());
    if let Some(media) = formats.message_accept {
        response = response.header(MESSAGE_CONTENT_TYPE, media.name());
    }
    let body = Body::from_stream(ReceiverStream::new(records).map(Ok::<Bytes, Infallible>));
    response.body(body).expect("status and headers are valid")
}

/// Passes output on until it ends or the client has gone.
async fn pump(mut stream: UnixStream, media: MediaType, records: mpsc::Sender<Bytes>) {
    let (sender, mut frames) = mpsc::channel(1);
    // Reading can't be broken off half-way; the connection closes with this task.
    let _reading = AbortOnDropHandle::new(tokio::spawn(async move {
        while let Ok(Some(frame)) = frames::read(&mut stream).await {
            if sender.send(frame).await.is_err() {
                break;
            }
        }
    }));
    let mut beats = interval_at(Instant::now() + HEARTBEAT, HEARTBEAT);
    loop {
        let message = tokio::select! {
            frame = frames.recv() => match frame {
                None => return,
                Some(frame) => match spoken(frame) {
                    Some(message) => message,
                    None => continue,
                },
            },
            _ = beats.tick() => heartbeat(),
            () = records.closed() => return,
        };
        let mut record = BytesMut::new();
        media::put_record(media, &message, &mut record);
        if records.send(record.freeze()).await.is_err() {
            return;
        }
    }
}

fn spoken(frame: Frame) -> Option<ProcessIo> {
    let kind = match frame.kind {
        Kind::Stdout => data::Type::Stdout,
        Kind::Stderr => data::Type::Stderr,
        Kind::WantOutput
        | Kind::BringInput
        | Kind::Accepted
        | Kind::Refused
        | Kind::Stdin
        | Kind::Window => return None,
    };
    let data = Data { r#type: Some(kind.into()), data: Some(frame.payload) };
    Some(ProcessIo {
        r#type: Some(process_io::Type::Data.into()),
        data: Some(data),
        ..ProcessIo::default()
    })
}

fn heartbeat() -> ProcessIo {
    let nanoseconds = i64::try_from(HEARTBEAT.as_nanos()).unwrap_or(i64::MAX);
    let heartbeat = control::Heartbeat { interval: Some(DurationInfo { nanoseconds }) };
    let control = Control {
        r#type: Some(control::Type::Heartbeat.into()),
        heartbeat: Some(heartbeat),
        ..Control::default()
    };
    ProcessIo {
        r#type: Some(process_io::Type::Control.into()),
        control: Some(control),
        ..ProcessIo::default()
    }
}

/// The records of a call's body.
struct Records {
    body: Body,
    decoder: recordio::Decoder,
    media: MediaType,
}

impl Records {
    /// The next call; `None` at the end. May be dropped while waiting, and called again.
    async fn next(&mut self) -> Result<Option<AttachContainerInput>, ApiError> {
        loop {
            let record = self.decoder.next().map_err(|e| ApiError::bad_request(e.to_string()))?;
            if let Some(record) = record {
                let call: Call = crate::http::decode(self.media, &record)?;
                return checked(call).map(Some);
            }
            match self.body.frame().await {
                None => return Ok(None),
                Some(Err(error)) => {
                    return Err(ApiError::bad_request(format!("The body broke off: {error}")));
                }
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        self.decoder.push(&data);
                    }
                }
            }
        }
    }
}

fn invalid(text: &str) -> ApiError {
    ApiError::bad_request(format!("Failed to validate agent::Call: {text}"))
}

fn checked(call: Call) -> Result<AttachContainerInput, ApiError> {
    let kind = call.r#type.and_then(|number| Type::try_from(number).ok());
    if kind != Some(Type::AttachContainerInput) {
        let name = kind.map_or("an unknown", |kind| kind.as_str_name());
        return Err(ApiError::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            format!(
                "Streaming 'Content-Type' application/recordio is not supported for {name} call"
            ),
        ));
    }
    let input = call
        .attach_container_input
        .ok_or_else(|| invalid("Expecting 'attach_container_input' to be present"))?;
    if input.r#type.is_none() {
        return Err(invalid("Expecting 'attach_container_input.type' to be present"));
    }
    Ok(input)
}

/// `ATTACH_CONTAINER_INPUT`: passes input on to a container until it ends, or the container does.
pub(in crate::agent) async fn input(
    shell: &Shell,
    formats: Formats,
    body: Body,
) -> Result<Response<Body>, ApiError> {
    let media = formats.message_content.unwrap_or(MediaType::Protobuf);
    let decoder = recordio::Decoder::new(RECORD_LIMIT_BYTES);
    let mut records = Records { body, decoder, media };
    let answered = bring(shell, formats, &mut records).await;
    // Whoever is still sending loses the answer if the connection closes below it: a proxy, for one.
    tokio::spawn(discard(records.body, REST_BYTES));
    answered
}

async fn bring(
    shell: &Shell,
    formats: Formats,
    records: &mut Records,
) -> Result<Response<Body>, ApiError> {
    let first = records.next().await?;
    let first =
        first.ok_or_else(|| ApiError::bad_request("Received EOF while reading request body"))?;
    formats.check(Type::AttachContainerInput)?;
    if first.r#type != Some(attach_container_input::Type::ContainerId.into()) {
        return Err(ApiError::bad_request(
            "Expecting 'attach_container_input.type' to be CONTAINER_ID",
        ));
    }
    let id = id_of("attach_container_input", &first.container_id.unwrap_or_default(), false)?;
    let mut stream = connect(shell, &id).await?;
    let greeted = async {
        frames::write(&mut stream, &Frame::new(Kind::BringInput, Bytes::new())).await?;
        frames::read(&mut stream).await
    };
    let has_terminal = match greeted.await {
        Ok(Some(Frame { kind: Kind::Accepted, payload })) => payload != frames::NO_TERMINAL,
        Ok(Some(Frame { kind: Kind::Refused, payload })) => {
            let why = String::from_utf8_lossy(&payload).into_owned();
            return Err(ApiError::new(StatusCode::CONFLICT, why));
        }
        // Its output ended just now.
        Ok(_) | Err(_) => return Ok(answer::empty(StatusCode::OK)),
    };
    let (mut from, mut to) = stream.into_split();
    // Nothing more is said from there: whatever comes is the end of the container.
    let over = frames::read(&mut from);
    tokio::pin!(over);
    loop {
        let record = tokio::select! {
            record = records.next() => record?,
            _ended = &mut over => break,
        };
        let Some(record) = record else { break };
        let frames = frames_of(record)?;
        if !has_terminal && frames.iter().any(|frame| frame.kind == Kind::Window) {
            // Mesos: text.
            let text = "Unable to set the window size: Inappropriate ioctl for device";
            return Err(ApiError::bad_request(text));
        }
        let write = async {
            for frame in &frames {
                frames::write(&mut to, frame).await?;
            }
            Ok::<_, io::Error>(())
        };
        let written = tokio::select! {
            written = write => written,
            _ended = &mut over => break,
        };
        if written.is_err() {
            break;
        }
    }
    // Clients refuse a content type here.
    Ok(answer::empty(StatusCode::OK))
}

/// What a record brings to the container.
// Mesos: texts.
fn frames_of(input: AttachContainerInput) -> Result<Vec<Frame>, ApiError> {
    let bad = |text: &str| ApiError::bad_request(text.to_owned());
    let kind = input.r#type.and_then(|it| attach_container_input::Type::try_from(it).ok());
    if kind != Some(attach_container_input::Type::ProcessIo) {
        let name = kind.map_or("UNKNOWN", |kind| kind.as_str_name());
        return Err(bad(&format!(
            "Expecting 'attach_container_input.type' to be 'PROCESS_IO' instead of: '{name}'"
        )));
    }
    let io = input
        .process_io
        .ok_or_else(|| bad("Expecting 'attach_container_input.process_io' to be present"))?;
    match io.r#type.and_then(|number| process_io::Type::try_from(number).ok()) {
        None => Err(bad("Expecting 'process_io.type' to be present")),
        Some(process_io::Type::Unknown) => Err(bad("'process_io.type' is unknown")),
        Some(process_io::Type::Data) => {
            let data = io.data.ok_or_else(|| bad("Expecting 'process_io.data' to be present"))?;
            match data.r#type.and_then(|number| data::Type::try_from(number).ok()) {
                None => return Err(bad("Expecting 'process_io.data.type' to be present")),
                Some(data::Type::Stdin) => {}
                Some(data::Type::Unknown | data::Type::Stdout | data::Type::Stderr) => {
                    return Err(bad("Expecting 'process_io.data.type' to be 'STDIN'"));
                }
            }
            let data =
                data.data.ok_or_else(|| bad("Expecting 'process_io.data.data' to be present"))?;
            if data.is_empty() {
                return Ok(vec![Frame::new(Kind::Stdin, data)]);
            }
            let pieces = data.chunks(PAYLOAD_LIMIT_BYTES);
            Ok(pieces.map(|piece| Frame::new(Kind::Stdin, data.slice_ref(piece))).collect())
        }
        Some(process_io::Type::Control) => {
            let control =
                io.control.ok_or_else(|| bad("Expecting 'process_io.control' to be present"))?;
            match control.r#type.and_then(|number| control::Type::try_from(number).ok()) {
                None => Err(bad("Expecting 'process_io.control.type' to be present")),
                Some(control::Type::Unknown) => Err(bad("'process_io.control.type' is unknown")),
                Some(control::Type::Heartbeat) => match control.heartbeat {
                    Some(_) => Ok(Vec::new()),
                    None => Err(bad("Expecting 'process_io.control.heartbeat' to be present")),
                },
                Some(control::Type::TtyInfo) => {
                    let tty = control.tty_info.ok_or_else(|| {
                        bad("Expecting 'process_io.control.tty_info' to be present")
                    })?;
                    let size = tty
                        .window_size
                        .ok_or_else(|| bad("Expecting 'tty_info.window_size' to be present"))?;
                    let short = |number| u16::try_from(number).unwrap_or(u16::MAX);
                    Ok(vec![Frame::window(short(size.rows), short(size.columns))])
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(text: &str) -> Result<Vec<Frame>, ApiError> {
        frames_of(wire::json::from_slice(text.as_bytes()).unwrap())
    }

    /// Input, its end, sizes and heartbeats become what the container's owner understands; what is larger than
    /// a frame becomes several.
    #[test]
    fn records_of_input_become_frames() {
        let io = |rest: &str| format!(r#"{{"type":"PROCESS_IO","process_io":{rest}}}"#);
        let data = io(r#"{"type":"DATA","data":{"type":"STDIN","data":"aGk="}}"#);
        assert_eq!(frames(&data).unwrap(), [Frame::new(Kind::Stdin, "hi")]);
        let end = io(r#"{"type":"DATA","data":{"type":"STDIN","data":""}}"#);
        assert_eq!(frames(&end).unwrap(), [Frame::new(Kind::Stdin, "")]);
        let size = r#"{"type":"TTY_INFO","tty_info":{"window_size":{"rows":24,"columns":80}}}"#;
        let size = io(&format!(r#"{{"type":"CONTROL","control":{size}}}"#));
        assert_eq!(frames(&size).unwrap(), [Frame::window(24, 80)]);
        let beat = r#"{"type":"HEARTBEAT","heartbeat":{"interval":{"nanoseconds":1}}}"#;
        let beat = io(&format!(r#"{{"type":"CONTROL","control":{beat}}}"#));
        assert_eq!(frames(&beat).unwrap(), []);
        let large = vec![7; PAYLOAD_LIMIT_BYTES + 1];
        let large = AttachContainerInput {
            r#type: Some(attach_container_input::Type::ProcessIo.into()),
            process_io: Some(ProcessIo {
                r#type: Some(process_io::Type::Data.into()),
                data: Some(Data {
                    r#type: Some(data::Type::Stdin.into()),
                    data: Some(Bytes::from(large)),
                }),
                ..ProcessIo::default()
            }),
            ..AttachContainerInput::default()
        };
        assert_eq!(frames_of(large).unwrap().len(), 2);
    }

    /// Records that bring nothing are refused in Mesos' words.
    #[test]
    fn records_that_bring_nothing_are_refused() {
        for (record, text) in [
            (r#"{"type":"CONTAINER_ID"}"#, "instead of: 'CONTAINER_ID'"),
            (r#"{"type":"PROCESS_IO"}"#, "'attach_container_input.process_io' to be present"),
            (r#"{"type":"PROCESS_IO","process_io":{}}"#, "'process_io.type' to be present"),
            (
                r#"{"type":"PROCESS_IO","process_io":{"type":"DATA","data":{"type":"STDOUT","data":""}}}"#,
                "'process_io.data.type' to be 'STDIN'",
            ),
            (
                r#"{"type":"PROCESS_IO","process_io":{"type":"CONTROL","control":{"type":"TTY_INFO","tty_info":{}}}}"#,
                "'tty_info.window_size' to be present",
            ),
        ] {
            let error = frames(record).unwrap_err();
            assert_eq!(error.status, StatusCode::BAD_REQUEST);
            assert!(error.text.contains(text), "{error}");
        }
    }
}
