//! Who a caller is: by a principal and its secret, by a token got for them, or by the word of a server that
//! knows.

mod tokens;

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use self::tokens::Tokens;
use super::ApiError;

/// Authentication scheme of a server that vouches for who called it.
const VOUCHED: &str = "Ebb-Vouched ";

/// Principals and their secrets; empty where nobody has to authenticate.
#[derive(Clone, Default)]
pub struct Credentials {
    secrets: BTreeMap<String, String>,
    tokens: Arc<Tokens>,
    /// Known to the one server that may say who a caller is.
    voucher: Option<Voucher>,
}

/// What a server shows to vouch for who called it: a key that the other side made up and told it.
#[derive(Clone, PartialEq, Eq)]
pub struct Voucher(Arc<str>);

impl fmt::Debug for Voucher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Voucher").finish_non_exhaustive()
    }
}

impl Voucher {
    /// Longest key that is taken.
    const MAX_BYTES: usize = 128;

    /// A new one.
    pub fn random() -> Self {
        Self(STANDARD.encode(crate::random::bytes::<32>()).into())
    }

    /// As it was told; `None` if it can't be one.
    pub fn told(key: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_graphic() && byte != b':';
        let is_key = (32..=Self::MAX_BYTES).contains(&key.len()) && key.bytes().all(plain);
        is_key.then(|| Self(key.into()))
    }

    /// To be told.
    pub fn key(&self) -> &str {
        &self.0
    }

    /// The value of an `Authorization` header that says who called.
    pub fn vouch(&self, principal: &str) -> String {
        format!("{VOUCHED}{}", STANDARD.encode(format!("{}:{principal}", self.0)))
    }
}

// Secrets stay out of logs.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("principals", &self.secrets.len())
            .finish_non_exhaustive()
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
        Ok(Self { secrets, ..Self::default() })
    }

    pub fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// As these, with a server whose word on who called it is taken.
    #[must_use]
    pub fn trusting(mut self, voucher: Voucher) -> Self {
        self.voucher = Some(voucher);
        self
    }

    /// Who may authenticate, in order.
    pub fn principals(&self) -> impl Iterator<Item = &str> {
        self.secrets.keys().map(String::as_str)
    }

    /// The caller's principal; `None` where nobody has to authenticate.
    pub fn authenticate(&self, headers: &HeaderMap) -> Result<Option<String>, ApiError> {
        if self.is_empty() {
            return Ok(None);
        }
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let principal = value.and_then(|value| {
            if let Some(encoded) = value.strip_prefix("Basic ") {
                let (principal, secret) = pair(encoded)?;
                self.knows(&principal, &secret).then_some(principal)
            } else if let Some(encoded) = value.strip_prefix(VOUCHED) {
                let (key, principal) = pair(encoded)?;
                let voucher = self.voucher.as_ref()?;
                same(voucher.0.as_bytes(), key.as_bytes()).then_some(principal)
            } else {
                // DC/OS: `token=`, without a scheme.
                self.tokens.principal(value.strip_prefix("token=")?)
            }
        });
        principal.map(Some).ok_or_else(|| {
            ApiError::new(
                StatusCode::UNAUTHORIZED,
                "This server needs credentials: send 'Authorization: Basic …' with a principal and its secret, \
                 or 'Authorization: token=…' with a token got for them that has not ended",
            )
        })
    }

    /// A token for a principal that shows its secret; `None` if it is not the right one.
    pub fn log_in(&self, principal: &str, secret: &str) -> Option<String> {
        self.knows(principal, secret).then(|| self.tokens.issue(principal))
    }

    fn knows(&self, principal: &str, secret: &str) -> bool {
        let expected = self.secrets.get(principal);
        expected.is_some_and(|expected| same(expected.as_bytes(), secret.as_bytes()))
    }
}

/// The two parts of a base64 text that are joined by a colon.
fn pair(encoded: &str) -> Option<(String, String)> {
    let decoded = STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(decoded).ok()?;
    let (first, second) = text.split_once(':')?;
    Some((first.to_owned(), second.to_owned()))
}

/// Compares without telling by its time where the first difference is.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |difference, (x, y)| difference | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ops() -> Credentials {
        let secrets = BTreeMap::from([("ops".to_owned(), "s3cret".to_owned())]);
        Credentials { secrets, ..Credentials::default() }
    }

    fn shown(credentials: &Credentials, value: &str) -> Option<String> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        credentials.authenticate(&headers).ok().flatten()
    }

    /// A token is got for the right secret only, and stands for its principal.
    #[test]
    fn a_token_is_got_for_the_right_secret() {
        let credentials = ops();
        assert_eq!(credentials.log_in("ops", "wrong"), None);
        assert_eq!(credentials.log_in("dev", "s3cret"), None);
        let token = credentials.log_in("ops", "s3cret").unwrap();
        // Clones are the same server.
        let clone = credentials.clone();
        assert_eq!(shown(&clone, &format!("token={token}")).as_deref(), Some("ops"));
        assert_eq!(shown(&clone, "token="), None);
        assert_eq!(shown(&ops(), &format!("token={token}")), None);
    }

    /// A server's word on who called is taken only with the key that was made for it.
    #[test]
    fn a_servers_word_needs_its_key() {
        let voucher = Voucher::random();
        let told = Voucher::told(voucher.key()).unwrap();
        let word = told.vouch("somebody:else");
        let trusting = ops().trusting(voucher);
        assert_eq!(shown(&trusting, &word).as_deref(), Some("somebody:else"));
        assert_eq!(shown(&trusting, &Voucher::random().vouch("ops")), None);
        assert_eq!(shown(&ops(), &word), None);
        assert_eq!(Voucher::told("short"), None);
        assert_eq!(Voucher::told(&"x:".repeat(20)), None);
    }

    /// Right credentials give the principal; wrong, missing and garbled ones are refused with 401.
    #[test]
    fn only_the_right_secret_is_let_in() {
        let credentials = ops();
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
        let voucher = Voucher::random();
        let all = format!("{:?}{voucher:?}", ops().trusting(voucher.clone()));
        assert!(!all.contains("s3cret") && !all.contains(voucher.key()), "{all}");
    }
}
