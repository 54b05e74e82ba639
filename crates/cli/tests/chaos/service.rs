//! A framework: it launches tasks, acknowledges sooner or later, and finds whoever leads again.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cli::scheduler::{EventStream, Scheduler, SchedulerError};
use daemon::http::client::Client;
use model::task::is_terminal;
use tokio::time::{Instant, timeout};
use wire::scheduler::{Call, call};
use wire::v1::{
    ExecutorId, ExecutorInfo, FrameworkId, FrameworkInfo, KillPolicy, Offer, TaskGroupInfo, TaskId,
    TaskInfo, TaskState, TaskStatus, executor_info, framework_info, offer,
};

use crate::clock;
use crate::dice::Dice;
use crate::job::{self, Job};
use crate::journal::Journal;

const TICK: Duration = Duration::from_millis(100);
const CALL_LIMIT: Duration = Duration::from_secs(5);
/// Longer than the master's heartbeats are apart: a stream that is silent for longer is dead.
const SILENCE: Duration = Duration::from_secs(20);
/// Tasks that a framework wants to have.
const WANTED: usize = 6;

/// What a framework knows of one of its tasks.
#[derive(Clone, Debug)]
pub(crate) struct Task {
    pub(crate) host: String,
    pub(crate) agent: String,
    pub(crate) job: Job,
    pub(crate) grace: Option<Duration>,
    /// When the call that launches it was made.
    pub(crate) accepted: Duration,
    pub(crate) state: TaskState,
    /// Its end as the agent told it, and when this framework made the acknowledgement.
    pub(crate) end: Option<TaskState>,
    pub(crate) acknowledged: Option<Duration>,
    /// The framework removed itself since: it hears of nothing any more.
    pub(crate) is_abandoned: bool,
    /// When its framework first asked for its end.
    pub(crate) kill_asked: Option<Duration>,
    /// The smallest grace period with which its framework asked it to end.
    pub(crate) kill_grace: Option<Duration>,
}

impl Task {
    pub(crate) fn is_believed_alive(&self) -> bool {
        !self.is_abandoned
            && !is_terminal(self.state)
            && !matches!(self.state, TaskState::TaskUnknown | TaskState::TaskGoneByOperator)
    }
}

/// How a framework behaves.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Manner {
    /// Acknowledgements wait up to this long.
    pub(crate) acknowledges_within_ms: u64,
    /// Launches groups of tasks.
    pub(crate) groups: bool,
    /// Removes itself from time to time.
    pub(crate) tears_down: bool,
    /// Takes tasks of an agent that is away for lost.
    pub(crate) is_old: bool,
}

#[derive(Debug, Default)]
struct State {
    id: Option<FrameworkId>,
    tasks: BTreeMap<String, Task>,
    launched: u64,
    /// Offers that are used when their time has come.
    offers: Vec<(Instant, Offer)>,
    due: Vec<(Instant, TaskStatus)>,
    is_quiet: bool,
}

#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) name: String,
    manner: Manner,
    masters: Vec<String>,
    out: PathBuf,
    client: Client,
    journal: Arc<Journal>,
    state: Mutex<State>,
}

impl Service {
    pub(crate) fn new(
        name: &str,
        manner: Manner,
        masters: Vec<String>,
        out: PathBuf,
        journal: Arc<Journal>,
    ) -> Arc<Self> {
        Arc::new(Self {
            name: name.to_owned(),
            manner,
            masters,
            out,
            client: Client::new(None),
            journal,
            state: Mutex::default(),
        })
    }

    pub(crate) fn tasks(&self) -> BTreeMap<String, Task> {
        self.state.lock().unwrap().tasks.clone()
    }

    /// From now on it launches nothing and acknowledges at once.
    pub(crate) fn be_quiet(&self) {
        let mut state = self.state.lock().unwrap();
        state.is_quiet = true;
        for (due, _) in &mut state.due {
            *due = Instant::now();
        }
    }

    /// Runs until it is aborted.
    pub(crate) async fn run(self: Arc<Self>, mut dice: Dice) {
        for master in self.masters.iter().cycle() {
            let subscribed =
                timeout(CALL_LIMIT, Scheduler::subscribe(self.client.clone(), master, self.info()));
            match subscribed.await {
                Ok(Ok((scheduler, events))) => {
                    let id = scheduler.framework_id().clone();
                    self.journal.note(&format!("{}: subscribed as {}", self.name, id.value));
                    self.state.lock().unwrap().id = Some(id);
                    let why = self.converse(scheduler, events, &mut dice).await;
                    self.journal.note(&format!("{}: stream ended: {why}", self.name));
                    self.state.lock().unwrap().offers.clear();
                }
                // It does not know whether it was removed when it asked for that.
                Ok(Err(SchedulerError::Ended(message))) if self.manner.tears_down => {
                    self.journal.note(&format!("{}: {message}", self.name));
                    self.state.lock().unwrap().id = None;
                }
                Ok(Err(SchedulerError::Ended(message))) => {
                    self.journal.broken("framework", &format!("{}: {message}", self.name));
                    return;
                }
                Ok(Err(error)) => self.journal.note(&format!("{}: {error}", self.name)),
                Err(_elapsed) => self.journal.note(&format!("{}: {master} is silent", self.name)),
            }
            tokio::time::sleep(dice.between(100, 600)).await;
        }
    }

    fn info(&self) -> FrameworkInfo {
        use framework_info::capability::Type;
        let capability = |kind: Type| framework_info::Capability { r#type: Some(kind.into()) };
        FrameworkInfo {
            user: "root".to_owned(),
            name: self.name.clone(),
            id: self.state.lock().unwrap().id.clone(),
            failover_timeout: Some(3600.0),
            checkpoint: Some(true),
            capabilities: if self.manner.is_old {
                Vec::new()
            } else {
                vec![capability(Type::PartitionAware), capability(Type::TaskKillingState)]
            },
            ..FrameworkInfo::default()
        }
    }

    /// One subscription, until it ends; says why.
    async fn converse(
        &self,
        scheduler: Scheduler,
        mut events: EventStream,
        dice: &mut Dice,
    ) -> String {
        let mut heard = Instant::now();
        self.reconcile(&scheduler);
        let mut reconcile_at = Instant::now() + Duration::from_secs(5);
        loop {
            match timeout(TICK, events.next()).await {
                Ok(Ok(Some(event))) => {
                    heard = Instant::now();
                    if let Some(error) = event.error {
                        return format!("ERROR {}", error.message);
                    }
                    self.hear(event, dice);
                }
                Ok(Ok(None)) => return "closed".to_owned(),
                Ok(Err(error)) => return error.to_string(),
                Err(_elapsed) if heard.elapsed() > SILENCE => return "silence".to_owned(),
                Err(_elapsed) => {}
            }
            self.acknowledge(&scheduler);
            self.use_offers(&scheduler, dice);
            if Instant::now() > reconcile_at {
                self.reconcile(&scheduler);
                reconcile_at = Instant::now() + Duration::from_secs(5);
                if let Some(why) = self.have_a_whim(&scheduler, dice).await {
                    return why;
                }
            }
        }
    }

    fn hear(&self, event: wire::scheduler::Event, dice: &mut Dice) {
        let mut state = self.state.lock().unwrap();
        for offer in event.offers.into_iter().flat_map(|offers| offers.offers) {
            // Some are held for a while: the agent may be taken out of service meanwhile.
            let wait = if dice.percent(30) { dice.between(500, 4000) } else { Duration::ZERO };
            state.offers.push((Instant::now() + wait, offer));
        }
        if let Some(rescind) = event.rescind {
            // Some come too late: who gave the order to launch has not heard.
            if dice.percent(50) {
                state.offers.retain(|(_, offer)| offer.id != rescind.offer_id);
            }
        }
        if let Some(update) = event.update {
            let limit = if state.is_quiet { 1 } else { self.manner.acknowledges_within_ms.max(1) };
            let due = Instant::now() + dice.between(0, limit);
            self.updated(&mut state, &update.status);
            if update.status.uuid.is_some() {
                state.due.push((due, update.status));
            }
        }
    }

    fn updated(&self, state: &mut State, status: &TaskStatus) {
        let Ok(new) = TaskState::try_from(status.state) else { return };
        let id = &status.task_id.value;
        let message = status.message.as_deref().unwrap_or_default();
        let kind = if status.uuid.is_some() { "" } else { " (from the master)" };
        let line = format!("{}: {id} {}{kind} {message}", self.name, new.as_str_name());
        self.journal.note(&line);
        let Some(task) = state.tasks.get_mut(id) else { return };
        // What the master answers about a task that nobody knows any more is no end of it.
        if status.uuid.is_some() && is_terminal(new) {
            if let Some(end) = task.end
                && end != new
            {
                let what = format!("{id} was {} and then {}", end.as_str_name(), new.as_str_name());
                self.journal.broken("one-terminal-state", &what);
            }
            task.end = Some(new);
        }
        if task.end.is_none() || is_terminal(new) {
            task.state = new;
        }
    }

    /// Makes the acknowledgements that are due.
    fn acknowledge(&self, scheduler: &Scheduler) {
        let mut state = self.state.lock().unwrap();
        let now = Instant::now();
        let (due, later) =
            std::mem::take(&mut state.due).into_iter().partition(|(at, _)| *at <= now);
        state.due = later;
        let due: Vec<(Instant, TaskStatus)> = due;
        for (_, status) in due {
            let is_end = TaskState::try_from(status.state).is_ok_and(is_terminal);
            if let Some(task) = state.tasks.get_mut(&status.task_id.value).filter(|_| is_end) {
                task.acknowledged.get_or_insert_with(clock::now);
            }
            let scheduler = scheduler.clone();
            // One that does not arrive is asked for again.
            tokio::spawn(async move {
                drop(timeout(CALL_LIMIT, scheduler.acknowledge(&status)).await);
            });
        }
    }

    fn use_offers(&self, scheduler: &Scheduler, dice: &mut Dice) {
        let mut state = self.state.lock().unwrap();
        let now = Instant::now();
        let (due, later) =
            std::mem::take(&mut state.offers).into_iter().partition(|(at, _)| *at <= now);
        state.offers = later;
        let due: Vec<(Instant, Offer)> = due;
        for (_, offer) in due {
            let alive = state.tasks.values().filter(|task| task.is_believed_alive()).count();
            let count = WANTED.saturating_sub(alive).min(1 + dice.index(2));
            if count == 0 || state.is_quiet {
                let scheduler = scheduler.clone();
                let decline = async move { scheduler.decline(vec![offer.id], 1.0).await };
                tokio::spawn(async move { drop(timeout(CALL_LIMIT, decline).await) });
                continue;
            }
            let is_grouped = self.manner.groups && dice.percent(50);
            let tasks: Vec<TaskInfo> =
                (0..count).map(|_| self.new_task(&mut state, &offer, dice)).collect();
            let operation = self.operation(scheduler, &state, tasks, is_grouped);
            let (scheduler, journal) = (scheduler.clone(), self.journal.clone());
            let what = format!("{}: accepts an offer of {}", self.name, offer.hostname);
            tokio::spawn(async move {
                let accept = scheduler.accept(vec![offer.id], vec![operation], 0.0);
                let outcome = timeout(CALL_LIMIT, accept).await;
                journal.note(&format!("{what}: {outcome:?}"));
            });
        }
    }

    fn new_task(&self, state: &mut State, offer: &Offer, dice: &mut Dice) -> TaskInfo {
        state.launched += 1;
        let id = format!("{}.{}", self.name, state.launched);
        let job = Job::any(dice);
        let grace = *dice.pick(&[None, Some(2), Some(5), Some(8)]);
        let grace = grace.map(Duration::from_secs);
        let task = Task {
            host: offer.hostname.clone(),
            agent: offer.agent_id.value.clone(),
            job,
            grace,
            accepted: clock::now(),
            state: TaskState::TaskStaging,
            end: None,
            acknowledged: None,
            is_abandoned: false,
            kill_asked: None,
            kill_grace: None,
        };
        self.journal
            .note(&format!("{}: launches {id} on {}: {job:?}, {grace:?}", self.name, task.host));
        state.tasks.insert(id.clone(), task);
        job.info(&id, grace, offer, &self.out)
    }

    fn operation(
        &self,
        scheduler: &Scheduler,
        state: &State,
        tasks: Vec<TaskInfo>,
        is_grouped: bool,
    ) -> offer::Operation {
        if !is_grouped {
            return offer::Operation {
                r#type: Some(offer::operation::Type::Launch.into()),
                launch: Some(offer::operation::Launch { task_infos: tasks }),
                ..offer::Operation::default()
            };
        }
        let executor = ExecutorInfo {
            r#type: Some(executor_info::Type::Default.into()),
            executor_id: ExecutorId { value: format!("{}.g{}", self.name, state.launched) },
            framework_id: Some(scheduler.framework_id().clone()),
            resources: [("cpus", 0.1), ("mem", 32.0), ("disk", 16.0)]
                .map(|(name, value)| job::scalar(name, value))
                .to_vec(),
            ..ExecutorInfo::default()
        };
        let group = offer::operation::LaunchGroup { executor, task_group: TaskGroupInfo { tasks } };
        offer::Operation {
            r#type: Some(offer::operation::Type::LaunchGroup.into()),
            launch_group: Some(Box::new(group)),
            ..offer::Operation::default()
        }
    }

    /// Asks about every task that it takes to be alive and that cannot be on its way any more.
    fn reconcile(&self, scheduler: &Scheduler) {
        let now = clock::now();
        let tasks: Vec<call::reconcile::Task> = {
            let state = self.state.lock().unwrap();
            let old = |task: &&Task| now.saturating_sub(task.accepted) > Duration::from_secs(40);
            let asked = state
                .tasks
                .iter()
                .filter(|(_, task)| task.is_believed_alive() && (state.is_quiet || old(task)));
            asked
                .map(|(id, task)| call::reconcile::Task {
                    task_id: TaskId { value: id.clone() },
                    agent_id: Some(wire::v1::AgentId { value: task.agent.clone() }),
                })
                .collect()
        };
        if tasks.is_empty() {
            return;
        }
        let scheduler = scheduler.clone();
        tokio::spawn(async move { drop(timeout(CALL_LIMIT, scheduler.reconcile(tasks)).await) });
    }

    /// From time to time it kills a task, goes away for a moment, or removes itself.
    async fn have_a_whim(&self, scheduler: &Scheduler, dice: &mut Dice) -> Option<String> {
        if self.state.lock().unwrap().is_quiet {
            return None;
        }
        match dice.below(10) {
            0..=2 => self.kill_one(scheduler, dice),
            3 => return Some("it goes away".to_owned()),
            4 if self.manner.tears_down && dice.percent(50) => {
                return Some(self.tear_down(scheduler).await);
            }
            _ => {}
        }
        None
    }

    fn kill_one(&self, scheduler: &Scheduler, dice: &mut Dice) {
        let mut state = self.state.lock().unwrap();
        let alive: BTreeSet<String> = state
            .tasks
            .iter()
            .filter(|(_, task)| task.is_believed_alive())
            .map(|(id, _)| id.clone())
            .collect();
        let Some(id) = alive.into_iter().nth(dice.index(WANTED)) else { return };
        let grace = dice.percent(50).then(|| dice.between(1000, 6000));
        let Some(task) = state.tasks.get_mut(&id) else { return };
        task.kill_asked.get_or_insert_with(clock::now);
        task.kill_grace = [grace, task.kill_grace].into_iter().flatten().min();
        self.journal.note(&format!("{}: kills {id}, {grace:?}", self.name));
        let kill = call::Kill {
            task_id: TaskId { value: id },
            agent_id: None,
            kill_policy: grace.map(|grace| KillPolicy {
                grace_period: Some(model::duration::to_wire_info(grace)),
            }),
        };
        let scheduler = scheduler.clone();
        tokio::spawn(async move {
            let call = Call { kill: Some(kill), ..Call::default() };
            drop(timeout(CALL_LIMIT, scheduler.call(call::Type::Kill, call)).await);
        });
    }

    async fn tear_down(&self, scheduler: &Scheduler) -> String {
        {
            // Before it is asked for: from then on anything may be the answer.
            let mut state = self.state.lock().unwrap();
            state.tasks.values_mut().for_each(|task| task.is_abandoned = true);
            state.due.clear();
        }
        // Whether it was removed shows at the next subscription at the latest.
        let outcome = timeout(CALL_LIMIT, scheduler.teardown()).await;
        if matches!(outcome, Ok(Ok(()))) {
            self.state.lock().unwrap().id = None;
        }
        format!("it removed itself: {outcome:?}")
    }
}
