//! One leadership, as the loop around the core, the HTTP handlers and the election share it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use master::leadership::Deposed;
use model::{Moment, Timestamp};
use tokio::sync::watch;

use crate::clock::Clock;

/// Whether the leader may act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    Acting,
    /// Its lease is unsure since its last confirmation: nobody else can be sure to lead either.
    Held,
    /// Somebody else leads or may lead.
    Over(Deposed),
}

#[derive(Clone, Debug)]
struct State {
    acts_until: Moment,
    /// When the request was made that was confirmed last.
    confirmed_at: Timestamp,
    ttl: Duration,
    over: Option<Deposed>,
}

/// From election to step-down.
#[derive(Clone, Debug)]
pub struct Tenure {
    registry: Arc<str>,
    state: Arc<watch::Sender<State>>,
    /// Since when a write has been waiting for longer than is usual.
    stuck_since: Arc<Mutex<Option<Timestamp>>>,
}

impl Tenure {
    pub fn new(registry: &str, acts_until: Moment, ttl: Duration, confirmed_at: Timestamp) -> Self {
        let state = State { acts_until, confirmed_at, ttl, over: None };
        Self {
            registry: registry.into(),
            state: Arc::new(watch::Sender::new(state)),
            stuck_since: Arc::default(),
        }
    }

    /// The lease was confirmed.
    pub fn extend(&self, acts_until: Moment, ttl: Duration, confirmed_at: Timestamp) {
        self.state.send_modify(|state| {
            if acts_until > state.acts_until {
                (state.acts_until, state.confirmed_at, state.ttl) = (acts_until, confirmed_at, ttl);
            }
        });
    }

    /// Nothing may be done from here on.
    pub fn end(&self, why: Deposed) {
        self.state.send_modify(|state| {
            state.over.get_or_insert(why);
        });
    }

    pub fn standing(&self, now: Moment) -> Standing {
        let state = self.state.borrow();
        match &state.over {
            Some(why) => Standing::Over(why.clone()),
            None if now < state.acts_until => Standing::Acting,
            None => Standing::Held,
        }
    }

    pub fn acts_until(&self) -> Moment {
        self.state.borrow().acts_until
    }

    pub fn ttl(&self) -> Duration {
        self.state.borrow().ttl
    }

    /// Waits while it is held, and returns what became of it.
    pub async fn decided(&self, clock: Clock) -> Standing {
        let mut changes = self.state.subscribe();
        loop {
            match self.standing(clock.now().at) {
                Standing::Held => {}
                decided @ (Standing::Acting | Standing::Over(_)) => return decided,
            }
            // The sender lives in this very value.
            drop(changes.changed().await);
        }
    }

    /// Waits until it is over, and returns why.
    pub async fn ended(&self) -> Deposed {
        let mut changes = self.state.subscribe();
        loop {
            if let Some(why) = self.state.borrow().over.clone() {
                return why;
            }
            // The sender lives in this very value.
            drop(changes.changed().await);
        }
    }

    /// A write waits for longer than is usual, or no longer.
    pub fn set_stuck(&self, since: Option<Timestamp>) {
        *self.stuck_since.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    /// Since when the registry has not answered, if nothing can be changed because of that.
    pub fn unavailable_since(&self, now: Moment) -> Option<Timestamp> {
        let state = self.state.borrow();
        if state.over.is_none() && now < state.acts_until {
            return *self.stuck_since.lock().unwrap_or_else(PoisonError::into_inner);
        }
        Some(state.confirmed_at)
    }

    /// What callers are told whose call is not carried out because the registry does not answer.
    pub fn unavailable(&self, now: Moment, outcome: &str) -> String {
        let since = self
            .unavailable_since(now)
            .map_or_else(String::new, |since| format!(" since {}", crate::clock::rfc3339(since)));
        format!(
            "The registry {} has not answered this master{since}, so it can change nothing. {outcome} Try again \
             once a majority of the registry's members can be reached.",
            self.registry
        )
    }
}
