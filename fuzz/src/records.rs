//! What is on disk: the registry of a master and the checkpoints of an agent.

use std::collections::BTreeMap;

use agent::ContainerFate;
use daemon::agent::{read_record, write_record};
use daemon::master::registry::Record;
use daemon::store::Write;
use master::Master;
use model::{Moment, Now, Timestamp};
use wire::{checkpoint, registry};

use super::choices::Choices;
use super::{agents, masters};

/// Records of a registry under any keys: a clear error, or a master that goes on from them.
pub fn registry(data: &[u8]) {
    let mut choices = Choices::new(data);
    let mut entries: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for _ in 0..=choices.below(6) {
        let (key, bytes) = registry_record(&mut choices);
        entries.insert(key, bytes);
    }
    let mut mutations = Vec::new();
    for (key, bytes) in &entries {
        match Record::decode(key, bytes) {
            Ok(record) => mutations.extend(record.into_mutation()),
            Err(error) => assert!(!error.is_empty()),
        }
    }
    let now = now(&mut choices);
    match Master::recover(masters::config(1), mutations, now) {
        Ok(master) => masters::go_on(master, now, &mut choices),
        Err(error) => assert!(error.to_string().contains("registry")),
    }
}

pub(crate) fn now(choices: &mut Choices<'_>) -> Now {
    let wall = if choices.rarely(4) { choices.signed() } else { 1_700_000_000_000_000_000 };
    Now { at: Moment(choices.one_of(&[1_000_000, 0, 1 << 62])), wall: Timestamp(wall) }
}

fn registry_record(choices: &mut Choices<'_>) -> (String, Vec<u8>) {
    let record = match choices.below(4) {
        0 | 1 => Record::Agent(Box::new(agent_record(choices))),
        2 => Record::Framework(Box::new(registry::FrameworkRecord {
            info: choices.maybe(Choices::framework_info),
            registered_at: choices.maybe(Choices::time),
            completed_at: choices.rarely(4).then(|| choices.time()),
            reregistered_at: choices.rarely(8).then(|| choices.time()),
        })),
        _ if choices.rarely(2) => Record::Maintenance(Box::new(maintenance_record(choices))),
        _ => Record::Meta(registry::Meta {
            schema_version: choices.maybe(|it| it.one_of(&[0, 1, 2])),
            cluster_id: None,
        }),
    };
    stored(record.put(), choices)
}

fn maintenance_record(choices: &mut Choices<'_>) -> registry::MaintenanceRecord {
    let machine = |choices: &mut Choices<'_>| wire::v1::MachineId {
        hostname: choices.maybe(|it| it.one_of(&["host", "other", ""]).to_owned()),
        ip: choices.maybe(|it| it.one_of(&["10.0.0.1", "10.0.0", ""]).to_owned()),
    };
    let windows = (0..choices.below(3)).map(|_| wire::maintenance::Window {
        machine_ids: (0..choices.below(3)).map(|_| machine(choices)).collect(),
        unavailability: wire::v1::Unavailability {
            start: choices.time(),
            duration: choices.maybe(|it| wire::v1::DurationInfo { nanoseconds: it.signed() }),
        },
    });
    let windows = windows.collect();
    registry::MaintenanceRecord {
        schedule: choices.maybe(|_| wire::maintenance::Schedule { windows }),
        down: (0..choices.below(2)).map(|_| machine(choices)).collect(),
    }
}

/// What the store holds of a write: seldom under another key, seldom changed.
fn stored(write: Write, choices: &mut Choices<'_>) -> (String, Vec<u8>) {
    let Write::Put(mut key, mut bytes) = write else { return (String::new(), Vec::new()) };
    if choices.rarely(8) {
        choices
            .one_of(&["meta", "agents/", "agents/own", "frameworks/F", "x", "tasks/a/b", "agent"])
            .clone_into(&mut key);
    }
    if choices.rarely(4) {
        bytes = choices.changed(bytes);
    }
    (key, bytes)
}

fn agent_record(choices: &mut Choices<'_>) -> registry::AgentRecord {
    let id = choices.agent_id();
    let mut info = choices.agent_info();
    if !choices.rarely(8) {
        info.id = Some(id.clone());
    }
    let drain = choices.maybe(|it| registry::Drain {
        generation: (!it.rarely(16)).then(|| it.number()),
        state: Some(it.one_of(&[1, 2, 0, 9])),
        config: (!it.rarely(16)).then(|| it.drain_config()),
        started_at: it.maybe(Choices::time),
        finished_at: it.maybe(Choices::time),
        reason: None,
        requested_by: None,
        for_maintenance: it.rarely(4).then_some(true),
    });
    registry::AgentRecord {
        agent_id: (!choices.rarely(16)).then_some(id),
        info: (!choices.rarely(16)).then_some(info),
        admission: Some(choices.one_of(&[1, 2, 3, 4, 0, 7])),
        since: choices.maybe(Choices::time),
        registered_at: choices.maybe(Choices::time),
        deactivation: choices.rarely(4).then(|| wire::ebb::Deactivation {
            since: choices.maybe(Choices::time),
            ..wire::ebb::Deactivation::default()
        }),
        last_generation: match &drain {
            Some(drain) if !choices.rarely(4) => drain.generation,
            _ => choices.maybe(Choices::number),
        },
        drain,
        machine_id: choices.key(),
        ip: choices.maybe(|it| it.one_of(&["10.0.0.1", ""]).to_owned()),
        version: None,
        capabilities: Vec::new(),
        admission_key: choices.key(),
    }
}

/// Records of a checkpoint store under any keys: a clear error, or an agent that goes on from them.
pub fn checkpoints(data: &[u8]) {
    let mut choices = Choices::new(data);
    let mut entries: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for _ in 0..=choices.below(10) {
        let mutation = checkpoint_record(&mut choices);
        let (key, bytes) = stored(write_record(mutation), &mut choices);
        entries.insert(key, bytes);
    }
    let mut records = agent::Records::default();
    for (key, bytes) in &entries {
        match read_record(key, bytes) {
            Ok(mutation) => records.apply(mutation),
            Err(error) => assert!(!error.is_empty()),
        }
    }
    let now = now(&mut choices);
    let mut fates = BTreeMap::new();
    for container in records.executors.keys() {
        match choices.below(3) {
            0 => fates.insert(container.clone(), ContainerFate::Alive),
            1 => fates.insert(
                container.clone(),
                ContainerFate::Exited(agent::ExitStatus::Exited(choices.one_of(&[0, 1, -1]))),
            ),
            _ => None,
        };
    }
    agents::go_on(records, fates, now, &mut choices);
}

fn checkpoint_record(choices: &mut Choices<'_>) -> agent::Mutation {
    match choices.below(8) {
        0 | 1 => agent::Mutation::SetAgent(Box::new(checkpoint::AgentRecord {
            schema_version: Some(1),
            info: choices.maybe(Choices::agent_info),
            boot_id: choices.maybe(|it| it.one_of(&["boot", "older"]).to_owned()),
            port: choices.maybe(|it| it.one_of(&[5051, 0, u32::MAX])),
            gone: choices.rarely(8).then(|| "gone".to_owned()),
            admission_key: choices.key(),
        })),
        2 => agent::Mutation::SetFramework(Box::new(checkpoint::FrameworkRecord {
            info: choices.maybe(Choices::framework_info),
        })),
        3 | 4 => agent::Mutation::SetExecutor(Box::new(checkpoint::ExecutorRecord {
            framework_id: (!choices.rarely(16)).then(|| choices.framework_id()),
            info: (!choices.rarely(16)).then(|| choices.executor_info()),
            container_id: Some(choices.one_of(&["c0", "c1", "c2", ".."]).to_owned()),
            generated: choices.maybe(Choices::flag),
            pid: choices.maybe(|it| it.one_of(&[1, 0, 77, u32::MAX])),
            pid_started: choices.maybe(Choices::number),
            token: Some("token".to_owned()),
            directory: choices.maybe(|it| it.one_of(&["d", "../d", "/d"]).to_owned()),
            user: None,
            used: choices.maybe(Choices::flag),
            subscribed: choices.maybe(Choices::flag),
            next: choices.rarely(4).then(|| checkpoint::NextExecutor {
                info: choices.maybe(Choices::executor_info),
                generated: choices.maybe(Choices::flag),
                user: None,
            }),
        })),
        5 | 6 => agent::Mutation::SetTask(Box::new(task_record(choices))),
        _ => agent::Mutation::SetDrain(Box::new(checkpoint::DrainRecord {
            generation: choices.maybe(Choices::number),
            config: choices.maybe(Choices::drain_config),
            started_at: choices.maybe(Choices::time),
            empty: choices.maybe(Choices::flag),
        })),
    }
}

fn task_record(choices: &mut Choices<'_>) -> checkpoint::TaskRecord {
    let task = choices.task();
    let info = choices.rarely(3).then(|| {
        let mut info = choices.task_info(task.agent_id.clone(), task.resources.clone());
        if !choices.rarely(8) {
            info.task_id = task.task_id.clone();
        }
        info
    });
    let mut pending = choices.some(3, Choices::status);
    for status in &mut pending {
        if !choices.rarely(8) {
            status.task_id = task.task_id.clone();
        }
    }
    checkpoint::TaskRecord {
        task: (!choices.rarely(16)).then_some(task),
        info,
        group: choices.rarely(3).then(|| choices.one_of(&["g", ""]).to_owned()),
        kill: choices.rarely(3).then(|| checkpoint::KillRecord {
            asked_at: choices.maybe(Choices::time),
            deadline: choices.maybe(Choices::time),
            drain_generation: choices.maybe(Choices::number),
            due: choices.maybe(Choices::number),
            said: choices.maybe(|it| it.rarely(2)),
        }),
        pending,
    }
}
