//! `ebb registry import`.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use daemon::clock::Clock;
use daemon::election::brief::{self, Brief, Taken};
use daemon::etcd::Client;
use daemon::master::backup;
use daemon::master::registry::{self, Record};
use daemon::registry::etcd::{self, WriteError};
use daemon::store::Store;

use crate::args::registry::ImportArgs;
use crate::exit::Failure;
use crate::output::{self, words};

pub(super) async fn run(args: &ImportArgs) -> Result<(), Failure> {
    let name = name(&args.file);
    let bytes = read(&args.file)
        .map_err(|error| Failure::error(format!("cannot read the backup {name}: {error}")))?;
    let records = backup::read(&bytes).map_err(|error| {
        Failure::error(format!("{name} cannot be imported: {error}")).hint("nothing was changed")
    })?;
    let target = match (&args.place.work_dir, super::client(&args.place)?) {
        (Some(work_dir), _) => into_work_dir(args, work_dir, &records)?,
        (None, Some(client)) => into_etcd(args, &client, &records).await?,
        (None, None) => return Err(super::nowhere()),
    };
    let count = words::count(records.len(), "record");
    output::talk(&format!("{count} imported into {target}"));
    Ok(())
}

fn into_work_dir(
    args: &ImportArgs,
    work_dir: &Path,
    records: &[Record],
) -> Result<String, Failure> {
    let failure = |error| super::failure(work_dir, &error);
    // Made only now that the backup is known to be good, and held to the end against a master's start.
    let store = Store::open(&registry::file(work_dir)).map_err(failure)?;
    let entries = store.load().map_err(failure)?;
    let present = registry::population(store.path(), &entries).map_err(failure)?;
    may_replace(args, present, &work_dir.display().to_string(), true)?;
    registry::replace(&store, records).map_err(failure)?;
    Ok(store.path().display().to_string())
}

async fn into_etcd(
    args: &ImportArgs,
    client: &Client,
    records: &[Record],
) -> Result<String, Failure> {
    let target = client.target().to_string();
    let place = PathBuf::from(&target);
    let failure = |error| super::failure(&place, &error);
    // Asked before the leadership is taken: nobody keeps a lease while a person thinks.
    brief::leader(client).await.map_err(|taken| led(&target, taken))?;
    let (entries, _) = etcd::load(client).await.map_err(super::unreachable)?;
    let present = registry::population(&place, &entries).map_err(failure)?;
    may_replace(args, present, &target, true)?;

    let taken = Brief::take(client.clone(), Clock::start()).await;
    let leadership = taken.map_err(|taken| led(&target, taken))?;
    let replaced = async {
        let mut writer = leadership.writer().await.map_err(super::unreachable)?;
        let (entries, _) = etcd::load(client).await.map_err(super::unreachable)?;
        let present = registry::population(&place, &entries).map_err(failure)?;
        may_replace(args, present, &target, false)?;
        let writes = registry::replacement_in_pieces(&place, entries, records).map_err(failure)?;
        writer.commit(&writes, &[]).await.map_err(|error| match error {
            WriteError::Lost(why) => Failure::error(format!(
                "the import into {target} was broken off ({why}); repeat it with --force"
            )),
            WriteError::Broken(error) => failure(error),
        })
    };
    let replaced = replaced.await;
    leadership.give_back().await;
    replaced.map(|()| target)
}

fn led(target: &str, taken: Taken) -> Failure {
    match taken {
        Taken::Led(leader) => {
            let who = leader.map_or_else(
                || "somebody else works on it".to_owned(),
                |leader| format!("the master at {} leads", daemon::master::address(&leader)),
            );
            Failure::error(format!("nothing can be imported into {target}: {who}"))
                .hint("stop all masters first; nothing was changed")
        }
        Taken::Etcd(error) => super::unreachable(error),
    }
}

/// Whether what is there may be replaced; asks where that is needed.
fn may_replace(args: &ImportArgs, present: usize, place: &str, ask: bool) -> Result<(), Failure> {
    if present == 0 {
        return Ok(());
    }
    let count = words::count(present, "record");
    if !args.force {
        return Err(Failure::error(format!(
            "the registry in {place} is not empty ({count}); nothing was changed"
        ))
        .hint("--force replaces everything in it; `ebb registry export` keeps a copy first"));
    }
    if ask && !args.yes {
        confirm(&format!("the registry in {place} ({count})"))?;
    }
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
