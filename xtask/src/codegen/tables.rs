//! Writes `tables.rs`: one static description per message and enum of `proto/`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anyhow::Context as _;
use heck::{ToShoutySnakeCase, ToSnakeCase as _, ToUpperCamelCase as _};
use protox::prost_reflect::prost_types::{FieldDescriptorProto, FieldOptions};
use protox::prost_reflect::{
    Cardinality, DescriptorPool, EnumDescriptor, FieldDescriptor, Kind, MessageDescriptor,
};

/// Lists that JSON shows even when they are empty.
/// Mesos: these answers are written by hand, and each list begins before anyone looks for entries.
const SHOWN_EMPTY: &[&str] = &[
    "mesos.v1.agent.Response.GetExecutors.completed_executors",
    "mesos.v1.agent.Response.GetExecutors.executors",
    "mesos.v1.agent.Response.GetFrameworks.completed_frameworks",
    "mesos.v1.agent.Response.GetFrameworks.frameworks",
    "mesos.v1.agent.Response.GetTasks.completed_tasks",
    "mesos.v1.agent.Response.GetTasks.launched_tasks",
    "mesos.v1.agent.Response.GetTasks.pending_tasks",
    "mesos.v1.agent.Response.GetTasks.queued_tasks",
    "mesos.v1.agent.Response.GetTasks.terminated_tasks",
    "mesos.v1.master.Response.GetAgents.agents",
    "mesos.v1.master.Response.GetAgents.recovered_agents",
    "mesos.v1.master.Response.GetExecutors.executors",
    "mesos.v1.master.Response.GetFrameworks.completed_frameworks",
    "mesos.v1.master.Response.GetFrameworks.frameworks",
    "mesos.v1.master.Response.GetTasks.completed_tasks",
    "mesos.v1.master.Response.GetTasks.tasks",
    "mesos.v1.master.Response.GetTasks.unreachable_tasks",
];

/// Numbers up to this find their field through an array.
const DENSE_NUMBERS: u32 = 255;

pub(crate) fn write(pool: &DescriptorPool) -> anyhow::Result<String> {
    let mut messages: Vec<MessageDescriptor> = pool.all_messages().collect();
    messages.sort_by(|a, b| a.full_name().cmp(b.full_name()));
    let mut enums: Vec<EnumDescriptor> = pool.all_enums().collect();
    enums.sort_by(|a, b| a.full_name().cmp(b.full_name()));
    for name in SHOWN_EMPTY {
        let known = messages.iter().flat_map(MessageDescriptor::fields);
        anyhow::ensure!(known.into_iter().any(|f| f.full_name() == *name), "no field {name}");
    }

    let mut text = String::from(
        "// Written by `cargo xtask codegen`.\n\
         use crate::table::{Message, EnumTable, FieldTable, Kind, Label, MessageTable};\n",
    );
    let with_maps = reaching_maps(&messages);
    for item in &enums {
        write_enum(&mut text, item)?;
    }
    for message in &messages {
        write_message(&mut text, message, with_maps.contains(message.full_name()))
            .with_context(|| message.full_name().to_owned())?;
    }
    Ok(text)
}

/// Messages that have a map of messages, or reach one.
fn reaching_maps(messages: &[MessageDescriptor]) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    loop {
        let before = found.len();
        for message in messages {
            let reaches = message.fields().any(|field| {
                let Kind::Message(inner) = field.kind() else { return false };
                let is_map = inner.is_map_entry()
                    && matches!(inner.map_entry_value_field().kind(), Kind::Message(_));
                is_map || found.contains(inner.full_name())
            });
            if reaches {
                found.insert(message.full_name().to_owned());
            }
        }
        if found.len() == before {
            return found;
        }
    }
}

fn write_enum(text: &mut String, item: &EnumDescriptor) -> anyhow::Result<()> {
    let name = item.full_name();
    writeln!(text, "\n#[rustfmt::skip]\nstatic {}: EnumTable = EnumTable {{", static_name(name))?;
    writeln!(text, "    name: {name:?},\n    values: &[")?;
    // In declaration order, so that the first of several names for a number is the one written.
    for value in &item.enum_descriptor_proto().value {
        writeln!(text, "        ({:?}, {}),", value.name(), value.number())?;
    }
    text.push_str("    ],\n};\n");
    Ok(())
}

fn write_message(
    text: &mut String,
    message: &MessageDescriptor,
    reaches_map: bool,
) -> anyhow::Result<()> {
    let name = message.full_name();
    let table = static_name(name);
    let declared = &message.descriptor_proto().field;
    writeln!(text, "\n#[rustfmt::skip]\nstatic {table}: MessageTable = MessageTable::new(")?;
    writeln!(text, "    {name:?},\n    &[")?;
    for proto in declared {
        let field = message.get_field_by_name(proto.name()).context("field without descriptor")?;
        writeln!(text, "        {},", field_row(&field, proto)?)?;
    }
    text.push_str("    ],\n    &[");
    let numbers: Vec<u32> = declared.iter().map(|f| f.number().unsigned_abs()).collect();
    let last = numbers.iter().copied().filter(|n| *n <= DENSE_NUMBERS).max().unwrap_or(0);
    let dense: Vec<String> = (0..=last)
        .map(|number| numbers.iter().position(|n| *n == number).map_or(0, |at| at + 1).to_string())
        .collect();
    writeln!(text, "{}],\n    {reaches_map},\n);", dense.join(", "))?;
    if !message.is_map_entry() {
        writeln!(text, "impl Message for super::{} {{", rust_path(message))?;
        writeln!(text, "    const TABLE: &'static MessageTable = &{table};\n}}")?;
    }
    Ok(())
}

fn field_row(field: &FieldDescriptor, proto: &FieldDescriptorProto) -> anyhow::Result<String> {
    let label = match field.cardinality() {
        Cardinality::Required => "Required",
        Cardinality::Optional => "Optional",
        Cardinality::Repeated => "Repeated",
    };
    let mut row = format!(
        "FieldTable::new({:?}, {}, {}, Label::{label})",
        format!(",\"{}\":", field.name()),
        field.number(),
        kind(field)?
    );
    if proto.options.as_ref().is_some_and(FieldOptions::deprecated) {
        row.push_str(".deprecated()");
    }
    if SHOWN_EMPTY.contains(&field.full_name()) {
        row.push_str(".shown_empty()");
    }
    if let Some(default) = &proto.default_value {
        write!(row, ".with_default({:?})", json_default(field, default)?)?;
    }
    Ok(row)
}

fn kind(field: &FieldDescriptor) -> anyhow::Result<String> {
    Ok(match field.kind() {
        Kind::Bool => "Kind::Bool".to_owned(),
        Kind::Int32 => "Kind::Int32".to_owned(),
        Kind::Int64 => "Kind::Int64".to_owned(),
        Kind::Uint32 => "Kind::Uint32".to_owned(),
        Kind::Uint64 => "Kind::Uint64".to_owned(),
        Kind::Double => "Kind::Double".to_owned(),
        Kind::Float => "Kind::Float".to_owned(),
        Kind::String => "Kind::String".to_owned(),
        Kind::Bytes => "Kind::Bytes".to_owned(),
        Kind::Enum(item) => format!("Kind::Enum(&{})", static_name(item.full_name())),
        Kind::Message(entry) if entry.is_map_entry() => {
            anyhow::ensure!(
                entry.map_entry_key_field().kind() == Kind::String,
                "map of {} has keys that aren't strings",
                field.full_name()
            );
            format!("Kind::Map(&{})", static_name(entry.full_name()))
        }
        Kind::Message(message) => format!("Kind::Message(&{})", static_name(message.full_name())),
        other @ (Kind::Sint32
        | Kind::Sint64
        | Kind::Fixed32
        | Kind::Fixed64
        | Kind::Sfixed32
        | Kind::Sfixed64) => {
            anyhow::bail!("{}: no table entry for {other:?}", field.full_name())
        }
    })
}

/// The default as it stands in JSON.
fn json_default(field: &FieldDescriptor, default: &str) -> anyhow::Result<String> {
    Ok(match field.kind() {
        Kind::String | Kind::Enum(_) => {
            anyhow::ensure!(!default.contains(['"', '\\']), "default needs escaping: {default}");
            format!("\"{default}\"")
        }
        Kind::Double | Kind::Float => {
            let value: f64 = default.parse().context("default is no number")?;
            anyhow::ensure!(value.is_finite(), "default {default} has no JSON number");
            format!("{value:?}")
        }
        Kind::Bool | Kind::Int32 | Kind::Int64 | Kind::Uint32 | Kind::Uint64 => default.to_owned(),
        other @ (Kind::Sint32
        | Kind::Sint64
        | Kind::Fixed32
        | Kind::Fixed64
        | Kind::Sfixed32
        | Kind::Sfixed64
        | Kind::Bytes
        | Kind::Message(_)) => anyhow::bail!("{}: no default for {other:?}", field.full_name()),
    })
}

fn static_name(full_name: &str) -> String {
    let parts: Vec<String> =
        full_name.split('.').map(ToShoutySnakeCase::to_shouty_snake_case).collect();
    parts.join("_")
}

/// Where prost puts the struct, below the root of the generated modules.
fn rust_path(message: &MessageDescriptor) -> String {
    let mut path: Vec<String> = message.package_name().split('.').map(str::to_owned).collect();
    let mut outer = Vec::new();
    let mut parent = message.parent_message();
    while let Some(message) = parent {
        outer.push(module_name(message.name()));
        parent = message.parent_message();
    }
    path.extend(outer.into_iter().rev());
    path.push(message.name().to_upper_camel_case());
    path.join("::")
}

fn module_name(message: &str) -> String {
    let name = message.to_snake_case();
    // A message of this name would need a raw identifier, as prost writes it.
    if ["type", "enum", "struct", "move", "ref"].contains(&name.as_str()) {
        format!("r#{name}")
    } else {
        name
    }
}
