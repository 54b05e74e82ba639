//! Starts on stores that no agent wrote: damaged ones, or edited by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use agent::{Agent, Config, ContainerFate, Effects, Message, Records};
use bytes::Bytes;
use model::{ContainerId, Moment, Now, TaskState, Timestamp};
use wire::checkpoint::{AgentRecord, DrainRecord, ExecutorRecord, KillRecord, TaskRecord};
use wire::v1::{AgentId, AgentInfo, DurationInfo, ExecutorId, FrameworkId, TaskId, TaskStatus};

const NOW: Now = Now { at: Moment(5_000_000_000_000), wall: Timestamp(1_700_000_000_000_000_000) };

fn executor(container: &str) -> ExecutorRecord {
    ExecutorRecord {
        framework_id: Some(FrameworkId { value: "F".to_owned() }),
        info: Some(wire::v1::ExecutorInfo {
            executor_id: ExecutorId { value: "x".to_owned() },
            ..Default::default()
        }),
        container_id: Some(container.to_owned()),
        generated: Some(false),
        token: Some(String::new()),
        directory: Some("d".to_owned()),
        used: Some(true),
        subscribed: Some(true),
        ..ExecutorRecord::default()
    }
}

fn status(state: TaskState, uuid: &'static [u8]) -> TaskStatus {
    TaskStatus {
        task_id: TaskId { value: "t".to_owned() },
        state: state.into(),
        uuid: Some(Bytes::from_static(uuid)),
        ..TaskStatus::default()
    }
}

fn task(state: TaskState) -> TaskRecord {
    TaskRecord {
        task: Some(wire::v1::Task {
            task_id: TaskId { value: "t".to_owned() },
            framework_id: FrameworkId { value: "F".to_owned() },
            executor_id: Some(ExecutorId { value: "x".to_owned() }),
            state: state.into(),
            ..Default::default()
        }),
        ..TaskRecord::default()
    }
}

fn records(executors: &[&str], task: Option<TaskRecord>) -> Records {
    let id = Some(AgentId { value: "S0".to_owned() });
    let info = AgentInfo { id, ..AgentInfo::default() };
    let mut records = Records {
        agent: Some(AgentRecord { info: Some(info), ..AgentRecord::default() }),
        ..Records::default()
    };
    for container in executors {
        records.executors.insert(ContainerId::new(container), executor(container));
    }
    if let Some(task) = task {
        records.tasks.insert((model::FrameworkId::new("F"), model::TaskId::new("t")), task);
    }
    records
}

/// The agent, its store as the start left it, and what it said. Every container is alive.
fn start(mut records: Records) -> (Agent, Records, Vec<Message>) {
    let config = Config::new(AgentInfo::default(), "10.0.0.1:5051", "/work", [1; 32]);
    let fate = |id: &ContainerId| (id.clone(), ContainerFate::Alive);
    let fates: BTreeMap<_, _> = records.executors.keys().map(fate).collect();
    let (agent, Effects { mutations, messages, .. }) =
        Agent::recover(config, records.clone(), fates, NOW);
    agent.check_thoroughly();
    for mutation in mutations {
        records.apply(mutation);
    }
    (agent, records, messages)
}

/// Of two containers for one executor one is kept; the other is destroyed and forgotten.
#[test]
fn a_second_container_of_an_executor_is_destroyed() {
    let (agent, store, messages) = start(records(&["c1", "c2"], None));
    assert_eq!(store.executors.keys().map(ContainerId::as_str).collect::<Vec<_>>(), ["c1"]);
    assert_eq!(agent.durable().executors, store.executors);
    assert!(messages.contains(&Message::Destroy { container: ContainerId::new("c2") }));
    assert!(!messages.contains(&Message::Destroy { container: ContainerId::new("c1") }));
}

/// An executor's record without framework or name is forgotten, and what may run in its container ended.
#[test]
fn a_container_of_no_executor_is_destroyed() {
    let mut records = records(&["c1"], None);
    for record in records.executors.values_mut() {
        record.framework_id = None;
    }
    let (_, store, messages) = start(records);
    assert!(store.executors.is_empty());
    assert_eq!(messages, [Message::Destroy { container: ContainerId::new("c1") }]);
}

/// A task counts for what its updates say: after its last one it is neither queued nor killed, and an
/// update that nobody could acknowledge is not kept, as it would hold every drain.
#[test]
fn a_task_counts_for_what_its_updates_say() {
    let kill = Some(KillRecord::default());
    let info = Some(wire::v1::TaskInfo {
        task_id: TaskId { value: "t".to_owned() },
        ..wire::v1::TaskInfo::default()
    });
    let running = status(TaskState::TaskRunning, b"0123456789abcdef");
    let failed = status(TaskState::TaskFailed, b"fedcba9876543210");
    let nameless = TaskStatus { uuid: None, ..running.clone() };
    let unknown = TaskStatus { state: 99, ..running.clone() };

    let pending = vec![nameless, unknown, running.clone(), failed.clone(), running.clone()];
    let record = TaskRecord { kill, info, pending, ..task(TaskState::TaskRunning) };
    let (_, store, _) = start(records(&["c1"], Some(record)));
    let kept = store.tasks.values().next().expect("its updates are to be delivered");
    assert_eq!(kept.pending, [running, failed]);
    assert_eq!(kept.task.as_ref().map(|task| task.state), Some(TaskState::TaskFailed.into()));
    assert!(kept.kill.is_none() && kept.info.is_none());
}

/// A task that has ended and of which nothing is left to tell is over.
#[test]
fn a_task_of_which_nothing_is_left_to_tell_is_over() {
    let (agent, store, _) = start(records(&["c1"], Some(task(TaskState::TaskKilled))));
    assert!(store.tasks.is_empty() && agent.durable().tasks.is_empty());
}

/// A kill from a time that is yet to come, because the clock was set back, leaves the task its grace and
/// not a moment more.
#[test]
fn a_kill_from_the_future_leaves_the_grace_and_not_more() {
    let (minute, hour) = (Duration::from_mins(1), Duration::from_hours(1));
    let asked_at = NOW.wall.plus(hour);
    let kill = KillRecord {
        said: Some(true),
        asked_at: Some(asked_at.to_wire()),
        deadline: Some(asked_at.plus(minute).to_wire()),
        drain_generation: None,
        due: None,
    };
    let record = TaskRecord { kill: Some(kill), ..task(TaskState::TaskRunning) };
    let (agent, _, _) = start(records(&["c1"], Some(record)));
    let kill = agent.durable().tasks.into_values().next().and_then(|task| task.kill);
    assert_eq!(kill.and_then(|kill| kill.deadline), Some(NOW.wall.plus(minute).to_wire()));
}

/// A drain whose bound reads negative does not end tasks at once: they get their own grace until the
/// master has said again what it asked.
#[test]
fn a_negative_bound_of_a_drain_ends_nothing_at_once() {
    let config = wire::v1::DrainConfig {
        max_grace_period: Some(DurationInfo { nanoseconds: -1 }),
        mark_gone: Some(false),
    };
    let mut records = records(&["c1"], Some(task(TaskState::TaskRunning)));
    let drain = DrainRecord { generation: Some(1), config: Some(config), ..Default::default() };
    records.drain = Some(drain);
    let (_, store, _) = start(records);
    let kill = store.tasks.into_values().next().and_then(|task| task.kill);
    let default = Duration::from_secs(3);
    assert_eq!(kill.and_then(|kill| kill.deadline), Some(NOW.wall.plus(default).to_wire()));
}

/// Numbers and times at the end of what can be written are as good as any other.
#[test]
fn extreme_numbers_and_times_do_no_harm() {
    for time in [i64::MIN, -1, 0, i64::MAX] {
        let time = wire::v1::TimeInfo { nanoseconds: time };
        let kill = KillRecord {
            said: Some(true),
            asked_at: Some(time),
            deadline: Some(time),
            drain_generation: Some(u64::MAX),
            due: Some(u64::MAX),
        };
        let record = TaskRecord { kill: Some(kill), ..task(TaskState::TaskRunning) };
        let mut records = records(&["c1"], Some(record));
        records.drain = Some(DrainRecord {
            generation: Some(u64::MAX),
            started_at: Some(time),
            ..DrainRecord::default()
        });
        let (agent, store, _) = start(records);
        let kept = agent.durable();
        assert_eq!((kept.executors, kept.tasks), (store.executors, store.tasks));
    }
}
