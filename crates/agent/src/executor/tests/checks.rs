use model::task::Reason;
use model::{TaskId, TaskState};
use wire::v1;
use wire::v1::{check_info, check_status_info, health_check};

use super::bench::*;
use crate::executor::{CheckKind, Event, Message, Outcome, Probe};

/// After 2 s, then every 3 s for at most 1 s; failures of the first 5 s are overlooked.
fn with_health_check(task: v1::TaskInfo, limit: u32) -> v1::TaskInfo {
    let check = v1::HealthCheck {
        r#type: Some(health_check::Type::Tcp as i32),
        tcp: Some(health_check::TcpCheckInfo { port: 80, ..Default::default() }),
        delay_seconds: Some(2.0),
        interval_seconds: Some(3.0),
        timeout_seconds: Some(1.0),
        grace_period_seconds: Some(5.0),
        consecutive_failures: Some(limit),
        ..Default::default()
    };
    v1::TaskInfo { health_check: Some(Box::new(check)), ..task }
}

fn with_check(task: v1::TaskInfo) -> v1::TaskInfo {
    let check = v1::CheckInfo {
        r#type: Some(check_info::Type::Command as i32),
        command: Some(check_info::Command {
            command: v1::CommandInfo { value: Some("true".to_owned()), ..Default::default() },
        }),
        delay_seconds: Some(0.0),
        interval_seconds: Some(3.0),
        ..Default::default()
    };
    v1::TaskInfo { check: Some(Box::new(check)), ..task }
}

fn run(check: CheckKind, run: u32) -> Message {
    let probe = match check {
        CheckKind::Health => Probe::Tcp { port: 80, ipv6: false },
        CheckKind::Check => Probe::Command(Box::new(v1::CommandInfo {
            value: Some("true".to_owned()),
            ..Default::default()
        })),
    };
    Message::RunCheck { task: TaskId::new("t"), check, run, probe }
}

fn stop(task: &str) -> Message {
    Message::StopCheck { task: TaskId::new(task), check: CheckKind::Health }
}

fn finished(bench: &mut Bench, check: CheckKind, run: u32, outcome: Outcome) -> Vec<Message> {
    bench.apply(Event::CheckFinished { task: TaskId::new("t"), check, run, outcome })
}

fn health(bench: &mut Bench, run: u32, connected: bool) -> Vec<Message> {
    finished(bench, CheckKind::Health, run, Outcome::Connected(connected))
}

fn healthy(out: &[Message]) -> Vec<Option<bool>> {
    updates(out).iter().map(|status| status.healthy).collect()
}

/// A health check runs after its delay, and again an interval after each end.
#[test]
fn a_health_check_runs_after_its_delay_and_then_at_its_interval() {
    let mut bench = Bench::running(with_health_check(task("t"), 3));
    assert_eq!(bench.next_wake(), Some(2_000));
    assert_eq!(bench.wake_at(1_999), []);
    assert_eq!(bench.wake_at(2_000), [run(CheckKind::Health, 1)]);
    bench.set(2_500);
    health(&mut bench, 1, true);
    assert_eq!(bench.next_wake(), Some(5_500));
    assert_eq!(bench.wake_at(5_500), [run(CheckKind::Health, 2)]);
}

/// The first success is told, later ones only after a failure; every failure is told.
#[test]
fn health_is_told_when_it_changes_and_with_every_failure() {
    let mut bench = Bench::running(with_health_check(task("t"), 9));
    let mut told = Vec::new();
    for (number, passes) in [true, true, false, false, true, true].into_iter().enumerate() {
        let number = u32::try_from(number).unwrap() + 1;
        bench.wake_at(10_000 * u64::from(number));
        let out = health(&mut bench, number, passes);
        for status in updates(&out) {
            assert_eq!(status.state(), TaskState::TaskRunning);
            assert_eq!(status.reason, Some(Reason::TaskHealthCheckStatusUpdated as i32));
        }
        told.push(healthy(&out));
        bench.acknowledge_all(&out);
    }
    let (yes, no) = (vec![Some(true)], vec![Some(false)]);
    assert_eq!(told, [yes.clone(), vec![], no.clone(), no, yes, vec![]]);
}

/// Failures within the grace period are overlooked, but not once the check has passed.
#[test]
fn failures_within_the_grace_period_are_overlooked_until_the_first_success() {
    let mut bench = Bench::running(with_health_check(task("t"), 1));
    bench.wake_at(2_000);
    assert_eq!(updates(&health(&mut bench, 1, false)), []);
    bench.wake_at(5_000);
    assert_eq!(healthy(&health(&mut bench, 2, false)), [] as [Option<bool>; 0]);
    bench.wake_at(8_000);
    let out = health(&mut bench, 3, false);
    assert_eq!(healthy(&out), [Some(false), None], "unhealthy, then killing");

    let mut bench = Bench::running(with_health_check(task("t"), 2));
    bench.wake_at(2_000);
    health(&mut bench, 1, true);
    bench.wake_at(5_000);
    assert_eq!(healthy(&health(&mut bench, 2, false)), [Some(false)]);
}

/// A task that fails often enough in a row is killed with its own grace: `TASK_KILLED`, not healthy.
#[test]
fn a_task_is_killed_after_consecutive_failures() {
    let mut bench = Bench::running(with_health_check(task_with_grace("t", 7), 2));
    bench.wake_at(10_000);
    assert_eq!(healthy(&health(&mut bench, 1, false)), [Some(false)]);
    bench.wake_at(20_000);
    let out = health(&mut bench, 2, false);
    assert_eq!(
        states(&out),
        [state("t", TaskState::TaskRunning), state("t", TaskState::TaskKilling)]
    );
    assert_eq!(actions(&out), [terminate("t")]);
    assert_eq!(bench.wake_at(27_000), [sigkill("t")]);
    let out = bench.ended("t", KILLED);
    let last = &updates(&out)[0];
    assert_eq!((last.state(), last.reason), (TaskState::TaskKilled, None));
    assert_eq!(last.healthy, Some(false));
}

/// A success in between starts the count again.
#[test]
fn a_success_starts_the_count_of_failures_again() {
    let mut bench = Bench::running(with_health_check(task("t"), 2));
    for (number, passes) in [false, true, false].into_iter().enumerate() {
        let number = u32::try_from(number).unwrap() + 1;
        bench.wake_at(10_000 * u64::from(number));
        let out = health(&mut bench, number, passes);
        assert_eq!(actions(&out), [], "run {number}");
    }
}

/// The others of a group whose member failed its health check are killed and not healthy either.
#[test]
fn a_group_is_killed_with_its_unhealthy_member() {
    let mut bench =
        Bench::running_group(vec![with_health_check(task("t"), 1), task("b"), task("c")]);
    bench.wake_at(10_000);
    health(&mut bench, 1, false);
    let out = bench.ended("t", TERMINATED);
    assert!(actions(&out).contains(&terminate("b")), "{out:?}");
    let out = bench.ended("b", TERMINATED);
    assert_eq!(states(&out), [state("b", TaskState::TaskKilled)]);
    assert_eq!(healthy(&out), [Some(false)]);
}

/// A run that takes too long is stopped, and counts as a failure once it has ended.
#[test]
fn a_run_that_takes_too_long_is_stopped_and_has_failed() {
    let mut bench = Bench::running(with_health_check(task("t"), 5));
    bench.wake_at(10_000);
    assert_eq!(bench.next_wake(), Some(11_000));
    assert_eq!(bench.wake_at(11_000), [stop("t")]);
    assert_eq!(bench.wake_at(12_000), [], "asked once");
    let out = health(&mut bench, 1, true);
    assert_eq!(healthy(&out), [Some(false)], "however it ended");
}

/// Once a kill begins no check runs, the one that is on is stopped, and its outcome is not told.
#[test]
fn a_kill_stops_the_checks() {
    let mut bench = Bench::running(with_health_check(task("t"), 1));
    bench.wake_at(10_000);
    let out = bench.agent(kill("t", None));
    assert_eq!(actions(&out), [stop("t"), terminate("t")]);
    assert_eq!(updates(&health(&mut bench, 1, false)), []);
    assert_eq!(bench.next_wake(), Some(13_000), "only the deadline");
}

/// The last update waits for the end of a check that is on, so that nothing outlives the task.
#[test]
fn the_last_update_waits_for_the_end_of_a_check() {
    let mut bench = Bench::running(with_health_check(task("t"), 1));
    bench.wake_at(10_000);
    let out = bench.ended("t", 0);
    assert_eq!(states(&out), []);
    assert_eq!(actions(&out)[0], stop("t"));
    let out = health(&mut bench, 1, false);
    assert_eq!(states(&out), [state("t", TaskState::TaskFinished)]);
}

/// Without an agent no check begins; with the next subscription those that are due do, and the count of
/// failures goes on.
#[test]
fn checks_wait_for_the_agent_and_go_on_with_it() {
    let mut bench = Bench::running(with_health_check(task("t"), 2));
    bench.wake_at(10_000);
    let out = health(&mut bench, 1, false);
    bench.acknowledge_all(&out);
    bench.apply(Event::StreamClosed { why: "restart".to_owned() });
    let out = bench.wake_at(20_000);
    assert!(matches!(out[..], [Message::Subscribe(_)]), "{out:?}");
    let out = bench.agent(subscribed(true));
    assert_eq!(out, [run(CheckKind::Health, 2)]);
    let out = health(&mut bench, 2, false);
    assert_eq!(actions(&out), [terminate("t")]);
}

/// A check's outcome is told when it changes, with what is known of health; it never kills.
#[test]
fn a_check_is_told_when_its_outcome_changes() {
    let mut bench = Bench::subscribed(true);
    let both = with_check(with_health_check(task("t"), 3));
    let out = bench.agent(launch(both));
    let exit_code = |out: &[Message]| -> Vec<_> {
        let status = |status: &v1::TaskStatus| status.check_status.unwrap().command.unwrap();
        updates(out).iter().map(|it| status(it).exit_code).collect()
    };
    assert_eq!(exit_code(&out), [None], "the type is there from the start");
    let out = bench.started("t");
    assert_eq!(exit_code(&out), [None]);
    assert_eq!(actions(&out), [run(CheckKind::Check, 1)], "without a delay at once");

    let out = finished(&mut bench, CheckKind::Check, 1, Outcome::Exited(7));
    assert_eq!(exit_code(&out), [Some(7)]);
    assert_eq!(updates(&out)[0].reason, Some(Reason::TaskCheckStatusUpdated as i32));

    bench.wake_at(3_000);
    health(&mut bench, 1, true);
    let out = finished(&mut bench, CheckKind::Check, 2, Outcome::Exited(7));
    assert_eq!(out, []);
    bench.wake_at(6_000);
    let out = finished(&mut bench, CheckKind::Check, 3, Outcome::Failed("no".to_owned()));
    assert_eq!(exit_code(&out), [None], "nothing is known");
    assert_eq!(healthy(&out), [Some(true)]);

    let out = bench.agent(kill("t", None));
    assert_eq!(exit_code(&out), [None]);
    assert_eq!(healthy(&out), [None]);
}

/// HTTP is healthy from 200 to 399, a command at status 0, TCP when it connects.
#[test]
fn outcomes_are_healthy_as_in_mesos() {
    use super::super::why_unhealthy;
    for (outcome, is_healthy) in [
        (Outcome::Status(199), false),
        (Outcome::Status(200), true),
        (Outcome::Status(399), true),
        (Outcome::Status(400), false),
        (Outcome::Exited(0), true),
        (Outcome::Exited(1), false),
        (Outcome::Connected(true), true),
        (Outcome::Connected(false), false),
        (Outcome::Failed(String::new()), false),
    ] {
        assert_eq!(why_unhealthy(&outcome).is_none(), is_healthy, "{outcome:?}");
    }
}

/// Where a check asks is what the task says: scheme, port, path and protocol.
#[test]
fn an_http_check_asks_where_the_task_says() {
    let http = health_check::HttpCheckInfo {
        port: 8443,
        path: Some("/live?x=1".to_owned()),
        scheme: Some("https".to_owned()),
        protocol: Some(v1::network_info::Protocol::IPv6 as i32),
        ..Default::default()
    };
    let check = v1::HealthCheck {
        r#type: Some(health_check::Type::Http as i32),
        http: Some(http),
        delay_seconds: Some(0.0),
        ..Default::default()
    };
    let mut bench = Bench::subscribed(true);
    bench.agent(launch(v1::TaskInfo { health_check: Some(Box::new(check)), ..task("t") }));
    let out = bench.started("t");
    let url = "https://[::1]:8443/live?x=1".to_owned();
    let asks = Message::RunCheck {
        task: TaskId::new("t"),
        check: CheckKind::Health,
        run: 1,
        probe: Probe::Http { url },
    };
    assert_eq!(actions(&out), [asks]);
}

/// A status carries nothing of another type than the check's.
#[test]
fn a_tcp_check_tells_whether_it_connected() {
    let check = v1::CheckInfo {
        r#type: Some(check_info::Type::Tcp as i32),
        tcp: Some(check_info::Tcp { port: 80 }),
        delay_seconds: Some(0.0),
        ..Default::default()
    };
    let mut bench = Bench::running(v1::TaskInfo { check: Some(Box::new(check)), ..task("t") });
    let out = finished(&mut bench, CheckKind::Check, 1, Outcome::Connected(false));
    let status = updates(&out)[0].check_status.unwrap();
    assert_eq!(status.tcp, Some(check_status_info::Tcp { succeeded: Some(false) }));
    assert_eq!((status.command, status.http), (None, None));
}
