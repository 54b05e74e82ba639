//! From arguments to an exit code: one file per theme.

mod daemon;
mod dcos;
mod node;
mod registry;
mod task;
mod up;

use std::ffi::{OsStr, OsString};
use std::future::Future;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};

use crate::args::{Cli, Command};
use crate::exit::{Exit, Failure};
use crate::output;

/// What a command ends with.
pub type Outcome = Result<ExitCode, Failure>;

/// Runs the command that the arguments name. `first` is the one after the program's name.
pub fn run(
    program: &Path,
    first: Option<OsString>,
    rest: impl Iterator<Item = OsString>,
) -> ExitCode {
    if program.file_name().is_some_and(|name| name == "dcos") {
        return dcos::run(first.into_iter().chain(rest));
    }
    let outcome = match first.as_ref().and_then(|first| first.to_str()) {
        Some("master") => texts(rest).and_then(daemon::master),
        Some("agent") => texts(rest).and_then(daemon::agent),
        _ => return run_client(first.into_iter().chain(rest)),
    };
    finish(outcome.map(|()| ExitCode::SUCCESS))
}

fn run_client(args: impl Iterator<Item = OsString>) -> ExitCode {
    let mut command = Cli::command();
    let full: Vec<OsString> = std::iter::once(OsString::from("ebb")).chain(args).collect();
    if is_plain(&full, std::env::var_os("NO_COLOR").as_deref()) {
        command = command.color(clap::ColorChoice::Never);
    }
    let parsed =
        command.try_get_matches_from(full).and_then(|matches| Cli::from_arg_matches(&matches));
    let cli = match parsed {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() { Exit::Usage.code() } else { 0 };
            // Nobody is left to tell.
            drop(error.print());
            return ExitCode::from(code);
        }
    };
    let global = cli.global;
    finish(match cli.command {
        Command::Node(command) => block_on(node::run(&global, command)),
        Command::Task(command) => block_on(task::run(&global, command)),
        Command::Registry(command) => block_on(registry::run(&global, &command)),
        Command::Up(args) => block_on(up::run(args)),
        Command::Demo(_) => block_on(up::demo()),
        Command::Sim(args) => crate::simulate::run(&args).map(|()| ExitCode::SUCCESS),
        Command::Bench(args) => crate::bench::run(&args, global.output).map(|()| ExitCode::SUCCESS),
        Command::Master(args) => daemon::master(args.flags).map(|()| ExitCode::SUCCESS),
        Command::Agent(args) => daemon::agent(args.flags).map(|()| ExitCode::SUCCESS),
    })
}

/// Whether help and errors are to have no colours: the only ones there are, and written before the
/// arguments are understood.
fn is_plain(args: &[OsString], variable: Option<&OsStr>) -> bool {
    let own = args.iter().take_while(|arg| *arg != "--");
    variable.is_some_and(|value| !value.is_empty())
        || own.into_iter().any(|arg| arg == "--no-color")
}

/// Clients do one thing at a time: one thread is enough.
fn block_on(work: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::error(format!("cannot start: {error}")))?;
    let outcome = runtime.block_on(Box::pin(work));
    runtime.shutdown_background();
    outcome
}

/// The caller's name, as far as the environment tells.
fn user_name() -> Option<String> {
    let named = ["USER", "LOGNAME"].iter().find_map(|name| std::env::var(name).ok());
    let root = || rustix::process::getuid().is_root().then(|| "root".to_owned());
    named.filter(|name| !name.is_empty()).or_else(root)
}

fn finish(outcome: Outcome) -> ExitCode {
    outcome.unwrap_or_else(|failure| {
        output::failure(&failure);
        ExitCode::from(failure.exit.code())
    })
}

fn texts(args: impl Iterator<Item = OsString>) -> Result<Vec<String>, Failure> {
    args.map(|arg| {
        arg.into_string().map_err(|arg| {
            Failure::usage(format!("an argument is not valid UTF-8: {}", arg.to_string_lossy()))
        })
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The flag and the variable take the colours away; what belongs to a task's command does not.
    #[test]
    fn colours_go_when_asked() {
        let args = |text: &str| text.split(' ').map(OsString::from).collect::<Vec<_>>();
        assert!(is_plain(&args("ebb node list --no-color"), None));
        assert!(is_plain(&args("ebb"), Some(OsStr::new("1"))));
        assert!(!is_plain(&args("ebb node list"), Some(OsStr::new(""))));
        assert!(!is_plain(&args("ebb task run -- tool --no-color"), None));
    }
}
