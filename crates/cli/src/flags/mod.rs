//! Flags of the daemons: Mesos' names, from the command line, the environment or a file.
//!
//! The command line beats the environment, which beats the file, which beats the default. Names may be
//! written with dashes or with Mesos' underscores. What is unknown is refused; what Mesos has and Ebb has
//! not is refused with the reason, unless its value asks for what Ebb does anyway.

pub mod agent;
mod layers;
pub mod master;
#[cfg(test)]
mod tests;
mod unsupported;

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use daemon::http::auth::Credentials;

pub use layers::{Outcome, Sources, resolve};
pub use unsupported::Unsupported;

use crate::exit::Failure;

/// One flag of a daemon.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// With dashes, as `--help` shows it.
    pub name: &'static str,
    pub kind: Kind,
    pub default: Option<&'static str>,
    pub help: &'static str,
}

/// What a flag's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `--flag`, `--flag=true`, `--flag=false` or `--no-flag`.
    Switch,
    Duration,
    Number,
    /// Text; the name of the value in help.
    Text(&'static str),
    /// A path, which may be written `file:///path`.
    File,
    /// As [`Kind::Switch`], and not shown in help or by `GET_FLAGS`.
    Hidden,
}

impl Kind {
    fn is_switch(self) -> bool {
        matches!(self, Self::Switch | Self::Hidden)
    }
}

/// A daemon as far as its flags go.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    /// `master` or `agent`.
    pub name: &'static str,
    pub about: &'static str,
    pub examples: &'static str,
    pub flags: &'static [Flag],
    pub unsupported: &'static [Unsupported],
}

impl Program {
    fn flag(&self, name: &str) -> Option<&'static Flag> {
        self.flags.iter().find(|flag| flag.name == name)
    }
}

/// Flags that both daemons have.
pub(crate) const CONFIG: Flag = Flag {
    name: "config",
    kind: Kind::File,
    default: None,
    help: "TOML file with flags, such as `work_dir = \"/var/lib/ebb\"`",
};
pub(crate) const INSECURE: Flag = Flag {
    name: "insecure",
    kind: Kind::Switch,
    default: Some("false"),
    help: "Serve other machines without asking anybody for credentials",
};
pub(crate) const LOGGING_LEVEL: Flag = Flag {
    name: "logging-level",
    kind: Kind::Text("LEVEL"),
    default: Some("INFO"),
    help: "Least level logged to stderr: DEBUG, INFO, WARNING or ERROR",
};
pub(crate) const UNTIL_STDIN_CLOSES: Flag = Flag {
    name: "until-stdin-closes",
    kind: Kind::Hidden,
    default: Some("false"),
    help: "Stop when standard input is closed; `ebb up` starts its members so",
};

/// The flags a daemon was given, each with where it came from.
#[derive(Clone, Debug)]
pub struct Values {
    program: Program,
    given: BTreeMap<&'static str, Given>,
}

#[derive(Clone, Debug)]
struct Given {
    value: String,
    /// `--work-dir`, `MESOS_WORK_DIR` or `work_dir in /etc/ebb.toml`.
    source: String,
}

impl Values {
    /// The value or the default.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.given.get(name) {
            Some(given) => Some(&given.value),
            None => self.program.flag(name).and_then(|flag| flag.default),
        }
    }

    fn required(&self, name: &str) -> &str {
        self.text(name).expect("asked only for flags with a default")
    }

    /// An error about a flag, which names where its value came from.
    pub fn wrong(&self, name: &str, why: impl std::fmt::Display) -> Failure {
        let source = self.given.get(name).map_or_else(|| format!("--{name}"), |g| g.source.clone());
        Failure::usage(format!("{source}: {why}"))
    }

    /// # Errors
    /// The value is no duration.
    pub fn duration(&self, name: &str) -> Result<Duration, Failure> {
        model::duration::parse(self.required(name)).map_err(|error| self.wrong(name, error))
    }

    /// # Errors
    /// The value is no such number.
    pub fn number<T: std::str::FromStr>(&self, name: &str) -> Result<T, Failure> {
        let text = self.required(name);
        text.trim().parse().map_err(|_| {
            self.wrong(name, format!("expecting a whole number in range, not '{text}'"))
        })
    }

    /// # Errors
    /// The value is neither true nor false.
    pub fn switch(&self, name: &str) -> Result<bool, Failure> {
        // Mesos: these four spellings.
        match self.required(name) {
            "true" | "1" => Ok(true),
            "false" | "0" => Ok(false),
            other => Err(self.wrong(name, format!("expecting true or false, not '{other}'"))),
        }
    }

    /// A path; `file://` in front of it is dropped.
    pub fn path(&self, name: &str) -> Option<PathBuf> {
        let text = self.text(name)?;
        Some(PathBuf::from(text.strip_prefix("file://").unwrap_or(text)))
    }

    /// Text given directly or as `file:///path` to a file that holds it.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn text_or_file(&self, name: &str) -> Result<Option<String>, Failure> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let Some(path) = text.strip_prefix("file://") else { return Ok(Some(text.to_owned())) };
        std::fs::read_to_string(path)
            .map(|text| Some(text.trim().to_owned()))
            .map_err(|error| self.wrong(name, format!("cannot read {path}: {error}")))
    }

    /// # Errors
    /// The value is no address.
    pub fn ip(&self) -> Result<IpAddr, Failure> {
        let text = self.required("ip");
        text.parse()
            .map_err(|_| self.wrong("ip", format!("'{text}' is not an IP address of this machine")))
    }

    /// The credentials of callers, from the file that `name` gives; none if it is not given.
    ///
    /// # Errors
    /// The file can't be used, or there is none and `ip` can be reached from other machines.
    pub fn credentials(&self, name: &str, ip: IpAddr) -> Result<Credentials, Failure> {
        let Some(path) = self.path(name) else {
            let insecure = self.switch(INSECURE.name)?;
            if ip.is_loopback() || insecure {
                return Ok(Credentials::default());
            }
            return Err(self
                .wrong("ip", format!("{ip} can be reached from other machines, and nobody would have to authenticate"))
                .hint(format!("give --{name}=FILE with principals and secrets"))
                .hint("or, in a network you trust, --insecure"));
        };
        Credentials::read(&path).map_err(|error| self.wrong(name, error))
    }

    /// # Errors
    /// The value is no level.
    pub fn logging_level(&self) -> Result<tracing::Level, Failure> {
        let text = self.required(LOGGING_LEVEL.name);
        match text.to_ascii_uppercase().as_str() {
            "DEBUG" => Ok(tracing::Level::DEBUG),
            "INFO" => Ok(tracing::Level::INFO),
            "WARNING" | "WARN" => Ok(tracing::Level::WARN),
            "ERROR" => Ok(tracing::Level::ERROR),
            _ => Err(self.wrong(
                LOGGING_LEVEL.name,
                format!("expecting DEBUG, INFO, WARNING or ERROR, not '{text}'"),
            )),
        }
    }

    /// What `GET_FLAGS` answers: Mesos' names and ways to write values; nothing that holds a secret.
    pub fn for_api(&self) -> Vec<(String, String)> {
        let shown = self.program.flags.iter().filter(|flag| flag.kind != Kind::Hidden);
        let mut flags: Vec<(String, String)> = shown
            .filter_map(|flag| {
                let value = self.text(flag.name)?;
                let value = match flag.kind {
                    Kind::Duration => {
                        model::duration::parse(value).map(model::duration::format_mesos).ok()?
                    }
                    Kind::Switch => self.switch(flag.name).ok()?.to_string(),
                    Kind::Number | Kind::Text(_) | Kind::File | Kind::Hidden => value.to_owned(),
                };
                Some((flag.name.replace('-', "_"), value))
            })
            .collect();
        flags.sort();
        flags
    }
}
