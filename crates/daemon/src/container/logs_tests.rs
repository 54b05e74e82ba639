use super::*;
use crate::container::spawn::{Program, SpawnSpec, Stdio, spawn};
use crate::container::testing::within;
use std::fs;
use std::os::unix::fs::{MetadataExt, symlink};
use std::path::PathBuf;
use std::process::Command;

const SMALL: Rotation = Rotation { max_bytes: 10, keep: 2 };

fn read(dir: &Path, name: &str) -> String {
    fs::read_to_string(dir.join(name)).unwrap_or_else(|_| "(none)".into())
}

#[test]
fn files_are_rotated_by_size_and_the_oldest_is_forgotten() {
    // No file exceeds the limit, order is kept, and only `keep` old ones remain.
    let dir = tempfile::tempdir().unwrap();
    let mut log = LogFile::open(dir.path(), "stdout", SMALL, None).unwrap();
    log.append(b"0123456789");
    assert_eq!(read(dir.path(), "stdout.1"), "(none)");
    log.append(b"abcdefghijABCDEFGHIJklmno");
    log.append(b"pq");
    assert_eq!(read(dir.path(), "stdout"), "klmnopq");
    assert_eq!(read(dir.path(), "stdout.1"), "ABCDEFGHIJ");
    assert_eq!(read(dir.path(), "stdout.2"), "abcdefghij");
    assert_eq!(read(dir.path(), "stdout.3"), "(none)");
    assert_eq!(log.lost_bytes(), 0);
}

#[test]
fn an_existing_file_is_continued() {
    // After a restart nothing is overwritten and the size counts on.
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("stdout"), "01234567").unwrap();
    LogFile::open(dir.path(), "stdout", SMALL, None).unwrap().append(b"89ab");
    assert_eq!(read(dir.path(), "stdout"), "ab");
    assert_eq!(read(dir.path(), "stdout.1"), "0123456789");
}

#[test]
fn keeping_no_old_file_starts_over() {
    // keep = 0 and a zero size are both usable.
    let dir = tempfile::tempdir().unwrap();
    let rotation = Rotation { max_bytes: 4, keep: 0 };
    LogFile::open(dir.path(), "a", rotation, None).unwrap().append(b"123456");
    assert_eq!((read(dir.path(), "a"), read(dir.path(), "a.1")), ("56".into(), "(none)".into()));
    let rotation = Rotation { max_bytes: 0, keep: 0 };
    LogFile::open(dir.path(), "b", rotation, None).unwrap().append(b"123");
    assert_eq!(read(dir.path(), "b"), "3");
}

#[test]
fn links_in_the_sandbox_are_not_followed() {
    // A task can't make the writer, which may be root, write to files elsewhere.
    let dir = tempfile::tempdir().unwrap();
    let victim = dir.path().join("victim");
    fs::write(&victim, "safe").unwrap();
    symlink(&victim, dir.path().join("link")).unwrap();
    fs::hard_link(&victim, dir.path().join("hard")).unwrap();
    for name in ["link", "hard"] {
        LogFile::open(dir.path(), name, SMALL, None).unwrap_err();
    }
    // One put in place just before a rotation is moved away like a log, not written through.
    let mut log = LogFile::open(dir.path(), "stdout", SMALL, None).unwrap();
    log.append(b"0123456789");
    fs::remove_file(dir.path().join("stdout")).unwrap();
    symlink(&victim, dir.path().join("stdout")).unwrap();
    log.append(b"abc");
    assert_eq!(read(dir.path(), "victim"), "safe");
    assert!(!dir.path().join("stdout").is_symlink());
    assert_eq!(read(dir.path(), "stdout"), "abc");
}

#[test]
fn files_belong_to_the_user_of_the_task() {
    // The current and the rotated files have the owner asked for.
    if !rustix::process::geteuid().is_root() {
        println!("skipped: needs root to give files away");
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let owner = Owner { uid: 65_534, gid: 65_534 };
    LogFile::open(dir.path(), "stdout", SMALL, Some(owner)).unwrap().append(b"0123456789ab");
    for name in ["stdout", "stdout.1"] {
        let meta = fs::metadata(dir.path().join(name)).unwrap();
        assert_eq!((meta.uid(), meta.gid()), (65_534, 65_534), "{name}");
    }
}

/// A filesystem of 64 KiB, unmounted at the end.
struct SmallDisk {
    path: tempfile::TempDir,
}

impl SmallDisk {
    fn new() -> Option<Self> {
        let path = tempfile::tempdir().unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(path.path())
            .output();
        if mount.is_ok_and(|mount| mount.status.success()) {
            return Some(Self { path });
        }
        println!("skipped: needs the right to mount a tmpfs");
        None
    }

    fn ballast(&self) -> PathBuf {
        self.path.path().join("ballast")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let status = Command::new("umount").arg("-l").arg(self.path.path()).status();
        assert!(status.is_ok_and(|status| status.success()));
    }
}

#[test]
fn a_full_disk_drops_output_and_one_line_tells_how_much() {
    // While full everything is counted; with room again one line precedes the next output.
    let Some(disk) = SmallDisk::new() else { return };
    let mut log = LogFile::open(disk.path.path(), "stdout", Rotation::default(), None).unwrap();
    log.append(b"before\n");
    fs::write(disk.ballast(), vec![0; 56 * 1024]).unwrap();
    let big = vec![b'x'; 16 * 1024];
    log.append(&big);
    let lost = log.lost_bytes();
    assert!(lost > 0 && lost < 16 * 1024, "{lost}");
    log.append(b"dropped\n");
    assert_eq!(log.lost_bytes(), lost + 8);
    fs::remove_file(disk.ballast()).unwrap();
    log.retry_at = None;
    log.append(b"after\n");
    log.append(b"last\n");
    let text = read(disk.path.path(), "stdout");
    let lines: Vec<&str> = text.lines().collect();
    let tail = &lines[lines.len() - 3..];
    assert_eq!(lines[0], "before");
    assert_eq!(
        tail[0],
        format!(
            "[ebb: {} bytes of output were lost: No space left on device (os error 28)]",
            lost + 8
        )
    );
    assert_eq!(&tail[1..], ["after", "last"]);
    assert_eq!(text.matches("bytes of output were lost").count(), 1);
    assert_eq!(log.lost_bytes(), lost + 8);
}

#[tokio::test(flavor = "current_thread")]
async fn a_task_on_a_full_disk_runs_to_its_end() {
    // A megabyte goes through a 64 KiB disk: the task isn't held up, and the loss is returned.
    let Some(disk) = SmallDisk::new() else { return };
    let (pipe, stdout) = pipe_with(PipeFlags::CLOEXEC).unwrap();
    let log = LogFile::open(disk.path.path(), "stdout", Rotation::default(), None).unwrap();
    let pump = LogPump::start(vec![(pipe, log)]).unwrap();
    let line = Program::Shell("head -c 1048576 /dev/zero".into());
    let mut spec = SpawnSpec::new(line, "/");
    spec.stdout = Stdio::Fd(stdout);
    let child = spawn(spec).unwrap();
    assert!(within(child.wait()).await.unwrap().success());
    let lost = within(pump.finished()).await;
    let kept = fs::metadata(disk.path.path().join("stdout")).unwrap().len();
    assert!(lost >= 1_048_576 - 65_536, "{lost}");
    assert!(lost + kept >= 1_048_576, "{lost} + {kept}");
}

#[tokio::test(flavor = "current_thread")]
async fn both_streams_arrive_whole_in_their_files() {
    // Megabytes on both streams at a time, in order and complete, on a current_thread runtime.
    let dir = tempfile::tempdir().unwrap();
    let (out, stdout) = pipe_with(PipeFlags::CLOEXEC).unwrap();
    let (err, stderr) = pipe_with(PipeFlags::CLOEXEC).unwrap();
    let open = |name| LogFile::open(dir.path(), name, Rotation::default(), None).unwrap();
    let pump = LogPump::start(vec![(out, open("stdout")), (err, open("stderr"))]).unwrap();
    let line = "seq 1 200000 & seq 1 200000 >&2; wait";
    let mut spec = SpawnSpec::new(Program::Shell(line.into()), "/");
    spec.stdout = Stdio::Fd(stdout);
    spec.stderr = Stdio::Fd(stderr);
    let child = spawn(spec).unwrap();
    assert!(within(child.wait()).await.unwrap().success());
    assert_eq!(within(pump.finished()).await, 0);
    for name in ["stdout", "stderr"] {
        let text = read(dir.path(), name);
        assert!((1..=200_000).map(|n: u32| n.to_string()).eq(text.lines()), "{name}");
    }
}

#[tokio::test(flavor = "current_thread")]
async fn a_dropped_pump_writes_what_is_there_and_ends() {
    // A writer that stays doesn't keep the thread alive, and its last words are kept.
    let dir = tempfile::tempdir().unwrap();
    let (pipe, writer) = pipe_with(PipeFlags::CLOEXEC).unwrap();
    let log = LogFile::open(dir.path(), "stdout", Rotation::default(), None).unwrap();
    let pump = LogPump::start(vec![(pipe, log)]).unwrap();
    rustix::io::write(&writer, b"last words").unwrap();
    let mut done = pump.done.clone();
    drop(pump);
    within(done.wait_for(Option::is_some)).await.unwrap();
    assert_eq!(read(dir.path(), "stdout"), "last words");
}
