//! The listening side: one HTTP/1.1 server per process, bounded and stopped in an orderly way.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
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
        let service = router.clone().layer(axum::Extension(peer));
        let stop = stop.clone();
        connections.spawn(async move {
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIMEOUT)
                .serve_connection(TokioIo::new(stream), TowerToHyperService::new(service));
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
