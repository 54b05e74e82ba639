//! Everything that can happen to an agent.

use model::{ContainerId, ExecutorId, FrameworkId};

/// A caller of the agent's API that waits for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId(pub u64);

/// One event stream of an executor, numbered by the shell; never used twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StreamId(pub u64);

/// Who an executor call says it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutorRef {
    pub framework: FrameworkId,
    pub executor: ExecutorId,
    /// The bearer token the call carried.
    pub token: Option<String>,
}

/// How a container's owner process ended, where anybody could see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    Exited(i32),
    Signalled(i32),
    /// It was not our child any more (the agent had been restarted) and left no record.
    Unknown,
}

#[derive(Debug)]
pub enum Event {
    /// The master sent this on the link.
    Link(Box<wire::link::Event>),
    /// The link broke, or could not be opened.
    LinkClosed {
        why: String,
    },
    /// No master took the greeting: each said that it does not lead, or nothing.
    NoLeader {
        why: String,
    },

    ExecutorSubscribe {
        request: RequestId,
        stream: StreamId,
        from: ExecutorRef,
        subscribe: Box<wire::executor::call::Subscribe>,
    },
    /// UPDATE or MESSAGE, already checked for its required parts.
    ExecutorCall {
        request: RequestId,
        from: ExecutorRef,
        call: Box<wire::executor::Call>,
    },
    ExecutorClosed {
        stream: StreamId,
    },

    /// The owner process of a container runs; `pid_started` tells it from a later one of the same pid.
    ContainerLaunched {
        container: ContainerId,
        pid: u32,
        pid_started: u64,
    },
    /// It could not be started: a sentence for people.
    ContainerLaunchFailed {
        container: ContainerId,
        error: String,
    },
    /// The owner process ended and no process of the container is left.
    ContainerExited {
        container: ContainerId,
        status: ExitStatus,
    },
    /// A destroy gave up for now; these processes (pid and command) are left.
    ContainerDestroyFailed {
        container: ContainerId,
        survivors: Vec<String>,
    },

    /// The data of the volumes that an operation destroyed is gone, or can't be removed for now: a sentence for
    /// people.
    VolumesRemoved {
        operation: bytes::Bytes,
        outcome: Result<(), String>,
    },

    /// A clean stop that leaves the cluster (SIGUSR1): unregister, then end.
    Unregister,
    /// `next_wake` has passed.
    Woke,
}
