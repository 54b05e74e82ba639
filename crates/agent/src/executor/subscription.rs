//! The subscription with the agent: opening it, losing it, getting it back.

use std::time::Duration;

use model::{Moment, Now};
use wire::executor::{Call, call};

use super::machine::Executor;
use super::{Message, kills};
use crate::timers::{HEARING, STANDSTILL};

/// First bound of the wait before another attempt; doubles up to `subscription_backoff_max`.
const BACKOFF_START: Duration = Duration::from_millis(50);

/// How long an opened stream may stay without SUBSCRIBED before it is opened anew.
const SUBSCRIBED_TIMEOUT: Duration = Duration::from_secs(15);

/// How long the first subscription is tried for at least, even without checkpointing.
const FIRST_SUBSCRIPTION_TIMEOUT: Duration = Duration::from_mins(1);

// Mesos: both sides send a heartbeat every 30 minutes.
const HEARTBEAT_INTERVAL: Duration = Duration::from_mins(30);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subscription {
    /// The next attempt is due then.
    Waiting {
        until: Moment,
    },
    /// SUBSCRIBE was sent; given up then.
    Opening {
        until: Moment,
    },
    Subscribed {
        since: Moment,
        heartbeat_at: Moment,
    },
}

/// The connection's history, as far as timeouts and retries need it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub(super) subscription: Subscription,
    /// Since when there is no agent; `None` while subscribed.
    pub(super) lost_since: Option<Moment>,
    pub(super) ever_subscribed: bool,
    /// Attempts since the last SUBSCRIBED.
    pub(super) attempts: u32,
}

impl Link {
    pub(super) fn new(at: Moment) -> Self {
        Self {
            subscription: Subscription::Waiting { until: at },
            lost_since: Some(at),
            ever_subscribed: false,
            attempts: 0,
        }
    }

    pub(super) fn is_subscribed(&self) -> bool {
        matches!(self.subscription, Subscription::Subscribed { .. })
    }

    pub(super) fn next_wake(&self) -> Moment {
        match self.subscription {
            Subscription::Waiting { until } | Subscription::Opening { until } => until,
            Subscription::Subscribed { heartbeat_at, .. } => heartbeat_at,
        }
    }

    /// When tasks stop waiting for an agent.
    pub(super) fn given_up_at(&self, recovery_timeout: Duration) -> Option<Moment> {
        let patience = if self.ever_subscribed {
            recovery_timeout
        } else {
            recovery_timeout.max(FIRST_SUBSCRIPTION_TIMEOUT)
        };
        self.lost_since.map(|since| since.plus(patience))
    }
}

impl Executor {
    /// Before anything else of an event: the time in which this process stood still is not one in which it
    /// looked for its agent in vain.
    pub(super) fn note_standstill(&mut self, now: Now) {
        let late = self.next_wake().map_or(Duration::ZERO, |due| now.at.since(due));
        if late >= STANDSTILL
            && let Some(since) = &mut self.link.lost_since
        {
            *since = since.plus(late + HEARING).min(now.at);
        }
    }

    /// Whatever of the subscription is due.
    pub(super) fn tend_subscription(&mut self, now: Now, out: &mut Vec<Message>) {
        match self.link.subscription {
            Subscription::Waiting { until } | Subscription::Opening { until } => {
                if until <= now.at {
                    self.subscribe(now, out);
                }
            }
            Subscription::Subscribed { since, heartbeat_at } => {
                if heartbeat_at <= now.at {
                    let heartbeat_at = now.at.plus(HEARTBEAT_INTERVAL);
                    self.link.subscription = Subscription::Subscribed { since, heartbeat_at };
                    out.push(Message::Call(Box::new(self.call(call::Type::Heartbeat))));
                }
            }
        }
        let given_up = self.link.given_up_at(self.config.recovery_timeout);
        if !self.is_shutting_down() && given_up.is_some_and(|at| at <= now.at) {
            self.shutdown(now, kills::Shutdown::AgentLost, out);
        }
    }

    fn subscribe(&mut self, now: Now, out: &mut Vec<Message>) {
        self.link.attempts = self.link.attempts.saturating_add(1);
        self.link.subscription = Subscription::Opening { until: now.at.plus(SUBSCRIBED_TIMEOUT) };
        let unacknowledged_tasks =
            self.tasks.values().filter_map(|task| task.info.as_deref().cloned()).collect();
        let unacknowledged_updates = self
            .unacknowledged
            .iter_mut()
            .map(|update| {
                update.sent = true;
                call::Update { status: update.status.clone() }
            })
            .collect();
        let mut call = self.call(call::Type::Subscribe);
        call.subscribe = Some(call::Subscribe { unacknowledged_tasks, unacknowledged_updates });
        out.push(Message::Subscribe(Box::new(call)));
    }

    pub(super) fn subscribed(&mut self, now: Now, subscribed: wire::executor::event::Subscribed) {
        self.link = Link {
            subscription: Subscription::Subscribed {
                since: now.at,
                heartbeat_at: now.at.plus(HEARTBEAT_INTERVAL),
            },
            lost_since: None,
            ever_subscribed: true,
            attempts: 0,
        };
        self.reports_killing = kills::reports_killing(&subscribed.framework_info);
        self.container = subscribed.container_id.or(self.container.take());
    }

    /// The stream is gone, or a call did not get through: open it again after a while.
    pub(super) fn disconnected(&mut self, now: Now) {
        if matches!(self.link.subscription, Subscription::Waiting { .. }) {
            return;
        }
        let doublings = self.link.attempts.saturating_sub(1).min(16);
        let bound =
            BACKOFF_START.saturating_mul(1 << doublings).min(self.config.subscription_backoff_max);
        let until = now.at.plus(self.generator.jitter(bound));
        self.link.subscription = Subscription::Waiting { until };
        self.link.lost_since.get_or_insert(now.at);
    }

    /// Sends what has not been sent on this subscription, oldest first.
    pub(super) fn send_updates(&mut self, out: &mut Vec<Message>) {
        if !self.link.is_subscribed() {
            return;
        }
        let head = self.call(call::Type::Update);
        for update in self.unacknowledged.iter_mut().filter(|update| !update.sent) {
            update.sent = true;
            let mut call = head.clone();
            call.update = Some(call::Update { status: update.status.clone() });
            out.push(Message::Call(Box::new(call)));
        }
    }

    fn call(&self, kind: call::Type) -> Call {
        Call {
            executor_id: self.config.executor_id.to_wire(),
            framework_id: self.config.framework_id.to_wire(),
            r#type: Some(kind as i32),
            ..Default::default()
        }
    }
}
