use wire::v1::{self, TaskState, task_status::Reason};

use crate::agent::Agent;
use crate::owner::{Owner, shell};

/// The exit status decides between FINISHED and FAILED.
#[test]
fn exit_status_decides_the_terminal_state() {
    for (line, expected, text) in [
        ("exit 0", TaskState::TaskFinished, "Command exited with status 0"),
        ("exit 7", TaskState::TaskFailed, "Command exited with status 7"),
        (
            "kill -SEGV $$",
            TaskState::TaskFailed,
            "Command terminated with signal Segmentation fault",
        ),
        ("no-such-program-here", TaskState::TaskFailed, "Command exited with status 127"),
    ] {
        let mut agent = Agent::start();
        let mut owner = Owner::executor(&agent);
        agent.subscribed();
        agent.run(shell("t", line));
        let (_, state, message) = agent.next();
        assert_eq!(state, expected, "{line}");
        assert!(message.starts_with(text), "{message}");
        assert_eq!(owner.wait().code(), Some(0));
    }
}

/// A program that does not exist fails the task with a sentence that names it.
#[test]
fn missing_program_fails_the_task_by_name() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    agent.subscribed();
    let mut task = shell("t", "no-such-program-here");
    task.command.as_mut().unwrap().shell = Some(false);
    agent.launch(task);
    assert_eq!(agent.next_state(), TaskState::TaskStarting);
    let status = agent.update();
    agent.acknowledge(&status);
    assert_eq!(status.state, TaskState::TaskFailed as i32);
    assert_eq!(status.reason, Some(Reason::ContainerLaunchFailed as i32));
    let message = status.message.unwrap();
    assert!(message.contains("no-such-program-here") && message.contains("not found"), "{message}");
    assert_eq!(owner.wait().code(), Some(0));
}

/// Whoever hears that a task has ended finds all its output, also where writing takes its time.
#[test]
fn last_output_is_there_before_the_last_update() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor_with_tiny_logs(&agent);
    agent.subscribed();
    // Two hundred rotations: far more than the update takes, far less than it waits.
    agent.run(shell("t", "yes | head -c 1990; echo last line"));
    assert_eq!(agent.next_state(), TaskState::TaskFinished);
    assert_eq!(owner.sandbox_file("stdout"), "last line\n");
    assert_eq!(owner.wait().code(), Some(0));
}

/// A task sees its own variables and its place, its limits hold, and the executor's token is hidden.
#[test]
fn task_has_its_environment_and_limits_and_no_token() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    agent.subscribed();
    let mut task = shell("t", "env; pwd; ulimit -n; echo problem >&2");
    let variable = v1::environment::Variable {
        name: "COLOUR".to_owned(),
        value: Some("blue green".to_owned()),
        ..v1::environment::Variable::default()
    };
    task.command.as_mut().unwrap().environment =
        Some(v1::Environment { variables: vec![variable] });
    let limit = v1::r_limit_info::RLimit {
        r#type: Some(v1::r_limit_info::r_limit::Type::RlmtNofile as i32),
        hard: Some(77),
        soft: Some(77),
    };
    task.container = Some(Box::new(v1::ContainerInfo {
        rlimit_info: Some(v1::RLimitInfo { rlimits: vec![limit] }),
        ..v1::ContainerInfo::default()
    }));
    agent.run(task);
    assert_eq!(agent.next_state(), TaskState::TaskFinished);
    owner.wait();

    let output = owner.sandbox_file("stdout");
    let sandbox = owner.path().join("sandbox").display().to_string();
    let lines: Vec<&str> = output.lines().collect();
    for expected in ["COLOUR=blue green", "MESOS_TASK_ID=t", "MESOS_FRAMEWORK_ID=f", "77", &sandbox]
    {
        assert!(lines.contains(&expected), "{expected} in {output}");
    }
    assert!(!output.contains(crate::agent::TOKEN), "{output}");
    assert!(!output.contains("EBB_EXIT_FILE"), "{output}");
    assert_eq!(owner.sandbox_file("stderr"), "problem\n");
}

/// A task runs under the account its command names.
#[test]
fn task_runs_under_the_account_of_its_command() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: needs root");
        return;
    }
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    agent.subscribed();
    let mut task = shell("t", "id -un; umask > written");
    task.command.as_mut().unwrap().user = Some("nobody".to_owned());
    agent.run(task);
    assert_eq!(agent.next_state(), TaskState::TaskFinished);
    owner.wait();
    assert_eq!(owner.sandbox_file("stdout"), "nobody\n");
    assert!(!owner.sandbox_file("written").is_empty());
}

/// An account that does not exist fails the task with its name.
#[test]
fn unknown_account_fails_the_task_by_name() {
    if !rustix::process::geteuid().is_root() {
        println!("skipped: needs root");
        return;
    }
    let mut agent = Agent::start();
    let _owner = Owner::executor(&agent);
    agent.subscribed();
    let mut task = shell("t", "true");
    task.command.as_mut().unwrap().user = Some("no-such-account".to_owned());
    agent.launch(task);
    assert_eq!(agent.next_state(), TaskState::TaskStarting);
    let (_, state, message) = agent.next();
    assert_eq!(state, TaskState::TaskFailed);
    assert!(message.contains("no-such-account"), "{message}");
}

/// What a task leaves behind when it ends by itself is gone before its end is reported.
#[test]
fn leftovers_of_a_finished_task_are_gone_before_the_report() {
    let mut agent = Agent::start();
    let mut owner = Owner::executor(&agent);
    let mut gate = owner.gate("ready");
    agent.subscribed();
    let ready = format!("echo ready > {}", gate.path());
    let line = format!(
        "setsid sh -c \"trap '' TERM; {ready}; while :; do sleep 100; done\" & read x < {}",
        owner.path().join("go").display()
    );
    let mut go = owner.gate("go");
    agent.run(shell("t", line));
    gate.line();
    go.open();
    assert_eq!(agent.next_state(), TaskState::TaskFinished);
    assert_eq!(owner.running(), []);
    owner.wait();
}
