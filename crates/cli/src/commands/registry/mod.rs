//! `ebb registry …`: works on the file of a master that does not run, or on a registry in etcd.

mod export;
mod import;
mod show;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use daemon::etcd::{Client, EtcdError, Target};
use daemon::master::registry::{self, Record};
use daemon::registry::etcd;
use daemon::store::{Store, StoreError};

use super::Outcome;
use crate::args::registry::Place;
use crate::args::{Format, Global, RegistryCommand};
use crate::exit::{Exit, Failure};
use crate::flags::master::RegistryFiles;

pub(super) async fn run(global: &Global, command: &RegistryCommand) -> Outcome {
    match command {
        RegistryCommand::Show(place) => show::run(place, global.output == Format::Json).await,
        RegistryCommand::Export(args) => export::run(args).await,
        RegistryCommand::Import(args) => import::run(args).await,
    }
    .map(|()| ExitCode::SUCCESS)
}

/// What a registry holds.
struct Contents {
    records: Vec<Record>,
    /// Where it is and as of when, if others may have changed it since.
    snapshot: Option<String>,
}

/// The registry that is there; none is made.
async fn load(place: &Place) -> Result<Contents, Failure> {
    match (&place.work_dir, client(place)?) {
        (Some(work_dir), _) => {
            let store = Store::open_existing(&registry::file(work_dir))
                .map_err(|error| failure(work_dir, &error))?;
            let records = registry::load(&store).map_err(|error| failure(work_dir, &error))?;
            Ok(Contents { records, snapshot: None })
        }
        (None, Some(client)) => {
            let (entries, revision) = etcd::load(&client).await.map_err(unreachable)?;
            let name = client.target().to_string();
            if entries.is_empty() {
                return Err(Failure::error(format!("there is no registry in {name}")).hint(
                    "the prefix of keys is the path of --registry, /ebb where there is none",
                ));
            }
            let path = PathBuf::from(&name);
            let records =
                registry::decode(&path, entries).map_err(|error| failure(&path, &error))?;
            Ok(Contents { records, snapshot: Some(format!("{name} at revision {revision}")) })
        }
        (None, None) => Err(nowhere()),
    }
}

/// A client of the registry in etcd, if it is one.
fn client(place: &Place) -> Result<Option<Client>, Failure> {
    let Some(url) = &place.registry else { return Ok(None) };
    let files = RegistryFiles {
        ca: place.registry_ca_file.clone(),
        cert: place.registry_cert_file.clone(),
        key: place.registry_key_file.clone(),
        credential: place.registry_credential.clone(),
    };
    let target = Target::parse(url)
        .map_err(|error| Failure::usage(format!("--registry: {error}")))
        .and_then(|target| files.complete(target))?;
    Client::new(target).map(Some).map_err(unreachable)
}

fn nowhere() -> Failure {
    Failure::usage("give --work-dir or --registry")
}

#[expect(clippy::needless_pass_by_value, reason = "as `map_err` wants it")]
fn unreachable(error: EtcdError) -> Failure {
    let exit = if error.is_passing() { Exit::Unreachable } else { Exit::Error };
    Failure::new(exit, format!("the registry cannot be used: {error}"))
}

fn failure(place: &Path, error: &StoreError) -> Failure {
    let dir = place.display();
    match error {
        StoreError::InUse { .. } => {
            let message = "a master is running on this work directory; stop it first";
            Failure::error(message).hint(format!("{error}"))
        }
        StoreError::Missing { .. } => {
            Failure::error(format!("there is no registry in {dir}: {error}"))
                .hint("give the --work-dir of the master, which has a file registry.redb in it")
        }
        StoreError::Open { .. }
        | StoreError::Read { .. }
        | StoreError::Write { .. }
        | StoreError::Record { .. }
        | StoreError::Unfinished { .. }
        | StoreError::Etcd(_)
        | StoreError::Newer { .. } => {
            Failure::error(format!("the registry cannot be used: {error}"))
        }
    }
}
