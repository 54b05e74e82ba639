//! Fleet mode: one production master core, very many agents, and an operator who drains them in waves until each has
//! been drained and reactivated once.
//!
//! ```text
//! agents greet ─▶ the master dies ─▶ tasks start ─▶ waves: drain, all drained, reactivate ─▶ … ─▶ all run again
//!                 (memory per agent)                  half-way the master dies (memory per task)
//! ```
//!
//! No faults but the deaths of the master: this is about how much one master can carry. What happens is the seed's
//! choice alone; the [`Watch`] only looks.

mod agent;
mod measured;
mod operator;
mod service;
mod world;

pub use agent::{Act, Agent, Key, Step, search_wait};
pub use measured::{Phase, Watch};

use std::time::Duration;

use wire::v1;

/// How large a fleet is.
#[derive(Clone, Debug)]
pub struct Settings {
    pub seed: u64,
    pub agents: usize,
    pub tasks: usize,
    /// Agents drained at a time.
    pub wave: usize,
    pub frameworks: usize,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Names the run: equal for equal settings.
    pub hash: u64,
    pub phases: Vec<Phase>,
    pub drains: usize,
    pub waves: usize,
    /// From the order of a wave until its last agent was drained, the slowest wave.
    pub slowest_wave: Duration,
    /// `GET_AGENTS` with everything there, the longest.
    pub longest_read: Duration,
    /// Bytes of the master core with its agents and nothing else, and with tasks on them.
    pub memory_with_agents: Option<u64>,
    pub memory_with_tasks: Option<u64>,
    /// The second death of the master: the next one's recovery from the records, and how long after the death,
    /// in the world, the last agent was registered again.
    pub recovery: Duration,
    pub registered_again: Duration,
    /// Rules that were broken: name and what happened.
    pub broken: Vec<(String, String)>,
}

/// Runs a fleet to its end, or to the first broken rule.
pub fn run(settings: &Settings, watch: &Watch<'_>) -> Report {
    world::World::new(settings, watch).run()
}

/// What every agent of a fleet has.
pub fn agent_resources() -> Vec<v1::Resource> {
    vec![
        scalar("cpus", 16.0),
        scalar("mem", 32_768.0),
        scalar("disk", 1_000_000.0),
        ports(31_000, 32_000),
    ]
}

/// One resource that is a number.
pub fn scalar(name: &str, value: f64) -> v1::Resource {
    v1::Resource {
        name: name.to_owned(),
        r#type: v1::value::Type::Scalar.into(),
        scalar: Some(v1::value::Scalar { value }),
        ..v1::Resource::default()
    }
}

fn ports(begin: u64, end: u64) -> v1::Resource {
    v1::Resource {
        name: "ports".to_owned(),
        r#type: v1::value::Type::Ranges.into(),
        ranges: Some(v1::value::Ranges { range: vec![v1::value::Range { begin, end }] }),
        ..v1::Resource::default()
    }
}
