//! What the agent's older JSON endpoint `/state` shows, written as a stream out of the state.

use std::collections::BTreeMap;

use model::legacy::{self, Command, Domain, List, NOTHING, Raw, Status, Task, attributes};
use model::resources::Amounts;
use model::validate::framework::has_capability;
use model::{ExecutorId, FrameworkId, Resources};
use serde::Serialize;
use serde::ser::Serializer;
use wire::v1::framework_info::capability::Type;
use wire::v1::{Attribute, ExecutorInfo, FrameworkInfo, TaskInfo};

use crate::link::capabilities;
use crate::state::{Agent, ExecutorKey, History, Packed, PastExecutor};

/// Where the sandbox of an executor's run is called by, however the agent's own folders lie.
// Mesos: the same path is a name in `/files`.
const VIRTUAL: &str = "/frameworks";

#[derive(Serialize)]
struct State<'a, H, F, C> {
    #[serde(flatten)]
    head: &'a H,
    id: &'a str,
    pid: String,
    hostname: &'a str,
    capabilities: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    domain: Option<Domain<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    drain_config: Option<Raw>,
    // Mesos: whole here, with a fraction at the master.
    #[serde(skip_serializing_if = "Option::is_none")]
    estimated_drain_start_time_seconds: Option<i64>,
    resources: Amounts<'a>,
    reserved_resources: BTreeMap<&'a str, Amounts<'a>>,
    unreserved_resources: Amounts<'a>,
    reserved_resources_full: BTreeMap<String, Vec<Raw>>,
    unreserved_resources_full: Vec<Raw>,
    reserved_resources_allocated: BTreeMap<&'a str, Amounts<'a>>,
    unreserved_resources_allocated: Amounts<'a>,
    resource_providers: [(); 0],
    #[serde(serialize_with = "attributes")]
    attributes: &'a [Attribute],
    frameworks: F,
    completed_frameworks: C,
}

struct Document<'a, H> {
    agent: &'a Agent,
    head: H,
}

impl<H: Serialize> Serialize for Document<'_, H> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (agent, info) = (self.agent, &self.agent.info);
        let drain = agent.drain.as_ref();
        let total = read(&info.resources);
        let reserved = total.reservations();
        let allocated = agent.allocated();
        let capabilities = capabilities();
        State {
            head: &self.head,
            id: info.id.as_ref().map_or("", |id| &id.value),
            pid: format!("slave(1)@{}", agent.config.endpoint),
            hostname: &info.hostname,
            capabilities: legacy::capabilities(&capabilities).collect(),
            domain: info.domain.as_ref().map(Domain::from),
            drain_config: drain.map(|drain| Raw::new(&drain.config.to_wire())),
            estimated_drain_start_time_seconds: drain
                .map(|drain| drain.started_at.0.div_euclid(1_000_000_000)),
            resources: total.amounts(),
            reserved_resources: total.reserved_amounts(),
            unreserved_resources: total.unreserved_amounts(),
            reserved_resources_full: reserved
                .iter()
                .map(|(role, reserved)| (role.clone(), reserved.in_full()))
                .collect(),
            unreserved_resources_full: total.unreserved().in_full(),
            reserved_resources_allocated: allocated.reserved_amounts(),
            unreserved_resources_allocated: allocated.unreserved_amounts(),
            resource_providers: NOTHING,
            attributes: &info.attributes,
            frameworks: List(|| {
                let known = agent.frameworks.iter();
                known.filter_map(|(id, framework)| {
                    let info = framework.info.as_ref()?;
                    Some(Framework { agent, id, info, history: &framework.history })
                })
            }),
            completed_frameworks: List(|| {
                agent.past_frameworks.iter().map(|past| Framework {
                    agent,
                    id: &past.id,
                    info: &past.info,
                    history: &past.history,
                })
            }),
        }
        .serialize(serializer)
    }
}

/// What was checked when it was taken in.
fn read(resources: &[wire::v1::Resource]) -> Resources {
    Resources::from_wire(resources).unwrap_or_default()
}

struct Framework<'a> {
    agent: &'a Agent,
    id: &'a FrameworkId,
    info: &'a Packed<FrameworkInfo>,
    history: &'a History,
}

impl Serialize for Framework<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Members<'a, E, C> {
            id: &'a str,
            name: &'a str,
            user: &'a str,
            failover_timeout: f64,
            checkpoint: bool,
            hostname: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            principal: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            role: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            roles: Option<&'a [String]>,
            executors: E,
            completed_executors: C,
        }
        let info = self.info.unpack();
        let several = has_capability(&info, Type::MultiRole);
        let present = self.agent.executors.iter();
        let present = || present.clone().filter(|(key, _)| key.framework == *self.id);
        let past: Vec<_> = self.history.tasks.iter().map(Packed::unpack).collect();
        let past = past.as_slice();
        Members {
            id: self.id.as_str(),
            name: &info.name,
            user: &info.user,
            failover_timeout: info.failover_timeout(),
            checkpoint: info.checkpoint(),
            hostname: info.hostname(),
            principal: info.principal.as_deref(),
            role: (!several).then(|| info.role()),
            roles: several.then_some(&*info.roles),
            executors: List(|| {
                present().map(|(key, executor)| Run {
                    of: self,
                    id: &key.executor,
                    info: executor.info(),
                    container: executor.container.as_str(),
                    directory: &executor.directory,
                    is_present: true,
                    past,
                })
            }),
            completed_executors: List(|| {
                self.history.executors.iter().map(|run| Run {
                    of: self,
                    id: &run.id,
                    info: run.info.unpack(),
                    container: run.container(),
                    directory: &run.directory,
                    is_present: false,
                    past,
                })
            }),
        }
        .serialize(serializer)
    }
}

impl PastExecutor {
    /// The container it ran in.
    // Mesos: runs are kept in folders of their containers' names.
    fn container(&self) -> &str {
        self.directory.rsplit_once('/').map_or("", |(_, container)| container)
    }
}

/// One run of an executor.
struct Run<'a> {
    of: &'a Framework<'a>,
    id: &'a ExecutorId,
    info: ExecutorInfo,
    container: &'a str,
    directory: &'a str,
    /// Whether it is the run that holds the executor's tasks that are not over.
    is_present: bool,
    /// The framework's tasks that are over.
    past: &'a [wire::v1::Task],
}

impl Serialize for Run<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Members<'a, T, Q, C> {
            id: &'a str,
            name: &'a str,
            source: &'a str,
            container: &'a str,
            directory: String,
            resources: Amounts<'a>,
            #[serde(skip_serializing_if = "Option::is_none")]
            role: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            labels: Option<Vec<Raw>>,
            #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
            kind: Option<&'static str>,
            tasks: T,
            queued_tasks: Q,
            completed_tasks: C,
        }
        let agent = self.of.agent;
        let key = ExecutorKey { framework: self.of.id.clone(), executor: self.id.clone() };
        let held = if self.is_present { agent.held_by(&key) } else { read(&self.info.resources) };
        let own: Vec<_> = agent.tasks_run_by(&key).filter(|_| self.is_present).collect();
        let launched: Vec<_> = own
            .iter()
            .filter(|task| !task.is_terminal() && task.info.is_none())
            .map(|task| task.to_wire())
            .collect();
        let queued = own.iter().filter(|task| !task.is_terminal());
        let queued: Vec<_> = queued.filter_map(|task| task.info.as_deref()).collect();
        let terminated: Vec<_> =
            own.iter().filter(|task| task.is_terminal()).map(|task| task.to_wire()).collect();
        let past = self.past.iter().filter(|task| self.ran(task));
        // Mesos: those whose end is not acknowledged come after those whose end is.
        let ended = past.chain(&terminated);
        let first_ended = || first_role(ended.clone().next()?);
        let role = held.allocation_role();
        let role = role.or_else(|| first_role(launched.first()?)).or_else(first_ended);
        Members {
            id: self.id.as_str(),
            name: self.info.name(),
            source: self.info.source(),
            container: self.container,
            directory: agent.absolute(self.directory),
            resources: held.amounts(),
            role,
            labels: Raw::labels(self.info.labels.as_ref()),
            kind: legacy::executor_kind(&self.info),
            tasks: List(|| launched.iter().map(Task::from)),
            queued_tasks: List(|| {
                queued.iter().map(|info| Queued { info, agent: agent.info.id.as_ref() })
            }),
            completed_tasks: List(|| ended.clone().map(Task::from)),
        }
        .serialize(serializer)
    }
}

fn first_role(task: &wire::v1::Task) -> Option<&str> {
    task.resources.first()?.allocation_info.as_ref()?.role.as_deref()
}

impl Run<'_> {
    /// Whether a task that is over was one of this run's: it was in its container, or, where nothing says
    /// in which, of this executor.
    fn ran(&self, task: &wire::v1::Task) -> bool {
        let executor = task.executor_id.as_ref().map_or(&task.task_id.value, |id| &id.value);
        if executor != self.id.as_str() {
            return false;
        }
        let containers =
            task.statuses.iter().rev().filter_map(|status| Status::from(status).container);
        let mut containers = containers.filter_map(|status| status.container_id.as_ref());
        match containers.next() {
            Some(container) => {
                let root = container.parent.as_deref().unwrap_or(container);
                root.value == self.container
            }
            None => true,
        }
    }
}

/// A task that waits for its executor.
struct Queued<'a> {
    info: &'a TaskInfo,
    agent: Option<&'a wire::v1::AgentId>,
}

impl Serialize for Queued<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Members<'a> {
            id: &'a str,
            name: &'a str,
            slave_id: &'a str,
            resources: Amounts<'a>,
            role: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            command: Option<Command<'a>>,
            #[serde(skip_serializing_if = "Option::is_none")]
            executor_id: Option<&'a str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            discovery: Option<Raw>,
        }
        let info = self.info;
        let resources = read(&info.resources);
        Members {
            id: &info.task_id.value,
            name: &info.name,
            slave_id: self.agent.map_or(&info.agent_id.value, |id| &id.value),
            resources: resources.amounts(),
            role: resources.allocation_role().unwrap_or(""),
            command: info.command.as_ref().map(|command| Command::new(Some(command))),
            executor_id: info.executor.as_ref().map(|it| it.executor_id.value.as_str()),
            discovery: info.discovery.as_ref().map(Raw::new),
        }
        .serialize(serializer)
    }
}

impl Agent {
    /// `/state` after the members that only the process knows, which are `head`'s.
    pub fn legacy_state(&self, head: impl Serialize) -> impl Serialize {
        Document { agent: self, head }
    }

    /// Names by which sandboxes can be asked for, and where they are: each run by its own path, the latest
    /// of an executor also as `latest`, with and without the agent's own folders in front.
    pub fn sandboxes(&self) -> Vec<(String, String)> {
        let mut names = Vec::new();
        let mut add = |framework: &FrameworkId, executor: &ExecutorId, directory: &str| {
            let real = self.absolute(directory);
            if let Some((runs, _)) = real.rsplit_once('/') {
                names.push((format!("{runs}/latest"), real.clone()));
            }
            let short = format!("{VIRTUAL}/{framework}/executors/{executor}/runs/latest");
            names.push((short, real.clone()));
            names.push((real.clone(), real));
        };
        let past = self.past_frameworks.iter().map(|past| (&past.id, &past.history));
        let known = self.frameworks.iter().map(|(id, framework)| (id, &framework.history));
        for (framework, history) in past.chain(known) {
            for past in &history.executors {
                add(framework, &past.id, &past.directory);
            }
        }
        // Last, so that they are the latest.
        for (key, executor) in &self.executors {
            add(&key.framework, &key.executor, &executor.directory);
        }
        names
    }

    fn absolute(&self, directory: &str) -> String {
        format!("{}/{directory}", self.config.work_dir.trim_end_matches('/'))
    }

    fn tasks_run_by(&self, key: &ExecutorKey) -> impl Iterator<Item = &crate::state::Task> {
        let tasks = self.tasks_of(&key.framework).map(|(_, task)| task);
        tasks.filter(|task| task.executor == key.executor)
    }

    /// What an executor and its tasks that are not over hold.
    fn held_by(&self, key: &ExecutorKey) -> Resources {
        let own = self.executors.get(key).map(|executor| read(&executor.info().resources));
        let live = self.tasks_run_by(key).filter(|task| !task.is_terminal());
        let tasks = live.map(|task| read(&task.to_wire().resources));
        own.into_iter().chain(tasks).fold(Resources::new(), |mut sum, part| {
            sum.add(&part);
            sum
        })
    }

    /// What the agent has, and what executors and tasks on it hold.
    pub fn view_resources(&self) -> (Resources, Resources) {
        (read(&self.info.resources), self.allocated())
    }

    fn allocated(&self) -> Resources {
        let mut sum = Resources::new();
        for key in self.executors.keys() {
            sum.add(&self.held_by(key));
        }
        sum
    }
}
