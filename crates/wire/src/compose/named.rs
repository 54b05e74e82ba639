//! Fields by name, found when the program is built.

use crate::table::{FieldTable, Message, MessageTable};

/// A field of a message type. Made by [`field!`](crate::field).
#[derive(Debug)]
pub struct Field {
    pub(super) of: &'static MessageTable,
    pub(super) table: &'static FieldTable,
    pub(super) position: usize,
}

impl Field {
    /// The field of `M` that is called `name`.
    ///
    /// # Panics
    /// If there is none; in [`field!`](crate::field) the program is not built then.
    pub const fn of<M: Message>(name: &str) -> Self {
        let mut position = 0;
        while position < M::TABLE.fields.len() {
            let table = &M::TABLE.fields[position];
            if is_same(table.name, name) {
                return Self { of: M::TABLE, table, position };
            }
            position += 1;
        }
        panic!("there is no such field");
    }
}

// `==` of texts can't be evaluated when the program is built.
const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

/// `field!(Task, "name")`: a field of a message type, for a [`Composer`](crate::compose::Composer).
#[macro_export]
macro_rules! field {
    ($message:ty, $name:literal) => {
        const { &$crate::compose::Field::of::<$message>($name) }
    };
}
