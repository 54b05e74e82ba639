//! The master core under the driver: its mutations as records of the registry.

use master::{Event, Master, Message, Mutation, Note};
use model::{Moment, Now};
use prost::Message as _;

use crate::driver::{Core, Outcome};
use crate::store::{Store, StoreError, Write};

/// Version of the records below; a store with a newer one is refused.
pub(super) const SCHEMA_VERSION: u32 = 1;
const META: &str = "meta";
const AGENTS: &str = "agents/";
const FRAMEWORKS: &str = "frameworks/";

impl Core for Master {
    type Event = Event;
    type Message = Message;
    type Note = Note;

    fn apply(&mut self, now: Now, event: Event) -> Outcome<Self> {
        outcome(Master::apply(self, now, event))
    }

    fn next_wake(&self) -> Option<Moment> {
        Master::next_wake(self)
    }

    fn woke() -> Event {
        Event::Woke
    }
}

pub(super) fn outcome(effects: master::Effects) -> Outcome<Master> {
    Outcome {
        writes: effects.mutations.into_iter().map(write).collect(),
        messages: effects.messages,
        notes: effects.notes,
    }
}

fn write(mutation: Mutation) -> Write {
    match mutation {
        Mutation::SetAgent(record) => {
            let id = record.agent_id.as_ref().map_or("", |id| id.value.as_str());
            Write::Put(format!("{AGENTS}{id}"), record.encode_to_vec())
        }
        Mutation::RemoveAgent(id) => Write::Delete(format!("{AGENTS}{id}")),
        Mutation::SetFramework(record) => {
            let info = record.info.as_ref();
            let id = info.and_then(|info| info.id.as_ref()).map_or("", |id| id.value.as_str());
            Write::Put(format!("{FRAMEWORKS}{id}"), record.encode_to_vec())
        }
        Mutation::RemoveFramework(id) => Write::Delete(format!("{FRAMEWORKS}{id}")),
    }
}

/// Everything the registry holds, for recovery.
pub(super) fn load(store: &Store) -> Result<Vec<Mutation>, StoreError> {
    let mut mutations = Vec::new();
    let mut has_meta = false;
    for (key, bytes) in store.load()? {
        let record = |cause: String| StoreError::Record {
            path: store.path().to_owned(),
            key: key.clone(),
            cause,
        };
        if key == META {
            has_meta = true;
            let meta = wire::registry::Meta::decode(bytes.as_slice())
                .map_err(|e| record(e.to_string()))?;
            if meta.schema_version() > SCHEMA_VERSION {
                return Err(record(format!(
                    "written by a newer Ebb (schema {}, this one knows {SCHEMA_VERSION}); upgrade first",
                    meta.schema_version()
                )));
            }
        } else if key.starts_with(AGENTS) {
            let agent = wire::registry::AgentRecord::decode(bytes.as_slice())
                .map_err(|e| record(e.to_string()))?;
            mutations.push(Mutation::SetAgent(Box::new(agent)));
        } else if key.starts_with(FRAMEWORKS) {
            let framework = wire::registry::FrameworkRecord::decode(bytes.as_slice())
                .map_err(|e| record(e.to_string()))?;
            mutations.push(Mutation::SetFramework(Box::new(framework)));
        } else {
            return Err(record("unknown kind of record".to_owned()));
        }
    }
    if !has_meta {
        let meta = wire::registry::Meta { schema_version: Some(SCHEMA_VERSION), cluster_id: None };
        store.commit(&[Write::Put(META.to_owned(), meta.encode_to_vec())])?;
    }
    Ok(mutations)
}
