//! Recorded drains, made again: what schedulers and operators are told on their streams, event by event.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::exchange::{self, Exchange};
use super::folder;
use super::situations::Comparison;
use crate::http::{PATIENCE, Records, Request};
use crate::scheduler::{self, Scheduler};
use crate::target::{Target, until};

/// Drains that were recorded in one way.
pub(super) struct Recording {
    file: &'static str,
    pub(super) cases: &'static [&'static str],
    /// Each with an agent of its own, which is gone in the end.
    pub(super) ends_the_agent: bool,
}

/// All but those with a grace period below zero, which is refused here (D33), and the one whose scheduler keeps its
/// acknowledgements back for a while.
pub(super) const RECORDINGS: &[Recording] = &[
    Recording {
        file: "5-drain",
        cases: &[
            "exit0-on-term",
            "ignore-default",
            "ignore-default-g0",
            "ignore-default-g5",
            "ignore-kp0",
            "ignore-kp1-g5",
            "ignore-kp3",
            "ignore-kp3-g1",
            "ignore-kp3-g500ms",
            "ignore-kp3-gtrap-nanoseconds",
            "no-tasks",
            "no-tasks-g1",
            "pod-ignore-kp3",
            "pod-ignore-kp3-g1",
            "pod-term",
            "term-now",
            "term-now-g1",
            "term-now-nokilling",
            "term-now-sh",
            "trap5-default",
            "trap5-default-g1",
            "trap5-kp10",
            "trap5-kp10-g1",
            "trap5fail-kp10",
            "two-tasks",
        ],
        ends_the_agent: false,
    },
    Recording {
        file: "5b-drain-http-command-executor",
        cases: &[
            "httpexec-ignore-default",
            "httpexec-ignore-default-g0",
            "httpexec-ignore-default-g5",
            "httpexec-ignore-kp1-g5",
            "httpexec-ignore-kp3",
            "httpexec-ignore-kp3-g1",
            "httpexec-ignore-kp3-g500ms",
            "httpexec-ignore-kp3-gtrap-nanoseconds",
            "httpexec-term-now",
            "httpexec-trap5-default-g1",
            "httpexec-trap5-kp10",
            "httpexec-trap5-kp10-g1",
        ],
        ends_the_agent: false,
    },
    Recording {
        file: "6-gone",
        cases: &[
            "gone-exit0",
            "gone-ignore-kp3",
            "gone-ignore-kp3-g1",
            "gone-legacy-framework-ignore-kp3",
            "gone-no-tasks",
            "gone-nokilling-exit0",
            "gone-nokilling-ignore-kp3",
            "gone-nokilling-term-now",
            "gone-nokilling-trap5-kp10",
            "gone-pod",
            "gone-term-not-partition-aware",
            "gone-term-now",
        ],
        ends_the_agent: true,
    },
];

/// One recorded drain, or one made here.
#[derive(Debug, Default)]
struct Told {
    scheduler: Vec<Value>,
    operator: Vec<Value>,
}

/// The streams that were recorded along with requests, by name.
pub(super) fn streams(file: &str) -> Value {
    let path = folder().unwrap().join(format!("{file}.streams.json"));
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// An offer may be out or not.
pub(super) fn is_about_offers(difference: &str) -> bool {
    difference.contains("offered_resources")
}

/// What was asked when a process of the agent that is gone had been started again: it is not let in, while
/// another one is.
pub(super) fn after_restart(recording: &Recording, case: &str) -> Option<Exchange> {
    let mut exchanges = super::read(&format!("{}.json", recording.file)).into_iter();
    exchanges.find(|it| it.name.starts_with(&format!("{case}.6-")))
}

/// Makes a drain again, and notes what was answered and told otherwise.
pub(super) fn compare(
    comparison: &mut Comparison,
    target: &Target,
    recording: &Recording,
    case: &str,
) {
    let exchanges = super::read(&format!("{}.json", recording.file));
    let recorded = streams(recording.file);
    let events = |name: &str| recorded[format!("{case}.{name}")].as_array().cloned();
    let scheduler = events("scheduler-events.json").unwrap_or_else(|| panic!("no {case}"));
    let operator = events("SUBSCRIBE.events.jsonl").unwrap_or_default();
    let expected = Told {
        scheduler: scheduler.iter().map(|pair| pair[1].clone()).collect(),
        operator: operator.iter().map(|event| event["event"].clone()).collect(),
    };
    let of_case = exchanges.iter().filter(|it| it.name.starts_with(&format!("{case}.")));
    let of_case: Vec<&Exchange> = of_case.collect();
    let drained = of_case.iter().find_map(|exchange| exchange.drained_agent());
    comparison.agent(drained.unwrap_or_else(|| panic!("nobody is drained in {case}")), target);
    let step = |number: &str| {
        for exchange in
            of_case.iter().filter(|it| it.name.starts_with(&format!("{case}.{number}-")))
        {
            comparison.compare_but(target, exchange, is_about_offers);
        }
    };
    let summary = &recorded[format!("{case}.summary.json")];
    let found = drain(target, summary, recording.ends_the_agent, step);
    let lines = [
        histories(&expected.scheduler, &found.scheduler),
        by_type("scheduler", &expected.scheduler, &found.scheduler),
        by_type("operator", &expected.operator, &found.operator),
    ];
    for line in lines.concat() {
        comparison.note(&line, case);
    }
}

/// Runs the tasks of a case, drains the agent, and puts everything back. At each step the requests that were
/// recorded there are made, that for the drain among them.
fn drain(target: &Target, case: &Value, ends_the_agent: bool, mut step: impl FnMut(&str)) -> Told {
    let operator = |call: Value| {
        let answer = Request::json("/api/v1", &call.to_string()).send(&target.master);
        assert_eq!(answer.status, 200, "{call}: {}", answer.text());
        answer
    };
    let subscribe = Request::json("/api/v1", r#"{"type":"SUBSCRIBE"}"#);
    let (_, mut records) = subscribe.open(&target.master);
    let capabilities = case["caps"].as_array().unwrap().iter().map(|kind| json!({"type": kind}));
    let scheduler = Scheduler::subscribe_as(
        &target.master,
        &json!({
            "user": "root", "name": case["name"], "checkpoint": true,
            "capabilities": capabilities.collect::<Vec<_>>(),
        }),
    );
    let tasks = case["tasks"].as_array().unwrap();
    let is_pod = case["pod"] == true;
    let ids: Vec<String> = match (is_pod, tasks.len()) {
        (true, count) => (1..=count).map(|number| format!("p{number}")).collect(),
        (false, 1) => vec!["t".to_owned()],
        (false, count) => (1..=count).map(|number| format!("t{number}")).collect(),
    };
    launch(target, &scheduler, &ids, tasks, is_pod);
    for (id, task) in ids.iter().zip(tasks) {
        scheduler.status(id, "TASK_RUNNING");
        TrapSet::of(target, id, task["cmd"].as_str().unwrap()).wait();
    }
    step("0");
    step("1");
    // What ends at once may have ended by now.
    if tasks.iter().any(|task| task["cmd"].as_str().is_some_and(|line| line.starts_with("trap ''")))
    {
        until("the agent knows of its drain", || {
            let agent = Request::json("/api/v1", r#"{"type":"GET_AGENT"}"#).send(target.agent());
            agent.json()["get_agent"]["drain_config"].is_object().then_some(())
        });
        step("2");
    }
    if ends_the_agent {
        scheduler.until("the agent's end", |events| {
            let mut failures = events.iter().map(|event| &event["failure"]);
            failures
                .any(|it| it["agent_id"].is_object() && it["executor_id"].is_null())
                .then_some(())
        });
        step("3");
        step("5");
        return Told { scheduler: scheduler.events(), operator: Vec::new() };
    }
    for id in &ids {
        scheduler.status(id, "TASK_KILLED");
    }
    until("DRAINED", || {
        operator(json!({"type": "GET_AGENTS"})).text().contains(r#""DRAINED""#).then_some(())
    });
    step("3");
    if is_pod {
        scheduler.until("the executor's end", |events| {
            events.iter().any(|event| event["type"] == "FAILURE").then_some(())
        });
    }
    operator(json!({
        "type": "TEARDOWN", "teardown": {"framework_id": {"value": scheduler.id}},
    }));
    let told = Told { scheduler: scheduler.events(), operator: until_removed(&mut records) };
    step("4");
    told
}

/// A shell that catches signals runs for a moment before it does; the line leaves a file when it does.
pub(super) struct TrapSet {
    pub(super) line: String,
    sign: PathBuf,
}

impl TrapSet {
    pub(super) fn of(target: &Target, task: &str, line: &str) -> Self {
        let sign = target.path().join(task);
        let leaves_sign = format!("; : > {}; while ", sign.display());
        Self { line: line.replacen("; while ", &leaves_sign, 1), sign }
    }

    /// Returns once the trap is set, if the line sets one, and removes the file.
    pub(super) fn wait(&self) {
        if self.line.starts_with("trap ") {
            until("the trap is set", || self.sign.exists().then_some(()));
            std::fs::remove_file(&self.sign).unwrap();
        }
    }
}

fn launch(target: &Target, scheduler: &Scheduler, ids: &[String], tasks: &[Value], is_pod: bool) {
    let infos: Vec<Value> = ids
        .iter()
        .zip(tasks)
        .map(|(id, task)| {
            let line = TrapSet::of(target, id, task["cmd"].as_str().unwrap()).line;
            let mut info = scheduler::task(id, &line);
            if !task["kill_policy"].is_null() {
                info["kill_policy"] = task["kill_policy"].clone();
            }
            info
        })
        .collect();
    match (is_pod, infos.is_empty()) {
        (_, true) => {}
        (false, false) => scheduler.launch(&infos),
        (true, false) => scheduler.launch_group("ex-pod", &infos),
    }
}

fn until_removed(records: &mut Records) -> Vec<Value> {
    let mut events = Vec::new();
    let deadline = std::time::Instant::now() + PATIENCE;
    while let Some(record) = records.next() {
        let event: Value = serde_json::from_slice(&record).unwrap();
        assert!(std::time::Instant::now() < deadline, "no end of the framework in {events:#?}");
        let is_last = event["type"] == "FRAMEWORK_REMOVED";
        events.push(event);
        if is_last {
            break;
        }
    }
    events
}

/// What each task went through, with reasons, sources and messages.
fn histories(expected: &[Value], found: &[Value]) -> Vec<String> {
    let history = |events: &[Value]| {
        let mut tasks: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for event in events.iter().filter(|event| event["type"] == "UPDATE") {
            let status = &event["update"]["status"];
            let fields = ["state", "source", "reason", "message"]
                .map(|name| status[name].as_str().unwrap_or("-").to_owned());
            let task = status["task_id"]["value"].as_str().unwrap().to_owned();
            tasks.entry(task).or_default().push(fields.join(" "));
        }
        tasks
    };
    let (expected, found) = (history(expected), history(found));
    if expected == found {
        return Vec::new();
    }
    let of = |tasks: &BTreeMap<String, Vec<String>>| {
        let tasks = tasks.iter().map(|(task, history)| format!("{task}: {}", history.join(", ")));
        tasks.collect::<Vec<_>>().join("; ")
    };
    vec![format!("drain: ~history {} | {}", of(&expected), of(&found))]
}

/// How events of the same type differ, all of one type taken together.
pub(super) fn by_type(who: &str, expected: &[Value], found: &[Value]) -> Vec<String> {
    let types = |events: &[Value]| {
        let mut types: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for event in events {
            let name = event["type"].as_str().unwrap();
            // Each state of a task has its own fields.
            let state = event["update"]["status"]["state"].as_str();
            let state = state.or(event["task_updated"]["state"].as_str());
            let name = state.map_or(name.to_owned(), |state| format!("{name} {state}"));
            types.entry(name).or_default().push(event.clone());
        }
        types
    };
    let (expected, found) = (types(expected), types(found));
    let mut lines = Vec::new();
    for (name, events) in expected {
        // Whether an offer is out when the drain begins is a matter of luck.
        if matches!(&*name, "OFFERS" | "RESCIND") && !found.contains_key(&name) {
            continue;
        }
        let Some(others) = found.get(&name) else {
            lines.push(format!("{who} {name}: -event"));
            continue;
        };
        let (events, others) = (Value::from(events), Value::from(others.clone()));
        let differences = exchange::differences(&events, &others);
        // The state depends on what was there before; GET_STATE is compared elsewhere. What is left of an offer
        // comes as a new one while the executor of the first still runs, or later.
        let is_luck =
            |it: &&String| it.contains("subscribed.get_state.") || it.contains("[].executor_ids");
        let differences = differences.iter().filter(|it| !is_luck(it));
        lines.extend(differences.map(|it| format!("{who} {name}: {it}")));
    }
    lines
}
