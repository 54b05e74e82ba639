//! Sessions beside tasks and with tasks, as far as they are rows of the table.

use wire::v1::TaskState;

use crate::client::Dcos;
use crate::commands::Exit;
use crate::framework::{Framework, state};
use crate::job::{self, Job};
use crate::sessions::{Exec, Session, task_exec};
use crate::world::{NODE, World};

async fn with_task(job: Job) -> (World, Framework, Dcos) {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let id = job.id.clone();
    framework.run(NODE, &[job]).await;
    world.pid_of(&id).await;
    let dcos = Dcos::of(&world);
    (world, framework, dcos)
}

/// A command with a terminal beside a task: the head of its answer is there before it has written anything, what is
/// typed arrives while the output goes on, the terminal has the sizes that it is told, and its exit code is known
/// after its output has ended.
///
/// Row: exec.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_has_a_terminal_beside_a_task() {
    let (world, _framework, dcos) = with_task(Job::obeying("web")).await;
    // Silent until it is typed to.
    let script = "stty -echo; read go; while :; do stty size; read line || exit 9; \
        [ \"$line\" = over ] && exit 3; echo \"got $line $TERM\"; done";
    let exec = Exec { command: &["sh", "-c", script], tty: true, ..Exec::default() };
    let mut session = Session::exec(&dcos, "web", exec).unwrap();
    let mut input = session.input();
    // First to nothing, so that the program draws again at the real size.
    input.resize(0, 0);
    input.resize(24, 80);
    input.beat();
    assert!(input.types(b"go\n"));
    session.shows("24 80");
    assert!(input.types(b"one\n"));
    session.shows("got one xterm");
    input.resize(31, 97);
    assert!(input.types(b"two\n"));
    session.shows("31 97");
    assert!(input.types(b"over\n"));
    session.read_to_end();
    assert_eq!(session.stderr, "");
    assert_eq!(session.code(), Ok(3));
    input.end().unwrap();
    dcos.replayed("exec");
    world.end().await;
}

/// Attaching to a task with a terminal: its output comes as it is written, what is typed arrives, and the end of the
/// task ends it. A task without one is refused with the agent's own text.
///
/// Row: attach.
#[tokio::test(flavor = "multi_thread")]
async fn a_task_with_a_terminal_is_attached_to() {
    let script =
        "while read line; do [ \"$line\" = over ] && exit 0; echo \"got $line\"; stty size; done";
    let (world, framework, dcos) = with_task(Job::ready_then("shell", script).terminal()).await;
    let mut session = Session::attach(&dcos, "shell").unwrap();
    let mut input = session.input();
    input.resize(0, 0);
    input.resize(40, 132);
    assert!(input.types(b"this\n"));
    session.shows("got this");
    session.shows("40 132");
    assert!(input.types(b"over\n"));
    session.read_to_end();
    assert_eq!(session.code(), Ok(0));
    input.end().unwrap();
    assert_eq!(state(&framework.outcome("shell").await), TaskState::TaskFinished);

    framework.run(NODE, &[Job::obeying("plain")]).await;
    let Err(Exit::Error(text)) = Session::attach(&dcos, "plain") else { panic!("attached") };
    assert!(text.contains("I/O switchboard server was disabled"), "{text}");
    dcos.replayed("attach");
    world.end().await;
}

/// The same for a member of a task group, whose container is in that of its executor.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_runs_beside_a_member_of_a_group() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let jobs = [Job::obeying("one"), Job::obeying("two")];
    framework.run_group(NODE, job::default_executor("pod"), &jobs).await;
    let dcos = Dcos::of(&world);
    let exec = Exec { command: &["sh", "-c", "pwd; cat; exit 5"], ..Exec::default() };
    let ended = task_exec(&dcos, "two", exec, Some(b"piped")).unwrap();
    assert_eq!((ended.code, ended.stderr.as_str()), (5, ""));
    let (folder, piped) = ended.stdout.split_once('\n').unwrap();
    assert_eq!(piped, "piped");
    let own = std::fs::canonicalize(folder).unwrap();
    let sandbox = crate::framework::sandbox(&world, NODE, &framework, "pod");
    assert_eq!(own, sandbox.join("tasks/two").canonicalize().unwrap());
    world.end().await;
}
