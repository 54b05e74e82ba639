//! What the older JSON endpoints of masters and agents share: their queries and their answers.

use std::borrow::Cow;
use std::io::{self, Write};

use axum::body::Body;
use axum::http::{HeaderMap, Response, StatusCode, Uri};
use serde::Serialize;

use super::{ApiError, answer};

/// Longest name of a function that an answer is wrapped into.
const CALLBACK_CHARS: usize = 128;

/// The query of a request; of a name that comes twice the last counts.
#[derive(Clone, Debug, Default)]
pub struct Query(Vec<(String, String)>);

impl Query {
    pub fn of(uri: &Uri) -> Self {
        Self::read(uri.query().unwrap_or_default().as_bytes())
    }

    /// Reads pairs in the notation of queries and forms; what is no UTF-8 is replaced.
    pub fn read(text: &[u8]) -> Self {
        let owned = |text: Cow<'_, str>| text.into_owned();
        Self(
            form_urlencoded::parse(text).map(|(name, value)| (owned(name), owned(value))).collect(),
        )
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The same as an owned text.
    pub fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }
}

/// A document of one of these endpoints.
pub fn to_json(document: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(document).expect("documents have text for names and finite depth")
}

/// 200 with a JSON document, as an argument of the function that `jsonp` names if it does.
///
/// # Errors
/// `jsonp` is not the name of a function.
pub fn answer(headers: &HeaderMap, query: &Query, json: &[u8]) -> Result<Response<Body>, ApiError> {
    let wrapper = Wrapper::of(query)?;
    let mut body = Vec::with_capacity(json.len());
    wrapper.write(&mut body, |body| body.write_all(json));
    Ok(answer::bytes(headers, wrapper.content_type(), body))
}

/// What is around a document: nothing, or the call of a function.
#[derive(Clone, Debug)]
pub struct Wrapper(Option<String>);

impl Wrapper {
    /// As `jsonp` asks for.
    ///
    /// # Errors
    /// It is not the name of a function.
    // Mesos: any text is taken for a name. Differs from Mesos: a script is not the caller's to write.
    pub fn of(query: &Query) -> Result<Self, ApiError> {
        match query.text("jsonp") {
            Some(name) if !is_callback(&name) => Err(ApiError::bad_request(
                "'jsonp' has to be the name of a function: letters, digits, '_', '$', '.', '[' and ']'",
            )),
            name => Ok(Self(name)),
        }
    }

    pub fn is_none(&self) -> bool {
        self.0.is_none()
    }

    pub fn content_type(&self) -> &'static str {
        if self.is_none() { "application/json" } else { "text/javascript" }
    }

    /// Writes what `document` writes, wrapped, into something that takes all it is given.
    pub fn write<W: Write>(&self, out: &mut W, document: impl FnOnce(&mut W) -> io::Result<()>) {
        const TAKES_ALL: &str = "a buffer in memory takes all it is given";
        if let Some(name) = &self.0 {
            out.write_all(name.as_bytes()).and_then(|()| out.write_all(b"(")).expect(TAKES_ALL);
        }
        document(out).expect(TAKES_ALL);
        if !self.is_none() {
            out.write_all(b")").expect(TAKES_ALL);
        }
    }
}

fn is_callback(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_$.[]".contains(&byte);
    (1..=CALLBACK_CHARS).contains(&name.len()) && name.bytes().all(fits)
}

/// 200 with a line of text.
pub fn text(headers: &HeaderMap, text: &str) -> Response<Body> {
    answer::bytes(headers, "text/plain; charset=utf-8", text.as_bytes().to_vec())
}

/// Collecting takes no time worth a bound, but what is no duration is still a mistake.
pub fn check_timeout(query: &Query) -> Result<(), ApiError> {
    let Some(timeout) = query.get("timeout") else { return Ok(()) };
    match model::duration::parse(timeout) {
        Ok(_) => Ok(()),
        Err(error) => {
            Err(ApiError::bad_request(format!("Invalid timeout '{timeout}': {error}.\n")))
        }
    }
}

/// A page that lists endpoints and what they are.
pub fn help(title: &str, endpoints: &[(&str, &str)]) -> String {
    let rows = endpoints.iter().map(|(path, what)| {
        format!("<tr><td><a href=\"{path}\">{path}</a></td><td>{what}</td></tr>\n")
    });
    format!(
        "<!DOCTYPE html><html><head><title>Help</title></head><body><h1>{title}</h1><table>\n{}</table></body></html>\n",
        rows.collect::<String>()
    )
}

/// What Mesos answers where nothing is.
pub async fn not_found() -> Response<Body> {
    ApiError::new(StatusCode::NOT_FOUND, "404 Not Found.").into_response()
}

/// Only these methods are served.
// Mesos: the text and the header name them all.
pub fn method_not_allowed(method: &axum::http::Method, allowed: &[&str]) -> Response<Body> {
    let names = allowed.iter().map(|name| format!("'{name}'")).collect::<Vec<_>>().join(", ");
    let text =
        format!("405 Method Not Allowed. Expecting one of {{ {names} }}, but received '{method}'.");
    let mut response = ApiError::new(StatusCode::METHOD_NOT_ALLOWED, text).into_response();
    let allowed = allowed.join(", ").parse().expect("names of methods fit into a header");
    response.headers_mut().insert(axum::http::header::ALLOW, allowed);
    response
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    /// With `jsonp` the answer is a script that calls that function, and a text that is no name is refused.
    #[tokio::test]
    async fn answers_are_wrapped_only_into_names_of_functions() {
        let headers = HeaderMap::new();
        let of = |query: &str| answer(&headers, &Query::read(query.as_bytes()), b"{}");
        assert_eq!(of("").unwrap().headers()["content-type"], "application/json");
        let wrapped = of("a=b&jsonp=jQuery_1%24.cb").unwrap();
        assert_eq!(wrapped.headers()["content-type"], "text/javascript");
        let body = wrapped.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body.as_ref(), b"jQuery_1$.cb({})");
        for bad in ["", "alert(1)//", "a%0ab", &"x".repeat(200)] {
            let error = of(&format!("jsonp={bad}")).unwrap_err();
            assert_eq!(error.status, StatusCode::BAD_REQUEST, "{bad}");
        }
    }

    /// A refused method is named with those that are served, in text and header.
    #[test]
    fn a_refused_method_hears_which_are_served() {
        let response = method_not_allowed(&axum::http::Method::DELETE, &["GET", "PUT"]);
        assert_eq!(response.headers()["allow"], "GET, PUT");
    }
}
