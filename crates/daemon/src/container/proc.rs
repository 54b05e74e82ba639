//! Reads what `/proc` says about single processes.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::LazyLock;

use rustix::fs::{CWD, Dir, Mode, OFlags, openat};
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

    /// The process is stopped. Of a process with several threads this says only what its leader does,
    /// as does [`Self::is_held_up`].
    pub fn is_stopped(&self) -> bool {
        matches!(self.state, 'T' | 't')
    }

    /// The process waits for something that no signal ends.
    pub fn is_held_up(&self) -> bool {
        self.state == 'D'
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
        Ok(length) => understood(&text[..length]).map(Some),
        Err(error) if is_gone(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

fn understood(text: &[u8]) -> io::Result<Stat> {
    let other_form = "the stat file of a process has another form";
    parse_stat(text).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, other_form))
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

/// What one process has used, its collected children included in the times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Used {
    pub(crate) user_ticks: u64,
    pub(crate) system_ticks: u64,
    pub(crate) threads: u32,
    pub(crate) rss_pages: u64,
}

/// Reads what a process has used; `Ok(None)` means that there is no process of this pid.
///
/// # Errors
/// `/proc` can't be read or understood.
pub(crate) fn read_usage(pid: i32) -> io::Result<Option<Used>> {
    let text = match fs::read(format!("/proc/{pid}/stat")) {
        Ok(text) => text,
        Err(error) if is_gone(&error) => return Ok(None),
        Err(error) => return Err(error),
    };
    let other_form = "the stat file of a process has another form";
    let used = parse_usage(&text);
    used.map(Some).ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, other_form))
}

fn parse_usage(text: &[u8]) -> Option<Used> {
    let end_of_command = text.iter().rposition(|&byte| byte == b')')?;
    let rest = str::from_utf8(text.get(end_of_command + 1..)?).ok()?;
    let fields: Vec<&str> = rest.split_ascii_whitespace().collect();
    // As proc(5) counts them; the first two are before the closing parenthesis.
    let field = |number: usize| fields.get(number - 3)?.parse::<i64>().ok();
    let sum = |own, children| u64::try_from(field(own)?.saturating_add(field(children)?)).ok();
    Some(Used {
        user_ticks: sum(14, 16)?,
        system_ticks: sum(15, 17)?,
        threads: u32::try_from(field(20)?).ok()?,
        rss_pages: u64::try_from(field(24)?).unwrap_or(0),
    })
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

/// Not every kernel is built with the lists (`CONFIG_PROC_CHILDREN`); a missing file would look like
/// a process without children.
fn has_lists() -> bool {
    static HAS_LISTS: LazyLock<bool> =
        LazyLock::new(|| Path::new("/proc/thread-self/children").exists());
    *HAS_LISTS
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

/// A process and its children, as they were at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Visit {
    pub(crate) stat: Stat,
    /// By all its threads. None of a process that is over.
    pub(crate) children: Vec<i32>,
}

/// Looks at a process; `Ok(None)` means that there is no process of this pid any more.
///
/// The state is read after the children: what still runs then has handed none of them over before.
/// The kernel may leave out a child while others of the list end, see [`super::tree`].
///
/// # Errors
/// `/proc` can't be read.
pub(crate) fn visit(pid: i32) -> io::Result<Option<Visit>> {
    let Some(process) = ProcDir::open(pid)? else { return Ok(None) };
    let look = |children: Option<Vec<i32>>| {
        let visit = |stat| Visit { stat, children: children.unwrap_or_default() };
        process.stat().map(|stat| stat.map(visit))
    };
    if !has_lists() {
        return look(children_by_parent(pid)?);
    }
    match look(process.children_of_thread(&pid.to_string())?)? {
        Some(visit) if visit.stat.threads > 1 => look(process.children_of_all_threads()?),
        visit => Ok(visit),
    }
}

/// An open `/proc/<pid>`. Speaks of the process that had the pid when it was opened, never of a
/// later one.
struct ProcDir {
    fd: OwnedFd,
}

impl ProcDir {
    const FLAGS: OFlags = OFlags::RDONLY.union(OFlags::CLOEXEC);

    fn open(pid: i32) -> io::Result<Option<Self>> {
        let flags = Self::FLAGS.union(OFlags::DIRECTORY);
        let fd = unless_gone(openat(CWD, format!("/proc/{pid}"), flags, Mode::empty()))?;
        Ok(fd.map(|fd| Self { fd }))
    }

    fn stat(&self) -> io::Result<Option<Stat>> {
        self.read("stat")?.map(|text| understood(&text)).transpose()
    }

    fn children_of_thread(&self, thread: &str) -> io::Result<Option<Vec<i32>>> {
        let text = self.read(&format!("task/{thread}/children"))?;
        Ok(text.map(|text| {
            let pids = text.split(u8::is_ascii_whitespace).filter(|pid| !pid.is_empty());
            pids.filter_map(|pid| str::from_utf8(pid).ok()?.parse().ok()).collect()
        }))
    }

    fn children_of_all_threads(&self) -> io::Result<Option<Vec<i32>>> {
        let flags = Self::FLAGS.union(OFlags::DIRECTORY);
        let threads = unless_gone(openat(&self.fd, "task", flags, Mode::empty()))?;
        let Some(threads) = threads else { return Ok(None) };
        let mut children = Vec::new();
        for thread in Dir::new(threads)? {
            let Some(thread) = unless_gone(thread)? else { break };
            let Ok(name) = thread.file_name().to_str() else { continue };
            if !name.starts_with('.') {
                children.extend(self.children_of_thread(name)?.unwrap_or_default());
            }
        }
        Ok(Some(children))
    }

    /// A whole file; `Ok(None)` once the process or thread is gone.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        let Some(fd) = unless_gone(openat(&self.fd, path, Self::FLAGS, Mode::empty()))? else {
            return Ok(None);
        };
        let mut text = Vec::new();
        let mut buffer = [0_u8; 1024];
        loop {
            match unless_gone(rustix::io::retry_on_intr(|| rustix::io::read(&fd, &mut buffer)))? {
                None => return Ok(None),
                Some(0) => return Ok(Some(text)),
                Some(length) => text.extend_from_slice(&buffer[..length]),
            }
        }
    }
}

/// The answers of a process that goes away while being looked at become `None`.
fn unless_gone<T>(result: Result<T, Errno>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(Errno::NOENT | Errno::SRCH) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Stat, Used, all_pids, children_by_parent, command, parse_stat, parse_usage, read_stat,
        visit,
    };
    use crate::container::testing::Family;

    #[test]
    fn children_are_found_with_and_without_the_lists_of_the_kernel() {
        // Both ways agree on a parent, a childless process and a pid that nobody has.
        let child = "sh -c 'echo ready; read line <&3' &";
        let family = Family::start(&format!("{child} {child} read line <&3"));
        family.ready(2);
        let sorted = |mut children: Vec<i32>| {
            children.sort_unstable();
            children
        };
        let pid = family.owner().pid;
        let by_parent = sorted(children_by_parent(pid).unwrap().unwrap());
        assert_eq!(by_parent.len(), 2);
        assert_eq!(sorted(visit(pid).unwrap().unwrap().children), by_parent);
        assert!(children_by_parent(by_parent[0]).unwrap().unwrap().is_empty());
        assert!(visit(by_parent[0]).unwrap().unwrap().children.is_empty());
        assert_eq!(children_by_parent(i32::MAX).unwrap(), None);
    }

    #[test]
    fn children_of_every_thread_are_found() {
        // A child belongs to the thread that forked it, as long as that thread lives.
        let own = i32::try_from(std::process::id()).unwrap();
        let started = || Family::start("read line <&3");
        let (first, second) = std::thread::scope(|scope| {
            let other = scope.spawn(|| {
                let family = started();
                assert!(visit(own).unwrap().unwrap().children.contains(&family.owner().pid));
                family
            });
            (started(), other.join().unwrap())
        });
        let children = visit(own).unwrap().unwrap().children;
        assert!(children.contains(&first.owner().pid) && children.contains(&second.owner().pid));
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
    fn times_and_memory_are_those_of_the_process_and_its_children() {
        // utime 10 + cutime 30, stime 20 + cstime 40, rss 99 pages; a cut line gives nothing.
        let line = b"7 (a) S 3 7 7 0 -1 4 1 2 3 4 10 20 30 40 20 0 2 0 151779 5 99";
        assert_eq!(
            parse_usage(line),
            Some(Used { user_ticks: 40, system_ticks: 60, threads: 2, rss_pages: 99 })
        );
        assert_eq!(parse_usage(b"7 (a) S 3 7 7 0 -1 4 1 2"), None);
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
        assert_eq!(visit(i32::MAX).unwrap(), None);
    }
}
