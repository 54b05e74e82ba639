//! The agent core under the driver: its mutations as records of the checkpoint store.

use agent::{Agent, Event, Message, Mutation, Note};
use model::{Moment, Now};
use prost::Message as _;

use crate::driver::{Core, Outcome};
use crate::store::{Store, StoreError, Write};

const AGENT: &str = "agent";
const DRAIN: &str = "drain";
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

fn write(mutation: Mutation) -> Write {
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
    }
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
    Ok(records)
}

/// The mutation that a record came from.
fn read(key: &str, bytes: &[u8]) -> Result<Mutation, String> {
    fn record<T: prost::Message + Default>(bytes: &[u8]) -> Result<Box<T>, String> {
        T::decode(bytes).map(Box::new).map_err(|error| error.to_string())
    }
    if key == AGENT {
        record(bytes).map(Mutation::SetAgent)
    } else if key == DRAIN {
        record(bytes).map(Mutation::SetDrain)
    } else if key.starts_with(FRAMEWORKS) {
        record(bytes).map(Mutation::SetFramework)
    } else if key.starts_with(EXECUTORS) {
        record(bytes).map(Mutation::SetExecutor)
    } else if key.starts_with(TASKS) {
        record(bytes).map(Mutation::SetTask)
    } else {
        Err("unknown kind of record".to_owned())
    }
}
