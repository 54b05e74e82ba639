//! `cargo xtask test` and `cargo xtask check`.

use std::path::Path;
use std::process::Stdio;

use crate::packages::{self, Missing};
use crate::selftest;
use crate::steps::{self, Steps};
use crate::tidy;

/// What the simulator runs; hours of it are `ebb sim --minutes`.
const SEEDS: &str = "0..2000";

/// Builds everything and runs every test of the workspace. Whether all passed.
pub(crate) fn test(root: &Path, missing: Missing) -> anyhow::Result<bool> {
    packages::provide(missing)?;
    let mut steps = Steps::new(root);
    run_tests(&mut steps)?;
    Ok(steps.finish())
}

/// What CI runs, cheapest first. Every step runs even when one before it failed. Whether all passed.
pub(crate) fn check(root: &Path, missing: Missing) -> anyhow::Result<bool> {
    packages::provide(missing)?;
    let mut steps = Steps::new(root);
    steps.cargo("format", &["fmt", "--all", "--check"])?;
    steps.inside("tidy", || tidy::run(root))?;
    steps
        .cargo("clippy", &["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"])?;
    run_tests(&mut steps)?;
    Ok(steps.finish())
}

fn run_tests(steps: &mut Steps<'_>) -> anyhow::Result<()> {
    // Tests and programs in one go: the same features everywhere, so nothing is built twice, and the
    // `ebb` program is there before the first test that starts it.
    if !steps.cargo("build", &["build", "--workspace", "--bins", "--tests"])? {
        return Ok(());
    }
    if has_nextest() {
        steps.cargo("tests", &["nextest", "run", "--workspace", "--no-fail-fast"])?;
    } else {
        let targets = ["--lib", "--bins", "--tests"];
        let args = [&["test", "--workspace", "--no-fail-fast"][..], &targets[..]].concat();
        steps.cargo_test("tests", &args)?;
    }
    steps.cargo_test("doctests", &["test", "--workspace", "--doc", "--no-fail-fast"])?;
    // Optimized: without, it would take ten times as long.
    let simulation = ["run", "--release", "--", "sim", "--seeds", SEEDS];
    steps.cargo("simulation", &simulation)?;
    steps.cargo("explorer", &["run", "--release", "--", "sim", "--explore"])?;
    let root = steps.root();
    selftest::run(steps, root)?;
    Ok(())
}

/// Makes the hand-made bugs and has the simulator find each of them. Whether it did.
pub(crate) fn selftest(root: &Path) -> anyhow::Result<bool> {
    let mut steps = Steps::new(root);
    selftest::run(&mut steps, root)?;
    Ok(steps.finish())
}

/// Whether `cargo nextest` is on this machine. It is used when present and never needed.
fn has_nextest() -> bool {
    steps::cargo()
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}
