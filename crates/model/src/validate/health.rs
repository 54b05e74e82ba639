//! Whether checks and health checks say what to do and how often.

use wire::v1::{CheckInfo, CommandInfo, HealthCheck};
use wire::v1::{check_info, health_check};

use super::command::{self, CommandError};
use crate::duration;

/// Which of a task's two checks is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Check,
    HealthCheck,
}

impl What {
    fn message(self) -> &'static str {
        match self {
            Self::Check => "CheckInfo",
            Self::HealthCheck => "HealthCheck",
        }
    }

    fn owner(self) -> &'static str {
        match self {
            Self::Check => "Check's",
            Self::HealthCheck => "Health check's",
        }
    }
}

impl std::fmt::Display for What {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Check => "check",
            Self::HealthCheck => "health check",
        })
    }
}

/// What is wrong with a check or a health check.
// Mesos: texts.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HealthError {
    #[error("{} must specify 'type'", .0.message())]
    NoType(What),
    #[error("'{number}' is not a valid {what} type")]
    UnknownType { what: What, number: i32 },
    #[error("Expecting '{field}' to be set for {kind} {what}")]
    Missing { what: What, kind: &'static str, field: &'static str },
    #[error("Unsupported HTTP health check scheme: '{0}'")]
    Scheme(String),
    #[error("The path '{path}' of HTTP {what} must start with '/'")]
    Path { what: What, path: String },
    #[error("The path '{path}' of HTTP {what} contains whitespace or a control character")]
    PathCharacter { what: What, path: String },
    #[error("'{0}' must be between 1 and 65535")]
    Port(u32),
    #[error("Expecting '{0}' to be a finite, non-negative number of seconds")]
    Seconds(&'static str),
    #[error("{} `CommandInfo` is invalid: {reason}", .what.owner())]
    Command { what: What, reason: CommandError },
}

/// Checks a health check.
pub fn check_health(check: &HealthCheck) -> Result<(), HealthError> {
    use health_check::Type;
    let what = What::HealthCheck;
    let missing = |kind, field| HealthError::Missing { what, kind, field };
    let number = check.r#type.ok_or(HealthError::NoType(what))?;
    match Type::try_from(number) {
        Ok(Type::Command) => {
            command(what, check.command.as_ref().ok_or(missing("COMMAND", "command"))?)?;
        }
        Ok(Type::Http) => {
            let http = check.http.as_ref().ok_or(missing("HTTP", "http"))?;
            if let Some(scheme) = http.scheme.as_ref().filter(|s| *s != "http" && *s != "https") {
                return Err(HealthError::Scheme(scheme.escape_debug().to_string()));
            }
            path(what, http.path.as_deref())?;
            port(http.port)?;
        }
        Ok(Type::Tcp) => port(check.tcp.as_ref().ok_or(missing("TCP", "tcp"))?.port)?,
        Ok(Type::Unknown) | Err(_) => return Err(HealthError::UnknownType { what, number }),
    }
    seconds("delay_seconds", check.delay_seconds)?;
    seconds("grace_period_seconds", check.grace_period_seconds)?;
    seconds("interval_seconds", check.interval_seconds)?;
    seconds("timeout_seconds", check.timeout_seconds)
}

/// Checks a general check.
pub fn check_info(check: &CheckInfo) -> Result<(), HealthError> {
    use check_info::Type;
    let what = What::Check;
    let missing = |kind, field| HealthError::Missing { what, kind, field };
    let number = check.r#type.ok_or(HealthError::NoType(what))?;
    match Type::try_from(number) {
        Ok(Type::Command) => {
            let given = check.command.as_ref().ok_or(missing("COMMAND", "command"))?;
            command(what, &given.command)?;
        }
        Ok(Type::Http) => {
            let http = check.http.as_ref().ok_or(missing("HTTP", "http"))?;
            path(what, http.path.as_deref())?;
            port(http.port)?;
        }
        Ok(Type::Tcp) => port(check.tcp.as_ref().ok_or(missing("TCP", "tcp"))?.port)?,
        Ok(Type::Unknown) | Err(_) => return Err(HealthError::UnknownType { what, number }),
    }
    seconds("delay_seconds", check.delay_seconds)?;
    seconds("interval_seconds", check.interval_seconds)?;
    seconds("timeout_seconds", check.timeout_seconds)
}

fn command(what: What, given: &CommandInfo) -> Result<(), HealthError> {
    command::check(given).map_err(|reason| HealthError::Command { what, reason })
}

fn path(what: What, path: Option<&str>) -> Result<(), HealthError> {
    let Some(path) = path else { return Ok(()) };
    let shown = || path.escape_debug().to_string();
    if !path.starts_with('/') {
        return Err(HealthError::Path { what, path: shown() });
    }
    // It becomes part of a request.
    if path.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return Err(HealthError::PathCharacter { what, path: shown() });
    }
    Ok(())
}

fn port(port: u32) -> Result<(), HealthError> {
    if (1..=65535).contains(&port) { Ok(()) } else { Err(HealthError::Port(port)) }
}

fn seconds(field: &'static str, value: Option<f64>) -> Result<(), HealthError> {
    match value.map(duration::from_secs_f64) {
        Some(None) => Err(HealthError::Seconds(field)),
        Some(Some(_)) | None => Ok(()),
    }
}
