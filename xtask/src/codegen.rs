//! Turns `proto/` into `crates/wire/src/generated/`: prost's structs, and the tables that
//! `wire::json` and `wire::protobuf` walk. What etcd speaks becomes plain structs of `daemon`.

mod tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use protox::prost_reflect::DescriptorPool;

const FILES: &[&str] = &[
    "mesos/v1/mesos.proto",
    "mesos/v1/agent.proto",
    "mesos/v1/allocator.proto",
    "mesos/v1/executor.proto",
    "mesos/v1/maintenance.proto",
    "mesos/v1/master.proto",
    "mesos/v1/quota.proto",
    "mesos/v1/resource_provider.proto",
    "mesos/v1/scheduler.proto",
    "ebb/v1/drain.proto",
    "ebb/v1/link.proto",
    "ebb/v1/registry.proto",
    "ebb/v1/checkpoint.proto",
];

/// Fields that are large and mostly absent. They go into boxes, so that what travels in great numbers -
/// resources, tasks, updates and the events that carry them - stays small.
const LARGE: &[&str] = &[
    ".mesos.v1.Resource.disk",
    ".mesos.v1.Resource.reservation",
    ".mesos.v1.TaskInfo.executor",
    ".mesos.v1.TaskInfo.container",
    ".mesos.v1.TaskInfo.health_check",
    ".mesos.v1.TaskInfo.check",
    ".mesos.v1.Task.container",
    ".mesos.v1.Task.health_check",
    ".mesos.v1.ExecutorInfo.container",
    ".mesos.v1.Offer.Operation.launch_group",
    ".mesos.v1.executor.Event.subscribed",
    ".mesos.v1.executor.Event.launch",
    ".mesos.v1.scheduler.Event.subscribed",
    ".mesos.v1.scheduler.Event.update_operation_status",
    ".mesos.v1.scheduler.Call.subscribe",
    ".mesos.v1.scheduler.Call.update_framework",
    ".mesos.v1.master.Event.subscribed",
    ".mesos.v1.master.Event.task_added",
    ".mesos.v1.master.Event.task_updated",
    ".mesos.v1.master.Event.agent_added",
    ".mesos.v1.master.Event.framework_added",
    ".mesos.v1.master.Event.framework_updated",
    ".mesos.v1.master.Event.framework_removed",
    ".mesos.v1.master.Event.agent_lifecycle",
    ".ebb.link.v1.Event.run_task",
    ".ebb.link.v1.Event.run_task_group",
    ".ebb.link.v1.Event.update_framework",
    ".ebb.link.v1.Call.operation_update",
];

/// What the daemon speaks with etcd; no other crate has to know it.
const ETCD_FILES: &[&str] = &["etcd/v3/rpc.proto"];
const WIRE: &str = "crates/wire/src/generated";
const ETCD: &str = "crates/daemon/src/etcd/generated";

/// Writes the generated files anew; files that `proto/` no longer gives are removed.
pub(crate) fn run() -> anyhow::Result<()> {
    for (folder, fresh) in [(WIRE, generate()?), (ETCD, generate_etcd()?)] {
        let out = root().join(folder);
        std::fs::create_dir_all(&out)
            .with_context(|| format!("cannot create {}", out.display()))?;
        for name in committed(&out)?.keys().filter(|name| !fresh.contains_key(*name)) {
            std::fs::remove_file(out.join(name))
                .with_context(|| format!("cannot remove {name}"))?;
        }
        for (name, text) in &fresh {
            std::fs::write(out.join(name), text).with_context(|| format!("cannot write {name}"))?;
        }
    }
    Ok(())
}

/// Fails, naming the files, when the committed files aren't what `proto/` gives now.
pub(crate) fn check() -> anyhow::Result<()> {
    for (folder, fresh) in [(WIRE, generate()?), (ETCD, generate_etcd()?)] {
        compare(folder, &fresh, &committed(&root().join(folder))?)?;
    }
    Ok(())
}

fn compare(
    folder: &str,
    fresh: &BTreeMap<String, String>,
    committed: &BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let names = fresh.keys().chain(committed.keys().filter(|name| !fresh.contains_key(*name)));
    let stale: Vec<&str> =
        names.filter(|name| fresh.get(*name) != committed.get(*name)).map(String::as_str).collect();
    anyhow::ensure!(
        stale.is_empty(),
        "{folder} is not what proto/ gives: {}; run `cargo xtask codegen`",
        stale.join(", ")
    );
    Ok(())
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn committed(folder: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        files.insert(name, text);
    }
    Ok(files)
}

/// What `proto/` says.
pub(crate) fn pool() -> anyhow::Result<DescriptorPool> {
    let descriptors =
        protox::compile(FILES, [root().join("proto")]).context("cannot read proto/")?;
    DescriptorPool::from_file_descriptor_set(descriptors).context("proto/ contradicts itself")
}

/// Everything the folder should hold, by file name.
fn generate() -> anyhow::Result<BTreeMap<String, String>> {
    let pool = pool()?;
    let descriptors =
        protox::compile(FILES, [root().join("proto")]).context("cannot read proto/")?;

    let mut config = prost_build::Config::new();
    config.btree_map(["."]).bytes(["."]).compile_well_known_types();
    for field in LARGE {
        config.boxed(field);
    }
    let requests = descriptors
        .file
        .into_iter()
        .map(|file| (prost_build::Module::from_protobuf_package_name(file.package()), file))
        .collect();
    let mut modules: Vec<_> = config.generate(requests)?.into_iter().collect();
    modules.sort();

    let mut files = BTreeMap::new();
    let mut packages = Vec::new();
    for (module, text) in modules {
        let package: Vec<String> = module.parts().map(str::to_owned).collect();
        // Deprecated for clients; a server has to go on reading them.
        let text: String = text
            .lines()
            .filter(|line| line.trim() != "#[deprecated]")
            .flat_map(|l| [l, "\n"])
            .collect();
        let text = format!("// Written by `cargo xtask codegen` with prost-build.\n{text}");
        files.insert(format!("{}.rs", package.join(".")), text);
        packages.push(package);
    }
    files.insert("tables.rs".to_owned(), tables::write(&pool)?);
    files.insert("mod.rs".to_owned(), module_tree(&packages));
    Ok(files)
}

/// The structs of etcd's messages, in one module.
fn generate_etcd() -> anyhow::Result<BTreeMap<String, String>> {
    let descriptors =
        protox::compile(ETCD_FILES, [root().join("proto")]).context("cannot read proto/etcd")?;
    let mut config = prost_build::Config::new();
    config.bytes(["."]);
    let requests = descriptors
        .file
        .into_iter()
        .map(|file| (prost_build::Module::from_protobuf_package_name(file.package()), file))
        .collect();
    let modules = config.generate(requests)?;
    let text: String = modules.into_values().collect();
    let text = format!("// Written by `cargo xtask codegen` with prost-build.\n{text}");
    Ok(BTreeMap::from([("etcdserverpb.rs".to_owned(), text)]))
}

/// The nested modules that prost's `super::` paths count on.
fn module_tree(packages: &[Vec<String>]) -> String {
    let mut text = String::from("//! Written by `cargo xtask codegen`.\n\n");
    let mut open: Vec<&str> = Vec::new();
    for package in packages {
        let shared = open.iter().zip(package).take_while(|(a, b)| a == b).count();
        while open.len() > shared {
            open.pop();
            push_line(&mut text, open.len(), "}");
        }
        for part in &package[shared..] {
            push_line(&mut text, open.len(), &format!("pub mod {part} {{"));
            open.push(part);
        }
        push_line(&mut text, open.len(), &format!("include!(\"{}.rs\");", package.join(".")));
    }
    while !open.is_empty() {
        open.pop();
        push_line(&mut text, open.len(), "}");
    }
    text.push_str("pub(crate) mod tables {\n    include!(\"tables.rs\");\n}\n");
    text
}

fn push_line(text: &mut String, depth: usize, line: &str) {
    text.push_str(&"    ".repeat(depth));
    text.push_str(line);
    text.push('\n');
}
