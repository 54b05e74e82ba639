//! The life of a framework.
//!
//! ```text
//!          SUBSCRIBE            stream closed              SUBSCRIBE
//! (none) ───────────▶ connected ─────────────▶ disconnected ────────▶ connected
//!                        ▲  │                       │ failover timeout
//! registry,   SUBSCRIBE  │  │ TEARDOWN              ▼
//! agents ──▶ recovered ──┘  └────────────────▶ completed (its id is refused from then on)
//! ```
//!
//! Invariants:
//! * a connected framework has exactly one stream, and only it is offered anything;
//! * a completed framework has no tasks, executors or offers anywhere in the master's books.

use std::collections::BTreeSet;

use model::task::Reason;
use model::validate::framework as rules;
use model::{AgentId, FrameworkId, Now, Refusal, TaskState};
use wire::registry::FrameworkRecord;
use wire::scheduler::call::{Subscribe, UpdateFramework};
use wire::v1::FrameworkInfo;

use crate::allocator::Constraints;
use crate::effects::{Effects, Mutation, Note};
use crate::event::{RequestId, StreamId};
use crate::scheduler_events::{self, master_status};
use crate::state::{CompletedFramework, Framework, Master, Status, TaskKey};
use crate::tasks::{shutdown_framework, task_updated, update_framework};
use crate::timers::Timer;

/// Texts schedulers match on.
const FAILED_OVER: &str = "Framework failed over";
const REMOVED: &str = "Framework has been removed";
const OTHER_PRINCIPAL: &str = "Changing framework's principal is not allowed.";
const NOT_FOUND: &str = "No framework found with specified ID";

impl Master {
    /// A scheduler's SUBSCRIBE. Turned down in either of Mesos' two ways: as an HTTP status, or with an `ERROR` on
    /// the stream, which is then closed.
    #[expect(clippy::too_many_arguments, reason = "one per part of the event")]
    pub(crate) fn subscribe(
        &mut self,
        now: Now,
        request: RequestId,
        stream: StreamId,
        framework_id: Option<FrameworkId>,
        mut subscribe: Subscribe,
        principal: Option<&str>,
        fx: &mut Effects,
    ) {
        let info = &mut subscribe.framework_info;
        // Mesos: an empty id is how some schedulers say that they have none yet.
        info.id.take_if(|id| id.value.is_empty());
        let framework_id = framework_id.filter(|id| !id.as_str().is_empty());
        let named = info.id.as_ref().map(FrameworkId::from);
        if named != framework_id {
            let text = "'framework_id' differs from 'subscribe.framework_info.id'";
            return fx.reply(request, Err(invalid_call(text)));
        }
        if let Some(actual) = principal {
            let claimed = info.principal.get_or_insert_with(|| actual.to_owned());
            if claimed != actual {
                return fx.reply(request, Err(invalid_call(&other_principal(actual, claimed))));
            }
        }
        fx.reply(request, Ok(()));
        let constraints = match self.check_subscription(named.as_ref(), &subscribe) {
            Ok(constraints) => constraints,
            Err(why) => {
                fx.to_scheduler(stream, scheduler_events::error(why));
                return fx.close_scheduler(stream);
            }
        };
        let id = match named {
            Some(id) if self.frameworks.contains_key(&id) => {
                self.resubscribe(now, &id, subscribe, fx);
                id
            }
            named => self.add_framework(now, named, subscribe, fx),
        };
        if let Some(framework) = self.frameworks.get_mut(&id) {
            framework.constraints = constraints;
        }
        self.connect(now, &id, stream, fx);
    }

    /// The constraints of a subscription, or why its scheduler gets an `ERROR` in place of `SUBSCRIBED`.
    fn check_subscription(
        &self,
        id: Option<&FrameworkId>,
        subscribe: &Subscribe,
    ) -> Result<Constraints, String> {
        let info = &subscribe.framework_info;
        if id.is_some_and(|id| self.is_completed(id)) {
            return Err(REMOVED.to_owned());
        }
        self.check_info(info)?;
        let constraints = subscribe.offer_constraints.as_ref();
        let constraints = check_options(info, &subscribe.suppressed_roles, constraints)?;
        match id.and_then(|id| self.frameworks.get(id)) {
            Some(known) if known.principal != info.principal => Err(OTHER_PRINCIPAL.to_owned()),
            Some(_) | None => Ok(constraints),
        }
    }

    fn check_info(&self, info: &FrameworkInfo) -> Result<(), String> {
        rules::check(info).map_err(|error| error.to_string())?;
        if info.user == "root" && !self.config.root_submissions {
            let text =
                "User 'root' is not allowed to run frameworks without --root-submissions set";
            return Err(text.to_owned());
        }
        Ok(())
    }

    fn add_framework(
        &mut self,
        now: Now,
        named: Option<FrameworkId>,
        subscribe: Subscribe,
        fx: &mut Effects,
    ) -> FrameworkId {
        let id = named.unwrap_or_else(|| self.new_framework_id());
        let mut framework = Framework::new(id.clone(), subscribe.framework_info, now.wall);
        framework.reregistered_at = Some(now.wall);
        framework.suppressed = subscribe.suppressed_roles.into_iter().collect();
        framework.offer_constraints = subscribe.offer_constraints;
        self.frameworks.insert(id.clone(), framework);
        self.persist_framework(&id, fx);
        id
    }

    fn new_framework_id(&mut self) -> FrameworkId {
        loop {
            let id = format!("{}-{:04}", self.config.master_id, self.next_framework);
            let id = FrameworkId::new(id);
            self.next_framework += 1;
            // Only a framework that made up its id can be in the way.
            if !self.frameworks.contains_key(&id) && !self.is_completed(&id) {
                return id;
            }
        }
    }

    // Mesos: the last one to subscribe wins; changes of user and checkpoint are passed over.
    fn resubscribe(&mut self, now: Now, id: &FrameworkId, subscribe: Subscribe, fx: &mut Effects) {
        self.disconnect(now, id, Some(FAILED_OVER), fx);
        let Some(framework) = self.frameworks.get_mut(id) else { return };
        let mut info = subscribe.framework_info;
        info.user.clone_from(&framework.info.user);
        info.checkpoint = framework.info.checkpoint;
        framework.recovered = false;
        framework.reregistered_at = Some(now.wall);
        framework.offer_constraints = subscribe.offer_constraints;
        self.change_framework(id, info, subscribe.suppressed_roles, fx);
    }

    /// Takes a new info and tells the agents that know the old one; whether it differs.
    fn change_framework(
        &mut self,
        id: &FrameworkId,
        mut info: FrameworkInfo,
        suppressed: Vec<String>,
        fx: &mut Effects,
    ) -> bool {
        let Some(framework) = self.frameworks.get_mut(id) else { return false };
        let old_roles = framework.roles.clone();
        let suppressed: BTreeSet<String> = suppressed.into_iter().collect();
        let old_suppressed = std::mem::replace(&mut framework.suppressed, suppressed);
        info.id.clone_from(&framework.info.id);
        rules::name_role(&mut info);
        let changed = *framework.info != info;
        if changed {
            framework.set_info(info);
        }
        let (info, agents) = (framework.info.clone(), framework.agents());
        // Mesos: the filters of roles that are left or revived end.
        let is_left = |role: &&String| !framework.roles.contains(*role);
        let is_revived = |role: &&String| !framework.suppressed.contains(*role);
        let left = old_roles.iter().filter(is_left);
        let unfiltered = left.chain(old_suppressed.iter().filter(is_revived)).cloned().collect();
        self.set_framework_roles(id, &old_roles);
        self.clear_filters(id, &unfiltered);
        self.rescind_offers_outside_roles(id, fx);
        if changed {
            self.persist_framework(id, fx);
            for agent in agents {
                self.send_to_agent(&agent, update_framework(&info), fx);
            }
        }
        changed
    }

    fn connect(&mut self, now: Now, id: &FrameworkId, stream: StreamId, fx: &mut Effects) {
        let Some(framework) = self.frameworks.get_mut(id) else { return };
        let failover = framework.disconnected_at.take().is_some();
        framework.stream = Some(stream);
        let (info, roles) = (framework.info.clone(), framework.roles.clone());
        let agents = framework.agents();
        self.streams.insert(stream, id.clone());
        self.timers.cancel(&Timer::FrameworkFailover(id.clone()));
        let subscribed = wire::scheduler::event::Subscribed {
            framework_id: id.to_wire(),
            heartbeat_interval_seconds: Some(self.config.heartbeat_interval.as_secs_f64()),
            master_info: Some(self.config.master_info.clone()),
        };
        fx.to_scheduler(stream, scheduler_events::subscribed(subscribed));
        self.heartbeat_due(now, stream, fx);
        self.retell_operations(id, stream, fx);
        self.set_framework_roles(id, &roles);
        self.clear_filters(id, &roles);
        self.show_framework(id, failover, fx);
        self.invite_framework(&agents);
        // Its agents send again at once what nobody was there to acknowledge.
        for agent in agents {
            self.send_to_agent(&agent, update_framework(&info), fx);
        }
        let name = info.name.clone();
        fx.note(Note::FrameworkSubscribed { framework: id.clone(), name, failover });
    }

    /// A heartbeat, and the next one.
    // Mesos: the first follows SUBSCRIBED at once.
    pub(crate) fn heartbeat_due(&mut self, now: Now, stream: StreamId, fx: &mut Effects) {
        if self.streams.contains_key(&stream) {
            fx.to_scheduler(stream, scheduler_events::heartbeat());
            self.timers.set(Timer::Heartbeat(stream), now.at.plus(self.config.heartbeat_interval));
        }
    }

    pub(crate) fn scheduler_closed(&mut self, now: Now, stream: StreamId, fx: &mut Effects) {
        // A stream that was replaced or refused is nobody's.
        let Some(id) = self.streams.get(&stream).cloned() else { return };
        self.disconnect(now, &id, None, fx);
        self.show_framework(&id, true, fx);
        fx.note(Note::FrameworkDisconnected { framework: id });
    }

    /// Takes the framework's stream away, with a last word if there is one, and all that goes with being connected.
    // Differs from Mesos: every framework counts as checkpointing, so that nothing of it is written off here.
    fn disconnect(
        &mut self,
        now: Now,
        id: &FrameworkId,
        last_word: Option<&str>,
        fx: &mut Effects,
    ) {
        let Some(framework) = self.frameworks.get_mut(id) else { return };
        let Some(stream) = framework.stream.take() else { return };
        framework.disconnected_at = Some(now.wall);
        let (timeout, roles) = (framework.failover_timeout(), framework.roles.clone());
        if let Some(message) = last_word {
            fx.to_scheduler(stream, scheduler_events::error(message));
        }
        fx.close_scheduler(stream);
        self.streams.remove(&stream);
        self.timers.cancel(&Timer::Heartbeat(stream));
        self.discard_framework_offers(id);
        self.discard_inverse_offers(id);
        self.set_framework_roles(id, &roles);
        self.timers.set(Timer::FrameworkFailover(id.clone()), now.at.plus(timeout));
    }

    pub(crate) fn framework_failover_timeout(
        &mut self,
        now: Now,
        framework: &FrameworkId,
        fx: &mut Effects,
    ) {
        if self.frameworks.get(framework).is_some_and(|framework| !framework.is_connected()) {
            self.remove_framework(now, framework, fx);
        }
    }

    /// The operator's TEARDOWN.
    pub(crate) fn teardown(
        &mut self,
        now: Now,
        framework: &FrameworkId,
        fx: &mut Effects,
    ) -> Result<(), Refusal> {
        if !self.frameworks.contains_key(framework) {
            return Err(Refusal::bad_request(NOT_FOUND));
        }
        self.disconnect(now, framework, Some(REMOVED), fx);
        self.remove_framework(now, framework, fx);
        Ok(())
    }

    /// The scheduler's own TEARDOWN.
    pub(crate) fn teardown_by_scheduler(
        &mut self,
        now: Now,
        framework: &FrameworkId,
        fx: &mut Effects,
    ) {
        self.disconnect(now, framework, None, fx);
        self.remove_framework(now, framework, fx);
    }

    /// Ends a framework for good. Its agents are told to destroy what runs; when that has happened only they know,
    /// and a drain waits for their word.
    fn remove_framework(&mut self, now: Now, id: &FrameworkId, fx: &mut Effects) {
        let Some(framework) = self.frameworks.get(id) else { return };
        let id = framework.id.clone();
        for agent in framework.agents() {
            self.send_to_agent(&agent, shutdown_framework(&id), fx);
            for key in self.tasks_of(&agent, &id) {
                self.end_task_of_removed(now, &agent, &key, fx);
            }
            for executor in self.executors_of(&agent, &id) {
                self.remove_executor(&agent, &id, &executor);
            }
        }
        self.end_operations_of_removed(&id, fx);
        self.forget_framework_shares(&id);
        self.forget_answers(&id);
        self.timers.cancel(&Timer::FrameworkFailover(id.clone()));
        let Some(mut framework) = self.frameworks.remove(&id) else { return };
        let unreachable = std::mem::take(&mut framework.unreachable_tasks);
        framework.completed_tasks.extend(unreachable.take());
        while framework.completed_tasks.len() > self.config.max_completed_tasks_per_framework {
            framework.completed_tasks.pop_front();
        }
        self.show_framework_removed(&framework.info, fx);
        fx.note(Note::FrameworkRemoved { framework: id.clone() });
        let completed = CompletedFramework {
            id,
            info: framework.info,
            registered_at: framework.registered_at,
            reregistered_at: framework.reregistered_at,
            completed_at: now.wall,
            completed_tasks: framework.completed_tasks,
        };
        fx.mutate(Mutation::SetFramework(Box::new(completed.to_record())));
        self.completed_frameworks.push_back(completed);
        while self.completed_frameworks.len() > self.config.max_completed_frameworks {
            if let Some(oldest) = self.completed_frameworks.pop_front() {
                fx.mutate(Mutation::RemoveFramework(oldest.id));
            }
        }
    }

    // Mesos: recorded as killed, not sent: nobody is there to hear it.
    fn end_task_of_removed(&mut self, now: Now, agent: &AgentId, key: &TaskKey, fx: &mut Effects) {
        let Some(mut task) = self.remove_task(agent, key) else { return };
        if task.set_state(TaskState::TaskKilled, now.wall) {
            let message = format!("Framework {} removed", key.framework);
            let (state, reason) = (TaskState::TaskKilled, Reason::FrameworkRemoved);
            fx.note(Note::TaskEnded { state });
            let status = master_status(&key.task, Some(agent), state, reason, message, now.wall);
            task.remember(Status::new(&status, state));
            if self.watchers > 0 {
                fx.to_operators(task_updated(&key.framework, status, state));
            }
        }
        self.file_completed(&key.framework, task.to_wire(key, agent));
    }

    // Mesos: UPDATE_FRAMEWORK refuses what SUBSCRIBE passes over.
    pub(crate) fn update_framework(
        &mut self,
        id: &FrameworkId,
        update: UpdateFramework,
        fx: &mut Effects,
    ) -> Result<(), Refusal> {
        let Some(framework) = self.frameworks.get(id) else { return Ok(()) };
        let (old, mut new) = (framework.info.clone(), update.framework_info);
        if new.id.as_ref().is_none_or(|other| other.value != id.as_str()) {
            let text = "'framework_id' differs from 'update_framework.framework_info.id'";
            return Err(invalid_call(text));
        }
        // A principal the scheduler never wrote down itself is not one it takes back.
        new.principal = new.principal.or_else(|| old.principal.clone());
        self.check_info(&new).map_err(|why| {
            Refusal::bad_request(format!("Supplied FrameworkInfo is not valid: {why}"))
        })?;
        if let Some(why) = why_not_updated(&old, &new) {
            let text = format!("FrameworkInfo update is not valid: {why}");
            return Err(Refusal::bad_request(text));
        }
        let constraints = update.offer_constraints.as_ref();
        let constraints =
            check_options(&new, &update.suppressed_roles, constraints).map_err(|why| {
                Refusal::bad_request(format!("'UpdateFramework' call is not valid: {why}"))
            })?;
        if let Some(framework) = self.frameworks.get_mut(id) {
            framework.offer_constraints = update.offer_constraints;
            framework.constraints = constraints;
        }
        let changed = self.change_framework(id, new, update.suppressed_roles, fx);
        self.forget_inverse_filters(id);
        // Mesos: of suppressed roles and constraints nobody else is told.
        if changed {
            self.show_framework(id, true, fx);
        }
        Ok(())
    }

    pub(crate) fn persist_framework(&self, id: &FrameworkId, fx: &mut Effects) {
        if let Some(framework) = self.frameworks.get(id) {
            fx.mutate(Mutation::SetFramework(Box::new(record_of(framework))));
        }
    }

    /// Whether the framework is over for good.
    pub(crate) fn is_completed(&self, id: &FrameworkId) -> bool {
        self.completed_frameworks.iter().any(|framework| framework.id == *id)
    }

    /// The name people know a framework by; its id if the master knows no name.
    pub(crate) fn framework_view_name(&self, id: &FrameworkId) -> String {
        let known = self.frameworks.get(id).map(|framework| &framework.info);
        let completed = || {
            let found = self.completed_frameworks.iter().find(|framework| framework.id == *id);
            found.map(|framework| &framework.info)
        };
        let name = known.or_else(completed).map(|info| info.name.clone());
        name.filter(|name| !name.is_empty()).unwrap_or_else(|| id.to_string())
    }
}

fn record_of(framework: &Framework) -> FrameworkRecord {
    FrameworkRecord {
        info: Some(FrameworkInfo::clone(&framework.info)),
        registered_at: Some(framework.registered_at.to_wire()),
        ..FrameworkRecord::default()
    }
}

pub(crate) fn invalid_call(text: &str) -> Refusal {
    Refusal::bad_request(format!("Failed to validate scheduler::Call: {text}"))
}

pub(crate) fn other_principal(actual: &str, claimed: &str) -> String {
    format!(
        "Authenticated principal '{actual}' does not match principal '{claimed}' set in `FrameworkInfo`"
    )
}

/// What a framework asks of its offers, if it can be asked.
fn check_options(
    info: &FrameworkInfo,
    suppressed: &[String],
    constraints: Option<&wire::scheduler::OfferConstraints>,
) -> Result<Constraints, String> {
    let roles = rules::roles(info);
    let stray: BTreeSet<&str> =
        suppressed.iter().filter(|role| !roles.contains(*role)).map(String::as_str).collect();
    if !stray.is_empty() {
        let stray: Vec<&str> = stray.into_iter().collect();
        return Err(format!(
            "Suppressed roles {{ {} }} are not contained in the set of roles",
            stray.join(", ")
        ));
    }
    Constraints::new(constraints, &roles).map_err(|error| error.to_string())
}

// Mesos: what the old principal was is not told to whoever comes with another.
fn why_not_updated(old: &FrameworkInfo, new: &FrameworkInfo) -> Option<String> {
    let changed = |field: &str, old: &str, new: &str| {
        format!(
            "Updating 'FrameworkInfo.{field}' is unsupported; attempted to update from '{old}' to '{new}'"
        )
    };
    if old.principal != new.principal {
        return Some(OTHER_PRINCIPAL.to_owned());
    }
    if old.user != new.user {
        return Some(changed("user", &old.user, &new.user));
    }
    let (old, new) = (old.checkpoint(), new.checkpoint());
    (old != new).then(|| changed("checkpoint", &old.to_string(), &new.to_string()))
}
