//! Very many subscribers to operator events, of a small cluster in which much happens.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::fetch::Fetch;
use super::ticker::{TICK, Ticker};
use crate::bench::report::{Aim, Figure};
use crate::bench::start::start_program;
use crate::bench::{BenchError, memory};

const BUFFER_BYTES: usize = 64 << 10;
/// Time in which the last events have to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);

pub(super) struct Plan {
    pub(super) watchers: usize,
    pub(super) per_second: usize,
    pub(super) seconds: u64,
}

/// What one watcher has seen.
#[derive(Debug, Default)]
struct Seen {
    events: AtomicU64,
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
    let watching = Watching::start(&host, plan.watchers)?;
    watching.wait_for(2, PATIENCE)?;
    let mut sleeper = subscribe(&host).await?;
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
    // The snapshot, a heartbeat and every update.
    let behind = watching.wait_for(2 + sent, PATIENCE)?;
    let lag = ended.elapsed();
    let (is_over, is_told) = drain(&mut sleeper).await?;

    let number = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    let rate = number(usize::try_from(sent).unwrap_or(0)) / took;
    Ok(vec![
        Figure::new(format!("updates that {} watchers heard", plan.watchers), "/s", vec![rate]),
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
        let failed = Arc::new(AtomicUsize::new(0));
        let mut all = Vec::new();
        for _ in 0..count {
            let seen = Arc::new(Seen::default());
            all.push(seen.clone());
            let (host, failed) = (host.to_owned(), failed.clone());
            threads.spawn(async move {
                match subscribe(&host).await {
                    Ok(mut stream) => watch(&mut stream, &seen).await,
                    Err(_) => {
                        failed.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        Ok(Self { seen: all, threads: Some(threads) })
    }

    /// Waits until all have so many events; returns how many don't in the end.
    fn wait_for(&self, events: u64, patience: Duration) -> Result<usize, BenchError> {
        let began = Instant::now();
        loop {
            let seen = self.seen.iter();
            let behind = seen.filter(|it| it.events.load(Ordering::Relaxed) < events).count();
            if behind == 0 || began.elapsed() > patience {
                return Ok(behind);
            }
            std::thread::sleep(PAUSE);
        }
    }
}

async fn subscribe(host: &str) -> Result<TcpStream, BenchError> {
    let broken = |error: std::io::Error| BenchError::broken(format!("a watcher: {error}"));
    let mut stream = TcpStream::connect(host).await.map_err(broken)?;
    let request = Fetch::snapshot().request(host);
    stream.write_all(request.as_bytes()).await.map_err(broken)?;
    Ok(stream)
}

/// Counts events until the stream ends. In JSON a record's length is the only line that ends without `\r`.
async fn watch(stream: &mut TcpStream, seen: &Seen) {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut last = 0;
    while let Ok(count) = stream.read(&mut buffer).await {
        let bytes = &buffer[..count];
        let Some(end) = bytes.last() else { break };
        let mut events = u64::from(bytes[0] == b'\n' && last != b'\r');
        for pair in bytes.windows(2) {
            events += u64::from(pair[1] == b'\n' && pair[0] != b'\r');
        }
        last = *end;
        seen.events.fetch_add(events, Ordering::Relaxed);
        if bytes.windows(TOLD.len()).any(|window| window == TOLD) {
            seen.is_told.store(true, Ordering::Relaxed);
        }
    }
    seen.is_over.store(true, Ordering::Relaxed);
}

/// Part of what a watcher is told that was cut off.
const TOLD: &[u8] = b"too far behind";

/// Reads what is left for a watcher that has not read so far: whether it ends, and says why.
async fn drain(stream: &mut TcpStream) -> Result<(bool, bool), BenchError> {
    let seen = Seen::default();
    // A stream that was not cut off never ends.
    drop(tokio::time::timeout(Duration::from_secs(5), watch(stream, &seen)).await);
    Ok((seen.is_over.load(Ordering::Relaxed), seen.is_told.load(Ordering::Relaxed)))
}
