//! skeleton
mod config;

use model::{Moment, Now};

use crate::{Effects, Event};

pub use config::Config;

/// The agent.
#[derive(Debug)]
pub struct Agent {
    config: Config,
}

impl Agent {
    /// A new agent without identity; it connects at the first wake.
    pub fn new(config: Config, now: Now) -> Self {
        let _ = now;
        Self { config }
    }

    /// The only way in. Same state, same `now`, same event: same effects.
    pub fn apply(&mut self, now: Now, event: Event) -> Effects {
        let _ = (now, event, &self.config);
        Effects::default()
    }

    /// When the shell has to call back with [`Event::Woke`] at the latest.
    pub fn next_wake(&self) -> Option<Moment> {
        None
    }
}
