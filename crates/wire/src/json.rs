//! The JSON of the Mesos v1 API, which is not that of proto3.
//!
//! Mesos: names as in the proto files, enums by name, bytes as base64, 64-bit integers as numbers,
//! unset fields left out unless they have an explicit default.

mod document;
mod duration;
mod number;
mod read;
mod write;

use crate::protobuf::{DecodeError, MissingFields};
use crate::table::Message;
pub use document::write_document;
pub(crate) use write::Writer;

/// Why a JSON text is no message. The texts are what Mesos writes after its prefixes, which name the
/// call and are the caller's to add: "Failed to parse body into JSON: " before [`JsonError::Syntax`],
/// "Failed to convert JSON into Call protobuf: " before the others.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// No JSON.
    #[error("{0}")]
    Syntax(String),
    /// JSON that isn't this message.
    #[error("{0}")]
    Mismatch(String),
    /// The message without some of its required fields.
    #[error(transparent)]
    Missing(#[from] MissingFields),
}

/// Writes a message as Mesos does.
pub fn to_vec(message: &impl Message) -> Vec<u8> {
    write::to_vec(message)
}

/// [`to_vec`] as text.
pub fn to_string(message: &impl Message) -> String {
    String::from_utf8(to_vec(message)).expect("strings in messages are UTF-8, all else is ASCII")
}

/// Reads a message as Mesos does: unknown names are ignored, `null` is unset, numbers and booleans may
/// come as strings, a single value may stand for a list, an unknown enum name reads as unset.
///
/// # Errors
/// When the text is no JSON, doesn't fit the message, holds a number out of its field's range, or lacks
/// required fields.
pub fn from_slice<T: Message>(json: &[u8]) -> Result<T, JsonError> {
    let bytes = read::transcode(T::TABLE, json)?;
    crate::protobuf::decode(&bytes).map_err(|error| match error {
        DecodeError::Missing(missing) => JsonError::Missing(missing),
        DecodeError::Malformed(text) => JsonError::Mismatch(text),
    })
}
