//! Launches, and the life of tasks and frameworks on this agent.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::task::Reason;
use model::{ExecutorId, FrameworkId, Now, Resources, TaskId, TaskState};
use wire::link::{ReconcileTasks, RunTask, RunTaskGroup};
use wire::v1::{ExecutorInfo, FrameworkInfo, TaskInfo, executor_info};

use crate::containers::{Launch, is_path_safe};
use crate::link::dropped;
use crate::state::{
    Agent, Delivery, ExecutorKey, Framework, History, Next, Packed, PastFramework, Task, TaskKey,
    push_bounded,
};
use crate::timers::Timer;
use crate::{Effects, ExitStatus, Message, Program};

// Mesos: what a command executor gets on top of its task.
const COMMAND_EXECUTOR_CPUS: f64 = 0.1;
const COMMAND_EXECUTOR_MEM_MIB: f64 = 32.0;

// Mesos: the shutdown grace of a command executor is the kill grace of its task and this.
const SHUTDOWN_MARGIN_NANOSECONDS: i64 = 2_000_000_000;

/// Why tasks are not launched: what they are told.
struct Rejection {
    state: TaskState,
    reason: Reason,
    message: String,
}

/// Tasks to launch together, and the executor for it.
struct Order {
    framework: FrameworkId,
    executor: ExecutorInfo,
    program: Option<Program>,
    user: Option<String>,
    tasks: Vec<TaskInfo>,
    is_group: bool,
    /// The executor was made for a command task.
    is_command: bool,
}

impl Agent {
    pub(crate) fn run_task(&mut self, now: Now, run: RunTask, fx: &mut Effects) {
        let (Some(info), Some(task)) = (run.framework_info, run.task) else {
            return dropped(fx, "RUN_TASK without its task".to_owned());
        };
        let Some(framework) = info.id.as_ref().map(FrameworkId::from) else {
            return dropped(fx, "RUN_TASK without a framework id".to_owned());
        };
        let is_command = task.executor.is_none();
        let (mut executor, program) = match task.executor.as_deref() {
            Some(executor) => (executor.clone(), program_of(executor)),
            None => (
                command_executor(&framework, &task, &self.config.executor_program),
                task.command.is_some().then_some(Program::Builtin),
            ),
        };
        executor.framework_id = Some(framework.to_wire());
        let user = user_of(&task, &executor, &info);
        let order = Order {
            framework,
            executor,
            program,
            user,
            tasks: vec![task],
            is_group: false,
            is_command,
        };
        self.launch(now, &info, order, fx);
    }

    pub(crate) fn run_task_group(&mut self, now: Now, run: RunTaskGroup, fx: &mut Effects) {
        let (Some(info), Some(mut executor), Some(group)) =
            (run.framework_info, run.executor, run.task_group)
        else {
            return dropped(fx, "RUN_TASK_GROUP without its parts".to_owned());
        };
        let Some(framework) = info.id.as_ref().map(FrameworkId::from) else {
            return dropped(fx, "RUN_TASK_GROUP without a framework id".to_owned());
        };
        let Some(first) = group.tasks.first() else {
            return dropped(fx, "RUN_TASK_GROUP without tasks".to_owned());
        };
        executor.framework_id = Some(framework.to_wire());
        let order = Order {
            user: user_of(first, &executor, &info),
            program: program_of(&executor),
            framework,
            executor,
            tasks: group.tasks,
            is_group: true,
            is_command: false,
        };
        self.launch(now, &info, order, fx);
    }

    fn launch(&mut self, now: Now, info: &FrameworkInfo, order: Order, fx: &mut Effects) {
        let known = order
            .tasks
            .iter()
            .filter(|task| self.tasks.contains_key(&task_key(&order.framework, task)))
            .count();
        if known == order.tasks.len() {
            let id = &order.tasks[0].task_id.value;
            return dropped(fx, format!("a launch of task {id}, which is there already"));
        }
        if self.stopping.is_some() {
            return dropped(fx, "a launch on an agent that is about to stop".to_owned());
        }
        self.ensure_framework(&order.framework, Some(info));
        let key = ExecutorKey {
            framework: order.framework.clone(),
            executor: (&order.executor.executor_id).into(),
        };
        match self.why_not_launch(&key, &order, known > 0) {
            Some(rejection) => self.reject(now, &key, &order, &rejection, fx),
            None => self.accept(now, &key, order, fx),
        }
    }

    fn why_not_launch(
        &self,
        key: &ExecutorKey,
        order: &Order,
        is_partly_known: bool,
    ) -> Option<Rejection> {
        let dropped = self.dropped_state(&order.framework);
        let error = |message: &str| {
            let reason =
                if order.is_group { Reason::TaskGroupInvalid } else { Reason::TaskInvalid };
            Some(Rejection { state: TaskState::TaskError, reason, message: message.to_owned() })
        };
        if self.drain.is_some() {
            return Some(Rejection {
                state: dropped,
                reason: Reason::AgentDraining,
                // Mesos: text.
                message: "Task was received while agent was already draining".to_owned(),
            });
        }
        if is_partly_known {
            return error("Another task of the group is on the agent already");
        }
        let mut seen = BTreeSet::new();
        if !order.tasks.iter().all(|task| seen.insert(&task.task_id.value)) {
            return error("Two tasks of the group have the same id");
        }
        let ids = order.tasks.iter().map(|task| task.task_id.value.as_str());
        if !ids.chain([key.executor.as_str(), key.framework.as_str()]).all(is_path_safe) {
            return error("An id can't be part of a path");
        }
        if order.program.is_none() {
            return error("There is neither a command nor an executor with a command");
        }
        if let Err(wrong) = demand(order) {
            return error(&format!("Invalid resources: {wrong}"));
        }
        // Differs from Mesos: what comes for one of ours that is leaving waits for its next run.
        let executor = self.executors.get(key).filter(|executor| !executor.is_leaving())?;
        // Mesos: texts; nothing is given to an executor on its way out, nor to one of another kind.
        let (reason, message) = if order.is_command && !executor.command {
            let message = "Cannot reuse an already existing executor for a command task";
            (Reason::TaskInvalid, message)
        } else if !order.is_command && executor.command {
            let message = "Master wants to launch executor, but one already exists";
            (Reason::ExecutorTerminated, message)
        } else if executor.is_ending() {
            (Reason::ExecutorTerminated, "Executor terminating")
        } else {
            return None;
        };
        Some(Rejection { state: dropped, reason, message: message.to_owned() })
    }

    fn reject(
        &mut self,
        now: Now,
        key: &ExecutorKey,
        order: &Order,
        rejection: &Rejection,
        fx: &mut Effects,
    ) {
        let is_known = self.executors.get(key).is_some_and(|executor| !executor.command);
        let is_new = !order.is_command && !is_known;
        for info in &order.tasks {
            let task_key = task_key(&order.framework, info);
            if self.tasks.contains_key(&task_key) {
                continue;
            }
            self.insert_task(task_key.clone(), make_task(key, info, order.is_command));
            let Rejection { state, reason, message } = rejection;
            self.agent_update(now, &task_key, *state, *reason, message, fx);
        }
        if is_new {
            // Mesos: the master counts on an executor that never was.
            self.report_exit(key, ExitStatus::Exited(0), fx);
        }
    }

    fn accept(&mut self, now: Now, key: &ExecutorKey, order: Order, fx: &mut Effects) {
        let resources = demand(&order).unwrap_or_default();
        let Order { framework, executor, program, user, tasks, is_group, is_command } = order;
        match (self.executors.get(key), program) {
            (Some(leaving), Some(program)) if leaving.is_leaving() => {
                let info = Packed::new(&executor);
                let next = Next { info, builtin: program == Program::Builtin, user };
                self.launch_after(now, key, next, fx);
            }
            (Some(running), _) => {
                let volumes = resources.volumes();
                if !volumes.is_empty() {
                    let (directory, user) = (running.directory.clone(), running.user.clone());
                    fx.messages.push(Message::LinkVolumes { directory, user, volumes });
                }
            }
            (None, Some(program)) => {
                let launch = Launch { info: executor, program, user, resources };
                self.launch_executor(now, key, launch, fx);
            }
            (None, None) => {}
        }
        let group: Option<Arc<str>> = is_group.then(|| self.generator.uuid().into());
        let mut ids = Vec::with_capacity(tasks.len());
        for info in tasks {
            let task_key = task_key(&framework, &info);
            let mut task = make_task(key, &info, is_command);
            task.group.clone_from(&group);
            task.info = Some(Box::new(info));
            if let Some(executor) = self.executors.get_mut(key) {
                executor.add(task_key.task.clone(), group.as_ref());
            }
            ids.push(task_key.task.clone());
            self.insert_task(task_key, task);
        }
        if let Some(executor) = self.executors.get_mut(key) {
            executor.queue.push_back(match (is_group, ids.pop()) {
                (false, Some(id)) => Delivery::Task(id),
                (_, last) => {
                    ids.extend(last);
                    Delivery::Group(ids)
                }
            });
        }
        self.rearm_escalation(key);
        self.deliver(key, fx);
    }

    /// Takes a task into all indexes.
    pub(crate) fn insert_task(&mut self, key: TaskKey, task: Task) {
        if let Some(framework) = self.frameworks.get_mut(&key.framework) {
            framework.tasks += 1;
        }
        if !task.pending.is_empty() {
            self.streams.insert(key.clone());
        }
        self.touch_task(&key);
        self.tasks.insert(key, task);
    }

    /// A terminal update is stored: the task holds on to nothing but its updates.
    pub(crate) fn task_ended(&mut self, now: Now, key: &TaskKey, fx: &mut Effects) {
        let Some(task) = self.tasks.get_mut(key) else { return };
        let was_queued = task.info.take().is_some();
        let kill = task.kill.take();
        let executor_key =
            ExecutorKey { framework: key.framework.clone(), executor: task.executor.clone() };
        self.timers.cancel(&Timer::RepeatKill(key.clone()));
        if let Some(kill) = &kill {
            self.deadlines.remove(&(kill.due, key.clone()));
        }
        let Some(executor) = self.executors.get_mut(&executor_key) else { return };
        if !executor.live.remove(&key.task) {
            return;
        }
        if let Some(kill) = kill {
            executor.killing.remove(&(kill.due, key.task.clone()));
        }
        if was_queued {
            executor.queue.retain(|delivery| !delivery.tasks().contains(&key.task));
        }
        self.rearm_escalation(&executor_key);
        self.shut_down_if_idle(now, &executor_key, fx);
    }

    /// Its last update is acknowledged: the task is history.
    pub(crate) fn complete_task(&mut self, key: &TaskKey) {
        let Some(task) = self.tasks.remove(key) else { return };
        self.streams.remove(key);
        self.timers.cancel(&Timer::RetryUpdate(key.clone()));
        self.touch_task(key);
        if let Some(framework) = self.frameworks.get_mut(&key.framework) {
            framework.tasks -= 1;
            // One that was cut off with its framework has no end to show.
            if task.is_terminal() {
                framework.history.add_task(Packed::new(&task.to_wire()), &self.config);
            }
        }
        self.remove_framework_if_idle(&key.framework);
    }

    /// The framework is over: its executors end and nobody is told about its tasks any more.
    pub(crate) fn shutdown_framework(&mut self, now: Now, id: &FrameworkId, fx: &mut Effects) {
        let executors: Vec<ExecutorKey> = self.executors_of(id).cloned().collect();
        let tasks: Vec<TaskKey> = self.tasks_of(id).map(|(key, _)| key.clone()).collect();
        for key in &executors {
            let Some(executor) = self.executors.get(key) else { continue };
            let (container, escalation) =
                (executor.container.clone(), self.escalation_at(executor));
            if let Some(executor) = self.executors.get_mut(key) {
                executor.queue.clear();
                executor.live.clear();
                executor.killing.clear();
            }
            self.rearm_escalation(key);
            self.shutdown_executor(now, key, fx);
            // The end of its framework gives it no more time than it had for its kills.
            if let Some(at) = escalation {
                self.timers.hasten(&Timer::ShutdownGrace(container), at);
            }
        }
        for key in tasks {
            if let Some(kill) = self.tasks.get(&key).and_then(|task| task.kill.as_ref()) {
                self.deadlines.remove(&(kill.due, key.clone()));
                self.timers.cancel(&Timer::RepeatKill(key.clone()));
            }
            self.complete_task(&key);
        }
    }

    pub(crate) fn executors_of(&self, id: &FrameworkId) -> impl Iterator<Item = &ExecutorKey> {
        let first = ExecutorKey { framework: id.clone(), executor: ExecutorId::new("") };
        let id = id.clone();
        self.executors.range(first..).map(|(key, _)| key).take_while(move |key| key.framework == id)
    }

    pub(crate) fn tasks_of(&self, id: &FrameworkId) -> impl Iterator<Item = (&TaskKey, &Task)> {
        let first = TaskKey { framework: id.clone(), task: TaskId::new("") };
        let id = id.clone();
        self.tasks.range(first..).take_while(move |(key, _)| key.framework == id)
    }

    /// What the master has and the agent does not.
    // Mesos: the agent answers for tasks it does not know, reliably.
    pub(crate) fn reconcile(&mut self, now: Now, asked: &ReconcileTasks, fx: &mut Effects) {
        for one in &asked.tasks {
            let (Some(framework), Some(task)) = (&one.framework_id, &one.task_id) else { continue };
            let key = TaskKey { framework: framework.into(), task: task.into() };
            if self.tasks.contains_key(&key) {
                continue;
            }
            self.ensure_framework(&key.framework, None);
            let task = wire::v1::Task {
                name: String::new(),
                task_id: key.task.to_wire(),
                framework_id: key.framework.to_wire(),
                agent_id: self.info.id.clone().unwrap_or_default(),
                ..wire::v1::Task::default()
            };
            let executor = ExecutorId::new(key.task.as_str());
            self.insert_task(key.clone(), Task::new(&task, executor));
            let state = self.dropped_state(&key.framework);
            let message = "Reconciliation: task unknown to the agent";
            self.agent_update(now, &key, state, Reason::Reconciliation, message, fx);
        }
    }

    /// What a task that was never launched is called to its framework.
    pub(crate) fn dropped_state(&self, framework: &FrameworkId) -> TaskState {
        if self.is_partition_aware(framework) {
            TaskState::TaskDropped
        } else {
            model::task::for_partition_unaware(TaskState::TaskDropped)
        }
    }

    pub(crate) fn is_partition_aware(&self, framework: &FrameworkId) -> bool {
        self.frameworks.get(framework).is_some_and(|framework| framework.partition_aware)
    }

    /// The framework has changed or is back: what it has not acknowledged is sent again at once.
    pub(crate) fn update_framework(&mut self, now: Now, info: &FrameworkInfo, fx: &mut Effects) {
        let Some(id) = info.id.as_ref().map(FrameworkId::from) else { return };
        if self.frameworks.contains_key(&id) {
            self.ensure_framework(&id, Some(info));
            self.resend_updates_of(now, &id, fx);
        }
    }

    pub(crate) fn ensure_framework(&mut self, id: &FrameworkId, info: Option<&FrameworkInfo>) {
        if let Some(framework) = self.frameworks.get_mut(id) {
            let Some(info) = info else { return };
            if framework.info.as_ref().is_none_or(|old| old.unpack() != *info) {
                framework.set_info(info);
                self.touch_framework(id);
            }
            return;
        }
        // One that comes back brings its history along.
        let past = self.past_frameworks.iter().position(|past| past.id == *id);
        let past = past.and_then(|at| self.past_frameworks.remove(at));
        let old_info = past.as_ref().map(|past| past.info.unpack());
        let history = past.map_or_else(History::default, |past| past.history);
        let framework = Framework::new(info.or(old_info.as_ref()), history);
        self.frameworks.insert(id.clone(), framework);
        self.touch_framework(id);
    }

    /// For a start from records of which not all could be used.
    pub(crate) fn remove_idle_frameworks(&mut self) {
        let ids: Vec<FrameworkId> = self.frameworks.keys().cloned().collect();
        for id in &ids {
            self.remove_framework_if_idle(id);
        }
    }

    pub(crate) fn remove_framework_if_idle(&mut self, id: &FrameworkId) {
        if !self.frameworks.get(id).is_some_and(Framework::is_idle) {
            return;
        }
        let Some(framework) = self.frameworks.remove(id) else { return };
        self.touch_framework(id);
        if let Some(info) = framework.info {
            let past = PastFramework { id: id.clone(), info, history: framework.history };
            push_bounded(&mut self.past_frameworks, past, self.config.max_completed_frameworks);
        }
    }
}

fn make_task(key: &ExecutorKey, info: &TaskInfo, is_command: bool) -> Task {
    let user = info.command.as_ref().and_then(|command| command.user.clone());
    let executor_user = || info.executor.as_ref()?.command.as_ref()?.user.clone();
    let task = wire::v1::Task {
        name: info.name.clone(),
        task_id: info.task_id.clone(),
        framework_id: key.framework.to_wire(),
        // Mesos: a command task names no executor.
        executor_id: (!is_command).then(|| key.executor.to_wire()),
        agent_id: info.agent_id.clone(),
        state: TaskState::TaskStaging.into(),
        resources: info.resources.clone(),
        statuses: Vec::new(),
        status_update_state: None,
        status_update_uuid: None,
        labels: info.labels.clone(),
        discovery: info.discovery.clone(),
        container: info.container.clone(),
        health_check: info.health_check.clone(),
        kill_policy: info.kill_policy,
        user: user.or_else(executor_user),
        limits: info.limits.clone(),
    };
    Task::new(&task, key.executor.clone())
}

fn task_key(framework: &FrameworkId, task: &TaskInfo) -> TaskKey {
    TaskKey { framework: framework.clone(), task: (&task.task_id).into() }
}

pub(crate) fn program_of(executor: &ExecutorInfo) -> Option<Program> {
    if executor.r#type == Some(executor_info::Type::Default.into()) {
        return Some(Program::Builtin);
    }
    executor.command.clone().map(|command| Program::Custom(Box::new(command)))
}

// Mesos: the task's user, else the executor's, else the framework's.
fn user_of(task: &TaskInfo, executor: &ExecutorInfo, framework: &FrameworkInfo) -> Option<String> {
    let of_task = task.command.as_ref().and_then(|command| command.user.clone());
    let of_executor = executor.command.as_ref().and_then(|command| command.user.clone());
    let of_framework = Some(framework.user.clone()).filter(|user| !user.is_empty());
    of_task.or(of_executor).or(of_framework)
}

/// What the container needs for the executor and these tasks.
fn demand(order: &Order) -> Result<Resources, model::resources::ResourceError> {
    let mut all = Resources::from_wire(&order.executor.resources)?;
    for task in &order.tasks {
        all.add(&Resources::from_wire(&task.resources)?);
    }
    Ok(all)
}

// Mesos: name, source, resources and shutdown grace of a generated executor.
fn command_executor(framework: &FrameworkId, task: &TaskInfo, program: &str) -> ExecutorInfo {
    let allocation = task.resources.first().and_then(|resource| resource.allocation_info.clone());
    let scalar = |name: &str, value: f64| wire::v1::Resource {
        name: name.to_owned(),
        r#type: wire::v1::value::Type::Scalar.into(),
        scalar: Some(wire::v1::value::Scalar { value }),
        allocation_info: allocation.clone(),
        ..wire::v1::Resource::default()
    };
    let grace = task.kill_policy.as_ref().and_then(|policy| policy.grace_period);
    ExecutorInfo {
        executor_id: wire::v1::ExecutorId { value: task.task_id.value.clone() },
        framework_id: Some(framework.to_wire()),
        command: Some(wire::v1::CommandInfo {
            shell: Some(false),
            value: Some(program.to_owned()),
            arguments: vec!["ebb".to_owned(), "executor".to_owned()],
            ..wire::v1::CommandInfo::default()
        }),
        container: task.container.clone(),
        resources: vec![
            scalar("cpus", COMMAND_EXECUTOR_CPUS),
            scalar("mem", COMMAND_EXECUTOR_MEM_MIB),
        ],
        name: Some(format!(
            "Command Executor (Task: {}) ({})",
            task.task_id.value,
            describe_command(task.command.as_ref())
        )),
        source: Some(task.task_id.value.clone()),
        shutdown_grace_period: grace.map(|grace| wire::v1::DurationInfo {
            nanoseconds: grace.nanoseconds.max(0).saturating_add(SHUTDOWN_MARGIN_NANOSECONDS),
        }),
        labels: task.labels.clone(),
        ..ExecutorInfo::default()
    }
}

// Mesos: text of a command in the executor's name.
fn describe_command(command: Option<&wire::v1::CommandInfo>) -> String {
    let Some(command) = command else { return "No command".to_owned() };
    let value = command.value.as_deref().unwrap_or_default();
    if command.shell.unwrap_or(true) {
        return format!("Command: sh -c '{value}'");
    }
    format!("Command: [{value}, {}]", command.arguments.join(", "))
}
