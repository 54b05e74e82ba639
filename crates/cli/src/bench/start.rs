//! `ebb bench start`: from exec to service, and what a daemon takes that has nothing to do.

use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use daemon::http::client::Client;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use wire::master::Call;
use wire::master::call::Type;

use super::report::{Aim, Figure};
use super::{BenchError, memory};
use crate::api::Master;

/// How long a daemon has been left alone before it counts as idle.
const IDLE: Duration = Duration::from_millis(500);
/// A start that takes longer does not work.
const LIMIT: Duration = Duration::from_secs(30);

pub(super) async fn measure(dir: &TempDir, runs: usize) -> Result<Vec<Figure>, BenchError> {
    let (mut masters, mut agents) = (Vec::new(), Vec::new());
    let (mut master_sizes, mut agent_sizes) = (Vec::new(), Vec::new());
    for run in 0..runs {
        let dir = dir.path().join(run.to_string());
        let client = Client::new(None);

        let began = Instant::now();
        let (mut master, url) = start("master", &dir, 0, &[]).await?;
        let api = Master::new(client, &url);
        api.call(Type::GetHealth, Call::default()).await?;
        masters.push(began.elapsed().as_secs_f64() * 1000.0);

        let flags = [
            format!("--master={url}"),
            // Without the random wait that keeps agents from coming all at once.
            "--registration-backoff-factor=0ms".to_owned(),
        ];
        let began = Instant::now();
        let (mut agent, _) = start("agent", &dir, 0, &flags).await?;
        while api.agents().await?.agents.is_empty() {
            if began.elapsed() > LIMIT {
                return Err(BenchError::broken("the agent was not registered"));
            }
        }
        agents.push(began.elapsed().as_secs_f64() * 1000.0);

        tokio::time::sleep(IDLE).await;
        for (child, sizes) in [(&mut master, &mut master_sizes), (&mut agent, &mut agent_sizes)] {
            let pid = child.id().ok_or_else(|| BenchError::broken("a daemon has ended"))?;
            sizes.push(memory::resident_mib(pid)?);
        }
        for mut child in [agent, master] {
            child.kill().await.map_err(|error| BenchError::broken(error.to_string()))?;
        }
    }
    Ok(vec![
        Figure::new("master serves", "ms", masters).aim(Aim::AtMost(20.0)).mesos(105.0),
        Figure::new("agent registered", "ms", agents).aim(Aim::AtMost(20.0)).mesos(92.0),
        Figure::new("idle master", "MiB", master_sizes).aim(Aim::AtMost(12.0)).mesos(72.0),
        Figure::new("idle agent", "MiB", agent_sizes).aim(Aim::AtMost(12.0)).mesos(72.0),
    ])
}

/// Starts a daemon of this program and waits for the line that says where it listens.
pub(super) async fn start(
    what: &str,
    dir: &Path,
    port: u16,
    flags: &[String],
) -> Result<(Child, String), BenchError> {
    start_program(Path::new("/proc/self/exe"), what, dir, port, flags).await
}

/// [`start`], of another build of this program.
pub(super) async fn start_program(
    program: &Path,
    what: &str,
    dir: &Path,
    port: u16,
    flags: &[String],
) -> Result<(Child, String), BenchError> {
    let failed = |cause: String| BenchError::broken(format!("cannot start a {what}: {cause}"));
    let mut child = Command::new(program)
        .arg(what)
        .arg(format!("--port={port}"))
        .arg(format!("--work-dir={}", dir.join(what).display()))
        .args(flags)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(error.to_string()))?;
    let stdout = child.stdout.take().ok_or_else(|| failed("it has no output".to_owned()))?;
    let mut line = String::new();
    let read = tokio::time::timeout(LIMIT, BufReader::new(stdout).read_line(&mut line)).await;
    read.map_err(|elapsed| failed(elapsed.to_string()))?.map_err(|e| failed(e.to_string()))?;
    match line.trim().rsplit_once("http://") {
        Some((_, address)) => Ok((child, format!("http://{address}"))),
        None => Err(failed(format!("it says {line:?}"))),
    }
}
