//! A master core with agents and tasks, made by events alone.

use master::{Config, Effects, Event, LinkId, Master, Message, RequestId, StreamHeader, StreamId};
use model::{AgentId, FrameworkId, Now, TaskState};
use wire::{link, scheduler, v1};

const STREAM: StreamId = StreamId(1);

fn scalar(name: &str, value: f64) -> v1::Resource {
    v1::Resource {
        name: name.to_owned(),
        r#type: v1::value::Type::Scalar as i32,
        scalar: Some(v1::value::Scalar { value }),
        ..Default::default()
    }
}

pub(crate) struct Cluster {
    pub(crate) master: Master,
    pub(crate) framework: FrameworkId,
    offers: Vec<v1::Offer>,
}

impl Cluster {
    /// `agents` agents, all offered to one framework.
    pub(crate) fn new(agents: u64) -> Self {
        let config = Config { master_id: "bench".to_owned(), ..Config::default() };
        let mut master = Master::recover(config, [], Now::default()).expect("an empty registry");
        let capabilities = [v1::framework_info::capability::Type::MultiRole]
            .map(|kind| v1::framework_info::Capability { r#type: Some(kind as i32) });
        let framework_info = v1::FrameworkInfo {
            name: "bench".to_owned(),
            roles: vec!["web".to_owned()],
            capabilities: capabilities.to_vec(),
            ..Default::default()
        };
        let subscribe = scheduler::call::Subscribe { framework_info, ..Default::default() };
        let mut offers = Vec::new();
        take_offers(
            &mut offers,
            master.apply(
                Now::default(),
                Event::SchedulerSubscribe {
                    request: RequestId(0),
                    stream: STREAM,
                    framework_id: None,
                    subscribe: Box::new(subscribe),
                    principal: None,
                },
            ),
        );
        for number in 0..agents {
            take_offers(&mut offers, master.apply(Now::default(), hello(number)));
        }
        Self { master, framework: FrameworkId::new("bench-0000"), offers }
    }

    /// Launches `count` tasks from each offer and has them running and acknowledged.
    pub(crate) fn fill(&mut self, count: usize) {
        for offer in std::mem::take(&mut self.offers) {
            let agent = AgentId::from(&offer.agent_id);
            let link =
                LinkId(offer.agent_id.value.rsplit('S').next().unwrap_or("0").parse().unwrap_or(0));
            let tasks: Vec<String> =
                (0..count).map(|index| format!("web.{agent}.{index}")).collect();
            let infos = tasks.iter().map(|task| task_info(task, &agent)).collect();
            let operation = v1::offer::Operation {
                r#type: Some(v1::offer::operation::Type::Launch as i32),
                launch: Some(v1::offer::operation::Launch { task_infos: infos }),
                ..Default::default()
            };
            let accept = scheduler::call::Accept {
                offer_ids: vec![offer.id],
                operations: vec![operation],
                filters: None,
            };
            self.call(scheduler::call::Type::Accept, |call| call.accept = Some(accept));
            for task in &tasks {
                let event = update(&self.framework, link, &agent, task);
                drop(self.master.apply(Now::default(), event));
                let acknowledge = scheduler::call::Acknowledge {
                    agent_id: agent.to_wire(),
                    task_id: v1::TaskId { value: task.clone() },
                    uuid: vec![1; 16].into(),
                };
                self.call(scheduler::call::Type::Acknowledge, |call| {
                    call.acknowledge = Some(acknowledge);
                });
            }
        }
    }

    pub(crate) fn call(
        &mut self,
        kind: scheduler::call::Type,
        fill: impl FnOnce(&mut scheduler::Call),
    ) {
        let mut call = scheduler::Call {
            framework_id: Some(self.framework.to_wire()),
            r#type: Some(kind as i32),
            ..Default::default()
        };
        fill(&mut call);
        let header = StreamHeader::Of(STREAM);
        let request = RequestId(0);
        let event = Event::SchedulerCall { request, header, call: Box::new(call), principal: None };
        drop(self.master.apply(Now::default(), event));
    }
}

pub(crate) fn update(framework: &FrameworkId, link: LinkId, agent: &AgentId, task: &str) -> Event {
    let status = v1::TaskStatus {
        task_id: v1::TaskId { value: task.to_owned() },
        state: TaskState::TaskRunning as i32,
        uuid: Some(vec![1; 16].into()),
        timestamp: Some(1.0),
        source: Some(v1::task_status::Source::Executor as i32),
        container_status: Some(container_status(task)),
        ..Default::default()
    };
    let update = link::StatusUpdate {
        framework_id: Some(framework.to_wire()),
        status: Some(status),
        latest_state: Some(TaskState::TaskRunning as i32),
        ..Default::default()
    };
    let call = link::Call {
        r#type: Some(link::call::Type::StatusUpdate as i32),
        status_update: Some(update),
        ..Default::default()
    };
    Event::AgentCalls { link, agent: agent.clone(), calls: vec![call] }
}

fn container_status(task: &str) -> v1::ContainerStatus {
    let address = v1::network_info::IpAddress {
        protocol: Some(v1::network_info::Protocol::IPv4 as i32),
        ip_address: Some("10.0.0.1".to_owned()),
    };
    let network = v1::NetworkInfo { ip_addresses: vec![address], ..Default::default() };
    v1::ContainerStatus {
        container_id: Some(v1::ContainerId { value: format!("container of {task}"), parent: None }),
        network_infos: vec![network],
        executor_pid: Some(4711),
        ..Default::default()
    }
}

pub(crate) fn hello(number: u64) -> Event {
    let info = v1::AgentInfo {
        hostname: format!("host-{number}"),
        port: Some(5051),
        resources: vec![scalar("cpus", 64.0), scalar("mem", 65536.0)],
        ..Default::default()
    };
    let hello = link::Hello {
        protocol_version: Some(1),
        agent_info: Some(info),
        ip: Some("10.0.0.1".to_owned()),
        ..Default::default()
    };
    let ip = "10.0.0.1".to_owned();
    Event::AgentHello { link: LinkId(number), hello: Box::new(hello), ip, principal: None }
}

fn task_info(id: &str, agent: &AgentId) -> v1::TaskInfo {
    v1::TaskInfo {
        name: "web".to_owned(),
        task_id: v1::TaskId { value: id.to_owned() },
        agent_id: agent.to_wire(),
        resources: vec![scalar("cpus", 1.0), scalar("mem", 128.0)],
        command: Some(v1::CommandInfo { value: Some("sleep".to_owned()), ..Default::default() }),
        ..Default::default()
    }
}

fn take_offers(offers: &mut Vec<v1::Offer>, effects: Effects) {
    for message in effects.messages {
        if let Message::Scheduler { event, .. } = message {
            offers.extend(event.offers.into_iter().flat_map(|event| event.offers));
        }
    }
}
