//! Real process families for the tests of this directory.

use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::pipe::{PipeFlags, pipe_with};
use rustix::process::Signal;

use super::marker;
use super::pidfd::{PidHandle, PidRef};
use super::spawn::{Program, SpawnSpec, Stdio, spawn};

/// Longest wait for anything that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// Fails the test instead of hanging it.
pub(crate) async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(PATIENCE, future).await.expect("it should have happened by now")
}

/// A shell that is a child subreaper, carries a container id of its own and has descendants. All
/// of it is killed on drop.
///
/// Descriptor 3 of the script never yields a line, so that `read line <&3` waits without an exec.
#[derive(Debug)]
pub(crate) struct Family {
    handle: PidHandle,
    id: String,
    output: OwnedFd,
    _held_open: OwnedFd,
}

impl Family {
    pub(crate) fn start(script: &str) -> Self {
        Self::start_with(script, |_| {})
    }

    pub(crate) fn start_with(script: &str, change: impl FnOnce(&mut SpawnSpec)) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let id = format!("test-{}-{number}", std::process::id());
        let (input, held_open) = pipe_with(PipeFlags::CLOEXEC).unwrap();
        let (output, stdout) = pipe_with(PipeFlags::CLOEXEC).unwrap();
        let program = Program::Shell(format!("exec 3<&0; {script}"));
        let mut spec = SpawnSpec::new(program, "/");
        spec.env.insert(marker::CONTAINER_ID.into(), id.clone());
        spec.stdin = Stdio::Fd(input);
        spec.stdout = Stdio::Fd(stdout);
        spec.subreaper = true;
        change(&mut spec);
        Self { handle: spawn(spec).unwrap(), id, output, _held_open: held_open }
    }

    pub(crate) fn owner(&self) -> PidRef {
        self.handle.process()
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// Returns after the family has written this many lines.
    pub(crate) fn ready(&self, lines: usize) {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = 0;
        while seen < lines {
            let left = deadline.saturating_duration_since(Instant::now());
            let left = Timespec { tv_sec: left.as_secs().cast_signed(), tv_nsec: 0 };
            let mut fds = [PollFd::new(&self.output, PollFlags::IN)];
            assert!(poll(&mut fds, Some(&left)).unwrap() > 0, "{seen} of {lines} lines came");
            let mut byte = [0];
            let length = rustix::io::read(&self.output, &mut byte).unwrap();
            assert!(length > 0, "the family ended after {seen} of {lines} lines");
            seen += usize::from(byte[0] == b'\n');
        }
    }

    /// All processes of the family that still run, wherever they are in the tree.
    pub(crate) fn running(&self) -> Vec<PidRef> {
        let mut scan = marker::scan(&[&self.id]).unwrap();
        scan.found.remove(&self.id).unwrap_or_default()
    }
}

impl Drop for Family {
    fn drop(&mut self) {
        let deadline = Instant::now() + PATIENCE;
        self.handle.signal(Signal::KILL).expect("own child");
        loop {
            let running = self.running();
            if running.is_empty() || Instant::now() > deadline {
                break;
            }
            for process in running {
                process.signal(Signal::KILL).expect("own descendant");
            }
        }
        while matches!(self.handle.try_reap(), Ok(None)) && Instant::now() < deadline {
            std::thread::yield_now();
        }
    }
}
