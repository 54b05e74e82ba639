//! Mesos' older documents below `/mesos`, by the members that the client reads and in the types that it insists on.

use cli::cluster::Who;

use crate::client::Dcos;
use crate::commands;
use crate::framework::Framework;
use crate::job::Job;
use crate::reads::{self, State, Summary};
use crate::world::{NODE, World};

async fn busy() -> (World, Framework) {
    let world = World::with(1, |options| {
        options.master_flags.push("--cluster=north".to_owned());
        options.agent_flags.push("--attributes=rack:7;public_ip:true".to_owned());
    })
    .await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web")]).await;
    (world, framework)
}

/// The state has the leader, each agent with an address in its pid and whole numbers where the client wants them,
/// and each task with its container in the first status.
///
/// Row: state.
#[tokio::test(flavor = "multi_thread")]
async fn the_state_has_what_lists_show() {
    let (world, framework) = busy().await;
    let dcos = Dcos::of(&world);
    let answer = dcos.get("/mesos/master/state");
    assert_eq!(answer.header("Content-Type"), Some("application/json"));
    assert_eq!(answer.header("Content-Encoding"), Some("gzip"), "it is long");
    let state: State = reads::document(&answer).unwrap();
    // The leader is found by its address, which masters are listed by.
    assert_eq!(state.hostname, "127.0.0.1");
    assert!(!state.id.is_empty() && state.pid.contains('@'), "{state:?}");
    assert_eq!(state.version, "1.12.0");
    assert_eq!(state.cluster, "north");

    let [agent] = &state.slaves[..] else { panic!("{state:?}") };
    assert_eq!(agent.id, world.id(NODE).await.value);
    assert_eq!((agent.hostname.as_str(), agent.ip().unwrap().as_str()), ("node-1", "127.0.0.1"));
    assert_eq!(agent.port, i64::from(world.address(NODE).unwrap().port()));
    assert!(agent.active && agent.registered_time > 0.0, "{agent:?}");
    assert_eq!(agent.attributes["public_ip"], "true");
    assert_eq!(agent.attributes["rack"], 7.0);
    assert!(!agent.capabilities.is_empty() && agent.version == "1.12.0", "{agent:?}");
    assert!(agent.resources.ports.starts_with('['), "{agent:?}");
    assert!(agent.resources.cpus > agent.used_resources.cpus && agent.used_resources.mem > 0.0);
    assert!(agent.unreserved_resources.cpus > 0.0 && agent.reserved_resources.is_empty());

    let [service] = &state.frameworks[..] else { panic!("{state:?}") };
    assert_eq!((service.id.as_str(), service.name.as_str()), (framework.id(), "the service"));
    assert!(service.active && service.resources.cpus > 0.0, "{service:?}");
    assert!(state.completed_frameworks.is_empty() && service.completed_tasks.is_empty());
    let [task] = &service.tasks[..] else { panic!("{service:?}") };
    assert_eq!((task.id.as_str(), task.state.as_str()), ("web", "TASK_RUNNING"));
    assert_eq!((task.name.as_str(), task.slave_id.as_str()), ("web", agent.id.as_str()));
    assert_eq!((task.framework_id.as_str(), task.executor_id.as_str()), (framework.id(), ""));
    assert!(task.resources.cpus > 0.0);
    let status = task.statuses.first().unwrap();
    assert!(status.timestamp > 0.0 && status.state.starts_with("TASK_"), "{status:?}");
    assert!(!task.container().unwrap().value.is_empty(), "{status:?}");
    let address = &status.container_status.network_infos[0].ip_addresses[0].ip_address;
    assert_eq!(address, "127.0.0.1");
    dcos.replayed("state");
    world.end().await;
}

/// The summary counts the tasks of each agent in whole numbers.
///
/// Row: summary.
#[tokio::test(flavor = "multi_thread")]
async fn the_summary_counts_tasks() {
    let (world, framework) = busy().await;
    framework.launch(NODE, &[Job::shell("done", "exit 0"), Job::shell("wrong", "exit 1")]).await;
    framework.outcome("done").await;
    framework.outcome("wrong").await;
    let dcos = Dcos::of(&world);
    let id = world.id(NODE).await.value;
    let counted = async || {
        let answer = dcos.get("/mesos/master/state-summary");
        let summary: Summary = reads::document(&answer).unwrap();
        let [agent] = &summary.slaves[..] else { panic!("{summary:?}") };
        assert_eq!(agent.id, id);
        (agent.running == 1 && agent.finished == 1 && agent.failed == 1).then(|| agent.clone())
    };
    let agent = world.until("the tasks are counted", counted).await;
    let others =
        [agent.staging, agent.starting, agent.killing, agent.killed, agent.lost, agent.error];
    assert_eq!(others, [0; 6]);
    assert_eq!(agent.framework_ids, [framework.id()]);
    dcos.replayed("summary");
    world.end().await;
}

/// The cluster's name is in the summary at the path that the setup asks for, which has no `/master` in it.
///
/// Row: name of the cluster.
#[tokio::test(flavor = "multi_thread")]
async fn the_cluster_has_a_name() {
    let (world, _framework) = busy().await;
    let dcos = Dcos::of(&world);
    let summary: Summary = reads::document(&dcos.get("/mesos/state-summary")).unwrap();
    assert_eq!((summary.cluster.as_str(), summary.hostname.as_str()), ("north", "127.0.0.1"));
    dcos.replayed("name of the cluster");
    world.end().await;
}

/// Agents come in protobuf with all that the client decodes or takes for granted, also when there are none.
///
/// Row: agents.
#[tokio::test(flavor = "multi_thread")]
async fn agents_come_in_protobuf() {
    let world = World::start(0).await;
    assert_eq!(commands::agents(&Dcos::of(&world)), Ok(Vec::new()));
    world.end().await;

    let (world, _framework) = busy().await;
    let dcos = Dcos::of(&world);
    let agents = commands::agents(&dcos).unwrap();
    let [agent] = &agents[..] else { panic!("{agents:?}") };
    assert_eq!(agent.agent_info.hostname, "node-1");
    assert_eq!(agent.version, "1.12.0");
    assert!(agent.active && agent.deactivated == Some(false) && agent.drain_info.is_none());
    dcos.replayed("agents");
    world.end().await;
}

/// So do frameworks.
///
/// Row: frameworks.
#[tokio::test(flavor = "multi_thread")]
async fn frameworks_come_in_protobuf() {
    let world = World::start(0).await;
    let dcos = Dcos::of(&world);
    assert_eq!(commands::frameworks(&dcos), Ok(Vec::new()));
    let framework = Framework::subscribe(&world).await;
    let found = commands::frameworks(&dcos).unwrap();
    let [it] = &found[..] else { panic!("{found:?}") };
    assert_eq!(it.framework_info.id.as_ref().unwrap().value, framework.id());
    assert_eq!(
        (it.framework_info.user.as_str(), it.framework_info.name.as_str()),
        ("root", "the service")
    );
    assert!(it.active && it.connected && !it.recovered);
    dcos.replayed("frameworks");
    world.end().await;
}

/// A master that has lost its registry's lead, or not won it yet, is not what these tests are about; one that was
/// restarted shows the same documents.
#[tokio::test(flavor = "multi_thread")]
async fn documents_are_whole_after_a_restart_of_the_master() {
    let (mut world, _framework) = busy().await;
    world.kill(Who::Master).await.unwrap();
    world.restart(Who::Master).await.unwrap();
    let dcos = Dcos::of(&world);
    // Neither list has the agent before it is back, and none of them is refused or broken meanwhile.
    world
        .until("the agent is listed again", async || {
            let nodes = commands::node_list(&dcos).unwrap();
            nodes.iter().any(|node| node.status == "ACTIVE" && node.running == 1).then_some(())
        })
        .await;
    world.end().await;
}
