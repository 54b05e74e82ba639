//! Everything that can happen to the master.

use std::time::Duration;

use model::{AgentId, FrameworkId};

/// One connection of an agent, numbered by the shell; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub u64);

/// One event stream of a scheduler, numbered by the shell; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

/// A caller that waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// What a scheduler's call said of its stream (`Mesos-Stream-Id`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StreamHeader {
    Missing,
    /// A text that names no stream of this master.
    Unknown,
    Of(StreamId),
}

/// An operator's `DRAIN_AGENT`.
#[derive(Clone, Debug, Default)]
pub struct DrainRequest {
    pub max_grace_period: Option<Duration>,
    pub mark_gone: bool,
    pub reason: Option<String>,
    pub requested_by: Option<String>,
}

/// An operator's `DEACTIVATE_AGENT`.
#[derive(Clone, Debug, Default)]
pub struct OverlayRequest {
    pub reason: Option<String>,
    pub requested_by: Option<String>,
}

/// What operators can set for roles.
#[derive(Clone, Debug)]
pub enum RoleChange {
    /// `UPDATE_QUOTA`: the quota of each of these roles, in place of what it has. With `force` more may be
    /// guaranteed than there is.
    UpdateQuota { configs: Vec<wire::v1::quota::QuotaConfig>, force: bool },
    /// `SET_QUOTA`.
    SetQuota(Box<wire::v1::quota::QuotaRequest>),
    /// `REMOVE_QUOTA`.
    RemoveQuota(String),
    /// `UPDATE_WEIGHTS`.
    UpdateWeights(Vec<wire::v1::WeightInfo>),
}

#[derive(Debug)]
pub enum Event {
    /// An agent opened a link. `ip` and `principal` are what the shell saw of the peer.
    AgentHello {
        link: LinkId,
        hello: Box<wire::link::Hello>,
        ip: String,
        principal: Option<String>,
    },
    /// A batch that came up on a link, in order.
    AgentCalls {
        link: LinkId,
        agent: AgentId,
        calls: Vec<wire::link::Call>,
    },
    /// The link's connection is gone.
    LinkClosed {
        link: LinkId,
    },

    /// A scheduler's SUBSCRIBE. Answered with [`crate::Message::Reply`] before anything on `stream`.
    SchedulerSubscribe {
        request: RequestId,
        stream: StreamId,
        framework_id: Option<FrameworkId>,
        subscribe: Box<wire::scheduler::call::Subscribe>,
        principal: Option<String>,
    },
    /// Any other scheduler call, already checked for its required parts.
    SchedulerCall {
        request: RequestId,
        header: StreamHeader,
        call: Box<wire::scheduler::Call>,
        principal: Option<String>,
    },
    SchedulerClosed {
        stream: StreamId,
    },

    DrainAgent {
        request: RequestId,
        agent: AgentId,
        drain: DrainRequest,
    },
    DeactivateAgent {
        request: RequestId,
        agent: AgentId,
        overlay: OverlayRequest,
    },
    ReactivateAgent {
        request: RequestId,
        agent: AgentId,
    },
    MarkAgentGone {
        request: RequestId,
        agent: AgentId,
    },
    /// An operator's `RESERVE_RESOURCES`, `CREATE_VOLUMES` and their like, as the operation that it is.
    Operate {
        request: RequestId,
        agent: AgentId,
        operation: Box<wire::v1::offer::Operation>,
        principal: Option<String>,
    },
    /// An operator's call about quota or weights.
    ChangeRoles {
        request: RequestId,
        change: RoleChange,
    },
    /// The operator's TEARDOWN.
    Teardown {
        request: RequestId,
        framework: FrameworkId,
    },

    UpdateMaintenance {
        request: RequestId,
        schedule: Box<wire::maintenance::Schedule>,
    },
    StartMaintenance {
        request: RequestId,
        machines: Vec<wire::v1::MachineId>,
    },
    StopMaintenance {
        request: RequestId,
        machines: Vec<wire::v1::MachineId>,
    },

    /// How many listen to operator events; with none, none are made.
    Watchers {
        count: usize,
    },
    /// `next_wake` has passed.
    Woke,
}
