//! Ebb under the name `dcos`: the same calls with the columns, texts and silence that `dcos` users and
//! their scripts know.

mod node;
mod task;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser as _;
use daemon::http::client::ClientError;

use crate::args::dcos::{Dcos, DcosCommand};
use crate::client;
use crate::exit::Failure;
use crate::output;

/// What `dcos` exits with for every error, usage included.
const ERROR: u8 = 1;

pub(super) fn run(args: impl Iterator<Item = OsString>) -> ExitCode {
    let full = std::iter::once(OsString::from("dcos")).chain(args);
    let dcos = match Dcos::try_parse_from(full) {
        Ok(dcos) => dcos,
        Err(error) if !error.use_stderr() => {
            // Nobody is left to tell.
            drop(error.print());
            return ExitCode::SUCCESS;
        }
        Err(error) => {
            let text = error.to_string();
            let first = text.lines().next().unwrap_or_default();
            output::talk(&format!("Error: {}", first.trim_start_matches("error: ")));
            return ExitCode::from(ERROR);
        }
    };
    match super::block_on(command(dcos)) {
        Ok(code) => code,
        Err(failure) => {
            output::talk(&format!("Error: {}", failure.message));
            ExitCode::from(ERROR)
        }
    }
}

async fn command(dcos: Dcos) -> super::Outcome {
    let master = client::master(&dcos.global.to_global())?;
    match dcos.command {
        DcosCommand::Node(command) => node::run(&master, command).await?,
        DcosCommand::Task(command) => return task::run(&master, command).await,
    }
    Ok(ExitCode::SUCCESS)
}

/// The client's texts by status; what the server says is not shown. `not_found` is that for 404.
fn error(error: &ClientError, not_found: Option<String>) -> Failure {
    let Some(status) = error.status() else { return Failure::error(error.to_string()) };
    let text = match (status.as_u16(), not_found) {
        (401, _) => "authentication failed, please run `dcos auth login`".to_owned(),
        (403, _) => "you are not authorized to perform this operation".to_owned(),
        (404, Some(text)) => text,
        (503, None) => "could not connect to the leading mesos master".to_owned(),
        (number, _) if number >= 400 => format!("HTTP {number} error"),
        (number, _) => format!("unexpected status code {number}"),
    };
    Failure::error(text)
}

/// The client's texts for what an agent answers; its own text is shown.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` wants it")]
fn agent_error(error: ClientError) -> Failure {
    let ClientError::Status { status, text, .. } = &error else {
        return Failure::error(error.to_string());
    };
    Failure::error(match status.as_u16() {
        400 => format!("malformed request: {text}"),
        401 => format!("call not authenticated: {text}"),
        404 => format!("mesos http endpoint not found: {text}"),
        500 => format!(": {text}"),
        503 => format!("mesos server unavailable: {text}"),
        number => format!("HTTP {number} error: {text}"),
    })
}

/// An error of a read.
#[expect(clippy::needless_pass_by_value, reason = "as `map_err` wants it")]
fn read_error(cause: ClientError) -> Failure {
    error(&cause, None)
}
