//! How fast the master core is, and how much memory a task takes: events in, effects out, nothing else.

mod cluster;

use std::alloc::System;

use divan::{AllocProfiler, Bencher};
use master::LinkId;
use model::{AgentId, Now};

use self::cluster::{Cluster, hello, update};

#[global_allocator]
static ALLOC: AllocProfiler<System> = AllocProfiler::new(System);

fn main() {
    divan::main();
}

/// Admitting an agent and offering it, with that many there already.
#[divan::bench(args = [1_000, 10_000])]
fn register_and_offer(bencher: Bencher<'_, '_>, agents: u64) {
    let mut cluster = Cluster::new(agents);
    let mut next = agents;
    bencher.bench_local(|| {
        next += 1;
        cluster.master.apply(Now::default(), hello(next))
    });
}

/// A status update, in a cluster of that many agents with 20 tasks each.
#[divan::bench(args = [100, 1_000])]
fn status_update(bencher: Bencher<'_, '_>, agents: u64) {
    let mut cluster = Cluster::new(agents);
    cluster.fill(20);
    let (framework, agent) = (cluster.framework.clone(), AgentId::new("bench-S0"));
    let task = "web.bench-S0.3";
    bencher
        .with_inputs(|| update(&framework, LinkId(0), &agent, task))
        .bench_local_values(|event| cluster.master.apply(Now::default(), event));
}

/// Launching, running and acknowledging 20 tasks on each of 50 agents. The profiler's "max alloc" over 1000 is what
/// one running task takes, agents included.
#[divan::bench(sample_count = 10)]
fn run_a_thousand_tasks(bencher: Bencher<'_, '_>) {
    bencher.with_inputs(|| Cluster::new(50)).bench_local_values(|mut cluster| {
        cluster.fill(20);
        cluster
    });
}
