//! What a URI names, and getting it.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use reqwest::Client;
use reqwest::redirect::Policy;
use tokio::time::timeout;

use super::journal::Journal;
use crate::causes::chain;

/// Largest file that is fetched.
pub(super) const LIMIT_BYTES: u64 = 64 << 30;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(30);
// Mesos: `--fetcher_stall_timeout`.
const STALL_TIMEOUT: Duration = Duration::from_mins(1);
/// Between two lines about one download.
const PROGRESS: Duration = Duration::from_secs(10);
const REDIRECTS: usize = 20;

/// Why a URI was not fetched.
#[derive(Debug, thiserror::Error)]
pub(super) enum SourceError {
    #[error("the scheme '{0}' is not supported; http, https, file and absolute paths are")]
    Scheme(String),
    #[error("a relative path means nothing here; an absolute one, or a URI, is needed")]
    Relative,
    // Mesos: text.
    #[error("Malformed URI (missing path)")]
    NoPath,
    #[error("Illegal characters in URI")]
    Characters,
    #[error("a file URI of another host, '{0}'")]
    OtherHost(String),
    #[error("it is not a plain file")]
    NotAFile,
    #[error("cannot read it: {0}")]
    Read(io::Error),
    #[error("cannot write it: {0}")]
    Write(#[from] io::Error),
    #[error("it is larger than {LIMIT_BYTES} bytes")]
    TooLarge,
    #[error("{0}")]
    Request(String),
    // Mesos: only 200 will do.
    #[error("the server answered {0}")]
    Status(reqwest::StatusCode),
    #[error("nothing has come for {} s", STALL_TIMEOUT.as_secs())]
    Stalled,
    #[error("it broke off after {received} of {expected} bytes")]
    Short { received: u64, expected: u64 },
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Source {
    File(PathBuf),
    Web(String),
}

impl Source {
    // Mesos: what has no scheme is a path.
    pub(super) fn of(uri: &str) -> Result<Self, SourceError> {
        let uri = uri.trim_start();
        let Some((scheme, rest)) = uri.split_once("://") else {
            let path = PathBuf::from(uri);
            return if path.is_absolute() {
                Ok(Self::File(path))
            } else {
                Err(SourceError::Relative)
            };
        };
        match scheme {
            "http" | "https" => Ok(Self::Web(uri.to_owned())),
            "file" => match rest.split_once('/') {
                Some(("" | "localhost", path)) => Ok(Self::File(PathBuf::from(format!("/{path}")))),
                Some((host, _)) => Err(SourceError::OtherHost(host.to_owned())),
                None => Err(SourceError::NoPath),
            },
            other => Err(SourceError::Scheme(other.to_owned())),
        }
    }

    /// Writes all of it to `file`; returns how many bytes it has.
    pub(super) fn get(&self, file: &mut File, journal: &mut Journal) -> Result<u64, SourceError> {
        match self {
            Self::File(path) => copy(path, file),
            Self::Web(url) => {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
                runtime.block_on(download(url, file, journal))
            }
        }
    }
}

/// The last part of a URI, which its file is called by.
// Mesos: only slashes separate; a query belongs to the name.
pub(super) fn name_of(uri: &str) -> Result<String, SourceError> {
    if uri.contains(['\\', '\'', '\0']) {
        return Err(SourceError::Characters);
    }
    let path = match uri.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map(|(_, path)| path).unwrap_or_default(),
        None => uri,
    };
    let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if path.ends_with('/') || matches!(name, "" | "." | "..") {
        return Err(SourceError::NoPath);
    }
    Ok(name.to_owned())
}

/// A URI without what only its server should see: user, password and query.
pub(super) fn shown(uri: &str) -> String {
    let Some((scheme, rest)) = uri.split_once("://") else { return uri.to_owned() };
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = authority.rsplit('@').next().unwrap_or_default();
    match path.split_once('?') {
        Some((path, _)) => format!("{scheme}://{host}{path}?…"),
        None => format!("{scheme}://{host}{path}"),
    }
}

fn copy(path: &PathBuf, to: &mut File) -> Result<u64, SourceError> {
    // Before it is opened: opening a pipe would wait for its writer.
    if !std::fs::metadata(path).map_err(SourceError::Read)?.is_file() {
        return Err(SourceError::NotAFile);
    }
    let from = File::open(path).map_err(SourceError::Read)?;
    let bytes = io::copy(&mut from.take(LIMIT_BYTES + 1), to)?;
    if bytes > LIMIT_BYTES { Err(SourceError::TooLarge) } else { Ok(bytes) }
}

fn client(url: &str) -> reqwest::Result<Client> {
    // Fails when it is installed already.
    rustls::crypto::ring::default_provider().install_default().ok();
    let usual = Policy::limited(REDIRECTS);
    match builder().redirect(usual).build() {
        Err(_) if url.starts_with("http://") => without_certificates(),
        client => client,
    }
}

/// For hosts without any certificate of an authority: only servers that need none are asked.
fn without_certificates() -> reqwest::Result<Client> {
    let policy = Policy::custom(|attempt| {
        if attempt.url().scheme() != "http" {
            attempt.error("a redirect to https, and this host has no certificates to check it with")
        } else if attempt.previous().len() > REDIRECTS {
            attempt.error("too many redirects")
        } else {
            attempt.follow()
        }
    });
    builder().tls_danger_accept_invalid_certs(true).redirect(policy).build()
}

fn builder() -> reqwest::ClientBuilder {
    Client::builder().connect_timeout(CONNECT_TIMEOUT)
}

async fn download(url: &str, to: &mut File, journal: &mut Journal) -> Result<u64, SourceError> {
    // A URL may hold a password, which the errors of requests would show.
    let told = |error: reqwest::Error| SourceError::Request(chain(&error.without_url()));
    let client = client(url).map_err(told)?;
    let asked = timeout(STALL_TIMEOUT, client.get(url).send()).await;
    let mut answer = asked.map_err(|_elapsed| SourceError::Stalled)?.map_err(told)?;
    if answer.status() != reqwest::StatusCode::OK {
        return Err(SourceError::Status(answer.status()));
    }
    let expected = answer.content_length();
    if expected.is_some_and(|bytes| bytes > LIMIT_BYTES) {
        return Err(SourceError::TooLarge);
    }
    let mut received = 0_u64;
    let mut say_next = Instant::now() + PROGRESS;
    loop {
        let chunk = timeout(STALL_TIMEOUT, answer.chunk()).await;
        let Some(chunk) = chunk.map_err(|_elapsed| SourceError::Stalled)?.map_err(told)? else {
            break;
        };
        received += u64::try_from(chunk.len()).unwrap_or(u64::MAX);
        if received > LIMIT_BYTES {
            return Err(SourceError::TooLarge);
        }
        to.write_all(&chunk)?;
        if Instant::now() >= say_next {
            say_next = Instant::now() + PROGRESS;
            let of = expected.map(|bytes| format!(" of {bytes}")).unwrap_or_default();
            journal.line(&format!("{received}{of} bytes of '{}'", shown(url)));
        }
    }
    match expected {
        Some(expected) if expected != received => Err(SourceError::Short { received, expected }),
        Some(_) | None => Ok(received),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// http, https, file and absolute paths are sources; anything else is refused by its name.
    #[test]
    fn other_schemes_are_refused_by_name() {
        for uri in ["/a/b", "file:///a/b", "file://localhost/a/b"] {
            assert_eq!(Source::of(uri).unwrap(), Source::File(PathBuf::from("/a/b")), "{uri}");
        }
        assert!(matches!(Source::of(" https://x/a"), Ok(Source::Web(_))));
        for (uri, text) in [
            ("hdfs://name/a", "the scheme 'hdfs' is not supported"),
            ("ftp://host/a", "the scheme 'ftp' is not supported"),
            ("file://elsewhere/a", "another host, 'elsewhere'"),
            ("a/b", "a relative path means nothing here"),
        ] {
            let error = Source::of(uri).unwrap_err().to_string();
            assert!(error.contains(text), "{uri}: {error}");
        }
    }

    /// A file is called as Mesos calls it: by what follows the last slash.
    #[test]
    fn a_file_is_called_by_what_follows_the_last_slash() {
        for (uri, name) in [
            ("http://host/a/b.tgz", "b.tgz"),
            ("http://host/a/b.tgz?x=1", "b.tgz?x=1"),
            ("/a/b", "b"),
        ] {
            assert_eq!(name_of(uri).unwrap(), name);
        }
        for uri in ["http://host", "http://host/", "http://host/a/", "http://host/..", "/a'b"] {
            assert!(name_of(uri).is_err(), "{uri}");
        }
    }

    /// A host without certificates follows no redirect to a server whose certificate it can't check.
    #[tokio::test]
    async fn without_certificates_no_https_server_is_asked() {
        rustls::crypto::ring::default_provider().install_default().ok();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            assert!(stream.read(&mut [0_u8; 4096]).unwrap() > 0);
            let answer =
                "HTTP/1.1 302 Found\r\nlocation: https://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let error = without_certificates().unwrap().get(url).send().await.unwrap_err();
        assert!(chain(&error).contains("no certificates to check it with"), "{error:?}");
    }

    /// Passwords and signatures are not shown.
    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(shown("https://me:secret@host/a?signature=1"), "https://host/a?…");
        assert_eq!(shown("http://host/a"), "http://host/a");
        assert_eq!(shown("/a/b"), "/a/b");
    }
}
