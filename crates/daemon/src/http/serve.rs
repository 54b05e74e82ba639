//! The listening side: one HTTP/1.1 server per process, bounded and stopped in an orderly way.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use rustix::net::sockopt;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::leftover::Leftover;

/// After so long without a byte the other host is asked whether it is still there, so often, and given up when it has
/// not answered so many times: two minutes.
const KEEPALIVE: (Duration, Duration, u32) = (Duration::from_mins(1), Duration::from_secs(15), 4);
/// Time open connections get to finish at a stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(2);

#[expect(clippy::wildcard_enum_match_arm, reason = "the kinds that operators meet have texts")]
/// Binds `address`, saying what is wrong in words an operator can act on.
pub async fn bind(address: SocketAddr) -> Result<TcpListener, String> {
    TcpListener::bind(address).await.map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => format!(
            "port {} on {} is in use by another process; stop it or choose another with --port",
            address.port(),
            address.ip()
        ),
        std::io::ErrorKind::AddrNotAvailable => {
            format!("{} is not an address of this machine; choose another with --ip", address.ip())
        }
        std::io::ErrorKind::PermissionDenied => {
            format!(
                "no permission to listen on port {}; ports below 1024 need root",
                address.port()
            )
        }
        _ => format!("cannot listen on {address}: {error}"),
    })
}

/// Serves until `stop` is cancelled, then lets open calls finish for a bounded time.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) {
    let connections = TaskTracker::new();
    loop {
        let (stream, peer) = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    // Out of file descriptors and the like: give the others time to end.
                    tracing::warn!(%error, "cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
            },
        };
        if let Err(error) = prepare(&stream) {
            tracing::debug!(%error, "cannot set the options of a connection");
        }
        let router = TowerToHyperService::new(router.clone());
        // Told to each request: a layer of the router would copy all its routes for each connection.
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            router.call(request.map(Leftover::from))
        });
        let stop = stop.clone();
        connections.spawn(async move {
            // Mesos: a connection may wait for its next request, or its first, for as long as its client likes.
            // libmesos takes the end of an idle one for the loss of the master or agent, and subscribes anew.
            let connection = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service);
            tokio::pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = stop.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%peer, %error, "connection ended");
            }
        });
    }
    connections.close();
    // Event streams end with the process; only short calls are worth waiting for.
    drop(tokio::time::timeout(DRAIN_TIMEOUT, connections.wait()).await);
}

/// Answers leave at once, and a host that is gone without a word is noticed.
fn prepare(stream: &TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let (idle, interval, count) = KEEPALIVE;
    sockopt::set_tcp_keepidle(stream, idle)?;
    sockopt::set_tcp_keepintvl(stream, interval)?;
    sockopt::set_tcp_keepcnt(stream, count)?;
    Ok(sockopt::set_socket_keepalive(stream, true)?)
}

#[cfg(test)]
mod tests {
    use std::future::ready;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use axum::routing::get;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    /// What a route holds; counts how often it is copied.
    struct Copied(Arc<AtomicUsize>);

    impl Clone for Copied {
        fn clone(&self) -> Self {
            self.0.fetch_add(1, Ordering::SeqCst);
            Self(self.0.clone())
        }
    }

    struct Served {
        address: SocketAddr,
        stop: CancellationToken,
        serving: tokio::task::JoinHandle<()>,
    }

    impl Served {
        async fn begin(router: Router) -> Self {
            let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
            let address = listener.local_addr().unwrap();
            let stop = CancellationToken::new();
            let serving = tokio::spawn(serve(listener, router, stop.clone()));
            Self { address, stop, serving }
        }

        async fn connect(&self) -> TcpStream {
            TcpStream::connect(self.address).await.unwrap()
        }

        async fn end(self) {
            self.stop.cancel();
            self.serving.await.unwrap();
        }
    }

    /// A connection costs what it is asked for: the routes that nobody asks for are not copied. A master has
    /// hundreds of routes and tens of thousands of connections.
    #[tokio::test]
    async fn connections_share_the_routes() {
        let copies = Arc::new(AtomicUsize::new(0));
        let held = Copied(copies.clone());
        let other = move || {
            std::hint::black_box(&held);
            ready("no")
        };
        let router =
            Router::new().route("/asked", get(|| ready("yes"))).route("/other", get(other));
        let served = Served::begin(router).await;
        let before = copies.load(Ordering::SeqCst);
        for _ in 0..10 {
            let mut connection = served.connect().await;
            let request = "GET /asked HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
            connection.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            connection.read_to_string(&mut answer).await.unwrap();
            assert!(answer.ends_with("yes"), "{answer}");
        }
        assert_eq!(copies.load(Ordering::SeqCst), before);
        served.end().await;
    }

    /// A connection that is kept for later calls is there when they come, whether it had one before or not.
    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_stays_open() {
        let router = Router::new().route("/asked", get(|| ready("yes")));
        let served = Served::begin(router).await;
        let mut connection = served.connect().await;
        for _ in 0..2 {
            tokio::time::advance(Duration::from_hours(24)).await;
            connection.write_all(b"GET /asked HTTP/1.1\r\nHost: here\r\n\r\n").await.unwrap();
            let mut answer = Vec::new();
            while !answer.ends_with(b"yes") {
                let read = connection.read_buf(&mut answer).await.unwrap();
                assert_ne!(read, 0, "closed: {}", String::from_utf8_lossy(&answer));
            }
        }
        drop(connection);
        served.end().await;
    }

    /// Who is answered before it has sent all of its body sends the rest, and its next call on the same connection.
    #[tokio::test]
    async fn a_refusal_does_not_cost_the_connection() {
        let router = Router::new().route("/asked", get(|| ready("yes")));
        let served = Served::begin(router).await;
        let mut connection = served.connect().await;
        let head = "POST /nowhere HTTP/1.1\r\nHost: here\r\nContent-Length: 20000\r\n\r\n";
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            assert_ne!(connection.read_buf(&mut answer).await.unwrap(), 0);
        }
        assert!(answer.starts_with(b"HTTP/1.1 404"), "{}", String::from_utf8_lossy(&answer));

        connection.write_all(&vec![b'x'; 20_000]).await.unwrap();
        connection.write_all(b"GET /asked HTTP/1.1\r\nHost: here\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"yes") {
            assert_ne!(connection.read_buf(&mut answer).await.unwrap(), 0);
        }
        drop(connection);
        served.end().await;
    }
}
