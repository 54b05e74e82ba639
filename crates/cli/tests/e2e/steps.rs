//! Every step of a drain as the moment of a `kill -9`, and drains that meet launches on their way.

use cli::cluster::Who;
use wire::v1::{DrainState, TaskState};

use crate::framework::{Acks, Framework, is_terminal, state};
use crate::job::{self, Job};
use crate::world::{NODE, World};

/// How far a drain is.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// `DRAIN_AGENT` was answered.
    Accepted,
    /// The task has got its SIGTERM.
    Asked,
    /// The scheduler was told that it is ending.
    Killing,
    /// The scheduler was told that it has ended, and has not acknowledged.
    Ended,
    /// The master took the acknowledgement.
    Acknowledged,
    Drained,
}

const STEPS: [Step; 6] =
    [Step::Accepted, Step::Asked, Step::Killing, Step::Ended, Step::Acknowledged, Step::Drained];

async fn drain_up_to(world: &World, framework: &Framework, step: Step) {
    framework.acknowledge_only(Acks::NotTerminal);
    world.drain(NODE, None).await;
    match step {
        Step::Accepted => {}
        Step::Asked => world.asked_to_end("web").await,
        Step::Killing => drop(framework.reaches("web", TaskState::TaskKilling).await),
        Step::Ended => drop(framework.outcome("web").await),
        Step::Acknowledged | Step::Drained => {
            let end = framework.outcome("web").await;
            framework.scheduler().acknowledge(&end).await.unwrap();
            if matches!(step, Step::Drained) {
                world.drained(NODE).await;
            }
        }
    }
    framework.acknowledge_only(Acks::All);
}

/// Kills some members at each step, and asserts that the end is the same as without it.
async fn die_at_each_step(victims: &[Who]) {
    for step in STEPS {
        let mut world = World::start(1).await;
        let mut framework = Framework::subscribe(&world).await;
        let at_term = "date >> $OUT/$ID.term; sleep 0.2; exit 0";
        framework.run(NODE, &[Job::trapping("web", at_term)]).await;
        let web = world.watch("web").await;
        drain_up_to(&world, &framework, step).await;

        for &victim in victims {
            world.kill(victim).await.unwrap();
        }
        for &victim in victims {
            world.restart(victim).await.unwrap();
        }
        if victims.contains(&Who::Master) {
            framework = framework.resubscribe(&world).await;
        }
        let end = framework.outcome("web").await;
        assert_eq!(state(&end), TaskState::TaskKilled, "{step:?}");
        // One that was told before the restart of the scheduler's stream and not acknowledged.
        framework.scheduler().acknowledge(&end).await.unwrap();
        let node = world.drained(NODE).await;
        assert_eq!(node.drain.unwrap().generation, Some(1), "{step:?}");
        web.ended().await;
        assert_eq!(world.processes(), [], "{step:?}");
        let history = framework.record().history("web");
        let ends = history.iter().filter(|&&state| is_terminal(state)).count();
        assert_eq!(ends, 1, "{step:?}: {history:?}");
        world.end().await;
    }
}

/// The master may die at any step of a drain.
///
/// Item 9 of the gaps in the original's tests.
#[tokio::test]
async fn the_master_may_die_at_any_step_of_a_drain() {
    die_at_each_step(&[Who::Master]).await;
}

/// The agent may die at any step of a drain.
///
/// Item 10 of the gaps in the original's tests.
#[tokio::test]
async fn the_agent_may_die_at_any_step_of_a_drain() {
    die_at_each_step(&[NODE]).await;
}

/// Master and agent may die together at any step of a drain.
///
/// Items 9 and 10 of the gaps in the original's tests.
#[tokio::test]
async fn master_and_agent_may_die_together_at_any_step_of_a_drain() {
    die_at_each_step(&[Who::Master, NODE]).await;
}

/// Waits until the agent is drained, and asserts that all of the tasks have ended and left nothing.
async fn nothing_is_left_of(world: &World, framework: &Framework, jobs: &[Job]) {
    for job in jobs {
        framework.outcome(&job.id).await;
    }
    let node = world.drained(NODE).await;
    assert_eq!(node.state(), Some(DrainState::Drained));
    assert_eq!(world.processes(), []);
}

/// A drain that comes while tasks are being launched ends each of them, whether its container is there
/// already or not.
///
/// Rows A2 and A3 of the agent's draining tests; item 4 of the gaps in the original's tests.
#[tokio::test]
async fn tasks_that_are_being_launched_are_drained() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let jobs: Vec<Job> = (0..16).map(|n| Job::obeying(&format!("web.{n}"))).collect();
    framework.launch(NODE, &jobs).await;
    world.drain(NODE, None).await;
    nothing_is_left_of(&world, &framework, &jobs).await;
    world.end().await;
}

/// A drain that comes while a task group is being launched ends all of its members.
///
/// Defects D2 and D20 of the original; item 4 of the gaps in its tests.
#[tokio::test]
async fn d02_d20_a_group_that_is_being_launched_is_drained() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let jobs = [Job::obeying("a"), Job::obeying("b"), Job::obeying("c")];
    framework.launch_group(NODE, job::default_executor("pod"), &jobs).await;
    world.drain(NODE, None).await;
    nothing_is_left_of(&world, &framework, &jobs).await;
    world.end().await;
}

/// An agent that dies while it launches tasks in a drain is drained when it is back.
#[tokio::test]
async fn an_agent_that_dies_while_it_launches_is_drained() {
    let mut world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let jobs: Vec<Job> = (0..16).map(|n| Job::obeying(&format!("web.{n}"))).collect();
    framework.launch(NODE, &jobs).await;
    framework.until("the first one starts", |record| record.updates.first().map(drop)).await;
    world.kill(NODE).await.unwrap();
    world.drain(NODE, None).await;
    world.restart(NODE).await.unwrap();
    nothing_is_left_of(&world, &framework, &jobs).await;
    world.end().await;
}
