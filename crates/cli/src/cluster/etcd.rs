//! An etcd of some members on loopback, for tests and benchmarks: real processes that can be killed,
//! stopped and started again. All they write is below one directory.

use std::fs::{File, OpenOptions};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use daemon::etcd::{Client, Patience, Target, Tls};
use rustix::process::{Pid, Signal, kill_process};

/// Longest wait for members to serve.
const LIMIT: Duration = Duration::from_secs(30);
/// Starts before giving up: ports that were free may be taken by somebody else meanwhile.
const STARTS: usize = 5;
const PATIENCE: Patience = Patience { each: Duration::from_secs(2), all: LIMIT };
/// Pause between two looks at a member that starts.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Why there is no etcd.
#[derive(Debug, thiserror::Error)]
pub enum EtcdError {
    #[error("cannot prepare {path}: {source}")]
    Directory { path: String, source: std::io::Error },
    #[error("cannot start etcd: {0}")]
    Start(#[source] std::io::Error),
    #[error("etcd does not serve; its logs are in {logs}")]
    Silent { logs: String },
    #[error("the certificates cannot be used: {0}")]
    Tls(String),
}

/// Files with which members speak TLS and ask clients for certificates.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    pub ca: PathBuf,
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// The members. Dropping it kills them.
#[derive(Debug)]
pub struct Etcd {
    dir: PathBuf,
    tls: Option<TlsFiles>,
    members: Vec<Process>,
}

#[derive(Debug)]
struct Process {
    client_port: u16,
    peer_port: u16,
    child: Option<Child>,
}

impl Etcd {
    /// Whether etcd can be run here.
    pub fn is_installed() -> bool {
        let status = Command::new("etcd")
            .arg("--version")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        status.is_ok_and(|status| status.success())
    }

    /// Starts members on free ports and waits until they serve. Data and logs go below `dir`.
    ///
    /// # Errors
    /// They do not start, or not in time.
    pub async fn start(
        dir: &Path,
        members: usize,
        tls: Option<TlsFiles>,
    ) -> Result<Self, EtcdError> {
        let failed = |source| EtcdError::Directory { path: dir.display().to_string(), source };
        let mut started = 0;
        loop {
            started += 1;
            let mut etcd = Self { dir: dir.to_owned(), tls: tls.clone(), members: Vec::new() };
            if dir.exists() {
                std::fs::remove_dir_all(dir).map_err(failed)?;
            }
            std::fs::create_dir_all(dir).map_err(failed)?;
            let ports = free_ports(members * 2).map_err(EtcdError::Start)?;
            for ports in ports.chunks(2) {
                let (client_port, peer_port) = (ports[0], ports[1]);
                etcd.members.push(Process { client_port, peer_port, child: None });
            }
            for index in 0..members {
                etcd.spawn(index)?;
            }
            match etcd.serves().await {
                Ok(()) => return Ok(etcd),
                Err(error) if started == STARTS => return Err(error),
                Err(_) => {}
            }
        }
    }

    /// `etcd://…` with all members.
    pub fn url(&self) -> String {
        let members = self.members.iter().map(|member| format!("127.0.0.1:{}", member.client_port));
        format!("etcd://{}", members.collect::<Vec<_>>().join(","))
    }

    /// `scheme://host:port` of all members, as `etcdctl --endpoints` wants them.
    pub fn endpoints(&self) -> String {
        let scheme = self.scheme();
        let members = self
            .members
            .iter()
            .map(|member| format!("{scheme}://127.0.0.1:{}", member.client_port));
        members.collect::<Vec<_>>().join(",")
    }

    pub fn members(&self) -> usize {
        self.members.len()
    }

    /// Process id of a member that runs.
    pub fn pid(&self, index: usize) -> Option<u32> {
        self.members[index].child.as_ref().map(Child::id)
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(&mut self, index: usize) {
        if let Some(mut child) = self.members[index].child.take() {
            // It may have ended by itself.
            drop(child.kill());
            drop(child.wait());
        }
    }

    /// Sends a signal, such as SIGSTOP, to a member that runs.
    pub fn signal(&self, index: usize, signal: Signal) {
        let pid = self.pid(index).and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid
            && let Err(error) = kill_process(pid, signal)
        {
            tracing::debug!(index, %error, "it has just ended");
        }
    }

    /// Starts a member that was killed, with the data that it had. Does not wait.
    ///
    /// # Errors
    /// It does not start.
    pub fn restart(&mut self, index: usize) -> Result<(), EtcdError> {
        self.spawn(index)
    }

    /// Waits until a majority serves, seen from the members together.
    ///
    /// # Errors
    /// A member has ended, or it takes too long.
    pub async fn serves(&mut self) -> Result<(), EtcdError> {
        let client = Client::new(self.target()?).map_err(|e| EtcdError::Tls(e.to_string()))?;
        let asked = client.get("/nothing", PATIENCE);
        tokio::pin!(asked);
        loop {
            tokio::select! {
                answer = asked.as_mut() => match answer {
                    Ok(_) => return Ok(()),
                    // Somebody serves and wants credentials.
                    Err(error) if !error.is_passing() => return Ok(()),
                    Err(_) => return Err(self.silent()),
                },
                () = tokio::time::sleep(LOOK_AGAIN) => {
                    let members = self.members.iter_mut().filter_map(|member| member.child.as_mut());
                    for child in members {
                        if child.try_wait().is_ok_and(|ended| ended.is_some()) {
                            return Err(self.silent());
                        }
                    }
                }
            }
        }
    }

    fn silent(&self) -> EtcdError {
        EtcdError::Silent { logs: self.dir.display().to_string() }
    }

    /// Where it is, with the certificates that let a client in.
    ///
    /// # Errors
    /// The certificates can't be read.
    pub fn target(&self) -> Result<Target, EtcdError> {
        let failed = |error: daemon::etcd::TargetError| EtcdError::Tls(error.to_string());
        let mut target = Target::parse(&self.url()).map_err(failed)?;
        if let Some(tls) = &self.tls {
            target.tls = Some(Tls::read(&tls.ca, Some((&tls.cert, &tls.key))).map_err(failed)?);
        }
        Ok(target)
    }

    fn scheme(&self) -> &'static str {
        if self.tls.is_some() { "https" } else { "http" }
    }

    fn spawn(&mut self, index: usize) -> Result<(), EtcdError> {
        let scheme = self.scheme();
        let name = |index: usize| format!("m{index}");
        let peer = |member: &Process| format!("http://127.0.0.1:{}", member.peer_port);
        let cluster: Vec<String> = self
            .members
            .iter()
            .enumerate()
            .map(|(index, member)| format!("{}={}", name(index), peer(member)))
            .collect();
        let own = &self.members[index];
        let client = format!("{scheme}://127.0.0.1:{}", own.client_port);
        let mut command = Command::new("etcd");
        command
            .args(["--name", &name(index)])
            .arg("--data-dir")
            .arg(self.dir.join(name(index)))
            .args(["--listen-client-urls", &client, "--advertise-client-urls", &client])
            .args(["--listen-peer-urls", &peer(own), "--initial-advertise-peer-urls", &peer(own)])
            .args(["--initial-cluster", &cluster.join(","), "--log-level", "warn"])
            .env_clear()
            .envs(std::env::var_os("PATH").map(|path| ("PATH", path)))
            // etcd of some Debian versions refuses other architectures without it.
            .env("ETCD_UNSUPPORTED_ARCH", std::env::consts::ARCH.replace("aarch64", "arm64"));
        if let Some(tls) = &self.tls {
            command.arg("--client-cert-auth");
            for (flag, file) in [
                ("--trusted-ca-file", &tls.ca),
                ("--cert-file", &tls.cert),
                ("--key-file", &tls.key),
            ] {
                command.arg(flag).arg(file);
            }
        }
        let log = self.log(index).map_err(EtcdError::Start)?;
        let output = log.try_clone().map_err(EtcdError::Start)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(log)
            .spawn()
            .map_err(EtcdError::Start)?;
        self.members[index].child = Some(child);
        Ok(())
    }

    fn log(&self, index: usize) -> std::io::Result<File> {
        OpenOptions::new().create(true).append(true).open(self.dir.join(format!("m{index}.log")))
    }
}

impl Drop for Etcd {
    fn drop(&mut self) {
        for index in 0..self.members.len() {
            self.kill(index);
        }
    }
}

/// Ports that nobody listens on at the moment.
fn free_ports(count: usize) -> std::io::Result<Vec<u16>> {
    let listeners = (0..count).map(|_| TcpListener::bind("127.0.0.1:0"));
    let listeners = listeners.collect::<std::io::Result<Vec<_>>>()?;
    listeners.iter().map(|listener| Ok(listener.local_addr()?.port())).collect()
}
