//! Content types: what a body is, and what a client wants back.

use bytes::BytesMut;

use crate::json::{self, JsonError};
use crate::protobuf::{self, DecodeError, MissingFields};
use crate::recordio;
use crate::table::Message;

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
    pub const fn name(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Protobuf => "application/x-protobuf",
            Self::RecordIo => "application/recordio",
        }
    }
}

/// Reads the value of a `Content-Type` header; `None` for any other type.
// Differs from Mesos: it compares case-sensitively and refuses parameters such as `charset`.
pub fn parse_content_type(value: &str) -> Option<MediaType> {
    let essence = value.split(';').next()?.trim();
    [MediaType::Json, MediaType::Protobuf, MediaType::RecordIo]
        .into_iter()
        .find(|media| essence.eq_ignore_ascii_case(media.name()))
}

/// Picks what to answer with by the value of the `Accept` header: JSON or protobuf, and JSON when the
/// client likes both alike. No header is any type. Several headers are one, joined by commas.
///
/// `None` is 406.
pub fn negotiate(accept: Option<&str>) -> Option<MediaType> {
    negotiate_among(accept, MediaType::MESSAGES)
}

/// [`negotiate`] over other types than those of ordinary answers; the first is preferred among equals.
pub fn negotiate_among(accept: Option<&str>, offered: &[MediaType]) -> Option<MediaType> {
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
            Some(name) if name.eq_ignore_ascii_case(media.name()) => 3,
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
    /// Records that are none, where the body is a stream of one message.
    #[error("{0}")]
    NotRecordIo(String),
    /// A message without some of its required fields, in either format. Mesos answers with the prefix
    /// of [`BodyError::JsonMismatch`] or, for protobuf, with the text of [`BodyError::NotProtobuf`].
    #[error(transparent)]
    Missing(#[from] MissingFields),
}

impl BodyError {
    /// The whole text of a 400 for a call that came as `media`: Mesos' prefix and this error.
    pub fn answer(&self, media: MediaType) -> String {
        match self {
            Self::NotJson(text) => format!("Failed to parse body into JSON: {text}"),
            Self::JsonMismatch(text) => {
                format!("Failed to convert JSON into Call protobuf: {text}")
            }
            Self::NotProtobuf(text) => format!("Failed to parse body into Call protobuf: {text}"),
            Self::NotRecordIo(text) => format!("Failed to parse body into records: {text}"),
            Self::Missing(missing) => match media {
                MediaType::Json | MediaType::RecordIo => {
                    format!("Failed to convert JSON into Call protobuf: {missing}")
                }
                MediaType::Protobuf => {
                    format!("Failed to parse body into Call protobuf: {missing}")
                }
            },
        }
    }
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

/// Writes a message as a body. `RecordIo` is one record of JSON.
pub fn encode(media: MediaType, message: &impl Message) -> Vec<u8> {
    match media {
        MediaType::Json => json::to_vec(message),
        MediaType::Protobuf => protobuf::encode(message),
        MediaType::RecordIo => {
            let mut framed = BytesMut::new();
            recordio::encode(&json::to_vec(message), &mut framed);
            framed.into()
        }
    }
}

/// Appends a message in `media` to a stream, as a record.
pub fn put_record(media: MediaType, message: &impl Message, out: &mut BytesMut) {
    recordio::encode(&encode(media, message), out);
}

/// Reads a message from a body. `RecordIo` is one record of JSON.
///
/// # Errors
/// When the body is no such message; the variants tell in which way.
pub fn decode<T: Message>(media: MediaType, body: &[u8]) -> Result<T, BodyError> {
    match media {
        MediaType::Json => Ok(json::from_slice(body)?),
        MediaType::Protobuf => Ok(protobuf::decode(body)?),
        MediaType::RecordIo => {
            let mut decoder = recordio::Decoder::new(body.len());
            decoder.push(body);
            match decoder.next() {
                Ok(Some(record)) if decoder.is_between_records() => Ok(json::from_slice(&record)?),
                Ok(_) => Err(BodyError::NotRecordIo("expecting exactly one record".to_owned())),
                Err(error) => Err(BodyError::NotRecordIo(error.to_string())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parameters and case of a content type don't matter; other types are unknown.
    #[test]
    fn parameters_and_case_of_a_content_type_do_not_matter() {
        for (value, media) in [
            ("application/json", Some(MediaType::Json)),
            ("APPLICATION/JSON", Some(MediaType::Json)),
            ("application/json; charset=utf-8", Some(MediaType::Json)),
            ("application/x-protobuf", Some(MediaType::Protobuf)),
            ("application/recordio", Some(MediaType::RecordIo)),
            ("application/x-www-form-urlencoded", None),
            ("text/json", None),
            ("application/jsonp", None),
            ("", None),
        ] {
            assert_eq!(parse_content_type(value), media, "{value}");
        }
    }

    /// The answer's type is what the client likes best, and JSON where it likes both alike.
    #[test]
    fn the_best_liked_type_is_answered_and_json_among_equals() {
        let (json, protobuf) = (Some(MediaType::Json), Some(MediaType::Protobuf));
        for (accept, media) in [
            (None, json),
            (Some("*/*"), json),
            (Some("application/*"), json),
            (Some("application/x-protobuf"), protobuf),
            (Some("application/x-protobuf, application/json"), json),
            (Some("application/x-protobuf;q=0.9, application/json;q=0.8"), protobuf),
            (Some("application/json;q=0, */*"), protobuf),
            (Some("*/*;q=0.1, application/json ; Q=0"), protobuf),
            (Some("text/html;q=0.9, application/json;q=0.1"), json),
            (Some("Application/JSON;level=1;q=0.001"), json),
            (Some("application/json;q=nonsense"), None),
            (Some("text/html"), None),
            (Some("application/*;q=0"), None),
            (Some(""), None),
        ] {
            assert_eq!(negotiate(accept), media, "{accept:?}");
        }
    }

    /// A client that reads only records is answered with records.
    #[test]
    fn records_are_negotiated_where_they_are_offered() {
        let accept = Some("application/recordio");
        assert_eq!(negotiate(accept), None);
        assert_eq!(
            negotiate_among(accept, &[MediaType::Json, MediaType::RecordIo]),
            Some(MediaType::RecordIo)
        );
    }
}
