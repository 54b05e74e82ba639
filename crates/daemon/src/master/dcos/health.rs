//! `/system/health/v1/…` and `/net/v1/nodes`: the cluster's hosts, what runs on them for it, and whether it does.

use std::collections::BTreeMap;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response};
use master::AgentPlace;
use model::drain::Reachability;
use serde::Serialize;
use serde_json::{Value, json as document};

use super::{dns, json, not_found};
use crate::http::ApiError;
use crate::master::Shell;

const MASTER: Kind = Kind {
    id: "dcos-mesos-master.service",
    name: "Mesos Master",
    description: "The master: decides what runs where, and answers operators",
};
const AGENT: Kind = Kind {
    id: "dcos-mesos-slave.service",
    name: "Mesos Agent",
    description: "The agent: runs tasks on its host",
};
const PUBLIC_AGENT: Kind = Kind {
    id: "dcos-mesos-slave-public.service",
    name: "Mesos Agent Public",
    description: "The agent: runs tasks that the outside reaches on its host",
};
const KINDS: [&Kind; 3] = [&MASTER, &AGENT, &PUBLIC_AGENT];

/// A program that runs on hosts.
// DC/OS: named after the units of systemd that are the same there.
#[derive(Debug)]
struct Kind {
    id: &'static str,
    name: &'static str,
    description: &'static str,
}

#[derive(Clone, Debug)]
struct Unit {
    kind: &'static Kind,
    is_well: bool,
    /// What there is to say, a line for each process.
    output: String,
}

/// A host, by the address that it gave.
#[derive(Clone, Debug)]
struct Node {
    ip: String,
    names: Vec<String>,
    agents: Vec<String>,
    role: &'static str,
    units: Vec<Unit>,
}

/// How health is put into a number.
// DC/OS: 0 healthy, 1 unhealthy.
fn number(is_well: bool) -> u8 {
    u8::from(!is_well)
}

impl Node {
    fn is_well(&self) -> bool {
        self.units.iter().all(|unit| unit.is_well)
    }

    fn add(&mut self, kind: &'static Kind, is_well: bool, output: String) {
        if let Some(unit) = self.units.iter_mut().find(|unit| unit.kind.id == kind.id) {
            unit.is_well &= is_well;
            if !output.is_empty() && !unit.output.is_empty() {
                unit.output.push('\n');
            }
            unit.output.push_str(&output);
        } else {
            self.units.push(Unit { kind, is_well, output });
        }
    }

    fn short(&self) -> Value {
        document!({"host_ip": self.ip, "health": number(self.is_well()), "role": self.role})
    }
}

impl Unit {
    fn whole(&self) -> Value {
        document!({
            "id": self.kind.id,
            "name": self.kind.name,
            "health": number(self.is_well),
            "description": self.kind.description,
            "output": self.output,
            "help": "",
        })
    }
}

/// The hosts by address: this master's, and those of registered agents.
#[derive(Debug)]
struct Nodes(BTreeMap<String, Node>);

impl Nodes {
    fn of(own_ip: &str, own_name: &str, agents: Vec<AgentPlace>) -> Self {
        let mut nodes = Self(BTreeMap::new());
        let own = nodes.node(own_ip, "master");
        own.names.push(own_name.to_owned());
        own.add(&MASTER, true, String::new());
        for agent in agents {
            let (kind, role) =
                if agent.is_public { (&PUBLIC_AGENT, "agent_public") } else { (&AGENT, "agent") };
            let is_well = agent.reachability == Reachability::Registered;
            let output = if is_well {
                String::new()
            } else {
                let since = crate::clock::rfc3339(agent.since);
                format!("agent {} ({}): its link is down since {since}", agent.id, agent.hostname)
            };
            let node = nodes.node(&agent.ip, role);
            node.names.push(agent.hostname);
            node.agents.push(agent.id.to_string());
            node.add(kind, is_well, output);
        }
        nodes
    }

    fn node(&mut self, ip: &str, role: &'static str) -> &mut Node {
        self.0.entry(ip.to_owned()).or_insert_with(|| Node {
            ip: ip.to_owned(),
            names: Vec::new(),
            agents: Vec::new(),
            role,
            units: Vec::new(),
        })
    }

    /// By address or name.
    fn find(&self, name: &str) -> Option<&Node> {
        let named = || self.0.values().find(|node| node.names.iter().any(|it| it == name));
        self.0.get(name).or_else(named)
    }

    fn with(&self, kind: &Kind) -> impl Iterator<Item = (&Node, &Unit)> {
        let unit_of = |node: &'_ Node| node.units.iter().position(|it| it.kind.id == kind.id);
        self.0.values().filter_map(move |node| Some((node, &node.units[unit_of(node)?])))
    }

    fn unit(&self, kind: &Kind) -> Value {
        document!({
            "id": kind.id,
            "name": kind.name,
            "health": number(self.with(kind).all(|(_, unit)| unit.is_well)),
            "description": kind.description,
        })
    }

    fn answer(&self, path: &str) -> Result<Value, ApiError> {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let node = |name: &str| {
            self.find(name).ok_or_else(|| not_found(&format!("there is no node {name}")))
        };
        let kind = |id: &str| {
            let found =
                KINDS.into_iter().find(|kind| kind.id == id && self.with(kind).next().is_some());
            found.ok_or_else(|| not_found(&format!("there is no unit {id}")))
        };
        let unit_of = |name: &str, id: &str| {
            let node = node(name)?;
            let found = node.units.iter().find(|unit| unit.kind.id == id);
            let unit = found.ok_or_else(|| not_found(&format!("{name} has no unit {id}")))?;
            Ok::<_, ApiError>((node, unit))
        };
        Ok(match parts.as_slice() {
            ["nodes"] => document!({"nodes": self.0.values().map(Node::short).collect::<Vec<_>>()}),
            ["nodes", ip] => node(ip)?.short(),
            ["nodes", ip, "units"] => {
                let units = node(ip)?.units.iter();
                document!({"units": units.map(Unit::whole).collect::<Vec<_>>()})
            }
            ["nodes", ip, "units", id] => unit_of(ip, id)?.1.whole(),
            ["units"] => {
                let present = KINDS.into_iter().filter(|kind| self.with(kind).next().is_some());
                document!({"units": present.map(|kind| self.unit(kind)).collect::<Vec<_>>()})
            }
            ["units", id] => self.unit(kind(id)?),
            ["units", id, "nodes"] => {
                let nodes = self.with(kind(id)?).map(|(node, unit)| {
                    document!({
                        "host_ip": node.ip, "health": number(unit.is_well), "role": node.role,
                    })
                });
                document!({"nodes": nodes.collect::<Vec<_>>()})
            }
            ["units", id, "nodes", ip] => {
                let (node, unit) = unit_of(ip, id)?;
                document!({
                    "host_ip": node.ip,
                    "health": number(unit.is_well),
                    "role": node.role,
                    "output": unit.output,
                    "help": "",
                })
            }
            ["report"] => self.report(),
            _ => return Err(not_found("there is nothing at this path of /system/health/v1")),
        })
    }

    /// Everything at once.
    // DC/OS: fields as its program happens to name them.
    fn report(&self) -> Value {
        let now = crate::clock::rfc3339(crate::clock::wall());
        let unit = |unit: &Unit| {
            document!({
                "UnitName": unit.kind.id,
                "Health": number(unit.is_well),
                "Title": unit.kind.description,
                "Timestamp": now,
                "PrettyName": unit.kind.name,
            })
        };
        let outputs = |node: &Node| -> BTreeMap<&str, String> {
            node.units.iter().map(|unit| (unit.kind.id, unit.output.clone())).collect()
        };
        let node = |node: &Node| {
            document!({
                "Leader": node.role == "master",
                "Role": node.role,
                "IP": node.ip,
                "Host": node.names.first(),
                "Health": number(node.is_well()),
                "Output": outputs(node),
                "Units": node.units.iter().map(unit).collect::<Vec<_>>(),
                "MesosID": node.agents.join(","),
            })
        };
        let mut units = BTreeMap::new();
        for kind in KINDS {
            let mut nodes = self.with(kind).peekable();
            if nodes.peek().is_none() {
                continue;
            }
            let document = document!({
                "UnitName": kind.id,
                "Health": number(self.with(kind).all(|(_, unit)| unit.is_well)),
                "Title": kind.description,
                "Timestamp": now,
                "PrettyName": kind.name,
                "Nodes": nodes.map(|(it, _)| node(it)).collect::<Vec<_>>(),
            });
            units.insert(kind.id, document);
        }
        let nodes: BTreeMap<&String, Value> =
            self.0.iter().map(|(ip, it)| (ip, node(it))).collect();
        document!({"Units": units, "Nodes": nodes, "UpdatedTime": now})
    }
}

async fn nodes(shell: &Shell) -> Result<Nodes, ApiError> {
    let agents = shell.mailbox.look(|core, _| core.view_agent_places()).await?;
    Ok(Nodes::of(&dns::own_ip(shell), shell.info.hostname(), agents))
}

pub(super) async fn health(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let path = request.uri().path().strip_prefix("/system/health/v1").unwrap_or_default();
    match nodes(&shell).await.and_then(|nodes| nodes.answer(path)) {
        Ok(document) => json(request.headers(), &document),
        Err(error) => error.into_response(),
    }
}

/// `/system/health/v1/diagnostics`, and the same of old below `report`: whatever is asked of them.
pub(super) async fn bundles() -> Response<Body> {
    not_found("this cluster makes no diagnostics bundles").into_response()
}

/// What runs on this master's own host.
pub(super) async fn own_units(State(shell): State<Shell>, headers: HeaderMap) -> Response<Body> {
    let nodes = match nodes(&shell).await {
        Ok(nodes) => nodes,
        Err(error) => return error.into_response(),
    };
    let ip = dns::own_ip(&shell);
    let units = nodes.find(&ip).map_or_else(Vec::new, |node| node.units.clone());
    let document = document!({
        "units": units.iter().map(Unit::whole).collect::<Vec<_>>(),
        "hostname": shell.info.hostname(),
        "ip": ip,
        "dcos_version": "",
        "node_role": "master",
        "mesos_id": shell.info.id,
        "dcos_diagnostics_version": crate::version::EBB_VERSION,
    });
    json(&headers, &document)
}

#[derive(Serialize)]
struct Interface {
    updated: String,
    public_ips: [String; 0],
    private_ip: String,
    hostname: String,
}

/// `/net/v1/nodes`. Nobody here knows public addresses.
pub(super) async fn network(State(shell): State<Shell>, headers: HeaderMap) -> Response<Body> {
    let nodes = match nodes(&shell).await {
        Ok(nodes) => nodes,
        Err(error) => return error.into_response(),
    };
    let updated = crate::clock::rfc3339(crate::clock::wall());
    let interface = |node: &Node| Interface {
        updated: updated.clone(),
        public_ips: [],
        private_ip: node.ip.clone(),
        hostname: node.names.first().cloned().unwrap_or_default(),
    };
    json(&headers, &nodes.0.values().map(interface).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;
    use model::{AgentId, Timestamp};

    use super::*;

    fn agent(id: &str, ip: &str, reachability: Reachability, is_public: bool) -> AgentPlace {
        AgentPlace {
            id: AgentId::new(id),
            hostname: format!("host-{id}"),
            ip: ip.to_owned(),
            port: 5051,
            reachability,
            since: Timestamp(0),
            link: None,
            is_public,
        }
    }

    fn nodes() -> Nodes {
        let agents = vec![
            agent("S0", "10.0.0.2", Reachability::Registered, false),
            agent("S1", "10.0.0.3", Reachability::Disconnected, true),
            agent("S2", "10.0.0.1", Reachability::Registered, false),
        ];
        Nodes::of("10.0.0.1", "leader", agents)
    }

    /// A host is as well as what runs on it; one that is master and agent is a master.
    #[test]
    fn a_host_is_as_well_as_its_worst_unit() {
        let answer = nodes().answer("/nodes").unwrap();
        let expected = document!({"nodes": [
            {"host_ip": "10.0.0.1", "health": 0, "role": "master"},
            {"host_ip": "10.0.0.2", "health": 0, "role": "agent"},
            {"host_ip": "10.0.0.3", "health": 1, "role": "agent_public"},
        ]});
        assert_eq!(answer, expected);
        let units = nodes().answer("/units/dcos-mesos-slave-public.service").unwrap();
        assert_eq!(units["health"], 1);
    }

    /// What runs on a host is found by the host's address and by its name, with why it is not well.
    #[test]
    fn units_are_found_by_address_and_by_name() {
        for name in ["10.0.0.3", "host-S1"] {
            let units = nodes().answer(&format!("/nodes/{name}/units")).unwrap();
            let unit = &units["units"][0];
            assert_eq!(unit["id"], "dcos-mesos-slave-public.service");
            assert!(unit["output"].as_str().unwrap().contains("agent S1 (host-S1)"), "{unit}");
            let path = format!("/nodes/{name}/units/dcos-mesos-slave-public.service");
            assert_eq!(nodes().answer(&path).unwrap(), *unit);
        }
        let both = nodes().answer("/nodes/10.0.0.1/units").unwrap();
        assert_eq!(both["units"].as_array().unwrap().len(), 2);
    }

    /// What is not there is not found, and everything that is there is in the report.
    #[test]
    fn only_what_is_there_is_found() {
        for path in ["/nodes/10.9.9.9", "/units/x", "/nodes/10.0.0.2/units/x", "/x"] {
            assert_eq!(nodes().answer(path).unwrap_err().status, StatusCode::NOT_FOUND, "{path}");
        }
        let report = nodes().answer("/report").unwrap();
        assert_eq!(report["Nodes"]["10.0.0.2"]["MesosID"], "S0");
        assert_eq!(report["Units"]["dcos-mesos-master.service"]["Nodes"][0]["Leader"], true);
    }
}
