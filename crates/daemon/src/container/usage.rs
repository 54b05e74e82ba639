//! What the processes of a container use: from its cgroup where it has one, else from `/proc`.

use std::fs;
use std::io;

use super::cgroup::Cgroup;
use super::pidfd::PidRef;
use super::proc;
use super::tree::{self, TreeError};

/// What the running processes of a tree use. Times include those of children that have ended and
/// were collected, so that they only grow.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TreeUsage {
    pub user_secs: f64,
    pub system_secs: f64,
    pub rss_bytes: u64,
    pub processes: u32,
    pub threads: u32,
}

/// Adds up the tree below `root`, itself included. `None` once it has ended.
///
/// # Errors
/// `/proc` can't be read, or the tree is too large.
pub fn of_tree(root: PidRef) -> io::Result<Option<TreeUsage>> {
    let mut all = match tree::descendants(root) {
        Ok(all) => all,
        Err(TreeError::OwnerGone(_)) => return Ok(None),
        Err(TreeError::Io(error)) => return Err(error),
        Err(other) => return Err(io::Error::other(other)),
    };
    all.push(root);
    let ticks = rustix::param::clock_ticks_per_second().max(1);
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    let (mut user, mut system) = (0_u64, 0_u64);
    let mut usage = TreeUsage::default();
    for process in all {
        // Ended meanwhile: what it used counts with its parent once that has collected it.
        let Some(used) = proc::read_usage(process.pid)? else { continue };
        user = user.saturating_add(used.user_ticks);
        system = system.saturating_add(used.system_ticks);
        usage.rss_bytes = usage.rss_bytes.saturating_add(used.rss_pages.saturating_mul(page));
        usage.processes += 1;
        usage.threads = usage.threads.saturating_add(used.threads);
    }
    usage.user_secs = seconds(user, ticks);
    usage.system_secs = seconds(system, ticks);
    Ok(Some(usage))
}

/// What a cgroup says of itself; parts that the kernel or the delegation doesn't give are absent.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct CgroupUsage {
    pub user_secs: Option<f64>,
    pub system_secs: Option<f64>,
    /// CPUs that the kernel lets it use.
    pub cpus_limit: Option<f64>,
    pub periods: Option<u64>,
    pub throttled: Option<u64>,
    pub throttled_secs: Option<f64>,
    pub memory_bytes: Option<u64>,
    pub anon_bytes: Option<u64>,
    pub file_bytes: Option<u64>,
    pub mapped_bytes: Option<u64>,
}

/// Reads the accounts of a cgroup.
pub fn of_cgroup(cgroup: &Cgroup) -> CgroupUsage {
    let read = |file: &str| fs::read_to_string(cgroup.path().join(file)).ok();
    let (cpu, memory) = (read("cpu.stat"), read("memory.stat"));
    let cpu = |key| entry(cpu.as_deref()?, key);
    let memory = |key| entry(memory.as_deref()?, key);
    let micros = |key| cpu(key).map(|micros| seconds(micros, 1_000_000));
    CgroupUsage {
        user_secs: micros("user_usec"),
        system_secs: micros("system_usec"),
        cpus_limit: read("cpu.max").as_deref().and_then(quota),
        periods: cpu("nr_periods"),
        throttled: cpu("nr_throttled"),
        throttled_secs: micros("throttled_usec"),
        memory_bytes: read("memory.current").and_then(|text| text.trim().parse().ok()),
        anon_bytes: memory("anon"),
        file_bytes: memory("file"),
        mapped_bytes: memory("file_mapped"),
    }
}

/// The value of `key <number>` in a flat keyed file.
fn entry(text: &str, key: &str) -> Option<u64> {
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' ')?.trim().parse().ok())
}

/// CPUs of a `cpu.max`; `None` for `max`, which is no limit.
fn quota(text: &str) -> Option<f64> {
    let (quota, period) = text.trim().split_once(' ')?;
    let (quota, period): (u64, u64) = (quota.parse().ok()?, period.parse().ok()?);
    (period > 0).then(|| seconds(quota, period))
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn seconds(count: u64, per_second: u64) -> f64 {
    count as f64 / per_second as f64
}

/// The message that clients of Mesos read. `cpus` and `mem_bytes` are what the container was given;
/// `root` is absent where there is no process of its own yet.
// Mesos: `cpus_soft_limit` and both memory limits are what was given; `cpus_limit` is what is enforced.
pub fn statistics(
    timestamp: f64,
    root: Option<PidRef>,
    cgroup: Option<&Cgroup>,
    cpus: Option<f64>,
    mem_bytes: Option<u64>,
) -> wire::v1::ResourceStatistics {
    let tree = root.and_then(|root| match of_tree(root) {
        Ok(usage) => usage,
        Err(error) => {
            tracing::debug!(pid = root.pid, %error, "cannot tell what a container uses");
            None
        }
    });
    let cgroup = cgroup.filter(|cgroup| cgroup.exists()).map(of_cgroup).unwrap_or_default();
    let count = |count: Option<u64>| count.and_then(|count| u32::try_from(count).ok());
    wire::v1::ResourceStatistics {
        timestamp,
        processes: tree.map(|tree| tree.processes),
        threads: tree.map(|tree| tree.threads),
        cpus_user_time_secs: cgroup.user_secs.or(tree.map(|tree| tree.user_secs)),
        cpus_system_time_secs: cgroup.system_secs.or(tree.map(|tree| tree.system_secs)),
        cpus_limit: cgroup.cpus_limit,
        cpus_soft_limit: cpus,
        cpus_nr_periods: count(cgroup.periods),
        cpus_nr_throttled: count(cgroup.throttled),
        cpus_throttled_time_secs: cgroup.throttled_secs,
        mem_total_bytes: cgroup.memory_bytes,
        mem_limit_bytes: mem_bytes,
        mem_soft_limit_bytes: mem_bytes,
        mem_file_bytes: cgroup.file_bytes,
        mem_anon_bytes: cgroup.anon_bytes,
        mem_rss_bytes: cgroup.anon_bytes.or(tree.map(|tree| tree.rss_bytes)),
        mem_mapped_file_bytes: cgroup.mapped_bytes,
        ..wire::v1::ResourceStatistics::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::testing::Family;

    /// A tree's use covers all of its processes, and is nothing once the root is another process.
    #[test]
    fn the_use_of_a_tree_covers_its_children() {
        let child = "sh -c 'echo ready; read line <&3' &";
        let family = Family::start(&format!("{child} {child} read line <&3"));
        family.ready(2);
        let usage = of_tree(family.owner()).unwrap().unwrap();
        assert_eq!((usage.processes, usage.threads), (3, 3));
        assert!(usage.rss_bytes > 0);
        let stranger = PidRef { started: family.owner().started + 1, ..family.owner() };
        assert_eq!(of_tree(stranger).unwrap(), None);
    }

    /// Time that a child used is not lost when it has ended.
    #[test]
    fn time_of_ended_children_is_kept() {
        let burn = "sh -c 'i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done'; echo ready";
        let family = Family::start(&format!("{burn}; read line <&3"));
        family.ready(1);
        let usage = of_tree(family.owner()).unwrap().unwrap();
        assert_eq!(usage.processes, 1);
        assert!(usage.user_secs > 0.0, "{usage:?}");
    }

    /// The files of a cgroup are read as the kernel writes them, and what is not there is absent.
    #[test]
    fn accounts_of_a_cgroup_are_read() {
        let text = "usage_usec 3000000\nuser_usec 1500000\nsystem_usec 500000\nnr_periods 7\n";
        assert_eq!(entry(text, "user_usec"), Some(1_500_000));
        assert_eq!(entry(text, "usec"), None);
        assert_eq!(entry(text, "nr_throttled"), None);
        assert_eq!(quota("150000 100000\n"), Some(1.5));
        assert_eq!(quota("max 100000\n"), None);
        let message = statistics(1.0, None, None, Some(0.5), Some(1 << 20));
        assert_eq!((message.cpus_soft_limit, message.mem_limit_bytes), (Some(0.5), Some(1 << 20)));
        assert_eq!((message.cpus_user_time_secs, message.mem_rss_bytes), (None, None));
    }
}
