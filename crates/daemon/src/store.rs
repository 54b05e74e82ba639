//! The embedded store behind the master's registry and the agent's checkpoints.
//!
//! Small records under text keys in one file. A batch of writes is one transaction and one
//! `fdatasync`; after a crash the file holds a prefix of the committed batches.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use redb::{Database, ReadableDatabase as _, ReadableTable as _, TableDefinition};

const RECORDS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("records");
/// The page cache, filled as far as there are records. A commit reads the pages it changes.
const CACHE_BYTES: usize = 8 << 20;
/// How long a lock may be held by what a killed process left: a child that it was just starting has its
/// open files until it executes its program.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);
const LOCK_RETRY: Duration = Duration::from_millis(20);

/// One change of a batch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    Put(String, Vec<u8>),
    Delete(String),
}

/// The store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("{path} is in use by another process")]
    InUse { path: PathBuf },
    #[error("{path} does not exist")]
    Missing { path: PathBuf },
    #[error("cannot open {path}: {cause}")]
    Open { path: PathBuf, cause: String },
    #[error("cannot read {path}: {cause}")]
    Read { path: PathBuf, cause: String },
    #[error("cannot write {path}: {cause}")]
    Write { path: PathBuf, cause: String },
    #[error("{path} holds a record that cannot be read: {key}: {cause}")]
    Record { path: PathBuf, key: String, cause: String },
    #[error(
        "{path} was written by a newer Ebb: its schema is {found}, this one knows {known}; start the Ebb that wrote it, or a later one"
    )]
    Newer { path: PathBuf, found: u32, known: u32 },
    #[error(
        "an import into {path} was begun and not finished; import the backup again with --force"
    )]
    Unfinished { path: PathBuf },
    #[error(transparent)]
    Etcd(#[from] crate::etcd::EtcdError),
}

/// An open store; holds the file's lock until dropped.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    database: Database,
}

impl Store {
    /// Opens the store at `path`, making it if there is none. Blocks up to two seconds while another
    /// process has it.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|error| StoreError::Open {
                path: path.to_owned(),
                cause: error.to_string(),
            })?;
        }
        Self::locked(path, |builder| builder.create(path))
    }

    /// As [`Store::open`], and makes nothing: without a store there is an error.
    pub fn open_existing(path: &Path) -> Result<Self, StoreError> {
        match path.try_exists() {
            Ok(true) => Self::locked(path, |builder| builder.open(path)),
            Ok(false) => Err(StoreError::Missing { path: path.to_owned() }),
            Err(error) => Err(StoreError::Open { path: path.to_owned(), cause: error.to_string() }),
        }
    }

    fn locked(
        path: &Path,
        open: impl Fn(&redb::Builder) -> Result<Database, redb::DatabaseError>,
    ) -> Result<Self, StoreError> {
        let mut builder = redb::Builder::new();
        builder.set_cache_size(CACHE_BYTES);
        let give_up_at = Instant::now() + LOCK_PATIENCE;
        let database = loop {
            match open(&builder) {
                Ok(database) => break database,
                Err(redb::DatabaseError::DatabaseAlreadyOpen) if Instant::now() < give_up_at => {
                    std::thread::sleep(LOCK_RETRY);
                }
                Err(redb::DatabaseError::DatabaseAlreadyOpen) => {
                    return Err(StoreError::InUse { path: path.to_owned() });
                }
                Err(error) => {
                    let cause = error.to_string();
                    return Err(StoreError::Open { path: path.to_owned(), cause });
                }
            }
        };
        Ok(Self { path: path.to_owned(), database })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Every record, in the order of the keys.
    pub fn load(&self) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
        let read = |cause: String| StoreError::Read { path: self.path.clone(), cause };
        let transaction = self.database.begin_read().map_err(|e| read(e.to_string()))?;
        let table = match transaction.open_table(RECORDS) {
            Ok(table) => table,
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
            Err(error) => return Err(read(error.to_string())),
        };
        let mut records = Vec::new();
        for entry in table.iter().map_err(|e| read(e.to_string()))? {
            let (key, value) = entry.map_err(|e| read(e.to_string()))?;
            records.push((key.value().to_owned(), value.value().to_vec()));
        }
        Ok(records)
    }

    /// Makes the batch durable, whole or not at all.
    pub fn commit(&self, batch: &[Write]) -> Result<(), StoreError> {
        self.try_commit(batch).map_err(|error| StoreError::Write {
            path: self.path.clone(),
            cause: error.to_string(),
        })
    }

    fn try_commit(&self, batch: &[Write]) -> Result<(), redb::Error> {
        let transaction = self.database.begin_write()?;
        {
            let mut table = transaction.open_table(RECORDS)?;
            for write in batch {
                match write {
                    Write::Put(key, value) => {
                        table.insert(key.as_str(), value.as_slice())?;
                    }
                    Write::Delete(key) => {
                        table.remove(key.as_str())?;
                    }
                }
            }
        }
        transaction.commit()?;
        Ok(())
    }
}
