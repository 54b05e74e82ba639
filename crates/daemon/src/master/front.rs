//! What a master that shares its registry answers by itself, and whom it sends callers to.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use hyper::service::Service as _;
use hyper_util::service::TowerToHyperService;
use model::Timestamp;
use tokio::sync::watch;
use wire::v1::MasterInfo;

use super::{Context, challenge_of, dcos, legacy, operator};
use crate::exposition::Page;
use crate::http::proxy::{Carried, Onward};
use crate::http::{
    ApiError, NO_LEADER, RECOVERING, REGISTRY_UNAVAILABLE_SINCE, answer, challenged, discard,
};

/// Bound of a body that is read only to be done with it: as large as the largest greeting.
const DISCARD_BYTES: usize = super::link::HELLO_LIMIT_BYTES;

/// What this process is to its callers.
#[derive(Clone)]
pub(super) enum Role {
    Following,
    /// Elected, and still reading the registry.
    Recovering,
    Leading(TowerToHyperService<Router>),
}

#[derive(Clone)]
pub(super) struct Front {
    pub(super) context: Arc<Context>,
    role: Arc<RwLock<Role>>,
    leader: watch::Receiver<Option<MasterInfo>>,
    /// The registry's name for errors.
    registry: Arc<str>,
    /// Where this process is, as others are told.
    own: Arc<str>,
}

impl Front {
    pub(super) fn new(
        context: Arc<Context>,
        leader: watch::Receiver<Option<MasterInfo>>,
        registry: &str,
        info: &MasterInfo,
    ) -> Self {
        let role = Arc::new(RwLock::new(Role::Following));
        let own = address(info).into();
        Self { context, role, leader, registry: registry.into(), own }
    }

    pub(super) fn set(&self, role: Role) {
        *self.role.write().unwrap_or_else(PoisonError::into_inner) = role;
    }

    fn role(&self) -> Role {
        self.role.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn router(self) -> Router {
        Router::new().fallback(answer).with_state(self)
    }

    /// The leader as far as known, unless it would be this process, which does not serve as one.
    fn leader(&self) -> Option<MasterInfo> {
        self.leader.borrow().clone().filter(|leader| address(leader) != *self.own)
    }
}

async fn answer(State(front): State<Front>, request: Request<Body>) -> Response<Body> {
    let role = front.role();
    if let Role::Leading(router) = role {
        return match router.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
    }
    let response = match (local(&front, &request), role) {
        (Some(response), _) => response,
        (None, Role::Recovering) => ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("{RECOVERING} from the registry; ask again in a moment"),
        )
        .into_response(),
        (None, Role::Following | Role::Leading(_)) if dcos::is_here(request.uri().path()) => {
            return passed_on(&front, request).await;
        }
        (None, Role::Following | Role::Leading(_)) => elsewhere(&front, &request),
    };
    let response = challenged(response, challenge_of(path(&request)));
    if response.status() != StatusCode::UNAUTHORIZED {
        discard(request.into_body(), DISCARD_BYTES).await;
    }
    response
}

// Mesos: health, version, flags and the like are those of the process that is asked.
fn local(front: &Front, request: &Request<Body>) -> Option<Response<Body>> {
    match path(request) {
        "/metrics" => Some(match front.context.credentials.authenticate(request.headers()) {
            Ok(_) => {
                let mut page = Page::of_process(&front.context.timings);
                page.gauge("ebb_leader", "1 while this master leads.", 0.0);
                page.answer(request.headers())
            }
            Err(error) => error.into_response(),
        }),
        "/health" => Some(answer::empty(StatusCode::OK)),
        "/version" => Some(operator::version_of(request)),
        path => legacy::answer_locally(&front.context, path, request),
    }
}

/// Without Mesos' optional `/master` in front and slash behind.
pub(super) fn path(request: &Request<Body>) -> &str {
    let path = request.uri().path();
    let path = path.strip_prefix("/master").filter(|rest| rest.starts_with('/')).unwrap_or(path);
    path.strip_suffix('/').unwrap_or(path)
}

fn no_leader(front: &Front) -> ApiError {
    let text = format!(
        "{NO_LEADER} at the moment, as far as this one can see in the registry {}. Ask again in some \
         seconds; if it stays so, look whether a majority of the registry's members can be reached.",
        front.registry
    );
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, text)
}

/// The paths of DC/OS are those of the cluster, whichever master is asked: the leader answers, by way of this one.
// A redirect would not do: clients drop what they have shown of themselves when they go to another host, and
// cannot say again what they have streamed already.
async fn passed_on(front: &Front, request: Request<Body>) -> Response<Body> {
    let Some(leader) = front.leader() else {
        discard(request.into_body(), DISCARD_BYTES).await;
        return no_leader(front).into_response();
    };
    let authority = address(&leader);
    let path = dcos::path_and_query(&request);
    let onward = Onward {
        authority: &authority,
        path: &path,
        mount: "",
        what: &format!("the leading master at {authority}"),
        credentials: Carried::Own,
    };
    let passed = front.context.proxy.pass(request, &onward).await;
    passed.unwrap_or_else(ApiError::into_response)
}

fn elsewhere(front: &Front, request: &Request<Body>) -> Response<Body> {
    let path = path(request);
    let is_api = path.starts_with("/api/v1")
        || path.starts_with("/ebb/v1")
        || path == "/metrics/snapshot"
        || legacy::is_for_leader(path);
    if !is_api && path != "/redirect" {
        return answer::empty(StatusCode::NOT_FOUND);
    }
    // Mesos: who may not ask is not told where.
    if is_api && let Err(error) = front.context.credentials.authenticate(request.headers()) {
        return error.into_response();
    }
    let Some(leader) = front.leader() else { return no_leader(front).into_response() };
    let rest = (path != "/redirect").then(|| request.uri().path_and_query()).flatten();
    redirect(&leader, rest.map_or("", |rest| rest.as_str()))
}

/// 307 to a master.
// Mesos: without a scheme, and with the path only where another endpoint than `/redirect` was asked for.
pub(super) fn redirect(leader: &MasterInfo, rest: &str) -> Response<Body> {
    Response::builder()
        .status(StatusCode::TEMPORARY_REDIRECT)
        .header(header::LOCATION, format!("//{}{rest}", address(leader)))
        .body(Body::empty())
        .unwrap_or_else(|_| {
            let text = "The leader's address cannot be written into a header";
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, text).into_response()
        })
}

/// Where others reach a master: `host:port`.
pub fn address(leader: &MasterInfo) -> String {
    let address = leader.address.clone().unwrap_or_default();
    let host = leader.hostname.clone().or(address.hostname).or(address.ip).unwrap_or_default();
    match host.parse::<std::net::IpAddr>() {
        Ok(ip) => SocketAddr::new(ip, u16::try_from(address.port).unwrap_or(0)).to_string(),
        Err(_) => format!("{host}:{}", address.port),
    }
}

/// Marks an answer that was given while the registry did not answer.
pub(super) fn mark(headers: &mut HeaderMap, since: Option<Timestamp>) {
    if let Some(since) = since
        && let Ok(value) = HeaderValue::try_from(crate::clock::rfc3339(since))
    {
        headers.insert(REGISTRY_UNAVAILABLE_SINCE, value);
    }
}
