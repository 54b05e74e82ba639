//! Arguments of `ebb registry …`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// What can be done with the registry of a master that does not run.
#[derive(Debug, Subcommand)]
pub enum RegistryCommand {
    /// Show the agents and frameworks that are in the registry
    #[command(after_help = "\
The master has to be stopped: it has its registry to itself. While it runs, `ebb node list` tells more.

Examples:
  ebb registry show --work-dir /var/lib/ebb/master
  ebb registry show --work-dir /var/lib/ebb/master -o json")]
    Show(WorkDir),
    /// Write a backup of the registry
    #[command(after_help = "\
The master has to be stopped: it has its registry to itself. Tasks and agents run on meanwhile. A backup
is lines of JSON, a header, one per record, and a last one that shows that nothing is missing. FILE is
replaced only once the backup is complete and on disk, and only its owner may read it.

Examples:
  ebb registry export --work-dir /var/lib/ebb/master registry.backup
  ebb registry export --work-dir /var/lib/ebb/master | gzip > registry.backup.gz")]
    Export(ExportArgs),
    /// Make a backup the contents of the registry
    #[command(after_help = "\
The master has to be stopped. The backup is read and checked to its end before anything is changed. A
registry that has agents or frameworks is left alone unless --force is given; then they are all replaced,
at once or not at all.

Examples:
  ebb registry import --work-dir /var/lib/ebb/master registry.backup
  ebb registry import --work-dir /var/lib/ebb/master registry.backup --force --yes
  gunzip < registry.backup.gz | ebb registry import --work-dir /var/lib/ebb/master -")]
    Import(ImportArgs),
}

/// Whose registry.
#[derive(Args, Debug)]
pub struct WorkDir {
    /// Work directory of the master, as `ebb master` has it; `ebb up` has it below its data directory
    #[arg(long, value_name = "DIR")]
    pub work_dir: PathBuf,
}

#[derive(Args, Debug)]
pub struct ExportArgs {
    #[command(flatten)]
    pub dir: WorkDir,
    /// Where the backup goes; standard output if absent or `-`
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct ImportArgs {
    #[command(flatten)]
    pub dir: WorkDir,
    /// The backup; `-` is standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Replace the agents and frameworks that the registry has
    #[arg(long)]
    pub force: bool,
    /// Don't ask before --force
    #[arg(long, short = 'y')]
    pub yes: bool,
}
