//! What an agent that was restarted has to know of nested containers: a file for each, beside its other files.
//!
//! ```text
//! meta/nested/<executor's container>/<token>.json     the record, written before the container starts
//!                                    <token>.command  for `ebb launch`: what to run
//!                                    <token>.exit     from `ebb launch`: the wait status
//!                                    <token>.err      from `ebb launch`: why it could not run it
//! meta/io/<executor's container>+<token>              where to attach
//! ```

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use agent::nested::{NestedId, Termination};
use model::ContainerId;
use serde::{Deserialize, Serialize};

use crate::agent::sandbox;
use crate::container::pidfd::PidRef;

/// Largest record that is read.
const LIMIT_BYTES: u64 = 64 << 10;

/// The files of one container.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Files {
    folder: PathBuf,
    io: PathBuf,
    root: ContainerId,
    pub(super) token: String,
}

impl Files {
    pub(super) fn new(work_dir: &Path, root: &ContainerId, token: String) -> Self {
        let folder = folder_of(work_dir, root);
        Self { folder, io: work_dir.join("meta/io"), root: root.clone(), token }
    }

    fn file(&self, kind: &str) -> PathBuf {
        self.folder.join(format!("{}.{kind}", self.token))
    }

    pub(super) fn command(&self) -> PathBuf {
        self.file("command")
    }

    pub(super) fn exit(&self) -> PathBuf {
        self.file("exit")
    }

    pub(super) fn error(&self) -> PathBuf {
        self.file("err")
    }

    pub(super) fn socket(&self) -> PathBuf {
        self.io.join(format!("{}+{}", self.root, self.token))
    }

    /// What all processes of the container carry.
    pub(super) fn mark(&self) -> String {
        format!("{}/{}", self.root, self.token)
    }

    /// Makes the folders.
    pub(super) fn prepare(&self) -> Result<(), String> {
        for folder in [&self.folder, &self.io] {
            fs::create_dir_all(folder)
                .map_err(|error| format!("cannot make {}: {error}", folder.display()))?;
        }
        make_private(&self.io)
    }

    /// Durable once this returns.
    pub(super) fn write(&self, record: &Record) -> Result<(), String> {
        let (path, fresh) = (self.file("json"), self.file("json.new"));
        let text = serde_json::to_vec(record).map_err(|error| error.to_string())?;
        sandbox::write(&fresh, &text)?;
        let synced = fs::File::open(&fresh).and_then(|file| file.sync_all());
        synced
            .and_then(|()| fs::rename(&fresh, &path))
            .map_err(|error| format!("cannot write {}: {error}", path.display()))
    }

    /// Removes everything of the container, but not what it has written.
    pub(super) fn remove(&self) {
        for path in [self.file("json"), self.command(), self.exit(), self.error(), self.socket()] {
            remove(&path);
        }
    }

    /// Removes what nobody needs of a container that has ended.
    pub(super) fn clear(&self) {
        for path in [self.command(), self.error(), self.socket()] {
            remove(&path);
        }
    }
}

/// Only the agent's user may enter it: who can connect to a socket there is let in.
pub(super) fn make_private(folder: &Path) -> Result<(), String> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir_all(folder)
        .and_then(|()| fs::set_permissions(folder, fs::Permissions::from_mode(0o700)))
        .map_err(|error| format!("cannot make {} private: {error}", folder.display()))
}

fn remove(path: &Path) {
    if let Err(error) = fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        tracing::debug!(path = %path.display(), %error, "a file of a nested container is left");
    }
}

fn folder_of(work_dir: &Path, root: &ContainerId) -> PathBuf {
    work_dir.join("meta/nested").join(root.as_str())
}

/// What is remembered of a nested container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// With those of its parents, joined by dots.
    pub(super) id: String,
    pub(super) is_session: bool,
    /// `<pid>@<start>` of the owner, once it runs.
    pub(super) owner: Option<String>,
    /// Where it runs.
    pub(super) directory: PathBuf,
    pub(super) user: Option<String>,
    pub(super) has_ended: bool,
    pub(super) wait_status: Option<i32>,
    pub(super) message: Option<String>,
}

impl Record {
    pub(super) fn owner(&self) -> Option<PidRef> {
        self.owner.as_deref()?.parse().ok()
    }

    pub(super) fn termination(&self) -> Option<Termination> {
        self.has_ended.then(|| Termination {
            wait_status: self.wait_status,
            state: None,
            message: self.message.clone(),
        })
    }
}

/// All records in the container of an executor. What can't be read is passed over: its processes are found by
/// the mark of that container.
pub(super) fn load(work_dir: &Path, root: &ContainerId) -> Vec<(NestedId, Files, Record)> {
    let mut found = Vec::new();
    let Ok(entries) = fs::read_dir(folder_of(work_dir, root)) else { return found };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(token) = name.to_str().and_then(|name| name.strip_suffix(".json")) else {
            continue;
        };
        match read(&entry.path()) {
            Ok((id, record)) if id.root() == *root => {
                found.push((id, Files::new(work_dir, root, token.to_owned()), record));
            }
            Ok((id, _)) => {
                tracing::warn!(%id, %root, "a record of a nested container is misplaced");
            }
            Err(error) => {
                let path = entry.path();
                tracing::warn!(path = %path.display(), %error, "a nested container is not known any more");
            }
        }
    }
    found
}

fn read(path: &Path) -> Result<(NestedId, Record), String> {
    use std::io::Read as _;
    let mut text = Vec::new();
    let file = fs::File::open(path).map_err(|error| error.to_string())?;
    file.take(LIMIT_BYTES).read_to_end(&mut text).map_err(|error| error.to_string())?;
    let record: Record = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    let mut wire = None;
    for part in record.id.split('.') {
        let value = part.to_owned();
        wire = Some(wire::v1::ContainerId { value, parent: wire.map(Box::new) });
    }
    let id = NestedId::from_wire(&wire.unwrap_or_default())?;
    Ok((id, record))
}

/// Removes what is left in the container of an executor that has ended.
pub(super) fn forget(work_dir: &Path, root: &ContainerId) {
    // Most never had any.
    drop(fs::remove_dir_all(folder_of(work_dir, root)));
    let Ok(entries) = fs::read_dir(work_dir.join("meta/io")) else { return };
    for entry in entries.flatten() {
        if entry.file_name().to_string_lossy().starts_with(root.as_str()) {
            remove(&entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What was written of a nested container is found by the next run of the agent; records of others and
    /// files that are none are passed over.
    #[test]
    fn records_are_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let root = ContainerId::new("root");
        let files = Files::new(dir.path(), &root, "0a".to_owned());
        files.prepare().unwrap();
        let record = Record {
            id: "root.shell".to_owned(),
            is_session: true,
            owner: Some("7@9".to_owned()),
            directory: "/sandbox".into(),
            user: None,
            has_ended: false,
            wait_status: None,
            message: None,
        };
        files.write(&record).unwrap();
        let stray = Record { id: "other.shell".to_owned(), ..record.clone() };
        Files::new(dir.path(), &root, "0b".to_owned()).write(&stray).unwrap();
        fs::write(dir.path().join("meta/nested/root/0c.json"), "{").unwrap();
        let found = load(dir.path(), &root);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0.as_str(), "root.shell");
        assert_eq!((&found[0].1, &found[0].2), (&files, &record));
        assert_eq!(found[0].2.owner(), Some(PidRef { pid: 7, started: 9 }));
        assert_eq!(record.termination(), None);
        fs::write(files.socket(), "").unwrap();
        forget(dir.path(), &root);
        assert!(!files.socket().exists());
        assert_eq!(load(dir.path(), &root), []);
    }
}
