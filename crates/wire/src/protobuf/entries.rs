//! Map entries as other implementations want them.
//!
//! prost leaves an entry's value out when it equals the default. That is right for numbers and strings,
//! but a message with required fields is then missing them: a C++ reader refuses a limit of zero.

use super::DEPTH_LIMIT;
use crate::cursor::{self, Cursor, Malformed, Value};
use crate::table::{Kind, Label, MessageTable};

/// The same message with all values of its maps written out.
pub(super) fn completed(table: &'static MessageTable, bytes: Vec<u8>) -> Vec<u8> {
    if !table.reaches_map || !lacks_values(table, &bytes, 0) {
        return bytes;
    }
    let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 8);
    match copy(table, &bytes, &mut out, 0) {
        Ok(()) => out,
        // Can't be: prost wrote the bytes.
        Err(Malformed) => bytes,
    }
}

/// The table of a map's values, where they are messages.
fn value_table(entry: &'static MessageTable) -> Option<(u32, &'static MessageTable)> {
    let [_, value] = entry.fields else { return None };
    let Kind::Message(table) = value.kind else { return None };
    Some((value.number, table))
}

fn lacks_values(table: &'static MessageTable, bytes: &[u8], depth: usize) -> bool {
    let mut cursor = Cursor::new(bytes);
    while let Ok(Some((number, value))) = cursor.next() {
        let Value::Bytes(bytes) = value else { continue };
        let Some(position) = table.position(number) else { continue };
        let kind = table.fields[position].kind;
        let lacking = if let Kind::Map(entry) = kind
            && let Some((number, inner)) = value_table(entry)
        {
            match find(bytes, number) {
                None => true,
                Some(value) => inner.reaches_map && lacks_values(inner, value, depth + 1),
            }
        } else if let Kind::Message(inner) = kind
            && inner.reaches_map
            && depth < DEPTH_LIMIT
        {
            lacks_values(inner, bytes, depth + 1)
        } else {
            false
        };
        if lacking {
            return true;
        }
    }
    false
}

/// The contents of the last field with this number.
fn find(bytes: &[u8], wanted: u32) -> Option<&[u8]> {
    let mut found = None;
    let mut cursor = Cursor::new(bytes);
    while let Ok(Some((number, value))) = cursor.next() {
        if let Value::Bytes(bytes) = value
            && number == wanted
        {
            found = Some(bytes);
        }
    }
    found
}

fn copy(
    table: &'static MessageTable,
    bytes: &[u8],
    out: &mut Vec<u8>,
    depth: usize,
) -> Result<(), Malformed> {
    let mut cursor = Cursor::new(bytes);
    loop {
        let start = cursor.position();
        let Some((number, value)) = cursor.next()? else { return Ok(()) };
        let kind = table.position(number).map(|position| table.fields[position].kind);
        match (kind, value) {
            (Some(Kind::Message(inner)), Value::Bytes(inner_bytes))
                if inner.reaches_map && depth < DEPTH_LIMIT =>
            {
                let open = cursor::open_length(out, number);
                copy(inner, inner_bytes, out, depth + 1)?;
                cursor::close_length(out, &open);
            }
            (Some(Kind::Map(entry)), Value::Bytes(entry_bytes)) if depth < DEPTH_LIMIT => {
                let open = cursor::open_length(out, number);
                copy(entry, entry_bytes, out, depth + 1)?;
                if let Some((number, inner)) = value_table(entry)
                    && find(entry_bytes, number).is_none()
                {
                    let open = cursor::open_length(out, number);
                    put_required(inner, out);
                    cursor::close_length(out, &open);
                }
                cursor::close_length(out, &open);
            }
            _ => out.extend_from_slice(&bytes[start..cursor.position()]),
        }
    }
}

/// The required fields of a message that is its type's default. No message requires itself, so this
/// ends.
fn put_required(table: &MessageTable, out: &mut Vec<u8>) {
    for field in table.fields.iter().filter(|field| field.label == Label::Required) {
        match field.kind {
            Kind::Bool | Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 => {
                cursor::put_varint_field(out, field.number, 0);
            }
            Kind::Double => cursor::put_fixed64_field(out, field.number, 0),
            Kind::Float => cursor::put_fixed32_field(out, field.number, 0),
            Kind::String | Kind::Bytes => cursor::put_bytes_field(out, field.number, b""),
            Kind::Enum(names) => {
                let first = names.values.first().map_or(0, |(_, number)| i64::from(*number));
                cursor::put_varint_field(out, field.number, first.cast_unsigned());
            }
            Kind::Message(inner) => {
                let open = cursor::open_length(out, field.number);
                put_required(inner, out);
                cursor::close_length(out, &open);
            }
            Kind::Map(_) => {}
        }
    }
}
