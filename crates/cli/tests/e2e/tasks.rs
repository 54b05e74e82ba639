//! How tasks run: exit codes, output, users, environment, kills and groups.

use std::path::Path;
use std::time::{Duration, Instant};

use cli::api::Agent;
use wire::scheduler::Call;
use wire::scheduler::call::{self, Type};
use wire::v1::{KillPolicy, TaskId, TaskState, task_status};

use crate::framework::{Framework, Record, reason, sandbox, state};
use crate::job::{self, Job};
use crate::processes::runs;
use crate::world::{NODE, World};

/// The whole of a sandbox file, read through the agent.
async fn read(world: &World, path: &Path) -> String {
    let address = world.address(NODE).unwrap().to_string();
    let agent = Agent::new(world.client().clone(), &address);
    let (_, data) = agent.read_file(path.to_str().unwrap(), 0, None).await.unwrap();
    String::from_utf8(data.to_vec()).unwrap()
}

/// A task's end says how its command ended: FINISHED for status 0, FAILED with the status or the signal
/// for everything else.
#[tokio::test]
async fn the_end_of_a_task_says_how_its_command_ended() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    for (id, script, end, message) in [
        ("good", "exit 0", TaskState::TaskFinished, "Command exited with status 0"),
        ("bad", "exit 3", TaskState::TaskFailed, "Command exited with status 3"),
        ("self-killed", "kill -KILL $$", TaskState::TaskFailed, "terminated with signal Killed"),
        ("unknown", "there-is-no-such-command", TaskState::TaskFailed, "exited with status 127"),
    ] {
        framework.launch(NODE, &[Job::shell(id, script)]).await;
        let outcome = framework.outcome(id).await;
        assert_eq!(state(&outcome), end, "{id}");
        let text = outcome.message.unwrap();
        assert!(text.contains(message), "{id}: {text}");
    }
    world.end().await;
}

/// A program that cannot be run fails its task with a message that names it; nothing else is harmed.
#[tokio::test]
async fn a_missing_program_fails_its_task_by_name() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let plain = world.out().join("plain");
    std::fs::write(&plain, "not for running").unwrap();
    for (id, path) in [("missing", "/no/such/program"), ("forbidden", plain.to_str().unwrap())] {
        framework.launch(NODE, &[Job::program(id, path, &["program"])]).await;
        let outcome = framework.outcome(id).await;
        assert_eq!(state(&outcome), TaskState::TaskFailed, "{id}");
        let message = outcome.message.unwrap();
        assert!(message.contains(path), "{message}");
    }
    framework.run(NODE, &[Job::obeying("fine")]).await;
    world.end().await;
}

/// A user that the host does not have fails the task with a message that names the user.
#[tokio::test]
async fn a_missing_user_fails_the_task_by_name() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.launch(NODE, &[Job::obeying("lost").user("nobody-by-that-name")]).await;
    let outcome = framework.outcome("lost").await;
    assert_eq!(state(&outcome), TaskState::TaskFailed);
    let message = outcome.message.unwrap();
    assert!(message.contains("nobody-by-that-name"), "{message}");
    world.end().await;
}

/// Output goes to `stdout` and `stderr` in the sandbox, which is the working directory, and can be read
/// through the agent while the task runs and after it.
#[tokio::test]
async fn output_is_in_the_sandbox_and_can_be_read_through_the_agent() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let script = "echo to stdout; echo to stderr >&2; pwd > $OUT/cwd; echo x > made; \
        [ \"$PWD\" = \"$MESOS_SANDBOX\" ] && echo same; exit 0";
    framework.launch(NODE, &[Job::shell("talks", script)]).await;
    framework.outcome("talks").await;
    let directory = sandbox(&world, NODE, &framework, "talks");
    let cwd = world.file(&world.out().join("cwd")).await;
    assert_eq!(Path::new(cwd.trim()), directory);
    for (name, text) in [("stdout", "to stdout\nsame\n"), ("stderr", "to stderr\n")] {
        let path = directory.join(name);
        world.until(name, async || (read(&world, &path).await == text).then_some(())).await;
    }
    assert_eq!(read(&world, &directory.join("made")).await, "x\n");
    world.end().await;
}

/// A task gets its own variables, and those that tell it where it is; nothing of the agent's environment
/// leaks in.
#[tokio::test]
async fn a_task_has_its_own_environment() {
    let world = World::with(1, |options| {
        options.env.push(("SECRET_OF_THE_AGENT".to_owned(), "x".to_owned()));
    })
    .await;
    let framework = Framework::subscribe(&world).await;
    let job = Job::shell("env", "env > $OUT/env.new; mv $OUT/env.new $OUT/env")
        .variable("GREETING", "hello, world");
    framework.launch(NODE, &[job]).await;
    framework.outcome("env").await;
    let text = world.file(&world.out().join("env")).await;
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.contains(&"GREETING=hello, world"), "{text}");
    assert!(lines.iter().any(|line| line.starts_with("MESOS_SANDBOX=/")), "{text}");
    assert!(lines.iter().any(|line| line.starts_with("PATH=/")), "{text}");
    assert!(!text.contains("SECRET_OF_THE_AGENT"), "{text}");
    assert!(!text.contains("TOKEN"), "what the executor shows the agent is not the task's: {text}");
    world.end().await;
}

/// Under root a task runs as the user it names, and its sandbox is that user's.
#[tokio::test]
async fn a_task_runs_as_the_user_it_names() {
    if !rustix::process::geteuid().is_root() {
        println!("not root: users cannot be switched here");
        return;
    }
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let script = "id -un > $OUT/who.new; touch mine && mv $OUT/who.new $OUT/who";
    framework.launch(NODE, &[Job::shell("who", script).user("nobody")]).await;
    let outcome = framework.outcome("who").await;
    assert_eq!(state(&outcome), TaskState::TaskFinished, "{outcome:?}");
    assert_eq!(world.file(&world.out().join("who")).await, "nobody\n");
    world.end().await;
}

/// Output beyond the configured size is rotated: the newest is in `stdout`, older in numbered files, and no
/// more of them than configured.
#[tokio::test]
async fn logs_are_rotated_by_size() {
    let world = World::with(1, |options| {
        options.agent_flags.push("--max-log-size=4KB".to_owned());
        options.agent_flags.push("--max-log-files=3".to_owned());
    })
    .await;
    let framework = Framework::subscribe(&world).await;
    framework.launch(NODE, &[Job::shell("writes", "seq 1 20000; echo last")]).await;
    let outcome = framework.outcome("writes").await;
    assert_eq!(state(&outcome), TaskState::TaskFinished);
    let directory = sandbox(&world, NODE, &framework, "writes");
    let newest = directory.join("stdout");
    world
        .until("the last line is written", async || {
            read(&world, &newest).await.ends_with("20000\nlast\n").then_some(())
        })
        .await;
    let mut logs: Vec<(String, u64)> = std::fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, entry.metadata().unwrap().len())
        })
        .filter(|(name, _)| name.starts_with("stdout"))
        .collect();
    logs.sort();
    assert!(logs.len() == 3, "{logs:?}");
    assert!(logs.iter().all(|(_, size)| *size <= 4096), "{logs:?}");
    world.end().await;
}

/// A scheduler's kill may bring its own policy, which goes before the task's.
#[tokio::test]
async fn a_kill_can_override_the_policy_of_the_task() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    framework.run(NODE, &[Job::ignoring("stubborn").grace(Duration::from_mins(10))]).await;
    let watched = world.watch("stubborn").await;
    let grace = Duration::from_millis(1500);
    let kill = call::Kill {
        task_id: TaskId { value: "stubborn".to_owned() },
        kill_policy: Some(KillPolicy { grace_period: Some(job::duration(grace)) }),
        ..call::Kill::default()
    };
    let asked = Instant::now();
    framework
        .scheduler()
        .call(Type::Kill, Call { kill: Some(kill), ..Call::default() })
        .await
        .unwrap();
    let took = watched.ended().await.duration_since(asked);
    assert!(took >= grace && took < grace + Duration::from_secs(10), "{took:?}");
    assert_eq!(state(&framework.outcome("stubborn").await), TaskState::TaskKilled);
    world.end().await;
}

/// A task id that is used again the moment the end of its task is known gets its task run, each time: the
/// executor of the one before may still be there.
#[tokio::test]
async fn a_task_id_can_be_used_again_at_once() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    for round in 1..=8 {
        framework.launch(NODE, &[Job::obeying("again")]).await;
        for wanted in [TaskState::TaskRunning, TaskState::TaskKilled] {
            let what = format!("round {round}: {}", wanted.as_str_name());
            let is_it = |state: &&TaskState| **state == wanted;
            let times = |record: &Record| record.history("again").iter().filter(is_it).count();
            framework.until(&what, |record| (times(record) == round).then_some(())).await;
            if wanted == TaskState::TaskRunning {
                framework.kill("again", None).await;
            }
        }
    }
    world.end().await;
}

/// The members of a task group start together, see the same sandbox from folders of their own, and when
/// one of them fails the others are killed.
#[tokio::test]
async fn members_of_a_group_live_and_die_together() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let fails = Job::ready_then("fails", "while [ ! -e $OUT/go ]; do sleep 0.05; done; exit 7");
    let jobs = [Job::obeying("stays"), fails];
    framework.run_group(NODE, job::default_executor("pod"), &jobs).await;
    let stays = world.pid_of("stays").await;
    world.pid_of("fails").await;
    assert!(runs(stays));
    std::fs::write(world.out().join("go"), "").unwrap();
    let failed = framework.outcome("fails").await;
    assert_eq!(state(&failed), TaskState::TaskFailed);
    assert!(failed.message.unwrap().contains("status 7"));
    assert_eq!(state(&framework.outcome("stays").await), TaskState::TaskKilled);
    let directory = sandbox(&world, NODE, &framework, "pod");
    assert!(directory.join("tasks/stays/stdout").exists());
    world.until("no process is left", async || world.processes().is_empty().then_some(())).await;
    world.end().await;
}

/// A task that asks for more than there is, is refused with a reason and the rest of the cluster goes on.
#[tokio::test]
async fn a_task_that_asks_for_too_much_is_refused() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let offer = framework.offer(NODE).await;
    let mut task = Job::obeying("greedy").info(&offer.agent_id, world.out());
    task.resources[0].scalar.as_mut().unwrap().value = 1000.0;
    framework.scheduler().accept_launch(vec![offer.id], vec![task], 0.0).await.unwrap();
    let refused = framework.outcome("greedy").await;
    assert_eq!(state(&refused), TaskState::TaskError);
    assert_eq!(reason(&refused), task_status::Reason::TaskInvalid);
    framework.run(NODE, &[Job::obeying("modest")]).await;
    world.end().await;
}

/// Fifty tasks that start together all run, are all ended by a drain, and none is missing in the books.
#[tokio::test]
async fn many_tasks_at_once_are_all_drained() {
    let world = World::with(1, |options| options.resources = "cpus:64;mem:8192".to_owned()).await;
    let framework = Framework::subscribe(&world).await;
    let jobs: Vec<Job> = (0..50).map(|n| Job::obeying(&format!("web.{n}"))).collect();
    framework.run(NODE, &jobs).await;
    world.drain(NODE, None).await;
    world.drained(NODE).await;
    for job in &jobs {
        assert_eq!(state(&framework.outcome(&job.id).await), TaskState::TaskKilled);
    }
    assert_eq!(world.processes(), []);
    world.end().await;
}
