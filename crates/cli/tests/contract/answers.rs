//! The situation that the calls of the tables are made in, and what their answers have to be.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use wire::media::MediaType;

use crate::api::Api;
use crate::http::{Answer, Base, Records, Request};
use crate::scheduler::{self, Scheduler};
use crate::target::{Target, until};

/// A framework, a task that runs, and a task whose executor is played.
pub(crate) struct Situation {
    pub(crate) master: Base,
    pub(crate) agent: Base,
    pub(crate) scheduler: Scheduler,
    /// What the names in braces stand for.
    names: BTreeMap<&'static str, String>,
    /// The played executor, as it was launched.
    pub(crate) executor: Value,
    /// What `env` says in the container of the played executor.
    environment: String,
    token: Option<String>,
}

const EXECUTOR: &str = "played";

impl Situation {
    pub(crate) fn bring_about(target: &Target) -> Self {
        let scheduler = Scheduler::subscribe(&target.master, "contract", "contract");
        let sign = target.path().join("environment");
        let script = format!("env > {0}.new; mv {0}.new {0}; exec sleep 10000", sign.display());
        let executor = json!({
            "type": "CUSTOM", "executor_id": {"value": EXECUTOR}, "command": {"value": script},
            "framework_id": {"value": scheduler.id}, "resources": scheduler::resources(0.1, 32.0, 32.0),
        });
        let mut played = scheduler::task(EXECUTOR, "");
        played.as_object_mut().unwrap().remove("command");
        played["executor"] = executor.clone();
        scheduler.launch(&[scheduler::task("running", "exec sleep 10000"), played]);
        let running = scheduler.status("running", "TASK_RUNNING");
        let environment = until("the executor has started", || std::fs::read_to_string(&sign).ok());
        let container = &running["container_status"]["container_id"]["value"];
        let names = BTreeMap::from([
            ("{agent}", target.agent_id()),
            ("{framework}", scheduler.id.clone()),
            ("{executor}", EXECUTOR.to_owned()),
            ("{container}", container.as_str().unwrap_or_default().to_owned()),
            ("{offer}", String::new()),
        ]);
        let (master, agent) = (target.master.clone(), target.agent().clone());
        let mut situation =
            Self { master, agent, scheduler, names, executor, environment, token: None };
        situation.token = situation.variable("MESOS_EXECUTOR_AUTHENTICATION_TOKEN");
        situation
    }

    /// A variable that the played executor was given.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let mut lines = self.environment.lines();
        lines.find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).map(str::to_owned)
    }

    /// Puts what the names stand for into a text.
    pub(crate) fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.names {
            if !text.contains(name) {
                continue;
            }
            if *name == "{offer}" {
                let offer = self.scheduler.offer();
                text = text.replace(name, offer["id"]["value"].as_str().unwrap());
            } else {
                text = text.replace(name, value);
            }
        }
        text
    }

    /// Ends the framework, so that another one gets its resources in a cluster that goes on.
    pub(crate) fn leave(&self) {
        let answer = self.scheduler.call("TEARDOWN", &json!({}));
        assert_eq!(answer.status, 202, "{}", answer.text());
    }

    /// Whether the played executor was given a token.
    pub(crate) fn has_token(&self) -> bool {
        self.token.is_some()
    }

    pub(crate) fn base(&self, api: Api) -> &Base {
        match api {
            Api::Master | Api::Scheduler => &self.master,
            Api::Agent | Api::Executor => &self.agent,
        }
    }

    /// A call as JSON: the type, who calls, and the parts.
    pub(crate) fn call(&self, api: Api, kind: &str, parts: &str) -> String {
        let mut call: Value = json!({"type": kind});
        let framework = json!({"value": self.scheduler.id});
        match api {
            Api::Scheduler if kind != "SUBSCRIBE" => call["framework_id"] = framework,
            Api::Executor => {
                call["framework_id"] = framework;
                call["executor_id"] = json!({"value": EXECUTOR});
            }
            Api::Scheduler | Api::Master | Api::Agent => {}
        }
        let parts = self.fill(parts);
        let parts = if parts.trim().is_empty() { "{}" } else { &parts };
        let parts: Value =
            serde_json::from_str(parts).unwrap_or_else(|error| panic!("{kind}: {error}: {parts}"));
        for (name, part) in parts.as_object().unwrap() {
            call[name] = part.clone();
        }
        call.to_string()
    }

    /// A call as a request in a format, with the header that says who calls.
    pub(crate) fn request(&self, api: Api, media: MediaType, call: &str) -> Request {
        let request = Request::post(api.path(), api.encode(media, call))
            .header("Content-Type", media.name())
            .header("Accept", media.name());
        self.sign(api, call, request)
    }

    /// Adds the header that says who calls.
    pub(crate) fn sign(&self, api: Api, call: &str, request: Request) -> Request {
        match (api, &self.token) {
            (Api::Scheduler, _) if !call.contains(r#""SUBSCRIBE""#) => {
                request.header("Mesos-Stream-Id", &self.scheduler.stream_id)
            }
            (Api::Executor, Some(token)) => {
                request.header("Authorization", &format!("Bearer {token}"))
            }
            _ => request,
        }
    }

    pub(crate) fn send(&self, api: Api, media: MediaType, call: &str) -> Answer {
        self.request(api, media, call).send(self.base(api))
    }

    pub(crate) fn open(&self, api: Api, media: MediaType, call: &str) -> (Answer, Records) {
        self.request(api, media, call).open(self.base(api))
    }
}

/// A refusal is plain text that says something.
#[track_caller]
pub(crate) fn assert_refused(about: &str, answer: &Answer, status: u16, text: &str) {
    let said = answer.text();
    assert_eq!(answer.status, status, "{about}: {said}");
    assert!(said.contains(text), "{about}: {said:?} does not say {text:?}");
    let content_type = answer.header("content-type");
    // Mesos: a file that is not there is answered without a word.
    if !said.is_empty() {
        assert_eq!(content_type, Some("text/plain; charset=utf-8"), "{about}: {said}");
    }
}
