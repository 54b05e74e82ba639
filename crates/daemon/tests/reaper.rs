//! A child subreaper collects its own children and those it adopts.
//!
//! One test in a program of its own: the reaper takes every child of the process.

use std::time::Duration;

use daemon::container::pidfd::PidRef;
use daemon::container::reaper::{Event, Origin, Reaper};
use daemon::container::spawn::{Program, SpawnSpec, Stdio, spawn};
use daemon::container::tree::kill_tree;
use rustix::pipe::{PipeFlags, pipe_with};

const PATIENCE: Duration = Duration::from_secs(30);

async fn next(reaper: &mut Reaper) -> Event {
    tokio::time::timeout(PATIENCE, reaper.next())
        .await
        .expect("an event in time")
        .expect("the runtime is alive")
}

#[tokio::test(flavor = "current_thread")]
async fn own_children_are_told_from_orphans_and_the_empty_tree_is_reported_once() {
    // A child leaves two daemons and ends with 7; the daemons are adopted, killed and collected.
    let mut reaper = Reaper::new().unwrap();
    assert_eq!(reaper.poll().unwrap(), None);
    let (held_open, writer) = pipe_with(PipeFlags::CLOEXEC).unwrap();
    let daemon = "setsid sh -c 'read line <&3' &";
    let line = format!("exec 3<&0; {daemon} {daemon} exit 7");
    let mut spec = SpawnSpec::new(Program::Shell(line), "/");
    spec.stdin = Stdio::Fd(held_open);
    let child = spawn(spec).unwrap();
    reaper.expect(child.pid());

    let Event::Exited { pid, status, origin } = next(&mut reaper).await else {
        panic!("the tree is not empty")
    };
    assert_eq!((pid, status.code(), origin), (child.pid(), Some(7), Origin::Own));
    assert_eq!(reaper.poll().unwrap(), None);

    // Killing this process' own tree needs nobody to collect meanwhile, and spares this process.
    let own = PidRef::of(i32::try_from(std::process::id()).unwrap()).unwrap().unwrap();
    assert_eq!(kill_tree(own, PATIENCE).await.unwrap(), 2);
    drop(writer);
    for _ in 0..2 {
        let Event::Exited { status, origin, .. } = next(&mut reaper).await else {
            panic!("two daemons are to be collected")
        };
        assert!(!status.success());
        assert_eq!(origin, Origin::Adopted);
    }
    assert_eq!(next(&mut reaper).await, Event::Empty);
    assert_eq!(reaper.poll().unwrap(), None);

    // New children make the report possible again.
    let again = spawn(SpawnSpec::new(Program::Shell("true".into()), "/")).unwrap();
    reaper.expect(again.pid());
    let Event::Exited { pid, status, origin } = next(&mut reaper).await else {
        panic!("the tree is not empty")
    };
    assert_eq!((pid, status.success(), origin), (again.pid(), true, Origin::Own));
    assert_eq!(next(&mut reaper).await, Event::Empty);
}
