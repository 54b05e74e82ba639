//! `dcos node …`.

use std::time::Duration;

use wire::master::Response;
use wire::v1::DrainState;

use crate::client::Dcos;
use crate::framework::Framework;
use crate::job::Job;
use crate::world::{NODE, World};

/// The two bytes that the client sends.
const GET_AGENTS: [u8; 2] = [0x08, 0x0a];
const GET_FRAMEWORKS: [u8; 2] = [0x08, 0x0b];

fn agents(dcos: &Dcos) -> Vec<wire::master::response::get_agents::Agent> {
    let response: Response = dcos.ask("/mesos/api/v1", &GET_AGENTS).protobuf();
    response.get_agents.expect("the client reads through it without a look").agents
}

/// The parts of an answer that the client takes for granted are there also when they are empty.
#[tokio::test(flavor = "multi_thread")]
async fn empty_lists_are_there_all_the_same() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);
    assert!(agents(&dcos).is_empty());
    let response: Response = dcos.ask("/mesos/api/v1", &GET_FRAMEWORKS).protobuf();
    assert!(response.get_frameworks.unwrap().frameworks.is_empty());
    world.end().await;
}

/// The status that the client shows of an agent follows each write, which is answered with exactly 200.
#[tokio::test(flavor = "multi_thread")]
async fn the_status_of_a_node_follows_each_write() {
    let world = World::start(1).await;
    let dcos = Dcos::of(&world);
    let id = world.id(NODE).await.value;
    let call = |kind: &str, part: &str, more: &str| {
        dcos.call(&format!(
            r#"{{"type":"{kind}","{part}":{{"agent_id":{{"value":"{id}"}}{more}}}}}"#
        ))
        .status
    };
    // In the order in which the client looks.
    let status = || {
        let agent = agents(&dcos)
            .into_iter()
            .find(|agent| agent.agent_info.id.as_ref().unwrap().value == id)?;
        Some(match agent.drain_info {
            Some(info) => {
                assert_eq!(info.config.mark_gone, Some(false), "the client wants a config");
                DrainState::try_from(info.state).unwrap().as_str_name().to_owned()
            }
            None if agent.deactivated == Some(true) => "DEACTIVATED".to_owned(),
            None if agent.active => "ACTIVE".to_owned(),
            None => "UNKNOWN".to_owned(),
        })
    };
    assert_eq!(status().as_deref(), Some("ACTIVE"));
    for _ in 0..2 {
        assert_eq!(call("DEACTIVATE_AGENT", "deactivate_agent", ""), 200);
        assert_eq!(status().as_deref(), Some("DEACTIVATED"));
    }
    assert_eq!(call("REACTIVATE_AGENT", "reactivate_agent", ""), 200);
    assert_eq!(status().as_deref(), Some("ACTIVE"));
    let more = r#","max_grace_period":{"seconds":600},"mark_gone":false"#;
    assert_eq!(call("DRAIN_AGENT", "drain_agent", more), 200);
    world.drained(NODE).await;
    assert_eq!(status().as_deref(), Some("DRAINED"));
    assert_eq!(call("REACTIVATE_AGENT", "reactivate_agent", ""), 200);
    assert_eq!(status().as_deref(), Some("ACTIVE"));
    for _ in 0..2 {
        assert_eq!(call("MARK_AGENT_GONE", "mark_agent_gone", ""), 200);
        assert_eq!(status(), None);
    }
    drop(world);
}

/// Grace periods come as the client writes them; a negative one is refused.
#[tokio::test(flavor = "multi_thread")]
async fn grace_periods_are_read_as_the_client_writes_them() {
    let world = World::start(1).await;
    let dcos = Dcos::of(&world);
    let framework = Framework::subscribe(&world).await;
    let job = Job::ignoring("stubborn").grace(Duration::from_hours(1));
    framework.run(NODE, &[job]).await;
    let id = world.id(NODE).await.value;
    let drain = |grace: &str| {
        dcos.call(&format!(
            r#"{{"type":"DRAIN_AGENT","drain_agent":{{"agent_id":{{"value":"{id}"}}{grace},"mark_gone":false}}}}"#
        ))
    };
    let refused = drain(r#","max_grace_period":{"seconds":-1,"nanos":-500000000}"#);
    assert_eq!(refused.status, 400, "{}", refused.text());
    for grace in [
        r#","max_grace_period":{"seconds":3723,"nanos":500000000}"#,
        r#","max_grace_period":{"seconds":600}"#,
        r#","max_grace_period":{"nanos":500000000}"#,
        "",
    ] {
        assert_eq!(drain(grace).status, 200, "{grace}");
    }
    let config = agents(&dcos)[0].drain_info.unwrap().config;
    assert_eq!(config.max_grace_period.unwrap().nanoseconds, 500_000_000);
    world.end().await;
}

/// What is wrong with an agent's id is told by the status that the client has a text for.
#[tokio::test(flavor = "multi_thread")]
async fn unknown_nodes_are_refused() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);
    for (kind, part, expected) in [
        ("DRAIN_AGENT", "drain_agent", 400),
        ("DEACTIVATE_AGENT", "deactivate_agent", 400),
        ("REACTIVATE_AGENT", "reactivate_agent", 400),
        ("MARK_AGENT_GONE", "mark_agent_gone", 404),
    ] {
        let body = format!(r#"{{"type":"{kind}","{part}":{{"agent_id":{{"value":"no-such"}}}}}}"#);
        assert_eq!(dcos.call(&body).status, expected, "{kind}");
    }
    world.end().await;
}

/// Hosts are resolved as Mesos-DNS does; a name that nobody has is one empty entry.
#[tokio::test(flavor = "multi_thread")]
async fn hosts_are_resolved() {
    let world = World::start(2).await;
    let dcos = Dcos::of(&world);
    let hosts = |name: &str| dcos.get(&format!("/mesos_dns/v1/hosts/{name}")).json();
    for name in ["leader.mesos", "master.mesos", "slave.mesos"] {
        let expected = serde_json::json!([{"host": format!("{name}."), "ip": "127.0.0.1"}]);
        assert_eq!(hosts(name), expected, "{name}");
    }
    let nobody = serde_json::json!([{"host": "", "ip": ""}]);
    for name in ["marathon.mesos", "web.marathon.mesos", "example.com"] {
        assert_eq!(hosts(name), nobody, "{name}");
    }
    let services = dcos.get("/mesos_dns/v1/services/_leader._tcp.mesos").json();
    let port = world.address(cli::cluster::Who::Master).unwrap().port().to_string();
    assert_eq!(services[0]["port"], port.as_str());
    assert_eq!(services[0]["ip"], "127.0.0.1");
    world.end().await;
}

/// Addresses of hosts are joined to agents by their private one.
#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_hosts_are_told() {
    let world = World::start(1).await;
    let nodes = Dcos::of(&world).get("/net/v1/nodes").json();
    let node = &nodes[0];
    assert_eq!(node["private_ip"], "127.0.0.1");
    assert_eq!(node["public_ips"], serde_json::json!([]));
    assert!(node["hostname"].is_string());
    let updated = node["updated"].as_str().unwrap();
    assert!(humantime_like(updated), "{updated}");
    world.end().await;
}

/// `2024-08-01T12:34:56Z`.
fn humantime_like(text: &str) -> bool {
    let pattern = "dddd-dd-ddTdd:dd:ddZ";
    text.len() == pattern.len()
        && text
            .chars()
            .zip(pattern.chars())
            .all(|(a, b)| if b == 'd' { a.is_ascii_digit() } else { a == b })
}

/// What runs on a host is listed by its address, for the leader, and by its name, for an agent.
#[tokio::test(flavor = "multi_thread")]
async fn components_of_a_node_are_listed() {
    let world = World::start(1).await;
    let dcos = Dcos::of(&world);
    let leader = dcos.get("/mesos_dns/v1/hosts/leader.mesos").json();
    assert_eq!(leader.as_array().unwrap().len(), 1);
    let hostname = agents(&dcos)[0].agent_info.hostname.clone();
    for (address, expected) in [
        (leader[0]["ip"].as_str().unwrap(), "dcos-mesos-master.service"),
        (hostname.as_str(), "dcos-mesos-slave.service"),
    ] {
        let units = dcos.get(&format!("/system/health/v1/nodes/{address}/units")).json();
        let units = units["units"].as_array().unwrap();
        let unit = units.iter().find(|unit| unit["id"] == expected).unwrap();
        assert_eq!(unit["health"], 0, "{unit}");
        for name in ["output", "description", "help", "name"] {
            assert!(unit[name].is_string(), "{unit}");
        }
    }
    assert_eq!(dcos.get("/system/health/v1/nodes/10.9.9.9/units").status, 404);
    // What a web page shows of all nodes.
    let nodes = dcos.get("/system/health/v1/nodes").json();
    assert_eq!(nodes["nodes"][0]["host_ip"], "127.0.0.1");
    let path = "/system/health/v1/units/dcos-mesos-master.service/nodes";
    assert_eq!(dcos.get(path).json()["nodes"][0]["role"], "master");
    assert!(dcos.get("/system/health/v1/report").json()["Nodes"].is_object());
    assert_eq!(dcos.get("/system/health/v1/report/diagnostics/list/all").status, 404);
    world.end().await;
}

/// How busy a host is comes from its agent, under the names that the client reads.
#[tokio::test(flavor = "multi_thread")]
async fn how_busy_a_node_is_is_shown() {
    let world = World::start(1).await;
    let dcos = Dcos::of(&world);
    let id = world.id(NODE).await.value;
    let answer = dcos.get(&format!("/system/v1/agent/{id}/metrics/v0/node")).json();
    assert_eq!(answer["dimensions"]["mesos_id"], id.as_str());
    let points = answer["datapoints"].as_array().unwrap();
    for wanted in [
        "load.1min",
        "cpu.total",
        "memory.total",
        "memory.free",
        "filesystem.capacity.total",
        "filesystem.capacity.used",
    ] {
        let point = points.iter().find(|point| point["name"] == wanted);
        let point = point.unwrap_or_else(|| panic!("there is no {wanted}: {answer}"));
        assert!(point["value"].is_number() && point["unit"].is_string(), "{point}");
        assert!(humantime_like(point["timestamp"].as_str().unwrap()), "{point}");
        if wanted.starts_with("filesystem") {
            assert_eq!(point["tags"]["path"], "/");
        }
    }
    let app = format!("/system/v1/agent/{id}/metrics/v0/containers/no-such/app");
    assert_eq!(dcos.get(&app).status, 204);
    world.end().await;
}

/// The log of the master and of an agent is shown, its last lines or as it goes on; of others there is nothing.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_component_is_shown() {
    let world = World::start(1).await;
    let dcos = Dcos::of(&world);
    let id = world.id(NODE).await.value;
    for (base, unit, wanted) in [
        ("/system/v1/leader/mesos".to_owned(), "dcos-mesos-master", "agent registered"),
        (format!("/system/v1/agent/{id}"), "dcos-mesos-slave.service", "registered"),
    ] {
        let component = format!("{base}/logs/v2/component");
        for path in [&component, &format!("{component}/{unit}")] {
            let answer = dcos.get_as(&format!("{path}?cursor=END&skip=-100"), "application/json");
            assert_eq!(answer.status, 200);
            let text = answer.text();
            let messages = text.lines().map(|line| {
                let entry: serde_json::Value = serde_json::from_str(line).unwrap();
                entry["fields"]["MESSAGE"].as_str().unwrap().to_owned()
            });
            assert!(messages.into_iter().any(|line| line.contains(wanted)), "{text}");
        }
        assert_eq!(dcos.get(&format!("{component}/dcos-net")).status, 204);
    }
    world.end().await;
}
