//! `dcos task exec` and `dcos task attach`: streams both ways through the master, in protobuf, framed as the client
//! frames them and with the headers that it insists on.

use std::io::{BufReader, Write as _};
use std::net::TcpStream;
use std::thread::JoinHandle;

use bytes::{Bytes, BytesMut};
use wire::agent::call::{
    AttachContainerInput, AttachContainerOutput, LaunchNestedContainerSession, Type, WaitContainer,
    attach_container_input,
};
use wire::agent::process_io::{self, Control, Data, control, data};
use wire::agent::{Call, ProcessIo};
use wire::media::{self, MediaType};
use wire::recordio::Decoder;
use wire::v1::{
    CommandInfo, ContainerId, ContainerInfo, DurationInfo, Environment, TtyInfo, container_info,
    environment, tty_info::WindowSize,
};

use crate::client::{Answer, Dcos, PROTOBUF, read_chunk, read_head};
use crate::commands::{self, Exit, Outcome, error};

const RECORDIO: &str = "application/recordio";
/// Bytes of standard input that the client sends at a time.
const PIECE_BYTES: usize = 512;
const RECORD_LIMIT_BYTES: usize = 1 << 20;

/// What an agent refuses is shown with its text.
fn refused<T>(answer: &Answer) -> Outcome<T> {
    let text = answer.text();
    error(match answer.status {
        400 => format!("malformed request: {text}"),
        401 => format!("call not authenticated: {text}"),
        404 => format!("mesos http endpoint not found: {text}"),
        500 => format!(": {text}"),
        503 => format!("mesos server unavailable: {text}"),
        status => format!("HTTP {status}: {text}"),
    })
}

/// The output of a container, and what can be asked of it besides.
pub(crate) struct Session {
    dcos: Dcos,
    path: String,
    container: ContainerId,
    reader: BufReader<TcpStream>,
    decoder: Decoder,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// What to run beside a task.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Exec<'a> {
    pub(crate) command: &'a [&'a str],
    pub(crate) user: Option<&'a str>,
    pub(crate) tty: bool,
}

impl Session {
    /// Starts a command in the container of a task; the answer's head is here when this returns.
    pub(crate) fn exec(dcos: &Dcos, task: &str, exec: Exec<'_>) -> Outcome<Self> {
        let task = commands::task(dcos, task)?;
        let container = ContainerId {
            value: daemon::random::uuid(),
            parent: Some(Box::new(task.container()?.to_wire())),
        };
        let term = environment::Variable {
            name: "TERM".to_owned(),
            r#type: Some(environment::variable::Type::Value.into()),
            value: Some("xterm".to_owned()),
            ..environment::Variable::default()
        };
        let command = CommandInfo {
            value: Some(exec.command[0].to_owned()),
            arguments: exec.command.iter().map(|&it| it.to_owned()).collect(),
            shell: Some(false),
            user: exec.user.map(str::to_owned),
            environment: exec.tty.then(|| Environment { variables: vec![term] }),
            ..CommandInfo::default()
        };
        let info = ContainerInfo {
            r#type: container_info::Type::Mesos.into(),
            tty_info: exec.tty.then(TtyInfo::default),
            ..ContainerInfo::default()
        };
        let launch = LaunchNestedContainerSession {
            container_id: container.clone(),
            command: Some(command),
            container: Some(info),
        };
        let call = Call {
            r#type: Some(Type::LaunchNestedContainerSession.into()),
            launch_nested_container_session: Some(launch),
            ..Call::default()
        };
        Self::open(dcos, &task.slave_id, container, &call)
    }

    /// Attaches to the output of a task.
    pub(crate) fn attach(dcos: &Dcos, task: &str) -> Outcome<Self> {
        let task = commands::task(dcos, task)?;
        let container = task.container()?.to_wire();
        let attach = AttachContainerOutput { container_id: container.clone() };
        let call = Call {
            r#type: Some(Type::AttachContainerOutput.into()),
            attach_container_output: Some(attach),
            ..Call::default()
        };
        Self::open(dcos, &task.slave_id, container, &call)
    }

    fn open(dcos: &Dcos, agent: &str, container: ContainerId, call: &Call) -> Outcome<Self> {
        let path = format!("/slave/{agent}/api/v1");
        let headers = [
            &format!("Content-Type: {PROTOBUF}")[..],
            // Both, in this order.
            &format!("Accept: {PROTOBUF}"),
            &format!("Accept: {RECORDIO}"),
            &format!("Message-Accept: {PROTOBUF}"),
        ];
        let body = media::encode(MediaType::Protobuf, call);
        let (mut head, mut reader) = dcos.open("POST", &path, &headers, &body);
        if head.status != 200 {
            head.read_body(&mut reader);
            return refused(&head);
        }
        assert_eq!(head.header("Content-Type"), Some(RECORDIO));
        assert_eq!(head.header("Message-Content-Type"), Some(PROTOBUF));
        Ok(Self {
            dcos: dcos.clone(),
            path,
            container,
            reader,
            decoder: Decoder::new(RECORD_LIMIT_BYTES),
            stdout: String::new(),
            stderr: String::new(),
        })
    }

    /// Reads on until standard output has this, or to its end.
    pub(crate) fn shows(&mut self, wanted: &str) {
        while !self.stdout.contains(wanted) {
            assert!(self.step(), "{wanted:?} is not in {:?} {:?}", self.stdout, self.stderr);
        }
    }

    pub(crate) fn read_to_end(&mut self) {
        while self.step() {}
    }

    /// Takes the next piece of output; false at its end.
    fn step(&mut self) -> bool {
        loop {
            if let Some(record) = self.decoder.next().unwrap() {
                self.take(&media::decode(MediaType::Protobuf, &record).unwrap());
                return true;
            }
            let Some(piece) = read_chunk(&mut self.reader) else {
                assert!(self.decoder.is_between_records());
                return false;
            };
            self.decoder.push(&piece);
        }
    }

    fn take(&mut self, io: &ProcessIo) {
        let Some(piece) = io.data.as_ref().filter(|_| io.r#type() == process_io::Type::Data) else {
            return;
        };
        let text = String::from_utf8_lossy(piece.data());
        match piece.r#type() {
            data::Type::Stdout => self.stdout.push_str(&text),
            data::Type::Stderr => self.stderr.push_str(&text),
            data::Type::Stdin | data::Type::Unknown => panic!("not an output: {piece:?}"),
        }
    }

    /// Opens the way in. The container's id goes first.
    pub(crate) fn input(&self) -> Input {
        let headers = [
            &format!("Content-Type: {RECORDIO}")[..],
            &format!("Message-Content-Type: {PROTOBUF}"),
            &format!("Accept: {PROTOBUF}"),
        ];
        let stream = self.dcos.begin("POST", &self.path, &headers, None);
        let mut input = Input { dcos: self.dcos.clone(), path: self.path.clone(), stream };
        let part = AttachContainerInput {
            r#type: Some(attach_container_input::Type::ContainerId.into()),
            container_id: Some(self.container.clone()),
            ..AttachContainerInput::default()
        };
        assert!(input.record(part));
        input
    }

    /// The exit code, asked for once the output has ended.
    pub(crate) fn code(&self) -> Outcome<i32> {
        // Of a task's own container nobody asks.
        if self.container.parent.is_none() {
            return Ok(0);
        }
        let wait = WaitContainer { container_id: self.container.clone() };
        let call = Call {
            r#type: Some(Type::WaitContainer.into()),
            wait_container: Some(wait),
            ..Call::default()
        };
        let answer = self.dcos.ask(&self.path, &media::encode(MediaType::Protobuf, &call));
        if answer.status != 200 {
            return refused(&answer);
        }
        assert_eq!(answer.header("Content-Type"), Some(PROTOBUF));
        let response: wire::agent::Response = answer.protobuf();
        let status = response.wait_container.unwrap_or_default().exit_status();
        Ok(if status & 0x7f > 0 { (status & 0x7f) + 128 } else { status >> 8 })
    }
}

/// Standard input of a container.
pub(crate) struct Input {
    dcos: Dcos,
    path: String,
    stream: TcpStream,
}

impl Input {
    /// False when nobody takes it any more.
    fn record(&mut self, input: AttachContainerInput) -> bool {
        let call = Call {
            r#type: Some(Type::AttachContainerInput.into()),
            attach_container_input: Some(input),
            ..Call::default()
        };
        let mut record = BytesMut::new();
        media::put_record(MediaType::Protobuf, &call, &mut record);
        let chunk = [format!("{:x}\r\n", record.len()).as_bytes(), &record, b"\r\n"].concat();
        self.stream.write_all(&chunk).is_ok()
    }

    fn io(&mut self, io: ProcessIo) -> bool {
        self.record(AttachContainerInput {
            r#type: Some(attach_container_input::Type::ProcessIo.into()),
            process_io: Some(io),
            ..AttachContainerInput::default()
        })
    }

    fn control(&mut self, control: Control) -> bool {
        self.io(ProcessIo {
            r#type: Some(process_io::Type::Control.into()),
            control: Some(control),
            ..ProcessIo::default()
        })
    }

    pub(crate) fn types(&mut self, bytes: &[u8]) -> bool {
        let piece = Data {
            r#type: Some(data::Type::Stdin.into()),
            data: Some(Bytes::copy_from_slice(bytes)),
        };
        self.io(ProcessIo {
            r#type: Some(process_io::Type::Data.into()),
            data: Some(piece),
            ..ProcessIo::default()
        })
    }

    /// The terminal has this size now.
    pub(crate) fn resize(&mut self, rows: u32, columns: u32) {
        let tty_info = TtyInfo { window_size: Some(WindowSize { rows, columns }) };
        assert!(self.control(Control {
            r#type: Some(control::Type::TtyInfo.into()),
            tty_info: Some(tty_info),
            ..Control::default()
        }));
    }

    pub(crate) fn beat(&mut self) {
        let interval = Some(DurationInfo { nanoseconds: 30_000_000_000 });
        assert!(self.control(Control {
            r#type: Some(control::Type::Heartbeat.into()),
            heartbeat: Some(control::Heartbeat { interval }),
            ..Control::default()
        }));
    }

    /// Ends the body, and checks the answer: no content type, or 500 if the program has ended already.
    pub(crate) fn end(mut self) -> Outcome<()> {
        // It may have been answered before.
        drop(self.stream.write_all(b"0\r\n\r\n"));
        let mut reader = BufReader::new(self.stream);
        let mut answer = read_head(&mut reader);
        let what = "ATTACH_CONTAINER_INPUT recordio".to_owned();
        self.dcos.note("POST", &self.path, what, &answer);
        match (answer.status, answer.header("Content-Type")) {
            (200, None) | (500, _) => Ok(()),
            (200, Some(value)) => error(format!("unexpected content type: {value:?}")),
            _ => {
                answer.read_body(&mut reader);
                refused(&answer)
            }
        }
    }

    /// Sends all of it and an empty piece for its end, from a thread of its own.
    fn pipe(mut self, bytes: &[u8]) -> JoinHandle<Outcome<()>> {
        let bytes = bytes.to_vec();
        std::thread::spawn(move || {
            // A program that does not read them is no fault of anybody's.
            let _all_taken = bytes.chunks(PIECE_BYTES).all(|piece| self.types(piece));
            self.types(b"");
            self.end()
        })
    }
}

/// How a command beside a task ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `dcos task exec`, with `-i` if there is something to pipe in.
pub(crate) fn task_exec(
    dcos: &Dcos,
    task: &str,
    exec: Exec<'_>,
    stdin: Option<&[u8]>,
) -> Outcome<Ended> {
    let mut session = Session::exec(dcos, task, exec)?;
    let input = stdin.map(|bytes| session.input().pipe(bytes));
    session.read_to_end();
    if let Some(input) = input {
        input.join().map_err(|_| Exit::Crash("the input".to_owned()))??;
    }
    Ok(Ended { code: session.code()?, stdout: session.stdout, stderr: session.stderr })
}
