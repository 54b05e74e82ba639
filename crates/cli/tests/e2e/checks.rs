//! Checks and health checks, carried out beside real tasks.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use wire::v1::task_status::Reason;
use wire::v1::{
    CheckInfo, CommandInfo, DurationInfo, HealthCheck, TaskState, TaskStatus, check_info,
    health_check,
};

use crate::framework::{Framework, reason, state};
use crate::job::{self, Job};
use crate::world::{NODE, World};

fn shell(script: &str) -> CommandInfo {
    CommandInfo { value: Some(script.to_owned()), ..CommandInfo::default() }
}

/// Every 50 ms, without delay or grace; two failures in a row kill.
fn health(kind: health_check::Type) -> HealthCheck {
    HealthCheck {
        r#type: Some(kind.into()),
        delay_seconds: Some(0.0),
        interval_seconds: Some(0.05),
        timeout_seconds: Some(5.0),
        grace_period_seconds: Some(0.0),
        consecutive_failures: Some(2),
        ..HealthCheck::default()
    }
}

fn by_command(script: &str) -> HealthCheck {
    HealthCheck { command: Some(shell(script)), ..health(health_check::Type::Command) }
}

fn with_health(job: Job, check: HealthCheck) -> Job {
    job.with(|task| task.health_check = Some(Box::new(check)))
}

/// Waits for an update of the task that says so.
async fn says(framework: &Framework, task: &str, healthy: bool) -> TaskStatus {
    framework
        .until(&format!("{task} is healthy: {healthy}"), |record| {
            let mut updates = record.updates.iter();
            updates
                .find(|status| status.task_id.value == task && status.healthy == Some(healthy))
                .cloned()
        })
        .await
}

async fn is_killed_as_unhealthy(framework: &Framework, task: &str) {
    let failing = says(framework, task, false).await;
    assert_eq!(state(&failing), TaskState::TaskRunning);
    assert_eq!(reason(&failing), Reason::TaskHealthCheckStatusUpdated);
    let last = framework.outcome(task).await;
    assert_eq!(state(&last), TaskState::TaskKilled);
    assert_eq!((last.healthy, last.reason.is_some()), (Some(false), false));
}

/// A task is healthy as long as its command check passes, and killed when it fails twice. The command
/// runs in the sandbox and with the environment of the task.
#[tokio::test]
async fn a_task_that_fails_its_command_check_is_killed() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let job = Job::ready_then("web", "touch alive; exec sleep 1000");
    let check = by_command("[ $ID = web ] && [ -e alive ] && [ ! -e $OUT/sick ]");
    // Until the file is there it may fail.
    let check = HealthCheck { grace_period_seconds: Some(60.0), ..check };
    framework.run(NODE, &[with_health(job, check)]).await;
    let first = says(&framework, "web", true).await;
    assert_eq!(state(&first), TaskState::TaskRunning);
    assert_eq!(reason(&first), Reason::TaskHealthCheckStatusUpdated);
    std::fs::write(world.out().join("sick"), "").unwrap();
    is_killed_as_unhealthy(&framework, "web").await;
    world.end().await;
}

/// Answers every request with this status, and says so by ending it.
fn serve(healthy: &Arc<AtomicBool>) -> u16 {
    use std::io::{Read as _, Write as _};
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let healthy = healthy.clone();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0_u8; 1024];
            let read = stream.read(&mut request).unwrap_or(0);
            let fine = healthy.load(Ordering::SeqCst) && request[..read].starts_with(b"GET /live ");
            let status = if fine { "200 OK" } else { "503 Service Unavailable" };
            let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
            stream.write_all(answer.as_bytes()).ok();
        }
    });
    port
}

/// An HTTP health check goes by the status of the answer.
#[tokio::test]
async fn a_task_that_answers_with_an_error_is_killed() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let healthy = Arc::new(AtomicBool::new(true));
    let http = health_check::HttpCheckInfo {
        port: serve(&healthy).into(),
        path: Some("/live".to_owned()),
        ..health_check::HttpCheckInfo::default()
    };
    let check = HealthCheck { http: Some(http), ..health(health_check::Type::Http) };
    framework.run(NODE, &[with_health(Job::obeying("web"), check)]).await;
    says(&framework, "web", true).await;
    healthy.store(false, Ordering::SeqCst);
    is_killed_as_unhealthy(&framework, "web").await;
    world.end().await;
}

/// A TCP health check goes by the connection; a member of a group that fails it takes the group along, and
/// no other group.
#[tokio::test]
async fn a_group_is_killed_with_the_member_that_takes_no_connections() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let tcp = health_check::TcpCheckInfo {
        port: listener.local_addr().unwrap().port().into(),
        ..health_check::TcpCheckInfo::default()
    };
    let check = HealthCheck { tcp: Some(tcp), ..health(health_check::Type::Tcp) };
    let jobs = [with_health(Job::obeying("web"), check), Job::obeying("beside")];
    framework.run_group(NODE, job::default_executor("pod"), &jobs).await;
    framework.run_group(NODE, job::default_executor("pod"), &[Job::obeying("other")]).await;
    says(&framework, "web", true).await;
    drop(listener);
    is_killed_as_unhealthy(&framework, "web").await;
    let beside = framework.outcome("beside").await;
    assert_eq!((state(&beside), beside.healthy), (TaskState::TaskKilled, Some(false)));
    assert_eq!(framework.record().history("other").last(), Some(&TaskState::TaskRunning));
    framework.kill("other", None).await;
    framework.outcome("other").await;
    world.end().await;
}

/// A check that takes too long is ended with all its processes, and what it leaves behind at its end is
/// killed, too.
#[tokio::test]
async fn a_check_leaves_no_processes() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let hangs = HealthCheck {
        timeout_seconds: Some(0.3),
        ..by_command("setsid sleep 1001 & env -i setsid sleep 1002 & sleep 1003")
    };
    let leaves = CheckInfo {
        r#type: Some(check_info::Type::Command.into()),
        command: Some(check_info::Command { command: shell("setsid sleep 1004 & exit 3") }),
        delay_seconds: Some(0.0),
        interval_seconds: Some(0.05),
        ..CheckInfo::default()
    };
    let job = with_health(Job::obeying("web"), hangs);
    let job = job.with(|task| task.check = Some(Box::new(leaves)));
    framework.run(NODE, &[job]).await;
    let checked = framework
        .until("the check's outcome", |record| {
            let code = |status: &&TaskStatus| status.check_status?.command?.exit_code;
            record.updates.iter().find(|status| code(status) == Some(3)).cloned()
        })
        .await;
    assert_eq!(reason(&checked), Reason::TaskCheckStatusUpdated);
    is_killed_as_unhealthy(&framework, "web").await;
    world.until("no process is left", async || world.processes().is_empty().then_some(())).await;
    world.end().await;
}

/// Checks go on beside their tasks while the agent is away, and count again once it is back.
#[tokio::test]
async fn checks_go_on_after_a_restart_of_the_agent() {
    let mut world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let check = by_command("[ ! -e $OUT/sick ]");
    framework.run(NODE, &[with_health(Job::obeying("web"), check)]).await;
    says(&framework, "web", true).await;
    world.kill(NODE).await.unwrap();
    std::fs::write(world.out().join("sick"), "").unwrap();
    world.restart(NODE).await.unwrap();
    is_killed_as_unhealthy(&framework, "web").await;
    world.end().await;
}

/// A task that takes longer than it may is ended without a grace period and has failed for that reason.
#[tokio::test]
async fn a_task_past_its_completion_time_has_failed() {
    let world = World::start(1).await;
    let framework = Framework::subscribe(&world).await;
    let limit = DurationInfo { nanoseconds: 300_000_000 };
    let job = Job::ignoring("slow").grace(Duration::from_mins(10));
    framework.launch(NODE, &[job.with(|task| task.max_completion_time = Some(limit))]).await;
    let last = framework.outcome("slow").await;
    assert_eq!(state(&last), TaskState::TaskFailed);
    assert_eq!(reason(&last), Reason::MaxCompletionTimeReached);
    assert!(!framework.record().history("slow").contains(&TaskState::TaskKilling));
    world.end().await;
}
