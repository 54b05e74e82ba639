//! Content types: what a body is, and what a client wants back.

use crate::json::{self, JsonError};
use crate::protobuf::{self, DecodeError, MissingFields};
use crate::table::Described;

/// The formats of bodies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MediaType {
    /// `application/json`
    Json,
    /// `application/x-protobuf`
    Protobuf,
    /// `application/recordio`: records in another format, which a header of its own names.
    RecordIo,
}

impl MediaType {
    /// What an ordinary answer may be written as; the first is preferred.
    pub const MESSAGES: &'static [Self] = &[Self::Json, Self::Protobuf];

    /// The value of a `Content-Type` header.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Protobuf => "application/x-protobuf",
            Self::RecordIo => "application/recordio",
        }
    }

    /// Reads the value of a `Content-Type` header; `None` for any other type.
    // Differs from Mesos: it compares case-sensitively and refuses parameters such as `charset`.
    pub fn parse(content_type: &str) -> Option<Self> {
        let essence = content_type.split(';').next()?.trim();
        [Self::Json, Self::Protobuf, Self::RecordIo]
            .into_iter()
            .find(|media| essence.eq_ignore_ascii_case(media.as_str()))
    }
}

/// Picks what to answer with from `offered`, whose first is preferred among equals. No `Accept` header
/// is any type. Several headers are one, joined by commas.
///
/// `None` is 406.
pub fn negotiate(accept: Option<&str>, offered: &[MediaType]) -> Option<MediaType> {
    let Some(accept) = accept else { return offered.first().copied() };
    let mut best: Option<(u16, MediaType)> = None;
    for media in offered {
        let quality = quality(accept, *media);
        if quality > best.map_or(0, |(quality, _)| quality) {
            best = Some((quality, *media));
        }
    }
    best.map(|(_, media)| media)
}

/// In thousandths; the most specific range that matches decides.
fn quality(accept: &str, media: MediaType) -> u16 {
    let mut decided = (0, 0);
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let specificity = match parts.next() {
            Some(name) if name.eq_ignore_ascii_case(media.as_str()) => 3,
            Some(name) if name.eq_ignore_ascii_case("application/*") => 2,
            Some("*/*") => 1,
            _ => continue,
        };
        let quality = parts.find_map(parse_quality).unwrap_or(1000);
        if specificity > decided.0 {
            decided = (specificity, quality);
        }
    }
    decided.1
}

/// Reads `q=0.5`; `None` for any other parameter. What is no number counts as zero.
fn parse_quality(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let value: f32 = value.trim().parse().unwrap_or(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=1; NaN becomes zero"
    )]
    let thousandths = (value.clamp(0.0, 1.0) * 1000.0) as u16;
    Some(thousandths)
}

/// Why a body is no message, by kind, since each has its own prefix in answers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// Mesos answers with the prefix "Failed to parse body into JSON: ".
    #[error("{0}")]
    NotJson(String),
    /// Mesos answers with the prefix "Failed to convert JSON into Call protobuf: ".
    #[error("{0}")]
    JsonMismatch(String),
    /// Mesos answers "Failed to parse body into Call protobuf" and nothing more.
    #[error("{0}")]
    NotProtobuf(String),
    /// A message without some of its required fields, in either format. Mesos answers with the prefix
    /// of [`BodyError::JsonMismatch`] or, for protobuf, with the text of [`BodyError::NotProtobuf`].
    #[error(transparent)]
    Missing(#[from] MissingFields),
}

impl From<JsonError> for BodyError {
    fn from(error: JsonError) -> Self {
        match error {
            JsonError::Syntax(text) => Self::NotJson(text),
            JsonError::Mismatch(text) => Self::JsonMismatch(text),
            JsonError::Missing(missing) => Self::Missing(missing),
        }
    }
}

impl From<DecodeError> for BodyError {
    fn from(error: DecodeError) -> Self {
        match error {
            DecodeError::Malformed(text) => Self::NotProtobuf(text),
            DecodeError::Missing(missing) => Self::Missing(missing),
        }
    }
}

/// How single messages are written, within a record or as a whole body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// As [`json`] writes them.
    Json,
    /// As [`protobuf`] writes them.
    Protobuf,
}

impl Format {
    /// The format of a body of this type; none for streams, which name that of their records apart.
    pub fn of(media: MediaType) -> Option<Self> {
        match media {
            MediaType::Json => Some(Self::Json),
            MediaType::Protobuf => Some(Self::Protobuf),
            MediaType::RecordIo => None,
        }
    }

    /// Writes a message.
    pub fn encode(self, message: &impl Described) -> Vec<u8> {
        match self {
            Self::Json => json::to_vec(message),
            Self::Protobuf => protobuf::encode(message),
        }
    }

    /// Reads a message.
    ///
    /// # Errors
    /// When the body is no such message.
    pub fn decode<T: Described>(self, body: &[u8]) -> Result<T, BodyError> {
        match self {
            Self::Json => Ok(json::from_slice(body)?),
            Self::Protobuf => Ok(protobuf::decode(body)?),
        }
    }
}
