//! The client's commands as far as a server sees them: the requests of each in its order, and what it makes of the
//! answers. What would end it with a stack trace is told from what it reports.

use wire::master::response::get_agents::Agent;
use wire::v1::DrainState;

use crate::client::{Answer, Dcos};
use crate::reads::{self, Host, NetNode, Slave, State, Summary, Task};

/// The two bytes that the client sends.
const GET_AGENTS: [u8; 2] = [0x08, 0x0a];
const GET_FRAMEWORKS: [u8; 2] = [0x08, 0x0b];

/// How a command ends that does not do what it should.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// A line on standard error, and exit code 1.
    Error(String),
    /// A panic: exit code 2.
    Crash(String),
}

pub(crate) type Outcome<T> = Result<T, Exit>;

pub(crate) fn error<T>(text: impl Into<String>) -> Outcome<T> {
    Err(Exit::Error(text.into()))
}

/// What the client says of a read that was refused; the answer's body is not shown.
fn read(answer: Answer) -> Outcome<Answer> {
    match answer.status {
        200 => Ok(answer),
        401 => error("authentication failed, please run `dcos auth login`"),
        403 => error("you are not authorized to perform this operation"),
        503 => error("could not connect to the leading mesos master"),
        status @ 400.. => error(format!("HTTP {status} error")),
        status => error(format!("unexpected status code {status}")),
    }
}

/// The same for a write, which nothing but a 200 carries out.
fn written(answer: &Answer, not_found: String) -> Outcome<()> {
    match answer.status {
        200 => Ok(()),
        401 => error("authentication failed, please run `dcos auth login`"),
        403 => error("you are not authorized to perform this operation"),
        404 => error(not_found),
        status @ 400.. => error(format!("HTTP {status} error")),
        status => error(format!("unexpected status code {status}")),
    }
}

pub(crate) fn agents(dcos: &Dcos) -> Outcome<Vec<Agent>> {
    let answer = read(dcos.ask("/mesos/api/v1", &GET_AGENTS))?;
    let response: wire::master::Response = answer.protobuf();
    let agents = response.get_agents.ok_or_else(|| Exit::Crash("no get_agents".to_owned()))?;
    if let Some(agent) = agents.agents.iter().find(|agent| agent.agent_info.id.is_none()) {
        return Err(Exit::Crash(format!("an agent without id: {agent:?}")));
    }
    Ok(agents.agents)
}

pub(crate) fn frameworks(
    dcos: &Dcos,
) -> Outcome<Vec<wire::master::response::get_frameworks::Framework>> {
    let answer = read(dcos.ask("/mesos/api/v1", &GET_FRAMEWORKS))?;
    let response: wire::master::Response = answer.protobuf();
    let found = response.get_frameworks.ok_or_else(|| Exit::Crash("no frameworks".to_owned()))?;
    Ok(found.frameworks)
}

pub(crate) fn state(dcos: &Dcos) -> Outcome<State> {
    reads::document(&read(dcos.get("/mesos/master/state"))?)
}

pub(crate) fn hosts(dcos: &Dcos, name: &str) -> Outcome<Vec<Host>> {
    let answer = dcos.get(&format!("/mesos_dns/v1/hosts/{name}"));
    match answer.status {
        200 => reads::document(&answer),
        status => error(format!("HTTP {status} error")),
    }
}

/// A row of `node list`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) host: String,
    pub(crate) ip: String,
    pub(crate) public_ips: Vec<String>,
    pub(crate) id: String,
    pub(crate) kind: String,
    pub(crate) status: String,
    pub(crate) region: String,
    pub(crate) zone: String,
    /// Of the JSON form alone.
    pub(crate) running: i64,
}

/// `dcos node list`.
pub(crate) fn node_list(dcos: &Dcos) -> Outcome<Vec<Node>> {
    let state = state(dcos)?;
    let summary = dcos.get("/mesos/master/state-summary");
    if summary.status != 200 {
        return error(format!("HTTP {} error", summary.status));
    }
    let summary: Summary = reads::document(&summary)?;
    let agents = agents(dcos)?;
    let masters = hosts(dcos, "master.mesos")?;
    // Whatever is wrong with these does not matter.
    let net: Vec<NetNode> = reads::document(&dcos.get("/net/v1/nodes")).unwrap_or_default();

    let mut nodes = Vec::new();
    for slave in &state.slaves {
        nodes.push(agent_row(slave, &summary, &agents, &net)?);
    }
    for master in masters {
        let is_leader = master.ip == state.hostname;
        let fault = &state.domain.fault_domain;
        nodes.push(Node {
            host: master.host,
            ip: master.ip,
            id: if is_leader { state.id.clone() } else { "N/A".to_owned() },
            kind: format!("master ({})", if is_leader { "leader" } else { "standby" }),
            region: if is_leader { fault.region.name.clone() } else { String::new() },
            zone: if is_leader { fault.zone.name.clone() } else { "N/A".to_owned() },
            ..Node::default()
        });
    }
    Ok(nodes)
}

fn agent_row(slave: &Slave, summary: &Summary, agents: &[Agent], net: &[NetNode]) -> Outcome<Node> {
    let ip = slave.ip()?;
    let is_public = slave.attributes.get("public_ip").is_some_and(|it| it == "true");
    let counts = summary.slaves.iter().find(|it| it.id == slave.id);
    let public = net.iter().find(|node| node.private_ip == ip);
    let listed = agents
        .iter()
        .find(|agent| agent.agent_info.id.as_ref().is_some_and(|id| id.value == slave.id));
    Ok(Node {
        host: slave.hostname.clone(),
        public_ips: public.map(|node| node.public_ips.clone()).unwrap_or_default(),
        id: slave.id.clone(),
        kind: if is_public { "agent (public)" } else { "agent" }.to_owned(),
        status: listed.map(status).transpose()?.unwrap_or_default(),
        region: slave.domain.fault_domain.region.name.clone(),
        zone: slave.domain.fault_domain.zone.name.clone(),
        running: counts.map(|it| it.running).unwrap_or_default(),
        ip,
    })
}

/// In the order in which the client looks.
fn status(agent: &Agent) -> Outcome<String> {
    let state = agent.drain_info.as_ref().map(|info| DrainState::try_from(info.state));
    Ok(match state {
        Some(Ok(state @ (DrainState::Draining | DrainState::Drained))) => state.as_str_name(),
        Some(_) => return error("the drain state is none that the client knows"),
        None if agent.deactivated == Some(true) => "DEACTIVATED",
        None if agent.active => "ACTIVE",
        None => "UNKNOWN",
    }
    .to_owned())
}

/// A write that names an agent; `more` are further members of its part.
fn change(dcos: &Dcos, kind: &str, id: &str, more: &str, not_found: String) -> Outcome<()> {
    let part = kind.to_ascii_lowercase();
    let body = format!(r#"{{"type":"{kind}","{part}":{{"agent_id":{{"value":"{id}"}}{more}}}}}"#);
    written(&dcos.call(&body), not_found)
}

/// `dcos node drain`. `grace` is the duration as the client encodes it, empty without the flag.
pub(crate) fn drain(dcos: &Dcos, id: &str, grace: &str, decommission: bool) -> Outcome<()> {
    let grace = match grace {
        "" => String::new(),
        grace => format!(r#","max_grace_period":{grace}"#),
    };
    let more = format!(r#"{grace},"mark_gone":{decommission}"#);
    change(dcos, "DRAIN_AGENT", id, &more, format!("could not drain agent '{id}'"))
}

/// One poll of `--wait`: whether it is over.
pub(crate) fn is_drained(dcos: &Dcos, id: &str, decommission: bool) -> Outcome<bool> {
    let agents = agents(dcos)?;
    let found =
        agents.iter().find(|agent| agent.agent_info.id.as_ref().is_some_and(|it| it.value == id));
    let drained = |agent: &Agent| {
        agent.drain_info.as_ref().is_some_and(|it| it.state == i32::from(DrainState::Drained))
    };
    Ok(found.map_or(decommission, drained))
}

pub(crate) fn deactivate(dcos: &Dcos, id: &str) -> Outcome<()> {
    change(dcos, "DEACTIVATE_AGENT", id, "", format!("could not deactivate agent '{id}'"))
}

pub(crate) fn reactivate(dcos: &Dcos, id: &str) -> Outcome<()> {
    change(dcos, "REACTIVATE_AGENT", id, "", format!("could not reactivate agent '{id}'"))
}

pub(crate) fn decommission(dcos: &Dcos, id: &str) -> Outcome<()> {
    change(dcos, "MARK_AGENT_GONE", id, "", format!("could not mark agent '{id}' as gone"))
}

/// A row of `task list`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) host: String,
    pub(crate) user: String,
    pub(crate) state: String,
    pub(crate) agent: String,
}

/// Which tasks are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Filter<'a> {
    pub(crate) task: &'a str,
    pub(crate) agent: &'a str,
    /// Those that have ended instead of those that have not.
    pub(crate) completed: bool,
    /// The JSON form, to which it is no error that there are none.
    pub(crate) json: bool,
}

/// `dcos task list`.
pub(crate) fn task_list(dcos: &Dcos, filter: Filter<'_>) -> Outcome<Vec<Listed>> {
    let tasks = tasks(dcos, filter)?;
    if tasks.is_empty() && !filter.json {
        match (filter.task, filter.agent) {
            ("", "") => {}
            ("", agent) => return error(format!("no task found in agent '{agent}'")),
            (task, _) => return error(format!("no task ID found containing '{task}'")),
        }
    }
    let agents = agents(dcos)?;
    let frameworks = frameworks(dcos)?;
    let row = |task: Task| {
        let agent = agents
            .iter()
            .find(|it| it.agent_info.id.as_ref().is_some_and(|id| id.value == task.slave_id));
        let framework = frameworks.iter().find(|it| {
            it.framework_info.id.as_ref().is_some_and(|id| id.value == task.framework_id)
        });
        Listed {
            id: task.id,
            host: agent.map(|it| it.agent_info.hostname.clone()).unwrap_or_default(),
            user: framework.map(|it| it.framework_info.user.clone()).unwrap_or_default(),
            state: task.state,
            agent: task.slave_id,
        }
    };
    Ok(tasks.into_iter().map(row).collect())
}

fn tasks(dcos: &Dcos, filter: Filter<'_>) -> Outcome<Vec<Task>> {
    let frameworks = state(dcos)?.frameworks.into_iter();
    let of = |it: reads::Framework| if filter.completed { it.completed_tasks } else { it.tasks };
    let fits = |task: &Task| {
        task.id.contains(filter.task) && (filter.agent.is_empty() || task.slave_id == filter.agent)
    };
    Ok(frameworks.flat_map(of).filter(fits).collect())
}

/// The one task that a name stands for.
pub(crate) fn task(dcos: &Dcos, name: &str) -> Outcome<Task> {
    let mut found = tasks(dcos, Filter { task: name, ..Filter::default() })?;
    if let Some(at) = found.iter().position(|task| task.id == name) {
        return Ok(found.swap_remove(at));
    }
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => error(format!("no task ID found containing '{name}'")),
        _ => error("found more than one task with the same name"),
    }
}

/// `dcos task log`: what it prints.
pub(crate) fn task_log(dcos: &Dcos, name: &str, file: &str, lines: usize) -> Outcome<String> {
    let id = task(dcos, name)?.id;
    let path = format!("/system/v1/logs/v2/task/{id}/file/{file}?cursor=END&skip=-{lines}");
    let answer = dcos.get_as(&path, "text/plain");
    match answer.status {
        200 => Ok(answer.text()),
        204 => error("no logs found"),
        status => error(format!("HTTP {status} error")),
    }
}

/// `dcos service shutdown`.
pub(crate) fn shutdown(dcos: &Dcos, id: &str) -> Outcome<()> {
    let body = format!(r#"{{"type":"TEARDOWN","teardown":{{"framework_id":{{"value":"{id}"}}}}}}"#);
    written(&dcos.call(&body), format!("could not teardown framework '{id}'"))
}

/// `dcos cluster setup`: the client as it is after that, and the display name of the cluster.
pub(crate) fn setup(dcos: &Dcos, login: Option<(&str, &str)>) -> Outcome<(Dcos, String)> {
    let alive = dcos.head("/");
    if alive.status != 200 {
        return error(format!("HTTP {} error", alive.status));
    }
    let probe = dcos.head("/pkgpanda/active.buildinfo.full.json");
    let dcos = match (probe.status, probe.header("WWW-Authenticate")) {
        (200, _) => dcos.clone().with_token(""),
        // Whole values are compared, so that a realm would spoil it.
        (401, Some("acsjwt" | "oauthjwt")) => {
            let (uid, password) = login.ok_or(Exit::Error("no credentials".to_owned()))?;
            log_in(dcos, uid, password)?
        }
        (status, challenge) => return error(format!("HTTP {status} error, {challenge:?}")),
    };
    let metadata: serde_json::Value = reads::document(&read(dcos.get("/metadata"))?)?;
    if metadata["CLUSTER_ID"].as_str().is_none_or(str::is_empty) {
        return error("the cluster has no id");
    }
    let summary: Summary = reads::document(&read(dcos.get("/mesos/state-summary"))?)?;
    let version: serde_json::Value =
        reads::document(&read(dcos.get("/dcos-metadata/dcos-version.json"))?)?;
    // Below that version no plugin is installed.
    let number = version["version"].as_str().unwrap_or_default();
    let is_new =
        number.split('.').next().and_then(|it| it.parse().ok()).is_some_and(|it: u32| it > 1);
    if !is_new {
        return error(format!("version {number:?}"));
    }
    Ok((dcos, summary.cluster))
}

fn log_in(dcos: &Dcos, uid: &str, password: &str) -> Outcome<Dcos> {
    let providers = dcos.get("/acs/api/v1/auth/providers");
    let providers: serde_json::Value = reads::document(&providers)?;
    let usable = providers.as_object().into_iter().flatten().find(|(_, it)| {
        it["authentication-type"] == "dcos-uid-password"
            && it["client-method"] == "dcos-usercredential-post-receive-authtoken"
    });
    let (_, provider) = usable.ok_or(Exit::Error("no provider".to_owned()))?;
    let path = provider["config"]["start_flow_url"].as_str().unwrap_or_default();
    let body = serde_json::json!({"password": password, "uid": uid}).to_string();
    let headers = ["Content-Type: application/json"];
    let answer = dcos.send("POST", path, &headers, body.as_bytes());
    let told: serde_json::Value = reads::document(&answer)?;
    if answer.status != 200 {
        return error(told["description"].as_str().unwrap_or_default());
    }
    Ok(dcos.clone().with_token(told["token"].as_str().unwrap_or_default()))
}
