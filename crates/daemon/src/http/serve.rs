//! The listening side: one HTTP/1.1 server per process, bounded and stopped in an orderly way.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Time a client has to send its request's head.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);
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
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "cannot set TCP_NODELAY");
        }
        let router = TowerToHyperService::new(router.clone());
        // Told to each request: a layer of the router would copy all its routes for each connection.
        let service = service_fn(move |mut request: Request<Incoming>| {
            request.extensions_mut().insert(peer);
            router.call(request)
        });
        let stop = stop.clone();
        connections.spawn(async move {
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIMEOUT)
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
        let listener = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let address = listener.local_addr().unwrap();
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(listener, router, stop.clone()));
        let before = copies.load(Ordering::SeqCst);
        for _ in 0..10 {
            let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
            let request = "GET /asked HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n";
            connection.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            connection.read_to_string(&mut answer).await.unwrap();
            assert!(answer.ends_with("yes"), "{answer}");
        }
        assert_eq!(copies.load(Ordering::SeqCst), before);
        stop.cancel();
        serving.await.unwrap();
    }
}
