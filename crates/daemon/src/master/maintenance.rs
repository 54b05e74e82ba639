//! Maintenance of machines: its calls as events, and the older paths for the same.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Method, Request, Response, StatusCode};
use master::{Event, Master};
use wire::maintenance::Schedule;
use wire::master::call::StartMaintenance;
use wire::v1::MachineId;

use super::Shell;
use super::legacy::{finish, show};
use super::operator::{Mutation, mutate};
use crate::http::legacy::method_not_allowed;
use crate::http::{self, ApiError};

pub(super) const SCHEDULE: &str = "/maintenance/schedule";
pub(super) const STATUS: &str = "/maintenance/status";
pub(super) const DOWN: &str = "/machine/down";
pub(super) const UP: &str = "/machine/up";

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

/// `/maintenance/schedule`: GET shows it, POST takes another one.
pub(super) async fn schedule(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let answered = try_schedule(&shell, request).await;
    finish(&shell, answered)
}

async fn try_schedule(shell: &Shell, request: Request<Body>) -> Result<Response<Body>, ApiError> {
    let (head, body) = request.into_parts();
    if is_read(&head.method) {
        let view = |core: &Master| wire::json::to_vec(&core.view_maintenance_schedule().schedule);
        return show(shell, &head, view).await;
    }
    shell.context.credentials.authenticate(&head.headers)?;
    if head.method != Method::POST {
        return Ok(method_not_allowed(&head.method, &["GET", "POST"]));
    }
    let body = http::read_body(body, LIMIT_BYTES).await?;
    mutate(shell, update(parse(&body)?), StatusCode::OK).await
}

/// `/maintenance/status`.
pub(super) async fn status(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let (head, _) = request.into_parts();
    let answered = if is_read(&head.method) {
        let view = |core: &Master| wire::json::to_vec(&core.view_maintenance_status().status);
        show(&shell, &head, view).await
    } else {
        Ok(method_not_allowed(&head.method, &["GET"]))
    };
    finish(&shell, answered)
}

/// `/machine/down`.
pub(super) async fn down(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let answered = change(&shell, request, start).await;
    finish(&shell, answered)
}

/// `/machine/up`.
pub(super) async fn up(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let answered = change(&shell, request, stop).await;
    finish(&shell, answered)
}

// Mesos: the body is a list of machines; its content type does not matter.
async fn change(
    shell: &Shell,
    request: Request<Body>,
    what: fn(Vec<MachineId>) -> Mutation,
) -> Result<Response<Body>, ApiError> {
    shell.context.credentials.authenticate(request.headers())?;
    http::require_post(&request)?;
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
}
