//! Whether checks and health checks say what to do and how often.

use wire::v1::{CheckInfo, HealthCheck};
use wire::v1::{check_info, health_check};

use super::command::{self, CommandError};
use crate::duration;

/// What is wrong with a check or a health check.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HealthError {
    #[error("must specify 'type'")]
    NoType,
    #[error("'{0}' is not a valid type")]
    UnknownType(i32),
    #[error("Expecting '{field}' to be set for {kind} check")]
    Missing { kind: &'static str, field: &'static str },
    #[error("'{0}' must be between 1 and 65535")]
    Port(u32),
    #[error("Expecting '{0}' to be a finite, non-negative number of seconds")]
    Seconds(&'static str),
    #[error("check's `CommandInfo` is invalid: {0}")]
    Command(#[from] CommandError),
}

/// Checks a health check.
pub fn check_health(check: &HealthCheck) -> Result<(), HealthError> {
    use health_check::Type;
    let number = check.r#type.ok_or(HealthError::NoType)?;
    match Type::try_from(number) {
        Ok(Type::Command) => {
            let command = check.command.as_ref();
            command::check(command.ok_or(missing("COMMAND", "command"))?)?;
        }
        Ok(Type::Http) => port(check.http.as_ref().ok_or(missing("HTTP", "http"))?.port)?,
        Ok(Type::Tcp) => port(check.tcp.as_ref().ok_or(missing("TCP", "tcp"))?.port)?,
        Ok(Type::Unknown) | Err(_) => return Err(HealthError::UnknownType(number)),
    }
    seconds("delay_seconds", check.delay_seconds)?;
    seconds("grace_period_seconds", check.grace_period_seconds)?;
    seconds("interval_seconds", check.interval_seconds)?;
    seconds("timeout_seconds", check.timeout_seconds)
}

/// Checks a general check.
pub fn check_info(check: &CheckInfo) -> Result<(), HealthError> {
    use check_info::Type;
    let number = check.r#type.ok_or(HealthError::NoType)?;
    match Type::try_from(number) {
        Ok(Type::Command) => {
            let command = check.command.as_ref();
            command::check(&command.ok_or(missing("COMMAND", "command"))?.command)?;
        }
        Ok(Type::Http) => port(check.http.as_ref().ok_or(missing("HTTP", "http"))?.port)?,
        Ok(Type::Tcp) => port(check.tcp.as_ref().ok_or(missing("TCP", "tcp"))?.port)?,
        Ok(Type::Unknown) | Err(_) => return Err(HealthError::UnknownType(number)),
    }
    seconds("delay_seconds", check.delay_seconds)?;
    seconds("interval_seconds", check.interval_seconds)?;
    seconds("timeout_seconds", check.timeout_seconds)
}

fn missing(kind: &'static str, field: &'static str) -> HealthError {
    HealthError::Missing { kind, field }
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
