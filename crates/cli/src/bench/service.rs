//! The framework of the benchmarks: launches on the first offer and acknowledges at once.

use std::collections::BTreeMap;
use std::time::Duration;

use daemon::http::client::Client;
use model::task::{is_terminal, state_from_wire};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::timeout;
use wire::v1::framework_info::Capability;
use wire::v1::framework_info::capability::Type as Is;
use wire::v1::{
    AgentId, CommandInfo, ExecutorId, ExecutorInfo, FrameworkId, FrameworkInfo, Offer, Resource,
    TaskId, TaskInfo, TaskState, TaskStatus, executor_info, value,
};

use super::BenchError;
use crate::scheduler::{EventStream, Scheduler, SchedulerError};

/// Acknowledgements on their way at the same time.
const ACKNOWLEDGERS: usize = 8;
/// Bound of every wait: what takes longer is broken, not slow.
const LIMIT: Duration = Duration::from_mins(5);

#[derive(Debug)]
pub(super) struct Service {
    scheduler: Scheduler,
    events: EventStream,
    acknowledgements: mpsc::Sender<TaskStatus>,
    acknowledgers: JoinSet<Result<(), SchedulerError>>,
    offers: Vec<Offer>,
    /// Tasks that have not ended, with their latest state.
    pub(super) alive: BTreeMap<String, TaskState>,
    running: usize,
    launched: usize,
}

impl Service {
    pub(super) async fn subscribe(client: Client, master: &str) -> Result<Self, BenchError> {
        let capability = |is: Is| Capability { r#type: Some(is.into()) };
        let info = FrameworkInfo {
            // Empty: the user the agents run as.
            user: String::new(),
            name: "bench".to_owned(),
            capabilities: [Is::PartitionAware, Is::MultiRole].map(capability).to_vec(),
            roles: vec!["*".to_owned()],
            ..FrameworkInfo::default()
        };
        let (scheduler, events) = Scheduler::subscribe(client, master, info).await?;
        let (acknowledgements, queue) = mpsc::channel(65_536);
        let queue = std::sync::Arc::new(tokio::sync::Mutex::new(queue));
        let mut acknowledgers = JoinSet::new();
        for _ in 0..ACKNOWLEDGERS {
            let (queue, scheduler) = (queue.clone(), scheduler.clone());
            acknowledgers.spawn(async move {
                loop {
                    let next = queue.lock().await.recv().await;
                    let Some(status): Option<TaskStatus> = next else { return Ok(()) };
                    scheduler.acknowledge(&status).await?;
                }
            });
        }
        let (alive, offers) = (BTreeMap::new(), Vec::new());
        Ok(Self {
            scheduler,
            events,
            acknowledgements,
            acknowledgers,
            offers,
            alive,
            running: 0,
            launched: 0,
        })
    }

    pub(super) fn framework_id(&self) -> &FrameworkId {
        self.scheduler.framework_id()
    }

    pub(super) async fn offer(&mut self) -> Result<Offer, BenchError> {
        self.until("an offer", |this| !this.offers.is_empty()).await?;
        self.offers.pop().ok_or_else(|| BenchError::broken("no offer"))
    }

    /// Launches tasks made by `make` from their number, and returns when ACCEPT was answered.
    pub(super) async fn launch(
        &mut self,
        offer: Offer,
        count: usize,
        make: impl Fn(usize) -> TaskInfo,
    ) -> Result<(), BenchError> {
        let tasks: Vec<TaskInfo> = (self.launched..self.launched + count).map(make).collect();
        self.launched += count;
        self.running = 0;
        for task in &tasks {
            self.alive.insert(task.task_id.value.clone(), TaskState::TaskStaging);
        }
        self.scheduler.accept_launch(vec![offer.id], tasks, 0.0).await?;
        Ok(())
    }

    pub(super) async fn all_running(&mut self) -> Result<(), BenchError> {
        self.until("all tasks running", |this| this.running == this.alive.len()).await
    }

    pub(super) async fn all_ended(&mut self) -> Result<(), BenchError> {
        self.until("the end of all tasks", |this| this.alive.is_empty()).await
    }

    async fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) -> Result<(), BenchError> {
        while !is_so(self) {
            timeout(LIMIT, self.step()).await.map_err(|_elapsed| {
                BenchError::broken(format!(
                    "{what} did not happen within {LIMIT:?}; {} of {} tasks run",
                    self.running,
                    self.alive.len()
                ))
            })??;
        }
        Ok(())
    }

    /// Takes the next event. May be dropped while waiting.
    pub(super) async fn step(&mut self) -> Result<(), BenchError> {
        let event = tokio::select! {
            ended = self.acknowledgers.join_next() => {
                let ended = ended.and_then(Result::ok);
                return match ended {
                    Some(Err(error)) => Err(error.into()),
                    _ => Err(BenchError::broken("nobody acknowledges any more")),
                };
            }
            event = self.events.next() => event?.ok_or(SchedulerError::Closed)?,
        };
        if let Some(update) = event.update {
            self.updated(update.status)?;
        }
        if let Some(offers) = event.offers {
            self.offers.extend(offers.offers);
        }
        if let Some(rescind) = event.rescind {
            self.offers.retain(|offer| offer.id != rescind.offer_id);
        }
        match event.error {
            Some(error) => Err(SchedulerError::Ended(error.message).into()),
            None => Ok(()),
        }
    }

    fn updated(&mut self, status: TaskStatus) -> Result<(), BenchError> {
        let state = state_from_wire(status.state)
            .ok_or_else(|| BenchError::broken("a task has an unknown state"))?;
        let id = &status.task_id.value;
        if is_terminal(state) && state != TaskState::TaskKilled {
            let why = status.message.clone().unwrap_or_default();
            return Err(BenchError::broken(format!("{id} is {}: {why}", state.as_str_name())));
        }
        if is_terminal(state) {
            self.alive.remove(id);
        } else if let Some(known) = self.alive.get_mut(id) {
            self.running +=
                usize::from(state == TaskState::TaskRunning && *known != TaskState::TaskRunning);
            *known = state;
        }
        let full = |_| BenchError::broken("too many acknowledgements wait");
        self.acknowledgements.try_send(status).map_err(full)
    }

    pub(super) async fn teardown(self) -> Result<(), BenchError> {
        Ok(self.scheduler.teardown().await?)
    }
}

/// A task that sleeps until SIGTERM.
pub(super) fn sleeper(number: usize, agent: &AgentId) -> TaskInfo {
    TaskInfo {
        name: "sleeper".to_owned(),
        task_id: TaskId { value: format!("sleeper.{number}") },
        agent_id: agent.clone(),
        resources: resources(),
        command: Some(CommandInfo {
            value: Some("sleep 100000".to_owned()),
            ..CommandInfo::default()
        }),
        ..TaskInfo::default()
    }
}

/// A task that exists only in the memory of a custom executor.
pub(super) fn held(number: usize, agent: &AgentId, executor: ExecutorInfo) -> TaskInfo {
    TaskInfo {
        name: "held".to_owned(),
        task_id: TaskId { value: format!("held.{number}") },
        agent_id: agent.clone(),
        resources: resources(),
        executor: Some(Box::new(executor)),
        ..TaskInfo::default()
    }
}

/// This program as a custom executor.
pub(super) fn custom_executor(
    number: usize,
    framework: &FrameworkId,
    program: &str,
) -> ExecutorInfo {
    let command = CommandInfo {
        value: Some(program.to_owned()),
        shell: Some(false),
        arguments: ["ebb", "bench", "executor"].map(str::to_owned).to_vec(),
        ..CommandInfo::default()
    };
    ExecutorInfo {
        r#type: Some(executor_info::Type::Custom.into()),
        executor_id: ExecutorId { value: format!("holder.{number}") },
        framework_id: Some(framework.clone()),
        command: Some(command),
        resources: resources(),
        ..ExecutorInfo::default()
    }
}

fn resources() -> Vec<Resource> {
    let scalar = |name: &str, value: f64| Resource {
        name: name.to_owned(),
        r#type: value::Type::Scalar.into(),
        scalar: Some(value::Scalar { value }),
        ..Resource::default()
    };
    vec![scalar("cpus", 0.1), scalar("mem", 32.0)]
}
