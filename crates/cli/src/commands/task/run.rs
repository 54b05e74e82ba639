//! `ebb task run`: launches copies of a command and follows them.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, interval_at};
use wire::v1::framework_info::{Capability, capability};
use wire::v1::task_status::Reason;
use wire::v1::{FrameworkInfo, Label, Labels, Offer, TaskStatus};

use super::SILENCE;
use super::copies::{Copy, Plan};
use super::follow::{Subscription, passing};
use crate::api::Master;
use crate::args::Global;
use crate::args::task::RunArgs;
use crate::commands::Outcome;
use crate::exit::Failure;
use crate::output;
use crate::task::{RUN_LABEL, state_word};

/// Time a master waits for this program to come back before it ends the tasks.
const ATTACHED_FAILOVER_SECONDS: f64 = 60.0;
/// Detached tasks are not to end because nobody looks.
const DETACHED_FAILOVER_SECONDS: f64 = 365.0 * 24.0 * 3600.0;
/// Up to so many copies each change of each is a line; of more, how many are in which state.
const LINES_LIMIT: usize = 20;
/// How often something is said about many copies, or about offers that don't come.
const TICK: Duration = Duration::from_secs(2);
/// Time without a word about a launched copy after which the master is asked about it: the launch may have
/// ended with the master that took it.
const UNHEARD: Duration = Duration::from_secs(10);
/// Copies that did not come to run are launched again so many times in all, per copy.
const RETRIES: usize = 10;
/// What shells report for a program ended by SIGINT.
const INTERRUPTED: u8 = 130;

pub(super) async fn run(master: &Master, global: &Global, args: RunArgs) -> Outcome {
    let agent = match &args.node {
        Some(text) => {
            let node = crate::commands::node::load_one(master, text).await?;
            Some(crate::commands::node::agent_id(&node))
        }
        None => None,
    };
    let plan = Plan::new(&args, agent)?;
    let copies = plan.copies(args.instances);
    let subscription = Subscription::begin(master, framework(global, &args), SILENCE).await?;
    let interrupt = listen(SignalKind::interrupt())?;
    let terminate = listen(SignalKind::terminate())?;
    let mut run = Run {
        subscription,
        plan,
        copies,
        unheard: BTreeMap::new(),
        detach: args.detach,
        retries: 0,
        ending: false,
        said: String::new(),
    };
    let interrupted = run.follow(interrupt, terminate).await?;
    run.finish(interrupted, global).await
}

fn listen(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(|error| Failure::error(format!("cannot listen for signals: {error}")))
}

fn framework(global: &Global, args: &RunArgs) -> FrameworkInfo {
    let kinds = [
        capability::Type::PartitionAware,
        capability::Type::TaskKillingState,
        capability::Type::MultiRole,
    ];
    let value = if args.detach { "detached" } else { "attached" };
    let label = Label { key: RUN_LABEL.to_owned(), value: Some(value.to_owned()) };
    let failover = if args.detach { DETACHED_FAILOVER_SECONDS } else { ATTACHED_FAILOVER_SECONDS };
    let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    FrameworkInfo {
        user: user(args),
        name: format!("ebb task run {}", args.name),
        failover_timeout: Some(failover),
        checkpoint: Some(true),
        roles: vec![args.role.clone()],
        hostname: Some(host),
        principal: global.principal.clone(),
        capabilities: kinds.map(|kind| Capability { r#type: Some(kind.into()) }).to_vec(),
        labels: Some(Labels { labels: vec![label] }),
        ..FrameworkInfo::default()
    }
}

/// Who the tasks run as where the agent may choose.
fn user(args: &RunArgs) -> String {
    args.user.clone().or_else(crate::commands::user_name).unwrap_or_default()
}

struct Run {
    subscription: Subscription,
    plan: Plan,
    copies: Vec<Copy>,
    /// Launched copies nothing was heard of yet, and since when.
    unheard: BTreeMap<String, Instant>,
    detach: bool,
    retries: usize,
    /// Ctrl-C was pressed: everything is being killed.
    ending: bool,
    /// Last summary, so that none is repeated.
    said: String,
}

impl Run {
    /// Until all copies have ended, or, detached, run. Whether it was interrupted.
    async fn follow(
        &mut self,
        mut interrupt: Signal,
        mut terminate: Signal,
    ) -> Result<bool, Failure> {
        let mut tick = interval_at(Instant::now() + TICK, TICK);
        while !self.is_done() {
            let event = tokio::select! {
                event = self.subscription.next() => event?,
                _ = tick.tick() => {
                    if self.ending {
                        // The first time may have been lost.
                        self.kill_all().await?;
                    }
                    self.ask_about_unheard().await?;
                    self.summarize();
                    continue;
                }
                _ = interrupt.recv() => {
                    if self.interrupted().await? { return Ok(true) }
                    continue;
                }
                _ = terminate.recv() => {
                    if self.interrupted().await? { return Ok(true) }
                    continue;
                }
            };
            if let Some(offers) = event.offers {
                self.offers(offers.offers).await?;
            }
            if let Some(update) = event.update {
                self.update(&update.status).await?;
            }
        }
        Ok(self.ending)
    }

    fn is_done(&self) -> bool {
        let settled = |copy: &Copy| {
            copy.is_over()
                || self.detach
                    && !self.ending
                    && copy.state == Some(wire::v1::TaskState::TaskRunning)
        };
        self.copies.iter().all(settled)
    }

    async fn offers(&mut self, offers: Vec<Offer>) -> Result<(), Failure> {
        let launches = if self.ending {
            vec![Vec::new(); offers.len()]
        } else {
            self.plan.fit(&offers, &mut self.copies)
        };
        let mut unused = Vec::new();
        for (offer, tasks) in offers.into_iter().zip(launches) {
            if tasks.is_empty() {
                unused.push(offer.id);
            } else {
                let ids: Vec<String> =
                    tasks.iter().map(|task| task.task_id.value.clone()).collect();
                let scheduler = &self.subscription.scheduler;
                if passing(scheduler.accept_launch(vec![offer.id], tasks, 1.0).await)? {
                    let now = Instant::now();
                    self.unheard.extend(ids.into_iter().map(|id| (id, now)));
                } else {
                    self.again(&ids).await?;
                }
            }
        }
        if !unused.is_empty() {
            // Soon again as long as something waits: other tasks may end.
            passing(self.subscription.scheduler.decline(unused, 1.0).await)?;
        }
        if !self.copies.iter().any(Copy::is_waiting) {
            passing(self.subscription.scheduler.suppress().await)?;
        }
        Ok(())
    }

    async fn update(&mut self, status: &TaskStatus) -> Result<(), Failure> {
        let state = wire::v1::TaskState::try_from(status.state).unwrap_or_default();
        let was_unheard = self.unheard.remove(&status.task_id.value).is_some();
        let never_ran = was_too_late(status) || was_unheard && is_unknown_to_all(status);
        let known = self.copies.iter_mut().find(|copy| copy.id == status.task_id.value);
        if let Some(copy) = known.filter(|copy| !copy.is_over()) {
            let changed = copy.state != Some(state);
            copy.state = Some(state);
            copy.message = status.message.clone().unwrap_or_default();
            let line = line(copy);
            let is_noteworthy = copy.is_over() && state != wire::v1::TaskState::TaskFinished;
            let retries = !self.ending && never_ran && self.retries < RETRIES * self.copies.len();
            if retries {
                self.again(std::slice::from_ref(&status.task_id.value)).await?;
            } else if changed && (self.copies.len() <= LINES_LIMIT || is_noteworthy) {
                output::talk(&output::table::one_line(&line));
            }
        }
        self.subscription.acknowledge(status).await
    }

    /// What was launched just before a failover may be known to nobody: neither master nor agent would ever
    /// say a word about it.
    async fn ask_about_unheard(&mut self) -> Result<(), Failure> {
        let now = Instant::now();
        let mut tasks = Vec::new();
        for (id, since) in &mut self.unheard {
            if now.duration_since(*since) < UNHEARD {
                continue;
            }
            *since = now;
            let copy = self.copies.iter().find(|copy| copy.id == *id);
            tasks.push(wire::scheduler::call::reconcile::Task {
                task_id: wire::v1::TaskId { value: id.clone() },
                agent_id: copy.and_then(|copy| copy.agent.clone()),
            });
        }
        if tasks.is_empty() {
            return Ok(());
        }
        passing(self.subscription.scheduler.reconcile(tasks).await).map(drop)
    }

    /// Launches copies again that never ran: their offer was gone, or the call got lost.
    async fn again(&mut self, ids: &[String]) -> Result<(), Failure> {
        self.retries += ids.len();
        if self.retries > RETRIES * self.copies.len() {
            return Err(Failure::error("the tasks can't be launched: the master loses the calls"));
        }
        for copy in self.copies.iter_mut().filter(|copy| ids.contains(&copy.id)) {
            copy.again();
        }
        passing(self.subscription.scheduler.revive().await).map(drop)
    }

    /// Kills everything the first time; the second time true: not to wait any longer.
    async fn interrupted(&mut self) -> Result<bool, Failure> {
        if self.ending {
            return Ok(true);
        }
        self.ending = true;
        let live = self.copies.iter().filter(|copy| !copy.is_waiting() && !copy.is_over()).count();
        if live > 0 {
            let tasks = output::words::count(live, "task");
            output::talk(&format!("stopping {tasks}; Ctrl-C again does not wait"));
        }
        for copy in self.copies.iter_mut().filter(|copy| copy.is_waiting()) {
            // Never launched: nothing to wait for.
            copy.state = Some(wire::v1::TaskState::TaskKilled);
        }
        self.kill_all().await?;
        Ok(false)
    }

    /// Asks for the end of whatever is left; asking again does no harm.
    async fn kill_all(&self) -> Result<(), Failure> {
        for copy in self.copies.iter().filter(|copy| !copy.is_over()) {
            let id = wire::v1::TaskId { value: copy.id.clone() };
            passing(self.subscription.scheduler.kill(&id, copy.agent.as_ref()).await)?;
        }
        Ok(())
    }

    fn summarize(&mut self) {
        let waiting = self.copies.iter().filter(|copy| copy.is_waiting()).count();
        let mut text = String::new();
        if self.copies.len() > LINES_LIMIT {
            text = states(&self.copies);
        }
        if waiting > 0 {
            let gap = if text.is_empty() { "" } else { "; " };
            let tasks = output::words::count(waiting, "task");
            let place = if self.plan.agent.is_some() { "that node" } else { "a node" };
            text =
                format!("{text}{gap}{tasks} waiting for {place} with {} free", self.plan.needs());
        }
        if !text.is_empty() && text != self.said {
            output::talk(&text);
            self.said = text;
        }
    }

    async fn finish(self, interrupted: bool, global: &Global) -> Outcome {
        let all_finished =
            self.copies.iter().all(|copy| copy.state == Some(wire::v1::TaskState::TaskFinished));
        let runs = self.copies.iter().filter(|copy| !copy.is_over()).count();
        if self.detach && !interrupted && runs > 0 {
            let id = self.subscription.scheduler.framework_id().value.clone();
            for copy in self.copies.iter().filter(|copy| !copy.is_over()) {
                output::line(&copy.id);
            }
            super::hold::spawn(global, &id)?;
            output::talk(&format!(
                "{} running; `ebb task kill` ends them",
                output::words::count(runs, "task")
            ));
            let failed = self.copies.iter().any(Copy::is_over) && !all_finished;
            return Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS });
        }
        self.subscription.scheduler.teardown().await?;
        if self.copies.len() > 1 {
            output::talk(&states(&self.copies));
        }
        Ok(match (interrupted, all_finished) {
            (true, _) => ExitCode::from(INTERRUPTED),
            (false, true) => ExitCode::SUCCESS,
            (false, false) => ExitCode::FAILURE,
        })
    }
}

/// Lost on the way to the agent, without having run.
fn was_too_late(status: &TaskStatus) -> bool {
    let reason = status.reason.and_then(|number| Reason::try_from(number).ok());
    reason == Some(Reason::InvalidOffers)
}

/// The answer about a task that neither the master nor its agent has ever heard of.
fn is_unknown_to_all(status: &TaskStatus) -> bool {
    let reason = status.reason.and_then(|number| Reason::try_from(number).ok());
    let state = wire::v1::TaskState::try_from(status.state).unwrap_or_default();
    reason == Some(Reason::Reconciliation) && model::task::is_terminal(state)
}

fn line(copy: &Copy) -> String {
    let state = copy.state.map_or("WAITING", |state| state_word(state.into()));
    let node =
        if copy.hostname.is_empty() { String::new() } else { format!(" on {}", copy.hostname) };
    let message =
        if copy.message.is_empty() { String::new() } else { format!(": {}", copy.message) };
    format!("{} {state}{node}{message}", copy.id)
}

/// `3 FINISHED, 1 FAILED`.
fn states(copies: &[Copy]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for copy in copies {
        let word = copy.state.map_or("WAITING", |state| state_word(state.into()));
        *counts.entry(word).or_default() += 1;
    }
    let parts = counts.into_iter().map(|(word, count)| format!("{count} {word}"));
    parts.collect::<Vec<_>>().join(", ")
}
