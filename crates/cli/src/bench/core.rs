//! `ebb bench core`: the master core with nothing around it.

use std::time::{Duration, Instant};

use master::{Config, Effects, Event, LinkId, Master, Message, RequestId, StreamHeader, StreamId};
use model::{AgentId, FrameworkId, Moment, Now, TaskState, Timestamp};
use wire::{link, scheduler, v1};

use super::report::{Aim, Figure};
use super::{BenchError, memory};
use crate::exit::Failure;

const AGENTS: u32 = 10_000;
const TASKS_PER_AGENT: u32 = 10;
const TASKS: u32 = AGENTS * TASKS_PER_AGENT;
const STREAM: StreamId = StreamId(1);
/// Events made before the clock starts, applied while it runs.
const CHUNK: u32 = 20_000;
/// Events of one run, about.
const EVENTS: u32 = 1_000_000;

pub(super) fn measure(runs: usize) -> Result<Vec<Figure>, Failure> {
    let empty = memory::own_resident_bytes()?;
    let mut cluster = Cluster::new()?;
    cluster.register();
    let with_agents = memory::own_resident_bytes()?;
    cluster.launch()?;
    cluster.all_report(TaskState::TaskRunning);
    let with_tasks = memory::own_resident_bytes()?;
    let rates = (0..runs).map(|_| cluster.rate()).collect();
    let per = |bytes: f64, count: u32| vec![bytes / f64::from(count)];
    Ok(vec![
        Figure::new(format!("{AGENTS} agents, {TASKS} tasks"), "events/s", rates)
            .aim(Aim::AtLeast(300_000.0)),
        Figure::new("memory per running task", "bytes", per(with_tasks - with_agents, TASKS))
            .aim(Aim::AtMost(1024.0)),
        Figure::new("memory per agent", "bytes", per(with_agents - empty, AGENTS)),
    ])
}

struct Cluster {
    master: Master,
    now: Now,
    framework: FrameworkId,
    agents: Vec<AgentId>,
    offers: Vec<v1::Offer>,
    /// Counts the status updates: the source of their uuids.
    updates: u128,
}

impl Cluster {
    fn new() -> Result<Self, BenchError> {
        let config = Config { master_id: "bench".to_owned(), ..Config::default() };
        let now = Now { at: Moment(1), wall: Timestamp(1_700_000_000_000_000_000) };
        let mut master = Master::recover(config, [], now)
            .map_err(|error| BenchError::broken(error.to_string()))?;
        let multi_role = v1::framework_info::capability::Type::MultiRole;
        let framework_info = v1::FrameworkInfo {
            name: "bench".to_owned(),
            roles: vec!["*".to_owned()],
            capabilities: vec![v1::framework_info::Capability { r#type: Some(multi_role.into()) }],
            ..v1::FrameworkInfo::default()
        };
        let subscribe =
            scheduler::call::Subscribe { framework_info, ..scheduler::call::Subscribe::default() };
        let effects = master.apply(
            now,
            Event::SchedulerSubscribe {
                request: RequestId(0),
                stream: STREAM,
                framework_id: None,
                subscribe: Box::new(subscribe),
                principal: None,
            },
        );
        let framework = subscribed(&effects);
        let framework = framework.ok_or_else(|| BenchError::broken("no SUBSCRIBED"))?;
        let (agents, offers) = (Vec::new(), Vec::new());
        Ok(Self { master, now, framework, agents, offers, updates: 0 })
    }

    fn register(&mut self) {
        for number in 0..AGENTS {
            let effects = self.master.apply(self.now, hello(number));
            for message in effects.messages {
                match message {
                    Message::Agent { event, .. } => {
                        let id = event.registered.and_then(|event| event.agent_id);
                        self.agents.extend(id.as_ref().map(AgentId::from));
                    }
                    Message::Scheduler { event, .. } => {
                        self.offers.extend(event.offers.into_iter().flat_map(|all| all.offers));
                    }
                    Message::CloseLink { .. }
                    | Message::CloseScheduler { .. }
                    | Message::Operator { .. }
                    | Message::Reply { .. } => {}
                }
            }
        }
    }

    fn launch(&mut self) -> Result<(), BenchError> {
        if self.offers.len() != self.agents.len() {
            let count = self.offers.len();
            return Err(BenchError::broken(format!("{count} offers of {AGENTS} agents")));
        }
        for offer in std::mem::take(&mut self.offers) {
            let agent = AgentId::from(&offer.agent_id);
            let infos = (0..TASKS_PER_AGENT).map(|index| task_info(&agent, index)).collect();
            let operation = v1::offer::Operation {
                r#type: Some(v1::offer::operation::Type::Launch.into()),
                launch: Some(v1::offer::operation::Launch { task_infos: infos }),
                ..v1::offer::Operation::default()
            };
            let accept = scheduler::call::Accept {
                offer_ids: vec![offer.id],
                operations: vec![operation],
                // For the length of the measurement: offers are not what is measured.
                filters: Some(v1::Filters { refuse_seconds: Some(1e6) }),
            };
            let call = scheduler::Call { accept: Some(accept), ..scheduler::Call::default() };
            let event = self.call(scheduler::call::Type::Accept, call);
            drop(self.master.apply(self.now, event));
        }
        Ok(())
    }

    fn all_report(&mut self, state: TaskState) {
        for number in 0..AGENTS {
            for task in 0..TASKS_PER_AGENT {
                for event in self.update(number, task, state) {
                    drop(self.master.apply(self.now, event));
                }
            }
        }
    }

    /// Events per second of a mix: every task in turn sends an update, which is acknowledged, and
    /// every agent answers a ping.
    fn rate(&mut self) -> f64 {
        let (mut took, mut count) = (Duration::ZERO, 0_u32);
        let mut turn = 0;
        while count < EVENTS {
            let mut events = Vec::new();
            while events.len() < CHUNK as usize {
                let (agent, task) = (turn % AGENTS, turn / AGENTS % TASKS_PER_AGENT);
                events.extend(self.update(agent, task, TaskState::TaskRunning));
                if task == 0 {
                    events.push(self.pong(agent));
                }
                turn += 1;
            }
            count += u32::try_from(events.len()).unwrap_or(u32::MAX);
            self.now.at = self.now.at.plus(Duration::from_millis(10));
            let began = Instant::now();
            for event in events {
                drop(self.master.apply(self.now, event));
            }
            took += began.elapsed();
        }
        f64::from(count) / took.as_secs_f64()
    }

    /// A status update and its acknowledgement.
    fn update(&mut self, agent: u32, task: u32, state: TaskState) -> [Event; 2] {
        let id = self.agents[agent as usize].clone();
        self.updates += 1;
        let uuid = bytes::Bytes::copy_from_slice(&self.updates.to_be_bytes());
        let task_id = v1::TaskId { value: task_name(&id, task) };
        let status = v1::TaskStatus {
            task_id: task_id.clone(),
            state: state.into(),
            agent_id: Some(id.to_wire()),
            executor_id: Some(v1::ExecutorId { value: task_id.value.clone() }),
            uuid: Some(uuid.clone()),
            timestamp: Some(1.7e9),
            source: Some(v1::task_status::Source::Executor.into()),
            container_status: Some(v1::ContainerStatus {
                container_id: Some(v1::ContainerId {
                    value: format!("0f2ae46d-ae7f-4c2c-9d3b-{task:04}{agent:08}"),
                    parent: None,
                }),
                ..v1::ContainerStatus::default()
            }),
            ..v1::TaskStatus::default()
        };
        let update = link::StatusUpdate {
            framework_id: Some(self.framework.to_wire()),
            status: Some(status),
            latest_state: Some(state.into()),
            ..link::StatusUpdate::default()
        };
        let report = link::Call {
            r#type: Some(link::call::Type::StatusUpdate.into()),
            status_update: Some(update),
            ..link::Call::default()
        };
        let acknowledge = scheduler::call::Acknowledge { agent_id: id.to_wire(), task_id, uuid };
        let call = scheduler::Call { acknowledge: Some(acknowledge), ..scheduler::Call::default() };
        let acknowledge = self.call(scheduler::call::Type::Acknowledge, call);
        [Event::AgentCalls { link: link_of(agent), agent: id, calls: vec![report] }, acknowledge]
    }

    fn pong(&self, agent: u32) -> Event {
        let kind = Some(link::call::Type::Pong.into());
        let call = link::Call { r#type: kind, ..link::Call::default() };
        let id = self.agents[agent as usize].clone();
        Event::AgentCalls { link: link_of(agent), agent: id, calls: vec![call] }
    }

    fn call(&self, kind: scheduler::call::Type, call: scheduler::Call) -> Event {
        let call = scheduler::Call {
            framework_id: Some(self.framework.to_wire()),
            r#type: Some(kind.into()),
            ..call
        };
        Event::SchedulerCall {
            request: RequestId(0),
            header: StreamHeader::Of(STREAM),
            call: Box::new(call),
            principal: None,
        }
    }
}

fn subscribed(effects: &Effects) -> Option<FrameworkId> {
    effects.messages.iter().find_map(|message| {
        let Message::Scheduler { event, .. } = message else { return None };
        event.subscribed.as_ref().map(|event| FrameworkId::from(&event.framework_id))
    })
}

fn link_of(agent: u32) -> LinkId {
    LinkId(u64::from(agent) + 1)
}

fn task_name(agent: &AgentId, task: u32) -> String {
    format!("web.{agent}.{task}")
}

fn hello(number: u32) -> Event {
    let info = v1::AgentInfo {
        hostname: format!("host-{number}.example.com"),
        port: Some(5051),
        resources: vec![scalar("cpus", 64.0), scalar("mem", 65536.0), scalar("disk", 1e6)],
        ..v1::AgentInfo::default()
    };
    let ip = format!("10.{}.{}.{}", number >> 16, number >> 8 & 255, number & 255);
    let hello = link::Hello {
        protocol_version: Some(1),
        agent_info: Some(info),
        ip: Some(ip.clone()),
        ..link::Hello::default()
    };
    Event::AgentHello { link: link_of(number), hello: Box::new(hello), ip, principal: None }
}

fn task_info(agent: &AgentId, task: u32) -> v1::TaskInfo {
    v1::TaskInfo {
        name: "web".to_owned(),
        task_id: v1::TaskId { value: task_name(agent, task) },
        agent_id: agent.to_wire(),
        resources: vec![scalar("cpus", 1.0), scalar("mem", 128.0)],
        command: Some(v1::CommandInfo {
            value: Some("exec ./server --port $PORT".to_owned()),
            ..v1::CommandInfo::default()
        }),
        ..v1::TaskInfo::default()
    }
}

fn scalar(name: &str, value: f64) -> v1::Resource {
    v1::Resource {
        name: name.to_owned(),
        r#type: v1::value::Type::Scalar.into(),
        scalar: Some(v1::value::Scalar { value }),
        ..v1::Resource::default()
    }
}
