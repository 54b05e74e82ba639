//! Exit codes and errors of the commands.

use std::fmt;

use daemon::http::client::ClientError;

/// What the process exits with; documented in `ebb --help`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Error,
    Usage,
    /// `--timeout` passed while something was waited for. What was asked for goes on.
    Timeout,
    /// The master turned the call down.
    Refused,
    Unreachable,
    /// An agent that was decommissioned and will not start again.
    Decommissioned,
}

/// What `ebb agent` exits with once it is decommissioned: starting it again would not help.
pub const DECOMMISSIONED: u8 = 6;

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Self::Error => 1,
            Self::Usage => 2,
            Self::Timeout => 3,
            Self::Refused => 4,
            Self::Unreachable => 5,
            Self::Decommissioned => DECOMMISSIONED,
        }
    }
}

/// Why a command failed: printed as `error: …`, then `hint: …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub exit: Exit,
    pub message: String,
    pub hints: Vec<String>,
}

impl Failure {
    pub fn new(exit: Exit, message: impl Into<String>) -> Self {
        Self { exit, message: message.into(), hints: Vec::new() }
    }

    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Exit::Error, message)
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, message)
    }

    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", self.message)?;
        self.hints.iter().try_for_each(|hint| write!(f, "\nhint: {hint}"))
    }
}

impl std::error::Error for Failure {}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        match &error {
            ClientError::Unreachable { .. } => Self::new(Exit::Unreachable, error.to_string())
                .hint("is it running there? choose another master with --master or EBB_MASTER"),
            ClientError::Broken { .. } => Self::new(Exit::Unreachable, error.to_string())
                .hint("whether it was carried out is not known: look before you say it again"),
            ClientError::Misdirected { .. } => Self::new(Exit::Unreachable, error.to_string())
                .hint("is this the address of a master?"),
            ClientError::NoLeader(tried) => {
                let tried = tried.lines.iter().map(|line| format!("\n  {line}"));
                let list: String = tried.collect();
                Self::new(Exit::Unreachable, format!("no master took the call{list}"))
                    .hint("--master or EBB_MASTER names the masters, joined by commas")
            }
            ClientError::Address { .. } => {
                Self::usage(error.to_string()).hint("an address is host:port or http://host:port")
            }
            ClientError::Garbled { .. } => {
                Self::error(error.to_string()).hint("is this the address of a master?")
            }
            ClientError::Status { url, status, text } => {
                let said = match text.lines().next() {
                    None | Some("") => status.to_string(),
                    Some(line) => format!("{line} ({status})"),
                };
                match status.as_u16() {
                    401 => Self::new(Exit::Refused, format!("{url} wants credentials: {said}"))
                        .hint("give --principal and --secret-file"),
                    404 if text.is_empty() => {
                        Self::new(Exit::Refused, format!("{url} answered {said}"))
                            .hint("is this the address of a master?")
                    }
                    400..=499 => Self::new(Exit::Refused, format!("refused: {said}")),
                    503 => Self::new(Exit::Unreachable, format!("{url} is not ready: {said}"))
                        .hint("it may be starting, or have lost its leadership; try again"),
                    _ => Self::error(format!("{url} answered {said}")),
                }
            }
        }
    }
}

impl From<crate::scheduler::SchedulerError> for Failure {
    fn from(error: crate::scheduler::SchedulerError) -> Self {
        use crate::scheduler::SchedulerError as E;
        match error {
            E::Client(error) => error.into(),
            E::Ended(_) => Self::new(Exit::Refused, error.to_string()),
            E::Stream(_) | E::Closed => Self::new(Exit::Unreachable, error.to_string()),
        }
    }
}
