//! One process of an embedded cluster: its flags, its start, its end.

use std::fs::OpenOptions;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use daemon::container::pidfd::PidRef;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};
use tokio::time::timeout;

use super::{ClusterError, Options, STOP_LIMIT, Who};
use crate::exit::DECOMMISSIONED;

/// Longest first line that is read of a member.
const FIRST_LINE_BYTES: u64 = 4096;
/// How much of a log is shown when a start fails.
const TAIL_LINES: usize = 10;

/// A member, whether it runs or not.
#[derive(Debug)]
pub struct Member {
    who: Who,
    program: PathBuf,
    flags: Vec<String>,
    env: Vec<(String, String)>,
    log: PathBuf,
    pid_file: PathBuf,
    work_dir: PathBuf,
    child: Option<Running>,
    /// Where it serves, or did before it ended.
    address: Option<SocketAddr>,
    port: u16,
}

#[derive(Debug)]
struct Running {
    child: Child,
    stdout: Option<BufReader<ChildStdout>>,
    // When this program dies, however, the pipe closes and the member ends.
    _stdin: Option<ChildStdin>,
}

impl Member {
    /// `master_url` is what agents register with.
    pub(super) fn new(who: Who, options: &Options, master_url: Option<&str>) -> Self {
        let work_dir = options.work_dir(who);
        let mut flags = vec![format!("--work-dir={}", work_dir.display())];
        match (who, master_url) {
            (Who::Master, _) | (Who::Agent(_), None) => {
                flags.extend(options.master_flags.iter().cloned());
            }
            (Who::Agent(_), Some(url)) => {
                flags.push(format!("--master={url}"));
                flags.push(format!("--hostname={}", who.name()));
                flags.push(format!("--resources={}", options.resources));
                // Only root can; and who is not root has no other user to switch to.
                if !rustix::process::geteuid().is_root() {
                    flags.push("--switch-user=false".to_owned());
                }
                flags.extend(options.agent_flags.iter().cloned());
            }
        }
        Self {
            who,
            program: options.program.clone(),
            flags,
            env: options.env.clone(),
            log: options.log(who),
            pid_file: options.dir.join("logs").join(format!("{}.pid", who.name())),
            work_dir,
            child: None,
            address: None,
            port: if who == Who::Master { options.master_port } else { 0 },
        }
    }

    pub fn who(&self) -> Who {
        self.who
    }

    /// Where it serves; `None` if it doesn't run.
    pub fn address(&self) -> Option<SocketAddr> {
        self.address.filter(|_| self.is_running())
    }

    pub(super) fn expect_address(&self) -> SocketAddr {
        self.address.expect("a cluster exists only once its master has served")
    }

    /// Process id; `None` if it doesn't run.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().and_then(|running| running.child.id())
    }

    pub fn is_running(&self) -> bool {
        self.child.is_some()
    }

    pub fn work_dir(&self) -> &Path {
        &self.work_dir
    }

    /// Its log, of this and earlier starts.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The last lines of its log.
    pub fn log_tail(&self, lines: usize) -> String {
        let text = std::fs::read(&self.log).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let all: Vec<&str> = text.lines().collect();
        all[all.len().saturating_sub(lines)..].join("\n")
    }

    /// Changes a flag for the next start; `flag` is `--name=value`.
    pub fn set_flag(&mut self, flag: &str) {
        let name = flag.split('=').next().unwrap_or(flag);
        self.flags.retain(|old| old.split('=').next() != Some(name));
        self.flags.push(flag.to_owned());
    }

    pub(super) async fn start(&mut self, limit: Duration) -> Result<(), ClusterError> {
        self.await_predecessor().await?;
        self.spawn()?;
        self.serving(limit).await
    }

    /// Waits for the end of a process that an earlier cluster left, which ends because its standard
    /// input was closed; kills it if that takes too long.
    pub(super) async fn await_predecessor(&self) -> Result<(), ClusterError> {
        let failed = |source| ClusterError::Stop { who: self.who.name(), source };
        // No file, or none of ours: no predecessor.
        let Ok(text) = std::fs::read_to_string(&self.pid_file) else { return Ok(()) };
        let Some((boot, process)) = text.trim().split_once(' ') else { return Ok(()) };
        let Ok(process) = process.parse::<PidRef>() else { return Ok(()) };
        if boot != boot_id() {
            return Ok(());
        }
        let Some(handle) = process.open().map_err(failed)? else { return Ok(()) };
        if let Ok(exited) = timeout(STOP_LIMIT, handle.exited()).await {
            return exited.map_err(failed);
        }
        handle.signal(Signal::KILL).map_err(failed)?;
        handle.exited().await.map_err(failed)
    }

    /// Leaves word for [`Self::await_predecessor`]; without it the next start may meet this process.
    fn note_pid(&self) {
        let pid = self.pid().and_then(|pid| i32::try_from(pid).ok());
        let process = pid.and_then(|pid| PidRef::of(pid).ok().flatten());
        let text = process.map(|process| format!("{} {process}", boot_id()));
        let written = text.map(|text| std::fs::write(&self.pid_file, text));
        if let Some(Err(error)) = written {
            tracing::warn!(file = %self.pid_file.display(), %error, "cannot note the process id");
        }
    }

    pub(super) fn spawn(&mut self) -> Result<(), ClusterError> {
        let failed = |cause: String| ClusterError::Start { who: self.who.name(), cause };
        if self.child.is_some() {
            return Err(failed("it runs already".to_owned()));
        }
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(&self.log)
            .map_err(|error| failed(format!("{}: {error}", self.log.display())))?;
        let subcommand = if self.who == Who::Master { "master" } else { "agent" };
        // The address it had: others know it. Agents see to that themselves.
        let port = match (self.who, self.address) {
            (Who::Master, Some(address)) => address.port(),
            _ => self.port,
        };
        let mut command = Command::new(&self.program);
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("EBB_") || name.starts_with("MESOS_") {
                command.env_remove(&*name);
            }
        }
        let mut child = command
            .arg(subcommand)
            .arg("--until-stdin-closes")
            .arg(format!("--port={port}"))
            .args(&self.flags)
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            // A terminal's Ctrl-C is for this program alone, which stops the cluster in order.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| failed(format!("{}: {error}", self.program.display())))?;
        let stdout = child.stdout.take().map(BufReader::new);
        let stdin = child.stdin.take();
        self.child = Some(Running { child, stdout, _stdin: stdin });
        self.note_pid();
        Ok(())
    }

    /// Waits for the line that says where it listens. A decommissioned agent ends instead, which is no
    /// error.
    pub(super) async fn serving(&mut self, limit: Duration) -> Result<(), ClusterError> {
        let Some(running) = &mut self.child else { return Ok(()) };
        let mut line = String::new();
        if let Some(stdout) = &mut running.stdout {
            let mut first = stdout.take(FIRST_LINE_BYTES);
            // What can't be read is no address.
            if timeout(limit, first.read_line(&mut line)).await.is_err() {
                let what = format!("start of {}", self.who.name());
                let logs = self.log.display().to_string();
                return Err(ClusterError::TooSlow { what, limit, logs });
            }
        }
        let address = line.trim().rsplit("http://").next().and_then(|text| text.parse().ok());
        if let Some(address) = address {
            self.address = Some(address);
            return Ok(());
        }
        let status = match timeout(limit, running.child.wait()).await {
            Ok(Ok(status)) => Some(status),
            _ => None,
        };
        self.kill_now();
        if status.and_then(|status| status.code()) == Some(i32::from(DECOMMISSIONED)) {
            return Ok(());
        }
        Err(ClusterError::Ended {
            who: self.who.name(),
            status: status.map_or_else(|| "it did not end".to_owned(), |s| s.to_string()),
            log: self.log.display().to_string(),
            tail: self.log_tail(TAIL_LINES),
        })
    }

    /// How it ended, if it did since the last look.
    pub(super) fn try_ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.child.try_wait().ok()??;
        self.child = None;
        Some(status)
    }

    pub(super) async fn kill(&mut self) -> Result<(), ClusterError> {
        let Some(mut running) = self.child.take() else { return Ok(()) };
        let killed = running.child.kill().await;
        killed.map_err(|source| ClusterError::Stop { who: self.who.name(), source })
    }

    pub(super) async fn terminate(&mut self, limit: Duration) -> Result<(), ClusterError> {
        self.ask_to_end();
        let Some(running) = &mut self.child else { return Ok(()) };
        match timeout(limit, running.child.wait()).await {
            Ok(ended) => {
                self.child = None;
                let who = self.who.name();
                ended.map(drop).map_err(|source| ClusterError::Stop { who, source })
            }
            Err(_elapsed) => self.kill().await,
        }
    }

    /// SIGTERM, without waiting.
    pub(super) fn ask_to_end(&mut self) {
        // Not reaped yet, so the pid is still its own.
        self.signal(Signal::TERM);
    }

    /// Sends a signal to the process, if it runs.
    pub fn signal(&self, signal: Signal) {
        let pid = self.pid().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
        if let Some(pid) = pid
            && let Err(error) = kill_process(pid, signal)
        {
            tracing::debug!(who = %self.who.name(), %error, "it has just ended");
        }
    }

    /// SIGKILL, without waiting.
    pub(super) fn kill_now(&mut self) {
        if let Some(mut running) = self.child.take() {
            // It may just have ended.
            drop(running.child.start_kill());
        }
    }
}

/// Changes with every boot; process ids mean nothing beyond it.
fn boot_id() -> String {
    let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    id.trim().to_owned()
}
