//! Frameworks, each with a character of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use bytes::Bytes;
use master::StreamId;
use model::{FrameworkId, TaskState};
use wire::scheduler::{self, call, call::Type};
use wire::v1::{self, TaskStatus};

use crate::deeds::Kind;
use crate::dice::Dice;
use crate::plan::{Plan, Stubborn};
use crate::storage::{Awaited, Storage};
use crate::world::{Happening, World};

/// How a framework treats updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    Prompt,
    /// Within a minute or two.
    Slow,
    /// Acknowledges nothing while there is trouble.
    Mute,
    /// Acknowledges nothing, ever.
    MuteForGood,
}

/// A framework's scheduler.
pub(crate) struct Service {
    pub(crate) index: usize,
    manner: Manner,
    /// Says that it knows `TASK_KILLING`.
    knows_killing: bool,
    failover_timeout: Duration,
    /// It has gone and does not come back.
    pub(crate) is_away: bool,
    pub(crate) id: Option<FrameworkId>,
    pub(crate) stream: Option<StreamId>,
    /// What it believes of its tasks that have not ended, and where they are.
    tasks: BTreeMap<String, (TaskState, Option<v1::AgentId>)>,
    launched: u64,
    groups: u64,
    /// It reserves resources and keeps data.
    pub(crate) storage: Option<Storage>,
    /// Operations of which it has not heard the end, those it has not acknowledged, and how many it has asked for.
    pub(crate) awaited: BTreeMap<String, Awaited>,
    pub(crate) unacknowledged: BTreeSet<Bytes>,
    pub(crate) operations: u64,
}

impl Service {
    pub(crate) fn new(index: usize, plan: &Plan, dice: &mut Dice) -> Self {
        let stubborn = plan.stubborn.filter(|_| index == 0);
        let manner = match dice.below(4) {
            _ if stubborn == Some(Stubborn::Mute) => Manner::MuteForGood,
            0 => Manner::Slow,
            1 => Manner::Mute,
            _ => Manner::Prompt,
        };
        Self {
            index,
            manner,
            knows_killing: dice.chance(500),
            failover_timeout: match (stubborn, dice.below(3) * 600) {
                (Some(Stubborn::Away), _) => Duration::from_hours(24 * 7),
                (_, seconds) => Duration::from_secs(seconds),
            },
            is_away: false,
            id: None,
            stream: None,
            tasks: BTreeMap::new(),
            launched: 0,
            groups: 0,
            storage: Storage::new(dice, manner == Manner::MuteForGood),
            awaited: BTreeMap::new(),
            unacknowledged: BTreeSet::new(),
            operations: 0,
        }
    }

    fn info(&self) -> v1::FrameworkInfo {
        use v1::framework_info::{Capability, capability::Type};
        let mut capabilities = vec![Type::PartitionAware, Type::MultiRole];
        if self.knows_killing {
            capabilities.push(Type::TaskKillingState);
        }
        if self.storage.as_ref().is_some_and(|storage| storage.refines) {
            capabilities.push(Type::ReservationRefinement);
        }
        let capability = |kind: Type| Capability { r#type: Some(kind.into()) };
        v1::FrameworkInfo {
            user: "nobody".to_owned(),
            name: format!("service-{}", self.index),
            id: self.id.as_ref().map(FrameworkId::to_wire),
            failover_timeout: Some(self.failover_timeout.as_secs_f64()),
            roles: vec![format!("role-{}", self.index)],
            capabilities: capabilities.into_iter().map(capability).collect(),
            ..v1::FrameworkInfo::default()
        }
    }

    pub(crate) fn lost(&mut self, stream: StreamId) {
        if self.stream == Some(stream) {
            self.stream = None;
        }
    }

    /// What it believes is alive.
    pub(crate) fn believed(&self) -> impl Iterator<Item = (&str, TaskState)> {
        self.tasks.iter().map(|(id, (state, _))| (id.as_str(), *state))
    }

    pub(crate) fn call(&self, kind: Type) -> scheduler::Call {
        scheduler::Call {
            framework_id: self.id.as_ref().map(FrameworkId::to_wire),
            r#type: Some(kind.into()),
            ..scheduler::Call::default()
        }
    }

    /// Whether it never acknowledges anything.
    pub(crate) fn is_mute(&self) -> bool {
        self.manner == Manner::MuteForGood
    }

    fn forget(&mut self) {
        self.id = None;
        self.stream = None;
        self.tasks.clear();
        self.awaited.clear();
        self.unacknowledged.clear();
    }
}

impl World {
    pub(crate) fn service_hears(&mut self, stream: StreamId, event: scheduler::Event) {
        let Some(index) = self.streams.get(&stream).map(|open| open.service) else { return };
        if self.services[index].stream != Some(stream) {
            return;
        }
        if let Some(subscribed) = event.subscribed {
            self.services[index].id = Some(FrameworkId::from(&subscribed.framework_id));
            if self.dice.chance(500) || self.is_at_rest() {
                self.reconcile(index);
                self.reconcile_operations(index);
            }
        }
        if let Some(error) = event.error {
            self.coverage.count("service error", &error.message);
            let id = self.services[index].id.clone();
            self.truth.service_ended(id.as_ref());
            self.services[index].forget();
            // It ends, and with it every connection it has left.
            return self.close_streams(index, Some(stream));
        }
        for offer in event.offers.into_iter().flat_map(|offers| offers.offers) {
            self.answer_offer(index, &offer);
        }
        for offer in event.inverse_offers.into_iter().flat_map(|offers| offers.inverse_offers) {
            self.answer_inverse_offer(index, offer.id);
        }
        if let Some(update) = event.update {
            self.service_updated(index, update.status);
        }
        if let Some(update) = event.update_operation_status {
            self.operation_updated(index, update.status);
        }
    }

    /// A service ends: its master hears so of every stream, but for the one that is over already.
    fn close_streams(&mut self, index: usize, over: Option<StreamId>) {
        let left: Vec<StreamId> = self
            .streams
            .iter()
            .filter(|(id, open)| open.service == index && Some(**id) != over)
            .map(|(id, _)| *id)
            .collect();
        for stream in left {
            self.break_stream(stream, false, true);
        }
    }

    fn service_updated(&mut self, index: usize, status: TaskStatus) {
        let Some(state) = model::task::state_from_wire(status.state) else { return };
        let service = &mut self.services[index];
        let name = status.task_id.value.clone();
        let is_over = model::task::is_terminal(state)
            || matches!(state, TaskState::TaskUnknown | TaskState::TaskGoneByOperator);
        // What the master answers about a task that nobody knows any more is no end of it.
        if status.uuid.is_some() {
            self.truth.service_heard(service.id.as_ref(), &name, state);
            self.truth.update_heard(status.uuid.clone());
        }
        let known = service.tasks.get(&name).is_some_and(|(at, _)| *at != TaskState::TaskStaging);
        self.check_news(&status, state, known);
        let service = &mut self.services[index];
        if is_over {
            service.tasks.remove(&name);
        } else if let Some(task) = service.tasks.get_mut(&name) {
            *task = (state, status.agent_id.clone());
        }
        if status.uuid.is_none() {
            return;
        }
        let manner = service.manner;
        let Some(wait) = manner.patience(self.is_at_rest()) else { return };
        let status = Box::new(status);
        self.soon(wait, Happening::Acknowledge { service: index, status });
    }

    pub(crate) fn acknowledge(&mut self, index: usize, status: &TaskStatus) {
        let (Some(agent_id), Some(uuid)) = (status.agent_id.clone(), status.uuid.clone()) else {
            return;
        };
        let acknowledge = call::Acknowledge { agent_id, task_id: status.task_id.clone(), uuid };
        let call = scheduler::Call {
            acknowledge: Some(acknowledge),
            ..self.services[index].call(Type::Acknowledge)
        };
        self.call_master(index, call);
    }

    fn answer_offer(&mut self, index: usize, offer: &v1::Offer) {
        let made = self.make_of(index, offer);
        let wanted = self.plan.tasks.saturating_sub(self.services[index].tasks.len());
        let mut count = if self.is_at_rest() { 0 } else { wanted.min(1 + self.dice.index(3)) };
        if count > 0 && self.is_left_out(Kind::Launch, index) {
            count = 0;
        }
        let filters = Some(v1::Filters { refuse_seconds: Some(5.0) });
        let mut operations = made.operations;
        if count == 0 && operations.is_empty() {
            let decline = call::Decline { offer_ids: vec![offer.id.clone()], filters };
            let call = scheduler::Call {
                decline: Some(decline),
                ..self.services[index].call(Type::Decline)
            };
            return self.call_master(index, call);
        }
        if count > 0 {
            operations.push(self.launch(index, offer, count, made.volume));
        }
        let accept = call::Accept { offer_ids: vec![offer.id.clone()], operations, filters };
        let call =
            scheduler::Call { accept: Some(accept), ..self.services[index].call(Type::Accept) };
        self.call_master(index, call);
    }

    /// So many tasks, one of them with the volume.
    fn launch(
        &mut self,
        index: usize,
        offer: &v1::Offer,
        count: usize,
        volume: Option<v1::Resource>,
    ) -> v1::offer::Operation {
        let on = &offer.hostname;
        self.it_is(format_args!("service-{index} launches {count} on {on}"));
        let mut tasks: Vec<v1::TaskInfo> =
            (0..count).map(|_| self.new_task(index, offer)).collect();
        if let (Some(first), Some(volume)) = (tasks.first_mut(), volume) {
            self.coverage.count("world", "task with a volume");
            first.resources.push(volume);
        }
        let is_custom = self.dice.chance(150);
        if is_custom {
            self.give_executor(index, offer, &mut tasks);
        }
        if !is_custom && self.dice.chance(250) {
            self.coverage.count("world", "task group");
            return self.group(index, offer, tasks);
        }
        v1::offer::Operation {
            r#type: Some(v1::offer::operation::Type::Launch.into()),
            launch: Some(v1::offer::operation::Launch { task_infos: tasks }),
            ..v1::offer::Operation::default()
        }
    }

    /// The tasks on one executor of the framework's own, new or the one before.
    fn give_executor(&mut self, index: usize, offer: &v1::Offer, tasks: &mut [v1::TaskInfo]) {
        let is_new = self.dice.chance(600);
        let service = &mut self.services[index];
        service.groups += u64::from(is_new);
        let executor = v1::ExecutorInfo {
            r#type: Some(v1::executor_info::Type::Custom.into()),
            executor_id: v1::ExecutorId { value: format!("c{index}.{}", service.groups) },
            framework_id: service.id.as_ref().map(FrameworkId::to_wire),
            command: Some(v1::CommandInfo {
                value: Some("./executor".to_owned()),
                ..v1::CommandInfo::default()
            }),
            resources: [("cpus", 0.1), ("mem", 32.0)]
                .map(|(name, value)| scalar(offer, name, value))
                .to_vec(),
            ..v1::ExecutorInfo::default()
        };
        for task in tasks {
            task.command = None;
            task.executor = Some(Box::new(executor.clone()));
        }
    }

    /// The tasks as a group with an executor of its own, or with the one of the group before.
    fn group(
        &mut self,
        index: usize,
        offer: &v1::Offer,
        tasks: Vec<v1::TaskInfo>,
    ) -> v1::offer::Operation {
        let is_new = self.dice.chance(700);
        let service = &mut self.services[index];
        service.groups += u64::from(is_new);
        let executor = v1::ExecutorInfo {
            r#type: Some(v1::executor_info::Type::Default.into()),
            executor_id: v1::ExecutorId { value: format!("g{index}.{}", service.groups) },
            framework_id: service.id.as_ref().map(FrameworkId::to_wire),
            resources: [("cpus", 0.1), ("mem", 32.0), ("disk", 32.0)]
                .map(|(name, value)| scalar(offer, name, value))
                .to_vec(),
            ..v1::ExecutorInfo::default()
        };
        let task_group = v1::TaskGroupInfo { tasks };
        v1::offer::Operation {
            r#type: Some(v1::offer::operation::Type::LaunchGroup.into()),
            launch_group: Some(Box::new(v1::offer::operation::LaunchGroup {
                executor,
                task_group,
            })),
            ..v1::offer::Operation::default()
        }
    }

    fn new_task(&mut self, index: usize, offer: &v1::Offer) -> v1::TaskInfo {
        let grace = self.dice.chance(400).then(|| {
            let grace = self.dice.between(Duration::ZERO, Duration::from_mins(1));
            v1::KillPolicy { grace_period: Some(model::duration::to_wire_info(grace)) }
        });
        let service = &mut self.services[index];
        service.launched += 1;
        let name = format!("s{index}.{}", service.launched);
        service.tasks.insert(name.clone(), (TaskState::TaskStaging, Some(offer.agent_id.clone())));
        v1::TaskInfo {
            name: name.clone(),
            task_id: v1::TaskId { value: name },
            agent_id: offer.agent_id.clone(),
            resources: vec![scalar(offer, "cpus", 0.5), scalar(offer, "mem", 64.0)],
            command: Some(v1::CommandInfo {
                value: Some("run".to_owned()),
                ..v1::CommandInfo::default()
            }),
            kill_policy: grace,
            ..v1::TaskInfo::default()
        }
    }

    fn reconcile(&mut self, index: usize) {
        let service = &self.services[index];
        let tasks = service.tasks.iter().map(|(id, (_, agent))| call::reconcile::Task {
            task_id: v1::TaskId { value: id.clone() },
            agent_id: agent.clone(),
        });
        let reconcile = call::Reconcile { tasks: tasks.collect() };
        if reconcile.tasks.is_empty() {
            return;
        }
        let call = scheduler::Call { reconcile: Some(reconcile), ..service.call(Type::Reconcile) };
        self.call_master(index, call);
    }

    /// What a service does of its own accord, from time to time.
    pub(crate) fn service_acts(&mut self, index: usize) {
        if self.services[index].is_away {
            return;
        }
        if self.is_at_rest() && index == 0 && self.plan.stubborn == Some(Stubborn::Away) {
            self.services[index].is_away = true;
            self.services[index].stream = None;
            return self.close_streams(index, None);
        }
        let again = if self.is_at_rest() { 120 } else { 30 };
        self.soon(Duration::from_secs(again), Happening::ServiceActs { service: index });
        let service = &self.services[index];
        if service.stream.is_none_or(|stream| !self.is_open(stream)) {
            let info = service.info();
            if let Some(old) = self.services[index].stream.take() {
                self.break_stream(old, false, true);
            }
            return self.subscribe(index, info);
        }
        if service.id.is_none() {
            return;
        }
        self.check_books();
        if self.is_at_rest() {
            self.reconcile(index);
            return self.reconcile_operations(index);
        }
        let whim = self.dice.below(40);
        if whim > 10 || self.is_left_out(Kind::Whim, index) {
            return;
        }
        self.it_is(format_args!("service-{index}"));
        match whim {
            0..=5 => {
                let names: Vec<String> = self.services[index].tasks.keys().cloned().collect();
                if let Some(name) = self.dice.pick(&names).cloned() {
                    self.it_is(format_args!("kills {name}"));
                    self.kill_one(index, name);
                }
            }
            6 => {
                // It goes away without a word, or its master hears it go.
                self.coverage.count("fault", "service disconnects");
                self.it_is("disconnects");
                let master_hears = self.dice.chance(700);
                if let Some(stream) = self.services[index].stream.take() {
                    self.break_stream(stream, false, master_hears);
                }
            }
            7 => {
                self.it_is("reconciles");
                self.reconcile(index);
                self.reconcile_operations(index);
            }
            10 => {
                // Another instance of it takes over while the old one is still connected.
                self.coverage.count("world", "service fails over");
                self.it_is("fails over");
                let info = self.services[index].info();
                self.subscribe(index, info);
            }
            8 if self.dice.chance(100) => {
                self.coverage.count("fault", "service tears down");
                self.it_is("tears down");
                let call = self.services[index].call(Type::Teardown);
                let id = self.services[index].id.clone();
                self.truth.service_ended(id.as_ref());
                self.call_master(index, call);
            }
            9 => {
                self.it_is("revives");
                let call = self.services[index].call(Type::Revive);
                self.call_master(index, call);
            }
            _ => {}
        }
    }

    fn kill_one(&mut self, index: usize, name: String) {
        let grace = self.dice.chance(300).then(|| {
            let grace = self.dice.between(Duration::ZERO, Duration::from_secs(20));
            self.truth.grace_asked(&name, grace);
            v1::KillPolicy { grace_period: Some(model::duration::to_wire_info(grace)) }
        });
        let kill =
            call::Kill { task_id: v1::TaskId { value: name }, agent_id: None, kill_policy: grace };
        let call = scheduler::Call { kill: Some(kill), ..self.services[index].call(Type::Kill) };
        self.call_master(index, call);
    }
}

/// A resource of the role the offer is for.
pub(crate) fn scalar(offer: &v1::Offer, name: &str, value: f64) -> v1::Resource {
    v1::Resource {
        name: name.to_owned(),
        r#type: v1::value::Type::Scalar.into(),
        scalar: Some(v1::value::Scalar { value }),
        allocation_info: offer.allocation_info.clone(),
        ..v1::Resource::default()
    }
}
