//! What it costs to write the large answers of a cluster with 10,000 agents and 100,000 tasks.

mod cluster;

use std::cell::RefCell;

use divan::Bencher;
use divan::counter::BytesCount;
use master::Master;
use wire::compose::{self, Composer, Field};
use wire::field;
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

/// What is measured is the writing, not the growing of a buffer: there is one that is large enough.
fn measured(bencher: Bencher<'_, '_>, body: impl Fn(Vec<u8>) -> Vec<u8>) {
    let bytes = body(Vec::new()).len();
    let buffer = RefCell::new(Vec::with_capacity(bytes));
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        let mut empty = buffer.take();
        empty.clear();
        buffer.replace(body(empty));
    });
}

fn written(
    bencher: Bencher<'_, '_>,
    media: MediaType,
    name: &'static Field,
    write: fn(&Master, &mut Composer<'_>),
) {
    let master = filled();
    let body = |mut out: Vec<u8>| {
        compose::message::<Response>(media, &mut out, |it| {
            it.section(name, |it| write(&master, it));
        });
        out
    };
    measured(bencher, body);
}

fn document(bencher: Bencher<'_, '_>, write: fn(&Master, &mut Vec<u8>)) {
    let master = filled();
    let body = |mut out: Vec<u8>| {
        write(&master, &mut out);
        out
    };
    measured(bencher, body);
}

#[divan::bench(sample_count = 10)]
fn tasks_as_json(bencher: Bencher<'_, '_>) {
    written(bencher, MediaType::Json, field!(Response, "get_tasks"), Master::write_tasks);
}

#[divan::bench(sample_count = 10)]
fn tasks_as_protobuf(bencher: Bencher<'_, '_>) {
    written(bencher, MediaType::Protobuf, field!(Response, "get_tasks"), Master::write_tasks);
}

#[divan::bench(sample_count = 10)]
fn agents_as_json(bencher: Bencher<'_, '_>) {
    written(bencher, MediaType::Json, field!(Response, "get_agents"), Master::write_agents);
}

#[divan::bench(sample_count = 10)]
fn agents_as_protobuf(bencher: Bencher<'_, '_>) {
    written(bencher, MediaType::Protobuf, field!(Response, "get_agents"), Master::write_agents);
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
