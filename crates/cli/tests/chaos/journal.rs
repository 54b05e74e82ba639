//! What was done and what was seen, with the time; kept when a run fails.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use crate::clock;

/// Most violations that are told; one is enough to fail.
const MOST: usize = 20;

#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    file: Mutex<File>,
    start: Instant,
    violations: Mutex<Vec<String>>,
    is_broken: AtomicBool,
}

impl Journal {
    pub(crate) fn new(path: &Path) -> Self {
        let file = File::create(path).unwrap();
        let journal = Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            start: Instant::now(),
            violations: Mutex::default(),
            is_broken: AtomicBool::new(false),
        };
        journal.note(&format!("starts at {} ms since the epoch", clock::now().as_millis()));
        journal
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn note(&self, what: &str) {
        let at = self.start.elapsed().as_secs_f64();
        // A journal that cannot be written must not end the run.
        drop(writeln!(self.file.lock().unwrap(), "[{at:8.3}] {what}"));
    }

    /// To the terminal, too.
    pub(crate) fn say(&self, what: &str) {
        self.note(what);
        println!("[{:6.1} s] {what}", self.start.elapsed().as_secs_f64());
    }

    /// A rule was broken.
    pub(crate) fn broken(&self, rule: &str, what: &str) {
        self.is_broken.store(true, Ordering::SeqCst);
        self.say(&format!("BROKEN {rule}: {what}"));
        let mut violations = self.violations.lock().unwrap();
        if violations.len() < MOST {
            violations.push(format!("{rule}: {what}"));
        }
    }

    pub(crate) fn is_broken(&self) -> bool {
        self.is_broken.load(Ordering::SeqCst)
    }

    pub(crate) fn violations(&self) -> Vec<String> {
        self.violations.lock().unwrap().clone()
    }
}
