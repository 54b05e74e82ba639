//! The process under test: this very test binary, run again as the owner of a container.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Instant;

use daemon::container::marker;
use daemon::container::pidfd::PidRef;
use rustix::process::Signal;
use tempfile::TempDir;

use crate::agent::{Agent, TOKEN};
use crate::gate::{Gate, PATIENCE};

/// Says which program this binary is to be.
const ROLE: &str = "EBB_TEST_ROLE";

/// Not a test of its own: the entry through which the binary becomes the process under test.
#[test]
fn entry_of_the_process_under_test() {
    let Ok(role) = std::env::var(ROLE) else { return };
    let status = match role.as_str() {
        "executor" => daemon::executor::executor_status(),
        "launch" => daemon::executor::launch_status(),
        other => panic!("no role {other}"),
    };
    #[expect(clippy::exit, reason = "the process is the program under test, not a test")]
    std::process::exit(i32::from(status));
}

pub(crate) struct Owner {
    child: Child,
    id: String,
    directory: TempDir,
}

impl Owner {
    pub(crate) fn executor(agent: &Agent) -> Self {
        let directory = directory();
        Self::start(directory, "executor", &[("MESOS_AGENT_ENDPOINT", &agent.endpoint())])
    }

    /// An executor that writes logs of a few bytes each, so that writing takes its time.
    pub(crate) fn executor_with_tiny_logs(agent: &Agent) -> Self {
        let variables = [
            ("MESOS_AGENT_ENDPOINT", agent.endpoint()),
            ("EBB_LOG_MAX_BYTES", "10".to_owned()),
            ("EBB_LOG_FILES", "10".to_owned()),
        ];
        let variables = variables.each_ref().map(|(name, value)| (*name, value.as_str()));
        Self::start(directory(), "executor", &variables)
    }

    /// `ebb launch` with this description of an executor.
    pub(crate) fn launch(directory: TempDir, info: &wire::v1::ExecutorInfo) -> Self {
        let file = directory.path().join("executor-info");
        let bytes = wire::media::encode(wire::media::MediaType::Protobuf, info);
        std::fs::write(&file, bytes).unwrap();
        let file = file.display().to_string();
        Self::start(directory, "launch", &[(daemon::executor::COMMAND_FILE, &file)])
    }

    fn start(directory: TempDir, role: &str, more: &[(&str, &str)]) -> Self {
        let sandbox = directory.path().join("sandbox");
        let name = directory.path().file_name().unwrap().to_string_lossy().into_owned();
        let id = format!("test-{}-{name}", std::process::id());
        let log = std::fs::File::create(directory.path().join("log")).unwrap();
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "owner::entry_of_the_process_under_test", "--nocapture"])
            .env_clear()
            .env(ROLE, role)
            .env("MESOS_FRAMEWORK_ID", "f")
            .env("MESOS_EXECUTOR_ID", "e")
            .env("MESOS_SANDBOX", &sandbox)
            .env("MESOS_DIRECTORY", &sandbox)
            .env("MESOS_CHECKPOINT", "1")
            .env("MESOS_SUBSCRIPTION_BACKOFF_MAX", "100ms")
            .env("MESOS_EXECUTOR_AUTHENTICATION_TOKEN", TOKEN)
            .env(marker::CONTAINER_ID, &id)
            .env(daemon::executor::EXIT_FILE, directory.path().join("exit-status"))
            .envs(more.iter().copied())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Self { child, id, directory }
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn gate(&self, name: &str) -> Gate {
        Gate::new(self.path(), name)
    }

    /// A file of the sandbox, as text.
    pub(crate) fn sandbox_file(&self, name: &str) -> String {
        let path = self.path().join("sandbox").join(name);
        std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    pub(crate) fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).unwrap();
        PidRef::of(pid).unwrap().expect("it runs").signal(signal).unwrap();
    }

    /// Waits for the end of the process, with a bound, through its pidfd.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let pid = i32::try_from(self.child.id()).unwrap();
        let handle = PidRef::of(pid).unwrap().and_then(|process| process.open().unwrap());
        if let Some(handle) = handle {
            let runtime =
                tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            let ended =
                runtime.block_on(async { tokio::time::timeout(PATIENCE, handle.exited()).await });
            assert!(ended.is_ok(), "the process does not end");
        }
        self.child.wait().unwrap()
    }

    /// What the process left for an agent that is not its parent.
    pub(crate) fn status_left(&self) -> Option<ExitStatus> {
        daemon::executor::read_exit_file(&self.path().join("exit-status")).unwrap()
    }

    /// Processes of the container that run, the owner left out.
    pub(crate) fn running(&self) -> Vec<PidRef> {
        let own = i32::try_from(self.child.id()).unwrap();
        let mut found = marker::scan(&[&self.id]).unwrap().found;
        let mut running = found.remove(&self.id).unwrap_or_default();
        running.retain(|process| process.pid != own);
        running
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.path().join("log")).unwrap_or_default();
            eprintln!("--- log of the process under test ---\n{log}");
        }
        self.child.kill().ok();
        self.child.wait().ok();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let running = self.running();
            if running.is_empty() || Instant::now() > deadline {
                return;
            }
            for process in running {
                process.signal(Signal::KILL).ok();
            }
        }
    }
}

/// A directory that every account may enter, with a sandbox in it.
pub(crate) fn directory() -> TempDir {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    let sandbox: PathBuf = directory.path().join("sandbox");
    std::fs::create_dir(&sandbox).unwrap();
    for path in [directory.path(), &sandbox] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    directory
}

pub(crate) fn shell(id: &str, line: impl Into<String>) -> wire::v1::TaskInfo {
    let command =
        wire::v1::CommandInfo { value: Some(line.into()), ..wire::v1::CommandInfo::default() };
    wire::v1::TaskInfo {
        name: id.to_owned(),
        task_id: wire::v1::TaskId { value: id.to_owned() },
        agent_id: wire::v1::AgentId { value: "S0".to_owned() },
        command: Some(command),
        ..wire::v1::TaskInfo::default()
    }
}
