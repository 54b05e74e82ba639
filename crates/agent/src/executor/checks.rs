//! Checks and health checks of tasks: when each runs, what its outcome means and what is told of it.
//!
//! ```text
//! waiting (delay, then interval) ─▶ running ─▶ judged ─▶ waiting …
//!     └──────────── ended when the task is killed or has exited ─┘
//! ```
//!
//! A check that is due while there is no agent waits for the next subscription: its updates would only
//! pile up.

use std::time::Duration;

use model::task::Reason;
use model::{Moment, Now, TaskId, TaskState};
use wire::v1::{CheckInfo, CheckStatusInfo, CommandInfo, HealthCheck, TaskInfo};
use wire::v1::{check_info, check_status_info, health_check, network_info};

use super::Message;
use super::machine::Executor;
use super::status::Update;
use super::task::{Cause, Phase, Task};

// Mesos: a timeout of zero is none. Differs from Mesos: one day.
const LONGEST_TIMEOUT: Duration = Duration::from_hours(24);

/// Pause between two runs where a task asks for none.
const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);

/// Which of the two checks a task can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CheckKind {
    /// `TaskInfo.check`: its outcome is told and has no consequences.
    Check,
    /// `TaskInfo.health_check`: a task that fails it is killed.
    Health,
}

impl std::fmt::Display for CheckKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Check => "check",
            Self::Health => "health check",
        })
    }
}

/// What a check does.
#[derive(Clone, Debug, PartialEq)]
pub enum Probe {
    /// Runs beside the task, as its user and in its sandbox.
    Command(Box<CommandInfo>),
    /// Asks this URL of the loopback interface; certificates are not looked at, redirects are followed.
    Http { url: String },
    /// Opens a connection to this port of the loopback interface.
    Tcp { port: u16, ipv6: bool },
}

/// What came of one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The command ended with this number.
    Exited(i32),
    /// A server answered with this status.
    Status(u16),
    /// Whether the connection came about.
    Connected(bool),
    /// The check could not be carried out: a sentence for people.
    Failed(String),
}

/// One check of one task.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) kind: CheckKind,
    probe: Probe,
    delay: Duration,
    interval: Duration,
    timeout: Duration,
    /// The next run; none while one is on, and once the task is on its way out.
    due: Option<Moment>,
    run: Option<Run>,
    runs: u32,
    judge: Judge,
}

#[derive(Clone, Copy, Debug)]
struct Run {
    number: u32,
    until: Moment,
    /// Asked to stop, because its time is over.
    timed_out: bool,
    /// Asked to stop, because nobody wants to know any more.
    abandoned: bool,
}

#[derive(Clone, Debug)]
enum Judge {
    /// What was told last.
    Report(CheckStatusInfo),
    Health {
        grace: Duration,
        /// Failures up to then are overlooked, as long as the check has never passed.
        grace_until: Moment,
        has_passed: bool,
        failures: u32,
        /// So many in a row, and the task is killed.
        limit: u32,
    },
}

impl Check {
    /// The checks of a task; one that says not what to do is none.
    pub(super) fn all_of(task: &TaskInfo) -> Vec<Self> {
        let check = task.check.as_deref().and_then(Self::of_check);
        let health = task.health_check.as_deref().and_then(Self::of_health_check);
        check.into_iter().chain(health).collect()
    }

    fn of_check(info: &CheckInfo) -> Option<Self> {
        use check_info::Type;
        let probe = match Type::try_from(info.r#type?).ok()? {
            Type::Command => Probe::Command(Box::new(info.command.as_ref()?.command.clone())),
            Type::Http => {
                let http = info.http.as_ref()?;
                Probe::http("http", port(http.port)?, http.path.as_deref(), false)
            }
            Type::Tcp => Probe::Tcp { port: port(info.tcp.as_ref()?.port)?, ipv6: false },
            Type::Unknown => return None,
        };
        let times = (info.delay_seconds(), info.interval_seconds(), info.timeout_seconds());
        Some(Self::new(CheckKind::Check, probe, times, Judge::Report(unknown(info)?)))
    }

    fn of_health_check(info: &HealthCheck) -> Option<Self> {
        use health_check::Type;
        let ipv6 = |protocol| protocol == network_info::Protocol::IPv6;
        let probe = match Type::try_from(info.r#type?).ok()? {
            Type::Command => Probe::Command(Box::new(info.command.clone()?)),
            Type::Http => {
                let http = info.http.as_ref()?;
                let scheme = http.scheme.as_deref().unwrap_or("http");
                Probe::http(scheme, port(http.port)?, http.path.as_deref(), ipv6(http.protocol()))
            }
            Type::Tcp => {
                let tcp = info.tcp.as_ref()?;
                Probe::Tcp { port: port(tcp.port)?, ipv6: ipv6(tcp.protocol()) }
            }
            Type::Unknown => return None,
        };
        let judge = Judge::Health {
            grace: seconds(info.grace_period_seconds()),
            grace_until: Moment(0),
            has_passed: false,
            failures: 0,
            limit: info.consecutive_failures(),
        };
        let times = (info.delay_seconds(), info.interval_seconds(), info.timeout_seconds());
        Some(Self::new(CheckKind::Health, probe, times, judge))
    }

    fn new(kind: CheckKind, probe: Probe, times: (f64, f64, f64), judge: Judge) -> Self {
        let (delay, interval, timeout) = times;
        let timeout = seconds(timeout);
        Self {
            kind,
            probe,
            delay: seconds(delay),
            interval: seconds(interval).max(SHORTEST_INTERVAL),
            timeout: if timeout.is_zero() { LONGEST_TIMEOUT } else { timeout.min(LONGEST_TIMEOUT) },
            due: None,
            run: None,
            runs: 0,
            judge,
        }
    }

    /// The task runs from now on.
    fn begin(&mut self, now: Now) {
        self.due = Some(now.at.plus(self.delay));
        if let Judge::Health { grace, grace_until, .. } = &mut self.judge {
            *grace_until = now.at.plus(*grace);
        }
    }

    /// The next moment something is due; runs begin only while there is an agent.
    fn next_wake(&self, is_subscribed: bool) -> Option<Moment> {
        let over = self.run.filter(|run| !run.timed_out && !run.abandoned).map(|run| run.until);
        over.or(self.due.filter(|_| is_subscribed))
    }
}

impl Probe {
    fn http(scheme: &str, port: u16, path: Option<&str>, ipv6: bool) -> Self {
        let host = if ipv6 { "[::1]" } else { "127.0.0.1" };
        Self::Http { url: format!("{scheme}://{host}:{port}{}", path.unwrap_or_default()) }
    }
}

impl Executor {
    /// The task's process exists: its checks begin to wait.
    pub(super) fn begin_checks(now: Now, task: &mut Task) {
        for check in &mut task.checks {
            check.begin(now);
        }
    }

    /// Runs that are due, and runs whose time is over.
    pub(super) fn tend_checks(&mut self, now: Now, out: &mut Vec<Message>) {
        let is_subscribed = self.link.is_subscribed();
        for task in self.tasks.values_mut() {
            for check in &mut task.checks {
                if let Some(run) = &mut check.run {
                    if run.until <= now.at && !run.timed_out && !run.abandoned {
                        run.timed_out = true;
                        out.push(Message::StopCheck { task: task.id.clone(), check: check.kind });
                    }
                } else if is_subscribed && check.due.is_some_and(|due| due <= now.at) {
                    check.due = None;
                    check.runs = check.runs.wrapping_add(1);
                    check.run = Some(Run {
                        number: check.runs,
                        until: now.at.plus(check.timeout),
                        timed_out: false,
                        abandoned: false,
                    });
                    out.push(Message::RunCheck {
                        task: task.id.clone(),
                        check: check.kind,
                        run: check.runs,
                        probe: check.probe.clone(),
                    });
                }
            }
        }
    }

    /// When [`Self::tend_checks`] has something to do.
    pub(super) fn checks_wake(&self) -> Option<Moment> {
        let is_subscribed = self.link.is_subscribed();
        let checks = self.tasks.values().flat_map(|task| &task.checks);
        checks.filter_map(|check| check.next_wake(is_subscribed)).min()
    }

    /// A run has ended, and nothing of it is left.
    pub(super) fn check_finished(
        &mut self,
        now: Now,
        id: &TaskId,
        kind: CheckKind,
        number: u32,
        outcome: Outcome,
        out: &mut Vec<Message>,
    ) {
        let Some(task) = self.tasks.get_mut(id) else { return };
        let Some(check) = task.checks.iter_mut().find(|check| check.kind == kind) else { return };
        let Some(run) = check.run.take_if(|run| run.number == number) else { return };
        if run.abandoned || task.phase != Phase::Running || task.kill.is_some() {
            return self.settle(now, id, out);
        }
        check.due = Some(now.at.plus(check.interval));
        let outcome = if run.timed_out {
            let timeout = model::duration::format_mesos(check.timeout);
            Outcome::Failed(format!("it timed out after {timeout}"))
        } else {
            outcome
        };
        let verdict = check.judge(now, &outcome);
        self.tell_verdict(now, id, verdict, out);
    }

    fn tell_verdict(&mut self, now: Now, id: &TaskId, verdict: Verdict, out: &mut Vec<Message>) {
        let Some(mut task) = self.tasks.remove(id) else { return };
        let (reason, kills) = match verdict {
            Verdict::Nothing => (None, false),
            Verdict::Checked(status) => {
                task.check_status = Some(status);
                (Some(Reason::TaskCheckStatusUpdated), false)
            }
            Verdict::Healthy(healthy, kills) => {
                task.healthy = Some(healthy);
                (Some(Reason::TaskHealthCheckStatusUpdated), kills)
            }
        };
        if reason.is_some() {
            // Mesos: the last update again, with what has changed and why it comes.
            let update = Update {
                reason,
                healthy: task.healthy,
                check_status: task.check_status,
                ..Update::bare(TaskState::TaskRunning)
            };
            self.update(now, &task, update);
        }
        let grace = task.grace;
        self.tasks.insert(id.clone(), task);
        if kills {
            self.kill_task(now, id, Cause::Unhealthy, grace, out);
        }
    }
}

/// The task is on its way out: no run begins any more, and those that are on are stopped.
pub(super) fn stop_checks(task: &mut Task, out: &mut Vec<Message>) {
    for check in &mut task.checks {
        check.due = None;
        let Some(run) = &mut check.run else { continue };
        if !run.timed_out && !run.abandoned {
            out.push(Message::StopCheck { task: task.id.clone(), check: check.kind });
        }
        run.abandoned = true;
    }
}

/// Whether a run is on, stopped or not.
pub(super) fn is_checking(task: &Task) -> bool {
    task.checks.iter().any(|check| check.run.is_some())
}

/// What a status says as long as nothing is known: the type alone.
// Mesos: every update of a task with a check has it.
pub(super) fn unknown(info: &CheckInfo) -> Option<CheckStatusInfo> {
    use check_info::Type;
    let kind = Type::try_from(info.r#type?).ok()?;
    let status = CheckStatusInfo { r#type: info.r#type, ..CheckStatusInfo::default() };
    match kind {
        Type::Unknown => None,
        Type::Command => Some(CheckStatusInfo { command: Some(<_>::default()), ..status }),
        Type::Http => Some(CheckStatusInfo { http: Some(<_>::default()), ..status }),
        Type::Tcp => Some(CheckStatusInfo { tcp: Some(<_>::default()), ..status }),
    }
}

/// A status without what it has found out.
pub(super) fn blank(status: CheckStatusInfo) -> CheckStatusInfo {
    CheckStatusInfo {
        r#type: status.r#type,
        command: status.command.map(|_| <_>::default()),
        http: status.http.map(|_| <_>::default()),
        tcp: status.tcp.map(|_| <_>::default()),
    }
}

/// What follows from an outcome.
#[derive(Clone, Copy, Debug)]
enum Verdict {
    Nothing,
    Checked(CheckStatusInfo),
    /// And whether the task is to be killed.
    Healthy(bool, bool),
}

impl Check {
    fn judge(&mut self, now: Now, outcome: &Outcome) -> Verdict {
        match &mut self.judge {
            // Mesos: told only when it differs from what was told before.
            Judge::Report(last) => {
                let status = checked(last, outcome);
                if std::mem::replace(last, status) == status {
                    Verdict::Nothing
                } else {
                    Verdict::Checked(status)
                }
            }
            // Mesos: every failure after the grace period is told, of the successes only the first and
            // those after a failure.
            Judge::Health { grace, grace_until, has_passed, failures, limit } => {
                if is_healthy(outcome) {
                    let is_news = !*has_passed || *failures > 0;
                    *has_passed = true;
                    *failures = 0;
                    return if is_news { Verdict::Healthy(true, false) } else { Verdict::Nothing };
                }
                if !*has_passed && !grace.is_zero() && now.at <= *grace_until {
                    return Verdict::Nothing;
                }
                *failures = failures.saturating_add(1);
                Verdict::Healthy(false, *failures >= *limit)
            }
        }
    }
}

fn checked(last: &CheckStatusInfo, outcome: &Outcome) -> CheckStatusInfo {
    // Of a check that could not be carried out nothing is known.
    CheckStatusInfo {
        r#type: last.r#type,
        command: last.command.map(|_| check_status_info::Command {
            exit_code: if let Outcome::Exited(code) = outcome { Some(*code) } else { None },
        }),
        http: last.http.map(|_| check_status_info::Http {
            status_code: match outcome {
                Outcome::Status(status) => Some((*status).into()),
                Outcome::Exited(_) | Outcome::Connected(_) | Outcome::Failed(_) => None,
            },
        }),
        tcp: last.tcp.map(|_| check_status_info::Tcp {
            succeeded: match outcome {
                Outcome::Connected(connected) => Some(*connected),
                Outcome::Exited(_) | Outcome::Status(_) | Outcome::Failed(_) => None,
            },
        }),
    }
}

/// Why an outcome counts as a failure of a health check; `None` if it does not.
// Mesos: `statuses` is not looked at.
pub fn why_unhealthy(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Exited(0) | Outcome::Status(200..=399) | Outcome::Connected(true) => None,
        Outcome::Exited(code) => Some(format!("the command exited with status {code}")),
        Outcome::Status(status) => Some(format!("the server answered with status {status}")),
        Outcome::Connected(false) => Some("nobody takes the connection".to_owned()),
        Outcome::Failed(why) => Some(why.clone()),
    }
}

fn is_healthy(outcome: &Outcome) -> bool {
    why_unhealthy(outcome).is_none()
}

fn port(port: u32) -> Option<u16> {
    u16::try_from(port).ok()
}

fn seconds(seconds: f64) -> Duration {
    model::duration::from_secs_f64(seconds).unwrap_or_default()
}
