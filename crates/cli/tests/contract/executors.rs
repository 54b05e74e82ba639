//! The executor API from the executor's side: what it is told, what becomes of what it says, and how it comes back.

use serde_json::{Value, json};
use wire::media::MediaType;

use crate::answers::{Situation, assert_refused};
use crate::api::Api;
use crate::http::Records;
use crate::scheduler;
use crate::target::Target;

const FORMATS: [MediaType; 2] = [MediaType::Json, MediaType::Protobuf];
/// Sixteen bytes, as ids of updates have.
const UUID: &str = "AAECAwQFBgcICQoLDA0ODw==";
const OTHER_UUID: &str = "DwAOAQ0CDAMLBAoFCQYIBw==";

/// The executor of the task `played`, subscribed.
struct Played<'a> {
    situation: &'a Situation,
    media: MediaType,
    records: Records,
}

impl<'a> Played<'a> {
    fn subscribe(
        situation: &'a Situation,
        media: MediaType,
        tasks: &[Value],
        updates: &[Value],
    ) -> Self {
        let parts = json!({"subscribe": {"unacknowledged_tasks": tasks, "unacknowledged_updates": updates}});
        let call = situation.call(Api::Executor, "SUBSCRIBE", &parts.to_string());
        let (head, records) = situation.open(Api::Executor, media, &call);
        assert_eq!((head.status, head.content_type()), (200, Some(media.name())));
        let mut played = Self { situation, media, records };
        let subscribed = played.event("SUBSCRIBED")["subscribed"].clone();
        let framework = &subscribed["framework_info"]["id"]["value"];
        assert_eq!(*framework, *situation.fill("{framework}"), "{subscribed}");
        let executor = &subscribed["executor_info"]["executor_id"]["value"];
        assert_eq!(*executor, *situation.fill("{executor}"), "{subscribed}");
        let agent = &subscribed["agent_info"]["id"]["value"];
        assert_eq!(*agent, *situation.fill("{agent}"), "{subscribed}");
        assert!(subscribed["container_id"]["value"].is_string(), "{subscribed}");
        played
    }

    /// The next event, which must be of this type.
    #[track_caller]
    fn event(&mut self, kind: &str) -> Value {
        let record =
            self.records.next().unwrap_or_else(|| panic!("the stream ended before {kind}"));
        let event = Api::Executor.event(self.media, &record);
        assert_eq!(event["type"], kind, "{event}");
        event
    }

    /// Sends a call, which must be taken.
    #[track_caller]
    fn call(&self, kind: &str, parts: &Value) {
        let call = self.situation.call(Api::Executor, kind, &parts.to_string());
        let answer = self.situation.send(Api::Executor, self.media, &call);
        assert_eq!((answer.status, answer.text().as_str()), (202, ""), "{call}");
    }

    /// Whether the agent has ended the stream without another event.
    fn is_closed(&mut self) -> bool {
        self.records.next().is_none()
    }
}

fn status(state: &str, uuid: &str) -> Value {
    json!({
        "task_id": {"value": "played"}, "state": state, "source": "SOURCE_EXECUTOR", "uuid": uuid,
        "timestamp": 1.5, "message": "said by the executor",
    })
}

/// An executor gets its task, reports it and has each report acknowledged by its id; it is told to end the task with
/// the grace that the scheduler gave, and the scheduler is told all that it says.
#[tokio::test]
async fn an_executor_reports_its_task_to_the_end() {
    for media in FORMATS {
        let target = Target::start(1).await;
        let situation = Situation::bring_about(&target);
        let scheduler = &situation.scheduler;
        let mut played = Played::subscribe(&situation, media, &[], &[]);
        let task = played.event("LAUNCH")["launch"]["task"].clone();
        assert_eq!(task["task_id"]["value"], "played", "{task}");
        played.call("UPDATE", &json!({"update": {"status": status("TASK_RUNNING", UUID)}}));
        let acknowledged = json!({"task_id": {"value": "played"}, "uuid": UUID});
        assert_eq!(played.event("ACKNOWLEDGED")["acknowledged"], acknowledged);
        let told = scheduler.status("played", "TASK_RUNNING");
        assert_eq!(
            (&told["uuid"], &told["message"]),
            (&json!(UUID), &json!("said by the executor"))
        );
        assert_eq!(told["executor_id"]["value"], *situation.fill("{executor}"), "{told}");
        let policy = json!({"grace_period": {"nanoseconds": 60_000_000_000_i64}});
        let kill = json!({"kill": {"task_id": {"value": "played"}, "kill_policy": policy}});
        assert_eq!(scheduler.call("KILL", &kill).status, 202);
        let kill = played.event("KILL")["kill"].clone();
        assert_eq!(kill, json!({"task_id": {"value": "played"}, "kill_policy": policy}));
        played.call("UPDATE", &json!({"update": {"status": status("TASK_KILLED", OTHER_UUID)}}));
        assert_eq!(played.event("ACKNOWLEDGED")["acknowledged"]["uuid"], OTHER_UUID);
        assert_eq!(scheduler.status("played", "TASK_KILLED")["uuid"], OTHER_UUID);
        situation.leave();
        target.end().await;
    }
}

/// A group arrives at an executor as one; each of its tasks is reported and killed by itself, and what becomes of the
/// others is the executor's matter.
#[tokio::test]
async fn an_executor_gets_a_group_as_one() {
    for media in FORMATS {
        let target = Target::start(1).await;
        let situation = Situation::bring_about(&target);
        let scheduler = &situation.scheduler;
        let mut played = Played::subscribe(&situation, media, &[], &[]);
        played.event("LAUNCH");
        let tasks = ["one", "two"].map(|id| scheduler::task(id, "true"));
        scheduler.launch_group_on(&situation.executor, &tasks);
        let group = played.event("LAUNCH_GROUP")["launch_group"]["task_group"]["tasks"].clone();
        let ids: Vec<&Value> =
            group.as_array().unwrap().iter().map(|task| &task["task_id"]["value"]).collect();
        assert_eq!(ids, ["one", "two"]);
        for (id, uuid) in [("one", UUID), ("two", OTHER_UUID)] {
            let mut status = status("TASK_RUNNING", uuid);
            status["task_id"]["value"] = json!(id);
            played.call("UPDATE", &json!({"update": {"status": status}}));
            let acknowledged = json!({"task_id": {"value": id}, "uuid": uuid});
            assert_eq!(played.event("ACKNOWLEDGED")["acknowledged"], acknowledged);
            assert_eq!(scheduler.status(id, "TASK_RUNNING")["uuid"], uuid);
        }
        let kill = json!({"kill": {"task_id": {"value": "two"}}});
        assert_eq!(scheduler.call("KILL", &kill).status, 202);
        assert_eq!(played.event("KILL")["kill"]["task_id"]["value"], "two");
        let mut killed = status("TASK_KILLED", "EBESExQVFhcYGRobHB0eHw==");
        killed["task_id"]["value"] = json!("two");
        played.call("UPDATE", &json!({"update": {"status": killed}}));
        played.event("ACKNOWLEDGED");
        scheduler.status("two", "TASK_KILLED");
        let message = json!({"message": {
            "agent_id": {"value": situation.fill("{agent}")},
            "executor_id": {"value": situation.fill("{executor}")}, "data": "aGk=",
        }});
        assert_eq!(scheduler.call("MESSAGE", &message).status, 202);
        // Nothing was asked of the other one meanwhile.
        played.event("MESSAGE");
        situation.leave();
        target.end().await;
    }
}

/// Bytes go from the scheduler to the executor and back as they are, with who sent them.
#[tokio::test]
async fn messages_go_both_ways() {
    for media in FORMATS {
        let target = Target::start(1).await;
        let situation = Situation::bring_about(&target);
        let scheduler = &situation.scheduler;
        let mut played = Played::subscribe(&situation, media, &[], &[]);
        played.event("LAUNCH");
        let (agent, executor) = (
            json!({"value": situation.fill("{agent}")}),
            json!({"value": situation.fill("{executor}")}),
        );
        let message = json!({"agent_id": agent, "executor_id": executor, "data": "AP9oaQ=="});
        assert_eq!(scheduler.call("MESSAGE", &json!({"message": message})).status, 202);
        assert_eq!(played.event("MESSAGE")["message"], json!({"data": "AP9oaQ=="}));
        played.call("MESSAGE", &json!({"message": {"data": "aGkA/w=="}}));
        let told = scheduler.until("the message", |events| {
            events.iter().find(|event| event["type"] == "MESSAGE").cloned()
        });
        let expected = json!({"agent_id": agent, "executor_id": executor, "data": "aGkA/w=="});
        assert_eq!(told["message"], expected);
        situation.leave();
        target.end().await;
    }
}

/// An executor that comes back says what nobody had acknowledged: its stream from before ends, its updates are taken,
/// acknowledged and told, and what it has is not launched again.
#[tokio::test]
async fn what_was_not_acknowledged_is_taken_when_the_executor_is_back() {
    for media in FORMATS {
        let target = Target::start(1).await;
        let situation = Situation::bring_about(&target);
        let mut before = Played::subscribe(&situation, media, &[], &[]);
        let task = before.event("LAUNCH")["launch"]["task"].clone();
        // It has the task, and nothing to say of it yet.
        let mut again = Played::subscribe(&situation, media, std::slice::from_ref(&task), &[]);
        assert!(before.is_closed());
        let updates = [
            json!({"status": status("TASK_RUNNING", UUID)}),
            json!({"status": status("TASK_FINISHED", OTHER_UUID)}),
        ];
        let mut last = Played::subscribe(&situation, media, &[task], &updates);
        assert!(again.is_closed());
        for uuid in [UUID, OTHER_UUID] {
            assert_eq!(last.event("ACKNOWLEDGED")["acknowledged"]["uuid"], uuid);
        }
        let scheduler = &situation.scheduler;
        assert_eq!(scheduler.status("played", "TASK_RUNNING")["uuid"], UUID);
        assert_eq!(scheduler.status("played", "TASK_FINISHED")["uuid"], OTHER_UUID);
        let states: Vec<Value> =
            scheduler.events().iter().map(|it| it["update"]["status"].clone()).collect();
        let of_played = states.iter().filter(|it| it["task_id"]["value"] == "played");
        assert_eq!(of_played.count(), 2, "nothing else was told of it: {states:#?}");
        situation.leave();
        target.end().await;
    }
}

/// A task that an executor does not know of when it comes back has never arrived, and is told as dropped.
#[tokio::test]
async fn a_task_that_never_arrived_is_dropped() {
    for media in FORMATS {
        let target = Target::start(1).await;
        let situation = Situation::bring_about(&target);
        let mut before = Played::subscribe(&situation, media, &[], &[]);
        before.event("LAUNCH");
        let _again = Played::subscribe(&situation, media, &[], &[]);
        let told = situation.scheduler.status("played", "TASK_DROPPED");
        assert_eq!(told["reason"], "REASON_AGENT_RESTARTED", "{told}");
        assert_eq!(told["source"], "SOURCE_AGENT", "{told}");
        situation.leave();
        target.end().await;
    }
}

/// SHUTDOWN reaches the executor, and once more when it comes back; what it still reports is taken.
#[tokio::test]
async fn an_executor_is_told_to_end() {
    for media in FORMATS {
        let target = Target::start(1).await;
        let situation = Situation::bring_about(&target);
        let mut played = Played::subscribe(&situation, media, &[], &[]);
        let task = played.event("LAUNCH")["launch"]["task"].clone();
        let shutdown = json!({"shutdown": {
            "executor_id": {"value": situation.fill("{executor}")},
            "agent_id": {"value": situation.fill("{agent}")},
        }});
        assert_eq!(situation.scheduler.call("SHUTDOWN", &shutdown).status, 202);
        played.event("SHUTDOWN");
        let mut again = Played::subscribe(&situation, media, &[task], &[]);
        again.event("SHUTDOWN");
        again.call("UPDATE", &json!({"update": {"status": status("TASK_KILLED", UUID)}}));
        assert_eq!(again.event("ACKNOWLEDGED")["acknowledged"]["uuid"], UUID);
        assert_eq!(situation.scheduler.status("played", "TASK_KILLED")["uuid"], UUID);
        situation.leave();
        target.end().await;
    }
}

/// An executor finds in its environment who and where it is, and how long it may take.
#[tokio::test]
async fn an_executor_is_told_who_and_where_it_is() {
    let target = Target::start(1).await;
    let situation = Situation::bring_about(&target);
    let variable = |name: &str| situation.variable(name).unwrap_or_else(|| panic!("no {name}"));
    let agent = situation.fill("{agent}");
    let endpoint = variable("MESOS_AGENT_ENDPOINT");
    assert_eq!(variable("MESOS_FRAMEWORK_ID"), situation.fill("{framework}"));
    assert_eq!(variable("MESOS_EXECUTOR_ID"), situation.fill("{executor}"));
    assert_eq!(variable("MESOS_SLAVE_ID"), agent);
    assert_eq!(variable("MESOS_SLAVE_PID"), format!("slave(1)@{endpoint}"));
    assert_eq!(variable("MESOS_CHECKPOINT"), "1");
    assert_eq!(variable("MESOS_RECOVERY_TIMEOUT"), "15mins");
    assert_eq!(variable("MESOS_SUBSCRIPTION_BACKOFF_MAX"), "2secs");
    assert_eq!(variable("MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD"), "5secs");
    assert_eq!(variable("LIBPROCESS_PORT"), "0");
    assert!(matches!(&*variable("MESOS_HTTP_COMMAND_EXECUTOR"), "0" | "1"));
    let sandbox = variable("MESOS_SANDBOX");
    let run = format!("/slaves/{agent}/frameworks/{}/executors/", situation.fill("{framework}"));
    assert!(sandbox.contains(&run), "{sandbox}");
    assert_eq!(variable("MESOS_DIRECTORY"), sandbox);
    target.end().await;
}

/// An executor's update that makes no sense is refused by what is wrong with it, and told to nobody.
#[tokio::test]
async fn updates_that_make_no_sense_are_refused() {
    for media in FORMATS {
        let target = Target::start(1).await;
        let situation = Situation::bring_about(&target);
        let mut played = Played::subscribe(&situation, media, &[], &[]);
        played.event("LAUNCH");
        let without = |field: &str| {
            let mut status = status("TASK_RUNNING", UUID);
            status.as_object_mut().unwrap().remove(field);
            status
        };
        let with = |field: &str, value: Value| {
            let mut status = status("TASK_RUNNING", UUID);
            status[field] = value;
            status
        };
        for (status, text) in [
            (without("uuid"), "Expecting 'uuid' to be present"),
            (with("uuid", json!("AAEC")), "UUID"),
            (without("source"), "expecting 'SOURCE_EXECUTOR'"),
            (with("source", json!("SOURCE_AGENT")), "expecting 'SOURCE_EXECUTOR'"),
            (with("state", json!("TASK_STAGING")), "Received TASK_STAGING from"),
            (
                with("executor_id", json!({"value": "other"})),
                "does not match ExecutorID in TaskStatus: other",
            ),
        ] {
            let parts = json!({"update": {"status": status}}).to_string();
            let call = situation.call(Api::Executor, "UPDATE", &parts);
            let answer = situation.send(Api::Executor, media, &call);
            assert_refused(&call, &answer, 400, text);
        }
        played.call("UPDATE", &json!({"update": {"status": status("TASK_RUNNING", OTHER_UUID)}}));
        let first = situation.scheduler.until("an update", |events| {
            let statuses = events.iter().map(|event| &event["update"]["status"]);
            statuses.clone().find(|status| status["task_id"]["value"] == "played").cloned()
        });
        assert_eq!(first["uuid"], OTHER_UUID, "none before it was told");
        situation.leave();
        target.end().await;
    }
}
