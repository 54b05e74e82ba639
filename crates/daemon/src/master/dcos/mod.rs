//! The paths of a DC/OS cluster's front door: Mesos below `/mesos`, agents and services by name, and what DC/OS
//! tools ask of a cluster besides.
//!
//! Callers authenticate here, as at Mesos' own paths; [`open`] is what they need before they can.

mod access;
mod agents;
mod dns;
mod health;
mod logs;
mod metadata;
mod services;
mod task_logs;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::routing::{any, get, post};
use serde::Serialize;

pub(super) use self::agents::path_and_query;
use super::Shell;
use crate::http::{ApiError, answer};

const JSON: &str = "application/json";
/// What to log in with: a name and a password. Clients compare the whole value.
const CHALLENGE: &str = "acsjwt";

/// First parts of all paths that are served here.
const ROOTS: [&str; 13] = [
    "",
    "acs",
    "agent",
    "ca",
    "cluster",
    "dcos-metadata",
    "mesos",
    "mesos_dns",
    "metadata",
    "net",
    "package",
    "pkgpanda",
    "service",
];
/// As [`ROOTS`], of the other half of the alphabet.
const MORE_ROOTS: [&str; 2] = ["slave", "system"];

/// Whether a path is served by these routes, so that a master that does not lead passes it on to the one that does.
pub(super) fn is_here(path: &str) -> bool {
    let root = path.trim_start_matches('/').split('/').next().unwrap_or_default();
    ROOTS.contains(&root) || MORE_ROOTS.contains(&root)
}

/// The caller as it has authenticated; `None` where nobody has to.
#[derive(Clone, Debug)]
struct Caller(Option<String>);

/// Everything below this front. `mesos` is what the master serves at its root, and again below `/mesos`.
pub(super) fn routes(mesos: Router<Shell>, shell: &Shell) -> Router<Shell> {
    let guarded = Router::new()
        .merge(passed_on())
        .merge(told())
        .route_layer(from_fn_with_state(shell.clone(), guard));
    Router::new().nest("/mesos", mesos).merge(guarded).merge(open())
}

/// What others answer.
fn passed_on() -> Router<Shell> {
    let mut router = Router::new();
    for agent in ["/agent/{id}", "/slave/{id}"] {
        router = router
            .route(agent, any(agents::pass))
            .route(&format!("{agent}/"), any(agents::pass))
            .route(&format!("{agent}/{{*path}}"), any(agents::pass));
    }
    router
        .route("/service/{name}", any(services::pass))
        .route("/service/{name}/", any(services::pass))
        .route("/service/{name}/{*path}", any(services::pass))
        .route("/system/v1/agent/{id}/logs/{*path}", get(agents::pass_system))
        .route("/system/v1/agent/{id}/metrics/v0/{*path}", get(agents::pass_system))
}

/// What the master answers itself.
fn told() -> Router<Shell> {
    Router::new()
        .route("/mesos_dns/v1/hosts/{host}", get(dns::hosts))
        .route("/mesos_dns/v1/services/{service}", get(dns::services))
        .route("/mesos_dns/v1/version", get(dns::version))
        .route("/net/v1/nodes", get(health::network))
        .route("/system/health/v1", get(health::own_units))
        .route("/system/health/v1/", get(health::own_units))
        .route("/system/health/v1/{*path}", get(health::health))
        .route("/system/health/v1/diagnostics", any(health::bundles))
        .route("/system/health/v1/diagnostics/{*path}", any(health::bundles))
        .route("/system/health/v1/report/diagnostics/{*path}", any(health::bundles))
        .route("/system/v1/logs/v2/task/{id}/file/{*name}", get(task_logs::file))
        .route("/system/v1/logs/v2/component", get(logs::component))
        .route("/system/v1/logs/v2/component/{unit}", get(logs::component))
        .route("/system/v1/leader/mesos/logs/v2/component", get(logs::component))
        .route("/system/v1/leader/mesos/logs/v2/component/{unit}", get(logs::component))
        .route("/metadata", get(metadata::cluster))
        .route("/pkgpanda/active.buildinfo.full.json", get(metadata::packages))
        .route("/cluster/v1/links", get(metadata::links))
        .route("/package/describe", post(metadata::describe))
        .route("/acs/api/v1/users", any(access::users))
        .route("/acs/api/v1/users/{*path}", any(access::users))
}

/// What is told before anybody can log in.
fn open() -> Router<Shell> {
    Router::new()
        .route("/", get(metadata::root))
        .route("/dcos-metadata/dcos-version.json", get(metadata::version))
        .route("/dcos-metadata/ui-config.json", get(metadata::ui_config))
        .route("/ca/dcos-ca.crt", get(metadata::certificate))
        .route("/acs/api/v1/auth/providers", get(access::providers))
        .route("/acs/api/v1/auth/login", post(access::log_in))
}

async fn guard(
    State(shell): State<Shell>,
    mut request: Request<Body>,
    next: Next,
) -> Response<Body> {
    match shell.context.credentials.authenticate(request.headers()) {
        Ok(caller) => {
            request.extensions_mut().insert(Caller(caller));
            next.run(request).await
        }
        Err(error) => challenge(error),
    }
}

/// A refusal that says how to log in.
fn challenge(error: ApiError) -> Response<Body> {
    let mut response = error.into_response();
    response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static(CHALLENGE));
    response
}

/// 200 with a document.
fn json(headers: &HeaderMap, document: &impl Serialize) -> Response<Body> {
    match serde_json::to_vec(document) {
        Ok(bytes) => answer::bytes(headers, JSON, bytes),
        Err(error) => {
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response()
        }
    }
}

/// Another status with a document.
fn json_with(status: StatusCode, document: &impl Serialize) -> Response<Body> {
    let mut response = json(&HeaderMap::new(), document);
    if response.status() == StatusCode::OK {
        *response.status_mut() = status;
    }
    response
}

fn not_found(what: &str) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, format!("404 Not Found: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is sent on to the leader is what these routes serve, and nothing else.
    #[test]
    fn paths_of_the_front_are_told_from_others() {
        for path in ["/", "/mesos/master/state", "/agent/x/y", "/slave/x", "/acs/api/v1/auth/login"]
        {
            assert!(is_here(path), "{path}");
        }
        for path in ["/state", "/meso", "/api/v1", "/metrics/snapshot", "/favicon.ico"] {
            assert!(!is_here(path), "{path}");
        }
    }
}
