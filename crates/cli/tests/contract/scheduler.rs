//! A scheduler that is played: it writes down what it is told and acknowledges every update.

use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use serde_json::{Value, json};

use crate::http::{Answer, Base, PATIENCE, Request};

const PATH: &str = "/api/v1/scheduler";

/// Ids of all frameworks that were subscribed in this process.
static SUBSCRIBED: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Ends every framework of this process, so that the next test of a given cluster has its resources.
pub(crate) fn end_all(base: &Base) {
    for id in std::mem::take(&mut *SUBSCRIBED.lock().unwrap()) {
        let call = json!({"type": "TEARDOWN", "teardown": {"framework_id": {"value": id}}});
        // Some have ended.
        Request::json("/api/v1", &call.to_string()).send(base);
    }
}

#[derive(Debug, Default)]
struct Told {
    events: Mutex<Vec<Value>>,
    /// Ids of offers that were accepted or declined.
    used: Mutex<Vec<String>>,
    changed: Condvar,
}

/// A subscribed framework. Its stream lives as long as the process or the master.
#[derive(Clone, Debug)]
pub(crate) struct Scheduler {
    base: Base,
    pub(crate) id: String,
    pub(crate) stream_id: String,
    told: Arc<Told>,
}

impl Scheduler {
    pub(crate) fn subscribe(base: &Base, name: &str, role: &str) -> Self {
        let capabilities =
            ["PARTITION_AWARE", "TASK_KILLING_STATE", "RESERVATION_REFINEMENT", "MULTI_ROLE"]
                .map(|kind| json!({"type": kind}));
        let info = json!({
            "user": "root", "name": name, "roles": [role], "checkpoint": true,
            "capabilities": capabilities,
        });
        Self::subscribe_as(base, &info)
    }

    /// Subscribes with a `FrameworkInfo` that is given whole.
    pub(crate) fn subscribe_as(base: &Base, info: &Value) -> Self {
        let call = json!({"type": "SUBSCRIBE", "subscribe": {"framework_info": info}});
        let (head, mut records) = Request::json(PATH, &call.to_string()).open(base);
        assert_eq!(head.status, 200, "{}", String::from_utf8_lossy(&records.rest()));
        let stream_id = head.header("mesos-stream-id").expect("a stream has an id").to_owned();
        let first: Value = serde_json::from_slice(&records.next().unwrap()).unwrap();
        assert_eq!(first["type"], "SUBSCRIBED", "{first}");
        let id = first["subscribed"]["framework_id"]["value"].as_str().unwrap().to_owned();
        SUBSCRIBED.lock().unwrap().push(id.clone());
        let told = Arc::new(Told::default());
        told.events.lock().unwrap().push(first);
        let framework = Self { base: base.clone(), id, stream_id, told };
        let reader = framework.clone();
        std::thread::spawn(move || {
            while let Some(record) = records.next() {
                reader.take(serde_json::from_slice(&record).unwrap());
            }
        });
        framework
    }

    fn take(&self, event: Value) {
        if event["type"] == "UPDATE" && event["update"]["status"]["uuid"].is_string() {
            let status = &event["update"]["status"];
            let acknowledge = json!({
                "agent_id": status["agent_id"], "task_id": status["task_id"], "uuid": status["uuid"],
            });
            self.call("ACKNOWLEDGE", &json!({"acknowledge": acknowledge}));
        }
        self.told.events.lock().unwrap().push(event);
        self.told.changed.notify_all();
    }

    /// Sends a call with these parts.
    pub(crate) fn call(&self, kind: &str, parts: &Value) -> Answer {
        let mut call = json!({"type": kind, "framework_id": {"value": self.id}});
        for (name, part) in parts.as_object().into_iter().flatten() {
            call[name] = part.clone();
        }
        Request::json(PATH, &call.to_string())
            .header("Mesos-Stream-Id", &self.stream_id)
            .send(&self.base)
    }

    /// What `look` finds among everything that was told so far, waiting for it if need be.
    pub(crate) fn until<T>(&self, what: &str, look: impl Fn(&[Value]) -> Option<T>) -> T {
        let deadline = Instant::now() + PATIENCE;
        let mut events = self.told.events.lock().unwrap();
        loop {
            if let Some(found) = look(&events) {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "this did not happen: {what}; told: {events:#?}");
            events = self.told.changed.wait_timeout(events, left).unwrap().0;
        }
    }

    /// The latest offer that is neither rescinded nor used.
    pub(crate) fn offer(&self) -> Value {
        let used = self.told.used.lock().unwrap().clone();
        self.until("an offer", |events| {
            let rescinded =
                |id: &Value| events.iter().any(|event| event["rescind"]["offer_id"] == *id);
            let offers = events.iter().filter_map(|event| event["offers"]["offers"].as_array());
            let unused = |offer: &&Value| {
                let id = offer["id"]["value"].as_str().unwrap_or_default();
                !used.iter().any(|it| it == id) && !rescinded(&offer["id"])
            };
            offers.flatten().rfind(unused).cloned()
        })
    }

    /// Ids of all offers that ever came, in order.
    fn offer_ids(&self) -> Vec<String> {
        let events = self.told.events.lock().unwrap();
        let offers = events.iter().filter_map(|event| event["offers"]["offers"].as_array());
        offers.flatten().filter_map(|it| it["id"]["value"].as_str().map(str::to_owned)).collect()
    }

    /// Wants no offers any more, and gives back those that are out.
    pub(crate) fn decline_everything(&self) {
        self.call("SUPPRESS", &json!({}));
        let ids = self.offer_ids();
        self.told.used.lock().unwrap().extend(ids.iter().cloned());
        let ids: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
        self.call("DECLINE", &json!({"decline": {"offer_ids": ids}}));
    }

    /// Accepts an offer with these operations.
    pub(crate) fn accept(&self, offer: &Value, operations: &Value) {
        let accept = json!({
            "offer_ids": [offer["id"]], "operations": operations, "filters": {"refuse_seconds": 0.0},
        });
        let id = offer["id"]["value"].as_str().unwrap().to_owned();
        self.told.used.lock().unwrap().push(id);
        let answer = self.call("ACCEPT", &json!({"accept": accept}));
        assert_eq!(answer.status, 202, "{}", answer.text());
    }

    /// Launches tasks (without their agent) with one offer.
    pub(crate) fn launch(&self, tasks: &[Value]) {
        let offer = self.offer();
        let mut tasks = tasks.to_vec();
        for task in &mut tasks {
            task["agent_id"] = offer["agent_id"].clone();
        }
        self.accept(&offer, &json!([{"type": "LAUNCH", "launch": {"task_infos": tasks}}]));
    }

    /// Launches tasks as a group under the default executor.
    pub(crate) fn launch_group(&self, executor: &str, tasks: &[Value]) {
        let executor = json!({
            "type": "DEFAULT", "executor_id": {"value": executor},
            "framework_id": {"value": self.id}, "resources": resources(0.1, 32.0, 32.0),
        });
        self.launch_group_on(&executor, tasks);
    }

    /// Launches tasks as a group under an executor.
    pub(crate) fn launch_group_on(&self, executor: &Value, tasks: &[Value]) {
        let offer = self.offer();
        let mut tasks = tasks.to_vec();
        for task in &mut tasks {
            task["agent_id"] = offer["agent_id"].clone();
        }
        let launch = json!({"executor": executor, "task_group": {"tasks": tasks}});
        self.accept(&offer, &json!([{"type": "LAUNCH_GROUP", "launch_group": launch}]));
    }

    /// Everything that was told so far.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.told.events.lock().unwrap().clone()
    }

    /// Waits for a state of a task, and returns the status.
    pub(crate) fn status(&self, task: &str, state: &str) -> Value {
        self.until(&format!("{task} is {state}"), |events| {
            let mut statuses = events.iter().map(|event| &event["update"]["status"]);
            statuses
                .rfind(|status| status["task_id"]["value"] == task && status["state"] == state)
                .cloned()
        })
    }
}

/// cpus, mem and disk.
pub(crate) fn resources(cpus: f64, mem: f64, disk: f64) -> Value {
    let scalars = [("cpus", cpus), ("mem", mem), ("disk", disk)];
    scalars
        .iter()
        .filter(|(_, value)| *value > 0.0)
        .map(|(name, value)| json!({"name": name, "type": "SCALAR", "scalar": {"value": value}}))
        .collect()
}

/// A task that runs a line in a shell.
pub(crate) fn task(id: &str, line: &str) -> Value {
    json!({
        "name": id, "task_id": {"value": id}, "command": {"value": line},
        "resources": resources(0.1, 32.0, 0.0),
    })
}
