//! Runs the program, alone and as a master.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

pub(crate) const EBB: &str = env!("CARGO_BIN_EXE_ebb");

/// What the program said and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("not ended by a signal"),
            out: String::from_utf8(output.stdout).expect("UTF-8"),
            err: String::from_utf8(output.stderr).expect("UTF-8"),
        }
    }
}

/// A command without anything of the caller's environment that the program would read.
pub(crate) fn command(program: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy().into_owned();
        if name.starts_with("EBB_") || name.starts_with("MESOS_") || name == "COLUMNS" {
            command.env_remove(name);
        }
    }
    command.args(args).stdin(Stdio::null());
    command
}

pub(crate) fn ebb(args: &[&str]) -> Said {
    command(EBB.as_ref(), args).output().expect("it can be run").into()
}

/// A master on a free port, until it is dropped.
pub(crate) struct Master {
    child: Child,
    pub(crate) url: String,
    pub(crate) dir: tempfile::TempDir,
}

impl Master {
    pub(crate) fn start(flags: &[&str]) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let work_dir = format!("--work_dir={}", dir.path().join("work").display());
        let mut args = vec!["master", "--port=0", &work_dir];
        args.extend(flags);
        let mut child = command(EBB.as_ref(), &args)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it can be run");
        let mut line = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut line).expect("a first line");
        let url = line.trim().strip_prefix("ebb master listening on ").expect("where it listens");
        let url = url.to_owned();
        Self { child, url, dir }
    }

    /// Runs a client command against it.
    pub(crate) fn ebb(&self, args: &[&str]) -> Said {
        let all: Vec<&str> = args.iter().copied().chain(["--master", &self.url]).collect();
        ebb(&all)
    }
}

impl Drop for Master {
    fn drop(&mut self) {
        self.child.kill().expect("it runs");
        self.child.wait().expect("it can be waited for");
    }
}
