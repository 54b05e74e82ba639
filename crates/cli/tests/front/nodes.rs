//! `dcos node …`.

use std::time::Duration;

use crate::client::Dcos;
use crate::commands;
use crate::framework::Framework;
use crate::job::Job;
use crate::reads::Host;
use crate::world::{NODE, World};

/// The status that the client shows of an agent follows each write, which is answered with exactly 200.
///
/// Row: changes of nodes.
#[tokio::test(flavor = "multi_thread")]
async fn the_status_of_a_node_follows_each_write() {
    let world = World::start(1).await;
    let dcos = Dcos::of(&world);
    let id = world.id(NODE).await.value;
    let status = || {
        let nodes = commands::node_list(&dcos).unwrap();
        nodes.into_iter().find(|node| node.id == id).map(|node| node.status)
    };
    assert_eq!(status().as_deref(), Some("ACTIVE"));
    for _ in 0..2 {
        commands::deactivate(&dcos, &id).unwrap();
        assert_eq!(status().as_deref(), Some("DEACTIVATED"));
    }
    commands::reactivate(&dcos, &id).unwrap();
    assert_eq!(status().as_deref(), Some("ACTIVE"));
    commands::drain(&dcos, &id, r#"{"seconds":600}"#, false).unwrap();
    world.drained(NODE).await;
    assert_eq!(status().as_deref(), Some("DRAINED"));
    let agents = commands::agents(&dcos).unwrap();
    assert_eq!(agents[0].drain_info.unwrap().config.mark_gone, Some(false), "there is a config");
    commands::reactivate(&dcos, &id).unwrap();
    assert_eq!(status().as_deref(), Some("ACTIVE"));
    for _ in 0..2 {
        commands::decommission(&dcos, &id).unwrap();
        assert_eq!(status(), None);
    }
    dcos.replayed("changes of nodes");
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
    let drain = |grace: &str| commands::drain(&dcos, &id, grace, false);
    let refused = drain(r#"{"seconds":-1,"nanos":-500000000}"#);
    assert_eq!(refused, commands::error("HTTP 400 error"));
    for grace in [
        r#"{"seconds":3723,"nanos":500000000}"#,
        r#"{"seconds":600}"#,
        r#"{"nanos":500000000}"#,
        "",
    ] {
        drain(grace).unwrap();
    }
    let config = commands::agents(&dcos).unwrap()[0].drain_info.unwrap().config;
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

/// Every master is listed by the address that it gives as its own name in the state.
///
/// Row: masters.
#[tokio::test(flavor = "multi_thread")]
async fn masters_are_listed_by_their_addresses() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);
    let hosts = commands::hosts(&dcos, "master.mesos").unwrap();
    assert_eq!(hosts, [host("master.mesos.", "127.0.0.1")]);
    let nodes = commands::node_list(&dcos).unwrap();
    assert_eq!(nodes[0].kind, "master (leader)");
    dcos.replayed("masters");
    world.end().await;
}

/// There is exactly one leader.
///
/// Row: leader.
#[tokio::test(flavor = "multi_thread")]
async fn there_is_one_leader() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);
    let hosts = commands::hosts(&dcos, "leader.mesos").unwrap();
    assert_eq!(hosts, [host("leader.mesos.", "127.0.0.1")]);
    let services = dcos.get("/mesos_dns/v1/services/_leader._tcp.mesos").json();
    let port = world.address(cli::cluster::Who::Master).unwrap().port().to_string();
    assert_eq!(services[0]["port"], port.as_str());
    assert_eq!(services[0]["ip"], "127.0.0.1");
    dcos.replayed("leader");
    world.end().await;
}

/// Other hosts are resolved as Mesos-DNS does; a name that nobody has is one empty entry.
///
/// Row: other hosts.
#[tokio::test(flavor = "multi_thread")]
async fn hosts_are_resolved() {
    let world = World::start(2).await;
    let dcos = Dcos::of(&world);
    let hosts = |name: &str| commands::hosts(&dcos, name).unwrap();
    assert_eq!(hosts("slave.mesos"), [host("slave.mesos.", "127.0.0.1")]);
    for name in ["marathon.mesos", "web.marathon.mesos", "example.com"] {
        assert_eq!(hosts(name), [host("", "")], "{name}");
    }
    let _marathon = Framework::with(&world, |info| {
        "marathon".clone_into(&mut info.name);
        info.hostname = Some("127.0.0.1".to_owned());
    })
    .await;
    assert_eq!(hosts("marathon.mesos"), [host("marathon.mesos.", "127.0.0.1")]);
    dcos.replayed("other hosts");
    world.end().await;
}

fn host(host: &str, ip: &str) -> Host {
    Host { host: host.to_owned(), ip: ip.to_owned() }
}

/// Addresses of hosts are joined to agents by their private one.
///
/// Row: addresses.
#[tokio::test(flavor = "multi_thread")]
async fn addresses_of_hosts_are_told() {
    let world = World::start(1).await;
    let dcos = Dcos::of(&world);
    let nodes = dcos.get("/net/v1/nodes").json();
    let node = &nodes[0];
    assert_eq!(node["private_ip"], "127.0.0.1");
    assert_eq!(node["public_ips"], serde_json::json!([]));
    assert!(node["hostname"].is_string());
    let updated = node["updated"].as_str().unwrap();
    assert!(humantime_like(updated), "{updated}");
    dcos.replayed("addresses");
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
///
/// Row: components of a node.
#[tokio::test(flavor = "multi_thread")]
async fn components_of_a_node_are_listed() {
    let world = World::start(1).await;
    let dcos = Dcos::of(&world);
    let leader = dcos.get("/mesos_dns/v1/hosts/leader.mesos").json();
    assert_eq!(leader.as_array().unwrap().len(), 1);
    let hostname = commands::agents(&dcos).unwrap()[0].agent_info.hostname.clone();
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
    dcos.replayed("components of a node");
    world.end().await;
}

/// Bundles of diagnostics are not there: the client says that it was not found.
///
/// Row: diagnostics bundles.
#[tokio::test(flavor = "multi_thread")]
async fn there_are_no_diagnostics_bundles() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);
    for (method, path) in [
        ("GET", "report/diagnostics/list/all"),
        ("POST", "report/diagnostics/create"),
        ("POST", "report/diagnostics/cancel"),
        ("GET", "diagnostics"),
        ("PUT", "diagnostics/5ed4c0c5-9ff8-4a6f-a0cd-f57f59a34b43"),
        ("DELETE", "diagnostics/x"),
    ] {
        let answer = dcos.send(method, &format!("/system/health/v1/{path}"), &[], b"");
        assert_eq!(answer.status, 404, "{method} {path}");
        assert!(answer.text().contains("no diagnostics bundles"), "{}", answer.text());
    }
    dcos.replayed("diagnostics bundles");
    world.end().await;
}

/// How busy a host is comes from its agent, under the names that the client reads.
///
/// Row: metrics of a node.
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
    dcos.replayed("metrics of a node");
    world.end().await;
}

/// The log of the master and of an agent is shown, its last lines or as it goes on; of others there is nothing.
///
/// Row: log of a component.
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
            let answer = dcos.get_as(&format!("{path}?skip=-100"), "application/json");
            assert_eq!(answer.status, 200);
            let text = answer.text();
            let messages = text.lines().map(|line| {
                let entry: serde_json::Value = serde_json::from_str(line).unwrap();
                entry["fields"]["MESSAGE"].as_str().unwrap().to_owned()
            });
            assert!(messages.into_iter().any(|line| line.contains(wanted)), "{text}");
        }
        // The last lines are counted from the end, though nothing says where that is.
        let last = dcos.get_as(&format!("{component}?skip=-1"), "application/json").text();
        assert_eq!(last.lines().count(), 1, "{last}");
        assert_eq!(dcos.get(&format!("{component}/dcos-net")).status, 204);
    }
    dcos.replayed("log of a component");
    world.end().await;
}
