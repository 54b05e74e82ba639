//! Unpacks archives: tar, also compressed, zip and single compressed files.

use std::fs::{File, Permissions};
use std::io::{self, BufReader, Read, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use zip::ZipArchive;

use super::place::{Place, PlaceError, failed};

/// As much as an archive may hold, whatever it says of itself.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bounds {
    pub(super) bytes: u64,
    pub(super) entries: u64,
}

/// What was unpacked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Unpacked {
    pub(super) bytes: u64,
    pub(super) entries: u64,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum UnpackError {
    #[error("the archive is damaged: {0}")]
    Damaged(io::Error),
    #[error("the archive is damaged or not supported: {0}")]
    Zip(zip::result::ZipError),
    #[error("{0}")]
    Place(#[from] PlaceError),
    #[error("'{0}' is neither a file, a folder nor a link")]
    Kind(String),
    #[error("it holds more than {0} bytes")]
    TooLarge(u64),
    #[error("it holds more than {0} files")]
    TooMany(u64),
}

/// How a file is packed, by its name.
// Mesos: the endings, and that names are taken as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Tar(Compression),
    Zip,
    /// One file, without `.gz` in its name.
    Gzip,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Compression {
    None,
    Gzip,
    Bzip2,
    Xz,
}

impl Packing {
    pub(super) fn of(name: &str) -> Option<Self> {
        const ENDINGS: [(&str, Packing); 9] = [
            (".tar", Packing::Tar(Compression::None)),
            (".tgz", Packing::Tar(Compression::Gzip)),
            (".tar.gz", Packing::Tar(Compression::Gzip)),
            (".tbz2", Packing::Tar(Compression::Bzip2)),
            (".tar.bz2", Packing::Tar(Compression::Bzip2)),
            (".txz", Packing::Tar(Compression::Xz)),
            (".tar.xz", Packing::Tar(Compression::Xz)),
            (".zip", Packing::Zip),
            (".gz", Packing::Gzip),
        ];
        ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, packing)| *packing)
    }
}

/// Unpacks `archive`, which is called `name`, into `place`.
pub(super) fn unpack(
    archive: File,
    name: &str,
    packing: Packing,
    place: &Place,
    bounds: Bounds,
) -> Result<Unpacked, UnpackError> {
    let mut work = Work { place, bounds, done: Unpacked::default() };
    let read = BufReader::new(archive);
    match packing {
        Packing::Zip => work.zip(read)?,
        Packing::Tar(Compression::None) => work.tar(read)?,
        Packing::Tar(Compression::Gzip) => work.tar(flate2::bufread::MultiGzDecoder::new(read))?,
        Packing::Tar(Compression::Bzip2) => work.tar(bzip2::bufread::MultiBzDecoder::new(read))?,
        Packing::Tar(Compression::Xz) => work.tar(lzma_rust2::XzReader::new(read, true))?,
        Packing::Gzip => {
            let name = name.strip_suffix(".gz").unwrap_or(name);
            let name = Path::new(name).file_name().unwrap_or_default();
            let mut read = flate2::bufread::MultiGzDecoder::new(read);
            work.file(Path::new(name), &mut read)?;
        }
    }
    Ok(work.done)
}

struct Work<'a> {
    place: &'a Place,
    bounds: Bounds,
    done: Unpacked,
}

impl Work<'_> {
    fn count(&mut self) -> Result<(), UnpackError> {
        self.done.entries += 1;
        if self.done.entries > self.bounds.entries {
            return Err(UnpackError::TooMany(self.bounds.entries));
        }
        Ok(())
    }

    /// Writes one file, up to what is left of the bound.
    fn file(&mut self, name: &Path, read: &mut dyn Read) -> Result<(File, PathBuf), UnpackError> {
        self.count()?;
        let (mut file, path) = self.place.file(name)?;
        let mut buffer = vec![0_u8; 64 << 10];
        loop {
            let length = match read.read(&mut buffer) {
                Ok(0) => return Ok((file, path)),
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(UnpackError::Damaged(error)),
            };
            self.done.bytes += u64::try_from(length).unwrap_or(u64::MAX);
            if self.done.bytes > self.bounds.bytes {
                return Err(UnpackError::TooLarge(self.bounds.bytes));
            }
            file.write_all(&buffer[..length]).map_err(|source| failed(name, source))?;
        }
    }

    fn tar(&mut self, read: impl Read) -> Result<(), UnpackError> {
        let mut archive = tar::Archive::new(read);
        for entry in archive.entries().map_err(UnpackError::Damaged)? {
            let mut entry = entry.map_err(UnpackError::Damaged)?;
            let name = entry.path().map_err(UnpackError::Damaged)?.into_owned();
            let mode = entry.header().mode().unwrap_or(0o644);
            let target = entry.link_name().map_err(UnpackError::Damaged)?;
            let target = target.map(std::borrow::Cow::into_owned).unwrap_or_default();
            let kind = entry.header().entry_type();
            if kind.is_file() || kind.is_contiguous() {
                let written = entry.header().mtime().unwrap_or(0);
                let (file, _) = self.file(&name, &mut entry)?;
                finish(&name, &file, mode, Some(written))?;
            } else if kind.is_dir() {
                self.count()?;
                self.place.folder(&name, mode)?;
            } else if kind.is_symlink() {
                self.count()?;
                self.place.link(&name, &target)?;
            } else if kind.is_hard_link() {
                self.count()?;
                self.place.hard_link(&name, &target)?;
            } else if !kind.is_pax_global_extensions() {
                // Settings for the archive as a whole are nothing to unpack; devices and pipes are not wanted.
                return Err(UnpackError::Kind(name.to_string_lossy().into_owned()));
            }
        }
        // To the end, where compressed files have their checksum.
        let rest = archive.into_inner().take(self.bounds.bytes);
        io::copy(&mut { rest }, &mut io::sink()).map_err(UnpackError::Damaged)?;
        Ok(())
    }

    fn zip(&mut self, read: impl Read + io::Seek) -> Result<(), UnpackError> {
        let mut archive = ZipArchive::new(read).map_err(UnpackError::Zip)?;
        for index in 0..archive.len() {
            let mut entry = archive.by_index(index).map_err(UnpackError::Zip)?;
            // As it is written there; the place judges it.
            let name = entry.name().map_err(UnpackError::Zip)?.into_owned();
            let name = PathBuf::from(name);
            if entry.is_dir() {
                self.count()?;
                self.place.folder(&name, entry.unix_mode().unwrap_or(0o755))?;
            } else if entry.is_symlink() {
                self.count()?;
                let mut target = String::new();
                // Longer than any path is no path.
                let read = (&mut entry).take(8 << 10).read_to_string(&mut target);
                read.map_err(UnpackError::Damaged)?;
                self.place.link(&name, Path::new(&target))?;
            } else {
                let mode = entry.unix_mode().unwrap_or(0o644);
                let (file, _) = self.file(&name, &mut entry)?;
                finish(&name, &file, mode, None)?;
            }
        }
        Ok(())
    }
}

/// Permissions without those that lend rights, and the time of its last change.
fn finish(name: &Path, file: &File, mode: u32, seconds: Option<u64>) -> Result<(), UnpackError> {
    file.set_permissions(Permissions::from_mode(mode & 0o777))
        .map_err(|source| failed(name, source))?;
    let time = seconds.and_then(|s| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(s)));
    if let Some(time) = time {
        file.set_modified(time).map_err(|source| failed(name, source))?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "unpack_tests.rs"]
mod tests;
