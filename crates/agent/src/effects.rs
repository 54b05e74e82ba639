//! What the agent wants done about an event.

use std::collections::BTreeMap;

use model::resources::Volume;
use model::{ContainerId, ExecutorId, FrameworkId, Refusal, Resources, TaskId};

use crate::event::{RequestId, StreamId};

/// Must be durable before any message of the same batch leaves. The same values recover the agent.
#[derive(Clone, Debug, PartialEq)]
pub enum Mutation {
    SetAgent(Box<wire::checkpoint::AgentRecord>),
    SetFramework(Box<wire::checkpoint::FrameworkRecord>),
    RemoveFramework(FrameworkId),
    /// Keyed by its container id.
    SetExecutor(Box<wire::checkpoint::ExecutorRecord>),
    RemoveExecutor(ContainerId),
    /// Keyed by framework and task id.
    SetTask(Box<wire::checkpoint::TaskRecord>),
    RemoveTask(FrameworkId, TaskId),
    /// Without any dynamic reservation or volume there is no such record.
    SetResources(Box<wire::checkpoint::ResourcesRecord>),
    RemoveResources,
    /// Keyed by its UUID.
    SetOperation(Box<wire::checkpoint::OperationRecord>),
    RemoveOperation(bytes::Bytes),
    SetDrain(Box<wire::checkpoint::DrainRecord>),
    RemoveDrain,
}

/// What the owner process of a container is.
#[derive(Clone, Debug, PartialEq)]
pub enum Program {
    /// This binary's own executor, for command tasks and task groups.
    Builtin,
    /// A framework's executor, under this binary's supervisor.
    Custom(Box<wire::v1::CommandInfo>),
}

/// A container to start.
#[derive(Clone, Debug, PartialEq)]
pub struct LaunchSpec {
    pub container: ContainerId,
    pub framework: FrameworkId,
    pub executor: ExecutorId,
    pub program: Program,
    /// User to run as, where the agent may switch users.
    pub user: Option<String>,
    /// The Mesos variables of the executor API, its token among them.
    pub environment: BTreeMap<String, String>,
    pub resources: Resources,
    pub container_info: Option<Box<wire::v1::ContainerInfo>>,
    /// Sandbox, relative to the work directory.
    pub directory: String,
    /// Persistent volumes that it finds in its sandbox.
    pub volumes: Vec<Volume>,
}

/// Why the agent process has to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    /// Decommissioned: it will not start again on this work directory.
    Gone { message: String },
    /// The master refused this agent.
    Refused { message: String },
    /// It can't start with these resources: operations have made something of more than there is now.
    Incompatible { message: String },
    /// After a clean unregistration.
    Unregistered,
}

/// Goes out, in order, once the batch is durable.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    /// Open a link to the master with this greeting; an open one is closed first.
    Connect {
        hello: Box<wire::link::Hello>,
    },
    Disconnect,
    /// Up the link, if it is open.
    Call {
        call: Box<wire::link::Call>,
    },
    Executor {
        stream: StreamId,
        event: Box<wire::executor::Event>,
    },
    CloseExecutor {
        stream: StreamId,
    },
    Launch(Box<LaunchSpec>),
    /// Kill everything in the container, its owner last. Answered with `ContainerExited` or
    /// `ContainerDestroyFailed`; harmless when repeated.
    Destroy {
        container: ContainerId,
    },
    /// Persistent volumes for a container that runs already.
    LinkVolumes {
        directory: String,
        user: Option<String>,
        volumes: Vec<Volume>,
    },
    /// Make the folders of new persistent volumes.
    MakeVolumes(Vec<Volume>),
    /// Delete the data of destroyed volumes. Answered with `VolumesRemoved`; harmless when repeated.
    RemoveVolumes {
        operation: bytes::Bytes,
        volumes: Vec<Volume>,
    },
    Reply {
        request: RequestId,
        outcome: Result<(), Refusal>,
    },
    /// Nothing follows; the shell ends the process once what was sent has left.
    Stop(Stop),
}

/// A typed fact for logs and metrics; the shell renders it.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    Registered {
        agent: String,
    },
    LinkLost {
        why: String,
    },
    DrainStarted {
        generation: u64,
        tasks: usize,
    },
    DrainTightened {
        generation: u64,
    },
    DrainEmpty {
        generation: u64,
    },
    Reactivated,
    TaskUpdate {
        framework: FrameworkId,
        task: TaskId,
        state: model::TaskState,
    },
    /// The executor did not end the task in time; its container is destroyed.
    Escalated {
        container: ContainerId,
        task: TaskId,
    },
    OperationEnded {
        kind: wire::v1::offer::operation::Type,
        state: wire::v1::OperationState,
        message: Option<String>,
    },
    /// Data of a destroyed volume can't be removed for now.
    VolumeRemains {
        error: String,
    },
    ContainerSurvives {
        container: ContainerId,
        survivors: Vec<String>,
    },
    /// Something a peer sent that was dropped, and why.
    Dropped {
        from: String,
        why: String,
    },
}

#[must_use = "effects that are not carried out are lost"]
#[derive(Debug, Default, PartialEq)]
pub struct Effects {
    pub mutations: Vec<Mutation>,
    pub messages: Vec<Message>,
    pub notes: Vec<Note>,
}
