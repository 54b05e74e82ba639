//! The small world: its processes, what is under way between them, and how it is set up.

use std::collections::{BTreeMap, VecDeque};
use std::fmt::{self, Debug, Write};
use std::rc::Rc;

use master::{LinkId, Master, Mutation, StreamId};
use model::{AgentId, FrameworkId, Moment, Now, TaskState, Timestamp};
use wire::scheduler;

use super::host::Host;
use super::{Act, Scenario};
use crate::registry::Key;

/// Where all clocks start.
pub(super) const START: Moment = Moment(1_000_000_000_000);
/// The wall clocks stand still: what is written down must not depend on the order of things.
pub(super) const WALL: Timestamp = Timestamp(1_800_000_000_000_000_000);

/// Something shared between states until one of them changes it, with the hash of what it says of itself.
#[derive(Debug)]
pub(super) struct Part<T> {
    value: Rc<T>,
    print: u64,
}

impl<T> Clone for Part<T> {
    fn clone(&self) -> Self {
        Self { value: Rc::clone(&self.value), print: self.print }
    }
}

impl<T: Clone + Debug> Part<T> {
    pub(super) fn new(value: T) -> Self {
        let print = fingerprint(&value);
        Self { value: Rc::new(value), print }
    }

    pub(super) fn get(&self) -> &T {
        &self.value
    }

    pub(super) fn change<R>(&mut self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(Rc::make_mut(&mut self.value));
        self.print = fingerprint(&*self.value);
        result
    }
}

/// Parts from which nothing follows: how often something was counted, and what the last event touched.
const BESIDE: [&str; 2] = ["Counters", "settled"];

/// Hashes what a value says of itself.
fn fingerprint(value: &impl Debug) -> u64 {
    struct Hasher {
        hash: u64,
        is_beside: bool,
    }
    impl Write for Hasher {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            if self.is_beside || BESIDE.contains(&text) {
                self.is_beside = !text.contains('}');
                return Ok(());
            }
            for chunk in text.as_bytes().chunks(8) {
                let mut word = [0; 8];
                word[..chunk.len()].copy_from_slice(chunk);
                self.hash = mixed(self.hash, u64::from_le_bytes(word));
            }
            Ok(())
        }
    }
    let mut hasher = Hasher { hash: 0xCBF2_9CE4_8422_2325, is_beside: false };
    write!(hasher, "{value:?}").ok();
    hasher.hash
}

fn mixed(hash: u64, word: u64) -> u64 {
    let hash = (hash ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    hash ^ (hash >> 29)
}

/// The master's process and its registry.
#[derive(Clone)]
pub(super) struct Leader {
    pub(super) core: Master,
    pub(super) at: Moment,
    pub(super) registry: BTreeMap<Key, Mutation>,
    /// How many there were before it.
    pub(super) number: u64,
}

impl Debug for Leader {
    // What the registry holds is what the core knows: a rule.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leader")
            .field("core", &self.core)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// A link as both ends have it. Each end may be gone without the other one's knowing.
#[expect(clippy::struct_excessive_bools, reason = "facts that don't exclude each other")]
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) id: LinkId,
    pub(super) agent: Option<AgentId>,
    pub(super) hello: Option<Box<wire::link::Hello>>,
    pub(super) down: VecDeque<wire::link::Event>,
    pub(super) up: VecDeque<wire::link::Call>,
    pub(super) agent_has: bool,
    pub(super) master_has: bool,
    /// The master closed it, so that what was sent before arrives.
    pub(super) is_closed: bool,
    /// Nothing passes any more; each end learns of it when it does.
    pub(super) is_broken: bool,
}

impl Line {
    pub(super) fn new(id: LinkId, hello: Box<wire::link::Hello>) -> Self {
        Self {
            id,
            agent: None,
            hello: Some(hello),
            down: VecDeque::new(),
            up: VecDeque::new(),
            agent_has: true,
            master_has: true,
            is_closed: false,
            is_broken: false,
        }
    }
}

/// The framework: it acknowledges every update that reaches it.
#[derive(Clone, Debug, Default)]
pub(super) struct Service {
    pub(super) id: Option<FrameworkId>,
    pub(super) stream: Option<StreamId>,
    pub(super) streams: u64,
    /// The master's end of the stream is gone.
    pub(super) is_cut: bool,
    pub(super) events: VecDeque<scheduler::Event>,
    pub(super) calls: VecDeque<scheduler::Call>,
    pub(super) tasks: BTreeMap<String, TaskState>,
    /// An offer of the agent that is drained, to be accepted at any moment.
    pub(super) offer: Option<Box<wire::v1::Offer>>,
    /// Tasks on the first agent.
    pub(super) on_first: usize,
    pub(super) is_reviving: bool,
    pub(super) is_set_up: bool,
}

/// The operator, and what is known from the answers.
#[derive(Clone, Debug)]
pub(super) struct Operator {
    pub(super) left: VecDeque<Act>,
    pub(super) attempts: u8,
    /// An answer said that the agent is out of service, and nothing since may have changed that.
    pub(super) is_sure: bool,
}

#[derive(Clone)]
pub(super) struct Small {
    pub(super) leader: Part<Leader>,
    pub(super) hosts: [Part<Host>; 2],
    pub(super) lines: [Part<Vec<Line>>; 2],
    pub(super) service: Part<Service>,
    pub(super) operator: Part<Operator>,
    pub(super) crashes: u8,
    pub(super) early: u8,
    /// Links of each agent so far.
    pub(super) links: [u64; 2],
    pub(super) broken: Option<(&'static str, String)>,
}

impl Small {
    /// Both agents are there, two tasks run on the first one and one on the second, and nothing is under way.
    pub(super) fn start(scenario: &Scenario) -> Self {
        let now = Now { at: START, wall: WALL };
        let core =
            Master::recover(config(0), Vec::new(), now).expect("an empty registry is readable");
        let leader = Leader { core, at: START, registry: BTreeMap::new(), number: 0 };
        let operator = Operator { left: VecDeque::new(), attempts: 3, is_sure: false };
        let mut small = Self {
            leader: Part::new(leader),
            hosts: [0, 1].map(|index| Part::new(Host::new(index))),
            lines: [0, 1].map(|_| Part::new(Vec::new())),
            service: Part::new(Service { on_first: scenario.tasks, ..Service::default() }),
            operator: Part::new(operator),
            crashes: 0,
            early: 0,
            links: [0; 2],
            broken: None,
        };
        for host in 0..2 {
            small.start_agent(host);
        }
        small.subscribe();
        small.run_until_set_up();
        small.service.change(|service| {
            service.is_set_up = true;
            if !scenario.launches {
                service.offer = None;
            }
        });
        small.operator.change(|operator| operator.left.extend(scenario.acts));
        (small.crashes, small.early) = (scenario.crashes, scenario.early);
        small
    }

    /// Equal for states that go on in the same way.
    pub(super) fn print(&self) -> u64 {
        let parts = [
            self.leader.print,
            self.hosts[0].print,
            self.hosts[1].print,
            self.lines[0].print,
            self.lines[1].print,
            self.service.print,
            self.operator.print,
            u64::from(self.crashes) << 8 | u64::from(self.early),
        ];
        parts.into_iter().fold(1, mixed)
    }

    pub(super) fn breaks(&mut self, rule: &'static str, what: impl Into<String>) {
        self.broken.get_or_insert((rule, what.into()));
    }

    /// The id of the agent on a host, once it has one.
    pub(super) fn agent_id(&self, host: usize) -> Option<AgentId> {
        self.hosts[host].get().agent_id()
    }

    /// What the registry has of the agent on a host.
    pub(super) fn record(&self, host: usize) -> Option<&wire::registry::AgentRecord> {
        match self.leader.get().registry.get(&Key::Agent(self.agent_id(host)?))? {
            Mutation::SetAgent(record) => Some(record),
            Mutation::RemoveAgent(_)
            | Mutation::SetFramework(_)
            | Mutation::RemoveFramework(_)
            | Mutation::SetRole(_)
            | Mutation::RemoveRole(_)
            | Mutation::SetMaintenance(_)
            | Mutation::RemoveMaintenance => None,
        }
    }
}

pub(super) fn config(number: u64) -> master::Config {
    master::Config {
        master_id: format!("m{number}"),
        // What is kept for display tells states apart that go on in the same way.
        max_completed_tasks_per_framework: 0,
        ..master::Config::default()
    }
}
