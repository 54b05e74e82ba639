//! The agent core under the driver: its mutations as records of the checkpoint store.

use agent::{Agent, Event, Message, Mutation, Note};
use model::{Moment, Now};
use prost::Message as _;

use crate::driver::{Core, Outcome};
use crate::store::{Store, StoreError, Write};

const AGENT: &str = "agent";
const DRAIN: &str = "drain";
const RESOURCES: &str = "resources";
const OPERATIONS: &str = "operations/";
const FRAMEWORKS: &str = "frameworks/";
const EXECUTORS: &str = "executors/";
const TASKS: &str = "tasks/";

impl Core for Agent {
    type Event = Event;
    type Message = Message;
    type Note = Note;

    fn apply(&mut self, now: Now, event: Event) -> Outcome<Self> {
        outcome(Agent::apply(self, now, event))
    }

    fn next_wake(&self) -> Option<Moment> {
        Agent::next_wake(self)
    }

    fn woke() -> Event {
        Event::Woke
    }
}

pub(super) fn outcome(effects: agent::Effects) -> Outcome<Agent> {
    Outcome {
        writes: effects.mutations.into_iter().map(write).collect(),
        messages: effects.messages,
        notes: effects.notes,
    }
}

/// What the store keeps of a mutation.
pub fn write(mutation: Mutation) -> Write {
    match mutation {
        Mutation::SetAgent(record) => Write::Put(AGENT.to_owned(), record.encode_to_vec()),
        Mutation::SetFramework(record) => {
            let info = record.info.as_ref();
            let id = info.and_then(|info| info.id.as_ref()).map_or("", |id| id.value.as_str());
            Write::Put(format!("{FRAMEWORKS}{id}"), record.encode_to_vec())
        }
        Mutation::RemoveFramework(id) => Write::Delete(format!("{FRAMEWORKS}{id}")),
        Mutation::SetExecutor(record) => {
            Write::Put(format!("{EXECUTORS}{}", record.container_id()), record.encode_to_vec())
        }
        Mutation::RemoveExecutor(container) => Write::Delete(format!("{EXECUTORS}{container}")),
        Mutation::SetTask(record) => {
            let (framework, task) = record.task.as_ref().map_or(("", ""), |task| {
                (task.framework_id.value.as_str(), task.task_id.value.as_str())
            });
            Write::Put(task_key(framework, task), record.encode_to_vec())
        }
        Mutation::RemoveTask(framework, task) => {
            Write::Delete(task_key(framework.as_str(), task.as_str()))
        }
        Mutation::SetDrain(record) => Write::Put(DRAIN.to_owned(), record.encode_to_vec()),
        Mutation::RemoveDrain => Write::Delete(DRAIN.to_owned()),
        Mutation::SetResources(record) => Write::Put(RESOURCES.to_owned(), record.encode_to_vec()),
        Mutation::RemoveResources => Write::Delete(RESOURCES.to_owned()),
        Mutation::SetOperation(record) => {
            let uuid = record.operation.as_ref().map_or(&[][..], |it| &it.uuid.value);
            Write::Put(operation_key(uuid), record.encode_to_vec())
        }
        Mutation::RemoveOperation(uuid) => Write::Delete(operation_key(&uuid)),
    }
}

fn operation_key(uuid: &[u8]) -> String {
    let digits: Vec<String> = uuid.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{OPERATIONS}{}", digits.concat())
}

/// Ids contain no slash, so the key is unambiguous.
fn task_key(framework: &str, task: &str) -> String {
    format!("{TASKS}{framework}/{task}")
}

/// Everything the store holds, for recovery.
pub(super) fn load(store: &Store) -> Result<agent::Records, StoreError> {
    let mut records = agent::Records::default();
    for (key, bytes) in store.load()? {
        let mutation = read(&key, &bytes).map_err(|cause| StoreError::Record {
            path: store.path().to_owned(),
            key,
            cause,
        })?;
        records.apply(mutation);
    }
    let found = records.agent.as_ref().map_or(0, wire::checkpoint::AgentRecord::schema_version);
    if found > agent::SCHEMA_VERSION {
        let (path, known) = (store.path().to_owned(), agent::SCHEMA_VERSION);
        return Err(StoreError::Newer { path, found, known });
    }
    Ok(records)
}

/// The mutation that a record came from.
///
/// # Errors
/// It is of no kind that belongs under this key, or another key's record.
pub fn read(key: &str, bytes: &[u8]) -> Result<Mutation, String> {
    // As strict as with what arrives: what the master could not read must not be taken in.
    fn record<T: wire::Message>(bytes: &[u8]) -> Result<Box<T>, String> {
        wire::protobuf::decode(bytes).map(Box::new).map_err(|error| error.to_string())
    }
    let mutation = if key == AGENT {
        record(bytes).map(Mutation::SetAgent)
    } else if key == DRAIN {
        record(bytes).map(Mutation::SetDrain)
    } else if key == RESOURCES {
        record(bytes).map(Mutation::SetResources)
    } else if key.starts_with(OPERATIONS) {
        record(bytes).map(Mutation::SetOperation)
    } else if key.starts_with(FRAMEWORKS) {
        record(bytes).map(Mutation::SetFramework)
    } else if key.starts_with(EXECUTORS) {
        record(bytes).map(Mutation::SetExecutor)
    } else if key.starts_with(TASKS) {
        record(bytes).map(Mutation::SetTask)
    } else {
        Err("unknown kind of record".to_owned())
    }?;
    if let Mutation::SetExecutor(record) = &mutation {
        // It names folders and control groups whose content is killed and removed.
        model::validate::id::check(record.container_id())
            .map_err(|why| format!("its container can't be one: {why}"))?;
    }
    match write(mutation.clone()) {
        Write::Put(own, _) if own == key => Ok(mutation),
        Write::Put(own, _) | Write::Delete(own) => {
            Err(format!("it belongs to '{}'", own.escape_debug()))
        }
    }
}

#[cfg(test)]
mod tests {
    use wire::checkpoint::{AgentRecord, ExecutorRecord};

    use super::*;

    fn loaded(key: &str, record: &impl prost::Message) -> Result<agent::Records, String> {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("agent.redb")).unwrap();
        store.commit(&[Write::Put(key.to_owned(), record.encode_to_vec())]).unwrap();
        load(&store).map_err(|error| error.to_string())
    }

    /// A record that stands under another's key, whose container leads out of the folder of containers, or
    /// that the master could not read is refused by its key, and so are checkpoints of a newer Ebb.
    #[test]
    fn checkpoints_that_cannot_be_used_are_refused_by_key() {
        let executor = |container: &str| ExecutorRecord {
            container_id: Some(container.to_owned()),
            ..ExecutorRecord::default()
        };
        assert_eq!(loaded("executors/c", &executor("c")).unwrap().executors.len(), 1);
        for (key, container, expected) in [
            ("executors/d", "c", "executors/d: it belongs to 'executors/c'"),
            ("executors/../c", "../c", "executors/../c: its container can't be one"),
            ("executors/", "", "executors/: its container can't be one"),
        ] {
            let error = loaded(key, &executor(container)).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        let status = wire::v1::TaskStatus { state: 99, ..wire::v1::TaskStatus::default() };
        let task = wire::v1::Task { statuses: vec![status], ..wire::v1::Task::default() };
        let task = wire::checkpoint::TaskRecord { task: Some(task), ..Default::default() };
        let error = loaded("tasks//", &task).unwrap_err();
        assert!(error.contains("Missing required fields: task.statuses[0].state"), "{error}");
        let version = |schema| AgentRecord { schema_version: Some(schema), ..Default::default() };
        assert!(loaded(AGENT, &version(agent::SCHEMA_VERSION)).is_ok());
        let error = loaded(AGENT, &version(agent::SCHEMA_VERSION + 1)).unwrap_err();
        assert!(error.contains("was written by a newer Ebb"), "{error}");
    }
}
