//! The link to the master: greeting, timeouts, and who answers which of its events.
//!
//! ```text
//! down ─▶ connecting ─▶ up ─▶ (closed, or no ping) ─▶ down
//!              └─▶ (no leader) ─▶ down
//! ```

use std::time::Duration;

use model::{FrameworkId, Now};
use wire::link::{AgentDrain, Call, Hello, Shutdown, call, event};
use wire::v1::agent_info::capability;

use crate::state::Agent;
use crate::timers::Timer;
use crate::{Effects, Message, Note, Stop};

/// Version of the link's messages.
const PROTOCOL_VERSION: u32 = 1;

/// Without a ping for this long the agent connects anew, where the master does not say.
// Mesos: 5 missed pings of 15 s.
const DEFAULT_PING_TIMEOUT: Duration = Duration::from_secs(75);

/// Longest wait between two looks for a leader: whoever leads next has all its agents back within it.
/// Ten thousand agents then ask some two thousand times a second, which costs a follower next to nothing.
const SEARCH_BACKOFF_MAX: Duration = Duration::from_secs(6);

/// Doublings after which the backoff has reached any sensible bound.
const MAX_DOUBLINGS: u32 = 16;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum LinkState {
    #[default]
    Down,
    Connecting,
    Up,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Link {
    pub(crate) state: LinkState,
    /// Links in a row that ended before the agent was registered.
    failures: u32,
    /// Looks for a leader in a row that found none.
    searches: u32,
    ping_timeout: Duration,
    /// What the master was last told about the drain on this link.
    pub(crate) reported: Option<AgentDrain>,
}

/// What agents of this program can do.
pub(crate) fn capabilities() -> Vec<wire::v1::agent_info::Capability> {
    let capability =
        |kind: capability::Type| wire::v1::agent_info::Capability { r#type: Some(kind.into()) };
    vec![
        capability(capability::Type::MultiRole),
        capability(capability::Type::HierarchicalRole),
        capability(capability::Type::ReservationRefinement),
        capability(capability::Type::ResizeVolume),
        capability(capability::Type::AgentOperationFeedback),
        capability(capability::Type::AgentDraining),
    ]
}

impl Agent {
    pub(crate) fn is_registered(&self) -> bool {
        self.link.state == LinkState::Up
    }

    pub(crate) fn connect(&mut self, now: Now, fx: &mut Effects) {
        if self.link.state != LinkState::Down || self.gone.is_some() {
            return;
        }
        self.awaited.clear();
        let hello = self.hello();
        self.link.state = LinkState::Connecting;
        self.link.reported.clone_from(&hello.drain);
        fx.messages.push(Message::Connect { hello: Box::new(hello) });
        self.timers.set(Timer::LinkTimeout, now.at.plus(self.config.registration_timeout));
    }

    fn hello(&self) -> Hello {
        Hello {
            protocol_version: Some(PROTOCOL_VERSION),
            agent_info: Some(self.info.clone()),
            version: Some(self.config.version.clone()),
            capabilities: capabilities(),
            resource_version_uuid: None,
            tasks: self.tasks.values().map(crate::state::Task::to_wire).collect(),
            executors: self.executor_reports(),
            frameworks: self
                .frameworks
                .values()
                .filter_map(|framework| framework.info.as_ref())
                .map(crate::state::Packed::unpack)
                .collect(),
            operations: self.operations.values().map(|one| one.wire.as_ref().clone()).collect(),
            total_resources: self.total.to_wire(),
            drain: self.drain_report(),
            machine_id: Some(self.config.machine_id.clone()),
            boot_id: Some(self.config.boot_id.clone()),
            ip: Some(self.config.ip.clone()),
            admission_key: Some(self.admission_key.clone()),
        }
    }

    pub(crate) fn link_closed(&mut self, now: Now, why: String, fx: &mut Effects) {
        if self.link.state == LinkState::Down {
            return;
        }
        fx.notes.push(Note::LinkLost { why });
        self.link_down(now);
    }

    pub(crate) fn link_timed_out(&mut self, now: Now, fx: &mut Effects) {
        let why = match self.link.state {
            LinkState::Down => return,
            LinkState::Connecting => "the master did not answer",
            LinkState::Up => "no ping from the master",
        };
        fx.notes.push(Note::LinkLost { why: why.to_owned() });
        fx.messages.push(Message::Disconnect);
        self.link_down(now);
    }

    // Mesos: retries wait at random up to a bound that doubles from the factor to the maximum.
    fn link_down(&mut self, now: Now) {
        let bound = self.backoff(self.link.failures, self.config.registration_backoff_max);
        self.link.failures = self.link.failures.saturating_add(1);
        let wait = self.generator.jitter(bound);
        self.connect_after(now, wait);
    }

    // Mesos: an agent hears of a new leader at once and waits at random up to the factor, however long
    // there was none. This one asks, so its waits must stay short, and long enough to burden nobody.
    pub(crate) fn no_leader(&mut self, now: Now, why: String, fx: &mut Effects) {
        if self.link.state == LinkState::Down {
            return;
        }
        fx.notes.push(Note::LinkLost { why });
        let max = self.config.registration_backoff_factor.max(SEARCH_BACKOFF_MAX);
        let half = self.backoff(self.link.searches, max) / 2;
        self.link.searches = self.link.searches.saturating_add(1);
        // A leader that loses links is spared by the other backoff; one that is new is not to be blamed.
        self.link.failures = 0;
        let wait = half + self.generator.jitter(half);
        self.connect_after(now, wait);
    }

    fn backoff(&self, attempts: u32, max: Duration) -> Duration {
        let factor = self.config.registration_backoff_factor;
        factor.saturating_mul(1 << attempts.min(MAX_DOUBLINGS)).min(max)
    }

    fn connect_after(&mut self, now: Now, wait: Duration) {
        self.link.state = LinkState::Down;
        self.link.reported = None;
        self.timers.cancel(&Timer::LinkTimeout);
        self.timers.set(Timer::Connect, now.at.plus(wait));
    }

    pub(crate) fn link_event(&mut self, now: Now, event: wire::link::Event, fx: &mut Effects) {
        use event::Type;
        let kind = event.r#type.and_then(|kind| Type::try_from(kind).ok()).unwrap_or(Type::Unknown);
        // Differs from Mesos (D21): nothing is taken from a master that has not registered the agent on
        // this very link.
        if !self.is_registered() && !matches!(kind, Type::Registered | Type::Shutdown) {
            return dropped(fx, format!("{} before REGISTERED", kind.as_str_name()));
        }
        if self.link.state == LinkState::Down {
            return dropped(fx, format!("{} without a link", kind.as_str_name()));
        }
        let handled = match kind {
            Type::Unknown => None,
            Type::Registered => event.registered.map(|one| self.registered(now, &one, fx)),
            Type::Ping => {
                self.pinged(now, fx);
                Some(())
            }
            Type::Drain => event.drain.map(|one| self.start_drain(now, &one, fx)),
            Type::Reactivate => event.reactivate.map(|one| self.reactivate(&one, fx)),
            Type::RunTask => event.run_task.map(|one| self.run_task(now, *one, fx)),
            Type::RunTaskGroup => {
                event.run_task_group.map(|one| self.run_task_group(now, *one, fx))
            }
            Type::KillTask => event.kill_task.map(|one| self.kill_task(now, &one, fx)),
            Type::ShutdownExecutor => {
                event.shutdown_executor.map(|one| self.shutdown_executor_call(now, &one, fx))
            }
            Type::ShutdownFramework => event
                .shutdown_framework
                .and_then(|one| one.framework_id)
                .map(|id| self.shutdown_framework(now, &FrameworkId::from(&id), fx)),
            Type::AcknowledgeStatus => {
                event.acknowledge_status.map(|one| self.acknowledge(now, &one, fx))
            }
            Type::ApplyOperation => {
                event.apply_operation.map(|one| self.apply_operation(now, one, fx))
            }
            Type::AcknowledgeOperation => {
                event.acknowledge_operation.map(|one| self.acknowledge_operation(&one, fx))
            }
            Type::UpdateFramework => event
                .update_framework
                .and_then(|one| one.framework_info)
                .map(|info| self.update_framework(now, &info, fx)),
            Type::ReconcileTasks => event.reconcile_tasks.map(|one| self.reconcile(now, &one, fx)),
            Type::Message => event.message.map(|one| self.message_to_executor(one, fx)),
            Type::Shutdown => {
                self.shutdown(now, event.shutdown.unwrap_or_default(), fx);
                Some(())
            }
        };
        if handled.is_none() {
            dropped(fx, format!("{} without its content", kind.as_str_name()));
        }
    }

    fn registered(&mut self, now: Now, registered: &wire::link::Registered, fx: &mut Effects) {
        let Some(id) = &registered.agent_id else {
            return dropped(fx, "REGISTERED without an agent id".to_owned());
        };
        match &self.info.id {
            // Mesos: an agent that gets another id than its own ends.
            Some(own) if own != id => {
                let message = format!("The master registered agent {} as {}", own.value, id.value);
                return self.stop_now(Stop::Refused { message }, fx);
            }
            Some(_) => {}
            None => {
                self.info.id = Some(id.clone());
                self.touch_agent();
            }
        }
        self.link.state = LinkState::Up;
        self.link.failures = 0;
        self.link.searches = 0;
        self.link.ping_timeout = registered
            .total_ping_timeout_seconds
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
            .filter(|timeout| !timeout.is_zero())
            .unwrap_or(DEFAULT_PING_TIMEOUT);
        self.timers.set(Timer::LinkTimeout, now.at.plus(self.link.ping_timeout));
        fx.notes.push(Note::Registered { agent: id.value.clone() });
        self.resend_updates(now, fx);
        self.resend_operations(now, fx);
    }

    fn pinged(&mut self, now: Now, fx: &mut Effects) {
        self.timers.set(Timer::LinkTimeout, now.at.plus(self.link.ping_timeout));
        self.call(call::Type::Pong, Call::default(), fx);
    }

    /// Sends a call up the link; without one it is lost, so whoever needs it sent repeats it.
    pub(crate) fn call(&self, kind: call::Type, call: Call, fx: &mut Effects) {
        if self.is_registered() {
            let call = Call { r#type: Some(kind.into()), ..call };
            fx.messages.push(Message::Call { call: Box::new(call) });
        }
    }

    fn shutdown(&mut self, now: Now, shutdown: Shutdown, fx: &mut Effects) {
        let message = shutdown.message.unwrap_or_else(|| "The master ended this agent".to_owned());
        if shutdown.gone != Some(true) {
            return self.stop_now(Stop::Refused { message }, fx);
        }
        self.gone = Some(message.clone());
        self.touch_agent();
        self.begin_stop(now, Stop::Gone { message });
        self.destroy_all(now, fx);
    }

    /// SIGUSR1: every executor is told to end, what they report is delivered, then the agent leaves.
    // Mesos: a clean stop shuts the executors down and unregisters.
    pub(crate) fn unregister(&mut self, now: Now, fx: &mut Effects) {
        if self.stopping.is_some() {
            return;
        }
        self.begin_stop(now, Stop::Unregistered);
        let keys: Vec<_> = self.executors.keys().cloned().collect();
        for key in keys {
            self.shutdown_executor(now, &key, fx);
        }
    }

    fn begin_stop(&mut self, now: Now, stop: Stop) {
        self.stopping = Some(stop);
        self.timers.set(Timer::Stop, now.at.plus(self.config.stop_timeout));
    }

    pub(crate) fn stop_now(&mut self, stop: Stop, fx: &mut Effects) {
        self.stopped = true;
        fx.messages.push(Message::Stop(stop));
    }

    /// Ends the agent once nothing is left to wait for.
    pub(crate) fn settle_stop(&mut self, fx: &mut Effects) {
        let done = match &self.stopping {
            Some(Stop::Unregistered) => self.executors.is_empty() && self.streams.is_empty(),
            Some(_) => self.executors.is_empty(),
            None => false,
        };
        if done && !self.stopped {
            self.stop(fx);
        }
    }

    pub(crate) fn stop_timed_out(&mut self, fx: &mut Effects) {
        let left = self.executors.len();
        if let Some(Stop::Gone { message } | Stop::Refused { message }) = &mut self.stopping
            && left > 0
        {
            *message = format!("{message}; {left} containers could not be ended in time");
        }
        if left > 0 {
            fx.notes.push(Note::Dropped {
                from: "agent".to_owned(),
                why: format!("stopping although {left} containers are still there"),
            });
        }
        self.stop(fx);
    }

    fn stop(&mut self, fx: &mut Effects) {
        let Some(stop) = self.stopping.take() else { return };
        if stop == Stop::Unregistered {
            self.call(call::Type::Unregister, Call::default(), fx);
        }
        self.stop_now(stop, fx);
    }
}

pub(crate) fn dropped(fx: &mut Effects, why: String) {
    fx.notes.push(Note::Dropped { from: "master".to_owned(), why });
}
