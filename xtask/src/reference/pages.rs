//! One function a page.

use std::fmt::Write as _;

use anyhow::Context as _;
use protox::prost_reflect::{Cardinality, DescriptorPool, EnumDescriptor, Kind, MessageDescriptor};

use super::tables::{Call, Endpoint, Tables};

const WRITTEN: &str = "<!-- Written by `cargo xtask reference`. -->\n\n";

/// An API as it is told of in headings: its name in proto, where it is, who calls.
const APIS: &[(&str, &str, &str)] = &[
    (
        "master",
        "Operator API of the master",
        "`POST /api/v1` (also `/master/api/v1`) on the leading master",
    ),
    ("agent", "Operator API of the agent", "`POST /api/v1` (also `/slave(1)/api/v1`) on an agent"),
    (
        "scheduler",
        "Scheduler API",
        "`POST /api/v1/scheduler` on the leading master, with `Mesos-Stream-Id`",
    ),
    ("executor", "Executor API", "`POST /api/v1/executor` on the agent of the executor"),
];

const CALLS: &str = "\
Every call is a message in JSON (`application/json`) or protobuf (`application/x-protobuf`), named by
`Content-Type`; `Accept` names the format of the answer. Streams are records: a length in decimal, a newline,
that many bytes. The messages themselves are in [proto/](../../proto/mesos/v1/mesos.proto).

Parts with `!` are required. \"Answer\" is the status of a call that is right. What is wrong with a call is said in
plain text: 400 for a call that is not as it must be, 401 and 403 for a caller that may not, 404 for what is not
there, 405 for another method than POST, 406 for an `Accept` that allows neither format, 413 for a body that is too
large, 415 for another content type, 503 while nobody leads.

Each example is sent as it stands, with the ids of a cluster in the place of those in braces, by the contract suite
(`crates/cli/tests/contract`); examples in the documentation of Mesos were never tried, and some do not work (D24 of
[Differences from Mesos](../differences-from-mesos.md)).
";

pub(super) fn calls(pool: &DescriptorPool, tables: &Tables) -> anyhow::Result<String> {
    let mut page = format!("{WRITTEN}# Calls\n\n{CALLS}");
    for (name, calls) in &tables.calls {
        let (_, title, place) = api(name)?;
        write!(page, "\n## {title}\n\n{place}.\n\n")?;
        page.push_str("| Call | No. | What it does | Parts | Answer | Differs from Mesos |\n");
        page.push_str("|---|---|---|---|---|---|\n");
        let message = message(pool, &format!("mesos.v1.{name}.Call"))?;
        let types = types(pool, &format!("mesos.v1.{name}.Call.Type"))?;
        let number = |call: &Call| {
            let value = types.get_value_by_name(&call.r#type);
            value.map(|value| value.number()).with_context(|| format!("no call {}", call.r#type))
        };
        let mut calls: Vec<(i32, &Call)> =
            calls.iter().map(|call| Ok((number(call)?, call))).collect::<anyhow::Result<_>>()?;
        calls.sort_by_key(|(number, _)| *number);
        for (number, call) in &calls {
            writeln!(
                page,
                "| `{}` | {number} | {} | {} | {} | {} |",
                call.r#type,
                line(&call.does),
                parts(&message, &call.r#type),
                answer(call),
                line(call.differs.as_deref().unwrap_or_default()),
            )?;
        }
        page.push_str("\n```json\n");
        for (_, call) in calls.iter().filter(|(_, call)| !call.parts.is_empty()) {
            writeln!(page, "{}", example(call)?)?;
        }
        page.push_str("```\n");
    }
    Ok(page)
}

fn api(name: &str) -> anyhow::Result<&'static (&'static str, &'static str, &'static str)> {
    APIS.iter().find(|(known, ..)| *known == name).with_context(|| format!("no API {name}"))
}

fn message(pool: &DescriptorPool, name: &str) -> anyhow::Result<MessageDescriptor> {
    pool.get_message_by_name(name).with_context(|| format!("proto/ has no {name}"))
}

fn types(pool: &DescriptorPool, name: &str) -> anyhow::Result<EnumDescriptor> {
    pool.get_enum_by_name(name).with_context(|| format!("proto/ has no {name}"))
}

/// The fields of the part that belongs to a type of call.
fn parts(call: &MessageDescriptor, kind: &str) -> String {
    let name = kind.to_ascii_lowercase();
    let Some(part) = call.get_field_by_name(&name) else { return String::new() };
    let Kind::Message(part) = part.kind() else { return String::new() };
    let fields: Vec<String> = part
        .fields()
        .map(|field| {
            let sign = match field.cardinality() {
                Cardinality::Required => "!",
                Cardinality::Repeated => "…",
                Cardinality::Optional => "",
            };
            format!("`{}`{sign}", field.name())
        })
        .collect();
    format!("`{name}`: {}", fields.join(", ")).trim_end_matches([' ', ':']).to_owned()
}

fn answer(call: &Call) -> String {
    if !call.stream.is_empty() || call.streamed {
        return "200, a stream".to_owned();
    }
    // The entry of what is looked up shows what is not there.
    if call.status == 404 {
        return "200; 404 for what is not there".to_owned();
    }
    let body = if call.reads { ", a message" } else { "" };
    format!("{}{body}", call.status)
}

fn example(call: &Call) -> anyhow::Result<String> {
    let mut message = serde_json::Map::new();
    message.insert("type".to_owned(), call.r#type.clone().into());
    let parts: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&call.parts).with_context(|| format!("parts of {}", call.r#type))?;
    let mut text = serde_json::Value::from(message).to_string();
    for (name, part) in parts {
        text.truncate(text.len() - 1);
        write!(text, ",\"{name}\":{part}}}")?;
    }
    Ok(text)
}

/// On one line, as a cell of a table.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}

pub(super) fn endpoints(tables: &Tables) -> String {
    let mut page = format!(
        "{WRITTEN}# Endpoints\n\nWhat is served beside the [calls](calls.md): older endpoints of Mesos, what DC/OS \
         has in front of them, and\nmetrics. Names in braces stand for ids.\n\n\
         Queries are to be written as URLs want it: the HTTP library answers spaces, `\"`, `<` and `>` that stand \
         in one as they\nare with 400 and no text, before Ebb sees the request. Mesos takes the last three.\n"
    );
    let of = |on: &'static str| tables.endpoints.iter().filter(move |it| it.on == on).collect();
    let sections: [(&str, Vec<&Endpoint>); 3] = [
        ("Master", of("master")),
        ("Agent", of("agent")),
        ("In front, as DC/OS has it", tables.front.iter().collect()),
    ];
    for (title, endpoints) in sections {
        let heads = "| Path | Also | What it is for | Answer | Differs from Mesos |\n|---|---|---|---|---|\n";
        let _infallible = write!(page, "\n## {title}\n\n{heads}");
        for endpoint in endpoints {
            let also: Vec<String> = endpoint.also.iter().map(|path| format!("`{path}`")).collect();
            let answer = match &endpoint.content {
                Some(content) => format!("{}, `{content}`", endpoint.status),
                None => endpoint.status.to_string(),
            };
            let method = endpoint.method.as_ref().map_or(String::new(), |it| format!("{it} "));
            let _infallible = writeln!(
                page,
                "| `{method}{}` | {} | {} | {answer} | {} |",
                endpoint.path,
                also.join(", "),
                line(&endpoint.does),
                line(endpoint.differs.as_deref().unwrap_or_default()),
            );
        }
    }
    page
}

pub(super) fn events(pool: &DescriptorPool, tables: &Tables) -> anyhow::Result<String> {
    let mut page = format!(
        "{WRITTEN}# Events\n\nThe records of the streams that SUBSCRIBE opens. A client has to skip types that it \
         does not know; types\nabove 1000 are those of Ebb.\n"
    );
    for (name, title) in
        [("master", "To operators"), ("scheduler", "To schedulers"), ("executor", "To executors")]
    {
        write!(
            page,
            "\n## {title}\n\n| Event | No. | What it tells | Differs from Mesos |\n|---|---|---|---|\n"
        )?;
        for value in types(pool, &format!("mesos.v1.{name}.Event.Type"))?.values() {
            let known = |it: &&super::tables::Event| it.api == name && it.r#type == value.name();
            let Some(event) = tables.events.iter().find(known) else { continue };
            writeln!(
                page,
                "| `{}` | {} | {} | {} |",
                event.r#type,
                value.number(),
                line(&event.does),
                line(event.differs.as_deref().unwrap_or_default()),
            )?;
        }
    }
    Ok(page)
}

pub(super) fn metrics(tables: &Tables) -> String {
    let mut page = format!(
        "{WRITTEN}# Metrics\n\nNames in the answers to `GET_METRICS` and `/metrics/snapshot`: those of Mesos where it \
         has the number, under\n`ebb/` where only Ebb does. A star stands for a name that the cluster gives.\n"
    );
    for (on, title) in [("master", "Master"), ("agent", "Agent")] {
        let mut metrics = tables.metrics.iter().filter(|it| it.on == on).peekable();
        if metrics.peek().is_none() {
            continue;
        }
        let _infallible = write!(page, "\n## {title}\n\n| Name | What it counts |\n|---|---|\n");
        let mut lines: Vec<String> =
            metrics.map(|it| format!("| `{}` | {} |\n", it.name, line(&it.does))).collect();
        lines.sort();
        page.push_str(&lines.concat());
    }
    page
}

pub(super) fn reasons(pool: &DescriptorPool, tables: &Tables) -> anyhow::Result<String> {
    let mut page = format!(
        "{WRITTEN}# Reasons\n\n`reason` in the status of a task says why it came to its state. These are sent; the \
         interface has more, which\nEbb has no cause to send. Mesos' own list is out of date (D36 of \
         [Differences from Mesos](../differences-from-mesos.md)).\n\n\
         | Reason | No. | When |\n|---|---|---|\n"
    );
    let types = types(pool, "mesos.v1.TaskStatus.Reason")?;
    for reason in &tables.reasons {
        let value = types.get_value_by_name(&reason.name);
        let value = value.with_context(|| format!("proto/ has no {}", reason.name))?;
        writeln!(page, "| `{}` | {} | {} |", reason.name, value.number(), line(&reason.does))?;
    }
    let sent = |name: &str| tables.reasons.iter().any(|reason| reason.name == name);
    let not_sent: Vec<String> = types
        .values()
        .filter(|value| !sent(value.name()))
        .map(|value| format!("`{}`", value.name()))
        .collect();
    write!(page, "\nNot sent: {}.\n", not_sent.join(", "))?;
    Ok(page)
}

pub(super) fn differences(tables: &Tables) -> String {
    let mut page = format!(
        "{WRITTEN}# What is answered otherwise than by Mesos\n\nFound by sending recorded requests again in the same \
         situation, and comparing statuses, fields, types and\ntexts. `-` is a field that Ebb lacks, `+` one that it \
         adds, `~` another status, type, header or text; `*` stands for\nany text. How Ebb behaves otherwise is in \
         [Differences from Mesos](../differences-from-mesos.md).\n"
    );
    for group in tables.differences.iter().filter(|group| !group.entries.is_empty()) {
        let _infallible = write!(page, "\n**{}**\n\n", line(&group.why));
        for entry in &group.entries {
            let _infallible = writeln!(page, "* `{}`", line(entry));
        }
    }
    page
}
