//! Which master a command talks to, and as whom.

use daemon::http::auth::Credential;
use daemon::http::client::Client;

use crate::api::Master;
use crate::args::Global;
use crate::exit::Failure;
use crate::masters::Masters;

/// Mesos' port of masters.
const DEFAULT_PORT: u16 = 5050;

/// `http://host:port` of an address given as `host`, `host:port` or with `http://`.
///
/// # Errors
/// Says what is wrong with the address, without naming where it came from.
pub fn url(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.starts_with("https://") {
        return Err(format!("{text}: TLS is not supported yet"));
    }
    let rest = text.strip_prefix("http://").unwrap_or(text).trim_end_matches('/');
    let fail = || format!("'{text}' is not an address; expecting host:port or http://host:port");
    if rest.is_empty() || rest.contains(['/', ' ', '@', '?', '#']) {
        return Err(fail());
    }
    // An IPv6 address stands in brackets.
    let after_host = rest.rfind(']').map_or(0, |end| end + 1);
    let Some((_, port)) = rest[after_host..].split_once(':') else {
        return Ok(format!("http://{rest}:{DEFAULT_PORT}"));
    };
    port.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(fail)?;
    Ok(format!("http://{rest}"))
}

/// The addresses in a list joined by commas, none of them twice.
///
/// # Errors
/// Says which address is wrong, or that there is none.
pub fn urls(text: &str) -> Result<Vec<String>, String> {
    let mut urls = Vec::new();
    for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
        let url = url(part)?;
        if !urls.contains(&url) {
            urls.push(url);
        }
    }
    if urls.is_empty() {
        return Err(
            "there is no address in it; expecting host:port, several joined by commas".to_owned()
        );
    }
    Ok(urls)
}

/// The `Authorization` that `global` names.
fn authorization(global: &Global) -> Result<Option<String>, Failure> {
    let credential = match (&global.principal, &global.secret_file) {
        (None, None) => None,
        (Some(principal), Some(file)) => {
            let secret = std::fs::read_to_string(file).map_err(|error| {
                Failure::usage(format!("--secret-file: cannot read {}: {error}", file.display()))
            })?;
            let secret = secret.trim_end_matches(['\n', '\r']).to_owned();
            if secret.is_empty() {
                return Err(Failure::usage(format!("--secret-file: {} is empty", file.display())));
            }
            Some(Credential { principal: principal.clone(), secret })
        }
        (Some(_), None) => {
            return Err(Failure::usage("--principal needs --secret-file, a file with the secret"));
        }
        (None, Some(_)) => return Err(Failure::usage("--secret-file needs --principal")),
    };
    Ok(credential.map(|credential| credential.basic()))
}

/// The masters that `global` names, with the credentials it names.
///
/// # Errors
/// An address or the credentials can't be used.
pub fn master(global: &Global) -> Result<Master, Failure> {
    let urls = urls(&global.master).map_err(|why| Failure::usage(format!("--master: {why}")))?;
    let timeouts = Masters::timeouts(urls.len());
    let client = Client::with_timeouts(authorization(global)?, timeouts);
    Ok(Master::of_several(client, urls))
}

#[cfg(test)]
mod tests {
    use super::{url, urls};

    /// An address may lack scheme and port; what is none is refused.
    #[test]
    fn addresses_may_lack_scheme_and_port() {
        for (text, expected) in [
            ("localhost", Some("http://localhost:5050")),
            ("10.0.0.1:80", Some("http://10.0.0.1:80")),
            ("http://m:5051/", Some("http://m:5051")),
            ("[::1]", Some("http://[::1]:5050")),
            ("[::1]:99", Some("http://[::1]:99")),
            ("https://m", None),
            ("m:port", None),
            ("m:0", None),
            ("m/path", None),
            ("", None),
        ] {
            assert_eq!(url(text).ok().as_deref(), expected, "{text}");
        }
    }

    /// A list is read whole: spaces and empty places don't count, twice the same is once, and one that
    /// is wrong spoils it.
    #[test]
    fn lists_of_addresses_are_read_whole() {
        let two = ["http://a:5050".to_owned(), "http://b:1".to_owned()];
        assert_eq!(urls(" a, http://b:1,,a:5050 "), Ok(two.to_vec()));
        assert!(urls("a,b:port").unwrap_err().starts_with("'b:port' is not an address"));
        assert!(urls(" , ").is_err());
    }
}
