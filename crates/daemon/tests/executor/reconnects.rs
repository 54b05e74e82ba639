use wire::v1::TaskState;

use crate::agent::Agent;
use crate::owner::{Owner, shell};

/// In this order, and after a lost connection from some point of it on.
const WHOLE_LIFE: [TaskState; 3] =
    [TaskState::TaskStarting, TaskState::TaskRunning, TaskState::TaskFinished];

/// A task outlives its agent; what happened meanwhile comes with the next subscription.
#[test]
fn task_outlives_its_agent() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    let mut ready = owner.gate("ready");
    let mut go = owner.gate("go");
    agent.subscribed();
    agent.run(shell("t", format!("read x < {}; echo done > {}", go.path(), ready.path())));

    agent.stop();
    go.open();
    assert_eq!(ready.line(), "done");
    agent.listen();

    agent.subscribed();
    let states = agent.states_to_the_end();
    assert!(WHOLE_LIFE.ends_with(&states), "{states:?}");
    assert_eq!(owner.wait().code(), Some(0));
}

/// What the agent had not acknowledged before it went is brought along, task and updates in order.
#[test]
fn unacknowledged_things_are_brought_along() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    agent.subscribed();
    agent.launch(shell("t", "exec sleep 1000"));
    let starting = agent.update();
    let running = agent.update();

    agent.stop();
    agent.listen();
    let subscribe = agent.subscribed();
    assert_eq!(subscribe.unacknowledged_tasks.len(), 1);
    assert_eq!(agent.update(), starting);
    assert_eq!(agent.update(), running);
    agent.acknowledge(&starting);
    agent.acknowledge(&running);

    agent.kill("t", 20_000);
    assert_eq!(agent.next_state(), TaskState::TaskKilling);
    assert_eq!(agent.next_state(), TaskState::TaskKilled);
    assert_eq!(owner.wait().code(), Some(0));
}

/// An agent that is not ready yet is asked again.
#[test]
fn agent_that_is_not_ready_is_asked_again() {
    let mut agent = Agent::start();
    agent.refuse_next(3);
    let mut owner = Owner::executor(&agent);
    agent.subscribed();
    agent.run(shell("t", "true"));
    assert_eq!(agent.next_state(), TaskState::TaskFinished);
    assert_eq!(owner.wait().code(), Some(0));
}

/// An update that was refused comes again with a new subscription.
#[test]
fn refused_update_comes_again() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    let mut go = owner.gate("go");
    agent.subscribed();
    agent.run(shell("t", format!("read x < {}", go.path())));
    agent.refuse_next(1);
    go.open();
    agent.subscribed();
    let states = agent.states_to_the_end();
    assert!(WHOLE_LIFE.ends_with(&states), "{states:?}");
    assert_eq!(owner.wait().code(), Some(0));
}
