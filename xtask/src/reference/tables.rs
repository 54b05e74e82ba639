//! The tables of the contract suite, as far as the reference shows them.

use std::path::Path;

use anyhow::Context as _;
use serde::Deserialize;
use serde::de::DeserializeOwned;

const SUITE: &str = "crates/cli/tests/contract";

/// Everything that the pages are written from.
#[derive(Debug)]
pub(super) struct Tables {
    /// By API, in the order of the pages.
    pub(super) calls: Vec<(&'static str, Vec<Call>)>,
    pub(super) endpoints: Vec<Endpoint>,
    /// Those that DC/OS has in front of Mesos.
    pub(super) front: Vec<Endpoint>,
    pub(super) events: Vec<Event>,
    pub(super) metrics: Vec<Metric>,
    pub(super) reasons: Vec<Reason>,
    pub(super) differences: Vec<Group>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Call {
    pub(super) r#type: String,
    pub(super) does: String,
    pub(super) differs: Option<String>,
    #[serde(default)]
    pub(super) parts: String,
    pub(super) status: u16,
    #[serde(default)]
    pub(super) stream: Vec<String>,
    #[serde(default)]
    pub(super) streamed: bool,
    #[serde(default)]
    pub(super) reads: bool,
}

#[derive(Debug, Deserialize)]
pub(super) struct Endpoint {
    pub(super) on: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) also: Vec<String>,
    pub(super) method: Option<String>,
    pub(super) does: String,
    pub(super) differs: Option<String>,
    pub(super) status: u16,
    pub(super) content: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Event {
    pub(super) api: String,
    pub(super) r#type: String,
    pub(super) does: String,
    pub(super) differs: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Metric {
    pub(super) on: String,
    pub(super) name: String,
    pub(super) does: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Reason {
    pub(super) name: String,
    pub(super) does: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct Group {
    pub(super) why: String,
    pub(super) entries: Vec<String>,
}

#[derive(Default, Deserialize)]
struct File {
    #[serde(default)]
    call: Vec<Call>,
    #[serde(default)]
    endpoint: Vec<Endpoint>,
    #[serde(default)]
    event: Vec<Event>,
    #[serde(default)]
    metric: Vec<Metric>,
    #[serde(default)]
    reason: Vec<Reason>,
    #[serde(default)]
    group: Vec<Group>,
}

pub(super) fn read(root: &Path) -> anyhow::Result<Tables> {
    let file = |path: &str| file::<File>(root, path);
    Ok(Tables {
        calls: vec![
            ("master", file("surface/master.toml")?.call),
            ("agent", file("surface/agent.toml")?.call),
            ("scheduler", file("surface/scheduler.toml")?.call),
            ("executor", file("surface/executor.toml")?.call),
        ],
        endpoints: file("surface/endpoints.toml")?.endpoint,
        front: file("surface/front.toml")?.endpoint,
        events: file("surface/events.toml")?.event,
        metrics: file("surface/metrics.toml")?.metric,
        reasons: file("surface/reasons.toml")?.reason,
        differences: file("captures/differences.toml")?.group,
    })
}

fn file<T: DeserializeOwned>(root: &Path, path: &str) -> anyhow::Result<T> {
    let full = root.join(SUITE).join(path);
    let text = std::fs::read_to_string(&full)
        .with_context(|| format!("cannot read {}", full.display()))?;
    toml::from_str(&text).with_context(|| format!("{} is no such table", full.display()))
}
