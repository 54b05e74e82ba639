//! Very many subscribers to operator events, of a small cluster in which much happens.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use super::fetch::Fetch;
use super::ticker::{TICK, Ticker};
use crate::bench::report::{Aim, Figure};
use crate::bench::start::start_program;
use crate::bench::{BenchError, memory};

const BUFFER_BYTES: usize = 64 << 10;
const SLEEPER_BUFFER_BYTES: u32 = 64 << 10;
/// Time in which the last events have to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);

pub(super) struct Plan {
    /// One of them does not read.
    pub(super) watchers: usize,
    pub(super) per_second: usize,
    pub(super) seconds: u64,
}

/// What one watcher has seen.
#[derive(Debug, Default)]
struct Seen {
    /// Its first bytes: from here on it misses nothing.
    is_served: AtomicBool,
    updates: AtomicU64,
    is_over: AtomicBool,
    is_told: AtomicBool,
}

pub(super) async fn measure(
    program: &Path,
    dir: &Path,
    plan: &Plan,
) -> Result<Vec<Figure>, BenchError> {
    let (child, url) = start_program(program, "master", &dir.join("watched"), 0, &[]).await?;
    let pid = child.id().ok_or_else(|| BenchError::broken("the master has ended"))?;
    let mut ticker = Ticker::start(&url).await?;
    let host = url.trim_start_matches("http://").to_owned();
    let before = memory::resident_mib(pid)?;

    // Watchers have threads of their own, so that the ticker keeps its pace.
    let watching = Watching::start(&host, plan.watchers.saturating_sub(1))?;
    let unserved = watching.wait_until(PATIENCE, |seen| seen.is_served.load(Ordering::Relaxed));
    if unserved > 0 {
        return Err(BenchError::broken(format!("{unserved} watchers were not served")));
    }
    let mut sleeper = subscribe(&host, Some(SLEEPER_BUFFER_BYTES)).await?;
    let idle = memory::resident_mib(pid)?;

    let began = Instant::now();
    let (cpu, mut sent, mut most) = (memory::cpu_ms(pid)?, 0_u64, idle);
    let mut interval = tokio::time::interval(TICK);
    let ticks = u128::from(plan.seconds) * 1000 / TICK.as_millis();
    for tick in 0..ticks {
        interval.tick().await;
        let due = plan.per_second as u64 * (u64::try_from(tick).unwrap_or(0) + 1) * 20 / 1000;
        let count = due - sent;
        ticker.update(usize::try_from(count).unwrap_or(0)).await?;
        sent = due;
        if tick % 50 == 0 {
            most = most.max(memory::resident_mib(pid)?);
        }
    }
    let took = began.elapsed().as_secs_f64();
    let cpu = (memory::cpu_ms(pid)? - cpu) / 1000.0 / took;
    let ended = Instant::now();
    let behind = watching.wait_until(PATIENCE, |seen| seen.updates.load(Ordering::Relaxed) == sent);
    let lag = ended.elapsed();
    let (is_over, is_told) = drain(&mut sleeper).await?;

    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let rate = number(usize::try_from(sent).unwrap_or(0)) / took;
    Ok(vec![
        Figure::new(format!("updates sent to {} watchers", plan.watchers), "/s", vec![rate]),
        Figure::new("watchers that did not hear them all", "", vec![number(behind)])
            .aim(Aim::AtMost(0.0)),
        Figure::new("from the last update until all had it", "ms", vec![lag.as_secs_f64() * 1e3]),
        Figure::new("cores the master took meanwhile", "", vec![cpu]),
        Figure::new("master without watchers", "MiB", vec![before]),
        Figure::new("master with watchers", "MiB", vec![idle]),
        Figure::new("master while they watched", "MiB", vec![most]),
        Figure::new("a watcher that does not read was cut off", "", vec![number(is_over.into())])
            .aim(Aim::AtLeast(1.0)),
        Figure::new("a watcher that does not read was told so", "", vec![number(is_told.into())])
            .aim(Aim::AtLeast(1.0)),
    ])
}

struct Watching {
    seen: Vec<Arc<Seen>>,
    threads: Option<tokio::runtime::Runtime>,
}

impl Drop for Watching {
    fn drop(&mut self) {
        // It may be dropped where blocking is not allowed, and nothing it does is worth waiting for.
        if let Some(threads) = self.threads.take() {
            threads.shutdown_background();
        }
    }
}

impl Watching {
    fn start(host: &str, count: usize) -> Result<Self, BenchError> {
        let threads = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| BenchError::broken(error.to_string()))?;
        let mut all = Vec::new();
        for _ in 0..count {
            let seen = Arc::new(Seen::default());
            all.push(seen.clone());
            let host = host.to_owned();
            threads.spawn(async move {
                // One that could not subscribe is found not to be served.
                if let Ok(mut stream) = subscribe(&host, None).await {
                    watch(&mut stream, &seen).await;
                }
            });
        }
        Ok(Self { seen: all, threads: Some(threads) })
    }

    /// Waits until it is so for all; returns for how many it isn't in the end.
    fn wait_until(&self, patience: Duration, is_so: impl Fn(&Seen) -> bool) -> usize {
        let began = Instant::now();
        loop {
            let left = self.seen.iter().filter(|seen| !is_so(seen)).count();
            if left == 0 || began.elapsed() > patience {
                return left;
            }
            std::thread::sleep(PAUSE);
        }
    }
}

/// `buffer` is what the kernel keeps for a watcher that does not read; else it keeps what it thinks fit.
async fn subscribe(host: &str, buffer: Option<u32>) -> Result<TcpStream, BenchError> {
    let broken = |error: std::io::Error| BenchError::broken(format!("a watcher: {error}"));
    let address = host.parse().map_err(|_| BenchError::broken("the master has no address"))?;
    let socket = TcpSocket::new_v4().map_err(broken)?;
    if let Some(bytes) = buffer {
        socket.set_recv_buffer_size(bytes).map_err(broken)?;
    }
    let mut stream = socket.connect(address).await.map_err(broken)?;
    let request = Fetch::snapshot().request(host);
    stream.write_all(request.as_bytes()).await.map_err(broken)?;
    Ok(stream)
}

/// Counts updates until the stream ends.
async fn watch(stream: &mut TcpStream, seen: &Seen) {
    let update = memchr::memmem::Finder::new(UPDATE);
    let told = memchr::memmem::Finder::new(TOLD);
    let mut buffer = vec![0; BUFFER_BYTES];
    // The end of what was read before: too short to hold what is looked for, long enough for all but its last byte.
    let mut kept = 0;
    while let Ok(count @ 1..) = stream.read(&mut buffer[kept..]).await {
        seen.is_served.store(true, Ordering::Relaxed);
        let bytes = &buffer[..kept + count];
        let updates = update.find_iter(bytes).count();
        seen.updates.fetch_add(u64::try_from(updates).unwrap_or(0), Ordering::Relaxed);
        if told.find(bytes).is_some() {
            seen.is_told.store(true, Ordering::Relaxed);
        }
        let end = kept + count;
        kept = end.min(UPDATE.len() - 1);
        buffer.copy_within(end - kept..end, 0);
    }
    seen.is_over.store(true, Ordering::Relaxed);
}

/// What each update has once, and nothing else has.
const UPDATE: &[u8] = b"\"type\":\"TASK_UPDATED\"";
/// Part of what a watcher is told that was cut off.
const TOLD: &[u8] = b"too far behind";

/// Reads what is left for a watcher that has not read so far: whether it ends, and says why.
async fn drain(stream: &mut TcpStream) -> Result<(bool, bool), BenchError> {
    let seen = Seen::default();
    // A stream that was not cut off never ends.
    drop(tokio::time::timeout(Duration::from_secs(5), watch(stream, &seen)).await);
    Ok((seen.is_over.load(Ordering::Relaxed), seen.is_told.load(Ordering::Relaxed)))
}
