//! Hosts: each has an address, a small disk, and one daemon, which is started again when it ends as a service
//! manager would do it.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};

use rustix::process::Signal;

use crate::journal::Journal;
use crate::net::{self, LAB, Net};
use crate::processes::{self, BOOT_ID};

/// The program on trial; `EBB_CHAOS_PROGRAM` names another one.
fn ebb() -> PathBuf {
    let named = std::env::var_os("EBB_CHAOS_PROGRAM");
    named.map_or_else(|| env!("CARGO_BIN_EXE_ebb").into(), PathBuf::from)
}

/// What a host is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Master,
    Agent,
    Etcd,
}

impl Kind {
    pub(crate) fn port(self) -> u16 {
        match self {
            Self::Master => 5050,
            Self::Agent => 5051,
            Self::Etcd => 2379,
        }
    }
}

/// The daemon of a host, and what the harness did to it.
#[derive(Debug, Default)]
pub(crate) struct Daemon {
    child: Option<Child>,
    /// Killed by a fault, which starts it again.
    pub(crate) is_down: bool,
    /// Its disk was full at some time since it was started.
    pub(crate) met_full_disk: bool,
    pub(crate) disk_is_full: bool,
    /// How many work directories it has had.
    pub(crate) incarnation: u32,
    boots: u32,
    log_read: usize,
}

impl Daemon {
    pub(crate) fn is_running(&self) -> bool {
        self.child.is_some()
    }

    pub(crate) fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
        self.is_down = true;
    }

    pub(crate) fn signal(&self, signal: Signal) {
        if let Some(child) = &self.child {
            // Not reaped yet, so the pid is its own.
            processes::signal(i32::try_from(child.id()).unwrap(), signal);
        }
    }

    /// How it ended by itself, if it did.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().unwrap()?;
        self.child = None;
        Some(status)
    }
}

#[derive(Debug)]
pub(crate) struct Host {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) number: u64,
    address: Ipv4Addr,
    net: PathBuf,
    disk: PathBuf,
    log: PathBuf,
    boot_id: PathBuf,
    flags: Vec<String>,
    /// Held while something is done to the daemon.
    pub(crate) daemon: tokio::sync::Mutex<Daemon>,
}

impl Host {
    pub(crate) fn new(net: &Net, dir: &Path, name: &str, kind: Kind, flags: Vec<String>) -> Self {
        let disk = dir.join("disks").join(name);
        std::fs::create_dir_all(&disk).unwrap();
        // etcd takes what it may need at once.
        let size = if kind == Kind::Etcd { "size=512m,mode=755" } else { "size=48m,mode=755" };
        net::run("mount", &["-t", "tmpfs", "-o", size, "ebb-chaos", disk.to_str().unwrap()])
            .unwrap();
        let host = Self {
            name: name.to_owned(),
            kind,
            number: net.number(name),
            address: net.address(name),
            net: net.path(name),
            disk,
            log: dir.join("logs").join(format!("{name}.log")),
            boot_id: dir.join(format!("{name}.boot_id")),
            flags,
            daemon: tokio::sync::Mutex::default(),
        };
        host.new_boot_id(0);
        host
    }

    pub(crate) fn work_dir(&self) -> PathBuf {
        self.disk.join("work")
    }

    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// `http://address:port` of its daemon.
    pub(crate) fn url(&self) -> String {
        format!("http://{}:{}", self.address, self.kind.port())
    }

    fn new_boot_id(&self, boot: u32) {
        let octet = self.address.octets()[3];
        std::fs::write(&self.boot_id, format!("11111111-2222-3333-{octet:04}-{boot:012}\n"))
            .unwrap();
    }

    /// Its daemon, on this host and with its own boot id.
    fn command(&self) -> Command {
        let mut command = Command::new("nsenter");
        let script = format!("mount --bind \"$0\" {BOOT_ID}; exec \"$@\"");
        command
            .arg(format!("--net={}", self.net.display()))
            .args(["--", "unshare", "--mount", "sh", "-c", &script])
            .arg(&self.boot_id);
        self.daemon_on(&mut command, self.address, &self.work_dir());
        command
    }

    /// Its daemon where it reaches nothing: no network, none of the processes, no cgroup.
    fn lab_command(&self, net: &Net, work_dir: &Path) -> Command {
        let mut command = Command::new("nsenter");
        let script = "mount -t tmpfs none /sys/fs/cgroup; exec \"$0\" \"$@\"";
        command
            .arg(format!("--net={}", net.path(LAB).display()))
            .args(["--", "unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"])
            .args(["sh", "-c", script]);
        self.daemon_on(&mut command, Ipv4Addr::LOCALHOST, work_dir);
        command
    }

    fn daemon_on(&self, command: &mut Command, address: Ipv4Addr, work_dir: &Path) {
        let role = match self.kind {
            Kind::Master => "master",
            Kind::Agent => "agent",
            Kind::Etcd => {
                command.args(["etcd", "--data-dir"]).arg(work_dir).args(&self.flags);
                return;
            }
        };
        command
            .arg(ebb())
            .args([role, "--until-stdin-closes", "--insecure"])
            .arg(format!("--ip={address}"))
            .arg(format!("--port={}", self.kind.port()))
            .arg(format!("--work-dir={}", work_dir.display()))
            .args(&self.flags);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("EBB_") || name.starts_with("MESOS_") {
                command.env_remove(&*name);
            }
        }
    }

    fn log_file(&self) -> File {
        OpenOptions::new().create(true).append(true).open(&self.log).unwrap()
    }

    /// Starts the daemon if it does not run.
    pub(crate) fn start(&self, daemon: &mut Daemon, journal: &Journal) {
        daemon.is_down = false;
        if daemon.child.is_some() {
            return;
        }
        daemon.met_full_disk = daemon.disk_is_full;
        let mut log = self.log_file();
        writeln!(log, "--- started {:.3} s after the epoch", crate::clock::now().as_secs_f64())
            .unwrap();
        let child = self
            .command()
            // Master and agent end when it closes, however the harness ends.
            .stdin(Stdio::piped())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        journal.note(&format!("{}: started, pid {}", self.name, child.id()));
        daemon.child = Some(child);
    }

    /// Starts another daemon of this kind on another work directory, and lets it run for `limit` at most.
    /// Its exit code, if it ended by itself, and what it said.
    pub(crate) async fn try_on(
        &self,
        net: &Net,
        work_dir: &Path,
        limit: std::time::Duration,
    ) -> (Option<i32>, String) {
        let out = work_dir.join("said");
        let file = File::create(&out).unwrap();
        let mut command = tokio::process::Command::from(self.lab_command(net, work_dir));
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(file.try_clone().unwrap())
            .stderr(file)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let _stdin = child.stdin.take();
        let ended = tokio::time::timeout(limit, child.wait()).await;
        if ended.is_err() {
            drop(child.kill().await);
        }
        let said = String::from_utf8_lossy(&std::fs::read(&out).unwrap_or_default()).into_owned();
        (ended.ok().and_then(|ended| ended.unwrap().code()), said)
    }

    /// Ends everything on the host at once, as far as that can be done, and gives it another boot id.
    pub(crate) fn lose_power(&self, daemon: &mut Daemon) {
        daemon.kill();
        let numbers = [(self.number, self.name.clone())].into();
        loop {
            let left = processes::scan(&numbers);
            let left: Vec<_> = left.iter().filter(|process| !process.is_daemon()).collect();
            if left.is_empty() {
                break;
            }
            for process in left {
                processes::kill(process.pid);
            }
        }
        daemon.boots += 1;
        self.new_boot_id(daemon.boots);
    }

    /// Another disk: the next daemon is a new one.
    pub(crate) fn wipe(&self, daemon: &mut Daemon) {
        std::fs::remove_dir_all(self.work_dir()).unwrap();
        daemon.incarnation += 1;
    }

    /// Takes all the room there is on the disk.
    pub(crate) fn fill_disk(&self, daemon: &mut Daemon) {
        (daemon.disk_is_full, daemon.met_full_disk) = (true, true);
        let mut file = File::create(self.filler()).unwrap();
        let mut piece = vec![b'x'; 64 * 1024];
        while !piece.is_empty() {
            if file.write_all(&piece).is_err() {
                piece.truncate(piece.len() / 2);
            }
        }
    }

    pub(crate) fn make_room(&self, daemon: &mut Daemon) {
        if daemon.disk_is_full {
            std::fs::remove_file(self.filler()).unwrap();
            daemon.disk_is_full = false;
        }
    }

    fn filler(&self) -> PathBuf {
        self.disk.join("filler")
    }

    /// Everything the daemon has said since the last look.
    pub(crate) fn news(&self, daemon: &mut Daemon) -> String {
        let mut text = Vec::new();
        if let Ok(mut file) = File::open(&self.log) {
            drop(file.read_to_end(&mut text));
        }
        let from = daemon.log_read.min(text.len());
        daemon.log_read = text.len();
        String::from_utf8_lossy(&text[from..]).into_owned()
    }

    pub(crate) fn unmount(&self) {
        // Lazily: somebody may still be in it when a run fails.
        drop(net::run("umount", &["--lazy", self.disk.to_str().unwrap()]));
    }
}
