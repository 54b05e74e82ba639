//! Numbers in the text form that Prometheus reads, version 0.0.4.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{MatchedPath, State};
use axum::http::{HeaderMap, Request, Response};
use axum::middleware::Next;
pub use prometheus::Histogram;
use prometheus::core::Collector;
use prometheus::proto::MetricFamily;
use prometheus::{
    Counter, CounterVec, Gauge, GaugeVec, HistogramOpts, HistogramVec, Opts, TextEncoder,
};

use crate::clock::Clock;
use crate::http::{ApiError, answer};

const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;
/// From half a millisecond to ten seconds.
const SECONDS: [f64; 14] =
    [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
const RIGHT: &str = "names and labels are constants, and each is tried by a test";
/// Ticks of the clock by which Linux counts a process' time; the same on every machine it runs on.
const TICKS_PER_SECOND: f64 = 100.0;

/// A histogram of seconds.
pub fn histogram(name: &str, help: &str) -> Histogram {
    let options = HistogramOpts::new(name, help).buckets(SECONDS.to_vec());
    Histogram::with_opts(options).expect(RIGHT)
}

/// A histogram of seconds in `buckets` for each value of the labels.
pub fn histograms(name: &str, help: &str, labels: &[&str], buckets: &[f64]) -> HistogramVec {
    let options = HistogramOpts::new(name, help).buckets(buckets.to_vec());
    HistogramVec::new(options, labels).expect(RIGHT)
}

/// The call that an answer answers, put into its extensions.
#[derive(Clone, Copy, Debug)]
pub struct Called {
    api: &'static str,
    pub name: &'static str,
}

impl Called {
    /// A call whose type is not known yet.
    pub fn unread(api: &'static str) -> Self {
        Self { api, name: "UNREADABLE" }
    }

    /// The answer to this call, marked with it.
    pub fn answer(self, answered: Result<Response<Body>, ApiError>) -> Response<Body> {
        let mut response = answered.unwrap_or_else(ApiError::into_response);
        response.extensions_mut().insert(self);
        response
    }
}

/// How long answers take, from the whole head of the request to the head of the answer.
#[derive(Clone, Debug)]
pub struct Timings(Arc<HistogramVec>);

impl Default for Timings {
    fn default() -> Self {
        Self(Arc::new(histograms(
            "ebb_http_request_duration_seconds",
            "Time from a request to the head of its answer, by call; of other paths by their pattern.",
            &["api", "call"],
            &SECONDS,
        )))
    }
}

impl Timings {
    /// How many calls of this type have been answered, refused ones included.
    pub fn answered(&self, api: &str, call: &str) -> u64 {
        self.0.with_label_values(&[api, call]).get_sample_count()
    }
}

/// Measures what comes after it.
pub async fn time(
    State(timings): State<Timings>,
    request: Request<Body>,
    next: Next,
) -> Response<Body> {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let begun = Clock::start().now().at;
    let response = next.run(request).await;
    let took = Clock::start().now().at.since(begun);
    let labels = match (response.extensions().get::<Called>(), &path) {
        (Some(called), _) => [called.api, called.name],
        (None, Some(path)) => ["http", path.as_str()],
        (None, None) => ["http", "none"],
    };
    timings.0.with_label_values(&labels).observe(took.as_secs_f64());
    response
}

/// Everything that one answer has.
#[derive(Debug, Default)]
pub struct Page(Vec<MetricFamily>);

impl Page {
    /// With the numbers that every process has.
    pub fn of_process(timings: &Timings) -> Self {
        let mut page = Self::default();
        page.collect(&*timings.0);
        let version = GaugeVec::new(
            Opts::new("ebb_build_info", "1, with the version of this program."),
            &["version"],
        );
        let version = version.expect(RIGHT);
        version.with_label_values(&[crate::version::EBB_VERSION]).set(1.0);
        page.collect(&version);
        if let Some(usage) = Usage::read() {
            page.counter(
                "process_cpu_seconds_total",
                "User and system time of this process.",
                usage.cpu.as_secs_f64(),
            );
            page.gauge(
                "process_resident_memory_bytes",
                "Memory of this process that is in use.",
                usage.resident_bytes,
            );
            page.gauge("process_threads", "Threads of this process.", usage.threads);
        }
        if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
            page.gauge("process_open_fds", "Open files of this process.", count(open.count()));
        }
        page
    }

    pub fn collect(&mut self, collector: &impl Collector) {
        // What has no values is left out.
        let families = collector.collect().into_iter();
        self.0.extend(families.filter(|family| !family.get_metric().is_empty()));
    }

    pub fn gauge(&mut self, name: &str, help: &str, value: f64) {
        let gauge = Gauge::new(name, help).expect(RIGHT);
        gauge.set(value);
        self.collect(&gauge);
    }

    pub fn counter(&mut self, name: &str, help: &str, value: f64) {
        let counter = Counter::new(name, help).expect(RIGHT);
        counter.inc_by(value);
        self.collect(&counter);
    }

    /// One gauge for each value of a label.
    pub fn gauges<'a>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) {
        let gauges = GaugeVec::new(Opts::new(name, help), &[label]).expect(RIGHT);
        for (value, number) in values {
            gauges.with_label_values(&[value]).set(number);
        }
        self.collect(&gauges);
    }

    /// One counter for each value of a label.
    pub fn counters<'a>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) {
        let counters = CounterVec::new(Opts::new(name, help), &[label]).expect(RIGHT);
        for (value, number) in values {
            counters.with_label_values(&[value]).inc_by(number);
        }
        self.collect(&counters);
    }

    /// 200 with all of it, by name.
    pub fn answer(mut self, headers: &HeaderMap) -> Response<Body> {
        self.0.sort_by(|a, b| a.name().cmp(b.name()));
        let text = TextEncoder::new().encode_to_string(&self.0);
        // It refuses families without values, and there are none.
        answer::bytes(headers, CONTENT_TYPE, text.expect(RIGHT).into_bytes())
    }
}

/// A count as a number of the page.
#[expect(clippy::cast_precision_loss, reason = "the page has doubles; counts stay far below 2^53")]
pub fn count(count: usize) -> f64 {
    count as f64
}

/// What this process uses.
#[derive(Debug)]
struct Usage {
    cpu: Duration,
    resident_bytes: f64,
    threads: f64,
}

impl Usage {
    /// From `/proc`; `None` where it is not there.
    fn read() -> Option<Self> {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        // The name of the program may have anything in it, but ends with the last bracket.
        let (_, fields) = stat.rsplit_once(") ")?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u32>().ok().map(f64::from);
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
        let kibibytes: usize = resident.trim().strip_suffix("kB")?.trim().parse().ok()?;
        let ticks = number(11)? + number(12)?;
        Some(Self {
            cpu: Duration::from_secs_f64(ticks / TICKS_PER_SECOND),
            resident_bytes: count(kibibytes * 1024),
            threads: number(17)?,
        })
    }
}
