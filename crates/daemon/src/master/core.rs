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
        Mutation::SetRole(record) => Record::Role(record).put(),
        Mutation::RemoveRole(role) => Write::Delete(registry::role_key(&role)),
        Mutation::SetMaintenance(record) => Record::Maintenance(record).put(),
        Mutation::RemoveMaintenance => Write::Delete(registry::MAINTENANCE.to_owned()),
    }
}

/// Everything the registry holds, for recovery, and the id of the cluster it is of.
pub(super) fn load(store: &Store) -> Result<(Vec<Mutation>, String), StoreError> {
    let records = registry::load(store)?;
    let (cluster_id, fresh) = cluster_id(&records);
    if let Some(meta) = fresh {
        store.commit(&[meta.put()])?;
    }
    Ok((mutations(records), cluster_id))
}

/// The id of the cluster whose records these are; where they have none, a new one and the record to write first.
pub(super) fn cluster_id(records: &[Record]) -> (String, Option<Record>) {
    let meta = records.iter().find_map(|record| match record {
        Record::Meta(meta) => Some(meta),
        Record::Agent(_) | Record::Framework(_) | Record::Role(_) | Record::Maintenance(_) => None,
    });
    if let Some(id) = meta.and_then(|meta| meta.cluster_id.clone()) {
        return (id, None);
    }
    let id = crate::random::uuid();
    (id.clone(), Some(registry::meta(id)))
}

pub(super) fn mutations(records: Vec<Record>) -> Vec<Mutation> {
    records.into_iter().filter_map(Record::into_mutation).collect()
}
