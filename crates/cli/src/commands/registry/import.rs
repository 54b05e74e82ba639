//! `ebb registry import`.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::path::Path;

use daemon::master::{backup, registry};
use daemon::store::Store;

use crate::args::registry::ImportArgs;
use crate::exit::Failure;
use crate::output::{self, words};

pub(super) fn run(args: &ImportArgs) -> Result<(), Failure> {
    let work_dir = &args.dir.work_dir;
    let name = name(&args.file);
    let bytes = read(&args.file)
        .map_err(|error| Failure::error(format!("cannot read the backup {name}: {error}")))?;
    let records = backup::read(&bytes).map_err(|error| {
        Failure::error(format!("{name} cannot be imported: {error}")).hint("nothing was changed")
    })?;
    let failure = |error| super::failure(work_dir, &error);
    // Made only now that the backup is known to be good, and held to the end against a master's start.
    let store = Store::open(&registry::file(work_dir)).map_err(failure)?;
    let entries = store.load().map_err(failure)?;
    let present = registry::population(store.path(), &entries).map_err(failure)?;
    if present > 0 {
        let dir = work_dir.display();
        let count = words::count(present, "record");
        if !args.force {
            return Err(Failure::error(format!(
                "the registry in {dir} is not empty ({count}); nothing was changed"
            ))
            .hint("--force replaces everything in it; `ebb registry export` keeps a copy first"));
        }
        if !args.yes {
            confirm(&format!("the registry in {dir} ({count})"))?;
        }
    }
    registry::replace(&store, &records).map_err(failure)?;
    let count = words::count(records.len(), "record");
    output::talk(&format!("{count} imported into {}", store.path().display()));
    Ok(())
}

fn name(file: &Path) -> String {
    if file.as_os_str() == "-" { "standard input".to_owned() } else { file.display().to_string() }
}

fn read(file: &Path) -> io::Result<Vec<u8>> {
    if file.as_os_str() != "-" {
        return std::fs::read(file);
    }
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Asks before `what` is replaced.
fn confirm(what: &str) -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(format!(
            "replacing {what} needs a confirmation, and standard input is not a terminal"
        ))
        .hint("give --yes if you are sure"));
    }
    output::talk(&format!("This replaces {what} and cannot be undone."));
    output::raw_talk("Type 'replace' to go on: ");
    let mut answer = String::new();
    io::stdin()
        .lock()
        .read_line(&mut answer)
        .map_err(|error| Failure::error(format!("cannot read the answer: {error}")))?;
    if answer.trim() == "replace" {
        return Ok(());
    }
    Err(Failure::error("not confirmed; nothing was changed"))
}
