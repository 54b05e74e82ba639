//! The records of the registry under their keys: what the master recovers from, and what
//! `ebb registry` shows, backs up and restores.

use std::path::{Path, PathBuf};

use ::master::{Config, Master, Mutation, RecoveryError};
use prost::Message as _;
use wire::protobuf;
use wire::registry::{AgentRecord, FrameworkRecord, MaintenanceRecord, Meta, RoleRecord};

use crate::clock::Clock;
use crate::store::{Store, StoreError, Write};

/// Version of the records below; a registry with a newer one is refused.
pub const SCHEMA_VERSION: u32 = 1;
pub(super) const META: &str = "meta";
/// There while an import that takes several transactions is not finished.
const IMPORTING: &str = "importing";
const AGENTS: &str = "agents/";
const FRAMEWORKS: &str = "frameworks/";
const ROLES: &str = "roles/";
pub(super) const MAINTENANCE: &str = "maintenance";

/// Where the registry of a master with this work directory is.
pub fn file(work_dir: &Path) -> PathBuf {
    work_dir.join("registry.redb")
}

pub(super) fn agent_key(id: &str) -> String {
    format!("{AGENTS}{id}")
}

pub(super) fn framework_key(id: &str) -> String {
    format!("{FRAMEWORKS}{id}")
}

pub(super) fn role_key(role: &str) -> String {
    format!("{ROLES}{role}")
}

/// One record.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    Meta(Meta),
    Agent(Box<AgentRecord>),
    Framework(Box<FrameworkRecord>),
    Role(Box<RoleRecord>),
    Maintenance(Box<MaintenanceRecord>),
}

/// What a key is the key of.
pub(super) enum Kind {
    Meta,
    Agent,
    Framework,
    Role,
    Maintenance,
}

impl Kind {
    pub(super) fn of(key: &str) -> Option<Self> {
        match key {
            META => Some(Self::Meta),
            MAINTENANCE => Some(Self::Maintenance),
            _ if key.starts_with(AGENTS) => Some(Self::Agent),
            _ if key.starts_with(FRAMEWORKS) => Some(Self::Framework),
            _ if key.starts_with(ROLES) => Some(Self::Role),
            _ => None,
        }
    }
}

impl Record {
    /// Where the record is kept.
    pub fn key(&self) -> String {
        match self {
            Self::Meta(_) => META.to_owned(),
            Self::Agent(record) => {
                agent_key(record.agent_id.as_ref().map_or("", |id| id.value.as_str()))
            }
            Self::Framework(record) => {
                let id = record.info.as_ref().and_then(|info| info.id.as_ref());
                framework_key(id.map_or("", |id| id.value.as_str()))
            }
            Self::Role(record) => role_key(record.role()),
            Self::Maintenance(_) => MAINTENANCE.to_owned(),
        }
    }

    /// With Mesos' JSON mapping.
    pub fn to_json(&self) -> String {
        match self {
            Self::Meta(record) => wire::json::to_string(record),
            Self::Agent(record) => wire::json::to_string(record.as_ref()),
            Self::Framework(record) => wire::json::to_string(record.as_ref()),
            Self::Role(record) => wire::json::to_string(record.as_ref()),
            Self::Maintenance(record) => wire::json::to_string(record.as_ref()),
        }
    }

    /// The write that keeps it.
    pub fn put(&self) -> Write {
        let bytes = match self {
            Self::Meta(record) => record.encode_to_vec(),
            Self::Agent(record) => record.encode_to_vec(),
            Self::Framework(record) => record.encode_to_vec(),
            Self::Role(record) => record.encode_to_vec(),
            Self::Maintenance(record) => record.encode_to_vec(),
        };
        Write::Put(self.key(), bytes)
    }

    /// What the core recovers from it; it has no use for what is said of the registry itself.
    pub fn into_mutation(self) -> Option<Mutation> {
        match self {
            Self::Meta(_) => None,
            Self::Agent(record) => Some(Mutation::SetAgent(record)),
            Self::Framework(record) => Some(Mutation::SetFramework(record)),
            Self::Role(record) => Some(Mutation::SetRole(record)),
            Self::Maintenance(record) => Some(Mutation::SetMaintenance(record)),
        }
    }

    /// The record that stands under `key` as `bytes`.
    ///
    /// # Errors
    /// It is of no kind that belongs under this key, or another key's record.
    pub fn decode(key: &str, bytes: &[u8]) -> Result<Self, String> {
        // As strict as with what arrives: what can't be sent to anybody must not be taken in.
        let decoded = match Kind::of(key) {
            Some(Kind::Meta) => protobuf::decode(bytes).map(Self::Meta),
            Some(Kind::Agent) => protobuf::decode(bytes).map(Box::new).map(Self::Agent),
            Some(Kind::Framework) => protobuf::decode(bytes).map(Box::new).map(Self::Framework),
            Some(Kind::Role) => protobuf::decode(bytes).map(Box::new).map(Self::Role),
            Some(Kind::Maintenance) => protobuf::decode(bytes).map(Box::new).map(Self::Maintenance),
            None => return Err("unknown kind of record".to_owned()),
        };
        let record = decoded.map_err(|error| error.to_string())?;
        if record.key() == key {
            Ok(record)
        } else {
            Err(format!("it belongs to '{}'", record.key().escape_debug()))
        }
    }
}

/// Keys and bytes, as a store has them.
pub type Entries = Vec<(String, Vec<u8>)>;

/// Every record, in the order of the keys.
///
/// # Errors
/// The store can't be read, was written by a newer Ebb, or holds what is no record.
pub fn load(store: &Store) -> Result<Vec<Record>, StoreError> {
    decode(store.path(), store.load()?)
}

/// The records that the registry at `place` was found to hold.
///
/// # Errors
/// They were written by a newer Ebb, or one is no record.
pub fn decode(place: &Path, entries: Entries) -> Result<Vec<Record>, StoreError> {
    check_schema(place, &entries)?;
    if entries.iter().any(|(key, _)| key == IMPORTING) {
        return Err(StoreError::Unfinished { path: place.to_owned() });
    }
    let decode = |(key, bytes): (String, Vec<u8>)| {
        Record::decode(&key, &bytes).map_err(|cause| StoreError::Record {
            path: place.to_owned(),
            key,
            cause,
        })
    };
    entries.into_iter().map(decode).collect()
}

/// What a registry with nothing in it gets first.
pub(super) fn meta(cluster_id: String) -> Record {
    Record::Meta(Meta { schema_version: Some(SCHEMA_VERSION), cluster_id: Some(cluster_id) })
}

/// Makes `records` all that the registry holds, in one commit. What is there is not read: restoring a
/// backup is the way out when it can't be.
///
/// # Errors
/// The store can't be read or written, or was written by a newer Ebb; then nothing has changed.
pub fn replace(store: &Store, records: &[Record]) -> Result<(), StoreError> {
    store.commit(&replacement(store.path(), store.load()?, records)?)
}

/// As [`replacement`], for a store that commits in several pieces: until the last one nobody takes what is
/// there for a registry.
///
/// # Errors
/// It was written by a newer Ebb.
pub fn replacement_in_pieces(
    place: &Path,
    entries: Entries,
    records: &[Record],
) -> Result<Vec<Write>, StoreError> {
    let writes = replacement(place, entries, records)?;
    let begin = Write::Put(IMPORTING.to_owned(), Vec::new());
    let is_other = |write: &Write| !matches!(write, Write::Delete(key) if key == IMPORTING);
    let rest = writes.into_iter().filter(is_other);
    let end = Write::Delete(IMPORTING.to_owned());
    Ok([begin].into_iter().chain(rest).chain([end]).collect())
}

/// The writes that make `records` all that a registry holds which has `entries` now.
///
/// # Errors
/// It was written by a newer Ebb.
pub fn replacement(
    place: &Path,
    entries: Entries,
    records: &[Record],
) -> Result<Vec<Write>, StoreError> {
    check_schema(place, &entries)?;
    let deletes = entries.into_iter().map(|(key, _)| Write::Delete(key));
    Ok(deletes.chain(records.iter().map(Record::put)).collect())
}

/// How many agents and frameworks there are, readable or not. A master that has only been started has
/// none.
///
/// # Errors
/// It was written by a newer Ebb.
pub fn population(place: &Path, entries: &Entries) -> Result<usize, StoreError> {
    check_schema(place, entries)?;
    let is_counted = |key: &str| ![META, IMPORTING, MAINTENANCE].contains(&key);
    Ok(entries.iter().filter(|(key, _)| is_counted(key)).count())
}

/// Whether a master can start with these records.
///
/// # Errors
/// The reason why it could not.
pub fn check(records: &[Record]) -> Result<(), RecoveryError> {
    let mutations = records.iter().cloned().filter_map(Record::into_mutation);
    Master::recover(Config::default(), mutations, Clock::start().now()).map(|_| ())
}

// Before any other record is looked at: those of a newer schema may be of kinds unknown here.
pub(super) fn check_schema(place: &Path, entries: &[(String, Vec<u8>)]) -> Result<(), StoreError> {
    let Some((_, bytes)) = entries.iter().find(|(key, _)| key == META) else { return Ok(()) };
    // What can't be read is told with the other records.
    let Ok(meta) = Meta::decode(bytes.as_slice()) else { return Ok(()) };
    if meta.schema_version() > SCHEMA_VERSION {
        return Err(StoreError::Newer {
            path: place.to_owned(),
            found: meta.schema_version(),
            known: SCHEMA_VERSION,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_schema(schema: u32) -> Record {
        Record::Meta(Meta { schema_version: Some(schema), cluster_id: None })
    }

    /// A registry of a newer schema is refused as that, whatever else is in it, and nothing replaces it.
    #[test]
    fn a_newer_schema_is_refused_before_anything_else() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&file(dir.path())).unwrap();
        let novelty = Write::Put("a-new-kind/1".to_owned(), vec![0xff]);
        store.commit(&[novelty, of_schema(SCHEMA_VERSION + 1).put()]).unwrap();
        let before = store.load().unwrap();
        for error in [
            load(&store).unwrap_err(),
            super::super::core::load(&store).unwrap_err(),
            replace(&store, &[of_schema(SCHEMA_VERSION)]).unwrap_err(),
        ] {
            assert!(matches!(error, StoreError::Newer { found: 2, known: 1, .. }), "{error}");
            assert!(error.to_string().contains("was written by a newer Ebb"), "{error}");
        }
        assert_eq!(store.load().unwrap(), before);
    }

    /// A registry with a record that can't be read can still be replaced.
    #[test]
    fn a_damaged_registry_can_be_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&file(dir.path())).unwrap();
        store.commit(&[Write::Put(agent_key("S0"), vec![0xff])]).unwrap();
        assert!(matches!(load(&store), Err(StoreError::Record { key, .. }) if key == "agents/S0"));
        assert_eq!(population(store.path(), &store.load().unwrap()).unwrap(), 1);
        replace(&store, &[of_schema(SCHEMA_VERSION)]).unwrap();
        assert_eq!(load(&store).unwrap(), [of_schema(SCHEMA_VERSION)]);
        assert_eq!(population(store.path(), &store.load().unwrap()).unwrap(), 0);
    }

    /// What an import that did not come to its end has left is no registry, and a later import mends it.
    #[test]
    fn an_unfinished_import_is_refused_and_can_be_repeated() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&file(dir.path())).unwrap();
        store.commit(&[Write::Put(agent_key("S0"), vec![0xff])]).unwrap();
        let records = [of_schema(SCHEMA_VERSION)];
        let pieces = |store: &Store| {
            replacement_in_pieces(store.path(), store.load().unwrap(), &records).unwrap()
        };
        let writes = pieces(&store);
        for end in 1..writes.len() {
            store.commit(&writes[..end]).unwrap();
            assert!(matches!(load(&store), Err(StoreError::Unfinished { .. })), "{end}");
        }
        store.commit(&pieces(&store)).unwrap();
        assert_eq!(load(&store).unwrap(), records);
    }

    /// A record under the key of another is refused with both keys: of two under one name one would be lost.
    #[test]
    fn a_record_under_the_key_of_another_is_refused() {
        let agent = |id: &str| {
            let agent_id = Some(wire::v1::AgentId { value: id.to_owned() });
            Record::Agent(Box::new(AgentRecord { agent_id, ..AgentRecord::default() }))
        };
        let Write::Put(key, bytes) = agent("S0").put() else { panic!("a record is put") };
        assert_eq!(Record::decode(&key, &bytes), Ok(agent("S0")));
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&file(dir.path())).unwrap();
        store.commit(&[Write::Put(agent_key("S1"), bytes)]).unwrap();
        let error = load(&store).unwrap_err().to_string();
        assert!(error.contains("agents/S1: it belongs to 'agents/S0'"), "{error}");
    }

    /// Opening what does not exist is an error and makes nothing.
    #[test]
    fn a_store_that_is_missing_is_not_made() {
        let dir = tempfile::tempdir().unwrap();
        let path = file(&dir.path().join("none"));
        assert!(matches!(Store::open_existing(&path), Err(StoreError::Missing { .. })));
        assert!(!path.parent().unwrap().exists());
    }
}
