//! `ebb task …`.

mod copies;
pub(super) mod exec;
mod follow;
mod hold;
mod kill;
mod list;
pub(super) mod log;
mod rotation;
mod run;
mod show;

use std::time::Duration;

use super::Outcome;
use crate::args::{Format, Global, TaskCommand};
use crate::client;

/// Time without any answer of the master after which following makes no sense: longer than a failover.
const SILENCE: Duration = Duration::from_mins(2);

pub(super) async fn run(global: &Global, command: TaskCommand) -> Outcome {
    let master = client::master(global)?;
    let json = global.output == Format::Json;
    match command {
        TaskCommand::List(args) => list::run(&master, &args, json).await,
        TaskCommand::Show(args) => show::run(&master, &args.task, json).await,
        TaskCommand::Run(args) => run::run(&master, global, args).await,
        TaskCommand::Kill(args) => kill::run(&master, global, &args.task).await,
        TaskCommand::Log(args) => log::run(&master, &args).await,
        TaskCommand::Exec(args) => exec::exec(&master, args).await,
        TaskCommand::Attach(args) => exec::attach(&master, &args).await,
        TaskCommand::Hold(args) => hold::run(&master, &args.framework_id).await,
    }
}
