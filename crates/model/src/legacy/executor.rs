//! Executors as a master shows them, and commands.

use serde::Serialize;
use wire::v1::{CommandInfo, ExecutorInfo};

use super::Raw;
use crate::Resources;
use crate::resources::Amounts;

/// An executor and where it runs.
#[expect(clippy::struct_field_names, reason = "they are the names that are written")]
#[derive(Debug, Serialize)]
pub struct Executor<'a> {
    executor_id: &'a str,
    name: &'a str,
    framework_id: &'a str,
    command: Command<'a>,
    resources: Amounts<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    labels: Option<Vec<Raw>>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    slave_id: &'a str,
}

impl<'a> Executor<'a> {
    /// `held` is what the executor itself uses.
    pub fn new(
        info: &'a ExecutorInfo,
        held: &'a Resources,
        framework: &'a str,
        agent: &'a str,
    ) -> Self {
        Self {
            executor_id: &info.executor_id.value,
            name: info.name(),
            framework_id: framework,
            command: Command::new(info.command.as_ref()),
            resources: held.amounts(),
            role: role(held),
            labels: Raw::labels(info.labels.as_ref()),
            kind: executor_kind(info),
            slave_id: agent,
        }
    }
}

/// The role of an executor that holds something.
// Mesos: none where there are no resources.
pub(super) fn role(held: &Resources) -> Option<&str> {
    (!held.is_empty()).then(|| held.allocation_role().unwrap_or(""))
}

/// The type of an executor by name; none where none was given.
pub fn executor_kind(info: &ExecutorInfo) -> Option<&'static str> {
    use wire::v1::executor_info::Type;
    let kind = info.r#type.and_then(|number| Type::try_from(number).ok())?;
    Some(kind.as_str_name())
}

/// A command.
// Mesos: the list of arguments is called `argv` here.
#[derive(Debug, Serialize)]
pub struct Command<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    shell: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<&'a str>,
    argv: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    environment: Option<Raw>,
    uris: Vec<CommandUri<'a>>,
}

#[derive(Debug, Serialize)]
struct CommandUri<'a> {
    value: &'a str,
    executable: bool,
}

impl<'a> Command<'a> {
    pub fn new(command: Option<&'a CommandInfo>) -> Self {
        let Some(command) = command else {
            return Self {
                shell: None,
                value: None,
                argv: &[],
                environment: None,
                uris: Vec::new(),
            };
        };
        let uris = command.uris.iter();
        Self {
            shell: command.shell,
            value: command.value.as_deref(),
            argv: &command.arguments,
            environment: command.environment.as_ref().map(Raw::new),
            uris: uris
                .map(|uri| CommandUri { value: &uri.value, executable: uri.executable() })
                .collect(),
        }
    }
}
