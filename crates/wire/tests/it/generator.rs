//! Random messages, made from nothing but a message's table.

use proptest::prelude::*;
use wire::table::{FieldTable, Kind, Label, MessageTable};

/// What a generated message may look like.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Shape {
    /// Set every optional field that has an explicit default, so that JSON adds nothing.
    pub(crate) set_defaults: bool,
    /// Leave out some required fields.
    pub(crate) drop_required: bool,
    /// Leave out `google.protobuf.Duration`, whose JSON others write differently.
    pub(crate) no_durations: bool,
    /// Put enum numbers without a name into fields that aren't required.
    pub(crate) unknown_enums: bool,
}

/// Bytes from which [`message`] takes its decisions; fewer bytes are a smaller message.
pub(crate) fn choices() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..600)
}

/// The protobuf encoding of a message.
pub(crate) fn message(table: &'static MessageTable, choices: &[u8], shape: Shape) -> Vec<u8> {
    let mut out = Vec::new();
    Generator { choices: choices.iter(), shape }.message(table, 0, &mut out);
    out
}

struct Generator<'a> {
    choices: std::slice::Iter<'a, u8>,
    shape: Shape,
}

impl Generator<'_> {
    fn choose(&mut self) -> u8 {
        self.choices.next().copied().unwrap_or(0)
    }

    fn message(&mut self, table: &'static MessageTable, depth: usize, out: &mut Vec<u8>) {
        // A few optional fields out of perhaps many: begin anywhere and take some.
        let offset = usize::from(self.choose());
        for at in 0..table.fields.len() {
            let field = &table.fields[(at + offset) % table.fields.len()];
            if let Kind::Message(inner) = field.kind
                && self.shape.no_durations
                && inner.name == "google.protobuf.Duration"
            {
                continue;
            }
            let count = match field.label {
                Label::Required => usize::from(!self.shape.drop_required || self.choose() < 200),
                Label::Optional if field.default.is_some() && self.shape.set_defaults => 1,
                Label::Optional => usize::from(depth < 7 && self.choose() > 170),
                Label::Repeated if depth >= 7 => 0,
                // The order of several entries differs between implementations.
                Label::Repeated if matches!(field.kind, Kind::Map(_)) => {
                    usize::from(self.choose() > 170)
                }
                Label::Repeated => usize::from(self.choose().saturating_sub(170) / 30),
            };
            for _ in 0..count {
                self.value(field, depth, out);
            }
        }
    }

    fn value(&mut self, field: &FieldTable, depth: usize, out: &mut Vec<u8>) {
        match field.kind {
            Kind::Bool => tagged_varint(out, field.number, u64::from(self.choose() & 1)),
            Kind::Int32 => {
                let value = i64::from(self.bits().cast_signed() as i32);
                tagged_varint(out, field.number, value.cast_unsigned());
            }
            Kind::Uint32 => {
                let value = u64::from(self.bits() as u32);
                tagged_varint(out, field.number, value);
            }
            Kind::Int64 | Kind::Uint64 => {
                let value = self.bits();
                tagged_varint(out, field.number, value);
            }
            Kind::Double => {
                varint(out, u64::from(field.number) << 3 | 1);
                let value = self.double();
                out.extend(value.to_le_bytes());
            }
            Kind::Float => {
                varint(out, u64::from(field.number) << 3 | 5);
                let value = self.double() as f32;
                out.extend(value.to_le_bytes());
            }
            Kind::String => {
                let text = self.text();
                tagged_bytes(out, field.number, text.as_bytes());
            }
            Kind::Bytes => {
                let length = self.choose() % 9;
                let bytes: Vec<u8> = (0..length).map(|_| self.choose()).collect();
                tagged_bytes(out, field.number, &bytes);
            }
            Kind::Enum(names) => {
                let pick = usize::from(self.choose());
                let mut number = names.values[pick % names.values.len()].1;
                if self.shape.unknown_enums && field.label != Label::Required && pick > 200 {
                    number = 7_777_777;
                }
                tagged_varint(out, field.number, i64::from(number).cast_unsigned());
            }
            Kind::Message(table) => {
                let mut inner = Vec::new();
                self.message(table, depth + 1, &mut inner);
                tagged_bytes(out, field.number, &inner);
            }
            Kind::Map(entry) => {
                let mut inner = Vec::new();
                for field in entry.fields {
                    self.value(field, depth + 1, &mut inner);
                }
                tagged_bytes(out, field.number, &inner);
            }
        }
    }

    /// Numbers of every magnitude.
    fn bits(&mut self) -> u64 {
        let width = self.choose() % 9;
        let mut value = 0_u64;
        for _ in 0..width {
            value = value << 8 | u64::from(self.choose());
        }
        if self.choose() > 200 { value.wrapping_neg() } else { value }
    }

    fn double(&mut self) -> f64 {
        match self.choose() {
            0..100 => f64::from(self.choose()) / 10.0,
            100..110 => f64::INFINITY,
            110..120 => f64::NEG_INFINITY,
            120..130 => 0.0,
            130..140 => -0.0,
            _ => {
                let value = f64::from_bits(self.bits());
                // Unequal to itself, and so no message with it is equal to itself.
                if value.is_nan() { 1_763_835_479.123_45 } else { value }
            }
        }
    }

    fn text(&mut self) -> String {
        const PARTS: &[&str] = &[
            "a", "7", "*", " ", "\"", "\\", "/", "\n", "\t", "\u{1}", "\u{7f}", "é", "漢", "🦀",
            "\u{2028}",
        ];
        let length = self.choose() % 6;
        (0..length).map(|_| PARTS[usize::from(self.choose()) % PARTS.len()]).collect()
    }
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn tagged_varint(out: &mut Vec<u8>, number: u32, value: u64) {
    varint(out, u64::from(number) << 3);
    varint(out, value);
}

fn tagged_bytes(out: &mut Vec<u8>, number: u32, bytes: &[u8]) {
    varint(out, u64::from(number) << 3 | 2);
    varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}
