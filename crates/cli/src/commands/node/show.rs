//! `ebb node show`.

use std::fmt::Write as _;
use std::process::ExitCode;

use daemon::clock::wall;
use model::{Resources, Timestamp};
use wire::v1::{Attribute, DrainState, Task};

use crate::api::Master;
use crate::commands::Outcome;
use crate::node::{Node, find, nodes};
use crate::output::{self, table::one_line, words};
use crate::task::state_word;

/// Most tasks listed; `ebb task list --node` has all.
const TASKS: usize = 20;

pub(super) async fn run(master: &Master, text: &str, json: bool) -> Outcome {
    let agents = master.agents().await?;
    let tasks = master.tasks().await?;
    let nodes = nodes(agents, &tasks);
    let node = find(&nodes, text)?;
    if json {
        output::json(&super::list::to_json(node));
        return Ok(ExitCode::SUCCESS);
    }
    let live = tasks.tasks.iter().chain(&tasks.unreachable_tasks);
    let here: Vec<&Task> = live.filter(|task| task.agent_id.value == node.id).collect();
    output::data(render(node, &here, wall()).as_bytes());
    Ok(ExitCode::SUCCESS)
}

fn render(node: &Node, tasks: &[&Task], now: Timestamp) -> String {
    let mut lines = vec![
        ("Host name", node.hostname.clone()),
        ("Agent id", node.id.clone()),
        ("Status", node.status()),
    ];
    let mut add = |name, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            lines.push((name, value));
        }
    };
    let ago = |time| format!("{} ({} ago)", words::utc(time), words::age(now, time));
    add("Away since", node.away_since.as_ref().map(ago));
    add("Address", node.address.clone());
    add("Version", Some(node.version.clone()));
    add("Registered", node.registered.as_ref().map(ago));
    add("Registered again", node.reregistered.as_ref().map(ago));
    add("Attributes", Some(attributes(&node.info.attributes)));
    add("Resources", resources(&node.total));
    let in_use = resources(&node.allocated).filter(|text| text != "{}");
    add("In use", Some(in_use.unwrap_or_else(|| "nothing".to_owned())));
    if node.drain_state() == DrainState::Unknown
        && let Some(deactivation) = &node.deactivation
    {
        add("Deactivated", deactivation.since.as_ref().map(ago));
        add("  by", deactivation.requested_by.clone());
        add("  because", deactivation.reason.clone());
    }
    if node.drain_state() != DrainState::Unknown {
        for (name, value) in drain(node, now) {
            add(name, value);
        }
    }
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    let mut text = String::new();
    for (name, value) in lines {
        writeln!(text, "{name:width$}  {}", one_line(&value)).expect("a string takes all");
    }
    writeln!(text, "{:width$}  {}", "Tasks", tasks.len()).expect("a string takes all");
    for task in tasks.iter().take(TASKS) {
        let id = one_line(&task.task_id.value);
        writeln!(text, "  {:10} {id}", state_word(task.state)).expect("a string takes all");
    }
    if tasks.len() > TASKS {
        let more = tasks.len() - TASKS;
        writeln!(text, "  and {more} more: ebb task list --node {}", node.short_id())
            .expect("a string takes all");
    }
    text
}

fn drain(node: &Node, now: Timestamp) -> Vec<(&'static str, Option<String>)> {
    let ago = |time| format!("{} ({} ago)", words::utc(time), words::age(now, time));
    let config = node.drain_config();
    let grace = config.and_then(|config| config.max_grace_period.as_ref());
    let grace = grace.and_then(|grace| model::duration::grace_of(grace).ok());
    let state = match node.drain_state() {
        DrainState::Drained => "finished".to_owned(),
        DrainState::Draining | DrainState::Unknown => node.progress_words(now),
    };
    let mut lines =
        vec![("Drain", Some(state)), ("  longest grace", grace.map(model::duration::format_short))];
    if config.is_some_and(wire::v1::DrainConfig::mark_gone) {
        lines.push(("  then", Some("decommissioned, removed for good".to_owned())));
    }
    if let Some(status) = &node.drain_status {
        lines.extend([
            ("  since", status.started_at.as_ref().map(ago)),
            ("  finished", status.finished_at.as_ref().map(ago)),
            ("  by", status.requested_by.clone()),
            ("  because", status.reason.clone()),
            ("  generation", status.generation.map(|number| number.to_string())),
        ]);
        if node.drain_state() == DrainState::Draining {
            let explain = format!("ebb node explain {}", node.short_id());
            lines.push(("  waits for", Some(explain)));
        }
    }
    lines
}

/// As the flag of agents has them; `None` if they can't be read.
fn resources(list: &[wire::v1::Resource]) -> Option<String> {
    let resources = Resources::from_wire(list).ok()?;
    (!resources.is_empty()).then(|| resources.unallocated().to_string())
}

fn attributes(list: &[Attribute]) -> String {
    let value = |attribute: &Attribute| {
        let text = attribute.text.as_ref().map(|text| text.value.clone());
        let scalar = || attribute.scalar.as_ref().map(|scalar| scalar.value.to_string());
        let set = || attribute.set.as_ref().map(|set| format!("{{{}}}", set.item.join(",")));
        let ranges = || {
            let ranges = attribute.ranges.as_ref()?;
            let parts = ranges.range.iter().map(|range| format!("{}-{}", range.begin, range.end));
            Some(format!("[{}]", parts.collect::<Vec<_>>().join(",")))
        };
        text.or_else(scalar).or_else(set).or_else(ranges).unwrap_or_default()
    };
    let parts = list.iter().map(|attribute| format!("{}:{}", attribute.name, value(attribute)));
    parts.collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use wire::ebb::{DrainStatus, Reachability};
    use wire::master::response::get_agents::Agent;
    use wire::master::response::{GetAgents, GetTasks};
    use wire::v1::{AgentId, AgentInfo, DrainConfig, DrainInfo, DurationInfo, TimeInfo};

    use super::*;

    /// Everything about a draining node is shown: both axes, bound, who, why and since when.
    #[test]
    fn everything_about_a_draining_node_is_shown() {
        let config = DrainConfig {
            max_grace_period: Some(DurationInfo { nanoseconds: 600_000_000_000 }),
            mark_gone: Some(true),
        };
        let agent = Agent {
            agent_info: AgentInfo {
                hostname: "node-1".to_owned(),
                id: Some(AgentId { value: "m-S0".to_owned() }),
                attributes: model::attributes::parse("rack:r1;zone:{a,b}").unwrap(),
                ..AgentInfo::default()
            },
            active: false,
            deactivated: Some(true),
            version: "1.12.0".to_owned(),
            reachability: Some(Reachability::Disconnected.into()),
            drain_info: Some(DrainInfo { state: DrainState::Draining.into(), config }),
            drain_status: Some(DrainStatus {
                generation: Some(3),
                started_at: Some(TimeInfo { nanoseconds: 0 }),
                reason: Some("new disks".to_owned()),
                requested_by: Some("ops@desk".to_owned()),
                ..DrainStatus::default()
            }),
            total_resources: Resources::parse("cpus:4;mem:1024", "*").unwrap().to_wire(),
            ..Agent::default()
        };
        let agents = GetAgents { agents: vec![agent], ..GetAgents::default() };
        let nodes = nodes(agents, &GetTasks::default());
        let text = render(&nodes[0], &[], Timestamp(90_000_000_000));
        for line in [
            "Status           DRAINING, DISCONNECTED",
            "Attributes       rack:r1;zone:{a,b}",
            "Resources        cpus:4; mem:1024",
            "  longest grace  10m",
            "  then           decommissioned, removed for good",
            "  since          1970-01-01 00:00:00 UTC (1m 30s ago)",
            "  by             ops@desk",
            "  because        new disks",
            "  waits for      ebb node explain S0",
            "Tasks            0",
        ] {
            assert!(text.lines().any(|it| it == line), "'{line}' in\n{text}");
        }
    }
}
