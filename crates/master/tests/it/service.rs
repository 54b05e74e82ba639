//! A scheduler and what it says, in one line each.

use std::time::Duration;

use master::{LinkId, StreamId};
use model::{AgentId, FrameworkId, TaskState};
use wire::scheduler::call::{self, Type};
use wire::v1::offer;
use wire::{link, scheduler, v1};

use crate::world::{World, framework, scalar};

pub(crate) struct Service {
    pub(crate) id: FrameworkId,
    pub(crate) stream: StreamId,
}

impl Service {
    pub(crate) fn new(world: &mut World, name: &str) -> Self {
        Self::with(world, framework(name))
    }

    pub(crate) fn with(world: &mut World, info: v1::FrameworkInfo) -> Self {
        let (id, stream) = world.subscribe(info);
        Self { id, stream }
    }

    /// Subscribes once more under the same id.
    pub(crate) fn back(&mut self, world: &mut World) {
        let mut info = framework("back");
        info.id = Some(self.id.to_wire());
        self.stream = world.subscribe(info).1;
    }

    pub(crate) fn call(
        &self,
        world: &mut World,
        kind: Type,
        fill: impl FnOnce(&mut scheduler::Call),
    ) {
        let mut call = scheduler::Call {
            framework_id: Some(self.id.to_wire()),
            r#type: Some(kind as i32),
            ..Default::default()
        };
        fill(&mut call);
        world.scheduler_call(self.stream, call);
    }

    pub(crate) fn accept(
        &self,
        world: &mut World,
        offers: &[v1::Offer],
        operations: Vec<offer::Operation>,
    ) {
        let offer_ids = offers.iter().map(|offer| offer.id.clone()).collect();
        self.call(world, Type::Accept, |call| {
            call.accept = Some(call::Accept { offer_ids, operations, filters: None });
        });
    }

    pub(crate) fn decline(&self, world: &mut World, offers: &[v1::Offer], refuse_seconds: f64) {
        let offer_ids = offers.iter().map(|offer| offer.id.clone()).collect();
        let filters = Some(v1::Filters { refuse_seconds: Some(refuse_seconds) });
        self.call(world, Type::Decline, |call| {
            call.decline = Some(call::Decline { offer_ids, filters });
        });
    }

    /// Runs a task of 1 cpu and 128 MB from the one offer the last step brought.
    pub(crate) fn run(&self, world: &mut World, link: LinkId, task: &str) -> AgentId {
        let offers = world.offers(self.stream);
        assert_eq!(offers.len(), 1, "one offer to run {task} from");
        let agent = AgentId::from(&offers[0].agent_id);
        self.accept(world, &offers, vec![launch([task_info(task, &agent)])]);
        assert_eq!(world.types_to_agent(link), [link::event::Type::RunTask]);
        self.update(world, link, &agent, task, TaskState::TaskRunning, 1);
        self.acknowledge(world, &agent, task, 1);
        agent
    }

    /// An update of the agent, with a UUID made of `number`.
    pub(crate) fn update(
        &self,
        world: &mut World,
        link: LinkId,
        agent: &AgentId,
        task: &str,
        state: TaskState,
        number: u8,
    ) {
        let status = v1::TaskStatus {
            task_id: v1::TaskId { value: task.to_owned() },
            state: state as i32,
            uuid: Some(vec![number; 16].into()),
            source: Some(v1::task_status::Source::Executor as i32),
            ..Default::default()
        };
        let update = link::StatusUpdate {
            framework_id: Some(self.id.to_wire()),
            status: Some(status),
            latest_state: Some(state as i32),
            ..Default::default()
        };
        let call = link::Call {
            r#type: Some(link::call::Type::StatusUpdate as i32),
            status_update: Some(update),
            ..Default::default()
        };
        world.call(link, agent, call);
    }

    pub(crate) fn acknowledge(&self, world: &mut World, agent: &AgentId, task: &str, number: u8) {
        let acknowledge = call::Acknowledge {
            agent_id: agent.to_wire(),
            task_id: v1::TaskId { value: task.to_owned() },
            uuid: vec![number; 16].into(),
        };
        self.call(world, Type::Acknowledge, |call| call.acknowledge = Some(acknowledge));
    }

    pub(crate) fn kill(
        &self,
        world: &mut World,
        task: &str,
        agent: Option<&AgentId>,
        grace: Option<Duration>,
    ) {
        let kill = call::Kill {
            task_id: v1::TaskId { value: task.to_owned() },
            agent_id: agent.map(AgentId::to_wire),
            kill_policy: grace.map(|grace| v1::KillPolicy {
                grace_period: Some(v1::DurationInfo {
                    nanoseconds: i64::try_from(grace.as_nanos()).unwrap(),
                }),
            }),
        };
        self.call(world, Type::Kill, |call| call.kill = Some(kill));
    }

    /// Asks about tasks, each with the agent it is taken to be on, or about all.
    pub(crate) fn reconcile(&self, world: &mut World, tasks: &[(&str, Option<&AgentId>)]) {
        let tasks = tasks.iter().map(|(task, agent)| call::reconcile::Task {
            task_id: v1::TaskId { value: (*task).to_owned() },
            agent_id: agent.map(AgentId::to_wire),
        });
        let tasks = tasks.collect();
        self.call(world, Type::Reconcile, |call| call.reconcile = Some(call::Reconcile { tasks }));
    }
}

/// A framework in another role than the usual one.
pub(crate) fn in_role(name: &str, role: &str) -> v1::FrameworkInfo {
    v1::FrameworkInfo { roles: vec![role.to_owned()], ..framework(name) }
}

/// A framework that opted in to nothing, in the role `*`.
pub(crate) fn plain(name: &str) -> v1::FrameworkInfo {
    v1::FrameworkInfo { roles: Vec::new(), capabilities: Vec::new(), ..framework(name) }
}

pub(crate) fn task_info(id: &str, agent: &AgentId) -> v1::TaskInfo {
    v1::TaskInfo {
        name: id.to_owned(),
        task_id: v1::TaskId { value: id.to_owned() },
        agent_id: agent.to_wire(),
        resources: vec![scalar("cpus", 1.0), scalar("mem", 128.0)],
        command: Some(v1::CommandInfo { value: Some("sleep 1".to_owned()), ..Default::default() }),
        ..Default::default()
    }
}

pub(crate) fn launch(tasks: impl IntoIterator<Item = v1::TaskInfo>) -> offer::Operation {
    offer::Operation {
        r#type: Some(offer::operation::Type::Launch as i32),
        launch: Some(offer::operation::Launch { task_infos: tasks.into_iter().collect() }),
        ..Default::default()
    }
}

pub(crate) fn launch_group(
    executor: v1::ExecutorInfo,
    tasks: impl IntoIterator<Item = v1::TaskInfo>,
) -> offer::Operation {
    let task_group = v1::TaskGroupInfo { tasks: tasks.into_iter().collect() };
    offer::Operation {
        r#type: Some(offer::operation::Type::LaunchGroup as i32),
        launch_group: Some(Box::new(offer::operation::LaunchGroup { executor, task_group })),
        ..Default::default()
    }
}

pub(crate) fn default_executor(id: &str) -> v1::ExecutorInfo {
    v1::ExecutorInfo {
        r#type: Some(v1::executor_info::Type::Default as i32),
        executor_id: v1::ExecutorId { value: id.to_owned() },
        resources: vec![scalar("cpus", 0.1), scalar("mem", 32.0), scalar("disk", 32.0)],
        ..Default::default()
    }
}

/// A task as an agent reports it when it connects.
pub(crate) fn reported(service: &Service, agent: &AgentId, id: &str, state: TaskState) -> v1::Task {
    v1::Task {
        name: id.to_owned(),
        task_id: v1::TaskId { value: id.to_owned() },
        framework_id: service.id.to_wire(),
        agent_id: agent.to_wire(),
        state: state as i32,
        resources: [scalar("cpus", 1.0), scalar("mem", 128.0)]
            .map(|resource| v1::Resource {
                allocation_info: Some(v1::resource::AllocationInfo {
                    role: Some("web".to_owned()),
                }),
                ..resource
            })
            .to_vec(),
        ..Default::default()
    }
}
