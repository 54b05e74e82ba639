//! `/mesos_dns/v1/…`: names of masters, agents, frameworks and tasks, as Mesos-DNS answers for them over HTTP.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response};
use master::{Master, TaskPlace};
use serde::Serialize;
use wire::v1::{DiscoveryInfo, TaskStatus};

use super::json;
use crate::http::ApiError;
use crate::master::Shell;

const DOMAIN: &str = "mesos";
/// Longest label of a host name.
// Mesos-DNS: RFC 1123.
const MAX_LABEL: usize = 63;

#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Host {
    host: String,
    ip: String,
}

#[derive(Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Service {
    #[serde(rename = "service")]
    name: String,
    host: String,
    ip: String,
    port: String,
}

pub(super) async fn hosts(
    State(shell): State<Shell>,
    axum::extract::Path(host): axum::extract::Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    let name = clean(&host);
    let own = own_ip(&shell);
    let question = Question::of(&name);
    let found = shell.mailbox.look(move |core, _| resolve(core, &question, &own)).await;
    let ips = match found {
        Ok(ips) => ips,
        Err(stopped) => return ApiError::from(stopped).into_response(),
    };
    let mut hosts: Vec<Host> =
        ips.into_iter().map(|ip| Host { host: format!("{name}."), ip }).collect();
    // Mesos-DNS: one empty entry, with 200, where there is nothing.
    if hosts.is_empty() {
        hosts.push(Host::default());
    }
    json(&headers, &hosts)
}

pub(super) async fn services(
    State(shell): State<Shell>,
    axum::extract::Path(service): axum::extract::Path<String>,
    headers: HeaderMap,
) -> Response<Body> {
    let own = shell.info.clone();
    let asked = service.clone();
    let found = shell
        .mailbox
        .look(move |core, _| {
            let own_ip = own.address.as_ref().and_then(|address| address.ip.clone());
            ports(
                core,
                &asked,
                &own_ip.unwrap_or_default(),
                own.address.as_ref().map_or(0, |it| it.port),
            )
        })
        .await;
    let mut services: Vec<Service> = match found {
        Ok(found) => found.into_iter().collect(),
        Err(stopped) => return ApiError::from(stopped).into_response(),
    };
    if services.is_empty() {
        services.push(Service::default());
    }
    json(&headers, &services)
}

pub(super) async fn version(headers: HeaderMap) -> Response<Body> {
    json(
        &headers,
        &serde_json::json!({
            "Service": "Mesos-DNS",
            "Version": format!("ebb-{}", crate::version::EBB_VERSION),
            "URL": "https://github.com/mesosphere/mesos-dns",
        }),
    )
}

/// The address that this master gives others.
pub(super) fn own_ip(shell: &Shell) -> String {
    let address = shell.info.address.as_ref();
    address.and_then(|address| address.ip.clone()).unwrap_or_default()
}

/// What a name asks for.
#[derive(Debug, PartialEq, Eq)]
enum Question {
    Master,
    Agents,
    /// `<framework>.mesos`.
    Framework(String),
    /// `<task>.<framework>.mesos`; with `slave` in between, the agents that run it.
    Tasks {
        task: String,
        framework: String,
        of_agents: bool,
    },
    Nothing,
}

impl Question {
    fn of(name: &str) -> Self {
        let Some(name) = name.strip_suffix(DOMAIN).and_then(|name| name.strip_suffix('.')) else {
            return Self::Nothing;
        };
        match name {
            // Mesos-DNS: `master` is all of them; a master knows of itself for sure.
            "leader" | "master" | "master0" => return Self::Master,
            "slave" => return Self::Agents,
            _ => {}
        }
        let (name, of_agents) = match name.strip_suffix(".slave") {
            Some(name) => (name, true),
            None => (
                name.strip_suffix(".containerip").or(name.strip_suffix(".agentip")).unwrap_or(name),
                name.ends_with(".agentip"),
            ),
        };
        match name.split_once('.') {
            Some((task, framework)) => {
                Self::Tasks { task: task.to_owned(), framework: framework.to_owned(), of_agents }
            }
            None => Self::Framework(name.to_owned()),
        }
    }
}

fn resolve(core: &Master, question: &Question, own: &str) -> BTreeSet<String> {
    match question {
        Question::Nothing => BTreeSet::new(),
        Question::Master => BTreeSet::from([own.to_owned()]),
        Question::Agents => core.view_agent_places().into_iter().map(|place| place.ip).collect(),
        // Mesos-DNS: where its scheduler runs, if it says so as an address.
        Question::Framework(name) => core
            .view_framework_hosts()
            .into_iter()
            .filter(|(framework, host)| {
                domain(framework) == *name && host.parse::<std::net::IpAddr>().is_ok()
            })
            .map(|(_, host)| host)
            .collect(),
        Question::Tasks { task, framework, of_agents } => core
            .view_named_tasks(|name| domain(name) == *framework, |name| label(name) == *task)
            .iter()
            .flat_map(|place| addresses(place, *of_agents))
            .collect(),
    }
}

/// `_<task>._tcp.<framework>.mesos`, and `_leader._tcp.mesos`.
fn ports(core: &Master, asked: &str, own_ip: &str, own_port: i32) -> BTreeSet<Service> {
    let name = clean(asked);
    let service = |host: &str, ip: String, port: String| Service {
        name: asked.to_owned(),
        host: format!("{host}.{DOMAIN}."),
        ip,
        port,
    };
    let mut labels = name.split('.');
    let task = labels.next().and_then(|label| label.strip_prefix('_')).unwrap_or_default();
    let protocol = labels.next().and_then(|label| label.strip_prefix('_')).unwrap_or_default();
    let rest: Vec<&str> = labels.collect();
    let Some((&DOMAIN, framework)) = rest.split_last() else { return BTreeSet::new() };
    let framework = framework.join(".");
    if framework.is_empty() {
        let is_master = task == "leader" && protocol == "tcp";
        return is_master
            .then(|| service("leader", own_ip.to_owned(), own_port.to_string()))
            .into_iter()
            .collect();
    }
    let places =
        core.view_named_tasks(|name| domain(name) == framework, |name| label(name) == task);
    let mut found = BTreeSet::new();
    for place in &places {
        let host = format!("{task}.{framework}");
        for port in open_ports(place, protocol) {
            for ip in addresses(place, false) {
                found.insert(service(&host, ip, port.to_string()));
            }
        }
    }
    found
}

/// What a task's discovery says, and without it the ports it was given.
fn open_ports(place: &TaskPlace, protocol: &str) -> BTreeSet<u64> {
    let discovery: Option<&DiscoveryInfo> = place.task.discovery.as_ref();
    let ports = discovery.and_then(|it| it.ports.as_ref()).map(|it| it.ports.as_slice());
    if let Some(ports) = ports.filter(|ports| !ports.is_empty()) {
        let of_protocol = ports.iter().filter(|port| {
            port.protocol.as_deref().is_none_or(|it| it.split(',').any(|it| it == protocol))
        });
        return of_protocol.map(|port| u64::from(port.number)).collect();
    }
    let ranges = place.task.resources.iter().filter(|resource| resource.name == "ports");
    let ranges = ranges.filter_map(|resource| resource.ranges.as_ref());
    // No more than one agent can have.
    ranges.flat_map(|it| &it.range).flat_map(|it| it.begin..=it.end).take(65_536).collect()
}

fn addresses(place: &TaskPlace, of_agent: bool) -> Vec<String> {
    let latest: Option<&TaskStatus> = place.task.statuses.last();
    let networks = latest.and_then(|status| status.container_status.as_ref());
    let mut ips: Vec<String> = networks
        .iter()
        .flat_map(|status| &status.network_infos)
        .flat_map(|network| &network.ip_addresses)
        .filter_map(|address| address.ip_address.clone())
        .collect();
    if of_agent || ips.is_empty() {
        ips = vec![place.agent_ip.clone()];
    }
    ips
}

fn clean(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

/// A framework's name as part of a host name, label by label.
// Mesos-DNS: dots stay.
fn domain(name: &str) -> String {
    name.split('.').map(label).filter(|label| !label.is_empty()).collect::<Vec<_>>().join(".")
}

/// A name as a label of a host name.
// Mesos-DNS: lower case, dots and underscores become dashes, what else is not allowed is left out, no dashes at the ends.
fn label(name: &str) -> String {
    let plain = name.chars().filter_map(|letter| match letter.to_ascii_lowercase() {
        letter @ ('a'..='z' | '0'..='9') => Some(letter),
        '-' | '.' | '_' => Some('-'),
        _ => None,
    });
    let plain: String = plain.skip_while(|letter| *letter == '-').take(MAX_LABEL).collect();
    plain.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each form of a name asks for what it names.
    #[test]
    fn names_are_told_apart() {
        let tasks = |task: &str, framework: &str, of_agents| Question::Tasks {
            task: task.to_owned(),
            framework: framework.to_owned(),
            of_agents,
        };
        for (name, expected) in [
            ("leader.mesos", Question::Master),
            ("master.mesos", Question::Master),
            ("slave.mesos", Question::Agents),
            ("marathon.mesos", Question::Framework("marathon".to_owned())),
            ("web.marathon.mesos", tasks("web", "marathon", false)),
            ("web.marathon.slave.mesos", tasks("web", "marathon", true)),
            ("web.marathon.agentip.dcos", Question::Nothing),
            ("web.marathon.agentip.mesos", tasks("web", "marathon", true)),
            ("mesos", Question::Nothing),
            ("example.com", Question::Nothing),
        ] {
            assert_eq!(Question::of(name), expected, "{name}");
        }
    }

    /// Names that people give become labels that hosts may have.
    #[test]
    fn names_become_labels() {
        assert_eq!(label("My App_1/x"), "myapp-1x");
        assert_eq!(label("-x-"), "x");
        assert_eq!(domain("chronos.Prod"), "chronos.prod");
        assert_eq!(label(&"a".repeat(100)).len(), MAX_LABEL);
    }
}
