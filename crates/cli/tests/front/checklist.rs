//! What the command line client of DC/OS has to get done with a cluster, point by point: its commands in the order in
//! which somebody would type them, each with what it ends with. None may end with a stack trace.

use std::time::Duration;

use cli::cluster::Who;
use wire::ebb::Reachability;
use wire::v1::TaskState;

use crate::client::Dcos;
use crate::commands::{self, Exit, Filter, Node, Outcome};
use crate::framework::{Framework, state};
use crate::job::Job;
use crate::login;
use crate::sessions::{Exec, task_exec};
use crate::world::{NODE, OTHER_NODE, World};

/// Node by node what `node list` shows as their status, without masters.
fn statuses(dcos: &Dcos) -> Vec<String> {
    let nodes = commands::node_list(dcos).unwrap().into_iter();
    nodes.filter(|node| node.kind == "agent").map(|node| node.status).collect()
}

fn leaders(nodes: &[Node]) -> usize {
    nodes.iter().filter(|node| node.kind == "master (leader)").count()
}

fn refused<T>(status: u16) -> Outcome<T> {
    commands::error(format!("HTTP {status} error"))
}

/// 1: `cluster setup`, with authentication off and with a password; a wrong one is told in words.
#[tokio::test(flavor = "multi_thread")]
async fn c01_a_cluster_is_set_up() {
    let world = World::with(0, |it| it.master_flags.push("--cluster=north".to_owned())).await;
    let (dcos, name) = commands::setup(&Dcos::of(&world), None).unwrap();
    assert_eq!(name, "north");
    assert_eq!(dcos.get("/cluster/v1/links").json()["links"], serde_json::json!([]));
    assert_eq!(leaders(&commands::node_list(&dcos).unwrap()), 1);
    world.end().await;

    let dir = tempfile::tempdir().unwrap();
    let cluster = login::start(dir.path()).await;
    let dcos = Dcos::of(&cluster);
    let Err(Exit::Error(said)) = commands::setup(&dcos, Some(("ops", "guess"))) else {
        panic!("logged in")
    };
    assert!(said.contains("no such principal"), "{said}");
    let asked = commands::node_list(&dcos);
    assert_eq!(asked, commands::error("authentication failed, please run `dcos auth login`"));
    let (dcos, _) = commands::setup(&dcos, Some(("ops", login::SECRET))).unwrap();
    assert_eq!(statuses(&dcos), ["ACTIVE"]);
    Box::pin(cluster.stop()).await.unwrap();
}

/// 2: `node list` with no agent, and with agents that are active, deactivated, draining, drained, reactivated and
/// disconnected; the leader is always one row.
#[tokio::test(flavor = "multi_thread")]
async fn c02_nodes_are_listed_in_every_state() {
    let world = World::start(0).await;
    let nodes = commands::node_list(&Dcos::of(&world)).unwrap();
    assert_eq!((nodes.len(), leaders(&nodes)), (1, 1));
    assert!(!nodes[0].id.is_empty() && nodes[0].ip == "127.0.0.1", "{nodes:?}");
    world.end().await;

    let mut world = World::start(2).await;
    let dcos = Dcos::of(&world);
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ignoring("stays").grace(Duration::from_hours(1))]).await;
    let (id, other) = (world.id(NODE).await.value, world.id(OTHER_NODE).await.value);
    let status = |id: &str| {
        let nodes = commands::node_list(&dcos).unwrap();
        assert_eq!((nodes.len(), leaders(&nodes)), (3, 1), "{nodes:?}");
        nodes.into_iter().find(|node| node.id == id).unwrap()
    };
    for (id, host, running) in [(&id, "node-1", 1), (&other, "node-2", 0)] {
        let node = status(id);
        let shown = (node.status.as_str(), node.host.as_str(), node.ip.as_str(), node.running);
        assert_eq!(shown, ("ACTIVE", host, "127.0.0.1", running));
    }
    commands::deactivate(&dcos, &other).unwrap();
    assert_eq!(status(&other).status, "DEACTIVATED");
    commands::reactivate(&dcos, &other).unwrap();
    assert_eq!(status(&other).status, "ACTIVE");
    commands::drain(&dcos, &id, "", false).unwrap();
    assert_eq!(status(&id).status, "DRAINING");
    commands::drain(&dcos, &other, "", false).unwrap();
    world.drained(OTHER_NODE).await;
    assert_eq!(status(&other).status, "DRAINED");
    commands::reactivate(&dcos, &other).unwrap();
    assert_eq!(status(&other).status, "ACTIVE");
    world.kill(OTHER_NODE).await.unwrap();
    world.has(OTHER_NODE, Reachability::Disconnected).await;
    assert_eq!(status(&other).status, "UNKNOWN");
    drop(framework);
    world.end().await;
}

/// 3: `node drain` without a flag and with 10m, 500ms and 1h2m3.5s; a negative period and an unknown id are refused.
#[tokio::test(flavor = "multi_thread")]
async fn c03_drains_take_periods() {
    let world = World::start(1).await;
    let dcos = Dcos::of(&world);
    let id = world.id(NODE).await.value;
    for (grace, nanoseconds) in [
        ("", None),
        (r#"{"seconds":600}"#, Some(600_000_000_000)),
        (r#"{"nanos":500000000}"#, Some(500_000_000)),
        (r#"{"seconds":3723,"nanos":500000000}"#, Some(3_723_500_000_000)),
    ] {
        commands::drain(&dcos, &id, grace, false).unwrap();
        let info = commands::agents(&dcos).unwrap()[0].drain_info.unwrap();
        let kept = info.config.max_grace_period.map(|period| period.nanoseconds);
        assert_eq!(kept, nanoseconds, "{grace}");
        world.drained(NODE).await;
        commands::reactivate(&dcos, &id).unwrap();
    }
    for grace in [r#"{"seconds":-1,"nanos":-500000000}"#, r#"{"seconds":-600}"#, r#"{"nanos":-1}"#]
    {
        assert_eq!(commands::drain(&dcos, &id, grace, false), refused(400), "{grace}");
    }
    assert_eq!(statuses(&dcos), ["ACTIVE"]);
    assert_eq!(commands::drain(&dcos, "no-such", "", false), refused(400));
    world.end().await;
}

/// 4: `node drain --wait` is over with the next look after DRAINED, and not before; `--decommission --wait` when the
/// agent is gone, which then leaves the list.
#[tokio::test(flavor = "multi_thread")]
async fn c04_drains_are_waited_for() {
    let world = World::start(2).await;
    let dcos = Dcos::of(&world);
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ignoring("stays").grace(Duration::from_hours(1))]).await;
    let (id, other) = (world.id(NODE).await.value, world.id(OTHER_NODE).await.value);
    commands::drain(&dcos, &id, "", false).unwrap();
    assert_eq!(commands::is_drained(&dcos, &id, false), Ok(false));
    commands::drain(&dcos, &id, r#"{"nanos":1000000}"#, false).unwrap();
    world.drained(NODE).await;
    assert_eq!(commands::is_drained(&dcos, &id, false), Ok(true));

    commands::drain(&dcos, &other, "", true).unwrap();
    let over = async || commands::is_drained(&dcos, &other, true).unwrap().then_some(());
    world.until("the agent is gone", over).await;
    let nodes = commands::node_list(&dcos).unwrap();
    assert!(nodes.iter().all(|node| node.id != other), "{nodes:?}");
    assert_eq!(statuses(&dcos), ["DRAINED"]);
    drop(world);
}

/// 5: `node reactivate` while the agent drains is refused, and afterwards it is active; `node deactivate` twice is no
/// error.
#[tokio::test(flavor = "multi_thread")]
async fn c05_nodes_come_back() {
    let world = World::start(1).await;
    let dcos = Dcos::of(&world);
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ignoring("stays").grace(Duration::from_hours(1))]).await;
    let id = world.id(NODE).await.value;
    commands::drain(&dcos, &id, "", false).unwrap();
    assert_eq!(commands::reactivate(&dcos, &id), refused(400));
    assert_eq!(statuses(&dcos), ["DRAINING"]);
    commands::drain(&dcos, &id, r#"{"nanos":1000000}"#, false).unwrap();
    world.drained(NODE).await;
    commands::reactivate(&dcos, &id).unwrap();
    assert_eq!(statuses(&dcos), ["ACTIVE"]);
    assert_eq!(commands::reactivate(&dcos, &id), refused(400), "it is active already");
    commands::deactivate(&dcos, &id).unwrap();
    commands::deactivate(&dcos, &id).unwrap();
    assert_eq!(statuses(&dcos), ["DEACTIVATED"]);
    assert_eq!(commands::deactivate(&dcos, "no-such"), refused(400));
    world.end().await;
}

/// 6: `node decommission` of an unknown agent is refused in the client's own words; twice of the same is no error.
#[tokio::test(flavor = "multi_thread")]
async fn c06_nodes_are_decommissioned() {
    let world = World::start(1).await;
    let dcos = Dcos::of(&world);
    let id = world.id(NODE).await.value;
    let unknown = commands::decommission(&dcos, "no-such");
    assert_eq!(unknown, commands::error("could not mark agent 'no-such' as gone"));
    commands::decommission(&dcos, &id).unwrap();
    assert_eq!(statuses(&dcos), [""; 0]);
    commands::decommission(&dcos, &id).unwrap();
    drop(world);
}

/// 7: `task list`, also by agent; after a drain the agent has none, which is an error but in the JSON form, and what was
/// killed is among the completed ones.
#[tokio::test(flavor = "multi_thread")]
async fn c07_tasks_are_listed() {
    let world = World::start(2).await;
    let dcos = Dcos::of(&world);
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::obeying("web.1"), Job::obeying("db.1")]).await;
    framework.run(OTHER_NODE, &[Job::obeying("web.2")]).await;
    let (id, other) = (world.id(NODE).await.value, world.id(OTHER_NODE).await.value);
    let list = |filter: Filter<'_>| {
        let mut tasks = commands::task_list(&dcos, filter).unwrap();
        tasks.sort_by(|a, b| a.id.cmp(&b.id));
        tasks
    };
    let ids = |filter: Filter<'_>| list(filter).into_iter().map(|it| it.id).collect::<Vec<_>>();
    let all = list(Filter::default());
    assert_eq!(ids(Filter::default()), ["db.1", "web.1", "web.2"]);
    let last = all.last().unwrap();
    let shown = [&last.host, &last.user, &last.state, &last.agent].map(String::as_str);
    assert_eq!(shown, ["node-2", "root", "TASK_RUNNING", &other]);
    let on = Filter { agent: &id, ..Filter::default() };
    assert_eq!(ids(on), ["db.1", "web.1"]);
    assert_eq!(ids(Filter { task: "web", ..Filter::default() }), ["web.1", "web.2"]);
    let missing = commands::task_list(&dcos, Filter { task: "mail", ..Filter::default() });
    assert_eq!(missing, commands::error("no task ID found containing 'mail'"));

    commands::drain(&dcos, &id, "", false).unwrap();
    for task in ["web.1", "db.1"] {
        assert_eq!(state(&framework.outcome(task).await), TaskState::TaskKilled);
    }
    world.drained(NODE).await;
    let none = commands::error(format!("no task found in agent '{id}'"));
    assert_eq!(commands::task_list(&dcos, on), none);
    assert_eq!(commands::task_list(&dcos, Filter { json: true, ..on }), Ok(Vec::new()));
    let killed = list(Filter { completed: true, ..on });
    let killed: Vec<_> = killed.iter().map(|it| (it.id.as_str(), it.state.as_str())).collect();
    assert_eq!(killed, [("db.1", "TASK_KILLED"), ("web.1", "TASK_KILLED")]);
    world.end().await;
}

/// 8: `task exec` ends with the code of the command, or its signal; `-i` pipes in until the end; `task log` shows the
/// last lines.
#[tokio::test(flavor = "multi_thread")]
async fn c08_commands_run_beside_tasks() {
    let world = World::start(1).await;
    let dcos = Dcos::of(&world);
    let framework = Framework::subscribe(&world).await;
    framework
        .run(NODE, &[Job::shell("web", "seq 1 20; echo $$ > $OUT/web.pid; exec sleep 1000")])
        .await;
    world.pid_of("web").await;
    let run = |command: &[&str], stdin: Option<&[u8]>| {
        task_exec(&dcos, "web", Exec { command, ..Exec::default() }, stdin)
    };
    let ended = run(&["sh", "-c", "echo out; echo err >&2; exit 3"], None).unwrap();
    assert_eq!((ended.code, &ended.stdout[..], &ended.stderr[..]), (3, "out\n", "err\n"));
    assert_eq!(run(&["sh", "-c", "kill -9 $$"], None).unwrap().code, 128 + 9);
    assert_eq!(run(&["true"], None).unwrap().code, 0);
    let text = (0..20_000).map(|number| number.to_string()).collect::<Vec<_>>().join("\n");
    let echoed = run(&["cat"], Some(text.as_bytes())).unwrap();
    assert_eq!((echoed.code, echoed.stderr.as_str()), (0, ""));
    assert!(echoed.stdout == text, "{} bytes", echoed.stdout.len());
    assert_eq!(run(&["sh", "-c", "cat; exit 4"], Some(b"")).unwrap().code, 4);
    // One that does not wait for its input.
    assert_eq!(run(&["true"], Some(text.as_bytes())).unwrap().code, 0);
    let missing = task_exec(&dcos, "mail", Exec { command: &["id"], ..Exec::default() }, None);
    assert_eq!(missing, commands::error("no task ID found containing 'mail'"));

    assert_eq!(commands::task_log(&dcos, "web", "stdout", 2).unwrap(), "19\n20\n");
    assert_eq!(commands::task_log(&dcos, "web", "no-such", 2), refused(404));
    world.end().await;
}

/// All commands that only ask.
fn look_around(dcos: &Dcos, id: &str) {
    let run = |command: &[&str]| {
        task_exec(dcos, "web", Exec { command, ..Exec::default() }, None).map(drop)
    };
    let outcomes = [
        commands::node_list(dcos).map(drop),
        commands::task_list(dcos, Filter::default()).map(drop),
        commands::task_list(dcos, Filter { completed: true, agent: id, ..Filter::default() })
            .map(drop),
        commands::is_drained(dcos, id, false).map(drop),
        commands::hosts(dcos, "leader.mesos").map(drop),
        commands::task_log(dcos, "web", "stdout", 10).map(drop),
        run(&["true"]),
    ];
    for outcome in outcomes {
        assert!(!matches!(outcome, Err(Exit::Crash(_))), "{outcome:?}");
    }
}

/// 10: no command ends with a stack trace, whatever the cluster is in the middle of: without agents, while the files of
/// a task are being fetched, with an agent that is away or gone, after a restart of the master, while nobody is
/// connected, and after a teardown. (9, what Marathon is
/// asked, is in `marathon.rs`.)
#[tokio::test(flavor = "multi_thread")]
async fn c10_nothing_ends_with_a_stack_trace() {
    let world = World::start(0).await;
    look_around(&Dcos::of(&world), "no-such");
    world.end().await;

    let mut world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    // Takes calls and never answers.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = wire::v1::command_info::Uri {
        value: format!("http://{}/file", silent.local_addr().unwrap()),
        ..wire::v1::command_info::Uri::default()
    };
    framework.launch(NODE, &[Job::shell("web.first", "true").uris(vec![uri])]).await;
    framework.reaches("web.first", TaskState::TaskStarting).await;
    let id = world.id(NODE).await.value;
    look_around(&Dcos::of(&world), &id);
    framework.kill("web.first", None).await;
    framework.outcome("web.first").await;
    look_around(&Dcos::of(&world), &id);

    framework.run(NODE, &[Job::obeying("web")]).await;
    world.pid_of("web").await;
    look_around(&Dcos::of(&world), &id);
    world.kill(NODE).await.unwrap();
    world.has(NODE, Reachability::Disconnected).await;
    look_around(&Dcos::of(&world), &id);

    // The master knows the agent from its registry alone.
    world.kill(Who::Master).await.unwrap();
    world.restart(Who::Master).await.unwrap();
    world.has(NODE, Reachability::Recovered).await;
    look_around(&Dcos::of(&world), &id);
    world.restart(NODE).await.unwrap();
    world.has(NODE, Reachability::Registered).await;
    // Its framework is not back: it is known by its tasks alone.
    let dcos = Dcos::of(&world);
    look_around(&dcos, &id);
    let _left = framework.disconnect();
    look_around(&dcos, &id);
    let found = commands::state(&dcos).unwrap().frameworks;
    for it in found {
        commands::shutdown(&dcos, &it.id).unwrap();
        look_around(&dcos, &id);
    }
    commands::decommission(&dcos, &id).unwrap();
    look_around(&dcos, &id);
    drop(world);
}
