//! Passing a call on to another server: both bodies stream, and nothing is gathered.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{self, HeaderName};
use axum::http::uri::{Authority, PathAndQuery, Scheme};
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, Uri, Version};
use http_body_util::BodyExt as _;
use hyper::body::Body as _;
use hyper_util::client::legacy::Client as Pool;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use tokio::sync::Semaphore;

use super::ApiError;
use crate::causes::chain;

/// Calls passed on at the same time; sessions and logs that are followed among them.
const MAX_CALLS: usize = 2048;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Shorter than servers of ours leave an idle connection open.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
const IDLE_PER_HOST: usize = 8;
/// After so long without a byte the other host is asked whether it is still there.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// Concern one connection, not the call: RFC 9110, section 7.6.1.
const HOP_BY_HOP: [HeaderName; 7] = [
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// Passes calls on. Clones share connections and the bound.
#[derive(Clone, Debug)]
pub struct Proxy {
    pool: Pool<HttpConnector, Body>,
    room: Arc<Semaphore>,
    /// Names this process in `Via`, so that a call that comes back is known.
    own: Arc<str>,
}

/// Where a call goes.
#[derive(Debug)]
pub struct Onward<'a> {
    /// `host:port`.
    pub authority: &'a str,
    /// Path and query there, beginning with `/`.
    pub path: &'a str,
    /// Where callers see the root of that server here, without a slash behind; redirects are rewritten to it.
    pub mount: &'a str,
    /// What that server is, for errors.
    pub what: &'a str,
    pub credentials: Carried,
}

/// What the other server learns of who called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carried {
    /// What the caller has shown.
    Own,
    Nothing,
    /// This instead of what the caller has shown.
    Instead(HeaderValue),
}

impl Proxy {
    pub fn new() -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        connector.set_connect_timeout(Some(CONNECT_TIMEOUT));
        connector.set_keepalive(Some(KEEPALIVE));
        let pool = Pool::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE_TIMEOUT)
            .pool_timer(TokioTimer::new())
            .pool_max_idle_per_host(IDLE_PER_HOST)
            .build(connector);
        let own = format!("ebb-{}", crate::random::uuid()).into();
        Self { pool, room: Arc::new(Semaphore::new(MAX_CALLS)), own }
    }

    /// Passes the call on and returns the head of the answer with its body to come. When the caller goes away,
    /// so does the call.
    ///
    /// # Errors
    /// The server can't be reached or breaks off before it answers (502), too much is passed on already (503),
    /// or the call came through here before (508).
    pub async fn pass(
        &self,
        request: Request<Body>,
        onward: &Onward<'_>,
    ) -> Result<Response<Body>, ApiError> {
        if self.has_passed(request.headers()) {
            return Err(ApiError::new(
                StatusCode::LOOP_DETECTED,
                format!("{} is, in the end, this server itself", onward.what),
            ));
        }
        let Ok(room) = self.room.clone().try_acquire_owned() else {
            return Err(ApiError::new(
                StatusCode::SERVICE_UNAVAILABLE,
                format!("{MAX_CALLS} calls are being passed on already; try again later"),
            ));
        };
        let request = self.onward(request, onward)?;
        // Boxed: the pool's future is large, and every caller's would be with it.
        let answered = Box::pin(self.pool.request(request)).await;
        let response = answered.map_err(|error| {
            let did = if error.is_connect() { "cannot be reached" } else { "broke the call off" };
            ApiError::new(
                StatusCode::BAD_GATEWAY,
                format!("502 Bad Gateway: {} {did}: {}", onward.what, chain(&error)),
            )
        })?;
        let (mut head, body) = response.into_parts();
        strip(&mut head.headers);
        head.version = Version::HTTP_11;
        if let Some(location) = head.headers.get(header::LOCATION)
            && let Some(moved) = relocate(location, onward)
        {
            head.headers.insert(header::LOCATION, moved);
        }
        // The call takes room until its answer has ended.
        let body = body.map_frame(move |frame| {
            let _taken = &room;
            frame
        });
        Ok(Response::from_parts(head, Body::new(body)))
    }

    fn has_passed(&self, headers: &HeaderMap) -> bool {
        let values = headers.get_all(header::VIA).iter().filter_map(|value| value.to_str().ok());
        values.flat_map(|value| value.split(',')).any(|hop| hop.trim().ends_with(&*self.own))
    }

    fn onward(
        &self,
        request: Request<Body>,
        onward: &Onward<'_>,
    ) -> Result<Request<Body>, ApiError> {
        let bad = |part: &str| {
            ApiError::new(
                StatusCode::BAD_GATEWAY,
                format!("502 Bad Gateway: the {part} of {} is not one", onward.what),
            )
        };
        let authority: Authority = onward.authority.parse().map_err(|_| bad("address"))?;
        let path: PathAndQuery = onward.path.parse().map_err(|_| bad("path"))?;
        let uri = Uri::builder().scheme(Scheme::HTTP).authority(authority).path_and_query(path);
        let (mut head, body) = request.into_parts();
        head.uri = uri.build().map_err(|_| bad("address"))?;
        head.version = Version::HTTP_11;
        head.extensions.clear();
        strip(&mut head.headers);
        // The connection's own, which the client sets.
        head.headers.remove(header::HOST);
        // This side has been told to go on already.
        head.headers.remove(header::EXPECT);
        let via = HeaderValue::try_from(format!("1.1 {}", self.own)).map_err(|_| bad("name"))?;
        head.headers.append(header::VIA, via);
        match &onward.credentials {
            Carried::Own => {}
            Carried::Nothing => drop(head.headers.remove(header::AUTHORIZATION)),
            Carried::Instead(value) => {
                let mut value = value.clone();
                value.set_sensitive(true);
                head.headers.insert(header::AUTHORIZATION, value);
            }
        }
        let body = if body.is_end_stream() { Body::empty() } else { body };
        Ok(Request::from_parts(head, body))
    }
}

impl Default for Proxy {
    fn default() -> Self {
        Self::new()
    }
}

/// Removes what concerns the connection, and what the sender says does.
fn strip(headers: &mut HeaderMap) {
    let values = headers.get_all(header::CONNECTION).iter().filter_map(|value| value.to_str().ok());
    let named: Vec<HeaderName> = values
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::try_from(name.trim()).ok())
        .collect();
    for name in named.iter().chain(&HOP_BY_HOP) {
        headers.remove(name);
    }
    headers.remove("keep-alive");
    headers.remove("proxy-connection");
}

/// Where a redirect within the other server leads as seen from here; `None` if it leads elsewhere.
fn relocate(location: &HeaderValue, onward: &Onward<'_>) -> Option<HeaderValue> {
    let location = location.to_str().ok()?;
    let path = match location.strip_prefix("http:").unwrap_or(location).strip_prefix("//") {
        Some(rest) => {
            let path = rest.strip_prefix(onward.authority)?;
            if !path.is_empty() && !path.starts_with('/') {
                return None;
            }
            path
        }
        None if location.starts_with('/') => location,
        None => return None,
    };
    HeaderValue::try_from(format!("{}{path}", onward.mount)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn onward<'a>() -> Onward<'a> {
        Onward {
            authority: "10.0.0.7:5051",
            path: "/files/browse?path=/a b".split(' ').next().unwrap_or_default(),
            mount: "/agent/S0",
            what: "agent S0",
            credentials: Carried::Nothing,
        }
    }

    /// What belongs to one connection, or is said to, goes no further; everything else does.
    #[test]
    fn headers_of_the_connection_stay_with_it() {
        let request = Request::get("/agent/S0/files/browse")
            .header("Host", "front")
            .header("Connection", "keep-alive, X-Private")
            .header("X-Private", "1")
            .header("Keep-Alive", "timeout=5")
            .header("Transfer-Encoding", "chunked")
            .header("Authorization", "token=abc")
            .header("Accept", "application/recordio")
            .header("Message-Accept", "application/x-protobuf")
            .body(Body::empty())
            .unwrap();
        let passed = Proxy::new().onward(request, &onward()).unwrap();
        let mut names: Vec<_> = passed.headers().keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "message-accept", "via"]);
        assert_eq!(passed.uri(), "http://10.0.0.7:5051/files/browse?path=/a");
    }

    /// A call that was passed on before and comes back is known again, and only that one.
    #[test]
    fn a_call_that_comes_back_is_known() {
        let proxy = Proxy::new();
        let request = Request::get("/").header("Via", "1.1 other").body(Body::empty()).unwrap();
        assert!(!proxy.has_passed(request.headers()));
        let passed = proxy.onward(request, &onward()).unwrap();
        assert!(proxy.has_passed(passed.headers()));
        assert!(!Proxy::new().has_passed(passed.headers()));
    }

    /// A redirect within the other server leads to where callers see it; others stay as they are.
    #[test]
    fn redirects_within_the_other_server_are_rewritten() {
        let to = |location: &'static str| {
            let moved = relocate(&HeaderValue::from_static(location), &onward());
            moved.map(|value| value.to_str().unwrap().to_owned())
        };
        assert_eq!(to("/state").as_deref(), Some("/agent/S0/state"));
        assert_eq!(to("//10.0.0.7:5051/state").as_deref(), Some("/agent/S0/state"));
        assert_eq!(to("http://10.0.0.7:5051").as_deref(), Some("/agent/S0"));
        assert_eq!(to("http://10.0.0.7:50512/state"), None);
        assert_eq!(to("http://elsewhere/state"), None);
        assert_eq!(to("state"), None);
    }
}
