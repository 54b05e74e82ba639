//! SIGTERM to processes that may be forking at that very moment.
//!
//! Between a look at the processes and the signal, one of them can fork; the child would miss the
//! signal and last until the grace period is over. So all are stopped first, as Mesos does, until a
//! look finds nobody new after the others have come to a halt: a fork that had begun when SIGSTOP came
//! is completed before that. What a handler starts after the signal is left alone.

use std::collections::BTreeSet;
use std::io;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::pidfd::{Delivery, PidHandle, PidRef};
use super::proc::read_stat;
use super::tree::{TreeError, Walk, walk};

/// How long the processes may take to halt; on a busy host they first need a processor. Who is born
/// after that misses the signal and runs until SIGKILL.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long those that wait for the kernel and take no signal (`D`) count as about to go on. A fork
/// can wait so, for instance while a process changes its control group. Who waits longer is held up by
/// a device, or by its vfork child, and forks no more.
const KERNEL_PATIENCE: Duration = Duration::from_millis(250);
/// Between two looks at a process that has not halted yet.
const PAUSE: Duration = Duration::from_micros(50);
/// Processes kept open between the signals; further ones are opened for each signal.
const OPEN_LIMIT: usize = 256;

/// What came of a SIGTERM to many.
#[derive(Debug, Default)]
pub struct Terminated {
    /// Processes that got the signal.
    pub reached: usize,
    /// Processes that could not be signalled, and why.
    pub failed: Vec<(PidRef, io::Error)>,
}

/// Sends SIGTERM, once, to every descendant of a child subreaper. They go on running, also those
/// that were stopped before.
///
/// # Errors
/// The owner has ended, the tree is too large, or `/proc` can't be read.
pub fn terminate_tree(owner: PidRef) -> Result<Terminated, TreeError> {
    terminate(|| walk(owner))
}

/// Sends SIGTERM, once, to every running process that `look` shows, in its order.
///
/// # Errors
/// Those of `look`, as long as nobody was found; whoever was found gets the signal in any case.
pub(crate) fn terminate<E>(mut look: impl FnMut() -> Result<Walk, E>) -> Result<Terminated, E> {
    let began = Instant::now();
    let mut seen = BTreeSet::new();
    let mut zombies_before = BTreeSet::new();
    let mut stopped: Vec<Target> = Vec::new();
    let mut outcome = Terminated::default();
    loop {
        let walk = match look() {
            Ok(walk) => walk,
            Err(error) if stopped.is_empty() => return Err(error),
            Err(_) => break,
        };
        let is_whole = walk.is_whole(&zombies_before);
        zombies_before = walk.zombies;
        let known = stopped.len();
        let mut is_anybody_new = false;
        for process in walk.running {
            if !seen.insert(process) {
                continue;
            }
            is_anybody_new = true;
            match Target::stop(process, stopped.len() < OPEN_LIMIT) {
                Ok(Some(target)) => stopped.push(target),
                Ok(None) => {}
                Err(error) => outcome.failed.push((process, error)),
            }
        }
        if is_whole && !is_anybody_new {
            break;
        }
        for target in &stopped[known..] {
            target.halts(began);
        }
        if began.elapsed() >= PATIENCE {
            break;
        }
    }
    for target in &stopped {
        match target.signal(Signal::TERM) {
            Ok(Delivery::Sent) => outcome.reached += 1,
            Ok(Delivery::Gone) => {}
            Err(error) => outcome.failed.push((target.process(), error)),
        }
    }
    // Children first: no parent that waits for its children sees one of them stopped.
    for target in stopped.iter().rev() {
        if let Err(error) = target.signal(Signal::CONT) {
            outcome.failed.push((target.process(), error));
        }
    }
    Ok(outcome)
}

/// A process that was stopped.
enum Target {
    Open(PidHandle),
    Closed(PidRef),
}

impl Target {
    fn stop(process: PidRef, keep_open: bool) -> io::Result<Option<Self>> {
        let Some(handle) = process.open()? else { return Ok(None) };
        Ok(match handle.signal(Signal::STOP)? {
            Delivery::Gone => None,
            Delivery::Sent if keep_open => Some(Self::Open(handle)),
            Delivery::Sent => Some(Self::Closed(process)),
        })
    }

    fn process(&self) -> PidRef {
        match self {
            Self::Open(handle) => handle.process(),
            Self::Closed(process) => *process,
        }
    }

    /// Waits until the process has halted or ended, as long as patience lasts. Of several threads the
    /// leader counts.
    fn halts(&self, began: Instant) {
        let process = self.process();
        while let Ok(Some(stat)) = read_stat(process.pid)
            && stat.started == process.started
            && !stat.is_stopped()
            && !stat.is_over()
            && began.elapsed() < if stat.is_held_up() { KERNEL_PATIENCE } else { PATIENCE }
        {
            std::thread::sleep(PAUSE);
        }
    }

    fn signal(&self, signal: Signal) -> io::Result<Delivery> {
        match self {
            Self::Open(handle) => handle.signal(signal),
            Self::Closed(process) => process.signal(signal),
        }
    }
}

#[cfg(test)]
#[path = "terminate_tests.rs"]
mod tests;
