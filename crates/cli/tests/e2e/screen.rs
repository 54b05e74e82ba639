//! A terminal with somebody in front of it: `ebb` runs in it, the test types and reads.

use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use daemon::container::board::terminal::{self, Terminal};
use daemon::container::pidfd::PidHandle;
use daemon::container::spawn::{Program, SpawnSpec, Stdio, spawn};
use rustix::termios::tcgetattr;

use crate::world::PATIENCE;

pub(crate) struct Screen {
    outer: std::fs::File,
    /// Kept open, so that its settings can be looked at after the program has ended.
    inner: std::os::fd::OwnedFd,
    shown: Arc<Mutex<String>>,
    before: String,
    pub(crate) program: PidHandle,
}

impl Screen {
    /// Runs `ebb` with these arguments in a terminal of its own, as its session's leader.
    pub(crate) fn run(program: &str, args: &[&str]) -> Self {
        let Terminal { outer, inner } = terminal::open(None).unwrap();
        terminal::resize(&outer, 24, 80).unwrap();
        let before = settings(&inner);
        let argv = std::iter::once("ebb").chain(args.iter().copied()).map(str::to_owned);
        let program = Program::Exec { path: program.to_owned(), argv: argv.collect() };
        let mut spec = SpawnSpec::new(program, "/");
        spec.stdin = Stdio::Fd(inner.try_clone().unwrap());
        spec.stdout = Stdio::Fd(inner.try_clone().unwrap());
        spec.stderr = Stdio::Fd(inner.try_clone().unwrap());
        spec.controlling_terminal = true;
        spec.env.insert("TERM".to_owned(), "vt100".to_owned());
        let program = spawn(spec).unwrap();
        let outer = std::fs::File::from(outer);
        let shown = Arc::new(Mutex::new(String::new()));
        let (mut reader, text) = (outer.try_clone().unwrap(), shown.clone());
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok(length @ 1..) = reader.read(&mut buffer) {
                text.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..length]));
            }
        });
        Self { outer, inner, shown, before, program }
    }

    pub(crate) fn types(&mut self, text: &str) {
        self.outer.write_all(text.as_bytes()).unwrap();
    }

    pub(crate) fn resize(&self, rows: u16, columns: u16) {
        terminal::resize(&self.outer.as_fd().try_clone_to_owned().unwrap(), rows, columns).unwrap();
    }

    pub(crate) fn text(&self) -> String {
        self.shown.lock().unwrap().clone()
    }

    /// Waits until the screen shows something.
    pub(crate) async fn shows(&self, wanted: &str) {
        let deadline = Instant::now() + PATIENCE;
        while !self.text().contains(wanted) {
            assert!(Instant::now() < deadline, "{wanted:?} is not shown: {:?}", self.text());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The exit code of the program, once it has ended; its terminal must be as it was before.
    pub(crate) async fn code(&self) -> Option<i32> {
        let ended = tokio::time::timeout(PATIENCE, self.program.wait()).await;
        let status = ended.unwrap_or_else(|_| panic!("it goes on: {:?}", self.text())).unwrap();
        assert_eq!(settings(&self.inner), self.before, "the terminal was not restored");
        status.code()
    }

    /// Whether every key goes to the program as it is.
    pub(crate) fn is_raw(&self) -> bool {
        settings(&self.inner) != self.before
    }
}

fn settings(terminal: &std::os::fd::OwnedFd) -> String {
    let it = tcgetattr(terminal).unwrap();
    format!(
        "{:?} {:?} {:?} {:?}",
        it.input_modes, it.output_modes, it.control_modes, it.local_modes
    )
}
