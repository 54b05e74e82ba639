//! The situations in which was recorded, and the comparison in each.

use serde_json::{Value, json};

use super::differences::Known;
use super::drains::{self, TrapSet};
use super::exchange::Exchange;
use super::{folder, read};
use crate::http::Request;
use crate::scheduler::{self, Scheduler};
use crate::target::{Target, until};

/// Ids of the recording, by what they end with, and those that stand for them here.
#[derive(Clone, Debug, Default)]
struct Names(Vec<(String, String)>);

impl Names {
    fn rename(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (old, new) in &self.0 {
            text = text.replace(old, new);
        }
        text
    }
}

/// The master's id in ids of agents and frameworks of the recording.
const RECORDED: &str = "f92fb936-52f6-4176-8ae7-b7c9a684a461";

pub(super) struct Comparison {
    known: Known,
    names: Names,
    new: Vec<String>,
    compared: usize,
}

impl Comparison {
    fn begin() -> Self {
        Self { known: Known::read(), names: Names::default(), new: Vec::new(), compared: 0 }
    }

    /// Begins with another cluster that has an agent.
    fn in_cluster(&mut self, target: &Target) {
        self.agent(&format!("{RECORDED}-S0"), target);
    }

    /// The agent stands for the one with this id, and nothing else stands for anything.
    pub(super) fn agent(&mut self, recorded: &str, target: &Target) {
        self.names.0 = vec![(recorded.to_owned(), target.agent_id())];
    }

    fn frameworks(&mut self, frameworks: &[&Scheduler]) {
        let ids = frameworks.iter().enumerate();
        self.names.0.extend(ids.map(|(n, it)| (format!("{RECORDED}-{n:04}"), it.id.clone())));
    }

    fn all(&mut self, target: &Target, exchanges: &[Exchange]) {
        for exchange in exchanges {
            self.compare(target, exchange);
        }
    }

    /// Sends a request again and notes what is new in the answer.
    fn compare(&mut self, target: &Target, exchange: &Exchange) {
        self.compare_but(target, exchange, |_| false);
    }

    /// The same, but for what is a matter of luck.
    pub(super) fn compare_but(
        &mut self,
        target: &Target,
        exchange: &Exchange,
        is_luck: impl Fn(&str) -> bool,
    ) {
        let base = if exchange.is_for_agent() { target.agent() } else { &target.master };
        let answer = exchange.request(|text| self.names.rename(text)).send(base);
        self.compared += 1;
        for difference in exchange.compare(&answer, |text| self.names.rename(text)) {
            if !is_luck(&difference) {
                self.note(&format!("{}: {difference}", exchange.about()), &exchange.name);
            }
        }
    }

    pub(super) fn note(&mut self, line: &str, name: &str) {
        if !self.known.covers(line) {
            self.new.push(format!("{line}  [{name}]"));
        }
    }

    /// Fails with everything that is new.
    fn end(mut self, at_least: usize) {
        self.new.sort();
        self.new.dedup();
        println!("{} requests compared", self.compared);
        assert!(self.compared >= at_least, "only {} requests", self.compared);
        assert!(
            self.new.is_empty(),
            "differences that differences.toml does not know:\n{}",
            self.new.join("\n")
        );
        let stale = self.known.stale();
        assert!(stale.is_empty(), "these differences are gone, remove them: {stale:#?}");
    }
}

/// Of a framework in role `*` and one in role `web`: a command task and a group that run, one task that has
/// finished and one that has failed.
fn run_tasks(target: &Target) -> (Scheduler, Scheduler) {
    let golden = Scheduler::subscribe(&target.master, "golden", "*");
    let mut run = scheduler::task("t-run", "sleep 1000");
    run["labels"] = json!({"labels": [{"key": "k", "value": "v"}]});
    run["kill_policy"] = json!({"grace_period": {"nanoseconds": 5_000_000_000_i64}});
    golden.launch(&[run]);
    golden.status("t-run", "TASK_RUNNING");
    golden.launch_group("ex-pod", &["pod-a", "pod-b"].map(|id| scheduler::task(id, "sleep 1000")));
    golden.status("pod-a", "TASK_RUNNING");
    golden.status("pod-b", "TASK_RUNNING");
    golden.decline_everything();
    let golden2 = Scheduler::subscribe(&target.master, "golden2", "web");
    golden2.launch(&[scheduler::task("t-done", "exit 0"), scheduler::task("t-fail", "exit 3")]);
    golden2.status("t-done", "TASK_FINISHED");
    golden2.status("t-fail", "TASK_FAILED");
    until("the ended tasks are acknowledged", || {
        let tasks = Request::json("/api/v1", r#"{"type":"GET_TASKS"}"#).send(&target.master).json();
        let completed = tasks["get_tasks"]["completed_tasks"].as_array().map_or(0, Vec::len);
        (completed == 2).then_some(())
    });
    golden2.offer();
    (golden, golden2)
}

/// In every situation that was recorded, Ebb answers each request as Mesos did: the same status, the same
/// fields, the same types. What differs is known, with the reason, and still differs.
#[tokio::test]
async fn requests_are_answered_as_recorded() {
    if folder().is_none() {
        return;
    }
    let mut comparison = Comparison::begin();
    a_master_alone(&mut comparison).await;
    an_idle_agent(&mut comparison).await;
    tasks_and_a_teardown(&mut comparison).await;
    wrong_requests(&mut comparison).await;
    node_calls_in_sequence(&mut comparison).await;
    recorded_drains(&mut comparison).await;
    comparison.end(450);
}

async fn a_master_alone(comparison: &mut Comparison) {
    let target = like_recorded(0).await;
    comparison.all(&target, &read("1-master-only.json"));
    target.end().await;
}

async fn an_idle_agent(comparison: &mut Comparison) {
    let target = like_recorded(1).await;
    comparison.in_cluster(&target);
    comparison.all(&target, &read("2-agent-idle.json"));
    target.end().await;
}

async fn tasks_and_a_teardown(comparison: &mut Comparison) {
    let target = like_recorded(1).await;
    comparison.in_cluster(&target);
    let (golden, golden2) = run_tasks(&target);
    comparison.frameworks(&[&golden, &golden2]);
    comparison.all(&target, &read("3-tasks.json"));
    let teardown = json!({"type": "TEARDOWN", "teardown": {"framework_id": {"value": golden2.id}}});
    let answer = Request::json("/api/v1", &teardown.to_string()).send(&target.master);
    assert_eq!(answer.status, 200, "{}", answer.text());
    comparison.all(&target, &read("4-after-teardown-of-one-framework.json"));
    target.end().await;
}

async fn wrong_requests(comparison: &mut Comparison) {
    let target = like_recorded(1).await;
    comparison.in_cluster(&target);
    let _frameworks = run_tasks(&target);
    comparison.all(&target, &read("9-errors.json"));
    target.end().await;
}

/// Deactivations, reactivations, drains and a maintenance schedule, one after another.
async fn node_calls_in_sequence(comparison: &mut Comparison) {
    let target = like_recorded(1).await;
    comparison.in_cluster(&target);
    let scheduler = Scheduler::subscribe(&target.master, "golden", "*");
    let offer = scheduler.offer();
    let agents =
        || Request::json("/api/v1", r#"{"type":"GET_AGENTS"}"#).send(&target.master).text();
    let drained = || agents().contains(r#""state":"DRAINED""#).then_some(());
    for exchange in &read("7-ops.json") {
        match exchange.name.as_str() {
            "03-deactivated.GET-metrics" => {
                let mut task = scheduler::task("on-rescinded", "sleep 1000");
                task["agent_id"] = offer["agent_id"].clone();
                let launch = json!({"type": "LAUNCH", "launch": {"task_infos": [task]}});
                scheduler.accept(&offer, &json!([launch]));
                scheduler.status("on-rescinded", "TASK_DROPPED");
                scheduler.decline_everything();
            }
            "07-DEACTIVATE-with-task" => {
                scheduler.call("REVIVE", &json!({}));
                let trap = TrapSet::of(&target, "t", "trap '' TERM; while :; do sleep 1; done");
                let mut task = scheduler::task("t", &trap.line);
                task["kill_policy"] = json!({"grace_period": {"nanoseconds": 6_000_000_000_i64}});
                scheduler.launch(&[task]);
                scheduler.status("t", "TASK_RUNNING");
                trap.wait();
                scheduler.decline_everything();
            }
            "13-GET-metrics-while-draining" => {
                scheduler.status("t", "TASK_KILLING");
            }
            "14-drained.GET-slaves" => until("DRAINED", drained),
            _ => {}
        }
        comparison.compare(&target, exchange);
        if exchange.name == "15-DRAIN-a-drained-agent" {
            until("DRAINED again", drained);
        }
    }
    let recorded = drains::streams("7-ops");
    let recorded = recorded["scheduler-events.json"].as_array().unwrap().iter();
    let recorded: Vec<Value> = recorded.map(|pair| pair[1].clone()).collect();
    for line in drains::by_type("scheduler", &recorded, &scheduler.events()) {
        comparison.note(&line, "7-ops");
    }
    target.end().await;
}

async fn recorded_drains(comparison: &mut Comparison) {
    for recording in drains::RECORDINGS {
        if recording.ends_the_agent {
            for case in recording.cases {
                let mut target = like_recorded(1).await;
                drains::compare(comparison, &target, recording, case);
                let Some(exchange) = drains::after_restart(recording, case) else {
                    target.end().await;
                    continue;
                };
                target.replace_agent().await;
                comparison.compare_but(&target, &exchange, drains::is_about_offers);
                target.end().await;
            }
        } else {
            let target = like_recorded(1).await;
            for case in recording.cases {
                drains::compare(comparison, &target, recording, case);
            }
            target.end().await;
        }
    }
}

/// With the resources and the attributes of the recording.
async fn like_recorded(agents: usize) -> Target {
    Target::own(agents, |options| {
        "cpus:4;mem:4096;disk:8192;ports:[31000-32000]".clone_into(&mut options.resources);
        options.agent_flags.push("--attributes=rack:r1".to_owned());
    })
    .await
}
