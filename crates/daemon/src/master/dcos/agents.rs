//! `/agent/{id}/…` and `/slave/{id}/…`: the agent's own API, through its master.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, Request, Response, StatusCode};
use master::AgentPlace;
use model::AgentId;
use model::drain::Reachability;

use super::{Caller, not_found};
use crate::http::ApiError;
use crate::http::proxy::{Carried, Onward};
use crate::master::Shell;

/// Passes a call on to the agent it names, with what follows the id as the path.
pub(super) async fn pass(
    State(shell): State<Shell>,
    axum::Extension(caller): axum::Extension<Caller>,
    request: Request<Body>,
) -> Response<Body> {
    let whole = path_and_query(&request);
    let parts = whole.strip_prefix("/agent/").or_else(|| whole.strip_prefix("/slave/"));
    let (id, rest) = first_part(parts.unwrap_or_default());
    let mount = whole[..whole.len() - rest.len()].to_owned();
    let path = rooted(rest);
    let id = AgentId::new(id);
    let passed = try_pass(&shell, &caller, &id, &path, &mount, request).await;
    passed.unwrap_or_else(ApiError::into_response)
}

/// `/system/v1/agent/{id}/x` is the agent's `/system/v1/x`.
// DC/OS: as its front does.
pub(super) async fn pass_system(
    State(shell): State<Shell>,
    axum::Extension(caller): axum::Extension<Caller>,
    request: Request<Body>,
) -> Response<Body> {
    let whole = path_and_query(&request);
    let (id, rest) = first_part(whole.strip_prefix("/system/v1/agent/").unwrap_or_default());
    let path = format!("/system/v1{rest}");
    let (id, mount) = (AgentId::new(id), format!("/agent/{id}"));
    let passed = try_pass(&shell, &caller, &id, &path, &mount, request).await;
    passed.unwrap_or_else(ApiError::into_response)
}

async fn try_pass(
    shell: &Shell,
    caller: &Caller,
    id: &AgentId,
    path: &str,
    mount: &str,
    request: Request<Body>,
) -> Result<Response<Body>, ApiError> {
    let place = place(shell, id).await?;
    let authority = place.authority();
    let onward = Onward {
        authority: &authority,
        path,
        mount,
        what: &format!("agent `{id}` at {authority}"),
        credentials: carried(shell, caller, &place),
    };
    shell.context.proxy.pass(request, &onward).await
}

/// Where an agent answers that can be expected to.
pub(super) async fn place(shell: &Shell, id: &AgentId) -> Result<AgentPlace, ApiError> {
    let agent = id.clone();
    let place = shell.mailbox.look(move |core, _| core.view_agent_place(&agent)).await?;
    // DC/OS: the same words.
    let place = place.ok_or_else(|| not_found(&format!("agent `{id}` unknown.")))?;
    let is = match place.reachability {
        Reachability::Registered => return Ok(place),
        Reachability::Disconnected => "its link is down",
        Reachability::Recovered => "it has not come back since this master leads",
        Reachability::Unreachable => "it is unreachable",
        Reachability::Gone => "it is gone for good",
        Reachability::Removed => "it has left the cluster",
    };
    let since = crate::clock::rfc3339(place.since);
    Err(ApiError::new(
        StatusCode::SERVICE_UNAVAILABLE,
        format!("503 Service Unavailable: agent `{id}` cannot be asked: {is} (since {since})"),
    ))
}

/// An agent believes its master on who called: who lets a master start tasks has to trust it. Where this master
/// has not asked who calls it vouches for nobody, and the agent sees what the caller has shown.
pub(super) fn carried(shell: &Shell, caller: &Caller, place: &AgentPlace) -> Carried {
    let Caller(Some(principal)) = caller else { return Carried::Own };
    let voucher = place.link.and_then(|link| shell.hub.voucher(link));
    let word = voucher.and_then(|it| HeaderValue::try_from(it.vouch(principal)).ok());
    word.map_or(Carried::Nothing, Carried::Instead)
}

pub(in crate::master) fn path_and_query(request: &Request<Body>) -> String {
    request.uri().path_and_query().map_or("/", |whole| whole.as_str()).to_owned()
}

/// A path below a part of another one begins with a slash, also where nothing or a query followed.
pub(super) fn rooted(rest: &str) -> String {
    if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") }
}

/// What comes before the first slash or question mark, and the rest with it.
pub(super) fn first_part(path: &str) -> (&str, &str) {
    path.split_at(path.find(['/', '?']).unwrap_or(path.len()))
}
