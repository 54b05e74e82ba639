//! `ebb registry show`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use daemon::master::registry::Record;
use serde_json::{Value, json};
use wire::registry::{AgentRecord, FrameworkRecord, MaintenanceRecord, Meta, RoleRecord};
use wire::v1::DrainState;
use wire::v1::value::Scalar;

use crate::args::registry::Place;
use crate::exit::Failure;
use crate::output::table::{Table, one_line};
use crate::output::{self, words};

/// What the registry holds, by kind.
#[derive(Default)]
struct Registry {
    meta: Meta,
    agents: Vec<AgentRecord>,
    frameworks: Vec<FrameworkRecord>,
    roles: Vec<RoleRecord>,
    maintenance: Option<MaintenanceRecord>,
}

pub(super) async fn run(place: &Place, as_json: bool) -> Result<(), Failure> {
    let contents = super::load(place).await?;
    if let Some(snapshot) = &contents.snapshot {
        output::talk(&format!("a snapshot of {snapshot}"));
    }
    let registry = sort(contents.records);
    if as_json {
        output::json(&to_json(&registry));
    } else {
        output::data(render(&registry, output::stdout_width()).as_bytes());
    }
    Ok(())
}

fn sort(records: Vec<Record>) -> Registry {
    let mut registry = Registry::default();
    for record in records {
        match record {
            Record::Meta(meta) => registry.meta = meta,
            Record::Agent(agent) => registry.agents.push(*agent),
            Record::Framework(framework) => registry.frameworks.push(*framework),
            Record::Role(role) => registry.roles.push(*role),
            Record::Maintenance(maintenance) => registry.maintenance = Some(*maintenance),
        }
    }
    registry
}

fn to_json(registry: &Registry) -> Value {
    json!({
        "schema_version": registry.meta.schema_version,
        "cluster_id": registry.meta.cluster_id,
        "agents": registry.agents.iter().map(output::message).collect::<Vec<_>>(),
        "frameworks": registry.frameworks.iter().map(output::message).collect::<Vec<_>>(),
        "roles": registry.roles.iter().map(output::message).collect::<Vec<_>>(),
        "maintenance": registry.maintenance.as_ref().map(output::message),
    })
}

fn render(registry: &Registry, width: Option<usize>) -> String {
    let mut text = String::new();
    let meta = &registry.meta;
    let schema = meta.schema_version.map_or_else(|| "-".to_owned(), |number| number.to_string());
    let cluster = meta.cluster_id.as_deref().unwrap_or("-");
    writeln!(text, "Cluster id      {}\nSchema version  {schema}\n", one_line(cluster))
        .expect("a string takes all");
    text.push_str(&agents(&registry.agents).render(width));
    text.push('\n');
    text.push_str(&frameworks(&registry.frameworks).render(width));
    if !registry.roles.is_empty() {
        text.push('\n');
        text.push_str(&roles(&registry.roles).render(width));
    }
    if let Some(maintenance) = &registry.maintenance {
        let windows = maintenance.schedule.iter().flat_map(|schedule| &schedule.windows);
        let scheduled: usize = windows.map(|window| window.machine_ids.len()).sum();
        let down = maintenance.down.len();
        writeln!(text, "\nMaintenance     {scheduled} machines scheduled, {down} of them down")
            .expect("a string takes all");
    }
    text
}

fn agents(agents: &[AgentRecord]) -> Table {
    let header = ["AGENT ID", "HOSTNAME", "ADMISSION", "DRAIN", "GENERATION", "SINCE"];
    let mut table = Table::new(&header).right(&[4]).shrinks(&[0, 1]);
    for agent in agents {
        let id = agent.agent_id.as_ref().map(|id| id.value.clone());
        let hostname = agent.info.as_ref().map(|info| info.hostname.clone());
        let generation = agent.last_generation.filter(|generation| *generation > 0);
        table.row(vec![
            id.unwrap_or_else(nothing),
            hostname.unwrap_or_else(nothing),
            agent.admission().as_str_name().to_owned(),
            drain(agent),
            generation.map_or_else(nothing, |generation| generation.to_string()),
            agent.since.as_ref().map_or_else(nothing, words::utc),
        ]);
    }
    table
}

fn drain(agent: &AgentRecord) -> String {
    match agent.drain.as_ref().map(wire::registry::Drain::state) {
        Some(state @ (DrainState::Draining | DrainState::Drained | DrainState::Unknown)) => {
            state.as_str_name().to_owned()
        }
        None if agent.deactivation.is_some() => "DEACTIVATED".to_owned(),
        None => nothing(),
    }
}

fn frameworks(frameworks: &[FrameworkRecord]) -> Table {
    let mut table = Table::new(&["FRAMEWORK ID", "NAME", "STATE"]).shrinks(&[0, 1]);
    for framework in frameworks {
        let info = framework.info.as_ref();
        let id = info.and_then(|info| info.id.as_ref()).map(|id| id.value.clone());
        let name = info.map(|info| info.name.clone()).filter(|name| !name.is_empty());
        let state = if framework.completed_at.is_some() { "COMPLETED" } else { "REGISTERED" };
        table.row(vec![id.unwrap_or_else(nothing), name.unwrap_or_else(nothing), state.to_owned()]);
    }
    table
}

fn roles(roles: &[RoleRecord]) -> Table {
    let mut table = Table::new(&["ROLE", "WEIGHT", "GUARANTEES", "LIMITS"]).shrinks(&[0, 2, 3]);
    for role in roles {
        let amounts = |amounts: Option<&BTreeMap<String, Scalar>>| {
            let parts = amounts.into_iter().flatten();
            let parts = parts.map(|(name, amount)| format!("{name}:{}", amount.value));
            let parts = parts.collect::<Vec<_>>().join(";");
            if parts.is_empty() { nothing() } else { parts }
        };
        let quota = role.quota.as_ref();
        table.row(vec![
            role.role().to_owned(),
            role.weight.map_or_else(nothing, |weight| weight.to_string()),
            amounts(quota.map(|quota| &quota.guarantees)),
            amounts(quota.map(|quota| &quota.limits)),
        ]);
    }
    table
}

fn nothing() -> String {
    "-".to_owned()
}

#[cfg(test)]
mod tests {
    use wire::registry::{Admission, Drain};
    use wire::v1::{AgentId, AgentInfo, FrameworkId, FrameworkInfo, TimeInfo};

    use super::*;

    fn registry() -> Registry {
        let agent = |number: usize| AgentRecord {
            agent_id: Some(AgentId { value: format!("ada5ba5e-S{number}") }),
            info: Some(AgentInfo {
                hostname: format!("node-{number}.rack-7.example.org"),
                ..AgentInfo::default()
            }),
            admission: Some(Admission::Admitted.into()),
            since: Some(TimeInfo { nanoseconds: 0 }),
            ..AgentRecord::default()
        };
        let drain = Drain { state: Some(DrainState::Drained.into()), ..Drain::default() };
        let framework = |id: &str, completed_at| FrameworkRecord {
            info: Some(FrameworkInfo {
                id: Some(FrameworkId { value: id.to_owned() }),
                name: "web\u{1b}[31m".to_owned(),
                ..FrameworkInfo::default()
            }),
            completed_at,
            ..FrameworkRecord::default()
        };
        Registry {
            meta: Meta { schema_version: Some(1), cluster_id: None },
            agents: vec![
                agent(1),
                AgentRecord { drain: Some(drain), last_generation: Some(3), ..agent(2) },
                AgentRecord { deactivation: Some(wire::ebb::Deactivation::default()), ..agent(3) },
                AgentRecord::default(),
            ],
            frameworks: vec![framework("F0", None), framework("F1", Some(TimeInfo::default()))],
            roles: vec![RoleRecord {
                role: Some("db".to_owned()),
                weight: Some(2.5),
                quota: Some(wire::v1::quota::QuotaConfig {
                    role: "db".to_owned(),
                    limits: [("cpus".to_owned(), Scalar { value: 4.0 })].into(),
                    ..Default::default()
                }),
            }],
            maintenance: None,
        }
    }

    /// Every record is a line with what an operator looks for, and no name writes to the terminal.
    #[test]
    fn every_record_is_a_line() {
        let text = render(&registry(), None);
        let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
        let lines: Vec<String> = text.lines().map(words).collect();
        assert_eq!(
            lines,
            [
                "Cluster id -",
                "Schema version 1",
                "",
                "AGENT ID HOSTNAME ADMISSION DRAIN GENERATION SINCE",
                "ada5ba5e-S1 node-1.rack-7.example.org ADMITTED - - 1970-01-01 00:00:00 UTC",
                "ada5ba5e-S2 node-2.rack-7.example.org ADMITTED DRAINED 3 1970-01-01 00:00:00 UTC",
                "ada5ba5e-S3 node-3.rack-7.example.org ADMITTED DEACTIVATED - 1970-01-01 00:00:00 UTC",
                "- - ADMISSION_UNKNOWN - - -",
                "",
                "FRAMEWORK ID NAME STATE",
                "F0 web [31m REGISTERED",
                "F1 web [31m COMPLETED",
                "",
                "ROLE WEIGHT GUARANTEES LIMITS",
                "db 2.5 - cpus:4",
            ]
        );
    }

    /// JSON has everything under the names of the records.
    #[test]
    fn json_has_everything() {
        let json = to_json(&registry());
        assert_eq!(json["schema_version"], 1);
        assert_eq!(json["cluster_id"], Value::Null);
        assert_eq!(json["agents"][1]["drain"]["state"], "DRAINED");
        assert_eq!(json["agents"][1]["agent_id"]["value"], "ada5ba5e-S2");
        assert_eq!(json["frameworks"][1]["completed_at"]["nanoseconds"], 0);
        assert_eq!(json["roles"][0]["weight"], 2.5);
    }
}
