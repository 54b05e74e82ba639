//! `cargo xtask fuzz`: every target for a bounded time, with bounded memory and inputs.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::Context as _;

use crate::steps;

/// How long each target runs without `--minutes`.
const MINUTES: u64 = 1;
/// Beyond these an input counts as a finding.
const MEMORY_LIMIT_MB: u64 = 1024;
const ALLOCATION_LIMIT_MB: u64 = 512;
const INPUT_LIMIT_SECONDS: u64 = 20;
const INPUT_LIMIT_BYTES: u64 = 16 << 10;

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Request<'a> {
    minutes: u64,
    /// None is all.
    targets: Vec<&'a str>,
}

impl<'a> Request<'a> {
    fn read(args: &[&'a str]) -> anyhow::Result<Self> {
        let mut request = Self { minutes: MINUTES, targets: Vec::new() };
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            match *arg {
                "--minutes" => {
                    let number = args.next().context("--minutes needs a number")?;
                    let minutes = number.parse().ok().filter(|minutes| *minutes > 0);
                    request.minutes = minutes.with_context(|| {
                        format!("--minutes takes a number from 1, not {number}")
                    })?;
                }
                option if option.starts_with('-') => {
                    anyhow::bail!("fuzz does not take {option}; see cargo xtask help")
                }
                target => request.targets.push(target),
            }
        }
        Ok(request)
    }
}

/// What libFuzzer said of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Figures {
    executions: u64,
    coverage: u64,
}

impl Figures {
    fn read(log: &str) -> Self {
        let mut figures = Self::default();
        for line in log.lines() {
            let number = |text: &str| text.split_whitespace().next()?.parse().ok();
            if let Some(rest) = line.strip_prefix("stat::number_of_executed_units:") {
                figures.executions = number(rest).unwrap_or(figures.executions);
            }
            if let Some((_, rest)) = line.split_once(" cov: ") {
                figures.coverage = number(rest).unwrap_or(figures.coverage);
            }
        }
        figures
    }
}

/// Runs the targets in turn. Whether nothing was found.
pub(crate) fn run(root: &Path, args: &[&str]) -> anyhow::Result<bool> {
    let request = Request::read(args)?;
    let folder = root.join("fuzz");
    let known = targets(&folder)?;
    if let Some(unknown) = request.targets.iter().find(|name| !known.iter().any(|it| it == *name)) {
        anyhow::bail!("there is no target {unknown}; there are {}", known.join(", "));
    }
    if !has_cargo_fuzz() {
        anyhow::bail!("cargo-fuzz is missing: cargo install cargo-fuzz --locked");
    }
    let build = cargo_fuzz(&folder, "build").status().context("cannot run cargo fuzz")?;
    anyhow::ensure!(build.success(), "the targets don't build");
    let mut is_clean = true;
    for target in known
        .iter()
        .filter(|name| request.targets.is_empty() || request.targets.contains(&name.as_str()))
    {
        is_clean &= run_target(&folder, target, request.minutes)?;
    }
    Ok(is_clean)
}

/// The names of `fuzz_targets/*.rs`.
fn targets(folder: &Path) -> anyhow::Result<Vec<String>> {
    let folder = folder.join("fuzz_targets");
    let entries =
        std::fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
    let mut names = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if let Some(name) = path.file_stem().and_then(|name| name.to_str()) {
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

fn run_target(folder: &Path, target: &str, minutes: u64) -> anyhow::Result<bool> {
    // What it finds on the way is its own; the corpus in the tree is kept small by hand.
    let own = folder.join("target/corpus").join(target);
    std::fs::create_dir_all(&own).with_context(|| format!("cannot make {}", own.display()))?;
    let log_path = folder.join("target").join(format!("{target}.log"));
    let log =
        File::create(&log_path).with_context(|| format!("cannot write {}", log_path.display()))?;
    let status = cargo_fuzz(folder, "run")
        .arg(target)
        .args([own, folder.join("corpus").join(target)])
        .arg("--")
        .args([
            format!("-max_total_time={}", minutes * 60),
            format!("-rss_limit_mb={MEMORY_LIMIT_MB}"),
            format!("-malloc_limit_mb={ALLOCATION_LIMIT_MB}"),
            format!("-timeout={INPUT_LIMIT_SECONDS}"),
            format!("-max_len={INPUT_LIMIT_BYTES}"),
            "-print_final_stats=1".to_owned(),
        ])
        .stdout(Stdio::null())
        .stderr(log)
        .status()
        .with_context(|| format!("cannot run {target}"))?;
    let text = String::from_utf8_lossy(&std::fs::read(&log_path)?).into_owned();
    let Figures { executions, coverage } = Figures::read(&text);
    let verdict = if status.success() { "nothing found" } else { "FOUND SOMETHING" };
    println!("{target:12} {executions:>12} executions, {coverage:>6} edges: {verdict}");
    if !status.success() {
        println!(
            "{:12} see {} and {}",
            "",
            log_path.display(),
            artifacts(folder, target).display()
        );
    }
    Ok(status.success())
}

fn artifacts(folder: &Path, target: &str) -> PathBuf {
    folder.join("artifacts").join(target)
}

fn cargo_fuzz(folder: &Path, verb: &str) -> Command {
    let mut command = steps::cargo();
    // The pinned toolchain has libFuzzer's instrumentation, but no sanitizers; there is nothing unsafe
    // for them to watch in what the targets call.
    command.args(["fuzz", verb, "--sanitizer", "none", "--fuzz-dir"]).arg(folder);
    command.current_dir(folder);
    command
}

fn has_cargo_fuzz() -> bool {
    steps::cargo()
        .args(["fuzz", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minutes and targets come in any order; anything else is refused.
    #[test]
    fn arguments_are_minutes_and_targets() {
        let read = |args: &[&'static str]| Request::read(args).map_err(|error| error.to_string());
        assert_eq!(read(&[]), Ok(Request { minutes: MINUTES, targets: vec![] }));
        let expected = Request { minutes: 10, targets: vec!["json", "text"] };
        assert_eq!(read(&["json", "--minutes", "10", "text"]), Ok(expected));
        for wrong in [&["--minutes"][..], &["--minutes", "0"], &["--minutes", "x"], &["--hours"]] {
            assert!(read(wrong).is_err(), "{wrong:?}");
        }
    }

    /// Executions and coverage are the last that libFuzzer said of them.
    #[test]
    fn figures_are_read_from_the_log() {
        let log = "#2\tINITED cov: 138 ft: 619 corp: 1/1b\n#7\tNEW    cov: 139 ft: 622 corp: 2/9b\n\
                   stat::number_of_executed_units: 3146650\nstat::peak_rss_mb: 28\n";
        assert_eq!(Figures::read(log), Figures { executions: 3_146_650, coverage: 139 });
        assert_eq!(Figures::read("nothing"), Figures::default());
    }

    /// Each target has its folder of the corpus, and no other folder is there.
    #[test]
    fn each_target_has_a_corpus() {
        let folder = crate::root().unwrap().join("fuzz");
        let mut corpora: Vec<String> = std::fs::read_dir(folder.join("corpus"))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        corpora.sort();
        assert_eq!(corpora, targets(&folder).unwrap());
    }
}
