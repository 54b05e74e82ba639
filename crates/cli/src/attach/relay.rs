//! From here to a container and back, until either side ends.

use std::io::Write as _;

use daemon::http::client::ClientError;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::task::AbortOnDropHandle;
use wire::agent::process_io::data;
use wire::v1::ContainerId;

use super::input::{Over, feed};
use super::streams::{Output, Session, Streams};
use super::terminal::Raw;

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The program ended; its wait status, and why it could not be run.
    Program {
        wait_status: Option<i32>,
        message: Option<String>,
    },
    /// The container's output ended; nobody asked how.
    Output,
    Detached,
    /// A signal to this process, by its number.
    Signal(i32),
}

/// One attachment.
#[derive(Debug)]
pub struct Relay<'a> {
    pub streams: &'a Streams,
    /// What is typed goes to the program.
    pub reads: bool,
    /// The program has a terminal.
    pub is_terminal: bool,
}

impl Relay<'_> {
    /// Runs a command in a container. It ends with this process.
    ///
    /// # Errors
    /// The agent can't be reached, refuses, or the connection broke.
    pub async fn run(&self, session: Session) -> Result<Ended, ClientError> {
        let container = session.container_id.clone();
        let output = self.streams.launch(session).await?;
        let ended = self.relay(&container, output).await?;
        if ended != Ended::Output {
            return Ok(ended);
        }
        let (wait_status, message) = self.streams.wait(&container).await?;
        Ok(Ended::Program { wait_status, message })
    }

    /// Attaches to a container that runs already.
    ///
    /// # Errors
    /// As [`Self::run`].
    pub async fn attach(&self, container: &ContainerId) -> Result<Ended, ClientError> {
        let output = self.streams.attach(container).await?;
        self.relay(container, output).await
    }

    async fn relay(
        &self,
        container: &ContainerId,
        mut output: Output,
    ) -> Result<Ended, ClientError> {
        // Restored when this returns, in whichever way.
        let raw = if self.reads && self.is_terminal { Raw::enter() } else { Ok(None) };
        let _raw = raw.unwrap_or_else(|error| {
            tracing::debug!(%error, "the terminal stays as it is");
            None
        });
        let mut signals = Signals::new();
        let brings = self.reads || self.is_terminal;
        let (input, answer) = self.streams.input(container);
        let mut answer = AbortOnDropHandle::new(tokio::spawn(answer));
        let mut answered = !brings;
        let mut over = !brings;
        let fed = feed(input, self.reads, self.is_terminal);
        tokio::pin!(fed);
        loop {
            tokio::select! {
                next = output.next() => {
                    let Some(message) = next? else { return Ok(Ended::Output) };
                    if let Some(data) = message.data {
                        show(data.r#type, &data.data.unwrap_or_default());
                    }
                }
                how = &mut fed, if !over => {
                    over = true;
                    if how == Over::Detached {
                        return Ok(Ended::Detached);
                    }
                }
                answer = &mut answer, if !answered => {
                    answered = true;
                    match answer {
                        // The program ended first: its output says when.
                        Ok(Ok(()) | Err(ClientError::Broken { .. })) | Err(_) => {}
                        Ok(Err(error)) if error.status().is_some_and(|it| it.as_u16() == 500) => {}
                        Ok(Err(error)) => return Err(error),
                    }
                }
                signal = signals.next() => return Ok(Ended::Signal(signal)),
            }
        }
    }
}

/// The signals that end this process.
struct Signals(Vec<(i32, tokio::signal::unix::Signal)>);

impl Signals {
    fn new() -> Self {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()];
        let signals = kinds.into_iter().filter_map(|kind| {
            // Without it the signal ends the process as it always did.
            Some((kind.as_raw_value(), signal(kind).ok()?))
        });
        Self(signals.collect())
    }

    async fn next(&mut self) -> i32 {
        std::future::poll_fn(|context| {
            for (number, signal) in &mut self.0 {
                if signal.poll_recv(context).is_ready() {
                    return std::task::Poll::Ready(*number);
                }
            }
            std::task::Poll::Pending
        })
        .await
    }
}

fn show(stream: Option<i32>, bytes: &[u8]) {
    if stream == Some(data::Type::Stderr.into()) {
        let mut stderr = std::io::stderr().lock();
        // Nobody is left to tell.
        drop(stderr.write_all(bytes).and_then(|()| stderr.flush()));
    } else {
        crate::output::data(bytes);
    }
}
