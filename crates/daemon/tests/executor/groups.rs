use wire::v1::TaskState;

use crate::agent::Agent;
use crate::owner::{Owner, shell};

/// Orphans of a group member are told from those of the others: each task ends with its own.
#[test]
fn orphans_belong_to_the_member_that_left_them() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    let mut ready = owner.gate("ready");
    let mut go = owner.gate("go");
    agent.subscribed();
    // Double fork and a new session: the orphan has neither parent nor session of its task.
    let orphan = format!("(setsid sh -c 'echo $$ > {}; exec sleep 1000' &)", ready.path());
    agent.launch_group(vec![
        shell("a", format!("{orphan}; read x < {}", go.path())),
        shell("b", format!("{orphan}; exec sleep 1000")),
    ]);
    let mut states = Vec::new();
    for _ in 0..4 {
        let (task, state, _) = agent.next();
        states.push((task, state));
    }
    assert_eq!(
        states,
        [
            ("a".to_owned(), TaskState::TaskStarting),
            ("b".to_owned(), TaskState::TaskStarting),
            ("a".to_owned(), TaskState::TaskRunning),
            ("b".to_owned(), TaskState::TaskRunning),
        ]
    );
    let orphans: Vec<i32> = (0..2).map(|_| ready.line().parse().unwrap()).collect();

    go.open();
    let (task, state, _) = agent.next();
    assert_eq!((task.as_str(), state), ("a", TaskState::TaskFinished));
    let running: Vec<i32> = owner.running().iter().map(|process| process.pid).collect();
    let left = orphans.iter().filter(|orphan| running.contains(orphan)).count();
    assert_eq!(left, 1, "that of the other member");

    agent.kill("b", 20_000);
    assert_eq!(agent.next_state(), TaskState::TaskKilling);
    assert_eq!(agent.next_state(), TaskState::TaskKilled);
    assert_eq!(owner.running(), []);
    assert_eq!(owner.wait().code(), Some(0));
}

/// Members have directories of their own, and when one fails the others are killed.
#[test]
fn failed_member_takes_the_others_along() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    let mut ready = owner.gate("ready");
    let mut go = owner.gate("go");
    agent.subscribed();
    agent.launch_group(vec![
        shell("a", format!("read x < {}; pwd; exit 3", go.path())),
        shell("b", format!("echo ready > {}; exec sleep 1000", ready.path())),
    ]);
    for _ in 0..4 {
        agent.next();
    }
    ready.line();
    go.open();
    let (task, state, message) = agent.next();
    assert_eq!((task.as_str(), state), ("a", TaskState::TaskFailed));
    assert_eq!(message, "Command exited with status 3");
    assert_eq!(agent.next_state(), TaskState::TaskKilling);
    let (task, state, _) = agent.next();
    assert_eq!((task.as_str(), state), ("b", TaskState::TaskKilled));
    assert_eq!(owner.wait().code(), Some(0));
    // As in Mesos: called like its container, with a link that is called like the task.
    let own = owner.path().join("sandbox/tasks/a").canonicalize().unwrap();
    assert!(own.parent().is_some_and(|folder| folder.ends_with("sandbox/containers")));
    assert_eq!(owner.sandbox_file("tasks/a/stdout").trim(), own.display().to_string());
    assert_eq!(owner.sandbox_file("tasks/b/stdout"), "");
}

/// A task id that would lead out of the sandbox is refused.
#[test]
fn task_id_can_not_lead_out_of_the_sandbox() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    agent.subscribed();
    agent.launch_group(vec![shell("../../t", "true")]);
    assert_eq!(agent.next_state(), TaskState::TaskStarting);
    assert_eq!(agent.next_state(), TaskState::TaskFailed);
    owner.wait();
}
