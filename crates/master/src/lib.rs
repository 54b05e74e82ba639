//! The master as a sans-IO state machine: events in, effects out.
//!
//! ```text
//!            AgentHello                 LinkClosed                timeout
//! (unknown) ───────────▶ registered ◀───────────▶ disconnected ───────────▶ unreachable
//!                            ▲   ▲        AgentHello                             │
//!            registry ▶ recovered └──────────────────────────────────────────────┘ AgentHello
//!
//! overlay, on any of them:  none ─▶ deactivated ─▶ draining ─▶ drained ─▶ (reactivated: none | gone)
//! ```
//!
//! Invariants, checked by [`Master::check`]:
//! * only a registered agent without overlay is offered;
//! * a drained agent runs nothing and has confirmed so for that drain's generation;
//! * a gone agent holds no link, task or offer;
//! * offered and allocated resources of an agent never exceed its total.

mod agents;
mod allocator;
mod arrival;
mod blockers;
mod calls;
mod contradictions;
mod drain;
mod effects;
mod event;
mod frameworks;
mod invariants;
pub mod leadership;
mod maintenance;
mod offers;
mod reconcile;
mod recovery;
mod roles;
mod scheduler_events;
mod snapshot;
mod state;
mod tasks;
mod timers;
mod unreachable;
mod view;

pub use contradictions::Contradiction;
pub use effects::{Effects, Message, Mutation, Note};
pub use event::{
    DrainRequest, Event, LinkId, OverlayRequest, RequestId, RoleChange, StreamHeader, StreamId,
};
pub use leadership::{Leadership, LeadershipAction, LeadershipEvent};
pub use recovery::RecoveryError;
pub use snapshot::Snapshot;
pub use state::{Config, Master};
pub use view::{AgentPlace, FrameworkPlace, Gauges, TaskPlace, TasksQuery};
