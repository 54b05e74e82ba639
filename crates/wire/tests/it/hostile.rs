//! No input makes a decoder panic or recurse without end.

use proptest::prelude::*;
use wire::{Message, json, protobuf};

use crate::for_each_message;
use crate::generator::{self, Shape};

fn read_anything<T: Message>(bytes: &[u8]) {
    // Whatever is read can be written; what isn't read is an error.
    if let Ok(message) = protobuf::decode::<T>(bytes) {
        json::to_vec(&message);
    }
    if let Ok(message) = json::from_slice::<T>(bytes) {
        protobuf::encode(&message);
    }
}

fn read_damaged<T: Message>(choices: &[u8], at: usize, byte: u8) {
    let mut bytes = generator::message(T::TABLE, choices, Shape::default());
    let message: T = protobuf::decode(&bytes).unwrap();
    let mut text = json::to_vec(&message);
    for bytes in [&mut bytes, &mut text] {
        let length = bytes.len();
        if length > 0 {
            bytes[at % length] = byte;
            read_anything::<T>(bytes);
            read_anything::<T>(&bytes[..at % length]);
        }
    }
}

macro_rules! read_hostile {
    ($($message:ty),*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(64))]

            /// Arbitrary bytes are a message or an error.
            #[test]
            fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
                $(read_anything::<$message>(&bytes);)*
            }

            /// A message with a wrong byte or a missing end is a message or an error.
            #[test]
            fn damaged_messages_never_panic(
                choices in generator::choices(),
                at in any::<usize>(),
                byte in any::<u8>(),
            ) {
                $(read_damaged::<$message>(&choices, at, byte);)*
            }
        }
    };
}
for_each_message!(read_hostile);

fn nested_container_json(depth: usize) -> String {
    let mut text = r#"{"value":"c"}"#.to_owned();
    for _ in 0..depth {
        text = format!(r#"{{"value":"c","parent":{text}}}"#);
    }
    text
}

fn nested_container_protobuf(depth: usize) -> Vec<u8> {
    let mut bytes = vec![0x0a, 1, b'c'];
    for _ in 0..depth {
        let mut outer = vec![0x0a, 1, b'c', 0x12];
        prost::encode_length_delimiter(bytes.len(), &mut outer).unwrap();
        outer.extend(bytes);
        bytes = outer;
    }
    bytes
}

/// Nesting is read up to the limit, and refused in both formats beyond it.
#[test]
fn nesting_is_refused_beyond_the_limit() {
    use wire::v1::ContainerId;
    let limit = protobuf::DEPTH_LIMIT;
    let deepest: ContainerId = json::from_slice(nested_container_json(limit).as_bytes()).unwrap();
    assert_eq!(
        protobuf::decode::<ContainerId>(&nested_container_protobuf(limit)).unwrap(),
        deepest
    );
    assert_eq!(json::to_string(&deepest), nested_container_json(limit));

    for depth in [limit + 1, limit + 20, 50_000] {
        json::from_slice::<ContainerId>(nested_container_json(depth).as_bytes()).unwrap_err();
        protobuf::decode::<ContainerId>(&nested_container_protobuf(depth)).unwrap_err();
    }
}

/// Fields nobody knows are passed over without recursion, however deep they nest.
#[test]
fn unknown_fields_are_passed_over_without_recursion() {
    use wire::v1::ContainerId;
    let unknown = format!(r#"{{"value":"c","x":{}1{}}}"#, "[".repeat(50_000), "]".repeat(50_000));
    let read: ContainerId = json::from_slice(unknown.as_bytes()).unwrap();
    assert_eq!(read.value, "c");
    // Groups, which protobuf nests without lengths; prost bounds them itself.
    protobuf::decode::<ContainerId>(&vec![0x7b; 50_000]).unwrap_err();
}
