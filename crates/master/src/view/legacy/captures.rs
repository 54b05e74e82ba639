//! What a Mesos master was seen to answer at the older endpoints, against what is written here of the same
//! cluster, which its `GET_STATE` of the same moment describes. The recordings aren't part of the tree: the
//! test does nothing unless `EBB_CAPTURES` names their folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use model::drain::{Deactivation, Drain, DrainConfig, DrainState, Reachability};
use model::{AgentId, ExecutorId, FrameworkId, Now, OfferId, Resources, Timestamp};
use serde_json::Value;
use wire::master::response::{GetState, get_agents, get_frameworks};

use super::TasksQuery;
use crate::event::StreamId;
use crate::offers::Offer;
use crate::state::{
    Agent, CompletedFramework, Config, Executor, Framework, Master, Overlay, Shared, Task, TaskKey,
};

fn time(time: Option<wire::v1::TimeInfo>) -> Option<Timestamp> {
    time.as_ref().map(Timestamp::from)
}

fn resources(list: &[wire::v1::Resource]) -> Resources {
    Resources::from_wire(list).unwrap()
}

fn agent(shown: get_agents::Agent) -> Agent {
    let drain = shown.drain_info.map(|info| Drain {
        generation: 1,
        config: DrainConfig::from(&info.config),
        state: DrainState::try_from(info.state).unwrap(),
        started_at: time(shown.estimated_drain_start_time).unwrap_or_default(),
        finished_at: None,
        for_maintenance: false,
        reason: None,
        requested_by: None,
    });
    let deactivation = (shown.deactivated() && drain.is_none()).then(Deactivation::default);
    let pid = shown.pid();
    let ip = pid.split_once('@').unwrap().1.split_once(':').unwrap().0.to_owned();
    Agent {
        id: AgentId::from(shown.agent_info.id.as_ref().unwrap()),
        reachability: Reachability::Registered,
        since: Timestamp::default(),
        admission_since: Timestamp::default(),
        link: None,
        overlay: Overlay { deactivation, drain },
        last_generation: 1,
        machine_id: None,
        admission_key: None,
        ip,
        version: shown.version,
        capabilities: shown.capabilities,
        registered_at: time(shown.registered_time).unwrap(),
        reregistered_at: time(shown.reregistered_time),
        total: resources(&shown.total_resources),
        used: BTreeMap::new(),
        offers: std::collections::BTreeSet::new(),
        tasks: Shared::default(),
        executors: BTreeMap::new(),
        operations: BTreeMap::new(),
        reported_drain: None,
        maintenance: None,
        info: Arc::new(shown.agent_info),
    }
}

/// The cluster that a `GET_STATE` of Mesos describes.
fn master(state: GetState) -> Master {
    let now = Now::default();
    let mut master = Master::recover(Config::default(), Vec::new(), now).unwrap();
    for shown in state.get_agents.unwrap().agents {
        let agent = agent(shown);
        master.agents.insert(agent.id.clone(), Shared::new(agent));
    }
    let frameworks = state.get_frameworks.unwrap();
    for shown in frameworks.frameworks {
        add_framework(&mut master, shown);
    }
    for shown in frameworks.completed_frameworks {
        let info = shown.framework_info;
        master.completed_frameworks.push_back(CompletedFramework {
            id: FrameworkId::from(info.id.as_ref().unwrap()),
            info: Arc::new(info),
            registered_at: time(shown.registered_time).unwrap(),
            reregistered_at: time(shown.reregistered_time),
            completed_at: time(shown.unregistered_time).unwrap(),
            completed_tasks: Shared::default(),
        });
    }
    for shown in state.get_executors.unwrap().executors {
        let info = shown.executor_info;
        let agent = master.agents.get_mut(shown.agent_id.value.as_str()).unwrap();
        let key = (
            FrameworkId::from(info.framework_id.as_ref().unwrap()),
            ExecutorId::from(&info.executor_id),
        );
        let resources = resources(&info.resources);
        agent.executors.insert(key, Executor { info: Arc::new(info), resources, generated: false });
    }
    let tasks = state.get_tasks.unwrap();
    for task in tasks.tasks {
        let agent = master.agents.get_mut(task.agent_id.value.as_str()).unwrap();
        let key = TaskKey {
            framework: FrameworkId::from(&task.framework_id),
            task: model::TaskId::from(&task.task_id),
        };
        let task = Task::reported(&task, Timestamp::default()).unwrap();
        agent.tasks.insert(key, task);
    }
    for task in tasks.completed_tasks {
        let id = task.framework_id.value.as_str();
        let mut completed = master.completed_frameworks.iter_mut();
        let list = match master.frameworks.get_mut(id) {
            Some(framework) => &mut framework.completed_tasks,
            None => &mut completed.find(|it| it.id.as_str() == id).unwrap().completed_tasks,
        };
        list.push_back(Arc::new(task));
    }
    for agent in master.agents.values_mut() {
        for framework in master.frameworks.keys() {
            let used = agent.sum_up(framework);
            agent.used.insert(framework.clone(), used);
        }
    }
    master
}

fn add_framework(master: &mut Master, shown: get_frameworks::Framework) {
    let id = FrameworkId::from(shown.framework_info.id.as_ref().unwrap());
    let registered = time(shown.registered_time).unwrap();
    let mut framework = Framework::new(id, shown.framework_info, registered);
    framework.stream = shown.connected.then_some(StreamId(1));
    framework.recovered = shown.recovered;
    framework.reregistered_at = time(shown.reregistered_time);
    framework.offer_constraints = shown.offer_constraints;
    for offer in shown.offers {
        let id = OfferId::from(&offer.id);
        let agent = AgentId::from(&offer.agent_id);
        framework.offers.insert(id.clone());
        master.agents.get_mut(&agent).unwrap().offers.insert(id.clone());
        let role = offer.allocation_info.unwrap().role.unwrap();
        let offer = Offer {
            id: id.clone(),
            framework: framework.id.clone(),
            agent,
            resources: resources(&offer.resources),
            role: role.into(),
        };
        master.offers.insert(id, Shared::new(offer));
    }
    master.frameworks.insert(framework.id.clone(), framework);
}

/// Takes away what has no order in Mesos, and what only one side has.
fn normalise(value: &mut Value) {
    match value {
        Value::Object(members) => {
            // Ours alone; and a fraction that the v1 API doesn't have.
            for name in ["drain_status", "deactivation", "estimated_drain_start_time_seconds"] {
                members.remove(name);
            }
            members.values_mut().for_each(normalise);
        }
        Value::Array(items) => {
            items.iter_mut().for_each(normalise);
            if !items.iter().any(|item| item["timestamp"].is_number()) {
                items.sort_by_key(Value::to_string);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn differ(path: &str, expected: &Value, got: &Value, out: &mut Vec<String>) {
    match (expected, got) {
        (Value::Object(a), Value::Object(b)) => {
            for (name, value) in a {
                differ(&format!("{path}.{name}"), value, b.get(name).unwrap_or(&Value::Null), out);
            }
            for name in b.keys().filter(|name| !a.contains_key(*name)) {
                out.push(format!("{path}.{name}: expected nothing, got {}", b[name]));
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (index, (a, b)) in a.iter().zip(b).enumerate() {
                differ(&format!("{path}[{index}]"), a, b, out);
            }
        }
        _ if expected == got => {}
        _ => out.push(format!("{path}: expected {expected}, got {got}")),
    }
}

fn path_of(exchange: &Value) -> &str {
    exchange["request"]["line"].as_str().unwrap().split(' ').nth(1).unwrap()
}

/// The members that the process writes itself.
const OF_THE_PROCESS: [&str; 18] = [
    "version",
    "git_sha",
    "git_branch",
    "build_date",
    "build_time",
    "build_user",
    "start_time",
    "elected_time",
    "id",
    "pid",
    "hostname",
    "capabilities",
    "leader",
    "leader_info",
    "cluster",
    "log_dir",
    "flags",
    "domain",
];

/// Whatever Mesos answered at an older endpoint is answered here of the same cluster, value by value.
#[test]
#[expect(clippy::disallowed_methods, reason = "a test, which is told where recordings are")]
fn recorded_older_answers_of_mesos_are_written_the_same() {
    let Ok(folder) = std::env::var("EBB_CAPTURES") else {
        println!("skipped: needs EBB_CAPTURES to name a folder of recordings");
        return;
    };
    let mut compared = BTreeMap::new();
    let mut differences = Vec::new();
    for (file, state, prefix) in [
        ("1-master-only", "master-GET_STATE", "master-GET"),
        ("2-agent-idle", "master-GET_STATE", "master-GET"),
        ("3-tasks", "master-GET_STATE", "master-GET"),
        ("4-after-teardown-of-one-framework", "master-GET_STATE", "master-GET"),
        ("7-ops", "13-GET_STATE-while-draining", "13-GET"),
    ] {
        let text = std::fs::read(Path::new(&folder).join(format!("{file}.json"))).unwrap();
        let exchanges: Vec<Value> = serde_json::from_slice(&text).unwrap();
        let named = |name: &str| exchanges.iter().find(|it| it["name"] == name).unwrap();
        let body = named(state)["response"]["body_json"].to_string();
        let response: wire::master::Response = wire::json::from_slice(body.as_bytes()).unwrap();
        let master = master(response.get_state.map(|state| *Box::from(state)).unwrap());
        for exchange in &exchanges {
            let name = exchange["name"].as_str().unwrap();
            let mut expected = exchange["response"]["body_json"].clone();
            if !name.starts_with(prefix) || !expected.is_object() {
                continue;
            }
            let path = path_of(exchange).replacen("/master/", "/", 1);
            let tasks = TasksQuery { limit: TasksQuery::LIMIT, ..TasksQuery::default() };
            let mut got = match path.as_str() {
                "/state" => serde_json::to_value(master.legacy_state(())),
                "/state-summary" => serde_json::to_value(master.legacy_state_summary(())),
                "/slaves" => serde_json::to_value(master.legacy_slaves(None)),
                "/frameworks" => serde_json::to_value(master.legacy_frameworks(None)),
                "/tasks" => serde_json::to_value(master.legacy_tasks(&tasks)),
                "/roles" => serde_json::to_value(master.legacy_roles()),
                _ => continue,
            }
            .unwrap();
            if path.starts_with("/state") {
                let members = expected.as_object_mut().unwrap();
                members.retain(|name, _| !OF_THE_PROCESS.contains(&name.as_str()));
            }
            normalise(&mut expected);
            normalise(&mut got);
            differ(&format!("{file} {path}"), &expected, &got, &mut differences);
            *compared.entry(path).or_insert(0) += 1;
        }
    }
    println!("compared: {compared:#?}");
    assert!(compared.len() >= 6 && compared.values().sum::<i32>() > 20, "hardly anything compared");
    differences.truncate(30);
    assert!(differences.is_empty(), "{differences:#?}");
}
