//! An independent implementation of descriptors and JSON agrees with the tables.

use std::sync::LazyLock;

use proptest::prelude::*;
use prost::Message as _;
use prost_reflect::{
    DescriptorPool, DeserializeOptions, DynamicMessage, ReflectMessage as _, SerializeOptions,
};
use serde_json::Value;
use wire::table::{Kind, Label, MessageTable};
use wire::{Message, json, protobuf};

use crate::for_each_message;
use crate::generator::{self, Shape};

static POOL: LazyLock<DescriptorPool> = LazyLock::new(|| {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../proto");
    let files = [
        "mesos/v1/master.proto",
        "mesos/v1/agent.proto",
        "mesos/v1/executor.proto",
        "mesos/v1/resource_provider.proto",
        "mesos/v1/scheduler.proto",
        "ebb/v1/link.proto",
        "ebb/v1/registry.proto",
        "ebb/v1/checkpoint.proto",
    ];
    let descriptors = protox::compile(files, [folder]).unwrap();
    DescriptorPool::from_file_descriptor_set(descriptors).unwrap()
});

fn dynamic(table: &MessageTable, bytes: &[u8]) -> DynamicMessage {
    let descriptor = POOL.get_message_by_name(table.name).unwrap();
    DynamicMessage::decode(descriptor, bytes).unwrap()
}

fn oracle_json(message: &DynamicMessage) -> Value {
    let options = SerializeOptions::new()
        .stringify_64_bit_integers(false)
        .use_proto_field_name(true)
        .skip_default_fields(true);
    message.serialize_with_options(serde_json::value::Serializer, &options).unwrap()
}

/// Removes the empty lists that Mesos shows and nobody else does.
fn without_empty_lists(value: &mut Value, table: &'static MessageTable) {
    let Value::Object(members) = value else { return };
    for field in table.fields {
        let Some(member) = members.get_mut(field.name) else { continue };
        if field.shown_empty && member.as_array().is_some_and(Vec::is_empty) {
            members.remove(field.name);
            continue;
        }
        match (field.kind, field.label) {
            (Kind::Message(inner), Label::Repeated) => {
                for item in member.as_array_mut().unwrap() {
                    without_empty_lists(item, inner);
                }
            }
            (Kind::Message(inner), _) => without_empty_lists(member, inner),
            (Kind::Map(entry), _) => {
                if let Kind::Message(inner) = entry.fields[1].kind {
                    for item in member.as_object_mut().unwrap().values_mut() {
                        without_empty_lists(item, inner);
                    }
                }
            }
            _ => {}
        }
    }
}

fn agrees_on_json<T: Message>(choices: &[u8]) {
    let shape = Shape { set_defaults: true, no_durations: true, ..Shape::default() };
    let bytes = generator::message(T::TABLE, choices, shape);
    let message: T = protobuf::decode(&bytes).unwrap();
    let oracle = dynamic(T::TABLE, &bytes);

    let text = json::to_string(&message);
    let mut ours: Value = serde_json::from_str(&text).unwrap();
    without_empty_lists(&mut ours, T::TABLE);
    let theirs = oracle_json(&oracle);
    assert_eq!(ours, theirs, "{}", T::TABLE.name);

    // And the other way round: each reads what the other writes.
    let read: T = json::from_slice(theirs.to_string().as_bytes()).unwrap();
    assert_eq!(read, message);
    let mut source = serde_json::Deserializer::from_str(&text);
    let options = DeserializeOptions::new().deny_unknown_fields(true);
    let read = DynamicMessage::deserialize_with_options(oracle.descriptor(), &mut source, &options)
        .unwrap();
    let read: T = protobuf::decode(&read.encode_to_vec()).unwrap();
    assert_eq!(read, message);
}

fn both_formats_miss_the_same<T: Message>(choices: &[u8]) {
    let shape = Shape { drop_required: true, no_durations: true, ..Shape::default() };
    let bytes = generator::message(T::TABLE, choices, shape);
    let from_protobuf = protobuf::decode::<T>(&bytes).map(|_| ()).map_err(|e| e.to_string());
    let text = oracle_json(&dynamic(T::TABLE, &bytes)).to_string();
    let from_json = json::from_slice::<T>(text.as_bytes()).map(|_| ()).map_err(|e| e.to_string());
    assert_eq!(from_protobuf, from_json, "{text}");
}

macro_rules! agree {
    ($($message:ty),*) => {
        proptest! {
            #![proptest_config(ProptestConfig::with_cases(48))]

            /// Names, values and their types in JSON are those an independent implementation writes.
            #[test]
            fn json_agrees_with_an_independent_implementation(choices in generator::choices()) {
                $(agrees_on_json::<$message>(&choices);)*
            }

            /// The same fields are missing, in the same words, from protobuf and from JSON.
            #[test]
            fn both_formats_miss_the_same_fields(choices in generator::choices()) {
                $(both_formats_miss_the_same::<$message>(&choices);)*
            }
        }
    };
}
for_each_message!(agree);
