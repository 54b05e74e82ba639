//! Containers: what is launched for an executor, how it ends, and that it really does.
//!
//! ```text
//! launching ─▶ running ─▶ ended
//!     │           └─ destroyed, and again after 1 s … 30 s, until no process is left ─▶ ended
//!     └─ failed
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use model::task::Reason;
use model::{ContainerId, Now, Resources, TaskState};
use wire::link::{Call, ExitedExecutor, call};

use crate::event::ExitStatus;
use crate::state::{Agent, Ending, Executor, ExecutorKey, PastExecutor, TaskKey};
use crate::succession::Successor;
use crate::timers::Timer;
use crate::{Effects, LaunchSpec, Message, Note, Program};

/// A destroy that neither succeeded nor failed for this long is asked for again.
const DESTROY_PATIENCE: Duration = Duration::from_secs(30);
const DESTROY_BACKOFF_MIN: Duration = Duration::from_secs(1);
const DESTROY_BACKOFF_MAX: Duration = Duration::from_secs(30);

/// Whether a word may be part of a path of ours.
pub(crate) fn is_path_safe(id: &str) -> bool {
    model::validate::id::check(id).is_ok()
}

impl Agent {
    /// Makes the container of a new executor and has it started.
    pub(crate) fn launch_executor(
        &mut self,
        now: Now,
        key: &ExecutorKey,
        launch: Launch,
        fx: &mut Effects,
    ) {
        let container = ContainerId::new(self.generator.uuid());
        let agent = self.info.id.as_ref().map_or("unregistered", |id| id.value.as_str());
        // Mesos: layout below the work directory.
        let directory = format!(
            "slaves/{agent}/frameworks/{}/executors/{}/runs/{container}",
            key.framework, key.executor
        );
        let executor = Executor::new(
            container.clone(),
            &launch.info,
            launch.program == Program::Builtin,
            self.generator.token(),
            directory.clone(),
            launch.user.filter(|_| self.config.switch_user),
        );
        let spec = LaunchSpec {
            container: container.clone(),
            framework: key.framework.clone(),
            executor: key.executor.clone(),
            program: launch.program,
            user: executor.user.clone(),
            environment: self.environment(key, &executor),
            container_info: launch.info.container.clone(),
            directory,
            volumes: launch.resources.volumes(),
            resources: launch.resources,
        };
        fx.messages.push(Message::Launch(Box::new(spec)));
        self.insert_executor(key.clone(), executor);
        self.touch_executor(&container);
        let timeout = now.at.plus(self.config.executor_registration_timeout);
        self.timers.set(Timer::Registration(container), timeout);
    }

    /// Takes an executor into all indexes.
    pub(crate) fn insert_executor(&mut self, key: ExecutorKey, executor: Executor) {
        if let Some(framework) = self.frameworks.get_mut(&key.framework) {
            framework.executors += 1;
        }
        self.containers.insert(executor.container.clone(), key.clone());
        self.executors.insert(key, executor);
    }

    // Mesos: the variables of the executor API.
    // Differs from Mesos: every framework is treated as one that checkpoints.
    fn environment(&self, key: &ExecutorKey, executor: &Executor) -> BTreeMap<String, String> {
        let sandbox =
            format!("{}/{}", self.config.work_dir.trim_end_matches('/'), executor.directory);
        let agent = self.info.id.as_ref().map(|id| id.value.clone()).unwrap_or_default();
        let grace = executor.shutdown_grace.unwrap_or(self.config.executor_shutdown_grace_period);
        let duration = model::duration::format_mesos;
        [
            ("LIBPROCESS_PORT", "0".to_owned()),
            ("MESOS_AGENT_ENDPOINT", self.config.endpoint.clone()),
            ("MESOS_CHECKPOINT", "1".to_owned()),
            ("MESOS_DIRECTORY", sandbox.clone()),
            ("MESOS_EXECUTOR_AUTHENTICATION_TOKEN", executor.token.clone()),
            ("MESOS_EXECUTOR_ID", key.executor.to_string()),
            ("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD", duration(grace)),
            ("MESOS_FRAMEWORK_ID", key.framework.to_string()),
            ("MESOS_HTTP_COMMAND_EXECUTOR", "1".to_owned()),
            ("MESOS_RECOVERY_TIMEOUT", duration(self.config.recovery_timeout)),
            ("MESOS_SANDBOX", sandbox),
            ("MESOS_SLAVE_ID", agent),
            ("MESOS_SLAVE_PID", format!("slave(1)@{}", self.config.endpoint)),
            ("MESOS_SUBSCRIPTION_BACKOFF_MAX", duration(self.config.subscription_backoff_max)),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    pub(crate) fn container_launched(
        &mut self,
        now: Now,
        container: &ContainerId,
        pid: u32,
        pid_started: u64,
        fx: &mut Effects,
    ) {
        let Some(executor) = self.executor_of(container) else {
            // It belongs to nobody any more.
            fx.messages.push(Message::Destroy { container: container.clone() });
            return;
        };
        executor.process = Some((pid, pid_started));
        let destroy_again = executor.destroying.is_some();
        let early = executor.early.take();
        self.touch_executor(container);
        if let Some((early, key)) = early.zip(self.containers.get(container).cloned()) {
            self.admit(now, &key, *early, fx);
        }
        if destroy_again {
            self.destroy(now, container, fx);
        }
    }

    fn executor_of(&mut self, container: &ContainerId) -> Option<&mut Executor> {
        let key = self.containers.get(container)?;
        self.executors.get_mut(key)
    }

    pub(crate) fn container_launch_failed(
        &mut self,
        now: Now,
        container: &ContainerId,
        error: &str,
        fx: &mut Effects,
    ) {
        self.counters.container_launch_errors += 1;
        let Some(executor) = self.executor_of(container) else { return };
        executor.ending = Some(Ending {
            reason: Reason::ContainerLaunchFailed,
            message: format!("Failed to launch container: {error}"),
        });
        self.remove_executor(now, container, ExitStatus::Unknown, fx);
    }

    pub(crate) fn container_exited(
        &mut self,
        now: Now,
        container: &ContainerId,
        status: ExitStatus,
        fx: &mut Effects,
    ) {
        let Some(executor) = self.executor_of(container) else { return };
        let ended = describe_exit(status);
        if let Some(ending) = &mut executor.ending {
            ending.message.push_str("; ");
            ending.message.push_str(&ended);
        } else {
            let reason = Reason::ExecutorTerminated;
            executor.ending = Some(Ending { reason, message: ended });
        }
        self.remove_executor(now, container, status, fx);
    }

    /// The container is gone: what was not reported about its tasks is, and the executor is history.
    fn remove_executor(
        &mut self,
        now: Now,
        container: &ContainerId,
        status: ExitStatus,
        fx: &mut Effects,
    ) {
        let Some(key) = self.containers.get(container).cloned() else { return };
        let Some(executor) = self.executors.get_mut(&key) else { return };
        // No handing over, and nobody to be shut down once its tasks have ended.
        executor.destroying = Some(0);
        let successor = self.take_successor(now, &key, fx);
        let Some(executor) = self.executors.get_mut(&key) else { return };
        executor.queue.clear();
        let live = executor.live.clone();
        let ending = executor.ending.clone();
        for task in live {
            let task_key = TaskKey { framework: key.framework.clone(), task };
            if let Some(ending) = &ending {
                self.end_with_executor(now, &task_key, ending, fx);
            }
        }
        let Some(mut executor) = self.executors.remove(&key) else { return };
        self.containers.remove(container);
        self.counters.executors_terminated += 1;
        if let Some(stream) = executor.stream {
            self.forget_stream(stream);
            fx.messages.push(Message::CloseExecutor { stream });
        }
        if let Some(early) = executor.early.take() {
            self.forget_stream(early.stream);
            early.refuse(fx);
        }
        for timer in [
            Timer::Escalate(container.clone()),
            Timer::Registration(container.clone()),
            Timer::ShutdownGrace(container.clone()),
            Timer::RepeatDestroy(container.clone()),
        ] {
            self.timers.cancel(&timer);
        }
        // Mesos: command executors are no executors to their framework.
        if !executor.command && !successor.as_ref().is_some_and(Successor::is_the_same) {
            self.report_exit(&key, status, fx);
        }
        self.touch_executor(container);
        if let Some(framework) = self.frameworks.get_mut(&key.framework) {
            framework.executors -= 1;
            let past = PastExecutor {
                id: key.executor.clone(),
                directory: executor.directory.clone(),
                info: executor.packed_info(),
            };
            framework.history.add_executor(past, &self.config);
        }
        if let Some(successor) = successor {
            self.launch_successor(now, &key, successor, fx);
        }
        self.remove_framework_if_idle(&key.framework);
        self.awaited_came(now, container);
    }

    pub(crate) fn report_exit(&self, key: &ExecutorKey, status: ExitStatus, fx: &mut Effects) {
        let exited = ExitedExecutor {
            framework_id: Some(key.framework.to_wire()),
            executor_id: Some(key.executor.to_wire()),
            status: Some(wait_status(status)),
        };
        let call = Call { exited_executor: Some(exited), ..Call::default() };
        self.call(call::Type::ExitedExecutor, call, fx);
    }

    /// The last update of a task whose executor did not send one.
    fn end_with_executor(&mut self, now: Now, key: &TaskKey, ending: &Ending, fx: &mut Effects) {
        let was_killed = self.tasks.get(key).is_some_and(|task| task.kill.is_some());
        let state = if was_killed { TaskState::TaskKilled } else { TaskState::TaskFailed };
        self.agent_update(now, key, state, ending.reason, &ending.message, fx);
    }

    /// Has every process of the container killed, and asks again until it is said to be gone.
    pub(crate) fn destroy(&mut self, now: Now, container: &ContainerId, fx: &mut Effects) {
        let Some(executor) = self.executor_of(container) else { return };
        executor.destroying.get_or_insert(0);
        fx.messages.push(Message::Destroy { container: container.clone() });
        self.timers.cancel(&Timer::Escalate(container.clone()));
        self.timers.cancel(&Timer::Registration(container.clone()));
        self.timers.cancel(&Timer::ShutdownGrace(container.clone()));
        let again = now.at.plus(DESTROY_PATIENCE);
        self.timers.set(Timer::RepeatDestroy(container.clone()), again);
    }

    pub(crate) fn destroy_all(&mut self, now: Now, fx: &mut Effects) {
        let containers: Vec<_> = self.containers.keys().cloned().collect();
        for container in containers {
            self.destroy(now, &container, fx);
        }
    }

    pub(crate) fn container_destroy_failed(
        &mut self,
        now: Now,
        container: &ContainerId,
        survivors: Vec<String>,
        fx: &mut Effects,
    ) {
        let Some(executor) = self.executor_of(container) else { return };
        let failures = executor.destroying.get_or_insert(0);
        let wait = DESTROY_BACKOFF_MIN.saturating_mul(1 << (*failures).min(5));
        *failures = failures.saturating_add(1);
        let again = now.at.plus(wait.min(DESTROY_BACKOFF_MAX));
        self.timers.set(Timer::RepeatDestroy(container.clone()), again);
        fx.notes.push(Note::ContainerSurvives { container: container.clone(), survivors });
    }

    pub(crate) fn registration_timed_out(
        &mut self,
        now: Now,
        container: &ContainerId,
        fx: &mut Effects,
    ) {
        let timeout = model::duration::format_mesos(self.config.executor_registration_timeout);
        let Some(executor) = self.executor_of(container) else { return };
        let (reason, what) = if executor.subscribed {
            (Reason::ExecutorReregistrationTimeout, "re-register")
        } else {
            (Reason::ExecutorRegistrationTimeout, "register")
        };
        let message = format!("Executor did not {what} within {timeout}");
        executor.ending = Some(Ending { reason, message });
        self.destroy(now, container, fx);
    }
}

/// What [`Agent::launch_executor`] needs to know of an executor.
pub(crate) struct Launch {
    pub(crate) info: wire::v1::ExecutorInfo,
    pub(crate) program: Program,
    pub(crate) user: Option<String>,
    pub(crate) resources: Resources,
}

fn describe_exit(status: ExitStatus) -> String {
    match status {
        ExitStatus::Exited(code) => format!("Executor exited with status {code}"),
        ExitStatus::Signalled(signal) => format!("Executor was killed by signal {signal}"),
        ExitStatus::Unknown => "Executor ended, nobody knows how".to_owned(),
    }
}

/// As wait(2) encodes it.
fn wait_status(status: ExitStatus) -> i32 {
    match status {
        ExitStatus::Exited(code) => (code & 0xff) << 8,
        ExitStatus::Signalled(signal) => signal & 0x7f,
        // Mesos: an executor of which nothing is known.
        ExitStatus::Unknown => -1,
    }
}
