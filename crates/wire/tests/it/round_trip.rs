//! Messages survive being written and read.

use proptest::prelude::*;
use wire::{Message, json, protobuf};

use crate::for_each_message;
use crate::generator::{self, Shape};

fn survives_both_formats<T: Message>(choices: &[u8]) {
    let shape = Shape { set_defaults: true, ..Shape::default() };
    let bytes = generator::message(T::TABLE, choices, shape);
    let message: T = protobuf::decode(&bytes).unwrap();

    let again: T = protobuf::decode(&protobuf::encode(&message)).unwrap();
    assert_eq!(again, message);

    let text = json::to_string(&message);
    let again: T = json::from_slice(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_eq!(again, message, "{text}");
}

fn json_is_stable<T: Message>(choices: &[u8]) {
    let shape = Shape { unknown_enums: true, ..Shape::default() };
    let bytes = generator::message(T::TABLE, choices, shape);
    let message: T = protobuf::decode(&bytes).unwrap();
    let text = json::to_string(&message);
    serde_json::from_str::<serde_json::Value>(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
    let again: T = json::from_slice(text.as_bytes()).unwrap_or_else(|e| panic!("{e}: {text}"));
    assert_eq!(json::to_string(&again), text);
}

macro_rules! survive_both_formats {
    ($($message:ty),*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(64))]

            /// A message read back from its protobuf and from its JSON is the same message.
            #[test]
            fn messages_survive_both_formats(choices in generator::choices()) {
                $(survives_both_formats::<$message>(&choices);)*
            }

            /// JSON read and written again is the same text, defaults and unknown enums included.
            #[test]
            fn json_written_again_is_the_same(choices in generator::choices()) {
                $(json_is_stable::<$message>(&choices);)*
            }
        }
    };
}
for_each_message!(survive_both_formats);
