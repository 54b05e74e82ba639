//! The check that prost leaves out: which required fields are missing, which enum numbers unknown.

use super::{DEPTH_LIMIT, MissingFields, enum_number};
use crate::cursor::{self, Cursor, Malformed, Value};
use crate::table::{FieldTable, Kind, Label, MessageTable};

/// At most this many missing fields are named.
const NAMED_LIMIT: usize = 100;

/// What was found in the bytes of a message.
#[derive(Debug, Default)]
pub(super) struct Survey {
    pub(super) missing: MissingFields,
    /// Whether enum numbers occur that have no name.
    pub(super) unknown_enums: bool,
    /// Where the walk is, with a point at its end.
    path: String,
}

/// Walks a message without reading it into a struct.
pub(super) fn take(table: &'static MessageTable, bytes: &[u8]) -> Result<Survey, Malformed> {
    let mut survey = Survey::default();
    survey.message(table, &[bytes], 0)?;
    Ok(survey)
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
                self.missing.count += 1;
                if self.missing.paths.len() < NAMED_LIMIT {
                    self.missing.paths.push(format!("{}{}", self.path, field.name));
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
pub(super) fn without_unknown_enums(
    table: &'static MessageTable,
    bytes: &[u8],
) -> Result<Vec<u8>, Malformed> {
    let mut out = Vec::with_capacity(bytes.len());
    copy_known(table, bytes, &mut out, 0)?;
    Ok(out)
}

fn copy_known(
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
                copy_known(inner, bytes, out, depth + 1)?;
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
