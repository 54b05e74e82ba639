//! Whether a command can be run.

use std::path::{Component, Path};

use wire::v1::CommandInfo;
use wire::v1::environment::Variable;
use wire::v1::environment::variable::Type as VariableType;

/// What is wrong with a `CommandInfo`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    #[error("Shell command is not specified")]
    NoShellCommand,
    #[error("Executable to run is not specified")]
    NoExecutable,
    #[error("'CommandInfo.{0}' contains a NUL byte")]
    Nul(&'static str),
    #[error("Environment variable without a name")]
    UnnamedVariable,
    #[error("Environment variable '{0}' must not have '=' or a NUL byte in its name")]
    VariableName(String),
    #[error("Environment variable '{0}' must have a value set")]
    VariableWithoutValue(String),
    #[error("Environment variable '{0}' must not have a secret set")]
    VariableWithSecret(String),
    #[error("Environment variable '{0}' has an unknown type")]
    VariableType(String),
    #[error("Environment variable '{0}' of type 'SECRET' is not supported")]
    SecretVariable(String),
    #[error("Environment variable '{0}' contains a NUL byte")]
    VariableNul(String),
    #[error("URI without a value")]
    EmptyUri,
    #[error("URI '{0}' must be stored within the sandbox")]
    UriOutsideSandbox(String),
}

/// Checks a command: something to run, an environment that can be set, URIs that stay in the sandbox.
pub fn check(command: &CommandInfo) -> Result<(), CommandError> {
    let value = command.value.as_deref().unwrap_or("");
    let shell = command.shell.unwrap_or(true);
    // Mesos: accepts both and lets the task fail on the agent.
    if value.is_empty() && shell {
        return Err(CommandError::NoShellCommand);
    }
    if value.is_empty() {
        return Err(CommandError::NoExecutable);
    }
    if value.contains('\0') {
        return Err(CommandError::Nul("value"));
    }
    if command.arguments.iter().any(|argument| argument.contains('\0')) {
        return Err(CommandError::Nul("arguments"));
    }
    if command.user.as_ref().is_some_and(|user| user.contains('\0')) {
        return Err(CommandError::Nul("user"));
    }
    let variables = command.environment.iter().flat_map(|environment| &environment.variables);
    for variable in variables {
        check_variable(variable)?;
    }
    for uri in &command.uris {
        if uri.value.is_empty() {
            return Err(CommandError::EmptyUri);
        }
        if uri.value.contains('\0') {
            return Err(CommandError::Nul("uris"));
        }
        let file = uri.output_file.as_deref().unwrap_or("");
        let inside = |part| matches!(part, Component::Normal(_) | Component::CurDir);
        if file.contains('\0') || !Path::new(file).components().all(inside) {
            return Err(CommandError::UriOutsideSandbox(uri.value.clone()));
        }
    }
    Ok(())
}

/// Checks one environment variable of a command or a container.
pub fn check_variable(variable: &Variable) -> Result<(), CommandError> {
    let name = || variable.name.escape_debug().to_string();
    if variable.name.is_empty() {
        return Err(CommandError::UnnamedVariable);
    }
    if variable.name.contains(['=', '\0']) {
        return Err(CommandError::VariableName(name()));
    }
    let kind = variable.r#type.map_or(Ok(VariableType::Value), VariableType::try_from);
    match kind {
        Ok(VariableType::Secret) => Err(CommandError::SecretVariable(name())),
        Ok(VariableType::Unknown) | Err(_) => Err(CommandError::VariableType(name())),
        Ok(VariableType::Value) if variable.secret.is_some() => {
            Err(CommandError::VariableWithSecret(name()))
        }
        Ok(VariableType::Value) => match &variable.value {
            None => Err(CommandError::VariableWithoutValue(name())),
            Some(value) if value.contains('\0') => Err(CommandError::VariableNul(name())),
            Some(_) => Ok(()),
        },
    }
}
