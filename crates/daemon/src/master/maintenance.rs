//! Maintenance of machines: its calls as events, and the older paths for the same.

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode, header};
use master::{Event, Master};
use wire::maintenance::Schedule;
use wire::master::call::StartMaintenance;
use wire::v1::MachineId;

use super::operator::{Mutation, mutate};
use super::{Shell, front};
use crate::http::{self, ApiError, answer};

const LIMIT_BYTES: usize = 4 << 20;

pub(super) fn update(schedule: Schedule) -> Mutation {
    Box::new(move |request| Event::UpdateMaintenance { request, schedule: Box::new(schedule) })
}

pub(super) fn start(machines: Vec<MachineId>) -> Mutation {
    Box::new(move |request| Event::StartMaintenance { request, machines })
}

pub(super) fn stop(machines: Vec<MachineId>) -> Mutation {
    Box::new(move |request| Event::StopMaintenance { request, machines })
}

/// `/maintenance/schedule`: shows it, or takes another one.
pub(super) async fn schedule(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let outcome = try_schedule(&shell, request).await;
    finish(&shell, outcome)
}

async fn try_schedule(shell: &Shell, request: Request<Body>) -> Result<Response<Body>, ApiError> {
    let (head, body) = request.into_parts();
    shell.context.credentials.authenticate(&head.headers)?;
    if is_read(&head.method) {
        let view = |core: &Master| wire::json::to_vec(&core.view_maintenance_schedule().schedule);
        return look(shell, &head, view).await;
    }
    require(&head.method, &["GET", "POST"])?;
    let body = http::read_body(body, LIMIT_BYTES).await?;
    mutate(shell, update(parse(&body)?), StatusCode::OK).await
}

/// `/maintenance/status`.
pub(super) async fn status(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let outcome = try_status(&shell, &request.into_parts().0).await;
    finish(&shell, outcome)
}

async fn try_status(shell: &Shell, head: &Parts) -> Result<Response<Body>, ApiError> {
    shell.context.credentials.authenticate(&head.headers)?;
    if !is_read(&head.method) {
        require(&head.method, &["GET"])?;
    }
    let view = |core: &Master| wire::json::to_vec(&core.view_maintenance_status().status);
    look(shell, head, view).await
}

/// `/machine/down`.
pub(super) async fn down(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let outcome = change(&shell, request, start).await;
    finish(&shell, outcome)
}

/// `/machine/up`.
pub(super) async fn up(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let outcome = change(&shell, request, stop).await;
    finish(&shell, outcome)
}

// Mesos: the body is a list of machines; its content type does not matter.
async fn change(
    shell: &Shell,
    request: Request<Body>,
    what: fn(Vec<MachineId>) -> Mutation,
) -> Result<Response<Body>, ApiError> {
    shell.context.credentials.authenticate(request.headers())?;
    require(request.method(), &["POST"])?;
    let body = http::read_body(request.into_body(), LIMIT_BYTES).await?;
    mutate(shell, what(machines(&body)?), StatusCode::OK).await
}

fn machines(body: &[u8]) -> Result<Vec<MachineId>, ApiError> {
    if serde_json::from_slice::<Vec<serde_json::Value>>(body).is_err() {
        let text = r#"Expecting a JSON array of machines: [{"hostname": …, "ip": …}, …]"#;
        return Err(ApiError::bad_request(text));
    }
    let whole = [&br#"{"machines":"#[..], body, b"}"].concat();
    parse::<StartMaintenance>(&whole).map(|call| call.machines)
}

fn parse<T: wire::Message>(json: &[u8]) -> Result<T, ApiError> {
    wire::json::from_slice(json).map_err(|error| ApiError::bad_request(error.to_string()))
}

fn is_read(method: &Method) -> bool {
    method == Method::GET || method == Method::HEAD
}

fn require(method: &Method, allowed: &[&str]) -> Result<(), ApiError> {
    if allowed.contains(&method.as_str()) {
        return Ok(());
    }
    let allowed: Vec<String> = allowed.iter().map(|method| format!("'{method}'")).collect();
    let text = format!(
        "405 Method Not Allowed. Expecting one of {{ {} }}, but received '{method}'.",
        allowed.join(", ")
    );
    Err(ApiError::new(StatusCode::METHOD_NOT_ALLOWED, text))
}

async fn look(
    shell: &Shell,
    head: &Parts,
    view: impl FnOnce(&Master) -> Vec<u8> + Send + 'static,
) -> Result<Response<Body>, ApiError> {
    let callback = callback(head.uri.query().unwrap_or_default())?;
    let json = shell.mailbox.look(move |core, _| view(core)).await?;
    Ok(shown(&head.headers, callback, json))
}

fn shown(headers: &HeaderMap, callback: Option<&str>, json: Vec<u8>) -> Response<Body> {
    let Some(callback) = callback else { return answer::bytes(headers, "application/json", json) };
    let script = [callback.as_bytes(), b"(", &json, b");"].concat();
    let mut response = answer::bytes(headers, "text/javascript", script);
    let options = header::HeaderValue::from_static("nosniff");
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, options);
    response
}

/// The function that a script wants called with the answer (`jsonp`).
fn callback(query: &str) -> Result<Option<&str>, ApiError> {
    let name = query.split('&').find_map(|pair| pair.strip_prefix("jsonp="));
    let is_name = |name: &str| {
        let of_names = |byte: u8| byte.is_ascii_alphanumeric() || b"_$.".contains(&byte);
        !name.is_empty() && name.len() <= 256 && name.bytes().all(of_names)
    };
    match name {
        Some(name) if !is_name(name) => {
            Err(ApiError::bad_request("Expecting 'jsonp' to be the name of a function"))
        }
        name => Ok(name),
    }
}

fn finish(shell: &Shell, outcome: Result<Response<Body>, ApiError>) -> Response<Body> {
    let mut response = outcome.unwrap_or_else(ApiError::into_response);
    front::mark(response.headers_mut(), shell.unavailable_since());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The older path takes a list of machines, and says what it expects if it gets anything else.
    #[test]
    fn machines_are_a_list() {
        let read = machines(br#" [{"hostname": "h"}, {"ip": "10.0.0.1"}]"#).unwrap();
        assert_eq!(read.len(), 2);
        assert_eq!((read[0].hostname(), read[1].ip()), ("h", "10.0.0.1"));
        for bad in ["", "{}", "[1]", "[", r#"[{"hostname": {}}]"#, r#"[],"machines":[]"#] {
            assert_eq!(machines(bad.as_bytes()).unwrap_err().status, 400, "{bad}");
        }
    }

    /// A script's function is called with the answer; what is no name of a function is refused.
    #[test]
    fn a_callback_is_the_name_of_a_function() {
        assert_eq!(
            callback("order=asc&jsonp=angular.callbacks._0").unwrap(),
            Some("angular.callbacks._0")
        );
        assert_eq!(callback("order=asc").unwrap(), None);
        assert!(callback("jsonp=alert(1)//").is_err());
        assert!(callback("jsonp=").is_err());
    }
}
