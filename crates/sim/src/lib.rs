//! The production cores of master, agents and executors in one world with one clock.
//!
//! A seed chooses everything: the size of the world, the load, the faults and when they come. The same
//! seed gives the same run, down to the last message. After every event the invariants are checked
//! against the truth, which the world knows and the cores don't: which processes run on which host.
//!
//! ```text
//! plan ─▶ world: queue of happenings ─▶ process (mailbox ─▶ apply ─▶ commit ─▶ send) ─▶ wires ─▶ …
//!                    ▲ faults, operator, services                          truth: invariants
//! ```
//!
//! What the shell does to a core, the world does: everything that arrived during a commit is one
//! batch, its messages leave when it is durable, and a crash loses what was not.

mod books;
#[cfg(feature = "bugs")]
pub mod bugs;
mod clocks;
mod coverage;
mod deeds;
mod dice;
mod explorer;
mod faults;
pub mod fleet;
mod graces;
mod host;
mod masters;
mod operator;
mod orders;
mod pauses;
mod plan;
mod process;
mod quirks;
mod registry;
mod rest;
mod rules;
mod run;
mod service;
mod shrink;
mod storage;
mod tasks;
mod trace;
mod truth;
mod updates;
mod upkeep;
mod volumes;
mod wires;
mod world;

pub use coverage::Coverage;
pub use deeds::{Deed, Name, Without};
pub use explorer::{Explored, SCENARIOS, Scenario, explore};
pub use run::{Outcome, run, run_without};
pub use shrink::{Shrunk, shrink};
