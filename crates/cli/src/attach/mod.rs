//! Attaching to containers: what is typed here goes to a program on a node, what it writes comes here.
//!
//! The calls are those of Mesos' agents, so this works with them as well.

mod detach;
mod input;
mod relay;
mod streams;
mod terminal;

pub use relay::{Ended, Relay};
pub use streams::{Session, Streams};
pub use terminal::{has_terminal, size};
