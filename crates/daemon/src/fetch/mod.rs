//! Fetches what a command needs into its sandbox: `ebb fetch`.
//!
//! A process of its own, run as the user of the task: it may read and write what that user may, can be
//! killed at any time, and what an archive does to its memory is its own affair. It reads a
//! `mesos.v1.CommandInfo` from standard input and works in its working directory. Its exit status says
//! whether all is there; why not stands on standard output.

pub(crate) mod cache;
mod journal;
mod place;
mod source;
mod unpack;

use std::fs::{File, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use wire::media::{self, MediaType};
use wire::v1::CommandInfo;
use wire::v1::command_info::Uri;

use self::cache::Cache;
use self::journal::Journal;
use self::place::{Place, PlaceError};
use self::source::{Source, SourceError, shown};
use self::unpack::{Bounds, Packing, UnpackError, unpack};
use crate::container::logs::Rotation;
use crate::executor::{FETCH_CACHE_BYTES, LOG_FILES, LOG_MAX_BYTES};

/// Folder of the cache for the user that fetches; absent without a cache.
pub(crate) const CACHE_FOLDER: &str = "EBB_FETCH_CACHE_FOLDER";
/// Bound of the cache in bytes.
pub(crate) const CACHE_BYTES: &str = FETCH_CACHE_BYTES;

/// Largest description of what to fetch.
const INPUT_LIMIT_BYTES: u64 = 16 << 20;
const BOUNDS: Bounds = Bounds { bytes: 64 << 30, entries: 1_000_000 };

/// Why something was not fetched. The text goes into the task's status.
#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("cannot read what to fetch: {0}")]
    Input(String),
    #[error("Failed to fetch '{uri}': {cause}")]
    Uri { uri: String, cause: UriError },
}

#[derive(Debug, thiserror::Error)]
enum UriError {
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error(transparent)]
    Place(#[from] PlaceError),
    #[error("it cannot be unpacked: {0}")]
    Unpack(#[from] UnpackError),
    #[error("{0}")]
    Io(#[from] io::Error),
}

/// `ebb fetch`.
pub fn run() -> ExitCode {
    match fetch_all() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody may be reading: then the exit status says it.
            io::stdout().write_all(error.to_string().as_bytes()).ok();
            ExitCode::FAILURE
        }
    }
}

fn fetch_all() -> Result<(), FetchError> {
    let mut bytes = Vec::new();
    io::stdin()
        .take(INPUT_LIMIT_BYTES)
        .read_to_end(&mut bytes)
        .map_err(|error| FetchError::Input(error.to_string()))?;
    let command: CommandInfo = media::decode(MediaType::Protobuf, &bytes)
        .map_err(|error| FetchError::Input(error.to_string()))?;
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let usual = Rotation::default();
    let rotation = Rotation {
        max_bytes: number(LOG_MAX_BYTES).unwrap_or(usual.max_bytes),
        keep: number(LOG_FILES)
            .and_then(|files| u32::try_from(files.saturating_sub(1)).ok())
            .unwrap_or(usual.keep),
    };
    let cache = std::env::var_os(CACHE_FOLDER).filter(|folder| !folder.is_empty());
    let limit_bytes = number(CACHE_BYTES).unwrap_or(0);
    let cache = cache.map(|folder| Cache { folder: PathBuf::from(folder), limit_bytes });
    let here = Path::new(".");
    let mut journal = Journal::open(here, rotation);
    for uri in &command.uris {
        fetch(uri, here, cache.as_ref(), &mut journal).map_err(|cause| {
            let error = FetchError::Uri { uri: shown(&uri.value), cause };
            journal.line(&error.to_string());
            error
        })?;
    }
    Ok(())
}

fn fetch(
    uri: &Uri,
    directory: &Path,
    cache: Option<&Cache>,
    journal: &mut Journal,
) -> Result<(), UriError> {
    let begun = Instant::now();
    let address = shown(&uri.value);
    let source = Source::of(&uri.value)?;
    let base = source::name_of(uri.value.trim_start())?;
    let output = uri.output_file.as_deref().filter(|name| !name.is_empty());
    let name = Path::new(output.unwrap_or(&base));
    let place = Place::new(directory)?;
    journal.line(&format!("Fetching '{address}'"));

    let executable = uri.executable.unwrap_or(false);
    // Mesos: of a cached archive the name in the URI counts, else the one it gets.
    let archive = if cache.is_some() && uri.cache() { Some(base.as_str()) } else { name.to_str() };
    let archive = archive.filter(|_| uri.extract() && !executable).unwrap_or_default();
    let packing = Packing::of(archive);
    let cached =
        match cache.filter(|_| uri.cache()) {
            None => None,
            Some(cache) => Some(cache.get::<SourceError>(&uri.value, |file| {
                source.get(file, journal).map(|_bytes| ())
            })?),
        };
    let (mut file, from_cache) = match (cached, packing) {
        // Mesos: an archive in the cache is not copied to the sandbox.
        (Some(cached), Some(_)) => cached,
        (Some((mut cached, hit)), None) => {
            let (mut file, _) = place.file(name)?;
            io::copy(&mut cached, &mut file)?;
            (file, hit)
        }
        (None, _) => {
            let (mut file, path) = place.file(name)?;
            source.get(&mut file, journal)?;
            // Opened anew to be read.
            let read = File::open(path)?;
            (if packing.is_some() { read } else { file }, false)
        }
    };
    if executable {
        file.set_permissions(Permissions::from_mode(0o755))?;
    }
    let bytes = file.metadata()?.len();
    let how = if from_cache { "from the cache" } else { "fetched" };
    let took = begun.elapsed().as_secs_f64();
    journal.line(&format!("'{address}': {bytes} bytes {how}, {took:.1} s"));
    if let Some(packing) = packing {
        io::Seek::rewind(&mut file)?;
        let unpacked = unpack(file, archive, packing, &place, BOUNDS)?;
        let (entries, bytes) = (unpacked.entries, unpacked.bytes);
        journal.line(&format!("'{address}': {entries} entries of {bytes} bytes unpacked"));
    } else if uri.extract() && !executable && uri.extract.is_some() {
        journal.line(&format!("'{address}' is no archive by its name, so it is left as it is"));
    }
    Ok(())
}

#[cfg(test)]
#[path = "fetch_tests.rs"]
mod tests;
