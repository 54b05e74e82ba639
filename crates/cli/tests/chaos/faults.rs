//! Carries out the faults of a plan.
//!
//! A disk keeps what was synced, so nothing here destroys synced bytes under a daemon that then has to go on:
//! a torn write is whole pages of garbage beyond the end of the store, which grows by pages, after a kill. What a daemon does when synced bytes are
//! lost is tried on a copy, in a place of its own: it may find everything in order or say what is wrong
//! and with which file; it may not panic.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Signal;
use tokio::time::sleep;

use crate::dice::Dice;
use crate::hosts::{Host, Kind};
use crate::net::LAB;
use crate::plan::{Fault, Tear, Way};
use crate::processes;
use crate::world::World;

/// What the store grows by.
const PAGE: usize = 4096;
/// How long a daemon runs on a torn copy.
const TRIAL: Duration = Duration::from_secs(2);

/// Does it, waits for its time to pass, undoes it.
pub(crate) async fn happen(
    world: Arc<World>,
    host: usize,
    fault: Fault,
    lasts: Duration,
    mut dice: Dice,
) {
    let host = &world.hosts[host];
    // Links are no concern of an agent's own deadlines.
    let kills_tasks = matches!(fault, Fault::LosePower | Fault::KillExecutor);
    let disturbance = (!fault.is_of_the_link()).then(|| world.disturb(&host.name, kills_tasks));
    world.journal.note(&format!("fault: {} {fault:?} for {lasts:?}", host.name));
    world.count(name(fault));
    match fault {
        Fault::Kill => {
            host.daemon.lock().await.kill();
            sleep(lasts).await;
            start(&world, host).await;
        }
        Fault::LosePower => {
            host.lose_power(&mut *host.daemon.lock().await);
            sleep(lasts).await;
            start(&world, host).await;
        }
        Fault::Stop => {
            host.daemon.lock().await.signal(Signal::STOP);
            sleep(lasts).await;
            host.daemon.lock().await.signal(Signal::CONT);
        }
        Fault::StopWith { peer } => {
            let peer = &world.hosts[peer];
            for host in [host, peer] {
                host.daemon.lock().await.signal(Signal::STOP);
            }
            sleep(lasts).await;
            for host in [host, peer] {
                host.daemon.lock().await.signal(Signal::CONT);
            }
        }
        Fault::FillDisk => {
            host.fill_disk(&mut *host.daemon.lock().await);
            sleep(lasts).await;
            host.make_room(&mut *host.daemon.lock().await);
        }
        Fault::Tear(tear) => tear_file(&world, host, tear, &mut dice).await,
        Fault::KillExecutor => kill_executor(&world, host, &mut dice),
        Fault::Cut { peer, way } => {
            let peer = world.name(peer);
            let set = |is_cut| {
                if way != Way::From {
                    world.net.cut(peer, &host.name, is_cut);
                }
                if way != Way::To {
                    world.net.cut(&host.name, peer, is_cut);
                }
            };
            world.journal.note(&format!("cut: {} and {peer}, {way:?}", host.name));
            set(true);
            sleep(lasts).await;
            set(false);
        }
        Fault::Slow { kbit } => match world.net.slow(&host.name, Some(kbit)) {
            Ok(()) => {
                sleep(lasts).await;
                drop(world.net.slow(&host.name, None));
            }
            Err(error) => world.journal.note(&format!("no queue can be had here: {error}")),
        },
        Fault::Lose { percent } => {
            world.net.lose(&host.name, percent);
            sleep(lasts).await;
            world.net.lose(&host.name, 0);
        }
    }
    if let Some(disturbance) = disturbance {
        world.undisturb(&host.name, disturbance);
    }
    world.journal.note(&format!("fault: {} {fault:?} is over", host.name));
}

async fn start(world: &World, host: &Host) {
    host.start(&mut *host.daemon.lock().await, &world.journal);
}

fn name(fault: Fault) -> &'static str {
    match fault {
        Fault::Kill => "kills",
        Fault::Stop => "stops",
        Fault::StopWith { .. } => "stops of a majority",
        Fault::LosePower => "power losses",
        Fault::FillDisk => "full disks",
        Fault::Tear(_) => "torn files",
        Fault::KillExecutor => "killed executors",
        Fault::Cut { way: Way::Both, .. } => "cuts both ways",
        Fault::Cut { .. } => "cuts one way",
        Fault::Slow { .. } => "slow links",
        Fault::Lose { .. } => "lossy links",
    }
}

fn kill_executor(world: &World, host: &Host, dice: &mut Dice) {
    let found = world.processes();
    let executors: Vec<_> =
        found.iter().filter(|process| process.host == host.name && process.is_executor()).collect();
    if !executors.is_empty() {
        let executor = dice.pick(&executors);
        world.journal.note(&format!("kills executor {}", executor.show()));
        processes::kill(executor.pid);
    }
}

/// The file with all that a daemon must not forget.
fn store(host: &Host) -> PathBuf {
    host.work_dir().join(match host.kind {
        Kind::Master => "registry.redb",
        Kind::Agent => "meta/agent.redb",
        Kind::Etcd => "member/snap/db",
    })
}

async fn tear_file(world: &World, host: &Host, tear: Tear, dice: &mut Dice) {
    let daemon = &mut *host.daemon.lock().await;
    daemon.kill();
    match tear {
        Tear::Beyond { pages } => {
            let length = pages * PAGE;
            let garbage: Vec<u8> =
                (0..length).map(|_| u8::try_from(dice.below(256)).unwrap()).collect();
            let file = std::fs::OpenOptions::new().append(true).open(store(host));
            // Without a store, or without room, there was nothing to write.
            if let Ok(mut file) = file {
                drop(file.write_all(&garbage));
            }
        }
        Tear::Store(bytes) => try_torn_copy(world, host, bytes).await,
        Tear::Output(bytes) => {
            let outputs = outputs(&host.work_dir());
            if !outputs.is_empty() {
                let path = dice.pick(&outputs);
                world.journal.note(&format!("tears {bytes} bytes off {}", path.display()));
                cut_off(path, bytes);
            }
        }
    }
    host.start(daemon, &world.journal);
}

fn cut_off(path: &Path, bytes: u64) {
    let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
    let length = file.metadata().unwrap().len();
    file.set_len(length.saturating_sub(bytes)).unwrap();
}

async fn try_torn_copy(world: &World, host: &Host, bytes: u64) {
    let store = store(host);
    let lab = world.dir.join(LAB).join(&host.name);
    let copy = lab.join(store.strip_prefix(host.work_dir()).unwrap());
    drop(std::fs::remove_dir_all(&lab));
    std::fs::create_dir_all(copy.parent().unwrap()).unwrap();
    if std::fs::copy(&store, &copy).is_err() {
        return;
    }
    cut_off(&copy, bytes);
    let (code, said) = host.try_on(&world.net, &lab, TRIAL).await;
    let file = copy.file_name().unwrap().to_str().unwrap();
    let is_clear = match code {
        // It found all that it needs.
        None => true,
        Some(code) => code == 1 && said.contains(file),
    };
    world.count(if code.is_none() { "torn stores opened" } else { "torn stores refused" });
    if !is_clear || said.contains("panicked") {
        let what =
            format!("{} on a store without its last {bytes} bytes: {code:?}, {said}", host.name);
        world.journal.broken("torn-store-is-refused", &what);
    }
}

/// Files with what tasks printed.
fn outputs(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_symlink() {
            continue;
        }
        if path.is_dir() {
            found.extend(outputs(&path));
        } else if path.file_name().is_some_and(|name| name == "stdout") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// Ends every fault that lasts.
pub(crate) async fn heal(world: &World) {
    world.net.heal();
    for host in &world.hosts {
        let daemon = &mut *host.daemon.lock().await;
        host.make_room(daemon);
        daemon.signal(Signal::CONT);
        host.start(daemon, &world.journal);
    }
}
