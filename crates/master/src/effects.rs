//! What the master wants done about an event.

use model::{AgentId, FrameworkId, Refusal};

use crate::event::{LinkId, RequestId, StreamId};

/// Must be durable before any message of the same batch leaves. The same values recover the master.
#[derive(Clone, Debug, PartialEq)]
pub enum Mutation {
    SetAgent(Box<wire::registry::AgentRecord>),
    RemoveAgent(AgentId),
    SetFramework(Box<wire::registry::FrameworkRecord>),
    RemoveFramework(FrameworkId),
    /// Keyed by the role's name.
    SetRole(Box<wire::registry::RoleRecord>),
    RemoveRole(String),
    SetMaintenance(Box<wire::registry::MaintenanceRecord>),
    RemoveMaintenance,
}

/// Goes out, in order, once the batch is durable.
#[derive(Clone, Debug, PartialEq)]
pub enum Message {
    Agent {
        link: LinkId,
        event: Box<wire::link::Event>,
    },
    /// Nothing follows on this link; the shell closes it once what was sent has left.
    CloseLink {
        link: LinkId,
    },
    Scheduler {
        stream: StreamId,
        event: Box<wire::scheduler::Event>,
    },
    CloseScheduler {
        stream: StreamId,
    },
    /// To everybody who subscribed to operator events.
    Operator {
        event: Box<wire::master::Event>,
    },
    Reply {
        request: RequestId,
        outcome: Result<(), Refusal>,
    },
}

/// A typed fact for logs and metrics; the shell renders it.
#[derive(Clone, Debug, PartialEq)]
pub enum Note {
    AgentRegistered {
        agent: AgentId,
        hostname: String,
    },
    AgentReregistered {
        agent: AgentId,
        tasks: usize,
    },
    AgentRefused {
        hostname: String,
        refusal: Refusal,
    },
    AgentDisconnected {
        agent: AgentId,
    },
    AgentUnreachable {
        agent: AgentId,
    },
    AgentRemoved {
        agent: AgentId,
    },
    AgentGone {
        agent: AgentId,
    },
    /// Its entry in the registry was too old, or one too many.
    AgentForgotten {
        agent: AgentId,
    },
    AgentDeactivated {
        agent: AgentId,
    },
    AgentReactivated {
        agent: AgentId,
    },
    DrainStarted {
        agent: AgentId,
        generation: u64,
    },
    DrainTightened {
        agent: AgentId,
        generation: u64,
    },
    Drained {
        agent: AgentId,
        generation: u64,
        took: std::time::Duration,
        /// Its drain decommissions it.
        mark_gone: bool,
    },
    /// The agent is gone, or left for good, before its drain was done.
    DrainAbandoned {
        agent: AgentId,
        generation: u64,
        took: std::time::Duration,
    },
    /// A drained agent turned out to run something: it is draining again.
    DrainReopened {
        agent: AgentId,
        generation: u64,
    },
    FrameworkSubscribed {
        framework: FrameworkId,
        name: String,
        failover: bool,
    },
    FrameworkDisconnected {
        framework: FrameworkId,
    },
    FrameworkRemoved {
        framework: FrameworkId,
    },
    TaskUpdated {
        agent: AgentId,
        state: model::TaskState,
    },
    /// A task came to its end, by a report or because nobody can run it.
    TaskEnded {
        state: model::TaskState,
    },
    /// Something a peer sent that was dropped, and why.
    Dropped {
        from: String,
        why: String,
    },
}

/// What one event led to, in the order in which it has to happen.
#[must_use = "effects that are not carried out are lost"]
#[derive(Debug, Default, PartialEq)]
pub struct Effects {
    pub mutations: Vec<Mutation>,
    pub messages: Vec<Message>,
    pub notes: Vec<Note>,
}

#[expect(clippy::wrong_self_convention, reason = "it is a message that goes to somebody")]
impl Effects {
    /// Joins what a later event led to onto these effects.
    pub fn append(&mut self, mut later: Self) {
        self.mutations.append(&mut later.mutations);
        self.messages.append(&mut later.messages);
        self.notes.append(&mut later.notes);
    }

    pub fn is_empty(&self) -> bool {
        self.mutations.is_empty() && self.messages.is_empty() && self.notes.is_empty()
    }

    pub(crate) fn mutate(&mut self, mutation: Mutation) {
        self.mutations.push(mutation);
    }

    pub(crate) fn note(&mut self, note: Note) {
        self.notes.push(note);
    }

    pub(crate) fn dropped(&mut self, from: impl Into<String>, why: impl Into<String>) {
        self.notes.push(Note::Dropped { from: from.into(), why: why.into() });
    }

    pub(crate) fn reply(&mut self, request: RequestId, outcome: Result<(), Refusal>) {
        self.messages.push(Message::Reply { request, outcome });
    }

    pub(crate) fn to_agent(&mut self, link: LinkId, event: wire::link::Event) {
        self.messages.push(Message::Agent { link, event: Box::new(event) });
    }

    pub(crate) fn close_link(&mut self, link: LinkId) {
        self.messages.push(Message::CloseLink { link });
    }

    pub(crate) fn to_scheduler(&mut self, stream: StreamId, event: wire::scheduler::Event) {
        self.messages.push(Message::Scheduler { stream, event: Box::new(event) });
    }

    pub(crate) fn close_scheduler(&mut self, stream: StreamId) {
        self.messages.push(Message::CloseScheduler { stream });
    }

    pub(crate) fn to_operators(&mut self, event: wire::master::Event) {
        self.messages.push(Message::Operator { event: Box::new(event) });
    }
}
