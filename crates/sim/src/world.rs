//! The world: its clock, its queue, and who gets what happens.

use std::collections::BTreeMap;
use std::time::Duration;

use master::{LinkId, Master, StreamId};
use model::{ContainerId, Moment, Now, TaskId, Timestamp};

use crate::coverage::Coverage;
use crate::deeds::{Deeds, Kind, Without};
use crate::dice::Dice;
use crate::host::Host;
use crate::operator::Operator;
use crate::plan::Plan;
use crate::process::{Batch, Core as _, Process};
use crate::service::Service;
use crate::trace::Trace;
use crate::truth::{Key, Truth};
use crate::wires::{Line, Stream};

/// Everything that can be due.
#[derive(Debug)]
pub(crate) enum Happening {
    MasterStarts,
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
    Executor {
        host: usize,
        container: ContainerId,
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
    Fault,
}

impl Happening {
    /// The host or service it is about; others have none.
    #[expect(clippy::wildcard_enum_match_arm, reason = "what has no place needs no naming")]
    pub(crate) fn place(&self) -> u64 {
        match self {
            Self::AgentStarts { host }
            | Self::AgentEvent { host, .. }
            | Self::AgentCommitted { host, .. }
            | Self::AgentWakes { host, .. }
            | Self::ContainerStarts { host, .. }
            | Self::Destroyed { host, .. }
            | Self::Executor { host, .. }
            | Self::ExecutorWakes { host, .. }
            | Self::ProcessEnds { host, .. }
            | Self::TreeEnds { host, .. }
            | Self::ServiceActs { service: host }
            | Self::Acknowledge { service: host, .. } => *host as u64,
            _ => 0,
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

    pub(crate) master: Option<Process<Master>>,
    /// What of the registry is durable.
    pub(crate) registry: BTreeMap<Key, master::Mutation>,
    pub(crate) lines: BTreeMap<LinkId, Line>,
    pub(crate) streams: BTreeMap<StreamId, Stream>,
    pub(crate) hosts: Vec<Host>,
    pub(crate) services: Vec<Service>,
    pub(crate) operator: Operator,
    pub(crate) truth: Truth,
    /// Nothing bad happens any more from here on.
    pub(crate) rest_from: Moment,
    pub(crate) ends_at: Moment,
    /// The master dies while it commits the next time.
    pub(crate) crash_at_commit: bool,
}

impl World {
    pub(crate) fn new(seed: u64, keep_lines: bool, without: &Without) -> Self {
        let mut dice = Dice::new(seed);
        let plan = Plan::new(&mut dice);
        let now = Now { at: Moment(1_000_000_000_000), wall: Timestamp(1_800_000_000_000_000_000) };
        let rest_from = now.at.plus(plan.trouble);
        let mut world = Self {
            hosts: (0..plan.hosts).map(Host::new).collect(),
            services: (0..plan.services).map(|index| Service::new(index, &mut dice)).collect(),
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
            master: None,
            registry: BTreeMap::new(),
            lines: BTreeMap::new(),
            streams: BTreeMap::new(),
            operator: Operator::default(),
            truth: Truth::default(),
            crash_at_commit: false,
        };
        world.after(Duration::ZERO, Happening::MasterStarts);
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
        self.trace.line(|| format!("{:.3} {happening:?}", seconds(at)));
        self.dispatch(happening);
        true
    }

    fn dispatch(&mut self, happening: Happening) {
        match happening {
            Happening::MasterStarts => self.start_master(),
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
            Happening::ContainerStarts { host, process, spec } => {
                self.container_starts(host, process, *spec);
            }
            Happening::Destroyed { host, boot, container } => {
                self.container_destroyed(host, boot, &container);
            }
            Happening::Executor { host, container, event } => {
                self.executor_event(host, &container, *event);
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
            Happening::Fault => self.fault(),
        }
    }

    // The master's process.

    fn start_master(&mut self) {
        if self.master.is_some() {
            return;
        }
        let number = self.number();
        let config =
            master::Config { master_id: format!("m{number}"), ..master::Config::default() };
        let records = self.registry.values().cloned();
        let core = Master::recover(config, records, self.now).expect("own records are readable");
        let recovered = core.records();
        self.truth.master_recovered(&self.registry, recovered);
        self.coverage.count("world", "master started");
        self.master = Some(Process::new(core, number));
        self.schedule_master_wake();
    }

    pub(crate) fn tell_master(&mut self, wait: Duration, event: master::Event) {
        if let Some(process) = self.master.as_ref().map(|process| process.number) {
            self.after(wait, Happening::MasterEvent { process, event: Box::new(event) });
        }
    }

    pub(crate) fn master_event(&mut self, process: u64, event: master::Event) {
        let Some(master) = self.master.as_mut().filter(|master| master.number == process) else {
            return;
        };
        master.mailbox.push_back(event);
        self.run_master();
    }

    fn master_wakes(&mut self, process: u64, at: Moment) {
        let Some(master) = self.master.as_mut().filter(|master| master.number == process) else {
            return;
        };
        if master.wakes_at == Some(at) {
            master.wakes_at = None;
            master.mailbox.push_back(master::Event::Woke);
            self.run_master();
        }
    }

    fn run_master(&mut self) {
        let Some(master) = self.master.as_mut().filter(|master| master.committing.is_none()) else {
            return;
        };
        let mut batch = Batch::default();
        while let Some(event) = master.mailbox.pop_front() {
            let effects = master.core.decide(self.now, event);
            self.truth.master_decided(&effects, &self.lines);
            batch.append(effects);
        }
        let process = master.number;
        if batch.mutations.is_empty() {
            self.check_master_records(&batch.notes);
            self.release_master(batch);
        } else {
            let early =
                model::bug("master_speaks_early").then(|| std::mem::take(&mut batch.messages));
            master.committing = Some(batch);
            let most = self.plan.commit;
            self.soon(most, Happening::MasterCommitted { process });
            early.into_iter().flatten().for_each(|message| self.master_sends(message));
            if std::mem::take(&mut self.crash_at_commit) && !self.is_at_rest() {
                self.crash_master();
                self.soon(Duration::from_secs(30), Happening::MasterStarts);
            }
        }
        self.schedule_master_wake();
    }

    fn master_committed(&mut self, process: u64) {
        let Some(master) = self.master.as_mut().filter(|master| master.number == process) else {
            return;
        };
        let Some(batch) = master.committing.take() else { return };
        self.write_registry(&batch.mutations);
        self.truth.registry_written(&batch.mutations);
        self.check_master_records(&batch.notes);
        self.release_master(batch);
        self.run_master();
    }

    pub(crate) fn write_registry(&mut self, mutations: &[master::Mutation]) {
        for mutation in mutations {
            match Key::of(mutation) {
                (key, true) => self.registry.insert(key, mutation.clone()),
                (key, false) => self.registry.remove(&key),
            };
        }
    }

    fn release_master(&mut self, batch: Batch<Master>) {
        for note in &batch.notes {
            self.coverage.count_variant("master", note);
            self.master_noted(note);
        }
        for message in batch.messages {
            self.master_sends(message);
        }
    }

    fn schedule_master_wake(&mut self) {
        let Some(master) = &mut self.master else { return };
        if let Some(at) = master.new_alarm(self.now) {
            let process = master.number;
            self.at(at, Happening::MasterWakes { process, at });
        }
    }

    /// The master dies where it stands. A batch on its way to the disk may have got there.
    pub(crate) fn crash_master(&mut self) {
        let Some(master) = self.master.take() else { return };
        if let Some(batch) = master.committing
            && self.dice.chance(500)
        {
            self.write_registry(&batch.mutations);
            self.truth.registry_written(&batch.mutations);
        }
        for agent in self.operator.replies_lost() {
            self.truth.operator_is_unsure(&agent);
        }
        let links: Vec<LinkId> = self.lines.keys().copied().collect();
        for link in links {
            self.break_line(link, true, false);
        }
        let streams: Vec<StreamId> = self.streams.keys().copied().collect();
        for stream in streams {
            self.break_stream(stream, true, false);
        }
    }
}

pub(crate) fn seconds(at: Moment) -> f64 {
    at.since(Moment(1_000_000_000_000)).as_secs_f64()
}
