//! `/service/{name}/…`: the web interface of a framework, found by its name.

use axum::body::Body;
use axum::extract::State;
use axum::http::uri::Scheme;
use axum::http::{HeaderMap, Request, Response, StatusCode, Uri, header};
use master::FrameworkPlace;
use serde_json::json as document;

use super::agents::{first_part, path_and_query, rooted};
use super::{Caller, json_with, not_found};
use crate::http::ApiError;
use crate::http::proxy::{Carried, Onward};
use crate::master::Shell;

const HTTP_PORT: u16 = 80;
/// Their clients take 404 for an app, group, pod or job that is not there.
const ORCHESTRATORS: [&str; 2] = ["marathon", "metronome"];

/// Passes a call on to the framework it names, below the path of its `webui_url`.
pub(super) async fn pass(
    State(shell): State<Shell>,
    axum::Extension(caller): axum::Extension<Caller>,
    request: Request<Body>,
) -> Response<Body> {
    let whole = path_and_query(&request);
    let wants_json = wants_json(request.headers());
    let (name, rest) = first_part(whole.strip_prefix("/service/").unwrap_or_default());
    let answered = match find(&shell, name).await {
        Ok(target) => {
            let credentials = match caller {
                // What was meant for this master is none of a framework's business.
                Caller(Some(_)) => Carried::Nothing,
                Caller(None) => Carried::Own,
            };
            let onward = Onward {
                authority: &target.authority,
                path: &format!("{}{}", target.path, rooted(rest)),
                mount: &format!("/service/{name}"),
                what: &format!("service `{name}` at {}", target.authority),
                credentials,
            };
            shell.context.proxy.pass(request, &onward).await
        }
        Err(error) => Err(error),
    };
    answered.unwrap_or_else(|error| {
        if wants_json {
            // Marathon: the form of its errors, whose `message` clients show.
            return json_with(error.status, &document!({"message": error.text}));
        }
        error.into_response()
    })
}

/// Whether a caller asks for JSON in so many words, as clients of Marathon do.
fn wants_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|value| value.contains("application/json"))
}

#[derive(Debug, PartialEq, Eq)]
struct Target {
    authority: String,
    /// Without a slash behind.
    path: String,
}

async fn find(shell: &Shell, name: &str) -> Result<Target, ApiError> {
    let wanted = name.to_owned();
    let found = shell.mailbox.look(move |core, _| core.view_framework_place(&wanted)).await?;
    target(name, &found.ok_or_else(|| missing(name))?)
}

fn missing(name: &str) -> ApiError {
    if ORCHESTRATORS.contains(&name) {
        return ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("503 Service Unavailable: no framework named `{name}` is registered"),
        );
    }
    // DC/OS: the same words and status where nothing of that name is registered.
    not_found("service not found.")
}

fn target(name: &str, place: &FrameworkPlace) -> Result<Target, ApiError> {
    let unavailable = |why: &str| {
        ApiError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            format!("503 Service Unavailable: service `{name}` {why}"),
        )
    };
    if !place.is_connected {
        return Err(unavailable("is registered, but its scheduler is not connected"));
    }
    let Some(url) = &place.webui_url else {
        return Err(unavailable("is registered without a 'webui_url' to pass calls on to"));
    };
    let bad = |why: &str| {
        ApiError::new(
            StatusCode::BAD_GATEWAY,
            format!("502 Bad Gateway: the 'webui_url' of service `{name}` {why}"),
        )
    };
    let uri: Uri = url.parse().map_err(|_| bad("is not a URL"))?;
    if uri.scheme() != Some(&Scheme::HTTP) {
        return Err(bad(
            "is not of the form http://host:port/path, the only one that is passed on to",
        ));
    }
    let authority = uri.authority().ok_or_else(|| bad("names no host"))?;
    let port = authority.port_u16().unwrap_or(HTTP_PORT);
    Ok(Target {
        authority: format!("{}:{port}", authority.host()),
        path: uri.path().trim_end_matches('/').to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use model::FrameworkId;

    use super::*;

    fn place(webui_url: Option<&str>, is_connected: bool) -> FrameworkPlace {
        FrameworkPlace {
            id: FrameworkId::new("f"),
            name: "marathon".to_owned(),
            hostname: None,
            webui_url: webui_url.map(str::to_owned),
            is_connected,
        }
    }

    /// A service is found by its web address, whose path stays in front.
    #[test]
    fn a_service_is_found_by_its_web_address() {
        let to = |url| target("marathon", &place(Some(url), true)).unwrap();
        let at = |authority: &str, path: &str| Target {
            authority: authority.to_owned(),
            path: path.to_owned(),
        };
        assert_eq!(to("http://10.0.0.1:8080"), at("10.0.0.1:8080", ""));
        assert_eq!(to("http://web/ui/"), at("web:80", "/ui"));
        assert_eq!(to("http://u:p@web:81/"), at("web:81", ""));
    }

    /// A service that can't be passed on to is refused with what is wrong with it.
    #[test]
    fn what_is_wrong_with_a_service_is_said() {
        let why = |url, connected| target("marathon", &place(url, connected)).unwrap_err();
        let gone = why(Some("http://web"), false);
        assert_eq!(gone.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(gone.text.contains("not connected"), "{gone}");
        assert_eq!(why(None, true).status, StatusCode::SERVICE_UNAVAILABLE);
        for url in ["https://web", "ftp://web", "web", "/ui", "http://"] {
            assert_eq!(why(Some(url), true).status, StatusCode::BAD_GATEWAY, "{url}");
        }
    }
}
