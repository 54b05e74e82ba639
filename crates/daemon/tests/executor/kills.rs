use std::time::{Duration, Instant};

use rustix::process::Signal;
use wire::v1::TaskState;

use crate::agent::Agent;
use crate::owner::{Owner, shell};

/// A task that heeds SIGTERM is KILLED at once; the executor leaves with its status on record.
#[test]
fn task_that_heeds_sigterm_is_killed_at_once() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    agent.subscribed();
    agent.run(shell("t", "exec sleep 1000"));

    let asked = Instant::now();
    agent.kill("t", 25_000);
    assert_eq!(agent.next_state(), TaskState::TaskKilling);
    let (_, state, message) = agent.next();
    assert_eq!(state, TaskState::TaskKilled);
    assert_eq!(message, "Command terminated with signal Terminated");
    assert!(asked.elapsed() < Duration::from_secs(20), "{:?}", asked.elapsed());

    assert_eq!(owner.wait().code(), Some(0));
    assert_eq!(owner.status_left().unwrap().code(), Some(0));
}

/// A task that ignores SIGTERM is killed when its grace is over, not before.
#[test]
fn task_that_ignores_sigterm_is_killed_at_the_deadline() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    let mut gate = owner.gate("ready");
    agent.subscribed();
    let line = format!("trap '' TERM; echo ready > {}; while :; do sleep 100; done", gate.path());
    agent.run(shell("t", line));
    gate.line();

    let asked = Instant::now();
    agent.kill("t", 700);
    assert_eq!(agent.next_state(), TaskState::TaskKilling);
    let (_, state, message) = agent.next();
    assert!(asked.elapsed() >= Duration::from_millis(700), "{:?}", asked.elapsed());
    assert_eq!(state, TaskState::TaskKilled);
    assert_eq!(message, "Command terminated with signal Killed");
    owner.wait();
}

/// A task that forks all the while gets SIGTERM as a whole: none of its children is left to SIGKILL.
#[test]
fn children_born_during_the_kill_hear_sigterm() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    let mut gate = owner.gate("ready");
    agent.subscribed();
    let line = format!(
        "n=0; while [ $n -lt 4000 ]; do n=$((n+1)); sleep 1000 & \
         [ $n = 20 ] && echo ready > {}; done; wait",
        gate.path()
    );
    agent.run(shell("t", line));
    gate.line();

    agent.kill("t", 3_600_000);
    assert_eq!(agent.next_state(), TaskState::TaskKilling);
    let (_, state, message) = agent.next();
    assert_eq!(state, TaskState::TaskKilled);
    assert_eq!(message, "Command terminated with signal Terminated");
    assert_eq!(owner.running(), []);
    owner.wait();
}

/// Children with sessions of their own are part of the task: nothing is left when it is KILLED.
#[test]
fn children_with_their_own_session_are_killed_too() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    let mut gate = owner.gate("ready");
    agent.subscribed();
    let ready = format!("echo ready > {}", gate.path());
    let line = format!(
        "(setsid sh -c \"trap '' TERM; {ready}; while :; do sleep 100; done\" &) \
         ; setsid sh -c '{ready}; exec sleep 1000' & exec sleep 1000"
    );
    agent.run(shell("t", line));
    gate.line();
    gate.line();
    assert!(owner.running().len() >= 3);

    let asked = Instant::now();
    agent.kill("t", 700);
    assert_eq!(agent.next_state(), TaskState::TaskKilling);
    let (_, state, message) = agent.next();
    assert_eq!(owner.running(), []);
    assert_eq!(state, TaskState::TaskKilled);
    assert_eq!(message, "Command terminated with signal Terminated", "that of the first process");
    assert!(asked.elapsed() >= Duration::from_millis(700), "the rest keeps its grace");
    owner.wait();
}

/// A second kill with less grace brings the end nearer.
#[test]
fn second_kill_shortens_the_grace() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    let mut gate = owner.gate("ready");
    agent.subscribed();
    let line = format!("trap '' TERM; echo ready > {}; while :; do sleep 100; done", gate.path());
    agent.run(shell("t", line));
    gate.line();

    agent.kill("t", 600_000);
    assert_eq!(agent.next_state(), TaskState::TaskKilling);
    agent.kill("t", 0);
    assert_eq!(agent.next_state(), TaskState::TaskKilled);
    owner.wait();
}

/// SIGTERM to the executor ends its tasks in good order.
#[test]
fn sigterm_to_the_executor_ends_its_tasks() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    agent.subscribed();
    agent.run(shell("t", "exec sleep 1000"));
    owner.signal(Signal::TERM);
    assert_eq!(agent.next_state(), TaskState::TaskKilling);
    assert_eq!(agent.next_state(), TaskState::TaskKilled);
    assert_eq!(owner.wait().code(), Some(0));
}

/// When the executor itself is killed, what it leaves is found by the mark of its container.
#[test]
fn leftovers_of_a_killed_executor_are_found_by_their_mark() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    let mut gate = owner.gate("ready");
    agent.subscribed();
    let ready = format!("echo ready > {}", gate.path());
    agent.run(shell("t", format!("setsid sh -c '{ready}; exec sleep 1000' & {ready}; wait")));
    gate.line();
    gate.line();

    owner.signal(Signal::KILL);
    assert_eq!(owner.wait().code(), None);
    assert!(owner.status_left().is_none());
    assert!(owner.running().len() >= 2);
}
