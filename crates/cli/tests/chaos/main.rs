//! Faults on real processes: masters, agents, executors and tasks on hosts of their own (network namespaces
//! with a small disk each), under a plan of kills, stops, cuts, losses, full disks and torn files, while
//! operators drain and frameworks launch.
//!
//! What is promised is checked from outside: by `/proc`, by what tasks wrote, by what operators and frameworks
//! were told. A seed makes the plan; what then happens is up to the machine. `EBB_CHAOS_SECONDS` and
//! `EBB_CHAOS_SEED` set length and seed, `EBB_CHAOS_PROGRAM` names another `ebb`, `EBB_CHAOS_REQUIRED` makes
//! it a failure when a run is not possible here. A run that fails keeps its directory: the journal of all acts
//! and every log.

#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "all of it is test code, though not every function is a #[test]"
)]

mod clock;
mod dice;
mod faults;
mod hosts;
mod job;
mod journal;
mod ledger;
mod net;
mod operator;
mod plan;
mod processes;
mod rest;
mod rules;
mod service;
mod supervision;
mod watch;
mod world;

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use dice::Dice;
use net::Net;
use plan::{Cast, Step, What};
use tokio::task::JoinSet;
use world::{Settings, World};

const DIRECTORY: &str = "ebb-chaos-";
/// Together two minutes; coming to rest takes some seconds more.
const DEFAULT_LENGTH: Duration = Duration::from_secs(55);
const ONE_MASTER: Cast = Cast { masters: 1, agents: 3, etcd: 0 };
const THREE_MASTERS: Cast = Cast { masters: 3, agents: 3, etcd: 3 };

/// Under kills, stops, partitions, slow links, full disks and torn files, no promise about drains, launches,
/// grace periods, updates and operators' calls is broken, and in the end everything comes to rest.
#[test]
fn no_promise_is_broken_while_processes_links_and_disks_fail() {
    try_faults(ONE_MASTER);
}

/// The same holds with three masters on three members of etcd: a leader that is stopped past its lease, cut from
/// etcd but not from agents, or without a majority of etcd misleads nobody.
#[test]
fn no_promise_is_broken_while_leaders_and_etcd_fail() {
    try_faults(THREE_MASTERS);
}

fn try_faults(cast: Cast) {
    // One at a time: each is a load for the machine, and judges times.
    static ALONE: Mutex<()> = Mutex::new(());
    let _alone = ALONE.lock();
    let settings = settings(cast);
    if let Err(missing) = possible(cast) {
        return skip(&missing);
    }
    clean_up();
    let names = world::names(cast);
    let net = match Net::new(&names.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok(net) => Arc::new(net),
        Err(missing) => return skip(&missing),
    };
    let dir = tempfile::Builder::new()
        .prefix(&format!("{DIRECTORY}{}-", std::process::id()))
        .tempdir()
        .unwrap();
    // A thread of its own: it enters the namespace of the operators.
    let path = dir.path().to_owned();
    let violations = std::thread::spawn(move || run(&path, &net, settings))
        .join()
        .unwrap_or_else(|_| vec!["the harness itself failed".to_owned()]);
    if !violations.is_empty() {
        let kept = dir.keep();
        panic!(
            "seed {}: {} broken; everything is kept in {}\n{}",
            settings.seed,
            violations.len(),
            kept.display(),
            violations.join("\n")
        );
    }
}

fn skip(missing: &str) {
    assert!(std::env::var_os("EBB_CHAOS_REQUIRED").is_none(), "this needs {missing}");
    println!("skipped: needs {missing}");
}

fn settings(cast: Cast) -> Settings {
    let number = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    Settings {
        length: number("EBB_CHAOS_SECONDS").map_or(DEFAULT_LENGTH, Duration::from_secs),
        seed: number("EBB_CHAOS_SEED").unwrap_or(1),
        cast,
    }
}

/// What is missing for a run, if anything.
fn possible(cast: Cast) -> Result<(), String> {
    if !rustix::process::geteuid().is_root() {
        return Err("root".to_owned());
    }
    for (program, arguments) in [
        ("ip", "netns list"),
        ("nft", "--version"),
        ("nsenter", "--version"),
        ("unshare", "--net --mount --pid --fork --mount-proc true"),
        ("unshare", "--mount mount -t tmpfs none /tmp"),
    ] {
        net::run(program, &arguments.split(' ').collect::<Vec<_>>())?;
    }
    if cast.etcd > 0 {
        net::run("etcd", &["--version"])?;
    }
    Ok(())
}

/// Removes what runs left behind that were killed.
fn clean_up() {
    net::clean_up();
    let mounts = std::fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    for path in mounts.lines().filter_map(|line| line.split(' ').nth(1)) {
        let run = path.split('/').find_map(|part| part.strip_prefix(DIRECTORY));
        let pid = run.and_then(|run| run.split('-').next()).and_then(|pid| pid.parse::<u32>().ok());
        if pid.is_some_and(|pid| !Path::new(&format!("/proc/{pid}")).exists()) {
            drop(net::run("umount", &["--lazy", path]));
        }
    }
}

/// Unmounts the disks, however a run ends.
struct Disks(Arc<World>);

impl Drop for Disks {
    fn drop(&mut self) {
        self.0.hosts.iter().for_each(hosts::Host::unmount);
    }
}

fn run(dir: &Path, net: &Arc<Net>, settings: Settings) -> Vec<String> {
    net.enter_ops();
    let world = World::new(dir, net.clone(), settings.cast);
    let disks = Disks(world.clone());
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(drive(world.clone(), settings));
    drop(runtime);
    net.end_processes();
    world.journal.say(&format!("counted: {}", world.show_counts()));
    drop(disks);
    world.journal.violations()
}

async fn drive(world: Arc<World>, settings: Settings) {
    let journal = world.journal.clone();
    let (seed, length) = (settings.seed, settings.length);
    journal.say(&format!("seed {seed}, {length:?}, journal {}", journal.path().display()));
    for host in &world.hosts {
        host.start(&mut *host.daemon.lock().await, &journal);
    }
    let mut dice = Dice::new(seed);
    let mut always = JoinSet::new();
    always.spawn(world.clone().keep_looking());
    always.spawn(supervision::supervise(world.clone()));
    let watching = tokio::spawn(watch::keep_watching(world.clone()));
    for service in &world.services {
        always.spawn(service.clone().run(dice.split()));
    }
    tokio::select! {
        () = carry_out(&world, plan::plan(seed, length, world.cast), &mut dice) => {
            if !journal.is_broken() {
                rest::come_to_rest(&world).await;
            }
            if !journal.is_broken() {
                enough(&world);
            }
        }
        _ = tokio::signal::ctrl_c() => journal.broken("interrupted", "by Ctrl-C"),
        Some(ended) = always.join_next() => {
            journal.broken("harness", &format!("a part of it ended: {ended:?}"));
        }
    }
    watching.abort();
    always.abort_all();
}

/// Does what the plan says, at its times.
async fn carry_out(world: &Arc<World>, steps: Vec<Step>, dice: &mut Dice) {
    let start = Instant::now();
    let (faults, acts) =
        steps.into_iter().partition(|step| matches!(step.what, What::Fault { .. }));
    tokio::join!(make_trouble(world, start, faults, dice), operate(world, start, acts));
}

async fn make_trouble(world: &Arc<World>, start: Instant, steps: Vec<Step>, dice: &mut Dice) {
    let mut faults = JoinSet::new();
    let mut told = Duration::ZERO;
    for step in steps {
        tokio::time::sleep(step.at.saturating_sub(start.elapsed())).await;
        if world.journal.is_broken() {
            return;
        }
        while let Some(ended) = faults.try_join_next() {
            ended.unwrap();
        }
        if start.elapsed() > told + Duration::from_secs(30) {
            told = start.elapsed();
            world.journal.say(&world.show_counts());
        }
        let What::Fault { host, fault, lasts } = step.what else { continue };
        faults.spawn(faults::happen(world.clone(), host, fault, lasts, dice.split()));
    }
    while let Some(ended) = faults.join_next().await {
        ended.unwrap();
    }
}

/// One operator: each act waits for the answer to the one before.
async fn operate(world: &World, start: Instant, steps: Vec<Step>) {
    for step in steps {
        tokio::time::sleep(step.at.saturating_sub(start.elapsed())).await;
        if world.journal.is_broken() {
            return;
        }
        let What::Operate { host, act, else_act } = step.what else { continue };
        operator::operate(world, world.name(host), act, else_act).await;
    }
}

/// A run in which nothing happened shows nothing.
fn enough(world: &World) {
    for what in ["reads", "drained", "drain Done"] {
        if world.counted(what) < 3 {
            world.journal.broken("harness", &format!("too little of: {what}"));
        }
    }
    let launched = world.tasks().len();
    world.journal.say(&format!("{launched} tasks launched"));
    if launched < 10 {
        world.journal.broken("harness", &format!("only {launched} tasks were launched"));
    }
}
