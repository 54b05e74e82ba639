//! `cargo xtask chaos`: the faults on real processes, for as long as one likes.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context as _;

use crate::packages::{self, Missing};
use crate::steps;

/// What the tests' names begin with: one with a single master, one with several on etcd.
const TESTS: &str = "no_promise_is_broken";
const TESTS_COUNT: u64 = 2;
const DEFAULT_MINUTES: u64 = 10;

/// What was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Request {
    minutes: u64,
    seed: Option<u64>,
}

/// Runs the harness, half of the time with one master and half with three. Whether no promise was broken.
pub(crate) fn run(root: &Path, args: &[&str]) -> anyhow::Result<bool> {
    let request = parse(args)?;
    packages::provide(Missing::Install)?;
    let seed = request.seed.unwrap_or_else(any_seed);
    println!("── chaos: {} minutes, seed {seed}", request.minutes);
    let status = steps::cargo()
        .args(["test", "--package", "ebb", "--test", "chaos", "--", "--nocapture", TESTS])
        .current_dir(root)
        .env("EBB_CHAOS_SECONDS", (request.minutes * 60 / TESTS_COUNT).to_string())
        .env("EBB_CHAOS_SEED", seed.to_string())
        .env("EBB_CHAOS_REQUIRED", "1")
        .status()
        .context("cannot run the harness")?;
    Ok(status.success())
}

fn parse(args: &[&str]) -> anyhow::Result<Request> {
    let mut request = Request { minutes: DEFAULT_MINUTES, seed: None };
    let mut args = args.iter();
    while let Some(name) = args.next() {
        let value = args.next().with_context(|| format!("{name} needs a number"))?;
        let number =
            value.parse().with_context(|| format!("{name} needs a number, not {value}"))?;
        match *name {
            "--minutes" => request.minutes = number,
            "--seed" => request.seed = Some(number),
            _ => anyhow::bail!("chaos does not take {name}; see cargo xtask help"),
        }
    }
    anyhow::ensure!(request.minutes > 0, "--minutes must be at least 1");
    Ok(request)
}

/// Another one each time; it is printed.
fn any_seed() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |since| since.as_secs() % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Length and seed are taken from the command line, and nothing else is.
    #[test]
    fn length_and_seed_are_options() {
        assert_eq!(parse(&[]).unwrap(), Request { minutes: 10, seed: None });
        let both = parse(&["--minutes", "3", "--seed", "7"]).unwrap();
        assert_eq!(both, Request { minutes: 3, seed: Some(7) });
        for wrong in [&["--minutes"][..], &["--minutes", "0"], &["--seed", "x"], &["--hours", "1"]]
        {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }
}
