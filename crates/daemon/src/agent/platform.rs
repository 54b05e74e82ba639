//! What the agent finds out about its host.

use std::path::{Path, PathBuf};

use model::Resources;

/// Memory and disk that Mesos leaves to the system when it detects resources.
const RESERVED_MEM_MIB: u64 = 1024;
const RESERVED_DISK_MIB: u64 = 5 * 1024;
const PORTS: &str = "ports:[31000-32000]";

/// Makes the work directory and returns its real path.
pub(super) fn work_dir(path: &Path) -> Result<PathBuf, String> {
    std::fs::create_dir_all(path)
        .map_err(|error| format!("cannot make {}: {error}", path.display()))?;
    path.canonicalize().map_err(|error| format!("cannot enter {}: {error}", path.display()))
}

/// Changes with every boot.
pub(super) fn boot_id() -> String {
    read("/proc/sys/kernel/random/boot_id")
}

/// Stays the same for an installation of the operating system.
pub(super) fn machine_id() -> String {
    read("/etc/machine-id")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).map(|text| text.trim().to_owned()).unwrap_or_default()
}

/// `configured`, and what it doesn't name of cpus, mem, disk and ports as found on this host.
// Mesos: mem and disk are what the host has, less 1 GB and 5 GB, or half of it on small hosts.
pub(super) fn complete(configured: &Resources, work_dir: &Path) -> Resources {
    let mut resources = configured.clone();
    let named: Vec<String> = resources.to_wire().into_iter().map(|r| r.name).collect();
    let mut add = |name: &str, text: String| {
        if !named.iter().any(|n| n == name)
            && let Ok(found) = Resources::parse(&text, "*")
        {
            resources.add(&found);
        }
    };
    let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    add("cpus", format!("cpus:{cpus}"));
    add("mem", format!("mem:{}", left(mem_mib(), RESERVED_MEM_MIB)));
    add("disk", format!("disk:{}", left(disk_mib(work_dir), RESERVED_DISK_MIB)));
    add("ports", PORTS.to_owned());
    resources
}

fn left(total: u64, reserved: u64) -> u64 {
    if total >= 2 * reserved { total - reserved } else { total / 2 }
}

fn mem_mib() -> u64 {
    let info = rustix::system::sysinfo();
    info.totalram.saturating_mul(u64::from(info.mem_unit.max(1))) >> 20
}

fn disk_mib(path: &Path) -> u64 {
    rustix::fs::statvfs(path).map_or(0, |stat| stat.f_blocks.saturating_mul(stat.f_frsize) >> 20)
}
