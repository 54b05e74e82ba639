//! Executors of frameworks' own: a Python script that knows nothing but the HTTP API.

use std::time::{Duration, Instant};

use wire::v1::{ExecutorInfo, TaskState, task_status};

use crate::framework::{Framework, is_terminal, reason, state};
use crate::job::{self, Job};
use crate::world::{NODE, World};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/e2e/executor.py");

fn has_python() -> bool {
    let tried = std::process::Command::new("python3").arg("--version").output();
    let has = tried.is_ok_and(|output| output.status.success());
    if !has {
        println!("there is no python3 here to write an executor in");
    }
    has
}

/// The path is resolved here, because tasks do not get the `PATH` of the test.
fn python() -> String {
    let output = std::process::Command::new("python3")
        .args(["-c", "import sys; print(sys.executable)"])
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn executor(world: &World, id: &str) -> ExecutorInfo {
    let events = world.out().join(format!("{id}.events"));
    job::executor(id, &format!("EVENTS={} exec {} {SCRIPT}", events.display(), python()))
}

async fn told(world: &World, id: &str, line: &str) {
    let path = world.out().join(format!("{id}.events"));
    let look = async || {
        let text = std::fs::read_to_string(&path).ok()?;
        text.lines().any(|it| it.starts_with(line)).then_some(())
    };
    world.until(&format!("executor {id} was told {line}"), look).await;
}

async fn has_left(world: &World) {
    world.until("no process is left", async || world.processes().is_empty().then_some(())).await;
}

/// An executor that knows of no token is served, unless the agent says that each has to show its own.
#[tokio::test]
async fn executors_without_a_token_are_served_unless_the_agent_says_otherwise() {
    if !has_python() {
        return;
    }
    let line = |world: &World| {
        let events = world.out().join("own.events");
        let unset = "unset MESOS_EXECUTOR_AUTHENTICATION_TOKEN";
        format!("{unset}; EVENTS={} exec {} {SCRIPT}", events.display(), python())
    };
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let own = job::executor("own", &line(&world));
    framework.run(NODE, &[Job::of_executor("quick", own)]).await;
    framework.kill("quick", None).await;
    assert_eq!(state(&framework.outcome("quick").await), TaskState::TaskKilled);
    world.end().await;

    let world = World::with(1, |options| {
        for flag in ["--authenticate-http-executors", "--executor-registration-timeout=1secs"] {
            options.agent_flags.push(flag.to_owned());
        }
    })
    .await;
    let framework = Framework::subscribe(&world).await;
    let own = job::executor("own", &line(&world));
    framework.launch(NODE, &[Job::of_executor("quick", own)]).await;
    let failed = framework.outcome("quick").await;
    assert_eq!(reason(&failed), task_status::Reason::ExecutorRegistrationTimeout);
    world.end().await;
}

/// Several tasks of one executor are launched, ended by the scheduler one by one and by a drain together,
/// with the bound of the drain in what the executor is told.
///
/// Defect D26 of the original.
#[tokio::test]
async fn d26_the_bound_reaches_executors_of_frameworks() {
    if !has_python() {
        return;
    }
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let jobs: Vec<Job> = ["quick.1", "slow.2", "quick.3"]
        .iter()
        .map(|id| Job::of_executor(id, executor(&world, "own")).grace(Duration::from_mins(10)))
        .collect();
    framework.run(NODE, &jobs).await;
    framework.kill("quick.1", None).await;
    assert_eq!(state(&framework.outcome("quick.1").await), TaskState::TaskKilled);
    assert!(!framework.record().history("quick.3").iter().any(|&state| is_terminal(state)));

    world.drain(NODE, Some(Duration::from_secs(20))).await;
    for id in ["slow.2", "quick.3"] {
        let killed = framework.outcome(id).await;
        assert_eq!(state(&killed), TaskState::TaskKilled, "{id}");
        assert_eq!(reason(&killed), task_status::Reason::AgentDraining, "{id}");
    }
    world.drained(NODE).await;
    assert_eq!(world.processes(), []);
    let events = world.file(&world.out().join("own.events")).await;
    let grace = events
        .lines()
        .find_map(|line| line.strip_prefix("KILL quick.3 "))
        .unwrap_or_else(|| panic!("{events}"));
    let grace = Duration::from_nanos(grace.parse().unwrap());
    assert!(grace > Duration::from_secs(10) && grace <= Duration::from_secs(20), "{grace:?}");
    assert!(events.contains("SHUTDOWN"), "{events}");
    world.end().await;
}

/// An executor without tasks is shut down by a drain, so that the node is really empty, and after
/// reactivation its framework can use the same executor again.
///
/// Defect D4 of the original; item 8 of the gaps in its tests.
#[tokio::test]
async fn d04_an_idle_executor_is_shut_down_by_a_drain() {
    if !has_python() {
        return;
    }
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::of_executor("quick.1", executor(&world, "own"))]).await;
    framework.kill("quick.1", None).await;
    framework.outcome("quick.1").await;
    assert!(!world.processes().is_empty(), "the executor waits for more tasks");

    world.drain(NODE, None).await;
    world.drained(NODE).await;
    assert_eq!(world.processes(), []);
    told(&world, "own", "SHUTDOWN").await;

    world.reactivate(NODE).await.unwrap();
    framework.run(NODE, &[Job::of_executor("quick.2", executor(&world, "own"))]).await;
    world.end().await;
}

/// A task whose executor does not react to KILL is ended by the agent when the grace period is over.
///
/// Defect D28 of the original.
#[tokio::test]
async fn d28_an_executor_that_ignores_kill_is_ended_with_its_task() {
    if !has_python() {
        return;
    }
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let grace = Duration::from_millis(1500);
    framework.run(NODE, &[Job::of_executor("deaf.1", executor(&world, "own")).grace(grace)]).await;
    let asked = Instant::now();
    world.drain(NODE, None).await;
    assert_eq!(state(&framework.outcome("deaf.1").await), TaskState::TaskKilled);
    assert!(asked.elapsed() >= grace, "{:?}", asked.elapsed());
    world.drained(NODE).await;
    assert_eq!(world.processes(), []);
    world.end().await;
}

/// An executor reconnects to a restarted agent with the tasks it has, and they go on.
#[tokio::test]
async fn an_executor_comes_back_to_a_restarted_agent() {
    if !has_python() {
        return;
    }
    let mut world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::of_executor("slow.1", executor(&world, "own"))]).await;
    world.kill(NODE).await.unwrap();
    world.restart(NODE).await.unwrap();
    world.drain(NODE, None).await;
    assert_eq!(state(&framework.outcome("slow.1").await), TaskState::TaskKilled);
    world.drained(NODE).await;
    has_left(&world).await;
    let history = framework.record().history("slow.1");
    assert_eq!(history.iter().filter(|&&state| is_terminal(state)).count(), 1, "{history:?}");
    world.end().await;
}

/// An executor that dies fails its tasks, and its framework is told of its end.
#[tokio::test]
async fn the_death_of_an_executor_is_told_to_its_framework() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let dying = job::executor("dying", "exit 9");
    framework.launch(NODE, &[Job::of_executor("web", dying)]).await;
    let failed = framework.outcome("web").await;
    assert_eq!(state(&failed), TaskState::TaskFailed);
    assert_eq!(reason(&failed), task_status::Reason::ExecutorTerminated);
    let failure =
        framework.until("the executor's end", |record| record.failures.first().cloned()).await;
    assert_eq!(failure.executor_id.unwrap().value, "dying");
    assert_eq!(failure.status, Some(9 << 8));
    has_left(&world).await;
    world.end().await;
}
