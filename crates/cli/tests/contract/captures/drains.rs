//! Recorded drains, made again: what schedulers and operators are told on their streams, event by event.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use super::exchange;
use super::folder;
use crate::http::{PATIENCE, Records, Request};
use crate::scheduler::{self, Scheduler};
use crate::target::{Target, until};

const FILE: &str = "5-drain.streams.json";

/// Those that do not take long. What the others show is how long a grace period is, which tests of drains do.
const CASES: &[&str] = &[
    "term-now",
    "term-now-sh",
    "term-now-nokilling",
    "exit0-on-term",
    "ignore-kp1-g5",
    "two-tasks",
    "pod-term",
    "no-tasks",
];

/// One recorded drain, or one made here.
#[derive(Debug, Default)]
struct Told {
    scheduler: Vec<Value>,
    operator: Vec<Value>,
}

/// Makes every case again and returns how it was told otherwise, each with the name of the case.
pub(super) fn compare(target: &Target) -> Vec<(String, String)> {
    let text = std::fs::read(folder().unwrap().join(FILE)).unwrap();
    let recorded: Value = serde_json::from_slice(&text).unwrap();
    let mut differences = Vec::new();
    for case in CASES {
        let events = |name: &str| recorded[format!("{case}.{name}")].as_array().cloned();
        let scheduler = events("scheduler-events.json").unwrap_or_else(|| panic!("no {case}"));
        let operator = events("SUBSCRIBE.events.jsonl").unwrap_or_default();
        let expected = Told {
            scheduler: scheduler.iter().map(|pair| pair[1].clone()).collect(),
            operator: operator.iter().map(|event| event["event"].clone()).collect(),
        };
        let found = drain(target, &recorded[format!("{case}.summary.json")]);
        let lines = [
            histories(&expected.scheduler, &found.scheduler),
            by_type("scheduler", &expected.scheduler, &found.scheduler),
            by_type("operator", &expected.operator, &found.operator),
        ];
        differences.extend(lines.concat().into_iter().map(|line| (line, (*case).to_owned())));
    }
    differences
}

/// Runs the tasks of a case, drains the agent, and puts everything back.
fn drain(target: &Target, case: &Value) -> Told {
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
    let agent = json!({"value": target.agent_id()});
    let mut drain = case["drain"].clone();
    drain["agent_id"] = agent.clone();
    operator(json!({"type": "DRAIN_AGENT", "drain_agent": drain}));
    for id in &ids {
        scheduler.status(id, "TASK_KILLED");
    }
    until("DRAINED", || {
        operator(json!({"type": "GET_AGENTS"})).text().contains(r#""DRAINED""#).then_some(())
    });
    if is_pod {
        scheduler.until("the executor's end", |events| {
            events.iter().any(|event| event["type"] == "FAILURE").then_some(())
        });
    }
    operator(json!({
        "type": "TEARDOWN", "teardown": {"framework_id": {"value": scheduler.id}},
    }));
    let told = Told { scheduler: scheduler.events(), operator: until_removed(&mut records) };
    operator(json!({"type": "REACTIVATE_AGENT", "reactivate_agent": {"agent_id": agent}}));
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
            let fields =
                ["state", "source", "reason", "message"].map(|name| status[name].to_string());
            let task = status["task_id"]["value"].as_str().unwrap().to_owned();
            tasks.entry(task).or_default().push(fields.join(" "));
        }
        tasks
    };
    let (expected, found) = (history(expected), history(found));
    if expected == found {
        return Vec::new();
    }
    vec![format!("drain: ~history {expected:#?}, {found:#?}")]
}

/// How events of the same type differ, all of one type taken together.
fn by_type(who: &str, expected: &[Value], found: &[Value]) -> Vec<String> {
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
        // The state depends on what was there before; GET_STATE is compared elsewhere.
        let differences = differences.iter().filter(|it| !it.contains("subscribed.get_state."));
        lines.extend(differences.map(|it| format!("{who} {name}: {it}")));
    }
    lines
}
