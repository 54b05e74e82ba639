//! Who a caller is: HTTP basic authentication against a credentials file.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::ApiError;

/// Principals and their secrets; empty where nobody has to authenticate.
#[derive(Clone, Default)]
pub struct Credentials {
    secrets: BTreeMap<String, String>,
}

// Secrets stay out of logs.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("principals", &self.secrets.len()).finish()
    }
}

#[derive(serde::Deserialize)]
struct File {
    credentials: Vec<Credential>,
}

/// One principal and its secret, as `--credential` files hold it.
#[derive(Clone, serde::Deserialize)]
pub struct Credential {
    pub principal: String,
    pub secret: String,
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").field("principal", &self.principal).finish_non_exhaustive()
    }
}

impl Credential {
    /// Reads `{"principal": …, "secret": …}`.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text =
            std::fs::read(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        serde_json::from_slice(&text).map_err(|e| {
            format!(
                "{} is not a credential: {e}; expected {{\"principal\": \"…\", \"secret\": \"…\"}}",
                path.display()
            )
        })
    }

    /// The value of an `Authorization` header.
    pub fn basic(&self) -> String {
        format!("Basic {}", STANDARD.encode(format!("{}:{}", self.principal, self.secret)))
    }
}

impl Credentials {
    /// Reads Mesos' credentials file: `{"credentials": [{"principal": …, "secret": …}]}`.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text =
            std::fs::read(path).map_err(|e| format!("cannot read {}: {e}", path.display()))?;
        let file: File = serde_json::from_slice(&text).map_err(|e| {
            format!(
                "{} holds no credentials: {e}; expected {{\"credentials\": [{{\"principal\": \"…\", \
                 \"secret\": \"…\"}}]}}",
                path.display()
            )
        })?;
        if file.credentials.is_empty() {
            return Err(format!("{} lists no credentials", path.display()));
        }
        let mut secrets = BTreeMap::new();
        for Credential { principal, secret } in file.credentials {
            if principal.is_empty() || principal.contains(':') || secret.is_empty() {
                return Err(format!(
                    "{}: a principal must not be empty or contain ':', a secret must not be empty",
                    path.display()
                ));
            }
            secrets.insert(principal, secret);
        }
        Ok(Self { secrets })
    }

    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// The caller's principal; `None` where nobody has to authenticate.
    pub fn authenticate(&self, headers: &HeaderMap) -> Result<Option<String>, ApiError> {
        if self.is_empty() {
            return Ok(None);
        }
        let refused = || {
            ApiError::new(
                StatusCode::UNAUTHORIZED,
                "This server needs credentials: send 'Authorization: Basic …' with a principal and its secret",
            )
        };
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let encoded = value.and_then(|value| value.strip_prefix("Basic ")).ok_or_else(refused)?;
        let decoded = STANDARD.decode(encoded.trim()).map_err(|_| refused())?;
        let text = String::from_utf8(decoded).map_err(|_| refused())?;
        let (principal, secret) = text.split_once(':').ok_or_else(refused)?;
        match self.secrets.get(principal) {
            Some(expected) if same(expected.as_bytes(), secret.as_bytes()) => {
                Ok(Some(principal.to_owned()))
            }
            _ => Err(refused()),
        }
    }
}

/// Compares without telling by its time where the first difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (x, y)| difference | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Right credentials give the principal; wrong, missing and garbled ones are refused with 401.
    #[test]
    fn only_the_right_secret_is_let_in() {
        let credentials =
            Credentials { secrets: BTreeMap::from([("ops".to_owned(), "s3cret".to_owned())]) };
        let with = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().unwrap());
            credentials.authenticate(&headers)
        };
        let right = Credential { principal: "ops".into(), secret: "s3cret".into() }.basic();
        assert_eq!(with(&right), Ok(Some("ops".to_owned())));
        let wrong = Credential { principal: "ops".into(), secret: "s3creT".into() }.basic();
        for value in [wrong.as_str(), "Basic !!!", "Bearer x", "Basic b3Bz"] {
            assert_eq!(with(value).unwrap_err().status, StatusCode::UNAUTHORIZED, "{value}");
        }
        assert!(credentials.authenticate(&HeaderMap::new()).is_err());
        assert_eq!(Credentials::default().authenticate(&HeaderMap::new()), Ok(None));
    }

    /// Neither secrets nor credentials show up in debug output, and so not in logs.
    #[test]
    fn secrets_are_not_printed() {
        let one = Credential { principal: "ops".into(), secret: "s3cret".into() };
        assert!(!format!("{one:?}").contains("s3cret"));
    }
}
