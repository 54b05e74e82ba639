//! `/acs/api/v1/…`: logging in, and who can.

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Request, Response, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::json as document;

use super::{json, json_with};
use crate::http;
use crate::master::Shell;

const USERS: &str = "/acs/api/v1/users";
const LOGIN_LIMIT_BYTES: usize = 16 << 10;

/// How to log in; no way where nobody has to.
pub(super) async fn providers(State(shell): State<Shell>, headers: HeaderMap) -> Response<Body> {
    if shell.context.credentials.is_empty() {
        return json(&headers, &document!({}));
    }
    let provider = document!({
        "dcos-users": {
            "authentication-type": "dcos-uid-password",
            "client-method": "dcos-usercredential-post-receive-authtoken",
            "config": {"start_flow_url": "/acs/api/v1/auth/login"},
            "description": "Principal and secret of this cluster's credentials",
        }
    });
    json(&headers, &provider)
}

#[derive(Deserialize)]
struct LogIn {
    uid: String,
    password: String,
}

/// A token for a principal and its secret.
pub(super) async fn log_in(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let body = match http::read_body(body, LOGIN_LIMIT_BYTES).await {
        Ok(body) => body,
        Err(error) => return refused(error.status, "Bad request", &error.text, "ERR_INVALID_DATA"),
    };
    if shell.context.credentials.is_empty() {
        let text = "This cluster was started without credentials: nobody has to log in, and no token is needed";
        return refused(StatusCode::NOT_FOUND, "Not found", text, "ERR_AUTHENTICATION_OFF");
    }
    let Ok(LogIn { uid, password }) = serde_json::from_slice(&body) else {
        let text = "Expecting a JSON object with the strings 'uid' and 'password'";
        return refused(StatusCode::BAD_REQUEST, "Bad request", text, "ERR_INVALID_DATA");
    };
    let Some(token) = shell.context.credentials.log_in(&uid, &password) else {
        // Its name is not logged: people type passwords there.
        tracing::warn!("somebody failed to log in");
        let text = "There is no such principal with this secret in this cluster's credentials";
        return refused(StatusCode::UNAUTHORIZED, "Unauthorized", text, "ERR_INVALID_CREDENTIALS");
    };
    tracing::info!(principal = uid, "logged in");
    json(&head.headers, &document!({"token": token}))
}

#[derive(Serialize)]
struct User<'a> {
    uid: &'a str,
    url: String,
    description: &'a str,
    is_remote: bool,
    is_service: bool,
    provider_type: &'a str,
}

/// Who can log in. They are in the credentials file, and can't be changed here.
pub(super) async fn users(State(shell): State<Shell>, request: Request<Body>) -> Response<Body> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let text = "Principals are kept in the file that --credentials names; change them there and start the \
                    master again";
        return refused(StatusCode::FORBIDDEN, "Forbidden", text, "ERR_READ_ONLY");
    }
    let path = request.uri().path().strip_prefix(USERS).unwrap_or_default().trim_matches('/');
    let (uid, part) = path.split_once('/').unwrap_or((path, ""));
    let all = shell.context.credentials.principals().map(user);
    if uid.is_empty() {
        return json(request.headers(), &document!({"array": all.collect::<Vec<_>>()}));
    }
    let found = all.into_iter().find(|user| user.uid == uid);
    match (found, part) {
        (Some(user), "") => json(request.headers(), &user),
        (Some(_), "groups") => json(request.headers(), &document!({"array": []})),
        (Some(_), "permissions") => {
            json(request.headers(), &document!({"direct": [], "groups": []}))
        }
        _ => {
            let text = format!("There is no user at '{}'", request.uri().path());
            refused(StatusCode::NOT_FOUND, "Not found", &text, "ERR_UNKNOWN_USER_ID")
        }
    }
}

fn user(uid: &str) -> User<'_> {
    User {
        uid,
        url: format!("{USERS}/{uid}"),
        description: uid,
        is_remote: false,
        is_service: false,
        provider_type: "internal",
    }
}

fn refused(status: StatusCode, title: &str, text: &str, code: &str) -> Response<Body> {
    json_with(status, &document!({"title": title, "description": text, "code": code}))
}
