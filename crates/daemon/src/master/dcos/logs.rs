//! `/system/v1/leader/mesos/logs/v2/component[/{unit}]`: this master's own log.

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};

use crate::http::ApiError;
use crate::journal;
use crate::master::Shell;

const UNITS: [&str; 1] = ["dcos-mesos-master"];

pub(super) async fn component(
    State(shell): State<Shell>,
    unit: Option<axum::extract::Path<String>>,
    request: Request<Body>,
) -> Response<Body> {
    let (head, _) = request.into_parts();
    let unit = unit.as_ref().map(|unit| unit.as_str());
    let answered = journal::answer_for(&head, unit, &UNITS, &shell.context.readers).await;
    answered.unwrap_or_else(ApiError::into_response)
}
