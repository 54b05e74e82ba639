//! What DC/OS tools ask of a cluster before anything else: that it is one, which, and in what version.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Request, Response, StatusCode, header};
use serde_json::json as document;

use super::{dns, json, json_with, not_found};
use crate::http::{self, answer};
use crate::master::Shell;

/// The DC/OS whose routes these are; tools switch features by it.
const DCOS_VERSION: &str = "2.2.0";
const DESCRIBE_LIMIT_BYTES: usize = 64 << 10;

/// `/`: that there is something here.
pub(super) async fn root(headers: HeaderMap) -> Response<Body> {
    let text = format!(
        "This is an Ebb {} master. Its API is at /api/v1; `ebb node list` asks it.\n",
        crate::version::EBB_VERSION
    );
    answer::bytes(&headers, "text/plain; charset=utf-8", text.into_bytes())
}

pub(super) async fn version(headers: HeaderMap) -> Response<Body> {
    let ebb = format!("ebb-{}", crate::version::EBB_VERSION);
    json(
        &headers,
        &document!({
            "version": DCOS_VERSION,
            "dcos-variant": "open",
            "dcos-image-commit": ebb,
            "bootstrap-id": ebb,
        }),
    )
}

pub(super) async fn ui_config(headers: HeaderMap) -> Response<Body> {
    json(&headers, &document!({"uiConfiguration": {"plugins": {}}, "clusterConfiguration": {}}))
}

/// `/metadata`: which cluster this is.
pub(super) async fn cluster(State(shell): State<Shell>, headers: HeaderMap) -> Response<Body> {
    let document = document!({"CLUSTER_ID": *shell.cluster_id, "PUBLIC_IPV4": dns::own_ip(&shell)});
    json(&headers, &document)
}

/// `/pkgpanda/…`: by its status tools see whether they have to log in.
pub(super) async fn packages(headers: HeaderMap) -> Response<Body> {
    let version = crate::version::EBB_VERSION;
    json(&headers, &document!({"ebb": {"sources": {}, "package_version": version}}))
}

/// `/cluster/v1/links`: to no other cluster.
pub(super) async fn links(headers: HeaderMap) -> Response<Body> {
    json(&headers, &document!({"links": []}))
}

pub(super) async fn certificate() -> Response<Body> {
    not_found("this cluster has no certificate authority of its own; it is spoken to over http")
        .into_response()
}

/// `/package/describe`: there are no packages.
pub(super) async fn describe(request: Request<Body>) -> Response<Body> {
    let body = match http::read_body(request.into_body(), DESCRIBE_LIMIT_BYTES).await {
        Ok(body) => body,
        Err(error) => return error.into_response(),
    };
    let call: serde_json::Value = serde_json::from_slice(&body).unwrap_or_default();
    let name = call["packageName"].as_str().unwrap_or_default();
    let text = format!("Package [{name}] not found: this cluster serves no packages");
    let mut response = json_with(
        StatusCode::NOT_FOUND,
        &document!({"type": "PackageNotFound", "message": text, "data": {"packageName": name}}),
    );
    // DC/OS: the media type of its package service.
    let media = "application/vnd.dcos.package.error+json;charset=utf-8;version=v1";
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static(media));
    response
}
