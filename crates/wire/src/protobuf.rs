//! Protobuf bodies, with the check for required fields that prost leaves out.

use std::fmt;

use crate::cursor::{self, Cursor, Malformed, Value};
use crate::table::{FieldTable, Kind, Label, Message, MessageTable};

/// Messages may be nested this deep, in either format.
pub const DEPTH_LIMIT: usize = 100;

/// At most this many missing fields are named.
const NAMED_LIMIT: usize = 100;

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
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
    let mut survey = Survey::default();
    survey.message(T::TABLE, &[bytes], 0).map_err(|Malformed| {
        DecodeError::Malformed("fields that contradict the message's description".to_owned())
    })?;
    if survey.count > 0 {
        return Err(MissingFields { paths: survey.missing, count: survey.count }.into());
    }
    if !survey.unknown_enums {
        return Ok(message);
    }
    let mut known = Vec::with_capacity(bytes.len());
    without_unknown_enums(T::TABLE, bytes, &mut known, 0)
        .map_err(|Malformed| DecodeError::Malformed("unreadable enum values".to_owned()))?;
    T::decode(&*known).map_err(malformed)
}

/// Writes a message.
pub fn encode(message: &impl Message) -> Vec<u8> {
    message.encode_to_vec()
}

/// Which required fields are missing, and whether enum numbers occur that no name is known for.
#[derive(Debug, Default)]
struct Survey {
    path: String,
    missing: Vec<String>,
    count: usize,
    unknown_enums: bool,
}

impl Survey {
    /// `chunks` are the parts of one message: a field that occurs more than once is merged.
    fn message(
        &mut self,
        table: &'static MessageTable,
        chunks: &[&[u8]],
        depth: usize,
    ) -> Result<(), Malformed> {
        if depth > DEPTH_LIMIT {
            return Err(Malformed);
        }
        let mut seen = Seen::default();
        let mut children: Vec<(&'static FieldTable, &[u8])> = Vec::new();
        for chunk in chunks {
            let mut cursor = Cursor::new(chunk);
            while let Some((number, value)) = cursor.next()? {
                let Some(position) = table.position(number) else { continue };
                let field = &table.fields[position];
                let present = match (field.kind, value) {
                    (Kind::Enum(_), _) if has_unknown_enum(field, value)? => {
                        self.unknown_enums = true;
                        false
                    }
                    (Kind::Message(_) | Kind::Map(_), Value::Bytes(bytes)) => {
                        children.push((field, bytes));
                        true
                    }
                    _ => true,
                };
                if present {
                    seen.insert(position);
                }
            }
        }
        for (position, field) in table.fields.iter().enumerate() {
            if field.label == Label::Required && !seen.contains(position) {
                self.count += 1;
                if self.missing.len() < NAMED_LIMIT {
                    self.missing.push(format!("{}{}", self.path, field.name));
                }
            }
        }
        // Mesos: own fields first, then those of nested messages by field number.
        children.sort_by_key(|(field, _)| field.number);
        for group in children.chunk_by(|(a, _), (b, _)| a.number == b.number) {
            self.children(group, depth)?;
        }
        Ok(())
    }

    fn children(
        &mut self,
        group: &[(&'static FieldTable, &[u8])],
        depth: usize,
    ) -> Result<(), Malformed> {
        let Some((field, _)) = group.first() else { return Ok(()) };
        let (Kind::Message(table) | Kind::Map(table)) = field.kind else { return Ok(()) };
        let length = self.path.len();
        if field.label == Label::Repeated {
            for (index, (_, bytes)) in group.iter().enumerate() {
                self.path.push_str(field.name);
                self.path.push('[');
                self.path.push_str(&index.to_string());
                self.path.push_str("].");
                self.message(table, &[bytes], depth + 1)?;
                self.path.truncate(length);
            }
        } else {
            self.path.push_str(field.name);
            self.path.push('.');
            let chunks: Vec<&[u8]> = group.iter().map(|(_, bytes)| *bytes).collect();
            self.message(table, &chunks, depth + 1)?;
            self.path.truncate(length);
        }
        Ok(())
    }
}

/// The positions of a message's fields; codegen allows at most 255.
#[derive(Debug, Default)]
struct Seen([u64; 4]);

impl Seen {
    fn insert(&mut self, position: usize) {
        if let Some(word) = self.0.get_mut(position / 64) {
            *word |= 1 << (position % 64);
        }
    }

    fn contains(&self, position: usize) -> bool {
        self.0.get(position / 64).is_some_and(|word| word & (1 << (position % 64)) != 0)
    }
}

/// Protobuf writes negative enum numbers as 64 bits and reads the lower 32.
pub(crate) fn enum_number(varint: u64) -> i32 {
    low_half(varint).cast_signed()
}

/// The lower 32 bits, which is what protobuf takes of a varint that is too long for its field.
pub(crate) fn low_half(varint: u64) -> u32 {
    (varint & 0xffff_ffff) as u32
}

fn has_unknown_enum(field: &FieldTable, value: Value<'_>) -> Result<bool, Malformed> {
    let Kind::Enum(table) = field.kind else { return Ok(false) };
    match value {
        Value::Varint(number) => Ok(table.name_of(enum_number(number)).is_none()),
        Value::Bytes(packed) => {
            let mut cursor = Cursor::new(packed);
            while let Some(number) = cursor.next_packed_varint()? {
                if table.name_of(enum_number(number)).is_none() {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        Value::Fixed32(_) | Value::Fixed64(_) | Value::Group => Ok(false),
    }
}

/// Copies a message, dropping enum values without a name and fields without a description.
fn without_unknown_enums(
    table: &'static MessageTable,
    bytes: &[u8],
    out: &mut Vec<u8>,
    depth: usize,
) -> Result<(), Malformed> {
    if depth > DEPTH_LIMIT {
        return Err(Malformed);
    }
    let mut cursor = Cursor::new(bytes);
    while let Some((number, value)) = cursor.next()? {
        let Some(position) = table.position(number) else { continue };
        match (table.fields[position].kind, value) {
            (Kind::Message(inner) | Kind::Map(inner), Value::Bytes(bytes)) => {
                let open = cursor::open_length(out, number);
                without_unknown_enums(inner, bytes, out, depth + 1)?;
                cursor::close_length(out, &open);
            }
            (Kind::Enum(names), Value::Varint(value)) => {
                if names.name_of(enum_number(value)).is_some() {
                    cursor::put_varint_field(out, number, value);
                }
            }
            (Kind::Enum(names), Value::Bytes(packed)) => {
                let mut cursor = Cursor::new(packed);
                while let Some(value) = cursor.next_packed_varint()? {
                    if names.name_of(enum_number(value)).is_some() {
                        cursor::put_varint_field(out, number, value);
                    }
                }
            }
            (_, Value::Varint(value)) => cursor::put_varint_field(out, number, value),
            (_, Value::Fixed64(value)) => cursor::put_fixed64_field(out, number, value),
            (_, Value::Fixed32(value)) => cursor::put_fixed32_field(out, number, value),
            (_, Value::Bytes(value)) => cursor::put_bytes_field(out, number, value),
            (_, Value::Group) => {}
        }
    }
    Ok(())
}
