//! Files that were fetched before, kept up to a bound.
//!
//! Each user has a folder of its own, as whoever fetches could write anything into it. The oldest go when
//! the bound is exceeded; who reads one of them at that moment still has it open.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use rustix::fs::{FlockOperation, flock};
use sha2::{Digest as _, Sha256};

/// Files that are still being fetched end like this; those left by a crash count for the bound as well.
const PART: &str = "part";
const LOCK: &str = "lock";

/// The cache of one user.
#[derive(Clone, Debug)]
pub(super) struct Cache {
    pub(super) folder: PathBuf,
    pub(super) limit_bytes: u64,
}

impl Cache {
    /// The file of `uri`: that in the cache, else what `fetch` writes. Only one process fetches it at a
    /// time; the others wait and then have it. Says whether it was there.
    pub(super) fn get<E: From<io::Error>>(
        &self,
        uri: &str,
        fetch: impl FnOnce(&mut File) -> Result<(), E>,
    ) -> Result<(File, bool), E> {
        let path = self.folder.join(key(uri));
        let lock = open(&path.with_extension(LOCK))?;
        flock(&lock, FlockOperation::LockExclusive).map_err(io::Error::from)?;
        match File::open(&path) {
            Ok(file) => {
                // So that it counts as used just now.
                file.set_modified(SystemTime::now()).ok();
                return Ok((file, true));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
        let part = path.with_extension(PART);
        fs::remove_file(&part).or_else(if_absent)?;
        let mut file = open(&part)?;
        let fetched = fetch(&mut file);
        let size = file.metadata()?.len();
        if fetched.is_err() || size > self.limit_bytes {
            fs::remove_file(&part).or_else(if_absent)?;
        } else {
            // It may have been cleared away meanwhile; then it is fetched again some time.
            fs::rename(&part, &path).or_else(if_absent)?;
        }
        fetched?;
        file.rewind()?;
        Ok((file, false))
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn if_absent(error: io::Error) -> io::Result<()> {
    if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

fn key(uri: &str) -> String {
    Sha256::digest(uri).iter().fold(String::new(), |mut text, byte| {
        // Writing to a string does not fail.
        write!(text, "{byte:02x}").ok();
        text
    })
}

/// Makes the folder of a user below `root`; `owner` is its account, when it is another than that of this
/// process.
pub(crate) fn folder_of(root: &Path, user: &str, owner: Option<(u32, u32)>) -> io::Result<PathBuf> {
    let folder = root.join(user);
    fs::create_dir_all(&folder)?;
    if let Some((uid, gid)) = owner {
        chown(&folder, Some(uid), Some(gid))?;
    }
    let private = std::os::unix::fs::PermissionsExt::from_mode(0o700);
    fs::set_permissions(&folder, private)?;
    Ok(folder)
}

/// Removes the files of all users that were used longest ago, until the rest is within the bound.
pub(crate) fn trim(root: &Path, limit_bytes: u64) -> io::Result<()> {
    let mut files = Vec::new();
    for folder in entries(root)? {
        // Users own their folders: what is no plain file in them is not looked at.
        if !fs::symlink_metadata(&folder)?.is_dir() {
            continue;
        }
        for path in entries(&folder)? {
            let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
            if metadata.is_file() {
                let used = (metadata.mtime(), metadata.mtime_nsec());
                files.push((used, metadata.blocks().saturating_mul(512).max(metadata.len()), path));
            }
        }
    }
    let mut total: u64 = files.iter().map(|(_, bytes, _)| *bytes).sum();
    files.sort();
    for (_, bytes, path) in files {
        if total <= limit_bytes {
            break;
        }
        // Empty ones are locks; without them two processes may fetch the same, no more.
        fs::remove_file(&path).or_else(if_absent)?;
        total -= bytes;
    }
    Ok(())
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let found = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        found => found?,
    };
    found.map(|entry| Ok(entry?.path())).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};

    use super::*;

    fn get(cache: &Cache, uri: &str, text: &str) -> (String, bool) {
        let write = |file: &mut File| file.write_all(text.as_bytes());
        let (mut file, hit) = cache.get::<io::Error>(uri, write).unwrap();
        let mut read = String::new();
        file.read_to_string(&mut read).unwrap();
        (read, hit)
    }

    fn cache(root: &Path, user: &str, limit_bytes: u64) -> Cache {
        Cache { folder: folder_of(root, user, None).unwrap(), limit_bytes }
    }

    /// What was fetched once is not fetched again; another URI and another user have their own.
    #[test]
    fn a_file_is_fetched_once_for_each_user() {
        let root = tempfile::tempdir().unwrap();
        let (one, other) =
            (cache(root.path(), "one", 1 << 20), cache(root.path(), "other", 1 << 20));
        assert_eq!(get(&one, "http://x/a", "a"), ("a".to_owned(), false));
        assert_eq!(get(&one, "http://x/a", "new"), ("a".to_owned(), true));
        assert_eq!(get(&one, "http://x/b", "b"), ("b".to_owned(), false));
        assert_eq!(get(&other, "http://x/a", "mine"), ("mine".to_owned(), false));
    }

    /// A fetch that failed leaves nothing, and the next one tries again.
    #[test]
    fn a_failed_fetch_is_not_kept() {
        let root = tempfile::tempdir().unwrap();
        let cache = cache(root.path(), "one", 1 << 20);
        let fails = |file: &mut File| {
            file.write_all(b"half")?;
            Err(io::Error::other("broke off"))
        };
        cache.get::<io::Error>("u", fails).unwrap_err();
        assert_eq!(get(&cache, "u", "whole"), ("whole".to_owned(), false));
    }

    /// A file larger than the whole cache is handed over and not kept.
    #[test]
    fn a_file_larger_than_the_cache_is_not_kept() {
        let root = tempfile::tempdir().unwrap();
        let cache = cache(root.path(), "one", 4);
        assert_eq!(get(&cache, "u", "12345"), ("12345".to_owned(), false));
        assert_eq!(get(&cache, "u", "12345"), ("12345".to_owned(), false));
    }

    /// Beyond the bound those go that were used longest ago, whoever's they are.
    #[test]
    fn the_oldest_files_go_first() {
        let root = tempfile::tempdir().unwrap();
        let (one, other) =
            (cache(root.path(), "one", 1 << 20), cache(root.path(), "other", 1 << 20));
        let text = "x".repeat(8192);
        for (age, uri, cache) in [(3, "a", &one), (2, "b", &other), (1, "c", &one)] {
            get(cache, uri, &text);
            let used = SystemTime::now() - std::time::Duration::from_secs(age);
            File::open(cache.folder.join(key(uri))).unwrap().set_modified(used).unwrap();
        }
        assert!(get(&one, "a", "").1, "used just now");
        trim(root.path(), 17_000).unwrap();
        assert!(get(&one, "a", "").1);
        assert!(get(&one, "c", "").1);
        assert!(!get(&other, "b", "new").1);
    }
}
