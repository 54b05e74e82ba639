//! JSON to protobuf bytes, streaming, guided by the message's table.

use std::borrow::Cow;
use std::fmt;

use base64::Engine as _;
use base64::alphabet::STANDARD as ALPHABET;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::JsonError;
use super::duration::{DurationMembers, is_duration};
use super::number::Number;
use crate::cursor;
use crate::protobuf::DEPTH_LIMIT;
use crate::table::{FieldTable, Kind, Label, MessageTable};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &ALPHABET,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The protobuf encoding of the message that `json` describes. Doesn't look for missing fields.
pub(super) fn transcode(table: &'static MessageTable, json: &[u8]) -> Result<Vec<u8>, JsonError> {
    let mut reader = Reader { out: Vec::with_capacity(json.len()), mismatch: None };
    let mut source = serde_json::Deserializer::from_slice(json);
    let seed = MessageSeed { table, reader: &mut reader, depth: 0, field: None };
    let outcome = seed.deserialize(&mut source).and_then(|()| source.end());
    match (outcome, reader.mismatch) {
        (Ok(()), _) => Ok(reader.out),
        // Mesos: parses the whole text before it looks at any field.
        (Err(_), Some(mismatch)) => match serde_json::from_slice::<IgnoredAny>(json) {
            Ok(_) => Err(JsonError::Mismatch(mismatch)),
            Err(error) => Err(JsonError::Syntax(error.to_string())),
        },
        (Err(error), None) => Err(JsonError::Syntax(error.to_string())),
    }
}

/// A client's text, cut to what fits into a message.
pub(super) fn shortened(text: &str) -> Cow<'_, str> {
    const LIMIT: usize = 64;
    match text.char_indices().nth(LIMIT) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

#[derive(Debug)]
struct Reader {
    out: Vec<u8>,
    /// What to tell the client; serde's own error would carry line and column.
    mismatch: Option<String>,
}

impl Reader {
    fn refuse<E: serde::de::Error>(&mut self, text: String) -> E {
        self.mismatch = Some(text);
        E::custom("the JSON does not fit the message")
    }
}

/// Reads one object into the fields of a message, without tag and length.
struct MessageSeed<'r> {
    table: &'static MessageTable,
    reader: &'r mut Reader,
    depth: usize,
    /// The field that holds the message; none for the outermost.
    field: Option<&'static FieldTable>,
}

impl<'de> DeserializeSeed<'de> for MessageSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

impl MessageSeed<'_> {
    fn not_an_object<E: serde::de::Error>(self) -> E {
        self.reader.refuse("Expecting a JSON object".to_owned())
    }

    fn duration<'de, A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let field = self.field.map_or("", |field| field.name);
        let mut members = DurationMembers::default();
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            let seed = NumberSeed { reader: self.reader, name: &name, field };
            let value = map.next_value_seed(seed)?;
            if let Err(text) = members.set(&name, value, field) {
                return Err(self.reader.refuse(text));
            }
        }
        members.write(field, &mut self.reader.out).map_err(|text| self.reader.refuse(text))
    }
}

impl<'de> Visitor<'de> for MessageSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        if self.depth > DEPTH_LIMIT {
            let text = format!("Messages are nested more than {DEPTH_LIMIT} deep");
            return Err(self.reader.refuse(text));
        }
        if is_duration(self.table) {
            return self.duration(map);
        }
        // Where each field met so far has been written: the last of several equal names wins.
        let mut written: Vec<(usize, usize, usize)> = Vec::new();
        while let Some(name) = map.next_key_seed(NameSeed { table: self.table })? {
            let Some(position) = name else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if let Some(at) = written.iter().position(|(other, _, _)| *other == position) {
                let (_, start, end) = written.remove(at);
                self.reader.out.drain(start..end);
                for (_, other_start, other_end) in &mut written[at..] {
                    *other_start -= end - start;
                    *other_end -= end - start;
                }
            }
            let start = self.reader.out.len();
            let field = &self.table.fields[position];
            let reader = &mut *self.reader;
            map.next_value_seed(ValueSeed { field, reader, depth: self.depth, in_list: false })?;
            written.push((position, start, self.reader.out.len()));
        }
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        Err(self.not_an_object())
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        Err(self.not_an_object())
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        Err(self.not_an_object())
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        Err(self.not_an_object())
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        Err(self.not_an_object())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Err(self.not_an_object())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(self.not_an_object())
    }
}

/// Reads a name in an object: the field's position, none when there is no such field.
struct NameSeed {
    table: &'static MessageTable,
}

impl<'de> DeserializeSeed<'de> for NameSeed {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Self::Value, D::Error> {
        source.deserialize_str(self)
    }
}

impl Visitor<'_> for NameSeed {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Self::Value, E> {
        Ok(self.table.position_of(name))
    }
}

/// Reads one value into a field, tag included.
struct ValueSeed<'r> {
    field: &'static FieldTable,
    reader: &'r mut Reader,
    depth: usize,
    /// Within the field's list, where no further list may stand.
    in_list: bool,
}

impl<'de> DeserializeSeed<'de> for ValueSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<(), D::Error> {
        source.deserialize_any(self)
    }
}

impl ValueSeed<'_> {
    // Mesos: this wording, with the innermost field's name only.
    fn not_expecting<E: serde::de::Error>(self, what: &str) -> E {
        self.reader.refuse(format!("Not expecting a JSON {what} for field '{}'", self.field.name))
    }

    fn number<E: serde::de::Error>(self, number: Number) -> Result<(), E> {
        let tag = self.field.number;
        let varint = match self.field.kind {
            Kind::Int32 => number.to_integer::<i32>().map(|value| i64::from(value).cast_unsigned()),
            Kind::Int64 => number.to_integer::<i64>().map(i64::cast_unsigned),
            Kind::Uint32 => number.to_integer::<u32>().map(u64::from),
            Kind::Uint64 => number.to_integer::<u64>(),
            Kind::Double => {
                let bits = number.to_f64().to_bits();
                cursor::put_fixed64_field(&mut self.reader.out, tag, bits);
                return Ok(());
            }
            Kind::Float => {
                #[expect(clippy::cast_possible_truncation, reason = "a float holds what it can")]
                let bits = (number.to_f64() as f32).to_bits();
                cursor::put_fixed32_field(&mut self.reader.out, tag, bits);
                return Ok(());
            }
            Kind::Bool
            | Kind::String
            | Kind::Bytes
            | Kind::Enum(_)
            | Kind::Message(_)
            | Kind::Map(_) => return Err(self.not_expecting("number")),
        };
        let Some(varint) = varint else {
            let text = format!("Number {number} is out of range for field '{}'", self.field.name);
            return Err(self.reader.refuse(text));
        };
        cursor::put_varint_field(&mut self.reader.out, tag, varint);
        Ok(())
    }

    fn unreadable<E: serde::de::Error>(self, value: &str, what: &str) -> E {
        let text = format!(
            "Failed to read '{}' as {what} for field '{}'",
            shortened(value),
            self.field.name
        );
        self.reader.refuse(text)
    }

    fn map_entries<'de, A: MapAccess<'de>>(
        self,
        entry: &'static MessageTable,
        mut map: A,
    ) -> Result<(), A::Error> {
        let [key, value] = entry.fields else {
            return Err(A::Error::custom("an entry has a key and a value"));
        };
        while let Some(name) = map.next_key::<Cow<'_, str>>()? {
            let start = self.reader.out.len();
            let open = cursor::open_length(&mut self.reader.out, self.field.number);
            cursor::put_bytes_field(&mut self.reader.out, key.number, name.as_bytes());
            let before = self.reader.out.len();
            let reader = &mut *self.reader;
            let depth = self.depth + 1;
            map.next_value_seed(ValueSeed { field: value, reader, depth, in_list: false })?;
            if self.reader.out.len() == before {
                self.reader.out.truncate(start);
            } else {
                cursor::close_length(&mut self.reader.out, &open);
            }
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for ValueSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a value of field '{}'", self.field.name)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        let Kind::Bool = self.field.kind else { return Err(self.not_expecting("boolean")) };
        cursor::put_varint_field(&mut self.reader.out, self.field.number, value.into());
        Ok(())
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.number(Number::Integer(value.into()))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.number(Number::Integer(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.number(Number::Real(value))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        let number = self.field.number;
        match self.field.kind {
            Kind::String => {
                cursor::put_bytes_field(&mut self.reader.out, number, value.as_bytes());
            }
            Kind::Bytes => match BASE64.decode(value) {
                Ok(bytes) => cursor::put_bytes_field(&mut self.reader.out, number, &bytes),
                Err(_) => return Err(self.unreadable(value, "base64")),
            },
            Kind::Enum(table) => match table.number_of(value) {
                Some(named) => {
                    let varint = i64::from(named).cast_unsigned();
                    cursor::put_varint_field(&mut self.reader.out, number, varint);
                }
                None if self.field.label == Label::Required => {
                    return Err(self.unreadable(value, "an enum value"));
                }
                // Mesos: a name from a newer version reads as unset.
                None => {}
            },
            Kind::Bool => match value {
                "true" => cursor::put_varint_field(&mut self.reader.out, number, 1),
                "false" => cursor::put_varint_field(&mut self.reader.out, number, 0),
                _ => return Err(self.unreadable(value, "a boolean")),
            },
            Kind::Int32
            | Kind::Int64
            | Kind::Uint32
            | Kind::Uint64
            | Kind::Double
            | Kind::Float => match Number::parse(value) {
                Some(parsed) => return self.number(parsed),
                None => return Err(self.unreadable(value, "a number")),
            },
            Kind::Message(_) | Kind::Map(_) => return Err(self.not_expecting("string")),
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let is_list =
            self.field.label == Label::Repeated && !matches!(self.field.kind, Kind::Map(_));
        if !is_list || self.in_list {
            return Err(self.not_expecting("array"));
        }
        let (field, depth) = (self.field, self.depth);
        loop {
            let reader = &mut *self.reader;
            let seed = ValueSeed { field, reader, depth, in_list: true };
            if list.next_element_seed(seed)?.is_none() {
                return Ok(());
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        let table = match self.field.kind {
            Kind::Message(table) => table,
            Kind::Map(entry) => return self.map_entries(entry, map),
            Kind::Bool
            | Kind::Int32
            | Kind::Int64
            | Kind::Uint32
            | Kind::Uint64
            | Kind::Double
            | Kind::Float
            | Kind::String
            | Kind::Bytes
            | Kind::Enum(_) => return Err(self.not_expecting("object")),
        };
        let open = cursor::open_length(&mut self.reader.out, self.field.number);
        let seed = MessageSeed {
            table,
            reader: &mut *self.reader,
            depth: self.depth + 1,
            field: Some(self.field),
        };
        seed.visit_map(map)?;
        cursor::close_length(&mut self.reader.out, &open);
        Ok(())
    }
}

/// Reads a member of a duration.
struct NumberSeed<'r> {
    reader: &'r mut Reader,
    name: &'r str,
    field: &'r str,
}

impl NumberSeed<'_> {
    fn refuse<E: serde::de::Error>(self) -> E {
        self.reader.refuse(format!(
            "Expecting a number for member '{}' of the duration in field '{}'",
            shortened(self.name),
            self.field
        ))
    }
}

impl<'de> DeserializeSeed<'de> for NumberSeed<'_> {
    type Value = Option<Number>;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Self::Value, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NumberSeed<'_> {
    type Value = Option<Number>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Some(Number::Integer(value.into())))
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Some(Number::Integer(value.into())))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Some(Number::Real(value)))
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Self::Value, E> {
        Number::parse(value).map(Some).ok_or_else(|| self.refuse())
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Self::Value, E> {
        Err(self.refuse())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(self.refuse())
    }

    fn visit_map<A: MapAccess<'de>>(self, _: A) -> Result<Self::Value, A::Error> {
        Err(self.refuse())
    }
}
