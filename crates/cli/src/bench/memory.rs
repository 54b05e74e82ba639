//! Memory of processes, from proc(5).

use std::path::PathBuf;

use daemon::container::pidfd::PidRef;
use daemon::container::tree;

use super::BenchError;

const KIB_PER_MIB: f64 = 1024.0;

/// Resident memory of a process, in MiB.
pub(super) fn resident_mib(pid: u32) -> Result<f64, BenchError> {
    kib(&format!("/proc/{pid}/status"), "VmRSS:").map(|kib| kib / KIB_PER_MIB)
}

/// Resident memory of this process, in bytes.
pub(super) fn own_resident_bytes() -> Result<f64, BenchError> {
    kib("/proc/self/status", "VmRSS:").map(|kib| kib * 1024.0)
}

/// Resident memory of a process in MiB, what is shared with others divided among them.
pub(super) fn proportional_mib(pid: i32) -> Result<f64, BenchError> {
    kib(&format!("/proc/{pid}/smaps_rollup"), "Pss:").map(|kib| kib / KIB_PER_MIB)
}

/// Processor time a process has taken so far in threads that it still has, in milliseconds.
pub(super) fn cpu_ms(pid: u32) -> Result<f64, BenchError> {
    let mut nanoseconds = 0.0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task")).map_err(BenchError::Memory)? {
        let path = thread.map_err(BenchError::Memory)?.path().join("schedstat");
        // A thread may have ended meanwhile.
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let first = text.split(' ').next().and_then(|it| it.parse::<f64>().ok());
        nanoseconds += first.unwrap_or(0.0);
    }
    Ok(nanoseconds / 1e6)
}

fn kib(path: &str, name: &str) -> Result<f64, BenchError> {
    let text = std::fs::read_to_string(path).map_err(BenchError::Memory)?;
    let value = text.lines().find_map(|line| line.strip_prefix(name));
    let kib = value.and_then(|value| value.trim().strip_suffix("kB")?.trim().parse().ok());
    kib.ok_or_else(|| BenchError::broken(format!("{path} has no {name}")))
}

/// The processes below one, by whether it started them itself.
#[derive(Debug, Default)]
pub(super) struct Below {
    pub(super) children: Vec<i32>,
    pub(super) further: Vec<i32>,
}

pub(super) fn below(pid: u32) -> Result<Below, BenchError> {
    let pid = i32::try_from(pid).map_err(|_| BenchError::broken("no pid"))?;
    let gone = || BenchError::broken(format!("process {pid} has ended"));
    let root = PidRef::of(pid).map_err(BenchError::Memory)?.ok_or_else(gone)?;
    let mut below = Below::default();
    let all = tree::descendants(root).map_err(|error| BenchError::broken(error.to_string()))?;
    for process in all {
        let path = PathBuf::from(format!("/proc/{}/status", process.pid));
        let text = std::fs::read_to_string(path).map_err(BenchError::Memory)?;
        let parent = text.lines().find_map(|line| line.strip_prefix("PPid:"));
        if parent.and_then(|parent| parent.trim().parse().ok()) == Some(pid) {
            below.children.push(process.pid);
        } else {
            below.further.push(process.pid);
        }
    }
    Ok(below)
}
