//! Finds the processes of containers by what they carry in their environment, for when an owner
//! was killed and its orphans went to init.
//!
//! The environment read is that of the last exec. A process that started a program with an emptied
//! environment, or overwrote its own, is not found: an empty scan proves emptiness for everything
//! but those, which is why the cgroup and the owner's tree come first.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};

use super::pidfd::{PidRef, start_time};
use super::proc;

/// The variable that every process of a container carries; its value is the container id.
pub const CONTAINER_ID: &str = "EBB_CONTAINER_ID";

/// The same for those of a container nested in it, which carry both.
pub const NESTED: &str = "EBB_NESTED_ID";

/// Longest container id that is looked at.
const ID_LIMIT_BYTES: usize = 256;
const READ_BYTES: usize = 16 * 1024;
/// Linux bounds one process' arguments and environment to 6 MiB with default limits.
const ENVIRON_LIMIT_BYTES: u64 = 8 << 20;

/// What a pass over all processes found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// Running processes by the container they belong to; containers without any are left out.
    pub found: BTreeMap<String, Vec<PidRef>>,
    /// Processes whose environment may not be read, so that nothing is known of them.
    pub unreadable: usize,
}

/// Looks at every process once and reports those of any container. Blocks for some microseconds
/// per process of the machine.
///
/// # Errors
/// `/proc` can't be read.
pub fn scan_all() -> io::Result<Scan> {
    scan_where(CONTAINER_ID, |_| true)
}

/// As [`scan_all`], for these containers only.
///
/// # Errors
/// `/proc` can't be read.
pub fn scan(container_ids: &[&str]) -> io::Result<Scan> {
    scan_for(CONTAINER_ID, container_ids)
}

/// As [`scan`], by another variable that processes carry.
///
/// # Errors
/// `/proc` can't be read.
pub fn scan_for(variable: &str, ids: &[&str]) -> io::Result<Scan> {
    scan_where(variable, |id| ids.contains(&id))
}

fn scan_where(variable: &str, wanted: impl Fn(&str) -> bool) -> io::Result<Scan> {
    let mut scan = Scan::default();
    let mut buffer = vec![0_u8; READ_BYTES];
    let own = std::process::id();
    for pid in proc::all_pids()? {
        if u32::try_from(pid) == Ok(own) {
            continue;
        }
        let Some(started) = start_time(pid)? else { continue };
        let process = PidRef { pid, started };
        match marker_of(pid, variable, &mut buffer) {
            Ok(None) => {}
            Ok(Some(id)) => {
                // Alive with the same start time after reading: what was read is of this process.
                if wanted(&id) && process.is_alive()? {
                    scan.found.entry(id).or_default().push(process);
                }
            }
            Err(error) if proc::is_gone(&error) => {}
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => scan.unreadable += 1,
            Err(error) => return Err(error),
        }
    }
    Ok(scan)
}

fn marker_of(pid: i32, variable: &str, buffer: &mut [u8]) -> io::Result<Option<String>> {
    let environ = File::open(format!("/proc/{pid}/environ"))?.take(ENVIRON_LIMIT_BYTES);
    find_marker(environ, variable, buffer)
}

/// Searches `NAME=value\0…` strings through a window; strings longer than the window, which can't be
/// the marker, are passed over.
fn find_marker(
    mut environ: impl Read,
    variable: &str,
    buffer: &mut [u8],
) -> io::Result<Option<String>> {
    let mut kept = 0;
    let mut inside_long_string = false;
    loop {
        let read = environ.read(&mut buffer[kept..])?;
        let filled = kept + read;
        let at_end = read == 0;
        let mut start = 0;
        while let Some(length) = buffer[start..filled].iter().position(|&byte| byte == 0) {
            if !inside_long_string
                && let Some(id) = marker_value(variable, &buffer[start..start + length])
            {
                return Ok(Some(id));
            }
            inside_long_string = false;
            start += length + 1;
        }
        if at_end {
            let last = &buffer[start..filled];
            return Ok(if inside_long_string { None } else { marker_value(variable, last) });
        }
        if start == 0 && filled == buffer.len() {
            inside_long_string = true;
            kept = 0;
        } else {
            buffer.copy_within(start..filled, 0);
            kept = filled - start;
        }
    }
}

fn marker_value(variable: &str, string: &[u8]) -> Option<String> {
    let value = string.strip_prefix(variable.as_bytes())?.strip_prefix(b"=")?;
    let value = str::from_utf8(value).ok()?;
    (!value.is_empty() && value.len() <= ID_LIMIT_BYTES).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{find_marker, scan, scan_all};
    use crate::container::testing::{Family, within};
    use rustix::process::Signal;

    fn find(environ: &str, window: usize) -> Option<String> {
        find_marker(environ.as_bytes(), super::CONTAINER_ID, &mut vec![0; window]).unwrap()
    }

    #[test]
    fn the_marker_is_found_wherever_it_stands() {
        // First, last, without final NUL, and across the borders of the window.
        assert_eq!(find("EBB_CONTAINER_ID=a-1\0B=2\0", 64), Some("a-1".into()));
        assert_eq!(find("B=2\0EBB_CONTAINER_ID=a-1\0", 24), Some("a-1".into()));
        assert_eq!(find("B=2\0EBB_CONTAINER_ID=a-1", 24), Some("a-1".into()));
        let long = format!("LONG={}\0EBB_CONTAINER_ID=a-1\0", "x".repeat(1000));
        for window in 32..96 {
            assert_eq!(find(&long, window), Some("a-1".into()), "window {window}");
        }
    }

    #[test]
    fn text_that_only_looks_like_the_marker_is_not_taken() {
        // The name must begin a string and match in full; a value inside another does not count.
        assert_eq!(find("XEBB_CONTAINER_ID=a\0", 64), None);
        assert_eq!(find("EBB_CONTAINER_IDS=a\0", 64), None);
        assert_eq!(find("A=EBB_CONTAINER_ID=a\0", 64), None);
        assert_eq!(find("EBB_CONTAINER_ID=\0", 64), None);
        let inside = format!("LONG={}EBB_CONTAINER_ID=a\0B=1\0", "x".repeat(59));
        for window in 32..96 {
            assert_eq!(find(&inside, window), None, "window {window}");
        }
    }

    #[tokio::test]
    async fn orphans_of_a_killed_owner_are_found_in_one_pass() {
        // Owners of two containers die by SIGKILL; the scan attributes each orphan to its own.
        let orphan = "setsid sh -c 'echo ready; read line <&3' &";
        let first = Family::start(&format!("{orphan} {orphan} wait"));
        let second = Family::start(&format!("{orphan} wait"));
        for (family, orphans) in [(&first, 2), (&second, 1)] {
            let handle = family.owner().open().unwrap().unwrap();
            family.ready(orphans);
            handle.signal(Signal::KILL).unwrap();
            within(handle.exited()).await.unwrap();
        }
        let found = scan(&[first.id(), second.id()]).unwrap().found;
        assert_eq!(found[first.id()].len(), 2);
        assert_eq!(found[second.id()].len(), 1);
        assert!(scan_all().unwrap().found.len() >= 2);
        assert!(scan(&["no-such-container"]).unwrap().found.is_empty());
    }
}
