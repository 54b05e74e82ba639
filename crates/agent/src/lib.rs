//! The agent and its command executor as two sans-IO state machines.
//!
//! [`Agent`] talks to the master over the link, to executors over the executor API, and to the shell
//! about containers. [`executor::Executor`] owns the processes of one container and talks to the agent.
//!
//! Life of a task at the agent:
//!
//! ```text
//! RUN_TASK ─▶ queued ─▶ launched ─▶ killing ─▶ terminated (updates pending) ─▶ completed
//!               │ executor registers    │ KILL repeated, then the container is destroyed
//!               └─────▶ killed before delivery
//! ```
//!
//! Invariants:
//! * an update is acknowledged to the executor only once it is durable;
//! * the next update of a task leaves only after the previous one was acknowledged end to end;
//! * a drain is confirmed as empty only when no task, update, executor, container or operation is left;
//! * nothing is launched while a drain is on.

mod containers;
mod damage;
mod drain;
mod effects;
mod event;
pub mod executor;
mod executors;
mod invariants;
mod kills;
mod link;
pub mod nested;
mod operations;
mod recovery;
mod state;
mod succession;
mod tasks;
mod timers;
mod updates;
mod view;

pub use effects::{Effects, LaunchSpec, Message, Mutation, Note, Program, Stop};
pub use event::{Event, ExecutorRef, ExitStatus, RequestId, StreamId};
pub use recovery::{ContainerFate, Records};
pub use state::{Agent, Config, Counters, SCHEMA_VERSION};
pub use view::{ContainerView, Gauges, MemberView};
