use super::*;
use crate::container::terminate::terminate_tree;
use crate::container::testing::{Family, PATIENCE, within};
use std::fs;

/// A child that left its parent twice and leads a session of its own.
const DAEMON: &str = "(setsid sh -c 'echo ready; read line <&3' &) &";

#[tokio::test]
async fn daemons_that_forked_twice_into_a_new_session_are_killed() {
    // They are children of the subreaper in the end, so none can leave the tree; the owner lives.
    let family = Family::start(&format!("{DAEMON} {DAEMON} read line <&3"));
    family.ready(2);
    let killed = within(kill_tree(family.owner(), PATIENCE)).await.unwrap();
    assert!(killed >= 2, "{killed}");
    assert_eq!(family.running(), [family.owner()]);
    assert!(descendants(family.owner()).unwrap().is_empty());
}

#[tokio::test]
async fn a_tree_that_ignores_sigterm_dies_by_kill_tree() {
    // SIGTERM reaches everybody and is ignored by all; SIGKILL is not.
    let stubborn = "trap '' TERM; sh -c 'echo ready; while :; do read line <&3; done' &";
    let script = format!("{stubborn} {stubborn} while :; do read line <&3; done");
    let family = Family::start(&script);
    family.ready(2);
    assert_eq!(terminate_tree(family.owner()).unwrap().reached, 2);
    assert_eq!(family.running().len(), 3);
    within(kill_tree(family.owner(), PATIENCE)).await.unwrap();
    assert_eq!(family.running(), [family.owner()]);
}

#[tokio::test]
async fn processes_that_are_born_during_the_kill_die_as_well() {
    // A supervisor replaces its children, and a chain moves on to a new process and session fifty
    // times: whenever the kill comes, nothing of either is left.
    let dir = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let supervisor = file(
        "supervisor",
        "n=0\nwhile [ $n -lt 50 ]; do n=$((n+1)); (echo ready; read line <&3) & wait; done\n",
    );
    let chain = file(
        "chain",
        "echo ready\n[ $1 -lt 50 ] && { setsid sh $0 $(($1+1)) & exit; }\nread line <&3\n",
    );
    let family = Family::start(&format!("sh {supervisor} & sh {chain} 0 & read line <&3"));
    family.ready(5);
    within(kill_tree(family.owner(), PATIENCE)).await.unwrap();
    assert_eq!(family.running(), [family.owner()]);
    assert!(descendants(family.owner()).unwrap().is_empty());
}

#[tokio::test]
async fn an_owner_that_ended_is_an_error_and_not_an_empty_tree() {
    // Without its root nobody can say where the processes of a tree are.
    let family = Family::start("read line <&3");
    let handle = family.owner().open().unwrap().unwrap();
    handle.signal(Signal::KILL).unwrap();
    within(handle.exited()).await.unwrap();
    let result = within(kill_tree(family.owner(), PATIENCE)).await;
    assert!(matches!(result, Err(TreeError::OwnerGone(owner)) if owner == family.owner()));
}

#[tokio::test]
async fn the_descendants_of_a_recycled_pid_are_not_touched() {
    // With a start time of another process the walk refuses at the root.
    let family = Family::start("sh -c 'echo ready; read line <&3'; :");
    family.ready(1);
    let recycled = PidRef { started: family.owner().started + 1, ..family.owner() };
    let result = within(kill_tree(recycled, PATIENCE)).await;
    assert!(matches!(result, Err(TreeError::OwnerGone(_))));
    assert!(matches!(terminate_tree(recycled), Err(TreeError::OwnerGone(_))));
    assert_eq!(family.running().len(), 2);
}

#[tokio::test]
async fn a_limit_that_is_over_names_who_is_left() {
    // With no time at all the running child is reported with pid and command, and nothing hangs.
    let family = Family::start("sh -c 'echo ready; read line <&3'; :");
    family.ready(1);
    let error = within(kill_tree(family.owner(), Duration::ZERO)).await.unwrap_err();
    let TreeError::StillRunning { left } = &error else { panic!("{error}") };
    assert_eq!(left.len(), 1);
    assert!(left[0].command.contains("echo ready"), "{error}");
    assert!(error.to_string().starts_with("still running after SIGKILL: "));
}
