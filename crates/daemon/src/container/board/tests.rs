use std::path::{Path, PathBuf};

use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;

use super::*;
use crate::container::logs::Rotation;
use crate::container::pidfd::PidHandle;
use crate::container::spawn::{Program, SpawnSpec, Stdio, spawn};
use crate::container::testing::within;

struct Stage {
    dir: TempDir,
    board: Board,
    program: PidHandle,
}

impl Stage {
    fn new(script: &str, is_terminal: bool, is_session: bool) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut spec = SpawnSpec::new(Program::Shell(script.to_owned()), "/");
        let streams = if is_terminal {
            let ends = terminal::open(None).unwrap();
            spec.stdin = Stdio::Fd(ends.inner.try_clone().unwrap());
            spec.stdout = Stdio::Fd(ends.inner.try_clone().unwrap());
            spec.stderr = Stdio::Fd(ends.inner);
            spec.controlling_terminal = true;
            Streams::Terminal(ends.outer)
        } else {
            let pipe = || rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).unwrap();
            let (inner_stdin, stdin) = pipe();
            let (stdout, inner_stdout) = pipe();
            let (stderr, inner_stderr) = pipe();
            spec.stdin = Stdio::Fd(inner_stdin);
            spec.stdout = Stdio::Fd(inner_stdout);
            spec.stderr = Stdio::Fd(inner_stderr);
            Streams::Pipes { stdin, stdout, stderr }
        };
        let program = spawn(spec).unwrap();
        let log = |name| LogFile::open(dir.path(), name, Rotation::default(), None).unwrap();
        let logs = if is_session { vec![] } else { vec![log("stdout"), log("stderr")] };
        let listener = socket::listen(&dir.path().join("socket")).unwrap();
        let board = Board::start(Setup { streams, logs, listener, is_session }).unwrap();
        Self { dir, board, program }
    }

    fn path(&self) -> PathBuf {
        self.dir.path().join("socket")
    }
}

async fn attach(path: &Path, kind: Kind) -> UnixStream {
    let mut stream = socket::connect(path).await.unwrap();
    frames::write(&mut stream, &Frame::new(kind, Bytes::new())).await.unwrap();
    stream
}

async fn say(stream: &mut UnixStream, text: &str) {
    frames::write(stream, &Frame::new(Kind::Stdin, text.to_owned())).await.unwrap();
}

/// What comes from one of the streams, to the end or until it holds `until`.
async fn heard(stream: &mut UnixStream, kind: Kind, until: Option<&str>) -> String {
    let mut text = String::new();
    while let Some(frame) = within(frames::read(stream)).await.unwrap() {
        if frame.kind == kind {
            text.push_str(&String::from_utf8_lossy(&frame.payload));
        }
        if until.is_some_and(|until| text.contains(until)) {
            break;
        }
    }
    text
}

/// A session's program waits for its client, is fed through a pipe, sees the end of input, and its two streams
/// stay apart.
#[tokio::test]
async fn a_session_is_fed_through_pipes() {
    let stage = Stage::new("echo before; echo wrong >&2; cat; echo after", false, true);
    let mut output = attach(&stage.path(), Kind::WantOutput).await;
    let mut input = attach(&stage.path(), Kind::BringInput).await;
    let accepted = within(frames::read(&mut input)).await.unwrap().unwrap();
    assert_eq!(accepted, Frame::new(Kind::Accepted, frames::NO_TERMINAL));
    say(&mut input, "some text\n").await;
    say(&mut input, "").await;
    let text = heard(&mut output, Kind::Stdout, None).await;
    assert_eq!(text, "before\nsome text\nafter\n");
    // Input ends with the program.
    assert_eq!(within(frames::read(&mut input)).await.unwrap(), None);
    assert_eq!(within(stage.board.finished()).await, 0);
    assert!(within(stage.program.wait()).await.unwrap().success());
}

/// At a terminal the program has it as its own, sees its size change, and gets the signals of its keys.
#[tokio::test]
async fn a_terminal_is_a_terminal() {
    let script = "trap 'echo interrupted; exit 3' INT; tty <&2; echo ready > /dev/tty; \
                  while read line; do $line; done";
    let stage = Stage::new(script, true, true);
    let mut output = attach(&stage.path(), Kind::WantOutput).await;
    let mut input = attach(&stage.path(), Kind::BringInput).await;
    let accepted = within(frames::read(&mut input)).await.unwrap().unwrap();
    assert_eq!(accepted, Frame::new(Kind::Accepted, ""));
    let text = heard(&mut output, Kind::Stdout, Some("ready")).await;
    assert!(text.starts_with("/dev/pts/"), "{text}");
    frames::write(&mut input, &Frame::window(33, 77)).await.unwrap();
    say(&mut input, "stty size\n").await;
    heard(&mut output, Kind::Stdout, Some("33 77")).await;
    say(&mut input, "\u{3}").await;
    let text = heard(&mut output, Kind::Stdout, None).await;
    assert!(text.contains("interrupted"), "{text}");
    assert_eq!(within(stage.program.wait()).await.unwrap().code(), Some(3));
}

/// A session whose client goes away is abandoned, and one to which nobody else may bring input at the same
/// time says so.
#[tokio::test]
async fn a_session_without_its_client_is_abandoned() {
    let stage = Stage::new("exec cat", false, true);
    let output = attach(&stage.path(), Kind::WantOutput).await;
    let mut first = attach(&stage.path(), Kind::BringInput).await;
    assert_eq!(within(frames::read(&mut first)).await.unwrap().unwrap().kind, Kind::Accepted);
    let mut second = attach(&stage.path(), Kind::BringInput).await;
    let refused = within(frames::read(&mut second)).await.unwrap().unwrap();
    assert_eq!(refused, Frame::new(Kind::Refused, "Multiple input connections are not allowed"));
    drop(output);
    within(stage.board.abandoned()).await;
    stage.program.signal(rustix::process::Signal::KILL).unwrap();
    within(stage.program.wait()).await.unwrap();
}

/// Output goes to the log whether somebody is attached or not, a reader that does not read is cut off, and the
/// program goes on.
#[tokio::test]
async fn a_reader_that_does_not_read_holds_nobody_up() {
    // Eight megabytes: more than the queue and the socket hold.
    let script = "read go; head -c 8000000 /dev/zero; echo done >&2; read go";
    let stage = Stage::new(script, false, false);
    let mut deaf = attach(&stage.path(), Kind::WantOutput).await;
    let mut input = attach(&stage.path(), Kind::BringInput).await;
    within(frames::read(&mut input)).await.unwrap();
    // Both are known before the flood.
    let mut keen = attach(&stage.path(), Kind::WantOutput).await;
    let listening = tokio::spawn(async move { heard(&mut keen, Kind::Stderr, None).await });
    say(&mut input, "go\n").await;
    let log = stage.dir.path().join("stderr");
    within(async {
        while std::fs::read(&log).unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    say(&mut input, "go\n").await;
    assert_eq!(within(stage.board.finished()).await, 0);
    assert_eq!(std::fs::metadata(stage.dir.path().join("stdout")).unwrap().len(), 8_000_000);
    // Whoever reads may have been too slow as well; what it got is in order, and it ends.
    within(listening).await.unwrap();
    let mut length = 0;
    while let Ok(Some(frame)) = within(frames::read(&mut deaf)).await {
        length += frame.payload.len();
    }
    assert!(length < 8_000_000, "{length}");
    drop(input.shutdown().await);
    within(stage.program.wait()).await.unwrap();
}
