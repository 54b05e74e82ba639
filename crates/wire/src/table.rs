//! What a message is made of, as data: the JSON mapping and the check for missing fields walk these
//! tables instead of having code per message. Codegen writes them from `proto/`.

use std::fmt;

/// A message with a table. Every generated message is one.
pub trait Message: prost::Message + Default + Clone + PartialEq + fmt::Debug + 'static {
    /// The message's fields.
    const TABLE: &'static MessageTable;
}

/// One message of `proto/`.
pub struct MessageTable {
    /// Full name, such as `mesos.v1.AgentInfo`.
    pub name: &'static str,
    /// In declaration order, which is the order of JSON.
    pub fields: &'static [FieldTable],
    /// Position in `fields` plus one, by field number; zero where there is none. Large numbers are
    /// left out.
    pub(crate) by_number: &'static [u8],
    /// Whether this message or one below it has a map of messages.
    pub(crate) reaches_map: bool,
    /// One bit for each of `fields` that JSON shows even where it is missing.
    pub(crate) shown_missing: u64,
}

/// One field of a message.
#[derive(Debug)]
pub struct FieldTable {
    /// Name in the proto file and in JSON.
    pub name: &'static str,
    /// The name as it begins a member of JSON that others stand before, such as `,"name":`.
    pub(crate) key: &'static str,
    /// Number in the protobuf encoding.
    pub number: u32,
    /// What the field holds.
    pub kind: Kind,
    /// How often it occurs.
    pub label: Label,
    /// Marked deprecated in the proto file.
    pub deprecated: bool,
    /// Explicit default, as JSON.
    pub default: Option<&'static str>,
    /// Whether JSON shows the empty list, which is otherwise left out.
    pub shown_empty: bool,
}

/// What a field holds.
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "the names are protobuf's")]
pub enum Kind {
    Bool,
    Int32,
    Int64,
    Uint32,
    Uint64,
    Double,
    Float,
    String,
    Bytes,
    Enum(&'static EnumTable),
    Message(&'static MessageTable),
    /// A map from strings; the table is that of an entry, whose fields are `key` and `value`.
    Map(&'static MessageTable),
}

/// How often a field occurs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are protobuf's")]
pub enum Label {
    Optional,
    Required,
    Repeated,
}

/// One enum of `proto/`.
pub struct EnumTable {
    /// Full name, such as `mesos.v1.TaskState`.
    pub name: &'static str,
    /// Names and numbers in declaration order; a number may have several names.
    pub values: &'static [(&'static str, i32)],
}

impl MessageTable {
    pub(crate) const fn new(
        name: &'static str,
        fields: &'static [FieldTable],
        by_number: &'static [u8],
        reaches_map: bool,
    ) -> Self {
        assert!(fields.len() <= u64::BITS as usize, "more fields than there are bits");
        let mut shown_missing = 0;
        let mut position = 0;
        while position < fields.len() {
            if fields[position].missing().is_some() {
                shown_missing |= 1 << position;
            }
            position += 1;
        }
        Self { name, fields, by_number, reaches_map, shown_missing }
    }

    /// Position of the field with this number.
    pub(crate) fn position(&self, number: u32) -> Option<usize> {
        match self.by_number.get(number as usize) {
            Some(0) => None,
            Some(position) => Some(usize::from(*position) - 1),
            None => self.fields.iter().position(|field| field.number == number),
        }
    }

    /// Position of the field with this name.
    pub(crate) fn position_of(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }
}

/// The positions whose bit is set, in order.
pub(crate) fn positions(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let position = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (position < u64::BITS).then_some(position as usize)
    })
}

impl EnumTable {
    /// The first name declared for a number.
    pub fn name_of(&self, number: i32) -> Option<&'static str> {
        self.values.iter().find(|(_, value)| *value == number).map(|(name, _)| *name)
    }

    /// The number of a name.
    pub fn number_of(&self, name: &str) -> Option<i32> {
        self.values.iter().find(|(value, _)| *value == name).map(|(_, number)| *number)
    }
}

impl FieldTable {
    /// `key` is [`FieldTable::key`].
    pub(crate) const fn new(key: &'static str, number: u32, kind: Kind, label: Label) -> Self {
        let (_, name) = key.split_at(",\"".len());
        let (name, _) = name.split_at(name.len() - "\":".len());
        let (deprecated, default, shown_empty) = (false, None, false);
        Self { name, key, number, kind, label, deprecated, default, shown_empty }
    }

    /// What JSON shows where the field is missing; none where it then shows nothing.
    pub(crate) const fn missing(&self) -> Option<&'static str> {
        if self.shown_empty {
            Some("[]")
        } else if matches!(self.label, Label::Optional) && !self.deprecated {
            self.default
        } else {
            None
        }
    }

    pub(crate) const fn deprecated(mut self) -> Self {
        self.deprecated = true;
        self
    }

    pub(crate) const fn shown_empty(mut self) -> Self {
        self.shown_empty = true;
        self
    }

    pub(crate) const fn with_default(mut self, json: &'static str) -> Self {
        self.default = Some(json);
        self
    }
}

// Tables refer to each other in circles, so only names are printed.
impl fmt::Debug for MessageTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for EnumTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool => f.write_str("bool"),
            Self::Int32 => f.write_str("int32"),
            Self::Int64 => f.write_str("int64"),
            Self::Uint32 => f.write_str("uint32"),
            Self::Uint64 => f.write_str("uint64"),
            Self::Double => f.write_str("double"),
            Self::Float => f.write_str("float"),
            Self::String => f.write_str("string"),
            Self::Bytes => f.write_str("bytes"),
            Self::Enum(table) => table.fmt(f),
            Self::Message(table) => table.fmt(f),
            Self::Map(table) => write!(f, "map {}", table.name),
        }
    }
}
