//! Where a master that does not lead sends its callers.

use axum::http::uri::{PathAndQuery, Scheme};
use axum::http::{HeaderMap, Uri, header};

/// Redirects followed for one call. A master that lost its leadership while the first answer was on its
/// way takes one more; more than that is a muddle.
const LIMIT: usize = 3;
/// Longest part of a wrong address that is shown.
const SHOWN_CHARS: usize = 200;

/// Why a redirect is not followed; reads on after the address that answered with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misdirected {
    #[error("redirects without saying where to")]
    Nowhere,
    #[error("redirects to '{0}', which is not an address")]
    NoAddress(String),
    #[error(
        "redirects to {0}, which is not {1} as it was asked; nothing, credentials least, is sent there"
    )]
    OtherScheme(String, String),
    #[error("redirects to {0}, which is not what was asked for")]
    OtherPath(String),
    #[error("redirects to {0}, which gave no answer")]
    Silent(String),
    #[error("redirects in a circle: {0}")]
    Circle(String),
    #[error("redirects to {0}, the last of {LIMIT} redirects in a row")]
    TooMany(String),
}

/// The way of one call from server to server.
#[derive(Debug)]
pub(super) struct Way {
    asked: Uri,
    visited: Vec<Uri>,
}

impl Way {
    pub(super) fn new(asked: Uri) -> Self {
        Self { visited: vec![asked.clone()], asked }
    }

    /// Where the call goes (next).
    pub(super) fn here(&self) -> &Uri {
        self.visited.last().unwrap_or(&self.asked)
    }

    /// Goes where the answer with `headers` says.
    pub(super) fn follow(&mut self, headers: &HeaderMap) -> Result<(), Misdirected> {
        let target = target(&self.asked, headers)?;
        if self.visited.contains(&target) {
            let shown = self.visited.iter().chain([&target]).map(ToString::to_string);
            return Err(Misdirected::Circle(shown.collect::<Vec<_>>().join(", ")));
        }
        if self.visited.len() > LIMIT {
            return Err(Misdirected::TooMany(target.to_string()));
        }
        self.visited.push(target);
        Ok(())
    }
}

/// The address that the `Location` in `headers` names for a call to `asked`.
pub(super) fn target(asked: &Uri, headers: &HeaderMap) -> Result<Uri, Misdirected> {
    let location = headers.get(header::LOCATION).ok_or(Misdirected::Nowhere)?;
    named(asked, &String::from_utf8_lossy(location.as_bytes()))
}

/// Another server, the same thing there.
fn named(asked: &Uri, location: &str) -> Result<Uri, Misdirected> {
    let location = location.trim();
    let shown = || location.chars().take(SHOWN_CHARS).collect::<String>();
    let scheme = asked.scheme().cloned().unwrap_or(Scheme::HTTP);
    // Mesos: the leader's address comes without a scheme, for the caller knows it.
    let full = match location.strip_prefix("//") {
        Some(rest) => format!("{scheme}://{rest}"),
        None => location.to_owned(),
    };
    let mut parts = full.parse::<Uri>().map_err(|_| Misdirected::NoAddress(shown()))?.into_parts();
    let (Some(other), Some(authority)) = (&parts.scheme, &parts.authority) else {
        return Err(Misdirected::NoAddress(shown()));
    };
    let has_port = authority.as_str().len() > authority.host().len();
    let is_usable = !authority.host().is_empty()
        && !authority.as_str().contains('@')
        && (!has_port || authority.port_u16().is_some_and(|port| port > 0));
    if !is_usable {
        return Err(Misdirected::NoAddress(shown()));
    }
    if *other != scheme {
        return Err(Misdirected::OtherScheme(shown(), scheme.to_string()));
    }
    // Mesos: masters also answer below `/master`, and say so in redirects.
    let path = parts.path_and_query.as_ref().map_or("", PathAndQuery::path);
    if !matches!(path, "" | "/") && !path.ends_with(asked.path()) {
        return Err(Misdirected::OtherPath(shown()));
    }
    parts.path_and_query = asked.path_and_query().cloned();
    Uri::from_parts(parts).map_err(|_| Misdirected::NoAddress(shown()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(location: &str) -> Result<String, Misdirected> {
        let asked: Uri = "http://a:5050/api/v1".parse().unwrap();
        named(&asked, location).map(|uri| uri.to_string())
    }

    /// A redirect names another server, with or without scheme and path, and the same is asked there.
    #[test]
    fn the_same_is_asked_of_the_server_a_redirect_names() {
        for location in [
            "//b:5051/api/v1",
            "//b:5051",
            "//b:5051/",
            "http://b:5051/api/v1",
            "//b:5051/master/api/v1",
        ] {
            assert_eq!(to(location).as_deref(), Ok("http://b:5051/api/v1"), "{location}");
        }
        assert_eq!(to("//[::1]:5051/api/v1").as_deref(), Ok("http://[::1]:5051/api/v1"));
    }

    /// A redirect that leads out of the scheme, to something else or nowhere is named and not followed.
    #[test]
    fn nonsense_is_named_and_not_followed() {
        assert!(matches!(to("https://b:5051/api/v1"), Err(Misdirected::OtherScheme(..))));
        assert!(matches!(to("//b:5051/login"), Err(Misdirected::OtherPath(_))));
        for location in ["", "/api/v1", "b:5051", "//", "//u:p@b:5051/api/v1", "//b:x/", "//b c/"] {
            let refused = to(location);
            assert!(matches!(refused, Err(Misdirected::NoAddress(_))), "{location}: {refused:?}");
        }
        let long = to(&"x".repeat(10_000)).unwrap_err().to_string();
        assert!(long.len() < SHOWN_CHARS + 100, "{} bytes", long.len());
    }

    /// Circles and chains without end are given up, and the text shows the way.
    #[test]
    fn circles_and_long_chains_are_given_up() {
        let location = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::LOCATION, text.parse().unwrap());
            headers
        };
        let mut way = Way::new("http://a:1/x".parse().unwrap());
        way.follow(&location("//b:1/x")).unwrap();
        assert_eq!(way.here(), "http://b:1/x");
        let circle = way.follow(&location("//a:1/x")).unwrap_err();
        assert_eq!(
            circle.to_string(),
            "redirects in a circle: http://a:1/x, http://b:1/x, http://a:1/x"
        );
        assert_eq!(way.follow(&HeaderMap::new()), Err(Misdirected::Nowhere));
        way.follow(&location("//c:1/x")).unwrap();
        way.follow(&location("//d:1/x")).unwrap();
        assert!(matches!(way.follow(&location("//e:1/x")), Err(Misdirected::TooMany(_))));
    }
}
