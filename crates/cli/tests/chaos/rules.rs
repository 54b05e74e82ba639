//! The rules, over what operators were told, what frameworks heard, what tasks wrote and what `/proc` shows.

use std::time::Duration;

use crate::job::Diary;
use crate::ledger::Entry;
use crate::processes::Process;
use crate::service::Task;

/// What lies between an agent's decision to kill and the line that the task writes about SIGTERM.
const SLACK: Duration = Duration::from_secs(2);
/// `--default-kill-grace` of the agents.
pub(crate) const DEFAULT_GRACE: Duration = Duration::from_secs(3);
/// What a task of a framework that removed itself has at least.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(4);
/// How long the decision to kill a task for another cause than a drain or its framework's wish may lie back.
const BEFORE_TERM: Duration = Duration::from_secs(20);

/// A rule's name, and how it was broken.
pub(crate) type Breach = (&'static str, String);

/// Something that the harness did to a host which a rule has to allow for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Disturbance {
    pub(crate) from: Duration,
    pub(crate) until: Duration,
    /// Processes of tasks, or their executors, got SIGKILL from the harness.
    pub(crate) kills_tasks: bool,
}

/// All that is known of a task.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) id: &'a str,
    pub(crate) task: &'a Task,
    pub(crate) diary: &'a Diary,
    /// Its first process was seen to be gone at this time.
    pub(crate) gone: Option<Duration>,
    pub(crate) entry: &'a Entry,
    /// Of its host.
    pub(crate) disturbances: &'a [Disturbance],
}

/// An agent was read as drained; then its host was looked at.
pub(crate) fn drained(agent: &str, processes: &[Process], facts: &[Facts<'_>]) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for process in processes.iter().filter(|process| !process.is_daemon()) {
        breaches.push((
            "drained-means-empty",
            format!("{agent} is DRAINED, and there runs {}", process.show()),
        ));
    }
    for fact in facts.iter().filter(|fact| fact.task.agent == agent) {
        if fact.diary.start.is_none() || fact.task.is_abandoned {
            continue;
        }
        let what = match (fact.task.end, fact.task.acknowledged) {
            (None, _) => "its framework has not heard of the end of",
            (Some(_), None) => "nobody acknowledged the end of",
            (Some(_), Some(_)) => continue,
        };
        breaches
            .push(("drained-means-empty", format!("{agent} is DRAINED, and {what} {}", fact.id)));
    }
    breaches
}

/// Nothing is launched on an agent that operators were told is out of service.
pub(crate) fn launches(fact: &Facts<'_>) -> Vec<Breach> {
    let Some((start, _)) = fact.diary.start else { return Vec::new() };
    let mut breaches = Vec::new();
    if let Some((from, until)) = fact.entry.out_at(fact.task.accepted)
        && until.is_none_or(|until| start < until)
    {
        breaches.push((
            "no-launch-out-of-service",
            format!(
                "{} was launched at {:?} on {}, which was out of service since {from:?}",
                fact.id, fact.task.accepted, fact.task.agent
            ),
        ));
    }
    if let Some((from, _)) = fact.entry.drained_at(start) {
        breaches.push((
            "no-launch-out-of-service",
            format!(
                "{} began at {start:?} on {}, which was DRAINED since {from:?}",
                fact.id, fact.task.agent
            ),
        ));
    }
    if fact.diary.starts > 1 {
        let what = format!("{} was started {} times", fact.id, fact.diary.starts);
        breaches.push(("one-start", what));
    }
    breaches
}

/// SIGTERM comes first, and SIGKILL not before the smallest grace period that was asked for.
pub(crate) fn graces(fact: &Facts<'_>) -> Option<Breach> {
    let (start, _) = fact.diary.start?;
    let gone = fact.gone?;
    if !fact.task.job.notes_term() || fact.diary.exit.is_some() {
        return None;
    }
    let is_disturbed = |from: Duration, until: Duration, only_kills: bool| {
        fact.disturbances.iter().any(|disturbance| {
            disturbance.from <= until
                && disturbance.until >= from
                && (disturbance.kills_tasks || !only_kills)
        })
    };
    if is_disturbed(start, gone, true) {
        return None;
    }
    let least = least_grace(fact.task, fact.entry);
    if least <= SLACK {
        return None;
    }
    match fact.diary.term {
        None if !fact.diary.was_asked => Some((
            "sigterm-comes-first",
            format!("{} was killed at {gone:?} without SIGTERM; it had {least:?} to come", fact.id),
        )),
        Some(term) if gone + SLACK < term + least => {
            // An agent that could not act has counted from its decision all the same.
            if is_disturbed(asked(fact, term), term, false) {
                return None;
            }
            Some((
                "grace-is-not-shortened",
                format!(
                    "{} was killed {:?} after SIGTERM, not {least:?}",
                    fact.id,
                    gone.saturating_sub(term)
                ),
            ))
        }
        None | Some(_) => None,
    }
}

/// When the end of a task may first have been decided that got SIGTERM at `term`.
fn asked(fact: &Facts<'_>, term: Duration) -> Duration {
    let drained = fact.entry.drain_since(fact.task.accepted);
    let asked = [drained, fact.task.kill_asked].into_iter().flatten().min();
    asked.filter(|asked| *asked < term).unwrap_or(term.saturating_sub(BEFORE_TERM))
}

fn least_grace(task: &Task, entry: &Entry) -> Duration {
    let own = task.grace.unwrap_or(DEFAULT_GRACE);
    let bound = entry.bound_since(task.accepted);
    let asked = task.kill_grace;
    let removed = task.is_abandoned.then_some(SHUTDOWN_GRACE);
    [bound, asked, removed].into_iter().flatten().fold(own, Duration::min)
}

/// What a framework believes to run does, and nothing else; for when everything has come to rest.
pub(crate) fn rest(fact: &Facts<'_>, processes: &[Process]) -> Option<Breach> {
    let runs = processes.iter().find(|process| process.task.as_deref() == Some(fact.id));
    match (fact.task.is_believed_alive(), runs) {
        (true, None) => Some((
            "every-update-arrives",
            format!("{} is believed to be {:?}; nothing of it runs", fact.id, fact.task.state),
        )),
        (false, Some(process)) if !fact.task.is_abandoned => Some((
            "every-update-arrives",
            format!(
                "{} is believed to be {:?}; there runs {}",
                fact.id,
                fact.task.state,
                process.show()
            ),
        )),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use wire::v1::TaskState;

    use super::*;
    use crate::job::Job;
    use crate::ledger::{Act, Answer, Ledger};

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn task(accepted: u64) -> Task {
        Task {
            host: "node-1".to_owned(),
            agent: "S1".to_owned(),
            job: Job::Stubborn,
            grace: Some(at(8)),
            accepted: at(accepted),
            state: TaskState::TaskRunning,
            end: None,
            acknowledged: None,
            is_abandoned: false,
            kill_asked: None,
            kill_grace: None,
        }
    }

    fn diary(start: u64, term: Option<u64>) -> Diary {
        Diary {
            start: Some((at(start), 7)),
            starts: 1,
            was_asked: term.is_some(),
            term: term.map(at),
            exit: None,
        }
    }

    fn process() -> Process {
        Process {
            pid: 7,
            started: 1,
            parent: 1,
            host: "node-1".to_owned(),
            task: Some("t".to_owned()),
            command: "sleep 1000".to_owned(),
        }
    }

    fn drained_entry() -> Entry {
        let mut ledger = Ledger::default();
        let act = Act::Drain { bound: None, decommission: false };
        ledger.begin(at(10), "S1", act);
        ledger.end(at(11), "S1", act, Answer::Done);
        let reactivations = ledger.get("S1").reactivations;
        ledger.entry("S1").seen_drained(at(20), reactivations);
        ledger.get("S1")
    }

    fn with<T>(task: &Task, diary: &Diary, gone: Option<u64>, look: impl Fn(&Facts<'_>) -> T) -> T {
        let entry = drained_entry();
        let gone = gone.map(at);
        look(&Facts { id: "t", task, diary, gone, entry: &entry, disturbances: &[] })
    }

    fn rules(breaches: &[Breach]) -> Vec<&'static str> {
        breaches.iter().map(|(rule, _)| *rule).collect()
    }

    /// A process, an end that nobody told, and one that nobody acknowledged are each found on a drained host.
    #[test]
    fn a_drained_host_that_is_not_empty_is_found() {
        let (mut task, diary) = (task(5), diary(6, None));
        let look = |task: &Task, processes: &[Process]| {
            with(task, &diary, None, |fact| rules(&drained("S1", processes, &[*fact])))
        };
        assert_eq!(look(&task, &[]), ["drained-means-empty"]);
        task.end = Some(TaskState::TaskKilled);
        assert_eq!(look(&task, &[]), ["drained-means-empty"]);
        task.acknowledged = Some(at(12));
        assert_eq!(look(&task, &[]), Vec::<&str>::new());
        assert_eq!(look(&task, &[process()]), ["drained-means-empty"]);
    }

    /// A launch that was ordered after a drain was acknowledged is found, and so is a task that begins on a
    /// drained agent, and one that begins twice.
    #[test]
    fn a_launch_out_of_service_is_found() {
        let look = |accepted, start| {
            with(&task(accepted), &diary(start, None), None, |fact| rules(&launches(fact)))
        };
        assert_eq!(look(5, 15), Vec::<&str>::new());
        assert_eq!(look(12, 15), ["no-launch-out-of-service"]);
        assert_eq!(look(5, 25), ["no-launch-out-of-service"]);
        let twice = Diary { starts: 2, ..diary(15, None) };
        assert_eq!(with(&task(5), &twice, None, |fact| rules(&launches(fact))), ["one-start"]);
    }

    /// SIGKILL without SIGTERM, or too early, is found, unless the harness itself may be the cause.
    #[test]
    fn a_shortened_grace_period_is_found() {
        let look = |term, gone| {
            let found = with(&task(5), &diary(6, term), Some(gone), graces);
            found.map(|(rule, _)| rule)
        };
        assert_eq!(look(Some(30), 38), None);
        assert_eq!(look(Some(30), 35), Some("grace-is-not-shortened"));
        assert_eq!(look(None, 35), Some("sigterm-comes-first"));
        let excuse = |kills_tasks| {
            let disturbances = [Disturbance { from: at(12), until: at(14), kills_tasks }];
            let (task, diary, entry) = (task(5), diary(6, Some(30)), drained_entry());
            graces(&Facts {
                id: "t",
                task: &task,
                diary: &diary,
                gone: Some(at(32)),
                entry: &entry,
                disturbances: &disturbances,
            })
        };
        assert_eq!(excuse(true), None);
        assert_eq!(excuse(false), None);
        assert_eq!(look(Some(30), 32), Some("grace-is-not-shortened"));
    }

    /// At rest, belief without a process and a process without belief are found.
    #[test]
    fn a_belief_that_is_not_so_is_found() {
        let look = |state, processes: &[Process]| {
            let task = Task { state, ..task(5) };
            with(&task, &diary(6, None), None, |fact| rest(fact, processes).map(|(rule, _)| rule))
        };
        assert_eq!(look(TaskState::TaskRunning, &[process()]), None);
        assert_eq!(look(TaskState::TaskKilled, &[]), None);
        assert_eq!(look(TaskState::TaskRunning, &[]), Some("every-update-arrives"));
        assert_eq!(look(TaskState::TaskKilled, &[process()]), Some("every-update-arrives"));
    }
}
