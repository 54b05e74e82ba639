//! Client commands.

use crate::program::{EBB, Master, command, ebb};

/// A master that does not answer is exit code 5, with the next step, and nothing on stdout.
#[test]
fn no_master_is_exit_code_five() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    for args in [
        &["node", "list"][..],
        &["node", "drain", "S1", "--wait"],
        &["node", "explain", "S1"],
        &["task", "list"],
        &["task", "run", "--", "true"],
        &["task", "log", "x"],
    ] {
        let all: Vec<&str> = ["--master", &address].iter().chain(args).copied().collect();
        let said = ebb(&all);
        assert_eq!(said.code, 5, "{args:?}: {said:?}");
        assert!(said.err.starts_with("error: cannot reach http://127.0.0.1:"), "{said:?}");
        assert!(said.err.contains("\nhint: ") && said.out.is_empty(), "{said:?}");
    }
}

/// Wrong arguments are exit code 2 and name what is wrong.
#[test]
fn wrong_arguments_are_exit_code_two() {
    for (args, expected) in [
        (&["node", "drain", "S1", "--max-grace-period", "10"][..], "'10' has no unit"),
        (&["node", "drain", "S1", "--max-grace-period=-1s"], "must not be negative"),
        (&["node", "drain", "S1", "--timeout", "1s"], "--wait"),
        (&["node", "drain"], "<NODE>"),
        (&["node", "rdain", "S1"], "rdain"),
        (&["task", "run"], "COMMAND"),
        (&["task", "run", "--instances", "0", "--", "true"], "--instances"),
        (&["node", "list", "--master", "https://m"], "TLS is not supported"),
        (&["node", "list", "--master", "m:port"], "'m:port' is not an address"),
        (&["node", "list", "--principal", "ops"], "--principal needs --secret-file"),
        (&["node", "list", "--principal", "ops", "--secret-file", "/none"], "cannot read /none"),
        (&["node", "list", "-o", "yaml"], "yaml"),
    ] {
        let said = ebb(args);
        assert_eq!(said.code, 2, "{args:?}: {said:?}");
        assert!(said.err.contains(expected) && said.err.starts_with("error: "), "{said:?}");
        assert!(said.out.is_empty(), "{said:?}");
    }
}

/// Help is data, exits with 0, tells the exit codes and fits 80 columns when piped.
#[test]
fn help_is_data_and_tells_the_exit_codes() {
    let said = ebb(&["--help"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.contains("Exit codes: 0 done; 1 error; 2 usage"), "{}", said.out);
    for hidden in ["executor", "launch", "hold"] {
        assert!(!said.out.contains(&format!("  {hidden}")), "{hidden} is hidden");
    }
    let drain = ebb(&["node", "drain", "--help"]);
    assert!(drain.out.contains("ebb node drain S1 --wait"), "{}", drain.out);
}

/// An empty cluster lists its header, says so on stderr, and is no error; unknown names are errors
/// that say what there is.
#[test]
fn an_empty_cluster_is_no_error_but_unknown_names_are() {
    let master = Master::start(&[]);
    let said = master.ebb(&["node", "list"]);
    assert_eq!((said.code, said.out.as_str()), (0, "HOSTNAME  IP  ID  STATUS  TASKS  DRAIN\n"));
    assert!(said.err.contains("no agent has registered"), "{said:?}");
    assert_eq!(master.ebb(&["node", "list", "-o", "json"]).out, "[]\n");
    assert_eq!(master.ebb(&["task", "list", "-o", "json"]).out, "[]\n");
    for verb in ["drain", "show", "explain", "deactivate", "reactivate", "decommission"] {
        let said = master.ebb(&["node", verb, "S7"]);
        assert_eq!(said.code, 1, "{said:?}");
        assert!(said.err.starts_with("error: there is no node 'S7'\nhint: "), "{said:?}");
    }
    for verb in ["show", "kill", "log"] {
        let said = master.ebb(&["task", verb, "web"]);
        assert_eq!(said.code, 1, "{said:?}");
        assert!(said.err.starts_with("error: there is no task 'web'\nhint: "), "{said:?}");
    }
}

/// Where credentials are wanted, none and wrong ones are exit code 4, right ones work, and the secret is
/// read from a file only.
#[test]
fn credentials_are_wanted_where_configured() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("credentials.json");
    std::fs::write(&file, r#"{"credentials":[{"principal":"ops","secret":"s3cret"}]}"#).unwrap();
    let flag = format!("--credentials={}", file.display());
    let master = Master::start(&[&flag]);
    let said = master.ebb(&["node", "list"]);
    assert_eq!(said.code, 4, "{said:?}");
    assert!(said.err.contains("hint: give --principal and --secret-file"), "{said:?}");
    let secret = dir.path().join("secret");
    for (text, code) in [("wrong", 4), ("s3cret\n", 0)] {
        std::fs::write(&secret, text).unwrap();
        let path = secret.to_str().unwrap();
        let said = master.ebb(&["node", "list", "--principal", "ops", "--secret-file", path]);
        assert_eq!(said.code, code, "{said:?}");
    }
}

/// A server that is no master is said to be none.
#[test]
fn a_server_that_is_no_master_is_said_to_be_none() {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        assert!(stream.read(&mut request).unwrap() > 0);
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello").unwrap();
    });
    let said = ebb(&["node", "list", "--master", &address]);
    server.join().unwrap();
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.err.contains("hint: is this the address of a master?"), "{said:?}");
}

/// Under the name `dcos` the columns and the errors are those of dcos, and every error is exit code 1.
#[test]
fn under_the_name_dcos_it_speaks_as_dcos() {
    let master = Master::start(&[]);
    let dcos = master.dir.path().join("dcos");
    std::os::unix::fs::symlink(EBB, &dcos).unwrap();
    let run = |args: &[&str]| {
        let output = command(&dcos, args).env("EBB_MASTER", &master.url).output().unwrap();
        crate::program::Said::from(output)
    };
    let list = run(&["node", "list"]);
    assert_eq!(list.code, 0, "{list:?}");
    let header: Vec<&str> = list.out.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(
        header,
        ["HOSTNAME", "IP", "PUBLIC", "IP(S)", "ID", "TYPE", "STATUS", "REGION", "ZONE"]
    );
    assert!(list.out.contains("master (leader)"), "{}", list.out);
    assert_eq!(run(&["task", "list", "--json"]).out, "[]\n");
    let unknown = run(&["task", "list", "web"]);
    assert_eq!(
        (unknown.code, unknown.err.as_str()),
        (1, "Error: no task ID found containing 'web'\n")
    );
    let flag = run(&["node", "list", "--bogus"]);
    assert_eq!(flag.code, 1, "{flag:?}");
    assert!(flag.err.starts_with("Error: ") && flag.err.lines().count() == 1, "{flag:?}");
}
