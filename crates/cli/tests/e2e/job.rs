//! Tasks to launch: what they run, with which grace period, and how they tell the test how far they are.

use std::path::{Path, PathBuf};
use std::time::Duration;

use wire::v1::{
    AgentId, CommandInfo, ContainerInfo, DurationInfo, Environment, ExecutorId, ExecutorInfo,
    KillPolicy, Resource, TaskId, TaskInfo, TtyInfo, container_info, environment, value,
};

/// Says in a file that the task is as far as the test wants it: `$OUT/<task id>.pid` with its pid.
const READY: &str = "echo $$ > $OUT/$ID.new; mv $OUT/$ID.new $OUT/$ID.pid; ";

/// One task: a shell script that ends with the test's own means of seeing it from outside.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    command: CommandInfo,
    grace: Option<Duration>,
    cpus: f64,
    executor: Option<ExecutorInfo>,
    more: TaskInfo,
    has_terminal: bool,
}

impl Job {
    /// Runs `script` in a shell. `$OUT` is a folder for its signs, `$ID` its task id.
    pub(crate) fn shell(id: &str, script: impl Into<String>) -> Self {
        let command = CommandInfo { value: Some(script.into()), ..CommandInfo::default() };
        Self {
            id: id.to_owned(),
            command,
            grace: None,
            cpus: 0.1,
            executor: None,
            more: TaskInfo::default(),
            has_terminal: false,
        }
    }

    /// Ends at SIGTERM, as most programs do.
    pub(crate) fn obeying(id: &str) -> Self {
        Self::shell(id, format!("{READY}exec sleep 1000"))
    }

    /// Writes down each SIGTERM (to `$OUT/<task id>.term`) and goes on.
    pub(crate) fn ignoring(id: &str) -> Self {
        Self::shell(
            id,
            format!(
                "trap 'date +%s%N >> $OUT/$ID.term' TERM; {READY}\
                 while :; do sleep 1000 & wait $!; done"
            ),
        )
    }

    /// Runs `at_term` when SIGTERM comes; it should end with `exit`.
    pub(crate) fn trapping(id: &str, at_term: &str) -> Self {
        // Its child is there before it is ready: one that is born while SIGTERM is on its way may not
        // get it, and then has the rest of the grace period.
        Self::shell(
            id,
            format!("trap '{at_term}' TERM; sleep 1000 & {READY}while :; do wait; done"),
        )
    }

    /// Says that it is ready, then runs `script`.
    pub(crate) fn ready_then(id: &str, script: &str) -> Self {
        Self::shell(id, format!("{READY}{script}"))
    }

    /// Its kill policy.
    pub(crate) fn grace(mut self, grace: Duration) -> Self {
        self.grace = Some(grace);
        self
    }

    /// With a terminal, so that it can be attached to.
    pub(crate) fn terminal(mut self) -> Self {
        self.has_terminal = true;
        self
    }

    pub(crate) fn user(mut self, user: &str) -> Self {
        self.command.user = Some(user.to_owned());
        self
    }

    /// A program without a shell; `arguments` begin with its own name.
    pub(crate) fn program(id: &str, path: &str, arguments: &[&str]) -> Self {
        let mut job = Self::shell(id, path);
        job.command.shell = Some(false);
        job.command.arguments = arguments.iter().map(|&text| text.to_owned()).collect();
        job
    }

    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        let variables =
            &mut self.command.environment.get_or_insert_with(Environment::default).variables;
        variables.push(environment::Variable {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            ..environment::Variable::default()
        });
        self
    }

    /// What it needs fetched before it starts.
    pub(crate) fn uris(mut self, uris: Vec<wire::v1::command_info::Uri>) -> Self {
        self.command.uris = uris;
        self
    }

    /// Sets what is rarely needed; names, resources, command and kill policy are the job's.
    pub(crate) fn with(mut self, set: impl FnOnce(&mut TaskInfo)) -> Self {
        set(&mut self.more);
        self
    }

    /// For an executor of the framework's own: the task has no command.
    pub(crate) fn of_executor(id: &str, executor: ExecutorInfo) -> Self {
        Self { executor: Some(executor), ..Self::shell(id, "") }
    }

    /// The task for an agent; its signs go to `out`.
    pub(crate) fn info(&self, agent: &AgentId, out: &Path) -> TaskInfo {
        let job = self.clone().variable("OUT", out.to_str().unwrap()).variable("ID", &self.id);
        let custom = job.executor.is_some();
        let container = job.has_terminal.then(|| {
            Box::new(ContainerInfo {
                r#type: container_info::Type::Mesos.into(),
                tty_info: Some(TtyInfo::default()),
                ..ContainerInfo::default()
            })
        });
        TaskInfo {
            name: job.id.clone(),
            task_id: TaskId { value: job.id },
            agent_id: agent.clone(),
            resources: vec![scalar("cpus", job.cpus), scalar("mem", 16.0)],
            executor: job.executor.map(Box::new),
            command: (!custom).then_some(job.command),
            kill_policy: job.grace.map(|grace| KillPolicy { grace_period: Some(duration(grace)) }),
            container: container.or(job.more.container.clone()),
            ..job.more
        }
    }
}

/// An executor of the framework's own that runs `script` in a shell.
pub(crate) fn executor(id: &str, script: &str) -> ExecutorInfo {
    ExecutorInfo {
        r#type: Some(wire::v1::executor_info::Type::Custom.into()),
        executor_id: ExecutorId { value: id.to_owned() },
        command: Some(CommandInfo { value: Some(script.to_owned()), ..CommandInfo::default() }),
        resources: vec![scalar("cpus", 0.1), scalar("mem", 32.0)],
        name: Some(id.to_owned()),
        ..ExecutorInfo::default()
    }
}

/// The executor of task groups.
pub(crate) fn default_executor(id: &str) -> ExecutorInfo {
    ExecutorInfo {
        r#type: Some(wire::v1::executor_info::Type::Default.into()),
        executor_id: ExecutorId { value: id.to_owned() },
        resources: vec![scalar("cpus", 0.1), scalar("mem", 32.0), scalar("disk", 16.0)],
        ..ExecutorInfo::default()
    }
}

/// Where a job says that it is ready.
pub(crate) fn ready_file(out: &Path, id: &str) -> PathBuf {
    out.join(format!("{id}.pid"))
}

/// Where an ignoring job notes each SIGTERM.
pub(crate) fn term_file(out: &Path, id: &str) -> PathBuf {
    out.join(format!("{id}.term"))
}

pub(crate) fn duration(duration: Duration) -> DurationInfo {
    DurationInfo { nanoseconds: i64::try_from(duration.as_nanos()).unwrap() }
}

fn scalar(name: &str, value: f64) -> Resource {
    Resource {
        name: name.to_owned(),
        r#type: value::Type::Scalar.into(),
        scalar: Some(value::Scalar { value }),
        ..Resource::default()
    }
}
