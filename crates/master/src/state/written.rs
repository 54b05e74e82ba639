//! Tasks written field by field, for large answers: what [`Task::to_wire`] makes, without making it.

use model::resources::Format;
use model::task::Source;
use model::{AgentId, ExecutorId, Resources, TaskId};
use wire::compose::{Composer, Memo, Slot};
use wire::field;
use wire::v1::{self, ContainerStatus, NetworkInfo, TaskStatus, network_info};

use super::task::{Status, Task, TaskKey};

/// What one task and the next, or one status and the next, often have alike.
#[derive(Debug, Default)]
pub(crate) struct Alike<'m> {
    resources: Memo<&'m Resources>,
    container: Memo<This<'m>>,
}

/// The very same, which the statuses of a task share; those of different tasks are never equal.
#[derive(Clone, Copy, Debug)]
struct This<'m>(&'m ContainerStatus);

impl PartialEq for This<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Task {
    pub(crate) fn write<'m>(
        &'m self,
        key: &TaskKey,
        agent: &AgentId,
        alike: &mut Alike<'m>,
        slot: Slot<'_, '_>,
    ) {
        let extra = self.extra.as_deref();
        if extra.is_some_and(|extra| !extra.limits.is_empty()) {
            return slot.message(&self.to_wire(key, agent));
        }
        slot.compose(|it| {
            it.text(field!(v1::Task, "name"), &self.name);
            it.id(field!(v1::Task, "task_id"), key.task.as_str());
            it.id(field!(v1::Task, "framework_id"), key.framework.as_str());
            if let Some(executor) = &self.executor_id {
                it.id(field!(v1::Task, "executor_id"), executor.as_str());
            }
            it.id(field!(v1::Task, "agent_id"), agent.as_str());
            it.number_of(field!(v1::Task, "state"), self.state as i32);
            it.alike(&mut alike.resources, &self.resources, |it| {
                self.resources.write_as(Format::Refined, field!(v1::Task, "resources"), it);
            });
            it.each(field!(v1::Task, "statuses"), &self.statuses, |it, status| {
                let executor = self.executor_id.as_ref();
                status.write(&key.task, agent, executor, &mut alike.container, it);
            });
            if let Some(state) = self.status_update_state {
                it.number_of(field!(v1::Task, "status_update_state"), state as i32);
            }
            if let Some(uuid) = &self.status_update_uuid {
                it.bytes(field!(v1::Task, "status_update_uuid"), uuid);
            }
            let Some(extra) = extra else { return };
            it.optional(field!(v1::Task, "labels"), extra.labels.as_ref());
            it.optional(field!(v1::Task, "discovery"), extra.discovery.as_ref());
            it.optional(field!(v1::Task, "container"), extra.container.as_deref());
            it.optional(field!(v1::Task, "health_check"), extra.health_check.as_deref());
            it.optional(field!(v1::Task, "kill_policy"), extra.kill_policy.as_ref());
            it.optional_text(field!(v1::Task, "user"), extra.user.as_deref());
        });
    }
}

impl Status {
    fn write<'m>(
        &'m self,
        task: &TaskId,
        agent: &AgentId,
        executor: Option<&ExecutorId>,
        alike: &mut Memo<This<'m>>,
        it: &mut Composer<'_>,
    ) {
        it.id(field!(TaskStatus, "task_id"), task.as_str());
        it.number_of(field!(TaskStatus, "state"), self.state as i32);
        it.optional_text(field!(TaskStatus, "message"), self.message.as_deref());
        if let Some(source) = self.source {
            it.number_of(field!(TaskStatus, "source"), source as i32);
        }
        if let Some(reason) = self.reason {
            it.number_of(field!(TaskStatus, "reason"), reason as i32);
        }
        it.id(field!(TaskStatus, "agent_id"), agent.as_str());
        if let Some(executor) = self.executor(task, executor) {
            it.id(field!(TaskStatus, "executor_id"), executor);
        }
        if let Some(timestamp) = self.timestamp {
            it.real(field!(TaskStatus, "timestamp"), timestamp);
        }
        if let Some(uuid) = &self.uuid {
            it.bytes(field!(TaskStatus, "uuid"), uuid);
        }
        if let Some(healthy) = self.healthy {
            it.boolean(field!(TaskStatus, "healthy"), healthy);
        }
        if let Some(rest) = self.rest.as_deref() {
            it.optional(field!(TaskStatus, "check_status"), rest.check_status.as_ref());
            it.optional(field!(TaskStatus, "labels"), rest.labels.as_ref());
        }
        if let Some(container) = self.container.as_deref() {
            it.alike(alike, This(container), |it| {
                it.nested(field!(TaskStatus, "container_status"), |it| {
                    write_container(container, it);
                });
            });
        }
        if let Some(rest) = self.rest.as_deref() {
            it.optional(field!(TaskStatus, "unreachable_time"), rest.unreachable_time.as_ref());
            it.optional(field!(TaskStatus, "limitation"), rest.limitation.as_ref());
        }
    }

    /// Of whom the status is: an agent's command executor carries the id of its task.
    pub(super) fn executor<'a>(
        &self,
        task: &'a TaskId,
        executor: Option<&'a ExecutorId>,
    ) -> Option<&'a str> {
        let is_told = self.source != Some(Source::Master);
        is_told.then(|| executor.map_or(task.as_str(), ExecutorId::as_str))
    }
}

fn write_container(status: &ContainerStatus, it: &mut Composer<'_>) {
    let ContainerStatus { container_id, network_infos, cgroup_info, executor_pid } = status;
    match container_id {
        Some(v1::ContainerId { value, parent: None }) => {
            it.id(field!(ContainerStatus, "container_id"), value);
        }
        of_pod => it.optional(field!(ContainerStatus, "container_id"), of_pod.as_ref()),
    }
    it.each(field!(ContainerStatus, "network_infos"), network_infos, |it, info| {
        let NetworkInfo { ip_addresses, name, groups, labels, port_mappings } = info;
        it.each(field!(NetworkInfo, "ip_addresses"), ip_addresses, |it, address| {
            let network_info::IpAddress { protocol, ip_address } = address;
            if let Some(protocol) = protocol {
                it.number_of(field!(network_info::IpAddress, "protocol"), *protocol);
            }
            it.optional_text(field!(network_info::IpAddress, "ip_address"), ip_address.as_deref());
        });
        it.optional_text(field!(NetworkInfo, "name"), name.as_deref());
        it.texts(field!(NetworkInfo, "groups"), groups.iter().map(String::as_str));
        it.optional(field!(NetworkInfo, "labels"), labels.as_ref());
        it.messages::<network_info::PortMapping>(
            field!(NetworkInfo, "port_mappings"),
            port_mappings,
        );
    });
    it.optional(field!(ContainerStatus, "cgroup_info"), cgroup_info.as_ref());
    if let Some(pid) = executor_pid {
        it.whole(field!(ContainerStatus, "executor_pid"), u64::from(*pid));
    }
}

#[cfg(test)]
mod tests {
    use model::{FrameworkId, TaskState, Timestamp};
    use wire::compose;
    use wire::master::response::GetTasks;
    use wire::media::{self, MediaType};

    use super::*;

    fn container(id: &str) -> ContainerStatus {
        let address = |protocol, ip: Option<&str>| network_info::IpAddress {
            protocol,
            ip_address: ip.map(str::to_owned),
        };
        let v6 = network_info::Protocol::IPv6 as i32;
        let ports = network_info::PortMapping {
            host_port: 80,
            container_port: 8080,
            protocol: Some("tcp".to_owned()),
        };
        let label = v1::Label { key: "k".to_owned(), value: Some("\"v\"".to_owned()) };
        let network = NetworkInfo {
            ip_addresses: vec![address(Some(v6), Some("::1")), address(None, None)],
            name: Some("dcos".to_owned()),
            groups: vec!["a".to_owned(), "b".to_owned()],
            labels: Some(v1::Labels { labels: vec![label] }),
            port_mappings: vec![ports],
        };
        ContainerStatus {
            container_id: Some(v1::ContainerId { value: id.to_owned(), parent: None }),
            network_infos: vec![network, NetworkInfo::default()],
            cgroup_info: Some(v1::CgroupInfo::default()),
            executor_pid: Some(4711),
        }
    }

    fn status(state: TaskState, container: Option<ContainerStatus>) -> TaskStatus {
        TaskStatus {
            task_id: v1::TaskId { value: String::new() },
            state: state as i32,
            message: Some("line\n".to_owned()),
            timestamp: Some(1_795_666_265.240_688),
            uuid: Some(vec![7; 16].into()),
            healthy: Some(true),
            labels: Some(v1::Labels::default()),
            container_status: container,
            unreachable_time: Some(v1::TimeInfo { nanoseconds: 5 }),
            ..TaskStatus::default()
        }
    }

    fn task(name: &str, cpus: f64, statuses: Vec<TaskStatus>) -> Task {
        let cpus = v1::Resource {
            name: "cpus".to_owned(),
            r#type: v1::value::Type::Scalar as i32,
            scalar: Some(v1::value::Scalar { value: cpus }),
            ..Default::default()
        };
        let task = v1::Task {
            name: name.to_owned(),
            state: TaskState::TaskRunning as i32,
            resources: vec![cpus],
            statuses,
            user: Some("web".to_owned()),
            ..v1::Task::default()
        };
        Task::reported(&task, Timestamp::default()).unwrap()
    }

    /// Tasks with all that a status may say of its container are written as they are as messages: alone, and one
    /// after another that has the same or something else.
    #[test]
    fn written_tasks_are_those_of_the_message() {
        let mut in_pod = container("inner");
        let parent = v1::ContainerId { value: "outer".to_owned(), parent: None };
        in_pod.container_id.as_mut().unwrap().parent = Some(Box::new(parent));
        let (starting, running) = (TaskState::TaskStarting, TaskState::TaskRunning);
        let long = "x".repeat(20_000);
        let tasks = [
            task("a", 1.0, vec![status(starting, None), status(running, Some(container("c")))]),
            task("b", 1.0, vec![status(running, Some(container("c")))]),
            task("c", 0.5, [starting, running].map(|it| status(it, Some(in_pod.clone()))).into()),
            task("d", 0.5, vec![status(running, Some(ContainerStatus::default()))]),
            task("e", 1.0, vec![status(starting, Some(container(&long))), status(running, None)]),
            task("f", 1.0, Vec::new()),
        ];
        let agent = AgentId::new("agent");
        let key = |task: &Task| TaskKey {
            framework: FrameworkId::new("framework"),
            task: TaskId::new(&task.name),
        };
        let whole = GetTasks {
            tasks: tasks.iter().map(|task| task.to_wire(&key(task), &agent)).collect(),
            ..GetTasks::default()
        };
        let written = |media| {
            let (mut out, mut alike) = (Vec::new(), Alike::default());
            compose::message::<GetTasks>(media, &mut out, |it| {
                it.slots(field!(GetTasks, "tasks"), &tasks, |slot, task| {
                    task.write(&key(task), &agent, &mut alike, slot);
                });
            });
            out
        };
        let json = String::from_utf8(written(MediaType::Json)).unwrap();
        assert_eq!(json, wire::json::to_string(&whole));
        let protobuf = written(MediaType::Protobuf);
        assert_eq!(media::decode::<GetTasks>(MediaType::Protobuf, &protobuf), Ok(whole.clone()));
        let shortest = media::encode(MediaType::Protobuf, &whole);
        assert_eq!(protobuf.len(), shortest.len(), "no length is longer than it must be");
    }
}
