//! Reads what `/proc` says about single processes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::LazyLock;

use rustix::io::Errno;

/// The fields of `/proc/<pid>/stat` that matter here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    pub parent: i32,
    /// One letter as in proc(5): `R`, `S`, `D`, `Z` …
    pub state: char,
    /// Clock ticks between boot and the start of the process (field 22).
    pub started: u64,
    pub threads: u32,
}

impl Stat {
    /// Nothing of the process runs any more; only its parent hasn't collected it yet.
    ///
    /// A leader that ended before its other threads is a zombie too, but not over.
    pub fn is_over(&self) -> bool {
        matches!(self.state, 'X' | 'x') || (self.state == 'Z' && self.threads <= 1)
    }
}

/// A process that goes away while being looked at answers in these two ways.
pub(crate) fn is_gone(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
        || error.raw_os_error() == Some(Errno::SRCH.raw_os_error())
}

/// Reads the state of a process; `Ok(None)` means that there is no process of this pid.
///
/// # Errors
/// `/proc` is missing or can't be understood.
pub fn read_stat(pid: i32) -> io::Result<Option<Stat>> {
    let mut text = [0_u8; 1024];
    let read = File::open(format!("/proc/{pid}/stat")).and_then(|mut file| file.read(&mut text));
    match read {
        Ok(0) => Ok(None),
        Ok(length) => parse_stat(&text[..length]).map(Some).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidData, format!("/proc/{pid}/stat has another form"))
        }),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn parse_stat(text: &[u8]) -> Option<Stat> {
    // The command stands in parentheses and may hold blanks and parentheses itself.
    let end_of_command = text.iter().rposition(|&byte| byte == b')')?;
    let rest = str::from_utf8(text.get(end_of_command + 1..)?).ok()?;
    let mut fields = rest.split_ascii_whitespace();
    let state = fields.next()?.chars().next()?;
    let parent = fields.next()?.parse().ok()?;
    // Fields 3 and 4 are consumed, so nth(15) is field 20 and the next but one field 22.
    let threads = fields.nth(15)?.parse().ok()?;
    let started = fields.nth(1)?.parse().ok()?;
    Some(Stat { parent, state, started, threads })
}

/// Longest command shown for a process that can't be killed.
const COMMAND_BYTES: u64 = 256;

/// The command line for people, shortened; the name in brackets for a process without one.
pub fn command(pid: i32) -> String {
    let mut bytes = Vec::new();
    let read = File::open(format!("/proc/{pid}/cmdline"))
        .and_then(|file| file.take(COMMAND_BYTES).read_to_end(&mut bytes));
    if read.is_ok() && !bytes.is_empty() {
        let text = String::from_utf8_lossy(&bytes).replace('\0', " ");
        return text.trim_end().to_owned();
    }
    fs::read_to_string(format!("/proc/{pid}/comm"))
        .map_or_else(|_| "[gone]".to_owned(), |name| format!("[{}]", name.trim_end()))
}

/// All pids of this pid namespace at one moment, in no particular order.
///
/// # Errors
/// `/proc` can't be read.
pub fn all_pids() -> io::Result<Vec<i32>> {
    let mut pids = Vec::new();
    for entry in fs::read_dir("/proc")? {
        if let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) {
            pids.push(pid);
        }
    }
    Ok(pids)
}

/// The children of a process by all its threads; `Ok(None)` means that the process is gone.
///
/// The kernel may leave out a child while others of the list end, see [`super::tree`].
///
/// # Errors
/// `/proc` can't be read.
pub(crate) fn children(pid: i32) -> io::Result<Option<Vec<i32>>> {
    /// Not every kernel is built with the lists (`CONFIG_PROC_CHILDREN`); a missing file would look
    /// like a process without children.
    static HAS_LISTS: LazyLock<bool> =
        LazyLock::new(|| Path::new("/proc/thread-self/children").exists());
    if *HAS_LISTS { children_by_list(pid) } else { children_by_parent(pid) }
}

/// Looks at all processes of the machine for those with this parent.
fn children_by_parent(pid: i32) -> io::Result<Option<Vec<i32>>> {
    if read_stat(pid)?.is_none() {
        return Ok(None);
    }
    let mut children = Vec::new();
    for child in all_pids()? {
        if read_stat(child)?.is_some_and(|stat| stat.parent == pid) {
            children.push(child);
        }
    }
    Ok(Some(children))
}

fn children_by_list(pid: i32) -> io::Result<Option<Vec<i32>>> {
    let threads = match fs::read_dir(format!("/proc/{pid}/task")) {
        Ok(threads) => threads,
        Err(error) if is_gone(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut children = Vec::new();
    for thread in threads {
        let path = match thread {
            Ok(thread) => thread.path().join("children"),
            Err(error) if is_gone(&error) => continue,
            Err(error) => return Err(error),
        };
        match fs::read_to_string(&path) {
            Ok(text) => {
                children
                    .extend(text.split_ascii_whitespace().filter_map(|p| p.parse::<i32>().ok()));
            }
            Err(error) if is_gone(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(children))
}

#[cfg(test)]
mod tests {
    use super::{
        Stat, all_pids, children, children_by_list, children_by_parent, command, parse_stat,
        read_stat,
    };
    use crate::container::testing::Family;

    #[test]
    fn children_are_found_with_and_without_the_lists_of_the_kernel() {
        // Both ways agree on a parent, a childless process and a pid that nobody has.
        let child = "sh -c 'echo ready; read line <&3' &";
        let family = Family::start(&format!("{child} {child} read line <&3"));
        family.ready(2);
        let sorted = |children: Option<Vec<i32>>| {
            let mut children = children.unwrap();
            children.sort_unstable();
            children
        };
        let pid = family.owner().pid;
        let by_parent = sorted(children_by_parent(pid).unwrap());
        assert_eq!(by_parent.len(), 2);
        assert_eq!(sorted(children(pid).unwrap()), by_parent);
        assert!(sorted(children_by_parent(by_parent[0]).unwrap()).is_empty());
        assert_eq!(children_by_parent(i32::MAX).unwrap(), None);
        assert_eq!(children_by_list(i32::MAX).unwrap(), None);
    }

    #[test]
    fn a_command_with_blanks_and_parentheses_does_not_shift_the_fields() {
        // Field numbers count from the last closing parenthesis.
        let line = b"7 (a) b) S 3 7 7 0 -1 4 1 2 3 4 5 6 7 8 20 0 2 0 151779 5 9";
        assert_eq!(
            parse_stat(line),
            Some(Stat { parent: 3, state: 'S', started: 151_779, threads: 2 })
        );
    }

    #[test]
    fn a_cut_line_is_refused() {
        // Bad input gives None, never a panic.
        for line in ["", ")", "1 (a", "1 (a) ", "1 (a) S 1 2 3", "1 (a) S x 2 3"] {
            assert_eq!(parse_stat(line.as_bytes()), None, "{line:?}");
        }
    }

    #[test]
    fn this_process_is_found_and_a_pid_beyond_the_maximum_is_not() {
        // The reader agrees with what the process knows of itself.
        let own = i32::try_from(std::process::id()).unwrap();
        let stat = read_stat(own).unwrap().unwrap();
        assert!(!stat.is_over());
        assert!(all_pids().unwrap().contains(&own));
        assert!(!command(own).is_empty());
        assert_eq!(read_stat(i32::MAX).unwrap(), None);
        assert_eq!(children(i32::MAX).unwrap(), None);
    }
}
