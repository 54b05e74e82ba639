//! Standard streams of a container that somebody may attach to, kept by the container's owner.
//!
//! The owner outlives the agent, and so do these streams. Whoever attaches connects to a socket and speaks
//! [`frames`]. Everything runs on a thread of its own: neither a disk that hangs nor a client keeps the owner
//! from its processes.
//!
//! A *session* is there for one client: its program waits while that client reads slowly, and ends when it
//! goes away. Others who attach, and all of a container that is no session, are cut off when they read slowly.

pub mod frames;
pub mod socket;
pub mod terminal;

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixListener as StdListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use bytes::Bytes;
use rustix::io::Errno;
use tokio::io::Interest;
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use self::frames::{Frame, Kind};
use super::logs::LogFile;
use crate::sys::watch::Watch;

/// Read at a time.
const COPY_BYTES: usize = 64 * 1024;
/// Frames that wait for one reader.
const QUEUE: usize = 16;
/// How long a session waits for its client to come.
const FIRST_CLIENT: Duration = Duration::from_secs(30);
/// How long a new connection may take to say what it wants.
const GREETING: Duration = Duration::from_secs(10);
/// How long readers of something that is no session may take for the rest.
const REST: Duration = Duration::from_secs(1);
/// How long the program of a session may go on once it has closed its output, as many do just before they end. So long do
/// clients wait for its exit code.
const LAST: Duration = Duration::from_secs(30);
/// Connections at a time; more are closed.
const CONNECTIONS: usize = 32;

/// The owner's ends of the streams.
#[derive(Debug)]
pub enum Streams {
    Terminal(OwnedFd),
    Pipes { stdin: OwnedFd, stdout: OwnedFd, stderr: OwnedFd },
}

/// What a board is made of.
#[derive(Debug)]
pub struct Setup {
    pub streams: Streams,
    /// For stdout and stderr, where output is kept.
    pub logs: Vec<LogFile>,
    pub listener: StdListener,
    pub is_session: bool,
}

/// The streams of one container, for as long as this lives.
#[derive(Debug)]
pub struct Board {
    /// Closed to say stop.
    _stop: oneshot::Sender<()>,
    done: watch::Receiver<Option<u64>>,
    abandoned: watch::Receiver<bool>,
    is_session: bool,
}

impl Board {
    /// Begins to copy and to listen. Close the program's ends after it got them, or the end is never seen.
    ///
    /// # Errors
    /// No thread or descriptor is free.
    pub fn start(setup: Setup) -> io::Result<Self> {
        let is_session = setup.is_session;
        let (stop, stopped) = oneshot::channel();
        let (report, done) = watch::channel(None);
        let (leave, abandoned) = watch::channel(false);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        thread::Builder::new().name("streams".into()).spawn(move || {
            let lost_bytes = runtime.block_on(async {
                tokio::select! {
                    served = serve(setup, leave) => served.unwrap_or_else(|error| {
                        tracing::error!(%error, "cannot serve the streams of a container");
                        0
                    }),
                    _closed = stopped => 0,
                }
            });
            runtime.shutdown_background();
            // Nobody may be listening any more.
            report.send_replace(Some(lost_bytes));
        })?;
        Ok(Self { _stop: stop, done, abandoned, is_session })
    }

    /// Returns, once all writers are gone and everything is written, how many bytes a log has lost.
    pub fn finished(&self) -> impl Future<Output = u64> + Send + use<> {
        let mut done = self.done.clone();
        async move {
            match done.wait_for(Option::is_some).await {
                Ok(lost_bytes) => lost_bytes.unwrap_or(0),
                // The thread ended without a report, which only a panic in it could do.
                Err(_closed) => 0,
            }
        }
    }

    /// Returns when the client of a session has gone, or has not come, or some time after the session's output has ended;
    /// never if it is none.
    pub fn abandoned(&self) -> impl Future<Output = ()> + Send + use<> {
        let (mut abandoned, is_session) = (self.abandoned.clone(), self.is_session);
        async move {
            if abandoned.wait_for(|is| *is).await.is_ok() {
                return;
            }
            // There is no more output, and its client was told so.
            if !is_session {
                std::future::pending::<()>().await;
            }
            sleep(LAST).await;
        }
    }
}

/// Where output goes.
#[derive(Debug, Default)]
struct Readers {
    /// The one client of a session.
    first: Option<mpsc::Sender<Frame>>,
    others: Vec<mpsc::Sender<Frame>>,
}

/// What the connections share.
struct Shared {
    is_session: bool,
    is_terminal: bool,
    readers: Mutex<Readers>,
    /// Locked by the one connection that brings input; `None` once input has ended.
    stdin: tokio::sync::Mutex<Option<Watch>>,
    /// The terminal's outer end, for its size.
    terminal: Option<OwnedFd>,
    came: watch::Sender<bool>,
    leave: watch::Sender<bool>,
    /// The program's last output has been read.
    over: CancellationToken,
}

impl Shared {
    fn readers(&self) -> MutexGuard<'_, Readers> {
        // No code panics while holding it; if it did, the lists would still be whole.
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add_reader(&self) -> (mpsc::Receiver<Frame>, bool) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        let mut readers = self.readers();
        let is_first = self.is_session && !*self.came.borrow();
        if self.over.is_cancelled() {
            // Too late: without its sender the connection ends at once.
        } else if is_first {
            readers.first = Some(sender);
        } else {
            readers.others.push(sender);
        }
        drop(readers);
        self.came.send_replace(true);
        (receiver, is_first)
    }

    async fn send(&self, frame: Frame) {
        let first = {
            let mut readers = self.readers();
            readers.others.retain(|reader| reader.try_send(frame.clone()).is_ok());
            readers.first.clone()
        };
        if let Some(first) = first {
            // It has gone: whoever served it says so.
            drop(first.send(frame).await);
        }
    }
}

async fn serve(setup: Setup, leave: watch::Sender<bool>) -> io::Result<u64> {
    let listener = UnixListener::from_std(setup.listener)?;
    let mut logs = setup.logs.into_iter();
    let mut sources = Vec::new();
    let (stdin, terminal) = match setup.streams {
        Streams::Terminal(outer) => {
            sources.push((Kind::Stdout, outer.try_clone()?, logs.next()));
            (outer.try_clone()?, Some(outer))
        }
        Streams::Pipes { stdin, stdout, stderr } => {
            sources.push((Kind::Stdout, stdout, logs.next()));
            sources.push((Kind::Stderr, stderr, logs.next()));
            (stdin, None)
        }
    };
    rustix::io::ioctl_fionbio(&stdin, true)?;
    let shared = Arc::new(Shared {
        is_session: setup.is_session,
        is_terminal: terminal.is_some(),
        readers: Mutex::default(),
        stdin: tokio::sync::Mutex::new(Some(Watch::new(stdin, Interest::WRITABLE)?)),
        terminal,
        came: watch::channel(false).0,
        leave,
        over: CancellationToken::new(),
    });
    let mut copies = JoinSet::new();
    for (kind, fd, log) in sources {
        rustix::io::ioctl_fionbio(&fd, true)?;
        let fd = Watch::new(fd, Interest::READABLE)?;
        copies.spawn(copy(kind, fd, log, shared.clone()));
    }
    let mut writers = JoinSet::new();
    let mut lost_bytes = 0_u64;
    loop {
        tokio::select! {
            copied = copies.join_next() => match copied {
                Some(lost) => lost_bytes = lost_bytes.saturating_add(lost.unwrap_or(0)),
                None => break,
            },
            accepted = listener.accept() => {
                while writers.try_join_next().is_some() {}
                if let Ok((stream, _)) = accepted && writers.len() < CONNECTIONS {
                    writers.spawn(connection(stream, shared.clone()));
                }
            }
        }
    }
    drop(listener);
    shared.over.cancel();
    *shared.readers() = Readers::default();
    let rest = async { while writers.join_next().await.is_some() {} };
    if setup.is_session {
        rest.await;
    } else {
        drop(timeout(REST, rest).await);
    }
    Ok(lost_bytes)
}

/// Copies one stream to its end and returns the bytes its log has lost.
async fn copy(kind: Kind, fd: Watch, mut log: Option<LogFile>, shared: Arc<Shared>) -> u64 {
    if shared.is_session {
        let mut came = shared.came.subscribe();
        let came = timeout(FIRST_CLIENT, came.wait_for(|is| *is)).await.is_ok();
        if !came {
            shared.leave.send_replace(true);
        }
    }
    let mut buffer = vec![0; COPY_BYTES];
    loop {
        match rustix::io::read(&fd, &mut buffer[..]) {
            // Of a terminal, when the last program has closed it.
            Ok(0) | Err(Errno::IO) => break,
            Ok(length) => {
                let bytes = &buffer[..length];
                if let Some(log) = &mut log {
                    log.append(bytes);
                }
                shared.send(Frame::new(kind, Bytes::copy_from_slice(bytes))).await;
                tokio::task::yield_now().await;
            }
            Err(Errno::AGAIN) => {
                if fd.changed().await.is_err() {
                    break;
                }
            }
            Err(Errno::INTR) => {}
            Err(error) => {
                tracing::error!(%error, "cannot read the output of a container");
                break;
            }
        }
    }
    log.map_or(0, |log| log.lost_bytes())
}

/// Serves one connection.
async fn connection(mut stream: UnixStream, shared: Arc<Shared>) {
    let greeting = timeout(GREETING, frames::read(&mut stream));
    let greeting = tokio::select! {
        greeting = greeting => greeting,
        () = shared.over.cancelled() => return,
    };
    let Ok(Ok(Some(Frame { kind, .. }))) = greeting else { return };
    if kind == Kind::WantOutput {
        let (frames, is_first) = shared.add_reader();
        if output(stream, frames).await == Over::Reader && is_first {
            shared.leave.send_replace(true);
        }
    } else if kind == Kind::BringInput {
        let brought = tokio::select! {
            brought = input(stream, &shared) => brought,
            // There is nobody to take it any more.
            () = shared.over.cancelled() => return,
        };
        if let Err(error) = brought {
            tracing::debug!(%error, "a connection with input ended");
        }
    }
}

/// Why no more output is sent to a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    /// There is no more.
    Output,
    /// The reader has gone.
    Reader,
}

async fn output(stream: UnixStream, mut frames: mpsc::Receiver<Frame>) -> Over {
    let (mut from, mut to) = stream.into_split();
    let gone = frames::read(&mut from);
    tokio::pin!(gone);
    loop {
        tokio::select! {
            // A reader says nothing more: whatever comes is the end.
            _ended = &mut gone => return Over::Reader,
            frame = frames.recv() => {
                let Some(frame) = frame else { return Over::Output };
                tokio::select! {
                    _ended = &mut gone => return Over::Reader,
                    written = frames::write(&mut to, &frame) => {
                        if written.is_err() {
                            return Over::Reader;
                        }
                    }
                }
            }
        }
    }
}

async fn input(mut stream: UnixStream, shared: &Shared) -> io::Result<()> {
    let Ok(mut stdin) = shared.stdin.try_lock() else {
        let why = "Multiple input connections are not allowed";
        return frames::write(&mut stream, &Frame::new(Kind::Refused, why)).await;
    };
    let kind = if shared.is_terminal { &[] } else { frames::NO_TERMINAL };
    frames::write(&mut stream, &Frame::new(Kind::Accepted, kind)).await?;
    while let Some(frame) = frames::read(&mut stream).await? {
        match frame.kind {
            // Mesos: at a terminal the client sends the character for it instead.
            Kind::Stdin if frame.payload.is_empty() => {
                if !shared.is_terminal {
                    *stdin = None;
                }
            }
            Kind::Stdin => {
                if let Some(fd) = stdin.as_ref()
                    && write_all(fd, &frame.payload).await.is_err()
                {
                    // Nobody reads it any more.
                    *stdin = None;
                }
            }
            Kind::Window => {
                if let (Some(terminal), Some((rows, columns))) = (&shared.terminal, frame.size()) {
                    terminal::resize(terminal, rows, columns)?;
                }
            }
            Kind::WantOutput
            | Kind::BringInput
            | Kind::Accepted
            | Kind::Refused
            | Kind::Stdout
            | Kind::Stderr => break,
        }
    }
    Ok(())
}

async fn write_all(fd: &Watch, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(fd.as_fd(), bytes) {
            Ok(length) => bytes = &bytes[length..],
            Err(Errno::AGAIN) => fd.changed().await?,
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
