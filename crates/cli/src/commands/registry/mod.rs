//! `ebb registry …`: works on the file of a master that does not run.

mod export;
mod import;
mod show;

use std::path::Path;
use std::process::ExitCode;

use daemon::master::registry;
use daemon::store::{Store, StoreError};

use super::Outcome;
use crate::args::{Format, Global, RegistryCommand};
use crate::exit::Failure;

pub(super) fn run(global: &Global, command: &RegistryCommand) -> Outcome {
    match command {
        RegistryCommand::Show(args) => show::run(&args.work_dir, global.output == Format::Json),
        RegistryCommand::Export(args) => export::run(args),
        RegistryCommand::Import(args) => import::run(args),
    }
    .map(|()| ExitCode::SUCCESS)
}

/// The registry that is there; none is made.
fn open(work_dir: &Path) -> Result<Store, Failure> {
    Store::open_existing(&registry::file(work_dir)).map_err(|error| failure(work_dir, &error))
}

fn failure(work_dir: &Path, error: &StoreError) -> Failure {
    let dir = work_dir.display();
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
        | StoreError::Etcd(_)
        | StoreError::Newer { .. } => {
            Failure::error(format!("the registry cannot be used: {error}"))
        }
    }
}
