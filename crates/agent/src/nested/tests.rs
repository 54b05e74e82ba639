use model::{ExecutorId, FrameworkId, Resources, TaskId};

use super::*;
use crate::view::MemberView;

fn id(text: &str) -> NestedId {
    NestedId(text.into())
}

fn root() -> ContainerView {
    ContainerView {
        container: ContainerId::new("root"),
        framework: FrameworkId::new("f"),
        executor: ExecutorId::new("e"),
        name: String::new(),
        source: String::new(),
        process: None,
        command: false,
        ending: false,
        user: None,
        directory: String::new(),
        resources: Resources::new(),
        members: vec![MemberView {
            id: "member".into(),
            task: TaskId::new("t"),
            pid: None,
            user: None,
            resources: Resources::new(),
        }],
    }
}

fn exited(code: i32) -> Termination {
    Termination { wait_status: Some(code << 8), ..Termination::default() }
}

/// Ids are written as Mesos writes them, and bad ones are refused with its words.
#[test]
fn ids_are_those_of_mesos() {
    let wire = |value: &str, parent: Option<wire::v1::ContainerId>| wire::v1::ContainerId {
        value: value.to_owned(),
        parent: parent.map(Box::new),
    };
    let nested = wire("shell", Some(wire("pod", Some(wire("root", None)))));
    let read = NestedId::from_wire(&nested).unwrap();
    assert_eq!(read.as_str(), "root.pod.shell");
    assert_eq!(read.to_wire(), nested);
    assert_eq!(read.root(), ContainerId::new("root"));
    assert_eq!((read.leaf(), read.parent()), ("shell", Some(id("root.pod"))));
    assert!(read.is_in(&id("root.pod")) && read.is_in(&read));
    assert!(!id("root.podium").is_in(&id("root.pod")));
    let fault = NestedId::from_wire(&wire("a.b", None)).unwrap_err();
    assert_eq!(fault, "'ContainerID.value' 'a.b' contains invalid characters");
    let fault = NestedId::from_wire(&wire("a", Some(wire("", None)))).unwrap_err();
    assert_eq!(fault, "'ContainerID.parent' is invalid: ID must not be empty");
    assert!(NestedId::from_wire(&wire("../../etc", None)).is_err());
    let mut deep = wire("x", None);
    for _ in 0..DEPTH_LIMIT {
        deep = wire("x", Some(deep));
    }
    assert!(NestedId::from_wire(&deep).is_err());
}

/// A container is started once, and only in one that is there and not ending.
#[test]
fn containers_are_started_only_in_those_that_are_there() {
    let mut book = Book::default();
    let view = root();
    assert_eq!(book.admit(&id("root.a"), Some(&view)), Ok(Admission::Start));
    assert_eq!(book.admit(&id("root.a"), Some(&view)), Ok(Admission::AlreadyThere));
    assert_eq!(book.admit(&id("root.member.a"), Some(&view)), Ok(Admission::Start));
    for (asked, root, refusal) in [
        ("gone.a", None, NestedRefusal::NoParent(id("gone"))),
        ("root.other.a", Some(&view), NestedRefusal::NoParent(id("root.other"))),
        // It does not run yet.
        ("root.a.b", Some(&view), NestedRefusal::NoParent(id("root.a"))),
    ] {
        assert_eq!(book.admit(&id(asked), root), Err(refusal));
    }
    assert!(book.started(&id("root.a")));
    assert_eq!(book.admit(&id("root.a.b"), Some(&view)), Ok(Admission::Start));
    let ending = ContainerView { ending: true, ..root() };
    let refusal = book.admit(&id("root.c"), Some(&ending)).unwrap_err();
    assert_eq!(refusal.to_string(), "Parent container root is in 'DESTROYING' state");
    for number in 0..RUNNING_LIMIT {
        drop(book.admit(&id(&format!("root.n{number}")), Some(&view)));
    }
    let refusal = book.admit(&id("root.more"), Some(&view));
    assert_eq!(refusal, Err(NestedRefusal::TooMany(ContainerId::new("root"))));
}

/// Once a container is closed, everything in it has to end, what is just starting included, and nothing else
/// starts in it until it is forgotten.
#[test]
fn nothing_outlives_a_container_that_is_closed() {
    let mut book = Book::default();
    let view = root();
    for name in ["root.runs", "root.starts", "root.ended", "root.member.runs"] {
        book.admit(&id(name), Some(&view)).unwrap();
    }
    assert!(book.started(&id("root.runs")) && book.started(&id("root.member.runs")));
    book.ended(&id("root.ended"), exited(0));

    let ended = Termination { state: Some(TaskState::TaskFinished), ..Termination::default() };
    assert_eq!(book.close(&id("root.member"), Some(ended.clone())), [id("root.member.runs")]);
    assert_eq!(book.fate(&id("root.member"), Some(&view)), Fate::Ended(ended));
    assert!(book.admit(&id("root.member.more"), Some(&view)).is_err());
    assert!(book.admit(&id("root.more"), Some(&view)).is_ok());

    let left = book.close(&NestedId::from(&view.container), None);
    assert_eq!(left.len(), 4, "{left:?}");
    assert!(book.admit(&id("root.late"), Some(&view)).is_err());
    assert!(!book.started(&id("root.starts")), "it was asked to end before it ran");
    for name in left {
        book.ended(&name, exited(1));
    }
    assert_eq!(book.running_in(&view.container).len(), 0);
    book.forget(&view.container, exited(3));
    assert_eq!(book.fate(&id("root.runs"), None), Fate::Ended(exited(1)));
    assert_eq!(book.fate(&id("root.late"), None), Fate::Unknown);
    assert_eq!(book.fate(&id("root"), None), Fate::Ended(exited(3)));
    assert!(!book.started(&id("root.starts")));
    for number in 0..PAST_LIMIT {
        book.forget(&ContainerId::new(format!("other{number}")), exited(0));
    }
    assert_eq!(book.fate(&id("root"), None), Fate::Unknown);
}

/// How a nested container ended is told until it is removed, which takes its end.
#[test]
fn ends_are_told_until_they_are_removed() {
    let mut book = Book::default();
    let view = root();
    assert_eq!(book.fate(&id("root.a"), Some(&view)), Fate::Unknown);
    assert_eq!(book.fate(&id("root"), Some(&view)), Fate::Alive);
    assert_eq!(book.fate(&id("root.member"), Some(&view)), Fate::Alive);
    book.admit(&id("root.a"), Some(&view)).unwrap();
    assert_eq!(book.fate(&id("root.a"), Some(&view)), Fate::Alive);
    assert_eq!(book.remove(&id("root.a")), Err(NotEnded));
    assert!(book.started(&id("root.a")));
    book.ended(&id("root.a"), exited(7));
    assert_eq!(book.fate(&id("root.a"), None), Fate::Ended(exited(7)));
    assert_eq!(book.remove(&id("root.a")), Ok(()));
    assert_eq!(book.remove(&id("root.a")), Ok(()));
    assert_eq!(book.fate(&id("root.a"), Some(&view)), Fate::Unknown);
    book.recover(id("root.b"), None);
    assert_eq!(book.stage(&id("root.b")), Some(&Stage::Running));
}
