//! What runs on which host, by `/proc` alone: a host is a network namespace, and nothing leaves that.

use std::collections::BTreeMap;

use rustix::process::{Pid, Signal, kill_process};

/// The variable that every process of a task carries; its value is the task's id.
pub(crate) const TASK: &str = "EBB_CHAOS_TASK";

/// What a host has of its own.
pub(crate) const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: i32,
    /// In clock ticks since boot: tells a pid that is used again.
    pub(crate) started: u64,
    pub(crate) parent: i32,
    pub(crate) host: String,
    pub(crate) task: Option<String>,
    pub(crate) command: String,
}

impl Process {
    /// The daemon of a host is a child of the harness, and gives itself a boot id before it begins; all else on
    /// a host is of some framework.
    pub(crate) fn is_daemon(&self) -> bool {
        u32::try_from(self.parent) == Ok(std::process::id()) || self.command.contains(BOOT_ID)
    }

    pub(crate) fn is_executor(&self) -> bool {
        !self.is_daemon() && self.task.is_none() && self.command.contains(" executor")
    }

    pub(crate) fn show(&self) -> String {
        format!("{} ({})", self.pid, self.command.chars().take(80).collect::<String>().trim())
    }
}

/// Everything that runs on hosts; `numbers` has the namespace of each. What is dead and only waits for
/// its parent has no namespace any more.
pub(crate) fn scan(numbers: &BTreeMap<u64, String>) -> Vec<Process> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| look(pid, numbers)).collect()
}

fn look(pid: i32, numbers: &BTreeMap<u64, String>) -> Option<Process> {
    let folder = format!("/proc/{pid}");
    let link = std::fs::read_link(format!("{folder}/ns/net")).ok()?;
    let number = link.to_str()?.strip_prefix("net:[")?.strip_suffix(']')?.parse().ok()?;
    let host = numbers.get(&number)?.clone();
    let stat = std::fs::read_to_string(format!("{folder}/stat")).ok()?;
    // The name in parentheses may contain anything.
    let fields: Vec<&str> = stat.get(stat.rfind(')')? + 2..)?.split(' ').collect();
    if matches!(*fields.first()?, "Z" | "X") {
        return None;
    }
    let read = |name| std::fs::read(format!("{folder}/{name}")).unwrap_or_default();
    let environment = read("environ");
    let task = environment.split(|&byte| byte == 0).find_map(|variable| {
        let value = variable.strip_prefix(TASK.as_bytes())?.strip_prefix(b"=")?;
        Some(String::from_utf8_lossy(value).into_owned())
    });
    Some(Process {
        pid,
        started: fields.get(19)?.parse().ok()?,
        parent: fields.get(1)?.parse().ok()?,
        host,
        task,
        command: String::from_utf8_lossy(&read("cmdline")).replace('\0', " "),
    })
}

/// SIGKILL; it may just have ended.
pub(crate) fn kill(pid: i32) {
    signal(pid, Signal::KILL);
}

pub(crate) fn signal(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        kill_process(pid, signal).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A process is found by its namespace, with its parent and the task that it carries.
    #[test]
    fn processes_are_found_by_their_namespace() {
        use std::os::unix::fs::MetadataExt as _;
        let number = std::fs::metadata("/proc/self/ns/net").unwrap().ino();
        let mut child =
            std::process::Command::new("sleep").arg("1000").env(TASK, "t.1").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        let numbers = BTreeMap::from([(number, "here".to_owned())]);
        // Until it has executed its program it is still a copy of this one.
        let process = loop {
            let found = scan(&numbers).into_iter().find(|process| process.pid == pid).unwrap();
            if found.command.starts_with("sleep") {
                break found;
            }
        };
        let elsewhere = scan(&BTreeMap::from([(1, "nowhere".to_owned())]));
        child.kill().unwrap();
        assert_eq!(process.task.as_deref(), Some("t.1"));
        assert_eq!(process.host, "here");
        assert!(process.is_daemon(), "a child of this program: {process:?}");
        assert_eq!(elsewhere, []);
        child.wait().unwrap();
    }
}
