//! Several masters on an etcd of three members. A world beside them has one more, which follows: through it
//! the world's agents, scheduler and operator find whoever leads.

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cli::cluster::Options;
use cli::cluster::etcd::{Etcd, TlsFiles};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::http::{self, Answer};
use crate::world::{PATIENCE, World};

/// So short that a failover does not take long, so long that a busy machine does not cause one.
const LEASE: &str = "--registry-lease=3secs";
const LOOK_AGAIN: Duration = Duration::from_millis(20);
const TAIL: usize = 40;

/// What they share, and the masters that can be killed without the world noticing more than that.
pub(crate) struct Masters {
    pub(crate) etcd: Etcd,
    pub(crate) peers: Vec<Peer>,
    flags: Vec<String>,
    dir: Option<TempDir>,
}

/// One master.
pub(crate) struct Peer {
    child: Child,
    pub(crate) address: SocketAddr,
    log: PathBuf,
    killed: bool,
}

impl Masters {
    /// Starts etcd and `count` masters, of which the first leads; `None` where there is no etcd.
    pub(crate) async fn start(count: usize) -> Option<Self> {
        let mut masters = Self::with(None, &[]).await?;
        for _ in 0..count {
            masters.add();
        }
        if count > 0 {
            masters.until("the first leads", |it| it.leader() == Some(it.peers[0].address)).await;
        }
        Some(masters)
    }

    /// Only etcd; `flags` are of all masters.
    pub(crate) async fn with(tls: Option<(TempDir, TlsFiles)>, flags: &[String]) -> Option<Self> {
        if !Etcd::is_installed() {
            println!("skipped: needs etcd (Debian package etcd-server)");
            return None;
        }
        let (dir, tls) = match tls {
            Some((dir, tls)) => (dir, Some(tls)),
            None => (tempfile::Builder::new().prefix("ebb-e2e-").tempdir().unwrap(), None),
        };
        let etcd = Etcd::start(&dir.path().join("etcd"), 3, tls).await.unwrap();
        let mut all = vec![format!("--registry={}", etcd.url()), LEASE.to_owned()];
        all.extend(flags.iter().cloned());
        Some(Self { etcd, peers: Vec::new(), flags: all, dir: Some(dir) })
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.as_ref().unwrap().path()
    }

    /// `etcd://…`
    pub(crate) fn registry(&self) -> String {
        self.etcd.url()
    }

    /// Starts one more master; returns once it serves.
    pub(crate) fn add(&mut self) {
        let log = self.path().join(format!("master-{}.log", self.peers.len()));
        let mut child = Command::new(env!("CARGO_BIN_EXE_ebb"))
            .args(["master", "--until-stdin-closes", "--port=0"])
            .args(&self.flags)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit("http://").next().unwrap().parse();
        let address = address.unwrap_or_else(|_| panic!("{}", tail(&log)));
        self.peers.push(Peer { child, address, log, killed: false });
    }

    /// A world whose master follows, unless no other is there.
    pub(crate) async fn world(&self, agents: usize) -> World {
        World::with(agents, |options: &mut Options| {
            options.master_flags.extend(self.flags.iter().cloned());
        })
        .await
    }

    /// Where one of the masters that answer says that the leader is.
    pub(crate) fn leader(&self) -> Option<SocketAddr> {
        self.peers.iter().filter(|peer| !peer.killed).find_map(|peer| redirect(peer.address))
    }

    /// Waits for a condition.
    pub(crate) async fn until(&mut self, what: &str, mut look: impl FnMut(&mut Self) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        while !look(self) {
            assert!(Instant::now() < deadline, "this did not happen: {what}");
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }
}

impl Peer {
    /// SIGKILL, and waits for the end.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.killed = true;
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

impl Drop for Masters {
    fn drop(&mut self) {
        for peer in &mut self.peers {
            // It may be dead already.
            drop(peer.child.kill());
            drop(peer.child.wait());
            if std::thread::panicking() {
                eprintln!("--- the end of {}\n{}", peer.log.display(), tail(&peer.log));
            }
        }
        if std::thread::panicking()
            && let Some(dir) = self.dir.take()
        {
            eprintln!("--- kept: {}", dir.keep().display());
        }
    }
}

/// Where a master sends those who ask for the leader; `None` while it knows none.
pub(crate) fn redirect(address: SocketAddr) -> Option<SocketAddr> {
    let answer = http::send(address, "GET", "/redirect", &[], b"");
    location(&answer)?.strip_prefix("//")?.parse().ok()
}

/// The `Location` of an answer.
pub(crate) fn location(answer: &Answer) -> Option<&str> {
    header(answer, "location")
}

pub(crate) fn header<'a>(answer: &'a Answer, name: &str) -> Option<&'a str> {
    answer.head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

fn tail(log: &Path) -> String {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(TAIL)..].join("\n")
}
