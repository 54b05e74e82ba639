//! What it costs to write the large answers of a cluster with 10,000 agents and 100,000 tasks.

mod cluster;

use divan::Bencher;
use divan::counter::BytesCount;
use master::Master;
use wire::compose::{self, Composer};
use wire::master::Response;
use wire::media::MediaType;

use self::cluster::Cluster;

fn main() {
    divan::main();
}

fn filled() -> Master {
    let mut cluster = Cluster::new(10_000);
    cluster.fill(10);
    cluster.master
}

fn written(
    bencher: Bencher<'_, '_>,
    media: MediaType,
    name: &'static str,
    write: fn(&Master, &mut Composer<'_>),
) {
    let master = filled();
    let body = || {
        let mut out = Vec::new();
        compose::message::<Response>(media, &mut out, |it| {
            it.nested(name, |it| write(&master, it));
        });
        out
    };
    bencher.counter(BytesCount::new(body().len())).bench_local(body);
}

fn document(bencher: Bencher<'_, '_>, write: fn(&Master, &mut Vec<u8>)) {
    let master = filled();
    let body = || {
        let mut out = Vec::new();
        write(&master, &mut out);
        out
    };
    bencher.counter(BytesCount::new(body().len())).bench_local(body);
}

#[divan::bench(sample_count = 10)]
fn tasks_as_json(bencher: Bencher<'_, '_>) {
    written(bencher, MediaType::Json, "get_tasks", Master::write_tasks);
}

#[divan::bench(sample_count = 10)]
fn tasks_as_protobuf(bencher: Bencher<'_, '_>) {
    written(bencher, MediaType::Protobuf, "get_tasks", Master::write_tasks);
}

#[divan::bench(sample_count = 10)]
fn agents_as_json(bencher: Bencher<'_, '_>) {
    written(bencher, MediaType::Json, "get_agents", Master::write_agents);
}

#[divan::bench(sample_count = 10)]
fn agents_as_protobuf(bencher: Bencher<'_, '_>) {
    written(bencher, MediaType::Protobuf, "get_agents", Master::write_agents);
}

#[divan::bench(sample_count = 10)]
fn state_summary(bencher: Bencher<'_, '_>) {
    document(bencher, |master, out| {
        serde_json::to_writer(out, &master.legacy_state_summary(())).expect("memory takes it");
    });
}

#[divan::bench(sample_count = 10)]
fn state(bencher: Bencher<'_, '_>) {
    document(bencher, |master, out| {
        serde_json::to_writer(out, &master.legacy_state(())).expect("memory takes it");
    });
}
