//! Tasks, executors, groups and commands.

use model::validate::command::{self, CommandError};
use model::validate::group;
use model::validate::task::{self, Launch, TaskError};
use model::{AgentId, FrameworkId, Resources};
use wire::v1::command_info::Uri;
use wire::v1::environment::{Variable, variable};
use wire::v1::executor_info::Type::{Custom, Default as DefaultExecutor};
use wire::v1::resource::{RevocableInfo, SharedInfo};
use wire::v1::{
    CheckInfo, CommandInfo, ContainerInfo, DurationInfo, Environment, ExecutorInfo, HealthCheck,
    KillPolicy, NetworkInfo, Resource, TaskGroupInfo, TaskInfo, container_info, health_check,
    value,
};

use crate::messages::{executor, mistyped, scalar, sleep, task, task_id, volume};

fn on_s0<T>(work: impl FnOnce(&Launch<'_>) -> T) -> T {
    let (framework, agent) = (FrameworkId::new("F"), AgentId::new("S0"));
    let launch =
        Launch { framework: &framework, agent: &agent, is_known_task: &|id: &str| id == "known" };
    work(&launch)
}

fn refusal(task: &TaskInfo) -> String {
    on_s0(|launch| task::check(task, launch)).expect_err("refused").to_string()
}

/// A sound command task asks for its resources and for no executor's.
#[test]
fn sound_tasks_say_what_they_ask_for() {
    let demand = on_s0(|launch| task::check(&task("a"), launch)).expect("sound");
    assert_eq!(demand.task.to_string(), "cpus:0.1; mem:32");
    assert!(demand.executor.is_empty());
    let custom =
        TaskInfo { command: None, executor: Some(Box::new(executor(Custom))), ..task("a") };
    let demand = on_s0(|launch| task::check(&custom, launch)).expect("sound");
    assert_eq!(demand.executor.to_string(), "cpus:0.1; mem:32; disk:32");
}

/// Every unsound task is refused with Mesos' text.
#[test]
fn unsound_tasks_are_refused() {
    let negative = Some(DurationInfo { nanoseconds: -1 });
    let revocable = Resource { revocable: Some(RevocableInfo {}), ..scalar("cpus", 1.0) };
    let with = |resources: Vec<Resource>| TaskInfo { resources, ..task("a") };
    let limited = |name: &str, value: f64| TaskInfo {
        limits: [(name.to_owned(), value::Scalar { value })].into(),
        ..task("a")
    };
    let cases = vec![
        (TaskInfo { task_id: task_id(""), ..task("a") }, "Invalid TaskID: ID must not be empty"),
        (task("known"), "Task has duplicate ID: known"),
        (
            TaskInfo { agent_id: wire::v1::AgentId { value: "S1".into() }, ..task("a") },
            "Task uses invalid agent S1 while agent S0 is expected",
        ),
        (
            TaskInfo { kill_policy: Some(KillPolicy { grace_period: negative }), ..task("a") },
            "Task's 'kill_policy.grace_period' must be non-negative",
        ),
        (
            TaskInfo { max_completion_time: negative, ..task("a") },
            "Task's 'max_completion_time' must be non-negative",
        ),
        (with(vec![]), "Task uses no resources"),
        (
            with(vec![mistyped()]),
            "Task uses invalid resources: Invalid resources: Invalid ranges resource",
        ),
        (
            with(vec![volume("a", "v", 1.0), volume("a", "v", 2.0)]),
            "Task uses duplicate persistence ID: Persistence ID 'v' is not unique",
        ),
        (
            with(vec![revocable, scalar("cpus", 1.0)]),
            "Task mixes revocable and non-revocable resources: \
             Cannot use both revocable and non-revocable 'cpus' at the same time",
        ),
        (
            TaskInfo { command: None, ..task("a") },
            "Task should have at least one (but not both) of CommandInfo or ExecutorInfo present",
        ),
        (
            TaskInfo { executor: Some(Box::new(executor(Custom))), ..task("a") },
            "Task should have at least one (but not both) of CommandInfo or ExecutorInfo present",
        ),
        (
            TaskInfo { command: Some(CommandInfo::default()), ..task("a") },
            "Task's `CommandInfo` is invalid: Shell command is not specified",
        ),
        (limited("disk", 1.0), "Task has an invalid limit of 'disk'"),
        (limited("cpus", 0.05), "Task has an invalid limit of 'cpus'"),
        (limited("mem", f64::NAN), "Task has an invalid limit of 'mem'"),
    ];
    for (task, text) in cases {
        assert_eq!(refusal(&task), text);
    }
    let lifted = limited("cpus", f64::INFINITY);
    assert!(on_s0(|launch| task::check(&lifted, launch)).is_ok());
}

/// Executors of tasks must be custom, complete and of the same framework.
#[test]
fn unsound_executors_are_refused() {
    let custom = || executor(Custom);
    let shared = Resource { shared: Some(SharedInfo {}), ..volume("a", "v", 1.0) };
    let framework_id = Some(wire::v1::FrameworkId { value: "G".into() });
    let shutdown_grace_period = Some(DurationInfo { nanoseconds: -1 });
    let cases = vec![
        (executor(DefaultExecutor), "'ExecutorInfo.type' must be 'CUSTOM'"),
        (
            ExecutorInfo { command: Some(sleep()), ..executor(DefaultExecutor) },
            "'ExecutorInfo.command' must not be set for 'DEFAULT' executor",
        ),
        (
            ExecutorInfo { command: None, ..custom() },
            "'ExecutorInfo.command' must be set for 'CUSTOM' executor",
        ),
        (
            ExecutorInfo { command: None, r#type: None, ..custom() },
            "'ExecutorInfo.command' must be set",
        ),
        (
            ExecutorInfo { executor_id: wire::v1::ExecutorId { value: "a/b".into() }, ..custom() },
            "Invalid ExecutorID: 'a/b' contains invalid characters",
        ),
        (
            ExecutorInfo { framework_id, ..custom() },
            "ExecutorInfo has an invalid FrameworkID (Actual: G vs Expected: F)",
        ),
        (
            ExecutorInfo { shutdown_grace_period, ..custom() },
            "ExecutorInfo's 'shutdown_grace_period' must be non-negative",
        ),
        (
            ExecutorInfo { resources: vec![mistyped()], ..custom() },
            "Executor uses invalid resources: Invalid resources: Invalid ranges resource",
        ),
        (
            ExecutorInfo { resources: vec![shared], ..custom() },
            "Executor resources disk(reservations: [(DYNAMIC,a)])[v]<SHARED>:1 \
             should not contain any shared resources",
        ),
    ];
    for (executor, text) in cases {
        let task = TaskInfo { command: None, executor: Some(Box::new(executor)), ..task("a") };
        assert_eq!(refusal(&task), text);
    }
}

/// Task and executor together are checked like each alone.
#[test]
fn task_and_executor_may_not_share_a_volume_id() {
    let resources = vec![volume("a", "v", 1.0)];
    let executor = ExecutorInfo { resources: resources.clone(), ..executor(Custom) };
    let task =
        TaskInfo { command: None, executor: Some(Box::new(executor)), resources, ..task("a") };
    let error = on_s0(|launch| task::check(&task, launch)).expect_err("refused");
    assert!(matches!(error, TaskError::Together(_)), "{error}");
}

fn group_of(tasks: Vec<TaskInfo>) -> TaskGroupInfo {
    TaskGroupInfo { tasks }
}

/// A sound group asks for each task and for its executor.
#[test]
fn sound_groups_say_what_they_ask_for() {
    let group = group_of(vec![task("a"), task("b")]);
    let executor = executor(DefaultExecutor);
    let demand = on_s0(|launch| group::check(&group, &executor, launch)).expect("sound");
    assert_eq!(demand.tasks.len(), 2);
    let total: Resources = demand.tasks.iter().chain([&demand.executor]).collect();
    assert_eq!(total.to_string(), "cpus:0.3; mem:96; disk:32");
}

/// Every unsound group is refused with Mesos' text.
#[test]
fn unsound_groups_are_refused() {
    let docker = |kind| ContainerInfo { r#type: kind as i32, ..ContainerInfo::default() };
    let network = ContainerInfo {
        network_infos: vec![NetworkInfo::default()],
        ..docker(container_info::Type::Mesos)
    };
    let default = || executor(DefaultExecutor);
    let needs = |list: &[Resource]| ExecutorInfo { resources: list.to_vec(), ..default() };
    let (cpus, mem) = (scalar("cpus", 0.1), scalar("mem", 32.0));
    let one = || vec![task("a")];
    let with_container = |container| vec![TaskInfo { container: Some(container), ..task("a") }];
    let cases = vec![
        (vec![], default(), "Task group cannot be empty"),
        (vec![task("a"), task("a")], default(), "Task 'a' is invalid: Task has duplicate ID: a"),
        (
            vec![TaskInfo { executor: Some(Box::new(default())), ..task("a") }],
            default(),
            "Task 'a' is invalid: 'TaskInfo.executor' must not be set",
        ),
        (
            vec![TaskInfo { command: None, ..task("a") }],
            default(),
            "Task 'a' is invalid: 'TaskInfo.command' must be set",
        ),
        (
            with_container(Box::new(network)),
            default(),
            "Task 'a' is invalid: NetworkInfos must not be set on the task",
        ),
        (
            with_container(Box::new(docker(container_info::Type::Docker))),
            default(),
            "Task 'a' is invalid: Docker ContainerInfo is not supported on the task",
        ),
        (
            one(),
            ExecutorInfo {
                container: Some(Box::new(docker(container_info::Type::Docker))),
                ..default()
            },
            "'ExecutorInfo.container.type' must be 'MESOS' for 'DEFAULT' executor",
        ),
        (one(), ExecutorInfo { r#type: None, ..default() }, "'ExecutorInfo.type' must be set"),
        (one(), ExecutorInfo { r#type: Some(9), ..default() }, "Unknown executor type"),
        (
            one(),
            needs(&[]),
            "Executor 'default' uses less CPUs (None) than the minimum required (0.01)",
        ),
        (
            one(),
            needs(&[cpus.clone(), scalar("mem", 31.0)]),
            "Executor 'default' uses less memory (31) than the minimum required (32MB)",
        ),
        (one(), needs(&[cpus, mem]), "Executor 'default' uses no disk"),
    ];
    for (tasks, executor, text) in cases {
        let group = group_of(tasks);
        let error = on_s0(|launch| group::check(&group, &executor, launch)).expect_err(text);
        assert_eq!(error.to_string(), text);
    }
}

fn with_variable(variable: Variable) -> CommandInfo {
    let environment = Some(Environment { variables: vec![variable] });
    CommandInfo { environment, ..sleep() }
}

/// Commands that can't be run are refused before they get to an agent.
#[test]
fn unrunnable_commands_are_refused() {
    let named =
        |name: &str| Variable { name: name.into(), value: Some("v".into()), ..Variable::default() };
    let typed = |kind: i32| Variable { r#type: Some(kind), ..named("A") };
    let text = |value: &str| CommandInfo { value: Some(value.into()), ..CommandInfo::default() };
    let uri = |value: &str, file: &str| CommandInfo {
        uris: vec![Uri { value: value.into(), output_file: Some(file.into()), ..Uri::default() }],
        ..sleep()
    };
    let name = || "A".to_owned();
    let secret = Some(wire::v1::Secret::default());
    let cases = vec![
        (CommandInfo::default(), CommandError::NoShellCommand),
        (text(""), CommandError::NoShellCommand),
        (CommandInfo { shell: Some(false), ..text("") }, CommandError::NoExecutable),
        (text("a\0"), CommandError::Nul("value")),
        (CommandInfo { arguments: vec!["\0".into()], ..sleep() }, CommandError::Nul("arguments")),
        (CommandInfo { user: Some("\0".into()), ..sleep() }, CommandError::Nul("user")),
        (with_variable(named("")), CommandError::UnnamedVariable),
        (with_variable(named("A=B")), CommandError::VariableName("A=B".into())),
        (
            with_variable(Variable { value: None, ..named("A") }),
            CommandError::VariableWithoutValue(name()),
        ),
        (
            with_variable(Variable { value: Some("\0".into()), ..named("A") }),
            CommandError::VariableNul(name()),
        ),
        (
            with_variable(Variable { secret, ..named("A") }),
            CommandError::VariableWithSecret(name()),
        ),
        (with_variable(typed(variable::Type::Secret as i32)), CommandError::SecretVariable(name())),
        (with_variable(typed(0)), CommandError::VariableType(name())),
        (with_variable(typed(9)), CommandError::VariableType(name())),
        (uri("", "x"), CommandError::EmptyUri),
        (uri("http://x/y", "/etc/passwd"), CommandError::UriOutsideSandbox("http://x/y".into())),
        (uri("http://x/y", "a/../../b"), CommandError::UriOutsideSandbox("http://x/y".into())),
    ];
    for (command, error) in cases {
        assert_eq!(command::check(&command), Err(error));
    }
    for sound in [sleep(), with_variable(named("A")), uri("http://x/y", "sub/file"), uri("f", "")] {
        assert_eq!(command::check(&sound), Ok(()));
    }
}

/// Checks and health checks that could not be carried out are refused.
#[test]
fn unsound_checks_are_refused() {
    let tcp = |port| HealthCheck {
        r#type: Some(health_check::Type::Tcp as i32),
        tcp: Some(health_check::TcpCheckInfo { port, ..Default::default() }),
        ..HealthCheck::default()
    };
    let http = |scheme: &str, path: &str| HealthCheck {
        r#type: Some(health_check::Type::Http as i32),
        http: Some(health_check::HttpCheckInfo {
            port: 80,
            scheme: Some(scheme.to_owned()),
            path: Some(path.to_owned()),
            ..Default::default()
        }),
        ..HealthCheck::default()
    };
    let health = |check| TaskInfo { health_check: Some(check), ..task("a") };
    let cases = vec![
        (health(Box::default()), "Task uses invalid health check: HealthCheck must specify 'type'"),
        (
            health(Box::new(HealthCheck { r#type: Some(7), ..HealthCheck::default() })),
            "Task uses invalid health check: '7' is not a valid health check type",
        ),
        (
            health(Box::new(HealthCheck { tcp: None, ..tcp(1) })),
            "Task uses invalid health check: Expecting 'tcp' to be set for TCP health check",
        ),
        (
            health(Box::new(tcp(70_000))),
            "Task uses invalid health check: '70000' must be between 1 and 65535",
        ),
        (
            health(Box::new(HealthCheck { delay_seconds: Some(f64::NAN), ..tcp(1) })),
            "Task uses invalid health check: \
             Expecting 'delay_seconds' to be a finite, non-negative number of seconds",
        ),
        (
            TaskInfo { check: Some(Box::new(CheckInfo::default())), ..task("a") },
            "Task uses invalid check: CheckInfo must specify 'type'",
        ),
        (
            health(Box::new(http("https", "live"))),
            "Task uses invalid health check: The path 'live' of HTTP health check must start with '/'",
        ),
        (
            health(Box::new(http("http", "/a b"))),
            "Task uses invalid health check: \
             The path '/a b' of HTTP health check contains whitespace or a control character",
        ),
        (
            health(Box::new(http("ftp", "/"))),
            "Task uses invalid health check: Unsupported HTTP health check scheme: 'ftp'",
        ),
        (
            health(Box::new(HealthCheck {
                r#type: Some(health_check::Type::Command as i32),
                command: Some(CommandInfo::default()),
                ..HealthCheck::default()
            })),
            "Task uses invalid health check: \
             Health check's `CommandInfo` is invalid: Shell command is not specified",
        ),
    ];
    for (task, text) in cases {
        assert_eq!(refusal(&task), text);
    }
    for sound in [tcp(80), http("https", "/live")] {
        assert!(on_s0(|launch| task::check(&health(Box::new(sound)), launch)).is_ok());
    }
}
