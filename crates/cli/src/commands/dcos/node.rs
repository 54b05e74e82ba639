//! `dcos node …`.

use serde_json::{Map, Value, json};
use tokio::time::Instant;
use wire::master::call::{DrainAgent, Type};
use wire::master::response::get_agents::Agent;
use wire::master::response::{GetAgents, GetTasks};
use wire::v1::{AgentId, DrainState, MasterInfo, Task, TaskState, value};

use super::{error, read_error};
use crate::api::Master;
use crate::args::dcos::DcosNode;
use crate::commands::node::wait::{self, Wait};
use crate::commands::node::{caller, load_one};
use crate::exit::Failure;
use crate::output::{self, table::Table};

/// The states counted for each node.
const COUNTED: [TaskState; 10] = [
    TaskState::TaskError,
    TaskState::TaskFailed,
    TaskState::TaskFinished,
    TaskState::TaskKilled,
    TaskState::TaskKilling,
    TaskState::TaskLost,
    TaskState::TaskRunning,
    TaskState::TaskStaging,
    TaskState::TaskStarting,
    TaskState::TaskUnreachable,
];

pub(super) async fn run(master: &Master, command: DcosNode) -> Result<(), Failure> {
    match command {
        DcosNode::List { json, mesos_id, field } => list(master, json, mesos_id, &field).await,
        DcosNode::Drain { id, max_grace_period, decommission, wait } => {
            // As `dcos`, which can't express zero.
            let grace = max_grace_period.filter(|grace| !grace.is_zero());
            let call = DrainAgent {
                agent_id: AgentId { value: id.clone() },
                max_grace_period: grace.map(|grace| wire::google::Duration {
                    seconds: i64::try_from(grace.as_secs()).unwrap_or(i64::MAX),
                    nanos: i32::try_from(grace.subsec_nanos()).expect("less than a second"),
                }),
                mark_gone: Some(decommission),
                reason: None,
                requested_by: Some(caller()),
            };
            let not_found = format!("could not drain agent '{id}'");
            master.drain_agent(call).await.map_err(|e| error(&e, Some(not_found)))?;
            if wait { wait_for(master, &id, decommission).await } else { Ok(()) }
        }
        DcosNode::Deactivate { id } => {
            let not_found = format!("could not deactivate agent '{id}'");
            let call = master.deactivate_agent(AgentId { value: id }, None, Some(caller()));
            call.await.map_err(|e| error(&e, Some(not_found)))
        }
        DcosNode::Reactivate { id } => {
            let not_found = format!("could not reactivate agent '{id}'");
            let call = master.reactivate_agent(AgentId { value: id });
            call.await.map_err(|e| error(&e, Some(not_found)))
        }
        DcosNode::Decommission { id } => {
            let not_found = format!("could not mark agent '{id}' as gone");
            let call = master.mark_agent_gone(AgentId { value: id });
            call.await.map_err(|e| error(&e, Some(not_found)))
        }
    }
}

async fn wait_for(master: &Master, id: &str, decommission: bool) -> Result<(), Failure> {
    output::line("Waiting for the agent to be drained...");
    let node = load_one(master, id).await?;
    let wait = Wait { id: id.to_owned(), until_gone: decommission, timeout: None };
    wait::follow(master, &node, &wait, Instant::now(), &mut |_, _, _| {}).await
}

async fn list(
    master: &Master,
    as_json: bool,
    mesos_id: Option<String>,
    fields: &[String],
) -> Result<(), Failure> {
    let agents = master.agents().await.map_err(read_error)?;
    let tasks = master.tasks().await.map_err(read_error)?;
    let leader = master.call(Type::GetMaster, wire::master::Call::default()).await;
    let leader = leader.map_err(read_error)?.get_master.and_then(|it| it.master_info);
    let mut rows = rows(&agents, &tasks, leader.as_ref());
    if let Some(id) = mesos_id {
        rows.retain(|row| row.get("id").and_then(Value::as_str) == Some(&id));
    }
    if as_json {
        output::json_wide(&Value::Array(rows));
    } else {
        output::data(table(&rows, fields).render_dcos().as_bytes());
    }
    Ok(())
}

/// Agents in the master's order, then the master.
// Mesos: unreachable, recovered and gone agents are not listed.
fn rows(agents: &GetAgents, tasks: &GetTasks, leader: Option<&MasterInfo>) -> Vec<Value> {
    let mut rows: Vec<Value> = agents.agents.iter().map(|agent| agent_row(agent, tasks)).collect();
    rows.extend(leader.map(master_row));
    rows
}

fn agent_row(agent: &Agent, tasks: &GetTasks) -> Value {
    let id = agent.agent_info.id.as_ref().map_or("", |id| id.value.as_str());
    let mut row = Map::new();
    for state in COUNTED {
        let on_it = |task: &&Task| task.agent_id.value == id && task.state == i32::from(state);
        let count = crate::task::all(tasks).filter(on_it).count();
        row.insert(state.as_str_name().to_owned(), json!(count));
    }
    let pid = agent.pid.clone().unwrap_or_default();
    let ip = pid.split_once('@').and_then(|(_, address)| address.rsplit_once(':'));
    let registered = agent.registered_time.as_ref().map_or(0, |time| time.nanoseconds);
    let attributes: Map<String, Value> = agent
        .agent_info
        .attributes
        .iter()
        .map(|attribute| {
            let text = attribute.text.as_ref().map(|text| json!(text.value));
            let number = attribute.scalar.as_ref().map(|scalar| json!(scalar.value));
            (attribute.name.clone(), text.or(number).unwrap_or(Value::Null))
        })
        .collect();
    let resources = |list: &[wire::v1::Resource]| summary(list);
    let fields = json!({
        "active": agent.active,
        "attributes": attributes,
        "hostname": agent.agent_info.hostname,
        "ip": ip.map_or("", |(ip, _)| ip),
        "public_ips": [],
        "id": id,
        "pid": pid,
        "port": agent.agent_info.port(),
        "region": domain(agent, |fault| fault.region.name.clone()),
        "zone": domain(agent, |fault| fault.zone.name.clone()),
        "registered_time": registered / 1_000_000_000,
        "resources": resources(&agent.total_resources),
        "used_resources": resources(&agent.allocated_resources),
        "offered_resources": resources(&agent.offered_resources),
        "type": "agent",
        "version": agent.version,
        "status": status(agent),
    });
    if let Value::Object(fields) = fields {
        row.extend(fields);
    }
    Value::Object(row)
}

fn domain(agent: &Agent, part: fn(&wire::v1::domain_info::FaultDomain) -> String) -> String {
    let fault = agent.agent_info.domain.as_ref().and_then(|domain| domain.fault_domain.as_ref());
    fault.map(part).unwrap_or_default()
}

/// The overlay first, then whether it takes part.
fn status(agent: &Agent) -> &'static str {
    match agent.drain_info.as_ref().map(wire::v1::DrainInfo::state) {
        Some(DrainState::Draining) => "DRAINING",
        Some(DrainState::Drained) => "DRAINED",
        Some(DrainState::Unknown) | None if agent.deactivated() => "DEACTIVATED",
        Some(DrainState::Unknown) | None if agent.active => "ACTIVE",
        Some(DrainState::Unknown) | None => "UNKNOWN",
    }
}

/// Scalars added up by name, as the older API shows resources.
fn summary(list: &[wire::v1::Resource]) -> Value {
    let mut sums: std::collections::BTreeMap<&str, f64> =
        ["cpus", "disk", "gpus", "mem"].map(|name| (name, 0.0)).into();
    let mut ports = Vec::new();
    for resource in list {
        if let Some(value::Scalar { value }) = resource.scalar {
            *sums.entry(&resource.name).or_default() += value;
        }
        let ranges = resource.ranges.iter().flat_map(|ranges| &ranges.range);
        if resource.name == "ports" {
            ports.extend(ranges.map(|range| format!("{}-{}", range.begin, range.end)));
        }
    }
    let mut fields: Map<String, Value> =
        sums.into_iter().map(|(name, sum)| (name.to_owned(), json!(sum))).collect();
    if !ports.is_empty() {
        fields.insert("ports".to_owned(), json!(format!("[{}]", ports.join(", "))));
    }
    Value::Object(fields)
}

fn master_row(info: &MasterInfo) -> Value {
    let ip = info.address.as_ref().and_then(|address| address.ip.clone()).unwrap_or_default();
    json!({
        "host": "master.mesos.",
        "ip": ip,
        "public_ips": [],
        "type": "master (leader)",
        "region": "",
        "zone": "",
        "id": info.id,
        "pid": info.pid,
        "version": info.version,
    })
}

fn table(rows: &[Value], fields: &[String]) -> Table {
    // Names of columns live as long as the program, which ends after this.
    let mut header =
        vec!["HOSTNAME", "IP", "PUBLIC IP(S)", "ID", "TYPE", "STATUS", "REGION", "ZONE"];
    for field in fields {
        header.push(field.to_uppercase().replace(['_', '.'], " ").leak());
    }
    let mut table = Table::new(&header);
    for row in rows {
        let text = |name: &str| cell(row.get(name));
        let host = if row.get("hostname").is_some() { text("hostname") } else { text("host") };
        let is_public =
            row.pointer("/attributes/public_ip").and_then(Value::as_str) == Some("true");
        let kind = if is_public { "agent (public)".to_owned() } else { text("type") };
        let mut cells = vec![
            host,
            text("ip"),
            String::new(),
            text("id"),
            kind,
            text("status"),
            text("region"),
            text("zone"),
        ];
        let path = |field: &String| format!("/{}", field.replace('.', "/"));
        cells.extend(fields.iter().map(|field| cell(row.pointer(&path(field)))));
        table.row(cells);
    }
    table
}

fn cell(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use wire::v1::{AgentInfo, DrainInfo};

    use super::*;

    fn agent(number: usize) -> Agent {
        Agent {
            agent_info: AgentInfo {
                hostname: format!("10.0.0.{number}"),
                id: Some(AgentId { value: format!("m-S{number}") }),
                ..AgentInfo::default()
            },
            active: true,
            pid: Some(format!("slave(1)@10.0.0.{number}:5051")),
            ..Agent::default()
        }
    }

    /// The columns are those of dcos, agents first and then the master, whose status is empty.
    #[test]
    fn the_columns_are_those_of_dcos() {
        let drain_info =
            Some(DrainInfo { state: DrainState::Draining.into(), ..DrainInfo::default() });
        let agents = vec![agent(1), Agent { drain_info, ..agent(2) }];
        let agents = GetAgents { agents, ..GetAgents::default() };
        let leader = MasterInfo { id: "m".to_owned(), ..MasterInfo::default() };
        let rows = rows(&agents, &GetTasks::default(), Some(&leader));
        let text = table(&rows, &["resources.cpus".to_owned()]).render_dcos();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 4, "{text}");
        let header: Vec<&str> =
            lines[0].split("  ").map(str::trim).filter(|s| !s.is_empty()).collect();
        assert_eq!(
            header,
            [
                "HOSTNAME",
                "IP",
                "PUBLIC IP(S)",
                "ID",
                "TYPE",
                "STATUS",
                "REGION",
                "ZONE",
                "RESOURCES CPUS"
            ]
        );
        assert!(lines[1].starts_with("  10.0.0.1 ") && lines[1].contains("ACTIVE"), "{text}");
        assert!(lines[2].contains("DRAINING") && lines[3].contains("master (leader)"), "{text}");
        assert!(lines.iter().all(|line| line.ends_with("  ")), "{text}");
    }

    /// The status follows the overlay first, then deactivation, then activity.
    #[test]
    fn the_status_follows_the_overlay_first() {
        let drain_info =
            Some(DrainInfo { state: DrainState::Drained.into(), ..DrainInfo::default() });
        let idle = Agent { active: false, ..agent(1) };
        let off = Agent { deactivated: Some(true), ..idle.clone() };
        assert_eq!(status(&Agent { drain_info, ..off.clone() }), "DRAINED");
        assert_eq!(status(&off), "DEACTIVATED");
        assert_eq!(status(&idle), "UNKNOWN");
        assert_eq!(status(&agent(1)), "ACTIVE");
    }
}
