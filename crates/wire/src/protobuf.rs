//! Protobuf bodies, with the check for required fields that prost leaves out.

mod entries;
mod survey;

use std::fmt;

use crate::cursor::Malformed;
use crate::table::Message;

/// Messages may be nested this deep, in either format.
pub const DEPTH_LIMIT: usize = 100;

/// Why bytes are no message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Not the protobuf encoding of such a message. Says what prost stumbled over.
    #[error("{0}")]
    Malformed(String),
    /// A message that lacks required fields.
    #[error(transparent)]
    Missing(#[from] MissingFields),
}

/// Required fields that a message lacks. The same text for protobuf and JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
pub struct MissingFields {
    /// Paths such as `drain_agent.agent_id` or `tasks[2].name`; the first hundred.
    pub paths: Vec<String>,
    /// How many there are.
    pub count: usize,
}

// Mesos: the same text for JSON. For protobuf it only says that parsing failed.
impl fmt::Display for MissingFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Missing required fields: {}", self.paths.join(", "))?;
        match self.count.saturating_sub(self.paths.len()) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

/// Reads a message. Enum numbers that the proto files don't name count as unset, as in C++ proto2; in
/// a required field they are missing.
///
/// # Errors
/// When the bytes are no such message, are nested more than [`DEPTH_LIMIT`] deep, or lack required
/// fields.
pub fn decode<T: Message>(bytes: &[u8]) -> Result<T, DecodeError> {
    let malformed = |error: prost::DecodeError| DecodeError::Malformed(error.to_string());
    let message = T::decode(bytes).map_err(malformed)?;
    // prost has read the bytes, so only nesting that it doesn't count could fail here.
    let unreadable = |Malformed| DecodeError::Malformed("unreadable nested message".to_owned());
    let survey = survey::take(T::TABLE, bytes).map_err(unreadable)?;
    if survey.missing.count > 0 {
        return Err(survey.missing.into());
    }
    if !survey.unknown_enums {
        return Ok(message);
    }
    let known = survey::without_unknown_enums(T::TABLE, bytes).map_err(unreadable)?;
    T::decode(&*known).map_err(malformed)
}

/// Writes a message so that any reader accepts it.
pub fn encode<T: Message>(message: &T) -> Vec<u8> {
    entries::completed(T::TABLE, message.encode_to_vec())
}

/// The encoding of a message as [`encode`] writes it, from prost's.
pub(crate) fn completed<T: Message>(bytes: Vec<u8>) -> Vec<u8> {
    entries::completed(T::TABLE, bytes)
}

/// Protobuf writes negative enum numbers as 64 bits and reads the lower 32.
pub(crate) fn enum_number(varint: u64) -> i32 {
    low_half(varint).cast_signed()
}

/// The lower 32 bits, which is what protobuf takes of a varint that is too long for its field.
pub(crate) fn low_half(varint: u64) -> u32 {
    (varint & 0xffff_ffff) as u32
}
