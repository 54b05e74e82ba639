//! Nodes as operators see them: an agent's two axes, its tasks and its drain in one place.

use model::Timestamp;
use wire::ebb::{AbsentAgent, Deactivation, DrainStatus, Reachability};
use wire::master::response::get_agents::Agent;
use wire::master::response::{GetAgents, GetTasks};
use wire::v1::{AgentInfo, DrainConfig, DrainInfo, DrainState, Resource, TimeInfo};

use crate::exit::{Exit, Failure};
use crate::output::words;

/// An agent as the master's answer shows it, with or without Ebb's extensions.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: String,
    pub hostname: String,
    /// `ip:port`; `None` for agents that are away.
    pub address: Option<String>,
    pub reachability: Reachability,
    pub deactivated: bool,
    pub deactivation: Option<Deactivation>,
    pub drain_info: Option<DrainInfo>,
    /// `None` where the master is none of Ebb's.
    pub drain_status: Option<DrainStatus>,
    pub info: AgentInfo,
    pub version: String,
    pub registered: Option<TimeInfo>,
    pub reregistered: Option<TimeInfo>,
    /// Since when it is away.
    pub away_since: Option<TimeInfo>,
    pub total: Vec<Resource>,
    pub allocated: Vec<Resource>,
    /// Tasks that have not ended, as the master knows them.
    pub tasks: usize,
}

/// All agents of an answer, by host name and then by id.
pub fn nodes(agents: GetAgents, tasks: &GetTasks) -> Vec<Node> {
    let mut nodes: Vec<Node> = agents.agents.into_iter().map(connected).collect();
    let absent = agents.absent_agents.into_iter().filter_map(absent);
    // Mesos shows only the infos of agents it has not heard from since its start.
    let recovered = agents.recovered_agents.into_iter().map(recovered);
    for node in absent.chain(recovered) {
        if !nodes.iter().any(|known| known.id == node.id) {
            nodes.push(node);
        }
    }
    for node in &mut nodes {
        let live = tasks.tasks.iter().chain(&tasks.unreachable_tasks);
        node.tasks = live.filter(|task| task.agent_id.value == node.id).count();
    }
    nodes.sort_by(|a, b| natural(&a.hostname, &b.hostname).then_with(|| natural(&a.id, &b.id)));
    nodes
}

fn connected(agent: Agent) -> Node {
    let reachability = agent.reachability.and_then(|number| Reachability::try_from(number).ok());
    // Mesos: neither active nor deactivated is disconnected.
    let guess = if agent.active || agent.deactivated() {
        Reachability::Registered
    } else {
        Reachability::Disconnected
    };
    Node {
        address: agent.pid.as_deref().and_then(address_of),
        reachability: reachability.unwrap_or(guess),
        deactivated: agent.deactivated(),
        deactivation: agent.deactivation,
        drain_info: agent.drain_info,
        drain_status: agent.drain_status,
        version: agent.version,
        registered: agent.registered_time,
        reregistered: agent.reregistered_time,
        total: agent.total_resources,
        allocated: agent.allocated_resources,
        ..bare(agent.agent_info)
    }
}

fn absent(agent: AbsentAgent) -> Option<Node> {
    let reachability = agent.reachability.and_then(|number| Reachability::try_from(number).ok());
    Some(Node {
        reachability: reachability.unwrap_or_default(),
        deactivated: agent.deactivated(),
        deactivation: agent.deactivation,
        drain_info: agent.drain_info,
        drain_status: agent.drain_status,
        away_since: agent.since,
        ..bare(agent.agent_info?)
    })
}

fn recovered(info: AgentInfo) -> Node {
    Node { reachability: Reachability::Recovered, ..bare(info) }
}

fn bare(info: AgentInfo) -> Node {
    Node {
        id: info.id.as_ref().map(|id| id.value.clone()).unwrap_or_default(),
        hostname: info.hostname.clone(),
        address: None,
        reachability: Reachability::Unknown,
        deactivated: false,
        deactivation: None,
        drain_info: None,
        drain_status: None,
        total: info.resources.clone(),
        info,
        version: String::new(),
        registered: None,
        reregistered: None,
        away_since: None,
        allocated: Vec::new(),
        tasks: 0,
    }
}

/// The address in a pid such as `slave(1)@10.0.0.1:5051`.
fn address_of(pid: &str) -> Option<String> {
    pid.split_once('@').map(|(_, address)| address.to_owned())
}

impl Node {
    pub fn drain_state(&self) -> DrainState {
        self.drain_info.as_ref().map_or(DrainState::Unknown, DrainInfo::state)
    }

    pub fn drain_config(&self) -> Option<&DrainConfig> {
        self.drain_info.as_ref().map(|info| &info.config)
    }

    /// The address without its port.
    pub fn ip(&self) -> &str {
        let address = self.address.as_deref().unwrap_or_default();
        address.rsplit_once(':').map_or(address, |(ip, _)| ip)
    }

    /// The end of the id that tells agents of one cluster apart: `S3`.
    pub fn short_id(&self) -> &str {
        self.id.rsplit_once('-').map_or(&self.id, |(_, end)| end)
    }

    /// `node-1 (S3)`, for sentences.
    pub fn title(&self) -> String {
        format!("{} ({})", self.hostname, self.short_id())
    }

    /// What the operator did to it: `DRAINING`, `DRAINED`, `DEACTIVATED` or nothing.
    fn overlay(&self) -> Option<&'static str> {
        match self.drain_state() {
            DrainState::Draining => Some("DRAINING"),
            DrainState::Drained => Some("DRAINED"),
            DrainState::Unknown if self.deactivated => Some("DEACTIVATED"),
            DrainState::Unknown => None,
        }
    }

    /// Both axes in one word or two: `ACTIVE`, `DRAINING`, `UNREACHABLE`, `DRAINED, UNREACHABLE`.
    pub fn status(&self) -> String {
        let away = match self.reachability {
            Reachability::Unknown | Reachability::Registered => None,
            Reachability::Gone => return "GONE".to_owned(),
            Reachability::Disconnected
            | Reachability::Recovered
            | Reachability::Unreachable
            | Reachability::Removed => Some(self.reachability.as_str_name()),
        };
        match (self.overlay(), away) {
            (Some(overlay), Some(away)) => format!("{overlay}, {away}"),
            (Some(word), None) | (None, Some(word)) => word.to_owned(),
            (None, None) => "ACTIVE".to_owned(),
        }
    }

    /// The drain, or why it is deactivated, in a few words; empty where there is nothing to say.
    pub fn drain_words(&self, now: Timestamp) -> String {
        let status = self.drain_status.as_ref();
        match self.drain_state() {
            DrainState::Draining => self.progress_words(now),
            DrainState::Drained => {
                let reason = status.map(DrainStatus::reason).filter(|reason| !reason.is_empty());
                let ago = status.and_then(|status| status.finished_at.as_ref());
                let ago = ago.map(|at| format!("{} ago", words::age(now, at)));
                match (ago, reason) {
                    (Some(ago), Some(reason)) => format!("{ago}: {reason}"),
                    (Some(words), None) => words,
                    (None, reason) => reason.unwrap_or_default().to_owned(),
                }
            }
            DrainState::Unknown => {
                let reason = self.deactivation.as_ref().map(Deactivation::reason);
                reason.unwrap_or_default().to_owned()
            }
        }
    }

    /// What is left of a drain: `3 tasks left, last kill in 12s`.
    pub fn progress_words(&self, now: Timestamp) -> String {
        let progress = self.drain_status.as_ref().and_then(|status| status.progress.as_ref());
        let Some(progress) = progress else {
            return format!("{} left", words::count(self.tasks, "task"));
        };
        let count = |number: u32, thing| words::count(number as usize, thing);
        if progress.tasks_left() > 0 {
            let left = count(progress.tasks_left(), "task");
            let kill = progress.last_kill_at.as_ref().and_then(|at| words::left(now, at));
            return match kill {
                Some(kill) => format!("{left} left, last kill in {}", words::countdown(kill)),
                None => format!("{left} left"),
            };
        }
        if progress.updates_unacknowledged() > 0 {
            return format!(
                "{} not acknowledged",
                count(progress.updates_unacknowledged(), "update")
            );
        }
        if progress.operations_left() > 0 {
            return format!("{} left", count(progress.operations_left(), "operation"));
        }
        if self.reachability == Reachability::Registered {
            "waits for the agent's word".to_owned()
        } else {
            "waits for the agent to come back".to_owned()
        }
    }
}

/// The node that `text` names: agent id, its unique end, or a unique host name. Nodes that are gone
/// count only if no other fits.
///
/// # Errors
/// Nothing fits, or more than one; lists what there is.
pub fn find<'a>(nodes: &'a [Node], text: &str) -> Result<&'a Node, Failure> {
    if let Some(node) = nodes.iter().find(|node| node.id == text) {
        return Ok(node);
    }
    let fits = |node: &&Node| {
        node.hostname == text
            || node.id.strip_suffix(text).is_some_and(|rest| rest.is_empty() || rest.ends_with('-'))
    };
    let all: Vec<&Node> = nodes.iter().filter(fits).collect();
    let is_here =
        |node: &&&Node| !matches!(node.reachability, Reachability::Gone | Reachability::Removed);
    let here: Vec<&Node> = all.iter().filter(is_here).copied().collect();
    match (here.as_slice(), all.as_slice()) {
        ([one], _) | ([], [one]) => Ok(one),
        ([], []) => {
            let failure = Failure::new(Exit::Error, format!("there is no node '{text}'"));
            Err(match nodes {
                [] => failure.hint("no agent has registered with this master yet"),
                _ => failure.hint(format!("known are: {}", listed(nodes.iter()))),
            })
        }
        ([], several) | (several, _) => {
            Err(Failure::usage(format!("'{text}' fits {} nodes", several.len()))
                .hint(format!("give the agent id: {}", listed_ids(several))))
        }
    }
}

/// Most candidates named in a hint.
const LISTED: usize = 10;

fn listed<'a>(nodes: impl ExactSizeIterator<Item = &'a Node>) -> String {
    let more = nodes.len().saturating_sub(LISTED);
    let names: Vec<String> = nodes.take(LISTED).map(Node::title).collect();
    let names = names.join(", ");
    if more == 0 { names } else { format!("{names} and {more} more") }
}

fn listed_ids(nodes: &[&Node]) -> String {
    let ids = nodes.iter().take(LISTED).map(|node| format!("{} ({})", node.id, node.status()));
    ids.collect::<Vec<_>>().join(", ")
}

/// Orders `node-2` before `node-10`.
fn natural(a: &str, b: &str) -> std::cmp::Ordering {
    let split = |text: &str| {
        let digits = text.chars().rev().take_while(char::is_ascii_digit).count();
        let (head, tail) = text.split_at(text.len() - digits);
        (head.to_owned(), tail.parse::<u64>().unwrap_or(0))
    };
    split(a).cmp(&split(b)).then_with(|| a.cmp(b))
}
