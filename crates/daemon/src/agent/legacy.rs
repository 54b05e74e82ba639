//! The older endpoints of an agent: `/state` and its like.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Request, Response};
use axum::routing::any;
use serde::Serialize;

use super::browse::{self, Files};
use super::{Shell, metrics};
use crate::http::ApiError;
use crate::http::legacy::{self, Query, to_json};
use crate::logging;
use crate::system;
use crate::version;

/// What answers at a path.
#[derive(Clone, Copy, Debug)]
enum Endpoint {
    State,
    Flags,
    Metrics,
    Stats,
    Toggle,
    Help,
    Files(Files),
}

/// Where they are, and what they are to people. All of it also below `/slave(1)`.
// Differs from Mesos: it dropped paths with `.json` with release 1.1; clients from before still ask.
const ENDPOINTS: [(&str, Endpoint, &str); 14] = [
    ("/state", Endpoint::State, "resources, frameworks, executors and tasks; flags and version"),
    ("/state.json", Endpoint::State, "the same"),
    ("/flags", Endpoint::Flags, "the flags of this process"),
    ("/metrics/snapshot", Endpoint::Metrics, "all metrics; timeout"),
    ("/system/stats.json", Endpoint::Stats, "load, processors and memory of the machine"),
    ("/logging/toggle", Endpoint::Toggle, "the level of verbose logging; level, duration"),
    ("/help", Endpoint::Help, "this page"),
    ("/files/browse", Endpoint::Files(Files::Browse), "the files in a folder; path"),
    ("/files/browse.json", Endpoint::Files(Files::Browse), "the same"),
    ("/files/read", Endpoint::Files(Files::Read), "a piece of a file; path, offset, length"),
    ("/files/read.json", Endpoint::Files(Files::Read), "the same"),
    ("/files/download", Endpoint::Files(Files::Download), "a file; path"),
    ("/files/download.json", Endpoint::Files(Files::Download), "the same"),
    ("/files/debug", Endpoint::Files(Files::Debug), "the sandboxes that can be read"),
];

/// What else is here.
const OTHERS: [(&str, &str); 6] = [
    ("/api/v1", "the operator API (POST)"),
    ("/api/v1/executor", "the executor API (POST)"),
    ("/containers", "containers and what they use"),
    ("/health", "200 if this process is well"),
    ("/monitor/statistics", "what containers use"),
    ("/version", "version and build"),
];

/// The older endpoints below `prefix`.
pub(super) fn routes(prefix: &str) -> Router<Shell> {
    let mut router = Router::new();
    for (path, endpoint, _) in ENDPOINTS {
        for slash in ["", "/"] {
            let answer = move |State(shell): State<Shell>, request: Request<Body>| {
                serve(shell, request, endpoint)
            };
            router = router.route(&format!("{prefix}{path}{slash}"), any(answer));
        }
    }
    router
}

// Mesos: whatever the method is, it is a read.
async fn serve(shell: Shell, request: Request<Body>, endpoint: Endpoint) -> Response<Body> {
    if let Endpoint::Files(files) = endpoint {
        return browse::serve(shell, request, files).await;
    }
    let (head, _) = request.into_parts();
    try_serve(&shell, &head, endpoint).await.unwrap_or_else(ApiError::into_response)
}

async fn try_serve(
    shell: &Shell,
    head: &Parts,
    endpoint: Endpoint,
) -> Result<Response<Body>, ApiError> {
    let (headers, query) = (&head.headers, Query::of(&head.uri));
    if let Endpoint::Help = endpoint {
        return Ok(crate::http::answer::bytes(headers, "text/html", help().into_bytes()));
    }
    shell.credentials.authenticate(headers)?;
    let json = match endpoint {
        Endpoint::State => state(shell).await?,
        Endpoint::Flags => to_json(&Flags { flags: flags(shell) }),
        Endpoint::Metrics => {
            legacy::check_timeout(&query)?;
            to_json(&metrics::collect(shell).await?)
        }
        Endpoint::Stats => to_json(&system::Stats::now()),
        Endpoint::Toggle => {
            return Ok(legacy::text(headers, &logging::toggle(&head.uri)?));
        }
        Endpoint::Help | Endpoint::Files(_) => unreachable!("answered above and by the caller"),
    };
    legacy::answer(headers, &query, &json)
}

#[derive(Serialize)]
struct Head<'a> {
    #[serde(flatten)]
    build: &'a version::Build,
    start_time: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    master_hostname: Option<String>,
    flags: BTreeMap<&'a str, &'a str>,
}

async fn state(shell: &Shell) -> Result<Vec<u8>, ApiError> {
    let asked = shell.clone();
    let look = move |core: &agent::Agent, _| {
        let head = Head {
            build: version::build(),
            start_time: asked.process_started.as_secs_f64(),
            master_hostname: asked.link.leader_host(),
            flags: flags(&asked),
        };
        to_json(&core.legacy_state(head))
    };
    Ok(shell.mailbox.look(look).await?)
}

#[derive(Serialize)]
struct Flags<'a> {
    flags: BTreeMap<&'a str, &'a str>,
}

fn flags(shell: &Shell) -> BTreeMap<&str, &str> {
    shell.flags.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// A page of what can be asked here.
fn help() -> String {
    let endpoints = ENDPOINTS.iter().map(|(path, _, what)| (*path, *what));
    let mut lines: Vec<_> = endpoints.chain(OTHERS).collect();
    lines.sort_unstable();
    legacy::help("Ebb agent", &lines)
}
