//! `ebb registry export`.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use daemon::master::backup;

use crate::args::registry::ExportArgs;
use crate::exit::Failure;
use crate::output::{self, words};

pub(super) async fn run(args: &ExportArgs) -> Result<(), Failure> {
    let super::Contents { records, snapshot } = super::load(&args.place).await?;
    let text = backup::write(&records).map_err(|error| {
        Failure::error(format!("no backup of the registry can be made: {error}"))
    })?;
    let count = words::count(records.len(), "record");
    match args.file.as_deref().filter(|file| file.as_os_str() != "-") {
        Some(file) => {
            let target = target(file)?;
            replace(&target, text.as_bytes()).map_err(|error| cannot_write(file, &error))?;
            let of = snapshot.map_or_else(String::new, |of| format!(", a snapshot of {of}"));
            output::talk(&format!("{count} written to {}{of}", file.display()));
        }
        None => output::all(text.as_bytes()).map_err(|error| {
            Failure::error(format!("cannot write the backup to standard output: {error}"))
        })?,
    }
    Ok(())
}

/// Where a link leads. Devices and the like are refused: one would be replaced by a file.
fn target(file: &Path) -> Result<PathBuf, Failure> {
    match std::fs::metadata(file) {
        Ok(found) if found.is_file() => {
            file.canonicalize().map_err(|error| cannot_write(file, &error))
        }
        Ok(_) => Err(Failure::error(format!("{} is no regular file", file.display()))
            .hint("name a file, or none for standard output")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(file.to_owned()),
        Err(error) => Err(cannot_write(file, &error)),
    }
}

fn cannot_write(file: &Path, error: &io::Error) -> Failure {
    Failure::error(format!("cannot write {}: {error}", file.display()))
}

/// Whole or not at all, and for the owner's eyes only, as temporary files are.
fn replace(target: &Path, bytes: &[u8]) -> io::Result<()> {
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty());
    let folder = parent.unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".ebb-registry-").tempfile_in(folder)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist(target).map_err(|error| error.error)?;
    // The name is durable only with its folder.
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    /// A file is replaced whole, readable by its owner only, where a link leads, and nothing else is left.
    #[test]
    fn a_file_is_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        std::fs::write(&file, "old").unwrap();
        symlink(&file, &link).unwrap();
        replace(&target(&link).unwrap(), b"new").unwrap();
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o7777, 0o600);
        assert!(link.is_symlink());
        assert_eq!(dir.path().read_dir().unwrap().count(), 2);
    }

    /// What is no file is not replaced by one.
    #[test]
    fn what_is_no_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        for path in [dir.path(), Path::new("/dev/null")] {
            assert!(target(path).unwrap_err().message.ends_with("is no regular file"), "{path:?}");
        }
    }
}
