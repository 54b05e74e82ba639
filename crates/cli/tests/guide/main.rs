//! The commands of the guides, run as they stand.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "all of it is test code, though not every function is a #[test]"
)]

mod gaps;
mod markdown;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::File;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};

use self::markdown::{Step, fits, steps};

/// Longest run of a whole guide.
const LIMIT: Duration = Duration::from_mins(4);
/// Begins the output of a step; no command prints it.
const MARK: &str = "@@ step ";
/// Prefixes of ports below those the kernel gives to clients, for three digits and one behind.
const PREFIXES: std::ops::Range<u16> = 1100..3200;

/// The guide to several masters says nothing that does not work: every block of it is run by bash, in one
/// shell, and prints what the guide shows. Only the directory and the ports of its first block are others.
#[test]
fn the_guide_to_several_masters_works_as_it_stands() {
    for (program, package) in
        [("etcd", "etcd-server"), ("etcdctl", "etcd-client"), ("curl", "curl"), ("bash", "bash")]
    {
        if !is_installed(program) {
            eprintln!("skipped: needs {program} (Debian package {package})");
            return;
        }
    }
    let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/guide/high-availability.md");
    let mut steps = steps(&std::fs::read_to_string(guide).unwrap());
    assert!(steps.len() > 10, "{} steps", steps.len());
    let temporary = tempfile::Builder::new().prefix("ebb-guide-").tempdir().unwrap();
    let dir = temporary.path().join("cluster");
    let ports = prefixes(4);
    let values = BTreeMap::from([
        ("dir", dir.display().to_string()),
        ("etcd", ports[0].to_string()),
        ("peer", ports[1].to_string()),
        ("master", ports[2].to_string()),
        ("agent", ports[3].to_string()),
    ]);
    steps[0].script = replaced(&steps[0].script, values);

    let output = temporary.path().join("output");
    let ended = run(&script(&steps), &output);
    let printed = String::from_utf8_lossy(&std::fs::read(&output).unwrap()).into_owned();
    let problems = problems(&steps, &printed);
    if ended && problems.is_empty() {
        assert!(!dir.exists(), "the guide takes away what it made");
        return;
    }
    let kept = temporary.keep();
    let shown = kept.display();
    panic!("the guide does not work; all is kept in {shown}\n{problems}\nit printed:\n{printed}");
}

fn is_installed(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

/// Prefixes whose ports with 1, 2 and 3 behind are free.
fn prefixes(count: usize) -> Vec<u16> {
    let length = PREFIXES.end - PREFIXES.start;
    // Not where another test begins to look at the same time.
    let offset = u16::try_from(std::process::id() % u32::from(length)).unwrap();
    let all = (0..length).map(|index| PREFIXES.start + (index + offset) % length);
    let is_free = |prefix: &u16| {
        (1..=3).all(|number| TcpListener::bind(("127.0.0.1", prefix * 10 + number)).is_ok())
    };
    let found: Vec<u16> = all.filter(is_free).take(count).collect();
    assert_eq!(found.len(), count, "no ports are free");
    found
}

/// The first block with other values. It must assign each of them, and nothing else.
fn replaced(script: &str, mut values: BTreeMap<&str, String>) -> String {
    let mut lines = String::new();
    for line in script.lines() {
        let (name, _) = line.split_once('=').expect("the first block only assigns");
        let value = values.remove(name).unwrap_or_else(|| panic!("what is {name} for the test?"));
        writeln!(lines, "{name}={value}").unwrap();
    }
    assert!(values.is_empty(), "the first block does not assign {values:?}");
    lines
}

/// All steps in one script that ends at the first command that fails.
fn script(steps: &[Step]) -> String {
    let mut script = "set -e\nexec 2>&1\n".to_owned();
    for (number, step) in steps.iter().enumerate() {
        write!(script, "echo '{MARK}{number}'\n{}\n", step.script).unwrap();
    }
    writeln!(script, "echo '{MARK}{}'", steps.len()).unwrap();
    script
}

/// Runs bash as people do, with `ebb` in its path. Whether it ended well, in time.
fn run(script: &str, output: &Path) -> bool {
    let ebb = Path::new(env!("CARGO_BIN_EXE_ebb")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut command = Command::new("bash");
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if ["EBB_", "MESOS_", "ETCD", "COLUMNS"].iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    let child = command
        .args(["-c", script])
        .env("PATH", format!("{}:{path}", ebb.display()))
        .stdin(Stdio::null())
        .stdout(File::create(output).unwrap())
        .process_group(0)
        .spawn()
        .unwrap();
    let mut shell = Shell(child);
    let begun = Instant::now();
    while begun.elapsed() < LIMIT {
        if let Some(status) = shell.0.try_wait().unwrap() {
            return status.success();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    false
}

/// Takes everything it started along.
struct Shell(Child);

impl Drop for Shell {
    fn drop(&mut self) {
        let group = Pid::from_child(&self.0);
        // Nothing may be left of the group.
        kill_process_group(group, Signal::KILL).unwrap_or_default();
        drop(self.0.wait());
    }
}

/// What is not as the guide says; empty if nothing.
fn problems(steps: &[Step], printed: &str) -> String {
    let mut problems = String::new();
    let parts: BTreeMap<usize, &str> = printed
        .split(MARK)
        .skip(1)
        .filter_map(|part| {
            let (number, rest) = part.split_once('\n')?;
            Some((number.trim().parse().ok()?, rest))
        })
        .collect();
    for (number, step) in steps.iter().enumerate() {
        let heading = &step.heading;
        if !parts.contains_key(&(number + 1)) {
            writeln!(problems, "'{heading}' was not reached or failed:\n{}", step.script).unwrap();
            break;
        }
        let lines: Vec<&str> = parts[&number].lines().collect();
        for pattern in &step.prints {
            if !lines.iter().any(|line| fits(line, pattern)) {
                writeln!(problems, "'{heading}' does not print: {pattern}").unwrap();
            }
        }
    }
    problems
}

/// A step that prints something else than it shows, or that is never reached, is a problem.
#[test]
fn what_differs_from_the_guide_is_a_problem() {
    let step = |prints: &[&str]| Step {
        heading: "h".to_owned(),
        script: "true".to_owned(),
        prints: prints.iter().map(|&line| line.to_owned()).collect(),
    };
    let steps = [step(&["a …"]), step(&[])];
    let printed = |text: &str| format!("{MARK}0\n{text}\n{MARK}1\n{MARK}2\n");
    assert_eq!(problems(&steps, &printed("x\na 1")), "");
    assert!(problems(&steps, &printed("b")).contains("does not print: a …"));
    let ends_early = format!("{MARK}0\na 1\n{MARK}1\n");
    assert!(problems(&steps, &ends_early).contains("was not reached or failed"));
    let values = || BTreeMap::from([("dir", "/tmp/x".to_owned())]);
    assert_eq!(replaced("dir=~/y", values()), "dir=/tmp/x\n");
    assert!(std::panic::catch_unwind(|| replaced("dir=~/y\nother=1", values())).is_err());
}
