//! Tasks of the repository: `cargo xtask <task>`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line tool talks")]

mod chaos;
mod codegen;
mod fuzz;
mod packages;
mod reference;
mod selftest;
mod steps;
mod suite;

mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;

const HELP: &str = "\
Tasks of the repository.

Usage: cargo xtask <task> [options]

  test [--no-install]    build everything and run every test; installs the Debian packages the tests
                         need when run as root, else names them; --no-install goes on without them
  check [--no-install]   what CI runs: format, tidy, clippy, test
  selftest [--record]    hand-made bugs in a copy of the cores, each of which the simulator has to find;
                         --record writes their patches anew from the copy in target/selftest/tree
  chaos [--minutes M] [--seed N]
                         faults on real processes for M minutes (10 unless said), half of them with
                         one master and half with three on etcd; needs root
  tidy                   the rules of the tree that no compiler checks
  fuzz [--minutes M] [target …]
                         every fuzzing target, or those named, for M minutes each (1); needs cargo-fuzz
  codegen [--check]      proto/ into crates/wire/src/generated/; --check only compares
  reference [--check]    docs/reference/ from proto/ and the tables of the contract suite; --check only compares
  help                   this text
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match dispatch(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether the task found everything in order; an error is a task that could not be done.
fn dispatch(args: &[&str]) -> anyhow::Result<bool> {
    let root = root()?;
    match args {
        ["test"] => suite::test(&root, packages::Missing::Install),
        ["test", "--no-install"] => suite::test(&root, packages::Missing::Name),
        ["check"] => suite::check(&root, packages::Missing::Install),
        ["check", "--no-install"] => suite::check(&root, packages::Missing::Name),
        ["selftest"] => suite::selftest(&root),
        ["selftest", "--record"] => selftest::record(&root).map(|()| true),
        ["chaos", options @ ..] => chaos::run(&root, options),
        ["tidy"] => tidy::run(&root),
        ["fuzz", rest @ ..] => fuzz::run(&root, rest),
        ["codegen"] => codegen::run().map(|()| true),
        ["codegen", "--check"] => codegen::check().map(|()| true),
        ["reference"] => reference::run(&root).map(|()| true),
        ["reference", "--check"] => reference::check(&root).map(|()| true),
        [] | ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            Ok(true)
        }
        [task @ ("test" | "check" | "selftest" | "tidy" | "codegen" | "reference"), rest @ ..] => {
            anyhow::bail!("{task} does not take {}; see cargo xtask help", rest.join(" "))
        }
        [task, ..] => anyhow::bail!("there is no task {task}; see cargo xtask help"),
    }
}

/// The top folder of the tree.
fn root() -> anyhow::Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .map(Path::to_path_buf)
        .context("xtask lies in no workspace")
}
