//! The demo's workload: four kinds of task, and the small framework that runs them.

use std::collections::BTreeMap;
use std::time::Duration;

use daemon::http::client::Client;
use model::task::is_terminal;
use tokio::time::Instant;
use wire::scheduler::Event;
use wire::v1::framework_info::Capability;
use wire::v1::framework_info::capability::Type as Is;
use wire::v1::{
    AgentId, CommandInfo, DurationInfo, FrameworkInfo, KillPolicy, Offer, Resource, TaskId,
    TaskInfo, TaskState, TaskStatus, value,
};

use crate::scheduler::{EventStream, Scheduler, SchedulerError};

/// Offers that are not used are wanted again after this long.
const REFUSE_SECONDS: f64 = 0.5;
const LONG_AGO: f64 = 3600.0;

/// What a task does when it is asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// Dies of SIGTERM.
    Prompt,
    /// Needs three seconds to finish its work after SIGTERM.
    Slow,
    /// Ignores SIGTERM; has a grace period of its own.
    Stubborn,
    /// Has children in sessions of their own.
    Family,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Prompt, Self::Slow, Self::Stubborn, Self::Family];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::Slow => "slow",
            Self::Stubborn => "stubborn",
            Self::Family => "family",
        }
    }

    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Prompt => "stops at once",
            Self::Slow => "takes 3 s after SIGTERM",
            Self::Stubborn => "ignores SIGTERM, grace 4 s of its own",
            Self::Family => "parent with children that left its session",
        }
    }

    /// Its own grace period, where it has one.
    pub(super) fn grace(self) -> Option<Duration> {
        match self {
            Self::Prompt | Self::Family => None,
            Self::Slow => Some(Duration::from_secs(30)),
            Self::Stubborn => Some(Duration::from_secs(4)),
        }
    }

    fn script(self) -> &'static str {
        match self {
            Self::Prompt => "exec sleep 1000",
            Self::Slow => "trap 'sleep 3; exit 0' TERM; while :; do sleep 1 & wait $!; done",
            Self::Stubborn => "trap '' TERM; while :; do sleep 1; done",
            Self::Family => "setsid sleep 1000 & setsid sh -c 'sleep 1000 & sleep 1000' & wait",
        }
    }
}

/// A task of the demo and what was heard of it.
#[derive(Clone, Debug)]
pub(super) struct Task {
    pub(super) kind: Kind,
    pub(super) agent: String,
    pub(super) state: TaskState,
    pub(super) killing: Option<Instant>,
    pub(super) ended: Option<Instant>,
    pub(super) last: Option<TaskStatus>,
    pub(super) container: Option<String>,
}

impl Task {
    pub(super) fn has_ended(&self) -> bool {
        self.ended.is_some()
    }
}

/// The framework: launches what is planned for an agent as soon as that agent is offered.
#[derive(Debug)]
pub(super) struct Workload {
    scheduler: Scheduler,
    events: EventStream,
    /// Kinds still to be launched, by agent id.
    planned: BTreeMap<String, Vec<Kind>>,
    pub(super) tasks: BTreeMap<String, Task>,
    started: usize,
}

impl Workload {
    pub(super) async fn subscribe(client: Client, master: &str) -> Result<Self, SchedulerError> {
        let capability = |is: Is| Capability { r#type: Some(is.into()) };
        let info = FrameworkInfo {
            user: account(),
            name: "demo".to_owned(),
            capabilities: [Is::PartitionAware, Is::TaskKillingState, Is::MultiRole]
                .map(capability)
                .to_vec(),
            roles: vec!["*".to_owned()],
            ..FrameworkInfo::default()
        };
        let (scheduler, events) = Scheduler::subscribe(client, master, info).await?;
        let (planned, tasks) = (BTreeMap::new(), BTreeMap::new());
        Ok(Self { scheduler, events, planned, tasks, started: 0 })
    }

    /// Wants these tasks on that agent.
    pub(super) async fn plan(&mut self, agent: &str, kinds: &[Kind]) -> Result<(), SchedulerError> {
        self.planned.entry(agent.to_owned()).or_default().extend(kinds);
        self.scheduler.revive().await
    }

    pub(super) fn is_all_launched(&self) -> bool {
        self.planned.values().all(Vec::is_empty)
    }

    pub(super) fn on<'a>(&'a self, agent: &'a str) -> impl Iterator<Item = (&'a String, &'a Task)> {
        self.tasks.iter().filter(move |(_, task)| task.agent == agent)
    }

    /// Takes the next event. May be dropped while waiting.
    pub(super) async fn step(&mut self) -> Result<(), SchedulerError> {
        let event = self.events.next().await?.ok_or(SchedulerError::Closed)?;
        self.take(event).await
    }

    async fn take(&mut self, event: Event) -> Result<(), SchedulerError> {
        if let Some(offers) = event.offers {
            for offer in offers.offers {
                self.offered(offer).await?;
            }
        }
        if let Some(update) = event.update {
            self.heard(&update.status);
            self.scheduler.acknowledge(&update.status).await?;
        }
        if let Some(error) = event.error {
            return Err(SchedulerError::Ended(error.message));
        }
        Ok(())
    }

    async fn offered(&mut self, offer: Offer) -> Result<(), SchedulerError> {
        let agent = offer.agent_id.value.clone();
        let kinds = self.planned.get_mut(&agent).map(std::mem::take).unwrap_or_default();
        if kinds.is_empty() {
            return self.scheduler.decline(vec![offer.id], REFUSE_SECONDS).await;
        }
        let mut infos = Vec::new();
        for kind in kinds {
            self.started += 1;
            let id = format!("{}-{}", kind.name(), self.started);
            infos.push(info(&id, kind, &offer.agent_id));
            let task = Task {
                kind,
                agent: agent.clone(),
                state: TaskState::TaskStaging,
                killing: None,
                ended: None,
                last: None,
                container: None,
            };
            self.tasks.insert(id, task);
        }
        self.scheduler.accept_launch(vec![offer.id], infos, LONG_AGO).await
    }

    fn heard(&mut self, status: &TaskStatus) {
        let Some(task) = self.tasks.get_mut(&status.task_id.value) else { return };
        let Some(state) = model::task::state_from_wire(status.state) else { return };
        if task.has_ended() {
            return;
        }
        task.state = state;
        let container = status.container_status.as_ref().and_then(|c| c.container_id.as_ref());
        if let Some(container) = container {
            task.container = Some(container.value.clone());
        }
        if state == TaskState::TaskKilling {
            task.killing.get_or_insert(Instant::now());
        }
        if is_terminal(state) {
            task.ended = Some(Instant::now());
        }
        task.last = Some(status.clone());
    }

    pub(super) async fn teardown(&self) -> Result<(), SchedulerError> {
        self.scheduler.teardown().await
    }
}

/// The account this program and so the cluster's agents run as.
fn account() -> String {
    if rustix::process::getuid().is_root() {
        return "root".to_owned();
    }
    std::env::var("USER").unwrap_or_default()
}

fn info(id: &str, kind: Kind, agent: &AgentId) -> TaskInfo {
    let grace_period = kind.grace().map(|grace| DurationInfo {
        nanoseconds: i64::try_from(grace.as_nanos()).expect("the demo's graces are seconds"),
    });
    TaskInfo {
        name: kind.name().to_owned(),
        task_id: TaskId { value: id.to_owned() },
        agent_id: agent.clone(),
        resources: vec![scalar("cpus", 0.1), scalar("mem", 32.0)],
        command: Some(CommandInfo {
            value: Some(kind.script().to_owned()),
            ..CommandInfo::default()
        }),
        kill_policy: grace_period.map(|grace| KillPolicy { grace_period: Some(grace) }),
        ..TaskInfo::default()
    }
}

fn scalar(name: &str, value: f64) -> Resource {
    Resource {
        name: name.to_owned(),
        r#type: value::Type::Scalar.into(),
        scalar: Some(value::Scalar { value }),
        ..Resource::default()
    }
}
