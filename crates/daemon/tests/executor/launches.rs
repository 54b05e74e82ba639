use rustix::process::Signal;
use wire::v1::{CommandInfo, ExecutorId, ExecutorInfo};

use crate::gate::Gate;
use crate::owner::{Owner, directory};

fn executor(line: String) -> ExecutorInfo {
    ExecutorInfo {
        executor_id: ExecutorId { value: "e".to_owned() },
        command: Some(CommandInfo { value: Some(line), ..CommandInfo::default() }),
        ..ExecutorInfo::default()
    }
}

/// A framework's executor ends with its own status on record, and leaves no process behind.
#[test]
fn custom_executor_leaves_its_status_and_nothing_else() {
    let directory = directory();
    let mut gate = Gate::new(directory.path(), "ready");
    let mut go = Gate::new(directory.path(), "go");
    let line = format!(
        "(setsid sh -c \"trap '' TERM; echo ready > {}; while :; do sleep 100; done\" &) \
         ; echo here; env; read x < {}; exit 3",
        gate.path(),
        go.path()
    );
    let mut owner = Owner::launch(directory, &executor(line));
    gate.line();
    go.open();
    assert_eq!(owner.wait().code(), Some(3));
    assert_eq!(owner.running(), []);
    assert_eq!(owner.status_left().unwrap().code(), Some(3));
    let output = owner.sandbox_file("stdout");
    assert!(output.starts_with("here\n"), "{output}");
    assert!(output.contains("MESOS_EXECUTOR_AUTHENTICATION_TOKEN="), "it speaks the executor API");
}

/// SIGTERM is passed on to everything below.
#[test]
fn sigterm_is_passed_on() {
    let directory = directory();
    let mut gate = Gate::new(directory.path(), "ready");
    let line = format!("trap 'exit 9' TERM; echo ready > {}; sleep 1000 & wait", gate.path());
    let mut owner = Owner::launch(directory, &executor(line));
    gate.line();
    owner.signal(Signal::TERM);
    assert_eq!(owner.wait().code(), Some(9));
}

/// The signal that ended a framework's executor is on record, and shown as shells show it.
#[test]
fn signal_that_ended_it_is_on_record() {
    use std::os::unix::process::ExitStatusExt as _;
    let mut owner = Owner::launch(directory(), &executor("kill -KILL $$".to_owned()));
    assert_eq!(owner.wait().code(), Some(128 + 9));
    assert_eq!(owner.status_left().unwrap().signal(), Some(9));
}

/// An executor that can't be started ends as such.
#[test]
fn executor_that_can_not_be_started_ends_as_such() {
    let mut info = executor("/no/such/executor".to_owned());
    info.command.as_mut().unwrap().shell = Some(false);
    let mut owner = Owner::launch(directory(), &info);
    assert_eq!(owner.wait().code(), Some(125));
    assert_eq!(owner.status_left().unwrap().code(), Some(125));
}
