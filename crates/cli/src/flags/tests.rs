use std::net::IpAddr;
use std::time::Duration;

use super::{Outcome, Program, Sources, Values, agent, layers, master, resolve};
use crate::exit::{Exit, Failure};

fn sources(args: &[&str], env: &[(&str, &str)]) -> Sources {
    Sources {
        args: args.iter().map(|&arg| arg.to_owned()).collect(),
        env: env.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect(),
    }
}

fn try_values(
    program: Program,
    args: &[&str],
    env: &[(&str, &str)],
) -> Result<(Values, Vec<String>), Failure> {
    let (outcome, warnings) = resolve(program, &sources(args, env))?;
    match outcome {
        Outcome::Values(values) => Ok((values, warnings)),
        Outcome::Help(text) => panic!("help: {text}"),
    }
}

fn values(program: Program, args: &[&str], env: &[(&str, &str)]) -> Values {
    try_values(program, args, env).unwrap().0
}

fn refusal(program: Program, args: &[&str], env: &[(&str, &str)]) -> String {
    let failure = try_values(program, args, env).unwrap_err();
    assert_eq!(failure.exit, Exit::Usage);
    failure.to_string()
}

/// The definitions for help hold together.
#[test]
fn the_flags_are_well_defined() {
    for program in [master::PROGRAM, agent::PROGRAM] {
        layers::command(&program).debug_assert();
        for flag in program.unsupported {
            assert!(program.flag(flag.name).is_none(), "{} is both", flag.name);
        }
    }
}

/// Dashes and Mesos' underscores name the same flag, with the value after `=` or after a space.
#[test]
fn underscores_and_dashes_name_the_same_flag() {
    for args in [
        &["--work-dir=/x"][..],
        &["--work_dir=/x"],
        &["--work_dir", "/x"],
        &["--work-dir", "/x"],
        &["--work_dir=file:///x"],
    ] {
        let path = values(master::PROGRAM, args, &[]).path("work-dir").unwrap();
        assert_eq!(path.to_str(), Some("/x"), "{args:?}");
    }
}

/// The command line beats EBB_ variables, which beat those of Mesos, which beat the file, which beats
/// the default.
#[test]
fn the_command_line_beats_environment_beats_file_beats_default() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("master.toml");
    std::fs::write(&file, "port = 4\nwork_dir = \"/file\"\nroot-submissions = false\n").unwrap();
    let config = format!("--config={}", file.display());
    let port = |args: &[&str], env: &[(&str, &str)]| {
        values(master::PROGRAM, args, env).number::<u16>("port").unwrap()
    };
    let both = [("MESOS_PORT", "3"), ("EBB_PORT", "2")];
    assert_eq!(port(&["--port=1", &config], &both), 1);
    assert_eq!(port(&[&config], &both), 2);
    assert_eq!(port(&[&config], &both[..1]), 3);
    assert_eq!(port(&[&config], &[]), 4);
    assert_eq!(port(&[], &[]), 5050);
    let values = values(master::PROGRAM, &[&config], &[]);
    assert!(!values.switch("root-submissions").unwrap());
    assert_eq!(values.text("work-dir"), Some("/file"));
}

/// Switches may stand alone, with a value, or negated.
#[test]
fn switches_have_four_forms() {
    for (args, expected) in [
        (&[][..], true),
        (&["--switch_user"], true),
        (&["--switch-user=false"], false),
        (&["--no-switch_user"], false),
        (&["--no-switch-user", "--switch-user=true"], true),
    ] {
        let switch = values(agent::PROGRAM, args, &[]).switch("switch-user").unwrap();
        assert_eq!(switch, expected, "{args:?}");
    }
    let wrong = values(agent::PROGRAM, &["--switch-user=maybe"], &[]).switch("switch-user");
    assert!(wrong.unwrap_err().message.starts_with("--switch-user: expecting true or false"));
}

/// What nobody knows is refused by name, wherever it stands; only the environment is shared with others
/// and gets a warning.
#[test]
fn unknown_flags_are_refused_by_name() {
    let text = refusal(master::PROGRAM, &["--work-dri=/x"], &[]);
    assert!(text.contains("--work-dri") && text.contains("--work-dir"), "{text}");
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.toml");
    std::fs::write(&file, "work_dri = 1\n").unwrap();
    let text = refusal(agent::PROGRAM, &["--config", file.to_str().unwrap()], &[]);
    assert!(text.contains("work_dri in "), "{text}");
    let (_, warnings) = try_values(
        master::PROGRAM,
        &[],
        &[("MESOS_WORK_DRI", "x"), ("EBB_PORTS", "1"), ("PATH", "/")],
    )
    .unwrap();
    assert_eq!(warnings.len(), 2);
    assert!(warnings.iter().any(|it| it.contains("MESOS_WORK_DRI")), "{warnings:?}");
}

/// What Mesos has and Ebb has not is refused with the reason, from every source.
#[test]
fn unsupported_flags_of_mesos_are_refused_with_the_reason() {
    for args in [&["--zk=zk://m:2181/mesos"][..], &["--zk", "zk://m"]] {
        let text = refusal(master::PROGRAM, args, &[]);
        assert!(
            text.starts_with(
                "error: --zk is a flag of Mesos that Ebb does not support: several masters"
            ),
            "{text}"
        );
    }
    let text = refusal(agent::PROGRAM, &[], &[("MESOS_ISOLATION", "docker/runtime")]);
    assert!(text.contains("MESOS_ISOLATION is a flag of Mesos"), "{text}");
    let text = refusal(agent::PROGRAM, &["--containerizers=docker,mesos"], &[]);
    assert!(text.contains("--containerizers"), "{text}");
    // Those of the other daemon too.
    assert!(refusal(agent::PROGRAM, &["--quorum=1"], &[]).contains("--quorum"));
}

/// A flag of Mesos may be given if it asks for what Ebb does anyway.
#[test]
fn flags_that_ask_for_what_ebb_does_are_accepted() {
    let args = [
        "--quorum=1",
        "--registry_strict=false",
        "--no-quiet",
        "--authenticate_http_readwrite=false",
    ];
    assert!(try_values(master::PROGRAM, &args, &[]).is_ok());
    let with = ["--authenticate_http_readwrite", "--credentials=/c"];
    assert!(try_values(master::PROGRAM, &with, &[]).is_ok());
    let without = ["--authenticate_http_readwrite=true"];
    assert!(refusal(master::PROGRAM, &without, &[]).contains("--credentials decides"));
    let isolation = [("MESOS_ISOLATION", "posix/cpu,posix/mem"), ("MESOS_STRICT", "true")];
    assert!(try_values(agent::PROGRAM, &["--launcher", "posix", "--ip=::1"], &isolation).is_ok());
}

/// Nobody serves other machines without credentials unless told to.
#[test]
fn other_machines_are_served_only_with_credentials() {
    let settings = |args: &[&str]| {
        let all: Vec<&str> = ["--work-dir=/x"].iter().chain(args).copied().collect();
        master::settings(&values(master::PROGRAM, &all, &[]))
    };
    assert!(settings(&[]).is_ok());
    let failure = settings(&["--ip=0.0.0.0"]).unwrap_err();
    assert!(failure.message.contains("nobody would have to authenticate"), "{failure}");
    assert!(settings(&["--ip=0.0.0.0", "--insecure"]).is_ok());
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("credentials.json");
    std::fs::write(&file, r#"{"credentials":[{"principal":"ops","secret":"s3cret"}]}"#).unwrap();
    let path = format!("--credentials=file://{}", file.display());
    let secured = settings(&["--ip=0.0.0.0", &path]).unwrap();
    assert!(!secured.credentials.is_empty());
    assert_eq!(secured.ip, IpAddr::from([0, 0, 0, 0]));
    let shown = format!("{:?}", secured.flags);
    assert!(!shown.contains("s3cret"), "GET_FLAGS tells no secret: {shown}");
}

/// `GET_FLAGS` has Mesos' names and Mesos' way to write durations.
#[test]
fn get_flags_speaks_as_mesos() {
    let args = ["--work-dir=/x", "--agent-ping-timeout=1m30s", "--no-root-submissions"];
    let flags = values(master::PROGRAM, &args, &[]).for_api();
    let value =
        |name: &str| flags.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
    assert_eq!(value("agent_ping_timeout"), Some("90secs"));
    assert_eq!(value("agent_reregister_timeout"), Some("10mins"));
    assert_eq!(value("root_submissions"), Some("false"));
    assert_eq!(value("work_dir"), Some("/x"));
    assert_eq!(value("hostname"), None);
    assert_eq!(value("until_stdin_closes"), None);
}

/// An agent's masters may be several, with or without http://; zk:// is refused by name.
#[test]
fn masters_are_addresses_and_zk_is_refused() {
    let settings = |master: &str| {
        let flag = format!("--master={master}");
        agent::settings(&values(agent::PROGRAM, &["--work-dir=/x", &flag], &[]))
    };
    let masters = settings("a:1, http://b:2").unwrap().masters;
    assert_eq!(masters, ["http://a:1", "http://b:2"]);
    assert!(settings("zk://a:2181/mesos").unwrap_err().message.contains("zk:// is not supported"));
    assert!(settings("").unwrap_err().message.contains("--master is missing"));
}

/// Values that can't be read are refused with the flag's name or where it came from.
#[test]
fn wrong_values_are_refused_with_their_source() {
    let settings = |flag: &str, env: &[(&str, &str)]| {
        let args = ["--work-dir=/x", "--master=m:1", flag];
        agent::settings(&values(agent::PROGRAM, &args, env)).unwrap_err().message
    };
    for (flag, expected) in [
        ("--port=70000", "--port: expecting a whole number in range"),
        ("--recovery-timeout=5", "--recovery-timeout: '5' has no unit"),
        ("--recovery_timeout=-5s", "--recovery-timeout: must not be negative"),
        ("--resources=cpus", "--resources: "),
        ("--attributes=rack", "--attributes: "),
        ("--ip=host", "--ip: 'host' is not an IP address"),
        ("--max-log-size=10Mbit", "--max-log-size: expecting a size"),
        ("--credential=/does/not/exist", "--credential: cannot read /does/not/exist"),
    ] {
        let text = settings(flag, &[]);
        assert!(text.starts_with(expected), "{flag}: {text}");
    }
    let text = settings("--port=0", &[("MESOS_RECOVERY_TIMEOUT", "soon")]);
    assert!(text.starts_with("MESOS_RECOVERY_TIMEOUT: "), "{text}");
}

/// The agent's settings have Mesos' defaults.
#[test]
fn the_agent_has_the_defaults_of_mesos() {
    let values = values(agent::PROGRAM, &["--work-dir=/x", "--master=m:1"], &[]);
    let settings = agent::settings(&values).unwrap();
    assert_eq!(settings.executor_registration_timeout, Duration::from_mins(1));
    assert_eq!(settings.executor_shutdown_grace_period, Duration::from_secs(5));
    assert_eq!(settings.recovery_timeout, Duration::from_mins(15));
    assert_eq!(settings.default_kill_grace, Duration::from_secs(3));
    assert_eq!((settings.log_max_bytes, settings.log_files), (10 << 20, 5));
    assert_eq!((settings.fetcher_cache_size, settings.fetcher_cache_dir), (2 << 30, None));
}

/// A shared registry needs no work directory; its address, files and lease are checked before anything starts.
#[test]
fn a_shared_registry_is_checked_at_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let credential = dir.path().join("credential");
    std::fs::write(&credential, r#"{"principal":"ebb","secret":"s3cret"}"#).unwrap();
    let credential = format!("--registry-credential={}", credential.display());
    let registry = "--registry=etcd://a:1,b/prod";
    let settings = |args: &[&str]| master::settings(&values(master::PROGRAM, args, &[]));
    let shared = settings(&[registry, &credential]).unwrap().shared.unwrap();
    assert_eq!(shared.registry.to_string(), "etcd://a:1,b:2379/prod");
    assert_eq!(shared.lease, Duration::from_secs(5));
    assert!(shared.registry.tls.is_none() && shared.registry.credential.is_some());
    assert!(!format!("{shared:?}").contains("s3cret"));
    let flags = settings(&[registry, &credential]).unwrap().flags;
    assert!(flags.contains(&("registry".to_owned(), "etcd://a:1,b/prod".to_owned())), "{flags:?}");
    for (args, expected) in [
        (&["--registry=replicated_log"][..], "--registry: 'replicated_log' is no registry"),
        (&[registry, "--registry-lease=1secs"], "--registry-lease: must be at least 2secs"),
        (&[registry, "--registry-cert-file=/c"], "--registry-cert-file needs --registry-key-file"),
        (&[registry, "--registry-key-file=/c"], "--registry-key-file needs --registry-cert-file"),
        (&[registry, "--registry-ca-file=/none"], "cannot read /none"),
        (&[registry, "--registry-credential=/none"], "cannot read /none"),
        (
            &[registry, "--registry-cert-file=/c", "--registry-key-file=/k"],
            "needs --registry-ca-file",
        ),
        (&["--work-dir=/x", &credential], "of no use without --registry"),
        (&["--work-dir=/x", "--advertise-ip=here"], "expecting an IP address, not 'here'"),
        (&["--work-dir=/x", "--advertise-port=70000"], "expecting a port, not '70000'"),
        (&[registry, "--ip=0.0.0.0", "--insecure"], "give --advertise-ip=ADDRESS"),
        (&[], "or --registry=etcd://"),
    ] {
        let failure = settings(args).unwrap_err();
        assert_eq!(failure.exit, Exit::Usage);
        assert!(failure.to_string().contains(expected), "{args:?}: {failure}");
    }
    let args =
        [registry, "--ip=0.0.0.0", "--insecure", "--advertise-ip=10.0.0.1", "--advertise-port=80"];
    let settings = settings(&args).unwrap();
    assert_eq!(settings.advertise_ip, Some(IpAddr::from([10, 0, 0, 1])));
    assert_eq!(settings.advertise_port, Some(80));
}
