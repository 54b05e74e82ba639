//! A server that plays a master as far as agents see one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::routing::{get, post};
use bytes::Bytes;
use daemon::http::answer;
use daemon::http::stream::{self, Sender};
use tokio::time::Instant;
use wire::link::event::Type;
use wire::link::{Batch, Event, Hello, Registered};
use wire::media::{self, MediaType};

/// Longest wait for anything that must happen: a new leader is to have its agents back by then.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// How it answers a greeting.
#[derive(Clone, Debug)]
pub(crate) enum Role {
    Leads,
    KnowsNoLeader,
    /// 307 with this `Location`.
    Redirects(String),
}

#[derive(Debug)]
struct Shared {
    role: Mutex<Role>,
    seen: Mutex<Seen>,
    ping_timeout: Mutex<Duration>,
    /// What `/redirect` is answered with.
    leader: Mutex<Option<String>>,
    links: Mutex<Vec<Sender<Event>>>,
    open: Arc<AtomicU64>,
}

/// What came so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    pub(crate) greetings: usize,
    pub(crate) batches: usize,
    /// How often it was asked who leads.
    pub(crate) questions: usize,
    /// Of the last greeting.
    pub(crate) authorization: Option<String>,
}

pub(crate) struct Master {
    pub(crate) url: String,
    shared: Arc<Shared>,
}

impl Master {
    pub(crate) async fn start(role: Role) -> Self {
        let shared = Arc::new(Shared {
            role: Mutex::new(role),
            seen: Mutex::default(),
            ping_timeout: Mutex::new(Duration::from_mins(1)),
            leader: Mutex::default(),
            links: Mutex::default(),
            open: Arc::default(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = Router::new()
            .route("/ebb/v1/link", post(greeting))
            .route("/ebb/v1/link/calls", post(batch))
            .route("/redirect", get(who_leads))
            .with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url: format!("http://{address}"), shared }
    }

    /// As `Location` headers have it.
    pub(crate) fn location(&self) -> String {
        format!("//{}/ebb/v1/link", self.address())
    }

    pub(crate) fn set(&self, role: Role) {
        *self.shared.role.lock().unwrap() = role;
    }

    pub(crate) fn set_ping_timeout(&self, timeout: Duration) {
        *self.shared.ping_timeout.lock().unwrap() = timeout;
    }

    /// Who leads, as this one says: `host:port`.
    pub(crate) fn names(&self, leader: &str) {
        *self.shared.leader.lock().unwrap() = Some(format!("//{leader}"));
    }

    pub(crate) fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    pub(crate) fn seen(&self) -> Seen {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Links whose connection is there.
    pub(crate) fn open_links(&self) -> u64 {
        self.shared.open.load(Ordering::SeqCst)
    }

    /// Loses the leadership: every link ends.
    pub(crate) fn close_links(&self) {
        self.shared.links.lock().unwrap().clear();
    }

    /// Pings over every link, which agents answer in a batch.
    pub(crate) fn ping(&self) {
        for link in self.shared.links.lock().unwrap().iter() {
            let ping = Event { r#type: Some(Type::Ping.into()), ..Event::default() };
            link.send(Arc::new(ping)).unwrap();
        }
    }
}

/// Waits for a condition, with a bound.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !holds() {
        assert!(Instant::now() < deadline, "{what}: not within {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn greeting(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    {
        let mut seen = shared.seen.lock().unwrap();
        seen.greetings += 1;
        seen.authorization = authorization.map(str::to_owned);
    }
    let role = shared.role.lock().unwrap().clone();
    let location = match role {
        Role::Leads => {
            let hello: Hello = media::decode(MediaType::Protobuf, &body).unwrap();
            return register(&shared, hello);
        }
        Role::KnowsNoLeader => return answer::empty(StatusCode::SERVICE_UNAVAILABLE),
        Role::Redirects(location) => location,
    };
    redirect(location)
}

fn redirect(location: String) -> Response<Body> {
    Response::builder()
        .status(StatusCode::TEMPORARY_REDIRECT)
        .header(header::LOCATION, location)
        .body(Body::empty())
        .unwrap()
}

async fn who_leads(State(shared): State<Arc<Shared>>) -> Response<Body> {
    shared.seen.lock().unwrap().questions += 1;
    match shared.leader.lock().unwrap().clone() {
        Some(leader) => redirect(leader),
        None => answer::empty(StatusCode::SERVICE_UNAVAILABLE),
    }
}

fn register(shared: &Shared, hello: Hello) -> Response<Body> {
    let own = hello.agent_info.and_then(|info| info.id);
    let id = own.unwrap_or_else(|| wire::v1::AgentId { value: "m-S0".to_owned() });
    let timeout = shared.ping_timeout.lock().unwrap().as_secs_f64();
    let registered = Registered {
        agent_id: Some(id),
        link_id: Some(7),
        total_ping_timeout_seconds: Some(timeout),
        ..Registered::default()
    };
    let (sender, receiver) = stream::channel();
    let event = Event {
        r#type: Some(Type::Registered.into()),
        registered: Some(registered),
        ..Event::default()
    };
    sender.send(Arc::new(event)).unwrap();
    shared.links.lock().unwrap().push(sender);
    shared.open.fetch_add(1, Ordering::SeqCst);
    let open = shared.open.clone();
    let on_close = Box::new(move || {
        open.fetch_sub(1, Ordering::SeqCst);
    });
    stream::response(MediaType::Protobuf, receiver, None, on_close)
}

async fn batch(State(shared): State<Arc<Shared>>, body: Bytes) -> Response<Body> {
    let batch: Batch = media::decode(MediaType::Protobuf, &body).unwrap();
    assert_eq!(batch.link_id, Some(7));
    shared.seen.lock().unwrap().batches += 1;
    answer::empty(StatusCode::ACCEPTED)
}
