//! The machine this process runs on: load, processors and memory.

use std::collections::BTreeMap;

use serde::Serialize;

/// What `/system/stats.json` shows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Stats {
    pub avg_load_1min: f64,
    pub avg_load_5min: f64,
    pub avg_load_15min: f64,
    pub cpus_total: u64,
    pub mem_total_bytes: u64,
    pub mem_free_bytes: u64,
}

impl Stats {
    /// As they are now.
    // Mesos: all from sysinfo(2) as here: free memory is what nobody uses, not even a cache.
    pub fn now() -> Self {
        let info = rustix::system::sysinfo();
        // Fixed point with sixteen bits behind the point.
        #[expect(clippy::cast_precision_loss, reason = "loads are small")]
        let load = |at: usize| info.loads[at] as f64 / 65_536.0;
        let bytes = |units: u64| units.saturating_mul(u64::from(info.mem_unit));
        let cpus = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            avg_load_1min: load(0),
            avg_load_5min: load(1),
            avg_load_15min: load(2),
            cpus_total: cpus as u64,
            mem_total_bytes: bytes(info.totalram),
            mem_free_bytes: bytes(info.freeram),
        }
    }

    /// The same as metrics.
    #[expect(clippy::cast_precision_loss, reason = "metrics are doubles")]
    pub fn add_to(self, metrics: &mut BTreeMap<String, f64>) {
        for (name, value) in [
            ("system/load_1min", self.avg_load_1min),
            ("system/load_5min", self.avg_load_5min),
            ("system/load_15min", self.avg_load_15min),
            ("system/cpus_total", self.cpus_total as f64),
            ("system/mem_total_bytes", self.mem_total_bytes as f64),
            ("system/mem_free_bytes", self.mem_free_bytes as f64),
        ] {
            metrics.insert(name.to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine has a processor and memory, and not more memory free than there is.
    #[test]
    fn the_machine_has_processors_and_memory() {
        let stats = Stats::now();
        assert!(stats.cpus_total >= 1 && stats.avg_load_1min >= 0.0);
        assert!(stats.mem_free_bytes <= stats.mem_total_bytes && stats.mem_total_bytes > 1 << 20);
    }
}
