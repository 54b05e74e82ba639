//! `ACCEPT`: what a framework makes of its offers.
//!
//! Either all offers named are good and each operation is judged by itself, in order, against what is left of them;
//! or one is not, and the whole call counts for nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::task::Reason;
use model::validate::{filters, group, task as task_rules};
use model::{AgentId, ExecutorId, FrameworkId, Now, OfferId, Resources, TaskId, TaskState};
use wire::scheduler::call::Accept;
use wire::v1::offer::Operation;
use wire::v1::offer::operation::{LaunchGroup, Type};

use crate::effects::{Effects, Note};
use crate::scheduler_events::{self, master_status, state_for};
use crate::state::{Executor, Master, Task, TaskKey};

/// Offers that are being accepted: of one framework, one agent and one role.
#[derive(Debug)]
pub(super) struct Claim {
    pub(super) framework: FrameworkId,
    pub(super) agent: AgentId,
    pub(super) role: Arc<str>,
    /// All that was offered, allocated to `role`.
    offered: Resources,
    /// What no operation has taken yet, allocated to `role`.
    pub(super) left: Resources,
}

/// What a launch asks of the offers, ready to be booked.
struct Booking {
    task: Resources,
    executor: Option<(ExecutorId, Executor)>,
}

impl Master {
    pub(crate) fn accept(
        &mut self,
        now: Now,
        framework: &FrameworkId,
        accept: Accept,
        fx: &mut Effects,
    ) {
        let mut claim = match self.claim_offers(framework, &accept) {
            Ok(claim) => claim,
            Err(why) => return self.refuse_accept(now, framework, accept, &why, fx),
        };
        for operation in accept.operations {
            self.perform(now, &mut claim, operation, fx);
        }
        // Mesos: the filter is about the unused rest, but for what operations have just made of it.
        let made = claim.left.beyond(&claim.offered);
        let rest = claim.left.beyond(&made).unallocated();
        let period = filters::refuse_for(accept.filters.as_ref());
        self.allocator.refuse(now, &claim.agent, framework, &claim.role, rest, period);
    }

    /// Takes the offers off the table, all or none.
    fn claim_offers(&mut self, framework: &FrameworkId, accept: &Accept) -> Result<Claim, String> {
        let mut seen = BTreeSet::new();
        let mut claim: Option<Claim> = None;
        for id in &accept.offer_ids {
            let id = OfferId::from(id);
            if !seen.insert(id.clone()) {
                return Err(format!("Duplicate offer {id} in offer list"));
            }
            let offer =
                self.offers.get(&id).ok_or_else(|| format!("Offer {id} is no longer valid"))?;
            if offer.framework != *framework {
                return Err(format!(
                    "Offer {id} has invalid framework {} while framework {framework} is expected",
                    offer.framework
                ));
            }
            let claim = claim.get_or_insert_with(|| Claim {
                framework: offer.framework.clone(),
                agent: offer.agent.clone(),
                role: offer.role.clone(),
                offered: Resources::new(),
                left: Resources::new(),
            });
            if offer.agent != claim.agent {
                return Err(format!(
                    "Aggregated offers must belong to one single agent. Offer {id} uses agent {} and agent {}",
                    offer.agent, claim.agent
                ));
            }
            if offer.role != claim.role {
                return Err(format!(
                    "Aggregated offers must be allocated to the same role. Offer {id} uses role {} but another is \
                     using role {}",
                    offer.role, claim.role
                ));
            }
            claim.offered.add(&offer.resources);
        }
        let mut claim = claim.ok_or("No offers specified")?;
        // Offers of an agent out of service have been rescinded.
        // Differs from Mesos: nothing starts on a deactivated agent even if one was not.
        if !self.agents.get(&claim.agent).is_some_and(|agent| agent.is_offerable()) {
            return Err(format!("Agent {} takes no tasks", claim.agent));
        }
        for id in &seen {
            self.remove_offer(id);
        }
        claim.left = claim.offered.clone();
        Ok(claim)
    }

    // Mesos: the offers are gone, tasks are dropped, operations that want feedback get an error.
    fn refuse_accept(
        &mut self,
        now: Now,
        framework: &FrameworkId,
        accept: Accept,
        why: &str,
        fx: &mut Effects,
    ) {
        for id in &accept.offer_ids {
            let id = OfferId::from(id);
            if self.offers.get(&id).is_some_and(|offer| offer.framework == *framework) {
                self.remove_offer(&id);
            }
        }
        for operation in accept.operations {
            if is_launch(&operation) {
                let message = format!("Task launched with invalid offers: {why}");
                let reason = Reason::InvalidOffers;
                self.refuse_tasks(
                    now,
                    framework,
                    &operation,
                    TaskState::TaskDropped,
                    reason,
                    &message,
                    fx,
                );
            } else {
                let message = format!("Operation attempted with invalid offers: {why}");
                self.refuse_operation(framework, None, &operation, &message, fx);
            }
        }
    }

    fn perform(&mut self, now: Now, claim: &mut Claim, operation: Operation, fx: &mut Effects) {
        let framework = claim.framework.clone();
        if !is_launch(&operation) {
            return self.operate_on_offers(now, claim, operation, fx);
        }
        if operation.id.is_some() {
            let why = "Operation ID must not be set on launch operations";
            let (state, reason) = (TaskState::TaskError, Reason::TaskInvalid);
            return self.refuse_tasks(now, &framework, &operation, state, reason, why, fx);
        }
        if let Some(launch) = operation.launch {
            for task in launch.task_infos {
                self.launch(now, claim, task, fx);
            }
        } else if let Some(launch) = operation.launch_group {
            self.launch_group(now, claim, *launch, fx);
        }
    }

    fn launch(
        &mut self,
        now: Now,
        claim: &mut Claim,
        mut task: wire::v1::TaskInfo,
        fx: &mut Effects,
    ) {
        let booking = match self.plan_launch(claim, &mut task) {
            Ok(booking) => booking,
            Err(why) => {
                let (state, reason) = (TaskState::TaskError, Reason::TaskInvalid);
                return self.refuse_task(now, &claim.framework, &task, state, reason, &why, fx);
            }
        };
        let executor_id =
            task.executor.as_ref().map(|executor| ExecutorId::from(&executor.executor_id));
        self.book(now, claim, &task, executor_id, booking, fx);
        let Some(framework) = self.frameworks.get(&claim.framework) else { return };
        let run = wire::link::RunTask {
            framework_info: Some(framework.info.as_ref().clone()),
            task: Some(task),
        };
        let event = wire::link::Event {
            r#type: Some(wire::link::event::Type::RunTask as i32),
            run_task: Some(Box::new(run)),
            ..Default::default()
        };
        self.send_to_agent(&claim.agent, event, fx);
    }

    /// Judges a task and completes it for the agent: resources allocated, executor with its framework's id.
    fn plan_launch(&self, claim: &Claim, task: &mut wire::v1::TaskInfo) -> Result<Booking, String> {
        let is_known_task = |id: &str| self.is_known_task(&claim.framework, id);
        let launch = task_rules::Launch {
            framework: &claim.framework,
            agent: &claim.agent,
            is_known_task: &is_known_task,
        };
        let demand = task_rules::check(task, &launch).map_err(|error| error.to_string())?;
        let resources = claim.allocate(&demand.task)?;
        task.resources = resources.to_wire();
        let executor = match task.executor.as_mut() {
            Some(info) => self.plan_executor(claim, info, &demand.executor)?,
            None => None,
        };
        let mut wanted = resources.clone();
        if let Some((_, executor)) = &executor {
            wanted.add(&executor.resources);
        }
        claim.check_enough("Task", &wanted)?;
        Ok(Booking { task: resources, executor })
    }

    /// The executor a launch starts, or none if it runs already.
    fn plan_executor(
        &self,
        claim: &Claim,
        info: &mut wire::v1::ExecutorInfo,
        demand: &Resources,
    ) -> Result<Option<(ExecutorId, Executor)>, String> {
        let resources = claim.allocate(demand)?;
        info.framework_id = Some(claim.framework.to_wire());
        info.resources = resources.to_wire();
        let id = ExecutorId::from(&info.executor_id);
        let agent = self.agents.get(&claim.agent);
        let running =
            agent.and_then(|agent| agent.executors.get(&(claim.framework.clone(), id.clone())));
        let Some(running) = running else {
            let executor = Executor { info: Arc::new(info.clone()), resources, generated: false };
            return Ok(Some((id, executor)));
        };
        // Mesos: an executor is started once; later tasks must describe the same one.
        if *running.info != *info {
            return Err(format!(
                "ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID '{id}'"
            ));
        }
        Ok(None)
    }

    // Mesos: a group starts as a whole or not at all.
    fn launch_group(
        &mut self,
        now: Now,
        claim: &mut Claim,
        mut launch: LaunchGroup,
        fx: &mut Effects,
    ) {
        let bookings = match self.plan_launch_group(claim, &mut launch) {
            Ok(bookings) => bookings,
            Err(why) => {
                for task in &launch.task_group.tasks {
                    let (state, reason) = (TaskState::TaskError, Reason::TaskGroupInvalid);
                    self.refuse_task(now, &claim.framework, task, state, reason, &why, fx);
                }
                return;
            }
        };
        let executor_id = ExecutorId::from(&launch.executor.executor_id);
        for (task, booking) in launch.task_group.tasks.iter().zip(bookings) {
            self.book(now, claim, task, Some(executor_id.clone()), booking, fx);
        }
        let Some(framework) = self.frameworks.get(&claim.framework) else { return };
        let run = wire::link::RunTaskGroup {
            framework_info: Some(framework.info.as_ref().clone()),
            executor: Some(launch.executor),
            task_group: Some(launch.task_group),
        };
        let event = wire::link::Event {
            r#type: Some(wire::link::event::Type::RunTaskGroup as i32),
            run_task_group: Some(Box::new(run)),
            ..Default::default()
        };
        self.send_to_agent(&claim.agent, event, fx);
    }

    fn plan_launch_group(
        &self,
        claim: &Claim,
        launch: &mut LaunchGroup,
    ) -> Result<Vec<Booking>, String> {
        let is_known_task = |id: &str| self.is_known_task(&claim.framework, id);
        let rules = task_rules::Launch {
            framework: &claim.framework,
            agent: &claim.agent,
            is_known_task: &is_known_task,
        };
        let demand = group::check(&launch.task_group, &launch.executor, &rules)
            .map_err(|error| error.to_string())?;
        let mut executor = self.plan_executor(claim, &mut launch.executor, &demand.executor)?;
        let mut wanted = Resources::new();
        if let Some((_, executor)) = &executor {
            wanted.add(&executor.resources);
        }
        let mut bookings = Vec::with_capacity(demand.tasks.len());
        for (task, demand) in launch.task_group.tasks.iter_mut().zip(&demand.tasks) {
            let resources = claim.allocate(demand)?;
            task.resources = resources.to_wire();
            wanted.add(&resources);
            bookings.push(Booking { task: resources, executor: executor.take() });
        }
        claim.check_enough("Task group", &wanted)?;
        Ok(bookings)
    }

    /// Records a task and what it uses, before the agent hears of it.
    fn book(
        &mut self,
        now: Now,
        claim: &mut Claim,
        info: &wire::v1::TaskInfo,
        executor_id: Option<ExecutorId>,
        booking: Booking,
        fx: &mut Effects,
    ) {
        let enough = "the plan checked that the offers suffice";
        if let Some((id, executor)) = booking.executor {
            claim.left.checked_sub(&executor.resources).expect(enough);
            self.add_executor(&claim.agent, &claim.framework, id, executor);
        }
        claim.left.checked_sub(&booking.task).expect(enough);
        let command = info.command.as_ref();
        let command = command.or_else(|| info.executor.as_ref()?.command.as_ref());
        let user = command.and_then(|command| command.user.clone());
        let task = Task::launched(info, executor_id, booking.task, user, now.wall);
        let key = TaskKey { framework: claim.framework.clone(), task: TaskId::from(&info.task_id) };
        self.add_task(&claim.agent, key, task, fx);
    }

    fn is_known_task(&self, framework: &FrameworkId, id: &str) -> bool {
        self.frameworks.get(framework).is_some_and(|framework| framework.tasks.contains_key(id))
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a status")]
    fn refuse_tasks(
        &self,
        now: Now,
        framework: &FrameworkId,
        operation: &Operation,
        state: TaskState,
        reason: Reason,
        message: &str,
        fx: &mut Effects,
    ) {
        let single = operation.launch.iter().flat_map(|launch| &launch.task_infos);
        let grouped = operation.launch_group.iter().flat_map(|launch| &launch.task_group.tasks);
        for task in single.chain(grouped) {
            self.refuse_task(now, framework, task, state, reason, message, fx);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of a status")]
    fn refuse_task(
        &self,
        now: Now,
        framework: &FrameworkId,
        task: &wire::v1::TaskInfo,
        state: TaskState,
        reason: Reason,
        message: &str,
        fx: &mut Effects,
    ) {
        let Some(framework) = self.frameworks.get(framework) else { return };
        let Some(stream) = framework.stream else { return };
        let state = state_for(framework.capabilities.partition_aware, state);
        let (task, agent) = (TaskId::from(&task.task_id), AgentId::from(&task.agent_id));
        let status = master_status(&task, Some(&agent), state, reason, message, now.wall);
        fx.to_scheduler(stream, scheduler_events::update(status));
        fx.note(Note::TaskEnded { state });
    }

    /// Nothing happens to the resources. With an id the framework gets an error, without one a note is all.
    pub(super) fn refuse_operation(
        &self,
        framework: &FrameworkId,
        agent: Option<&AgentId>,
        operation: &Operation,
        why: &str,
        fx: &mut Effects,
    ) {
        let stream = self.frameworks.get(framework).and_then(|framework| framework.stream);
        let (Some(stream), Some(id)) = (stream, &operation.id) else {
            fx.dropped(format!("framework {framework}"), why);
            return;
        };
        let status = wire::v1::OperationStatus {
            operation_id: Some(id.clone()),
            state: wire::v1::OperationState::OperationError as i32,
            message: Some(why.to_owned()),
            agent_id: agent.map(AgentId::to_wire),
            ..Default::default()
        };
        fx.to_scheduler(stream, scheduler_events::operation_update(status));
    }
}

impl Claim {
    /// `demand` as it is booked. It may name the role of the offers or none.
    pub(super) fn allocate(&self, demand: &Resources) -> Result<Resources, String> {
        match demand.allocations().keys().find(|role| **role != *self.role) {
            None => Ok(demand.allocated_to(&self.role)),
            Some(other) => Err(format!(
                "Resources are allocated to role '{other}' while the offers are of role '{}'",
                self.role
            )),
        }
    }

    fn check_enough(&self, who: &str, wanted: &Resources) -> Result<(), String> {
        if self.left.contains(wanted) {
            return Ok(());
        }
        Err(format!("{who} uses more resources {wanted} than available {}", self.left))
    }
}

fn is_launch(operation: &Operation) -> bool {
    let kind = operation.r#type.and_then(|kind| Type::try_from(kind).ok());
    matches!(kind, Some(Type::Launch | Type::LaunchGroup))
}
