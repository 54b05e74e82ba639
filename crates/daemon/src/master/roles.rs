//! The older paths for quotas and weights of roles.

use axum::body::Body;
use axum::extract::State;
use axum::http::request::Parts;
use axum::http::{Method, Request, Response, StatusCode};
use master::{Event, Master, RoleChange};
use wire::master::call::UpdateWeights;
use wire::v1::quota::QuotaRequest;

use super::Shell;
use super::legacy::{finish, show};
use super::operator::mutate;
use crate::http::legacy::method_not_allowed;
use crate::http::{self, ApiError};

/// Bound of what a role, or a list of them, is set to.
const LIMIT_BYTES: usize = 4 << 20;
/// How much of a body a refusal repeats.
const SHOWN_CHARS: usize = 1024;

pub(super) const QUOTA: &str = "/quota";
pub(super) const WEIGHTS: &str = "/weights";

/// `/quota`: GET shows all of them, POST sets that of a role that has none, DELETE at `/quota/<role>` takes it away.
pub(super) async fn quota(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let answered = match head.method {
        Method::GET => {
            let view = |core: &Master| wire::json::to_vec(&core.view_quota().status);
            show(&shell, &head, view).await
        }
        Method::POST => set_quota(&shell, &head, body).await,
        Method::DELETE => remove_quota(&shell, &head).await,
        _ => Ok(method_not_allowed(&head.method, &["GET", "POST", "DELETE"])),
    };
    finish(&shell, answered)
}

/// `/weights`: GET shows those that were set, PUT sets those that it lists.
pub(super) async fn weights(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let answered = match head.method {
        Method::GET => {
            let view = |core: &Master| list(&core.view_weights().weight_infos);
            show(&shell, &head, view).await
        }
        Method::PUT => set_weights(&shell, &head, body).await,
        _ => Ok(method_not_allowed(&head.method, &["GET", "PUT"])),
    };
    finish(&shell, answered)
}

/// Messages as the items of a JSON list.
fn list<T: wire::Message>(messages: &[T]) -> Vec<u8> {
    let items: Vec<String> = messages.iter().map(wire::json::to_string).collect();
    format!("[{}]", items.join(",")).into_bytes()
}

// Mesos: whatever the content type says, the body is JSON.
async fn set_quota(shell: &Shell, head: &Parts, body: Body) -> Result<Response<Body>, ApiError> {
    shell.context.credentials.authenticate(&head.headers)?;
    let quota = read_quota(&http::read_body(body, LIMIT_BYTES).await?)?;
    change_roles(shell, RoleChange::SetQuota(Box::new(quota))).await
}

async fn remove_quota(shell: &Shell, head: &Parts) -> Result<Response<Body>, ApiError> {
    shell.context.credentials.authenticate(&head.headers)?;
    let path = head.uri.path();
    let role = role_of(path).ok_or_else(|| {
        ApiError::bad_request(format!(
            "Failed to parse remove quota request for path '{path}': expecting the name of a role behind \
             '{QUOTA}/'"
        ))
    })?;
    change_roles(shell, RoleChange::RemoveQuota(role)).await
}

async fn set_weights(shell: &Shell, head: &Parts, body: Body) -> Result<Response<Body>, ApiError> {
    shell.context.credentials.authenticate(&head.headers)?;
    let weights = read_weights(&http::read_body(body, LIMIT_BYTES).await?)?.weight_infos;
    change_roles(shell, RoleChange::UpdateWeights(weights)).await
}

async fn change_roles(shell: &Shell, change: RoleChange) -> Result<Response<Body>, ApiError> {
    let event = move |request| Event::ChangeRoles { request, change };
    mutate(shell, Box::new(event), StatusCode::OK).await
}

/// The role in `/quota/<role>`, which may have slashes, and escapes as paths have them.
fn role_of(path: &str) -> Option<String> {
    let role = path.split_once(QUOTA)?.1.strip_prefix('/')?;
    // These stand for themselves in a path, and for something else in a query.
    let role = role.replace('+', "%2B").replace('=', "%3D").replace('&', "%26");
    let role = form_urlencoded::parse(role.as_bytes()).next()?.0.into_owned();
    (!role.is_empty()).then_some(role)
}

// Mesos: texts.
fn read_quota(body: &[u8]) -> Result<QuotaRequest, ApiError> {
    if let Err(error) = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(body) {
        let text = format!("Failed to parse set quota request JSON '{}': {error}", shown(body));
        return Err(ApiError::bad_request(text));
    }
    wire::json::from_slice(body).map_err(|error| {
        let text = format!("Failed to validate set quota request JSON '{}': {error}", shown(body));
        ApiError::bad_request(text)
    })
}

fn read_weights(body: &[u8]) -> Result<UpdateWeights, ApiError> {
    if let Err(error) = serde_json::from_slice::<Vec<serde::de::IgnoredAny>>(body) {
        let text =
            format!("Failed to parse update weights request JSON ('{}'): {error}", shown(body));
        return Err(ApiError::bad_request(text));
    }
    let whole = [&br#"{"weight_infos":"#[..], body, b"}"].concat();
    wire::json::from_slice(&whole).map_err(|error| {
        let text = format!(
            "Failed to convert weights JSON array to protobuf ('{}'): {error}",
            shown(body)
        );
        ApiError::bad_request(text)
    })
}

fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(body).chars().take(SHOWN_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The role is what is behind the path, with its slashes and whatever is escaped.
    #[test]
    fn the_role_is_the_rest_of_the_path() {
        for (path, role) in [
            ("/quota/web", Some("web")),
            ("/quota/a/b", Some("a/b")),
            ("/quota/a%20b+c=d&e", Some("a b+c=d&e")),
            ("/quota", None),
            ("/quota/", None),
        ] {
            assert_eq!(role_of(path).as_deref(), role, "{path}");
        }
    }

    /// What is no JSON, no object or no list, and what does not fit, is refused in the words of Mesos.
    #[test]
    fn bodies_are_refused_in_the_words_of_mesos() {
        for (body, start) in [
            ("", "Failed to parse set quota request JSON '': "),
            ("[]", "Failed to parse set quota request JSON '[]': "),
            (r#"{"role":{}}"#, "Failed to validate set quota request JSON '{"),
        ] {
            let text = read_quota(body.as_bytes()).unwrap_err().text;
            assert!(text.starts_with(start), "{text}");
        }
        for (body, start) in [
            ("", "Failed to parse update weights request JSON (''): "),
            ("{}", "Failed to parse update weights request JSON ('{}'): "),
            (r#"[],"x":[]"#, "Failed to parse update weights request JSON ("),
            (r#"[{"role":"a"}]"#, "Failed to convert weights JSON array to protobuf ("),
        ] {
            let text = read_weights(body.as_bytes()).unwrap_err().text;
            assert!(text.starts_with(start), "{text}");
        }
        let weights = read_weights(br#" [{"role":"a","weight":2.5}]"#).unwrap().weight_infos;
        assert_eq!((weights[0].role(), weights[0].weight), ("a", 2.5));
    }
}
