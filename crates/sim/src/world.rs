//! The world: its clock, its queue, and who gets what happens.

use std::collections::BTreeMap;
use std::time::Duration;

use master::{LinkId, StreamId};
use model::{ContainerId, Moment, Now, TaskId, Timestamp};

use crate::coverage::Coverage;
use crate::deeds::{Deeds, Kind, Without};
use crate::dice::Dice;
use crate::host::Host;
use crate::masters::Candidate;
use crate::operator::Operator;
use crate::plan::Plan;
use crate::registry::{Answer, Registry, Request};
use crate::service::Service;
use crate::trace::Trace;
use crate::truth::Truth;
use crate::wires::{Line, Stream};

/// Everything that can be due.
#[derive(Debug)]
pub(crate) enum Happening {
    MasterStarts {
        who: usize,
    },
    LeadershipWakes {
        who: usize,
        process: u64,
        at: Moment,
    },
    RegistryHears {
        who: usize,
        process: u64,
        asked_at: Moment,
        request: Request,
    },
    RegistryAnswers {
        who: usize,
        process: u64,
        answer: Answer,
    },
    MasterEvent {
        process: u64,
        event: Box<master::Event>,
    },
    MasterCommitted {
        process: u64,
    },
    MasterWakes {
        process: u64,
        at: Moment,
    },

    AgentStarts {
        host: usize,
    },
    AgentEvent {
        host: usize,
        process: u64,
        event: Box<agent::Event>,
    },
    AgentCommitted {
        host: usize,
        process: u64,
    },
    AgentWakes {
        host: usize,
        process: u64,
        at: Moment,
    },

    /// The greeting of a link arrives at the master.
    Hello {
        link: LinkId,
        hello: Box<wire::link::Hello>,
    },
    Down {
        link: LinkId,
        event: Box<wire::link::Event>,
    },
    Up {
        link: LinkId,
        call: Box<wire::link::Call>,
    },
    LineEndsAtAgent {
        link: LinkId,
    },
    LineEndsAtMaster {
        link: LinkId,
    },

    ToService {
        stream: StreamId,
        event: Box<wire::scheduler::Event>,
    },
    StreamEndsAtService {
        stream: StreamId,
    },
    StreamEndsAtMaster {
        stream: StreamId,
    },
    ServiceActs {
        service: usize,
    },
    Acknowledge {
        service: usize,
        status: Box<wire::v1::TaskStatus>,
    },
    AcknowledgeOperation {
        service: usize,
        status: Box<wire::v1::OperationStatus>,
    },

    ContainerStarts {
        host: usize,
        process: u64,
        spec: Box<agent::LaunchSpec>,
    },
    Destroyed {
        host: usize,
        boot: u32,
        container: ContainerId,
    },
    VolumesRemoved {
        host: usize,
        process: u64,
        operation: bytes::Bytes,
        volumes: Vec<model::resources::Volume>,
        is_removed: bool,
    },
    Executor {
        host: usize,
        container: ContainerId,
        /// The connection that it comes from; what happens to processes comes from none.
        connection: Option<u64>,
        event: Box<agent::executor::Event>,
    },
    ExecutorWakes {
        host: usize,
        container: ContainerId,
        at: Moment,
    },
    ProcessEnds {
        host: usize,
        container: ContainerId,
        task: TaskId,
    },
    TreeEnds {
        host: usize,
        container: ContainerId,
        task: TaskId,
    },

    OperatorActs,
    OperatorOrders,
    OperatorMaintains,
    Fault,
}

impl Happening {
    /// The master, host or service it is about; others have none.
    pub(crate) fn place(&self) -> u64 {
        match self {
            Self::MasterStarts { who }
            | Self::LeadershipWakes { who, .. }
            | Self::RegistryHears { who, .. }
            | Self::RegistryAnswers { who, .. } => *who as u64,
            Self::AgentStarts { host }
            | Self::AgentEvent { host, .. }
            | Self::AgentCommitted { host, .. }
            | Self::AgentWakes { host, .. }
            | Self::ContainerStarts { host, .. }
            | Self::Destroyed { host, .. }
            | Self::VolumesRemoved { host, .. }
            | Self::Executor { host, .. }
            | Self::ExecutorWakes { host, .. }
            | Self::ProcessEnds { host, .. }
            | Self::TreeEnds { host, .. } => *host as u64,
            Self::ServiceActs { service }
            | Self::Acknowledge { service, .. }
            | Self::AcknowledgeOperation { service, .. } => *service as u64,
            // Whose number depends on everything before it.
            Self::MasterEvent { .. }
            | Self::MasterCommitted { .. }
            | Self::MasterWakes { .. }
            | Self::Hello { .. }
            | Self::Down { .. }
            | Self::Up { .. }
            | Self::LineEndsAtAgent { .. }
            | Self::LineEndsAtMaster { .. }
            | Self::ToService { .. }
            | Self::StreamEndsAtService { .. }
            | Self::StreamEndsAtMaster { .. }
            | Self::OperatorActs
            | Self::OperatorOrders
            | Self::OperatorMaintains
            | Self::Fault => 0,
        }
    }
}

pub(crate) struct World {
    pub(crate) plan: Plan,
    pub(crate) dice: Dice,
    pub(crate) deeds: Deeds,
    pub(crate) now: Now,
    queue: BTreeMap<(Moment, u64), Happening>,
    numbers: u64,
    pub(crate) trace: Trace,
    pub(crate) coverage: Coverage,
    pub(crate) events: u64,

    pub(crate) masters: Vec<Candidate>,
    pub(crate) registry: Registry,
    pub(crate) lines: BTreeMap<LinkId, Line>,
    pub(crate) streams: BTreeMap<StreamId, Stream>,
    pub(crate) hosts: Vec<Host>,
    pub(crate) services: Vec<Service>,
    pub(crate) operator: Operator,
    pub(crate) truth: Truth,
    /// Nothing bad happens any more from here on.
    pub(crate) rest_from: Moment,
    pub(crate) ends_at: Moment,
}

impl World {
    pub(crate) fn new(seed: u64, keep_lines: bool, without: &Without) -> Self {
        let mut dice = Dice::new(seed);
        let plan = Plan::new(&mut dice);
        let now = Now { at: Moment(1_000_000_000_000), wall: Timestamp(1_800_000_000_000_000_000) };
        let masters = Candidate::all(&plan, &mut dice, now.at);
        let rest_from = now.at.plus(plan.trouble);
        let mut world = Self {
            hosts: (0..plan.hosts).map(|index| Host::new(index, now.at)).collect(),
            services: (0..plan.services)
                .map(|index| Service::new(index, &plan, &mut dice))
                .collect(),
            ends_at: rest_from.plus(plan.rest),
            rest_from,
            plan,
            dice,
            deeds: Deeds::new(seed, without.clone()),
            now,
            queue: BTreeMap::new(),
            numbers: 0,
            trace: Trace::new(keep_lines),
            coverage: Coverage::default(),
            events: 0,
            masters,
            registry: Registry::default(),
            lines: BTreeMap::new(),
            streams: BTreeMap::new(),
            operator: Operator::default(),
            truth: Truth::default(),
        };
        for who in 0..world.masters.len() {
            // Somebody has to lead.
            world.masters[who].is_left_out = who > 0 && world.is_left_out(Kind::Master, who);
            world.soon(Duration::from_secs(5), Happening::MasterStarts { who });
        }
        for host in 0..world.hosts.len() {
            world.hosts[host].is_left_out = world.is_left_out(Kind::Host, host);
            world.soon(Duration::from_secs(30), Happening::AgentStarts { host });
        }
        for service in 0..world.services.len() {
            let is_left_out = world.is_left_out(Kind::Service, service);
            let wait = world.dice.between(Duration::ZERO, Duration::from_mins(1));
            if !is_left_out {
                world.after(wait, Happening::ServiceActs { service });
            }
        }
        let (act, fault) = (world.plan.act_every, world.plan.fault_every);
        world.soon(act, Happening::OperatorActs);
        world.soon(fault, Happening::Fault);
        if world.plan.is_operated {
            world.soon(act, Happening::OperatorOrders);
        }
        if world.plan.is_maintained {
            world.soon(act * 2, Happening::OperatorMaintains);
        }
        world
    }

    pub(crate) fn is_at_rest(&self) -> bool {
        self.now.at >= self.rest_from
    }

    /// A number nobody has had.
    pub(crate) fn number(&mut self) -> u64 {
        self.numbers += 1;
        self.numbers
    }

    pub(crate) fn at(&mut self, moment: Moment, what: Happening) {
        let number = self.number();
        self.queue.insert((moment, number), what);
    }

    pub(crate) fn after(&mut self, wait: Duration, what: Happening) {
        self.at(self.now.at.plus(wait), what);
    }

    /// Within `most`.
    pub(crate) fn soon(&mut self, most: Duration, what: Happening) {
        let wait = self.dice.between(Duration::ZERO, most);
        self.after(wait, what);
    }

    /// The next happening. False when the time is over.
    pub(crate) fn step(&mut self) -> bool {
        let Some(((at, number), happening)) = self.queue.pop_first() else { return false };
        if at >= self.ends_at {
            return false;
        }
        self.now = Now { at, wall: self.now.wall_of(at) };
        self.dice = self.deeds.dice_for(&happening);
        self.events += 1;
        // Every draw of the dice and every new happening takes a number: runs that differ anywhere
        // differ here soon.
        self.trace.mix(&[at.0, number, self.dice.peek()]);
        let mut happening = Some(happening);
        if self.is_put_off(&mut happening) {
            return true;
        }
        if let Some(happening) = happening {
            self.trace.line(|| format!("{:.3} {happening:?}", seconds(at)));
            self.dispatch(happening);
        }
        true
    }

    fn dispatch(&mut self, happening: Happening) {
        match happening {
            Happening::MasterStarts { who } => self.start_master(who),
            Happening::LeadershipWakes { who, process, at } => {
                self.leadership_wakes(who, process, at);
            }
            Happening::RegistryHears { who, process, asked_at, request } => {
                self.registry_hears(who, process, asked_at, request);
            }
            Happening::RegistryAnswers { who, process, answer } => {
                self.registry_answers(who, process, answer);
            }
            Happening::MasterEvent { process, event } => self.master_event(process, *event),
            Happening::MasterCommitted { process } => self.master_committed(process),
            Happening::MasterWakes { process, at } => self.master_wakes(process, at),
            Happening::AgentStarts { host } => self.start_agent(host),
            Happening::AgentEvent { host, process, event } => {
                self.agent_event(host, process, *event);
            }
            Happening::AgentCommitted { host, process } => self.agent_committed(host, process),
            Happening::AgentWakes { host, process, at } => self.agent_wakes(host, process, at),
            Happening::Hello { link, hello } => self.hello_arrives(link, hello),
            Happening::Down { link, event } => self.down_arrives(link, event),
            Happening::Up { link, call } => self.up_arrives(link, call),
            Happening::LineEndsAtAgent { link } => self.line_ends_at_agent(link),
            Happening::LineEndsAtMaster { link } => self.line_ends_at_master(link),
            Happening::ToService { stream, event } => self.service_hears(stream, *event),
            Happening::StreamEndsAtService { stream } => self.stream_ends_at_service(stream),
            Happening::StreamEndsAtMaster { stream } => self.stream_ends_at_master(stream),
            Happening::ServiceActs { service } => self.service_acts(service),
            Happening::Acknowledge { service, status } => self.acknowledge(service, &status),
            Happening::AcknowledgeOperation { service, status } => {
                self.acknowledge_operation(service, *status);
            }
            Happening::ContainerStarts { host, process, spec } => {
                self.container_starts(host, process, *spec);
            }
            Happening::Destroyed { host, boot, container } => {
                self.container_destroyed(host, boot, &container);
            }
            Happening::VolumesRemoved { host, process, operation, volumes, is_removed } => {
                self.volumes_removed(host, process, operation, &volumes, is_removed);
            }
            Happening::Executor { host, container, connection, event } => {
                self.executor_hears(host, &container, connection, *event);
            }
            Happening::ExecutorWakes { host, container, at } => {
                self.executor_wakes(host, &container, at);
            }
            Happening::ProcessEnds { host, container, task } => {
                self.process_ends(host, &container, &task);
            }
            Happening::TreeEnds { host, container, task } => {
                self.tree_ends(host, &container, &task);
            }
            Happening::OperatorActs => self.operator_acts(),
            Happening::OperatorOrders => self.operator_orders(),
            Happening::OperatorMaintains => self.operator_maintains(),
            Happening::Fault => self.fault(),
        }
    }
}

pub(crate) fn seconds(at: Moment) -> f64 {
    at.since(Moment(1_000_000_000_000)).as_secs_f64()
}
