//! Turns `proto/` into `crates/wire/src/generated/`.

use anyhow::Context as _;

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

pub(crate) fn run() -> anyhow::Result<()> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let descriptors = protox::compile(FILES, [root.join("proto")]).context("cannot read proto/")?;
    let out = root.join("crates/wire/src/generated");
    std::fs::create_dir_all(&out)?;
    let mut config = prost_build::Config::new();
    config.out_dir(&out).btree_map(["."]).bytes(["."]).compile_well_known_types().include_file("mod.rs");
    config.compile_fds(descriptors)?;
    Ok(())
}
