//! The drain overlay: what an operator asked of an agent, how far it is, and what it waits for.

mod words;

use std::time::Duration;

use crate::{AgentId, FrameworkId, TaskId, Timestamp};

pub use wire::v1::DrainState;

/// What an operator asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DrainConfig {
    /// Upper bound of every task's grace period; never makes one longer.
    pub max_grace_period: Option<Duration>,
    /// Decommission the agent once it is drained.
    pub mark_gone: bool,
}

impl DrainConfig {
    /// This drain after a second request: a grace period may shrink and `mark_gone` may be added,
    /// nothing is ever taken back.
    #[must_use]
    pub fn tightened(self, by: Self) -> Self {
        let max_grace_period = match (self.max_grace_period, by.max_grace_period) {
            (Some(old), Some(new)) => Some(old.min(new)),
            (old, new) => old.or(new),
        };
        Self { max_grace_period, mark_gone: self.mark_gone || by.mark_gone }
    }

    pub fn to_wire(self) -> wire::v1::DrainConfig {
        wire::v1::DrainConfig {
            max_grace_period: self.max_grace_period.map(|grace| wire::v1::DurationInfo {
                nanoseconds: i64::try_from(grace.as_nanos()).unwrap_or(i64::MAX),
            }),
            mark_gone: Some(self.mark_gone),
        }
    }
}

impl From<&wire::v1::DrainConfig> for DrainConfig {
    fn from(config: &wire::v1::DrainConfig) -> Self {
        Self {
            max_grace_period: config
                .max_grace_period
                .map(|grace| Duration::from_nanos(u64::try_from(grace.nanoseconds).unwrap_or(0))),
            mark_gone: config.mark_gone.unwrap_or(false),
        }
    }
}

/// One drain of an agent. The next drain of the same agent has the next generation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drain {
    pub generation: u64,
    pub config: DrainConfig,
    pub state: DrainState,
    pub started_at: Timestamp,
    pub finished_at: Option<Timestamp>,
    pub reason: Option<String>,
    pub requested_by: Option<String>,
    /// Begun because the machine went down for maintenance; ends when it is up again.
    pub for_maintenance: bool,
}

/// A deactivation by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Deactivation {
    pub since: Timestamp,
    pub reason: Option<String>,
    pub requested_by: Option<String>,
}

/// One thing a drain waits for. [`Blocker::owner`] and [`Blocker::remedy`] say it to people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocker {
    pub since: Timestamp,
    pub kind: BlockerKind,
}

/// Why an agent is not drained yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockerKind {
    /// The task runs and its kill has not been reported yet.
    TaskRunning { framework: FrameworkId, framework_name: String, task: TaskId },
    /// The task was asked to stop; SIGKILL follows at `until` where known.
    KillInProgress {
        framework: FrameworkId,
        framework_name: String,
        task: TaskId,
        until: Option<Timestamp>,
    },
    /// The task has ended; its framework has not acknowledged an update about it.
    UpdateNotAcknowledged { framework: FrameworkId, framework_name: String, task: TaskId },
    /// Nobody is there to acknowledge updates about `tasks` tasks.
    FrameworkDisconnected {
        framework: FrameworkId,
        framework_name: String,
        tasks: u32,
        /// When the framework is removed for good and its tasks stop blocking.
        removed_at: Option<Timestamp>,
    },
    /// A resource operation is not finished or its end not acknowledged.
    OperationPending { uuid: Vec<u8>, provider: Option<String>, framework: Option<FrameworkId> },
    /// The master has no connection to the agent.
    AgentNotReachable { agent: AgentId, reachability: Reachability },
    /// Everything has ended by the master's account, the agent has not confirmed it yet.
    AgentNotConfirmed { agent: AgentId, generation: u64, executors_left: u32 },
}

/// Where an agent stands with the master, apart from its overlay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reachability {
    /// Connected.
    Registered,
    /// Known to this master, connection lost.
    Disconnected,
    /// Known from the registry, not back since this master started.
    Recovered,
    /// Given up after the timeouts; may come back.
    Unreachable,
    /// Decommissioned; never let in again.
    Gone,
    /// Unregistered itself or was replaced; kept because an overlay hangs on it.
    Removed,
}

impl Reachability {
    pub fn to_wire(self) -> wire::ebb::Reachability {
        match self {
            Self::Registered => wire::ebb::Reachability::Registered,
            Self::Disconnected => wire::ebb::Reachability::Disconnected,
            Self::Recovered => wire::ebb::Reachability::Recovered,
            Self::Unreachable => wire::ebb::Reachability::Unreachable,
            Self::Gone => wire::ebb::Reachability::Gone,
            Self::Removed => wire::ebb::Reachability::Removed,
        }
    }
}

/// The grace a task gets: the smaller of its own (or, where it has none, the default) and the bound.
pub fn effective_grace(
    own: Option<Duration>,
    default: Duration,
    bound: Option<Duration>,
) -> Duration {
    let grace = own.unwrap_or(default);
    bound.map_or(grace, |bound| grace.min(bound))
}
