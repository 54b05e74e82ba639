//! Where agents, frameworks and tasks can be reached: what a front that passes calls on has to know.

use std::net::{IpAddr, SocketAddr};

use model::drain::Reachability;
use model::task::is_terminal;
use model::{AgentId, FrameworkId, TaskId, Timestamp};

use crate::event::LinkId;
use crate::state::{Agent, Master, TaskKey};

/// Most tasks of one name that are shown.
const MAX_NAMED: usize = 1000;

/// Where an agent's own API answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentPlace {
    pub id: AgentId,
    pub hostname: String,
    pub ip: String,
    pub port: i32,
    pub reachability: Reachability,
    /// Since when it is so reachable.
    pub since: Timestamp,
    pub link: Option<LinkId>,
    /// Whether operators say that it serves the outside.
    // DC/OS: the attribute `public_ip:true`.
    pub is_public: bool,
}

impl AgentPlace {
    /// `host:port`.
    pub fn authority(&self) -> String {
        match (self.ip.parse::<IpAddr>(), u16::try_from(self.port)) {
            (Ok(ip), Ok(port)) => SocketAddr::new(ip, port).to_string(),
            _ => format!("{}:{}", self.ip, self.port),
        }
    }
}

/// Where a framework says that it can be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FrameworkPlace {
    pub id: FrameworkId,
    pub name: String,
    pub hostname: Option<String>,
    pub webui_url: Option<String>,
    pub is_connected: bool,
}

/// A task that runs, with the name of its framework and the address of its agent.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskPlace {
    pub task: wire::v1::Task,
    pub framework: String,
    pub agent_ip: String,
}

impl Master {
    /// An agent the master knows, however reachable it is.
    pub fn view_agent_place(&self, agent: &AgentId) -> Option<AgentPlace> {
        self.agents.get(agent).map(|agent| place(agent))
    }

    /// Every agent that is registered, whether its link is up or not.
    pub fn view_agent_places(&self) -> Vec<AgentPlace> {
        self.agents.values().filter(|agent| agent.is_listed()).map(|agent| place(agent)).collect()
    }

    /// The framework of this name or id. Of several with one name those that are connected come first, and of
    /// these the latest.
    pub fn view_framework_place(&self, name: &str) -> Option<FrameworkPlace> {
        let named = self
            .frameworks
            .values()
            .filter(|framework| framework.info.name == name || framework.id.as_str() == name);
        let best =
            named.max_by_key(|framework| (framework.is_connected(), framework.registered_at));
        best.map(|framework| FrameworkPlace {
            id: framework.id.clone(),
            name: framework.info.name.clone(),
            hostname: framework.info.hostname.clone().filter(|name| !name.is_empty()),
            webui_url: framework.info.webui_url.clone().filter(|url| !url.is_empty()),
            is_connected: framework.is_connected(),
        })
    }

    /// Where frameworks say that they run, with their names.
    pub fn view_framework_hosts(&self) -> Vec<(String, String)> {
        let hosts = self.frameworks.values().filter(|framework| framework.is_connected());
        hosts
            .filter_map(|framework| {
                Some((framework.info.name.clone(), framework.info.hostname.clone()?))
            })
            .collect()
    }

    /// The task of this id: one that is held for an agent, else the latest that has ended.
    pub fn view_task(&self, id: &TaskId) -> Option<wire::v1::Task> {
        for framework in self.frameworks.values() {
            if let Some(agent) = framework.tasks.get(id) {
                let key = TaskKey { framework: framework.id.clone(), task: id.clone() };
                let agent = self.agents.get(agent)?;
                return agent.tasks.get(&key).map(|task| task.to_wire(&key, &agent.id));
            }
        }
        let unreachable = self.frameworks.values().flat_map(|it| it.unreachable_tasks.iter());
        let completed = self.frameworks.values().flat_map(|it| it.completed_tasks.iter());
        let of_completed =
            self.completed_frameworks.iter().flat_map(|it| it.completed_tasks.iter());
        let mut ended = of_completed.chain(completed).chain(unreachable);
        ended
            .rfind(|task| task.task_id.value == id.as_str())
            .map(|task| wire::v1::Task::clone(task))
    }

    /// Tasks that run, of frameworks and with names that are wanted; at most a thousand. Takes time in
    /// proportion to the tasks of those frameworks.
    pub fn view_named_tasks(
        &self,
        framework: impl Fn(&str) -> bool,
        task: impl Fn(&str) -> bool,
    ) -> Vec<TaskPlace> {
        let mut places = Vec::new();
        for owner in self.frameworks.values().filter(|owner| framework(&owner.info.name)) {
            for (id, agent) in &owner.tasks {
                let key = TaskKey { framework: owner.id.clone(), task: id.clone() };
                let Some(agent) = self.agents.get(agent) else { continue };
                let Some(held) = agent.tasks.get(&key) else { continue };
                // A discovery name stands in for the name.
                let discovery = held.extra.as_ref().and_then(|extra| extra.discovery.as_ref());
                let name = discovery.and_then(|it| it.name.as_deref()).unwrap_or(&held.name);
                if is_terminal(held.state) || !task(name) {
                    continue;
                }
                places.push(TaskPlace {
                    task: held.to_wire(&key, &agent.id),
                    framework: owner.info.name.clone(),
                    agent_ip: agent.ip.clone(),
                });
                if places.len() == MAX_NAMED {
                    return places;
                }
            }
        }
        places
    }
}

fn place(agent: &Agent) -> AgentPlace {
    let is_public = agent.info.attributes.iter().any(|attribute| {
        let is_true = attribute.text.as_ref().is_some_and(|text| text.value == "true");
        attribute.name == "public_ip" && is_true
    });
    AgentPlace {
        id: agent.id.clone(),
        hostname: agent.info.hostname.clone(),
        ip: agent.ip.clone(),
        port: agent.port(),
        reachability: agent.reachability,
        since: agent.since,
        link: agent.link,
        is_public,
    }
}
