//! Messages to JSON: one walk over the protobuf bytes.

use crate::cursor::{Cursor, Value};
use crate::protobuf::{DEPTH_LIMIT, enum_number, low_half};
use crate::table::{FieldTable, Kind, Label, Message, MessageTable, positions};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub(super) fn to_vec<T: Message>(message: &T) -> Vec<u8> {
    let bytes = crate::protobuf::encode(message);
    let mut writer = Writer { out: Vec::with_capacity(bytes.len() * 2), starts: Vec::new() };
    writer.message(T::TABLE, &bytes, 0);
    writer.out
}

#[derive(Debug, Default)]
pub(crate) struct Writer {
    pub(crate) out: Vec<u8>,
    /// Per message being written and per field: where it starts in the message's bytes, if they hold it.
    starts: Vec<usize>,
}

// The bytes come from prost, so they are sound, and repeated fields stand together. Should they
// ever not be, what can't be read is left out.
impl Writer {
    pub(crate) fn message(&mut self, table: &'static MessageTable, bytes: &[u8], depth: usize) {
        self.out.push(b'{');
        if depth <= DEPTH_LIMIT {
            let base = self.starts.len();
            let held = self.find_fields(table, bytes, base);
            let mut first = true;
            for position in positions(held | table.shown_missing) {
                let field = &table.fields[position];
                if held & (1 << position) == 0 {
                    self.missing(field, &mut first);
                } else {
                    let cursor = Cursor::at(bytes, self.starts[base + position]);
                    self.field(field, cursor, &mut first, depth);
                }
            }
            self.starts.truncate(base);
        }
        self.out.push(b'}');
    }

    /// Notes where fields start; returns one bit for each that there is.
    // The bytes are in the order of numbers, JSON is in the order of declaration.
    fn find_fields(&mut self, table: &MessageTable, bytes: &[u8], base: usize) -> u64 {
        self.starts.resize(base + table.fields.len(), 0);
        let starts = &mut self.starts[base..];
        let mut held = 0;
        let mut cursor = Cursor::new(bytes);
        loop {
            let at = cursor.position();
            let Ok(Some((number, _))) = cursor.next() else { return held };
            if let Some(position) = table.position(number)
                && held & (1 << position) == 0
            {
                held |= 1 << position;
                starts[position] = at;
            }
        }
    }

    fn field(
        &mut self,
        field: &FieldTable,
        mut cursor: Cursor<'_>,
        first: &mut bool,
        depth: usize,
    ) {
        match (field.label, field.kind) {
            (Label::Repeated, Kind::Map(entry)) => {
                self.name(field, first);
                self.out.push(b'{');
                let mut first = true;
                while let Some(bytes) = next_message(&mut cursor, field) {
                    self.entry(entry, bytes, &mut first, depth + 1);
                }
                self.out.push(b'}');
            }
            (Label::Repeated, _) => {
                self.name(field, first);
                self.out.push(b'[');
                let before = self.out.len();
                while let Ok(Some((number, value))) = cursor.next() {
                    if number != field.number {
                        break;
                    }
                    self.item(field, value, before, depth);
                }
                self.out.push(b']');
            }
            (Label::Optional | Label::Required, _) => {
                let Ok(Some((_, value))) = cursor.next() else { return };
                // A number without a name is as good as unset.
                if let (Kind::Enum(table), Value::Varint(number)) = (field.kind, value)
                    && table.name_of(enum_number(number)).is_none()
                {
                    return self.missing(field, first);
                }
                self.name(field, first);
                self.value(field.kind, value, depth);
            }
        }
    }

    /// What JSON shows of a field that is not there.
    pub(crate) fn missing(&mut self, field: &FieldTable, first: &mut bool) {
        if let Some(shown) = field.missing() {
            self.name(field, first);
            self.out.extend_from_slice(shown.as_bytes());
        }
    }

    pub(crate) fn name(&mut self, field: &FieldTable, first: &mut bool) {
        let key = field.key.as_bytes();
        self.out.extend_from_slice(if std::mem::replace(first, false) { &key[1..] } else { key });
    }

    fn entry(
        &mut self,
        table: &'static MessageTable,
        bytes: &[u8],
        first: &mut bool,
        depth: usize,
    ) {
        let [key_field, value_field] = table.fields else { return };
        // Protobuf leaves out an empty key and an empty value.
        let mut key: &[u8] = b"";
        let mut content = empty(value_field.kind);
        let mut cursor = Cursor::new(bytes);
        while let Ok(Some((number, value))) = cursor.next() {
            if number == value_field.number {
                content = value;
            } else if let Value::Bytes(bytes) = value
                && number == key_field.number
            {
                key = bytes;
            }
        }
        if !std::mem::replace(first, false) {
            self.out.push(b',');
        }
        self.string(key);
        self.out.push(b':');
        self.value(value_field.kind, content, depth);
    }

    /// One occurrence of a repeated field: an element, or several packed into one.
    fn item(&mut self, field: &FieldTable, value: Value<'_>, list_start: usize, depth: usize) {
        let Value::Bytes(bytes) = value else {
            return self.element(field, value, list_start, depth);
        };
        let mut cursor = Cursor::new(bytes);
        match field.kind {
            Kind::Double => {
                while let Ok(Some(bytes)) = cursor.next_packed_fixed() {
                    let value = Value::Fixed64(u64::from_le_bytes(bytes));
                    self.element(field, value, list_start, depth);
                }
            }
            Kind::Float => {
                while let Ok(Some(bytes)) = cursor.next_packed_fixed() {
                    let value = Value::Fixed32(u32::from_le_bytes(bytes));
                    self.element(field, value, list_start, depth);
                }
            }
            Kind::Bool
            | Kind::Int32
            | Kind::Int64
            | Kind::Uint32
            | Kind::Uint64
            | Kind::Enum(_) => {
                while let Ok(Some(number)) = cursor.next_packed_varint() {
                    self.element(field, Value::Varint(number), list_start, depth);
                }
            }
            Kind::String | Kind::Bytes | Kind::Message(_) | Kind::Map(_) => {
                self.element(field, value, list_start, depth);
            }
        }
    }

    fn element(&mut self, field: &FieldTable, value: Value<'_>, list_start: usize, depth: usize) {
        if let (Kind::Enum(table), Value::Varint(number)) = (field.kind, value)
            && table.name_of(enum_number(number)).is_none()
        {
            return;
        }
        if self.out.len() > list_start {
            self.out.push(b',');
        }
        self.value(field.kind, value, depth);
    }

    fn value(&mut self, kind: Kind, value: Value<'_>, depth: usize) {
        match (kind, value) {
            (Kind::Bool, Value::Varint(value)) => {
                self.out.extend_from_slice(if value == 0 { b"false" } else { b"true" });
            }
            (Kind::Int32, Value::Varint(value)) => {
                self.integer(i64::from(low_half(value).cast_signed()));
            }
            (Kind::Int64, Value::Varint(value)) => self.integer(value.cast_signed()),
            (Kind::Uint32, Value::Varint(value)) => self.digits(u64::from(low_half(value))),
            (Kind::Uint64, Value::Varint(value)) => self.digits(value),
            (Kind::Double, Value::Fixed64(bits)) => {
                let value = f64::from_bits(bits);
                self.real(value, &value);
            }
            (Kind::Float, Value::Fixed32(bits)) => {
                let value = f32::from_bits(bits);
                self.real(f64::from(value), &value);
            }
            (Kind::String, Value::Bytes(bytes)) => self.string(bytes),
            (Kind::Bytes, Value::Bytes(bytes)) => self.base64(bytes),
            (Kind::Enum(table), Value::Varint(number)) => {
                self.out.push(b'"');
                let name = table.name_of(enum_number(number)).unwrap_or_default();
                self.out.extend_from_slice(name.as_bytes());
                self.out.push(b'"');
            }
            (Kind::Message(table), Value::Bytes(bytes)) => self.message(table, bytes, depth + 1),
            _ => self.out.extend_from_slice(b"null"),
        }
    }

    pub(crate) fn integer(&mut self, value: i64) {
        if value < 0 {
            self.out.push(b'-');
        }
        self.digits(value.unsigned_abs());
    }

    pub(crate) fn digits(&mut self, mut value: u64) {
        let mut buffer = [0_u8; 20];
        let mut at = buffer.len();
        loop {
            at -= 1;
            buffer[at] = b'0' + (value % 10) as u8;
            value /= 10;
            if value == 0 {
                break;
            }
        }
        self.out.extend_from_slice(&buffer[at..]);
    }

    pub(crate) fn real(&mut self, value: f64, printed: &impl serde::Serialize) {
        // Amounts, nearly all of them. Beyond, the shortest text is not that of the whole number.
        if value.abs() < WHOLE_BELOW
            && value.fract() == 0.0
            && (value != 0.0 || value.is_sign_positive())
        {
            #[expect(clippy::cast_possible_truncation, reason = "just checked")]
            let whole = value as i64;
            self.integer(whole);
            self.out.extend_from_slice(b".0");
        } else if value.is_nan() {
            self.out.extend_from_slice(b"\"NaN\"");
        } else if value.is_infinite() {
            let text: &[u8] = if value > 0.0 { b"\"Infinity\"" } else { b"\"-Infinity\"" };
            self.out.extend_from_slice(text);
        } else {
            // Mesos: the shortest text that reads back as the same number, always with a point.
            serde_json::to_writer(&mut self.out, printed)
                .expect("a finite number goes into memory without errors");
        }
    }

    pub(crate) fn string(&mut self, bytes: &[u8]) {
        if !self.put_plain(bytes) {
            self.out.push(b'"');
            self.escaped(bytes);
            self.out.push(b'"');
        }
    }

    /// Writes a text if it can stand as it is.
    pub(crate) fn put_plain(&mut self, bytes: &[u8]) -> bool {
        // Without a way out of the loop many bytes are looked at at once.
        let is_plain = !bytes.iter().fold(false, |special, byte| special | is_special(*byte));
        if is_plain {
            self.out.push(b'"');
            self.out.extend_from_slice(bytes);
            self.out.push(b'"');
        }
        is_plain
    }

    fn escaped(&mut self, bytes: &[u8]) {
        const HEX: &[u8; 16] = b"0123456789abcdef";
        let mut rest = bytes;
        while let Some(at) = rest.iter().position(|byte| is_special(*byte)) {
            self.out.extend_from_slice(&rest[..at]);
            match rest[at] {
                b'"' => self.out.extend_from_slice(b"\\\""),
                b'\\' => self.out.extend_from_slice(b"\\\\"),
                b'\n' => self.out.extend_from_slice(b"\\n"),
                b'\r' => self.out.extend_from_slice(b"\\r"),
                b'\t' => self.out.extend_from_slice(b"\\t"),
                other => {
                    self.out.extend_from_slice(b"\\u00");
                    self.out.push(HEX[usize::from(other >> 4)]);
                    self.out.push(HEX[usize::from(other & 15)]);
                }
            }
            rest = &rest[at + 1..];
        }
        self.out.extend_from_slice(rest);
    }

    pub(crate) fn base64(&mut self, bytes: &[u8]) {
        self.out.push(b'"');
        let start = self.out.len();
        self.out.resize(start + bytes.len().div_ceil(3) * 4, 0);
        let written = STANDARD
            .encode_slice(bytes, &mut self.out[start..])
            .expect("four characters per three bytes are room enough");
        self.out.truncate(start + written);
        self.out.push(b'"');
    }
}

/// Below it a whole number has the same digits in any type of number.
const WHOLE_BELOW: f64 = 16_777_216.0;

/// Whether a text of JSON can't hold this byte as it is.
// Mesos: a DEL is escaped too.
fn is_special(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\' || byte == 0x7f
}

fn next_message<'a>(cursor: &mut Cursor<'a>, field: &FieldTable) -> Option<&'a [u8]> {
    match cursor.next() {
        Ok(Some((number, Value::Bytes(bytes)))) if number == field.number => Some(bytes),
        _ => None,
    }
}

/// The value that protobuf leaves out of a map entry.
fn empty(kind: Kind) -> Value<'static> {
    match kind {
        Kind::Bool | Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 | Kind::Enum(_) => {
            Value::Varint(0)
        }
        Kind::Double => Value::Fixed64(0),
        Kind::Float => Value::Fixed32(0),
        Kind::String | Kind::Bytes | Kind::Message(_) | Kind::Map(_) => Value::Bytes(&[]),
    }
}
