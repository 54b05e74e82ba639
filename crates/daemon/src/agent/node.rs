//! What DC/OS tools ask of a host: how busy it is, and the log of what runs on it for the cluster.

use std::path::Path;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use serde_json::{Value, json};

use super::Shell;
use crate::exposition::count;
use crate::http::{ApiError, answer};
use crate::journal;

const UNITS: [&str; 2] = ["dcos-mesos-slave", "dcos-mesos-slave-public"];
const BLOCKING: &str = "the host could not be looked at";

/// `/system/v1/metrics/v0/node`.
pub(super) async fn metrics(State(shell): State<Shell>, headers: HeaderMap) -> Response<Body> {
    match try_metrics(&shell, &headers).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn try_metrics(shell: &Shell, headers: &HeaderMap) -> Result<Response<Body>, ApiError> {
    shell.credentials.authenticate(headers)?;
    let agent = shell.mailbox.look(|core, _| core.view_agent()).await?.agent_info;
    let agent = agent.unwrap_or_default();
    let work_dir = shell.work_dir.clone();
    let points = tokio::task::spawn_blocking(move || datapoints(&work_dir)).await;
    let points = points.map_err(|_| ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, BLOCKING))?;
    let document = json!({
        "datapoints": points,
        "dimensions": {
            "mesos_id": agent.id.map(|id| id.value).unwrap_or_default(),
            "hostname": agent.hostname,
        },
    });
    Ok(answer::bytes(headers, "application/json", document.to_string().into_bytes()))
}

/// What nobody measures: the numbers of a program's own.
pub(super) async fn none(State(shell): State<Shell>, headers: HeaderMap) -> Response<Body> {
    match shell.credentials.authenticate(&headers) {
        Ok(_) => answer::empty(StatusCode::NO_CONTENT),
        Err(error) => error.into_response(),
    }
}

/// `/system/v1/logs/v2/component[/{unit}]`: this agent's own log.
pub(super) async fn component(
    State(shell): State<Shell>,
    unit: Option<axum::extract::Path<String>>,
    request: Request<Body>,
) -> Response<Body> {
    let (head, _) = request.into_parts();
    if let Err(error) = shell.credentials.authenticate(&head.headers) {
        return error.into_response();
    }
    let unit = unit.as_ref().map(|unit| unit.as_str());
    let answered = journal::answer_for(&head, unit, &UNITS, &shell.readers).await;
    answered.unwrap_or_else(ApiError::into_response)
}

/// What can be read of the host now; what can't is left out.
// DC/OS: names and units.
fn datapoints(work_dir: &Path) -> Vec<Value> {
    let now = crate::clock::rfc3339(crate::clock::wall());
    let mut points = Vec::new();
    let mut add = |name: &str, value: f64, unit: &str, path: Option<&str>| {
        let tags = path.map_or_else(|| json!({}), |path| json!({"path": path}));
        points.push(json!({
            "name": name, "value": value, "unit": unit, "timestamp": now, "tags": tags,
        }));
    };
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let load = read("/proc/loadavg");
    let loads = load.split_ascii_whitespace().filter_map(|text| text.parse().ok());
    for (name, value) in ["load.1min", "load.5min", "load.15min"].into_iter().zip(loads) {
        add(name, value, "count", None);
    }
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    add("cpu.cores", count(cores), "count", None);
    for (name, percent) in cpu(&read("/proc/stat")) {
        add(name, percent, "percent", None);
    }
    for (name, bytes) in memory(&read("/proc/meminfo")) {
        add(name, bytes, "bytes", None);
    }
    let paths = ["/", work_dir.to_str().unwrap_or("/")];
    for path in &paths[..if paths[0] == paths[1] { 1 } else { 2 }] {
        let Ok(disk) = rustix::fs::statvfs(*path) else { continue };
        let bytes = |blocks: u64| {
            count(usize::try_from(blocks.saturating_mul(disk.f_frsize)).unwrap_or(usize::MAX))
        };
        let used = disk.f_blocks.saturating_sub(disk.f_bfree);
        add("filesystem.capacity.total", bytes(disk.f_blocks), "bytes", Some(path));
        add("filesystem.capacity.used", bytes(used), "bytes", Some(path));
        add("filesystem.capacity.free", bytes(disk.f_bavail), "bytes", Some(path));
    }
    if let Some(uptime) = read("/proc/uptime").split(' ').next().and_then(|it| it.parse().ok()) {
        add("system.uptime", uptime, "count", None);
    }
    points
}

/// Shares of the time since the host started.
fn cpu(stat: &str) -> Vec<(&'static str, f64)> {
    let Some(line) = stat.lines().next().and_then(|line| line.strip_prefix("cpu ")) else {
        return Vec::new();
    };
    let ticks: Vec<f64> =
        line.split_ascii_whitespace().take(8).filter_map(|text| text.parse().ok()).collect();
    let all: f64 = ticks.iter().sum();
    let [user, nice, system, idle, wait, ..] = ticks.as_slice() else { return Vec::new() };
    let percent = |part: f64| part / all.max(1.0) * 100.0;
    vec![
        ("cpu.total", percent(all - idle - wait)),
        ("cpu.user", percent(user + nice)),
        ("cpu.system", percent(*system)),
        ("cpu.idle", percent(*idle)),
        ("cpu.wait", percent(*wait)),
    ]
}

fn memory(meminfo: &str) -> Vec<(&'static str, f64)> {
    let of = |name: &str| {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
        let kibibytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
        Some(count(kibibytes * 1024))
    };
    let names = [
        ("memory.total", "MemTotal"),
        ("memory.free", "MemFree"),
        ("memory.buffers", "Buffers"),
        ("memory.cached", "Cached"),
        ("swap.total", "SwapTotal"),
        ("swap.free", "SwapFree"),
    ];
    names.into_iter().filter_map(|(name, key)| Some((name, of(key)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What Linux writes of its memory and time is read as bytes and percent.
    #[test]
    fn what_linux_writes_is_read() {
        let meminfo = "MemTotal:       1024 kB\nMemFree:         512 kB\nSwapTotal: 0 kB\n";
        let expected =
            [("memory.total", 1_048_576.0), ("memory.free", 524_288.0), ("swap.total", 0.0)];
        assert_eq!(memory(meminfo), expected);
        let shares = cpu("cpu  10 0 10 60 20 0 0 0 0 0\ncpu0 1 2 3\n");
        assert_eq!(shares[0], ("cpu.total", 20.0));
        assert_eq!(shares[4], ("cpu.wait", 20.0));
        assert!(cpu("").is_empty());
    }
}
