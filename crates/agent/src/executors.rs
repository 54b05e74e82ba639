//! The executor API: subscriptions, updates and messages of executors, and their orderly end.

use std::time::Duration;

use model::task::{Reason, Source};
use model::{ExecutorId, FrameworkId, Now, Refusal, Status, TaskState};
use wire::executor::{Call as ExecutorCall, Event as ExecutorEvent, call, event};
use wire::link::{Call, FrameworkMessage, ShutdownExecutor};
use wire::v1::{ContainerStatus, NetworkInfo, TaskStatus, network_info};

use crate::event::{ExecutorRef, RequestId, StreamId};
use crate::kills::BEFORE_DELIVERY;
use crate::link::dropped;
use crate::state::{Agent, Delivery, Early, ExecutorKey, TaskKey};
use crate::timers::Timer;
use crate::{Effects, Message, Note};

// Mesos: both sides send a heartbeat every 30 minutes.
const HEARTBEAT_INTERVAL: Duration = Duration::from_mins(30);

/// Containers nest no deeper than Linux nests their PID namespaces.
const MAX_CONTAINER_NESTING: usize = 32;

impl Agent {
    pub(crate) fn subscribe(
        &mut self,
        now: Now,
        request: RequestId,
        stream: StreamId,
        from: &ExecutorRef,
        subscribe: call::Subscribe,
        fx: &mut Effects,
    ) {
        let key = match self.locate(from) {
            Ok(key) => key,
            Err(refusal) => return reply(request, Err(refusal), fx),
        };
        let Some(executor) = self.executors.get_mut(&key) else { return };
        let subscription = Early { request, stream, subscribe };
        // It runs before its launch is known here. Nothing may be handed to it yet: after a restart nobody
        // would find its process.
        if executor.process.is_none() {
            self.subscriptions.insert(stream, key);
            if let Some(older) = executor.early.replace(Box::new(subscription)) {
                self.forget_stream(older.stream);
                older.refuse(fx);
            }
            return;
        }
        self.admit(now, &key, subscription, fx);
    }

    /// Answers a subscription, and hands over what waits.
    pub(crate) fn admit(
        &mut self,
        now: Now,
        key: &ExecutorKey,
        subscription: Early,
        fx: &mut Effects,
    ) {
        let Early { request, stream, subscribe } = subscription;
        reply(request, Ok(()), fx);
        let Some(executor) = self.executors.get_mut(key) else { return };
        let was_ending = executor.is_ending();
        let was_subscribed = std::mem::replace(&mut executor.subscribed, true);
        let container = executor.container.clone();
        let older = executor.stream.replace(stream);
        if !was_subscribed {
            self.touch_executor(&container);
        }
        if let Some(older) = older {
            self.forget_stream(older);
            fx.messages.push(Message::CloseExecutor { stream: older });
        }
        self.subscriptions.insert(stream, key.clone());
        self.timers.set(Timer::Heartbeat(stream), now.at.plus(HEARTBEAT_INTERVAL));
        self.timers.cancel(&Timer::Registration(container.clone()));
        self.awaited_came(now, &container);
        self.send_subscribed(key, stream, fx);

        for update in subscribe.unacknowledged_updates {
            match check_update(key, &update.status) {
                Ok(state) => self.take_update(now, key, state, update.status, fx),
                Err(refusal) => dropped_from(key, refusal.text, fx),
            }
        }
        let known: std::collections::BTreeSet<_> =
            subscribe.unacknowledged_tasks.iter().map(|task| task.task_id.value.as_str()).collect();
        self.drop_lost_launches(now, key, &known, fx);
        // Differs from Mesos: an executor that is to end keeps its stream until it has; what it still has
        // to report is taken.
        if was_ending {
            send(stream, event::Type::Shutdown, ExecutorEvent::default(), fx);
        }
        self.shut_down_if_idle(now, key, fx);
        self.deliver(key, fx);
        self.repeat_kills(now, key, fx);
    }

    /// The executor a call comes from, if it may speak for it.
    // Mesos: texts and statuses.
    pub(crate) fn locate(&self, from: &ExecutorRef) -> Result<ExecutorKey, Refusal> {
        if !self.frameworks.contains_key(&from.framework) {
            return Err(Refusal::bad_request("Framework cannot be found"));
        }
        let key =
            ExecutorKey { framework: from.framework.clone(), executor: from.executor.clone() };
        let Some(executor) = self.executors.get(&key) else {
            return Err(Refusal::bad_request("Executor cannot be found"));
        };
        let must_show = executor.builtin || self.config.authenticate_executors;
        let allowed = match &from.token {
            Some(token) => is_same_secret(token, &executor.token),
            None => !must_show,
        };
        if !allowed {
            let is_of = |token: &String| {
                self.executors.values().any(|other| is_same_secret(token, &other.token))
            };
            // Mesos: who is known may not speak for another, and who is not may not speak.
            return Err(if from.token.as_ref().is_some_and(is_of) {
                Refusal::new(Status::Forbidden, "The executor token is that of another executor")
            } else {
                Refusal::new(Status::Unauthorized, "Executor token is missing or wrong")
            });
        }
        Ok(key)
    }

    fn send_subscribed(&self, key: &ExecutorKey, stream: StreamId, fx: &mut Effects) {
        let Some(executor) = self.executors.get(key) else { return };
        let framework = self.frameworks.get(&key.framework).and_then(|one| one.info.as_ref());
        let subscribed = event::Subscribed {
            executor_info: executor.info(),
            framework_info: framework.map(crate::state::Packed::unpack).unwrap_or_default(),
            agent_info: self.info.clone(),
            container_id: Some(executor.container.to_wire()),
        };
        let event =
            ExecutorEvent { subscribed: Some(Box::new(subscribed)), ..ExecutorEvent::default() };
        send(stream, event::Type::Subscribed, event, fx);
    }

    /// Tasks that were handed over and never arrived.
    // Mesos: STAGING tasks the executor does not list are dropped.
    fn drop_lost_launches(
        &mut self,
        now: Now,
        key: &ExecutorKey,
        known: &std::collections::BTreeSet<&str>,
        fx: &mut Effects,
    ) {
        let Some(executor) = self.executors.get(key) else { return };
        let is_lost =
            |task: &crate::state::Task| task.state == TaskState::TaskStaging && task.info.is_none();
        let lost: Vec<TaskKey> = executor
            .live
            .iter()
            .filter(|task| !known.contains(task.as_str()))
            .map(|task| TaskKey { framework: key.framework.clone(), task: task.clone() })
            .filter(|task| self.tasks.get(task).is_some_and(is_lost))
            .collect();
        for task in lost {
            if self.tasks.get(&task).is_some_and(|task| task.kill.is_some()) {
                let reason = Reason::TaskKilledDuringLaunch;
                self.agent_update(now, &task, TaskState::TaskKilled, reason, BEFORE_DELIVERY, fx);
            } else {
                let state = self.dropped_state(&task.framework);
                let message = "Task launched during agent restart";
                self.agent_update(now, &task, state, Reason::AgentRestarted, message, fx);
            }
        }
    }

    fn repeat_kills(&mut self, now: Now, key: &ExecutorKey, fx: &mut Effects) {
        let Some(executor) = self.executors.get(key) else { return };
        let tasks: Vec<_> = executor.killing.iter().map(|(_, task)| task.clone()).collect();
        for task in tasks {
            self.repeat_kill(now, &TaskKey { framework: key.framework.clone(), task }, fx);
        }
    }

    /// Hands over what waits for the executor, as far as it can be reached.
    pub(crate) fn deliver(&mut self, key: &ExecutorKey, fx: &mut Effects) {
        let Some(executor) = self.executors.get_mut(key) else { return };
        let Some(stream) = executor.stream else { return };
        if executor.is_ending() || executor.queue.is_empty() {
            return;
        }
        let queue = std::mem::take(&mut executor.queue);
        if !executor.used {
            executor.used = true;
            let container = executor.container.clone();
            self.touch_executor(&container);
        }
        for delivery in queue {
            let mut infos = Vec::with_capacity(delivery.tasks().len());
            for task in delivery.tasks() {
                let key = TaskKey { framework: key.framework.clone(), task: task.clone() };
                if let Some(info) = self.tasks.get_mut(&key).and_then(|task| task.info.take()) {
                    infos.push(*info);
                    self.touch_task(&key);
                }
            }
            let (kind, event) = match delivery {
                Delivery::Group(_) => (
                    event::Type::LaunchGroup,
                    ExecutorEvent {
                        launch_group: Some(event::LaunchGroup {
                            task_group: wire::v1::TaskGroupInfo { tasks: infos },
                        }),
                        ..ExecutorEvent::default()
                    },
                ),
                Delivery::Task(_) => {
                    let Some(task) = infos.pop() else { continue };
                    let launch = Some(Box::new(event::Launch { task }));
                    (event::Type::Launch, ExecutorEvent { launch, ..ExecutorEvent::default() })
                }
            };
            send(stream, kind, event, fx);
        }
    }

    pub(crate) fn executor_call(
        &mut self,
        now: Now,
        request: RequestId,
        from: &ExecutorRef,
        call: ExecutorCall,
        fx: &mut Effects,
    ) {
        let outcome = self.take_executor_call(now, from, call, fx);
        reply(request, outcome, fx);
    }

    fn take_executor_call(
        &mut self,
        now: Now,
        from: &ExecutorRef,
        call: ExecutorCall,
        fx: &mut Effects,
    ) -> Result<(), Refusal> {
        let key = self.locate(from)?;
        if self.executors.get(&key).is_none_or(|executor| executor.stream.is_none()) {
            return Err(Refusal::new(Status::Forbidden, "Executor is not subscribed"));
        }
        let kind = call.r#type.and_then(|kind| call::Type::try_from(kind).ok());
        match kind {
            Some(call::Type::Heartbeat) => Ok(()),
            Some(call::Type::Update) => {
                let Some(update) = call.update else {
                    return Err(Refusal::bad_request("Expecting 'update' to be present"));
                };
                let checked = check_update(&key, &update.status);
                let counter = match checked {
                    Ok(_) => &mut self.counters.valid_status_updates,
                    Err(_) => &mut self.counters.invalid_status_updates,
                };
                *counter += 1;
                self.take_update(now, &key, checked?, update.status, fx);
                Ok(())
            }
            Some(call::Type::Message) => {
                let Some(message) = call.message else {
                    return Err(Refusal::bad_request("Expecting 'message' to be present"));
                };
                let message = FrameworkMessage {
                    framework_id: Some(key.framework.to_wire()),
                    executor_id: Some(key.executor.to_wire()),
                    data: Some(message.data),
                };
                let call = Call { message: Some(message), ..Call::default() };
                self.call(wire::link::call::Type::Message, call, fx);
                Ok(())
            }
            Some(call::Type::Subscribe | call::Type::Unknown) | None => {
                Err(Refusal::new(Status::NotImplemented, "Received 'UNKNOWN' call"))
            }
        }
    }

    /// Stores an update that is new, and acknowledges it in any case: what the agent has no use for must
    /// not come again.
    fn take_update(
        &mut self,
        now: Now,
        key: &ExecutorKey,
        state: TaskState,
        mut status: TaskStatus,
        fx: &mut Effects,
    ) {
        let task_key = TaskKey { framework: key.framework.clone(), task: (&status.task_id).into() };
        let uuid = status.uuid.clone().unwrap_or_default();
        let Some(executor) = self.executors.get(key) else { return };
        if let Some(stream) = executor.stream {
            let acknowledged =
                Some(event::Acknowledged { task_id: task_key.task.to_wire(), uuid: uuid.clone() });
            let event = ExecutorEvent { acknowledged, ..ExecutorEvent::default() };
            send(stream, event::Type::Acknowledged, event, fx);
        }
        let why_not = match self.tasks.get(&task_key) {
            None => Some("the task is not known any more"),
            Some(task) if task.executor != key.executor => Some("the task is not this executor's"),
            Some(task) if task.info.is_some() => Some("the task was not handed over yet"),
            Some(task) if task.has_update(&uuid) => return,
            Some(task) if task.is_terminal() => Some("the task has ended already"),
            Some(_) => None,
        };
        if let Some(why) = why_not {
            return dropped_from(key, format!("an update of task {}: {why}", task_key.task), fx);
        }
        // Mesos: the same. Executors made with mesos-go never say when.
        status.timestamp.get_or_insert(now.wall.as_secs_f64());
        let process = executor.process;
        let container = executor.container.to_wire();
        let container_status = status.container_status.get_or_insert_with(ContainerStatus::default);
        container_status.container_id.get_or_insert(container);
        let is_nested =
            container_status.container_id.as_ref().is_some_and(|it| it.parent.is_some());
        // Mesos: a nested container is asked itself, and knows nothing before it runs and when it has ended.
        let has_network =
            !is_nested || !(state == TaskState::TaskStarting || model::task::is_terminal(state));
        if !is_nested && container_status.executor_pid.is_none() {
            container_status.executor_pid = process.map(|(pid, _)| pid);
        }
        if has_network && container_status.network_infos.is_empty() {
            container_status.network_infos.push(self.host_network());
        }
        self.store_update(now, &task_key, state, status, fx);
    }

    fn host_network(&self) -> NetworkInfo {
        let protocol = if self.config.ip.contains(':') {
            network_info::Protocol::IPv6
        } else {
            network_info::Protocol::IPv4
        };
        let address = network_info::IpAddress {
            protocol: Some(protocol.into()),
            ip_address: Some(self.config.ip.clone()),
        };
        NetworkInfo { ip_addresses: vec![address], ..NetworkInfo::default() }
    }

    pub(crate) fn heartbeat_due(&mut self, now: Now, stream: StreamId, fx: &mut Effects) {
        if self.subscriptions.contains_key(&stream) {
            send(stream, event::Type::Heartbeat, ExecutorEvent::default(), fx);
            self.timers.set(Timer::Heartbeat(stream), now.at.plus(HEARTBEAT_INTERVAL));
        }
    }

    pub(crate) fn executor_closed(&mut self, stream: StreamId, fx: &mut Effects) {
        let key = self.forget_stream(stream);
        if let Some(executor) = key.and_then(|key| self.executors.get_mut(&key)) {
            executor.stream = None;
            if let Some(early) = executor.early.take() {
                early.refuse(fx);
            }
        }
    }

    /// A stream has ended, or is about to: whose it was.
    pub(crate) fn forget_stream(&mut self, stream: StreamId) -> Option<ExecutorKey> {
        self.timers.cancel(&Timer::Heartbeat(stream));
        self.subscriptions.remove(&stream)
    }

    // Mesos: a message to an executor that is not there is dropped.
    pub(crate) fn message_to_executor(&mut self, message: FrameworkMessage, fx: &mut Effects) {
        let stream = message.framework_id.as_ref().zip(message.executor_id.as_ref()).and_then(
            |(framework, executor)| {
                let framework = FrameworkId::from(framework);
                let executor = ExecutorId::from(executor);
                self.executors.get(&ExecutorKey { framework, executor })?.stream
            },
        );
        let Some(stream) = stream else {
            self.counters.invalid_framework_messages += 1;
            return dropped(fx, "a message to an executor that is not connected".to_owned());
        };
        self.counters.valid_framework_messages += 1;
        let data = message.data.unwrap_or_default();
        let event =
            ExecutorEvent { message: Some(event::Message { data }), ..ExecutorEvent::default() };
        send(stream, event::Type::Message, event, fx);
    }

    pub(crate) fn shutdown_executor_call(
        &mut self,
        now: Now,
        asked: &ShutdownExecutor,
        fx: &mut Effects,
    ) {
        let (Some(framework), Some(executor)) = (&asked.framework_id, &asked.executor_id) else {
            return dropped(fx, "SHUTDOWN_EXECUTOR without its executor".to_owned());
        };
        let key = ExecutorKey { framework: framework.into(), executor: executor.into() };
        let Some(executor) = self.executors.get_mut(&key) else {
            return dropped(fx, format!("SHUTDOWN_EXECUTOR of unknown executor {}", key.executor));
        };
        if executor.next.take().is_some() {
            let container = executor.container.clone();
            self.touch_executor(&container);
        }
        self.shutdown_executor(now, &key, fx);
    }

    /// Asks an executor to end; when its grace is over its container is destroyed. Asked again, it can
    /// only get less time, as when a drain with a bound comes after the end of its framework.
    pub(crate) fn shutdown_executor(&mut self, now: Now, key: &ExecutorKey, fx: &mut Effects) {
        let default = self.config.executor_shutdown_grace_period;
        let bound = self.drain.as_ref().and_then(|drain| drain.config.max_grace_period);
        let Some(executor) = self.executors.get_mut(key) else { return };
        let container = executor.container.clone();
        // It has to end its tasks, or at least itself: for that the default is never too long.
        let grace = executor.shutdown_grace.unwrap_or(default);
        let grace = bound.map_or(grace, |bound| grace.min(bound.max(default)));
        if executor.is_ending() {
            if executor.destroying.is_none() {
                self.timers.set_no_later(Timer::ShutdownGrace(container), now.at.plus(grace));
            }
            return;
        }
        // Differs from Mesos: one that never had work is not waited for.
        if !executor.subscribed && !executor.used {
            return self.destroy(now, &container, fx);
        }
        executor.shutting_down = true;
        if let Some(stream) = executor.stream {
            send(stream, event::Type::Shutdown, ExecutorEvent::default(), fx);
        }
        self.timers.set(Timer::ShutdownGrace(container), now.at.plus(grace));
    }

    /// An executor with nothing to do ends if a drain is on (D4), or if it never got anything.
    pub(crate) fn shut_down_if_idle(&mut self, now: Now, key: &ExecutorKey, fx: &mut Effects) {
        let Some(executor) = self.executors.get(key) else { return };
        if executor.is_idle() && (self.drain.is_some() || !executor.used) {
            self.shutdown_executor(now, key, fx);
        }
    }
}

// Mesos: texts.
fn check_update(key: &ExecutorKey, status: &TaskStatus) -> Result<TaskState, Refusal> {
    let who = || format!("executor {} of framework {}", key.executor, key.framework);
    let Some(uuid) = &status.uuid else {
        return Err(Refusal::bad_request("Expecting 'uuid' to be present"));
    };
    if uuid.len() != 16 {
        return Err(Refusal::bad_request(format!(
            "Not a valid UUID: expecting 16 bytes, found {}",
            uuid.len()
        )));
    }
    if let Some(named) = &status.executor_id
        && named.value != key.executor.as_str()
    {
        return Err(Refusal::bad_request(format!(
            "ExecutorID in Call: {} does not match ExecutorID in TaskStatus: {}",
            key.executor, named.value
        )));
    }
    if status.source != Some(Source::Executor.into()) {
        return Err(Refusal::bad_request(format!(
            "Received Call from {} with invalid source, expecting 'SOURCE_EXECUTOR'",
            who()
        )));
    }
    // One message deeper, as the link has it, the master could not read it, and never would.
    let container = status.container_status.as_ref().and_then(|it| it.container_id.as_ref());
    let nesting = std::iter::successors(container, |id| id.parent.as_deref());
    if nesting.count() > MAX_CONTAINER_NESTING {
        return Err(Refusal::bad_request(format!(
            "Container ID is nested deeper than {MAX_CONTAINER_NESTING}"
        )));
    }
    match model::task::state_from_wire(status.state) {
        Some(TaskState::TaskStaging) => Err(Refusal::bad_request(format!(
            "Received TASK_STAGING from {} which is not allowed",
            who()
        ))),
        Some(state) => Ok(state),
        None => Err(Refusal::bad_request(format!(
            "Received unknown task state {} from {}",
            status.state,
            who()
        ))),
    }
}

impl Early {
    /// Answers that nothing comes of it.
    pub(crate) fn refuse(self, fx: &mut Effects) {
        let text = "The executor has ended or subscribed again before its launch was over";
        reply(self.request, Err(Refusal::new(Status::Unavailable, text)), fx);
    }
}

fn reply(request: RequestId, outcome: Result<(), Refusal>, fx: &mut Effects) {
    fx.messages.push(Message::Reply { request, outcome });
}

fn send(stream: StreamId, kind: event::Type, event: ExecutorEvent, fx: &mut Effects) {
    let event = ExecutorEvent { r#type: Some(kind.into()), ..event };
    fx.messages.push(Message::Executor { stream, event: Box::new(event) });
}

fn dropped_from(key: &ExecutorKey, why: String, fx: &mut Effects) {
    fx.notes.push(Note::Dropped { from: format!("executor {}", key.executor), why });
}

/// Compares in a time that does not tell how much of a guess was right.
fn is_same_secret(guess: &str, secret: &str) -> bool {
    guess.len() == secret.len()
        && guess.bytes().zip(secret.bytes()).fold(0, |differences, (a, b)| differences | (a ^ b))
            == 0
}
