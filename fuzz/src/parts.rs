//! Parts of messages, with few names so that things meet.

use model::TaskState;
use wire::v1::{
    AgentId, AgentInfo, DrainConfig, DurationInfo, ExecutorId, ExecutorInfo, FrameworkId,
    FrameworkInfo, KillPolicy, Resource, Task, TaskId, TaskInfo, TaskStatus, TimeInfo, value,
};

use super::choices::Choices;

const UUID: [u8; 16] = [7; 16];

impl Choices<'_> {
    pub(crate) fn agent_name(&mut self) -> &'static str {
        self.one_of(&["m1-S0", "m1-S1", "m2-S0", "own", "a/b", ""])
    }

    pub(crate) fn agent_id(&mut self) -> AgentId {
        AgentId { value: self.agent_name().to_owned() }
    }

    pub(crate) fn framework_id(&mut self) -> FrameworkId {
        let names = ["m1-0000", "m1-0001", "m2-0000", "F", ".."];
        FrameworkId { value: self.one_of(&names).to_owned() }
    }

    pub(crate) fn task_id(&mut self) -> TaskId {
        TaskId { value: self.one_of(&["t0", "t1", "t2", "t3", "", "a/b"]).to_owned() }
    }

    pub(crate) fn executor_id(&mut self) -> ExecutorId {
        ExecutorId { value: self.one_of(&["x0", "x1", "t0", "t1", "", "../x"]).to_owned() }
    }

    pub(crate) fn key(&mut self) -> Option<String> {
        self.maybe(|it| it.one_of(&["k0", "k1", ""]).to_owned())
    }

    pub(crate) fn time(&mut self) -> TimeInfo {
        TimeInfo { nanoseconds: self.signed() }
    }

    pub(crate) fn duration(&mut self) -> DurationInfo {
        DurationInfo { nanoseconds: self.signed() }
    }

    pub(crate) fn state(&mut self) -> i32 {
        let states = [
            TaskState::TaskRunning,
            TaskState::TaskStaging,
            TaskState::TaskStarting,
            TaskState::TaskKilling,
            TaskState::TaskKilled,
            TaskState::TaskFinished,
            TaskState::TaskFailed,
            TaskState::TaskLost,
            TaskState::TaskGone,
            TaskState::TaskGoneByOperator,
            TaskState::TaskUnreachable,
            TaskState::TaskDropped,
            TaskState::TaskUnknown,
            TaskState::TaskError,
        ];
        if self.rarely(16) { 99 } else { self.one_of(&states).into() }
    }

    pub(crate) fn uuid(&mut self) -> Option<bytes::Bytes> {
        let mut uuid = UUID;
        uuid[0] = self.one_of(&[0, 1, 2, 3]);
        match self.below(8) {
            7 => None,
            6 => Some(bytes::Bytes::from_static(b"short")),
            _ => Some(bytes::Bytes::copy_from_slice(&uuid)),
        }
    }

    pub(crate) fn drain_config(&mut self) -> DrainConfig {
        DrainConfig {
            max_grace_period: self.maybe(Self::duration),
            mark_gone: self.maybe(Self::flag),
        }
    }

    pub(crate) fn kill_policy(&mut self) -> KillPolicy {
        KillPolicy { grace_period: self.maybe(Self::duration) }
    }

    pub(crate) fn resource(&mut self) -> Resource {
        let numbers = [1.0, 0.1, 4.0, 64.0, 0.0, -1.0, 1e300, f64::NAN, f64::INFINITY, 0.0004];
        let mut resource = Resource {
            name: self.one_of(&["cpus", "mem", "disk", "gpus", "ports", ""]).to_owned(),
            r#type: value::Type::Scalar.into(),
            ..Resource::default()
        };
        if resource.name == "ports" {
            let range = value::Range { begin: self.number(), end: self.number() };
            resource.r#type = value::Type::Ranges.into();
            resource.ranges = Some(value::Ranges { range: vec![range] });
        } else {
            resource.scalar = Some(value::Scalar { value: self.one_of(&numbers) });
        }
        let role = |it: &mut Self| it.one_of(&["*", "r", "r/s", "-"]).to_owned();
        if self.rarely(4) {
            let role = Some(role(self));
            resource.allocation_info = Some(wire::v1::resource::AllocationInfo { role });
        }
        if self.rarely(8) {
            resource.role = Some(role(self));
        }
        if self.rarely(16) {
            resource.revocable = Some(wire::v1::resource::RevocableInfo::default());
        }
        resource
    }

    pub(crate) fn agent_info(&mut self) -> AgentInfo {
        AgentInfo {
            hostname: self.one_of(&["h0", "h1", "h2", ""]).to_owned(),
            port: self.maybe(|it| it.one_of(&[5051, 5052, 0, -1, i32::MAX])),
            resources: self.some(4, Self::resource),
            id: self.maybe(Self::agent_id),
            ..AgentInfo::default()
        }
    }

    pub(crate) fn framework_info(&mut self) -> FrameworkInfo {
        use wire::v1::framework_info::{Capability, capability::Type};
        let types = [
            Type::MultiRole,
            Type::PartitionAware,
            Type::TaskKillingState,
            Type::ReservationRefinement,
            Type::RevocableResources,
            Type::Unknown,
        ];
        FrameworkInfo {
            user: self.one_of(&["u", "", "a:b"]).to_owned(),
            name: self.one_of(&["n", "", "\0"]).to_owned(),
            id: self.maybe(Self::framework_id),
            failover_timeout: self.maybe(|it| it.one_of(&[0.0, 5.0, 1e9, 1e300, -1.0, f64::NAN])),
            roles: self.some(2, |it| it.one_of(&["*", "r", "r/s", "-"]).to_owned()),
            role: self.rarely(4).then(|| self.one_of(&["*", "r", "/"]).to_owned()),
            capabilities: self.some(4, |it| Capability { r#type: Some(it.one_of(&types).into()) }),
            ..FrameworkInfo::default()
        }
    }

    pub(crate) fn executor_info(&mut self) -> ExecutorInfo {
        use wire::v1::executor_info::Type;
        ExecutorInfo {
            executor_id: self.executor_id(),
            framework_id: self.maybe(Self::framework_id),
            r#type: self
                .maybe(|it| it.one_of(&[Type::Custom, Type::Default, Type::Unknown]).into()),
            command: self.maybe(Self::command),
            resources: self.some(2, Self::resource),
            shutdown_grace_period: self.maybe(Self::duration),
            ..ExecutorInfo::default()
        }
    }

    pub(crate) fn command(&mut self) -> wire::v1::CommandInfo {
        wire::v1::CommandInfo {
            value: self.maybe(|it| it.one_of(&["true", ""]).to_owned()),
            shell: self.maybe(Self::flag),
            user: self.rarely(4).then(|| self.one_of(&["u", "root"]).to_owned()),
            ..wire::v1::CommandInfo::default()
        }
    }

    pub(crate) fn task_info(&mut self, agent_id: AgentId, resources: Vec<Resource>) -> TaskInfo {
        let has_executor = self.rarely(3);
        TaskInfo {
            name: "t".to_owned(),
            task_id: self.task_id(),
            agent_id,
            resources,
            executor: has_executor.then(|| Box::new(self.executor_info())),
            command: (!has_executor || self.rarely(4)).then(|| self.command()),
            kill_policy: self.maybe(Self::kill_policy),
            max_completion_time: self.rarely(4).then(|| self.duration()),
            ..TaskInfo::default()
        }
    }

    pub(crate) fn task(&mut self) -> Task {
        Task {
            name: "t".to_owned(),
            task_id: self.task_id(),
            framework_id: self.framework_id(),
            agent_id: self.agent_id(),
            executor_id: self.maybe(Self::executor_id),
            state: self.state(),
            resources: self.some(2, Self::resource),
            statuses: self.some(2, Self::status),
            status_update_state: self.maybe(Self::state),
            status_update_uuid: self.maybe(Self::uuid).flatten(),
            kill_policy: self.maybe(Self::kill_policy),
            ..Task::default()
        }
    }

    pub(crate) fn status(&mut self) -> TaskStatus {
        use wire::v1::task_status::Source;
        TaskStatus {
            task_id: self.task_id(),
            state: self.state(),
            source: (!self.rarely(8)).then_some(Source::Executor.into()),
            uuid: self.uuid(),
            executor_id: self.rarely(4).then(|| self.executor_id()),
            timestamp: self.maybe(|it| it.one_of(&[0.0, 1.5, -1.0, 1e300, f64::NAN])),
            container_status: self.rarely(4).then(|| wire::v1::ContainerStatus {
                container_id: self.maybe(Self::nested_container),
                ..wire::v1::ContainerStatus::default()
            }),
            ..TaskStatus::default()
        }
    }

    fn nested_container(&mut self) -> wire::v1::ContainerId {
        let mut id = wire::v1::ContainerId { value: "c".to_owned(), parent: None };
        for _ in 0..self.one_of(&[0, 1, 90, 93, 94, 95, 96, 97]) {
            id = wire::v1::ContainerId { value: "c".to_owned(), parent: Some(Box::new(id)) };
        }
        id
    }
}
