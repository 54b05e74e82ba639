//! A scheduler and an executor in Python, written from Mesos' documentation with nothing but HTTP and JSON.

use std::process::{Command, Stdio};

use crate::target::Target;

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract/python/scheduler.py");

/// Runs a scenario of `scheduler.py` in a fresh cluster.
async fn run(scenario: &str) {
    let target = Target::start(1).await;
    let url = format!("http://{}", target.master.authority);
    let started =
        Command::new("python3").args(["-B", SCRIPT, scenario, &url]).stdin(Stdio::null()).output();
    let output = match started {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: needs python3");
            return target.end().await;
        }
        Err(error) => panic!("python3: {error}"),
    };
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{scenario}: {}\n{said}\n{complained}", output.status);
    assert!(said.ends_with("as documented\n"), "{said}");
    target.end().await;
}

/// A Python scheduler runs a task group under the default executor, and sees it drained.
#[tokio::test]
async fn a_python_scheduler_runs_a_task_group() {
    run("group").await;
}

/// A Python executor runs several tasks, talks with its scheduler, and sees them drained.
#[tokio::test]
async fn a_python_executor_runs_several_tasks() {
    run("custom").await;
}

/// A Python scheduler takes over from one that died, learns by reconciliation what runs, and sees it drained.
#[tokio::test]
async fn a_python_scheduler_fails_over_and_reconciles() {
    run("failover").await;
}

/// A Python scheduler has tasks checked, is told the results, and sees those that are well drained.
#[tokio::test]
async fn a_python_scheduler_has_health_checked() {
    run("health").await;
}
