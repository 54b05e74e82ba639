//! Commands whose standard streams somebody may attach to: those with a terminal, and sessions.

use std::path::PathBuf;

use rustix::process::Signal;

use super::command::{CommandError, Order, owner_of, pipe};
use crate::container::board::terminal;
use crate::container::board::{Board, Setup, Streams, socket};
use crate::container::logs::{LogFile, LogPump};
use crate::container::pidfd::PidHandle;
use crate::container::spawn::{Stdio, spawn};

/// Where to attach to a command.
#[derive(Debug)]
pub(super) struct Attach {
    pub(super) path: PathBuf,
    /// It is there for one client, and nothing of its output is kept.
    pub(super) is_session: bool,
}

/// Where the output of a command goes.
#[derive(Debug)]
pub(super) enum Outlet {
    Logs(LogPump),
    Board(Board),
}

impl Outlet {
    /// Returns, once all writers are gone and everything is written, how many bytes were lost.
    pub(super) fn finished(&self) -> impl Future<Output = u64> + Send + use<> {
        let (logs, board) = match self {
            Self::Logs(logs) => (Some(logs.finished()), None),
            Self::Board(board) => (None, Some(board.finished())),
        };
        async move {
            match (logs, board) {
                (Some(logs), _) => logs.await,
                (None, Some(board)) => board.await,
                (None, None) => 0,
            }
        }
    }

    /// Returns when the client of a session has gone; never for anything else.
    pub(super) async fn abandoned(&self) {
        match self {
            Self::Board(board) => board.abandoned().await,
            Self::Logs(_) => std::future::pending().await,
        }
    }
}

impl Order<'_> {
    /// Starts the command; somebody may attach to it if it asks for a terminal or is a session.
    pub(super) fn start_for(
        self,
        attach: Option<Attach>,
    ) -> Result<(PidHandle, Outlet), CommandError> {
        let tty = self.container.and_then(|container| container.tty_info);
        let Some(attach) = attach.filter(|attach| attach.is_session || tty.is_some()) else {
            let (process, logs) = self.start()?;
            return Ok((process, Outlet::Logs(logs)));
        };
        let owner = self.user.as_deref().map(owner_of).transpose()?;
        let mut logs = Vec::new();
        if !attach.is_session {
            for name in ["stdout", "stderr"] {
                let path = &self.directory;
                let log = LogFile::open(path, name, self.rotation, owner)
                    .map_err(|source| CommandError::Logs { path: path.clone(), source })?;
                logs.push(log);
            }
        }
        let mut spec = self.spec()?;
        let failed = CommandError::Streams;
        let streams = if let Some(tty) = tty {
            let ends = terminal::open(owner).map_err(failed)?;
            if let Some(size) = tty.window_size {
                let short = |number| u16::try_from(number).unwrap_or(u16::MAX);
                terminal::resize(&ends.outer, short(size.rows), short(size.columns))
                    .map_err(failed)?;
            }
            spec.stdin = Stdio::Fd(ends.inner.try_clone().map_err(failed)?);
            spec.stdout = Stdio::Fd(ends.inner.try_clone().map_err(failed)?);
            spec.stderr = Stdio::Fd(ends.inner);
            spec.controlling_terminal = true;
            Streams::Terminal(ends.outer)
        } else {
            let (inner_stdin, stdin) = pipe().map_err(failed)?;
            let (stdout, inner_stdout) = pipe().map_err(failed)?;
            let (stderr, inner_stderr) = pipe().map_err(failed)?;
            spec.stdin = Stdio::Fd(inner_stdin);
            spec.stdout = Stdio::Fd(inner_stdout);
            spec.stderr = Stdio::Fd(inner_stderr);
            Streams::Pipes { stdin, stdout, stderr }
        };
        // The spec's ends are closed with it here, so that the end of output is seen. Nobody can attach to a
        // command that could not be started.
        let process = spawn(spec)?;
        let board = socket::listen(&attach.path).and_then(|listener| {
            let is_session = attach.is_session;
            Board::start(Setup { streams, logs, listener, is_session })
        });
        match board {
            Ok(board) => Ok((process, Outlet::Board(board))),
            Err(error) => {
                // It must not run unseen.
                drop(process.signal(Signal::KILL));
                Err(failed(error))
            }
        }
    }
}
