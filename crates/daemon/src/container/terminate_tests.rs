use std::io::Write as _;

use super::*;
use crate::container::testing::{Family, within};
use crate::container::tree::descendants;

async fn ended(processes: &[PidRef]) {
    for process in processes {
        if let Some(handle) = process.open().unwrap() {
            within(handle.exited()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn sigterm_reaches_the_whole_tree_but_not_its_root() {
    // A tree that obeys is empty afterwards, and the owner goes on.
    let child = "sh -c 'sh -c \"echo ready; read line <&3\"; :' &";
    let family = Family::start(&format!("{child} read line <&3"));
    family.ready(1);
    let children = descendants(family.owner()).unwrap();
    assert_eq!(children.len(), 2);
    let sent = terminate_tree(family.owner()).unwrap();
    assert_eq!(sent.reached, 2);
    assert!(sent.failed.is_empty());
    ended(&children).await;
    assert!(family.owner().is_alive().unwrap());
}

#[tokio::test]
async fn children_born_between_the_look_and_the_signal_get_it_too() {
    // Each look is followed by a fork, as if the child had been born right after it.
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("fork");
    let status = std::process::Command::new("mkfifo").arg(&fifo).status().unwrap();
    assert!(status.success());
    let parent = format!(
        "sh -c 'echo ready; while read line; do (echo ready; read x <&3) & done <{}' & read x <&3",
        fifo.display()
    );
    let family = Family::start(&parent);
    family.ready(1);
    let mut forks = std::fs::OpenOptions::new().write(true).open(&fifo).unwrap();
    let mut looks = 0;
    let sent = terminate(|| {
        let walk = walk(family.owner())?;
        looks += 1;
        if looks == 1 {
            forks.write_all(b"fork\nfork\n").unwrap();
            family.ready(2);
        }
        Ok::<_, TreeError>(walk)
    })
    .unwrap();
    assert_eq!(sent.reached, 3);
    assert_eq!(looks, 3, "the second finds the children, the third nobody new");
    ended(&descendants(family.owner()).unwrap()).await;
    assert_eq!(family.running(), [family.owner()]);
}

#[tokio::test]
async fn what_a_handler_starts_is_left_alone() {
    // The cleanup of a shutdown runs in a child of its own, which must not be ended half-way.
    let dir = tempfile::tempdir().unwrap();
    let task = dir.path().join("task");
    let script = "trap '(echo ready; read x <&3); exit' TERM\necho ready\nread x <&3\n";
    std::fs::write(&task, script).unwrap();
    let family = Family::start(&format!("sh {} & read x <&3", task.display()));
    family.ready(1);
    assert_eq!(terminate_tree(family.owner()).unwrap().reached, 1);
    family.ready(1);
    assert_eq!(descendants(family.owner()).unwrap().len(), 2, "the task and its cleanup");
}

#[tokio::test]
async fn more_processes_than_are_kept_open_all_get_it() {
    // Three hundred children, some of which are opened again for each signal.
    let script =
        "n=0; while [ $n -lt 300 ]; do n=$((n+1)); (echo ready; read x <&3) & done; read x <&3";
    let family = Family::start(script);
    family.ready(300);
    let children = descendants(family.owner()).unwrap();
    assert!(children.len() > OPEN_LIMIT);
    assert_eq!(terminate_tree(family.owner()).unwrap().reached, children.len());
    ended(&children).await;
    assert_eq!(family.running(), [family.owner()]);
}

#[tokio::test]
async fn a_stopped_process_goes_on_and_hears_it() {
    // As after SIGSTOP by hand: it ends on SIGTERM instead of waiting for SIGKILL.
    let family = Family::start("sh -c 'echo ready; read x <&3' & read x <&3");
    family.ready(1);
    let children = descendants(family.owner()).unwrap();
    children[0].signal(Signal::STOP).unwrap();
    assert_eq!(terminate_tree(family.owner()).unwrap().reached, 1);
    ended(&children).await;
}
