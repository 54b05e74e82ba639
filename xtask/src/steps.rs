//! Runs commands one after another and says at the end how each of them went.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;

/// How many tests a run counted, summed over all test programs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) ignored: u64,
}

impl Counts {
    /// Adds what one line of libtest's output says; any other line adds nothing.
    pub(crate) fn read(&mut self, line: &str) {
        let Some((_, counts)) = line.strip_prefix("test result: ").and_then(|l| l.split_once(". "))
        else {
            return;
        };
        for part in counts.split("; ") {
            let Some((number, what)) = part.split_once(' ') else { continue };
            let Ok(number) = number.parse::<u64>() else { continue };
            match what {
                "passed" => self.passed += number,
                "failed" => self.failed += number,
                "ignored" => self.ignored += number,
                _ => {}
            }
        }
    }
}

struct Outcome {
    name: &'static str,
    passed: bool,
    took: Duration,
    counts: Option<Counts>,
}

/// Steps done so far.
pub(crate) struct Steps<'a> {
    root: &'a Path,
    done: Vec<Outcome>,
}

impl<'a> Steps<'a> {
    pub(crate) fn new(root: &'a Path) -> Self {
        Self { root, done: Vec::new() }
    }

    pub(crate) fn root(&self) -> &'a Path {
        self.root
    }

    /// Runs `cargo <args>` with its output on this terminal. Whether it succeeded.
    pub(crate) fn cargo(&mut self, name: &'static str, args: &[&str]) -> anyhow::Result<bool> {
        let started = announce(name, args);
        let status = self.command(args).status().with_context(|| format!("cannot run {name}"))?;
        self.done.push(Outcome {
            name,
            passed: status.success(),
            took: started.elapsed(),
            counts: None,
        });
        Ok(status.success())
    }

    /// Runs `cargo <args>`, passes its output on and counts the tests in it. Whether it succeeded.
    pub(crate) fn cargo_test(&mut self, name: &'static str, args: &[&str]) -> anyhow::Result<bool> {
        let started = announce(name, args);
        let mut child = self
            .command(args)
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot run {name}"))?;
        let mut counts = Counts::default();
        if let Some(stdout) = child.stdout.take() {
            let mut out = std::io::stdout().lock();
            for line in BufReader::new(stdout).split(b'\n') {
                let line = line.with_context(|| format!("cannot read the output of {name}"))?;
                counts.read(&String::from_utf8_lossy(&line));
                out.write_all(&line).and_then(|()| out.write_all(b"\n"))?;
            }
        }
        let status = child.wait().with_context(|| format!("cannot wait for {name}"))?;
        self.done.push(Outcome {
            name,
            passed: status.success(),
            took: started.elapsed(),
            counts: Some(counts),
        });
        Ok(status.success())
    }

    /// Runs a step inside this program. Whether it succeeded.
    pub(crate) fn inside(
        &mut self,
        name: &'static str,
        step: impl FnOnce() -> anyhow::Result<bool>,
    ) -> anyhow::Result<bool> {
        println!("── {name}");
        let started = Instant::now();
        let passed = step()?;
        self.done.push(Outcome { name, passed, took: started.elapsed(), counts: None });
        Ok(passed)
    }

    /// Prints one line per step. Whether all of them succeeded.
    pub(crate) fn finish(self) -> bool {
        println!("── summary");
        for step in &self.done {
            let verdict = if step.passed { "ok" } else { "FAILED" };
            let counts = step.counts.map_or_else(String::new, |c| {
                format!("  {} passed, {} failed, {} ignored", c.passed, c.failed, c.ignored)
            });
            println!("{verdict:6}  {:10} {:7.1} s{counts}", step.name, step.took.as_secs_f64());
        }
        self.done.iter().all(|step| step.passed)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = cargo();
        command.args(args).current_dir(self.root);
        command
    }
}

fn announce(name: &str, args: &[&str]) -> Instant {
    println!("── {name}: cargo {}", args.join(" "));
    Instant::now()
}

/// The cargo that runs this program, so that the pinned toolchain is kept.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The counts of several test programs add up, and a failed one counts too.
    #[test]
    fn counts_add_up_over_test_programs() {
        let mut counts = Counts::default();
        for line in [
            "running 3 tests",
            "test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.02s",
            "test result: FAILED. 4 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1s",
            "test result: nonsense",
        ] {
            counts.read(line);
        }
        assert_eq!(counts, Counts { passed: 7, failed: 2, ignored: 1 });
    }
}
