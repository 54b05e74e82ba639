use model::TaskState;
use wire::v1;

use super::bench::*;
use crate::executor::Message;

/// Every member of a group is started, each in a container of its own inside the executor's.
#[test]
fn group_members_have_nested_containers() {
    let mut bench = Bench::subscribed(true);
    let out = bench.agent(launch_group(vec![task("a"), task("b")]));
    assert_eq!(
        states(&out),
        [state("a", TaskState::TaskStarting), state("b", TaskState::TaskStarting)]
    );
    let containers: Vec<_> = updates(&out)
        .into_iter()
        .map(|status| status.container_status.unwrap().container_id.unwrap())
        .collect();
    let own = |n: usize| Some(v1::ContainerId { parent: None, ..containers[n].clone() });
    let start = |id, n| Message::Start { task: Box::new(task(id)), container: own(n) };
    assert_eq!(actions(&out), [start("a", 0), start("b", 1)]);
    assert_ne!(containers[0].value, containers[1].value);
    assert_eq!(containers[0].parent.as_ref().unwrap().value, "c");

    let out = bench.started("a");
    let status = updates(&out)[0].container_status.clone().unwrap();
    assert_eq!(status.container_id.unwrap(), containers[0]);
    assert_eq!(status.executor_pid, Some(4711));

    let out = bench.ended("a", 0);
    let status = updates(&out)[0].container_status.clone().unwrap();
    assert_eq!(status.container_id.unwrap(), containers[0]);
    assert_eq!(status.executor_pid, None, "its process is gone");
}

/// When a member fails, the others are killed with their own graces.
#[test]
fn failed_member_takes_the_others_along_with_their_own_grace() {
    let mut bench =
        Bench::running_group(vec![task("a"), task_with_grace("b", 10), task_with_grace("c", 1)]);

    let out = bench.ended("a", 1 << 8);
    assert_eq!(
        states(&out),
        [
            state("a", TaskState::TaskFailed),
            state("b", TaskState::TaskKilling),
            state("c", TaskState::TaskKilling),
        ]
    );
    assert_eq!(actions(&out)[1..], [terminate("b"), terminate("c")]);
    assert_eq!(bench.wake_at(999), []);
    assert_eq!(bench.wake_at(1_000), [sigkill("c")]);
    bench.ended("c", KILLED);
    assert_eq!(bench.wake_at(9_999), []);
    assert_eq!(bench.wake_at(10_000), [sigkill("b")]);
    let out = bench.ended("b", KILLED);
    assert_eq!(states(&out), [state("b", TaskState::TaskKilled)]);
}

/// When a member is killed, the others follow once it has ended.
#[test]
fn killed_member_takes_the_others_along() {
    let mut bench = Bench::running_group(vec![task("a"), task("b")]);
    let out = bench.agent(kill("a", None));
    assert_eq!(actions(&out), [terminate("a")]);
    let out = bench.ended("a", TERMINATED);
    assert_eq!(actions(&out), [terminate("b")]);
}

/// A member that finished leaves the others alone.
#[test]
fn finished_member_leaves_the_others_alone() {
    let mut bench = Bench::running_group(vec![task("a"), task("b")]);
    let out = bench.ended("a", 0);
    assert_eq!(states(&out), [state("a", TaskState::TaskFinished)]);
    assert_eq!(actions(&out), [sigkill("a")], "its own leftovers only");
}

/// A member that is being killed already keeps its deadline when another member ends.
#[test]
fn member_being_killed_keeps_its_deadline() {
    let mut bench = Bench::running_group(vec![task_with_grace("a", 1), task_with_grace("b", 8)]);
    bench.agent(kill("b", Some(6_000)));
    bench.set(500);
    bench.ended("a", 1 << 8);
    assert_eq!(bench.next_wake(), Some(6_000));
}

/// Another group of the same executor is not touched by a member's end.
#[test]
fn other_groups_are_not_touched() {
    let mut bench = Bench::running_group(vec![task("a")]);
    let out = bench.agent(launch_group(vec![task("x")]));
    bench.acknowledge_all(&out);
    bench.started("x");
    let out = bench.ended("a", 1 << 8);
    assert_eq!(states(&out), [state("a", TaskState::TaskFailed)]);
    assert!(!actions(&out).contains(&terminate("x")));
}

/// A kill that overtakes one member ends the whole group before anything starts.
#[test]
fn early_kill_of_a_member_ends_the_group_unstarted() {
    let mut bench = Bench::subscribed(true);
    bench.agent(kill("b", None));
    let out = bench.agent(launch_group(vec![task("a"), task("b")]));
    assert_eq!(
        states(&out),
        [state("a", TaskState::TaskKilled), state("b", TaskState::TaskKilled)]
    );
    assert_eq!(actions(&out), []);
}

/// An executor that goes on with another group runs a task that is called like one that has ended, once that end is
/// acknowledged. Before, it is the same task handed over twice.
#[test]
fn a_name_can_be_used_again() {
    let mut bench = Bench::running_group(vec![task("other")]);
    let out = bench.agent(launch_group(vec![task("a")]));
    bench.acknowledge_all(&out);
    let out = bench.started("a");
    bench.acknowledge_all(&out);
    let out = bench.ended("a", 0);
    assert_eq!(states(&out), [state("a", TaskState::TaskFinished)]);
    assert_eq!(bench.agent(launch_group(vec![task("a")])), []);
    bench.acknowledge_all(&out);

    let out = bench.agent(launch_group(vec![task("a")]));
    assert_eq!(states(&out), [state("a", TaskState::TaskStarting)]);
    let is_start = |message: &Message| matches!(message, Message::Start { .. });
    assert_eq!(actions(&out).iter().filter(|message| is_start(message)).count(), 1);
    assert_eq!(states(&bench.agent(kill("a", None))), [state("a", TaskState::TaskKilling)]);
    assert_eq!(actions(&bench.started("a")), [terminate("a")]);
}
