//! Where a registry in etcd is and how to get in.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::http::auth::Credential;

const SCHEME: &str = "etcd://";
const DEFAULT_PREFIX: &str = "/ebb";
/// etcd's own port.
const DEFAULT_PORT: u16 = 2379;

/// An address such as `etcd://a:2379,b:2379/prefix`, and what is needed to be let in.
#[derive(Clone, Debug)]
pub struct Target {
    /// `host:port` of each member.
    pub members: Vec<String>,
    /// What all keys begin with; no slash at its end.
    pub prefix: String,
    pub tls: Option<Tls>,
    pub credential: Option<Credential>,
}

/// PEM texts, read from the files that the flags name.
#[derive(Clone)]
pub struct Tls {
    pub ca: Vec<u8>,
    /// Certificate and key of this client.
    pub identity: Option<(Vec<u8>, Vec<u8>)>,
}

// Keys stay out of logs.
impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").field("identity", &self.identity.is_some()).finish_non_exhaustive()
    }
}

/// What is wrong with an address or its files.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    #[error("'{text}' is no registry: {cause}; expecting etcd://host:port[,host:port…][/prefix]")]
    Address { text: String, cause: String },
    #[error("cannot read {}: {source}", path.display())]
    File { path: PathBuf, source: std::io::Error },
    #[error("{} holds no PEM {what}", path.display())]
    Pem { path: PathBuf, what: &'static str },
}

impl Target {
    /// Reads an address; TLS and credentials are to be added.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let wrong =
            |cause: &str| TargetError::Address { text: text.to_owned(), cause: cause.to_owned() };
        let rest = text.strip_prefix(SCHEME).ok_or_else(|| {
            wrong(match text.split_once("://") {
                Some(("http" | "https" | "etcds" | "etcd+tls", _)) => {
                    "it begins with etcd://, with TLS too (--registry-ca-file asks for it)"
                }
                _ => "it does not begin with etcd://",
            })
        })?;
        let (members, prefix) = match rest.split_once('/') {
            Some((members, prefix)) => (members, prefix.trim_matches('/')),
            None => (rest, ""),
        };
        if members.contains('@') {
            return Err(wrong("user and password belong into the file of --registry-credential"));
        }
        let members = members.split(',').map(member).collect::<Result<Vec<_>, _>>();
        let members = members.map_err(wrong)?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/-_.".contains(c);
        if !prefix.chars().all(is_plain) {
            return Err(wrong("a prefix is made of letters, digits and - _ . /"));
        }
        let prefix =
            if prefix.is_empty() { DEFAULT_PREFIX.to_owned() } else { format!("/{prefix}") };
        Ok(Self { members, prefix, tls: None, credential: None })
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{SCHEME}{}{}", self.members.join(","), self.prefix)
    }
}

fn member(text: &str) -> Result<String, &'static str> {
    // An IPv6 address stands in brackets, so that its port can be told from it.
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    if host.is_empty() || (host.contains(':') && !host.starts_with('[')) {
        return Err("a member is host:port, and an IPv6 address stands in [brackets]");
    }
    let port = match port {
        Some(port) => port.parse::<u16>().map_err(|_| "a port is a number up to 65535")?,
        None => DEFAULT_PORT,
    };
    if port == 0 {
        return Err("a port is a number from 1 to 65535");
    }
    format!("http://{host}:{port}")
        .parse::<axum::http::Uri>()
        .map_err(|_| "a host is a name or an address")?;
    Ok(format!("{host}:{port}"))
}

impl Tls {
    /// Reads the files; `identity` is certificate and key.
    pub fn read(ca: &Path, identity: Option<(&Path, &Path)>) -> Result<Self, TargetError> {
        let identity = match identity {
            Some((cert, key)) => Some((pem(cert, "CERTIFICATE")?, pem(key, "PRIVATE KEY")?)),
            None => None,
        };
        Ok(Self { ca: pem(ca, "CERTIFICATE")?, identity })
    }
}

fn pem(path: &Path, what: &'static str) -> Result<Vec<u8>, TargetError> {
    let bytes = std::fs::read(path)
        .map_err(|source| TargetError::File { path: path.to_owned(), source })?;
    let text = String::from_utf8_lossy(&bytes);
    let is_there = text.lines().any(|line| {
        line.starts_with("-----BEGIN ") && line.trim_end().ends_with(&format!("{what}-----"))
    });
    if is_there { Ok(bytes) } else { Err(TargetError::Pem { path: path.to_owned(), what }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Members, ports and the prefix are read, with etcd's port and `/ebb` where they are left out.
    #[test]
    fn an_address_is_read_with_its_defaults() {
        for (text, members, prefix) in [
            ("etcd://a:1", &["a:1"][..], "/ebb"),
            ("etcd://a,10.0.0.1:3", &["a:2379", "10.0.0.1:3"], "/ebb"),
            ("etcd://[::1]:4,[::2]/", &["[::1]:4", "[::2]:2379"], "/ebb"),
            ("etcd://a:1/prod/ebb/", &["a:1"], "/prod/ebb"),
        ] {
            let target = Target::parse(text).unwrap();
            assert_eq!(
                (target.members.as_slice(), &*target.prefix),
                (members_of(members).as_slice(), prefix)
            );
            assert_eq!(Target::parse(&target.to_string()).unwrap().members, target.members);
        }
    }

    fn members_of(members: &[&str]) -> Vec<String> {
        members.iter().map(|&member| member.to_owned()).collect()
    }

    /// What is no address is refused with what would be right.
    #[test]
    fn a_wrong_address_is_refused_with_the_reason() {
        for (text, expected) in [
            ("zk://a:1", "does not begin with etcd://"),
            ("https://a:1", "--registry-ca-file asks for it"),
            ("etcd://", "a member is host:port"),
            ("etcd://a:1,,b", "a member is host:port"),
            ("etcd://::1", "[brackets]"),
            ("etcd://a:x", "a port is a number"),
            ("etcd://a:0", "from 1 to 65535"),
            ("etcd://u:p@a:1", "--registry-credential"),
            ("etcd://a:1/ä", "a prefix is made of"),
            ("etcd://a b:1", "a host is a name"),
        ] {
            let error = Target::parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    /// A file that holds something else is named, with what it should hold.
    #[test]
    fn a_file_without_pem_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ca.pem");
        std::fs::write(&file, "hello").unwrap();
        let error = Tls::read(&file, None).unwrap_err().to_string();
        assert!(error.ends_with("ca.pem holds no PEM CERTIFICATE"), "{error}");
        let error = Tls::read(&dir.path().join("none"), None).unwrap_err().to_string();
        assert!(error.starts_with("cannot read "), "{error}");
    }
}
