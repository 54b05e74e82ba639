//! A scheduler played by the test: it writes down everything it is told, and acknowledges as told.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use cli::cluster::Who;
use cli::scheduler::{EventStream, Scheduler};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use wire::scheduler::event;
use wire::v1::{
    AgentId, ExecutorInfo, FrameworkInfo, Offer, TaskGroupInfo, TaskId, TaskState, TaskStatus,
    framework_info, offer, task_status,
};

use crate::job::Job;
use crate::world::{PATIENCE, World};

/// Which updates are acknowledged without being asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Acks {
    All,
    NotTerminal,
    None,
}

/// Everything the master has told.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// Not used or rescinded so far.
    pub(crate) offers: Vec<Offer>,
    /// Host names of all offers that ever came, in order.
    pub(crate) offered: Vec<String>,
    pub(crate) rescinded: Vec<String>,
    /// Each update once, though it came several times.
    pub(crate) updates: Vec<TaskStatus>,
    pub(crate) failures: Vec<event::Failure>,
    pub(crate) messages: Vec<Vec<u8>>,
    /// Why the stream ended.
    pub(crate) ended: Option<String>,
}

impl Record {
    pub(crate) fn history(&self, task: &str) -> Vec<TaskState> {
        let updates = self.updates.iter().filter(|status| status.task_id.value == task);
        updates.map(state).collect()
    }
}

/// The state of an update.
pub(crate) fn state(status: &TaskStatus) -> TaskState {
    TaskState::try_from(status.state).unwrap()
}

/// Why it came to it.
pub(crate) fn reason(status: &TaskStatus) -> task_status::Reason {
    status.reason.and_then(|number| task_status::Reason::try_from(number).ok()).unwrap()
}

pub(crate) fn is_terminal(state: TaskState) -> bool {
    model::task::is_terminal(state)
}

#[derive(Debug)]
struct Shared {
    record: Mutex<Record>,
    changed: Notify,
    acks: AtomicU8,
}

/// A subscribed framework. Dropping it closes its stream.
pub(crate) struct Framework {
    scheduler: Scheduler,
    shared: Arc<Shared>,
    reader: JoinHandle<()>,
    info: FrameworkInfo,
    out: PathBuf,
}

impl Framework {
    /// Partition-aware, wants `TASK_KILLING`, checkpoints, and is waited for when it goes.
    pub(crate) async fn subscribe(world: &World) -> Self {
        Self::with(world, |_| {}).await
    }

    pub(crate) async fn with(world: &World, set: impl FnOnce(&mut FrameworkInfo)) -> Self {
        use framework_info::capability::Type;
        let capability = |kind: Type| framework_info::Capability { r#type: Some(kind.into()) };
        let mut info = FrameworkInfo {
            user: "root".to_owned(),
            name: "the service".to_owned(),
            failover_timeout: Some(3600.0),
            checkpoint: Some(true),
            capabilities: vec![
                capability(Type::PartitionAware),
                capability(Type::TaskKillingState),
            ],
            ..FrameworkInfo::default()
        };
        set(&mut info);
        let shared = Arc::new(Shared {
            record: Mutex::default(),
            changed: Notify::new(),
            acks: AtomicU8::new(Acks::All as u8),
        });
        Self::connect(world, info, shared).await
    }

    async fn connect(world: &World, mut info: FrameworkInfo, shared: Arc<Shared>) -> Self {
        let url = world.master_url();
        let (scheduler, events) =
            Scheduler::subscribe(world.client().clone(), &url, info.clone()).await.unwrap();
        info.id = Some(scheduler.framework_id().clone());
        {
            let mut record = shared.record.lock().unwrap();
            record.ended = None;
            record.offers.clear();
        }
        let reader = tokio::spawn(read(scheduler.clone(), events, shared.clone()));
        Self { scheduler, shared, reader, info, out: world.out().to_owned() }
    }

    /// Subscribes again under the same id, as a scheduler that was restarted; what was told is kept.
    pub(crate) async fn resubscribe(self, world: &World) -> Self {
        let (info, shared) = (self.info.clone(), self.shared.clone());
        drop(self);
        Self::connect(world, info, shared).await
    }

    /// Closes the stream; what the master then thinks is that the scheduler died.
    pub(crate) fn disconnect(self) -> Disconnected {
        Disconnected { info: self.info.clone(), shared: self.shared.clone() }
    }

    pub(crate) fn scheduler(&self) -> &Scheduler {
        &self.scheduler
    }

    pub(crate) fn id(&self) -> &str {
        &self.scheduler.framework_id().value
    }

    pub(crate) fn record(&self) -> Record {
        self.shared.record.lock().unwrap().clone()
    }

    pub(crate) fn acknowledge_only(&self, acks: Acks) {
        self.shared.acks.store(acks as u8, Ordering::SeqCst);
    }

    /// Waits until what was told is as wanted.
    pub(crate) async fn until<T>(&self, what: &str, look: impl Fn(&Record) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let found = look(&self.shared.record.lock().unwrap());
            if let Some(found) = found {
                return found;
            }
            let waited = timeout_at(deadline, changed).await;
            assert!(
                waited.is_ok(),
                "the scheduler was not told: {what}; it was told {}",
                self.told()
            );
        }
    }

    fn told(&self) -> String {
        let record = self.record();
        let updates: Vec<String> = record
            .updates
            .iter()
            .map(|status| {
                let message = status.message.as_deref().unwrap_or_default();
                format!("{} {} ({message})", status.task_id.value, state(status).as_str_name())
            })
            .collect();
        format!(
            "{updates:#?}, offers {:?}, rescinded {:?}, ended {:?}",
            record.offered, record.rescinded, record.ended
        )
    }

    /// Waits for an offer of the agent and takes it.
    pub(crate) async fn offer(&self, who: Who) -> Offer {
        let name = who.name();
        self.until(&format!("an offer of {name}"), |record| {
            record.offers.iter().any(|offer| offer.hostname == name).then_some(())
        })
        .await;
        let offers = &mut self.shared.record.lock().unwrap().offers;
        let at = offers.iter().position(|offer| offer.hostname == name);
        offers.swap_remove(at.expect("nobody else takes offers"))
    }

    /// Launches tasks on an agent; what is left of the offer comes back at once.
    pub(crate) async fn launch(&self, who: Who, jobs: &[Job]) {
        let offer = self.offer(who).await;
        let tasks = jobs.iter().map(|job| job.info(&offer.agent_id, &self.out)).collect();
        self.scheduler.accept_launch(vec![offer.id], tasks, 0.0).await.unwrap();
    }

    /// Launches tasks and waits until all of them run.
    pub(crate) async fn run(&self, who: Who, jobs: &[Job]) {
        self.launch(who, jobs).await;
        for job in jobs {
            self.reaches(&job.id, TaskState::TaskRunning).await;
        }
    }

    /// Launches a task group and waits until all of it runs.
    pub(crate) async fn run_group(&self, who: Who, executor: ExecutorInfo, jobs: &[Job]) {
        self.launch_group(who, executor, jobs).await;
        for job in jobs {
            self.reaches(&job.id, TaskState::TaskRunning).await;
        }
    }

    pub(crate) async fn launch_group(&self, who: Who, executor: ExecutorInfo, jobs: &[Job]) {
        let offer = self.offer(who).await;
        let tasks = jobs.iter().map(|job| job.info(&offer.agent_id, &self.out)).collect();
        let executor =
            ExecutorInfo { framework_id: Some(self.scheduler.framework_id().clone()), ..executor };
        let group = offer::operation::LaunchGroup { executor, task_group: TaskGroupInfo { tasks } };
        let operation = offer::Operation {
            r#type: Some(offer::operation::Type::LaunchGroup.into()),
            launch_group: Some(Box::new(group)),
            ..offer::Operation::default()
        };
        self.scheduler.accept(vec![offer.id], vec![operation], 0.0).await.unwrap();
    }

    pub(crate) async fn kill(&self, task: &str, agent: Option<&AgentId>) {
        self.scheduler.kill(&TaskId { value: task.to_owned() }, agent).await.unwrap();
    }

    /// Waits for an update with this state.
    pub(crate) async fn reaches(&self, task: &str, wanted: TaskState) -> TaskStatus {
        self.until(&format!("{task} is {}", wanted.as_str_name()), |record| {
            let is_it =
                |status: &&TaskStatus| status.task_id.value == task && state(status) == wanted;
            record.updates.iter().rev().find(is_it).cloned()
        })
        .await
    }

    /// The last update of a task, once that is a terminal one.
    pub(crate) async fn outcome(&self, task: &str) -> TaskStatus {
        self.until(&format!("the end of {task}"), |record| {
            let is_it =
                |status: &&TaskStatus| status.task_id.value == task && is_terminal(state(status));
            record.updates.iter().rev().find(is_it).cloned()
        })
        .await
    }

    /// Waits for the end of the stream, and returns why it ended.
    pub(crate) async fn ended(&self) -> String {
        self.until("the stream ended", |record| record.ended.clone()).await
    }

    /// Whether a cycle of offers passes without one of `who`: `other` is offered three times meanwhile.
    pub(crate) async fn is_not_offered(&self, who: Who, other: Who) {
        let from = self.record().offered.len();
        for _ in 0..3 {
            let offer = self.offer(other).await;
            self.scheduler.decline(vec![offer.id], 0.0).await.unwrap();
        }
        let offered = self.record().offered;
        assert!(!offered[from..].contains(&who.name()), "{offered:?}");
    }
}

impl Drop for Framework {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// A framework whose scheduler is away.
pub(crate) struct Disconnected {
    info: FrameworkInfo,
    shared: Arc<Shared>,
}

impl Disconnected {
    pub(crate) async fn come_back(self, world: &World) -> Framework {
        Framework::connect(world, self.info, self.shared).await
    }
}

async fn read(scheduler: Scheduler, mut events: EventStream, shared: Arc<Shared>) {
    loop {
        let event = match events.next().await {
            Ok(Some(event)) => event,
            Ok(None) => return shared.end("closed"),
            Err(error) => return shared.end(&error.to_string()),
        };
        let acks = shared.acks.load(Ordering::SeqCst);
        if let Some(event::Update { status }) = &event.update {
            let wanted = match acks {
                0 => true,
                1 => !is_terminal(state(status)),
                _ => false,
            };
            if wanted {
                // The master may be gone: then the update comes again.
                drop(scheduler.acknowledge(status).await);
            }
        }
        shared.note(|record| note(record, event));
    }
}

fn note(record: &mut Record, event: wire::scheduler::Event) {
    if let Some(event::Offers { offers }) = event.offers {
        record.offered.extend(offers.iter().map(|offer| offer.hostname.clone()));
        record.offers.extend(offers);
    }
    if let Some(event::Rescind { offer_id }) = event.rescind {
        record.offers.retain(|offer| offer.id != offer_id);
        record.rescinded.push(offer_id.value);
    }
    if let Some(event::Update { status }) = event.update {
        let known =
            status.uuid.is_some() && record.updates.iter().any(|update| update.uuid == status.uuid);
        if !known {
            record.updates.push(status);
        }
    }
    record.failures.extend(event.failure);
    record.messages.extend(event.message.map(|message| message.data.to_vec()));
    if let Some(event::Error { message }) = event.error {
        record.ended = Some(message);
    }
}

impl Shared {
    /// What the master said of the end goes before how it came.
    fn end(&self, why: &str) {
        self.note(|record| {
            record.ended.get_or_insert_with(|| why.to_owned());
        });
    }

    fn note(&self, write: impl FnOnce(&mut Record)) {
        write(&mut self.record.lock().unwrap());
        self.changed.notify_waiters();
    }
}

/// The file a sandbox of a task has, by the agent's own folder.
pub(crate) fn sandbox(world: &World, who: Who, framework: &Framework, executor: &str) -> PathBuf {
    let slaves = world.member(who).work_dir().join("slaves");
    let agent = first_entry(&slaves);
    let runs = agent
        .join("frameworks")
        .join(framework.id())
        .join("executors")
        .join(executor)
        .join("runs/latest");
    runs.canonicalize().unwrap()
}

fn first_entry(path: &Path) -> PathBuf {
    std::fs::read_dir(path).unwrap().next().unwrap().unwrap().path()
}
