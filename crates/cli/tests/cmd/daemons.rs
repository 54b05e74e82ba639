//! `ebb master`, `ebb agent` and `ebb up` as processes.

use crate::program::{EBB, Master, command, ebb};

/// A port in use is said so, with the way out, and the process ends with 1.
#[test]
fn a_port_in_use_is_said_so() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = format!("--port={}", taken.local_addr().unwrap().port());
    let dir = tempfile::tempdir().unwrap();
    let work_dir = format!("--work-dir={}", dir.path().join("work").display());
    for args in [vec!["master", &port, &work_dir], vec!["agent", "--master=m:1", &port, &work_dir]]
    {
        let said = ebb(&args);
        assert_eq!(said.code, 1, "{said:?}");
        assert!(
            said.err.contains("is in use by another process") && said.err.contains("--port"),
            "{said:?}"
        );
        assert!(said.out.is_empty(), "{said:?}");
    }
    let data = dir.path().join("up");
    let up = ebb(&["up", &port, "--data-dir", data.to_str().unwrap()]);
    assert_eq!(up.code, 1, "{up:?}");
    assert!(up.err.contains("is in use") && up.err.contains("hint: `ebb up --port 0`"), "{up:?}");
}

/// Flags that are missing, wrong, unknown or not supported end a daemon with 2 before it does anything.
#[test]
fn bad_flags_end_a_daemon_before_it_does_anything() {
    let dir = tempfile::tempdir().unwrap();
    let work_dir = format!("--work_dir={}", dir.path().join("work").display());
    for (args, expected) in [
        (vec!["master"], "--work-dir is missing"),
        (vec!["agent", &work_dir], "--master is missing"),
        (vec!["agent", &work_dir, "--master=zk://m/mesos"], "zk:// is not supported"),
        (vec!["master", &work_dir, "--zk=zk://m/mesos"], "--zk is a flag of Mesos"),
        (vec!["master", &work_dir, "--ip=0.0.0.0"], "nobody would have to authenticate"),
        (vec!["master", &work_dir, "--prot=1"], "--prot"),
        (vec!["master", &work_dir, "--port=x"], "--port: expecting a whole number"),
        (vec!["master", &work_dir, "--config=/none.toml"], "cannot read /none.toml"),
        (vec!["master", &work_dir, "--credentials=/none"], "cannot read /none"),
    ] {
        let said = ebb(&args);
        assert_eq!(said.code, 2, "{args:?}: {said:?}");
        assert!(said.err.contains(expected) && said.out.is_empty(), "{args:?}: {said:?}");
    }
    assert!(!dir.path().join("work").exists());
}

/// A variable of Mesos that is no flag is warned of by name; one that is not supported is refused.
#[test]
fn variables_of_mesos_are_warned_of_or_refused() {
    let run = |name: &str, value: &str| {
        let output = command(EBB.as_ref(), &["master"]).env(name, value).output().unwrap();
        crate::program::Said::from(output).err
    };
    let warned = run("MESOS_NATIVE_JAVA_LIBRARY", "/lib/x.so");
    assert!(
        warned.starts_with("warning: the environment variable MESOS_NATIVE_JAVA_LIBRARY"),
        "{warned}"
    );
    let refused = run("MESOS_ZK", "zk://m");
    assert!(refused.starts_with("error: MESOS_ZK is a flag of Mesos"), "{refused}");
}

/// Two masters can't share a work directory: the second ends with an error, the first goes on.
#[test]
fn two_masters_cannot_share_a_work_directory() {
    let master = Master::start(&[]);
    let work_dir = format!("--work-dir={}", master.dir.path().join("work").display());
    let said = ebb(&["master", "--port=0", &work_dir]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("error: the master cannot go on: the registry"), "{said:?}");
    assert_eq!(master.ebb(&["node", "list"]).code, 0);
}

/// The flags that a master was given are answered by the API with Mesos' names.
#[test]
fn the_flags_given_are_answered_by_the_api() {
    let master = Master::start(&["--agent_ping_timeout=20s"]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let api = cli::api::Master::new(daemon::http::client::Client::new(None), &master.url);
    let call = api.call(wire::master::call::Type::GetFlags, wire::master::Call::default());
    let flags = runtime.block_on(call).unwrap().get_flags.unwrap().flags;
    let value = |name: &str| {
        flags.iter().find(|flag| flag.name == name).and_then(|flag| flag.value.as_deref())
    };
    assert_eq!(value("agent_ping_timeout"), Some("20secs"));
    assert_eq!(value("port"), Some("0"));
    assert!(value("work_dir").is_some_and(|path| path.ends_with("/work")));
}

/// Each daemon's help lists its flags with their defaults.
#[test]
fn each_daemon_lists_its_flags() {
    for (daemon, flag) in
        [("master", "--agent-reregister-timeout"), ("agent", "--default-kill-grace")]
    {
        let said = ebb(&[daemon, "--help"]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{said:?}");
        assert!(said.out.contains(flag) && said.out.contains("[default: "), "{}", said.out);
        assert!(!said.out.contains("until-stdin-closes"), "{}", said.out);
    }
}
