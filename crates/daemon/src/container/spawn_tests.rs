use super::*;
use crate::container::testing::within;
use rustix::pipe::{PipeFlags, pipe_with};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

fn exec(path: &str, argv: &[&str]) -> SpawnSpec {
    let argv = argv.iter().map(ToString::to_string).collect();
    SpawnSpec::new(Program::Exec { path: path.into(), argv }, "/")
}

fn shell(line: &str) -> SpawnSpec {
    SpawnSpec::new(Program::Shell(line.into()), "/")
}

async fn output_of(mut spec: SpawnSpec) -> (String, ExitStatus) {
    let (read, write) = pipe_with(PipeFlags::CLOEXEC).unwrap();
    spec.stderr = Stdio::Fd(write.try_clone().unwrap());
    spec.stdout = Stdio::Fd(write);
    let child = spawn(spec).unwrap();
    let status = within(child.wait()).await.unwrap();
    // Small outputs fit into the pipe, so reading after the end loses nothing.
    let mut text = String::new();
    File::from(read).read_to_string(&mut text).unwrap();
    (text, status)
}

fn refusal(spec: SpawnSpec) -> String {
    spawn(spec).unwrap_err().to_string()
}

fn is_root() -> bool {
    let root = rustix::process::geteuid().is_root();
    if !root {
        println!("skipped: needs root to switch users");
    }
    root
}

#[tokio::test]
async fn the_environment_is_exactly_the_one_given() {
    // Nothing is inherited, and the marker comes first whatever the alphabet says.
    let mut spec = exec("/usr/bin/env", &[]);
    spec.env.insert("B".into(), "two words".into());
    spec.env.insert("A".into(), String::new());
    spec.env.insert(marker::CONTAINER_ID.into(), "c-1".into());
    let (text, status) = output_of(spec).await;
    assert_eq!(text, "EBB_CONTAINER_ID=c-1\nA=\nB=two words\n");
    assert!(status.success());
}

#[tokio::test]
async fn arguments_and_exit_status_arrive_unchanged() {
    // argv[0] is the caller's choice, words aren't split, and codes and signals come back.
    let spec = exec("/bin/sh", &["name", "-c", "echo $0 \"$1\"; exit 7", "zero", "a  b"]);
    let (text, status) = output_of(spec).await;
    assert_eq!((text.as_str(), status.code()), ("zero a  b\n", Some(7)));
    let (_, status) = output_of(shell("kill -KILL $$")).await;
    assert_eq!(status.signal(), Some(9));
}

#[test]
fn a_missing_binary_is_named_with_where_it_was_sought() {
    // Missing by path, by search, and as the interpreter of a script.
    assert_eq!(
        refusal(exec("/no/such/binary", &[])),
        "cannot run /no/such/binary: No such file or directory (os error 2)"
    );
    let mut spec = exec("no-such-binary", &[]);
    spec.env.insert("PATH".into(), "/bin:/opt".into());
    assert_eq!(refusal(spec), "cannot run `no-such-binary`: not found in /bin:/opt");
    let dir = tempfile::tempdir().unwrap();
    let script = dir.path().join("script");
    fs::write(&script, "#!/no/such/shell\n").unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    assert!(refusal(exec(script.to_str().unwrap(), &[])).contains("interpreter"));
}

#[test]
fn every_other_refusal_is_a_sentence_with_its_reason() {
    // Not executable, bad directory, unknown user, NUL bytes, empty command, bad cgroup and limit.
    assert_eq!(
        refusal(exec("/etc/passwd", &[])),
        "cannot run /etc/passwd: Permission denied (os error 13)"
    );
    let mut spec = shell("true");
    spec.cwd = "/no/such/dir".into();
    assert_eq!(
        refusal(spec),
        "cannot enter the working directory /no/such/dir: No such file or directory (os error 2)"
    );
    let mut spec = shell("true");
    spec.user = Some("no-such-user".into());
    assert_eq!(refusal(spec), "there is no user `no-such-user` on this agent");
    assert!(refusal(shell("echo \0")).contains("NUL byte"));
    assert_eq!(refusal(exec("", &[])), "cannot start an empty command");
    let mut spec = shell("true");
    spec.env.insert("A=B".into(), String::new());
    assert!(refusal(spec).contains("the name of a variable"));
    let mut spec = shell("true");
    spec.cgroup = Some("/no/such/cgroup".into());
    assert!(refusal(spec).starts_with("cannot join the cgroup /no/such/cgroup: "));
    let mut spec = shell("true");
    spec.rlimits = vec![ResourceLimit { resource: Resource::Nofile, soft: Some(9), hard: Some(8) }];
    assert!(refusal(spec).starts_with("cannot set the limit Nofile: "));
}

#[test]
fn a_refused_start_leaves_no_child_behind() {
    // After the error this process has no more children of the failed program.
    let own = i32::try_from(std::process::id()).unwrap();
    for user in [None, Some("nobody".to_owned())] {
        let mut spec = shell("true");
        spec.cwd = "/no/such/dir/for/zombies".into();
        spec.user = user;
        spawn(spec).unwrap_err();
    }
    let zombies = crate::container::proc::all_pids().unwrap().into_iter().filter(|&pid| {
        let stat = crate::container::proc::read_stat(pid).unwrap();
        // Children of other tests have their own names; a failed child still bears this one's.
        stat.is_some_and(|stat| stat.parent == own && stat.state == 'Z')
            && fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| {
                fs::read_to_string("/proc/thread-self/comm").is_ok_and(|own| own == name)
            })
    });
    assert_eq!(zombies.count(), 0);
}

#[tokio::test]
async fn a_program_is_sought_in_the_path_of_its_own_environment() {
    // An unusable file on the way is passed over, a file without #! runs as a shell script.
    let dir = tempfile::tempdir().unwrap();
    for (sub, mode, text) in [("a", 0o644, "echo wrong"), ("b", 0o755, "echo $1-$#")] {
        fs::create_dir(dir.path().join(sub)).unwrap();
        let file = dir.path().join(sub).join("tool");
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).unwrap();
    }
    let mut spec = exec("tool", &["tool", "x", "y"]);
    let root = dir.path().display();
    spec.env.insert("PATH".into(), format!("/no/such:{root}/a:{root}/b"));
    assert_eq!(output_of(spec).await.0, "x-2\n");
}

#[tokio::test]
async fn a_program_runs_under_the_user_with_its_groups_and_limits() {
    // Ids and groups are those of the account, nothing of root remains, limits were set before.
    if !is_root() {
        return;
    }
    let mut spec = shell("id -u; id -g; id -G; ulimit -Sn; ulimit -Hn; pwd");
    spec.user = Some("nobody".into());
    spec.rlimits =
        vec![ResourceLimit { resource: Resource::Nofile, soft: Some(64), hard: Some(128) }];
    spec.env.insert("PATH".into(), DEFAULT_PATH.into());
    spec.cwd = "/usr".into();
    let nobody = user::lookup("nobody").unwrap().unwrap();
    let groups: Vec<String> = nobody.groups.iter().map(ToString::to_string).collect();
    assert_eq!(
        output_of(spec).await.0,
        format!("{}\n{}\n{}\n64\n128\n/usr\n", nobody.uid, nobody.gid, groups.join(" "))
    );
}

#[tokio::test]
async fn a_directory_closed_to_the_user_is_an_error() {
    // The working directory is entered with the rights of the user, not of root.
    if !is_root() {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let mut spec = shell("true");
    spec.user = Some("nobody".into());
    spec.cwd = dir.path().into();
    assert!(refusal(spec).ends_with("Permission denied (os error 13)"));
}

#[tokio::test]
async fn no_descriptor_but_the_standard_ones_reaches_the_program() {
    // Even one without the close-on-exec flag is closed.
    let leaky = rustix::io::fcntl_dupfd_cloexec(File::open("/dev/null").unwrap(), 50).unwrap();
    rustix::io::fcntl_setfd(&leaky, rustix::io::FdFlags::empty()).unwrap();
    let (text, _) = output_of(shell("for f in /proc/$$/fd/*; do echo ${f##*/}; done")).await;
    drop(leaky);
    // dash opens the script's directory itself as a further one at times, never 50 and up.
    let fds: Vec<u32> = text.lines().map(|line| line.parse().unwrap()).collect();
    assert!(fds.starts_with(&[0, 1, 2]) && fds.iter().all(|&fd| fd < 50), "{fds:?}");
}

#[tokio::test]
async fn signals_are_back_to_their_defaults() {
    // Rust ignores SIGPIPE and exec would keep that; the child ignores and blocks nothing.
    let (text, _) = output_of(shell("while read l; do echo \"$l\"; done </proc/$$/status")).await;
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        u64::from_str_radix(line.trim(), 16).unwrap()
    };
    assert_eq!((field("SigIgn:"), field("SigBlk:")), (0, 0));
}

#[tokio::test]
async fn standard_streams_may_be_given_in_any_order() {
    // Sources that are themselves 0..=2 or the same file don't overwrite each other.
    let (read, write) = pipe_with(PipeFlags::CLOEXEC).unwrap();
    let (other_read, other_write) = pipe_with(PipeFlags::CLOEXEC).unwrap();
    let mut spec = shell("echo out; echo err >&2");
    spec.stdout = Stdio::Fd(write);
    spec.stderr = Stdio::Fd(other_write);
    spec.stdin = Stdio::Inherit;
    let child = spawn(spec).unwrap();
    within(child.wait()).await.unwrap();
    let mut text = [String::new(), String::new()];
    File::from(read).read_to_string(&mut text[0]).unwrap();
    File::from(other_read).read_to_string(&mut text[1]).unwrap();
    assert_eq!(text, ["out\n", "err\n"]);
}

#[tokio::test]
async fn a_session_of_its_own_is_led_only_when_asked_for() {
    // Field 6 of stat is the session: its own pid, or the one of this process.
    let script = "read l </proc/$$/stat; set -- $l; [ $6 = $$ ] && echo leads || echo follows";
    for (new_session, says) in [(true, "leads\n"), (false, "follows\n")] {
        let mut spec = shell(script);
        spec.new_session = new_session;
        assert_eq!(output_of(spec).await.0, says);
    }
}
