//! Documents that are no messages, as serde shows them, written into a sink.
//!
//! The same text as `serde_json` writes, byte for byte, but quicker: texts are looked through many bytes at a time, and
//! whole numbers, of which amounts are mostly made, are written as such.

use serde::ser::{
    self, Impossible, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple,
    Serializer,
};
use serde_json::Error;

use super::write::Writer;
use crate::compose::Sink;

/// How much is written before the sink is asked whether it goes on in another buffer.
const TURN_BYTES: usize = 32 << 10;
/// By this name `serde_json` tells itself that a text is JSON already.
const RAW: &str = "$serde_json::private::RawValue";

/// Writes a document.
///
/// # Errors
/// It has what no document has: names that are no texts, bytes, variants with content.
pub fn write_document(sink: &mut dyn Sink, document: &impl Serialize) -> Result<(), Error> {
    let mut json = Writer::default();
    std::mem::swap(&mut json.out, sink.end());
    let mut writer = Document { json, sink };
    let written = document.serialize(&mut writer);
    std::mem::swap(&mut writer.json.out, writer.sink.end());
    sink.turn();
    written
}

struct Document<'a> {
    json: Writer,
    sink: &'a mut dyn Sink,
}

impl Document<'_> {
    fn put(&mut self, json: &[u8]) {
        self.json.out.extend_from_slice(json);
    }

    fn turn(&mut self) {
        if self.json.out.len() >= TURN_BYTES {
            std::mem::swap(&mut self.json.out, self.sink.end());
            self.sink.turn();
            std::mem::swap(&mut self.json.out, self.sink.end());
        }
    }
}

impl<'d, 'a> Serializer for &'d mut Document<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Open<'d, 'a>;
    type SerializeTuple = Open<'d, 'a>;
    type SerializeTupleStruct = Impossible<(), Error>;
    type SerializeTupleVariant = Impossible<(), Error>;
    type SerializeMap = Open<'d, 'a>;
    type SerializeStruct = Open<'d, 'a>;
    type SerializeStructVariant = Impossible<(), Error>;

    fn serialize_bool(self, value: bool) -> Result<(), Error> {
        self.put(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Error> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Error> {
        self.json.integer(value);
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Error> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Error> {
        self.json.digits(value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Error> {
        if !value.is_finite() {
            return self.serialize_unit();
        }
        self.json.real(f64::from(value), &value);
        Ok(())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Error> {
        if !value.is_finite() {
            return self.serialize_unit();
        }
        self.json.real(value, &value);
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        if self.json.put_plain(value.as_bytes()) {
            return Ok(());
        }
        serde_json::to_writer(&mut self.json.out, value)
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        unknown("bytes")
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.put(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<(), Error> {
        unknown("variants with content")
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Open<'d, 'a>, Error> {
        Ok(Open::new(self, b"[", b"]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Open<'d, 'a>, Error> {
        Ok(Open::new(self, b"[", b"]"))
    }

    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleStruct, Error> {
        unknown("tuples with names")
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeTupleVariant, Error> {
        unknown("variants with content")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Open<'d, 'a>, Error> {
        Ok(Open::new(self, b"{", b"}"))
    }

    fn serialize_struct(self, name: &'static str, _: usize) -> Result<Open<'d, 'a>, Error> {
        let is_raw = name == RAW;
        let (begin, end): (&[u8], &[u8]) = if is_raw { (b"", b"") } else { (b"{", b"}") };
        Ok(Open { is_raw, ..Open::new(self, begin, end) })
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Self::SerializeStructVariant, Error> {
        unknown("variants with content")
    }
}

fn unknown<T>(what: &str) -> Result<T, Error> {
    Err(ser::Error::custom(format!("documents are not written with {what}")))
}

/// A list or an object that has been begun.
struct Open<'d, 'a> {
    document: &'d mut Document<'a>,
    is_first: bool,
    /// Whether it is no object, but holds a text that is JSON already.
    is_raw: bool,
    end: &'static [u8],
}

impl<'d, 'a> Open<'d, 'a> {
    fn new(document: &'d mut Document<'a>, begin: &[u8], end: &'static [u8]) -> Self {
        document.put(begin);
        Self { document, is_first: true, is_raw: false, end }
    }

    fn separate(&mut self) {
        if !std::mem::replace(&mut self.is_first, false) {
            self.document.put(b",");
        }
    }

    fn element(&mut self, value: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.separate();
        self.document.turn();
        value.serialize(&mut *self.document)
    }

    fn name(&mut self, name: &(impl Serialize + ?Sized)) -> Result<(), Error> {
        self.separate();
        let begin = self.document.json.out.len();
        name.serialize(&mut *self.document)?;
        if self.document.json.out.get(begin) != Some(&b'"') {
            return unknown("names that are no texts");
        }
        self.document.put(b":");
        Ok(())
    }

    fn close(self) {
        self.document.put(self.end);
    }
}

impl SerializeSeq for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.element(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeTuple for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.element(value)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeMap for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, name: &T) -> Result<(), Error> {
        self.name(name)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(&mut *self.document)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

impl SerializeStruct for Open<'_, '_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        if self.is_raw {
            let text = serde_json::to_value(value)?;
            self.document.put(text.as_str().unwrap_or("null").as_bytes());
            return Ok(());
        }
        self.name(name)?;
        value.serialize(&mut *self.document)
    }

    fn end(self) -> Result<(), Error> {
        self.close();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::*;

    #[derive(Serialize)]
    struct Whole<'a> {
        #[serde(flatten)]
        part: Part<'a>,
        list: Vec<Part<'a>>,
        map: BTreeMap<&'a str, (f64, Option<u8>)>,
        nothing: [(); 0],
        raw: Box<serde_json::value::RawValue>,
        kind: Kind,
        wrapped: Wrapped,
    }

    #[derive(Clone, Serialize)]
    struct Part<'a> {
        text: &'a str,
        real: f64,
        single: f32,
        integer: i64,
        positive: u64,
        letter: char,
        is_so: bool,
        unit: (),
        missing: Option<u8>,
        #[serde(skip_serializing_if = "Option::is_none")]
        left_out: Option<u8>,
    }

    #[derive(Clone, Copy, Serialize)]
    enum Kind {
        Plain,
    }

    #[derive(Clone, Copy, Serialize)]
    struct Wrapped(u16);

    fn part(text: &str, real: f64) -> Part<'_> {
        #[expect(clippy::cast_possible_truncation, reason = "any number will do")]
        let (single, integer) = (real as f32, real as i64);
        let (letter, positive) = (text.chars().next().unwrap_or('"'), real.to_bits());
        let (is_so, unit, missing, left_out) = (real > 0.0, (), None, None);
        Part { text, real, single, integer, positive, letter, is_so, unit, missing, left_out }
    }

    fn written(document: &impl Serialize) -> String {
        let mut out = b"before".to_vec();
        write_document(&mut out, document).unwrap();
        String::from_utf8(out.split_off(b"before".len())).unwrap()
    }

    /// What is written is what `serde_json` writes: every character, numbers of every size, and JSON as it is.
    #[test]
    fn documents_are_those_of_serde_json() {
        let all: String =
            (0..0x100).filter_map(char::from_u32).chain("€\u{1f600}".chars()).collect();
        let reals = [
            0.0,
            -0.0,
            1.0,
            -3.0,
            0.5,
            0.1,
            16_777_215.0,
            16_777_216.0,
            16_777_217.0,
            1e15,
            1e16,
            1e300,
            1e-7,
            1_795_666_265.240_688,
            f64::MIN_POSITIVE,
            f64::MAX,
            f64::NAN,
            f64::INFINITY,
        ];
        let texts = ["", "plain", "with \"quotes\"", "\n", "\u{7f}", &all];
        for (index, real) in reals.into_iter().enumerate() {
            let text = texts[index % texts.len()];
            let document = Whole {
                part: part(text, real),
                list: vec![part(&all, -real); index % 3],
                map: [("a", (real, Some(1))), (text, (1.0, None))].into(),
                nothing: [],
                raw: serde_json::value::RawValue::from_string("{\"a\": [1]}".to_owned()).unwrap(),
                kind: Kind::Plain,
                wrapped: Wrapped(7),
            };
            assert_eq!(written(&document), serde_json::to_string(&document).unwrap());
        }
    }

    /// Names that are no texts are refused, not written as what is no JSON.
    #[test]
    fn names_are_texts() {
        let map = BTreeMap::from([(1, 2)]);
        assert!(write_document(&mut Vec::new(), &map).is_err());
    }
}
