//! Arguments of `ebb registry …`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

/// What can be done with the registry of a master.
#[derive(Debug, Subcommand)]
pub enum RegistryCommand {
    /// Show the agents and frameworks that are in the registry
    #[command(after_help = "\
The master has to be stopped if its registry is in its work directory: it has it to itself. One in etcd is
shown as it is at one moment, whether a master leads or not.

Examples:
  ebb registry show --work-dir /var/lib/ebb/master
  ebb registry show --registry etcd://10.0.1.1:2379
  ebb registry show --work-dir /var/lib/ebb/master -o json")]
    Show(Place),
    /// Write a backup of the registry
    #[command(after_help = "\
The master has to be stopped if its registry is in its work directory: it has it to itself. Tasks and agents
run on meanwhile. A registry in etcd is read as it is at one moment, whether a master leads or not. A backup is
lines of JSON, a header, one per record, and a last one that shows that nothing is missing. FILE is
replaced only once the backup is complete and on disk, and only its owner may read it.

Examples:
  ebb registry export --work-dir /var/lib/ebb/master registry.backup
  ebb registry export --work-dir /var/lib/ebb/master | gzip > registry.backup.gz
  ebb registry export --registry etcd://10.0.1.1,10.0.1.2 registry.backup")]
    Export(ExportArgs),
    /// Make a backup the contents of the registry
    #[command(after_help = "\
The master has to be stopped; with etcd, all of them: an import is refused while one leads, and none can lead
during an import. The backup is read and checked to its end before anything is changed. A registry that has
agents or frameworks is left alone unless --force is given; then they are all replaced, in a work directory at
once or not at all. In etcd an import that is broken off leaves a registry that masters refuse; repeat it.

Examples:
  ebb registry import --work-dir /var/lib/ebb/master registry.backup
  ebb registry import --work-dir /var/lib/ebb/master registry.backup --force --yes
  ebb registry import --registry etcd://10.0.1.1:2379 registry.backup
  gunzip < registry.backup.gz | ebb registry import --work-dir /var/lib/ebb/master -")]
    Import(ImportArgs),
}

/// Whose registry.
#[derive(Args, Debug)]
#[group(skip)]
#[command(group = ArgGroup::new("place").required(true).args(["work_dir", "registry"]))]
pub struct Place {
    /// Work directory of the master, as `ebb master` has it; `ebb up` has it below its data directory
    #[arg(long, value_name = "DIR")]
    pub work_dir: Option<PathBuf>,
    /// The registry in etcd that masters share: etcd://host:port[,host:port...][/prefix]
    #[arg(long, value_name = "URL")]
    pub registry: Option<String>,
    /// PEM certificates of who signs etcd's certificates; with it etcd is spoken to over TLS
    #[arg(long, value_name = "FILE", requires = "registry")]
    pub registry_ca_file: Option<PathBuf>,
    /// PEM certificate shown to etcd
    #[arg(long, value_name = "FILE", requires = "registry")]
    pub registry_cert_file: Option<PathBuf>,
    /// PEM key of that certificate
    #[arg(long, value_name = "FILE", requires = "registry")]
    pub registry_key_file: Option<PathBuf>,
    /// JSON file with user (`principal`) and password (`secret`) for etcd
    #[arg(long, value_name = "FILE", requires = "registry")]
    pub registry_credential: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct ExportArgs {
    #[command(flatten)]
    pub place: Place,
    /// Where the backup goes; standard output if absent or `-`
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct ImportArgs {
    #[command(flatten)]
    pub place: Place,
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
