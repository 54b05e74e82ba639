//! From the command line, the environment and a file to one set of values.

use std::collections::BTreeMap;
use std::path::Path;

use clap::builder::StyledStr;
use clap::{Arg, ArgAction, Command};

use super::unsupported::{Verdict, judge};
use super::{CONFIG, Flag, Given, Kind, Program, Values};
use crate::exit::Failure;

/// `EBB_…` variables that are no flags: the client's, and what containers and tests carry.
const OTHER_VARIABLES: &[&str] = &[
    "EBB_MASTER",
    "EBB_PRINCIPAL",
    "EBB_SECRET_FILE",
    "EBB_CONTAINER_ID",
    "EBB_CAPTURES",
    "EBB_OUTPUT",
];

/// Where flags come from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// What follows `ebb master` or `ebb agent`.
    pub args: Vec<String>,
    pub env: Vec<(String, String)>,
}

impl Sources {
    /// This process' own.
    pub fn of_process(args: Vec<String>) -> Self {
        // What is not UTF-8 is no flag of ours.
        let env = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        Self { args, env }
    }
}

/// What came out.
#[derive(Debug)]
pub enum Outcome {
    Values(Values),
    /// `--help` was asked for: the text to print.
    Help(StyledStr),
}

/// Reads all sources. Also gives warnings for people.
///
/// # Errors
/// Names the first flag that is unknown, unsupported or without value.
pub fn resolve(program: Program, sources: &Sources) -> Result<(Outcome, Vec<String>), Failure> {
    let args = rewrite(&program, &sources.args);
    let credentials = mentions_credentials(&program, &args, &sources.env);
    let args = without_accepted(&program, args, credentials)?;
    let command = command(&program);
    let full = std::iter::once(format!("ebb {}", program.name)).chain(args);
    let matches = match command.try_get_matches_from(full) {
        Ok(matches) => matches,
        Err(error) if !error.use_stderr() => return Ok((Outcome::Help(error.render()), vec![])),
        Err(error) => return Err(usage(&program, &error)),
    };

    let mut given = BTreeMap::new();
    for flag in program.flags {
        if let Some(mut values) = matches.get_many::<String>(flag.name) {
            let value = values.next_back().expect("clap gives at least one").clone();
            given.insert(flag.name, Given { value, source: format!("--{}", flag.name) });
        }
    }
    let warnings = from_environment(&program, &sources.env, credentials, &mut given)?;
    if let Some(path) = given.get(CONFIG.name).map(|given| given.value.clone()) {
        let path = path.strip_prefix("file://").unwrap_or(&path);
        from_file(&program, Path::new(path), credentials, &mut given)?;
    }
    Ok((Outcome::Values(Values { program, given }), warnings))
}

/// Dashes for underscores in names, and `--flag=false` for `--no-flag`.
fn rewrite(program: &Program, args: &[String]) -> Vec<String> {
    args.iter()
        .map(|arg| {
            let Some(rest) = arg.strip_prefix("--") else { return arg.clone() };
            let (name, value) = match rest.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (rest, None),
            };
            let name = name.replace('_', "-");
            let negated = name.strip_prefix("no-").and_then(|name| program.flag(name));
            match (negated, value) {
                (Some(flag), None) if flag.kind.is_switch() => format!("--{}=false", flag.name),
                (_, Some(value)) => format!("--{name}={value}"),
                (_, None) => format!("--{name}"),
            }
        })
        .collect()
}

/// Whether callers have to authenticate, which decides what Mesos' `authenticate_…` may say.
fn mentions_credentials(program: &Program, args: &[String], env: &[(String, String)]) -> bool {
    let name = if program.name == "master" { "credentials" } else { "http-credentials" };
    let variable = name.replace('-', "_").to_uppercase();
    args.iter().any(|arg| arg.trim_start_matches("--").split('=').next() == Some(name))
        || env.iter().any(|(name, _)| {
            name.strip_prefix("MESOS_").or_else(|| name.strip_prefix("EBB_")) == Some(&variable)
        })
}

/// Refuses Mesos' flags that Ebb does not have, and drops those that ask for what Ebb does anyway.
fn without_accepted(
    program: &Program,
    args: Vec<String>,
    credentials: bool,
) -> Result<Vec<String>, Failure> {
    let mut kept = Vec::new();
    let mut args = args.into_iter().peekable();
    while let Some(arg) = args.next() {
        let Some(rest) = arg.strip_prefix("--").filter(|rest| !rest.is_empty()) else {
            kept.push(arg);
            continue;
        };
        let (name, value) = match rest.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (rest, None),
        };
        let (name, negated) = match name.strip_prefix("no-") {
            Some(name) if program.flag(rest).is_none() => (name, true),
            _ => (name, false),
        };
        let next = args.peek().filter(|next| value.is_none() && !negated && !next.starts_with('-'));
        let value = match (&value, next) {
            _ if negated => "false".to_owned(),
            (Some(value), _) => value.clone(),
            (None, Some(next)) => next.clone(),
            (None, None) => "true".to_owned(),
        };
        let took_next = next.is_some();
        match judge(program, name, &value, credentials) {
            Verdict::NotListed => kept.push(arg),
            Verdict::Accepted => {
                if took_next {
                    args.next();
                }
            }
            Verdict::Refused(why) => return Err(refused(&format!("--{name}"), why)),
        }
    }
    Ok(kept)
}

fn refused(source: &str, why: &str) -> Failure {
    Failure::usage(format!("{source} is a flag of Mesos that Ebb does not support: {why}"))
        .hint("remove it; a flag that would be ignored is refused")
}

fn from_environment(
    program: &Program,
    env: &[(String, String)],
    credentials: bool,
    given: &mut BTreeMap<&'static str, Given>,
) -> Result<Vec<String>, Failure> {
    let mut warnings = Vec::new();
    // Ours first: they beat those of Mesos.
    for prefix in ["EBB_", "MESOS_"] {
        for (variable, value) in env {
            let Some(rest) = variable.strip_prefix(prefix) else { continue };
            let name = rest.to_lowercase().replace('_', "-");
            if let Some(flag) = program.flag(&name) {
                let source = variable.clone();
                given.entry(flag.name).or_insert_with(|| Given { value: value.clone(), source });
                continue;
            }
            if OTHER_VARIABLES.contains(&variable.as_str()) {
                continue;
            }
            match judge(program, &name, value, credentials) {
                Verdict::Accepted => {}
                Verdict::Refused(why) => return Err(refused(variable, why)),
                Verdict::NotListed => warnings.push(format!(
                    "the environment variable {variable} is no flag of ebb {} and is not used",
                    program.name
                )),
            }
        }
    }
    Ok(warnings)
}

fn from_file(
    program: &Program,
    path: &Path,
    credentials: bool,
    given: &mut BTreeMap<&'static str, Given>,
) -> Result<(), Failure> {
    let shown = path.display();
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::usage(format!("--config: cannot read {shown}: {error}")))?;
    let table: toml::Table = text
        .parse()
        .map_err(|error| Failure::usage(format!("--config: {shown} is not TOML: {error}")))?;
    for (key, value) in table {
        let name = key.replace('_', "-");
        let value = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(number) => number.to_string(),
            toml::Value::Float(number) => number.to_string(),
            toml::Value::Boolean(yes) => yes.to_string(),
            toml::Value::Datetime(_) | toml::Value::Array(_) | toml::Value::Table(_) => {
                return Err(Failure::usage(format!(
                    "{key} in {shown}: expecting text, a number, true or false"
                )));
            }
        };
        let source = format!("{key} in {shown}");
        match program.flag(&name) {
            Some(flag) if flag.name == CONFIG.name => {
                return Err(Failure::usage(format!("{source}: a file can't name another one")));
            }
            Some(flag) => {
                given.entry(flag.name).or_insert(Given { value, source });
            }
            None => match judge(program, &name, &value, credentials) {
                Verdict::Accepted => {}
                Verdict::Refused(why) => return Err(refused(&source, why)),
                Verdict::NotListed => {
                    return Err(Failure::usage(format!("{source}: there is no such flag"))
                        .hint(format!("`ebb {} --help` lists the flags", program.name)));
                }
            },
        }
    }
    Ok(())
}

/// For help, suggestions and syntax; values are read by [`Values`].
pub(super) fn command(program: &Program) -> Command {
    let args = program.flags.iter().map(argument);
    Command::new(program.name)
        .bin_name(format!("ebb {}", program.name))
        .about(program.about)
        .after_help(program.examples)
        .override_usage(format!("ebb {} [FLAGS]", program.name))
        .args(args)
}

fn argument(flag: &Flag) -> Arg {
    let help = match flag.default.filter(|_| !flag.kind.is_switch()) {
        Some(default) => format!("{} [default: {default}]", flag.help),
        None => flag.help.to_owned(),
    };
    let arg = Arg::new(flag.name).long(flag.name).help(help).action(ArgAction::Append);
    match flag.kind {
        Kind::Switch => arg
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .value_name("BOOL"),
        Kind::Hidden => {
            arg.num_args(0..=1).require_equals(true).default_missing_value("true").hide(true)
        }
        Kind::Duration => arg.value_name("DURATION"),
        Kind::Number => arg.value_name("N").allow_negative_numbers(true),
        Kind::Text(name) => arg.value_name(name),
        Kind::File => arg.value_name("FILE"),
    }
}

/// clap's own words without its prefix.
fn usage(program: &Program, error: &clap::Error) -> Failure {
    let text = error.to_string();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let first = lines.next().unwrap_or_default();
    let failure = Failure::usage(first.strip_prefix("error: ").unwrap_or(first));
    let tip = lines.find_map(|line| line.strip_prefix("tip: "));
    let failure = tip.into_iter().fold(failure, Failure::hint);
    failure.hint(format!("`ebb {} --help` lists the flags", program.name))
}
