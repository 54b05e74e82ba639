//! The executor itself: the one way in, launching, and when to exit.

use std::collections::{BTreeMap, BTreeSet};

use model::task::Reason;
use model::{Moment, Now, TaskId, TaskState};
use wire::executor::event;

use super::checks::{self, Check};
use super::generator::Generator;
use super::kills::{Shutdown, duration, grace_of};
use super::status::{Unacknowledged, Update};
use super::subscription::{Link, Subscription};
use super::task::{Phase, Task};
use super::{Config, Event, Message};

/// Tasks one executor takes; further ones are refused with `TASK_FAILED`.
const MAX_TASKS: usize = 10_000;

/// The state machine behind `ebb executor`.
///
/// It wants to subscribe as soon as it exists: [`Executor::next_wake`] names the moment it was made.
#[derive(Clone, Debug)]
pub struct Executor {
    pub(super) config: Config,
    pub(super) generator: Generator,
    pub(super) link: Link,
    pub(super) tasks: BTreeMap<TaskId, Task>,
    /// Oldest first.
    pub(super) unacknowledged: Vec<Unacknowledged>,
    /// Tasks a KILL named before they were here.
    pub(super) early_kills: BTreeSet<TaskId>,
    /// The framework has `TASK_KILLING_STATE`.
    pub(super) reports_killing: bool,
    /// This executor's container, from SUBSCRIBED.
    pub(super) container: Option<wire::v1::ContainerId>,
    pub(super) shutdown: Option<Shutdown>,
    /// When the latest task ended.
    pub(super) ended_at: Moment,
    groups: u32,
    exited: bool,
}

impl Executor {
    pub fn new(config: Config, now: Now) -> Self {
        Self {
            generator: Generator::new(config.seed),
            config,
            link: Link::new(now.at),
            tasks: BTreeMap::new(),
            unacknowledged: Vec::new(),
            early_kills: BTreeSet::new(),
            reports_killing: false,
            container: None,
            shutdown: None,
            ended_at: now.at,
            groups: 0,
            exited: false,
        }
    }

    /// The only way in. Same state, same `now`, same event: same messages. After
    /// [`Message::Exit`] nothing more comes out.
    #[must_use = "messages that are not carried out are lost"]
    pub fn apply(&mut self, now: Now, event: Event) -> Vec<Message> {
        let mut out = Vec::new();
        if self.exited {
            return out;
        }
        self.note_standstill(now);
        match event {
            Event::Agent(event) => self.agent_sent(now, *event, &mut out),
            Event::StreamClosed { .. } | Event::CallFailed { .. } => self.disconnected(now),
            Event::TaskStarted { task, pid } => self.task_started(now, &task, pid, &mut out),
            Event::TaskStartFailed { task, error } => {
                self.task_start_failed(now, &task, error, &mut out);
            }
            Event::TaskExited { task, wait_status } => {
                self.task_exited(now, &task, wait_status, &mut out);
            }
            Event::TreeEmpty { task } => self.tree_empty(now, &task, &mut out),
            Event::CheckFinished { task, check, run, outcome } => {
                self.check_finished(now, &task, check, run, outcome, &mut out);
            }
            Event::Woke => {}
        }
        self.tend_tasks(now, &mut out);
        self.tend_checks(now, &mut out);
        self.tend_subscription(now, &mut out);
        self.send_updates(&mut out);
        if let Some(code) = self.exit_code(now) {
            self.exited = true;
            out.push(Message::Exit { code });
        }
        self.check();
        out
    }

    /// When the shell has to call back with [`Event::Woke`] at the latest.
    pub fn next_wake(&self) -> Option<Moment> {
        if self.exited {
            return None;
        }
        let given_up = self
            .link
            .given_up_at(self.config.recovery_timeout)
            .filter(|_| !self.is_shutting_down());
        self.tasks
            .values()
            .filter_map(Task::next_wake)
            .chain([self.link.next_wake()])
            .chain(given_up)
            .chain(self.checks_wake())
            .chain(self.last_ack_at())
            .min()
    }

    fn agent_sent(&mut self, now: Now, event: wire::executor::Event, out: &mut Vec<Message>) {
        use event::Type;
        let kind = event.r#type.and_then(|kind| Type::try_from(kind).ok());
        match kind.unwrap_or(Type::Unknown) {
            Type::Subscribed => {
                // Not asked for, or given up on meanwhile: the next attempt brings everything over.
                let is_opening = matches!(self.link.subscription, Subscription::Opening { .. });
                if let Some(subscribed) = event.subscribed.filter(|_| is_opening) {
                    self.subscribed(now, *subscribed);
                }
            }
            Type::Launch => {
                if let Some(launch) = event.launch {
                    self.launch_all(now, vec![launch.task], None, out);
                }
            }
            Type::LaunchGroup => {
                if let Some(launch) = event.launch_group {
                    self.groups = self.groups.saturating_add(1);
                    self.launch_all(now, launch.task_group.tasks, Some(self.groups), out);
                }
            }
            Type::Kill => {
                if let Some(kill) = event.kill {
                    self.kill(now, &kill, out);
                }
            }
            Type::Acknowledged => {
                if let Some(acknowledged) = event.acknowledged {
                    self.acknowledged(&acknowledged);
                }
            }
            Type::Shutdown => self.shutdown(now, Shutdown::Asked, out),
            // Mesos: the built-in executors take no messages, and after an error the agent closes
            // the stream by itself.
            Type::Message | Type::Error | Type::Heartbeat | Type::Unknown => {}
        }
    }

    fn launch_all(
        &mut self,
        now: Now,
        mut tasks: Vec<wire::v1::TaskInfo>,
        group: Option<u32>,
        out: &mut Vec<Message>,
    ) {
        for info in &tasks {
            self.forget_if_over(&TaskId::from(&info.task_id));
        }
        // A task handed over twice is the same task: the agent may not know that it got through.
        tasks.retain(|info| !self.tasks.contains_key(&TaskId::from(&info.task_id)));
        let mut killed = self.is_shutting_down();
        for info in &tasks {
            // One killed member takes its group along before anything of it starts.
            killed |= self.early_kills.remove(&TaskId::from(&info.task_id));
        }
        for info in tasks {
            self.launch(now, info, group, killed, out);
        }
    }

    /// Once the end of a task is acknowledged, what is called the same is another task.
    fn forget_if_over(&mut self, id: &TaskId) {
        let is_of_it = |update: &Unacknowledged| update.status.task_id.value == id.as_str();
        let is_over = self.tasks.get(id).is_some_and(Task::is_ended)
            && !self.unacknowledged.iter().any(is_of_it);
        if is_over {
            self.tasks.remove(id);
        }
    }

    fn launch(
        &mut self,
        now: Now,
        info: wire::v1::TaskInfo,
        group: Option<u32>,
        killed: bool,
        out: &mut Vec<Message>,
    ) {
        let id = TaskId::from(&info.task_id);
        if self.tasks.contains_key(&id) {
            return;
        }
        let container = group.map(|_| wire::v1::ContainerId {
            value: self.generator.uuid().to_string(),
            parent: None,
        });
        let task = Task {
            id: id.clone(),
            group,
            agent_id: info.agent_id.clone(),
            grace: grace_of(info.kill_policy.as_ref()).unwrap_or(self.config.default_kill_grace),
            container,
            pid: None,
            phase: Phase::Starting,
            // Mesos: zero is none.
            completion_time: info.max_completion_time.map(duration).filter(|time| !time.is_zero()),
            completion_at: None,
            kill: None,
            kill_again_at: None,
            tree_empty: false,
            checks: Check::all_of(&info),
            check_status: info.check.as_deref().and_then(checks::unknown),
            healthy: None,
            info: Some(Box::new(info.clone())),
        };
        let container = task.container.clone();
        let has_room = self.tasks.len() < MAX_TASKS;
        if has_room && !killed {
            self.update(now, &task, Update::bare(TaskState::TaskStarting));
        }
        self.tasks.insert(id.clone(), task);
        if killed {
            let message = Some("Killed before the command was started".to_owned());
            let reason = Some(Reason::TaskKilledDuringLaunch);
            let update = Update { message, reason, ..Update::bare(TaskState::TaskKilled) };
            self.end(now, &id, update, out);
        } else if has_room {
            out.push(Message::Start { task: Box::new(info), container });
        } else {
            let message = Some("The executor has too many tasks".to_owned());
            let update = Update { message, ..Update::bare(TaskState::TaskFailed) };
            self.end(now, &id, update, out);
        }
    }

    fn task_started(&mut self, now: Now, id: &TaskId, pid: u32, out: &mut Vec<Message>) {
        let Some(mut task) = self.tasks.remove(id) else { return };
        if task.phase == Phase::Starting {
            task.phase = Phase::Running;
            task.pid = Some(pid);
            match task.kill {
                // Differs from Mesos: a kill that came while the task was starting takes effect
                // now; Mesos' default executor forgets it (D20).
                Some(kill) if kill.deadline > now.at => {
                    out.push(Message::Terminate { task: id.clone() });
                }
                Some(_) => {}
                None => {
                    task.completion_at = task.completion_time.map(|time| now.at.plus(time));
                    Self::begin_checks(now, &mut task);
                    self.update(now, &task, Update::bare(TaskState::TaskRunning));
                }
            }
        }
        self.tasks.insert(task.id.clone(), task);
    }

    fn task_start_failed(&mut self, now: Now, id: &TaskId, error: String, out: &mut Vec<Message>) {
        let Some(task) = self.tasks.get(id).filter(|task| task.phase == Phase::Starting) else {
            return;
        };
        let (state, reason) = match task.kill {
            Some(_) => (TaskState::TaskKilled, Reason::TaskKilledDuringLaunch),
            None => (TaskState::TaskFailed, Reason::ContainerLaunchFailed),
        };
        let update = Update { message: Some(error), reason: Some(reason), ..Update::bare(state) };
        self.end(now, id, update, out);
    }

    fn acknowledged(&mut self, acknowledged: &event::Acknowledged) {
        self.unacknowledged
            .retain(|update| update.status.uuid.as_ref() != Some(&acknowledged.uuid));
        // Mesos: a task counts as received by the agent from its first acknowledgement on.
        if let Some(task) = self.tasks.get_mut(&TaskId::from(&acknowledged.task_id)) {
            task.info = None;
        }
    }

    pub(super) fn is_shutting_down(&self) -> bool {
        self.shutdown.is_some()
    }

    /// Nothing runs, and nothing will: tasks there were have ended, or a shutdown began.
    fn is_over(&self) -> bool {
        (self.is_shutting_down() || !self.tasks.is_empty())
            && self.tasks.values().all(Task::is_ended)
    }

    // Differs from Mesos: the wait for the last acknowledgement runs only while an agent is there,
    // so that one that restarts late still gets the update; the recovery timeout bounds the rest.
    fn last_ack_at(&self) -> Option<Moment> {
        match self.link.subscription {
            Subscription::Subscribed { since, .. } if self.is_over() => {
                Some(since.max(self.ended_at).plus(self.config.final_ack_timeout))
            }
            Subscription::Subscribed { .. }
            | Subscription::Waiting { .. }
            | Subscription::Opening { .. } => None,
        }
    }

    fn exit_code(&self, now: Now) -> Option<i32> {
        if !self.is_over() {
            return None;
        }
        if self.unacknowledged.is_empty() {
            return Some(0);
        }
        let nobody_listens =
            self.shutdown == Some(Shutdown::AgentLost) && !self.link.is_subscribed();
        let waited = self.last_ack_at().is_some_and(|at| at <= now.at);
        (nobody_listens || waited).then_some(1)
    }

    /// Cheap invariants, on in release too.
    fn check(&self) {
        for task in self.tasks.values() {
            assert!(
                !task.is_ended() || task.next_wake().is_none(),
                "an ended task waits for nothing"
            );
        }
    }
}
