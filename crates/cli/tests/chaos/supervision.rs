//! What a service manager does: a daemon that has ended is started again, unless it ended for good.

use std::sync::Arc;
use std::time::Duration;

use cli::exit::DECOMMISSIONED;
use tokio::time::sleep;

use crate::hosts::{Daemon, Host, Kind};
use crate::world::World;

const EVERY: Duration = Duration::from_millis(100);
/// How long a decommissioned agent that is started again has to notice it.
const REFUSAL: Duration = Duration::from_secs(20);

/// Ends with the run.
pub(crate) async fn supervise(world: Arc<World>) {
    let mut rounds = 0_u64;
    loop {
        for host in &world.hosts {
            let daemon = &mut *host.daemon.lock().await;
            look_after(&world, host, daemon, rounds.is_multiple_of(10)).await;
        }
        rounds += 1;
        sleep(EVERY).await;
    }
}

async fn look_after(world: &World, host: &Host, daemon: &mut Daemon, is_time_to_retry: bool) {
    if host.news(daemon).contains("panicked") {
        world.journal.broken("no-panic", &format!("see {}", host.log().display()));
    }
    if let Some(status) = daemon.ended() {
        world.journal.note(&format!("{} ended by itself: {status}", host.name));
        let code = status.code();
        if code == Some(i32::from(DECOMMISSIONED)) && host.kind == Kind::Agent {
            return decommissioned(world, host, daemon).await;
        }
        if host.kind == Kind::Etcd {
            world.count("ends of etcd");
        } else if code == Some(1) && daemon.met_full_disk {
            world.count("ends on a full disk");
        } else {
            let what =
                format!("{} ended by itself: {status}; see {}", host.name, host.log().display());
            world.journal.broken("no-unasked-end", &what);
        }
    }
    if !daemon.is_running() && !daemon.is_down && is_time_to_retry {
        host.start(daemon, &world.journal);
    }
}

/// A decommissioned agent ends when nothing is left, stays out, and its host may come back with a new disk.
async fn decommissioned(world: &World, host: &Host, daemon: &mut Daemon) {
    world.count("decommissioned");
    let left: Vec<String> = world
        .processes()
        .iter()
        .filter(|process| process.host == host.name && !process.is_daemon())
        .map(crate::processes::Process::show)
        .collect();
    if !left.is_empty() {
        let what = format!("{} ended decommissioned, and there run {left:?}", host.name);
        world.journal.broken("gone-means-empty", &what);
    }
    // It knows by itself that it is out.
    host.start(daemon, &world.journal);
    let deadline = tokio::time::Instant::now() + REFUSAL;
    loop {
        if let Some(status) = daemon.ended() {
            if status.code() != Some(i32::from(DECOMMISSIONED)) && !daemon.met_full_disk {
                let what = format!("{} was decommissioned, and ended with {status}", host.name);
                world.journal.broken("gone-stays-gone", &what);
            }
            break;
        }
        if tokio::time::Instant::now() > deadline {
            let what = format!("{} was decommissioned, and runs again", host.name);
            world.journal.broken("gone-stays-gone", &what);
            break;
        }
        sleep(Duration::from_millis(50)).await;
    }
    daemon.kill();
    host.wipe(daemon);
    host.start(daemon, &world.journal);
}
