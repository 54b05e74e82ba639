//! `ebb node list`.

use std::process::ExitCode;

use daemon::clock::wall;
use model::Timestamp;
use serde_json::{Value, json};

use crate::api::Master;
use crate::commands::Outcome;
use crate::node::Node;
use crate::output::{self, table::Table};

pub(super) async fn run(master: &Master, json: bool) -> Outcome {
    let nodes = super::load(master).await?;
    if json {
        output::json(&Value::Array(nodes.iter().map(to_json).collect()));
        return Ok(ExitCode::SUCCESS);
    }
    if nodes.is_empty() {
        output::talk(&format!("no agent has registered with {} yet", master.url()));
    }
    let width = output::stdout_width();
    output::data(table(&nodes, wall(), width).render(width).as_bytes());
    Ok(ExitCode::SUCCESS)
}

/// Ids are shortened where the table has to fit a terminal.
fn table(nodes: &[Node], now: Timestamp, width: Option<usize>) -> Table {
    let header = ["HOSTNAME", "IP", "ID", "STATUS", "TASKS", "DRAIN"];
    let mut table = Table::new(&header).right(&[4]).shrinks(&[0, 5]);
    let short = width.is_some_and(|width| width < 140);
    for node in nodes {
        let ip = if node.ip().is_empty() { "-" } else { node.ip() };
        table.row(vec![
            node.hostname.clone(),
            ip.to_owned(),
            if short { short_id(node) } else { node.id.clone() },
            node.status(),
            node.tasks.to_string(),
            node.drain_words(now),
        ]);
    }
    table
}

fn short_id(node: &Node) -> String {
    if node.short_id() == node.id { node.id.clone() } else { format!("…-{}", node.short_id()) }
}

/// Everything that is known, with Mesos' names for what is Mesos'.
pub(super) fn to_json(node: &Node) -> Value {
    let resources = |list: &[wire::v1::Resource]| {
        Value::Array(list.iter().map(output::message).collect::<Vec<_>>())
    };
    json!({
        "id": node.id,
        "hostname": node.hostname,
        "address": node.address,
        "status": node.status(),
        "reachability": node.reachability.as_str_name(),
        "away_since": node.away_since.as_ref().map(output::words::utc),
        "deactivated": node.deactivated,
        "deactivation": node.deactivation.as_ref().map(output::message),
        "drain_info": node.drain_info.as_ref().map(output::message),
        "drain_status": node.drain_status.as_ref().map(output::message),
        "tasks": node.tasks,
        "version": node.version,
        "registered": node.registered.as_ref().map(output::words::utc),
        "reregistered": node.reregistered.as_ref().map(output::words::utc),
        "attributes": node.info.attributes.iter().map(output::message).collect::<Vec<_>>(),
        "total_resources": resources(&node.total),
        "allocated_resources": resources(&node.allocated),
    })
}

#[cfg(test)]
mod tests {
    use wire::ebb::{AbsentAgent, DrainProgress, DrainStatus, Reachability};
    use wire::master::response::get_agents::Agent;
    use wire::master::response::{GetAgents, GetTasks};
    use wire::v1::{AgentId, AgentInfo, DrainInfo, DrainState, TimeInfo};

    use super::*;
    use crate::node::{find, nodes};

    const UUID: &str = "cd9dd1ab-0f18-4d0b-9a4c-4f1c5a6b7c8d";
    const NOW: Timestamp = Timestamp(1_722_515_696_000_000_000);

    fn info(hostname: &str, number: usize) -> AgentInfo {
        let id = Some(AgentId { value: format!("{UUID}-S{number}") });
        AgentInfo { hostname: hostname.to_owned(), id, ..AgentInfo::default() }
    }

    fn agent(hostname: &str, number: usize) -> Agent {
        Agent {
            agent_info: info(hostname, number),
            active: true,
            pid: Some(format!("slave(1)@192.168.100.{number}:5051")),
            reachability: Some(Reachability::Registered.into()),
            ..Agent::default()
        }
    }

    fn draining(state: DrainState) -> DrainInfo {
        DrainInfo { state: state.into(), ..DrainInfo::default() }
    }

    fn cluster() -> Vec<Node> {
        let at = |seconds: i64| TimeInfo { nanoseconds: NOW.0 + seconds * 1_000_000_000 };
        let drained = DrainStatus {
            finished_at: Some(at(-3700)),
            reason: Some("new disks in the upper bay and a new network card".to_owned()),
            ..DrainStatus::default()
        };
        let progress = DrainProgress {
            tasks_left: Some(3),
            last_kill_at: Some(at(12)),
            ..DrainProgress::default()
        };
        let status = DrainStatus { progress: Some(progress), ..DrainStatus::default() };
        let agents = GetAgents {
            agents: vec![
                agent("node-10", 10),
                Agent {
                    deactivated: Some(true),
                    drain_info: Some(draining(DrainState::Draining)),
                    drain_status: Some(status),
                    ..agent("a-host-with-a-long-name.rack-7.example.org", 2)
                },
                agent("node-2", 1),
            ],
            absent_agents: vec![AbsentAgent {
                agent_info: Some(info("node-3", 3)),
                reachability: Some(Reachability::Unreachable.into()),
                drain_info: Some(draining(DrainState::Drained)),
                drain_status: Some(drained),
                ..AbsentAgent::default()
            }],
            recovered_agents: vec![info("node-4", 4), info("node-3", 3)],
        };
        nodes(agents, &GetTasks::default())
    }

    /// The list fits 80 columns with both axes, the drain's progress and its reason in it.
    #[test]
    fn the_list_fits_eighty_columns() {
        let text = table(&cluster(), NOW, Some(80)).render(Some(80));
        let expected = "\
HOSTNAME  IP              ID     STATUS                TASKS  DRAIN
";
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        assert!(!text.contains("  \n"), "no spaces at line ends: {text}");
        for part in ["…-S2", "DRAINING", "DRAINED, UNREACHABLE", "RECOVERED", "3 tasks le"] {
            assert!(text.contains(part), "{part} in\n{text}");
        }
        assert_eq!(
            text.split_whitespace().take(6).collect::<Vec<_>>(),
            expected.split_whitespace().collect::<Vec<_>>()
        );
    }

    /// In a pipe nothing is cut off and ids are whole.
    #[test]
    fn nothing_is_cut_off_in_a_pipe() {
        let text = table(&cluster(), NOW, None).render(None);
        assert!(text.contains("3 tasks left, last kill in 12s"), "{text}");
        assert!(
            text.contains("1h 1m ago: new disks in the upper bay and a new network card"),
            "{text}"
        );
        assert!(text.contains(&format!("{UUID}-S2")), "{text}");
        assert!(!text.contains('…'), "{text}");
    }

    /// Nodes stand in the order people count in, each once.
    #[test]
    fn nodes_stand_in_the_order_of_their_numbers() {
        let names: Vec<String> = cluster().into_iter().map(|node| node.hostname).collect();
        assert_eq!(
            names[1..],
            ["node-2", "node-3", "node-4", "node-10"].map(str::to_owned),
            "{names:?}"
        );
    }

    /// A real Mesos master's answer, which has none of the extensions, gives the same words.
    #[test]
    fn answers_of_mesos_are_understood() {
        let text = format!(
            r#"{{"agents":[
              {{"agent_info":{{"hostname":"a","id":{{"value":"{UUID}-S0"}}}},"active":true,"version":"1.12.0"}},
              {{"agent_info":{{"hostname":"b","id":{{"value":"{UUID}-S1"}}}},"active":false,"version":"1.12.0",
                "deactivated":true,
                "drain_info":{{"state":"DRAINING","config":{{"max_grace_period":{{"nanoseconds":1}}}}}}}},
              {{"agent_info":{{"hostname":"c","id":{{"value":"{UUID}-S2"}}}},"active":false,"version":"1.12.0",
                "deactivated":true}},
              {{"agent_info":{{"hostname":"d","id":{{"value":"{UUID}-S3"}}}},"active":false,"version":"1.12.0"}}],
            "recovered_agents":[{{"hostname":"e","id":{{"value":"{UUID}-S4"}}}}]}}"#
        );
        let agents: GetAgents = wire::json::from_slice(text.as_bytes()).unwrap();
        let nodes = nodes(agents, &GetTasks::default());
        let statuses: Vec<String> = nodes.iter().map(Node::status).collect();
        assert_eq!(statuses, ["ACTIVE", "DRAINING", "DEACTIVATED", "DISCONNECTED", "RECOVERED"]);
        assert_eq!(nodes[1].drain_words(NOW), "0 tasks left");
    }

    /// A node is found by id, by the id's end and by host name; what fits two is refused and both are named.
    #[test]
    fn nodes_are_found_by_id_end_of_id_and_host_name() {
        let mut nodes = cluster();
        for text in [format!("{UUID}-S1"), "S1".to_owned(), "node-2".to_owned()] {
            assert_eq!(find(&nodes, &text).unwrap().id, format!("{UUID}-S1"), "{text}");
        }
        assert!(find(&nodes, "1").unwrap_err().hints[0].contains("node-2 (S1)"));
        assert!(find(&nodes, "").is_err());
        nodes[2].hostname = "node-2".to_owned();
        let failure = find(&nodes, "node-2").unwrap_err();
        assert_eq!(failure.exit, crate::exit::Exit::Usage);
        assert!(failure.hints[0].contains("-S1") && failure.hints[0].contains("-S3"), "{failure}");
        // One that is gone doesn't stand in the way of its successor.
        nodes[2].reachability = Reachability::Gone;
        assert_eq!(find(&nodes, "node-2").unwrap().id, format!("{UUID}-S1"));
    }
}
