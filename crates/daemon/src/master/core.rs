//! The master core under the driver: its mutations as records of the registry.

use master::{Event, Master, Message, Mutation, Note};
use model::{Moment, Now};

use super::registry::{self, Record};
use crate::driver::{Core, Outcome};
use crate::store::{Store, StoreError, Write};

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
        Mutation::SetAgent(record) => Record::Agent(record).put(),
        Mutation::RemoveAgent(id) => Write::Delete(registry::agent_key(id.as_str())),
        Mutation::SetFramework(record) => Record::Framework(record).put(),
        Mutation::RemoveFramework(id) => Write::Delete(registry::framework_key(id.as_str())),
    }
}

/// Everything the registry holds, for recovery.
pub(super) fn load(store: &Store) -> Result<Vec<Mutation>, StoreError> {
    let records = registry::load(store)?;
    if !has_meta(&records) {
        store.commit(&[registry::meta().put()])?;
    }
    Ok(mutations(records))
}

pub(super) fn has_meta(records: &[Record]) -> bool {
    records.iter().any(|record| matches!(record, Record::Meta(_)))
}

pub(super) fn mutations(records: Vec<Record>) -> Vec<Mutation> {
    records.into_iter().filter_map(Record::into_mutation).collect()
}
