//! `task exec` and `task attach`, as people and scripts use them.

use std::io::{BufRead as _, Read as _, Write as _};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use wire::v1::TaskState;

use crate::framework::{Framework, sandbox, state};
use crate::job::{self, Job};
use crate::processes;
use crate::screen::Screen;
use crate::world::{NODE, World};

const EBB: &str = env!("CARGO_BIN_EXE_ebb");

fn ebb(world: &World, args: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(EBB)
        .args(["--master", &world.master_url(), "task"])
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let typing = std::thread::spawn(move || {
        // A command that does not read closes it.
        drop(stdin.write_all(&input));
    });
    let output = child.wait_with_output().unwrap();
    typing.join().unwrap();
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

async fn with_task(job: Job) -> (World, Framework) {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let id = job.id.clone();
    framework.run(NODE, &[job]).await;
    world.pid_of(&id).await;
    (world, framework)
}

/// A command in a task's container has its own output streams, the task's sandbox and environment, and its exit
/// code or signal is the exit code here; what can't be run says why.
#[tokio::test]
async fn commands_run_beside_a_task() {
    let (world, framework) = with_task(Job::obeying("web").variable("COLOUR", "green")).await;
    let script = "echo out $COLOUR $MESOS_TASK_ID; echo err >&2; pwd; exit 3";
    let output = ebb(&world, &["exec", "web", "sh", "-c", script], b"");
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert_eq!(text(&output.stderr), "err\n");
    let shown = text(&output.stdout);
    let mut lines = shown.lines();
    assert_eq!(lines.next(), Some("out green web"));
    let sandbox = lines.next().unwrap();
    assert!(sandbox.contains("/executors/web/runs/"), "{sandbox}");
    assert!(std::path::Path::new(sandbox).join("executor.log").exists());

    let killed = ebb(&world, &["exec", "web", "sh", "-c", "kill -9 $$"], b"");
    assert_eq!(killed.status.code(), Some(128 + 9), "{killed:?}");
    let missing = ebb(&world, &["exec", "web", "no-such-program"], b"");
    assert!(!missing.status.success());
    assert!(text(&missing.stderr).contains("no-such-program"), "{missing:?}");
    let nobody = ebb(&world, &["exec", "other", "id"], b"");
    assert!(text(&nobody.stderr).contains("there is no task 'other'"), "{nobody:?}");

    // Children that it leaves behind end with it, however they hide.
    let leaver = "setsid -f sleep 4711; echo left";
    let left = ebb(&world, &["exec", "web", "sh", "-c", leaver], b"");
    assert_eq!(text(&left.stdout), "left\n");
    world
        .until("what it left has ended", async || {
            let all = world.processes();
            (!all.iter().any(|it| it.command.contains("4711"))).then_some(())
        })
        .await;

    framework.kill("web", None).await;
    framework.outcome("web").await;
    let over = ebb(&world, &["exec", "web", "id"], b"");
    assert!(text(&over.stderr).contains("nothing of it runs any more"), "{over:?}");
    world.end().await;
}

/// A command beside a member of a task group is in that member's sandbox and environment, ends with its own code, and
/// with the member when that is killed.
#[tokio::test]
async fn commands_run_beside_a_member_of_a_group() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let member = |id: &str, colour: &str| Job::obeying(id).variable("COLOUR", colour);
    let jobs = [member("one", "red"), member("two", "blue")];
    framework.run_group(NODE, job::default_executor("pod"), &jobs).await;
    world.pid_of("one").await;
    let two = world.watch("two").await;
    let script = "pwd; echo $COLOUR $MESOS_TASK_ID; cat; exit 5";
    let output = ebb(&world, &["exec", "-i", "two", "sh", "-c", script], b"typed");
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    let shown = text(&output.stdout);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!(lines[1..], ["blue two", "typed"], "{shown}");
    let sandbox = sandbox(&world, NODE, &framework, "pod");
    let own = sandbox.join("tasks/two").canonicalize().unwrap();
    assert_eq!(std::path::Path::new(lines[0]).canonicalize().unwrap(), own);

    let url = world.master_url();
    let script = "trap '' HUP TERM INT; echo here; while :; do sleep 1; done";
    let beside = |task: &str| {
        Screen::run(EBB, &["--master", &url, "task", "exec", "-it", task, "sh", "-c", script])
    };
    let screen = beside("two");
    screen.shows("here").await;
    framework.kill("two", None).await;
    assert_eq!(state(&framework.outcome("two").await), TaskState::TaskKilled);
    two.ended().await;
    assert_eq!(screen.code().await, Some(128 + 9));
    let all = world.processes();
    assert!(!all.iter().any(|it| it.command.contains("trap '' HUP")), "{all:?}");
    world.end().await;
}

/// A command runs as the user it is told, without what the task's own user has in its environment, and as the task's
/// user if it is told none; a user that is not there is named.
#[tokio::test]
async fn commands_run_as_another_user() {
    if !rustix::process::geteuid().is_root() {
        println!("users cannot be switched here");
        return;
    }
    let (world, framework) = with_task(Job::obeying("web").variable("SECRET", "s3cret")).await;
    framework.run(NODE, &[Job::obeying("humble").user("nobody")]).await;
    world.pid_of("humble").await;
    let script = "id -un; id -gn; echo \"<$SECRET>\"; touch mine 2> /dev/null && echo made; exit 3";
    let run = |more: &[&str], task: &str| {
        let args = [&["exec"], more, &[task, "sh", "-c", script]].concat();
        let output = ebb(&world, &args, b"");
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let group = text(&Command::new("id").args(["-gn", "nobody"]).output().unwrap().stdout);
    let group = group.trim();
    let (code, shown, said) = run(&[], "web");
    assert_eq!((code, shown.as_str()), (Some(3), "root\nroot\n<s3cret>\nmade\n"), "{said}");
    // The sandbox of the task is root's.
    let (code, shown, said) = run(&["--user", "nobody"], "web");
    assert_eq!((code, shown), (Some(3), format!("nobody\n{group}\n<>\n")), "{said}");
    let (code, shown, said) = run(&[], "humble");
    assert_eq!((code, shown), (Some(3), format!("nobody\n{group}\n<>\nmade\n")), "{said}");
    let (code, shown, said) = run(&["--user", "no-such-user"], "web");
    assert!(code != Some(0) && shown.is_empty(), "{shown}");
    assert!(said.contains("there is no user `no-such-user`"), "{said}");
    world.end().await;
}

/// What is piped in arrives whole, and its end is seen; more than all buffers hold goes both ways.
#[tokio::test]
async fn input_is_piped_through() {
    let (world, _framework) = with_task(Job::obeying("web")).await;
    let input: Vec<u8> = (0..3_000_000_u32).map(|number| (number % 251) as u8).collect();
    let output = ebb(&world, &["exec", "-i", "web", "cat"], &input);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert!(output.stdout == input, "{} of {} bytes", output.stdout.len(), input.len());
    let early = ebb(&world, &["exec", "-i", "web", "sh", "-c", "head -c 5; exit 4"], &input);
    assert_eq!((early.status.code(), early.stdout.len()), (Some(4), 5), "{early:?}");
    world.end().await;
}

/// The exit code of a command is its own also if it closes its output before it ends, as many programs do, and input that
/// it leaves is no error, however much there is of it.
#[tokio::test]
async fn a_command_may_close_its_streams_before_it_ends() {
    let (world, _framework) = with_task(Job::obeying("web")).await;
    let script = "echo last; exec >&- 2>&-; sleep 0.3; exit 3";
    let closed = ebb(&world, &["exec", "web", "sh", "-c", script], b"");
    assert_eq!((closed.status.code(), text(&closed.stdout).as_str()), (Some(3), "last\n"));
    let input = vec![b'x'; 3_000_000];
    for _ in 0..5 {
        let left = ebb(&world, &["exec", "-i", "web", "true"], &input);
        assert_eq!((left.status.code(), text(&left.stderr).as_str()), (Some(0), ""));
    }
    world.end().await;
}

/// With a terminal the command sees one of the right size, is told of each new size, gets keys as signals, and
/// leaves the terminal here as it was, with its exit code.
#[tokio::test]
async fn a_terminal_reaches_through() {
    let (world, _framework) = with_task(Job::obeying("web")).await;
    let url = world.master_url();
    let mut screen = Screen::run(EBB, &["--master", &url, "task", "exec", "-it", "web", "sh"]);
    world.until("it is attached", async || screen.is_raw().then_some(())).await;
    screen.types("tty; stty size; echo $TERM\n");
    screen.shows("/dev/pts/").await;
    screen.shows("24 80").await;
    screen.shows("vt100").await;
    assert!(screen.is_raw());
    screen.types("trap 'stty size' WINCH; echo trapped\n");
    screen.shows("\r\ntrapped").await;
    screen.resize(31, 97);
    screen.types("\n");
    screen.shows("31 97").await;
    // What is typed after a change of size finds the new one.
    for rows in 40..60 {
        screen.resize(rows, 97);
        screen.types("stty size\n");
        screen.shows(&format!("{rows} 97")).await;
    }
    screen.types("sleep 1000\n");
    screen.shows("sleep 1000").await;
    world
        .until("sleep runs", async || {
            world.processes().iter().any(|it| it.command == "sleep 1000 ").then_some(())
        })
        .await;
    screen.types("\u{3}");
    screen.types("echo in''terrupted\n");
    screen.shows("interrupted").await;
    screen.types("exit 7\n");
    assert_eq!(screen.code().await, Some(7));
    world.end().await;
}

/// A session ends when its client is killed or leaves, and the terminal is restored where somebody can.
#[tokio::test]
async fn a_session_ends_with_its_client() {
    let (world, _framework) = with_task(Job::obeying("web")).await;
    let url = world.master_url();
    for (signal, code) in [(Signal::KILL, None), (Signal::TERM, Some(143))] {
        let args = ["--master", &url, "task", "exec", "-it", "web", "sh", "-c"];
        let script = "trap '' HUP TERM INT; echo here; while :; do sleep 1; done";
        let screen = Screen::run(EBB, &[&args[..], &[script]].concat());
        screen.shows("here").await;
        screen.program.signal(signal).unwrap();
        if code.is_some() {
            assert_eq!(screen.code().await, code);
        }
        world
            .until("its processes have ended", async || {
                let all = world.processes();
                (!all.iter().any(|it| it.command.contains("trap '' HUP"))).then_some(())
            })
            .await;
    }
    let mut screen = Screen::run(EBB, &["--master", &url, "task", "exec", "-it", "web", "cat"]);
    world.until("it is attached", async || screen.is_raw().then_some(())).await;
    screen.types("typed\n");
    screen.shows("typed").await;
    screen.types("\u{10}\u{11}");
    assert_eq!(screen.code().await, Some(0));
    world.end().await;
}

/// An agent that is killed takes its sessions with it; the client says so, and the task goes on.
#[tokio::test]
async fn a_session_ends_with_its_agent() {
    let (mut world, _framework) = with_task(Job::obeying("web")).await;
    let task = world.pid_of("web").await;
    let url = world.master_url();
    let script = "trap '' HUP TERM; echo here; while :; do sleep 1; done";
    let args = ["--master", &url, "task", "exec", "-it", "web", "sh", "-c", script];
    let screen = Screen::run(EBB, &args);
    screen.shows("here").await;
    world.kill(NODE).await.unwrap();
    assert_eq!(screen.code().await, Some(5));
    screen.shows("broke off").await;
    world
        .until("the session has ended", async || {
            let all = world.processes();
            (!all.iter().any(|it| it.command.contains("trap '' HUP"))).then_some(())
        })
        .await;
    world.restart(NODE).await.unwrap();
    assert!(processes::runs(task));
    world
        .until("the agent serves", async || {
            let output = ebb(&world, &["exec", "web", "echo", "again"], b"");
            (text(&output.stdout) == "again\n").then_some(())
        })
        .await;
    world.end().await;
}

/// A drain ends the sessions of a task before it tells of the task's end, whatever they ignore, and they don't
/// hold it up.
#[tokio::test]
async fn a_drain_ends_sessions_with_their_task() {
    let (world, framework) = with_task(Job::obeying("web").grace(Duration::from_mins(10))).await;
    let url = world.master_url();
    let script = "trap '' HUP TERM INT; setsid -f sleep 4712; echo here; while :; do sleep 1; done";
    let args = ["--master", &url, "task", "exec", "-it", "web", "sh", "-c", script];
    let screen = Screen::run(EBB, &args);
    screen.shows("here").await;
    let begun = Instant::now();
    world.drain(NODE, None).await;
    assert_eq!(state(&framework.outcome("web").await), TaskState::TaskKilled);
    let left: Vec<_> = world.processes();
    assert!(!left.iter().any(|it| it.command.contains("sleep 4712")), "{left:?}");
    assert!(!left.iter().any(|it| it.command.contains("trap '' HUP")), "{left:?}");
    assert_eq!(screen.code().await, Some(128 + 9));
    world.drained(NODE).await;
    assert_eq!(world.processes(), []);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    world.end().await;
}

/// A task with a terminal is attached to, typed to and left running; what it writes is also in its sandbox. One
/// without a terminal says that it can't be attached to.
#[tokio::test]
async fn tasks_with_a_terminal_are_attached_to() {
    let script = "echo $$ > $OUT/$ID.new; mv $OUT/$ID.new $OUT/$ID.pid; \
        while read line; do echo \"got $line\"; done";
    let (world, framework) = with_task(Job::shell("shell", script).terminal()).await;
    framework.run(NODE, &[Job::obeying("plain")]).await;
    let url = world.master_url();
    let mut screen = Screen::run(EBB, &["--master", &url, "task", "attach", "shell"]);
    world.until("it is attached", async || screen.is_raw().then_some(())).await;
    screen.types("first\n");
    screen.shows("got first").await;
    screen.types("\u{10}\u{11}");
    assert_eq!(screen.code().await, Some(0));

    let log = ebb(&world, &["log", "shell"], b"");
    assert!(text(&log.stdout).contains("got first"), "{log:?}");
    let plain = ebb(&world, &["attach", "--no-stdin", "plain"], b"");
    assert_eq!(plain.status.code(), Some(1), "{plain:?}");
    let said = text(&plain.stderr);
    assert!(said.contains("I/O switchboard server was disabled for this container"), "{said}");
    let typed = ebb(&world, &["attach", "shell"], b"");
    assert!(text(&typed.stderr).contains("stdin is not a terminal"), "{typed:?}");

    // A second one only looks, and both see the end.
    let mut screen = Screen::run(EBB, &["--master", &url, "task", "attach", "shell"]);
    world.until("it is attached", async || screen.is_raw().then_some(())).await;
    let looking = Command::new(EBB)
        .args(["--master", &url, "task", "attach", "--no-stdin", "shell"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    screen.types("\u{4}");
    assert_eq!(screen.code().await, Some(0));
    assert!(looking.wait_with_output().is_ok());
    assert_eq!(state(&framework.outcome("shell").await), TaskState::TaskFinished);
    world.end().await;
}

/// Under the name `dcos` the commands take its arguments and exit with its codes.
#[tokio::test]
async fn the_commands_work_as_dcos() {
    let (world, _framework) = with_task(Job::obeying("web")).await;
    let dcos = world.path().join("dcos");
    std::os::unix::fs::symlink(EBB, &dcos).unwrap();
    let run = |args: &[&str]| {
        let output = Command::new(&dcos)
            .args(["--master", &world.master_url(), "task"])
            .args(args)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        (output.status.code(), text(&output.stdout), text(&output.stderr))
    };
    let (code, stdout, _) = run(&["exec", "web", "sh", "-c", "echo hello; exit 3"]);
    assert_eq!((code, stdout.as_str()), (Some(3), "hello\n"));
    let (code, _, stderr) = run(&["exec", "-i", "-t", "web", "sh"]);
    assert_eq!((code, stderr.as_str()), (Some(1), "Error: stdin is not a terminal\n"));
    let (code, _, stderr) = run(&["attach", "--no-stdin", "web"]);
    assert_eq!(code, Some(1));
    assert!(stderr.starts_with("Error: : I/O switchboard server was disabled"), "{stderr}");
    let (code, _, stderr) = run(&["exec", "other", "id"]);
    assert_eq!(code, Some(1));
    assert_eq!(stderr, "Error: no task ID found containing 'other'\n");
    world.end().await;
}

/// Following a log shows every line once and in order although the file is rotated all the time.
#[tokio::test]
async fn a_log_is_followed_through_its_rotations() {
    let world = World::with(1, |options| {
        options.agent_flags.extend(["--max-log-size=4KB", "--max-log-files=50"].map(str::to_owned));
    })
    .await;
    let framework = Framework::subscribe(&world).await;
    let script = "echo begin; while [ ! -e $OUT/go ]; do sleep 0.02; done; i=0; \
        while [ $i -lt 3000 ]; do i=$((i+1)); echo \"line $i\"; \
        [ $((i % 100)) = 0 ] && sleep 0.02; done; exit 0";
    framework.run(NODE, &[Job::shell("talker", script)]).await;
    let mut following = Command::new(EBB)
        .args(["--master", &world.master_url(), "task", "log", "--follow", "talker"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = std::io::BufReader::new(following.stdout.take().unwrap());
    let mut begin = String::new();
    stdout.read_line(&mut begin).unwrap();
    assert_eq!(begin, "begin\n");
    std::fs::write(world.out().join("go"), "").unwrap();
    let mut shown = String::new();
    stdout.read_to_string(&mut shown).unwrap();
    assert!(following.wait().unwrap().success());
    let expected: Vec<String> = (1..=3000).map(|number| format!("line {number}")).collect();
    let lines: Vec<&str> = shown.lines().collect();
    assert!(lines == expected, "{} lines, the last is {:?}", lines.len(), lines.last());
    world.end().await;
}
